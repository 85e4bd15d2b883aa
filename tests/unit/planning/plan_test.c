/* Plans: reading them, and the verdict on them. */
#include <string.h>

#include "base/memory.h"
#include "planning_fixture.h"

/* b on a, c beside them; goal a on b. */
static void three_blocks(struct fr_domain *domain, struct fr_problem *problem) {
    const struct fr_puzzle puzzle = {.n_blocks = 3, .init = {-1, 0, -1}, .goal = {1, -1, -1}};
    load_blocksworld(domain);
    fr_puzzle_problem(&puzzle, domain, "three", problem);
}

static struct fr_verdict verdict_on(const struct fr_problem *problem, const char *text) {
    struct fr_plan plan;
    struct fr_verdict verdict;
    if (fr_plan_parse_pddl(&plan, problem, text, &verdict) == FR_VERDICT_SOLVED)
        verdict = fr_plan_verify(problem, &plan);
    else
        assert_null(plan.steps);
    fr_plan_release(&plan);
    return verdict;
}

struct expectation {
    const char *plan;
    enum fr_verdict_kind kind;
    int step;
    const char *reason;
};

static const struct expectation blocks[] = {
    {"(unstack b a)\n(put-down b)\n(pick-up a)\n(stack a b)\n", FR_VERDICT_SOLVED, 0, ""},
    {"; found by hand\n\n  0.000: (UNSTACK B A) [1.0]\r\n1 : ( put-down b ) ; down\n"
     "\t2:(pick-up\ta)[ 1 ]\n3.5: (stack a b)",
     FR_VERDICT_SOLVED, 0, ""},
    {"\xef\xbb\xbf(unstack b a)(put-down\n  b)\r\n\r\n(pick-up a) (stack ; onto\n a\n b\n)\n"
     "; cost = 4 (unit cost)",
     FR_VERDICT_SOLVED, 0, ""},
    {"3: (stack a b)\n0: (unstack b a)\n2: (pick-up a)\n1: (put-down b)\n", FR_VERDICT_SOLVED, 0,
     ""},
    {"10: (stack a b)\n9: (unstack b a)\n9.75: (pick-up a)\n9.5: (put-down b)\n", FR_VERDICT_SOLVED,
     0, ""},
    {"1: (unstack b a)\n0: (put-down b)\n", FR_VERDICT_ILLEGAL_STEP, 1,
     "(put-down b): (holding b) is false"},
    {"0: (unstack b a)\n1: (put-down b)\n(pick-up a)", FR_VERDICT_UNPARSED, 0,
     "line 3: \"(pick-up a)\": some steps have a time and others have none"},
    {"(unstack b a)\n1: (put-down b)", FR_VERDICT_UNPARSED, 0,
     "line 2: \"(put-down b)\": some steps have a time and others have none"},
    {"0: (unstack b a)\n0: (pick-up c)", FR_VERDICT_UNPARSED, 0,
     "line 2: (unstack b a) and (pick-up c) have one time, 0, and one changes what the other "
     "touches"},
    {"0.5: (unstack b a)\n1: (put-down b)\n1.0: (pick-up a)", FR_VERDICT_UNPARSED, 0,
     "line 3: (put-down b) and (pick-up a) have one time, 1, and one changes what the other "
     "touches"},
    {"", FR_VERDICT_GOAL_UNMET, 0, "missing at the end: (on a b)"},
    {"(unstack b a)\n", FR_VERDICT_GOAL_UNMET, 0, "missing at the end: (on a b)"},
    {"(unstack b a)\n(put-down b)\n(stack a b)\n", FR_VERDICT_ILLEGAL_STEP, 3,
     "(stack a b): (holding a) is false"},
    {"(pick-up b)\n", FR_VERDICT_ILLEGAL_STEP, 1, "(pick-up b): (ontable b) is false"},
    /* Solved before, but the plan goes on and breaks: VAL refuses the plan. */
    {"(unstack b a)\n(put-down b)\n(pick-up a)\n(stack a b)\n(pick-up b)\n",
     FR_VERDICT_ILLEGAL_STEP, 5, "(pick-up b): (clear b) is false"},
    {"(unstack b a)\n(put-down b)\n(pick-up a)\n(stack a b)\n(unstack a b)\n",
     FR_VERDICT_GOAL_UNMET, 0, "missing at the end: (on a b)"},
    {"(pick-up c)\n(stack c c)\n", FR_VERDICT_ILLEGAL_STEP, 2, "(stack c c): (clear c) is false"},
    {"(unstack b)\n", FR_VERDICT_ILLEGAL_STEP, 1,
     "(unstack b): unstack takes 2 arguments, found 1"},
    {"(pick-up c a)\n", FR_VERDICT_ILLEGAL_STEP, 1,
     "(pick-up c a): pick-up takes 1 argument, found 2"},
    {"(pick-up c)\n\n(fly c)\n", FR_VERDICT_UNPARSED, 0, "line 3: unknown action \"fly\""},
    {"(pick-up e)\n", FR_VERDICT_UNPARSED, 0, "line 1: unknown object \"e\""},
    {"pick-up c\n", FR_VERDICT_UNPARSED, 0,
     "line 1: \"pick-up c\" is no step; expected (action object ...)"},
    {"(pick-up c", FR_VERDICT_UNPARSED, 0, "line 1: the step's parenthesis is not closed"},
    {"\n(pick-up c\n(put-down c)\n", FR_VERDICT_UNPARSED, 0,
     "line 2: the step's parenthesis is not closed"},
    {"(pick-up\nc\n", FR_VERDICT_UNPARSED, 0, "line 1: the step's parenthesis is not closed"},
    {"()", FR_VERDICT_UNPARSED, 0, "line 1: a step without an action"},
    {"(pick-up c)\n\n(put-down c) and then", FR_VERDICT_UNPARSED, 0,
     "line 3: \"and then\" is no step; expected (action object ...)"},
    {"(pick-up c) [1", FR_VERDICT_UNPARSED, 0,
     "line 1: \"[1\" is no step; expected (action object ...)"},
    {"..: (pick-up c)", FR_VERDICT_UNPARSED, 0,
     "line 1: \"..: (pick-up c)\" is no step; expected (action object ...)"},
    {"(stack a a a a a a a a a)", FR_VERDICT_ILLEGAL_STEP, 1,
     "(stack a a a a a a a a a): stack takes 2 arguments, found 9"},
};

static void assert_expected(const struct fr_problem *problem, const struct expectation *e) {
    const struct fr_verdict verdict = verdict_on(problem, e->plan);
    if (verdict.kind != e->kind || verdict.step != e->step || strcmp(verdict.reason, e->reason))
        fail_msg("for \"%s\": %s at %d, \"%s\"", e->plan, fr_verdict_name[verdict.kind],
                 verdict.step, verdict.reason);
}

static void a_verdict_tells_the_step_and_the_reason(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    three_blocks(&d, &p);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        assert_expected(&p, &blocks[i]);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static const struct expectation delivery[] = {
    {"(repair t1)\n(drive t1 depot s1)\n(load b1 t1 s1)\n(drive t1 s1 s2)\n(unload b1 t1 s2)\n"
     "(drive t1 s2 depot)\n(open)",
     FR_VERDICT_SOLVED, 0, ""},
    {"(drive t1 depot s1)", FR_VERDICT_ILLEGAL_STEP, 1, "(drive t1 depot s1): (broken t1) is true"},
    {"(drive v1 s2 s2)", FR_VERDICT_ILLEGAL_STEP, 1, "(drive v1 s2 s2): (= s2 s2) is true"},
    {"(load b2 v1 depot)", FR_VERDICT_ILLEGAL_STEP, 1, "(load b2 v1 depot): v1 is no truck"},
    {"(open)\n(repair t1)\n(drive t1 depot s2)", FR_VERDICT_GOAL_UNMET, 0,
     "missing at the end: (lies b1 s2) (not (at t1 s2))"},
};

static void types_equality_and_negation_are_judged(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    parse_delivery(&d, &p);
    for (size_t i = 0; i < sizeof delivery / sizeof *delivery; i++)
        assert_expected(&p, &delivery[i]);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void a_long_reason_is_cut_with_dots(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_text line = {0};
    three_blocks(&d, &p);
    fr_text_add(&line, "(");
    for (int i = 0; i < 100; i++)
        fr_text_add(&line, "pick-up-");
    fr_text_add(&line, " a)");
    struct fr_verdict v = verdict_on(&p, fr_text_get(&line));
    assert_int_equal(v.kind, FR_VERDICT_UNPARSED);
    assert_true(strlen(v.reason) < sizeof v.reason);

    const struct fr_puzzle puzzle = {.n_blocks = 12,
                                     .init = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
                                     .goal = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -1}};
    struct fr_problem large;
    fr_puzzle_problem(&puzzle, &d, "large", &large);
    for (int i = 0; i < 12; i++) { /* names long enough for 11 missing facts not to fit */
        free(large.objects[i]);
        fr_text_clear(&line);
        fr_text_printf(&line, "a-block-with-a-name-%d", i);
        large.objects[i] = fr_strdup(fr_text_get(&line));
    }
    v = verdict_on(&large, "");
    assert_int_equal(v.kind, FR_VERDICT_GOAL_UNMET);
    assert_int_equal(strlen(v.reason), sizeof v.reason - 1);
    assert_string_equal(v.reason + sizeof v.reason - 4, "...");
    fr_problem_release(&large);
    fr_text_release(&line);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

/* Two trucks that move at one time touch nothing of each other; any order is the plan. */
static void steps_at_one_time_may_do_what_has_no_order(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    parse_delivery(&d, &p);
    const struct expectation expected[] = {
        {"0: (repair t1)\n0: (open)\n0: (drive v1 s2 s1)\n1: (drive v1 s1 s2)\n",
         FR_VERDICT_GOAL_UNMET, 0, "missing at the end: (lies b1 s2)"},
        {"0: (open)\n0: (open)\n", FR_VERDICT_GOAL_UNMET, 0, "missing at the end: (lies b1 s2)"},
        {"0: (drive v1 s2 s1)\n0: (drive v1 s2 s1)\n", FR_VERDICT_UNPARSED, 0,
         "line 2: (drive v1 s2 s1) and (drive v1 s2 s1) have one time, 0, and one changes what the "
         "other "
         "touches"},
        /* t1 must not be broken, which the repair changes. */
        {"0: (drive t1 depot s1)\n0: (repair t1)\n", FR_VERDICT_UNPARSED, 0,
         "line 2: (drive t1 depot s1) and (repair t1) have one time, 0, and one changes what the "
         "other "
         "touches"},
        {"0: (drive t1 depot)\n0: (repair t1)\n", FR_VERDICT_ILLEGAL_STEP, 1,
         "(drive t1 depot): drive takes 3 arguments, found 2"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_expected(&p, &expected[i]);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void a_time_is_one_number_that_there_is(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_text line = {0};
    three_blocks(&d, &p);
    static const char *const times[] = {"1.2.3", "0..5", "1..", "..1"};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        fr_text_clear(&line);
        fr_text_printf(&line, "%s: (unstack b a)", times[i]);
        const struct fr_verdict v = verdict_on(&p, fr_text_get(&line));
        assert_int_equal(v.kind, FR_VERDICT_UNPARSED);
        assert_non_null(strstr(v.reason, "is no step"));
    }
    fr_text_clear(&line);
    for (int i = 0; i < 400; i++)
        fr_text_add(&line, "9");
    fr_text_add(&line, ": (unstack b a)");
    const struct fr_verdict v = verdict_on(&p, fr_text_get(&line));
    assert_int_equal(v.kind, FR_VERDICT_UNPARSED);
    assert_non_null(strstr(v.reason, "is no step"));
    assert_int_equal(verdict_on(&p, ".5: (unstack b a)").kind, FR_VERDICT_GOAL_UNMET);
    assert_int_equal(verdict_on(&p, "5. : (unstack b a)").kind, FR_VERDICT_GOAL_UNMET);
    fr_text_release(&line);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void rendering_a_plan_is_the_inverse_of_reading_it(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_plan plan;
    struct fr_verdict verdict;
    struct fr_text text = {0};
    three_blocks(&d, &p);
    const char *const lines = "(unstack b a)\n(put-down b)\n(pick-up a)\n(stack a b)\n";
    assert_int_equal(fr_plan_parse_pddl(&plan, &p, lines, &verdict), FR_VERDICT_SOLVED);
    assert_int_equal(plan.n_steps, 4);
    fr_plan_render(&p, &plan, &text);
    assert_string_equal(fr_text_get(&text), lines);
    fr_text_release(&text);
    fr_plan_release(&plan);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_tells_the_step_and_the_reason),
        cmocka_unit_test(types_equality_and_negation_are_judged),
        cmocka_unit_test(a_long_reason_is_cut_with_dots),
        cmocka_unit_test(steps_at_one_time_may_do_what_has_no_order),
        cmocka_unit_test(a_time_is_one_number_that_there_is),
        cmocka_unit_test(rendering_a_plan_is_the_inverse_of_reading_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
