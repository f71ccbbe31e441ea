/* What the tests share: numbers from a seed, and failing. */
#ifndef HEADRACE_TESTING_H
#define HEADRACE_TESTING_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 88172645463325252u;

static inline uint32_t any(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static inline int between(int least, int most) {
    return least + (int)(any() % (uint32_t)(most - least + 1));
}

/* From -1 to 1. */
static inline float number(void) { return (float)((int32_t)any()) * 0x1p-31f; }

/* All instruction sets but plain C; those that this processor has are tested against it. */
static const char *const OTHERS[] = {"avx2", "avx-vnni", "avx512-vnni", "neon-dotprod"};

enum { OTHER_COUNT = sizeof OTHERS / sizeof *OTHERS };

#define CHECK(condition, ...)                                                                   \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                     \
            fprintf(stderr, __VA_ARGS__);                                                       \
            fprintf(stderr, "\n");                                                              \
            exit(1);                                                                            \
        }                                                                                       \
    } while (0)

void test_halves(void);
void test_pool(void);
void test_products(int shapes);
void test_operations(int rounds);
void test_steps(int rounds);

#endif
