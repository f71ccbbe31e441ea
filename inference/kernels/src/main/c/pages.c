/* What stands in a page of keys and values: halves, or bytes whose scales stand behind them. */
#include "context.h"

#include <string.h>

static size_t numbers_of_row(const hr_shape *s) {
    return (size_t)s->kv_heads * (size_t)s->head_width;
}

void hr_round_keys(const hr_context *c, int row, const float *keys) {
    size_t all = 2 * numbers_of_row(&c->model->shape);
    if (c->bits == 16) {
        c->model->isa->halves(keys, (int)all, c->nodes + (size_t)row * all);
    } else {
        c->model->isa->quantize(keys, &c->byte_nodes, row);
    }
}

static void put_halves(const hr_context *c, int row, int head, size_t slot, uint8_t *page) {
    const hr_shape *s = &c->model->shape;
    size_t width = (size_t)s->head_width, all = numbers_of_row(s);
    const uint16_t *key = c->nodes + (size_t)row * 2 * all + (size_t)head * width;
    uint16_t *keys = (uint16_t *)(void *)page;
    uint16_t *values = (uint16_t *)(void *)(page + hr_half_page_bytes(c));
    for (size_t d = 0; d < width; d++) {
        keys[d * HR_PAGE + slot] = key[d];
    }
    memcpy(values + slot * width, key + all, width * sizeof *key);
}

static void put_bytes(const hr_context *c, int row, int head, size_t slot, uint8_t *page) {
    const hr_shape *s = &c->model->shape;
    size_t width = (size_t)s->head_width, groups = width / HR_GROUP;
    const hr_activations *key =
        c->byte_nodes.data + (size_t)row * (size_t)c->byte_nodes.groups + (size_t)head * groups;
    const hr_activations *value = key + (size_t)s->kv_heads * groups;
    int8_t *keys = (int8_t *)page, *values = (int8_t *)(page + hr_half_page_bytes(c));
    uint16_t *key_scales = (uint16_t *)(void *)(keys + width * HR_PAGE);
    uint16_t *value_scales = (uint16_t *)(void *)(values + width * HR_PAGE);
    for (size_t g = 0; g < groups; g++) {
        for (size_t i = 0; i < HR_GROUP; i++) {
            keys[(g * HR_GROUP + i) * HR_PAGE + slot] = key[g].values[i];
        }
        memcpy(values + slot * width + g * HR_GROUP, value[g].values, HR_GROUP);
        key_scales[g * HR_PAGE + slot] = hr_float_to_half(key[g].scale);
        value_scales[g * HR_PAGE + slot] = hr_float_to_half(value[g].scale);
    }
}

void hr_put_keys(const hr_context *c, int row, int head, size_t slot, uint8_t *page) {
    if (c->bits == 16) {
        put_halves(c, row, head, slot, page);
    } else {
        put_bytes(c, row, head, slot, page);
    }
}
