/* Half precision, the pool, and the operations that are no products. */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "headrace.h"
#include "kernels.h"
#include "pool.h"
#include "testing.h"

void test_halves(void) {
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        float value = hr_half_to_float((uint16_t)bits);
        if (isnan(value)) {
            continue;
        }
        CHECK(hr_float_to_half(value) == bits, "%04x", bits);
        float next = hr_half_to_float((uint16_t)(bits + 1));
        if (isfinite(value) && isfinite(next) && fabsf(value) < fabsf(next)) {
            uint16_t even = (uint16_t)(bits % 2 ? bits + 1 : bits);
            CHECK(hr_float_to_half(value + (next - value) / 2) == even, "behind %04x", bits);
        }
    }
    CHECK(hr_float_to_half(1e6f) == 0x7c00 && hr_float_to_half(-1e6f) == 0xfc00, "overflow");
}

enum { TASKS = 1000, REGIONS = 300, CALLERS = 3 };

static void count_task(void *counts, int task, int worker) {
    CHECK(worker >= 0 && worker < 4, "worker %d", worker);
    ((int *)counts)[task]++;
}

static void *call_pool(void *unused) {
    static const int tasks[] = {1, 2, 7, TASKS};
    int *counts = calloc(TASKS, sizeof *counts);
    int expected[TASKS] = {0};
    for (int region = 0; region < REGIONS; region++) {
        int count = tasks[region % 4];
        hr_pool_run(1 + region % 4, count, count_task, counts);
        for (int i = 0; i < count; i++) {
            expected[i]++;
        }
        CHECK(memcmp(counts, expected, sizeof expected) == 0, "region %d", region);
    }
    free(counts);
    return unused;
}

/* Several callers at once: each finds all of its tasks done once when a region is over. */
void test_pool(void) {
    pthread_t callers[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        CHECK(pthread_create(&callers[i], NULL, call_pool, NULL) == 0, "no thread");
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(callers[i], NULL);
    }
}

enum { WIDEST = 1024, HEAD = 128 };

typedef struct {
    int width, count, head, queries, tokens;
    float x[WIDEST], weight[WIDEST], query[HR_TILE][HEAD];
    uint16_t page[2 * HEAD * HR_PAGE];
    int bytes_head; /* a multiple of 32 */
    int8_t bytes[HEAD * HR_PAGE * 17 / 16]; /* keys or values, with their scales */
} given;

typedef struct {
    float normed[WIDEST], gated[WIDEST], weights[WIDEST], sum;
    float scores[HR_TILE][HR_PAGE], mixed[HR_TILE][HEAD];
    float byte_scores[HR_TILE][HR_PAGE], byte_mixed[HR_TILE][HEAD];
    uint16_t halves[WIDEST];
} result;

static given make(void) {
    given g;
    memset(&g, 0, sizeof g);
    g.width = between(1, WIDEST);
    g.count = between(1, WIDEST);
    g.head = 16 * between(1, HEAD / 16);
    g.queries = between(1, HR_TILE);
    g.tokens = between(1, HR_PAGE);
    float size = powf(10, (float)between(-4, 1));
    for (int i = 0; i < WIDEST; i++) {
        g.x[i] = i < g.width ? size * number() : 0;
        g.weight[i] = i < g.width ? number() : 0;
    }
    for (int i = 0; i < HR_TILE * HEAD; i++) {
        g.query[i / HEAD][i % HEAD] = number();
    }
    for (int i = 0; i < 2 * HEAD * HR_PAGE; i++) {
        g.page[i] = hr_float_to_half(number());
    }
    g.bytes_head = 32 * between(1, HEAD / 32);
    int numbers = g.bytes_head * HR_PAGE;
    for (int i = 0; i < numbers; i++) {
        g.bytes[i] = (int8_t)between(-127, 127);
    }
    for (int i = 0; i < numbers / HR_GROUP; i++) {
        uint16_t scale = hr_float_to_half((number() + 1) / 127);
        memcpy(g.bytes + numbers + 2 * i, &scale, sizeof scale);
    }
    return g;
}

static void compute(const hr_isa *isa, const given *g, result *r) {
    const float *queries[HR_TILE], *weights[HR_TILE];
    float *scores[HR_TILE], *mixed[HR_TILE];
    memset(r, 0, sizeof *r);
    for (int q = 0; q < HR_TILE; q++) {
        queries[q] = g->query[q];
        weights[q] = g->query[q];
        scores[q] = r->scores[q];
        mixed[q] = r->mixed[q];
    }
    int padded = (int)hr_round_up((size_t)g->width, HR_GROUP);
    isa->norm(g->x, g->weight, g->width, 1e-5f, r->normed);
    isa->gate(g->x, g->weight, r->gated, padded);
    isa->halves(g->x, padded, r->halves);
    memcpy(r->weights, g->x, sizeof r->weights);
    r->sum = isa->softmax(r->weights, g->count);
    isa->scores(queries, g->queries, g->page, g->head, scores);
    isa->mix(weights, g->queries, g->page + g->head * HR_PAGE, g->tokens, g->head, mixed);
    for (int q = 0; q < HR_TILE; q++) {
        scores[q] = r->byte_scores[q];
        mixed[q] = r->byte_mixed[q];
    }
    isa->scores_of_bytes(queries, g->queries, g->bytes, g->bytes_head, scores);
    isa->mix_of_bytes(weights, g->queries, g->bytes, g->tokens, g->bytes_head, mixed);
}

static void check_near(double got, double wanted, double error, const char *what) {
    CHECK(fabs(got - wanted) <= error, "%s: %.9g instead of %.9g", what, got, wanted);
}

static void check_floats(const given *g, const result *r) {
    double squares = 0, sum = 0;
    for (int i = 0; i < g->width; i++) {
        squares += (double)g->x[i] * g->x[i];
    }
    double factor = 1 / sqrt(squares / g->width + 1e-5);
    for (int i = 0; i < g->width; i++) {
        double x = g->x[i], w = g->weight[i];
        check_near(r->normed[i], x * factor * w, 1e-5 * fabs(x * factor * w), "norm");
        double gated = x / (1 + exp(-x)) * w;
        check_near(r->gated[i], gated, 1e-6 * fabs(gated) + 1e-30, "gate");
        CHECK(r->halves[i] == hr_float_to_half(g->x[i]), "half of %g", x);
    }
    float most = g->x[0];
    for (int i = 0; i < g->count; i++) {
        most = fmaxf(most, g->x[i]);
    }
    for (int i = 0; i < g->count; i++) {
        sum += exp((double)g->x[i] - most);
        check_near(r->weights[i], exp((double)g->x[i] - most), 1e-6, "softmax");
    }
    check_near(r->sum, sum, 1e-5 * sum, "sum of softmax");
    for (int q = 0; q < g->queries; q++) {
        for (int t = 0; t < HR_PAGE; t++) {
            double score = 0;
            for (int d = 0; d < g->head; d++) {
                score += (double)g->query[q][d] * hr_half_to_float(g->page[d * HR_PAGE + t]);
            }
            check_near(r->scores[q][t], score, 1e-4, "score");
        }
        for (int d = 0; d < g->head; d++) {
            double mixed = 0;
            for (int t = 0; t < g->tokens; t++) {
                uint16_t value = g->page[g->head * HR_PAGE + t * g->head + d];
                mixed += (double)g->query[q][t] * hr_half_to_float(value);
            }
            check_near(r->mixed[q][d], mixed, 1e-4, "mix");
        }
    }
}

/* The scale of a token's number d. */
static double byte_scale(const given *g, int token, int d) {
    uint16_t half;
    memcpy(&half, g->bytes + g->bytes_head * HR_PAGE + 2 * (d / HR_GROUP * HR_PAGE + token), 2);
    return hr_half_to_float(half);
}

static void check_bytes(const given *g, const result *r) {
    for (int q = 0; q < g->queries; q++) {
        for (int t = 0; t < HR_PAGE; t++) {
            double score = 0;
            for (int d = 0; d < g->bytes_head; d++) {
                score += (double)g->query[q][d] * g->bytes[d * HR_PAGE + t] * byte_scale(g, t, d);
            }
            check_near(r->byte_scores[q][t], score, 2e-4, "score of bytes");
        }
        for (int d = 0; d < g->bytes_head; d++) {
            double mixed = 0;
            for (int t = 0; t < g->tokens; t++) {
                mixed += (double)g->query[q][t] * g->bytes[t * g->bytes_head + d]
                    * byte_scale(g, t, d);
            }
            check_near(r->byte_mixed[q][d], mixed, 1e-4, "mix of bytes");
        }
    }
}

/* Groups of any size, down to numbers whose reciprocal is infinite. */
static void check_rounding(const hr_isa *isa) {
    float x[HR_GROUP];
    hr_activations group;
    hr_rows rows = {1, &group};
    for (int exponent = -149; exponent < 120; exponent++) {
        float most = 0;
        for (int i = 0; i < HR_GROUP; i++) {
            x[i] = ldexpf(number(), exponent);
            most = fmaxf(most, fabsf(x[i]));
        }
        isa->quantize(x, &rows, 0);
        int sum = 0;
        for (int i = 0; i < HR_GROUP; i++) {
            sum += group.values[i];
            check_near(group.scale * group.values[i], x[i], most / 253.9 + 0x1p-100, "rounded");
        }
        CHECK(group.sum == sum, "%s: sum %d instead of %d", isa->name, group.sum, sum);
    }
}

/* What is no number stays so, and what is too large becomes it: a wrong answer would look right. */
static void check_not_finite(const hr_isa *isa) {
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e30f};
    for (int kind = 0; kind < 4; kind++) {
        float x[HR_GROUP], weight[HR_GROUP], out[HR_GROUP];
        hr_activations group;
        hr_rows rows = {1, &group};
        for (int i = 0; i < HR_GROUP; i++) {
            x[i] = number();
            weight[i] = 1;
        }
        int place = between(0, HR_GROUP - 1);
        x[place] = bad[kind];
        isa->norm(x, weight, HR_GROUP, 1e-5f, out);
        CHECK(isnan(out[place]), "%s: norm of %g is %g", isa->name, bad[kind], out[place]);
        if (kind == 3) {
            continue; /* which can be rounded */
        }
        isa->quantize(x, &rows, 0);
        CHECK(isnan(group.scale) && group.sum == 0, "%s: rounded %g", isa->name, bad[kind]);
        memcpy(out, x, sizeof out);
        float sum = isa->softmax(out, HR_GROUP);
        CHECK(isnan(sum) == (kind != 2), "%s: sum of softmax %g", isa->name, sum);
        isa->gate(x, weight, out, HR_GROUP);
        CHECK(kind != 0 || isnan(out[place]), "%s: gate of NaN %g", isa->name, out[place]);
    }
}

enum { VOCABULARY = 5000 };

/* The same by what the words say. */
static int largest_place(const float *row, int count, const uint64_t *allowed) {
    int best = HR_BAD_ARGUMENT;
    for (int i = 0; i < count; i++) {
        if (allowed == NULL || (allowed[i / 64] >> i % 64 & 1) != 0) {
            if (!(row[i] < INFINITY)) {
                return HR_NOT_FINITE;
            }
            if (best < 0 || row[i] > row[best]) {
                best = i;
            }
        }
    }
    return best;
}

/* Rows of logits of any length, with equals, infinities, and what is no number. */
static void test_row(void) {
    static const float odd[] = {-INFINITY, -INFINITY, -INFINITY, INFINITY, NAN};
    float row[VOCABULARY];
    uint64_t allowed[VOCABULARY / 64 + 1];
    int count = between(1, any() % 2 ? 100 : VOCABULARY);
    float size = powf(10, (float)between(-2, 2));
    for (int i = 0; i < count; i++) {
        row[i] = floorf(number() * 100) / 100 * size;
    }
    for (int i = any() % 3 ? 0 : between(1, 5); i > 0; i--) {
        row[any() % (uint32_t)count] = odd[any() % (any() % 2 ? 3 : 5)];
    }
    for (int i = 0; i <= count / 64; i++) {
        int kind = between(0, 3);
        uint64_t word = (uint64_t)any() << 32 | any();
        allowed[i] = kind == 0 ? 0 : kind == 1 ? ~UINT64_C(0) : kind == 2 ? word
            : UINT64_C(1) << (word & 63);
    }
    CHECK(hr_row_largest(row, count, NULL) == largest_place(row, count, NULL), "of %d", count);
    CHECK(hr_row_largest(row, count, allowed) == largest_place(row, count, allowed),
          "%d instead of %d of those allowed of %d", hr_row_largest(row, count, allowed),
          largest_place(row, count, allowed), count);
    int most = largest_place(row, count, NULL);
    double sum = 0;
    for (int i = 0; most >= 0 && i < count; i++) {
        sum += exp((double)row[i] - row[most]);
    }
    double got = hr_row_log_sum(row, count);
    if (most < 0 || isinf(row[most])) {
        CHECK(isnan(got), "%g of what is no number", got);
    } else {
        check_near(got, row[most] + log(sum), 1e-6, "log of the sum");
    }
    for (int n = 0; n < OTHER_COUNT; n++) {
        const hr_isa *isa = hr_isa_find(OTHERS[n]);
        if (isa != NULL && most >= 0 && isfinite(row[most])) {
            CHECK(isa->largest(row, count) == row[most], "%s: largest", isa->name);
            CHECK(isa->exponentials(row, count, row[most])
                  == hr_isa_plain.exponentials(row, count, row[most]), "%s: sum", isa->name);
        }
    }
}

void test_operations(int rounds) {
    for (int i = 0; i < 10 * rounds; i++) {
        test_row();
    }

    check_rounding(&hr_isa_plain);
    check_not_finite(&hr_isa_plain);
    for (int n = 0; n < OTHER_COUNT; n++) {
        if (hr_isa_find(OTHERS[n]) != NULL) {
            check_rounding(hr_isa_find(OTHERS[n]));
            check_not_finite(hr_isa_find(OTHERS[n]));
        }
    }
    static result plain, other;
    for (int i = 0; i < rounds; i++) {
        given g = make();
        compute(&hr_isa_plain, &g, &plain);
        check_floats(&g, &plain);
        check_bytes(&g, &plain);
        for (int n = 0; n < OTHER_COUNT; n++) {
            const hr_isa *isa = hr_isa_find(OTHERS[n]);
            if (isa != NULL) {
                compute(isa, &g, &other);
                CHECK(memcmp(&plain, &other, sizeof plain) == 0, "%s differs in round %d", OTHERS[n],
                      i);
            }
        }
    }
}
