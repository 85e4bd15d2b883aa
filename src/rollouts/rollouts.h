/* rollouts/: many greedy generations at once, in constant slots. A job is a known prefix, perhaps
 * with edits, and what follows is generated. Which jobs run side by side never changes a job's
 * tokens (model.h), so an interrupted run may be resumed with the jobs that are left.
 *
 * A job ends
 * - before anything is computed: when its prefix ends with an end token (nothing to add, not
 *   truncated), or already holds max_tokens (truncated);
 * - at a generated end token, which is not handed out;
 * - when prefix and generated tokens together are max_tokens: truncated.
 *
 * Shared prefixes: when a job with n_shared > 0 starts, the stem holds those tokens already (the
 * job before it was of the same group with the same n_shared) or is prefilled anew; the slot takes
 * a copy and prefills [n_shared, n_prefix). A group with one job goes the same way, so the tokens
 * of a job do not depend on which others of its group are left to run. Slots at work are copies: a
 * new group may take the stem while they decode. */
#ifndef FR_ROLLOUTS_ROLLOUTS_H
#define FR_ROLLOUTS_ROLLOUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/model.h"

struct fr_rollout_job {
    int64_t group;         /* jobs of one group follow each other and share n_shared tokens */
    const int32_t *prefix; /* [n_prefix], borrowed until `finished` or `dropped` */
    int n_prefix;          /* >= 1 */
    int n_shared;          /* 0: nothing shared, the stem is left alone; < n_prefix */
    const struct fr_edit_plan *edits; /* NULL: none; positions in [n_shared, n_prefix); borrowed
                                         as long as the prefix */
    const int32_t *forced; /* [n_forced] what was generated of this job before, decoded again
                              whatever the model says: as long as it took, but never otherwise.
                              Borrowed as long as the prefix */
    int n_forced;
    void *user; /* the caller's */
};

struct fr_rollouts {
    int max_tokens; /* prefix + generated, at most the model's context */
    /* The next job, or false when there are no more (it is then not asked again). */
    bool (*next)(void *user, struct fr_rollout_job *job);
    /* A finished job: its n generated tokens (0 is possible, NULL is not), the end token not
     * included; they live until the call returns. A negative return stops the run with that code.
     * The order in which jobs finish depends on the number of slots; their tokens do not. */
    int (*finished)(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                    bool truncated, struct fr_error *err);
    /* A job that was taken from `next` and will not finish, because the run stops: for freeing
     * what it owns. May be NULL. */
    void (*dropped)(void *user, const struct fr_rollout_job *job);
    /* What a job has generated so far, n > 0 tokens that live until the call returns: of all in
     * flight every keep_seconds, and when the run is stopped. May be NULL. */
    int (*unfinished)(void *user, const struct fr_rollout_job *job, const int32_t *generated, int n,
                      struct fr_error *err);
    double keep_seconds;
    /* Called after the first step, then about ten times a second at most; true stops the run with
     * FR_E_STOPPED. May be NULL. */
    bool (*tick)(void *user);
    void *user;
};

/* Runs until `next` has no more jobs and all are finished. Free slots are filled with at most one
 * job each, then all slots decode one token, so that no stream of short jobs holds up the others.
 * The slots and the stem are cleared before and afterwards.
 * Errors stop the run, jobs handed to `finished` before stay done: FR_E_INPUT for max_tokens
 * beyond the context, an impossible job, or a group whose jobs differ in their shared tokens;
 * FR_E_STOPPED; whatever the model or `finished` reports. */
FR_CHECKED int fr_rollouts_run(struct fr_model *model, const struct fr_rollouts *rollouts,
                               struct fr_error *err);

#endif
