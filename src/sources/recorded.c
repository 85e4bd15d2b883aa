/* JSON lines -> recorded traces; see recorded.h. A line at a time, so that memory does not grow
 * with the file. jansson refuses what is no UTF-8, as JSON does. */
#include "sources/recorded.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

enum { LINE_CEILING = 1 << 26 };

void fr_recorded_release(struct fr_recorded *recorded) {
    free(recorded->prompt);
    free(recorded->reasoning);
    free(recorded->answer);
    free(recorded->naming);
    free(recorded->instance);
    free(recorded->puzzle);
    free(recorded->system);
    *recorded = (struct fr_recorded){0};
}

int fr_recorded_open(struct fr_recorded_file *out, const char *path, struct fr_error *err) {
    *out = (struct fr_recorded_file){0};
    const int code = fr_file_open(&out->stream, path, err);
    if (code == FR_OK)
        out->path = fr_strdup(path);
    return code;
}

void fr_recorded_close(struct fr_recorded_file *file) {
    if (file->stream != NULL)
        (void)fclose(file->stream);
    free(file->path);
    free(file->buffer);
    *file = (struct fr_recorded_file){0};
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* The first of the fields that is there, as a text; "" when none is. */
static int take_text(const json_t *object, const char *const *fields, char **out,
                     struct fr_error *err) {
    *out = fr_strdup("");
    for (int i = 0; fields[i] != NULL; i++) {
        const json_t *value = json_object_get(object, fields[i]);
        if (value == NULL || json_is_null(value))
            continue;
        if (!json_is_string(value))
            return fr_fail(err, FR_E_INPUT, "field \"%s\" is no text", fields[i]);
        free(*out);
        *out = fr_strdup(json_string_value(value));
        return FR_OK;
    }
    return FR_OK;
}

/* A number or a text, as a text. */
static char *take_id(const json_t *object, const char *const *fields) {
    struct fr_text out = {0};
    for (int i = 0; fields[i] != NULL && out.len == 0; i++) {
        const json_t *value = json_object_get(object, fields[i]);
        if (json_is_integer(value))
            fr_text_printf(&out, "%lld", (long long)json_integer_value(value));
        else if (json_is_string(value))
            fr_text_add(&out, json_string_value(value));
    }
    return fr_text_take(&out);
}

static bool is_blank(const char *text) { return text[strspn(text, " \t\r\n")] == '\0'; }

/* "<think> reasoning </think> answer" in the answer's field, where the reasoning has none. */
static void split_answer(struct fr_recorded *r) {
    struct fr_text reasoning = {0};
    const char *answer;
    if (fr_answer_split(r->answer, &reasoning, &answer) && reasoning.len > 0) {
        char *rest = fr_strdup(answer);
        free(r->reasoning);
        free(r->answer);
        r->reasoning = fr_text_take(&reasoning);
        r->answer = rest;
    }
    fr_text_release(&reasoning);
}

static int read_object(const json_t *object, struct fr_recorded *out, struct fr_error *err) {
    static const char *const prompt[] = {"prompt", NULL}, *const puzzle[] = {"puzzle", NULL};
    static const char *const reasoning[] = {"reasoning", "reasoning_content", NULL};
    static const char *const answer[] = {"answer", "response", NULL};
    static const char *const instance[] = {"instance_id", "id", NULL}, *const naming[] = {"naming",
                                                                                          NULL};
    static const char *const system[] = {"system", NULL};
    if (!json_is_object(object))
        return fr_fail(err, FR_E_INPUT, "no JSON object");
    int code = take_text(object, prompt, &out->prompt, err);
    if (code == FR_OK)
        code = take_text(object, reasoning, &out->reasoning, err);
    if (code == FR_OK)
        code = take_text(object, answer, &out->answer, err);
    if (code == FR_OK)
        code = take_text(object, puzzle, &out->puzzle, err);
    if (code == FR_OK)
        code = take_text(object, system, &out->system, err);
    if (code != FR_OK)
        return code;
    out->instance = take_id(object, instance);
    out->naming = take_id(object, naming);
    const char *reason = json_string_value(json_object_get(object, "finish_reason"));
    out->cut_short = reason != NULL && strcmp(reason, "length") == 0;
    out->ended = reason != NULL && strcmp(reason, "stop") == 0;
    out->no_reasoning = json_is_false(json_object_get(object, "reasons"));
    const json_t *correct = json_object_get(object, "correct");
    out->correct = json_is_boolean(correct) ? json_boolean_value(correct) : -1;
    if (is_blank(out->reasoning) && !out->no_reasoning)
        split_answer(out);
    if (is_blank(out->prompt))
        return fr_fail(err, FR_E_INPUT, "no \"prompt\"");
    if (out->no_reasoning)
        return is_blank(out->reasoning)
                   ? FR_OK
                   : fr_fail(err, FR_E_INPUT, "\"reasons\" is false, and there is a reasoning");
    if (is_blank(out->reasoning))
        return fr_fail(err, FR_E_INPUT, "an empty trace: no \"reasoning\"");
    return FR_OK;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static int parse_line(const char *line, size_t n, struct fr_recorded *out, struct fr_error *err) {
    json_error_t syntax = {0};
    if (n > LINE_CEILING)
        return fr_fail(err, FR_E_INPUT, "a line of %zu bytes; the limit is %d", n, LINE_CEILING);
    json_t *object = json_loadb(line, n, JSON_DECODE_ANY, &syntax);
    if (object == NULL && strstr(syntax.text, "unable to decode byte") != NULL)
        return fr_fail(err, FR_E_INPUT, "not UTF-8, as JSON must be: %s", syntax.text);
    if (object == NULL)
        return fr_fail(err, FR_E_INPUT, "not JSON: %s", syntax.text);
    const int code = read_object(object, out, err);
    json_decref(object);
    return code;
}

int fr_recorded_next(struct fr_recorded_file *file, struct fr_recorded *out, bool *found,
                     struct fr_error *err) {
    *out = (struct fr_recorded){0};
    *found = false;
    ssize_t n;
    do {
        n = getline(&file->buffer, &file->room, file->stream);
        file->line += n >= 0;
    } while (n >= 0 && strspn(file->buffer, " \t\r\n") == (size_t)n);
    if (n < 0)
        return ferror(file->stream) ? fr_fail(err, FR_E_IO, "%s: cannot be read", file->path)
                                    : FR_OK;
    *found = true;
    const size_t mark = file->line == 1 ? (size_t)(fr_skip_mark(file->buffer) - file->buffer) : 0;
    const int code = parse_line(file->buffer + mark, (size_t)n - mark, out, err);
    out->line = file->line;
    if (code == FR_OK)
        return FR_OK;
    fr_recorded_release(out);
    return fr_fail_in(err, "%s:%ld", file->path, file->line);
}
