/* fluidrep merge: what shards of a study made, in one directory. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "study/study.h"

struct options {
    const char *out;
    const char **dirs;
    int n, capacity;
    bool json;
};

static void add_directory(const struct fr_given *given) {
    struct options *o = given->options;
    FR_RESERVE(o->dirs, o->n, o->capacity);
    o->dirs[o->n++] = given->value;
}

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (o->n == 0)
        argp_error(state, "what, and into which directory? OUT DIR...");
}

struct told {
    json_t *rows; /* NULL: as text */
    struct fr_merged last;
};

static void on_merged(void *user, const char *dir, const struct fr_merged *m) {
    struct told *t = user;
    t->last = *m;
    if (t->rows != NULL) {
        json_array_append_new(t->rows,
                              json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "directory",
                                        fr_json_text(dir), "traces", (json_int_t)m->traces, "files",
                                        (json_int_t)m->files, "runs", (json_int_t)m->runs,
                                        "traces_there", (json_int_t)m->traces_there, "files_there",
                                        (json_int_t)m->files_there, "runs_there",
                                        (json_int_t)m->runs_there, "answers",
                                        (json_int_t)m->answers));
        return;
    }
    if (m->traces + m->files + m->runs + m->answers == 0)
        (void)printf("%s: nothing new, all of it was there already\n", dir);
    else
        (void)printf("%s: %lld traces, %lld files of representations, %lld steered runs; there "
                     "already: %lld, %lld, %lld\n",
                     dir, m->traces, m->files, m->runs, m->traces_there, m->files_there,
                     m->runs_there);
    if (m->answers > 0)
        (void)printf("%s: %lld lines of a server's answers\n", dir, m->answers);
}

int fr_command_merge(int argc, char **argv) {
    static const struct fr_option options[] = {{"json", 'j', NULL,
                                                "what came over, as JSON on standard output",
                                                FR_FLAG(struct options, json)},
                                               {FR_WORD(struct options, out, NULL)},
                                               {FR_WORDS(add_directory)},
                                               {0}};
    static const struct fr_usage usage =
        {.options = options,
         .check = check_options,
         .arguments = "OUT DIR...",
         .about =
             "Puts what the studies DIR have (traces, representations, steered runs) and OUT has "
             "not into OUT, which is made when it is missing. DIR are shards of one study "
             "(fluidrep run --shard), and only read; files of representations are linked, or "
             "copied on another file system. What is there already and alike is passed over, so "
             "that merging again does nothing twice; a merge that was killed is run again.\v"
             "Refused, with nothing of that directory merged: another configuration, model, "
             "naming or puzzle, and the same trace, file or run with other contents. "
             "`fluidrep run CONFIG --out OUT` then does what is left; before steering in shards, "
             "`fluidrep merge SHARD OUT` gives a shard what all have (docs/scale.md). Exit "
             "status: 0 done, 1 failed, 2 misuse or bad input."};
    struct options o = {0};
    struct fr_error err = {0};
    fr_cli_parse(&usage, argc, argv, &o);
    struct told told = {.rows = o.json ? json_array() : NULL};
    const int code = fr_study_merge(o.out, o.dirs, o.n, on_merged, &told, &err);
    free(o.dirs);
    if (o.json && code == FR_OK)
        fr_print_json(json_pack("{s:O, s:I, s:I}", "merged", told.rows, "traces",
                                (json_int_t)told.last.traces_all, "traces_wanted",
                                (json_int_t)told.last.traces_wanted));
    else if (code == FR_OK)
        (void)printf("%s holds %lld of %lld traces\n", o.out, told.last.traces_all,
                     told.last.traces_wanted);
    json_decref(told.rows);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
