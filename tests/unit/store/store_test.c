/* The study database: kept through kill -9 and a full disk, one writer; its stages and copies. */
#include "unit/store/store_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/connection.h"

/* ---- what is kept -------------------------------------------------------------------------- */

/* One column of a stage's row; one of four buffers in turn. */
static const char *stage_text(struct fr_store *store, const char *name, const char *column) {
    static char texts[4][256];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    struct fr_error err = {0};
    struct fr_query *query;
    struct fr_text sql = {0};
    fr_text_printf(&sql, "SELECT %s FROM stage WHERE name = ?", column);
    assert_ok(fr_query_open(&query, store, &err, fr_text_get(&sql), "t", name), err);
    assert_true(fr_query_next(query));
    (void)snprintf(text, sizeof texts[0], "%s", fr_query_text(query, 0));
    assert_ok(fr_query_close(query, &err), err);
    fr_text_release(&sql);
    return text;
}

static const struct fr_provenance by_me = {"0.1.0 (abc)", "llama.cpp 0.5.0", "a machine"};

static void a_new_study_is_found_again_with_its_facts(void **state) {
    (void)state;
    const char *parent = make_directory(), *dir = file_in(parent, "a/b");
    struct fr_error err = {0};
    struct fr_store *store = open_store(dir);
    assert_string_equal(fr_store_dir(store), dir);
    assert_ok(fr_store_set_meta(store, "version", "1", &err), err);
    assert_ok(fr_store_set_meta(store, "version", "2", &err), err);
    assert_ok(fr_store_stage_begin(store, "rollouts", "seed: 1\n", &by_me, &err), err);
    assert_ok(fr_store_stage_add_seconds(store, "rollouts", 1.5, &err), err);
    assert_ok(fr_store_stage_add_seconds(store, "rollouts", 2.25, &err), err);
    assert_false(stage_done(store, "rollouts"));
    assert_ok(fr_store_stage_finish(store, "rollouts", &err), err);
    fr_store_close(store);

    store = open_store(dir);
    struct fr_text value = {0};
    assert_true(fr_store_get_meta(store, "version", &value));
    assert_string_equal(fr_text_get(&value), "2");
    assert_false(fr_store_get_meta(store, "absent", &value));
    assert_true(stage_done(store, "rollouts"));
    assert_false(stage_done(store, "report"));
    struct fr_query *query = NULL;
    assert_ok(fr_query_open(&query, store, &err, "SELECT seconds FROM stage", ""), err);
    assert_true(fr_query_next(query));
    assert_near(fr_query_double(query, 0), 3.75, 0);
    assert_ok(fr_query_close(query, &err), err);
    fr_text_release(&value);
    fr_store_close(store);
    remove_directory(parent);
}

/* ---- stages ---------------------------------------------------------------------------------- */

static void a_stage_knows_the_keys_it_was_begun_with(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    struct fr_error err = {0};
    struct fr_text keys = {0};
    bool done = true;
    assert_false(fr_store_get_stage(store, "puzzles", &done, &keys));
    assert_false(done);
    assert_int_equal(keys.len, 0);
    assert_ok(fr_store_stage_begin(store, "puzzles", "seed: 1\npuzzles.collect: 4\n", &by_me, &err),
              err);
    assert_true(fr_store_get_stage(store, "puzzles", &done, &keys));
    assert_false(done);
    assert_string_equal(fr_text_get(&keys), "seed: 1\npuzzles.collect: 4\n");
    assert_ok(fr_store_stage_finish(store, "puzzles", &err), err);
    assert_int_not_equal(strlen(stage_text(store, "puzzles", "finished")), 0);
    /* begun again, with other keys: not done any more, the time spent stays */
    assert_ok(fr_store_stage_add_seconds(store, "puzzles", 2, &err), err);
    assert_ok(fr_store_stage_begin(store, "puzzles", "seed: 1\npuzzles.collect: 9\n", &by_me, &err),
              err);
    fr_text_clear(&keys);
    assert_true(fr_store_get_stage(store, "puzzles", &done, &keys));
    assert_false(done);
    assert_string_equal(fr_text_get(&keys), "seed: 1\npuzzles.collect: 9\n");
    assert_string_equal(stage_text(store, "puzzles", "seconds"), "2.0");
    assert_int_equal(count_rows(store, "stage"), 1);
    fr_text_release(&keys);
    fr_store_close(store);
    remove_directory(dir);
}

static void a_stage_that_is_reopened_keeps_its_keys(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    struct fr_error err = {0};
    struct fr_text keys = {0};
    bool done;
    assert_ok(fr_store_stage_begin(store, "puzzles", "seed: 1\n", &by_me, &err), err);
    assert_ok(fr_store_stage_begin(store, "rollouts", "", &by_me, &err), err);
    assert_ok(fr_store_stage_finish(store, "puzzles", &err), err);
    assert_ok(fr_store_stage_finish(store, "rollouts", &err), err);
    assert_ok(fr_store_stage_reopen(store, "puzzles", &err), err);
    assert_ok(fr_store_stage_reopen(store, "report", &err),
              err); /* it never began: nothing to do */
    fr_store_close(store);
    store = open_store(dir);
    assert_true(fr_store_get_stage(store, "puzzles", &done, &keys));
    assert_false(done);
    assert_string_equal(fr_text_get(&keys), "seed: 1\n");
    assert_true(stage_done(store, "rollouts"));
    assert_false(fr_store_get_stage(store, "report", &done, NULL));
    fr_text_release(&keys);
    fr_store_close(store);
    remove_directory(dir);
}

static void what_made_a_stage_before_is_kept_beside_what_goes_on_with_it(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    struct fr_error err = {0};
    static const struct fr_provenance others[] = {
        {"0.1.0 (abc)", "llama.cpp 0.5.0", "a machine"}, /* the same: once */
        {"0.2.0 (def)", "llama.cpp 0.5.0", "a machine"},
        {"0.1.0 (abc)", "llama.cpp 0.6.0", "another machine"},
        {"0.1.0", "llama.cpp 0.5", "machine"}, /* parts of the first are others */
        {"", "", ""},                          /* of a study of before these were kept */
    };
    assert_ok(fr_store_stage_begin(store, "rollouts", "", &by_me, &err), err);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_ok(fr_store_stage_finish(store, "rollouts", &err), err);
        assert_ok(fr_store_stage_begin(store, "rollouts", "", &others[i], &err), err);
    }
    assert_string_equal(stage_text(store, "rollouts", "program"),
                        "0.1.0 (abc); 0.2.0 (def); 0.1.0");
    assert_string_equal(stage_text(store, "rollouts", "engine"),
                        "llama.cpp 0.5.0; llama.cpp 0.6.0; llama.cpp 0.5");
    assert_string_equal(stage_text(store, "rollouts", "machine"),
                        "a machine; another machine; machine");
    /* another stage has its own */
    assert_ok(fr_store_stage_begin(store, "steering", "", &others[1], &err), err);
    assert_string_equal(stage_text(store, "steering", "program"), "0.2.0 (def)");
    fr_store_close(store);
    remove_directory(dir);
}

static void a_stage_finished_in_a_transaction_is_finished_with_its_rows_or_not(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    struct fr_error err = {0};
    add_inputs(store);
    assert_ok(fr_store_stage_begin(store, "rollouts", "", &by_me, &err), err);
    for (int commits = 0; commits < 2; commits++) {
        struct fr_trace trace = make_trace(1, "x", 1);
        assert_ok(fr_store_begin(store, &err), err);
        assert_ok(fr_store_put_trace(store, &trace, &err), err);
        assert_ok(fr_store_stage_finish(store, "rollouts", &err), err);
        if (commits)
            assert_ok(fr_store_commit(store, &err), err);
        else
            fr_store_rollback(store);
        assert_int_equal(stage_done(store, "rollouts"), commits);
        assert_int_equal(count_rows(store, "trace"), commits);
        fr_trace_release(&trace);
    }
    fr_store_close(store);
    remove_directory(dir);
}

/* ---- copies ---------------------------------------------------------------------------------- */

static void a_copy_has_everything_that_was_committed(void **state) {
    (void)state;
    const char *dir = make_directory(), *copy_dir = make_directory();
    struct fr_store *store = open_store(dir), *copy;
    struct fr_error err = {0};
    struct fr_text value = {0};
    add_inputs(store);
    for (int64_t i = 1; i <= 20; i++) {
        struct fr_trace trace = make_trace(i, "what it said", 12);
        assert_ok(fr_store_put_trace(store, &trace, &err), err);
        fr_trace_release(&trace);
    }
    assert_ok(fr_store_set_meta(store, "a", "1", &err), err);
    assert_ok(fr_store_backup(store, copy_dir, &err), err);
    /* the two go their own ways */
    assert_ok(fr_store_set_meta(store, "a", "2", &err), err);
    copy = open_store(copy_dir);
    assert_int_equal(count_rows(copy, "trace"), 20);
    assert_true(fr_store_get_meta(copy, "a", &value));
    assert_string_equal(fr_text_get(&value), "1");
    struct fr_trace trace;
    assert_ok(fr_store_get_trace(copy, 20, "m1", &trace, &err), err);
    assert_string_equal(trace.text, "what it said");
    fr_trace_release(&trace);
    assert_ok(fr_store_run(copy, &err, "DELETE FROM trace", ""), err);
    assert_int_equal(count_rows(store, "trace"), 20);
    fr_store_close(copy);
    fr_store_close(store);
    /* of one that is only read, too */
    const char *third = make_directory();
    assert_ok(fr_store_open_readonly(&store, dir, &err), err);
    assert_ok(fr_store_backup(store, third, &err), err);
    fr_store_close(store);
    copy = open_store(third);
    assert_int_equal(count_rows(copy, "trace"), 20);
    fr_store_close(copy);
    fr_text_release(&value);
    remove_directory(third);
    remove_directory(copy_dir);
    remove_directory(dir);
}

static void a_copy_to_where_none_can_be_is_reported(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    struct fr_error err = {0};
    assert_int_equal(fr_store_backup(store, file_in(dir, "nowhere"), &err), FR_E_IO);
    assert_says(&err, FR_E_IO, "nowhere/study.db: ");
    assert_ok(fr_store_set_meta(store, "a", "b", &err), err); /* the store itself is unharmed */
    fr_store_close(store);
    remove_directory(dir);
}

/* ---- kill -9 --------------------------------------------------------------------------------- */

/* Forks a writer that commits ten traces, starts a transaction with more and waits to be killed. */
static pid_t fork_writer(const char *dir) {
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct fr_error err = {0};
        struct fr_store *store = NULL;
        int code = fr_store_open(&store, dir, &err);
        for (int64_t i = 1; code == 0 && i <= 30; i++) {
            if (i == 11)
                code = fr_store_begin(store, &err);
            struct fr_trace trace = make_trace(i, "what it said", 12);
            if (code == 0)
                code = fr_store_put_trace(store, &trace, &err);
            fr_trace_release(&trace);
        }
        const char ok = code == 0 ? 'y' : 'n';
        if (code != 0)
            (void)fprintf(stderr, "writer: %s\n", err.text);
        (void)!write(ready[1], &ok, 1);
        for (;;)
            (void)pause();
    }
    char ok = 0;
    assert_int_equal(read(ready[0], &ok, 1), 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
    assert_int_equal(ok, 'y');
    return child;
}

static void kill_child(pid_t child) {
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_writer_killed_inside_a_transaction_loses_only_that(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    add_inputs(store);
    fr_store_close(store);
    kill_child(fork_writer(dir));

    store = open_store(dir);
    assert_int_equal(count_rows(store, "trace"), 10);
    struct fr_error err = {0};
    struct fr_query *query = NULL;
    assert_ok(fr_query_open(&query, store, &err, "PRAGMA integrity_check", ""), err);
    assert_true(fr_query_next(query));
    assert_string_equal(fr_query_text(query, 0), "ok");
    assert_ok(fr_query_close(query, &err), err);
    struct fr_trace trace = make_trace(11, "again", 5); /* and it goes on where it was */
    assert_ok(fr_store_put_trace(store, &trace, &err), err);
    fr_trace_release(&trace);
    fr_store_close(store);
    remove_directory(dir);
}

/* A writer that stores rows without end and says over the pipe after each that it is stored. A
 * query stays open all the while, as the study's stages keep theirs. */
static void write_until_killed(const char *dir, int pipe_end) {
    struct fr_error err = {0};
    struct fr_store *store = NULL;
    struct fr_query *query = NULL;
    int code = fr_store_open(&store, dir, &err);
    if (code == 0)
        code = fr_query_open(&query, store, &err,
                             "WITH RECURSIVE n (i) AS (SELECT count(*) FROM meta UNION ALL"
                             " SELECT i + 1 FROM n) SELECT i FROM n",
                             "");
    while (code == 0 && fr_query_next(query)) {
        code = fr_store_run(store, &err, "INSERT INTO meta VALUES ('row ' || ?, 'b')", "i",
                            fr_query_int(query, 0));
        if (code == 0 && write(pipe_end, "s", 1) != 1)
            code = -1;
    }
    (void)fprintf(stderr, "writer: %s\n", err.text);
    _exit(1); /* closes the pipe: the parent sees the end of it */
}

static void what_a_writer_was_told_is_stored_survives_its_death_at_any_moment(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *empty = open_store(dir);
    int64_t promised = count_rows(empty, "meta");
    fr_store_close(empty);
    for (int round = 0; round < 20; round++) {
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_until_killed(dir, ends[1]);
        (void)close(ends[1]);
        char told[512];
        for (int n = 0; n <= round % 7; n++) { /* a few rows, then death in full run */
            assert_int_equal(read(ends[0], told, 1), 1);
            promised++;
        }
        kill_child(child);
        for (ssize_t k; (k = read(ends[0], told, sizeof told)) > 0;)
            promised += k;
        (void)close(ends[0]);
        struct fr_store *store = open_store(dir);
        const int64_t found = count_rows(store, "meta");
        fr_store_close(store);
        assert_true(found >= promised);
        assert_true(found <= promised + 1); /* stored, and killed before it could say so */
        promised = found;
    }
    remove_directory(dir);
}

static void a_second_writer_is_told_who_holds_the_study(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir), *second = NULL;
    add_inputs(store);
    struct fr_error err = {0};
    char holder[64];
    /* In the same process ... */
    assert_int_equal(fr_store_open(&second, dir, &err), FR_E_CONFLICT);
    (void)snprintf(holder, sizeof holder, "in use by process %ld;", (long)getpid());
    assert_says(&err, FR_E_CONFLICT, holder);
    assert_null(second);
    fr_store_close(store);
    /* ... and in another. */
    const pid_t child = fork_writer(dir);
    assert_int_equal(fr_store_open(&second, dir, &err), FR_E_CONFLICT);
    (void)snprintf(holder, sizeof holder, "in use by process %ld;", (long)child);
    assert_says(&err, FR_E_CONFLICT, holder);
    /* A reader may look meanwhile, and sees what is committed. */
    assert_ok(fr_store_open_readonly(&second, dir, &err), err);
    assert_int_equal(count_rows(second, "trace"), 10);
    fr_store_close(second);
    kill_child(child);
    /* The lock dies with its holder. */
    fr_store_close(open_store(dir));
    remove_directory(dir);
}

/* As a new study that failed is taken away, with its lock. */
static void two_never_hold_a_lock_that_is_removed(void **state) {
    (void)state;
    enum { CHILDREN = 4, ROUNDS = 20000 };
    const char *dir = make_directory();
    atomic_int *n_inside =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(n_inside != MAP_FAILED);
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        if ((children[i] = fork()) != 0)
            continue;
        struct fr_error err = {0};
        for (int k = 0; k < ROUNDS; k++) {
            int fd;
            if (fr_lock_take(dir, &fd, &err) != FR_OK)
                continue;
            if (atomic_fetch_add(n_inside, 1) != 0)
                _exit(1);
            (void)sched_yield();
            (void)atomic_fetch_sub(n_inside, 1);
            (void)unlink(file_in(dir, "lock"));
            fr_lock_release(fd);
        }
        _exit(0);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    (void)munmap(n_inside, 4096);
    remove_directory(dir);
}

static void a_rolled_back_transaction_leaves_nothing(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    struct fr_error err = {0};
    assert_ok(fr_store_begin(store, &err), err);
    assert_ok(fr_store_set_meta(store, "a", "1", &err), err);
    fr_store_rollback(store);
    fr_store_rollback(store); /* nothing to do */
    assert_ok(fr_store_begin(store, &err), err);
    assert_ok(fr_store_set_meta(store, "b", "1", &err), err);
    assert_ok(fr_store_commit(store, &err), err);
    assert_ok(fr_store_begin(store, &err), err);
    assert_ok(fr_store_set_meta(store, "c", "1", &err), err);
    fr_store_close(store); /* an open transaction is rolled back */
    store = open_store(dir);
    struct fr_text value = {0};
    assert_false(fr_store_get_meta(store, "a", &value));
    assert_true(fr_store_get_meta(store, "b", &value));
    assert_false(fr_store_get_meta(store, "c", &value));
    fr_text_release(&value);
    fr_store_close(store);
    remove_directory(dir);
}

/* ---- a full disk --------------------------------------------------------------------------- */

/* Stores traces until a call fails; returns its code, *n: how many calls succeeded. */
static int fill(struct fr_store *store, int64_t *n, struct fr_error *err) {
    char *text = fr_alloc(1 << 16, 1);
    memset(text, 'x', 1 << 16);
    int code = 0;
    for (*n = 0; code == 0 && *n < 500; *n += code == 0) {
        struct fr_trace trace = make_trace(*n + 1, text, 1 << 16);
        code = fr_store_put_trace(store, &trace, err);
        fr_trace_release(&trace);
    }
    free(text);
    return code;
}

static void a_full_disk_is_reported_and_what_was_stored_stays(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    add_inputs(store);
    struct fr_error err = {0};
    assert_ok(fr_store_run(store, &err, "PRAGMA max_page_count = 800", ""), err); /* 3.1 MiB */
    int64_t n = 0;
    assert_int_equal(fill(store, &n, &err), FR_E_IO);
    assert_says(&err, FR_E_IO,
                "study.db: disk full; free space and run again: nothing stored is lost");
    assert_in_range(n, 10, 100);
    assert_int_equal(count_rows(store, "trace"), n);
    fr_store_close(store);
    store = open_store(dir); /* space has been freed */
    assert_int_equal(count_rows(store, "trace"), n);
    struct fr_trace trace = make_trace(n + 1, "goes on", 7);
    assert_ok(fr_store_put_trace(store, &trace, &err), err);
    fr_trace_release(&trace);
    fr_store_close(store);
    remove_directory(dir);
}

static void a_disk_that_fills_inside_a_transaction_undoes_it_and_lets_nothing_slip(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    add_inputs(store);
    struct fr_error err = {0};
    assert_ok(fr_store_run(store, &err, "PRAGMA max_page_count = 800", ""), err);
    assert_ok(fr_store_set_meta(store, "before", "kept", &err), err);
    assert_ok(fr_store_begin(store, &err), err);
    int64_t n = 0;
    assert_int_equal(fill(store, &n, &err), FR_E_IO);
    /* A caller that goes on anyway must not write outside its transaction. Whether SQLite undid the
     * transaction or left it open, nothing of it may stay. */
    if (fr_store_set_meta(store, "inside", "x", &err) == 0)
        fr_store_rollback(store);
    else
        assert_int_equal(fr_store_commit(store, &err), FR_E_IO);
    fr_store_close(store);
    store = open_store(dir);
    struct fr_text value = {0};
    assert_int_equal(count_rows(store, "trace"), 0);
    assert_false(fr_store_get_meta(store, "inside", &value));
    assert_true(fr_store_get_meta(store, "before", &value));
    fr_text_release(&value);
    fr_store_close(store);
    remove_directory(dir);
}

static void a_file_that_may_not_grow_is_reported_and_what_was_stored_stays(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    add_inputs(store);
    struct fr_error err = {0};
    struct rlimit before, limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 2 << 20;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int64_t n = 0;
    const int code = fill(store, &n, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(code, FR_E_IO);
    assert_says(&err, FR_E_IO, "study.db: larger than a file may grow here; raise the limit");
    assert_says(&err, FR_E_IO, "nothing stored is lost");
    assert_in_range(n, 5, 100);
    assert_int_equal(count_rows(store, "trace"), n);
    fr_store_close(store);
    (void)signal(SIGXFSZ, handler);
    store = open_store(dir);
    assert_int_equal(count_rows(store, "trace"), n);
    fr_store_close(store);
    remove_directory(dir);
}

/* ---- what is not a study ------------------------------------------------------------------- */

static void assert_open_says(const char *dir, int code, const char *words) {
    struct fr_store *store = NULL;
    struct fr_error err = {0};
    assert_int_equal(fr_store_open(&store, dir, &err), code);
    assert_null(store);
    assert_says(&err, code, words);
    assert_int_equal(fr_store_open_readonly(&store, dir, &err), code);
    assert_null(store);
    assert_says(&err, code, words);
}

static void a_file_that_is_no_database_is_refused_and_left_as_it_is(void **state) {
    (void)state;
    const char *dir = make_directory(), *path = file_in(dir, "study.db");
    struct fr_error err = {0};
    struct fr_text text = {0}, again = {0};
    for (int i = 0; i < 200; i++)
        fr_text_add(&text, "this is a diary, not a study\n");
    assert_ok(fr_file_write(path, text.data, text.len, &err), err);
    assert_open_says(dir, FR_E_INPUT, "study.db: not a database; move the file away");
    assert_ok(fr_file_read(path, 1 << 20, &again, &err), err);
    assert_string_equal(fr_text_get(&again), fr_text_get(&text));
    fr_text_release(&text);
    fr_text_release(&again);
    remove_directory(dir);
}

/* Changes the study's header from outside: what other programs and versions would have written. */
static void alter(const char *dir, const char *sql) {
    struct fr_store *store = open_store(dir);
    struct fr_error err = {0};
    assert_ok(fr_store_run(store, &err, sql, ""), err);
    fr_store_close(store);
}

static void databases_of_other_programs_and_versions_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *sql, *words;
        int code;
    } cases[] = {
        {"PRAGMA user_version = 99", "written by a newer version of fluidrep (schema 99,",
         FR_E_CONFLICT},
        {"PRAGMA user_version = 4",
         "written by a newer version of fluidrep (schema 4, this one has "
         "3); use that version, or choose another --out",
         FR_E_CONFLICT},
        {"PRAGMA user_version = 0", "study.db: is no study: schema version 0; move the file away",
         FR_E_INPUT},
        {"PRAGMA user_version = -1", "study.db: is no study: schema version -1;", FR_E_INPUT},
        {"PRAGMA application_id = 7", "a database of another program; move the file away",
         FR_E_INPUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *dir = make_directory();
        fr_store_close(open_store(dir));
        alter(dir, cases[i].sql);
        assert_open_says(dir, cases[i].code, cases[i].words);
        remove_directory(dir);
    }
}

static void a_directory_without_a_study_cannot_be_read(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = NULL;
    struct fr_error err = {0};
    assert_int_equal(fr_store_open_readonly(&store, dir, &err), FR_E_INPUT);
    assert_says(&err, FR_E_INPUT, "study.db: not found: no study there; `fluidrep run CONFIG");
    assert_ok(fr_file_write(file_in(dir, "study.db"), "", 0, &err), err); /* killed at its birth */
    assert_int_equal(fr_store_open_readonly(&store, dir, &err), FR_E_INPUT);
    assert_says(&err, FR_E_INPUT, "holds no study yet");
    fr_store_close(open_store(dir));
    assert_ok(fr_store_open_readonly(&store, dir, &err), err);
    assert_int_not_equal(fr_store_set_meta(store, "a", "b", &err), 0);
    assert_says(&err, FR_E_IO, "cannot be written");
    fr_store_close(store);
    remove_directory(dir);
}

static void a_path_that_is_no_directory_is_refused(void **state) {
    (void)state;
    const char *dir = make_directory(), *file = file_in(dir, "file");
    struct fr_store *store = NULL;
    struct fr_error err = {0};
    assert_ok(fr_file_write(file, "x", 1, &err), err);
    assert_int_equal(fr_store_open(&store, file, &err), FR_E_IO);
    assert_says(&err, FR_E_IO, "not a directory");
    assert_int_equal(mkdir(file_in(dir, "study.db"), 0777), 0);
    assert_int_equal(fr_store_open(&store, dir, &err), FR_E_IO);
    assert_says(&err, FR_E_IO, "study.db: ");
    remove_directory(dir);
}

/* In a child that is not root: 0 when the directory refuses a writer with a hint and still shows a
 * reader its study. */
static int try_unwritable(const char *dir) {
    struct fr_store *store = NULL;
    struct fr_error err = {0};
    if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
        return 77;
    if (fr_store_open(&store, dir, &err) != FR_E_IO ||
        strstr(err.text, "Permission denied; make it writable, or choose another --out") == NULL)
        return 1;
    if (fr_store_open_readonly(&store, dir, &err) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    struct fr_text value = {0};
    const int code = fr_store_get_meta(store, "fact", &value) ? 0 : 3;
    fr_text_release(&value);
    fr_store_close(store);
    return code;
}

static void an_unwritable_directory_refuses_writers_and_serves_readers(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_error err = {0};
    struct fr_store *store = open_store(dir);
    assert_ok(fr_store_set_meta(store, "fact", "x", &err), err);
    fr_store_close(store);
    assert_int_equal(chmod(file_in(dir, "study.db"), 0444), 0);
    assert_int_equal(chmod(file_in(dir, "lock"), 0444), 0);
    assert_int_equal(chmod(dir, 0555), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(try_unwritable(dir));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    remove_directory(dir);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        print_message("skipped: root, and no other user to become\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_damaged_page_is_an_error_not_an_absent_fact(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_error err = {0};
    struct fr_store *store = open_store(dir);
    add_inputs(store);
    fr_store_close(store);
    const int fd = open(file_in(dir, "study.db"), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    char junk[4096];
    memset(junk, 0xa5, sizeof junk);
    const off_t size = lseek(fd, 0, SEEK_END);
    for (off_t at = 4096; at < size; at += 4096) /* all but the page of the schema's root */
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    (void)close(fd);
    /* as a killed process would have left it */
    assert_int_equal(unlink(file_in(dir, "study.db.sha256")), 0);
    assert_int_not_equal(fr_store_open(&store, dir, &err), 0);
    assert_says(&err, FR_E_IO, "damaged (");
    remove_directory(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_study_is_found_again_with_its_facts),
        cmocka_unit_test(a_stage_knows_the_keys_it_was_begun_with),
        cmocka_unit_test(a_stage_that_is_reopened_keeps_its_keys),
        cmocka_unit_test(what_made_a_stage_before_is_kept_beside_what_goes_on_with_it),
        cmocka_unit_test(a_stage_finished_in_a_transaction_is_finished_with_its_rows_or_not),
        cmocka_unit_test(a_copy_has_everything_that_was_committed),
        cmocka_unit_test(a_copy_to_where_none_can_be_is_reported),
        cmocka_unit_test(a_writer_killed_inside_a_transaction_loses_only_that),
        cmocka_unit_test(what_a_writer_was_told_is_stored_survives_its_death_at_any_moment),
        cmocka_unit_test(a_second_writer_is_told_who_holds_the_study),
        cmocka_unit_test(two_never_hold_a_lock_that_is_removed),
        cmocka_unit_test(a_rolled_back_transaction_leaves_nothing),
        cmocka_unit_test(a_full_disk_is_reported_and_what_was_stored_stays),
        cmocka_unit_test(a_disk_that_fills_inside_a_transaction_undoes_it_and_lets_nothing_slip),
        cmocka_unit_test(a_file_that_may_not_grow_is_reported_and_what_was_stored_stays),
        cmocka_unit_test(a_file_that_is_no_database_is_refused_and_left_as_it_is),
        cmocka_unit_test(databases_of_other_programs_and_versions_are_refused),
        cmocka_unit_test(a_directory_without_a_study_cannot_be_read),
        cmocka_unit_test(a_path_that_is_no_directory_is_refused),
        cmocka_unit_test(an_unwritable_directory_refuses_writers_and_serves_readers),
        cmocka_unit_test(a_damaged_page_is_an_error_not_an_absent_fact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
