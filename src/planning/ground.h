/* A problem grounded for search: numbered facts, and actions as lists of numbers. For
 * search.c and transitions.c only. */
#ifndef FR_PLANNING_GROUND_H
#define FR_PLANNING_GROUND_H

#include "planning/planning.h"

/* An action under arguments. Its four lists lie one after another in ground->facts. */
struct fr_op {
    int action, args; /* args: where its arguments begin in ground->args */
    int start;        /* of the lists in ground->facts */
    int n_need, n_forbid, n_del, n_add;
};

struct fr_ground {
    int n_atoms, atom_capacity;
    struct fr_atom *atoms; /* the facts that can become true and can change */
    int n_init;            /* atoms[0..n_init) hold at first */
    int n_slots;
    int *slots; /* hash table over atoms, -1 empty; power of two */
    int n_ops, op_capacity;
    struct fr_op *ops; /* in the order of actions, then arguments */
    int n_facts, fact_capacity;
    int *facts;
    int n_args, arg_capacity;
    int *args;
    const struct fr_domain *domain; /* borrowed */
    bool *fluent;                   /* by predicate: some action changes it */
    bool solvable;                  /* false: a goal fact can never hold */
    int n_goal, n_goal_not;         /* goal[0..n_goal) must hold, the next n_goal_not must not */
    int *goal;
};

/* FR_E_LIMIT when the grounding is too large. */
FR_CHECKED int fr_ground_init(struct fr_ground *out, const struct fr_problem *problem,
                              struct fr_error *err);
void fr_ground_release(struct fr_ground *ground);
struct fr_step fr_op_step(const struct fr_ground *ground, const struct fr_op *op);

/* A state is a bit set over the atoms. facts is ground->facts + op->start. */
static inline bool fr_bit(const uint64_t *state, int fact) {
    return state[fact / 64] >> (fact % 64) & 1;
}

static inline bool fr_op_applies(const struct fr_op *op, const int *facts, const uint64_t *state) {
    for (int i = 0; i < op->n_need; i++)
        if (!fr_bit(state, facts[i]))
            return false;
    for (int i = 0; i < op->n_forbid; i++)
        if (fr_bit(state, facts[op->n_need + i]))
            return false;
    return true;
}

static inline void fr_op_apply(const struct fr_op *op, const int *facts, uint64_t *state) {
    facts += op->n_need + op->n_forbid;
    for (int i = 0; i < op->n_del; i++)
        state[facts[i] / 64] &= ~(UINT64_C(1) << (facts[i] % 64));
    facts += op->n_del;
    for (int i = 0; i < op->n_add; i++)
        state[facts[i] / 64] |= UINT64_C(1) << (facts[i] % 64);
}

#endif
