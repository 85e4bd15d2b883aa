/* cli/: the program. A table of commands (main.c), one file per command, options by tables
 * (options.h). Results go to stdout, progress and logs to stderr. Exit status: 0 done, 1 failed, 2
 * misuse. A death by signal in the engine is told in one line, and is 1 too (last_words.h). */
#ifndef FR_CLI_CLI_H
#define FR_CLI_CLI_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

enum { FR_EXIT_DONE = 0, FR_EXIT_FAILED = 1, FR_EXIT_MISUSE = 2 };

/* argv[0] is "fluidrep COMMAND", for messages. */
int fr_command_run(int argc, char **argv);
int fr_command_scramble(int argc, char **argv);
int fr_command_doctor(int argc, char **argv);
int fr_command_init(int argc, char **argv);
int fr_command_fork(int argc, char **argv);
int fr_command_merge(int argc, char **argv);
int fr_command_compare(int argc, char **argv);
int fr_command_tables(int argc, char **argv);
int fr_command_export(int argc, char **argv);
int fr_command_view(int argc, char **argv);
int fr_command_power(int argc, char **argv);
int fr_command_puzzles(int argc, char **argv);
int fr_command_namings(int argc, char **argv);
int fr_command_import(int argc, char **argv);
int fr_command_rename(int argc, char **argv);
int fr_command_prompt(int argc, char **argv);
int fr_command_verify(int argc, char **argv);
int fr_command_tokens(int argc, char **argv);
int fr_command_bench(int argc, char **argv);
int fr_command_manual(int argc, char **argv);
int fr_command_completion(int argc, char **argv);

/* The table of commands (main.c). */
struct fr_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};
extern const struct fr_command fr_commands[];
extern const int fr_n_commands;
extern const char fr_purpose[]; /* of the program, some lines */
/* The command by that name, or NULL, told on stderr with the nearest. */
const struct fr_command *fr_command_find(const char *name);

/* Out of memory ends the libraries that the program uses as it ends the program (memory.c). */
void fr_cli_memory_install(void);

/* Prints "fluidrep: TEXT" to stderr and returns the exit status of the error's kind: bad input, of
 * another study or beyond a ceiling, is misuse (2), everything else failed (1). */
int fr_cli_fail(const struct fr_error *err);

/* Keeps a study's own files from being written over by what is made of it (fr_file_keep): its
 * database, sums, tables, figures, page, and its model where it is known. Not what was exported
 * into its directory. */
struct fr_store;
void fr_cli_keep_study(struct fr_store *store);

/* Appends the path of the model organism that the project brings. */
void fr_cli_organism_path(struct fr_text *out);

#endif
