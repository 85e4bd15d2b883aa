/* A3, figure 4a of the paper: how the representation of a concept in one naming comes to resemble
 * the cross-naming one while the model reasons. Owns the cosines and their means.
 *
 * A cross-naming mean is known by its products: with a row, and of its parts among each other. So
 * every mean that leaves one naming out, or two, is a subtraction, and the same pass over the rows
 * gives the values and what they would be without the k-th naming, from which intervals come
 * (estimates.h). The rows of a layer's references are packed four lanes wide, so that one pass over
 * four rows gives their products with four references: every sum runs in order of d in double
 * precision, whatever the compiler vectorises. Rejected: a mean formed anew for every naming left
 * out (n times the work), a bootstrap (bench/RESULTS.md, "Intervals of a curve"), and BLAS sgemm
 * (float sums whose order depends on the machine). */
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
enum { STREAM_SHUFFLES = 2 };

/* Naming numbers are among those in use; n_used as one that is left out: nobody. */
struct run {
    const struct fr_reps *x, *y; /* subjects, and what references come from */
    int reference_time, n_used, n_labellings;
    int *namings; /* [n_used] in x and y */
    int *places;  /* [labelling][n_used][A] which of its kind's concepts a naming has for a label */
    /* Of the layer and kind at hand. */
    int l, n_members, members[FR_MAX_CONCEPTS];
    int n_lanes;     /* of references: member * n_used + naming */
    int *lanes;      /* [labelling][label][n_used] */
    double *packed;  /* [lane / LANES][D][LANES], 0 where there is none */
    double *among;   /* [lane][lane] products */
    double *inverse; /* [labelling][label][left out][left out] 1 / length of the sum of the other
                        namings' references; 0: it has none */
    /* Sums over labellings, and of how many: [variant][T][relation][left out][n_used]. */
    double *values;
    int *counts;
};

static size_t value_at(const struct run *run, int variant, int time, int relation, int left_out) {
    size_t i = (size_t)variant * (size_t)run->x->n_times + (size_t)time;
    i = i * N_RELATIONS + (size_t)relation;
    return (i * (size_t)(run->n_used + 1) + (size_t)left_out) * (size_t)run->n_used;
}

/* The concepts of a kind; how many. */
static int members_of(const struct fr_concepts *concepts, int kind, int *members) {
    int n = 0;
    for (int a = 0; a < concepts->n; a++)
        if ((int)concepts->kinds[a] == kind)
            members[n++] = a;
    return n;
}

static int *places_of(const struct run *run, int labelling, int naming) {
    return run->places +
           ((size_t)labelling * (size_t)run->n_used + (size_t)naming) * (size_t)run->x->n_concepts;
}

/* As it is, or each naming's labels permuted at random within each kind. */
static void label(struct run *run, bool shuffled, uint64_t seed) {
    int members[FR_MAX_CONCEPTS], order[FR_MAX_CONCEPTS];
    for (int s = 0; s < run->n_labellings; s++)
        for (int i = 0; i < run->n_used; i++) {
            struct fr_rng rng;
            fr_rng_seed(&rng, seed,
                        fr_mix64(fr_mix64(STREAM_SHUFFLES, (uint64_t)s),
                                 (uint64_t)run->namings[i]));
            for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
                const int n = members_of(run->x->concepts, kind, members);
                for (int k = 0; k < n; k++)
                    order[k] = k;
                if (shuffled)
                    fr_rng_permutation(&rng, n, order);
                for (int k = 0; k < n; k++)
                    places_of(run, s, i)[members[k]] = order[k];
            }
        }
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

/* Products of up to LANES rows with all references, [row][lane]; a short group repeats its last. */
static void with_references(const struct run *run, const float **rows, int n, double *out) {
    double block[LANES][LANES];
    for (int j = n; j < LANES; j++)
        rows[j] = rows[n - 1];
    for (int lane = 0; lane < run->n_lanes; lane += LANES) {
        products(rows, run->packed + (size_t)lane * (size_t)run->x->width, run->x->width, block);
        for (int row = 0; row < n; row++)
            for (int j = 0; j < LANES && lane + j < run->n_lanes; j++)
                out[row * run->n_lanes + lane + j] = block[row][j];
    }
}

static void norms(const float *const *x, int width, double *out) {
    double s[LANES] = {0};
    for (int d = 0; d < width; d++)
        for (int j = 0; j < LANES; j++)
            s[j] += (double)x[j][d] * (double)x[j][d];
    for (int j = 0; j < LANES; j++)
        out[j] = sqrt(s[j]);
}

/* ---- references ------------------------------------------------------------------------------ */

static const float *reference_of(const struct run *run, int lane) {
    const int naming = run->namings[lane % run->n_used], concept = run->members[lane / run->n_used];
    return fr_reps_has(run->y, naming, concept, run->reference_time)
               ? fr_reps_at(run->y, naming, concept, run->l, run->reference_time)
               : NULL;
}

/* Where the sum of some rows is this much shorter than they are, it is nothing but rounding. */
static const double nothing = 1e-12;

/* One label's sums without two namings; lanes, row_sum [n_used]. */
static void invert(const struct run *run, const int *lanes, double *row_sum, double *inverse) {
    const int n = run->n_used;
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        row_sum[i] = 0;
        for (int j = 0; j < n; j++)
            row_sum[i] += run->among[lanes[i] * run->n_lanes + lanes[j]];
        squares += run->among[lanes[i] * run->n_lanes + lanes[i]];
        sum += row_sum[i];
    }
    for (int i = 0; i <= n; i++)
        for (int k = 0; k <= n; k++) {
            double square = sum;
            if (i < n)
                square += run->among[lanes[i] * run->n_lanes + lanes[i]] - 2 * row_sum[i];
            if (k < n && k != i)
                square += run->among[lanes[k] * run->n_lanes + lanes[k]] - 2 * row_sum[k];
            if (i < n && k < n && k != i)
                square += 2 * run->among[lanes[i] * run->n_lanes + lanes[k]];
            inverse[i * (n + 1) + k] = square > nothing * squares ? 1 / sqrt(square) : 0;
        }
}

static double *inverse_of(const struct run *run, int labelling, int label) {
    return run->inverse + ((size_t)labelling * (size_t)run->n_members + (size_t)label) *
                              (size_t)(run->n_used + 1) * (size_t)(run->n_used + 1);
}

static int *lanes_of(const struct run *run, int labelling, int label) {
    return run->lanes +
           ((size_t)labelling * (size_t)run->n_members + (size_t)label) * (size_t)run->n_used;
}

static void references_load(struct run *run) {
    const int width = run->x->width;
    run->n_lanes = run->n_members * run->n_used;
    for (int lane = 0; lane < (run->n_lanes + LANES - 1) / LANES * LANES; lane++) {
        const float *x = lane < run->n_lanes ? reference_of(run, lane) : NULL;
        double *to = run->packed + (size_t)(lane / LANES) * (size_t)width * LANES + lane % LANES;
        for (int d = 0; d < width; d++, to += LANES)
            *to = x != NULL ? (double)x[d] : 0;
    }
    memset(run->among, 0, (size_t)run->n_lanes * (size_t)run->n_lanes * sizeof *run->among);
    for (int lane = 0; lane < run->n_lanes; lane++) {
        const float *rows[LANES] = {reference_of(run, lane)};
        if (rows[0] != NULL)
            with_references(run, rows, 1, run->among + (size_t)lane * (size_t)run->n_lanes);
    }
    double *row_sum = fr_alloc((size_t)run->n_used, sizeof *row_sum);
    for (int s = 0; s < run->n_labellings; s++)
        for (int b = 0; b < run->n_members; b++) {
            int *lanes = lanes_of(run, s, b);
            for (int j = 0; j < run->n_used; j++)
                lanes[j] = places_of(run, s, j)[run->members[b]] * run->n_used + j;
            invert(run, lanes, row_sum, inverse_of(run, s, b));
        }
    free(row_sum);
}

/* ---- subjects -------------------------------------------------------------------------------- */

/* Sum of values of a naming, over its concepts. */
struct tally {
    double sum[N_RELATIONS];
    int n[N_RELATIONS];
};

/* A row of naming i, under label a. */
struct subject {
    int i, a;
    double length;
    double *with; /* [label][n_used + 1] its products with references; with nobody's, 0 */
    double sum[FR_MAX_CONCEPTS]; /* of them, by label */
};

static void tally_row(const struct run *run, int labelling, const struct subject *row, int variant,
                      int left_out, struct tally *tally) {
    const int own = variant == VARIANT_LOO ? row->i : run->n_used;
    double others = 0;
    int n_others = 0;
    for (int b = 0; b < run->n_members; b++) {
        const double inverse = inverse_of(run, labelling, b)[left_out * (run->n_used + 1) + own];
        if (!(inverse > 0))
            continue;
        const double *with = row->with + b * (run->n_used + 1);
        const double x = (row->sum[b] - with[left_out] - with[own]) * inverse / row->length;
        if (b == row->a) {
            tally->sum[SAME] += x;
            tally->n[SAME]++;
        } else {
            others += x;
            n_others++;
        }
    }
    if (n_others > 0) {
        tally->sum[DIFFERENT] += others / n_others;
        tally->n[DIFFERENT]++;
    }
}

/* tallies [labelling][variant][left out] of one naming and time. */
static void tally_labellings(const struct run *run, int naming, int member, double length,
                             const double *product, struct subject *row, struct tally *tallies) {
    row->i = naming;
    row->length = length;
    for (int s = 0; s < run->n_labellings; s++) {
        for (int b = 0; b < run->n_members; b++) {
            const int *lanes = lanes_of(run, s, b);
            double *with = row->with + b * (run->n_used + 1);
            row->sum[b] = with[run->n_used] = 0;
            for (int j = 0; j < run->n_used; j++)
                row->sum[b] += with[j] = product[lanes[j]];
            if (places_of(run, s, naming)[run->members[b]] == member)
                row->a = b;
        }
        for (int variant = 0; variant < N_VARIANTS; variant++)
            for (int k = 0; k <= run->n_used; k++, tallies++)
                if (k != naming)
                    tally_row(run, s, row, variant, k, tallies);
    }
}

static void values_add(struct run *run, int naming, int time, const struct tally *tallies) {
    for (int s = 0; s < run->n_labellings; s++)
        for (int variant = 0; variant < N_VARIANTS; variant++)
            for (int k = 0; k <= run->n_used; k++, tallies++)
                for (int relation = 0; relation < N_RELATIONS; relation++) {
                    if (tallies->n[relation] == 0)
                        continue;
                    const size_t at = value_at(run, variant, time, relation, k) + (size_t)naming;
                    run->values[at] += tallies->sum[relation] / tallies->n[relation];
                    run->counts[at]++;
                }
}

/* All timestamps of one naming. */
static void naming_run(struct run *run, int naming, double *product, struct subject *row,
                       struct tally *tallies /* [T][n_tallies] */) {
    const struct fr_reps *x = run->x;
    const size_t n_tallies = (size_t)run->n_labellings * N_VARIANTS * (size_t)(run->n_used + 1);
    memset(tallies, 0, (size_t)x->n_times * n_tallies * sizeof *tallies);
    for (int member = 0; member < run->n_members; member++) {
        const int concept = run->members[member];
        const float *rows[LANES];
        int times[LANES], n = 0;
        for (int t = 0; t < x->n_times; t++) {
            double length[LANES];
            if (fr_reps_has(x, run->namings[naming], concept, t)) {
                times[n] = t;
                rows[n++] = fr_reps_at(x, run->namings[naming], concept, run->l, t);
            }
            if (n == 0 || (n < LANES && t < x->n_times - 1))
                continue;
            with_references(run, rows, n, product);
            norms(rows, x->width, length);
            for (int j = 0; j < n; j++)
                if (length[j] > 0)
                    tally_labellings(run, naming, member, length[j], product + j * run->n_lanes,
                                     row, tallies + (size_t)times[j] * n_tallies);
            n = 0;
        }
    }
    for (int t = 0; t < x->n_times; t++)
        values_add(run, naming, t, tallies + (size_t)t * n_tallies);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void row_append(const struct run *run, int kind, int variant, int time, int relation,
                       struct fr_similarity *out) {
    const size_t n = (size_t)run->n_used;
    double *values = out->values + (size_t)out->n * n;
    double *without = out->without + (size_t)out->n * n * n;
    for (int k = 0; k <= run->n_used; k++) {
        const size_t from = value_at(run, variant, time, relation, k);
        double *to = k == run->n_used ? values : without + (size_t)k * n;
        for (size_t i = 0; i < n; i++)
            to[i] = run->counts[from + i] > 0 ? run->values[from + i] / run->counts[from + i]
                                              : (double)NAN;
    }
    const struct fr_estimate e = fr_estimate_mean(values, without, run->n_used);
    /* without one of two, the other has no reference but itself */
    const bool bounded = e.n_namings > 2 && !isnan(e.low);
    out->rows[out->n++] =
        (struct fr_similarity_row){.layer = run->x->first_layer + run->l + 1,
                                   .time = time,
                                   .leave_one_out = variant == VARIANT_LOO,
                                   .kind = (enum fr_concept_kind)kind,
                                   .same = relation == SAME,
                                   .mean = e.value,
                                   .low = bounded ? fmax(e.low, -1) : (double)NAN,
                                   .high = bounded ? fmin(e.high, 1) : (double)NAN,
                                   .n_namings = e.n_namings};
}

static void rows_append(const struct run *run, int kind, struct fr_similarity *out) {
    for (int variant = 0; variant < N_VARIANTS; variant++)
        for (int t = 0; t < run->x->n_times; t++)
            for (int relation = 0; relation < N_RELATIONS; relation++)
                row_append(run, kind, variant, t, relation, out);
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
    free(similarity->without);
    *similarity = (struct fr_similarity){0};
}

static void scratch_init(struct run *run, struct subject *row, double **product,
                         struct tally **tallies) {
    const struct fr_reps *x = run->x;
    const size_t n = (size_t)run->n_used, n_times = (size_t)x->n_times;
    const size_t n_labellings = (size_t)run->n_labellings, n_concepts = (size_t)x->n_concepts;
    const size_t n_lanes = n_concepts * n + LANES;
    run->places = fr_alloc(n_labellings * n * n_concepts, sizeof *run->places);
    run->lanes = fr_alloc(n_labellings * n * n_concepts, sizeof *run->lanes);
    run->packed = fr_alloc(n_lanes * (size_t)x->width, sizeof *run->packed);
    run->among = fr_alloc(n_lanes * n_lanes, sizeof *run->among);
    run->inverse = fr_alloc(n_labellings * n_concepts * (n + 1) * (n + 1), sizeof *run->inverse);
    run->values = fr_alloc(N_VARIANTS * n_times * N_RELATIONS * (n + 1) * n, sizeof *run->values);
    run->counts = fr_alloc(N_VARIANTS * n_times * N_RELATIONS * (n + 1) * n, sizeof *run->counts);
    row->with = fr_alloc(n_concepts * (n + 1), sizeof *row->with);
    *product = fr_alloc(LANES * n_lanes, sizeof **product);
    *tallies = fr_alloc(n_times * n_labellings * N_VARIANTS * (n + 1), sizeof **tallies);
}

void fr_similarity_run(const struct fr_similarity_ask *ask, struct fr_similarity *out) {
    const struct fr_reps *x = ask->subjects, *y = ask->references != NULL ? ask->references : x;
    FR_ASSERT(ask->reference_time >= 0 && ask->reference_time < y->n_times && ask->n_shuffles >= 0);
    FR_ASSERT(y->n_namings == x->n_namings && y->n_layers == x->n_layers && y->width == x->width &&
              y->n_concepts == x->n_concepts);
    struct run run = {.x = x,
                      .y = y,
                      .reference_time = ask->reference_time,
                      .n_labellings = ask->n_shuffles > 0 ? ask->n_shuffles : 1,
                      .namings = fr_alloc((size_t)x->n_namings, sizeof *run.namings)};
    for (int i = 0; i < x->n_namings; i++)
        if (ask->use == NULL || ask->use[i])
            run.namings[run.n_used++] = i;
    const size_t n = (size_t)run.n_used, n_times = (size_t)x->n_times;
    struct subject row = {0};
    double *product;
    struct tally *tallies;
    scratch_init(&run, &row, &product, &tallies);
    label(&run, ask->n_shuffles > 0, ask->seed);

    fr_similarity_release(out);
    const size_t capacity = (size_t)x->n_layers * (size_t)count_rows(x);
    out->n_used = run.n_used;
    out->rows = fr_alloc(capacity, sizeof *out->rows);
    out->values = fr_alloc(capacity * n, sizeof *out->values);
    out->without = fr_alloc(capacity * n * n, sizeof *out->without);
    const size_t n_values = N_VARIANTS * n_times * N_RELATIONS * (n + 1) * n;
    for (run.l = 0; run.l < x->n_layers; run.l++)
        for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
            run.n_members = members_of(x->concepts, kind, run.members);
            if (run.n_members == 0)
                continue;
            memset(run.values, 0, n_values * sizeof *run.values);
            memset(run.counts, 0, n_values * sizeof *run.counts);
            references_load(&run);
            for (int i = 0; i < run.n_used; i++)
                naming_run(&run, i, product, &row, tallies);
            rows_append(&run, kind, out);
        }

    free(tallies);
    free(product);
    free(row.with);
    free(run.counts);
    free(run.values);
    free(run.inverse);
    free(run.among);
    free(run.packed);
    free(run.lanes);
    free(run.places);
    free(run.namings);
}

/* ---- as an analysis -------------------------------------------------------------------------- */

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
    /* The same when another naming is no reference, from which intervals come */
    {"similarity_without", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL,"
     " left_out TEXT NOT NULL, naming TEXT NOT NULL, value REAL NOT NULL,"
     " PRIMARY KEY (layer, kind, timestamp, left_out, naming)"},
};

/* One row's values; left_out NULL: nobody. */
static int write_values(const struct fr_analysis_input *in, const struct fr_similarity_row *r,
                        int timestamp, const char *left_out, const double *value,
                        struct fr_error *err) {
    const struct fr_world *w = in->world;
    const char *kind = fr_concept_kind_name[r->kind];
    int code = FR_OK;
    for (int n = 0; code == FR_OK && n < w->n_namings; n++) {
        if (!in->use[n])
            continue;
        if (!isnan(*value) && left_out == NULL)
            code =
                fr_store_run(in->store, err, "INSERT INTO similarity_naming VALUES (?, ?, ?, ?, ?)",
                             "ititd", (int64_t)r->layer, kind, (int64_t)timestamp,
                             w->namings[n].naming->id, *value);
        else if (!isnan(*value))
            code = fr_store_run(in->store, err,
                                "INSERT INTO similarity_without VALUES (?, ?, ?, ?, ?, ?)",
                                "itittd", (int64_t)r->layer, kind, (int64_t)timestamp, left_out,
                                w->namings[n].naming->id, *value);
        value++;
    }
    return code;
}

static int write_namings(const struct fr_analysis_input *in, const struct fr_similarity *s,
                         const struct fr_grid *grid, struct fr_error *err) {
    const struct fr_world *w = in->world;
    const size_t n_used = (size_t)s->n_used;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < s->n; i++) {
        const struct fr_similarity_row *r = &s->rows[i];
        const double *without = s->without + (size_t)i * n_used * n_used;
        if (!r->leave_one_out || !r->same)
            continue;
        code = write_values(in, r, grid->times[r->time], NULL, s->values + (size_t)i * n_used, err);
        for (int n = 0; code == FR_OK && n < w->n_namings; n++) {
            if (!in->use[n])
                continue;
            code =
                write_values(in, r, grid->times[r->time], w->namings[n].naming->id, without, err);
            without += n_used;
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
                                    .seed = (uint64_t)c->seed};
    struct fr_similarity similarity = {0};
    fr_similarity_run(&ask, &similarity);
    int code = write_rows(in, &similarity, plain, layer->grid, err);
    if (code == FR_OK && layer->layer == fr_paper_layer(in->n_layers))
        code = write_namings(in, &similarity, layer->grid, err);
    ask.n_shuffles = FR_LABEL_SHUFFLES;
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
