/* Without memory a study ends with one line, whatever it was doing, and goes on to the same bytes.
 * Every allocation of the process goes through here, those of its libraries too; in a child, the
 * n-th fails, alone or with all that follow. Here a few are taken; FR_STARVE=2000 takes as
 * many. */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "cli/cli.h"
#include "cli/last_words.h"
#include "directory.h"
#include "small_planted.h"

#if defined(__SANITIZE_ADDRESS__)
int main(void) {
    (void)printf("skipped: a sanitizer has its own malloc\n");
    return 77;
}
#else

static struct fr_error err;

/* ---- malloc ---------------------------------------------------------------------------------- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t n);

static volatile long n_asked, first_fails = -1; /* counted from 0; -1: none */
static volatile bool only_one;

static long wanted_failure = -1;
static void arm(void) {
    n_asked = 0;
    first_fails = wanted_failure;
}

static bool fails(void) {
    const long i = n_asked++; /* of a child with one thread */
    return first_fails >= 0 && (only_one ? i == first_fails : i >= first_fails);
}

void *malloc(size_t n) {
    if (!fails())
        return __libc_malloc(n);
    errno = ENOMEM;
    return NULL;
}

void *calloc(size_t n, size_t size) {
    if (!fails())
        return __libc_calloc(n, size);
    errno = ENOMEM;
    return NULL;
}

void *realloc(void *old, size_t n) {
    if (!fails())
        return __libc_realloc(old, n);
    errno = ENOMEM;
    return NULL;
}

/* ---- starving -------------------------------------------------------------------------------- */

/* The study in a child, as the program would run it: *said is what came on standard error. */
static int run_starving(int source, const char *out, long first, bool one, char *said, size_t n) {
    int ends[2], status;
    size_t got = 0;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        (void)alarm(120);
        fr_last_words_install();
        fr_cli_memory_install();
        only_one = one;
        wanted_failure = first;
        small_planted_ready = arm;
        const int code = small_planted_run(fr_test_root, source, out, 1, NULL, &err);
        first_fails = -1;
        _exit(code == FR_OK ? 0 : fr_cli_fail(&err));
    }
    (void)close(ends[1]);
    for (ssize_t k; (k = read(ends[0], said + got, n - 1 - got)) > 0;)
        got += (size_t)k;
    said[got] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static long count_allocations(int source) {
    if (fr_file_exists(fr_test_in_root("counted")))
        fr_test_directory_remove(fr_test_in_root("counted"));
    small_planted_ready = arm;
    assert_ok(small_planted_run(fr_test_root, source, fr_test_in_root("counted"), 1, NULL, &err),
              err);
    small_planted_ready = NULL;
    return n_asked;
}

static void a_study_without_memory_ends_with_one_line_and_goes_on(void **state) {
    (void)state;
    const char *wanted = getenv("FR_STARVE");
    const int n_points = wanted != NULL ? atoi(wanted) : 6;
    for (int source = 0; source < SMALL_PLANTED_SOURCES; source++) {
        struct fr_text whole = {0};
        int n_told = 0, n_through = 0;
        small_planted_write(fr_test_root, source);
        const long n = count_allocations(source);
        small_planted_render(fr_test_in_root("counted"), &whole);
        for (int i = 0; i < 2 * n_points; i++) {
            const bool one = i % 2 != 0;
            /* closer at the beginning, where many files are read once */
            const double share = (double)(i / 2) / n_points;
            const long first = (long)((double)n * share * share) + (one ? 7 : 0) + source;
            char said[4096], what[128];
            (void)snprintf(what, sizeof what, "allocation %ld of %ld fails%s", first, n,
                           one ? "" : ", and all that follow");
            if (fr_file_exists(fr_test_in_root("starved")))
                fr_test_directory_remove(fr_test_in_root("starved"));
            const int status =
                run_starving(source, fr_test_in_root("starved"), first, one, said, sizeof said);
            const char *end = strchr(said, '\n');
            if (status == 0)
                n_through++; /* what failed could be done without */
            else if ((status != 1 && status != 2) || strncmp(said, "fluidrep: ", 10) != 0 ||
                     end == NULL || end[1] != '\0')
                fail_msg("%s, %s: status %d, says: %s", small_planted_name[source], what, status,
                         said);
            n_told += status != 0;
            small_planted_go_on(fr_test_root, source, fr_test_in_root("starved"),
                                fr_text_get(&whole), what);
        }
        print_message(
            "%s: %ld allocations, %d failed: %d ended with one line, %d went through; all "
            "went on to the same bytes\n",
            small_planted_name[source], n, 2 * n_points, n_told, n_through);
        fr_text_release(&whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_study_without_memory_ends_with_one_line_and_goes_on),
    };
    return cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove);
}
#endif
