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

#include "base/clock.h"
#include "base/memory.h"
#include "sources/endpoint_jobs.h"

enum {
    WAIT_MS = 200,
    WAIT_MOST = 60,     /* seconds, of our own */
    PAUSE_MOST = 3600,  /* that a server may ask for */
    UNUSABLE_MOST = 20, /* answers */
    LINE_TOKEN =
        16, /* bytes of the journal for a token: 8 of text, as in study/estimate.c, its id */
    LINE_REST = 2048, /* and for the rest of a line */
};

const char *fr_endpoint_naming(const struct fr_endpoint *e, const struct fr_endpoint_job *job) {
    return e->world->namings[job->naming].naming->id;
}

static void release_job(struct fr_endpoint_job *job) {
    fr_problem_release(&job->problem);
    fr_tokens_release(&job->prompt);
    fr_text_release(&job->message);
    fr_text_release(&job->body);
}

void fr_endpoint_warn(const struct fr_endpoint *e, const char *what) {
    fr_events_warn(e->study->events, "%s: %s", e->config->endpoint_url, what);
}

/* ---- what is missing ------------------------------------------------------------------------- */

static int list(struct fr_endpoint *e, struct fr_error *err) {
    struct fr_missing_trace *missing;
    const int code = fr_source_list_missing(e->study, &missing, &e->n, &e->total, err);
    e->jobs = fr_alloc((size_t)e->n, sizeof *e->jobs);
    for (int i = 0; i < e->n; i++)
        e->jobs[i] = (struct fr_endpoint_job){.puzzle = missing[i].puzzle,
                                              .example = missing[i].example,
                                              .naming = missing[i].naming};
    free(missing);
    e->n_left = e->n;
    e->done = e->resumed = e->total - e->n;
    return code;
}

/* ---- requests -------------------------------------------------------------------------------- */

static void put_messages(const struct fr_endpoint *e, const struct fr_endpoint_job *job,
                         json_t *body) {
    json_t *messages = json_array();
    if (*e->config->system != '\0')
        json_array_append_new(messages, json_pack("{s:s, s:s}", "role", "system", "content",
                                                  e->config->system));
    json_array_append_new(messages, json_pack("{s:s, s:s}", "role", "user", "content",
                                              fr_text_get(&job->message)));
    json_object_set_new(body, "messages", messages);
}

static int put_prompt(const struct fr_endpoint *e, const struct fr_endpoint_job *job, json_t *body,
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
                       (long long)job->puzzle, fr_endpoint_naming(e, job));
    if (code == FR_OK)
        json_object_set_new(body, "prompt", text);
    return code;
}

/* The request's body: the same bytes for the same puzzle, naming and keys. */
static int make_body(const struct fr_endpoint *e, struct fr_endpoint_job *job,
                     struct fr_error *err) {
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

static int make_request(struct fr_endpoint *e, struct fr_endpoint_job *job, struct fr_error *err) {
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

/* ---- the exchange ---------------------------------------------------------------------------- */

/* Tokens that the request may take at most. */
static long long most_tokens(const struct fr_endpoint *e, const struct fr_endpoint_job *job) {
    return job->prompt.n + e->more_prompt + job->asked;
}

static bool affords(const struct fr_endpoint *e, const struct fr_endpoint_job *job) {
    const long long most = e->config->endpoint_max_tokens;
    return most == 0 || e->journal.spent + most_tokens(e, job) <= most;
}

static const char *path_of(const struct fr_endpoint *e) {
    return e->config->endpoint_api == FR_ENDPOINT_CHAT ? "chat/completions" : "completions";
}

/* Who made the traces, beside the engine that tokenised them. */
static int record(const struct fr_endpoint *e, const char *by, struct fr_error *err) {
    return fr_store_run(
        e->study->store, err,
        "UPDATE stage SET engine = iif(engine = '', '', engine || '; ') || ?1 WHERE name ="
        " 'rollouts' AND instr('; ' || engine || '; ', '; ' || ?1 || '; ') = 0",
        "t", by);
}

/* Which model says that it answered; a word when it is another than was asked for, or changes. */
static int note_maker(struct fr_endpoint *e, const struct fr_answer *a, struct fr_error *err) {
    const bool another = *a->model != '\0' && strcmp(a->model, e->config->endpoint_model) != 0;
    struct fr_text by = {0}, what = {0};
    int code = FR_OK;
    if (*a->model != '\0')
        fr_text_printf(&by, "answered as %s", a->model);
    if (*a->fingerprint != '\0')
        fr_text_printf(&by, "%s%s", by.len > 0 ? ", " : "fingerprint ", a->fingerprint);
    if (by.len > 0 && strcmp(fr_text_get(&by), e->maker) != 0) {
        if (!e->told_model && (another || *e->maker != '\0')) {
            fr_text_printf(&what, "its answers say \"%s\"", fr_text_get(&by));
            if (*e->maker != '\0')
                fr_text_printf(&what, " where others said \"%s\"", e->maker);
            fr_text_printf(&what, "; endpoint.model is %.60s", e->config->endpoint_model);
            fr_endpoint_warn(e, fr_text_get(&what));
            e->told_model = true;
        }
        (void)snprintf(e->maker, sizeof e->maker, "%s", fr_text_get(&by));
        code = record(e, fr_text_get(&by), err);
    }
    fr_text_release(&by);
    fr_text_release(&what);
    return code;
}

static int keep_trace(struct fr_endpoint *e, struct fr_endpoint_job *job, struct fr_answer *a,
                      bool cut, struct fr_error *err) {
    int code = note_maker(e, a, err);
    if (code == FR_OK)
        code = fr_endpoint_store(e, job, a, cut, err);
    if (code != FR_OK)
        return code;
    e->n_left--;
    fr_events_progress(e->study->events, ++e->done, e->total, e->resumed, "traces");
    return FR_OK;
}

/* *found: the journal had the answer, and it is a trace now. */
static int look_up(struct fr_endpoint *e, struct fr_endpoint_job *job, bool *found,
                   struct fr_error *err) {
    enum fr_endpoint_ending ending = FR_ENDED;
    struct fr_answer answer;
    struct fr_text what = {0};
    int code = fr_journal_find(&e->journal, job->request, &answer, found, err);
    job->looked = true;
    if (code != FR_OK || !*found)
        return code;
    code = fr_endpoint_judge_end(e, job, &answer, &ending, &what, err);
    *found = ending == FR_ENDED || ending == FR_ENDED_CUT; /* else an older version kept it */
    if (code == FR_OK && *found)
        code = keep_trace(e, job, &answer, ending == FR_ENDED_CUT, err);
    if (*found) {
        job->not_before = -1;
        release_job(job);
    }
    fr_text_release(&what);
    fr_answer_release(&answer);
    return code;
}

/* From the journal, or from the server; *poor: it may take more tokens than are left. */
static int begin(struct fr_endpoint *e, struct fr_endpoint_job *job, bool *poor,
                 struct fr_error *err) {
    bool found = false;
    int code = job->body.len == 0 ? make_request(e, job, err) : FR_OK;
    if (code == FR_OK && !job->looked)
        code = look_up(e, job, &found, err);
    if (code != FR_OK || found)
        return code;
    *poor = !affords(e, job);
    if (*poor)
        return FR_OK;
    const long long line = LINE_REST + LINE_TOKEN * job->asked;
    code = fr_journal_reserve(&e->journal, (e->n_running + 1) * line, err);
    if (code == FR_OK)
        code = fr_journal_begin(&e->journal, job->request, most_tokens(e, job), err);
    if (code == FR_OK) {
        job->asked_times++;
        job->running = true;
        e->n_running++;
        fr_http_post(e->http, path_of(e), &job->body, job);
    }
    return code;
}

/* Seconds to wait after n faults in a row: as the server asks, else 1, 2, 4 ... */
static int wait_after(int n, const struct fr_http_reply *reply) {
    int wait = 1;
    for (int i = 1; i < n && wait < WAIT_MOST; i++)
        wait *= 2;
    return reply->wait_seconds >= 0 ? reply->wait_seconds : wait < WAIT_MOST ? wait : WAIT_MOST;
}

static int give_up(const struct fr_endpoint *e, const struct fr_http_reply *reply, int n,
                   struct fr_error *err) {
    return fr_fail(err, FR_E_IO,
                   "%s: %s, %d time%s; what came is stored: run the same command again when it is "
                   "well",
                   e->config->endpoint_url, reply->what, n, n == 1 ? "" : "s");
}

static int too_long(const struct fr_endpoint *e, const struct fr_http_reply *reply,
                    struct fr_error *err) {
    return fr_fail(err, FR_E_IO,
                   "%s: %s; it asks to be left alone for %d s; what came is stored: run the same "
                   "command again then",
                   e->config->endpoint_url, reply->what, reply->wait_seconds);
}

static void tell_wait(const struct fr_endpoint *e, const struct fr_http_reply *reply, int wait) {
    fr_events_warn(e->study->events, "%s: %s; asked again in %d s", e->config->endpoint_url,
                   reply->what, wait);
}

static int again(struct fr_endpoint *e, struct fr_endpoint_job *job,
                 const struct fr_http_reply *reply, struct fr_error *err) {
    const int wait = wait_after(++job->n_faults, reply);
    if (job->n_faults > e->config->endpoint_retries)
        return give_up(e, reply, job->n_faults, err);
    if (wait > PAUSE_MOST)
        return too_long(e, reply, err);
    tell_wait(e, reply, wait);
    job->not_before = fr_clock_seconds() + wait;
    return FR_OK;
}

/* The server as a whole wants fewer requests: no more at once than it has now, and none for a
 * while. What else was under way says the same, and is no pause of its own. */
static int pause_all(struct fr_endpoint *e, const struct fr_http_reply *reply,
                     struct fr_error *err) {
    const bool paused = fr_clock_seconds() < e->not_before;
    if (!paused && e->n_running == 0)
        e->n_busy++;
    const int wait = wait_after(e->n_busy, reply);
    if (e->width > e->n_running)
        e->width = e->n_running > 0 ? e->n_running : 1;
    if (e->n_busy > e->config->endpoint_retries)
        return give_up(e, reply, e->n_busy, err);
    if (wait > PAUSE_MOST)
        return too_long(e, reply, err);
    if (!paused)
        tell_wait(e, reply, wait);
    if (!paused || fr_clock_seconds() + wait > e->not_before)
        e->not_before = fr_clock_seconds() + wait;
    return FR_OK;
}

static int refused(const struct fr_endpoint *e, const struct fr_http_reply *reply,
                   struct fr_error *err) {
    return fr_fail(err, FR_E_INPUT,
                   "%s: %s; look at endpoint.url, model, api, key_env%s%s and extra",
                   e->config->endpoint_url, reply->what, *e->config->endpoint_key_env ? " " : "",
                   e->config->endpoint_key_env);
}

/* A whole answer: kept and made a trace of, or, where it is no text that a model ended, told and
 * counted as spent. Its trace stays missing, the others go on. */
static int take_answer(struct fr_endpoint *e, struct fr_endpoint_job *job,
                       struct fr_http_reply *reply, long long tokens, struct fr_error *err) {
    enum fr_endpoint_ending ending = FR_ENDED;
    struct fr_text what = {0};
    int code = fr_endpoint_judge_end(e, job, &reply->answer, &ending, &what, err);
    const bool good = ending == FR_ENDED || ending == FR_ENDED_CUT;
    if (code == FR_OK && good) {
        code = fr_journal_add(&e->journal, job->request, job->puzzle, fr_endpoint_naming(e, job),
                              reply, job->asked_times, tokens, err);
        e->n_unkept += code != FR_OK;
    } else if (code == FR_OK)
        code = fr_journal_lose(&e->journal, job->request, fr_text_get(&what), tokens, err);
    if (code == FR_OK && good)
        code = keep_trace(e, job, &reply->answer, ending == FR_ENDED_CUT, err);
    if (code == FR_OK && ending == FR_ENDED_IMPOSSIBLE)
        code = fr_fail(err, FR_E_INPUT, "%s: %s", e->config->endpoint_url, fr_text_get(&what));
    if (code == FR_OK && ending == FR_ENDED_UNUSABLE) {
        if (e->n_unusable == 0 || strcmp(fr_text_get(&e->unusable), fr_text_get(&what)) != 0) {
            fr_events_warn(e->study->events,
                           "%s: %s: the model did not end puzzle %lld in naming %s; its trace is "
                           "left missing, and no failure of the model's",
                           e->config->endpoint_url, fr_text_get(&what), (long long)job->puzzle,
                           fr_endpoint_naming(e, job));
        }
        fr_text_clear(&e->unusable);
        fr_text_add(&e->unusable, fr_text_get(&what));
        e->n_unusable++;
        e->n_left--;
    }
    fr_text_release(&what);
    return code;
}

static int refuse_unusable(const struct fr_endpoint *e, struct fr_error *err) {
    return fr_fail(err, FR_E_INPUT,
                   "%s: %lld answer%s not ended by the model (the last: %s); %lld of %lld traces "
                   "are there; look at the server and endpoint.extra, then run the same command "
                   "again, which asks for what is missing",
                   e->config->endpoint_url, e->n_unusable, e->n_unusable > 1 ? "s were" : " was",
                   fr_text_get(&e->unusable), e->done, e->total);
}

/* What a reply took: as the server says, else as it is counted here. Of a request that it may have
 * worked for without a word, all that it could. */
static int count_spent(const struct fr_endpoint *e, const struct fr_endpoint_job *job,
                       const struct fr_http_reply *reply, long long *out, struct fr_error *err) {
    const struct fr_answer *a = &reply->answer;
    const bool told = a->n_chunks > 0 || a->completion_tokens >= 0;
    bool exact;
    *out = 0;
    if (!reply->taken)
        return FR_OK;
    if (reply->outcome != FR_HTTP_ANSWERED && !told) {
        *out = most_tokens(e, job);
        return FR_OK;
    }
    const int code = fr_endpoint_count(e, a, out, &exact, err);
    *out += a->prompt_tokens >= 0 ? a->prompt_tokens : job->prompt.n;
    return code;
}

static int take_fault(struct fr_endpoint *e, struct fr_endpoint_job *job,
                      const struct fr_http_reply *reply, long long tokens, struct fr_error *err) {
    const int code = fr_journal_lose(&e->journal, job->request, reply->what, tokens, err);
    if (code != FR_OK)
        return code;
    switch (reply->outcome) {
    case FR_HTTP_AGAIN:
        return again(e, job, reply, err);
    case FR_HTTP_BUSY:
        return pause_all(e, reply, err);
    default:
        return refused(e, reply, err);
    }
}

static int take_reply(struct fr_endpoint *e, struct fr_http_reply *reply, struct fr_error *err) {
    struct fr_endpoint_job *job = reply->user;
    struct fr_answer *a = &reply->answer;
    long long tokens;
    job->running = false;
    e->n_running--;
    if (a->prompt_tokens > job->prompt.n + e->more_prompt && a->prompt_tokens < INT_MAX)
        e->more_prompt = (int)a->prompt_tokens - job->prompt.n;
    int code = count_spent(e, job, reply, &tokens, err);
    if (code == FR_OK && reply->outcome == FR_HTTP_ANSWERED) {
        code = take_answer(e, job, reply, tokens, err);
        job->not_before = -1;
        release_job(job);
        e->n_busy = 0;
        e->width += e->width < e->config->endpoint_concurrency;
    } else if (code == FR_OK) {
        code = take_fault(e, job, reply, tokens, err);
    }
    fr_answer_release(a);
    return code;
}

/* The next that may be asked for; NULL: none now. */
static struct fr_endpoint_job *next_job(struct fr_endpoint *e, int *from) {
    const double t = fr_clock_seconds();
    if (t < e->not_before)
        return NULL;
    for (; *from < e->n && e->jobs[*from].not_before < 0; ++*from)
        ;
    for (int i = *from; i < e->n; i++)
        if (!e->jobs[i].running && e->jobs[i].not_before >= 0 && e->jobs[i].not_before <= t)
            return &e->jobs[i];
    return NULL;
}

static void keep_fault(struct fr_endpoint *e, const struct fr_error *err) {
    if (e->fault.code == FR_OK)
        e->fault = *err;
}

static int give_fault(const struct fr_endpoint *e, struct fr_error *err) {
    if (e->n_unkept == 0)
        return fr_fail(err, e->fault.code, "%s", e->fault.text);
    return fr_fail(err, e->fault.code, "%s; %lld answer%s paid for and could not be kept",
                   e->fault.text, e->n_unkept, e->n_unkept > 1 ? "s were" : " was");
}

/* Until nothing is left, or a fault or a stop: then what is under way is still waited for, since
 * it is paid for. */
static int exchange(struct fr_endpoint *e, struct fr_error *err) {
    bool stopping = false, poor = false;
    int from = 0;
    while (e->n_left > 0 || e->n_running > 0) {
        struct fr_error fault = {0};
        struct fr_http_reply reply;
        struct fr_endpoint_job *job = NULL;
        if (!stopping && fr_events_stopped(e->study->events)) {
            stopping = true;
            if (e->n_running > 0)
                fr_endpoint_warn(
                    e, "waiting for the answers that are under way; once more ends at once");
        }
        if (e->n_unusable >= UNUSABLE_MOST && e->fault.code == FR_OK)
            (void)refuse_unusable(e, &e->fault);
        const bool closed = stopping || e->fault.code != FR_OK;
        poor = false;
        while (!closed && !poor && e->n_running < e->width && e->fault.code == FR_OK &&
               (job = next_job(e, &from)) != NULL) {
            if (begin(e, job, &poor, &fault) != FR_OK)
                keep_fault(e, &fault);
        }
        if (e->n_running == 0 && (closed || poor || e->fault.code != FR_OK))
            break;
        if (e->n_left > 0 || e->n_running > 0)
            if (fr_http_wait(e->http, WAIT_MS, &reply) && take_reply(e, &reply, &fault) != FR_OK)
                keep_fault(e, &fault);
    }
    if (e->fault.code != FR_OK)
        return give_fault(e, err);
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
static int check_model(struct fr_endpoint *e, struct fr_error *err) {
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
    if (fr_events_stopped(e->study->events))
        code = fr_fail(err, FR_E_STOPPED, "stopped");
    else if (status == 0)
        code = fr_fail(err, FR_E_IO, "%s: %s; is the server there?", e->config->endpoint_url, what);
    else if (*what != '\0')
        code = fr_fail(err, FR_E_INPUT, "%s/models: %s; look at endpoint.url",
                       e->config->endpoint_url, what);
    else if ((status == 401 || status == 403) && *e->config->endpoint_key_env == '\0')
        code = fr_fail(err, FR_E_INPUT,
                       "%s: it wants a key: endpoint.key_env names the variable of the environment "
                       "that holds it",
                       e->config->endpoint_url);
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

static int find_key(const struct fr_endpoint *e, const char **key, struct fr_error *err) {
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

static int open_vocabulary(struct fr_endpoint *e, struct fr_error *err) {
    struct fr_model_options options = fr_model_options_defaults();
    options.path = e->world->model_path;
    options.chat_template = e->world->chat_template;
    options.reasoning = e->config->reasoning;
    options.vocabulary_only = true;
    return fr_model_open(&e->model, &options, err);
}

/* The program's version, where the server tells it as vLLM does, beside /v1; *out is empty else. */
static void ask_version(struct fr_endpoint *e, char *out, size_t n) {
    struct fr_text body = {0};
    char what[300];
    int status;
    *out = '\0';
    fr_http_get(e->http, "../version", &status, &body, what);
    json_t *root = status == 200 ? json_loadb(fr_text_get(&body), body.len, 0, NULL) : NULL;
    const char *version = json_string_value(json_object_get(root, "version"));
    if (version != NULL)
        (void)snprintf(out, n, "%s", version);
    json_decref(root);
    fr_text_release(&body);
}

static int record_server(struct fr_endpoint *e, struct fr_error *err) {
    struct fr_text by = {0};
    char version[60];
    ask_version(e, version, sizeof version);
    fr_text_printf(&by, "%s at %s%s%s", e->config->endpoint_model, e->config->endpoint_url,
                   *version != '\0' ? ", version " : "", version);
    const int code = record(e, fr_text_get(&by), err);
    fr_text_release(&by);
    return code;
}

static void tell_damage(const struct fr_endpoint *e) {
    const struct fr_journal *j = &e->journal;
    if (j->n_damaged > 0)
        fr_events_warn(
            e->study->events,
            "%s:%ld: no line of this program's%s; passed over, and what has no other answer "
            "is asked again",
            j->path, j->first_damaged, j->n_damaged > 1 ? ", nor are others" : "");
}

static bool is_stopped(void *user) {
    const struct fr_endpoint *e = user;
    return fr_events_stopped(e->study->events);
}

int fr_source_endpoint_traces(const struct fr_source_study *study, struct fr_error *err) {
    struct fr_endpoint e = {.study = study,
                            .world = study->world,
                            .config = &study->world->config,
                            .journal = {.fd = -1}};
    e.width = e.config->endpoint_concurrency;
    struct fr_http_options options = {.url = e.config->endpoint_url,
                                      .here = fr_config_endpoint_is_here(e.config->endpoint_url),
                                      .stopped = is_stopped,
                                      .user = &e,
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
    tell_damage(&e);
    if (code == FR_OK)
        code = fr_http_open(&e.http, &options, err);
    if (code == FR_OK)
        code = check_model(&e, err);
    if (code == FR_OK)
        code = record_server(&e, err);
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
