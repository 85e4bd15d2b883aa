/* The headline numbers; see headline.h. The layer is fixed beforehand, at the paper's depth (40 of
 * 64): the best of several layers would look better than it is. */
#include "study/headline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "statistics/statistics.h"

enum { MAX_NAMINGS = 4 * FR_CONFIG_LIST };

struct headline {
    struct fr_study *study;
    int position;
    struct fr_text text;
};

static int add(struct headline *h, const char *name, double value, double low, double high,
               struct fr_error *err) {
    return fr_store_run(h->study->store, err, "INSERT INTO headline VALUES (?, ?, ?, ?, ?, ?)",
                        "itdddt", (int64_t)++h->position, name, value, low, high,
                        fr_text_get(&h->text));
}

/* The layer at the paper's relative depth, of 1..n_layers. */
static int paper_depth(int n_layers) { return (40 * n_layers + 63) / 64; }

/* One row of numbers; false when the query has none. */
static int fetch(struct fr_study *s, double *out, int n, bool *found, struct fr_error *err,
                 const char *sql, const char *text, int64_t layer) {
    struct fr_query *query;
    int code = fr_query_open(&query, s->store, err, sql, "ti", text, layer);
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

static int add_accuracy(struct headline *h, struct fr_error *err) {
    char title[64];
    domain_title(&h->study->domain, title, sizeof title);
    struct fr_query *query;
    double clean = NAN, low = NAN, high = NAN, mystery[MAX_NAMINGS];
    int n_clean = 0, n_mystery = 0, n_puzzles = 0;
    int code = fr_query_open(
        &query, h->study->store, err,
        "SELECT a.accuracy, a.low, a.high, a.n, n.role = 'clean' FROM accuracy a"
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
            n_puzzles = (int)fr_query_int(query, 3);
        }
    }
    if ((code = fr_query_close(query, err)) != FR_OK)
        return code;
    if (n_clean > 0) {
        fr_text_clear(&h->text);
        fr_text_printf(&h->text,
                       "Clean %s: %.0f%% of %d held-out puzzles solved (95%% Wilson "
                       "interval %.0f-%.0f%%)",
                       title, 100 * clean, n_clean, 100 * low, 100 * high);
        if ((code = add(h, "accuracy_clean", clean, low, high, err)) != FR_OK)
            return code;
    }
    if (n_mystery == 0)
        return FR_OK;
    struct fr_rng rng;
    fr_rng_seed(&rng, (uint64_t)h->study->config.seed, fr_hash_text("headline accuracy"));
    double mean = 0;
    for (int i = 0; i < n_mystery; i++)
        mean += mystery[i] / n_mystery;
    fr_bootstrap_mean(mystery, n_mystery, h->study->config.resamples, 0.95, &rng, &low, &high);
    fr_text_clear(&h->text);
    fr_text_printf(&h->text,
                   "Mystery %s: %.1f%% of %d held-out puzzles solved, mean over %d "
                   "namings (95%% bootstrap"
                   " interval over namings %.1f-%.1f%%)",
                   title, 100 * mean, n_puzzles, n_mystery, 100 * low, 100 * high);
    return add(h, "accuracy_mystery", mean, low, high, err);
}

/* In place of an accuracy: the traces are not the model's. */
static int add_replayed(struct headline *h, struct fr_error *err) {
    double x[5] = {0};
    bool found;
    const int code =
        fetch(h->study, x, 5, &found, err,
              "SELECT count(DISTINCT puzzle), count(DISTINCT naming), count(*), sum(n_tokens),"
              " sum(verdict = 'solved') FROM trace WHERE ? <> '' AND id > ?",
              "x", 0);
    if (code != FR_OK || x[2] == 0)
        return code;
    fr_text_clear(&h->text);
    fr_text_printf(
        &h->text,
        "Replayed: %.0f recorded traces in %.0f namings, %.0f texts of %.0f tokens, none "
        "of them this model's; %.0f of the %.0f recorded answers solve their puzzle",
        x[0], x[1], x[2], x[3], x[4], x[2]);
    return add(h, "share_recorded", x[4] / x[2], NAN, NAN, err);
}

static int add_similarity(struct headline *h, int layer, int n_layers, struct fr_error *err) {
    static const char at[] =
        "SELECT s.mean, s.low, s.high, d.mean, s.timestamp, s.n_namings FROM similarity s JOIN "
        "similarity d"
        " USING (layer, variant, kind, timestamp) WHERE s.relation = 'same' AND d.relation = "
        "'different'"
        " AND s.kind = 'action' AND s.variant = ?1 AND s.layer = ?2 AND s.mean IS NOT NULL";
    struct fr_study *s = h->study;
    struct fr_text sql = {0};
    double first[6], last[6], control[6];
    bool has_first = false, has_last = false, has_control = false;
    fr_text_printf(&sql, "%s ORDER BY s.timestamp LIMIT 1", at);
    int code = fetch(s, first, 6, &has_first, err, fr_text_get(&sql), "loo", layer);
    fr_text_clear(&sql);
    fr_text_printf(&sql, "%s AND s.timestamp = s.reference_timestamp", at);
    if (code == FR_OK)
        code = fetch(s, last, 6, &has_last, err, fr_text_get(&sql), "loo", layer);
    if (code == FR_OK)
        code = fetch(s, control, 6, &has_control, err, fr_text_get(&sql), "loo_shuffled", layer);
    fr_text_release(&sql);
    if (code != FR_OK || !has_first || !has_last)
        return code;
    fr_text_clear(&h->text);
    fr_text_printf(&h->text,
                   "Refinement at layer %d of %d: cosine of an action's representation with the "
                   "same action's in other"
                   " namings (leave-one-out) goes from %.2f after %.0f tokens to %.2f after %.0f "
                   "(95%% bootstrap interval"
                   " %.2f to %.2f, %.0f namings); with different actions %.2f to %.2f",
                   layer, n_layers, first[0], first[4], last[0], last[4], last[1], last[2], last[5],
                   first[3], last[3]);
    if (has_control)
        fr_text_printf(&h->text, "; labels shuffled %.2f", control[0]);
    return add(h, "similarity_action", last[0], last[1], last[2], err);
}

static int add_separation(struct headline *h, int layer, int n_layers, struct fr_error *err) {
    double x[2];
    bool found = false;
    int code =
        fetch(h->study, x, 2, &found, err,
              "SELECT silhouette, silhouette_shuffled FROM separation WHERE kind = ? AND layer = ?"
              " AND silhouette IS NOT NULL",
              "action", layer);
    if (code != FR_OK || !found)
        return code;
    fr_text_clear(&h->text);
    fr_text_printf(&h->text,
                   "Actions cluster by concept, not by name, at layer %d of %d: silhouette %.2f "
                   "(labels shuffled %.2f)",
                   layer, n_layers, x[0], x[1]);
    return add(h, "silhouette_action", x[0], NAN, NAN, err);
}

/* The steering layer nearest to the paper's depth. */
static int steering_layer(const struct fr_config *c, int depth) {
    int best = 0;
    for (int i = 0; i < c->steering_layers.n; i++)
        if (abs(c->steering_layers.items[i] - depth) < abs(c->steering_layers.items[best] - depth))
            best = i;
    return c->steering_layers.items[best];
}

/* Of the runs of one (condition, layer), or of all layers when layer is 0: how many there are, and
 * how many generated other tokens than their baseline. */
static int count_changed(struct fr_study *s, const char *condition, int layer, double *runs,
                         double *changed, struct fr_error *err) {
    double x[2] = {0, 0};
    bool found = false;
    const int code = fetch(s, x, 2, &found, err,
                           "SELECT count(*), coalesce(sum(e.ids <> b.ids), 0) FROM steered e"
                           " JOIN steered b ON b.trace = e.trace AND b.condition = 'baseline'"
                           " WHERE e.condition = ?1 AND (?2 = 0 OR e.layer = ?2)",
                           condition, layer);
    *runs = x[0];
    *changed = x[1];
    return code;
}

static int add_steering(struct headline *h, const char *condition, const char *words, int layer,
                        struct fr_error *err) {
    double x[8], runs, changed;
    bool found = false;
    int code = fetch(h->study, x, 8, &found, err,
                     "SELECT mean, low, high, standard_error, t, p, p_holm, n_namings FROM steering"
                     " WHERE condition = ? AND layer = ? AND mean IS NOT NULL",
                     condition, layer);
    if (code == FR_OK && found)
        code = count_changed(h->study, condition, layer, &runs, &changed, err);
    if (code != FR_OK || !found)
        return code;
    fr_text_clear(&h->text);
    fr_text_printf(
        &h->text,
        "Steering with %s at layer %d: %+.1f points of accuracy (s.e. %.1f, 95%% interval %+.1f to"
        " %+.1f, %.0f namings)",
        words, layer, 100 * x[0], 100 * x[3], 100 * x[1], 100 * x[2], x[7]);
    if (isfinite(x[4]))
        fr_text_printf(&h->text, "; one-tailed t = %.2f, p = %.3g, Holm %.3g", x[4], x[5], x[6]);
    fr_text_printf(&h->text, "; %.0f of %.0f runs generated other tokens than their baseline",
                   changed, runs);
    struct fr_text name = {0};
    fr_text_printf(&name, "effect_%s", condition);
    code = add(h, fr_text_get(&name), x[0], x[1], x[2], err);
    fr_text_release(&name);
    return code;
}

static int add_identity(struct headline *h, struct fr_error *err) {
    double runs, changed;
    const int code = count_changed(h->study, "identity", 0, &runs, &changed, err);
    if (code != FR_OK || runs == 0)
        return code;
    fr_text_clear(&h->text);
    fr_text_printf(&h->text,
                   "Identity control: %.0f of %.0f runs with an edit that changes nothing equal"
                   " their baseline token for token",
                   runs - changed, runs);
    return add(h, "share_identity", (runs - changed) / runs, NAN, NAN, err);
}

int fr_headline_write(struct fr_study *s, struct fr_error *err) {
    struct headline h = {.study = s};
    double layers = 0;
    bool found = false;
    int code = fr_store_clear_results(s->store, "headline", err);
    if (code == FR_OK)
        code = fetch(s, &layers, 1, &found, err,
                     "SELECT max(layer) FROM similarity WHERE ? <> '' AND layer > ?", "x", 0);
    const int n_layers = found && isfinite(layers) ? (int)layers : 0;
    const int depth = paper_depth(n_layers);
    if (code == FR_OK)
        code = fr_study_imports(s) ? add_replayed(&h, err) : add_accuracy(&h, err);
    if (code == FR_OK)
        code = add_similarity(&h, depth, n_layers, err);
    if (code == FR_OK)
        code = add_separation(&h, depth, n_layers, err);
    if (s->config.steering_layers.n > 0) {
        const int layer = steering_layer(&s->config, depth);
        if (code == FR_OK)
            code = add_steering(&h, "in_naming", "the naming's own refined vectors", layer, err);
        if (code == FR_OK)
            code =
                add_steering(&h, "cross_loo", "other namings' vectors (leave-one-out)", layer, err);
        if (code == FR_OK)
            code = add_steering(&h, "shuffled", "shuffled vectors (control)", layer, err);
        if (code == FR_OK)
            code = add_steering(&h, "random", "random vectors (control)", layer, err);
        if (code == FR_OK)
            code = add_identity(&h, err);
    }
    fr_text_release(&h.text);
    return code;
}
