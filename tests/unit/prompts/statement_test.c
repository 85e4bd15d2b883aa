/* Puzzles read back from prompts: ours of every naming and style, and the recorded ones. */
#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/statement.h"
#include "support/test.h"

static struct {
    struct fr_domain domain;
    struct fr_namings namings;
    struct fr_wording wording;
} world;
static struct fr_error err;

static int set_up(void **state) {
    (void)state;
    assert_ok(fr_domain_load(&world.domain, fr_test_path("data/domains/blocksworld.pddl"), &err),
              err);
    assert_ok(fr_namings_load(&world.namings, fr_test_path("data/namings.tsv"), &world.domain,
                              &err),
              err);
    assert_ok(fr_wording_load(&world.wording, &world.domain,
                              fr_test_path("data/wordings/blocksworld-4ops.yaml"), &err),
              err);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    fr_wording_release(&world.wording);
    fr_namings_release(&world.namings);
    fr_domain_release(&world.domain);
    return 0;
}

static const struct fr_naming *naming_of(const char *id) {
    return &world.namings.items[fr_namings_find(&world.namings, id)];
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The facts, then the goal, each sorted: the order of a prompt is its own. */
static void render_sorted(const struct fr_problem *p, struct fr_text *out) {
    fr_text_clear(out);
    for (int part = 0; part < 2; part++) {
        const int n = part == 0 ? p->n_init : p->n_goal;
        char **items = fr_alloc((size_t)n + 1, sizeof *items);
        for (int i = 0; i < n; i++) {
            struct fr_text text = {0};
            if (part == 1 && !p->goal[i].positive)
                fr_text_add(&text, "not ");
            fr_atom_render(p, part == 0 ? &p->init[i] : &p->goal[i].atom, &text);
            items[i] = fr_text_take(&text);
        }
        qsort(items, (size_t)n, sizeof *items, compare);
        for (int i = 0; i < n; i++) {
            fr_text_printf(out, "%s\n", items[i]);
            free(items[i]);
        }
        fr_text_add(out, "--\n");
        free(items);
    }
}

static void assert_reads(enum fr_prompt_style style, const struct fr_naming *naming,
                         const char *prompt, const struct fr_problem *problem) {
    struct fr_problem read;
    struct fr_text want = {0}, got = {0};
    assert_ok(fr_statement_read(style, &world.wording, naming, prompt, &read, &err), err);
    render_sorted(problem, &want);
    render_sorted(&read, &got);
    assert_string_equal(fr_text_get(&got), fr_text_get(&want));
    fr_text_release(&want);
    fr_text_release(&got);
    fr_problem_release(&read);
}

static void a_puzzle_is_read_back_from_its_prompt_in_every_naming(void **state) {
    (void)state;
    struct fr_rng rng;
    fr_rng_seed(&rng, 4, 4);
    static const enum fr_prompt_style styles[] = {FR_STYLE_PLANBENCH, FR_STYLE_PAPER};
    for (int i = 0; i < world.namings.n; i++)
        for (int k = 0; k < 2; k++) {
            struct fr_puzzle puzzle, other;
            struct fr_problem problem, example;
            struct fr_plan plan;
            struct fr_text prompt = {0};
            int length;
            fr_puzzle_random(&rng, 3 + i % 4, &puzzle);
            fr_puzzle_random(&rng, 4, &other);
            fr_puzzle_problem(&puzzle, &world.domain, "p", &problem);
            fr_puzzle_problem(&other, &world.domain, "e", &example);
            assert_ok(fr_problem_solve(&example, 100000, &plan, &length, &err), err);
            fr_prompt_render(&(struct fr_prompt){.style = styles[k],
                                                 .problem = &problem,
                                                 .naming = &world.namings.items[i],
                                                 .wording = &world.wording,
                                                 .example = i % 2 ? &example : NULL,
                                                 .example_plan = &plan},
                             &prompt);
            assert_reads(styles[k], &world.namings.items[i], fr_text_get(&prompt), &problem);
            fr_text_release(&prompt);
            fr_plan_release(&plan);
            fr_problem_release(&problem);
            fr_problem_release(&example);
        }
}

static void recorded_prompts_are_the_puzzles_they_were_made_from(void **state) {
    (void)state;
    static const char *const files[] = {"planbench/traces-deepseek-r1-mystery-3blocks.jsonl",
                                        "planbench/traces-deepseek-r1-blocksworld-3blocks.jsonl"};
    int n = 0;
    for (int k = 0; k < 2; k++) {
        const char *path = fr_test_shared(files[k]);
        if (path == NULL)
            skip();
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        for (json_t *line; (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)) != NULL; n++) {
            char name[96];
            struct fr_problem problem;
            (void)snprintf(name, sizeof name, "planbench/blocksworld/instances_3/instance-%d.pddl",
                           (int)json_integer_value(json_object_get(line, "instance_id")));
            assert_ok(fr_problem_load(&problem, &world.domain, fr_test_shared(name), &err), err);
            assert_reads(FR_STYLE_PLANBENCH, naming_of(k == 0 ? "1" : "clean"),
                         json_string_value(json_object_get(line, "prompt")), &problem);
            fr_problem_release(&problem);
            json_decref(line);
        }
        (void)fclose(file);
    }
    assert_int_equal(n, 201);
}

/* c and d stand in no fact: what is not told could not be used. */
static void objects_that_stand_alone_are_told_and_read_back(void **state) {
    (void)state;
    static const char pddl[] =
        "(define (problem p) (:domain blocksworld-4ops) (:objects a b c d)\n"
        "(:init (handempty) (on a b) (clear a) (ontable b) (clear a)) (:goal (and (on b a))))";
    static const enum fr_prompt_style styles[] = {FR_STYLE_PLANBENCH, FR_STYLE_PAPER};
    static const char *const namings[] = {"1", "clean"};
    struct fr_problem problem;
    assert_ok(fr_problem_parse(&problem, &world.domain, pddl, "p", &err), err);
    for (int k = 0; k < 4; k++) {
        struct fr_problem read;
        struct fr_text prompt = {0};
        const struct fr_naming *naming = naming_of(namings[k / 2]);
        fr_prompt_render(&(struct fr_prompt){.style = styles[k % 2],
                                             .problem = &problem,
                                             .naming = naming,
                                             .wording = &world.wording},
                         &prompt);
        assert_reads(styles[k % 2], naming, fr_text_get(&prompt), &problem);
        assert_ok(fr_statement_read(styles[k % 2], &world.wording, naming, fr_text_get(&prompt),
                                    &read, &err),
                  err);
        assert_int_equal(read.n_objects, 4);
        assert_int_equal(read.n_init, 4);
        assert_true(fr_problem_find_object(&read, "c") >= 0);
        assert_true(fr_problem_find_object(&read, "d") >= 0);
        fr_problem_release(&read);
        fr_text_release(&prompt);
    }
    fr_problem_release(&problem);
}

static void what_is_no_statement_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *prompt, *says;
    } cases[] = {
        {"Solve this.", "no \"As initial conditions"},
        {"As initial conditions I have that, harmony.\nMy goal is to have that pain object a",
         "no \"As initial conditions"},
        {"As initial conditions I have that, harmony and joy.\nMy goal is to have that pain object "
         "a.",
         "no fact in naming 1: \"joy\""},
        {"As initial conditions I have that, harmony.\nMy goal is to have that pain.",
         "no fact in naming 1: \"pain\""},
        {"As initial conditions I have that, harmony, .\nMy goal is to have that pain object a.",
         "no fact in naming 1: \"\""},
        {"As initial conditions I have that, pain object (a).\nMy goal is to have that harmony.",
         "no fact in naming 1"},
    };
    struct fr_problem problem;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fr_statement_read(FR_STYLE_PLANBENCH, &world.wording, naming_of("1"),
                                           cases[i].prompt, &problem, &err),
                         FR_E_INPUT);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("\"%s\" does not say: %s", err.text, cases[i].says);
        assert_int_equal(problem.n_objects, 0);
    }
    assert_int_equal(fr_statement_read(FR_STYLE_TERSE, &world.wording, naming_of("1"), "?",
                                       &problem, &err),
                     FR_E_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_puzzle_is_read_back_from_its_prompt_in_every_naming),
        cmocka_unit_test(recorded_prompts_are_the_puzzles_they_were_made_from),
        cmocka_unit_test(objects_that_stand_alone_are_told_and_read_back),
        cmocka_unit_test(what_is_no_statement_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
