/* Stage 6: verdicts -> tables (method.md sections 2 and 6): accuracy per naming, steering per
 * naming and over namings with the paper's test and ours. Everything random is seeded by the
 * study's seed and the row's name. */
#include "study/internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "statistics/statistics.h"
#include "study/headline.h"
#include "study/paper.h"

static const double confidence = 0.95, level = 0.05, power = 0.8;

/* ---- accuracy ---------------------------------------------------------------------------------
 */

static const char accuracy_query[] =
    "SELECT n.id, s.split, count(*), count(*) FILTER (WHERE t.verdict = 'solved'),"
    " avg(t.n_reasoning), count(*) FILTER (WHERE t.verdict = 'goal_unmet'),"
    " count(*) FILTER (WHERE t.verdict = 'illegal_step'),"
    " count(*) FILTER (WHERE t.verdict = 'unparsed'),"
    " count(*) FILTER (WHERE t.verdict = 'truncated')"
    " FROM (SELECT 'all' AS split UNION ALL SELECT 'collect' UNION ALL SELECT 'evaluate') s"
    " JOIN trace t JOIN puzzle p ON p.id = t.puzzle AND s.split IN ('all', p.split)"
    " JOIN naming n ON n.id = t.naming GROUP BY n.position, s.split"
    " ORDER BY s.split, n.role = 'mystery', n.position";

static int write_accuracy(struct fr_study *s, struct fr_error *err) {
    struct fr_query *query;
    int code = fr_store_clear_results(s->store, "accuracy", err);
    if (code == FR_OK)
        code = fr_query_open(&query, s->store, err, accuracy_query, "");
    if (code != FR_OK)
        return code;
    double clean = NAN;
    char clean_split[16] = "";
    while (code == FR_OK && fr_query_next(query)) {
        const char *id = fr_query_text(query, 0), *split = fr_query_text(query, 1);
        const int n = (int)fr_query_int(query, 2), solved = (int)fr_query_int(query, 3);
        const int i = fr_namings_find(&s->table, id);
        const double accuracy = (double)solved / n;
        double low, high;
        fr_wilson(solved, n, confidence, &low, &high);
        if (i >= 0 &&
            fr_naming_is_clean(&s->table.items[i])) { /* the clean row comes first in its split */
            clean = accuracy;
            (void)snprintf(clean_split, sizeof clean_split, "%s", split);
        }
        const double preserved =
            strcmp(clean_split, split) == 0 && clean > 0 ? accuracy / clean : NAN;
        code =
            fr_store_run(s->store, err,
                         "INSERT INTO accuracy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         "ttiidddddiiiid", id, split, (int64_t)n, (int64_t)solved, accuracy, low,
                         high, preserved, fr_query_double(query, 4), fr_query_int(query, 5),
                         fr_query_int(query, 6), fr_query_int(query, 7), fr_query_int(query, 8),
                         i < 0 || fr_study_imports(s) ? NAN
                                                      : fr_paper_accuracy(&s->table.items[i]));
    }
    struct fr_error ignored;
    const int closed = fr_query_close(query, code == FR_OK ? err : &ignored);
    return code == FR_OK ? closed : code;
}

/* ---- steering ---------------------------------------------------------------------------------
 */

/* Outcomes of one (condition, layer): [N][puzzles of the naming]. */
struct outcomes {
    int n_namings;
    const char **ids;          /* [N] borrowed */
    int *n_puzzles, *left_out; /* [N] */
    uint8_t **before, **after; /* [N][n_puzzles] */
    double *effects;           /* [N], NaN without puzzles */
};

static void outcomes_release(struct outcomes *o) {
    for (int i = 0; i < o->n_namings; i++) {
        free(o->before[i]);
        free(o->after[i]);
    }
    free(o->ids);
    free(o->n_puzzles);
    free(o->left_out);
    free(o->before);
    free(o->after);
    free(o->effects);
    *o = (struct outcomes){0};
}

static int load_naming(struct fr_study *s, const char *condition, int layer, int i,
                       struct outcomes *o, struct fr_error *err) {
    struct fr_query *query;
    int code = fr_query_open(&query, s->store, err,
                             "SELECT b.verdict = 'solved', a.verdict = 'solved' FROM trace t"
                             " JOIN steered b ON b.trace = t.id AND b.condition = 'baseline'"
                             " JOIN steered a ON a.trace = t.id AND a.condition = ? AND a.layer = ?"
                             " WHERE t.naming = ? ORDER BY t.puzzle",
                             "tit", condition, (int64_t)layer, o->ids[i]);
    if (code != FR_OK)
        return code;
    o->before[i] = fr_alloc((size_t)s->config.n_evaluate, 1);
    o->after[i] = fr_alloc((size_t)s->config.n_evaluate, 1);
    int n = 0, sum = 0;
    while (n < s->config.n_evaluate && fr_query_next(query)) {
        o->before[i][n] = fr_query_int(query, 0) != 0;
        o->after[i][n] = fr_query_int(query, 1) != 0;
        sum += o->after[i][n] - o->before[i][n];
        n++;
    }
    o->n_puzzles[i] = n;
    o->left_out[i] = s->config.n_evaluate - n;
    o->effects[i] = n > 0 ? (double)sum / n : NAN;
    return fr_query_close(query, err);
}

static int load_outcomes(struct fr_study *s, const char *condition, int layer, struct outcomes *o,
                         struct fr_error *err) {
    bool use[4 * FR_CONFIG_LIST];
    fr_study_used_namings(s, use);
    const size_t n = (size_t)s->n_namings;
    *o = (struct outcomes){.ids = fr_alloc(n, sizeof *o->ids),
                           .n_puzzles = fr_alloc(n, sizeof *o->n_puzzles),
                           .left_out = fr_alloc(n, sizeof *o->left_out),
                           .before = fr_alloc(n, sizeof *o->before),
                           .after = fr_alloc(n, sizeof *o->after),
                           .effects = fr_alloc(n, sizeof *o->effects)};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < s->n_namings; i++)
        if (use[i]) {
            o->ids[o->n_namings++] = s->namings[i].naming->id;
            code = load_naming(s, condition, layer, o->n_namings - 1, o, err);
        }
    if (code != FR_OK)
        outcomes_release(o);
    return code;
}

static void count_pairs(const struct outcomes *o, int i, int *before, int *after, int *gained,
                        int *lost) {
    *before = *after = *gained = *lost = 0;
    for (int k = 0; k < o->n_puzzles[i]; k++) {
        *before += o->before[i][k];
        *after += o->after[i][k];
        *gained += o->after[i][k] > o->before[i][k];
        *lost += o->after[i][k] < o->before[i][k];
    }
}

/* One line of table 5 before the correction. */
struct line {
    const char *condition;
    int layer, n_namings, n_pairs, gained, lost;
    struct fr_t_test t;
    double low, high, p_permutation, p_mcnemar, detectable;
};

static int summarise(struct fr_study *s, const struct outcomes *o, struct line *line,
                     struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < o->n_namings; i++) {
        int before, after, gained, lost;
        count_pairs(o, i, &before, &after, &gained, &lost);
        line->n_pairs += o->n_puzzles[i];
        line->gained += gained;
        line->lost += lost;
        code = fr_store_run(s->store, err,
                            "INSERT INTO steering_naming VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "titiiiiiidd", line->condition, (int64_t)line->layer, o->ids[i],
                            (int64_t)o->n_puzzles[i], (int64_t)o->left_out[i], (int64_t)before,
                            (int64_t)after, (int64_t)gained, (int64_t)lost, o->effects[i], NAN);
    }
    const struct fr_paired pairs = {o->n_namings, o->n_puzzles, (const uint8_t *const *)o->before,
                                    (const uint8_t *const *)o->after};
    struct fr_rng rng;
    fr_rng_seed(&rng, (uint64_t)s->config.seed,
                fr_mix64(fr_hash_text(line->condition), (uint64_t)line->layer));
    line->t = fr_t_test(o->effects, o->n_namings);
    line->n_namings = line->t.n;
    line->p_permutation = fr_permutation_test(&pairs, s->config.permutations, &rng);
    fr_bootstrap_paired(&pairs, s->config.resamples, confidence, &rng, &line->low, &line->high);
    line->p_mcnemar = fr_mcnemar(line->gained, line->lost).p_two_sided;
    line->detectable = NAN; /* without variance the design does not say what it could have seen */
    if (line->t.standard_error > 0)
        line->detectable =
            fr_minimal_detectable_effect(line->t.standard_error, line->n_namings, level, power);
    return code;
}

static void list_excluded(const struct fr_study *s, struct fr_text *out) {
    for (int i = 0; i < s->n_namings; i++)
        if (s->namings[i].excluded && !s->namings[i].clean)
            fr_text_printf(out, "%snaming %s", out->len ? ", " : "", s->namings[i].naming->id);
    if (out->len == 0)
        fr_text_add(out, "none");
}

static int write_lines(struct fr_study *s, const struct line *lines, int n, struct fr_error *err) {
    double *p = fr_alloc((size_t)n, sizeof *p), *holm = fr_alloc((size_t)n, sizeof *holm);
    struct fr_text excluded = {0};
    list_excluded(s, &excluded);
    for (int i = 0; i < n; i++) /* the identity is a check, no hypothesis */
        p[i] = fr_conditions[fr_condition_find(lines[i].condition)].identity ? NAN
                                                                             : lines[i].t.p_greater;
    fr_holm(p, n, holm);
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < n; i++) {
        const struct line *l = &lines[i];
        code = fr_store_run(
            s->store, err,
            "INSERT INTO steering VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "tiiiddddddddiiddt", l->condition, (int64_t)l->layer, (int64_t)l->n_namings,
            (int64_t)l->n_pairs, l->t.mean, l->t.standard_error, l->t.t, l->t.p_greater, holm[i],
            l->low, l->high, l->p_permutation, (int64_t)l->gained, (int64_t)l->lost, l->p_mcnemar,
            l->detectable, fr_text_get(&excluded));
    }
    fr_text_release(&excluded);
    free(p);
    free(holm);
    return code;
}

static int write_steering(struct fr_study *s, struct fr_error *err) {
    const struct fr_config *c = &s->config;
    int code = fr_store_clear_results(s->store, "steering_naming", err);
    if (code == FR_OK)
        code = fr_store_clear_results(s->store, "steering", err);
    const int n = c->conditions.n * c->steering_layers.n;
    struct line *lines = fr_alloc((size_t)n, sizeof *lines);
    for (int i = 0; code == FR_OK && i < n; i++) {
        struct outcomes outcomes;
        lines[i].condition = c->conditions.items[i % c->conditions.n];
        lines[i].layer = c->steering_layers.items[i / c->conditions.n];
        code = load_outcomes(s, lines[i].condition, lines[i].layer, &outcomes, err);
        if (code == FR_OK) {
            code = summarise(s, &outcomes, &lines[i], err);
            outcomes_release(&outcomes);
        }
        fr_study_progress(s, i + 1, n, 0, "conditions");
    }
    if (code == FR_OK && n > 0)
        code = write_lines(s, lines, n, err);
    free(lines);
    return code;
}

int fr_stage_statistics(struct fr_study *s, struct fr_error *err) {
    int code = fr_store_begin(s->store, err);
    if (code == FR_OK)
        code = write_accuracy(s, err);
    if (code == FR_OK)
        code = write_steering(s, err);
    if (code == FR_OK)
        code = fr_headline_write(s, err);
    if (code == FR_OK)
        return fr_store_commit(s->store, err);
    fr_store_rollback(s->store);
    return code;
}
