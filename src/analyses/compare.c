/* See compare.h. */
#include "analyses/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "analyses/paper.h"
#include "base/file.h"
#include "base/memory.h"
#include "fr_version.h"

enum { MAX_TIMES = 4096, MAX_NAMINGS = 256 };

const struct fr_result_table fr_compared_tables[] = {
    /* traces: 'own' or 'recorded'. same_traces: how many of its traces have the tokens of the
     * first's. curve_layer: nearest to the paper's depth, 40 of 64, which the curves are of */
    {"compared_study", FR_OWNER_ANALYSES,
     "position INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE, study TEXT NOT NULL, model TEXT,"
     " kind TEXT, cot INTEGER NOT NULL, traces TEXT NOT NULL, n_traces INTEGER NOT NULL,"
     " same_traces INTEGER NOT NULL, layers INTEGER NOT NULL, curve_layer INTEGER NOT NULL,"
     " reference_timestamp INTEGER, window_tokens INTEGER"},
    {"compared_accuracy", FR_OWNER_ANALYSES,
     "label TEXT NOT NULL, naming TEXT NOT NULL, role TEXT NOT NULL, n INTEGER NOT NULL,"
     " accuracy REAL, low REAL, high REAL, preserved REAL, mean_reasoning_tokens REAL,"
     " unparsed INTEGER NOT NULL, paper_naming TEXT, PRIMARY KEY (label, naming)"},
    /* figure: 'mean' (A3), 'naming', 'clean_single' (A5 a, b). Centred on both sides */
    {"compared_curve", FR_OWNER_ANALYSES,
     "label TEXT NOT NULL, figure TEXT NOT NULL, kind TEXT NOT NULL, relation TEXT NOT NULL,"
     " timestamp INTEGER NOT NULL, mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (label, figure, kind, relation, timestamp)"},
    /* What the curve 'mean', same concept, is a mean of; and what it is of without a naming */
    {"compared_naming", FR_OWNER_ANALYSES,
     "label TEXT NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL, naming TEXT NOT NULL,"
     " value REAL NOT NULL, PRIMARY KEY (label, kind, timestamp, naming)"},
    {"compared_without", FR_OWNER_ANALYSES,
     "label TEXT NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL, left_out TEXT NOT NULL,"
     " naming TEXT NOT NULL, value REAL NOT NULL,"
     " PRIMARY KEY (label, kind, timestamp, left_out, naming)"},
    /* depth: layer / layers */
    {"compared_separation", FR_OWNER_ANALYSES,
     "label TEXT NOT NULL, kind TEXT NOT NULL, timestamp INTEGER NOT NULL, layer INTEGER NOT NULL,"
     " depth REAL NOT NULL, silhouette REAL, silhouette_shuffled REAL, variance_ratio REAL,"
     " variance_ratio_shuffled REAL, PRIMARY KEY (label, kind, timestamp, layer)"},
    /* A study's rise beside the first's (plain), over the namings of both. explained: the share of
     * the first's; NULL where that is not above 0 with its interval */
    {"compared_rise", FR_OWNER_ANALYSES,
     "label TEXT NOT NULL, kind TEXT NOT NULL, first_timestamp INTEGER NOT NULL,"
     " last_timestamp INTEGER NOT NULL, n_namings INTEGER NOT NULL, plain REAL, plain_low REAL,"
     " plain_high REAL, rise REAL, rise_low REAL, rise_high REAL, explained REAL, low REAL,"
     " high REAL, PRIMARY KEY (label, kind)"},
    /* What is left of the first's curve: under its own controls (role: as in curve_control), and in
     * the other studies (role: 'study'). explained: the control's, or the share of the rise that
     * the study has */
    {"compared_control", FR_OWNER_ANALYSES,
     "kind TEXT NOT NULL, control TEXT NOT NULL, position INTEGER NOT NULL, role TEXT NOT NULL,"
     " title TEXT NOT NULL, timestamp INTEGER NOT NULL, mean REAL, low REAL, high REAL,"
     " n_namings INTEGER NOT NULL, explained REAL, explained_low REAL, explained_high REAL,"
     " PRIMARY KEY (kind, role, control, timestamp)"},
    /* Studies whose windows or times are others than the first's: no rise of theirs is held against
     * its. keys: the settings that differ */
    {"compared_apart", FR_OWNER_ANALYSES, "label TEXT NOT NULL PRIMARY KEY, keys TEXT NOT NULL"},
    /* What a study was made with */
    {"compared_fact", FR_OWNER_ANALYSES,
     "label TEXT NOT NULL, position INTEGER NOT NULL, what TEXT NOT NULL, value TEXT NOT NULL,"
     " PRIMARY KEY (label, position)"},
    /* Settings that are not the same in all. matters: of what is compared, not of machines */
    {"compared_setting", FR_OWNER_ANALYSES,
     "key TEXT NOT NULL, label TEXT NOT NULL, value TEXT NOT NULL, matters INTEGER NOT NULL,"
     " PRIMARY KEY (key, label)"},
};
const int fr_n_compared_tables = sizeof fr_compared_tables / sizeof *fr_compared_tables;

/* ?1 the label, ?2 the layer of curves, ?3 the layers. The attached study is other. */
static const char *const copies[] = {
    "INSERT INTO compared_accuracy SELECT ?1, a.naming, n.role, a.n, a.accuracy, a.low, a.high,"
    " a.preserved, a.mean_reasoning_tokens, a.unparsed, a.paper_naming FROM other.accuracy a"
    " JOIN other.naming n ON n.id = a.naming WHERE ?2 > 0 AND ?3 > 0 AND a.split ="
    " (SELECT split FROM other.accuracy ORDER BY split <> 'all', split LIMIT 1)",
    "INSERT INTO compared_curve SELECT ?1, 'mean', kind, relation, timestamp, mean, low, high,"
    " n_namings FROM other.similarity WHERE variant = 'loo' AND layer = ?2 AND ?3 > 0",
    "INSERT INTO compared_curve SELECT ?1, figure, kind, relation, timestamp, mean, low, high,"
    " n_namings FROM other.pair_similarity p WHERE figure IN ('naming', 'clean_single')"
    " AND centring = 'kind' AND layer = ?2 AND ?3 > 0 AND reference_timestamp ="
    " (SELECT max(reference_timestamp) FROM other.similarity)",
    "INSERT INTO compared_naming SELECT ?1, kind, timestamp, naming, value"
    " FROM other.similarity_naming WHERE layer = ?2 AND ?3 > 0",
    "INSERT INTO compared_without SELECT ?1, kind, timestamp, left_out, naming, value"
    " FROM other.similarity_without WHERE layer = ?2 AND ?3 > 0",
    "INSERT INTO compared_separation SELECT ?1, kind, timestamp, layer, 1.0 * layer / ?3,"
    " silhouette, silhouette_shuffled, variance_ratio, variance_ratio_shuffled"
    " FROM other.separation WHERE ?2 > 0",
    "INSERT INTO compared_setting SELECT key, ?1, value, 0 FROM ("
    " WITH RECURSIVE configuration_line(line, rest) AS ("
    " SELECT '', value || char(10) FROM other.meta WHERE key = 'configuration' UNION ALL"
    " SELECT substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1)"
    " FROM configuration_line WHERE rest <> '')"
    " SELECT substr(line, 1, instr(line, ': ') - 1) AS key, substr(line, instr(line, ': ') + 2) AS"
    " value FROM configuration_line WHERE instr(line, ': ') > 0)"
    " WHERE ?2 > 0 AND ?3 > 0 AND key NOT LIKE 'experiments%' AND key <> 'study'",
    "INSERT INTO compared_setting SELECT 'verdicts_by', ?1, coalesce((SELECT substr(value, 1, 12)"
    " FROM other.meta WHERE key = 'verdicts_by'), 'unknown rules'), 0 WHERE ?2 > 0 AND ?3 > 0",
    "INSERT INTO compared_fact SELECT ?1, o.column1, o.column3, m.value FROM (VALUES"
    " (1, 'model_sha256', 'model file, SHA-256'), (2, 'model_quantization', 'quantisation'),"
    " (3, 'traces_file', 'recorded traces'), (6, 'seed', 'seed')) o"
    " JOIN other.meta m ON m.key = o.column2 WHERE ?2 > 0 AND ?3 > 0 AND m.value <> ''",
    "INSERT INTO compared_fact SELECT ?1, 4, 'program of the analyses', program FROM other.stage"
    " WHERE name = 'analyses' AND ?2 > 0 AND ?3 > 0",
    "INSERT INTO compared_fact SELECT ?1, 5, 'engine of the representations', engine FROM"
    " other.stage WHERE name = 'representations' AND ?2 > 0 AND ?3 > 0",
    "UPDATE compared_study SET window_tokens = (SELECT CAST(value AS INTEGER) FROM compared_setting"
    " s WHERE s.label = ?1 AND s.key = 'representations.window_tokens')"
    " WHERE label = ?1 AND ?2 > 0 AND ?3 > 0",
};

/* The first's own controls alone. */
static const char copy_controls[] =
    "INSERT INTO compared_control SELECT c.kind, c.control, k.position, k.role, k.title,"
    " c.timestamp, c.mean, c.low, c.high, c.n_namings, r.explained, r.low, r.high"
    " FROM other.control_curve c JOIN other.curve_control k USING (control)"
    " LEFT JOIN other.control_rise r USING (layer, control, kind) WHERE c.layer = ? AND EXISTS"
    " (SELECT 1 FROM other.control_curve o WHERE o.control = c.control AND o.layer = c.layer AND"
    " o.kind = c.kind AND o.mean IS NOT NULL)";
static const char add_studies_to_controls[] =
    "INSERT INTO compared_control SELECT c.kind, s.label, 100 + s.position, 'study', s.label,"
    " c.timestamp, c.mean, c.low, c.high, c.n_namings, r.explained, r.low, r.high"
    " FROM compared_curve c JOIN compared_study s USING (label)"
    " LEFT JOIN compared_rise r USING (label, kind)"
    " WHERE s.position > 1 AND c.figure = 'mean' AND c.relation = 'same'";

/* Keys that say what a compared number is of. Models, machines and paths differ as they may; so do
 * what is kept beside (sets, sites), what only steering or pictures read, and how often a bootstrap
 * draws, which is not of the curves (jackknife) but of the bands of pairs, to their last digit. */
static const char settle_settings[] =
    "UPDATE compared_setting SET matters = key IN ('representations.origin',"
    " 'representations.window_tokens', 'representations.grid_step', 'representations.grid_end',"
    " 'representations.min_mentions', 'representations.previous_token',"
    " 'representations.inflections', 'analyses.reference_timestamp', 'analyses.pca_timestamp',"
    " 'analyses.pair_naming', 'generation.max_tokens', 'verdicts_by') OR key LIKE 'prompt.%'"
    " OR key LIKE 'namings.%' OR key LIKE 'puzzles.%' OR key LIKE 'traces.%'";
/* Nor is kept where a file lies: what it holds is told by its SHA-256, or compared itself. */
static const char drop_equal_settings[] =
    "DELETE FROM compared_setting WHERE key IN ('model.path', 'namings.table', 'traces.problems',"
    " 'endpoint.url') OR key || '.sha256' IN (SELECT key FROM compared_setting) OR key IN (SELECT "
    "key FROM compared_setting GROUP BY key"
    " HAVING count(DISTINCT value) = 1 AND count(*) = (SELECT count(*) FROM compared_study))";

/* A timestamp is then another thing. */
static const char find_apart[] =
    "INSERT INTO compared_apart SELECT label, group_concat(key, ', ') FROM (SELECT o.label, key"
    " FROM compared_setting f JOIN compared_setting o USING (key) JOIN compared_study s ON s.label"
    " = f.label AND s.position = 1 WHERE o.value <> f.value AND key IN ('representations.origin',"
    " 'representations.window_tokens', 'analyses.reference_timestamp') ORDER BY o.label, key)"
    " GROUP BY label";

struct work {
    struct fr_store *store;
    const struct fr_compared_study *studies;
    int n;
    struct fr_error *err;
};

bool fr_compare_is(struct fr_store *store) {
    struct fr_text value = {0};
    const bool is = fr_store_get_meta(store, "comparison", &value);
    fr_text_release(&value);
    return is;
}

/* ---- one study ------------------------------------------------------------------------------- */

/* Has it the tables of this version? */
static int check_tables(const struct work *w, const char *dir) {
    struct fr_result_table *tables;
    struct fr_store *other;
    int code = fr_store_open_readonly(&other, dir, w->err);
    if (code != FR_OK)
        return code;
    if (fr_compare_is(other))
        code = fr_fail(w->err, FR_E_INPUT, "%s: is a comparison, not a study", dir);
    const int n = fr_analyses_tables(&tables);
    if (code == FR_OK)
        code = fr_store_check_results(other, tables, n, w->err);
    free(tables);
    fr_store_close(other);
    return code;
}

static double number(const struct work *w, const char *sql, int *code) {
    double value = NAN;
    if (*code == FR_OK)
        *code = fr_store_find_double(w->store, w->err, &value, sql, "");
    return value;
}

/* Concepts and the words of namings of one name agree with those that came before. The words are
 * kept in a temporary table of this connection. */
static int check_words(const struct work *w, const char *dir) {
    struct fr_query *query;
    int code = fr_query_open(&query, w->store, w->err,
                             "SELECT a.naming, a.concept, a.word, b.word FROM seen_word a JOIN"
                             " other.naming_word b ON b.naming = a.naming AND b.concept = a.concept"
                             " WHERE a.word <> b.word LIMIT 1",
                             "");
    if (code != FR_OK)
        return code;
    if (fr_query_next(query))
        code = fr_fail(w->err, FR_E_INPUT,
                       "%s: calls %s of naming %s \"%.40s\", a study before it \"%.40s\"; curves "
                       "are compared naming by naming: give one of the two another name",
                       dir, fr_query_text(query, 1), fr_query_text(query, 0),
                       fr_query_text(query, 3), fr_query_text(query, 2));
    code = fr_query_close_after(query, code, w->err);
    if (code != FR_OK)
        return code;
    code = fr_query_open(&query, w->store, w->err,
                         "SELECT concept FROM (SELECT DISTINCT concept, kind FROM seen_word EXCEPT"
                         " SELECT concept, kind FROM other.naming_word) UNION ALL SELECT concept"
                         " FROM (SELECT DISTINCT concept, kind FROM other.naming_word EXCEPT SELECT"
                         " concept, kind FROM seen_word) LIMIT 1",
                         "");
    if (code != FR_OK)
        return code;
    if (fr_query_next(query) && number(w, "SELECT count(*) FROM seen_word", &code) > 0)
        code = fr_fail(w->err, FR_E_INPUT,
                       "%s: is about another domain: not all of the studies have the concept %s",
                       dir, fr_query_text(query, 0));
    code = fr_query_close_after(query, code, w->err);
    if (code == FR_OK)
        code = fr_store_run(w->store, w->err,
                            "INSERT OR IGNORE INTO seen_word SELECT naming, concept, kind, word"
                            " FROM other.naming_word",
                            "");
    return code;
}

/* A label that no study before has. */
static int choose_label(const struct work *w, int i, struct fr_text *label) {
    const struct fr_compared_study *s = &w->studies[i];
    struct fr_query *query;
    if (s->label != NULL)
        fr_text_add(label, s->label);
    for (int way = s->label != NULL ? 2 : 0; way < 3; way++) {
        int code = FR_OK;
        const char *base = s->dir + strlen(s->dir);
        if (way == 0) {
            code = fr_query_open(&query, w->store, w->err,
                                 "SELECT value FROM other.meta WHERE key = 'study'", "");
            if (code != FR_OK)
                return code;
            if (fr_query_next(query))
                fr_text_add(label, fr_query_text(query, 0));
            code = fr_query_close(query, w->err);
        } else if (way == 1) {
            while (base > s->dir && base[-1] == '/')
                base--;
            const char *end = base;
            while (base > s->dir && base[-1] != '/')
                base--;
            fr_text_clear(label);
            fr_text_append(label, base, (size_t)(end - base));
        }
        int64_t taken = 0;
        if (code == FR_OK)
            code = fr_store_find_int(w->store, w->err, &taken,
                                     "SELECT 1 FROM compared_study WHERE label = ?", "t",
                                     fr_text_get(label));
        if (code != FR_OK || (!taken && label->len > 0))
            return code;
    }
    return fr_fail(w->err, FR_E_INPUT,
                   "%s: a study before it is called \"%.60s\" too; call one NAME=DIR", s->dir,
                   fr_text_get(label));
}

/* The layer that has curves, nearest to one; that one, where none has. */
static int find_layer(const struct work *w, int64_t wanted, int64_t *out) {
    *out = wanted;
    return fr_store_find_int(w->store, w->err, out,
                             "SELECT layer FROM other.similarity GROUP BY layer ORDER BY"
                             " abs(layer - ?), layer DESC LIMIT 1",
                             "i", wanted);
}

static int add_study(const struct work *w, int i) {
    const char *dir = w->studies[i].dir;
    struct fr_text label = {0};
    int code = check_words(w, dir);
    if (code == FR_OK)
        code = choose_label(w, i, &label);
    double layers = number(w,
                           "SELECT coalesce((SELECT CAST(value AS INTEGER) FROM other.meta WHERE"
                           " key = 'model_layers' AND CAST(value AS INTEGER) > 0),"
                           " (SELECT max(layer) FROM other.similarity), 0)",
                           &code);
    if (code == FR_OK &&
        (!(layers >= 1) || !(number(w,
                                    "SELECT (SELECT count(*) FROM other.similarity)"
                                    " + (SELECT count(*) FROM other.accuracy)",
                                    &code) > 0)))
        code = fr_fail(w->err, FR_E_INPUT,
                       "%s: has neither curves nor accuracies yet; finish it first: fluidrep run "
                       "CONFIG --out %s",
                       dir, dir);
    /* the same that the study's figures open at (report/terms.sql) */
    const int64_t paper = code == FR_OK ? fr_paper_layer((int)layers) : 0;
    int64_t layer = paper;
    if (code == FR_OK)
        code = find_layer(w, paper, &layer);
    if (code == FR_OK)
        code = fr_store_run(
            w->store, w->err,
            "INSERT INTO compared_study SELECT ?1, ?2,"
            " coalesce((SELECT value FROM other.meta WHERE key = 'study'), ''),"
            " (SELECT value FROM other.meta WHERE key = 'model_name'),"
            " (SELECT value FROM other.meta WHERE key = 'model_kind'),"
            " EXISTS (SELECT 1 FROM other.meta WHERE key = 'configuration' AND"
            " instr(value, 'prompt.preset: cot') > 0),"
            " iif(EXISTS (SELECT 1 FROM other.imported), 'recorded', 'own'),"
            " (SELECT count(*) FROM other.trace),"
            " (SELECT count(*) FROM other.trace t JOIN seen_trace s USING (naming, digest)),"
            " ?3, ?4, (SELECT max(reference_timestamp) FROM other.similarity), NULL",
            "itii", (int64_t)i + 1, fr_text_get(&label), (int64_t)layers, layer);
    for (size_t k = 0; code == FR_OK && k < sizeof copies / sizeof *copies; k++)
        code = fr_store_run(w->store, w->err, copies[k], "tii", fr_text_get(&label), layer,
                            (int64_t)layers);
    if (code == FR_OK && i == 0)
        code = fr_store_run(w->store, w->err, copy_controls, "i", layer);
    if (code == FR_OK && i == 0)
        code = fr_store_run(w->store, w->err,
                            "INSERT OR IGNORE INTO seen_trace SELECT naming, digest FROM"
                            " other.trace",
                            "");
    fr_text_release(&label);
    return code;
}

/* Attached outside the transaction in which it is copied. */
static int take(const struct work *w, int i) {
    const char *dir = w->studies[i].dir;
    int code = check_tables(w, dir);
    if (code == FR_OK)
        code = fr_store_attach(w->store, dir, w->err);
    if (code != FR_OK)
        return code;
    code = fr_store_begin(w->store, w->err);
    if (code == FR_OK)
        code = add_study(w, i);
    code = fr_store_end(w->store, code, w->err);
    const int detached = fr_store_detach(w->store, code == FR_OK ? w->err : NULL);
    return code == FR_OK ? detached : code;
}

/* ---- rises ----------------------------------------------------------------------------------- */

struct axes {
    int n_times, n_namings;
    int times[MAX_TIMES];
    char namings[MAX_NAMINGS][64];
};

/* The timestamps and namings that both studies have, up to the reference of the first. */
static int find_axes(const struct work *w, const char *a, const char *b, const char *kind,
                     struct axes *out) {
    static const char both[] =
        " FROM compared_naming x JOIN compared_naming y ON y.kind = x.kind AND"
        " y.timestamp = x.timestamp AND y.naming = x.naming WHERE x.label = ?1 AND y.label = ?2"
        " AND x.kind = ?3 AND x.timestamp <= (SELECT reference_timestamp FROM compared_study WHERE"
        " label = ?1) ORDER BY 1";
    struct fr_query *query;
    *out = (struct axes){0};
    for (int k = 0; k < 2; k++) {
        struct fr_text sql = {0};
        fr_text_printf(&sql, "SELECT DISTINCT x.%s%s", k == 0 ? "timestamp" : "naming", both);
        int code = fr_query_open(&query, w->store, w->err, fr_text_get(&sql), "ttt", a, b, kind);
        fr_text_release(&sql);
        if (code != FR_OK)
            return code;
        while (fr_query_next(query))
            if (k == 0 && out->n_times < MAX_TIMES)
                out->times[out->n_times++] = (int)fr_query_int(query, 0);
            else if (k == 1 && out->n_namings < MAX_NAMINGS)
                (void)snprintf(out->namings[out->n_namings++], sizeof *out->namings, "%s",
                               fr_query_text(query, 0));
        if ((code = fr_query_close(query, w->err)) != FR_OK)
            return code;
    }
    return FR_OK;
}

static int find_time(const struct axes *axes, int64_t time) {
    for (int t = 0; t < axes->n_times; t++)
        if (axes->times[t] == time)
            return t;
    return -1;
}

static int find_naming(const struct axes *axes, const char *naming) {
    for (int i = 0; i < axes->n_namings; i++)
        if (strcmp(axes->namings[i], naming) == 0)
            return i;
    return -1;
}

static int load_curves(const struct work *w, const char *label, const char *kind,
                       const struct axes *axes, struct fr_curves *out) {
    static const char *const tables[] =
        {"SELECT timestamp, naming, value FROM compared_naming WHERE label = ? AND kind = ?",
         "SELECT timestamp, naming, value, left_out FROM compared_without WHERE label = ? AND"
         " kind = ?"};
    const int n = axes->n_namings;
    int code = FR_OK;
    fr_curves_init(out, axes->n_times, n);
    for (int k = 0; code == FR_OK && k < 2; k++) {
        struct fr_query *query;
        code = fr_query_open(&query, w->store, w->err, tables[k], "tt", label, kind);
        if (code != FR_OK)
            break;
        while (fr_query_next(query)) {
            const int t = find_time(axes, fr_query_int(query, 0));
            const int i = find_naming(axes, fr_query_text(query, 1));
            const int left = k == 0 ? 0 : find_naming(axes, fr_query_text(query, 3));
            if (t < 0 || i < 0 || left < 0)
                continue;
            double *values = k == 0 ? out->values + t * n : out->without + (t * n + left) * n;
            values[i] = fr_query_double(query, 2);
        }
        code = fr_query_close(query, w->err);
    }
    return code;
}

#define FIRST(column) "SELECT coalesce(" column ", 0) FROM compared_study WHERE position = 1"

static int write_rise(const struct work *w, const char *first, const char *label,
                      const char *kind) {
    struct axes *axes = fr_alloc(1, sizeof *axes);
    struct fr_curves plain = {0}, other = {0};
    struct fr_rise r = {.first = -1};
    int code = FR_OK;
    const double reference = number(w, FIRST("reference_timestamp"), &code);
    const double window = number(w, FIRST("window_tokens"), &code);
    if (code == FR_OK)
        code = find_axes(w, first, label, kind, axes);
    if (code == FR_OK && axes->n_times >= 2) {
        code = load_curves(w, first, kind, axes, &plain);
        if (code == FR_OK)
            code = load_curves(w, label, kind, axes, &other);
        const int last = fr_rise_end(axes->times, axes->n_times, (int)reference, (int)window);
        if (code == FR_OK)
            fr_rise_compare(&plain, &other, FR_CONTROL_IMITATES, last, &r);
    }
    if (code == FR_OK && r.first >= 0)
        code = fr_store_run(
            w->store, w->err,
            "INSERT INTO compared_rise VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "ttiiiddddddddd", label, kind, (int64_t)axes->times[r.first],
            (int64_t)axes->times[r.last], (int64_t)r.plain.n_namings, r.plain.value, r.plain.low,
            r.plain.high, r.control.value, r.control.low, r.control.high, r.explained.value,
            r.explained.low, r.explained.high);
    fr_curves_release(&plain);
    fr_curves_release(&other);
    free(axes);
    return code;
}

static int write_rises(const struct work *w) {
    struct fr_query *query;
    char(*labels)[256] = fr_alloc((size_t)w->n, sizeof *labels);
    int n = 0;
    int code =
        fr_query_open(&query, w->store, w->err,
                      "SELECT label FROM compared_study WHERE label NOT IN (SELECT label FROM"
                      " compared_apart) ORDER BY position",
                      "");
    if (code == FR_OK) {
        while (n < w->n && fr_query_next(query))
            (void)snprintf(labels[n++], sizeof *labels, "%s", fr_query_text(query, 0));
        code = fr_query_close(query, w->err);
    }
    for (int i = 1; code == FR_OK && i < n; i++)
        for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++)
            code = write_rise(w, labels[0], labels[i], fr_concept_kind_name[kind]);
    free(labels);
    return code;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int tell_differences(const struct work *w, void (*warn)(void *user, const char *text),
                            void *user) {
    struct fr_query *query;
    int code =
        fr_query_open(&query, w->store, w->err,
                      "SELECT key, group_concat(label || ' has ' || value, ', ') FROM"
                      " (SELECT s.* FROM compared_setting s JOIN compared_study USING (label)"
                      " WHERE matters ORDER BY key, position) GROUP BY key",
                      "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        struct fr_text text = {0};
        fr_text_printf(&text, "%s differs: %.400s", fr_query_text(query, 0),
                       fr_query_text(query, 1));
        if (warn != NULL)
            warn(user, fr_text_get(&text));
        fr_text_release(&text);
    }
    return fr_query_close(query, w->err);
}

/* What is found is first put into temporary tables: their names hide those of the comparison that
 * stands, so that one that fails, or is killed, leaves it as it was. */
static int begin_tables(const struct work *w) {
    static const char *const seen[] = {
        "CREATE TEMP TABLE seen_word (naming, concept, kind, word, PRIMARY KEY (naming, concept))",
        "CREATE TEMP TABLE seen_trace (naming, digest, PRIMARY KEY (naming, digest))",
    };
    struct fr_text sql = {0};
    int code = FR_OK;
    for (int k = 0; code == FR_OK && k < 2; k++)
        code = fr_store_run(w->store, w->err, seen[k], "");
    for (int k = 0; code == FR_OK && k < fr_n_compared_tables; k++) {
        fr_text_clear(&sql);
        fr_text_printf(&sql, "CREATE TEMP TABLE %s (%s) STRICT, WITHOUT ROWID",
                       fr_compared_tables[k].name, fr_compared_tables[k].columns);
        code = fr_store_run(w->store, w->err, fr_text_get(&sql), "");
    }
    fr_text_release(&sql);
    return code;
}

static int fill(const struct work *w) {
    int code = begin_tables(w);
    for (int i = 0; code == FR_OK && i < w->n; i++)
        code = take(w, i);
    if (code == FR_OK)
        code = fr_store_run(w->store, w->err, settle_settings, "");
    if (code == FR_OK)
        code = fr_store_run(w->store, w->err, drop_equal_settings, "");
    if (code == FR_OK)
        code = fr_store_run(w->store, w->err, find_apart, "");
    if (code == FR_OK)
        code = write_rises(w);
    if (code == FR_OK)
        code = fr_store_run(w->store, w->err, add_studies_to_controls, "");
    return code;
}

/* One temporary table's rows take the place of those that stand. */
static int keep_table(const struct work *w, const char *name) {
    static const char *const steps[] = {"INSERT INTO main.%s SELECT * FROM temp.%s",
                                        "DROP TABLE temp.%s"};
    struct fr_text sql = {0};
    int code = fr_store_clear_results(w->store, name, w->err);
    for (int k = 0; code == FR_OK && k < 2; k++) {
        fr_text_clear(&sql);
        fr_text_printf(&sql, steps[k], name, name);
        code = fr_store_run(w->store, w->err, fr_text_get(&sql), "");
    }
    fr_text_release(&sql);
    return code;
}

static int keep(const struct work *w) {
    static const char *const facts[][2] = {{"comparison", "yes"},
                                           {"study", "comparison"},
                                           {"program_version", FR_VERSION}};
    unsigned remade;
    int code = fr_store_define_results(w->store, fr_compared_tables, fr_n_compared_tables, &remade,
                                       w->err);
    if (code == FR_OK)
        code = fr_store_begin(w->store, w->err);
    if (code != FR_OK)
        return code;
    for (size_t k = 0; code == FR_OK && k < sizeof facts / sizeof *facts; k++)
        code = fr_store_set_meta(w->store, facts[k][0], facts[k][1], w->err);
    for (int k = 0; code == FR_OK && k < fr_n_compared_tables; k++)
        code = keep_table(w, fr_compared_tables[k].name);
    return fr_store_end(w->store, code, w->err);
}

int fr_compare(const char *out, const struct fr_compared_study *studies, int n,
               void (*warn)(void *user, const char *text), void *user, struct fr_store **store,
               struct fr_error *err) {
    struct work w = {.studies = studies, .n = n, .err = err};
    *store = NULL;
    if (n < 2)
        return fr_fail(err, FR_E_INPUT, "two studies at least are compared");
    for (int i = 0; i < n; i++) { /* before anything is made */
        const int code = check_tables(&w, studies[i].dir);
        if (code != FR_OK)
            return code;
    }
    int code = fr_store_open(&w.store, out, err);
    if (code != FR_OK)
        return code;
    struct fr_text value = {0};
    if (!fr_compare_is(w.store) && fr_store_get_meta(w.store, "configuration", &value))
        code = fr_fail(err, FR_E_CONFLICT, "%s: is a study; give another --out", out);
    fr_text_release(&value);
    if (code == FR_OK)
        code = fill(&w);
    if (code == FR_OK)
        code = keep(&w);
    if (code == FR_OK)
        code = tell_differences(&w, warn, user);
    if (code == FR_OK)
        code = fr_store_export_csv(w.store, err);
    if (code == FR_OK)
        *store = w.store;
    else if (fr_store_is_new(w.store))
        fr_store_discard(w.store);
    else
        fr_store_close(w.store);
    return code;
}
