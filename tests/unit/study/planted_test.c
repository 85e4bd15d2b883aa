/* Whole studies of the planted model, through the doors that the program uses: what was planted
 * comes out of the result tables, its controls do not, and a world in which nothing was planted
 * gives tests that keep their level. The numbers are drawn, but from fixed seeds: a tolerance is
 * that of the draw that was made when the test was written, and says from where it comes. */
#include "test.h"

#include <gsl/gsl_cdf.h>
#include <string.h>

#include "analyses/analysis.h"
#include "base/memory.h"
#include "mentions/mentions.h"
#include "planted_study.h"
#include "statistics/power.h"
#include "support/directory.h"

enum {
    LAYER = 3, /* planted, as one layer above it is not */
    BELOW = 1,
    ABOVE = 5,
    REFERENCE = 240,
    NAMINGS = PLANTED_STUDY_NAMINGS - 1, /* the clean one is not steered */
    PUZZLES = 20,
    NULL_PUZZLES = 12,
    NULL_EDITS = 7, /* of one_layer, the baseline among them */
    SIMULATIONS = 600,
};
static struct fr_error err;

/* ---- studies --------------------------------------------------------------------------------- */

static const char experiments[] =
    "experiments:\n"
    "  - {name: positive, vectors: [in_naming, cross_loo], controls: [shuffled, random, "
    "identity],\n"
    "     operation: add, keep_norm: false, layers: [1, 3, 5], at: 240, window: [40, 200]}\n"
    /* the paper's edit in its strongest form, measured against its control */
    "  - {name: mixed, vectors: [cross_loo], controls: [shuffled], against: shuffled,\n"
    "     scale: 0.3333333333333333, layers: 3, at: 240, window: [40, 200]}\n";
static const char one_layer[] =
    "experiments:\n"
    "  - {name: null, vectors: [in_naming, cross_loo], controls: [shuffled, random],\n"
    "     operation: add, keep_norm: false, layers: 3, at: 240, window: [40, 200]}\n";

static void write_config(const char *path, int workers, int slots, int collect, int evaluate,
                         const char *list) {
    struct fr_text text = {0};
    fr_text_printf(
        &text,
        "study: planted\n"
        "seed: 1\n"
        "model: {path: planted, slots: %d, workers: %d, context_tokens: %d}\n"
        "puzzles: {domain: %s, collect: %d, evaluate: %d}\n"
        "namings: {table: %s, use: %s, exclude: []}\n"
        "prompt: {style: terse}\n"
        "generation: {max_tokens: %d}\n"
        "representations: {window_tokens: 80, grid_step: 40, grid_end: 240, min_mentions: 5,"
        " previous_token: false, solved_traces: 100}\n"
        "analyses: {reference_timestamp: 240, pca_timestamp: 240, resamples: 500}\n"
        "statistics: {permutations: 999}\n"
        "%s",
        slots, workers, PLANTED_STUDY_TOKENS, fr_test_path("data/domains/blocksworld.pddl"),
        collect, evaluate, fr_test_path("data/namings.tsv"), planted_study_ids,
        PLANTED_STUDY_TOKENS, list);
    assert_ok(fr_file_write(path, text.data, text.len, &err), err);
    fr_text_release(&text);
}

/* The study of a configuration, below fr_test_root, from its puzzles to its report. */
static void run_study(const char *name, const char *config) {
    struct planted_study world;
    int n_ran;
    planted_study_init(&world, 1, 1);
    const struct fr_study_options options = {.config_path = config,
                                             .out_dir = fr_test_in_root(name)};
    assert_ok(planted_study_run(&world, options, FR_STAGE_REPORT, &n_ran, &err), err);
    assert_int_equal(n_ran, FR_N_STAGES - 1);
    planted_study_release(&world);
}

static int set_up(void **state) {
    (void)fr_test_root_make(state);
    write_config(fr_test_in_root("whole.yaml"), 1, 4, 16, PUZZLES, experiments);
    run_study("whole", fr_test_in_root("whole.yaml"));
    return 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static struct fr_store *open_results(const char *name) {
    struct fr_store *store;
    assert_ok(fr_store_open_readonly(&store, fr_test_in_root(name), &err), err);
    return store;
}

/* One number of a study; the query must give it. */
static double number(struct fr_store *store, const char *sql, const char *text, int64_t n) {
    struct fr_query *query;
    assert_ok(fr_query_open(&query, store, &err, sql, "ti", text, n), err);
    if (!fr_query_next(query))
        fail_msg("no row: %s (%s, %lld)", sql, text, (long long)n);
    const double x = fr_query_double(query, 0);
    assert_ok(fr_query_close(query, &err), err);
    return x;
}

/* A line of the table effect. */
struct effect {
    double mean, standard_error, low, high, p, p_holm, p_permutation, p_mcnemar, p_flip, p_max;
    int n_namings, n_pairs, gained, lost, changed;
};

static struct effect effect_of(struct fr_store *store, const char *experiment,
                               const char *condition) {
    struct fr_query *query;
    assert_ok(fr_query_open(&query, store, &err,
                            "SELECT mean, standard_error, low, high, p, p_holm, p_permutation,"
                            " p_mcnemar, n_namings, n_pairs, gained, lost, changed, p_flip, p_max"
                            " FROM effect WHERE experiment = ? AND condition = ?",
                            "tt", experiment, condition),
              err);
    if (!fr_query_next(query))
        fail_msg("no effect of %s, %s", experiment, condition);
    const struct effect e = {fr_query_double(query, 0),    fr_query_double(query, 1),
                             fr_query_double(query, 2),    fr_query_double(query, 3),
                             fr_query_double(query, 4),    fr_query_double(query, 5),
                             fr_query_double(query, 6),    fr_query_double(query, 7),
                             fr_query_double(query, 13),   fr_query_double(query, 14),
                             (int)fr_query_int(query, 8),  (int)fr_query_int(query, 9),
                             (int)fr_query_int(query, 10), (int)fr_query_int(query, 11),
                             (int)fr_query_int(query, 12)};
    assert_ok(fr_query_close(query, &err), err);
    print_message("%-10s %-28s %+.3f [%+.3f, %+.3f] p %.2g Holm %.2g changed %d of %d\n",
                  experiment, condition, e.mean, e.low, e.high, e.p, e.p_holm, e.changed,
                  e.n_pairs);
    return e;
}

static struct effect positive(struct fr_store *store, const char *series, int layer) {
    char name[128];
    (void)snprintf(name, sizeof name, "%s, layer %d", series, layer);
    return effect_of(store, "positive", name);
}

/* ---- what was planted ------------------------------------------------------------------------ */

static void
half_of_the_puzzles_are_solved_and_unedited_prefixes_go_on_as_the_traces_did(void **state) {
    (void)state;
    struct fr_store *store = open_results("whole");
    for (int split = 0; split < FR_SPLIT_COUNT; split++) {
        const double accuracy =
            number(store,
                   "SELECT 1.0 * sum(solved) / sum(n) FROM accuracy WHERE split = ?1 AND ?2 = 0",
                   fr_split_name[split], 0);
        print_message("%s: %.3f solved\n", fr_split_name[split], accuracy);
        assert_true(accuracy > 0.4 && accuracy < 0.6);
    }
    /* every fault is the one that the script makes */
    assert_near(number(store,
                       "SELECT sum(n - solved - goal_unmet) FROM accuracy WHERE split <> ?1 AND"
                       " ?2 = 0",
                       "all", 0),
                0, 0);
    /* every one beside its trace: verdict, length, tokens */
    const char baselines[] =
        "SELECT count(*) FROM run r JOIN edit e ON e.id = r.edit JOIN trace t USING (puzzle, "
        "naming)"
        " WHERE e.definition LIKE ?1 AND r.verdict = t.verdict"
        " AND t.n_prompt + e.window_end + r.n_generated = t.n_tokens"
        " AND substr(t.ids, 1 + 4 * (t.n_prompt + e.window_end)) = r.ids AND ?2 = 0";
    assert_near(number(store, baselines, "baseline%", 0), NAMINGS * PUZZLES, 0);
    fr_store_close(store);
}

static double cosine(const float *a, const float *b, int width) {
    double aa = 0, bb = 0, ab = 0;
    for (int d = 0; d < width; d++) {
        aa += (double)a[d] * (double)a[d];
        bb += (double)b[d] * (double)b[d];
        ab += (double)a[d] * (double)b[d];
    }
    return ab / sqrt(aa * bb);
}

/* The planted direction as r~ should show it: less the mean of its kind. */
static void truth(const struct fr_model *model, const struct fr_concepts *concepts, int concept,
                  int width, float *out) {
    int n = 0;
    for (int a = 0; a < concepts->n; a++)
        n += concepts->kinds[a] == concepts->kinds[concept];
    memcpy(out, fr_planted_direction(model, concept), (size_t)width * sizeof *out);
    for (int a = 0; a < concepts->n; a++)
        for (int d = 0; d < width && concepts->kinds[a] == concepts->kinds[concept]; d++)
            out[d] -= fr_planted_direction(model, a)[d] / (float)n;
}

/* From the files that the study left. */
static void cross_naming_representations_point_along_the_planted_directions(void **state) {
    (void)state;
    struct planted_study world;
    struct fr_model *model;
    struct fr_reps raw, centred;
    int32_t times[] = {40, 80, 120, 160, 200, 240};
    const struct fr_grid grid = {.n_times = 6, .times = times, .window_tokens = 80};
    planted_study_init(&world, 1, 1);
    assert_ok(fr_model_open_planted(&model, &world.options, &err), err);
    const int width = fr_model_info(model)->width;
    fr_reps_init(&raw, &world.table.concepts, PLANTED_STUDY_NAMINGS - 1, PLANTED_STUDY_LAYERS, 6,
                 width);
    for (int i = 1; i < PLANTED_STUDY_NAMINGS; i++) { /* the first is clean */
        char file[64];
        struct fr_sums sums;
        (void)snprintf(file, sizeof file, "whole/reps/%s-solved.safetensors",
                       world.namings[i].naming->id);
        assert_ok(fr_sums_load(&sums, fr_test_in_root(file), FR_SITE_BLOCK, &grid, NULL, &err),
                  err);
        fr_reps_set_naming(&raw, i - 1, &sums, 5);
        fr_sums_release(&sums);
    }
    fr_reps_centre(&raw, &centred);
    float *found = fr_alloc((size_t)width, sizeof *found),
          *planted = fr_alloc((size_t)width, sizeof *planted);
    for (int layer = 1; layer <= PLANTED_STUDY_LAYERS; layer++)
        for (int a = 0; a < PLANTED_STUDY_CONCEPTS; a++) {
            truth(model, &world.table.concepts, a, width, planted);
            assert_int_equal(fr_reps_cross(&centred, NULL, -1, a, layer - 1, 5, found),
                             PLANTED_STUDY_NAMINGS - 1);
            const double along = cosine(found, planted, width);
            /* what is left of eight names beside a direction of more than twice their length; of
             * nothing planted, the cosine of random vectors: 4 of their deviations, 1 / 8 */
            if (layer >= PLANTED_STUDY_BEGIN && layer < PLANTED_STUDY_END)
                assert_true(along > 0.9);
            else
                assert_true(fabs(along) < 0.5);
        }
    free(found);
    free(planted);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
    fr_model_close(model);
    planted_study_release(&world);
}

static double similarity(struct fr_store *store, const char *variant, int layer, int timestamp) {
    const char sql[] = "SELECT mean FROM similarity WHERE variant = ?1 AND layer = ?2 / 1000 AND"
                       " timestamp = ?2 % 1000 AND kind = 'action' AND relation = 'same'";
    return number(store, sql, variant, layer * 1000 + timestamp);
}

static void similarity_rises_and_concepts_separate_at_the_planted_layers_only(void **state) {
    (void)state;
    static const char separation[] =
        "SELECT silhouette - silhouette_shuffled FROM separation WHERE kind = ?1 AND layer = ?2";
    struct fr_store *store = open_results("whole");
    for (int layer = 1; layer <= PLANTED_STUDY_LAYERS; layer++) {
        const double first = similarity(store, "loo", layer, 80),
                     last = similarity(store, "loo", layer, REFERENCE),
                     shuffled = similarity(store, "loo_shuffled", layer, REFERENCE),
                     separate = number(store, separation, "action", layer);
        print_message("layer %d: similarity %.2f to %.2f, shuffled %.2f, silhouette gain %.2f\n",
                      layer, first, last, shuffled, separate);
        if (layer >= PLANTED_STUDY_BEGIN && layer < PLANTED_STUDY_END) {
            assert_true(last > first + 0.03 && last > 0.5 && last > shuffled + 0.4);
            assert_true(separate > 0.2);
        } else {
            assert_true(fabs(last) < 0.15 && separate < 0.1);
        }
    }
    fr_store_close(store);
}

static void steering_at_a_planted_layer_helps_and_its_controls_do_not(void **state) {
    (void)state;
    static const char *const matched[] = {"in_naming", "cross_loo"};
    struct fr_store *store = open_results("whole");
    for (int i = 0; i < 2; i++) {
        char shuffled[64], random[64];
        (void)snprintf(shuffled, sizeof shuffled, "%s, shuffled", matched[i]);
        (void)snprintf(random, sizeof random, "%s, random", matched[i]);
        const struct effect e = positive(store, matched[i], LAYER),
                            s = positive(store, shuffled, LAYER),
                            r = positive(store, random, LAYER);
        assert_int_equal(e.n_namings, NAMINGS);
        assert_int_equal(e.n_pairs, NAMINGS * PUZZLES);
        assert_true(e.low > 0 && e.p_holm < 0.05 && e.p_permutation < 0.05 && e.p_mcnemar < 0.05);
        assert_near(e.p_flip, ldexp(1, -NAMINGS), 0); /* all namings gain: no flip does better */
        assert_true(e.p_max < 0.05 && e.p_max >= e.p_flip);
        assert_true(s.high < 0 && s.p_holm > 0.05 && s.p_permutation > 0.5);
        assert_true(r.p_holm > 0.05 && r.low <= 0 && r.high >= 0 && fabs(r.mean) < 0.06);
    }
    const struct effect mixed = effect_of(store, "mixed", "cross_loo, layer 3");
    assert_true(mixed.low > 0 && mixed.p_holm < 0.05);
    const struct effect control = effect_of(store, "mixed", "cross_loo, shuffled, layer 3");
    assert_true(control.mean < 0 && control.p_holm > 0.05);
    fr_store_close(store);
}

static void an_identity_changes_no_token(void **state) {
    (void)state;
    struct fr_store *store = open_results("whole");
    /* one of the sweep, at its first layer */
    const struct effect e = positive(store, "identity", BELOW);
    assert_int_equal(e.n_pairs, NAMINGS * PUZZLES);
    assert_int_equal(e.changed + e.gained + e.lost, 0);
    assert_true(isnan(e.p_holm) && isnan(e.p_max));
    assert_true(number(store,
                       "SELECT min(n_edits) FROM run r JOIN edit e ON e.id = r.edit"
                       " WHERE e.definition NOT LIKE ?1 AND ?2 = 0",
                       "baseline%", 0) > 50);
    fr_store_close(store);
}

static void layers_without_a_planted_direction_show_no_effect(void **state) {
    (void)state;
    static const char *const series[] = {"in_naming",         "cross_loo",
                                         "in_naming, random", "in_naming, shuffled",
                                         "cross_loo, random", "cross_loo, shuffled"};
    struct fr_store *store = open_results("whole");
    for (size_t i = 0; i < sizeof series / sizeof *series; i++) {
        /* names alone, carried up: noise on the score, a twentieth of what was planted */
        const struct effect below = positive(store, series[i], BELOW);
        /* NaN where nothing changed */
        assert_true(!(below.low > 0) && !(below.high < 0) && below.p_holm > 0.05);
        assert_true(fabs(below.mean) < 0.06);
        /* too late to be read */
        const struct effect above = positive(store, series[i], ABOVE);
        assert_int_equal(above.changed + above.gained + above.lost, 0);
        assert_near(above.p, 1, 0);
        assert_near(above.p_holm, 1, 0);
        assert_near(above.p_flip, 1, 0);
        assert_near(above.p_max, 1, 0);
    }
    fr_store_close(store);
}

/* Three layers, two kinds of vectors, each with two controls: also where nothing changed. */
static void the_correction_counts_every_hypothesis_of_its_family(void **state) {
    (void)state;
    struct fr_store *store = open_results("whole");
    assert_near(number(store,
                       "SELECT min(p_holm) / min(p) FROM effect WHERE experiment = ?1 AND ?2 = 0",
                       "positive", 0),
                3 * 2 * 3, 1e-9);
    fr_store_close(store);
}

/* Table 4's kind: the best of three layers, where one is planted, and where none is. */
static void the_best_layer_stands_beside_the_best_that_chance_gives(void **state) {
    (void)state;
    struct fr_store *store = open_results("whole");
    static const char best[] = "SELECT best FROM best WHERE experiment = 'positive' AND series = ?1"
                               " AND n_layers = ?2 AND n_namings = 8";
    static const char means[] =
        "SELECT avg(m) FROM (SELECT max(effect) AS m FROM effect_naming WHERE"
        " experiment = 'positive' AND condition LIKE ?1 AND ?2 = 3 GROUP BY"
        " naming)";
    assert_near(number(store, best, "in_naming", 3), number(store, means, "in_naming, layer%", 3),
                1e-12);
    assert_true(number(store, best, "in_naming", 3) >= positive(store, "in_naming", LAYER).mean);
    assert_near(number(store,
                       "SELECT count(*) FROM best_naming WHERE series = ?1 AND"
                       " best_condition = 'in_naming, layer 3' AND experiment = 'positive' AND"
                       " n = ?2 AND against_accuracy BETWEEN 0.1 AND 0.9",
                       "in_naming", PUZZLES),
                NAMINGS, 0);
    /* all namings gain, so no other signs give as much; pairs agree */
    static const char flips[] = "SELECT flip_p FROM best WHERE experiment = 'positive' AND series ="
                                " ?1 AND ?2 = 0",
                      pairs[] = "SELECT pairs_p FROM best WHERE experiment = 'positive' AND series"
                                " = ?1 AND ?2 = 0",
                      chance[] = "SELECT best - pairs_expected FROM best WHERE experiment ="
                                 " 'positive' AND series = ?1 AND ?2 = 0";
    assert_near(number(store, flips, "in_naming", 0), ldexp(1, -NAMINGS), 0);
    assert_near(number(store, pairs, "in_naming", 0), 1.0 / 1000, 1e-12);
    /* the best of random vectors is above zero, as far as chance has it */
    assert_true(number(store, best, "in_naming, random", 3) > 0);
    assert_true(number(store, flips, "in_naming, random", 0) > 0.05);
    assert_true(fabs(number(store, chance, "in_naming, random", 0)) < 0.02);
    /* an experiment of one layer has no choice to make, the identity none to show */
    assert_near(number(store,
                       "SELECT count(*) FROM best WHERE experiment = ?1 OR series LIKE"
                       " 'identity%' AND ?2 = 0",
                       "mixed", 0),
                0, 0);
    fr_store_close(store);
}

/* Mentions of a trace up to its answer. */
static int count_mentions(struct fr_store *store, const struct planted_study *world, int64_t puzzle,
                          int naming) {
    struct fr_trace trace;
    struct fr_forms forms = {0};
    struct fr_mentions mentions = {0};
    int n = 0;
    assert_ok(fr_store_get_trace(store, puzzle, world->namings[naming].naming->id, &trace, &err),
              err);
    fr_forms_of_naming(&world->table.concepts, world->namings[naming].naming, FR_STYLE_TERSE, NULL,
                       FR_INFLECTION_EXACT, &forms);
    fr_mentions_find(&forms, trace.text, trace.text_len, trace.starts, trace.ends, trace.n_tokens,
                     &mentions);
    while (n < mentions.n && mentions.items[n].end <= trace.n_prompt + trace.n_reasoning)
        n++;
    fr_mentions_release(&mentions);
    fr_forms_release(&forms);
    fr_trace_release(&trace);
    return n;
}

/* What adding r- does to the score, from the model's definition alone: at each edited mention, in
 * the layers from the edit's on, the gain that the vectors were taken with, less the kind's mean
 * (1 / 4 of it for actions, 1 / 5 for predicates, mentioned equally often). */
static double planted_change(struct fr_store *store, const struct planted_study *world) {
    struct fr_model *model;
    assert_ok(fr_model_open_planted(&model, &world->options, &err), err);
    const int n_prompt =
        (int)number(store, "SELECT avg(n_prompt) FROM trace WHERE naming <> ?1 AND ?2 = 0", "clean",
                    0);
    const int64_t puzzle =
        (int64_t)number(store, "SELECT min(id) FROM puzzle WHERE split = ?1 AND ?2 = 0", "evaluate",
                        0);
    const double n_edits = number(
        store,
        "SELECT avg(n_edits) FROM run r JOIN condition c ON c.edit = r.edit WHERE c.name = ?1"
        " AND c.experiment = 'positive'"
        " AND ?2 = 0",
        "cross_loo, layer 3", 0);
    double gain = 0, mentions = 0;
    for (int t = REFERENCE - 80; t < REFERENCE; t++)
        gain += fr_planted_gain(model, LAYER, n_prompt + t) / 80;
    for (int i = 1; i < PLANTED_STUDY_NAMINGS; i++)
        for (int k = 0; k < PUZZLES; k++)
            mentions += count_mentions(store, world, puzzle + k, i);
    fr_model_close(model);
    const double share_layers =
        (double)(PLANTED_STUDY_END - LAYER) / (PLANTED_STUDY_END - PLANTED_STUDY_BEGIN);
    return gain * (4 * 0.75 + 5 * 0.8) / 9 * share_layers * n_edits * NAMINGS * PUZZLES / mentions;
}

static void the_effect_is_as_large_as_it_was_planted(void **state) {
    (void)state;
    struct planted_study world;
    struct fr_store *store = open_results("whole");
    planted_study_init(&world, 1, 1);
    const struct effect e = positive(store, "cross_loo", LAYER);
    const double before = number(store,
                                 "SELECT 1.0 * sum(against_solved) / sum(n) FROM effect_naming"
                                 " WHERE condition = ?1 AND experiment = 'positive' AND ?2 = 0",
                                 "cross_loo, layer 3", 0);
    const double change = planted_change(store, &world);
    const double expected =
        gsl_cdf_ugaussian_P(gsl_cdf_ugaussian_Pinv(before) + change / world.options.jitter) -
        before;
    print_message("the score rises by %.3f, accuracy by %.3f; expected %.3f\n", change, e.mean,
                  expected);
    /* three standard errors of the effect that was measured */
    assert_near(e.mean, expected, 3 * e.standard_error);
    assert_true(expected > 6 * e.standard_error);
    planted_study_release(&world);
    fr_store_close(store);
}

/* ---- the same whoever works ------------------------------------------------------------------ */

static void assert_same_tables(const char *one, const char *other) {
    struct fr_store *store = open_results(one);
    struct fr_query *query;
    int n = 0;
    assert_ok(fr_query_open(&query, store, &err, "SELECT name FROM result_table", ""), err);
    while (fr_query_next(query)) {
        struct fr_text paths[2] = {{0}}, bytes[2] = {{0}};
        for (int i = 0; i < 2; i++) {
            fr_text_printf(&paths[i], "%s/%s/tables/%s.csv", fr_test_root, i == 0 ? one : other,
                           fr_query_text(query, 0));
            assert_ok(fr_file_read(fr_text_get(&paths[i]), 1 << 26, &bytes[i], &err), err);
        }
        if (bytes[0].len != bytes[1].len || memcmp(bytes[0].data, bytes[1].data, bytes[0].len) != 0)
            fail_msg("%s and %s differ", fr_text_get(&paths[0]), fr_text_get(&paths[1]));
        for (int i = 0; i < 2; i++) {
            fr_text_release(&paths[i]);
            fr_text_release(&bytes[i]);
        }
        n++;
    }
    assert_ok(fr_query_close(query, &err), err);
    for (int i = 0; i < fr_n_analyses; i++)
        n -= fr_analyses[i]->n_tables;
    assert_int_equal(n, 0);
    fr_store_close(store);
}

static void one_two_and_four_workers_make_the_same_tables(void **state) {
    (void)state;
    static const int workers[] = {1, 2, 4}, slots[] = {4, 3, 1};
    static const char *const names[] = {"one", "two", "four"};
    for (int i = 0; i < 3; i++) {
        write_config(fr_test_in_root("workers.yaml"), workers[i], slots[i], 5, 5, experiments);
        run_study(names[i], fr_test_in_root("workers.yaml"));
        assert_same_tables("one", names[i]);
    }
}

/* ---- nothing planted ------------------------------------------------------------------------- */

struct simulation {
    struct fr_store *store;
    int n_runs;
    struct {
        int64_t puzzle, edit;
        int naming; /* as numbered in the simulation */
    } runs[NAMINGS * NULL_PUZZLES * NULL_EDITS];
    char namings[NAMINGS][16];
};

static void list_runs(struct simulation *s) {
    struct fr_query *query;
    int n_namings = 0;
    s->n_runs = 0;
    assert_ok(fr_query_open(&query, s->store, &err,
                            "SELECT naming, puzzle, edit FROM run ORDER BY naming, puzzle, edit",
                            ""),
              err);
    while (fr_query_next(query)) {
        const char *id = fr_query_text(query, 0);
        if (n_namings == 0 || strcmp(s->namings[n_namings - 1], id) != 0)
            (void)snprintf(s->namings[n_namings++], sizeof s->namings[0], "%s", id);
        assert_true(s->n_runs < NAMINGS * NULL_PUZZLES * NULL_EDITS);
        s->runs[s->n_runs].puzzle = fr_query_int(query, 1);
        s->runs[s->n_runs].edit = fr_query_int(query, 2);
        s->runs[s->n_runs++].naming = n_namings - 1;
    }
    assert_ok(fr_query_close(query, &err), err);
    assert_int_equal(n_namings, NAMINGS);
    assert_int_equal(s->n_runs, NAMINGS * NULL_PUZZLES * NULL_EDITS);
}

/* New verdicts of all runs: namings differ in how hard they are, edits in nothing. */
static void draw_verdicts(struct simulation *s, uint64_t seed) {
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, 77);
    for (int i = 0; i < s->n_runs; i++) {
        const double solves = 0.25 + 0.07 * s->runs[i].naming;
        const enum fr_verdict_kind verdict =
            fr_rng_uniform(&rng) < solves ? FR_VERDICT_SOLVED : FR_VERDICT_GOAL_UNMET;
        assert_ok(fr_store_run(s->store, &err,
                               "UPDATE run SET verdict = ? WHERE puzzle = ? AND naming = ? AND"
                               " edit = ?",
                               "titi", fr_verdict_name[verdict], s->runs[i].puzzle,
                               s->namings[s->runs[i].naming], s->runs[i].edit),
                  err);
    }
}

/* The p-values of one repetition: t, flips of namings, of pairs and McNemar of the first condition,
 * and the smallest of the family after Holm and by the largest statistic. */
enum test { T_TEST, FLIPS, PERMUTATION, MCNEMAR, HOLM, MAXIMUM, N_TESTS };

static void run_effects(struct simulation *s, const struct fr_analysis_input *input,
                        double p[N_TESTS]) {
    struct fr_query *query;
    for (int i = 0; i < fr_analysis_effects.n_tables; i++)
        assert_ok(fr_store_clear_results(s->store, fr_analysis_effects.tables[i].name, &err), err);
    assert_ok(fr_analysis_effects.run(input, &err), err);
    assert_ok(fr_query_open(&query, s->store, &err,
                            "SELECT p, p_flip, p_permutation, p_mcnemar, (SELECT min(p_holm) FROM"
                            " effect), (SELECT min(p_max) FROM effect) FROM effect WHERE condition "
                            "= 'cross_loo, layer 3'",
                            ""),
              err);
    assert_true(fr_query_next(query));
    for (int i = 0; i < N_TESTS; i++)
        p[i] = fr_query_double(query, i);
    assert_ok(fr_query_close(query, &err), err);
}

/* Verdicts of studies in which one edit helps, and nothing else does anything: those of its
 * baseline, churned, with the effect on top. */
static void draw_effect(struct simulation *s, int64_t baseline, int64_t edit, double accuracy,
                        double churn, double effect, uint64_t seed) {
    struct fr_rng rng;
    bool before = false;
    fr_rng_seed(&rng, seed, 78);
    for (int i = 0; i < s->n_runs; i++) {
        const double u = fr_rng_uniform(&rng);
        bool solved = before;
        if (s->runs[i].edit == baseline) /* the first of its puzzle */
            solved = before = u < accuracy;
        else if (s->runs[i].edit == edit)
            solved = before ? u >= churn / 2 / accuracy : u < (churn / 2 + effect) / (1 - accuracy);
        assert_ok(fr_store_run(s->store, &err,
                               "UPDATE run SET verdict = ? WHERE puzzle = ? AND naming = ? AND"
                               " edit = ?",
                               "titi",
                               fr_verdict_name[solved ? FR_VERDICT_SOLVED : FR_VERDICT_GOAL_UNMET],
                               s->runs[i].puzzle, s->namings[s->runs[i].naming], s->runs[i].edit),
                  err);
    }
}

/* The power that fluidrep power promises is the share of these studies in which the stage of
 * statistics finds the effect. */
static void check_power(struct simulation *s, const struct fr_analysis_input *input) {
    enum { STUDIES = 150 };
    const double accuracy = 0.5, churn = 0.15, effect = 0.14, level = 0.05;
    const int64_t baseline =
                      (int64_t)number(s->store,
                                      "SELECT edit FROM condition WHERE role = ?1 AND ?2 = 0",
                                      "baseline", 0),
                  edit = (int64_t)number(s->store,
                                         "SELECT edit FROM condition WHERE name = ?1 AND ?2 = 0",
                                         "cross_loo, layer 3", 0);
    int found[3] = {0};
    for (int i = 0; i < STUDIES; i++) {
        double p[N_TESTS];
        draw_effect(s, baseline, edit, accuracy, churn, effect, (uint64_t)i);
        run_effects(s, input, p);
        found[0] += p[T_TEST] <= level;
        found[1] += p[FLIPS] <= level;
        found[2] += p[MCNEMAR] <= level;
    }
    static const enum fr_power_test tests[] = {FR_POWER_T, FR_POWER_FLIPS, FR_POWER_MCNEMAR};
    double accuracies[NAMINGS];
    for (int i = 0; i < NAMINGS; i++)
        accuracies[i] = accuracy;
    const struct fr_design design = {NAMINGS, NULL_PUZZLES, accuracies, churn, 0};
    struct fr_power power;
    fr_power_simulate(&design, effect, &level, 1, 1000, 3, &power);
    for (int k = 0; k < 3; k++) {
        const double promised = power.found[tests[k]][0], share = (double)found[k] / STUDIES;
        print_message("%s: promised %.2f, found in %.2f of %d studies\n",
                      fr_power_test_name[tests[k]], promised, share, STUDIES);
        assert_true(promised > 0.5 && promised < 0.95);
        assert_near(share, promised, 3 * sqrt(0.25 * (1.0 / STUDIES + 1.0 / 1000)));
    }
}

/* Which of our conditions stands beside which of the paper's: by what is done, then by depth. */
static void check_neighbours(struct fr_store *store, const struct fr_analysis_input *input) {
    static const char of[] = "SELECT count(*) FROM paper_effect WHERE condition = ?1 AND"
                             " layer_first = ?2 AND source = 'table 5'";
    assert_near(number(store,
                       "SELECT count(condition) FROM paper_effect WHERE source <> ?1 OR ?2"
                       " = 0",
                       "", 0),
                0, 0); /* additions are nothing that the paper did */
    assert_ok(fr_store_run(store, &err, "UPDATE edit SET operation = 'mix' WHERE operation = 'add'",
                           ""),
              err);
    for (int i = 0; i < fr_analysis_published.n_tables; i++)
        assert_ok(fr_store_clear_results(store, fr_analysis_published.tables[i].name, &err), err);
    assert_ok(fr_analysis_published.run(input, &err), err);
    /* layer 3 of 5 is within a tenth of 40 of 64, not of 50 */
    assert_near(number(store, of, "in_naming, layer 3", 40), 1, 0);
    assert_near(number(store, of, "cross_loo, layer 3", 40), 1, 0); /* for cross_all */
    assert_near(number(store, of, "in_naming, layer 3", 50), 0, 0);
    assert_near(number(store,
                       "SELECT count(condition) FROM paper_effect WHERE source = ?1 AND ?2 ="
                       " 0",
                       "section 4.3", 0),
                0, 0);
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The largest distance of the values' distribution from the uniform one; sorts them. */
static double kolmogorov(double *p, int n) {
    double distance = 0;
    qsort(p, (size_t)n, sizeof *p, compare_doubles);
    for (int i = 0; i < n; i++)
        distance = fmax(distance, fmax((i + 1.0) / n - p[i], p[i] - (double)i / n));
    return distance;
}

/* The statistics stage over the store of a study in which nothing was planted, its verdicts drawn
 * again and again: SIMULATIONS null studies, as far as it can tell. */
static void without_an_effect_every_test_keeps_its_level(void **state) {
    (void)state;
    struct planted_study planted;
    struct fr_world world;
    struct fr_study *study;
    struct simulation *s = fr_alloc(1, sizeof *s);
    double(*p)[SIMULATIONS] = fr_alloc(N_TESTS, sizeof *p);
    int n_ran, rejected[N_TESTS] = {0};
    write_config(fr_test_in_root("null.yaml"), 1, 4, 5, NULL_PUZZLES, one_layer);
    planted_study_init(&planted, 0, 1);
    const struct fr_study_options options = {.config_path = fr_test_in_root("null.yaml"),
                                             .out_dir = fr_test_in_root("null"),
                                             .factory = &planted.factory};
    assert_ok(fr_study_open(&study, &options, &err), err);
    assert_ok(fr_study_run(study, FR_STAGE_REPORT, &n_ran, &err), err);
    s->store = fr_study_store(study);
    /* the model's own null study first */
    assert_true(number(s->store, "SELECT min(p_holm) FROM effect WHERE experiment = ?1 AND ?2 = 0",
                       "null", 0) > 0.05);
    assert_true(number(s->store,
                       "SELECT max(abs(mean)) FROM effect WHERE experiment = ?1 AND ?2 = 0", "null",
                       0) < 0.06);

    assert_ok(fr_world_open(&world, fr_test_in_root("null.yaml"), &err), err);
    world.config.resamples = 10; /* of the intervals, which are not looked at */
    world.config.permutations = 99;
    bool use[PLANTED_STUDY_NAMINGS];
    fr_world_used_namings(&world, use);
    const struct fr_events events = {0};
    const struct fr_analysis_input input = {.world = &world,
                                            .store = s->store,
                                            .events = &events,
                                            .own_traces = true,
                                            .n_layers = PLANTED_STUDY_LAYERS,
                                            .use = use};
    list_runs(s);
    assert_ok(fr_store_begin(s->store, &err), err);
    for (int i = 0; i < SIMULATIONS; i++) {
        double values[N_TESTS];
        draw_verdicts(s, (uint64_t)i);
        run_effects(s, &input, values);
        for (int k = 0; k < N_TESTS; k++) {
            p[k][i] = values[k];
            rejected[k] += values[k] < 0.05;
        }
    }
    check_power(s, &input);
    check_neighbours(s->store, &input);
    fr_store_rollback(s->store);
    print_message("of %d null studies p < 0.05: t %d, flips of namings %d, of pairs %d, McNemar %d;"
                  " families by Holm %d, by the largest statistic %d\n",
                  SIMULATIONS, rejected[T_TEST], rejected[FLIPS], rejected[PERMUTATION],
                  rejected[MCNEMAR], rejected[HOLM], rejected[MAXIMUM]);
    /* three deviations of the share of SIMULATIONS that a test of level 0.05 rejects: 0.027 */
    const double tolerance = 3 * sqrt(0.05 * 0.95 / SIMULATIONS);
    for (int k = 0; k < N_TESTS; k++) {
        assert_true(rejected[k] <= (0.05 + tolerance) * SIMULATIONS);
        assert_true(rejected[k] > 0); /* it can reject */
    }
    assert_true(rejected[T_TEST] >= 0.02 * SIMULATIONS && rejected[T_TEST] <= 0.08 * SIMULATIONS);
    /* Kolmogorov's bound at 1 in 1,000, 1.95 / sqrt(n), and half of the atom that the effect 0
     * is, at p = 1/2: 96 pairs of which about 44 differ give it with probability 0.06 */
    const double distance = kolmogorov(p[T_TEST], SIMULATIONS);
    print_message("t-test: distance from uniform %.4f\n", distance);
    assert_true(distance < 1.95 / sqrt(SIMULATIONS) + 0.03);

    fr_world_release(&world);
    fr_study_close(study);
    planted_study_release(&planted);
    free(p);
    free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            half_of_the_puzzles_are_solved_and_unedited_prefixes_go_on_as_the_traces_did),
        cmocka_unit_test(cross_naming_representations_point_along_the_planted_directions),
        cmocka_unit_test(similarity_rises_and_concepts_separate_at_the_planted_layers_only),
        cmocka_unit_test(steering_at_a_planted_layer_helps_and_its_controls_do_not),
        cmocka_unit_test(an_identity_changes_no_token),
        cmocka_unit_test(layers_without_a_planted_direction_show_no_effect),
        cmocka_unit_test(the_correction_counts_every_hypothesis_of_its_family),
        cmocka_unit_test(the_best_layer_stands_beside_the_best_that_chance_gives),
        cmocka_unit_test(the_effect_is_as_large_as_it_was_planted),
        cmocka_unit_test(one_two_and_four_workers_make_the_same_tables),
        cmocka_unit_test(without_an_effect_every_test_keeps_its_level),
    };
    return cmocka_run_group_tests(tests, set_up, fr_test_root_remove);
}
