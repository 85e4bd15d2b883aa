/* Row operations against the same formulas written plainly in double precision, and that products
 * are computed by the library they were meant for. */
#include "test.h"

#include <cblas.h>
#include <dlfcn.h>
#include <string.h>

#include "base/rng.h"
#include "organism/kernels.h"

enum { N = 53 }; /* no multiple of a vector's length */

static void fill(float *x, int n, double deviation, uint64_t stream) {
    struct fr_rng rng;
    fr_rng_seed(&rng, 17, stream);
    for (int j = 0; j < n; j++)
        x[j] = (float)(deviation * fr_rng_normal(&rng));
}

static const char *library_of(void (*function)(void)) {
    Dl_info info;
    void *address;
    memcpy(&address, &function, sizeof address);
    assert_true(dladdr(address, &info) != 0);
    return info.dli_fname;
}

static void products_are_computed_by_openblas_and_not_by_another_cblas(void **state) {
    (void)state;
    assert_string_equal(library_of((void (*)(void))cblas_sgemm),
                        library_of((void (*)(void))openblas_get_corename));
}

static void attention_weights_are_the_softmax_of_the_scores(void **state) {
    (void)state;
    float x[N];
    float want[N];
    fill(x, N, 4, 0);
    double sum = 0;
    for (int j = 0; j < N - 5; j++)
        sum += exp((double)x[j]);
    for (int j = 0; j < N; j++)
        want[j] = j < N - 5 ? (float)(exp((double)x[j]) / sum) : 0;
    assert_near(fr_softmax_row(x, N - 5, N), log(sum), 1e-6 * fabs(log(sum)) + 1e-6);
    for (int j = 0; j < N; j++)
        assert_near(x[j], want[j], 1e-6 * want[j]);
}

static void attention_weights_of_scores_far_apart_are_zero_and_one(void **state) {
    (void)state;
    float x[] = {-3000, 500, -1e30f};
    assert_near(fr_softmax_row(x, 3, 3), 500, 1e-4);
    assert_near(x[0], 0, 1e-30);
    assert_near(x[1], 1, 1e-7);
    assert_near(x[2], 0, 1e-30);
}

static void exponential_is_right_to_the_last_places_over_its_range(void **state) {
    (void)state;
    for (float x = -87; x < 88; x += 0.0371f) {
        float value = x;
        fr_entropy_row_backward(&value, 1, 0, 1);
        assert_near(value, exp((double)x), 3e-7 * exp((double)x));
    }
}

static void hidden_row_is_silu_of_the_gate_times_up(void **state) {
    (void)state;
    float gate_up[2 * N];
    float hidden[N];
    fill(gate_up, 2 * N, 5, 1);
    fr_swiglu_forward(1, N, gate_up, hidden);
    for (int j = 0; j < N; j++) {
        const double g = (double)gate_up[j];
        const double want = g / (1 + exp(-g)) * (double)gate_up[N + j];
        assert_near(hidden[j], want, 1e-6 * (1 + fabs(want)));
    }
}

static void normalized_row_has_the_gain_times_unit_mean_square(void **state) {
    (void)state;
    float x[2 * N];
    float gain[N];
    float y[2 * N];
    float rms[2];
    fill(x, 2 * N, 3, 2);
    fill(gain, N, 1, 3);
    fr_rmsnorm_forward(2, N, 1e-6f, x, gain, y, rms);
    for (int t = 0; t < 2; t++) {
        double squares = 0;
        for (int j = 0; j < N; j++)
            squares += (double)x[t * N + j] * (double)x[t * N + j];
        const double scale = 1 / sqrt(squares / N + 1e-6);
        for (int j = 0; j < N; j++)
            assert_near(y[t * N + j], (double)x[t * N + j] * scale * (double)gain[j], 1e-5);
    }
}

static void rotating_a_head_back_gives_the_head(void **state) {
    (void)state;
    float head[16];
    float before[16];
    float cosine[8];
    float sine[8];
    fill(head, 16, 1, 4);
    memcpy(before, head, sizeof head);
    for (int j = 0; j < 8; j++) {
        cosine[j] = cosf(0.3f * (float)(j + 1));
        sine[j] = sinf(0.3f * (float)(j + 1));
    }
    fr_rope_head(head, 16, cosine, sine, 1);
    assert_near(head[0], before[0] * cosine[0] - before[8] * sine[0], 1e-6); /* half-split pairs */
    fr_rope_head(head, 16, cosine, sine, -1);
    for (int j = 0; j < 16; j++)
        assert_near(head[j], before[j], 1e-6);
}

static void most_likely_token_is_the_first_of_the_largest(void **state) {
    (void)state;
    const float x[] = {-1, 2, 0, 2};
    int argmax = -1;
    assert_near(fr_entropy_row(x, 4, &argmax), log(exp(-1) + 2 * exp(2) + 1), 1e-6);
    assert_int_equal(argmax, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_computed_by_openblas_and_not_by_another_cblas),
        cmocka_unit_test(attention_weights_are_the_softmax_of_the_scores),
        cmocka_unit_test(attention_weights_of_scores_far_apart_are_zero_and_one),
        cmocka_unit_test(exponential_is_right_to_the_last_places_over_its_range),
        cmocka_unit_test(hidden_row_is_silu_of_the_gate_times_up),
        cmocka_unit_test(normalized_row_has_the_gain_times_unit_mean_square),
        cmocka_unit_test(rotating_a_head_back_gives_the_head),
        cmocka_unit_test(most_likely_token_is_the_first_of_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
