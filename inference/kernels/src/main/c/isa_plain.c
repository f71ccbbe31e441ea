/* Plain C, for every processor: what the others must equal bit by bit. */
#include "kernels.h"

#define WIDTH 4
#include "operations.inc"

static vector load_halves(const uint16_t *from) {
    return (vector){hr_half_to_float(from[0]), hr_half_to_float(from[1]),
                    hr_half_to_float(from[2]), hr_half_to_float(from[3])};
}

static vector load_bytes(const int8_t *from) {
    return (vector){from[0], from[1], from[2], from[3]};
}

static vector fused(vector a, vector b, vector sum) {
    return (vector){fmaf(a[0], b[0], sum[0]), fmaf(a[1], b[1], sum[1]), fmaf(a[2], b[2], sum[2]),
                    fmaf(a[3], b[3], sum[3])};
}

static void store_halves(uint16_t *to, vector value) {
    for (int i = 0; i < WIDTH; i++) {
        to[i] = hr_float_to_half(value[i]);
    }
}

static void store_bytes(int8_t *to, integers value) {
    for (int i = 0; i < WIDTH; i++) {
        to[i] = (int8_t)value[i];
    }
}

static int weight(const hr_matrix *matrix, const uint8_t *group, int column, int k) {
    int place = k % 16 / 4 * 64 + column * 4 + k % 4;
    if (matrix->bits == HR_INT4) {
        return (k < 16 ? group[place] & 15 : group[place] >> 4) - 8;
    }
    return (int8_t)group[place + k / 16 * 256];
}

static void product(const hr_matrix *matrix, int panel, const hr_rows *rows, int row, int count,
                    float *out, size_t stride) {
    const uint8_t *group = matrix->data + (size_t)panel * matrix->panel_bytes;
    size_t scales_at = hr_group_bytes(matrix->bits) - 32;
    for (int r = 0; r < count; r++) {
        memset(out + (size_t)r * stride, 0, HR_PANEL * sizeof(float));
    }
    for (int g = 0; g < matrix->groups; g++, group += hr_group_bytes(matrix->bits)) {
        for (int c = 0; c < HR_PANEL; c++) {
            int weights[HR_GROUP];
            for (int k = 0; k < HR_GROUP; k++) {
                weights[k] = weight(matrix, group, c, k);
            }
            uint16_t half;
            memcpy(&half, group + scales_at + 2 * c, sizeof half);
            float scale = hr_half_to_float(half);
            for (int r = 0; r < count; r++) {
                const hr_activations *a = rows->data + (size_t)(row + r) * rows->groups + g;
                int sum = 0;
                for (int k = 0; k < HR_GROUP; k++) {
                    sum += weights[k] * a->values[k];
                }
                float *to = out + (size_t)r * stride + c;
                *to = fmaf((float)sum * scale, a->scale, *to);
            }
        }
    }
}

const hr_isa hr_isa_plain = {
    .name = "plain", .most_rows = HR_TILE, .weight_offset = 0, .product = product, OPERATIONS};
