/* rollouts/: many greedy generations at once, in constant slots. A job is a known prefix, perhaps
 * with edits, and what follows is generated. Which jobs run side by side never changes a job's
 * tokens (model.h), so an interrupted run may be resumed with the jobs that are left. */
#ifndef FR_ROLLOUTS_ROLLOUTS_H
#define FR_ROLLOUTS_ROLLOUTS_H

#include "model/model.h"

struct fr_rollout_job {
    int64_t group;          /* jobs of one group follow each other and share their first n_shared tokens */
    const int32_t *prefix;  /* borrowed until the job's sink call */
    int n_prefix;
    int n_shared;           /* 0: nothing shared; the stem is prefilled once per group */
    const struct fr_edit_plan *edits; /* NULL: none; positions in [n_shared, n_prefix) */
    void *user;             /* the caller's */
};

struct fr_rollouts {
    int max_tokens; /* prefix + generated; a job that gets there is truncated */
    /* The next job, or false when there are no more. */
    bool (*next)(void *user, struct fr_rollout_job *job);
    /* A finished job: its generated tokens, the end token not included. A negative return stops. */
    int (*finished)(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                    bool truncated, struct fr_error *err);
    /* Called about ten times a second at most with what is done so far; true stops the run with
     * FR_E_STOPPED after the current step. May be NULL. */
    bool (*tick)(void *user);
    void *user;
};

FR_CHECKED int fr_rollouts_run(struct fr_model *model, const struct fr_rollouts *rollouts,
                               struct fr_error *err);

#endif
