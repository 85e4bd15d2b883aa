/* Private to planted.c: its word-level tokenizer. */
#ifndef FR_TESTS_SUPPORT_PLANTED_WORDS_H
#define FR_TESTS_SUPPORT_PLANTED_WORDS_H

#include <pthread.h>
#include <stdatomic.h>

#include "model/model.h"

#define FR_PLANTED_END "<|im_end|>"
enum { FR_PLANTED_IDS = 1 << 20 };

/* One table for a model and its siblings, so that an id means the same text to all of them,
 * whichever met it first. Texts are added under the lock, read without it, and never change. */
struct fr_planted_words {
    atomic_int n_holders;
    pthread_mutex_t lock;
    _Atomic(char *) *texts; /* [FR_PLANTED_IDS], NULL where no text was met yet */
};
struct fr_planted_words *fr_planted_words_new(void);                            /* held once */
struct fr_planted_words *fr_planted_words_hold(struct fr_planted_words *words); /* once more */
void fr_planted_words_let_go(struct fr_planted_words *words); /* the last holder frees it */
/* NULL when no text with that id was met. */
const char *fr_planted_words_text(const struct fr_planted_words *words, int32_t id);
FR_CHECKED int fr_planted_words_tokenize(struct fr_planted_words *words, const char *text, size_t n,
                                         bool parse_special, struct fr_tokens *out,
                                         struct fr_error *err);
/* Whether the token is the word, with or without the blank before it. */
bool fr_planted_words_has(const struct fr_planted_words *words, int32_t id, const char *word);

#endif
