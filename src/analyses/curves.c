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
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "base/memory.h"
#include "statistics/statistics.h"

/* n cells without a value. */
static double *cells(size_t n) {
    double *values = fr_alloc(n, sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = NAN;
    return values;
}

void fr_curves_init(struct fr_curves *curves, int n_times, int n_namings) {
    const size_t n = (size_t)n_times * (size_t)n_namings;
    *curves = (struct fr_curves){.n_times = n_times,
                                 .n_namings = n_namings,
                                 .values = cells(n),
                                 .without = cells(n * (size_t)n_namings)};
}

void fr_curves_release(struct fr_curves *curves) {
    free(curves->values);
    free(curves->without);
    free(curves->halves);
    *curves = (struct fr_curves){0};
}

void fr_curves_take(const struct fr_similarity *s, int layer, enum fr_concept_kind kind,
                    int n_times, struct fr_curves *out) {
    const size_t n = (size_t)s->n_used;
    fr_curves_init(out, n_times, s->n_used);
    for (int i = 0; i < s->n; i++) {
        const struct fr_similarity_row *row = &s->rows[i];
        if (row->layer != layer || !row->leave_one_out || !row->same || row->kind != kind)
            continue;
        const size_t time = (size_t)row->time;
        memcpy(out->values + time * n, s->values + (size_t)i * n, n * sizeof *s->values);
        memcpy(out->without + time * n * n, s->without + (size_t)i * n * n,
               n * n * sizeof *s->without);
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
                                                      .reference_time = reference_time},
                          &similarity);
        fr_curves_take(&similarity, a->first_layer + 1, kind, a->n_times, &curves[k]);
        fr_similarity_release(&similarity);
    }
    fr_curves_init(out, curves[0].n_times, curves[0].n_namings);
    const int n = out->n_times * out->n_namings;
    for (int i = 0; i < n; i++)
        out->values[i] = (curves[0].values[i] + curves[1].values[i]) / 2;
    for (int i = 0; i < n * out->n_namings; i++)
        out->without[i] = (curves[0].without[i] + curves[1].without[i]) / 2;
    out->halves = cells((size_t)n);
    fr_halves_run(a, b, use, 0, kind, out->halves);
    fr_curves_release(&curves[0]);
    fr_curves_release(&curves[1]);
}

/* ---- estimates ------------------------------------------------------------------------------- */

/* Whom a statistic is of: some namings, or all, but for one. */
struct who {
    const int *namings; /* NULL: 0 .. n-1 */
    int n, without;     /* -1: nobody */
};

static const struct who everyone = {.n = -1, .without = -1};

/* Mean over them of a row [N] of a time, or of the row without one. */
static double mean_of(const double *values, const double *without, size_t time, int n_namings,
                      const struct who *who) {
    const size_t n = (size_t)n_namings;
    const double *row = values + time * n;
    double sum = 0;
    int count = 0;
    if (without != NULL && who->without >= 0)
        row = without + (time * n + (size_t)who->without) * n;
    for (int i = 0; i < (who->n < 0 ? n_namings : who->n); i++) {
        const int naming = who->namings != NULL ? who->namings[i] : i;
        if (naming == who->without || isnan(row[naming]))
            continue;
        sum += row[naming];
        count++;
    }
    return count > 0 ? sum / count : NAN;
}

static double ceiling_of(const struct fr_curves *curves, int time, const struct who *who) {
    const double c = mean_of(curves->halves, NULL, (size_t)time, curves->n_namings, who);
    return c > 0 ? sqrt(c) : NAN;
}

static double value_of(const struct fr_curves *curves, int time, bool corrected,
                       const struct who *who) {
    const double mean =
        mean_of(curves->values, curves->without, (size_t)time, curves->n_namings, who);
    return corrected ? mean / ceiling_of(curves, time, who) : mean;
}

static void bound(const double *without, int n, struct fr_estimate *out) {
    fr_jackknife(out->value, without, n, out->n_namings, 0.95, &out->standard_error, &out->low,
                 &out->high);
}

struct fr_estimate fr_estimate_mean(const double *values, const double *without, int n) {
    struct fr_estimate out = {0};
    double *replicates = fr_alloc((size_t)n, sizeof *replicates);
    int n_replicates = 0;
    for (int i = 0; i < n; i++)
        out.n_namings += !isnan(values[i]);
    out.value = mean_of(values, without, 0, n, &everyone);
    for (int k = 0; k < n; k++)
        if (without != NULL || !isnan(values[k])) /* else it says nothing, of itself or of others */
            replicates[n_replicates++] =
                mean_of(values, without, 0, n, &(struct who){.n = -1, .without = k});
    bound(replicates, n_replicates, &out);
    free(replicates);
    return out;
}

enum figure { PLAIN, CORRECTED, CEILING };

static double figure_of(const struct fr_curves *curves, int time, enum figure figure,
                        const struct who *who) {
    return figure == CEILING ? ceiling_of(curves, time, who)
                             : value_of(curves, time, figure == CORRECTED, who);
}

static struct fr_estimate estimate(const struct fr_curves *curves, int time, enum figure figure) {
    const int n = curves->n_namings;
    const double *values =
        (figure == CEILING ? curves->halves : curves->values) + (size_t)time * (size_t)n;
    struct fr_estimate out = {.value = figure_of(curves, time, figure, &everyone)};
    double *replicates = fr_alloc((size_t)n, sizeof *replicates);
    for (int k = 0; k < n; k++) {
        out.n_namings += !isnan(values[k]);
        replicates[k] = figure_of(curves, time, figure, &(struct who){.n = -1, .without = k});
    }
    bound(replicates, n, &out);
    free(replicates);
    return out;
}

struct fr_estimate fr_curve_at(const struct fr_curves *curves, int time, bool corrected) {
    return estimate(curves, time, corrected ? CORRECTED : PLAIN);
}

struct fr_estimate fr_curve_ceiling(const struct fr_curves *curves, int time) {
    FR_ASSERT(curves->halves != NULL);
    return estimate(curves, time, CEILING);
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
                           const struct fr_rise *rise, const struct who *who) {
    return (struct ends){value_of(curves, rise->first, corrected, who),
                         value_of(curves, rise->last, corrected, who)};
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

enum { N_RISES = 3 }; /* plain, of the control, explained */

int fr_rise_end(const int *times, int n_times, int reference, int window_tokens) {
    int apart = -1, at = -1;
    for (int t = 0; t < n_times && times[t] <= reference; t++) {
        at = t;
        if (times[t] <= reference - window_tokens)
            apart = t;
    }
    return apart > 0 ? apart : at;
}

static void rises_of(const struct fr_curves *plain, const struct fr_curves *control,
                     enum fr_control_role role, const struct fr_rise *rise, const struct who *who,
                     double *out) {
    const struct ends a = ends_of(plain, false, rise, who);
    const struct ends b = ends_of(control, role == FR_CONTROL_CORRECTS, rise, who);
    out[0] = a.last - a.first;
    out[1] = b.last - b.first;
    out[2] = explained(a, b, role);
}

void fr_rise_compare(const struct fr_curves *plain, const struct fr_curves *control,
                     enum fr_control_role role, int last, struct fr_rise *out) {
    static const struct fr_estimate none = {NAN, NAN, NAN, 0, NAN};
    FR_ASSERT(plain->n_times == control->n_times && plain->n_namings == control->n_namings);
    *out = (struct fr_rise){.first = -1,
                            .last = last,
                            .plain = none,
                            .control = none,
                            .from = NAN,
                            .to = NAN,
                            .explained = none};
    const int n_all = plain->n_namings;
    int *namings = fr_alloc((size_t)n_all, sizeof *namings), n = 0;
    for (int t = 0; t < last && out->first < 0; t++) {
        n = compared(plain, control, t, last, namings);
        if (n >= 2 && 2 * n >= n_all)
            out->first = t;
    }
    if (out->first >= 0) {
        struct fr_estimate *to[N_RISES] = {&out->plain, &out->control, &out->explained};
        double values[N_RISES], *replicates = fr_alloc(N_RISES * (size_t)n_all, sizeof *replicates);
        struct who who = {namings, n, -1};
        rises_of(plain, control, role, out, &who, values);
        const struct ends ends = ends_of(control, role == FR_CONTROL_CORRECTS, out, &who);
        out->from = ends.first;
        out->to = ends.last;
        for (who.without = 0; who.without < n_all; who.without++) { /* references, all of them */
            double x[N_RISES];
            rises_of(plain, control, role, out, &who, x);
            for (int k = 0; k < N_RISES; k++)
                replicates[k * n_all + who.without] = x[k];
        }
        for (int k = 0; k < N_RISES; k++) {
            *to[k] = (struct fr_estimate){.value = values[k], .n_namings = n};
            bound(replicates + (size_t)k * (size_t)n_all, n_all, to[k]);
        }
        if (!(out->plain.low > 0))
            out->explained = none;
        free(replicates);
    }
    free(namings);
}
