/* The backward pass against central differences, in double precision, on a net small enough to
 * ask about any weight: grouped heads, a ragged batch, a sequence longer than one block of
 * attention rows, uneven weights in the loss. */
#include "test.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "organism/net.h"

enum { N_TOKENS = 152, N_ENTRIES = 6 };

struct fixture {
    struct fr_net *net;
    struct fr_net_work *work;
    int32_t tokens[N_TOKENS];
    float loss_weights[N_TOKENS];
    struct fr_net_batch batch;
    struct fr_rng rng;
    double *weights, *gradient, *direction;
};

static const struct fr_net_shape shape = {
    .n_vocab = 19,
    .width = 16,
    .n_layers = 2,
    .n_heads = 4,
    .n_kv_heads = 2,
    .ff_width = 10,
    .max_sequence = 140,
    .rope_base = 100,
    .rms_eps = 1e-6f,
};
static const int32_t offsets[] = {0, 7, 8, 17, N_TOKENS};

static int fixture_make(void **state) {
    struct fixture *f = fr_alloc(1, sizeof *f);
    struct fr_error err;
    assert_ok(fr_net_open(&f->net, &shape, &err), err);
    assert_ok(fr_net_work_open(&f->work, f->net, N_TOKENS, &err), err);
    f->weights = fr_alloc(f->net->n_params, sizeof *f->weights);
    f->gradient = fr_alloc(f->net->n_params, sizeof *f->gradient);
    f->direction = fr_alloc(f->net->n_params, sizeof *f->direction);
    fr_net_weights_init(f->net, f->weights, 3, 0.02);
    fr_rng_seed(&f->rng, 5, 0);
    /* Far from the symmetric start, so that no term of a derivative is small by accident. */
    for (size_t i = 0; i < f->net->n_params; i++)
        f->weights[i] += 0.2 * fr_rng_normal(&f->rng);
    for (int t = 0; t < N_TOKENS; t++) {
        f->tokens[t] = (int32_t)fr_rng_below(&f->rng, (uint32_t)shape.n_vocab);
        f->loss_weights[t] = (float)fr_rng_below(&f->rng, 4) / 2;
    }
    f->batch = (struct fr_net_batch){.n_sequences = 4,
                                     .offsets = offsets,
                                     .tokens = f->tokens,
                                     .weights = f->loss_weights};
    *state = f;
    return 0;
}

static int fixture_free(void **state) {
    struct fixture *f = *state;
    fr_net_close(f->net);
    fr_net_work_close(f->work);
    free(f->weights);
    free(f->gradient);
    free(f->direction);
    free(f);
    return 0;
}

static double loss(struct fixture *f, const double *weights) {
    fr_net_forward(f->net, weights, f->work, &f->batch);
    return fr_net_entropy(f->net, weights, f->work, &f->batch, 1, NULL);
}

static void gradient(struct fixture *f, double scale) {
    memset(f->gradient, 0, f->net->n_params * sizeof *f->gradient);
    fr_net_forward(f->net, f->weights, f->work, &f->batch);
    (void)fr_net_entropy(f->net, f->weights, f->work, &f->batch, scale, f->gradient);
    fr_net_backward(f->net, f->weights, f->work, &f->batch, f->gradient);
}

/* d loss / d direction, where the direction is 0 outside [first, first + n). */
static double difference(struct fixture *f, size_t first, size_t n) {
    const double h = 1e-5;
    double at[2];
    for (int side = 0; side < 2; side++) {
        for (size_t j = first; j < first + n; j++)
            f->weights[j] += (side ? -h : h) * f->direction[j];
        at[side] = loss(f, f->weights);
        for (size_t j = first; j < first + n; j++)
            f->weights[j] -= (side ? -h : h) * f->direction[j];
    }
    return (at[0] - at[1]) / (2 * h);
}

static void gradient_of_single_weights_of_every_tensor_equals_central_differences(void **state) {
    struct fixture *f = *state;
    gradient(f, 1);
    for (int i = 0; i < f->net->n_tensors; i++) {
        const struct fr_net_tensor *t = &f->net->tensors[i];
        for (int k = 0; k < N_ENTRIES; k++) {
            const size_t j = t->offset + fr_rng_below(&f->rng, (uint32_t)(t->rows * t->cols));
            f->direction[j] = 1;
            const double want = difference(f, j, 1);
            if (!(fabs(want - f->gradient[j]) <= 1e-6 * (1 + fabs(want))))
                fail_msg("%s[%zu]: %.12g, differences say %.12g", t->name, j - t->offset,
                         f->gradient[j], want);
            f->direction[j] = 0;
        }
    }
}

static void
gradient_along_a_random_direction_of_every_tensor_equals_central_differences(void **state) {
    struct fixture *f = *state;
    gradient(f, 1);
    for (int i = 0; i < f->net->n_tensors; i++) {
        const struct fr_net_tensor *t = &f->net->tensors[i];
        const size_t n = (size_t)t->rows * (size_t)t->cols;
        double slope = 0;
        for (size_t j = t->offset; j < t->offset + n; j++) {
            f->direction[j] = fr_rng_normal(&f->rng) / sqrt((double)n);
            slope += f->direction[j] * f->gradient[j];
        }
        assert_true(fabs(slope) > 1e-6); /* the tensor matters */
        assert_near(slope, difference(f, t->offset, n), 1e-6 * (1 + fabs(slope)));
    }
}

static void gradient_scales_with_the_factor_it_is_given(void **state) {
    struct fixture *f = *state;
    const size_t n = f->net->n_params;
    gradient(f, 1);
    memcpy(f->direction, f->gradient, n * sizeof *f->gradient);
    gradient(f, 0.25);
    for (size_t j = 0; j < n; j++)
        assert_near(f->gradient[j], 0.25 * f->direction[j], 1e-12 * (1 + fabs(f->direction[j])));
}

static void sequences_of_a_batch_do_not_see_each_other(void **state) {
    struct fixture *f = *state;
    const double together = loss(f, f->weights);
    double apart = 0;
    for (int s = 0; s < f->batch.n_sequences; s++) {
        const int32_t alone[] = {0, offsets[s + 1] - offsets[s]};
        const struct fr_net_batch one = {.n_sequences = 1,
                                         .offsets = alone,
                                         .tokens = f->tokens + offsets[s],
                                         .weights = f->loss_weights + offsets[s]};
        fr_net_forward(f->net, f->weights, f->work, &one);
        apart += fr_net_entropy(f->net, f->weights, f->work, &one, 1, NULL);
    }
    assert_near(together, apart, 1e-9);
}

static void later_tokens_do_not_change_earlier_predictions(void **state) {
    struct fixture *f = *state;
    float before[N_TOKENS];
    (void)loss(f, f->weights);
    memcpy(before, f->work->nll, sizeof before);
    const int cut = 120;
    f->tokens[cut] = (f->tokens[cut] + 1) % shape.n_vocab;
    (void)loss(f, f->weights);
    for (int t = 0; t < cut - 1; t++)
        assert_true(before[t] == f->work->nll[t]);
    assert_false(before[cut] == f->work->nll[cut]);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_make, fixture_free)
    const struct CMUnitTest tests[] = {
        CASE(gradient_of_single_weights_of_every_tensor_equals_central_differences),
        CASE(gradient_along_a_random_direction_of_every_tensor_equals_central_differences),
        CASE(gradient_scales_with_the_factor_it_is_given),
        CASE(sequences_of_a_batch_do_not_see_each_other),
        CASE(later_tokens_do_not_change_earlier_predictions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
