/* The planted model's directions must come back from traces through mentions, sums, centring and
 * cross-naming; labels shuffled within namings must not bring them back. */
#include "test.h"

#include <string.h>

#include "planted_world.h"

enum { A = 9, T = 4, WIDTH = 64, LAYERS = 4, N_TRACES = 12, N_WORDS = 420 };

static int32_t times[T] = {60, 120, 240, 400};
static const struct fr_grid grid = {.n_times = T,
                                    .times = times,
                                    .window_tokens = 60,
                                    .previous_token = true};

static struct planted_world world;
static struct fr_reps raw[FR_STREAM_SITES], centred, parts[FR_STREAM_SITES]; /* parts: centred */

static int set_up(void **state) {
    (void)state;
    planted_world_init(&world);
    planted_world_open(&world, 1);
    planted_world_collect_sites(&world, &grid, N_TRACES, N_WORDS, raw);
    for (int site = 0; site < FR_STREAM_SITES; site++)
        fr_reps_centre(&raw[site], &parts[site]);
    centred = parts[FR_SITE_BLOCK];
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (int site = 0; site < FR_STREAM_SITES; site++) {
        fr_reps_release(&raw[site]);
        fr_reps_release(&parts[site]);
    }
    planted_world_release(&world);
    return 0;
}

static bool same_kind(int a, int b) {
    return world.table.concepts.kinds[a] == world.table.concepts.kinds[b];
}

static void every_cell_is_present(void **state) {
    (void)state;
    for (int n = 0; n < WORLD_NAMINGS; n++)
        for (int a = 0; a < A; a++)
            for (int t = 0; t < T; t++)
                assert_true(fr_reps_has(&centred, n, a, t));
}

static void cross_naming_recovers_the_planted_directions(void **state) {
    (void)state;
    for (int l = 1; l < LAYERS; l++)
        for (int a = 0; a < A; a++) {
            float cross[WIDTH], truth[WIDTH];
            assert_int_equal(fr_reps_cross(&centred, NULL, -1, a, l, T - 1, cross), WORLD_NAMINGS);
            for (int b = 0; b < A; b++) {
                planted_world_truth(&world, b, truth);
                const double cosine = planted_cosine(cross, truth, WIDTH);
                if (b == a)
                    assert_true(cosine > 0.95);
                else if (same_kind(a, b))
                    assert_true(cosine < 0); /* -1 / (kind's size - 1) in truth */
                else
                    assert_true(fabs(cosine) < 0.2);
            }
        }
}

/* Planted: the MLP writes the directions, layer by layer; attention writes noise alone. */
static void the_mlp_shows_the_directions_and_attention_does_not(void **state) {
    (void)state;
    for (int l = 0; l < LAYERS; l++) {
        double own[FR_STREAM_SITES] = {0};
        for (int a = 0; a < A; a++) {
            float cross[WIDTH], truth[WIDTH];
            planted_world_truth(&world, a, truth);
            for (int site = FR_SITE_ATTENTION; site < FR_STREAM_SITES; site++) {
                assert_int_equal(fr_reps_cross(&parts[site], NULL, -1, a, l, T - 1, cross),
                                 WORLD_NAMINGS);
                own[site] += planted_cosine(cross, truth, WIDTH) / A;
            }
        }
        assert_true(own[FR_SITE_MLP] > 0.98);
        assert_true(fabs(own[FR_SITE_ATTENTION]) < 0.2);
    }
}

/* Sums are linear: what holds of rows holds of their means. */
static void representations_of_the_parts_add_up_to_those_of_the_blocks(void **state) {
    (void)state;
    for (int n = 0; n < WORLD_NAMINGS; n += 7)
        for (int a = 0; a < A; a++)
            for (int l = 1; l < LAYERS; l++)
                for (int d = 0; d < WIDTH; d++)
                    assert_near((double)fr_reps_at(&raw[FR_SITE_BLOCK], n, a, l - 1, T - 1)[d] +
                                    (double)fr_reps_at(&raw[FR_SITE_ATTENTION], n, a, l, T - 1)[d] +
                                    (double)fr_reps_at(&raw[FR_SITE_MLP], n, a, l, T - 1)[d],
                                (double)fr_reps_at(&raw[FR_SITE_BLOCK], n, a, l, T - 1)[d], 1e-6);
}

/* Each naming's representations under its own derangement, then the same mean. */
static void shuffled_labels_recover_nothing(void **state) {
    (void)state;
    struct fr_reps shuffled;
    fr_reps_init(&shuffled, &world.table.concepts, WORLD_NAMINGS, LAYERS, T, WIDTH);
    for (int n = 0; n < WORLD_NAMINGS; n++) {
        int order[A];
        fr_naming_derange(&world.table.concepts, planted_world_naming(&world, n)->id, 1, order);
        for (int a = 0; a < A; a++)
            for (int t = 0; t < T; t++) {
                shuffled.present[(n * A + a) * T + t] = true;
                for (int l = 0; l < LAYERS; l++)
                    memcpy(fr_reps_at(&shuffled, n, a, l, t),
                           fr_reps_at(&centred, n, order[a], l, t), WIDTH * sizeof(float));
            }
    }
    for (int a = 0; a < A; a++) {
        float cross[WIDTH], truth[WIDTH];
        (void)fr_reps_cross(&shuffled, NULL, -1, a, LAYERS - 1, T - 1, cross);
        planted_world_truth(&world, a, truth);
        assert_true(planted_cosine(cross, truth, WIDTH) < 0);
    }
    fr_reps_release(&shuffled);
}

/* Mean over namings and concepts of cosine(r~ of one naming, r- without it). */
static double loo_similarity(int l, int time, bool same) {
    double sum = 0;
    int n = 0;
    for (int naming = 0; naming < WORLD_NAMINGS; naming++)
        for (int a = 0; a < A; a++)
            for (int b = 0; b < A; b++) {
                float cross[WIDTH];
                if (!same_kind(a, b) || (a == b) != same)
                    continue;
                (void)fr_reps_cross(&centred, NULL, naming, b, l, T - 1, cross);
                sum += planted_cosine(fr_reps_at(&centred, naming, a, l, time), cross, WIDTH);
                n++;
            }
    return sum / n;
}

static void similarity_rises_with_position_and_depth_as_planted(void **state) {
    (void)state;
    for (int l = 0; l < LAYERS; l++)
        for (int t = 0; t < T; t++) {
            assert_true(loo_similarity(l, t, true) > loo_similarity(l, t, false) + 0.05);
            if (t > 0)
                assert_true(loo_similarity(l, t, true) > loo_similarity(l, t - 1, true));
            if (l > 0)
                assert_true(loo_similarity(l, t, true) > loo_similarity(l - 1, t, true));
        }
    assert_true(loo_similarity(LAYERS - 1, T - 1, true) > 0.6);
    assert_true(loo_similarity(LAYERS - 1, T - 1, false) < 0);
}

/* With the token before the word, half of a mention's mean is that token's row. */
static void the_length_along_the_direction_is_the_planted_gain(void **state) {
    (void)state;
    for (int a = 0; a < A; a++) {
        float cross[WIDTH], truth[WIDTH];
        (void)fr_reps_cross(&centred, NULL, -1, a, LAYERS - 1, T - 1, cross);
        planted_world_truth(&world, a, truth);
        double along = 0, norm = 0;
        for (int d = 0; d < WIDTH; d++) {
            along += (double)cross[d] * (double)truth[d];
            norm += (double)truth[d] * (double)truth[d];
        }
        /* The token before is another concept's word in two cases of five, of whatever concept:
         * its part cancels in the centring. */
        assert_near(along / norm, fr_planted_gain(world.model, LAYERS, 370) / 2, 0.1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_present),
        cmocka_unit_test(cross_naming_recovers_the_planted_directions),
        cmocka_unit_test(the_mlp_shows_the_directions_and_attention_does_not),
        cmocka_unit_test(representations_of_the_parts_add_up_to_those_of_the_blocks),
        cmocka_unit_test(shuffled_labels_recover_nothing),
        cmocka_unit_test(similarity_rises_with_position_and_depth_as_planted),
        cmocka_unit_test(the_length_along_the_direction_is_the_planted_gain),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
