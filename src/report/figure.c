/* Figures: from an asset to a Vega-Lite file and its place on the page. Source: architecture.md
 * (Vega-Lite: specs with their data). Rejected: drawing SVG ourselves, which would need axes,
 * legends and interaction of our own; and a C function per figure, which is how a figure that
 * somebody adds becomes a matter of this file. */
#include "report/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "report/assets.h"

/* An asset is part of the program: a fault in it is ours. */
static json_t *parse_asset(const char *name, const unsigned char *bytes, size_t n) {
    json_error_t error;
    json_t *value = json_loadb((const char *)bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL)
        fr_bug(name, error.line, error.text);
    return value;
}

struct figure {
    struct fr_page *page;
    const char *name; /* of the asset, and of its file and its id */
    json_t *block;    /* usermeta.fluidrep; borrowed from spec */
    json_t *spec;     /* the asset, and what becomes of it */
    json_t *datasets; /* name -> rows */
    json_t *values;   /* name -> value or list */
};

static json_t *member(const struct figure *figure, const json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    if (value == NULL)
        fr_bug(figure->name, 0, key);
    return value;
}

/* A string, or a list of its lines. */
static const char *text_of(const struct figure *figure, const json_t *value) {
    if (!json_is_array(value)) {
        if (!json_is_string(value))
            fr_bug(figure->name, 0, "a text that is none");
        return json_string_value(value);
    }
    struct fr_text text = {0};
    json_t *line;
    size_t i;
    json_array_foreach(value, i, line) {
        fr_text_add(&text, i > 0 ? "\n" : "");
        fr_text_add(&text, text_of(figure, line));
    }
    return fr_page_keep(figure->page, fr_text_take(&text));
}

static const char *text_at(const struct figure *figure, const json_t *object, const char *key) {
    return text_of(figure, member(figure, object, key));
}

/* ---- data ------------------------------------------------------------------------------------ */

static json_t *scalar(struct fr_page *page, struct fr_query *query, int type_column) {
    const char *type = fr_query_text(query, type_column);
    const int c = type_column + 1;
    if (strcmp(type, "integer") == 0)
        return json_integer((json_int_t)fr_query_int(query, c));
    if (strcmp(type, "text") == 0)
        return json_string(fr_page_repair(page, fr_query_text(query, c)));
    if (strcmp(type, "real") == 0 && isfinite(fr_query_double(query, c)))
        return json_real(fr_query_double(query, c));
    return json_null();
}

static json_t *read_rows(struct fr_page *page, const char *sql) {
    json_t *rows = json_array();
    struct fr_query *query = NULL;
    if (!fr_page_query_typed(page, &query, sql))
        return rows;
    while (fr_query_next(query)) {
        json_t *row = json_object();
        for (int c = 0; c < fr_query_n_columns(query); c += 2)
            FR_ASSERT(json_object_set_new(row, fr_query_column(query, c + 1),
                                          scalar(page, query, c)) == 0);
        FR_ASSERT(json_array_append_new(rows, row) == 0);
    }
    fr_page_close(page, query);
    return rows;
}

static void read_datasets(struct figure *figure) {
    json_t *dataset;
    size_t i;
    json_array_foreach(member(figure, figure->block, "datasets"), i, dataset) {
        json_t *rows = read_rows(figure->page, text_at(figure, dataset, "sql"));
        FR_ASSERT(json_object_set_new(figure->datasets, text_at(figure, dataset, "name"), rows) ==
                  0);
    }
}

/* The dataset of that name as the figure describes it; NULL: the first. */
static const json_t *dataset_named(const struct figure *figure, const char *name) {
    const json_t *datasets = json_object_get(figure->block, "datasets");
    json_t *dataset;
    size_t i;
    json_array_foreach(datasets, i, dataset) if (name == NULL ||
                                                 strcmp(name, text_at(figure, dataset, "name")) ==
                                                     0) return dataset;
    fr_bug(figure->name, 0, name);
}

/* Has the row something to show? */
static bool is_real(const json_t *dataset, const json_t *row) {
    const char *column = json_string_value(json_object_get(dataset, "real"));
    return column == NULL || !json_is_null(json_object_get(row, column));
}

static bool has_values(const struct figure *figure) {
    const json_t *dataset = dataset_named(figure, NULL);
    json_t *row;
    size_t i;
    json_array_foreach(json_object_get(figure->datasets, text_at(figure, dataset, "name")), i,
                       row) if (is_real(dataset, row)) return true;
    return false;
}

static void read_values(struct figure *figure) {
    json_t *sql, *row;
    const char *name;
    size_t i, k;
    json_object_foreach(json_object_get(figure->block, "values"), name, sql) {
        json_t *rows = read_rows(figure->page, text_of(figure, sql)), *value = NULL;
        void *first = json_object_iter(json_array_get(rows, 0));
        value = first != NULL ? json_incref(json_object_iter_value(first)) : json_null();
        FR_ASSERT(json_object_set_new(figure->values, name, value) == 0);
        json_decref(rows);
    }
    json_array_foreach(json_object_get(figure->block, "lists"), i, sql) {
        json_t *rows = read_rows(figure->page, text_of(figure, sql)), *value;
        json_array_foreach(rows, k, row) json_object_foreach(row, name, value) {
            if (k == 0)
                FR_ASSERT(json_object_set_new(figure->values, name, json_array()) == 0);
            FR_ASSERT(json_array_append(json_object_get(figure->values, name), value) == 0);
        }
        json_decref(rows);
    }
}

/* ---- selectors ------------------------------------------------------------------------------- */

/* The values of the selector's column in rows that have something to show, in order of appearance,
 * without nulls; beside what the selectors before it are at, where chosen (column -> value) has it.
 */
static json_t *choices(const struct figure *figure, const json_t *selector, const json_t *chosen) {
    const char *column = text_at(figure, selector, "column"), *other;
    const json_t *dataset = dataset_named(figure, text_at(figure, selector, "dataset"));
    json_t *out = json_array(), *row, *seen, *at;
    size_t i, k;
    json_array_foreach(json_object_get(figure->datasets, text_at(figure, dataset, "name")), i,
                       row) {
        json_t *value = json_object_get(row, column);
        bool skip = json_is_null(value) || !is_real(dataset, row);
        json_object_foreach((json_t *)(uintptr_t)chosen, other, at) skip =
            skip || !json_equal(json_object_get(row, other), at);
        json_array_foreach(out, k, seen) skip = skip || json_equal(seen, value);
        if (!skip)
            FR_ASSERT(json_array_append(out, value) == 0);
    }
    return out;
}

static bool is_run_of_integers(const json_t *options) {
    for (size_t i = 0; i < json_array_size(options); i++) {
        const json_t *now = json_array_get(options, i), *before = json_array_get(options, i - 1);
        if (!json_is_integer(now) ||
            (i > 0 && json_integer_value(now) != json_integer_value(before) + 1))
            return false;
    }
    return true;
}

/* The option that the selector's query prefers, else the first. */
static json_t *preferred(struct figure *figure, const json_t *selector, const json_t *options) {
    json_t *found = json_array_get(options, 0), *option;
    const json_t *sql = json_object_get(selector, "preferred");
    size_t i;
    if (sql == NULL)
        return found;
    json_t *rows = read_rows(figure->page, text_of(figure, sql));
    void *wanted = json_object_iter(json_array_get(rows, 0));
    json_array_foreach(options, i, option) if (wanted != NULL &&
                                               json_equal(option, json_object_iter_value(wanted)))
        found = option;
    json_decref(rows);
    return found;
}

/* What the reader sees of each option. */
static json_t *labels_of(const json_t *selector, const json_t *options) {
    json_t *labels = json_array(), *option;
    size_t i;
    json_array_foreach(options, i, option) {
        const json_t *label =
            json_is_string(option)
                ? json_object_get(json_object_get(selector, "labels"), json_string_value(option))
                : NULL;
        json_t *shown = label != NULL            ? json_string(json_string_value(label))
                        : json_is_string(option) ? json_incref(option)
                                                 : json_sprintf("%g", json_number_value(option));
        FR_ASSERT(json_array_append_new(labels, shown) == 0);
    }
    return labels;
}

/* Opens at what goes with the selectors before it, which are in chosen; and adds itself. */
static json_t *make_param(struct figure *figure, const json_t *selector, json_t *chosen) {
    json_t *options = choices(figure, selector, NULL), *bind;
    json_t *here = choices(figure, selector, chosen);
    json_t *opens = preferred(figure, selector, json_array_size(here) > 0 ? here : options);
    const char *label = text_at(figure, selector, "label");
    const size_t n = json_array_size(options);
    json_t *param =
        json_pack("{s:s, s:O?}", "name", text_at(figure, selector, "param"), "value", opens);
    if (opens != NULL)
        FR_ASSERT(json_object_set(chosen, text_at(figure, selector, "column"), opens) == 0);
    if (n > 2 && is_run_of_integers(options))
        bind =
            json_pack("{s:s, s:s, s:O, s:O, s:i}", "input", "range", "name", label, "min",
                      json_array_get(options, 0), "max", json_array_get(options, n - 1), "step", 1);
    else
        bind = json_pack("{s:s, s:s, s:O, s:o}", "input", "select", "name", label, "options",
                         options, "labels", labels_of(selector, options));
    FR_ASSERT(param != NULL && bind != NULL);
    if (n > 1)
        FR_ASSERT(json_object_set(param, "bind", bind) == 0);
    json_decref(bind);
    json_decref(here);
    json_decref(options);
    return param;
}

/* ---- the figure ------------------------------------------------------------------------------ */

/* A copy of spec in which every string "$name" has become the value of that name. */
static json_t *fill_in(const struct figure *figure, json_t *spec) {
    json_t *out, *value;
    const char *key;
    size_t i;
    if (json_is_string(spec) && json_string_value(spec)[0] == '$')
        return json_incref(member(figure, figure->values, json_string_value(spec) + 1));
    if (json_is_array(spec)) {
        out = json_array();
        json_array_foreach(spec, i, value)
            FR_ASSERT(json_array_append_new(out, fill_in(figure, value)) == 0);
        return out;
    }
    if (!json_is_object(spec))
        return json_incref(spec);
    out = json_object();
    json_object_foreach(spec, key, value)
        FR_ASSERT(json_object_set_new(out, key, fill_in(figure, value)) == 0);
    return out;
}

/* The asset without our block, over what all figures share, with values, controls and data. */
static json_t *build(struct figure *figure) {
    json_t *spec = parse_asset("figure.json", fr_asset_figure_json, fr_asset_figure_json_size);
    json_t *params = json_array(), *selector, *body = json_deep_copy(figure->spec);
    json_t *chosen = json_object();
    json_t *usermeta = json_object_get(body, "usermeta");
    size_t i;
    FR_ASSERT(json_object_set_new(spec, "description",
                                  json_string(text_at(figure, figure->block, "description"))) == 0);
    (void)json_object_del(usermeta, "fluidrep");
    if (json_object_size(usermeta) == 0)
        (void)json_object_del(body, "usermeta");
    json_t *filled = fill_in(figure, body);
    json_array_foreach(json_object_get(figure->block, "selectors"), i, selector)
        FR_ASSERT(json_array_append_new(params, make_param(figure, selector, chosen)) == 0);
    if (json_object_get(filled, "params") != NULL)
        FR_ASSERT(json_array_extend(params, json_object_get(filled, "params")) == 0);
    FR_ASSERT(json_object_update(spec, filled) == 0);
    FR_ASSERT(json_object_set_new(spec, "params", params) == 0);
    FR_ASSERT(json_object_set(spec, "datasets", figure->datasets) == 0);
    json_decref(chosen);
    json_decref(filled);
    json_decref(body);
    return spec;
}

static const char *shown(const struct figure *figure, const char *name) {
    const json_t *value = member(figure, figure->values, name);
    if (json_is_string(value) && *json_string_value(value) != '\0')
        return fr_page_escape(figure->page, json_string_value(value));
    return json_is_number(value) ? fr_page_format(figure->page, "%g", json_number_value(value))
                                 : FR_DASH;
}

/* A text in which {"if": name, "text": text} is there only where the value of that name is. */
static const char *caption_of(const struct figure *figure, const json_t *text) {
    const json_t *part;
    const char *before = "";
    struct fr_text out = {0};
    size_t i;
    if (json_is_object(text))
        return json_is_null(member(figure, figure->values, text_at(figure, text, "if")))
                   ? ""
                   : caption_of(figure, member(figure, text, "text"));
    if (!json_is_array(text))
        return text_of(figure, text);
    json_array_foreach(text, i, part) {
        const char *now = caption_of(figure, part);
        fr_text_printf(&out, "%s%s", *now != '\0' ? before : "", now);
        before = *now != '\0' ? "\n" : before;
    }
    return fr_page_keep(figure->page, fr_text_take(&out));
}

/* {name} in the title or caption becomes the value, escaped. */
static void add_said(const struct figure *figure, const char *text) {
    struct fr_page *page = figure->page;
    const char *open;
    while ((open = strchr(text, '{')) != NULL) {
        const size_t n = strcspn(open, "}");
        fr_text_append(&page->html, text, (size_t)(open - text));
        char *name = fr_strndup(open + 1, n - 1);
        fr_page_add(page, shown(figure, name));
        free(name);
        text = open + n + (open[n] == '}');
    }
    fr_page_add(page, text);
}

static void add_figure(const struct figure *figure, const char *json) {
    struct fr_page *page = figure->page;
    const char *name = figure->name;
    json_t *table;
    size_t i;
    fr_page_printf(page,
                   "<figure id=\"fig-%s\">\n<div class=\"plot\" data-spec=\"spec-%s\" "
                   "data-name=\"%s\"></div>\n<figcaption><b>Figure %d. ",
                   name, name, name, ++page->n_figures);
    add_said(figure, text_at(figure, figure->block, "title"));
    fr_page_add(page, ".</b> ");
    add_said(figure, caption_of(figure, member(figure, figure->block, "caption")));
    fr_page_printf(page,
                   "</figcaption>\n<p class=\"links\"><a href=\"figures/%s.vl.json\">specification "
                   "with data</a>",
                   name);
    json_array_foreach(member(figure, figure->block, "csv"), i, table)
        fr_page_printf(page, " <a href=\"tables/%s.csv\">%s.csv</a>", json_string_value(table),
                       json_string_value(table));
    fr_page_printf(page, "</p>\n<script type=\"application/json\" id=\"spec-%s\">", name);
    fr_page_add_json(page, json);
    fr_page_add(page, "</script>\n</figure>\n");
}

static void draw(struct figure *figure, const char *path) {
    struct fr_page *page = figure->page;
    read_datasets(figure);
    if (page->code != 0)
        return;
    if (!has_values(figure)) {
        fr_page_missing(page, text_at(figure, figure->block, "missing"));
        return;
    }
    read_values(figure);
    if (page->code != 0)
        return;
    json_t *spec = build(figure);
    char *json = json_dumps(spec, JSON_COMPACT | JSON_REAL_PRECISION(7));
    FR_ASSERT(json != NULL);
    if (page->code == 0)
        page->code = fr_file_write(path, json, strlen(json), page->err);
    if (page->code == 0) {
        fr_text_printf(&page->figures, "/%s.vl.json/", figure->name);
        add_figure(figure, json);
    }
    free(json);
    json_decref(spec);
}

/* Takes the asset. */
static void add_asset(struct fr_page *page, const char *name, json_t *take_spec) {
    struct figure figure = {.page = page,
                            .name = page->experiment == NULL
                                        ? name
                                        : fr_page_format(page, "%s-%s", name,
                                                         fr_page_slug(page, page->experiment)),
                            .spec = take_spec,
                            .datasets = json_object(),
                            .values = json_object()};
    figure.block = member(&figure, member(&figure, figure.spec, "usermeta"), "fluidrep");
    draw(&figure,
         fr_page_format(page, "%s/figures/%s.vl.json", fr_store_dir(page->store), figure.name));
    json_decref(figure.spec);
    json_decref(figure.datasets);
    json_decref(figure.values);
}

void fr_figures_add(struct fr_page *page, const char *slot) {
    json_int_t last = 0;
    while (page->code == 0) { /* the next by position; they are few */
        json_t *next = NULL;
        json_int_t nearest = 0;
        const char *name = NULL;
        for (int i = 0; i < fr_n_figure_assets; i++) {
            const struct fr_figure_asset *asset = &fr_figure_assets[i];
            json_t *spec = parse_asset(asset->name, asset->bytes, *asset->size), *block;
            const char *where = "";
            json_int_t position = 0;
            block = json_object_get(json_object_get(spec, "usermeta"), "fluidrep");
            if (json_unpack(block, "{s:s, s:I}", "slot", &where, "position", &position) != 0)
                fr_bug(asset->name, 0, "a figure without slot or position");
            if (strcmp(where, slot) == 0 && position > last &&
                (next == NULL || position < nearest)) {
                json_decref(next);
                next = json_incref(spec);
                nearest = position;
                name = asset->name;
            }
            json_decref(spec);
        }
        if (next == NULL)
            return;
        last = nearest;
        add_asset(page, name, next);
    }
}
