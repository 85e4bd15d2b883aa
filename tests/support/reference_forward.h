/* An independent forward pass of a small transformer (GGUF architectures qwen2 and llama), in
 * plain C and double precision, one position at a time: what libllama's rows are compared with.
 * It shares nothing with src/model/ but the file format and the names of sites. */
#ifndef FR_TESTS_REFERENCE_FORWARD_H
#define FR_TESTS_REFERENCE_FORWARD_H

#include <stdint.h>

#include "base/error.h"
#include "model/model.h"

struct fr_reference {
    int n_layers, width, n_heads, n_heads_kv, head, n_ff, n_vocab, n_rows;
    int rope_neighbours; /* llama rotates (0,1),(2,3)..; qwen2 (0,h/2),(1,h/2+1).. */
    double epsilon, rope_base;
    struct fr_reference_layer *layers;
    double *embedding /* [V][D] */, *output /* [V][D] */, *output_norm /* [D] */;
    double *rows;            /* [n_layers + 1][n][D] after fr_reference_run; 0 is the embedding */
    double *attention, *mlp; /* [n_layers][n][D] what each adds to the row */
    double *heads;           /* [n_layers][n][D] what the heads give before they are added up */
    double *weights;         /* [n_layers][n][n_heads][n] the softmax's */
    double *logits;          /* [n][V] */
};

/* Reads and dequantises the weights. */
FR_CHECKED int fr_reference_load(struct fr_reference *reference, const char *path,
                                 struct fr_error *err);
void fr_reference_release(struct fr_reference *reference);

/* Called on every row of the residual stream after its block; may change it. */
typedef void (*fr_reference_edit)(void *user, int layer, int position, double *h /* [D] */);
void fr_reference_run(struct fr_reference *reference, const int32_t *tokens, int n,
                      fr_reference_edit edit, void *user);
/* At FR_SITE_ATTENTION or FR_SITE_MLP. */
const double *fr_reference_part(const struct fr_reference *reference, int site, int layer,
                                int position);
const double *fr_reference_heads(const struct fr_reference *reference, int layer, int position);
/* [n_heads][n] */
const double *fr_reference_weights(const struct fr_reference *reference, int layer, int position);
const double *fr_reference_row(const struct fr_reference *reference, int layer, int position);

#endif
