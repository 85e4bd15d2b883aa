/* The random generator against its published definition, and its distributions against theirs. */
#include "base/rng.h"

#include "golden/golden.h"

static uint64_t whole(const struct golden *golden, int column) {
    return (uint64_t)golden->v[column] << 32 | (uint64_t)golden->v[column + 1];
}

static void seed_from(const struct golden *golden, struct fr_rng *rng) {
    fr_rng_seed(rng, whole(golden, 0), whole(golden, 2));
}

/* The first outputs from state {1, 2, 3, 4}, as the authors' reference code prints them. */
static void xoshiro_gives_the_reference_outputs(void **state) {
    (void)state;
    struct fr_rng rng = {{1, 2, 3, 4}};
    const uint64_t want[] = {11520, 0, 1509978240, 1215971899390074240ULL, 1216172134540287360ULL};
    for (int i = 0; i < 5; i++)
        assert_true(fr_rng_next(&rng) == want[i]);
}

/* Splitmix64's first output is 6457827717110365317 for seed 1234567, 16294208416658607535 for 0. */
static void mixing_is_two_steps_of_splitmix(void **state) {
    (void)state;
    assert_true(fr_mix64(1234567, 6457827717110365317ULL) == 16294208416658607535ULL);
    assert_true(fr_mix64(1, 2) != fr_mix64(2, 1));
}

static void names_hash_as_fnv_1a_does(void **state) {
    (void)state;
    assert_true(fr_hash_text("") == 0xcbf29ce484222325ULL);
    assert_true(fr_hash_text("a") == 0xaf63dc4c8601ec8cULL);
    assert_true(fr_hash_text("foobar") == 0x85944171f73967e8ULL);
}

static void seeded_streams_are_those_of_an_independent_implementation(void **state) {
    (void)state;
    struct golden golden;
    struct fr_rng rng;
    int rows = 0;
    golden_open(&golden, "base/rng.tsv");
    for (; golden_next(&golden, "next"); rows++) {
        seed_from(&golden, &rng);
        for (int i = 4; i < golden.n; i += 2)
            assert_true(fr_rng_next(&rng) == whole(&golden, i));
    }
    golden_open(&golden, "base/rng.tsv");
    for (; golden_next(&golden, "below"); rows++) {
        seed_from(&golden, &rng);
        for (int i = 4; i < golden.n; i += 2)
            assert_true(fr_rng_below(&rng, (uint32_t)golden.v[i]) == (uint32_t)golden.v[i + 1]);
    }
    golden_open(&golden, "base/rng.tsv");
    for (; golden_next(&golden, "uniform"); rows++) {
        seed_from(&golden, &rng);
        for (int i = 4; i < golden.n; i++)
            assert_near(fr_rng_uniform(&rng), golden.v[i], 0);
    }
    golden_open(&golden, "base/rng.tsv");
    for (; golden_next(&golden, "normal"); rows++) {
        seed_from(&golden, &rng);
        for (int i = 4; i < golden.n; i++)
            golden_near(&golden, fr_rng_normal(&rng), golden.v[i], 1e-14);
    }
    assert_int_equal(rows, 20);
}

static void streams_of_one_seed_differ(void **state) {
    (void)state;
    struct fr_rng a, b;
    fr_rng_seed(&a, 1, 1);
    fr_rng_seed(&b, 1, 2);
    int same = 0;
    for (int i = 0; i < 1000; i++)
        same += fr_rng_next(&a) == fr_rng_next(&b);
    assert_int_equal(same, 0);
}

/* Chi-square with 5 degrees of freedom stays below 20.5 (p = 0.001). */
static void bounded_draws_are_uniform(void **state) {
    (void)state;
    enum { N = 60000, SIDES = 6 };
    struct fr_rng rng;
    int counts[SIDES] = {0};
    double chi = 0;
    fr_rng_seed(&rng, 7, 0);
    for (int i = 0; i < N; i++) {
        const uint32_t draw = fr_rng_below(&rng, SIDES);
        assert_true(draw < SIDES);
        counts[draw]++;
    }
    for (int i = 0; i < SIDES; i++)
        chi += (counts[i] - N / SIDES) * (double)(counts[i] - N / SIDES) / (N / SIDES);
    assert_true(chi < 20.5);
}

/* All 24 orders of four things; chi-square with 23 degrees of freedom, p = 0.001. */
static void permutations_are_permutations_and_uniform(void **state) {
    (void)state;
    enum { N = 48000 };
    struct fr_rng rng;
    int counts[256] = {0}, kinds = 0;
    double chi = 0;
    fr_rng_seed(&rng, 8, 0);
    for (int i = 0; i < N; i++) {
        int order[4], seen = 0, code = 0;
        fr_rng_permutation(&rng, 4, order);
        for (int k = 0; k < 4; k++) {
            seen |= 1 << order[k];
            code = 4 * code + order[k];
        }
        assert_int_equal(seen, 15);
        counts[code]++;
    }
    for (int i = 0; i < 256; i++)
        if (counts[i] > 0) {
            kinds++;
            chi += (counts[i] - N / 24) * (double)(counts[i] - N / 24) / (N / 24);
        }
    assert_int_equal(kinds, 24);
    assert_true(chi < 49.7);
    int none[1] = {5};
    fr_rng_permutation(&rng, 0, none);
    assert_int_equal(none[0], 5);
}

static void uniform_and_normal_draws_have_their_moments(void **state) {
    (void)state;
    enum { N = 200000 };
    struct fr_rng rng;
    double uniform = 0, sum = 0, square = 0, fourth = 0;
    fr_rng_seed(&rng, 9, 0);
    for (int i = 0; i < N; i++) {
        const double u = fr_rng_uniform(&rng), z = fr_rng_normal(&rng);
        assert_true(u >= 0 && u < 1);
        uniform += u;
        sum += z;
        square += z * z;
        fourth += z * z * z * z;
    }
    assert_near(uniform / N, 0.5, 4 * 0.2887 / 447);
    assert_near(sum / N, 0, 4.0 / 447);
    assert_near(square / N, 1, 4 * 1.4142 / 447);
    assert_near(fourth / N, 3, 4 * 9.7980 / 447);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xoshiro_gives_the_reference_outputs),
        cmocka_unit_test(mixing_is_two_steps_of_splitmix),
        cmocka_unit_test(names_hash_as_fnv_1a_does),
        cmocka_unit_test(seeded_streams_are_those_of_an_independent_implementation),
        cmocka_unit_test(streams_of_one_seed_differ),
        cmocka_unit_test(bounded_draws_are_uniform),
        cmocka_unit_test(permutations_are_permutations_and_uniform),
        cmocka_unit_test(uniform_and_normal_draws_have_their_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
