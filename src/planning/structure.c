/* Owns the number that says what a domain is, whatever it is called: texts about a domain
 * (wordings) are found by it, since many domains share a name, and copies of one bear several.
 * Everything is summed, so that no order matters. Rejected: comparing two domains, which needs the
 * other's PDDL beside every text. */
#include "planning/planning.h"

enum {
    TAG_PREDICATE,
    TAG_ACTION,
    TAG_PRECONDITION,
    TAG_EFFECT,
    TAG_EQUALITY,
    TAG_TYPE,
    TAG_CONSTANT
};

static uint64_t hash_params(const struct fr_domain *domain, uint64_t h, const int *types, int n) {
    for (int i = 0; i < n; i++)
        h = fr_mix64(h, fr_hash_text(domain->types[types[i]]));
    return fr_mix64(h, (uint64_t)n);
}

static uint64_t hash_term(const struct fr_domain *domain, int term) {
    return term >= 0 ? (uint64_t)term : fr_hash_text(domain->constants[-1 - term]);
}

static uint64_t hash_literal(const struct fr_domain *domain, uint64_t tag,
                             const struct fr_literal *literal) {
    const struct fr_atom *atom = &literal->atom;
    uint64_t h = fr_mix64(2 * tag + literal->positive,
                          fr_hash_text(domain->predicates[atom->predicate].name));
    for (int i = 0; i < atom->n_terms; i++)
        h = fr_mix64(h, hash_term(domain, atom->terms[i]));
    return h;
}

static uint64_t hash_action(const struct fr_domain *domain, const struct fr_action *action) {
    uint64_t sum = 0;
    for (int i = 0; i < action->n_preconditions; i++)
        sum += hash_literal(domain, TAG_PRECONDITION, &action->preconditions[i]);
    for (int i = 0; i < action->n_effects; i++)
        sum += hash_literal(domain, TAG_EFFECT, &action->effects[i]);
    for (int i = 0; i < action->n_equalities; i++) {
        const struct fr_equality *equality = &action->equalities[i];
        const uint64_t a = hash_term(domain, equality->a), b = hash_term(domain, equality->b);
        sum += fr_mix64(2 * TAG_EQUALITY + equality->positive, fr_mix64(a + b, a ^ b));
    }
    const uint64_t h = fr_mix64(TAG_ACTION, fr_hash_text(action->name));
    return fr_mix64(hash_params(domain, h, action->param_types, action->n_params), sum);
}

uint64_t fr_domain_structure(const struct fr_domain *domain) {
    uint64_t sum = 0;
    for (int i = 0; i < domain->n_predicates; i++) {
        const struct fr_predicate *predicate = &domain->predicates[i];
        const uint64_t h = fr_mix64(TAG_PREDICATE, fr_hash_text(predicate->name));
        sum += hash_params(domain, h, predicate->param_types, predicate->arity);
    }
    for (int i = 0; i < domain->n_actions; i++)
        sum += hash_action(domain, &domain->actions[i]);
    for (int i = 1; i < domain->n_types; i++) {
        const uint64_t h = fr_mix64(TAG_TYPE, fr_hash_text(domain->types[i]));
        sum += fr_mix64(h, fr_hash_text(domain->types[domain->type_parents[i]]));
        for (const int *more = domain->type_more[i]; more && *more >= 0; more++)
            sum += fr_mix64(h, fr_hash_text(domain->types[*more]));
    }
    for (int i = 0; i < domain->n_constants; i++)
        sum += fr_mix64(fr_mix64(TAG_CONSTANT, fr_hash_text(domain->constants[i])),
                        fr_hash_text(domain->types[domain->constant_types[i]]));
    return sum;
}
