/* A comparison of two made-up studies, of which one rises half as much: its tables, its page, what
 * it refuses and what it warns of. */
#include "analyses/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/report.h"
#include "synthetic_study.h"
#include "test.h"

struct fixture {
    struct fr_store *full, *bare, *out;
    char dir[512];
    struct fr_error err;
    struct fr_text warnings;
};

static void begin(struct fixture *f) {
    *f = (struct fixture){0};
    f->full = fr_synthetic_open(FR_SYNTHETIC_FULL);
    f->bare = fr_synthetic_open(FR_SYNTHETIC_BARE);
    (void)snprintf(f->dir, sizeof f->dir, "%s/compared", fr_store_dir(f->full));
}

static void end(struct fixture *f) {
    fr_store_close(f->out);
    fr_text_release(&f->warnings);
    fr_synthetic_close(f->bare);
    fr_synthetic_close(f->full);
}

static void keep(void *user, const char *text) {
    struct fixture *f = user;
    fr_text_printf(&f->warnings, "%s\n", text);
}

static int compare(struct fixture *f, const char *label) {
    const struct fr_compared_study studies[] = {{fr_store_dir(f->full), label},
                                                {fr_store_dir(f->bare), "bare"}};
    fr_store_close(f->out);
    f->out = NULL;
    return fr_compare(f->dir, studies, 2, keep, f, &f->out, &f->err);
}

static double value(struct fr_store *store, const char *sql) {
    struct fr_query *query;
    struct fr_error err = {0};
    assert_ok(fr_query_open(&query, store, &err, sql, ""), err);
    assert_true(fr_query_next(query));
    const double x = fr_query_double(query, 0);
    assert_ok(fr_query_close(query, &err), err);
    return x;
}

static void change(struct fixture *f, const char *sql) {
    assert_ok(fr_store_run(f->bare, &f->err, sql, ""), f->err);
}

static void another_study_s_rise_is_a_share_of_the_first_s(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    assert_ok(compare(&f, NULL), f.err);
    assert_near(value(f.out, "SELECT count(*) FROM compared_study"), 2, 0);
    assert_near(value(f.out, "SELECT n_namings FROM compared_rise WHERE kind = 'action'"), 2, 0);
    assert_near(value(f.out, "SELECT explained FROM compared_rise WHERE kind = 'action'"), 0.5,
                1e-9);
    assert_near(value(f.out, "SELECT high - low FROM compared_rise WHERE kind = 'action'"), 0,
                1e-9);
    assert_near(value(f.out, "SELECT count(*) FROM compared_curve WHERE label = 'bare'"),
                value(f.bare, "SELECT count(*) FROM similarity WHERE variant = 'loo'") +
                    value(f.bare, "SELECT count(*) FROM pair_similarity WHERE centring = 'kind' AND"
                                  " figure IN ('naming', 'clean_single') AND layer = 1 AND"
                                  " reference_timestamp = (SELECT max(reference_timestamp) FROM"
                                  " similarity)"),
                0);
    assert_near(value(f.out, "SELECT max(depth) FROM compared_separation"), 1, 0);
    /* what is left: the first's own controls at its layer, and the other's curve with its share */
    assert_near(value(f.out, "SELECT count(*) FROM compared_control WHERE role <> 'study' AND mean"
                             " IS NOT NULL"),
                value(f.full, "SELECT count(*) FROM control_curve WHERE control <> 'ceiling' AND"
                              " mean IS NOT NULL AND layer = 3"),
                0);
    assert_near(value(f.out, "SELECT count(DISTINCT control) FROM compared_control WHERE role ="
                             " 'removes' AND explained IS NOT NULL") > 0,
                1, 0);
    assert_near(value(f.out, "SELECT count(*) FROM compared_control WHERE control = 'bare' AND"
                             " role = 'study' AND kind = 'action' AND abs(explained - 0.5) < 1e-9"),
                value(f.out, "SELECT count(*) FROM compared_curve WHERE label = 'bare' AND figure ="
                             " 'mean' AND relation = 'same' AND kind = 'action'"),
                0);
    assert_near(value(f.out,
                      "SELECT count(*) FROM compared_control WHERE control LIKE 'synthetic%'"),
                0, 0);
    end(&f);
}

static void the_page_has_curves_separation_and_the_paper_s_table(void **state) {
    (void)state;
    struct fixture f;
    struct fr_text page = {0}, table = {0};
    char *path = NULL;
    begin(&f);
    for (int again = 0; again < 2; again++) /* made anew, it is the same */
        assert_ok(compare(&f, "first"), f.err);
    assert_ok(fr_report_write(f.out, &path, &f.err), f.err);
    assert_ok(fr_file_read_text(path, 64 << 20, &page, &f.err), f.err);
    static const char *const wanted[] = {"<h1>first, bare</h1>", "fig-compare-curves",
                                         "fig-compare-separation", "QwQ-32B (paper)",
                                         "id=\"table-compared-rises\"", "No setting differs",
                                         "fig-compare-controls", "\": has 50%",
                                         /* a study has one colour in all figures */
                                         "\"range\":[\"#0072B2\",\"#D55E00\"]",
                                         "\"#777777\",\"#D55E00\"]"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strstr(fr_text_get(&page), wanted[i]) == NULL)
            fail_msg("the page lacks %s", wanted[i]);
    const char *const names[] = {"compared-rises", "claims"};
    assert_ok(fr_report_tables(f.out, FR_REPORT_CSV, names, 1, &table, &f.err), f.err);
    assert_non_null(strstr(fr_text_get(&table), "actions,bare,"));
    const char *const models = "compared-models"; /* what mystery is, said of each */
    fr_text_clear(&table);
    assert_ok(fr_report_tables(f.out, FR_REPORT_MARKDOWN, &models, 1, &table, &f.err), f.err);
    const char *row = strstr(fr_text_get(&table), "| **first** |");
    assert_non_null(row);
    assert_non_null(strstr(row, "** | **naming 1** | **"));
    assert_non_null(strstr(row, "| **bare** |"));
    assert_non_null(strstr(strstr(row, "| **bare** |"), "** | **mean over 1** | **"));
    assert_int_equal(fr_report_tables(f.out, FR_REPORT_CSV, names + 1, 1, &table, &f.err),
                     FR_E_INPUT);
    assert_int_equal(fr_report_tables(f.full, FR_REPORT_CSV, names, 1, &table, &f.err), FR_E_INPUT);
    free(path);
    /* one naming alone is no mean */
    assert_ok(fr_store_run(f.out, &f.err,
                           "UPDATE compared_curve SET n_namings = 1 WHERE label = 'bare'", ""),
              f.err);
    assert_ok(fr_report_write(f.out, &path, &f.err), f.err);
    fr_text_clear(&page);
    assert_ok(fr_file_read_text(path, 64 << 20, &page, &f.err), f.err);
    assert_non_null(strstr(fr_text_get(&page), "for want of mentions: bare (no curve at all)"));
    fr_text_release(&page);
    fr_text_release(&table);
    free(path);
    end(&f);
}

static void settings_that_differ_are_warned_of_by_key(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    change(&f, "UPDATE meta SET value = replace(value, 'window_tokens: 28', 'window_tokens: 7')"
               " WHERE key = 'configuration'");
    assert_ok(compare(&f, "first"), f.err);
    assert_non_null(strstr(fr_text_get(&f.warnings), "representations.window_tokens differs: "));
    assert_non_null(strstr(fr_text_get(&f.warnings), "bare has 7"));
    assert_null(strstr(fr_text_get(&f.warnings), "seed differs"));
    end(&f);
    begin(&f); /* what is said to a model is a setting, whatever it looks like; where a file lies is
                  not */
    change(&f, "UPDATE meta SET value = value || 'prompt.system: /no_think' || char(10) ||"
               " 'traces.match: true' || char(10) || 'model.path: /a/b.gguf' || char(10)"
               " WHERE key = 'configuration'");
    assert_ok(compare(&f, "second"), f.err);
    assert_non_null(strstr(fr_text_get(&f.warnings), "prompt.system differs: bare has /no_think"));
    assert_non_null(strstr(fr_text_get(&f.warnings), "traces.match differs: "));
    assert_near(value(f.out, "SELECT count(*) FROM compared_setting WHERE key = 'model.path'"), 0,
                0);
    end(&f);
}

static void what_cannot_be_compared_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *sql, *says;
    } cases[] = {
        {"UPDATE naming_word SET word = 'zork' WHERE naming = '1' AND position = 0",
         "of naming 1 \"zork\""},
        {"UPDATE naming_word SET concept = 'load' WHERE position = 2", "about another domain"},
        {"UPDATE result_table SET definition = 'x' WHERE name = 'similarity'",
         "another version of fluidrep"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        begin(&f);
        change(&f, cases[i].sql);
        assert_int_not_equal(compare(&f, "first"), FR_OK);
        assert_null(f.out);
        if (strstr(f.err.text, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, f.err.text);
        end(&f);
    }
    struct fixture f;
    begin(&f);
    assert_int_equal(compare(&f, "bare"), FR_E_INPUT); /* two of one name */
    change(&f, "DELETE FROM similarity");
    change(&f, "DELETE FROM accuracy");
    assert_int_equal(compare(&f, "first"), FR_E_INPUT);
    assert_non_null(strstr(f.err.text, "neither curves nor accuracies"));
    const struct fr_compared_study studies[] = {{fr_store_dir(f.full), NULL}};
    assert_int_equal(fr_compare(f.dir, studies, 1, NULL, NULL, &f.out, &f.err), FR_E_INPUT);
    end(&f);
}

/* The comparison that stood is still there, of both studies; of a new one nothing is left. */
static void one_that_fails_leaves_what_stood(void **state) {
    (void)state;
    struct fixture f;
    struct fr_text before = {0}, after = {0}, path = {0};
    begin(&f);
    assert_int_not_equal(compare(&f, "bare"), FR_OK);
    assert_false(fr_file_exists(f.dir));
    assert_ok(compare(&f, "first"), f.err);
    assert_ok(fr_store_render_csv(f.out, "compared_study", &before, &f.err), f.err);
    change(&f, "UPDATE naming_word SET word = 'zork' WHERE naming = '1' AND position = 0");
    assert_int_equal(compare(&f, "first"), FR_E_INPUT); /* found at the second study */
    fr_text_printf(&path, "%s/study.db", f.dir);
    assert_true(fr_file_exists(fr_text_get(&path)));
    assert_ok(fr_store_open_readonly(&f.out, f.dir, &f.err), f.err);
    assert_ok(fr_store_render_csv(f.out, "compared_study", &after, &f.err), f.err);
    assert_string_equal(fr_text_get(&after), fr_text_get(&before));
    assert_near(value(f.out, "SELECT count(*) FROM compared_study"), 2, 0);
    assert_near(value(f.out, "SELECT count(*) FROM compared_rise") > 0, 1, 0);
    fr_text_release(&before);
    fr_text_release(&after);
    fr_text_release(&path);
    end(&f);
}

/* What makes its tables anew is no configuration. */
static void tables_of_another_version_are_made_by_compare(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    assert_ok(compare(&f, "first"), f.err);
    assert_ok(fr_store_run(f.out, &f.err,
                           "UPDATE result_table SET definition = 'x' WHERE name = 'compared_rise'",
                           ""),
              f.err);
    assert_int_equal(fr_store_check_results(f.out, fr_compared_tables, fr_n_compared_tables,
                                            &f.err),
                     FR_E_CONFLICT);
    assert_non_null(strstr(f.err.text, "`fluidrep compare STUDY STUDY --out "));
    assert_ok(compare(&f, "first"), f.err);
    assert_ok(fr_store_check_results(f.out, fr_compared_tables, fr_n_compared_tables, &f.err),
              f.err);
    assert_near(value(f.out, "SELECT count(*) FROM compared_study"), 2, 0);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_study_s_rise_is_a_share_of_the_first_s),
        cmocka_unit_test(the_page_has_curves_separation_and_the_paper_s_table),
        cmocka_unit_test(settings_that_differ_are_warned_of_by_key),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
        cmocka_unit_test(one_that_fails_leaves_what_stood),
        cmocka_unit_test(tables_of_another_version_are_made_by_compare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
