/* Do the tests of a table of effects keep their promises? Null studies, of which each test should
 * reject 5%, and studies with an effect that fluidrep power says is found 80% of the time. The
 * output stands in bench/RESULTS.md:
 *
 *     cmake --build build --target bench_calibration && build/bench_calibration
 *
 * Verdicts are drawn here, from a model of their own and not from statistics/power.c: a puzzle has
 * a difficulty, the baseline and every condition solve it or not, and conditions share what they do
 * to it, as neighbouring layers do. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statistics/power.h"
#include "statistics/statistics.h"

enum {
    MAX_NAMINGS = 20,
    MAX_PUZZLES = 100,
    CONDITIONS = 8,
    STUDIES = 2000,
    FLIPS = 999,
    RESAMPLES = 400
};

static const struct world {
    const char *name;
    int n_namings, n_puzzles;
    double low, high; /* accuracy of the first and the last naming */
    double churn;     /* share of pairs whose verdict changes */
    double spread;    /* of single namings' own effects */
    double shared;    /* how often a condition does to a puzzle what the first one does */
} worlds[] = {
    {"14 namings of 100, as the paper", 14, 100, 0.05, 0.48, 0.1, 0, 0.8},
    {"the same, vectors shared: namings spread by 5 points", 14, 100, 0.15, 0.58, 0.1, 0.05, 0.8},
    {"the same, spread by 10 points", 14, 100, 0.3, 0.6, 0.1, 0.1, 0.8},
    {"8 namings of 12", 8, 12, 0.3, 0.7, 0.2, 0, 0.5},
    {"20 namings of 40", 20, 40, 0.2, 0.8, 0.15, 0, 0.5},
};

enum rate { T_TEST, FLIP, PAIRS, MCNEMAR, INTERVAL, HOLM, MOST, N_RATES };
static const char *const rate_names[N_RATES] = {"t",
                                                "flips of namings",
                                                "flips of pairs",
                                                "McNemar",
                                                "interval without 0",
                                                "family: Holm",
                                                "family: max"};

static uint8_t before[MAX_NAMINGS][MAX_PUZZLES], after[CONDITIONS][MAX_NAMINGS][MAX_PUZZLES];

static double accuracy_of(const struct world *w, int i) {
    return w->low + (w->high - w->low) * i / fmax(1, w->n_namings - 1);
}

/* One study: conditions beyond the first often do what the first does. */
static void draw(const struct world *w, double effect, struct fr_rng *rng) {
    for (int i = 0; i < w->n_namings; i++) {
        const double accuracy = accuracy_of(w, i),
                     idle = fmin(w->churn / 2, fmin(accuracy, 1 - accuracy));
        const double first = fr_rng_normal(rng);
        for (int c = 0; c < CONDITIONS; c++) {
            const double own =
                c == 0 ? first : sqrt(w->shared) * first + sqrt(1 - w->shared) * fr_rng_normal(rng);
            const double shift = effect + w->spread * own;
            const double gain = fmin(1 - accuracy, idle + fmax(0, shift)) / (1 - accuracy),
                         loss = fmin(accuracy, idle + fmax(0, -shift)) / accuracy;
            for (int k = 0; k < w->n_puzzles; k++) {
                if (c == 0)
                    before[i][k] = fr_rng_uniform(rng) < accuracy;
                const double u = fr_rng_uniform(rng);
                const bool copies = c > 0 && w->spread == 0 && fr_rng_uniform(rng) < w->shared;
                after[c][i][k] = copies ? after[0][i][k] : before[i][k] ? u >= loss : u < gain;
            }
        }
    }
}

static void test(const struct world *w, bool families, struct fr_rng *rng, bool rejects[N_RATES]) {
    double x[CONDITIONS][MAX_NAMINGS], flat[CONDITIONS * MAX_NAMINGS], alone[CONDITIONS],
        most[CONDITIONS], p[CONDITIONS], holm[CONDITIONS], low, high;
    const uint8_t *b[MAX_NAMINGS], *a[MAX_NAMINGS];
    int sizes[MAX_NAMINGS], gained = 0, lost = 0;
    const int n_conditions = families ? CONDITIONS : 1;
    for (int i = 0; i < w->n_namings; i++) {
        sizes[i] = w->n_puzzles;
        b[i] = before[i];
        a[i] = after[0][i];
        for (int c = 0; c < n_conditions; c++) {
            int sum = 0;
            for (int k = 0; k < w->n_puzzles; k++) {
                sum += after[c][i][k] - before[i][k];
                gained += c == 0 && after[c][i][k] > before[i][k];
                lost += c == 0 && after[c][i][k] < before[i][k];
            }
            x[c][i] = (double)sum / w->n_puzzles;
            flat[c * w->n_namings + i] = x[c][i];
        }
    }
    const struct fr_paired pairs = {w->n_namings, sizes, b, a};
    for (int c = 0; c < n_conditions; c++)
        p[c] = fr_t_test(x[c], w->n_namings).p_greater;
    fr_holm(p, n_conditions, holm);
    fr_flip_test(flat, n_conditions, w->n_namings, FLIPS, rng, alone, most);
    rejects[T_TEST] = p[0] <= 0.05;
    rejects[FLIP] = alone[0] <= 0.05;
    rejects[PAIRS] = fr_permutation_test(&pairs, FLIPS, rng) <= 0.05;
    rejects[MCNEMAR] = fr_mcnemar(gained, lost).p_two_sided <= 0.05;
    rejects[INTERVAL] = false;
    rejects[HOLM] = rejects[MOST] = false;
    if (!families)
        return;
    fr_bootstrap_paired(&pairs, RESAMPLES, 0.95, rng, &low, &high);
    rejects[INTERVAL] = low > 0 || high < 0;
    for (int c = 0; c < n_conditions; c++) {
        rejects[HOLM] = rejects[HOLM] || holm[c] <= 0.05;
        rejects[MOST] = rejects[MOST] || most[c] <= 0.05;
    }
}

static void rates(const struct world *w, double effect, bool families, int n_studies,
                  double out[N_RATES]) {
    int counts[N_RATES] = {0};
    for (int s = 0; s < n_studies; s++) {
        struct fr_rng rng;
        bool rejects[N_RATES];
        fr_rng_seed(&rng, fr_mix64(2026, fr_hash_text(w->name)), (uint64_t)s);
        draw(w, effect, &rng);
        test(w, families, &rng, rejects);
        for (int r = 0; r < N_RATES; r++)
            counts[r] += rejects[r];
    }
    for (int r = 0; r < N_RATES; r++)
        out[r] = (double)counts[r] / n_studies;
}

int main(int argc, char **argv) {
    char *end = NULL;
    const long asked = argc > 1 ? strtol(argv[1], &end, 10) : STUDIES;
    const int n_studies = (int)asked;
    if (asked < 1 || asked > 10000000 || (end != NULL && *end != '\0')) {
        (void)fprintf(stderr, "usage: bench_calibration [STUDIES]\n");
        return 2;
    }
    (void)
        printf("Rejected of %d null studies, %% (5 is promised; standard error %.1f):\n\n| study |",
               n_studies, 100 * sqrt(0.05 * 0.95 / n_studies));
    for (int r = 0; r < N_RATES; r++)
        (void)printf(" %s |", rate_names[r]);
    (void)printf("\n| --- |%s\n", " ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        double found[N_RATES];
        rates(&worlds[i], 0, true, n_studies, found);
        (void)printf("| %s |", worlds[i].name);
        for (int r = 0; r < N_RATES; r++)
            (void)printf(" %.1f |", 100 * found[r]);
        (void)printf("\n");
        (void)fflush(stdout);
    }
    (void)printf("\nFound of %d studies with the effect that `fluidrep power` calls found 80%% of "
                 "the time by the "
                 "test, %%; in brackets the effect in points:\n\n| study |",
                 n_studies);
    for (int k = 0; k < FR_POWER_TEST_COUNT; k++)
        (void)printf(" %s |", fr_power_test_name[k]);
    (void)printf("\n| --- | ---: | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        const struct world *w = &worlds[i];
        const double level = 0.05;
        double accuracy[MAX_NAMINGS], detectable[FR_POWER_TEST_COUNT][FR_POWER_LEVELS];
        for (int k = 0; k < w->n_namings; k++)
            accuracy[k] = accuracy_of(w, k);
        const struct fr_design design = {w->n_namings, w->n_puzzles, accuracy, w->churn, w->spread};
        fr_power_detectable(&design, 0.8, &level, 1, n_studies, 7, detectable);
        (void)printf("| %s |", w->name);
        for (int k = 0; k < FR_POWER_TEST_COUNT; k++) {
            double found[N_RATES];
            rates(w, detectable[k][0], false, n_studies, found);
            (void)printf(" %.1f (%.2f) |", 100 * found[k], 100 * detectable[k][0]);
        }
        (void)printf("\n");
        (void)fflush(stdout);
    }
    return 0;
}
