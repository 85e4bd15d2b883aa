/* What most commands are given: a domain, a problem of it, a naming of it. */
#ifndef FR_CLI_INPUT_H
#define FR_CLI_INPUT_H

#include <argp.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
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

/* Their options, as children of a command's argp: --domain (-d); --naming (-n) and --table;
 * --problem (-p); --wording. Every child's input is the command's paths, which ARGP_KEY_INIT of its
 * parser hands on:
 *
 *     static const struct argp_child children[] = {FR_DOMAIN_OPTIONS, FR_NAMING_OPTIONS, {0}};
 *     case ARGP_KEY_INIT:
 *         fr_input_options_init(state, &o->paths, 2);
 */
extern const struct argp fr_domain_argp, fr_naming_argp, fr_problem_argp, fr_wording_argp;
#define FR_DOMAIN_OPTIONS                                                                          \
    { &fr_domain_argp, 0, NULL, 0 }
#define FR_NAMING_OPTIONS                                                                          \
    { &fr_naming_argp, 0, NULL, 0 }
#define FR_PROBLEM_OPTIONS                                                                         \
    { &fr_problem_argp, 0, NULL, 0 }
#define FR_WORDING_OPTIONS                                                                         \
    { &fr_wording_argp, 0, NULL, 0 }
void fr_input_options_init(struct argp_state *state, struct fr_input_paths *paths, int n_children);

/* What is read is kept from being written over (fr_file_keep). FR_E_INPUT also for an unknown
 * naming, with the nearest, and for a wording file that is wrong. On failure *out is released. */
FR_CHECKED int fr_input_load(struct fr_input *out, const struct fr_input_paths *paths,
                             struct fr_error *err);
void fr_input_release(struct fr_input *input);
/* A naming's index in the table that was loaded, whose path is `table`; errors as above. */
FR_CHECKED int fr_input_find_naming(const struct fr_input *input, const char *id, const char *table,
                                    int *out, struct fr_error *err);

#endif
