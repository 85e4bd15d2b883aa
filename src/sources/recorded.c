/* JSON -> recorded traces; see recorded.h. Lines are read one at a time, so that memory does not
 * grow with the file; one document is read whole. jansson refuses what is no UTF-8, as JSON does.
 */
#include "sources/recorded.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "sources/recorded_form.h"

enum { LINE_CEILING = 1 << 26, DOCUMENT_CEILING = 1 << 29 };

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
    json_decref(file->document);
    *file = (struct fr_recorded_file){0};
}

/* ---- lines ----------------------------------------------------------------------------------- */

static int parse_line(const char *line, size_t n, struct fr_recorded *out, struct fr_error *err) {
    json_error_t syntax = {0};
    json_t *object;
    if (n > LINE_CEILING)
        return fr_fail(err, FR_E_INPUT, "a line of %zu bytes; the limit is %d", n, LINE_CEILING);
    int code = fr_recorded_parse(line, n, &object, &syntax, err);
    if (code == FR_OK)
        code = fr_recorded_read(object, out, err);
    json_decref(object);
    return code;
}

/* The next line that is not blank, into the buffer; its bytes, without the mark that the file may
 * begin with. -1: there is none. */
static ssize_t next_line(struct fr_recorded_file *file, const char **line) {
    ssize_t n;
    do {
        n = getline(&file->buffer, &file->room, file->stream);
        file->line += n >= 0;
    } while (n >= 0 && strspn(file->buffer, " \t\r\n") == (size_t)n);
    if (n < 0)
        return n;
    *line = file->line == 1 ? fr_skip_mark(file->buffer) : file->buffer;
    return n - (*line - file->buffer);
}

/* ---- one document ---------------------------------------------------------------------------- */

/* A list of traces, or an object with one, as PlanBench publishes. */
static json_t *items_of(json_t *document) {
    json_t *instances = json_object_get(document, "instances");
    return json_is_array(document) ? document : json_is_array(instances) ? instances : NULL;
}

static int read_rest(struct fr_recorded_file *file, struct fr_text *out, struct fr_error *err) {
    ssize_t n;
    while ((n = getline(&file->buffer, &file->room, file->stream)) >= 0) {
        file->line++;
        if (out->len + (size_t)n > DOCUMENT_CEILING)
            return fr_fail(err, FR_E_LIMIT, "%s: one document of more than %d bytes; write lines",
                           file->path, DOCUMENT_CEILING);
        fr_text_append(out, file->buffer, (size_t)n);
    }
    return FR_OK;
}

/* Lines, or one document? A first line that is a JSON value of its own is a line, unless it is such
 * a list; one that only begins a value begins a document. Leaves file->document NULL for lines. */
static int look_at_first(struct fr_recorded_file *file, const char *line, size_t n,
                         struct fr_error *err) {
    json_error_t syntax = {0};
    struct fr_error ignored;
    json_t *value;
    struct fr_text all = {0};
    if (n > LINE_CEILING)
        return FR_OK;
    const bool whole = fr_recorded_parse(line, n, &value, &syntax, &ignored) == FR_OK;
    const bool begins = whole ? items_of(value) != NULL && json_array_size(items_of(value)) > 0 &&
                                    json_is_object(json_array_get(items_of(value), 0))
                              : json_error_code(&syntax) == json_error_premature_end_of_input;
    json_decref(value);
    if (!begins)
        return FR_OK;
    const long first = file->line;
    fr_text_append(&all, line, n);
    int code = read_rest(file, &all, err);
    if (code == FR_OK &&
        fr_recorded_parse(fr_text_get(&all), all.len, &file->document, &syntax, err) != FR_OK)
        code = fr_fail_in(err, "%s:%ld: neither a trace in each line nor one document", file->path,
                          first + syntax.line - 1);
    else if (code == FR_OK && items_of(file->document) == NULL)
        code = fr_fail(err, FR_E_INPUT,
                       "%s:%ld: one document, but no list of traces, nor one in \"instances\"",
                       file->path, first);
    fr_text_release(&all);
    if (code != FR_OK) {
        json_decref(file->document);
        file->document = NULL;
    }
    return code;
}

static int next_item(struct fr_recorded_file *file, struct fr_recorded *out, bool *found,
                     struct fr_error *err) {
    json_t *items = items_of(file->document);
    *found = file->item < json_array_size(items);
    if (!*found)
        return FR_OK;
    const int code = fr_recorded_read(json_array_get(items, file->item++), out, err);
    out->line = file->line = (long)file->item;
    if (code == FR_OK)
        return FR_OK;
    fr_recorded_release(out);
    return fr_fail_in(err, "%s:%ld", file->path, file->line);
}

int fr_recorded_next(struct fr_recorded_file *file, struct fr_recorded *out, bool *found,
                     struct fr_error *err) {
    const char *line;
    *out = (struct fr_recorded){0};
    *found = false;
    if (file->document != NULL)
        return next_item(file, out, found, err);
    const ssize_t n = next_line(file, &line);
    if (n < 0)
        return ferror(file->stream) ? fr_fail(err, FR_E_IO, "%s: cannot be read", file->path)
                                    : FR_OK;
    if (!file->looked) {
        file->looked = true;
        const int code = look_at_first(file, line, (size_t)n, err);
        if (code != FR_OK || file->document != NULL)
            return code != FR_OK ? code : next_item(file, out, found, err);
    }
    *found = true;
    const int code = parse_line(line, (size_t)n, out, err);
    out->line = file->line;
    if (code == FR_OK)
        return FR_OK;
    fr_recorded_release(out);
    return fr_fail_in(err, "%s:%ld", file->path, file->line);
}
