/* Things that stand on each other, found by structure: a binary predicate over one type, and a
 * unary one, that actions change, and that in every state on the way make piles: nothing stands on
 * two things, nothing carries two, and the lowest of each pile has the unary one. Upside down that
 * holds as well ("clear" is the lowest then), so what moves has to be the upper one. A thing
 * outside all piles is shown by its facts alone. Rejected: asking for "on" and
 * "ontable", which a domain in other words, or in another language, has not. */
#include <string.h>

#include "base/memory.h"
#include "view/internal.h"

/* The action's effect on the predicate, or NULL. */
static const struct fr_atom *effect(const struct fr_action *action, int predicate, bool positive) {
    for (int k = 0; k < action->n_effects; k++)
        if (action->effects[k].atom.predicate == predicate &&
            action->effects[k].positive == positive)
            return &action->effects[k].atom;
    return NULL;
}

static bool changes(const struct fr_action *action, int predicate) {
    return effect(action, predicate, true) != NULL || effect(action, predicate, false) != NULL;
}

static bool is_changed(const struct fr_domain *domain, int predicate) {
    for (int i = 0; i < domain->n_actions; i++)
        if (changes(&domain->actions[i], predicate))
            return true;
    return false;
}

/* An action that moves a thing from one pile to another keeps the upper one and changes the lower.
 * Where none does that, things are taken up first: the lowest are then changed by other actions
 * than those that touch piles. */
static bool is_upright(const struct fr_domain *domain, const struct fr_piles *piles) {
    bool moves = false, apart = true;
    for (int i = 0; i < domain->n_actions; i++) {
        const struct fr_action *a = &domain->actions[i];
        const struct fr_atom *to = effect(a, piles->on, true), *from = effect(a, piles->on, false);
        if (to != NULL && from != NULL) {
            moves = true;
            if (to->terms[piles->turned] != from->terms[piles->turned])
                return false;
        }
        apart = apart && !(changes(a, piles->on) && changes(a, piles->base));
    }
    return moves || apart;
}

/* What stands under each object, -1: nothing, and whether it is a lowest; false: these are no
 * piles. */
static bool read_state(const struct fr_problem *problem, const struct fr_piles *piles,
                       const struct fr_state *state, int *under, int *over, bool *lowest) {
    const int n = problem->n_objects;
    for (int i = 0; i < n; i++) {
        under[i] = over[i] = -1;
        lowest[i] = false;
    }
    for (int i = 0; i < state->n_facts; i++) {
        const struct fr_atom *fact = &state->facts[i];
        if (fact->predicate == piles->base)
            lowest[fact->terms[0]] = true;
        if (fact->predicate != piles->on)
            continue;
        const int upper = fact->terms[piles->turned], lower = fact->terms[!piles->turned];
        if (upper == lower || under[upper] >= 0 || over[lower] >= 0)
            return false;
        under[upper] = lower;
        over[lower] = upper;
    }
    for (int i = 0; i < n; i++) {
        int at = i, steps = 0;
        if (lowest[i] && under[i] >= 0)
            return false;
        while (under[at] >= 0 && steps++ < n)
            at = under[at];
        /* what carries or stands, stands in the end on one that lies at the bottom */
        if ((over[i] >= 0 || under[i] >= 0) && !lowest[at])
            return false;
    }
    return true;
}

static bool fits(const struct fr_problem *problem, const struct fr_state *states, int n,
                 const struct fr_piles *piles) {
    const size_t n_objects = (size_t)problem->n_objects;
    int *under = fr_alloc(n_objects, sizeof *under), *over = fr_alloc(n_objects, sizeof *over);
    bool *lowest = fr_alloc(n_objects, sizeof *lowest), good = true, standing = false;
    for (int i = 0; good && i < n; i++) {
        good = read_state(problem, piles, &states[i], under, over, lowest);
        for (int k = 0; k < problem->n_objects; k++)
            standing = standing || under[k] >= 0;
    }
    /* A goal of such facts counts too: all may lie side by side at first, with no step taken. */
    for (int i = 0; i < problem->n_goal; i++)
        standing = standing || problem->goal[i].atom.predicate == piles->on;
    free(under);
    free(over);
    free(lowest);
    return good && standing;
}

bool fr_piles_find(const struct fr_problem *problem, const struct fr_state *states, int n,
                   struct fr_piles *out) {
    const struct fr_domain *d = problem->domain;
    for (int on = 0; on < d->n_predicates; on++) {
        const struct fr_predicate *p = &d->predicates[on];
        if (p->arity != 2 || p->param_types[0] != p->param_types[1] || !is_changed(d, on))
            continue;
        for (int base = 0; base < d->n_predicates; base++) {
            if (d->predicates[base].arity != 1 ||
                d->predicates[base].param_types[0] != p->param_types[0] || !is_changed(d, base))
                continue;
            for (int turned = 0; turned < 2; turned++) {
                *out = (struct fr_piles){on, base, turned != 0};
                if (is_upright(d, out) && fits(problem, states, n, out))
                    return true;
            }
        }
    }
    return false;
}

json_t *fr_piles_json(const struct fr_problem *problem, const struct fr_piles *piles,
                      const struct fr_state *state) {
    const size_t n = (size_t)problem->n_objects;
    int *under = fr_alloc(n, sizeof *under), *over = fr_alloc(n, sizeof *over);
    bool *lowest = fr_alloc(n, sizeof *lowest);
    json_t *out = json_array();
    FR_ASSERT(read_state(problem, piles, state, under, over, lowest));
    for (int i = 0; i < problem->n_objects; i++) {
        if (!lowest[i])
            continue;
        json_t *pile = json_array();
        for (int at = i; at >= 0; at = over[at])
            FR_ASSERT(json_array_append_new(pile, fr_view_text(problem->objects[at],
                                                               strlen(problem->objects[at]))) == 0);
        FR_ASSERT(json_array_append_new(out, pile) == 0);
    }
    free(under);
    free(over);
    free(lowest);
    return out;
}
