/* The class of a problem of any domain, up to its objects' names. */
#include <string.h>

#include "planning_fixture.h"

static uint64_t class_of(const struct fr_domain *domain, const struct fr_puzzle *puzzle) {
    struct fr_problem problem;
    fr_puzzle_problem(puzzle, domain, "p", &problem);
    const uint64_t class_number = fr_problem_class(&problem);
    fr_problem_release(&problem);
    return class_number;
}

/* fr_puzzle_class is exact and shares no code. On-facts of one ring of four blocks and of two rings
 * of two look alike to every block, so that plain colour refinement fails here. */
static void classes_are_blocksworld_s_own_on_random_puzzles(void **state) {
    (void)state;
    enum { N = 1500 };
    static uint64_t ours[N], exact[N];
    struct fr_domain domain;
    struct fr_rng rng;
    load_blocksworld(&domain);
    fr_rng_seed(&rng, 41, 0);
    for (int n_blocks = 3; n_blocks <= 5; n_blocks++) {
        for (int i = 0; i < N; i++) {
            struct fr_puzzle puzzle;
            fr_puzzle_random(&rng, n_blocks, &puzzle);
            ours[i] = class_of(&domain, &puzzle);
            exact[i] = fr_puzzle_class(&puzzle);
        }
        int n_same = 0;
        for (int i = 0; i < N; i++)
            for (int j = 0; j < i; j++) {
                assert_int_equal(ours[i] == ours[j], exact[i] == exact[j]);
                n_same += ours[i] == ours[j];
            }
        assert_true(n_same > 100);
    }
    const struct fr_puzzle one = {.n_blocks = 4, .init = {1, -1, 3, -1}, .goal = {-1, 2, -1, 0}};
    const struct fr_puzzle two = {.n_blocks = 4, .init = {1, -1, 3, -1}, .goal = {-1, 0, -1, 2}};
    assert_int_not_equal(class_of(&domain, &one), class_of(&domain, &two));
    fr_domain_release(&domain);
}

static uint64_t class_of_text(const struct fr_domain *domain, const char *text) {
    struct fr_problem problem;
    struct fr_error err;
    assert_ok(fr_problem_parse(&problem, domain, text, "p", &err), err);
    const uint64_t class_number = fr_problem_class(&problem);
    fr_problem_release(&problem);
    return class_number;
}

static void a_class_knows_no_names_and_no_order_but_types_constants_and_signs(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_error err;
    assert_ok(fr_domain_parse(&d, delivery_domain, "delivery", &err), err);
#define P "(define (problem p) (:domain delivery) (:objects t u - truck s r - shop) (:init "
    const uint64_t first =
        class_of_text(&d, P "(at t s) (at u depot) (broken t)) (:goal (and (at t r) (open))))");
    const char *const same[] = {
        P "(broken u) (at u r) (at t depot) (at u r)) (:goal (and (open) (at u s) (open))))",
        "(define (problem q) (:domain delivery) (:goal (and (at a y) (open))) (:init (at b depot) "
        "(broken a) (at a x)) (:objects x - shop a b - truck y - shop))",
    };
    const char *const others[] = {
        P "(at t s) (at u s) (broken t)) (:goal (and (at t r) (open))))",
        P "(at t s) (at u depot) (broken u)) (:goal (and (at t r) (open))))",
        P "(at t s) (at u depot) (broken t)) (:goal (and (at t s) (open))))",
        P "(at t s) (at u depot) (broken t)) (:goal (and (at t r) (not (open)))))",
        P "(at t depot) (at u s) (broken t)) (:goal (and (at t r) (open))))",
        "(define (problem p) (:domain delivery) (:objects t - truck u - van s r - shop) (:init "
        "(at t s) (at u depot) (broken t)) (:goal (and (at t r) (open))))",
        "(define (problem p) (:domain delivery) (:objects t u - truck s r q - shop) (:init "
        "(at t s) (at u depot) (broken t)) (:goal (and (at t r) (open))))",
    };
#undef P
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_true(class_of_text(&d, same[i]) == first);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_true(class_of_text(&d, others[i]) != first);
    fr_domain_release(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_blocksworld_s_own_on_random_puzzles),
        cmocka_unit_test(a_class_knows_no_names_and_no_order_but_types_constants_and_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
