/* Sequences over shared pages, and the memory of a context. */
#include "context.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int pages_of(int length) { return (length + HR_PAGE - 1) / HR_PAGE; }

static void release(hr_context *c, int32_t page) {
    if (--c->users[page] == 0) {
        c->free_pages[c->free_count++] = page;
    }
}

static int32_t take_page(hr_context *c) {
    if (c->free_count == 0) {
        return -1;
    }
    int32_t page = c->free_pages[--c->free_count];
    c->users[page] = 1;
    return page;
}

static void copy_page(hr_context *c, int32_t from, int32_t to) {
    const hr_shape *s = &c->model->shape;
    size_t bytes = hr_page_bytes(c) * (size_t)s->kv_heads;
    for (int layer = 0; layer < s->layers; layer++) {
        memcpy(hr_page_at(c, layer, to, 0), hr_page_at(c, layer, from, 0), bytes);
    }
}

int hr_sequence_extend(hr_context *c, hr_sequence *sequence) {
    int32_t *last = &sequence->pages[sequence->length / HR_PAGE];
    int begins_page = sequence->length % HR_PAGE == 0;
    if (begins_page || c->users[*last] > 1) {
        int32_t page = take_page(c);
        if (page < 0) {
            return HR_NO_PAGES;
        }
        if (!begins_page) {
            copy_page(c, *last, page);
            release(c, *last);
        }
        *last = page;
    }
    sequence->length++;
    return 0;
}

static int is_sequence(const hr_context *c, int number) {
    return number >= 0 && number < c->sequence_count;
}

int hr_truncate(hr_context *c, int number, int length) {
    if (!is_sequence(c, number) || length < 0) {
        return HR_BAD_ARGUMENT;
    }
    hr_sequence *sequence = &c->sequences[number];
    for (int i = pages_of(length); i < pages_of(sequence->length); i++) {
        release(c, sequence->pages[i]);
    }
    sequence->length = length < sequence->length ? length : sequence->length;
    return 0;
}

int hr_fork(hr_context *c, int source, int target, int length) {
    if (!is_sequence(c, source) || !is_sequence(c, target) || source == target || length < 0
            || length > c->sequences[source].length || c->sequences[target].length != 0) {
        return HR_BAD_ARGUMENT;
    }
    const hr_sequence *from = &c->sequences[source];
    hr_sequence *to = &c->sequences[target];
    for (int i = 0; i < pages_of(length); i++) {
        to->pages[i] = from->pages[i];
        c->users[to->pages[i]]++;
    }
    to->length = length;
    return 0;
}

int hr_use_threads(hr_context *c, int threads) {
    if (threads < 1 || threads > HR_MOST_THREADS || c->scratch[threads - 1] == NULL) {
        return HR_BAD_ARGUMENT;
    }
    c->threads = threads;
    return 0;
}

int hr_use_adapter(hr_context *c, const hr_adapter *adapter) {
    if (adapter != NULL && adapter->model != c->model) {
        return HR_BAD_ARGUMENT;
    }
    if (adapter != NULL && adapter->widest > c->low_width) {
        size_t numbers = (size_t)c->most_rows * HR_MOST_PARTS * (size_t)adapter->widest;
        float *low = calloc(numbers, sizeof *low);
        if (low == NULL) {
            return HR_NO_MEMORY;
        }
        free(c->low);
        c->low = low;
        c->low_width = adapter->widest;
    }
    c->adapter = adapter;
    return 0;
}

static void *zeros(size_t count, size_t size, int *failed) {
    void *memory = calloc(count > 0 ? count : 1, size);
    *failed |= memory == NULL;
    return memory;
}

static void fill_turns(hr_context *c) {
    int pairs = c->model->shape.rotary / 2;
    double magnitude = c->model->shape.rotary_magnitude;
    float *to = c->turns;
    for (int position = 0; position < c->most_positions; position++) {
        for (int i = 0; i < pairs; i++) {
            double angle = (double)position * (double)c->model->frequencies[i];
            *to++ = (float)(cos(angle) * magnitude);
            *to++ = (float)(sin(angle) * magnitude);
        }
    }
}

static int allocate_rows(hr_context *c) {
    const hr_shape *s = &c->model->shape;
    size_t rows = (size_t)c->most_rows;
    size_t heads = hr_padded(s->heads * s->head_width);
    size_t widest = hr_padded(s->width) > hr_padded(s->feed_forward) ? hr_padded(s->width)
                                                                     : hr_padded(s->feed_forward);
    widest = widest > heads ? widest : heads;
    int failed = 0;
    c->rows = zeros(rows, sizeof *c->rows, &failed);
    c->output_rows = zeros((size_t)c->most_outputs, sizeof *c->output_rows, &failed);
    c->hidden = zeros(rows * hr_padded(s->width), sizeof(float), &failed);
    c->normed = zeros(rows * hr_padded(s->width), sizeof(float), &failed);
    c->qkv = zeros(rows * (size_t)hr_qkv_width(s), sizeof(float), &failed);
    c->attended = zeros(rows * heads, sizeof(float), &failed);
    c->inner = zeros(rows * hr_padded(s->feed_forward), sizeof(float), &failed);
    size_t numbers = (size_t)(2 * s->kv_heads * s->head_width);
    if (c->bits == 16) {
        c->nodes = zeros(rows * numbers, sizeof *c->nodes, &failed);
    } else {
        c->byte_nodes.groups = (int)(numbers / HR_GROUP);
        c->byte_nodes.data =
            zeros(rows * numbers / HR_GROUP, sizeof *c->byte_nodes.data, &failed);
    }
    size_t logits = hr_round_up((size_t)s->vocabulary, HR_PANEL);
    c->logits = zeros((size_t)c->most_outputs * logits, sizeof(float), &failed);
    c->quantized.data = zeros(rows * widest / HR_GROUP, sizeof *c->quantized.data, &failed);
    return failed;
}

static int allocate_pages(hr_context *c, int cells) {
    const hr_shape *s = &c->model->shape;
    int failed = 0;
    /* Each sequence may leave its last page half empty, and own a copy of the page it forked in. */
    c->page_count = pages_of(cells) + 2 * c->sequence_count;
    size_t bytes = (size_t)s->layers * (size_t)s->kv_heads * hr_page_bytes(c);
    c->pages = zeros((size_t)c->page_count, bytes, &failed);
    c->users = zeros((size_t)c->page_count, sizeof *c->users, &failed);
    c->free_pages = zeros((size_t)c->page_count, sizeof *c->free_pages, &failed);
    c->sequences = zeros((size_t)c->sequence_count, sizeof *c->sequences, &failed);
    for (int i = 0; !failed && i < c->sequence_count; i++) {
        size_t most = (size_t)pages_of(c->most_positions);
        c->sequences[i].pages = zeros(most, sizeof(int32_t), &failed);
    }
    for (int i = 0; !failed && i < c->page_count; i++) {
        c->free_pages[c->free_count++] = c->page_count - 1 - i;
    }
    return failed;
}

hr_context *hr_context_new(const hr_model *model, int bits, int cells, int positions, int sequences,
                           int rows, int outputs, int threads) {
    hr_context *c = calloc(1, sizeof *c);
    int possible = bits == 16 || (bits == 8 && model->shape.head_width % HR_GROUP == 0);
    if (c == NULL || !possible || positions < 1 || sequences < 1 || rows < 1 || outputs < 1 || threads < 1
            || positions > cells || cells > 1 << 26 || sequences > 1 << 16 || rows > 1 << 20 || outputs > rows
            || threads > HR_MOST_THREADS) {
        free(c);
        return NULL;
    }
    const hr_shape *s = &model->shape;
    c->model = model;
    c->bits = bits;
    c->threads = threads;
    c->most_rows = rows;
    c->most_outputs = outputs;
    c->most_positions = (int)hr_round_up((size_t)positions, HR_PAGE);
    c->sequence_count = sequences;
    int failed = allocate_rows(c) | allocate_pages(c, cells);
    c->turns = zeros((size_t)c->most_positions * (size_t)s->rotary, sizeof(float), &failed);
    int group = s->heads / s->kv_heads;
    c->scores_room = (size_t)(hr_rows_per_tile(s) * group)
        * (size_t)(c->most_positions + 1);
    for (int i = 0; i < threads; i++) {
        c->scratch[i] = zeros(c->scores_room + hr_page_bytes(c) / sizeof(float), sizeof(float), &failed);
    }
    if (failed) {
        hr_context_free(c);
        return NULL;
    }
    fill_turns(c);
    return c;
}

void hr_context_free(hr_context *c) {
    if (c == NULL) {
        return;
    }
    for (int i = 0; c->sequences != NULL && i < c->sequence_count; i++) {
        free(c->sequences[i].pages);
    }
    for (int i = 0; i < HR_MOST_THREADS; i++) {
        free(c->scratch[i]);
    }
    void *all[] = {c->sequences, c->pages, c->users, c->free_pages, c->turns, c->rows,
                   c->output_rows, c->hidden, c->normed, c->qkv, c->attended, c->inner, c->logits,
                   c->nodes, c->byte_nodes.data, c->quantized.data, c->low};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(all[i]);
    }
    free(c);
}

const float *hr_logits(const hr_context *c, int output) {
    if (output < 0 || output >= c->output_count) {
        return NULL;
    }
    return c->logits + (size_t)output * hr_round_up((size_t)c->model->shape.vocabulary, HR_PANEL);
}
