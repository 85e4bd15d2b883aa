/* Journals of shards in one: every answer once, every loss once, whatever is merged again. */
#include "test.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/file.h"
#include "directory.h"
#include "sources/endpoint.h"

static struct fr_error err;

static void open_in(struct fr_journal *j, const char *dir) {
    assert_ok(fr_dir_make(fr_test_in_root(dir), &err), err);
    assert_ok(fr_journal_open(j, fr_test_in_root(dir), &err), err);
}

static void request_of(int i, char out[FR_SHA256_TEXT]) { fr_sha256(&i, sizeof i, out); }

static void answer(struct fr_journal *j, int i, const char *text) {
    struct fr_http_reply reply = {0};
    char request[FR_SHA256_TEXT];
    request_of(i, request);
    fr_text_add(&reply.answer.text, text);
    assert_ok(fr_journal_add(j, request, i, "1", &reply, 1, 10, &err), err);
    fr_text_release(&reply.answer.text);
}

static long long merge(const char *to, const char *from) {
    char paths[2][600];
    long long n;
    (void)snprintf(paths[0], sizeof *paths, "%s", fr_test_in_root(to));
    (void)snprintf(paths[1], sizeof *paths, "%s", fr_test_in_root(from));
    assert_ok(fr_journal_merge(paths[0], paths[1], &n, &err), err);
    return n;
}

static void every_answer_and_every_loss_is_there_once(void **state) {
    (void)state;
    struct fr_journal j;
    struct fr_answer found;
    char request[FR_SHA256_TEXT];
    bool there;
    open_in(&j, "a");
    answer(&j, 1, "one");
    answer(&j, 2, "two");
    fr_journal_close(&j);
    open_in(&j, "b");
    answer(&j, 2, "two, otherwise");
    answer(&j, 3, "three");
    request_of(3, request);
    assert_ok(fr_journal_lose(&j, request, "cut", 7, &err), err);
    assert_int_equal(write(j.fd, "{\"request\": \"ha", 16), 16); /* as a killed run leaves it */
    fr_journal_close(&j);
    assert_ok(fr_dir_make(fr_test_in_root("all"), &err), err);
    assert_int_equal(merge("all", "a"), 2);
    assert_int_equal(merge("all", "b"), 2); /* three, and the loss */
    assert_int_equal(merge("all", "a") + merge("all", "b"), 0);
    assert_int_equal(merge("all", "nowhere"), 0);
    open_in(&j, "all");
    assert_int_equal(j.n, 3);
    assert_int_equal(j.spent, 37);
    for (int i = 1; i <= 3; i++) {
        static const char *const texts[] = {"", "one", "two", "three"};
        request_of(i, request);
        assert_ok(fr_journal_find(&j, request, &found, &there, &err), err);
        assert_true(there);
        assert_string_equal(fr_text_get(&found.text), texts[i]);
        fr_text_release(&found.text);
        fr_text_release(&found.reasoning);
    }
    fr_journal_close(&j);
}

/* What was begun counts until it is known what came; a killed run's for good. */
static void what_was_begun_is_spent_until_it_is_settled(void **state) {
    (void)state;
    struct fr_journal j;
    char requests[3][FR_SHA256_TEXT];
    for (int i = 0; i < 3; i++)
        request_of(i, requests[i]);
    open_in(&j, "begun");
    for (int i = 0; i < 3; i++)
        assert_ok(fr_journal_begin(&j, requests[i], 100, &err), err);
    assert_int_equal(j.spent, 300);
    answer(&j, 0, "zero");
    assert_ok(fr_journal_lose(&j, requests[1], "busy", 0, &err), err);
    assert_int_equal(j.spent, 110);
    fr_journal_close(&j);
    open_in(&j, "begun"); /* the third was killed, and is asked again */
    assert_int_equal(j.spent, 110);
    assert_ok(fr_journal_begin(&j, requests[2], 100, &err), err);
    answer(&j, 2, "two");
    assert_int_equal(j.spent, 120);
    fr_journal_close(&j);
    assert_ok(fr_dir_make(fr_test_in_root("begun-all"), &err), err);
    assert_int_equal(merge("begun-all", "begun"), 7);
    assert_int_equal(merge("begun-all", "begun"), 0);
    open_in(&j, "begun-all");
    assert_int_equal(j.spent, 120);
    fr_journal_close(&j);
}

static void a_journal_of_which_nothing_was_spent_is_empty(void **state) {
    (void)state;
    struct fr_journal j;
    struct stat st;
    char request[FR_SHA256_TEXT];
    request_of(1, request);
    open_in(&j, "refused");
    assert_ok(fr_journal_reserve(&j, 1 << 20, &err), err);
    assert_ok(fr_journal_begin(&j, request, 100, &err), err);
    assert_ok(fr_journal_lose(&j, request, "status 401", 0, &err), err);
    fr_journal_close(&j);
    assert_int_equal(stat(fr_test_in_root("refused/endpoint.jsonl"), &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(st.st_blocks, 0); /* what was reserved is given back */
}

/* A file that may not grow stands for a full disk: the line is gone, those before and after are
 * not. */
static void half_a_line_is_taken_back(void **state) {
    (void)state;
    struct fr_journal j;
    struct fr_http_reply reply = {0};
    struct rlimit before, small;
    struct stat st;
    char request[FR_SHA256_TEXT];
    request_of(2, request);
    open_in(&j, "full");
    answer(&j, 1, "one");
    assert_int_equal(fstat(j.fd, &st), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = (rlim_t)st.st_size + 40;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const int code = fr_journal_add(&j, request, 2, "1", &reply, 1, 10, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(code, FR_E_IO);
    assert_int_equal(j.spent, 10);
    answer(&j, 3, "three");
    fr_journal_close(&j);
    open_in(&j, "full");
    assert_int_equal(j.n, 2);
    assert_int_equal(j.n_damaged, 0);
    fr_journal_close(&j);
}

static void a_damaged_line_is_passed_over(void **state) {
    (void)state;
    struct fr_journal j;
    open_in(&j, "damaged");
    answer(&j, 1, "one");
    assert_int_equal(write(j.fd, "{\"req{}\n", 8), 8);
    answer(&j, 2, "two");
    fr_journal_close(&j);
    open_in(&j, "damaged");
    assert_int_equal(j.n, 2);
    assert_int_equal(j.n_damaged, 1);
    assert_int_equal(j.first_damaged, 2);
    fr_journal_close(&j);
    assert_ok(fr_dir_make(fr_test_in_root("damaged-all"), &err), err);
    assert_int_equal(merge("damaged-all", "damaged"), 2);
}

static void a_journal_that_is_none_is_refused(void **state) {
    (void)state;
    char to[600];
    long long n;
    assert_ok(fr_dir_make(fr_test_in_root("bad"), &err), err);
    assert_ok(fr_file_write(fr_test_in_root("bad/endpoint.jsonl"), "{}\n", 3, &err), err);
    assert_ok(fr_dir_make(fr_test_in_root("good"), &err), err);
    (void)snprintf(to, sizeof to, "%s", fr_test_in_root("good"));
    assert_int_equal(fr_journal_merge(to, fr_test_in_root("bad"), &n, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "bad/endpoint.jsonl: holds no line of this program"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_and_every_loss_is_there_once),
        cmocka_unit_test(what_was_begun_is_spent_until_it_is_settled),
        cmocka_unit_test(a_journal_of_which_nothing_was_spent_is_empty),
        cmocka_unit_test(half_a_line_is_taken_back),
        cmocka_unit_test(a_damaged_line_is_passed_over),
        cmocka_unit_test(a_journal_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove);
}
