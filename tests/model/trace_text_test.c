/* Tokens to a trace and its verdict, with the shipped organism's tokenizer. */
#include <string.h>

#include "prompts/prompts.h"
#include "sources/trace_text.h"
#include "test.h"

static struct fr_error err;
static struct fr_model *model;
static struct fr_domain domain;
static struct fr_namings namings;
static struct fr_problem problem;

/* Two blocks: A on B, the goal is B on A. */
static const char pddl[] = "(define (problem p) (:domain blocksworld-4ops) (:objects a b)"
                           " (:init (handempty) (on a b) (ontable b) (clear a))"
                           " (:goal (and (on b a))))";
static const char reasoning[] = "1 craves A B planet B province A harmony | A - B - > feast A B\n";
static const char plan[] = "</think>\n1 feast A B\n2 succumb A\n3 attack B\n4 overcome B A";

static int open_all(void **state) {
    (void)state;
    char path[4096];
    const char *root = fr_test_source_dir();
    struct fr_model_options options = fr_model_options_defaults();
    (void)snprintf(path, sizeof path, "%s/models/organism.gguf", root);
    options.path = path;
    options.n_slots = 1;
    options.context_tokens = 512;
    assert_ok(fr_model_open(&model, &options, &err), err);
    (void)snprintf(path, sizeof path, "%s/data/domains/blocksworld.pddl", root);
    assert_ok(fr_domain_load(&domain, path, &err), err);
    (void)snprintf(path, sizeof path, "%s/data/namings.tsv", root);
    assert_ok(fr_namings_load(&namings, path, &domain, &err), err);
    assert_ok(fr_problem_parse(&problem, &domain, pddl, "test", &err), err);
    return 0;
}

static int close_all(void **state) {
    (void)state;
    fr_problem_release(&problem);
    fr_namings_release(&namings);
    fr_domain_release(&domain);
    fr_model_close(model);
    return 0;
}

/* A trace whose generated part is the text; the prompt mentions the end tag too, as a hostile one
 * might. */
static struct fr_trace trace_of(const char *generated) {
    static const char prompt[] = "<|im_start|>user\n? </think> craves B A<|im_end|>\n";
    struct fr_tokens p = {0}, g = {0};
    struct fr_trace trace;
    assert_ok(fr_model_tokenize(model, prompt, strlen(prompt), true, &p, &err), err);
    assert_ok(fr_model_tokenize(model, generated, strlen(generated), true, &g, &err), err);
    fr_trace_build(model, p.ids, p.n, g.ids, g.n, &trace);
    assert_int_equal(trace.n_prompt, p.n);
    assert_int_equal(trace.n_tokens, p.n + g.n);
    assert_int_equal(trace.text_len, strlen(prompt) + strlen(generated));
    assert_memory_equal(trace.text + strlen(prompt), generated, strlen(generated));
    fr_tokens_release(&p);
    fr_tokens_release(&g);
    return trace;
}

static struct fr_verdict judge(const char *first, const char *second, bool truncated) {
    char text[512];
    (void)snprintf(text, sizeof text, "%s%s", first, second);
    struct fr_trace trace = trace_of(text);
    const struct fr_naming *naming = &namings.items[fr_namings_find(&namings, "1")];
    const struct fr_verdict verdict =
        fr_trace_judge(model, FR_STYLE_TERSE, NULL, &trace, truncated, &problem, naming);
    fr_trace_release(&trace);
    return verdict;
}

static void byte_ranges_tile_the_text(void **state) {
    (void)state;
    struct fr_trace trace = trace_of(reasoning);
    int32_t at = 0;
    for (int i = 0; i < trace.n_tokens; i++) {
        size_t n;
        const char *bytes = fr_model_token_text(model, trace.ids[i], &n);
        assert_int_equal(trace.starts[i], at);
        assert_int_equal(trace.ends[i], at + (int32_t)n);
        assert_memory_equal(trace.text + at, bytes, n);
        at = trace.ends[i];
    }
    assert_int_equal(at, trace.text_len);
    fr_trace_release(&trace);
}

static void reasoning_ends_before_the_tag_of_the_generated_part(void **state) {
    (void)state;
    char text[512];
    (void)snprintf(text, sizeof text, "%s%s", reasoning, plan);
    struct fr_trace alone = trace_of(reasoning), whole = trace_of(text);
    assert_int_equal(alone.n_reasoning, alone.n_tokens - alone.n_prompt);
    assert_int_equal(whole.n_reasoning, alone.n_reasoning);
    fr_trace_release(&alone);
    fr_trace_release(&whole);
}

static void a_right_answer_is_solved_and_a_wrong_one_says_why(void **state) {
    (void)state;
    assert_int_equal(judge(reasoning, plan, false).kind, FR_VERDICT_SOLVED);
    struct fr_verdict v = judge(reasoning, "</think>\n1 feast A B\n2 attack B", false);
    assert_int_equal(v.kind, FR_VERDICT_ILLEGAL_STEP);
    assert_int_equal(v.step, 2);
    v = judge(reasoning, "</think>\n1 feast A B\n2 succumb A", false);
    assert_int_equal(v.kind, FR_VERDICT_GOAL_UNMET);
    v = judge(reasoning, "</think>\n1 feast A", false);
    assert_int_equal(v.kind, FR_VERDICT_UNPARSED);
    assert_non_null(strstr(v.reason, "feast A"));
}

static void a_plan_inside_the_reasoning_is_no_answer(void **state) {
    (void)state;
    const struct fr_verdict v = judge(plan + strlen("</think>\n"), "", false);
    assert_int_equal(v.kind, FR_VERDICT_UNPARSED);
    assert_non_null(strstr(v.reason, "</think>"));
}

static void a_trace_cut_at_the_limit_is_truncated_even_after_the_tag(void **state) {
    (void)state;
    assert_int_equal(judge(reasoning, "", true).kind, FR_VERDICT_TRUNCATED);
    assert_int_equal(judge(reasoning, plan, true).kind, FR_VERDICT_TRUNCATED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(byte_ranges_tile_the_text),
        cmocka_unit_test(reasoning_ends_before_the_tag_of_the_generated_part),
        cmocka_unit_test(a_right_answer_is_solved_and_a_wrong_one_says_why),
        cmocka_unit_test(a_plan_inside_the_reasoning_is_no_answer),
        cmocka_unit_test(a_trace_cut_at_the_limit_is_truncated_even_after_the_tag),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
