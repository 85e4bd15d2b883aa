/* The style inferred: its prompts byte for byte as a second implementation writes them
 * (golden/prompts/make_inferred.py), with naming and puzzle changed; words and answers are terse's;
 * mentions are found in the transitions and the example. */
#include "prompts/prompts.h"

#include <string.h>

#include "base/file.h"
#include "mentions/mentions.h"
#include "test.h"
#include "unit/prompts/prompts_fixture.h"

/* A solved example and a puzzle. */
struct task {
    struct fr_problem example, puzzle;
    struct fr_plan plan;
};

static void read_towers(char **p, int n, int8_t *below) {
    for (int b = 0; b < n; b++)
        below[b] = (int8_t)strtol(*p, p, 10);
    *p += strspn(*p, " |");
}

/* A line "@ N | EXAMPLE | ITS GOAL | PUZZLE | ITS GOAL | PLAN" of the golden file. */
static void read_task(char *p, struct task *out) {
    struct fr_puzzle example = {0}, puzzle = {0};
    *out = (struct task){0};
    p += 2;
    example.n_blocks = puzzle.n_blocks = (int)strtol(p, &p, 10);
    p += strspn(p, " |");
    read_towers(&p, example.n_blocks, example.init);
    read_towers(&p, example.n_blocks, example.goal);
    read_towers(&p, example.n_blocks, puzzle.init);
    read_towers(&p, example.n_blocks, puzzle.goal);
    while (*p != '\0' && *p != '\n') {
        struct fr_step step = {.action = (int)strtol(p, &p, 10)};
        for (int i = 0; i < 2; i++) {
            const int block = (int)strtol(p, &p, 10);
            if (block >= 0)
                step.args[step.n_args++] = block;
        }
        fr_plan_append(&out->plan, &step);
        p += *p == ',';
    }
    fr_puzzle_problem(&example, &blocksworld.domain, "example", &out->example);
    fr_puzzle_problem(&puzzle, &blocksworld.domain, "puzzle", &out->puzzle);
    assert_int_equal(fr_plan_verify(&out->example, &out->plan).kind, FR_VERDICT_SOLVED);
}

static void release_task(struct task *task) {
    fr_problem_release(&task->example);
    fr_problem_release(&task->puzzle);
    fr_plan_release(&task->plan);
}

static void render(const struct task *task, const char *naming, struct fr_text *out) {
    fr_text_clear(out);
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_INFERRED,
                                         .problem = &task->puzzle,
                                         .naming = naming_of(naming),
                                         .example = &task->example,
                                         .example_plan = &task->plan},
                     out);
}

static void load_golden(struct fr_text *out) {
    struct fr_error err = {0};
    assert_ok(fr_file_read(fr_test_path("tests/golden/prompts/inferred.txt"), 1 << 20, out, &err),
              err);
}

static void prompts_are_those_of_a_second_implementation(void **state) {
    (void)state;
    struct fr_text golden = {0}, got = {0};
    int n = 0;
    load_golden(&golden);
    for (char *p = (char *)fr_text_get(&golden), *end; *p != '\0'; p = end, n++) {
        struct task task;
        assert_int_equal(*p, '@');
        char *text = strchr(p, '\n') + 1;
        end = strstr(text, "\n@");
        end = end != NULL ? end + 1 : text + strlen(text);
        read_task(p, &task);
        render(&task, "1", &got);
        fr_text_add(&got, "\n");
        if (got.len != (size_t)(end - text) || memcmp(fr_text_get(&got), text, got.len) != 0)
            fail_msg("case %d: got\n%swant\n%.*s", n + 1, fr_text_get(&got), (int)(end - text),
                     text);
        release_task(&task);
    }
    assert_int_equal(n, 24);
    fr_text_release(&golden);
    fr_text_release(&got);
}

static void first_task(struct task *task) {
    struct fr_text golden = {0};
    load_golden(&golden);
    read_task((char *)fr_text_get(&golden), task);
    fr_text_release(&golden);
}

static void another_naming_changes_the_words_alone(void **state) {
    (void)state;
    struct task task;
    struct fr_text out = {0};
    first_task(&task);
    render(&task, "clean", &out);
    assert_string_equal(
        fr_text_get(&out),
        "* holding A ontable B clear B > putdown A > ontable A clear A ontable B clear B "
        "handempty\n"
        "* ontable A clear A ontable B clear B handempty > pickup A > holding A ontable B clear B\n"
        "* on A B clear A ontable B handempty > unstack A B > holding A ontable B clear B\n"
        "* holding A ontable B clear B > stack A B > on A B clear A ontable B handempty\n"
        "= ontable A clear A ontable B clear B handempty\n"
        "? on A B\n"
        "1 pickup A\n"
        "2 stack A B\n"
        "= ontable A clear A ontable B clear B handempty\n"
        "? on B A");
    fr_text_release(&out);
    release_task(&task);
}

/* The example's part is the same before every puzzle, and the puzzle's is terse's own. */
static void the_puzzle_ends_the_prompt_as_in_terse(void **state) {
    (void)state;
    struct task task;
    struct fr_text out = {0}, other = {0}, terse = {0};
    first_task(&task);
    render(&task, "2", &out);
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_TERSE,
                                         .problem = &task.puzzle,
                                         .naming = naming_of("2")},
                     &terse);
    const char *puzzle = strstr(fr_text_get(&terse), "\n= ");
    assert_non_null(puzzle);
    assert_string_equal(fr_text_get(&out) + out.len - strlen(puzzle), puzzle);
    const size_t n_example = out.len - strlen(puzzle);
    const struct fr_problem kept = task.puzzle;
    task.puzzle = task.example;
    render(&task, "2", &other);
    task.puzzle = kept;
    assert_memory_equal(fr_text_get(&out), fr_text_get(&other), n_example);
    assert_string_not_equal(fr_text_get(&out), fr_text_get(&other));
    fr_text_release(&out);
    fr_text_release(&other);
    fr_text_release(&terse);
    release_task(&task);
}

static void words_and_answers_are_terse_s(void **state) {
    (void)state;
    struct task task;
    struct fr_plan plan = {0};
    char word[64];
    first_task(&task);
    fr_prompt_word(FR_STYLE_INFERRED, NULL, naming_of("clean"), 0, word, sizeof word);
    assert_string_equal(word, "pickup");
    const char *answer = "x</think>\n1 attack B\n2 overcome B A";
    assert_int_equal(fr_answer_verify(FR_STYLE_INFERRED, NULL, answer, "</think>", &task.puzzle,
                                      naming_of("1"), &plan)
                         .kind,
                     FR_VERDICT_SOLVED);
    answer = "first attack B, then overcome B A";
    assert_int_equal(fr_answer_verify(FR_STYLE_INFERRED, NULL, answer, NULL, &task.puzzle,
                                      naming_of("1"), &plan)
                         .kind,
                     FR_VERDICT_UNPARSED);
    fr_plan_release(&plan);
    release_task(&task);
}

static void styles_say_what_they_are(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool terse;
        enum fr_style_examples examples;
    } want[] = {{"terse", true, FR_EXAMPLES_NEVER},
                {"planbench", false, FR_EXAMPLES_OPTIONAL},
                {"paper", false, FR_EXAMPLES_OPTIONAL},
                {"inferred", true, FR_EXAMPLES_ALWAYS},
                {"ambiguous", true, FR_EXAMPLES_NEVER}};
    assert_int_equal(FR_STYLE_COUNT, 5);
    for (int i = 0; i < FR_STYLE_COUNT; i++) {
        assert_string_equal(fr_style_name[i], want[i].name);
        assert_int_equal(fr_style_is_terse((enum fr_prompt_style)i), want[i].terse);
        assert_int_equal(fr_style_examples((enum fr_prompt_style)i), want[i].examples);
    }
}

/* By characters: a token for each. The words of a concept are counted by hand in the prompt of
 * another_naming_changes_the_words_alone. */
static void mentions_are_found_in_transitions_example_and_puzzle(void **state) {
    (void)state;
    enum { LONGEST = 2048 };
    static int32_t starts[LONGEST], ends[LONGEST];
    static const int want[] = {2, 1, 2, 1, 14, 14, 6, 4, 4};
    struct task task;
    struct fr_text out = {0};
    struct fr_forms forms;
    struct fr_mentions found = {0};
    int n[FR_MAX_CONCEPTS] = {0};
    first_task(&task);
    render(&task, "1", &out);
    assert_true(out.len < LONGEST);
    for (int i = 0; i < (int)out.len; i++) {
        starts[i] = i;
        ends[i] = i + 1;
    }
    fr_forms_of_naming(&blocksworld.namings.concepts, naming_of("1"), FR_STYLE_INFERRED, NULL,
                       FR_INFLECTION_EXACT, &forms);
    fr_mentions_find(&forms, fr_text_get(&out), out.len, starts, ends, (int)out.len, &found);
    for (int i = 0; i < found.n; i++)
        n[found.items[i].concept]++;
    for (int a = 0; a < blocksworld.namings.concepts.n; a++)
        assert_int_equal(n[a], want[a]);
    fr_mentions_release(&found);
    fr_forms_release(&forms);
    fr_text_release(&out);
    release_task(&task);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prompts_are_those_of_a_second_implementation),
        cmocka_unit_test(another_naming_changes_the_words_alone),
        cmocka_unit_test(the_puzzle_ends_the_prompt_as_in_terse),
        cmocka_unit_test(words_and_answers_are_terse_s),
        cmocka_unit_test(styles_say_what_they_are),
        cmocka_unit_test(mentions_are_found_in_transitions_example_and_puzzle),
    };
    return cmocka_run_group_tests(tests, load, release);
}
