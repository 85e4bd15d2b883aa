/* The local driver: every unit once whatever the number of workers, one of the store's side at a
 * time, the first failure ends all. The models are addresses: the driver only hands them on.
 *
 * Also run by hand under -fsanitize=thread, which cannot be joined with the address sanitizer:
 * this file with the room's local.c, what it needs of base/, and -lcmocka. */
#include "work/work.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/pack.h"
#include "test.h"

enum { N_UNITS = 400, MAX_WORKERS = 4 };

static char places[MAX_WORKERS]; /* whose addresses stand for models */

struct world {
    /* what goes wrong: at which call of the store's side, or unit of the model's; 0: nothing */
    int fail_next, fail_fetch, fail_commit, fail_execute, stop_at_tick;
    bool endless;  /* workers ask the tick and nothing else */
    bool deaf;     /* they never ask it */
    bool watching; /* all but the first are endless */
    int n_units;

    atomic_int inside; /* of the store's side */
    atomic_bool twice; /* two were inside */
    int n_next, n_fetch, n_commit, n_tick, n_after_end;
    bool ended, failed_before_commit;
    int executed[N_UNITS], committed[N_UNITS], by[N_UNITS];

    atomic_int n_started, n_finished;
    atomic_int n_of_model[MAX_WORKERS];
    pthread_t threads[MAX_WORKERS];
    atomic_int codes[MAX_WORKERS]; /* what execute saw first, 0: nothing */
    atomic_bool failed;
};

static void enter(struct world *w) {
    if (atomic_fetch_add(&w->inside, 1) != 0)
        atomic_store(&w->twice, true);
    (void)sched_yield(); /* time for another to come in, were it let */
}

static void leave(struct world *w) { (void)atomic_fetch_sub(&w->inside, 1); }

static int next(void *user, struct fr_text *unit, bool *found, struct fr_error *err) {
    struct world *w = user;
    int code = FR_OK;
    enter(w);
    w->n_after_end += w->ended;
    FR_ASSERT(unit->len == 0);
    *found = w->n_next < w->n_units;
    w->ended = !*found;
    if (*found)
        fr_pack_int(unit, w->n_next++);
    if (w->fail_next > 0 && w->n_next == w->fail_next)
        code = fr_fail(err, FR_E_IO, "next %d", w->n_next);
    leave(w);
    return code;
}

static int fetch(void *user, const struct fr_text *request, struct fr_text *reply,
                 struct fr_error *err) {
    struct world *w = user;
    enter(w);
    struct fr_unpack in = fr_unpack_begin(request);
    const int64_t unit = fr_unpack_int(&in);
    FR_ASSERT(!in.bad && reply->len == 0);
    fr_pack_int(reply, unit * unit);
    const int code =
        ++w->n_fetch == w->fail_fetch ? fr_fail(err, FR_E_INPUT, "fetch %d", w->n_fetch) : FR_OK;
    leave(w);
    return code;
}

static int commit(void *user, const struct fr_text *result, struct fr_error *err) {
    struct world *w = user;
    int code = FR_OK;
    enter(w);
    struct fr_unpack in = fr_unpack_begin(result);
    const int64_t unit = fr_unpack_int(&in), square = fr_unpack_int(&in);
    FR_ASSERT(!in.bad && unit >= 0 && unit < N_UNITS && square == unit * unit);
    w->failed_before_commit |= atomic_load(&w->failed);
    w->by[unit] = (int)fr_unpack_int(&in);
    if (++w->n_commit == w->fail_commit)
        code = fr_fail(err, FR_E_LIMIT, "commit %d", w->n_commit);
    else
        w->committed[unit]++;
    atomic_store(&w->failed, code != FR_OK);
    leave(w);
    return code;
}

static bool tick(void *user) {
    struct world *w = user;
    enter(w);
    const bool stop = ++w->n_tick == w->stop_at_tick;
    leave(w);
    return stop;
}

static int work_off(struct world *w, int place, struct fr_feed *feed, struct fr_error *err) {
    struct fr_text unit = {0}, reply = {0}, result = {0};
    bool found = true;
    int code = FR_OK, idle = 0;
    while (code == FR_OK && found) {
        if (!w->deaf && fr_feed_tick(feed)) {
            code = fr_fail(err, FR_E_STOPPED, "stopped");
            break;
        }
        if (w->endless || (w->watching && place > 0)) {
            FR_ASSERT(++idle < 60000); /* a minute: nobody tells it to stop */
            (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
            continue;
        }
        fr_text_add(&unit, "rest of the last one");
        code = fr_feed_take(feed, &unit, &found, err);
        if (code != FR_OK || !found)
            break;
        struct fr_unpack in = fr_unpack_begin(&unit);
        const int64_t i = fr_unpack_int(&in);
        FR_ASSERT(!in.bad && in.at == in.end && i >= 0 && i < N_UNITS);
        w->executed[i]++; /* nobody else has it */
        (void)atomic_fetch_add(&w->n_of_model[place], 1);
        if (w->fail_execute > 0 && i + 1 == w->fail_execute) {
            code = fr_fail(err, FR_E_MODEL, "unit %d", (int)i);
            break;
        }
        fr_text_add(&reply, "rest of the last one");
        code = fr_feed_fetch(feed, &unit, &reply, err);
        if (code != FR_OK)
            break;
        in = fr_unpack_begin(&reply);
        fr_text_clear(&result);
        fr_pack_int(&result, i);
        fr_pack_int(&result, fr_unpack_int(&in));
        fr_pack_int(&result, place);
        FR_ASSERT(!in.bad && in.at == in.end);
        code = fr_feed_give(feed, &result, err);
    }
    fr_text_release(&unit);
    fr_text_release(&reply);
    fr_text_release(&result);
    return code;
}

static int execute(const void *context, struct fr_model *model, struct fr_feed *feed,
                   struct fr_error *err) {
    struct world *w = *(struct world *const *)context;
    const int place = (int)((char *)(void *)model - places);
    FR_ASSERT(place >= 0 && place < MAX_WORKERS);
    w->threads[place] = pthread_self();
    (void)atomic_fetch_add(&w->n_started, 1);
    const int code = work_off(w, place, feed, err);
    atomic_store(&w->codes[place], code);
    (void)atomic_fetch_add(&w->n_finished, 1);
    return code;
}

static int run(struct world *w, int n_workers, struct fr_error *err) {
    struct fr_model *models[MAX_WORKERS];
    for (int i = 0; i < MAX_WORKERS; i++)
        models[i] = (struct fr_model *)(void *)&places[i];
    if (w->n_units == 0)
        w->n_units = N_UNITS;
    const struct fr_work work = {.user = w,
                                 .context = &w,
                                 .next = next,
                                 .fetch = fetch,
                                 .commit = commit,
                                 .tick = tick,
                                 .execute = execute};
    *err = (struct fr_error){0};
    const int code = fr_work_run(&work, models, n_workers, err);
    /* all have stopped, each with a thread of its own, the first with the caller's */
    assert_int_equal(atomic_load(&w->n_started), n_workers);
    assert_int_equal(atomic_load(&w->n_finished), n_workers);
    assert_true(pthread_equal(w->threads[0], pthread_self()));
    assert_false(atomic_load(&w->twice));
    for (int i = 0; i < N_UNITS; i++)
        assert_true(w->executed[i] <= 1 && w->committed[i] <= w->executed[i]);
    return code;
}

static void every_unit_is_executed_and_committed_once_by_any_number_of_workers(void **state) {
    (void)state;
    for (int n_workers = 1; n_workers <= MAX_WORKERS; n_workers *= 2) {
        struct world *w = fr_alloc(1, sizeof *w);
        struct fr_error err;
        assert_ok(run(w, n_workers, &err), err);
        int total = 0;
        for (int i = 0; i < N_UNITS; i++) {
            assert_int_equal(w->executed[i], 1);
            assert_int_equal(w->committed[i], 1);
            assert_in_range(w->by[i], 0, n_workers - 1);
        }
        for (int i = 0; i < MAX_WORKERS; i++)
            total += atomic_load(&w->n_of_model[i]);
        assert_int_equal(total, N_UNITS);
        assert_int_equal(w->n_fetch, N_UNITS);
        assert_int_equal(w->n_after_end, 0); /* not asked again */
        assert_true(w->ended);
        free(w);
    }
}

static void fewer_units_than_workers_and_none_are_no_trouble(void **state) {
    (void)state;
    for (int n_units = -1; n_units <= 2; n_units++) { /* below 0: none */
        struct world *w = fr_alloc(1, sizeof *w);
        struct fr_error err;
        w->n_units = n_units == 0 ? -1 : n_units;
        assert_ok(run(w, MAX_WORKERS, &err), err);
        assert_int_equal(w->n_commit, n_units > 0 ? n_units : 0);
        assert_int_equal(w->n_after_end, 0);
        free(w);
    }
}

static void the_first_failure_stops_all_and_is_the_one_returned(void **state) {
    (void)state;
    static const struct {
        int next, fetch, commit, execute, code;
        const char *text;
    } cases[] = {
        {50, 0, 0, 0, FR_E_IO, "next 50"},      {0, 50, 0, 0, FR_E_INPUT, "fetch 50"},
        {0, 0, 50, 0, FR_E_LIMIT, "commit 50"}, {0, 0, 0, 50, FR_E_MODEL, "unit 49"},
        {1, 0, 0, 0, FR_E_IO, "next 1"},
    };
    for (size_t c = 0; c < 2 * (sizeof cases / sizeof *cases); c++)
        for (int n_workers = 1; n_workers <= MAX_WORKERS; n_workers *= 2) {
            struct world *w = fr_alloc(1, sizeof *w);
            struct fr_error err;
            w->deaf = c % 2 != 0; /* then what it takes, fetches and gives tells it */
            w->fail_next = cases[c / 2].next;
            w->fail_fetch = cases[c / 2].fetch;
            w->fail_commit = cases[c / 2].commit;
            w->fail_execute = cases[c / 2].execute;
            assert_int_equal(run(w, n_workers, &err), cases[c / 2].code);
            assert_int_equal(err.code, cases[c / 2].code);
            assert_string_equal(err.text, cases[c / 2].text);
            assert_true(w->n_next < N_UNITS);
            assert_false(w->failed_before_commit); /* nothing is stored behind a failure */
            if (cases[c / 2].commit > 0)
                assert_int_equal(w->n_commit, cases[c / 2].commit);
            for (int i = 0; i < n_workers; i++) {
                const int seen = atomic_load(&w->codes[i]);
                /* they are told by the code, or asked by the tick to stop */
                assert_true(seen == cases[c / 2].code || (seen == FR_E_STOPPED && !w->deaf));
            }
            free(w);
        }
}

static void a_failure_is_told_to_those_who_ask_for_nothing_but_the_tick(void **state) {
    (void)state;
    struct world *w = fr_alloc(1, sizeof *w);
    struct fr_error err;
    w->watching = true;
    w->fail_execute = 20;
    assert_int_equal(run(w, MAX_WORKERS, &err), FR_E_MODEL);
    assert_string_equal(err.text, "unit 19");
    for (int i = 1; i < MAX_WORKERS; i++)
        assert_int_equal(atomic_load(&w->codes[i]), FR_E_STOPPED);
    free(w);
}

static void a_tick_that_says_so_stops_every_worker(void **state) {
    (void)state;
    for (int n_workers = 1; n_workers <= MAX_WORKERS; n_workers *= 2) {
        struct world *w = fr_alloc(1, sizeof *w);
        struct fr_error err;
        struct timespec before, after;
        w->endless = true;
        w->stop_at_tick = 4;
        (void)clock_gettime(CLOCK_MONOTONIC, &before);
        assert_int_equal(run(w, n_workers, &err), FR_E_STOPPED);
        (void)clock_gettime(CLOCK_MONOTONIC, &after);
        assert_string_equal(err.text, "stopped");
        assert_int_equal(w->n_tick, 4); /* and it is not asked again */
        /* ten times a second, whatever the number of workers: the first at once */
        const double seconds = (double)(after.tv_sec - before.tv_sec) +
                               1e-9 * (double)(after.tv_nsec - before.tv_nsec);
        assert_true(seconds >= 0.29);
        free(w);
    }
}

static void a_stop_keeps_what_was_committed(void **state) {
    (void)state;
    struct world *w = fr_alloc(1, sizeof *w);
    struct fr_error err;
    w->stop_at_tick = 1;
    assert_int_equal(run(w, 2, &err), FR_E_STOPPED);
    int n = 0;
    for (int i = 0; i < N_UNITS; i++)
        n += w->committed[i];
    assert_int_equal(n, w->n_commit);
    assert_true(n < N_UNITS);
    free(w);
}

static int execute_without_a_tick(const void *context, struct fr_model *model, struct fr_feed *feed,
                                  struct fr_error *err) {
    (void)model;
    (void)err;
    struct world *w = *(struct world *const *)context;
    (void)atomic_fetch_add(&w->n_finished, fr_feed_tick(feed) ? 0 : 1);
    return FR_OK;
}

static void without_a_tick_nothing_stops(void **state) {
    (void)state;
    struct world *w = fr_alloc(1, sizeof *w);
    struct fr_error err = {0};
    struct fr_model *model = (struct fr_model *)(void *)&places[0];
    const struct fr_work work = {.user = w, .context = &w, .execute = execute_without_a_tick};
    assert_ok(fr_work_run(&work, &model, 1, &err), err);
    assert_int_equal(atomic_load(&w->n_finished), 1);
    free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_is_executed_and_committed_once_by_any_number_of_workers),
        cmocka_unit_test(fewer_units_than_workers_and_none_are_no_trouble),
        cmocka_unit_test(the_first_failure_stops_all_and_is_the_one_returned),
        cmocka_unit_test(a_failure_is_told_to_those_who_ask_for_nothing_but_the_tick),
        cmocka_unit_test(a_tick_that_says_so_stops_every_worker),
        cmocka_unit_test(a_stop_keeps_what_was_committed),
        cmocka_unit_test(without_a_tick_nothing_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
