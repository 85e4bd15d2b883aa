/* work/: pieces of work, and where they are executed.
 *
 * What a stage has to do with a model is a stream of *units*. The store's side lists them and
 * commits what comes back; the model's side executes them and sees no store. Between the two only
 * bytes travel (base/pack.h), so that a *driver* may place the model's side anywhere: here, in the
 * workers of this process (local.c), and in other processes beside (ranks.c).
 *
 * What a unit gives must not depend on the others that are executed beside it, nor on the order of
 * finishing: rows are keyed by what the unit is of. So every driver ends with the same rows. */
#ifndef FR_WORK_WORK_H
#define FR_WORK_WORK_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "model/model.h"

struct fr_feed;

struct fr_work {
    void *user;          /* the store's side */
    const void *context; /* the model's side: only read, by several threads at once */

    /* ---- the store's side: never two of these at once ---- */
    /* The next unit, appended to *unit (empty before); *found is false at the end, and it is then
     * not asked again. */
    int (*next)(void *user, struct fr_text *unit, bool *found, struct fr_error *err);
    /* More that the model's side needs of a unit, by a request of its own. May be NULL. */
    int (*fetch)(void *user, const struct fr_text *request, struct fr_text *reply,
                 struct fr_error *err);
    /* Stores one result. */
    int (*commit)(void *user, const struct fr_text *result, struct fr_error *err);
    /* About ten times a second; true stops the work with FR_E_STOPPED. May be NULL. */
    bool (*tick)(void *user);

    /* ---- the model's side ---- */
    /* Takes units from the feed until there are none, and gives results. */
    int (*execute)(const void *context, struct fr_model *model, struct fr_feed *feed,
                   struct fr_error *err);
};

/* For execute. A failure of the store's side, or of another worker, comes back as a code. */
FR_CHECKED int fr_feed_take(struct fr_feed *feed, struct fr_text *unit, bool *found,
                            struct fr_error *err);
FR_CHECKED int fr_feed_fetch(struct fr_feed *feed, const struct fr_text *request,
                             struct fr_text *reply, struct fr_error *err);
FR_CHECKED int fr_feed_give(struct fr_feed *feed, const struct fr_text *result,
                            struct fr_error *err);
/* Should the worker stop? To be asked often; cheap. */
bool fr_feed_tick(struct fr_feed *feed);

/* The local driver: one worker a model, each in a thread of its own, the first in the caller's.
 * Returns the first failure, after all have stopped; what was committed stays. */
FR_CHECKED int fr_work_run(const struct fr_work *work, struct fr_model *const *models, int n_models,
                           struct fr_error *err);
/* The same, with other ranks beside (ranks.h; NULL: none), each of which gets the order and takes
 * units as the workers here do. A failure of theirs is none of this work: fr_ranks_lost. */
struct fr_ranks;
FR_CHECKED int fr_work_run_ranks(const struct fr_work *work, struct fr_model *const *models,
                                 int n_models, struct fr_ranks *ranks, const struct fr_text *order,
                                 struct fr_error *err);

#endif
