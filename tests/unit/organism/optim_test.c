/* The optimizer against what its formulas say by hand, and the learning rate's schedule. */
#include "test.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "organism/optim.h"

static const struct fr_net_shape shape = {
    .n_vocab = 6,
    .width = 24,
    .n_layers = 1,
    .n_heads = 2,
    .n_kv_heads = 1,
    .ff_width = 40,
    .max_sequence = 8,
    .rope_base = 100,
    .rms_eps = 1e-6f,
};

struct fixture {
    struct fr_net *net;
    float *weights, *before, *gradient;
};

static int fixture_make(void **state) {
    struct fixture *f = fr_alloc(1, sizeof *f);
    struct fr_error err;
    assert_ok(fr_net_open(&f->net, &shape, &err), err);
    const size_t n = f->net->n_params;
    f->weights = fr_alloc(n, sizeof *f->weights);
    f->before = fr_alloc(n, sizeof *f->before);
    f->gradient = fr_alloc(n, sizeof *f->gradient);
    fr_net_weights_init(f->net, f->weights, 1, 0.02);
    memcpy(f->before, f->weights, n * sizeof *f->weights);
    struct fr_rng rng;
    fr_rng_seed(&rng, 2, 0);
    for (size_t j = 0; j < n; j++)
        f->gradient[j] = (float)(0.001 * fr_rng_normal(&rng));
    *state = f;
    return 0;
}

static int fixture_free(void **state) {
    struct fixture *f = *state;
    fr_net_close(f->net);
    free(f->weights);
    free(f->before);
    free(f->gradient);
    free(f);
    return 0;
}

static void first_step_of_adamw_is_the_sign_of_the_gradient_times_the_rate(void **state) {
    struct fixture *f = *state;
    struct fr_optim optim;
    struct fr_optim_options options = fr_optim_defaults();
    options.muon = false;
    options.weight_decay = 0;
    fr_optim_init(&optim, f->net, &options, 1);
    (void)fr_optim_step(&optim, 0, 0.01, f->gradient, f->weights);
    for (size_t j = 0; j < f->net->n_params; j++) {
        if (fabsf(f->gradient[j]) > 1e-5f)
            assert_near(f->weights[j] - f->before[j], f->gradient[j] > 0 ? -0.01 : 0.01, 3e-5);
    }
    fr_optim_release(&optim);
}

static void weight_decay_shrinks_matrices_and_embeddings_but_not_norms(void **state) {
    struct fixture *f = *state;
    struct fr_optim optim;
    struct fr_optim_options options = fr_optim_defaults();
    options.weight_decay = 0.5;
    memset(f->gradient, 0, f->net->n_params * sizeof *f->gradient);
    fr_optim_init(&optim, f->net, &options, 1);
    (void)fr_optim_step(&optim, 0, 0.1, f->gradient, f->weights);
    for (int i = 0; i < f->net->n_tensors; i++) {
        const struct fr_net_tensor *t = &f->net->tensors[i];
        const bool decays = t->role == FR_NET_MATRIX || t->role == FR_NET_EMBEDDING;
        for (size_t j = t->offset; j < t->offset + (size_t)t->rows * (size_t)t->cols; j++)
            assert_near(f->weights[j], f->before[j] * (decays ? 0.95 : 1.0), 1e-6);
    }
    fr_optim_release(&optim);
}

/* All singular values of a matrix's update are 0.2 * sqrt(longer side) * rate times a number
 * between 0.68 and 1.13 (Jordan et al.): so is the norm of its product with a unit vector. */
static void update_of_muon_stretches_every_direction_alike(void **state) {
    struct fixture *f = *state;
    struct fr_optim optim;
    struct fr_optim_options options = fr_optim_defaults();
    options.weight_decay = 0;
    fr_optim_init(&optim, f->net, &options, 2);
    (void)fr_optim_step(&optim, 0, 0.01, f->gradient, f->weights);
    struct fr_rng rng;
    fr_rng_seed(&rng, 3, 0);
    for (int i = 0; i < f->net->n_tensors; i++) {
        const struct fr_net_tensor *t = &f->net->tensors[i];
        if (t->role != FR_NET_MATRIX)
            continue;
        const bool tall = t->rows > t->cols;
        const int n = tall ? t->cols : t->rows; /* directions: the shorter side */
        const int m = tall ? t->rows : t->cols;
        const double size = 0.2 * sqrt((double)m) * 0.01;
        for (int trial = 0; trial < 5; trial++) {
            double direction[64];
            double length = 0;
            for (int a = 0; a < n; a++) {
                direction[a] = fr_rng_normal(&rng);
                length += direction[a] * direction[a];
            }
            double squares = 0;
            for (int b = 0; b < m; b++) {
                double sum = 0;
                for (int a = 0; a < n; a++) {
                    const size_t j = t->offset + (size_t)(tall ? b : a) * (size_t)t->cols +
                                     (size_t)(tall ? a : b);
                    sum += direction[a] * (double)(f->weights[j] - f->before[j]);
                }
                squares += sum * sum;
            }
            const double stretch = sqrt(squares / length) / size;
            assert_true(stretch > 0.6 && stretch < 1.25);
        }
    }
    fr_optim_release(&optim);
}

static void long_gradient_is_clipped_to_the_norm_allowed(void **state) {
    struct fixture *f = *state;
    const size_t n = f->net->n_params;
    struct fr_optim_options options = fr_optim_defaults();
    struct fr_optim long_one;
    struct fr_optim short_one;
    fr_optim_init(&long_one, f->net, &options, 1);
    fr_optim_init(&short_one, f->net, &options, 1);
    double squares = 0;
    for (size_t j = 0; j < n; j++)
        squares += (double)f->gradient[j] * (double)f->gradient[j];
    const double norm = sqrt(squares);
    for (size_t j = 0; j < n; j++)
        f->gradient[j] *= (float)(20 / norm);
    assert_near(fr_optim_step(&long_one, 0, 0.01, f->gradient, f->weights), 20, 1e-3);
    for (size_t j = 0; j < n; j++)
        f->gradient[j] /= 20;
    assert_near(fr_optim_step(&short_one, 0, 0.01, f->gradient, f->before), 1, 1e-4);
    for (size_t j = 0; j < n; j++)
        assert_near(long_one.first[j], short_one.first[j], 1e-6);
    fr_optim_release(&long_one);
    fr_optim_release(&short_one);
}

static void rate_warms_up_holds_and_decays_to_its_last_share(void **state) {
    (void)state;
    const struct fr_rate_schedule cosine = {.warmup_steps = 9,
                                            .n_steps = 1000,
                                            .decay_from = 0.5,
                                            .final_share = 0.05};
    struct fr_rate_schedule linear = cosine;
    linear.linear = true;
    assert_near(fr_rate_at(&cosine, 0), 0.1, 1e-12);
    assert_near(fr_rate_at(&cosine, 9), 1, 1e-12);
    assert_near(fr_rate_at(&cosine, 499), 1, 1e-12);
    assert_near(fr_rate_at(&cosine, 750), 0.525, 1e-9);
    assert_near(fr_rate_at(&linear, 625), 0.05 + 0.95 * 0.75, 1e-9);
    assert_near(fr_rate_at(&cosine, 1000), 0.05, 1e-12);
    for (long step = 500; step < 1000; step++)
        assert_true(fr_rate_at(&cosine, step + 1) < fr_rate_at(&cosine, step));
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_make, fixture_free)
    const struct CMUnitTest tests[] = {
        CASE(first_step_of_adamw_is_the_sign_of_the_gradient_times_the_rate),
        CASE(weight_decay_shrinks_matrices_and_embeddings_but_not_norms),
        CASE(update_of_muon_stretches_every_direction_alike),
        CASE(long_gradient_is_clipped_to_the_norm_allowed),
        cmocka_unit_test(rate_warms_up_holds_and_decays_to_its_last_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
