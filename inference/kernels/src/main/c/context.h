/* What one engine computes with: pages of keys and values, and the buffers of a step. */
#ifndef HEADRACE_CONTEXT_H
#define HEADRACE_CONTEXT_H

#include "adapter.h"
#include "headrace.h"
#include "model.h"
#include "pool.h"

/*
 * The tokens of a sequence stand in pages of 16, which sequences share: a page is freed with its
 * last user, and copied before a sequence writes into one that others use too.
 */
typedef struct {
    int32_t *pages;
    int length;
} hr_sequence;

/* A row of the step. */
typedef struct {
    const int32_t *pages; /* of its sequence */
    int position;
    int paged;  /* tokens that it sees in pages; what follows are nodes of its tree */
    int parent; /* a node's, or -1; HR_STAYS for a row of a sequence */
    int token;
    int sequence;
} hr_row;

struct hr_context {
    const hr_model *model;
    int threads;
    int most_rows;
    int most_outputs;
    int most_positions;
    int sequence_count;
    hr_sequence *sequences;

    int bits;           /* of a key's and a value's numbers: 16 or 8 */
    uint8_t *pages;     /* [layer][page][head of keys]: 16 keys by number, then 16 values */
    int32_t *users;     /* of each page */
    int32_t *free_pages;
    int free_count;
    int page_count;

    float *turns;       /* [position][pair]: cosine and sine */
    hr_row *rows;
    int row_count;
    int32_t *output_rows;
    int output_count;
    float *hidden;      /* [row][width] */
    float *normed;
    float *qkv;         /* [row][queries, keys, values] */
    float *attended;    /* [row][heads] */
    float *inner;       /* [row][feed forward] */
    float *logits;      /* [output][vocabulary] */
    uint16_t *nodes;    /* [row][keys, values]: in this layer, in halves */
    hr_rows byte_nodes; /* the same in bytes */
    hr_rows quantized;
    const hr_adapter *adapter;
    const hr_low_rank *beside; /* the matrix that is computed; NULL without an adapter */
    int beside_count;
    float *low;      /* [row][part of the matrix][low_width]: its inputs times `down` */
    int low_width;
    float *scratch[HR_MOST_THREADS]; /* of each worker */
    size_t scores_room; /* floats of the scratch before its page: scores, and an inverse for each */
};

/* Padded widths of rows in floats. */
static inline size_t hr_padded(int width) { return hr_round_up((size_t)width, HR_GROUP); }

/* Of the keys, or as many of the values, of one head in a page. */
static inline size_t hr_half_page_bytes(const hr_context *c) {
    size_t numbers = (size_t)c->model->shape.head_width * HR_PAGE;
    return c->bits == 16 ? numbers * sizeof(uint16_t)
                         : numbers + numbers / HR_GROUP * sizeof(uint16_t);
}

static inline size_t hr_page_bytes(const hr_context *c) { return 2 * hr_half_page_bytes(c); }

static inline uint8_t *hr_page_at(const hr_context *c, int layer, int32_t page, int head) {
    const hr_shape *s = &c->model->shape;
    size_t at = ((size_t)layer * (size_t)c->page_count + (size_t)page) * (size_t)s->kv_heads;
    return c->pages + (at + (size_t)head) * hr_page_bytes(c);
}

/* Makes room for one more token. Returns 0 or HR_NO_PAGES. */
int hr_sequence_extend(hr_context *context, hr_sequence *sequence);

/* Rounds a row's keys and values of all heads to what pages hold. */
void hr_round_keys(const hr_context *context, int row, const float *keys);

/* Puts a row's rounded key and value of one head into a page. */
void hr_put_keys(const hr_context *context, int row, int head, size_t slot, uint8_t *page);

/* Queries per task: rows of one head of keys, together with the heads of queries that share it. */
int hr_rows_per_tile(const hr_shape *shape);

/* Attention of one tile of rows in one head of keys; `scratch` is the worker's. */
void hr_attend(const hr_context *context, int layer, int head, int first_row, int count,
               float *scratch);

#endif
