/* fluidrep scramble: a model that has learnt nothing, for the controls of a rising curve. */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "model/model.h"

struct options {
    const char *paths[2];
    int seed;
    bool force;
};

#define MISSING "which model (GGUF), and where to? MODEL OUT"
static const struct fr_option option_table[] = {
    {FR_WORD(struct options, paths[0], MISSING)},
    {FR_WORD(struct options, paths[1], MISSING)},
    {"seed", 's', "N", "of the permutations (default 1)",
     FR_INT(struct options, seed, 0, 2147483647)},
    {"force", 'f', NULL, "write over a file that is there", FR_FLAG(struct options, force)},
    {0},
};

static void show(void *user, int done, int total) {
    (void)user;
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r\033[Kscramble: %d of %d tensors", done, total);
}

int fr_command_scramble(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .too_many = "two paths: MODEL OUT",
         .arguments = "MODEL OUT",
         .about =
             "Writes a GGUF whose tensors hold the weights of MODEL's in random order: a model of "
             "the same shape, tokenizer and distribution of weights that has learnt nothing. Run "
             "a study of recorded traces (traces.import) with both: what rises in the scrambled "
             "model's curve too, the text and the architecture give.\v"
             "Quantised weights move in their blocks. The same seed gives the same file. Needs "
             "memory for the largest tensor. Exit status: 0 done, 1 failed, 2 misuse or bad "
             "input."};
    struct options o = {.seed = 1};
    struct fr_error err = {0};
    fr_cli_parse(&usage, argc, argv, &o);
    fr_file_keep(o.paths[0]);
    int code = fr_file_check_kept(o.paths[1], &err);
    if (code == FR_OK && !o.force && fr_file_exists(o.paths[1]))
        code = fr_fail(&err, FR_E_CONFLICT, "%s: is there already; --force writes over it",
                       o.paths[1]);
    if (code == FR_OK)
        code = fr_model_scramble(o.paths[0], o.paths[1], (uint64_t)o.seed, show, NULL, &err);
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r\033[K");
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
