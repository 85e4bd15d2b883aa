/* Any bytes as a domain, as a problem and as a plan: the readers must end in a result or in a
 * message with a place, and what they accept must survive rendering. */
#include "base/memory.h"
#include "planning/planning.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char known[] =
    "(define (domain delivery) (:types truck package - thing place) (:constants depot - place)"
    " (:predicates (at ?x - thing ?p - place) (in ?b - package ?t - truck) (open))"
    " (:action drive :parameters (?t - truck ?from ?to - place)"
    "  :precondition (and (at ?t ?from) (not (= ?from ?to)))"
    "  :effect (and (at ?t ?to) (not (at ?t ?from))))"
    " (:action open :effect (open)))";

static void must(int holds, const char *what) {
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void try_domain(const char *text) {
    struct fr_domain domain, again;
    struct fr_error err = {0};
    if (fr_domain_parse(&domain, text, "input", &err)) {
        must(!strncmp(err.text, "input:", 6), "an error without a place");
        return;
    }
    struct fr_text first = {0}, second = {0};
    fr_domain_render(&domain, &first);
    must(!fr_domain_parse(&again, fr_text_get(&first), "rendered", &err), err.text);
    fr_domain_render(&again, &second);
    must(!strcmp(fr_text_get(&first), fr_text_get(&second)), "a domain changes when rendered");
    fr_domain_release(&again);
    fr_domain_release(&domain);
    fr_text_release(&first);
    fr_text_release(&second);
}

static void try_problem(const struct fr_domain *domain, const char *text) {
    struct fr_problem problem, again;
    struct fr_error err = {0};
    if (fr_problem_parse(&problem, domain, text, "input", &err)) {
        must(!strncmp(err.text, "input:", 6), "an error without a place");
        return;
    }
    struct fr_text first = {0}, second = {0};
    fr_problem_render(&problem, &first);
    must(!fr_problem_parse(&again, domain, fr_text_get(&first), "rendered", &err), err.text);
    fr_problem_render(&again, &second);
    must(!strcmp(fr_text_get(&first), fr_text_get(&second)), "a problem changes when rendered");
    struct fr_plan plan;
    int length;
    if (!fr_problem_solve(&problem, 2000, &plan, &length, &err))
        must(fr_plan_verify(&problem, &plan).kind == FR_VERDICT_SOLVED, "a plan that fails");
    fr_plan_release(&plan);
    fr_problem_release(&again);
    fr_problem_release(&problem);
    fr_text_release(&first);
    fr_text_release(&second);
}

static void try_plan(const struct fr_domain *domain, const char *text) {
    struct fr_problem problem;
    struct fr_plan plan, again;
    struct fr_verdict verdict;
    struct fr_error err;
    must(!fr_problem_parse(&problem, domain,
                           "(define (problem p) (:domain delivery) (:objects t - truck a - place)"
                           " (:init (at t depot)) (:goal (at t a)))",
                           "known", &err),
         err.text);
    if (fr_plan_parse_pddl(&plan, &problem, text, &verdict) == FR_VERDICT_SOLVED) {
        struct fr_text lines = {0};
        fr_plan_render(&problem, &plan, &lines);
        must(!fr_plan_parse_pddl(&again, &problem, fr_text_get(&lines), &verdict) &&
                 again.n_steps == plan.n_steps,
             "a plan changes when rendered");
        verdict = fr_plan_verify(&problem, &plan);
        must((verdict.kind == FR_VERDICT_SOLVED) == (verdict.reason[0] == '\0'),
             "a verdict without a reason");
        fr_plan_release(&again);
        fr_text_release(&lines);
    } else {
        must(!strncmp(verdict.reason, "line ", 5) && !plan.steps, "an unparsed plan without line");
    }
    fr_plan_release(&plan);
    fr_problem_release(&problem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fr_domain domain;
    struct fr_error err;
    char *text = fr_strndup((const char *)data, size); /* ends at the first zero byte */
    must(!fr_domain_parse(&domain, known, "known", &err), err.text);
    try_domain(text);
    try_problem(&domain, text);
    try_plan(&domain, text);
    fr_domain_release(&domain);
    free(text);
    return 0;
}
