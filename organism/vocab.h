/* The organism's vocabulary: special tokens, the 256 bytes, the dialect's symbols, numbers and
 * block letters, the pieces that unknown words are cut into, and every concept word it may meet.
 * Ids are dense from 0 and the order is part of the model: a change of it needs a new model.
 *
 * Pieces are a consonant and a vowel ("ba"), the same after a blank (" ba") and a letter after a
 * blank (" a"): an unknown lower-case word is three or four tokens, where bytes alone made one of
 * every letter. Pieces learned from a text were passed over: with them the cut of a word depends
 * on the whole list of merges, here on the next letter alone.
 *
 * The texts are chosen so that GPT-2 byte-level BPE with the llama-bpe pre-tokenizer, which takes
 * a pre-token that is in the vocabulary whole, cuts the dialect as fr_vocab_encode does. */
#ifndef FR_ORGANISM_VOCAB_H
#define FR_ORGANISM_VOCAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/model.h"

enum fr_token_type { FR_TOKEN_NORMAL, FR_TOKEN_CONTROL, FR_TOKEN_BYTE };

struct fr_vocab;

/* Reads data/namings.tsv and organism/names.txt below the source tree. */
FR_CHECKED int fr_vocab_open(struct fr_vocab **out, struct fr_error *err);
void fr_vocab_close(struct fr_vocab *vocab);

int fr_vocab_count(const struct fr_vocab *vocab);
/* Raw bytes, e.g. " attack", "\n"; a byte token may be NUL: see fr_vocab_text_len. */
const char *fr_vocab_text(const struct fr_vocab *vocab, int id);
size_t fr_vocab_text_len(const struct fr_vocab *vocab, int id);
enum fr_token_type fr_vocab_type(const struct fr_vocab *vocab, int id);
int fr_vocab_find(const struct fr_vocab *vocab, const char *text, size_t n); /* or -1 */

/* The merge that makes a piece in BPE: the length of its left half, and in *level (which may be
 * NULL) the order in which merges are tried, 0 first. 0 for a token that no merge makes. */
enum { FR_MERGE_LEVELS = 3 };
size_t fr_vocab_merge(const struct fr_vocab *vocab, int id, int *level);

/* The name pool: words (without the leading blank) a mystery naming of the training data draws
 * from, in an order that mixes the paper's words with the others; none of them is a piece. */
int fr_vocab_n_names(const struct fr_vocab *vocab);
const char *const *fr_vocab_names(const struct fr_vocab *vocab);

/* Text -> ids, appended to *out with their places in the text. A pre-token of llama-bpe that is in
 * the vocabulary is one token; any other is cut from the left into pieces and, where none fits,
 * bytes. Equal to libllama's cut for ASCII and for UTF-8 up to U+024F; beyond, the letters of most
 * scripts are told from signs by range, which can matter only next to a known word. Bytes that are
 * no UTF-8 stay what they are (libllama replaces them). */
void fr_vocab_encode(const struct fr_vocab *vocab, const char *text, size_t n,
                     struct fr_tokens *out);

#endif
