/* What a design can find, by simulation: studies are drawn from binomials, each test is made of
 * each (method.md 6; the issue of the paper's small effects, paper/facts.md).
 *
 * Formulas were passed over: pairs are discrete and scarce, flips have a smallest p, accuracies end
 * at 0 and 1, and namings may spread; a simulation has all of that, and its formula is the code.
 * All effects are tried on the same random numbers, so that curves of power rise smoothly. */
#include "statistics/power.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "statistics/statistics.h"

enum { N_EFFECTS = 26, N_FLIPS = 4000 /* of more than 16 namings */ };

const char *const fr_power_test_name[FR_POWER_TEST_COUNT] = {
    [FR_POWER_T] = "t over namings",
    [FR_POWER_FLIPS] = "flips of namings",
    [FR_POWER_PAIRS] = "flips of pairs",
    [FR_POWER_MCNEMAR] = "McNemar",
};

/* One naming in one study: shares of the pairs that the edit gains and loses. Churn takes as many
 * as it gives, so it cannot be more than what is solved, or not solved. */
struct chances {
    double gain, loss;
};

static struct chances chances_of(double accuracy, double churn, double effect) {
    const double idle = fmin(churn / 2, fmin(accuracy, 1 - accuracy));
    return (struct chances){.gain = fmin(1 - accuracy, idle + fmax(effect, 0)),
                            .loss = fmin(accuracy, idle + fmax(-effect, 0))};
}

/* Draws a study's pairs: per naming how many were gained and lost. Returns its mean effect as it
 * was drawn from, ceilings included. */
static double draw(const struct fr_design *d, double effect, struct fr_rng *rng, int *gained,
                   int *lost) {
    double mean = 0;
    for (int i = 0; i < d->n_namings; i++) {
        const double own = effect + d->spread * fr_rng_normal(rng);
        const struct chances c = chances_of(d->accuracy[i], d->churn, own);
        gained[i] = lost[i] = 0;
        for (int k = 0; k < d->n_puzzles; k++) {
            const double u = fr_rng_uniform(rng); /* from both ends, so that more effect is more */
            gained[i] += u < c.gain;
            lost[i] += u >= 1 - c.loss;
        }
        mean += (c.gain - c.loss) / d->n_namings;
    }
    return mean;
}

/* Flips of pairs, where all namings have as many, are the one-sided exact test on all of them. */
static void test(const struct fr_design *d, const int *gained, const int *lost, struct fr_rng *rng,
                 double *effects, double p[FR_POWER_TEST_COUNT]) {
    int all_gained = 0, all_lost = 0;
    double most;
    for (int i = 0; i < d->n_namings; i++) {
        effects[i] = (double)(gained[i] - lost[i]) / d->n_puzzles;
        all_gained += gained[i];
        all_lost += lost[i];
    }
    const struct fr_mcnemar pairs = fr_mcnemar(all_gained, all_lost);
    p[FR_POWER_T] = fr_t_test(effects, d->n_namings).p_greater;
    fr_flip_test(effects, 1, d->n_namings, N_FLIPS, rng, &p[FR_POWER_FLIPS], &most);
    p[FR_POWER_PAIRS] = pairs.p_greater;
    p[FR_POWER_MCNEMAR] = all_gained > all_lost ? pairs.p_two_sided : 1;
}

void fr_power_simulate(const struct fr_design *d, double effect, const double *levels, int n_levels,
                       int n_studies, uint64_t seed, struct fr_power *out) {
    FR_ASSERT(d->n_namings > 0 && d->n_puzzles > 0 && n_levels <= FR_POWER_LEVELS);
    const size_t n = (size_t)d->n_namings;
    int *gained = fr_alloc(n, sizeof *gained), *lost = fr_alloc(n, sizeof *lost);
    double *effects = fr_alloc(n, sizeof *effects);
    int found[FR_POWER_TEST_COUNT][FR_POWER_LEVELS] = {{0}};
    *out = (struct fr_power){0};
    for (int s = 0; s < n_studies; s++) {
        struct fr_rng rng;
        double p[FR_POWER_TEST_COUNT];
        fr_rng_seed(&rng, seed, (uint64_t)s);
        out->effect += draw(d, effect, &rng, gained, lost) / n_studies;
        test(d, gained, lost, &rng, effects, p);
        for (int k = 0; k < FR_POWER_TEST_COUNT; k++)
            for (int l = 0; l < n_levels; l++)
                found[k][l] += p[k] <= levels[l];
    }
    for (int k = 0; k < FR_POWER_TEST_COUNT; k++)
        for (int l = 0; l < n_levels; l++)
            out->found[k][l] = (double)found[k][l] / n_studies;
    free(gained);
    free(lost);
    free(effects);
}

/* The standard error of the mean effect when there is none, and the effect that a t-test would find
 * with it; for the grid only. */
static double about(const struct fr_design *d) {
    double variance = d->spread * d->spread;
    for (int i = 0; i < d->n_namings; i++) {
        const struct chances c = chances_of(d->accuracy[i], d->churn, 0);
        variance += fmax(c.gain + c.loss, 1.0 / d->n_puzzles) / d->n_puzzles / d->n_namings;
    }
    const double error = sqrt(variance / d->n_namings);
    const double found = fr_minimal_detectable_effect(error, d->n_namings, 0.05, 0.8);
    return isnan(found) ? 2.5 * error : found;
}

void fr_power_detectable(const struct fr_design *d, double power, const double *levels,
                         int n_levels, int n_studies, uint64_t seed,
                         double detectable[FR_POWER_TEST_COUNT][FR_POWER_LEVELS]) {
    struct fr_power before = {0}, now;
    for (int k = 0; k < FR_POWER_TEST_COUNT; k++)
        for (int l = 0; l < FR_POWER_LEVELS; l++)
            detectable[k][l] = NAN;
    double effect = about(d) / 4;
    for (int e = 0; e < N_EFFECTS; e++, effect *= 1.2) {
        fr_power_simulate(d, fmin(effect, 1), levels, n_levels, n_studies, seed, &now);
        bool all = true;
        for (int k = 0; k < FR_POWER_TEST_COUNT; k++)
            for (int l = 0; l < n_levels; l++) {
                const double low = before.found[k][l], high = now.found[k][l];
                if (isnan(detectable[k][l]) && high >= power)
                    detectable[k][l] = high > low
                                           ? before.effect + (now.effect - before.effect) *
                                                                 fmax(0, power - low) / (high - low)
                                           : now.effect;
                all = all && !isnan(detectable[k][l]);
            }
        before = now;
        if (all || effect >= 1)
            return;
    }
}
