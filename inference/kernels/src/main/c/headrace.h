/*
 * What the library exports; docs/kernels.md says how the parts work together. Models are read only
 * once built; a context belongs to one thread. Codes: 0 done, negative as below. Arguments that
 * would break memory are refused with HR_BAD_ARGUMENT; sizes are the caller's to check first.
 */
#ifndef HEADRACE_H
#define HEADRACE_H

#include <stdint.h>

#define HR_EXPORT __attribute__((visibility("default")))

enum { HR_VERSION = 5 };

enum {
    HR_BAD_ARGUMENT = -1,
    HR_NO_MEMORY = -2,
    HR_NO_FILE = -3,
    HR_NOT_FINITE = -4,
    HR_MISSING_TENSOR = -5,
    HR_NO_PAGES = -6,
};

typedef struct hr_model hr_model;
typedef struct hr_adapter hr_adapter;
typedef struct hr_context hr_context;

HR_EXPORT int hr_version(void);

/* The name of the instruction set that is taken for `name`, or NULL; "" takes the best. */
HR_EXPORT const char *hr_instruction_set(const char *name);

/* shape and numbers: the fields of hr_shape in their order. NULL where they are impossible. */
HR_EXPORT hr_model *hr_model_new(const char *isa, const int32_t *shape, const float *numbers);

/* Maps a file of weights; of a split model one part after the other, which are counted from 0. */
HR_EXPORT int hr_model_map(hr_model *model, const char *path);

/* Says where a tensor of a layer, or of none (-1), lies; checked against its file's length. */
HR_EXPORT int hr_model_tensor(hr_model *model, int kind, int layer, int type, int part,
                              int64_t offset, int32_t rows, int32_t columns);

/* Repacks all weights. On failure `where` gets kind and layer of the tensor. */
HR_EXPORT int hr_model_build(hr_model *model, int threads, int32_t *where);

HR_EXPORT int64_t hr_model_bytes(const hr_model *model);

HR_EXPORT void hr_model_free(hr_model *model);

/* A LoRA adapter's file, mapped. NULL without file or memory. The model must outlive it. */
HR_EXPORT hr_adapter *hr_adapter_new(const hr_model *model, const char *path);

/*
 * Takes what the adapter adds to a tensor of a layer: scale * up * (down * inputs). `down` has
 * `rank` rows of the tensor's inputs, `up` has the tensor's rows of `rank`. Rounds to halves.
 */
HR_EXPORT int hr_adapter_pair(hr_adapter *adapter, int kind, int layer, int rank, float scale,
                              int down_type, int64_t down_offset, int up_type, int64_t up_offset);

HR_EXPORT void hr_adapter_free(hr_adapter *adapter);

/* bits: of a number of keys and values, 16 or, where heads are a multiple of 32 wide, 8; cells:
 * tokens of keys and values of all sequences; positions: the most tokens of one; rows and outputs:
 * the most of a step. NULL without memory. */
HR_EXPORT hr_context *hr_context_new(const hr_model *model, int bits, int cells, int positions,
                                     int sequences, int rows, int outputs, int threads);

HR_EXPORT void hr_context_free(hr_context *context);

/* Gives an empty sequence the first tokens of another; no data is copied. */
HR_EXPORT int hr_fork(hr_context *context, int source, int target, int length);

/* Cuts a sequence; 0 frees it. */
HR_EXPORT int hr_truncate(hr_context *context, int sequence, int length);

/* Changes the number of threads of the steps to come. */
HR_EXPORT int hr_use_threads(hr_context *context, int threads);

/* Computes the steps to come with an adapter, or with none; sequences keep what they hold. */
HR_EXPORT int hr_use_adapter(hr_context *context, const hr_adapter *adapter);

/*
 * Computes rows. A row with parent HR_STAYS is appended to its sequence; others are nodes of trees
 * that are forgotten: their parent is a row before them, or -1 for the end of the sequence.
 * Sequences whose rows fail are to be freed.
 */
enum { HR_STAYS = -2 };
HR_EXPORT int hr_step(hr_context *context, int rows, const int32_t *tokens,
                      const int32_t *sequences, const int32_t *positions, const int32_t *parents,
                      const int8_t *outputs);

/* The logits of the last step, one row of floats for each output, `stride` apart. */
HR_EXPORT const float *hr_logits(const hr_context *context, int output);

/*
 * The place of the largest of `count` floats, the first of equals; of those whose bits are set in
 * `allowed`, where it is given: 64 to a word, the lowest first. HR_BAD_ARGUMENT where none is
 * allowed, HR_NOT_FINITE where one that is allowed is no number or infinite; minus infinity may be.
 */
HR_EXPORT int hr_row_largest(const float *row, int count, const uint64_t *allowed);

/* log of the sum of e^x; NaN where one is no number or infinite. */
HR_EXPORT double hr_row_log_sum(const float *row, int count);

#endif
