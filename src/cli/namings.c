/* fluidrep namings list | check | random: tables of namings. */
#include "cli/namings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/output.h"

enum {
    KEY_TABLE = 't',
    KEY_SEED = 's',
    KEY_COUNT = 'n',
    KEY_POOL = 'p',
    KEY_FLAVOUR = 'f',
    KEY_MODEL = 'm',
    KEY_JSON = 256,
    KEY_PROBLEM
};

static const struct argp_option option_table[] = {
    {"table", KEY_TABLE, "FILE", 0,
     "list: the table; random: where the words come from (default: the paper's)", 1},
    {"problem", KEY_PROBLEM, "FILE", 0,
     "check, random: a puzzle of the domain, PDDL, whose objects' names are no words", 1},
    {"model", KEY_MODEL, "FILE", 0,
     "check: how this model (GGUF) cuts each word, at a line's start, after a blank and with a "
     "capital",
     1},
    {"seed", KEY_SEED, "N", 0, "random: seed (default 1)", 2},
    {"count", KEY_COUNT, "N", 0,
     "random: how many (default 1); a smaller count gives the first of a larger one", 2},
    {"flavour", KEY_FLAVOUR, "FLAVOUR", 0,
     "random: words (English: verbs for actions, nouns for predicates), nonsense (that can be "
     "pronounced) or letters (six of them); without it, the mystery words of the table",
     2},
    {"pool", KEY_POOL, "FILE", 0,
     "random: words to draw from, separated by blanks, \"#\" comment lines", 2},
    {"json", KEY_JSON, NULL, 0, "as JSON", 3},
    {0},
};

static const struct argp_child children[] = {FR_DOMAIN_OPTIONS, FR_WORDING_OPTIONS, {0}};

static error_t parse_argument(char *value, struct argp_state *state) {
    struct fr_namings_options *o = state->input;
    static const char *const verbs[] = {"list", "check", "random"};
    if (o->verb == NULL)
        o->verb = verbs[fr_cli_choice(state, "what to do", value, verbs, 3)];
    else if (strcmp(o->verb, "check") == 0 && o->paths.table == NULL)
        o->paths.table = value;
    else
        argp_error(state, "\"%s\" is one argument too many", value);
    return 0;
}

static void check_options(const struct fr_namings_options *o, const struct argp_state *state) {
    if (o->verb == NULL)
        argp_error(state, "say \"list\", \"check\" or \"random\"");
    else if (strcmp(o->verb, "check") == 0 && o->paths.table == NULL)
        argp_error(state, "which table? Give its file");
    else if (o->pool != NULL && o->flavour > FR_FLAVOUR_WORDS)
        argp_error(state, "--pool gives words, and %s makes them", fr_flavour_name[o->flavour]);
    else if (o->model != NULL && strcmp(o->verb, "check") != 0)
        argp_error(state, "--model goes with check");
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct fr_namings_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        fr_input_options_init(state, &o->paths, 2);
        return 0;
    case KEY_TABLE:
        o->paths.table = value;
        return 0;
    case KEY_PROBLEM:
        o->paths.problem = value;
        return 0;
    case KEY_MODEL:
        o->model = value;
        return 0;
    case KEY_SEED:
        o->seed = fr_cli_int(state, "--seed", value, 0, 2147483647);
        return 0;
    case KEY_COUNT:
        o->count = fr_cli_int(state, "--count", value, 1, 100000);
        return 0;
    case KEY_FLAVOUR:
        o->flavour = fr_cli_choice(state, "--flavour", value, fr_flavour_name, FR_FLAVOUR_COUNT);
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
        check_options(o, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- output ---------------------------------------------------------------------------------- */

/* {"id": ..., "words": {concept: word}} */
static json_t *render_naming(const struct fr_concepts *concepts, const struct fr_naming *naming) {
    json_t *words = json_object();
    for (int a = 0; a < concepts->n; a++)
        json_object_set_new(words, concepts->names[a], fr_json_text(naming->words[a]));
    return json_pack("{s:o, s:o}", "id", fr_json_text(naming->id), "words", words);
}

void fr_namings_print_json(const struct fr_namings *namings) {
    json_t *list = json_array(), *concepts = json_array();
    for (int a = 0; a < namings->concepts.n; a++)
        json_array_append_new(concepts,
                              json_pack("{s:o, s:s}", "name",
                                        fr_json_text(namings->concepts.names[a]), "kind",
                                        fr_concept_kind_name[namings->concepts.kinds[a]]));
    for (int i = 0; i < namings->n; i++)
        json_array_append_new(list, render_naming(&namings->concepts, &namings->items[i]));
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

int fr_command_namings(int argc, char **argv) {
    static const struct argp argp =
        {.options = option_table,
         .parser = parse_option,
         .args_doc = "list\ncheck FILE\nrandom",
         .doc =
             "Lists the namings of a table; checks a table; or makes up namings, as a table.\v"
             "check finds errors (a word of the prompt, an object's name, a word that is another "
             "word's inflection) and warnings; with errors the exit status is 1. What random makes "
             "has "
             "neither.",
         .children = children};
    struct fr_namings_options o = {.seed = 1, .count = 1, .flavour = -1};
    struct fr_error err = {0};
    struct fr_input input;
    struct fr_text table = {0};
    int n_errors = 0;
    fr_cli_parse(&argp, argc, argv, &o);
    /* Only the default draws from a table: any domain has namings of the other kinds. */
    const bool is_random = strcmp(o.verb, "random") == 0;
    if (is_random && o.flavour < 0 && o.pool != NULL)
        o.flavour = FR_FLAVOUR_WORDS;
    if (o.paths.table == NULL && is_random && o.flavour >= 0) {
        o.paths.naming = "clean";
    } else if (o.paths.table == NULL) {
        fr_data_path("namings.tsv", &table);
        o.paths.table = fr_text_get(&table);
    }
    int code = fr_input_load(&input, &o.paths, &err);
    if (code == FR_OK) {
        if (strcmp(o.verb, "check") == 0)
            code = fr_namings_check_table(&o, &input, &n_errors, &err);
        else if (is_random)
            code = fr_namings_make(&o, &input, &err);
        else if (o.json)
            fr_namings_print_json(&input.namings);
        else
            print_columns(&input.namings);
    }
    fr_input_release(&input);
    fr_text_release(&table);
    if (code != FR_OK)
        return fr_cli_fail(&err);
    return n_errors == 0 ? FR_EXIT_DONE : FR_EXIT_FAILED;
}
