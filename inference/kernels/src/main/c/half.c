/* IEEE half precision in integers, so that it is the same on every processor. */
#include "kernels.h"

#include <string.h>

float hr_half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    uint32_t exponent = (half >> 10) & 31u;
    uint32_t mantissa = half & 0x3ffu;
    float value;
    if (exponent == 0) {
        value = (float)mantissa * 0x1p-24f;
        return sign ? -value : value;
    }
    uint32_t bits = exponent == 31 ? 0x7f800000u | mantissa << 13
                                   : (exponent + 112) << 23 | mantissa << 13;
    bits |= sign;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint16_t hr_float_to_half(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000u);
    uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {
        return sign | 0x7e00u;
    }
    if (magnitude >= 0x477ff000u) {
        return sign | 0x7c00u;
    }
    if (magnitude < 0x38800000u) {
        /* Subnormal: adding 0.5 makes the processor round to the 24th place. */
        float scaled;
        memcpy(&scaled, &magnitude, sizeof scaled);
        scaled += 0.5f;
        memcpy(&magnitude, &scaled, sizeof magnitude);
        return sign | (uint16_t)(magnitude - 0x3f000000u);
    }
    uint32_t odd = magnitude >> 13 & 1u;
    return sign | (uint16_t)((magnitude - 0x38000000u + 0xfffu + odd) >> 13);
}
