/* Answers to a puzzle of three blocks, each a row with the plan that a careful person reads, or "!"
 * and a part of the reason why none can be read. */
#ifndef FR_TESTS_ROWS_FIXTURE_H
#define FR_TESTS_ROWS_FIXTURE_H

#include "prompts/prompts.h"

#include <string.h>

#include "support/blocksworld.h"
#include "test.h"

#define F "Feast object b from object a"
#define S "Succumb object b"
#define A "Attack object a"
#define O "Overcome object a from object c"
#define FS "1. " F "\n2. " S "\n"
#define AO "1. " A "\n2. " O "\n"
#define WHOLE "1. " F "\n2. " S "\n3. " A "\n4. " O "\n"
#define BARE F "\n" S "\n" A "\n" O "\n"

/* What is read: the head, the tail, both, and the tail first. */
#define HEAD "(unstack b a)(put-down b)"
#define TAIL "(pick-up a)(stack a c)"
#define PLAN HEAD TAIL

static const char puzzle[] =
    "(define (problem three-blocks) (:domain blocksworld-4ops) (:objects a b c)\n"
    "(:init (handempty) (ontable a) (on b a) (clear b) (ontable c) (clear c)) (:goal (on a c)))";

static struct fr_blocksworld blocksworld;
static struct fr_problem problem;

static int load(void **state) {
    (void)state;
    struct fr_error err = {0};
    if (fr_blocksworld_load(&blocksworld) != 0)
        return -1;
    assert_ok(fr_problem_parse(&problem, &blocksworld.domain, puzzle, "three", &err), err);
    return 0;
}

static int release(void **state) {
    (void)state;
    fr_problem_release(&problem);
    fr_blocksworld_release(&blocksworld);
    return 0;
}

struct row {
    const char *answer, *expected;
};

static void check_rows(const struct row *rows, size_t n, const char *id) {
    const struct fr_naming *naming =
        &blocksworld.namings.items[fr_namings_find(&blocksworld.namings, id)];
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        struct fr_plan plan = {0};
        struct fr_text got = {0};
        const struct fr_verdict verdict = fr_answer_judge(FR_STYLE_PLANBENCH, &blocksworld.wording,
                                                          rows[i].answer, &problem, naming, &plan);
        if (verdict.kind == FR_VERDICT_UNPARSED || verdict.kind == FR_VERDICT_TRUNCATED)
            fr_text_printf(&got, "!%s", verdict.reason);
        for (int k = 0; k < plan.n_steps; k++)
            fr_step_render(&problem, &plan.steps[k], &got);
        const char *expected = rows[i].expected, *read = fr_text_get(&got);
        const bool right = *expected == '!' ? *read == '!' && strstr(read, expected + 1) != NULL
                                            : strcmp(read, expected) == 0;
        if (!right)
            print_error("%s\n  is read as %s\n  expected   %s\n\n", rows[i].answer, read, expected);
        bad += !right;
        fr_plan_release(&plan);
        fr_text_release(&got);
    }
    assert_int_equal(bad, 0);
}
#define CHECK(rows) check_rows(rows, sizeof rows / sizeof *rows, "1")
#define CHECK_CLEAN(rows) check_rows(rows, sizeof rows / sizeof *rows, "clean")

#endif
