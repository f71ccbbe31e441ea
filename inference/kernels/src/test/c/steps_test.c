/*
 * Whole models of random shapes: whatever the batches, forks, trees and threads, the logits behind
 * some tokens are those of the same tokens one by one on plain C.
 */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "headrace.h"
#include "testing.h"

enum { NUMBERS = 120000, KINDS = 18, SEQUENCES = 6, CELLS = 200, ROWS = 24, LONGEST = 60 };

typedef struct {
    int32_t shape[9];
    int tied, biased, normed, rank;
    char file[64];
    int64_t offset;
} setup;

static int32_t columns_of(const setup *s, int kind, int32_t *rows) {
    int width = s->shape[1], queries = s->shape[2] * s->shape[4], keys = s->shape[3] * s->shape[4];
    int inner = s->shape[6], words = s->shape[7];
    const int32_t shapes[KINDS][2] = {
        {words, width}, {1, width},    {words, width}, {1, s->shape[5] / 2}, {1, width},
        {queries, width}, {keys, width}, {keys, width},  {width, queries},     {1, width},
        {inner, width}, {inner, width}, {width, inner}, {1, queries},         {1, keys},
        {1, keys},      {1, s->shape[4]}, {1, s->shape[4]}};
    *rows = shapes[kind][0];
    return shapes[kind][1];
}

static setup make(void) {
    setup s = {.tied = between(0, 1), .biased = between(0, 1), .normed = between(0, 1),
               .rank = between(0, 1) ? between(1, 40) : 0};
    int group = between(1, 3), kv_heads = between(1, 3), head = 16 * between(1, 4);
    int32_t shape[9] = {between(1, 3), between(1, 70), group * kv_heads, kv_heads, head,
                        2 * between(0, head / 2), between(1, 90), between(2, 50), 0};
    shape[8] = !s.biased && !s.normed && between(0, 1);
    memcpy(s.shape, shape, sizeof shape);
    return s;
}

/* All tensors are read from one file of floats, each from where the last ended, or from its start
 * where too little is left. */
static void write_weights(setup *s) {
    strcpy(s->file, "/tmp/headrace-kernels-XXXXXX");
    int file = mkstemp(s->file);
    FILE *out = fdopen(file, "wb");
    for (int i = 0; i < NUMBERS; i++) {
        float value = number();
        fwrite(&value, sizeof value, 1, out);
    }
    fclose(out);
}

static void add_tensor(setup *s, hr_model *model, int kind, int layer) {
    int32_t rows, columns = columns_of(s, kind, &rows);
    if (columns == 0) {
        return;
    }
    if (s->offset + (int64_t)4 * rows * columns > 4 * NUMBERS) {
        s->offset = 0;
    }
    int code = hr_model_tensor(model, kind, layer, 0, kind % 2, s->offset, rows, columns);
    CHECK(code == 0, "tensor %d: %d", kind, code);
    s->offset += (int64_t)4 * rows * columns;
}

static hr_model *load(setup *s, const char *isa, int threads) {
    float numbers[6] = {1e-5f, 10000, 0.5f, 1.1f, 1, 5};
    int32_t where[2];
    hr_model *model = hr_model_new(isa, s->shape, numbers);
    CHECK(model != NULL && hr_model_map(model, s->file) == 0, "no model");
    CHECK(hr_model_map(model, s->file) == 0, "no second part");
    CHECK(hr_model_tensor(model, 0, -1, 0, 2, 0, 1, 1) == HR_BAD_ARGUMENT, "no third part");
    s->offset = 0;
    for (int kind = 0; kind < 3; kind++) {
        if (kind != 2 || !s->tied) {
            add_tensor(s, model, kind, -1);
        }
    }
    for (int layer = 0; layer < s->shape[0]; layer++) {
        for (int kind = 4; kind < KINDS; kind++) {
            if (kind < 13 || (kind < 16 ? s->biased : s->normed)) {
                add_tensor(s, model, kind, layer);
            }
        }
    }
    int code = hr_model_build(model, threads, where);
    CHECK(code == 0, "built with %d, tensor %d of layer %d", code, where[0], where[1]);
    CHECK(hr_model_bytes(model) > 0, "no weights");
    return model;
}

/* An adapter of random pairs, some missing, or none at all. */
static hr_adapter *adapt(const setup *s, const hr_model *model) {
    if (s->rank == 0) {
        return NULL;
    }
    hr_adapter *adapter = hr_adapter_new(model, s->file);
    CHECK(adapter != NULL, "no adapter");
    for (int layer = 0; layer < s->shape[0]; layer++) {
        for (int kind = 5; kind < 13; kind++) {
            int at = layer * KINDS + kind;
            if (kind != 9 && at % 5 != 0) {
                int code = hr_adapter_pair(adapter, kind, layer, s->rank, 0.1f, 0, 4 * at, 0, 0);
                CHECK(code == 0, "pair %d: %d", kind, code);
            }
        }
    }
    CHECK(hr_adapter_pair(adapter, 6, 0, s->rank, 1, 0, 0, 0, 0) == HR_BAD_ARGUMENT, "twice");
    CHECK(hr_adapter_pair(adapter, 9, 0, s->rank, 1, 0, 0, 0, 0) == HR_BAD_ARGUMENT, "norm");
    CHECK(hr_adapter_pair(adapter, 5, 0, s->rank, 1, 0, 4 * NUMBERS, 0, 0) == HR_BAD_ARGUMENT,
          "behind the end");
    return adapter;
}

/* The tokens of each sequence, and the step that is being made. */
typedef struct {
    int32_t held[SEQUENCES][LONGEST];
    int length[SEQUENCES];
    int rows;
    int32_t tokens[ROWS], sequences[ROWS], positions[ROWS], parents[ROWS];
    int8_t outputs[ROWS];
    int32_t path[ROWS][LONGEST]; /* the tokens up to a row */
} world;

static void add_row(world *w, int sequence, int position, int parent, int token,
                    const int32_t *before) {
    int i = w->rows++;
    w->tokens[i] = token;
    w->sequences[i] = sequence;
    w->positions[i] = position;
    w->parents[i] = parent;
    w->outputs[i] = (int8_t)between(0, 1);
    memcpy(w->path[i], before, sizeof(int32_t) * (size_t)position);
    w->path[i][position] = token;
}

static void plan_rows(world *w, int vocabulary) {
    w->rows = 0;
    for (int i = 0; i < SEQUENCES; i++) {
        int count = between(0, 5);
        while (count-- > 0 && w->rows < ROWS && w->length[i] < LONGEST) {
            int token = between(0, vocabulary - 1);
            add_row(w, i, w->length[i], HR_STAYS, token, w->held[i]);
            w->held[i][w->length[i]++] = token;
        }
    }
    int i = between(0, SEQUENCES - 1), first = w->rows;
    for (int count = between(0, 6); count > 0 && w->rows < ROWS; count--) {
        int parent = w->rows > first ? between(first - 1, w->rows - 1) : -1;
        parent = parent < first ? -1 : parent;
        int position = parent < 0 ? w->length[i] : w->positions[parent] + 1;
        if (position < LONGEST) {
            const int32_t *before = parent < 0 ? w->held[i] : w->path[parent];
            add_row(w, i, position, parent, between(0, vocabulary - 1), before);
        }
    }
}

static void change_sequences(world *w, hr_context *context) {
    int from = between(0, SEQUENCES - 1), to = between(0, SEQUENCES - 1);
    if (from != to && between(0, 2) == 0) {
        int length = between(0, w->length[from]);
        CHECK(hr_truncate(context, to, 0) == 0 && hr_fork(context, from, to, length) == 0, "fork");
        memcpy(w->held[to], w->held[from], sizeof w->held[to]);
        w->length[to] = length;
    } else if (between(0, 3) == 0) {
        w->length[from] = between(0, w->length[from]);
        CHECK(hr_truncate(context, from, w->length[from]) == 0, "truncate");
    }
}

/* The logits behind some tokens, one by one. */
static const float *alone(hr_context *context, const int32_t *path, int length) {
    int32_t sequence = 0, parent = HR_STAYS;
    int8_t output = 1;
    CHECK(hr_truncate(context, 0, 0) == 0, "truncate");
    for (int32_t i = 0; i < length; i++) {
        CHECK(hr_step(context, 1, path + i, &sequence, &i, &parent, &output) == 0, "step");
    }
    return hr_logits(context, 0);
}

static void check_rows(const world *w, const hr_context *context, hr_context *single, int words) {
    int output = 0;
    for (int i = 0; i < w->rows; i++) {
        if (w->outputs[i]) {
            const float *got = hr_logits(context, output++);
            const float *wanted = alone(single, w->path[i], w->positions[i] + 1);
            CHECK(isfinite(got[0]), "row %d", i);
            CHECK(memcmp(got, wanted, sizeof *got * (size_t)words) == 0, "row %d of %d", i,
                  w->rows);
        }
    }
    CHECK(hr_logits(context, output) == NULL, "more outputs");
}

static void check_refusals(hr_context *context) {
    int32_t token = 0, sequence = 0, position = 7, parent = HR_STAYS, wrong = 1 << 20;
    int8_t output = 1;
    CHECK(hr_truncate(context, 0, 0) == 0, "truncate");
    CHECK(hr_step(context, 1, &token, &sequence, &position, &parent, &output) == HR_BAD_ARGUMENT,
          "gap");
    position = 0;
    CHECK(hr_step(context, 1, &wrong, &sequence, &position, &parent, &output) == HR_BAD_ARGUMENT,
          "token");
    CHECK(hr_step(context, 1, &token, &wrong, &position, &parent, &output) == HR_BAD_ARGUMENT,
          "sequence");
    CHECK(hr_step(context, ROWS + 1, &token, &sequence, &position, &parent, &output)
              == HR_BAD_ARGUMENT, "rows");
    CHECK(hr_fork(context, 0, 0, 0) == HR_BAD_ARGUMENT, "fork to itself");
    CHECK(hr_fork(context, 0, 1, 5) == HR_BAD_ARGUMENT, "fork of what is not there");
    CHECK(hr_truncate(context, SEQUENCES, 0) == HR_BAD_ARGUMENT, "sequence");
    CHECK(hr_use_threads(context, 99) == HR_BAD_ARGUMENT, "threads");
}

/* Sequences fill up until there is no page; freed, they have room again. */
static void check_full(hr_context *context) {
    for (int round = 0; round < 2; round++) {
        int code = 0, rows = 0;
        for (int i = 0; i < SEQUENCES; i++) {
            CHECK(hr_truncate(context, i, 0) == 0, "truncate");
        }
        for (int32_t i = 0; i < SEQUENCES && code == 0; i++) {
            for (int32_t p = 0; p < CELLS && code == 0; p++, rows++) {
                int32_t token = 0, parent = HR_STAYS;
                int8_t output = 0;
                code = hr_step(context, 1, &token, &i, &p, &parent, &output);
            }
        }
        CHECK(code == HR_NO_PAGES && rows > CELLS, "%d after %d rows", code, rows);
    }
}

/* A sequence ends where its positions do, however many cells there are. */
static void check_longest(hr_context *context) {
    int code = 0;
    int32_t sequence = 0, token = 0, parent = HR_STAYS, position = 0;
    int8_t output = 0;
    CHECK(hr_truncate(context, 0, 0) == 0, "truncate");
    for (; code == 0; position++) {
        code = hr_step(context, 1, &token, &sequence, &position, &parent, &output);
    }
    int most = (LONGEST + 15) / 16 * 16;
    CHECK(code == HR_BAD_ARGUMENT && position == most + 1, "%d at %d", code, position);
}

static void test_model(const char *isa, setup *s) {
    hr_model *plain = load(s, "plain", 1), *model = load(s, isa, 3);
    int bits = s->shape[4] % 32 == 0 && between(0, 1) ? 8 : 16;
    hr_context *single = hr_context_new(plain, bits, 3 * LONGEST, LONGEST, 1, 1, 1, 1);
    hr_context *context = hr_context_new(model, bits, CELLS, CELLS, SEQUENCES, ROWS, ROWS, 3);
    CHECK(hr_context_new(plain, 12, CELLS, CELLS, 1, 1, 1, 1) == NULL, "12 bits");
    CHECK(single != NULL && context != NULL, "no context");
    hr_adapter *of_single = adapt(s, plain), *adapter = adapt(s, model);
    CHECK(hr_use_adapter(single, of_single) == 0 && hr_use_adapter(context, adapter) == 0,
          "adapter");
    CHECK(adapter == NULL || hr_use_adapter(context, of_single) == HR_BAD_ARGUMENT, "other's");
    world w;
    memset(&w, 0, sizeof w);
    for (int step = 0; step < 12; step++) {
        change_sequences(&w, context);
        plan_rows(&w, s->shape[7]);
        CHECK(hr_use_threads(context, between(1, 3)) == 0, "threads");
        if (w.rows > 0) {
            int code = hr_step(context, w.rows, w.tokens, w.sequences, w.positions, w.parents,
                               w.outputs);
            CHECK(code == 0, "step with %d rows: %d", w.rows, code);
            check_rows(&w, context, single, s->shape[7]);
        }
    }
    check_refusals(context);
    check_full(context);
    check_longest(single);
    hr_context_free(context);
    hr_context_free(single);
    hr_adapter_free(adapter);
    hr_adapter_free(of_single);
    hr_model_free(model);
    hr_model_free(plain);
}

void test_steps(int rounds) {
    for (int i = 0; i < rounds; i++) {
        setup s = make();
        write_weights(&s);
        test_model("plain", &s);
        for (int n = 0; n < OTHER_COUNT; n++) {
            if (hr_instruction_set(OTHERS[n]) != NULL) {
                test_model(OTHERS[n], &s);
            }
        }
        unlink(s.file);
    }
}
