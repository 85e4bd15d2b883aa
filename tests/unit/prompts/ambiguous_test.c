/* The style ambiguous: one prompt written by hand, what it is free in, and that the choices are the
 * puzzle's, the same under every naming. */
#include "prompts/prompts.h"

#include <stdlib.h>
#include <string.h>

#include "mentions/mentions.h"
#include "test.h"
#include "unit/prompts/prompts_fixture.h"

static void render(const struct fr_problem *problem, const char *naming, uint64_t variant,
                   struct fr_text *out) {
    fr_text_clear(out);
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_AMBIGUOUS,
                                         .problem = problem,
                                         .naming = naming_of(naming),
                                         .variant = variant},
                     out);
}

/* The prompt that the choices stand for, from lines written by hand. */
static void write_by_hand(const struct fr_ambiguous_orders *orders, struct fr_text *out) {
    static const char *const named[] = {" - > attack", " - > succumb", " = > overcome",
                                        " = > feast"};
    static const char *const shown[] = {"* x harmony > attack x > pain x\n",
                                        "* x > succumb x > planet x province x harmony\n",
                                        "* x y > overcome x y > craves x y province x harmony\n",
                                        "* x y harmony > feast x y > pain x province y\n"};
    fr_text_clear(out);
    fr_text_add(out, "*");
    for (int i = 0; i < 4; i++)
        fr_text_add(out, named[orders->named[i]]);
    fr_text_add(out, "\n");
    for (int i = 0; i < orders->n_shown; i++)
        fr_text_add(out, shown[orders->shown[i]]);
    fr_text_add(out, "= craves A B province A planet B planet C province C harmony\n? craves B C");
}

static void prompts_are_those_written_by_hand(void **state) {
    (void)state;
    enum { N = 4000 };
    const struct fr_puzzle puzzle = {.n_blocks = 3, .init = {1, -1, -1}, .goal = {-1, 2, -1}};
    struct fr_problem problem;
    struct fr_text got = {0}, want = {0};
    int n_of[16] = {0}; /* prompts that show such a set of actions */
    fr_puzzle_problem(&puzzle, &blocksworld.domain, "by hand", &problem);
    for (uint64_t variant = 0; variant < N; variant++) {
        struct fr_ambiguous_orders orders;
        unsigned is_named = 0, is_shown = 0;
        fr_ambiguous_orders(&problem, variant, &orders);
        for (int i = 0; i < 4; i++)
            is_named |= 1U << orders.named[i];
        for (int i = 0; i < orders.n_shown; i++)
            is_shown |= 1U << orders.shown[i];
        assert_int_equal(is_named, 15);
        assert_true(variant > 0 || is_shown != 15);
        n_of[is_shown]++;
        render(&problem, "1", variant, &got);
        write_by_hand(&orders, &want);
        assert_string_equal(fr_text_get(&got), fr_text_get(&want));
    }
    /* Variants but 0: all in a quarter, else all but the two of one object or the two of two; 4
     * deviations. */
    assert_true(abs(n_of[15] - N / 4) < 110);
    assert_true(abs(n_of[3] - 3 * N / 8) < 123 && abs(n_of[12] - 3 * N / 8) < 123);
    assert_int_equal(n_of[15] + n_of[3] + n_of[12], N);
    fr_text_release(&got);
    fr_text_release(&want);
    fr_problem_release(&problem);
}

/* Renamed word by word a prompt is that of the other naming: the choices do not look at words. */
static void another_naming_changes_the_words_alone(void **state) {
    (void)state;
    struct fr_rng rng;
    struct fr_text a = {0}, b = {0};
    fr_rng_seed(&rng, 3, 0);
    for (int i = 0; i < 50; i++) {
        struct fr_puzzle puzzle;
        struct fr_problem problem;
        fr_puzzle_random(&rng, 4, &puzzle);
        fr_puzzle_problem(&puzzle, &blocksworld.domain, "renamed", &problem);
        render(&problem, "1", 0, &a);
        render(&problem, "2", 0, &b);
        const char *p = fr_text_get(&a), *q = fr_text_get(&b);
        while (*p != '\0') {
            char word[2][80];
            int n = 0, m = 0, concept = -1;
            assert_int_equal(sscanf(p, " %79s%n", word[0], &n), 1);
            assert_int_equal(sscanf(q, " %79s%n", word[1], &m), 1);
            for (int c = 0; c < blocksworld.namings.concepts.n; c++)
                if (strcmp(word[0], naming_of("1")->words[c]) == 0)
            concept = c;
            assert_string_equal(word[1], concept < 0 ? word[0] : naming_of("2")->words[concept]);
            p += n;
            q += m;
        }
        assert_int_equal(*q, '\0');
        fr_problem_release(&problem);
    }
    fr_text_release(&a);
    fr_text_release(&b);
}

/* Where no two actions are alike in number and types of their parameters nothing is open. */
static void actions_that_are_not_alike_are_all_shown(void **state) {
    (void)state;
    static const char text[] =
        "(define (domain d) (:requirements :strips :typing) (:types lamp door)"
        " (:predicates (lit ?x - lamp) (open ?x - door) (night))"
        " (:action light :parameters (?x - lamp) :precondition (and (night) (not (lit ?x)))"
        " :effect (lit ?x))"
        " (:action unlock :parameters (?x - door) :precondition (not (open ?x)) :effect (open "
        "?x)))";
    static const char task[] = "(define (problem p) (:domain d) (:objects a - lamp b - door)"
                               " (:init (night)) (:goal (and (lit a) (open b))))";
    struct fr_domain small;
    struct fr_problem problem;
    struct fr_error err = {0};
    assert_ok(fr_domain_parse(&small, text, "d", &err), err);
    assert_ok(fr_problem_parse(&problem, &small, task, "p", &err), err);
    for (uint64_t variant = 0; variant < 50; variant++) {
        struct fr_ambiguous_orders orders;
        fr_ambiguous_orders(&problem, variant, &orders);
        assert_int_equal(orders.n_shown, 2);
    }
    fr_problem_release(&problem);
    fr_domain_release(&small);
}

static void words_and_answers_are_terse_s(void **state) {
    (void)state;
    const struct fr_puzzle puzzle = {.n_blocks = 2, .init = {-1, -1}, .goal = {-1, 0}};
    struct fr_problem problem;
    struct fr_plan plan = {0};
    fr_puzzle_problem(&puzzle, &blocksworld.domain, "answer", &problem);
    const char *answer = "x</think>\n1 attack B\n2 overcome B A";
    assert_int_equal(fr_answer_verify(FR_STYLE_AMBIGUOUS, NULL, answer, "</think>", &problem,
                                      naming_of("1"), &plan)
                         .kind,
                     FR_VERDICT_SOLVED);
    answer = "1 succumb B\n2 overcome B A"; /* the other one of the pair */
    assert_int_equal(fr_answer_verify(FR_STYLE_AMBIGUOUS, NULL, answer, NULL, &problem,
                                      naming_of("1"), &plan)
                         .kind,
                     FR_VERDICT_ILLEGAL_STEP);
    fr_plan_release(&plan);
    fr_problem_release(&problem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prompts_are_those_written_by_hand),
        cmocka_unit_test(another_naming_changes_the_words_alone),
        cmocka_unit_test(actions_that_are_not_alike_are_all_shown),
        cmocka_unit_test(words_and_answers_are_terse_s),
    };
    return cmocka_run_group_tests(tests, load, release);
}
