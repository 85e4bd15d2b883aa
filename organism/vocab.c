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
static const char *const symbols[] = {"\n", "user", "assistant", "*",  "=",  "?",
                                      " :", " +",   " -",        " ~", " |", " >",
                                      " x", " y",   " z",        " ?", " *", " ="};
static const char consonants[] = "bcdfghjklmnpqrstvwxyz";
static const char vowels[] = "aeiou";

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

static bool is_pair(const char *text) {
    return text[0] && text[1] && strchr(consonants, text[0]) && strchr(vowels, text[1]);
}

/* See fr_vocab_merge. */
static size_t merge_of(const char *text, size_t n, int *level) {
    size_t left = 0;
    int at = 0;
    if (n == 2 && is_pair(text)) {
        left = 1;
    } else if (n == 3 && text[0] == ' ' && is_pair(text + 1)) {
        left = 1;
        at = 1;
    } else if (n == 2 && text[0] == ' ' &&
               (islower((unsigned char)text[1]) || ispunct((unsigned char)text[1]))) {
        left = 1;
        at = 2;
    }
    if (level)
        *level = at;
    return left;
}

size_t fr_vocab_merge(const struct fr_vocab *v, int id, int *level) {
    return merge_of(v->entries[id].text, v->entries[id].n, level);
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

/* Letter pairs and the same after a blank, in turn; then letters after a blank. The order is that
 * of the shipped models' ids: do not change it. */
static void add_pieces(struct fr_vocab *v) {
    char text[4] = " ";
    for (const char *c = consonants; *c; c++)
        for (const char *o = vowels; *o; o++) {
            text[1] = *c;
            text[2] = *o;
            (void)add(v, text + 1, 2, FR_TOKEN_NORMAL);
            (void)add(v, text, 3, FR_TOKEN_NORMAL);
        }
    for (text[1] = 'a'; text[1] <= 'z'; text[1]++)
        (void)add(v, text, 2, FR_TOKEN_NORMAL);
}

static int add_spaced(struct fr_vocab *v, const char *word) {
    char text[80];
    const int n = snprintf(text, sizeof text, " %s", word);
    return add(v, text, (size_t)n, FR_TOKEN_NORMAL);
}

static void add_name(struct fr_vocab *v, const char *word) {
    const int before = v->n;
    const int id = add_spaced(v, word);
    if (id < before) /* a word of another naming, of the clean one, of the template, or a piece */
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
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        (void)add(v, symbols[i], strlen(symbols[i]), FR_TOKEN_NORMAL);
    for (int i = 0; i < MAX_NUMBER; i++) {
        const int n = snprintf(text, sizeof text, "%d", i + 1);
        (void)add(v, text, (size_t)n, FR_TOKEN_NORMAL);
    }
    for (int i = 0; i < MAX_LETTER; i++) {
        const int n = snprintf(text, sizeof text, " %c", 'A' + i);
        (void)add(v, text, (size_t)n, FR_TOKEN_NORMAL);
    }
    add_pieces(v);
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

/* ---- cutting text: the pattern of llama-bpe -------------------------------------------------- */

enum char_class { END, LETTER, NUMBER, SPACE, OTHER };

/* What the character at text is and how many bytes it has; END where there is none. */
static enum char_class class_at(const char *text, size_t n, size_t *width) {
    *width = 1;
    if (n == 0)
        return END;
    const unsigned char c = (unsigned char)text[0];
    if (c < 0x80)
        return isalpha(c) ? LETTER : isdigit(c) ? NUMBER : isspace(c) ? SPACE : OTHER;
    const size_t k = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    uint32_t code = k == 1 ? 0 : c & (0x7FU >> k);
    for (size_t i = 1; i < k; i++) {
        if (i >= n || ((unsigned char)text[i] & 0xC0) != 0x80)
            return OTHER;
        code = code << 6 | ((unsigned char)text[i] & 0x3F);
    }
    *width = k;
    if (code == 0x85 || code == 0xA0 || (code >= 0x2000 && code <= 0x200A) || code == 0x3000)
        return SPACE;
    if (code == 0xB2 || code == 0xB3 || code == 0xB9 || (code >= 0xBC && code <= 0xBE))
        return NUMBER;
    const bool latin = code == 0xAA || code == 0xB5 || code == 0xBA ||
                       (code >= 0xC0 && code != 0xD7 && code != 0xF7);
    return latin && (code < 0x2B0 || (code >= 0x370 && code < 0x2000) ||
                     (code >= 0x3040 && code < 0xD7A4))
               ? LETTER
               : OTHER;
}

static enum char_class class_of(const char *text, size_t n) {
    size_t width;
    return class_at(text, n, &width);
}

/* Bytes of the run of a class at text, at most limit characters. */
static size_t run(const char *text, size_t n, enum char_class wanted, size_t limit) {
    size_t k = 0;
    for (size_t width; limit-- && class_at(text + k, n - k, &width) == wanted;)
        k += width;
    return k;
}

/* 's, 't, 'm, 'd, 're, 've, 'll in either case: its length, or 0. */
static size_t contraction(const char *text, size_t n) {
    if (n < 2 || text[0] != '\'')
        return 0;
    const int a = tolower((unsigned char)text[1]);
    if (a == 's' || a == 't' || a == 'm' || a == 'd')
        return 2;
    const int b = n > 2 ? tolower((unsigned char)text[2]) : 0;
    return (a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

/* Length of the pre-token at text [n], n > 0, in which there is no special token. */
static size_t pretoken(const char *text, size_t n) {
    size_t width;
    size_t k = contraction(text, n);
    if (k)
        return k;
    const enum char_class first = class_at(text, n, &width);
    if (first == LETTER)
        return run(text, n, LETTER, n);
    if (first == NUMBER)
        return run(text, n, NUMBER, 3);
    if (text[0] != '\r' && text[0] != '\n' && class_of(text + width, n - width) == LETTER)
        return width + run(text + width, n - width, LETTER, n);
    const size_t blank = text[0] == ' ';
    k = blank + run(text + blank, n - blank, OTHER, n);
    if (k > blank) {
        while (k < n && (text[k] == '\r' || text[k] == '\n'))
            k++;
        return k;
    }
    const size_t spaces = run(text, n, SPACE, n);
    for (k = spaces; k > 0; k--)
        if (text[k - 1] == '\r' || text[k - 1] == '\n')
            return k;
    size_t last = 0; /* the last space goes to what follows */
    for (k = 0; k < spaces; k += width) {
        last = k;
        (void)class_at(text + k, n - k, &width);
    }
    return last && spaces < n ? last : spaces;
}

/* The special token that begins at text: its length, or 0. */
static size_t special_at(const char *text, size_t n) {
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
        const size_t k = strlen(specials[i]);
        if (k <= n && memcmp(text, specials[i], k) == 0)
            return k;
    }
    return 0;
}

/* The token of the pre-token's bytes from text on: a piece, or a byte. */
static int piece_at(const struct fr_vocab *v, const char *text, size_t n) {
    for (size_t k = n < 3 ? n : 3; k > 1; k--)
        if (merge_of(text, k, NULL)) {
            const int id = fr_vocab_find(v, text, k);
            if (id >= 0)
                return id;
        }
    return fr_vocab_find(v, text, 1);
}

static void encode_plain(const struct fr_vocab *v, const char *text, size_t begin, size_t end,
                         struct fr_tokens *out) {
    for (size_t at = begin; at < end;) {
        const size_t stop = at + pretoken(text + at, end - at);
        int id = fr_vocab_find(v, text + at, stop - at);
        while (at < stop) {
            if (id < 0)
                id = piece_at(v, text + at, stop - at);
            const size_t k = v->entries[id].n;
            fr_tokens_append(out, id, (int32_t)at, (int32_t)(at + k));
            at += k;
            id = -1;
        }
    }
}

void fr_vocab_encode(const struct fr_vocab *v, const char *text, size_t n, struct fr_tokens *out) {
    for (size_t at = 0; at < n;) { /* special tokens first, as the pattern does not know them */
        size_t end = at;
        size_t special = 0;
        while (end < n && (special = special_at(text + end, n - end)) == 0)
            end++;
        encode_plain(v, text, at, end, out);
        if (special)
            fr_tokens_append(out, fr_vocab_find(v, text + end, special), (int32_t)end,
                             (int32_t)(end + special));
        at = end + special;
    }
}
