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
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analysis.h"
#include "analyses/mechanism.h"
#include "base/memory.h"
#include "statistics/statistics.h"

enum { STREAM_LABELS = 7 };

/* Of rows that are floats: before the first block a word's row is the same at all times. */
static const double rounding = 1e-5;

const char *const fr_part_name[FR_PART_COUNT] = {
    [FR_PART_BEFORE] = "before",
    [FR_PART_ATTENTION] = "attention",
    [FR_PART_MLP] = "mlp",
    [FR_PART_AFTER] = "after",
};

static size_t of_kind(const struct fr_mechanism_run *run) {
    return (size_t)run->k * (size_t)run->width;
}

/* A kind is there as a whole or not at all. */
bool fr_mechanism_has(const struct fr_mechanism_run *run, int u, int time) {
    const struct fr_mechanism_ask *ask = run->ask;
    const int naming = run->used[u];
    return fr_reps_has(ask->after, naming, run->members[0], time) &&
           fr_reps_has(ask->attention, naming, run->members[0], time) &&
           fr_reps_has(ask->mlp, naming, run->members[0], time);
}

static void add_part(const struct fr_mechanism_run *run, enum fr_part part, int naming, int a,
                     int time, double weight, double *out /* [D] */) {
    const struct fr_mechanism_ask *ask = run->ask;
    const float *after = fr_reps_at(ask->after, naming, a, ask->l, time);
    const float *attention = fr_reps_at(ask->attention, naming, a, ask->l, time);
    const float *mlp = fr_reps_at(ask->mlp, naming, a, ask->l, time);
    for (int d = 0; d < run->width; d++) {
        const double x[FR_PART_COUNT] = {(double)after[d] - (double)attention[d] - (double)mlp[d],
                                         (double)attention[d], (double)mlp[d], (double)after[d]};
        out[d] += weight * x[part];
    }
}

/* Adds weight times what the subject is or adds, of all concepts of the kind. */
static void add_subject(const struct fr_mechanism_run *run, const struct fr_subject *of, int u,
                        int time, double weight, double *out /* [k][width] */) {
    const int naming = run->used[u];
    for (int j = 0; j < run->k; j++, out += of->width) {
        const int a = run->members[j];
        if (of->heads == NULL) {
            add_part(run, of->part, naming, a, time, weight, out);
            continue;
        }
        const float *given = fr_reps_at(of->heads, naming, a, run->ask->l, time) + of->first;
        for (int d = 0; d < of->width; d++)
            out[d] += weight * (double)given[d];
    }
}

static struct fr_subject of_part(const struct fr_mechanism_run *run, enum fr_part part) {
    return (struct fr_subject){.part = part,
                               .width = run->width,
                               .refined = run->refined,
                               .stride = run->width};
}

static double product(const double *x, const double *y, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

/* ---- the directions -------------------------------------------------------------------------- */

static int find_ends(struct fr_mechanism_run *run, int time) {
    int n = 0;
    for (int u = 0; u < run->n_used; u++) {
        run->ends[u] =
            fr_mechanism_has(run, u, time) && fr_mechanism_has(run, u, run->ask->reference_time);
        n += run->ends[u];
    }
    return n;
}

static void find_first(struct fr_mechanism_run *run) {
    run->first = -1;
    for (int t = 0; t < run->ask->reference_time && run->first < 0 && run->k > 0; t++) {
        run->n_ends = find_ends(run, t);
        if (run->n_ends >= 2 && 2 * run->n_ends >= run->n_used)
            run->first = t;
    }
}

static void add_rise(const struct fr_mechanism_run *run, const struct fr_subject *of, int u,
                     double *out) {
    add_subject(run, of, u, run->ask->reference_time, 1, out);
    add_subject(run, of, u, run->first, -1, out);
}

/* Fills squares from the products of what namings gain. */
static void square_directions(struct fr_mechanism_run *run) {
    const int n = run->n_used;
    const size_t size = of_kind(run);
    double *among = fr_alloc((size_t)n * (size_t)n, sizeof *among);
    for (int u = 0; u < n; u++)
        for (int m = u; m < n; m++)
            among[u * n + m] = among[m * n + u] =
                product(run->refined + (size_t)u * size, run->refined + (size_t)m * size, size);
    for (int u = 0; u < n; u++)
        for (int k = 0; k <= n; k++) {
            const int there = run->n_ends - run->ends[u] - (k < n && k != u ? run->ends[k] : 0);
            double sum = 0;
            for (int m = 0; m < n; m++)
                for (int o = 0; m != u && m != k && o < n; o++)
                    sum += o != u && o != k ? among[m * n + o] : 0;
            run->squares[u * (n + 1) + k] = there > 0 ? fmax(sum, 0) / there / there : 0;
        }
    free(among);
}

/* ---- values ---------------------------------------------------------------------------------- */

void fr_subject_values(const struct fr_mechanism_run *run, const struct fr_subject *of,
                       struct fr_curves *out) {
    const int n = run->n_used;
    const size_t width = (size_t)of->width, size = (size_t)run->k * width;
    double *x = fr_alloc(size, sizeof *x), *with = fr_alloc((size_t)n + 1, sizeof *with);
    for (int u = 0; u < n; u++)
        for (int t = 0; t < run->n_times; t++) {
            const bool is_there = fr_mechanism_has(run, u, t);
            double sum = 0;
            memset(x, 0, size * sizeof *x);
            if (is_there)
                add_subject(run, of, u, t, 1, x);
            for (int m = 0; m < n; m++) { /* who is at one end alone gains nothing here */
                with[m] = 0;
                for (int j = 0; j < run->k && is_there && m != u && run->ends[m]; j++)
                    with[m] +=
                        product(x + (size_t)j * width,
                                of->refined +
                                    ((size_t)m * (size_t)run->k + (size_t)j) * (size_t)of->stride +
                                    of->first,
                                width);
                sum += with[m];
            }
            for (int k = 0; k <= n; k++) {
                const double square = run->squares[u * (n + 1) + k];
                const int there = run->n_ends - run->ends[u] - (k < n && k != u ? run->ends[k] : 0);
                double *to = k < n ? &out->without[(t * n + k) * n + u] : &out->values[t * n + u];
                *to = is_there && k != u && square > 0 ? (sum - with[k]) / there / square
                                                       : (double)NAN;
            }
        }
    free(with);
    free(x);
}

struct fr_estimate fr_subject_rise(const struct fr_mechanism_run *run,
                                   const struct fr_curves *values) {
    const int n = run->n_used, last = run->ask->reference_time;
    struct fr_curves rise;
    fr_curves_init(&rise, 1, n);
    for (int u = 0; u < n; u++)
        rise.values[u] = values->values[last * n + u] - values->values[run->first * n + u];
    for (int i = 0; i < n * n; i++)
        rise.without[i] =
            values->without[last * n * n + i] - values->without[run->first * n * n + i];
    const struct fr_estimate e = fr_curve_at(&rise, 0, false);
    fr_curves_release(&rise);
    return e;
}

/* ---- labels shuffled ------------------------------------------------------------------------- */

/* [N in use][N in use][k][k]: <rise of the subject in naming u, concept i; refined[m], concept j>.
 */
static void fill_pairs(const struct fr_mechanism_run *run, const struct fr_subject *of,
                       double *pairs) {
    const size_t width = (size_t)of->width, k = (size_t)run->k;
    double *x = fr_alloc(k * width, sizeof *x);
    for (int u = 0; u < run->n_used; u++) {
        if (!run->ends[u])
            continue;
        memset(x, 0, k * width * sizeof *x);
        add_rise(run, of, u, x);
        for (int m = 0; m < run->n_used; m++)
            for (size_t ij = 0; ij < k * k && run->ends[m] && m != u; ij++)
                pairs[((size_t)u * (size_t)run->n_used + (size_t)m) * k * k + ij] =
                    product(x + ij / k * width,
                            of->refined + ((size_t)m * k + ij % k) * (size_t)of->stride + of->first,
                            width);
    }
    free(x);
}

/* The mean of the namings' rises where labels[N in use][k] says which concept is which. */
static double shuffled_rise(const struct fr_mechanism_run *run, const double *pairs,
                            const int *labels) {
    const int k = run->k;
    double sum = 0;
    int n = 0;
    for (int u = 0; u < run->n_used; u++) {
        double products = 0;
        const double square = run->squares[u * (run->n_used + 1) + run->n_used];
        if (!run->ends[u] || !(square > 0))
            continue;
        for (int m = 0; m < run->n_used; m++) {
            const double *pair =
                pairs + ((size_t)u * (size_t)run->n_used + (size_t)m) * (size_t)(k * k);
            for (int j = 0; j < k && run->ends[m] && m != u; j++)
                products += pair[labels[u * k + j] * k + labels[m * k + j]];
        }
        sum += products / (run->n_ends - 1) / square;
        n++;
    }
    return sum / n;
}

void fr_subject_shuffle(const struct fr_mechanism_run *run, const struct fr_subject *of,
                        double *draws) {
    const size_t n_used = (size_t)run->n_used, k = (size_t)run->k;
    double *pairs = fr_alloc(n_used * n_used * k * k, sizeof *pairs);
    int *labels = fr_alloc(n_used * k, sizeof *labels);
    struct fr_rng rng;
    fr_rng_seed(&rng, run->ask->seed, STREAM_LABELS);
    fill_pairs(run, of, pairs);
    for (int s = 0; s < run->ask->n_resamples; s++) {
        for (int u = 0; u < run->n_used; u++)
            fr_rng_permutation(&rng, run->k, labels + u * run->k);
        draws[s] = shuffled_rise(run, pairs, labels);
    }
    free(labels);
    free(pairs);
}

void fr_part_rise_test(const double *draws, int n, struct fr_part_rise *out) {
    int n_above = 0;
    out->shuffled_low = out->shuffled_high = out->p = NAN;
    if (n < 1 || !(fabs(out->mean.value) > rounding))
        return;
    double *sorted = fr_alloc((size_t)n, sizeof *sorted);
    memcpy(sorted, draws, (size_t)n * sizeof *sorted);
    fr_quantiles(sorted, n, 0.025, 0.975, &out->shuffled_low, &out->shuffled_high);
    for (int s = 0; s < n; s++)
        n_above += sorted[s] >= out->mean.value;
    out->p = (1.0 + n_above) / (1.0 + n);
    free(sorted);
}

/* ---- all together ---------------------------------------------------------------------------- */

void fr_mechanism_begin(struct fr_mechanism_run *run, const struct fr_mechanism_ask *ask) {
    const struct fr_reps *reps = ask->after, *others[2] = {ask->attention, ask->mlp};
    *run = (struct fr_mechanism_run){.ask = ask, .n_times = reps->n_times, .width = reps->width};
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
    run->squares = fr_alloc(n_used * (n_used + 1), sizeof *run->squares);
    run->refined = fr_alloc(n_used * of_kind(run), sizeof *run->refined);
    find_first(run);
    if (run->first < 0)
        return;
    const struct fr_subject after = of_part(run, FR_PART_AFTER);
    for (int u = 0; u < run->n_used; u++)
        if (run->ends[u])
            add_rise(run, &after, u, run->refined + (size_t)u * of_kind(run));
    square_directions(run);
}

void fr_mechanism_end(struct fr_mechanism_run *run) {
    free(run->used);
    free(run->ends);
    free(run->squares);
    free(run->refined);
}

void fr_mechanism_part_values(const struct fr_mechanism_run *run, enum fr_part part,
                              struct fr_curves *out) {
    const struct fr_subject of = of_part(run, part);
    fr_subject_values(run, &of, out);
}

void fr_mechanism_run(const struct fr_mechanism_ask *ask, struct fr_mechanism *out) {
    struct fr_mechanism_run run;
    fr_mechanism_begin(&run, ask);
    struct fr_curves values;
    double *draws = fr_alloc((size_t)ask->n_resamples, sizeof *draws);
    *out = (struct fr_mechanism){.first = run.first, .n_times = run.n_times};
    out->at = fr_alloc(FR_PART_COUNT * (size_t)run.n_times, sizeof *out->at);
    for (int part = 0; part < FR_PART_COUNT; part++) {
        const struct fr_subject of = of_part(&run, (enum fr_part)part);
        struct fr_part_rise *rise = &out->rises[part];
        rise->mean.value = NAN;
        fr_curves_init(&values, run.n_times, run.n_used);
        if (run.first >= 0) {
            fr_subject_values(&run, &of, &values);
            rise->mean = fr_subject_rise(&run, &values);
            fr_subject_shuffle(&run, &of, draws);
        }
        for (int t = 0; t < run.n_times; t++)
            out->at[part * run.n_times + t] = fr_curve_at(&values, t, false);
        fr_part_rise_test(draws, ask->n_resamples, rise);
        fr_curves_release(&values);
    }
    free(draws);
    fr_mechanism_end(&run);
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
     * labels shuffled n_shuffles times within kinds; p: of as large a rise among them, one-sided,
     * uncorrected */
    {"mechanism_rise", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, part TEXT NOT NULL,"
     " first_timestamp INTEGER NOT NULL, last_timestamp INTEGER NOT NULL, rise REAL, low REAL,"
     " high REAL, shuffled_low REAL, shuffled_high REAL, p REAL, n_namings INTEGER NOT NULL,"
     " n_shuffles INTEGER NOT NULL, PRIMARY KEY (layer, kind, part)"},
};

/* So many that the least possible p is below 0.05 after Holm's correction over attention and MLP
 * of every layer. */
static int count_shuffles(const struct fr_analysis_input *in) {
    enum { A_TEST = 40, PARTS = 2 };
    const int enough = A_TEST * PARTS * in->n_layers, asked = in->world->config.resamples;
    return asked > enough ? asked : enough;
}

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
        code = fr_store_run(
            in->store, err,
            "INSERT INTO mechanism_rise VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "ittiiddddddii", (int64_t)layer->layer, fr_concept_kind_name[kind], fr_part_name[part],
            (int64_t)layer->grid->times[m->first], (int64_t)c->reference_timestamp, r->mean.value,
            r->mean.low, r->mean.high, r->shuffled_low, r->shuffled_high, r->p,
            (int64_t)r->mean.n_namings, (int64_t)count_shuffles(in));
    return code;
}

static int run_layer(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    struct fr_reps parts[FR_STREAM_SITES] = {0};
    int code = FR_OK;
    if (!fr_config_reads(c, FR_SITE_ATTENTION) || !fr_config_reads(c, FR_SITE_MLP))
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
                                             .n_resamples = count_shuffles(in),
                                             .seed = (uint64_t)c->seed};
        struct fr_mechanism m;
        fr_mechanism_run(&ask, &m);
        for (int part = 0; code == FR_OK && m.first >= 0 && part < FR_PART_COUNT; part++)
            code = write_part(in, layer, kind, part, &m, err);
        fr_mechanism_release(&m);
    }
    for (int site = 0; site < FR_STREAM_SITES; site++)
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
