/* What is left of the unedited run's accuracy (method.md 5: the paper's symbolic patching "keeps a
 * reasonable accuracy"): every condition beside the baseline of its prefix, whatever its effect is
 * measured against. A difference of points says nothing of it: -12 is little of 100 and all of 12.
 *
 * The share is a ratio of means over namings, not a mean of ratios, which a naming that solves
 * nothing has not. Bounds: hierarchical bootstrap, namings, then puzzles, both in a pair; of one
 * naming none, since they are to be of namings. So many resamples that the digits that are shown do
 * not depend on the seed; analyses.resamples is for representations, whose resamples cost more. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analysis.h"
#include "base/memory.h"
#include "base/rng.h"
#include "statistics/statistics.h"

static const double tail = 0.025;
enum { N_RESAMPLES = 20000 };

static const struct fr_result_table tables[] = {
    /* baseline, accuracy: means over namings, of the pairs; kept: accuracy / baseline. Bounds are
     * of n_resamples */
    {"kept", FR_OWNER_STATISTICS,
     "experiment TEXT NOT NULL, condition TEXT NOT NULL, n_namings INTEGER NOT NULL,"
     " n_pairs INTEGER NOT NULL, baseline REAL, accuracy REAL, low REAL, high REAL, kept REAL,"
     " kept_low REAL, kept_high REAL, n_resamples INTEGER NOT NULL,"
     " PRIMARY KEY (experiment, condition)"},
};

/* Pairs by naming: naming i has those from first[i] to before first[i + 1]. */
struct pairs {
    int n, capacity, n_namings, *first;
    struct pair {
        uint8_t before, after;
    } * items;
};

static int load(const struct fr_analysis_input *in, int64_t edit, int64_t baseline,
                struct pairs *out, struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < in->world->n_namings; i++) {
        struct fr_query *query;
        const int before = out->n;
        if (!in->use[i])
            continue;
        code = fr_query_open(&query, in->store, err,
                             "SELECT b.verdict = 'solved', a.verdict = 'solved' FROM run a"
                             " JOIN run b USING (puzzle, naming) JOIN puzzle p ON p.id = a.puzzle"
                             " WHERE a.edit = ? AND b.edit = ? AND a.naming = ?"
                             " ORDER BY p.position",
                             "iit", edit, baseline, in->world->namings[i].naming->id);
        if (code != FR_OK)
            break;
        while (fr_query_next(query)) {
            FR_RESERVE(out->items, out->n, out->capacity);
            out->items[out->n++] =
                (struct pair){fr_query_int(query, 0) != 0, fr_query_int(query, 1) != 0};
        }
        code = fr_query_close(query, err);
        if (out->n > before)
            out->first[++out->n_namings] = out->n;
    }
    return code;
}

/* Means over namings of the shares solved: of all pairs (rng NULL), or of a resample. */
static void solve(const struct pairs *p, struct fr_rng *rng, double *before, double *after) {
    *before = *after = 0;
    for (int i = 0; i < p->n_namings; i++) {
        const int k = rng != NULL ? (int)fr_rng_below(rng, (uint32_t)p->n_namings) : i;
        const int n = p->first[k + 1] - p->first[k];
        int n_before = 0, n_after = 0;
        for (int j = 0; j < n; j++) {
            const struct pair *pair =
                &p->items[p->first[k] + (rng != NULL ? (int)fr_rng_below(rng, (uint32_t)n) : j)];
            n_before += pair->before;
            n_after += pair->after;
        }
        *before += (double)n_before / n / p->n_namings;
        *after += (double)n_after / n / p->n_namings;
    }
}

static void bounds(double *draws, int n, double *low, double *high) {
    *low = *high = NAN;
    if (n == 0)
        return;
    fr_sort(draws, n);
    *low = draws[(int)floor(tail * (n - 1))];
    *high = draws[(int)ceil((1 - tail) * (n - 1))];
    if (*low == *high) /* all alike: it does not say how others would differ */
        *low = *high = NAN;
}

static int write_row(const struct fr_analysis_input *in, const char *experiment,
                     const char *condition, uint64_t stream, const struct pairs *p,
                     struct fr_error *err) {
    double before = NAN, after = NAN, low = NAN, high = NAN, kept_low = NAN, kept_high = NAN;
    double *shares = fr_alloc((size_t)N_RESAMPLES, sizeof *shares);
    double *kept = fr_alloc((size_t)N_RESAMPLES, sizeof *kept);
    struct fr_rng rng;
    fr_rng_seed(&rng, (uint64_t)in->world->config.seed, stream);
    if (p->n > 0) {
        int n_kept = 0;
        solve(p, NULL, &before, &after);
        for (int r = 0; p->n_namings >= 2 && r < N_RESAMPLES; r++) {
            double b;
            solve(p, &rng, &b, &shares[r]);
            if (b > 0)
                kept[n_kept++] = shares[r] / b;
        }
        bounds(shares, p->n_namings >= 2 ? N_RESAMPLES : 0, &low, &high);
        bounds(kept, n_kept, &kept_low, &kept_high);
    }
    free(shares);
    free(kept);
    return fr_store_run(in->store, err,
                        "INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        "ttiidddddddi", experiment, condition, (int64_t)p->n_namings, (int64_t)p->n,
                        before, after, low, high, before > 0 ? after / before : NAN, kept_low,
                        kept_high, (int64_t)N_RESAMPLES);
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    struct fr_query *query;
    int code =
        fr_query_open(&query, in->store, err,
                      "SELECT c.experiment, c.name, c.edit, b.id, e.definition FROM condition c"
                      " JOIN edit e ON e.id = c.edit JOIN edit b ON b.operation = 'none' AND"
                      " b.window_end = e.window_end AND coalesce(b.window_start, e.window_start) ="
                      " e.window_start WHERE c.role <> 'baseline' ORDER BY c.position",
                      "");
    if (code != FR_OK)
        return code;
    while (code == FR_OK && fr_query_next(query)) {
        struct pairs pairs = {.first =
                                  fr_alloc((size_t)in->world->n_namings + 1, sizeof *pairs.first)};
        code = load(in, fr_query_int(query, 2), fr_query_int(query, 3), &pairs, err);
        if (code == FR_OK)
            code = write_row(in, fr_query_text(query, 0), fr_query_text(query, 1),
                             fr_mix64(fr_hash_text("kept"), fr_hash_text(fr_query_text(query, 4))),
                             &pairs, err);
        free(pairs.first);
        free(pairs.items);
    }
    return fr_query_close_after(query, code, err);
}

const struct fr_analysis fr_analysis_kept = {
    .name = "kept",
    .need = FR_NEEDS_RUNS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
