/* A store in a fresh directory, with one puzzle and one naming, for the tests of store/. */
#ifndef FR_TESTS_STORE_FIXTURE_H
#define FR_TESTS_STORE_FIXTURE_H

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "support/test.h"

#include "base/file.h"
#include "base/memory.h"
#include "store/store.h"

/* A new directory below TMPDIR (or /tmp); one of four buffers in turn. */
static inline const char *make_directory(void) {
    static char paths[4][512];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    const char *below = getenv("TMPDIR");
    (void)snprintf(path, sizeof paths[0], "%s/fluidrep-store-XXXXXX",
                   below != NULL ? below : P_tmpdir);
    assert_non_null(mkdtemp(path));
    return path;
}

static inline void remove_directory(const char *path) {
    struct fr_text command = {0};
    fr_text_printf(&command, "chmod -R u+rwx '%s' && rm -rf '%s'", path, path);
    assert_int_equal(system(fr_text_get(&command)), 0);
    fr_text_release(&command);
}

/* DIR/NAME; one of eight buffers in turn. */
static inline const char *file_in(const char *dir, const char *name) {
    static char paths[8][600];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

/* What stands for a full disk: no file grows beyond bytes until setrlimit gets what is returned. */
static inline struct rlimit limit_files(rlim_t bytes) {
    struct rlimit old, tight;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight = old;
    tight.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    return old;
}

static inline struct fr_store *open_store(const char *dir) {
    struct fr_store *store = NULL;
    struct fr_error err = {0};
    assert_ok(fr_store_open(&store, dir, &err), err);
    return store;
}

/* A test's end, whose state is a store in a directory of its own. */
static inline int close_and_remove(void **state) {
    char *dir = fr_strdup(fr_store_dir(*state));
    fr_store_close(*state);
    remove_directory(dir);
    free(dir);
    return 0;
}

static inline void add_inputs(struct fr_store *store) {
    struct fr_error err = {0};
    assert_ok(fr_store_begin(store, &err), err);
    assert_ok(fr_store_run(store, &err, "INSERT INTO naming VALUES ('m1', 1, 'mystery', 0)", ""),
              err);
    for (int64_t id = 1; id <= 500; id++)
        assert_ok(fr_store_run(store, &err,
                               "INSERT INTO puzzle VALUES (?, 'collect', 4, 6, '', '', 'x', ?, "
                               "NULL)",
                               "ii", id, id - 1),
                  err);
    assert_ok(fr_store_commit(store, &err), err);
}

static inline int64_t count_rows(struct fr_store *store, const char *table) {
    struct fr_text sql = {0};
    struct fr_query *query = NULL;
    struct fr_error err = {0};
    fr_text_printf(&sql, "SELECT count(*) FROM %s", table);
    assert_ok(fr_query_open(&query, store, &err, fr_text_get(&sql), ""), err);
    assert_true(fr_query_next(query));
    const int64_t n = fr_query_int(query, 0);
    assert_ok(fr_query_close(query, &err), err);
    fr_text_release(&sql);
    return n;
}

/* A trace of three tokens over the given bytes: prompt, reasoning, answer. */
static inline struct fr_trace make_trace(int64_t puzzle, const char *text, size_t n) {
    struct fr_trace t = {.puzzle = puzzle,
                         .naming = fr_strdup("m1"),
                         .n_tokens = 3,
                         .n_prompt = 1,
                         .n_reasoning = 1,
                         .text = fr_strndup(text, n),
                         .text_len = n,
                         .verdict = {.kind = FR_VERDICT_ILLEGAL_STEP, .step = 2}};
    (void)snprintf(t.verdict.reason, sizeof t.verdict.reason, "(clear a) is false");
    t.ids = fr_alloc(3, sizeof *t.ids);
    t.starts = fr_alloc(3, sizeof *t.starts);
    t.ends = fr_alloc(3, sizeof *t.ends);
    for (int i = 0; i < 3; i++) {
        t.ids[i] = 1000000 * i - 7;
        t.starts[i] = (int32_t)(n * (size_t)i / 3);
        t.ends[i] = (int32_t)(n * (size_t)(i + 1) / 3);
    }
    return t;
}

static inline bool stage_done(struct fr_store *store, const char *name) {
    bool done = false;
    (void)fr_store_get_stage(store, name, &done, NULL);
    return done;
}

/* The error says this, in one line. */
static inline void assert_says(const struct fr_error *err, int code, const char *words) {
    if (err->code != code || strstr(err->text, words) == NULL || strchr(err->text, '\n') != NULL)
        fail_msg("code %d: \"%s\" instead of code %d with \"%s\"", err->code, err->text, code,
                 words);
}

#endif
