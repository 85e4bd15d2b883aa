/* Stage 2: every puzzle under every naming, decoded greedily and judged. A unit is a (puzzle,
 * naming); each trace is stored as it finishes, and what is in the slots every so often and when
 * the run is stopped, where `generation.unfinished` has a use for it. Where the source has traces
 * of its own, these are stored instead.
 *
 * Rejected: keeping the model's cache, which is a thousand times what the tokens are. */
#include "study/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/prompts.h"
#include "rollouts/rollouts.h"
#include "sources/trace_text.h"

enum { KEEP_SECONDS = 30 };

static enum fr_unfinished unfinished_of(const struct fr_config *c) {
    if (c->unfinished != FR_UNFINISHED_AUTO)
        return (enum fr_unfinished)c->unfinished;
    return c->deterministic ? FR_UNFINISHED_AGAIN : FR_UNFINISHED_PREFILL;
}

/* ---- the store's side ------------------------------------------------------------------------ */

struct lister {
    struct fr_study *study;
    int n_missing, next;
    struct fr_missing_trace *missing;
    long long done, total, resumed;
};

static int list(struct lister *l, struct fr_error *err) {
    const struct fr_source_study study = fr_study_source(l->study);
    const int code = fr_source_list_missing(&study, &l->missing, &l->n_missing, &l->total, err);
    l->done = l->resumed = l->total - l->n_missing;
    return code;
}

/* A puzzle's PDDL and, of an example, its plan. */
static int pack_puzzle(struct fr_study *s, int64_t puzzle, struct fr_text *unit,
                       struct fr_error *err) {
    struct fr_query *query;
    int code = fr_query_open(&query, s->store, err,
                             "SELECT pddl, optimal_plan FROM puzzle WHERE id = ?", "i", puzzle);
    if (code != FR_OK)
        return code;
    const bool found = fr_query_next(query);
    fr_pack_text(unit, found ? fr_query_text(query, 0) : "");
    fr_pack_text(unit, found ? fr_query_text(query, 1) : "");
    return fr_query_close(query, err);
}

/* What was generated of it before, and how much of that was prefilled. */
static int pack_begun(struct lister *l, const struct fr_missing_trace *m, struct fr_text *unit,
                      struct fr_error *err) {
    struct fr_query *query;
    struct fr_study *s = l->study;
    size_t n = 0;
    int code = fr_query_open(&query, s->store, err,
                             "SELECT ids FROM continued WHERE puzzle = ? AND naming = ?", "it",
                             m->puzzle, s->world.namings[m->naming].naming->id);
    if (code != FR_OK)
        return code;
    const void *ids = fr_query_next(query) ? fr_query_blob(query, 0, &n) : NULL;
    const bool wanted = unfinished_of(&s->world.config) != FR_UNFINISHED_AGAIN && ids != NULL &&
                        n % sizeof(int32_t) == 0;
    fr_pack_bytes(unit, wanted ? ids : "", wanted ? n : 0);
    return fr_query_close(query, err);
}

static int next_unit(void *user, struct fr_text *unit, bool *found, struct fr_error *err) {
    struct lister *l = user;
    *found = l->next < l->n_missing;
    if (!*found)
        return FR_OK;
    const struct fr_missing_trace *m = &l->missing[l->next++];
    fr_pack_int(unit, m->puzzle);
    fr_pack_int(unit, m->naming);
    int code = pack_begun(l, m, unit, err);
    if (code == FR_OK)
        code = pack_puzzle(l->study, m->puzzle, unit, err);
    fr_pack_int(unit, m->example >= 0);
    if (code == FR_OK && m->example >= 0)
        code = pack_puzzle(l->study, m->example, unit, err);
    return code;
}

static int commit_unfinished(struct lister *l, struct fr_unpack *in, int64_t n_prefilled,
                             struct fr_error *err) {
    size_t n;
    const int64_t puzzle = fr_unpack_int(in);
    const int naming = (int)fr_unpack_int(in);
    const void *ids = fr_unpack_bytes(in, &n);
    FR_ASSERT(!in->bad);
    return fr_store_run(l->study->store, err,
                        "INSERT OR REPLACE INTO continued VALUES (?, ?, ?, ?)", "itbi", puzzle,
                        l->study->world.namings[naming].naming->id, ids, n, n_prefilled);
}

static int commit(void *user, const struct fr_text *result, struct fr_error *err) {
    struct lister *l = user;
    struct fr_store *store = l->study->store;
    struct fr_unpack in = fr_unpack_begin(result);
    struct fr_trace trace;
    const bool finished = fr_unpack_int(&in) != 0;
    const int64_t n_prefilled = fr_unpack_int(&in);
    if (!finished)
        return commit_unfinished(l, &in, n_prefilled, err);
    const bool good = fr_trace_unpack(&in, &trace);
    FR_ASSERT(good);
    int code = fr_store_begin(store, err);
    if (code == FR_OK) {
        code = fr_store_put_trace(store, &trace, err);
        if (code == FR_OK)
            code = fr_store_run(store, err, "DELETE FROM continued WHERE puzzle = ? AND naming = ?",
                                "it", trace.puzzle, trace.naming);
        if (code == FR_OK && n_prefilled > 0)
            code = fr_store_run(store, err, "INSERT INTO continued VALUES (?, ?, NULL, ?)", "iti",
                                trace.puzzle, trace.naming, n_prefilled);
        code = fr_store_end(store, code, err);
    }
    fr_trace_release(&trace);
    if (code == FR_OK)
        fr_events_progress(&l->study->events.work, ++l->done, l->total, l->resumed, "traces");
    return code;
}

static bool tick(void *user) {
    const struct lister *l = user;
    fr_events_progress(&l->study->events.work, l->done, l->total, l->resumed, "traces");
    return fr_events_stopped(&l->study->events.work);
}

/* ---- the model's side ------------------------------------------------------------------------ */

struct item {
    int64_t puzzle;
    int naming;
    struct fr_problem problem;
    struct fr_tokens prompt; /* and what was prefilled behind it */
    int n_prompt, n_prefilled;
    int32_t *begun; /* [n_begun] tokens generated before */
    int n_begun;
};

struct worker {
    const struct fr_world *world;
    struct fr_model *model;
    struct fr_feed *feed;
    struct fr_text bytes;
    struct fr_error fault; /* of next_job, told after the run */
};

static void free_item(struct item *item) {
    fr_problem_release(&item->problem);
    fr_tokens_release(&item->prompt);
    free(item->begun);
    free(item);
}

static int unpack_problem(struct fr_unpack *in, const struct fr_domain *domain, int64_t puzzle,
                          struct fr_problem *problem, struct fr_plan *plan, struct fr_error *err) {
    char name[64];
    struct fr_verdict verdict;
    const char *pddl = fr_unpack_text(in), *steps = fr_unpack_text(in);
    (void)snprintf(name, sizeof name, "study.db: puzzle %lld", (long long)puzzle);
    const int code = fr_problem_parse(problem, domain, pddl, name, err);
    if (code == FR_OK && plan != NULL &&
        fr_plan_parse_pddl(plan, problem, steps, &verdict) != FR_VERDICT_SOLVED)
        return fr_fail(err, FR_E_INPUT, "%s: its plan: %s", name, verdict.reason);
    return code;
}

static int make_item(const struct worker *w, struct item *item, struct fr_error *err) {
    const struct fr_config *c = &w->world->config;
    struct fr_unpack in = fr_unpack_begin(&w->bytes);
    struct fr_problem example = {0};
    struct fr_plan plan = {0};
    item->puzzle = fr_unpack_int(&in);
    item->naming = (int)fr_unpack_int(&in);
    size_t n_bytes;
    const void *begun = fr_unpack_bytes(&in, &n_bytes);
    item->n_begun = (int)(n_bytes / sizeof *item->begun);
    item->begun = fr_alloc((size_t)item->n_begun, sizeof *item->begun);
    memcpy(item->begun, begun, n_bytes);
    int code = unpack_problem(&in, &w->world->domain, item->puzzle, &item->problem, NULL, err);
    if (code == FR_OK && fr_unpack_int(&in) != 0)
        code = unpack_problem(&in, &w->world->domain, item->puzzle, &example, &plan, err);
    if (code == FR_OK)
        code = fr_source_prompt(w->world, w->model, &item->problem, &example, &plan,
                                w->world->namings[item->naming].naming, &item->prompt, err);
    if (code == FR_OK && item->prompt.n >= c->max_tokens)
        code =
            fr_fail(err, FR_E_INPUT,
                    "%s: the prompt of puzzle %lld takes %d of generation.max_tokens %d",
                    w->world->config_path, (long long)item->puzzle, item->prompt.n, c->max_tokens);
    item->n_prompt = item->prompt.n;
    if (code == FR_OK && unfinished_of(c) == FR_UNFINISHED_PREFILL) {
        item->n_prefilled = item->n_begun;
        for (int i = 0; i < item->n_begun; i++)
            fr_tokens_append(&item->prompt, item->begun[i], 0, 0);
    }
    fr_plan_release(&plan);
    fr_problem_release(&example);
    return code;
}

static bool next_job(void *user, struct fr_rollout_job *job) {
    struct worker *w = user;
    bool found = false;
    if (fr_feed_take(w->feed, &w->bytes, &found, &w->fault) != FR_OK || !found)
        return false;
    struct item *item = fr_alloc(1, sizeof *item);
    if (make_item(w, item, &w->fault) != FR_OK) {
        free_item(item);
        return false;
    }
    *job = (struct fr_rollout_job){.prefix = item->prompt.ids,
                                   .n_prefix = item->prompt.n,
                                   .forced = item->begun,
                                   .n_forced = item->n_prefilled > 0 ? 0 : item->n_begun,
                                   .user = item};
    return true;
}

/* All that was generated of it, before and now; the caller frees it. */
static int32_t *join(const struct item *item, const int32_t *generated, int n, int *n_all) {
    *n_all = item->n_prefilled + n;
    int32_t *all = fr_alloc((size_t)*n_all, sizeof *all);
    memcpy(all, item->begun, (size_t)item->n_prefilled * sizeof *all);
    memcpy(all + item->n_prefilled, generated, (size_t)n * sizeof *all);
    return all;
}

static int unfinished(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                      struct fr_error *err) {
    struct worker *w = user;
    const struct item *item = job->user;
    struct fr_text result = {0};
    int n_all;
    int32_t *all = join(item, generated, n, &n_all);
    fr_pack_int(&result, 0);
    fr_pack_int(&result, item->n_prefilled);
    fr_pack_int(&result, item->puzzle);
    fr_pack_int(&result, item->naming);
    fr_pack_bytes(&result, all, (size_t)n_all * sizeof *all);
    const int code = fr_feed_give(w->feed, &result, err);
    fr_text_release(&result);
    free(all);
    return code;
}

static int finished(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                    bool truncated, struct fr_error *err) {
    struct worker *w = user;
    struct item *item = job->user;
    const struct fr_naming *naming = w->world->namings[item->naming].naming;
    struct fr_text result = {0};
    struct fr_trace trace;
    int n_all;
    int32_t *all = join(item, generated, n, &n_all);
    fr_trace_build(w->model, item->prompt.ids, item->n_prompt, all, n_all, &trace);
    free(all);
    trace.puzzle = item->puzzle;
    trace.naming = fr_strdup(naming->id);
    trace.verdict = fr_trace_judge(w->model, (enum fr_prompt_style)w->world->config.style,
                                   &w->world->wording, &trace, truncated, &item->problem, naming);
    fr_pack_int(&result, 1);
    fr_pack_int(&result, item->n_prefilled);
    fr_trace_pack(&trace, &result);
    const int code = fr_feed_give(w->feed, &result, err);
    fr_trace_release(&trace);
    fr_text_release(&result);
    free_item(item);
    return code;
}

static void dropped(void *user, const struct fr_rollout_job *job) {
    (void)user;
    free_item(job->user);
}

static bool stop(void *user) {
    const struct worker *w = user;
    return fr_feed_tick(w->feed);
}

static int execute(const void *context, struct fr_model *model, struct fr_feed *feed,
                   struct fr_error *err) {
    struct worker w = {.world = context, .model = model, .feed = feed};
    const struct fr_rollouts rollouts = {.max_tokens = w.world->config.max_tokens,
                                         .next = next_job,
                                         .finished = finished,
                                         .dropped = dropped,
                                         .unfinished =
                                             unfinished_of(&w.world->config) == FR_UNFINISHED_AGAIN
                                                 ? NULL
                                                 : unfinished,
                                         .keep_seconds = KEEP_SECONDS,
                                         .tick = stop,
                                         .user = &w};
    int code = fr_rollouts_run(model, &rollouts, err);
    if (code == FR_OK && w.fault.code != FR_OK)
        *err = w.fault, code = w.fault.code;
    fr_text_release(&w.bytes);
    return code;
}

int fr_stage_rollouts(struct fr_study *s, struct fr_error *err) {
    if (s->source->traces != NULL) {
        const struct fr_source_study study = fr_study_source(s);
        return s->source->traces(&study, err);
    }
    struct lister lister = {.study = s};
    const struct fr_work work = {.user = &lister,
                                 .context = &s->world,
                                 .next = next_unit,
                                 .commit = commit,
                                 .tick = tick,
                                 .execute = execute};
    int code = list(&lister, err);
    if (code == FR_OK && lister.n_missing > 0)
        code = fr_study_work(s, FR_USE_SLOTS, &work, err);
    free(lister.missing);
    return code;
}

int fr_stage_rollouts_assist(struct fr_study *s, struct fr_error *err) {
    struct fr_work work = {.context = &s->world, .execute = execute};
    fr_ranks_borrow(s->ranks, &work);
    return fr_study_work(s, FR_USE_SLOTS, &work, err);
}
