/* The organism's vocabulary; see vocab.h. */
#include "organism/vocab.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/text.h"
#include "naming/naming.h"
#include "organism/world.h"
#include "prompts/prompts.h"

enum { MAX_NUMBER = 64, MAX_LETTER = 12, NAMES_CEILING = 1 << 20, N_BUCKETS = 1 << 13 };

struct entry {
    char *text;
    size_t n;
    enum fr_token_type type;
    int next; /* in its hash bucket, or -1 */
};

struct fr_vocab {
    int n, capacity;
    struct entry *entries;
    int buckets[N_BUCKETS];
    int n_names, names_capacity;
    const char **names; /* point into entries' texts, past the blank */
};

static const char *const specials[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>",
                                       "</think>"};
static const char *const pieces[] = {"\n", "user", "assistant", "*",  "=",  "?",  " :", " +",
                                     " -", " ~",   " |",        " >", " x", " y", " z"};

static unsigned bucket_of(const char *text, size_t n) {
    uint64_t h = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)text[i]) * 0x100000001b3ULL;
    return (unsigned)(h >> 40) & (N_BUCKETS - 1);
}

int fr_vocab_find(const struct fr_vocab *v, const char *text, size_t n) {
    for (int id = v->buckets[bucket_of(text, n)]; id >= 0; id = v->entries[id].next)
        if (v->entries[id].n == n && memcmp(v->entries[id].text, text, n) == 0)
            return id;
    return -1;
}

/* Returns the id; a text that is there already keeps its id. */
static int add(struct fr_vocab *v, const char *text, size_t n, enum fr_token_type type) {
    const int found = fr_vocab_find(v, text, n);
    if (found >= 0)
        return found;
    FR_RESERVE(v->entries, v->n, v->capacity);
    int *head = &v->buckets[bucket_of(text, n)];
    v->entries[v->n] = (struct entry){fr_strndup(text, n), n, type, *head};
    *head = v->n;
    return v->n++;
}

static int add_spaced(struct fr_vocab *v, const char *word) {
    char text[80];
    const int n = snprintf(text, sizeof text, " %s", word);
    return add(v, text, (size_t)n, FR_TOKEN_NORMAL);
}

static void add_name(struct fr_vocab *v, const char *word) {
    const int before = v->n;
    const int id = add_spaced(v, word);
    if (id < before) /* a word of another naming, of the clean one or of the template */
        return;
    FR_RESERVE(v->names, v->n_names, v->names_capacity);
    v->names[v->n_names++] = v->entries[id].text + 1;
}

static int add_namings(struct fr_vocab *v, struct fr_error *err) {
    struct fr_world world;
    int code = fr_world_open(&world, err);
    if (code != FR_OK)
        return code;
    for (int pass = 0; pass < 2; pass++) /* the clean words first: they are no names */
        for (int i = 0; i < world.namings.n; i++)
            for (int a = 0; a < world.namings.concepts.n; a++) {
                const struct fr_naming *naming = &world.namings.items[i];
                char word[64];
                fr_prompt_word(FR_STYLE_TERSE, NULL, naming, a, word, sizeof word);
                if (pass == 0 && fr_naming_is_clean(naming))
                    (void)add_spaced(v, word);
                if (pass == 1 && !fr_naming_is_clean(naming))
                    add_name(v, word);
            }
    fr_world_close(&world);
    return FR_OK;
}

static int add_word_list(struct fr_vocab *v, struct fr_error *err) {
    struct fr_text text = {0};
    const int code = fr_file_read(FR_SOURCE_DIR "/organism/names.txt", NAMES_CEILING, &text, err);
    for (char *p = text.data; code == FR_OK && *p;) {
        if (*p == '#') {
            p += strcspn(p, "\n");
        } else if (isspace((unsigned char)*p)) {
            p++;
        } else {
            char *end = p + strcspn(p, " \n");
            const char stop = *end;
            *end = '\0';
            add_name(v, p);
            *end = stop;
            p = end;
        }
    }
    fr_text_release(&text);
    return code;
}

int fr_vocab_open(struct fr_vocab **out, struct fr_error *err) {
    struct fr_vocab *v = *out = fr_alloc(1, sizeof *v);
    for (int i = 0; i < N_BUCKETS; i++)
        v->buckets[i] = -1;
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        (void)add(v, specials[i], strlen(specials[i]), FR_TOKEN_CONTROL);
    for (int b = 0; b < 256; b++) {
        const char c = (char)b;
        (void)add(v, &c, 1, FR_TOKEN_BYTE);
    }
    char text[16];
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        (void)add(v, pieces[i], strlen(pieces[i]), FR_TOKEN_NORMAL);
    for (int i = 0; i < MAX_NUMBER; i++) {
        const int n = snprintf(text, sizeof text, "%d", i + 1);
        (void)add(v, text, (size_t)n, FR_TOKEN_NORMAL);
    }
    for (int i = 0; i < MAX_LETTER; i++) {
        const int n = snprintf(text, sizeof text, " %c", 'A' + i);
        (void)add(v, text, (size_t)n, FR_TOKEN_NORMAL);
    }
    int code = add_namings(v, err);
    if (code == FR_OK)
        code = add_word_list(v, err);
    if (code != FR_OK) {
        fr_vocab_close(v);
        *out = NULL;
        return code;
    }
    struct fr_rng rng;
    fr_rng_seed(&rng, 1, fr_hash_text("name pool"));
    for (int i = v->n_names - 1; i > 0; i--) {
        const int j = (int)fr_rng_below(&rng, (uint32_t)i + 1);
        const char *swap = v->names[i];
        v->names[i] = v->names[j];
        v->names[j] = swap;
    }
    return FR_OK;
}

void fr_vocab_close(struct fr_vocab *v) {
    if (v == NULL)
        return;
    for (int i = 0; i < v->n; i++)
        free(v->entries[i].text);
    free(v->entries);
    free(v->names);
    free(v);
}

int fr_vocab_count(const struct fr_vocab *v) { return v->n; }
const char *fr_vocab_text(const struct fr_vocab *v, int id) { return v->entries[id].text; }
size_t fr_vocab_text_len(const struct fr_vocab *v, int id) { return v->entries[id].n; }
enum fr_token_type fr_vocab_type(const struct fr_vocab *v, int id) { return v->entries[id].type; }
int fr_vocab_n_names(const struct fr_vocab *v) { return v->n_names; }
const char *const *fr_vocab_names(const struct fr_vocab *v) { return v->names; }

/* Length of the pre-token at text: a special token, or what llama-bpe's pattern would take, for
 * the shapes the dialect uses. */
static size_t pretoken(const char *text, size_t n) {
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
        const size_t k = strlen(specials[i]);
        if (k <= n && memcmp(text, specials[i], k) == 0)
            return k;
    }
    size_t k = 0;
    if (text[0] == ' ' && n > 1 && !isspace((unsigned char)text[1]) &&
        !isdigit((unsigned char)text[1]))
        k = 1;
    if (isalpha((unsigned char)text[k])) {
        while (k < n && isalpha((unsigned char)text[k]))
            k++;
        return k;
    }
    if (isdigit((unsigned char)text[0])) {
        while (k < n && k < 3 && isdigit((unsigned char)text[k]))
            k++;
        return k;
    }
    return k + 1;
}

void fr_vocab_encode(const struct fr_vocab *v, const char *text, size_t n, struct fr_tokens *out) {
    for (size_t at = 0; at < n;) {
        const size_t k = pretoken(text + at, n - at);
        const int id = fr_vocab_find(v, text + at, k);
        if (id >= 0) {
            fr_tokens_append(out, id, (int32_t)at, (int32_t)(at + k));
        } else {
            for (size_t i = at; i < at + k; i++)
                fr_tokens_append(out, fr_vocab_find(v, text + i, 1), (int32_t)i, (int32_t)i + 1);
        }
        at += k;
    }
}
