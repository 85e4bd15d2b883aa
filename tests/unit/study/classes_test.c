/* Puzzles that are the same up to the names of their objects, of which a generated set has many:
 * they are in one half of the puzzles and are paired as one, studies without any keep the halves
 * that they had, and only a study whose halves are others reads its traces again. Vectors of
 * another study that collected on what is evaluated here are told of. */
#include "study/internal.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "directory.h"
#include "planted_study.h"
#include "small_planted.h"

static struct fr_error err;
static struct planted_study world;
static char told[4096];

static void warn(void *user, const char *what) {
    (void)user;
    const size_t n = strlen(told);
    (void)snprintf(told + n, sizeof told - n, "%s\n", what);
}

/* Runs CONFIG of the test's directory into OUT up to a stage; how many stages that were. The study
 * stays open in *study, unless that is NULL. */
static int run(const char *config, const char *out, enum fr_stage last, struct fr_study **study) {
    static const struct fr_study_events events = {.work = {.warning = warn}};
    struct fr_study *own = NULL;
    int n_ran;
    const struct fr_study_options options = {.config_path = fr_test_in_root(config),
                                             .out_dir = fr_test_in_root(out),
                                             .factory = &world.factory,
                                             .events = &events};
    *told = '\0';
    assert_ok(fr_study_open(&own, &options, &err), err);
    assert_ok(fr_study_run(own, last, &n_ran, &err), err);
    if (study != NULL)
        *study = own;
    else
        fr_study_close(own);
    return n_ran;
}

static void change(const char *out, const char *sql) {
    struct fr_store *store;
    assert_ok(fr_store_open(&store, fr_test_in_root(out), &err), err);
    assert_ok(fr_store_run(store, &err, sql, ""), err);
    fr_store_close(store);
}

/* The small study with more puzzles, as NAME; distinct: "puzzles" or "classes". */
static void write_config(const char *name, const char *distinct, const char *sets) {
    struct fr_text text = {0};
    char puzzles[96], kept[96];
    small_planted_write(fr_test_root, SMALL_GENERATED);
    (void)snprintf(puzzles, sizeof puzzles, "collect: 12, distinct: %s", distinct);
    (void)snprintf(kept, sizeof kept, "sets: [%s]", sets);
    small_planted_replace(fr_test_in_root("generated.yaml"), "collect: 3", puzzles);
    small_planted_replace(fr_test_in_root("generated.yaml"), "sets: [failed]", kept);
    assert_ok(fr_file_read(fr_test_in_root("generated.yaml"), 1 << 16, &text, &err), err);
    assert_ok(fr_file_write(fr_test_in_root(name), text.data, text.len, &err), err);
    fr_text_release(&text);
}

static bool by_coin(const struct fr_study *s, int rank) {
    const uint64_t coin = fr_mix64(fr_mix64((uint64_t)s->world.config.seed, fr_hash_text("halves")),
                                   (uint64_t)(rank / 2));
    return (coin & 1) == (uint64_t)(rank % 2);
}

static void a_puzzle_is_in_one_half_under_all_names_of_its_objects(void **state) {
    (void)state;
    struct fr_study *s;
    struct fr_reps_traces traces;
    uint64_t *classes;
    int n, n_twins = 0, n_in[2] = {0};
    write_config("twins.yaml", "puzzles", "halves");
    (void)run("twins.yaml", "halves", FR_STAGE_ROLLOUTS, &s);
    assert_ok(fr_source_list_classes(s->store, &s->world.domain, FR_SPLIT_COLLECT, &classes, &n,
                                     &err),
              err);
    assert_ok(fr_reps_list(s, 1, &traces, &err), err);
    assert_int_equal(traces.n, n);
    for (int i = 0; i < n; i++) {
        const bool in_a = fr_reps_holds(s, FR_TRACES_HALF_A, &traces, i, 0);
        bool first = true;
        assert_int_not_equal(in_a, fr_reps_holds(s, FR_TRACES_HALF_B, &traces, i, 0));
        for (int k = 0; k < i; k++)
            if (classes[k] == classes[i]) {
                first = false;
                n_twins++;
                assert_int_equal(in_a, fr_reps_holds(s, FR_TRACES_HALF_A, &traces, k, 0));
            }
        n_in[in_a] += first;
    }
    assert_true(n_twins > 0);
    assert_in_range(n_in[0] - n_in[1] + 1, 0, 2); /* as many of either */
    free(classes);
    free(traces.items);
    fr_study_close(s);
    /* puzzles without twins are where they were */
    write_config("alone.yaml", "classes", "halves");
    (void)run("alone.yaml", "alone-halves", FR_STAGE_ROLLOUTS, &s);
    assert_ok(fr_reps_list(s, 1, &traces, &err), err);
    assert_int_equal(traces.n, 12);
    for (int i = 0; i < traces.n; i++)
        assert_int_equal(fr_reps_holds(s, FR_TRACES_HALF_A, &traces, i, 0), by_coin(s, i));
    free(traces.items);
    fr_study_close(s);
}

static int64_t count(struct fr_store *store, const char *sql) {
    int64_t n = -1;
    assert_ok(fr_store_find_int(store, &err, &n, sql, ""), err);
    return n;
}

/* Solved and failed traces of the same puzzles: whichever names the objects have. */
static void twins_are_paired_as_one_puzzle(void **state) {
    (void)state;
    struct fr_study *s;
    int64_t n_paired = 0;
    write_config("twins.yaml", "puzzles", "same_puzzles");
    (void)run("twins.yaml", "paired", FR_STAGE_ROLLOUTS, &s);
    /* verdicts of which no puzzle by itself has both, but its class has */
    assert_ok(fr_store_run(s->store, &err,
                           "UPDATE trace SET verdict = iif((SELECT count(*) FROM puzzle_class a"
                           " JOIN puzzle_class b USING (class) JOIN puzzle p ON p.id = b.puzzle AND"
                           " p.split = 'collect' WHERE a.puzzle = trace.puzzle AND b.puzzle <"
                           " trace.puzzle) % 2, 'solved', 'goal_unmet')",
                           ""),
              err);
    for (int i = 0; i < s->world.n_namings; i++) {
        struct fr_reps_traces traces;
        assert_ok(fr_reps_list(s, i, &traces, &err), err);
        for (int k = 0; k < traces.n; k++)
            n_paired += traces.items[k].paired;
        free(traces.items);
    }
    assert_true(n_paired > 0);
    assert_int_equal(n_paired,
                     count(s->store,
                           "SELECT sum(2 * min(solved, failed)) FROM (SELECT sum(verdict ="
                           " 'solved') AS solved, sum(verdict <> 'solved') AS failed FROM trace t"
                           " JOIN puzzle p ON p.id = t.puzzle JOIN puzzle_class c ON c.puzzle ="
                           " p.id WHERE p.split = 'collect' AND naming <> 'clean' GROUP BY"
                           " class)"));
    fr_study_close(s);
}

/* A study of before puzzles were compared had each by itself. */
static void only_a_study_whose_halves_are_others_reads_again(void **state) {
    (void)state;
    static const char *const names[] = {"twins", "classes"};
    for (int k = 0; k < 2; k++) {
        write_config("older.yaml", k == 0 ? "puzzles" : "classes", "halves");
        (void)run("older.yaml", names[k], FR_STAGE_PUZZLES, NULL);
        change(names[k], "UPDATE puzzle_class SET class = puzzle");
        (void)run("older.yaml", names[k], FR_STAGE_REPORT, NULL);
        change(names[k], "DELETE FROM puzzle_class");
        change(names[k], "DELETE FROM meta WHERE key IN ('distinct_collect', 'shared_evaluate')");
        /* representations, analyses, steering, statistics; or nothing */
        assert_int_equal(run("older.yaml", names[k], FR_STAGE_REPORT, NULL), k == 0 ? 4 : 0);
        assert_int_equal(run("older.yaml", names[k], FR_STAGE_REPORT, NULL), 0);
    }
    struct fr_store *store;
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root("twins"), &err), err);
    const int64_t n_distinct =
        count(store, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'distinct_collect'");
    assert_true(n_distinct > 1 && n_distinct < 12);
    assert_int_equal(n_distinct,
                     count(store, "SELECT count(DISTINCT class) FROM puzzle_class JOIN puzzle ON id"
                                  " = puzzle WHERE split = 'collect'"));
    assert_int_equal(count(store, "SELECT value FROM meta WHERE key = 'shared_evaluate'"), 0);
    fr_store_close(store);
}

/* What a study says of vectors from one that collected on the puzzles that it evaluates. */
static void another_study_that_collected_on_what_is_evaluated_is_told_of(void **state) {
    (void)state;
    struct fr_text fact = {0};
    struct fr_store *store;
    write_config("other.yaml", "puzzles", "");
    (void)run("other.yaml", "other", FR_STAGE_REPORT, NULL);
    write_config("own.yaml", "puzzles", "");
    small_planted_replace(fr_test_in_root("own.yaml"), "controls: [identity]",
                          "from: other, controls: [identity]");
    (void)run("own.yaml", "apart", FR_STAGE_REPORT, NULL);
    assert_string_equal(told, "");
    /* one of two, under other names of its blocks */
    change("other",
           "UPDATE puzzle SET pddl = (SELECT replace(replace(replace(replace(pddl, ' a', ' z'),"
           " ' b', ' a'), '(:domain alocks', '(:domain blocks'), ' z', ' b') FROM puzzle WHERE"
           " split = 'evaluate' AND position = 0) WHERE split = 'collect' AND position = 0");
    (void)run("own.yaml", "shared", FR_STAGE_REPORT, NULL);
    if (strstr(told, "1 of the 2 puzzles that are evaluated here") == NULL)
        fail_msg("\"%s\"", told);
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root("shared"), &err), err);
    assert_true(fr_store_get_meta(store, "vectors_from_shared", &fact));
    fr_store_close(store);
    assert_string_equal(fr_text_get(&fact), "other\t1\n");
    /* a study of before is told of it once */
    change("apart", "DELETE FROM meta WHERE key = 'vectors_from_shared'");
    assert_int_equal(run("own.yaml", "apart", FR_STAGE_REPORT, NULL), 0);
    assert_non_null(strstr(told, "1 of the 2 puzzles that are evaluated here"));
    (void)run("own.yaml", "apart", FR_STAGE_REPORT, NULL);
    assert_string_equal(told, "");
    fr_text_release(&fact);
}

/* The project's recorded traces, the first of them once more behind the second. */
static void write_lines(void) {
    struct fr_text all = {0}, out = {0};
    const char *ends[4], *at;
    assert_ok(fr_file_read(fr_test_path("data/traces/organism.jsonl"), 1 << 20, &all, &err), err);
    at = fr_text_get(&all);
    for (int i = 0; i < 4; i++)
        at = ends[i] = strchr(at, '\n') + 1;
    fr_text_append(&out, all.data, (size_t)(ends[1] - fr_text_get(&all)));
    fr_text_append(&out, all.data, (size_t)(ends[0] - fr_text_get(&all)));
    fr_text_append(&out, ends[1], (size_t)(ends[3] - ends[1]));
    assert_ok(fr_file_write(fr_test_in_root("lines.jsonl"), out.data, out.len, &err), err);
    fr_text_release(&all);
    fr_text_release(&out);
}

/* Lines that a study of before puzzles were compared evaluates on stay where they are; more of them
 * are others. */
static void an_older_study_of_recorded_traces_keeps_its_lines(void **state) {
    (void)state;
    struct fr_store *store;
    write_lines();
    small_planted_write(fr_test_root, SMALL_RECORDED);
    const char *config = fr_test_in_root("recorded.yaml");
    char path[800];
    (void)snprintf(path, sizeof path, "%s", config);
    small_planted_replace(path, fr_test_path("data/traces/organism.jsonl"), "lines.jsonl");
    small_planted_replace(path, "evaluate: 0", "evaluate: 1");
    (void)run("recorded.yaml", "recorded", FR_STAGE_REPORT, NULL);
    assert_non_null(strstr(told, "1 line is passed over for evaluation"));
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root("recorded"), &err), err);
    assert_int_equal(count(store, "SELECT group_concat(line, '') FROM (SELECT line FROM imported"
                                  " ORDER BY line)"),
                     124);
    fr_store_close(store);
    change("recorded", "UPDATE imported SET line = 3 WHERE line = 4");
    change("recorded", "UPDATE puzzle SET pddl = (SELECT pddl FROM puzzle WHERE split = 'collect'"
                       " AND position = 0) WHERE split = 'evaluate'");
    change("recorded", "DELETE FROM puzzle_class");
    small_planted_replace(path, "evaluate: 1", "evaluate: 2");
    (void)run("recorded.yaml", "recorded", FR_STAGE_REPORT, NULL);
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root("recorded"), &err), err);
    assert_int_equal(count(store, "SELECT group_concat(line, '') FROM (SELECT line FROM imported"
                                  " ORDER BY line)"),
                     1234);
    assert_int_equal(count(store, "SELECT value FROM meta WHERE key = 'shared_evaluate'"), 1);
    fr_store_close(store);
}

static int set_up(void **state) {
    planted_study_init(&world, 1, 1);
    return fr_test_root_make(state);
}

static int tear_down(void **state) {
    planted_study_release(&world);
    return fr_test_root_remove(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_puzzle_is_in_one_half_under_all_names_of_its_objects),
        cmocka_unit_test(twins_are_paired_as_one_puzzle),
        cmocka_unit_test(only_a_study_whose_halves_are_others_reads_again),
        cmocka_unit_test(another_study_that_collected_on_what_is_evaluated_is_told_of),
        cmocka_unit_test(an_older_study_of_recorded_traces_keeps_its_lines),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
