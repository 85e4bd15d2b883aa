/* Any bytes as a plan in PDDL's format: the reader must end in a plan or in a reason with a line,
 * a plan must be the same when rendered and read again, and its verdict must be what its steps,
 * taken one by one, lead to. */
#include "fuzz.h"

static const char domain_text[] =
    "(define (domain delivery) (:types truck package - thing place) (:constants depot - place)"
    " (:predicates (at ?x - thing ?p - place) (in ?b - package ?t - truck) (open) (closed))"
    " (:action drive :parameters (?t - truck ?from ?to - place)"
    "  :precondition (and (not (= ?from ?to)) (at ?t ?from))"
    "  :effect (and (at ?t ?to) (not (at ?t ?from))))"
    " (:action load :parameters (?b - package ?t - truck ?p - place)"
    "  :precondition (and (at ?b ?p) (at ?t ?p)) :effect (and (in ?b ?t) (not (at ?b ?p))))"
    " (:action open :precondition (not (open)) :effect (and (not (open)) (open))))";

static const char problem_text[] =
    "(define (problem p) (:domain delivery) (:objects t - truck b c - package a - place)"
    " (:init (at t depot) (at b depot) (at c a)) (:goal (and (at t a) (in b t) (not (closed)))))";

static void must(bool holds, const char *what) {
    if (holds)
        return;
    (void)fprintf(stderr, "%s\n", what);
    abort();
}

static const struct fr_problem *known(void) {
    static struct fr_domain domain;
    static struct fr_problem problem;
    struct fr_error err = {0};
    if (!problem.name) {
        fuzz_require(fr_domain_parse(&domain, domain_text, "known", &err), &err);
        fuzz_require(fr_problem_parse(&problem, &domain, problem_text, "known", &err), &err);
    }
    return &problem;
}

static void check_verdict(const struct fr_problem *problem, const struct fr_plan *plan) {
    const struct fr_verdict verdict = fr_plan_verify(problem, plan);
    must((verdict.kind == FR_VERDICT_SOLVED) == (verdict.reason[0] == '\0'), "reason and verdict");
    must((verdict.kind == FR_VERDICT_ILLEGAL_STEP) == (verdict.step > 0), "step and verdict");
    must(verdict.step <= plan->n_steps, "a step beyond the plan");
    must(memchr(verdict.reason, '\0', sizeof verdict.reason) != NULL, "a reason without an end");
    const int n_legal = verdict.step ? verdict.step - 1 : plan->n_steps;
    struct fr_state state = {0};
    fr_state_set(&state, problem->init, problem->n_init);
    for (int i = 0; i < n_legal; i++) {
        must(fr_state_blocker(problem->domain, &state, &plan->steps[i]) < 0, "a legal step");
        fr_state_apply(problem->domain, &state, &plan->steps[i]);
    }
    if (!verdict.step)
        must(fr_goal_holds(problem, &state) == (verdict.kind == FR_VERDICT_SOLVED), "the goal");
    fr_state_release(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct fr_problem *problem = known();
    struct fr_plan plan, again;
    struct fr_verdict verdict;
    char *text = fuzz_text(data, size);
    const enum fr_verdict_kind kind = fr_plan_parse_pddl(&plan, problem, text, &verdict);
    must(kind == verdict.kind, "two verdicts");
    if (kind == FR_VERDICT_SOLVED) {
        struct fr_text lines = {0};
        fr_plan_render(problem, &plan, &lines);
        must(!fr_plan_parse_pddl(&again, problem, fr_text_get(&lines), &verdict) &&
                 again.n_steps == plan.n_steps,
             "a plan changes when rendered");
        for (int i = 0; i < plan.n_steps; i++)
            must(!memcmp(&plan.steps[i], &again.steps[i], sizeof *plan.steps),
                 "a step changes when rendered");
        check_verdict(problem, &plan);
        fr_plan_release(&again);
        fr_text_release(&lines);
    } else {
        must(kind == FR_VERDICT_UNPARSED && !strncmp(verdict.reason, "line ", 5) && !plan.steps,
             "an unparsed plan without a line");
        must(memchr(verdict.reason, '\0', sizeof verdict.reason) != NULL,
             "a reason without an end");
    }
    fr_plan_release(&plan);
    free(text);
    return 0;
}
