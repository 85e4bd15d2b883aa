/* Runs -> effects (method.md section 6): every condition against what it is measured against, per
 * naming and over namings, with the paper's test and ours. Everything random is seeded by the
 * study's seed and by what the condition does, so that a row does not depend on the others. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/outcomes.h"
#include "base/memory.h"

static const double level = 0.05, power = 0.8;

static const struct fr_result_table tables[] = {
    /* against_solved, solved: of the n pairs. left_out: traces that ended before the window's end.
     * unedited: pairs whose run had nothing to edit (no vectors, or no mention in the window) */
    {"effect_naming", FR_OWNER_STATISTICS,
     "experiment TEXT NOT NULL, condition TEXT NOT NULL, naming TEXT NOT NULL, n INTEGER NOT NULL,"
     " left_out INTEGER NOT NULL, against_solved INTEGER NOT NULL, solved INTEGER NOT NULL,"
     " gained INTEGER NOT NULL, lost INTEGER NOT NULL, unedited INTEGER NOT NULL, effect REAL,"
     " PRIMARY KEY (experiment, condition, naming)"},
    /* mean: of the namings' effects. tail: which effect the one-tailed tests look for. t, p: t-test
     * over namings, as the paper. p_holm, p_max: corrected over the family, by Holm and by the
     * largest statistic under flips of namings' signs. p_flip: those flips, of the condition alone.
     * low, high: hierarchical bootstrap 95% over all resamples, of two namings at least.
     * p_permutation: flips of pairs within namings. p_mcnemar: two-sided. detectable: not below 1
     * where not even an effect of 100 points would be found. changed: runs that generated other
     * tokens than those that they are measured against. unedited: as above */
    {"effect", FR_OWNER_STATISTICS,
     "experiment TEXT NOT NULL, condition TEXT NOT NULL, against TEXT NOT NULL,"
     " n_namings INTEGER NOT NULL, n_pairs INTEGER NOT NULL,"
     " tail TEXT NOT NULL CHECK (tail IN ('greater', 'less')), mean REAL, standard_error REAL,"
     " t REAL, p REAL, p_holm REAL, p_max REAL, p_flip REAL, low REAL, high REAL CHECK (high >= "
     "low),"
     " p_permutation REAL, gained INTEGER NOT NULL,"
     " lost INTEGER NOT NULL, p_mcnemar REAL, detectable REAL, changed INTEGER NOT NULL,"
     " unedited INTEGER NOT NULL, excluded TEXT NOT NULL, PRIMARY KEY (experiment, condition)"},
};

/* One line of table 5 before the correction. */
struct line {
    char *experiment, *condition, *against, *family;
    int64_t edit, against_edit;
    uint64_t seed;
    bool identity;
    bool less;       /* what is tested is a loss */
    double *effects; /* [N] of the namings in use, NaN without puzzles */
    int n_namings, n_pairs, gained, lost, changed, unedited;
    struct fr_t_test t;
    double low, high, p, p_permutation, p_mcnemar, detectable, p_holm, p_max, p_flip;
};

struct lines {
    int n, capacity;
    struct line *items;
};

static void lines_release(struct lines *lines) {
    for (int i = 0; i < lines->n; i++) {
        free(lines->items[i].experiment);
        free(lines->items[i].condition);
        free(lines->items[i].against);
        free(lines->items[i].family);
        free(lines->items[i].effects);
    }
    free(lines->items);
}

/* Subtracting a concept's representation is to take something away: there the tests look for a
 * loss, everywhere else for a gain. */
static int load_lines(const struct fr_analysis_input *in, struct lines *out, struct fr_error *err) {
    struct fr_query *query;
    const int code = fr_query_open(
        &query, in->store, err,
        "SELECT c.experiment, c.name, a.name, c.family, c.edit, a.edit, c.role = 'identity',"
        " e.definition, f.definition, e.operation IN ('subtract', 'project') FROM condition c JOIN "
        "condition a "
        "ON a.id = c.against"
        " JOIN edit e ON e.id = c.edit JOIN edit f ON f.id = a.edit ORDER BY c.position",
        "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        FR_RESERVE(out->items, out->n, out->capacity);
        struct line *l = &out->items[out->n++];
        *l = (struct line){.experiment = fr_strdup(fr_query_text(query, 0)),
                           .condition = fr_strdup(fr_query_text(query, 1)),
                           .against = fr_strdup(fr_query_text(query, 2)),
                           .family = fr_strdup(fr_query_text(query, 3)),
                           .edit = fr_query_int(query, 4),
                           .against_edit = fr_query_int(query, 5),
                           .identity = fr_query_int(query, 6) != 0,
                           .less = fr_query_int(query, 9) != 0,
                           .seed = fr_mix64(fr_hash_text(fr_query_text(query, 7)),
                                            fr_hash_text(fr_query_text(query, 8)))};
    }
    return fr_query_close(query, err);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void count_pairs(const struct fr_outcomes *o, int i, int *before, int *after, int *gained,
                        int *lost) {
    *before = *after = *gained = *lost = 0;
    for (int k = 0; k < o->n_puzzles[i]; k++) {
        *before += o->before[i][k];
        *after += o->after[i][k];
        *gained += o->after[i][k] > o->before[i][k];
        *lost += o->after[i][k] < o->before[i][k];
    }
}

/* The same test's p for a mean below 0. */
static double p_less(const struct fr_t_test *t) {
    return fr_t_test_summary(-t->mean, t->standard_error, t->n).p_greater;
}

static int summarise(const struct fr_analysis_input *in, const struct fr_outcomes *o,
                     struct line *line, struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < o->n_namings; i++) {
        int before, after, gained, lost;
        count_pairs(o, i, &before, &after, &gained, &lost);
        line->n_pairs += o->n_puzzles[i];
        line->gained += gained;
        line->lost += lost;
        line->unedited += o->unedited[i];
        code = fr_store_run(in->store, err,
                            "INSERT INTO effect_naming VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "tttiiiiiiid", line->experiment, line->condition, o->ids[i],
                            (int64_t)o->n_puzzles[i], (int64_t)o->left_out[i], (int64_t)before,
                            (int64_t)after, (int64_t)gained, (int64_t)lost, (int64_t)o->unedited[i],
                            o->effects[i]);
    }
    line->effects = fr_alloc((size_t)o->n_namings, sizeof *line->effects);
    memcpy(line->effects, o->effects, (size_t)o->n_namings * sizeof *line->effects);
    line->changed = o->changed;
    struct fr_rng rng;
    fr_rng_seed(&rng, (uint64_t)c->seed, line->seed);
    line->t = fr_t_test(o->effects, o->n_namings);
    line->n_namings = line->t.n;
    line->p = line->less ? p_less(&line->t) : line->t.p_greater;
    const struct fr_paired tested = fr_outcomes_paired(o, line->less);
    line->p_permutation = fr_permutation_test(&tested, c->permutations, &rng);
    fr_outcomes_interval(o, &line->low, &line->high);
    line->p_mcnemar = fr_mcnemar(line->gained, line->lost).p_two_sided;
    line->detectable = NAN; /* without variance the design does not say what it could have seen */
    if (line->t.standard_error > 0)
        line->detectable =
            fr_minimal_detectable_effect(line->t.standard_error, line->n_namings, level, power);
    return code;
}

/* Is it a hypothesis of the family? The identity is a check. A condition whose namings all stayed
 * as they were has p = 1 and counts (fr_t_test): else the family would shrink by what the data say,
 * and the others would be corrected for less than was tried. */
static bool is_of_family(const struct line *l, const char *family) {
    return !l->identity && strcmp(l->family, family) == 0;
}

/* Both corrections of a family, and each condition's own flips. The identity is flipped alone, to
 * fill its column. */
static void correct_family(const struct fr_analysis_input *in, struct lines *lines,
                           const char *family, int n_namings) {
    const size_t n = (size_t)lines->n;
    double *p = fr_alloc(n, sizeof *p), *holm = fr_alloc(n, sizeof *holm);
    double *flip = fr_alloc(n, sizeof *flip), *most = fr_alloc(n, sizeof *most);
    double *x = fr_alloc(n * (size_t)n_namings, sizeof *x);
    struct fr_rng rng;
    for (int i = 0; i < lines->n; i++) {
        const struct line *l = &lines->items[i];
        const bool counts = is_of_family(l, family);
        p[i] = counts ? l->p : NAN;
        for (int k = 0; k < n_namings; k++)
            x[i * n_namings + k] = !counts ? NAN : l->less ? -l->effects[k] : l->effects[k];
    }
    fr_rng_seed(&rng, (uint64_t)in->world->config.seed, fr_hash_text(family));
    fr_holm(p, lines->n, holm);
    fr_flip_test(x, lines->n, n_namings, in->world->config.permutations, &rng, flip, most);
    for (int i = 0; i < lines->n; i++) {
        struct line *l = &lines->items[i];
        if (strcmp(l->family, family) != 0)
            continue;
        l->p_holm = holm[i];
        l->p_max = most[i];
        l->p_flip = flip[i];
        if (l->identity) {
            double none;
            fr_flip_test(l->effects, 1, n_namings, in->world->config.permutations, &rng, &l->p_flip,
                         &none);
        }
    }
    free(p);
    free(holm);
    free(flip);
    free(most);
    free(x);
}

static void correct(const struct fr_analysis_input *in, struct lines *lines) {
    int n_namings = 0;
    for (int i = 0; i < in->world->n_namings; i++)
        n_namings += in->use[i];
    for (int first = 0; first < lines->n; first++) {
        const char *family = lines->items[first].family;
        bool seen = false;
        for (int i = 0; i < first && !seen; i++)
            seen = strcmp(lines->items[i].family, family) == 0;
        if (!seen)
            correct_family(in, lines, family, n_namings);
    }
}

static void list_excluded(const struct fr_world *w, struct fr_text *out) {
    for (int i = 0; i < w->n_namings; i++)
        if (w->namings[i].excluded && !w->namings[i].clean)
            fr_text_printf(out, "%snaming %s", out->len ? ", " : "", w->namings[i].naming->id);
    if (out->len == 0)
        fr_text_add(out, "none");
}

static int write_lines(const struct fr_analysis_input *in, const struct lines *lines,
                       struct fr_error *err) {
    struct fr_text excluded = {0};
    list_excluded(in->world, &excluded);
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < lines->n; i++) {
        const struct line *l = &lines->items[i];
        code =
            fr_store_run(in->store, err,
                         "INSERT INTO effect VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                         "?, ?, ?, ?, ?, ?, ?, ?)",
                         "tttiitddddddddddiiddiit", l->experiment, l->condition, l->against,
                         (int64_t)l->n_namings, (int64_t)l->n_pairs, l->less ? "less" : "greater",
                         l->t.mean, l->t.standard_error, l->t.t, l->p, l->p_holm, l->p_max,
                         l->p_flip, l->low, l->high, l->p_permutation, (int64_t)l->gained,
                         (int64_t)l->lost, l->p_mcnemar, l->detectable, (int64_t)l->changed,
                         (int64_t)l->unedited, fr_text_get(&excluded));
    }
    fr_text_release(&excluded);
    return code;
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    struct lines lines = {0};
    int code = load_lines(in, &lines, err);
    for (int i = 0; code == FR_OK && i < lines.n; i++) {
        struct fr_outcomes outcomes;
        code =
            fr_outcomes_load(in, lines.items[i].edit, lines.items[i].against_edit, &outcomes, err);
        if (code == FR_OK) {
            code = summarise(in, &outcomes, &lines.items[i], err);
            fr_outcomes_release(&outcomes);
        }
        fr_events_progress(in->events, i + 1, lines.n, 0, "conditions");
    }
    if (code == FR_OK) {
        correct(in, &lines);
        code = write_lines(in, &lines, err);
    }
    lines_release(&lines);
    return code;
}

const struct fr_analysis fr_analysis_effects = {
    .name = "effects",
    .need = FR_NEEDS_RUNS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
