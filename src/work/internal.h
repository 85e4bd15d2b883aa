/* Between the drivers; private to work/. */
#ifndef FR_WORK_INTERNAL_H
#define FR_WORK_INTERNAL_H

#include <stdatomic.h>

#include "work/ranks.h"

/* Nobody else of the store's side is at work between the two. */
void fr_feed_lock(struct fr_feed *feed);
void fr_feed_unlock(struct fr_feed *feed);
/* Has the work failed or been stopped here? */
bool fr_feed_is_over(struct fr_feed *feed);

/* Relays the feed to the other ranks, until *alone says that this rank's own workers have ended and
 * the others' have too. order: as fr_ranks_wait gives it. */
void fr_ranks_serve(struct fr_ranks *ranks, struct fr_feed *feed, const struct fr_text *order,
                    const atomic_bool *alone);
/* The work is over: how many units it had, for all, and when this rank's own workers ended. */
void fr_ranks_end(struct fr_ranks *ranks, int n_units, double ended);

#endif
