/*
 * AVX2 with FMA and F16C. vpmaddubsw multiplies unsigned by signed bytes and adds pairs in 16 bits:
 * eight pairs of int4 weights (at most 15 * 127 * 2 * 8 = 30480) fit there, so they are widened
 * once in a group. int8 weights give their signs to the activations first; one pair (at most
 * 128 * 127 * 2 = 32512) fits, and each is widened.
 */
#include "kernels.h"

#include <immintrin.h>

#define WIDTH 8
#include "operations.inc"

static inline vector load_halves(const uint16_t *from) {
    return (vector)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from));
}

static inline vector fused(vector a, vector b, vector sum) {
    return (vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)sum);
}

static inline void store_halves(uint16_t *to, vector value) {
    _mm_storeu_si128((__m128i *)to, _mm256_cvtps_ph((__m256)value, _MM_FROUND_TO_NEAREST_INT));
}

INLINE __m256i line(const uint8_t *from) { return _mm256_loadu_si256((const __m256i *)from); }

INLINE __m256i quad(const int8_t *from) {
    int32_t four;
    memcpy(&four, from, sizeof four);
    return _mm256_set1_epi32(four);
}

/* What the rows of a tile have in this group. */
typedef struct {
    const int8_t *values[4];
    const float *scales[4];
    const int32_t *sums[4];
} tile;

INLINE tile tile_of(const hr_rows *rows, int row, const int count) {
    tile all = {0};
    for (int r = 0; r < count; r++) {
        size_t at = (size_t)(row + r) * rows->groups;
        all.values[r] = rows->values + at * HR_GROUP;
        all.scales[r] = rows->scales + at;
        all.sums[r] = rows->sums + at;
    }
    return all;
}

INLINE __m256 accumulate(__m256i integers_of_group, __m256 weight_scale, float scale, __m256 sum) {
    __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(integers_of_group), weight_scale);
    return _mm256_fmadd_ps(scaled, _mm256_set1_ps(scale), sum);
}

INLINE void product4(const uint8_t *group, int groups, const tile *rows, const int count,
                     float *out, size_t stride) {
    __m256 sum[4][2];
    for (int r = 0; r < count; r++) {
        sum[r][0] = sum[r][1] = _mm256_setzero_ps();
    }
    const __m256i low = _mm256_set1_epi8(15);
    const __m256i ones = _mm256_set1_epi16(1);
    for (int g = 0; g < groups; g++, group += HR_INT4_GROUP_BYTES) {
        __m256i pairs[4][2];
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            __m256i both0 = line(group + j * 64);
            __m256i both1 = line(group + j * 64 + 32);
#pragma GCC unroll 2
            for (int half = 0; half < 2; half++) {
                __m256i w0 = _mm256_and_si256(half ? _mm256_srli_epi16(both0, 4) : both0, low);
                __m256i w1 = _mm256_and_si256(half ? _mm256_srli_epi16(both1, 4) : both1, low);
#pragma GCC unroll 4
                for (int r = 0; r < count; r++) {
                    __m256i a = quad(rows->values[r] + g * HR_GROUP + half * 16 + j * 4);
                    __m256i p0 = _mm256_maddubs_epi16(w0, a);
                    __m256i p1 = _mm256_maddubs_epi16(w1, a);
                    int first = j == 0 && half == 0;
                    pairs[r][0] = first ? p0 : _mm256_add_epi16(pairs[r][0], p0);
                    pairs[r][1] = first ? p1 : _mm256_add_epi16(pairs[r][1], p1);
                }
            }
        }
        const __m128i *scales = (const __m128i *)(group + 256);
        __m256 scale0 = _mm256_cvtph_ps(_mm_loadu_si128(scales));
        __m256 scale1 = _mm256_cvtph_ps(_mm_loadu_si128(scales + 1));
#pragma GCC unroll 4
        for (int r = 0; r < count; r++) {
            __m256i offset = _mm256_set1_epi32(-8 * rows->sums[r][g]);
            __m256i s0 = _mm256_add_epi32(_mm256_madd_epi16(pairs[r][0], ones), offset);
            __m256i s1 = _mm256_add_epi32(_mm256_madd_epi16(pairs[r][1], ones), offset);
            sum[r][0] = accumulate(s0, scale0, rows->scales[r][g], sum[r][0]);
            sum[r][1] = accumulate(s1, scale1, rows->scales[r][g], sum[r][1]);
        }
    }
    for (int r = 0; r < count; r++) {
        _mm256_storeu_ps(out + (size_t)r * stride, sum[r][0]);
        _mm256_storeu_ps(out + (size_t)r * stride + 8, sum[r][1]);
    }
}

INLINE __m256i product_of_signed(__m256i magnitude, __m256i w, __m256i a, __m256i ones) {
    return _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(a, w)), ones);
}

INLINE void product8(const uint8_t *group, int groups, const tile *rows, const int count,
                     float *out, size_t stride) {
    __m256 sum[4][2];
    for (int r = 0; r < count; r++) {
        sum[r][0] = sum[r][1] = _mm256_setzero_ps();
    }
    const __m256i ones = _mm256_set1_epi16(1);
    for (int g = 0; g < groups; g++, group += HR_INT8_GROUP_BYTES) {
        __m256i s[4][2];
#pragma GCC unroll 8
        for (int j = 0; j < 8; j++) {
            __m256i w0 = line(group + j * 64);
            __m256i w1 = line(group + j * 64 + 32);
            __m256i m0 = _mm256_abs_epi8(w0);
            __m256i m1 = _mm256_abs_epi8(w1);
#pragma GCC unroll 4
            for (int r = 0; r < count; r++) {
                __m256i a = quad(rows->values[r] + g * HR_GROUP + j * 4);
                __m256i p0 = product_of_signed(m0, w0, a, ones);
                __m256i p1 = product_of_signed(m1, w1, a, ones);
                s[r][0] = j == 0 ? p0 : _mm256_add_epi32(s[r][0], p0);
                s[r][1] = j == 0 ? p1 : _mm256_add_epi32(s[r][1], p1);
            }
        }
        const __m128i *scales = (const __m128i *)(group + 512);
        __m256 scale0 = _mm256_cvtph_ps(_mm_loadu_si128(scales));
        __m256 scale1 = _mm256_cvtph_ps(_mm_loadu_si128(scales + 1));
#pragma GCC unroll 4
        for (int r = 0; r < count; r++) {
            sum[r][0] = accumulate(s[r][0], scale0, rows->scales[r][g], sum[r][0]);
            sum[r][1] = accumulate(s[r][1], scale1, rows->scales[r][g], sum[r][1]);
        }
    }
    for (int r = 0; r < count; r++) {
        _mm256_storeu_ps(out + (size_t)r * stride, sum[r][0]);
        _mm256_storeu_ps(out + (size_t)r * stride + 8, sum[r][1]);
    }
}

INLINE void product_of(const hr_matrix *matrix, const uint8_t *panel, const hr_rows *rows, int row,
                       const int count, float *out, size_t stride) {
    tile all = tile_of(rows, row, count);
    if (matrix->bits == HR_INT4) {
        product4(panel, matrix->groups, &all, count, out, stride);
    } else {
        product8(panel, matrix->groups, &all, count, out, stride);
    }
}

static void product(const hr_matrix *matrix, int panel, const hr_rows *rows, int row, int count,
                    float *out, size_t stride) {
    const uint8_t *data = matrix->data + (size_t)panel * matrix->panel_bytes;
    switch (count) {
        case 1: product_of(matrix, data, rows, row, 1, out, stride); break;
        case 2: product_of(matrix, data, rows, row, 2, out, stride); break;
        case 3: product_of(matrix, data, rows, row, 3, out, stride); break;
        default: product_of(matrix, data, rows, row, 4, out, stride); break;
    }
}

const hr_isa hr_isa_avx2 = {
    .name = "avx2", .most_rows = 4, .weight_offset = 0, .product = product, OPERATIONS};
