/* A table from token ids to bytes; see pieces.h. Rejected: opening the model's vocabulary, which
 * need not be on this machine. */
#include "view/pieces.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

enum { MOST_IDS = 1 << 22, LEARN_SECONDS = 1 };

struct fr_view_pieces {
    int n; /* ids [0, n) have a place */
    struct piece {
        size_t at;
        int32_t length; /* -1: not known */
    } * items;
    struct fr_text bytes;
    int64_t puzzle; /* the last trace read, by puzzle and naming */
    char *naming;
    bool all; /* there is no further one */
};

void fr_view_pieces_close(struct fr_view_pieces *p) {
    if (p == NULL)
        return;
    free(p->items);
    free(p->naming);
    fr_text_release(&p->bytes);
    free(p);
}

static bool knows(const struct fr_view_pieces *p, int32_t id) {
    return id >= 0 && id < p->n && p->items[id].length >= 0;
}

static void learn_one(struct fr_view_pieces *p, int32_t id, const char *bytes, int32_t length) {
    if (knows(p, id) || id < 0 || id >= MOST_IDS)
        return;
    if (id >= p->n) {
        const int n = id + 1 > 2 * p->n ? id + 1 : 2 * p->n;
        p->items = fr_grow(p->items, (size_t)n, sizeof *p->items);
        for (; p->n < n; p->n++)
            p->items[p->n] = (struct piece){.length = -1};
    }
    p->items[id] = (struct piece){p->bytes.len, length};
    fr_text_append(&p->bytes, bytes, (size_t)length);
}

static void learn(struct fr_view_pieces *p, const struct fr_trace *t) {
    for (int i = 0; i < t->n_tokens; i++)
        learn_one(p, t->ids[i], t->text + t->starts[i], t->ends[i] - t->starts[i]);
}

static bool knows_all(const struct fr_view_pieces *p, const int32_t *ids, int n) {
    for (int i = 0; i < n; i++)
        if (!knows(p, ids[i]))
            return false;
    return true;
}

/* The next trace of the study. */
static int learn_next(struct fr_view_pieces *p, struct fr_store *store, struct fr_error *err) {
    struct fr_query *query;
    struct fr_trace trace = {0};
    int code = fr_query_open(&query, store, err,
                             "SELECT puzzle, naming FROM trace WHERE (puzzle, naming) > (?, ?)"
                             " ORDER BY puzzle, naming LIMIT 1",
                             "it", p->puzzle, p->naming);
    if (code != FR_OK)
        return code;
    p->all = !fr_query_next(query);
    if (!p->all) {
        p->puzzle = fr_query_int(query, 0);
        free(p->naming);
        p->naming = fr_strdup(fr_query_text(query, 1));
    }
    code = fr_query_close(query, err);
    if (code == FR_OK && !p->all)
        code = fr_store_get_trace(store, p->puzzle, p->naming, &trace, err);
    if (code == FR_OK && !p->all)
        learn(p, &trace);
    fr_trace_release(&trace);
    return code;
}

static void add(struct fr_trace *out, struct fr_text *text, int32_t id, const char *bytes,
                size_t length) {
    out->ids[out->n_tokens] = id;
    out->starts[out->n_tokens] = (int32_t)text->len;
    fr_text_append(text, bytes, length);
    out->ends[out->n_tokens++] = (int32_t)text->len;
}

int fr_view_continue(struct fr_view_pieces **pieces, struct fr_store *store,
                     const struct fr_trace *trace, int n_prefix, const int32_t *ids, int n,
                     struct fr_trace *out, int *n_unknown, struct fr_error *err) {
    if (*pieces == NULL) {
        *pieces = fr_alloc(1, sizeof **pieces);
        (*pieces)->puzzle = INT64_MIN;
        (*pieces)->naming = fr_strdup("");
    }
    struct fr_view_pieces *p = *pieces;
    struct fr_text text = {0};
    const time_t begun = time(NULL);
    int code = FR_OK;
    learn(p, trace);
    while (code == FR_OK && !p->all && !knows_all(p, ids, n) && time(NULL) <= begun + LEARN_SECONDS)
        code = learn_next(p, store, err);
    if (code != FR_OK)
        return code;
    const size_t total = (size_t)n_prefix + (size_t)n;
    *out = (struct fr_trace){.puzzle = trace->puzzle, .n_prompt = trace->n_prompt};
    out->ids = fr_alloc(total, sizeof *out->ids);
    out->starts = fr_alloc(total, sizeof *out->starts);
    out->ends = fr_alloc(total, sizeof *out->ends);
    for (int i = 0; i < n_prefix; i++)
        add(out, &text, trace->ids[i], trace->text + trace->starts[i],
            (size_t)(trace->ends[i] - trace->starts[i]));
    *n_unknown = 0;
    for (int i = 0; i < n; i++) {
        struct fr_text spelt = {0};
        fr_text_printf(&spelt, "<token %d>", ids[i]);
        const bool known = knows(p, ids[i]);
        const struct piece *piece = known ? &p->items[ids[i]] : NULL;
        add(out, &text, ids[i], known ? fr_text_get(&p->bytes) + piece->at : fr_text_get(&spelt),
            known ? (size_t)piece->length : spelt.len);
        *n_unknown += !known;
        fr_text_release(&spelt);
    }
    out->text_len = text.len;
    out->text = fr_text_take(&text);
    return FR_OK;
}
