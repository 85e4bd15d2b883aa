/* Puzzles: sampling is uniform, classes are exactly the classes up to the blocks' names. */
#include <string.h>

#include "planning_fixture.h"

/* Towers as a number: base 13 digits of below + 1; one state of 12 blocks fits 64 bits,
 * a puzzle would not. */
static uint64_t state_code(const int8_t *below, int n) {
    uint64_t code = 0;
    for (int b = 0; b < n; b++)
        code = code * 13 + (uint64_t)(below[b] + 1);
    return code;
}

static bool is_towers(const int8_t *below, int n) {
    bool covered[FR_MAX_BLOCKS] = {false};
    for (int b = 0; b < n; b++) {
        if (below[b] < -1 || below[b] >= n || (below[b] >= 0 && covered[below[b]]))
            return false;
        if (below[b] >= 0)
            covered[below[b]] = true;
        int c = b, steps = 0;
        for (; c >= 0 && steps <= n; steps++)
            c = below[c];
        if (c >= 0)
            return false; /* a circle */
    }
    return true;
}

static int index_of(uint64_t *codes, int *n, int capacity, uint64_t code) {
    for (int i = 0; i < *n; i++)
        if (codes[i] == code)
            return i;
    assert_true(*n < capacity);
    codes[*n] = code;
    return (*n)++;
}

/* Pearson's X^2 over the m states found in draws samples of n blocks. */
static double chi_square(int n_blocks, int m, int draws, uint64_t seed) {
    uint64_t *codes = calloc((size_t)m, sizeof *codes);
    int *counts = calloc((size_t)m, sizeof *counts), n = 0;
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, 0);
    for (int i = 0; i < draws; i++) {
        int8_t below[FR_MAX_BLOCKS];
        fr_puzzle_random_state(&rng, n_blocks, below);
        assert_true(is_towers(below, n_blocks));
        counts[index_of(codes, &n, m, state_code(below, n_blocks))]++;
    }
    assert_int_equal(n, m); /* every state occurs, and no other */
    const double expected = (double)draws / m;
    double x = 0;
    for (int i = 0; i < m; i++)
        x += (counts[i] - expected) * (counts[i] - expected) / expected;
    free(codes);
    free(counts);
    return x;
}

static void the_73_states_of_four_blocks_are_equally_likely(void **state) {
    (void)state;
    /* 72 degrees of freedom: the 0.1% point of chi-square is 114.8, and far below the mean
     * would be as suspicious (99.9% point: 40.3). */
    const double x = chi_square(4, 73, 73000, 11);
    assert_true(x < 114.8);
    assert_true(x > 40.3);
}

static void the_501_states_of_five_blocks_are_equally_likely(void **state) {
    (void)state;
    /* 500 degrees of freedom: 0.1% and 99.9% points 603.4 and 407.9. */
    const double x = chi_square(5, 501, 200400, 12);
    assert_true(x < 603.4);
    assert_true(x > 407.9);
}

static void small_numbers_of_blocks_have_1_3_and_13_states(void **state) {
    (void)state;
    assert_true(chi_square(1, 1, 100, 1) < 1e-9);
    assert_true(chi_square(2, 3, 3000, 1) < 13.8);   /* 2 degrees of freedom, 0.1% */
    assert_true(chi_square(3, 13, 13000, 1) < 32.9); /* 12 */
}

static void random_puzzles_have_goals_that_do_not_hold_yet(void **state) {
    (void)state;
    struct fr_rng rng;
    fr_rng_seed(&rng, 3, 0);
    for (int n = 2; n <= FR_MAX_BLOCKS; n++)
        for (int i = 0; i < 500; i++) {
            struct fr_puzzle p;
            fr_puzzle_random(&rng, n, &p);
            assert_true(p.n_blocks == n && is_towers(p.init, n) && is_towers(p.goal, n));
            int unmet = 0;
            for (int b = 0; b < n; b++)
                unmet += p.goal[b] >= 0 && p.goal[b] != p.init[b];
            assert_true(unmet > 0);
        }
}

static void rename_blocks(const struct fr_puzzle *in, const int *order, struct fr_puzzle *out) {
    out->n_blocks = in->n_blocks;
    for (int b = 0; b < in->n_blocks; b++) {
        out->init[order[b]] = (int8_t)(in->init[b] < 0 ? -1 : order[in->init[b]]);
        out->goal[order[b]] = (int8_t)(in->goal[b] < 0 ? -1 : order[in->goal[b]]);
    }
}

static void renaming_the_blocks_keeps_the_class(void **state) {
    (void)state;
    struct fr_rng rng;
    fr_rng_seed(&rng, 5, 0);
    for (int i = 0; i < 5000; i++) {
        const int n = 2 + i % (FR_MAX_BLOCKS - 1);
        struct fr_puzzle p, q;
        int order[FR_MAX_BLOCKS];
        fr_puzzle_random(&rng, n, &p);
        fr_rng_permutation(&rng, n, order);
        rename_blocks(&p, order, &q);
        assert_int_equal(fr_puzzle_class(&p), fr_puzzle_class(&q));
    }
}

/* The reference: the least encoding over all renamings, Heap's algorithm. */
static uint64_t least_encoding(const struct fr_puzzle *p) {
    int order[8], c[8] = {0};
    const int n = p->n_blocks;
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = 0; i < n;) {
        struct fr_puzzle q;
        rename_blocks(p, order, &q);
        uint64_t code = state_code(q.init, n) * 1000003 * 1000003 + state_code(q.goal, n);
        if (code < least)
            least = code;
        for (i = 0; i < n && c[i] >= i; i++)
            c[i] = 0;
        if (i < n) {
            const int j = i % 2 ? c[i] : 0, keep = order[j];
            order[j] = order[i];
            order[i] = keep;
            c[i]++;
        }
    }
    return least;
}

/* All pairs of states of n blocks: two puzzles share a class exactly when they share the
 * least encoding. */
static int count_classes(int n) {
    int8_t states[512][8];
    int n_states = 0;
    int8_t below[8];
    int total = 1;
    for (int b = 0; b < n; b++)
        total *= n + 1;
    for (int code = 0; code < total; code++) {
        for (int b = 0, rest = code; b < n; b++, rest /= n + 1)
            below[b] = (int8_t)(rest % (n + 1) - 1);
        if (is_towers(below, n))
            memcpy(states[n_states++], below, 8);
    }
    enum { MAX = 4096 };
    static uint64_t classes[MAX], encodings[MAX];
    int n_classes = 0, n_encodings = 0;
    for (int i = 0; i < n_states; i++)
        for (int j = 0; j < n_states; j++) {
            struct fr_puzzle p = {.n_blocks = n};
            memcpy(p.init, states[i], 8);
            memcpy(p.goal, states[j], 8);
            const int a = index_of(classes, &n_classes, MAX, fr_puzzle_class(&p));
            const int b = index_of(encodings, &n_encodings, MAX, least_encoding(&p));
            assert_int_equal(a, b);
        }
    return n_classes;
}

static void classes_are_exactly_the_orbits_of_renaming(void **state) {
    (void)state;
    /* Burnside over the 2, 6 and 24 renamings gives the same counts: see
     * tests/golden/planning/puzzle_classes.py. */
    assert_int_equal(count_classes(2), 5);
    assert_int_equal(count_classes(3), 29);
    assert_int_equal(count_classes(4), 228);
}

static void folds_are_stable_and_share_puzzles_evenly(void **state) {
    (void)state;
    int counts[FR_PUZZLE_FOLDS] = {0};
    struct fr_rng rng;
    fr_rng_seed(&rng, 9, 0);
    for (int i = 0; i < 30000; i++) {
        struct fr_puzzle p;
        fr_puzzle_random(&rng, 5, &p);
        const int fold = fr_puzzle_fold(&p);
        assert_int_equal(fold, (int)(fr_puzzle_class(&p) % FR_PUZZLE_FOLDS));
        counts[fold]++;
    }
    for (int f = 0; f < FR_PUZZLE_FOLDS; f++)
        assert_in_range(counts[f], 9000, 11000);
    /* A trained organism depends on these: a change of the class is a new organism. */
    struct fr_puzzle p = {.n_blocks = 4, .init = {-1, 0, 1, 2}, .goal = {1, 2, 3, -1}};
    assert_int_equal(fr_puzzle_class(&p), UINT64_C(0xe8395ad20b45265d));
}

static void a_puzzle_becomes_a_problem_in_planbench_s_fact_order(void **state) {
    (void)state;
    struct fr_domain domain;
    struct fr_problem problem;
    struct fr_text text = {0};
    load_blocksworld(&domain);
    /* a and d on the table, b on c on the table; goal c on b on a. */
    const struct fr_puzzle p = {.n_blocks = 4, .init = {-1, 2, -1, -1}, .goal = {-1, 0, 1, -1}};
    fr_puzzle_problem(&p, &domain, "bw", &problem);
    fr_problem_render(&problem, &text);
    assert_string_equal(fr_text_get(&text),
                        "(define (problem bw)\n(:domain blocksworld-4ops)\n(:objects a b c d)\n"
                        "(:init\n(handempty)\n(ontable a)\n(on b c)\n(ontable c)\n(ontable d)\n"
                        "(clear a)\n(clear b)\n(clear d)\n)\n"
                        "(:goal\n(and\n(on b a)\n(on c b)\n)))\n");
    fr_text_release(&text);
    fr_problem_release(&problem);
    fr_domain_release(&domain);
}

/* Nothing else has a table, a hand and towers under these words. */
static void puzzles_are_of_blocksworld_alone(void **state) {
    (void)state;
    struct fr_domain domain;
    struct fr_error err;
    load_blocksworld(&domain);
    assert_true(fr_puzzle_is_of(&domain));
    fr_domain_release(&domain);
    assert_ok(fr_domain_load(&domain, fr_test_path("data/domains/logistics.pddl"), &err), err);
    assert_false(fr_puzzle_is_of(&domain));
    fr_domain_release(&domain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_73_states_of_four_blocks_are_equally_likely),
        cmocka_unit_test(the_501_states_of_five_blocks_are_equally_likely),
        cmocka_unit_test(small_numbers_of_blocks_have_1_3_and_13_states),
        cmocka_unit_test(random_puzzles_have_goals_that_do_not_hold_yet),
        cmocka_unit_test(renaming_the_blocks_keeps_the_class),
        cmocka_unit_test(classes_are_exactly_the_orbits_of_renaming),
        cmocka_unit_test(a_puzzle_becomes_a_problem_in_planbench_s_fact_order),
        cmocka_unit_test(puzzles_are_of_blocksworld_alone),
        cmocka_unit_test(folds_are_stable_and_share_puzzles_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
