/* The forms that recorded traces come in (docs/formats.md): a table of what tells a form and who
 * reads it. A form is told by fields alone, never by a file's name; what fits none, or two, is
 * refused. Rejected: an option that says the form, which can be wrong without being noticed. */
#include "sources/recorded_form.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/prompts.h"

int fr_recorded_parse(const char *text, size_t n, json_t **out, json_error_t *syntax,
                      struct fr_error *err) {
    *out = json_loadb(text, n, JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, syntax);
    if (*out != NULL)
        return FR_OK;
    if (strstr(syntax->text, "unable to decode byte") != NULL)
        return fr_fail(err, FR_E_INPUT, "not UTF-8, as JSON must be: %s", syntax->text);
    if (json_error_code(syntax) == json_error_numeric_overflow)
        return fr_fail(err, FR_E_INPUT,
                       "a number beyond 64 bits or the range of doubles ends at byte %d; write it "
                       "as a text, or leave the field out",
                       syntax->position);
    return fr_fail(err, FR_E_INPUT, "not JSON: %s", syntax->text);
}

int fr_recorded_check_text(const json_t *text, const char *name, struct fr_error *err) {
    if (!json_is_string(text))
        return fr_fail(err, FR_E_INPUT, "field \"%s\" is no text", name);
    if (strlen(json_string_value(text)) != json_string_length(text))
        return fr_fail(err, FR_E_INPUT, "field \"%s\" holds a NUL character (\\u0000)", name);
    return FR_OK;
}

int fr_recorded_truth(const json_t *object, const char *name, int *out, struct fr_error *err) {
    const json_t *value = json_object_get(object, name);
    *out = -1;
    if (value == NULL || json_is_null(value))
        return FR_OK;
    if (!json_is_boolean(value))
        return fr_fail(err, FR_E_INPUT, "field \"%s\" is neither true nor false", name);
    *out = json_is_true(value);
    return FR_OK;
}

static bool is_blank(const char *text) { return text[strspn(text, " \t\r\n")] == '\0'; }

static const json_t *field(const json_t *object, const char *name) {
    return json_object_get(object, name);
}
static bool has(const json_t *object, const char *name) {
    const json_t *value = field(object, name);
    return value != NULL && !json_is_null(value);
}

static void put(char **out, const char *text) {
    free(*out);
    *out = fr_strdup(text);
}

/* The first of the fields that is there, as a text; *out stays when none is. */
static int take_text(const json_t *object, const char *const *fields, char **out,
                     struct fr_error *err) {
    for (int i = 0; fields[i] != NULL; i++) {
        if (!has(object, fields[i]))
            continue;
        const int code = fr_recorded_check_text(field(object, fields[i]), fields[i], err);
        if (code != FR_OK)
            return code;
        put(out, json_string_value(field(object, fields[i])));
        return FR_OK;
    }
    return FR_OK;
}

/* A number or a text, as a text. */
static void take_id(const json_t *object, const char *const *fields, char **out) {
    struct fr_text id = {0};
    for (int i = 0; fields[i] != NULL && id.len == 0; i++) {
        const json_t *value = field(object, fields[i]);
        if (json_is_integer(value))
            fr_text_printf(&id, "%lld", (long long)json_integer_value(value));
        else if (json_is_string(value))
            fr_text_add(&id, json_string_value(value));
    }
    if (id.len > 0)
        put(out, fr_text_get(&id));
    fr_text_release(&id);
}

static const char *const reasoning_fields[] = {"reasoning", "reasoning_content", NULL};

/* Whether a limit ended it, or the model; other words say neither. */
static void take_end(const json_t *value, struct fr_recorded *out) {
    static const char *const cut[] = {"length", "max_tokens", "limit", NULL};
    static const char *const ended[] = {"stop", "eos", "word", "end_turn", NULL};
    const char *word = json_string_value(value);
    for (int i = 0; word != NULL && cut[i] != NULL; i++)
        out->cut_short |= strcmp(word, cut[i]) == 0;
    for (int i = 0; word != NULL && ended[i] != NULL; i++)
        out->ended |= strcmp(word, ended[i]) == 0;
}

/* ---- parts of conversations ------------------------------------------------------------------ */

/* A message's content: a text, texts in a list of parts, or nothing. */
static int take_content(const json_t *message, char **out, struct fr_error *err) {
    const json_t *content = field(message, "content"), *part;
    struct fr_text all = {0};
    size_t i;
    int code = FR_OK;
    if (json_is_string(content))
        code = fr_recorded_check_text(content, "content", err);
    if (code == FR_OK && json_is_string(content))
        fr_text_add(&all, json_string_value(content));
    else if (json_is_array(content))
        json_array_foreach((json_t *)(uintptr_t)content, i, part) {
            const char *text = json_string_value(field(part, "text"));
            if (text != NULL)
                code =
                    code == FR_OK ? fr_recorded_check_text(field(part, "text"), "text", err) : code;
            if (text == NULL)
                code = fr_fail(err, FR_E_INPUT, "a message's content has a part that is no text");
            else
                fr_text_add(&all, text);
        }
    else if (content != NULL && !json_is_null(content))
        code = fr_fail(err, FR_E_INPUT, "a message's content is no text");
    if (code == FR_OK)
        put(out, fr_text_get(&all));
    fr_text_release(&all);
    return code;
}

static bool is_role(const json_t *message, const char *role) {
    const char *is = json_string_value(field(message, "role"));
    return is != NULL && strcmp(is, role) == 0;
}

/* One question, and what stands before it. */
static int take_question(const json_t *messages, size_t n, struct fr_recorded *out,
                         struct fr_error *err) {
    size_t i = 0;
    int code = FR_OK;
    if (n > 0 && (is_role(json_array_get(messages, 0), "system") ||
                  is_role(json_array_get(messages, 0), "developer")))
        code = take_content(json_array_get(messages, i++), &out->system, err);
    if (code != FR_OK)
        return code;
    if (n != i + 1 || !is_role(json_array_get(messages, i), "user"))
        return fr_fail(err, FR_E_INPUT,
                       "a conversation of %zu messages before the answer; a trace is one question "
                       "(user), a system message before it, and what was answered",
                       n);
    return take_content(json_array_get(messages, i), &out->prompt, err);
}

static int take_answer(const json_t *message, struct fr_recorded *out, struct fr_error *err) {
    const int code = take_content(message, &out->answer, err);
    return code == FR_OK ? take_text(message, reasoning_fields, &out->reasoning, err) : code;
}

/* "prompt" or "messages" of a request; raw: as the model read it. */
static int take_request(const json_t *request, struct fr_recorded *out, struct fr_error *err) {
    static const char *const prompt[] = {"prompt", NULL};
    const json_t *messages = field(request, "messages");
    if (json_is_array(messages))
        return take_question(messages, json_array_size(messages), out, err);
    out->raw_prompt = true;
    return take_text(request, prompt, &out->prompt, err);
}

/* ---- the forms ------------------------------------------------------------------------------- */

static bool is_line(const json_t *o) {
    return field(o, "reasoning") != NULL || field(o, "reasoning_content") != NULL ||
           field(o, "answer") != NULL || json_is_string(field(o, "response"));
}
static int read_line(const json_t *o, struct fr_recorded *out, struct fr_error *err) {
    static const char *const prompt[] = {"prompt", NULL}, *const system[] = {"system", NULL};
    static const char *const answer[] = {"answer", "response", NULL};
    int code = take_text(o, prompt, &out->prompt, err);
    if (code == FR_OK)
        code = take_text(o, reasoning_fields, &out->reasoning, err);
    if (code == FR_OK)
        code = take_text(o, answer, &out->answer, err);
    return code == FR_OK ? take_text(o, system, &out->system, err) : code;
}

static const json_t *last_message(const json_t *o) {
    const json_t *messages = field(o, "messages");
    const size_t n = json_array_size(messages); /* 0 for what is no array */
    return n > 0 ? json_array_get(messages, n - 1) : NULL;
}
static bool is_conversation(const json_t *o) { return is_role(last_message(o), "assistant"); }
static int read_conversation(const json_t *o, struct fr_recorded *out, struct fr_error *err) {
    const json_t *messages = field(o, "messages");
    const int code = take_question(messages, json_array_size(messages) - 1, out, err);
    return code == FR_OK ? take_answer(last_message(o), out, err) : code;
}

/* An object, or its field of that name, or that one's "body": where batches keep what was sent and
 * what came. Those that hold `wanted`, counted; the last. */
static const json_t *holder(const json_t *o, const char *name, const char *wanted, int *n) {
    const json_t *candidates[] = {o, field(o, name), field(field(o, name), "body"),
                                  strcmp(name, "request") == 0 ? field(o, "body") : NULL};
    const json_t *found = NULL;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (candidates[i] != NULL && has(candidates[i], wanted)) {
            found = candidates[i];
            ++*n;
        }
    return found;
}

static bool is_exchange(const json_t *o) {
    int n = 0;
    return json_is_array(field(holder(o, "response", "choices", &n), "choices"));
}
static int read_exchange(const json_t *o, struct fr_recorded *out, struct fr_error *err) {
    static const char *const text[] = {"text", NULL};
    int n_requests = 0, n_responses = 0;
    const json_t *response = holder(o, "response", "choices", &n_responses);
    const json_t *said = holder(o, "request", "messages", &n_requests);
    const json_t *raw = holder(o, "request", "prompt", &n_requests);
    const json_t *choices = field(response, "choices"), *choice = json_array_get(choices, 0);
    if (n_requests == 0)
        return fr_fail(err, FR_E_INPUT,
                       "a server's response without what it was asked: no \"messages\" and no "
                       "\"prompt\" beside \"choices\"; join the requests to it (docs/formats.md)");
    if (n_requests > 1 || n_responses > 1 || json_array_size(choices) != 1)
        return fr_fail(err, FR_E_INPUT,
                       "%d requests, %d responses, %zu choices in one; a trace is one of each",
                       n_requests, n_responses, json_array_size(choices));
    int code = take_request(said != NULL ? said : raw, out, err);
    if (code == FR_OK && has(choice, "message"))
        code = take_answer(field(choice, "message"), out, err);
    else if (code == FR_OK)
        code = take_text(choice, text, &out->answer, err);
    take_end(field(choice, "finish_reason"), out);
    return code;
}

static bool is_planbench(const json_t *o) {
    return json_is_string(field(o, "query")) &&
           (json_is_object(field(o, "response_object")) || has(o, "llm_raw_response"));
}
static int read_planbench(const json_t *o, struct fr_recorded *out, struct fr_error *err) {
    static const char *const query[] = {"query", NULL}, *const raw[] = {"llm_raw_response", NULL};
    const json_t *choices = field(field(o, "response_object"), "choices");
    const json_t *choice = json_array_get(choices, 0);
    int code = take_text(o, query, &out->prompt, err);
    if (code == FR_OK && json_array_size(choices) > 1)
        code = fr_fail(err, FR_E_INPUT, "%zu choices; a trace is one", json_array_size(choices));
    if (code == FR_OK)
        code = has(choice, "message") ? take_answer(field(choice, "message"), out, err)
                                      : take_text(o, raw, &out->answer, err);
    take_end(field(choice, "finish_reason"), out);
    return code;
}

static bool is_completion(const json_t *o) {
    return json_is_string(field(o, "content")) &&
           (has(o, "stop_type") || has(o, "tokens_predicted"));
}
static int read_completion(const json_t *o, struct fr_recorded *out, struct fr_error *err) {
    static const char *const content[] = {"content", NULL};
    int code = take_request(o, out, err);
    if (code == FR_OK)
        code = take_text(o, content, &out->answer, err);
    take_end(field(o, "stop_type"), out);
    return code;
}

static bool is_outputs(const json_t *o) { return json_is_array(field(o, "outputs")); }
static int read_outputs(const json_t *o, struct fr_recorded *out, struct fr_error *err) {
    static const char *const text[] = {"text", NULL};
    const json_t *outputs = field(o, "outputs"), *output = json_array_get(outputs, 0);
    if (json_array_size(outputs) != 1)
        return fr_fail(err, FR_E_INPUT, "%zu outputs; a trace is one", json_array_size(outputs));
    int code = take_request(o, out, err);
    if (code == FR_OK)
        code = take_text(output, text, &out->answer, err);
    take_end(field(output, "finish_reason"), out);
    return code;
}

static const struct form {
    const char *name, *needs; /* what tells it, for those whom nothing told */
    bool (*is)(const json_t *object);
    int (*read)(const json_t *object, struct fr_recorded *out, struct fr_error *err);
} forms[] = {
    {"a recorded trace (reasoning, answer)", "prompt with reasoning or answer", is_line, read_line},
    {"a conversation (messages)", "messages", is_conversation, read_conversation},
    {"a server's response (choices)", "choices", is_exchange, read_exchange},
    {"an instance of PlanBench (query)", "query with llm_raw_response", is_planbench,
     read_planbench},
    {"llama-server's completion (content)", "content with stop_type", is_completion,
     read_completion},
    {"vLLM's output (outputs)", "outputs", is_outputs, read_outputs},
};
enum { N_FORMS = sizeof forms / sizeof *forms };

static int find_form(const json_t *object, const struct form **out, struct fr_error *err) {
    struct fr_text fits = {0}, fields = {0}, needs = {0};
    int n = 0;
    for (int i = 0; i < N_FORMS; i++)
        if (forms[i].is(object)) {
            *out = &forms[i];
            fr_text_printf(&fits, "%s%s", n++ > 0 ? ", or " : "", forms[i].name);
        }
    for (int i = 0; i < N_FORMS; i++)
        fr_text_printf(&needs, "%s%s", i > 0 ? "; " : "", forms[i].needs);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) if (fields.len < 160)
        fr_text_printf(&fields, "%s%.40s", fields.len > 0 ? ", " : "", key);
    int code = FR_OK;
    if (n > 1)
        code = fr_fail(err, FR_E_INPUT, "it could be %s; leave out what does not belong",
                       fr_text_get(&fits));
    else if (n == 0)
        code = fr_fail(err, FR_E_INPUT,
                       "in no form that is known: it has the fields %s; missing is one of: %s "
                       "(docs/formats.md)",
                       fields.len > 0 ? fr_text_get(&fields) : "(none)", fr_text_get(&needs));
    fr_text_release(&fits);
    fr_text_release(&fields);
    fr_text_release(&needs);
    return code;
}

/* ---- any form -------------------------------------------------------------------------------- */

/* Behind the tag that opens a reasoning at the answer's beginning, or the answer where the prompt,
 * as the model read it, ended with one; else NULL. */
static const char *find_opened(const struct fr_recorded *r) {
    const char *begin = r->answer + strspn(r->answer, " \t\r\n");
    const struct fr_reasoning_tag *tag = fr_reasoning_begins(begin);
    size_t n = strlen(r->prompt);
    if (tag != NULL)
        return begin + strlen(tag->begin);
    while (n > 0 && strchr(" \t\r\n", r->prompt[n - 1]) != NULL)
        n--;
    for (int i = 0; r->raw_prompt && i < fr_n_reasoning_tags; i++) {
        const char *open = fr_reasoning_tags[i].begin;
        const size_t k = open != NULL ? strlen(open) : n + 1;
        if (k <= n && memcmp(r->prompt + n - k, open, k) == 0)
            return r->answer;
    }
    return NULL;
}

/* "<think> reasoning </think> answer" in the answer's field, where the reasoning has none; a
 * reasoning that does not end has no answer. */
static void split_answer(struct fr_recorded *r) {
    struct fr_text reasoning = {0};
    const char *answer, *opened = find_opened(r);
    const bool ends = fr_answer_split(r->answer, &reasoning, &answer);
    char *rest = NULL;
    if (ends && reasoning.len > 0) {
        r->reasoning_ends = true;
        rest = fr_strdup(answer);
    } else if (opened != NULL && reasoning.len == 0) {
        fr_text_add(&reasoning, opened);
        rest = fr_strdup("");
    }
    if (rest != NULL) {
        put(&r->reasoning, fr_text_get(&reasoning));
        free(r->answer);
        r->answer = rest;
    }
    fr_text_release(&reasoning);
}

int fr_recorded_read(const json_t *object, struct fr_recorded *out, struct fr_error *err) {
    static const char *const puzzle[] = {"puzzle", NULL}, *const naming[] = {"naming", NULL};
    static const char *const instance[] = {"instance_id", "custom_id", "id", NULL};
    const struct form *form = NULL;
    char **const texts[] = {&out->prompt,   &out->reasoning, &out->answer, &out->naming,
                            &out->instance, &out->puzzle,    &out->system};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        put(texts[i], "");
    if (!json_is_object(object))
        return fr_fail(err, FR_E_INPUT, "no JSON object");
    int code = find_form(object, &form, err);
    if (code == FR_OK)
        code = form->read(object, out, err);
    if (code == FR_OK)
        code = take_text(object, puzzle, &out->puzzle, err);
    if (code != FR_OK)
        return code;
    take_id(object, instance, &out->instance);
    take_id(object, naming, &out->naming);
    take_end(field(object, "finish_reason"), out);
    int reasons = -1;
    code = fr_recorded_truth(object, "reasons", &reasons, err);
    if (code == FR_OK)
        code = fr_recorded_truth(object, has(object, "correct") ? "correct" : "llm_correct",
                                 &out->correct, err);
    if (code != FR_OK)
        return code;
    out->no_reasoning = reasons == 0;
    if (is_blank(out->reasoning) && !out->no_reasoning)
        split_answer(out);
    if (is_blank(out->prompt))
        return fr_fail(err, FR_E_INPUT, "no \"prompt\"");
    if (out->no_reasoning != is_blank(out->reasoning))
        return fr_fail(err, FR_E_INPUT,
                       out->no_reasoning ? "\"reasons\" is false, and there is a reasoning"
                                         : "an empty trace: no \"reasoning\"");
    return FR_OK;
}
