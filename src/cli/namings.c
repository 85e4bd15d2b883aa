/* fluidrep namings list | check | random: tables of namings. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/output.h"

enum { POOL_CEILING = 1 << 20 };

struct options {
    const char *verb, *table, *domain, *pool;
    int seed, count;
    bool json;
};

enum {
    KEY_TABLE = 't',
    KEY_DOMAIN = 'd',
    KEY_SEED = 's',
    KEY_COUNT = 'n',
    KEY_POOL = 'p',
    KEY_JSON = 256
};

static const struct argp_option option_table[] = {
    {"table", KEY_TABLE, "FILE", 0,
     "list: the table; random: where the words come from (default: the paper's)", 0},
    {"domain", KEY_DOMAIN, "FILE", 0, "domain the namings are of, PDDL (default: Blocksworld)", 0},
    {"seed", KEY_SEED, "N", 0, "random: seed (default 1)", 0},
    {"count", KEY_COUNT, "N", 0,
     "random: how many (default 1); a smaller count gives the first of a larger one", 0},
    {"pool", KEY_POOL, "FILE", 0,
     "random: words to draw from, separated by blanks, \"#\" comment lines (default: the mystery "
     "words of the table)",
     0},
    {"json", KEY_JSON, NULL, 0, "list, random: as JSON", 0},
    {0},
};

static error_t parse_argument(char *value, struct argp_state *state) {
    struct options *o = state->input;
    static const char *const verbs[] = {"list", "check", "random"};
    if (o->verb == NULL)
        o->verb = verbs[fr_cli_choice(state, "what to do", value, verbs, 3)];
    else if (strcmp(o->verb, "check") == 0 && o->table == NULL)
        o->table = value;
    else
        argp_error(state, "\"%s\" is one argument too many", value);
    return 0;
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case KEY_TABLE:
        o->table = value;
        return 0;
    case KEY_DOMAIN:
        o->domain = value;
        return 0;
    case KEY_SEED:
        o->seed = fr_cli_int(state, "--seed", value, 0, 2147483647);
        return 0;
    case KEY_COUNT:
        o->count = fr_cli_int(state, "--count", value, 1, 100000);
        return 0;
    case KEY_POOL:
        o->pool = value;
        return 0;
    case KEY_JSON:
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        return parse_argument(value, state);
    case ARGP_KEY_END:
        if (o->verb == NULL)
            argp_error(state, "say \"list\", \"check\" or \"random\"");
        else if (strcmp(o->verb, "check") == 0 && o->table == NULL)
            argp_error(state, "which table? Give its file");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- output -------------------------------------------------------------------------------------
 */

static json_t *naming_json(const struct fr_concepts *concepts, const struct fr_naming *naming) {
    json_t *words = json_object();
    for (int a = 0; a < concepts->n; a++)
        json_object_set_new(words, concepts->names[a], fr_json_text(naming->words[a]));
    return json_pack("{s:o, s:o}", "id", fr_json_text(naming->id), "words", words);
}

static void print_json(const struct fr_namings *namings) {
    json_t *list = json_array(), *concepts = json_array();
    for (int a = 0; a < namings->concepts.n; a++)
        json_array_append_new(concepts,
                              json_pack("{s:o, s:s}", "name",
                                        fr_json_text(namings->concepts.names[a]), "kind",
                                        fr_concept_kind_name[namings->concepts.kinds[a]]));
    for (int i = 0; i < namings->n; i++)
        json_array_append_new(list, naming_json(&namings->concepts, &namings->items[i]));
    fr_print_json(json_pack("{s:o, s:o}", "concepts", concepts, "namings", list));
}

static int widest(const struct fr_namings *namings, int column) {
    size_t width = strlen(column == 0 ? "id" : namings->concepts.names[column - 1]);
    for (int i = 0; i < namings->n; i++) {
        const struct fr_naming *naming = &namings->items[i];
        const size_t n = strlen(column == 0 ? naming->id : naming->words[column - 1]);
        width = n > width ? n : width;
    }
    return (int)width;
}

static void print_columns(const struct fr_namings *namings) {
    const int n = namings->concepts.n;
    for (int i = -1; i < namings->n; i++)
        for (int c = 0; c <= n; c++) {
            const char *word = c == 0  ? (i < 0 ? "id" : namings->items[i].id)
                               : i < 0 ? namings->concepts.names[c - 1]
                                       : namings->items[i].words[c - 1];
            (void)printf("%-*s%s", c < n ? widest(namings, c) : 0, word, c < n ? "  " : "\n");
        }
}

/* As a file that check and run read. */
static void print_table(const struct fr_namings *namings) {
    for (int i = -1; i < namings->n; i++) {
        (void)printf("%s", i < 0 ? "id" : namings->items[i].id);
        for (int a = 0; a < namings->concepts.n; a++)
            (void)printf("\t%s", i < 0 ? namings->concepts.names[a] : namings->items[i].words[a]);
        (void)printf("\n");
    }
}

/* ---- random -------------------------------------------------------------------------------------
 */

struct pool {
    int n, capacity;
    char **words;
};

static void pool_release(struct pool *pool) {
    while (pool->n > 0)
        free(pool->words[--pool->n]);
    free(pool->words);
    *pool = (struct pool){0};
}

/* A word that is there already, in any case, is drawn no more often than others. */
static void pool_add(struct pool *pool, const char *word) {
    for (int i = 0; i < pool->n; i++)
        if (fr_concept_word_equal(pool->words[i], word))
            return;
    FR_RESERVE(pool->words, pool->n, pool->capacity);
    pool->words[pool->n++] = fr_strdup(word);
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

static int read_pool(struct pool *pool, const char *path, const struct fr_concepts *concepts,
                     struct fr_error *err) {
    struct fr_text text = {0};
    int code = fr_file_read(path, POOL_CEILING, &text, err);
    int line = 1;
    for (char *p = text.data, *next; code == FR_OK && p != NULL && *p != '\0'; p = next, line++) {
        next = p + strcspn(p, "\n");
        if (*next != '\0')
            *next++ = '\0';
        for (char *save = NULL, *word = *p == '#' ? NULL : strtok_r(p, " \t\r", &save);
             code == FR_OK && word != NULL; word = strtok_r(NULL, " \t\r", &save)) {
            code = check_pool_word(word, concepts, path, line, err);
            if (code == FR_OK)
                pool_add(pool, word);
        }
    }
    fr_text_release(&text);
    return code;
}

static int make_random(const struct options *o, const struct fr_namings *table,
                       struct fr_error *err) {
    struct pool pool = {0};
    struct fr_namings made = {.concepts = table->concepts};
    int code = FR_OK;
    if (o->pool != NULL)
        code = read_pool(&pool, o->pool, &table->concepts, err);
    for (int i = 0; o->pool == NULL && i < table->n; i++)
        for (int a = 0; !fr_naming_is_clean(&table->items[i]) && a < table->concepts.n; a++)
            pool_add(&pool, table->items[i].words[a]);
    if (code == FR_OK && pool.n < table->concepts.n)
        code = fr_fail(err, FR_E_INPUT, "%s: %d different words for %d concepts; add words",
                       o->pool ? o->pool : "the table", pool.n, table->concepts.n);
    if (code != FR_OK)
        goto out;
    for (int i = 0; i < o->count; i++) {
        struct fr_rng rng;
        struct fr_text id = {0};
        fr_rng_seed(&rng, (uint64_t)o->seed, fr_mix64(fr_hash_text("namings random"), (uint64_t)i));
        fr_text_printf(&id, "r%d-%d", o->seed, i + 1);
        FR_RESERVE(made.items, made.n, made.capacity);
        fr_naming_random(&rng, (const char *const *)pool.words, pool.n, table->concepts.n,
                         fr_text_get(&id), &made.items[made.n++]);
        fr_text_release(&id);
    }
    if (o->json)
        print_json(&made);
    else
        print_table(&made);
out:
    for (int i = 0; i < made.n; i++)
        fr_naming_release(&made.items[i], made.concepts.n);
    free(made.items);
    pool_release(&pool);
    return code;
}

int fr_command_namings(int argc, char **argv) {
    static const struct argp argp =
        {option_table,
         parse_option,
         "list\ncheck FILE\nrandom",
         "Lists the namings of a table; checks a table; or makes up namings, as a table.",
         NULL,
         NULL,
         NULL};
    struct options o = {.seed = 1, .count = 1};
    struct fr_error err = {0};
    struct fr_input input;
    struct fr_text table = {0};
    (void)argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.table == NULL)
        fr_data_path("namings.tsv", &table);
    int code =
        fr_input_load(&input,
                      &(struct fr_input_paths){.domain = o.domain,
                                               .table = o.table ? o.table : fr_text_get(&table)},
                      &err);
    if (code == FR_OK) {
        if (strcmp(o.verb, "check") == 0)
            (void)printf("%s: %d namings of %d concepts, each concept with its own word\n", o.table,
                         input.namings.n, input.namings.concepts.n);
        else if (strcmp(o.verb, "random") == 0)
            code = make_random(&o, &input.namings, &err);
        else if (o.json)
            print_json(&input.namings);
        else
            print_columns(&input.namings);
    }
    fr_input_release(&input);
    fr_text_release(&table);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
