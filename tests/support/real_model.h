/* Models for tests that are no random weights: SmolLM2 when `make real-model` has put it in the
 * cache, and any GGUF as the same model in single precision. */
#ifndef FR_TESTS_REAL_MODEL_H
#define FR_TESTS_REAL_MODEL_H

#include "base/error.h"

/* The file that FR_REAL_MODEL names; else SmolLM2-135M-Instruct's GGUF in the cache of
 * scripts/setup, or NULL when it is not there, which has then been said; the caller calls skip().
 * Tests never download. */
const char *fr_real_model_path(void);

/* Writes the model of GGUF file `from` to `to` with every tensor dequantised to F32: what is left
 * between its rows and an independent pass is then arithmetic alone. */
FR_CHECKED int fr_gguf_dequantize(const char *from, const char *to, struct fr_error *err);

#endif
