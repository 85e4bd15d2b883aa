/* The planner: shortest plans, checked by the simulator and by an independent search. */
#include <string.h>
#include <time.h>

#include "planning_fixture.h"

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* Breadth-first search over towers and A* over moves share no code. */
static void breadth_first_and_a_star_find_the_same_length(void **state) {
    (void)state;
    struct fr_domain domain;
    struct fr_rng rng;
    struct fr_error err;
    load_blocksworld(&domain);
    fr_rng_seed(&rng, 21, 0);
    const int counts[] = {0, 0, 20, 200, 2000, 500, 30};
    for (int n = 2; n <= 6; n++) {
        const double start = now_ms();
        for (int i = 0; i < counts[n]; i++) {
            struct fr_puzzle puzzle;
            struct fr_problem problem;
            struct fr_plan plan;
            int length;
            fr_puzzle_random(&rng, n, &puzzle);
            fr_puzzle_problem(&puzzle, &domain, "p", &problem);
            assert_ok(fr_problem_solve(&problem, 100000, &plan, &length, &err), err);
            assert_int_equal(fr_puzzle_plan_length(&puzzle), length);
            assert_int_equal(plan.n_steps, length);
            assert_int_equal(fr_plan_verify(&problem, &plan).kind, FR_VERDICT_SOLVED);
            fr_plan_release(&plan);
            fr_problem_release(&problem);
        }
        print_message("%d blocks: %.3f ms a puzzle\n", n, (now_ms() - start) / counts[n]);
    }
    fr_domain_release(&domain);
}

static void typed_problems_with_negation_are_solved(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_plan plan;
    struct fr_error err;
    int length;
    parse_delivery(&d, &p);
    assert_ok(fr_problem_solve(&p, 100000, &plan, &length, &err), err);
    /* repair, drive, load, drive, unload, drive away, open. */
    assert_int_equal(length, 7);
    assert_int_equal(fr_plan_verify(&p, &plan).kind, FR_VERDICT_SOLVED);
    fr_plan_release(&plan);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static int solve_text(const char *problem, int max_states, int *length, struct fr_error *err) {
    struct fr_domain d;
    struct fr_problem p;
    struct fr_plan plan;
    load_blocksworld(&d);
    assert_ok(fr_problem_parse(&p, &d, problem, "p", err), *err);
    const int rc = fr_problem_solve(&p, max_states, &plan, length, err);
    assert_int_equal(plan.n_steps, *length);
    fr_plan_release(&plan);
    fr_problem_release(&p);
    fr_domain_release(&d);
    return rc;
}

#define HEAD "(define (problem p) (:domain blocksworld-4ops) (:objects a b)"
#define TABLE HEAD "(:init (handempty) (ontable a) (ontable b) (clear a) (clear b))"

static void impossible_goals_and_small_limits_are_told_apart(void **state) {
    (void)state;
    struct fr_error err;
    int length = -1;
    assert_ok(solve_text(TABLE "(:goal (clear a)))", 10, &length, &err), err);
    assert_int_equal(length, 0);
    assert_ok(solve_text(TABLE "(:goal (and)))", 10, &length, &err), err);
    assert_int_equal(length, 0);
    assert_ok(solve_text(TABLE "(:goal (and (holding a) (not (handempty)))))", 10, &length, &err),
              err);
    assert_int_equal(length, 1);
    /* Both reachable, not together. */
    assert_int_equal(solve_text(TABLE "(:goal (and (on a b) (on b a))))", 1000, &length, &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "no plan"));
    /* Never reachable: nothing is clear, so nothing can be stacked. */
    assert_int_equal(solve_text(HEAD "(:init (handempty)) (:goal (on a b)))", 1000, &length, &err),
                     FR_E_INPUT);
    assert_int_equal(solve_text(TABLE "(:goal (on a b)))", 2, &length, &err), FR_E_LIMIT);
    assert_int_equal(length, 0);
}

/* Four plans have six steps. */
static void of_several_shortest_plans_one_is_chosen(void **state) {
    (void)state;
    struct fr_error err;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_plan plan;
    struct fr_text text = {0};
    int length;
    load_blocksworld(&d);
    assert_ok(fr_problem_parse(&p, &d,
                               "(define (problem p) (:domain blocksworld-4ops) (:objects a b c d)"
                               "(:init (handempty) (on a b) (ontable b) (ontable c) (ontable d)"
                               " (clear a) (clear c) (clear d)) (:goal (and (on b a) (on c d))))",
                               "p", &err),
              err);
    assert_ok(fr_problem_solve(&p, 1000, &plan, &length, &err), err);
    fr_plan_render(&p, &plan, &text);
    assert_string_equal(fr_text_get(&text), "(unstack a b)\n(put-down a)\n(pick-up b)\n"
                                            "(stack b a)\n(pick-up c)\n(stack c d)\n");
    fr_text_release(&text);
    fr_plan_release(&plan);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

/* Their lists of facts are empty, and so is the grounding's. */
static void actions_that_say_nothing_lead_nowhere(void **state) {
    (void)state;
    struct fr_error err;
    struct fr_domain d;
    struct fr_problem p;
    int length;
    assert_ok(fr_domain_parse(&d, "(define (domain d) (:predicates (p)) (:action a))", "d", &err),
              err);
    assert_ok(fr_problem_parse(&p, &d, "(define (problem p) (:domain d) (:init) (:goal (not (p))))",
                               "p", &err),
              err);
    assert_ok(fr_problem_solve(&p, 10, NULL, &length, &err), err);
    assert_int_equal(length, 0);
    fr_problem_release(&p);
    assert_ok(fr_problem_parse(&p, &d, "(define (problem p) (:domain d) (:init) (:goal (p)))", "p",
                               &err),
              err);
    assert_int_equal(fr_problem_solve(&p, 10, NULL, &length, &err), FR_E_INPUT);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void a_hopelessly_large_grounding_is_refused_quickly(void **state) {
    (void)state;
    struct fr_error err;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_text text = {0};
    assert_ok(fr_domain_parse(&d,
                              "(define (domain d) (:predicates (p ?a ?b ?c ?d ?e ?f ?g ?h))"
                              "(:action x :parameters (?a ?b ?c ?d ?e ?f ?g ?h)"
                              " :effect (p ?a ?b ?c ?d ?e ?f ?g ?h)))",
                              "d", &err),
              err);
    fr_text_add(&text, "(define (problem x) (:domain d) (:objects");
    for (int i = 0; i < 256; i++)
        fr_text_printf(&text, " o%d", i);
    fr_text_add(&text, ") (:init) (:goal (p o0 o0 o0 o0 o0 o0 o0 o9)))");
    assert_ok(fr_problem_parse(&p, &d, fr_text_get(&text), "x", &err), err);
    int length;
    assert_int_equal(fr_problem_solve(&p, 1000, NULL, &length, &err), FR_E_LIMIT);
    fr_text_release(&text);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void plans_for_twelve_blocks_are_measured_in_no_time(void **state) {
    (void)state;
    struct fr_rng rng;
    fr_rng_seed(&rng, 22, 0);
    int longest = 0;
    const double start = now_ms();
    for (int i = 0; i < 1000; i++) {
        struct fr_puzzle puzzle;
        fr_puzzle_random(&rng, 12, &puzzle);
        const int length = fr_puzzle_plan_length(&puzzle);
        assert_in_range(length, 2, 44);
        longest = length > longest ? length : longest;
    }
    print_message("12 blocks: %.3f ms a puzzle, the longest plan %d\n", (now_ms() - start) / 1e3,
                  longest);
    assert_true(longest >= 24);
    /* A tower turned over: the top block onto the table, then each onto the one before. */
    const struct fr_puzzle over = {.n_blocks = 4, .init = {-1, 0, 1, 2}, .goal = {1, 2, 3, -1}};
    assert_int_equal(fr_puzzle_plan_length(&over), 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breadth_first_and_a_star_find_the_same_length),
        cmocka_unit_test(typed_problems_with_negation_are_solved),
        cmocka_unit_test(impossible_goals_and_small_limits_are_told_apart),
        cmocka_unit_test(of_several_shortest_plans_one_is_chosen),
        cmocka_unit_test(actions_that_say_nothing_lead_nowhere),
        cmocka_unit_test(a_hopelessly_large_grounding_is_refused_quickly),
        cmocka_unit_test(plans_for_twelve_blocks_are_measured_in_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
