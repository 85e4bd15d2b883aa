/* The public statistics on statistics/. */
#include <fluidrep/statistics.h>
#include <limits.h>
#include <stdlib.h>

#include "base/memory.h"
#include "library/internal.h"
#include "statistics/statistics.h"

static void set(double *out, double value) {
    if (out != NULL)
        *out = value;
}

void fluidrep_t_test(const double *x, int n, int *n_used, double *mean, double *standard_error,
                     double *t, double *p_greater, double *p_two_sided) {
    const struct fr_t_test test = fr_t_test(x, x != NULL && n > 0 ? n : 0);
    if (n_used != NULL)
        *n_used = test.n;
    set(mean, test.mean);
    set(standard_error, test.standard_error);
    set(t, test.t);
    set(p_greater, test.p_greater);
    set(p_two_sided, test.p_two_sided);
}

int fluidrep_wilson(int k, int n, double confidence, double *low, double *high) {
    double bounds[2];
    if (k < 0 || n < k || !(confidence > 0.0 && confidence < 1.0))
        return fr_fail(fr_library_error(), FR_E_INPUT, "%d of %d at confidence %g", k, n,
                       confidence);
    fr_wilson(k, n, confidence, &bounds[0], &bounds[1]);
    set(low, bounds[0]);
    set(high, bounds[1]);
    return FR_OK;
}

int fluidrep_mcnemar(int gained, int lost, double *p_two_sided, double *p_greater) {
    if (gained < 0 || lost < 0 || gained > INT_MAX - lost)
        return fr_fail(fr_library_error(), FR_E_INPUT, "%d gained, %d lost", gained, lost);
    const struct fr_mcnemar test = fr_mcnemar(gained, lost);
    set(p_two_sided, test.p_two_sided);
    set(p_greater, test.p_greater);
    return FR_OK;
}

struct holm_call {
    const double *p;
    int n;
    double *adjusted;
};

static int holm_body(void *arg) {
    const struct holm_call *call = arg;
    fr_holm(call->p, call->n, call->adjusted);
    return FR_OK;
}

int fluidrep_holm(const double *p, int n, double *adjusted) {
    if (n < 0 || (n > 0 && (p == NULL || adjusted == NULL)))
        return fr_fail(fr_library_error(), FR_E_INPUT, "a family of %d tests", n);
    return fr_library_call(holm_body, &(struct holm_call){p, n, adjusted});
}

struct paired_call {
    const uint8_t *before, *after;
    const int *n_puzzles;
    int n_namings, resamples;
    double confidence;
    uint64_t seed;
    double effect, p, low, high;
};

static int paired_body(void *arg) {
    struct paired_call *call = arg;
    const size_t n = (size_t)call->n_namings;
    const uint8_t **before = fr_alloc(n, sizeof *before), **after = fr_alloc(n, sizeof *after);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        before[i] = call->before + at;
        after[i] = call->after + at;
        at += (size_t)call->n_puzzles[i];
    }
    const struct fr_paired pairs = {call->n_namings, call->n_puzzles, before, after};
    struct fr_rng rng;
    fr_rng_seed(&rng, call->seed, 0);
    call->effect = fr_paired_effect(&pairs);
    call->p = fr_permutation_test(&pairs, call->resamples, &rng);
    fr_bootstrap_paired(&pairs, call->resamples, call->confidence, &rng, &call->low, &call->high);
    free(before);
    free(after);
    return FR_OK;
}

int fluidrep_paired(const uint8_t *before, const uint8_t *after, const int *n_puzzles,
                    int n_namings, int resamples, double confidence, uint64_t seed, double *effect,
                    double *p, double *low, double *high) {
    struct paired_call call = {.before = before,
                               .after = after,
                               .n_puzzles = n_puzzles,
                               .n_namings = n_namings,
                               .resamples = resamples,
                               .confidence = confidence,
                               .seed = seed};
    struct fr_error *err = fr_library_error();
    if (n_namings < 0 || resamples < 1 || !(confidence > 0.0 && confidence < 1.0))
        return fr_fail(err, FR_E_INPUT, "%d namings, %d resamples, confidence %g", n_namings,
                       resamples, confidence);
    if (n_namings > 0 && (before == NULL || after == NULL || n_puzzles == NULL))
        return fr_fail(err, FR_E_INPUT, "an array is NULL");
    size_t at = 0;
    for (int i = 0; i < n_namings; i++) {
        if (n_puzzles[i] < 0)
            return fr_fail(err, FR_E_INPUT, "naming %d has %d puzzles", i, n_puzzles[i]);
        for (int k = 0; k < n_puzzles[i]; k++, at++)
            if (before[at] > 1 || after[at] > 1)
                return fr_fail(err, FR_E_INPUT, "outcome %zu is neither 0 nor 1", at);
    }
    const int code = fr_library_call(paired_body, &call);
    if (code != FR_OK)
        return code;
    set(effect, call.effect);
    set(p, call.p);
    set(low, call.low);
    set(high, call.high);
    return FR_OK;
}

struct flip_call {
    const double *effects;
    int n_conditions, n_namings, n_flips;
    uint64_t seed;
    double *p_alone, *p_max;
};

static int flip_body(void *arg) {
    const struct flip_call *call = arg;
    struct fr_rng rng;
    fr_rng_seed(&rng, call->seed, 0);
    fr_flip_test(call->effects, call->n_conditions, call->n_namings, call->n_flips, &rng,
                 call->p_alone, call->p_max);
    return FR_OK;
}

int fluidrep_flip_test(const double *effects, int n_conditions, int n_namings, int n_flips,
                       uint64_t seed, double *p_alone, double *p_max) {
    struct flip_call call = {effects, n_conditions, n_namings, n_flips, seed, p_alone, p_max};
    if (n_conditions < 0 || n_namings < 0 || n_flips < 1 ||
        (n_conditions > 0 && (effects == NULL || p_alone == NULL || p_max == NULL)))
        return fr_fail(fr_library_error(), FR_E_INPUT, "%d conditions in %d namings, %d flips",
                       n_conditions, n_namings, n_flips);
    return n_conditions == 0 ? FR_OK : fr_library_call(flip_body, &call);
}

int fluidrep_detectable_effect(double standard_error, int n, double level, double power,
                               double *effect) {
    if (!(level > 0.0 && level < 1.0) || !(power > 0.0 && power < 1.0))
        return fr_fail(fr_library_error(), FR_E_INPUT, "level %g, power %g", level, power);
    set(effect, fr_minimal_detectable_effect(standard_error, n, level, power));
    return FR_OK;
}
