/* Where an experiment's vectors come from: the representations at one timestamp, of one set of
 * traces, of this study or of another. Another study's are read as they are, against its own books;
 * what has to agree is what a vector is of: the domain's concepts, the namings' words where they
 * have the same name, and the width of the rows.
 *
 * Rejected: copying another study's sums into this one, which would double gigabytes and leave no
 * trace of whose they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/pack.h"
#include "study/internal.h"

/* ---- this study's ---------------------------------------------------------------------------- */

/* The shape of this study's sums: of the first naming's that has some. */
static int describe_own(const struct fr_study *s, enum fr_trace_set set, struct fr_sums_shape *out,
                        struct fr_error *err) {
    struct fr_text path = {0};
    int first;
    (void)fr_world_replayed_namings(&s->world, &first);
    fr_reps_file(s, first, (struct fr_reps_part){set, FR_SITE_BLOCK}, NULL, &path);
    const int code = fr_sums_describe(fr_text_get(&path), out, err);
    fr_text_release(&path);
    return code;
}

static int load_own(struct fr_study *s, struct fr_moment *m, struct fr_error *err) {
    const struct fr_world *w = &s->world;
    struct fr_sums_shape shape;
    int code = describe_own(s, m->traces, &shape, err);
    if (code != FR_OK)
        return code;
    free(shape.times);
    for (int i = 0; i < w->n_namings; i++)
        m->naming_of[i] = i;
    m->use = fr_alloc((size_t)w->n_namings, sizeof *m->use);
    fr_world_used_namings(w, m->use);
    m->i_clean = fr_world_clean_naming(w);
    return fr_study_load_reps(s, (struct fr_reps_part){m->traces, FR_SITE_BLOCK},
                              &(struct fr_slice){.n_layers = shape.n_layers,
                                                 .first_time =
                                                     fr_config_grid_index(&w->config, m->timestamp),
                                                 .n_times = 1},
                              &m->raw, err);
}

/* ---- another study's ------------------------------------------------------------------------- */

struct other {
    const struct fr_study *study; /* this one */
    const char *dir;
    struct fr_store *store;
    struct fr_error *err;
};

/* Of all concepts of the domain, in its order, and of no other. */
static int check_words(const struct other *o, const char *naming, int own) {
    const struct fr_world *w = &o->study->world;
    struct fr_query *query;
    struct fr_text what = {0};
    int n = 0;
    int code = fr_query_open(&query, o->store, o->err,
                             "SELECT concept, kind, word FROM naming_word WHERE naming = ?"
                             " ORDER BY position",
                             "t", naming);
    if (code != FR_OK)
        return code;
    for (; fr_query_next(query); n++) {
        if (what.len > 0)
            continue;
        if (n >= w->table.concepts.n ||
            strcmp(fr_query_text(query, 0), w->table.concepts.names[n]) != 0 ||
            strcmp(fr_query_text(query, 1), fr_concept_kind_name[w->table.concepts.kinds[n]]) != 0)
            fr_text_printf(&what, "is about another domain: its concept %d is %.60s", n + 1,
                           fr_query_text(query, 0));
        else if (own >= 0 && strcmp(fr_query_text(query, 2), w->namings[own].naming->words[n]) != 0)
            fr_text_printf(&what,
                           "its naming %s calls %s \"%.40s\", this study's \"%.40s\"; give one "
                           "of the two another name",
                           naming, fr_query_text(query, 0), fr_query_text(query, 2),
                           w->namings[own].naming->words[n]);
    }
    code = fr_query_close(query, o->err);
    if (code == FR_OK && what.len == 0 && n != w->table.concepts.n)
        fr_text_printf(&what, "is about another domain: it has %d concepts, this study %d", n,
                       w->table.concepts.n);
    if (code == FR_OK && what.len > 0)
        code = fr_fail(o->err, FR_E_INPUT, "%s: from: %s: %s", w->config_path, o->dir,
                       fr_text_get(&what));
    fr_text_release(&what);
    return code;
}

/* Its namings, which of them vectors are means over, and which of them ours are. */
static int read_namings(const struct other *o, struct fr_moment *m, int *n, char (**ids)[64]) {
    const struct fr_world *w = &o->study->world;
    struct fr_query *query;
    int capacity = 0, use_capacity = 0;
    *n = 0;
    *ids = NULL;
    m->i_clean = -1;
    for (int i = 0; i < w->n_namings; i++)
        m->naming_of[i] = -1;
    int code =
        fr_query_open(&query, o->store, o->err,
                      "SELECT id, role = 'clean', excluded FROM naming ORDER BY position", "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        FR_RESERVE(*ids, *n, capacity);
        FR_RESERVE(m->use, *n, use_capacity);
        (void)snprintf((*ids)[*n], sizeof **ids, "%s", fr_query_text(query, 0));
        m->use[*n] = fr_query_int(query, 1) == 0 && fr_query_int(query, 2) == 0;
        if (fr_query_int(query, 1) != 0)
            m->i_clean = *n;
        ++*n;
    }
    code = fr_query_close(query, o->err);
    for (int i = 0; code == FR_OK && i < *n; i++) {
        const int own = fr_world_find_naming(w, (*ids)[i]);
        if (own >= 0)
            m->naming_of[own] = i;
        code = check_words(o, (*ids)[i], own);
    }
    return code;
}

/* Its file of one naming, if it is the one that its books know; none where there is none and there
 * may be none. */
static int find_file(const struct other *o, const struct fr_moment *m, const char *naming,
                     bool may_lack, struct fr_text *path) {
    struct fr_book_entry entry;
    char sha[FR_SHA256_TEXT] = "";
    bool good;
    int code = fr_book_find_sums(o->store, naming, fr_trace_set_name[m->traces],
                                 fr_site_name[FR_SITE_BLOCK], &entry, path, o->err);
    if (code != FR_OK || (!entry.known && may_lack))
        return code;
    if (!entry.known)
        return fr_fail(o->err, FR_E_INPUT,
                       "%s: from: %s has no representations of naming %s, %s traces, yet; run that "
                       "study first, with an experiment of such traces where they failed",
                       o->study->world.config_path, o->dir, naming, fr_trace_set_name[m->traces]);
    code = fr_book_holds(fr_text_get(path), &entry, false, sha, &good, o->err);
    if (code == FR_OK && !good)
        code = fr_fail(o->err, FR_E_INPUT,
                       "%s: is not the file that its study knows (SHA-256 %.12s, not %.12s); run "
                       "that study again",
                       fr_text_get(path), sha, entry.sha256);
    return code;
}

/* Which of the file's times is the moment's. */
static int find_time(const struct other *o, const struct fr_sums_shape *shape, const char *path,
                     int timestamp, int *time) {
    int near = 0;
    for (*time = 0; *time < shape->n_times; ++*time) {
        if (shape->times[*time] == timestamp)
            return FR_OK;
        if (abs(shape->times[*time] - timestamp) < abs(shape->times[near] - timestamp))
            near = *time;
    }
    return fr_fail(o->err, FR_E_INPUT, "%s: from: %s has no timestamp %d; the nearest is %d",
                   o->study->world.config_path, path, timestamp,
                   shape->n_times > 0 ? (int)shape->times[near] : 0);
}

static int load_naming(const struct other *o, struct fr_moment *m, int i, int n, const char *naming,
                       int own_width) {
    const struct fr_world *w = &o->study->world;
    struct fr_text path = {0};
    struct fr_sums_shape shape = {0};
    struct fr_sums sums = {0};
    int time = 0;
    int code = find_file(o, m, naming, !m->use[i] && i != m->i_clean, &path);
    if (code == FR_OK && path.len == 0) { /* one for accuracy only */
        for (int own = 0; own < w->n_namings; own++)
            if (m->naming_of[own] == i)
                m->naming_of[own] = -1;
        return FR_OK;
    }
    if (code == FR_OK)
        code = fr_sums_describe(fr_text_get(&path), &shape, o->err);
    if (code == FR_OK && shape.width != own_width)
        code = fr_fail(o->err, FR_E_INPUT,
                       "%s: from: the vectors of %s are %d wide, this model's rows %d: they can "
                       "only be written into a model as wide",
                       w->config_path, o->dir, shape.width, own_width);
    if (code == FR_OK)
        code = find_time(o, &shape, fr_text_get(&path), m->timestamp, &time);
    if (code == FR_OK)
        code = fr_sums_load(&sums, fr_text_get(&path), FR_SITE_BLOCK, NULL,
                            &(struct fr_slice){.n_layers = shape.n_layers,
                                               .first_time = time,
                                               .n_times = 1},
                            o->err);
    if (code == FR_OK && m->raw.h == NULL)
        fr_reps_init(&m->raw, &w->table.concepts, n, sums.n_layers, 1, sums.width);
    if (code == FR_OK && (sums.n_layers != m->raw.n_layers || sums.n_concepts != m->raw.n_concepts))
        code = fr_fail(o->err, FR_E_INPUT, "%s: its shape differs from the other namings'",
                       fr_text_get(&path));
    if (code == FR_OK)
        fr_reps_set_naming(&m->raw, i, &sums, w->config.min_mentions);
    fr_sums_release(&sums);
    free(shape.times);
    fr_text_release(&path);
    return code;
}

static void resolve(const struct fr_study *s, const char *from, struct fr_text *dir) {
    fr_config_resolve(s->world.config_path, from, dir);
}

static int load_other(struct fr_study *s, struct fr_moment *m, struct fr_error *err) {
    struct fr_text dir = {0};
    struct fr_sums_shape own;
    char(*ids)[64] = NULL;
    int n = 0;
    int code = describe_own(s, FR_TRACES_ALL, &own, err);
    if (code != FR_OK)
        return code;
    free(own.times);
    resolve(s, m->from, &dir);
    struct other o = {.study = s, .dir = fr_text_get(&dir), .err = err};
    code = fr_store_open_readonly(&o.store, o.dir, err);
    if (code != FR_OK)
        code = fr_fail_in(err, "%s: from", s->world.config_path);
    if (code == FR_OK) {
        code = read_namings(&o, m, &n, &ids);
        for (int i = 0; code == FR_OK && i < n; i++)
            code = load_naming(&o, m, i, n, ids[i], own.width);
        fr_store_close(o.store);
    }
    if (code == FR_OK && m->raw.h == NULL)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: from: %s has no representations yet; run that study first",
                       s->world.config_path, o.dir);
    free(ids);
    fr_text_release(&dir);
    return code;
}

/* What its experiments want of the moment, before anything is edited with less. */
static int check_edit(const struct fr_study *s, const struct fr_moment *m,
                      const struct fr_edit_kind *e, struct fr_error *err) {
    const struct fr_world *w = &s->world;
    const enum fr_vector_kind kind = (enum fr_vector_kind)e->vectors;
    if (e->layers.end - 1 > m->raw.n_layers)
        return fr_fail(err, FR_E_INPUT,
                       "%s: experiments: layer %d, but the representations%s%s have layers 1..%d",
                       w->config_path, e->layers.end - 1, m->from != NULL ? " of " : "",
                       m->from != NULL ? m->from : "", m->raw.n_layers);
    if (m->from == NULL)
        return FR_OK;
    if (fr_vector_kind_is_clean(kind) && m->i_clean < 0)
        return fr_fail(err, FR_E_INPUT,
                       "%s: from: %s has no clean naming, whose vectors are asked "
                       "for",
                       w->config_path, m->from);
    for (int i = 0; i < w->n_namings; i++)
        if (fr_vector_kind_is_own(kind) && !w->namings[i].clean && !w->namings[i].excluded &&
            m->naming_of[i] < 0)
            return fr_fail(
                err, FR_E_INPUT,
                "%s: from: %s has no representations of naming %s, and so no vectors %s; "
                "take cross_loo",
                w->config_path, m->from, w->namings[i].naming->id, fr_vector_kind_name[kind]);
    return FR_OK;
}

/* ---- both ------------------------------------------------------------------------------------ */

static bool is_of(const struct fr_moment *m, const struct fr_edit_kind *e) {
    return (int)m->traces == e->traces && m->timestamp == e->timestamp &&
           (m->from == NULL) == (e->from == NULL) &&
           (m->from == NULL || strcmp(m->from, e->from) == 0);
}

int fr_moments_open(struct fr_study *s, struct fr_moments *out, struct fr_error *err) {
    const struct fr_conditions *conditions = &s->world.conditions;
    const size_t n = (size_t)conditions->n_edits;
    *out = (struct fr_moments){.items = fr_alloc(n, sizeof *out->items),
                               .of = fr_alloc(n, sizeof *out->of)};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < conditions->n_edits; i++) {
        const struct fr_edit_kind *e = &conditions->edits[i];
        int k = 0;
        out->of[i] = -1;
        if (e->baseline)
            continue;
        while (k < out->n && !is_of(&out->items[k], e))
            k++;
        struct fr_moment *m = &out->items[out->of[i] = k];
        if (k == out->n) {
            out->n++;
            *m = (struct fr_moment){.traces = (enum fr_trace_set)e->traces,
                                    .timestamp = e->timestamp,
                                    .from = e->from,
                                    .naming_of =
                                        fr_alloc((size_t)s->world.n_namings, sizeof *m->naming_of)};
            code = m->from == NULL ? load_own(s, m, err) : load_other(s, m, err);
            if (code == FR_OK)
                fr_reps_centre(&m->raw, &m->centred);
        }
        if (code == FR_OK)
            code = check_edit(s, m, e, err);
    }
    return code;
}

void fr_moments_close(struct fr_moments *moments) {
    for (int i = 0; i < moments->n; i++) {
        fr_reps_release(&moments->items[i].raw);
        fr_reps_release(&moments->items[i].centred);
        free(moments->items[i].use);
        free(moments->items[i].naming_of);
    }
    free(moments->items);
    free(moments->of);
    *moments = (struct fr_moments){0};
}

/* ---- for a rank without the store ------------------------------------------------------------ */

/* A request is the number of a moment and of a naming of its study, or -1 for what all of them are:
 * so no message holds more than one naming's rows. */
static void pack_shapes(const struct fr_moments *moments, const struct fr_world *w,
                        struct fr_text *reply) {
    fr_pack_int(reply, moments->n);
    fr_pack_bytes(reply, moments->of, (size_t)w->conditions.n_edits * sizeof *moments->of);
    for (int k = 0; k < moments->n; k++) {
        const struct fr_moment *m = &moments->items[k];
        fr_pack_int(reply, m->raw.n_namings);
        fr_pack_int(reply, m->raw.n_layers);
        fr_pack_int(reply, m->raw.width);
        fr_pack_int(reply, m->i_clean);
        fr_pack_bytes(reply, m->use, (size_t)m->raw.n_namings * sizeof *m->use);
        fr_pack_bytes(reply, m->naming_of, (size_t)w->n_namings * sizeof *m->naming_of);
    }
}

static size_t n_values(const struct fr_reps *raw) {
    return (size_t)raw->n_concepts * (size_t)raw->n_layers * (size_t)raw->width;
}

void fr_moments_answer(const struct fr_moments *moments, const struct fr_world *w,
                       const struct fr_text *request, struct fr_text *reply) {
    struct fr_unpack in = fr_unpack_begin(request);
    const int64_t k = fr_unpack_int(&in), naming = fr_unpack_int(&in);
    FR_ASSERT(!in.bad && k < moments->n);
    if (k < 0) {
        pack_shapes(moments, w, reply);
        return;
    }
    const struct fr_reps *raw = &moments->items[k].raw;
    FR_ASSERT(naming >= 0 && naming < raw->n_namings);
    const size_t n_concepts = (size_t)raw->n_concepts;
    fr_pack_bytes(reply, raw->h + (size_t)naming * n_values(raw), n_values(raw) * sizeof *raw->h);
    fr_pack_bytes(reply, raw->present + (size_t)naming * n_concepts,
                  n_concepts * sizeof *raw->present);
}

static void take(struct fr_unpack *in, void *to, size_t n) {
    size_t there;
    const void *bytes = fr_unpack_bytes(in, &there);
    FR_ASSERT(there == n);
    memcpy(to, bytes, n);
}

static int ask(struct fr_study *s, int k, int naming, struct fr_text *reply, struct fr_error *err) {
    struct fr_text request = {0};
    fr_pack_int(&request, k);
    fr_pack_int(&request, naming);
    fr_text_clear(reply);
    const int code = fr_ranks_fetch(s->ranks, &request, reply, err);
    fr_text_release(&request);
    return code;
}

int fr_moments_ask(struct fr_study *s, struct fr_moments *out, struct fr_error *err) {
    const struct fr_world *w = &s->world;
    const size_t n_edits = (size_t)w->conditions.n_edits;
    struct fr_text reply = {0};
    *out = (struct fr_moments){.of = fr_alloc(n_edits, sizeof *out->of)};
    int code = ask(s, -1, -1, &reply, err);
    struct fr_unpack in = fr_unpack_begin(&reply);
    const int n = code == FR_OK ? (int)fr_unpack_int(&in) : 0;
    out->items = fr_alloc((size_t)n, sizeof *out->items);
    if (code == FR_OK)
        take(&in, out->of, n_edits * sizeof *out->of);
    for (; out->n < n; out->n++) {
        struct fr_moment *m = &out->items[out->n];
        const int n_namings = (int)fr_unpack_int(&in), n_layers = (int)fr_unpack_int(&in);
        const int width = (int)fr_unpack_int(&in);
        m->i_clean = (int)fr_unpack_int(&in);
        m->use = fr_alloc((size_t)n_namings, sizeof *m->use);
        m->naming_of = fr_alloc((size_t)w->n_namings, sizeof *m->naming_of);
        take(&in, m->use, (size_t)n_namings * sizeof *m->use);
        take(&in, m->naming_of, (size_t)w->n_namings * sizeof *m->naming_of);
        fr_reps_init(&m->raw, &w->table.concepts, n_namings, n_layers, 1, width);
    }
    for (int k = 0; code == FR_OK && k < n; k++) {
        struct fr_reps *raw = &out->items[k].raw;
        const size_t n_concepts = (size_t)raw->n_concepts;
        for (int i = 0; code == FR_OK && i < raw->n_namings; i++) {
            if ((code = ask(s, k, i, &reply, err)) != FR_OK)
                break;
            in = fr_unpack_begin(&reply);
            take(&in, raw->h + (size_t)i * n_values(raw), n_values(raw) * sizeof *raw->h);
            take(&in, raw->present + (size_t)i * n_concepts, n_concepts * sizeof *raw->present);
        }
        if (code == FR_OK)
            fr_reps_centre(raw, &out->items[k].centred);
    }
    fr_text_release(&reply);
    return code;
}

/* ---- the other studies, each once ------------------------------------------------------------ */

/* Does the next edit name a study that none before it did? With the line that it has in the text
 * of sources as far as that is known, and where it is. */
static bool next_source(const struct fr_study *s, int i, struct fr_text *line,
                        struct fr_text *dir) {
    const struct fr_edit_kind *edits = s->world.conditions.edits;
    const char *from = edits[i].from;
    size_t n;
    for (int k = 0; from != NULL && k < i; k++)
        if (edits[k].from != NULL && strcmp(edits[k].from, from) == 0)
            return false;
    if (from == NULL)
        return false;
    fr_text_clear(line);
    fr_text_clear(dir);
    const char *name = fr_edit_from_name(from, &n);
    fr_text_append(line, name, n);
    fr_text_add(line, "\t");
    resolve(s, from, dir);
    return true;
}

/* Its line as it was before: of a study that is gone what was made with it holds. */
static bool find_before(const char *before, const struct fr_text *head, const char **line,
                        size_t *n) {
    while (fr_line_next(&before, line, n))
        if (strncmp(*line, head->data, head->len) == 0)
            return true;
    return false;
}

/* ---- did another study collect on what is evaluated here? ------------------------------------ */

static int compare_classes(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* How many of this study's puzzles to evaluate on are, up to the names of their objects, among the
 * other's to collect from; false: it cannot be read, or its puzzles are none of this domain. */
static bool count_shared(struct fr_study *s, const char *dir, const uint64_t *own, int n_own,
                         int *n_shared) {
    struct fr_store *store;
    struct fr_error ignored = {0};
    uint64_t *theirs;
    int n;
    if (fr_store_open_readonly(&store, dir, &ignored) != FR_OK)
        return false;
    const int code =
        fr_source_list_classes(store, &s->world.domain, FR_SPLIT_COLLECT, &theirs, &n, &ignored);
    fr_store_close(store);
    *n_shared = 0;
    if (n > 0)
        qsort(theirs, (size_t)n, sizeof *theirs, compare_classes);
    for (int i = 0; n > 0 && i < n_own; i++)
        *n_shared += bsearch(&own[i], theirs, (size_t)n, sizeof *theirs, compare_classes) != NULL;
    free(theirs);
    return code == FR_OK;
}

static void tell_shared(struct fr_study *s, const char *from, const char *dir, bool known,
                        int n_shared, int n_own) {
    if (!known)
        fr_events_warn(&s->events.work,
                       "from: %s: its puzzles cannot be read; whether it collected on those that "
                       "are evaluated here is not known",
                       dir);
    else if (n_shared > 0)
        fr_events_warn(
            &s->events.work,
            "from: %s: %d of the %d puzzles that are evaluated here are, up to the names "
            "of their objects, among those that its vectors were collected on: on these "
            "the vectors of %s are not held out",
            dir, n_shared, n_own, from);
}

int fr_moments_compare_puzzles(struct fr_study *s, struct fr_error *err) {
    const struct fr_conditions *c = &s->world.conditions;
    struct fr_text all = {0}, before = {0}, line = {0}, dir = {0};
    uint64_t *own = NULL;
    int n_own = 0, code = FR_OK;
    bool any = false;
    (void)fr_store_get_meta(s->store, "vectors_from_shared", &before);
    for (int i = 0; i < c->n_edits; i++)
        any = any || c->edits[i].from != NULL;
    if (any)
        code = fr_source_list_classes(s->store, &s->world.domain, FR_SPLIT_EVALUATE, &own, &n_own,
                                      err);
    for (int i = 0; code == FR_OK && i < c->n_edits; i++) {
        const char *from = c->edits[i].from, *was;
        size_t n;
        int n_shared = 0;
        if (!next_source(s, i, &line, &dir))
            continue;
        if (count_shared(s, fr_text_get(&dir), own, n_own, &n_shared)) {
            fr_text_printf(&all, "%s%d\n", fr_text_get(&line), n_shared);
            tell_shared(s, from, fr_text_get(&dir), true, n_shared, n_own);
        } else if (find_before(fr_text_get(&before), &line, &was, &n)) {
            fr_text_printf(&all, "%.*s\n", (int)n, was);
        } else {
            tell_shared(s, from, fr_text_get(&dir), false, 0, n_own);
        }
    }
    if (code == FR_OK && any)
        code = fr_store_set_meta(s->store, "vectors_from_shared", fr_text_get(&all), err);
    fr_text_release(&all);
    fr_text_release(&before);
    fr_text_release(&line);
    fr_text_release(&dir);
    free(own);
    return code;
}

/* ---- has another study changed? -------------------------------------------------------------- */

/* Hash of what its books say of its sums; false when it cannot be opened. */
static bool hash_books(const char *dir, char sha[FR_SHA256_TEXT]) {
    struct fr_store *store;
    struct fr_query *query;
    struct fr_error ignored = {0};
    struct fr_text all = {0};
    if (fr_store_open_readonly(&store, dir, &ignored) != FR_OK)
        return false;
    bool good =
        fr_query_open(&query, store, &ignored,
                      "SELECT file, sha256, (SELECT group_concat(id || excluded) FROM naming)"
                      " FROM sums ORDER BY file",
                      "") == FR_OK;
    if (good) {
        while (fr_query_next(query))
            fr_text_printf(&all, "%s\t%s\t%s\n", fr_query_text(query, 0), fr_query_text(query, 1),
                           fr_query_text(query, 2));
        good = fr_query_close(query, &ignored) == FR_OK;
    }
    fr_store_close(store);
    fr_sha256(fr_text_get(&all), all.len, sha);
    fr_text_release(&all);
    return good;
}

int fr_moments_check_sources(const struct fr_study *s, const char *before, struct fr_error *err) {
    struct fr_text dir = {0}, line = {0}, path = {0};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < s->world.conditions.n_edits; i++) {
        const char *was;
        size_t n;
        if (!next_source(s, i, &line, &dir) || find_before(before, &line, &was, &n))
            continue;
        fr_text_clear(&path);
        fr_text_printf(&path, "%s/study.db", fr_text_get(&dir));
        if (!fr_file_exists(fr_text_get(&path)))
            code =
                fr_fail(err, FR_E_INPUT,
                        "%s: experiments: from: no study in %s (as seen from the configuration's "
                        "directory); run that study first",
                        s->world.config_path, fr_text_get(&dir));
    }
    fr_text_release(&dir);
    fr_text_release(&line);
    fr_text_release(&path);
    return code;
}

void fr_moments_render_sources(const struct fr_study *s, const char *before, struct fr_text *out) {
    struct fr_text dir = {0}, line = {0};
    for (int i = 0; i < s->world.conditions.n_edits; i++) {
        char sha[FR_SHA256_TEXT];
        const char *was;
        size_t n;
        if (!next_source(s, i, &line, &dir))
            continue;
        if (hash_books(fr_text_get(&dir), sha))
            fr_text_printf(out, "%s%s\n", fr_text_get(&line), sha);
        else if (find_before(before, &line, &was, &n))
            fr_text_printf(out, "%.*s\n", (int)n, was);
        else
            fr_text_add(out, fr_text_get(&line));
    }
    fr_text_release(&dir);
    fr_text_release(&line);
}
