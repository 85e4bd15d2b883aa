/* A configuration and what it names: what binds a stage are contents, not paths. */
#include "config/world.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "prompts/prompts.h"
#include "test.h"

static char root[512];
static struct fr_error err;

/* ROOT/name; one of eight buffers in turn. */
static const char *in_root(const char *name) {
    static char paths[8][600];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

static void write_text(const char *name, const char *text) {
    char *dir = fr_strdup(in_root(name));
    *strrchr(dir, '/') = '\0';
    assert_ok(fr_dir_make(dir, &err), err);
    assert_ok(fr_file_write(in_root(name), text, strlen(text), &err), err);
    free(dir);
}

static void copy_file(const char *from, const char *name) {
    struct fr_text text = {0};
    assert_ok(fr_file_read(from, 1 << 20, &text, &err), err);
    write_text(name, fr_text_get(&text));
    fr_text_release(&text);
}

/* Without the line that says which domains it is found for: it is named here, and the domain
 * changes. */
static void copy_wording(const char *from, const char *name) {
    struct fr_text text = {0};
    assert_ok(fr_file_read(from, 1 << 20, &text, &err), err);
    char *line = strstr(text.data, "\nstructure: ");
    assert_non_null(line);
    line[1] = '#';
    write_text(name, fr_text_get(&text));
    fr_text_release(&text);
}

static const char problem[] =
    "(define (problem p) (:domain blocksworld-4ops) (:objects a b)"
    " (:init (handempty) (ontable a) (ontable b) (clear a) (clear b)) (:goal (and (on a b))))\n";

/* Everything that a configuration names, below ROOT/where; the file's own name is the caller's. */
static void write_world(const char *where, const char *domain) {
    char name[96];
    (void)snprintf(name, sizeof name, "%s/%s", where, domain);
    copy_file(fr_test_path("data/domains/blocksworld.pddl"), name);
    (void)snprintf(name, sizeof name, "%s/words.yaml", where);
    copy_wording(fr_test_path("data/wordings/blocksworld-4ops.yaml"), name);
    (void)snprintf(name, sizeof name, "%s/n.tsv", where);
    copy_file(fr_test_path("data/namings.tsv"), name);
    (void)snprintf(name, sizeof name, "%s/puzzles/one.pddl", where);
    write_text(name, problem);
    (void)snprintf(name, sizeof name, "%s/puzzles/two.pddl", where);
    write_text(name, problem);
}

static void write_config(const char *name, const char *domain, const char *more) {
    struct fr_text text = {0};
    fr_text_printf(&text,
                   "study: s\nmodel: {path: no-such-model.gguf, context_tokens: 600}\n"
                   "puzzles: {domain: %s, directory: puzzles}\n"
                   "prompt: {wording: words.yaml}\n"
                   "generation: {max_tokens: 600}\n%s",
                   domain, more);
    if (strstr(more, "namings:") == NULL)
        fr_text_add(&text, "namings: {table: n.tsv, use: [clean, \"1\", \"3\", \"2\"]}\n");
    write_text(name, fr_text_get(&text));
    fr_text_release(&text);
}

static int set_up(void **state) {
    (void)state;
    const char *below = getenv("TMPDIR");
    (void)snprintf(root, sizeof root, "%s/fluidrep-world-XXXXXX", below != NULL ? below : P_tmpdir);
    assert_non_null(mkdtemp(root));
    write_world("one", "domain.pddl");
    write_config("one/c.yaml", "domain.pddl", "");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    struct fr_text command = {0};
    fr_text_printf(&command, "rm -rf '%s'", root);
    const int code = system(fr_text_get(&command));
    fr_text_release(&command);
    return code;
}

/* Where it stays: a world holds pointers into itself. */
static void open_world(struct fr_world *world, const char *config) {
    assert_ok(fr_world_open(world, in_root(config), &err), err);
}

/* What binds the stage; the caller frees it. */
static char *lines_of(const char *config, enum fr_stage stage) {
    struct fr_world world;
    open_world(&world, config);
    struct fr_text text = {0};
    assert_ok(fr_world_render_stage(&world, stage, "abc", &text, &err), err);
    fr_world_release(&world);
    return fr_text_take(&text);
}

/* The key of the only line of which the two differ, "" when of none; more are a failure. */
static const char *difference(const char *a, const char *b) {
    static char key[96];
    key[0] = '\0';
    while (*a != '\0' && *b != '\0') {
        const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        if (n != m || memcmp(a, b, n) != 0) {
            assert_string_equal(key, "");
            (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(a, ":"), a);
            assert_memory_equal(a, b, strlen(key));
        }
        a += n + (a[n] == '\n');
        b += m + (b[m] == '\n');
    }
    assert_true(*a == '\0' && *b == '\0');
    return key;
}

static void the_same_contents_elsewhere_bind_the_same(void **state) {
    (void)state;
    write_world("two/deep", "other name.pddl");
    write_config("two/deep/config.yaml", "other name.pddl", "");
    for (int k = 0; k < FR_N_STAGES; k++) {
        char *one = lines_of("one/c.yaml", (enum fr_stage)k);
        char *two = lines_of("two/deep/config.yaml", (enum fr_stage)k);
        assert_string_equal(one, two);
        assert_null(strstr(one, root));
        free(one);
        free(two);
    }
}

static void other_contents_at_the_same_paths_are_told_by_their_hash(void **state) {
    (void)state;
    static const struct {
        const char *file, *text;      /* the whole file, or */
        const char *find, *put, *key; /* what is put in the place of what */
    } cases[] = {
        {"one/puzzles/two.pddl", NULL, "(on a b)", "(on b a)", "puzzles.directory.sha256"},
        {"one/puzzles/three.pddl", problem, NULL, NULL, "puzzles.directory.sha256"},
        {"one/puzzles/notes.txt", "no problem", NULL, NULL, ""},
        {"one/domain.pddl", NULL, "(not (handempty))", "", "puzzles.domain.sha256"},
        {"one/words.yaml", NULL, "red block", "red brick", "prompt.wording.sha256"},
    };
    char *before = lines_of("one/c.yaml", FR_STAGE_PUZZLES);
    assert_memory_equal(before, "seed: 1\n", 8);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_text old = {0}, text = {0};
        if (cases[i].find != NULL) {
            assert_ok(fr_file_read(in_root(cases[i].file), 1 << 20, &old, &err), err);
            const char *at = strstr(old.data, cases[i].find);
            assert_non_null(at);
            fr_text_append(&text, old.data, (size_t)(at - old.data));
            fr_text_add(&text, cases[i].put);
            fr_text_add(&text, at + strlen(cases[i].find));
        }
        write_text(cases[i].file, cases[i].find != NULL ? fr_text_get(&text) : cases[i].text);
        fr_text_release(&old);
        fr_text_release(&text);
        char *now = lines_of("one/c.yaml", FR_STAGE_PUZZLES);
        assert_string_equal(difference(before, now), cases[i].key);
        free(before);
        before = now;
    }
    free(before);
}

static void remarks_and_namings_change_neither_domain_nor_wording(void **state) {
    (void)state;
    char *before = lines_of("one/c.yaml", FR_STAGE_PUZZLES);
    struct fr_text text = {0};
    assert_ok(fr_file_read(in_root("one/domain.pddl"), 1 << 20, &text, &err), err);
    fr_text_add(&text, "\n; a remark at the end\n");
    write_text("one/domain.pddl", fr_text_get(&text));
    assert_ok(fr_file_read(in_root("one/n.tsv"), 1 << 20, &text, &err), err);
    fr_text_add(&text, "new\tda\tdb\tdc\tdd\tde\tdf\tdg\tdh\tdi\n");
    write_text("one/n.tsv", fr_text_get(&text));
    write_config("one/c.yaml", "domain.pddl", "namings: {table: n.tsv, use: [new, \"1\"]}\n");
    char *now = lines_of("one/c.yaml", FR_STAGE_PUZZLES);
    assert_string_equal(before, now);
    free(before);
    free(now);
    fr_text_release(&text);
}

static void recorded_traces_bind_by_their_file_s_contents(void **state) {
    (void)state;
    static const char config[] = "study: s\nmodel: {path: m, context_tokens: 600}\n"
                                 "puzzles: {domain: domain.pddl}\n"
                                 "traces: {import: %s, naming: \"1\"}\n"
                                 "namings: {table: n.tsv}\ngeneration: {max_tokens: 600}\n";
    char text[512];
    write_text("one/a.jsonl", "{}\n");
    write_text("one/b.jsonl", "{}\n");
    (void)snprintf(text, sizeof text, config, "a.jsonl");
    write_text("one/a.yaml", text);
    (void)snprintf(text, sizeof text, config, "b.jsonl");
    write_text("one/b.yaml", text);
    char *a = lines_of("one/a.yaml", FR_STAGE_PUZZLES),
         *b = lines_of("one/b.yaml", FR_STAGE_PUZZLES);
    assert_string_equal(a, b);
    assert_non_null(strstr(a, "\ntraces.import.sha256: "));
    assert_null(strstr(a, "puzzles.directory.sha256"));
    free(b);
    write_text("one/b.jsonl", "{}\n{}\n");
    b = lines_of("one/b.yaml", FR_STAGE_PUZZLES);
    assert_string_equal(difference(a, b), "traces.import.sha256");
    free(a);
    free(b);
    struct fr_world world;
    assert_int_equal(unlink(in_root("one/b.jsonl")), 0);
    assert_int_equal(fr_world_open(&world, in_root("one/b.yaml"), &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "b.yaml: traces.import: "));
    assert_non_null(strstr(err.text, "b.jsonl is not there"));
}

static void puzzles_are_generated_of_blocksworld_in_its_own_words_alone(void **state) {
    (void)state;
    struct fr_text text = {0};
    struct fr_world world;
    fr_text_printf(&text,
                   "study: s\nmodel: {path: m, context_tokens: 600}\n"
                   "puzzles: {domain: %s, blocks: 3}\nnamings: {table: n.tsv}\n"
                   "generation: {max_tokens: 600}\n",
                   fr_test_path("data/domains/logistics.pddl"));
    write_text("one/generated.yaml", fr_text_get(&text));
    assert_int_equal(fr_world_open(&world, in_root("one/generated.yaml"), &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "generated.yaml: puzzles.directory is missing: "));
    fr_text_release(&text);
}

static void the_model_s_hash_binds_the_rollouts_alone(void **state) {
    (void)state;
    for (int k = 0; k < FR_N_STAGES; k++) {
        char *lines = lines_of("one/c.yaml", (enum fr_stage)k);
        assert_int_equal(strstr(lines, "model.sha256: abc\n") != NULL, k == FR_STAGE_ROLLOUTS);
        free(lines);
    }
}

static void namings_keep_the_configuration_s_order_and_their_parts(void **state) {
    (void)state;
    struct fr_world world;
    open_world(&world, "one/c.yaml");
    static const char *const ids[] = {"clean", "1", "3", "2"};
    bool use[4];
    assert_int_equal(world.n_namings, 4);
    fr_world_used_namings(&world, use);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(world.namings[i].naming->id, ids[i]);
        assert_int_equal(fr_world_find_naming(&world, ids[i]), i);
        assert_int_equal(world.namings[i].clean, i == 0);
        assert_int_equal(world.namings[i].excluded, i == 2); /* "3", by default */
        assert_int_equal(use[i], i == 1 || i == 3);
    }
    assert_int_equal(fr_world_clean_naming(&world), 0);
    assert_int_equal(fr_world_find_naming(&world, "4"), -1); /* in the table, not of the study */
    fr_world_release(&world);
    write_config("one/c.yaml", "domain.pddl", "namings: {table: n.tsv, use: [\"2\"]}\n");
    open_world(&world, "one/c.yaml");
    assert_int_equal(fr_world_clean_naming(&world), -1);
    fr_world_release(&world);
    write_config("one/c.yaml", "domain.pddl", "namings: {table: n.tsv}\n"); /* all */
    open_world(&world, "one/c.yaml");
    assert_int_equal(world.n_namings, world.table.n);
    assert_true(world.n_namings > 20);
    fr_world_release(&world);
}

static void namings_for_accuracy_only_are_left_out_too_and_must_be_there(void **state) {
    (void)state;
    bool use[4];
    struct fr_world world;
    write_config("one/c.yaml", "domain.pddl",
                 "namings: {table: n.tsv, use: [clean, \"1\", \"3\", \"2\"], accuracy_only: "
                 "[\"2\"]}\n");
    open_world(&world, "one/c.yaml");
    fr_world_used_namings(&world, use);
    assert_true(!use[0] && use[1] && !use[2] && !use[3]);
    assert_true(world.namings[2].excluded && world.namings[3].excluded);
    assert_true(!world.namings[2].accuracy_only && world.namings[3].accuracy_only);
    int first;
    assert_int_equal(fr_world_replayed_namings(&world, &first), 3);
    assert_int_equal(first, 0);
    fr_world_release(&world);
    static const char *const refused[][2] = {
        {"use: [clean, \"1\"], accuracy_only: [clean]", "\"clean\" is the domain's own naming"},
        {"use: [\"1\"], accuracy_only: [\"1\"]", "all of the study's namings"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char line[160];
        (void)snprintf(line, sizeof line, "namings: {table: n.tsv, %s}\n", refused[i][0]);
        write_config("one/c.yaml", "domain.pddl", line);
        assert_int_equal(fr_world_open(&world, in_root("one/c.yaml"), &err), FR_E_INPUT);
        assert_non_null(strstr(err.text, refused[i][1]));
    }
    write_config("one/c.yaml", "domain.pddl",
                 "namings: {table: n.tsv, use: [clean, \"1\"], accuracy_only: [\"16\"]}\n");
    assert_int_equal(fr_world_open(&world, in_root("one/c.yaml"), &err), FR_E_INPUT);
    assert_non_null(
        strstr(err.text, "namings.accuracy_only: \"16\" is none of the study's namings"));
}

/* Figure 2 would be empty, or a naming kept that was meant to be left out, without a word. */
static void every_key_that_names_namings_names_those_that_are_there(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"exclude: [\"1\", \"zz\"]}", "namings.exclude: \"zz\" is none of the table's namings"},
        {"exclude: []}\nanalyses: {pair_naming: \"zz\"}",
         "analyses.pair_naming: \"zz\" is none of the study's namings"},
        {"exclude: []}\nanalyses: {pair_naming: \"2\"}",
         "\"2\" is none of the study's namings; the "
         "nearest is "},
        {"exclude: [\"1\"]}\nanalyses: {pair_naming: \"1\"}",
         "analyses.pair_naming: \"1\" is left out of representations"},
        {"exclude: []}\nanalyses: {pair_naming: clean}", "\"clean\" is the domain's own naming"},
        {"exclude: [\"3\"]}", NULL}, /* the default, which this table may not have */
        {"exclude: [\"2\"]}", NULL}, /* of the table, if not of the study */
        {"exclude: []}\nanalyses: {pair_naming: \"1\"}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fr_world world;
        char lines[200];
        (void)snprintf(lines, sizeof lines, "namings: {table: n.tsv, use: [clean, \"1\"], %s\n",
                       cases[i][0]);
        write_config("one/c.yaml", "domain.pddl", lines);
        const int code = fr_world_open(&world, in_root("one/c.yaml"), &err);
        if ((code == FR_OK) != (cases[i][1] == NULL) ||
            (code != FR_OK && strstr(err.text, cases[i][1]) == NULL))
            fail_msg("%s: %s", cases[i][0], code == FR_OK ? "taken" : err.text);
        if (code == FR_OK)
            fr_world_release(&world);
    }
}

static void a_naming_that_is_not_in_the_table_is_told_with_the_nearest(void **state) {
    (void)state;
    struct fr_world world;
    static const struct fr_world zero;
    write_config("one/c.yaml", "domain.pddl", "namings: {table: n.tsv, use: [claen]}\n");
    assert_int_equal(fr_world_open(&world, in_root("one/c.yaml"), &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "c.yaml: namings.use: no naming \"claen\" in the table; the "
                                     "nearest is clean; its ids are clean ... "));
    assert_memory_equal(&world, &zero, sizeof zero);
}

static void times_and_origins_follow_from_the_keys(void **state) {
    (void)state;
    write_config("one/c.yaml", "domain.pddl",
                 "representations: {grid_step: 40, grid_end: 250, window_tokens: 30,"
                 " previous_token: false, origin: prompt}\n"
                 "analyses: {reference_timestamp: 240, pca_timestamp: 240}\n");
    struct fr_world world;
    open_world(&world, "one/c.yaml");
    struct fr_grid grid;
    fr_world_grid(&world, &grid);
    assert_int_equal(grid.n_times, 6);
    for (int t = 0; t < 6; t++) {
        assert_int_equal(grid.times[t], 40 * (t + 1));
        assert_int_equal(fr_config_grid_index(&world.config, grid.times[t]), t);
    }
    assert_int_equal(grid.window_tokens, 30);
    assert_false(grid.previous_token);
    assert_int_equal(fr_world_origin(&world, 123), 0);
    assert_false(fr_world_shows_examples(&world)); /* terse */
    free(grid.times);
    fr_world_release(&world);
    static const struct {
        const char *prompt;
        bool shows;
    } styles[] = {{"style: planbench, shots: 1", true},
                  {"style: planbench, shots: 0", false},
                  {"style: inferred", true},
                  {"style: terse, shots: 1", false}};
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        struct fr_text yaml = {0};
        fr_text_printf(&yaml,
                       "study: s\nmodel: {path: m, context_tokens: 600}\n"
                       "puzzles: {domain: domain.pddl}\nprompt: {%s}\n"
                       "namings: {table: n.tsv}\ngeneration: {max_tokens: 600}\n",
                       styles[i].prompt);
        write_text("one/s.yaml", fr_text_get(&yaml));
        open_world(&world, "one/s.yaml");
        assert_int_equal(fr_world_shows_examples(&world), styles[i].shows);
        assert_int_equal(fr_world_origin(&world, 123), 123);
        fr_world_release(&world);
        fr_text_release(&yaml);
    }
}

static void baselines_are_shared_by_their_end_without_flash_attention(void **state) {
    (void)state;
    static const char experiments[] = "model: {flash_attention: %s}\n"
                                      "experiments:\n- {name: one, vectors: clean, layers: 1,"
                                      " window: [[0, 50], [10, 50]]}\n";
    for (int flash = 0; flash < 2; flash++) {
        char more[256];
        int baselines = 0;
        (void)snprintf(more, sizeof more, experiments, flash ? "true" : "false");
        write_config("one/c.yaml", "domain.pddl", more);
        struct fr_world world;
        open_world(&world, "one/c.yaml");
        for (int i = 0; i < world.conditions.n; i++)
            baselines += world.conditions.items[i].role == FR_ROLE_BASELINE;
        assert_int_equal(baselines, flash ? 2 : 1);
        assert_int_equal(world.conditions.n, baselines + 2);
        fr_world_release(&world);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_same_contents_elsewhere_bind_the_same),
        TEST(other_contents_at_the_same_paths_are_told_by_their_hash),
        TEST(remarks_and_namings_change_neither_domain_nor_wording),
        TEST(recorded_traces_bind_by_their_file_s_contents),
        TEST(puzzles_are_generated_of_blocksworld_in_its_own_words_alone),
        TEST(the_model_s_hash_binds_the_rollouts_alone),
        TEST(namings_keep_the_configuration_s_order_and_their_parts),
        TEST(namings_for_accuracy_only_are_left_out_too_and_must_be_there),
        TEST(every_key_that_names_namings_names_those_that_are_there),
        TEST(a_naming_that_is_not_in_the_table_is_told_with_the_nearest),
        TEST(times_and_origins_follow_from_the_keys),
        TEST(baselines_are_shared_by_their_end_without_flash_attention),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
