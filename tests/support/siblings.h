/* Work for two siblings of a model: what comes out must be the same, bit for bit, whether their
 * threads run at once or one after the other. */
#ifndef FR_TESTS_SIBLINGS_H
#define FR_TESTS_SIBLINGS_H

#include "model/model.h"

struct sibling_work {
    struct fr_model *model;
    const char *text; /* begins every sequence; tokenised by the worker */
    uint64_t seed;    /* of what differs from sequence to sequence */
    int rounds;
    /* Results; nothing is asserted in a thread. */
    int status;
    struct fr_error err;
    uint64_t digest; /* of every token, offset, row and logit that came out */
    long long n_rows;
};

/* A round: the stem read at every site and edited at every layer, copied into all slots, each slot
 * given tokens of its own with reading and edits, then decoded. */
void sibling_work_run(struct sibling_work *work);
/* Runs each in a thread of its own, at once. */
void sibling_works_run_at_once(struct sibling_work *works, int n);

#endif
