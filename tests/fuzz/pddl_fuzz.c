/* Any bytes as a domain, as a problem of a known domain, and as both (a domain up to the second
 * "(define", then a problem of it): the reader must end in a result or in a message with a place,
 * what it accepts must be the same when rendered and read again, and a plan that the planner finds
 * must be one that the simulator accepts. */
#include "fuzz.h"

#include "base/memory.h"

static const char known[] =
    "(define (domain delivery) (:types truck package - thing place) (:constants depot - place)"
    " (:predicates (at ?x - thing ?p - place) (in ?b - package ?t - (either truck place)) (open))"
    " (:functions (total-cost) (length ?p ?q - place) - number)"
    " (:action drive :parameters (?t - truck ?from ?to - place)"
    "  :precondition (and (at ?t ?from) (not (= ?from ?to)))"
    "  :effect (and (at ?t ?to) (not (at ?t ?from)) (increase (total-cost) (length ?from ?to))))"
    " (:action open :effect (open)))";

static void must(bool holds, const char *what) {
    if (holds)
        return;
    (void)fprintf(stderr, "%s\n", what);
    abort();
}

static void must_be_placed(int code, const struct fr_error *err) {
    fuzz_check_refusal(code, err);
    must(!strncmp(err->text, "input:", 6), "an error without a place");
}

static void must_be_same_literals(const struct fr_literal *a, const struct fr_literal *b, int n) {
    for (int i = 0; i < n; i++)
        must(a[i].positive == b[i].positive && !memcmp(&a[i].atom, &b[i].atom, sizeof a[i].atom),
             "a literal changes when rendered");
}

/* The index in b of a's type. */
static int same_type(const struct fr_domain *a, int type, const struct fr_domain *b) {
    for (int i = 0; i < b->n_types; i++)
        if (!strcmp(a->types[type], b->types[i]))
            return i;
    must(false, "a type is lost when rendered");
    return -1;
}

static void must_be_same_domain(const struct fr_domain *a, const struct fr_domain *b) {
    must(a->n_types == b->n_types && a->n_actions == b->n_actions &&
             a->n_predicates == b->n_predicates && a->n_constants == b->n_constants &&
             a->n_functions == b->n_functions,
         "counts change when rendered");
    must(fr_domain_structure(a) == fr_domain_structure(b), "a structure changes when rendered");
    for (int i = 0; i < a->n_types; i++)
        for (int j = 0; j < a->n_types; j++)
            must(fr_type_is(a, i, j) == fr_type_is(b, same_type(a, i, b), same_type(a, j, b)),
                 "types change when rendered");
    for (int i = 0; i < a->n_actions; i++) {
        const struct fr_action *x = &a->actions[i], *y = &b->actions[i];
        must(x->n_params == y->n_params && x->n_preconditions == y->n_preconditions &&
                 x->n_equalities == y->n_equalities && x->n_effects == y->n_effects,
             "an action changes when rendered");
        must_be_same_literals(x->preconditions, y->preconditions, x->n_preconditions);
        must_be_same_literals(x->effects, y->effects, x->n_effects);
        for (int j = 0; j < x->n_equalities; j++)
            must(x->equalities[j].a == y->equalities[j].a &&
                     x->equalities[j].b == y->equalities[j].b &&
                     x->equalities[j].place == y->equalities[j].place &&
                     x->equalities[j].positive == y->equalities[j].positive,
                 "an equality changes when rendered");
    }
}

static bool try_domain(const char *text, struct fr_domain *domain) {
    struct fr_domain again;
    struct fr_error err = {0};
    const int code = fr_domain_parse(domain, text, "input", &err);
    if (code) {
        must_be_placed(code, &err);
        return false;
    }
    struct fr_text first = {0}, second = {0};
    fr_domain_render(domain, &first);
    fuzz_require(fr_domain_parse(&again, fr_text_get(&first), "rendered", &err), &err);
    fr_domain_render(&again, &second);
    must(!strcmp(fr_text_get(&first), fr_text_get(&second)), "a domain changes when rendered");
    must_be_same_domain(domain, &again);
    fr_domain_release(&again);
    fr_text_release(&first);
    fr_text_release(&second);
    return true;
}

static void try_problem(const struct fr_domain *domain, const char *text) {
    struct fr_problem problem, again;
    struct fr_error err = {0};
    const int code = fr_problem_parse(&problem, domain, text, "input", &err);
    if (code) {
        must_be_placed(code, &err);
        return;
    }
    struct fr_text first = {0}, second = {0};
    fr_problem_render(&problem, &first);
    fuzz_require(fr_problem_parse(&again, domain, fr_text_get(&first), "rendered", &err), &err);
    fr_problem_render(&again, &second);
    must(!strcmp(fr_text_get(&first), fr_text_get(&second)), "a problem changes when rendered");
    must(problem.n_init == again.n_init && problem.n_goal == again.n_goal &&
             problem.n_objects == again.n_objects,
         "counts change when rendered");
    must_be_same_literals(problem.goal, again.goal, problem.n_goal);
    must(fr_problem_class(&problem) == fr_problem_class(&again), "a class changes when rendered");
    struct fr_plan plan;
    int length;
    if (!fr_problem_solve(&problem, 500, &plan, &length, &err)) {
        must(plan.n_steps == length, "a plan of another length");
        must(fr_plan_verify(&problem, &plan).kind == FR_VERDICT_SOLVED, "a plan that fails");
    }
    fr_plan_release(&plan);
    fr_problem_release(&again);
    fr_problem_release(&problem);
    fr_text_release(&first);
    fr_text_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fr_domain delivery;
    struct fr_domain domain;
    struct fr_error err = {0};
    char *text = fuzz_text(data, size);
    if (!delivery.name)
        fuzz_require(fr_domain_parse(&delivery, known, "known", &err), &err);
    if (try_domain(text, &domain))
        fr_domain_release(&domain);
    try_problem(&delivery, text);
    char *second = size > 1 ? strstr(text + 1, "(define") : NULL;
    if (second) {
        char *first = fr_strndup(text, (size_t)(second - text));
        if (try_domain(first, &domain)) {
            try_problem(&domain, second);
            fr_domain_release(&domain);
        }
        free(first);
    }
    free(text);
    return 0;
}
