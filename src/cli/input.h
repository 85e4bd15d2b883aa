/* What most commands are given: a domain, a problem of it, a naming of it. */
#ifndef FR_CLI_INPUT_H
#define FR_CLI_INPUT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/options.h"
#include "naming/naming.h"
#include "planning/planning.h"
#include "prompts/wording.h"

/* Stays where it was loaded: the problem, the naming and the wording point into it. */
struct fr_input {
    struct fr_domain domain;
    struct fr_problem problem;      /* empty without a problem's path */
    struct fr_namings namings;      /* empty without a naming's id and a table */
    const struct fr_naming *naming; /* or NULL */
    struct fr_wording wording;      /* the domain's, all made from the PDDL when it has no file */
};

struct fr_input_paths {
    const char *domain;  /* NULL: data/domains/blocksworld.pddl */
    const char *problem; /* NULL: none */
    const char *table;   /* NULL: data/namings.tsv, read when a naming but "clean" is given */
    const char *naming;  /* an id of the table, NULL: none; "clean" without a table: any domain's
                            own words */
    const char *wording; /* NULL: beside the domain, else in data/wordings, else none */
    bool bare; /* nothing is said: a wording only when one is named, and no limits of prompts */
};

/* Rows of a command's options that go to its field `paths`; T is its struct. */
#define FR_DOMAIN_OPTION(T)                                                                        \
    { "domain", 'd', "FILE", "the domain, PDDL (default: Blocksworld)", FR_TEXT(T, paths.domain) }
#define FR_NAMING_OPTIONS(T)                                                                       \
    {"naming", 'n', "ID", "naming of the table (default: clean, the domain's own words)",          \
     FR_TEXT(T, paths.naming)},                                                                    \
    {                                                                                              \
        "table", 0, "FILE", "table of namings (default: the paper's)", FR_TEXT(T, paths.table)     \
    }
#define FR_PROBLEM_OPTION(T)                                                                       \
    { "problem", 'p', "FILE", "the puzzle, PDDL", FR_TEXT(T, paths.problem) }
#define FR_WORDING_OPTION(T)                                                                       \
    {                                                                                              \
        "wording", 0, "FILE",                                                                      \
            "how the domain is said, YAML (default: NAME.wording.yaml beside NAME.pddl, else the " \
            "project's for such a domain, else made from the PDDL)",                               \
            FR_TEXT(T, paths.wording)                                                              \
    }

/* What is read is kept from being written over (fr_file_keep). FR_E_INPUT also for an unknown
 * naming, with the nearest, and for a wording file that is wrong. On failure *out is released. */
FR_CHECKED int fr_input_load(struct fr_input *out, const struct fr_input_paths *paths,
                             struct fr_error *err);
void fr_input_release(struct fr_input *input);
/* A naming's index in the table that was loaded, whose path is `table`; errors as above. */
FR_CHECKED int fr_input_find_naming(const struct fr_input *input, const char *id, const char *table,
                                    int *out, struct fr_error *err);

#endif
