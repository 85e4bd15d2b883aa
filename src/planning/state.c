/* Owns states: sets of facts as sorted arrays, and what a step needs of one and does to
 * one. Blocksworld states hold some ten facts, so a sorted array beats a hash table and
 * prints in one order; the planner has its own bit sets (search.c). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/planning.h"

static int compare_atoms(const void *a, const void *b) {
    const struct fr_atom *x = a, *y = b;
    if (x->predicate != y->predicate)
        return x->predicate < y->predicate ? -1 : 1;
    if (x->n_terms != y->n_terms)
        return x->n_terms < y->n_terms ? -1 : 1;
    for (int i = 0; i < x->n_terms; i++)
        if (x->terms[i] != y->terms[i])
            return x->terms[i] < y->terms[i] ? -1 : 1;
    return 0;
}

void fr_state_release(struct fr_state *state) {
    if (!state)
        return;
    free(state->facts);
    *state = (struct fr_state){0};
}

void fr_state_set(struct fr_state *state, const struct fr_atom *facts, int n) {
    if (state->capacity < n || !state->facts) {
        state->facts = fr_grow(state->facts, (size_t)n + 16, sizeof *state->facts);
        state->capacity = n + 16;
    }
    if (n)
        memcpy(state->facts, facts, (size_t)n * sizeof *facts);
    qsort(state->facts, (size_t)n, sizeof *facts, compare_atoms);
    state->n_facts = 0;
    for (int i = 0; i < n; i++)
        if (i == 0 || compare_atoms(&state->facts[i], &state->facts[state->n_facts - 1]))
            state->facts[state->n_facts++] = state->facts[i];
}

/* The first place whose fact is not below fact. */
static int place_of(const struct fr_state *state, const struct fr_atom *fact) {
    int low = 0, high = state->n_facts;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (compare_atoms(&state->facts[middle], fact) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool holds_at(const struct fr_state *state, int place, const struct fr_atom *fact) {
    return place < state->n_facts && !compare_atoms(&state->facts[place], fact);
}

bool fr_state_has(const struct fr_state *state, const struct fr_atom *fact) {
    return holds_at(state, place_of(state, fact), fact);
}

/* A problem's first objects are the domain's constants. */
static int ground_term(int term, const int *args) { return term >= 0 ? args[term] : -1 - term; }

struct fr_atom fr_atom_ground(const struct fr_atom *schema, const int *args) {
    struct fr_atom fact = *schema;
    for (int i = 0; i < fact.n_terms; i++)
        fact.terms[i] = ground_term(fact.terms[i], args);
    return fact;
}

int fr_state_blocker(const struct fr_domain *domain, const struct fr_state *state,
                     const struct fr_step *step) {
    const struct fr_action *action = &domain->actions[step->action];
    FR_ASSERT(step->n_args == action->n_params);
    for (int i = 0, j = 0; i <= action->n_preconditions; i++) {
        for (; j < action->n_equalities && action->equalities[j].place <= i; j++) {
            const struct fr_equality *e = &action->equalities[j];
            const bool equal = ground_term(e->a, step->args) == ground_term(e->b, step->args);
            if (equal != e->positive)
                return action->n_preconditions + j;
        }
        if (i == action->n_preconditions)
            break;
        const struct fr_atom fact = fr_atom_ground(&action->preconditions[i].atom, step->args);
        if (fr_state_has(state, &fact) != action->preconditions[i].positive)
            return i;
    }
    return -1;
}

void fr_state_apply(const struct fr_domain *domain, struct fr_state *state,
                    const struct fr_step *step) {
    const struct fr_action *action = &domain->actions[step->action];
    FR_ASSERT(step->n_args == action->n_params);
    for (int i = 0; i < action->n_effects; i++) {
        if (action->effects[i].positive)
            continue;
        const struct fr_atom fact = fr_atom_ground(&action->effects[i].atom, step->args);
        const int place = place_of(state, &fact);
        if (!holds_at(state, place, &fact))
            continue;
        memmove(&state->facts[place], &state->facts[place + 1],
                (size_t)(state->n_facts - place - 1) * sizeof fact);
        state->n_facts--;
    }
    for (int i = 0; i < action->n_effects; i++) {
        if (!action->effects[i].positive)
            continue;
        const struct fr_atom fact = fr_atom_ground(&action->effects[i].atom, step->args);
        const int place = place_of(state, &fact);
        if (holds_at(state, place, &fact))
            continue;
        FR_RESERVE(state->facts, state->n_facts, state->capacity);
        memmove(&state->facts[place + 1], &state->facts[place],
                (size_t)(state->n_facts - place) * sizeof fact);
        state->facts[place] = fact;
        state->n_facts++;
    }
}

bool fr_goal_holds(const struct fr_problem *problem, const struct fr_state *state) {
    for (int i = 0; i < problem->n_goal; i++)
        if (fr_state_has(state, &problem->goal[i].atom) != problem->goal[i].positive)
            return false;
    return true;
}
