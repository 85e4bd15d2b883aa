/* Whole studies of two planted models whose curves rise alike: in one nothing is refined, only the
 * cells of later timestamps hold more mentions, so that less noise is left in them; in the other
 * representations are refined. The study's own controls must tell the two apart, from its puzzles
 * to its table. Source: method.md 4, "Sanity of a rising curve". */
#include "test.h"

#include "base/file.h"
#include "planted_study.h"
#include "support/directory.h"

enum { LAYER = 3 /* planted */ };
static struct fr_error err;

static const char config[] =
    "study: artefact\n"
    "seed: 1\n"
    "model: {path: planted, slots: 4, context_tokens: %d}\n"
    "puzzles: {domain: %s, collect: 16, evaluate: 0}\n"
    "namings: {table: %s, use: %s, exclude: []}\n"
    "prompt: {style: terse}\n"
    "generation: {max_tokens: %d}\n"
    /* one window from the first token on: its cells fill up */
    "representations: {window_tokens: 240, grid_step: 40, grid_end: 240, min_mentions: 8,"
    " previous_token: false, sets: [matched, halves, panel], panel_end: 160}\n"
    "analyses: {reference_timestamp: 240, pca_timestamp: 240, resamples: 100}\n"
    "experiments: []\n";

struct rise {
    double plain, plain_low, explained, low, high;
};

static struct rise rise_of(struct fr_store *store, const char *control) {
    struct fr_query *query;
    assert_ok(fr_query_open(&query, store, &err,
                            "SELECT plain, plain_low, explained, low, high FROM control_rise WHERE"
                            " kind = 'action' AND layer = ? AND control = ?",
                            "it", (int64_t)LAYER, control),
              err);
    assert_true(fr_query_next(query));
    const struct rise r = {fr_query_double(query, 0), fr_query_double(query, 1),
                           fr_query_double(query, 2), fr_query_double(query, 3),
                           fr_query_double(query, 4)};
    assert_ok(fr_query_close(query, &err), err);
    print_message("%-10s of a rise of %.2f (from %.2f on): %.2f [%.2f, %.2f]\n", control, r.plain,
                  r.plain_low, r.explained, r.low, r.high);
    return r;
}

/* Of the panel's traces nothing is said beyond where all of them reach. */
static void assert_panel_ends(struct fr_store *store) {
    struct fr_query *query;
    assert_ok(fr_query_open(&query, store, &err,
                            "SELECT max(timestamp), (SELECT max(last_timestamp) FROM control_rise"
                            " WHERE control = 'panel') FROM control_curve WHERE control = 'panel'",
                            ""),
              err);
    assert_true(fr_query_next(query));
    assert_int_equal(fr_query_int(query, 0), 160);
    assert_int_equal(fr_query_int(query, 1), 160);
    assert_ok(fr_query_close(query, &err), err);
}

static void run(const char *name, double refine_tokens, double noise, struct rise *matched,
                struct rise *corrected) {
    struct planted_study world;
    struct fr_store *store;
    struct fr_text text = {0};
    planted_study_init(&world, 1, 1);
    world.options.refine_tokens = refine_tokens;
    world.options.noise_norm = noise;
    world.options.noise_context = 8;
    fr_text_printf(&text, config, PLANTED_STUDY_TOKENS,
                   fr_test_path("data/domains/blocksworld.pddl"), fr_test_path("data/namings.tsv"),
                   planted_study_ids, PLANTED_STUDY_TOKENS);
    const char *path = fr_test_in_root("artefact.yaml");
    assert_ok(fr_file_write(path, text.data, text.len, &err), err);
    fr_text_release(&text);
    const struct fr_study_options options = {.config_path = path, .out_dir = fr_test_in_root(name)};
    assert_ok(planted_study_run(&world, options, FR_STAGE_ANALYSES, NULL, &err), err);
    planted_study_release(&world);
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root(name), &err), err);
    *matched = rise_of(store, "matched");
    *corrected = rise_of(store, "corrected");
    assert_panel_ends(store);
    fr_store_close(store);
}

static void a_rise_of_counts_is_unmasked(void **state) {
    (void)state;
    struct rise matched, corrected;
    run("counts", 1e-6, 8, &matched, &corrected);
    assert_true(matched.plain_low > 0.1); /* it does rise, and looks sure */
    assert_true(matched.explained > 0.7 && matched.low > 0.4);
    assert_true(corrected.explained > 0.7 && corrected.low > 0.4);
}

static void a_rise_of_refinement_is_not(void **state) {
    (void)state;
    struct rise matched, corrected;
    run("refined", 300, 0.5, &matched, &corrected);
    assert_true(matched.plain_low > 0.1);
    assert_true(matched.explained < 0.3 && matched.high < 0.5);
    assert_true(corrected.explained < 0.3 && corrected.high < 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rise_of_counts_is_unmasked),
        cmocka_unit_test(a_rise_of_refinement_is_not),
    };
    return cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove);
}
