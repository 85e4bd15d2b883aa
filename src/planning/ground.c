/* Owns the grounding of a problem: which facts can ever hold, and which actions, under
 * which arguments, can ever be taken. Facts of predicates that no action changes are
 * checked here once and leave no trace; the others are numbered as they become reachable
 * when deletions are ignored (the usual relaxation), in rounds until nothing is new.
 *
 * Arguments are chosen one by one, and a choice is dropped at the first precondition it
 * makes false, which keeps Logistics' four-parameter actions cheap. Rejected: joining the
 * preconditions as database relations (Helmert 2009), faster on large tasks, three times
 * the code. */
#include "planning/ground.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    MAX_ATOMS = 1 << 16,
    MAX_OPS = 1 << 20,
    MAX_WORK = 50 * 1000 * 1000 /* arguments chosen, and every 16 preconditions looked at */
};

struct grounder {
    const struct fr_problem *problem;
    struct fr_ground *out;
    struct fr_state init;
    bool emit; /* the last round: write the actions down */
    long long work;
    struct fr_error *err;
};

static uint64_t hash_atom(const struct fr_atom *atom) {
    uint64_t h = fr_mix64((uint64_t)atom->predicate, (uint64_t)atom->n_terms);
    for (int i = 0; i < atom->n_terms; i++)
        h = fr_mix64(h, (uint64_t)atom->terms[i]);
    return h;
}

static bool same_atom(const struct fr_atom *a, const struct fr_atom *b) {
    return a->predicate == b->predicate && a->n_terms == b->n_terms &&
           !memcmp(a->terms, b->terms, (size_t)a->n_terms * sizeof *a->terms);
}

static int *slot_of(const struct fr_ground *g, const struct fr_atom *atom) {
    size_t i = (size_t)hash_atom(atom) & (size_t)(g->n_slots - 1);
    while (g->slots[i] >= 0 && !same_atom(&g->atoms[g->slots[i]], atom))
        i = (i + 1) & (size_t)(g->n_slots - 1);
    return &g->slots[i];
}

static int find_atom(const struct fr_ground *g, const struct fr_atom *atom) {
    return *slot_of(g, atom);
}

static void add_atom(struct fr_ground *g, const struct fr_atom *atom) {
    int *slot = slot_of(g, atom);
    if (*slot >= 0)
        return;
    FR_RESERVE(g->atoms, g->n_atoms, g->atom_capacity);
    g->atoms[g->n_atoms] = *atom;
    *slot = g->n_atoms++;
    if (2 * g->n_atoms < g->n_slots)
        return;
    g->n_slots *= 2;
    g->slots = fr_grow(g->slots, (size_t)g->n_slots, sizeof *g->slots);
    memset(g->slots, -1, (size_t)g->n_slots * sizeof *g->slots);
    for (int i = 0; i < g->n_atoms; i++)
        *slot_of(g, &g->atoms[i]) = i;
}

/* Can a precondition hold at all? Facts that change must be reachable; that a negative
 * precondition on one of them can hold is taken for granted. */
static bool possible(const struct grounder *r, const struct fr_literal *literal,
                     const struct fr_atom *fact) {
    if (!r->out->fluent[fact->predicate])
        return fr_state_has(&r->init, fact) == literal->positive;
    return !literal->positive || find_atom(r->out, fact) >= 0;
}

/* The last parameter a term list names: it can be judged once that one is chosen. */
static int last_param(const struct fr_atom *schema) {
    int last = -1;
    for (int i = 0; i < schema->n_terms; i++)
        if (schema->terms[i] > last)
            last = schema->terms[i];
    return last;
}

/* Everything judgeable since parameter i was chosen (i = -1: without parameters). */
static bool choice_holds(const struct grounder *r, const struct fr_action *action, const int *args,
                         int i) {
    for (int p = 0; p < action->n_preconditions; p++) {
        const struct fr_literal *literal = &action->preconditions[p];
        if (last_param(&literal->atom) != i)
            continue;
        const struct fr_atom fact = fr_atom_ground(&literal->atom, args);
        if (!possible(r, literal, &fact))
            return false;
    }
    for (int e = 0; e < action->n_equalities; e++) {
        const struct fr_equality *equality = &action->equalities[e];
        const int later = equality->a > equality->b ? equality->a : equality->b;
        if ((later < 0 ? -1 : later) != i)
            continue;
        const int a = equality->a < 0 ? -1 - equality->a : args[equality->a];
        const int b = equality->b < 0 ? -1 - equality->b : args[equality->b];
        if ((a == b) != equality->positive)
            return false;
    }
    return true;
}

static void push_fact(struct fr_ground *g, int fact) {
    FR_RESERVE(g->facts, g->n_facts, g->fact_capacity);
    g->facts[g->n_facts++] = fact;
}

/* The numbers of the grounded literals with the wanted sign. Facts that were never numbered
 * cannot hold, so that forbidding or deleting them says nothing. */
static int push_literals(struct grounder *r, const struct fr_literal *literals, int n,
                         const int *args, bool positive) {
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (literals[i].positive != positive || !r->out->fluent[literals[i].atom.predicate])
            continue;
        const struct fr_atom fact = fr_atom_ground(&literals[i].atom, args);
        const int number = find_atom(r->out, &fact);
        if (number < 0)
            continue;
        push_fact(r->out, number);
        count++;
    }
    return count;
}

static int take_op(struct grounder *r, int i_action, const int *args) {
    const struct fr_action *action = &r->problem->domain->actions[i_action];
    struct fr_ground *g = r->out;
    if (!r->emit) {
        for (int i = 0; i < action->n_effects; i++)
            if (action->effects[i].positive) {
                const struct fr_atom fact = fr_atom_ground(&action->effects[i].atom, args);
                add_atom(g, &fact);
            }
        if (g->n_atoms > MAX_ATOMS)
            return fr_fail(r->err, FR_E_LIMIT, "%s: more than %d facts can become true",
                           r->problem->name, MAX_ATOMS);
        return 0;
    }
    if (g->n_ops == MAX_OPS)
        return fr_fail(r->err, FR_E_LIMIT, "%s: more than %d grounded actions", r->problem->name,
                       MAX_OPS);
    struct fr_op op = {.action = i_action, .args = g->n_args, .start = g->n_facts};
    for (int i = 0; i < action->n_params; i++) {
        FR_RESERVE(g->args, g->n_args, g->arg_capacity);
        g->args[g->n_args++] = args[i];
    }
    op.n_need = push_literals(r, action->preconditions, action->n_preconditions, args, true);
    op.n_forbid = push_literals(r, action->preconditions, action->n_preconditions, args, false);
    op.n_del = push_literals(r, action->effects, action->n_effects, args, false);
    op.n_add = push_literals(r, action->effects, action->n_effects, args, true);
    FR_RESERVE(g->ops, g->n_ops, g->op_capacity);
    g->ops[g->n_ops++] = op;
    return 0;
}

/* Chooses parameter i and the following ones; the depth is at most FR_MAX_PARAMS. */
static int choose(struct grounder *r, int i_action, int *args, int i) {
    const struct fr_domain *domain = r->problem->domain;
    const struct fr_action *action = &domain->actions[i_action];
    if (i == action->n_params)
        return take_op(r, i_action, args);
    for (int object = 0; object < r->problem->n_objects; object++) {
        if (!fr_type_is(domain, r->problem->object_types[object], action->param_types[i]))
            continue;
        r->work += 1 + (action->n_preconditions + action->n_equalities + action->n_effects) / 16;
        if (r->work > MAX_WORK)
            return fr_fail(r->err, FR_E_LIMIT,
                           "%s: action \"%s\" has too many possible arguments to search",
                           r->problem->name, action->name);
        args[i] = object;
        if (!choice_holds(r, action, args, i))
            continue;
        const int rc = choose(r, i_action, args, i + 1);
        if (rc)
            return rc;
    }
    return 0;
}

static int ground_actions(struct grounder *r) {
    const struct fr_domain *domain = r->problem->domain;
    for (int a = 0; a < domain->n_actions; a++) {
        int args[FR_MAX_PARAMS] = {0};
        if (!choice_holds(r, &domain->actions[a], args, -1))
            continue;
        const int rc = choose(r, a, args, 0);
        if (rc)
            return rc;
    }
    return 0;
}

static void ground_goal(struct grounder *r) {
    const struct fr_problem *problem = r->problem;
    struct fr_ground *g = r->out;
    g->goal = fr_alloc((size_t)problem->n_goal, sizeof *g->goal);
    g->solvable = true;
    for (int sign = 1; sign >= 0; sign--)
        for (int i = 0; i < problem->n_goal; i++) {
            const struct fr_literal *goal = &problem->goal[i];
            if (goal->positive != (sign == 1))
                continue;
            if (!possible(r, goal, &goal->atom)) {
                g->solvable = false;
                return;
            }
            const int number =
                r->out->fluent[goal->atom.predicate] ? find_atom(g, &goal->atom) : -1;
            if (number < 0)
                continue;
            g->goal[g->n_goal + g->n_goal_not] = number;
            *(sign == 1 ? &g->n_goal : &g->n_goal_not) += 1;
        }
}

int fr_ground_init(struct fr_ground *out, const struct fr_problem *problem, struct fr_error *err) {
    const struct fr_domain *domain = problem->domain;
    *out = (struct fr_ground){.n_slots = 256,
                              .fact_capacity = 64,
                              .arg_capacity = 64,
                              .domain = domain};
    /* Never NULL: actions that say nothing have their lists somewhere too. */
    out->facts = fr_alloc((size_t)out->fact_capacity, sizeof *out->facts);
    out->args = fr_alloc((size_t)out->arg_capacity, sizeof *out->args);
    out->fluent = fr_alloc((size_t)domain->n_predicates, sizeof *out->fluent);
    out->slots = fr_alloc((size_t)out->n_slots, sizeof *out->slots);
    memset(out->slots, -1, (size_t)out->n_slots * sizeof *out->slots);
    struct grounder r = {.problem = problem, .out = out, .err = err};
    for (int a = 0; a < domain->n_actions; a++)
        for (int i = 0; i < domain->actions[a].n_effects; i++)
            out->fluent[domain->actions[a].effects[i].atom.predicate] = true;
    fr_state_set(&r.init, problem->init, problem->n_init);
    for (int i = 0; i < r.init.n_facts; i++)
        if (out->fluent[r.init.facts[i].predicate])
            add_atom(out, &r.init.facts[i]);
    out->n_init = out->n_atoms;

    int rc = 0;
    for (int before = -1; !rc && before != out->n_atoms;) {
        before = out->n_atoms;
        rc = ground_actions(&r);
    }
    r.emit = true;
    if (!rc)
        rc = ground_actions(&r);
    if (!rc)
        ground_goal(&r);
    fr_state_release(&r.init);
    if (rc)
        fr_ground_release(out);
    return rc;
}

void fr_ground_release(struct fr_ground *ground) {
    if (!ground)
        return;
    free(ground->atoms);
    free(ground->slots);
    free(ground->ops);
    free(ground->facts);
    free(ground->args);
    free(ground->fluent);
    free(ground->goal);
    *ground = (struct fr_ground){0};
}

struct fr_step fr_op_step(const struct fr_ground *ground, const struct fr_op *op) {
    struct fr_step step = {.action = op->action,
                           .n_args = ground->domain->actions[op->action].n_params};
    memcpy(step.args, ground->args + op->args, (size_t)step.n_args * sizeof *step.args);
    return step;
}
