/* fluidrep namings random: tables of namings that are made up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/namings.h"

enum { POOL_CEILING = 1 << 20 };

/* ---- pools ----------------------------------------------------------------------------------- */

static void add_for_all(struct fr_word_pool *pool, const char *word) {
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
        fr_word_pool_add(pool, (enum fr_concept_kind)kind, word);
}

static int check_pool_word(const char *word, const struct fr_concepts *concepts, const char *path,
                           int line, struct fr_error *err) {
    if (!fr_concept_word_is_valid(word))
        return fr_fail(
            err, FR_E_INPUT,
            "%s:%d: \"%.60s\" is no word; use letters, digits, '-' and '_', two to 63 and "
            "one a letter",
            path, line, word);
    for (int a = 0; a < concepts->n; a++)
        if (fr_concept_word_equal(word, concepts->names[a]))
            return fr_fail(err, FR_E_INPUT,
                           "%s:%d: \"%s\" is the domain's own word; a mystery naming must hide it",
                           path, line, word);
    return FR_OK;
}

/* Words of any kind, separated by blanks. */
static int read_pool_line(struct fr_word_pool *pool, char *text, const struct fr_concepts *concepts,
                          const char *path, int line, struct fr_error *err) {
    int code = FR_OK;
    for (char *save = NULL, *word = strtok_r(text, " \t\r", &save); code == FR_OK && word != NULL;
         word = strtok_r(NULL, " \t\r", &save)) {
        code = check_pool_word(word, concepts, path, line, err);
        if (code == FR_OK)
            add_for_all(pool, word);
    }
    return code;
}

/* data/words.tsv: a word, a tab, "verb" or "noun". */
static int read_list_line(struct fr_word_pool *pool, char *text, const char *path, int line,
                          struct fr_error *err) {
    char *part = text + strcspn(text, "\t");
    if (*part != '\0')
        *part++ = '\0';
    const bool is_verb = strcmp(part, "verb") == 0;
    if (strcmp(text, "word") == 0 && strcmp(part, "part") == 0)
        return FR_OK;
    if (!fr_concept_word_is_valid(text) || (!is_verb && strcmp(part, "noun") != 0))
        return fr_fail(err, FR_E_INPUT, "%s:%d: expected a word, a tab and \"verb\" or \"noun\"",
                       path, line);
    fr_word_pool_add(pool, is_verb ? FR_CONCEPT_ACTION : FR_CONCEPT_PREDICATE, text);
    return FR_OK;
}

/* concepts: those of a pool's domain, NULL for a list of verbs and nouns. */
static int read_words(struct fr_word_pool *pool, const char *path,
                      const struct fr_concepts *concepts, struct fr_error *err) {
    struct fr_text text = {0};
    int code = fr_file_read_text(path, POOL_CEILING, &text, err);
    int line = 1;
    char *at = text.data;
    for (char *p; code == FR_OK && at != NULL && (p = fr_line_cut(&at)) != NULL; line++) {
        if (*p == '#' || *p == '\0')
            continue;
        code = concepts != NULL ? read_pool_line(pool, p, concepts, path, line, err)
                                : read_list_line(pool, p, path, line, err);
    }
    fr_text_release(&text);
    return code;
}

static int count_words(const struct fr_word_pool *pool) {
    return pool->n[FR_CONCEPT_ACTION]; /* the same of both kinds */
}

static int fill_pool(const struct fr_namings_options *o, const struct fr_namings *table,
                     struct fr_word_pool *pool, struct fr_error *err) {
    if (o->flavour >= 0 && o->pool == NULL) {
        struct fr_text path = {0};
        fr_data_path("words.tsv", &path);
        const int code = read_words(pool, fr_text_get(&path), NULL, err);
        fr_text_release(&path);
        return code;
    }
    int code = FR_OK;
    if (o->pool != NULL)
        code = read_words(pool, o->pool, &table->concepts, err);
    for (int i = 0; o->pool == NULL && i < table->n; i++)
        for (int a = 0; !fr_naming_is_clean(&table->items[i]) && a < table->concepts.n; a++)
            add_for_all(pool, table->items[i].words[a]);
    if (code == FR_OK && count_words(pool) < table->concepts.n)
        code = fr_fail(err, FR_E_INPUT, "%s: %d different words for %d concepts; add words",
                       o->pool ? o->pool : "the table", count_words(pool), table->concepts.n);
    return code;
}

/* ---- namings --------------------------------------------------------------------------------- */

int fr_namings_make(const struct fr_namings_options *o, const struct fr_input *input,
                    struct fr_error *err) {
    const struct fr_namings *table = &input->namings;
    struct fr_word_pool pool = {0};
    struct fr_reserved reserved = {0};
    struct fr_namings made = {.concepts = table->concepts};
    const enum fr_naming_flavour flavour =
        o->flavour < 0 ? FR_FLAVOUR_WORDS : (enum fr_naming_flavour)o->flavour;
    int code = fill_pool(o, table, &pool, err);
    fr_namings_reserve(input, &reserved);
    for (int i = 0; code == FR_OK && i < o->count; i++) {
        struct fr_rng rng;
        struct fr_text id = {0};
        fr_rng_seed(&rng, (uint64_t)o->seed, fr_mix64(fr_hash_text("namings random"), (uint64_t)i));
        fr_text_printf(&id, "r%d-%d", o->seed, i + 1);
        FR_RESERVE(made.items, made.n, made.capacity);
        code = fr_naming_draw(&rng, flavour, &pool, &table->concepts, &reserved, fr_text_get(&id),
                              &made.items[made.n], err);
        made.n += code == FR_OK;
        fr_text_release(&id);
    }
    if (code == FR_OK && o->json)
        fr_namings_print_json(&made);
    else if (code == FR_OK) {
        struct fr_text text = {0};
        fr_namings_render(&made, &text);
        (void)fwrite(fr_text_get(&text), 1, text.len, stdout);
        fr_text_release(&text);
    }
    for (int i = 0; i < made.n; i++)
        fr_naming_release(&made.items[i], made.concepts.n);
    free(made.items);
    fr_reserved_release(&reserved);
    fr_word_pool_release(&pool);
    return code;
}
