/* States: sets of facts under steps. */
#include <string.h>

#include "planning_fixture.h"

static struct fr_atom fact(const struct fr_problem *p, const char *predicate, const char *first,
                           const char *second) {
    struct fr_atom atom = {.predicate = fr_domain_find_predicate(p->domain, predicate)};
    assert_true(atom.predicate >= 0);
    const char *const names[] = {first, second};
    for (int i = 0; i < 2 && names[i]; i++)
        atom.terms[atom.n_terms++] = fr_problem_find_object(p, names[i]);
    return atom;
}

static struct fr_step step_of(const struct fr_problem *p, const char *action, const char *first,
                              const char *second) {
    struct fr_step step = {.action = fr_domain_find_action(p->domain, action)};
    const char *const names[] = {first, second};
    for (int i = 0; i < 2 && names[i]; i++)
        step.args[step.n_args++] = fr_problem_find_object(p, names[i]);
    return step;
}

/* b on a, c beside them. */
static void three_blocks(struct fr_domain *domain, struct fr_problem *problem) {
    const struct fr_puzzle puzzle = {.n_blocks = 3, .init = {-1, 0, -1}, .goal = {1, -1, -1}};
    load_blocksworld(domain);
    fr_puzzle_problem(&puzzle, domain, "three", problem);
}

static void a_state_is_a_set(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    three_blocks(&d, &p);
    const struct fr_atom facts[] = {fact(&p, "on", "b", "a"), fact(&p, "clear", "b", NULL),
                                    fact(&p, "on", "b", "a"), fact(&p, "on", "a", "b")};
    struct fr_state s = {0};
    fr_state_set(&s, facts, 4);
    assert_int_equal(s.n_facts, 3);
    for (int i = 0; i < 4; i++)
        assert_true(fr_state_has(&s, &facts[i]));
    const struct fr_atom other = fact(&p, "clear", "a", NULL);
    assert_false(fr_state_has(&s, &other));
    fr_state_set(&s, facts, 0);
    assert_int_equal(s.n_facts, 0);
    assert_false(fr_state_has(&s, &facts[0]));
    fr_state_release(&s);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void unstack_moves_exactly_the_facts_it_should(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    three_blocks(&d, &p);
    struct fr_state s = {0}, wanted = {0};
    fr_state_set(&s, p.init, p.n_init);
    const struct fr_step step = step_of(&p, "unstack", "b", "a");
    assert_int_equal(fr_state_blocker(&d, &s, &step), -1);
    fr_state_apply(&d, &s, &step);
    const struct fr_atom facts[] = {fact(&p, "holding", "b", NULL), fact(&p, "clear", "a", NULL),
                                    fact(&p, "clear", "c", NULL), fact(&p, "ontable", "a", NULL),
                                    fact(&p, "ontable", "c", NULL)};
    fr_state_set(&wanted, facts, 5);
    assert_int_equal(s.n_facts, 5);
    for (int i = 0; i < 5; i++)
        assert_true(fr_state_has(&s, &facts[i]));
    fr_state_release(&s);
    fr_state_release(&wanted);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void the_blocker_is_the_first_false_precondition(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    three_blocks(&d, &p);
    struct fr_state s = {0};
    fr_state_set(&s, p.init, p.n_init);
    const struct {
        const char *action, *first, *second;
        int blocker;
    } cases[] = {
        {"pick-up", "c", NULL, -1}, {"pick-up", "a", NULL, 0}, /* clear a */
        {"pick-up", "b", NULL, 1},                             /* ontable b */
        {"put-down", "c", NULL, 0},                            /* holding c */
        {"stack", "b", "a", 0},     {"stack", "b", "c", 1},    /* clear a; holding b */
        {"unstack", "b", "a", -1},  {"unstack", "a", "b", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct fr_step step = step_of(&p, cases[i].action, cases[i].first, cases[i].second);
        assert_int_equal(fr_state_blocker(&d, &s, &step), cases[i].blocker);
    }
    const struct fr_step hold = step_of(&p, "pick-up", "c", NULL);
    fr_state_apply(&d, &s, &hold);
    const struct fr_step other = step_of(&p, "unstack", "b", "a");
    assert_int_equal(fr_state_blocker(&d, &s, &other), 2); /* handempty */
    fr_state_release(&s);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void equality_and_negation_block(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    parse_delivery(&d, &p);
    struct fr_state s = {0};
    fr_state_set(&s, p.init, p.n_init);
    const int t1 = fr_problem_find_object(&p, "t1"), v1 = fr_problem_find_object(&p, "v1");
    const int s2 = fr_problem_find_object(&p, "s2");
    const struct fr_step broken = {.action = 0, .n_args = 3, .args = {t1, 0, s2}};
    const struct fr_step nowhere = {.action = 0, .n_args = 3, .args = {v1, s2, s2}};
    const struct fr_step fine = {.action = 0, .n_args = 3, .args = {v1, s2, 0}};
    assert_int_equal(fr_state_blocker(&d, &s, &broken), 1);
    assert_int_equal(fr_state_blocker(&d, &s, &nowhere), 2); /* the equality */
    assert_int_equal(fr_state_blocker(&d, &s, &fine), -1);
    const struct fr_step repair = {.action = fr_domain_find_action(&d, "repair"),
                                   .n_args = 1,
                                   .args = {t1}};
    assert_int_equal(fr_state_blocker(&d, &s, &repair), -1); /* at the depot, a constant */
    fr_state_apply(&d, &s, &repair);
    assert_int_equal(fr_state_blocker(&d, &s, &broken), -1);
    fr_state_release(&s);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void a_fact_both_deleted_and_added_holds_afterwards(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_error err;
    assert_ok(fr_domain_parse(&d,
                              "(define (domain d) (:predicates (p) (q))"
                              " (:action a :effect (and (p) (not (p)) (not (q)))))",
                              "d", &err),
              err);
    assert_ok(fr_problem_parse(&p, &d, "(define (problem x) (:domain d) (:init (q)) (:goal (p)))",
                               "x", &err),
              err);
    struct fr_state s = {0};
    fr_state_set(&s, p.init, p.n_init);
    assert_false(fr_goal_holds(&p, &s));
    const struct fr_step step = {.action = 0};
    fr_state_apply(&d, &s, &step);
    assert_int_equal(s.n_facts, 1);
    assert_true(fr_goal_holds(&p, &s));
    fr_state_apply(&d, &s, &step); /* again: nothing changes */
    assert_int_equal(s.n_facts, 1);
    fr_state_release(&s);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_is_a_set),
        cmocka_unit_test(unstack_moves_exactly_the_facts_it_should),
        cmocka_unit_test(the_blocker_is_the_first_false_precondition),
        cmocka_unit_test(equality_and_negation_block),
        cmocka_unit_test(a_fact_both_deleted_and_added_holds_afterwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
