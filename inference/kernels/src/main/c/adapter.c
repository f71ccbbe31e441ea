/* Loading of LoRA adapters. */
#include "adapter.h"

#include <math.h>
#include <stdlib.h>

/* A tensor as it is mapped, and the power of two that brings its largest number below 1. */
typedef struct {
    int type;
    const uint8_t *data;
    int rows;
    int columns;
    int exponent;
} factor;

hr_adapter *hr_adapter_new(const hr_model *model, const char *path) {
    hr_adapter *adapter = calloc(1, sizeof *adapter);
    if (adapter == NULL) {
        return NULL;
    }
    adapter->model = model;
    adapter->layers = calloc((size_t)model->shape.layers, sizeof *adapter->layers);
    if (adapter->layers == NULL || hr_map(&adapter->file, path) != 0) {
        hr_adapter_free(adapter);
        return NULL;
    }
    return adapter;
}

static int inputs_of(const hr_shape *s, int kind) {
    return kind == HR_ATTENTION_OUTPUT ? s->heads * s->head_width
        : kind == HR_DOWN              ? s->feed_forward
                                       : s->width;
}

static int columns_of(const hr_shape *s, int kind) {
    switch (kind) {
        case HR_QUERY: return s->heads * s->head_width;
        case HR_KEY:
        case HR_VALUE: return s->kv_heads * s->head_width;
        case HR_GATE:
        case HR_UP: return s->feed_forward;
        default: return s->width;
    }
}

static void place(hr_low_rank *pair, const hr_shape *s, int kind) {
    int head_panels = s->head_width / HR_PANEL;
    pair->panels = (columns_of(s, kind) + HR_PANEL - 1) / HR_PANEL;
    pair->panel_step = kind == HR_GATE || kind == HR_UP ? 2 : 1;
    pair->first_panel = kind == HR_KEY ? s->heads * head_panels
        : kind == HR_VALUE             ? (s->heads + s->kv_heads) * head_panels
                                       : kind == HR_UP;
}

/* Finds the largest number. Returns -1 where one is not finite. */
static int measure(factor *f, float *row) {
    float most = 0;
    for (int i = 0; i < f->rows; i++) {
        hr_row_to_floats(f->type, f->data + (size_t)i * hr_row_bytes(f->type, f->columns),
                         f->columns, row);
        for (int k = 0; k < f->columns; k++) {
            if (!isfinite(row[k])) {
                return -1;
            }
            most = fmaxf(most, fabsf(row[k]));
        }
    }
    frexpf(most, &f->exponent);
    return 0;
}

static void pack_down(const factor *f, uint16_t *to, float *row) {
    for (int i = 0; i < f->rows; i++) {
        uint16_t *ranks = to + (size_t)(i / HR_PAGE) * (size_t)f->columns * HR_PAGE;
        hr_row_to_floats(f->type, f->data + (size_t)i * hr_row_bytes(f->type, f->columns),
                         f->columns, row);
        for (int k = 0; k < f->columns; k++) {
            ranks[(size_t)k * HR_PAGE + (size_t)(i % HR_PAGE)] =
                hr_float_to_half(ldexpf(row[k], -f->exponent));
        }
    }
}

static void pack_up(const factor *f, uint16_t *to, float *row, int head_width, int rotary) {
    for (int column = 0; column < f->rows; column++) {
        size_t from = (size_t)hr_source_row(head_width, rotary, column);
        uint16_t *panel = to + (size_t)(column / HR_PANEL) * (size_t)f->columns * HR_PANEL;
        hr_row_to_floats(f->type, f->data + from * hr_row_bytes(f->type, f->columns), f->columns,
                         row);
        for (int k = 0; k < f->columns; k++) {
            panel[k * HR_PANEL + column % HR_PANEL] =
                hr_float_to_half(ldexpf(row[k], -f->exponent));
        }
    }
}

static int pack(hr_adapter *adapter, hr_low_rank *pair, int kind, factor *down, factor *up,
                float *row) {
    const hr_shape *s = &adapter->model->shape;
    if (measure(down, row) != 0 || measure(up, row) != 0) {
        return HR_NOT_FINITE;
    }
    int rank = down->rows;
    place(pair, s, kind);
    pair->scale = ldexpf(pair->scale, down->exponent + up->exponent);
    size_t ranks = hr_round_up((size_t)rank, HR_PAGE);
    pair->down = calloc(ranks * (size_t)down->columns, sizeof *pair->down);
    pair->up = calloc((size_t)pair->panels * HR_PANEL * (size_t)rank, sizeof *pair->up);
    if (pair->down == NULL || pair->up == NULL || !isfinite(pair->scale)) {
        return isfinite(pair->scale) ? HR_NO_MEMORY : HR_NOT_FINITE;
    }
    int turned = s->neighbours && (kind == HR_QUERY || kind == HR_KEY);
    pack_down(down, pair->down, row);
    pack_up(up, pair->up, row, turned ? s->head_width : 0, s->rotary);
    pair->rank = rank;
    pair->inputs = down->columns;
    adapter->widest = (int)ranks > adapter->widest ? (int)ranks : adapter->widest;
    return 0;
}

int hr_adapter_pair(hr_adapter *adapter, int kind, int layer, int rank, float scale, int down_type,
                    int64_t down_offset, int up_type, int64_t up_offset) {
    const hr_shape *s = &adapter->model->shape;
    if (kind < HR_QUERY || kind > HR_DOWN || kind == HR_FEED_NORM || layer < 0
            || layer >= s->layers || rank < 1 || rank > HR_MOST_RANK) {
        return HR_BAD_ARGUMENT;
    }
    hr_low_rank *pair = &adapter->layers[layer].pairs[kind - HR_QUERY];
    int inputs = inputs_of(s, kind), columns = columns_of(s, kind);
    factor down = {down_type, hr_mapped(&adapter->file, down_type, down_offset, rank, inputs), rank,
                   inputs, 0};
    factor up = {up_type, hr_mapped(&adapter->file, up_type, up_offset, columns, rank), columns,
                 rank, 0};
    if (down.data == NULL || up.data == NULL || pair->down != NULL) {
        return HR_BAD_ARGUMENT;
    }
    float *row = malloc((size_t)(inputs > rank ? inputs : rank) * sizeof *row);
    pair->scale = scale;
    int code = row == NULL ? HR_NO_MEMORY : pack(adapter, pair, kind, &down, &up, row);
    free(row);
    return code;
}

void hr_adapter_free(hr_adapter *adapter) {
    if (adapter == NULL) {
        return;
    }
    for (int i = 0; adapter->layers != NULL && i < adapter->model->shape.layers; i++) {
        for (int k = 0; k < HR_ADAPTED; k++) {
            free(adapter->layers[i].pairs[k].down);
            free(adapter->layers[i].pairs[k].up);
        }
    }
    hr_unmap(&adapter->file);
    free(adapter->layers);
    free(adapter);
}
