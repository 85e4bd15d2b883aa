/* Traces as lines of JSON; see exports.h. A stored prompt is what the model read, its chat template
 * around the message; the message alone is what another model can be given, so the template is
 * taken off, by what it writes around a message that is known. Rejected: rendering the prompt anew
 * from the puzzle, which would be a second source of what was read. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "exports/exports.h"
#include "sources/chat_frame.h"
#include "sources/trace_text.h"

/* UTF-8, or what can be said of it in UTF-8. */
static json_t *text_value(const char *text, size_t n, bool *repaired) {
    json_t *out = memchr(text, '\0', n) == NULL ? json_stringn(text, n) : NULL;
    if (out != NULL)
        return out;
    struct fr_text good = {0};
    char *bytes = fr_strndup(text, n); /* with a NUL behind it, where decoding stops */
    for (size_t i = 0; i < n;) {
        uint32_t point;
        const int k = fr_utf8_decode(bytes + i, &point); /* 0 for a NUL, too */
        if (k > 0)
            fr_text_append(&good, bytes + i, (size_t)k);
        else
            fr_text_add(&good, "\xEF\xBF\xBD");
        i += k > 0 ? (size_t)k : 1;
    }
    free(bytes);
    *repaired = true;
    out = json_stringn(fr_text_get(&good), good.len);
    FR_ASSERT(out != NULL);
    fr_text_release(&good);
    return out;
}

static json_t *message(const char *role, json_t *content) {
    return json_pack("{s:s, s:o}", "role", role, "content", content);
}

struct line {
    int64_t puzzle;
    const char *naming, *pddl, *split, *instance;
};

static int find_message(const struct fr_export *x, const struct fr_chat_frame *frame,
                        const struct fr_trace *trace, const char **out, size_t *n,
                        struct fr_error *err) {
    const size_t length = trace->n_prompt < trace->n_tokens ? (size_t)trace->starts[trace->n_prompt]
                                                            : trace->text_len;
    if (!fr_chat_frame_strip(frame, trace->text, length, out, n))
        return fr_fail(
            err, FR_E_INPUT,
            "%s: puzzle %lld in naming %s was not written in this model's chat template; "
            "is it the study's model?",
            fr_store_dir(x->store), (long long)trace->puzzle, trace->naming);
    return FR_OK;
}

static json_t *render(const struct fr_export *x, const struct fr_model *model,
                      enum fr_trace_form form, const struct line *line,
                      const struct fr_trace *trace, const char *prompt, size_t n_prompt,
                      bool *repaired) {
    struct fr_trace_parts parts;
    json_t *root = json_object();
    fr_trace_part(model, trace, &parts);
    json_t *said = text_value(prompt, n_prompt, repaired);
    json_t *reasoning =
        parts.reasons ? text_value(parts.reasoning, parts.n_reasoning, repaired) : json_null();
    json_t *answer = text_value(parts.answer, parts.n_answer, repaired);
    const bool is_told = *x->config.system != '\0';
    (void)json_object_set_new(root, "instance_id", json_string(line->instance));
    (void)json_object_set_new(root, "naming", json_string(line->naming));
    if (form == FR_TRACE_LINES) {
        (void)json_object_set_new(root, "system",
                                  is_told ? json_string(x->config.system) : json_null());
        (void)json_object_set_new(root, "prompt", said);
        (void)json_object_set_new(root, "reasoning", reasoning);
        (void)json_object_set_new(root, "answer", answer);
    } else {
        json_t *messages = json_array(), *last = message("assistant", answer);
        (void)json_object_set_new(last, "reasoning_content", reasoning);
        if (is_told)
            (void)json_array_append_new(messages, message("system", json_string(x->config.system)));
        (void)json_array_append_new(messages, message("user", said));
        (void)json_array_append_new(messages, last);
        (void)json_object_set_new(root, "messages", messages);
    }
    (void)json_object_set_new(root, "reasons", json_boolean(parts.reasons));
    (void)json_object_set_new(root, "finish_reason",
                              json_string(trace->verdict.kind == FR_VERDICT_TRUNCATED ? "length"
                                                                                      : "stop"));
    (void)json_object_set_new(root, "verdict", json_string(fr_verdict_name[trace->verdict.kind]));
    (void)json_object_set_new(root, "correct",
                              json_boolean(trace->verdict.kind == FR_VERDICT_SOLVED));
    (void)json_object_set_new(root, "split", json_string(line->split));
    (void)json_object_set_new(root, "prompt_tokens", json_integer(trace->n_prompt));
    (void)json_object_set_new(root, "reasoning_tokens", json_integer(trace->n_reasoning));
    (void)json_object_set_new(root, "tokens", json_integer(trace->n_tokens));
    (void)json_object_set_new(root, "puzzle", json_string(line->pddl));
    return root;
}

static int write_line(FILE *stream, const char *path, json_t *take_root, struct fr_error *err) {
    const int failed = json_dumpf(take_root, stream, JSON_COMPACT);
    json_decref(take_root);
    if (failed != 0 || fputc('\n', stream) == EOF)
        return fr_file_fail(err, path, errno);
    return FR_OK;
}

static int write_lines(const struct fr_export *x, const struct fr_model *model,
                       enum fr_trace_form form, const struct fr_chat_frame *frame, FILE *stream,
                       const char *path, long *n, long *n_repaired, struct fr_error *err) {
    struct fr_query *q;
    int code = fr_query_open(
        &q, x->store, err,
        "SELECT t.puzzle, t.naming, p.pddl, p.split,"
        " coalesce(nullif(i.instance, ''), p.split || '-' || (p.position + 1)) FROM trace t"
        " JOIN naming n ON n.id = t.naming JOIN puzzle p ON p.id = t.puzzle"
        " LEFT JOIN imported i ON i.puzzle = p.id ORDER BY n.position, p.split, p.position",
        "");
    if (code != FR_OK)
        return code;
    while (code == FR_OK && fr_query_next(q)) {
        const struct line line = {fr_query_int(q, 0), fr_query_text(q, 1), fr_query_text(q, 2),
                                  fr_query_text(q, 3), fr_query_text(q, 4)};
        struct fr_trace trace = {0};
        const char *prompt = NULL;
        size_t n_prompt = 0;
        bool repaired = false;
        code = fr_store_get_trace(x->store, line.puzzle, line.naming, &trace, err);
        if (code == FR_OK)
            code = find_message(x, frame, &trace, &prompt, &n_prompt, err);
        if (code == FR_OK)
            code =
                write_line(stream, path,
                           render(x, model, form, &line, &trace, prompt, n_prompt, &repaired), err);
        *n += code == FR_OK;
        *n_repaired += repaired;
        fr_trace_release(&trace);
    }
    return fr_query_close_after(q, code, err);
}

int fr_export_traces(const struct fr_export *x, const struct fr_model *model,
                     enum fr_trace_form form, const char *path, long *n, long *n_repaired,
                     struct fr_error *err) {
    struct fr_chat_frame frame;
    FILE *stream;
    *n = *n_repaired = 0;
    int code = fr_chat_frame_find(model, x->config.system, &frame, err);
    if (code == FR_OK)
        code = fr_file_create(&stream, path, err);
    if (code == FR_OK) {
        code = write_lines(x, model, form, &frame, stream, path, n, n_repaired, err);
        if (code == FR_OK)
            code = fr_file_commit(stream, path, err);
        else
            fr_file_discard(stream, path);
    }
    fr_chat_frame_release(&frame);
    return code;
}
