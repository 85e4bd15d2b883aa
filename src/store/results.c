/* Result tables out as CSV (RFC 4180): the same rows give the same bytes. NULL (an absent number)
 * is an empty field, the empty string is "". Rejected: SQLite's own rendering of numbers, which
 * rounds to 15 digits and would not read back as the same double. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "store/connection.h"

/* Stages too, of which one reads the tables of those before it. */
static const char *const owner_names[] = {"analyses", "statistics"};
enum { N_OWNERS = sizeof owner_names / sizeof *owner_names };

static int is_as_defined(struct fr_store *store, const struct fr_result_table *table, bool *same,
                         struct fr_error *err) {
    int64_t there = 0;
    const int code =
        fr_store_find_int(store, err, &there,
                          "SELECT 1 FROM result_table WHERE name = ?1 AND definition = ?2"
                          " AND EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1)",
                          "tt", table->name, table->columns);
    *same = there != 0;
    return code;
}

/* One table, as it is to be: true in *remade when it is new. */
static int define(struct fr_store *store, const struct fr_result_table *table, int position,
                  bool *remade, struct fr_error *err) {
    struct fr_text sql = {0};
    bool same = false;
    int code = is_as_defined(store, table, &same, err);
    *remade = !same;
    if (code == FR_OK && !same) {
        fr_text_printf(
            &sql, "DROP TABLE IF EXISTS main.%s; CREATE TABLE main.%s (%s) STRICT, WITHOUT ROWID",
            table->name, table->name, table->columns);
        code = fr_store_script(store, fr_text_get(&sql), err);
    }
    if (code == FR_OK)
        code = fr_store_run(store, err, "INSERT OR REPLACE INTO result_table VALUES (?, ?, ?, ?)",
                            "titt", table->name, (int64_t)position, owner_names[table->owner],
                            table->columns);
    fr_text_release(&sql);
    return code;
}

/* Tables of an earlier version that nobody defines any more. */
static int drop_others(struct fr_store *store, int n, struct fr_error *err) {
    struct fr_query *query;
    struct fr_text sql = {0};
    int code = fr_query_open(&query, store, err,
                             "SELECT name FROM result_table WHERE position >= ?", "i", (int64_t)n);
    if (code != FR_OK)
        return code;
    while (fr_query_next(query))
        fr_text_printf(&sql, "DROP TABLE IF EXISTS main.\"%s\";", fr_query_text(query, 0));
    code = fr_query_close(query, err);
    if (code == FR_OK && sql.len > 0)
        code = fr_store_script(store, fr_text_get(&sql), err);
    if (code == FR_OK)
        code = fr_store_run(store, err, "DELETE FROM result_table WHERE position >= ?", "i",
                            (int64_t)n);
    fr_text_release(&sql);
    return code;
}

int fr_store_define_results(struct fr_store *store, const struct fr_result_table *tables, int n,
                            unsigned *remade, struct fr_error *err) {
    *remade = 0;
    int code = fr_store_begin(store, err);
    if (code != FR_OK)
        return code;
    /* those not defined below keep a place behind the last */
    code = fr_store_run(store, err, "UPDATE result_table SET position = position + ?", "i",
                        (int64_t)n);
    for (int i = 0; code == FR_OK && i < n; i++) {
        bool is_new = false;
        code = define(store, &tables[i], i, &is_new, err);
        *remade |= is_new ? 1u << tables[i].owner : 0;
    }
    if (code == FR_OK)
        code = drop_others(store, n, err);
    for (int i = 0; code == FR_OK && i < N_OWNERS; i++)
        if ((*remade & ((2u << i) - 1)) != 0) /* its own, or what they are read from */
            code = fr_store_stage_reopen(store, owner_names[i], err);
    if (*remade != 0)
        fr_statements_release(store); /* of tables that are others now */
    return fr_store_end(store, code, err);
}

/* A comparison has no configuration: it is made of studies. */
static const char *remedy(struct fr_store *store) {
    struct fr_text value = {0};
    const bool comparison = fr_store_get_meta(store, "comparison", &value);
    fr_text_release(&value);
    return comparison ? "compare STUDY STUDY" : "run CONFIG";
}

int fr_store_check_results(struct fr_store *store, const struct fr_result_table *tables, int n,
                           struct fr_error *err) {
    for (int i = 0; i < n; i++) {
        bool same = false;
        const int code = is_as_defined(store, &tables[i], &same, err);
        if (code != FR_OK)
            return code;
        if (!same)
            return fr_fail(err, FR_E_CONFLICT,
                           "%s: its table %s was made by another version of fluidrep; `fluidrep "
                           "%s --out %s` makes the tables anew, without the model",
                           store->path, tables[i].name, remedy(store), store->dir);
    }
    return FR_OK;
}

int fr_store_clear_results(struct fr_store *store, const char *table, struct fr_error *err) {
    struct fr_text sql = {0};
    fr_text_printf(&sql, "DELETE FROM main.%s", table);
    const int code = fr_store_run(store, err, fr_text_get(&sql), "");
    fr_text_release(&sql);
    return code;
}

static void add_field(struct fr_text *out, const char *text, size_t n) {
    const bool quote = n == 0 || memchr(text, '"', n) != NULL || memchr(text, ',', n) != NULL ||
                       memchr(text, '\n', n) != NULL || memchr(text, '\r', n) != NULL;
    if (!quote) {
        fr_text_append(out, text, n);
        return;
    }
    fr_text_add(out, "\"");
    for (size_t i = 0; i < n; i++)
        fr_text_append(out, text[i] == '"' ? "\"\"" : text + i, text[i] == '"' ? 2 : 1);
    fr_text_add(out, "\"");
}

static void add_value(struct fr_text *out, struct fr_query *query, int column, bool is_real) {
    if (fr_query_is_null(query, column))
        return;
    if (is_real) {
        fr_text_printf(out, "%.17g", fr_query_double(query, column));
        return;
    }
    const char *text = fr_query_text(query, column); /* integers come as their digits */
    add_field(out, text, strlen(text));
}

/* SELECT * in the order of the primary key, and which columns are doubles. */
static int plan_table(struct fr_store *store, const char *table, struct fr_text *sql,
                      struct fr_text *reals, struct fr_error *err) {
    struct fr_query *query = NULL;
    int code = fr_query_open(&query, store, err,
                             "SELECT type FROM pragma_table_info(?) ORDER BY cid", "t", table);
    if (code != FR_OK)
        return code;
    while (fr_query_next(query))
        fr_text_add(reals, strcmp(fr_query_text(query, 0), "REAL") == 0 ? "r" : "-");
    code = fr_query_close(query, err);
    if (code != FR_OK)
        return code;
    fr_text_printf(sql, "SELECT * FROM %s", table);
    code =
        fr_query_open(&query, store, err,
                      "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", "t", table);
    if (code != FR_OK)
        return code;
    for (const char *comma = " ORDER BY"; fr_query_next(query); comma = ",")
        fr_text_printf(sql, "%s \"%s\"", comma, fr_query_text(query, 0));
    return fr_query_close(query, err);
}

int fr_store_render_csv(struct fr_store *store, const char *table, struct fr_text *out,
                        struct fr_error *err) {
    struct fr_text sql = {0}, reals = {0};
    struct fr_query *query = NULL;
    int code = plan_table(store, table, &sql, &reals, err);
    if (code == FR_OK)
        code = fr_query_open(&query, store, err, fr_text_get(&sql), "");
    if (code != FR_OK)
        goto out;
    const int n = fr_query_n_columns(query);
    FR_ASSERT((size_t)n == reals.len);
    for (int c = 0; c < n; c++) {
        const char *name = fr_query_column(query, c);
        fr_text_add(out, c > 0 ? "," : "");
        add_field(out, name, strlen(name));
    }
    fr_text_add(out, "\r\n");
    while (fr_query_next(query)) {
        for (int c = 0; c < n; c++) {
            fr_text_add(out, c > 0 ? "," : "");
            add_value(out, query, c, reals.data[c] == 'r');
        }
        fr_text_add(out, "\r\n");
    }
    code = fr_query_close(query, err);
out:
    fr_text_release(&sql);
    fr_text_release(&reals);
    return code;
}

static int export_table(struct fr_store *store, const char *table, const char *dir,
                        struct fr_error *err) {
    struct fr_text path = {0}, csv = {0};
    fr_text_printf(&path, "%s/%s.csv", dir, table);
    int code = fr_store_render_csv(store, table, &csv, err);
    if (code == FR_OK)
        code = fr_file_write(fr_text_get(&path), fr_text_get(&csv), csv.len, err);
    fr_text_release(&path);
    fr_text_release(&csv);
    return code;
}

/* The columns and the primary key of one table. */
static int describe_table(struct fr_store *store, const char *table, json_t *resources,
                          struct fr_error *err) {
    static const struct {
        const char *sql, *type;
    } types[] = {{"INTEGER", "integer"}, {"REAL", "number"}, {"TEXT", "string"}};
    struct fr_query *query = NULL;
    json_t *fields = json_array(), *keys = json_array();
    int code =
        fr_query_open(&query, store, err,
                      "SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", "t", table);
    while (code == FR_OK && fr_query_next(query)) {
        const char *name = fr_query_text(query, 0), *type = "any";
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            if (strcmp(fr_query_text(query, 1), types[i].sql) == 0)
                type = types[i].type;
        (void)json_array_append_new(fields, json_pack("{s:s, s:s}", "name", name, "type", type));
        if (fr_query_int(query, 2) > 0)
            (void)json_array_append_new(keys, json_string(name));
    }
    if (code == FR_OK)
        code = fr_query_close(query, err);
    struct fr_text path = {0};
    fr_text_printf(&path, "%s.csv", table);
    (void)json_array_append_new(resources, json_pack("{s:s, s:s, s:s, s:s, s:{s:o, s:o, s:[s]}}",
                                                     "name", table, "path", fr_text_get(&path),
                                                     "profile", "tabular-data-resource", "encoding",
                                                     "utf-8", "schema", "fields", fields,
                                                     "primaryKey", keys, "missingValues", ""));
    fr_text_release(&path);
    return code;
}

int fr_store_describe_csv(struct fr_store *store, struct fr_text *out, struct fr_error *err) {
    struct fr_query *query = NULL;
    json_t *resources = json_array();
    int code =
        fr_query_open(&query, store, err, "SELECT name FROM result_table ORDER BY position", "");
    while (code == FR_OK && fr_query_next(query))
        code = describe_table(store, fr_query_text(query, 0), resources, err);
    code = fr_query_close_after(query, code, err);
    json_t *root = json_pack("{s:s, s:s, s:o}", "name", "fluidrep", "profile",
                             "tabular-data-package", "resources", resources);
    char *text = json_dumps(root, JSON_INDENT(1));
    FR_ASSERT(text != NULL);
    if (code == FR_OK)
        fr_text_printf(out, "%s\n", text);
    free(text);
    json_decref(root);
    return code;
}

int fr_store_export_csv(struct fr_store *store, struct fr_error *err) {
    struct fr_text dir = {0};
    fr_text_printf(&dir, "%s/tables", store->dir);
    const int code = fr_store_export_csv_to(store, fr_text_get(&dir), err);
    fr_text_release(&dir);
    return code;
}

int fr_store_export_csv_to(struct fr_store *store, const char *dir, struct fr_error *err) {
    struct fr_query *query = NULL;
    int code = fr_dir_make(dir, err);
    if (code == FR_OK)
        code = fr_store_run(store, err, "SAVEPOINT export", ""); /* one state for all the tables */
    if (code != FR_OK)
        return code;
    code = fr_query_open(&query, store, err, "SELECT name FROM result_table ORDER BY position", "");
    while (code == FR_OK && fr_query_next(query))
        code = export_table(store, fr_query_text(query, 0), dir, err);
    code = fr_query_close_after(query, code, err);
    const int released = fr_store_run(store, code == FR_OK ? err : NULL, "RELEASE export", "");
    return code == FR_OK ? released : code;
}
