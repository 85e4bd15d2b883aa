/* Units for other processes: the ranks of a job. Rank 0 has the store, and executes units as well;
 * the others have nothing but a model and ask rank 0 for units, for what these need, and give
 * results. So their side is a driver too (work.h), whose store is at the other end of a line.
 *
 * What carries messages is a *transport*: src/work/mpi/ for MPI, a pair of sockets in tests. A rank
 * that is not like rank 0, fails, or is gone is told in one line and left out; what it had in
 * flight is then still missing in the store, and whoever lists the work again finds it.
 *
 * Rejected: MPI's collective calls, in which the death of one is the death of all; a library that
 * is linked with MPI, which does not start where there is none. */
#ifndef FR_WORK_RANKS_H
#define FR_WORK_RANKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "model/model.h"
#include "work/work.h"

/* Carries bytes. Calls come one at a time, from any thread. Messages of one sender arrive whole and
 * in order. */
struct fr_transport {
    int rank, size;
    int local_rank, local_size; /* of those on this machine */
    void *user;
    /* False: it cannot be reached. The bytes are the caller's again when it returns. */
    bool (*send)(void *user, int to, const void *bytes, size_t n);
    /* One that has come: its sender and *bytes, of malloc; false when there is none now. */
    bool (*receive)(void *user, int *from, void **bytes, size_t *n);
    /* Waits for the others to do the same; when some are gone, for some time only. */
    void (*close)(void *user, bool some_are_gone);
};

struct fr_ranks;

/* Takes the transport. */
struct fr_ranks *fr_ranks_open(const struct fr_transport *transport);
/* Rank 0 says that all is over, the others wait for that. NULL is fine. */
void fr_ranks_close(struct fr_ranks *ranks);
const struct fr_transport *fr_ranks_transport(const struct fr_ranks *ranks);

/* ---- rank 0 ---------------------------------------------------------------------------------- */

/* Lines about other ranks go to tell, one at a time, while fr_work_run is at work. */
void fr_ranks_set_tell(struct fr_ranks *ranks, void (*tell)(void *user, const char *what),
                       void *user);
/* What the others are to compare themselves with, before they may take part. They answer when they
 * can (a model is read for its hash); those that have, take part from then on. */
void fr_ranks_hello(struct fr_ranks *ranks, const struct fr_text *terms);
/* Was a rank lost that had units in flight? To be asked once after fr_work_run: then the work is to
 * be listed again. */
bool fr_ranks_lost(struct fr_ranks *ranks);
/* Of the others' models so far, and how many of these there are. */
struct fr_model_counters fr_ranks_count(struct fr_ranks *ranks, int *n_models);
/* How many units the last work handed to a rank (0: in all, to this one and those that are lost
 * too); what it said of itself when it joined. */
int fr_ranks_units(const struct fr_ranks *ranks, int rank);
const char *fr_ranks_about(const struct fr_ranks *ranks, int rank);
/* Seconds of the last work that ranks had nothing left to take and others were still at it, of all
 * ranks together. */
double fr_ranks_waited(const struct fr_ranks *ranks);

/* ---- the others ------------------------------------------------------------------------------ */

enum fr_rank_order {
    FR_RANK_HELLO, /* compare yourself with the terms, and join */
    FR_RANK_BEGIN, /* take part in the work that the order tells of */
    FR_RANK_END,
};
/* Waits, without keeping a core busy. */
enum fr_rank_order fr_ranks_wait(struct fr_ranks *ranks, struct fr_text *order);
/* fault: why it cannot take part, NULL when it can; about: for fr_ranks_about. */
void fr_ranks_join(struct fr_ranks *ranks, const char *fault, const char *about);
/* A warning, for rank 0's terminal. */
void fr_ranks_tell(struct fr_ranks *ranks, const char *what);
/* Fills in the store's side of a work: what it does, rank 0's does. stopped (may be NULL): should
 * this rank leave? count: of its models, and how many. */
void fr_ranks_borrow(struct fr_ranks *ranks, struct fr_work *work);
void fr_ranks_set_local(struct fr_ranks *ranks, bool (*stopped)(void *user),
                        struct fr_model_counters (*count)(void *user, int *n_models), void *user);
/* fr_work's fetch, before there is a feed. */
FR_CHECKED int fr_ranks_fetch(struct fr_ranks *ranks, const struct fr_text *request,
                              struct fr_text *reply, struct fr_error *err);
/* This rank's part of the work has ended; code and err say how. */
void fr_ranks_done(struct fr_ranks *ranks, int code, const struct fr_error *err);

#endif
