/* What a run tells: how long it may take before anything has finished, and that steering could do
 * nothing, which ends as one does that found nothing. */
#include "test.h"

#include <string.h>

#include "directory.h"
#include "planted_study.h"
#include "small_planted.h"

static struct fr_error err;

static struct {
    struct fr_study *study;
    struct fr_text warnings;
    int n_asked; /* while no trace has finished */
    bool none;   /* then: nothing was left to do */
} told;

static void warn(void *user, const char *what) {
    (void)user;
    fr_text_printf(&told.warnings, "%s\n", what);
}

static void progress(void *user, long long done, long long total, long long resumed,
                     const char *unit) {
    struct fr_study_progress p;
    (void)user;
    if (strcmp(unit, "traces") != 0 || done > 0 || told.n_asked > 0)
        return;
    fr_study_progress(told.study, done, total, resumed, &p);
    told.n_asked++;
    told.none = p.stage_left == 0 || p.study_left == 0;
    assert_true(p.at_most);
}

static void run(const char *out) {
    struct planted_study world;
    int n_ran;
    planted_study_init(&world, 1, 1);
    const struct fr_study_events events = {.work = {.progress = progress, .warning = warn}};
    const struct fr_study_options options = {.config_path = fr_test_in_root("generated.yaml"),
                                             .out_dir = out,
                                             .events = &events,
                                             .factory = &world.factory};
    told.n_asked = 0;
    fr_text_clear(&told.warnings);
    assert_ok(fr_study_open(&told.study, &options, &err), err);
    assert_ok(fr_study_run(told.study, FR_STAGE_REPORT, &n_ran, &err), err);
    fr_study_close(told.study);
    planted_study_release(&world);
}

static bool page_has(const char *out, const char *what) {
    struct fr_text page = {0};
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/report.html", out);
    assert_ok(fr_file_read(path, (size_t)1 << 26, &page, &err), err);
    const bool has = strstr(fr_text_get(&page), what) != NULL;
    fr_text_release(&page);
    return has;
}

/* The mean prompt of no traces is no number, and no reason to say that nothing is left. */
static void before_the_first_trace_there_is_something_left(void **state) {
    (void)state;
    small_planted_write(fr_test_root, SMALL_GENERATED);
    run(fr_test_in_root("begun"));
    assert_int_equal(told.n_asked, 1);
    assert_false(told.none);
    assert_null(strstr(fr_text_get(&told.warnings), "says nothing"));
    assert_false(page_has(fr_test_in_root("begun"), "This experiment says nothing"));
}

static void steering_that_could_do_nothing_is_told(void **state) {
    (void)state;
    static const struct {
        const char *name, *before, *after, *warned, *page;
    } cases[] = {
        {"late", "window: [120, 160]", "window: [120, 480]",
         "experiment small: none of the 4 traces to steer goes on past its window's end at 480",
         "This experiment says nothing: no run was made, since none of the 4 traces to steer goes "
         "on past the window&#39;s end at T = 480."},
        {"sparse", "min_mentions: 1,", "min_mentions: 100000,",
         "experiment small: no vector could be made, under any naming",
         "This experiment says nothing: nothing was edited in any run: no vector could be made"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        small_planted_write(fr_test_root, SMALL_GENERATED);
        small_planted_replace(fr_test_in_root("generated.yaml"), cases[i].before, cases[i].after);
        run(fr_test_in_root(cases[i].name));
        if (strstr(fr_text_get(&told.warnings), cases[i].warned) == NULL)
            fail_msg("%s: not told: %s", cases[i].name, fr_text_get(&told.warnings));
        if (!page_has(fr_test_in_root(cases[i].name), cases[i].page))
            fail_msg("%s: not on the page", cases[i].name);
        assert_false(page_has(fr_test_in_root(cases[i].name), "<b>Identity</b>: not run."));
        assert_false(page_has(fr_test_in_root(cases[i].name), "this experiment has no finished"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_the_first_trace_there_is_something_left),
        cmocka_unit_test(steering_that_could_do_nothing_is_told),
    };
    const int failed = cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove);
    fr_text_release(&told.warnings);
    return failed;
}
