/* Stage 3: representations of every concept at every layer and timestamp, one file of sums per
 * (naming, set of traces): `all` for the descriptive figures, `solved` (the first so many solved
 * ones) for steering vectors. A unit is a naming: its traces are replayed one after the other, in
 * the order of the puzzles, so that sums do not depend on who else works. Namings for accuracy only
 * have none. Where more puzzles were asked for later, the sums of the first ones are gone on with.
 * So are those of a naming that was not finished: they are kept every so often, and when the
 * program is stopped. A rank without the store makes its files in a scratch directory and sends
 * them piece by piece. */
#include "study/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/rng.h"
#include "mentions/mentions.h"
#include "prompts/prompts.h"

/* ---- the store's side ------------------------------------------------------------------------ */

enum {
    PIECE = 4 << 20,    /* bytes of a file that go together */
    KEEP_SECONDS = 300, /* between two keepings, and this many times as long as the last one took */
    KEEP_RATIO = 30,
    FINISHED = -1 /* instead of a generation: the file of all traces */
};
/* What the model's side asks for. */
enum request {
    REQUEST_TRACE, /* of a puzzle and naming */
    REQUEST_READ,  /* a piece of a naming's file; empty at its end */
    REQUEST_WRITE, /* one of the file as it is now; empty at its end */
};

struct lister {
    struct fr_study *study;
    int n, next;  /* namings, those with the most tokens to be read first */
    int *namings; /* [n] */
    struct coming {
        FILE *file;
        struct fr_text path;
    } * coming; /* [N][FR_REPS_PARTS] that another rank is sending */
    struct fr_text first;
    long long done, total, resumed;
};

/* Of how many of the naming's first traces the finished files hold the sums; -1: there are none
 * that are good. */
static int find_finished(struct fr_study *s, int naming, const struct fr_reps_traces *traces,
                         int *n_begun, struct fr_error *err) {
    struct fr_text name = {0};
    struct fr_grid grid;
    int64_t known = -1;
    fr_reps_file(s, naming, (struct fr_reps_part){FR_TRACES_ALL, FR_SITE_BLOCK}, &name, NULL);
    int code = fr_store_find_int(s->store, err, &known, "SELECT n_traces FROM sums WHERE file = ?",
                                 "t", fr_text_get(&name));
    const int n = (int)known;
    bool good = n >= 0 && n <= traces->n;
    for (int k = 0; code == FR_OK && good && k < fr_reps_n_parts(s); k++) {
        const struct fr_reps_part part = fr_reps_part(s, k);
        struct fr_reps_wanted wanted;
        struct fr_text path = {0};
        struct fr_sums sums;
        struct fr_error other;
        if (part.set == FR_TRACES_MATCHED && n < traces->n) { /* others are chosen of more */
            good = false;
            break;
        }
        fr_world_grid_of(&s->world, part.set, &grid);
        fr_reps_want(s, naming, part, traces, n, &wanted, NULL);
        code = fr_reps_check(s, naming, part, wanted.identity, n < traces->n, false, &good, err);
        /* timestamps may have been added since: the file says which it has */
        fr_reps_file(s, naming, part, NULL, &path);
        if (code == FR_OK && good) {
            good = fr_sums_load(&sums, fr_text_get(&path), part.site, &grid, &(struct fr_slice){0},
                                &other) == FR_OK;
            fr_sums_release(&sums);
        }
        fr_text_release(&path);
        free(grid.times);
    }
    *n_begun = good ? n : -1;
    fr_text_release(&name);
    return code;
}

/* The same, of finished files or of those that were kept. */
static int find_begun(struct fr_study *s, int naming, const struct fr_reps_traces *traces,
                      int *n_begun, int *generation, struct fr_error *err) {
    int n_kept = 0, kept = FINISHED;
    int code = find_finished(s, naming, traces, n_begun, err);
    *generation = FINISHED;
    if (code == FR_OK && *n_begun < traces->n)
        code = fr_reps_find_kept(s, naming, traces, &n_kept, &kept, err);
    if (code == FR_OK && n_kept > 0 && n_kept > *n_begun) {
        *n_begun = n_kept;
        *generation = kept;
    }
    return code;
}

/* Representations come from the reasoning: the answer repeats its words. How many tokens are read.
 */
static int find_mentions(const struct fr_forms *forms, const struct fr_trace *trace,
                         struct fr_mentions *out) {
    const int n_tokens = trace->n_prompt + trace->n_reasoning;
    fr_mentions_find(forms, trace->text, trace->text_len, trace->starts, trace->ends,
                     trace->n_tokens, out);
    while (out->n > 0 && out->items[out->n - 1].end > n_tokens)
        out->n--;
    return n_tokens;
}

/* What a mention's draw depends on beside its position. */
static uint64_t trace_key(const struct fr_world *w, int naming, int64_t puzzle) {
    return fr_mix64(fr_mix64((uint64_t)w->config.seed, (uint64_t)puzzle),
                    fr_hash_text(w->namings[naming].naming->id));
}

/* The limits of count-matched cells, which need all of a naming's traces, and no model. */
static int pack_limits(struct fr_study *s, int naming, const struct fr_reps_traces *traces,
                       struct fr_text *unit, struct fr_error *err) {
    const struct fr_world *w = &s->world;
    struct fr_forms forms = {0};
    struct fr_mentions mentions = {0};
    struct fr_grid grid;
    struct fr_limits limits;
    int code = FR_OK;
    fr_world_grid(w, &grid);
    fr_limits_init(&limits, w->table.concepts.n, grid.n_times, w->config.matched_mentions);
    fr_world_forms(w, naming, &forms);
    for (int i = 0; code == FR_OK && i < traces->n; i++) {
        const int64_t puzzle = traces->items[i].puzzle;
        struct fr_trace trace;
        code = fr_store_get_trace(s->store, puzzle, w->namings[naming].naming->id, &trace, err);
        if (code != FR_OK)
            break;
        (void)find_mentions(&forms, &trace, &mentions);
        fr_limits_add(&limits, &mentions, fr_world_origin(w, trace.n_prompt), &grid,
                      trace_key(w, naming, puzzle));
        fr_trace_release(&trace);
    }
    for (int a = 0; a < limits.n_concepts; a++)
        for (int t = 0; t < limits.n_times; t++)
            fr_pack_int(unit, (int64_t)fr_limits_get(&limits, a, t));
    fr_limits_release(&limits);
    fr_mentions_release(&mentions);
    fr_forms_release(&forms);
    free(grid.times);
    return code;
}

static int pack_unit(struct fr_study *s, int naming, const struct fr_reps_traces *traces,
                     int n_begun, int generation, struct fr_text *unit, struct fr_error *err) {
    int n_held[FR_REPS_PARTS] = {0};
    fr_pack_int(unit, naming);
    fr_pack_int(unit, n_begun);
    fr_pack_int(unit, generation);
    fr_pack_int(unit, traces->n);
    for (int i = 0; i < traces->n; i++) {
        int64_t parts = 0;
        fr_pack_int(unit, traces->items[i].puzzle);
        for (int k = 0; k < fr_reps_n_parts(s); k++)
            if (fr_reps_holds(s, fr_reps_part(s, k).set, traces, i, n_held[k])) {
                parts |= (int64_t)1 << k;
                n_held[k]++;
            }
        fr_pack_int(unit, parts);
    }
    for (int k = 0; k < fr_reps_n_parts(s); k++) {
        struct fr_reps_wanted wanted;
        struct fr_text made_from = {0};
        fr_reps_want(s, naming, fr_reps_part(s, k), traces, traces->n, &wanted, &made_from);
        fr_pack_int(unit, wanted.n_traces);
        fr_pack_text(unit, wanted.identity);
        fr_pack_text(unit, fr_text_get(&made_from));
        fr_text_release(&made_from);
    }
    return fr_world_uses_traces(&s->world, FR_TRACES_MATCHED)
               ? pack_limits(s, naming, traces, unit, err)
               : FR_OK;
}

/* The namings of this process. */
static int list(struct lister *l, struct fr_error *err) {
    struct fr_study *s = l->study;
    struct fr_query *query;
    l->namings = fr_alloc((size_t)s->world.n_namings, sizeof *l->namings);
    int code = fr_query_open(&query, s->store, err,
                             "SELECT n.position, count(t.puzzle) FROM naming n LEFT JOIN (SELECT"
                             " t.* FROM trace t JOIN puzzle p ON p.id = t.puzzle WHERE"
                             " p.split = 'collect') t ON t.naming = n.id GROUP BY n.position ORDER"
                             " BY coalesce(sum(t.n_prompt + t.n_reasoning), 0) DESC, n.position",
                             "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        const int naming = (int)fr_query_int(query, 0);
        if (s->world.namings[naming].accuracy_only ||
            !fr_study_takes(s, FR_SPLIT_COLLECT, naming, 0))
            continue;
        l->namings[l->n++] = naming;
        l->total += fr_query_int(query, 1);
    }
    return fr_query_close(query, err);
}

static int find_unit(struct lister *l, struct fr_text *unit, bool *found, struct fr_error *err) {
    struct fr_study *s = l->study;
    int code = FR_OK;
    for (*found = false; code == FR_OK && !*found && l->next < l->n; l->next++) {
        const int naming = l->namings[l->next];
        struct fr_reps_traces traces;
        int n_begun = -1, generation = FINISHED;
        code = fr_reps_list(s, naming, &traces, err);
        if (code == FR_OK)
            code = find_begun(s, naming, &traces, &n_begun, &generation, err);
        *found = code == FR_OK && n_begun < traces.n;
        if (*found)
            code = pack_unit(s, naming, &traces, n_begun > 0 ? n_begun : 0, generation, unit, err);
        l->resumed += n_begun > 0 ? n_begun : 0;
        l->done += n_begun > 0 ? n_begun : 0;
        free(traces.items);
    }
    return code;
}

/* The first was looked for before the model was opened: a study without any needs none. */
static int next_unit(void *user, struct fr_text *unit, bool *found, struct fr_error *err) {
    struct lister *l = user;
    *found = l->first.len > 0;
    if (!*found)
        return find_unit(l, unit, found, err);
    fr_text_append(unit, l->first.data, l->first.len);
    fr_text_clear(&l->first);
    return FR_OK;
}

static int fetch_trace(struct lister *l, struct fr_unpack *in, struct fr_text *reply,
                       struct fr_error *err) {
    const int64_t puzzle = fr_unpack_int(in);
    const int naming = (int)fr_unpack_int(in);
    struct fr_trace trace;
    const int code = fr_store_get_trace(l->study->store, puzzle,
                                        l->study->world.namings[naming].naming->id, &trace, err);
    if (code == FR_OK) {
        fr_trace_pack(&trace, reply);
        fr_trace_release(&trace);
    }
    fr_events_progress(&l->study->events.work, ++l->done, l->total, l->resumed, "traces");
    return code;
}

static int read_piece(const char *path, int64_t offset, struct fr_text *reply,
                      struct fr_error *err) {
    FILE *file;
    char *piece = fr_alloc(PIECE, 1);
    int code = fr_file_open(&file, path, err);
    if (code == FR_OK) {
        size_t n = 0;
        if (fseeko(file, (off_t)offset, SEEK_SET) == 0)
            n = fread(piece, 1, PIECE, file);
        if (ferror(file))
            code = fr_fail(err, FR_E_IO, "%s: cannot be read", path);
        fr_pack_bytes(reply, piece, n);
        (void)fclose(file);
    }
    free(piece);
    return code;
}

static void discard(struct coming *coming) {
    if (coming->file != NULL)
        fr_file_discard(coming->file, fr_text_get(&coming->path));
    coming->file = NULL;
    fr_text_clear(&coming->path);
}

/* In order; the first opens the file, an empty one is its end. A file that was not sent to its end
 * before is begun anew. */
static int write_piece(struct coming *coming, const char *path, int64_t offset, const void *bytes,
                       size_t n, struct fr_error *err) {
    int code = FR_OK;
    if (offset == 0) {
        discard(coming);
        fr_text_add(&coming->path, path);
        code = fr_file_create(&coming->file, path, err);
    }
    FR_ASSERT(code != FR_OK || (coming->file != NULL && ftello(coming->file) == offset));
    if (code == FR_OK && n > 0 && fwrite(bytes, 1, n, coming->file) != n)
        code = fr_file_fail(err, path, errno);
    if (code == FR_OK && n == 0) {
        code = fr_file_commit(coming->file, path, err);
        coming->file = NULL;
    }
    return code;
}

static int fetch_request(void *user, const struct fr_text *request, struct fr_text *reply,
                         struct fr_error *err) {
    struct lister *l = user;
    struct fr_unpack in = fr_unpack_begin(request);
    const enum request kind = (enum request)fr_unpack_int(&in);
    if (kind == REQUEST_TRACE)
        return fetch_trace(l, &in, reply, err);
    const int naming = (int)fr_unpack_int(&in), part = (int)fr_unpack_int(&in);
    const int generation = (int)fr_unpack_int(&in);
    const int64_t offset = fr_unpack_int(&in);
    struct fr_text path = {0};
    size_t n = 0;
    const void *bytes = kind == REQUEST_WRITE ? fr_unpack_bytes(&in, &n) : NULL;
    FR_ASSERT(!in.bad);
    fr_reps_begun_file(l->study, naming, fr_reps_part(l->study, part), generation, NULL, &path);
    const int code = kind == REQUEST_READ ? read_piece(fr_text_get(&path), offset, reply, err)
                                          : write_piece(&l->coming[naming * FR_REPS_PARTS + part],
                                                        fr_text_get(&path), offset, bytes, n, err);
    fr_text_release(&path);
    return code;
}

/* What a rank that was lost did not send to its end. */
static void discard_coming(struct lister *l) {
    for (int i = 0; i < l->study->world.n_namings * FR_REPS_PARTS; i++) {
        discard(&l->coming[i]);
        fr_text_release(&l->coming[i].path);
    }
    free(l->coming);
}

static int commit(void *user, const struct fr_text *result, struct fr_error *err) {
    struct lister *l = user;
    struct fr_study *s = l->study;
    struct fr_unpack in = fr_unpack_begin(result);
    const int naming = (int)fr_unpack_int(&in), generation = (int)fr_unpack_int(&in);
    int code = fr_store_begin(s->store, err);
    if (code != FR_OK)
        return code;
    code = fr_reps_forget_kept(s, naming, err);
    for (int k = 0; code == FR_OK && k < fr_reps_n_parts(s); k++) {
        const struct fr_reps_part part = fr_reps_part(s, k);
        const int n_traces = (int)fr_unpack_int(&in);
        const char *identity = fr_unpack_text(&in), *sha = fr_unpack_text(&in);
        code = generation == FINISHED
                   ? fr_reps_finish(s, naming, part, n_traces, identity, sha, err)
                   : fr_reps_keep(s, naming, part, generation, n_traces, identity, sha, err);
    }
    FR_ASSERT(!in.bad);
    code = fr_store_end(s->store, code, err);
    if (code == FR_OK)
        fr_reps_remove_kept(s, naming, generation);
    return code;
}

static bool tick(void *user) {
    const struct lister *l = user;
    return fr_events_stopped(&l->study->events.work);
}

/* ---- the model's side ------------------------------------------------------------------------ */

struct context {
    const struct fr_study *study;   /* its world and directory only */
    const struct fr_phases *phases; /* NULL: no set is by phase */
};

struct unit {
    int naming, n_begun, n_traces, n_parts;
    int generation;          /* of the files that it goes on with; FINISHED */
    double kept, keep_took;  /* when, and how long that took, in seconds */
    int64_t *puzzles, *held; /* of each trace a bit for every part that holds it */
    uint64_t *limits;        /* [A][T] of count-matched cells; NULL: there are none */
    struct part {
        struct fr_reps_part of;
        struct fr_reps_wanted wanted;
        struct fr_grid grid; /* as its file has it */
        char *made_from;
        struct fr_text path;
        int *places; /* of the mentions of the trace at hand, where cells are no timestamps */
        struct fr_sums sums;
    } parts[FR_REPS_PARTS];
};

static void unpack_unit(const struct fr_study *s, const struct fr_text *bytes, struct unit *u) {
    struct fr_unpack in = fr_unpack_begin(bytes);
    *u = (struct unit){.naming = (int)fr_unpack_int(&in), .n_parts = fr_reps_n_parts(s)};
    u->n_begun = (int)fr_unpack_int(&in);
    u->generation = (int)fr_unpack_int(&in);
    u->n_traces = (int)fr_unpack_int(&in);
    u->puzzles = fr_alloc((size_t)u->n_traces, sizeof *u->puzzles);
    u->held = fr_alloc((size_t)u->n_traces, sizeof *u->held);
    for (int i = 0; i < u->n_traces; i++) {
        u->puzzles[i] = fr_unpack_int(&in);
        u->held[i] = fr_unpack_int(&in);
    }
    for (int k = 0; k < u->n_parts; k++) {
        struct part *part = &u->parts[k];
        part->of = fr_reps_part(s, k);
        fr_world_grid_of(&s->world, part->of.set, &part->grid);
        part->wanted.n_traces = (int)fr_unpack_int(&in);
        (void)snprintf(part->wanted.identity, sizeof part->wanted.identity, "%s",
                       fr_unpack_text(&in));
        part->grid.made_from = part->made_from = fr_strdup(fr_unpack_text(&in));
        fr_reps_file(s, u->naming, part->of, NULL, &part->path);
    }
    if (fr_world_uses_traces(&s->world, FR_TRACES_MATCHED)) {
        const struct fr_config *c = &s->world.config;
        const int n = s->world.table.concepts.n * (c->grid_end / c->grid_step);
        u->limits = fr_alloc((size_t)n, sizeof *u->limits);
        for (int i = 0; i < n; i++)
            u->limits[i] = (uint64_t)fr_unpack_int(&in);
    }
    FR_ASSERT(!in.bad);
}

static void release_unit(struct unit *u) {
    for (int k = 0; k < u->n_parts; k++) {
        fr_sums_release(&u->parts[k].sums);
        fr_text_release(&u->parts[k].path);
        free(u->parts[k].made_from);
        free(u->parts[k].grid.times);
        free(u->parts[k].places);
    }
    free(u->puzzles);
    free(u->held);
    free(u->limits);
}

static int fetch(struct fr_feed *feed, int64_t puzzle, int naming, struct fr_trace *out,
                 struct fr_error *err) {
    struct fr_text request = {0}, reply = {0};
    fr_pack_int(&request, REQUEST_TRACE);
    fr_pack_int(&request, puzzle);
    fr_pack_int(&request, naming);
    const int code = fr_feed_fetch(feed, &request, &reply, err);
    if (code == FR_OK) {
        struct fr_unpack in = fr_unpack_begin(&reply);
        const bool good = fr_trace_unpack(&in, out);
        FR_ASSERT(good);
    }
    fr_text_release(&request);
    fr_text_release(&reply);
    return code;
}

static void ask_for_piece(struct fr_text *request, enum request kind, const struct unit *u,
                          int part, int generation, int64_t offset) {
    fr_text_clear(request);
    fr_pack_int(request, kind);
    fr_pack_int(request, u->naming);
    fr_pack_int(request, part);
    fr_pack_int(request, generation);
    fr_pack_int(request, offset);
}

static void find_path(const struct fr_study *s, const struct unit *u, int part, int generation,
                      struct fr_text *path) {
    fr_text_clear(path);
    fr_reps_begun_file(s, u->naming, u->parts[part].of, generation, NULL, path);
}

/* Sums that are gone on with come here. */
static int bring(const struct fr_study *s, struct fr_feed *feed, const struct unit *u,
                 struct fr_error *err) {
    struct fr_text request = {0}, reply = {0}, place = {0};
    int code = FR_OK;
    for (int k = 0; code == FR_OK && k < u->n_parts; k++) {
        FILE *file;
        find_path(s, u, k, u->generation, &place);
        const char *path = fr_text_get(&place);
        code = fr_file_create(&file, path, err);
        for (int64_t offset = 0; code == FR_OK && offset >= 0;) {
            size_t n = 0;
            ask_for_piece(&request, REQUEST_READ, u, k, u->generation, offset);
            code = fr_feed_fetch(feed, &request, &reply, err);
            struct fr_unpack in = fr_unpack_begin(&reply);
            const void *bytes = code == FR_OK ? fr_unpack_bytes(&in, &n) : NULL;
            if (n > 0 && fwrite(bytes, 1, n, file) != n)
                code = fr_file_fail(err, path, errno);
            offset = n > 0 ? offset + (int64_t)n : -1;
        }
        if (code == FR_OK)
            code = fr_file_commit(file, path, err);
        else if (file != NULL)
            fr_file_discard(file, path);
    }
    fr_text_release(&request);
    fr_text_release(&reply);
    fr_text_release(&place);
    return code;
}

/* A file goes to rank 0 and is no more here. */
static int send_away(struct fr_feed *feed, const struct unit *u, int part, int generation,
                     const char *path, struct fr_error *err) {
    struct fr_text request = {0}, piece = {0}, reply = {0};
    int code = FR_OK;
    for (int64_t offset = 0; code == FR_OK && offset >= 0;) {
        size_t n = 0;
        fr_text_clear(&piece);
        if ((code = read_piece(path, offset, &piece, err)) != FR_OK)
            break;
        struct fr_unpack in = fr_unpack_begin(&piece);
        const void *bytes = fr_unpack_bytes(&in, &n);
        ask_for_piece(&request, REQUEST_WRITE, u, part, generation, offset);
        fr_pack_bytes(&request, bytes, n);
        code = fr_feed_fetch(feed, &request, &reply, err);
        offset = n > 0 ? offset + (int64_t)n : -1;
    }
    (void)unlink(path);
    fr_text_release(&request);
    fr_text_release(&piece);
    fr_text_release(&reply);
    return code;
}

/* Sums that are begun are gone on with; those too large for memory are begun anew (sums.c). */
static int open_sums(const struct fr_study *s, const struct fr_model *model, struct unit *u,
                     bool *goes_on, struct fr_error *err) {
    const struct fr_world *w = &s->world;
    const size_t limit = fr_study_sums_bytes(s);
    const struct fr_model_info *info = fr_model_info(model);
    struct fr_text path = {0};
    int code = FR_OK;
    *goes_on = u->n_begun > 0;
    for (int k = 0; code == FR_OK && k < u->n_parts; k++) {
        struct part *part = &u->parts[k];
        code = fr_sums_open(&part->sums, part->of.site, w->table.concepts.n, info->n_layers,
                            part->grid.n_times, fr_sums_width(info, part->of.site), limit,
                            fr_text_get(&part->path), &part->grid, err);
        *goes_on = *goes_on && part->sums.sums != NULL;
    }
    for (int k = 0; code == FR_OK && *goes_on && k < u->n_parts; k++) {
        struct part *part = &u->parts[k];
        fr_sums_release(&part->sums);
        find_path(s, u, k, u->generation, &path);
        code = fr_sums_load(&part->sums, fr_text_get(&path), part->of.site, &part->grid, NULL, err);
    }
    fr_text_release(&path);
    for (int k = 0; code == FR_OK && k < u->n_parts; k++) {
        struct part *part = &u->parts[k];
        part->sums.other_span = part->grid.previous_token != w->config.previous_token;
        part->sums.limits = part->of.set == FR_TRACES_MATCHED ? u->limits : NULL;
    }
    return code;
}

/* The cells of the trace's mentions, where they are no timestamps. */
static void find_places(const struct context *c, const struct fr_forms *forms,
                        const struct fr_trace *trace, const struct fr_mentions *mentions, int rank,
                        struct part *part) {
    if (fr_trace_set_is_timed(part->of.set))
        return;
    part->places = fr_grow(part->places, (size_t)mentions->n + 1, sizeof *part->places);
    part->sums.places = part->places;
    if (fr_trace_set_grouped(part->of.set) < 0)
        fr_reps_find_phases(c->study, c->phases,
                            (enum fr_phase_rules)fr_trace_set_rules(part->of.set), forms, trace,
                            mentions, part->places);
    else
        fr_reps_find_groups(&c->study->world, rank, trace, mentions, part->places);
}

/* How many of the first n traces the part holds. */
static int rank_of(const struct unit *u, int k, int n) {
    int rank = 0;
    for (int i = 0; i < n; i++)
        rank += (int)(u->held[i] >> k & 1);
    return rank;
}

/* Writes the sums as they are, as all of the naming's or as those of n_traces of them, and says so
 * in *result. */
static int save(const struct context *c, struct fr_feed *feed, struct unit *u, int generation,
                int n_traces, struct fr_text *result, struct fr_error *err) {
    struct fr_text path = {0};
    int code = FR_OK;
    fr_text_clear(result);
    fr_pack_int(result, u->naming);
    fr_pack_int(result, generation);
    for (int k = 0; code == FR_OK && k < u->n_parts; k++) {
        struct part *part = &u->parts[k];
        char sha[FR_SHA256_TEXT] = "";
        find_path(c->study, u, k, generation, &path);
        code = fr_sums_save(&part->sums, fr_text_get(&path), &part->grid, err);
        if (code == FR_OK)
            code = fr_file_sha256(fr_text_get(&path), sha, err);
        if (code == FR_OK && fr_study_is_helper(c->study))
            code = send_away(feed, u, k, generation, fr_text_get(&path), err);
        fr_pack_int(result, generation != FINISHED          ? n_traces
                            : part->of.set == FR_TRACES_ALL ? u->n_traces
                                                            : part->wanted.n_traces);
        fr_pack_text(result, part->wanted.identity);
        fr_pack_text(result, sha);
    }
    fr_text_release(&path);
    return code;
}

/* Keeps the sums of the first n_traces, when it is time or the last moment for it. Those too large
 * for memory are not kept: the file that they are in is their only place. */
static int keep(const struct context *c, struct fr_feed *feed, struct unit *u, int n_traces,
                bool last, struct fr_error *err) {
    const double every = c->study->keep_seconds > 0                 ? c->study->keep_seconds
                         : KEEP_RATIO * u->keep_took > KEEP_SECONDS ? KEEP_RATIO * u->keep_took
                                                                    : KEEP_SECONDS;
    const double begun = fr_clock_seconds();
    struct fr_text result = {0};
    bool in_memory = true;
    for (int k = 0; k < u->n_parts; k++)
        in_memory = in_memory && u->parts[k].sums.sums != NULL;
    if (!in_memory || n_traces == u->n_traces || (!last && begun - u->kept < every))
        return FR_OK;
    const int generation = u->generation == 0 ? 1 : 0;
    int code = save(c, feed, u, generation, n_traces, &result, err);
    if (code == FR_OK)
        code = fr_feed_give(feed, &result, err);
    u->generation = generation;
    u->kept = fr_clock_seconds();
    u->keep_took = u->kept - begun;
    fr_text_release(&result);
    return code;
}

static int replay(const struct context *c, struct fr_model *model, struct fr_feed *feed,
                  struct unit *u, const struct fr_grid *grid, bool goes_on, struct fr_error *err) {
    const struct fr_world *w = &c->study->world;
    struct fr_forms forms = {0};
    struct fr_mentions mentions = {0};
    int code = FR_OK;
    fr_world_forms(w, u->naming, &forms);
    u->kept = fr_clock_seconds();
    for (int i = goes_on ? u->n_begun : 0; code == FR_OK && i < u->n_traces; i++) {
        struct fr_sums *targets[FR_REPS_PARTS];
        struct fr_trace trace;
        int n_targets = 0;
        if ((code = fetch(feed, u->puzzles[i], u->naming, &trace, err)) != FR_OK)
            break;
        const int n_tokens = find_mentions(&forms, &trace, &mentions);
        for (int k = 0; k < u->n_parts; k++)
            if ((u->held[i] >> k & 1) != 0) {
                u->parts[k].sums.trace_key = trace_key(w, u->naming, u->puzzles[i]);
                find_places(c, &forms, &trace, &mentions, rank_of(u, k, i), &u->parts[k]);
                targets[n_targets++] = &u->parts[k].sums;
            }
        code = fr_sums_collect(model, trace.ids, n_tokens, &mentions,
                               fr_world_origin(w, trace.n_prompt), grid, targets, n_targets, err);
        fr_trace_release(&trace);
        const bool stop = code == FR_OK && i + 1 < u->n_traces && fr_feed_tick(feed);
        if (code == FR_OK)
            code = keep(c, feed, u, i + 1, stop, err);
        if (code == FR_OK && stop)
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    fr_forms_release(&forms);
    fr_mentions_release(&mentions);
    return code;
}

static int execute_unit(const struct context *c, struct fr_model *model, struct fr_feed *feed,
                        struct unit *u, struct fr_text *result, struct fr_error *err) {
    struct fr_grid grid;
    bool goes_on;
    fr_world_grid(&c->study->world, &grid);
    int code =
        fr_study_is_helper(c->study) && u->n_begun > 0 ? bring(c->study, feed, u, err) : FR_OK;
    if (code == FR_OK)
        code = open_sums(c->study, model, u, &goes_on, err);
    if (code == FR_OK)
        code = replay(c, model, feed, u, &grid, goes_on, err);
    if (code == FR_OK)
        code = save(c, feed, u, FINISHED, u->n_traces, result, err);
    free(grid.times);
    return code;
}

static int execute(const void *context, struct fr_model *model, struct fr_feed *feed,
                   struct fr_error *err) {
    const struct context *c = context;
    struct fr_text bytes = {0}, result = {0};
    bool found = true;
    int code = FR_OK;
    while (code == FR_OK) {
        struct unit unit;
        code = fr_feed_take(feed, &bytes, &found, err);
        if (code != FR_OK || !found)
            break;
        unpack_unit(c->study, &bytes, &unit);
        code = execute_unit(c, model, feed, &unit, &result, err);
        if (code == FR_OK)
            code = fr_feed_give(feed, &result, err);
        if (code == FR_OK && fr_feed_tick(feed))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
        release_unit(&unit);
    }
    fr_text_release(&bytes);
    fr_text_release(&result);
    return code;
}

static int make_directory(const struct fr_study *s, struct fr_error *err) {
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/reps", fr_study_dir(s));
    const int code = fr_dir_make(fr_text_get(&path), err);
    fr_text_release(&path);
    return code;
}

/* The rules, where a set is by phase; *out NULL else. */
static int open_phases(const struct fr_study *s, struct fr_phases **out, struct fr_error *err) {
    *out = NULL;
    if (!fr_world_uses_traces(&s->world, FR_TRACES_PHASES_CUES))
        return FR_OK;
    return fr_phases_open(out, NULL, fr_phase_text_of((enum fr_prompt_style)s->world.config.style),
                          err);
}

int fr_stage_representations_assist(struct fr_study *s, struct fr_error *err) {
    struct fr_phases *phases;
    int code = open_phases(s, &phases, err);
    const struct context context = {s, phases};
    struct fr_work work = {.context = &context, .execute = execute};
    fr_ranks_borrow(s->ranks, &work);
    if (code == FR_OK)
        code = make_directory(s, err);
    if (code == FR_OK)
        code = fr_study_work(s, FR_USE_PREFILL, &work, err);
    fr_phases_close(phases);
    return code;
}

int fr_stage_representations(struct fr_study *s, struct fr_error *err) {
    struct lister lister = {.study = s};
    struct fr_phases *phases = NULL;
    bool found = false;
    const size_t n_files = (size_t)s->world.n_namings * FR_REPS_PARTS;
    lister.coming = fr_alloc(n_files, sizeof *lister.coming);
    int code = make_directory(s, err);
    if (code == FR_OK)
        code = list(&lister, err);
    if (code == FR_OK)
        code = find_unit(&lister, &lister.first, &found, err);
    if (code == FR_OK && found)
        code = open_phases(s, &phases, err);
    const struct context context = {s, phases};
    const struct fr_work work = {.user = &lister,
                                 .context = &context,
                                 .next = next_unit,
                                 .fetch = fetch_request,
                                 .commit = commit,
                                 .tick = tick,
                                 .execute = execute};
    if (code == FR_OK && found)
        code = fr_study_work(s, FR_USE_PREFILL, &work, err);
    /* left by one that was killed; of a rank that was lost they are gone on with */
    for (int i = 0; code == FR_OK && !s->lost && i < s->world.n_namings; i++)
        fr_reps_remove_kept(s, i, FINISHED);
    discard_coming(&lister);
    fr_phases_close(phases);
    fr_text_release(&lister.first);
    free(lister.namings);
    return code;
}
