/* 64-bit Arm with dot products of bytes: four vectors of four columns, up to four rows. */
#include "kernels.h"

#include <arm_neon.h>

#define WIDTH 4
#include "operations.inc"

INLINE vector load_halves(const uint16_t *from) {
    return (vector)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)));
}

INLINE vector load_bytes(const int8_t *from) {
    int32_t four;
    memcpy(&four, from, sizeof four);
    int16x8_t words = vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four)));
    return (vector)vcvtq_f32_s32(vmovl_s16(vget_low_s16(words)));
}

INLINE vector fused(vector a, vector b, vector sum) {
    return (vector)vfmaq_f32((float32x4_t)sum, (float32x4_t)a, (float32x4_t)b);
}

INLINE void store_halves(uint16_t *to, vector value) {
    vst1_u16(to, vreinterpret_u16_f16(vcvt_f16_f32((float32x4_t)value)));
}

INLINE void store_bytes(int8_t *to, integers value) {
    for (int i = 0; i < WIDTH; i++) {
        to[i] = (int8_t)value[i];
    }
}

/* Weights of four inputs of sixteen columns; int4 plus 8, which the activations' sum takes away. */
INLINE int8x16_t weights_at(const uint8_t *at, const hr_bits bits, int half) {
    uint8x16_t both = vld1q_u8(at);
    if (bits == HR_INT8) {
        return vreinterpretq_s8_u8(both);
    }
    return vreinterpretq_s8_u8(half ? vshrq_n_u8(both, 4) : vandq_u8(both, vdupq_n_u8(15)));
}

/* Adds 16 inputs of a group; `lines` of weights are 64 bytes for four inputs each. */
INLINE void add_inputs(const uint8_t *lines, const hr_bits bits, int half, const hr_activations *a,
                       size_t next, const int count, int32x4_t sum[4][4]) {
    int8x16_t sixteen[4];
    for (int r = 0; r < count; r++) {
        sixteen[r] = vld1q_s8(a[(size_t)r * next].values + half * 16);
    }
#define QUAD(J)                                                                                 \
    for (int v = 0; v < 4; v++) {                                                               \
        int8x16_t w = weights_at(lines + (J) * 64 + v * 16, bits, half);                        \
        for (int r = 0; r < count; r++) {                                                       \
            sum[r][v] = vdotq_laneq_s32(sum[r][v], w, sixteen[r], J);                           \
        }                                                                                       \
    }
    QUAD(0) QUAD(1) QUAD(2) QUAD(3)
#undef QUAD
}

INLINE void product_of(const hr_matrix *matrix, const uint8_t *group, const hr_rows *rows, int row,
                       const hr_bits bits, const int count, float *out, size_t stride) {
    size_t next = (size_t)rows->groups;
    const hr_activations *a = rows->data + (size_t)row * next;
    float32x4_t sums[4][4];
    for (int i = 0; i < 4 * count; i++) {
        sums[i / 4][i % 4] = vdupq_n_f32(0);
    }
    for (int g = 0; g < matrix->groups; g++, a++) {
        int32x4_t sum[4][4];
        hr_ask_ahead(group, bits, row);
        for (int i = 0; i < 4 * count; i++) {
            int begin = bits == HR_INT4 ? -8 * a[(size_t)(i / 4) * next].sum : 0;
            sum[i / 4][i % 4] = vdupq_n_s32(begin);
        }
        add_inputs(group, bits, 0, a, next, count, sum);
        add_inputs(group + (bits == HR_INT4 ? 0 : 256), bits, 1, a, next, count, sum);
        group += hr_group_bytes(bits);
        for (int v = 0; v < 4; v++) {
            float32x4_t scale = (float32x4_t)load_halves(
                (const uint16_t *)(const void *)(group - 32) + 4 * v);
            for (int r = 0; r < count; r++) {
                float32x4_t scaled = vmulq_f32(vcvtq_f32_s32(sum[r][v]), scale);
                sums[r][v] = vfmaq_n_f32(sums[r][v], scaled, a[(size_t)r * next].scale);
            }
        }
    }
    for (int i = 0; i < 4 * count; i++) {
        vst1q_f32(out + (size_t)(i / 4) * stride + i % 4 * 4, sums[i / 4][i % 4]);
    }
}

#define CASE(COUNT)                                                                             \
    case COUNT:                                                                                 \
        if (matrix->bits == HR_INT4) {                                                          \
            product_of(matrix, data, rows, row, HR_INT4, COUNT, out, stride);                   \
        } else {                                                                                \
            product_of(matrix, data, rows, row, HR_INT8, COUNT, out, stride);                   \
        }                                                                                       \
        break;

static void product(const hr_matrix *matrix, int panel, const hr_rows *rows, int row, int count,
                    float *out, size_t stride) {
    const uint8_t *data = matrix->data + (size_t)panel * matrix->panel_bytes;
    switch (count) { CASE(1) CASE(2) CASE(3) CASE(4) }
}

const hr_isa hr_isa_neon = {
    .name = "neon-dotprod", .most_rows = 4, .weight_offset = 0, .product = product, OPERATIONS};
