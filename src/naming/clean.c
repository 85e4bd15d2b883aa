/* Owns the naming that a domain brings with it: every concept by its own PDDL name. */
#include "base/memory.h"
#include "naming/naming.h"

int fr_concepts_check(const struct fr_domain *domain, struct fr_error *err) {
    const int n = domain->n_actions + domain->n_predicates;
    if (n <= FR_MAX_CONCEPTS)
        return FR_OK;
    return fr_fail(err, FR_E_LIMIT,
                   "domain %s has %d actions and predicates; namings and prompts take at most %d",
                   domain->name, n, FR_MAX_CONCEPTS);
}

void fr_namings_clean(struct fr_namings *out, const struct fr_domain *domain) {
    *out = (struct fr_namings){.concepts.n = domain->n_actions + domain->n_predicates};
    FR_ASSERT(out->concepts.n <= FR_MAX_CONCEPTS);
    FR_RESERVE(out->items, out->n, out->capacity);
    struct fr_naming *clean = &out->items[out->n++];
    *clean = (struct fr_naming){.id = fr_strdup("clean")};
    for (int a = 0; a < out->concepts.n; a++) {
        const bool is_action = a < domain->n_actions;
        const char *name =
            is_action ? domain->actions[a].name : domain->predicates[a - domain->n_actions].name;
        out->concepts.names[a] = fr_strdup(name);
        out->concepts.kinds[a] = is_action ? FR_CONCEPT_ACTION : FR_CONCEPT_PREDICATE;
        clean->words[a] = fr_strdup(name);
    }
}
