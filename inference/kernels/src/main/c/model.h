/* A model: its shape and its weights, packed for one instruction set. Read only once built. */
#ifndef HEADRACE_MODEL_H
#define HEADRACE_MODEL_H

#include "headrace.h"
#include "kernels.h"
#include "weights.h"

typedef struct {
    int layers;
    int width;      /* of the hidden state */
    int heads;      /* of queries */
    int kv_heads;   /* of keys and values; divides heads */
    int head_width; /* a multiple of 16 */
    int rotary;     /* numbers of a head that are rotated, even */
    int feed_forward;
    int vocabulary;
    int neighbours; /* 1: the file rotates neighbours, 0: halves */
    float epsilon;
    float rotary_base;
    float rotary_scale;     /* of positions where they are stretched */
    float rotary_magnitude; /* of rotated queries and keys */
    float ramp_from;        /* pairs up to it are not stretched, those from ramp_to on are, whole */
    float ramp_to;
} hr_shape;

/* The tensors of a model; the order is the Java side's. */
typedef enum {
    HR_EMBEDDING, HR_OUTPUT_NORM, HR_OUTPUT, HR_ROTARY_FACTORS, HR_ATTENTION_NORM, HR_QUERY,
    HR_KEY, HR_VALUE, HR_ATTENTION_OUTPUT, HR_FEED_NORM, HR_GATE, HR_UP, HR_DOWN, HR_QUERY_BIAS,
    HR_KEY_BIAS, HR_VALUE_BIAS, HR_QUERY_NORM, HR_KEY_NORM, HR_TENSORS
} hr_tensor_kind;

typedef struct {
    int type;
    const uint8_t *data; /* in a mapped file; NULL where the model has none */
    int rows;
    int columns;
} hr_tensor;

typedef struct {
    hr_tensor tensors[HR_TENSORS];
    float *attention_norm;
    float *feed_norm;
    float *query_norm; /* NULL where there is none; so are the key's and the biases */
    float *key_norm;
    float *biases; /* of queries, keys, values */
    hr_matrix qkv;
    hr_matrix attention_output;
    hr_matrix gate_up; /* panels take turns */
    hr_matrix down;
} hr_layer;

typedef struct {
    const uint8_t *data;
    size_t bytes;
} hr_mapping;

struct hr_model {
    const hr_isa *isa;
    hr_shape shape;
    hr_tensor tensors[HR_TENSORS]; /* those of no layer */
    hr_layer *layers;
    float *output_norm;
    float *frequencies; /* of rotation, for each pair */
    hr_matrix head;
    hr_mapping *files; /* of a split model, its parts */
    int file_count;
};

/* Maps a whole file, to read. Returns 0 or HR_NO_FILE. */
int hr_map(hr_mapping *mapping, const char *path);

void hr_unmap(hr_mapping *mapping);

/* Where rows of a ggml type lie in a file, or NULL where the file is too short for them. */
const uint8_t *hr_mapped(const hr_mapping *mapping, int type, int64_t offset, int rows,
                         int columns);

/* Numbers of a row of queries, keys and values. */
static inline int hr_qkv_width(const hr_shape *shape) {
    return (shape->heads + 2 * shape->kv_heads) * shape->head_width;
}

#endif
