/* Owns the random walk that shows what a domain's actions do. It runs on the grounded problem,
 * whose actions are looked at with a few bit tests each; only the states that are kept become sets
 * of facts. Rejected: transitions along a plan, which often lacks an action; and search for a state
 * where a rare action applies, which would show states no walker meets. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/ground.h"

enum { MAX_STEPS = 1000, STREAM_WALK = 0, STREAM_ORDER = 1 };

struct walk {
    const struct fr_problem *problem;
    struct fr_ground ground;
    size_t n_words; /* of a state */
    int n_kept;
    int *kept;        /* [n_kept] of n_actions: ground.ops */
    uint64_t *before; /* [n_kept][n_words], of n_actions */
};

/* ---- the seed ---------------------------------------------------------------------------- */

static uint64_t hash_facts(uint64_t h, const struct fr_state *facts) {
    h = fr_mix64(h, (uint64_t)facts->n_facts);
    for (int i = 0; i < facts->n_facts; i++) {
        const struct fr_atom *fact = &facts->facts[i];
        h = fr_mix64(h, (uint64_t)fact->predicate);
        for (int j = 0; j < fact->n_terms; j++)
            h = fr_mix64(h, (uint64_t)fact->terms[j]);
    }
    return h;
}

uint64_t fr_problem_seed(const struct fr_problem *problem) {
    struct fr_state set = {0};
    struct fr_atom *goal = fr_alloc((size_t)problem->n_goal, sizeof *goal);
    fr_state_set(&set, problem->init, problem->n_init);
    uint64_t h = hash_facts(0, &set);
    for (int positive = 1; positive >= 0; positive--) {
        int n = 0;
        for (int i = 0; i < problem->n_goal; i++)
            if (problem->goal[i].positive == (bool)positive)
                goal[n++] = problem->goal[i].atom;
        fr_state_set(&set, goal, n);
        h = hash_facts(h, &set);
    }
    free(goal);
    fr_state_release(&set);
    return h;
}

/* ---- the walk ---------------------------------------------------------------------------- */

static int find_ready(const struct fr_ground *g, const uint64_t *state, int *ready) {
    int n = 0;
    for (int i = 0; i < g->n_ops; i++)
        if (fr_op_applies(&g->ops[i], g->facts + g->ops[i].start, state))
            ready[n++] = i;
    return n;
}

/* The actions that no arguments make possible are not waited for. */
static int count_actions(const struct fr_ground *g) {
    int n = 0;
    for (int i = 0; i < g->n_ops; i++)
        n += i == 0 || g->ops[i].action != g->ops[i - 1].action;
    return n;
}

static void walk_on(struct walk *w, struct fr_rng *rng) {
    const struct fr_ground *g = &w->ground;
    const size_t size = w->n_words * sizeof(uint64_t);
    const int n_actions = count_actions(g);
    bool *seen = fr_alloc((size_t)w->problem->domain->n_actions, sizeof *seen);
    uint64_t *start = fr_alloc(2 * w->n_words, sizeof *start), *state = start + w->n_words;
    int *ready = fr_alloc((size_t)g->n_ops, sizeof *ready);
    for (int i = 0; i < g->n_init; i++)
        start[i / 64] |= UINT64_C(1) << (i % 64);
    memcpy(state, start, size);
    for (int walked = 0; walked < MAX_STEPS && w->n_kept < n_actions; walked++) {
        const int n = find_ready(g, state, ready);
        if (n == 0 && memcmp(state, start, size) == 0)
            break;
        if (n == 0) {
            memcpy(state, start, size);
            continue;
        }
        const int i = ready[fr_rng_below(rng, (uint32_t)n)];
        const struct fr_op *op = &g->ops[i];
        if (!seen[op->action]) {
            seen[op->action] = true;
            memcpy(w->before + (size_t)w->n_kept * w->n_words, state, size);
            w->kept[w->n_kept++] = i;
        }
        fr_op_apply(op, g->facts + op->start, state);
    }
    free(ready);
    free(start);
    free(seen);
}

/* The facts that never change, then those that hold in the bit set. */
static void read_state(const struct walk *w, const uint64_t *bits, struct fr_atom *room,
                       struct fr_state *out) {
    const struct fr_problem *problem = w->problem;
    int n = 0;
    for (int i = 0; i < problem->n_init; i++)
        if (!w->ground.fluent[problem->init[i].predicate])
            room[n++] = problem->init[i];
    for (int i = 0; i < w->ground.n_atoms; i++)
        if (fr_bit(bits, i))
            room[n++] = w->ground.atoms[i];
    fr_state_set(out, room, n);
}

static void take_kept(const struct walk *w, struct fr_rng *rng, struct fr_transitions *out) {
    int *order = fr_alloc((size_t)w->n_kept, sizeof *order);
    struct fr_atom *room =
        fr_alloc((size_t)w->problem->n_init + (size_t)w->ground.n_atoms, sizeof *room);
    fr_rng_permutation(rng, w->n_kept, order);
    out->n = w->n_kept;
    out->items = fr_alloc((size_t)out->n, sizeof *out->items);
    for (int i = 0; i < out->n; i++) {
        struct fr_transition *t = &out->items[i];
        const uint64_t *before = w->before + (size_t)order[i] * w->n_words;
        t->step = fr_op_step(&w->ground, &w->ground.ops[w->kept[order[i]]]);
        read_state(w, before, room, &t->before);
        fr_state_set(&t->after, t->before.facts, t->before.n_facts);
        fr_state_apply(w->problem->domain, &t->after, &t->step);
    }
    free(room);
    free(order);
}

int fr_transitions_observe(struct fr_transitions *out, const struct fr_problem *problem,
                           struct fr_error *err) {
    struct walk w = {.problem = problem};
    struct fr_rng rng;
    *out = (struct fr_transitions){0};
    const int code = fr_ground_init(&w.ground, problem, err);
    if (code != FR_OK)
        return code;
    const uint64_t seed = fr_problem_seed(problem);
    w.n_words = (size_t)w.ground.n_atoms / 64 + 1;
    const size_t n_actions = (size_t)problem->domain->n_actions;
    w.kept = fr_alloc(n_actions, sizeof *w.kept);
    w.before = fr_alloc(n_actions * w.n_words, sizeof *w.before);
    fr_rng_seed(&rng, seed, STREAM_WALK);
    walk_on(&w, &rng);
    fr_rng_seed(&rng, seed, STREAM_ORDER);
    take_kept(&w, &rng, out);
    free(w.kept);
    free(w.before);
    fr_ground_release(&w.ground);
    return FR_OK;
}

void fr_transitions_release(struct fr_transitions *transitions) {
    if (transitions == NULL)
        return;
    for (int i = 0; i < transitions->n; i++) {
        fr_state_release(&transitions->items[i].before);
        fr_state_release(&transitions->items[i].after);
    }
    free(transitions->items);
    *transitions = (struct fr_transitions){0};
}
