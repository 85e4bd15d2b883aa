/* What there is: the study, its traces or the runs of a condition, and where a text occurs. A list
 * is sent whole, as columns: 6,000 traces are 200 kB, and filters then cost nothing. Rejected: a
 * page of rows for each question, which makes every filter a question and the scrollbar a guess. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "view/internal.h"

static json_t *text_of(const char *string) { return fr_view_text(string, strlen(string)); }

static void put(json_t *object, const char *key, json_t *take_value) {
    FR_ASSERT(json_object_set_new(object, key, take_value) == 0);
}
static void append(json_t *array, json_t *take_value) {
    FR_ASSERT(json_array_append_new(array, take_value) == 0);
}

/* ---- rows of a query ------------------------------------------------------------------------- */

static json_t *cell(struct fr_query *query, int column, char type) {
    if (fr_query_is_null(query, column))
        return json_null();
    if (type == 'i')
        return json_integer((json_int_t)fr_query_int(query, column));
    if (type == 'd')
        return isfinite(fr_query_double(query, column)) ? json_real(fr_query_double(query, column))
                                                        : json_null();
    return text_of(fr_query_text(query, column));
}

/* Rows as columns: out[name of column] = [value, ...]. types: a letter each, as of fr_store_run. */
static int read_columns(struct fr_view *v, const char *sql, const char *types, int64_t argument,
                        json_t *out, struct fr_error *err) {
    struct fr_query *query;
    const char *parameters = strchr(sql, '?') != NULL ? "i" : "";
    const int code = fr_query_open(&query, v->store, err, sql, parameters, argument);
    if (code != FR_OK)
        return code;
    for (int c = 0; types[c] != '\0'; c++)
        put(out, fr_query_column(query, c), json_array());
    while (fr_query_next(query))
        for (int c = 0; types[c] != '\0'; c++)
            append(json_object_get(out, fr_query_column(query, c)), cell(query, c, types[c]));
    return fr_query_close(query, err);
}

/* ---- the study ------------------------------------------------------------------------------- */

static void add_meta(struct fr_view *v, json_t *out, const char *name, const char *key) {
    struct fr_text value = {0};
    (void)fr_store_get_meta(v->store, key, &value);
    put(out, name, text_of(fr_text_get(&value)));
    fr_text_release(&value);
}

static json_t *namings_of(const struct fr_view *v) {
    json_t *out = json_array();
    for (int i = 0; i < v->n_namings; i++) {
        json_t *words = json_array();
        for (int a = 0; a < v->concepts.n; a++)
            append(words, text_of(v->namings[i].naming.words[a]));
        append(out, json_pack("{s:o, s:o, s:b, s:o}", "id", text_of(v->namings[i].naming.id),
                              "role", text_of(v->namings[i].role), "excluded",
                              v->namings[i].excluded, "words", words));
    }
    return out;
}

static json_t *concepts_of(const struct fr_view *v) {
    json_t *out = json_array();
    for (int a = 0; a < v->concepts.n; a++)
        append(out, json_pack("{s:o, s:s}", "name", text_of(v->concepts.names[a]), "kind",
                              fr_concept_kind_name[v->concepts.kinds[a]]));
    return out;
}

int fr_view_study(struct fr_view *v, json_t *out, struct fr_error *err) {
    json_t *puzzles = json_object(), *conditions = json_object(), *verdicts = json_array();
    add_meta(v, out, "study", "study");
    add_meta(v, out, "model", "model_name");
    put(out, "knows_domain", json_boolean(v->knows_domain));
    put(out, "origin", json_string(fr_origin_name[v->config.origin]));
    put(out, "window_tokens", json_integer(v->config.window_tokens));
    put(out, "reference_timestamp", json_integer(v->config.reference_timestamp));
    put(out, "min_mentions", json_integer(fr_config_min_mentions(&v->config, FR_TRACES_ALL)));
    put(out, "namings", namings_of(v));
    put(out, "concepts", concepts_of(v));
    for (int k = 0; k < FR_VERDICT_COUNT; k++)
        append(verdicts, json_string(fr_verdict_name[k]));
    put(out, "verdicts", verdicts);
    put(out, "puzzles", puzzles);
    put(out, "conditions", conditions);
    int code = read_columns(v,
                            "SELECT id, split, position + 1 AS place, n_objects, optimal_length,"
                            " source FROM puzzle ORDER BY id",
                            "itiiit", 0, puzzles, err);
    if (code == FR_OK)
        code = read_columns(v,
                            "SELECT c.id, c.experiment, c.name, c.role, c.against, e.definition,"
                            " e.layer_first, e.layer_end, e.window_start, e.window_end"
                            " FROM condition c JOIN edit e ON e.id = c.edit ORDER BY c.position",
                            "itttitiiii", 0, conditions, err);
    return code;
}

/* ---- the list -------------------------------------------------------------------------------- */

/* The small columns stand behind the large ones in their rows: read through the indices that hold
 * all of them (store/schema.c). */
int fr_view_list(struct fr_view *v, const struct fr_view_ask *ask, json_t *out,
                 struct fr_error *err) {
    static const char traces[] = "SELECT puzzle, naming, verdict, n_tokens, n_prompt, n_reasoning"
                                 " FROM trace ORDER BY puzzle, naming";
    static const char runs[] =
        "SELECT r.puzzle, r.naming, r.verdict, r.n_generated AS n_tokens, r.n_edits FROM run r"
        " WHERE r.edit = (SELECT edit FROM condition WHERE id = ?) ORDER BY r.puzzle, r.naming";
    return ask->condition != 0 ? read_columns(v, runs, "ittii", ask->condition, out, err)
                               : read_columns(v, traces, "ittiii", 0, out, err);
}

/* ---- search ---------------------------------------------------------------------------------- */

enum { AROUND = 48 };
static const double search_seconds = 0.25;

static void add_lower(struct fr_text *out, const char *bytes, size_t n) {
    fr_text_clear(out);
    fr_text_append(out, bytes, n);
    for (size_t i = 0; i < n; i++)
        if (out->data[i] >= 'A' && out->data[i] <= 'Z')
            out->data[i] = (char)(out->data[i] + 'a' - 'A');
}

/* The number of times that wanted occurs, and where first. */
static int count_in(const struct fr_text *text, const struct fr_text *wanted, size_t *first) {
    int n = 0;
    for (const char *at = text->data, *end = at + text->len;
         (at = memmem(at, (size_t)(end - at), wanted->data, wanted->len)) != NULL;
         at += wanted->len)
        if (n++ == 0)
            *first = (size_t)(at - text->data);
    return n;
}

static json_t *around(const char *text, size_t n, size_t at, size_t length) {
    size_t from = at > AROUND ? at - AROUND : 0, to = at + length + AROUND;
    while (from > 0 && ((unsigned char)text[from] & 0xC0) == 0x80)
        from--;
    to = to < n ? to : n;
    while (to < n && ((unsigned char)text[to] & 0xC0) == 0x80)
        to++;
    return fr_view_text(text + from, to - from);
}

int fr_view_search(struct fr_view *v, const struct fr_view_ask *ask, json_t *out,
                   struct fr_error *err) {
    struct fr_query *query;
    struct fr_text wanted = {0}, lower = {0};
    json_t *hits = json_array();
    put(out, "hits", hits);
    put(out, "next", json_null());
    if (ask->text == NULL || *ask->text == '\0')
        return FR_OK;
    const double begun = fr_clock_seconds();
    int64_t done = ask->from > 0 ? ask->from : 0;
    int code =
        fr_query_open(&query, v->store, err,
                      "SELECT t.puzzle, t.naming, t.text FROM (SELECT puzzle, naming FROM"
                      " trace ORDER BY puzzle, naming LIMIT -1 OFFSET ?) k CROSS JOIN trace t"
                      " ON t.puzzle = k.puzzle AND t.naming = k.naming",
                      "i", done);
    if (code != FR_OK)
        return code;
    add_lower(&wanted, ask->text, strlen(ask->text));
    bool more = false;
    while (!more && fr_query_next(query)) {
        size_t n, first = 0;
        const char *text = fr_query_blob(query, 2, &n);
        add_lower(&lower, text, n);
        const int found = n > 0 ? count_in(&lower, &wanted, &first) : 0;
        if (found > 0)
            append(hits,
                   json_pack("{s:I, s:o, s:i, s:o}", "puzzle", (json_int_t)fr_query_int(query, 0),
                             "naming", text_of(fr_query_text(query, 1)), "n", found, "text",
                             around(text, n, first, wanted.len)));
        done++;
        more = fr_clock_seconds() - begun > search_seconds;
    }
    code = fr_query_close(query, err);
    if (more)
        put(out, "next", json_integer((json_int_t)done));
    fr_text_release(&wanted);
    fr_text_release(&lower);
    return code;
}
