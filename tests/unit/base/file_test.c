/* Files: whole or not at all. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "test.h"

static char directory[64];

static const char *in(const char *name) {
    static char paths[4][256];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

/* Files that were to be renamed and are still there. */
static int count_left(void) {
    int n = 0;
    DIR *d = opendir(directory);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += strstr(e->d_name, ".fluidrep-") != NULL;
    (void)closedir(d);
    return n;
}

static int make_directory(void **state) {
    (void)state;
    (void)snprintf(directory, sizeof directory, "file_test.XXXXXX");
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void **state) {
    (void)state;
    static const char *const left[] = {"a",    "b",     "none",  "young", "a.tmp",
                                       "link", "chain", "d/e/f", "d/e",   "d"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        (void)remove(in(left[i]));
    return rmdir(directory);
}

static void what_is_written_is_read(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_text text = {0};
    assert_ok(fr_file_write(in("a"), "one\0two\n", 8, &err), err);
    assert_ok(fr_file_read(in("a"), 8, &text, &err), err);
    assert_int_equal(text.len, 8);
    assert_memory_equal(text.data, "one\0two\n", 8);
    assert_int_equal(count_left(), 0);
    assert_ok(fr_file_write(in("none"), "", 0, &err), err);
    assert_ok(fr_file_read(in("none"), 0, &text, &err), err);
    assert_int_equal(text.len, 0);
    fr_text_release(&text);
}

static void a_file_is_written_in_parts(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_text text = {0};
    const struct fr_bytes parts[] = {{"ab", 2}, {NULL, 0}, {"cde", 3}};
    assert_ok(fr_file_write_parts(in("b"), parts, 3, &err), err);
    assert_ok(fr_file_read(in("b"), 100, &text, &err), err);
    assert_string_equal(fr_text_get(&text), "abcde");
    fr_text_release(&text);
}

static void a_file_over_the_ceiling_is_refused_and_nothing_of_it_kept(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_text text = {0};
    assert_ok(fr_file_write(in("a"), "12345", 5, &err), err);
    fr_text_add(&text, "before");
    assert_int_equal(fr_file_read(in("a"), 4, &text, &err), FR_E_LIMIT);
    assert_int_equal(text.len, 0);
    assert_non_null(strstr(err.text, "larger than 4 bytes"));
    assert_int_equal(fr_file_read(in("missing"), 4, &text, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "missing: No such file"));
    assert_int_equal(fr_file_read(directory, 4, &text, &err), FR_E_INPUT);
    fr_text_release(&text);
}

static void a_text_is_read_without_its_mark_and_not_with_a_nul(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_text text = {0};
    assert_ok(fr_file_write(in("a"), "\xef\xbb\xbfone", 6, &err), err);
    assert_ok(fr_file_read_text(in("a"), 100, &text, &err), err);
    assert_string_equal(fr_text_get(&text), "one");
    assert_int_equal(text.len, 3);
    assert_ok(fr_file_write(in("a"), "one\0two", 7, &err), err);
    assert_int_equal(fr_file_read_text(in("a"), 100, &text, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "NUL"));
    assert_int_equal(text.len, 0);
    assert_ok(fr_file_write(in("none"), "", 0, &err), err);
    assert_ok(fr_file_read_text(in("none"), 100, &text, &err), err);
    assert_int_equal(text.len, 0);
    fr_text_release(&text);
}

static void a_pipe_is_read_when_it_is_written_and_not_waited_for_else(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_text text = {0};
    char hash[FR_SHA256_TEXT], path[40];
    (void)unlink(in("a"));
    assert_int_equal(mkfifo(in("a"), 0600), 0);
    assert_int_equal(fr_file_read(in("a"), 100, &text, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "a pipe that nobody writes to"));
    assert_int_equal(fr_file_sha256(in("a"), hash, &err), FR_E_INPUT);
    assert_int_equal(unlink(in("a")), 0);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "through", 7), 7);
    assert_int_equal(close(ends[1]), 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_ok(fr_file_read(path, 100, &text, &err), err);
    assert_string_equal(fr_text_get(&text), "through");
    assert_int_equal(close(ends[0]), 0);
    assert_ok(fr_file_read("/dev/null", 100, &text, &err), err);
    fr_text_release(&text);
}

/* The limit on file sizes stands for a full disk: a write fails halfway. */
static void a_full_disk_leaves_the_old_file_whole(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_text text = {0};
    static char large[1 << 16];
    struct rlimit old, tight;
    memset(large, 'x', sizeof large);
    assert_ok(fr_file_write(in("a"), "old", 3, &err), err);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight = old;
    tight.rlim_cur = 4096;
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const int code = fr_file_write(in("a"), large, sizeof large, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, before);
    assert_int_equal(code, FR_E_IO);
    assert_non_null(strstr(err.text, "nothing stored is lost"));
    assert_int_equal(count_left(), 0);
    assert_ok(fr_file_read(in("a"), 100, &text, &err), err);
    assert_string_equal(fr_text_get(&text), "old");
    fr_text_release(&text);
}

static void a_stream_takes_the_file_s_place_when_committed_only(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_text text = {0};
    FILE *stream;
    assert_ok(fr_file_write(in("a"), "old", 3, &err), err);
    assert_ok(fr_file_create(&stream, in("a"), &err), err);
    assert_true(fputs("new", stream) >= 0);
    fr_file_discard(stream, in("a"));
    assert_int_equal(count_left(), 0);
    assert_ok(fr_file_create(&stream, in("a"), &err), err);
    assert_true(fputs("new", stream) >= 0);
    assert_ok(fr_file_read(in("a"), 100, &text, &err), err);
    assert_string_equal(fr_text_get(&text), "old");
    assert_ok(fr_file_commit(stream, in("a"), &err), err);
    assert_ok(fr_file_read(in("a"), 100, &text, &err), err);
    assert_string_equal(fr_text_get(&text), "new");
    assert_int_equal(fr_file_create(&stream, in("none/a"), &err), FR_E_IO);

    struct rlimit old, tight;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight = old;
    tight.rlim_cur = 4096;
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_ok(fr_file_create(&stream, in("a"), &err), err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (int i = 0; i < 1 << 16; i++)
        (void)putc('x', stream);
    const int code = fr_file_commit(stream, in("a"), &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, before);
    assert_int_equal(code, FR_E_IO);
    assert_int_equal(count_left(), 0);
    assert_ok(fr_file_read(in("a"), 100, &text, &err), err);
    assert_string_equal(fr_text_get(&text), "new");
    fr_text_release(&text);
}

static void assert_holds(const char *path, const char *what) {
    struct fr_error err = {0};
    struct fr_text text = {0};
    assert_ok(fr_file_read(path, 100, &text, &err), err);
    assert_string_equal(fr_text_get(&text), what);
    fr_text_release(&text);
}

static void a_link_stays_and_what_it_leads_to_is_replaced(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct stat st;
    FILE *stream;
    (void)unlink(in("b"));
    assert_int_equal(symlink("b", in("link")), 0); /* that leads nowhere yet */
    assert_int_equal(symlink("link", in("chain")), 0);
    assert_ok(fr_file_write(in("link"), "1", 1, &err), err);
    assert_holds(in("b"), "1");
    assert_ok(fr_file_write(in("chain"), "2", 1, &err), err);
    assert_holds(in("b"), "2");
    assert_ok(fr_file_create(&stream, in("chain"), &err), err);
    assert_true(fputs("3", stream) >= 0);
    assert_holds(in("b"), "2");
    assert_ok(fr_file_commit(stream, in("chain"), &err), err);
    assert_holds(in("b"), "3");
    assert_int_equal(lstat(in("chain"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat(in("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    (void)unlink(in("link"));
    assert_int_equal(symlink("chain", in("link")), 0);
    assert_int_equal(fr_file_write(in("link"), "4", 1, &err), FR_E_IO); /* round and round */
    (void)unlink(in("link"));
    (void)unlink(in("chain"));
}

static void a_pipe_is_written_into_and_one_that_nobody_reads_is_refused(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct stat st;
    FILE *stream;
    char got[8] = {0};
    (void)unlink(in("a"));
    assert_int_equal(mkfifo(in("a"), 0600), 0);
    assert_int_equal(fr_file_write(in("a"), "x", 1, &err), FR_E_IO);
    assert_non_null(strstr(err.text, "a: a pipe that nobody reads"));
    const int fd = open(in("a"), O_RDONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_ok(fr_file_write(in("a"), "one", 3, &err), err);
    assert_int_equal(read(fd, got, 3), 3);
    assert_ok(fr_file_create(&stream, in("a"), &err), err);
    assert_true(fputs("two", stream) >= 0);
    assert_ok(fr_file_commit(stream, in("a"), &err), err);
    assert_int_equal(read(fd, got + 3, 3), 3);
    assert_string_equal(got, "onetwo");
    (void)close(fd);
    assert_int_equal(lstat(in("a"), &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(unlink(in("a")), 0);
}

/* A node of its own, where one may be made: were the program wrong, the machine's would be gone. */
static void a_device_is_written_into_and_a_directory_refused(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct stat st;
    assert_ok(fr_dir_make(in("d"), &err), err);
    assert_int_equal(fr_file_write(in("d"), "x", 1, &err), FR_E_IO);
    assert_non_null(strstr(err.text, "d: a directory; give the name of a file"));
    assert_int_equal(fr_file_write("", "x", 1, &err), FR_E_INPUT);
    (void)unlink(in("b"));
    if (mknod(in("b"), S_IFCHR | 0666, makedev(1, 3)) != 0) {
        print_message("skipped: no device can be made here\n");
        skip();
    }
    const int code = fr_file_write(in("b"), "gone", 4, &err);
    assert_int_equal(lstat(in("b"), &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(unlink(in("b")), 0);
    if (code != FR_OK) /* a file system without devices */
        assert_non_null(strstr(err.text, "ermi"));
}

/* Neither a file that has the name which was once used, nor another writer, is touched. */
static void what_is_prepared_has_a_name_of_its_own(void **state) {
    (void)state;
    struct fr_error err = {0};
    FILE *one, *two;
    (void)unlink(in("a"));
    assert_ok(fr_file_write(in("a.tmp"), "precious", 8, &err), err);
    assert_ok(fr_file_create(&one, in("a"), &err), err);
    assert_ok(fr_file_create(&two, in("a"), &err), err);
    assert_int_equal(count_left(), 2);
    assert_true(fputs("one", one) >= 0);
    assert_true(fputs("2", two) >= 0);
    assert_ok(fr_file_commit(two, in("a"), &err), err);
    assert_holds(in("a"), "2");
    assert_ok(fr_file_commit(one, in("a"), &err), err);
    assert_holds(in("a"), "one");
    assert_holds(in("a.tmp"), "precious");
    assert_int_equal(count_left(), 0);
}

static void what_a_killed_process_left_is_swept_and_nothing_else(void **state) {
    (void)state;
    struct fr_error err = {0};
    static const char *const stay[] = {"a.fluidrep-0123456.tmp", "a.fluidrep-0123456g.tmp", "a.tmp",
                                       "a.fluidrep-01234567", ".fluidrep-01234567.tmp"};
    enum { N_STAY = sizeof stay / sizeof *stay };
    FILE *made = fopen(in("a.fluidrep-01234567.tmp"), "w");
    assert_non_null(made);
    (void)fclose(made);
    for (size_t i = 0; i < N_STAY; i++)
        assert_ok(fr_file_write(in(stay[i]), "x", 1, &err), err);
    fr_dir_sweep(directory);
    fr_dir_sweep(in("missing"));
    assert_false(fr_file_exists(in("a.fluidrep-01234567.tmp")));
    for (size_t i = 0; i < N_STAY; i++)
        assert_int_equal(unlink(in(stay[i])), 0);
}

static void a_full_disk_is_told_as_such(void **state) {
    (void)state;
    struct fr_error err = {0};
    if (access("/dev/full", W_OK) != 0) {
        print_message("skipped: no /dev/full here\n");
        skip();
    }
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    (void)fputs("x", full);
    assert_int_not_equal(fflush(full), 0);
    assert_int_equal(fr_file_fail(&err, "study.db", errno), FR_E_IO);
    assert_non_null(strstr(err.text, "study.db: disk full; free space"));
    (void)fclose(full);
}

static void places_that_cannot_be_written_are_errors_with_their_path(void **state) {
    (void)state;
    struct fr_error err = {0};
    assert_int_equal(fr_file_write(in("missing/x"), "x", 1, &err), FR_E_IO);
    assert_non_null(strstr(err.text, "missing/x"));
    assert_ok(fr_file_write(in("a"), "x", 1, &err), err);
    assert_int_equal(fr_dir_make(in("a"), &err), FR_E_IO);
    assert_int_equal(fr_dir_make(in("a/b"), &err), FR_E_IO);
}

static void directories_are_made_with_their_parents_and_twice(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct stat st;
    assert_ok(fr_dir_make(in("d/e/f"), &err), err);
    assert_ok(fr_dir_make(in("d//e/f/"), &err), err);
    assert_ok(fr_dir_make(".", &err), err);
    assert_int_equal(stat(in("d/e/f"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
}

/* FIPS 180-4's example. */
static void hashes_are_sha_256(void **state) {
    (void)state;
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    struct fr_error err = {0};
    char hash[FR_SHA256_TEXT];
    fr_sha256("abc", 3, hash);
    assert_string_equal(hash, abc);
    assert_ok(fr_file_write(in("b"), "abc", 3, &err), err);
    assert_ok(fr_file_sha256(in("b"), hash, &err), err);
    assert_string_equal(hash, abc);
    assert_int_equal(fr_file_sha256(in("missing"), hash, &err), FR_E_INPUT);
}

static void a_stamp_tells_a_file_from_what_it_was(void **state) {
    (void)state;
    struct fr_error err = {0};
    char before[FR_FILE_STAMP], after[FR_FILE_STAMP];
    /* one that nobody has just written */
    fr_file_stamp("/proc/self/exe", before);
    assert_true(strlen(before) > 0);
    fr_file_stamp("/proc/self/exe", after);
    assert_string_equal(before, after);
    assert_ok(fr_file_write(in("young"), "abc", 3, &err), err);
    fr_file_stamp(in("young"), after);
    assert_string_equal(after, "");
    fr_file_stamp(in("missing"), after);
    assert_string_equal(after, "");
    fr_file_stamp(".", after);
    assert_string_equal(after, "");
}

/* The last of the tests: what is kept stays kept. */
static void what_a_command_reads_is_not_replaced_by_any_name(void **state) {
    (void)state;
    struct fr_error err = {0};
    FILE *stream;
    struct fr_text text = {0};
    (void)unlink(in("a"));
    (void)unlink(in("b"));
    (void)unlink(in("link"));
    assert_ok(fr_file_write(in("a"), "kept", 4, &err), err);
    assert_int_equal(link(in("a"), in("b")), 0);
    assert_int_equal(symlink("a", in("link")), 0);
    assert_int_equal(fr_file_check_kept(in("a"), &err), FR_OK);
    fr_file_keep(in("nowhere"));
    fr_file_keep("/dev/null");
    fr_file_keep(in("a"));
    static const char *const names[] = {"a", "b", "link", "./a"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(fr_file_check_kept(in(names[i]), &err), FR_E_INPUT);
        assert_int_equal(fr_file_write(in(names[i]), "lost", 4, &err), FR_E_INPUT);
        assert_int_equal(fr_file_create(&stream, in(names[i]), &err), FR_E_INPUT);
        assert_null(stream);
        assert_non_null(strstr(err.text, "is what the command reads"));
        assert_ok(fr_file_read(in(names[i]), 100, &text, &err), err);
        assert_string_equal(fr_text_get(&text), "kept");
    }
    assert_int_equal(count_left(), 0);
    assert_ok(fr_file_write(in("none"), "x", 1, &err), err);
    fr_text_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_file_is_written_in_parts),
        cmocka_unit_test(a_text_is_read_without_its_mark_and_not_with_a_nul),
        cmocka_unit_test(a_pipe_is_read_when_it_is_written_and_not_waited_for_else),
        cmocka_unit_test(a_file_over_the_ceiling_is_refused_and_nothing_of_it_kept),
        cmocka_unit_test(a_full_disk_leaves_the_old_file_whole),
        cmocka_unit_test(a_stream_takes_the_file_s_place_when_committed_only),
        cmocka_unit_test(a_link_stays_and_what_it_leads_to_is_replaced),
        cmocka_unit_test(a_pipe_is_written_into_and_one_that_nobody_reads_is_refused),
        cmocka_unit_test(a_device_is_written_into_and_a_directory_refused),
        cmocka_unit_test(what_is_prepared_has_a_name_of_its_own),
        cmocka_unit_test(what_a_killed_process_left_is_swept_and_nothing_else),
        cmocka_unit_test(a_full_disk_is_told_as_such),
        cmocka_unit_test(places_that_cannot_be_written_are_errors_with_their_path),
        cmocka_unit_test(directories_are_made_with_their_parents_and_twice),
        cmocka_unit_test(hashes_are_sha_256),
        cmocka_unit_test(a_stamp_tells_a_file_from_what_it_was),
        cmocka_unit_test(what_a_command_reads_is_not_replaced_by_any_name),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
