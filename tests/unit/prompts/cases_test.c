/* Whole answers with the verdict that a careful person gives: tests/golden/answers/cases.txt. */
#include "prompts/prompts.h"

#include <stdio.h>
#include <string.h>

#include "support/blocksworld.h"
#include "test.h"

static const char three[] =
    "(define (problem three-blocks) (:domain blocksworld-4ops) (:objects a b c)\n"
    "(:init (handempty) (ontable a) (on b a) (clear b) (ontable c) (clear c)) (:goal (on a c)))";
static const char six[] =
    "(define (problem six-blocks) (:domain blocksworld-4ops) (:objects a b c d e f)\n"
    "(:init (handempty) (ontable a) (on b a) (on c b) (on d c) (on e d) (on f e) (clear f))\n"
    "(:goal (and (on a b) (on b c) (on c d) (on d e) (on e f))))";

static struct fr_blocksworld blocksworld;
static struct fr_problem puzzles[2];

static int load(void **state) {
    (void)state;
    struct fr_error err = {0};
    if (fr_blocksworld_load(&blocksworld) != 0)
        return -1;
    assert_ok(fr_problem_parse(&puzzles[0], &blocksworld.domain, three, "three", &err), err);
    assert_ok(fr_problem_parse(&puzzles[1], &blocksworld.domain, six, "six", &err), err);
    return 0;
}

static int release(void **state) {
    (void)state;
    fr_problem_release(&puzzles[0]);
    fr_problem_release(&puzzles[1]);
    fr_blocksworld_release(&blocksworld);
    return 0;
}

static struct fr_verdict judge(const char *text, const char *naming, const char *puzzle) {
    const struct fr_problem *problem = &puzzles[strcmp(puzzle, "six") == 0];
    const struct fr_naming *words =
        &blocksworld.namings.items[fr_namings_find(&blocksworld.namings, naming)];
    struct fr_verdict verdict = {.kind = FR_VERDICT_TRUNCATED};
    struct fr_plan plan = {0};
    const char *answer;
    if (fr_answer_find(text, &answer))
        verdict = fr_answer_verify(FR_STYLE_PLANBENCH, &blocksworld.wording, answer, NULL, problem,
                                   words, &plan);
    fr_plan_release(&plan);
    return verdict;
}

static bool is_expected(const struct fr_verdict *v, const char *expected) {
    if (strncmp(expected, "illegal ", 8) == 0)
        return v->kind == FR_VERDICT_ILLEGAL_STEP && v->step == (int)strtol(expected + 8, NULL, 10);
    if (strncmp(expected, "unparsed", 8) == 0)
        return v->kind == FR_VERDICT_UNPARSED &&
               (expected[8] != ':' || strstr(v->reason, expected + 10) != NULL);
    return v->kind == (strcmp(expected, "solved") == 0 ? FR_VERDICT_SOLVED : FR_VERDICT_TRUNCATED);
}

/* The field that begins at *at, which moves behind the sign that ends it. */
static const char *take_field(char **at) {
    char *field = *at, *end = strstr(field, " | ");
    if (end != NULL) {
        *end = '\0';
        *at = end + 3;
    }
    return field;
}

static int check_record(char *header, const char *text) {
    const char *name = take_field(&header), *naming = take_field(&header);
    const char *puzzle = take_field(&header), *expected = header;
    const struct fr_verdict v = judge(text, naming, puzzle);
    if (is_expected(&v, expected))
        return 0;
    print_error("%s: expected %s, got %s %d \"%s\"\n%s", name, expected, fr_verdict_name[v.kind],
                v.step, v.reason, text);
    return 1;
}

static void answers_are_judged_as_a_careful_person_does(void **state) {
    (void)state;
    FILE *file = fopen(fr_test_path("tests/golden/answers/cases.txt"), "r");
    assert_non_null(file);
    char *line = NULL, *header = NULL;
    size_t room = 0;
    struct fr_text text = {0};
    int n = 0, wrong = 0;
    bool more = true;
    while (more) {
        more = getline(&line, &room, file) > 0;
        if (more && strncmp(line, "=== ", 4) != 0) {
            if (header != NULL)
                fr_text_add(&text, line);
            continue;
        }
        if (header != NULL) {
            wrong += check_record(header, fr_text_get(&text));
            n++;
        }
        free(header);
        fr_text_clear(&text);
        header = more ? strndup(line + 4, strcspn(line + 4, "\n")) : NULL;
    }
    free(line);
    fr_text_release(&text);
    (void)fclose(file);
    assert_in_range(n, 100, 1000);
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_judged_as_a_careful_person_does),
    };
    return cmocka_run_group_tests(tests, load, release);
}
