/*
 * Products of random shapes, none a multiple of anything: every instruction set gives plain C's
 * bits, and plain C is within its error of the sums of the weights as floats.
 */
#include <math.h>
#include <string.h>

#include "testing.h"
#include "weights.h"

/* ggml's numbers of types, numbers in a block, and where a block has halves that must be small. */
static const struct {
    int type, numbers, bytes, half, halves;
} FORMATS[] = {
    {0, 1, 4, -1, 0},     {1, 1, 2, -1, 0},     {30, 1, 2, -1, 0},    {2, 32, 18, 0, 1},
    {3, 32, 20, 0, 2},    {6, 32, 22, 0, 1},    {7, 32, 24, 0, 2},    {8, 32, 34, 0, 1},
    {12, 256, 144, 0, 2}, {13, 256, 176, 0, 2}, {14, 256, 210, 208, 1},
};

static void fill_row(int format, uint8_t *row, int columns) {
    int blocks = columns / FORMATS[format].numbers;
    for (int b = 0; b < blocks; b++, row += FORMATS[format].bytes) {
        for (int i = 0; i < FORMATS[format].bytes; i++) {
            row[i] = (uint8_t)any();
        }
        for (int i = 0; i < FORMATS[format].halves; i++) {
            uint16_t half = hr_float_to_half(number() * 0.05f);
            memcpy(row + FORMATS[format].half + 2 * i, &half, sizeof half);
        }
        float value = number();
        uint16_t half = hr_float_to_half(value);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        uint16_t upper = (uint16_t)(bits >> 16);
        switch (FORMATS[format].type) {
            case 0: memcpy(row, &value, sizeof value); break;
            case 1: memcpy(row, &half, sizeof half); break;
            case 30: memcpy(row, &upper, sizeof upper); break;
            default: break;
        }
    }
}

typedef struct {
    int format, rows, columns, inputs;
    uint8_t *weights;
    float *floats; /* the weights */
    float *x;
    float *out;
} problem;

static problem make(void) {
    problem p = {.format = between(0, 10), .rows = between(1, 21), .columns = between(1, 75)};
    int block = FORMATS[p.format].numbers;
    p.inputs = block == 1 ? between(1, 300) : block * between(1, block == 32 ? 9 : 2);
    size_t bytes = hr_row_bytes(FORMATS[p.format].type, p.inputs);
    CHECK(bytes > 0, "type %d", FORMATS[p.format].type);
    p.weights = malloc(bytes * (size_t)p.columns);
    p.floats = malloc(sizeof(float) * (size_t)(p.columns * p.inputs));
    for (int c = 0; c < p.columns; c++) {
        fill_row(p.format, p.weights + (size_t)c * bytes, p.inputs);
        hr_row_to_floats(FORMATS[p.format].type, p.weights + (size_t)c * bytes, p.inputs,
                         p.floats + c * p.inputs);
    }
    size_t padded = hr_round_up((size_t)p.inputs, HR_GROUP);
    p.x = calloc(padded * (size_t)p.rows, sizeof(float));
    for (int r = 0; r < p.rows; r++) {
        for (int k = 0; k < p.inputs; k++) {
            p.x[(size_t)r * padded + (size_t)k] = between(0, 20) == 0 ? 9 * number() : number();
        }
    }
    return p;
}

static void release(problem *p) {
    free(p->weights);
    free(p->floats);
    free(p->x);
    free(p->out);
}

/* Computes all rows with tiles of random heights. */
static float *compute(const problem *p, const hr_isa *isa) {
    hr_matrix matrix;
    int panels = (p->columns + HR_PANEL - 1) / HR_PANEL;
    int type = FORMATS[p->format].type;
    CHECK(hr_matrix_allocate(&matrix, panels, p->inputs, hr_packed_bits(type)) == 0, "memory");
    size_t padded = (size_t)matrix.groups * HR_GROUP;
    float *scratch = malloc(padded * sizeof *scratch);
    hr_part part = {type, p->weights, p->columns, p->inputs, 0, 1, 0, 0};
    for (int i = 0; i < panels; i++) {
        CHECK(hr_pack_panel(&matrix, &part, i, isa->weight_offset, scratch) == 0, "type %d", type);
    }
    size_t rows = (size_t)p->rows;
    size_t groups = rows * (size_t)matrix.groups;
    hr_rows quantized = {matrix.groups, malloc(groups * sizeof(hr_activations))};
    for (int r = 0; r < p->rows; r++) {
        isa->quantize(p->x + (size_t)r * padded, &quantized, r);
    }
    size_t stride = (size_t)panels * HR_PANEL;
    float *out = calloc(rows * stride, sizeof *out);
    for (int row = 0; row < p->rows;) {
        int left = p->rows - row;
        int count = between(1, left < isa->most_rows ? left : isa->most_rows);
        for (int i = 0; i < panels; i++) {
            isa->product(&matrix, i, &quantized, row, count,
                         out + (size_t)row * stride + (size_t)i * HR_PANEL, stride);
        }
        row += count;
    }
    free(quantized.data);
    free(scratch);
    hr_matrix_free(&matrix);
    return out;
}

/*
 * An activation is off by half a step of its group at most, 1/254 of its largest; a weight that is
 * not taken as it is stored by 0.6/127 of its group's largest. Sums of floats add 1e-5.
 */
static void check_floats(const problem *p) {
    size_t padded = hr_round_up((size_t)p->inputs, HR_GROUP);
    size_t stride = hr_round_up((size_t)p->columns, HR_PANEL);
    int as_stored = FORMATS[p->format].type == 2 || FORMATS[p->format].type == 8;
    for (int r = 0; r < p->rows; r++) {
        for (int c = 0; c < p->columns; c++) {
            const float *x = p->x + (size_t)r * padded, *w = p->floats + c * p->inputs;
            double sum = 0, error = 0, all = 0;
            for (int g = 0; g < p->inputs; g += HR_GROUP) {
                int end = g + HR_GROUP < p->inputs ? g + HR_GROUP : p->inputs;
                float most_x = 0, most_w = 0;
                for (int k = g; k < end; k++) {
                    most_x = fmaxf(most_x, fabsf(x[k]));
                    most_w = fmaxf(most_w, fabsf(w[k]));
                }
                double off_x = most_x / 253.9, off_w = as_stored ? 0 : 0.6 / 127 * most_w;
                for (int k = g; k < end; k++) {
                    sum += (double)x[k] * w[k];
                    all += fabs((double)x[k] * w[k]);
                    error += fabs((double)w[k]) * off_x + (fabs((double)x[k]) + off_x) * off_w;
                }
            }
            double got = p->out[(size_t)r * stride + (size_t)c];
            CHECK(fabs(got - sum) <= error + 1e-5 * all + 1e-30,
                  "type %d, row %d, column %d: %g instead of %g, off by more than %g",
                  FORMATS[p->format].type, r, c, got, sum, error);
        }
    }
}

void test_products(int shapes) {
    for (int i = 0; i < shapes; i++) {
        problem p = make();
        p.out = compute(&p, &hr_isa_plain);
        check_floats(&p);
        for (int n = 0; n < OTHER_COUNT; n++) {
            const hr_isa *isa = hr_isa_find(OTHERS[n]);
            if (isa == NULL) {
                continue;
            }
            float *out = compute(&p, isa);
            size_t bytes = sizeof *out * (size_t)p.rows * hr_round_up((size_t)p.columns, HR_PANEL);
            CHECK(memcmp(out, p.out, bytes) == 0, "%s differs: type %d, %d rows, %d x %d", OTHERS[n],
                  FORMATS[p.format].type, p.rows, p.columns, p.inputs);
            free(out);
        }
        release(&p);
    }
}
