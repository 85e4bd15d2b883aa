/* The numbers that a reader sees first, as sentences with n and test. The layer is fixed
 * beforehand, at the paper's depth (40 of 64): the best of several layers would look better than it
 * is. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analysis.h"
#include "analyses/paper.h"
#include "analyses/refinement.h"
#include "base/memory.h"
#include "base/text.h"
#include "statistics/statistics.h"

enum { MAX_NAMINGS = 4 * FR_CONFIG_LIST, FEW_NAMINGS = 5 };

static const struct fr_result_table tables[] = {
    /* unit: how value, low and high are written. text: the sentence a reader sees */
    {"headline", FR_OWNER_STATISTICS,
     "position INTEGER PRIMARY KEY, name TEXT NOT NULL,"
     " unit TEXT NOT NULL CHECK (unit IN ('share', 'points', 'p', 'number')), value REAL, low REAL,"
     " high REAL, text TEXT NOT NULL"},
};

struct headline {
    const struct fr_analysis_input *in;
    int position;
    struct fr_text text;
};

static int add(struct headline *h, const char *name, const char *unit, double value, double low,
               double high, struct fr_error *err) {
    return fr_store_run(h->in->store, err, "INSERT INTO headline VALUES (?, ?, ?, ?, ?, ?, ?)",
                        "ittdddt", (int64_t)++h->position, name, unit, value, low, high,
                        fr_text_get(&h->text));
}

/* One row of numbers; false when the query has none. */
static int fetch(const struct fr_analysis_input *in, double *out, int n, bool *found,
                 struct fr_error *err, const char *sql, int64_t parameter) {
    struct fr_query *query;
    int code = fr_query_open(&query, in->store, err, sql, "i", parameter);
    if (code != FR_OK)
        return code;
    *found = fr_query_next(query);
    for (int i = 0; *found && i < n; i++)
        out[i] = fr_query_double(query, i);
    return fr_query_close(query, err);
}

/* "blocksworld-4ops" -> "Blocksworld" */
static void domain_title(const struct fr_domain *domain, char *out, size_t n) {
    const size_t length = strcspn(domain->name, "-_0123456789");
    (void)snprintf(out, n, "%.*s", (int)(length > 0 ? length : strlen(domain->name)), domain->name);
    if (*out >= 'a' && *out <= 'z')
        *out = (char)(*out - 'a' + 'A');
}

/* What an answer is differs by kind, so that a reader must be told. */
static const char *said_of_kind(const struct headline *h) {
    struct fr_text kind = {0};
    const bool found = fr_store_get_meta(h->in->store, "model_kind", &kind);
    const bool quiet = found && strcmp(fr_text_get(&kind), "regular") == 0;
    fr_text_release(&kind);
    return quiet && h->in->own_traces
               ? "; the model does not reason first, its answer is its whole text"
               : "";
}

static int add_accuracy(struct headline *h, struct fr_error *err) {
    char title[64];
    domain_title(&h->in->world->domain, title, sizeof title);
    struct fr_query *query;
    double clean = NAN, low = NAN, high = NAN, mystery[MAX_NAMINGS];
    int n_clean = 0, n_mystery = 0, n_puzzles = 0, n_excluded = 0;
    int code = fr_query_open(
        &query, h->in->store, err,
        "SELECT a.accuracy, a.low, a.high, a.n, n.role = 'clean', n.excluded FROM accuracy a"
        " JOIN naming n ON n.id = a.naming WHERE a.split = 'evaluate' ORDER BY n.position",
        "");
    if (code != FR_OK)
        return code;
    while (n_mystery < MAX_NAMINGS && fr_query_next(query)) {
        if (fr_query_int(query, 4) != 0) {
            clean = fr_query_double(query, 0);
            low = fr_query_double(query, 1);
            high = fr_query_double(query, 2);
            n_clean = (int)fr_query_int(query, 3);
        } else {
            mystery[n_mystery++] = fr_query_double(query, 0);
            n_excluded += fr_query_int(query, 5) != 0;
            n_puzzles = (int)fr_query_int(query, 3);
        }
    }
    if ((code = fr_query_close(query, err)) != FR_OK)
        return code;
    if (n_clean > 0) {
        fr_text_clear(&h->text);
        fr_text_printf(&h->text,
                       "Clean %s: %.0f%% of %d held-out puzzles solved (95%% Wilson "
                       "interval %.0f to %.0f%%)%s",
                       title, 100 * clean, n_clean, 100 * low, 100 * high, said_of_kind(h));
        if ((code = add(h, "accuracy_clean", "share", clean, low, high, err)) != FR_OK)
            return code;
    }
    if (n_mystery == 0)
        return FR_OK;
    struct fr_rng rng;
    fr_rng_seed(&rng, (uint64_t)h->in->world->config.seed, fr_hash_text("headline accuracy"));
    double mean = 0;
    for (int i = 0; i < n_mystery; i++)
        mean += mystery[i] / n_mystery;
    fr_bootstrap_mean(mystery, n_mystery, h->in->world->config.resamples, 0.95, &rng, &low, &high);
    /* Namings that are all alike say nothing of how others would differ, and so few hardly do. */
    const bool spread = isfinite(low) && isfinite(high) && low < high;
    struct fr_text interval = {0};
    if (!spread)
        fr_text_add(&interval, n_mystery == 1 ? "no interval: 1 naming"
                                              : "all alike: no interval over namings");
    else
        fr_text_printf(&interval, "95%% bootstrap interval over namings %.1f to %.1f%%%s",
                       100 * low, 100 * high, n_mystery < FEW_NAMINGS ? ", of few" : "");
    if (!spread)
        low = high = (double)NAN;
    struct fr_text also = {0};
    if (n_excluded > 0)
        fr_text_printf(&also, ", %d of them left out of representations and steering", n_excluded);
    fr_text_clear(&h->text);
    fr_text_printf(
        &h->text,
        "Mystery %s: %.1f%% of %d held-out puzzles solved, mean over %d naming%s%s (%s)%s", title,
        100 * mean, n_puzzles, n_mystery, n_mystery == 1 ? "" : "s", fr_text_get(&also),
        fr_text_get(&interval), said_of_kind(h));
    fr_text_release(&also);
    fr_text_release(&interval);
    return add(h, "accuracy_mystery", "share", mean, low, high, err);
}

/* In place of an accuracy: the traces are not the model's. */
static int add_replayed(struct headline *h, struct fr_error *err) {
    double x[5] = {0};
    bool found;
    const int code =
        fetch(h->in, x, 5, &found, err,
              "SELECT count(DISTINCT puzzle), count(DISTINCT naming), count(*), sum(n_tokens),"
              " sum(verdict = 'solved') FROM trace WHERE n_tokens >= ?",
              0);
    if (code != FR_OK || x[2] == 0)
        return code;
    fr_text_clear(&h->text);
    fr_text_printf(
        &h->text,
        "Replayed: %.0f recorded traces in %.0f namings, %.0f texts of %.0f tokens, none "
        "of them this model's; %.0f of the %.0f recorded answers solve their puzzle",
        x[0], x[1], x[2], x[3], x[4], x[2]);
    return add(h, "share_recorded", "share", x[4] / x[2], NAN, NAN, err);
}

static int add_similarity(struct headline *h, int layer, int n_layers, struct fr_error *err) {
    struct fr_refinement r;
    const int code = fr_refinement_take(h->in, layer, &r, err);
    if (code != FR_OK || !r.is)
        return code;
    fr_text_clear(&h->text);
    fr_text_printf(&h->text,
                   "Refinement at layer %d of %d: cosine of an action's representation with the "
                   "same action's in other namings (leave-one-out) ",
                   layer, n_layers);
    fr_refinement_say(&r, &h->text);
    if (r.rises && isfinite(r.different_from) && isfinite(r.different_to))
        fr_text_printf(&h->text, "; with different actions %.2f to %.2f",
                       fr_shown(r.different_from, 2), fr_shown(r.different_to, 2));
    fr_refinement_say_controls(&r, &h->in->world->config, &h->text);
    return r.rises
               ? add(h, "similarity_rise", "number", r.plain.rise, r.plain.low, r.plain.high, err)
               : add(h, "similarity_action", "number", r.to, r.low, r.high, err);
}

static int add_separation(struct headline *h, int layer, int n_layers, struct fr_error *err) {
    double x[5];
    bool found = false;
    int code = fetch(h->in, x, 5, &found, err,
                     "SELECT silhouette, silhouette_shuffled, silhouette_p, n_points, timestamp"
                     " FROM separation WHERE kind = 'action' AND layer = ? AND silhouette IS NOT"
                     " NULL",
                     layer);
    if (code != FR_OK || !found)
        return code;
    fr_text_clear(&h->text);
    fr_text_printf(
        &h->text,
        "Do actions cluster by concept? At layer %d of %d after %.0f tokens%s the mean silhouette "
        "of %.0f points (naming, action), each less its naming's mean and so free to cluster by "
        "nothing else, is %.2f",
        layer, n_layers, x[4],
        h->in->world->config.origin == FR_ORIGIN_PROMPT ? " of prompt and reasoning" : "", x[3],
        fr_shown(x[0], 2));
    if (isfinite(x[1]))
        fr_text_printf(&h->text, ", with shuffled labels %.2f", fr_shown(x[1], 2));
    if (isfinite(x[2]))
        fr_text_printf(&h->text, " (one-sided p = %.3g)", x[2]);
    return add(h, "silhouette_action", "number", x[0], NAN, NAN, err);
}

/* Of each series of an experiment one condition: the one whose last edited layer is nearest to the
 * paper's depth. A sweep has as many series as it has other values. */
enum { MOST_EFFECTS = 24 };
static const char effects_sql[] =
    "WITH c AS (SELECT c.*, e.layer_first, e.layer_end, e.operation, e.scale, e.window_start,"
    " row_number() OVER (PARTITION BY c.experiment, c.series"
    " ORDER BY abs(e.layer_end - 1 - ?), e.layer_first, c.position) AS rank"
    " FROM condition c JOIN edit e ON e.id = c.edit"
    " WHERE c.role IN ('matched', 'control'))"
    " SELECT c.experiment, c.name, c.role = 'control', a.role = 'baseline', a.series, x.mean, "
    "x.low,"
    " x.high, x.standard_error, x.t, x.p, x.p_holm, x.n_namings, x.n_pairs, x.changed,"
    " x.detectable, x.gained, x.lost, x.unedited, (SELECT group_concat(naming, ', ') FROM"
    " effect_naming WHERE experiment = c.experiment AND condition = c.name AND n > 0 AND unedited ="
    " n), x.p_max, x.tail = 'less'"
    " FROM c JOIN effect x ON x.experiment = c.experiment AND x.condition = c.name"
    " JOIN condition a ON a.id = c.against WHERE c.rank = 1 AND x.mean IS NOT NULL"
    " ORDER BY c.position";

static int add_effects(struct headline *h, int depth, struct fr_error *err) {
    struct fr_query *query;
    int code = fr_query_open(&query, h->in->store, err, effects_sql, "i", (int64_t)depth);
    if (code != FR_OK)
        return code;
    int n = 0;
    while (code == FR_OK && fr_query_next(query)) {
        if (n++ >= MOST_EFFECTS) /* they are counted */
            continue;
        const double mean = fr_query_double(query, 5), low = fr_query_double(query, 6),
                     high = fr_query_double(query, 7), detectable = fr_query_double(query, 15);
        struct fr_text name = {0};
        fr_text_printf(&name, "effect.%s.%s", fr_query_text(query, 0), fr_query_text(query, 1));
        fr_text_clear(&h->text);
        fr_text_printf(&h->text, "%s, %s%s: %+.1f points of accuracy against %s (",
                       fr_query_text(query, 0), fr_query_text(query, 1),
                       fr_query_int(query, 2) != 0 ? " (control)" : "", fr_shown(100 * mean, 1),
                       fr_query_int(query, 3) != 0 ? "the unedited run" : fr_query_text(query, 4));
        if (isfinite(fr_query_double(query, 8)))
            fr_text_printf(&h->text, "s.e. %.1f, ", 100 * fr_query_double(query, 8));
        if (isfinite(low) && isfinite(high))
            fr_text_printf(&h->text, "95%% interval %+.1f to %+.1f, ", fr_shown(100 * low, 1),
                           fr_shown(100 * high, 1));
        else
            fr_text_add(&h->text, "no interval: ");
        fr_text_printf(&h->text, "%.0f naming%s, %.0f pairs)", fr_query_double(query, 12),
                       fr_query_int(query, 12) == 1 ? "" : "s", fr_query_double(query, 13));
        if (isfinite(fr_query_double(query, 9)))
            fr_text_printf(&h->text, "; t = %.2f over namings, one-tailed for a %s p = %.3g",
                           fr_shown(fr_query_double(query, 9), 2),
                           fr_query_int(query, 21) != 0 ? "loss" : "gain",
                           fr_query_double(query, 10));
        if (isfinite(fr_query_double(query, 9)) && isfinite(fr_query_double(query, 11)))
            fr_text_printf(&h->text,
                           ", over the family by Holm %.3g, by the largest statistic %.3g",
                           fr_query_double(query, 11), fr_query_double(query, 20));
        if (detectable >= 1)
            fr_text_add(&h->text, "; the design could have found none: not even 100");
        else if (isfinite(detectable))
            fr_text_printf(&h->text, "; the design could have found %.1f", 100 * detectable);
        fr_text_printf(&h->text, "; %.0f gained, %.0f lost, %.0f of %.0f generated other tokens",
                       fr_query_double(query, 16), fr_query_double(query, 17),
                       fr_query_double(query, 14), fr_query_double(query, 13));
        const bool none = fr_query_int(query, 18) >= fr_query_int(query, 13);
        if (none) {
            fr_text_clear(&h->text); /* an effect of 0 would say that edits do nothing */
            fr_text_printf(&h->text,
                           "%s, %s%s: it says nothing; nothing was edited in %.0f pairs,"
                           " which is all of them",
                           fr_query_text(query, 0), fr_query_text(query, 1),
                           fr_query_int(query, 2) != 0 ? " (control)" : "",
                           fr_query_double(query, 13));
        } else if (fr_query_int(query, 18) > 0) {
            fr_text_printf(&h->text, "; nothing was edited in %.0f", fr_query_double(query, 18));
            if (*fr_query_text(query, 19) != '\0')
                fr_text_printf(&h->text, " (all of naming %s)", fr_query_text(query, 19));
        }
        code = add(h, fr_text_get(&name), "points", none ? (double)NAN : mean,
                   none ? (double)NAN : low, none ? (double)NAN : high, err);
        fr_text_release(&name);
    }
    code = fr_query_close_after(query, code, err);
    if (code != FR_OK || n <= MOST_EFFECTS)
        return code;
    fr_text_clear(&h->text);
    fr_text_printf(&h->text,
                   "There are %d more effects of conditions at this depth; all of them "
                   "are in the tables of effects",
                   n - MOST_EFFECTS);
    return add(h, "effects_more", "number", n - MOST_EFFECTS, NAN, NAN, err);
}

static int add_identity(struct headline *h, struct fr_error *err) {
    double x[3] = {0};
    bool found = false;
    const int code = fetch(h->in, x, 3, &found, err,
                           "SELECT coalesce(sum(x.n_pairs), 0), coalesce(sum(x.changed), 0),"
                           " coalesce(sum(x.unedited), 0)"
                           " FROM effect x JOIN condition c ON c.experiment = x.experiment AND"
                           " c.name = x.condition WHERE c.role = 'identity' AND x.n_pairs > ?",
                           0);
    if (code != FR_OK || x[0] == 0)
        return code;
    const double edited = x[0] - x[2], equal = edited - x[1];
    fr_text_clear(&h->text);
    if (edited > 0)
        fr_text_printf(&h->text,
                       "Identity control: %.0f of %.0f runs with an edit that changes nothing equal"
                       " their baseline token for token",
                       equal, edited);
    else
        fr_text_add(&h->text, "Identity control: it says nothing");
    if (x[2] > 0)
        fr_text_printf(&h->text, "; nothing was edited in %.0f%s", x[2],
                       edited > 0 ? " more" : " runs, which is all of them");
    return add(h, "share_identity", "share", edited > 0 ? equal / edited : (double)NAN, NAN, NAN,
               err);
}

/* How many verdicts change for no reason; an effect is to be seen beside it. */
static int add_churn(struct headline *h, struct fr_error *err) {
    static const char sql[] =
        "SELECT size, sum(pairs), sum(verdicts), sum(tokens) FROM (SELECT d.scale AS size,"
        " max(x.n_pairs - x.unedited) AS pairs, max(x.gained + x.lost) AS verdicts, max(x.changed) "
        "AS tokens"
        " FROM effect x JOIN condition c ON c.experiment = x.experiment AND c.name = x.condition"
        " JOIN condition a ON a.id = c.against JOIN edit d ON d.id = c.edit WHERE d.vectors ="
        " 'noise' AND c.role = 'matched' AND a.role = 'baseline' GROUP BY c.edit)"
        " GROUP BY size HAVING sum(pairs) > 0 ORDER BY size DESC";
    struct fr_query *query;
    int n = 0;
    double floor = NAN;
    fr_text_clear(&h->text);
    const int code = fr_query_open(&query, h->in->store, err, sql, "");
    if (code != FR_OK)
        return code;
    for (; fr_query_next(query); n++) {
        const double pairs = fr_query_double(query, 1), verdicts = fr_query_double(query, 2);
        if (n == 0)
            floor = pairs > 0 ? verdicts / pairs : NAN;
        fr_text_printf(&h->text,
                       "%s%.3g of an edited row's norm changes %.0f of %.0f verdicts and "
                       "the tokens of %.0f runs",
                       n == 0 ? "Churn floor: noise of " : "; of ", fr_query_double(query, 0),
                       verdicts, pairs, fr_query_double(query, 3));
    }
    const int closed = fr_query_close(query, err);
    return closed == FR_OK && n > 0 ? add(h, "share_churn", "share", floor, NAN, NAN, err) : closed;
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    struct headline h = {.in = in};
    double layers = 0;
    bool found = false;
    int code =
        fetch(in, &layers, 1, &found, err, "SELECT max(layer) FROM similarity WHERE layer >= ?", 0);
    const int n_layers = found && isfinite(layers) ? (int)layers : 0;
    const int depth = fr_paper_layer(n_layers);
    if (code == FR_OK)
        code = in->own_traces ? add_accuracy(&h, err) : add_replayed(&h, err);
    if (code == FR_OK)
        code = add_similarity(&h, depth, n_layers, err);
    if (code == FR_OK)
        code = add_separation(&h, depth, n_layers, err);
    if (code == FR_OK)
        code = add_effects(&h, depth, err);
    if (code == FR_OK)
        code = add_identity(&h, err);
    if (code == FR_OK)
        code = add_churn(&h, err);
    fr_text_release(&h.text);
    return code;
}

const struct fr_analysis fr_analysis_headline = {
    .name = "headline",
    .need = FR_NEEDS_RUNS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
