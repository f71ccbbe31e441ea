/* AVX2 with AVX-VNNI: two vectors of eight columns, up to four rows. */
#include "kernels.h"

#define WIDTH 8
#define MOST_ROWS 4
#define MULTIPLY_ADD(sum, w, a) _mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(w), (__m256i)(a))
#include "x86.inc"
#include "vnni.inc"

const hr_isa hr_isa_avxvnni = {.name = "avx-vnni", .most_rows = MOST_ROWS, .weight_offset = 128,
                               .product = product, OPERATIONS};
