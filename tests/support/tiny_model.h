/* What the model tests share: a random-weight GGUF opened, token sequences, a recorder of rows. */
#ifndef FR_TESTS_TINY_MODEL_H
#define FR_TESTS_TINY_MODEL_H

#include "model/model.h"
#include "support/random_gguf.h"

/* A fresh file name in the current directory. */
const char *fr_tiny_path(char out[64]);

/* 4 slots, 256 tokens, chunks of 64, 1 thread, no flash attention, deterministic. */
struct fr_model_options fr_tiny_options(void);

/* Writes, opens and unlinks the file; fails the test when that does not work. */
struct fr_model *fr_tiny_open(const struct fr_random_gguf *gguf,
                              const struct fr_model_options *options);

/* n reproducible tokens of the model's words. */
void fr_tiny_tokens(const struct fr_model *model, uint64_t seed, int n, int32_t *out);

/* Taps of all positions [start, start + n) at all layers after the block, rows kept; further sites
 * by plan.layers[site] = layers. */
struct fr_tiny_rows {
    int n_layers, width, start, n;
    int32_t *positions;
    bool *layers;
    float *h; /* [site][n_layers + 1][n][D], layer 0 unused */
    int n_seen;
    struct fr_tap_plan plan;
};
struct fr_tiny_rows *fr_tiny_rows_new(const struct fr_model *model, int start, int n);
void fr_tiny_rows_free(struct fr_tiny_rows *rows);
float *fr_tiny_row(const struct fr_tiny_rows *rows, int layer, int position); /* FR_SITE_BLOCK */
float *fr_tiny_site_row(const struct fr_tiny_rows *rows, int site, int layer, int position);

/* Edits at every pair of the given positions and layers, vectors cycling; sorted. */
void fr_tiny_edits(struct fr_edit_plan *plan, const struct fr_edit *like, const int32_t *positions,
                   int n_positions, const int16_t *layers, int n_layers);
/* n_vectors x width normal numbers; caller frees. */
float *fr_tiny_vectors(uint64_t seed, int n_vectors, int width);

#endif
