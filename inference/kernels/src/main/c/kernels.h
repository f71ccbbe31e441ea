/*
 * What the parts of the engine share: layouts, and the table of functions that each instruction
 * set fills in. docs/kernels.md has the layouts in pictures.
 *
 * Every sum of floats has one order, given here or beside the function, whatever the instruction
 * set, the number of rows computed together and the number of threads: equal inputs give equal
 * bits. The sources are compiled without contraction; fused operations are written out.
 */
#ifndef HEADRACE_KERNELS_H
#define HEADRACE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum {
    HR_GROUP = 32, /* weights, and activations, that share a scale */
    HR_PANEL = 16, /* columns of a matrix that are stored and computed together */
    HR_PAGE = 16,  /* tokens in a page of keys and values */
    HR_TILE = 8,   /* the most rows, or queries, that a function takes at once */
};

static inline size_t hr_round_up(size_t value, size_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

typedef enum { HR_INT4, HR_INT8 } hr_bits;

/*
 * A weight matrix, repacked. `columns` are outputs, `groups` times 32 the inputs. A panel holds 16
 * columns; of each group first the weights, then 16 half-precision scales. Quads of four inputs of
 * the 16 columns lie together (64 bytes). int4: four lines of 64 bytes, quads 0 to 3 in the low
 * halves and 4 to 7 in the high halves, each weight plus 8. int8: eight lines, each weight plus the
 * instruction set's offset.
 */
typedef struct {
    int columns;
    int groups;
    hr_bits bits;
    int panels;
    size_t panel_bytes;
    uint8_t *data;
} hr_matrix;

enum { HR_INT4_GROUP_BYTES = 256 + 32, HR_INT8_GROUP_BYTES = 512 + 32 };

static inline size_t hr_group_bytes(hr_bits bits) {
    return bits == HR_INT4 ? HR_INT4_GROUP_BYTES : HR_INT8_GROUP_BYTES;
}

/*
 * Asks for weights 2 KiB ahead of a group. A processor's own prefetching begins anew at each page of
 * 4 KiB, so that few rows would wait for memory. For the first rows only: the others find the
 * panel in the cache.
 */
static inline void hr_ask_ahead(const uint8_t *group, hr_bits bits, int row) {
    if (row == 0) {
        for (size_t at = 0; at < hr_group_bytes(bits); at += 64) {
            __builtin_prefetch(group + 2048 + at);
        }
    }
}

/* Activations of a row that share a scale, and the sum of their integers. */
typedef struct {
    int8_t values[HR_GROUP];
    float scale;
    int32_t sum;
} hr_activations;

/* Rows of activations; a row has `groups` of them. */
typedef struct {
    int groups;
    hr_activations *data;
} hr_rows;

/* The functions of one instruction set. Rows of floats are padded with zeros to whole groups. */
typedef struct {
    const char *name;
    int most_rows;     /* rows of one product, at most HR_TILE */
    int weight_offset; /* added to int8 weights when they are packed */

    /* Rounds to the nearest of 255 steps of each group's largest magnitude. */
    void (*quantize)(const float *x, const hr_rows *to, int row);

    /*
     * out[r * stride + c] = the product of a row with a panel's column. Integers of a group are
     * summed exactly; over the groups in ascending order
     *   sum = fma(integer * weight scale, activation scale, sum).
     */
    void (*product)(const hr_matrix *matrix, int panel, const hr_rows *rows, int row, int count,
                    float *out, size_t stride);

    /* y = x / sqrt(mean of squares + epsilon) * weight; 16 partial sums. */
    void (*norm)(const float *x, const float *weight, int width, float epsilon, float *y);

    /* Rounds to half precision, ties to even. */
    void (*halves)(const float *from, int count, uint16_t *to);

    /* out = a / (1 + e^-a) * b */
    void (*gate)(const float *a, const float *b, float *out, int count);

    /* The 16 products of a query with a page's keys; fused, over the head's numbers in order. */
    void (*scores)(const float *const *queries, int count, const uint16_t *keys, int width,
                   float *const *out);

    /*
     * Replaces scores by e^(score - largest) and returns their sum, 16 partial sums. What stands
     * behind `count` up to a whole page becomes 0.
     */
    float (*softmax)(float *scores, int count);

    /* The largest, or NaN where one is no number or infinite. Minus infinity is let pass. */
    float (*largest)(const float *x, int count);

    /* The sum of e^(x - most); of each 1024 in 16 partial sums, and of these in order. */
    double (*exponentials)(const float *x, int count, float most);

    /* out += weight * value; fused, over a page's tokens in order. */
    void (*mix)(const float *const *weights, int count, const uint16_t *values, int tokens,
                int width, float *const *out);

    /*
     * The same two on pages of bytes, with 16 scales behind the bytes for each 32 numbers. Of keys
     * the products of 32 numbers are summed first, then fma(them, scale, sum); of values the weight
     * is multiplied by the scale first.
     */
    void (*scores_of_bytes)(const float *const *queries, int count, const int8_t *keys, int width,
                            float *const *out);
    void (*mix_of_bytes)(const float *const *weights, int count, const int8_t *values, int tokens,
                         int width, float *const *out);
} hr_isa;

extern const hr_isa hr_isa_plain;
#if defined(__x86_64__)
extern const hr_isa hr_isa_avx2;
extern const hr_isa hr_isa_avxvnni;
extern const hr_isa hr_isa_avx512;
#elif defined(__aarch64__)
extern const hr_isa hr_isa_neon;
#endif

/* Returns an instruction set by name, or the best for "", if this processor has it; else NULL. */
const hr_isa *hr_isa_find(const char *name);

/* Half precision: to float, and from it to the nearest, ties to even. */
float hr_half_to_float(uint16_t half);
uint16_t hr_float_to_half(float value);

#endif
