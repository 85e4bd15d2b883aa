/* Owns the life, the look-ups and the PDDL text of domains; pddl.c fills them in.
 * Names are stored in lower case (PDDL's are case-insensitive) and looked up in any
 * case, by linear search: whoever looks up many has a table of his own (reader.h). */
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
        free(action->params);
        free(action->param_types);
        free(action->costs);
        free(action->preconditions);
        free(action->equalities);
        free(action->effects);
    }
    for (int i = 0; i < domain->n_predicates; i++)
        free(domain->predicates[i].name);
    for (int i = 0; i < domain->n_functions; i++)
        free(domain->functions[i].name);
    for (int i = 0; i < domain->n_constants; i++)
        free(domain->constants[i]);
    for (int i = 0; i < domain->n_types; i++) {
        free(domain->type_more[i]);
        free(domain->type_members[i]);
    }
    free(domain->types);
    free(domain->type_parents);
    free(domain->type_more);
    free(domain->type_members);
    free(domain->actions);
    free(domain->predicates);
    free(domain->functions);
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

/* Is ancestor among the supertypes of a type that has several? */
static bool is_above(const struct fr_domain *domain, int type, int ancestor, bool *seen) {
    if (type == ancestor)
        return true;
    if (type == 0 || seen[type])
        return false;
    seen[type] = true;
    bool found = is_above(domain, domain->type_parents[type], ancestor, seen);
    for (const int *more = domain->type_more[type]; more && *more >= 0 && !found; more++)
        found = is_above(domain, *more, ancestor, seen);
    return found;
}

bool fr_type_is(const struct fr_domain *domain, int type, int ancestor) {
    const int *members = domain->type_members[ancestor];
    if (members && type != ancestor) {
        while (*members >= 0 && !fr_type_is(domain, type, *members))
            members++;
        return *members >= 0;
    }
    /* The reader refuses circles, so that every chain ends at types[0], "object". */
    while (type != ancestor && type != 0) {
        if (domain->type_more[type]) {
            bool seen[FR_MAX_TYPES] = {false};
            return is_above(domain, type, ancestor, seen);
        }
        type = domain->type_parents[type];
    }
    return type == ancestor;
}

/* ---- rendering ---------------------------------------------------------------------- */

/* Supertypes are always printed when the domain has types: an untyped name would be an
 * object again, but a list "a b - t" gives a the type t. */
static void render_type(const struct fr_domain *domain, int type, struct fr_text *out) {
    if (domain->n_types > 1)
        fr_text_printf(out, " - %s", domain->types[type]);
}

static void render_term(const struct fr_domain *domain, const struct fr_action *action, int term,
                        struct fr_text *out) {
    if (term >= 0)
        fr_text_printf(out, " ?%s", action->params[term]);
    else
        fr_text_printf(out, " %s", domain->constants[-1 - term]);
}

static void render_literals(const struct fr_domain *domain, const struct fr_action *action,
                            const struct fr_literal *literals, int n, struct fr_text *out) {
    for (int i = 0; i < n; i++) {
        const struct fr_atom *atom = &literals[i].atom;
        fr_text_add(out, literals[i].positive ? " (" : " (not (");
        fr_text_add(out, domain->predicates[atom->predicate].name);
        for (int j = 0; j < atom->n_terms; j++)
            render_term(domain, action, atom->terms[j], out);
        fr_text_add(out, literals[i].positive ? ")" : "))");
    }
}

/* The equalities from *i on that stand before precondition place. */
static void render_equalities(const struct fr_domain *domain, const struct fr_action *action,
                              int place, int *i, struct fr_text *out) {
    for (; *i < action->n_equalities && action->equalities[*i].place <= place; ++*i) {
        const struct fr_equality *equality = &action->equalities[*i];
        fr_text_add(out, equality->positive ? " (=" : " (not (=");
        render_term(domain, action, equality->a, out);
        render_term(domain, action, equality->b, out);
        fr_text_add(out, equality->positive ? ")" : "))");
    }
}

static void render_action(const struct fr_domain *domain, const struct fr_action *action,
                          struct fr_text *out) {
    fr_text_printf(out, "(:action %s\n  :parameters (", action->name);
    for (int i = 0; i < action->n_params; i++) {
        fr_text_printf(out, "%s?%s", i ? " " : "", action->params[i]);
        render_type(domain, action->param_types[i], out);
    }
    fr_text_add(out, ")\n  :precondition (and");
    int i_equality = 0;
    for (int i = 0; i <= action->n_preconditions; i++) {
        render_equalities(domain, action, i, &i_equality, out);
        if (i < action->n_preconditions)
            render_literals(domain, action, &action->preconditions[i], 1, out);
    }
    fr_text_add(out, ")\n  :effect (and");
    render_literals(domain, action, action->effects, action->n_effects, out);
    fr_text_printf(out, "%s))\n", action->costs ? action->costs : "");
}

static void render_types(const struct fr_domain *domain, struct fr_text *out) {
    fr_text_add(out, "(:types");
    for (int i = 1; i < domain->n_types; i++) {
        if (domain->type_members[i])
            continue; /* declared by its use */
        fr_text_printf(out, " %s", domain->types[i]);
        render_type(domain, domain->type_parents[i], out);
    }
    for (int i = 1; i < domain->n_types; i++)
        for (const int *more = domain->type_more[i]; more && *more >= 0; more++) {
            fr_text_printf(out, " %s", domain->types[i]);
            render_type(domain, *more, out);
        }
    fr_text_add(out, ")\n");
}

/* The predicates, or the functions, each followed by after. */
static void render_signatures(const struct fr_domain *domain, const char *key,
                              const struct fr_predicate *items, int n, const char *after,
                              struct fr_text *out) {
    fr_text_printf(out, "(%s", key);
    for (int i = 0; i < n; i++) {
        fr_text_printf(out, "\n  (%s", items[i].name);
        for (int j = 0; j < items[i].arity; j++) {
            fr_text_printf(out, " ?x%d", j + 1);
            render_type(domain, items[i].param_types[j], out);
        }
        fr_text_printf(out, ")%s", after);
    }
    fr_text_add(out, ")\n");
}

void fr_domain_render(const struct fr_domain *domain, struct fr_text *out) {
    fr_text_printf(out, "(define (domain %s)\n", domain->name);
    fr_text_printf(out, "(:requirements :strips :typing :negative-preconditions :equality%s)\n",
                   domain->n_functions ? " :action-costs" : "");
    if (domain->n_types > 1)
        render_types(domain, out);
    if (domain->n_constants) {
        fr_text_add(out, "(:constants");
        for (int i = 0; i < domain->n_constants; i++) {
            fr_text_printf(out, " %s", domain->constants[i]);
            render_type(domain, domain->constant_types[i], out);
        }
        fr_text_add(out, ")\n");
    }
    render_signatures(domain, ":predicates", domain->predicates, domain->n_predicates, "", out);
    if (domain->n_functions)
        render_signatures(domain, ":functions", domain->functions, domain->n_functions, " - number",
                          out);
    for (int i = 0; i < domain->n_actions; i++)
        render_action(domain, &domain->actions[i], out);
    fr_text_add(out, ")\n");
}
