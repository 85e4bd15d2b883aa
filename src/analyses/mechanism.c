/* How a concept is refined (method.md 4, "beyond: how"): what each layer's attention and MLP add to
 * the residual stream at its mentions, along the direction of refinement, by timestamp.
 *
 * The direction is other namings' alone, so that a naming's noise is not held against itself: with
 * its own part, <u, d> of pure noise would be the noise's own square. Only namings that have both
 * ends of the direction are in it, else it would hold how namings differ. Products are summed over
 * a kind's concepts before they are divided: a concept that is hardly refined would else be divided
 * by nearly nothing. Before the block is a difference, so that no other layer need be read.
 *
 * Rejected: one direction for all layers, along which the parts of all layers would add up to the
 * residual stream: the stream turns from layer to layer, and what an early layer does for its own
 * refinement would not be seen. And as controls the mean over different concepts, which centring
 * makes -same/(k - 1), and labels shuffled in what is projected but not in the directions: every
 * two namings are held against each other both ways, which agree, and such shuffles make them
 * independent and their spread too small by a third. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "base/memory.h"

enum { STREAM_LABELS = 7 };

const char *const fr_part_name[FR_PART_COUNT] = {
    [FR_PART_BEFORE] = "before",
    [FR_PART_ATTENTION] = "attention",
    [FR_PART_MLP] = "mlp",
    [FR_PART_AFTER] = "after",
};

struct run {
    const struct fr_mechanism_ask *ask;
    int n_times, width, n_used, *used; /* namings */
    int k, members[FR_MAX_CONCEPTS];   /* concepts of the kind */
    int first, n_ends;
    bool *ends;        /* [N in use]: at both ends of the direction */
    double *refined;   /* [N in use][k][D]: what a naming's r~ gains from Tfirst to Tref */
    double *squares;   /* [N in use]: <d, d>; 0: no direction */
    double *direction; /* [k][D]: of the naming at hand */
};

static size_t of_kind(const struct run *run) { return (size_t)run->k * (size_t)run->width; }

/* A kind is there as a whole or not at all. */
static bool has(const struct run *run, int u, int time) {
    const struct fr_mechanism_ask *ask = run->ask;
    const int naming = run->used[u];
    return fr_reps_has(ask->after, naming, run->members[0], time) &&
           fr_reps_has(ask->attention, naming, run->members[0], time) &&
           fr_reps_has(ask->mlp, naming, run->members[0], time);
}

/* Adds weight times what the part is or adds, of all concepts of the kind. */
static void add_part(const struct run *run, int part, int u, int time, double weight,
                     double *out /* [k][D] */) {
    const struct fr_mechanism_ask *ask = run->ask;
    for (int j = 0; j < run->k; j++, out += run->width) {
        const int naming = run->used[u], a = run->members[j];
        const float *after = fr_reps_at(ask->after, naming, a, ask->l, time);
        const float *attention = fr_reps_at(ask->attention, naming, a, ask->l, time);
        const float *mlp = fr_reps_at(ask->mlp, naming, a, ask->l, time);
        for (int d = 0; d < run->width; d++) {
            const double x[FR_PART_COUNT] = {(double)after[d] - (double)attention[d] -
                                                 (double)mlp[d],
                                             (double)attention[d], (double)mlp[d],
                                             (double)after[d]};
            out[d] += weight * x[part];
        }
    }
}

static double product(const double *x, const double *y, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

/* ---- the directions -------------------------------------------------------------------------- */

static int find_ends(struct run *run, int time) {
    int n = 0;
    for (int u = 0; u < run->n_used; u++) {
        run->ends[u] = has(run, u, time) && has(run, u, run->ask->reference_time);
        n += run->ends[u];
    }
    return n;
}

static void find_first(struct run *run) {
    run->first = -1;
    for (int t = 0; t < run->ask->reference_time && run->first < 0 && run->k > 0; t++) {
        run->n_ends = find_ends(run, t);
        if (run->n_ends >= 2 && 2 * run->n_ends >= run->n_used)
            run->first = t;
    }
}

static void add_rise(const struct run *run, int part, int u, double *out) {
    add_part(run, part, u, run->ask->reference_time, 1, out);
    add_part(run, part, u, run->first, -1, out);
}

/* d of a naming into run->direction. */
static void direct(struct run *run, int u) {
    const int n = run->n_ends - run->ends[u];
    memset(run->direction, 0, of_kind(run) * sizeof *run->direction);
    for (int m = 0; m < run->n_used; m++)
        for (size_t i = 0; i < of_kind(run) && m != u && run->ends[m]; i++)
            run->direction[i] += run->refined[(size_t)m * of_kind(run) + i] / n;
    run->squares[u] = product(run->direction, run->direction, of_kind(run));
}

/* ---- values ---------------------------------------------------------------------------------- */

/* [part][T + 1] curves of one time each, the last one the rise. */
static void fill_values(struct run *run, struct fr_curves *values) {
    double *x = fr_alloc(of_kind(run), sizeof *x);
    for (int u = 0; u < run->n_used; u++) {
        direct(run, u);
        for (int part = 0; part < FR_PART_COUNT && run->squares[u] > 0; part++) {
            struct fr_curves *of = values + part * (run->n_times + 1);
            for (int t = 0; t < run->n_times; t++) {
                if (!has(run, u, t))
                    continue;
                memset(x, 0, of_kind(run) * sizeof *x);
                add_part(run, part, u, t, 1, x);
                of[t].values[u] = product(x, run->direction, of_kind(run)) / run->squares[u];
            }
            of[run->n_times].values[u] =
                of[run->ask->reference_time].values[u] - of[run->first].values[u];
        }
    }
    free(x);
}

/* ---- labels shuffled ------------------------------------------------------------------------- */

/* [N in use][N in use][k][k]: <rise of the part in naming u, concept i; refined[m], concept j>. */
static void fill_pairs(const struct run *run, int part, double *pairs) {
    double *x = fr_alloc(of_kind(run), sizeof *x);
    const size_t width = (size_t)run->width, k = (size_t)run->k;
    for (int u = 0; u < run->n_used; u++) {
        if (!run->ends[u])
            continue;
        memset(x, 0, of_kind(run) * sizeof *x);
        add_rise(run, part, u, x);
        for (int m = 0; m < run->n_used; m++)
            for (size_t ij = 0; ij < k * k && run->ends[m] && m != u; ij++)
                pairs[((size_t)u * (size_t)run->n_used + (size_t)m) * k * k + ij] =
                    product(x + ij / k * width,
                            run->refined + (size_t)m * of_kind(run) + ij % k * width, width);
    }
    free(x);
}

/* The mean of the namings' rises where labels[N in use][k] says which concept is which. */
static double shuffled_rise(const struct run *run, const double *pairs, const int *labels) {
    const int k = run->k;
    double sum = 0;
    int n = 0;
    for (int u = 0; u < run->n_used; u++) {
        double products = 0;
        if (!run->ends[u] || !(run->squares[u] > 0))
            continue;
        for (int m = 0; m < run->n_used; m++) {
            const double *pair =
                pairs + ((size_t)u * (size_t)run->n_used + (size_t)m) * (size_t)(k * k);
            for (int j = 0; j < k && run->ends[m] && m != u; j++)
                products += pair[labels[u * k + j] * k + labels[m * k + j]];
        }
        sum += products / (run->n_ends - 1) / run->squares[u];
        n++;
    }
    return sum / n;
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void shuffle(const struct run *run, int part, struct fr_part_rise *out) {
    const int n = run->ask->n_resamples;
    const size_t n_used = (size_t)run->n_used, k = (size_t)run->k;
    double *pairs = fr_alloc(n_used * n_used * k * k, sizeof *pairs);
    double *draws = fr_alloc((size_t)n, sizeof *draws);
    int *labels = fr_alloc(n_used * k, sizeof *labels), n_above = 0;
    struct fr_rng rng;
    fr_rng_seed(&rng, run->ask->seed, STREAM_LABELS);
    fill_pairs(run, part, pairs);
    for (int s = 0; s < n; s++) {
        for (int u = 0; u < run->n_used; u++)
            fr_rng_permutation(&rng, run->k, labels + u * run->k);
        draws[s] = shuffled_rise(run, pairs, labels);
        n_above += draws[s] >= out->mean.value;
    }
    if (n > 0 && !isnan(out->mean.value)) {
        qsort(draws, (size_t)n, sizeof *draws, compare_doubles);
        out->shuffled_low = gsl_stats_quantile_from_sorted_data(draws, 1, (size_t)n, 0.025);
        out->shuffled_high = gsl_stats_quantile_from_sorted_data(draws, 1, (size_t)n, 0.975);
        out->p = (1.0 + n_above) / (1.0 + n);
    }
    free(labels);
    free(draws);
    free(pairs);
}

/* ---- all together ---------------------------------------------------------------------------- */

static void run_init(struct run *run, const struct fr_mechanism_ask *ask) {
    const struct fr_reps *reps = ask->after, *others[2] = {ask->attention, ask->mlp};
    *run = (struct run){.ask = ask, .n_times = reps->n_times, .width = reps->width};
    for (int i = 0; i < 2; i++)
        FR_ASSERT(others[i]->n_namings == reps->n_namings && others[i]->n_times == reps->n_times &&
                  others[i]->n_concepts == reps->n_concepts && others[i]->width == reps->width);
    run->used = fr_alloc((size_t)reps->n_namings, sizeof *run->used);
    for (int i = 0; i < reps->n_namings; i++)
        if (ask->use == NULL || ask->use[i])
            run->used[run->n_used++] = i;
    for (int a = 0; a < reps->n_concepts; a++)
        if (reps->concepts->kinds[a] == ask->kind)
            run->members[run->k++] = a;
    const size_t n_used = (size_t)run->n_used;
    run->ends = fr_alloc(n_used, sizeof *run->ends);
    run->squares = fr_alloc(n_used, sizeof *run->squares);
    run->refined = fr_alloc(n_used * of_kind(run), sizeof *run->refined);
    run->direction = fr_alloc(of_kind(run), sizeof *run->direction);
    find_first(run);
    for (int u = 0; run->first >= 0 && u < run->n_used; u++)
        if (run->ends[u])
            add_rise(run, FR_PART_AFTER, u, run->refined + (size_t)u * of_kind(run));
}

static void run_release(struct run *run) {
    free(run->used);
    free(run->ends);
    free(run->squares);
    free(run->refined);
    free(run->direction);
}

void fr_mechanism_run(const struct fr_mechanism_ask *ask, struct fr_mechanism *out) {
    struct run run;
    run_init(&run, ask);
    const int n = run.n_times + 1;
    struct fr_curves *values = fr_alloc(FR_PART_COUNT * (size_t)n, sizeof *values);
    *out = (struct fr_mechanism){.first = run.first, .n_times = run.n_times};
    out->at = fr_alloc(FR_PART_COUNT * (size_t)run.n_times, sizeof *out->at);
    for (int i = 0; i < FR_PART_COUNT * n; i++)
        fr_curves_init(&values[i], 1, run.n_used, false);
    if (run.first >= 0)
        fill_values(&run, values);
    for (int part = 0; part < FR_PART_COUNT; part++) {
        for (int t = 0; t < n; t++) {
            struct fr_estimate *to =
                t < run.n_times ? &out->at[part * run.n_times + t] : &out->rises[part].mean;
            *to = fr_curve_at(&values[part * n + t], 0, false, ask->n_resamples, ask->seed);
        }
        out->rises[part].shuffled_low = out->rises[part].shuffled_high = out->rises[part].p = NAN;
        if (run.first >= 0)
            shuffle(&run, part, &out->rises[part]);
    }
    for (int i = 0; i < FR_PART_COUNT * n; i++)
        fr_curves_release(&values[i]);
    free(values);
    run_release(&run);
}

void fr_mechanism_release(struct fr_mechanism *mechanism) {
    free(mechanism->at);
    *mechanism = (struct fr_mechanism){0};
}

/* ---- as an analysis -------------------------------------------------------------------------- */

static const struct fr_result_table tables[] = {
    /* Shares of the refinement that other namings show, means over namings. part: 'before' the
     * block, what 'attention' and 'mlp' add, 'after' the block, which is their sum. shuffled: 95%
     * of the means with concepts shuffled */
    {"mechanism", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, part TEXT NOT NULL, timestamp INTEGER NOT NULL,"
     " mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (layer, kind, part, timestamp)"},
    /* From the first timestamp of the direction to the reference. shuffled: 95% of the means with
     * labels shuffled within kinds; p: of as large a rise among them, one-sided, uncorrected */
    {"mechanism_rise", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, part TEXT NOT NULL,"
     " first_timestamp INTEGER NOT NULL, last_timestamp INTEGER NOT NULL, rise REAL, low REAL,"
     " high REAL, shuffled_low REAL, shuffled_high REAL, p REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (layer, kind, part)"},
};

static int write_part(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                      int kind, int part, const struct fr_mechanism *m, struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    int code = FR_OK;
    for (int t = 0; code == FR_OK && t < m->n_times; t++) {
        const struct fr_estimate *v = &m->at[part * m->n_times + t];
        code = fr_store_run(in->store, err, "INSERT INTO mechanism VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                            "ittidddi", (int64_t)layer->layer, fr_concept_kind_name[kind],
                            fr_part_name[part], (int64_t)layer->grid->times[t], v->value, v->low,
                            v->high, (int64_t)v->n_namings);
    }
    const struct fr_part_rise *r = &m->rises[part];
    if (code == FR_OK)
        code =
            fr_store_run(in->store, err,
                         "INSERT INTO mechanism_rise VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         "ittiiddddddi", (int64_t)layer->layer, fr_concept_kind_name[kind],
                         fr_part_name[part], (int64_t)layer->grid->times[m->first],
                         (int64_t)c->reference_timestamp, r->mean.value, r->mean.low, r->mean.high,
                         r->shuffled_low, r->shuffled_high, r->p, (int64_t)r->mean.n_namings);
    return code;
}

static bool reads(const struct fr_config *c, int site) {
    for (int i = 0; i < c->n_sites; i++)
        if (c->sites[i] == site)
            return true;
    return false;
}

static int run_layer(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    struct fr_reps parts[FR_SITE_COUNT] = {0};
    int code = FR_OK;
    if (!reads(c, FR_SITE_ATTENTION) || !reads(c, FR_SITE_MLP))
        return FR_OK;
    for (int site = FR_SITE_ATTENTION; code == FR_OK && site <= FR_SITE_MLP; site++) {
        struct fr_reps raw;
        code = layer->load(layer->user, FR_TRACES_ALL, site, &raw, err);
        if (code == FR_OK)
            fr_reps_centre(&raw, &parts[site]);
        fr_reps_release(&raw);
    }
    for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++) {
        const struct fr_mechanism_ask ask = {.after = layer->centred,
                                             .attention = &parts[FR_SITE_ATTENTION],
                                             .mlp = &parts[FR_SITE_MLP],
                                             .use = in->use,
                                             .reference_time =
                                                 fr_config_grid_index(c, c->reference_timestamp),
                                             .kind = (enum fr_concept_kind)kind,
                                             .n_resamples = c->resamples,
                                             .seed = (uint64_t)c->seed};
        struct fr_mechanism m;
        fr_mechanism_run(&ask, &m);
        for (int part = 0; code == FR_OK && m.first >= 0 && part < FR_PART_COUNT; part++)
            code = write_part(in, layer, kind, part, &m, err);
        fr_mechanism_release(&m);
    }
    for (int site = 0; site < FR_SITE_COUNT; site++)
        fr_reps_release(&parts[site]);
    return code;
}

const struct fr_analysis fr_analysis_mechanism = {
    .name = "mechanism",
    .need = FR_NEEDS_SUMS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run_layer = run_layer,
};
