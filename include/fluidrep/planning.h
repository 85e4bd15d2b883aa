/* libfluidrep: puzzles, their prompts, and verdicts on plans. */
#ifndef FLUIDREP_PLANNING_H
#define FLUIDREP_PLANNING_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fluidrep_puzzle fluidrep_puzzle;

/* A problem in PDDL under a naming. domain NULL: Blocksworld's of the data directory; table NULL:
 * its namings.tsv; naming NULL or "clean": the domain's own words. */
FLUIDREP_API int fluidrep_puzzle_open(fluidrep_puzzle **out, const char *domain,
                                      const char *problem, const char *table, const char *naming);
FLUIDREP_API void fluidrep_puzzle_close(fluidrep_puzzle *puzzle);
/* How many concepts there are; the name of one, and its word under the naming: NULL outside. */
FLUIDREP_API int fluidrep_puzzle_concepts(const fluidrep_puzzle *puzzle);
FLUIDREP_API const char *fluidrep_puzzle_concept(const fluidrep_puzzle *puzzle, int concept_index);
FLUIDREP_API const char *fluidrep_puzzle_word(const fluidrep_puzzle *puzzle, int concept_index);
/* The user's message without an example: style "planbench", "paper" or "terse". Freed with
 * fluidrep_free. */
FLUIDREP_API int fluidrep_puzzle_prompt(const fluidrep_puzzle *puzzle, const char *style,
                                        char **out);
/* Judges an answer in a style, its reasoning left out; style "pddl": text is a plan in PDDL under
 * the domain's own names, as VAL reads it. Returns a code; *verdict is "solved", "goal_unmet",
 * "illegal_step", "unparsed" or "truncated" (a reasoning that does not end), *step the step of a
 * fault from 1, else 0, *reason what is wrong, "" when solved: freed with fluidrep_free. */
FLUIDREP_API int fluidrep_puzzle_verdict(const fluidrep_puzzle *puzzle, const char *style,
                                         const char *text, const char **verdict, int *step,
                                         char **reason);

#ifdef __cplusplus
}
#endif

#endif
