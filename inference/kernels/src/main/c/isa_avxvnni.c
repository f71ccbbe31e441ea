/* AVX2 with AVX-VNNI: two vectors of eight columns, up to four rows. */
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

static inline void store_bytes(int8_t *to, integers value) {
    __m128i low = _mm256_castsi256_si128((__m256i)value);
    __m128i words = _mm_packs_epi32(low, _mm256_extracti128_si256((__m256i)value, 1));
    _mm_storel_epi64((__m128i *)to, _mm_packs_epi16(words, words));
}

typedef __m256i column_integers;
typedef __m256 column_floats;

INLINE column_integers every(int32_t value) { return _mm256_set1_epi32(value); }
INLINE column_integers line(const uint8_t *from) {
    return _mm256_loadu_si256((const __m256i *)from);
}
INLINE column_integers quad(const int8_t *from) {
    int32_t four;
    memcpy(&four, from, sizeof four);
    return _mm256_set1_epi32(four);
}
INLINE column_integers low_half(column_integers both) {
    return _mm256_and_si256(both, _mm256_set1_epi8(15));
}
INLINE column_integers high_half(column_integers both) {
    return low_half(_mm256_srli_epi16(both, 4));
}
INLINE column_integers multiply_add(column_integers sum, column_integers w, column_integers a) {
    return _mm256_dpbusd_avx_epi32(sum, w, a);
}
INLINE column_floats to_scaled(column_integers sum, column_floats scale) {
    return _mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale);
}
INLINE column_floats load_scales(const uint8_t *from) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from));
}

#include "vnni.inc"

static void product(const hr_matrix *matrix, int panel, const hr_rows *rows, int row, int count,
                    float *out, size_t stride) {
    const uint8_t *data = matrix->data + (size_t)panel * matrix->panel_bytes;
    switch (count) { CASE(1) CASE(2) CASE(3) CASE(4) }
}

const hr_isa hr_isa_avxvnni = {
    .name = "avx-vnni", .most_rows = 4, .weight_offset = 128, .product = product, OPERATIONS};
