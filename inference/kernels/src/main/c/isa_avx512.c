/* AVX-512 with VNNI: sixteen columns in a vector, up to eight rows. */
#include "kernels.h"

#include <immintrin.h>

#define WIDTH 16
#include "operations.inc"

static inline vector load_halves(const uint16_t *from) {
    return (vector)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
}

static inline vector fused(vector a, vector b, vector sum) {
    return (vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)sum);
}

static inline void store_halves(uint16_t *to, vector value) {
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtps_ph((__m512)value, _MM_FROUND_TO_NEAREST_INT));
}

static inline void store_bytes(int8_t *to, integers value) {
    _mm_storeu_si128((__m128i *)to, _mm512_cvtepi32_epi8((__m512i)value));
}

typedef __m512i column_integers;
typedef __m512 column_floats;

INLINE column_integers every(int32_t value) { return _mm512_set1_epi32(value); }
INLINE column_integers line(const uint8_t *from) { return _mm512_loadu_si512(from); }
INLINE column_integers quad(const int8_t *from) {
    int32_t four;
    memcpy(&four, from, sizeof four);
    return _mm512_set1_epi32(four);
}
INLINE column_integers low_half(column_integers both) {
    return _mm512_and_si512(both, _mm512_set1_epi8(15));
}
INLINE column_integers high_half(column_integers both) {
    return low_half(_mm512_srli_epi16(both, 4));
}
INLINE column_integers multiply_add(column_integers sum, column_integers w, column_integers a) {
    return _mm512_dpbusd_epi32(sum, w, a);
}
INLINE column_floats to_scaled(column_integers sum, column_floats scale) {
    return _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale);
}
INLINE column_floats load_scales(const uint8_t *from) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
}

#include "vnni.inc"

static void product(const hr_matrix *matrix, int panel, const hr_rows *rows, int row, int count,
                    float *out, size_t stride) {
    const uint8_t *data = matrix->data + (size_t)panel * matrix->panel_bytes;
    switch (count) { CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) }
}

const hr_isa hr_isa_avx512 = {
    .name = "avx512-vnni", .most_rows = 8, .weight_offset = 128, .product = product, OPERATIONS};
