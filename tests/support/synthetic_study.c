/* Numbers of plausible shape for every result table; see synthetic_study.h. Effects are drawn, then
 * tested with statistics/, so that the figures of one row agree with each other. */
#include "synthetic_study.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "analyses/compare.h"
#include "base/memory.h"
#include "base/rng.h"
#include "statistics/statistics.h"
#include "store/store.h"
#include "support/directory.h"
#include "support/synthetic_heads.h"
#include "support/test.h"

enum { N_PUZZLES = 60, N_EVALUATE = 40, N_COLLECT = N_PUZZLES - N_EVALUATE, MAX_NAMINGS = 21 };
enum { STEP = 20, END = 320, REFERENCE = 200, END_OF_RISE = 160 };

static const char *const concepts[] = {"pick-up", "put-down",  "stack",   "unstack", "ontable",
                                       "clear",   "handempty", "holding", "on"};
static const char *const verdicts[] = {"solved", "goal_unmet", "illegal_step", "unparsed",
                                       "truncated"};

struct making {
    struct fr_store *store;
    struct fr_error *err;
    int code;
    struct fr_rng rng;
    bool hostile, bare;
    int n_namings, n_layers;
    char names[MAX_NAMINGS][128];
    double accuracy[MAX_NAMINGS];
    char text[4][256];
    int i_text;
};

/* The text itself, or in a hostile study the text with everything that could break a page. */
static const char *text(struct making *m, const char *plain) {
    char *out = m->text[m->i_text++ % 4];
    (void)snprintf(out, sizeof m->text[0], "%s%s", plain, m->hostile ? FR_HOSTILE : "");
    return out;
}

#define RUN(m, ...)                                                                                \
    do {                                                                                           \
        if ((m)->code == 0)                                                                        \
            (m)->code = fr_store_run((m)->store, (m)->err, __VA_ARGS__);                           \
    } while (0)

/* The result tables, as the analyses define them. */
static void create_tables(struct making *m) {
    struct fr_result_table *tables;
    unsigned remade;
    const int n = fr_analyses_tables(&tables), n_all = n + fr_n_compared_tables;
    tables = fr_grow(tables, (size_t)n_all, sizeof *tables); /* a page asks one kind or the other */
    memcpy(tables + n, fr_compared_tables, (size_t)fr_n_compared_tables * sizeof *tables);
    m->code = fr_store_define_results(m->store, tables, n_all, &remade, m->err);
    free(tables);
}

static double noise(struct making *m, double size) { return size * fr_rng_normal(&m->rng); }

static double clamp(double x, double low, double high) { return fmin(fmax(x, low), high); }

static const char *kind_of(int concept) { return concept < 4 ? "action" : "predicate"; }

static bool is_excluded(const struct making *m, int i) { return !m->bare && i == 3; }

/* ---- inputs ---------------------------------------------------------------------------------- */

static void make_inputs(struct making *m) {
    for (int i = 0; i < m->n_namings; i++) {
        char plain[16];
        (void)snprintf(plain, sizeof plain, i == 0 ? "clean" : "%d", i);
        (void)snprintf(m->names[i], sizeof m->names[i], "%s", text(m, plain));
        RUN(m, "INSERT INTO naming VALUES(?,?,?,?)", "titi", m->names[i], (int64_t)i,
            i == 0 ? "clean" : "mystery", (int64_t)is_excluded(m, i));
        for (int a = 0; a < 9; a++) {
            char word[32];
            (void)snprintf(word, sizeof word, "word%d%c", i, 'a' + a);
            RUN(m, "INSERT INTO naming_word VALUES(?,?,?,?,?)", "ttitt", m->names[i], concepts[a],
                (int64_t)a, kind_of(a), i == 0 ? concepts[a] : text(m, word));
        }
    }
    for (int p = 0; p < N_PUZZLES; p++)
        RUN(m,
            "INSERT INTO puzzle (id, split, n_objects, optimal_length, optimal_plan, source, pddl,"
            " position) VALUES(?,?,4,?,'','','(define (problem made-up))',?)",
            "itii", (int64_t)p + 1, p < N_COLLECT ? "collect" : "evaluate", (int64_t)(4 + p % 7),
            (int64_t)(p < N_COLLECT ? p : p - N_COLLECT));
}

static void make_meta(struct making *m) {
    static const char *const meta[][2] = {
        {"study", "synthetic"},
        {"model_name", "made-up-2M"},
        {"model_architecture", "qwen2"},
        {"model_parameters", "2031744"},
        {"model_layers", "4"},
        {"model_width", "192"},
        {"model_kind", "reasoning"},
        {"model_quantization", "Q8_0"},
        {"engine", "none: synthetic numbers"},
        {"program_version", "0.0.0"},
        {"program_revision", "0123456789ab"},
        {"seed", "1"},
        {"machine", "no machine, 2 cores"},
    };
    for (size_t i = 0; i < sizeof meta / sizeof *meta; i++)
        if (m->code == 0)
            m->code = fr_store_set_meta(m->store, meta[i][0], text(m, meta[i][1]), m->err);
    static const char *const stages[] = {"puzzles",  "rollouts", "representations",
                                         "analyses", "steering", "statistics"};
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        char keys[64];
        (void)snprintf(keys, sizeof keys, "seed: 1\n%s.key: %zu", stages[i], i);
        RUN(m,
            "INSERT INTO stage (name, done, seconds, keys, program, engine, machine, finished)"
            " VALUES(?,?,?,?,?,?,?,?)",
            "tidttttt", stages[i], (int64_t)!m->bare, 1.5 + 20.25 * (double)i, text(m, keys),
            text(m, "0.0.0 (0123456789ab)"), text(m, "none"), text(m, "no machine, 2 cores"),
            m->bare ? "" : "2026-01-02 03:04:05");
    }
}

/* ---- behaviour ------------------------------------------------------------------------------- */

static void make_accuracy(struct making *m) {
    static const char *const splits[] = {"all", "collect", "evaluate"};
    static const double paper[] = {.96, .33, .47, .65, .25, .24, .26, .19, .11, .25, .05,
                                   .14, .16, .48, .24, .34, .05, .27, .07, .33, .29};
    for (int i = 0; i < m->n_namings; i++) {
        m->accuracy[i] = i == 0 ? 0.88 : clamp(0.72 + noise(m, 0.12), 0.2, 0.97);
        for (int s = 0; s < 3; s++) {
            const int n = s == 0 ? N_PUZZLES : s == 1 ? N_PUZZLES - N_EVALUATE : N_EVALUATE;
            int counts[5] = {0};
            for (int p = 0; p < n; p++) {
                const bool solved = fr_rng_uniform(&m->rng) < m->accuracy[i];
                counts[solved ? 0 : 1 + (int)fr_rng_below(&m->rng, 4)]++;
            }
            double low, high;
            fr_wilson(counts[0], n, 0.95, &low, &high);
            const bool nothing = m->bare && i == 2;
            const double share = (double)counts[0] / n;
            RUN(m, "INSERT INTO accuracy VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                "ttiiddddd"
                "iiiitd",
                m->names[i], splits[s], (int64_t)(nothing ? 0 : n),
                (int64_t)(nothing ? 0 : counts[0]), nothing ? NAN : share, nothing ? NAN : low,
                nothing ? NAN : high, m->bare ? NAN : share / 0.88,
                nothing ? NAN : 210 + noise(m, 15), (int64_t)counts[1], (int64_t)counts[2],
                (int64_t)counts[3], (int64_t)counts[4], m->bare ? NULL : m->names[i],
                m->bare ? NAN : paper[i]);
        }
    }
}

static void make_mentions(struct making *m) {
    for (int i = 0; i < m->n_namings; i++)
        for (int a = 0; a < 9; a++)
            for (int t = STEP; t <= END; t += STEP)
                for (int solved = 0; solved < 2; solved++)
                    RUN(m, "INSERT INTO mention_count VALUES(?,?,?,?,?)", "tttii", m->names[i],
                        solved ? "solved" : "all", text(m, concepts[a]), (int64_t)t,
                        (int64_t)((a < 4 ? 60 : 180) * (1 - solved * 0.3) * exp(-t / 400.0) +
                                  fr_rng_below(&m->rng, 9)));
}

/* ---- representations ------------------------------------------------------------------------- */

/* How alike a concept's representations have become at a layer (1..4) and token. */
static double alike(int layer, int t) {
    static const double depth[] = {0.03, 0.3, 0.62, 0.5};
    return depth[(layer - 1) % 4] / (1 + exp(-(t - 90) / 25.0));
}

static void make_similarity(struct making *m) {
    static const char *const variants[] = {"all", "loo", "loo_shuffled"};
    static const char *const relations[] = {"same", "different"};
    for (int l = 1; l <= m->n_layers; l++)
        for (int v = 0; v < 3; v++)
            for (int k = 0; k < 2; k++)
                for (int r = 0; r < 2; r++)
                    for (int t = STEP; t <= END; t += STEP) {
                        const double strength = alike(l, t) * (k == 0 ? 1 : 0.7);
                        const double others = k == 0 ? -1.0 / 3 : -1.0 / 4;
                        double mean = r == 0 ? strength : others * strength;
                        if (v == 2)
                            mean = others * strength * (r == 0 ? 1 : 0.3);
                        if (v == 0 && r == 0)
                            mean += 0.05;
                        mean += noise(m, 0.012);
                        const double half = 0.03 + 0.02 * fr_rng_uniform(&m->rng);
                        const bool missing = m->bare && t > 200;
                        RUN(m, "INSERT INTO similarity VALUES(?,?,?,?,?,?,?,?,?,?)", "itttiidddi",
                            (int64_t)l, variants[v], k == 0 ? "action" : "predicate", relations[r],
                            (int64_t)t, (int64_t)REFERENCE, missing ? NAN : mean,
                            missing || m->bare ? NAN : mean - half,
                            missing || m->bare ? NAN : mean + half,
                            (int64_t)(missing ? 0 : m->n_namings - (m->bare ? 1 : 2)));
                    }
}

static void make_success(struct making *m) {
    static const char *const outcomes[] = {"solved", "failed", "difference"};
    const int layer = (5 * m->n_layers + 4) / 8;
    for (int k = 0; k < 2; k++) {
        const char *kind = k == 0 ? "action" : "predicate";
        for (int o = 0; o < 3; o++)
            for (int t = STEP; t <= END; t += STEP) {
                const double mean = alike(layer, t) * (o == 0 ? 0.9 : o == 1 ? 0.7 : 0.2);
                RUN(m, "INSERT INTO success_curve VALUES('each its own',?,?,?,?,?,?,?,?)",
                    "ittidddi", (int64_t)layer, kind, outcomes[o], (int64_t)t, mean,
                    m->bare ? NAN : mean - 0.03, m->bare ? NAN : mean + 0.03,
                    (int64_t)m->n_namings - 2);
            }
        for (int n = 1; n < m->n_namings; n++)
            if (!is_excluded(m, n))
                RUN(m, "INSERT INTO success_naming VALUES('each its own',?,?,?,?,?,?,?,?,10,9,?,?)",
                    "ittdddddii", (int64_t)layer, kind, m->names[n], 0.6, 0.5, 0.1, 0.04, 0.16,
                    (int64_t)400, (int64_t)90);
        RUN(m, "INSERT INTO success_test VALUES('each its own',?,?,?,?,?,?,?,?,?,?,?,?)",
            "itiidddddddd", (int64_t)layer, kind, (int64_t)REFERENCE, (int64_t)m->n_namings - 2,
            0.1, 0.02, 0.06, 0.14, 5.0, 0.001, 0.002, 0.05);
        for (int r = 0; r < 2; r++)
            RUN(m, "INSERT INTO phase_similarity VALUES(?,?,?,?,?,?,?,?)", "tttddddi", kind,
                r == 0 ? "cues" : "mentions", "planning", 0.5, m->bare ? NAN : 0.4,
                m->bare ? NAN : 0.6, 180.0, (int64_t)m->n_namings - 2);
        for (int r = 0; r < 2; r++)
            RUN(m, "INSERT INTO phase_mention VALUES(?,?,'cues','planning',?,?,?,?,2)", "ittddd",
                (int64_t)layer, kind, r == 0 ? "same" : "different", 0.55 - r,
                m->bare ? NAN : 0.5 - r, m->bare ? NAN : 0.6 - r);
    }
}

/* At the paper's depth; in a bare study half as much. Values do not depend on other namings. */
static void make_similarity_of_namings(struct making *m) {
    const int layer = (5 * m->n_layers + 4) / 8;
    for (int k = 0; k < 2; k++)
        for (int t = STEP; t <= END; t += STEP)
            for (int n = 1; n < m->n_namings; n++)
                if (!is_excluded(m, n))
                    RUN(m, "INSERT INTO similarity_naming VALUES(?,?,?,?,?)", "ititd",
                        (int64_t)layer, k == 0 ? "action" : "predicate", (int64_t)t, m->names[n],
                        (m->bare ? 0.5 : 1) * (1 + 0.1 * n) * alike(3, t));
    RUN(m,
        "INSERT INTO similarity_without SELECT layer, kind, timestamp, o.naming, s.naming, value"
        " FROM similarity_naming s JOIN (SELECT DISTINCT naming FROM similarity_naming) o"
        " ON o.naming <> s.naming",
        "");
}

/* What is left of the curve: all of it, but for a tenth that is of the counts. */
static void make_controls(struct making *m) {
    static const char *const names[] = {"plain", "matched", "other_puzzles", "corrected",
                                        "shuffled"};
    static const char *const titles[] = {"as it is", "count-matched cells",
                                         "against other puzzles' traces",
                                         "the same, noise divided out", "labels shuffled"};
    for (int c = 0; c < 5; c++)
        RUN(m, "INSERT INTO curve_control VALUES(?,?,?,?)", "titt", names[c], (int64_t)c,
            c == 0   ? "plain"
            : c == 4 ? "imitates"
                     : "removes",
            titles[c]);
    for (int l = 1; l <= m->n_layers; l++)
        for (int k = 0; k < 2; k++)
            for (int c = 0; c < 5; c++) {
                const char *kind = k == 0 ? "action" : "predicate";
                for (int t = STEP; t <= END; t += STEP) {
                    const double mean = alike(l, t) * (c == 4 ? 0.02 : c == 0 ? 1 : 0.9);
                    RUN(m, "INSERT INTO control_curve VALUES(?,?,?,?,?,?,?,?)", "ittidddi",
                        (int64_t)l, names[c], kind, (int64_t)t, mean, m->bare ? NAN : mean - 0.04,
                        m->bare ? NAN : mean + 0.04, (int64_t)m->n_namings - 2);
                }
                const double all = alike(l, END_OF_RISE), share = c == 4 ? 0.02 : c == 0 ? 1 : 0.9;
                const double explained = c == 0 ? NAN : 1 - share;
                RUN(m, "INSERT INTO control_rise VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                    "ittiiiddddddddddd", (int64_t)l, names[c], kind, (int64_t)STEP,
                    (int64_t)END_OF_RISE, (int64_t)m->n_namings - 2, all, all - 0.04, all + 0.04,
                    share * all, share * all - 0.04, share * all + 0.04, 0.0, share * all,
                    explained, explained - 0.1, explained + 0.1);
            }
}

static void make_phases(struct making *m) {
    static const char *const phases[] = {"none",        "comparison", "search",
                                         "exploration", "planning",   "verification"};
    enum { N = 6, PARTS = 20, TOKENS = 600 };
    for (int n = 0; n < m->n_namings; n++)
        for (int r = 0; r < 2; r++)
            for (int part = 1; part <= PARTS; part++)
                for (int p = 0; p < N; p++) {
                    const double share = p == part * N / (PARTS + 1) ? 0.5 : 0.1;
                    RUN(m, "INSERT INTO phase_share VALUES(?,?,?,?,?,?,?,?)", "tttitiid",
                        m->names[n], r == 0 ? "cues" : "mentions", "trace", (int64_t)part,
                        phases[p], (int64_t)30, (int64_t)(TOKENS * share), share);
                }
    for (int p = -1; p < N; p++)
        RUN(m, "INSERT INTO phase_agreement VALUES(?,?,?,?,?,?,?,?,?,?)", "ttiiiiiddd", "mystery",
            p < 0 ? "all" : phases[p], (int64_t)30, (int64_t)10, (int64_t)TOKENS, (int64_t)TOKENS,
            (int64_t)TOKENS / 2, 0.31, m->bare ? NAN : 0.25, m->bare ? NAN : 0.37);
}

static void make_mechanism(struct making *m) { /* attention of layer 2 does it */
    for (int l = 1; l <= m->n_layers; l++)
        for (int k = 0; k < 2; k++)
            for (int p = 0; p < 4 && !m->bare; p++) {
                const char *kind = fr_concept_kind_name[k], *part = fr_part_name[p];
                const double most = l == 2 && p != 2 && p != 0 ? 0.8 : 0.05;
                for (int t = STEP; t <= END; t += STEP) {
                    const double v = most * t / END + noise(m, 0.02);
                    RUN(m, "INSERT INTO mechanism VALUES(?,?,?,?,?,?,?,?)", "ittidddi", (int64_t)l,
                        kind, part, (int64_t)t, v, v - 0.05, v + 0.05, (int64_t)m->n_namings - 2);
                }
                RUN(m, "INSERT INTO mechanism_rise VALUES(?,?,?,?,?,?,?,?,?,?,?,?,80)",
                    "ittiiddddddi", (int64_t)l, kind, part, (int64_t)STEP, (int64_t)REFERENCE, most,
                    most - 0.1, most + 0.1, -0.1, 0.1, most > 0.1 ? 0.0005 : 0.3,
                    (int64_t)m->n_namings - 2);
            }
    RUN(m, synthetic_heads_sql, "");
    RUN(m, synthetic_sources_sql, "");
}

static void make_pairs(struct making *m) {
    static const char *const figures[][2] = {{"naming", "kind"},       {"naming", "one"},
                                             {"naming", "all"},        {"naming", "raw"},
                                             {"clean_single", "kind"}, {"clean_cross", "kind"}};
    const int layer = (5 * m->n_layers + 4) / 8;
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
        for (int k = 0; k < 2; k++)
            for (int r = 0; r < 2; r++)
                for (int t = STEP; t <= END; t += STEP) {
                    const double mean = alike(layer, t) * (r == 0 ? 1 : -0.3) * (f < 4 ? 0.8 : 0.6);
                    RUN(m, "INSERT INTO pair_similarity VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                        "ittttiidddi", (int64_t)layer, figures[f][0], figures[f][1],
                        k == 0 ? "action" : "predicate", r == 0 ? "same" : "different",
                        (int64_t)REFERENCE, (int64_t)t, mean, m->bare ? NAN : mean - 0.05,
                        m->bare ? NAN : mean + 0.05, (int64_t)m->n_namings - 2);
                }
}

static void make_pca(struct making *m) {
    for (int l = 1; l <= m->n_layers; l++)
        for (int k = 0; k < 2; k++) {
            const double strength = alike(l, REFERENCE), spread = 2.2 * (1.05 - strength);
            const int first = k == 0 ? 0 : 4, n = k == 0 ? 4 : 5;
            for (int i = 1; i < m->n_namings; i++) {
                if (is_excluded(m, i))
                    continue;
                for (int a = first; a < first + n; a++) {
                    const double angle = 2 * M_PI * (a - first) / n + 0.4 * k;
                    RUN(m, "INSERT INTO pca VALUES(?,?,?,?,?,?,?,?)", "itittddd", (int64_t)l,
                        k == 0 ? "action" : "predicate", (int64_t)REFERENCE, m->names[i],
                        text(m, concepts[a]), 6 * strength * cos(angle) + noise(m, spread),
                        5 * strength * sin(angle) + noise(m, spread),
                        m->bare ? NAN : 3 * strength * cos(2 * angle) + noise(m, spread));
                }
            }
            RUN(m, "INSERT INTO separation VALUES(?,?,?,?,?,?,0.1,?,?,?,?,?,?)", "itiidddddddd",
                (int64_t)l, k == 0 ? "action" : "predicate", (int64_t)REFERENCE,
                (int64_t)((m->n_namings - (m->bare ? 1 : 2)) * n),
                m->bare ? NAN : 1.2 * strength - 0.08, -0.09 + noise(m, 0.01), 0.01,
                0.15 + strength, 0.16 + noise(m, 0.01), 0.15 + 0.4 * strength,
                0.12 + 0.2 * strength, m->bare ? NAN : 0.1 + 0.1 * strength);
        }
}

/* ---- experiments ----------------------------------------------------------------------------- */

struct arm {
    const char *vectors, *control, *role, *colour, *shape;
    double gain; /* change of accuracy where the edit is strongest */
};
struct place {
    int layer_first, layer_end;
    double scale, strength, share; /* share: of the arm's gain */
    const char *label;             /* what the name has of it beside the layers */
};
struct experiment {
    const char *name, *operation;
    bool keep_norm, against_shuffled; /* matched arms are measured against the control */
    int n_arms, n_places;
    struct arm arms[7];
    struct place places[4];
};

static const struct experiment experiments[] = {
    {"positive",
     "mix",
     true,
     false,
     7,
     2,
     {{"in_naming", "none", "matched", "#0072B2", "circle", 0.09},
      {"cross_loo", "none", "matched", "#D55E00", "diamond", 0.07},
      {"cross_all", "none", "matched", "#E69F00", "diamond", 0.075},
      {"in_naming", "random", "control", "#777777", "triangle-up", 0},
      {"in_naming", "shuffled", "control", "#AAAAAA", "square", -0.16},
      {"cross_loo", "shuffled", "control", "#AAAAAA", "square", -0.12},
      {"in_naming", "none", "identity", "#000000", "cross", 0}},
     {{2, 3, 2.0 / 3, 1, 0.35, ""}, {3, 4, 2.0 / 3, 1, 1, ""}}},
    {"symbolic",
     "replace",
     false,
     true,
     2,
     2,
     {{"symbolic_loo", "none", "matched", "#009E73", "circle", 0.12},
      {"symbolic_loo", "shuffled", "control", "#AAAAAA", "square", -0.18}},
     {{1, 3, 1, 10, 0.4, ""}, {1, 5, 1, 10, 1, ""}}},
    {"shares",
     "mix",
     true,
     false,
     2,
     4,
     {{"in_naming", "none", "matched", "#0072B2", "circle", 0.1},
      {"in_naming", "shuffled", "control", "#AAAAAA", "square", -0.2}},
     {{3, 4, 1.0 / 3, 1, 1, ", scale 0.333"},
      {3, 4, 0.5, 1, 0.8, ", scale 0.5"},
      {3, 4, 2.0 / 3, 1, 0.5, ", scale 0.667"},
      {3, 4, 0.8, 1, 0.2, ", scale 0.8"}}},
};

struct paired_rows {
    int n_namings;
    int n_puzzles[MAX_NAMINGS];
    uint8_t before[MAX_NAMINGS][N_EVALUATE], after[MAX_NAMINGS][N_EVALUATE];
    double effects[MAX_NAMINGS];
};

static void draw_pairs(struct making *m, double gain, bool identity, struct paired_rows *rows) {
    rows->n_namings = 0;
    for (int i = 1; i < m->n_namings; i++) {
        if (is_excluded(m, i))
            continue;
        struct fr_rng baseline;
        fr_rng_seed(&baseline, 5, (uint64_t)i);
        const int k = rows->n_namings++, n = N_EVALUATE - i % 5;
        int difference = 0;
        rows->n_puzzles[k] = n;
        for (int p = 0; p < n; p++) {
            rows->before[k][p] = fr_rng_uniform(&baseline) < m->accuracy[i];
            rows->after[k][p] = rows->before[k][p];
            if (!identity && fr_rng_uniform(&m->rng) < 0.08 + 1.3 * fabs(gain))
                rows->after[k][p] = fr_rng_uniform(&m->rng) < 0.62 + 3 * gain;
            difference += rows->after[k][p] - rows->before[k][p];
        }
        rows->effects[k] = (double)difference / n;
    }
}

static void put_naming_rows(struct making *m, const char *experiment, const char *name,
                            const struct paired_rows *rows) {
    for (int i = 1, k = 0; i < m->n_namings; i++) {
        if (is_excluded(m, i))
            continue;
        int before = 0, after = 0, gained = 0, lost = 0;
        for (int p = 0; p < rows->n_puzzles[k]; p++) {
            before += rows->before[k][p];
            after += rows->after[k][p];
            gained += rows->after[k][p] > rows->before[k][p];
            lost += rows->after[k][p] < rows->before[k][p];
        }
        RUN(m,
            "INSERT INTO effect_naming (experiment, condition, naming, n, left_out, against_solved,"
            " solved, gained, lost, unedited, effect) VALUES(?,?,?,?,?,?,?,?,?,0,?)",
            "tttiiiiiid", experiment, name, m->names[i], (int64_t)rows->n_puzzles[k],
            (int64_t)(i % 5), (int64_t)before, (int64_t)after, (int64_t)gained, (int64_t)lost,
            rows->effects[k]);
        k++;
    }
}

static void put_effect(struct making *m, const char *experiment, const char *name,
                       const char *against, bool identity, struct paired_rows *rows) {
    const uint8_t *before[MAX_NAMINGS], *after[MAX_NAMINGS];
    int pairs = 0, gained = 0, lost = 0;
    for (int k = 0; k < rows->n_namings; k++) {
        before[k] = rows->before[k];
        after[k] = rows->after[k];
        pairs += rows->n_puzzles[k];
        for (int p = 0; p < rows->n_puzzles[k]; p++) {
            gained += rows->after[k][p] > rows->before[k][p];
            lost += rows->after[k][p] < rows->before[k][p];
        }
    }
    const struct fr_paired paired = {rows->n_namings, rows->n_puzzles, before, after};
    const struct fr_t_test t = fr_t_test(rows->effects, rows->n_namings);
    const bool varies = isfinite(t.t);
    double low, high, p_flip, p_max;
    fr_flip_test(rows->effects, 1, rows->n_namings, 400, &m->rng, &p_flip, &p_max);
    fr_bootstrap_paired(&paired, 400, 0.95, &m->rng, &low, &high);
    RUN(m,
        "INSERT INTO effect (experiment, condition, against, n_namings, n_pairs, tail, mean,"
        " standard_error, t, p, p_holm, p_flip, p_max, low, high, p_permutation, gained, lost,"
        " p_mcnemar, detectable, changed, unedited, excluded)"
        " VALUES(?,?,?,?,?,'greater',?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,?)",
        "tttiiddddddddddiiddit", experiment, name, against, (int64_t)rows->n_namings,
        (int64_t)pairs, t.mean, t.standard_error, varies ? t.t : NAN, varies ? t.p_greater : NAN,
        varies ? fmin(1, 12 * t.p_greater) : NAN, p_flip, fmin(1, 6 * p_flip), low, high,
        fr_permutation_test(&paired, 400, &m->rng), (int64_t)gained, (int64_t)lost,
        fr_mcnemar(gained, lost).p_two_sided,
        varies ? fr_minimal_detectable_effect(t.standard_error, rows->n_namings, 0.05, 0.8) : NAN,
        (int64_t)(gained + lost + (identity ? 0 : pairs / 7)), m->bare ? "" : "3");
}

static void put_kept(struct making *m, const char *experiment, const char *name,
                     const struct paired_rows *rows) {
    double before = 0, after = 0;
    int pairs = 0;
    for (int k = 0; k < rows->n_namings; k++) {
        pairs += rows->n_puzzles[k];
        for (int p = 0; p < rows->n_puzzles[k]; p++) {
            before += (double)rows->before[k][p] / rows->n_puzzles[k] / rows->n_namings;
            after += (double)rows->after[k][p] / rows->n_puzzles[k] / rows->n_namings;
        }
    }
    RUN(m, "INSERT INTO kept VALUES(?,?,?,?,?,?,?,?,?,?,?,400)", "ttiiddddddd", experiment, name,
        (int64_t)rows->n_namings, (int64_t)pairs, before, after, after - 0.04, after + 0.04,
        after / before, after / before - 0.05, after / before + 0.05);
}

/* The first of the similarity, the others of the first matched condition of two experiments. */
static void make_claims(struct making *m, bool steers) {
    RUN(m, "INSERT INTO claim VALUES(1,'refinement',?,'yes',?,?,'','','rise',0.59,0.5,0.65,'')",
        "ttt", text(m, "Do representations become abstract?"), text(m, "From 0.05 to 0.59."),
        text(m, "Paper: no number."));
    for (int i = 0; steers && i < 2; i++)
        RUN(m,
            "INSERT INTO claim SELECT ?1, ?2, ?3, ?4, ?5, ?6, c.experiment, c.name, 'effect',"
            " x.mean, x.low, x.high, '' FROM condition c JOIN effect x ON x.condition = c.name"
            " AND x.experiment = c.experiment WHERE c.role = 'matched' AND c.edit IN (SELECT id "
            "FROM edit"
            " WHERE definition LIKE 'vectors=% control=none experiment=' || ?7 || ' %') ORDER BY"
            " c.position LIMIT 1",
            "ittttti", (int64_t)i + 2, i == 0 ? "early" : "replace",
            i == 0 ? "Does writing them in early help?" : "Can they replace the originals?",
            i == 0 ? "not shown" : "no", text(m, "So many points."), text(m, "Paper: 1.43."),
            (int64_t)i);
}

/* The name that an arm has at a place, and its series: the same without the layers. */
static void name_condition(struct making *m, const struct experiment *e, int arm, int place,
                           char name[512], char series[512]) {
    const struct arm *a = &e->arms[arm];
    const struct place *p = &e->places[place];
    const bool identity = strcmp(a->role, "identity") == 0, plain = strcmp(a->control, "none") == 0;
    (void)snprintf(series, 512, "%s%s%s%s%s", identity ? "identity" : a->vectors, plain ? "" : ", ",
                   plain ? "" : a->control, identity ? "" : p->label, m->hostile ? FR_HOSTILE : "");
    if (p->layer_end - p->layer_first > 1)
        (void)snprintf(name, 512, "%.400s, layers %d-%d", series, p->layer_first, p->layer_end - 1);
    else
        (void)snprintf(name, 512, "%.400s, layer %d", series, p->layer_first);
}

enum { BASELINE = 1, FIRST = 2 }; /* ids of conditions and their edits */

static void put_condition(struct making *m, const struct experiment *e, const char *experiment,
                          int arm, int place, int id, int against) {
    const struct arm *a = &e->arms[arm];
    const struct place *p = &e->places[place];
    char name[512], series[512], definition[128];
    const bool identity = strcmp(a->role, "identity") == 0;
    name_condition(m, e, arm, place, name, series);
    const char *operation = identity ? "mix" : e->operation;
    /* as ours, but for what is not told apart here: the controls beside an edit differ in one word
     */
    (void)snprintf(definition, sizeof definition, "vectors=%s control=%s experiment=%d place=%d%s",
                   a->vectors, a->control, (int)(e - experiments), place,
                   identity ? " scale=1" : "");
    RUN(m,
        "INSERT INTO edit (id, definition, vectors, control, traces, timestamp, strength,"
        " operation, scale, keep_norm, layer_first, layer_end, window_start, window_end)"
        " VALUES(?,?,?,?,'solved',200,?,?,?,?,?,?,220,260)",
        "itttdtdiii", (int64_t)id, definition, text(m, a->vectors), a->control,
        identity ? 1 : p->strength, operation,
        strcmp(operation, "mix") != 0 ? NAN
        : identity                    ? 1
                                      : p->scale,
        (int64_t)(identity || e->keep_norm), (int64_t)p->layer_first, (int64_t)p->layer_end);
    RUN(m,
        "INSERT INTO condition (id, experiment, name, series, position, role, colour, shape,"
        " family, edit, against) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
        "itttittttii", (int64_t)id, experiment, name, series, (int64_t)id, a->role, a->colour,
        a->shape, experiment, (int64_t)id, (int64_t)against);
}

static void make_experiments(struct making *m) {
    struct paired_rows *rows = fr_alloc(1, sizeof *rows);
    RUN(m,
        "INSERT INTO edit (id, definition, operation, window_end) VALUES(1,'baseline','none',260)",
        "");
    RUN(m,
        "INSERT INTO condition (id, experiment, name, series, position, role, colour, shape,"
        " family, edit, against)"
        " VALUES(1,'','baseline','baseline',1,'baseline','#000000','circle','',1,NULL)",
        "");
    int id = FIRST;
    for (size_t i = 0; i < sizeof experiments / sizeof *experiments; i++) {
        const struct experiment *e = &experiments[i];
        char name[512], series[512], other[512], experiment[128];
        (void)snprintf(experiment, sizeof experiment, "%s", text(m, e->name));
        for (int p = 0; p < e->n_places; p++) {
            /* The control stands last, and first in the database for those measured against it. */
            for (int a = e->n_arms - 1; a >= 0; a--) {
                const bool control = e->against_shuffled && strcmp(e->arms[a].role, "matched") == 0;
                put_condition(m, e, experiment, a, p, id + a,
                              control ? id + e->n_arms - 1 : BASELINE);
            }
            for (int a = 0; a < e->n_arms; a++) {
                const bool identity = strcmp(e->arms[a].role, "identity") == 0;
                const bool control = e->against_shuffled && strcmp(e->arms[a].role, "matched") == 0;
                name_condition(m, e, a, p, name, series);
                name_condition(m, e, e->n_arms - 1, p, other, series);
                draw_pairs(m, e->arms[a].gain * e->places[p].share, identity && !m->hostile, rows);
                put_naming_rows(m, experiment, name, rows);
                put_effect(m, experiment, name, control ? other : "baseline",
                           identity && !m->hostile, rows);
                put_kept(m, experiment, name, rows);
            }
            id += e->n_arms;
        }
    }
    free(rows);
}

/* A few traces, and with experiments the runs of the first identity beside their baselines, so that
 * counters and the identity check have something. */
static void make_traces(struct making *m, bool runs) {
    static const unsigned char bytes[] = {1, 0, 0, 0, 2, 0, 0, 0};
    for (int i = 0; i < 4; i++) {
        RUN(m,
            "INSERT INTO trace (puzzle, naming, n_tokens, n_prompt, n_reasoning, ids, starts, ends,"
            " text, verdict, step, reason, digest) VALUES(?,?,400,120,230,?,?,?,?,?,-1,?,'')",
            "itbbbbtt", (int64_t)i + 1, m->names[1], bytes, sizeof bytes, bytes, sizeof bytes,
            bytes, sizeof bytes, "a trace", (size_t)7, verdicts[i], text(m, "a reason"));
        for (int edit = BASELINE; runs && edit <= FIRST + 6; edit += FIRST + 6 - BASELINE)
            RUN(m,
                "INSERT INTO run (puzzle, naming, edit, vectors, n_edits, n_generated, ids,"
                " verdict, step, reason) VALUES(?,?,?,'',?,150,?,?,-1,'')",
                "itiibt", (int64_t)i + 1, m->names[1], (int64_t)edit,
                (int64_t)(edit == BASELINE ? 0 : 40), bytes, sizeof bytes, verdicts[i]);
    }
}

/* The traces as recorded ones, each exchanged into its naming. */
static void make_imports(struct making *m) {
    for (int i = 0; i < 4; i++) {
        RUN(m, "INSERT INTO imported (puzzle, line, naming, instance, correct) VALUES(?,?,?,?,1)",
            "iitt", (int64_t)i + 1, (int64_t)i + 3, m->names[1], text(m, "an instance"));
        RUN(m,
            "INSERT INTO imported_trace (puzzle, naming, whole_tokens, renamed, collisions, lost)"
            " VALUES(?,?,900,25,2,1)",
            "it", (int64_t)i + 1, m->names[1]);
    }
}

/* A choice of layers, and two figures of the paper: one with a condition beside it. */
static void make_published(struct making *m) {
    RUN(m,
        "INSERT INTO best_naming SELECT c.experiment, c.series, n.naming, n.n, 2,"
        " 1.0 * n.against_solved / n.n, max(n.effect), c.name, 0.02, 0.05, 0.11,"
        " iif(n.naming = '1', 0.33, NULL), iif(n.naming = '1', 0.1, NULL)"
        " FROM effect_naming n JOIN condition c ON c.experiment = n.experiment AND c.name ="
        " n.condition WHERE c.experiment = ? AND c.role <> 'identity' GROUP BY c.experiment,"
        " c.series, n.naming",
        "t", text(m, "positive"));
    RUN(m,
        "INSERT INTO best SELECT experiment, series, count(*), 2, avg(best), 0.021, 0.034, 0.012,"
        " 0.022, 0.031, 0.004, avg(paper_best) FROM best_naming GROUP BY experiment, series",
        "");
    RUN(m,
        "INSERT INTO paper_effect SELECT 1, 'table 5', 'mix', 'in_naming', 'none', 'baseline', 64, "
        "20,"
        " 20, 14, 0.0157, 0.0084, 1.869, 0.042, 0.084, 0.332, 0.0222, experiment, min(condition) "
        "FROM"
        " effect WHERE experiment = ? UNION ALL SELECT 2, 'section 4.3', 'subtract', 'in_naming',"
        " 'none', 'shuffled', 64, 10, 20, 14, -0.023, 0.0099, -2.32, 0.018, 0.037, 0.018, 0.0262,"
        " NULL, NULL",
        "t", text(m, "positive"));
    RUN(m,
        "INSERT INTO paper_best VALUES ('in_naming', 14, 0.0393, 0.022, 0.039, 0.03, 0.048),"
        " ('cross_all', 14, 0.04, 0.02, 0.034, 0.035, 0.048)",
        "");
}

static void make_headlines(struct making *m) {
    static const struct {
        const char *name, *unit, *text;
        double value, low, high;
    } rows[] = {
        {"accuracy_clean", "share", "of puzzles solved under the clean naming (n = 60, Wilson 95%)",
         0.883, 0.778, 0.942},
        {"accuracy_mystery", "share", "of puzzles solved, mean over 20 mystery namings", 0.716,
         0.67, 0.76},
        {"similarity_gain", "number",
         "rise of the same-concept similarity of actions, leave-one-out, layer 3", 0.59, 0.55,
         0.62},
        {"effect_in_naming", "points",
         "in-naming steering at layer 3, one-tailed t-test over 19 namings, p = 0.004", 0.041,
         0.013, 0.07},
        {"silhouette", "number", "silhouette of the actions at layer 3; shuffled labels give -0.09",
         0.66, NAN, NAN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        RUN(m,
            "INSERT INTO headline (position, name, unit, value, low, high, text)"
            " VALUES(?,?,?,?,?,?,?)",
            "ittdddt", (int64_t)i, text(m, rows[i].name), rows[i].unit,
            m->bare && i == 4 ? NAN : rows[i].value, rows[i].low, rows[i].high,
            text(m, rows[i].text));
}

#define SHA256 "0000000000000000000000000000000000000000000000000000000000000000"

int fr_synthetic_study(const char *dir, enum fr_synthetic kind, struct fr_error *err) {
    const bool replays = kind == FR_SYNTHETIC_REPLAY;
    const bool steers = kind == FR_SYNTHETIC_FULL || kind == FR_SYNTHETIC_HOSTILE;
    struct making m = {.err = err, .hostile = kind == FR_SYNTHETIC_HOSTILE};
    m.bare = kind == FR_SYNTHETIC_BARE || m.hostile || replays;
    m.n_namings = m.bare ? 3 : MAX_NAMINGS;
    m.n_layers = m.bare ? 1 : 4;
    fr_rng_seed(&m.rng, 20, 26);
    m.code = fr_store_open(&m.store, dir, err);
    if (m.code != 0)
        return m.code;
    char configuration[1024];
    (void)
        snprintf(configuration, sizeof configuration,
                 "study: %s\nrepresentations.origin: reasoning\nrepresentations.window_tokens: 28\n"
                 "representations.min_mentions: 10\nanalyses.reference_timestamp: 200\n"
                 "%s",
                 text(&m, "synthetic"),
                 replays ? "traces.match: true\ntraces.import.sha256: " SHA256 "\n"
                         : "experiments.positive.layers: [2, 3]\n");
    m.code = fr_store_set_meta(m.store, "configuration", configuration, err);
    if (m.code == 0)
        m.code = fr_store_set_meta(m.store, "model_sha256", SHA256, err);
    if (m.code == 0)
        create_tables(&m);
    if (m.code == 0 && kind != FR_SYNTHETIC_EMPTY) {
        m.code = fr_store_begin(m.store, err);
        make_inputs(&m);
        make_meta(&m);
        make_accuracy(&m);
        make_mentions(&m);
        make_similarity(&m);
        make_similarity_of_namings(&m);
        make_success(&m);
        make_controls(&m);
        make_mechanism(&m);
        make_pairs(&m);
        make_phases(&m);
        make_pca(&m);
        make_headlines(&m);
        if (steers) {
            make_experiments(&m);
            if (m.code == 0)
                m.code = fr_synthetic_contrasts(m.store, err);
            make_published(&m);
        }
        make_claims(&m, steers);
        make_traces(&m, steers);
        if (replays)
            make_imports(&m);
        if (m.code == 0)
            m.code = fr_store_commit(m.store, err);
        else
            fr_store_rollback(m.store);
    }
    fr_store_close(m.store);
    return m.code;
}

struct fr_store *fr_synthetic_open(enum fr_synthetic kind) {
    char dir[512];
    struct fr_error err = {0};
    struct fr_store *store;
    fr_test_directory_make("study", dir, sizeof dir);
    assert_ok(fr_synthetic_study(dir, kind, &err), err);
    assert_ok(fr_store_open(&store, dir, &err), err);
    return store;
}

void fr_synthetic_close(struct fr_store *store) {
    char *dir = fr_strdup(fr_store_dir(store));
    fr_store_close(store);
    fr_test_directory_remove(dir);
    free(dir);
}
