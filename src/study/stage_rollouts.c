/* Stage 2: every puzzle under every naming, decoded greedily and judged. Each trace is stored as it
 * finishes, so a killed run loses what was in the slots. */
#include "study/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "prompts/prompts.h"
#include "rollouts/rollouts.h"
#include "study/trace_text.h"

struct item {
    int64_t puzzle;
    int naming;
    struct fr_tokens prompt;
};

struct work {
    struct fr_study *study;
    struct fr_pairs missing; /* puzzle, naming position */
    int next;
    struct fr_error fault; /* of next_job, told after the run */
    long long done, total, resumed;
};

/* The example before a puzzle is another puzzle, always one that representations are collected
 * from: the next one, or for an evaluated puzzle the one at its place. */
static int64_t example_of(const struct fr_study *s, int64_t puzzle) {
    const int64_t n = s->config.n_collect;
    return puzzle < n ? (puzzle + 1) % n : (puzzle - n) % n;
}

int fr_study_prompt(struct fr_study *s, const struct fr_problem *problem,
                    const struct fr_problem *example, const struct fr_plan *plan,
                    const struct fr_naming *naming, struct fr_tokens *out, struct fr_error *err) {
    struct fr_text message = {0};
    char *chat = NULL;
    fr_prompt_render(&(struct fr_prompt){.style = (enum fr_prompt_style)s->config.style,
                                         .problem = problem,
                                         .naming = naming,
                                         .wording = &s->wording,
                                         .example = plan->n_steps > 0 ? example : NULL,
                                         .example_plan = plan},
                     &message);
    int code = fr_model_chat(s->model, fr_text_get(&message), &chat, err);
    if (code == FR_OK)
        code = fr_model_tokenize(s->model, chat, strlen(chat), true, out, err);
    free(chat);
    fr_text_release(&message);
    return code;
}

static int make_prompt(struct fr_study *s, int64_t puzzle, const struct fr_naming *naming,
                       struct fr_tokens *out, struct fr_error *err) {
    struct fr_problem problem, example = {0};
    struct fr_plan plan = {0};
    int code = fr_study_load_problem(s, puzzle, &problem, NULL, err);
    if (code == FR_OK && fr_study_shows_examples(s))
        code = fr_study_load_problem(s, example_of(s, puzzle), &example, &plan, err);
    if (code == FR_OK)
        code = fr_study_prompt(s, &problem, &example, &plan, naming, out, err);
    if (code == FR_OK && out->n >= s->config.max_tokens)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: the prompt of puzzle %lld takes %d of generation.max_tokens %d",
                       s->config_path, (long long)puzzle, out->n, s->config.max_tokens);
    fr_plan_release(&plan);
    fr_problem_release(&example);
    fr_problem_release(&problem);
    return code;
}

static void free_item(struct item *item) {
    fr_tokens_release(&item->prompt);
    free(item);
}

static bool next_job(void *user, struct fr_rollout_job *job) {
    struct work *w = user;
    if (w->next == w->missing.n)
        return false;
    struct item *item = fr_alloc(1, sizeof *item);
    item->puzzle = w->missing.items[w->next][0];
    item->naming = (int)w->missing.items[w->next++][1];
    if (make_prompt(w->study, item->puzzle, w->study->namings[item->naming].naming, &item->prompt,
                    &w->fault) != FR_OK) {
        free_item(item);
        return false;
    }
    *job = (struct fr_rollout_job){.prefix = item->prompt.ids,
                                   .n_prefix = item->prompt.n,
                                   .user = item};
    return true;
}

static int finished(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                    bool truncated, struct fr_error *err) {
    struct work *w = user;
    struct item *item = job->user;
    struct fr_study *s = w->study;
    const struct fr_naming *naming = s->namings[item->naming].naming;
    struct fr_problem problem;
    int code = fr_study_load_problem(s, item->puzzle, &problem, NULL, err);
    if (code == FR_OK) {
        struct fr_trace trace;
        fr_trace_build(s->model, item->prompt.ids, item->prompt.n, generated, n, &trace);
        trace.puzzle = item->puzzle;
        trace.naming = fr_strdup(naming->id);
        trace.verdict = fr_trace_judge(s->model, (enum fr_prompt_style)s->config.style, &s->wording,
                                       &trace, truncated, &problem, naming);
        code = fr_store_put_trace(s->store, &trace, err);
        fr_trace_release(&trace);
        fr_problem_release(&problem);
    }
    free_item(item);
    if (code == FR_OK)
        fr_study_progress(s, ++w->done, w->total, w->resumed, "traces");
    return code;
}

static void dropped(void *user, const struct fr_rollout_job *job) {
    (void)user;
    free_item(job->user);
}

static bool tick(void *user) {
    const struct work *w = user;
    fr_study_progress(w->study, w->done, w->total, w->resumed, "traces");
    return fr_study_is_stopped(w->study);
}

int fr_stage_rollouts(struct fr_study *s, struct fr_error *err) {
    struct work w = {.study = s};
    if (fr_study_imports(s))
        return fr_import_traces(s, err);
    int code = fr_study_need_model(s, err);
    if (code != FR_OK)
        return code;
    struct fr_query *query;
    code = fr_query_open(&query, s->store, err,
                         "SELECT p.id, n.position FROM naming n CROSS JOIN puzzle p"
                         " WHERE NOT EXISTS (SELECT 1 FROM trace t"
                         " WHERE t.puzzle = p.id AND t.naming = n.id)"
                         " ORDER BY n.position, p.id",
                         "");
    if (code == FR_OK)
        code = fr_study_read_pairs(query, &w.missing, err);
    if (code != FR_OK)
        return code;
    w.total = (long long)s->n_namings * (s->config.n_collect + s->config.n_evaluate);
    w.done = w.resumed = w.total - w.missing.n;
    const struct fr_rollouts rollouts = {.max_tokens = s->config.max_tokens,
                                         .next = next_job,
                                         .finished = finished,
                                         .dropped = dropped,
                                         .tick = tick,
                                         .user = &w};
    code = fr_rollouts_run(s->model, &rollouts, err);
    free(w.missing.items);
    if (code == FR_OK && w.fault.code != FR_OK)
        *err = w.fault, code = w.fault.code;
    return code;
}
