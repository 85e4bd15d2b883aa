/* Recorded traces in PlanBench's words, matched over namings, on a model of random weights: the
 * stored traces are what the model would have read, their puzzles those of the prompts, and every
 * naming has the same mentions. */
#include <jansson.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "mentions/mentions.h"
#include "study/study.h"
#include "support/random_gguf.h"
#include "support/test.h"

enum { N_TRACES = 3, N_NAMINGS = 3, N_CONCEPTS = 9 };
static const char *const ids[N_NAMINGS] = {"1", "18", "20"};
static const char reasoning[] =
    "To attack a I need province a; \"Attacking\" two separate things (succumbs, *Overcame*)...\n"
    "harmony\u2014the planet's pain\u2026 it craved, feasted and craves. Painful attackers!";

static struct fr_error err;
static char root[] = "import.XXXXXX";
static struct fr_domain domain;
static struct fr_namings namings;
static struct fr_wording wording;
static struct fr_problem problems[N_TRACES];

static const char *in_root(const char *name) {
    static char paths[4][256];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static const struct fr_naming *naming_of(const char *id) {
    return &namings.items[fr_namings_find(&namings, id)];
}

/* The plan as an answer, in the prompt's sentences. */
static void write_answer(const struct fr_problem *problem, struct fr_text *out) {
    struct fr_plan plan;
    int length;
    assert_ok(fr_problem_solve(problem, 100000, &plan, &length, &err), err);
    fr_text_add(out, "My plan:\n\n[PLAN]\n");
    for (int i = 0; i < plan.n_steps; i++) {
        struct fr_text objects[2] = {{0}, {0}};
        const char *arguments[2];
        for (int k = 0; k < plan.steps[i].n_args; k++) {
            fr_wording_object(&wording, FR_REGISTER_OBFUSCATED,
                              problem->objects[plan.steps[i].args[k]], &objects[k]);
            arguments[k] = fr_text_get(&objects[k]);
        }
        fr_wording_say(&wording, FR_REGISTER_OBFUSCATED, naming_of("1"), plan.steps[i].action,
                       arguments, plan.steps[i].n_args, out);
        fr_text_add(out, "\n");
        fr_text_release(&objects[0]);
        fr_text_release(&objects[1]);
    }
    fr_text_add(out, "[PLAN END]\n");
    fr_plan_release(&plan);
}

static void write_traces(void) {
    FILE *file = fopen(in_root("traces.jsonl"), "w");
    struct fr_rng rng;
    fr_rng_seed(&rng, 9, 9);
    assert_non_null(file);
    for (int i = 0; i < N_TRACES; i++) {
        struct fr_puzzle puzzle;
        struct fr_text prompt = {0}, answer = {0}, pddl = {0};
        char name[32];
        fr_puzzle_random(&rng, 3, &puzzle);
        fr_puzzle_problem(&puzzle, &domain, "p", &problems[i]);
        fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_PLANBENCH,
                                             .problem = &problems[i],
                                             .naming = naming_of("1"),
                                             .wording = &wording},
                         &prompt);
        write_answer(&problems[i], &answer);
        json_t *line = json_pack("{s:i, s:s, s:s, s:s, s:b}", "instance_id", 10 + i, "prompt",
                                 fr_text_get(&prompt), "reasoning", reasoning, "answer",
                                 fr_text_get(&answer), "correct", 1);
        (void)json_dumpf(line, file, 0);
        (void)fputc('\n', file);
        json_decref(line);
        fr_problem_render(&problems[i], &pddl);
        (void)snprintf(name, sizeof name, "instance-%d.pddl", 10 + i);
        assert_ok(fr_file_write(in_root(name), fr_text_get(&pddl), pddl.len, &err), err);
        fr_text_release(&prompt);
        fr_text_release(&answer);
        fr_text_release(&pddl);
    }
    assert_int_equal(fclose(file), 0);
}

static void write_config(const char *name, const char *more) {
    struct fr_text text = {0};
    fr_text_printf(&text,
                   "study: import\nmodel: {path: model.gguf, slots: 1, threads: 1, context_tokens: "
                   "8192}\npuzzles: {domain: %s, collect: %d, evaluate: 0}\n",
                   fr_test_path("data/domains/blocksworld.pddl"), N_TRACES);
    fr_text_printf(&text,
                   "traces: {import: traces.jsonl, naming: \"1\", match: true%s}\n"
                   "namings: {table: %s, use: [\"1\", \"18\", \"20\"], exclude: []}\n"
                   "prompt: {style: planbench}\ngeneration: {max_tokens: 8000}\n"
                   "representations: {window_tokens: 400, grid_step: 100, grid_end: 400,"
                   " min_mentions: 1}\nanalyses: {reference_timestamp: 400, pca_timestamp: 400,"
                   " resamples: 20}\nsteering: {layers: [], vector_timestamp: 400}\n",
                   more, fr_test_path("data/namings.tsv"));
    assert_ok(fr_file_write(in_root(name), fr_text_get(&text), text.len, &err), err);
    fr_text_release(&text);
}

static int set_up(void **state) {
    (void)state;
    assert_non_null(mkdtemp(root));
    assert_ok(fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &err), err);
    assert_ok(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), &domain, &err), err);
    assert_ok(fr_wording_load(&wording, &domain,
                              fr_test_path("data/wordings/blocksworld-4ops.yaml"), &err),
              err);
    struct fr_random_gguf gguf = fr_random_gguf_defaults();
    gguf.context = 8192;
    gguf.n_layers = 2;
    assert_ok(fr_random_gguf_write(in_root("model.gguf"), &gguf, &err), err);
    write_traces();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r '%s'", root);
    for (int i = 0; i < N_TRACES; i++)
        fr_problem_release(&problems[i]);
    fr_wording_release(&wording);
    fr_namings_release(&namings);
    fr_domain_release(&domain);
    return system(command);
}

static struct fr_study *run(const char *config, const char *out, enum fr_stage last) {
    struct fr_study *study;
    int n_ran;
    assert_ok(fr_study_open(&study,
                            &(struct fr_study_options){.config_path = in_root(config),
                                                       .out_dir = in_root(out)},
                            &err),
              err);
    assert_ok(fr_study_run(study, last, &n_ran, &err), err);
    return study;
}

static void assert_same_puzzle(const char *pddl, const struct fr_problem *want) {
    struct fr_problem got;
    assert_ok(fr_problem_parse(&got, &domain, pddl, "stored", &err), err);
    assert_true(fr_problem_class(&got) == fr_problem_class(want));
    assert_int_equal(got.n_init, want->n_init);
    assert_int_equal(got.n_goal, want->n_goal);
    fr_problem_release(&got);
}

static void count_mentions(const char *naming, const struct fr_trace *trace,
                           int counts[N_CONCEPTS]) {
    struct fr_forms forms;
    struct fr_mentions mentions = {0};
    fr_forms_of_naming(&namings.concepts, naming_of(naming), FR_STYLE_PLANBENCH, &wording,
                       FR_INFLECTION_INFLECTED, &forms);
    fr_mentions_find(&forms, trace->text, trace->text_len, trace->starts, trace->ends,
                     trace->n_tokens, &mentions);
    memset(counts, 0, N_CONCEPTS * sizeof *counts);
    for (int i = 0; i < mentions.n; i++)
        counts[mentions.items[i].concept]++;
    fr_mentions_release(&mentions);
    fr_forms_release(&forms);
}

static void a_recorded_trace_is_stored_in_every_naming_and_only_its_words_differ(void **state) {
    (void)state;
    write_config("config.yaml", "");
    struct fr_study *study = run("config.yaml", "study", FR_STAGE_REPORT);
    struct fr_store *store = fr_study_store(study);
    int first[N_CONCEPTS] = {0}; /* of the trace in naming 1 */
    struct fr_query *order, *query;
    /* Lines in the order of the file, of each its namings. */
    assert_ok(fr_query_open(&order, store, &err,
                            "SELECT t.puzzle, t.naming, p.position FROM trace t JOIN puzzle p ON"
                            " p.id = t.puzzle ORDER BY t.rowid",
                            ""),
              err);
    for (int k = 0; k < N_TRACES * N_NAMINGS; k++) {
        struct fr_trace trace;
        int counts[N_CONCEPTS];
        const char *id = ids[k % N_NAMINGS];
        assert_true(fr_query_next(order));
        assert_string_equal(fr_query_text(order, 1), id);
        assert_int_equal(fr_query_int(order, 2), k / N_NAMINGS);
        assert_ok(fr_store_get_trace(store, fr_query_int(order, 0), id, &trace, &err), err);
        assert_string_equal(trace.naming, id);
        assert_int_equal(trace.puzzle, fr_query_int(order, 0));
        assert_int_equal(trace.verdict.kind, FR_VERDICT_SOLVED);

        /* The prompt, whose template opens the reasoning, then the reasoning up to the end tag. */
        char *text = fr_strndup(trace.text, trace.text_len);
        const char *start = strstr(text, "<think>\n"), *end = strstr(text, "\n</think>\n\n");
        assert_true(start != NULL && end != NULL && start < end);
        assert_int_equal(start + strlen("<think>\n") - text, trace.starts[trace.n_prompt]);
        assert_true(strstr(end, "[PLAN END]") != NULL);
        const int n_reasoning_end = trace.n_prompt + trace.n_reasoning;
        assert_in_range(trace.ends[n_reasoning_end - 1], end - text, end - text + 1);
        const size_t n = (size_t)(end - start) - strlen("<think>\n");
        struct fr_text want = {0};
        if (strcmp(id, "1") == 0)
            fr_text_add(&want, reasoning);
        else if (strcmp(id, "18") == 0) /* "separate" is its word: swapped */
            fr_text_add(&want,
                        "To release a I need occupied a; \"Releasing\" two overcome things "
                        "(grasps, *Separated*)...\ncrowded\u2014the floating's avoids\u2026 it "
                        "repelled, combined and repels. Painful attackers!");
        else
            fr_text_add(&want,
                        "To flixate a I need thristy a; \"Flixating\" two separate things "
                        "(gramples, *Chondered*)...\nplimmish\u2014the morkled's quorbles\u2026 it "
                        "vexated, sprilled and vexates. Painful attackers!");
        assert_int_equal(n, want.len);
        assert_memory_equal(start + strlen("<think>\n"), fr_text_get(&want), n);
        fr_text_release(&want);
        free(text);

        count_mentions(id, &trace, counts);
        if (k % N_NAMINGS == 0)
            memcpy(first, counts, sizeof first);
        for (int a = 0; a < N_CONCEPTS; a++) {
            assert_true(counts[a] > 0);
            assert_int_equal(counts[a], first[a]);
        }
        fr_trace_release(&trace);
    }
    assert_false(fr_query_next(order));
    assert_ok(fr_query_close(order, &err), err);
    assert_ok(fr_query_open(&query, store, &err,
                            "SELECT p.pddl, p.source, i.line, i.naming, i.instance, i.correct, "
                            "p.optimal_length FROM puzzle p JOIN imported i ON i.puzzle = p.id"
                            " ORDER BY p.position",
                            ""),
              err);
    for (int i = 0; i < N_TRACES; i++) {
        char want[32];
        assert_true(fr_query_next(query));
        assert_same_puzzle(fr_query_text(query, 0), &problems[i]);
        (void)snprintf(want, sizeof want, "traces.jsonl:%d", i + 1);
        assert_string_equal(fr_query_text(query, 1), want);
        assert_int_equal(fr_query_int(query, 2), i + 1);
        assert_string_equal(fr_query_text(query, 3), "1");
        assert_int_equal(atoi(fr_query_text(query, 4)), 10 + i);
        assert_int_equal(fr_query_int(query, 5), 1);
        assert_true(fr_query_int(query, 6) > 0);
    }
    assert_false(fr_query_next(query));
    assert_ok(fr_query_close(query, &err), err);
    assert_ok(fr_query_open(&query, store, &err,
                            "SELECT sum(collisions), min(renamed) > 0, sum(lost) FROM"
                            " imported_trace WHERE naming = '18'",
                            ""),
              err);
    assert_true(fr_query_next(query));
    assert_int_equal(fr_query_int(query, 0), N_TRACES);
    assert_int_equal(fr_query_int(query, 1), 1);
    assert_ok(fr_query_close(query, &err), err);
    fr_study_close(study);
}

static void puzzles_may_come_from_a_directory_by_instance(void **state) {
    (void)state;
    write_config("config2.yaml", ", problems: instance-%d.pddl");
    struct fr_study *study = run("config2.yaml", "study2", FR_STAGE_ROLLOUTS);
    struct fr_query *query;
    assert_ok(fr_query_open(&query, fr_study_store(study), &err,
                            "SELECT pddl FROM puzzle ORDER BY position", ""),
              err);
    for (int i = 0; i < N_TRACES; i++) {
        struct fr_text want = {0};
        assert_true(fr_query_next(query));
        fr_problem_render(&problems[i], &want);
        assert_string_equal(fr_query_text(query, 0), fr_text_get(&want));
        fr_text_release(&want);
    }
    assert_ok(fr_query_close(query, &err), err);
    fr_study_close(study);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_trace_is_stored_in_every_naming_and_only_its_words_differ),
        cmocka_unit_test(puzzles_may_come_from_a_directory_by_instance),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
