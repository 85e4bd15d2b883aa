/* See tiny_model.h. */
#include "support/tiny_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/rng.h"
#include "support/test.h"

const char *fr_tiny_path(char out[64]) {
    static int count;
    (void)snprintf(out, 64, "random-%d-%d.gguf", (int)getpid(), count++);
    return out;
}

struct fr_model_options fr_tiny_options(void) {
    struct fr_model_options options = fr_model_options_defaults();
    options.n_slots = 4;
    options.context_tokens = 256;
    options.chunk_tokens = 64;
    options.threads = 1;
    return options;
}

struct fr_model *fr_tiny_open(const struct fr_random_gguf *gguf,
                              const struct fr_model_options *options) {
    struct fr_error err = {0};
    struct fr_model *model = NULL;
    struct fr_model_options with_path = *options;
    char path[64];
    with_path.path = fr_tiny_path(path);
    assert_ok(fr_random_gguf_write(path, gguf, &err), err);
    const int status = fr_model_open(&model, &with_path, &err);
    (void)unlink(path);
    assert_ok(status, err);
    return model;
}

void fr_tiny_tokens(const struct fr_model *model, uint64_t seed, int n, int32_t *out) {
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, 77);
    for (int i = 0; i < n; i++)
        out[i] = (int32_t)fr_rng_below(&rng, (uint32_t)fr_model_info(model)->n_vocab);
}

float *fr_tiny_site_row(const struct fr_tiny_rows *rows, int site, int layer, int position) {
    const size_t of_layer = (size_t)(site * (rows->n_layers + 1) + layer);
    return rows->h +
           (of_layer * (size_t)rows->n + (size_t)(position - rows->start)) * (size_t)rows->width;
}

float *fr_tiny_row(const struct fr_tiny_rows *rows, int layer, int position) {
    return fr_tiny_site_row(rows, FR_SITE_BLOCK, layer, position);
}

static void keep_row(void *user, int site, int layer, int position, const float *h) {
    struct fr_tiny_rows *rows = user;
    assert_in_range(layer, 1, (unsigned)rows->n_layers);
    assert_in_range(position, (unsigned)rows->start, (unsigned)(rows->start + rows->n - 1));
    memcpy(fr_tiny_site_row(rows, site, layer, position), h, (size_t)rows->width * sizeof *h);
    rows->n_seen++;
}

struct fr_tiny_rows *fr_tiny_rows_new(const struct fr_model *model, int start, int n) {
    struct fr_tiny_rows *rows = fr_alloc(1, sizeof *rows);
    rows->n_layers = fr_model_info(model)->n_layers;
    rows->width = fr_model_info(model)->width;
    rows->start = start;
    rows->n = n;
    rows->positions = fr_alloc((size_t)n, sizeof *rows->positions);
    rows->layers = fr_alloc((size_t)rows->n_layers + 1, sizeof *rows->layers);
    rows->h =
        fr_alloc((size_t)(FR_STREAM_SITES * (rows->n_layers + 1)) * (size_t)n * (size_t)rows->width,
                 sizeof *rows->h);
    for (int i = 0; i < n; i++)
        rows->positions[i] = start + i;
    for (int layer = 1; layer <= rows->n_layers; layer++)
        rows->layers[layer] = true;
    rows->plan = (struct fr_tap_plan){.n_positions = n,
                                      .positions = rows->positions,
                                      .layers[FR_SITE_BLOCK] = rows->layers,
                                      .row = keep_row,
                                      .user = rows};
    return rows;
}

void fr_tiny_rows_free(struct fr_tiny_rows *rows) {
    free(rows->positions);
    free(rows->layers);
    free(rows->h);
    free(rows);
}

void fr_tiny_edits(struct fr_edit_plan *plan, const struct fr_edit *like, const int32_t *positions,
                   int n_positions, const int16_t *layers, int n_layers) {
    for (int p = 0; p < n_positions; p++)
        for (int l = 0; l < n_layers; l++) {
            struct fr_edit edit = *like;
            edit.position = positions[p];
            edit.layer = layers[l];
            edit.vector = (p + l) % plan->n_vectors;
            fr_edit_plan_append(plan, &edit);
        }
}

float *fr_tiny_vectors(uint64_t seed, int n_vectors, int width) {
    const size_t n = (size_t)n_vectors * (size_t)width;
    float *vectors = fr_alloc(n, sizeof *vectors);
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, 99);
    for (size_t i = 0; i < n; i++)
        vectors[i] = (float)fr_rng_normal(&rng);
    return vectors;
}
