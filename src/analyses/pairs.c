/* Figures 2, 4b and 5 of the paper (A1, A4, A5): one naming held against single others, and the
 * clean one against the mystery ones, at the layers nearest to 40 and 30 of 64, which it shows.
 *
 * Figure 2 says that different concepts are about 0.2 alike. Centring over the k concepts of a kind
 * forces their mean to about -same / (k - 1), so that the figure cannot have been centred so; it is
 * therefore computed under four centrings. Source: method.md 4; paper/facts.md, figure 2. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "analyses/paper.h"
#include "base/memory.h"
#include "statistics/statistics.h"

enum { STREAM_PAIRS = 5, STREAM_MEAN = 6 };

static double dot(const float *x, const float *y, int width) {
    double s[4] = {0};
    int d = 0;
    for (; d + 4 <= width; d += 4)
        for (int j = 0; j < 4; j++)
            s[j] += (double)x[d + j] * (double)y[d + j];
    for (; d < width; d++)
        s[0] += (double)x[d] * (double)y[d];
    return s[0] + s[1] + (s[2] + s[3]);
}

void fr_reps_centre_all(const struct fr_reps *raw, struct fr_reps *out) {
    const int width = raw->width;
    fr_reps_init(out, raw->concepts, raw->n_namings, raw->n_layers, raw->n_times, width);
    out->first_layer = raw->first_layer;
    double *mean = fr_alloc((size_t)width, sizeof *mean);
    for (int i = 0; i < raw->n_namings; i++)
        for (int t = 0; t < raw->n_times; t++) {
            bool all = true;
            for (int a = 0; a < raw->n_concepts; a++)
                all = all && fr_reps_has(raw, i, a, t);
            for (int l = 0; all && l < raw->n_layers; l++) {
                memset(mean, 0, (size_t)width * sizeof *mean);
                for (int a = 0; a < raw->n_concepts; a++)
                    for (int d = 0; d < width; d++)
                        mean[d] += (double)fr_reps_at(raw, i, a, l, t)[d] / raw->n_concepts;
                for (int a = 0; a < raw->n_concepts; a++)
                    for (int d = 0; d < width; d++)
                        fr_reps_at(out, i, a, l, t)[d] =
                            (float)((double)fr_reps_at(raw, i, a, l, t)[d] - mean[d]);
            }
            for (int a = 0; all && a < raw->n_concepts; a++)
                out->present[(i * raw->n_concepts + a) * raw->n_times + t] = true;
        }
    free(mean);
}

/* Cosines of one cell with the references of a kind become its same and its mean of different. */
struct tally {
    double same, different;
    int n_same, n_different;
};

static void tally_row(struct tally *tally, const double *cosines, int n, int own) {
    double others = 0;
    int n_others = 0;
    for (int b = 0; b < n; b++) {
        if (isnan(cosines[b]))
            continue;
        if (b == own) {
            tally->same += cosines[b];
            tally->n_same++;
        } else {
            others += cosines[b];
            n_others++;
        }
    }
    if (n_others > 0) {
        tally->different += others / n_others;
        tally->n_different++;
    }
}

static double same_of(const struct tally *t) { return t->n_same > 0 ? t->same / t->n_same : NAN; }
static double different_of(const struct tally *t) {
    return t->n_different > 0 ? t->different / t->n_different : NAN;
}

static int members_of(const struct fr_concepts *concepts, enum fr_concept_kind kind, int *members) {
    int n = 0;
    for (int a = 0; a < concepts->n; a++)
        if (concepts->kinds[a] == kind)
            members[n++] = a;
    return n;
}

static void interval(double *draws, int n, struct fr_estimate *out) {
    out->low = out->high = NAN;
    if (n > 0 && out->n_namings >= FR_FEWEST_NAMINGS)
        fr_quantiles(draws, n, 0.025, 0.975, &out->low, &out->high);
}

/* ---- pairs ----------------------------------------------------------------------------------- */

static struct tally pair_at(const struct fr_pairs_ask *ask, const int pair[2], int n,
                            const int *members, const double *lengths, int time) {
    const struct fr_reps *x = ask->subjects, *y = ask->references;
    struct tally tally = {0};
    for (int k = 0; k < n; k++) {
        double cosines[FR_MAX_CONCEPTS];
        if (!fr_reps_has(x, pair[0], members[k], time))
            continue;
        const float *row = fr_reps_at(x, pair[0], members[k], ask->l, time);
        const double length = sqrt(dot(row, row, x->width));
        if (!(length > 0))
            continue;
        for (int b = 0; b < n; b++)
            cosines[b] =
                lengths[b] > 0
                    ? dot(row, fr_reps_at(y, pair[1], members[b], ask->l, ask->reference_time),
                          x->width) /
                          (length * lengths[b])
                    : NAN;
        tally_row(&tally, cosines, n, k);
    }
    return tally;
}

/* Mean over units that have a value, with the bootstrap over them. */
static struct fr_estimate mean_of(const double *values, int n, const int *resamples,
                                  int n_resamples, double *draws) {
    struct fr_estimate out = {0};
    double sum = 0;
    int n_draws = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            out.n_namings++;
        }
    out.value = sum / out.n_namings;
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
    interval(draws, n_draws, &out);
    return out;
}

static int *draw_resamples(int n, int n_resamples, uint64_t seed, uint64_t stream) {
    int *out = fr_alloc((size_t)n_resamples * (size_t)n, sizeof *out);
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, stream);
    for (size_t i = 0; i < (size_t)n_resamples * (size_t)n; i++)
        out[i] = (int)fr_rng_below(&rng, (uint32_t)n);
    return out;
}

void fr_pairs_run(const struct fr_pairs_ask *ask, struct fr_pair_curve *out) {
    const struct fr_reps *x = ask->subjects, *y = ask->references;
    int members[FR_MAX_CONCEPTS];
    const int n = members_of(x->concepts, ask->kind, members), n_pairs = ask->n_pairs;
    FR_ASSERT(x->width == y->width && x->n_concepts == y->n_concepts);
    FR_ASSERT(ask->reference_time >= 0 && ask->reference_time < y->n_times);
    double *same = fr_alloc((size_t)n_pairs * (size_t)x->n_times, sizeof *same);
    double *different = fr_alloc((size_t)n_pairs * (size_t)x->n_times, sizeof *different);
    double *draws = fr_alloc((size_t)ask->n_resamples, sizeof *draws);
    int *resamples = draw_resamples(n_pairs, ask->n_resamples, ask->seed, STREAM_PAIRS);
    for (int p = 0; p < n_pairs; p++) {
        double lengths[FR_MAX_CONCEPTS] = {0};
        for (int b = 0; b < n; b++) {
            const float *row =
                fr_reps_at(y, ask->pairs[p][1], members[b], ask->l, ask->reference_time);
            if (fr_reps_has(y, ask->pairs[p][1], members[b], ask->reference_time))
                lengths[b] = sqrt(dot(row, row, y->width));
        }
        for (int t = 0; t < x->n_times; t++) {
            const struct tally tally = pair_at(ask, ask->pairs[p], n, members, lengths, t);
            same[t * n_pairs + p] = same_of(&tally);
            different[t * n_pairs + p] = different_of(&tally);
        }
    }
    for (int t = 0; t < x->n_times; t++) {
        out[t].same = mean_of(same + (size_t)t * (size_t)n_pairs, n_pairs, resamples,
                              ask->n_resamples, draws);
        out[t].different = mean_of(different + (size_t)t * (size_t)n_pairs, n_pairs, resamples,
                                   ask->n_resamples, draws);
    }
    free(resamples);
    free(draws);
    free(different);
    free(same);
}

/* ---- against a mean -------------------------------------------------------------------------- */

/* The namings behind r- at the reference time: their products among each other and with a row, so
 * that the mean of any resample needs no vectors. */
struct gram {
    int n, n_concepts; /* namings that have the kind; concepts of it */
    double *among;     /* [concept][n][n] */
    double *with;      /* [concept][n] of the row at hand */
};

/* Cosine of a row of that length with the mean of the namings drawn, of one concept. */
static double cosine_with(const struct gram *g, int concept, double length, const int *drawn) {
    const double *among = g->among + (size_t) concept * (size_t)g->n * (size_t)g->n;
    const double *with = g->with + (size_t) concept * (size_t)g->n;
    double product = 0, square = 0;
    for (int i = 0; i < g->n; i++) {
        product += with[drawn[i]];
        for (int j = 0; j < g->n; j++)
            square += among[drawn[i] * g->n + drawn[j]];
    }
    return length > 0 && square > 0 ? product / (length * sqrt(square)) : NAN;
}

void fr_against_mean_run(const struct fr_reps *centred, int naming, const bool *use, int l,
                         int reference_time, enum fr_concept_kind kind, int n_resamples,
                         uint64_t seed, struct fr_pair_curve *out) {
    const int width = centred->width;
    int members[FR_MAX_CONCEPTS];
    const int n = members_of(centred->concepts, kind, members);
    int *namings = fr_alloc((size_t)centred->n_namings, sizeof *namings);
    struct gram g = {.n_concepts = n};
    for (int i = 0; n > 0 && i < centred->n_namings; i++)
        if ((use == NULL || use[i]) && fr_reps_has(centred, i, members[0], reference_time))
            namings[g.n++] = i; /* a centred kind is there as a whole or not at all */
    const size_t n_cells = (size_t)n * (size_t)g.n;
    g.among = fr_alloc(n_cells * (size_t)g.n, sizeof *g.among);
    g.with = fr_alloc(n_cells, sizeof *g.with);
    int *resamples = draw_resamples(g.n, n_resamples, seed, STREAM_MEAN);
    int *everyone = fr_alloc((size_t)g.n, sizeof *everyone);
    struct tally *tallies = fr_alloc((size_t)n_resamples + 1, sizeof *tallies);
    double *draws = fr_alloc((size_t)n_resamples, sizeof *draws);
    for (int i = 0; i < g.n; i++)
        everyone[i] = i;
#define REFERENCE(i, b) fr_reps_at(centred, namings[i], members[b], l, reference_time)
    for (int b = 0; b < n; b++)
        for (int i = 0; i < g.n; i++)
            for (int j = 0; j < g.n; j++)
                g.among[(b * g.n + i) * g.n + j] = dot(REFERENCE(i, b), REFERENCE(j, b), width);
    for (int t = 0; t < centred->n_times; t++) {
        memset(tallies, 0, ((size_t)n_resamples + 1) * sizeof *tallies);
        for (int k = 0; k < n; k++) {
            if (!fr_reps_has(centred, naming, members[k], t))
                continue;
            const float *row = fr_reps_at(centred, naming, members[k], l, t);
            const double length = sqrt(dot(row, row, width));
            for (int b = 0; b < n; b++)
                for (int i = 0; i < g.n; i++)
                    g.with[b * g.n + i] = dot(row, REFERENCE(i, b), width);
            for (int r = -1; r < n_resamples; r++) {
                double cosines[FR_MAX_CONCEPTS];
                const int *drawn = r < 0 ? everyone : resamples + (size_t)r * (size_t)g.n;
                for (int b = 0; b < n; b++)
                    cosines[b] = cosine_with(&g, b, length, drawn);
                tally_row(&tallies[r + 1], cosines, n, k);
            }
        }
        for (int relation = 0; relation < 2; relation++) {
            struct fr_estimate *e = relation == 0 ? &out[t].same : &out[t].different;
            double (*of)(const struct tally *) = relation == 0 ? same_of : different_of;
            int n_draws = 0;
            e->value = of(&tallies[0]);
            e->n_namings = isnan(e->value) ? 0 : g.n;
            for (int r = 0; r < n_resamples; r++)
                if (!isnan(of(&tallies[r + 1])))
                    draws[n_draws++] = of(&tallies[r + 1]);
            interval(draws, n_draws, e);
        }
    }
#undef REFERENCE
    free(draws);
    free(tallies);
    free(everyone);
    free(resamples);
    free(g.with);
    free(g.among);
    free(namings);
}

/* ---- as an analysis -------------------------------------------------------------------------- */

static const struct fr_result_table tables[] = {
    /* figure: 'naming' (2, 5a), 'clean_single' (5b), 'clean_cross' (4b). centring: of both sides
     * 'kind', of others only 'one' (the naming held against is raw), over 'all' concepts, or 'raw'.
     * n: namings that the mean is over; of clean_cross those behind r-, which the interval is over
     */
    {"pair_similarity", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, figure TEXT NOT NULL, centring TEXT NOT NULL, kind TEXT NOT NULL,"
     " relation TEXT NOT NULL, reference_timestamp INTEGER NOT NULL, timestamp INTEGER NOT NULL,"
     " mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (layer, figure, centring, kind, relation, reference_timestamp, timestamp)"},
};

struct pairs {
    const struct fr_analysis_input *in;
    const struct fr_analysis_layer *layer;
    int n, (*items)[2];
};

static int write_curve(const struct pairs *p, const char *figure, const char *centring, int kind,
                       int reference_time, const struct fr_pair_curve *curve,
                       struct fr_error *err) {
    const struct fr_grid *grid = p->layer->grid;
    int code = FR_OK;
    for (int t = 0; t < grid->n_times; t++)
        for (int relation = 0; code == FR_OK && relation < 2; relation++) {
            const struct fr_estimate *e = relation == 0 ? &curve[t].same : &curve[t].different;
            code = fr_store_run(p->in->store, err,
                                "INSERT INTO pair_similarity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                                " ?)",
                                "ittttiidddi", (int64_t)p->layer->layer, figure, centring,
                                fr_concept_kind_name[kind], relation == 0 ? "same" : "different",
                                (int64_t)grid->times[reference_time], (int64_t)grid->times[t],
                                e->value, e->low, e->high, (int64_t)e->n_namings);
        }
    return code;
}

static int run_pairs(const struct pairs *p, const char *figure, const char *centring,
                     const struct fr_reps *subjects, const struct fr_reps *references,
                     int reference_time, struct fr_error *err) {
    const struct fr_config *c = &p->in->world->config;
    struct fr_pair_curve *curve = fr_alloc((size_t)subjects->n_times, sizeof *curve);
    int members[FR_MAX_CONCEPTS], code = FR_OK;
    for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++) {
        if (members_of(subjects->concepts, (enum fr_concept_kind)kind, members) == 0)
            continue;
        fr_pairs_run(&(struct fr_pairs_ask){.subjects = subjects,
                                            .references = references,
                                            .n_pairs = p->n,
                                            .pairs = (const int(*)[2])p->items,
                                            .reference_time = reference_time,
                                            .kind = (enum fr_concept_kind)kind,
                                            .n_resamples = c->resamples,
                                            .seed = (uint64_t)c->seed},
                     curve);
        code = write_curve(p, figure, centring, kind, reference_time, curve, err);
    }
    free(curve);
    return code;
}

/* The naming that others are held against, or -1. */
static int pair_naming(const struct fr_analysis_input *in) {
    const struct fr_world *w = in->world;
    const int named =
        *w->config.pair_naming != '\0' ? fr_world_find_naming(w, w->config.pair_naming) : -1;
    if (named >= 0)
        return in->use[named] ? named : -1;
    for (int i = 0; *w->config.pair_naming == '\0' && i < w->n_namings; i++)
        if (in->use[i])
            return i;
    return -1;
}

/* Is that index of the grid one of those that the naming is held against at? */
static bool is_pair_time(const struct fr_config *c, int t) {
    static const int sevenths[] = {2, 4, 7, 10};
    if (t == fr_config_grid_index(c, c->reference_timestamp))
        return true;
    for (int i = 0; i < c->n_pair_timestamps; i++)
        if (t == fr_config_grid_index(c, c->pair_timestamps[i]))
            return true;
    for (size_t i = 0; c->n_pair_timestamps == 0 && i < sizeof sevenths / sizeof *sevenths; i++)
        if (t == (c->reference_timestamp * sevenths[i] / 7 + c->grid_step / 2) / c->grid_step - 1)
            return true;
    return false;
}

/* Every other naming in use against one, under the four centrings. */
static int run_naming(struct pairs *p, struct fr_error *err) {
    const struct fr_config *c = &p->in->world->config;
    const struct fr_reps *raw = p->layer->raw, *centred = p->layer->centred;
    const int one = pair_naming(p->in);
    struct fr_reps all;
    int code = FR_OK;
    p->n = 0;
    for (int i = 0; one >= 0 && i < raw->n_namings; i++)
        if (p->in->use[i] && i != one) {
            p->items[p->n][0] = i;
            p->items[p->n++][1] = one;
        }
    if (p->n == 0)
        return FR_OK;
    fr_reps_centre_all(raw, &all);
    const struct {
        const char *name;
        const struct fr_reps *subjects, *references;
    } centrings[] = {{"kind", centred, centred},
                     {"one", centred, raw},
                     {"all", &all, &all},
                     {"raw", raw, raw}};
    for (size_t k = 0; k < sizeof centrings / sizeof *centrings; k++)
        for (int t = 0; code == FR_OK && t < raw->n_times; t++)
            if (is_pair_time(c, t))
                code = run_pairs(p, "naming", centrings[k].name, centrings[k].subjects,
                                 centrings[k].references, t, err);
    fr_reps_release(&all);
    return code;
}

/* The clean naming against the mystery ones, singly and against their mean. */
static int run_clean(struct pairs *p, struct fr_error *err) {
    const struct fr_config *c = &p->in->world->config;
    const struct fr_reps *centred = p->layer->centred;
    const int clean = fr_world_clean_naming(p->in->world);
    const int reference = fr_config_grid_index(c, c->reference_timestamp);
    int members[FR_MAX_CONCEPTS];
    p->n = 0;
    for (int i = 0; clean >= 0 && i < centred->n_namings; i++)
        if (p->in->use[i]) {
            p->items[p->n][0] = clean;
            p->items[p->n++][1] = i;
        }
    if (p->n == 0)
        return FR_OK;
    int code = run_pairs(p, "clean_single", "kind", centred, centred, reference, err);
    struct fr_pair_curve *curve = fr_alloc((size_t)centred->n_times, sizeof *curve);
    for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++) {
        if (members_of(centred->concepts, (enum fr_concept_kind)kind, members) == 0)
            continue;
        fr_against_mean_run(centred, clean, p->in->use, 0, reference, (enum fr_concept_kind)kind,
                            c->resamples, (uint64_t)c->seed, curve);
        code = write_curve(p, "clean_cross", "kind", kind, reference, curve, err);
    }
    free(curve);
    return code;
}

static int run_layer(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     struct fr_error *err) {
    struct pairs p = {in, layer, 0, NULL};
    if (layer->layer != fr_paper_layer(in->n_layers) &&
        layer->layer != fr_paper_other_layer(in->n_layers))
        return FR_OK;
    p.items = fr_alloc((size_t)layer->raw->n_namings, sizeof *p.items);
    int code = run_naming(&p, err);
    if (code == FR_OK)
        code = run_clean(&p, err);
    free(p.items);
    return code;
}

const struct fr_analysis fr_analysis_pairs = {
    .name = "pairs",
    .need = FR_NEEDS_SUMS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run_layer = run_layer,
};
