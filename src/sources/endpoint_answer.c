/* A server's answer: one JSON document, or server-sent events of such (lines "data: {...}" up to
 * "data: [DONE]"), of completions or of chat. Read as it comes, so that an answer without an end
 * is left at its limit. Everything in it is from outside: types are looked at before they are
 * believed. */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sources/endpoint.h"

void fr_answer_release(struct fr_answer *a) {
    fr_text_release(&a->text);
    fr_text_release(&a->reasoning);
    free(a->ids);
    *a = (struct fr_answer){0};
}

void fr_answer_reader_release(struct fr_answer_reader *r) {
    fr_answer_release(&r->answer);
    fr_text_release(&r->pending);
}

static const char beyond[] = "goes on beyond the tokens that were asked for";
static const char cut[] = "cut before its end";
static const char several[] =
    "several choices, where one is a trace; ask for one: endpoint.extra has no \"n\" but 1";

static bool fail(struct fr_answer_reader *r, const char *fault) {
    if (!r->broken)
        (void)snprintf(r->fault, sizeof r->fault, "%s", fault);
    r->broken = true;
    return false;
}

/* A text of the object into out; what is not there, or null, leaves it. */
static void copy_text(const json_t *object, const char *name, char *out, size_t n) {
    const char *text = json_string_value(json_object_get(object, name));
    if (text != NULL)
        (void)snprintf(out, n, "%s", text);
}

static bool add_text(const json_t *object, const char *name, struct fr_text *out) {
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL || *text == '\0')
        return false;
    fr_text_add(out, text);
    return true;
}

static void add_id(struct fr_answer_reader *r, const json_t *value) {
    struct fr_answer *a = &r->answer;
    const json_int_t id = json_integer_value(value);
    if (!json_is_integer(value) || id < 0 || id > INT32_MAX) {
        a->ids_missing = true;
        return;
    }
    if (a->n_ids >= r->max_ids) {
        (void)fail(r, beyond);
        return;
    }
    FR_RESERVE(a->ids, a->n_ids, a->capacity);
    a->ids[a->n_ids++] = (int32_t)id;
}

/* Token ids of a piece of text: a list beside it, or with its logarithms of probabilities. */
static void read_ids(struct fr_answer_reader *r, const json_t *choice, bool has_text) {
    const json_t *ids = json_object_get(choice, "token_ids");
    const json_t *content = json_object_get(json_object_get(choice, "logprobs"), "content");
    if (json_is_array(ids)) {
        for (size_t i = 0; i < json_array_size(ids) && !r->broken; i++)
            add_id(r, json_array_get(ids, i));
    } else if (json_is_array(content)) {
        for (size_t i = 0; i < json_array_size(content) && !r->broken; i++)
            add_id(r, json_object_get(json_array_get(content, i), "id"));
    } else {
        r->answer.ids_missing |= has_text;
    }
}

static void read_choice(struct fr_answer_reader *r, const json_t *choice) {
    struct fr_answer *a = &r->answer;
    const json_t *said = json_object_get(choice, "delta"); /* chat, a piece */
    if (!json_is_object(said))
        said = json_object_get(choice, "message"); /* chat, whole */
    bool has_text = json_is_object(said) ? add_text(said, "content", &a->text)
                                         : add_text(choice, "text", &a->text);
    if (json_is_object(said) && (add_text(said, "reasoning_content", &a->reasoning) ||
                                 add_text(said, "reasoning", &a->reasoning)))
        has_text = true;
    read_ids(r, choice, has_text);
    copy_text(choice, "finish_reason", a->finish, sizeof a->finish);
    a->n_chunks += has_text;
}

/* A number of tokens; what is not there, or no whole number, leaves it. false: no number of tokens
 * can be that. */
static bool read_count(struct fr_answer_reader *r, const json_t *usage, const char *name,
                       long long *out) {
    const json_t *value = json_object_get(usage, name);
    const json_int_t n = json_integer_value(value);
    char what[120];
    if (!json_is_integer(value))
        return true;
    if (n >= 0 && n < INT32_MAX) {
        *out = n;
        return true;
    }
    (void)snprintf(what, sizeof what, "JSON, but its usage.%s is %lld", name, (long long)n);
    return *r->answer.error != '\0' || fail(r, what);
}

/* Is the fault in the last character of what came? Then more was to come. */
static bool is_cut(const json_error_t *syntax, size_t n) {
    enum { CHARACTER = 4 };
    return json_error_code(syntax) == json_error_premature_end_of_input ||
           (syntax->position >= 0 && (size_t)syntax->position + CHARACTER > n);
}

/* What a document that is no answer says for itself: vLLM's older errors, FastAPI's. */
static void read_said(struct fr_answer_reader *r, const json_t *root) {
    const json_t *detail = json_object_get(root, "detail");
    char *text =
        detail != NULL && !json_is_string(detail) ? json_dumps(detail, JSON_COMPACT) : NULL;
    copy_text(root, "message", r->said, sizeof r->said);
    copy_text(root, "detail", r->said, sizeof r->said);
    if (text != NULL)
        (void)snprintf(r->said, sizeof r->said, "%s", text);
    free(text);
}

static bool read_document(struct fr_answer_reader *r, const char *bytes, size_t n) {
    struct fr_answer *a = &r->answer;
    json_error_t syntax;
    json_t *root = json_loadb(bytes, n, 0, &syntax);
    if (root == NULL) {
        char what[120];
        if (r->ended && is_cut(&syntax, n))
            return fail(r, cut);
        (void)snprintf(what, sizeof what, "not JSON: %.80s", syntax.text);
        return fail(r, what);
    }
    const json_t *error = json_object_get(root, "error");
    const json_t *choices = json_object_get(root, "choices");
    const json_t *usage = json_object_get(root, "usage");
    const bool known =
        json_is_array(choices) || json_is_object(usage) || (error != NULL && !json_is_null(error));
    if (json_is_string(error))
        copy_text(root, "error", a->error, sizeof a->error);
    else if (json_is_object(error))
        copy_text(error, "message", a->error, sizeof a->error);
    if (error != NULL && !json_is_null(error) && *a->error == '\0')
        (void)snprintf(a->error, sizeof a->error, "an error that it does not explain");
    copy_text(root, "model", a->model, sizeof a->model);
    copy_text(root, "system_fingerprint", a->fingerprint, sizeof a->fingerprint);
    copy_text(root, "id", a->id, sizeof a->id);
    const json_t *choice = json_array_get(choices, 0);
    if (json_array_size(choices) > 1 || json_integer_value(json_object_get(choice, "index")) != 0)
        (void)fail(r, several);
    else if (choice != NULL)
        read_choice(r, choice);
    const bool counted = read_count(r, usage, "prompt_tokens", &a->prompt_tokens) &&
                         read_count(r, usage, "completion_tokens", &a->completion_tokens);
    if (!known)
        read_said(r, root);
    json_decref(root);
    if (!counted || r->broken)
        return false;
    return known || fail(r, "JSON, but no \"choices\" in it");
}

static bool begins_a_field(const char *line, size_t n) {
    static const char *const fields[] = {"data:", "event:", "error:", "id:", "retry:"};
    bool begins = false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        begins |= n < strlen(fields[i]) && memcmp(line, fields[i], n) == 0;
    return begins;
}

static bool read_line(struct fr_answer_reader *r, const char *line, size_t n) {
    static const char data[] = "data:", error[] = "error:", end[] = "[DONE]";
    while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == ' '))
        n--;
    if (n == 0 || *line == ':' || r->done) /* a blank line, a comment */
        return true;
    size_t skip = 0;
    if (n >= sizeof data - 1 && memcmp(line, data, sizeof data - 1) == 0)
        skip = sizeof data - 1;
    else if (n >= sizeof error - 1 && memcmp(line, error, sizeof error - 1) == 0)
        skip = sizeof error - 1;
    else if (r->ended && begins_a_field(line, n))
        return fail(r, cut);
    else if (memchr(line, ':', n) != NULL && line[0] >= 'a' && line[0] <= 'z')
        return true; /* other fields of an event */
    else
        return fail(r, "neither JSON nor a stream of events");
    while (skip < n && line[skip] == ' ')
        skip++;
    if (n - skip == sizeof end - 1 && memcmp(line + skip, end, sizeof end - 1) == 0) {
        r->done = true;
        return true;
    }
    return read_document(r, line + skip, n - skip);
}

bool fr_answer_add(struct fr_answer_reader *r, const char *bytes, size_t n, size_t max_text) {
    if (!r->started) {
        r->answer.prompt_tokens = r->answer.completion_tokens = -1;
        const size_t most = max_text / FR_ANSWER_TOKEN_BYTES;
        r->max_ids = most < INT_MAX ? (int)most : INT_MAX;
        while (n > 0 && strchr(" \t\r\n", *bytes) != NULL)
            bytes++, n--;
        if (n == 0)
            return true;
        r->started = true;
        r->is_document = *bytes == '{' || *bytes == '[';
    }
    const size_t limit = r->is_document ? 4 * max_text + FR_ANSWER_LINE : FR_ANSWER_LINE;
    while (!r->broken && n > 0) {
        const char *feed = r->is_document ? NULL : memchr(bytes, '\n', n);
        const size_t piece = feed != NULL ? (size_t)(feed - bytes) : n;
        if (r->pending.len + piece > limit)
            return fail(r, "longer than an answer can be");
        fr_text_append(&r->pending, bytes, piece);
        bytes += piece;
        n -= piece;
        if (feed == NULL)
            break;
        bytes++, n--;
        (void)read_line(r, fr_text_get(&r->pending), r->pending.len);
        fr_text_clear(&r->pending);
        if (r->answer.text.len + r->answer.reasoning.len > max_text)
            return fail(r, beyond);
    }
    return !r->broken;
}

bool fr_answer_end(struct fr_answer_reader *r) {
    const struct fr_answer *a = &r->answer;
    r->ended = true;
    if (!r->broken && r->is_document)
        (void)read_document(r, fr_text_get(&r->pending), r->pending.len);
    else if (!r->broken && r->pending.len > 0)
        (void)read_line(r, fr_text_get(&r->pending), r->pending.len);
    /* a text may end without a word why, but end it must */
    const bool ends = *a->finish != '\0' || (a->n_chunks > 0 && (r->done || r->is_document));
    if (!r->broken && *a->error == '\0' && !ends)
        return fail(r, r->started ? cut : "empty");
    return !r->broken;
}
