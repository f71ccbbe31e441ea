/*
 * Attention of a few rows, page by page: all scores, their softmax, then the values, whose sums are
 * divided by the weights' sum at last. Rows next to each other that see the same page go through it
 * together. A node of a tree sees, behind its sequence's whole pages, pages that are put together
 * for it from the rest and its ancestors.
 */
#include "context.h"

#include <string.h>

int hr_rows_per_tile(const hr_shape *shape) {
    int group = shape->heads / shape->kv_heads;
    return group >= HR_TILE ? 1 : HR_TILE / group;
}

/* One tile: a head of keys, a few rows, and the queries that share the head. */
typedef struct {
    const hr_context *c;
    int layer;
    int head;
    int group;
    const hr_row *rows;
    float *scores;
    size_t stride; /* of scores */
    uint8_t *assembled;
} tile;

static int tokens_in(const hr_row *row, int page) {
    int left = row->position + 1 - page * HR_PAGE;
    return left < HR_PAGE ? left : HR_PAGE;
}

/* Whether a page holds nothing but what stands in the sequence. */
static int is_whole(const hr_row *row, int page) {
    return page * HR_PAGE + tokens_in(row, page) <= row->paged;
}

static const uint8_t *assemble(const tile *t, const hr_row *row, int page) {
    int in_sequence = row->paged - page * HR_PAGE;
    if (in_sequence > 0) {
        const uint8_t *from = hr_page_at(t->c, t->layer, row->pages[page], t->head);
        memcpy(t->assembled, from, hr_page_bytes(t->c));
    }
    int position = row->position;
    int first = in_sequence > 0 ? row->paged : page * HR_PAGE;
    for (int node = (int)(row - t->c->rows); position >= first; position--) {
        if (position < (page + 1) * HR_PAGE) {
            hr_put_keys(t->c, node, t->head, (size_t)(position - page * HR_PAGE), t->assembled);
        }
        node = t->c->rows[node].parent;
    }
    return t->assembled;
}

static const uint8_t *page_of(const tile *t, const hr_row *row, int page) {
    return is_whole(row, page) ? hr_page_at(t->c, t->layer, row->pages[page], t->head)
                               : assemble(t, row, page);
}

/* Returns the row behind the last that sees the same tokens of the same page as this one. */
static int run_end(const tile *t, int first, int count, int page) {
    const hr_row *row = &t->rows[first];
    int end = first + 1;
    while (is_whole(row, page) && end < count && tokens_in(&t->rows[end], page) > 0
            && is_whole(&t->rows[end], page) && t->rows[end].pages[page] == row->pages[page]
            && tokens_in(&t->rows[end], page) == tokens_in(row, page)) {
        end++;
    }
    return end;
}

static const float *query(const tile *t, int number) {
    const hr_shape *s = &t->c->model->shape;
    size_t row = (size_t)(t->rows - t->c->rows) + (size_t)(number / t->group);
    int head = t->head * t->group + number % t->group;
    return t->c->qkv + row * (size_t)hr_qkv_width(s) + (size_t)(head * s->head_width);
}

static float *attended(const tile *t, int number) {
    const hr_shape *s = &t->c->model->shape;
    size_t row = (size_t)(t->rows - t->c->rows) + (size_t)(number / t->group);
    int head = t->head * t->group + number % t->group;
    return t->c->attended + row * hr_padded(s->heads * s->head_width)
        + (size_t)(head * s->head_width);
}

static void score_run(const tile *t, int first, int end, int page) {
    const hr_isa *isa = t->c->model->isa;
    int width = t->c->model->shape.head_width;
    const void *keys = page_of(t, &t->rows[first], page);
    for (int n = first * t->group; n < end * t->group; n += HR_TILE) {
        int count = end * t->group - n < HR_TILE ? end * t->group - n : HR_TILE;
        const float *queries[HR_TILE];
        float *out[HR_TILE];
        for (int i = 0; i < count; i++) {
            queries[i] = query(t, n + i);
            out[i] = t->scores + (size_t)(n + i) * t->stride + (size_t)page * HR_PAGE;
        }
        if (t->c->bits == 16) {
            isa->scores(queries, count, keys, width, out);
        } else {
            isa->scores_of_bytes(queries, count, keys, width, out);
        }
    }
}

static void mix_run(const tile *t, int first, int end, int page) {
    const hr_isa *isa = t->c->model->isa;
    int width = t->c->model->shape.head_width;
    const void *values = page_of(t, &t->rows[first], page) + hr_half_page_bytes(t->c);
    int tokens = tokens_in(&t->rows[first], page);
    for (int n = first * t->group; n < end * t->group; n += HR_TILE) {
        int count = end * t->group - n < HR_TILE ? end * t->group - n : HR_TILE;
        const float *weights[HR_TILE];
        float *out[HR_TILE];
        for (int i = 0; i < count; i++) {
            weights[i] = t->scores + (size_t)(n + i) * t->stride + (size_t)page * HR_PAGE;
            out[i] = attended(t, n + i);
        }
        if (t->c->bits == 16) {
            isa->mix(weights, count, values, tokens, width, out);
        } else {
            isa->mix_of_bytes(weights, count, values, tokens, width, out);
        }
    }
}

static void each_run(const tile *t, int count, int pages,
                     void (*run)(const tile *, int first, int end, int page)) {
    for (int page = 0; page < pages; page++) {
        for (int first = 0; first < count;) {
            if (tokens_in(&t->rows[first], page) <= 0) {
                first++;
                continue;
            }
            int end = run_end(t, first, count, page);
            run(t, first, end, page);
            first = end;
        }
    }
}

void hr_attend(const hr_context *c, int layer, int head, int first_row, int count,
               float *scratch) {
    const hr_shape *s = &c->model->shape;
    int last = 0;
    for (int i = 0; i < count; i++) {
        int position = c->rows[first_row + i].position;
        last = position > last ? position : last;
    }
    tile t = {.c = c, .layer = layer, .head = head, .group = s->heads / s->kv_heads,
              .rows = c->rows + first_row, .scores = scratch,
              .stride = hr_round_up((size_t)last + 1, HR_PAGE),
              .assembled = (uint8_t *)(scratch + c->scores_room)};
    int pages = last / HR_PAGE + 1;
    each_run(&t, count, pages, score_run);
    int queries = count * t.group;
    float *inverse = scratch + c->scores_room - queries;
    for (int n = 0; n < queries; n++) {
        memset(attended(&t, n), 0, (size_t)s->head_width * sizeof(float));
        float *scores = t.scores + (size_t)n * t.stride;
        int tokens = t.rows[n / t.group].position + 1;
        inverse[n] = 1.0f / c->model->isa->softmax(scores, tokens);
    }
    each_run(&t, count, pages, mix_run);
    for (int n = 0; n < queries; n++) {
        float *out = attended(&t, n);
        for (int d = 0; d < s->head_width; d++) {
            out[d] *= inverse[n];
        }
    }
}
