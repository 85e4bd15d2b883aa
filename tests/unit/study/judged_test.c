/* Verdicts by other rules of reading than this program's (study/judge.c): they are read again when
 * the study is opened, of traces and of steered runs, of every source, and what follows from those
 * that were others is made again, to the same bytes as if they had never been; where all are as
 * they were nothing is. */
#include "test.h"

#include <string.h>

#include "directory.h"
#include "small_planted.h"

static struct fr_error err;

static const char other_rules[] = "UPDATE meta SET value = 'other' WHERE key = 'verdicts_by'";

static int64_t count(const char *sql) {
    struct fr_store *store;
    int64_t n = -1;
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root("old"), &err), err);
    assert_ok(fr_store_find_int(store, &err, &n, sql, ""), err);
    fr_store_close(store);
    return n;
}

/* A finished study, what it holds in lines, and a copy of it in which the statements were run. */
static void make_old(int source, const char *const *statements, struct fr_text *whole) {
    char command[1024];
    struct fr_store *store;
    small_planted_write(fr_test_root, source);
    assert_ok(small_planted_run(fr_test_root, source, fr_test_in_root("old"), 1, NULL, &err), err);
    small_planted_render(fr_test_in_root("old"), whole);
    assert_ok(fr_store_open(&store, fr_test_in_root("old"), &err), err);
    for (; *statements != NULL; statements++)
        assert_ok(fr_store_run(store, &err, *statements, ""), err);
    fr_store_close(store);
    (void)snprintf(command, sizeof command, "rm %s/report.html", fr_test_in_root("old"));
    assert_int_equal(system(command), 0);
}

static void drop_old(struct fr_text *whole) {
    char command[1024];
    (void)snprintf(command, sizeof command, "rm -r %s", fr_test_in_root("old"));
    assert_int_equal(system(command), 0);
    fr_text_release(whole);
}

static void verdicts_of_other_rules_are_read_again(void **state) {
    (void)state;
    static const char *const statements[] =
        {"UPDATE trace SET verdict = CASE verdict WHEN 'solved' THEN 'unparsed' ELSE 'solved' END"
         " WHERE verdict <> 'truncated'",
         "UPDATE run SET verdict = 'goal_unmet', step = 7 WHERE verdict <> 'truncated'",
         other_rules, NULL};
    for (int source = 0; source < SMALL_PLANTED_SOURCES; source++) {
        struct fr_text whole = {0};
        int n_ran;
        print_message("%s\n", small_planted_name[source]);
        make_old(source, statements, &whole);
        assert_true(count("SELECT count(*) FROM trace WHERE verdict <> 'truncated'") > 0);
        if (source != SMALL_RECORDED)
            assert_true(count("SELECT count(*) FROM run WHERE verdict <> 'truncated'") > 0);
        assert_ok(small_planted_run(fr_test_root, source, fr_test_in_root("old"), 1, &n_ran, &err),
                  err);
        assert_true(n_ran > 0);
        small_planted_assert_same(fr_test_in_root("old"), fr_text_get(&whole),
                                  "verdicts of other rules");
        drop_old(&whole);
    }
}

static void nothing_is_made_again_where_all_are_as_they_were(void **state) {
    (void)state;
    static const char *const statements[] = {other_rules, NULL};
    struct fr_text whole = {0};
    int n_ran;
    make_old(SMALL_GENERATED, statements, &whole);
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("old"), 1, &n_ran,
                                &err),
              err);
    assert_int_equal(n_ran, 0);
    small_planted_assert_same(fr_test_in_root("old"), fr_text_get(&whole), "no other verdict");
    drop_old(&whole);
}

/* The rules are what decides, not a look at every answer each time. */
static void verdicts_of_these_rules_are_believed(void **state) {
    (void)state;
    static const char *const statements[] =
        {"UPDATE trace SET verdict = 'unparsed' WHERE verdict = 'solved'", NULL};
    struct fr_text whole = {0};
    int n_ran;
    make_old(SMALL_GENERATED, statements, &whole);
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("old"), 1, &n_ran,
                                &err),
              err);
    assert_int_equal(count("SELECT count(*) FROM trace WHERE verdict = 'solved'"), 0);
    drop_old(&whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_of_other_rules_are_read_again),
        cmocka_unit_test(nothing_is_made_again_where_all_are_as_they_were),
        cmocka_unit_test(verdicts_of_these_rules_are_believed),
    };
    return cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove);
}
