/* A study may end at any system call, and goes on to the same bytes. The child that runs it is
 * traced: at the n-th call that changes a file it is killed, before the call, after it, or after
 * half of a write; or the call fails, once with EIO or with ENOSPC from then on. The same directory
 * is then gone on with, undisturbed, and everything in it compared with what a study has that ran
 * through. The same of a merge of two shards.
 *
 * Here a call in so many is taken. All of them: FR_KILLS=all (and FR_SOURCE=generated, merge ...;
 * FR_FAULT="EIO once"; FR_PART=2/8: the second eighth of them), which takes some hours and prints
 * what was done; FR_KILLS=1000 kills as often, at random moments. bench/durability.md has what came
 * out. */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <linux/ptrace.h>

#include "base/memory.h"
#include "base/rng.h"
#include "directory.h"
#include "small_planted.h"

static struct fr_error err;

/* ---- what is done at a call ------------------------------------------------------------------ */

enum fault { KILL_BEFORE, KILL_AFTER, KILL_HALFWAY, FAIL_EIO, FAIL_ENOSPC, FAULTS };
static const char *const fault_name[FAULTS] = {"killed before", "killed after", "killed halfway",
                                               "EIO once", "ENOSPC from then on"};

static const struct {
    long number;
    const char *name;
    bool fills; /* of a full disk's business */
} calls[] = {
    {SYS_write, "write", true},         {SYS_pwrite64, "pwrite64", true},
    {SYS_fsync, "fsync", true},         {SYS_fdatasync, "fdatasync", true},
    {SYS_ftruncate, "ftruncate", true}, {SYS_fallocate, "fallocate", true},
#ifdef SYS_rename
    {SYS_rename, "rename", true},       {SYS_unlink, "unlink", false},
    {SYS_mkdir, "mkdir", true},
#endif
    {SYS_renameat, "renameat", true},   {SYS_unlinkat, "unlinkat", false},
    {SYS_mkdirat, "mkdirat", true},
};
enum { N_CALLS = sizeof calls / sizeof *calls };

/* The tracee's registers, of the two architectures that we know. */
#if defined(__x86_64__)
#define CAN_CHANGE 1
static void change(pid_t child, bool skip, bool halve, int failure) {
    struct user_regs_struct r;
    assert_int_equal(ptrace(PTRACE_GETREGS, child, NULL, &r), 0);
    if (skip)
        r.orig_rax = (unsigned long long)-1;
    else if (halve)
        r.rdx /= 2;
    else
        r.rax = (unsigned long long)-failure;
    assert_int_equal(ptrace(PTRACE_SETREGS, child, NULL, &r), 0);
}
#else
#define CAN_CHANGE 0
static void change(pid_t child, bool skip, bool halve, int failure) {
    (void)child, (void)skip, (void)halve, (void)failure;
}
#endif

/* What the child made of it. */
struct outcome {
    int n_calls[N_CALLS], n; /* calls of each, and all, that it made */
    int at;                  /* which call was disturbed, -1: none */
    bool killed;
    int code; /* of the study */
    char text[512];
};

/* Beside the sources: shards of the first of them, merged. */
enum { MERGE = SMALL_PLANTED_SOURCES };

static const char *name_of(int source) {
    return source == MERGE ? "merge" : small_planted_name[source];
}

static void ignore(void *user, const char *dir, const struct fr_merged *merged) {
    (void)user, (void)dir, (void)merged;
}

static int merge(const char *out, struct fr_error *fault) {
    char shards[2][600];
    const char *const dirs[] = {shards[0], shards[1]};
    for (int i = 0; i < 2; i++)
        (void)snprintf(shards[i], sizeof *shards, "%s/shard-%d", fr_test_root, i + 1);
    return fr_study_merge(out, dirs, 2, ignore, NULL, fault);
}

static int make_shards(void) {
    int code = FR_OK;
    for (int i = 1; code == FR_OK && i <= 2; i++) {
        char out[600];
        (void)snprintf(out, sizeof out, "%s/shard-%d", fr_test_root, i);
        small_planted_shard = (struct fr_shard){i, 2};
        code = small_planted_run(fr_test_root, SMALL_GENERATED, out, 1, NULL, &err);
    }
    small_planted_shard = (struct fr_shard){0};
    return code;
}

/* What is disturbed. */
static int work(int source, const char *out, struct fr_error *fault) {
    return source == MERGE ? merge(out, fault)
                           : small_planted_run(fr_test_root, source, out, 1, NULL, fault);
}

static void go_on(int source, const char *out, const char *whole, const char *what) {
    struct fr_text found = {0};
    if (source != MERGE) {
        small_planted_go_on(fr_test_root, source, out, whole, what);
        return;
    }
    if (merge(out, &err) != FR_OK)
        fail_msg("%s: is not merged again: %s", what, err.text);
    small_planted_render(out, &found);
    if (strcmp(fr_text_get(&found), whole) != 0)
        fail_msg("%s: merged again it is something else:\n%s\nnot\n%s", what, fr_text_get(&found),
                 whole);
    fr_text_release(&found);
}

static void run_child(int source, const char *out, int report) {
    struct fr_error fault = {0};
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    (void)raise(SIGSTOP);
    fault.code = work(source, out, &fault);
    (void)!write(report, &fault, sizeof fault);
    _exit(0);
}

static int find_call(unsigned long long number) {
    int i = 0;
    while (i < N_CALLS && (unsigned long long)calls[i].number != number)
        i++;
    return i < N_CALLS ? i : -1;
}

/* Runs the study of the source in out, disturbed at call `at` (counted from 0; -1: not at all). */
static void run_traced(int source, const char *out, int at, enum fault fault, struct outcome *o) {
    int ends[2], status;
    bool failing = false, after = false;
    *o = (struct outcome){.at = -1};
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_child(source, out, ends[1]);
    (void)close(ends[1]);
    assert_true(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
    assert_int_equal(ptrace(PTRACE_SETOPTIONS, child, NULL,
                            PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL),
                     0);
    for (int sig = 0;; sig = 0) {
        (void)ptrace(PTRACE_SYSCALL, child, NULL, sig); /* fails of one that is killed */
        if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
            break;
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            sig = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
            continue;
        }
        struct ptrace_syscall_info info;
        if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) <= 0)
            continue;
        if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
            if (failing)
                change(child, false, false, fault == FAIL_EIO ? EIO : ENOSPC);
            failing = false;
            if (after)
                (void)kill(child, SIGKILL);
            continue;
        }
        const int call = info.op == PTRACE_SYSCALL_INFO_ENTRY ? find_call(info.entry.nr) : -1;
        if (call < 0 || (int)info.entry.args[0] == ends[1]) /* what it reports to us is no file's */
            continue;
        const int i = o->n++;
        o->n_calls[call]++;
        if (at < 0 || i < at || (i > at && fault != FAIL_ENOSPC))
            continue;
        if (i == at)
            o->at = call;
        const bool writes = calls[call].number == SYS_write || calls[call].number == SYS_pwrite64;
        if (fault == KILL_BEFORE)
            (void)kill(child, SIGKILL);
        else if (fault == KILL_AFTER || (fault == KILL_HALFWAY && !writes))
            after = true;
        else if (fault == KILL_HALFWAY)
            change(child, false, after = true, 0);
        else if (fault == FAIL_EIO || calls[call].fills)
            change(child, failing = true, false, 0);
    }
    struct fr_error report;
    o->killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (!o->killed) {
        if (!WIFEXITED(status))
            fail_msg("call %d, %s: died of signal %d", at, fault_name[fault], WTERMSIG(status));
        assert_int_equal(read(ends[0], &report, sizeof report), sizeof report);
        o->code = report.code;
        (void)snprintf(o->text, sizeof o->text, "%s", report.code != FR_OK ? report.text : "");
    }
    (void)close(ends[0]);
}

/* ---- sweeps ---------------------------------------------------------------------------------- */

static void remove_study(const char *out) {
    if (fr_file_exists(out))
        fr_test_directory_remove(out);
}

static void render_whole(int source, struct fr_text *whole, struct outcome *o) {
    remove_study(fr_test_in_root("whole"));
    small_planted_write(fr_test_root, source == MERGE ? SMALL_GENERATED : source);
    if (source == MERGE)
        assert_ok(make_shards(), err);
    run_traced(source, fr_test_in_root("whole"), -1, KILL_BEFORE, o);
    if (o->code != FR_OK || o->killed)
        fail_msg("%s: %s", name_of(source), o->text);
    small_planted_render(fr_test_in_root("whole"), whole);
}

/* Every step-th call, beginning with one that differs from fault to fault; of all, FR_PART's. */
static void sweep(int source, int step) {
    enum { TELL_EVERY = 100 };
    struct fr_text whole = {0};
    const char *only = getenv("FR_FAULT");
    int part = 1, n_parts = 1;
    if (getenv("FR_PART") != NULL &&
        (sscanf(getenv("FR_PART"), "%d/%d", &part, &n_parts) != 2 || part < 1 || part > n_parts))
        fail_msg("FR_PART=%s: is no part such as 2/8", getenv("FR_PART"));
    struct outcome all, o;
    render_whole(source, &whole, &all);
    if (all.n == 0) {
        print_message("skipped: this system does not let a process trace its child\n");
        skip();
    }
    for (int fault = 0; fault < (CAN_CHANGE ? FAULTS : KILL_HALFWAY); fault++) {
        int n = 0, n_failed = 0, n_killed = 0;
        if (only != NULL && strcmp(only, fault_name[fault]) != 0)
            continue;
        for (int at = (fault * 37 + source * 11) % step; at < all.n; at += step) {
            char what[128];
            if (at % n_parts != part - 1)
                continue;
            if (n++ % TELL_EVERY == 0 && step == 1)
                print_message("%s, %s: at call %d of %d\n", name_of(source), fault_name[fault], at,
                              all.n);
            remove_study(fr_test_in_root("part"));
            run_traced(source, fr_test_in_root("part"), at, (enum fault)fault, &o);
            (void)snprintf(what, sizeof what, "call %d of %d (%s), %s", at, all.n,
                           o.at >= 0 ? calls[o.at].name : "none", fault_name[fault]);
            n_killed += o.killed;
            n_failed += !o.killed && o.code != FR_OK;
            if (o.at < 0 || o.killed != (fault <= KILL_HALFWAY))
                fail_msg("%s: was not disturbed", what);
            if (o.code != FR_OK && (o.text[0] == '\0' || strchr(o.text, '\n') != NULL))
                fail_msg("%s: \"%s\" is not one line", what, o.text);
            if (o.code != FR_OK && o.code != FR_E_IO)
                fail_msg("%s: %s is told as code %d", what, o.text, o.code);
            go_on(source, fr_test_in_root("part"), fr_text_get(&whole), what);
        }
        print_message(
            "%s, %s: %d of %d calls, %d killed, %d failed with one line, all went on to the "
            "same bytes\n",
            name_of(source), fault_name[fault], n, all.n, n_killed, n_failed);
    }
    for (int i = 0; i < N_CALLS; i++)
        if (all.n_calls[i] > 0)
            print_message("  %d %s\n", all.n_calls[i], calls[i].name);
    fr_text_release(&whole);
}

/* Killed when its time comes, wherever it is; again and again, until it is through. */
static void kill_at_random(int n_kills) {
    struct fr_rng rng;
    int n_studies = 0;
    fr_rng_seed(&rng, 16, 5);
    for (int n = 0; n < n_kills; n_studies++) {
        const int source = n_studies % SMALL_PLANTED_SOURCES;
        struct fr_text whole = {0};
        struct outcome all;
        struct timeval begun, ended;
        (void)gettimeofday(&begun, NULL);
        render_whole(source, &whole, &all);
        (void)gettimeofday(&ended, NULL);
        const uint64_t took =
            (uint64_t)((ended.tv_sec - begun.tv_sec) * 1000000 + (ended.tv_usec - begun.tv_usec));
        remove_study(fr_test_in_root("part"));
        for (int status = -1, tries = 0; status != 0 && n < n_kills && tries < 12; tries++) {
            const uint64_t moment = fr_rng_below(&rng, (uint32_t)took);
            const pid_t child = fork();
            if (child == 0) {
                const struct itimerval timer = {
                    .it_value = {(time_t)(moment / 1000000), (suseconds_t)(moment % 1000000) + 1}};
                (void)signal(SIGALRM, SIG_DFL); /* ends it as SIGKILL would */
                (void)setitimer(ITIMER_REAL, &timer, NULL);
                _exit(small_planted_run(fr_test_root, source, fr_test_in_root("part"), 1, NULL,
                                        &err) != FR_OK);
            }
            assert_int_equal(waitpid(child, &status, 0), child);
            if (WIFEXITED(status))
                assert_int_equal(WEXITSTATUS(status), 0);
            n += WIFSIGNALED(status);
        }
        small_planted_go_on(fr_test_root, source, fr_test_in_root("part"), fr_text_get(&whole),
                            "killed at random");
        fr_text_release(&whole);
    }
    print_message("%d kills at random moments of %d studies, all went on to the same bytes\n",
                  n_kills, n_studies);
}

static void a_study_ended_at_any_call_goes_on_to_the_same_bytes(void **state) {
    (void)state;
    const char *mode = getenv("FR_KILLS"), *only = getenv("FR_SOURCE");
    if (mode != NULL && strcmp(mode, "all") != 0) {
        kill_at_random(atoi(mode));
        return;
    }
    for (int source = 0; source <= MERGE; source++)
        if (only == NULL || strcmp(only, name_of(source)) == 0)
            sweep(source, mode != NULL ? 1 : source == MERGE ? 90 : 500);
}

int main(void) {
    small_planted_keep_seconds = 1e-9; /* sums are kept after every trace */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_study_ended_at_any_call_goes_on_to_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove);
}
