/* What of a study all answers need: its configuration, domain, namings; and which question is
 * answered by what. A study that runs grows, so that it is read again when the database has
 * changed. All of it is read from study.db, so that a study can be looked at where the
 * files that it was made from are not. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "view/internal.h"
#include "view/pieces.h"

/* ---- opening --------------------------------------------------------------------------------- */

static int read_config(struct fr_view *v, struct fr_error *err) {
    struct fr_text lines = {0};
    (void)fr_store_get_meta(v->store, "configuration", &lines);
    const int code = fr_config_parse_canonical(&v->config, fr_text_get(&lines),
                                               "the study's configuration", err);
    fr_text_release(&lines);
    return code == FR_OK ? FR_OK : fr_fail_in(err, "%s", fr_store_dir(v->store));
}

static int read_domain(struct fr_view *v, struct fr_error *err) {
    struct fr_text domain = {0}, wording = {0};
    int code = FR_OK;
    if (fr_store_get_meta(v->store, "domain", &domain)) {
        code = fr_domain_parse(&v->domain, fr_text_get(&domain), "the study's domain", err);
        v->knows_domain = code == FR_OK;
    }
    const bool has_wording = fr_store_get_meta(v->store, "wording", &wording) && wording.len > 0;
    if (code == FR_OK && v->knows_domain)
        code = has_wording ? fr_wording_parse(&v->wording, &v->domain, fr_text_get(&wording),
                                              "the study's wording", err)
                           : fr_wording_load(&v->wording, &v->domain, NULL, err);
    fr_text_release(&domain);
    fr_text_release(&wording);
    return code == FR_OK ? FR_OK : fr_fail_in(err, "%s", fr_store_dir(v->store));
}

/* Concepts are numbered as the rows are, which is the domain's order. */
static int read_words(struct fr_view *v, struct fr_error *err) {
    struct fr_query *query;
    int code = fr_query_open(&query, v->store, err,
                             "SELECT naming, concept, kind, word, position FROM naming_word"
                             " ORDER BY naming, position",
                             "");
    if (code != FR_OK)
        return code;
    while (code == FR_OK && fr_query_next(query)) {
        int i = v->n_namings - 1;
        while (i >= 0 && strcmp(v->namings[i].naming.id, fr_query_text(query, 0)) != 0)
            i--;
        const int64_t a = fr_query_int(query, 4);
        if (i < 0 || a < 0 || a >= FR_MAX_CONCEPTS || v->namings[i].naming.words[a] != NULL) {
            code = fr_fail(err, FR_E_INPUT, "%s: table naming_word: naming %s has no place %lld",
                           fr_store_dir(v->store), fr_query_text(query, 0), (long long)a);
            break;
        }
        if (strlen(fr_query_text(query, 3)) > FR_CONCEPT_WORD_MOST) {
            code = fr_fail(err, FR_E_INPUT,
                           "%s: table naming_word: naming %s: a word for %s of more than %d bytes",
                           fr_store_dir(v->store), fr_query_text(query, 0), fr_query_text(query, 1),
                           FR_CONCEPT_WORD_MOST);
            break;
        }
        v->namings[i].naming.words[a] = fr_strdup(fr_query_text(query, 3));
        if (v->concepts.names[a] == NULL) {
            v->concepts.names[a] = fr_strdup(fr_query_text(query, 1));
            v->concepts.kinds[a] =
                strcmp(fr_query_text(query, 2), fr_concept_kind_name[FR_CONCEPT_ACTION]) == 0
                    ? FR_CONCEPT_ACTION
                    : FR_CONCEPT_PREDICATE;
        }
        v->concepts.n = (int)a >= v->concepts.n ? (int)a + 1 : v->concepts.n;
    }
    code = fr_query_close_after(query, code, err);
    for (int i = 0; code == FR_OK && i < v->n_namings; i++)
        for (int a = 0; a < v->concepts.n; a++)
            if (v->namings[i].naming.words[a] == NULL)
                return fr_fail(err, FR_E_INPUT, "%s: naming %s has no word for concept %d",
                               fr_store_dir(v->store), v->namings[i].naming.id, a + 1);
    return code;
}

static int read_namings(struct fr_view *v, struct fr_error *err) {
    struct fr_query *query;
    int capacity = 0;
    const int code = fr_query_open(&query, v->store, err,
                                   "SELECT id, role, excluded FROM naming ORDER BY position", "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        FR_RESERVE(v->namings, v->n_namings, capacity);
        v->namings[v->n_namings++] =
            (struct fr_view_naming){.naming.id = fr_strdup(fr_query_text(query, 0)),
                                    .role = fr_strdup(fr_query_text(query, 1)),
                                    .excluded = fr_query_int(query, 2) != 0};
    }
    const int closed = fr_query_close(query, err);
    return closed == FR_OK ? read_words(v, err) : closed;
}

static void forget(struct fr_view *v) {
    for (int i = 0; i < v->n_namings; i++) {
        fr_forms_release(&v->namings[i].forms);
        fr_naming_release(&v->namings[i].naming, v->concepts.n);
        free(v->namings[i].role);
    }
    free(v->namings);
    for (int a = 0; a < v->concepts.n; a++)
        free(v->concepts.names[a]);
    fr_wording_release(&v->wording);
    fr_domain_release(&v->domain);
    fr_config_release(&v->config);
    *v = (struct fr_view){.store = v->store,
                          .pieces = v->pieces,
                          .phases = v->phases,
                          .version = -1};
}

/* Changes when another process has written. */
static int read_version(struct fr_view *v, int64_t *out, struct fr_error *err) {
    return fr_store_find_int(v->store, err, out, "PRAGMA data_version", "");
}

static int refresh(struct fr_view *v, struct fr_error *err) {
    int64_t version = -1;
    int code = read_version(v, &version, err);
    if (code != FR_OK || version == v->version)
        return code;
    forget(v);
    code = read_config(v, err);
    if (code == FR_OK)
        code = read_domain(v, err);
    if (code == FR_OK)
        code = read_namings(v, err);
    struct fr_error ignored; /* without the rules there are no phases, and all else is */
    if (code == FR_OK && v->phases == NULL)
        (void)!fr_phases_open(&v->phases, NULL,
                              fr_phase_text_of((enum fr_prompt_style)v->config.style), &ignored);
    if (code == FR_OK)
        v->version = version;
    else
        forget(v);
    return code;
}

int fr_view_open(struct fr_view **out, struct fr_store *store, struct fr_error *err) {
    struct fr_view *v = fr_alloc(1, sizeof *v);
    *v = (struct fr_view){.store = store, .version = -1};
    const int code = refresh(v, err);
    *out = code == FR_OK ? v : NULL;
    if (code != FR_OK)
        fr_view_close(v);
    return code;
}

void fr_view_close(struct fr_view *v) {
    if (v == NULL)
        return;
    forget(v);
    fr_view_pieces_close(v->pieces);
    fr_phases_close(v->phases);
    free(v);
}

static bool is_shown_as(const char *name, const char *shown) {
    json_t *text = fr_view_text(name, strlen(name));
    const bool same = strcmp(json_string_value(text), shown) == 0;
    json_decref(text);
    return same;
}

int fr_view_find_naming(const struct fr_view *v, const char *shown, int *naming,
                        struct fr_error *err) {
    for (*naming = 0; shown != NULL && *naming < v->n_namings; ++*naming)
        if (is_shown_as(v->namings[*naming].naming.id, shown))
            return FR_OK;
    return fr_fail(err, FR_E_INPUT, "no naming \"%.40s\" in this study",
                   shown != NULL ? shown : "");
}

int fr_view_find_concept(const struct fr_view *v, const char *shown, int *concept,
                         struct fr_error *err) {
    for (*concept = 0; shown != NULL && *concept < v->concepts.n; ++*concept)
        if (is_shown_as(v->concepts.names[*concept], shown))
            return FR_OK;
    return fr_fail(err, FR_E_INPUT, "no concept \"%.40s\" in this study",
                   shown != NULL ? shown : "");
}

int fr_view_origin(const struct fr_view *v, const struct fr_trace *trace) {
    return v->config.origin == FR_ORIGIN_REASONING ? trace->n_prompt : 0;
}

json_t *fr_view_mentions(struct fr_view *v, int naming, const struct fr_trace *trace,
                         struct fr_mentions *mentions) {
    struct fr_view_naming *n = &v->namings[naming];
    const enum fr_prompt_style style = (enum fr_prompt_style)v->config.style;
    if (!v->knows_domain && !fr_style_is_terse(style))
        return json_null(); /* words as the domain says them are not known */
    if (!n->has_forms)
        fr_forms_of_naming(&v->concepts, &n->naming, style, v->knows_domain ? &v->wording : NULL,
                           (enum fr_inflection_rule)v->config.inflections, &n->forms);
    n->has_forms = true;
    fr_mentions_find(&n->forms, trace->text, trace->text_len, trace->starts, trace->ends,
                     trace->n_tokens, mentions);
    json_t *out = json_array();
    for (int i = 0; i < mentions->n; i++)
        FR_ASSERT(json_array_append_new(out, json_pack("[iii]", mentions->items[i].concept,
                                                       mentions->items[i].first,
                                                       mentions->items[i].end)) == 0);
    return out;
}

/* ---- questions ------------------------------------------------------------------------------- */

static int answer_study(struct fr_view *v, const struct fr_view_ask *ask, json_t *out,
                        struct fr_error *err) {
    (void)ask;
    return fr_view_study(v, out, err);
}

static const struct question {
    const char *name;
    int (*answer)(struct fr_view *v, const struct fr_view_ask *ask, json_t *out,
                  struct fr_error *err);
} questions[] = {
    {"study", answer_study},
    {"list", fr_view_list},
    {"trace", fr_view_trace},
    {"run", fr_view_run},
    {"similarity", fr_view_similarity},
    {"search", fr_view_search},
};

int fr_view_answer(struct fr_view *v, const struct fr_view_ask *ask, struct fr_text *out,
                   struct fr_error *err) {
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        if (strcmp(questions[i].name, ask->what) != 0)
            continue;
        int code = refresh(v, err);
        if (code != FR_OK)
            return code;
        json_t *answer = json_object();
        code = questions[i].answer(v, ask, answer, err);
        if (code == FR_OK) {
            char *text = json_dumps(answer, JSON_COMPACT | JSON_REAL_PRECISION(5));
            FR_ASSERT(text != NULL);
            fr_text_add(out, text);
            free(text);
        }
        json_decref(answer);
        return code;
    }
    return fr_fail(err, FR_E_INPUT, "no such question: \"%.40s\"", ask->what);
}
