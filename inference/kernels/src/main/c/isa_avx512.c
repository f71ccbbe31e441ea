/* AVX-512 with VNNI: sixteen columns in a vector, up to eight rows. */
#include "kernels.h"

#define WIDTH 16
#define MOST_ROWS 8
#define MULTIPLY_ADD(sum, w, a) _mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(w), (__m512i)(a))
#include "x86.inc"
#include "vnni.inc"

const hr_isa hr_isa_avx512 = {.name = "avx512-vnni", .most_rows = MOST_ROWS, .weight_offset = 128,
                              .product = product, OPERATIONS};
