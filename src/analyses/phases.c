/* What the model does along its reasoning (method.md 4, A6; the paper's account of behaviour): the
 * share of tokens in each phase, and how far two sets of rules agree about it, without which none
 * of it says anything. The organism's rules are also held against the writer of its reasoning
 * (unit/organism/phases), once for all its texts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "base/file.h"
#include "base/memory.h"
#include "phases/phases.h"
#include "statistics/statistics.h"

enum { PARTS = 20, STREAM = 6, CEILING = 1 << 16 };

static const struct fr_result_table tables[] = {
    /* along: 'trace', whose reasoning is cut into 20 parts of equal tokens, part 1 to 20; 'tokens',
     * part = T, the tokens of [T - grid_step, T) after the origin. share: of the part's tokens */
    {"phase_share", FR_OWNER_STATISTICS,
     "naming TEXT NOT NULL, rules TEXT NOT NULL, along TEXT NOT NULL, part INTEGER NOT NULL,"
     " phase TEXT NOT NULL, n_traces INTEGER NOT NULL, tokens INTEGER NOT NULL,"
     " share REAL NOT NULL, PRIMARY KEY (naming, rules, along, part, phase)"},
    /* texts: 'clean' or 'mystery' namings. phase: 'all', or one against the others. kappa: Cohen's,
     * 95% bootstrap over n_distinct puzzles, distinct up to the names of their objects. cues,
     * mentions: tokens that have the phase by each set of rules; both: by both */
    {"phase_agreement", FR_OWNER_STATISTICS,
     "texts TEXT NOT NULL, phase TEXT NOT NULL, n_traces INTEGER NOT NULL,"
     " n_distinct INTEGER NOT NULL, cues INTEGER NOT NULL, mentions INTEGER NOT NULL,"
     " both INTEGER NOT NULL, kappa REAL, low REAL, high REAL, PRIMARY KEY (texts, phase)"},
    /* At the paper's depth, same concept, leave-one-out: of a naming the mean over timestamps, the
     * tokens of the phase before each as weights; mean and 95% jackknife over namings.
     * mean_timestamp: of these tokens */
    {"phase_similarity", FR_OWNER_STATISTICS,
     "kind TEXT NOT NULL, rules TEXT NOT NULL, phase TEXT NOT NULL, mean REAL, low REAL, high REAL,"
     " mean_timestamp REAL, n_namings INTEGER NOT NULL, PRIMARY KEY (kind, rules, phase)"},
    /* of data/phases-accuracy.tsv, the study's style of prompt. found: share of the tokens that
     * have the phase and are found; kappa: with the truth */
    {"phase_accuracy", FR_OWNER_STATISTICS,
     "rules TEXT NOT NULL, phase TEXT NOT NULL, tokens INTEGER NOT NULL, found REAL NOT NULL,"
     " kappa REAL NOT NULL, PRIMARY KEY (rules, phase)"},
};

/* Tokens of one naming by phase, along one way of cutting. */
struct along {
    int n_parts;
    int *n_traces;                /* [parts] that reach it */
    int64_t (*n)[FR_PHASE_COUNT]; /* [parts] */
};
enum { ALONG_TRACE, ALONG_TOKENS, N_ALONG };
static const char *const along_name[N_ALONG] = {"trace", "tokens"};

/* By both sets of rules, of the traces on one puzzle, up to the names of its objects. */
struct puzzle {
    int64_t class;
    int n_traces;
    struct fr_phase_counts counts;
};
struct texts {
    int n, capacity;
    struct puzzle *puzzles;
};

struct work {
    const struct fr_analysis_input *in;
    struct fr_phases *phases;
    struct along along[FR_PHASE_RULES_COUNT][N_ALONG];
    struct texts texts[2]; /* clean, mystery */
};

static void clear(struct work *w) {
    for (int r = 0; r < FR_PHASE_RULES_COUNT; r++)
        for (int k = 0; k < N_ALONG; k++) {
            struct along *a = &w->along[r][k];
            memset(a->n, 0, (size_t)a->n_parts * sizeof *a->n);
            memset(a->n_traces, 0, (size_t)a->n_parts * sizeof *a->n_traces);
        }
}

static void init(struct work *w) {
    const struct fr_config *c = &w->in->world->config;
    for (int r = 0; r < FR_PHASE_RULES_COUNT; r++)
        for (int k = 0; k < N_ALONG; k++) {
            struct along *a = &w->along[r][k];
            a->n_parts = k == ALONG_TRACE ? PARTS : c->grid_end / c->grid_step;
            a->n = fr_alloc((size_t)a->n_parts, sizeof *a->n);
            a->n_traces = fr_alloc((size_t)a->n_parts, sizeof *a->n_traces);
        }
}

static void release(struct work *w) {
    for (int r = 0; r < FR_PHASE_RULES_COUNT; r++)
        for (int k = 0; k < N_ALONG; k++) {
            free(w->along[r][k].n);
            free(w->along[r][k].n_traces);
        }
    for (int k = 0; k < 2; k++)
        free(w->texts[k].puzzles);
    fr_phases_close(w->phases);
}

/* The part of a token that is the i-th of n of the reasoning, t after the origin; -1: none. */
static int part_of(const struct work *w, int along, int i, int n, int t) {
    const struct fr_config *c = &w->in->world->config;
    if (along == ALONG_TRACE)
        return (int)((int64_t)i * PARTS / n);
    return t / c->grid_step < c->grid_end / c->grid_step ? t / c->grid_step : -1;
}

static void add_trace(struct work *w, const struct fr_trace *trace,
                      uint8_t *const phases[FR_PHASE_RULES_COUNT], struct puzzle *puzzle) {
    const int n = trace->n_reasoning, origin = fr_world_origin(w->in->world, trace->n_prompt);
    for (int r = 0; r < FR_PHASE_RULES_COUNT; r++)
        for (int k = 0; k < N_ALONG; k++) {
            struct along *a = &w->along[r][k];
            int last = -1;
            for (int i = 0; i < n; i++) {
                const int part = part_of(w, k, i, n, trace->n_prompt + i - origin);
                if (part < 0)
                    break;
                a->n[part][phases[r][i]]++;
                a->n_traces[part] += part != last;
                last = part;
            }
        }
    for (int i = 0; i < n; i++)
        puzzle->counts.n[phases[FR_PHASES_BY_CUES][i]][phases[FR_PHASES_BY_MENTIONS][i]]++;
    puzzle->n_traces++;
}

static struct puzzle *puzzle_of(struct texts *texts, int64_t class) {
    for (int i = 0; i < texts->n; i++)
        if (texts->puzzles[i].class == class)
            return &texts->puzzles[i];
    FR_RESERVE(texts->puzzles, texts->n, texts->capacity);
    texts->puzzles[texts->n] = (struct puzzle){.class = class};
    return &texts->puzzles[texts->n++];
}

/* All traces of a naming. */
static int read_naming(struct work *w, int naming, struct fr_error *err) {
    const struct fr_world *world = w->in->world;
    const char *id = world->namings[naming].naming->id;
    struct texts *texts = &w->texts[!world->namings[naming].clean];
    struct fr_phase_spans spans = {0};
    struct fr_forms forms;
    struct fr_query *query;
    int code = fr_query_open(&query, w->in->store, err,
                             "SELECT t.puzzle, coalesce(c.class, t.puzzle) FROM trace t LEFT JOIN"
                             " puzzle_class c ON c.puzzle = t.puzzle WHERE t.naming = ? AND"
                             " t.n_reasoning > 0 ORDER BY t.puzzle",
                             "t", id);
    if (code != FR_OK)
        return code;
    fr_world_forms(world, naming, &forms);
    while (code == FR_OK && fr_query_next(query)) {
        uint8_t *phases[FR_PHASE_RULES_COUNT];
        struct fr_trace trace;
        if ((code = fr_store_get_trace(w->in->store, fr_query_int(query, 0), id, &trace, err)) !=
            FR_OK)
            break;
        const int first = trace.n_prompt, n = trace.n_reasoning;
        for (int r = 0; r < FR_PHASE_RULES_COUNT; r++) {
            phases[r] = fr_alloc((size_t)n, sizeof *phases[r]);
            fr_phases_find(w->phases, (enum fr_phase_rules)r, &forms, &world->table.concepts,
                           trace.text, (size_t)trace.starts[first],
                           (size_t)trace.ends[first + n - 1], &spans);
            fr_phases_of_tokens(&spans, trace.starts + first, n, phases[r]);
        }
        add_trace(w, &trace, phases, puzzle_of(texts, fr_query_int(query, 1)));
        for (int r = 0; r < FR_PHASE_RULES_COUNT; r++)
            free(phases[r]);
        fr_trace_release(&trace);
        if (fr_events_stopped(w->in->events))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    fr_phase_spans_release(&spans);
    fr_forms_release(&forms);
    return fr_query_close_after(query, code, err);
}

static int write_shares(const struct work *w, int naming, struct fr_error *err) {
    const int step = w->in->world->config.grid_step;
    int code = FR_OK;
    for (int r = 0; r < FR_PHASE_RULES_COUNT; r++)
        for (int k = 0; k < N_ALONG; k++)
            for (int part = 0; code == FR_OK && part < w->along[r][k].n_parts; part++) {
                const struct along *a = &w->along[r][k];
                int64_t total = 0;
                for (int p = 0; p < FR_PHASE_COUNT; p++)
                    total += a->n[part][p];
                for (int p = 0; code == FR_OK && total > 0 && p < FR_PHASE_COUNT; p++)
                    code = fr_store_run(w->in->store, err,
                                        "INSERT INTO phase_share VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                                        "tttitiid", w->in->world->namings[naming].naming->id,
                                        fr_phase_rules_name[r], along_name[k],
                                        (int64_t)(part + 1) * (k == ALONG_TOKENS ? step : 1),
                                        fr_phase_name[p], (int64_t)a->n_traces[part], a->n[part][p],
                                        (double)a->n[part][p] / (double)total);
            }
    return code;
}

/* ---- agreement ------------------------------------------------------------------------------- */

static void add_counts(struct fr_phase_counts *sum, const struct fr_phase_counts *counts) {
    for (int p = 0; p < FR_PHASE_COUNT; p++)
        for (int q = 0; q < FR_PHASE_COUNT; q++)
            sum->n[p][q] += counts->n[p][q];
}

/* [0]: of all phases; [1 + p] of phase p. */
enum { N_KAPPAS = 1 + FR_PHASE_COUNT };

static void kappas(const struct fr_phase_counts *counts, double out[N_KAPPAS]) {
    out[0] = fr_phase_kappa(counts);
    for (int p = 0; p < FR_PHASE_COUNT; p++)
        out[1 + p] = fr_phase_kappa_of(counts, (enum fr_phase)p);
}

/* Percentile intervals over puzzles: all traces on a puzzle, under other names of its objects too,
 * come together, whose texts are alike. */
static void bootstrap(const struct texts *texts, int n_resamples, uint64_t seed,
                      struct fr_estimate out[N_KAPPAS]) {
    double *draws = fr_alloc((size_t)N_KAPPAS * (size_t)n_resamples, sizeof *draws);
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, STREAM);
    for (int r = 0; r < n_resamples; r++) {
        struct fr_phase_counts sum = {0};
        double values[N_KAPPAS];
        for (int i = 0; i < texts->n; i++)
            add_counts(&sum, &texts->puzzles[fr_rng_below(&rng, (uint32_t)texts->n)].counts);
        kappas(&sum, values);
        for (int k = 0; k < N_KAPPAS; k++)
            draws[k * n_resamples + r] = values[k];
    }
    for (int k = 0; k < N_KAPPAS; k++) {
        double *values = draws + (size_t)k * (size_t)n_resamples;
        int n = 0;
        for (int r = 0; r < n_resamples; r++)
            if (!isnan(values[r]))
                values[n++] = values[r];
        out[k].low = out[k].high = NAN;
        if (texts->n < 2 || 10.0 * n < 9.0 * n_resamples || n == 0)
            continue;
        fr_quantiles(values, n, 0.025, 0.975, &out[k].low, &out[k].high);
    }
    free(draws);
}

static int write_agreement(const struct work *w, bool mystery, struct fr_error *err) {
    const struct fr_config *c = &w->in->world->config;
    const struct texts *texts = &w->texts[mystery];
    struct fr_phase_counts all = {0};
    struct fr_estimate intervals[N_KAPPAS];
    double values[N_KAPPAS];
    int64_t n_traces = 0;
    int code = FR_OK;
    if (texts->n == 0)
        return FR_OK;
    for (int i = 0; i < texts->n; i++) {
        add_counts(&all, &texts->puzzles[i].counts);
        n_traces += texts->puzzles[i].n_traces;
    }
    kappas(&all, values);
    bootstrap(texts, c->resamples, (uint64_t)c->seed, intervals);
    for (int k = 0; code == FR_OK && k < N_KAPPAS; k++) {
        double n[3] = {0}; /* by cues, by mentions, by both */
        for (int p = 0; p < FR_PHASE_COUNT; p++)
            for (int q = 0; q < FR_PHASE_COUNT; q++) {
                n[0] += k == 0 || p == k - 1 ? all.n[p][q] : 0;
                n[1] += k == 0 || q == k - 1 ? all.n[p][q] : 0;
                n[2] += p == q && (k == 0 || p == k - 1) ? all.n[p][q] : 0;
            }
        code = fr_store_run(w->in->store, err,
                            "INSERT INTO phase_agreement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "ttiiiiiddd", mystery ? "mystery" : "clean",
                            k == 0 ? "all" : fr_phase_name[k - 1], n_traces, (int64_t)texts->n,
                            (int64_t)n[0], (int64_t)n[1], (int64_t)n[2], values[k],
                            intervals[k].low, intervals[k].high);
    }
    return code;
}

/* ---- similarity -------------------------------------------------------------------------------
 */

/* Of one kind, set of rules and phase: the mean over namings, and what it is without one of them.
 */
struct mean {
    char kind[16], rules[16], phase[16];
    double value, timestamp, *without;
    int n_namings, n, capacity;
};

static int write_mean(const struct work *w, struct mean *mean, struct fr_error *err) {
    double standard_error, low, high;
    int code = FR_OK;
    if (mean->n_namings > 0) {
        fr_jackknife(mean->value, mean->without, mean->n, mean->n_namings, 0.95, &standard_error,
                     &low, &high);
        code = fr_store_run(w->in->store, err,
                            "INSERT INTO phase_similarity VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                            "tttddddi", mean->kind, mean->rules, mean->phase, mean->value, low,
                            high, mean->timestamp, (int64_t)mean->n_namings);
    }
    mean->n_namings = mean->n = 0;
    return code;
}

static int write_similarity(const struct work *w, struct fr_error *err) {
    static const char sql[] =
        "WITH value AS (SELECT '' AS left_out, kind, timestamp, naming, value FROM"
        " similarity_naming UNION ALL SELECT left_out, kind, timestamp, naming, value FROM"
        " similarity_without)"
        " SELECT kind, rules, phase, left_out, avg(value), avg(timestamp), count(*) FROM"
        " (SELECT v.kind, p.rules, p.phase, v.left_out, sum(p.tokens * v.value) / sum(p.tokens) AS"
        " value, sum(1.0 * p.tokens * v.timestamp) / sum(p.tokens) AS timestamp FROM phase_share p"
        " JOIN value v ON v.naming = p.naming AND v.timestamp = p.part"
        " WHERE p.along = 'tokens' AND p.tokens > 0"
        " GROUP BY v.kind, p.rules, p.phase, v.left_out, v.naming)"
        " GROUP BY kind, rules, phase, left_out ORDER BY kind, rules, phase, left_out";
    struct mean mean = {0};
    struct fr_query *query;
    int code = fr_query_open(&query, w->in->store, err, sql, "");
    if (code != FR_OK)
        return code;
    while (code == FR_OK && fr_query_next(query)) {
        if (fr_query_text(query, 3)[0] != '\0') {
            FR_RESERVE(mean.without, mean.n, mean.capacity);
            mean.without[mean.n++] = fr_query_double(query, 4);
            continue;
        }
        code = write_mean(w, &mean, err);
        (void)snprintf(mean.kind, sizeof mean.kind, "%s", fr_query_text(query, 0));
        (void)snprintf(mean.rules, sizeof mean.rules, "%s", fr_query_text(query, 1));
        (void)snprintf(mean.phase, sizeof mean.phase, "%s", fr_query_text(query, 2));
        mean.value = fr_query_double(query, 4);
        mean.timestamp = fr_query_double(query, 5);
        mean.n_namings = (int)fr_query_int(query, 6);
    }
    if (code == FR_OK)
        code = write_mean(w, &mean, err);
    free(mean.without);
    return fr_query_close_after(query, code, err);
}

/* ---- against the truth ----------------------------------------------------------------------- */

static int write_accuracy(const struct work *w, struct fr_error *err) {
    const char *style = fr_style_name[w->in->world->config.style];
    struct fr_text path = {0}, text = {0};
    int code = FR_OK, line_number = 0;
    fr_data_path("phases-accuracy.tsv", &path);
    code = fr_file_read_text(fr_text_get(&path), CEILING, &text, err);
    for (const char *line = fr_text_get(&text); code == FR_OK && *line != '\0';) {
        char of[32], rules[32], phase[32];
        long long tokens;
        double found, kappa;
        line_number++;
        if (*line != '#' && strncmp(line, "style\t", 6) != 0) {
            if (sscanf(line, "%31[^\t]\t%31[^\t]\t%31[^\t]\t%lld\t%lf\t%lf", of, rules, phase,
                       &tokens, &found, &kappa) != 6)
                code = fr_fail(err, FR_E_INPUT, "%s:%d: not six columns", fr_text_get(&path),
                               line_number);
            else if (strcmp(of, style) == 0)
                code = fr_store_run(w->in->store, err,
                                    "INSERT INTO phase_accuracy VALUES (?, ?, ?, ?, ?)", "ttidd",
                                    rules, phase, (int64_t)tokens, found, kappa);
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    fr_text_release(&text);
    fr_text_release(&path);
    return code;
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    struct work w = {.in = in};
    const enum fr_phase_text text = fr_phase_text_of((enum fr_prompt_style)in->world->config.style);
    int code = fr_phases_open(&w.phases, NULL, text, err);
    if (code != FR_OK)
        return code;
    init(&w);
    for (int i = 0; code == FR_OK && i < in->world->n_namings; i++) {
        clear(&w);
        code = read_naming(&w, i, err);
        if (code == FR_OK)
            code = write_shares(&w, i, err);
    }
    if (code == FR_OK)
        code = write_similarity(&w, err);
    for (int k = 0; code == FR_OK && k < 2; k++)
        code = write_agreement(&w, k == 1, err);
    if (code == FR_OK && w.texts[0].n + w.texts[1].n > 0)
        code = write_accuracy(&w, err);
    release(&w);
    return code;
}

const struct fr_analysis fr_analysis_phases = {
    .name = "phases",
    .need = FR_NEEDS_TRACES,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
