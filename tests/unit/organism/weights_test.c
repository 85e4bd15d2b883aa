/* Where training begins: heads of the first layer look back by a fixed number of tokens. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "organism/net.h"
#include "test.h"

/* The score that the biases alone give a key `distance` tokens back: q and k turned by their
 * places. */
static double score(const struct fr_net *net, const float *weights, int head, int distance) {
    const int c = net->head_width, half = c / 2, d = net->shape.width;
    const int share = net->shape.n_heads / net->shape.n_kv_heads;
    const float *bias = weights + net->layers[0].qkv_bias;
    const float *q = bias + head * c, *k = bias + d + head / share * c;
    double sum = 0;
    for (int j = 0; j < half; j++) {
        const double a = distance * pow((double)net->shape.rope_base, -2.0 * j / c);
        const double low = (double)q[j] * cos(a) - (double)q[half + j] * sin(a);
        const double high = (double)q[j] * sin(a) + (double)q[half + j] * cos(a);
        sum += low * (double)k[j] + high * (double)k[half + j];
    }
    return sum / sqrt(c);
}

static void the_first_layer_s_heads_begin_by_looking_back(void **state) {
    (void)state;
    static const struct fr_net_shape shape = {.n_vocab = 32,
                                              .width = 256,
                                              .n_layers = 2,
                                              .n_heads = 4,
                                              .n_kv_heads = 2,
                                              .ff_width = 32,
                                              .max_sequence = 2048,
                                              .rope_base = 10000,
                                              .rms_eps = 1e-6f};
    struct fr_error err = {0};
    struct fr_net *net;
    assert_ok(fr_net_open(&net, &shape, &err), err);
    float *weights = fr_alloc(net->n_params, sizeof *weights);
    fr_net_weights_init(net, weights, 1, 0.02);
    for (int h = 0; h < 3; h++) {
        double total = 0;
        for (int distance = 0; distance < 1000; distance++)
            total += exp(score(net, weights, h, distance));
        /* Most of a row's weight, whatever the row's length, is where it should be. */
        assert_true(exp(score(net, weights, h, h + 1)) / total > 0.5);
    }
    for (int distance = 0; distance < 10; distance++) /* the last head has no preference */
        assert_near(score(net, weights, 3, distance), 0, 1e-12);
    free(weights);
    fr_net_close(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_layer_s_heads_begin_by_looking_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
