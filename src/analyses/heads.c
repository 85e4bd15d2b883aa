/* Which heads of attention refine a concept, and where they look (method.md 4, "beyond: how"): the
 * part of mechanism.c split by heads, along the same direction.
 *
 * The direction is brought through the attention's output matrix to what the heads give, so that
 * sums over mentions need not be kept head by head (model/heads.h). That the heads' values add up
 * to attention's is checked for every naming and timestamp, which also tells whether a norm's gain
 * stands behind the matrix; what does not add up is left out and said.
 *
 * p is of one head; p_layer, of as large a rise in any head of the layer, is of rises in units of
 * their shuffled spread, since heads differ in size. Rejected: the weight itself as the head's
 * contribution, which says nothing of what is moved. */
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analysis.h"
#include "analyses/mechanism.h"
#include "base/memory.h"
#include "model/heads.h"

/* Quantised products leave a hundredth or less; another matrix, or a gain too many, the whole. */
static const double misfit_most = 0.05;

struct split {
    struct fr_mechanism_run run;
    const struct fr_head_ask *ask;
    double *pulled; /* [N in use][k][heads' floats] */
    struct fr_curves values, whole;
    double *sum;   /* [T][N in use] */
    double *draws; /* [heads][resamples] */
};

static struct fr_subject of_head(const struct split *s, int head) {
    const int width = s->ask->heads->width / s->ask->n_heads;
    return (struct fr_subject){.heads = s->ask->heads,
                               .first = head * width,
                               .width = width,
                               .refined = s->pulled,
                               .stride = s->ask->heads->width};
}

static size_t n_values(const struct split *s) {
    return (size_t)s->run.n_times * (size_t)s->run.n_used;
}

/* How far the sum over heads is from attention's part, of its root mean square. */
static int find_misfit(struct split *s, bool gain, double *out, struct fr_error *err) {
    const size_t n = n_values(s);
    double off = 0, square = 0;
    const int code =
        s->ask->pull(s->ask->user, gain, s->run.refined, s->run.n_used * s->run.k, s->pulled, err);
    if (code != FR_OK)
        return code;
    memset(s->sum, 0, n * sizeof *s->sum);
    for (int head = 0; head < s->ask->n_heads; head++) {
        const struct fr_subject of = of_head(s, head);
        fr_subject_values(&s->run, &of, &s->values);
        for (size_t i = 0; i < n; i++)
            s->sum[i] += s->values.values[i];
    }
    for (size_t i = 0; i < n; i++)
        if (!isnan(s->whole.values[i])) {
            off += (s->sum[i] - s->whole.values[i]) * (s->sum[i] - s->whole.values[i]);
            square += s->whole.values[i] * s->whole.values[i];
        }
    *out = square > 0 ? sqrt(off / square) : off > 0 ? INFINITY : 0;
    return FR_OK;
}

static int fit(struct split *s, struct fr_head_split *out, struct fr_error *err) {
    int code = find_misfit(s, false, &out->misfit, err);
    if (code == FR_OK && s->ask->has_gain && out->misfit > misfit_most) {
        out->gain = true;
        code = find_misfit(s, true, &out->misfit, err);
    }
    if (code == FR_OK && !(out->misfit <= misfit_most))
        code = fr_fail(err, FR_E_MODEL,
                       "the heads do not add up to what attention adds (%.0f%% off): its matrix is "
                       "not the one that the graph uses",
                       100 * out->misfit);
    return code;
}

/* Of as large a rise, in units of its shuffled spread, in any of the heads. */
static void test_layer(const struct split *s, struct fr_head_split *out) {
    const int n = s->ask->of.n_resamples, n_heads = s->ask->n_heads;
    double *most = fr_alloc((size_t)n, sizeof *most);
    for (int i = 0; i < n; i++)
        most[i] = -INFINITY;
    for (int head = 0; head < n_heads; head++) {
        double *draws = s->draws + (size_t)head * (size_t)n;
        const double spread = n > 1 ? gsl_stats_sd_m(draws, 1, (size_t)n, 0) : 0;
        out->rises[head].spread = spread;
        for (int i = 0; i < n && spread > 0; i++)
            most[i] = fmax(most[i], draws[i] / spread);
    }
    for (int head = 0; head < n_heads; head++) {
        struct fr_head_rise *h = &out->rises[head];
        int n_above = 0;
        h->p_layer = NAN;
        if (!(h->spread > 0) || isnan(h->rise.mean.value))
            continue;
        for (int i = 0; i < n; i++)
            n_above += most[i] >= h->rise.mean.value / h->spread;
        h->p_layer = (1.0 + n_above) / (1.0 + n);
    }
    free(most);
}

static void measure(struct split *s, struct fr_head_split *out) {
    const int n = s->ask->of.n_resamples;
    for (int head = 0; head < s->ask->n_heads; head++) {
        const struct fr_subject of = of_head(s, head);
        struct fr_part_rise *rise = &out->rises[head].rise;
        double *draws = s->draws + (size_t)head * (size_t)n;
        fr_subject_values(&s->run, &of, &s->values);
        rise->mean = fr_subject_rise(&s->run, &s->values);
        fr_subject_shuffle(&s->run, &of, draws);
        fr_part_rise_test(draws, n, rise);
    }
    test_layer(s, out);
}

int fr_heads_split(const struct fr_head_ask *ask, struct fr_head_split *out, struct fr_error *err) {
    struct split s = {.ask = ask};
    FR_ASSERT(ask->n_heads > 0 && ask->heads->width % ask->n_heads == 0);
    fr_mechanism_begin(&s.run, &ask->of);
    *out = (struct fr_head_split){.first = s.run.first, .n_heads = ask->n_heads};
    out->rises = fr_alloc((size_t)ask->n_heads, sizeof *out->rises);
    int code = FR_OK;
    if (s.run.first >= 0) {
        s.pulled = fr_alloc((size_t)(s.run.n_used * s.run.k) * (size_t)ask->heads->width,
                            sizeof *s.pulled);
        s.sum = fr_alloc(n_values(&s), sizeof *s.sum);
        fr_curves_init(&s.values, s.run.n_times, s.run.n_used);
        fr_curves_init(&s.whole, s.run.n_times, s.run.n_used);
        s.draws = fr_alloc((size_t)ask->n_heads * (size_t)ask->of.n_resamples, sizeof *s.draws);
        fr_mechanism_part_values(&s.run, FR_PART_ATTENTION, &s.whole);
        code = fit(&s, out, err);
        if (code == FR_OK)
            measure(&s, out);
    }
    free(s.pulled);
    free(s.sum);
    fr_curves_release(&s.values);
    fr_curves_release(&s.whole);
    free(s.draws);
    fr_mechanism_end(&s.run);
    if (code != FR_OK)
        fr_head_split_release(out);
    return code;
}

void fr_head_split_release(struct fr_head_split *split) {
    free(split->rises);
    *split = (struct fr_head_split){.first = -1};
}

/* ---- sources --------------------------------------------------------------------------------- */

struct fr_estimate fr_attended_share(const struct fr_reps *sources,
                                     const struct fr_mechanism_ask *ask, int time, int head,
                                     enum fr_attended source) {
    double *values = fr_alloc((size_t)sources->n_namings, sizeof *values);
    int n_used = 0;
    const int column = head * FR_ATTENDED_COUNT + (int)source;
    for (int n = 0; n < sources->n_namings; n++) {
        double sum = 0;
        int k = 0, there = 0;
        if (ask->use != NULL && !ask->use[n])
            continue;
        for (int a = 0; a < sources->n_concepts; a++) {
            if (sources->concepts->kinds[a] != ask->kind)
                continue;
            k++;
            there += fr_reps_has(sources, n, a, time);
            sum += (double)fr_reps_at(sources, n, a, ask->l, time)[column];
        }
        values[n_used++] = k > 0 && there == k ? sum / k : NAN;
    }
    const struct fr_estimate e = fr_estimate_mean(values, NULL, n_used);
    free(values);
    return e;
}

/* ---- as an analysis -------------------------------------------------------------------------- */

static const struct fr_result_table tables[] = {
    /* Attention's rise of mechanism_rise split by heads, numbered from 1; kv_group: which keys and
     * values they read. p_layer: of as large a rise, in units of its shuffled spread, in any head
     * of the layer; misfit: how far the heads' sum is from attention's part, of its root mean
     * square */
    {"mechanism_heads", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, head INTEGER NOT NULL, kv_group INTEGER NOT NULL,"
     " first_timestamp INTEGER NOT NULL, last_timestamp INTEGER NOT NULL, rise REAL, low REAL,"
     " high REAL, shuffled_low REAL, shuffled_high REAL, p REAL, p_layer REAL,"
     " misfit REAL NOT NULL, n_namings INTEGER NOT NULL, PRIMARY KEY (layer, kind, head)"},
    /* Shares of a head's weight at mentions, by where it lies (representations.h), at the two ends
     * of the rise; alike: the share that looking at all positions alike would give */
    {"mechanism_sources", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, kind TEXT NOT NULL, head INTEGER NOT NULL,"
     " timestamp INTEGER NOT NULL, source TEXT NOT NULL, share REAL, low REAL, high REAL,"
     " alike REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (layer, kind, head, timestamp, source)"},
};

struct pulling {
    struct fr_heads *heads;
    int layer;
};

static int pull(void *user, bool gain, const double *x, int n, double *out, struct fr_error *err) {
    const struct pulling *p = user;
    return fr_heads_pull(p->heads, p->layer, gain, x, n, out, err);
}

static int write_heads(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                       const struct fr_mechanism_ask *ask, const struct fr_head_split *split,
                       int heads_of_group, struct fr_error *err) {
    int code = FR_OK;
    for (int head = 0; code == FR_OK && head < split->n_heads; head++) {
        const struct fr_part_rise *r = &split->rises[head].rise;
        code =
            fr_store_run(in->store, err,
                         "INSERT INTO mechanism_heads VALUES"
                         " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         "itiiiiddddddddi", (int64_t)layer->layer, fr_concept_kind_name[ask->kind],
                         (int64_t)head + 1, (int64_t)(head / heads_of_group) + 1,
                         (int64_t)layer->grid->times[split->first],
                         (int64_t)layer->grid->times[ask->reference_time], r->mean.value,
                         r->mean.low, r->mean.high, r->shuffled_low, r->shuffled_high, r->p,
                         split->rises[head].p_layer, split->misfit, (int64_t)r->mean.n_namings);
    }
    return code;
}

static int write_sources(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                         const struct fr_mechanism_ask *ask, int first, int n_heads,
                         const struct fr_reps *sources, struct fr_error *err) {
    const int times[2] = {first, ask->reference_time};
    int code = FR_OK;
    for (int i = 0; i < 2 * n_heads * FR_ATTENDED_COUNT && code == FR_OK; i++) {
        const int time = times[i / (n_heads * FR_ATTENDED_COUNT)];
        const int head = i / FR_ATTENDED_COUNT % n_heads, source = i % FR_ATTENDED_COUNT;
        const struct fr_estimate e =
            fr_attended_share(sources, ask, time, head, (enum fr_attended)source);
        const double alike =
            fr_attended_share(sources, ask, time, n_heads, (enum fr_attended)source).value;
        code = fr_store_run(in->store, err,
                            "INSERT INTO mechanism_sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "itiitddddi", (int64_t)layer->layer, fr_concept_kind_name[ask->kind],
                            (int64_t)head + 1, (int64_t)layer->grid->times[time],
                            fr_attended_name[source], e.value, e.low, e.high, alike,
                            (int64_t)e.n_namings);
    }
    return code;
}

/* What cannot be split is left out and said: the other analyses do not need the model's file. */
static void leave_out(const struct fr_analysis_input *in, int layer, const struct fr_error *why) {
    fr_events_warn(in->events, "heads of layer %d are left out: %s", layer, why->text);
}

struct parts {
    struct fr_reps attention, mlp, heads, sources; /* sources raw, the others centred */
};

static int load(const struct fr_analysis_layer *layer, int site, bool centred, struct fr_reps *out,
                struct fr_error *err) {
    struct fr_reps raw;
    const int code = layer->load(layer->user, FR_TRACES_ALL, site, &raw, err);
    if (code != FR_OK)
        return code;
    if (!centred) {
        *out = raw;
        return FR_OK;
    }
    fr_reps_centre(&raw, out);
    fr_reps_release(&raw);
    return FR_OK;
}

static int run_kind(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                    enum fr_concept_kind kind, const struct parts *parts, struct fr_heads *heads,
                    struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    const struct fr_model_info *info = fr_heads_info(heads);
    struct pulling pulling = {heads, layer->layer};
    if (parts->heads.width != fr_sums_width(info, FR_SITE_HEADS) ||
        (fr_config_reads(c, FR_SITE_SOURCES) &&
         parts->sources.width != fr_sums_width(info, FR_SITE_SOURCES)))
        return fr_fail(err, FR_E_INPUT,
                       "%s: %d heads of %d, and sums of another shape; is it another model's file?",
                       in->world->model_path, info->n_heads, info->head_width);
    const struct fr_head_ask ask = {.of = {.after = layer->centred,
                                           .attention = &parts->attention,
                                           .mlp = &parts->mlp,
                                           .use = in->use,
                                           .reference_time =
                                               fr_config_grid_index(c, c->reference_timestamp),
                                           .kind = kind,
                                           .n_resamples = c->resamples,
                                           .seed = (uint64_t)c->seed},
                                    .heads = &parts->heads,
                                    .n_heads = info->n_heads,
                                    .has_gain = fr_heads_has_gain(heads, layer->layer),
                                    .pull = pull,
                                    .user = &pulling};
    struct fr_head_split split;
    struct fr_error why = {0};
    int code = fr_heads_split(&ask, &split, &why);
    if (code == FR_E_MODEL) {
        leave_out(in, layer->layer, &why);
        return FR_OK;
    }
    if (code != FR_OK) {
        *err = why;
        return code;
    }
    if (split.first >= 0)
        code = write_heads(in, layer, &ask.of, &split, info->n_heads / info->n_heads_kv, err);
    if (code == FR_OK && split.first >= 0 && fr_config_reads(c, FR_SITE_SOURCES))
        code = write_sources(in, layer, &ask.of, split.first, info->n_heads, &parts->sources, err);
    fr_head_split_release(&split);
    return code;
}

static int run_layer(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    struct parts parts = {0};
    struct fr_heads *heads;
    struct fr_error why = {0};
    if (!fr_config_reads(c, FR_SITE_HEADS))
        return FR_OK;
    if (fr_heads_open(&heads, in->world->model_path, &why) != FR_OK) {
        leave_out(in, layer->layer, &why);
        return FR_OK;
    }
    int code = load(layer, FR_SITE_ATTENTION, true, &parts.attention, err);
    if (code == FR_OK)
        code = load(layer, FR_SITE_MLP, true, &parts.mlp, err);
    if (code == FR_OK)
        code = load(layer, FR_SITE_HEADS, true, &parts.heads, err);
    if (code == FR_OK && fr_config_reads(c, FR_SITE_SOURCES))
        code = load(layer, FR_SITE_SOURCES, false, &parts.sources, err);
    for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++)
        code = run_kind(in, layer, (enum fr_concept_kind)kind, &parts, heads, err);
    fr_reps_release(&parts.attention);
    fr_reps_release(&parts.mlp);
    fr_reps_release(&parts.heads);
    fr_reps_release(&parts.sources);
    fr_heads_close(heads);
    return code;
}

const struct fr_analysis fr_analysis_heads = {
    .name = "heads",
    .need = FR_NEEDS_SUMS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run_layer = run_layer,
};
