/* The many ways in which PDDL is written that mean the same, and the well-known worlds that the
 * reader must bear: beside pddl_test.c, which has what it keeps and what it refuses. */
#include <string.h>

#include "base/memory.h"
#include "planning_fixture.h"

static void render_both(const char *domain, const char *problem, struct fr_text *out) {
    struct fr_domain d;
    struct fr_problem p;
    struct fr_error err;
    fr_text_clear(out);
    assert_ok(fr_domain_parse(&d, domain, "d", &err), err);
    assert_ok(fr_problem_parse(&p, &d, problem, "p", &err), err);
    fr_domain_render(&d, out);
    fr_problem_render(&p, out);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

/* Every line feed becomes what is given; a caller frees. */
static char *with_line_ends(const char *text, const char *end) {
    struct fr_text out = {0};
    for (; *text; text++)
        if (*text == '\n')
            fr_text_add(&out, end);
        else
            fr_text_append(&out, text, 1);
    return fr_text_take(&out);
}

static void line_ends_tabs_and_a_byte_order_mark_change_nothing(void **state) {
    (void)state;
    const char *const ends[] = {"\r\n", "\t\n\t", " \f\v\n", " ; a (comment :types \xc3\xa9 ?\r\n"};
    struct fr_text plain = {0}, other = {0}, marked = {0};
    render_both(delivery_domain, delivery_problem, &plain);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char *domain = with_line_ends(delivery_domain, ends[i]);
        char *problem = with_line_ends(delivery_problem, ends[i]);
        render_both(domain, problem, &other);
        assert_string_equal(fr_text_get(&plain), fr_text_get(&other));
        fr_text_clear(&marked);
        fr_text_printf(&marked, "\xef\xbb\xbf%s", domain);
        render_both(fr_text_get(&marked), problem, &other);
        assert_string_equal(fr_text_get(&plain), fr_text_get(&other));
        free(domain);
        free(problem);
    }
    fr_text_release(&plain);
    fr_text_release(&other);
    fr_text_release(&marked);
}

#define A_TYPES "(:types truck van - vehicle package vehicle - object)"
#define A_CONSTANTS "(:constants v0 - van)"
#define A_PREDICATES "(:predicates (up ?v - vehicle) (off))"
#define A_ACTION                                                                                   \
    "(:action go :parameters (?v - vehicle) :precondition (not (up ?v)) :effect (up ?v))"          \
    "(:action stop :precondition (up v0) :effect (off))"

static void sections_may_come_in_any_order(void **state) {
    (void)state;
    const char *const sections[] = {A_TYPES, A_CONSTANTS, A_PREDICATES, A_ACTION};
    const char *const rest[] = {"(:domain w)", "(:objects t1 - truck)", "(:init (up t1))",
                                "(:goal (and (off) (up v0)))"};
    struct fr_text in_order = {0}, out = {0}, domain = {0}, problem = {0};
    for (int order = 0; order < 24; order++) {
        int left[4] = {0, 1, 2, 3}, n_left = 4, code = order;
        fr_text_clear(&domain);
        fr_text_clear(&problem);
        fr_text_add(&domain, "(define (domain w)");
        fr_text_add(&problem, "(define (problem w1)");
        for (int base = 4; base >= 1; base--) {
            const int i = code % base;
            code /= base;
            fr_text_add(&domain, sections[left[i]]);
            fr_text_add(&problem, rest[left[i]]);
            memmove(&left[i], &left[i + 1], (size_t)(--n_left - i) * sizeof *left);
        }
        fr_text_add(&domain, ")");
        fr_text_add(&problem, ")");
        render_both(fr_text_get(&domain), fr_text_get(&problem), order ? &out : &in_order);
        if (order)
            assert_string_equal(fr_text_get(&in_order), fr_text_get(&out));
    }
    assert_non_null(strstr(fr_text_get(&in_order), "(up v0)"));
    fr_text_release(&in_order);
    fr_text_release(&out);
    fr_text_release(&domain);
    fr_text_release(&problem);
}

static void a_fault_in_a_section_out_of_order_has_its_own_place(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_error err;
    assert_int_equal(fr_domain_parse(&d,
                                     "(define (domain w)\n" A_ACTION "\n"
                                     "(:predicates (up ?v) (of)))",
                                     "f", &err),
                     FR_E_INPUT);
    assert_memory_equal(err.text, "f:2:", 4);
    assert_int_equal(fr_domain_parse(&d, "(define (domain w) (:action a :effect (up v)) (:types t)",
                                     "f", &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "not closed"));
    assert_ok(fr_domain_parse(&d, delivery_domain, "d", &err), err);
    assert_int_equal(fr_problem_parse(&p, &d,
                                      "(define (problem x) (:domain delivery)\n(:goal (open))\n"
                                      "(:init (at t9 depot))\n(:objects t1 - truck))",
                                      "f", &err),
                     FR_E_INPUT);
    assert_memory_equal(err.text, "f:3:12:", 7);
    assert_non_null(strstr(err.text, "unknown object \"t9\""));
    assert_int_equal(fr_problem_parse(&p, &d,
                                      "(define (problem x) (:domain delivery)\n(:goal (open))"
                                      "(:goal (open)) (:init) (:objects t1 - truck))",
                                      "f", &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "given twice"));
    fr_domain_release(&d);
}

static void requirements_precondition_and_goal_may_be_absent_or_bare(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_plan plan;
    struct fr_error err;
    int length;
    const char *const goals[] = {"(and)", "()", "(open)", "(and (and (open)) (and))",
                                 "(not (shut))"};
    const int lengths[] = {0, 0, 1, 1, 0};
    assert_ok(fr_domain_parse(&d,
                              "(define (domain d) (:predicates (open) (shut)) "
                              "(:action a :parameters () :precondition () :effect (open))"
                              "(:action b :effect (and (shut) (not (open)))))",
                              "d", &err),
              err);
    assert_int_equal(d.actions[0].n_preconditions, 0);
    for (size_t i = 0; i < sizeof goals / sizeof *goals; i++) {
        char text[160];
        (void)snprintf(text, sizeof text, "(define (problem p) (:domain D) (:init) (:goal %s))",
                       goals[i]);
        assert_ok(fr_problem_parse(&p, &d, text, "p", &err), err);
        assert_ok(fr_problem_solve(&p, 100, &plan, &length, &err), err);
        assert_int_equal(length, lengths[i]);
        assert_int_equal(fr_plan_verify(&p, &plan).kind, FR_VERDICT_SOLVED);
        fr_plan_release(&plan);
        fr_problem_release(&p);
    }
    fr_domain_release(&d);
}

/* ---- either --------------------------------------------------------------------------- */

static const char flights[] =
    "(define (domain flights) (:types aircraft person city - object glider - aircraft)\n"
    "(:predicates (at ?x ?y - (either person aircraft) ?c - city))\n"
    "(:action go :parameters (?x - (EITHER Person aircraft) ?from ?to - city)\n"
    " :precondition (at ?x ?x ?from) :effect (and (at ?x ?x ?to) (not (at ?x ?x ?from))))\n"
    "(:action vanish :parameters (?x - (either city person)) :effect ()))";

static void a_parameter_of_either_type_takes_both_and_no_other(void **state) {
    (void)state;
    struct fr_domain d, again;
    struct fr_problem p;
    struct fr_error err;
    struct fr_verdict verdict;
    struct fr_plan plan;
    struct fr_text text = {0}, second = {0};
    assert_ok(fr_domain_parse(&d, flights, "d", &err), err);
    assert_int_equal(d.actions[0].param_types[0], d.predicates[0].param_types[1]);
    assert_ok(fr_problem_parse(&p, &d,
                               "(define (problem p) (:domain flights) (:objects a - aircraft "
                               "g - glider b - person c1 c2 - city) (:init (at a a c1) "
                               "(at g g c1) (at b b c1)) (:goal (and (at g g c2) (at b b c2))))",
                               "p", &err),
              err);
    const char *const lines[] = {"(go g c1 c2)\n(go b c1 c2)\n(vanish c1)", "(go c1 c1 c2)",
                                 "(vanish g)"};
    const enum fr_verdict_kind kinds[] = {FR_VERDICT_SOLVED, FR_VERDICT_ILLEGAL_STEP,
                                          FR_VERDICT_ILLEGAL_STEP};
    const char *const reasons[] = {"", "(go c1 c1 c2): c1 is no (either person aircraft)",
                                   "(vanish g): g is no (either city person)"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fr_plan_parse_pddl(&plan, &p, lines[i], &verdict), FR_VERDICT_SOLVED);
        verdict = fr_plan_verify(&p, &plan);
        assert_int_equal(verdict.kind, kinds[i]);
        assert_string_equal(verdict.reason, reasons[i]);
        fr_plan_release(&plan);
    }
    int length;
    assert_ok(fr_problem_solve(&p, 100, NULL, &length, &err), err);
    assert_int_equal(length, 2);
    fr_problem_release(&p);

    fr_domain_render(&d, &text);
    assert_ok(fr_domain_parse(&again, fr_text_get(&text), "again", &err), err);
    fr_domain_render(&again, &second);
    assert_string_equal(fr_text_get(&text), fr_text_get(&second));
    assert_int_equal(again.n_types, d.n_types);
    fr_domain_release(&again);
    fr_domain_release(&d);
    fr_text_release(&text);
    fr_text_release(&second);
}

static void either_is_refused_where_it_is_not_understood(void **state) {
    (void)state;
    const struct {
        const char *text, *starts, *holds;
    } faults[] = {
        {"(:types a b) (:constants c - (either a b)))", "f:1:49:", "for parameters only"},
        {"(:types a b c - (either a b)))", "f:1:36:", "for parameters only"},
        {"(:predicates (p ?x - (either))))", "f:1:48:", "the name of a type"},
        {"(:predicates (p ?x - (either a))))", "f:1:49:", "unknown type \"a\""},
        {"(:predicates (p ?x - (or a))))", "f:1:42:", "expected either"},
        {"(:predicates (p ?x - (either (either object)))))", "f:1:49:", "the name of a type"},
        {"(:predicates (p ?x - (either object object object object object object object object "
         "object object object object object object object object object))))",
         "f:1:161:", "more than 16"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct fr_domain d;
        struct fr_error err;
        char text[300];
        (void)snprintf(text, sizeof text, "(define (domain d) %s", faults[i].text);
        const int rc = fr_domain_parse(&d, text, "f", &err);
        if (rc == 0 || strncmp(err.text, faults[i].starts, strlen(faults[i].starts)) ||
            !strstr(err.text, faults[i].holds))
            fail_msg("%s: %s", text, err.text);
    }
}

/* ---- preconditions -------------------------------------------------------------------- */

static void the_first_false_precondition_of_the_file_is_told_equalities_included(void **state) {
    (void)state;
    struct fr_domain d, again;
    struct fr_problem p;
    struct fr_error err;
    struct fr_text text = {0};
    assert_ok(fr_domain_parse(&d,
                              "(define (domain d) (:predicates (p ?x) (q ?x)) (:constants k)"
                              "(:action a :parameters (?x ?y) :precondition (and (p ?x)"
                              " (not (= ?x ?y)) (not (q ?x)) (= ?y k) (p ?y)) :effect (q ?x)))",
                              "d", &err),
              err);
    fr_domain_render(&d, &text);
    assert_ok(fr_domain_parse(&again, fr_text_get(&text), "again", &err), err);
    assert_ok(fr_problem_parse(&p, &again,
                               "(define (problem p) (:domain d) (:objects o s t) "
                               "(:init (p o) (p o) (p k) (p s) (q s)) (:goal (q o)))",
                               "p", &err),
              err);
    const char *const plans[] = {"(a t t)", "(a o o)", "(a s o)", "(a o t)", "(a O K)"};
    const char *const reasons[] = {"(a t t): (p t) is false", "(a o o): (= o o) is true",
                                   "(a s o): (q s) is true", "(a o t): (= t k) is false", ""};
    for (int i = 0; i < 5; i++) {
        struct fr_plan plan;
        struct fr_verdict verdict;
        assert_int_equal(fr_plan_parse_pddl(&plan, &p, plans[i], &verdict), FR_VERDICT_SOLVED);
        assert_string_equal(fr_plan_verify(&p, &plan).reason, reasons[i]);
        fr_plan_release(&plan);
    }
    fr_problem_release(&p);
    fr_domain_release(&again);
    fr_domain_release(&d);
    fr_text_release(&text);
}

static void an_effect_that_deletes_and_adds_a_fact_adds_it(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_error err;
    struct fr_plan plan;
    struct fr_verdict verdict;
    int length;
    assert_ok(fr_domain_parse(&d,
                              "(define (domain d) (:predicates (at ?x)) (:action go :parameters "
                              "(?x ?y) :precondition (at ?x) :effect (and (at ?y) (not (at ?x)))))",
                              "d", &err),
              err);
    assert_ok(
        fr_problem_parse(&p, &d,
                         "(define (problem p) (:domain d) (:objects a b) (:init (at a) (at a))"
                         "(:goal (and (at b) (at b))))",
                         "p", &err),
        err);
    /* Deleted and added in the order of the effect it would be gone. */
    assert_int_equal(fr_plan_parse_pddl(&plan, &p, "(go a a)\n(GO A B)\n", &verdict),
                     FR_VERDICT_SOLVED);
    assert_int_equal(fr_plan_verify(&p, &plan).kind, FR_VERDICT_SOLVED);
    fr_plan_release(&plan);
    assert_ok(fr_problem_solve(&p, 100, NULL, &length, &err), err);
    assert_int_equal(length, 1);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends_tabs_and_a_byte_order_mark_change_nothing),
        cmocka_unit_test(sections_may_come_in_any_order),
        cmocka_unit_test(a_fault_in_a_section_out_of_order_has_its_own_place),
        cmocka_unit_test(requirements_precondition_and_goal_may_be_absent_or_bare),
        cmocka_unit_test(a_parameter_of_either_type_takes_both_and_no_other),
        cmocka_unit_test(either_is_refused_where_it_is_not_understood),
        cmocka_unit_test(the_first_false_precondition_of_the_file_is_told_equalities_included),
        cmocka_unit_test(an_effect_that_deletes_and_adds_a_fact_adds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
