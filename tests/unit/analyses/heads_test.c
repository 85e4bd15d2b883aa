/* Attention's part split by heads, and where heads look, against NumPy (golden/analyses/heads.tsv);
 * heads that do not add up are refused. */
#include "test.h"

#include <stdlib.h>

#include "analyses/analyses.h"
#include "base/memory.h"
#include "golden/golden.h"
#include "golden_estimate.h"
#include "golden_tensor.h"

#define TABLE "analyses/heads.tsv"
enum { RESAMPLES = 300, HEADS = 4 };

static const double TOLERANCE = 1e-5; /* r~ are floats */

static struct fr_error err;

/* What stands between the heads and the stream: matrix [D][D], gains [D]. */
struct matrix {
    int width;
    double *w, *gains;
    int n_pulls;
};

static int pull(void *user, bool gain, const double *x, int n, double *out, struct fr_error *e) {
    struct matrix *m = user;
    (void)e;
    m->n_pulls++;
    for (int i = 0; i < n; i++)
        for (int o = 0; o < m->width; o++) {
            double sum = 0;
            for (int d = 0; d < m->width; d++)
                sum += x[i * m->width + d] * (gain ? m->gains[d] : 1) * m->w[d * m->width + o];
            out[i * m->width + o] = sum;
        }
    return FR_OK;
}

static void matrix_init(struct matrix *m, int width) {
    *m = (struct matrix){.width = width};
    m->w = fr_alloc((size_t)(width * width), sizeof *m->w);
    m->gains = fr_alloc((size_t)width, sizeof *m->gains);
    for (int i = 0; i < width * width; i++)
        m->w[i] = (double)hashed(2000000u + (uint32_t)i);
    for (int d = 0; d < width; d++)
        m->gains[d] = 1 + 0.1 * d;
}

static void matrix_release(struct matrix *m) {
    free(m->w);
    free(m->gains);
}

/* raw attention: the matrix times what the heads give, and the gains times that. */
static void attend(const struct matrix *m, bool gain, const struct fr_reps *heads,
                   struct fr_reps *attention) {
    fr_reps_init(attention, heads->concepts, heads->n_namings, heads->n_layers, heads->n_times,
                 m->width);
    for (int n = 0; n < heads->n_namings; n++)
        for (int a = 0; a < heads->n_concepts; a++)
            for (int t = 0; t < heads->n_times; t++) {
                *present_of(attention, n, a, t) = fr_reps_has(heads, n, a, t);
                for (int l = 0; l < heads->n_layers; l++)
                    for (int d = 0; d < m->width; d++) {
                        double sum = 0;
                        for (int o = 0; o < m->width; o++)
                            sum +=
                                m->w[d * m->width + o] * (double)fr_reps_at(heads, n, a, l, t)[o];
                        fr_reps_at(attention, n, a, l, t)[d] =
                            (float)(sum * (gain ? m->gains[d] : 1));
                    }
            }
}

struct golden_parts {
    struct fr_concepts concepts;
    struct matrix matrix;
    struct fr_reps raw, after, attention, mlp, heads;
};

static void centre_golden(uint32_t offset, const struct fr_concepts *concepts,
                          struct fr_reps *out) {
    struct fr_reps raw;
    golden_tensor_init_from(&raw, concepts, offset);
    fr_reps_centre(&raw, out);
    fr_reps_release(&raw);
}

static void begin(struct golden_parts *p, bool gain) {
    struct fr_reps attention;
    p->concepts = concepts_of(4, 5);
    matrix_init(&p->matrix, GT_D);
    centre_golden(0, &p->concepts, &p->after);
    centre_golden(6000000, &p->concepts, &p->mlp);
    golden_tensor_init_from(&p->raw, &p->concepts, 5000000);
    fr_reps_centre(&p->raw, &p->heads);
    attend(&p->matrix, gain, &p->raw, &attention);
    fr_reps_centre(&attention, &p->attention);
    fr_reps_release(&attention);
}

static void end(struct golden_parts *p) {
    matrix_release(&p->matrix);
    fr_reps_release(&p->raw);
    fr_reps_release(&p->after);
    fr_reps_release(&p->attention);
    fr_reps_release(&p->mlp);
    fr_reps_release(&p->heads);
}

static struct fr_head_ask ask_of(struct golden_parts *p, int l, int kind) {
    return (struct fr_head_ask){.of = {.after = &p->after,
                                       .attention = &p->attention,
                                       .mlp = &p->mlp,
                                       .use = golden_use,
                                       .l = l,
                                       .reference_time = GT_REFERENCE,
                                       .kind = (enum fr_concept_kind)kind,
                                       .n_resamples = RESAMPLES,
                                       .seed = GT_SEED},
                                .heads = &p->heads,
                                .n_heads = HEADS,
                                .pull = pull,
                                .user = &p->matrix};
}

static void heads_and_sources_agree_with_numpy(void **state) {
    (void)state;
    struct golden_parts p;
    struct fr_head_split split[GT_L][2];
    struct golden g;
    int n = 0;
    begin(&p, false);
    for (int l = 0; l < GT_L; l++)
        for (int kind = 0; kind < 2; kind++) {
            const struct fr_head_ask ask = ask_of(&p, l, kind);
            struct fr_mechanism whole;
            assert_ok(fr_heads_split(&ask, &split[l][kind], &err), err);
            assert_false(split[l][kind].gain);
            assert_true(split[l][kind].misfit < 1e-5);
            fr_mechanism_run(&ask.of, &whole);
            double sum = 0;
            for (int head = 0; head < HEADS; head++)
                sum += split[l][kind].rises[head].rise.mean.value;
            assert_near(sum, whole.rises[FR_PART_ATTENTION].mean.value, TOLERANCE);
            fr_mechanism_release(&whole);
        }
    for (golden_open(&g, TABLE); golden_next(&g, "head"); n++) {
        const struct fr_head_rise *h = &split[(int)g.v[0] - 1][(int)g.v[1]].rises[(int)g.v[2]];
        golden_near_estimate(&g, &h->rise.mean, 3, TOLERANCE);
        golden_near(&g, h->rise.shuffled_low, g.v[7], TOLERANCE);
        golden_near(&g, h->rise.shuffled_high, g.v[8], TOLERANCE);
        golden_near(&g, h->rise.p, g.v[9], 1e-12);
        golden_near(&g, h->p_layer, g.v[10], 1e-12);
    }
    assert_int_equal(n, GT_L * 2 * HEADS);
    for (golden_open(&g, TABLE); golden_next(&g, "share"); n++) {
        const struct fr_head_ask ask = ask_of(&p, (int)g.v[0] - 1, (int)g.v[1]);
        const struct fr_estimate e = fr_attended_share(&p.raw, &ask.of, (int)g.v[2], (int)g.v[3],
                                                       (enum fr_attended)(int)g.v[4]);
        golden_near_estimate(&g, &e, 5, TOLERANCE);
    }
    assert_int_equal(n, GT_L * 2 * (HEADS + GT_T * 2 * FR_ATTENDED_COUNT));
    for (int l = 0; l < GT_L; l++)
        for (int kind = 0; kind < 2; kind++)
            fr_head_split_release(&split[l][kind]);
    end(&p);
}

static void whether_a_gain_stands_behind_is_told_by_the_sum(void **state) {
    (void)state;
    for (int gain = 0; gain < 2; gain++) {
        struct golden_parts p;
        struct fr_head_split split;
        begin(&p, gain);
        struct fr_head_ask ask = ask_of(&p, 1, 0);
        ask.has_gain = true; /* there is one in the file, of whatever it is */
        assert_ok(fr_heads_split(&ask, &split, &err), err);
        assert_int_equal(split.gain, gain);
        assert_int_equal(p.matrix.n_pulls, 1 + gain);
        assert_true(split.misfit < 1e-5);
        fr_head_split_release(&split);
        end(&p);
    }
}

static void heads_that_do_not_add_up_are_refused(void **state) {
    (void)state;
    struct golden_parts p;
    struct fr_head_split split;
    begin(&p, false);
    const struct fr_head_ask ask = ask_of(&p, 1, 0);
    for (int i = 0; i < GT_D * 4; i++) /* of another model */
        p.matrix.w[i] = (double)hashed(7000000u + (uint32_t)i);
    assert_int_equal(fr_heads_split(&ask, &split, &err), FR_E_MODEL);
    assert_non_null(strstr(err.text, "do not add up"));
    end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_and_sources_agree_with_numpy),
        cmocka_unit_test(whether_a_gain_stands_behind_is_told_by_the_sum),
        cmocka_unit_test(heads_that_do_not_add_up_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
