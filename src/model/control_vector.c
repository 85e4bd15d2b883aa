/* Directions -> GGUF; see control_vector.h. */
#include "model/control_vector.h"

#include <errno.h>
#include <ggml.h>
#include <gguf.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

static int write_all(struct gguf_context *gguf, const struct fr_control_vector *v, FILE *out,
                     const char *path, struct fr_error *err) {
    static const char zeros[64];
    const size_t n = gguf_get_meta_size(gguf), row = (size_t)v->width * sizeof *v->rows;
    const size_t alignment = gguf_get_alignment(gguf);
    const size_t rest = (alignment - row % alignment) % alignment;
    FR_ASSERT(rest <= sizeof zeros);
    void *header = fr_alloc(n, 1);
    gguf_get_meta_data(gguf, header);
    bool whole = fwrite(header, 1, n, out) == n;
    free(header);
    for (int i = 0; i < v->n_layers && whole; i++)
        whole = fwrite(v->rows + (size_t)i * (size_t)v->width, 1, row, out) == row &&
                fwrite(zeros, 1, rest, out) == rest;
    return whole ? FR_OK : fr_file_fail(err, path, errno);
}

int fr_control_vector_save(const char *path, const struct fr_control_vector *v,
                           struct fr_error *err) {
    FILE *out;
    for (int i = 0; i < v->n_layers; i++)
        if (v->layers[i] < 2)
            return fr_fail(err, FR_E_INPUT,
                           "layer %d: llama.cpp's control vectors have none for the first block; "
                           "layers from 2 on",
                           v->layers[i]);
    for (int i = 0; i < v->n_layers * v->width; i++)
        if (!isfinite(v->rows[i]))
            return fr_fail(err, FR_E_INPUT,
                           "layer %d: the vector is beyond the range of its numbers (float32); "
                           "give it less strength",
                           v->layers[i / v->width]);
    int code = fr_file_create(&out, path, err);
    if (code != FR_OK)
        return code;
    struct gguf_context *gguf = gguf_init_empty();
    struct ggml_context *tensors = ggml_init(
        (struct ggml_init_params){.mem_size = ((size_t)v->n_layers + 1) * ggml_tensor_overhead(),
                                  .no_alloc = true});
    gguf_set_val_str(gguf, "general.architecture", "controlvector");
    gguf_set_val_str(gguf, "controlvector.model_hint", v->architecture);
    gguf_set_val_u32(gguf, "controlvector.layer_count", (uint32_t)v->n_layers);
    for (int i = 0; i < v->n_facts; i++)
        gguf_set_val_str(gguf, v->facts[i][0], v->facts[i][1]);
    for (int i = 0; i < v->n_layers; i++) {
        char name[32];
        struct ggml_tensor *t = ggml_new_tensor_1d(tensors, GGML_TYPE_F32, v->width);
        (void)snprintf(name, sizeof name, "direction.%d", v->layers[i] - 1);
        ggml_set_name(t, name);
        gguf_add_tensor(gguf, t);
    }
    code = write_all(gguf, v, out, path, err);
    ggml_free(tensors);
    gguf_free(gguf);
    if (code == FR_OK)
        return fr_file_commit(out, path, err);
    fr_file_discard(out, path);
    return code;
}
