/*
 * The organism as a GGUF file that libllama runs: architecture qwen2, weights
 * F32 or Q8_0, a GPT-2 byte-level tokenizer and a chat template that opens the
 * reasoning as QwQ's does.
 */
#ifndef FR_ORGANISM_GGUF_WRITE_H
#define FR_ORGANISM_GGUF_WRITE_H

#include "organism/net.h"
#include "organism/vocab.h"

/* GPT-2's way of writing bytes as text: token bytes -> UTF-8 without blanks or
 * control characters (blank = U+0120, newline = U+010A). The caller frees it. */
char *fr_gguf_token_text(const char *bytes, size_t n);

/* Writes the file beside its place and renames it there. quantize: matrices
 * and embeddings as Q8_0, whose rows must be multiples of 32 long (else
 * FR_E_INPUT); the vocabulary must have as many texts as the net has embeddings
 * (else FR_E_INPUT). Norms and biases are always F32. */
FR_CHECKED int fr_gguf_write(const char *path, const char *name, const struct fr_net *net,
                             const float *weights, const struct fr_vocab *vocab, bool quantize,
                             struct fr_error *err);

#endif
