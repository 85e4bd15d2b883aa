/* Private to planted.c: its word-level tokenizer. */
#ifndef FR_MODEL_PLANTED_WORDS_H
#define FR_MODEL_PLANTED_WORDS_H

#include "model/model.h"

#define FR_PLANTED_END "<|im_end|>"
enum { FR_PLANTED_IDS = 1 << 20 };

struct fr_planted_words {
    char **texts; /* [FR_PLANTED_IDS], NULL where no text was met yet */
};
void fr_planted_words_init(struct fr_planted_words *words);
void fr_planted_words_release(struct fr_planted_words *words);
FR_CHECKED int fr_planted_words_tokenize(struct fr_planted_words *words, const char *text, size_t n,
                                         bool parse_special, struct fr_tokens *out,
                                         struct fr_error *err);
/* Whether the token is the word, with or without the blank before it. */
bool fr_planted_words_has(const struct fr_planted_words *words, int32_t id, const char *word);

#endif
