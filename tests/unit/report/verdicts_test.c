/* The page's and the tables' words on controls, verdicts of runs and figures that tie. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/report.h"
#include "synthetic_study.h"

static struct fr_error err;
static struct fr_store *store;

static int set_up(void **state) {
    (void)state;
    store = fr_synthetic_open(FR_SYNTHETIC_FULL);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fr_synthetic_close(store);
    return 0;
}

static void sql(const char *text) { assert_ok(fr_store_run(store, &err, text, ""), err); }

static void assert_row(const char *table, const char *wanted, bool is_there) {
    struct fr_text out = {0};
    assert_ok(fr_report_tables(store, FR_REPORT_MARKDOWN, &table, 1, &out, &err), err);
    if ((strstr(fr_text_get(&out), wanted) != NULL) != is_there)
        fail_msg("%s \"%s\" in %s", is_there ? "no" : "a", wanted, fr_text_get(&out));
    fr_text_release(&out);
}

/* How much of an effect is of answers that cannot be read, beside the unedited run. */
static void verdicts_of_runs_stand_beside_the_unedited_ones(void **state) {
    (void)state;
    sql("UPDATE run_verdict SET n = iif(naming = '1', 40, 0), solved = 0, goal_unmet = 0,"
        " illegal_step = 0, unparsed = 0, truncated = 0, before_solved = 0, before_goal_unmet = 0,"
        " before_illegal_step = 0, before_unparsed = 0, before_truncated = 0");
    sql("UPDATE run_verdict SET solved = 12, goal_unmet = 3, illegal_step = 9, unparsed = 14,"
        " truncated = 2, before_solved = 20, before_goal_unmet = 4, before_illegal_step = 11,"
        " before_unparsed = 4, before_truncated = 1 WHERE naming = '1'");
    assert_row("run-verdicts", "| unedited run | to T = 260 | 40 | 20 | 4 | 11 | 4 | 1 | 57.1 |",
               true);
    assert_row("run-verdicts",
               "| in_naming, random (control) | layer 3 | 40 | 12 | 3 | 9 | 14 | 2 "
               "| 50.0 |",
               true);
}

static void contrasts_stand_whatever_effects_are_against(void **state) {
    (void)state;
    sql("UPDATE contrast SET mean = 0.125, low = 0.0625, high = 0.1875 WHERE other = 'random'");
    assert_row("contrasts", "| in_naming | layer 3 | random | +12.50 | 2.00 | +6.25 to +18.75 |",
               true);
    assert_row("contrasts", "| the unedited run |", true);
}

/* An effect that no design of the kind could miss but by being impossible. */
static void what_cannot_be_found_is_a_dash(void **state) {
    (void)state;
    sql("UPDATE effect SET detectable = 1.282");
    assert_row("effects", "128.2", false);
    sql("UPDATE effect SET detectable = 0.25");
    assert_row("effects", "| 25.00 |", true);
}

static void the_largest_of_several_is_none_of_them(void **state) {
    (void)state;
    sql("UPDATE effect_naming SET n = 10, solved = 4, against_solved = 4, effect = 0");
    assert_row("statements", "| +0.0 points: ", true);
    assert_row("statements", " alike, of 19 namings in ", true);
    assert_row("statements", "points: naming", false);
}

/* Of the shuffles, not of their means, and beside the true one. */
static void the_largest_shuffle_is_the_largest(void **state) {
    (void)state;
    struct fr_text html = {0};
    char *path = NULL;
    sql("UPDATE separation SET silhouette = 0.5, silhouette_shuffled = -0.11, silhouette_highest ="
        " 0.17");
    assert_ok(fr_report_write(store, &path, &err), err);
    assert_ok(fr_file_read(path, (size_t)1 << 26, &html, &err), err);
    assert_non_null(
        strstr(fr_text_get(&html),
               "largest silhouette of true labels over layers 0.50; of shuffled labels, "
               "over 100 shuffles of every layer, 0.17 (their means by layer: at most "
               "\xe2\x88\x92"
               "0.11)"));
    fr_text_release(&html);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(verdicts_of_runs_stand_beside_the_unedited_ones, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(contrasts_stand_whatever_effects_are_against, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_found_is_a_dash, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_largest_of_several_is_none_of_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_largest_shuffle_is_the_largest, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
