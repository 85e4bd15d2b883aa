/* What shards made, in one study (fluidrep merge). Both databases are open in one connection, and
 * everything that comes from a directory is one transaction; files of sums are linked before it
 * ends, so that a killed merge leaves at most files that nobody knows. Nothing is believed to be
 * the same because its name is: configuration, model, conditions, namings and puzzles are compared,
 * and what both have is compared by its tokens or its SHA-256.
 *
 * Rejected: shards that write into one database, which no file system of a cluster locks well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "sources/endpoint.h"
#include "study/internal.h"

struct merge {
    struct fr_store *store; /* main and other */
    const char *dir;        /* of other */
    struct fr_merged *out;
    struct fr_error *err;
};

#define ONE_CONFIGURATION "shards of one study are run with one configuration and model"
#define OWN_DIRECTORY "merge into a directory of its own"

/* The first row's first column as text (NULL: not wanted); *found is false when there is none. */
static int ask(const struct merge *m, const char *sql, bool *found, struct fr_text *text) {
    struct fr_query *query;
    const int code = fr_query_open(&query, m->store, m->err, sql, "");
    if (code != FR_OK)
        return code;
    *found = fr_query_next(query);
    if (*found && text != NULL)
        fr_text_add(text, fr_query_text(query, 0));
    return fr_query_close(query, m->err);
}

static int count(const struct merge *m, const char *sql, long long *n) {
    int64_t value = 0;
    const int code = fr_store_find_int(m->store, m->err, &value, sql, "");
    *n = value;
    return code;
}

/* The columns of a table as they stand in ours, in the other's a migrated study may have them in
 * another order. prefix: before each. instead (may be NULL): what stands for the column `edit`. */
static int list_columns(const struct merge *m, const char *table, const char *prefix,
                        const char *instead, struct fr_text *out) {
    struct fr_query *query;
    const int code = fr_query_open(&query, m->store, m->err,
                                   "SELECT name FROM pragma_table_info(?, 'main')", "t", table);
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        const char *name = fr_query_text(query, 0);
        fr_text_add(out, out->len > 0 ? ", " : "");
        if (instead != NULL && strcmp(name, "edit") == 0)
            fr_text_add(out, instead);
        else
            fr_text_printf(out, "%s%s", prefix, name);
    }
    return fr_query_close(query, m->err);
}

/* Rows of other.TABLE (as o) that `where` lets through; *n (may be NULL) counts them. */
static int copy_rows(const struct merge *m, const char *table, const char *edit, const char *where,
                     long long *n) {
    struct fr_text to = {0}, from = {0}, sql = {0};
    int code = list_columns(m, table, "", NULL, &to);
    if (code == FR_OK)
        code = list_columns(m, table, "o.", edit, &from);
    fr_text_printf(&sql, "INSERT INTO main.%s (%s) SELECT %s FROM other.%s o %s", table,
                   fr_text_get(&to), fr_text_get(&from), table, where);
    if (code == FR_OK)
        code = fr_store_run(m->store, m->err, fr_text_get(&sql), "");
    if (code == FR_OK && n != NULL)
        code = count(m, "SELECT changes()", n);
    fr_text_release(&to);
    fr_text_release(&from);
    fr_text_release(&sql);
    return code;
}

/* ---- do they belong together? ---------------------------------------------------------------- */

void fr_study_first_difference(const char *a, const char *b, char *out, size_t n) {
    size_t n_line, n_other;
    *out = '\0';
    for (const char *at = a, *line; fr_line_next(&at, &line, &n_line);) {
        bool there = false;
        for (const char *from = b, *other; !there && fr_line_next(&from, &other, &n_other);)
            there = n_other == n_line && memcmp(other, line, n_line) == 0;
        if (!there) {
            (void)snprintf(out, n, "%.*s", (int)n_line, line);
            return;
        }
    }
}

static int compare_keys(const struct merge *m, const char *stage) {
    struct fr_query *query;
    struct fr_text what = {0};
    char theirs[120] = "", ours[120] = "";
    int code = fr_query_open(&query, m->store, m->err,
                             "SELECT o.keys, s.keys FROM other.stage o JOIN main.stage s USING"
                             " (name) WHERE name = ? AND o.keys <> s.keys",
                             "t", stage);
    if (code != FR_OK)
        return code;
    const bool found = fr_query_next(query);
    if (found) {
        fr_study_first_difference(fr_query_text(query, 0), fr_query_text(query, 1), theirs,
                                  sizeof theirs);
        fr_study_first_difference(fr_query_text(query, 1), fr_query_text(query, 0), ours,
                                  sizeof ours);
        fr_text_printf(&what, "the stage %s has %s there, and %s", stage,
                       *theirs != '\0' ? theirs : "less", *ours != '\0' ? ours : "less");
    }
    code = fr_query_close(query, m->err);
    if (code == FR_OK && found)
        code = fr_fail(m->err, FR_E_CONFLICT, "%s: %s in %s; " ONE_CONFIGURATION, m->dir,
                       fr_text_get(&what), fr_store_dir(m->store));
    fr_text_release(&what);
    return code;
}

/* What must not be: a query whose first column says what is other there than here, and what to do
 * then. */
struct clash {
    const char *sql, *hint;
};

/* Of inputs, which are the same in all shards. */
static const struct clash inputs[] = {
    {"SELECT 'another model' FROM other.meta o JOIN main.meta s USING (key) WHERE"
     " key = 'model_sha256' AND o.value <> s.value",
     ONE_CONFIGURATION},
    {"SELECT 'other experiments' FROM other.meta o JOIN main.meta s USING (key) WHERE"
     " key = 'conditions' AND o.value <> s.value",
     ONE_CONFIGURATION},
    {"SELECT 'other namings' FROM (SELECT id, position, role FROM other.naming EXCEPT"
     " SELECT id, position, role FROM main.naming)",
     ONE_CONFIGURATION},
    {"SELECT 'fewer namings' FROM (SELECT id FROM main.naming EXCEPT SELECT id FROM other.naming)",
     ONE_CONFIGURATION},
    {"SELECT 'other words of namings' FROM (SELECT naming, concept, position, word FROM"
     " other.naming_word EXCEPT SELECT naming, concept, position, word FROM main.naming_word)",
     ONE_CONFIGURATION},
    {"SELECT 'other puzzles' FROM (SELECT id, split, position, example, optimal_plan, pddl FROM"
     " other.puzzle EXCEPT SELECT id, split, position, example, optimal_plan, pddl FROM"
     " main.puzzle)",
     ONE_CONFIGURATION},
    {"SELECT 'fewer puzzles' FROM (SELECT id FROM main.puzzle EXCEPT SELECT id FROM other.puzzle)",
     ONE_CONFIGURATION},
};

/* Of work that both have. */
static const struct clash work[] = {
    {"SELECT 'the trace of puzzle ' || o.puzzle || ' in naming ' || o.naming ||"
     " ' has other tokens' FROM other.trace o JOIN main.trace t ON t.puzzle = o.puzzle AND"
     " t.naming = o.naming AND t.digest <> o.digest LIMIT 1",
     "machines or engines that compute otherwise cannot share a study's traces"},
    {"SELECT 'the trace of puzzle ' || o.puzzle || ' in naming ' || o.naming ||"
     " ' is judged otherwise (' || o.verdict || ' there and ' || t.verdict || ' here)' FROM"
     " other.trace o JOIN main.trace t ON t.puzzle = o.puzzle AND t.naming = o.naming AND"
     " t.verdict <> o.verdict LIMIT 1",
     "one of the two was changed, or made by another version of fluidrep"},
    {"SELECT 'reps/' || o.file || ' is of the same traces and holds other bytes' FROM other.sums o"
     " JOIN main.sums s ON s.file = o.file WHERE s.identity = o.identity AND s.sha256 <> o.sha256"
     " LIMIT 1",
     OWN_DIRECTORY},
    {"SELECT 'the steered run of puzzle ' || o.puzzle || ' in naming ' || o.naming || ' (' ||"
     " substr(e.definition, 1, 200) || ') has other vectors, tokens or verdict' FROM other.run o"
     " JOIN other.edit e ON e.id = o.edit JOIN main.edit f ON f.definition = e.definition"
     " JOIN main.run r ON r.puzzle = o.puzzle AND r.naming = o.naming AND r.edit = f.id WHERE"
     " r.vectors <> o.vectors OR r.n_edits <> o.n_edits OR r.ids <> o.ids OR"
     " r.verdict <> o.verdict LIMIT 1",
     OWN_DIRECTORY},
};

static int refuse_clashes(const struct merge *m, const struct clash *clashes, size_t n) {
    struct fr_text what = {0};
    bool found;
    int code = FR_OK;
    for (size_t i = 0; code == FR_OK && i < n; i++) {
        code = ask(m, clashes[i].sql, &found, &what);
        if (code == FR_OK && found)
            code = fr_fail(m->err, FR_E_CONFLICT, "%s: %s than in %s; %s", m->dir,
                           fr_text_get(&what), fr_store_dir(m->store), clashes[i].hint);
    }
    fr_text_release(&what);
    return code;
}

static int compare_inputs(const struct merge *m) {
    static const char *const stages[] = {"puzzles", "rollouts", "representations"};
    int code = FR_OK;
    for (size_t i = 0; code == FR_OK && i < sizeof stages / sizeof *stages; i++)
        code = compare_keys(m, stages[i]);
    return code == FR_OK ? refuse_clashes(m, inputs, sizeof inputs / sizeof *inputs) : code;
}

/* ---- what comes over ------------------------------------------------------------------------- */

/* An empty study becomes one of the same inputs; of stages only the puzzles are done. */
static int copy_inputs(const struct merge *m) {
    static const char *const tables[] = {"naming", "naming_word", "puzzle", "imported", "edit"};
    int code = fr_store_run(m->store, m->err, "DELETE FROM main.meta", "");
    if (code == FR_OK)
        /* the rules that verdicts are by may differ from shard to shard: they are judged again */
        code = copy_rows(m, "meta", NULL, "WHERE key NOT IN ('closed', 'verdicts_by')", NULL);
    for (size_t i = 0; code == FR_OK && i < sizeof tables / sizeof *tables; i++)
        code = copy_rows(m, tables[i], NULL, "", NULL);
    if (code == FR_OK) /* against refers to rows of the same table */
        code = copy_rows(m, "condition", NULL, "ORDER BY against IS NOT NULL, id", NULL);
    return code == FR_OK ? copy_rows(m, "stage", NULL, "WHERE name = 'puzzles'", NULL) : code;
}

/* The file, when it is the one that its study knows: linked, and put into our books. */
static int copy_file(const struct merge *m, const char *file, const struct fr_book_entry *entry) {
    struct fr_text from = {0}, to = {0};
    char sha[FR_SHA256_TEXT];
    struct stat st;
    int code = FR_OK;
    fr_text_printf(&from, "%s/reps/%s", m->dir, file);
    fr_text_printf(&to, "%s/reps/%s", fr_store_dir(m->store), file);
    const bool there = fr_file_exists(fr_text_get(&from));
    bool good = false;
    if (there)
        code = fr_book_holds(fr_text_get(&from), entry, false, sha, &good, m->err);
    if (code == FR_OK && !good)
        code =
            fr_fail(m->err, FR_E_CONFLICT, "%s: %s; run its shard again, which makes it again",
                    fr_text_get(&from), there ? "holds other bytes than were written" : "is gone");
    if (code == FR_OK)
        code = fr_reps_link(fr_text_get(&from), fr_text_get(&to), m->err);
    if (code == FR_OK && stat(fr_text_get(&to), &st) != 0)
        code = fr_fail(m->err, FR_E_IO, "%s: cannot be read", fr_text_get(&to));
    if (code == FR_OK)
        code = fr_store_run(m->store, m->err,
                            "INSERT OR REPLACE INTO main.sums SELECT file, naming, traces, site,"
                            " n_traces, identity, sha256, ?, ? FROM other.sums WHERE file = ?",
                            "iit", (int64_t)st.st_size, fr_book_modified(&st), file);
    fr_text_release(&from);
    fr_text_release(&to);
    return code;
}

/* Of a naming that has a file on both sides, the one of more traces; whether it is of those that
 * are there now, the stage finds out. */
static int copy_files(const struct merge *m) {
    struct fr_query *query;
    struct fr_text reps = {0};
    struct file {
        char *name;
        struct fr_book_entry entry;
    } *files = NULL;
    int n = 0, capacity = 0;
    fr_text_printf(&reps, "%s/reps", fr_store_dir(m->store));
    int code = fr_dir_make(fr_text_get(&reps), m->err);
    fr_text_release(&reps);
    if (code == FR_OK)
        code = fr_query_open(
            &query, m->store, m->err,
            "SELECT file, sha256, bytes, modified FROM other.sums o WHERE NOT"
            " EXISTS (SELECT 1 FROM main.sums s WHERE s.file = o.file AND"
            " s.bytes >= 0 AND (s.identity = o.identity OR s.n_traces >= o.n_traces))",
            "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        FR_RESERVE(files, n, capacity);
        files[n] = (struct file){.name = fr_strdup(fr_query_text(query, 0)),
                                 .entry = {.bytes = fr_query_int(query, 2),
                                           .modified = fr_query_int(query, 3)}};
        (void)snprintf(files[n].entry.sha256, FR_SHA256_TEXT, "%s", fr_query_text(query, 1));
        n++;
    }
    code = fr_query_close(query, m->err);
    for (int i = 0; i < n; i++) {
        if (code == FR_OK)
            code = copy_file(m, files[i].name, &files[i].entry);
        free(files[i].name);
    }
    free(files);
    m->out->files = n;
    return code;
}

/* The stage has rows of another process: whose, and how long they took; it is due again. */
static int add_stage(const struct merge *m, const char *stage) {
    struct fr_query *query;
    int code = fr_query_open(&query, m->store, m->err,
                             "SELECT keys, program, engine, machine, seconds FROM other.stage"
                             " WHERE name = ?",
                             "t", stage);
    if (code != FR_OK)
        return code;
    const bool found = fr_query_next(query);
    char *texts[4] = {NULL};
    for (int i = 0; found && i < 4; i++)
        texts[i] = fr_strdup(fr_query_text(query, i));
    const double seconds = found ? fr_query_double(query, 4) : 0;
    code = fr_query_close(query, m->err);
    if (code == FR_OK && found)
        code = fr_store_stage_begin(m->store, stage, texts[0],
                                    &(struct fr_provenance){texts[1], texts[2], texts[3]}, m->err);
    if (code == FR_OK && found)
        code = fr_store_stage_add_seconds(m->store, stage, seconds, m->err);
    for (int i = 0; i < 4; i++)
        free(texts[i]);
    return code;
}

static int copy_work(const struct merge *m) {
    struct fr_merged *out = m->out;
    long long traces = 0, files = 0, runs = 0;
    int code = count(m, "SELECT count(*) FROM other.trace", &traces);
    if (code == FR_OK)
        code = count(m, "SELECT count(*) FROM other.sums", &files);
    if (code == FR_OK)
        code = count(m, "SELECT count(*) FROM other.run", &runs);
    if (code == FR_OK)
        code = copy_rows(m, "imported_trace", NULL,
                         "WHERE NOT EXISTS (SELECT 1 FROM main.trace t WHERE t.puzzle = o.puzzle"
                         " AND t.naming = o.naming)",
                         NULL);
    /* what was begun there and is not here, and how much of a trace was prefilled */
    if (code == FR_OK)
        code = copy_rows(m, "continued", NULL,
                         "WHERE NOT EXISTS (SELECT 1 FROM main.trace t WHERE t.puzzle = o.puzzle"
                         " AND t.naming = o.naming) AND NOT EXISTS (SELECT 1 FROM main.continued c"
                         " WHERE c.puzzle = o.puzzle AND c.naming = o.naming)",
                         NULL);
    if (code == FR_OK)
        code = copy_rows(m, "trace", NULL,
                         "WHERE NOT EXISTS (SELECT 1 FROM main.trace t WHERE t.puzzle = o.puzzle"
                         " AND t.naming = o.naming) ORDER BY naming, puzzle",
                         &out->traces);
    if (code == FR_OK) /* begun here, finished there */
        code = fr_store_run(m->store, m->err,
                            "DELETE FROM main.continued WHERE ids IS NOT NULL AND (puzzle, naming)"
                            " IN (SELECT puzzle, naming FROM main.trace)",
                            "");
    if (code == FR_OK)
        code = copy_files(m);
    if (code == FR_OK)
        code = copy_rows(m, "run", "f.id",
                         "JOIN other.edit e ON e.id = o.edit JOIN main.edit f ON"
                         " f.definition = e.definition WHERE NOT EXISTS (SELECT 1 FROM main.run r"
                         " WHERE r.puzzle = o.puzzle AND r.naming = o.naming AND r.edit = f.id)",
                         &out->runs);
    out->traces_there = traces - out->traces;
    out->files_there = files - out->files;
    out->runs_there = runs - out->runs;
    return code;
}

/* Stages that have more rows now, in their order; what follows the first is due again. */
static int reopen(const struct merge *m) {
    const bool more[FR_N_STAGES] = {[FR_STAGE_ROLLOUTS] = m->out->traces > 0,
                                    [FR_STAGE_REPRESENTATIONS] = m->out->files > 0,
                                    [FR_STAGE_STEERING] = m->out->runs > 0};
    bool again = false;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < FR_N_STAGES; i++) {
        again |= more[i];
        if (more[i])
            code = add_stage(m, fr_stage_names[i]);
        else if (again)
            code = fr_store_stage_reopen(m->store, fr_stage_names[i], m->err);
    }
    return code;
}

static int merge(const struct merge *m) {
    bool ours = false, theirs = false, begun = false;
    int code = ask(m, "SELECT 1 FROM other.stage WHERE name = 'puzzles' AND done", &theirs, NULL);
    if (code == FR_OK)
        code = ask(m, "SELECT 1 FROM main.stage WHERE name = 'puzzles' AND done", &ours, NULL);
    if (code == FR_OK)
        code = ask(m, "SELECT 1 FROM main.puzzle UNION SELECT 1 FROM main.stage", &begun, NULL);
    if (code == FR_OK && (!theirs || (begun && !ours)))
        return fr_fail(m->err, FR_E_CONFLICT, "%s: has no puzzles yet; run it first",
                       theirs ? fr_store_dir(m->store) : m->dir);
    if (code == FR_OK)
        code = begun ? compare_inputs(m) : copy_inputs(m);
    if (code == FR_OK)
        code = refuse_clashes(m, work, sizeof work / sizeof *work);
    if (code == FR_OK)
        code = copy_work(m);
    return code == FR_OK ? reopen(m) : code;
}

static int merge_one(const struct merge *m) {
    *m->out = (struct fr_merged){0};
    int code = fr_store_attach(m->store, m->dir, m->err);
    if (code != FR_OK)
        return code;
    code = fr_store_begin(m->store, m->err);
    if (code == FR_OK)
        code = merge(m);
    if (code == FR_OK)
        code = count(m, "SELECT count(*) FROM main.trace", &m->out->traces_all);
    if (code == FR_OK)
        code = count(m,
                     "SELECT (SELECT count(*) FROM main.puzzle) *"
                     " (SELECT count(*) FROM main.naming)",
                     &m->out->traces_wanted);
    if (code == FR_OK) /* before the traces: none without its answer */
        code = fr_journal_merge(fr_store_dir(m->store), m->dir, &m->out->answers, m->err);
    code = fr_store_end(m->store, code, m->err);
    const int detached = fr_store_detach(m->store, code == FR_OK ? m->err : NULL);
    return code == FR_OK ? detached : code;
}

int fr_study_merge(const char *out_dir, const char *const *dirs, int n,
                   void (*told)(void *user, const char *dir, const struct fr_merged *merged),
                   void *user, struct fr_error *err) {
    struct fr_merged merged;
    struct merge m = {.out = &merged, .err = err};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < n; i++) { /* before anything is made */
        code = fr_store_open_readonly(&m.store, dirs[i], err);
        if (code == FR_OK)
            fr_store_close(m.store);
    }
    if (code == FR_OK)
        code = fr_store_open(&m.store, out_dir, err);
    if (code != FR_OK)
        return code;
    for (int i = 0; code == FR_OK && i < n; i++) {
        m.dir = dirs[i];
        code = merge_one(&m);
        if (code == FR_OK)
            told(user, dirs[i], &merged);
    }
    fr_store_close(m.store);
    return code;
}
