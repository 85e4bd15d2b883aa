/* A3, figure 4a of the paper: how the representation of a concept in one naming comes to resemble
 * the cross-naming one while the model reasons. Owns the cosines, their means and intervals.
 *
 * References r- are normalised once per layer and packed four lanes wide, so that one pass over a
 * row r~ gives its products with four of them: every sum runs in order of d in double precision,
 * whatever the compiler vectorises. Rejected: cosines one pair at a time (each reads the row
 * again), and BLAS sgemm (float sums whose order depends on the machine). */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "analyses/paper.h"
#include "base/memory.h"

enum { LANES = 4 }; /* rows and references of one kernel call */
enum { VARIANT_ALL, VARIANT_LOO, N_VARIANTS };
enum { SAME, DIFFERENT, N_RELATIONS };
enum { STREAM_RESAMPLES = 1, STREAM_SHUFFLES = 2 };

struct run {
    const struct fr_similarity_ask *ask;
    const struct fr_reps *reps, *from; /* the subjects, and what their references come from */
    const bool *use, *use_from;
    int *labels;              /* [N][A]: under label a, naming N has its concept labels[N][a] */
    struct fr_reps reference; /* [N][A][1][1][D] of the layer at the reference time, by label */
    /* References of one naming and kind: lanes of `all`, then of `loo`, packed [blocks][D][LANES],
     * of norm 1; a missing one is zero and has[] says so. */
    int n_lanes;
    double *packed;
    bool has[2 * FR_MAX_CONCEPTS];
    /* Sums over shuffles, and how many had a value: [variant][kind][T][N][relation]. */
    double *values;
    int *counts;
};

static bool used(const struct run *run, int naming) { return run->use == NULL || run->use[naming]; }

static size_t value_at(const struct run *run, int variant, int kind, int time, int naming,
                       int relation) {
    size_t i = (size_t)variant * FR_CONCEPT_KIND_COUNT + (size_t)kind;
    i = i * (size_t)run->reps->n_times + (size_t)time;
    i = i * (size_t)run->reps->n_namings + (size_t)naming;
    return i * N_RELATIONS + (size_t)relation;
}

/* The concepts of a kind; how many. */
static int members_of(const struct fr_concepts *concepts, int kind, int *members) {
    int n = 0;
    for (int a = 0; a < concepts->n; a++)
        if ((int)concepts->kinds[a] == kind)
            members[n++] = a;
    return n;
}

static int label_namings(const struct run *run) {
    return run->reps->n_namings > run->from->n_namings ? run->reps->n_namings
                                                       : run->from->n_namings;
}

static void labels_identity(struct run *run) {
    for (int i = 0; i < label_namings(run); i++)
        for (int a = 0; a < run->reps->n_concepts; a++)
            run->labels[i * run->reps->n_concepts + a] = a;
}

static void labels_shuffle(struct run *run, uint64_t seed, int i_shuffle) {
    int members[FR_MAX_CONCEPTS], order[FR_MAX_CONCEPTS];
    for (int i = 0; i < label_namings(run); i++) {
        struct fr_rng rng;
        fr_rng_seed(&rng, seed,
                    fr_mix64(fr_mix64(STREAM_SHUFFLES, (uint64_t)i_shuffle), (uint64_t)i));
        for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
            const int n = members_of(run->reps->concepts, kind, members);
            fr_rng_permutation(&rng, n, order);
            for (int k = 0; k < n; k++)
                run->labels[i * run->reps->n_concepts + members[k]] = members[order[k]];
        }
    }
}

/* Fills run->reference for the layer. */
static void reference_load(struct run *run, int l) {
    struct fr_reps *reference = &run->reference;
    for (int i = 0; i < reference->n_namings; i++)
        for (int a = 0; a < reference->n_concepts; a++) {
            const int from = run->labels[i * reference->n_concepts + a];
            reference->present[i * reference->n_concepts + a] =
                fr_reps_has(run->from, i, from, run->ask->reference_time);
            memcpy(fr_reps_at(reference, i, a, 0, 0),
                   fr_reps_at(run->from, i, from, l, run->ask->reference_time),
                   (size_t)reference->width * sizeof(float));
        }
}

static double norm(const float *x, int width) {
    double sum = 0;
    for (int d = 0; d < width; d++)
        sum += (double)x[d] * (double)x[d];
    return sqrt(sum);
}

static void pack(struct run *run, int lane, const float *x, bool present) {
    const int width = run->reps->width;
    const double length = present ? norm(x, width) : 0;
    run->has[lane] = length > 0;
    double *to = run->packed + (size_t)(lane / LANES) * (size_t)width * LANES + lane % LANES;
    for (int d = 0; d < width; d++, to += LANES)
        *to = length > 0 ? (double)x[d] / length : 0;
}

/* The references of naming i and one kind; `all` lanes do not depend on i and are packed for the
 * first naming only. */
static void references_pack(struct run *run, int i_naming, bool first, int n, const int *members,
                            float *mean) {
    for (int k = 0; k < n; k++) {
        if (first) {
            const int n_all =
                fr_reps_cross(&run->reference, run->use_from, -1, members[k], 0, 0, mean);
            pack(run, k, mean, n_all > 0);
        }
        /* namings of another study are none of this one's, whatever their numbers */
        const int leave_out = run->from == run->reps || run->ask->same_namings ? i_naming : -1;
        const int n_loo =
            fr_reps_cross(&run->reference, run->use_from, leave_out, members[k], 0, 0, mean);
        pack(run, n + k, mean, n_loo > 0);
    }
    run->n_lanes = 2 * n;
}

/* out[row][lane] = sum over d of x[row][d] * r[d][lane]. */
static void products(const float *const *x, const double *restrict r, int width,
                     double (*restrict out)[LANES]) {
    const float *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];
    double s0[LANES] = {0}, s1[LANES] = {0}, s2[LANES] = {0}, s3[LANES] = {0};
    for (int d = 0; d < width; d++, r += LANES)
        for (int j = 0; j < LANES; j++) {
            s0[j] += (double)x0[d] * r[j];
            s1[j] += (double)x1[d] * r[j];
            s2[j] += (double)x2[d] * r[j];
            s3[j] += (double)x3[d] * r[j];
        }
    memcpy(out[0], s0, sizeof s0);
    memcpy(out[1], s1, sizeof s1);
    memcpy(out[2], s2, sizeof s2);
    memcpy(out[3], s3, sizeof s3);
}

static void norms(const float *const *x, int width, double *out) {
    double s[LANES] = {0};
    for (int d = 0; d < width; d++)
        for (int j = 0; j < LANES; j++)
            s[j] += (double)x[j][d] * (double)x[j][d];
    for (int j = 0; j < LANES; j++)
        out[j] = sqrt(s[j]);
}

/* Sum of values of one (variant, time) of a naming, over its concepts. */
struct tally {
    double sum[N_RELATIONS];
    int n[N_RELATIONS];
};

/* One cell's cosines with the references, as concept k of n in its kind. */
static void tally_cell(const struct run *run, const double *product, double length, int n, int k,
                       struct tally *tally /* [variant] */) {
    for (int variant = 0; variant < N_VARIANTS; variant++) {
        double others = 0;
        int n_others = 0;
        for (int b = 0; b < n; b++) {
            const int lane = variant * n + b;
            if (!run->has[lane])
                continue;
            if (b == k) {
                tally[variant].sum[SAME] += product[lane] / length;
                tally[variant].n[SAME]++;
            } else {
                others += product[lane] / length;
                n_others++;
            }
        }
        if (n_others > 0) {
            tally[variant].sum[DIFFERENT] += others / n_others;
            tally[variant].n[DIFFERENT]++;
        }
    }
}

/* Up to LANES timestamps of concept k of a naming: products with every reference. */
static void tally_times(const struct run *run, int i_naming, int l, int n, const int *members,
                        int k, const int *times, int n_times, struct tally *tallies) {
    const int width = run->reps->width;
    const int concept = run->labels[i_naming * run->reps->n_concepts + members[k]];
    const float *x[LANES];
    double length[LANES], product[LANES][2 * FR_MAX_CONCEPTS + LANES], block[LANES][LANES];
    for (int j = 0; j < LANES; j++) /* a short group repeats its last row */
        x[j] = fr_reps_at(run->reps, i_naming, concept, l, times[j < n_times ? j : n_times - 1]);
    norms(x, width, length);
    for (int lane = 0; lane < run->n_lanes; lane += LANES) {
        products(x, run->packed + (size_t)lane * (size_t)width, width, block);
        for (int j = 0; j < LANES; j++)
            memcpy(&product[j][lane], block[j], sizeof block[j]);
    }
    for (int j = 0; j < n_times; j++)
        if (length[j] > 0)
            tally_cell(run, product[j], length[j], n, k, &tallies[times[j] * N_VARIANTS]);
}

/* All timestamps of one naming and kind. */
static void naming_run(struct run *run, int i_naming, int l, int kind, int n, const int *members,
                       struct tally *tallies /* [T][variant] */) {
    const int n_times = run->reps->n_times;
    memset(tallies, 0, (size_t)n_times * N_VARIANTS * sizeof *tallies);
    for (int k = 0; k < n; k++) {
        const int concept = run->labels[i_naming * run->reps->n_concepts + members[k]];
        int group[LANES], n_group = 0;
        for (int t = 0; t < n_times; t++) {
            if (fr_reps_has(run->reps, i_naming, concept, t))
                group[n_group++] = t;
            if (n_group == LANES || (t == n_times - 1 && n_group > 0)) {
                tally_times(run, i_naming, l, n, members, k, group, n_group, tallies);
                n_group = 0;
            }
        }
    }
    for (int t = 0; t < n_times; t++)
        for (int variant = 0; variant < N_VARIANTS; variant++)
            for (int relation = 0; relation < N_RELATIONS; relation++) {
                const struct tally *tally = &tallies[t * N_VARIANTS + variant];
                if (tally->n[relation] == 0)
                    continue;
                const size_t i = value_at(run, variant, kind, t, i_naming, relation);
                run->values[i] += tally->sum[relation] / tally->n[relation];
                run->counts[i]++;
            }
}

/* Adds the values of one layer under the present labels. */
static void layer_run(struct run *run, int l, struct tally *tallies, float *mean) {
    int members[FR_MAX_CONCEPTS];
    reference_load(run, l);
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
        const int n = members_of(run->reps->concepts, kind, members);
        bool first = true;
        for (int i = 0; i < run->reps->n_namings; i++) {
            if (!used(run, i))
                continue;
            references_pack(run, i, first, n, members, mean);
            naming_run(run, i, l, kind, n, members, tallies);
            first = false;
        }
    }
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean and interval of the namings' values (NaN: none); resamples is [n_resamples][N in use]. */
static void summarise(const double *values, int n, const int *resamples, int n_resamples,
                      double *draws, struct fr_similarity_row *row) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            row->n_namings++;
        }
    row->mean = sum / row->n_namings; /* 0 / 0 is NaN */
    row->low = row->high = NAN;
    if (row->n_namings < 2)
        return;
    int n_draws = 0;
    for (int r = 0; r < n_resamples; r++, resamples += n) {
        double drawn = 0;
        int n_drawn = 0;
        for (int i = 0; i < n; i++)
            if (!isnan(values[resamples[i]])) {
                drawn += values[resamples[i]];
                n_drawn++;
            }
        if (n_drawn > 0)
            draws[n_draws++] = drawn / n_drawn;
    }
    if (n_draws == 0)
        return;
    qsort(draws, (size_t)n_draws, sizeof *draws, compare_doubles);
    row->low = gsl_stats_quantile_from_sorted_data(draws, 1, (size_t)n_draws, 0.025);
    row->high = gsl_stats_quantile_from_sorted_data(draws, 1, (size_t)n_draws, 0.975);
}

/* The interval of a mean over namings, of which one after the other is left out. A naming without a
 * value counts as a reference, not as a degree of freedom. */
static void jackknife(const double *without, int n, struct fr_similarity_row *row) {
    double mean = 0, squares = 0;
    row->low = row->high = NAN;
    if (row->n_namings < 3) /* without one of two, the other has no reference */
        return;
    for (int k = 0; k < n; k++)
        mean += without[k] / n;
    for (int k = 0; k < n; k++)
        squares += (without[k] - mean) * (without[k] - mean);
    const double half = gsl_cdf_tdist_Pinv(0.975, row->n_namings - 1) * sqrt(squares * (n - 1) / n);
    row->low = isnan(half) ? (double)NAN : fmax(row->mean - half, -1);
    row->high = isnan(half) ? (double)NAN : fmin(row->mean + half, 1);
}

/* Are the references made of the subjects' namings, so that a naming can be left out of both? */
static bool is_of_one_sample(const struct run *run) {
    return run->ask->n_resamples > 0 && run->ask->n_shuffles == 0 && run->use == run->use_from &&
           (run->from == run->reps || run->ask->same_namings);
}

static void rows_append(const struct run *run, int l, const int *namings, int n_used,
                        const int *resamples, int n_resamples, double *draws,
                        struct fr_similarity *out) {
    int members[FR_MAX_CONCEPTS];
    const size_t n_without = (size_t)N_VARIANTS * (size_t)run->reps->n_times * N_RELATIONS;
    double *without[FR_CONCEPT_KIND_COUNT] = {0};
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT && is_of_one_sample(run); kind++) {
        without[kind] = fr_alloc(n_without * (size_t)n_used, sizeof *without[kind]);
        fr_similarity_without(run->ask, l, (enum fr_concept_kind)kind, without[kind]);
    }
    for (int variant = 0; variant < N_VARIANTS; variant++)
        for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
            if (members_of(run->reps->concepts, kind, members) == 0)
                continue;
            for (int t = 0; t < run->reps->n_times; t++)
                for (int relation = 0; relation < N_RELATIONS; relation++) {
                    double *values = out->values + (size_t)out->n * (size_t)n_used;
                    for (int i = 0; i < n_used; i++) {
                        const size_t at = value_at(run, variant, kind, t, namings[i], relation);
                        values[i] = run->counts[at] > 0 ? run->values[at] / run->counts[at] : NAN;
                    }
                    struct fr_similarity_row *row = &out->rows[out->n++];
                    *row = (struct fr_similarity_row){.layer = run->reps->first_layer + l + 1,
                                                      .time = t,
                                                      .leave_one_out = variant == VARIANT_LOO,
                                                      .kind = (enum fr_concept_kind)kind,
                                                      .same = relation == SAME};
                    summarise(values, n_used, resamples, n_resamples, draws, row);
                    if (without[kind] != NULL)
                        jackknife(without[kind] +
                                      (size_t)((variant * run->reps->n_times + t) * N_RELATIONS +
                                               relation) *
                                          (size_t)n_used,
                                  n_used, row);
                }
        }
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
        free(without[kind]);
}

/* Rows of one layer: every combination of the kinds that exist. */
static int count_rows(const struct fr_reps *reps) {
    int members[FR_MAX_CONCEPTS], n = 0;
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
        n += members_of(reps->concepts, kind, members) > 0;
    return N_VARIANTS * n * reps->n_times * N_RELATIONS;
}

void fr_similarity_release(struct fr_similarity *similarity) {
    if (similarity == NULL)
        return;
    free(similarity->rows);
    free(similarity->values);
    *similarity = (struct fr_similarity){0};
}

void fr_similarity_run(const struct fr_similarity_ask *ask, struct fr_similarity *out) {
    const struct fr_reps *centred = ask->subjects;
    const struct fr_reps *from = ask->references != NULL ? ask->references : centred;
    const int n_resamples = ask->n_resamples, n_shuffles = ask->n_shuffles;
    const uint64_t seed = ask->seed;
    FR_ASSERT(ask->reference_time >= 0 && ask->reference_time < from->n_times && n_resamples >= 0 &&
              n_shuffles >= 0);
    FR_ASSERT(from->n_layers == centred->n_layers && from->width == centred->width &&
              from->n_concepts == centred->n_concepts);
    const size_t n_namings = (size_t)centred->n_namings, width = (size_t)centred->width;
    const size_t n_values =
        N_VARIANTS * FR_CONCEPT_KIND_COUNT * N_RELATIONS * n_namings * (size_t)centred->n_times;
    struct run run = {
        .ask = ask,
        .reps = centred,
        .from = from,
        .use = ask->use,
        .use_from = ask->use_references != NULL || from != centred ? ask->use_references : ask->use,
        .packed = fr_alloc((2 * (size_t)centred->n_concepts + LANES) * width, sizeof *run.packed),
        .values = fr_alloc(n_values, sizeof *run.values),
        .counts = fr_alloc(n_values, sizeof *run.counts),
    };
    run.labels =
        fr_alloc((size_t)label_namings(&run) * (size_t)centred->n_concepts, sizeof *run.labels);
    fr_reps_init(&run.reference, centred->concepts, from->n_namings, 1, 1, centred->width);
    struct tally *tallies = fr_alloc((size_t)centred->n_times * N_VARIANTS, sizeof *tallies);
    float *mean = fr_alloc(width, sizeof *mean);
    int *namings = fr_alloc(n_namings, sizeof *namings), n_used = 0;
    for (int i = 0; i < centred->n_namings; i++)
        if (used(&run, i))
            namings[n_used++] = i;
    int *resamples = fr_alloc((size_t)n_resamples * (size_t)n_used, sizeof *resamples);
    double *draws = fr_alloc((size_t)n_resamples, sizeof *draws);
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, STREAM_RESAMPLES);
    for (int i = 0; i < n_resamples * n_used; i++)
        resamples[i] = (int)fr_rng_below(&rng, (uint32_t)n_used);

    fr_similarity_release(out);
    int n_layers = 0;
    for (int l = 0; l < centred->n_layers; l++)
        n_layers += ask->layers == NULL || ask->layers[l];
    out->capacity = n_layers * count_rows(centred);
    out->n_used = n_used;
    out->rows = fr_alloc((size_t)out->capacity, sizeof *out->rows);
    out->values = fr_alloc((size_t)out->capacity * (size_t)n_used, sizeof *out->values);
    for (int l = 0; l < centred->n_layers; l++) {
        if (ask->layers != NULL && !ask->layers[l])
            continue;
        memset(run.values, 0, n_values * sizeof *run.values);
        memset(run.counts, 0, n_values * sizeof *run.counts);
        labels_identity(&run);
        for (int s = 0; s < (n_shuffles > 0 ? n_shuffles : 1); s++) {
            if (n_shuffles > 0)
                labels_shuffle(&run, seed, s);
            layer_run(&run, l, tallies, mean);
        }
        rows_append(&run, l, namings, n_used, resamples, n_resamples, draws, out);
    }

    free(draws);
    free(resamples);
    free(namings);
    free(mean);
    free(tallies);
    fr_reps_release(&run.reference);
    free(run.counts);
    free(run.values);
    free(run.packed);
    free(run.labels);
}

/* ---- as an analysis -------------------------------------------------------------------------- */

enum { LABEL_SHUFFLES = 10 };

static const struct fr_result_table tables[] = {
    /* variant: 'all', 'loo', 'loo_shuffled'. relation: 'same' or 'different' */
    {"similarity", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, variant TEXT NOT NULL, kind TEXT NOT NULL, relation TEXT NOT NULL,"
     " timestamp INTEGER NOT NULL, reference_timestamp INTEGER NOT NULL,"
     " mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (layer, variant, kind, relation, timestamp)"},
    /* What the means of variant 'loo', same concept, are of, at the paper's depth alone */
    {"similarity_naming", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL, naming TEXT NOT NULL,"
     " value REAL NOT NULL, PRIMARY KEY (layer, kind, timestamp, naming)"},
};

static int write_namings(const struct fr_analysis_input *in, const struct fr_similarity *s,
                         const struct fr_grid *grid, struct fr_error *err) {
    const struct fr_world *w = in->world;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < s->n; i++) {
        const struct fr_similarity_row *r = &s->rows[i];
        const double *value = s->values + (size_t)i * (size_t)s->n_used;
        for (int n = 0; code == FR_OK && r->leave_one_out && r->same && n < w->n_namings; n++) {
            if (!in->use[n])
                continue;
            if (!isnan(*value))
                code =
                    fr_store_run(in->store, err,
                                 "INSERT INTO similarity_naming VALUES (?, ?, ?, ?, ?)", "ititd",
                                 (int64_t)r->layer, fr_concept_kind_name[r->kind],
                                 (int64_t)grid->times[r->time], w->namings[n].naming->id, *value);
            value++;
        }
    }
    return code;
}

static int write_rows(const struct fr_analysis_input *in, const struct fr_similarity *similarity,
                      const char *const variants[2], const struct fr_grid *grid,
                      struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < similarity->n; i++) {
        const struct fr_similarity_row *r = &similarity->rows[i];
        const char *variant = variants[r->leave_one_out];
        if (variant == NULL)
            continue;
        code = fr_store_run(in->store, err,
                            "INSERT INTO similarity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "itttiidddi", (int64_t)r->layer, variant, fr_concept_kind_name[r->kind],
                            r->same ? "same" : "different", (int64_t)grid->times[r->time],
                            (int64_t)in->world->config.reference_timestamp, r->mean, r->low,
                            r->high, (int64_t)r->n_namings);
    }
    return code;
}

static int run_layer(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     struct fr_error *err) {
    static const char *const plain[2] = {"all", "loo"}, *const shuffled[2] = {NULL, "loo_shuffled"};
    const struct fr_config *c = &in->world->config;
    struct fr_similarity_ask ask = {.subjects = layer->centred,
                                    .use = in->use,
                                    .reference_time =
                                        fr_config_grid_index(c, c->reference_timestamp),
                                    .n_resamples = c->resamples,
                                    .seed = (uint64_t)c->seed};
    struct fr_similarity similarity = {0};
    fr_similarity_run(&ask, &similarity);
    int code = write_rows(in, &similarity, plain, layer->grid, err);
    if (code == FR_OK && layer->layer == fr_paper_layer(in->n_layers))
        code = write_namings(in, &similarity, layer->grid, err);
    ask.n_shuffles = LABEL_SHUFFLES;
    fr_similarity_run(&ask, &similarity);
    if (code == FR_OK)
        code = write_rows(in, &similarity, shuffled, layer->grid, err);
    fr_similarity_release(&similarity);
    return code;
}

const struct fr_analysis fr_analysis_similarity = {
    .name = "similarity",
    .need = FR_NEEDS_SUMS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run_layer = run_layer,
};
