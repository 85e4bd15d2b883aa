/* The terse style: the prompt byte for byte, answers read back, hostile answers, verdicts. */
#include "prompts/prompts.h"

#include <string.h>

#include "support/blocksworld.h"
#include "test.h"

static struct fr_blocksworld blocksworld;
static struct fr_problem problem;

static const char puzzle[] = "(define (problem p) (:domain blocksworld-4ops) (:objects a b c)\n"
                             "(:init (handempty) (clear a) (on a b) (ontable b) (ontable c)\n"
                             "(clear c)) (:goal (and (on c b) (on b a))))";

static int load(void **state) {
    (void)state;
    struct fr_error err = {0};
    if (fr_blocksworld_load(&blocksworld) != 0)
        return -1;
    assert_ok(fr_problem_parse(&problem, &blocksworld.domain, puzzle, "p", &err), err);
    return 0;
}

static int release(void **state) {
    (void)state;
    fr_problem_release(&problem);
    fr_blocksworld_release(&blocksworld);
    return 0;
}

static const struct fr_naming *naming_of(const char *id) {
    return fr_blocksworld_naming(&blocksworld, id);
}

/* ---- the prompt ------------------------------------------------------------------------------ */

static void the_mystery_prompt_is_this(void **state) {
    (void)state;
    struct fr_text out = {0};
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_TERSE,
                                         .problem = &problem,
                                         .naming = naming_of("1")},
                     &out);
    assert_string_equal(
        fr_text_get(&out),
        "* attack x : province x planet x harmony + pain x - province x planet x harmony\n"
        "* succumb x : pain x + province x harmony planet x - pain x\n"
        "* overcome x y : province y pain x + harmony province x craves x y - province y pain x\n"
        "* feast x y : craves x y province x harmony + pain x province y - craves x y province x "
        "harmony\n"
        "= craves A B province A planet B planet C province C harmony\n"
        "? craves C B craves B A");
    fr_text_release(&out);
}

static void the_clean_prompt_has_words_without_hyphens(void **state) {
    (void)state;
    struct fr_text out = {0};
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_TERSE,
                                         .problem = &problem,
                                         .naming = naming_of("clean")},
                     &out);
    assert_string_equal(
        fr_text_get(&out),
        "* pickup x : clear x ontable x handempty + holding x - clear x ontable x handempty\n"
        "* putdown x : holding x + clear x handempty ontable x - holding x\n"
        "* stack x y : clear y holding x + handempty clear x on x y - clear y holding x\n"
        "* unstack x y : on x y clear x handempty + holding x clear y - on x y clear x handempty\n"
        "= on A B clear A ontable B ontable C clear C handempty\n"
        "? on C B on B A");
    fr_text_release(&out);
}

static void a_typed_domain_with_constants_and_negations_is_written_too(void **state) {
    (void)state;
    static const char typed[] =
        "(define (domain d) (:requirements :strips :typing :negative-preconditions)\n"
        "(:types truck place) (:constants depot - place)\n"
        "(:predicates (at ?v - truck ?p - place) (broken ?v - truck))\n"
        "(:action drive :parameters (?v - truck ?p - place)\n"
        "  :precondition (and (at ?v depot) (not (broken ?v)))\n"
        "  :effect (and (not (at ?v depot)) (at ?v ?p))))";
    static const char typed_problem[] =
        "(define (problem q) (:domain d) (:objects t1 - truck s - place)\n"
        "(:init (at t1 depot)) (:goal (and (at t1 s) (not (broken t1)))))";
    struct fr_error err = {0};
    struct fr_domain other;
    struct fr_problem q;
    struct fr_namings table;
    struct fr_text out = {0};
    assert_ok(fr_domain_parse(&other, typed, "d", &err), err);
    assert_ok(fr_problem_parse(&q, &other, typed_problem, "q", &err), err);
    assert_ok(fr_namings_parse(&table, "id\tdrive\tat\tbroken\nm\tsing\tgreen\tsad-ly\n", "t",
                               &other, &err),
              err);
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_TERSE,
                                         .problem = &q,
                                         .naming = &table.items[0]},
                     &out);
    assert_string_equal(fr_text_get(&out), "* sing x y : green x DEPOT ~ sadly x + green x y - "
                                           "green x DEPOT\n"
                                           "= green T1 DEPOT\n"
                                           "? green T1 S ~ sadly T1");
    fr_text_release(&out);
    fr_namings_release(&table);
    fr_problem_release(&q);
    fr_domain_release(&other);
}

static void facts_have_one_order_whatever_the_order_they_come_in(void **state) {
    (void)state;
    struct fr_text want = {0}, got = {0};
    struct fr_rng rng;
    fr_rng_seed(&rng, 3, 0);
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_TERSE,
                                         .problem = &problem,
                                         .naming = naming_of("5")},
                     &want);
    struct fr_atom kept[6], *init = problem.init;
    assert_int_equal(problem.n_init, 6);
    memcpy(kept, init, sizeof kept);
    for (int round = 0; round < 50; round++) {
        int order[6];
        fr_rng_permutation(&rng, 6, order);
        for (int i = 0; i < 6; i++)
            init[i] = kept[order[i]];
        fr_text_clear(&got);
        fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_TERSE,
                                             .problem = &problem,
                                             .naming = naming_of("5")},
                         &got);
        assert_string_equal(fr_text_get(&got), fr_text_get(&want));
    }
    memcpy(init, kept, sizeof kept);
    fr_text_release(&want);
    fr_text_release(&got);
}

static void a_state_is_written_as_the_initial_facts_are(void **state) {
    (void)state;
    struct fr_text out = {0};
    struct fr_state facts = {0};
    fr_state_set(&facts, problem.init, problem.n_init);
    fr_terse_facts(&problem, naming_of("1"), &facts, &out);
    assert_string_equal(fr_text_get(&out),
                        " craves A B province A planet B planet C province C harmony");
    fr_text_clear(&out);
    fr_state_set(&facts, NULL, 0);
    fr_terse_facts(&problem, naming_of("1"), &facts, &out);
    assert_string_equal(fr_text_get(&out), "");
    fr_state_release(&facts);
    fr_text_release(&out);
}

static void words_are_cut_to_the_room_there_is(void **state) {
    (void)state;
    char word[4];
    fr_prompt_word(FR_STYLE_TERSE, NULL, naming_of("clean"), 0, word, sizeof word);
    assert_string_equal(word, "pic");
    fr_prompt_word(FR_STYLE_TERSE, NULL, naming_of("clean"), 0, word, 1);
    assert_string_equal(word, "");
}

/* ---- answers --------------------------------------------------------------------------------- */

/* Every action with every arguments, under every naming, in capitals or not, numbered or not. */
static void every_step_is_read_as_it_was_written(void **state) {
    (void)state;
    int n = 0;
    for (int i = 0; i < blocksworld.namings.n; i++)
        for (int action = 0; action < 4; action++)
            for (int x = 0; x < 3; x++)
                for (int y = 0; y < 3; y++) {
                    const struct fr_step step = {.action = action,
                                                 .n_args = action < 2 ? 1 : 2,
                                                 .args = {x, y}};
                    static const char *const shapes[] = {"%s", "1%s", " 1. %s \r\n\n", "\n12) %s",
                                                         "</think>%s"};
                    for (int shape = 0; shape < 5; shape++) {
                        struct fr_text line = {0}, text = {0};
                        struct fr_plan plan = {0};
                        struct fr_verdict verdict;
                        fr_terse_step(&problem, &blocksworld.namings.items[i], &step, &line);
                        for (size_t k = 0; shape == 1 && k < line.len; k++)
                            line.data[k] =
                                (char)(line.data[k] & 0x40 ? line.data[k] & ~0x20 : line.data[k]);
                        const char *mark = strstr(shapes[shape], "%s");
                        fr_text_append(&text, shapes[shape], (size_t)(mark - shapes[shape]));
                        fr_text_add(&text, fr_text_get(&line));
                        fr_text_add(&text, mark + 2);
                        assert_int_equal(fr_answer_parse(FR_STYLE_TERSE, NULL, fr_text_get(&text),
                                                         "</think>", &problem,
                                                         &blocksworld.namings.items[i], &plan,
                                                         &verdict),
                                         FR_VERDICT_SOLVED);
                        assert_int_equal(plan.n_steps, 1);
                        assert_int_equal(plan.steps[0].action, action);
                        assert_int_equal(plan.steps[0].n_args, step.n_args);
                        assert_memory_equal(plan.steps[0].args, step.args,
                                            (size_t)step.n_args * sizeof(int));
                        fr_plan_release(&plan);
                        fr_text_release(&line);
                        fr_text_release(&text);
                        n++;
                    }
                }
    assert_int_equal(n, 21 * 4 * 9 * 5);
}

static struct fr_verdict verdict_on(const char *text) {
    struct fr_plan plan = {0};
    const struct fr_verdict verdict =
        fr_answer_verify(FR_STYLE_TERSE, NULL, text, "</think>", &problem, naming_of("1"), &plan);
    fr_plan_release(&plan);
    return verdict;
}

static void answers_get_the_verdict_of_a_simulation(void **state) {
    (void)state;
    struct fr_verdict v = verdict_on("</think>\n1 feast A B\n2 succumb A\n3 attack B\n"
                                     "4 overcome B A\n5 attack C\n6 overcome C B\n");
    assert_int_equal(v.kind, FR_VERDICT_SOLVED);
    assert_int_equal(v.step, 0);
    assert_string_equal(v.reason, "");
    v = verdict_on("feast A B\nsuccumb A\n");
    assert_int_equal(v.kind, FR_VERDICT_GOAL_UNMET);
    assert_string_equal(v.reason, "missing at the end: (on c b) (on b a)");
    v = verdict_on("feast A B\nattack C\n");
    assert_int_equal(v.kind, FR_VERDICT_ILLEGAL_STEP);
    assert_int_equal(v.step, 2);
    assert_string_equal(v.reason, "(pick-up c): (handempty) is false");
}

static void only_what_follows_the_last_end_of_reasoning_is_the_answer(void **state) {
    (void)state;
    const char *plan = "feast A B\nsuccumb A\nattack B\novercome B A\nattack C\novercome C B\n";
    struct fr_text text = {0};
    fr_text_printf(&text, "1 craves A B | > feast A B\nno step </think> nor this </think>\n%s",
                   plan);
    assert_int_equal(verdict_on(fr_text_get(&text)).kind, FR_VERDICT_SOLVED);
    fr_text_clear(&text);
    fr_text_printf(&text, "%s</think>", plan);
    assert_int_equal(verdict_on(fr_text_get(&text)).kind, FR_VERDICT_UNPARSED);
    struct fr_plan read = {0};
    assert_int_equal(
        fr_answer_verify(FR_STYLE_TERSE, NULL, plan, NULL, &problem, naming_of("1"), &read).kind,
        FR_VERDICT_SOLVED);
    assert_int_equal(
        fr_answer_verify(FR_STYLE_TERSE, NULL, plan, "", &problem, naming_of("1"), &read).kind,
        FR_VERDICT_SOLVED);
    fr_plan_release(&read);
    fr_text_release(&text);
}

static void hostile_answers_are_unparsed_and_say_which_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"", "the answer holds no step"},
        {"\n \r\n\t\n", "the answer holds no step"},
        {"1", "not a step: \"1\""},
        {"feast A B\n1.\n", "not a step: \"1.\""},
        {"feast A", "not a step: \"feast A\""},
        {"feast A B C", "not a step: \"feast A B C\""},
        {"feast A D", "not a step: \"feast A D\""},
        {"feast A B A B A B A B A B A B", "not a step"},
        {"unstack A B", "not a step: \"unstack A B\""}, /* the clean word, under naming 1 */
        {"craves A B", "not a step"},                   /* a predicate */
        {"1 2 feast A B", "not a step"},
        {"feasts A B", "not a step"},
        {"feas A B", "not a step"},
        {"feast\xc3\xa9 A B", "not a step"},
        {"\xff\xfe\x80", "not a step"},
        {"feast A B and then succumb A", "not a step"},
        {"The plan is:\nfeast A B", "not a step: \"The plan is:\""},
        {"%s%n%s", "not a step: \"%s%n%s\""},
        {"feast A B\nfeast", "not a step: \"feast\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_verdict v = verdict_on(cases[i].text);
        assert_int_equal(v.kind, FR_VERDICT_UNPARSED);
        assert_int_equal(v.step, 0);
        if (strncmp(v.reason, cases[i].reason, strlen(cases[i].reason)) != 0)
            fail_msg("\"%s\" is told as: %s", cases[i].text, v.reason);
    }
}

static void answers_of_any_length_are_read(void **state) {
    (void)state;
    struct fr_text text = {0};
    for (int i = 0; i < 2000; i++)
        fr_text_printf(&text, "%d feast A B\n%d overcome A B\n", 2 * i + 1, 2 * i + 2);
    struct fr_plan plan = {0};
    struct fr_verdict v = fr_answer_verify(FR_STYLE_TERSE, NULL, fr_text_get(&text), "</think>",
                                           &problem, naming_of("1"), &plan);
    assert_int_equal(v.kind, FR_VERDICT_GOAL_UNMET);
    assert_int_equal(plan.n_steps, 4000);
    fr_plan_release(&plan);
    fr_text_clear(&text);
    for (int i = 0; i < 100000; i++)
        fr_text_add(&text, "A");
    v = verdict_on(fr_text_get(&text));
    assert_int_equal(v.kind, FR_VERDICT_UNPARSED);
    assert_true(strlen(v.reason) < sizeof v.reason);
    fr_text_release(&text);
}

static void a_plan_left_from_before_does_not_leak_into_the_next(void **state) {
    (void)state;
    struct fr_plan plan = {0};
    struct fr_verdict verdict;
    assert_int_equal(fr_answer_parse(FR_STYLE_TERSE, NULL, "feast A B\nsuccumb A", NULL, &problem,
                                     naming_of("1"), &plan, &verdict),
                     FR_VERDICT_SOLVED);
    assert_int_equal(plan.n_steps, 2);
    assert_int_equal(fr_answer_parse(FR_STYLE_TERSE, NULL, "attack C", NULL, &problem,
                                     naming_of("1"), &plan, &verdict),
                     FR_VERDICT_SOLVED);
    assert_int_equal(plan.n_steps, 1);
    assert_int_equal(fr_answer_parse(FR_STYLE_TERSE, NULL, "attack C\noh", NULL, &problem,
                                     naming_of("1"), &plan, &verdict),
                     FR_VERDICT_UNPARSED);
    assert_int_equal(plan.n_steps, 0);
    fr_plan_release(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mystery_prompt_is_this),
        cmocka_unit_test(the_clean_prompt_has_words_without_hyphens),
        cmocka_unit_test(a_typed_domain_with_constants_and_negations_is_written_too),
        cmocka_unit_test(facts_have_one_order_whatever_the_order_they_come_in),
        cmocka_unit_test(a_state_is_written_as_the_initial_facts_are),
        cmocka_unit_test(words_are_cut_to_the_room_there_is),
        cmocka_unit_test(every_step_is_read_as_it_was_written),
        cmocka_unit_test(answers_get_the_verdict_of_a_simulation),
        cmocka_unit_test(only_what_follows_the_last_end_of_reasoning_is_the_answer),
        cmocka_unit_test(hostile_answers_are_unparsed_and_say_which_line),
        cmocka_unit_test(answers_of_any_length_are_read),
        cmocka_unit_test(a_plan_left_from_before_does_not_leak_into_the_next),
    };
    return cmocka_run_group_tests(tests, load, release);
}
