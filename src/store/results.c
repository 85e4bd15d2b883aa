/* Result tables out as CSV (RFC 4180): the same rows give the same bytes. NULL (an absent number)
 * is an empty field, the empty string is "". Rejected: SQLite's own rendering of numbers, which
 * rounds to 15 digits and would not read back as the same double. */
#include <string.h>

#include "base/file.h"
#include "store/connection.h"

static bool is_result_table(const char *table) {
    for (int i = 0; i < fr_n_result_tables; i++)
        if (strcmp(fr_result_tables[i], table) == 0)
            return true;
    return false;
}

int fr_store_clear_results(struct fr_store *store, const char *table, struct fr_error *err) {
    FR_ASSERT(is_result_table(table));
    struct fr_text sql = {0};
    fr_text_printf(&sql, "DELETE FROM %s", table);
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

static int render_table(struct fr_store *store, const char *table, struct fr_text *out,
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

int fr_store_export_csv(struct fr_store *store, struct fr_error *err) {
    struct fr_text path = {0}, csv = {0};
    fr_text_printf(&path, "%s/tables", store->dir);
    int code = fr_dir_make(fr_text_get(&path), err);
    if (code != FR_OK)
        goto out;
    code = fr_store_run(store, err, "SAVEPOINT export", ""); /* one state for all the tables */
    if (code != FR_OK)
        goto out;
    for (int i = 0; code == FR_OK && i < fr_n_result_tables; i++) {
        fr_text_clear(&csv);
        fr_text_clear(&path);
        fr_text_printf(&path, "%s/tables/%s.csv", store->dir, fr_result_tables[i]);
        code = render_table(store, fr_result_tables[i], &csv, err);
        if (code == FR_OK)
            code = fr_file_write(fr_text_get(&path), fr_text_get(&csv), csv.len, err);
    }
    struct fr_error late = {0};
    const int released = fr_store_run(store, &late, "RELEASE export", "");
    if (code == FR_OK && released != FR_OK)
        code = fr_fail(err, released, "%s", late.text);
out:
    fr_text_release(&path);
    fr_text_release(&csv);
    return code;
}
