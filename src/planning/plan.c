/* Owns plans: their life, their PDDL text, and the verdict on one by simulation. The
 * semantics are VAL's (Howey, Long & Fox 2004) for STRIPS, checked against VAL's recorded
 * verdicts on PlanBench's answers; calling VAL itself was rejected: a program to install,
 * files to hand over, and its reasons come as prose. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "planning/planning.h"

enum { MAX_STEPS = 1 << 16 };

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

/* Takes what text holds as the reason, cut to fit. */
static struct fr_verdict verdict_take(enum fr_verdict_kind kind, int step, struct fr_text *text) {
    struct fr_verdict verdict = {.kind = kind, .step = step};
    const char *reason = fr_text_get(text);
    const size_t room = sizeof verdict.reason - 1, n = strlen(reason);
    memcpy(verdict.reason, reason, n < room ? n : room);
    if (n > room)
        memcpy(verdict.reason + room - 3, "...", 3);
    fr_text_release(text);
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
            verdict = verdict_take(FR_VERDICT_ILLEGAL_STEP, i + 1, &why);
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
        verdict = verdict_take(FR_VERDICT_GOAL_UNMET, 0, &why);
    }
out:
    fr_text_release(&why);
    fr_state_release(&state);
    return verdict;
}

/* ---- plans as text ------------------------------------------------------------------- */

static const char *skip_blanks(const char *at) {
    while (*at == ' ' || *at == '\t' || *at == '\r')
        at++;
    return at;
}

/* "0:" or "12.500:" before a step. */
static const char *skip_time(const char *at) {
    const char *end = at;
    while (isdigit((unsigned char)*end) || *end == '.')
        end++;
    return end > at && *end == ':' ? skip_blanks(end + 1) : at;
}

/* "[1.000]" after one. */
static const char *skip_duration(const char *at) {
    if (*at != '[')
        return at;
    const char *end = at + 1;
    while (isdigit((unsigned char)*end) || *end == '.')
        end++;
    return *end == ']' ? skip_blanks(end + 1) : at;
}

/* The word at *at into word (cut to fit), moving *at behind it; false when there is none. */
static bool take_word(const char **at, char *word, size_t room) {
    const char *start = skip_blanks(*at), *end = start;
    while (*end && !strchr(" \t\r\n();", *end))
        end++;
    const size_t n = (size_t)(end - start);
    const size_t kept = n < room - 1 ? n : room - 1;
    memcpy(word, start, kept);
    word[kept] = '\0';
    *at = end;
    return n > 0;
}

/* Bytes of a line worth showing. */
static int shown_bytes(const char *at) {
    const size_t n = strcspn(at, "\r\n");
    return n < 80 ? (int)n : 80;
}

/* One line, up to its line feed; *empty when it holds no step. False with the reason. */
static bool parse_line(const struct fr_problem *problem, const char *line, struct fr_step *step,
                       bool *empty, struct fr_text *why) {
    const char *at = skip_blanks(line);
    *empty = !*at || *at == '\n' || *at == ';';
    if (*empty)
        return true;
    at = skip_time(at);
    if (*at != '(') {
        fr_text_printf(why, "\"%.*s\" is no step; expected (action object ...)", shown_bytes(line),
                       line);
        return false;
    }
    at++;
    char word[128];
    if (!take_word(&at, word, sizeof word)) {
        fr_text_add(why, "a step without an action");
        return false;
    }
    *step = (struct fr_step){.action = fr_domain_find_action(problem->domain, word)};
    if (step->action < 0) {
        fr_text_printf(why, "unknown action \"%s\"", word);
        return false;
    }
    while (take_word(&at, word, sizeof word)) {
        if (step->n_args == FR_MAX_ARITY) {
            fr_text_printf(why, "more than %d arguments", FR_MAX_ARITY);
            return false;
        }
        const int object = fr_problem_find_object(problem, word);
        if (object < 0) {
            fr_text_printf(why, "unknown object \"%s\"", word);
            return false;
        }
        step->args[step->n_args++] = object;
    }
    if (*at != ')') {
        fr_text_add(why, "the step's parenthesis is not closed");
        return false;
    }
    at = skip_duration(skip_blanks(at + 1));
    if (*at && *at != '\n' && *at != ';') {
        fr_text_printf(why, "\"%.*s\" after the step", shown_bytes(at), at);
        return false;
    }
    return true;
}

enum fr_verdict_kind fr_plan_parse_pddl(struct fr_plan *out, const struct fr_problem *problem,
                                        const char *text, struct fr_verdict *verdict) {
    *out = (struct fr_plan){0};
    *verdict = (struct fr_verdict){.kind = FR_VERDICT_SOLVED};
    int i_line = 1;
    for (const char *line = text; line; i_line++) {
        struct fr_step step;
        bool empty = false;
        struct fr_text why = {0};
        fr_text_printf(&why, "line %d: ", i_line);
        bool read = parse_line(problem, line, &step, &empty, &why);
        if (read && !empty && out->n_steps == MAX_STEPS) {
            fr_text_printf(&why, "more than %d steps", MAX_STEPS);
            read = false;
        }
        if (!read) {
            fr_plan_release(out);
            *verdict = verdict_take(FR_VERDICT_UNPARSED, 0, &why);
            return verdict->kind;
        }
        if (!empty)
            fr_plan_append(out, &step);
        fr_text_release(&why);
        line = strchr(line, '\n');
        if (line != NULL)
            line++;
    }
    return FR_VERDICT_SOLVED;
}
