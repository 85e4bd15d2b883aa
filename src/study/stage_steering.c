/* Stage 5: the experiments, on held-out puzzles (method.md section 5). For every unsteered trace of
 * an evaluation puzzle that reasons past a window's end, the baseline and every edit of that window
 * continue from the same teacher-forced prefix, whose part before the window is computed once. A
 * unit is a trace with the edits that are missing; each run is stored as it finishes.
 *
 * Where an edit finds nothing to edit in a trace, its run is the baseline's, and is copied from it
 * instead of being generated: the same tokens from the same prefix.
 *
 * A run remembers the vectors that it was written with by their hash. When they would be others
 * today (more namings, more traces), the run is made again; else it is kept. */
#include "study/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "mentions/mentions.h"
#include "prompts/prompts.h"
#include "rollouts/rollouts.h"
#include "sources/trace_text.h"

/* ---- what both sides know -------------------------------------------------------------------- */

struct context {
    const struct fr_world *world;
    bool *use; /* [N] namings that are steered */
    struct fr_moments moments;
    int *shared; /* [edits] tokens after the origin that the edit's runs share */
};

static const struct fr_edit_kind *edit_at(const struct context *c, int edit) {
    return &c->world->conditions.edits[edit];
}

static const struct fr_moment *moment_of(const struct context *c, int edit) {
    return &c->moments.items[c->moments.of[edit]];
}

static void close_context(struct context *c) {
    fr_moments_close(&c->moments);
    free(c->shared);
    free(c->use);
}

static void open_context(const struct fr_study *s, struct context *c) {
    const struct fr_conditions *conditions = &s->world.conditions;
    *c = (struct context){.world = &s->world,
                          .use = fr_alloc((size_t)s->world.n_namings, sizeof *c->use),
                          .shared = fr_alloc((size_t)conditions->n_edits, sizeof *c->shared)};
    fr_world_used_namings(&s->world, c->use);
    for (int i = 0; i < conditions->n_edits; i++)
        c->shared[i] = fr_conditions_shared(conditions, i);
}

static int n_edit_layers(const struct fr_edit_kind *e) { return e->layers.end - e->layers.first; }

/* vectors [A][layers][D] and rows [A][layers] of an edit for a naming; both are the caller's. */
static void make_vectors(const struct context *c, int edit, int naming, float **vectors,
                         int **rows) {
    const struct fr_edit_kind *e = edit_at(c, edit);
    const struct fr_moment *m = moment_of(c, edit);
    const size_t cells = (size_t)m->centred.n_concepts * (size_t)n_edit_layers(e);
    const struct fr_vector_source source = {.raw = &m->raw,
                                            .centred = &m->centred,
                                            .use = m->use,
                                            .i_clean = m->i_clean,
                                            .seed = (uint64_t)c->world->config.seed};
    *vectors = fr_alloc(cells * (size_t)m->centred.width, sizeof **vectors);
    *rows = fr_alloc(cells, sizeof **rows);
    (void)fr_edit_vectors(e, &source, m->naming_of[naming], c->world->namings[naming].naming->id, 0,
                          *vectors, *rows);
}

/* ---- the store's side ------------------------------------------------------------------------ */

struct lister {
    struct fr_study *study;
    const struct context *context;
    int64_t *ids;                    /* [edits] of the table edit */
    bool *digested;                  /* [N] namings whose digests are there */
    char (*digests)[FR_SHA256_TEXT]; /* [N][edits] */
    int n_subjects, capacity, next;
    struct subject {
        int64_t puzzle;
        int naming, n_missing;
        int64_t tokens; /* to be generated, about */
    } * subjects;       /* traces with runs that are missing, those with the most tokens first */
    int n_waiting, waiting_capacity;
    struct waiting {
        int64_t puzzle;
        int naming, edit;
        char digest[FR_SHA256_TEXT];
    } * waiting; /* runs that are their baseline's, which is still in a slot */
    long long done, total, resumed;
    int n_traces;  /* of the split and the namings in use */
    int64_t reach; /* of the longest of them, tokens after the origin */
};

static int read_ids(struct lister *l, struct fr_error *err) {
    const struct fr_conditions *c = &l->study->world.conditions;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < c->n_edits; i++) {
        struct fr_text definition = {0};
        l->ids[i] = -1;
        fr_edit_kind_render(&c->edits[i], &definition);
        code = fr_store_find_int(l->study->store, err, &l->ids[i],
                                 "SELECT id FROM edit WHERE definition = ?", "t",
                                 fr_text_get(&definition));
        fr_text_release(&definition);
    }
    return code;
}

/* Of the vectors of each edit, "" of a baseline. [edits] */
static char (*digests_of(struct lister *l, int naming))[FR_SHA256_TEXT] {
    const struct fr_conditions *c = &l->study->world.conditions;
    char(*digests)[FR_SHA256_TEXT] = l->digests + (size_t)naming * (size_t)c->n_edits;
    for (int i = 0; i < c->n_edits && !l->digested[naming]; i++) {
        if (c->edits[i].baseline)
            continue;
        const struct fr_moment *m = moment_of(l->context, i);
        const size_t cells = (size_t)m->centred.n_concepts * (size_t)n_edit_layers(&c->edits[i]);
        float *vectors;
        int *rows;
        struct fr_text all = {0};
        make_vectors(l->context, i, naming, &vectors, &rows);
        fr_text_append(&all, (const char *)rows, cells * sizeof *rows);
        fr_text_append(&all, (const char *)vectors,
                       cells * (size_t)m->centred.width * sizeof *vectors);
        fr_sha256(fr_text_get(&all), all.len, digests[i]);
        fr_text_release(&all);
        free(vectors);
        free(rows);
    }
    l->digested[naming] = true;
    return digests;
}

/* Which edits the trace takes part in, and which of them have no run that holds. */
static int find_missing(struct lister *l, int64_t puzzle, int naming, int64_t reach, bool *missing,
                        int *n_eligible, int *n_missing, struct fr_error *err) {
    const struct fr_conditions *c = &l->study->world.conditions;
    struct fr_query *query;
    char(*digests)[FR_SHA256_TEXT] = digests_of(l, naming);
    *n_eligible = *n_missing = 0;
    for (int i = 0; i < c->n_edits; i++) {
        missing[i] = reach > c->edits[i].window.end;
        *n_eligible += missing[i];
    }
    int code = fr_query_open(&query, l->study->store, err,
                             "SELECT edit, vectors FROM run WHERE puzzle = ? AND naming = ?", "it",
                             puzzle, l->study->world.namings[naming].naming->id);
    if (code != FR_OK)
        return code;
    while (fr_query_next(query))
        for (int i = 0; i < c->n_edits; i++)
            if (l->ids[i] == fr_query_int(query, 0) &&
                (strcmp(fr_query_text(query, 1), digests[i]) == 0 ||
                 strcmp(fr_query_text(query, 1), "adopted") == 0))
                missing[i] = false;
    for (int i = 0; i < c->n_edits; i++)
        *n_missing += missing[i];
    return fr_query_close(query, err);
}

/* So that the last units to be handed out are short, and no worker is left alone with a long one.
 */
static int by_tokens(const void *a, const void *b) {
    const struct subject *x = a, *y = b;
    if (x->tokens != y->tokens)
        return x->tokens > y->tokens ? -1 : 1;
    if (x->naming != y->naming)
        return x->naming < y->naming ? -1 : 1;
    return (x->puzzle > y->puzzle) - (x->puzzle < y->puzzle);
}

/* Held-out traces of the namings in use; reach: tokens after the origin up to the end of the
 * reasoning. */
static int list(struct lister *l, struct fr_error *err) {
    struct fr_study *s = l->study;
    struct fr_query *query;
    struct {
        int n, capacity;
        int64_t (*items)[5];
    } traces = {0};
    int code = fr_query_open(&query, s->store, err,
                             "SELECT t.puzzle, n.position,"
                             " (CASE WHEN ? THEN 0 ELSE t.n_prompt END) + t.n_reasoning,"
                             " p.position, t.n_tokens FROM trace t JOIN puzzle p ON p.id = t.puzzle"
                             " JOIN naming n ON n.id = t.naming WHERE p.split = 'evaluate' AND"
                             " n.role = 'mystery' ORDER BY n.position, p.position",
                             "i", (int64_t)(s->world.config.origin == FR_ORIGIN_REASONING));
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        FR_RESERVE(traces.items, traces.n, traces.capacity);
        for (int i = 0; i < 5; i++)
            traces.items[traces.n][i] = fr_query_int(query, i);
        traces.n++;
    }
    code = fr_query_close(query, err);
    bool *missing = fr_alloc((size_t)s->world.conditions.n_edits, sizeof *missing);
    for (int i = 0; code == FR_OK && i < traces.n; i++) {
        const int naming = (int)traces.items[i][1];
        int n_eligible, n_missing;
        if (!l->context->use[naming] ||
            !fr_study_takes(s, FR_SPLIT_EVALUATE, naming, (int)traces.items[i][3]))
            continue;
        l->n_traces++;
        l->reach = l->reach > traces.items[i][2] ? l->reach : traces.items[i][2];
        code = find_missing(l, traces.items[i][0], naming, traces.items[i][2], missing, &n_eligible,
                            &n_missing, err);
        l->total += n_eligible;
        l->done += n_eligible - n_missing;
        if (code != FR_OK || n_missing == 0)
            continue;
        FR_RESERVE(l->subjects, l->n_subjects, l->capacity);
        l->subjects[l->n_subjects++] =
            (struct subject){traces.items[i][0], naming, n_missing, n_missing * traces.items[i][4]};
    }
    if (l->n_subjects > 0)
        qsort(l->subjects, (size_t)l->n_subjects, sizeof *l->subjects, by_tokens);
    l->resumed = l->done;
    free(missing);
    free(traces.items);
    return code;
}

static int next_unit(void *user, struct fr_text *unit, bool *found, struct fr_error *err) {
    struct lister *l = user;
    struct fr_study *s = l->study;
    *found = l->next < l->n_subjects;
    if (!*found)
        return FR_OK;
    const struct subject *subject = &l->subjects[l->next++];
    const char *id = s->world.namings[subject->naming].naming->id;
    const int n_edits = s->world.conditions.n_edits;
    bool *missing = fr_alloc((size_t)n_edits, sizeof *missing);
    struct fr_trace trace = {0};
    struct fr_problem problem = {0};
    struct fr_text pddl = {0};
    int n_eligible, n_missing = 0;
    int code = fr_store_get_trace(s->store, subject->puzzle, id, &trace, err);
    if (code == FR_OK)
        code = fr_source_load_problem(s->store, &s->world.domain, subject->puzzle, &problem, NULL,
                                      err);
    const int64_t reach =
        trace.n_prompt - fr_world_origin(&s->world, trace.n_prompt) + (int64_t)trace.n_reasoning;
    if (code == FR_OK)
        code = find_missing(l, subject->puzzle, subject->naming, reach, missing, &n_eligible,
                            &n_missing, err);
    if (code == FR_OK) {
        fr_problem_render(&problem, &pddl);
        fr_pack_int(unit, subject->naming);
        fr_pack_text(unit, fr_text_get(&pddl));
        fr_trace_pack(&trace, unit);
        fr_pack_int(unit, n_missing);
        for (int i = 0; i < n_edits; i++)
            if (missing[i]) {
                fr_pack_int(unit, i);
                fr_pack_text(unit, digests_of(l, subject->naming)[i]);
            }
    }
    free(missing);
    fr_text_release(&pddl);
    fr_problem_release(&problem);
    fr_trace_release(&trace);
    return code;
}

/* The run that edits nothing, if its baseline's is there. */
static int copy_baseline(struct lister *l, const struct waiting *run, bool *there,
                         struct fr_error *err) {
    const int64_t baseline = l->ids[fr_conditions_baseline(&l->study->world.conditions, run->edit)];
    const char *naming = l->study->world.namings[run->naming].naming->id;
    int64_t found = 0;
    int code = fr_store_find_int(l->study->store, err, &found,
                                 "SELECT 1 FROM run WHERE puzzle = ? AND naming = ? AND edit = ?",
                                 "iti", run->puzzle, naming, baseline);
    *there = found != 0;
    if (code != FR_OK || !*there)
        return code;
    code = fr_store_run(l->study->store, err,
                        "INSERT OR REPLACE INTO run SELECT puzzle, naming, ?, ?, 0, n_generated,"
                        " ids, verdict, step, reason FROM run WHERE puzzle = ? AND naming = ? AND"
                        " edit = ?",
                        "ititi", l->ids[run->edit], run->digest, run->puzzle, naming, baseline);
    if (code == FR_OK)
        fr_events_progress(&l->study->events.work, ++l->done, l->total, l->resumed, "runs");
    return code;
}

/* What waited for this baseline. */
static int settle(struct lister *l, int64_t puzzle, int64_t naming, struct fr_error *err) {
    int code = FR_OK, n = 0;
    for (int i = 0; i < l->n_waiting; i++) {
        const struct waiting run = l->waiting[i];
        bool there = false;
        if (code == FR_OK && run.puzzle == puzzle && run.naming == naming)
            code = copy_baseline(l, &run, &there, err);
        if (!there)
            l->waiting[n++] = run;
    }
    l->n_waiting = n;
    return code;
}

static int commit(void *user, const struct fr_text *result, struct fr_error *err) {
    struct lister *l = user;
    struct fr_study *s = l->study;
    struct fr_unpack in = fr_unpack_begin(result);
    const int64_t puzzle = fr_unpack_int(&in), naming = fr_unpack_int(&in);
    const int64_t edit = fr_unpack_int(&in);
    const char *digest = fr_unpack_text(&in);
    const int64_t n_edits = fr_unpack_int(&in);
    if (n_edits == 0 && !s->world.conditions.edits[edit].baseline) {
        struct waiting run = {.puzzle = puzzle, .naming = (int)naming, .edit = (int)edit};
        bool there = false;
        FR_ASSERT(!in.bad);
        (void)snprintf(run.digest, sizeof run.digest, "%s", digest);
        const int copied = copy_baseline(l, &run, &there, err);
        if (copied == FR_OK && !there) {
            FR_RESERVE(l->waiting, l->n_waiting, l->waiting_capacity);
            l->waiting[l->n_waiting++] = run;
        }
        return copied;
    }
    size_t n = 0;
    const void *ids = fr_unpack_bytes(&in, &n);
    const int64_t verdict = fr_unpack_int(&in), step = fr_unpack_int(&in);
    const char *reason = fr_unpack_text(&in);
    FR_ASSERT(!in.bad && verdict >= 0 && verdict < FR_VERDICT_COUNT);
    int code = fr_store_run(s->store, err,
                            "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "ititiibtit", puzzle, s->world.namings[naming].naming->id, l->ids[edit],
                            digest, n_edits, (int64_t)(n / sizeof(int32_t)), ids, n,
                            fr_verdict_name[verdict], step, reason);
    if (code == FR_OK)
        fr_events_progress(&s->events.work, ++l->done, l->total, l->resumed, "runs");
    if (code == FR_OK && s->world.conditions.edits[edit].baseline)
        code = settle(l, puzzle, naming, err);
    return code;
}

/* The vectors' rows, for a rank without the store. */
static int fetch_moments(void *user, const struct fr_text *request, struct fr_text *reply,
                         struct fr_error *err) {
    const struct lister *l = user;
    (void)err;
    fr_moments_answer(&l->context->moments, &l->study->world, request, reply);
    return FR_OK;
}

static bool tick(void *user) {
    const struct lister *l = user;
    fr_events_progress(&l->study->events.work, l->done, l->total, l->resumed, "runs");
    return fr_events_stopped(&l->study->events.work);
}

/* ---- the model's side ------------------------------------------------------------------------ */

/* A trace whose runs are being handed out or are still in slots. */
struct steered {
    struct fr_trace trace;
    struct fr_mentions mentions;
    struct fr_problem problem;
    int naming, origin;
    int n_edits, next;
    int *edits;
    char (*digests)[FR_SHA256_TEXT];
    int in_flight;
};

struct run {
    struct steered *subject;
    int edit;
    const char *digest; /* the subject's */
    struct fr_edit_plan plan;
    float *vectors;
};

struct worker {
    const struct context *context;
    struct fr_model *model;
    struct fr_feed *feed;
    struct fr_text bytes;
    struct steered *subject; /* being handed out, or NULL */
    int naming;              /* whose forms are there, or -1 */
    struct fr_forms forms;
    struct fr_error fault;
};

static void free_subject(struct steered *subject) {
    fr_trace_release(&subject->trace);
    fr_mentions_release(&subject->mentions);
    fr_problem_release(&subject->problem);
    free(subject->edits);
    free(subject->digests);
    free(subject);
}

static void release_run(struct run *run) {
    struct steered *subject = run->subject;
    if (--subject->in_flight == 0 && subject->next == subject->n_edits)
        free_subject(subject);
    fr_edit_plan_release(&run->plan);
    free(run->vectors);
    free(run);
}

/* Edits that share more of the prefix follow each other, so that the stem is filled once. */
static int by_shared(const void *a, const void *b, void *user) {
    const struct context *c = user;
    const int x = *(const int *)a, y = *(const int *)b;
    if (c->shared[x] != c->shared[y])
        return c->shared[x] < c->shared[y] ? -1 : 1;
    return (x > y) - (x < y);
}

static int unpack_subject(const struct worker *w, struct steered *subject, struct fr_error *err) {
    const struct fr_world *world = w->context->world;
    struct fr_unpack in = fr_unpack_begin(&w->bytes);
    subject->naming = (int)fr_unpack_int(&in);
    const char *pddl = fr_unpack_text(&in);
    const bool good = fr_trace_unpack(&in, &subject->trace);
    FR_ASSERT(good);
    const int n = (int)fr_unpack_int(&in), n_all = world->conditions.n_edits;
    char(*digests)[FR_SHA256_TEXT] = fr_alloc((size_t)n_all, sizeof *digests);
    subject->edits = fr_alloc((size_t)n, sizeof *subject->edits);
    subject->digests = digests;
    for (int i = 0; i < n; i++) {
        const int edit = subject->edits[i] = (int)fr_unpack_int(&in);
        FR_ASSERT(edit >= 0 && edit < n_all);
        (void)snprintf(digests[edit], sizeof *digests, "%s", fr_unpack_text(&in));
    }
    FR_ASSERT(!in.bad);
    subject->n_edits = n;
    subject->origin = fr_world_origin(world, subject->trace.n_prompt);
    qsort_r(subject->edits, (size_t)n, sizeof *subject->edits, by_shared,
            (void *)(uintptr_t)w->context);
    return fr_problem_parse(&subject->problem, &world->domain, pddl, "study.db: a puzzle", err);
}

/* The next trace, or NULL at the end or on a fault. */
static struct steered *next_subject(struct worker *w) {
    const struct fr_world *world = w->context->world;
    bool found = false;
    if (fr_feed_take(w->feed, &w->bytes, &found, &w->fault) != FR_OK || !found)
        return NULL;
    struct steered *subject = fr_alloc(1, sizeof *subject);
    if (unpack_subject(w, subject, &w->fault) != FR_OK) {
        free_subject(subject);
        return NULL;
    }
    if (w->naming != subject->naming) {
        w->naming = subject->naming;
        fr_forms_release(&w->forms);
        fr_world_forms(world, w->naming, &w->forms);
    }
    const struct fr_trace *t = &subject->trace;
    fr_mentions_find(&w->forms, t->text, t->text_len, t->starts, t->ends, t->n_tokens,
                     &subject->mentions);
    return subject;
}

static void plan_run(const struct worker *w, struct run *run) {
    const struct context *c = w->context;
    const struct fr_edit_kind *edit = edit_at(c, run->edit);
    int *rows = NULL;
    if (edit->baseline)
        return;
    make_vectors(c, run->edit, run->subject->naming, &run->vectors, &rows);
    fr_edit_plan_of(edit, &run->subject->mentions, run->subject->trace.n_prompt,
                    run->subject->origin, c->world->config.previous_token,
                    c->world->table.concepts.n, moment_of(c, run->edit)->centred.width,
                    run->vectors, rows, &run->plan);
    free(rows);
    if (edit->vectors == FR_VECTOR_NOISE) {
        float *none = run->vectors;
        run->vectors = fr_edit_plan_noise((uint64_t)c->world->config.seed,
                                          c->world->namings[run->subject->naming].naming->id,
                                          run->subject->trace.puzzle, &run->plan);
        free(none);
    }
}

/* The next run of the trace at hand or of the next one, planned; NULL at the end. */
static struct run *next_run(struct worker *w) {
    if (w->subject == NULL && (w->subject = next_subject(w)) == NULL)
        return NULL;
    struct steered *subject = w->subject;
    struct run *run = fr_alloc(1, sizeof *run);
    run->subject = subject;
    run->edit = subject->edits[subject->next++];
    run->digest = subject->digests[run->edit];
    subject->in_flight++;
    if (subject->next == subject->n_edits)
        w->subject = NULL;
    plan_run(w, run);
    return run;
}

static void pack_head(const struct run *run, struct fr_text *result) {
    fr_pack_int(result, run->subject->trace.puzzle);
    fr_pack_int(result, run->subject->naming);
    fr_pack_int(result, run->edit);
    fr_pack_text(result, run->digest);
    fr_pack_int(result, run->plan.n_edits);
}

static bool next_job(void *user, struct fr_rollout_job *job) {
    struct worker *w = user;
    struct run *run;
    while ((run = next_run(w)) != NULL && run->plan.n_edits == 0 &&
           !edit_at(w->context, run->edit)->baseline) {
        struct fr_text result = {0};
        pack_head(run, &result);
        const int code = fr_feed_give(w->feed, &result, &w->fault);
        fr_text_release(&result);
        release_run(run);
        if (code != FR_OK)
            return false;
    }
    if (run == NULL)
        return false;
    const struct steered *subject = run->subject;
    const int shared = subject->origin + w->context->shared[run->edit];
    *job = (struct fr_rollout_job){.group = (int64_t)fr_mix64((uint64_t)subject->trace.puzzle + 1,
                                                              fr_mix64((uint64_t)subject->naming,
                                                                       (uint64_t)shared)),
                                   .prefix = subject->trace.ids,
                                   .n_prefix =
                                       fr_world_given(w->context->world, subject->trace.n_prompt,
                                                      edit_at(w->context, run->edit)->window.end),
                                   .n_shared = shared,
                                   .edits = run->plan.n_edits > 0 ? &run->plan : NULL,
                                   .user = run};
    return true;
}

static int finished(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                    bool truncated, struct fr_error *err) {
    struct worker *w = user;
    struct run *run = job->user;
    const struct fr_world *world = w->context->world;
    const struct steered *subject = run->subject;
    const int n_prompt = subject->trace.n_prompt;
    /* the prefix's reasoning and what followed it, judged as one answer */
    const int n_given = job->n_prefix - n_prompt;
    int32_t *all = fr_alloc((size_t)(n_given + n), sizeof *all);
    memcpy(all, job->prefix + n_prompt, (size_t)n_given * sizeof *all);
    memcpy(all + n_given, generated, (size_t)n * sizeof *all);
    struct fr_trace trace;
    fr_trace_build(w->model, job->prefix, n_prompt, all, n_given + n, &trace);
    const struct fr_verdict verdict =
        fr_trace_judge(w->model, (enum fr_prompt_style)world->config.style, &world->wording, &trace,
                       truncated, &subject->problem, world->namings[subject->naming].naming);
    struct fr_text result = {0};
    pack_head(run, &result);
    fr_pack_bytes(&result, generated, (size_t)n * sizeof *generated);
    fr_pack_int(&result, verdict.kind);
    fr_pack_int(&result, verdict.step);
    fr_pack_text(&result, verdict.reason);
    const int code = fr_feed_give(w->feed, &result, err);
    fr_text_release(&result);
    fr_trace_release(&trace);
    free(all);
    release_run(run);
    return code;
}

static void dropped(void *user, const struct fr_rollout_job *job) {
    (void)user;
    release_run(job->user);
}

static bool stop(void *user) {
    const struct worker *w = user;
    return fr_feed_tick(w->feed);
}

static int execute(const void *context, struct fr_model *model, struct fr_feed *feed,
                   struct fr_error *err) {
    struct worker w = {.context = context, .model = model, .feed = feed, .naming = -1};
    const struct fr_rollouts rollouts = {.max_tokens = w.context->world->config.max_tokens,
                                         .next = next_job,
                                         .finished = finished,
                                         .dropped = dropped,
                                         .tick = stop,
                                         .user = &w};
    int code = fr_rollouts_run(model, &rollouts, err);
    if (w.subject != NULL) { /* stopped halfway; its runs are back */
        w.subject->next = w.subject->n_edits;
        FR_ASSERT(w.subject->in_flight == 0);
        free_subject(w.subject);
    }
    if (code == FR_OK && w.fault.code != FR_OK)
        *err = w.fault, code = w.fault.code;
    fr_forms_release(&w.forms);
    fr_text_release(&w.bytes);
    return code;
}

/* Does any run share a part of its prefix with others? */
static bool shares(const struct context *c) {
    for (int i = 0; i < c->world->conditions.n_edits; i++)
        if (c->world->config.origin == FR_ORIGIN_REASONING || c->shared[i] > 0)
            return true;
    return false;
}

static enum fr_model_use use_of(const struct context *c) {
    return shares(c) ? FR_USE_SHARED : FR_USE_SLOTS;
}

/* ---- what could do nothing ------------------------------------------------------------------- */

/* Are there vectors of the edit under any naming that is steered? */
static bool has_vectors(const struct context *c, int edit) {
    const struct fr_edit_kind *e = edit_at(c, edit);
    bool any = e->vectors == FR_VECTOR_NOISE;
    for (int i = 0; i < c->world->n_namings && !any; i++) {
        float *vectors;
        int *rows;
        if (!c->use[i])
            continue;
        make_vectors(c, edit, i, &vectors, &rows);
        const int n = moment_of(c, edit)->centred.n_concepts * n_edit_layers(e);
        for (int k = 0; k < n; k++)
            any |= rows[k] >= 0;
        free(vectors);
        free(rows);
    }
    return any;
}

/* An experiment that did nothing ends as one does that found nothing; so it is told. Of all traces
 * at once: a shard does not know. */
static void tell_idle(const struct lister *l) {
    const struct fr_conditions *c = &l->study->world.conditions;
    const char *told = "";
    for (int i = 0; l->study->shard.of == 0 && i < c->n; i++) {
        const struct fr_condition *condition = &c->items[i];
        struct fr_text what = {0};
        bool reached = false, edited = false;
        if (condition->role == FR_ROLE_BASELINE || strcmp(condition->experiment, told) == 0)
            continue;
        told = condition->experiment; /* its conditions stand together */
        int window_end = 0;
        for (int k = i; k < c->n && !(reached && edited); k++) {
            if (strcmp(c->items[k].experiment, told) != 0)
                continue;
            window_end = c->edits[c->items[k].edit].window.end;
            reached |= l->reach > window_end;
            edited |=
                c->items[k].role == FR_ROLE_MATCHED && has_vectors(l->context, c->items[k].edit);
        }
        if (!reached)
            fr_text_printf(
                &what,
                "experiment %s: none of the %d traces to steer goes on past its window's "
                "end at %d tokens (the longest reasons to %lld): it has no runs, and says "
                "nothing",
                told, l->n_traces, window_end, (long long)l->reach);
        else if (!edited)
            fr_text_printf(
                &what,
                "experiment %s: no vector could be made, under any naming: too few "
                "traces are solved, or they mention too little; its runs are the unedited "
                "ones, and it says nothing",
                told);
        if (what.len > 0)
            fr_events_warn(&l->study->events.work, "%s", fr_text_get(&what));
        fr_text_release(&what);
    }
}

int fr_stage_steering_assist(struct fr_study *s, struct fr_error *err) {
    struct context context;
    struct fr_work work = {.context = &context, .execute = execute};
    open_context(s, &context);
    fr_ranks_borrow(s->ranks, &work);
    int code = fr_moments_ask(s, &context.moments, err);
    if (code == FR_OK)
        code = fr_study_work(s, use_of(&context), &work, err);
    close_context(&context);
    return code;
}

int fr_stage_steering(struct fr_study *s, struct fr_error *err) {
    const size_t n_edits = (size_t)s->world.conditions.n_edits;
    const size_t n_namings = (size_t)s->world.n_namings;
    if (n_edits == 0)
        return FR_OK;
    struct context context;
    struct lister lister = {.study = s,
                            .context = &context,
                            .ids = fr_alloc(n_edits, sizeof *lister.ids),
                            .digested = fr_alloc(n_namings, sizeof *lister.digested),
                            .digests = fr_alloc(n_namings * n_edits, sizeof *lister.digests)};
    const struct fr_work work = {.user = &lister,
                                 .context = &context,
                                 .next = next_unit,
                                 .fetch = fetch_moments,
                                 .commit = commit,
                                 .tick = tick,
                                 .execute = execute};
    open_context(s, &context);
    int code = fr_moments_compare_puzzles(s, err);
    if (code == FR_OK)
        code = fr_moments_open(s, &context.moments, err);
    if (code == FR_OK)
        code = read_ids(&lister, err);
    if (code == FR_OK)
        code = list(&lister, err);
    if (code == FR_OK)
        tell_idle(&lister);
    if (code == FR_OK && lister.n_subjects > 0)
        code = fr_study_work(s, use_of(&context), &work, err);
    FR_ASSERT(code != FR_OK || s->lost || lister.n_waiting == 0);
    free(lister.waiting);
    free(lister.subjects);
    free(lister.ids);
    free(lister.digested);
    free(lister.digests);
    close_context(&context);
    return code;
}
