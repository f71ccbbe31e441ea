/* Weights as GGUF stores them, and their repacking into matrices. */
#ifndef HEADRACE_WEIGHTS_H
#define HEADRACE_WEIGHTS_H

#include "kernels.h"

/* Returns the bytes of a row of so many numbers in a ggml type, or 0 where there is no such row. */
size_t hr_row_bytes(int type, int columns);

/* Writes a row of a ggml type as floats; the type and width have a row's bytes. */
void hr_row_to_floats(int type, const uint8_t *row, int columns, float *out);

/* How a ggml type is packed: Q4_0 as it is in int4; all others in int8, Q8_0 as it is. A matrix
 * with parts of both kinds is int8, which Q4_0 fits too as it is. */
hr_bits hr_packed_bits(int type);

/* Where the columns of a part of a matrix come from. */
typedef struct {
    int type;
    const uint8_t *data;
    int rows;        /* of the tensor: the part's columns */
    int columns;     /* of the tensor: its inputs */
    int first_panel; /* in the matrix */
    int panel_step;  /* 1, or 2 where two parts take turns */
    int head_width;  /* 0, or: in each head so wide, ... */
    int rotary;      /* ... rotated neighbours among the first so many are taken apart in halves */
} hr_part;

/*
 * The tensor's row that becomes a column: in each head, rotated neighbours 2i and 2i + 1 become i
 * and i + n/2. A head_width of 0 leaves rows where they are.
 */
int hr_source_row(int head_width, int rotary, int column);

/* Allocates a matrix, whose panels are still to be packed. Returns 0, or -1 where memory is short. */
int hr_matrix_allocate(hr_matrix *matrix, int panels, int inputs, hr_bits bits);

void hr_matrix_free(hr_matrix *matrix);

/*
 * Packs the columns of one of the part's panels. Returns 0, or -1 where a weight is not finite.
 * Other formats than Q4_0 and Q8_0 are rounded to 255 steps of a group's largest magnitude: off by
 * at most 0.6 steps, a step being 1/127 of the largest (more below 0.008, where the half-precision
 * scale is subnormal).
 */
int hr_pack_panel(const hr_matrix *matrix, const hr_part *part, int panel, int weight_offset,
                  float *scratch);

#endif
