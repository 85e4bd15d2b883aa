/* Owns the life, the look-ups and the PDDL text of problems. The text is written in
 * PlanBench's layout (one fact a line), so that a diff of two puzzles reads well; what is
 * promised is only that reading it gives the same problem. */
#include <stdlib.h>
#include <strings.h>

#include "planning/planning.h"

void fr_problem_release(struct fr_problem *problem) {
    if (!problem)
        return;
    free(problem->name);
    for (int i = 0; i < problem->n_objects; i++)
        free(problem->objects[i]);
    free(problem->objects);
    free(problem->object_types);
    free(problem->init);
    free(problem->goal);
    free(problem->costs);
    free(problem->metric);
    *problem = (struct fr_problem){0};
}

int fr_problem_find_object(const struct fr_problem *problem, const char *name) {
    for (int i = 0; i < problem->n_objects; i++)
        if (!strcasecmp(problem->objects[i], name))
            return i;
    return -1;
}

static void mark_atom(const struct fr_atom *fact, const bool *said, bool *told) {
    for (int i = 0; (said == NULL || said[fact->predicate]) && i < fact->n_terms; i++)
        told[fact->terms[i]] = true;
}

static void mark_constants(const struct fr_literal *literals, int n, bool *told) {
    for (int i = 0; i < n; i++)
        for (int k = 0; k < literals[i].atom.n_terms; k++)
            if (literals[i].atom.terms[k] < 0)
                told[-1 - literals[i].atom.terms[k]] = true;
}

void fr_problem_mark_named(const struct fr_problem *problem, const bool *said, bool *told) {
    for (int i = 0; i < problem->n_init; i++)
        mark_atom(&problem->init[i], said, told);
    for (int i = 0; i < problem->n_goal; i++)
        mark_atom(&problem->goal[i].atom, said, told);
    for (int a = 0; a < problem->domain->n_actions; a++) {
        const struct fr_action *action = &problem->domain->actions[a];
        mark_constants(action->preconditions, action->n_preconditions, told);
        mark_constants(action->effects, action->n_effects, told);
    }
}

void fr_atom_render(const struct fr_problem *problem, const struct fr_atom *fact,
                    struct fr_text *out) {
    fr_text_printf(out, "(%s", problem->domain->predicates[fact->predicate].name);
    for (int i = 0; i < fact->n_terms; i++)
        fr_text_printf(out, " %s", problem->objects[fact->terms[i]]);
    fr_text_add(out, ")");
}

/* Objects of one type stand together, as typed lists want it; order is kept, so a type may
 * recur. Untyped domains print no types. */
static void render_objects(const struct fr_problem *problem, struct fr_text *out) {
    const bool typed = problem->domain->n_types > 1;
    fr_text_add(out, "(:objects");
    for (int i = problem->domain->n_constants; i < problem->n_objects; i++) {
        fr_text_printf(out, " %s", problem->objects[i]);
        const bool last =
            i + 1 == problem->n_objects || problem->object_types[i + 1] != problem->object_types[i];
        if (typed && last)
            fr_text_printf(out, " - %s", problem->domain->types[problem->object_types[i]]);
    }
    fr_text_add(out, ")\n");
}

void fr_problem_render(const struct fr_problem *problem, struct fr_text *out) {
    fr_text_printf(out, "(define (problem %s)\n(:domain %s)\n", problem->name,
                   problem->domain->name);
    render_objects(problem, out);
    fr_text_add(out, "(:init\n");
    for (int i = 0; i < problem->n_init; i++) {
        fr_atom_render(problem, &problem->init[i], out);
        fr_text_add(out, "\n");
    }
    fr_text_printf(out, "%s)\n(:goal\n(and\n", problem->costs ? problem->costs : "");
    for (int i = 0; i < problem->n_goal; i++) {
        const struct fr_literal *goal = &problem->goal[i];
        fr_text_add(out, goal->positive ? "" : "(not ");
        fr_atom_render(problem, &goal->atom, out);
        fr_text_add(out, goal->positive ? "\n" : ")\n");
    }
    if (problem->metric)
        fr_text_printf(out, "))\n(:metric%s))\n", problem->metric);
    else
        fr_text_add(out, ")))\n");
}
