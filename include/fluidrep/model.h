/* libfluidrep: a GGUF model whose residual stream can be read and written.
 *
 * Layers are 1..n, layer L is what stands after llama.cpp's block L - 1; positions count from 0 in
 * each slot; a row is `width` floats. A model has independent slots that decode together, and one
 * more, FLUIDREP_STEM, that holds a prefix for copying. Edits happen in prefill: generation after
 * it reads what was edited.
 *
 * A handle is used by one thread at a time; siblings share its weights and are used at once. Arrays
 * are the caller's and only read or written during the call. */
#ifndef FLUIDREP_MODEL_H
#define FLUIDREP_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fluidrep_model fluidrep_model;
typedef struct fluidrep_tokens fluidrep_tokens;
typedef struct fluidrep_edits fluidrep_edits;

enum { FLUIDREP_STEM = -1 };

/* Opens a GGUF. options: NULL, or "key=value,key=value" of
 *     slots             16    sequences decoded together
 *     context_tokens    4096  of each, or what the model was trained for where that is less
 *     chunk_tokens      512   a prefill goes in chunks of so many
 *     threads           0     all cores
 *     gpu_layers        0     -1: all
 *     flash_attention   0     1: faster for large models; rows then depend on chunk_tokens
 *     kv_type           f16   or bf16; f32: without flash attention; q8_0, q4_0: with it
 *     deterministic     1     bits do not depend on slots, or opening is refused
 *     vocabulary_only   0     1: tokens and text only, no weights are read
 *     chat_template           the file's own; a file of Jinja, a name such as chatml, or none
 *     reasoning         auto  tags or none: does the model reason before it answers?
 * These are a configuration's defaults. The most exact rows: flash_attention=0,kv_type=f32; with f16
 * the organism's are off by 0.006 of their norm (median; 0.018 at most).
 * A file that was not opened before is tried in a child process, which is forked for that. *out is
 * NULL on failure; close it with fluidrep_model_close. */
FLUIDREP_API int fluidrep_model_open(fluidrep_model **out, const char *path, const char *options);
/* A second handle on the same weights, with slots of its own, for another thread. */
FLUIDREP_API int fluidrep_model_sibling(fluidrep_model **out, fluidrep_model *of, int threads);
FLUIDREP_API void fluidrep_model_close(fluidrep_model *model); /* NULL is fine */
/* "layers", "width", "vocabulary", "context_train", "parameters", "slots", "context_tokens",
 * "chunk_tokens"; "begin_token", the id of the token for a text's beginning, -1 where there is
 * none, and "begin_token_wanted", 1 where the file says that the model was trained with it in
 * front; -1 for another key. */
FLUIDREP_API long long fluidrep_model_number(const fluidrep_model *model, const char *key);
/* "architecture", "name", "quantization", "engine", "reasoning_start", "reasoning_end"; NULL for
 * another key. Valid while the model is open. */
FLUIDREP_API const char *fluidrep_model_text(const fluidrep_model *model, const char *key);

/* Text as tokens with the bytes [start, end) each covers. special: tags such as <|im_end|> that
 * stand in the text are single tokens. No token is added: a model that wants its begin_token sees
 * it only where its text (fluidrep_token_text) stands in front and special is 1, or its id is
 * prefilled first; fluidrep_chat puts it there. *out is freed with fluidrep_tokens_free. */
FLUIDREP_API int fluidrep_tokenize(const fluidrep_model *model, const char *text, size_t n_bytes,
                                   int special, fluidrep_tokens **out);
FLUIDREP_API void fluidrep_tokens_free(fluidrep_tokens *tokens);
FLUIDREP_API int fluidrep_tokens_count(const fluidrep_tokens *tokens);
/* [count] each; valid while tokens are. */
FLUIDREP_API const int32_t *fluidrep_tokens_ids(const fluidrep_tokens *tokens);
FLUIDREP_API const int32_t *fluidrep_tokens_starts(const fluidrep_tokens *tokens);
FLUIDREP_API const int32_t *fluidrep_tokens_ends(const fluidrep_tokens *tokens);
/* The bytes of a token, *n_bytes of them; NULL for an id outside the vocabulary. */
FLUIDREP_API const char *fluidrep_token_text(const fluidrep_model *model, int32_t id,
                                             size_t *n_bytes);
/* Does the token end a generation? 0 for an id outside the vocabulary. */
FLUIDREP_API int fluidrep_token_ends(const fluidrep_model *model, int32_t id);
/* A user's message, after a system message unless that is NULL, in the model's chat template, up to
 * where its reasoning begins. *out is freed with fluidrep_free. */
FLUIDREP_API int fluidrep_chat(const fluidrep_model *model, const char *system, const char *message,
                               char **out);

/* Where terms stand in a text: whole words in any case, the longest first, as runs of tokens
 * [first, end). Term i names concept concepts[i] >= 0 (NULL: i); inflected: its forms count too
 * (craves, craving). Up to capacity mentions are written; returns how many there are, or a negative
 * code. */
FLUIDREP_API int fluidrep_mentions(const char *const *terms, const int *concepts, int n_terms,
                                   int inflected, const char *text, size_t n_bytes,
                                   const int32_t *starts, const int32_t *ends, int n_tokens,
                                   int32_t *concept_out, int32_t *first_out, int32_t *end_out,
                                   int capacity);

/* A list of edits for models of this width. */
FLUIDREP_API int fluidrep_edits_new(fluidrep_edits **out, int width);
FLUIDREP_API void fluidrep_edits_free(fluidrep_edits *edits);
/* Edits the rows at positions [n_positions] of one layer with vector v [width], which is copied. h
 * is the row:
 *     "mix"       scale h + (1 - scale) v: scale is the share of the old row that stays
 *     "replace"   v
 *     "add"       h + scale v
 *     "subtract"  h - scale v
 *     "jitter"    h + scale norm(h) v / norm(v)
 *     "project"   h - scale (h.v / v.v) v: with scale 1 nothing is left along v (directional
 *                 ablation: Arditi et al. 2024, arXiv 2406.11717)
 * keep_norm: the result is brought back to the norm of h. FLUIDREP_E_INPUT for what is no
 * operation, for numbers that are none; a place edited twice is refused by fluidrep_prefill. */
FLUIDREP_API int fluidrep_edits_add(fluidrep_edits *edits, const char *operation, int layer,
                                    const int32_t *positions, int n_positions, const float *vector,
                                    float scale, int keep_norm);

/* Appends n tokens to a slot (0.. or FLUIDREP_STEM) that holds `start` tokens. Rows at the site
 * ("block" or NULL: the residual stream after a block; "attention", "mlp": what these add to it),
 * layers [n_layers] and positions [n_positions] (absolute, ascending) are written to rows, after
 * their edits: float32 [n_layers][n_positions][width]. edits may be NULL, n_layers 0. next (may be
 * NULL) receives the greedy next token. The prefill goes in chunks of chunk_tokens from `start`;
 * pieces of a multiple of that (all but the last, which holds two tokens or more) give the same
 * bits as one call. FLUIDREP_E_MODEL for rows or logits that are not finite, which
 * empties all slots and the stem. After FLUIDREP_E_INPUT nothing was changed; after any other
 * failure the slot is empty. */
FLUIDREP_API int fluidrep_prefill(fluidrep_model *model, int slot, const int32_t *tokens, int start,
                                  int n, const fluidrep_edits *edits, const char *site,
                                  const int *layers, int n_layers, const int32_t *positions,
                                  int n_positions, float *rows, int32_t *next);
/* The logits after the last token of the last prefill with `next`: [vocabulary], copied to out.
 * FLUIDREP_E_INPUT before one, and after a prefill that failed while it computed. */
FLUIDREP_API int fluidrep_logits(const fluidrep_model *model, float *out);
/* One greedy step of all slots: slot i takes tokens[i] and next[i] follows; tokens[i] < 0: the slot
 * idles and next[i] is -1. Arrays of n_slots, and they may be the same. */
FLUIDREP_API int fluidrep_decode(fluidrep_model *model, const int32_t *tokens, int32_t *next);
/* The first n_tokens of the stem become the content of a slot. */
FLUIDREP_API int fluidrep_copy_stem(fluidrep_model *model, int slot, int n_tokens);
FLUIDREP_API int fluidrep_clear(fluidrep_model *model, int slot);

#ifdef __cplusplus
}
#endif

#endif
