/* A study that is stopped again and again goes on with what is in the slots: no trace is begun more
 * often than it must be. Forced and begun again, it comes to the bytes of one that ran through;
 * prefilled, its rows say so. */
#include "test.h"

#include <string.h>

#include "directory.h"
#include "planted_study.h"
#include "small_planted.h"

enum { STOPS = 5 };
static struct fr_error err;

static long long count(const char *dir, const char *sql) {
    struct fr_store *store;
    struct fr_query *query;
    assert_ok(fr_store_open_readonly(&store, dir, &err), err);
    assert_ok(fr_query_open(&query, store, &err, sql, ""), err);
    assert_true(fr_query_next(query));
    const long long n = fr_query_int(query, 0);
    assert_ok(fr_query_close(query, &err), err);
    fr_store_close(store);
    return n;
}

static int n_asked, stop_at;
static bool stopped(void *user) {
    (void)user;
    return ++n_asked == stop_at;
}

/* One run; stop: at the first moment it asks, which is after the first token. */
static int run(const char *config, const char *out, bool stop) {
    struct planted_study world;
    struct fr_study *study = NULL;
    int n_ran;
    planted_study_init(&world, 1, 1);
    const struct fr_study_events events = {.work = {.stopped = stopped}};
    const struct fr_study_options options = {.config_path = config,
                                             .out_dir = out,
                                             .events = &events,
                                             .factory = &world.factory};
    n_asked = 0;
    stop_at = stop ? 1 : -1;
    int code = fr_study_open(&study, &options, &err);
    if (code == FR_OK)
        code = fr_study_run(study, FR_STAGE_REPORT, &n_ran, &err);
    fr_study_close(study);
    planted_study_release(&world);
    return code;
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stopped_study_goes_on_with_what_was_generated),
    };
    return cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove);
}
