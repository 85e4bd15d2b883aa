/* Owns the naming that a domain brings with it: every concept by its own PDDL name. */
#include "base/memory.h"
#include "naming/naming.h"

void fr_naming_clean(const struct fr_domain *domain, struct fr_naming *out) {
    *out = (struct fr_naming){.id = fr_strdup("clean")};
    for (int a = 0; a < domain->n_actions; a++)
        out->words[a] = fr_strdup(domain->actions[a].name);
    for (int p = 0; p < domain->n_predicates; p++)
        out->words[domain->n_actions + p] = fr_strdup(domain->predicates[p].name);
}
