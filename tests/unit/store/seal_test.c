/* The seal of a closed study: what it finds, when it is there, and what its absence means. */
#include "unit/store/store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/* Any bit: of a number, of a text, of a page that no query visits. */
static void a_bit_that_was_turned_in_a_closed_study_is_not_read(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_error err = {0};
    struct fr_store *store = open_store(dir);
    add_inputs(store);
    fr_store_close(store);
    const int fd = open(file_in(dir, "study.db"), O_RDWR | O_CLOEXEC);
    const off_t size = lseek(fd, 0, SEEK_END);
    for (off_t at = 97; at < size; at += size / 50) {
        unsigned char byte, turned;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        turned = byte ^ (unsigned char)(1 << at % 8);
        assert_int_equal(pwrite(fd, &turned, 1, at), 1);
        assert_int_equal(fr_store_open(&store, dir, &err), FR_E_IO);
        assert_says(&err, FR_E_IO, "study.db: holds other bytes than were left there");
        assert_int_equal(fr_store_open_readonly(&store, dir, &err), FR_E_IO);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    (void)close(fd);
    fr_store_close(open_store(dir));
    assert_ok(fr_store_open_readonly(&store, dir, &err), err);
    fr_store_close(store);
    remove_directory(dir);
}

static void the_seal_goes_with_the_study_and_comes_back(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_error err = {0};
    struct fr_store *store = open_store(dir), *reader;
    assert_false(fr_file_exists(file_in(dir, "study.db.sha256"))); /* killed now, it has none */
    add_inputs(store);
    assert_ok(fr_store_open_readonly(&reader, dir, &err), err);
    fr_store_close(reader);
    fr_store_close(store);
    assert_true(fr_file_exists(file_in(dir, "study.db.sha256")));
    /* alone it tells of a database that is gone; without it a study is begun anew */
    assert_int_equal(unlink(file_in(dir, "study.db")), 0);
    assert_int_equal(fr_store_open(&store, dir, &err), FR_E_CONFLICT);
    assert_says(&err, FR_E_CONFLICT, "study.db: is gone, and its seal is there");
    assert_int_equal(unlink(file_in(dir, "study.db.sha256")), 0);
    store = open_store(dir);
    assert_int_equal(count_rows(store, "puzzle"), 0);
    fr_store_close(store);
    remove_directory(dir);
}

static void a_seal_that_is_none_is_refused(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_error err = {0};
    struct fr_text seal = {0}, broken = {0};
    struct fr_store *store;
    fr_store_close(open_store(dir));
    assert_ok(fr_file_read(file_in(dir, "study.db.sha256"), 4096, &seal, &err), err);
    for (int i = 0; i < 5; i++) {
        fr_text_clear(&broken);
        fr_text_printf(&broken, "%.*s%s",
                       i == 0   ? 0
                       : i == 1 ? 63
                       : i == 2 ? 64
                                : (int)seal.len,
                       seal.data,
                       i == 3   ? "more\n"
                       : i == 4 ? seal.data
                                : "");
        assert_ok(fr_file_write(file_in(dir, "study.db.sha256"), fr_text_get(&broken), broken.len,
                                &err),
                  err);
        assert_int_equal(fr_store_open(&store, dir, &err), FR_E_IO);
        assert_says(&err, FR_E_IO, "study.db.sha256: is no seal of study.db");
        assert_int_equal(fr_store_open_readonly(&store, dir, &err), FR_E_IO);
    }
    assert_ok(fr_file_write(file_in(dir, "study.db.sha256"), seal.data, seal.len, &err), err);
    fr_store_close(open_store(dir));
    fr_text_release(&seal);
    fr_text_release(&broken);
    remove_directory(dir);
}

/* Taken away, the rows may be others: what is computed from them is due again. A killed writer left
 * none to be taken away. */
static void a_seal_that_was_taken_away_makes_results_due_again(void **state) {
    (void)state;
    static const char *const stages[] = {"rollouts", "analyses", "statistics"};
    const char *dir = make_directory(), *copy = make_directory();
    const struct fr_provenance by = {"", "", ""};
    struct fr_error err = {0};
    struct fr_store *store = open_store(dir);
    for (int i = 0; i < 3; i++) {
        assert_ok(fr_store_stage_begin(store, stages[i], "", &by, &err), err);
        assert_ok(fr_store_stage_finish(store, stages[i], &err), err);
    }
    assert_ok(fr_store_run(store, &err,
                           "INSERT INTO result_table VALUES ('a', 0, 'analyses', ''),"
                           " ('s', 1, 'statistics', '')",
                           ""),
              err);
    fr_store_close(store);
    assert_ok(fr_store_open_readonly(&store, dir, &err), err);
    assert_ok(fr_store_backup(store, copy, &err), err); /* which was never sealed */
    fr_store_close(store);
    store = open_store(copy);
    assert_true(stage_done(store, "analyses"));
    fr_store_close(store);
    store = open_store(dir); /* sealed */
    assert_true(stage_done(store, "analyses") && stage_done(store, "statistics"));
    fr_store_close(store);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        store = open_store(dir);
        (void)kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(fr_file_exists(file_in(dir, "study.db.sha256")));
    store = open_store(dir); /* killed */
    assert_true(stage_done(store, "analyses") && stage_done(store, "statistics"));
    fr_store_close(store);
    assert_int_equal(unlink(file_in(dir, "study.db.sha256")), 0);
    store = open_store(dir); /* taken away */
    assert_true(stage_done(store, "rollouts"));
    assert_false(stage_done(store, "analyses") || stage_done(store, "statistics"));
    fr_store_close(store);
    remove_directory(dir);
    remove_directory(copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bit_that_was_turned_in_a_closed_study_is_not_read),
        cmocka_unit_test(the_seal_goes_with_the_study_and_comes_back),
        cmocka_unit_test(a_seal_that_is_none_is_refused),
        cmocka_unit_test(a_seal_that_was_taken_away_makes_results_due_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
