/* Products in bfloat16 against sums in double precision of the rounded and of the unrounded
 * factors: every form, sizes at and beside the edges of tiles and blocks, rows longer than the
 * product needs. Skipped, in so many words, where the processor cannot compute them. */
#include "test.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "organism/bf16.h"

#define CHECK_PROCESSOR()                                                                          \
    do {                                                                                           \
        if (!fr_bf16_available()) {                                                                \
            print_message("no AVX512_BF16 here: products in bfloat16 are not tested\n");           \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

/* m, n, k: 1, primes, a tile is 12 x 32, blocks are 192, 1024 and 256. */
static const int sizes[][3] = {
    {1, 1, 1},     {1, 1, 2},      {1, 37, 3},    {13, 1, 257},   {12, 32, 256},
    {11, 31, 255}, {13, 33, 31},   {97, 101, 67}, {193, 37, 509}, {2, 1031, 17},
    {211, 16, 48}, {96, 1024, 32}, {96, 64, 96},  {7, 48, 1021},  {13, 1057, 300},
};
enum { N_SIZES = (int)(sizeof sizes / sizeof *sizes), N_FORMS = 3 };
static const struct {
    bool a_transposed, b_transposed;
    void (*gemm)(const struct fr_gemm *g);
} forms[N_FORMS] = {{false, false, fr_gemm_nn},
                    {false, true, fr_gemm_nt},
                    {true, false, fr_gemm_tn}};
static const float outside = -77; /* in c beyond the product's columns */

/* A product with its memory. Rows are longer than needed; what follows a factor's row is NaN, which
 * would spoil all that read it. */
struct product {
    struct fr_gemm g;
    float *a, *b, *c, *before;
    size_t c_size;
    int form;
};

static float *matrix(int rows, int cols, int ld, struct fr_rng *rng, bool integers) {
    float *x = fr_alloc((size_t)rows * (size_t)ld, sizeof *x);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < ld; j++) {
            const double number = integers ? (double)fr_rng_below(rng, 17) - 8 : fr_rng_normal(rng);
            x[(size_t)i * (size_t)ld + (size_t)j] = j < cols ? (float)number : NAN;
        }
    return x;
}

static struct product product_make(const int *size, int form, bool integers, uint64_t stream) {
    struct fr_rng rng;
    fr_rng_seed(&rng, 23, stream);
    const int m = size[0];
    const int n = size[1];
    const int k = size[2];
    const int a_cols = forms[form].a_transposed ? m : k;
    const int b_cols = forms[form].b_transposed ? k : n;
    struct product p = {.form = form};
    p.g = (struct fr_gemm){.m = m, .n = n, .k = k, .alpha = 1, .beta = 0};
    p.g.lda = a_cols + 3;
    p.g.ldb = b_cols + 5;
    p.g.ldc = n + 7;
    p.a = matrix(m + k - a_cols, a_cols, p.g.lda, &rng, integers);
    p.b = matrix(n + k - b_cols, b_cols, p.g.ldb, &rng, integers);
    p.c = matrix(m, n, p.g.ldc, &rng, integers);
    p.c_size = (size_t)m * (size_t)p.g.ldc;
    for (size_t i = 0; i < p.c_size; i++)
        if (i % (size_t)p.g.ldc >= (size_t)n)
            p.c[i] = outside;
    p.before = fr_alloc(p.c_size, sizeof *p.before);
    memcpy(p.before, p.c, p.c_size * sizeof *p.c);
    p.g.a = p.a;
    p.g.b = p.b;
    p.g.c = p.c;
    return p;
}

static void product_release(struct product *p) {
    free(p->a);
    free(p->b);
    free(p->c);
    free(p->before);
}

static void product_compute(struct product *p) {
    fr_gemm_precision_set(FR_GEMM_BF16);
    forms[p->form].gemm(&p->g);
    fr_gemm_precision_set(FR_GEMM_FULL);
}

/* The 8 significant bits nearest to x, ties to even: not by the processor's instruction. */
static double rounded(float x) {
    int exponent = 0;
    const double fraction = frexp((double)x, &exponent); /* in [0.5, 1) */
    return ldexp(nearbyint(ldexp(fraction, 8)), exponent - 8);
}

/* Entry (i, j) in double precision, and the sum of the sizes of its terms. */
static double entry(const struct product *p, int i, int j, bool round, double *size) {
    const struct fr_gemm *g = &p->g;
    double sum = 0;
    *size = 0;
    for (int q = 0; q < g->k; q++) {
        const size_t at_a = forms[p->form].a_transposed ? (size_t)q * (size_t)g->lda + (size_t)i
                                                        : (size_t)i * (size_t)g->lda + (size_t)q;
        const size_t at_b = forms[p->form].b_transposed ? (size_t)j * (size_t)g->ldb + (size_t)q
                                                        : (size_t)q * (size_t)g->ldb + (size_t)j;
        const double a = round ? rounded(g->a[at_a]) : (double)g->a[at_a];
        const double b = round ? rounded(g->b[at_b]) : (double)g->b[at_b];
        sum += a * b;
        *size += fabs(a * b);
    }
    const double before = (double)p->before[(size_t)i * (size_t)g->ldc + (size_t)j];
    const double kept = g->beta != 0 ? (double)g->beta * before : 0;
    *size = fabs((double)g->alpha) * *size + fabs(kept);
    return (double)g->alpha * sum + kept;
}

/* Every entry is within `share` of the sum of its terms' sizes; nothing else changed. */
static void assert_product(const struct product *p, bool round, double share) {
    for (int i = 0; i < p->g.m; i++)
        for (int j = 0; j < p->g.ldc; j++) {
            const float got = p->c[(size_t)i * (size_t)p->g.ldc + (size_t)j];
            double size = 0;
            if (j >= p->g.n) {
                assert_true(got == outside);
                continue;
            }
            const double want = entry(p, i, j, round, &size);
            if (!(fabs((double)got - want) <= share * size))
                fail_msg("form %d, %d x %d x %d: entry (%d, %d) is %.9g, should be %.9g", p->form,
                         p->g.m, p->g.n, p->g.k, i, j, (double)got, want);
        }
}

static void products_of_small_integers_are_exact_in_every_form_and_size(void **state) {
    (void)state;
    CHECK_PROCESSOR();
    for (int s = 0; s < N_SIZES; s++)
        for (int form = 0; form < N_FORMS; form++) {
            struct product p = product_make(sizes[s], form, true, (uint64_t)s);
            product_compute(&p);
            assert_product(&p, false, 0);
            product_release(&p);
        }
}

static void products_of_any_numbers_are_within_the_rounding_of_their_factors(void **state) {
    (void)state;
    CHECK_PROCESSOR();
    for (int s = 0; s < N_SIZES; s++)
        for (int form = 0; form < N_FORMS; form++) {
            struct product p = product_make(sizes[s], form, false, (uint64_t)s);
            product_compute(&p);
            assert_product(&p, false, 1.0 / 256); /* each factor within 2^-9 */
            product_release(&p);
        }
}

static void factors_are_rounded_to_nearest_and_sums_are_not(void **state) {
    (void)state;
    CHECK_PROCESSOR();
    for (int s = 0; s < N_SIZES; s++)
        for (int form = 0; form < N_FORMS; form++) {
            struct product p = product_make(sizes[s], form, false, (uint64_t)s);
            product_compute(&p);
            assert_product(&p, true, 1e-5);
            product_release(&p);
        }
}

static void product_is_scaled_and_added_to_what_was_there(void **state) {
    (void)state;
    CHECK_PROCESSOR();
    static const float factors[][2] = {{1, 1}, {0.5f, 1}, {-2, 0.25f}, {0.25f, -4}, {0, 2}};
    for (int f = 0; f < (int)(sizeof factors / sizeof *factors); f++)
        for (int s = 0; s < N_SIZES; s++)
            for (int form = 0; form < N_FORMS; form++) {
                struct product p = product_make(sizes[s], form, true, (uint64_t)s);
                p.g.alpha = factors[f][0];
                p.g.beta = factors[f][1];
                product_compute(&p);
                assert_product(&p, false, 0);
                product_release(&p);
            }
}

static void what_was_there_is_not_read_when_its_factor_is_zero(void **state) {
    (void)state;
    CHECK_PROCESSOR();
    struct product p = product_make((const int[3]){17, 40, 300}, 0, true, 1);
    for (int i = 0; i < p.g.m; i++)
        for (int j = 0; j < p.g.n; j++)
            p.c[i * p.g.ldc + j] = NAN;
    product_compute(&p);
    assert_product(&p, false, 0);
    product_release(&p);
}

static void product_does_not_depend_on_the_one_before(void **state) {
    (void)state;
    CHECK_PROCESSOR();
    struct product first = product_make((const int[3]){61, 77, 383}, 1, false, 1);
    struct product again = product_make((const int[3]){61, 77, 383}, 1, false, 1);
    struct product other = product_make((const int[3]){200, 300, 511}, 2, false, 2);
    product_compute(&first);
    product_compute(&other);
    product_compute(&again);
    assert_memory_equal(first.c, again.c, first.c_size * sizeof *first.c);
    product_release(&first);
    product_release(&again);
    product_release(&other);
}

static void products_are_in_full_precision_unless_asked_otherwise(void **state) {
    (void)state;
    for (int form = 0; form < N_FORMS; form++) {
        struct product p = product_make((const int[3]){23, 41, 130}, form, false, 3);
        forms[form].gemm(&p.g);
        assert_product(&p, false, 1e-6);
        product_release(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_of_small_integers_are_exact_in_every_form_and_size),
        cmocka_unit_test(products_of_any_numbers_are_within_the_rounding_of_their_factors),
        cmocka_unit_test(factors_are_rounded_to_nearest_and_sums_are_not),
        cmocka_unit_test(product_is_scaled_and_added_to_what_was_there),
        cmocka_unit_test(what_was_there_is_not_read_when_its_factor_is_zero),
        cmocka_unit_test(product_does_not_depend_on_the_one_before),
        cmocka_unit_test(products_are_in_full_precision_unless_asked_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
