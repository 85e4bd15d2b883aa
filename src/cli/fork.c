/* fluidrep fork: a study that goes on from another one with a changed configuration. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "study/study.h"

struct options {
    const char *paths[3]; /* old directory, new directory, configuration */
};

#define MISSING "which study, to where, and with which configuration? OLD NEW CONFIG"
static const struct fr_option option_table[] = {
    {FR_WORD(struct options, paths[0], MISSING)},
    {FR_WORD(struct options, paths[1], MISSING)},
    {FR_WORD(struct options, paths[2], MISSING)},
    {0},
};

int fr_command_fork(int argc, char **argv) {
    static const struct fr_usage usage = {
        .options = option_table,
        .too_many = "three paths: OLD NEW CONFIG",
        .arguments = "OLD NEW CONFIG",
        .about =
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
    fr_cli_parse(&usage, argc, argv, &o);
    if (fr_study_fork(o.paths[0], o.paths[1], o.paths[2], NULL, &first, &err) != FR_OK)
        return fr_cli_fail(&err);
    (void)printf("%s holds what %s had up to the stage %s; go on with\n"
                 "fluidrep run %s --out %s\n",
                 o.paths[1], o.paths[0], fr_stage_names[first], o.paths[2], o.paths[1]);
    return FR_EXIT_DONE;
}
