/* fluidrep fork: a study that goes on from another one with a changed configuration. */
#include <stdio.h>

#include "cli/cli.h"
#include "study/study.h"

struct options {
    const char *paths[3]; /* old directory, new directory, configuration */
    int n_paths;
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (o->n_paths == 3)
            argp_error(state, "three paths: OLD NEW CONFIG");
        o->paths[o->n_paths++] = value;
        return 0;
    case ARGP_KEY_END:
        if (o->n_paths < 3)
            argp_error(state, "which study, to where, and with which configuration? "
                              "OLD NEW CONFIG");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int fr_command_fork(int argc, char **argv) {
    static const struct argp argp = {
        .parser = parse_option,
        .args_doc = "OLD NEW CONFIG",
        .doc =
            "Makes the study NEW of CONFIG, which shares with the study OLD every stage that still "
            "holds: "
            "its database is copied, its tensors are linked. OLD is only read. The stages from the "
            "first "
            "changed key on are due: fluidrep run CONFIG --out NEW does them.\v"
            "A study that only grows (more puzzles, namings, timestamps, experiments, layers) "
            "needs no "
            "fork: run it with the new configuration. Exit status: 0 done, 1 failed, 2 misuse or "
            "bad "
            "input."};
    struct options o = {0};
    struct fr_error err = {0};
    enum fr_stage first;
    fr_cli_parse(&argp, argc, argv, &o);
    if (fr_study_fork(o.paths[0], o.paths[1], o.paths[2], NULL, &first, &err) != FR_OK)
        return fr_cli_fail(&err);
    (void)printf("%s holds what %s had up to the stage %s; go on with\n"
                 "fluidrep run %s --out %s\n",
                 o.paths[1], o.paths[0], fr_stage_names[first], o.paths[2], o.paths[1]);
    return FR_EXIT_DONE;
}
