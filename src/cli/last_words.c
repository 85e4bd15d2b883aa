/* A fault in libllama's code ends the process, whatever we do: kernels do not fit the processor,
 * weights are mapped from a file that was cut short. The user is told what happened, in which model
 * and how it was run, that nothing stored is lost, and what to change. Only async-signal-safe
 * calls: the text is put together on the stack and goes out by one write.
 *
 * The exit status is 1, "failed", as for every other failure: a script need not know signals.
 * Rejected: raising the signal again, after which the shell adds a line of its own to the one that
 * explains. */
#include "cli/last_words.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>

#include "cli/cli.h"
#include "model/activity.h"

static const struct fault {
    int number;
    const char *name, *cause, *remedy;
} faults[] = {
    {SIGILL, "SIGILL, an illegal instruction",
     "this libllama was built for another processor, or wrongly",
     "run `scripts/setup` (or `make build`), which tries every kernel here and builds what fits"},
    {SIGBUS, "SIGBUS, memory that cannot be read",
     "the model's file was cut short or changed while it was in use, or its disk fails",
     "check the file, or fetch it again"},
    {SIGSEGV, "SIGSEGV, an invalid address", "a fault of libllama or of what it was given",
     "try other kernels: model.flash_attention: false with model.kv_type: f32"},
    {SIGFPE, "SIGFPE, an impossible division", "a fault of libllama or of what it was given",
     "try other kernels: model.flash_attention: false with model.kv_type: f32"},
    {SIGABRT, "SIGABRT", "libllama gave up",
     "try other kernels: model.flash_attention: false with model.kv_type: f32"},
};
enum { N_FAULTS = sizeof faults / sizeof *faults };

static bool on_terminal;
static char rank_text[24]; /* "rank 3: ", or nothing */

void fr_last_words_set_rank(int rank) {
    (void)snprintf(rank_text, sizeof rank_text, "rank %d: ", rank);
}

static const void *instruction_of(const siginfo_t *info, void *context) {
#if defined(__x86_64__)
    (void)info;
    return (const void *)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    (void)info;
    return (const void *)((ucontext_t *)context)->uc_mcontext.pc;
#else
    (void)context;
    return info->si_addr;
#endif
}

static void die_by(int number) {
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void on_fault(int number, siginfo_t *info, void *context) {
    static atomic_flag once = ATOMIC_FLAG_INIT;
    static _Thread_local volatile sig_atomic_t speaking;
    if (speaking)
        _exit(FR_EXIT_FAILED); /* a fault in here */
    speaking = 1;
    char text[1024] = "", doing[512], where[96];
    const struct fault *fault = &faults[0];
    for (int i = 0; i < N_FAULTS; i++)
        if (faults[i].number == number)
            fault = &faults[i];
    while (atomic_flag_test_and_set(
        &once)) /* the threads of one kernel fault together; the first speaks */
        (void)pause();
    const char *said = fr_activity_abort_message();
    const bool inside = fr_activity_describe(doing, sizeof doing);
    if (number == SIGABRT && fr_memory_ran_out())
        _exit(FR_EXIT_FAILED); /* that was told */
    if (number == SIGABRT && said[0] == '\0' && (!inside || fr_activity_is_ours())) {
        die_by(number); /* an assertion of ours, which has said what it is */
        return;
    }
    fr_activity_where(instruction_of(info, context), where, sizeof where);
    fr_signal_text(text, sizeof text, on_terminal ? "\r\033[Kfluidrep: " : "fluidrep: ");
    fr_signal_text(text, sizeof text, rank_text);
    fr_signal_text(text, sizeof text, fault->name);
    if (where[0] != '\0') {
        fr_signal_text(text, sizeof text, " (");
        fr_signal_text(text, sizeof text, where);
        fr_signal_text(text, sizeof text, ")");
    }
    if (inside) {
        fr_signal_text(text, sizeof text, " while ");
        fr_signal_text(text, sizeof text, doing);
    }
    fr_signal_text(text, sizeof text, ": ");
    fr_signal_text(text, sizeof text, inside ? fault->cause : "a bug outside the engine");
    if (said[0] != '\0') {
        fr_signal_text(text, sizeof text, " (");
        fr_signal_text(text, sizeof text, said);
        fr_signal_text(text, sizeof text, ")");
    }
    fr_signal_text(text, sizeof text, "; nothing stored is lost, and the same command continues");
    if (inside) {
        fr_signal_text(text, sizeof text, "; ");
        fr_signal_text(text, sizeof text, fault->remedy);
        if (fr_activity_may_be_deterministic())
            fr_signal_text(text, sizeof text,
                           "; or set model.deterministic: true, which uses the plain kernels");
    }
    size_t n = 0;
    while (text[n] != '\0')
        n++;
    text[n++] = '\n'; /* over the end: it is cut if it was too long */
    (void)!write(STDERR_FILENO, text, n);
    _exit(FR_EXIT_FAILED);
}

void fr_last_words_install(void) {
    static char stack[1 << 16]; /* of the main thread: its own may be what overflowed */
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    (void)sigaltstack(&other, NULL);
    on_terminal = isatty(STDERR_FILENO) != 0;
    for (int i = 0; i < N_FAULTS; i++) {
        struct sigaction before, action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
        action.sa_sigaction = on_fault;
        (void)sigemptyset(&action.sa_mask);
        if (sigaction(faults[i].number, NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            (void)sigaction(faults[i].number, &action, NULL);
    }
}
