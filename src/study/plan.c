/* What of a directory still holds. A stage's row has the keys that it was made with; the
 * configuration says what they are now. Compared key by key, so that a message can name the first
 * that differs. First everything is checked, then what does not hold any more is reopened, in the
 * caller's transaction: a refusal changes nothing.
 *
 * Rejected: a hash of a stage's inputs, which can only say "something"; and keeping results of
 * every configuration side by side, which a directory of its own does better (fr_study_fork). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "study/internal.h"

enum { SHOWN = 90 /* bytes of a value that a message shows */, WORDING_CEILING = 1 << 20 };

/* What is found before anything is written. */
struct plan {
    struct fr_study *study;
    enum fr_plan_mode mode;
    bool reopen[FR_N_STAGES]; /* enter again: something is missing */
    bool clear[FR_N_STAGES];  /* what is stored is of other keys */
    bool rewrite_conditions;
    bool rewrite_namings;   /* which of them are left out is another */
    struct fr_text sources; /* of vectors from other studies */
    struct fr_error *err;
};

static int refuse(const struct plan *p, int stage, const char *what) {
    return fr_fail(p->err, FR_E_CONFLICT,
                   "%s: %s, but the stage %s was made otherwise; `fluidrep fork %s NEW %s` makes a "
                   "study that shares what still holds",
                   fr_store_dir(p->study->store), what, fr_stage_names[stage],
                   fr_store_dir(p->study->store), p->study->world.config_path);
}

static int count(const struct plan *p, const char *sql, int64_t *n) {
    return fr_store_find_int(p->study->store, p->err, n, sql, "");
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* The work of models that would be lost if the stage's rows were: counted, not guessed. */
static const char *const work_sql[FR_N_STAGES] = {
    [FR_STAGE_PUZZLES] = "SELECT count(*) FROM trace",
    [FR_STAGE_ROLLOUTS] = "SELECT count(*) FROM trace",
    [FR_STAGE_REPRESENTATIONS] = "SELECT (SELECT count(*) FROM sums) + (SELECT count(*) FROM run)",
};

/* What is deleted when a stage's keys are others; what follows goes with it. */
static const char *const clear_sql[FR_N_STAGES] = {
    [FR_STAGE_PUZZLES] = "DELETE FROM imported;DELETE FROM puzzle_class;DELETE FROM puzzle;"
                         "DELETE FROM naming_word;DELETE FROM naming",
    [FR_STAGE_ROLLOUTS] = "DELETE FROM imported_trace;DELETE FROM continued;DELETE FROM trace",
    [FR_STAGE_REPRESENTATIONS] = "DELETE FROM sums;DELETE FROM sums_begun",
    [FR_STAGE_STEERING] = "DELETE FROM run",
};

/* The value of a key's line, or NULL; the caller frees it. */
static char *value_of(const char *lines, const char *key) {
    const size_t n = strlen(key);
    size_t length;
    for (const char *line; fr_line_next(&lines, &line, &length);)
        if (strncmp(line, key, n) == 0 && strncmp(line + n, ": ", 2) == 0)
            return fr_strndup(line + n + 2, length - n - 2);
    return NULL;
}

static int tell_difference(const struct plan *p, int stage, const char *key, const char *before,
                           const char *now, enum fr_change change) {
    struct fr_text what = {0};
    fr_text_printf(&what, "%s was %.*s and is now %.*s%s", key, SHOWN, before, SHOWN, now,
                   change == FR_SHRUNK ? " (it can only grow)" : "");
    const int code = refuse(p, stage, fr_text_get(&what));
    fr_text_release(&what);
    return code;
}

/* One key of a stage, as it was (NULL: it was not one yet) and is. */
static int compare_key(struct plan *p, int stage, const char *key, const char *before,
                       const char *now) {
    char *fallback = before == NULL ? fr_config_default(key) : NULL;
    const char *old = before != NULL ? before : fallback != NULL ? fallback : "none";
    int code = FR_OK;
    const enum fr_change change = fr_config_compare(key, old, now);
    int64_t work = 0;
    if (change != FR_SAME)
        p->reopen[stage] = true;
    if (change == FR_SHRUNK || change == FR_CHANGED) {
        if (work_sql[stage] != NULL)
            code = count(p, work_sql[stage], &work);
        if (code == FR_OK && work > 0 && p->mode == FR_PLAN_KEEP)
            code = tell_difference(p, stage, key, old, now, change);
        p->clear[stage] = true;
    }
    free(fallback);
    return code;
}

/* A key that the stage had and has no more: the source of the puzzles is another. */
static int check_gone(struct plan *p, int stage, const char *before, const char *now) {
    int code = FR_OK;
    size_t length;
    for (const char *at = before, *line; code == FR_OK && fr_line_next(&at, &line, &length);) {
        char *key = fr_strndup(line, strcspn(line, ":\n"));
        char *value = value_of(line, key), *is = value_of(now, key);
        /* machine settings bind or not as the model's other keys say */
        if (is == NULL && value != NULL && strstr(key, ".sha256") != NULL)
            code = compare_key(p, stage, key, value, "none");
        free(key);
        free(value);
        free(is);
    }
    return code;
}

static int compare_stage(struct plan *p, int stage) {
    struct fr_text before = {0}, now = {0};
    size_t length;
    bool done;
    int code = FR_OK;
    if (fr_store_get_stage(p->study->store, fr_stage_names[stage], &done, &before))
        code = fr_world_render_stage(&p->study->world, (enum fr_stage)stage, p->study->model_sha256,
                                     &now, p->err);
    /* keys that were there first: of others that bind now, one of those is the reason */
    for (int fresh = 0; fresh < 2; fresh++)
        for (const char *at = fr_text_get(&now), *line;
             code == FR_OK && fr_line_next(&at, &line, &length);) {
            char *key = fr_strndup(line, strcspn(line, ":\n"));
            char *old = value_of(fr_text_get(&before), key), *value = value_of(line, key);
            if ((old == NULL) == (fresh == 1))
                code = compare_key(p, stage, key, old, value);
            free(key);
            free(old);
            free(value);
        }
    if (code == FR_OK && now.len > 0)
        code = check_gone(p, stage, fr_text_get(&before), fr_text_get(&now));
    fr_text_release(&before);
    fr_text_release(&now);
    return code;
}

/* ---- namings --------------------------------------------------------------------------------- */

/* A stored naming against the configuration's: there, with the same words? */
static int compare_naming(struct plan *p, const char *id, int position, bool excluded) {
    const struct fr_world *w = &p->study->world;
    struct fr_query *query;
    struct fr_text what = {0};
    const int i = fr_world_find_naming(w, id);
    if (i < 0 && p->mode == FR_PLAN_KEEP) {
        fr_text_printf(&what, "namings.use had naming %s and has it no more (it can only grow)",
                       id);
        const int code = refuse(p, FR_STAGE_PUZZLES, fr_text_get(&what));
        fr_text_release(&what);
        return code;
    }
    if (i < 0) {
        p->clear[FR_STAGE_PUZZLES] = p->reopen[FR_STAGE_PUZZLES] = true;
        return FR_OK;
    }
    if (i != position)
        p->reopen[FR_STAGE_PUZZLES] = true;
    if (w->namings[i].excluded != excluded)
        p->rewrite_namings = p->reopen[FR_STAGE_ANALYSES] = true;
    int code =
        fr_query_open(&query, p->study->store, p->err,
                      "SELECT concept, position, word FROM naming_word WHERE naming = ?", "t", id);
    while (code == FR_OK && fr_query_next(query)) {
        const int64_t a = fr_query_int(query, 1);
        const char *word = a >= 0 && a < w->table.concepts.n ? w->namings[i].naming->words[a] : "";
        if (strcmp(word, fr_query_text(query, 2)) == 0 || what.len > 0)
            continue;
        fr_text_printf(&what, "namings.table: naming %s called %s \"%.40s\" and calls it \"%.40s\"",
                       id, fr_query_text(query, 0), fr_query_text(query, 2), word);
    }
    if (code == FR_OK)
        code = fr_query_close(query, p->err);
    if (code == FR_OK && what.len > 0) {
        if (p->mode == FR_PLAN_KEEP)
            code = refuse(p, FR_STAGE_PUZZLES, fr_text_get(&what));
        p->clear[FR_STAGE_PUZZLES] = p->reopen[FR_STAGE_PUZZLES] = true;
    }
    fr_text_release(&what);
    return code;
}

static int compare_namings(struct plan *p) {
    struct fr_query *query;
    int n = 0;
    int code = fr_query_open(&query, p->study->store, p->err,
                             "SELECT id, position, excluded FROM naming ORDER BY position", "");
    if (code != FR_OK)
        return code;
    while (code == FR_OK && fr_query_next(query)) {
        code = compare_naming(p, fr_query_text(query, 0), (int)fr_query_int(query, 1),
                              fr_query_int(query, 2) != 0);
        n++;
    }
    code = fr_query_close_after(query, code, p->err);
    if (code == FR_OK && n > 0 && n < p->study->world.n_namings)
        p->reopen[FR_STAGE_PUZZLES] = true;
    return code;
}

int fr_study_put_namings(struct fr_study *s, struct fr_error *err) {
    const struct fr_world *w = &s->world;
    /* positions are unique: out of the way first */
    int code = fr_store_run(s->store, err, "UPDATE naming SET position = -1 - position", "");
    for (int i = 0; code == FR_OK && i < w->n_namings; i++) {
        const struct fr_world_naming *n = &w->namings[i];
        code = fr_store_run(s->store, err,
                            "INSERT INTO naming VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                            " position = excluded.position, excluded = excluded.excluded",
                            "titi", n->naming->id, (int64_t)i, n->clean ? "clean" : "mystery",
                            (int64_t)n->excluded);
        for (int a = 0; code == FR_OK && a < w->table.concepts.n; a++)
            code =
                fr_store_run(s->store, err,
                             "INSERT OR IGNORE INTO naming_word VALUES (?, ?, ?, ?, ?)", "ttitt",
                             n->naming->id, w->table.concepts.names[a], (int64_t)a,
                             fr_concept_kind_name[w->table.concepts.kinds[a]], n->naming->words[a]);
    }
    return code;
}

/* ---- puzzles --------------------------------------------------------------------------------- */

/* Examples before puzzles to evaluate go round the puzzles to collect from: with more of these they
 * would be others. */
static int check_examples(struct plan *p) {
    int64_t n_collect = 0, last = 0;
    int code = count(p, "SELECT count(*) FROM puzzle WHERE split = 'collect'", &n_collect);
    if (code == FR_OK)
        code = count(p,
                     "SELECT coalesce(max(position), -1) FROM puzzle WHERE split = 'evaluate'"
                     " AND example IS NOT NULL",
                     &last);
    if (code != FR_OK || p->mode == FR_PLAN_FORK || last < n_collect ||
        p->study->world.config.n_collect <= n_collect || n_collect == 0)
        return code;
    return refuse(p, FR_STAGE_PUZZLES,
                  "puzzles.collect grew while more puzzles are evaluated than it had, and their "
                  "prompts go round those for their examples");
}

/* ---- conditions ------------------------------------------------------------------------------ */

/* Of an edit that has runs and is asked for by no condition, in the words of the one that did. */
static void tell_gone(const struct fr_conditions *now, const char *experiment, const char *name,
                      struct fr_text *out) {
    bool named = false;
    for (int i = 0; i < now->n; i++)
        named |= strcmp(now->items[i].experiment, experiment) == 0 &&
                 strcmp(now->items[i].name, name) == 0;
    fr_text_printf(out, "experiments: %s%s%s was run and is %s", experiment,
                   *experiment != '\0' ? ": " : "", name,
                   named ? "now another edit (an identity is of the first of each list, so that "
                           "their order counts)"
                         : "no longer asked for");
}

/* Every edit that has runs is still asked for, or the list shrank. */
static int compare_edits(struct plan *p) {
    const struct fr_conditions *c = &p->study->world.conditions;
    struct fr_query *query;
    struct fr_text *wanted = fr_alloc((size_t)c->n_edits, sizeof *wanted);
    bool *known = fr_alloc((size_t)c->n_edits, sizeof *known);
    struct fr_text gone = {0};
    for (int i = 0; i < c->n_edits; i++)
        fr_edit_kind_render(&c->edits[i], &wanted[i]);
    int code = fr_query_open(&query, p->study->store, p->err,
                             "SELECT e.definition, coalesce(c.experiment, ''),"
                             " coalesce(c.name, e.definition), EXISTS (SELECT 1 FROM run r WHERE"
                             " r.edit = e.id) FROM edit e LEFT JOIN condition c ON c.edit = e.id",
                             "");
    while (code == FR_OK && fr_query_next(query)) {
        int i = 0;
        while (i < c->n_edits && strcmp(fr_text_get(&wanted[i]), fr_query_text(query, 0)) != 0)
            i++;
        if (i < c->n_edits)
            known[i] = true;
        else if (fr_query_int(query, 3) != 0 && gone.len == 0)
            tell_gone(c, fr_query_text(query, 1), fr_query_text(query, 2), &gone);
    }
    if (code == FR_OK)
        code = fr_query_close(query, p->err);
    if (code == FR_OK && gone.len > 0 && p->mode == FR_PLAN_KEEP)
        code = refuse(p, FR_STAGE_STEERING, fr_text_get(&gone));
    for (int i = 0; i < c->n_edits; i++) {
        if (!known[i])
            p->reopen[FR_STAGE_STEERING] = true;
        fr_text_release(&wanted[i]);
    }
    free(wanted);
    free(known);
    fr_text_release(&gone);
    return code;
}

/* Everything that a condition's row says, to see whether it is the same. */
static void render_conditions(const struct fr_conditions *c, struct fr_text *out) {
    for (int i = 0; i < c->n; i++) {
        const struct fr_condition *x = &c->items[i];
        fr_text_printf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t", x->experiment, x->name, x->series,
                       fr_role_name[x->role], x->colour, x->shape, x->family, x->against);
        fr_edit_kind_render(&c->edits[x->edit], out);
        fr_text_add(out, "\n");
    }
}

static int compare_conditions(struct plan *p, struct fr_text *text) {
    struct fr_text stored = {0};
    render_conditions(&p->study->world.conditions, text);
    (void)fr_store_get_meta(p->study->store, "conditions", &stored);
    p->rewrite_conditions = strcmp(fr_text_get(&stored), fr_text_get(text)) != 0;
    fr_text_release(&stored);
    struct fr_text before = {0};
    (void)fr_store_get_meta(p->study->store, "vectors_from", &before);
    const int code = fr_moments_check_sources(p->study, fr_text_get(&before), p->err);
    fr_moments_render_sources(p->study, fr_text_get(&before), &p->sources);
    /* runs are held against their vectors one by one then */
    if (strcmp(fr_text_get(&before), fr_text_get(&p->sources)) != 0)
        p->reopen[FR_STAGE_STEERING] = true;
    fr_text_release(&before);
    if (code != FR_OK || !p->rewrite_conditions)
        return code;
    p->reopen[FR_STAGE_STATISTICS] = true;
    return compare_edits(p);
}

int fr_study_put_edit(struct fr_study *s, const struct fr_edit_kind *e, int64_t *id,
                      struct fr_error *err) {
    struct fr_text definition = {0};
    *id = 0;
    fr_edit_kind_render(e, &definition);
    const int64_t no_start = e->window.first < 0 ? -1 : e->window.first;
    int code =
        e->baseline
            ? fr_store_run(s->store, err,
                           "INSERT OR IGNORE INTO edit (definition, operation, window_start,"
                           " window_end) VALUES (?, 'none', nullif(?, -1), ?)",
                           "tii", fr_text_get(&definition), no_start, (int64_t)e->window.end)
            : fr_store_run(
                  s->store, err,
                  "INSERT OR IGNORE INTO edit (definition, vectors, control, traces,"
                  " timestamp, strength, operation, scale, keep_norm, layer_first,"
                  " layer_end, window_start, window_end, concepts, mentions, first_mentions)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  "ttttidtdiiiiitti", fr_text_get(&definition), fr_vector_kind_name[e->vectors],
                  fr_control_name[e->control], fr_trace_set_name[e->traces], (int64_t)e->timestamp,
                  e->strength, fr_edit_operation_name[e->operation],
                  fr_edit_is_scaled(e->operation) ? e->scale : __builtin_nan(""),
                  (int64_t)e->keep_norm, (int64_t)e->layers.first, (int64_t)e->layers.end,
                  (int64_t)e->window.first, (int64_t)e->window.end,
                  e->concepts_name != NULL ? e->concepts_name : "all",
                  fr_mention_choice_name[e->mentions], (int64_t)e->first);
    if (code == FR_OK)
        code = fr_store_find_int(s->store, err, id, "SELECT id FROM edit WHERE definition = ?", "t",
                                 fr_text_get(&definition));
    fr_text_release(&definition);
    return code;
}

static int put_conditions(struct fr_study *s, const char *text, struct fr_error *err) {
    const struct fr_conditions *c = &s->world.conditions;
    int64_t *edits = fr_alloc((size_t)c->n_edits, sizeof *edits);
    int code = fr_store_run(s->store, err, "UPDATE condition SET against = NULL", "");
    if (code == FR_OK)
        code = fr_store_run(s->store, err, "DELETE FROM condition", "");
    for (int i = 0; code == FR_OK && i < c->n_edits; i++)
        code = fr_study_put_edit(s, &c->edits[i], &edits[i], err);
    for (int i = 0; code == FR_OK && i < c->n; i++)
        code = fr_store_run(s->store, err,
                            "INSERT INTO condition VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                            "itttitttti", (int64_t)i + 1, c->items[i].experiment, c->items[i].name,
                            c->items[i].series, (int64_t)i, fr_role_name[c->items[i].role],
                            c->items[i].colour, c->items[i].shape, c->items[i].family,
                            edits[c->items[i].edit]);
    for (int i = 0; code == FR_OK && i < c->n; i++)
        if (c->items[i].against >= 0)
            code = fr_store_run(s->store, err, "UPDATE condition SET against = ? WHERE id = ?",
                                "ii", (int64_t)c->items[i].against + 1, (int64_t)i + 1);
    if (code == FR_OK) /* only a fork has such: the study that it comes from keeps them */
        code = fr_store_run(s->store, err,
                            "DELETE FROM run WHERE edit NOT IN (SELECT edit FROM condition)", "");
    if (code == FR_OK)
        code = fr_store_run(s->store, err,
                            "DELETE FROM edit WHERE id NOT IN (SELECT edit FROM condition)", "");
    if (code == FR_OK)
        code = fr_store_set_meta(s->store, "conditions", text, err);
    free(edits);
    return code;
}

/* ---- the plan -------------------------------------------------------------------------------- */

/* The configuration, and the hashes of what it names. */
static int render_configuration(const struct fr_study *s, struct fr_text *out,
                                struct fr_error *err) {
    int code = FR_OK;
    fr_config_render(&s->world.config, out);
    for (int i = 0; code == FR_OK && i < FR_N_STAGES; i++) {
        struct fr_text keys = {0}, all = {0};
        fr_config_render_stage(&s->world.config, (enum fr_stage)i, &keys);
        code = fr_world_render_stage(&s->world, (enum fr_stage)i, s->model_sha256, &all, err);
        if (code == FR_OK) /* the hashes stand behind the keys */
            fr_text_add(out, fr_text_get(&all) + keys.len);
        fr_text_release(&keys);
        fr_text_release(&all);
    }
    return code;
}

/* The domain and its wording as they are now, so that the study can be read without its files. */
static int keep_domain(struct fr_study *s, struct fr_error *err) {
    struct fr_text text = {0};
    fr_domain_render(&s->world.domain, &text);
    int code = fr_store_set_meta(s->store, "domain", fr_text_get(&text), err);
    fr_text_clear(&text);
    if (code == FR_OK && *s->world.wording_path != '\0')
        code = fr_file_read_text(s->world.wording_path, WORDING_CEILING, &text, err);
    if (code == FR_OK)
        code = fr_store_set_meta(s->store, "wording", fr_text_get(&text), err);
    fr_text_release(&text);
    return code;
}

int fr_study_reopen(struct fr_study *s, int first, struct fr_error *err) {
    int code = FR_OK;
    for (int i = first; code == FR_OK && i < FR_N_STAGES; i++)
        code = fr_store_stage_reopen(s->store, fr_stage_names[i], err);
    /* of a run adopted from before vectors were recorded nobody knows whether they are others now:
     * it holds as long as nothing that they come from was touched */
    if (code == FR_OK && first <= FR_STAGE_ANALYSES)
        code = fr_store_run(s->store, err, "UPDATE run SET vectors = '' WHERE vectors = 'adopted'",
                            "");
    return code;
}

static int apply(struct plan *p, const char *conditions) {
    struct fr_study *s = p->study;
    struct fr_text configuration = {0};
    int code = FR_OK;
    for (int i = 0, from = FR_N_STAGES; i < FR_N_STAGES; i++) {
        if (p->clear[i] && i < from && i <= FR_STAGE_REPRESENTATIONS)
            from = i;
        if (i > from) /* what stands on rows that go, goes too */
            p->clear[i] = true;
    }
    for (int i = FR_N_STAGES - 1; code == FR_OK && i >= 0; i--)
        for (const char *sql = p->clear[i] ? clear_sql[i] : NULL;
             code == FR_OK && sql != NULL && *sql != '\0';) {
            char *statement = fr_strndup(sql, strcspn(sql, ";"));
            code = fr_store_run(s->store, p->err, statement, "");
            sql += strlen(statement) + (sql[strlen(statement)] == ';');
            free(statement);
        }
    int first = 0;
    while (first < FR_N_STAGES && !p->reopen[first] && !p->clear[first])
        first++;
    if (code == FR_OK)
        code = fr_study_reopen(s, first, p->err);
    if (code == FR_OK && p->rewrite_namings && !p->reopen[FR_STAGE_PUZZLES])
        code = fr_study_put_namings(s, p->err); /* else that stage does it */
    if (code == FR_OK && p->rewrite_conditions)
        code = put_conditions(s, conditions, p->err);
    if (code == FR_OK)
        code = render_configuration(s, &configuration, p->err);
    char seed[16];
    (void)snprintf(seed, sizeof seed, "%d", s->world.config.seed);
    const char *const facts[][2] = {
        {"configuration", fr_text_get(&configuration)},
        {"study", s->world.config.study},
        {"model_sha256", s->model_sha256},
        {"model_file", s->world.model_path}, /* from where it was run */
        {"source", s->source->name},
        {"seed", seed},
        {"vectors_from", fr_text_get(&p->sources)},
    };
    for (size_t i = 0; code == FR_OK && i < sizeof facts / sizeof *facts; i++)
        code = fr_store_set_meta(s->store, facts[i][0], facts[i][1], p->err);
    fr_text_release(&configuration);
    return code == FR_OK ? keep_domain(s, p->err) : code;
}

int fr_study_plan(struct fr_study *s, enum fr_plan_mode mode, struct fr_error *err) {
    struct plan p = {.study = s, .mode = mode, .err = err};
    struct fr_text conditions = {0};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < FR_N_STAGES; i++)
        if (i != FR_STAGE_STEERING) /* its conditions are compared one by one */
            code = compare_stage(&p, i);
    if (code == FR_OK)
        code = compare_namings(&p);
    if (code == FR_OK)
        code = check_examples(&p);
    if (code == FR_OK)
        code = compare_conditions(&p, &conditions);
    if (code == FR_OK)
        code = apply(&p, fr_text_get(&conditions));
    fr_text_release(&p.sources);
    fr_text_release(&conditions);
    return code;
}
