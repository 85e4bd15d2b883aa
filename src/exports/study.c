/* A study as its directory tells it: no configuration file, no domain, no model is needed to export
 * what it holds. */
#include <stdlib.h>

#include "base/memory.h"
#include "exports/exports.h"

static int read_config(struct fr_export *x, struct fr_error *err) {
    struct fr_text lines = {0};
    int code = FR_OK;
    if (!fr_store_get_meta(x->store, "configuration", &lines))
        code = fr_fail(err, FR_E_INPUT, "%s: the study was never run; fluidrep run does",
                       fr_store_dir(x->store));
    else
        code = fr_config_parse_canonical(&x->config, fr_text_get(&lines), "study.db", err);
    fr_text_release(&lines);
    return code;
}

static int read_namings(struct fr_export *x, struct fr_error *err) {
    struct fr_query *q;
    int capacity = 0, room = 0, code;
    code = fr_query_open(&q, x->store, err,
                         "SELECT id, role = 'clean', role = 'mystery' AND NOT excluded FROM naming"
                         " ORDER BY position",
                         "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(q)) {
        FR_RESERVE(x->namings, x->n_namings, capacity);
        if (room < capacity) {
            room = capacity;
            x->clean = fr_grow(x->clean, (size_t)room, sizeof *x->clean);
            x->used = fr_grow(x->used, (size_t)room, sizeof *x->used);
        }
        x->clean[x->n_namings] = fr_query_int(q, 1) != 0;
        x->used[x->n_namings] = fr_query_int(q, 2) != 0;
        x->namings[x->n_namings++] = fr_strdup(fr_query_text(q, 0));
    }
    code = fr_query_close(q, err);
    if (code == FR_OK && x->n_namings == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: the study has no namings yet; fluidrep run goes on",
                       fr_store_dir(x->store));
    return code;
}

static int read_concepts(struct fr_export *x, struct fr_error *err) {
    struct fr_query *q;
    int code = fr_query_open(&q, x->store, err,
                             "SELECT concept, kind = 'action' FROM naming_word WHERE naming = ?"
                             " ORDER BY position",
                             "t", x->namings[0]);
    if (code != FR_OK)
        return code;
    while (fr_query_next(q)) {
        struct fr_concepts *c = &x->concepts;
        if (c->n == FR_MAX_CONCEPTS) {
            code = fr_fail(err, FR_E_INPUT, "%s: table naming_word: more than %d concepts",
                           fr_store_dir(x->store), FR_MAX_CONCEPTS);
            break;
        }
        c->kinds[c->n] = fr_query_int(q, 1) ? FR_CONCEPT_ACTION : FR_CONCEPT_PREDICATE;
        c->names[c->n++] = fr_strdup(fr_query_text(q, 0));
    }
    return fr_query_close_after(q, code, err);
}

int fr_export_open(struct fr_export *out, const char *dir, struct fr_error *err) {
    *out = (struct fr_export){0};
    int code = fr_store_open_readonly(&out->store, dir, err);
    if (code == FR_OK)
        code = read_config(out, err);
    if (code == FR_OK)
        code = read_namings(out, err);
    if (code == FR_OK)
        code = read_concepts(out, err);
    if (code != FR_OK)
        fr_export_close(out);
    return code;
}

void fr_export_close(struct fr_export *x) {
    for (int i = 0; i < x->n_namings; i++)
        free(x->namings[i]);
    for (int a = 0; a < x->concepts.n; a++)
        free(x->concepts.names[a]);
    free(x->namings);
    free(x->clean);
    free(x->used);
    fr_config_release(&x->config);
    fr_store_close(x->store);
    *x = (struct fr_export){0};
}
