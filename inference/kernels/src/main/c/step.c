/* One step: regions of tasks, one behind the other, each of which leaves whole rows. */
#include "context.h"

#include <math.h>
#include <string.h>

/* A region is shared out when it takes at least about this many multiplications. */
static const double WORTH_SHARING = 4e5;

enum { ROWS_PER_TASK = 4, TASKS_PER_THREAD = 4, PANEL_BYTES_PER_TASK = 1 << 17 };

/* How a product leaves what it computes. */
typedef enum { STORE, ADD, GATE } leaving;

/* What the tasks of a region share. */
typedef struct {
    hr_context *c;
    int layer;
    const float *from;  /* rows to quantize */
    size_t from_stride;
    const float *norm;  /* weights, or NULL */
    const hr_matrix *matrix;
    int rows;
    leaving leave;
    float *out;
    size_t out_stride;
    int panels_per_task;
} region;

static void run(const region *r, int tasks, double multiplications, hr_work work) {
    int threads = multiplications < WORTH_SHARING ? 1 : r->c->threads;
    hr_pool_run(threads, tasks, work, (void *)(uintptr_t)r);
}

static int row_tasks(int rows) { return (rows + ROWS_PER_TASK - 1) / ROWS_PER_TASK; }

static float *low_at(const hr_context *c, int row, int part) {
    return c->low + ((size_t)row * HR_MOST_PARTS + (size_t)part) * (size_t)c->low_width;
}

/* Rows of inputs times what the adapter has beside the matrix. */
static void multiply_down(const hr_context *c, const float *const *x, int row, int count) {
    for (int part = 0; part < c->beside_count; part++) {
        const hr_low_rank *beside = &c->beside[part];
        for (int first = 0; first < beside->rank; first += HR_PAGE) {
            float *out[ROWS_PER_TASK];
            for (int i = 0; i < count; i++) {
                out[i] = low_at(c, row + i, part) + first;
            }
            c->model->isa->scores(x, count, beside->down + (size_t)first * (size_t)beside->inputs,
                                  beside->inputs, out);
            for (int i = 0; i < count * HR_PAGE; i++) {
                out[i / HR_PAGE][i % HR_PAGE] *= beside->scale;
            }
        }
    }
}

/* Adds to a tile what the adapter has beside the panel. */
static void add_up(const hr_context *c, int row, int count, int panel, float *to, size_t stride) {
    for (int part = 0; part < c->beside_count; part++) {
        const hr_low_rank *beside = &c->beside[part];
        int at = panel - beside->first_panel;
        if (beside->rank == 0 || at < 0 || at % beside->panel_step != 0
                || at / beside->panel_step >= beside->panels) {
            continue;
        }
        const float *low[HR_TILE];
        float *out[HR_TILE];
        for (int i = 0; i < count; i++) {
            low[i] = low_at(c, row + i, part);
            out[i] = to + (size_t)i * stride;
        }
        size_t numbers = (size_t)(at / beside->panel_step) * (size_t)beside->rank * HR_PANEL;
        c->model->isa->mix(low, count, beside->up + numbers, beside->rank, HR_PANEL, out);
    }
}

/* Which part of a layer's adapter, if any, the next rows and matrix have beside them. */
static void set_beside(hr_context *c, int layer, int kind, int count) {
    c->beside = c->adapter == NULL ? NULL : &c->adapter->layers[layer].pairs[kind - HR_QUERY];
    c->beside_count = c->adapter == NULL ? 0 : count;
}

static void quantize_task(void *context, int task, int worker) {
    const region *r = context;
    const hr_shape *s = &r->c->model->shape;
    const hr_isa *isa = r->c->model->isa;
    int first = task * ROWS_PER_TASK;
    int end = first + ROWS_PER_TASK < r->rows ? first + ROWS_PER_TASK : r->rows;
    const float *x[ROWS_PER_TASK];
    for (int row = first; row < end; row++) {
        const float *from = r->from + (size_t)row * r->from_stride;
        if (r->norm != NULL) {
            float *normed = r->c->normed + (size_t)row * hr_padded(s->width);
            isa->norm(from, r->norm, s->width, s->epsilon, normed);
            from = normed;
        }
        isa->quantize(from, &r->c->quantized, row);
        x[row - first] = from;
    }
    multiply_down(r->c, x, first, end - first);
    (void)worker;
}

static void quantize(hr_context *c, const float *from, size_t stride, const float *norm, int rows) {
    region r = {.c = c, .from = from, .from_stride = stride, .norm = norm, .rows = rows};
    c->quantized.groups = (int)(stride / HR_GROUP);
    run(&r, row_tasks(rows), 16.0 * rows * (double)stride, quantize_task);
}

static void leave_tile(const region *r, int row, int count, int panel, const float *tile) {
    for (int i = 0; i < count; i++) {
        float *out = r->out + (size_t)(row + i) * r->out_stride;
        if (r->leave == GATE) {
            out += panel / 2 * HR_PANEL;
            r->c->model->isa->gate(tile + i * 2 * HR_PANEL, tile + i * 2 * HR_PANEL + HR_PANEL,
                                   out, HR_PANEL);
        } else {
            for (int k = 0; k < HR_PANEL; k++) {
                out[panel * HR_PANEL + k] += tile[i * 2 * HR_PANEL + k];
            }
        }
    }
}

static void product_task(void *context, int task, int worker) {
    const region *r = context;
    const hr_isa *isa = r->c->model->isa;
    const hr_rows *rows = &r->c->quantized;
    int first = task * r->panels_per_task;
    int end = first + r->panels_per_task;
    end = end < r->matrix->panels ? end : r->matrix->panels;
    int step = r->leave == GATE ? 2 : 1;
    float tile[HR_TILE * 2 * HR_PANEL];
    for (int row = 0; row < r->rows; row += isa->most_rows) {
        int count = r->rows - row < isa->most_rows ? r->rows - row : isa->most_rows;
        for (int panel = first; panel < end; panel += step) {
            if (r->leave == STORE) {
                float *out = r->out + (size_t)row * r->out_stride + (size_t)panel * HR_PANEL;
                isa->product(r->matrix, panel, rows, row, count, out, r->out_stride);
                add_up(r->c, row, count, panel, out, r->out_stride);
                continue;
            }
            for (int i = 0; i < step; i++) {
                float *to = tile + i * HR_PANEL;
                isa->product(r->matrix, panel + i, rows, row, count, to, 2 * HR_PANEL);
                add_up(r->c, row, count, panel + i, to, 2 * HR_PANEL);
            }
            leave_tile(r, row, count, panel, tile);
        }
    }
    (void)worker;
}

static void multiply(hr_context *c, const hr_matrix *matrix, int rows, leaving leave, float *out,
                     size_t stride) {
    region r = {.c = c, .matrix = matrix, .rows = rows, .leave = leave, .out = out,
                .out_stride = stride};
    int fair = matrix->panels / (c->threads * TASKS_PER_THREAD);
    int most = (int)(PANEL_BYTES_PER_TASK / matrix->panel_bytes);
    int panels = fair < most ? fair : most;
    r.panels_per_task = panels < 2 ? 2 : panels & ~1;
    int tasks = (matrix->panels + r.panels_per_task - 1) / r.panels_per_task;
    double columns = (double)matrix->panels * HR_PANEL;
    run(&r, tasks, rows * columns * matrix->groups * HR_GROUP, product_task);
}

static void rotate(const hr_context *c, float *head, int position) {
    const hr_shape *s = &c->model->shape;
    int half = s->rotary / 2;
    const float *turn = c->turns + (size_t)position * (size_t)s->rotary;
    for (int i = 0; i < half; i++) {
        float cosine = turn[2 * i], sine = turn[2 * i + 1];
        float a = head[i], b = head[i + half];
        head[i] = a * cosine - b * sine;
        head[i + half] = a * sine + b * cosine;
    }
}

/* Rounds a row's keys and values and puts them where attention finds them. */
static void keep(const hr_context *c, int layer, int number, const float *keys) {
    const hr_row *row = &c->rows[number];
    hr_round_keys(c, number, keys);
    for (int head = 0; row->parent == HR_STAYS && head < c->model->shape.kv_heads; head++) {
        uint8_t *page = hr_page_at(c, layer, row->pages[row->position / HR_PAGE], head);
        hr_put_keys(c, number, head, (size_t)(row->position % HR_PAGE), page);
    }
}

static void position_task(void *context, int task, int worker) {
    const region *r = context;
    hr_context *c = r->c;
    const hr_shape *s = &c->model->shape;
    const hr_layer *layer = &c->model->layers[r->layer];
    int rotated = s->heads + s->kv_heads;
    float scale = 1.0f / sqrtf((float)s->head_width);
    int end = (task + 1) * ROWS_PER_TASK < r->rows ? (task + 1) * ROWS_PER_TASK : r->rows;
    for (int row = task * ROWS_PER_TASK; row < end; row++) {
        float *qkv = c->qkv + (size_t)row * (size_t)hr_qkv_width(s);
        for (int i = 0; layer->biases != NULL && i < hr_qkv_width(s); i++) {
            qkv[i] += layer->biases[i];
        }
        for (int head = 0; head < rotated; head++) {
            float *at = qkv + head * s->head_width;
            const float *norm = head < s->heads ? layer->query_norm : layer->key_norm;
            if (norm != NULL) {
                c->model->isa->norm(at, norm, s->head_width, s->epsilon, at);
            }
            rotate(c, at, c->rows[row].position);
            for (int d = 0; head < s->heads && d < s->head_width; d++) {
                at[d] *= scale;
            }
        }
        keep(c, r->layer, row, qkv + s->heads * s->head_width);
    }
    (void)worker;
}

/* Tasks next to each other have the same head, whose keys and values then stay in the cache. */
static void attend_task(void *context, int task, int worker) {
    const region *r = context;
    int per_tile = hr_rows_per_tile(&r->c->model->shape);
    int tiles = (r->rows + per_tile - 1) / per_tile;
    int first = task % tiles * per_tile;
    int count = r->rows - first < per_tile ? r->rows - first : per_tile;
    hr_attend(r->c, r->layer, task / tiles, first, count, r->c->scratch[worker]);
}

static void attend(hr_context *c, int layer, int rows) {
    const hr_shape *s = &c->model->shape;
    region r = {.c = c, .layer = layer, .rows = rows};
    run(&r, row_tasks(rows), 16.0 * rows * hr_qkv_width(s), position_task);
    double seen = 0;
    for (int i = 0; i < rows; i++) {
        seen += c->rows[i].position + 1;
    }
    int per_tile = hr_rows_per_tile(s);
    int tasks = (rows + per_tile - 1) / per_tile * s->kv_heads;
    run(&r, tasks, 4 * seen * s->heads * s->head_width, attend_task);
}

static void compute_layer(hr_context *c, int number) {
    const hr_shape *s = &c->model->shape;
    const hr_layer *layer = &c->model->layers[number];
    size_t width = hr_padded(s->width), inner = hr_padded(s->feed_forward);
    int rows = c->row_count;
    set_beside(c, number, HR_QUERY, 3);
    quantize(c, c->hidden, width, layer->attention_norm, rows);
    multiply(c, &layer->qkv, rows, STORE, c->qkv, (size_t)hr_qkv_width(s));
    attend(c, number, rows);
    set_beside(c, number, HR_ATTENTION_OUTPUT, 1);
    quantize(c, c->attended, hr_padded(s->heads * s->head_width), NULL, rows);
    multiply(c, &layer->attention_output, rows, ADD, c->hidden, width);
    set_beside(c, number, HR_GATE, 2);
    quantize(c, c->hidden, width, layer->feed_norm, rows);
    multiply(c, &layer->gate_up, rows, GATE, c->inner, inner);
    set_beside(c, number, HR_DOWN, 1);
    quantize(c, c->inner, inner, NULL, rows);
    multiply(c, &layer->down, rows, ADD, c->hidden, width);
}

static void embed(hr_context *c) {
    const hr_shape *s = &c->model->shape;
    const hr_tensor *embedding = &c->model->tensors[HR_EMBEDDING];
    size_t bytes = hr_row_bytes(embedding->type, s->width);
    for (int i = 0; i < c->row_count; i++) {
        float *to = c->hidden + (size_t)i * hr_padded(s->width);
        hr_row_to_floats(embedding->type, embedding->data + (size_t)c->rows[i].token * bytes,
                         s->width, to);
        memset(to + s->width, 0, (hr_padded(s->width) - (size_t)s->width) * sizeof *to);
    }
}

/* Only rows that are read go through the head. */
static void compute_logits(hr_context *c) {
    const hr_shape *s = &c->model->shape;
    size_t width = hr_padded(s->width);
    for (int i = 0; i < c->output_count; i++) {
        /* Outputs ascend, so that no row is overwritten before it is moved. */
        memmove(c->hidden + (size_t)i * width, c->hidden + (size_t)c->output_rows[i] * width,
                width * sizeof(float));
    }
    c->beside_count = 0;
    quantize(c, c->hidden, width, c->model->output_norm, c->output_count);
    multiply(c, &c->model->head, c->output_count, STORE, c->logits,
             hr_round_up((size_t)s->vocabulary, HR_PANEL));
}

/* Checks a row and makes room for it. */
static int take_row(hr_context *c, int i, int token, int number, int position, int parent) {
    if (token < 0 || token >= c->model->shape.vocabulary || number < 0
            || number >= c->sequence_count || parent >= i || parent < HR_STAYS) {
        return HR_BAD_ARGUMENT;
    }
    hr_sequence *sequence = &c->sequences[number];
    hr_row *row = &c->rows[i];
    *row = (hr_row){sequence->pages, position, sequence->length, parent, token, number};
    if (parent == HR_STAYS) {
        if (position != sequence->length || position >= c->most_positions) {
            return HR_BAD_ARGUMENT;
        }
        row->paged = position + 1;
        return hr_sequence_extend(c, sequence);
    }
    int of_tree = parent >= 0 && c->rows[parent].parent != HR_STAYS
        && c->rows[parent].sequence == number;
    int expected = parent < 0 ? sequence->length : of_tree ? c->rows[parent].position + 1 : -1;
    return position == expected && position < c->most_positions ? 0 : HR_BAD_ARGUMENT;
}

int hr_step(hr_context *c, int rows, const int32_t *tokens, const int32_t *sequences,
            const int32_t *positions, const int32_t *parents, const int8_t *outputs) {
    c->output_count = 0;
    if (rows < 1 || rows > c->most_rows) {
        return HR_BAD_ARGUMENT;
    }
    int output_count = 0;
    for (int i = 0; i < rows; i++) {
        int code = take_row(c, i, tokens[i], sequences[i], positions[i], parents[i]);
        if (code != 0) {
            return code;
        }
        if (outputs[i]) {
            if (output_count == c->most_outputs) {
                return HR_BAD_ARGUMENT;
            }
            c->output_rows[output_count++] = i;
        }
    }
    c->row_count = rows;
    embed(c);
    for (int layer = 0; layer < c->model->shape.layers; layer++) {
        compute_layer(c, layer);
    }
    c->output_count = output_count;
    if (output_count > 0) {
        compute_logits(c);
    }
    return 0;
}
