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
        {"(:types a b) (:constants c - (either a b)))", "f:1:49:", "parameters and supertypes"},
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

/* ---- types with several supertypes ------------------------------------------------------ */

static void a_type_may_have_several_supertypes(void **state) {
    (void)state;
    struct fr_domain d, again;
    struct fr_error err;
    struct fr_text text = {0}, second = {0};
    assert_ok(fr_domain_parse(&d,
                              "(define (domain storage) (:types hoist surface place area - object "
                              "depot - place storearea transitarea - area area crate - surface "
                              "area - place storearea - place)"
                              "(:predicates (in ?x - (either surface place) ?p - place)))",
                              "d", &err),
              err);
    const struct {
        const char *type, *ancestor;
        bool is;
    } cases[] = {
        {"area", "surface", true},      {"area", "place", true},
        {"storearea", "surface", true}, {"storearea", "place", true},
        {"crate", "place", false},      {"depot", "surface", false},
        {"transitarea", "place", true}, {"place", "area", false},
        {"storearea", "object", true},  {"hoist", "surface", false},
        {"storearea", "hoist", false},
    };
    for (int pass = 0; pass < 2; pass++) {
        const struct fr_domain *domain = pass ? &again : &d;
        if (pass) {
            fr_domain_render(&d, &text);
            assert_ok(fr_domain_parse(&again, fr_text_get(&text), "again", &err), err);
            fr_domain_render(&again, &second);
            assert_string_equal(fr_text_get(&text), fr_text_get(&second));
        }
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            int type = 0, ancestor = 0;
            while (strcmp(domain->types[type], cases[i].type) != 0)
                type++;
            while (strcmp(domain->types[ancestor], cases[i].ancestor) != 0)
                ancestor++;
            if (fr_type_is(domain, type, ancestor) != cases[i].is)
                fail_msg("%s, %s", cases[i].type, cases[i].ancestor);
            if (strcmp(cases[i].ancestor, "hoist") != 0) /* above all members' subtypes or not */
                assert_int_equal(fr_type_is(domain, type, domain->predicates[0].param_types[0]),
                                 fr_type_is(domain, type, 2) || fr_type_is(domain, type, 3));
        }
    }
    fr_domain_release(&again);
    fr_domain_release(&d);
    fr_text_release(&text);
    fr_text_release(&second);
    const char *const circles[] = {"(:types a - b b - c a - d d - a)", "(:types a - b c - b b - c)",
                                   "(:types a b - c c - d d - a a - d)"};
    for (size_t i = 0; i < sizeof circles / sizeof *circles; i++) {
        char circle[100];
        (void)snprintf(circle, sizeof circle, "(define (domain d) %s)", circles[i]);
        assert_int_equal(fr_domain_parse(&d, circle, "f", &err), FR_E_INPUT);
        assert_non_null(strstr(err.text, "is its own supertype"));
    }
}

/* Forty floors of two types each that are below both of the next: 2^40 ways up. */
static void many_ways_up_are_walked_once(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_error err;
    struct fr_text text = {0};
    fr_text_add(&text, "(define (domain d) (:types");
    for (int i = 0; i < 40; i++)
        for (int k = 0; k < 4; k++)
            fr_text_printf(&text, " %c%d - %c%d", "ab"[k / 2], i, "ab"[k % 2], i + 1);
    fr_text_add(&text, " other))");
    assert_ok(fr_domain_parse(&d, fr_text_get(&text), "d", &err), err);
    int top = 0, other = 0;
    while (strcmp(d.types[top], "b40") != 0)
        top++;
    while (strcmp(d.types[other], "other") != 0)
        other++;
    assert_true(fr_type_is(&d, 1, top));
    assert_false(fr_type_is(&d, 1, other));
    fr_domain_release(&d);
    fr_text_release(&text);
}

static void a_domain_without_types_bears_them_in_its_problems(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_error err;
    assert_ok(fr_domain_parse(&d, "(define (domain d) (:predicates (on ?x)))", "d", &err), err);
    assert_ok(fr_problem_parse(&p, &d,
                               "(define (problem p) (:domain d) (:objects a b - block) "
                               "(:init (on a)) (:goal (on a)))",
                               "p", &err),
              err);
    assert_int_equal(p.n_objects, 2);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

/* "a - (either b c)" of types: a is below both. */
static void a_type_may_have_its_supertypes_in_one_either(void **state) {
    (void)state;
    struct fr_text split = {0}, either = {0};
    const char *const rest = "(:predicates (in ?x - v ?y - w)))";
    const char *const problem = "(define (problem p) (:domain d) (:objects o - m q - n)"
                                "(:init (in o q) (in q o)) (:goal (in o o)))";
    struct fr_text domain = {0};
    fr_text_printf(&domain, "(define (domain d) (:types m - v n - v m - w n - w v w - object)%s",
                   rest);
    render_both(fr_text_get(&domain), problem, &split);
    fr_text_clear(&domain);
    fr_text_printf(&domain, "(define (domain d) (:types m n - (either v w) v w - object)%s", rest);
    render_both(fr_text_get(&domain), problem, &either);
    assert_string_equal(fr_text_get(&split), fr_text_get(&either));

    struct fr_domain d;
    struct fr_error err;
    fr_text_clear(&domain);
    fr_text_add(&domain, "(define (domain d) (:types");
    for (int i = 0; i < 2000; i++)
        fr_text_printf(&domain, " t%d", i % 100);
    fr_text_add(&domain, " - (either a b c)))");
    assert_int_equal(fr_domain_parse(&d, fr_text_get(&domain), "d", &err), FR_E_LIMIT);
    fr_text_release(&domain);
    fr_text_release(&split);
    fr_text_release(&either);
}

/* ---- what is said again, or says nothing --------------------------------------------------- */

static void what_is_declared_again_as_it_was_changes_nothing(void **state) {
    (void)state;
    struct fr_text once = {0}, again = {0};
    render_both("(define (domain d) (:requirements :strips) (:types u - t t) (:constants k - u)"
                "(:predicates (p ?x - t)) (:functions (f ?x - t)))",
                "(define (problem p) (:domain d) (:requirements :typing) (:objects o - t)"
                "(:init (p o) (= (f k) 3)) (:goal (p k)))",
                &once);
    render_both("(define (domain d) (:requirements :strips) (:requirements :typing)"
                "(:types u - t u - t t t) (:constants k - u)"
                "(:predicates (p ?x - t) (P ?y - T)) (:functions (f ?x - t) (f ?z - t)))",
                "(define (problem p) (:domain d) (:requirements :typing) (:requirements)"
                "(:objects K - u o - t) (:init (p o) (= (f k) 3)) (:goal (p k)))",
                &again);
    assert_string_equal(fr_text_get(&once), fr_text_get(&again));
    fr_text_release(&once);
    fr_text_release(&again);
}

static void a_problem_may_guess_the_length_of_its_plan(void **state) {
    (void)state;
    struct fr_text without = {0}, with = {0}, problem = {0};
    const char *const domain = "(define (domain d) (:predicates (p ?x)))";
    const char *const head = "(define (problem p) (:domain d) (:objects o) (:init (p o))";
    fr_text_printf(&problem, "%s (:goal (p o)))", head);
    render_both(domain, fr_text_get(&problem), &without);
    fr_text_clear(&problem);
    fr_text_printf(&problem, "%s (:length (:serial 3) (:parallel 2)) (:goal (p o)))", head);
    render_both(domain, fr_text_get(&problem), &with);
    assert_string_equal(fr_text_get(&without), fr_text_get(&with));
    fr_text_release(&without);
    fr_text_release(&with);
    fr_text_release(&problem);
}

/* ---- requirements and costs --------------------------------------------------------------- */

static void requirements_are_not_believed(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_error err;
    const char *const declared[] = {
        "(:requirements :strips :typing)",
        "(:requirements :adl)",
        "(:requirements :strips :action-costs :conditional-effects :derived-predicates)",
        "(:requirements :fluents :durative-actions :preferences :constraints :no-such-thing)",
        "(:requirements)",
        "",
    };
    for (size_t i = 0; i < sizeof declared / sizeof *declared; i++) {
        char text[300];
        (void)snprintf(text, sizeof text,
                       "(define (domain d) %s (:predicates (p ?x)) (:action a :parameters (?x)"
                       " :precondition (p ?x) :effect (not (p ?x))))",
                       declared[i]);
        assert_ok(fr_domain_parse(&d, text, "d", &err), err);
        fr_domain_release(&d);
    }
    /* What is used is judged where it stands, declared or not. */
    assert_int_equal(
        fr_domain_parse(&d,
                        "(define (domain d) (:requirements :adl) (:predicates (p ?x))\n"
                        "(:action a :parameters (?x) :effect\n"
                        "(when (p ?x) (not (p ?x)))))",
                        "f", &err),
        FR_E_INPUT);
    assert_memory_equal(err.text, "f:3:2: (when ...) is not supported", 34);
}

static const char costs_domain[] =
    "(define (domain roads) (:requirements :strips :typing :action-costs) (:types place)\n"
    "(:predicates (at ?p - place) (road ?p ?q - place))\n"
    "(:functions (total-cost) - number (length ?p ?q - place) (toll) - number)\n"
    "(:action go :parameters (?p ?q - place) :precondition (and (at ?p) (road ?p ?q))\n"
    " :effect (and (increase (total-cost) (length ?p ?q)) (at ?q) (not (at ?p))))\n"
    "(:action pay :parameters (?p - place) :precondition (at ?p)\n"
    " :effect (and (increase (total-cost) (+ (* 2 (TOLL)) 1.5 -3)) (decrease (toll) 1))))\n";

static const char costs_problem[] =
    "(define (problem p) (:domain roads) (:objects a b c - place)\n"
    "(:init (at a) (= (total-cost) 0) (road a b) (= (length a b) 3) (road b c)\n"
    " (= (length b c) 2.75) (= (toll) -1) (road a c) (= (length A C) 1000))\n"
    "(:goal (at c)) (:metric minimize (total-cost)))\n";

/* A number may have a power of ten; a name that looks like one is a name. */
static void numbers_have_powers_of_ten(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_error err;
    assert_ok(fr_domain_parse(&d, costs_domain, "d", &err), err);
    assert_ok(fr_problem_parse(&p, &d,
                               "(define (problem p) (:domain roads) (:objects a 1e1 - place)\n"
                               "(:init (at a) (road a 1e1) (= (length a 1e1) 1e1)\n"
                               " (= (length 1e1 a) 2.5E-3) (= (toll) -1e+3) (= (total-cost) 1e-2))"
                               "(:goal (at 1e1)))",
                               "p", &err),
              err);
    assert_string_equal(p.costs, "(= (length a 1e1) 1e1)\n(= (length 1e1 a) 2.5e-3)\n"
                                 "(= (toll) -1e+3)\n(= (total-cost) 1e-2)\n");
    fr_problem_release(&p);
    static const char *const none[] = {"1e", "e1", "1e1e1", "1.e1", "1e+", "1.5e", "1e-"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char text[200];
        (void)snprintf(text, sizeof text,
                       "(define (problem p) (:domain roads) (:objects a - place)\n"
                       "(:init (at a) (= (toll) %s)) (:goal (at a)))",
                       none[i]);
        assert_int_equal(fr_problem_parse(&p, &d, text, "p", &err), FR_E_INPUT);
    }
    fr_domain_release(&d);
}

static void costs_are_kept_and_touch_neither_verdicts_nor_plans(void **state) {
    (void)state;
    struct fr_domain d, again;
    struct fr_problem p, p2;
    struct fr_error err;
    struct fr_plan plan;
    struct fr_verdict verdict;
    struct fr_text text = {0}, second = {0};
    int length;
    assert_ok(fr_domain_parse(&d, costs_domain, "d", &err), err);
    assert_ok(fr_problem_parse(&p, &d, costs_problem, "p", &err), err);
    assert_int_equal(d.n_predicates, 2);
    assert_int_equal(d.n_functions, 3);
    assert_int_equal(d.actions[0].n_effects, 2);
    assert_int_equal(d.actions[1].n_effects, 0);
    assert_int_equal(p.n_init, 4);
    assert_string_equal(d.actions[0].costs, " (increase (total-cost) (length ?p ?q))");
    assert_string_equal(d.actions[1].costs,
                        " (increase (total-cost) (+ (* 2 (toll)) 1.5 -3)) (decrease (toll) 1)");
    assert_string_equal(p.costs, "(= (total-cost) 0)\n(= (length a b) 3)\n(= (length b c) 2.75)\n"
                                 "(= (toll) -1)\n(= (length a c) 1000)\n");
    assert_string_equal(p.metric, " minimize (total-cost)");
    /* The dear way has fewer steps. */
    assert_ok(fr_problem_solve(&p, 100, NULL, &length, &err), err);
    assert_int_equal(length, 1);
    assert_int_equal(fr_plan_parse_pddl(&plan, &p, "(go a c)\n; cost = 1000 (general cost)\n",
                                        &verdict),
                     FR_VERDICT_SOLVED);
    assert_int_equal(fr_plan_verify(&p, &plan).kind, FR_VERDICT_SOLVED);
    fr_plan_release(&plan);

    fr_domain_render(&d, &text);
    assert_ok(fr_domain_parse(&again, fr_text_get(&text), "again", &err), err);
    fr_domain_render(&again, &second);
    assert_string_equal(fr_text_get(&text), fr_text_get(&second));
    fr_text_clear(&text);
    fr_text_clear(&second);
    fr_problem_render(&p, &text);
    assert_ok(fr_problem_parse(&p2, &again, fr_text_get(&text), "again", &err), err);
    fr_problem_render(&p2, &second);
    assert_string_equal(fr_text_get(&text), fr_text_get(&second));
    assert_string_equal(p2.costs, p.costs);
    assert_string_equal(p2.metric, p.metric);
    fr_problem_release(&p2);
    fr_domain_release(&again);
    fr_problem_release(&p);
    fr_domain_release(&d);
    fr_text_release(&text);
    fr_text_release(&second);
}

/* total-time is PDDL 2.1's own; total-cost many files use undeclared. A metric may leave out a
 * function's parentheses. */
static void total_time_and_total_cost_are_known(void **state) {
    (void)state;
    static const char *const metrics[][2] = {{"(total-time)", "(total-time)"},
                                             {"TOTAL-TIME", "(total-time)"},
                                             {"total-cost", "(total-cost)"},
                                             {"(+ total-cost (* 2 total-time))",
                                              "(+ (total-cost) (* 2 (total-time)))"},
                                             {"fuel", "(fuel)"},
                                             {"7", "7"}};
    struct fr_domain d, again;
    struct fr_problem p, p2;
    struct fr_error err;
    struct fr_text text = {0}, wanted = {0};
    assert_ok(fr_domain_parse(&d,
                              "(define (domain d) (:predicates (p)) (:functions (fuel) (way ?x))"
                              "(:action a :effect (and (p) (increase (total-cost) 3))))",
                              "d", &err),
              err);
    fr_domain_render(&d, &text);
    assert_ok(fr_domain_parse(&again, fr_text_get(&text), "again", &err), err);
    assert_string_equal(again.actions[0].costs, " (increase (total-cost) 3)");
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        fr_text_clear(&text);
        fr_text_printf(&text,
                       "(define (problem p) (:domain d) (:init (= (total-cost) 0)) (:goal (p))"
                       "(:metric minimize %s))",
                       metrics[i][0]);
        assert_ok(fr_problem_parse(&p, &d, fr_text_get(&text), "p", &err), err);
        fr_text_clear(&wanted);
        fr_text_printf(&wanted, " minimize %s", metrics[i][1]);
        assert_string_equal(p.metric, fr_text_get(&wanted));
        assert_string_equal(p.costs, "(= (total-cost) 0)\n");
        fr_text_clear(&text);
        fr_problem_render(&p, &text);
        assert_ok(fr_problem_parse(&p2, &again, fr_text_get(&text), "again", &err), err);
        assert_string_equal(p2.metric, p.metric);
        fr_problem_release(&p2);
        fr_problem_release(&p);
    }
    const char *const start =
        "(define (problem p) (:domain d) (:init) (:goal ()) (:metric minimize ";
    static const char *const faults[][2] = {{"way))", "\"way\" takes 1 terms; write (way ...)"},
                                            {"fule))", "did you mean \"fuel\"?"},
                                            {"(total-time 1)))", "unknown object \"1\""}};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        fr_text_clear(&text);
        fr_text_printf(&text, "%s%s", start, faults[i][0]);
        assert_int_equal(fr_problem_parse(&p, &d, fr_text_get(&text), "f", &err), FR_E_INPUT);
        if (strstr(err.text, faults[i][1]) == NULL)
            fail_msg("%s: %s", faults[i][0], err.text);
    }
    fr_text_release(&text);
    fr_text_release(&wanted);
    fr_domain_release(&again);
    fr_domain_release(&d);
}

static void numbers_are_refused_where_a_verdict_would_depend_on_them(void **state) {
    (void)state;
    const struct {
        const char *text, *starts, *holds;
    } faults[] = {
        {"(:action b :precondition (>= (toll) 3)))", "f:2:27:", "a condition on numbers"},
        {"(:action b :precondition (= (toll) 3)))", "f:2:29:", "a condition on numbers"},
        {"(:action b :precondition (not (= 1.5 3))))", "f:2:34:", "a condition on numbers"},
        {"(:action b :precondition (and (< 1 (toll)))))", "f:2:32:", "a condition on numbers"},
        {"(:action b :precondition (increase (toll) 1)))", "f:2:27:", "in effects only"},
        {"(:action b :effect (not (increase (toll) 1))))", "f:2:26:", "in effects only"},
        {"(:action b :effect (increase (tolls) 1)))", "f:2:31:", "did you mean \"toll\""},
        {"(:action b :effect (increase (length x y) 1)))", "f:2:38:", "unknown constant"},
        {"(:action b :effect (increase (toll x) 1)))", "f:2:36:", "unknown constant"},
        {"(:action b :effect (increase (toll))))", "f:2:36:", "expected a number"},
        {"(:action b :effect (increase toll 1)))", "f:2:30:", "\"(\" of a function"},
        {"(:action b :effect (increase (toll) 1 2)))", "f:2:39:", "\")\" of the numeric effect"},
        {"(:action b :effect (increase (toll) (> 1 2))))", "f:2:38:", "a function"},
        {"(:action b :effect (increase (toll) (+))))", "f:2:39:", "a number"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct fr_domain d;
        struct fr_error err;
        char text[300];
        (void)
            snprintf(text, sizeof text,
                     "(define (domain d) (:functions (toll) (length ?p ?q)) (:predicates (p))\n%s",
                     faults[i].text);
        const int rc = fr_domain_parse(&d, text, "f", &err);
        if (rc != FR_E_INPUT || strncmp(err.text, faults[i].starts, strlen(faults[i].starts)) ||
            !strstr(err.text, faults[i].holds))
            fail_msg("%s: %s", text, err.text);
    }
    struct fr_domain d;
    struct fr_problem p;
    struct fr_error err;
    struct fr_text deep = {0};
    assert_ok(fr_domain_parse(&d, costs_domain, "d", &err), err);
    assert_int_equal(fr_problem_parse(&p, &d,
                                      "(define (problem p) (:domain roads) (:objects a b - place) "
                                      "(:init) (:goal (= (length a b) 3)))",
                                      "f", &err),
                     FR_E_INPUT);
    assert_int_equal(fr_problem_parse(&p, &d,
                                      "(define (problem p) (:domain roads) (:objects a b - place) "
                                      "(:init (= (length a b) c)) (:goal ()))",
                                      "f", &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "expected a number"));
    fr_text_add(&deep, "(define (problem p) (:domain roads) (:init) (:goal ()) (:metric minimize ");
    for (int i = 0; i < 100000; i++)
        fr_text_add(&deep, "(+ ");
    assert_int_equal(fr_problem_parse(&p, &d, fr_text_get(&deep), "f", &err), FR_E_LIMIT);
    fr_domain_release(&d);
    fr_text_release(&deep);
}

/* ---- what a domain is, whatever it is called ------------------------------------------------ */

static uint64_t structure_of(const char *text) {
    struct fr_domain d;
    struct fr_error err;
    assert_ok(fr_domain_parse(&d, text, "d", &err), err);
    const uint64_t structure = fr_domain_structure(&d);
    fr_domain_release(&d);
    return structure;
}

static void a_structure_is_that_of_the_concepts_and_what_they_do(void **state) {
    (void)state;
#define HEAD "(define (domain d) (:predicates (p ?x) (q ?x ?y)) (:action a :parameters (?x ?y) "
#define WHOLE HEAD ":precondition (and (p ?x) (q ?x ?y) (not (= ?x ?y))) :effect (not (p ?x))))"
    const uint64_t structure = structure_of(WHOLE);
    const char *const same[] = {
        "(define (domain other) (:predicates (q ?a ?b) (p ?z)) (:functions (c)) (:action a "
        ":parameters (?u ?v) :precondition (and (not (= ?v ?u)) (q ?u ?v) (p ?u)) :effect (and "
        "(not (p ?u)) (increase (c) 1))))",
    };
    const char *const others[] = {
        HEAD ":precondition (and (p ?x) (q ?x ?y)) :effect (not (p ?x))))",
        HEAD ":precondition (and (p ?x) (q ?y ?x) (not (= ?x ?y))) :effect (not (p ?x))))",
        HEAD ":precondition (and (p ?x) (q ?x ?y) (= ?x ?y)) :effect (not (p ?x))))",
        HEAD ":precondition (and (p ?x) (q ?x ?y) (not (= ?x ?y))) :effect (p ?x)))",
        HEAD ":precondition (and (p ?x) (not (= ?x ?y))) :effect (and (q ?x ?y) (not (p ?x)))))",
        "(define (domain d) (:types t) (:predicates (p ?x) (q ?x ?y)) (:action a :parameters "
        "(?x ?y) :precondition (and (p ?x) (q ?x ?y) (not (= ?x ?y))) :effect (not (p ?x))))",
        "(define (domain d) (:predicates (p ?x) (q ?x ?y) (r)) (:action a :parameters "
        "(?x ?y) :precondition (and (p ?x) (q ?x ?y) (not (= ?x ?y))) :effect (not (p ?x))))",
        "(define (domain d) (:predicates (p ?x) (q ?x ?y)) (:action b :parameters "
        "(?x ?y) :precondition (and (p ?x) (q ?x ?y) (not (= ?x ?y))) :effect (not (p ?x))))",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_true(structure_of(same[i]) == structure);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (structure_of(others[i]) == structure)
            fail_msg("the same: %s", others[i]);
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
        cmocka_unit_test(a_type_may_have_several_supertypes),
        cmocka_unit_test(many_ways_up_are_walked_once),
        cmocka_unit_test(a_domain_without_types_bears_them_in_its_problems),
        cmocka_unit_test(a_type_may_have_its_supertypes_in_one_either),
        cmocka_unit_test(what_is_declared_again_as_it_was_changes_nothing),
        cmocka_unit_test(a_problem_may_guess_the_length_of_its_plan),
        cmocka_unit_test(total_time_and_total_cost_are_known),
        cmocka_unit_test(requirements_are_not_believed),
        cmocka_unit_test(numbers_have_powers_of_ten),
        cmocka_unit_test(costs_are_kept_and_touch_neither_verdicts_nor_plans),
        cmocka_unit_test(numbers_are_refused_where_a_verdict_would_depend_on_them),
        cmocka_unit_test(a_structure_is_that_of_the_concepts_and_what_they_do),
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
