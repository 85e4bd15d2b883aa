/* Configurations: defaults, what is refused and how it is told, the canonical text. */
#include "config/config.h"

#include <string.h>

#include "base/memory.h"
#include "test.h"

/* Lines 1 to 9; a case appends its own from line 10 on. */
static const char base[] = "study: small\n"
                           "model:\n"
                           "  path: m.gguf\n"
                           "  context_tokens: 640\n"
                           "puzzles: {domain: d.pddl}\n"
                           "namings:\n"
                           "  table: n.tsv\n"
                           "generation:\n"
                           "  max_tokens: 600\n";

static char *with(const char *more) {
    struct fr_text text = {0};
    fr_text_printf(&text, "%s%s", base, more);
    return fr_text_take(&text);
}

static void refused(const char *text, const char *want) {
    struct fr_config config;
    struct fr_error err = {0};
    static const struct fr_config zero;
    const int code = fr_config_parse(&config, text, "c.yaml", &err);
    if (code != FR_E_INPUT)
        fail_msg("code %d for:\n%s", code, text);
    if (strstr(err.text, want) == NULL)
        fail_msg("\"%s\" does not say: %s", err.text, want);
    assert_null(strchr(err.text, '\n'));
    assert_memory_equal(&config, &zero, sizeof config);
}

static void refused_after_base(const char *more, const char *want) {
    char *text = with(more);
    refused(text, want);
    free(text);
}

static void required_keys_suffice_and_the_rest_are_the_paper_s(void **state) {
    (void)state;
    struct fr_config c;
    struct fr_error err = {0};
    assert_ok(fr_config_parse(&c, base, "c.yaml", &err), err);
    assert_string_equal(c.study, "small");
    assert_int_equal(c.context_tokens, 640);
    assert_int_equal(c.n_collect, 200);
    assert_int_equal(c.n_evaluate, 100);
    assert_int_equal(c.blocks, 4);
    assert_int_equal(c.window_tokens, 100);
    assert_int_equal(c.grid_step, 200);
    assert_int_equal(c.grid_end, 12000);
    assert_int_equal(c.min_mentions, 10);
    assert_int_equal(c.solved_traces, 40);
    assert_int_equal(c.reference_timestamp, 7000);
    assert_int_equal(c.window_start, 1500);
    assert_int_equal(c.window_end, 2500);
    assert_near(c.scale, 2.0 / 3, 0);
    assert_true(c.previous_token);
    assert_true(c.deterministic);
    assert_int_equal(c.steering_layers.n, 0);
    assert_int_equal(c.excluded.n, 1);
    assert_string_equal(c.excluded.items[0], "3");
    assert_string_equal(c.namings.items[0], "all");
    fr_config_release(&c);
    fr_config_release(&c); /* and again */
}

static void values_given_replace_defaults_lists_included(void **state) {
    (void)state;
    struct fr_config c;
    struct fr_error err = {0};
    char *text = with("seed: 7\n"
                      "steering: {layers: [3, 1], conditions: [identity], scale: 0.5}\n"
                      "representations: {previous_token: false, origin: prompt}\n");
    assert_ok(fr_config_parse(&c, text, "c.yaml", &err), err);
    assert_int_equal(c.seed, 7);
    assert_int_equal(c.steering_layers.n, 2);
    assert_int_equal(c.steering_layers.items[0], 3);
    assert_int_equal(c.steering_layers.items[1], 1);
    assert_int_equal(c.conditions.n, 1);
    assert_string_equal(c.conditions.items[0], "identity");
    assert_near(c.scale, 0.5, 0);
    assert_false(c.previous_token);
    fr_config_release(&c);
    free(text);
}

static void an_unknown_key_is_told_with_its_line_and_the_nearest(void **state) {
    (void)state;
    refused_after_base("seeed: 1\n", "c.yaml:10: unknown key \"seeed\"; the nearest is \"seed\"");
    refused_after_base("steering:\n  layer: [1]\n",
                       "c.yaml:11: unknown key \"steering.layer\"; the nearest is "
                       "\"steering.layers\"");
    refused_after_base("steerin: {layers: [1]}\n",
                       "c.yaml:10: unknown key \"steerin\"; the nearest is \"steering\"");
    refused_after_base("zebra: 1\n",
                       "c.yaml:10: unknown key \"zebra\"; fluidrep run --help-config");
}

static void a_key_in_the_wrong_section_is_sent_to_its_own(void **state) {
    (void)state;
    refused_after_base("steering:\n  grid_step: 5\n",
                       "c.yaml:11: unknown key \"steering.grid_step\"; \"grid_step\" belongs to "
                       "section \"representations\"");
    refused_after_base("resamples: 5\n", "\"resamples\" belongs to section \"analyses\"");
}

static void wrong_values_are_told_with_line_key_and_what_is_wanted(void **state) {
    (void)state;
    refused_after_base("seed: many\n", "c.yaml:10: seed: \"many\" is not a whole number");
    refused_after_base("seed: 1.5\n", "c.yaml:10: seed: \"1.5\" is not a whole number");
    refused_after_base("seed:\n", "c.yaml:10: seed: \"\" is not a whole number");
    refused_after_base("steering: {scale: big}\n", "steering.scale: \"big\" is not a number");
    refused_after_base("steering: {scale: nan}\n", "steering.scale: \"nan\" is not a number");
    refused_after_base("representations: {previous_token: yes}\n",
                       "representations.previous_token: \"yes\" is not true or false");
    refused_after_base("prompt: {style: tersse}\n",
                       "prompt.style: \"tersse\" is not one of terse planbench paper inferred ambiguous; the "
                       "nearest is \"terse\"");
    refused_after_base("study2: x\n", "nearest is \"study\"");
    refused("study: \"\"\n", "c.yaml:1: study: \"\" is not a text");
    refused_after_base("seed: [1]\n", "c.yaml:10: seed: \"[...]\" is not what this key takes");
    refused_after_base("seed: {a: 1}\n", "c.yaml:10: seed: \"{...}\" is not what this key takes");
}

static void numbers_out_of_range_are_told_with_the_range(void **state) {
    (void)state;
    refused_after_base("seed: -1\n", "c.yaml:10: seed: -1 is out of range 0..");
    refused_after_base("seed: 99999999999999999999\n",
                       "seed: 99999999999999999999 is out of range");
    refused_after_base("puzzles: {blocks: 1}\n", "puzzles.blocks: 1 is out of range 2..8");
    refused_after_base("puzzles: {blocks: 9}\n", "puzzles.blocks: 9 is out of range 2..8");
    refused_after_base("steering: {scale: 1.01}\n", "steering.scale: 1.01 is out of range 0..1");
    refused_after_base("steering: {scale: inf}\n", "steering.scale: inf is out of range 0..1");
    refused_after_base("steering: {layers: [0]}\n", "steering.layers: 0 is out of range 1..1000");
}

static void a_key_given_twice_is_refused_also_across_sections_of_one_name(void **state) {
    (void)state;
    refused_after_base("seed: 1\nseed: 1\n", "c.yaml:11: key \"seed\" is given twice");
    refused_after_base("model: {path: other.gguf}\n", "c.yaml:10: key \"path\" is given twice");
}

static void a_missing_required_key_is_named_with_its_meaning(void **state) {
    (void)state;
    static const char *const lines[] = {"study: small\n", "  path: m.gguf\n",
                                        "  context_tokens: 640\n", "  table: n.tsv\n"};
    static const char *const want[] = {"key \"study\" is missing", "key \"model.path\" is missing",
                                       "key \"model.context_tokens\" is missing",
                                       "key \"namings.table\" is missing"};
    for (int i = 0; i < 4; i++) {
        struct fr_text text = {0};
        const char *at = strstr(base, lines[i]);
        fr_text_append(&text, base, (size_t)(at - base));
        fr_text_add(&text, at + strlen(lines[i]));
        if (i == 3) { /* its section would be empty, which is another fault */
            fr_text_add(&text, "namings: {use: [all]}\n");
            char *empty = strstr(text.data, "namings:\n");
            memset(empty, '#', 1);
        }
        refused(fr_text_get(&text), want[i]);
        fr_text_release(&text);
    }
}

static void lists_refuse_what_is_no_item_of_theirs(void **state) {
    (void)state;
    refused_after_base("steering: {layers: 3}\n", "steering.layers: \"3\" is not a list");
    refused_after_base("steering: {layers: [3, x]}\n", "steering.layers: \"x\" is not a whole");
    refused_after_base("steering: {layers: [3, [4]]}\n", "is not a plain item");
    refused_after_base("steering: {layers: [3, 4, 3]}\n",
                       "\"3\" is not new: the list has it twice");
    refused_after_base("namings: {use: [clean, clean]}\n", "\"clean\" is not new");
    refused_after_base("steering:\n  conditions:\n  - identity\n  - randon\n",
                       "c.yaml:13: steering.conditions: \"randon\" is not one of");
    refused_after_base("steering: {conditions: [randon]}\n", "the nearest is \"random\"");
    struct fr_text text = {0};
    fr_text_add(&text, "steering: {layers: [1");
    for (int i = 2; i <= 65; i++)
        fr_text_printf(&text, ", %d", i);
    fr_text_add(&text, "]}\n");
    refused_after_base(fr_text_get(&text), "\"65\" is not within the list's limit of 64 items");
    fr_text_release(&text);
}

static void keys_that_contradict_each_other_are_refused(void **state) {
    (void)state;
    refused("study: s\nmodel: {path: m, context_tokens: 100}\npuzzles: {domain: d}\n"
            "namings: {table: t}\ngeneration: {max_tokens: 101}\n",
            "generation.max_tokens 101 exceeds model.context_tokens 100");
    refused_after_base("representations: {grid_end: 100}\n", "grid_end 100 is below grid_step 200");
    refused_after_base("analyses: {pca_timestamp: 7100}\n",
                       "analyses.pca_timestamp 7100 is not on the grid of every 200 tokens");
    refused_after_base("analyses: {reference_timestamp: 12200}\n", "is not on the grid");
    refused_after_base("steering: {layers: [1], window_start: 2500}\n",
                       "steering.window_end 2500 must be above window_start 2500");
    refused_after_base("prompt: {style: inferred, shots: 0}\n",
                       "c.yaml: prompt.shots 0, but the inferred style always shows one solved "
                       "example; leave prompt.shots out");
    refused_after_base("prompt: {style: inferred}\npuzzles: {collect: 1}\n",
                       "puzzles.collect must be 2 or more");
}

static void what_is_no_yaml_is_told_with_its_line(void **state) {
    (void)state;
    refused("study: [\n", "c.yaml:");
    refused("a: b: c\n", "c.yaml:1:");
    refused("", "c.yaml:1: expected \"key: value\" lines");
    refused("- a\n- b\n", "expected \"key: value\" lines");
    refused("[a]: 1\n", "c.yaml:1: a key must be a plain word");
    refused("study: s\nmodel: 5\n", "c.yaml:2: model is a section");
    refused("study: \xff\xfe\n", "c.yaml:");
    refused("study: &a [*a]\n", "c.yaml:1: study:");
    refused("model: &a {path: *a}\n", "model.path");
}

/* Rendered, written as YAML again and read: the same configuration. */
static void the_canonical_text_says_everything(void **state) {
    (void)state;
    struct fr_config c, again;
    struct fr_error err = {0};
    struct fr_text first = {0}, second = {0}, yaml = {0};
    char *text = with("seed: 7\nsteering: {layers: [2, 3], scale: 0.1}\n"
                      "namings: {use: [clean, \"1\"], exclude: []}\n"
                      "prompt: {style: terse}\nmodel: {threads: 3, flash_attention: true}\n");
    assert_ok(fr_config_parse(&c, text, "c.yaml", &err), err);
    fr_config_render(&c, &first);
    int lines = 0;
    for (const char *line = fr_text_get(&first); *line; lines++) {
        const size_t n = strcspn(line, "\n"), name = strcspn(line, ".:");
        if (line[name] == '.') {
            fr_text_append(&yaml, line, name);
            fr_text_add(&yaml, ": {");
            fr_text_append(&yaml, line + name + 1, n - name - 1);
            fr_text_add(&yaml, "}\n");
        } else {
            fr_text_append(&yaml, line, n + 1);
        }
        line += n + 1;
    }
    assert_true(lines > 35);
    assert_ok(fr_config_parse(&again, fr_text_get(&yaml), "again", &err), err);
    fr_config_render(&again, &second);
    assert_string_equal(fr_text_get(&first), fr_text_get(&second));
    assert_non_null(strstr(fr_text_get(&first), "\nsteering.scale: 0.1000000000000000"));
    assert_non_null(strstr(fr_text_get(&first), "\nsteering.layers: [2, 3]\n"));
    assert_non_null(strstr(fr_text_get(&first), "\nnamings.exclude: []\n"));
    fr_config_release(&c);
    fr_config_release(&again);
    fr_text_release(&first);
    fr_text_release(&second);
    fr_text_release(&yaml);
    free(text);
}

static void the_help_names_every_key_of_the_canonical_text(void **state) {
    (void)state;
    struct fr_config c;
    struct fr_error err = {0};
    struct fr_text text = {0}, help = {0};
    assert_ok(fr_config_parse(&c, base, "c.yaml", &err), err);
    fr_config_render(&c, &text);
    fr_config_help(&help);
    for (const char *line = fr_text_get(&text); *line; line += strcspn(line, "\n") + 1) {
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s ", (int)strcspn(line, ":"), line);
        if (strstr(fr_text_get(&help), name) == NULL)
            fail_msg("no help for %s", name);
    }
    fr_text_release(&text);
    fr_text_release(&help);
    fr_config_release(&c);
}

static void paths_are_taken_from_the_configuration_s_directory(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"configs/demo.yaml", "../data/x", "configs/../data/x"},
        {"demo.yaml", "../data/x", "../data/x"},
        {"/a/b/demo.yaml", "x", "/a/b/x"},
        {"configs/demo.yaml", "/x", "/x"},
    };
    for (int i = 0; i < 4; i++) {
        struct fr_text out = {0};
        fr_config_resolve(cases[i][0], cases[i][1], &out);
        assert_string_equal(fr_text_get(&out), cases[i][2]);
        fr_text_release(&out);
    }
}

static void the_project_s_own_configurations_are_read(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int steering_layers;
    } files[] = {
        {"configs/demo.yaml", 1},
        {"configs/organism.yaml", 2},
        {"configs/organism-early.yaml", 2},
        {"configs/organism-habits.yaml", 0},
        {"configs/organism-prompt.yaml", 1},
        {"configs/organism-inferred.yaml", 2},
        {"configs/organism-replay.yaml", 0},
        {"configs/paper-qwq32b.yaml", 8},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct fr_config c;
        struct fr_error err = {0};
        assert_ok(fr_config_load(&c, fr_test_path(files[i].name), &err), err);
        assert_int_equal(c.steering_layers.n, files[i].steering_layers);
        fr_config_release(&c);
    }
    struct fr_config c;
    struct fr_error err = {0};
    assert_int_equal(fr_config_load(&c, "nothing.yaml", &err), FR_E_IO);
    assert_non_null(strstr(err.text, "nothing.yaml: No such file"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(required_keys_suffice_and_the_rest_are_the_paper_s),
        cmocka_unit_test(values_given_replace_defaults_lists_included),
        cmocka_unit_test(an_unknown_key_is_told_with_its_line_and_the_nearest),
        cmocka_unit_test(a_key_in_the_wrong_section_is_sent_to_its_own),
        cmocka_unit_test(wrong_values_are_told_with_line_key_and_what_is_wanted),
        cmocka_unit_test(numbers_out_of_range_are_told_with_the_range),
        cmocka_unit_test(a_key_given_twice_is_refused_also_across_sections_of_one_name),
        cmocka_unit_test(a_missing_required_key_is_named_with_its_meaning),
        cmocka_unit_test(lists_refuse_what_is_no_item_of_theirs),
        cmocka_unit_test(keys_that_contradict_each_other_are_refused),
        cmocka_unit_test(what_is_no_yaml_is_told_with_its_line),
        cmocka_unit_test(the_canonical_text_says_everything),
        cmocka_unit_test(the_help_names_every_key_of_the_canonical_text),
        cmocka_unit_test(paths_are_taken_from_the_configuration_s_directory),
        cmocka_unit_test(the_project_s_own_configurations_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
