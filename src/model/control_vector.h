/* A control vector as llama.cpp's tools read it (--control-vector): a GGUF of one direction for
 * each layer, which they add to every row of the residual stream, scaled:
 *
 *     h' = h + scale * direction
 *
 * This is FR_EDIT_ADD at every position instead of at mentions. llama.cpp counts blocks from 0 and
 * has no direction for the first: direction.N is what is added after our layer N + 1. */
#ifndef FR_MODEL_CONTROL_VECTOR_H
#define FR_MODEL_CONTROL_VECTOR_H

#include "base/error.h"

struct fr_control_vector {
    const char *architecture; /* of the model: "qwen2" */
    int n_layers, width;
    const int *layers; /* [n_layers] ascending, from 2 */
    const float *rows; /* [n_layers][D] */
    int n_facts;
    const char *const (*facts)[2]; /* key, value: what is told beside */
};

/* Whole or not at all. FR_E_INPUT: layer 1 is among them; FR_E_IO. */
FR_CHECKED int fr_control_vector_save(const char *path, const struct fr_control_vector *vector,
                                      struct fr_error *err);

#endif
