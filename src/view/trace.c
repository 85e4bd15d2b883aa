/* One trace, and one steered run beside its baseline. Positions are of tokens, from the trace's
 * first; windows and timestamps count from the study's origin, which is sent along. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "experiments/experiments.h"
#include "view/internal.h"
#include "view/pieces.h"

static void put(json_t *object, const char *key, json_t *take_value) {
    FR_ASSERT(json_object_set_new(object, key, take_value) == 0);
}

static int find(struct fr_view *v, const struct fr_view_ask *ask, int *naming,
                struct fr_trace *trace, struct fr_error *err) {
    *trace = (struct fr_trace){0};
    const int code = fr_view_find_naming(v, ask->naming, naming, err);
    return code == FR_OK ? fr_store_get_trace(v->store, ask->puzzle, v->namings[*naming].naming.id,
                                              trace, err)
                         : code;
}

/* What a trace and a run have alike. */
static int add_text(struct fr_view *v, int naming, const struct fr_trace *trace, int first,
                    json_t *out, struct fr_mentions *mentions, struct fr_error *err) {
    json_t *plan = NULL, *found = fr_view_mentions(v, naming, trace, mentions);
    const int code = fr_view_plan(v, naming, trace, &plan, err);
    if (code != FR_OK) {
        json_decref(found);
        return code;
    }
    put(out, "tokens",
        fr_view_tokens(trace->text, trace->text_len, trace->starts + first, trace->ends + first,
                       trace->n_tokens - first));
    put(out, "first", json_integer(first)); /* the position of the first of them */
    put(out, "n_prompt", json_integer(trace->n_prompt));
    put(out, "n_reasoning", json_integer(trace->n_reasoning));
    put(out, "origin", json_integer(fr_view_origin(v, trace)));
    put(out, "mentions", found);
    put(out, "verdict", json_string(fr_verdict_name[trace->verdict.kind]));
    put(out, "reason", fr_view_text(trace->verdict.reason, strlen(trace->verdict.reason)));
    put(out, "plan", plan);
    return FR_OK;
}

/* {rules: [[phase, first token, end token], ...]} over the reasoning, by each set of rules; null:
 * they cannot be told. */
static json_t *phases_of(const struct fr_view *v, int naming, const struct fr_trace *t) {
    const int first = t->n_prompt, n = t->n_reasoning;
    if (v->phases == NULL || !v->namings[naming].has_forms || n == 0)
        return json_null();
    json_t *out = json_object();
    uint8_t *of = fr_alloc((size_t)n, sizeof *of);
    struct fr_phase_spans spans = {0};
    for (int r = 0; r < FR_PHASE_RULES_COUNT; r++) {
        json_t *list = json_array();
        fr_phases_find(v->phases, (enum fr_phase_rules)r, &v->namings[naming].forms, &v->concepts,
                       t->text, (size_t)t->starts[first], (size_t)t->ends[first + n - 1], &spans);
        fr_phases_of_tokens(&spans, t->starts + first, n, of);
        for (int i = 0, end; i < n; i = end) {
            for (end = i + 1; end < n && of[end] == of[i];)
                end++;
            FR_ASSERT(json_array_append_new(list, json_pack("[sii]", fr_phase_name[of[i]],
                                                            first + i, first + end)) == 0);
        }
        put(out, fr_phase_rules_name[r], list);
    }
    fr_phase_spans_release(&spans);
    free(of);
    return out;
}

int fr_view_trace(struct fr_view *v, const struct fr_view_ask *ask, json_t *out,
                  struct fr_error *err) {
    struct fr_trace trace;
    struct fr_mentions mentions = {0};
    struct fr_query *query;
    json_t *conditions = json_array();
    int naming, code = find(v, ask, &naming, &trace, err);
    if (code == FR_OK)
        code = add_text(v, naming, &trace, 0, out, &mentions, err);
    if (code == FR_OK)
        code = fr_query_open(&query, v->store, err,
                             "SELECT c.id FROM condition c JOIN run r ON r.edit = c.edit WHERE"
                             " r.puzzle = ? AND r.naming = ? ORDER BY c.position",
                             "it", ask->puzzle, v->namings[naming].naming.id);
    if (code == FR_OK) {
        while (fr_query_next(query))
            FR_ASSERT(json_array_append_new(conditions,
                                            json_integer((json_int_t)fr_query_int(query, 0))) == 0);
        code = fr_query_close(query, err);
    }
    if (code == FR_OK)
        put(out, "phases", phases_of(v, naming, &trace));
    put(out, "conditions", conditions);
    fr_mentions_release(&mentions);
    fr_trace_release(&trace);
    return code;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static int find_name(const char *name, const char *const *names, int n) {
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

/* What of a condition's edit matters here: which rows of a trace it writes. */
struct edit {
    int64_t id, baseline; /* the edit's, and the baseline condition's */
    struct fr_edit_kind kind;
    char *traces; /* its vectors come from */
    bool other;   /* and they are another study's, so that its rows cannot be told here */
    bool concepts[FR_MAX_CONCEPTS];
};

static int read_edit(struct fr_view *v, int64_t condition, struct edit *out, struct fr_error *err) {
    struct fr_query *query;
    *out = (struct edit){0};
    int code =
        fr_query_open(&query, v->store, err,
                      "WITH RECURSIVE up(id, against) AS (SELECT id, against FROM condition WHERE"
                      " id = ?1 UNION ALL SELECT c.id, c.against FROM condition c JOIN up ON"
                      " c.id = up.against)"
                      " SELECT e.id, (SELECT id FROM up WHERE against IS NULL), e.operation,"
                      " e.layer_first, e.layer_end, coalesce(e.window_start, -1), e.window_end,"
                      " e.concepts, e.mentions, e.first_mentions, e.vectors, e.control, e.traces,"
                      " e.timestamp, e.strength, instr(e.definition, ' from=') FROM condition c"
                      " JOIN edit e ON"
                      " e.id = c.edit WHERE c.id = ?1",
                      "i", condition);
    if (code != FR_OK)
        return code;
    const bool found = fr_query_next(query);
    if (found) {
        struct fr_edit_kind *k = &out->kind;
        out->id = fr_query_int(query, 0);
        out->baseline = fr_query_int(query, 1);
        k->baseline = fr_query_is_null(query, 3);
        k->operation =
            find_name(fr_query_text(query, 2), fr_edit_operation_name, FR_EDIT_OPERATION_COUNT);
        k->layers = (struct fr_range){(int)fr_query_int(query, 3), (int)fr_query_int(query, 4)};
        k->window = (struct fr_range){(int)fr_query_int(query, 5), (int)fr_query_int(query, 6)};
        const char *which = fr_query_text(query, 7);
        for (int a = 0; a < v->concepts.n; a++)
            out->concepts[a] =
                strcmp(which, "all") == 0 || strcmp(which, "") == 0 ||
                strcmp(which, v->concepts.names[a]) == 0 ||
                (strcmp(which, "actions") == 0 && v->concepts.kinds[a] == FR_CONCEPT_ACTION) ||
                (strcmp(which, "predicates") == 0 && v->concepts.kinds[a] == FR_CONCEPT_PREDICATE);
        k->mentions =
            find_name(fr_query_text(query, 8), fr_mention_choice_name, FR_MENTION_CHOICE_COUNT);
        k->first = (int)fr_query_int(query, 9);
        k->vectors = find_name(fr_query_text(query, 10), fr_vector_kind_name, FR_VECTOR_KIND_COUNT);
        k->control =
            find_name(fr_query_text(query, 11), fr_vector_control_name, FR_VECTOR_CONTROL_COUNT);
        out->traces = fr_strdup(fr_query_text(query, 12));
        k->timestamp = (int)fr_query_int(query, 13);
        k->strength = fr_query_double(query, 14);
        out->other = fr_query_int(query, 15) > 0;
    }
    code = fr_query_close(query, err);
    return code == FR_OK && !found
               ? fr_fail(err, FR_E_INPUT, "no condition %lld in this study", (long long)condition)
               : code;
}

/* Which concepts the edit has a vector for, as steering finds them: that depends on the timestamp
 * and not on the layer. */
static int find_vectors(struct fr_view *v, const struct edit *edit, int naming, bool *have,
                        struct fr_error *err) {
    struct fr_reps raw = {0}, centred = {0};
    const size_t n = (size_t)v->n_namings;
    bool *all = fr_alloc(n, sizeof *all), *use = fr_alloc(n, sizeof *use);
    struct fr_vector_source source = {.raw = &raw, .centred = &centred, .use = use, .i_clean = -1};
    const struct fr_slice slice = {.first_layer = edit->kind.layers.first - 1,
                                   .n_layers = 1,
                                   .first_time =
                                       fr_config_grid_index(&v->config, edit->kind.timestamp),
                                   .n_times = 1};
    for (int i = 0; i < v->n_namings; i++) {
        const bool clean = fr_naming_is_clean(&v->namings[i].naming);
        all[i] = true;
        use[i] = !clean && !v->namings[i].excluded;
        source.i_clean = clean ? i : source.i_clean;
    }
    memset(have, 0, FR_MAX_CONCEPTS * sizeof *have);
    const int code = fr_view_reps(v, edit->traces, all, &slice, &raw, NULL, err);
    if (code == FR_OK && raw.h != NULL) {
        float *vectors = fr_alloc((size_t)v->concepts.n * (size_t)raw.width, sizeof *vectors);
        fr_reps_centre(&raw, &centred);
        fr_intervention_vectors(&source, naming, v->namings[naming].naming.id, 0, 0,
                                (enum fr_vector_kind)edit->kind.vectors,
                                (enum fr_vector_control)edit->kind.control, edit->kind.strength,
                                vectors, have);
        free(vectors);
    }
    fr_reps_release(&raw);
    fr_reps_release(&centred);
    free(all);
    free(use);
    return code;
}

/* The positions that the edit writes, *n_edits at all its layers together: as many as the run says,
 * unless the study has more traces since. None where the vectors are another study's. */
static int edited_rows(struct fr_view *v, const struct edit *edit, int naming,
                       const struct fr_mentions *mentions, const struct fr_trace *trace,
                       json_t *out, int *n_edits, struct fr_error *err) {
    const int n_layers = edit->kind.layers.end - edit->kind.layers.first;
    bool have[FR_MAX_CONCEPTS];
    *n_edits = 0;
    if (edit->kind.baseline || n_layers <= 0 || edit->other)
        return FR_OK;
    const int code = find_vectors(v, edit, naming, have, err);
    if (code != FR_OK)
        return code;
    struct fr_edit_plan plan = {0};
    int *rows = fr_alloc((size_t)v->concepts.n * (size_t)n_layers, sizeof *rows);
    for (int a = 0; a < v->concepts.n; a++)
        for (int i = 0; i < n_layers; i++)
            rows[a * n_layers + i] = edit->concepts[a] && have[a] ? 0 : -1;
    fr_edit_plan_of(&edit->kind, mentions, trace->n_prompt, fr_view_origin(v, trace),
                    v->config.previous_token, v->concepts.n, 1, NULL, rows, &plan);
    for (int i = 0; i < plan.n_edits; i++)
        if (i == 0 || plan.edits[i].position != plan.edits[i - 1].position)
            FR_ASSERT(json_array_append_new(out, json_integer(plan.edits[i].position)) == 0);
    *n_edits = plan.n_edits;
    fr_edit_plan_release(&plan);
    free(rows);
    return FR_OK;
}

/* Where the reasoning of a run ends: at the tag that ended the trace's, or at any. */
static void end_reasoning(const struct fr_trace *trace, struct fr_trace *run) {
    run->n_reasoning = run->n_tokens - run->n_prompt;
    const int end = trace->n_prompt + trace->n_reasoning;
    if (end >= trace->n_tokens)
        return;
    const char *tag = fr_view_end_tag(trace, end);
    if (tag == NULL)
        return;
    const size_t from =
        run->n_prompt < run->n_tokens ? (size_t)run->starts[run->n_prompt] : run->text_len;
    const char *at = memmem(run->text + from, run->text_len - from, tag, strlen(tag));
    for (int i = run->n_prompt; at != NULL && i < run->n_tokens; i++)
        if (run->ends[i] > at - run->text) {
            run->n_reasoning = i - run->n_prompt;
            return;
        }
}

struct run {
    struct fr_trace whole; /* the prefix too */
    int32_t *ids;
    int n, n_unknown, n_edits;
};

static void release(struct run *run) {
    fr_trace_release(&run->whole);
    free(run->ids);
}

static int read_run(struct fr_view *v, int64_t edit, const struct fr_trace *trace, int n_prefix,
                    struct run *out, struct fr_error *err) {
    struct fr_query *query;
    *out = (struct run){0};
    int verdict = 0;
    struct fr_text reason = {0};
    int code = fr_query_open(&query, v->store, err,
                             "SELECT ids, n_edits, verdict, reason, step FROM run WHERE puzzle = ?"
                             " AND naming = ? AND edit = ?",
                             "iti", trace->puzzle, trace->naming, edit);
    if (code != FR_OK)
        return code;
    int step = 0;
    const bool found = fr_query_next(query);
    if (found) {
        size_t n;
        const void *ids = fr_query_blob(query, 0, &n);
        out->n = (int)(n / sizeof *out->ids);
        out->ids = fr_alloc((size_t)out->n, sizeof *out->ids);
        if (out->n > 0)
            memcpy(out->ids, ids, (size_t)out->n * sizeof *out->ids);
        out->n_edits = (int)fr_query_int(query, 1);
        verdict = find_name(fr_query_text(query, 2), fr_verdict_name, FR_VERDICT_COUNT);
        fr_text_add(&reason, fr_query_text(query, 3));
        step = (int)fr_query_int(query, 4);
    }
    code = fr_query_close(query, err);
    if (code == FR_OK && !found)
        code = fr_fail(err, FR_E_INPUT, "no such run: puzzle %lld, naming %.40s, edit %lld",
                       (long long)trace->puzzle, trace->naming, (long long)edit);
    if (code == FR_OK)
        code = fr_view_continue(&v->pieces, v->store, trace, n_prefix, out->ids, out->n,
                                &out->whole, &out->n_unknown, err);
    if (code == FR_OK) {
        end_reasoning(trace, &out->whole);
        out->whole.verdict =
            fr_verdict_of((enum fr_verdict_kind)verdict, step, fr_text_get(&reason));
    }
    fr_text_release(&reason);
    return code;
}

static int add_run(struct fr_view *v, int naming, const struct run *run, int n_prefix, json_t **out,
                   struct fr_error *err) {
    struct fr_mentions mentions = {0};
    *out = json_object();
    const int code = add_text(v, naming, &run->whole, n_prefix, *out, &mentions, err);
    put(*out, "n_unknown", json_integer(run->n_unknown));
    fr_mentions_release(&mentions);
    return code;
}

/* Of what both generated; -1: one is the other's beginning and as long. */
static int first_difference(const struct run *a, const struct run *b) {
    int i = 0;
    while (i < a->n && i < b->n && a->ids[i] == b->ids[i])
        i++;
    return i == a->n && i == b->n ? -1 : i;
}

int fr_view_run(struct fr_view *v, const struct fr_view_ask *ask, json_t *out,
                struct fr_error *err) {
    struct fr_trace trace;
    struct fr_mentions mentions = {0};
    struct edit edit = {0}, plain = {0};
    struct run run = {0}, baseline = {0};
    json_t *edited = NULL, *unedited = NULL;
    int naming, n_edits = 0, code = find(v, ask, &naming, &trace, err);
    if (code == FR_OK)
        code = read_edit(v, ask->condition, &edit, err);
    if (code == FR_OK)
        code = read_edit(v, edit.baseline, &plain, err);
    int n_prefix = code == FR_OK ? fr_view_origin(v, &trace) + edit.kind.window.end : 0;
    n_prefix = n_prefix < trace.n_tokens ? n_prefix : trace.n_tokens;
    if (code == FR_OK)
        code = read_run(v, edit.id, &trace, n_prefix, &run, err);
    if (code == FR_OK)
        code = read_run(v, plain.id, &trace, n_prefix, &baseline, err);
    if (code == FR_OK)
        code = add_run(v, naming, &run, n_prefix, &edited, err);
    if (code == FR_OK)
        code = add_run(v, naming, &baseline, n_prefix, &unedited, err);
    if (code == FR_OK) {
        json_decref(fr_view_mentions(v, naming, &trace, &mentions));
        json_t *rows = json_array();
        code = edited_rows(v, &edit, naming, &mentions, &trace, rows, &n_edits, err);
        put(out, "rows", rows);
        put(out, "n_rows_all", json_integer(n_edits));
        put(out, "n_edits", json_integer(run.n_edits));
        const int at = first_difference(&run, &baseline);
        put(out, "difference", at < 0 ? json_null() : json_integer(n_prefix + at));
        put(out, "baseline_condition", json_integer((json_int_t)edit.baseline));
        put(out, "run", json_incref(edited));
        put(out, "baseline", json_incref(unedited));
    }
    json_decref(edited);
    json_decref(unedited);
    free(edit.traces);
    free(plain.traces);
    release(&run);
    release(&baseline);
    fr_mentions_release(&mentions);
    fr_trace_release(&trace);
    return code;
}
