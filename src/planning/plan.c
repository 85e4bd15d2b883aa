/* Owns plans: their life, their rendering, and the verdict on one by simulation. The
 * semantics are VAL's (Howey, Long & Fox 2004) for STRIPS, checked against VAL's recorded
 * verdicts on PlanBench's answers; calling VAL itself was rejected: a program to install,
 * files to hand over, and its reasons come as prose. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/planning.h"

const char *const fr_verdict_name[FR_VERDICT_COUNT] = {
    [FR_VERDICT_SOLVED] = "solved",
    [FR_VERDICT_GOAL_UNMET] = "goal_unmet",
    [FR_VERDICT_ILLEGAL_STEP] = "illegal_step",
    [FR_VERDICT_UNPARSED] = "unparsed",
    [FR_VERDICT_TRUNCATED] = "truncated",
};

void fr_plan_release(struct fr_plan *plan) {
    if (!plan)
        return;
    free(plan->steps);
    *plan = (struct fr_plan){0};
}

void fr_plan_append(struct fr_plan *plan, const struct fr_step *step) {
    FR_RESERVE(plan->steps, plan->n_steps, plan->capacity);
    plan->steps[plan->n_steps++] = *step;
}

void fr_step_render(const struct fr_problem *problem, const struct fr_step *step,
                    struct fr_text *out) {
    fr_text_printf(out, "(%s", problem->domain->actions[step->action].name);
    for (int i = 0; i < step->n_args; i++)
        fr_text_printf(out, " %s", problem->objects[step->args[i]]);
    fr_text_add(out, ")");
}

void fr_plan_render(const struct fr_problem *problem, const struct fr_plan *plan,
                    struct fr_text *out) {
    for (int i = 0; i < plan->n_steps; i++) {
        fr_step_render(problem, &plan->steps[i], out);
        fr_text_add(out, "\n");
    }
}

/* ---- verdicts ------------------------------------------------------------------------ */

struct fr_verdict fr_verdict_of(enum fr_verdict_kind kind, int step, const char *reason) {
    struct fr_verdict verdict = {.kind = kind, .step = step};
    const size_t room = sizeof verdict.reason - 1, n = strlen(reason);
    memcpy(verdict.reason, reason, n < room ? n : room);
    if (n > room)
        memcpy(verdict.reason + room - 3, "...", 3);
    return verdict;
}

static bool step_fits(const struct fr_problem *problem, const struct fr_step *step,
                      struct fr_text *why) {
    const struct fr_domain *domain = problem->domain;
    const struct fr_action *action = &domain->actions[step->action];
    if (step->n_args != action->n_params) {
        fr_text_printf(why, "%s takes %d argument%s, found %d", action->name, action->n_params,
                       action->n_params == 1 ? "" : "s", step->n_args);
        return false;
    }
    for (int i = 0; i < step->n_args; i++)
        if (!fr_type_is(domain, problem->object_types[step->args[i]], action->param_types[i])) {
            fr_text_printf(why, "%s is no %s", problem->objects[step->args[i]],
                           domain->types[action->param_types[i]]);
            return false;
        }
    return true;
}

static void explain_blocker(const struct fr_problem *problem, const struct fr_step *step,
                            int blocker, struct fr_text *why) {
    const struct fr_action *action = &problem->domain->actions[step->action];
    if (blocker >= action->n_preconditions) {
        const struct fr_equality *e = &action->equalities[blocker - action->n_preconditions];
        const int a = e->a < 0 ? -1 - e->a : step->args[e->a];
        const int b = e->b < 0 ? -1 - e->b : step->args[e->b];
        fr_text_printf(why, "(= %s %s) is %s", problem->objects[a], problem->objects[b],
                       e->positive ? "false" : "true");
        return;
    }
    const struct fr_literal *literal = &action->preconditions[blocker];
    const struct fr_atom fact = fr_atom_ground(&literal->atom, step->args);
    fr_atom_render(problem, &fact, why);
    fr_text_add(why, literal->positive ? " is false" : " is true");
}

struct fr_verdict fr_plan_verify(const struct fr_problem *problem, const struct fr_plan *plan) {
    struct fr_state state = {0};
    struct fr_text why = {0};
    struct fr_verdict verdict = {.kind = FR_VERDICT_SOLVED};
    fr_state_set(&state, problem->init, problem->n_init);
    for (int i = 0; i < plan->n_steps; i++) {
        const struct fr_step *step = &plan->steps[i];
        fr_step_render(problem, step, &why);
        fr_text_add(&why, ": ");
        bool legal = step_fits(problem, step, &why);
        const int blocker = legal ? fr_state_blocker(problem->domain, &state, step) : -1;
        if (blocker >= 0) {
            explain_blocker(problem, step, blocker, &why);
            legal = false;
        }
        if (!legal) {
            verdict = fr_verdict_of(FR_VERDICT_ILLEGAL_STEP, i + 1, fr_text_get(&why));
            goto out;
        }
        fr_text_clear(&why);
        fr_state_apply(problem->domain, &state, step);
    }
    if (!fr_goal_holds(problem, &state)) {
        fr_text_add(&why, "missing at the end:");
        for (int i = 0; i < problem->n_goal; i++) {
            const struct fr_literal *goal = &problem->goal[i];
            if (fr_state_has(&state, &goal->atom) == goal->positive)
                continue;
            fr_text_add(&why, goal->positive ? " " : " (not ");
            fr_atom_render(problem, &goal->atom, &why);
            fr_text_add(&why, goal->positive ? "" : ")");
        }
        verdict = fr_verdict_of(FR_VERDICT_GOAL_UNMET, 0, fr_text_get(&why));
    }
out:
    fr_text_release(&why);
    fr_state_release(&state);
    return verdict;
}
