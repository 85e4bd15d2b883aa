/* Figures: from a row of figures.c to a Vega-Lite file and its place on the page. Source:
 * architecture.md (Vega-Lite: specs with their data). Rejected: drawing SVG ourselves, which would
 * need axes, legends and interaction of our own. */
#include "report/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "report/terms.h"

static const char schema[] = "https://vega.github.io/schema/vega-lite/v6.json";

/* What all figures share; report.js replaces colours in the dark scheme. */
static const char config[] =
    "{'background': null, 'font': 'system-ui, sans-serif', 'padding': 4,"
    " 'view': {'stroke': null},"
    " 'axis': {'labelColor': '#444444', 'titleColor': '#333333', 'gridColor': '#e3e3e3',"
    "   'domainColor': '#888888', 'tickColor': '#888888', 'labelFontSize': 11, 'titleFontSize': 12,"
    "   'titleFontWeight': 'normal', 'titlePadding': 8},"
    " 'axisX': {'labelAngle': 0, 'labelOverlap': true},"
    " 'legend': {'labelColor': '#444444', 'titleColor': '#333333', 'labelFontSize': 12,"
    "   'titleFontSize': 12, 'titleFontWeight': 'normal', 'orient': 'top', 'title': null,"
    "   'labelLimit': 260, 'symbolSize': 90, 'symbolOpacity': 1, 'columnPadding': 14},"
    " 'text': {'fill': '#333333', 'fontSize': 11}}";

/* A literal of this room: a fault in it is ours. */
static json_t *parse_literal(const char *literal) {
    char *text = fr_strdup(literal);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c == '`' ? '\'' : *c;
    json_error_t error;
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL)
        fr_bug("figure specification", error.position, error.text);
    free(text);
    return value;
}

static const char *const palette[][2] = {
    {"blue", FR_BLUE},     {"vermilion", FR_VERMILION}, {"green", FR_GREEN},
    {"orange", FR_ORANGE}, {"purple", FR_PURPLE},       {"sky", FR_SKY},
    {"yellow", FR_YELLOW}, {"black", FR_BLACK},         {"grey", FR_GREY},
};

/* A copy of spec in which every string "$name" has become the value of that name. */
static json_t *fill_in(const json_t *spec, const json_t *values) {
    if (json_is_string(spec) && json_string_value(spec)[0] == '$') {
        const json_t *value = json_object_get(values, json_string_value(spec) + 1);
        FR_ASSERT(value != NULL);
        return json_deep_copy(value);
    }
    if (json_is_array(spec)) {
        json_t *out = json_array(), *item;
        size_t i;
        json_array_foreach(spec, i, item) {
            FR_ASSERT(json_array_append_new(out, fill_in(item, values)) == 0);
        }
        return out;
    }
    if (!json_is_object(spec))
        return json_deep_copy(spec);
    json_t *out = json_object(), *value;
    const char *key;
    json_object_foreach((json_t *)(uintptr_t)spec, key, value) {
        FR_ASSERT(json_object_set_new(out, key, fill_in(value, values)) == 0);
    }
    return out;
}

/* ---- data --------------------------------------------------------------------------------------
 */

static json_t *read_column(struct fr_page *page, struct fr_query *query, int c, char type) {
    if (fr_query_is_null(query, c))
        return json_null();
    const double x = type == 'd' ? fr_query_double(query, c) : 0;
    switch (type) {
    case 'i':
        return json_integer((json_int_t)fr_query_int(query, c));
    case 'd':
        return isfinite(x) ? json_real(x) : json_null();
    case 'b':
        return json_boolean(fr_query_int(query, c) != 0);
    case 't':
        return json_string(fr_page_repair(page, fr_query_text(query, c)));
    default:
        break;
    }
    FR_ASSERT(!"a type letter of a dataset");
    return NULL;
}

static json_t *read_rows(struct fr_page *page, const struct fr_dataset *dataset) {
    json_t *rows = json_array();
    struct fr_query *query = NULL;
    if (page->code != 0)
        return rows;
    page->code = fr_query_open(&query, page->store, page->err, dataset->sql, "");
    if (page->code != 0)
        return rows;
    FR_ASSERT(fr_query_n_columns(query) == (int)strlen(dataset->types));
    while (fr_query_next(query)) {
        json_t *row = json_object();
        for (int c = 0; dataset->types[c] != '\0'; c++)
            FR_ASSERT(json_object_set_new(row, fr_query_column(query, c),
                                          read_column(page, query, c, dataset->types[c])) == 0);
        FR_ASSERT(json_array_append_new(rows, row) == 0);
    }
    page->code = fr_query_close(query, page->err);
    return rows;
}

double fr_figure_extent(const json_t *rows, const char *column, double floor) {
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const json_t *value = json_object_get(row, column);
        if (json_is_number(value))
            floor = fmax(floor, fabs(json_number_value(value)));
    }
    return floor;
}

static bool holds(const json_t *array, const json_t *value) {
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item) if (json_equal(item, value)) return true;
    return false;
}

json_t *fr_figure_height(const json_t *rows, const char *column) {
    json_t *values = json_array(), *row;
    size_t i, n;
    json_array_foreach(rows, i, row) if (!holds(values, json_object_get(row, column)))
        FR_ASSERT(json_array_append(values, json_object_get(row, column)) == 0);
    n = json_array_size(values);
    json_decref(values);
    return json_integer(n <= 16   ? 26 * (json_int_t)n
                        : n <= 40 ? 17 * (json_int_t)n
                                  : 11 * (json_int_t)n);
}

/* The values of a column in order of appearance, without nulls. */
static json_t *distinct(const json_t *rows, const char *column) {
    json_t *out = json_array(), *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        json_t *value = json_object_get(row, column);
        if (!json_is_null(value) && !holds(out, value))
            FR_ASSERT(json_array_append(out, value) == 0);
    }
    return out;
}

/* values.labels, values.colours, values.shapes: one of each per label, in order of appearance. */
static void fill_labels(const struct fr_figure *figure, const json_t *rows, json_t *values) {
    json_t *labels = json_array(), *colours = json_array(), *shapes = json_array(), *row;
    size_t i;
    json_array_foreach(rows, i, row) {
        json_t *label = json_object_get(row, figure->label_column);
        if (holds(labels, label))
            continue;
        FR_ASSERT(json_array_append(labels, label) == 0);
        if (figure->colour_column != NULL)
            FR_ASSERT(json_array_append(colours, json_object_get(row, figure->colour_column)) == 0);
        if (figure->shape_column != NULL)
            FR_ASSERT(json_array_append(shapes, json_object_get(row, figure->shape_column)) == 0);
    }
    FR_ASSERT(json_object_set_new(values, "labels", labels) == 0);
    FR_ASSERT(json_object_set_new(values, "colours", colours) == 0);
    FR_ASSERT(json_object_set_new(values, "shapes", shapes) == 0);
}

/* ---- selectors ----------------------------------------------------------------------------------
 */

static bool is_run_of_integers(const json_t *options) {
    for (size_t i = 0; i < json_array_size(options); i++) {
        const json_t *now = json_array_get(options, i), *before = json_array_get(options, i - 1);
        if (!json_is_integer(now) ||
            (i > 0 && json_integer_value(now) != json_integer_value(before) + 1))
            return false;
    }
    return true;
}

static const char *label_of(const struct fr_selector *selector, const char *value) {
    for (int i = 0; selector->labels != NULL && selector->labels[i][0] != NULL; i++)
        if (strcmp(selector->labels[i][0], value) == 0)
            return selector->labels[i][1];
    return value;
}

static json_t *preferred(struct fr_page *page, const struct fr_selector *selector,
                         const json_t *options) {
    json_t *first = json_array_get(options, 0);
    if (selector->preferred_sql == NULL)
        return first;
    json_t *wanted =
        json_is_integer(first)
            ? json_integer((json_int_t)fr_page_value(page, selector->preferred_sql))
            : json_string(fr_page_repair(page, fr_page_string(page, selector->preferred_sql)));
    json_t *found = first, *option;
    size_t i;
    json_array_foreach(options, i, option) if (json_equal(option, wanted)) found = option;
    json_decref(wanted);
    return found;
}

static json_t *make_param(struct fr_page *page, const struct fr_selector *selector,
                          const json_t *rows) {
    json_t *options = distinct(rows, selector->column), *labels = json_array(), *option, *bind;
    const size_t n = json_array_size(options);
    size_t i;
    json_array_foreach(options, i, option) FR_ASSERT(
        json_array_append_new(labels,
                              json_is_string(option)
                                  ? json_string(label_of(selector, json_string_value(option)))
                                  : json_sprintf("%" JSON_INTEGER_FORMAT,
                                                 json_integer_value(option))) == 0);
    json_t *param = json_pack("{s:s, s:O?}", "name", selector->param, "value",
                              preferred(page, selector, options));
    if (n > 2 && is_run_of_integers(options))
        bind =
            json_pack("{s:s, s:s, s:O, s:O, s:i}", "input", "range", "name", selector->label, "min",
                      json_array_get(options, 0), "max", json_array_get(options, n - 1), "step", 1);
    else
        bind = json_pack("{s:s, s:s, s:O, s:O}", "input", "select", "name", selector->label,
                         "options", options, "labels", labels);
    FR_ASSERT(param != NULL && bind != NULL);
    if (n > 1)
        FR_ASSERT(json_object_set(param, "bind", bind) == 0);
    json_decref(bind);
    json_decref(labels);
    json_decref(options);
    return param;
}

/* ---- the figure ------------------------------------------------------------------------------ */

static json_t *build(struct fr_page *page, const struct fr_figure *figure, json_t *datasets) {
    const json_t *first = json_object_get(datasets, figure->datasets[0].name);
    json_t *values = json_object();
    for (size_t i = 0; i < sizeof palette / sizeof *palette; i++)
        FR_ASSERT(json_object_set_new(values, palette[i][0], json_string(palette[i][1])) == 0);
    if (figure->label_column != NULL)
        fill_labels(figure, first, values);
    if (figure->fill != NULL)
        figure->fill(page, values, datasets);
    json_t *literal = parse_literal(figure->spec);
    json_t *spec = json_pack("{s:s, s:s, s:o, s:s, s:{s:s, s:s}}", "$schema", schema, "description",
                             figure->description, "config", parse_literal(config), "width",
                             "container", "autosize", "type", "fit-x", "contains", "padding");
    json_t *body = fill_in(literal, values), *params = json_object_get(body, "params");
    params = params != NULL ? json_incref(params) : json_array();
    for (int i = 0, at = 0; i < FR_FIGURE_SELECTORS && figure->selectors[i].param != NULL; i++) {
        const struct fr_selector *selector = &figure->selectors[i];
        const char *name = figure->datasets[selector->i_dataset].name;
        FR_ASSERT(json_array_insert_new(params, (size_t)at++,
                                        make_param(page, selector,
                                                   json_object_get(datasets, name))) == 0);
    }
    FR_ASSERT(json_object_update(spec, body) == 0);
    FR_ASSERT(json_object_set_new(spec, "params", params) == 0);
    FR_ASSERT(json_object_set(spec, "datasets", datasets) == 0);
    json_decref(body);
    json_decref(literal);
    json_decref(values);
    return spec;
}

/* Inside a script element no "</script" and no "<!--" may appear; "<" occurs in strings only. */
static void add_json(struct fr_page *page, const char *json) {
    for (const char *c = json; *c != '\0'; c++) {
        const size_t n = strcspn(c, "<");
        fr_text_append(&page->html, c, n);
        c += n;
        if (*c == '\0')
            break;
        fr_page_add(page, "\\u003c");
    }
}

static void add_links(struct fr_page *page, const struct fr_figure *figure) {
    fr_page_printf(page,
                   "<p class=\"links\"><a href=\"figures/%s.vl.json\">specification with data</a>",
                   figure->name);
    char *names = fr_strdup(figure->csv), *rest = NULL;
    for (char *name = strtok_r(names, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest))
        fr_page_printf(page, " <a href=\"tables/%s.csv\">%s.csv</a>", name, name);
    fr_page_add(page, "</p>\n");
    free(names);
}

static void add_figure(struct fr_page *page, const struct fr_figure *figure, const char *json) {
    fr_page_printf(page,
                   "<figure id=\"fig-%s\">\n<div class=\"plot\" data-spec=\"spec-%s\" "
                   "data-name=\"%s\"></div>\n<figcaption><b>Figure %d. %s.</b> %s</figcaption>\n",
                   figure->name, figure->name, figure->name, ++page->n_figures, figure->title,
                   figure->caption(page));
    add_links(page, figure);
    fr_page_printf(page, "<script type=\"application/json\" id=\"spec-%s\">", figure->name);
    add_json(page, json);
    fr_page_add(page, "</script>\n</figure>\n");
}

bool fr_figure_add(struct fr_page *page, const struct fr_figure *figure) {
    json_t *datasets = json_object(), *spec = NULL;
    char *json = NULL;
    bool drawn = false;
    const char *path =
        fr_page_format(page, "%s/figures/%s.vl.json", fr_store_dir(page->store), figure->name);
    for (int i = 0; i < FR_FIGURE_DATASETS && figure->datasets[i].name != NULL; i++)
        FR_ASSERT(json_object_set_new(datasets, figure->datasets[i].name,
                                      read_rows(page, &figure->datasets[i])) == 0);
    if (page->code != 0)
        goto out;
    if (json_array_size(json_object_get(datasets, figure->datasets[0].name)) == 0) {
        (void)unlink(path);
        fr_page_missing(page, figure->missing);
        goto out;
    }
    spec = build(page, figure, datasets);
    json = json_dumps(spec, JSON_COMPACT | JSON_REAL_PRECISION(7));
    FR_ASSERT(json != NULL);
    if (page->code == 0)
        page->code = fr_file_write(path, json, strlen(json), page->err);
    if (page->code != 0)
        goto out;
    add_figure(page, figure, json);
    drawn = true;
out:
    free(json);
    json_decref(spec);
    json_decref(datasets);
    return drawn;
}
