/* A study that is stopped again and again goes on with what is in the slots, and with the sums of
 * the traces that it has read: none is begun more often than it must be. Forced and begun again, it
 * comes to the bytes of one that ran through; prefilled, its rows say so. */
#include "test.h"

#include <string.h>
#include <unistd.h>

#include "directory.h"
#include "planted_study.h"
#include "small_planted.h"

enum { STOPS = 5 };
static struct fr_error err;

static long long count(const char *dir, const char *sql) {
    int64_t n = -1;
    struct fr_store *store;
    assert_ok(fr_store_open_readonly(&store, dir, &err), err);
    assert_ok(fr_store_find_int(store, &err, &n, sql, ""), err);
    fr_store_close(store);
    return n;
}

static int n_asked, stop_at;
static bool stopped(void *user) {
    (void)user;
    return ++n_asked == stop_at;
}

static int run_with(const char *config, const char *out, const struct fr_study_events *events) {
    struct planted_study world;
    planted_study_init(&world, 1, 1);
    const struct fr_study_options options = {.config_path = config,
                                             .out_dir = out,
                                             .events = events};
    const int code = planted_study_run(&world, options, FR_STAGE_REPORT, NULL, &err);
    planted_study_release(&world);
    return code;
}

/* One run; stop: at the first moment it asks, which is after the first token. */
static int run(const char *config, const char *out, bool stop) {
    n_asked = 0;
    stop_at = stop ? 1 : -1;
    return run_with(config, out, &(struct fr_study_events){.work = {.stopped = stopped}});
}

static void write_mode(const char *mode, bool deterministic) {
    struct fr_text text = {0}, config = {0};
    small_planted_write(fr_test_root, SMALL_GENERATED);
    assert_ok(fr_file_read(fr_test_in_root("generated.yaml"), 1 << 16, &text, &err), err);
    const char *at = strstr(text.data, "workers: 1");
    fr_text_append(&config, text.data, (size_t)(at - text.data));
    fr_text_printf(&config, "deterministic: %s, %s", deterministic ? "true" : "false", at);
    fr_text_clear(&text);
    at = strstr(config.data, "max_tokens:");
    fr_text_append(&text, config.data, (size_t)(at - config.data));
    fr_text_printf(&text, "unfinished: %s, %s", mode, at);
    assert_ok(fr_file_write(fr_test_in_root("mode.yaml"), text.data, text.len, &err), err);
    fr_text_release(&text);
    fr_text_release(&config);
}

static void a_stopped_study_goes_on_with_what_was_generated(void **state) {
    (void)state;
    static const struct {
        const char *mode;
        bool deterministic;
        int n_kept; /* tokens of a trace that is not finished, after all stops */
        bool prefills;
    } cases[] = {
        {"auto", true, 0, false},       {"again", false, 0, false},
        {"forced", true, 1, false}, /* stopped before it is through what it had */
        {"prefill", true, STOPS, true}, {"auto", false, STOPS, true},
    };
    struct fr_text whole = {0};
    write_mode("auto", true);
    assert_ok(run(fr_test_in_root("mode.yaml"), fr_test_in_root("whole"), false), err);
    small_planted_render(fr_test_in_root("whole"), &whole);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_text found = {0};
        char name[32];
        (void)snprintf(name, sizeof name, "part%zu", i);
        write_mode(cases[i].mode, cases[i].deterministic);
        for (int k = 0; k < STOPS; k++)
            assert_int_equal(run(fr_test_in_root("mode.yaml"), fr_test_in_root(name), true),
                             FR_E_STOPPED);
        const long long n_traces = count(fr_test_in_root(name), "SELECT count(*) FROM trace");
        const long long n_kept =
            count(fr_test_in_root(name), "SELECT coalesce(max(length(ids) / 4), 0) FROM continued");
        print_message("%s, %s: %lld traces and %lld tokens of another when it was stopped\n",
                      cases[i].mode, cases[i].deterministic ? "deterministic" : "not", n_traces,
                      n_kept);
        assert_true(n_traces < 15);
        assert_int_equal(n_kept, cases[i].n_kept);
        assert_ok(run(fr_test_in_root("mode.yaml"), fr_test_in_root(name), false), err);
        assert_int_equal(count(fr_test_in_root(name),
                               "SELECT count(*) FROM continued WHERE n_prefilled > 0"
                               " AND ids IS NULL") > 0,
                         cases[i].prefills);
        assert_int_equal(count(fr_test_in_root(name),
                               "SELECT count(*) FROM continued WHERE ids IS NOT NULL"),
                         0);
        /* the planted model's rows do not depend on how a token came */
        small_planted_render(fr_test_in_root(name), &found);
        assert_string_equal(fr_text_get(&found), fr_text_get(&whole));
        fr_text_release(&found);
    }
    fr_text_release(&whole);
}

/* ---- representations ------------------------------------------------------------------------- */

static bool reading; /* is the stage of representations at work? */
static int n_stops;
static void on_stage(void *user, const char *stage, enum fr_stage_event event, double seconds,
                     const struct fr_model_counters *counters) {
    (void)user, (void)seconds, (void)counters;
    reading = strcmp(stage, "representations") == 0 && event == FR_STAGE_BEGINS;
}
static bool stopped_reading(void *user) {
    (void)user;
    n_stops += reading;
    return reading;
}

/* Stopped after the first trace that it reads. */
static int run_reading(const char *out) {
    return run_with(fr_test_in_root("generated.yaml"), out,
                    &(struct fr_study_events){.work = {.stopped = stopped_reading},
                                              .stage = on_stage});
}

enum { TRACES = 9 }; /* three of each naming */

static void what_was_read_is_not_read_again(void **state) {
    (void)state;
    struct fr_text whole = {0}, found = {0};
    char out[600];
    (void)snprintf(out, sizeof out, "%s", fr_test_in_root("read"));
    small_planted_write(fr_test_root, SMALL_GENERATED);
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("at-once"), 1, NULL,
                                &err),
              err);
    small_planted_render(fr_test_in_root("at-once"), &whole);
    for (int k = 1; k <= TRACES; k++) {
        n_stops = 0;
        if (run_reading(out) != FR_E_STOPPED)
            fail_msg("run %d: %s", k, err.text);
        assert_int_equal(n_stops, 1);
        assert_int_equal(count(out, "SELECT coalesce(max(n_traces), 0) FROM sums_begun"), k % 3);
        assert_int_equal(count(out, "SELECT count(*) FROM sums WHERE traces = 'all'"), k / 3);
    }
    assert_ok(run_reading(out), err); /* nothing is left to be read */
    small_planted_render(out, &found);
    assert_string_equal(fr_text_get(&found), fr_text_get(&whole));
    fr_text_release(&found);
    fr_text_release(&whole);
}

/* Kept sums that are gone, damaged or of other traces are not gone on with. */
static void what_was_kept_and_is_not_good_is_read_again(void **state) {
    (void)state;
    static const char *const names[] = {"gone", "damaged", "of-others", "of-another-moment"};
    struct fr_text whole = {0};
    small_planted_write(fr_test_root, SMALL_GENERATED);
    small_planted_render(fr_test_in_root("at-once"), &whole);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct fr_text path = {0}, bytes = {0};
        struct fr_store *store;
        char out[600];
        (void)snprintf(out, sizeof out, "%s", fr_test_in_root(names[i]));
        assert_int_equal(run_reading(out), FR_E_STOPPED);
        assert_int_equal(run_reading(out), FR_E_STOPPED); /* of two traces now */
        assert_ok(fr_store_open(&store, out, &err), err);
        struct fr_query *query;
        assert_ok(fr_query_open(&query, store, &err,
                                "SELECT file FROM sums_begun WHERE file LIKE '%-all.%'", ""),
                  err);
        assert_true(fr_query_next(query));
        fr_text_printf(&path, "%s/reps/%s", out, fr_query_text(query, 0));
        assert_ok(fr_query_close(query, &err), err);
        if (i == 0)
            assert_int_equal(unlink(fr_text_get(&path)), 0);
        if (i == 1) { /* a bit of a sum, which is still a number */
            assert_ok(fr_file_read(fr_text_get(&path), 1 << 26, &bytes, &err), err);
            bytes.data[bytes.len / 2] ^= 1;
            assert_ok(fr_file_write(fr_text_get(&path), bytes.data, bytes.len, &err), err);
        }
        if (i == 2)
            assert_ok(fr_store_run(store, &err, "UPDATE sums_begun SET identity = 'x'", ""), err);
        if (i == 3)
            assert_ok(fr_store_run(store, &err,
                                   "UPDATE sums_begun SET n_traces = 1 WHERE file LIKE '%-all.%'",
                                   ""),
                      err);
        fr_store_close(store);
        small_planted_go_on(fr_test_root, SMALL_GENERATED, out, fr_text_get(&whole), names[i]);
        fr_text_release(&path);
        fr_text_release(&bytes);
    }
    fr_text_release(&whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_not_read_again),
        cmocka_unit_test(what_was_kept_and_is_not_good_is_read_again),
        cmocka_unit_test(a_stopped_study_goes_on_with_what_was_generated),
    };
    return cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove);
}
