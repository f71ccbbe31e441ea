/*
 * What this processor can do at most: multiplications of bytes, and reading of memory. Prints two
 * lines, in thousand millions a second: those on all threads by the clock, then those of a thread
 * by its processor time, which says more where other programs want the cores; multiplications
 * first. Compiled and run by io.headrace.benchmarks.Roofline, with -march=native: arguments: threads.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef __AVX2__
int main(void) {
    fprintf(stderr, "there are loops for AVX2 only\n");
    return 1;
}
#else
#include <immintrin.h>

enum { MOST_THREADS = 256, ROUNDS = 100000000, SUMS = 8, PASSES = 4 };

/* Of each thread; far more than caches hold. */
static const size_t BYTES = (size_t)192 << 20;

typedef struct {
    const unsigned char *data; /* NULL: multiply */
    double processor_seconds;
    int result; /* so that nothing is left out */
} work;

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/*
 * vpmaddubsw and vpaddw, the least that int4 products can do, without loading anything. It is
 * written as it is to run: gcc keeps arrays of sums in memory.
 */
static __m256i multiply(void) {
    __m256i s[4], a = _mm256_set1_epi8(1), w = _mm256_set1_epi8(3);
    s[0] = s[1] = s[2] = s[3] = a;
    for (int round = 0; round < ROUNDS; round++) {
        __asm__("vpmaddubsw %4, %5, %%ymm12\n\tvpaddw %%ymm12, %0, %0\n\t"
                "vpmaddubsw %4, %5, %%ymm13\n\tvpaddw %%ymm13, %1, %1\n\t"
                "vpmaddubsw %4, %5, %%ymm14\n\tvpaddw %%ymm14, %2, %2\n\t"
                "vpmaddubsw %4, %5, %%ymm15\n\tvpaddw %%ymm15, %3, %3"
                : "+x"(s[0]), "+x"(s[1]), "+x"(s[2]), "+x"(s[3])
                : "x"(a), "x"(w)
                : "xmm12", "xmm13", "xmm14", "xmm15");
    }
    return _mm256_add_epi16(_mm256_add_epi16(s[0], s[1]), _mm256_add_epi16(s[2], s[3]));
}

static __m256i read_all(const unsigned char *data) {
    __m256i sums[SUMS] = {0};
    for (int pass = 0; pass < PASSES; pass++) {
        for (size_t at = 0; at < BYTES; at += sizeof sums) {
#pragma GCC unroll 8
            for (int i = 0; i < SUMS; i++) {
                const void *from = data + at + (size_t)i * 32;
                sums[i] = _mm256_xor_si256(sums[i], _mm256_loadu_si256(from));
            }
        }
        __asm__ volatile("" ::: "memory");
    }
    for (int i = 1; i < SUMS; i++) {
        sums[0] = _mm256_xor_si256(sums[0], sums[i]);
    }
    return sums[0];
}

static void *run(void *argument) {
    work *w = argument;
    double start = seconds(CLOCK_THREAD_CPUTIME_ID);
    __m256i result = w->data == NULL ? multiply() : read_all(w->data);
    w->processor_seconds = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    w->result = _mm256_extract_epi32(result, 0);
    return NULL;
}

/* `each` is what a thread does. */
static void measure(work *all, int threads, double each) {
    pthread_t handles[MOST_THREADS];
    double start = seconds(CLOCK_MONOTONIC), processor = 0;
    for (int i = 0; i < threads; i++) {
        if (pthread_create(&handles[i], NULL, run, &all[i]) != 0) {
            exit(1);
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(handles[i], NULL);
        processor += all[i].processor_seconds;
    }
    double clock = seconds(CLOCK_MONOTONIC) - start;
    printf("%.3f %.3f\n", 1e-9 * each * threads / clock, 1e-9 * each * threads / processor);
}

int main(int count, char **arguments) {
    int threads = count > 1 ? atoi(arguments[1]) : 1;
    threads = threads < 1 ? 1 : threads > MOST_THREADS ? MOST_THREADS : threads;
    work all[MOST_THREADS];
    memset(all, 0, sizeof all);
    measure(all, threads, 32.0 * 4 * ROUNDS);
    for (int i = 0; i < threads; i++) {
        unsigned char *data = malloc(BYTES);
        if (data == NULL) {
            return 1;
        }
        memset(data, i + 1, BYTES);
        all[i].data = data;
    }
    measure(all, threads, (double)BYTES * PASSES);
    return 0;
}
#endif
