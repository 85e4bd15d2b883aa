/* The organism's vocabulary: special tokens, the 256 bytes, the dialect's symbols, numbers and
 * block letters, and every concept word it may meet. Ids are dense from 0 and the order is part
 * of the model: append only.
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

/* The name pool: words (without the leading blank) a mystery naming of the training data draws
 * from, in an order that mixes the paper's words with the others. */
int fr_vocab_n_names(const struct fr_vocab *vocab);
const char *const *fr_vocab_names(const struct fr_vocab *vocab);

/* Text of the dialect -> ids; unknown words fall back to bytes. */
void fr_vocab_encode(const struct fr_vocab *vocab, const char *text, size_t n,
                     struct fr_tokens *out);

#endif
