/* Result tables: made as they are defined, and out as CSV: RFC 4180, exact numbers, the same rows
 * give the same bytes. */
#include "unit/store/store_fixture.h"

static const struct fr_result_table tables[] = {
    {"headline", FR_OWNER_STATISTICS,
     "position INTEGER PRIMARY KEY, name TEXT NOT NULL, value REAL, low REAL, high REAL,"
     " text TEXT NOT NULL"},
    {"pca", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL, naming TEXT NOT NULL,"
     " concept TEXT NOT NULL, x REAL, y REAL, z REAL,"
     " PRIMARY KEY (layer, kind, timestamp, naming, concept)"},
    {"accuracy", FR_OWNER_STATISTICS, "naming TEXT PRIMARY KEY, share REAL"},
};
enum { N_TABLES = sizeof tables / sizeof *tables };

static unsigned define(struct fr_store *store, const struct fr_result_table *wanted, int n) {
    struct fr_error err = {0};
    unsigned remade = 99;
    assert_ok(fr_store_define_results(store, wanted, n, &remade, &err), err);
    return remade;
}

static int setup(void **state) {
    *state = open_store(make_directory());
    (void)define(*state, tables, N_TABLES);
    return 0;
}

static void read_csv(struct fr_store *store, const char *name, struct fr_text *out) {
    struct fr_error err = {0};
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/tables/%s.csv", fr_store_dir(store), name);
    assert_ok(fr_file_read(fr_text_get(&path), 1 << 20, out, &err), err);
    fr_text_release(&path);
}

static void add_headline(struct fr_store *store, int64_t position, const char *name, double value,
                         const char *text) {
    struct fr_error err = {0};
    assert_ok(fr_store_run(store, &err, "INSERT INTO headline VALUES (?, ?, ?, NULL, ?, ?)",
                           "itddt", position, name, value, 2.0, text),
              err);
}

static void fields_are_quoted_as_rfc_4180_says(void **state) {
    struct fr_error err = {0};
    struct fr_text csv = {0};
    add_headline(*state, 2, "comma, quote \"", 0.1, "two\r\nlines");
    add_headline(*state, 1, "", NAN, "caf\xc3\xa9 ");
    add_headline(*state, 10, "plain", -1e300, "x");
    assert_ok(fr_store_export_csv(*state, &err), err);
    read_csv(*state, "headline", &csv);
    assert_string_equal(fr_text_get(&csv),
                        "position,name,value,low,high,text\r\n"
                        "1,\"\",,,2,caf\xc3\xa9 \r\n"
                        "2,\"comma, quote \"\"\",0.10000000000000001,,2,\"two\r\nlines\"\r\n"
                        "10,plain,-1.0000000000000001e+300,,2,x\r\n");
    fr_text_release(&csv);
}

static void every_result_table_has_a_file_even_when_empty(void **state) {
    struct fr_error err = {0};
    assert_ok(fr_store_export_csv(*state, &err), err);
    for (int i = 0; i < N_TABLES; i++) {
        struct fr_text csv = {0};
        read_csv(*state, tables[i].name, &csv);
        assert_true(csv.len > 2);
        assert_ptr_equal(strstr(csv.data, "\r\n"), csv.data + csv.len - 2); /* a header, no rows */
        fr_text_release(&csv);
    }
}

static void every_double_reads_back_as_itself(void **state) {
    static const double values[] = {1.0 / 3, 0.1 + 0.2, 1e-310, 123456789.123456789, 2.5, 1e22};
    struct fr_error err = {0};
    struct fr_text csv = {0};
    for (int i = 0; i < 6; i++)
        add_headline(*state, i, "n", values[i], "t");
    assert_ok(fr_store_export_csv(*state, &err), err);
    read_csv(*state, "headline", &csv);
    const char *line = fr_text_get(&csv);
    for (int i = 0; i < 6; i++) {
        line = strstr(line, ",n,");
        assert_non_null(line);
        line += 3;
        assert_true(strtod(line, NULL) == values[i]);
    }
    fr_text_release(&csv);
}

/* 41 rows of pca, in an order that depends on stride (1..40). */
static void add_pca(struct fr_store *store, int stride) {
    struct fr_error err = {0};
    for (int k = 0; k < 41; k++) {
        const int64_t i = k * stride % 41;
        struct fr_text naming = {0};
        fr_text_printf(&naming, "m%d", (int)i);
        assert_ok(fr_store_run(store, &err,
                               "INSERT OR REPLACE INTO pca "
                               "VALUES (?, 'action', ?, ?, ?, ?, ?, ?)",
                               "iittddd", i % 3 + 1, i % 2 * 100, fr_text_get(&naming),
                               i % 4 < 2 ? "stack" : "unstack", (double)(i % 7) / 7, 1.0 / 3,
                               (double)NAN),
                  err);
        fr_text_release(&naming);
    }
}

static void the_same_rows_give_the_same_bytes_whatever_their_history(void **state) {
    struct fr_error err = {0};
    struct fr_text one = {0}, two = {0};
    add_pca(*state, 1);
    assert_ok(fr_store_export_csv(*state, &err), err);
    read_csv(*state, "pca", &one);
    assert_int_equal(count_rows(*state, "pca"), 41);

    struct fr_store *other = open_store(make_directory());
    (void)define(other, tables, N_TABLES);
    add_pca(other, 1);
    assert_ok(fr_store_clear_results(other, "pca", &err), err);
    assert_int_equal(count_rows(other, "pca"), 0);
    add_pca(other, 40); /* backwards */
    add_pca(other, 17); /* and every row replaced by itself */
    assert_ok(fr_store_export_csv(other, &err), err);
    assert_ok(fr_store_export_csv(other, &err), err);
    read_csv(other, "pca", &two);
    assert_string_equal(fr_text_get(&one), fr_text_get(&two));
    char *dir = fr_strdup(fr_store_dir(other));
    fr_store_close(other);

    /* A reader without the lock writes the same. */
    fr_text_clear(&two);
    assert_ok(fr_store_open_readonly(&other, dir, &err), err);
    assert_ok(fr_store_export_csv(other, &err), err);
    read_csv(other, "pca", &two);
    assert_string_equal(fr_text_get(&one), fr_text_get(&two));
    fr_store_close(other);
    remove_directory(dir);
    free(dir);
    fr_text_release(&one);
    fr_text_release(&two);
}

static void rows_come_in_the_order_of_their_primary_key(void **state) {
    struct fr_error err = {0};
    struct fr_text csv = {0};
    static const int64_t layers[] = {10, 9, 2};
    for (int i = 0; i < 3; i++)
        assert_ok(fr_store_run(*state, &err,
                               "INSERT INTO pca VALUES (?, 'action', 0, 'm1', 'stack', 0, 0, 0)",
                               "i", layers[i]),
                  err);
    assert_ok(fr_store_export_csv(*state, &err), err);
    read_csv(*state, "pca", &csv);
    assert_string_equal(fr_text_get(&csv), "layer,kind,timestamp,naming,concept,x,y,z\r\n"
                                           "2,action,0,m1,stack,0,0,0\r\n"
                                           "9,action,0,m1,stack,0,0,0\r\n"
                                           "10,action,0,m1,stack,0,0,0\r\n");
    fr_text_release(&csv);
}

static void a_table_that_cannot_be_written_is_reported_and_the_old_one_stays(void **state) {
    struct fr_error err = {0};
    struct fr_text csv = {0};
    add_headline(*state, 1, "old", 1, "t");
    assert_ok(fr_store_export_csv(*state, &err), err);
    assert_ok(fr_store_clear_results(*state, "headline", &err), err);
    const struct rlimit old = limit_files(16); /* root cannot write more either */
    const int code = fr_store_export_csv(*state, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(code, FR_E_IO);
    assert_says(&err, FR_E_IO, "tables/headline.csv: larger than a file may grow");
    read_csv(*state, "headline", &csv);
    assert_non_null(strstr(fr_text_get(&csv), "1,old,1,"));
    assert_ok(fr_store_begin(*state, &err), err); /* the export left no transaction behind */
    assert_ok(fr_store_commit(*state, &err), err);
    fr_text_release(&csv);
}

/* ---- definitions ----------------------------------------------------------------------------- */

enum { ANALYSES = 1 << FR_OWNER_ANALYSES, STATISTICS = 1 << FR_OWNER_STATISTICS };

static bool has_table(struct fr_store *store, const char *name) {
    struct fr_error err = {0};
    struct fr_query *query;
    assert_ok(fr_query_open(&query, store, &err, "SELECT 1 FROM sqlite_schema WHERE name = ?", "t",
                            name),
              err);
    const bool found = fr_query_next(query);
    assert_ok(fr_query_close(query, &err), err);
    return found;
}

static void tables_are_made_once_and_told_by_their_owners(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    assert_int_equal(define(store, tables, N_TABLES), ANALYSES | STATISTICS);
    assert_int_equal(count_rows(store, "result_table"), N_TABLES);
    add_headline(store, 1, "kept", 1, "t");
    assert_int_equal(define(store, tables, N_TABLES), 0);
    assert_int_equal(count_rows(store, "headline"), 1);
    fr_store_close(store);
    store = open_store(dir); /* and in another process's eyes */
    assert_int_equal(define(store, tables, N_TABLES), 0);
    assert_int_equal(count_rows(store, "headline"), 1);
    fr_store_close(store);
    remove_directory(dir);
}

static void a_table_defined_otherwise_is_made_anew_and_its_owner_told(void **state) {
    struct fr_result_table now[N_TABLES];
    struct fr_error err = {0};
    memcpy(now, tables, sizeof now);
    add_headline(*state, 1, "kept", 1, "t");
    assert_ok(fr_store_run(*state, &err,
                           "INSERT INTO pca VALUES (1, 'action', 0, 'm1', 'stack', 0, 0, 0)", ""),
              err);
    now[1].columns = "layer INTEGER PRIMARY KEY, value REAL";
    assert_int_equal(define(*state, now, N_TABLES), ANALYSES);
    assert_int_equal(count_rows(*state, "pca"), 0);
    assert_int_equal(count_rows(*state, "headline"), 1);
    assert_ok(fr_store_run(*state, &err, "INSERT INTO pca VALUES (1, 2)", ""), err);
    assert_int_equal(define(*state, now, N_TABLES), 0);
    assert_int_equal(count_rows(*state, "pca"), 1);
    /* back again */
    assert_int_equal(define(*state, tables, N_TABLES), ANALYSES);
    assert_int_equal(count_rows(*state, "pca"), 0);
    add_pca(*state, 1);
    /* a table that somebody dropped is missing */
    assert_ok(fr_store_run(*state, &err, "DROP TABLE accuracy", ""), err);
    assert_int_equal(define(*state, tables, N_TABLES), STATISTICS);
    assert_true(has_table(*state, "accuracy"));
    assert_int_equal(count_rows(*state, "pca"), 41);
}

static void a_table_that_is_no_more_is_dropped_and_a_new_one_joins(void **state) {
    static const struct fr_result_table others[] = {
        {"new", FR_OWNER_ANALYSES, "a INTEGER PRIMARY KEY"},
        {"headline", FR_OWNER_STATISTICS,
         "position INTEGER PRIMARY KEY, name TEXT NOT NULL, value REAL, low REAL, high REAL,"
         " text TEXT NOT NULL"},
    };
    struct fr_error err = {0};
    add_headline(*state, 1, "kept", 1, "t");
    assert_int_equal(define(*state, others, 2), ANALYSES);
    assert_false(has_table(*state, "pca"));
    assert_false(has_table(*state, "accuracy"));
    assert_int_equal(count_rows(*state, "result_table"), 2);
    assert_int_equal(count_rows(*state, "headline"), 1);
    assert_ok(fr_store_export_csv(*state, &err), err); /* asks the tables that there are */
    assert_int_equal(define(*state, others, 0), 0);
    assert_false(has_table(*state, "new"));
    assert_int_equal(count_rows(*state, "result_table"), 0);
    assert_true(has_table(*state, "trace")); /* no table of results */
}

static void a_definition_that_is_no_sql_changes_nothing(void **state) {
    static const struct fr_result_table wrong[] = {
        {"pca", FR_OWNER_ANALYSES, "a INTEGER PRIMARY KEY"},
        {"worse", FR_OWNER_ANALYSES, "a INTEGER PRIMARY KEY, b NONSENSE"},
    };
    struct fr_error err = {0};
    unsigned remade;
    add_pca(*state, 1);
    assert_int_equal(fr_store_define_results(*state, wrong, 2, &remade, &err), FR_E_IO);
    assert_int_equal(count_rows(*state, "pca"), 41);
    assert_int_equal(define(*state, tables, N_TABLES), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, close_and_remove)
    const struct CMUnitTest tests[] = {
        TEST(fields_are_quoted_as_rfc_4180_says),
        TEST(every_result_table_has_a_file_even_when_empty),
        TEST(every_double_reads_back_as_itself),
        TEST(the_same_rows_give_the_same_bytes_whatever_their_history),
        TEST(rows_come_in_the_order_of_their_primary_key),
        TEST(a_table_that_cannot_be_written_is_reported_and_the_old_one_stays),
        TEST(tables_are_made_once_and_told_by_their_owners),
        TEST(a_table_defined_otherwise_is_made_anew_and_its_owner_told),
        TEST(a_table_that_is_no_more_is_dropped_and_a_new_one_joins),
        TEST(a_definition_that_is_no_sql_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
