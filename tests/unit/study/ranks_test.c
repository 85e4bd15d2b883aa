/* A study by several ranks, on planted models, over sockets in the place of MPI: the same bytes as
 * one process makes, whoever does what; a rank that dies costs what it had in flight; one that is
 * not like rank 0 is told in a line and left out. */
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "directory.h"
#include "planted_study.h"
#include "small_planted.h"
#include "work/ranks.h"

enum { SIZE = 3 };
static struct fr_error err;

/* ---- the line -------------------------------------------------------------------------------- */

struct ends {
    int fds[SIZE]; /* to each, -1: none */
    int n_sends;   /* messages that are sent yet, before it dies; 0: any number */
};

static bool transfer(int fd, void *bytes, size_t n, bool out) {
    for (size_t done = 0; done < n;) {
        char *at = (char *)bytes + done;
        const ssize_t k = out ? send(fd, at, n - done, MSG_NOSIGNAL) : recv(fd, at, n - done, 0);
        if (k == 0 || (k < 0 && errno != EINTR))
            return false;
        done += k > 0 ? (size_t)k : 0;
    }
    return true;
}

static bool send_bytes(void *user, int to, const void *bytes, size_t n) {
    struct ends *e = user;
    if (e->n_sends > 0 && --e->n_sends == 0)
        (void)raise(SIGKILL);
    return transfer(e->fds[to], &n, sizeof n, true) &&
           transfer(e->fds[to], (void *)(uintptr_t)bytes, n, true);
}

static bool receive_bytes(void *user, int *from, void **bytes, size_t *n) {
    struct ends *e = user;
    for (*from = 0; *from < SIZE; ++*from) {
        struct pollfd p = {.fd = e->fds[*from], .events = POLLIN};
        if (poll(&p, 1, 0) != 1)
            continue;
        if (transfer(p.fd, n, sizeof *n, false)) {
            *bytes = malloc(*n + 1);
            return transfer(p.fd, *bytes, *n, false);
        }
        (void)close(p.fd); /* it is gone */
        e->fds[*from] = -1;
    }
    return false;
}

static void close_ends(void *user, bool some_are_gone) {
    (void)some_are_gone;
    struct ends *e = user;
    for (int i = 0; i < SIZE; i++)
        if (e->fds[i] >= 0)
            (void)close(e->fds[i]);
}

static struct fr_ranks *open_rank(struct ends *e, int rank, int size) {
    return fr_ranks_open(&(struct fr_transport){.rank = rank,
                                                .size = size,
                                                .local_rank = rank,
                                                .local_size = size,
                                                .user = e,
                                                .send = send_bytes,
                                                .receive = receive_bytes,
                                                .close = close_ends});
}

/* ---- the ranks ------------------------------------------------------------------------------- */

/* What a helper does otherwise. */
struct helper {
    const char *config; /* NULL: rank 0's */
    double strength;    /* of what its model has planted; 0: as rank 0's */
    int dies_at;        /* call of its model's script or concept, over all; 0: lives */
    int n_sends;        /* messages, at the last of which it dies; 0: lives */
    bool full;          /* its device */
    bool full_disk;     /* files do not grow */
};

static struct {
    void (*script)(void *user, const int32_t *tokens, int n, struct fr_text *good,
                   struct fr_text *bad);
    int (*concept_of)(void *user, const int32_t *tokens, int n, int position);
    long sleeps_us; /* before each script; a hundredth of it before each concept */
    int dies_at, n_calls;
} model;

static void before(long us) {
    if (us > 0)
        (void)usleep((useconds_t)us);
    if (++model.n_calls == model.dies_at)
        (void)raise(SIGKILL);
}

static void script(void *user, const int32_t *tokens, int n, struct fr_text *good,
                   struct fr_text *bad) {
    before(model.sleeps_us);
    model.script(user, tokens, n, good, bad);
}

static int concept_of(void *user, const int32_t *tokens, int n, int position) {
    before(model.sleeps_us / 100);
    return model.concept_of(user, tokens, n, position);
}

static void set_model(struct planted_study *world, long sleeps_us, int dies_at) {
    model.script = world->options.script;
    model.concept_of = world->options.concept_of;
    model.sleeps_us = sleeps_us;
    model.dies_at = dies_at;
    model.n_calls = 0;
    world->options.script = script;
    world->options.concept_of = model.concept_of != NULL ? concept_of : NULL;
}

static int refuse(void *user, const struct fr_model_options *options, struct fr_model **out,
                  struct fr_error *fault) {
    (void)user, (void)options, (void)out;
    return fr_fail(fault, FR_E_MODEL, "no room for the model");
}

static void run_helper(const struct helper *h, int rank, int fd) {
    struct planted_study world;
    struct ends e = {{fd, -1, -1}, h->n_sends};
    struct fr_ranks *ranks = open_rank(&e, rank, SIZE);
    planted_study_init(&world, h->strength > 0 ? h->strength : 1, 1);
    set_model(&world, 0, h->dies_at);
    if (h->full)
        world.factory.open = refuse;
    if (h->full_disk) {
        (void)signal(SIGXFSZ, SIG_IGN);
        (void)setrlimit(RLIMIT_FSIZE, &(struct rlimit){64, 64});
    }
    fr_study_assist(
        &(struct fr_study_options){.keep_seconds = 1e-9,
                                   .config_path = fr_test_in_root(
                                       h->config != NULL ? h->config : "generated.yaml"),
                                   .ranks = ranks,
                                   .factory = &world.factory});
    fr_ranks_close(ranks);
    planted_study_release(&world);
    _exit(0);
}

/* What rank 0 saw. */
static struct {
    struct fr_study *study;
    struct fr_text warnings;
    int n_units[FR_N_STAGES]; /* by others */
    double waited;            /* seconds, at the ends of stages */
    long long resumed;        /* traces, of the last that were read */
    int stop_after;           /* pieces of work; 0: never */
    bool stop;
} seen;

static void on_warning(void *user, const char *what) {
    (void)user;
    fr_text_printf(&seen.warnings, "%s\n", what);
}

static void on_stage(void *user, const char *stage, enum fr_stage_event event, double seconds,
                     const struct fr_model_counters *counters) {
    (void)user, (void)counters;
    if (event != FR_STAGE_ENDS)
        return;
    const struct fr_study_shared shared = fr_study_shared(seen.study);
    seen.n_units[fr_stage_find(stage)] = shared.n_units;
    assert_true(shared.waited >= 0 && shared.waited <= SIZE * seconds);
    seen.waited += shared.waited;
}

static void on_progress(void *user, long long done, long long total, long long resumed,
                        const char *unit) {
    (void)user, (void)total;
    if (strcmp(unit, "traces") == 0)
        seen.resumed = resumed;
    seen.stop |= seen.stop_after > 0 && done >= seen.stop_after;
}

static bool is_stopped(void *user) {
    (void)user;
    return seen.stop;
}

/* Rank 0 is slow, so that there is something left for the others. */
static int run_ranks(const char *out, const struct helper helpers[SIZE], int stop_after) {
    struct planted_study world;
    struct ends e = {{-1, -1, -1}, 0};
    int n_ran;
    (void)signal(SIGCHLD, SIG_IGN); /* whoever dies is gone at once */
    for (int i = 1; i < SIZE; i++) {
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        if (fork() == 0) {
            (void)close(pair[0]);
            run_helper(&helpers[i], i, pair[1]);
        }
        (void)close(pair[1]);
        e.fds[i] = pair[0];
    }
    struct fr_ranks *ranks = open_rank(&e, 0, SIZE);
    planted_study_init(&world, 1, 1);
    set_model(&world, 20000, 0);
    fr_text_release(&seen.warnings);
    memset(&seen, 0, sizeof seen);
    seen.stop_after = stop_after;
    const struct fr_study_events events = {.work = {.warning = on_warning,
                                                    .progress = on_progress,
                                                    .stopped = is_stopped},
                                           .stage = on_stage};
    const struct fr_study_options options = {.keep_seconds = 1e-9, /* after every trace */
                                             .config_path = fr_test_in_root("generated.yaml"),
                                             .out_dir = fr_test_in_root(out),
                                             .ranks = ranks,
                                             .events = &events,
                                             .factory = &world.factory};
    int code = fr_study_open(&seen.study, &options, &err);
    if (code == FR_OK)
        code = fr_study_run(seen.study, FR_STAGE_REPORT, &n_ran, &err);
    fr_study_close(seen.study);
    fr_ranks_close(ranks);
    planted_study_release(&world);
    (void)signal(SIGCHLD, SIG_DFL);
    return code;
}

static struct fr_text whole; /* as one process makes it */

static int set_up(void **state) {
    const int code = fr_test_root_make(state);
    small_planted_write(fr_test_root, SMALL_GENERATED);
    assert_ok(small_planted_run(fr_test_root, SMALL_GENERATED, fr_test_in_root("whole"), 1, NULL,
                                &err),
              err);
    small_planted_render(fr_test_in_root("whole"), &whole);
    return code;
}

static int tear_down(void **state) {
    fr_text_release(&whole);
    fr_text_release(&seen.warnings);
    return fr_test_root_remove(state);
}

static void assert_whole(const char *out) {
    small_planted_assert_same(fr_test_in_root(out), fr_text_get(&whole), out);
}

static void assert_told(const char *what) {
    if (strstr(fr_text_get(&seen.warnings), what) == NULL)
        fail_msg("\"%s\" is not in: %s", what, fr_text_get(&seen.warnings));
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void several_ranks_make_the_same_bytes_as_one_process(void **state) {
    (void)state;
    static const struct helper alike[SIZE] = {{NULL}};
    assert_ok(run_ranks("three", alike, 0), err);
    assert_whole("three");
    assert_true(seen.n_units[FR_STAGE_ROLLOUTS] > 0);
    assert_true(seen.n_units[FR_STAGE_REPRESENTATIONS] > 0);
    assert_true(seen.n_units[FR_STAGE_STEERING] > 0);
    assert_true(seen.waited > 0.001); /* never do all end at once */
}

static void a_rank_that_dies_costs_what_it_had_in_flight(void **state) {
    (void)state;
    /* in a trace, in the sums, in a run: what the other does at those calls is chance */
    static const int calls[] = {2, 40, 900};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const struct helper dying[SIZE] =
            {[1] = {.dies_at = calls[i]}, [2] = {.dies_at = 3 * calls[i]}};
        char out[32];
        (void)snprintf(out, sizeof out, "dead-%d", calls[i]);
        assert_ok(run_ranks(out, dying, 0), err);
        assert_whole(out);
        if (i == 0)
            assert_told("is gone; the others do what it had in flight");
    }
}

/* Each dies when it asks for the second trace of its naming: after its greeting, its asking for
 * work and for the first trace, two pieces of each file, and the word that they are kept.
 */
static void sums_that_a_lost_rank_kept_are_gone_on_with(void **state) {
    (void)state;
    enum { TRACES = 3, FILES = 5, SENDS = 1 + 1 + 1 + 2 * FILES + 1 + 1, TRIES = 10 };
    static const struct helper dying[SIZE] = {[1] = {.n_sends = SENDS}, [2] = {.n_sends = SENDS}};
    char out[512], command[2048];
    bool lost = false;
    for (int i = 0; !lost && i < TRIES; i++) { /* whether they come before rank 0 has done all */
        (void)snprintf(out, sizeof out, "%s-%d", fr_test_in_root("lost"), i);
        (void)snprintf(command, sizeof command, "cp -a %s %s && rm -r %s/reps",
                       fr_test_in_root("whole"), out, out);
        assert_int_equal(system(command), 0);
        assert_ok(run_ranks(strrchr(out, '/') + 1, dying, 0), err);
        lost = strstr(fr_text_get(&seen.warnings), "is gone; the others do") != NULL;
    }
    assert_true(lost);
    assert_int_not_equal(seen.resumed % TRACES, 0); /* of a naming that was not finished */
    assert_whole(strrchr(out, '/') + 1);
}

static void ranks_that_are_stopped_go_on_later(void **state) {
    (void)state;
    static const struct helper alike[SIZE] = {{NULL}};
    assert_int_equal(run_ranks("stopped", alike, 2), FR_E_STOPPED);
    assert_string_equal(fr_text_get(&seen.warnings), ""); /* nobody complains of being stopped */
    assert_ok(run_ranks("stopped", alike, 0), err);
    assert_whole("stopped");
}

static void a_rank_that_is_not_like_rank_0_is_told_and_left_out(void **state) {
    (void)state;
    struct fr_text config = {0};
    assert_ok(fr_file_read(fr_test_in_root("generated.yaml"), 1 << 16, &config, &err), err);
    char *at = strstr(config.data, "resamples: 20}");
    assert_non_null(at);
    memcpy(at, "resamples: 30}", 14); /* what only rank 0 does may differ */
    at = strstr(config.data, "window_tokens: 80");
    assert_non_null(at);
    memcpy(at, "window_tokens: 60", 17);
    assert_ok(fr_file_write(fr_test_in_root("other.yaml"), config.data, config.len, &err), err);
    fr_text_release(&config);
    const struct helper unlike[SIZE] = {[1] = {.config = "other.yaml"}, [2] = {.strength = 0.5}};
    assert_ok(run_ranks("unlike", unlike, 0), err);
    assert_whole("unlike");
    assert_told("other.yaml says representations.window_tokens: 60, and rank 0's "
                "representations.window_tokens: 80; the others go on without it\n");
    assert_told("is another model than rank 0's");
    assert_int_equal(seen.n_units[FR_STAGE_ROLLOUTS], 0);
    const struct helper absent[SIZE] = {[1] = {.config = "nowhere.yaml"}, [2] = {.full = true}};
    assert_ok(run_ranks("absent", absent, 0), err);
    assert_whole("absent");
    assert_told("rank 1 (");
    assert_told("no room for the model; the others go on without it\n");
    assert_told("nowhere.yaml: No such file or directory; the others go on without it\n");
}

static void a_rank_whose_disk_is_full_is_left_out_with_the_place_named(void **state) {
    (void)state;
    const struct helper full[SIZE] = {[1] = {.full_disk = true}, [2] = {.full_disk = true}};
    assert_ok(run_ranks("full-disk", full, 0), err);
    assert_whole("full-disk");
    assert_told("; TMPDIR says where its files of sums go; the others go on without it\n");
    assert_null(strstr(fr_text_get(&seen.warnings), "run again"));
    /* what is listed once more is no stage with too few units */
    assert_null(strstr(fr_text_get(&seen.warnings), " of work for"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_ranks_make_the_same_bytes_as_one_process),
        cmocka_unit_test(a_rank_that_dies_costs_what_it_had_in_flight),
        cmocka_unit_test(sums_that_a_lost_rank_kept_are_gone_on_with),
        cmocka_unit_test(ranks_that_are_stopped_go_on_later),
        cmocka_unit_test(a_rank_that_is_not_like_rank_0_is_told_and_left_out),
        cmocka_unit_test(a_rank_whose_disk_is_full_is_left_out_with_the_place_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
