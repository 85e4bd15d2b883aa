/* A study in PlanBench's style, and one in the style inferred, over a directory of problems: the
 * prompts it gives the model are the ones that the prompt room writes, with one solved example from
 * the collecting puzzles, in the naming's words; and what it stores says where each puzzle comes
 * from. */
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "prompts/prompts.h"
#include "study/study.h"
#include "support/random_gguf.h"
#include "test.h"

enum { N_PUZZLES = 12, N_COLLECT = 3 };

static char root[32];
static struct fr_domain domain;

static void path_of(const char *name, struct fr_text *out) {
    fr_text_clear(out);
    fr_text_printf(out, "%s/%s", root, name);
}

static void write_file(const char *name, const struct fr_text *text) {
    struct fr_error err;
    struct fr_text path = {0};
    path_of(name, &path);
    assert_ok(fr_file_write(fr_text_get(&path), fr_text_get(text), text->len, &err), err);
    fr_text_release(&path);
}

static void write_puzzles(void) {
    struct fr_error err;
    struct fr_puzzle puzzles[N_PUZZLES];
    struct fr_text path = {0}, text = {0};
    path_of("puzzles", &path);
    assert_ok(fr_dir_make(fr_text_get(&path), &err), err);
    for (int i = 0; i < N_PUZZLES; i++) {
        const enum fr_puzzle_split split = i % 2 ? FR_SPLIT_COLLECT : FR_SPLIT_EVALUATE;
        assert_ok(fr_puzzles_generate(puzzles, i / 2 + 1, split, 3, 2, FR_DISTINCT_PUZZLES, 1,
                                      &err),
                  err);
        struct fr_problem problem;
        char name[32];
        fr_puzzle_problem(&puzzles[i / 2], &domain, "p", &problem);
        fr_text_clear(&text);
        fr_problem_render(&problem, &text);
        snprintf(name, sizeof name, "puzzles/p-%d.pddl", i);
        write_file(name, &text);
        fr_problem_release(&problem);
    }
    fr_text_release(&path);
    fr_text_release(&text);
}

static void write_config(enum fr_prompt_style style) {
    struct fr_text text = {0};
    fr_text_add(&text,
                "study: styles\nmodel: {path: model.gguf, slots: 2, context_tokens: 3200}\n");
    fr_text_printf(&text,
                   "puzzles: {domain: %s, directory: puzzles, collect: %d, evaluate: 1, "
                   "min_plan_length: 2}\n",
                   fr_test_path("data/domains/blocksworld.pddl"), N_COLLECT);
    fr_text_printf(&text, "namings: {table: %s, use: [clean, \"1\"], exclude: []}\n",
                   fr_test_path("data/namings.tsv"));
    fr_text_printf(&text, "prompt: {style: %s}\n", fr_style_name[style]);
    fr_text_add(&text, "generation: {max_tokens: 3200}\n"
                       "representations: {grid_step: 100, grid_end: 100}\n"
                       "analyses: {reference_timestamp: 100, pca_timestamp: 100}\n");
    write_file("config.yaml", &text);
    fr_text_release(&text);
}

/* A model of random weights; long enough for prompts in single bytes. */
static void write_model(void) {
    struct fr_error err;
    struct fr_text path = {0};
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.context = 8192;
    gguf.n_layers = 1;
    path_of("model.gguf", &path);
    assert_ok(fr_random_gguf_write(fr_text_get(&path), &gguf, &err), err);
    fr_text_release(&path);
}

static int remove_root(void **state) {
    (void)state;
    static const char *const names[] = {"model.gguf",
                                        "config.yaml",
                                        "study/study.db",
                                        "study/study.db-wal",
                                        "study/study.db-shm",
                                        "study/lock",
                                        "study",
                                        "puzzles",
                                        ""};
    struct fr_text path = {0};
    char name[32];
    for (int i = 0; i < N_PUZZLES; i++) {
        snprintf(name, sizeof name, "puzzles/p-%d.pddl", i);
        path_of(name, &path);
        (void)unlink(fr_text_get(&path));
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(names[i], &path);
        if (unlink(fr_text_get(&path)) != 0)
            (void)rmdir(fr_text_get(&path));
    }
    fr_text_release(&path);
    fr_domain_release(&domain);
    return 0;
}

/* The problem and the plan of a puzzle, as they are stored. */
static void load_puzzle(struct fr_store *store, int64_t id, struct fr_problem *problem,
                        struct fr_plan *plan) {
    struct fr_error err;
    struct fr_query *query;
    struct fr_verdict verdict;
    assert_ok(fr_query_open(&query, store, &err,
                            "SELECT pddl, optimal_plan, optimal_length, source FROM puzzle"
                            " WHERE id = ?",
                            "i", id),
              err);
    assert_true(fr_query_next(query));
    assert_ok(fr_problem_parse(problem, &domain, fr_query_text(query, 0), "p", &err), err);
    assert_int_equal(fr_plan_parse_pddl(plan, problem, fr_query_text(query, 1), &verdict),
                     FR_VERDICT_SOLVED);
    assert_int_equal(fr_plan_verify(problem, plan).kind, FR_VERDICT_SOLVED);
    assert_int_equal(plan->n_steps, fr_query_int(query, 2));
    assert_non_null(strstr(fr_query_text(query, 3), "/puzzles/p-"));
    assert_ok(fr_query_close(query, &err), err);
}

/* The prompts hold mark and are longer than so many bytes. */
static void assert_asked_after_one_example(enum fr_prompt_style style, const char *mark,
                                           size_t shortest) {
    struct fr_error err = {0};
    struct fr_study *study;
    struct fr_text config = {0}, out = {0}, want = {0};
    struct fr_namings namings;
    struct fr_wording wording;
    struct fr_query *query;
    int n_ran, n_traces = 0;
    (void)snprintf(root, sizeof root, "/tmp/styles-XXXXXX");
    assert_non_null(mkdtemp(root));
    assert_ok(fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &err), err);
    assert_ok(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), &domain, &err), err);
    assert_ok(fr_wording_load(&wording, &domain,
                              fr_test_path("data/wordings/blocksworld-4ops.yaml"), &err),
              err);
    write_puzzles();
    write_config(style);
    write_model();
    path_of("config.yaml", &config);
    path_of("study", &out);
    assert_ok(fr_study_open(&study,
                            &(struct fr_study_options){.config_path = fr_text_get(&config),
                                                       .out_dir = fr_text_get(&out)},
                            &err),
              err);
    assert_ok(fr_study_run(study, FR_STAGE_ROLLOUTS, &n_ran, &err), err);
    struct fr_store *store = fr_study_store(study);
    assert_ok(fr_query_open(&query, store, &err,
                            "SELECT t.puzzle, t.naming, t.text, p.example, e.position, e.id FROM"
                            " trace t JOIN puzzle p ON p.id = t.puzzle JOIN puzzle e ON e.split ="
                            " 'collect' AND e.position = CASE p.split WHEN 'evaluate' THEN"
                            " p.position % ? ELSE iif(p.position = 0, 1, p.position - 1) END",
                            "i", (int64_t)N_COLLECT),
              err);
    for (; fr_query_next(query); n_traces++) {
        const int64_t id = fr_query_int(query, 0), example_id = fr_query_int(query, 5);
        assert_int_equal(fr_query_int(query, 3), fr_query_int(query, 4));
        assert_true(id != example_id);
        struct fr_problem problem, example;
        struct fr_plan plan = {0}, example_plan = {0};
        load_puzzle(store, id, &problem, &plan);
        load_puzzle(store, example_id, &example, &example_plan);
        fr_text_clear(&want);
        fr_prompt_render(&(struct fr_prompt){.style = style,
                                             .problem = &problem,
                                             .naming = &namings.items[fr_namings_find(
                                                 &namings, fr_query_text(query, 1))],
                                             .wording = &wording,
                                             .example = &example,
                                             .example_plan = &example_plan},
                         &want);
        size_t n;
        const char *text = fr_query_blob(query, 2, &n);
        assert_non_null(memmem(text, n, fr_text_get(&want), want.len));
        assert_true(want.len > shortest);
        assert_non_null(strstr(fr_text_get(&want), mark));
        fr_plan_release(&plan);
        fr_plan_release(&example_plan);
        fr_problem_release(&problem);
        fr_problem_release(&example);
    }
    assert_ok(fr_query_close(query, &err), err);
    assert_int_equal(n_traces, 2 * (N_COLLECT + 1));
    fr_study_close(study);
    fr_wording_release(&wording);
    fr_namings_release(&namings);
    fr_text_release(&config);
    fr_text_release(&out);
    fr_text_release(&want);
}

static void the_model_is_asked_in_planbench_s_words_after_one_example(void **state) {
    (void)state;
    assert_asked_after_one_example(FR_STYLE_PLANBENCH, "\n[PLAN END]\n", 2000);
}

static void
the_model_is_asked_in_the_terse_dialect_after_transitions_and_one_example(void **state) {
    (void)state;
    assert_asked_after_one_example(FR_STYLE_INFERRED, "\n1 ", 400);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_model_is_asked_in_planbench_s_words_after_one_example,
                                  remove_root),
        cmocka_unit_test_teardown(
            the_model_is_asked_in_the_terse_dialect_after_transitions_and_one_example, remove_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
