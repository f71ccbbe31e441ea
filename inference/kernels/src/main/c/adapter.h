/* LoRA adapters: low-rank pairs beside the matrices of layers. Read only once their pairs are in. */
#ifndef HEADRACE_ADAPTER_H
#define HEADRACE_ADAPTER_H

#include "model.h"

/*
 * What an adapter adds to columns of a matrix: scale * up * (down * inputs). Both are in half
 * precision; `down` is laid out like pages of keys, `up` like pages of values, so that attention's
 * operations compute them, in their order.
 */
typedef struct {
    int rank; /* 0: nothing is added */
    int inputs;
    float scale;
    uint16_t *down;  /* [16 ranks at a time][input][rank] */
    uint16_t *up;    /* [panel][rank][column] */
    int first_panel; /* in the matrix, and how far apart, as in hr_part */
    int panel_step;
    int panels;
} hr_low_rank;

/* Kinds from HR_QUERY to HR_DOWN; the norm among them never has one. */
enum { HR_ADAPTED = HR_DOWN - HR_QUERY + 1, HR_MOST_PARTS = 3, HR_MOST_RANK = 1024 };

typedef struct {
    hr_low_rank pairs[HR_ADAPTED];
} hr_adapted_layer;

struct hr_adapter {
    const hr_model *model;
    hr_mapping file;
    int widest; /* rank, in whole sixteens */
    hr_adapted_layer *layers;
};

#endif
