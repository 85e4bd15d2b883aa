/* Solved and failed traces of the same puzzles (representations.sets: same_puzzles), in a planted
 * study in which half of the traces fail: over the namings as many of either as the puzzles have in
 * common, counted here from the traces; and in the table of success. A shard does not know the
 * other namings' verdicts and says so. */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "planted_study.h"
#include "support/directory.h"

static struct fr_error err;

static const char config[] =
    "study: same\n"
    "seed: 1\n"
    "model: {path: planted, slots: 4, context_tokens: %d}\n"
    "puzzles: {domain: %s, collect: 8, evaluate: 0}\n"
    "namings: {table: %s, use: %s, exclude: [\"9\"]}\n"
    "prompt: {style: terse}\n"
    "generation: {max_tokens: %d}\n"
    "representations: {window_tokens: 80, grid_step: 40, grid_end: 240, min_mentions: 2,"
    " previous_token: false, sets: [same_puzzles]}\n"
    "analyses: {reference_timestamp: 200, pca_timestamp: 200, resamples: 100}\n"
    "experiments: []\n";

static struct planted_study world;
static const char *path;

static int set_up(void **state) {
    struct fr_text text = {0};
    const int made = fr_test_root_make(state);
    planted_study_init(&world, 1, 1);
    fr_text_printf(&text, config, PLANTED_STUDY_TOKENS,
                   fr_test_path("data/domains/blocksworld.pddl"), fr_test_path("data/namings.tsv"),
                   planted_study_ids, PLANTED_STUDY_TOKENS);
    path = fr_strdup(fr_test_in_root("same.yaml"));
    assert_ok(fr_file_write(path, text.data, text.len, &err), err);
    fr_text_release(&text);
    return made;
}

static int tear_down(void **state) {
    planted_study_release(&world);
    free((void *)(uintptr_t)path);
    return fr_test_root_remove(state);
}

static int64_t count(struct fr_store *store, const char *sql) {
    int64_t n = -1;
    assert_ok(fr_store_find_int(store, &err, &n, sql, ""), err);
    return n;
}

/* Mentions in the groups' files of all namings. */
static int64_t groups_of(const char *set) {
    static const char *const namings[] = {"1", "2", "4", "5", "6", "7", "8", "9", "clean"};
    int64_t n = 0, files = 0;
    for (size_t i = 0; i < sizeof namings / sizeof *namings; i++) {
        struct fr_sums sums;
        struct fr_text file = {0};
        fr_text_printf(&file, "%s/reps/%s-groups_%s.safetensors", fr_test_in_root("whole"),
                       namings[i], set);
        if (access(fr_text_get(&file), F_OK) == 0) {
            assert_ok(fr_sums_load(&sums, fr_text_get(&file), FR_SITE_BLOCK, NULL, NULL, &err),
                      err);
            assert_int_equal(sums.n_times, FR_GROUPS);
            for (int k = 0; k < sums.n_concepts * sums.n_times; k++)
                n += sums.counts[k];
            fr_sums_release(&sums);
            files++;
        }
        fr_text_release(&file);
    }
    assert_true(files >= 4);
    return n;
}

static void as_many_of_either_as_the_puzzles_have_in_common(void **state) {
    (void)state;
    const struct fr_study_options options = {.config_path = path,
                                             .out_dir = fr_test_in_root("whole")};
    struct fr_store *store;
    assert_ok(planted_study_run(&world, options, FR_STAGE_ANALYSES, NULL, &err), err);
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root("whole"), &err), err);
    const int64_t both = count(
        store,
        "SELECT sum(min(solved, failed)) FROM (SELECT sum(verdict = 'solved') AS solved,"
        " sum(verdict <> 'solved') AS failed FROM trace WHERE naming NOT IN ('clean', '9') GROUP"
        " BY puzzle)");
    assert_true(both > 0 && both < count(store, "SELECT count(*) FROM trace"));
    assert_int_equal(count(store,
                           "SELECT sum(n_traces) FROM sums WHERE file LIKE '%-same_solved.%'"),
                     both);
    assert_int_equal(count(store,
                           "SELECT sum(n_traces) FROM sums WHERE file LIKE '%-same_failed.%'"),
                     both);
    /* no naming is passed over that has both, and an excluded one takes no part */
    assert_true(count(store, "SELECT count(*) FROM sums WHERE file LIKE '%-same_solved.%' AND"
                             " n_traces > 0") >= 4);
    assert_int_equal(count(store, "SELECT sum(n_traces) FROM sums WHERE file LIKE '9-same%'"), 0);
    assert_int_equal(count(store, "SELECT count(*) FROM success_test WHERE puzzles <> 'the same'"),
                     0);
    assert_true(count(store, "SELECT max(n_namings) FROM success_test") >= 3);
    /* groups hold the same mentions, at the reference alone: as many, and a naming's interval */
    assert_int_equal(groups_of("same_solved"),
                     count(store, "SELECT sum(mentions) FROM mention_count WHERE traces ="
                                  " 'same_solved' AND timestamp = 200"));
    assert_int_equal(groups_of("same_failed"),
                     count(store, "SELECT sum(mentions) FROM mention_count WHERE traces ="
                                  " 'same_failed' AND timestamp = 200"));
    assert_int_equal(count(store, "SELECT count(*) FROM success_naming WHERE (low IS NULL) <>"
                                  " (difference IS NULL OR min(solved_groups, failed_groups) < 2)"),
                     0);
    assert_true(count(store, "SELECT count(*) FROM success_naming WHERE low < high AND"
                             " difference BETWEEN low AND high") > 0);
    fr_store_close(store);
}

static void a_shard_does_not_know(void **state) {
    (void)state;
    const struct fr_study_options options = {.config_path = path,
                                             .out_dir = fr_test_in_root("shard"),
                                             .shard = {1, 2},
                                             .factory = &world.factory};
    struct fr_study *study;
    int n_ran;
    assert_ok(fr_study_open(&study, &options, &err), err);
    assert_int_equal(fr_study_run(study, FR_STAGE_REPORT, &n_ran, &err), FR_E_CONFLICT);
    assert_non_null(strstr(err.text, "--until rollouts"));
    assert_int_equal(n_ran, 0);
    assert_ok(fr_study_run(study, FR_STAGE_ROLLOUTS, &n_ran, &err), err);
    fr_study_close(study);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_of_either_as_the_puzzles_have_in_common),
        cmocka_unit_test(a_shard_does_not_know),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
