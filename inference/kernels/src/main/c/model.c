/* Loading: mapped tensors become packed matrices, panel by panel on all threads. */
#include "model.h"

#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool.h"

int hr_version(void) { return HR_VERSION; }

const char *hr_instruction_set(const char *name) {
    const hr_isa *isa = hr_isa_find(name);
    return isa == NULL ? NULL : isa->name;
}

static int is_possible(const hr_shape *s) {
    const int most = 1 << 24;
    return s->layers >= 1 && s->layers <= 4096 && s->width >= 1 && s->width <= most
        && s->kv_heads >= 1 && s->heads >= s->kv_heads && s->heads <= 4096
        && s->heads % s->kv_heads == 0 && s->head_width >= 16 && s->head_width <= 1024
        && s->head_width % 16 == 0 && s->rotary >= 0 && s->rotary <= s->head_width
        && s->rotary % 2 == 0 && s->feed_forward >= 1 && s->feed_forward <= most
        && s->vocabulary >= 1 && s->vocabulary <= most && s->epsilon >= 0
        && s->rotary_base > 0 && s->rotary_scale > 0 && isfinite(s->rotary_magnitude)
        && isfinite(s->ramp_from) && isfinite(s->ramp_to);
}

hr_model *hr_model_new(const char *name, const int32_t *shape, const float *numbers) {
    const hr_isa *isa = hr_isa_find(name);
    hr_model *model = calloc(1, sizeof *model);
    if (isa == NULL || model == NULL) {
        free(model);
        return NULL;
    }
    model->isa = isa;
    model->shape = (hr_shape){shape[0], shape[1], shape[2], shape[3], shape[4], shape[5],
                              shape[6], shape[7], shape[8], numbers[0], numbers[1], numbers[2],
                              numbers[3], numbers[4], numbers[5]};
    if (is_possible(&model->shape)) {
        model->layers = calloc((size_t)model->shape.layers, sizeof *model->layers);
    }
    if (model->layers == NULL) {
        free(model);
        return NULL;
    }
    return model;
}

int hr_map(hr_mapping *mapping, const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    void *data = MAP_FAILED;
    if (file >= 0 && fstat(file, &status) == 0 && status.st_size > 0) {
        data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, file, 0);
    }
    if (file >= 0) {
        close(file);
    }
    if (data == MAP_FAILED) {
        return HR_NO_FILE;
    }
    *mapping = (hr_mapping){data, (size_t)status.st_size};
    return 0;
}

void hr_unmap(hr_mapping *mapping) {
    if (mapping->data != NULL) {
        munmap((void *)(uintptr_t)mapping->data, mapping->bytes);
        mapping->data = NULL;
    }
}

const uint8_t *hr_mapped(const hr_mapping *mapping, int type, int64_t offset, int rows,
                         int columns) {
    size_t row = rows < 1 ? 0 : hr_row_bytes(type, columns);
    if (row == 0 || offset < 0 || (size_t)offset > mapping->bytes
            || (mapping->bytes - (size_t)offset) / row < (size_t)rows) {
        return NULL;
    }
    return mapping->data + offset;
}

int hr_model_map(hr_model *model, const char *path) {
    size_t bytes = ((size_t)model->file_count + 1) * sizeof *model->files;
    hr_mapping *files = realloc(model->files, bytes);
    if (files == NULL) {
        return HR_NO_MEMORY;
    }
    model->files = files;
    int code = hr_map(&files[model->file_count], path);
    model->file_count += code == 0;
    return code;
}

int hr_model_tensor(hr_model *model, int kind, int layer, int type, int part, int64_t offset,
                    int32_t rows, int32_t columns) {
    if (kind < 0 || kind >= HR_TENSORS || layer < -1 || layer >= model->shape.layers || part < 0
            || part >= model->file_count) {
        return HR_BAD_ARGUMENT;
    }
    const uint8_t *data = hr_mapped(&model->files[part], type, offset, rows, columns);
    hr_tensor *tensors = layer < 0 ? model->tensors : model->layers[layer].tensors;
    tensors[kind] = (hr_tensor){type, data, rows, columns};
    return data == NULL ? HR_BAD_ARGUMENT : 0;
}

/* One matrix and the tensors that it is packed from. */
typedef struct {
    hr_matrix *matrix;
    hr_part parts[3];
    int part_count;
    const hr_isa *isa;
    float *scratch[HR_MOST_THREADS];
    atomic_int failed;
} packing;

static void pack_task(void *context, int task, int worker) {
    packing *all = context;
    for (int i = 0; i < all->part_count; i++) {
        int panels = (all->parts[i].rows + HR_PANEL - 1) / HR_PANEL;
        if (task < panels) {
            int code = hr_pack_panel(all->matrix, &all->parts[i], task, all->isa->weight_offset,
                                     all->scratch[worker]);
            if (code != 0) {
                atomic_store(&all->failed, 1);
            }
            return;
        }
        task -= panels;
    }
}

static int pack(packing *all, int threads) {
    int panels = 0, inputs = all->parts[0].columns;
    hr_bits bits = HR_INT4;
    for (int i = 0; i < all->part_count; i++) {
        panels += (all->parts[i].rows + HR_PANEL - 1) / HR_PANEL;
        bits = hr_packed_bits(all->parts[i].type) == HR_INT8 ? HR_INT8 : bits;
    }
    if (hr_matrix_allocate(all->matrix, panels, inputs, bits) != 0) {
        return HR_NO_MEMORY;
    }
    size_t scratch = hr_round_up((size_t)inputs, HR_GROUP) * sizeof(float);
    int code = 0;
    for (int i = 0; i < threads; i++) {
        all->scratch[i] = malloc(scratch);
        code = all->scratch[i] == NULL ? HR_NO_MEMORY : code;
    }
    if (code == 0) {
        hr_pool_run(threads, panels, pack_task, all);
        code = atomic_load(&all->failed) ? HR_NOT_FINITE : 0;
    }
    for (int i = 0; i < threads; i++) {
        free(all->scratch[i]);
    }
    return code;
}

static hr_part part_of(const hr_tensor *tensor, int first_panel, int panel_step) {
    return (hr_part){tensor->type, tensor->data, tensor->rows, tensor->columns, first_panel,
                     panel_step, 0, 0};
}

static int has_shape(const hr_tensor *tensor, int rows, int columns) {
    return tensor->data != NULL && tensor->rows == rows && tensor->columns == columns;
}

/* What is being built, and where it failed. */
typedef struct {
    hr_model *model;
    int threads;
    int32_t *where;
} building;

static int fail(const building *b, int code, int kind, int layer) {
    b->where[0] = kind;
    b->where[1] = layer;
    return code;
}

static int pack_one(const building *b, hr_matrix *to, const hr_tensor *tensors, int kind, int layer,
                    int rows, int columns) {
    if (!has_shape(&tensors[kind], rows, columns)) {
        return fail(b, HR_MISSING_TENSOR, kind, layer);
    }
    packing all = {.matrix = to, .part_count = 1, .isa = b->model->isa};
    all.parts[0] = part_of(&tensors[kind], 0, 1);
    int code = pack(&all, b->threads);
    return code == 0 ? 0 : fail(b, code, kind, layer);
}

static int pack_qkv(const building *b, hr_layer *layer, int number) {
    const hr_shape *s = &b->model->shape;
    packing all = {.matrix = &layer->qkv, .part_count = 3, .isa = b->model->isa};
    int panel = 0;
    for (int i = 0; i < 3; i++) {
        int heads = i == 0 ? s->heads : s->kv_heads;
        const hr_tensor *tensor = &layer->tensors[HR_QUERY + i];
        if (!has_shape(tensor, heads * s->head_width, s->width)) {
            return fail(b, HR_MISSING_TENSOR, HR_QUERY + i, number);
        }
        all.parts[i] = part_of(tensor, panel, 1);
        if (s->neighbours && i < 2) {
            all.parts[i].head_width = s->head_width;
            all.parts[i].rotary = s->rotary;
        }
        panel += heads * s->head_width / HR_PANEL;
    }
    int code = pack(&all, b->threads);
    return code == 0 ? 0 : fail(b, code, HR_QUERY, number);
}

static int pack_gate_up(const building *b, hr_layer *layer, int number) {
    const hr_shape *s = &b->model->shape;
    packing all = {.matrix = &layer->gate_up, .part_count = 2, .isa = b->model->isa};
    for (int i = 0; i < 2; i++) {
        const hr_tensor *tensor = &layer->tensors[HR_GATE + i];
        if (!has_shape(tensor, s->feed_forward, s->width)) {
            return fail(b, HR_MISSING_TENSOR, HR_GATE + i, number);
        }
        all.parts[i] = part_of(tensor, i, 2);
    }
    int code = pack(&all, b->threads);
    return code == 0 ? 0 : fail(b, code, HR_GATE, number);
}

/* Copies a vector of finite floats behind others, padded with zeros to whole groups. */
static int take_vector(const building *b, float **to, const hr_tensor *tensors, int kind,
                       int layer, int length) {
    const hr_tensor *tensor = &tensors[kind];
    if (!has_shape(tensor, 1, length) || tensor->type != 0) {
        return fail(b, HR_MISSING_TENSOR, kind, layer);
    }
    *to = calloc(hr_round_up((size_t)length, HR_GROUP), sizeof **to);
    if (*to == NULL) {
        return fail(b, HR_NO_MEMORY, kind, layer);
    }
    memcpy(*to, tensor->data, (size_t)length * sizeof **to);
    for (int i = 0; i < length; i++) {
        if (!isfinite((*to)[i])) {
            return fail(b, HR_NOT_FINITE, kind, layer);
        }
    }
    return 0;
}

static int take_biases(const building *b, hr_layer *layer, int number) {
    const hr_shape *s = &b->model->shape;
    layer->biases = calloc((size_t)hr_qkv_width(s), sizeof *layer->biases);
    if (layer->biases == NULL) {
        return fail(b, HR_NO_MEMORY, HR_QUERY_BIAS, number);
    }
    float *to = layer->biases;
    for (int i = 0; i < 3; i++) {
        int length = (i == 0 ? s->heads : s->kv_heads) * s->head_width;
        float *bias = NULL;
        int code = take_vector(b, &bias, layer->tensors, HR_QUERY_BIAS + i, number, length);
        if (code == 0) {
            memcpy(to, bias, (size_t)length * sizeof *to);
        }
        free(bias);
        if (code != 0) {
            return code;
        }
        to += length;
    }
    return 0;
}

static int build_layer(const building *b, int number) {
    const hr_shape *s = &b->model->shape;
    hr_layer *layer = &b->model->layers[number];
    const hr_tensor *t = layer->tensors;
    int code = take_vector(b, &layer->attention_norm, t, HR_ATTENTION_NORM, number, s->width);
    code = code ? code : take_vector(b, &layer->feed_norm, t, HR_FEED_NORM, number, s->width);
    if (code == 0 && t[HR_QUERY_NORM].data != NULL) {
        code = take_vector(b, &layer->query_norm, t, HR_QUERY_NORM, number, s->head_width);
        code = code ? code
                    : take_vector(b, &layer->key_norm, t, HR_KEY_NORM, number, s->head_width);
    }
    if (code == 0 && t[HR_QUERY_BIAS].data != NULL) {
        code = take_biases(b, layer, number);
    }
    code = code ? code : pack_qkv(b, layer, number);
    code = code ? code
                : pack_one(b, &layer->attention_output, t, HR_ATTENTION_OUTPUT, number, s->width,
                           s->heads * s->head_width);
    code = code ? code : pack_gate_up(b, layer, number);
    return code ? code
                : pack_one(b, &layer->down, t, HR_DOWN, number, s->width, s->feed_forward);
}

/* Embeddings that are no head are not packed, and so not checked there. */
static int check_embedding(const building *b) {
    const hr_tensor *tensor = &b->model->tensors[HR_EMBEDDING];
    const hr_shape *s = &b->model->shape;
    if (!has_shape(tensor, s->vocabulary, s->width)) {
        return fail(b, HR_MISSING_TENSOR, HR_EMBEDDING, -1);
    }
    if (b->model->tensors[HR_OUTPUT].data == NULL) {
        return 0;
    }
    float *row = malloc((size_t)s->width * sizeof *row);
    int code = row == NULL ? fail(b, HR_NO_MEMORY, HR_EMBEDDING, -1) : 0;
    for (int i = 0; code == 0 && i < tensor->rows; i++) {
        hr_row_to_floats(tensor->type,
                         tensor->data + (size_t)i * hr_row_bytes(tensor->type, s->width), s->width,
                         row);
        for (int k = 0; k < s->width; k++) {
            code = isfinite(row[k]) ? code : fail(b, HR_NOT_FINITE, HR_EMBEDDING, -1);
        }
    }
    free(row);
    return code;
}

/* How much a pair's positions are stretched: by rotary_scale, not, or in between. */
static double stretching(const hr_shape *s, int pair) {
    double steps = fmax(0.001, (double)s->ramp_to - s->ramp_from);
    double stretched = fmin(1, fmax(0, (pair - (double)s->ramp_from) / steps));
    return s->rotary_scale * stretched + (1 - stretched);
}

static int take_frequencies(const building *b) {
    hr_model *model = b->model;
    int pairs = model->shape.rotary / 2;
    float *factors = NULL;
    model->frequencies = malloc(((size_t)pairs + 1) * sizeof *model->frequencies);
    if (model->frequencies == NULL) {
        return fail(b, HR_NO_MEMORY, HR_ROTARY_FACTORS, -1);
    }
    if (model->tensors[HR_ROTARY_FACTORS].data != NULL) {
        int code = take_vector(b, &factors, model->tensors, HR_ROTARY_FACTORS, -1, pairs);
        if (code != 0) {
            free(factors);
            return code;
        }
    }
    for (int i = 0; i < pairs; i++) {
        double frequency = pow(model->shape.rotary_base, -2.0 * i / model->shape.rotary);
        double factor = factors == NULL ? 1 : factors[i];
        model->frequencies[i] = (float)(frequency * stretching(&model->shape, i) / factor);
        if (!isfinite(model->frequencies[i])) {
            free(factors);
            return fail(b, HR_NOT_FINITE, HR_ROTARY_FACTORS, -1);
        }
    }
    free(factors);
    return 0;
}

int hr_model_build(hr_model *model, int threads, int32_t *where) {
    const hr_shape *s = &model->shape;
    threads = threads < 1 ? 1 : threads > HR_MOST_THREADS ? HR_MOST_THREADS : threads;
    building b = {model, threads, where};
    int head = model->tensors[HR_OUTPUT].data != NULL ? HR_OUTPUT : HR_EMBEDDING;
    int code = check_embedding(&b);
    code = code ? code : take_frequencies(&b);
    code = code ? code
                : take_vector(&b, &model->output_norm, model->tensors, HR_OUTPUT_NORM, -1, s->width);
    code = code ? code
                : pack_one(&b, &model->head, model->tensors, head, -1, s->vocabulary, s->width);
    for (int i = 0; code == 0 && i < s->layers; i++) {
        code = build_layer(&b, i);
    }
    return code;
}

static int64_t matrix_bytes(const hr_matrix *matrix) {
    return (int64_t)matrix->panels * (int64_t)matrix->panel_bytes;
}

int64_t hr_model_bytes(const hr_model *model) {
    int64_t bytes = matrix_bytes(&model->head);
    for (int i = 0; i < model->shape.layers; i++) {
        const hr_layer *layer = &model->layers[i];
        bytes += matrix_bytes(&layer->qkv) + matrix_bytes(&layer->attention_output)
            + matrix_bytes(&layer->gate_up) + matrix_bytes(&layer->down);
    }
    return bytes;
}

void hr_model_free(hr_model *model) {
    if (model == NULL) {
        return;
    }
    for (int i = 0; i < model->shape.layers; i++) {
        hr_layer *layer = &model->layers[i];
        free(layer->attention_norm);
        free(layer->feed_norm);
        free(layer->query_norm);
        free(layer->key_norm);
        free(layer->biases);
        hr_matrix_free(&layer->qkv);
        hr_matrix_free(&layer->attention_output);
        hr_matrix_free(&layer->gate_up);
        hr_matrix_free(&layer->down);
    }
    for (int i = 0; i < model->file_count; i++) {
        hr_unmap(&model->files[i]);
    }
    free(model->files);
    free(model->layers);
    free(model->output_norm);
    free(model->frequencies);
    hr_matrix_free(&model->head);
    free(model);
}
