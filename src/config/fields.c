/* Values of a configuration, in and out; see fields.h. Rejected: libcyaml, whose errors name
 * neither the nearest word nor our limits. */
#include "config/fields.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int fr_yaml_line(const yaml_node_t *node) { return (int)node->start_mark.line + 1; }

const char *fr_yaml_scalar(const yaml_node_t *node) {
    const char *value = (const char *)node->data.scalar.value;
    return node->type == YAML_SCALAR_NODE && strlen(value) == node->data.scalar.length ? value
                                                                                       : NULL;
}

void fr_field_name(const struct fr_field *field, struct fr_text *out) {
    fr_text_printf(out, "%s%s%s", field->section, *field->section ? "." : "", field->name);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static int fail(const struct fr_field_reader *r, const struct fr_field *field, int line,
                const char *what) {
    struct fr_text name = {0};
    fr_field_name(field, &name);
    const int code = fr_fail(r->err, FR_E_INPUT, "%s:%d: %s%s: %s; %s", r->path, line, r->prefix,
                             fr_text_get(&name), what, field->help);
    fr_text_release(&name);
    return code;
}

static int fail_value(const struct fr_field_reader *r, const struct fr_field *field, int line,
                      const char *value, const char *expected) {
    char what[400];
    (void)snprintf(what, sizeof what, "\"%.80s\" is not %s", value, expected);
    return fail(r, field, line, what);
}

static int fail_range(const struct fr_field_reader *r, const struct fr_field *field, int line,
                      const char *value) {
    char what[160];
    (void)snprintf(what, sizeof what, "%.80s is out of range %.10g..%.10g", value, field->low,
                   field->high);
    return fail(r, field, line, what);
}

/* A scalar that is no text: "a\0b". */
static int fail_nul(const struct fr_field_reader *r, const struct fr_field *field, int line) {
    return fail(r, field, line, "a text with a NUL in it");
}

/* ---- one value ------------------------------------------------------------------------------- */

static int read_choice(const struct fr_field_reader *r, const struct fr_field *field, int line,
                       const char *value, int *out) {
    for (int i = 0; i < field->n_choices; i++)
        if (strcmp(field->choices[i], value) == 0) {
            *out = i;
            return FR_OK;
        }
    const char *near = fr_nearest(value, field->choices, field->n_choices);
    struct fr_text list = {0};
    fr_text_add(&list, "one of");
    for (int i = 0; i < field->n_choices; i++)
        fr_text_printf(&list, " %s", field->choices[i]);
    if (near != NULL)
        fr_text_printf(&list, "; the nearest is \"%s\"", near);
    const int code = fail_value(r, field, line, value, fr_text_get(&list));
    fr_text_release(&list);
    return code;
}

static int read_int(const struct fr_field_reader *r, const struct fr_field *field, int line,
                    const char *value, int *out) {
    char *end;
    errno = 0;
    const long x = strtol(value, &end, 10);
    if (end == value || *end != '\0')
        return fail_value(r, field, line, value, "a whole number");
    if (errno != 0 || (double)x < field->low || (double)x > field->high)
        return fail_range(r, field, line, value);
    *out = (int)x;
    return FR_OK;
}

static int read_double(const struct fr_field_reader *r, const struct fr_field *field, int line,
                       const char *value, double *out) {
    char *end;
    const double x = strtod(value, &end);
    if (end == value || *end != '\0' || x != x)
        return fail_value(r, field, line, value, "a number");
    if (x < field->low || x > field->high)
        return fail_range(r, field, line, value);
    *out = x;
    return FR_OK;
}

static int read_bool(const struct fr_field_reader *r, const struct fr_field *field, int line,
                     const char *value, bool *out) {
    *out = strcmp(value, "true") == 0;
    return *out || strcmp(value, "false") == 0 ? FR_OK
                                               : fail_value(r, field, line, value, "true or false");
}

/* "5" or "1-20", both inclusive. */
static int read_layers(const struct fr_field_reader *r, const struct fr_field *field, int line,
                       const char *value, struct fr_range *out) {
    int first, last, code;
    const char *dash = strchr(value + (*value == '-'), '-');
    if (dash == NULL) {
        code = read_int(r, field, line, value, &first);
        last = first;
    } else {
        char *text = fr_strndup(value, (size_t)(dash - value));
        code = read_int(r, field, line, text, &first);
        free(text);
        if (code == FR_OK)
            code = read_int(r, field, line, dash + 1, &last);
    }
    if (code != FR_OK)
        return code;
    if (last < first)
        return fail_value(r, field, line, value, "a range of layers; write 1-20");
    *out = (struct fr_range){first, last + 1};
    return FR_OK;
}

static int read_window(const struct fr_field_reader *r, const struct fr_field *field,
                       const yaml_node_t *node, struct fr_range *out) {
    int ends[2], n = 0;
    const int line = fr_yaml_line(node);
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top;
         i++) {
        const char *value = fr_yaml_scalar(yaml_document_get_node(r->document, *i));
        if (value == NULL || n == 2)
            return fail(r, field, line, "a window is two numbers, [start, end)");
        const int code = read_int(r, field, line, value, &ends[n++]);
        if (code != FR_OK)
            return code;
    }
    if (n != 2)
        return fail(r, field, line, "a window is two numbers, [start, end)");
    if (ends[1] <= ends[0]) {
        char what[80];
        (void)snprintf(what, sizeof what, "the end, %d, must be above the start, %d", ends[1],
                       ends[0]);
        return fail(r, field, line, what);
    }
    *out = (struct fr_range){ends[0], ends[1]};
    return FR_OK;
}

static int read_scalar(const struct fr_field_reader *r, const struct fr_field *field, int line,
                       const char *value, void *at) {
    switch (field->type) {
    case FR_FIELD_TEXT:
        if (*value == '\0' && (field->fallback == NULL || strcmp(field->fallback, "\"\"") != 0))
            return fail_value(r, field, line, value, "a text");
        free(*(char **)at);
        *(char **)at = fr_strdup(value);
        return FR_OK;
    case FR_FIELD_INT:
        return read_int(r, field, line, value, at);
    case FR_FIELD_DOUBLE:
        return read_double(r, field, line, value, at);
    case FR_FIELD_BOOL:
        return read_bool(r, field, line, value, at);
    case FR_FIELD_CHOICE:
        return read_choice(r, field, line, value, at);
    default:
        return fail_value(r, field, line, value, "a list; write [a, b]");
    }
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int *count_at(const struct fr_field *field, void *base) {
    return (int *)(void *)((char *)base + field->count);
}

static size_t item_size(enum fr_field_type type) {
    switch (type) {
    case FR_FIELD_DOUBLES:
        return sizeof(double);
    case FR_FIELD_BOOLS:
        return sizeof(bool);
    case FR_FIELD_TEXTS:
        return sizeof(char *);
    case FR_FIELD_LAYERS:
    case FR_FIELD_WINDOWS:
        return sizeof(struct fr_range);
    default:
        return sizeof(int);
    }
}

static bool is_list(enum fr_field_type type) { return type >= FR_FIELD_INTS; }

void fr_field_clear(const struct fr_field *field, void *base) {
    char *at = (char *)base + field->offset;
    if (field->type == FR_FIELD_TEXT) {
        free(*(char **)(void *)at);
        *(char **)(void *)at = NULL;
    } else if (is_list(field->type)) {
        int *n = count_at(field, base);
        for (int i = 0; field->type == FR_FIELD_TEXTS && i < *n; i++)
            free(((char **)(void *)at)[i]);
        *n = 0;
    }
}

static bool same_item(const struct fr_field *field, const void *a, const void *b) {
    if (field->type == FR_FIELD_TEXTS)
        return strcmp(*(char *const *)a, *(char *const *)b) == 0;
    return memcmp(a, b, item_size(field->type)) == 0;
}

static int append(const struct fr_field_reader *r, const struct fr_field *field,
                  const yaml_node_t *node, void *base) {
    const int line = fr_yaml_line(node);
    const char *value = fr_yaml_scalar(node);
    int *n = count_at(field, base), choice, code;
    const size_t size = item_size(field->type);
    char *items = (char *)base + field->offset, *at = items + (size_t)*n * size;
    if (value == NULL && node->type == YAML_SCALAR_NODE)
        return fail_nul(r, field, line);
    if (value == NULL && field->type != FR_FIELD_WINDOWS)
        return fail_value(r, field, line, "...", "a plain item");
    if (*n == field->capacity) {
        char limit[64];
        (void)snprintf(limit, sizeof limit, "within the list's limit of %d items", field->capacity);
        return fail_value(r, field, line, value != NULL ? value : "[...]", limit);
    }
    memset(at, 0, size);
    switch (field->type) {
    case FR_FIELD_INTS:
        code = read_int(r, field, line, value, (int *)(void *)at);
        break;
    case FR_FIELD_DOUBLES:
        code = read_double(r, field, line, value, (double *)(void *)at);
        break;
    case FR_FIELD_BOOLS:
        code = read_bool(r, field, line, value, (bool *)at);
        break;
    case FR_FIELD_CHOICES:
        code = read_choice(r, field, line, value, (int *)(void *)at);
        break;
    case FR_FIELD_LAYERS:
        code = read_layers(r, field, line, value, (struct fr_range *)(void *)at);
        break;
    case FR_FIELD_WINDOWS:
        if (node->type != YAML_SEQUENCE_NODE)
            return fail(r, field, line, "a window is two numbers, [start, end)");
        code = read_window(r, field, node, (struct fr_range *)(void *)at);
        break;
    default:
        code = field->n_choices > 0 ? read_choice(r, field, line, value, &choice) : FR_OK;
        *(char **)(void *)at = code == FR_OK ? fr_strdup(value) : NULL;
        break;
    }
    for (int i = 0; code == FR_OK && field->list != FR_LIST_REPEATS && i < *n; i++)
        if (same_item(field, items + (size_t)i * size, at)) {
            if (field->type == FR_FIELD_TEXTS)
                free(*(char **)(void *)at);
            return fail_value(r, field, line, value != NULL ? value : "[...]",
                              "new: the list has it twice");
        }
    *n += code == FR_OK;
    return code;
}

/* A pair of numbers is one window, a list of lists is several. */
static bool is_one_item(const struct fr_field_reader *r, const struct fr_field *field,
                        const yaml_node_t *node) {
    if (node->type == YAML_SCALAR_NODE)
        return true;
    if (field->type != FR_FIELD_WINDOWS)
        return false;
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top;
         i++)
        if (yaml_document_get_node(r->document, *i)->type != YAML_SCALAR_NODE)
            return false;
    return node->data.sequence.items.top > node->data.sequence.items.start;
}

int fr_field_read(const struct fr_field_reader *r, const struct fr_field *field,
                  const yaml_node_t *node, void *base) {
    const int line = fr_yaml_line(node);
    const bool list = is_list(field->type);
    if (node->type == YAML_MAPPING_NODE || (node->type == YAML_SEQUENCE_NODE && !list))
        return fail_value(r, field, line, node->type == YAML_MAPPING_NODE ? "{...}" : "[...]",
                          "what this key takes");
    if (node->type == YAML_SCALAR_NODE && fr_yaml_scalar(node) == NULL)
        return fail_nul(r, field, line);
    if (!list || (node->type == YAML_SCALAR_NODE && field->list != FR_LIST_SWEEP))
        return read_scalar(r, field, line, fr_yaml_scalar(node), (char *)base + field->offset);
    fr_field_clear(field, base);
    if (field->list == FR_LIST_SWEEP && is_one_item(r, field, node))
        return append(r, field, node, base);
    int code = FR_OK;
    for (yaml_node_item_t *i = node->data.sequence.items.start;
         code == FR_OK && i < node->data.sequence.items.top; i++)
        code = append(r, field, yaml_document_get_node(r->document, *i), base);
    if (code == FR_OK && field->list == FR_LIST_SWEEP && *count_at(field, base) == 0)
        code = fail(r, field, line, "an empty list sweeps nothing; give one value or more");
    return code;
}

/* ---- out ------------------------------------------------------------------------------------- */

static void render_item(const struct fr_field *field, const char *base, int i,
                        struct fr_text *out) {
    const void *at = base + field->offset + (size_t)i * item_size(field->type);
    switch (field->type) {
    case FR_FIELD_INTS:
        fr_text_printf(out, "%d", *(const int *)at);
        break;
    case FR_FIELD_DOUBLES:
        fr_text_printf(out, "%.17g", *(const double *)at);
        break;
    case FR_FIELD_BOOLS:
        fr_text_add(out, *(const bool *)at ? "true" : "false");
        break;
    case FR_FIELD_CHOICES:
        fr_text_add(out, field->choices[*(const int *)at]);
        break;
    case FR_FIELD_LAYERS: {
        const struct fr_range *layers = at;
        fr_text_printf(out, "%d", layers->first);
        if (layers->end - layers->first > 1)
            fr_text_printf(out, "-%d", layers->end - 1);
        break;
    }
    case FR_FIELD_WINDOWS:
        fr_text_printf(out, "[%d, %d]", ((const struct fr_range *)at)->first,
                       ((const struct fr_range *)at)->end);
        break;
    default:
        fr_text_add(out, *(char *const *)at);
        break;
    }
}

void fr_field_render(const struct fr_field *field, const void *base, struct fr_text *out) {
    const void *at = (const char *)base + field->offset;
    switch (field->type) {
    case FR_FIELD_TEXT:
        fr_text_add(out, *(char *const *)at);
        return;
    case FR_FIELD_INT:
        fr_text_printf(out, "%d", *(const int *)at);
        return;
    case FR_FIELD_DOUBLE:
        fr_text_printf(out, "%.17g", *(const double *)at);
        return;
    case FR_FIELD_BOOL:
        fr_text_add(out, *(const bool *)at ? "true" : "false");
        return;
    case FR_FIELD_CHOICE:
        fr_text_add(out, field->choices[*(const int *)at]);
        return;
    default:
        break;
    }
    const int n = *(const int *)(const void *)((const char *)base + field->count);
    fr_text_add(out, "[");
    for (int i = 0; i < n; i++) {
        fr_text_add(out, i > 0 ? ", " : "");
        render_item(field, base, i, out);
    }
    fr_text_add(out, "]");
}
