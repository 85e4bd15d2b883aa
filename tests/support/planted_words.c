/* The planted model's tokenizer: words with the blank before them, four tags, single bytes.
 *
 * An id is the hash of the token's text in a table of a million, so that ids are the same in
 * every process and a study on the planted model can be resumed. Rejected: counting up, whose ids
 * depend on which text came first. */
#include "planted_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"

static const char *const tags[] = {"<|im_start|>", FR_PLANTED_END, "<think>", "</think>"};

struct fr_planted_words *fr_planted_words_new(void) {
    struct fr_planted_words *words = fr_alloc(1, sizeof *words);
    words->texts = fr_alloc(FR_PLANTED_IDS, sizeof *words->texts);
    atomic_init(&words->n_holders, 1);
    const int status = pthread_mutex_init(&words->lock, NULL);
    FR_ASSERT(status == 0);
    return words;
}

struct fr_planted_words *fr_planted_words_hold(struct fr_planted_words *words) {
    atomic_fetch_add(&words->n_holders, 1);
    return words;
}

void fr_planted_words_let_go(struct fr_planted_words *words) {
    if (atomic_fetch_sub(&words->n_holders, 1) > 1)
        return;
    for (int id = 0; id < FR_PLANTED_IDS; id++)
        free(atomic_load(&words->texts[id]));
    free(words->texts);
    (void)pthread_mutex_destroy(&words->lock);
    free(words);
}

const char *fr_planted_words_text(const struct fr_planted_words *words, int32_t id) {
    return atomic_load_explicit(&words->texts[id], memory_order_acquire);
}

/* The id at which the text stands, or the free one at which it would. */
static int32_t place_of(const struct fr_planted_words *words, const char *text, size_t n) {
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++)
        hash = fr_mix64(hash, (unsigned char)text[i]);
    int32_t id = (int32_t)(hash % FR_PLANTED_IDS);
    for (const char *held; (held = fr_planted_words_text(words, id)) != NULL;
         id = (id + 1) % FR_PLANTED_IDS)
        if (strlen(held) == n && memcmp(held, text, n) == 0)
            break;
    return id;
}

static int32_t intern(struct fr_planted_words *words, const char *text, size_t n) {
    int32_t id = place_of(words, text, n);
    if (fr_planted_words_text(words, id) != NULL)
        return id;
    (void)pthread_mutex_lock(&words->lock);
    id = place_of(words, text, n); /* another thread may have put it, or another text, there */
    if (fr_planted_words_text(words, id) == NULL)
        atomic_store_explicit(&words->texts[id], fr_strndup(text, n), memory_order_release);
    (void)pthread_mutex_unlock(&words->lock);
    return id;
}

static size_t token_length(const char *text, size_t n, bool parse_special) {
    for (size_t i = 0; parse_special && i < sizeof tags / sizeof *tags; i++)
        if (n >= strlen(tags[i]) && memcmp(text, tags[i], strlen(tags[i])) == 0)
            return strlen(tags[i]);
    const size_t begin = text[0] == ' ' ? 1 : 0;
    size_t end = begin;
    while (end < n && fr_is_word_byte(text[end]))
        end++;
    return end > begin ? end : 1;
}

int fr_planted_words_tokenize(struct fr_planted_words *words, const char *text, size_t n,
                              bool parse_special, struct fr_tokens *out, struct fr_error *err) {
    for (size_t at = 0; at < n;) {
        if (text[at] == '\0')
            return fr_fail(err, FR_E_MODEL, "the text holds a NUL at byte %zu", at);
        const size_t length = token_length(text + at, n - at, parse_special);
        fr_tokens_append(out, intern(words, text + at, length), (int32_t)at,
                         (int32_t)(at + length));
        at += length;
    }
    return FR_OK;
}

bool fr_planted_words_has(const struct fr_planted_words *words, int32_t id, const char *word) {
    const char *text = fr_planted_words_text(words, id);
    return text != NULL && strcmp(text[0] == ' ' ? text + 1 : text, word) == 0;
}
