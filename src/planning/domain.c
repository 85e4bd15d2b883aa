/* Owns the life and the look-ups of domains: what pddl.c filled in, and nothing else.
 * Names are stored in lower case (PDDL's are case-insensitive) and looked up in any
 * case, by linear search: a domain holds at most FR_MAX_CONCEPTS of them. Rejected: a
 * hash table. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "planning/planning.h"

void fr_domain_release(struct fr_domain *domain) {
    if (!domain)
        return;
    free(domain->name);
    for (int i = 0; i < domain->n_types; i++)
        free(domain->types[i]);
    for (int i = 0; i < domain->n_actions; i++) {
        struct fr_action *action = &domain->actions[i];
        free(action->name);
        for (int j = 0; j < action->n_params; j++)
            free(action->params[j]);
        free(action->preconditions);
        free(action->equalities);
        free(action->effects);
    }
    for (int i = 0; i < domain->n_predicates; i++)
        free(domain->predicates[i].name);
    for (int i = 0; i < domain->n_constants; i++)
        free(domain->constants[i]);
    free(domain->types);
    free(domain->type_parents);
    free(domain->actions);
    free(domain->predicates);
    free(domain->constants);
    free(domain->constant_types);
    *domain = (struct fr_domain){0};
}

int fr_domain_find_action(const struct fr_domain *domain, const char *name) {
    for (int i = 0; i < domain->n_actions; i++)
        if (!strcasecmp(domain->actions[i].name, name))
            return i;
    return -1;
}

int fr_domain_find_predicate(const struct fr_domain *domain, const char *name) {
    for (int i = 0; i < domain->n_predicates; i++)
        if (!strcasecmp(domain->predicates[i].name, name))
            return i;
    return -1;
}

bool fr_type_is(const struct fr_domain *domain, int type, int ancestor) {
    /* The reader refuses circles, so that every chain ends at types[0], "object". */
    while (type != ancestor && type != 0)
        type = domain->type_parents[type];
    return type == ancestor;
}
