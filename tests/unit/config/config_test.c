/* Configurations: defaults, what is refused and how it is told, the canonical text,
 * and what a key binds. */
#include "unit/config/config_fixture.h"

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
    assert_int_equal(c.permutations, 10000);
    assert_true(c.previous_token);
    assert_true(c.deterministic);
    assert_int_equal(c.experiments.n, 0);
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
                      "namings: {use: [clean, \"2\"], exclude: []}\n"
                      "statistics: {permutations: 50}\n"
                      "representations: {previous_token: false, origin: prompt}\n");
    assert_ok(fr_config_parse(&c, text, "c.yaml", &err), err);
    assert_int_equal(c.seed, 7);
    assert_int_equal(c.namings.n, 2);
    assert_string_equal(c.namings.items[0], "clean");
    assert_string_equal(c.namings.items[1], "2");
    assert_int_equal(c.excluded.n, 0);
    assert_int_equal(c.permutations, 50);
    assert_false(c.previous_token);
    assert_int_equal(c.origin, FR_ORIGIN_PROMPT);
    fr_config_release(&c);
    free(text);
}

/* Two devices alike have equal shares; a layer twice would be asked for twice. */
static void shares_may_be_equal_and_other_items_may_not(void **state) {
    (void)state;
    const char *rest = strstr(base, "puzzles:");
    struct fr_text split = {0};
    struct fr_error err = {0};
    struct fr_config c;
    fr_text_printf(&split, "%.*s  gpu_layers: -1\n  tensor_split: [1, 1, 0.5]\n%s",
                   (int)(rest - base), base, rest);
    assert_ok(fr_config_parse(&c, fr_text_get(&split), "c.yaml", &err), err);
    assert_int_equal(c.n_tensor_split, 3);
    assert_true(c.tensor_split[0] == 1 && c.tensor_split[1] == 1 && c.tensor_split[2] == 0.5);
    refused_after_base(EXPERIMENT("vectors: [in_naming], layers: [1, 1], window: [0, 9]"),
                       "\"1\" is not new: the list has it twice");
    fr_config_release(&c);
    fr_text_release(&split);
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
    refused_after_base(
        "prompt: {style: tersse}\n",
        "prompt.style: \"tersse\" is not one of terse planbench paper inferred ambiguous; the "
        "nearest is \"terse\"");
    refused_after_base("study2: x\n", "nearest is \"study\"");
    refused("study: \"\"\n", "c.yaml:1: study: \"\" is not a text");
    refused_after_base("seed: [1]\n", "c.yaml:10: seed: \"[...]\" is not what this key takes");
    refused_after_base("seed: {a: 1}\n", "c.yaml:10: seed: \"{...}\" is not what this key takes");
}

/* A study's name is a directory's: what cannot be seen has no place in it. */
static void a_text_holds_neither_a_nul_nor_a_name_what_is_unseen(void **state) {
    (void)state;
    refused("study: \"g\\0h\"\n", "c.yaml:1: study: a text with a NUL in it");
    refused_after_base("prompt: {system: \"a\\0b\"}\n",
                       "c.yaml:10: prompt.system: a text with a NUL in it");
    refused_after_base("analyses: {pair_timestamps: [\"1\\0\"]}\n",
                       "analyses.pair_timestamps: a text with a NUL in it");
    refused_after_base("\"seed\\0\": 1\n", "c.yaml:10: a key must be a plain word");
    static const char *const names[] = {"g\xe2\x80\xae", "g\xe3\x85\xa4", "g h"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct fr_text text = {0};
        fr_text_printf(&text, "study: %s%s", names[i], base + strlen("study: small"));
        refused(fr_text_get(&text), "is no name; use letters, digits, '-' and '_'");
        fr_text_release(&text);
    }
    struct fr_text text = {0};
    struct fr_config c;
    struct fr_error err = {0};
    fr_text_printf(&text,
                   "study: gr\xc3\xb6\xc3\x9f"
                   "e-2_b%s",
                   base + strlen("study: small"));
    assert_ok(fr_config_parse(&c, fr_text_get(&text), "c.yaml", &err), err);
    fr_config_release(&c);
    fr_text_release(&text);
}

/* In its own words, and not in those of the experiment that it becomes. */
static void the_section_steering_is_told_by_its_line_and_keys(void **state) {
    (void)state;
    refused_after_base("seed: 2\nsteering:\n  layers: [99]\n",
                       "c.yaml:11: steering.window_end 2500, but a trace has at most "
                       "generation.max_tokens 600 tokens");
    refused_after_base("steering: {layers: [1], window_start: 20, window_end: 10}\n",
                       "c.yaml:10: steering.window_end 10 must be above window_start 20");
    refused_after_base(
        "steering: {layers: [1], window_start: 0, window_end: 10, vector_timestamp: 7001}\n",
        "c.yaml: steering.vector_timestamp 7001 is not on the grid of every 200 tokens up to "
        "12000; the nearest is 7000");
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
    struct fr_config again;
    struct fr_error err = {0};
    struct fr_text first = {0}, second = {0}, yaml = {0}, list = {0};
    struct fr_config c =
        parsed("seed: 7\nnamings: {use: [clean, \"1\"], exclude: []}\n"
               "prompt: {style: terse}\nmodel: {threads: 3, flash_attention: true}\n"
               "experiments:\n"
               "- {name: one, vectors: [clean, cross_all], layers: [2, 1-2, 1-3], scale: 0.1,\n"
               "   window: [[0, 9], [5, 10]], controls: [identity, random], against: random}\n"
               "- {name: two, vectors: mean, layers: 4, window: [0, 9], family: f}\n");
    fr_config_render(&c, &first);
    int lines = 0;
    for (const char *line = fr_text_get(&first); *line; lines++) {
        const size_t n = strcspn(line, "\n"), name = strcspn(line, ".:");
        if (strncmp(line, "experiments.", 12) == 0) { /* its own lines, in a list at the end */
            const size_t end = strcspn(line + 12, ".");
            struct fr_text head = {0};
            fr_text_printf(&head, "- name: %.*s\n", (int)end, line + 12);
            if (strstr(fr_text_get(&list), fr_text_get(&head)) == NULL)
                fr_text_add(&list, fr_text_get(&head));
            fr_text_printf(&list, "  %.*s\n", (int)(n - 12 - end - 1), line + 12 + end + 1);
            fr_text_release(&head);
        } else if (line[name] == '.') {
            fr_text_append(&yaml, line, name);
            fr_text_add(&yaml, ": {");
            fr_text_append(&yaml, line + name + 1, n - name - 1);
            fr_text_add(&yaml, "}\n");
        } else {
            fr_text_append(&yaml, line, n + 1);
        }
        line += n + 1;
    }
    fr_text_printf(&yaml, "experiments:\n%s", fr_text_get(&list));
    assert_true(lines > 60);
    assert_ok(fr_config_parse(&again, fr_text_get(&yaml), "again", &err), err);
    fr_config_render(&again, &second);
    assert_string_equal(fr_text_get(&first), fr_text_get(&second));
    static const char *const want[] = {
        "\nmodel.threads: 3\n",
        "\nnamings.exclude: []\n",
        "\nexperiments.one.vectors: [clean, cross_all]\n",
        "\nexperiments.one.controls: [identity, random]\n",
        "\nexperiments.one.layers: [2, 1-2, 1-3]\n",
        "\nexperiments.one.window: [[0, 9], [5, 10]]\n",
        "\nexperiments.one.scale: [0.10000000000000001]\n",
        "\nexperiments.one.against: random\n",
        "\nexperiments.two.against: baseline\n",
        "\nexperiments.two.family: f\n",
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        if (strstr(fr_text_get(&first), want[i]) == NULL)
            fail_msg("%s is missing in\n%s", want[i], fr_text_get(&first));
    assert_null(strstr(fr_text_get(&first), "\nsteering."));
    fr_config_release(&c);
    fr_config_release(&again);
    fr_text_release(&first);
    fr_text_release(&second);
    fr_text_release(&yaml);
    fr_text_release(&list);
}

/* ---- what a key binds -------------------------------------------------------------------------
 */

/* How many of the stages have the line of this key; *stage: the last of them. */
static int bound(const struct fr_config *c, const char *key, int *stage) {
    int n = 0;
    char mark[160];
    (void)snprintf(mark, sizeof mark, "\n%s: ", key);
    *stage = -1;
    for (int k = 0; k < FR_N_STAGES; k++) {
        struct fr_text text = {0};
        fr_text_add(&text, "\n");
        fr_config_render_stage(c, (enum fr_stage)k, &text);
        if (strstr(fr_text_get(&text), mark) != NULL) {
            n++;
            *stage = k;
        }
        fr_text_release(&text);
    }
    return n;
}

static void every_key_binds_one_stage_or_none(void **state) {
    (void)state;
    static const struct {
        const char *key;
        int stage; /* -1: none */
    } want[] = {
        {"study", -1},
        {"seed", FR_STAGE_PUZZLES},
        {"model.path", -1},
        {"model.workers", -1},
        {"model.context_tokens", -1},
        {"model.flash_attention", FR_STAGE_ROLLOUTS},
        {"puzzles.domain", -1},
        {"puzzles.collect", FR_STAGE_PUZZLES},
        {"puzzles.distinct", FR_STAGE_PUZZLES},
        {"namings.table", -1},
        {"namings.exclude", FR_STAGE_ANALYSES},
        {"namings.accuracy_only", FR_STAGE_ANALYSES},
        {"prompt.style", FR_STAGE_PUZZLES},
        {"generation.max_tokens", FR_STAGE_PUZZLES},
        {"representations.window_tokens", FR_STAGE_REPRESENTATIONS},
        {"representations.grid_end", FR_STAGE_REPRESENTATIONS},
        {"representations.min_mentions", FR_STAGE_ANALYSES},
        {"analyses.resamples", FR_STAGE_ANALYSES},
        {"experiments.one.layers", FR_STAGE_STEERING},
        {"statistics.permutations", FR_STAGE_STATISTICS},
    };
    struct fr_config c = parsed(EXPERIMENT("vectors: clean, layers: 1, window: [0, 9]"));
    struct fr_text all = {0}, stages = {0};
    int stage, lines = 0, bound_lines = 0;
    fr_config_render(&c, &all);
    for (const char *line = fr_text_get(&all); *line; line += strcspn(line, "\n") + 1, lines++) {
        char key[96];
        (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(line, ":"), line);
        const int n = bound(&c, key, &stage);
        if (n > 1)
            fail_msg("%s binds %d stages", key, n);
        bound_lines += n;
    }
    for (int k = 0; k < FR_N_STAGES; k++)
        fr_config_render_stage(&c, (enum fr_stage)k, &stages);
    for (const char *p = fr_text_get(&stages); *p; p++)
        bound_lines -= *p == '\n';
    assert_int_equal(bound_lines, 0); /* no stage has a line that the whole text has not */
    assert_true(lines > 50);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        (void)bound(&c, want[i].key, &stage);
        if (stage != want[i].stage)
            fail_msg("%s binds stage %d instead of %d", want[i].key, stage, want[i].stage);
    }
    fr_text_release(&all);
    fr_text_release(&stages);
    fr_config_release(&c);
}

static void slots_and_threads_bind_only_where_results_depend_on_them(void **state) {
    (void)state;
    static const struct {
        const char *model;
        bool slots, rows;
    } cases[] = {
        {"deterministic: true, flash_attention: false", false, false},
        {"deterministic: true, flash_attention: true", false, true},
        {"deterministic: false, flash_attention: false", true, true},
        {"deterministic: false, flash_attention: true", true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_text yaml = {0};
        int stage;
        fr_text_printf(&yaml, "model: {%s}\n", cases[i].model);
        struct fr_config c = parsed(fr_text_get(&yaml));
        assert_int_equal(bound(&c, "model.slots", &stage), cases[i].slots);
        assert_int_equal(stage, cases[i].slots ? (int)FR_STAGE_ROLLOUTS : -1);
        assert_int_equal(bound(&c, "model.threads", &stage), cases[i].rows);
        assert_int_equal(stage, cases[i].rows ? (int)FR_STAGE_ROLLOUTS : -1);
        assert_int_equal(bound(&c, "model.chunk_tokens", &stage), cases[i].rows);
        assert_int_equal(bound(&c, "model.deterministic", &stage), 1);
        fr_config_release(&c);
        fr_text_release(&yaml);
    }
}

static void a_value_is_the_same_grown_shrunk_or_another(void **state) {
    (void)state;
    static const struct {
        const char *key, *before, *now;
        enum fr_change change;
    } cases[] = {
        {"puzzles.collect", "4", "4", FR_SAME},
        {"puzzles.collect", "4", "10", FR_GROWN},
        {"puzzles.collect", "10", "9", FR_SHRUNK},
        {"puzzles.evaluate", "0", "1", FR_GROWN},
        {"representations.grid_end", "400", "200", FR_SHRUNK},
        {"representations.grid_step", "100", "200", FR_CHANGED},
        {"seed", "1", "2", FR_CHANGED},
        {"seed", "1", "1", FR_SAME},
        {"puzzles.domain.sha256", "aa", "bb", FR_CHANGED}, /* no key of the tables */
        {"puzzles.domain.sha256", "aa", "aa", FR_SAME},
        {"experiments.one.layers", "[1]", "[1, 2]", FR_CHANGED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (fr_config_compare(cases[i].key, cases[i].before, cases[i].now) != cases[i].change)
            fail_msg("%s: %s -> %s", cases[i].key, cases[i].before, cases[i].now);
}

static void a_key_s_default_is_told_as_the_canonical_text_says_it(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"seed", "1"},
        {"puzzles.distinct", "puzzles"},
        {"namings.exclude", "[3]"},
        {"puzzles.directory", ""},
        {"model.deterministic", "true"},
        {"study", NULL}, /* required */
        {"model.path", NULL},
        {"nothing", NULL},
        {"puzzles.domain.sha256", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *value = fr_config_default(cases[i][0]);
        if ((value == NULL) != (cases[i][1] == NULL) ||
            (value != NULL && strcmp(value, cases[i][1]) != 0))
            fail_msg("%s: %s", cases[i][0], value != NULL ? value : "none");
        free(value);
    }
    struct fr_config c = parsed("");
    struct fr_text text = {0};
    fr_config_render(&c, &text);
    for (const char *line = fr_text_get(&text); *line; line += strcspn(line, "\n") + 1) {
        char key[96], want[256];
        (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(line, ":"), line);
        char *value = fr_config_default(key);
        (void)snprintf(want, sizeof want, "%s: %s\n", key, value != NULL ? value : "");
        if (value != NULL && strncmp(line, want, strlen(want)) != 0)
            fail_msg("the default of %s is %s", key, value);
        free(value);
    }
    fr_text_release(&text);
    fr_config_release(&c);
}

/* The canonical text as the release before experiments wrote it, with its section steering. */
static void a_canonical_text_of_the_first_version_is_read(void **state) {
    (void)state;
    static const char lines[] = "study: a-study\n"
                                "seed: 3\n"
                                "model.path: dir with \"quotes\" and \\/m.gguf\n"
                                "model.slots: 3\n"
                                "model.context_tokens: 1280\n"
                                "a.key.of.tomorrow: 5\n"
                                "puzzles.domain: d.pddl\n"
                                "puzzles.directory: \n"
                                "puzzles.collect: 6\n"
                                "namings.table: n.tsv\n"
                                "namings.use: [clean, 1, 2]\n"
                                "namings.exclude: []\n"
                                "generation.max_tokens: 1150\n"
                                "representations.grid_step: 40\n"
                                "representations.grid_end: 240\n"
                                "analyses.reference_timestamp: 240\n"
                                "analyses.pca_timestamp: 240\n"
                                "steering.conditions: [in_naming, random]\n"
                                "steering.layers: [2]\n"
                                "steering.window_start: 40\n"
                                "steering.window_end: 80\n"
                                "steering.vector_timestamp: 240\n"
                                "steering.scale: 0.66666666666666663\n"
                                "steering.permutations: 50";
    struct fr_config c;
    struct fr_error err = {0};
    assert_ok(fr_config_parse_canonical(&c, lines, "study.db", &err), err);
    assert_string_equal(c.study, "a-study");
    assert_int_equal(c.seed, 3);
    assert_string_equal(c.model_path, "dir with \"quotes\" and \\/m.gguf");
    assert_string_equal(c.puzzles_path, "");
    assert_int_equal(c.n_collect, 6);
    assert_int_equal(c.namings.n, 3);
    assert_string_equal(c.namings.items[2], "2");
    assert_int_equal(c.excluded.n, 0);
    assert_int_equal(c.permutations, 50);
    assert_int_equal(c.experiments.n, 1);
    const struct fr_experiment *e = &c.experiments.items[0];
    assert_string_equal(e->name, "positive");
    assert_int_equal(e->n_arms, 2);
    assert_int_equal(e->arms[1].control, FR_CONTROL_RANDOM);
    assert_int_equal(e->windows[0].end, 80);
    assert_true(e->scales[0] == 2.0 / 3);
    fr_config_release(&c);
    assert_int_equal(fr_config_parse_canonical(&c, "seed: x\n", "study.db", &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "study.db:1: seed: \"x\" is not a whole number"));
}

static void the_help_names_every_key_of_the_canonical_text(void **state) {
    (void)state;
    struct fr_text text = {0}, help = {0};
    struct fr_config c = parsed(EXPERIMENT("vectors: clean, layers: 1, window: [0, 9]"));
    fr_config_render(&c, &text);
    fr_config_help(&help);
    for (const char *line = fr_text_get(&text); *line; line += strcspn(line, "\n") + 1) {
        char name[64];
        if (strncmp(line, "experiments.one.", 16) == 0)
            (void)snprintf(name, sizeof name, "\nexperiments[].%.*s ", (int)strcspn(line + 16, ":"),
                           line + 16);
        else
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
        int n_experiments, n_layers; /* of the first experiment */
    } files[] = {
        {"configs/demo.yaml", 4, 1},
        {"configs/demo-ambiguous.yaml", 1, 1},
        {"configs/organism.yaml", 14, 1},
        {"configs/organism-early.yaml", 3, 2},
        {"configs/organism-habits.yaml", 0, 0},
        {"configs/organism-prompt.yaml", 1, 1},
        {"configs/organism-inferred.yaml", 2, 2},
        {"configs/organism-ambiguous.yaml", 11, 1},
        {"configs/organism-replay.yaml", 0, 0},
        {"configs/organism-ambiguous-replay.yaml", 0, 0},
        {"configs/paper-qwq32b.yaml", 10, 8},
        {"configs/paper-design.yaml", 2, 4},
        {"configs/smollm2-replay.yaml", 0, 0},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct fr_config c;
        struct fr_error err = {0};
        assert_ok(fr_config_load(&c, fr_test_path(files[i].name), &err), err);
        assert_int_equal(c.experiments.n, files[i].n_experiments);
        if (c.experiments.n > 0)
            assert_int_equal(c.experiments.items[0].n_layers, files[i].n_layers);
        fr_config_release(&c);
    }
    struct fr_config c;
    struct fr_error err = {0};
    assert_int_equal(fr_config_load(&c, "nothing.yaml", &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "nothing.yaml: No such file"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(required_keys_suffice_and_the_rest_are_the_paper_s),
        cmocka_unit_test(values_given_replace_defaults_lists_included),
        cmocka_unit_test(shares_may_be_equal_and_other_items_may_not),
        cmocka_unit_test(an_unknown_key_is_told_with_its_line_and_the_nearest),
        cmocka_unit_test(a_key_in_the_wrong_section_is_sent_to_its_own),
        cmocka_unit_test(wrong_values_are_told_with_line_key_and_what_is_wanted),
        cmocka_unit_test(a_text_holds_neither_a_nul_nor_a_name_what_is_unseen),
        cmocka_unit_test(the_section_steering_is_told_by_its_line_and_keys),
        cmocka_unit_test(numbers_out_of_range_are_told_with_the_range),
        cmocka_unit_test(a_key_given_twice_is_refused_also_across_sections_of_one_name),
        cmocka_unit_test(a_missing_required_key_is_named_with_its_meaning),
        cmocka_unit_test(lists_refuse_what_is_no_item_of_theirs),
        cmocka_unit_test(keys_that_contradict_each_other_are_refused),
        cmocka_unit_test(what_is_no_yaml_is_told_with_its_line),
        cmocka_unit_test(the_canonical_text_says_everything),
        cmocka_unit_test(every_key_binds_one_stage_or_none),
        cmocka_unit_test(slots_and_threads_bind_only_where_results_depend_on_them),
        cmocka_unit_test(a_value_is_the_same_grown_shrunk_or_another),
        cmocka_unit_test(a_key_s_default_is_told_as_the_canonical_text_says_it),
        cmocka_unit_test(a_canonical_text_of_the_first_version_is_read),
        cmocka_unit_test(the_help_names_every_key_of_the_canonical_text),
        cmocka_unit_test(paths_are_taken_from_the_configuration_s_directory),
        cmocka_unit_test(the_project_s_own_configurations_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
