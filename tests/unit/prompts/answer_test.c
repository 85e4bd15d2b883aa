/* Plans read from answers as people and models write them: what is a step, which list is the plan,
 * and, as much, what is not. Each row of the tables is one answer. */
#include "prompts/prompts.h"

#include <string.h>

#include "test.h"

static const char blocks_puzzle[] =
    "(define (problem p) (:domain blocksworld-4ops) (:objects a b c d)\n"
    "(:init (handempty) (clear a) (on a b) (ontable b) (ontable c) (clear c) (ontable d) (clear "
    "d))\n"
    "(:goal (and (on c b) (on b a))))";
static const char logistics[] =
    "(define (domain logistics-strips) (:requirements :strips)\n"
    "(:predicates (obj ?o) (truck ?t) (location ?l) (airplane ?a) (city ?c) (airport ?l)\n"
    " (at ?o ?l) (in ?o ?v) (in-city ?l ?c))\n"
    "(:action load-truck :parameters (?o ?t ?l)\n"
    " :precondition (and (obj ?o) (truck ?t) (location ?l) (at ?t ?l) (at ?o ?l))\n"
    " :effect (and (not (at ?o ?l)) (in ?o ?t)))\n"
    "(:action load-airplane :parameters (?o ?a ?l)\n"
    " :precondition (and (obj ?o) (airplane ?a) (location ?l) (at ?o ?l) (at ?a ?l))\n"
    " :effect (and (not (at ?o ?l)) (in ?o ?a)))\n"
    "(:action unload-truck :parameters (?o ?t ?l)\n"
    " :precondition (and (obj ?o) (truck ?t) (location ?l) (at ?t ?l) (in ?o ?t))\n"
    " :effect (and (not (in ?o ?t)) (at ?o ?l)))\n"
    "(:action unload-airplane :parameters (?o ?a ?l)\n"
    " :precondition (and (obj ?o) (airplane ?a) (location ?l) (in ?o ?a) (at ?a ?l))\n"
    " :effect (and (not (in ?o ?a)) (at ?o ?l)))\n"
    "(:action drive-truck :parameters (?t ?f ?l ?c)\n"
    " :precondition (and (truck ?t) (location ?f) (location ?l) (city ?c) (at ?t ?f)\n"
    " (in-city ?f ?c) (in-city ?l ?c))\n"
    " :effect (and (not (at ?t ?f)) (at ?t ?l)))\n"
    "(:action fly-airplane :parameters (?a ?f ?l)\n"
    " :precondition (and (airplane ?a) (airport ?f) (airport ?l) (at ?a ?f))\n"
    " :effect (and (not (at ?a ?f)) (at ?a ?l))))";
static const char logistics_puzzle[] =
    "(define (problem q) (:domain logistics-strips) (:objects a0 c0 c1 t0 t1 l0-0 l0-1 l1-0 p0)\n"
    "(:init (airplane a0) (city c0) (city c1) (truck t0) (truck t1) (location l0-0)\n"
    "(location l0-1) (location l1-0) (in-city l0-0 c0) (in-city l0-1 c0) (in-city l1-0 c1)\n"
    "(airport l0-0) (airport l1-0) (obj p0) (at t0 l0-0) (at t1 l1-0) (at p0 l0-1) (at a0 l0-0))\n"
    "(:goal (and (at p0 l1-0))))";

struct world {
    struct fr_domain domain;
    struct fr_problem problem;
    struct fr_wording wording;
    struct fr_namings namings, clean;
};
static struct world blocks, cargo;

static int finish(struct world *w, const char *puzzle, const char *wording) {
    struct fr_error err = {0};
    int code = fr_problem_parse(&w->problem, &w->domain, puzzle, "p", &err);
    if (code == 0)
        code = fr_wording_load(&w->wording, &w->domain, fr_test_path(wording), &err);
    fr_namings_clean(&w->clean, &w->domain);
    if (code != 0)
        print_error("%s\n", err.text);
    return code;
}

static int load(void **state) {
    (void)state;
    struct fr_error err = {0};
    if (fr_domain_load(&blocks.domain, fr_test_path("data/domains/blocksworld.pddl"), &err) != 0 ||
        fr_namings_load(&blocks.namings, fr_test_path("data/namings.tsv"), &blocks.domain, &err) !=
            0 ||
        fr_domain_parse(&cargo.domain, logistics, "logistics", &err) != 0) {
        print_error("%s\n", err.text);
        return -1;
    }
    return finish(&blocks, blocks_puzzle, "data/wordings/blocksworld-4ops.yaml") ||
           finish(&cargo, logistics_puzzle, "data/wordings/logistics-strips.yaml");
}

static void release_world(struct world *w) {
    fr_wording_release(&w->wording);
    fr_problem_release(&w->problem);
    fr_namings_release(&w->clean);
    fr_namings_release(&w->namings);
    fr_domain_release(&w->domain);
}

static int release(void **state) {
    (void)state;
    release_world(&blocks);
    release_world(&cargo);
    return 0;
}

/* What is read: the plan, steps after a blank each, or "!" and the reason. */
static void read_answer(const struct world *w, const char *naming, const char *text,
                        struct fr_text *out) {
    const struct fr_naming *n = naming == NULL
                                    ? &w->clean.items[0]
                                    : &w->namings.items[fr_namings_find(&w->namings, naming)];
    struct fr_plan plan = {0};
    struct fr_verdict verdict;
    fr_text_clear(out);
    if (fr_answer_parse(FR_STYLE_PLANBENCH, &w->wording, text, NULL, &w->problem, n, &plan,
                        &verdict) != FR_VERDICT_SOLVED) {
        assert_int_equal(verdict.kind, FR_VERDICT_UNPARSED);
        assert_int_equal(plan.n_steps, 0);
        fr_text_printf(out, "!%s", verdict.reason);
    }
    for (int i = 0; i < plan.n_steps; i++)
        fr_step_render(&w->problem, &plan.steps[i], out);
    fr_plan_release(&plan);
}

struct row {
    const char *answer, *expected; /* a plan; or "!" and a part of the reason */
};

static void check_rows(const struct world *w, const char *naming, const struct row *rows,
                       size_t n) {
    struct fr_text got = {0};
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        read_answer(w, naming, rows[i].answer, &got);
        const char *expected = rows[i].expected;
        const bool right = *expected == '!' ? *fr_text_get(&got) == '!' &&
                                                  strstr(fr_text_get(&got), expected + 1) != NULL
                                            : strcmp(fr_text_get(&got), expected) == 0;
        if (!right)
            print_error("\"%s\"\n  is read as %s\n  expected   %s\n", rows[i].answer,
                        fr_text_get(&got), expected);
        bad += !right;
    }
    fr_text_release(&got);
    assert_int_equal(bad, 0);
}
#define CHECK(world, naming, rows) check_rows(world, naming, rows, sizeof rows / sizeof *rows)

#define UNSTACK "(unstack a b)"
#define PUT "(put-down a)"
#define BOTH UNSTACK PUT

static void steps_are_read_in_every_dress(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"unstack the red block from on top of the blue block\nput down the red block\n[PLAN END]",
         BOTH},
        {"1. Unstack the red block from the blue block.\n2. Put down the red block on the table.",
         BOTH},
        {"1) UNSTACK THE RED BLOCK FROM ON TOP OF THE BLUE BLOCK\n2) PUT DOWN THE RED BLOCK", BOTH},
        {"- **Unstack** the red block from the blue block.  \n- **Put down** the red block.  ",
         BOTH},
        {"* Unstack Red from Blue\n* Put down Red", BOTH},
        {"+ `unstack(red, blue)`\n+ `put_down(red)`", BOTH},
        {"\xE2\x80\xA2 Unstack red from blue\n\xE2\x80\xA2 Put down red", BOTH},
        {"\xF0\x9F\x8D\x83 Unstack red from blue\n\xF0\x9F\x8D\x83 Put down red", BOTH},
        {"\xE2\x86\x92 Unstack red from blue\n\xE2\x86\x92 Put down red", BOTH},
        {"unstack red from blue \xE2\x86\x92 put down red", BOTH},
        {"unstack red from blue -> put down red", BOTH},
        {"**Step 1:** Unstack the red block from the blue block\n**Step 2:** Put down the red "
         "block",
         BOTH},
        {"### Step 1: Unstack the red block from the blue block\n### Step 2: Put down the red "
         "block",
         BOTH},
        {"(unstack a b)\n(put-down a)", BOTH},
        {"(unstack a b) (put-down a)", BOTH},
        {"0: (UNSTACK A B)\n1: (PUT-DOWN A)", BOTH},
        {"1. PickUp(c)\n2. Stack(c, d)", "(pick-up c)(stack c d)"},
        {"pick\xE2\x80\x91up Block C\nstack Block C on Block D", "(pick-up c)(stack c d)"},
        {"1. pickup C\n2. stack C on D", "(pick-up c)(stack c d)"},
        {"1. Pick up C block.\n2. Stack C block on top of D block.", "(pick-up c)(stack c d)"},
        {"1. Pick up block c\n2. Stack block c onto block d", "(pick-up c)(stack c d)"},
        {"> 1. Pick up c\n> 2. Stack c on d", "(pick-up c)(stack c d)"},
        {"1 pickup C\n2 stack C D", "(pick-up c)(stack c d)"},
        {"1. First, pick up the orange block.\n2. Then stack the orange block on the yellow block.",
         "(pick-up c)(stack c d)"},
        {"1. pick up c\r\n2. stack c on d\r\n", "(pick-up c)(stack c d)"},
        {"1. pick up c\n1. stack c on d\n1. pick up b", "(pick-up c)(stack c d)(pick-up b)"},
        {"1. **Pick up the orange block** (since it is clear and on the table).\n"
         "2. **Stack the orange block on top of the yellow block** \xE2\x80\x93 done",
         "(pick-up c)(stack c d)"},
        {"1. Pick up the orange block, since it is clear.\n2. Stack it", "!it is no step"},
        {"Final Answer: (unstack a b) (put-down a)", BOTH},
        {"My plan: unstack a from b, put down a", BOTH},
        {"unstack(block_a, block_b)\nput_down(red_block)", BOTH},
        {"```python\nplan = [\n  \"unstack(a, b)\",\n  \"put-down(a)\",\n]\n```", BOTH},
        {"<answer>\nunstack a from b\nput down a\n</answer>", BOTH},
    };
    CHECK(&blocks, NULL, rows);
}

static void the_letter_a_is_an_object_or_an_article(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"unstack a from b", UNSTACK},
        {"unstack a b", UNSTACK},
        {"Unstack A block from B block", UNSTACK},
        {"unstack a red block from a blue block", UNSTACK},
        {"put down a", PUT},
        {"put down a.", PUT},
        {"1. put down a block", "!it is no step"},
        {"1. unstack a block from b", "!it is no step"},
    };
    CHECK(&blocks, NULL, rows);
}

static void mystery_words_are_read_by_their_place(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"feast object a from object b\nsuccumb object a\n[PLAN END]", BOTH},
        {"1. **Feast a from b**  \n2. **Succumb a**  ", BOTH},
        {"1. Feast object A from object B\n2. Succumb object A", BOTH},
        {"- feast(a, b)\n- succumb(a)", BOTH},
        {"(feast a b)\n(succumb a)", BOTH},
        {"1. attack c\n2. overcome c from d", "(pick-up c)(stack c d)"},
        {"1. attack c\n2. overcome c onto d", "(pick-up c)(stack c d)"},
        {"1. attack c\n2. stack c on d", "!it is no step"},
        {"1. attack e\n2. overcome c from d", "!it is no step"},
        {"1. attack c from d\n2. overcome c from d", "!it is no step"},
        {"attack and succumb are actions of object a.", "!the answer holds no step"},
    };
    CHECK(&blocks, "1", rows);
}

static void prose_is_no_step(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"", "!holds no step"},
        {"I would unstack the red block from the blue block.", "!holds no step"},
        {"Unstack the red block from the blue block and put it down.", "!holds no step"},
        {"We can pick up the orange block, then stack it on the yellow block.", "!holds no step"},
        {"Picking up the orange block is impossible.", "!holds no step"},
        {"The stack a on b is gone.", "!holds no step"},
        {"1. Pick up the orange block and stack it on the yellow block.\n2. Pick up the blue "
         "block.",
         "!line 1"},
        {"1. Unstack the red block from the blue block onto the table.\n2. Pick up the blue block.",
         "!line 1"},
        {"1. Put down the red block on top of the blue block\n2. Pick up the orange block",
         "!line 1"},
        {"1. Stack the orange block under the yellow block\n2. Pick up the blue block", "!line 1"},
        {"1. Stack on the yellow block the orange block\n2. Pick up the blue block", "!line 1"},
        {"1. Unstack red from blue, then put down red\n", BOTH},
        {"1. Unstack red from blue, then put it down\n", "!holds no step"},
        {"1. Unstack red from blue (then put it down)\n2. pick up b", "!line 1"},
        {"1. Unstack red from blue; put it aside\n2. Pick up orange", "!further step"},
        {"1. Unstack red from blue; put down red\n2. Pick up orange", BOTH "(pick-up c)"},
    };
    CHECK(&blocks, NULL, rows);
}

static void a_list_with_a_step_that_cannot_be_read_is_no_plan(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. Unstack red from blue\n2. Move red to the table\n3. Pick up orange", "!line 2"},
        {"1. Unstack red from blue\n3. Put down red", "!jump from 1 to 3"},
        {"- Unstack red from blue\n- Move red to the table\n- Pick up orange", "!line 2"},
        {"- Move red to the table\n- Pick up orange", "!line 1"},
        {"unstack red from blue\nmove red to the table\npick up orange", "!line 2"},
        {"1. Unstack red from blue\n2. Put down red\n3. The goal is reached.", BOTH},
        {"unstack red from blue\nput down red\nThis reaches the goal.", BOTH},
        {"The plan is as follows:\nunstack red from blue\nput down red", BOTH},
    };
    CHECK(&blocks, NULL, rows);
}

static void remarks_below_items_are_not_items(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. **Unstack red from blue**:\n   - Red is clear.\n   - Unstack the red block from "
         "it.\n\n"
         "2. **Put down red**\n   Place the red block on the table.",
         BOTH},
        {"1. Unstack red from blue\n- The hand holds red.\n2. Put down red\n- The hand is empty.",
         BOTH},
        {"1. Unstack red from blue\n   - This action is not possible because blue is clear.\n"
         "2. Put down red",
         "!takes the step of line 1 back"},
        {"1. Clear blue:\n   - unstack red from blue\n   - put down red\n2. Go on:\n   - pick up "
         "blue\n",
         BOTH "(pick-up b)"},
        {"1. Unstack red from blue\n   - put down red\n2. Pick up blue",
         "!another step than the item"},
    };
    CHECK(&blocks, NULL, rows);
}

static void the_last_block_counts_else_the_last_list(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"First try:\n1. Pick up b\n\nCorrected:\n1. Unstack red from blue\n2. Put down red", BOTH},
        {"[PLAN]\npick up b\n[PLAN END]\nNo.\n[PLAN]\nunstack a from b\nput down a\n[PLAN END]",
         BOTH},
        {"**[PLAN]**\n1. unstack a from b\n2. put down a\n**[PLAN END]**\nIt works.", BOTH},
        {"[PLAN]\n```\nunstack a from b\nput down a\n```\n[PLAN END]", BOTH},
        {"[PLAN]\nunstack a from b\nput down a\n[PLAN END]\n1. pick up b", "!that differ"},
        {"unstack a from b\nput down a\n[PLAN END]\n\n[STATEMENT]\nAs initial conditions ...\n"
         "[PLAN]\npick up b\n[PLAN END]",
         BOTH},
        {"[PLAN]\nunstack a from b\nput down a", BOTH},
        {"[PLAN]\nunstack a from b\nmove it away, a, please\nput down a\n[PLAN END]", "!line 3"},
        {"[PLAN]\nunstack a from b\n\nthen a again:\n\nput down a\n[PLAN END]", "!that differ"},
        {"[PLAN]\n[PLAN END]", "!holds no step"},
        {"Plan:\n1. Unstack red from blue\n2. Put down red\n\n**Explanation:**\n"
         "- **Unstack red from blue**: frees blue.\n- **Put down red**: frees the hand.",
         BOTH},
        {"**Phase one**\n- Unstack red from blue\n- Put down red\n**Phase two**\n- Pick up blue",
         BOTH "(pick-up b)"},
        {"Draft:\n- Pick up b\n\n**Final plan:**\n- Unstack red from blue\n- Put down red", BOTH},
        {"I fill in [PLAN] now:\n1. Unstack red from blue\n2. Put down red", BOTH},
    };
    CHECK(&blocks, NULL, rows);
}

static void logistics_sentences_are_told_apart_by_what_never_changes(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"drive truck_0 from location_0_0 to location_0_1 in city_0\n"
         "load package_0 into truck_0 at location_0_1\n"
         "drive truck_0 from location_0_1 to location_0_0 in city_0\n"
         "unload package_0 from truck_0 at location_0_0\n"
         "load package_0 into airplane_0 at location_0_0\n"
         "fly airplane_0 from location_0_0 to location_1_0\n"
         "unload package_0 from airplane_0 at location_1_0\n[PLAN END]",
         "(drive-truck t0 l0-0 l0-1 c0)(load-truck p0 t0 l0-1)(drive-truck t0 l0-1 l0-0 c0)"
         "(unload-truck p0 t0 l0-0)(load-airplane p0 a0 l0-0)(fly-airplane a0 l0-0 l1-0)"
         "(unload-airplane p0 a0 l1-0)"},
        {"1. **Load package_0 into truck_0 at location_0_1**", "(load-truck p0 t0 l0-1)"},
        {"1. Load package p0 into airplane a0 at location l0-0.", "(load-airplane p0 a0 l0-0)"},
        {"(load-truck p0 t0 l0-1)\n(LOAD-AIRPLANE P0 A0 L0-0)",
         "(load-truck p0 t0 l0-1)(load-airplane p0 a0 l0-0)"},
        {"1. Fly airplane_0 from airport location_0_0 to the airport location_1_0",
         "(fly-airplane a0 l0-0 l1-0)"},
        {"1. Drive truck truck_0 from location_0_0 to location_0_1 in the city city_0",
         "(drive-truck t0 l0-0 l0-1 c0)"},
        {"1. Load package_0 from location_0_1 into truck_0", "!holds no step"},
        /* only one city has both locations */
        {"1. Drive truck_0 from location_0_0 to location_0_1", "(drive-truck t0 l0-0 l0-1 c0)"},
        {"1. **Drive truck_0** from location_0_0 to location_0_1 (it is there now).",
         "(drive-truck t0 l0-0 l0-1 c0)"},
        {"1. Drive truck_0 from location_0_0 to location_1_0", "!holds no step"},
        {"1. Load package_0 into truck_0", "!holds no step"},
        {"1. Drive truck_0 to location_0_1 from location_0_0 in city_0", "!holds no step"},
        {"load package_0 into location_0_0 at location_0_0", "(load-truck p0 l0-0 l0-0)"},
    };
    CHECK(&cargo, NULL, rows);
}

static void the_reasoning_is_left_out(void **state) {
    (void)state;
    const char *answer;
    assert_true(fr_answer_find("<think>1. pick up b</think>\n1. pick up c", &answer));
    assert_string_equal(answer, "\n1. pick up c");
    assert_true(fr_answer_find("pick up b</think>no</think>yes", &answer));
    assert_string_equal(answer, "no</think>yes"); /* the reader looks on both sides */
    assert_true(fr_answer_find("<|inner_prefix|>a<|inner_suffix|>b", &answer)); /* Apertus */
    assert_string_equal(answer, "b");
    assert_true(fr_answer_find("<seed:think>a</seed:think>b", &answer));
    assert_string_equal(answer, "b");
    assert_true(fr_answer_find("an answer", &answer));
    assert_string_equal(answer, "an answer");
    assert_false(fr_answer_find("<think>1. pick up b", &answer));
    assert_false(fr_answer_find("<think>a</think>b<think>c", &answer));
}

static void a_verdict_follows_from_what_was_read(void **state) {
    (void)state;
    struct fr_plan plan = {0};
    struct fr_verdict v =
        fr_answer_verify(FR_STYLE_PLANBENCH, &blocks.wording,
                         "unstack a from b\nstack a on d\npick up b\nstack b on c", NULL,
                         &blocks.problem, &blocks.clean.items[0], &plan);
    assert_int_equal(v.kind, FR_VERDICT_GOAL_UNMET);
    v = fr_answer_verify(FR_STYLE_PLANBENCH, &blocks.wording, "1. pick up b", NULL, &blocks.problem,
                         &blocks.clean.items[0], &plan);
    assert_int_equal(v.kind, FR_VERDICT_ILLEGAL_STEP);
    assert_int_equal(v.step, 1);
    fr_plan_release(&plan);
}

/* Every restart of the numbers is a list of its own: thousands of them are no matter. */
static void an_answer_in_circles_is_read_to_its_end_or_refused_for_its_length(void **state) {
    (void)state;
    struct fr_text text = {0}, got = {0};
    while (text.len < 1000 * 1000)
        fr_text_add(&text, "1. Pick up b\n2. Stack b on c\n");
    fr_text_add(&text, "Final plan:\n1. Unstack a from b\n2. Put down a");
    read_answer(&blocks, NULL, fr_text_get(&text), &got);
    assert_string_equal(fr_text_get(&got), BOTH);
    while (text.len < (1 << 20) + 1)
        fr_text_add(&text, "\n");
    read_answer(&blocks, NULL, fr_text_get(&text), &got);
    assert_string_equal(fr_text_get(&got), "!the answer is longer than 1048576 bytes");
    fr_text_release(&text);
    fr_text_release(&got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_read_in_every_dress),
        cmocka_unit_test(the_letter_a_is_an_object_or_an_article),
        cmocka_unit_test(mystery_words_are_read_by_their_place),
        cmocka_unit_test(prose_is_no_step),
        cmocka_unit_test(a_list_with_a_step_that_cannot_be_read_is_no_plan),
        cmocka_unit_test(remarks_below_items_are_not_items),
        cmocka_unit_test(the_last_block_counts_else_the_last_list),
        cmocka_unit_test(logistics_sentences_are_told_apart_by_what_never_changes),
        cmocka_unit_test(an_answer_in_circles_is_read_to_its_end_or_refused_for_its_length),
        cmocka_unit_test(the_reasoning_is_left_out),
        cmocka_unit_test(a_verdict_follows_from_what_was_read),
    };
    return cmocka_run_group_tests(tests, load, release);
}
