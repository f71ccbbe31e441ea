/* Chooses the instruction set by what this processor and its operating system support. */
#include "kernels.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

static int has_avx_vnni(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1);
}

static int has_half_conversions(void) {
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c >> 29 & 1);
}

static int supports(const hr_isa *isa) {
#if defined(HR_EMULATE)
    return isa != NULL;
#endif
    if (isa == &hr_isa_plain) {
        return 1;
    }
    /* These ask the operating system too whether it keeps the registers. */
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")
            || !has_half_conversions()) {
        return 0;
    }
    if (isa == &hr_isa_avx512) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vnni");
    }
    return isa == &hr_isa_avx2 || has_avx_vnni();
}

static const hr_isa *const BEST_FIRST[] = {
    &hr_isa_avx512, &hr_isa_avxvnni, &hr_isa_avx2, &hr_isa_plain};
#elif defined(__aarch64__)
#if defined(__linux__)
#include <sys/auxv.h>

static int has_dot_products(void) { return (getauxval(AT_HWCAP) >> 20 & 1) != 0; }
#else
/* Every processor of Apple's has them. */
static int has_dot_products(void) { return 1; }
#endif

static int supports(const hr_isa *isa) { return isa == &hr_isa_plain || has_dot_products(); }

static const hr_isa *const BEST_FIRST[] = {&hr_isa_neon, &hr_isa_plain};
#else
static int supports(const hr_isa *isa) { return isa != NULL; }

static const hr_isa *const BEST_FIRST[] = {&hr_isa_plain};
#endif

const hr_isa *hr_isa_find(const char *name) {
    for (size_t i = 0; i < sizeof BEST_FIRST / sizeof *BEST_FIRST; i++) {
        const hr_isa *isa = BEST_FIRST[i];
        if ((name[0] == 0 || strcmp(name, isa->name) == 0) && supports(isa)) {
            return isa;
        }
    }
    return NULL;
}
