/* Assets of figures: every query runs against the schema, every name stands for something. */
#include "test.h"

#include <dirent.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "report/assets.h"
#include "report/figure.h"
#include "report/page.h"
#include "report/table.h"
#include "synthetic_study.h"

struct fixture {
    struct fr_store *store;
    struct fr_error err;
    struct fr_page page;
};

static void begin(struct fixture *f, enum fr_synthetic kind) {
    *f = (struct fixture){0};
    f->store = fr_synthetic_open(kind);
    f->page = (struct fr_page){.store = f->store, .err = &f->err};
}

static void end(struct fixture *f) {
    fr_page_release(&f->page);
    fr_synthetic_close(f->store);
}

static json_t *parse(int i) {
    json_error_t error;
    json_t *asset = json_loadb((const char *)fr_figure_assets[i].bytes, *fr_figure_assets[i].size,
                               JSON_REJECT_DUPLICATES, &error);
    if (asset == NULL)
        fail_msg("%s:%d: %s", fr_figure_assets[i].name, error.line, error.text);
    return asset;
}

static json_t *block_of(const json_t *asset) {
    return json_object_get(json_object_get(asset, "usermeta"), "fluidrep");
}

static void add_lines(const json_t *value, struct fr_text *out) {
    const json_t *line;
    size_t i;
    if (json_is_string(value)) {
        fr_text_add(out, json_string_value(value));
        return;
    }
    if (json_is_object(value)) { /* of a caption: its condition is a value too */
        fr_text_printf(out, "{%s} ", json_string_value(json_object_get(value, "if")));
        add_lines(json_object_get(value, "text"), out);
        return;
    }
    assert_true(json_is_array(value));
    json_array_foreach(value, i, line) {
        add_lines(line, out);
        fr_text_add(out, "\n");
    }
}

/* Runs it, and has its columns in names (when not NULL), each with a point before and after it. */
static void run(struct fixture *f, const char *figure, const json_t *sql, struct fr_text *names) {
    struct fr_text text = {0};
    struct fr_query *query = NULL;
    add_lines(sql, &text);
    if (!fr_page_query(&f->page, &query, fr_text_get(&text)))
        fail_msg("%s: %s: %s", figure, fr_text_get(&text), f->err.text);
    for (int c = 0; names != NULL && c < fr_query_n_columns(query); c++)
        fr_text_printf(names, ".%s.", fr_query_column(query, c));
    while (fr_query_next(query))
        ;
    fr_page_close(&f->page, query);
    if (f->page.code != 0)
        fail_msg("%s: %s: %s", figure, fr_text_get(&text), f->err.text);
    fr_text_release(&text);
}

static void assert_named(const char *figure, const struct fr_text *names, const char *name,
                         size_t n) {
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, ".%.*s.", (int)n, name);
    if (strstr(fr_text_get(names), wanted) == NULL)
        fail_msg("%s: %s is no value or column of it", figure, wanted);
}

/* Strings "$name" of the specification have values. */
static void check_names(const char *figure, const json_t *spec, const struct fr_text *values) {
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_string(spec) && json_string_value(spec)[0] == '$')
        assert_named(figure, values, json_string_value(spec) + 1,
                     strlen(json_string_value(spec) + 1));
    if (json_is_array(spec))
        json_array_foreach(spec, i, value) check_names(figure, value, values);
    if (json_is_object(spec))
        json_object_foreach((json_t *)(uintptr_t)spec, key, value)
            check_names(figure, value, values);
}

/* No two figures of one place: one of them would not be seen. */
static void figures_have_places_of_their_own(void **state) {
    (void)state;
    struct fr_text seen = {0};
    for (int i = 0; i < fr_n_figure_assets; i++) {
        json_t *asset = parse(i);
        char place[128];
        (void)snprintf(place, sizeof place, "/%s %d/",
                       json_string_value(json_object_get(block_of(asset), "slot")),
                       (int)json_integer_value(json_object_get(block_of(asset), "position")));
        assert_null(strstr(fr_text_get(&seen), place));
        fr_text_add(&seen, place);
        json_decref(asset);
    }
    fr_text_release(&seen);
}

static void check_block(struct fixture *f, const char *name, const json_t *asset) {
    static const char *const texts[] = {"title", "description", "missing", "caption"};
    const json_t *block = block_of(asset);
    struct fr_text values = {0}, caption = {0}, tables = {0};
    json_t *item;
    const char *key;
    size_t i;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        add_lines(json_object_get(block, texts[t]), &caption);
    assert_true(json_array_size(json_object_get(block, "datasets")) > 0);
    json_array_foreach(json_object_get(block, "datasets"), i, item)
        run(f, name, json_object_get(item, "sql"), NULL);
    json_object_foreach(json_object_get(block, "values"), key, item) {
        run(f, name, item, NULL);
        fr_text_printf(&values, ".%s.", key);
    }
    json_array_foreach(json_object_get(block, "lists"), i, item) run(f, name, item, &values);
    json_array_foreach(json_object_get(block, "selectors"), i, item) {
        struct fr_text columns = {0};
        size_t k;
        json_t *dataset;
        json_array_foreach(json_object_get(block, "datasets"), k,
                           dataset) if (json_equal(json_object_get(dataset, "name"),
                                                   json_object_get(item, "dataset")))
            run(f, name, json_object_get(dataset, "sql"), &columns);
        const char *column = json_string_value(json_object_get(item, "column"));
        assert_named(name, &columns, column, strlen(column));
        if (json_object_get(item, "preferred") != NULL)
            run(f, name, json_object_get(item, "preferred"), NULL);
        fr_text_release(&columns);
    }
    for (const char *at = fr_text_get(&caption); (at = strchr(at, '{')) != NULL; at++)
        assert_named(name, &values, at + 1, strcspn(at + 1, "}"));
    check_names(name, asset, &values);
    struct fr_query *query = NULL;
    assert_true(fr_page_query(&f->page, &query, "SELECT name FROM result_table"));
    while (fr_query_next(query))
        fr_text_printf(&tables, ".%s.", fr_query_text(query, 0));
    fr_page_close(&f->page, query);
    json_array_foreach(json_object_get(block, "csv"), i, item)
        assert_named(name, &tables, json_string_value(item), strlen(json_string_value(item)));
    fr_text_release(&values);
    fr_text_release(&caption);
    fr_text_release(&tables);
}

static void every_query_of_every_figure_runs_against_the_schema(void **state) {
    (void)state;
    static const enum fr_synthetic kinds[] = {FR_SYNTHETIC_FULL, FR_SYNTHETIC_EMPTY,
                                              FR_SYNTHETIC_BARE, FR_SYNTHETIC_REPLAY};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct fixture f;
        begin(&f, kinds[k]);
        for (int i = 0; i < fr_n_figure_assets; i++) {
            json_t *asset = parse(i);
            check_block(&f, fr_figure_assets[i].name, asset);
            json_decref(asset);
        }
        end(&f);
    }
}

/* All data of the specification come from its datasets, and every field is a column of one or made
 * by a transform: a misspelt field would be an empty figure. */
static void collect(const json_t *spec, const char *wanted, struct fr_text *out) {
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_array(spec))
        json_array_foreach(spec, i, value) collect(value, wanted, out);
    if (json_is_object(spec))
        json_object_foreach((json_t *)(uintptr_t)spec, key, value) {
            if (strcmp(key, wanted) == 0 && json_is_string(value))
                fr_text_printf(out, ".%s.", json_string_value(value));
            else if (strcmp(key, "usermeta") != 0)
                collect(value, wanted, out);
        }
}

/* Queries of tables too; every column has its value or values, and no query has one left over. */
static void every_query_of_every_table_runs_against_the_schema(void **state) {
    (void)state;
    static const enum fr_synthetic kinds[] = {FR_SYNTHETIC_FULL, FR_SYNTHETIC_EMPTY,
                                              FR_SYNTHETIC_BARE, FR_SYNTHETIC_REPLAY};
    static const struct fr_markup *const markups[] = {&fr_markup_html, &fr_markup_markdown,
                                                      &fr_markup_latex, &fr_markup_csv};
    const int n_tables = fr_n_study_tables + fr_n_comparison_tables;
    assert_null(fr_table_at(n_tables));
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct fixture f;
        begin(&f, kinds[k]);
        f.page.experiment = "positive";
        for (int i = 0; i < n_tables * 4; i++) {
            const struct fr_table *table = fr_table_at(i / 4);
            struct fr_text out = {0};
            const int n = fr_table_render(&f.page, table, markups[i % 4], &out);
            if (f.page.code != 0)
                fail_msg("%s as %s: %s", table->name, markups[i % 4]->name, f.err.text);
            assert_int_equal(n == 0, out.len == 0);
            fr_text_release(&out);
        }
        end(&f);
    }
}

static void every_field_of_every_figure_is_a_column(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    for (int i = 0; i < fr_n_figure_assets; i++) {
        json_t *asset = parse(i), *dataset;
        struct fr_text known = {0}, fields = {0};
        size_t k;
        json_array_foreach(json_object_get(block_of(asset), "datasets"), k, dataset)
            run(&f, fr_figure_assets[i].name, json_object_get(dataset, "sql"), &known);
        collect(asset, "as", &known);
        collect(asset, "field", &fields);
        char *rest = NULL;
        for (char *field = strtok_r(fields.data, ".", &rest); field != NULL;
             field = strtok_r(NULL, ".", &rest))
            assert_named(fr_figure_assets[i].name, &known, field, strlen(field));
        fr_text_release(&known);
        fr_text_release(&fields);
        json_decref(asset);
    }
    end(&f);
}

/* What the queries give keeps SQLite's types: a naming "12" is text, a layer 12 a number. */
static void columns_have_the_types_of_their_values(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/figures", fr_store_dir(f.store));
    assert_int_equal(mkdir(path, 0777), 0);
    fr_figures_add(&f.page, "accuracy");
    (void)snprintf(path, sizeof path, "%s/figures/accuracy.vl.json", fr_store_dir(f.store));
    json_t *spec = json_load_file(path, 0, NULL);
    const json_t *row =
        json_array_get(json_object_get(json_object_get(spec, "datasets"), "accuracy"), 12);
    assert_string_equal(json_string_value(json_object_get(row, "naming")), "12");
    assert_true(json_is_integer(json_object_get(row, "n")));
    assert_true(json_is_real(json_object_get(row, "accuracy")));
    assert_null(json_object_get(json_object_get(spec, "usermeta"), "fluidrep"));
    json_decref(spec);
    end(&f);
}

static void make_figures(struct fixture *f, const char *slot) {
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/figures", fr_store_dir(f->store));
    (void)mkdir(path, 0777);
    fr_text_clear(&f->page.html);
    fr_figures_add(&f->page, slot);
    if (f->page.code != 0)
        fail_msg("%s: %s", slot, f->err.text);
}

static json_t *load_figure(struct fixture *f, const char *name) {
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/figures/%s.vl.json", fr_store_dir(f->store), name);
    json_t *spec = json_load_file(path, 0, NULL);
    assert_non_null(spec);
    return spec;
}

static void a_caption_tells_of_the_controls_that_the_study_has(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    make_figures(&f, "similarity");
    assert_non_null(strstr(f.page.html.data, "<em>Count-matched</em>: every cell is a mean of"));
    assert_non_null(strstr(f.page.html.data, "<em>noise divided out</em>"));
    assert_non_null(strstr(f.page.html.data, "<em>Labels shuffled</em>"));
    assert_null(strstr(f.page.html.data, "<em>Balanced panel</em>"));
    assert_null(strstr(f.page.html.data, "the other way round"));
    assert_int_equal(fr_store_run(f.store, &f.err,
                                  "DELETE FROM control_curve WHERE control NOT IN ('plain',"
                                  " 'shuffled')",
                                  ""),
                     FR_OK);
    make_figures(&f, "similarity");
    assert_non_null(strstr(f.page.html.data, "<em>Labels shuffled</em>"));
    assert_non_null(strstr(f.page.html.data, "of shuffled labels their own rise"));
    assert_null(strstr(f.page.html.data, "Count-matched"));
    assert_null(strstr(f.page.html.data, "noise divided out"));
    assert_null(strstr(f.page.html.data, "takes something away"));
    end(&f);
}

static const json_t *param_of(const json_t *spec, const char *name) {
    const json_t *params = json_object_get(spec, "params"), *param;
    size_t i;
    json_array_foreach(params, i,
                       param) if (strcmp(json_string_value(json_object_get(param, "name")), name) ==
                                  0) return param;
    fail_msg("no parameter %s", name);
    return NULL;
}

/* Lines break and cells stay blank where a timestamp has no value, and no figure opens on a choice
 * without one. */
static void a_timestamp_without_a_value_stays_and_nothing_opens_on_none(void **state) {
    (void)state;
    static const struct {
        const char *figure, *dataset, *value;
    } cases[] = {{"similarity", "similarity", "mean"},
                 {"controls", "controls", "mean"},
                 {"pairs", "pairs", "mean"},
                 {"clean", "clean", "mean"},
                 {"layers", "gap", "gap"}};
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    static const char *const tables[] = {"similarity", "control_curve", "pair_similarity"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql,
                       "UPDATE %s SET mean = NULL, low = NULL, high = NULL, n_namings = 0 WHERE"
                       " kind = 'action' OR timestamp = 200",
                       tables[i]);
        assert_int_equal(fr_store_run(f.store, &f.err, sql, ""), FR_OK);
    }
    make_figures(&f, "similarity");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *spec = load_figure(&f, cases[i].figure), *row;
        const json_t *rows = json_object_get(json_object_get(spec, "datasets"), cases[i].dataset);
        const json_t *kind = param_of(spec, "p_kind");
        bool blank = false;
        size_t k;
        json_array_foreach(rows, k, row) blank =
            blank || (json_integer_value(json_object_get(row, "timestamp")) == 200 &&
                      json_is_null(json_object_get(row, cases[i].value)) &&
                      strcmp(json_string_value(json_object_get(row, "kind")), "predicate") == 0);
        if (!blank)
            fail_msg("%s: T = 200 is gone", cases[i].figure);
        assert_string_equal(json_string_value(json_object_get(kind, "value")), "predicate");
        assert_null(json_object_get(kind, "bind"));
        json_decref(spec);
    }
    end(&f);
}

/* A line that joins the layers beside one without a rise would say that there is one. */
static void a_layer_without_a_rise_stays(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    assert_int_equal(fr_store_run(f.store, &f.err,
                                  "UPDATE mechanism_rise SET rise = NULL, p = NULL WHERE layer = 2",
                                  ""),
                     FR_OK);
    make_figures(&f, "mechanism-parts");
    json_t *spec = load_figure(&f, "mechanism-rise"), *row;
    int blank = 0;
    size_t i;
    json_array_foreach(json_object_get(json_object_get(spec, "datasets"), "rises"), i, row) blank +=
        json_integer_value(json_object_get(row, "layer")) == 2 &&
        json_is_null(json_object_get(row, "rise"));
    assert_int_equal(blank, 4); /* of both kinds, attention and MLP */
    json_decref(spec);
    end(&f);
}

static void a_caption_without_a_truth_ends_without_a_dash(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    assert_int_equal(fr_store_run(f.store, &f.err, "DELETE FROM phase_accuracy", ""), FR_OK);
    make_figures(&f, "phases");
    assert_null(strstr(f.page.html.data, FR_DASH));
    assert_non_null(strstr(f.page.html.data, "up to n = 2."));
    end(&f);
}

/* The paper's marks stand where the study's scale has their place. */
static void marks_of_the_paper_are_where_the_scale_has_them(void **state) {
    (void)state;
    static const char *const places[][2] = {{"UPDATE similarity SET timestamp = 100 * timestamp",
                                             "similarity"},
                                            {"UPDATE separation SET layer = 10 * layer",
                                             "concepts"}};
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    assert_int_equal(fr_store_set_meta(f.store, "model_layers", "64", &f.err), FR_OK);
    for (int after = 0; after < 2; after++)
        for (int i = 0; i < 2; i++) {
            if (after)
                assert_int_equal(fr_store_run(f.store, &f.err, places[i][0], ""), FR_OK);
            make_figures(&f, places[i][1]);
            assert_int_equal(strstr(f.page.html.data, "Orange: ") != NULL, after);
        }
    end(&f);
}

static const char *colour_of(const json_t *spec, const char *label) {
    static char found[16];
    char *text = json_dumps(spec, JSON_COMPACT);
    const char *at = strstr(text, "\"domain\":[\"as it is\"");
    assert_non_null(at);
    json_t *parsed = json_loads(strchr(at, '['), JSON_DISABLE_EOF_CHECK, NULL), *name;
    json_t *range = json_loads(strstr(at, "\"range\":") + 8, JSON_DISABLE_EOF_CHECK, NULL);
    size_t i;
    *found = '\0';
    json_array_foreach(parsed, i, name) if (strcmp(json_string_value(name), label) == 0)(void)
        snprintf(found, sizeof found, "%s", json_string_value(json_array_get(range, i)));
    json_decref(parsed);
    json_decref(range);
    free(text);
    return found;
}

/* Whatever other controls there are. */
static void a_control_keeps_its_colour(void **state) {
    (void)state;
    struct fixture f;
    begin(&f, FR_SYNTHETIC_FULL);
    for (int i = 0; i < 2; i++) {
        make_figures(&f, "similarity");
        json_t *spec = load_figure(&f, "controls");
        assert_string_equal(colour_of(spec, "labels shuffled"), "#777777");
        assert_string_equal(colour_of(spec, "as it is"), "#0072B2");
        json_decref(spec);
        assert_int_equal(fr_store_run(f.store, &f.err,
                                      "DELETE FROM control_curve WHERE control NOT IN ('plain',"
                                      " 'shuffled')",
                                      ""),
                         FR_OK);
    }
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_have_places_of_their_own),
        cmocka_unit_test(every_query_of_every_figure_runs_against_the_schema),
        cmocka_unit_test(every_query_of_every_table_runs_against_the_schema),
        cmocka_unit_test(every_field_of_every_figure_is_a_column),
        cmocka_unit_test(columns_have_the_types_of_their_values),
        cmocka_unit_test(a_caption_tells_of_the_controls_that_the_study_has),
        cmocka_unit_test(a_timestamp_without_a_value_stays_and_nothing_opens_on_none),
        cmocka_unit_test(a_layer_without_a_rise_stays),
        cmocka_unit_test(a_caption_without_a_truth_ends_without_a_dash),
        cmocka_unit_test(marks_of_the_paper_are_where_the_scale_has_them),
        cmocka_unit_test(a_control_keeps_its_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
