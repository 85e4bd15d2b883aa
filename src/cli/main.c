/* fluidrep: the table of commands. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/last_words.h"
#include "fr_version.h"
#include "work/mpi.h"

const struct fr_command fr_commands[] = {
    {"run", fr_command_run, "run a study, or what is left of it: puzzles to report"},
    {"rollout", fr_command_run, "run --until rollouts: the model's traces"},
    {"collect", fr_command_run, "run --until representations: those of concepts"},
    {"analyze", fr_command_run, "run --until analyses: of representations"},
    {"steer", fr_command_run, "run --until steering: the steered traces"},
    {"stats", fr_command_run, "run --until statistics: of steered traces"},
    {"report", fr_command_run, "run --until report: the whole study"},
    {"fork", fr_command_fork, "go on from a study with another configuration"},
    {"merge", fr_command_merge, "put together what shards of a study made"},
    {"compare", fr_command_compare, "several studies in one report"},
    {"tables", fr_command_tables, "print a study's tables: Markdown, LaTeX or CSV"},
    {"export", fr_command_export, "a study's arrays, traces, tables for other programs"},
    {"view", fr_command_view, "look at a study's traces in the browser"},
    {"power", fr_command_power, "say which effect a configuration's design can find"},
    {"init", fr_command_init, "write a commented configuration for a model"},
    {"doctor", fr_command_doctor, "say what this machine runs models with, and how fast"},
    {"puzzles", fr_command_puzzles, "generate or show planning puzzles"},
    {"namings", fr_command_namings, "list, check or make up namings of a domain"},
    {"import", fr_command_import, "look at recorded traces: tokens, verdicts, mentions"},
    {"rename", fr_command_rename, "move a text or traces from one naming to another"},
    {"prompt", fr_command_prompt, "print the exact prompt of a puzzle under a naming"},
    {"verify", fr_command_verify, "judge a plan or an answer by simulation"},
    {"tokens", fr_command_tokens, "show how a model cuts a text, and its mentions of concepts"},
    {"scramble", fr_command_scramble, "a model of the same shape that has learnt nothing"},
    {"bench", fr_command_bench, "measure throughput and overhead ratios on this machine"},
    {"manual", fr_command_manual, "print the page for man of a command"},
    {"completion", fr_command_completion, "print what bash or zsh needs to complete commands"},
};
enum { N_COMMANDS = sizeof fr_commands / sizeof *fr_commands };
const int fr_n_commands = N_COMMANDS;
const char fr_purpose[] =
    "How a reasoning model's representation of an obfuscated concept is refined while it\n"
    "reasons, and whether that causes its success.";

static void usage(FILE *out) {
    (void)fprintf(out, "usage: fluidrep COMMAND [options]\n\n%s\n\n", fr_purpose);
    for (int i = 0; i < N_COMMANDS; i++)
        (void)fprintf(out, "  %-10s %s\n", fr_commands[i].name, fr_commands[i].help);
    (void)fprintf(out,
                  "\nfluidrep help COMMAND tells its options; fluidrep --version the version.\n");
}

/* What one needs first. */
static void first_steps(FILE *out) {
    (void)
        fputs("usage: fluidrep COMMAND [options]\n\n"
              "  fluidrep doctor                              is this machine fit, and how fast?\n"
              "  fluidrep init MODEL.gguf --out study.yaml    a configuration for a model\n"
              "  fluidrep run study.yaml --dry-run            what it would take\n"
              "  fluidrep run study.yaml                      the study, and its report\n"
              "  fluidrep export study means --out m.npz      its numbers for other programs\n\n"
              "fluidrep --help lists all commands, fluidrep help COMMAND tells its options.\n",
              out);
}

static bool is(const char *word, const char *const *names) {
    for (; *names != NULL; names++)
        if (strcmp(word, *names) == 0)
            return true;
    return false;
}

const struct fr_command *fr_command_find(const char *word) {
    const char *names[N_COMMANDS];
    for (int i = 0; i < N_COMMANDS; i++) {
        names[i] = fr_commands[i].name;
        if (strcmp(word, names[i]) == 0)
            return &fr_commands[i];
    }
    const char *near = fr_nearest(word, names, N_COMMANDS);
    (void)fprintf(stderr, "fluidrep: unknown command \"%s\"%s%s; see fluidrep --help\n", word,
                  near ? "; the nearest is " : "", near ? near : "");
    return NULL;
}

static void print_version(void) {
    char mpi[200];
    (void)printf("fluidrep %s (%s)\n", FR_VERSION, FR_REVISION);
    if (fr_mpi_describe(mpi, sizeof mpi))
        (void)printf("with %s\n", mpi);
    else
        (void)printf("without MPI: %s\n", mpi);
}

static int misuse(const char *word) {
    (void)fprintf(stderr, "fluidrep: \"%s\" is one argument too many; see fluidrep --help\n", word);
    return FR_EXIT_MISUSE;
}

static int run(const struct fr_command *command, int argc, char **argv) {
    struct fr_text name = {0};
    fr_text_printf(&name, "fluidrep %s", command->name);
    argv[0] = name.data;
    const int status = command->run(argc, argv);
    fr_text_release(&name);
    return status;
}

/* A full disk behind stdout must not look like success, wherever the program ends. */
static void flush_output(void) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    (void)fprintf(stderr, "fluidrep: standard output: cannot be written\n");
    _exit(FR_EXIT_FAILED);
}

/* A file that is opened is never where output would go: a stream that was closed is one that can be
 * neither read nor written. */
static void keep_streams(void) {
    static const int flags[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
            _exit(FR_EXIT_FAILED);
}

/* Of commands that do not end in their own way. */
static void end_by_signal(int number) {
    fr_file_abandon();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void catch_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before;
    const struct sigaction catch = {.sa_handler = end_by_signal};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            (void)sigaction(numbers[i], &catch, NULL);
}

int main(int argc, char **argv) {
    static const char *const help[] = {"--help", "-h", "-?", "help", NULL};
    static const char *const version[] = {"--version", "-V", "version", NULL};
    int status = FR_EXIT_DONE;
    keep_streams();
    (void)atexit(flush_output);
    catch_signals();
    (void)signal(SIGXFSZ, SIG_IGN); /* told as a full disk is: EFBIG */
    fr_last_words_install();
    fr_cli_memory_install();
    if (argc < 2) {
        first_steps(stderr);
        return FR_EXIT_MISUSE;
    }
    if (is(argv[1], version) && argc > 2) {
        status = misuse(argv[2]);
    } else if (is(argv[1], version)) {
        print_version();
    } else if (is(argv[1], help) && argc > 2 && is(argv[2], version)) {
        (void)printf("usage: fluidrep version\n\nPrints the version, and whether ranks of one job "
                     "(mpirun) can work here.\n");
    } else if (is(argv[1], help) && argc > 2 && !is(argv[2], help)) {
        const struct fr_command *command = fr_command_find(argv[2]);
        char *arguments[] = {argv[0], "--help", NULL};
        status = command != NULL ? run(command, 2, arguments) : FR_EXIT_MISUSE;
    } else if (is(argv[1], help)) {
        usage(stdout);
    } else {
        const struct fr_command *command = fr_command_find(argv[1]);
        char long_help[] = "--help";
        if (argc == 3 && strcmp(argv[2], "-h") == 0)
            argv[2] = long_help;
        if (command != NULL && argc == 3 && strcmp(argv[2], "--version") == 0)
            print_version();
        else
            status = command != NULL ? run(command, argc - 1, argv + 1) : FR_EXIT_MISUSE;
    }
    return status;
}
