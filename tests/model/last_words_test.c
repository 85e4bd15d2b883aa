/* A death by signal inside libllama's graph ends with one line that says what, where and what to
 * do, and with exit status 1. Each case is a child process of its own. */
#include <ggml.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/last_words.h"
#include "model/activity.h"
#include "support/test.h"
#include "support/tiny_model.h"

enum { N = 8 };
static const int numbers[] = {SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};

static void raise_it(void *user, int site, int layer, int position, const float *h) {
    (void)site, (void)h;
    if (layer == 2 && position == 3)
        (void)raise(*(const int *)user);
}

static void abort_it(void *user, int site, int layer, int position, const float *h) {
    (void)user, (void)site, (void)position, (void)h;
    if (layer == 1)
        ggml_abort("kernels.c", 12, "GGML_ASSERT(%s) failed", "rows == 4");
}

static void assert_it(void *user, int site, int layer, int position, const float *h) {
    (void)user, (void)site, (void)position, (void)h;
    FR_ASSERT(layer < 0);
}

/* In the child: last words, then a prefill whose rows are given to `row`. */
static void die_in_prefill(void (*row)(void *, int, int, int, const float *), void *user,
                           bool deterministic) {
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    struct fr_model_options options = fr_tiny_options();
    struct fr_error err = {0};
    options.deterministic = deterministic;
    options.kv_type = FR_KV_BF16;
    struct fr_model *model = fr_tiny_open(&gguf, &options);
    int32_t tokens[N], positions[N];
    bool layers[64] = {0};
    fr_tiny_tokens(model, 1, N, tokens);
    for (int i = 0; i < N; i++)
        positions[i] = i;
    layers[1] = layers[2] = true;
    const struct fr_tap_plan taps = {N, positions, {[FR_SITE_BLOCK] = layers}, row, user};
    (void)!fr_model_prefill(model, 0, tokens, 0, N, &taps, NULL, NULL, &err);
    _exit(99); /* it lives */
}

struct death {
    int status; /* of waitpid */
    char said[4096];
};

/* Runs the rest in a child: 0 there; in the parent, its death, and 1. */
static int parted(struct death *death) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            (void)signal(numbers[i], SIG_DFL); /* cmocka's and a sanitizer's */
        fr_last_words_install();
        return 0;
    }
    (void)close(ends[1]);
    size_t n = 0;
    ssize_t got;
    while (n + 1 < sizeof death->said &&
           (got = read(ends[0], death->said + n, sizeof death->said - 1 - n)) > 0)
        n += (size_t)got;
    death->said[n] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &death->status, 0), child);
    return 1;
}

static void assert_says(const struct death *death, const char *what) {
    if (strstr(death->said, what) == NULL)
        fail_msg("\"%s\" is not in: %s", what, death->said);
}

static void assert_one_line_and_failed(const struct death *death) {
    const char *end = strchr(death->said, '\n');
    if (end == NULL || end[1] != '\0' || strncmp(death->said, "fluidrep: ", 10) != 0)
        fail_msg("not one line: %s", death->said);
    assert_true(WIFEXITED(death->status));
    assert_int_equal(WEXITSTATUS(death->status), FR_EXIT_FAILED);
}

static void a_signal_in_the_graph_is_told_in_one_line(void **state) {
    (void)state;
    static const char *const names[] = {"SIGILL", "SIGSEGV", "SIGBUS",
                                        "SIGFPE"}; /* not ours to abort */
    for (int i = 0; i < 4; i++) {
        struct death death;
        int number = numbers[i];
        if (parted(&death) == 0)
            die_in_prefill(raise_it, &number, false);
        assert_one_line_and_failed(&death);
        assert_says(&death, names[i]);
        assert_says(&death, "prefilling positions 0 to 7, at the rows of layer 2 of ");
        assert_says(&death, ".gguf (bf16 cache, without flash attention, all kernels)");
        assert_says(&death, "nothing stored is lost, and the same command continues");
        assert_says(&death, "model.deterministic: true");
        assert_says(&death, ".so"); /* raise() lies in the C library */
    }
}

static void what_is_deterministic_is_not_told_to_be(void **state) {
    (void)state;
    struct death death;
    int number = SIGILL;
    if (parted(&death) == 0)
        die_in_prefill(raise_it, &number, true);
    assert_one_line_and_failed(&death);
    assert_says(&death, "plain kernels)");
    assert_says(&death, "scripts/setup");
    assert_null(strstr(death.said, "deterministic"));
}

static void an_assertion_of_libllama_is_quoted(void **state) {
    (void)state;
    struct death death;
    if (parted(&death) == 0)
        die_in_prefill(abort_it, NULL, true);
    assert_one_line_and_failed(&death);
    assert_says(&death, "libllama gave up (kernels.c:12: GGML_ASSERT(rows == 4) failed)");
    assert_says(&death, "layer 1 of ");
}

static void an_assertion_of_ours_says_its_own_line(void **state) {
    (void)state;
    struct death death;
    if (parted(&death) == 0)
        die_in_prefill(assert_it, NULL, true);
    const char *end = strchr(death.said, '\n');
    assert_true(end != NULL && end[1] == '\0');
    assert_says(&death, "layer < 0");
    assert_true(WIFSIGNALED(death.status));
    assert_int_equal(WTERMSIG(death.status), SIGABRT);
}

static void a_signal_outside_the_engine_is_called_a_bug(void **state) {
    (void)state;
    struct death death;
    if (parted(&death) == 0) {
        (void)raise(SIGSEGV);
        _exit(99);
    }
    assert_one_line_and_failed(&death);
    assert_says(&death, "a bug outside the engine");
}

/* The record alone: what a decoding thread has its engine do, and that it ends. */
static void what_the_engine_does_is_told_while_it_does_it(void **state) {
    (void)state;
    char text[256], small[12];
    struct fr_model_options options = fr_model_options_defaults();
    options.path = "some/where.gguf";
    assert_false(fr_activity_describe(text, sizeof text));
    struct fr_activity *a = fr_activity_begin(&options);
    assert_false(fr_activity_describe(text, sizeof text));
    fr_activity_set(a, FR_ACTIVITY_DECODES, 0, 16);
    assert_true(fr_activity_describe(text, sizeof text));
    assert_string_equal(
        text,
        "decoding a token of 16 sequences of some/where.gguf (f16 cache, without flash attention, "
        "plain kernels)");
    assert_true(fr_activity_describe(small, sizeof small));
    assert_string_equal(small, "decoding a ");
    fr_activity_set(a, FR_ACTIVITY_PREFILLS, 512, 100);
    fr_activity_layer(a, 7, false);
    assert_true(fr_activity_describe(text, sizeof text));
    assert_non_null(strstr(text, "positions 512 to 611, behind layer 7 of some"));
    fr_activity_end(a);
    assert_false(fr_activity_describe(text, sizeof text));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_in_the_graph_is_told_in_one_line),
        cmocka_unit_test(what_is_deterministic_is_not_told_to_be),
        cmocka_unit_test(an_assertion_of_libllama_is_quoted),
        cmocka_unit_test(an_assertion_of_ours_says_its_own_line),
        cmocka_unit_test(a_signal_outside_the_engine_is_called_a_bug),
        cmocka_unit_test(what_the_engine_does_is_told_while_it_does_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
