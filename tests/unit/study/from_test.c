/* Vectors of another study: the same ones give the same runs, another study's change is seen, and
 * what does not fit is refused before anything is edited with less. Namings without vectors. */
#include "test.h"

#include <string.h>

#include "directory.h"
#include "planted_study.h"
#include "small_planted.h"

static struct fr_error err;

static struct fr_shard shard; /* of none is usual */

/* Runs CONFIG into OUT on a planted model of that width (0: the usual). */
static int run(const char *config, const char *out, int width) {
    struct planted_study world;
    planted_study_init(&world, 1, 1);
    if (width > 0)
        world.options.width = width;
    const struct fr_study_options options = {.config_path = fr_test_in_root(config),
                                             .out_dir = fr_test_in_root(out),
                                             .shard = shard};
    const int code = planted_study_run(&world, options, FR_STAGE_REPORT, NULL, &err);
    planted_study_release(&world);
    return code;
}

/* The small study with `before` replaced, as NAME; `more` is what its experiment has beside. */
static void write_config(const char *name, const char *before, const char *after,
                         const char *more) {
    struct fr_text text = {0}, with = {0};
    assert_ok(fr_file_read(fr_test_in_root("generated.yaml"), 1 << 16, &text, &err), err);
    assert_ok(fr_file_write(fr_test_in_root(name), text.data, text.len, &err), err);
    fr_text_printf(&with, "%scontrols: [identity]", more);
    small_planted_replace(fr_test_in_root(name), before, after);
    small_planted_replace(fr_test_in_root(name), "controls: [identity]", fr_text_get(&with));
    fr_text_release(&text);
    fr_text_release(&with);
}

/* The runs of an edit, each with its tokens, as one text. */
static void render_runs(const char *out, const char *edit, struct fr_text *all) {
    struct fr_store *store;
    struct fr_query *query;
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root(out), &err), err);
    assert_ok(fr_query_open(&query, store, &err,
                            "SELECT r.naming, r.puzzle, r.n_edits, hex(r.ids), r.vectors FROM run r"
                            " JOIN edit e ON e.id = r.edit WHERE e.definition LIKE ?"
                            " ORDER BY 1, 2",
                            "t", edit),
              err);
    while (fr_query_next(query))
        for (int i = 0; i < 5; i++)
            fr_text_printf(all, "%s%s", fr_query_text(query, i), i < 4 ? " " : "\n");
    assert_ok(fr_query_close(query, &err), err);
    fr_store_close(store);
}

/* The small study with later timestamps, at which every concept was named. */
static int run_all(void **state) {
    const int code = fr_test_root_make(state);
    small_planted_write(fr_test_root, SMALL_GENERATED);
    write_config("generated.yaml", "grid_end: 80", "grid_end: 240", "");
    write_config("generated.yaml", "sets: [failed]", "sets: []", "");
    write_config("generated.yaml", "at: 80, window", "at: 240, window", "");
    return code != 0 ? code : run("generated.yaml", "first", 0);
}

static int count_edits(const char *out) {
    int64_t n = -1;
    struct fr_store *store;
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root(out), &err), err);
    assert_ok(fr_store_find_int(store, &err, &n, "SELECT sum(n_edits) FROM run", ""), err);
    fr_store_close(store);
    return (int)n;
}

static void the_same_vectors_of_another_study_give_the_same_runs(void **state) {
    (void)state;
    struct fr_text own = {0}, theirs = {0};
    write_config("second.yaml", "study: small", "study: second", "from: [this, first], ");
    assert_ok(run("second.yaml", "second", 0), err);
    render_runs("second", "vectors=cross_loo%operation=mix%layers=3-3 window%", &own);
    render_runs("second", "vectors=cross_loo%operation=mix%from=first%", &theirs);
    assert_true(own.len > 0 && count_edits("second") > 0);
    assert_string_equal(fr_text_get(&own), fr_text_get(&theirs));
    fr_text_release(&own);
    fr_text_release(&theirs);
}

static void another_study_that_changed_has_its_runs_made_again(void **state) {
    (void)state;
    struct fr_text before = {0}, after = {0};
    write_config("third.yaml", "study: small", "study: third", "from: first, ");
    assert_ok(run("third.yaml", "third", 0), err);
    render_runs("third", "%from=first%", &before);
    write_config("generated.yaml", "collect: 3", "collect: 8", "");
    assert_ok(run("generated.yaml", "first", 0), err);
    assert_ok(run("third.yaml", "third", 0), err);
    render_runs("third", "%from=first%", &after);
    assert_string_not_equal(fr_text_get(&before), fr_text_get(&after));

    /* one that is gone cannot change what was done with it, nor be taken for more */
    char moved[600];
    (void)snprintf(moved, sizeof moved, "%s", fr_test_in_root("moved"));
    assert_int_equal(rename(fr_test_in_root("first"), moved), 0);
    assert_ok(run("third.yaml", "third", 0), err);
    write_config("fourth.yaml", "study: small", "study: fourth", "from: first, ");
    assert_int_equal(run("fourth.yaml", "fourth", 0), FR_E_INPUT);
    assert_non_null(strstr(err.text, "from"));
    assert_int_equal(rename(moved, fr_test_in_root("first")), 0);
    fr_text_release(&before);
    fr_text_release(&after);
}

/* "st" is the end of "first", which the study knows. */
static void another_study_is_known_by_its_whole_name(void **state) {
    (void)state;
    write_config("ending.yaml", "study: small", "study: ending", "from: first, ");
    assert_ok(run("ending.yaml", "ending", 0), err);
    write_config("ending.yaml", "study: small", "study: ending", "from: [first, st], ");
    assert_int_equal(run("ending.yaml", "ending", 0), FR_E_INPUT);
    assert_non_null(strstr(err.text, "as seen from the configuration's directory"));
}

static void ignore(void *user, const char *dir, const struct fr_merged *merged) {
    (void)user, (void)dir, (void)merged;
}

static void merge(const char *to, const char *a, const char *b) {
    char paths[3][600];
    const char *const dirs[] = {paths[1], paths[2]};
    const char *const names[] = {to, a, b};
    for (int i = 0; i < 3; i++)
        (void)snprintf(paths[i], sizeof *paths, "%s", names[i] ? fr_test_in_root(names[i]) : "");
    assert_ok(fr_study_merge(paths[0], dirs, b != NULL ? 2 : 1, ignore, NULL, &err), err);
}

static void shards_take_the_vectors_of_another_study_too(void **state) {
    (void)state;
    static const char *const parts[] = {"part-1", "part-2"};
    struct fr_text whole = {0}, merged = {0};
    write_config("shared.yaml", "study: small", "study: shared", "from: [this, first], ");
    assert_ok(run("shared.yaml", "shared", 0), err);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2; i++) {
            shard = (struct fr_shard){i + 1, 2};
            if (round > 0)
                merge(parts[i], "all", NULL);
            assert_ok(run("shared.yaml", parts[i], 0), err);
        }
        shard = (struct fr_shard){0};
        merge("all", parts[0], parts[1]);
    }
    assert_ok(run("shared.yaml", "all", 0), err);
    render_runs("shared", "%", &whole);
    render_runs("all", "%", &merged);
    assert_true(whole.len > 0);
    assert_string_equal(fr_text_get(&merged), fr_text_get(&whole));
    fr_text_release(&whole);
    fr_text_release(&merged);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *before, *after, *more;
        int width;
        const char *said;
    } cases[] = {
        {"study: small", "study: wide", "from: first, ", 96,
         "can only be written into a model as wide"},
        {"at: 240, window", "at: 100, window", "from: first, ", 0, "the nearest is 80"},
        {"clean, \"1\", \"2\"], exclude: []", "\"1\", \"5\"], exclude: []", "from: first, ", 0,
         "has no representations of naming 5"},
        {"layers: 3", "layers: 3", "traces: failed, from: first, ", 0, "failed traces"},
        {"layers: 3", "layers: 3", "from: [first, other/first], ", 0, "same name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[32];
        (void)snprintf(out, sizeof out, "bad%zu", i);
        write_config("bad.yaml", cases[i].before, cases[i].after, cases[i].more);
        if (strstr(cases[i].said, "naming 5") != NULL)
            small_planted_replace(fr_test_in_root("bad.yaml"), "vectors: [cross_loo]",
                                  "vectors: [in_naming]");
        assert_int_equal(run("bad.yaml", out, cases[i].width), FR_E_INPUT);
        if (strstr(err.text, cases[i].said) == NULL || strchr(err.text, '\n') != NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].said);
    }
}

static void assert_same_tables(const char *a, const char *b) {
    static const char *const names[] = {"similarity", "separation", "pca", "effect", "accuracy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64], sha[2][FR_SHA256_TEXT];
        for (int k = 0; k < 2; k++) {
            (void)snprintf(path, sizeof path, "%s/tables/%s.csv", k == 0 ? a : b, names[i]);
            assert_ok(fr_file_sha256(fr_test_in_root(path), sha[k], &err), err);
        }
        if (strcmp(sha[0], sha[1]) != 0)
            fail_msg("%s of %s and %s differ", names[i], a, b);
    }
}

static bool has_file(const char *path) { return fr_file_exists(fr_test_in_root(path)); }

/* Nothing but its accuracy is asked of it: the tables are those with a naming that is excluded, and
 * its traces were not replayed; when more is asked of it, they are. */
static void a_naming_for_accuracy_only_is_never_replayed(void **state) {
    (void)state;
    static const char list[] = "clean, \"1\", \"2\"], exclude: []";
    static const char with[] = "clean, \"1\", \"2\", \"4\"], exclude: [";
    char lists[3][96];
    (void)snprintf(lists[0], sizeof *lists, "%s\"4\"]", with);
    (void)snprintf(lists[1], sizeof *lists, "%s], accuracy_only: [\"4\"]", with);
    (void)snprintf(lists[2], sizeof *lists, "%s]", with);
    write_config("excluded.yaml", list, lists[0], "");
    assert_ok(run("excluded.yaml", "excluded", 0), err);
    write_config("accuracy.yaml", list, lists[1], "");
    assert_ok(run("accuracy.yaml", "accuracy", 0), err);
    assert_true(has_file("excluded/reps/4-all.safetensors"));
    assert_true(has_file("accuracy/reps/2-all.safetensors"));
    assert_false(has_file("accuracy/reps/4-all.safetensors"));
    assert_same_tables("excluded", "accuracy");

    /* of another study it has no vectors of its own */
    write_config("fifth.yaml", list, lists[2], "from: accuracy, ");
    small_planted_replace(fr_test_in_root("fifth.yaml"), "vectors: [cross_loo]",
                          "vectors: [in_naming]");
    assert_int_equal(run("fifth.yaml", "fifth", 0), FR_E_INPUT);
    assert_non_null(strstr(err.text, "has no representations of naming 4"));

    write_config("accuracy.yaml", list, lists[2], "");
    assert_ok(run("accuracy.yaml", "accuracy", 0), err);
    assert_true(has_file("accuracy/reps/4-all.safetensors"));
    write_config("whole.yaml", list, lists[2], "");
    assert_ok(run("whole.yaml", "whole", 0), err);
    assert_same_tables("whole", "accuracy");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_vectors_of_another_study_give_the_same_runs),
        cmocka_unit_test(another_study_that_changed_has_its_runs_made_again),
        cmocka_unit_test(another_study_is_known_by_its_whole_name),
        cmocka_unit_test(shards_take_the_vectors_of_another_study_too),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(a_naming_for_accuracy_only_is_never_replayed),
    };
    return cmocka_run_group_tests(tests, run_all, fr_test_root_remove);
}
