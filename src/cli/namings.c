/* fluidrep namings list | check | random: tables of namings. */
#include "cli/namings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"

static void take_word(const struct fr_given *given) {
    struct fr_namings_options *o = given->options;
    static const char *const verbs[] = {"list", "check", "random"};
    if (o->verb == NULL)
        o->verb = verbs[fr_cli_choice(given->state, "what to do", given->value, verbs, 3)];
    else if (strcmp(o->verb, "check") == 0 && o->paths.table == NULL)
        o->paths.table = given->value;
    else
        argp_error(given->state, "\"%s\" is one argument too many", given->value);
}

static const struct fr_option option_table[] = {
    {FR_WORDS(take_word)},
    {"table", 't', "FILE",
     "list: the table; random: where the words come from (default: the paper's)",
     FR_TEXT(struct fr_namings_options, paths.table), .group = 1},
    {"problem", 0, "FILE",
     "check, random: a puzzle of the domain, PDDL, whose objects' names are no words",
     FR_TEXT(struct fr_namings_options, paths.problem), .group = 1},
    {"model", 'm', "FILE",
     "check: how this model (GGUF) cuts each word, at a line's start, after a blank and with a "
     "capital",
     FR_TEXT(struct fr_namings_options, model), .group = 1},
    {"seed", 's', "N", "random: seed (default 1)",
     FR_INT(struct fr_namings_options, seed, 0, 2147483647), .group = 2},
    {"count", 'n', "N",
     "random: how many (default 1); a smaller count gives the first of a larger one",
     FR_INT(struct fr_namings_options, count, 1, 100000), .group = 2},
    {"flavour", 'f', "FLAVOUR",
     "random: words (English: verbs for actions, nouns for predicates), nonsense (that can be "
     "pronounced) or letters (six of them); without it, the mystery words of the table",
     FR_CHOICE(struct fr_namings_options, flavour, fr_flavour_name, FR_FLAVOUR_COUNT), .group = 2},
    {"pool", 'p', "FILE", "random: words to draw from, separated by blanks, \"#\" comment lines",
     FR_TEXT(struct fr_namings_options, pool), .group = 2},
    {"json", 0, NULL, "as JSON", FR_FLAG(struct fr_namings_options, json), .group = 3},
    FR_DOMAIN_OPTION(struct fr_namings_options),
    FR_WORDING_OPTION(struct fr_namings_options),
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct fr_namings_options *o = options;
    if (o->verb == NULL)
        argp_error(state, "say \"list\", \"check\" or \"random\"");
    else if (strcmp(o->verb, "check") == 0 && o->paths.table == NULL)
        argp_error(state, "which table? Give its file");
    else if (o->pool != NULL && o->flavour > FR_FLAVOUR_WORDS)
        argp_error(state, "--pool gives words, and %s makes them", fr_flavour_name[o->flavour]);
    else if (o->model != NULL && strcmp(o->verb, "check") != 0)
        argp_error(state, "--model goes with check");
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

/* The default table is Blocksworld's: another domain's concepts are no fault of its header. */
static int load_input(struct fr_namings_options *o, const char *needs, struct fr_input *input,
                      struct fr_error *err) {
    struct fr_text table = {0};
    struct fr_error other;
    const bool by_default = needs != NULL;
    if (by_default) {
        fr_data_path("namings.tsv", &table);
        o->paths.table = fr_text_get(&table);
    }
    int code = fr_input_load(input, &o->paths, err);
    if (code != FR_OK && by_default) {
        o->paths.table = NULL;
        o->paths.naming = "clean";
        if (fr_input_load(input, &o->paths, &other) == FR_OK) {
            code = fr_fail(err, FR_E_INPUT,
                           "the namings that come with the project are Blocksworld's, and domain "
                           "\"%.60s\" has other concepts; give %s",
                           input->domain.name, needs);
            fr_input_release(input);
        }
    }
    fr_text_release(&table);
    return code;
}

int fr_command_namings(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .check = check_options,
         .arguments = "list\ncheck FILE\nrandom",
         .about =
             "Lists the namings of a table; checks a table; or makes up namings, as a table.\v"
             "check finds errors (a word of the prompt, an object's name, a word that is another "
             "word's inflection) and warnings; with errors the exit status is 1. What random makes "
             "has "
             "neither."};
    struct fr_namings_options o = {.seed = 1, .count = 1, .flavour = -1};
    struct fr_error err = {0};
    struct fr_input input;
    const char *needs = NULL; /* in the place of the default table */
    int n_errors = 0;
    fr_cli_parse(&usage, argc, argv, &o);
    /* Only the default draws from a table: any domain has namings of the other kinds. */
    const bool is_random = strcmp(o.verb, "random") == 0;
    if (is_random && o.flavour < 0 && o.pool != NULL)
        o.flavour = FR_FLAVOUR_WORDS;
    if (o.paths.table == NULL && is_random && o.flavour >= 0)
        o.paths.naming = "clean";
    else if (o.paths.table == NULL)
        needs = is_random ? "--flavour or --table" : "--table";
    int code = load_input(&o, needs, &input, &err);
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
    if (code != FR_OK)
        return fr_cli_fail(&err);
    return n_errors == 0 ? FR_EXIT_DONE : FR_EXIT_FAILED;
}
