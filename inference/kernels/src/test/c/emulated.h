/*
 * The instructions of isa_avx512.c and isa_avxvnni.c one number at a time, for processors that do
 * not have them: it shows that the logic is right, not the instructions. Put before those sources
 * by the build's emulated test; nothing else may include it.
 */
#ifndef HEADRACE_EMULATED_H
#define HEADRACE_EMULATED_H

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "kernels.h"

/* Not inlined: gcc would take minutes over thousands of them. */
#define EMULATED static __attribute__((noinline, unused))

/* Vectors go through memory, because their elements may not be read as another type. */
#define EMULATE_DPBUSD(NAME, VECTOR, COLUMNS)                                                   \
    EMULATED VECTOR NAME(VECTOR sum, VECTOR w, VECTOR a) {                                      \
        int32_t sums[COLUMNS];                                                                  \
        uint8_t left[4 * COLUMNS];                                                              \
        int8_t right[4 * COLUMNS];                                                              \
        memcpy(sums, &sum, sizeof sums);                                                        \
        memcpy(left, &w, sizeof left);                                                          \
        memcpy(right, &a, sizeof right);                                                        \
        for (int i = 0; i < 4 * COLUMNS; i++) {                                                 \
            sums[i / 4] += left[i] * right[i];                                                  \
        }                                                                                       \
        memcpy(&sum, sums, sizeof sum);                                                         \
        return sum;                                                                             \
    }

EMULATE_DPBUSD(emulated_dpbusd512, __m512i, 16)
EMULATE_DPBUSD(emulated_dpbusd256, __m256i, 8)

EMULATED __m512 emulated_from_halves(__m256i halves) {
    uint16_t from[16];
    memcpy(from, &halves, sizeof from);
    __m512 to;
    for (int i = 0; i < 16; i++) {
        to[i] = hr_half_to_float(from[i]);
    }
    return to;
}

EMULATED __m256i emulated_to_halves(__m512 from) {
    uint16_t halves[16];
    for (int i = 0; i < 16; i++) {
        halves[i] = hr_float_to_half(from[i]);
    }
    __m256i to;
    memcpy(&to, halves, sizeof to);
    return to;
}

EMULATED __m512 emulated_fmadd(__m512 a, __m512 b, __m512 sum) {
    for (int i = 0; i < 16; i++) {
        sum[i] = fmaf(a[i], b[i], sum[i]);
    }
    return sum;
}

EMULATED __m128i emulated_to_bytes(__m512i from) {
    int32_t integers[16];
    int8_t bytes[16];
    memcpy(integers, &from, sizeof integers);
    for (int i = 0; i < 16; i++) {
        bytes[i] = (int8_t)integers[i];
    }
    __m128i to;
    memcpy(&to, bytes, sizeof to);
    return to;
}

/* Of bytes that are widened and converted. */
EMULATED __m512i emulated_widened(__m128i bytes) {
    int8_t from[16];
    int32_t integers[16];
    memcpy(from, &bytes, sizeof from);
    for (int i = 0; i < 16; i++) {
        integers[i] = from[i];
    }
    __m512i to;
    memcpy(&to, integers, sizeof to);
    return to;
}

EMULATED __m512 emulated_converted(__m512i from) {
    int32_t integers[16];
    memcpy(integers, &from, sizeof integers);
    __m512 to;
    for (int i = 0; i < 16; i++) {
        to[i] = (float)integers[i];
    }
    return to;
}

#define _mm512_cvtepi8_epi32 emulated_widened
#define _mm512_cvtepi32_ps emulated_converted
#define _mm512_dpbusd_epi32 emulated_dpbusd512
#define _mm256_dpbusd_avx_epi32 emulated_dpbusd256
#define _mm512_cvtph_ps emulated_from_halves
#define _mm512_cvtps_ph(value, rounding) emulated_to_halves(value)
#define _mm512_fmadd_ps emulated_fmadd
#define _mm512_cvtepi32_epi8 emulated_to_bytes

#endif
