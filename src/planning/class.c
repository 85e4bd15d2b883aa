/* Owns the class of a problem of any domain: one number for all namings of its objects, so that
 * sets of problems can be disjoint up to renaming.
 *
 * Colour refinement (Weisfeiler & Leman): an object's colour becomes a hash of its colour and of
 * the facts it stands in, with the colours of the others, until no more objects are told apart.
 * Where objects still share a colour, each of them is singled out in turn and the refinement
 * repeated: this tells rings of different lengths apart, which refinement alone cannot. Everything
 * is summed over objects and facts, so that no order matters. Rejected: a canonical form (nauty),
 * exact, but a library for what here only has to err on the safe side; for Blocksworld
 * fr_puzzle_class is exact, and the tests hold the two against each other. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/planning.h"

/* Singling out costs a refinement an object; beyond this many facts times objects it is left
 * away, which depends on no name. */
enum { MAX_SINGLED = 4 * 1000 * 1000 };

enum { TAG_INIT, TAG_GOAL, TAG_GOAL_NOT, TAG_SINGLE, TAG_CONSTANT, TAG_FREE };

struct fact {
    struct fr_atom atom;
    uint64_t tag;
};

struct facts {
    int n;
    struct fact *items;
    int n_objects;
};

static uint64_t hash_fact(const struct fact *fact, const uint64_t *colours) {
    uint64_t h = fr_mix64(fact->tag, (uint64_t)fact->atom.predicate);
    for (int i = 0; i < fact->atom.n_terms; i++)
        h = fr_mix64(h, colours[fact->atom.terms[i]]);
    return h;
}

static int compare_colours(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int count_colours(const uint64_t *colours, int n, uint64_t *sorted) {
    int count = n > 0;
    memcpy(sorted, colours, (size_t)n * sizeof *colours);
    qsort(sorted, (size_t)n, sizeof *sorted, compare_colours);
    for (int i = 1; i < n; i++)
        count += sorted[i] != sorted[i - 1];
    return count;
}

/* Refines colours until their number no longer grows, and returns the hash of all. work has
 * 2 n_objects elements. */
static uint64_t refine(const struct facts *facts, uint64_t *colours, uint64_t *work) {
    const int n = facts->n_objects;
    uint64_t *sums = work, *sorted = work + n;
    for (int before = 0, now = count_colours(colours, n, sorted); now > before;) {
        memset(sums, 0, (size_t)n * sizeof *sums);
        for (int f = 0; f < facts->n; f++) {
            const struct fr_atom *atom = &facts->items[f].atom;
            const uint64_t h = hash_fact(&facts->items[f], colours);
            for (int i = 0; i < atom->n_terms; i++)
                sums[atom->terms[i]] += fr_mix64(h, (uint64_t)i + 1);
        }
        for (int o = 0; o < n; o++)
            colours[o] = fr_mix64(colours[o], sums[o]);
        before = now;
        now = count_colours(colours, n, sorted);
    }
    uint64_t sum = 0;
    for (int f = 0; f < facts->n; f++)
        sum += fr_mix64(hash_fact(&facts->items[f], colours), 0);
    for (int o = 0; o < n; o++)
        sum += fr_mix64(colours[o], (uint64_t)n);
    return sum;
}

/* A list that names a fact twice says no more than one that names it once. */
static void collect_facts(const struct fr_problem *problem, struct facts *out) {
    struct fr_state state = {0};
    struct fr_atom *atoms = fr_alloc((size_t)problem->n_goal, sizeof *atoms);
    *out = (struct facts){.n_objects = problem->n_objects};
    out->items = fr_alloc((size_t)problem->n_init + (size_t)problem->n_goal, sizeof *out->items);
    for (uint64_t tag = TAG_INIT; tag <= TAG_GOAL_NOT; tag++) {
        int n = 0;
        for (int i = 0; tag != TAG_INIT && i < problem->n_goal; i++)
            if (problem->goal[i].positive == (tag == TAG_GOAL))
                atoms[n++] = problem->goal[i].atom;
        if (tag == TAG_INIT)
            fr_state_set(&state, problem->init, problem->n_init);
        else
            fr_state_set(&state, atoms, n);
        for (int i = 0; i < state.n_facts; i++)
            out->items[out->n++] = (struct fact){.atom = state.facts[i], .tag = tag};
    }
    free(atoms);
    fr_state_release(&state);
}

/* Is the colour of object o that of another too? */
static bool is_shared(const uint64_t *colours, int n, int o) {
    int count = 0;
    for (int i = 0; i < n; i++)
        count += colours[i] == colours[o];
    return count > 1;
}

uint64_t fr_problem_class(const struct fr_problem *problem) {
    const int n = problem->n_objects;
    struct facts facts;
    uint64_t *colours = fr_alloc(4 * (size_t)n, sizeof *colours);
    uint64_t *single = colours + n, *work = colours + 2 * (size_t)n;
    collect_facts(problem, &facts);
    for (int o = 0; o < n; o++)
        colours[o] = o < problem->domain->n_constants
                         ? fr_mix64(TAG_CONSTANT, (uint64_t)o)
                         : fr_mix64(TAG_FREE, (uint64_t)problem->object_types[o]);
    uint64_t sum = refine(&facts, colours, work);
    for (int o = 0; o < n && (long long)facts.n * n <= MAX_SINGLED; o++) {
        if (!is_shared(colours, n, o))
            continue;
        memcpy(single, colours, (size_t)n * sizeof *colours);
        single[o] = fr_mix64(single[o], TAG_SINGLE);
        sum += fr_mix64(refine(&facts, single, work), TAG_SINGLE);
    }
    free(colours);
    free(facts.items);
    return fr_mix64(sum, (uint64_t)n);
}
