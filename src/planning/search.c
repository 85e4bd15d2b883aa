/* Owns the planner: breadth-first search over grounded states as bit sets, so that the
 * first plan found is a shortest one. Which of several, two rules fix: the order in which actions
 * are tried (compare_ops), and that of the states of one depth that lead to a state the last one
 * looked at is its parent. They were chosen for their agreement with PlanBench's planner.
 * Puzzles of the study have at most a few thousand states; an optimal heuristic search (A* with
 * LM-cut) would pay off only far beyond them and was rejected, as was calling Fast Downward. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/ground.h"

struct node {
    int parent; /* index of the node before; -1 at the start */
    int op;     /* that led here */
};

struct search {
    const struct fr_ground *ground;
    size_t n_words;   /* of a state */
    uint64_t *states; /* [n_nodes][n_words] */
    struct node *nodes;
    int n_nodes, capacity;
    int *slots; /* hash table over nodes, -1 empty; power of two */
    size_t n_slots;
    /* The actions by *pivot*, the fact of those they need that the fewest actions share: only those
     * whose pivot holds are looked at. ops[starts[f]..starts[f + 1]) have pivot f, in their order;
     * pivot n_atoms: the actions that need nothing. */
    int *starts, *ops;
    int *ready; /* the applicable actions of a state */
};

static uint64_t hash_state(const uint64_t *state, size_t n_words) {
    uint64_t h = 0x9e3779b97f4a7c15ULL;
    for (size_t i = 0; i < n_words; i++) {
        h = (h ^ state[i]) * 0xbf58476d1ce4e5b9ULL;
        h ^= h >> 29;
    }
    return h;
}

static int *slot_of(const struct search *s, const uint64_t *state) {
    size_t i = (size_t)hash_state(state, s->n_words) & (s->n_slots - 1);
    while (s->slots[i] >= 0 &&
           memcmp(s->states + (size_t)s->slots[i] * s->n_words, state, s->n_words * sizeof *state))
        i = (i + 1) & (s->n_slots - 1);
    return &s->slots[i];
}

static void rehash(struct search *s) {
    s->n_slots = s->n_slots ? 2 * s->n_slots : 1024;
    s->slots = fr_grow(s->slots, s->n_slots, sizeof *s->slots);
    memset(s->slots, -1, s->n_slots * sizeof *s->slots);
    for (int i = 0; i < s->n_nodes; i++)
        *slot_of(s, s->states + (size_t)i * s->n_words) = i;
}

/* True when state is new; it is then a node. A state that is known and not nearer to the start than
 * node next_depth, the first one of its depth, has the new parent from now on. */
static bool add_state(struct search *s, const uint64_t *state, int parent, int op, int next_depth) {
    int *slot = slot_of(s, state);
    if (*slot >= 0) {
        if (*slot >= next_depth)
            s->nodes[*slot] = (struct node){.parent = parent, .op = op};
        return false;
    }
    if (s->n_nodes == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 256;
        s->nodes = fr_grow(s->nodes, (size_t)s->capacity, sizeof *s->nodes);
        s->states = fr_grow(s->states, (size_t)s->capacity * s->n_words, sizeof *s->states);
    }
    memcpy(s->states + (size_t)s->n_nodes * s->n_words, state, s->n_words * sizeof *state);
    s->nodes[s->n_nodes] = (struct node){.parent = parent, .op = op};
    *slot = s->n_nodes++;
    if (2 * (size_t)s->n_nodes >= s->n_slots)
        rehash(s);
    return true;
}

static bool goal_holds(const struct fr_ground *g, const uint64_t *state) {
    for (int i = 0; i < g->n_goal; i++)
        if (!fr_bit(state, g->goal[i]))
            return false;
    for (int i = 0; i < g->n_goal_not; i++)
        if (fr_bit(state, g->goal[g->n_goal + i]))
            return false;
    return true;
}

/* The order in which actions are tried: those that need the fewest facts, then the domain's last,
 * then the last arguments. Operators come in the order of actions, then arguments, and so do where
 * their arguments begin, unless they have none. */
static int compare_ops(const void *a, const void *b) {
    const struct fr_op *x = a, *y = b;
    if (x->n_need != y->n_need)
        return x->n_need - y->n_need;
    if (x->action != y->action)
        return y->action - x->action;
    return (y->args > x->args) - (y->args < x->args);
}

static void index_ops(struct search *s) {
    const struct fr_ground *g = s->ground;
    const size_t n_pivots = (size_t)g->n_atoms + 1;
    int *n_users = fr_alloc(n_pivots, sizeof *n_users);
    int *pivots = fr_alloc((size_t)g->n_ops, sizeof *pivots);
    s->starts = fr_alloc(n_pivots + 1, sizeof *s->starts);
    s->ops = fr_alloc((size_t)g->n_ops, sizeof *s->ops);
    s->ready = fr_alloc((size_t)g->n_ops, sizeof *s->ready);
    for (int i = 0; i < g->n_ops; i++)
        for (int j = 0; j < g->ops[i].n_need; j++)
            n_users[g->facts[g->ops[i].start + j]]++;
    for (int i = 0; i < g->n_ops; i++) {
        const int *need = g->facts + g->ops[i].start;
        pivots[i] = g->ops[i].n_need ? need[0] : g->n_atoms;
        for (int j = 1; j < g->ops[i].n_need; j++)
            if (n_users[need[j]] < n_users[pivots[i]])
                pivots[i] = need[j];
        s->starts[pivots[i] + 1]++;
    }
    for (size_t f = 0; f < n_pivots; f++) {
        s->starts[f + 1] += s->starts[f];
        n_users[f] = s->starts[f]; /* now: where the next one goes */
    }
    for (int i = 0; i < g->n_ops; i++)
        s->ops[n_users[pivots[i]]++] = i;
    free(n_users);
    free(pivots);
}

static int compare_ints(const void *a, const void *b) {
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static int gather(struct search *s, int pivot, const uint64_t *state, int n) {
    const struct fr_ground *g = s->ground;
    for (int i = s->starts[pivot]; i < s->starts[pivot + 1]; i++) {
        const struct fr_op *op = &g->ops[s->ops[i]];
        if (fr_op_applies(op, g->facts + op->start, state))
            s->ready[n++] = s->ops[i];
    }
    return n;
}

/* Fills s->ready, in the order of the actions, so that the index changes no plan. */
static int find_ready(struct search *s, const uint64_t *state) {
    int n = gather(s, s->ground->n_atoms, state, 0);
    for (size_t w = 0; w < s->n_words; w++)
        for (uint64_t rest = state[w]; rest; rest &= rest - 1)
            n = gather(s, (int)(64 * w) + __builtin_ctzll(rest), state, n);
    qsort(s->ready, (size_t)n, sizeof *s->ready, compare_ints);
    return n;
}

static void successor(const struct search *s, int at, int i_op, uint64_t *state) {
    const struct fr_op *op = &s->ground->ops[i_op];
    memcpy(state, s->states + (size_t)at * s->n_words, s->n_words * sizeof *state);
    fr_op_apply(op, s->ground->facts + op->start, state);
}

/* The goal was found from node first; those behind it, up to end, may be parents of it too, and the
 * last one is. What else they lead to is too far away to matter. */
static void find_last_parent(struct search *s, int found, int first, int end, uint64_t *state) {
    const uint64_t *goal = s->states + (size_t)found * s->n_words;
    for (int at = end - 1; at >= first; at--)
        for (int i = find_ready(s, s->states + (size_t)at * s->n_words) - 1; i >= 0; i--) {
            successor(s, at, s->ready[i], state);
            if (memcmp(state, goal, s->n_words * sizeof *state))
                continue;
            s->nodes[found] = (struct node){.parent = at, .op = s->ready[i]};
            return;
        }
}

/* The node where the goal holds, or -1 when no state is left, or -2 beyond max_states. */
static int search_goal(struct search *s, int max_states) {
    const struct fr_ground *g = s->ground;
    uint64_t *state = fr_alloc(s->n_words, sizeof *state);
    int found = -1, next_depth = 1; /* the first node one step further than at */
    for (int i = 0; i < g->n_init; i++)
        state[i / 64] |= UINT64_C(1) << (i % 64);
    add_state(s, state, -1, -1, 0);
    if (goal_holds(g, state))
        found = 0;
    for (int at = 0; found == -1 && at < s->n_nodes; at++) {
        if (at == next_depth)
            next_depth = s->n_nodes;
        const int n_ready = find_ready(s, s->states + (size_t)at * s->n_words);
        for (int i = 0; found == -1 && i < n_ready; i++) {
            successor(s, at, s->ready[i], state);
            if (!add_state(s, state, at, s->ready[i], next_depth))
                continue;
            if (goal_holds(g, state))
                found = s->n_nodes - 1;
            else if (s->n_nodes > max_states)
                found = -2;
        }
        if (found > 0)
            find_last_parent(s, found, at, next_depth, state);
    }
    free(state);
    return found;
}

int fr_problem_solve(const struct fr_problem *problem, int max_states, struct fr_plan *plan,
                     int *length, struct fr_error *err) {
    struct fr_ground ground;
    if (plan)
        *plan = (struct fr_plan){0};
    *length = 0;
    int rc = fr_ground_init(&ground, problem, err);
    if (rc)
        return rc;
    if (ground.n_ops) /* none: there is no list of them */
        qsort(ground.ops, (size_t)ground.n_ops, sizeof *ground.ops, compare_ops);
    struct search s = {.ground = &ground, .n_words = (size_t)ground.n_atoms / 64 + 1};
    rehash(&s);
    index_ops(&s);
    const int found = ground.solvable ? search_goal(&s, max_states) : -1;
    if (found == -1)
        rc = fr_fail(err, FR_E_INPUT, "%s: no plan reaches the goal", problem->name);
    if (found == -2)
        rc = fr_fail(err, FR_E_LIMIT, "%s: no plan within %d states; allow more", problem->name,
                     max_states);
    if (rc)
        goto out;
    for (int at = found; at > 0; at = s.nodes[at].parent)
        ++*length;
    if (plan) {
        plan->n_steps = plan->capacity = *length;
        plan->steps = fr_alloc((size_t)*length, sizeof *plan->steps);
        int i = *length;
        for (int at = found; at > 0; at = s.nodes[at].parent)
            plan->steps[--i] = fr_op_step(&ground, &ground.ops[s.nodes[at].op]);
    }
out:
    free(s.states);
    free(s.nodes);
    free(s.slots);
    free(s.starts);
    free(s.ops);
    free(s.ready);
    fr_ground_release(&ground);
    return rc;
}
