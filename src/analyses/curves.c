/* Curves of namings, and what of a curve's rise a control takes away or has by itself (method.md 4,
 * "Sanity of a rising curve").
 *
 * Two means of the same thing agree the less the fewer mentions are behind them: a curve whose
 * cells fill up rises by that alone. How much they can agree is measured by two halves of the
 * puzzles, and taken out by division (Spearman's correction for attenuation). That holds for noises
 * that are independent, which those of two namings on the same puzzles are not: they share the
 * text. So what is corrected is a half against the other half's references. The ceiling is of the
 * mean over namings, since one naming's cosine of halves may be near 0 by chance. The noise of the
 * reference is the same at every time and cannot make a curve rise; it stays. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "base/memory.h"

enum { STREAM_CURVE = 3, STREAM_RISE = 4 };

void fr_curves_init(struct fr_curves *curves, int n_times, int n_namings, bool halves) {
    const size_t n = (size_t)n_times * (size_t)n_namings;
    *curves = (struct fr_curves){.n_times = n_times, .n_namings = n_namings};
    curves->values = fr_alloc(n, sizeof *curves->values);
    if (halves)
        curves->halves = fr_alloc(n, sizeof *curves->halves);
    for (size_t i = 0; i < n; i++) {
        curves->values[i] = NAN;
        if (halves)
            curves->halves[i] = NAN;
    }
}

void fr_curves_release(struct fr_curves *curves) {
    free(curves->values);
    free(curves->halves);
    *curves = (struct fr_curves){0};
}

void fr_curves_take(const struct fr_similarity *s, int layer, enum fr_concept_kind kind,
                    int n_times, struct fr_curves *out) {
    fr_curves_init(out, n_times, s->n_used, false);
    for (int i = 0; i < s->n; i++) {
        const struct fr_similarity_row *row = &s->rows[i];
        if (row->layer == layer && row->leave_one_out && row->same && row->kind == kind)
            memcpy(out->values + (size_t)row->time * (size_t)s->n_used,
                   s->values + (size_t)i * (size_t)s->n_used,
                   (size_t)s->n_used * sizeof *s->values);
    }
}

static double cosine(const float *x, const float *y, int width) {
    double xy = 0, xx = 0, yy = 0;
    for (int d = 0; d < width; d++) {
        xy += (double)x[d] * (double)y[d];
        xx += (double)x[d] * (double)x[d];
        yy += (double)y[d] * (double)y[d];
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

void fr_halves_run(const struct fr_reps *a, const struct fr_reps *b, const bool *use, int l,
                   enum fr_concept_kind kind, double *out) {
    FR_ASSERT(a->n_namings == b->n_namings && a->n_concepts == b->n_concepts &&
              a->n_times == b->n_times && a->width == b->width);
    for (int t = 0; t < a->n_times; t++)
        for (int i = 0; i < a->n_namings; i++) {
            double sum = 0;
            int n = 0;
            if (use != NULL && !use[i])
                continue;
            for (int c = 0; c < a->n_concepts; c++) {
                if (a->concepts->kinds[c] != kind || !fr_reps_has(a, i, c, t) ||
                    !fr_reps_has(b, i, c, t))
                    continue;
                const double x =
                    cosine(fr_reps_at(a, i, c, l, t), fr_reps_at(b, i, c, l, t), a->width);
                sum += isnan(x) ? 0 : x;
                n += !isnan(x);
            }
            *out++ = n > 0 ? sum / n : NAN;
        }
}

void fr_curves_cross(const struct fr_reps *a, const struct fr_reps *b, const bool *use,
                     enum fr_concept_kind kind, int reference_time, struct fr_curves *out) {
    const struct fr_reps *ways[2][2] = {{a, b}, {b, a}};
    struct fr_curves curves[2];
    FR_ASSERT(a->n_layers == 1 && b->n_layers == 1);
    for (int k = 0; k < 2; k++) {
        struct fr_similarity similarity = {0};
        fr_similarity_run(&(struct fr_similarity_ask){.subjects = ways[k][0],
                                                      .references = ways[k][1],
                                                      .use = use,
                                                      .use_references = use,
                                                      .same_namings = true,
                                                      .reference_time = reference_time},
                          &similarity);
        fr_curves_take(&similarity, a->first_layer + 1, kind, a->n_times, &curves[k]);
        fr_similarity_release(&similarity);
    }
    fr_curves_init(out, curves[0].n_times, curves[0].n_namings, true);
    for (int i = 0; i < out->n_times * out->n_namings; i++)
        out->values[i] = (curves[0].values[i] + curves[1].values[i]) / 2;
    fr_halves_run(a, b, use, 0, kind, out->halves);
    fr_curves_release(&curves[0]);
    fr_curves_release(&curves[1]);
}

/* ---- estimates ------------------------------------------------------------------------------- */

/* Which namings a statistic is of; a resample names some several times. */
struct drawn {
    const int *namings;
    int n;
};

static double mean_of(const double *row, const struct drawn *drawn, int *n_out) {
    double sum = 0;
    int n = 0;
    for (int i = 0; i < drawn->n; i++)
        if (!isnan(row[drawn->namings[i]])) {
            sum += row[drawn->namings[i]];
            n++;
        }
    if (n_out != NULL)
        *n_out = n;
    return n > 0 ? sum / n : NAN;
}

static double ceiling_of(const struct fr_curves *curves, int time, const struct drawn *drawn) {
    const double c =
        mean_of(curves->halves + (size_t)time * (size_t)curves->n_namings, drawn, NULL);
    return c > 0 ? sqrt(c) : NAN;
}

static double value_of(const struct fr_curves *curves, int time, bool corrected,
                       const struct drawn *drawn) {
    const double mean =
        mean_of(curves->values + (size_t)time * (size_t)curves->n_namings, drawn, NULL);
    return corrected ? mean / ceiling_of(curves, time, drawn) : mean;
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* draws: without NaN, sorted in place. Where a tenth of the resamples has no value, those that have
 * one are a choice, and no interval. */
static void interval(double *draws, int n, int n_resamples, struct fr_estimate *out) {
    out->low = out->high = NAN;
    if (isnan(out->value) || out->n_namings < 2 || n == 0 || 10.0 * n < 9.0 * n_resamples)
        return;
    qsort(draws, (size_t)n, sizeof *draws, compare_doubles);
    out->low = gsl_stats_quantile_from_sorted_data(draws, 1, (size_t)n, 0.025);
    out->high = gsl_stats_quantile_from_sorted_data(draws, 1, (size_t)n, 0.975);
}

static void draw(struct fr_rng *rng, const struct drawn *from, int *to) {
    for (int i = 0; i < from->n; i++)
        to[i] = from->namings[fr_rng_below(rng, (uint32_t)from->n)];
}

/* All namings, whose places the caller frees. */
static struct drawn everyone(int n_namings, int **places) {
    *places = fr_alloc((size_t)n_namings, sizeof **places);
    for (int i = 0; i < n_namings; i++)
        (*places)[i] = i;
    return (struct drawn){*places, n_namings};
}

enum figure { PLAIN, CORRECTED, CEILING };

static double figure_of(const struct fr_curves *curves, int time, enum figure figure,
                        const struct drawn *drawn) {
    return figure == CEILING ? ceiling_of(curves, time, drawn)
                             : value_of(curves, time, figure == CORRECTED, drawn);
}

static struct fr_estimate estimate(const struct fr_curves *curves, int time, enum figure figure,
                                   int n_resamples, uint64_t seed) {
    struct fr_estimate out = {.low = NAN, .high = NAN};
    struct fr_rng rng;
    int *places, n_draws = 0;
    const struct drawn all = everyone(curves->n_namings, &places);
    int *resample = fr_alloc((size_t)all.n, sizeof *resample);
    double *draws = fr_alloc((size_t)n_resamples, sizeof *draws);
    const double *values = figure == CEILING ? curves->halves : curves->values;
    (void)mean_of(values + (size_t)time * (size_t)all.n, &all, &out.n_namings);
    out.value = figure_of(curves, time, figure, &all);
    fr_rng_seed(&rng, seed, STREAM_CURVE);
    for (int r = 0; r < n_resamples && all.n > 0; r++) {
        draw(&rng, &all, resample);
        const double x = figure_of(curves, time, figure, &(struct drawn){resample, all.n});
        if (!isnan(x))
            draws[n_draws++] = x;
    }
    interval(draws, n_draws, n_resamples, &out);
    free(draws);
    free(resample);
    free(places);
    return out;
}

struct fr_estimate fr_curve_at(const struct fr_curves *curves, int time, bool corrected,
                               int n_resamples, uint64_t seed) {
    return estimate(curves, time, corrected ? CORRECTED : PLAIN, n_resamples, seed);
}

struct fr_estimate fr_curve_ceiling(const struct fr_curves *curves, int time, int n_resamples,
                                    uint64_t seed) {
    FR_ASSERT(curves->halves != NULL);
    return estimate(curves, time, CEILING, n_resamples, seed);
}

/* ---- rises ----------------------------------------------------------------------------------- */

static bool has(const struct fr_curves *curves, int time, int naming) {
    return !isnan(curves->values[(size_t)time * (size_t)curves->n_namings + (size_t)naming]);
}

/* The namings that have values in both curves at both times. */
static int compared(const struct fr_curves *a, const struct fr_curves *b, int first, int last,
                    int *namings) {
    int n = 0;
    for (int i = 0; i < a->n_namings; i++)
        if (has(a, first, i) && has(a, last, i) && has(b, first, i) && has(b, last, i))
            namings[n++] = i;
    return n;
}

/* A curve's two values that its rise is between. */
struct ends {
    double first, last;
};

static struct ends ends_of(const struct fr_curves *curves, bool corrected,
                           const struct fr_rise *rise, const struct drawn *drawn) {
    return (struct ends){value_of(curves, rise->first, corrected, drawn),
                         value_of(curves, rise->last, corrected, drawn)};
}

static double relative(struct ends ends) {
    return ends.last > 0 ? 1 - ends.first / ends.last : NAN;
}

static double explained(struct ends plain, struct ends control, enum fr_control_role role) {
    const double rise = plain.last - plain.first;
    const double left = control.last - control.first;
    if (!(rise > 0))
        return NAN;
    switch (role) {
    case FR_CONTROL_IMITATES:
        return left / rise;
    case FR_CONTROL_CORRECTS:
        return 1 - left / rise;
    default:
        return 1 - relative(control) / relative(plain);
    }
}

void fr_rise_compare(const struct fr_curves *plain, const struct fr_curves *control,
                     enum fr_control_role role, int last, int n_resamples, uint64_t seed,
                     struct fr_rise *out) {
    static const struct fr_estimate none = {NAN, NAN, NAN, 0};
    const bool corrected = role == FR_CONTROL_CORRECTS;
    FR_ASSERT(plain->n_times == control->n_times && plain->n_namings == control->n_namings);
    *out = (struct fr_rise){.first = -1,
                            .last = last,
                            .plain = none,
                            .control = none,
                            .explained = none};
    int *namings = fr_alloc((size_t)plain->n_namings, sizeof *namings), n = 0;
    for (int t = 0; t < last && out->first < 0; t++) {
        n = compared(plain, control, t, last, namings);
        if (n >= 2 && 2 * n >= plain->n_namings)
            out->first = t;
    }
    if (out->first < 0) {
        free(namings);
        return;
    }
    enum { N = 3 };
    struct fr_estimate *to[N] = {&out->plain, &out->control, &out->explained};
    int *resample = fr_alloc((size_t)n, sizeof *resample), n_draws[N] = {0};
    double *draws = fr_alloc((size_t)N * (size_t)n_resamples, sizeof *draws);
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, STREAM_RISE);
    for (int r = -1; r < n_resamples; r++) { /* -1: all of them once */
        const struct drawn all = {namings, n}, some = {r < 0 ? namings : resample, n};
        if (r >= 0)
            draw(&rng, &all, resample);
        const struct ends a = ends_of(plain, false, out, &some);
        const struct ends b = ends_of(control, corrected, out, &some);
        const double x[N] = {a.last - a.first, b.last - b.first, explained(a, b, role)};
        for (int k = 0; k < N; k++)
            if (r < 0)
                *to[k] = (struct fr_estimate){x[k], NAN, NAN, n};
            else if (!isnan(x[k]))
                draws[k * n_resamples + n_draws[k]++] = x[k];
    }
    for (int k = 0; k < N; k++)
        interval(draws + (size_t)k * (size_t)n_resamples, n_draws[k], n_resamples, to[k]);
    if (!(out->plain.low > 0))
        out->explained = none;
    free(draws);
    free(resample);
    free(namings);
}
