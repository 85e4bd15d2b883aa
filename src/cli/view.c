/* fluidrep view: a study's traces in the browser, or as one page. */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "planning/planning.h"
#include "view/view.h"

extern char **environ;

enum { MOST_TRACES = 100, MOST_PORT = 65535 };

struct options {
    const char *dir, *export;
    bool open;
    int verdict, puzzle; /* -1: any */
    unsigned chooses;    /* with an option that is for --export */
    struct fr_view_server server;
    struct fr_view_choice choice;
};

static const struct fr_option option_table[] = {
    {FR_WORD(struct options, dir, "of which study? For example studies/demo")},
    {"port", 'p', "N", "of this machine (default: any that is free)",
     FR_INT(struct options, server.port, 1, MOST_PORT)},
    {"open", 0, NULL, "open the address in the browser (xdg-open)", FR_FLAG(struct options, open)},
    {"export", 0, "PAGE.html",
     "write the traces as one page that needs no server and no network, and end",
     FR_TEXT(struct options, export), .group = 1},
    {"naming", 0, "ID", "with --export: of this naming alone",
     FR_TEXT(struct options, choice.naming), .group = 1, .bit = 1},
    {"verdict", 0, "VERDICT", "with --export: of this verdict alone",
     FR_CHOICE(struct options, verdict, fr_verdict_name, FR_VERDICT_COUNT), .group = 1, .bit = 1},
    {"puzzle", 0, "N", "with --export: of this puzzle alone",
     FR_INT(struct options, puzzle, 0, INT32_MAX), .group = 1, .bit = 1},
    {"runs", 0, NULL, "with --export: their steered runs too", FR_FLAG(struct options, choice.runs),
     .group = 1, .bit = 1},
    {"most", 0, "N", "with --export: refuse to write more traces (default: 100)",
     FR_INT(struct options, choice.most, 1, INT32_MAX), .group = 1, .bit = 1},
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (o->export == NULL && o->chooses != 0)
        argp_error(state, "--naming, --verdict, --puzzle, --runs and --most are for --export; "
                          "the page has filters of its own");
    if (o->export != NULL && (o->open || o->server.port != 0))
        argp_error(state, "--export needs no server: leave --port and --open out");
}

static volatile sig_atomic_t interrupted;
static void on_signal(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}
static bool stopped(void *user) {
    (void)user;
    return interrupted != 0;
}

/* What it opens is the user's own; that it cannot be had is told and no failure. */
static void open_browser(const char *address) {
    char *arguments[] = {(char *)(uintptr_t) "xdg-open", (char *)(uintptr_t)address, NULL};
    pid_t child;
    int status = 0;
    if (posix_spawnp(&child, "xdg-open", NULL, NULL, arguments, environ) != 0 ||
        waitpid(child, &status, 0) != child || status != 0)
        (void)fprintf(stderr, "fluidrep: xdg-open cannot open it; open the address yourself\n");
}

static void ready(void *user, const char *address) {
    const struct options *o = user;
    (void)printf("%s\n", address);
    (void)fflush(stdout);
    (void)fprintf(stderr, "Open this address in a browser on this machine. Ctrl-C ends it.\n");
    if (o->open)
        open_browser(address);
}

static int serve(struct options *o, struct fr_view *view, struct fr_error *err) {
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN); /* a browser that went away */
    o->server.ready = ready;
    o->server.stopped = stopped;
    o->server.user = o;
    return fr_view_serve(view, &o->server, err);
}

static int write_page(const struct options *o, struct fr_view *view, struct fr_error *err) {
    int n;
    const int code = fr_view_export(view, &o->choice, o->export, &n, err);
    if (code == FR_OK)
        (void)printf("%s: %d trace%s\n", o->export, n, n == 1 ? "" : "s");
    return code;
}

int fr_command_view(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .too_many = "one study at a time",
         .given = offsetof(struct options, chooses),
         .check = check_options,
         .arguments = "DIR",
         .about = "Shows a study's traces in the browser: tokens, mentions of concepts, the plan "
                  "state by state, steered runs beside their baselines. Says an address of this "
                  "machine, which nobody else can open, and serves until Ctrl-C. The study is only "
                  "read, and may be running."};
    struct options o = {.verdict = -1, .puzzle = -1, .choice = {.most = MOST_TRACES}};
    struct fr_error err = {0};
    struct fr_store *store = NULL;
    struct fr_view *view = NULL;
    fr_cli_parse(&usage, argc, argv, &o);
    o.choice.puzzle = o.puzzle;
    if (o.verdict >= 0)
        o.choice.verdict = fr_verdict_name[o.verdict];
    int code = fr_store_open_readonly(&store, o.dir, &err);
    if (code == FR_OK)
        fr_cli_keep_study(store);
    if (code == FR_OK)
        code = fr_view_open(&view, store, &err);
    if (code == FR_OK)
        code = o.export != NULL ? write_page(&o, view, &err) : serve(&o, view, &err);
    fr_view_close(view);
    fr_store_close(store);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
