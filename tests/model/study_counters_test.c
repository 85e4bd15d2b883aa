/* What a study's stages make the models do, counted: a prompt is computed once for a trace, and
 * what runs share once for all of them, of whatever experiment. On an embedded organism, by two
 * workers. */
#include <string.h>

#include "base/file.h"
#include "study/study.h"
#include "support/test.h"

enum { EARLIER_START = 20, WINDOW_START = 40, WINDOW_END = 80 };

static struct fr_error err;
static struct fr_model_counters counted[FR_N_STAGES];

static void on_stage(void *user, const char *stage, enum fr_stage_event event, double seconds,
                     const struct fr_model_counters *counters) {
    (void)user;
    (void)seconds;
    if (event == FR_STAGE_ENDS)
        counted[fr_stage_find(stage)] = *counters;
}

static void write_config(const char *path) {
    struct fr_text text = {0};
    fr_text_printf(&text,
                   "study: counters\nmodel: {path: %s, slots: 3, workers: 2, threads: 1, "
                   "context_tokens: 1280}\n",
                   fr_test_path("models/organism-ambiguous.gguf"));
    fr_text_printf(&text, "puzzles: {domain: %s, collect: 3, evaluate: 3}\n",
                   fr_test_path("data/domains/blocksworld.pddl"));
    fr_text_printf(&text,
                   "namings: {table: %s, use: [r7-1, r7-3, r7-4]}\n"
                   "prompt: {style: ambiguous}\n",
                   fr_test_path("data/namings-ambiguous.tsv"));
    fr_text_printf(
        &text,
        "generation: {max_tokens: 460}\nrepresentations: {window_tokens: 200, grid_step:"
        " 40, grid_end: 160, min_mentions: 1}\nanalyses: {reference_timestamp: 160,"
        " pca_timestamp: 160, resamples: 50}\nstatistics: {permutations: 50}\n"
        "experiments:\n"
        /* three edits: the identity is at the first layer alone */
        "- {name: one, vectors: cross_loo, controls: [identity], layers: [1, 2], at: 160,"
        " window: [%d, %d]}\n"
        /* one of the first experiment's, and one of its own */
        "- {name: two, vectors: cross_loo, layers: [1, 1-2], at: 160, window: [%d, %d]}\n"
        /* another window with the same end */
        "- {name: three, vectors: in_naming, layers: 2, at: 160, window: [%d, %d]}\n"
        /* timestamps count from the reasoning, so that no mention of the prompt is in a window */
        "- {name: four, vectors: cross_loo, mentions: prompt, layers: 2, at: 160, window: [%d,"
        " %d]}\n",
        WINDOW_START, WINDOW_END, WINDOW_START, WINDOW_END, EARLIER_START, WINDOW_END, WINDOW_START,
        WINDOW_END);
    assert_ok(fr_file_write(path, fr_text_get(&text), text.len, &err), err);
    fr_text_release(&text);
}

static long long ask(struct fr_store *store, const char *sql) {
    int64_t value = -1;
    assert_ok(fr_store_find_int(store, &err, &value, sql, ""), err);
    return value;
}

static void every_token_is_counted_where_it_is_computed(void **state) {
    (void)state;
    if (access(fr_test_path("models/organism-ambiguous.gguf"), R_OK) != 0) {
        print_message("skipped: models/organism-ambiguous.gguf is missing\n");
        skip();
    }
    char root[] = "counters.XXXXXX";
    struct fr_text config = {0}, out = {0};
    struct fr_study *study;
    const struct fr_study_events events = {.stage = on_stage};
    int n_ran;
    assert_non_null(mkdtemp(root));
    fr_text_printf(&config, "%s/config.yaml", root);
    fr_text_printf(&out, "%s/study", root);
    write_config(fr_text_get(&config));
    assert_ok(fr_study_open(&study,
                            &(struct fr_study_options){.config_path = fr_text_get(&config),
                                                       .out_dir = fr_text_get(&out),
                                                       .events = &events},
                            &err),
              err);
    assert_ok(fr_study_run(study, FR_STAGE_REPORT, &n_ran, &err), err);
    struct fr_store *store = fr_study_store(study);

    /* The first generated token comes from the prompt, the others from a step each. A trace ends
     * with the token that says so, which is not stored, or with its last one at the limit. */
    const struct fr_model_counters *c = &counted[fr_stage_find("rollouts")];
    assert_int_equal(c->tokens_prefilled, ask(store, "SELECT sum(n_prompt) FROM trace"));
    assert_in_range(c->tokens_decoded,
                    ask(store, "SELECT sum(n_tokens - n_prompt) - count(*) FROM trace"),
                    ask(store, "SELECT sum(n_tokens - n_prompt) FROM trace"));
    assert_int_equal(c->tokens_copied, 0);
    assert_int_equal(c->rows_tapped + c->rows_edited, 0);
    /* Otherwise no trace would end with that token. */
    assert_int_equal(ask(store, "SELECT count(*) FROM trace WHERE verdict = 'truncated'"), 0);

    c = &counted[fr_stage_find("representations")];
    assert_true(c->tokens_prefilled > 0 && c->rows_tapped > 0);
    assert_true(c->tokens_prefilled <=
                ask(store, "SELECT sum(n_prompt + n_reasoning) FROM trace t JOIN puzzle p ON p.id ="
                           " t.puzzle WHERE p.split = 'collect'"));
    assert_int_equal(c->tokens_decoded + c->tokens_copied + c->rows_edited, 0);

    /* Six runs of a trace: the baseline, which all share, is cut where the first window begins,
     * as are the runs of that window; what is before is computed once for these two. The four of
     * the other window, of two experiments, share theirs. */
    c = &counted[fr_stage_find("steering")];
    const long long n_subjects =
        ask(store, "SELECT count(*) FROM (SELECT DISTINCT puzzle, naming FROM run)");
    const long long n_runs = ask(store, "SELECT count(*) FROM run");
    const long long prompts =
        ask(store, "SELECT sum(n_prompt) FROM trace WHERE (puzzle, naming) IN (SELECT puzzle,"
                   " naming FROM run)");
    const long long early = prompts + n_subjects * EARLIER_START;
    const long long late = prompts + n_subjects * WINDOW_START;
    assert_true(n_subjects > 0);
    /* The seventh edits nothing: it is the baseline's, and the model does nothing for it. */
    assert_int_equal(n_runs, 7 * n_subjects);
    assert_int_equal(ask(store, "SELECT count(*) FROM run a JOIN run b USING (puzzle, naming) JOIN"
                                " edit e ON e.id = a.edit JOIN edit f ON f.id = b.edit WHERE"
                                " e.mentions = 'prompt' AND f.operation = 'none' AND a.n_edits = 0"
                                " AND a.ids = b.ids AND a.verdict = b.verdict AND a.vectors <> ''"),
                     n_subjects);
    assert_int_equal(ask(store, "SELECT count(*) FROM condition WHERE role = 'baseline'"), 1);
    assert_int_equal(ask(store, "SELECT count(*) FROM condition"), 8);
    assert_int_equal(ask(store, "SELECT count(*) FROM edit"), 7);
    assert_int_equal(c->tokens_prefilled, early + 2 * n_subjects * (WINDOW_END - EARLIER_START) +
                                              late + 4 * n_subjects * (WINDOW_END - WINDOW_START));
    assert_int_equal(c->tokens_copied, 2 * early + 4 * late);
    assert_int_equal(c->rows_edited, ask(store, "SELECT sum(n_edits) FROM run"));
    assert_true(c->rows_edited > 0);
    assert_int_equal(c->rows_tapped, 0);

    for (const char *const *stage =
             (const char *const[]){"puzzles", "analyses", "statistics", "report", NULL};
         *stage != NULL; stage++) {
        c = &counted[fr_stage_find(*stage)];
        assert_int_equal(c->tokens_prefilled + c->tokens_decoded + c->tokens_copied, 0);
    }
    fr_study_close(study);
    fr_text_clear(&config);
    fr_text_printf(&config, "rm -r '%s'", root);
    assert_int_equal(system(fr_text_get(&config)), 0);
    fr_text_release(&config);
    fr_text_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_token_is_counted_where_it_is_computed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
