/* A study that the last program of schema version 1 finished (tests/golden/store) is opened by this
 * one: its stages know their keys, its steered runs their edits, nothing is run again; what changed
 * since is found out as in any study. */
#include "unit/store/store_fixture.h"

#include <sqlite3.h>

#include "fr_version.h"
#include "study/study.h"

static const char model[] = "55fa001c696f1e6938f49a026df6a5a6a20e5fc56a87a284f38e1aaa259df2df";
static struct fr_error err;
static char root[64];

static void write_version_1(void) {
    struct fr_text sql = {0};
    sqlite3 *db = NULL;
    assert_ok(fr_file_read(fr_test_path("tests/golden/store/study-v1.sql"), 1 << 20, &sql, &err),
              err);
    assert_int_equal(sqlite3_open(file_in(root, "study.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, fr_text_get(&sql), NULL, NULL, NULL), SQLITE_OK);
    /* of recorded traces: this study has its own */
    assert_int_equal(sqlite3_exec(db, "DELETE FROM imported_trace; DELETE FROM imported", NULL,
                                  NULL, NULL),
                     SQLITE_OK);
    /* there is no vocabulary here to read answers with again */
    assert_int_equal(sqlite3_exec(db, "INSERT INTO meta VALUES ('verdicts_by', '" FR_READING "')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    fr_text_release(&sql);
}

static int set_up(void **state) {
    (void)state;
    (void)snprintf(root, sizeof root, "%s", make_directory());
    write_version_1();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    remove_directory(root);
    return 0;
}

/* The configuration that the study was made with, and what is other in it. */
static const char *write_config(const char *window, const char *layers, const char *namings) {
    struct fr_text text = {0};
    const char *path = file_in(root, "c.yaml");
    fr_text_printf(&text,
                   "study: v1\nseed: 1\n"
                   "model: {path: elsewhere.gguf, slots: 4, context_tokens: 1280, kv_type: f32}\n"
                   "puzzles: {domain: %s, blocks: 3, collect: 3, evaluate: 2}\n",
                   fr_test_path("data/domains/blocksworld.pddl"));
    fr_text_printf(&text, "namings: {table: %s, use: [clean, \"1\"%s, \"2\"], exclude: []}\n",
                   fr_test_path("data/namings.tsv"), namings);
    fr_text_printf(
        &text,
        "prompt: {style: terse}\ngeneration: {max_tokens: 1000}\n"
        "representations: {origin: prompt, window_tokens: %s, grid_step: 40,"
        " grid_end: 400, min_mentions: 1, previous_token: false}\n"
        "analyses: {reference_timestamp: 240, pca_timestamp: 240, resamples: 20}\n"
        "steering: {conditions: [in_naming, cross_loo, shuffled, identity], layers: [%s],"
        " window_start: 120, window_end: 180, vector_timestamp: 240, permutations: 20}\n",
        window, layers);
    assert_ok(fr_file_write(path, fr_text_get(&text), text.len, &err), err);
    fr_text_release(&text);
    return path;
}

/* ---- a model that is known, but not here ----------------------------------------------------- */

static const char *identity = model, *stamp = "";
static int n_identified;
static void tell_stamp(void *user, const char *path, char out[FR_FILE_STAMP]) {
    (void)user, (void)path;
    (void)snprintf(out, FR_FILE_STAMP, "%s", stamp);
}
static int identify(void *user, const char *path, char sha256[FR_SHA256_TEXT], struct fr_error *e) {
    (void)user, (void)path, (void)e;
    n_identified++;
    (void)snprintf(sha256, FR_SHA256_TEXT, "%s", identity);
    return FR_OK;
}
static int open_none(void *user, const struct fr_model_options *options, struct fr_model **out,
                     struct fr_error *e) {
    (void)user, (void)options;
    *out = NULL;
    return fr_fail(e, FR_E_MODEL, "a model is asked for");
}
static long long no_bytes(void *user, const char *path) {
    (void)user, (void)path;
    return 0;
}
static const struct fr_model_factory factory = {.identify = identify,
                                                .stamp = tell_stamp,
                                                .open = open_none,
                                                .bytes = no_bytes};

static int open_study(struct fr_study **out, const char *config) {
    return fr_study_open(out,
                         &(struct fr_study_options){.config_path = config,
                                                    .out_dir = root,
                                                    .factory = &factory},
                         &err);
}

static int64_t ask(struct fr_study *study, const char *sql) {
    int64_t value = -1;
    assert_ok(fr_store_find_int(fr_study_store(study), &err, &value, sql, ""), err);
    return value;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void a_finished_study_is_the_same_study_and_nothing_is_run(void **state) {
    (void)state;
    const char *config = write_config("120", "2", "");
    for (int time = 0; time < 2; time++) { /* and once more, when it is adopted */
        struct fr_study *study;
        int n_ran;
        assert_ok(open_study(&study, config), err);
        assert_int_equal(ask(study, "SELECT count(*) FROM sqlite_schema WHERE name = 'steered_1'"),
                         0);
        assert_int_equal(ask(study, "SELECT count(*) FROM stage WHERE keys IS NULL"), 0);
        assert_int_equal(
            ask(study, "SELECT count(*) FROM stage WHERE done AND name IN ('puzzles', 'rollouts',"
                       " 'representations', 'steering')"),
            time == 0 ? 4 : 3); /* its files of sums are not here: found out when it is run */
        /* two traces, each with its baseline and four edits, none told twice */
        assert_int_equal(ask(study, "SELECT count(*) FROM run"), 10);
        assert_int_equal(ask(study, "SELECT count(*) FROM run r JOIN edit e ON e.id = r.edit WHERE"
                                    " e.operation = 'none' AND r.vectors = ''"),
                         2);
        assert_int_equal(ask(study, "SELECT count(*) FROM run r JOIN edit e ON e.id = r.edit"
                                    " JOIN condition c ON c.edit = e.id WHERE c.experiment ="
                                    " 'positive' AND r.vectors = 'adopted'"),
                         8);
        assert_int_equal(ask(study, "SELECT count(*) FROM run r JOIN edit e ON e.id = r.edit"
                                    " JOIN condition c ON c.edit = e.id WHERE c.role = 'identity'"
                                    " AND r.ids <> (SELECT b.ids FROM run b JOIN edit f ON"
                                    " f.id = b.edit WHERE f.operation = 'none' AND"
                                    " b.puzzle = r.puzzle AND b.naming = r.naming)"),
                         0);
        assert_ok(fr_study_run(study, FR_STAGE_PUZZLES, &n_ran, &err), err);
        assert_int_equal(n_ran, 0);
        fr_study_close(study);
    }
}

static void an_experiment_that_grew_keeps_the_old_runs(void **state) {
    (void)state;
    struct fr_study *study;
    assert_ok(open_study(&study, write_config("120", "2, 3", "")), err);
    assert_int_equal(ask(study, "SELECT count(*) FROM run WHERE vectors = 'adopted'"), 8);
    assert_int_equal(ask(study, "SELECT done FROM stage WHERE name = 'steering'"), 0);
    assert_int_equal(ask(study, "SELECT done FROM stage WHERE name = 'rollouts'"), 1);
    assert_int_equal(ask(study, "SELECT count(*) FROM condition WHERE experiment = 'positive'"), 8);
    fr_study_close(study);
}

/* With another naming the means over namings are others: nobody can say of what. */
static void a_naming_more_makes_the_old_edited_runs_stale_and_no_baseline(void **state) {
    (void)state;
    struct fr_study *study;
    assert_ok(open_study(&study, write_config("120", "2", ", \"4\"")), err);
    assert_int_equal(ask(study, "SELECT count(*) FROM run"), 10);
    assert_int_equal(ask(study, "SELECT count(*) FROM run WHERE vectors = 'adopted'"), 0);
    assert_int_equal(ask(study, "SELECT count(*) FROM trace"), 6);
    fr_study_close(study);
}

static void what_changed_since_is_refused_and_the_study_can_still_be_opened(void **state) {
    (void)state;
    struct fr_study *study;
    assert_int_equal(open_study(&study, write_config("100", "2", "")), FR_E_CONFLICT);
    assert_non_null(strstr(err.text, "representations.window_tokens was 120 and is now 100"));
    assert_int_equal(open_study(&study, write_config("120", "3", "")), FR_E_CONFLICT);
    assert_non_null(strstr(err.text, "experiments: "));
    identity = "66fa001c696f1e6938f49a026df6a5a6a20e5fc56a87a284f38e1aaa259df2df";
    assert_int_equal(open_study(&study, write_config("120", "2", "")), FR_E_CONFLICT);
    assert_non_null(strstr(err.text, "model.sha256 was 55fa"));
    identity = model;
    assert_ok(open_study(&study, write_config("120", "2", "")), err);
    assert_int_equal(ask(study, "SELECT count(*) FROM run WHERE vectors = 'adopted'"), 8);
    fr_study_close(study);
}

static void a_model_is_read_again_only_when_its_file_is_another(void **state) {
    (void)state;
    static const struct {
        const char *stamp;
        int n_read;
    } opened[] = {{"", 1},       {"12 3 4 5", 2}, {"12 3 4 5", 2}, {"12 3 4", 3},
                  {"12 3 4", 3}, {"12 3 4 5", 4}, {"", 5},         {"12 3 4 5", 5}};
    const char *config = write_config("120", "2", "");
    n_identified = 0;
    for (size_t i = 0; i < sizeof opened / sizeof *opened; i++) {
        struct fr_study *study;
        stamp = opened[i].stamp;
        assert_ok(open_study(&study, config), err);
        assert_int_equal(n_identified, opened[i].n_read);
        fr_study_close(study);
    }
    /* and then it is asked what it is: another model is refused */
    static const char other[] = "00fa001c696f1e6938f49a026df6a5a6a20e5fc56a87a284f38e1aaa259df2df";
    struct fr_study *study;
    identity = other;
    stamp = "13 3 4 5";
    assert_int_equal(open_study(&study, config), FR_E_CONFLICT);
    identity = model;
    stamp = "";
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_finished_study_is_the_same_study_and_nothing_is_run),
        TEST(a_model_is_read_again_only_when_its_file_is_another),
        TEST(an_experiment_that_grew_keeps_the_old_runs),
        TEST(a_naming_more_makes_the_old_edited_runs_stale_and_no_baseline),
        TEST(what_changed_since_is_refused_and_the_study_can_still_be_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
