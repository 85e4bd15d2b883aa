/* fluidrep view: a study's traces in the browser, or as one page. */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "planning/planning.h"
#include "view/view.h"

extern char **environ;

enum {
    KEY_PORT = 'p',
    KEY_OPEN = 256,
    KEY_EXPORT,
    KEY_NAMING,
    KEY_VERDICT,
    KEY_PUZZLE,
    KEY_RUNS,
    KEY_MOST,
    MOST_TRACES = 100,
    MOST_PORT = 65535
};

struct options {
    const char *dir, *export;
    bool open, chooses;
    struct fr_view_server server;
    struct fr_view_choice choice;
};

static const struct argp_option option_table[] = {
    {"port", KEY_PORT, "N", 0, "of this machine (default: any that is free)", 0},
    {"open", KEY_OPEN, NULL, 0, "open the address in the browser (xdg-open)", 0},
    {"export", KEY_EXPORT, "PAGE.html", 0,
     "write the traces as one page that needs no server and no network, and end", 1},
    {"naming", KEY_NAMING, "ID", 0, "with --export: of this naming alone", 1},
    {"verdict", KEY_VERDICT, "VERDICT", 0, "with --export: of this verdict alone", 1},
    {"puzzle", KEY_PUZZLE, "N", 0, "with --export: of this puzzle alone", 1},
    {"runs", KEY_RUNS, NULL, 0, "with --export: their steered runs too", 1},
    {"most", KEY_MOST, "N", 0, "with --export: refuse to write more traces (default: 100)", 1},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case KEY_PORT:
        o->server.port = fr_cli_int(state, "--port", value, 1, MOST_PORT);
        return 0;
    case KEY_OPEN:
        o->open = true;
        return 0;
    case KEY_EXPORT:
        o->export = value;
        return 0;
    case KEY_NAMING:
        o->choice.naming = value;
        break;
    case KEY_VERDICT:
        o->choice.verdict = fr_verdict_name[fr_cli_choice(state, "--verdict", value,
                                                          fr_verdict_name, FR_VERDICT_COUNT)];
        break;
    case KEY_PUZZLE:
        o->choice.puzzle = fr_cli_int(state, "--puzzle", value, 0, INT32_MAX);
        break;
    case KEY_RUNS:
        o->choice.runs = true;
        break;
    case KEY_MOST:
        o->choice.most = fr_cli_int(state, "--most", value, 1, INT32_MAX);
        break;
    case ARGP_KEY_ARG:
        if (o->dir != NULL)
            argp_error(state, "one study at a time");
        o->dir = value;
        return 0;
    case ARGP_KEY_END:
        if (o->dir == NULL)
            argp_error(state, "of which study? For example studies/demo");
        if (o->export == NULL && o->chooses)
            argp_error(state, "--naming, --verdict, --puzzle, --runs and --most are for --export; "
                              "the page has filters of its own");
        if (o->export != NULL && (o->open || o->server.port != 0))
            argp_error(state, "--export needs no server: leave --port and --open out");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    o->chooses = true;
    return 0;
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
    static const struct argp argp =
        {.options = option_table,
         .parser = parse_option,
         .args_doc = "DIR",
         .doc = "Shows a study's traces in the browser: tokens, mentions of concepts, the plan "
                "state by state, steered runs beside their baselines. Says an address of this "
                "machine, which nobody else can open, and serves until Ctrl-C. The study is only "
                "read, and may be running."};
    struct options o = {.choice = {.puzzle = -1, .most = MOST_TRACES}};
    struct fr_error err = {0};
    struct fr_store *store = NULL;
    struct fr_view *view = NULL;
    fr_cli_parse(&argp, argc, argv, &o);
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
