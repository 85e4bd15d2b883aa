/* Namings made up (check.h): a word per concept, drawn again until nothing speaks against it.
 * Rejected: drawing whole namings until one has no fault, which small pools never give. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "naming/check.h"

const char *const fr_flavour_name[FR_FLAVOUR_COUNT] = {"words", "nonsense", "letters"};

enum { WORD = 32, TRIES = 20, DRAWS = 2000, N_LETTERS = 6 };

/* ---- pools ----------------------------------------------------------------------------------- */

void fr_word_pool_release(struct fr_word_pool *pool) {
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
        for (int i = 0; i < pool->n[kind]; i++)
            free(pool->words[kind][i]);
        free(pool->words[kind]);
        free(pool->slots[kind]);
    }
    *pool = (struct fr_word_pool){0};
}

static int *slot_of(const struct fr_word_pool *pool, int kind, const char *word) {
    size_t i = fr_concept_word_hash(word) & (pool->n_slots[kind] - 1);
    int *slots = pool->slots[kind];
    while (slots[i] >= 0 && !fr_concept_word_equal(pool->words[kind][slots[i]], word))
        i = (i + 1) & (pool->n_slots[kind] - 1);
    return &slots[i];
}

static bool is_in_pool(const struct fr_word_pool *pool, int kind, const char *word) {
    return pool->n[kind] > 0 && *slot_of(pool, kind, word) >= 0;
}

static void rehash(struct fr_word_pool *pool, int kind) {
    const size_t n = pool->n_slots[kind] ? 2 * pool->n_slots[kind] : 64;
    pool->n_slots[kind] = n;
    pool->slots[kind] = fr_grow(pool->slots[kind], n, sizeof *pool->slots[kind]);
    memset(pool->slots[kind], -1, n * sizeof *pool->slots[kind]);
    for (int i = 0; i < pool->n[kind]; i++)
        *slot_of(pool, kind, pool->words[kind][i]) = i;
}

void fr_word_pool_add(struct fr_word_pool *pool, enum fr_concept_kind kind, const char *word) {
    if (2 * (size_t)pool->n[kind] >= pool->n_slots[kind])
        rehash(pool, (int)kind);
    int *slot = slot_of(pool, (int)kind, word);
    if (*slot >= 0)
        return;
    FR_RESERVE(pool->words[kind], pool->n[kind], pool->capacity[kind]);
    *slot = pool->n[kind];
    pool->words[kind][pool->n[kind]++] = fr_strdup(word);
}

/* ---- candidates ------------------------------------------------------------------------------ */

static const char *pick(struct fr_rng *rng, const char *const *list, int n) {
    return list[fr_rng_below(rng, (uint32_t)n)];
}
#define PICK(rng, list) pick((rng), (list), (int)(sizeof(list) / sizeof *(list)))

/* Consonants, vowel, consonants, and an ending that a verb or a noun may have. The clusters are
 * English, the rarer ones, so that few words come out real. */
static void make_nonsense(struct fr_rng *rng, enum fr_concept_kind kind, char *out) {
    static const char *const onsets[] = {"bl", "chr", "dr",  "fl", "fr",  "gl",  "gr", "kl", "kr",
                                         "m",  "pl",  "pr",  "qu", "scr", "shr", "sk", "sn", "spl",
                                         "sw", "th",  "thr", "tr", "tw",  "v",   "wh", "y",  "z"};
    static const char *const vowels[] = {"a", "e", "i", "o", "u"};
    static const char *const middles[] = {"bb", "ff", "ft", "gg", "lb", "lt", "lv", "mb",
                                          "mm", "mp", "nd", "nk", "nt", "pp", "rb", "rd",
                                          "rf", "rk", "rm", "rv", "sk", "sp", "xt", "zz"};
    static const char *const verb_ends[] = {"ate", "ench", "ere", "ify", "ish", "ize", "on", "er"};
    static const char *const noun_ends[] = {"ack", "el", "et", "ich", "in", "ock", "ox", "um", "y"};
    (void)snprintf(out, WORD, "%s%s%s%s", PICK(rng, onsets), PICK(rng, vowels), PICK(rng, middles),
                   kind == FR_CONCEPT_ACTION ? PICK(rng, verb_ends) : PICK(rng, noun_ends));
}

static void make_letters(struct fr_rng *rng, char *out) {
    for (int i = 0; i < N_LETTERS; i++)
        out[i] = (char)('a' + fr_rng_below(rng, 26));
    out[N_LETTERS] = '\0';
}

/* ---- a naming -------------------------------------------------------------------------------- */

static bool shares_a_form(const char *a, const char *b) {
    struct fr_inflection x[FR_MAX_INFLECTIONS], y[FR_MAX_INFLECTIONS];
    const int nx = fr_inflections_of(a, FR_INFLECTION_INFLECTED, x);
    const int ny = fr_inflections_of(b, FR_INFLECTION_INFLECTED, y);
    for (int i = 0; i < nx; i++)
        for (int k = 0; k < ny; k++)
            if (fr_concept_word_equal(x[i].text, y[k].text))
                return true;
    return false;
}

static bool is_reserved(const struct fr_reserved *reserved, const char *word) {
    struct fr_inflection forms[FR_MAX_INFLECTIONS];
    const int n = fr_inflections_of(word, FR_INFLECTION_INFLECTED, forms);
    for (int i = 0; i < n; i++)
        if (fr_reserved_find(reserved, forms[i].text) != NULL)
            return true;
    return false;
}

static bool has_capitals(const char *word) {
    for (; *word; word++)
        if (*word >= 'A' && *word <= 'Z')
            return true;
    return false;
}

static bool fits(const struct fr_reserved *reserved, const struct fr_naming *naming, int n,
                 const char *word) {
    for (int b = 0; b < n; b++)
        if (shares_a_form(naming->words[b], word))
            return false;
    return fr_concept_word_is_valid(word) && !has_capitals(word) && !is_reserved(reserved, word);
}

static bool draw_word(struct fr_rng *rng, enum fr_naming_flavour flavour,
                      const struct fr_word_pool *pool, enum fr_concept_kind kind,
                      const struct fr_reserved *reserved, int n, struct fr_naming *out) {
    char made[WORD];
    for (int draw = 0; draw < DRAWS; draw++) {
        const char *word = made;
        if (flavour == FR_FLAVOUR_WORDS)
            word = pool->words[kind][fr_rng_below(rng, (uint32_t)pool->n[kind])];
        else if (flavour == FR_FLAVOUR_NONSENSE)
            make_nonsense(rng, kind, made);
        else
            make_letters(rng, made);
        const bool real =
            flavour != FR_FLAVOUR_WORDS && (is_in_pool(pool, 0, word) || is_in_pool(pool, 1, word));
        if (real || !fits(reserved, out, n, word))
            continue;
        out->words[n] = fr_strdup(word);
        return true;
    }
    return false;
}

int fr_naming_draw(struct fr_rng *rng, enum fr_naming_flavour flavour,
                   const struct fr_word_pool *pool, const struct fr_concepts *concepts,
                   const struct fr_reserved *reserved, const char *id, struct fr_naming *out,
                   struct fr_error *err) {
    for (int kind = 0; flavour == FR_FLAVOUR_WORDS && kind < FR_CONCEPT_KIND_COUNT; kind++)
        for (int a = 0; a < concepts->n; a++)
            if ((int)concepts->kinds[a] == kind && pool->n[kind] == 0)
                return fr_fail(err, FR_E_INPUT, "no words for a naming's %ss",
                               fr_concept_kind_name[kind]);
    for (int attempt = 0; attempt < TRIES; attempt++) {
        *out = (struct fr_naming){.id = fr_strdup(id)};
        int n = 0;
        while (n < concepts->n &&
               draw_word(rng, flavour, pool, concepts->kinds[n], reserved, n, out))
            n++;
        if (n == concepts->n)
            return FR_OK;
        fr_naming_release(out, n);
    }
    *out = (struct fr_naming){0};
    return fr_fail(err, FR_E_INPUT,
                   "the words give no naming of %d concepts without words of the prompt or the "
                   "domain and without forms that two would share; add words",
                   concepts->n);
}
