/* What is asked of a row of logits, wherever it was computed. */
#include <math.h>

#include "headrace.h"
#include "kernels.h"

/* Words with fewer bits are read bit by bit. */
enum { DENSE = 16 };

/* Floats that are looked through for the place of the largest, once it is known to be there. */
enum { BLOCK = 256 };

static const hr_isa *best_isa(void) {
    static const hr_isa *volatile best; /* threads that find it at once find the same */
    if (best == NULL) {
        best = hr_isa_find("");
    }
    return best;
}

static int sound(float value) { return value < INFINITY; }

static int largest_of_all(const hr_isa *isa, const float *row, int count) {
    int block = 0;
    float most = -INFINITY;
    for (int from = 0; from < count; from += BLOCK) {
        float here = isa->largest(row + from, from + BLOCK < count ? BLOCK : count - from);
        if (isnan(here)) {
            return HR_NOT_FINITE;
        }
        if (here > most) {
            most = here;
            block = from;
        }
    }
    while (row[block] != most) {
        block++;
    }
    return block;
}

int hr_row_largest(const float *row, int count, const uint64_t *allowed) {
    if (row == NULL || count < 1) {
        return HR_BAD_ARGUMENT;
    }
    const hr_isa *isa = best_isa();
    if (allowed == NULL) {
        return largest_of_all(isa, row, count);
    }
    int best = HR_BAD_ARGUMENT;
    float most = -INFINITY;
    for (int from = 0; from < count; from += 64) {
        uint64_t word = allowed[from / 64];
        if (count - from < 64) {
            word &= (UINT64_C(1) << (count - from)) - 1;
        }
        if (word == 0) {
            continue;
        }
        if (best < 0) {
            best = from + __builtin_ctzll(word);
        }
        if (__builtin_popcountll(word) > DENSE) {
            /* Few words hold anything larger than the best so far. A NaN is looked for below. */
            float here = isa->largest(row + from, count - from < 64 ? count - from : 64);
            if (here <= most) {
                continue;
            }
        }
        for (; word != 0; word &= word - 1) {
            int place = from + __builtin_ctzll(word);
            if (!sound(row[place])) {
                return HR_NOT_FINITE;
            }
            if (row[place] > most) {
                most = row[place];
                best = place;
            }
        }
    }
    return best;
}

double hr_row_log_sum(const float *row, int count) {
    if (row == NULL || count < 1) {
        return NAN;
    }
    const hr_isa *isa = best_isa();
    float most = isa->largest(row, count);
    if (isnan(most) || most == -INFINITY) {
        return NAN;
    }
    return most + log(isa->exponentials(row, count, most));
}
