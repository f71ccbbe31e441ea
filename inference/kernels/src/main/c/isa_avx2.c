/*
 * AVX2 with FMA and F16C. vpmaddubsw multiplies unsigned by signed bytes and adds pairs in 16 bits:
 * eight pairs of int4 weights (at most 15 * 127 * 2 * 8 = 30480) fit there, so they are widened
 * once in a group. int8 weights give their signs to the activations first; one pair (at most
 * 128 * 127 * 2 = 32512) fits, and each is widened.
 */
#include "kernels.h"

#define WIDTH 8
#include "x86.inc"

INLINE __m256i line(const uint8_t *from) { return _mm256_loadu_si256((const __m256i *)from); }

INLINE __m256i quad(const int8_t *from) {
    int32_t four;
    memcpy(&four, from, sizeof four);
    return _mm256_set1_epi32(four);
}

/* Adds a group to a row's sums of eight columns. */
INLINE __m256 accumulate(__m256i group, __m256 weight_scale, float scale, __m256 sum) {
    __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(group), weight_scale);
    return _mm256_fmadd_ps(scaled, _mm256_set1_ps(scale), sum);
}

INLINE __m256 scales_at(const uint8_t *from) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from));
}

/*
 * Ends a row's turn: what comes next is not moved before it. Otherwise, or with the loops over lines
 * unrolled, gcc has so many values under way that it keeps the sums in memory.
 */
#define PIN(sums) __asm__ volatile("" : "+x"((sums)[0]), "+x"((sums)[1]))

INLINE void add_group4(const uint8_t *group, const hr_activations *a, size_t next, const int count,
                       __m256 sums[4][2]) {
    const __m256i low = _mm256_set1_epi8(15);
    __m256i pairs[4][2];
    for (int r = 0; r < count; r++) {
        pairs[r][0] = pairs[r][1] = _mm256_setzero_si256();
    }
#pragma GCC unroll 1
    for (int j = 0; j < 4; j++) {
        __m256i b0 = line(group + j * 64), b1 = line(group + j * 64 + 32);
        __m256i w0 = _mm256_and_si256(b0, low), w1 = _mm256_and_si256(b1, low);
#pragma GCC unroll 4
        for (int r = 0; r < count; r++) {
            __m256i four = quad(a[r * next].values + j * 4);
            pairs[r][0] = _mm256_add_epi16(pairs[r][0], _mm256_maddubs_epi16(w0, four));
            pairs[r][1] = _mm256_add_epi16(pairs[r][1], _mm256_maddubs_epi16(w1, four));
            PIN(pairs[r]);
        }
        w0 = _mm256_and_si256(_mm256_srli_epi16(line(group + j * 64), 4), low);
        w1 = _mm256_and_si256(_mm256_srli_epi16(line(group + j * 64 + 32), 4), low);
#pragma GCC unroll 4
        for (int r = 0; r < count; r++) {
            __m256i four = quad(a[r * next].values + 16 + j * 4);
            pairs[r][0] = _mm256_add_epi16(pairs[r][0], _mm256_maddubs_epi16(w0, four));
            pairs[r][1] = _mm256_add_epi16(pairs[r][1], _mm256_maddubs_epi16(w1, four));
            PIN(pairs[r]);
        }
    }
    const __m256i ones = _mm256_set1_epi16(1);
    __m256 scales[2] = {scales_at(group + 256), scales_at(group + 256 + 16)};
#pragma GCC unroll 4
    for (int r = 0; r < count; r++) {
        __m256i offset = _mm256_slli_epi32(_mm256_set1_epi32(a[r * next].sum), 3);
        for (int half = 0; half < 2; half++) {
            __m256i sum = _mm256_sub_epi32(_mm256_madd_epi16(pairs[r][half], ones), offset);
            sums[r][half] = accumulate(sum, scales[half], a[r * next].scale, sums[r][half]);
        }
    }
}

INLINE __m256i product_of_signed(__m256i w, __m256i a) {
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(a, w));
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

INLINE void add_group8(const uint8_t *group, const hr_activations *a, size_t next, const int count,
                       __m256 sums[4][2]) {
    __m256i s[4][2];
    for (int r = 0; r < count; r++) {
        s[r][0] = s[r][1] = _mm256_setzero_si256();
    }
#pragma GCC unroll 1
    for (int j = 0; j < 8; j++) {
        __m256i w0 = line(group + j * 64), w1 = line(group + j * 64 + 32);
#pragma GCC unroll 4
        for (int r = 0; r < count; r++) {
            __m256i four = quad(a[r * next].values + j * 4);
            s[r][0] = _mm256_add_epi32(s[r][0], product_of_signed(w0, four));
            s[r][1] = _mm256_add_epi32(s[r][1], product_of_signed(w1, four));
            PIN(s[r]);
        }
    }
    __m256 scales[2] = {scales_at(group + 512), scales_at(group + 512 + 16)};
#pragma GCC unroll 4
    for (int r = 0; r < count; r++) {
        for (int half = 0; half < 2; half++) {
            sums[r][half] = accumulate(s[r][half], scales[half], a[r * next].scale, sums[r][half]);
        }
    }
}

INLINE void product_of(const hr_matrix *matrix, const uint8_t *group, const hr_rows *rows, int row,
                       const hr_bits bits, const int count, float *out, size_t stride) {
    __m256 sums[4][2];
    for (int r = 0; r < count; r++) {
        sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    }
    size_t next = (size_t)rows->groups;
    const hr_activations *a = rows->data + (size_t)row * next;
    for (int g = 0; g < matrix->groups; g++, a++) {
        hr_ask_ahead(group, bits, row);
        if (bits == HR_INT4) {
            add_group4(group, a, next, count, sums);
        } else {
            add_group8(group, a, next, count, sums);
        }
        group += bits == HR_INT4 ? HR_INT4_GROUP_BYTES : HR_INT8_GROUP_BYTES;
    }
    for (int r = 0; r < count; r++) {
        _mm256_storeu_ps(out + (size_t)r * stride, sums[r][0]);
        _mm256_storeu_ps(out + (size_t)r * stride + 8, sums[r][1]);
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

const hr_isa hr_isa_avx2 = {
    .name = "avx2", .most_rows = 4, .weight_offset = 0, .product = product, OPERATIONS};
