/* What is read of a study is what it wrote: files of representations that are gone, cut, another's,
 * turned in a bit or in a number are told, made again, and the tables are the same; a database that
 * is gone takes nothing from what another model left. (A database turned in a bit: store_test.c.)
 */
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "directory.h"
#include "small_planted.h"

static struct fr_error err;

static void shell(const char *format, ...) {
    char command[4096];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(command, sizeof command, format, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

static int set_up(void **state) {
    (void)fr_test_root_make(state);
    small_planted_write(fr_test_root, SMALL_GENERATED);
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("whole"), 1, NULL,
                                &err),
              err);
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("other"), 0.5, NULL,
                                &err),
              err);
    return 0;
}

/* ---- representations ------------------------------------------------------------------------- */

/* Where in the file the tensor's data begin. */
static int64_t data_of(const char *path, const char *tensor) {
    struct fr_tensor_file file;
    assert_ok(fr_tensors_open(&file, path, &err), err);
    const int64_t at = file.starts[fr_tensors_find(&file, tensor) - file.tensors];
    fr_tensors_release(&file);
    return at;
}

static void poke(const char *path, int64_t at, const void *bytes, size_t n) {
    struct stat st;
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    assert_int_equal(pwrite(fd, bytes, n, at), n);
    /* as a disk would: nobody wrote */
    assert_int_equal(futimens(fd, (struct timespec[]){st.st_atim, st.st_mtim}), 0);
    (void)close(fd);
}

static void turn_a_bit(const char *path) {
    const int64_t at = data_of(path, "sums") + 1000;
    unsigned char byte;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    (void)close(fd);
    byte ^= 1;
    poke(path, at, &byte, 1);
}
static void put_nan(const char *path) {
    poke(path, data_of(path, "sums") + 800, &(double){NAN}, sizeof(double));
}
static void put_huge(const char *path) {
    poke(path, data_of(path, "sums") + 800, &(double){1e308}, sizeof(double));
}
static void put_negative(const char *path) {
    poke(path, data_of(path, "counts"), &(int32_t){-5}, sizeof(int32_t));
}
static void put_another_time(const char *path) {
    poke(path, data_of(path, "times"), &(int32_t){41}, sizeof(int32_t));
}
static void take_away(const char *path) { assert_int_equal(unlink(path), 0); }
static void cut(const char *path) { assert_int_equal(truncate(path, 1000), 0); }
static void empty(const char *path) { assert_int_equal(truncate(path, 0), 0); }
static void copy_another_naming(const char *path) {
    shell("cp -p %s %s", fr_test_in_root("damaged/reps/2-all.safetensors"), path);
}
static void copy_another_model(const char *path) {
    shell("cp -p %s %s", fr_test_in_root("other/reps/1-all.safetensors"), path);
}

/* As if analyses and steering were yet to be done: what reads the files is run. */
static void reopen(const char *dir) {
    struct fr_store *store;
    assert_ok(fr_store_open(&store, dir, &err), err);
    assert_ok(fr_store_stage_reopen(store, "analyses", &err), err);
    assert_ok(fr_store_stage_reopen(store, "steering", &err), err);
    assert_ok(fr_store_run(store, &err, "DELETE FROM run", ""), err);
    assert_ok(fr_store_stage_reopen(store, "statistics", &err), err);
    fr_store_close(store);
}

static void a_damaged_file_of_representations_is_made_again(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*damage)(const char *path);
    } cases[] = {
        {"a bit", turn_a_bit},
        {"NaN", put_nan},
        {"1e308", put_huge},
        {"a negative count", put_negative},
        {"another timestamp", put_another_time},
        {"gone", take_away},
        {"cut", cut},
        {"empty", empty},
        {"another naming's", copy_another_naming},
        {"another model's", copy_another_model},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[800];
        print_message("%s\n", cases[i].name);
        shell("rm -rf %s && cp -a %s %s", fr_test_in_root("damaged"), fr_test_in_root("whole"),
              fr_test_in_root("damaged"));
        reopen(fr_test_in_root("damaged"));
        (void)snprintf(path, sizeof path, "%s", fr_test_in_root("damaged/reps/1-all.safetensors"));
        cases[i].damage(path);
        assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("damaged"), 1,
                                    NULL, &err),
                  err);
        shell("diff -r %s %s", fr_test_in_root("whole/tables"), fr_test_in_root("damaged/tables"));
        shell("cmp %s %s", fr_test_in_root("whole/reps/1-all.safetensors"), path);
    }
}

/* "Remove it and run again", of all of them. */
static void without_any_file_of_representations_they_are_made_again(void **state) {
    (void)state;
    shell("rm -rf %s && cp -a %s %s && rm -r %s", fr_test_in_root("damaged"),
          fr_test_in_root("whole"), fr_test_in_root("damaged"), fr_test_in_root("damaged/reps"));
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("damaged"), 1, NULL,
                                &err),
              err);
    shell("diff -r %s %s && diff -r %s %s", fr_test_in_root("whole/tables"),
          fr_test_in_root("damaged/tables"), fr_test_in_root("whole/reps"),
          fr_test_in_root("damaged/reps"));
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void what_another_model_left_is_not_taken_for_this_one_s(void **state) {
    (void)state;
    shell("rm -rf %s && cp -a %s %s && rm %s", fr_test_in_root("damaged"), fr_test_in_root("other"),
          fr_test_in_root("damaged"), fr_test_in_root("damaged/study.db*"));
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("damaged"), 1, NULL,
                                &err),
              err);
    shell("diff -r %s %s", fr_test_in_root("whole/tables"), fr_test_in_root("damaged/tables"));
    /* the two are not alike: the test could fail */
    shell("! diff -rq %s %s >/dev/null", fr_test_in_root("whole/tables"),
          fr_test_in_root("other/tables"));
}

static void page_and_tables_that_are_gone_or_edited_are_made_from_the_database(void **state) {
    (void)state;
    int n_ran;
    shell("rm -rf %s && cp -a %s %s && cd %s && rm -r report.html figures tables/accuracy.csv &&"
          " echo x >>tables/headline.csv",
          fr_test_in_root("damaged"), fr_test_in_root("whole"), fr_test_in_root("damaged"),
          fr_test_in_root("damaged"));
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("damaged"), 1,
                                &n_ran, &err),
              err);
    assert_int_equal(n_ran, 0);
    shell("diff -r %s %s && diff -r %s %s && test -s %s", fr_test_in_root("whole/tables"),
          fr_test_in_root("damaged/tables"), fr_test_in_root("whole/figures"),
          fr_test_in_root("damaged/figures"), fr_test_in_root("damaged/report.html"));
}

static void a_trace_that_is_not_what_was_stored_stops_the_study(void **state) {
    (void)state;
    struct fr_store *store;
    shell("rm -rf %s && cp -a %s %s && rm -r %s", fr_test_in_root("damaged"),
          fr_test_in_root("whole"), fr_test_in_root("damaged"), fr_test_in_root("damaged/reps"));
    assert_ok(fr_store_open(&store, fr_test_in_root("damaged"), &err), err);
    assert_ok(fr_store_run(store, &err, "UPDATE trace SET ids = zeroblob(length(ids))", ""), err);
    fr_store_close(store);
    assert_int_equal(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("damaged"), 1,
                                       NULL, &err),
                     FR_E_IO);
    assert_non_null(strstr(err.text, "is damaged: its tokens are others than were stored"));
}

/* What the message of a broken seal says: "if the change is yours, remove it and run again". */
static void a_change_of_one_s_own_is_in_the_tables_once_the_seal_is_gone(void **state) {
    (void)state;
    struct fr_store *store;
    int n_ran;
    shell("rm -rf %s && cp -a %s %s", fr_test_in_root("damaged"), fr_test_in_root("whole"),
          fr_test_in_root("damaged"));
    assert_ok(fr_store_open(&store, fr_test_in_root("damaged"), &err), err);
    assert_ok(fr_store_run(store, &err,
                           "UPDATE trace SET verdict = iif(verdict = 'unparsed', 'solved',"
                           " 'unparsed') WHERE puzzle IN (SELECT id FROM puzzle WHERE split ="
                           " 'evaluate')",
                           ""),
              err);
    fr_store_close(store); /* sealed again: nobody can know */
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("damaged"), 1,
                                &n_ran, &err),
              err);
    assert_int_equal(n_ran, 0);
    shell("rm %s", fr_test_in_root("damaged/study.db.sha256"));
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("damaged"), 1,
                                &n_ran, &err),
              err);
    assert_int_equal(n_ran, 2); /* analyses, statistics */
    shell("! cmp -s %s %s", fr_test_in_root("whole/tables/accuracy.csv"),
          fr_test_in_root("damaged/tables/accuracy.csv"));
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("damaged"), 1,
                                &n_ran, &err),
              err);
    assert_int_equal(n_ran, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_file_of_representations_is_made_again),
        cmocka_unit_test(without_any_file_of_representations_they_are_made_again),
        cmocka_unit_test(what_another_model_left_is_not_taken_for_this_one_s),
        cmocka_unit_test(page_and_tables_that_are_gone_or_edited_are_made_from_the_database),
        cmocka_unit_test(a_change_of_one_s_own_is_in_the_tables_once_the_seal_is_gone),
        cmocka_unit_test(a_trace_that_is_not_what_was_stored_stops_the_study),
    };
    return cmocka_run_group_tests(tests, set_up, fr_test_root_remove);
}
