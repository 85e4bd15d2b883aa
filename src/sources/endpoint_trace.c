/* A server's answer made a trace: how it ended, its tokens in this study's vocabulary, its verdict.
 */
#include <string.h>

#include "base/memory.h"
#include "sources/endpoint_jobs.h"
#include "sources/trace_text.h"

/* ---- how an answer ended --------------------------------------------------------------------- */

int fr_endpoint_count(const struct fr_endpoint *e, const struct fr_answer *a, long long *out,
                      bool *exact, struct fr_error *err) {
    struct fr_tokens tokens = {0};
    *exact = a->completion_tokens >= 0 || (a->n_ids > 0 && !a->ids_missing);
    *out = a->completion_tokens >= 0 ? a->completion_tokens : a->n_ids;
    if (*exact)
        return FR_OK;
    int code = fr_model_tokenize(e->model, fr_text_get(&a->reasoning), a->reasoning.len, true,
                                 &tokens, err);
    *out = tokens.n;
    if (code == FR_OK)
        code = fr_model_tokenize(e->model, fr_text_get(&a->text), a->text.len, true, &tokens, err);
    *out += tokens.n;
    fr_tokens_release(&tokens);
    return code;
}

int fr_endpoint_judge_end(const struct fr_endpoint *e, const struct fr_endpoint_job *job,
                          const struct fr_answer *a, enum fr_endpoint_ending *out,
                          struct fr_text *what, struct fr_error *err) {
    static const char *const own[] = {"", "stop", "eos", "eos_token"};
    const bool length = strcmp(a->finish, "length") == 0;
    long long n;
    bool exact, known = length;
    const int code = fr_endpoint_count(e, a, &n, &exact, err);
    if (code != FR_OK)
        return code;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        known |= strcmp(a->finish, own[i]) == 0;
    *out = length || (*a->finish == '\0' && exact && n >= job->asked) ? FR_ENDED_CUT : FR_ENDED;
    fr_text_clear(what);
    if (exact && n > job->asked) {
        *out = FR_ENDED_IMPOSSIBLE;
        fr_text_printf(what, "its answer: %lld tokens generated where %lld were asked for", n,
                       job->asked);
    } else if (!known) {
        *out = FR_ENDED_UNUSABLE;
        fr_text_add(what, "finish_reason ");
        fr_text_add_shown(what, a->finish);
    } else if (length && n < (exact ? job->asked : job->asked - job->asked / 10)) {
        /* tokens of a text that is tokenised again may be a few less */
        *out = FR_ENDED_IMPOSSIBLE;
        fr_text_printf(what,
                       "it cut puzzle %lld in naming %s after %lld of the %lld tokens that "
                       "max_tokens asks for: a limit of the server's own; raise it (vLLM: "
                       "--max-model-len, llama-server: -c), or lower generation.max_tokens %d",
                       (long long)job->puzzle, fr_endpoint_naming(e, job), n, job->asked,
                       e->config->max_tokens);
    }
    return FR_OK;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* Do the server's ids spell its text? An end token at their end is not part of it. */
static bool ids_spell(const struct fr_endpoint *e, struct fr_answer *a) {
    const int n_vocab = fr_model_info(e->model)->n_vocab;
    struct fr_text spelled = {0};
    for (int i = 0; i < a->n_ids; i++)
        if (a->ids[i] < 0 || a->ids[i] >= n_vocab)
            return false;
    while (a->n_ids > 0 && fr_model_token_ends(e->model, a->ids[a->n_ids - 1]))
        a->n_ids--;
    for (int i = 0; i < a->n_ids; i++) {
        size_t n;
        const char *bytes = fr_model_token_text(e->model, a->ids[i], &n);
        fr_text_append(&spelled, bytes, n);
    }
    const bool same = spelled.len == a->text.len &&
                      memcmp(fr_text_get(&spelled), fr_text_get(&a->text), spelled.len) == 0;
    fr_text_release(&spelled);
    return same;
}

static int generated_tokens(struct fr_endpoint *e, struct fr_answer *a, struct fr_tokens *out,
                            struct fr_error *err) {
    if (a->n_ids > 0 && !a->ids_missing && a->reasoning.len == 0) {
        if (ids_spell(e, a)) {
            for (int i = 0; i < a->n_ids; i++)
                fr_tokens_append(out, a->ids[i], 0, 0);
            return FR_OK;
        }
        if (!e->told_ids)
            fr_endpoint_warn(
                e, "its token ids do not spell its text in the vocabulary of model.path; the text "
                   "is tokenised instead");
        e->told_ids = true;
    }
    return fr_model_tokenize(e->model, fr_text_get(&a->text), a->text.len, true, out, err);
}

/* A reasoning that is told apart goes between the model's own tags, as a recorded one does. */
static int make_recorded(struct fr_endpoint *e, const struct fr_endpoint_job *job,
                         const struct fr_answer *a, bool truncated, struct fr_trace *out,
                         struct fr_error *err) {
    const struct fr_recorded_world world = {.model = e->model,
                                            .domain = &e->world->domain,
                                            .namings = &e->world->table,
                                            .wording = &e->world->wording,
                                            .style = (enum fr_prompt_style)e->config->style,
                                            .system = e->config->system,
                                            .naming = "",
                                            .problems = "",
                                            .max_tokens = e->config->max_tokens};
    const struct fr_naming *naming = e->world->namings[job->naming].naming;
    const struct fr_recorded recorded = {.prompt = job->message.data,
                                         .reasoning = a->reasoning.data,
                                         .answer = (char *)(uintptr_t)fr_text_get(&a->text),
                                         .system = (char *)(uintptr_t) "",
                                         .cut_short = truncated,
                                         .ended = !truncated,
                                         .correct = -1};
    int n_whole = 0;
    const int code = fr_recorded_trace(&world, &recorded, (int)(naming - e->world->table.items),
                                       &job->problem, out, &n_whole, err);
    if (code != FR_OK || truncated || n_whole <= e->config->max_tokens)
        return code;
    fr_trace_release(out); /* what the limit leaves of it has no answer */
    return make_recorded(e, job, a, true, out, err);
}

static int make_trace(struct fr_endpoint *e, const struct fr_endpoint_job *job, struct fr_answer *a,
                      bool truncated, struct fr_trace *out, struct fr_error *err) {
    const struct fr_naming *naming = e->world->namings[job->naming].naming;
    struct fr_tokens generated = {0};
    if (a->reasoning.len > 0)
        return make_recorded(e, job, a, truncated, out, err);
    int code = generated_tokens(e, a, &generated, err);
    if (code == FR_OK) {
        const int room = e->config->max_tokens - job->prompt.n;
        truncated |= generated.n > room;
        fr_trace_build(e->model, job->prompt.ids, job->prompt.n, generated.ids,
                       generated.n < room ? generated.n : room, out);
        out->naming = fr_strdup(naming->id);
        out->verdict = fr_trace_judge(e->model, (enum fr_prompt_style)e->config->style,
                                      &e->world->wording, out, truncated, &job->problem, naming);
    }
    fr_tokens_release(&generated);
    return code;
}

/* Did the server read the prompt that we mean? */
static int check_prompt(struct fr_endpoint *e, const struct fr_endpoint_job *job,
                        const struct fr_answer *a, struct fr_error *err) {
    if (a->prompt_tokens < 0 || a->prompt_tokens == job->prompt.n)
        return FR_OK;
    if (e->config->endpoint_api != FR_ENDPOINT_CHAT)
        return fr_fail(err, FR_E_INPUT,
                       "%s: it read %lld tokens where the prompt of puzzle %lld in naming %s has "
                       "%d: another model than model.path, or it adds tokens; endpoint.api: tokens "
                       "sends their ids",
                       e->config->endpoint_url, a->prompt_tokens, (long long)job->puzzle,
                       fr_endpoint_naming(e, job), job->prompt.n);
    if (!e->told_prompt)
        fr_endpoint_warn(
            e, "its template gives prompts of another length than that of model.path; positions "
               "are those of model.path");
    e->told_prompt = true;
    return FR_OK;
}

int fr_endpoint_store(struct fr_endpoint *e, const struct fr_endpoint_job *job, struct fr_answer *a,
                      bool truncated, struct fr_error *err) {
    struct fr_trace trace = {0};
    int code = check_prompt(e, job, a, err);
    if (code == FR_OK)
        code = make_trace(e, job, a, truncated, &trace, err);
    if (code == FR_OK) {
        trace.puzzle = job->puzzle;
        code = fr_store_put_trace(e->study->store, &trace, err);
    }
    fr_trace_release(&trace);
    return code;
}
