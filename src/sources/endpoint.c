/* Traces that a server generates: vLLM, SGLang, llama-server, a hosted model. Every missing
 * (puzzle, naming) is a request, some of them under way at once; what comes back is stored in the
 * journal as it is, then made a trace of: in this study's tokens, judged like any other, so that
 * it can be replayed and steered here.
 *
 * Rejected: a request for a whole batch, whose answers come late and are lost together. */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "sources/endpoint.h"
#include "sources/recorded.h"
#include "sources/sources.h"
#include "sources/trace_text.h"

enum { WAIT_MS = 200, WAIT_MOST = 60, UNUSABLE_MOST = 20 };

/* A trace that is missing. */
struct job {
    int64_t puzzle, example; /* example -1: none */
    int naming;
    int attempts;
    long long asked;   /* tokens, at most */
    double not_before; /* -1: nothing more is to be done for it now */
    bool running;
    /* while it is being asked for */
    struct fr_problem problem;
    struct fr_text message, body;
    struct fr_tokens prompt;
    char request[FR_SHA256_TEXT];
};

struct endpoint {
    const struct fr_source_study *study;
    const struct fr_world *world;
    const struct fr_config *config;
    struct fr_model *model; /* its vocabulary */
    struct fr_http *http;
    struct fr_journal journal;
    json_t *extra;
    int n, capacity, n_running, n_left;
    struct job *jobs;
    long long done, total, resumed;
    bool told_prompt, told_ids;
    long long n_unusable;    /* answers that ended as no text of a model does */
    struct fr_text unusable; /* of the last such, what it was */
    struct fr_error fault;   /* the first; what is under way is still waited for */
};

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const char *naming_id(const struct endpoint *e, const struct job *job) {
    return e->world->namings[job->naming].naming->id;
}

static void release_job(struct job *job) {
    fr_problem_release(&job->problem);
    fr_tokens_release(&job->prompt);
    fr_text_release(&job->message);
    fr_text_release(&job->body);
}

static void warn(const struct endpoint *e, const char *what) {
    struct fr_text text = {0};
    fr_text_printf(&text, "%s: %s", e->config->endpoint_url, what);
    fr_events_warn(e->study->events, fr_text_get(&text));
    fr_text_release(&text);
}

/* ---- what is missing ------------------------------------------------------------------------- */

static int list(struct endpoint *e, struct fr_error *err) {
    const struct fr_source_study *s = e->study;
    struct fr_query *query;
    int code = fr_query_open(&query, s->store, err,
                             "SELECT p.id, n.position, coalesce(e.id, -1), p.split = 'evaluate',"
                             " p.position, EXISTS (SELECT 1 FROM trace t WHERE t.puzzle = p.id AND"
                             " t.naming = n.id) FROM naming n CROSS JOIN"
                             " puzzle p LEFT JOIN puzzle e ON e.split = 'collect' AND"
                             " e.position = p.example ORDER BY n.position, p.split, p.position",
                             "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        if (!s->takes(s->user, fr_query_int(query, 3) ? FR_SPLIT_EVALUATE : FR_SPLIT_COLLECT,
                      (int)fr_query_int(query, 1), (int)fr_query_int(query, 4)))
            continue;
        e->total++;
        if (fr_query_int(query, 5) != 0)
            continue;
        FR_RESERVE(e->jobs, e->n, e->capacity);
        e->jobs[e->n++] = (struct job){.puzzle = fr_query_int(query, 0),
                                       .example = fr_query_int(query, 2),
                                       .naming = (int)fr_query_int(query, 1)};
    }
    e->n_left = e->n;
    e->done = e->resumed = e->total - e->n;
    return fr_query_close(query, err);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void put_messages(const struct endpoint *e, const struct job *job, json_t *body) {
    json_t *messages = json_array();
    if (*e->config->system != '\0')
        json_array_append_new(messages, json_pack("{s:s, s:s}", "role", "system", "content",
                                                  e->config->system));
    json_array_append_new(messages, json_pack("{s:s, s:s}", "role", "user", "content",
                                              fr_text_get(&job->message)));
    json_object_set_new(body, "messages", messages);
}

static int put_prompt(const struct endpoint *e, const struct job *job, json_t *body,
                      struct fr_error *err) {
    char *chat = NULL;
    if (e->config->endpoint_api == FR_ENDPOINT_TOKENS) {
        json_t *ids = json_array();
        for (int i = 0; i < job->prompt.n; i++)
            json_array_append_new(ids, json_integer(job->prompt.ids[i]));
        json_object_set_new(body, "prompt", ids);
        return FR_OK;
    }
    const int code =
        fr_model_chat(e->model, e->config->system, fr_text_get(&job->message), &chat, err);
    json_t *text = code == FR_OK ? json_string(chat) : NULL;
    free(chat);
    if (code == FR_OK && text == NULL)
        return fr_fail(err, FR_E_INPUT, "the prompt of puzzle %lld in naming %s is not UTF-8",
                       (long long)job->puzzle, naming_id(e, job));
    if (code == FR_OK)
        json_object_set_new(body, "prompt", text);
    return code;
}

/* The request's body: the same bytes for the same puzzle, naming and keys. */
static int make_body(const struct endpoint *e, struct job *job, struct fr_error *err) {
    const bool chat = e->config->endpoint_api == FR_ENDPOINT_CHAT;
    json_t *body = json_object();
    const char *name;
    json_t *value;
    int code = FR_OK;
    json_object_set_new(body, "model", json_string(e->config->endpoint_model));
    if (chat)
        put_messages(e, job, body);
    else
        code = put_prompt(e, job, body, err);
    json_object_set_new(body, "max_tokens", json_integer(e->config->max_tokens - job->prompt.n));
    json_object_set_new(body, "temperature", json_integer(0));
    json_object_set_new(body, "stream", json_true());
    json_object_set_new(body, "stream_options", json_pack("{s:b}", "include_usage", 1));
    json_object_foreach(e->extra, name, value) { /* null takes a key away */
        if (json_is_null(value))
            json_object_del(body, name);
        else
            json_object_set(body, name, value);
    }
    const json_t *asked = json_object_get(body, "max_completion_tokens");
    if (!json_is_integer(asked))
        asked = json_object_get(body, "max_tokens");
    job->asked =
        json_is_integer(asked) ? json_integer_value(asked) : e->config->max_tokens - job->prompt.n;
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(body);
    fr_text_clear(&job->body);
    if (code == FR_OK && text != NULL) {
        fr_text_add(&job->body, text);
        fr_sha256(fr_text_get(&job->body), job->body.len, job->request);
    }
    free(text);
    return code;
}

static int make_request(struct endpoint *e, struct job *job, struct fr_error *err) {
    const struct fr_source_study *s = e->study;
    struct fr_problem example = {0};
    struct fr_plan plan = {0};
    int code =
        fr_source_load_problem(s->store, &e->world->domain, job->puzzle, &job->problem, NULL, err);
    if (code == FR_OK && job->example >= 0)
        code =
            fr_source_load_problem(s->store, &e->world->domain, job->example, &example, &plan, err);
    if (code == FR_OK) {
        const struct fr_naming *naming = e->world->namings[job->naming].naming;
        fr_source_message(e->world, &job->problem, &example, &plan, naming, &job->message);
        code = fr_source_prompt(e->world, e->model, &job->problem, &example, &plan, naming,
                                &job->prompt, err);
    }
    if (code == FR_OK && job->prompt.n >= e->config->max_tokens)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: the prompt of puzzle %lld takes %d of generation.max_tokens %d",
                       e->world->config_path, (long long)job->puzzle, job->prompt.n,
                       e->config->max_tokens);
    if (code == FR_OK)
        code = make_body(e, job, err);
    fr_problem_release(&example);
    fr_plan_release(&plan);
    return code;
}

/* ---- how an answer ended --------------------------------------------------------------------- */

enum ending { ENDED, CUT, UNUSABLE, IMPOSSIBLE };

/* The tokens that were generated: as the server counts them, else as its text has them here. */
static int count_generated(const struct endpoint *e, const struct fr_answer *a, long long *out,
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

/* Did the model end the text, or the length that was asked for? What anything else ended is not
 * the model's: a filter, a tool, a limit of the server's own would each be counted as its failure.
 * what: says so, of what is neither ENDED nor CUT. */
static int judge_end(const struct endpoint *e, const struct job *job, const struct fr_answer *a,
                     enum ending *out, struct fr_text *what, struct fr_error *err) {
    static const char *const own[] = {"", "stop", "eos", "eos_token"};
    const bool length = strcmp(a->finish, "length") == 0;
    long long n;
    bool exact, known = length;
    const int code = count_generated(e, a, &n, &exact, err);
    if (code != FR_OK)
        return code;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        known |= strcmp(a->finish, own[i]) == 0;
    *out = length || (*a->finish == '\0' && exact && n >= job->asked) ? CUT : ENDED;
    fr_text_clear(what);
    if (exact && n > job->asked) {
        *out = IMPOSSIBLE;
        fr_text_printf(what, "its answer: %lld tokens generated where %lld were asked for", n,
                       job->asked);
    } else if (!known) {
        *out = UNUSABLE;
        fr_text_add(what, "finish_reason ");
        fr_text_add_shown(what, a->finish);
    } else if (length && n < (exact ? job->asked : job->asked - job->asked / 10)) {
        /* tokens of a text that is tokenised again may be a few less */
        *out = IMPOSSIBLE;
        fr_text_printf(what,
                       "it cut puzzle %lld in naming %s after %lld of the %lld tokens that "
                       "max_tokens asks for: a limit of the server's own; raise it (vLLM: "
                       "--max-model-len, llama-server: -c), or lower generation.max_tokens %d",
                       (long long)job->puzzle, naming_id(e, job), n, job->asked,
                       e->config->max_tokens);
    }
    return FR_OK;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* Do the server's ids spell its text? An end token at their end is not part of it. */
static bool ids_spell(const struct endpoint *e, struct fr_answer *a) {
    const int n_vocab = fr_model_info(e->model)->n_vocab;
    struct fr_text spelled = {0};
    for (int i = 0; i < a->n_ids; i++)
        if (a->ids[i] >= n_vocab)
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

static int generated_tokens(struct endpoint *e, struct fr_answer *a, struct fr_tokens *out,
                            struct fr_error *err) {
    if (a->n_ids > 0 && !a->ids_missing && a->reasoning.len == 0) {
        if (ids_spell(e, a)) {
            for (int i = 0; i < a->n_ids; i++)
                fr_tokens_append(out, a->ids[i], 0, 0);
            return FR_OK;
        }
        if (!e->told_ids)
            warn(e, "its token ids do not spell its text in the vocabulary of model.path; the text "
                    "is tokenised instead");
        e->told_ids = true;
    }
    return fr_model_tokenize(e->model, fr_text_get(&a->text), a->text.len, true, out, err);
}

/* A reasoning that is told apart goes between the model's own tags, as a recorded one does. */
static int make_recorded(struct endpoint *e, const struct job *job, const struct fr_answer *a,
                         bool truncated, struct fr_trace *out, struct fr_error *err) {
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
    int n_whole;
    return fr_recorded_trace(&world, &recorded, (int)(naming - e->world->table.items),
                             &job->problem, out, &n_whole, err);
}

static int make_trace(struct endpoint *e, const struct job *job, struct fr_answer *a,
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
static int check_prompt(struct endpoint *e, const struct job *job, const struct fr_answer *a,
                        struct fr_error *err) {
    if (a->prompt_tokens < 0 || a->prompt_tokens == job->prompt.n)
        return FR_OK;
    if (e->config->endpoint_api != FR_ENDPOINT_CHAT)
        return fr_fail(err, FR_E_INPUT,
                       "%s: it read %lld tokens where the prompt of puzzle %lld in naming %s has "
                       "%d: another model than model.path, or it adds tokens; endpoint.api: tokens "
                       "sends their ids",
                       e->config->endpoint_url, a->prompt_tokens, (long long)job->puzzle,
                       naming_id(e, job), job->prompt.n);
    if (!e->told_prompt)
        warn(e, "its template gives prompts of another length than that of model.path; positions "
                "are those of model.path");
    e->told_prompt = true;
    return FR_OK;
}

static int store_answer(struct endpoint *e, const struct job *job, struct fr_answer *a,
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
    if (code != FR_OK)
        return code;
    e->n_left--;
    fr_events_progress(e->study->events, ++e->done, e->total, e->resumed, "traces");
    return FR_OK;
}

/* ---- the exchange ---------------------------------------------------------------------------- */

/* Tokens that a request may take at most. */
static long long most_tokens(const struct endpoint *e) { return e->config->max_tokens; }

static bool affords(const struct endpoint *e) {
    const long long most = e->config->endpoint_max_tokens;
    return most == 0 || e->journal.spent + (e->n_running + 1) * most_tokens(e) <= most;
}

static const char *path_of(const struct endpoint *e) {
    return e->config->endpoint_api == FR_ENDPOINT_CHAT ? "chat/completions" : "completions";
}

/* From the journal, or from the server; *asked: a request is under way. */
static int begin(struct endpoint *e, struct job *job, struct fr_error *err) {
    struct fr_answer answer;
    bool found = false;
    int code = job->body.len == 0 ? make_request(e, job, err) : FR_OK;
    if (code == FR_OK && job->attempts == 0)
        code = fr_journal_find(&e->journal, job->request, &answer, &found, err);
    if (code == FR_OK && found) {
        enum ending ending = ENDED;
        struct fr_text what = {0};
        code = judge_end(e, job, &answer, &ending, &what, err);
        fr_text_release(&what);
        found = ending == ENDED || ending == CUT; /* else an older version kept it: ask again */
        if (code == FR_OK && found) {
            code = store_answer(e, job, &answer, ending == CUT, err);
            job->not_before = -1;
            release_job(job);
        }
        fr_answer_release(&answer);
        if (code != FR_OK || found)
            return code;
    }
    if (code == FR_OK) {
        job->attempts++;
        job->running = true;
        e->n_running++;
        fr_http_post(e->http, path_of(e), &job->body, job);
    }
    return code;
}

static int again(struct endpoint *e, struct job *job, const struct fr_http_reply *reply,
                 struct fr_error *err) {
    int wait = 1;
    char what[400];
    for (int i = 1; i < job->attempts && wait < WAIT_MOST; i++)
        wait *= 2;
    wait = reply->wait_seconds >= 0 ? reply->wait_seconds : wait < WAIT_MOST ? wait : WAIT_MOST;
    if (job->attempts > e->config->endpoint_retries)
        return fr_fail(err, FR_E_IO,
                       "%s: %s, %d times; what came is stored: run the same command again when it "
                       "is well",
                       e->config->endpoint_url, reply->what, job->attempts);
    (void)snprintf(what, sizeof what, "%s; asked again in %d s", reply->what, wait);
    warn(e, what);
    job->not_before = now() + wait;
    return FR_OK;
}

static int refused(const struct endpoint *e, const struct fr_http_reply *reply,
                   struct fr_error *err) {
    return fr_fail(err, FR_E_INPUT,
                   "%s: %s; look at endpoint.url, model, api, key_env%s%s and extra",
                   e->config->endpoint_url, reply->what, *e->config->endpoint_key_env ? " " : "",
                   e->config->endpoint_key_env);
}

/* A whole answer: kept and made a trace of, or, where it is no text that a model ended, told and
 * counted as spent. Its trace stays missing, the others go on. */
static int take_answer(struct endpoint *e, struct job *job, struct fr_http_reply *reply,
                       long long tokens, struct fr_error *err) {
    enum ending ending = ENDED;
    struct fr_text what = {0};
    int code = judge_end(e, job, &reply->answer, &ending, &what, err);
    const bool good = ending == ENDED || ending == CUT;
    if (code == FR_OK && good)
        code = fr_journal_add(&e->journal, job->request, job->puzzle, naming_id(e, job), reply,
                              job->attempts, tokens, err);
    else if (code == FR_OK)
        code = fr_journal_lose(&e->journal, job->request, fr_text_get(&what), tokens, err);
    if (code == FR_OK && good)
        code = store_answer(e, job, &reply->answer, ending == CUT, err);
    if (code == FR_OK && ending == IMPOSSIBLE)
        code = fr_fail(err, FR_E_INPUT, "%s: %s", e->config->endpoint_url, fr_text_get(&what));
    if (code == FR_OK && ending == UNUSABLE) {
        if (e->n_unusable == 0 || strcmp(fr_text_get(&e->unusable), fr_text_get(&what)) != 0) {
            struct fr_text line = {0};
            fr_text_printf(&line,
                           "%s: the model did not end puzzle %lld in naming %s; its trace is left "
                           "missing, and no failure of the model's",
                           fr_text_get(&what), (long long)job->puzzle, naming_id(e, job));
            warn(e, fr_text_get(&line));
            fr_text_release(&line);
        }
        fr_text_clear(&e->unusable);
        fr_text_add(&e->unusable, fr_text_get(&what));
        e->n_unusable++;
        e->n_left--;
    }
    fr_text_release(&what);
    return code;
}

static int refuse_unusable(const struct endpoint *e, struct fr_error *err) {
    return fr_fail(err, FR_E_INPUT,
                   "%s: %lld answer%s not ended by the model (the last: %s); %lld of %lld traces "
                   "are there; look at the server and endpoint.extra, then run the same command "
                   "again, which asks for what is missing",
                   e->config->endpoint_url, e->n_unusable, e->n_unusable > 1 ? "s were" : " was",
                   fr_text_get(&e->unusable), e->done, e->total);
}

static int take_reply(struct endpoint *e, struct fr_http_reply *reply, struct fr_error *err) {
    struct job *job = reply->user;
    struct fr_answer *a = &reply->answer;
    int code = FR_OK;
    job->running = false;
    e->n_running--;
    const long long said = a->completion_tokens >= 0 ? a->completion_tokens : a->n_chunks;
    const long long read = a->prompt_tokens >= 0 ? a->prompt_tokens : job->prompt.n;
    if (reply->outcome == FR_HTTP_ANSWERED) {
        code = take_answer(e, job, reply, read + said, err);
        job->not_before = -1;
        release_job(job);
    } else {
        if (a->n_chunks > 0)
            code = fr_journal_lose(&e->journal, job->request, reply->what, read + said, err);
        if (code == FR_OK)
            code = reply->outcome == FR_HTTP_AGAIN ? again(e, job, reply, err)
                                                   : refused(e, reply, err);
    }
    fr_answer_release(a);
    return code;
}

/* The next that may be asked for; NULL: none now. */
static struct job *next_job(struct endpoint *e, int *from) {
    const double t = now();
    for (; *from < e->n && e->jobs[*from].not_before < 0; ++*from)
        ;
    for (int i = *from; i < e->n; i++)
        if (!e->jobs[i].running && e->jobs[i].not_before >= 0 && e->jobs[i].not_before <= t)
            return &e->jobs[i];
    return NULL;
}

static void keep_fault(struct endpoint *e, const struct fr_error *err) {
    if (e->fault.code == FR_OK)
        e->fault = *err;
}

/* Until nothing is left, or a fault or a stop: then what is under way is still waited for, since
 * it is paid for. */
static int exchange(struct endpoint *e, struct fr_error *err) {
    bool stopping = false, poor = false;
    int from = 0;
    while (e->n_left > 0 || e->n_running > 0) {
        struct fr_error fault = {0};
        struct fr_http_reply reply;
        struct job *job = NULL;
        if (!stopping && fr_events_stopped(e->study->events)) {
            stopping = true;
            if (e->n_running > 0)
                warn(e, "waiting for the answers that are under way; once more ends at once");
        }
        if (e->n_unusable >= UNUSABLE_MOST && e->fault.code == FR_OK)
            (void)refuse_unusable(e, &e->fault);
        const bool closed = stopping || e->fault.code != FR_OK;
        poor = !closed && !affords(e);
        while (!closed && e->n_running < e->config->endpoint_concurrency && affords(e) &&
               e->fault.code == FR_OK && (job = next_job(e, &from)) != NULL) {
            if (begin(e, job, &fault) != FR_OK)
                keep_fault(e, &fault);
        }
        if (e->n_running == 0 && (closed || poor || e->fault.code != FR_OK))
            break;
        if (e->n_left > 0 || e->n_running > 0)
            if (fr_http_wait(e->http, WAIT_MS, &reply) && take_reply(e, &reply, &fault) != FR_OK)
                keep_fault(e, &fault);
    }
    if (e->fault.code != FR_OK)
        return fr_fail(err, e->fault.code, "%s", e->fault.text);
    if (stopping && e->n_left > 0)
        return fr_fail(err, FR_E_STOPPED, "stopped");
    if (e->n_left > 0)
        return fr_fail(err, FR_E_LIMIT,
                       "%s: %lld tokens are spent, and endpoint.max_total_tokens is %d: %lld of "
                       "%lld traces are there; a larger one goes on from here",
                       e->config->endpoint_url, e->journal.spent, e->config->endpoint_max_tokens,
                       e->done, e->total);
    return e->n_unusable > 0 ? refuse_unusable(e, err) : FR_OK;
}

/* ---- before and after ------------------------------------------------------------------------ */

/* Is it such a server, and does it know the model? Servers without a list are believed. */
static int check_model(struct endpoint *e, struct fr_error *err) {
    struct fr_text body = {0}, names = {0};
    char what[300];
    int status, code = FR_OK;
    fr_http_get(e->http, "models", &status, &body, what);
    json_t *root = status == 200 ? json_loadb(fr_text_get(&body), body.len, 0, NULL) : NULL;
    const json_t *data = json_object_get(root, "data");
    bool known = !json_is_array(data) || json_array_size(data) == 0;
    for (size_t i = 0; i < json_array_size(data); i++) {
        const char *id = json_string_value(json_object_get(json_array_get(data, i), "id"));
        known |= id != NULL && strcmp(id, e->config->endpoint_model) == 0;
        if (id != NULL && i < 8)
            fr_text_printf(&names, "%s%.60s", names.len > 0 ? ", " : "", id);
    }
    if (status == 0)
        code = fr_fail(err, FR_E_IO, "%s: %s; is the server there?", e->config->endpoint_url, what);
    else if (status == 401 || status == 403)
        code = fr_fail(err, FR_E_INPUT, "%s: it does not accept the key of endpoint.key_env %s",
                       e->config->endpoint_url, e->config->endpoint_key_env);
    else if (!known)
        code = fr_fail(err, FR_E_INPUT, "%s: no model %.60s there; endpoint.model may be: %.300s",
                       e->config->endpoint_url, e->config->endpoint_model, fr_text_get(&names));
    json_decref(root);
    fr_text_release(&body);
    fr_text_release(&names);
    return code;
}

static int find_key(const struct endpoint *e, const char **key, struct fr_error *err) {
    const char *name = e->config->endpoint_key_env;
    *key = *name != '\0' ? getenv(name) : NULL;
    if (*name != '\0' && (*key == NULL || **key == '\0'))
        return fr_fail(err, FR_E_INPUT,
                       "%s: endpoint.key_env: the environment has no %s, which is to hold the key",
                       e->world->config_path, name);
    if (*key != NULL && (*key)[strcspn(*key, "\r\n")] != '\0')
        return fr_fail(err, FR_E_INPUT, "%s: endpoint.key_env: %s holds more than one line",
                       e->world->config_path, name);
    return FR_OK;
}

static int open_vocabulary(struct endpoint *e, struct fr_error *err) {
    struct fr_model_options options = fr_model_options_defaults();
    options.path = e->world->model_path;
    options.chat_template = e->world->chat_template;
    options.reasoning = e->config->reasoning;
    options.vocabulary_only = true;
    return fr_model_open(&e->model, &options, err);
}

/* Who made the traces, beside the engine that tokenised them. */
static int record(const struct endpoint *e, struct fr_error *err) {
    struct fr_text by = {0};
    fr_text_printf(&by, "%s at %s", e->config->endpoint_model, e->config->endpoint_url);
    const int code = fr_store_run(
        e->study->store, err,
        "UPDATE stage SET engine = iif(engine = '', '', engine || '; ') || ?1 WHERE name ="
        " 'rollouts' AND instr('; ' || engine || '; ', '; ' || ?1 || '; ') = 0",
        "t", fr_text_get(&by));
    fr_text_release(&by);
    return code;
}

int fr_source_endpoint_traces(const struct fr_source_study *study, struct fr_error *err) {
    struct endpoint e = {.study = study,
                         .world = study->world,
                         .config = &study->world->config,
                         .journal = {.fd = -1}};
    struct fr_http_options options = {.url = e.config->endpoint_url,
                                      .stall_seconds = e.config->endpoint_stall,
                                      .max_text =
                                          (size_t)e.config->max_tokens * FR_ANSWER_TOKEN_BYTES +
                                          (64 << 10)};
    int code = list(&e, err);
    if (code != FR_OK || e.n == 0)
        goto out;
    e.extra =
        json_loads(*e.config->endpoint_extra != '\0' ? e.config->endpoint_extra : "{}", 0, NULL);
    FR_ASSERT(json_is_object(e.extra)); /* fr_config_check_endpoint */
    if (code == FR_OK)
        code = find_key(&e, &options.key, err);
    if (code == FR_OK)
        code = open_vocabulary(&e, err);
    if (code == FR_OK)
        code = fr_journal_open(&e.journal, fr_store_dir(study->store), err);
    if (code == FR_OK)
        code = fr_http_open(&e.http, &options, err);
    if (code == FR_OK)
        code = check_model(&e, err);
    if (code == FR_OK)
        code = record(&e, err);
    if (code == FR_OK)
        code = exchange(&e, err);
out:
    fr_http_close(e.http); /* what is under way borrows from the jobs */
    for (int i = 0; i < e.n; i++)
        release_job(&e.jobs[i]);
    free(e.jobs);
    fr_journal_close(&e.journal);
    fr_text_release(&e.unusable);
    fr_model_close(e.model);
    json_decref(e.extra);
    return code;
}
