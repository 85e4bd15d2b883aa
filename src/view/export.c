/* The page with its answers inside; the page finds them by the questions that it would have asked
 * a server. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "view/assets.h"
#include "view/internal.h"

/* Nothing is loaded, and no script runs but the page's own, by its hash. */
static void add_policy(struct fr_text *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char hex[FR_SHA256_TEXT];
    unsigned char hash[33] = {0}; /* a multiple of 3 */
    fr_sha256(fr_asset_view_js, fr_asset_view_js_size, hex);
    for (int i = 0; i < 32; i++) {
        const char byte[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        hash[i] = (unsigned char)strtoul(byte, NULL, 16);
    }
    fr_text_add(out, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                     "form-action 'none'; script-src 'sha256-");
    for (int i = 0; i < 33; i += 3) {
        const unsigned bits =
            (unsigned)hash[i] << 16 | (unsigned)hash[i + 1] << 8 | (unsigned)hash[i + 2];
        for (int k = 0; k < 4; k++)
            if (i < 30 || k < 3) /* 32 bytes are 43 digits and one "=" */
                fr_text_append(out, &digits[bits >> (18 - 6 * k) & 63], 1);
    }
    fr_text_add(out, "='");
}

/* Inside a script element no "</script" and no "<!--" may appear; "<" occurs in strings only. */
static void add_json(const char *json, struct fr_text *out) {
    for (const char *c = json; *c != '\0'; c++) {
        const size_t n = strcspn(c, "<");
        fr_text_append(out, c, n);
        c += n;
        if (*c == '\0')
            break;
        fr_text_add(out, "\\u003c");
    }
}

struct export {
    struct fr_view *view;
    const struct fr_view_choice *choice;
    struct fr_text out;
    int n_answers;
    json_t *list; /* the question "list", of the chosen */
    char *seen;   /* [N][A] similarities written */
    struct fr_error *err;
};

/* What was asked, with the names that the page knows. */
static json_t *question_of(const struct fr_view_ask *ask) {
    json_t *out = json_pack("{s:s}", "what", ask->what);
    if (ask->naming != NULL && ask->concept == NULL)
        FR_ASSERT(json_object_set_new(out, "puzzle", json_integer((json_int_t)ask->puzzle)) == 0);
    if (ask->naming != NULL)
        FR_ASSERT(json_object_set_new(out, "naming", json_string(ask->naming)) == 0);
    if (ask->condition != 0)
        FR_ASSERT(json_object_set_new(out, "condition", json_integer((json_int_t)ask->condition)) ==
                  0);
    if (ask->concept != NULL)
        FR_ASSERT(json_object_set_new(out, "concept", json_string(ask->concept)) == 0);
    return out;
}

/* answer: NULL, what the study says; else this. */
static int add_answer(struct export *x, const struct fr_view_ask *ask, const json_t *answer) {
    struct fr_text text = {0};
    const int code = answer == NULL ? fr_view_answer(x->view, ask, &text, x->err) : FR_OK;
    if (code == FR_OK) {
        json_t *question = question_of(ask);
        char *asked = json_dumps(question, JSON_COMPACT);
        char *given = answer != NULL ? json_dumps(answer, JSON_COMPACT) : fr_text_take(&text);
        fr_text_add(&x->out, x->n_answers++ > 0 ? ",\n[" : "[");
        add_json(asked, &x->out);
        fr_text_add(&x->out, ",");
        add_json(given, &x->out);
        fr_text_add(&x->out, "]");
        free(asked);
        free(given);
        json_decref(question);
    }
    fr_text_release(&text);
    return code;
}

static json_t *column(json_t *table, const char *name) { return json_object_get(table, name); }

static bool is_chosen(const struct fr_view_choice *c, json_t *list, size_t i) {
    const char *naming = json_string_value(json_array_get(column(list, "naming"), i));
    const char *verdict = json_string_value(json_array_get(column(list, "verdict"), i));
    const json_int_t puzzle = json_integer_value(json_array_get(column(list, "puzzle"), i));
    return (c->naming == NULL || strcmp(c->naming, naming) == 0) &&
           (c->verdict == NULL || strcmp(c->verdict, verdict) == 0) &&
           (c->puzzle < 0 || c->puzzle == (int64_t)puzzle);
}

/* Is it a run of a trace that is chosen? */
static bool is_run_chosen(const struct export *x, json_t *runs, size_t i) {
    for (size_t k = 0; k < json_array_size(column(x->list, "puzzle")); k++)
        if (json_equal(json_array_get(column(x->list, "puzzle"), k),
                       json_array_get(column(runs, "puzzle"), i)) &&
            json_equal(json_array_get(column(x->list, "naming"), k),
                       json_array_get(column(runs, "naming"), i)))
            return true;
    return false;
}

/* The rows of a list that are chosen. */
static int choose(struct export *x, int64_t condition, json_t **out) {
    json_t *all = json_object(), *values, *kept = json_object();
    const char *name;
    const struct fr_view_ask ask = {.what = "list", .condition = condition};
    const int code = fr_view_list(x->view, &ask, all, x->err);
    const size_t n = json_array_size(column(all, "puzzle"));
    bool *chosen = fr_alloc(n, sizeof *chosen);
    for (size_t i = 0; i < n; i++)
        chosen[i] = condition == 0 ? is_chosen(x->choice, all, i) : is_run_chosen(x, all, i);
    json_object_foreach(all, name, values) {
        json_t *some = json_array();
        for (size_t i = 0; i < n; i++)
            if (chosen[i])
                FR_ASSERT(json_array_append(some, json_array_get(values, i)) == 0);
        FR_ASSERT(json_object_set_new(kept, name, some) == 0);
    }
    free(chosen);
    json_decref(all);
    *out = kept;
    return code;
}

/* The similarities of one naming, once. */
static int add_similarities(struct export *x, const char *naming) {
    int i = 0, code = fr_view_find_naming(x->view, naming, &i, x->err);
    for (int a = 0; code == FR_OK && a < x->view->concepts.n; a++) {
        char *seen = &x->seen[i * x->view->concepts.n + a];
        const char *name = x->view->concepts.names[a];
        json_t *shown = fr_view_text(name, strlen(name));
        if (!*seen)
            code = add_answer(x,
                              &(struct fr_view_ask){.what = "similarity",
                                                    .naming = naming,
                                                    .concept = json_string_value(shown)},
                              NULL);
        *seen = 1;
        json_decref(shown);
    }
    return code;
}

static int add_trace(struct export *x, size_t i) {
    const char *naming = json_string_value(json_array_get(column(x->list, "naming"), i));
    struct fr_view_ask ask = {.what = "trace",
                              .naming = naming,
                              .puzzle =
                                  json_integer_value(json_array_get(column(x->list, "puzzle"), i))};
    json_t *trace = json_object(), *condition;
    size_t k;
    int code = fr_view_trace(x->view, &ask, trace, x->err);
    if (code == FR_OK && !x->choice->runs)
        FR_ASSERT(json_object_set_new(trace, "conditions", json_array()) == 0);
    if (code == FR_OK)
        code = add_answer(x, &ask, trace);
    json_array_foreach(json_object_get(trace, "conditions"), k, condition) {
        ask.what = "run";
        ask.condition = json_integer_value(condition);
        if (code == FR_OK)
            code = add_answer(x, &ask, NULL);
    }
    json_decref(trace);
    return code == FR_OK ? add_similarities(x, naming) : code;
}

/* The study, and the lists of runs; without runs its conditions are none. */
static int add_study(struct export *x) {
    const struct fr_view_ask ask = {.what = "study"};
    json_t *study = json_object(), *values;
    const char *name;
    size_t i;
    int code = fr_view_study(x->view, study, x->err);
    if (code == FR_OK && !x->choice->runs)
        json_object_foreach(json_object_get(study, "conditions"), name, values)
            FR_ASSERT(json_array_clear(values) == 0);
    if (code == FR_OK)
        code = add_answer(x, &ask, study);
    json_array_foreach(json_object_get(json_object_get(study, "conditions"), "id"), i, values) {
        json_t *runs = NULL;
        const struct fr_view_ask list = {.what = "list", .condition = json_integer_value(values)};
        if (code == FR_OK)
            code = choose(x, list.condition, &runs);
        if (code == FR_OK)
            code = add_answer(x, &list, runs);
        json_decref(runs);
    }
    json_decref(study);
    return code;
}

int fr_view_export(struct fr_view *v, const struct fr_view_choice *choice, const char *path, int *n,
                   struct fr_error *err) {
    struct export x = {.view = v, .choice = choice, .err = err};
    struct fr_text policy = {0};
    int code = choose(&x, 0, &x.list);
    const size_t n_chosen = json_array_size(column(x.list, "puzzle"));
    *n = (int)n_chosen;
    if (code == FR_OK && n_chosen == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: no trace is of that naming, verdict and puzzle",
                       fr_store_dir(v->store));
    if (code == FR_OK && n_chosen > (size_t)choice->most)
        code = fr_fail(err, FR_E_LIMIT,
                       "%d traces would be one page, more than %d; choose with --naming, "
                       "--verdict or --puzzle, or give --most %d",
                       *n, choice->most, *n);
    x.seen = fr_alloc((size_t)v->n_namings * (size_t)v->concepts.n + 1, 1);
    add_policy(&policy);
    fr_view_page_head(v, fr_text_get(&policy), &x.out);
    fr_text_add(&x.out, "<style>\n");
    fr_text_append(&x.out, (const char *)fr_asset_view_css, fr_asset_view_css_size);
    fr_text_add(&x.out, "</style>\n");
    fr_text_add(&x.out, fr_view_page_body);
    fr_text_add(&x.out, "<script type=\"application/json\" id=\"answers\">[");
    if (code == FR_OK)
        code = add_study(&x);
    if (code == FR_OK)
        code = add_answer(&x, &(struct fr_view_ask){.what = "list"}, x.list);
    for (size_t i = 0; code == FR_OK && i < n_chosen; i++)
        code = add_trace(&x, i);
    fr_text_add(&x.out, "]</script>\n<script>");
    fr_text_append(&x.out, (const char *)fr_asset_view_js, fr_asset_view_js_size);
    fr_text_add(&x.out, "</script>\n</body>\n</html>\n");
    if (code == FR_OK)
        code = fr_file_write(path, x.out.data, x.out.len, err);
    json_decref(x.list);
    free(x.seen);
    fr_text_release(&policy);
    fr_text_release(&x.out);
    return code;
}
