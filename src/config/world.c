/* A configuration and what it names; see world.h. */
#include "config/world.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "phases/phases.h"
#include "prompts/prompts.h"
#include "prompts/reserve.h"

enum { MAX_NAMINGS = 4 * FR_CONFIG_LIST, PDDL_CEILING = 1 << 24, TEMPLATE_CEILING = 1 << 20 };

static bool listed(const struct fr_text_list *list, const char *id) {
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->items[i], id) == 0)
            return true;
    return false;
}

/* An id that a key gives must be among these: the study's namings, or the whole table's. */
static int check_id(const struct fr_world *w, const char *key, const char *id, bool of_study,
                    struct fr_error *err) {
    const char *known[MAX_NAMINGS];
    int n = 0;
    for (int i = 0; of_study && i < w->n_namings; i++)
        known[n++] = w->namings[i].naming->id;
    for (int i = 0; !of_study && i < w->table.n && n < MAX_NAMINGS; i++)
        known[n++] = w->table.items[i].id;
    const bool found =
        of_study ? fr_world_find_naming(w, id) >= 0 : fr_namings_find(&w->table, id) >= 0;
    if (found)
        return FR_OK;
    const char *near = fr_nearest(id, known, n);
    return fr_fail(err, FR_E_INPUT, "%s: %s: \"%.60s\" is none of the %s%s%s; %sleave it out here",
                   w->config_path, key, id, of_study ? "study's namings" : "table's namings",
                   near != NULL ? "; the nearest is " : "", near != NULL ? near : "",
                   of_study ? "add it to namings.use, or " : "");
}

/* Every key that names namings. namings.exclude may name those that another study uses, and "3" by
 * default, which a table of one's own need not have. */
static int check_ids(const struct fr_world *w, struct fr_error *err) {
    const struct fr_config *c = &w->config;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < c->accuracy_only.n; i++)
        code = check_id(w, "namings.accuracy_only", c->accuracy_only.items[i], true, err);
    const bool by_default = c->excluded.n == 1 && strcmp(c->excluded.items[0], "3") == 0;
    for (int i = 0; code == FR_OK && !by_default && i < c->excluded.n; i++)
        code = check_id(w, "namings.exclude", c->excluded.items[i], false, err);
    if (code != FR_OK || *c->pair_naming == '\0')
        return code;
    code = check_id(w, "analyses.pair_naming", c->pair_naming, true, err);
    const int pair = code == FR_OK ? fr_world_find_naming(w, c->pair_naming) : -1;
    if (pair >= 0 && (w->namings[pair].clean || w->namings[pair].excluded))
        return fr_fail(err, FR_E_INPUT,
                       "%s: analyses.pair_naming: \"%.60s\" is %s, so that no other is compared "
                       "with it; name another",
                       w->config_path, c->pair_naming,
                       w->namings[pair].clean ? "the domain's own naming"
                                              : "left out of representations");
    return code;
}

static int choose_namings(struct fr_world *w, struct fr_error *err) {
    const struct fr_text_list *wanted = &w->config.namings;
    const bool all = wanted->n == 1 && strcmp(wanted->items[0], "all") == 0;
    const char *ids[FR_CONFIG_LIST];
    int n_ids = 0;
    for (int i = 0; i < w->table.n && n_ids < FR_CONFIG_LIST; i++)
        ids[n_ids++] = w->table.items[i].id;
    const int n = all ? w->table.n : wanted->n;
    if (n == 0)
        return fr_fail(err, FR_E_INPUT,
                       "%s: namings.use: [] names none; write [all], or ids of namings.table",
                       w->config_path);
    if (n > MAX_NAMINGS)
        return fr_fail(err, FR_E_LIMIT, "%s: more than %d namings", w->config_path, MAX_NAMINGS);
    w->namings = fr_alloc((size_t)n, sizeof *w->namings);
    for (int i = 0; i < n; i++) {
        const int found = all ? i : fr_namings_find(&w->table, wanted->items[i]);
        if (found < 0) {
            const char *near = fr_nearest(wanted->items[i], ids, n_ids);
            return fr_fail(
                err, FR_E_INPUT,
                "%s: namings.use: no naming \"%s\" in the table%s%s; its ids are %s ... %s",
                w->config_path, wanted->items[i], near ? "; the nearest is " : "", near ? near : "",
                ids[0], ids[n_ids - 1]);
        }
        const struct fr_naming *naming = &w->table.items[found];
        const bool accuracy_only = listed(&w->config.accuracy_only, naming->id);
        w->namings[w->n_namings++] =
            (struct fr_world_naming){.naming = naming,
                                     .clean = fr_naming_is_clean(naming),
                                     .excluded =
                                         accuracy_only || listed(&w->config.excluded, naming->id),
                                     .accuracy_only = accuracy_only};
    }
    const int code = check_ids(w, err);
    if (code != FR_OK)
        return code;
    int first;
    if (fr_world_replayed_namings(w, &first) == 0)
        return fr_fail(err, FR_E_INPUT,
                       "%s: namings.accuracy_only: all of the study's namings; leave out one at "
                       "least, for representations",
                       w->config_path);
    const int clean = fr_world_clean_naming(w);
    if (clean >= 0 && w->namings[clean].accuracy_only)
        return fr_fail(err, FR_E_INPUT,
                       "%s: namings.accuracy_only: \"%s\" is the domain's own naming, which "
                       "representations are compared with; leave it out here",
                       w->config_path, w->namings[clean].naming->id);
    return FR_OK;
}

/* The file that is named, else the one that goes with the domain, else none. */
static int load_wording(struct fr_world *w, const char *domain_path, struct fr_error *err) {
    struct fr_text file = {0}, used = {0};
    if (*w->config.wording_path != '\0')
        fr_config_resolve(w->config_path, w->config.wording_path, &file);
    const int code = fr_wording_open(&w->wording, &w->domain, file.len > 0 ? file.data : NULL,
                                     domain_path, &used, err);
    w->wording_path = fr_text_take(&used);
    fr_text_release(&file);
    return code;
}

static char *resolved(const struct fr_world *w, const char *path) {
    struct fr_text out = {0};
    if (*path != '\0')
        fr_config_resolve(w->config_path, path, &out);
    return fr_text_take(&out);
}

/* A shortest plan, or the one that PlanBench's planner chose. */
static int load_example(struct fr_world *w, struct fr_error *err) {
    char *path = resolved(w, w->config.example_path);
    bool known = false;
    int length, code = FR_OK;
    if (*path != '\0')
        code = fr_problem_load(&w->example, &w->domain, path, err);
    if (code == FR_OK && *path != '\0')
        code = fr_plan_load_known(&w->example, path, &w->example_plan, &known, err);
    if (code == FR_OK && *path != '\0' && !known)
        code = fr_problem_solve(&w->example, w->config.max_states, &w->example_plan, &length, err);
    if (code == FR_OK && *path != '\0' && w->example_plan.n_steps == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: an example that takes no step shows nothing", path);
    free(path);
    return code == FR_OK ? FR_OK : fr_fail_in(err, "%s: prompt.example", w->config_path);
}

/* Puzzles that are generated are Blocksworld's. */
static int check_generated(const struct fr_world *w, struct fr_error *err) {
    if (*w->config.puzzles_path != '\0' || *w->config.traces_path != '\0' ||
        fr_puzzle_is_of(&w->domain))
        return FR_OK;
    return fr_fail(err, FR_E_INPUT,
                   "%s: puzzles.directory is missing: puzzles.blocks makes problems of Blocksworld "
                   "in its own words, which domain \"%.60s\" is not",
                   w->config_path, w->domain.name);
}

/* Recorded prompts say what they say: of theirs only the domain's words are known, which some
 * namings take on purpose. */
static int check_words(const struct fr_world *w, struct fr_error *err) {
    const struct fr_problem none = {.domain = &w->domain,
                                    .n_objects = w->domain.n_constants,
                                    .objects = w->domain.constants,
                                    .object_types = w->domain.constant_types};
    const bool example = w->example_plan.n_steps > 0;
    struct fr_reserved reserved = {0};
    if (*w->config.traces_path == '\0')
        fr_prompt_reserve_domain(&(struct fr_prompt){.style = (enum fr_prompt_style)w->config.style,
                                                     .problem = &none,
                                                     .wording = &w->wording,
                                                     .example = example ? &w->example
                                                                : fr_world_shows_examples(w) ? &none
                                                                                             : NULL,
                                                     .example_plan = &w->example_plan,
                                                     .instruction = fr_world_instruction(w)},
                                 false, &reserved);
    const int code = fr_world_check_words(w, &reserved, err);
    fr_reserved_release(&reserved);
    return code;
}

/* Tables of results tell concepts apart by their names alone. */
static int check_names(const struct fr_world *w, const char *path, struct fr_error *err) {
    for (int a = 0; a < w->domain.n_actions; a++)
        for (int p = 0; p < w->domain.n_predicates; p++)
            if (strcmp(w->domain.actions[a].name, w->domain.predicates[p].name) == 0)
                return fr_fail(err, FR_E_INPUT,
                               "%s: an action and a predicate are both called %s, which a study's "
                               "tables cannot tell apart; call one of them otherwise",
                               path, w->domain.actions[a].name);
    return FR_OK;
}

static int load_inputs(struct fr_world *w, struct fr_error *err) {
    char *domain = resolved(w, w->config.domain_path), *table = resolved(w, w->config.namings_path);
    int code = fr_domain_load(&w->domain, domain, err);
    if (code == FR_OK)
        code = check_names(w, domain, err);
    if (code == FR_OK)
        code = check_generated(w, err);
    if (code == FR_OK)
        code = load_wording(w, domain, err);
    if (code == FR_OK)
        code = fr_namings_load(&w->table, table, &w->domain, err);
    if (code == FR_OK)
        code = choose_namings(w, err);
    if (code == FR_OK)
        code = load_example(w, err);
    if (code == FR_OK)
        code = check_words(w, err);
    free(domain);
    free(table);
    w->model_path = resolved(w, w->config.model_path);
    w->puzzles_path = resolved(w, w->config.puzzles_path);
    w->traces_path = resolved(w, w->config.traces_path);
    w->traces_problems = resolved(w, w->config.traces_problems);
    w->chat_template = resolved(w, w->config.chat_template);
    if (*w->chat_template != '\0' && !fr_file_exists(w->chat_template)) { /* a name */
        free(w->chat_template);
        w->chat_template = fr_strdup(w->config.chat_template);
    }
    struct stat st;
    if (code == FR_OK && *w->traces_path != '\0' && stat(w->traces_path, &st) == 0 &&
        !S_ISREG(st.st_mode)) /* it is read more than once */
        code = fr_fail(err, FR_E_INPUT,
                       "%s: traces.import: %s: not a file; give the path of one of JSON lines",
                       w->config_path, w->traces_path);
    if (code == FR_OK && *w->traces_path != '\0' && !fr_file_exists(w->traces_path))
        code = fr_fail(err, FR_E_INPUT,
                       "%s: traces.import: %s is not there; recorded traces are JSON lines of "
                       "prompt, reasoning and answer: docs/replay.md tells where some are",
                       w->config_path, w->traces_path);
    return code;
}

int fr_world_check_words(const struct fr_world *w, const struct fr_reserved *reserved,
                         struct fr_error *err) {
    static const struct fr_reserved nothing = {0};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < w->n_namings; i++) {
        const struct fr_naming *naming = w->namings[i].naming;
        struct fr_naming_faults found = {0};
        /* of accuracy alone no word is looked for in a prompt */
        fr_naming_check(&w->table.concepts, naming,
                        w->namings[i].accuracy_only ? &nothing : reserved, &found);
        int k = 0;
        while (k < found.n && !found.items[k].is_error)
            k++;
        if (k < found.n)
            code = fr_fail(err, FR_E_INPUT,
                           "%s: naming %s, %s: %s, so that texts would be misread; choose another "
                           "word, or leave the naming out of namings.use (`fluidrep namings check` "
                           "shows all such words)",
                           w->config_path, naming->id,
                           w->table.concepts.names[found.items[k].concept], found.items[k].text);
        fr_naming_faults_release(&found);
    }
    return code;
}

int fr_world_open(struct fr_world *out, const char *config_path, struct fr_error *err) {
    *out = (struct fr_world){.config_path = fr_strdup(config_path)};
    int code = fr_config_load(&out->config, config_path, err);
    if (code == FR_OK)
        code = fr_config_check_endpoint(&out->config, config_path, err);
    if (code == FR_OK)
        code = load_inputs(out, err);
    if (code == FR_OK)
        code = fr_conditions_expand(&out->config.experiments, !out->config.flash_attention,
                                    &out->table.concepts, config_path, &out->conditions, err);
    if (code != FR_OK)
        fr_world_release(out);
    return code;
}

/* Does representations.sets name it? */
static bool keeps(const struct fr_config *config, enum fr_trace_set set) {
    static const int extras[FR_TRACE_SET_COUNT] = {
        [FR_TRACES_ALL] = -1,
        [FR_TRACES_SOLVED] = -1,
        [FR_TRACES_FAILED] = FR_EXTRA_FAILED,
        [FR_TRACES_MATCHED] = FR_EXTRA_MATCHED,
        [FR_TRACES_HALF_A] = FR_EXTRA_HALVES,
        [FR_TRACES_HALF_B] = FR_EXTRA_HALVES,
        [FR_TRACES_PANEL] = FR_EXTRA_PANEL,
        [FR_TRACES_OTHER_SPAN] = FR_EXTRA_OTHER_SPAN,
        [FR_TRACES_SAME_SOLVED] = FR_EXTRA_SAME_PUZZLES,
        [FR_TRACES_SAME_FAILED] = FR_EXTRA_SAME_PUZZLES,
        [FR_TRACES_PHASES_CUES] = FR_EXTRA_PHASES,
        [FR_TRACES_PHASES_MENTIONS] = FR_EXTRA_PHASES,
        [FR_TRACES_GROUPS_SOLVED] = FR_EXTRA_FAILED,
        [FR_TRACES_GROUPS_FAILED] = FR_EXTRA_FAILED,
        [FR_TRACES_GROUPS_SAME_SOLVED] = FR_EXTRA_SAME_PUZZLES,
        [FR_TRACES_GROUPS_SAME_FAILED] = FR_EXTRA_SAME_PUZZLES,
    };
    for (int i = 0; i < config->n_sets; i++)
        if (config->sets[i] == extras[set])
            return true;
    return false;
}

bool fr_world_uses_traces(const struct fr_world *world, enum fr_trace_set set) {
    for (int i = 0; i < world->conditions.n_edits; i++)
        if (!world->conditions.edits[i].baseline && world->conditions.edits[i].from == NULL &&
            world->conditions.edits[i].traces == (int)set)
            return true;
    return set == FR_TRACES_ALL || set == FR_TRACES_SOLVED || keeps(&world->config, set);
}

void fr_world_release(struct fr_world *w) {
    fr_conditions_release(&w->conditions);
    free(w->namings);
    fr_namings_release(&w->table);
    fr_wording_release(&w->wording);
    fr_plan_release(&w->example_plan);
    fr_problem_release(&w->example);
    fr_domain_release(&w->domain);
    fr_config_release(&w->config);
    free(w->config_path);
    free(w->wording_path);
    free(w->model_path);
    free(w->puzzles_path);
    free(w->traces_path);
    free(w->traces_problems);
    free(w->chat_template);
    *w = (struct fr_world){0};
}

/* ---- what binds a stage ---------------------------------------------------------------------- */

static void add_hash(struct fr_text *out, const char *name, const struct fr_text *content) {
    char sha[FR_SHA256_TEXT];
    fr_sha256(fr_text_get(content), content->len, sha);
    fr_text_printf(out, "%s.sha256: %s\n", name, sha);
}

/* Everything a wording says, of concepts that are called by their own names: so that it does not
 * depend on the namings of the study. */
static void render_wording(const struct fr_world *w, struct fr_text *out) {
    static const char *const places[FR_MAX_ARITY] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    struct fr_naming naming = {.id = (char *)(uintptr_t) "concepts"};
    for (int a = 0; a < w->table.concepts.n; a++)
        naming.words[a] = w->table.concepts.names[a];
    for (int reg = 0; reg < FR_REGISTER_COUNT; reg++) {
        if (!w->wording.registers[reg].present) /* a wording that is made has no plain one */
            continue;
        fr_wording_introduction(&w->wording, (enum fr_register)reg, &naming, out);
        if (w->config.style == FR_STYLE_PAPER &&
            w->wording.registers[reg].paper_introduction != NULL)
            fr_text_add(out, w->wording.registers[reg].paper_introduction);
        for (int a = 0; a < w->table.concepts.n; a++) {
            const int arity = a < w->domain.n_actions
                                  ? w->domain.actions[a].n_params
                                  : w->domain.predicates[a - w->domain.n_actions].arity;
            fr_wording_say(&w->wording, (enum fr_register)reg, &naming, a, places, arity, out);
            fr_text_add(out, "\n");
        }
        for (int i = 0; i < w->wording.registers[reg].n_objects; i++)
            fr_text_printf(out, "%s\t%s\n", w->wording.registers[reg].objects[i].pattern,
                           w->wording.registers[reg].objects[i].form);
    }
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_pddl(const struct dirent *entry) {
    const size_t n = strlen(entry->d_name);
    return n > 5 && strcmp(entry->d_name + n - 5, ".pddl") == 0;
}

/* Names and contents of a directory's PDDL files. */
static int render_directory(const char *path, struct fr_text *out, struct fr_error *err) {
    struct dirent **entries = NULL;
    const int n = scandir(path, &entries, is_pddl, by_name);
    int code = n < 0 ? fr_fail(err, FR_E_INPUT,
                               "puzzles.directory: %s: %s; a directory of PDDL problems is wanted",
                               path, strerror(errno))
                     : FR_OK;
    for (int i = 0; i < n; i++) {
        struct fr_text file = {0};
        char sha[FR_SHA256_TEXT];
        fr_text_printf(&file, "%s/%s", path, entries[i]->d_name);
        if (code == FR_OK)
            code = fr_file_sha256(fr_text_get(&file), sha, err);
        if (code == FR_OK)
            fr_text_printf(out, "%s\t%s\n", entries[i]->d_name, sha);
        fr_text_release(&file);
        free(entries[i]);
    }
    free(entries);
    return code;
}

static int render_puzzles(const struct fr_world *w, struct fr_text *out, struct fr_error *err) {
    struct fr_text content = {0};
    int code = FR_OK;
    fr_domain_render(&w->domain, &content);
    add_hash(out, "puzzles.domain", &content);
    fr_text_clear(&content);
    render_wording(w, &content);
    add_hash(out, "prompt.wording", &content);
    fr_text_clear(&content);
    if (w->example_plan.n_steps > 0) {
        fr_problem_render(&w->example, &content);
        fr_plan_render(&w->example, &w->example_plan, &content);
        add_hash(out, "prompt.example", &content);
        fr_text_clear(&content);
    }
    if (*w->puzzles_path != '\0') {
        code = render_directory(w->puzzles_path, &content, err);
        add_hash(out, "puzzles.directory", &content);
    }
    if (code == FR_OK && *w->traces_path != '\0') {
        char sha[FR_SHA256_TEXT];
        code = fr_file_sha256(w->traces_path, sha, err);
        if (code == FR_OK)
            fr_text_printf(out, "traces.import.sha256: %s\n", sha);
    }
    fr_text_release(&content);
    return code;
}

/* The model's own template is in its hash. A name is its own content. */
static int render_template(const struct fr_world *w, struct fr_text *out, struct fr_error *err) {
    struct fr_text content = {0};
    int code = FR_OK;
    if (*w->chat_template == '\0')
        return FR_OK;
    if (fr_file_exists(w->chat_template))
        code = fr_file_read_text(w->chat_template, TEMPLATE_CEILING, &content, err);
    else
        fr_text_add(&content, w->chat_template);
    if (code == FR_OK)
        add_hash(out, "prompt.chat_template", &content);
    fr_text_release(&content);
    return code;
}

int fr_world_render_stage(const struct fr_world *w, enum fr_stage stage, const char *model_sha256,
                          struct fr_text *out, struct fr_error *err) {
    fr_config_render_stage(&w->config, stage, out);
    if (stage == FR_STAGE_PUZZLES)
        return render_puzzles(w, out, err);
    if (stage == FR_STAGE_ROLLOUTS) {
        fr_text_printf(out, "model.sha256: %s\n", model_sha256);
        return render_template(w, out, err);
    }
    if (stage == FR_STAGE_STATISTICS) {
        char sha[FR_SHA256_TEXT];
        fr_phases_table_sha256(sha);
        fr_text_printf(out, "phases.sha256: %s\n", sha);
    }
    return FR_OK;
}

/* ---- what follows from it -------------------------------------------------------------------- */

static void grid_of(const struct fr_config *c, struct fr_grid *out) {
    *out = (struct fr_grid){.n_times = c->grid_end / c->grid_step,
                            .window_tokens = c->window_tokens,
                            .previous_token = c->previous_token};
    out->times = fr_alloc((size_t)out->n_times, sizeof *out->times);
    for (int t = 0; t < out->n_times; t++)
        out->times[t] = (t + 1) * c->grid_step;
}

void fr_world_grid(const struct fr_world *w, struct fr_grid *out) { grid_of(&w->config, out); }

void fr_config_grid_of(const struct fr_config *c, enum fr_trace_set set, struct fr_grid *out) {
    grid_of(c, out);
    out->previous_token = out->previous_token != (set == FR_TRACES_OTHER_SPAN);
    if (fr_trace_set_is_timed(set))
        return;
    out->n_times = fr_trace_set_grouped(set) >= 0 ? (int)FR_GROUPS : (int)FR_PHASE_COUNT;
    out->times = fr_grow(out->times, (size_t)out->n_times, sizeof *out->times);
    for (int k = 0; k < out->n_times; k++)
        out->times[k] = k;
}

void fr_world_grid_of(const struct fr_world *w, enum fr_trace_set set, struct fr_grid *out) {
    fr_config_grid_of(&w->config, set, out);
}

int fr_config_min_mentions(const struct fr_config *c, enum fr_trace_set set) {
    switch (set) {
    case FR_TRACES_MATCHED:
        return c->matched_mentions;
    case FR_TRACES_HALF_A:
    case FR_TRACES_HALF_B:
        return (c->min_mentions + 1) / 2;
    case FR_TRACES_GROUPS_SOLVED:
    case FR_TRACES_GROUPS_FAILED:
    case FR_TRACES_GROUPS_SAME_SOLVED:
    case FR_TRACES_GROUPS_SAME_FAILED:
        return 1;
    default:
        return c->min_mentions;
    }
}

int fr_world_min_mentions(const struct fr_world *w, enum fr_trace_set set) {
    return fr_config_min_mentions(&w->config, set);
}

int fr_world_panel_end(const struct fr_world *w) {
    const struct fr_config *c = &w->config;
    return c->panel_end > 0 ? c->panel_end : c->grid_end / c->grid_step * c->grid_step;
}

void fr_world_used_namings(const struct fr_world *w, bool *use) {
    for (int i = 0; i < w->n_namings; i++)
        use[i] = !w->namings[i].clean && !w->namings[i].excluded;
}

int fr_world_replayed_namings(const struct fr_world *w, int *first) {
    int n = 0;
    *first = -1;
    for (int i = w->n_namings; i-- > 0;)
        if (!w->namings[i].accuracy_only) {
            *first = i;
            n++;
        }
    return n;
}

void fr_world_forms(const struct fr_world *w, int naming, struct fr_forms *out) {
    fr_forms_of_naming(&w->table.concepts, w->namings[naming].naming,
                       (enum fr_prompt_style)w->config.style, &w->wording,
                       (enum fr_inflection_rule)w->config.inflections, out);
}

int fr_world_clean_naming(const struct fr_world *w) {
    for (int i = 0; i < w->n_namings; i++)
        if (w->namings[i].clean)
            return i;
    return -1;
}

int fr_world_find_naming(const struct fr_world *w, const char *id) {
    for (int i = 0; i < w->n_namings; i++)
        if (strcmp(w->namings[i].naming->id, id) == 0)
            return i;
    return -1;
}

const char *fr_world_instruction(const struct fr_world *w) {
    return *w->config.instruction != '\0' ? w->config.instruction
                                          : fr_preset_text[w->config.preset];
}

bool fr_world_shows_examples(const struct fr_world *w) {
    return fr_style_examples((enum fr_prompt_style)w->config.style) != FR_EXAMPLES_NEVER &&
           w->config.shots > 0;
}

int fr_world_origin(const struct fr_world *w, int n_prompt) {
    return w->config.origin == FR_ORIGIN_REASONING ? n_prompt : 0;
}

int fr_world_given(const struct fr_world *w, int n_prompt, int window_end) {
    const int end = fr_world_origin(w, n_prompt) + window_end;
    return end > n_prompt ? end : n_prompt;
}
