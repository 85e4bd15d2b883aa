/* The yardstick of `fluidrep bench`: the same weights run by the plain C API of libllama, with no
 * graph callback, no slots kept constant, no argmax: what llama-batched-bench does. Not for
 * results. */
#ifndef FR_MODEL_PLAIN_H
#define FR_MODEL_PLAIN_H

#include "model/model.h"

struct fr_plain;

/* A second context on the weights of an open model, with its options (context_tokens, chunk_tokens,
 * threads, flash_attention, kv_type) and n_sequences sequences. Close it before the model.
 * FR_E_INPUT when the model is no GGUF's; FR_E_MODEL when there is no room. */
FR_CHECKED int fr_plain_open(struct fr_plain **out, const struct fr_model *model, int n_sequences,
                             struct fr_error *err);
void fr_plain_close(struct fr_plain *plain); /* NULL is fine */
/* Empties every sequence, then computes the first n tokens of sequences 0..n_used-1: all in one
 * batch that is cut every chunk_tokens, or one sequence at a time, so that none is cut in two by
 * another's chunk. Which is faster depends on the machine. Logits of the last token of each if
 * want_next. */
FR_CHECKED int fr_plain_prefill(struct fr_plain *plain, const int32_t *tokens /* [n_used][n] */,
                                int n_used, int n, bool together, bool want_next,
                                struct fr_error *err);
/* Sequence 0's content becomes that of every other. */
void fr_plain_copy(struct fr_plain *plain);
/* One token of every sequence at the position, logits of each. */
FR_CHECKED int fr_plain_decode(struct fr_plain *plain, const int32_t *tokens /* [n_sequences] */,
                               int position, struct fr_error *err);

#endif
