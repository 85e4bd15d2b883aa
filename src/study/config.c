/* The configuration file; see config.h. libyaml parses; the table below says what is allowed.
 * libcyaml was passed over: its errors name neither the nearest key nor our limits. */
#include "study/config.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/yaml.h"
#include "experiments/experiments.h"
#include "model/model.h"
#include "naming/inflection.h"
#include "prompts/prompts.h"
#include "representations/representations.h"

enum { CONFIG_CEILING = 1 << 20 };

enum key_type { KEY_TEXT, KEY_INT, KEY_DOUBLE, KEY_BOOL, KEY_CHOICE, KEY_INTS, KEY_TEXTS };

struct key {
    const char *section, *name; /* section "" : top level */
    enum key_type type;
    size_t offset;
    double low, high;           /* numbers, list items */
    const char *fallback;       /* NULL: the key is required */
    const char *const *choices; /* KEY_CHOICE and KEY_TEXTS */
    int n_choices;
    const char *help;
};

const char *const fr_too_long_name[FR_TOO_LONG_COUNT] = {"cut", "leave_out"};

#define AT(field) offsetof(struct fr_config, field)
#define MAX_TOKENS 1048576
static const struct key keys[] = {
    {"", "study", KEY_TEXT, AT(study), 0, 0, NULL, NULL, 0, "name of the study, for the report"},
    {"", "seed", KEY_INT, AT(seed), 0, INT_MAX, "1", NULL, 0, "seed of everything random"},

    {"model", "path", KEY_TEXT, AT(model_path), 0, 0, NULL, NULL, 0, "GGUF file"},
    {"model", "slots", KEY_INT, AT(slots), 1, 256, "16", NULL, 0, "sequences decoded together"},
    {"model", "context_tokens", KEY_INT, AT(context_tokens), 16, MAX_TOKENS, NULL, NULL, 0,
     "context of one sequence"},
    {"model", "chunk_tokens", KEY_INT, AT(chunk_tokens), 1, 65536, "512", NULL, 0,
     "prefill goes in chunks of this many tokens"},
    {"model", "threads", KEY_INT, AT(threads), 0, 1024, "0", NULL, 0, "0: all cores"},
    {"model", "gpu_layers", KEY_INT, AT(gpu_layers), -1, 1000, "0", NULL, 0,
     "-1: all layers on the GPU"},
    {"model", "flash_attention", KEY_BOOL, AT(flash_attention), 0, 0, "false", NULL, 0,
     "faster for large models, slower for tiny heads on a CPU"},
    {"model", "kv_type", KEY_CHOICE, AT(kv_type), 0, 0, "f16", fr_kv_type_name, FR_KV_TYPE_COUNT,
     "what keys and values are stored as; the quantised ones need flash_attention"},
    {"model", "deterministic", KEY_BOOL, AT(deterministic), 0, 0, "true", NULL, 0,
     "bit-identical results whatever the number of slots, or refused"},

    {"puzzles", "domain", KEY_TEXT, AT(domain_path), 0, 0, NULL, NULL, 0,
     "PDDL file of the domain"},
    {"puzzles", "directory", KEY_TEXT, AT(puzzles_path), 0, 0, "\"\"", NULL, 0,
     "PDDL problems of any domain; empty: Blocksworld puzzles are generated"},
    {"puzzles", "blocks", KEY_INT, AT(blocks), 2, 8, "4", NULL, 0,
     "of generated puzzles (paper section 2.2: 4)"},
    {"puzzles", "collect", KEY_INT, AT(n_collect), 1, 100000, "200", NULL, 0,
     "puzzles representations come from (paper: 0..199)"},
    {"puzzles", "evaluate", KEY_INT, AT(n_evaluate), 0, 100000, "100", NULL, 0,
     "held-out puzzles steering is judged on (paper: 200..299); 0 without steering"},
    {"puzzles", "min_plan_length", KEY_INT, AT(min_plan_length), 1, 64, "2", NULL, 0,
     "shortest optimal plan"},
    {"puzzles", "distinct", KEY_CHOICE, AT(distinct), 0, 0, "puzzles", fr_distinct_name,
     FR_DISTINCT_COUNT,
     "generated puzzles differ as they are, or in their classes: up to renaming"},
    {"puzzles", "max_states", KEY_INT, AT(max_states), 1000, 1000000000, "1000000", NULL, 0,
     "of a directory: a problem whose shortest plan takes a longer search is left out"},

    {"traces", "import", KEY_TEXT, AT(traces_path), 0, 0, "\"\"", NULL, 0,
     "recorded traces to replay, one JSON object a line; empty: the model writes its own"},
    {"traces", "naming", KEY_TEXT, AT(traces_naming), 0, 0, "\"\"", NULL, 0,
     "naming of the lines that do not tell theirs"},
    {"traces", "problems", KEY_TEXT, AT(traces_problems), 0, 0, "\"\"", NULL, 0,
     "their PDDL problems by instance, DIR/instance-%d.pddl; empty: the line's own, else as its "
     "prompt says"},
    {"traces", "match", KEY_BOOL, AT(match), 0, 0, "false", NULL, 0,
     "every trace in every mystery naming of the study, renamed, so that only the words differ"},
    {"traces", "too_long", KEY_CHOICE, AT(too_long), 0, 0, "cut", fr_too_long_name,
     FR_TOO_LONG_COUNT, "a trace of more than generation.max_tokens is cut, or leave_out"},

    {"namings", "table", KEY_TEXT, AT(namings_path), 0, 0, NULL, NULL, 0,
     "tab-separated table of namings"},
    {"namings", "use", KEY_TEXTS, AT(namings), 0, 0, "[all]", NULL, 0,
     "ids, the clean one among them; [all]: the whole table"},
    {"namings", "exclude", KEY_TEXTS, AT(excluded), 0, 0, "[\"3\"]", NULL, 0,
     "ids left out of representations and steering (paper: 3, which QwQ recognises)"},

    {"prompt", "style", KEY_CHOICE, AT(style), 0, 0, "terse", fr_style_name, FR_STYLE_COUNT,
     "planbench (paper section 2.2), paper, terse (the organism's dialect), or inferred (terse, "
     "the actions shown by what they did to an example)"},
    {"prompt", "wording", KEY_TEXT, AT(wording_path), 0, 0, "\"\"", NULL, 0,
     "wording file; empty: beside the domain, else the project's, else made from the PDDL"},
    {"prompt", "shots", KEY_INT, AT(shots), 0, 1, "1", NULL, 0,
     "solved examples before the puzzle (paper: 1; the terse style has none, inferred always one)"},
    {"generation", "max_tokens", KEY_INT, AT(max_tokens), 16, MAX_TOKENS, NULL, NULL, 0,
     "prompt and generated tokens of a trace (paper: 24576)"},

    {"representations", "origin", KEY_CHOICE, AT(origin), 0, 0, "reasoning", fr_origin_name,
     FR_ORIGIN_COUNT, "what timestamps count from"},
    {"representations", "window_tokens", KEY_INT, AT(window_tokens), 1, MAX_TOKENS, "100", NULL, 0,
     "w; paper section 2.4: 100, its appendix: 200"},
    {"representations", "grid_step", KEY_INT, AT(grid_step), 1, MAX_TOKENS, "200", NULL, 0,
     "tokens between timestamps (paper: 200)"},
    {"representations", "grid_end", KEY_INT, AT(grid_end), 1, MAX_TOKENS, "12000", NULL, 0,
     "last timestamp (paper: 12000)"},
    {"representations", "min_mentions", KEY_INT, AT(min_mentions), 1, 1000000, "10", NULL, 0,
     "a cell with fewer is missing"},
    {"representations", "previous_token", KEY_BOOL, AT(previous_token), 0, 0, "true", NULL, 0,
     "a mention includes the token before its word"},
    {"representations", "inflections", KEY_CHOICE, AT(inflections), 0, 0, "inflected",
     fr_inflection_rule_name, FR_INFLECTION_RULE_COUNT,
     "a mention is the word in all its forms (craves, craving), or exact: the word alone"},
    {"representations", "solved_traces", KEY_INT, AT(solved_traces), 1, 1000000, "40", NULL, 0,
     "solved traces per naming behind steering vectors (paper: 40)"},

    {"analyses", "reference_timestamp", KEY_INT, AT(reference_timestamp), 1, MAX_TOKENS, "7000",
     NULL, 0, "similarity is measured against cross-naming here (paper: 7000)"},
    {"analyses", "pca_timestamp", KEY_INT, AT(pca_timestamp), 1, MAX_TOKENS, "7000", NULL, 0,
     "PCA is taken here (paper: 7000)"},
    {"analyses", "resamples", KEY_INT, AT(resamples), 10, 1000000, "2000", NULL, 0,
     "bootstrap resamples"},

    {"steering", "conditions", KEY_TEXTS, AT(conditions), 0, 0,
     "[in_naming, cross_all, cross_loo, random, shuffled, cross_shuffled, identity]",
     fr_condition_names, FR_N_CONDITIONS, "rows of the steering table (paper section 4.1)"},
    {"steering", "layers", KEY_INTS, AT(steering_layers), 1, 1000, "[]", NULL, 0,
     "one layer at a time; empty: no steering (paper: 1, 5, 10, 20, ... 60)"},
    {"steering", "window_start", KEY_INT, AT(window_start), 0, MAX_TOKENS, "1500", NULL, 0,
     "mentions from here are edited (paper: 1500)"},
    {"steering", "window_end", KEY_INT, AT(window_end), 1, MAX_TOKENS, "2500", NULL, 0,
     "to here; the prefix ends here (paper: 2500)"},
    {"steering", "vector_timestamp", KEY_INT, AT(vector_timestamp), 1, MAX_TOKENS, "7000", NULL, 0,
     "vectors come from here (paper: 7000)"},
    {"steering", "scale", KEY_DOUBLE, AT(scale), 0, 1, "0.6666666666666666", NULL, 0,
     "s of h' = s h + (1 - s) v (paper: 2/3)"},
    {"steering", "permutations", KEY_INT, AT(permutations), 10, 10000000, "10000", NULL, 0,
     "sign flips of the permutation test"},
};
enum { N_KEYS = sizeof keys / sizeof *keys };

static void full_name(const struct key *key, struct fr_text *out) {
    fr_text_clear(out);
    fr_text_printf(out, "%s%s%s", key->section, *key->section ? "." : "", key->name);
}

/* ---- values --------------------------------------------------------------------------------- */

struct reader {
    struct fr_config *config;
    const char *path;
    struct fr_error *err;
    yaml_document_t *document;
};

static int fail_value(const struct reader *r, const struct key *key, int line, const char *value,
                      const char *expected) {
    struct fr_text name = {0};
    full_name(key, &name);
    const int code = fr_fail(r->err, FR_E_INPUT, "%s:%d: %s: \"%.80s\" is not %s; %s", r->path,
                             line, fr_text_get(&name), value, expected, key->help);
    fr_text_release(&name);
    return code;
}

static int fail_range(const struct reader *r, const struct key *key, int line, const char *value) {
    struct fr_text name = {0};
    full_name(key, &name);
    const int code =
        fr_fail(r->err, FR_E_INPUT, "%s:%d: %s: %.80s is out of range %g..%g; %s", r->path, line,
                fr_text_get(&name), value, key->low, key->high, key->help);
    fr_text_release(&name);
    return code;
}

static int find_choice(const struct reader *r, const struct key *key, int line, const char *value,
                       int *out) {
    for (int i = 0; i < key->n_choices; i++)
        if (strcmp(key->choices[i], value) == 0) {
            *out = i;
            return FR_OK;
        }
    const char *near = fr_nearest(value, key->choices, key->n_choices);
    struct fr_text list = {0};
    fr_text_add(&list, "one of");
    for (int i = 0; i < key->n_choices; i++)
        fr_text_printf(&list, " %s", key->choices[i]);
    if (near != NULL)
        fr_text_printf(&list, "; the nearest is \"%s\"", near);
    const int code = fail_value(r, key, line, value, fr_text_get(&list));
    fr_text_release(&list);
    return code;
}

static int read_int(const struct reader *r, const struct key *key, int line, const char *value,
                    int *out) {
    char *end;
    errno = 0;
    const long x = strtol(value, &end, 10);
    if (end == value || *end != '\0')
        return fail_value(r, key, line, value, "a whole number");
    if (errno != 0 || (double)x < key->low || (double)x > key->high)
        return fail_range(r, key, line, value);
    *out = (int)x;
    return FR_OK;
}

static int read_double(const struct reader *r, const struct key *key, int line, const char *value,
                       double *out) {
    char *end;
    const double x = strtod(value, &end);
    if (end == value || *end != '\0' || x != x)
        return fail_value(r, key, line, value, "a number");
    if (x < key->low || x > key->high)
        return fail_range(r, key, line, value);
    *out = x;
    return FR_OK;
}

static int read_bool(const struct reader *r, const struct key *key, int line, const char *value,
                     bool *out) {
    *out = strcmp(value, "true") == 0;
    return *out || strcmp(value, "false") == 0 ? FR_OK
                                               : fail_value(r, key, line, value, "true or false");
}

static void *field_of(const struct reader *r, const struct key *key) {
    return (char *)r->config + key->offset;
}

static int read_scalar(const struct reader *r, const struct key *key, int line, const char *value) {
    void *field = field_of(r, key);
    switch (key->type) {
    case KEY_TEXT:
        if (*value == '\0' && (key->fallback == NULL || strcmp(key->fallback, "\"\"") != 0))
            return fail_value(r, key, line, value, "a text");
        free(*(char **)field);
        *(char **)field = fr_strdup(value);
        return FR_OK;
    case KEY_INT:
        return read_int(r, key, line, value, field);
    case KEY_DOUBLE:
        return read_double(r, key, line, value, field);
    case KEY_BOOL:
        return read_bool(r, key, line, value, field);
    case KEY_CHOICE:
        return find_choice(r, key, line, value, field);
    case KEY_INTS:
    case KEY_TEXTS:
        break;
    }
    return fail_value(r, key, line, value, "a list; write [a, b]");
}

static void clear_list(const struct reader *r, const struct key *key) {
    if (key->type == KEY_INTS) {
        ((struct fr_int_list *)field_of(r, key))->n = 0;
        return;
    }
    struct fr_text_list *list = field_of(r, key);
    while (list->n > 0)
        free(list->items[--list->n]);
}

static int append_item(const struct reader *r, const struct key *key, int line, const char *value) {
    if (key->type == KEY_INTS) {
        struct fr_int_list *list = field_of(r, key);
        int item;
        if (list->n == FR_CONFIG_LIST)
            return fail_value(r, key, line, value, "within the list's limit of 64 items");
        const int code = read_int(r, key, line, value, &item);
        for (int i = 0; code == FR_OK && i < list->n; i++)
            if (list->items[i] == item)
                return fail_value(r, key, line, value, "new: the list has it twice");
        if (code == FR_OK)
            list->items[list->n++] = item;
        return code;
    }
    struct fr_text_list *list = field_of(r, key);
    int choice = 0;
    if (key->n_choices > 0) {
        const int code = find_choice(r, key, line, value, &choice);
        if (code != FR_OK)
            return code;
    }
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->items[i], value) == 0)
            return fail_value(r, key, line, value, "new: the list has it twice");
    if (list->n == FR_CONFIG_LIST)
        return fail_value(r, key, line, value, "within the list's limit of 64 items");
    list->items[list->n++] = fr_strdup(value);
    return FR_OK;
}

static const char *scalar(const yaml_node_t *node) {
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}
static int line_of(const yaml_node_t *node) { return (int)node->start_mark.line + 1; }

static int read_node(const struct reader *r, const struct key *key, const yaml_node_t *node) {
    if (node->type == YAML_SCALAR_NODE)
        return read_scalar(r, key, line_of(node), scalar(node));
    if (node->type != YAML_SEQUENCE_NODE || (key->type != KEY_INTS && key->type != KEY_TEXTS))
        return fail_value(r, key, line_of(node),
                          node->type == YAML_MAPPING_NODE ? "{...}" : "[...]",
                          "what this key takes");
    clear_list(r, key);
    int code = FR_OK;
    for (yaml_node_item_t *i = node->data.sequence.items.start;
         code == FR_OK && i < node->data.sequence.items.top; i++) {
        const yaml_node_t *item = yaml_document_get_node(r->document, *i);
        code = item->type == YAML_SCALAR_NODE
                   ? append_item(r, key, line_of(item), scalar(item))
                   : fail_value(r, key, line_of(item), "...", "a plain item");
    }
    return code;
}

/* ---- keys -------------------------------------------------------------------------------------
 */

static int unknown_key(const struct reader *r, const char *section, const char *name, int line) {
    const char *candidates[2 * N_KEYS];
    int n = 0;
    for (int i = 0; i < N_KEYS; i++) {
        if (strcmp(keys[i].section, section) == 0)
            candidates[n++] = keys[i].name;
        if (*section == '\0')
            candidates[n++] = keys[i].section;
    }
    const char *near = fr_nearest(name, candidates, n);
    if (near != NULL)
        return fr_fail(r->err, FR_E_INPUT,
                       "%s:%d: unknown key \"%s%s%.60s\"; the nearest is \"%s%s%s\"", r->path, line,
                       section, *section ? "." : "", name, section, *section ? "." : "", near);
    for (int i = 0; i < N_KEYS; i++) /* perhaps the right key in the wrong section */
        if (strcmp(keys[i].name, name) == 0)
            return fr_fail(r->err, FR_E_INPUT,
                           "%s:%d: unknown key \"%s%s%.60s\"; \"%s\" belongs to section \"%s\"",
                           r->path, line, section, *section ? "." : "", name, name,
                           keys[i].section);
    return fr_fail(r->err, FR_E_INPUT,
                   "%s:%d: unknown key \"%s%s%.60s\"; fluidrep run --help-config lists all keys",
                   r->path, line, section, *section ? "." : "", name);
}

static int find_key(const char *section, const char *name) {
    for (int i = 0; i < N_KEYS; i++)
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0)
            return i;
    return -1;
}

static bool is_section(const char *name) {
    for (int i = 0; i < N_KEYS; i++)
        if (*name != '\0' && strcmp(keys[i].section, name) == 0)
            return true;
    return false;
}

static int read_mapping(const struct reader *r, const yaml_node_t *map, const char *section,
                        bool *seen) {
    int code = FR_OK;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start;
         code == FR_OK && p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *name_node = yaml_document_get_node(r->document, p->key);
        const yaml_node_t *value = yaml_document_get_node(r->document, p->value);
        const char *name = scalar(name_node);
        const int line = line_of(name_node);
        if (name == NULL)
            return fr_fail(r->err, FR_E_INPUT, "%s:%d: a key must be a plain word", r->path, line);
        if (*section == '\0' && is_section(name)) {
            code = value->type == YAML_MAPPING_NODE
                       ? read_mapping(r, value, name, seen)
                       : fr_fail(r->err, FR_E_INPUT,
                                 "%s:%d: %s is a section; write its keys below it, indented",
                                 r->path, line, name);
            continue;
        }
        const int i = find_key(section, name);
        if (i < 0)
            return unknown_key(r, section, name, line);
        if (seen[i])
            return fr_fail(r->err, FR_E_INPUT, "%s:%d: key \"%s\" is given twice; keep one",
                           r->path, line, name);
        seen[i] = true;
        code = read_node(r, &keys[i], value);
    }
    return code;
}

static int parse_yaml(struct fr_config *out, const char *text, const char *path, bool *seen,
                      struct fr_error *err) {
    yaml_document_t document;
    int code = fr_yaml_parse(&document, text, path, err);
    if (code != FR_OK)
        return code;
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    const struct reader r = {out, path, err, &document};
    if (root == NULL || root->type != YAML_MAPPING_NODE)
        code = fr_fail(err, FR_E_INPUT, "%s:1: expected \"key: value\" lines", path);
    else
        code = read_mapping(&r, root, "", seen);
    yaml_document_delete(&document);
    return code;
}

/* Defaults are written as YAML too, so that one reader serves both. */
static int apply_defaults(struct fr_config *out, struct fr_error *err) {
    struct fr_text yaml = {0};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < N_KEYS; i++) {
        if (keys[i].fallback == NULL)
            continue;
        bool seen[N_KEYS] = {false};
        fr_text_clear(&yaml);
        if (*keys[i].section != '\0')
            fr_text_printf(&yaml, "%s: {%s: %s}\n", keys[i].section, keys[i].name,
                           keys[i].fallback);
        else
            fr_text_printf(&yaml, "%s: %s\n", keys[i].name, keys[i].fallback);
        code = parse_yaml(out, fr_text_get(&yaml), "defaults", seen, err);
    }
    fr_text_release(&yaml);
    return code;
}

/* What no single key can tell. */
static int check_together(const struct fr_config *c, const char *path, struct fr_error *err) {
    for (const char *p = c->study; *p; p++) /* it names a directory */
        if (!fr_is_word_byte(*p) && *p != '-')
            return fr_fail(err, FR_E_INPUT,
                           "%s: study: \"%.60s\" is no name; use letters, digits, '-' and '_'",
                           path, c->study);
    if (c->max_tokens > c->context_tokens)
        return fr_fail(err, FR_E_INPUT,
                       "%s: generation.max_tokens %d exceeds model.context_tokens %d; a trace must "
                       "fit its slot",
                       path, c->max_tokens, c->context_tokens);
    if (c->grid_end < c->grid_step)
        return fr_fail(
            err, FR_E_INPUT,
            "%s: representations.grid_end %d is below grid_step %d; no timestamp is left", path,
            c->grid_end, c->grid_step);
    const bool imports = *c->traces_path != '\0';
    if (imports && (c->n_evaluate > 0 || c->steering_layers.n > 0))
        return fr_fail(err, FR_E_INPUT,
                       "%s: traces.import replays recorded traces, and nothing is steered: set "
                       "puzzles.evaluate 0 and steering.layers []",
                       path);
    if (imports && *c->puzzles_path != '\0')
        return fr_fail(err, FR_E_INPUT,
                       "%s: puzzles.directory, but the puzzles are those of traces.import; "
                       "traces.problems tells where their PDDL is",
                       path);
    if (!imports && (*c->traces_naming != '\0' || *c->traces_problems != '\0' || c->match))
        return fr_fail(err, FR_E_INPUT, "%s: traces.%s without traces.import", path,
                       *c->traces_naming     ? "naming"
                       : *c->traces_problems ? "problems"
                                             : "match");
    const char *place = strstr(c->traces_problems, "%d");
    if (*c->traces_problems != '\0' && (place == NULL || strchr(place + 1, '%') != NULL ||
                                        strchr(c->traces_problems, '%') != place))
        return fr_fail(err, FR_E_INPUT, "%s: traces.problems: \"%.80s\" needs one %%d", path,
                       c->traces_problems);
    if (c->n_evaluate == 0 && c->steering_layers.n > 0)
        return fr_fail(err, FR_E_INPUT,
                       "%s: puzzles.evaluate 0 leaves nothing to steer; set steering.layers []",
                       path);
    const enum fr_style_examples examples = fr_style_examples((enum fr_prompt_style)c->style);
    if (examples == FR_EXAMPLES_ALWAYS && c->shots == 0)
        return fr_fail(
            err, FR_E_INPUT,
            "%s: prompt.shots 0, but the %s style always shows one solved example; leave "
            "prompt.shots out",
            path, fr_style_name[c->style]);
    if (!imports && examples != FR_EXAMPLES_NEVER && c->shots > 0 && c->n_collect < 2)
        return fr_fail(err, FR_E_INPUT,
                       "%s: prompt.shots 1 takes its examples from the puzzles to collect from; "
                       "puzzles.collect must be 2 or more",
                       path);
    const struct {
        const char *name;
        int value;
    } stamps[] = {{"analyses.reference_timestamp", c->reference_timestamp},
                  {"analyses.pca_timestamp", c->pca_timestamp},
                  {"steering.vector_timestamp", c->vector_timestamp}};
    for (int i = 0; i < 3; i++)
        if (stamps[i].value % c->grid_step != 0 || stamps[i].value > c->grid_end)
            return fr_fail(err, FR_E_INPUT,
                           "%s: %s %d is not on the grid of every %d tokens up to %d", path,
                           stamps[i].name, stamps[i].value, c->grid_step, c->grid_end);
    if (c->steering_layers.n > 0 && c->window_end <= c->window_start)
        return fr_fail(err, FR_E_INPUT, "%s: steering.window_end %d must be above window_start %d",
                       path, c->window_end, c->window_start);
    return FR_OK;
}

int fr_config_parse(struct fr_config *out, const char *text, const char *path,
                    struct fr_error *err) {
    *out = (struct fr_config){0};
    bool seen[N_KEYS] = {false};
    int code = apply_defaults(out, err);
    if (code == FR_OK)
        code = parse_yaml(out, text, path, seen, err);
    for (int i = 0; code == FR_OK && i < N_KEYS; i++)
        if (keys[i].fallback == NULL && !seen[i])
            code =
                fr_fail(err, FR_E_INPUT, "%s: key \"%s%s%s\" is missing; %s", path, keys[i].section,
                        *keys[i].section ? "." : "", keys[i].name, keys[i].help);
    if (code == FR_OK)
        code = check_together(out, path, err);
    if (code != FR_OK)
        fr_config_release(out);
    return code;
}

int fr_config_load(struct fr_config *out, const char *path, struct fr_error *err) {
    struct fr_text text = {0};
    *out = (struct fr_config){0};
    int code = fr_file_read(path, CONFIG_CEILING, &text, err);
    if (code == FR_OK)
        code = fr_config_parse(out, fr_text_get(&text), path, err);
    fr_text_release(&text);
    return code;
}

void fr_config_release(struct fr_config *config) {
    const struct reader r = {.config = config};
    for (int i = 0; i < N_KEYS; i++) {
        if (keys[i].type == KEY_TEXT)
            free(*(char **)field_of(&r, &keys[i]));
        else if (keys[i].type == KEY_TEXTS)
            clear_list(&r, &keys[i]);
    }
    *config = (struct fr_config){0};
}

static void render_value(const struct fr_config *config, const struct key *key,
                         struct fr_text *out) {
    const void *field = (const char *)config + key->offset;
    switch (key->type) {
    case KEY_TEXT:
        fr_text_add(out, *(char *const *)field);
        break;
    case KEY_INT:
        fr_text_printf(out, "%d", *(const int *)field);
        break;
    case KEY_DOUBLE:
        fr_text_printf(out, "%.17g", *(const double *)field);
        break;
    case KEY_BOOL:
        fr_text_add(out, *(const bool *)field ? "true" : "false");
        break;
    case KEY_CHOICE:
        fr_text_add(out, key->choices[*(const int *)field]);
        break;
    case KEY_INTS: {
        const struct fr_int_list *list = field;
        for (int i = 0; i < list->n; i++)
            fr_text_printf(out, "%s%d", i ? ", " : "[", list->items[i]);
        fr_text_add(out, list->n ? "]" : "[]");
        break;
    }
    case KEY_TEXTS: {
        const struct fr_text_list *list = field;
        for (int i = 0; i < list->n; i++)
            fr_text_printf(out, "%s%s", i ? ", " : "[", list->items[i]);
        fr_text_add(out, list->n ? "]" : "[]");
        break;
    }
    }
}

void fr_config_render(const struct fr_config *config, struct fr_text *out) {
    for (int i = 0; i < N_KEYS; i++) {
        fr_text_printf(out, "%s%s%s: ", keys[i].section, *keys[i].section ? "." : "", keys[i].name);
        render_value(config, &keys[i], out);
        fr_text_add(out, "\n");
    }
}

void fr_config_help(struct fr_text *out) {
    for (int i = 0; i < N_KEYS; i++) {
        struct fr_text name = {0};
        full_name(&keys[i], &name);
        fr_text_printf(out, "%-37s %s", fr_text_get(&name), keys[i].help);
        if (keys[i].fallback != NULL)
            fr_text_printf(out, " [default %s]\n", keys[i].fallback);
        else
            fr_text_add(out, " [required]\n");
        fr_text_release(&name);
    }
}

void fr_config_resolve(const char *config_path, const char *path, struct fr_text *out) {
    const char *slash = strrchr(config_path, '/');
    if (*path != '/' && slash != NULL)
        fr_text_append(out, config_path, (size_t)(slash - config_path) + 1);
    fr_text_add(out, path);
}
