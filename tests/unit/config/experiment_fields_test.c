/* The experiments of a configuration: sweeps and single values, what is refused and how it is told,
 * and the section that they were before. */
#include "unit/config/config_fixture.h"

static void an_experiment_s_fields_default_to_the_paper_s(void **state) {
    (void)state;
    struct fr_config c;
    struct fr_error err = {0};
    static const char text[] = "study: s\nmodel: {path: m, context_tokens: 3000}\n"
                               "puzzles: {domain: d}\nnamings: {table: t}\n"
                               "generation: {max_tokens: 3000}\nexperiments:\n"
                               "- {name: one, vectors: [cross_loo], layers: 20}\n";
    assert_ok(fr_config_parse(&c, text, "c.yaml", &err), err);
    assert_int_equal(c.experiments.n, 1);
    const struct fr_experiment *e = &c.experiments.items[0];
    assert_string_equal(e->name, "one");
    assert_int_equal(e->line, 7);
    assert_int_equal(e->n_vectors, 1);
    assert_int_equal(e->vectors[0], FR_VECTOR_CROSS_LOO);
    assert_int_equal(e->n_controls + e->n_arms, 0);
    assert_int_equal(e->traces[0], FR_TRACES_SOLVED);
    assert_int_equal(e->n_at, 1);
    assert_int_equal(e->at[0], 7000);
    assert_int_equal(e->n_operations, 1);
    assert_int_equal(e->operations[0], FR_EDIT_MIX);
    assert_int_equal(e->n_scales, 1);
    assert_near(e->scales[0], 2.0 / 3, 0);
    assert_int_equal(e->n_strengths, 1);
    assert_near(e->strengths[0], 1, 0);
    assert_int_equal(e->n_keep_norm, 1);
    assert_true(e->keep_norm[0]);
    assert_int_equal(e->n_layers, 1);
    assert_int_equal(e->layers[0].first, 20);
    assert_int_equal(e->layers[0].end, 21);
    assert_int_equal(e->n_windows, 1);
    assert_int_equal(e->windows[0].first, 1500);
    assert_int_equal(e->windows[0].end, 2500);
    assert_int_equal(e->against, FR_CONTROL_NONE);
    assert_string_equal(e->family, "");
    fr_config_release(&c);
}

static void a_field_is_one_value_or_a_sweep_of_them(void **state) {
    (void)state;
    struct fr_config c = parsed("representations: {grid_end: 400, grid_step: 100}\n"
                                "analyses: {reference_timestamp: 400, pca_timestamp: 400}\n"
                                "experiments:\n"
                                "- name: wide\n"
                                "  vectors: [symbolic_loo, clean]\n"
                                "  controls: [identity, shuffled]\n"
                                "  traces: all\n"
                                "  at: [400, 100]\n"
                                "  operation: [replace, mix]\n"
                                "  scale: [0.5, 1]\n"
                                "  strength: [1, 10, 20]\n"
                                "  keep_norm: [true, false]\n"
                                "  layers: [5, 1-20, 7-7]\n"
                                "  window: [[100, 200], [0, 50]]\n"
                                "  against: shuffled\n"
                                "  family: all of them\n"
                                "- {name: narrow, vectors: mean, layers: 1-64, at: 200,"
                                " operation: subtract, scale: 0, strength: 2.5, keep_norm: false,"
                                " window: [0, 599], controls: []}\n");
    assert_int_equal(c.experiments.n, 2);
    const struct fr_experiment *e = &c.experiments.items[0];
    assert_int_equal(e->n_vectors, 2);
    assert_int_equal(e->vectors[0], FR_VECTOR_SYMBOLIC_LOO);
    assert_int_equal(e->vectors[1], FR_VECTOR_CLEAN);
    assert_int_equal(e->n_controls, 2);
    assert_int_equal(e->controls[0], FR_CONTROL_IDENTITY);
    assert_int_equal(e->controls[1], FR_CONTROL_SHUFFLED);
    assert_int_equal(e->traces[0], FR_TRACES_ALL);
    assert_int_equal(e->n_at, 2);
    assert_int_equal(e->at[0], 400);
    assert_int_equal(e->at[1], 100);
    assert_int_equal(e->n_operations, 2);
    assert_int_equal(e->operations[0], FR_EDIT_REPLACE);
    assert_int_equal(e->operations[1], FR_EDIT_MIX);
    assert_int_equal(e->n_scales, 2);
    assert_near(e->scales[1], 1, 0);
    assert_int_equal(e->n_strengths, 3);
    assert_near(e->strengths[2], 20, 0);
    assert_int_equal(e->n_keep_norm, 2);
    assert_true(e->keep_norm[0] && !e->keep_norm[1]);
    static const struct fr_range layers[] = {{5, 6}, {1, 21}, {7, 8}};
    assert_int_equal(e->n_layers, 3);
    assert_memory_equal(e->layers, layers, sizeof layers);
    static const struct fr_range windows[] = {{100, 200}, {0, 50}};
    assert_int_equal(e->n_windows, 2);
    assert_memory_equal(e->windows, windows, sizeof windows);
    assert_int_equal(e->against, FR_CONTROL_SHUFFLED);
    assert_string_equal(e->family, "all of them");
    e = &c.experiments.items[1];
    assert_int_equal(e->n_vectors, 1);
    assert_int_equal(e->vectors[0], FR_VECTOR_MEAN);
    assert_int_equal(e->n_controls, 0);
    assert_int_equal(e->n_layers, 1);
    assert_int_equal(e->layers[0].first, 1);
    assert_int_equal(e->layers[0].end, 65);
    assert_int_equal(e->n_at, 1);
    assert_int_equal(e->at[0], 200);
    assert_int_equal(e->operations[0], FR_EDIT_SUBTRACT);
    assert_near(e->strengths[0], 2.5, 0);
    assert_false(e->keep_norm[0]);
    assert_int_equal(e->windows[0].first, 0);
    assert_int_equal(e->windows[0].end, 599);
    fr_config_release(&c);
}

static void bad_experiments_are_told_with_line_field_and_the_nearest(void **state) {
    (void)state;
    static const struct {
        const char *yaml, *want;
    } cases[] = {
        {EXPERIMENT("vectors: [cros_loo], layers: 1"),
         "c.yaml:11: experiments.one.vectors: \"cros_loo\" is not one of in_naming cross_all "
         "cross_loo symbolic_all symbolic_loo clean mean noise; the nearest is \"cross_loo\""},
        {EXPERIMENT("vectors: clean, layers: 1, controls: [randon]"),
         "experiments.one.controls: \"randon\" is not one of none shuffled random single "
         "identity; the nearest is \"random\""},
        {EXPERIMENT("vectors: clean, layers: 1, controls: [none]"),
         "c.yaml:11: experiments.one.controls: none; write [] for no control"},
        {EXPERIMENT("vectors: clean, layers: 1, controls: random"),
         "experiments.one.controls: \"random\" is not a list"},
        {EXPERIMENT("vectors: clean,\n   layer: 1"),
         "c.yaml:12: an experiment has no field \"layer\"; the nearest is \"layers\""},
        {EXPERIMENT("zebra: 1, vectors: clean, layers: 1"),
         "c.yaml:11: an experiment has no field \"zebra\"; fluidrep run --help-config lists"},
        {EXPERIMENT("vectors: clean, layers: 1, layers: 2"),
         "c.yaml:11: experiments.one.layers is given twice; keep one"},
        {EXPERIMENT("vectors: clean"), "c.yaml:11: experiments.one.layers is missing;"},
        {EXPERIMENT("layers: 1"), "c.yaml:11: experiments.one.vectors is missing;"},
        {EXPERIMENT("vectors: [], layers: 1"),
         "c.yaml:11: experiments.one.vectors: an empty list sweeps nothing; give one value"},
        {EXPERIMENT("vectors: clean, layers: []"), "experiments.one.layers: an empty list sweeps"},
        {EXPERIMENT("vectors: clean, layers: 1, window: []"),
         "experiments.one.window: an empty list sweeps"},
        {EXPERIMENT("vectors: clean, layers: 1, scale: []"),
         "experiments.one.scale: an empty list sweeps"},
        {EXPERIMENT("vectors: clean, layers: 0"), "layers: 0 is out of range 1..1000"},
        {EXPERIMENT("vectors: clean, layers: 1-1001"), "layers: 1001 is out of range 1..1000"},
        {EXPERIMENT("vectors: clean, layers: 20-1"),
         "layers: \"20-1\" is not a range of layers; write 1-20"},
        {EXPERIMENT("vectors: clean, layers: 1-"), "layers: \"\" is not a whole number"},
        {EXPERIMENT("vectors: clean, layers: -5"), "layers: -5 is out of range 1..1000"},
        {EXPERIMENT("vectors: clean, layers: [1-3, 5, 1-3]"),
         "layers: \"1-3\" is not new: the list has it twice"},
        {EXPERIMENT("vectors: clean, layers: 1, scale: 1.5"), "scale: 1.5 is out of range 0..1"},
        {EXPERIMENT("vectors: clean, layers: 1, scale: [0.5, x]"), "scale: \"x\" is not a number"},
        {EXPERIMENT("vectors: clean, layers: 1, strength: -1"), "strength: -1 is out of range 0.."},
        {EXPERIMENT("vectors: clean, layers: 1, keep_norm: yes"),
         "keep_norm: \"yes\" is not true or false"},
        {EXPERIMENT("vectors: clean, layers: 1, operation: mixx"),
         "operation: \"mixx\" is not one of mix replace add subtract jitter project; the nearest "
         "is "
         "\"mix\""},
        {EXPERIMENT("vectors: clean, layers: 1, traces: sovled"), "the nearest is \"solved\""},
        {EXPERIMENT("vectors: clean, layers: 1, window: 5"),
         "a window is two numbers, [start, end)"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [5]"),
         "c.yaml:11: experiments.one.window: a window is two numbers, [start, end)"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [1, 2, 3]"), "a window is two numbers"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [[1, 2], 3]"), "a window is two numbers"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [[1, 2], [1, 2]]"),
         "window: \"[...]\" is not new: the list has it twice"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [5, 5]"),
         "experiments.one.window: the end, 5, must be above the start, 5"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [-1, 5]"),
         "window: -1 is out of range 0.."},
        {EXPERIMENT("vectors: clean, layers: 1, window: [[1, 9], [10, 600]]"),
         "c.yaml:11: experiments.one.window ends at 600, but a trace has at most "
         "generation.max_tokens 600 tokens; end it below"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [1, 9], at: 7100"),
         "c.yaml: experiments.one.at 7100 is not on the grid of every 200 tokens up to 12000; the "
         "nearest is 7200"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [1, 9], at: [7000, 12200]"),
         "experiments.one.at 12200 is not on the grid of every 200 tokens up to 12000; the "
         "nearest is 12000"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [1, 9], against: baselin"),
         "experiments.one.against: \"baselin\" is not one of baseline shuffled random single "
         "identity; the nearest is \"baseline\""},
        {EXPERIMENT("vectors: clean, layers: 1, window: [1, 9], against: shuffled"),
         "c.yaml:11: experiment one: against: shuffled, but there is no condition \"clean, "
         "shuffled, layer 1\"; add it to controls"},
        {EXPERIMENT("vectors: clean, layers: 1, window: [1, 9]") "- {name: one, vectors: clean,"
                                                                 " layers: 2, window: [1, 9]}\n",
         "c.yaml:12: experiment one: another experiment has this name; names are unique"},
        {EXPERIMENT("vectors: [clean, in_naming], layers: 1, window: [1, 9], controls: [single]"),
         "c.yaml:11: experiment one: controls: single is r_mean for every concept, which only "
         "symbolic vectors have; take shuffled or random"},
        {EXPERIMENT("vectors: mean, layers: 1, window: [1, 9], controls: [random]"),
         "c.yaml:11: experiment one: controls: there is none of these vectors"},
        {"experiments: {name: one}\n", "c.yaml:10: experiments is a list"},
        {"experiments: one\n", "c.yaml:10: experiments is a list"},
        {"experiments:\n- one\n", "c.yaml:11: an experiment is written {name: ..."},
        {"experiments:\n- {vectors: clean, layers: 1}\n",
         "c.yaml:11: an experiment needs a name of letters, digits, '-' and '_'"},
        {"experiments:\n- {name: a.b, vectors: clean, layers: 1}\n",
         "an experiment needs a name of letters, digits, '-' and '_'"},
        {"experiments:\n- {name: \"a\\u200bb\", vectors: clean, layers: 1}\n",
         "an experiment needs a name of letters, digits, '-' and '_'"},
        {"experiments:\n- {name: \"\", vectors: clean, layers: 1}\n",
         "an experiment needs a name of letters, digits, '-' and '_'"},
        {"experiments: []\nexperiments: []\n", "c.yaml:11: key \"experiments\" is given twice"},
        {"experiment: []\n", "c.yaml:10: unknown key \"experiment\"; the nearest is "
                             "\"experiments\""},
        {EXPERIMENT("vectors: clean, layers: 1, window: [1, 9]") "puzzles: {evaluate: 0}\n",
         "c.yaml: puzzles.evaluate 0 leaves nothing to steer; leave the experiments out"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused_after_base(cases[i].yaml, cases[i].want);
    struct fr_text text = {0};
    fr_text_add(&text, "experiments:\n- {name: one, vectors: clean, layers: [1");
    for (int i = 2; i <= 65; i++)
        fr_text_printf(&text, ", %d", i);
    fr_text_add(&text, "]}\n");
    refused_after_base(fr_text_get(&text), "\"65\" is not within the list's limit of 64 items");
    fr_text_release(&text);
}

/* ---- the section steering of before there were experiments ------------------------------------
 */

static void the_old_section_steering_is_read_as_the_experiment_positive(void **state) {
    (void)state;
    struct fr_config c = parsed("steering:\n"
                                "  conditions: [identity, cross_shuffled, cross_loo, random]\n"
                                "  layers: [3, 1]\n"
                                "  window_start: 100\n"
                                "  window_end: 300\n"
                                "  vector_timestamp: 600\n"
                                "  scale: 0.5\n"
                                "  permutations: 77\n");
    assert_int_equal(c.experiments.n, 1);
    const struct fr_experiment *e = &c.experiments.items[0];
    assert_string_equal(e->name, "positive");
    static const struct fr_vector_arm arms[] = {
        {FR_VECTOR_IN_NAMING, FR_CONTROL_IDENTITY},
        {FR_VECTOR_CROSS_LOO, FR_CONTROL_SHUFFLED},
        {FR_VECTOR_CROSS_LOO, FR_CONTROL_NONE},
        {FR_VECTOR_IN_NAMING, FR_CONTROL_RANDOM},
    };
    assert_int_equal(e->n_arms, 4);
    assert_memory_equal(e->arms, arms, sizeof arms);
    assert_int_equal(e->n_vectors + e->n_controls, 0);
    static const struct fr_range layers[] = {{3, 4}, {1, 2}};
    assert_int_equal(e->n_layers, 2);
    assert_memory_equal(e->layers, layers, sizeof layers);
    assert_int_equal(e->n_windows, 1);
    assert_int_equal(e->windows[0].first, 100);
    assert_int_equal(e->windows[0].end, 300);
    assert_int_equal(e->at[0], 600);
    assert_near(e->scales[0], 0.5, 0);
    assert_int_equal(e->traces[0], FR_TRACES_SOLVED);
    assert_int_equal(c.permutations, 77);
    fr_config_release(&c);
    /* without layers there is none */
    c = parsed("steering: {scale: 0.5}\n");
    assert_int_equal(c.experiments.n, 0);
    fr_config_release(&c);
}

static void the_old_section_is_refused_beside_experiments_and_with_bad_values(void **state) {
    (void)state;
    refused_after_base("steering: {layers: [1], window_start: 0, window_end: 9}\n" EXPERIMENT(
                           "vectors: clean, layers: 1, window: [0, 9]"),
                       "c.yaml: steering.layers and experiments both; write the section steering "
                       "as one of the experiments");
    refused_after_base("steering: {layers: [1], window_start: 2500}\n",
                       "steering.window_end 2500 must be above window_start 2500");
    refused_after_base("steering: {layers: [1]}\n", "c.yaml:10: steering.window_end 2500, but");
    refused_after_base("steering: {layers: [1], window_start: 1, window_end: 9, vector_timestamp: "
                       "7}\n",
                       "c.yaml: steering.vector_timestamp 7 is not on the grid");
}

static void the_old_section_s_arms_are_said_as_pairs(void **state) {
    (void)state;
    struct fr_text text = {0};
    struct fr_config c = parsed("steering: {layers: [2], conditions: [cross_loo, identity], "
                                "window_start: 0, window_end: 9}\n");
    fr_config_render(&c, &text);
    assert_non_null(strstr(fr_text_get(&text), "\nexperiments.positive.arms: [cross_loo none, "
                                               "in_naming identity]\n"));
    assert_null(strstr(fr_text_get(&text), "experiments.positive.vectors"));
    fr_text_release(&text);
    fr_config_release(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_experiment_s_fields_default_to_the_paper_s),
        cmocka_unit_test(a_field_is_one_value_or_a_sweep_of_them),
        cmocka_unit_test(bad_experiments_are_told_with_line_field_and_the_nearest),
        cmocka_unit_test(the_old_section_steering_is_read_as_the_experiment_positive),
        cmocka_unit_test(the_old_section_is_refused_beside_experiments_and_with_bad_values),
        cmocka_unit_test(the_old_section_s_arms_are_said_as_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
