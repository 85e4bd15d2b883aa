/* A study of a tenth of a second on the planted model, from its puzzles to its report, of every
 * source that does not need a network: for tests that run one again and again, kill it, starve it
 * or damage what it left. */
#ifndef FR_TESTS_SMALL_PLANTED_H
#define FR_TESTS_SMALL_PLANTED_H

#include "study/study.h"

enum small_planted_source {
    SMALL_GENERATED, /* puzzles made from the seed */
    SMALL_DIRECTORY, /* of PDDL problems */
    SMALL_RECORDED,  /* the organism's traces, replayed in three namings; not steered */
    SMALL_PLANTED_SOURCES
};
extern const char *const small_planted_name[SMALL_PLANTED_SOURCES];

/* Writes NAME.yaml, and what it names, below root, which exists. */
void small_planted_write(const char *root, int source);
/* Runs root's NAME.yaml into out, or what is left of it. strength: of what the model has planted,
 * which makes it another one; 1 is usual. Returns the study's code; *n_ran may be NULL. */
FR_CHECKED int small_planted_run(const char *root, int source, const char *out, double strength,
                                 int *n_ran, struct fr_error *err);

#endif
