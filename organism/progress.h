/*
 * What a training run says about itself: a line on stderr and the same as one
 * JSON object in DIR/log.jsonl, for training progress and for evaluations.
 */
#ifndef FR_ORGANISM_PROGRESS_H
#define FR_ORGANISM_PROGRESS_H

#include <stdio.h>

#include "organism/trainer.h"

struct fr_progress {
    FILE *log;
    struct fr_tally tally; /* since the last report */
    double last_report;
    long last_tokens;
    double started;
    long started_step;
};

/* Opens the log for appending and prints where training begins. */
FR_CHECKED int fr_progress_init(struct fr_progress *progress, const char *dir,
                                const struct fr_trainer *trainer, struct fr_error *err);
void fr_progress_release(struct fr_progress *progress);
/* Reports the tally and empties it. */
void fr_progress_report(struct fr_progress *progress, const struct fr_trainer *trainer);
/* Evaluates n sequences of each family (number of blocks, clean or mystery
 * with all names) with the weights and, if there is one, their average. */
FR_CHECKED int fr_progress_evaluate(struct fr_progress *progress, struct fr_trainer *trainer, int n,
                                    struct fr_error *err);

#endif
