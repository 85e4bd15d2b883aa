/* PCA and the separation figures against NumPy's SVD and the definitions
 * (golden/analyses/analyses.tsv), and on configurations whose answer is known. */
#include "test.h"

#include "analyses/analyses.h"
#include "golden/golden.h"
#include "golden_tensor.h"

#define TABLE "analyses/analyses.tsv"

static void figures_agree_with_numpy(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct fr_reps raw, centred;
    struct golden g;
    int rows = 0;
    golden_tensor_init(&raw, &concepts);
    fr_reps_centre(&raw, &centred);
    for (golden_open(&g, TABLE); golden_next(&g, "pca"); rows++) {
        struct fr_pca pca;
        fr_pca_run(&centred, golden_use, (int)g.v[0], (int)g.v[1], (enum fr_concept_kind)g.v[2],
                   GT_SEED, &pca);
        assert_int_equal(pca.n_points, (int)g.v[3]);
        for (int c = 0; c < 3; c++)
            golden_near(&g, pca.explained[c], g.v[4 + c], 1e-6);
        golden_near(&g, pca.silhouette, g.v[7], 1e-6);
        golden_near(&g, pca.variance_ratio, g.v[8], 1e-6);
        golden_near(&g, pca.silhouette_shuffled, g.v[9], 1e-6);
        golden_near(&g, pca.variance_ratio_shuffled, g.v[10], 1e-6);
        golden_near(&g, pca.silhouette_p, g.v[11], 1e-12);
        assert_true(pca.silhouette_highest > pca.silhouette_shuffled);
        assert_int_equal(pca.silhouette_p > 1.5 / 101,
                         pca.silhouette_highest >= pca.silhouette - 1e-12);
        fr_pca_release(&pca);
    }
    assert_int_equal(rows, GT_L * 4 * 2);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
}

static void scores_agree_with_numpy_signs_included(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 5);
    struct fr_reps raw, centred;
    struct fr_pca pca = {0};
    struct golden g;
    int rows = 0, i = 0, at[3] = {-1, -1, -1};
    golden_tensor_init(&raw, &concepts);
    fr_reps_centre(&raw, &centred);
    for (golden_open(&g, TABLE); golden_next(&g, "point"); rows++, i++) {
        if (at[0] != (int)g.v[0] || at[1] != (int)g.v[1] || at[2] != (int)g.v[2]) {
            assert_int_equal(i, pca.n_points);
            fr_pca_release(&pca);
            for (int k = 0; k < 3; k++)
                at[k] = (int)g.v[k];
            fr_pca_run(&centred, golden_use, at[0], at[1], (enum fr_concept_kind)at[2], 1, &pca);
            i = 0;
        }
        assert_true(i < pca.n_points);
        assert_int_equal(pca.points[i].naming, (int)g.v[3]);
        assert_int_equal(pca.points[i].concept, (int)g.v[4]);
        for (int c = 0; c < 3; c++)
            golden_near(&g, pca.points[i].x[c], g.v[5 + c], 2e-5);
    }
    assert_true(rows > 400);
    fr_pca_release(&pca);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
}

/* Four concepts on the axes of four dimensions, the same in every naming: perfect clusters. */
static void perfect_init(struct fr_reps *centred, const struct fr_concepts *concepts, int n) {
    struct fr_reps raw;
    fr_reps_init(&raw, concepts, n, 1, 1, 4);
    for (int i = 0; i < n; i++)
        for (int a = 0; a < concepts->n; a++) {
            *present_of(&raw, i, a, 0) = true;
            fr_reps_at(&raw, i, a, 0, 0)[a] = 2;
        }
    fr_reps_centre(&raw, centred);
    fr_reps_release(&raw);
}

static void perfect_clusters_have_silhouette_one_and_shuffled_ones_do_not(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(4, 0);
    struct fr_reps centred;
    struct fr_pca pca;
    perfect_init(&centred, &concepts, 15);
    fr_pca_run(&centred, NULL, 0, 0, FR_CONCEPT_ACTION, 1, &pca);
    assert_int_equal(pca.n_points, 60);
    assert_near(pca.silhouette, 1, 1e-12);
    assert_near(pca.variance_ratio, 1, 1e-12);
    assert_true(pca.silhouette_shuffled < 0.1);
    assert_near(pca.silhouette_p, 1.0 / 101, 1e-12);
    assert_true(pca.variance_ratio_shuffled < 0.15); /* about 1/15 of the variance */
    /* A regular tetrahedron: three equal components. */
    for (int c = 0; c < 3; c++)
        assert_near(pca.explained[c], 1.0 / 3, 1e-12);
    double square = 0;
    for (int c = 0; c < 3; c++)
        square += pca.points[0].x[c] * pca.points[0].x[c];
    assert_near(square, 4 * 0.75, 1e-12); /* |2 e - mean|^2: nothing lost in three dimensions */
    fr_pca_release(&pca);
    fr_reps_release(&centred);
}

static void components_beyond_the_rank_are_zero(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(2, 0);
    struct fr_reps centred;
    struct fr_pca pca;
    perfect_init(&centred, &concepts, 3);
    fr_pca_run(&centred, NULL, 0, 0, FR_CONCEPT_ACTION, 1, &pca);
    assert_near(pca.explained[0], 1, 1e-12);
    for (int i = 0; i < pca.n_points; i++) {
        assert_near(fabs(pca.points[i].x[0]), sqrt(2), 1e-12);
        assert_near(pca.points[i].x[1], 0, 0);
        assert_near(pca.points[i].x[2], 0, 0);
    }
    assert_near(pca.explained[1], 0, 0);
    fr_pca_release(&pca);
    fr_reps_release(&centred);
}

static void too_few_points_give_none_and_nan(void **state) {
    (void)state;
    const struct fr_concepts two = concepts_of(2, 1);
    const bool one[3] = {true, false, false}, none[3] = {false, false, false};
    struct fr_reps centred;
    struct fr_pca pca;
    perfect_init(&centred, &two, 3);
    const struct {
        const bool *use;
        enum fr_concept_kind kind;
    } cases[] = {{one, FR_CONCEPT_ACTION},      /* two points */
                 {none, FR_CONCEPT_ACTION},     /* none */
                 {NULL, FR_CONCEPT_PREDICATE}}; /* one concept */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fr_pca_run(&centred, cases[i].use, 0, 0, cases[i].kind, 1, &pca);
        assert_int_equal(pca.n_points, 0);
        assert_null(pca.points);
        assert_true(isnan(pca.explained[0]) && isnan(pca.silhouette) && isnan(pca.variance_ratio));
        assert_true(isnan(pca.silhouette_shuffled) && isnan(pca.silhouette_p) &&
                    isnan(pca.variance_ratio_shuffled));
        fr_pca_release(&pca);
    }
    fr_reps_release(&centred);
}

static void coinciding_points_have_no_figures_and_overflow_has_no_points(void **state) {
    (void)state;
    const struct fr_concepts concepts = concepts_of(2, 0);
    struct fr_reps raw, centred;
    struct fr_pca pca;
    fr_reps_init(&raw, &concepts, 3, 1, 1, 4);
    for (int i = 0; i < 6; i++)
        raw.present[i] = true;
    fr_reps_centre(&raw, &centred);
    fr_pca_run(&centred, NULL, 0, 0, FR_CONCEPT_ACTION, 1, &pca);
    assert_int_equal(pca.n_points, 6);
    assert_true(isnan(pca.explained[0]) && isnan(pca.silhouette) && isnan(pca.variance_ratio));
    assert_near(pca.points[0].x[0], 0, 0);
    fr_pca_release(&pca);
    fr_reps_at(&centred, 0, 0, 0, 0)[0] = INFINITY;
    fr_pca_run(&centred, NULL, 0, 0, FR_CONCEPT_ACTION, 1, &pca);
    assert_int_equal(pca.n_points, 0);
    assert_true(isnan(pca.silhouette));
    fr_pca_release(&pca);
    fr_reps_release(&centred);
    fr_reps_release(&raw);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_agree_with_numpy),
        cmocka_unit_test(scores_agree_with_numpy_signs_included),
        cmocka_unit_test(perfect_clusters_have_silhouette_one_and_shuffled_ones_do_not),
        cmocka_unit_test(components_beyond_the_rank_are_zero),
        cmocka_unit_test(too_few_points_give_none_and_nan),
        cmocka_unit_test(coinciding_points_have_no_figures_and_overflow_has_no_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
