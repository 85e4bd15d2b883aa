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
/* In the file, which has it, `before` becomes `after`. */
void small_planted_replace(const char *path, const char *before, const char *after);
/* Runs root's NAME.yaml into out, or what is left of it. strength: of what the model has planted,
 * which makes it another one; 1 is usual. Returns the study's code; *n_ran may be NULL. */
FR_CHECKED int small_planted_run(const char *root, int source, const char *out, double strength,
                                 int *n_ran, struct fr_error *err);
/* Of which shard the runs are; of none is usual. */
extern struct fr_shard small_planted_shard;
/* fr_study_options.keep_seconds of the runs; 0 is usual. */
extern double small_planted_keep_seconds;
/* Called by each run when its model's world stands and the study has not begun; NULL is usual. */
extern void (*small_planted_ready)(void);
/* All that a study made, a line for each row and file with its SHA-256: rows, but for when and how
 * long; files, but for the page, which says when. */
void small_planted_render(const char *dir, struct fr_text *out);
/* The test fails unless the study renders as `whole`, with the lines that differ; what: for the
 * message. */
void small_planted_assert_same(const char *dir, const char *whole, const char *what);
/* Goes on with what is there: the test fails unless it then renders as `whole`, that of a study
 * that ran through. what: had been done to it, for the message. */
void small_planted_go_on(const char *root, int source, const char *out, const char *whole,
                         const char *what);

#endif
