/* A finished study whose configuration changes comes to what one made with it from the beginning
 * is, once; a fork that fails leaves nothing. */
#include "test.h"

#include <string.h>

#include "directory.h"
#include "planted_study.h"
#include "small_planted.h"

static struct fr_error err;

static const char *config(void) { return fr_test_in_root("generated.yaml"); }

/* Runs what is due and says how many stages that were. */
static int run(const char *out) {
    int n_ran;
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root(out), 1, &n_ran,
                                &err),
              err);
    return n_ran;
}

/* The study OUT has nothing to do, and its tables are those of one made anew from the same
 * configuration. (Runs and sums of a naming that is left out now stay: they were a model's work.)
 */
static void assert_as_made_anew(const char *out) {
    char command[2048];
    assert_int_equal(run(out), 0);
    assert_int_equal(run("anew"), FR_N_STAGES - 1);
    (void)snprintf(command, sizeof command, "diff -r %s/tables %s/tables >&2",
                   fr_test_in_root("anew"), fr_test_in_root(out));
    assert_int_equal(system(command), 0);
    fr_test_directory_remove(fr_test_in_root("anew"));
}

static void namings_left_out_later_are_left_out_once(void **state) {
    (void)state;
    static const char *const lists[] = {"exclude: [\"4\"]", "exclude: [], accuracy_only: [\"4\"]",
                                        "exclude: []"};
    small_planted_write(fr_test_root, SMALL_GENERATED);
    small_planted_replace(config(), "\"1\", \"2\"]", "\"1\", \"2\", \"4\"]");
    assert_int_equal(run("left-out"), FR_N_STAGES - 1);
    const char *before = "exclude: []";
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        small_planted_replace(config(), before, lists[i]);
        before = lists[i];
        /* analyses, steering, statistics; from one list to the next the same are left out */
        assert_int_equal(run("left-out"), 3);
        assert_as_made_anew("left-out");
    }
}

static void results_follow_sums_that_are_others(void **state) {
    (void)state;
    small_planted_write(fr_test_root, SMALL_GENERATED);
    small_planted_replace(config(), "sets: [failed]}", "sets: [matched], matched_mentions: 1}");
    assert_int_equal(run("sums"), FR_N_STAGES - 1);
    small_planted_replace(config(), "matched_mentions: 1", "matched_mentions: 2");
    assert_int_equal(run("sums"), 4); /* representations, and what stands on them */
    assert_as_made_anew("sums");
    /* groups of traces are of the reference timestamp */
    small_planted_write(fr_test_root, SMALL_GENERATED);
    (void)run("groups");
    small_planted_replace(config(), "reference_timestamp: 80", "reference_timestamp: 40");
    assert_int_equal(run("groups"), 4);
    assert_as_made_anew("groups");
}

/* As if an older program had made the study. Statistics' own tables are as they were, but what they
 * say is read from the analyses'. */
static void statistics_follow_tables_of_analyses_that_are_others(void **state) {
    (void)state;
    struct fr_store *store;
    small_planted_write(fr_test_root, SMALL_GENERATED);
    assert_int_equal(run("older"), FR_N_STAGES - 1);
    assert_ok(fr_store_open(&store, fr_test_in_root("older"), &err), err);
    assert_ok(fr_store_run(store, &err,
                           "UPDATE result_table SET definition = 'layer INTEGER PRIMARY KEY' WHERE"
                           " name = 'control_rise'",
                           ""),
              err);
    assert_ok(fr_store_run(store, &err, "UPDATE headline SET text = 'stale'", ""), err);
    fr_store_close(store);
    assert_int_equal(run("older"), 2);
    assert_as_made_anew("older");
}

/* ---- forks ----------------------------------------------------------------------------------- */

static bool is_unseen, is_unread;

static int look(void *user, const char *path, struct fr_model_info *out, struct fr_error *fault) {
    (void)user;
    *out = (struct fr_model_info){.n_layers = PLANTED_STUDY_LAYERS,
                                  .context_train = 1 << 20,
                                  .n_vocab = 1 << 10};
    return is_unseen ? fr_fail(fault, FR_E_INPUT, "%s: not found", path) : FR_OK;
}

static int (*identify_planted)(void *user, const char *path, char sha256[FR_SHA256_TEXT],
                               struct fr_error *err);
static int identify(void *user, const char *path, char sha256[FR_SHA256_TEXT],
                    struct fr_error *fault) {
    return is_unread ? fr_fail(fault, FR_E_IO, "%s: cannot be read", path)
                     : identify_planted(user, path, sha256, fault);
}

static void a_fork_that_fails_leaves_nothing(void **state) {
    (void)state;
    struct planted_study world;
    enum fr_stage first;
    char old[600], new[600];
    (void)snprintf(old, sizeof old, "%s", fr_test_in_root("forked"));
    (void)snprintf(new, sizeof new, "%s/", fr_test_in_root("new"));
    small_planted_write(fr_test_root, SMALL_GENERATED);
    (void)run("forked");
    planted_study_init(&world, 1, 1);
    identify_planted = world.factory.identify;
    world.factory.identify = identify;
    world.factory.look = look;
    for (int i = 0; i < 2; i++) {
        is_unseen = i == 0;
        is_unread = i == 1;
        assert_int_equal(fr_study_fork(old, new, config(), &world.factory, &first, &err),
                         i == 0 ? FR_E_INPUT : FR_E_IO);
        assert_non_null(strstr(err.text, i == 0 ? "not found" : "cannot be read"));
        assert_false(fr_file_exists(fr_test_in_root("new")));
        assert_false(fr_file_exists(fr_test_in_root("new.part")));
    }
    is_unread = false;
    assert_ok(fr_study_fork(old, new, config(), &world.factory, &first, &err), err);
    assert_int_equal(first, FR_STAGE_REPORT);
    assert_false(fr_file_exists(fr_test_in_root("new.part")));
    planted_study_release(&world);
    assert_int_equal(run("new"), 0);
    struct fr_text whole = {0}, found = {0};
    small_planted_render(old, &whole);
    small_planted_render(fr_test_in_root("new"), &found);
    assert_string_equal(fr_text_get(&found), fr_text_get(&whole));
    fr_text_release(&whole);
    fr_text_release(&found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(namings_left_out_later_are_left_out_once),
        cmocka_unit_test(results_follow_sums_that_are_others),
        cmocka_unit_test(statistics_follow_tables_of_analyses_that_are_others),
        cmocka_unit_test(a_fork_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove);
}
