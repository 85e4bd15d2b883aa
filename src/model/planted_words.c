/* The planted model's tokenizer: words with the blank before them, four tags, single bytes.
 *
 * An id is the hash of the token's text in a table of a million, so that ids are the same in
 * every process and a study on the planted model can be resumed. Rejected: counting up, whose ids
 * depend on which text came first. */
#include "model/planted_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"

static const char *const tags[] = {"<|im_start|>", FR_PLANTED_END, "<think>", "</think>"};

void fr_planted_words_init(struct fr_planted_words *words) {
    words->texts = fr_alloc(FR_PLANTED_IDS, sizeof *words->texts);
}

void fr_planted_words_release(struct fr_planted_words *words) {
    for (int id = 0; id < FR_PLANTED_IDS; id++)
        free(words->texts[id]);
    free(words->texts);
    words->texts = NULL;
}

static int32_t intern(struct fr_planted_words *words, const char *text, size_t n) {
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++)
        hash = fr_mix64(hash, (unsigned char)text[i]);
    int32_t id = (int32_t)(hash % FR_PLANTED_IDS);
    while (words->texts[id] != NULL &&
           (strlen(words->texts[id]) != n || memcmp(words->texts[id], text, n) != 0))
        id = (id + 1) % FR_PLANTED_IDS;
    if (words->texts[id] == NULL)
        words->texts[id] = fr_strndup(text, n);
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
    const char *text = words->texts[id];
    return text != NULL && strcmp(text[0] == ' ' ? text + 1 : text, word) == 0;
}
