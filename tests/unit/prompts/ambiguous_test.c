/* The style ambiguous: one prompt written by hand, what it is free in, and that the choices are the
 * puzzle's, the same under every naming. */
#include "prompts/prompts.h"

#include <string.h>

#include "mentions/mentions.h"
#include "test.h"

static struct fr_domain domain;
static struct fr_namings namings;

static int load(void **state) {
    (void)state;
    struct fr_error err = {0};
    int code = fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &err);
    if (code == 0)
        code = fr_namings_load(&namings, fr_test_path("data/namings.tsv"), &domain, &err);
    if (code != 0)
        print_error("%s\n", err.text);
    return code;
}

static int release(void **state) {
    (void)state;
    fr_namings_release(&namings);
    fr_domain_release(&domain);
    return 0;
}

static const struct fr_naming *naming_of(const char *id) {
    return &namings.items[fr_namings_find(&namings, id)];
}

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
    static const char *const named[] = {"* attack x\n", "* succumb x\n", "* overcome x y\n",
                                        "* feast x y\n"};
    static const char *const shown[] =
        {"* planet x province x harmony > attack x > pain x\n",
         "* pain x > succumb x > planet x province x harmony\n",
         "* pain x province y > overcome x y > craves x y province x harmony\n",
         "* craves x y province x harmony > feast x y > pain x province y\n"};
    fr_text_clear(out);
    for (int i = 0; i < 4; i++)
        fr_text_add(out, named[orders->named[i]]);
    for (int i = 0; i < orders->n_shown; i++)
        fr_text_add(out, shown[orders->shown[i]]);
    fr_text_add(out, "= craves A B province A planet B planet C province C harmony\n? craves B C");
}

static void prompts_are_those_written_by_hand(void **state) {
    (void)state;
    const struct fr_puzzle puzzle = {.n_blocks = 3, .init = {1, -1, -1}, .goal = {-1, 2, -1}};
    struct fr_problem problem;
    struct fr_text got = {0}, want = {0};
    bool is_shown[4] = {false};
    fr_puzzle_problem(&puzzle, &domain, "by hand", &problem);
    for (uint64_t variant = 0; variant < 100; variant++) {
        struct fr_ambiguous_orders orders;
        bool is_named[4] = {false};
        fr_ambiguous_orders(&problem, variant, &orders);
        for (int i = 0; i < 4; i++)
            is_named[orders.named[i]] = true;
        assert_true(is_named[0] && is_named[1] && is_named[2] && is_named[3]);
        assert_true(orders.n_shown == 1 ||
                    (orders.n_shown == 2 && orders.shown[0] != orders.shown[1]));
        is_shown[orders.shown[0]] = true;
        render(&problem, "1", variant, &got);
        write_by_hand(&orders, &want);
        assert_string_equal(fr_text_get(&got), fr_text_get(&want));
    }
    assert_true(is_shown[0] && is_shown[1] && is_shown[2] && is_shown[3]);
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
        fr_puzzle_problem(&puzzle, &domain, "renamed", &problem);
        render(&problem, "1", 0, &a);
        render(&problem, "2", 0, &b);
        const char *p = fr_text_get(&a), *q = fr_text_get(&b);
        while (*p != '\0') {
            char word[2][80];
            int n = 0, m = 0, concept = -1;
            assert_int_equal(sscanf(p, " %79s%n", word[0], &n), 1);
            assert_int_equal(sscanf(q, " %79s%n", word[1], &m), 1);
            for (int c = 0; c < namings.concepts.n; c++)
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

/* A domain with one action shows it; there is nothing else to show. */
static void a_domain_with_one_action_shows_it(void **state) {
    (void)state;
    static const char text[] = "(define (domain d) (:predicates (lit ?x)) (:action light"
                               " :parameters (?x) :precondition (not (lit ?x)) :effect (lit ?x)))";
    static const char task[] = "(define (problem p) (:domain d) (:objects a) (:init)"
                               " (:goal (lit a)))";
    struct fr_domain small;
    struct fr_problem problem;
    struct fr_ambiguous_orders orders;
    struct fr_error err = {0};
    assert_ok(fr_domain_parse(&small, text, "d", &err), err);
    assert_ok(fr_problem_parse(&problem, &small, task, "p", &err), err);
    fr_ambiguous_orders(&problem, 0, &orders);
    assert_int_equal(orders.n_shown, 1);
    assert_int_equal(orders.named[0], 0);
    assert_int_equal(orders.shown[0], 0);
    fr_problem_release(&problem);
    fr_domain_release(&small);
}

static void words_and_answers_are_terse_s(void **state) {
    (void)state;
    const struct fr_puzzle puzzle = {.n_blocks = 2, .init = {-1, -1}, .goal = {-1, 0}};
    struct fr_problem problem;
    struct fr_plan plan = {0};
    fr_puzzle_problem(&puzzle, &domain, "answer", &problem);
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
        cmocka_unit_test(a_domain_with_one_action_shows_it),
        cmocka_unit_test(words_and_answers_are_terse_s),
    };
    return cmocka_run_group_tests(tests, load, release);
}
