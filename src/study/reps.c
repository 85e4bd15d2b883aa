/* The files of reps/: whose they are. The store knows each by what it was made from (identity) and
 * by what it holds (SHA-256), so that no stale, foreign or damaged file is ever read as the
 * study's: it is made again. Source: ARCHITECTURE.md, "Never stale"; halves and same puzzles are
 * DEVIATIONS 69 and 76. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/rng.h"
#include "study/internal.h"

/* How many of the sets below `end` are kept. */
static int n_sets(const struct fr_study *s, int end) {
    int n = 0;
    for (int set = 0; set < end; set++)
        n += fr_world_uses_traces(&s->world, (enum fr_trace_set)set);
    return n;
}

/* Of heads and sources all traces alone: nothing is written into them, and nothing compared. */
static int n_of_site(const struct fr_study *s, int site) {
    return site == FR_SITE_BLOCK    ? n_sets(s, FR_TRACE_SET_COUNT)
           : site < FR_STREAM_SITES ? n_sets(s, FR_VECTOR_TRACES_COUNT)
                                    : 1;
}

int fr_reps_n_parts(const struct fr_study *s) {
    int n = 0;
    for (int k = 0; k < s->world.config.n_sites; k++)
        n += n_of_site(s, s->world.config.sites[k]);
    return n;
}

/* Of every two classes of puzzles one, by a coin of their own: no puzzle is in both halves under
 * other names of its objects, halves are equal in size where each class has one, and a puzzle's
 * half is the same in every naming and stays when puzzles are added. rank: of its class. */
static bool in_half_a(const struct fr_study *s, int rank) {
    const uint64_t coin = fr_mix64(fr_mix64((uint64_t)s->world.config.seed, fr_hash_text("halves")),
                                   (uint64_t)(rank / 2));
    return (coin & 1) == (uint64_t)(rank % 2);
}

bool fr_reps_holds(const struct fr_study *s, enum fr_trace_set set,
                   const struct fr_reps_traces *traces, int i, int rank) {
    const struct fr_reps_trace *trace = &traces->items[i];
    if (fr_trace_set_grouped(set) >= 0)
        set = (enum fr_trace_set)fr_trace_set_grouped(set);
    switch (set) {
    case FR_TRACES_SOLVED:
        return trace->solved && rank < s->world.config.solved_traces;
    case FR_TRACES_FAILED:
        return !trace->solved && rank < s->world.config.solved_traces;
    case FR_TRACES_HALF_A:
    case FR_TRACES_HALF_B:
        return in_half_a(s, trace->class_rank) == (set == FR_TRACES_HALF_A);
    case FR_TRACES_SAME_SOLVED:
    case FR_TRACES_SAME_FAILED:
        return trace->paired && trace->solved == (set == FR_TRACES_SAME_SOLVED);
    case FR_TRACES_PANEL:
        return trace->reach >= fr_world_panel_end(&s->world);
    default:
        return true;
    }
}

struct fr_reps_part fr_reps_part(const struct fr_study *s, int i) {
    const struct fr_config *c = &s->world.config;
    struct fr_reps_part part = {FR_TRACES_ALL, FR_SITE_BLOCK};
    int rank = i, end = n_sets(s, FR_TRACE_SET_COUNT);
    for (int k = 0; k < c->n_sites && rank >= end; k++)
        if (c->sites[k] != FR_SITE_BLOCK) {
            rank -= end;
            end = n_of_site(s, part.site = c->sites[k]);
        }
    for (int set = 0; set < FR_TRACE_SET_COUNT; set++)
        if (fr_world_uses_traces(&s->world, (enum fr_trace_set)set) && rank-- == 0)
            part.set = (enum fr_trace_set)set;
    return part;
}

void fr_reps_file(const struct fr_study *s, int naming, struct fr_reps_part part,
                  struct fr_text *name, struct fr_text *path) {
    struct fr_text file = {0};
    const bool block = part.site == FR_SITE_BLOCK;
    fr_text_printf(&file, "%s-%s%s%s.safetensors", s->world.namings[naming].naming->id,
                   fr_trace_set_name[part.set], block ? "" : "-",
                   block ? "" : fr_site_name[part.site]);
    if (name != NULL)
        fr_text_add(name, fr_text_get(&file));
    if (path != NULL)
        fr_text_printf(path, "%s/reps/%s", fr_study_dir(s), fr_text_get(&file));
    fr_text_release(&file);
}

int fr_reps_list(struct fr_study *s, int naming, struct fr_reps_traces *out, struct fr_error *err) {
    /* placed: the puzzles with their class, the place of its first puzzle, and its rank by that.
     * paired: of each class as many that solve it as that do not; which, begins with another naming
     * from class to class, so that none is passed over in all */
    static const char sql[] =
        "WITH classed AS (SELECT id, position, coalesce(class, id) AS class FROM puzzle LEFT JOIN"
        " puzzle_class ON puzzle = id WHERE split = 'collect'),"
        " first AS (SELECT id, position, class, min(position) OVER (PARTITION BY class) AS first"
        " FROM classed),"
        " placed AS (SELECT id, position, class, first, dense_rank() OVER (ORDER BY first) - 1 AS"
        " class_rank FROM first),"
        " one AS (SELECT t.puzzle, p.class, t.naming, t.verdict = 'solved' AS solved, row_number()"
        " OVER (PARTITION BY p.class, t.verdict = 'solved' ORDER BY (n.position + p.first) %"
        " (SELECT count(*) FROM naming), n.position, p.position) AS rank FROM trace t JOIN placed p"
        " ON p.id = t.puzzle JOIN naming n ON n.id = t.naming WHERE n.role = 'mystery' AND NOT"
        " n.excluded),"
        " least AS (SELECT class, min(sum(solved), sum(1 - solved)) AS n FROM one GROUP BY class),"
        " paired AS (SELECT puzzle FROM one JOIN least USING (class) WHERE naming = ?1 AND rank <="
        " n) SELECT t.puzzle, t.verdict = 'solved', t.digest, p.class_rank, t.n_prompt,"
        " t.n_reasoning, t.puzzle IN (SELECT puzzle FROM paired) FROM trace t JOIN placed p ON p.id"
        " = t.puzzle WHERE t.naming = ?1 ORDER BY p.position";
    struct fr_query *query;
    *out = (struct fr_reps_traces){0};
    int code = fr_query_open(&query, s->store, err, sql, "t", s->world.namings[naming].naming->id);
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        FR_RESERVE(out->items, out->n, out->capacity);
        struct fr_reps_trace *t = &out->items[out->n++];
        const int n_prompt = (int)fr_query_int(query, 4);
        *t = (struct fr_reps_trace){.puzzle = fr_query_int(query, 0),
                                    .solved = fr_query_int(query, 1) != 0,
                                    .class_rank = (int)fr_query_int(query, 3),
                                    .paired = fr_query_int(query, 6) != 0,
                                    .reach = n_prompt + (int)fr_query_int(query, 5) -
                                             fr_world_origin(&s->world, n_prompt)};
        (void)snprintf(t->digest, sizeof t->digest, "%s", fr_query_text(query, 2));
    }
    return fr_query_close(query, err);
}

void fr_reps_want(const struct fr_study *s, int naming, struct fr_reps_part part,
                  const struct fr_reps_traces *traces, int n_traces, struct fr_reps_wanted *out,
                  struct fr_text *made_from) {
    const struct fr_config *c = &s->world.config;
    const struct fr_concepts *concepts = &s->world.table.concepts;
    const bool previous = c->previous_token != (part.set == FR_TRACES_OTHER_SPAN);
    struct fr_text all = {0};
    *out = (struct fr_reps_wanted){0};
    /* what a mention is, and where: the configuration's keys but the timestamps, which the file
     * has itself and is held to */
    fr_text_printf(
        &all,
        "model %s\nset %s\nsite %s\nwindow %d\nprevious_token %d\ninflections %d\norigin %d\n"
        "style %d\nnaming %s\n",
        s->model_sha256, fr_trace_set_name[part.set], fr_site_name[part.site], c->window_tokens,
        previous, c->inflections, c->origin, c->style, s->world.namings[naming].naming->id);
    for (int a = 0; a < concepts->n; a++)
        fr_text_printf(&all, "%s\t%s\n", concepts->names[a],
                       s->world.namings[naming].naming->words[a]);
    if (part.site == FR_SITE_SOURCES)
        fr_text_printf(&all, "sources %d near %d\n", FR_ATTENDED_COUNT, FR_NEAR_TOKENS);
    if (part.set == FR_TRACES_MATCHED)
        fr_text_printf(&all, "mentions %d seed %d\n", c->matched_mentions, c->seed);
    if (fr_trace_set_rules(part.set) >= 0) {
        char sha[FR_SHA256_TEXT];
        fr_phases_table_sha256(sha);
        fr_text_printf(&all, "phases %s to the end of the reasoning\n", sha);
    }
    if (fr_trace_set_grouped(part.set) >= 0)
        fr_text_printf(&all, "groups %d at %d\n", FR_GROUPS, c->reference_timestamp);
    for (int i = 0; i < traces->n && i < n_traces; i++) {
        if (!fr_reps_holds(s, part.set, traces, i, out->n_traces))
            continue;
        fr_text_printf(&all, "%s\n", traces->items[i].digest);
        out->n_traces++;
    }
    fr_sha256(fr_text_get(&all), all.len, out->identity);
    if (made_from != NULL)
        fr_text_add(made_from, fr_text_get(&all));
    fr_text_release(&all);
}

static int look(const char *path, struct stat *st, struct fr_error *err) {
    return stat(path, st) == 0 ? FR_OK : fr_file_fail(err, path, errno);
}

int fr_reps_register(struct fr_study *s, int naming, struct fr_reps_part part, int n_traces,
                     const char *identity, const char *sha256, struct fr_error *err) {
    struct fr_text name = {0}, path = {0};
    struct stat st;
    fr_reps_file(s, naming, part, &name, &path);
    int code = look(fr_text_get(&path), &st, err);
    if (code == FR_OK)
        code = fr_store_run(s->store, err,
                            "INSERT OR REPLACE INTO sums VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "ttttittii", fr_text_get(&name), s->world.namings[naming].naming->id,
                            fr_trace_set_name[part.set], fr_site_name[part.site], (int64_t)n_traces,
                            identity, sha256, (int64_t)st.st_size, fr_book_modified(&st));
    fr_text_release(&name);
    fr_text_release(&path);
    return code;
}

int fr_reps_finish(struct fr_study *s, int naming, struct fr_reps_part part, int n_traces,
                   const char *identity, const char *sha256, struct fr_error *err) {
    struct fr_text name = {0};
    struct fr_book_entry before;
    fr_reps_file(s, naming, part, &name, NULL);
    int code = fr_book_find(s->store, fr_text_get(&name), false, &before, err);
    if (code == FR_OK && strcmp(before.sha256, sha256) != 0)
        code = fr_study_reopen(s, FR_STAGE_ANALYSES, err);
    fr_text_release(&name);
    return code == FR_OK ? fr_reps_register(s, naming, part, n_traces, identity, sha256, err)
                         : code;
}

int fr_reps_check(struct fr_study *s, int naming, struct fr_reps_part part, const char *identity,
                  bool whole, bool tell, bool *good, struct fr_error *err) {
    struct fr_text name = {0}, path = {0}, what = {0};
    struct fr_book_entry entry;
    struct stat st;
    char sha[FR_SHA256_TEXT] = "";
    *good = false;
    fr_reps_file(s, naming, part, &name, &path);
    int code = fr_book_find(s->store, fr_text_get(&name), false, &entry, err);
    const bool there = code == FR_OK && stat(fr_text_get(&path), &st) == 0;
    if (there && !S_ISREG(st.st_mode)) { /* reading one might never end */
        fr_text_printf(&what, "%s: is no file", fr_text_get(&path));
    } else if (code == FR_OK && there && entry.known && strcmp(entry.identity, identity) == 0) {
        code = fr_book_holds(fr_text_get(&path), &entry, whole, sha, good, err);
        if (code == FR_OK && !*good)
            fr_text_printf(&what,
                           "%s: holds other bytes than were written (SHA-256 %.12s, not %.12s)",
                           fr_text_get(&path), sha, entry.sha256);
    } else if (code == FR_OK && there && !entry.known) {
        fr_text_printf(&what, "%s: not a file of this study", fr_text_get(&path));
    } else if (code == FR_OK && !there && entry.known) {
        fr_text_printf(&what, "%s: is gone", fr_text_get(&path));
    }
    if (what.len > 0 && tell)
        fr_events_warn(&s->events.work, "%s; it is made again", fr_text_get(&what));
    fr_text_release(&name);
    fr_text_release(&path);
    fr_text_release(&what);
    return code;
}

/* The stage, which looks at size and time only, makes the file again. What it held stays in the
 * store's books: made from the same, it will hold that again, and nothing behind it is due. An
 * empty directory or a pipe in its place would keep it from doing so. */
static int distrust(struct fr_study *s, int naming, struct fr_reps_part part,
                    struct fr_error *err) {
    struct fr_text name = {0}, path = {0};
    struct stat st;
    fr_reps_file(s, naming, part, &name, &path);
    if (lstat(fr_text_get(&path), &st) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        (void)remove(fr_text_get(&path));
    const int code = fr_store_run(s->store, err, "UPDATE sums SET bytes = -1 WHERE file = ?", "t",
                                  fr_text_get(&name));
    fr_text_release(&name);
    fr_text_release(&path);
    return code;
}

int fr_study_check_reps(struct fr_study *s, bool whole, bool *out, struct fr_error *err) {
    bool all = true;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < s->world.n_namings; i++) {
        struct fr_reps_traces traces;
        if (s->world.namings[i].accuracy_only)
            continue;
        code = fr_reps_list(s, i, &traces, err);
        for (int k = 0; code == FR_OK && k < fr_reps_n_parts(s); k++) {
            const struct fr_reps_part part = fr_reps_part(s, k);
            struct fr_reps_wanted wanted;
            bool good;
            fr_reps_want(s, i, part, &traces, traces.n, &wanted, NULL);
            code = fr_reps_check(s, i, part, wanted.identity, whole, true, &good, err);
            if (code == FR_OK && !good)
                code = distrust(s, i, part, err);
            all = all && good;
        }
        free(traces.items);
    }
    if (code == FR_OK && !all)
        code = fr_store_stage_reopen(s->store, "representations", err);
    if (out != NULL)
        *out = all;
    return code;
}

int fr_study_load_reps(struct fr_study *s, struct fr_reps_part part, const struct fr_slice *slice,
                       struct fr_reps *out, struct fr_error *err) {
    const struct fr_world *w = &s->world;
    struct fr_grid grid;
    struct fr_text path = {0};
    int code = FR_OK;
    *out = (struct fr_reps){0};
    fr_world_grid_of(w, part.set, &grid);
    for (int i = 0; code == FR_OK && i < w->n_namings; i++) {
        struct fr_sums sums;
        if (w->namings[i].accuracy_only) /* all of its cells are missing */
            continue;
        fr_text_clear(&path);
        fr_reps_file(s, i, part, NULL, &path);
        if ((code = fr_sums_load(&sums, fr_text_get(&path), part.site, &grid, slice, err)) != FR_OK)
            break;
        if (out->h == NULL)
            fr_reps_init(out, &w->table.concepts, w->n_namings, sums.n_layers, sums.n_times,
                         sums.width);
        out->first_layer = slice != NULL ? slice->first_layer : 0;
        if (sums.n_layers != out->n_layers || sums.width != out->width ||
            sums.n_concepts != out->n_concepts)
            code =
                fr_fail(err, FR_E_INPUT,
                        "%s: its shape differs from the other namings'; delete reps/ and run again",
                        fr_text_get(&path));
        else
            fr_reps_set_naming(out, i, &sums, fr_world_min_mentions(w, part.set));
        fr_sums_release(&sums);
    }
    if (code != FR_OK)
        fr_reps_release(out);
    free(grid.times);
    fr_text_release(&path);
    return code;
}

/* ---- sums that are not finished -------------------------------------------------------------- */

enum { GENERATIONS = 2 };

void fr_reps_begun_file(const struct fr_study *s, int naming, struct fr_reps_part part,
                        int generation, struct fr_text *name, struct fr_text *path) {
    fr_reps_file(s, naming, part, name, path);
    for (int k = 0; generation >= 0 && k < 2; k++)
        if ((k == 0 ? name : path) != NULL)
            fr_text_printf(k == 0 ? name : path, ".begun%d", generation);
}

int fr_reps_keep(struct fr_study *s, int naming, struct fr_reps_part part, int generation,
                 int n_traces, const char *identity, const char *sha256, struct fr_error *err) {
    struct fr_text name = {0}, path = {0};
    struct stat st;
    fr_reps_begun_file(s, naming, part, generation, &name, &path);
    int code = look(fr_text_get(&path), &st, err);
    if (code == FR_OK)
        code = fr_store_run(s->store, err, "INSERT INTO sums_begun VALUES (?, ?, ?, ?, ?, ?, ?)",
                            "ttittii", fr_text_get(&name), s->world.namings[naming].naming->id,
                            (int64_t)n_traces, identity, sha256, (int64_t)st.st_size,
                            fr_book_modified(&st));
    fr_text_release(&name);
    fr_text_release(&path);
    return code;
}

/* Of one part: how many traces are in its file; 0 where it is not there, is another's or damaged.
 */
static int find_kept(struct fr_study *s, int naming, struct fr_reps_part part, int generation,
                     const struct fr_reps_traces *traces, int *n, struct fr_error *err) {
    struct fr_text name = {0}, path = {0};
    struct fr_reps_wanted wanted;
    struct fr_grid grid;
    struct fr_sums sums;
    struct fr_error other;
    struct fr_book_entry entry;
    char sha[FR_SHA256_TEXT];
    bool good = false;
    fr_reps_begun_file(s, naming, part, generation, &name, &path);
    int code = fr_book_find(s->store, fr_text_get(&name), true, &entry, err);
    *n = 0;
    if (code == FR_OK && entry.known && fr_file_exists(fr_text_get(&path))) {
        fr_reps_want(s, naming, part, traces, traces->n, &wanted, NULL);
        if (strcmp(wanted.identity, entry.identity) == 0)
            code = fr_book_holds(fr_text_get(&path), &entry, false, sha, &good, err);
    }
    if (code == FR_OK && good) { /* the timestamps are the file's */
        fr_world_grid_of(&s->world, part.set, &grid);
        if (fr_sums_load(&sums, fr_text_get(&path), part.site, &grid, &(struct fr_slice){0},
                         &other) == FR_OK)
            *n = entry.n_traces;
        fr_sums_release(&sums);
        free(grid.times);
    }
    fr_text_release(&name);
    fr_text_release(&path);
    return code;
}

int fr_reps_find_kept(struct fr_study *s, int naming, const struct fr_reps_traces *traces, int *n,
                      int *generation, struct fr_error *err) {
    int code = FR_OK;
    *n = 0;
    for (int g = 0; code == FR_OK && *n == 0 && g < GENERATIONS; g++) {
        *generation = g;
        for (int k = 0; code == FR_OK && k < fr_reps_n_parts(s); k++) {
            int of_part;
            code = find_kept(s, naming, fr_reps_part(s, k), g, traces, &of_part, err);
            if (k > 0 && of_part != *n)
                of_part = 0; /* files of different moments */
            *n = of_part;
            if (of_part == 0)
                break;
        }
    }
    return code;
}

int fr_reps_forget_kept(struct fr_study *s, int naming, struct fr_error *err) {
    return fr_store_run(s->store, err, "DELETE FROM sums_begun WHERE naming = ?", "t",
                        s->world.namings[naming].naming->id);
}

void fr_reps_remove_kept(const struct fr_study *s, int naming, int but) {
    for (int g = 0; g < GENERATIONS; g++)
        for (int k = 0; g != but && k < fr_reps_n_parts(s); k++) {
            struct fr_text path = {0};
            fr_reps_begun_file(s, naming, fr_reps_part(s, k), g, NULL, &path);
            if (fr_file_exists(fr_text_get(&path)))
                (void)unlink(fr_text_get(&path));
            fr_text_release(&path);
        }
}

/* ---- files by another name ------------------------------------------------------------------- */

static int copy_file(const char *from, const char *to, struct fr_error *err) {
    enum { PIECE = 1 << 20 };
    FILE *in = fopen(from, "rb"), *out = NULL;
    if (in == NULL)
        return fr_file_fail(err, from, errno);
    char *piece = fr_alloc(PIECE, 1);
    int code = fr_file_create(&out, to, err);
    size_t n;
    while (code == FR_OK && (n = fread(piece, 1, PIECE, in)) > 0)
        if (fwrite(piece, 1, n, out) != n)
            code = fr_file_fail(err, to, errno);
    if (code == FR_OK && ferror(in))
        code = fr_file_fail(err, from, EIO);
    if (code == FR_OK)
        code = fr_file_commit(out, to, err);
    else if (out != NULL)
        fr_file_discard(out, to);
    (void)fclose(in);
    free(piece);
    return code;
}

int fr_reps_link(const char *from, const char *to, struct fr_error *err) {
    struct fr_text name = {0};
    fr_text_printf(&name, "%s.part", to);
    (void)unlink(fr_text_get(&name)); /* that a killed run left */
    int code = FR_OK;
    if (link(from, fr_text_get(&name)) != 0)
        code = copy_file(from, to, err);
    else if (rename(fr_text_get(&name), to) != 0)
        code = fr_file_fail(err, to, errno);
    (void)unlink(fr_text_get(&name)); /* of a file that was this one, rename leaves it */
    fr_text_release(&name);
    return code;
}
