/* ggml's block formats: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h */
#include "weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q5_0 = 6, Q5_1 = 7, Q8_0 = 8,
    Q4_K = 12, Q5_K = 13, Q6_K = 14, BF16 = 30,
};

static float half_at(const uint8_t *at) {
    uint16_t half;
    memcpy(&half, at, sizeof half);
    return hr_half_to_float(half);
}

static void f32(const uint8_t *block, float *out) { memcpy(out, block, sizeof *out); }

static void f16(const uint8_t *block, float *out) { *out = half_at(block); }

static void bf16(const uint8_t *block, float *out) {
    uint32_t bits = (uint32_t)block[1] << 24 | (uint32_t)block[0] << 16;
    memcpy(out, &bits, sizeof *out);
}

static void q4_0(const uint8_t *block, float *out) {
    float scale = half_at(block);
    for (int i = 0; i < 16; i++) {
        out[i] = scale * (float)((block[2 + i] & 15) - 8);
        out[i + 16] = scale * (float)((block[2 + i] >> 4) - 8);
    }
}

static void q4_1(const uint8_t *block, float *out) {
    float scale = half_at(block), least = half_at(block + 2);
    for (int i = 0; i < 16; i++) {
        out[i] = scale * (float)(block[4 + i] & 15) + least;
        out[i + 16] = scale * (float)(block[4 + i] >> 4) + least;
    }
}

/* Five bits: the fifth ones of 32 numbers stand together. */
static void five_bits(const uint8_t *high, const uint8_t *low, int *out) {
    uint32_t fifth;
    memcpy(&fifth, high, sizeof fifth);
    for (int i = 0; i < 16; i++) {
        out[i] = (low[i] & 15) | (int)(fifth >> i & 1) << 4;
        out[i + 16] = low[i] >> 4 | (int)(fifth >> (i + 16) & 1) << 4;
    }
}

static void q5_0(const uint8_t *block, float *out) {
    int q[32];
    five_bits(block + 2, block + 6, q);
    for (int i = 0; i < 32; i++) {
        out[i] = half_at(block) * (float)(q[i] - 16);
    }
}

static void q5_1(const uint8_t *block, float *out) {
    int q[32];
    five_bits(block + 4, block + 8, q);
    for (int i = 0; i < 32; i++) {
        out[i] = half_at(block) * (float)q[i] + half_at(block + 2);
    }
}

static void q8_0(const uint8_t *block, float *out) {
    float scale = half_at(block);
    for (int i = 0; i < 32; i++) {
        out[i] = scale * (float)(int8_t)block[2 + i];
    }
}

/* Scale and minimum of one of eight parts, six bits each in twelve bytes. */
static void part_scale(const uint8_t *packed, int part, float *scale, float *least) {
    if (part < 4) {
        *scale = (float)(packed[part] & 63);
        *least = (float)(packed[part + 4] & 63);
    } else {
        *scale = (float)((packed[part + 4] & 15) | packed[part - 4] >> 6 << 4);
        *least = (float)(packed[part + 4] >> 4 | packed[part] >> 6 << 4);
    }
}

static void q4_k(const uint8_t *block, float *out) {
    for (int part = 0; part < 8; part++) {
        float scale, least;
        part_scale(block + 4, part, &scale, &least);
        scale *= half_at(block);
        least *= half_at(block + 2);
        const uint8_t *q = block + 16 + part / 2 * 32;
        for (int i = 0; i < 32; i++) {
            out[part * 32 + i] = scale * (float)(part % 2 ? q[i] >> 4 : q[i] & 15) - least;
        }
    }
}

static void q5_k(const uint8_t *block, float *out) {
    for (int part = 0; part < 8; part++) {
        float scale, least;
        part_scale(block + 4, part, &scale, &least);
        scale *= half_at(block);
        least *= half_at(block + 2);
        const uint8_t *q = block + 48 + part / 2 * 32;
        for (int i = 0; i < 32; i++) {
            int low = part % 2 ? q[i] >> 4 : q[i] & 15;
            int fifth = block[16 + i] >> part & 1;
            out[part * 32 + i] = scale * (float)(low + 16 * fifth) - least;
        }
    }
}

static void q6_k(const uint8_t *block, float *out) {
    float scale = half_at(block + 208);
    for (int i = 0; i < 256; i++) {
        int half = i / 128, quarter = i % 128 / 32, at = i % 32;
        uint8_t low = block[half * 64 + quarter % 2 * 32 + at];
        uint8_t high = block[128 + half * 32 + at];
        int q = (quarter < 2 ? low & 15 : low >> 4) | (high >> 2 * quarter & 3) << 4;
        out[i] = scale * (float)(int8_t)block[192 + i / 16] * (float)(q - 32);
    }
}

typedef struct {
    int type;
    int numbers;
    int bytes;
    void (*to_floats)(const uint8_t *block, float *out);
} format;

static const format FORMATS[] = {
    {F32, 1, 4, f32},        {F16, 1, 2, f16},        {BF16, 1, 2, bf16},
    {Q4_0, 32, 18, q4_0},    {Q4_1, 32, 20, q4_1},    {Q5_0, 32, 22, q5_0},
    {Q5_1, 32, 24, q5_1},    {Q8_0, 32, 34, q8_0},    {Q4_K, 256, 144, q4_k},
    {Q5_K, 256, 176, q5_k},  {Q6_K, 256, 210, q6_k},
};

static const format *format_of(int type) {
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        if (FORMATS[i].type == type) {
            return &FORMATS[i];
        }
    }
    return NULL;
}

size_t hr_row_bytes(int type, int columns) {
    const format *known = format_of(type);
    if (known == NULL || columns <= 0 || columns % known->numbers != 0) {
        return 0;
    }
    return (size_t)(columns / known->numbers) * (size_t)known->bytes;
}

void hr_row_to_floats(int type, const uint8_t *row, int columns, float *out) {
    const format *known = format_of(type);
    for (int i = 0; i < columns; i += known->numbers, row += known->bytes) {
        known->to_floats(row, out + i);
    }
}

hr_bits hr_packed_bits(int type) { return type == Q4_0 ? HR_INT4 : HR_INT8; }

int hr_matrix_allocate(hr_matrix *matrix, int panels, int inputs, hr_bits bits) {
    matrix->columns = panels * HR_PANEL;
    matrix->groups = (int)(hr_round_up((size_t)inputs, HR_GROUP) / HR_GROUP);
    matrix->bits = bits;
    matrix->panels = panels;
    matrix->panel_bytes = (size_t)matrix->groups * hr_group_bytes(bits);
    size_t bytes = hr_round_up((size_t)panels * matrix->panel_bytes, 64);
    matrix->data = aligned_alloc(64, bytes);
    return matrix->data == NULL ? -1 : 0;
}

void hr_matrix_free(hr_matrix *matrix) {
    free(matrix->data);
    matrix->data = NULL;
}

/* A group of one column as integers and a scale. Returns -1 where it is not finite. */
static int round_group(const float *weights, int8_t *q, uint16_t *scale) {
    float most = 0;
    for (int k = 0; k < HR_GROUP; k++) {
        if (!isfinite(weights[k])) {
            return -1;
        }
        most = fmaxf(most, fabsf(weights[k]));
    }
    *scale = hr_float_to_half(most / 127.0f);
    float step = hr_half_to_float(*scale);
    if (!isfinite(step)) {
        return -1;
    }
    for (int k = 0; k < HR_GROUP; k++) {
        float steps = step > 0 ? rintf(weights[k] / step) : 0;
        q[k] = (int8_t)fmaxf(-127, fminf(127, steps));
    }
    return 0;
}

/* A block of 32 as it is stored. Returns -1 where its scale is not finite. */
static int take_block(int type, const uint8_t *block, int8_t *q, uint16_t *scale) {
    memcpy(scale, block, sizeof *scale);
    if (type == Q8_0) {
        memcpy(q, block + 2, HR_GROUP);
    } else {
        for (int i = 0; i < 16; i++) {
            q[i] = (int8_t)((block[2 + i] & 15) - 8);
            q[i + 16] = (int8_t)((block[2 + i] >> 4) - 8);
        }
    }
    return isfinite(hr_half_to_float(*scale)) ? 0 : -1;
}

static void place(const hr_matrix *matrix, uint8_t *group, int column, const int8_t *q,
                  uint16_t scale, int weight_offset) {
    for (int k = 0; k < HR_GROUP; k++) {
        if (matrix->bits == HR_INT4) {
            uint8_t *to = group + k % 16 / 4 * 64 + column * 4 + k % 4;
            uint8_t nibble = (uint8_t)(q[k] + 8);
            *to = (uint8_t)(k < 16 ? nibble : *to | nibble << 4);
        } else {
            group[k / 4 * 64 + column * 4 + k % 4] = (uint8_t)(q[k] + weight_offset);
        }
    }
    memcpy(group + hr_group_bytes(matrix->bits) - 32 + 2 * column, &scale, sizeof scale);
}

/* The same of a block that is stored as it is packed, four inputs at a time. */
static int move_block(const hr_matrix *matrix, uint8_t *group, int column, const uint8_t *block,
                      int weight_offset) {
    uint16_t scale;
    memcpy(&scale, block, sizeof scale);
    uint32_t offset = 0x01010101u * (uint32_t)weight_offset; /* 0 or 128: adding flips a bit */
    size_t bytes = hr_group_bytes(matrix->bits) - 32;
    for (size_t line = 0; line < bytes; line += 64) {
        uint32_t quad;
        memcpy(&quad, block + 2 + line / 16, sizeof quad);
        quad ^= matrix->bits == HR_INT8 ? offset : 0;
        memcpy(group + line + 4 * (size_t)column, &quad, sizeof quad);
    }
    memcpy(group + bytes + 2 * (size_t)column, &scale, sizeof scale);
    return isfinite(hr_half_to_float(scale)) ? 0 : -1;
}

int hr_source_row(int head_width, int rotary, int column) {
    if (head_width == 0) {
        return column;
    }
    int at = column % head_width, half = rotary / 2;
    int from = at < half ? 2 * at : at < rotary ? 2 * (at - half) + 1 : at;
    return column - at + from;
}

int hr_pack_panel(const hr_matrix *matrix, const hr_part *part, int panel, int weight_offset,
                  float *scratch) {
    int as_stored = part->type == Q4_0 || part->type == Q8_0;
    int as_packed = as_stored && hr_packed_bits(part->type) == matrix->bits;
    int block_bytes = part->type == Q4_0 ? 18 : 34;
    uint8_t *data = matrix->data
        + (size_t)(part->first_panel + panel * part->panel_step) * matrix->panel_bytes;
    memset(scratch, 0, (size_t)matrix->groups * HR_GROUP * sizeof *scratch);
    for (int column = 0; column < HR_PANEL; column++) {
        int of_part = panel * HR_PANEL + column;
        int empty = of_part >= part->rows;
        const uint8_t *row = part->data;
        if (!empty) {
            row += (size_t)hr_source_row(part->head_width, part->rotary, of_part)
                * hr_row_bytes(part->type, part->columns);
        }
        if (!empty && !as_stored) {
            hr_row_to_floats(part->type, row, part->columns, scratch);
        }
        for (int g = 0; g < matrix->groups; g++) {
            uint8_t *group = data + (size_t)g * hr_group_bytes(matrix->bits);
            const uint8_t *block = row + (size_t)g * block_bytes;
            int8_t q[HR_GROUP] = {0};
            uint16_t scale = 0;
            int code = 0;
            if (!empty && as_packed) {
                code = move_block(matrix, group, column, block, weight_offset);
            } else {
                code = empty       ? 0
                    : as_stored    ? take_block(part->type, block, q, &scale)
                                   : round_group(scratch + g * HR_GROUP, q, &scale);
                place(matrix, group, column, q, scale, weight_offset);
            }
            if (code != 0) {
                return -1;
            }
        }
    }
    return 0;
}
