/* Experiments -> conditions: the product of a sweep's fields, the controls beside each matched
 * condition, the baselines beside them all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "experiments/experiments.h"
#include "phases/phases.h"

const char *const fr_trace_set_name[FR_TRACE_SET_COUNT] = {"all",
                                                           "solved",
                                                           "failed",
                                                           "matched",
                                                           "half_a",
                                                           "half_b",
                                                           "panel",
                                                           "other_span",
                                                           "same_solved",
                                                           "same_failed",
                                                           "phases_cues",
                                                           "phases_mentions",
                                                           "groups_solved",
                                                           "groups_failed",
                                                           "groups_same_solved",
                                                           "groups_same_failed"};

int fr_trace_set_rules(enum fr_trace_set set) {
    return set == FR_TRACES_PHASES_CUES       ? (int)FR_PHASES_BY_CUES
           : set == FR_TRACES_PHASES_MENTIONS ? (int)FR_PHASES_BY_MENTIONS
                                              : -1;
}

int fr_trace_set_grouped(enum fr_trace_set set) {
    static const int of[] = {FR_TRACES_SOLVED, FR_TRACES_FAILED, FR_TRACES_SAME_SOLVED,
                             FR_TRACES_SAME_FAILED};
    const int k = (int)set - FR_TRACES_GROUPS_SOLVED;
    return k >= 0 && k < (int)(sizeof of / sizeof *of) ? of[k] : -1;
}

bool fr_trace_set_is_timed(enum fr_trace_set set) {
    return fr_trace_set_rules(set) < 0 && fr_trace_set_grouped(set) < 0;
}

const char *const fr_mention_choice_name[FR_MENTION_CHOICE_COUNT] = {"all", "prompt", "reasoning"};
const char *const fr_role_name[FR_ROLE_COUNT] = {"matched", "control", "identity", "baseline"};
const char *const fr_control_name[FR_N_CONTROL_NAMES] = {"none", "shuffled", "random", "single",
                                                         "identity"};

/* Controls are grey and black, so that nothing of colour is one. */
static const struct {
    const char *colour, *shape;
} control_looks[FR_N_CONTROL_NAMES] = {
    [FR_CONTROL_SHUFFLED] = {"#AAAAAA", "square"},
    [FR_CONTROL_RANDOM] = {"#777777", "triangle-up"},
    [FR_CONTROL_SINGLE] = {"#444444", "triangle-down"},
    [FR_CONTROL_IDENTITY] = {"#000000", "cross"},
};

void fr_experiments_release(struct fr_experiments *experiments) {
    for (int i = 0; i < experiments->n; i++) {
        free(experiments->items[i].name);
        free(experiments->items[i].family);
        for (int k = 0; k < experiments->items[i].n_concepts; k++)
            free(experiments->items[i].concepts[k]);
        for (int k = 0; k < experiments->items[i].n_from; k++)
            free(experiments->items[i].from[k]);
    }
    free(experiments->items);
    *experiments = (struct fr_experiments){0};
}

struct fr_experiment *fr_experiments_append(struct fr_experiments *experiments, char *take_name) {
    FR_RESERVE(experiments->items, experiments->n, experiments->capacity);
    struct fr_experiment *e = &experiments->items[experiments->n++];
    *e = (struct fr_experiment){.name = take_name,
                                .n_traces = 1,
                                .traces = {FR_TRACES_SOLVED},
                                .n_at = 1,
                                .at = {7000},
                                .n_operations = 1,
                                .operations = {FR_EDIT_MIX},
                                .n_scales = 1,
                                .scales = {2.0 / 3},
                                .n_strengths = 1,
                                .strengths = {1},
                                .n_keep_norm = 1,
                                .keep_norm = {true},
                                .n_windows = 1,
                                .windows = {{1500, 2500}},
                                .n_concepts = 1,
                                .concepts = {fr_strdup("all")},
                                .n_from = 1,
                                .from = {fr_strdup(FR_FROM_THIS)},
                                .n_mentions = 1,
                                .mentions = {FR_MENTIONS_ALL},
                                .n_first = 1,
                                .family = fr_strdup("")};
    return e;
}

void fr_conditions_release(struct fr_conditions *conditions) {
    for (int i = 0; i < conditions->n; i++) {
        free(conditions->items[i].experiment);
        free(conditions->items[i].name);
        free(conditions->items[i].series);
        free(conditions->items[i].family);
    }
    free(conditions->items);
    free(conditions->edits);
    *conditions = (struct fr_conditions){0};
}

bool fr_edit_is_scaled(int operation) {
    return operation == FR_EDIT_MIX || operation == FR_EDIT_JITTER;
}

const char *fr_edit_from_name(const char *from, size_t *n) {
    size_t end = strlen(from);
    while (end > 1 && from[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && from[begin - 1] != '/')
        begin--;
    *n = end - begin;
    return from + begin;
}

static void render_from(const char *from, struct fr_text *out) {
    size_t n;
    const char *name = fr_edit_from_name(from, &n);
    fr_text_append(out, name, n);
}

void fr_edit_kind_render(const struct fr_edit_kind *e, struct fr_text *out) {
    if (e->baseline) {
        fr_text_add(out, "baseline");
    } else {
        fr_text_printf(out, "vectors=%s control=%s traces=%s at=%d strength=%.17g operation=%s",
                       fr_vector_kind_name[e->vectors], fr_control_name[e->control],
                       fr_trace_set_name[e->traces], e->timestamp, e->strength,
                       fr_edit_operation_name[e->operation]);
        if (fr_edit_is_scaled(e->operation))
            fr_text_printf(out, " scale=%.17g", e->scale);
        fr_text_printf(out, " keep_norm=%s layers=%d-%d", e->keep_norm ? "true" : "false",
                       e->layers.first, e->layers.end - 1);
        /* only where they leave something out, so that what was run before them is still known */
        if (e->concepts != FR_CONCEPTS_ALL)
            fr_text_printf(out, " concepts=%s", e->concepts_name);
        if (e->mentions != FR_MENTIONS_ALL)
            fr_text_printf(out, " mentions=%s", fr_mention_choice_name[e->mentions]);
        if (e->first > 0)
            fr_text_printf(out, " first_mentions=%d", e->first);
        if (e->from != NULL) {
            fr_text_add(out, " from=");
            render_from(e->from, out);
        }
    }
    if (e->window.first >= 0)
        fr_text_printf(out, " window=%d-%d", e->window.first, e->window.end);
    else
        fr_text_printf(out, " window_end=%d", e->window.end);
}

struct expander {
    const struct fr_experiment *experiment;
    const struct fr_concepts *concepts; /* or NULL */
    struct fr_conditions *out;
    bool share_starts;
    const char *config;
    struct fr_error *err;
};

static int fail(const struct expander *x, int code, const char *what) {
    const struct fr_experiment *e = x->experiment;
    return e->line > 0 ? fr_fail(x->err, code, "%s:%d: experiment %s: %s", x->config, e->line,
                                 e->name, what)
                       : fr_fail(x->err, code, "%s: experiment %s: %s", x->config, e->name, what);
}

static bool same_edit(const struct fr_edit_kind *a, const struct fr_edit_kind *b) {
    if (a->baseline != b->baseline || a->window.first != b->window.first ||
        a->window.end != b->window.end)
        return false;
    return a->baseline ||
           (a->vectors == b->vectors && a->control == b->control && a->traces == b->traces &&
            a->timestamp == b->timestamp && !(a->strength < b->strength) &&
            !(a->strength > b->strength) && a->operation == b->operation &&
            (!fr_edit_is_scaled(a->operation) ||
             (!(a->scale < b->scale) && !(a->scale > b->scale))) &&
            a->keep_norm == b->keep_norm && a->layers.first == b->layers.first &&
            a->layers.end == b->layers.end && a->concepts == b->concepts &&
            a->mentions == b->mentions && a->first == b->first &&
            (a->from == NULL) == (b->from == NULL) &&
            (a->from == NULL || strcmp(a->from, b->from) == 0));
}

/* The edit's index; one that is there already is shared. */
static int find_edit(struct fr_conditions *out, const struct fr_edit_kind *edit) {
    for (int i = 0; i < out->n_edits; i++)
        if (same_edit(&out->edits[i], edit))
            return i;
    FR_RESERVE(out->edits, out->n_edits, out->edits_capacity);
    out->edits[out->n_edits] = *edit;
    return out->n_edits++;
}

static struct fr_condition *append(struct fr_conditions *out) {
    FR_RESERVE(out->items, out->n, out->capacity);
    out->items[out->n] = (struct fr_condition){.against = -1};
    return &out->items[out->n++];
}

/* The edit of the baseline that stands beside an edit. Where rows depend on where a prefix was cut,
 * each cut has its own. */
static struct fr_edit_kind baseline_of(const struct fr_edit_kind *edit, bool share_starts) {
    return (
        struct fr_edit_kind){.baseline = true,
                             .window = {share_starts ? -1 : edit->window.first, edit->window.end}};
}

int fr_conditions_baseline(const struct fr_conditions *c, int edit) {
    const struct fr_range *window = &c->edits[edit].window;
    for (int i = 0; i < c->n_edits; i++)
        if (c->edits[i].baseline && c->edits[i].window.end == window->end &&
            (c->edits[i].window.first < 0 || c->edits[i].window.first == window->first))
            return i;
    FR_ASSERT(false); /* none is expanded without */
    return -1;
}

int fr_conditions_shared(const struct fr_conditions *c, int edit) {
    const struct fr_range *window = &c->edits[edit].window;
    int shared = window->first;
    for (int i = 0; window->first < 0 && i < c->n_edits; i++) {
        const struct fr_range *other = &c->edits[i].window;
        if (other->end == window->end && other->first >= 0 && (shared < 0 || other->first < shared))
            shared = other->first;
    }
    return shared;
}

static int find_baseline(const struct expander *x, const struct fr_edit_kind *edit) {
    const struct fr_edit_kind wanted = baseline_of(edit, x->share_starts);
    for (int i = 0; i < x->out->n; i++) {
        const struct fr_edit_kind *e = &x->out->edits[x->out->items[i].edit];
        if (x->out->items[i].role == FR_ROLE_BASELINE && e->window.first == wanted.window.first &&
            e->window.end == wanted.window.end)
            return i;
    }
    struct fr_condition *c = append(x->out);
    struct fr_text name = {0};
    if (wanted.window.first >= 0)
        fr_text_printf(&name, "baseline, window %d-%d", wanted.window.first, wanted.window.end);
    else
        fr_text_printf(&name, "baseline to %d", wanted.window.end);
    c->name = fr_text_take(&name);
    c->series = fr_strdup(c->name);
    c->experiment = fr_strdup("");
    c->family = fr_strdup("");
    c->role = FR_ROLE_BASELINE;
    c->colour = "#000000";
    c->shape = "circle";
    c->edit = find_edit(x->out, &wanted);
    return x->out->n - 1;
}

/* ---- one combination of a sweep -------------------------------------------------------------- */

/* Only what is swept tells conditions apart, so only that is named. */
static void name_condition(const struct fr_experiment *e, const struct fr_edit_kind *edit,
                           int control, struct fr_condition *c) {
    struct fr_text series = {0}, name = {0};
    if (control == FR_CONTROL_IDENTITY)
        fr_text_add(&series, fr_control_name[control]);
    else
        fr_text_add(&series, fr_vector_kind_name[edit->vectors]);
    if (control != FR_CONTROL_NONE && control != FR_CONTROL_IDENTITY)
        fr_text_printf(&series, ", %s", fr_control_name[control]);
    if (e->n_traces > 1)
        fr_text_printf(&series, ", of %s traces", fr_trace_set_name[edit->traces]);
    if (e->n_at > 1)
        fr_text_printf(&series, ", at %d", edit->timestamp);
    if (e->n_windows > 1)
        fr_text_printf(&series, ", window %d-%d", edit->window.first, edit->window.end);
    if (e->n_operations > 1 && control != FR_CONTROL_IDENTITY)
        fr_text_printf(&series, ", %s", fr_edit_operation_name[edit->operation]);
    if (e->n_scales > 1 && control != FR_CONTROL_IDENTITY && fr_edit_is_scaled(edit->operation))
        fr_text_printf(&series, ", scale %.3g", edit->scale);
    if (e->n_strengths > 1 && control != FR_CONTROL_IDENTITY)
        fr_text_printf(&series, ", strength %.3g", edit->strength);
    if (e->n_concepts > 1)
        fr_text_printf(&series, ", %s", edit->concepts_name);
    if (e->n_mentions > 1)
        fr_text_printf(&series, ", %s mentions", fr_mention_choice_name[edit->mentions]);
    if (e->n_first > 1 && edit->first > 0)
        fr_text_printf(&series, ", first %d", edit->first);
    if (e->n_keep_norm > 1 && control != FR_CONTROL_IDENTITY)
        fr_text_printf(&series, ", norm %s", edit->keep_norm ? "kept" : "free");
    if (edit->from != NULL) {
        fr_text_add(&series, ", from ");
        render_from(edit->from, &series);
    }
    fr_text_add(&name, fr_text_get(&series));
    if (edit->layers.end - edit->layers.first == 1)
        fr_text_printf(&name, ", layer %d", edit->layers.first);
    else
        fr_text_printf(&name, ", layers %d-%d", edit->layers.first, edit->layers.end - 1);
    c->series = fr_text_take(&series);
    c->name = fr_text_take(&name);
}

static int find_condition(const struct expander *x, const char *name) {
    for (int i = 0; i < x->out->n; i++)
        if (strcmp(x->out->items[i].experiment, x->experiment->name) == 0 &&
            strcmp(x->out->items[i].name, name) == 0)
            return i;
    return -1;
}

/* An identity mixes with nothing of the vector, whatever the operation is, at the rows where the
 * vectors would stand. */
static struct fr_edit_kind controlled(const struct fr_edit_kind *matched, int control) {
    struct fr_edit_kind edit = *matched;
    edit.control = control;
    if (control == FR_CONTROL_IDENTITY) {
        edit.control = FR_CONTROL_NONE;
        edit.operation = FR_EDIT_MIX;
        edit.scale = 1;
        edit.strength = 1;
        edit.keep_norm = true;
    }
    return edit;
}

/* A name shows three digits: values that differ behind them would be one condition. */
static int refuse_name(const struct expander *x, const char *name) {
    struct fr_text what = {0};
    fr_text_printf(&what,
                   "two conditions are called \"%s\"; sweep values that differ in their "
                   "first three digits",
                   name);
    const int code = fail(x, FR_E_INPUT, fr_text_get(&what));
    fr_text_release(&what);
    return code;
}

static int add_arm(const struct expander *x, const struct fr_edit_kind *matched, int control) {
    const struct fr_experiment *e = x->experiment;
    const struct fr_edit_kind edit = controlled(matched, control);
    struct fr_condition made = {.against = -1};
    if (x->out->n == FR_MAX_CONDITIONS)
        return fail(x, FR_E_LIMIT, "more than 4,096 conditions; sweep fewer values");
    name_condition(e, &edit, control, &made);
    const int there = find_condition(x, made.name);
    if (there >= 0) { /* one identity serves all vectors and scales */
        const bool shared = control == FR_CONTROL_IDENTITY ||
                            same_edit(&x->out->edits[x->out->items[there].edit], &edit);
        const int code = shared ? FR_OK : refuse_name(x, made.name);
        free(made.name);
        free(made.series);
        return code;
    }
    const int baseline = find_baseline(x, &edit);
    struct fr_condition *c = append(x->out);
    *c = made;
    c->experiment = fr_strdup(e->name);
    c->family = fr_strdup(*e->family != '\0' ? e->family : e->name);
    c->role = control == FR_CONTROL_IDENTITY ? FR_ROLE_IDENTITY
              : control == FR_CONTROL_NONE   ? FR_ROLE_MATCHED
                                             : FR_ROLE_CONTROL;
    c->colour = control == FR_CONTROL_NONE ? fr_vector_kind_colour[edit.vectors]
                                           : control_looks[control].colour;
    c->shape = control == FR_CONTROL_NONE ? fr_vector_kind_shape[edit.vectors]
                                          : control_looks[control].shape;
    c->edit = find_edit(x->out, &edit);
    c->against = baseline;
    return FR_OK;
}

/* Measures the combination's matched conditions against one of its controls. */
static int set_against(const struct expander *x, const struct fr_edit_kind *matched) {
    const struct fr_experiment *e = x->experiment;
    const struct fr_edit_kind control = controlled(matched, e->against);
    struct fr_condition from = {0}, to = {0};
    name_condition(e, matched, FR_CONTROL_NONE, &from);
    name_condition(e, &control, e->against, &to);
    const int i = find_condition(x, from.name), j = find_condition(x, to.name);
    int code = FR_OK;
    if (i >= 0 && j < 0) {
        struct fr_text what = {0};
        fr_text_printf(&what, "against: %s, but there is no condition \"%s\"; add it to controls",
                       fr_control_name[e->against], to.name);
        code = fail(x, FR_E_INPUT, fr_text_get(&what));
        fr_text_release(&what);
    } else if (i >= 0) {
        x->out->items[i].against = j;
    }
    free(from.name);
    free(from.series);
    free(to.name);
    free(to.series);
    return code;
}

/* An identity is a check of the harness, the same at every layer: the first of a sweep has it, but
 * where effects are measured against it. */
static bool has_identity(const struct fr_experiment *e, const struct fr_edit_kind *edit) {
    return e->against == FR_CONTROL_IDENTITY ||
           (edit->layers.first == e->layers[0].first && edit->layers.end == e->layers[0].end);
}

/* All conditions of one combination, in the order of the arms. */
static int add_combination(const struct expander *x, struct fr_edit_kind *edit) {
    const struct fr_experiment *e = x->experiment;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < e->n_arms; i++) {
        edit->vectors = e->arms[i].vectors;
        code = add_arm(x, edit, e->arms[i].control);
    }
    for (int v = 0; code == FR_OK && v < e->n_vectors; v++) {
        edit->vectors = e->vectors[v];
        code = add_arm(x, edit, FR_CONTROL_NONE);
    }
    for (int v = 0; v < e->n_vectors; v++)
        for (int c = 0; code == FR_OK && c < e->n_controls; c++) {
            edit->vectors = e->vectors[v];
            if (e->controls[c] == FR_CONTROL_IDENTITY
                    ? has_identity(e, edit)
                    : fr_vector_control_applies((enum fr_vector_kind)edit->vectors,
                                                (enum fr_vector_control)e->controls[c]))
                code = add_arm(x, edit, e->controls[c]);
        }
    for (int v = 0; code == FR_OK && e->against != FR_CONTROL_NONE && v < e->n_vectors; v++) {
        edit->vectors = e->vectors[v];
        code = set_against(x, edit);
    }
    return code;
}

/* What the i-th value of `concepts` stands for. Words for many win over a concept of that name. */
static int find_concepts(const struct expander *x, int i, int *concepts) {
    static const char *const sets[] = {[FR_CONCEPTS_ALL] = "all",
                                       [FR_CONCEPTS_ACTIONS] = "actions",
                                       [FR_CONCEPTS_PREDICATES] = "predicates"};
    const char *name = x->experiment->concepts[i];
    *concepts = FR_CONCEPTS_ONE + i; /* as good as any where the domain is not known */
    for (int k = 0; k < FR_CONCEPTS_ONE; k++)
        if (strcmp(name, sets[k]) == 0) {
            *concepts = k;
            return FR_OK;
        }
    if (x->concepts == NULL)
        return FR_OK;
    for (int a = 0; a < x->concepts->n; a++)
        if (strcmp(name, x->concepts->names[a]) == 0) {
            *concepts = FR_CONCEPTS_ONE + a;
            return FR_OK;
        }
    const char *candidates[FR_CONCEPTS_ONE + FR_MAX_CONCEPTS];
    int n = 0;
    for (; n < FR_CONCEPTS_ONE; n++)
        candidates[n] = sets[n];
    for (int a = 0; a < x->concepts->n; a++)
        candidates[n++] = x->concepts->names[a];
    const char *near = fr_nearest(name, candidates, n);
    struct fr_text what = {0};
    fr_text_printf(&what, "concepts: the domain has no \"%.60s\"%s%s%s", name,
                   near != NULL ? "; the nearest is \""
                                : "; all, actions, predicates, or one by name",
                   near != NULL ? near : "", near != NULL ? "\"" : "");
    const int code = fail(x, FR_E_INPUT, fr_text_get(&what));
    fr_text_release(&what);
    return code;
}

/* Two studies whose directories have one name could not be told apart. */
static int check_from(const struct expander *x, const char *from) {
    size_t n, m;
    const char *name = fr_edit_from_name(from, &n);
    if (n == 0 || memchr(name, ' ', n) != NULL)
        return fail(x, FR_E_INPUT, "from: name another study's directory, without blanks in it");
    for (int i = 0; i < x->out->n_edits; i++) {
        const char *other = x->out->edits[i].from;
        const char *other_name = other != NULL ? fr_edit_from_name(other, &m) : NULL;
        if (other != NULL && n == m && memcmp(name, other_name, n) == 0 && strcmp(from, other) != 0)
            return fail(x, FR_E_INPUT,
                        "from: two studies whose directories have the same name; give one of them "
                        "another, or write it the same way in all experiments");
    }
    return FR_OK;
}

/* The product, the last field fastest. */
static int add_experiment(const struct expander *x) {
    const struct fr_experiment *e = x->experiment;
    const int counts[] = {e->n_windows, e->n_layers,    e->n_concepts,  e->n_mentions,
                          e->n_first,   e->n_traces,    e->n_at,        e->n_operations,
                          e->n_scales,  e->n_strengths, e->n_keep_norm, e->n_from};
    enum { N = sizeof counts / sizeof *counts };
    long total = 1;
    for (int i = 0; i < N; i++)
        total *= counts[i];
    if (total > FR_MAX_CONDITIONS)
        return fail(x, FR_E_LIMIT, "more than 4,096 combinations; sweep fewer values");
    int code = FR_OK;
    for (long k = 0; code == FR_OK && k < total; k++) {
        int at[N];
        long rest = k;
        for (int i = N - 1; i >= 0; i--) {
            at[i] = (int)(rest % counts[i]);
            rest /= counts[i];
        }
        struct fr_edit_kind edit = {.window = e->windows[at[0]],
                                    .layers = e->layers[at[1]],
                                    .concepts_name = e->concepts[at[2]],
                                    .mentions = e->mentions[at[3]],
                                    .first = e->first[at[4]],
                                    .traces = e->traces[at[5]],
                                    .timestamp = e->at[at[6]],
                                    .operation = e->operations[at[7]],
                                    .scale = e->scales[at[8]],
                                    .strength = e->strengths[at[9]],
                                    .keep_norm = e->keep_norm[at[10]]};
        if (strcmp(e->from[at[11]], FR_FROM_THIS) != 0) {
            edit.from = e->from[at[11]];
            code = check_from(x, edit.from);
        }
        if (code == FR_OK)
            code = find_concepts(x, at[2], &edit.concepts);
        if (code == FR_OK)
            code = add_combination(x, &edit);
    }
    return code;
}

static int check(const struct expander *x, const struct fr_experiments *experiments, int i) {
    const struct fr_experiment *e = x->experiment;
    for (int k = 0; k < i; k++)
        if (strcmp(experiments->items[k].name, e->name) == 0)
            return fail(x, FR_E_INPUT, "another experiment has this name; names are unique");
    bool noise = false, jitter = false, others = false, scaled = false, project = false,
         lengths = false;
    for (int v = 0; v < e->n_vectors; v++) {
        noise = noise || e->vectors[v] == FR_VECTOR_NOISE;
        lengths = lengths || (e->vectors[v] != FR_VECTOR_SYMBOLIC_ALL &&
                              e->vectors[v] != FR_VECTOR_SYMBOLIC_LOO);
        others = others || e->vectors[v] != FR_VECTOR_NOISE;
    }
    for (int o = 0; o < e->n_operations; o++) {
        jitter = jitter || e->operations[o] == FR_EDIT_JITTER;
        project = project || e->operations[o] == FR_EDIT_PROJECT;
        scaled = scaled || fr_edit_is_scaled(e->operations[o]);
        others = others || e->operations[o] != FR_EDIT_JITTER;
    }
    if (noise != jitter || (noise && others))
        return fail(x, FR_E_INPUT,
                    "operation jitter is of vectors noise, and of them alone; write both, in an "
                    "experiment of their own");
    if (e->n_scales > 1 && !scaled)
        return fail(x, FR_E_INPUT,
                    "scale: these operations have none, so that all of the list would be one edit; "
                    "sweep strength, which multiplies the vector");
    if (e->n_strengths > 1 && project && lengths)
        return fail(x, FR_E_INPUT,
                    "strength: project takes a direction out, whatever the vector's length, so "
                    "that all of the list would be one edit; only symbolic vectors turn with it");
    for (int c = 0; c < e->n_controls; c++) {
        bool any = e->controls[c] == FR_CONTROL_IDENTITY;
        for (int v = 0; v < e->n_vectors && !any; v++)
            any = fr_vector_control_applies((enum fr_vector_kind)e->vectors[v],
                                            (enum fr_vector_control)e->controls[c]);
        if (!any)
            return fail(x, FR_E_INPUT,
                        e->controls[c] == FR_CONTROL_SINGLE
                            ? "controls: single is r_mean for every concept, which only symbolic "
                              "vectors have; take shuffled or random"
                            : "controls: there is none of these vectors, which are a control "
                              "themselves");
    }
    return FR_OK;
}

int fr_conditions_expand(const struct fr_experiments *experiments, bool share_starts,
                         const struct fr_concepts *concepts, const char *config,
                         struct fr_conditions *out, struct fr_error *err) {
    struct expander x = {.concepts = concepts,
                         .out = out,
                         .share_starts = share_starts,
                         .config = config,
                         .err = err};
    int code = FR_OK;
    *out = (struct fr_conditions){0};
    for (int i = 0; code == FR_OK && i < experiments->n; i++) {
        x.experiment = &experiments->items[i];
        code = check(&x, experiments, i);
        if (code == FR_OK)
            code = add_experiment(&x);
    }
    if (code != FR_OK)
        fr_conditions_release(out);
    return code;
}
