/* Databases of earlier versions, brought to this one step by step in one transaction: a process
 * that is killed leaves the old database. What a step cannot know (which condition of the
 * configuration a steered run belongs to) it keeps beside, in tables whose names end with the old
 * version, for the study to adopt (study/adopt.c). Rejected: reading old versions as they are,
 * which makes every query know every version. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/connection.h"
#include "store/schema.h"

/* 1 -> 2: experiments are data, a stage knows its keys, results belong to who computes them. */
static const char from_1[] =
    "ALTER TABLE puzzle ADD COLUMN position INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE puzzle ADD COLUMN example INTEGER;"
    "UPDATE puzzle SET position ="
    " (SELECT count(*) FROM puzzle p WHERE p.split = puzzle.split AND p.id < puzzle.id);"
    /* the example was the next puzzle to collect from, or the one at the same place */
    "UPDATE puzzle SET example = (position + (split = 'collect')) %"
    " (SELECT count(*) FROM puzzle c WHERE c.split = 'collect')"
    " WHERE EXISTS (SELECT 1 FROM puzzle p WHERE p.optimal_plan <> '');"
    "CREATE UNIQUE INDEX puzzle_place ON puzzle (split, position);"
    "ALTER TABLE trace RENAME TO trace_1;"
    "ALTER TABLE imported_trace RENAME TO imported_trace_1;"
    "ALTER TABLE stage RENAME TO stage_1;";

static const char from_1_rows[] =
    "INSERT INTO trace SELECT puzzle, naming, n_tokens, n_prompt, n_reasoning, ids, starts, ends,"
    " text, verdict, step, reason, '' FROM trace_1;"
    "INSERT INTO imported_trace SELECT t.puzzle, t.naming, i.whole_tokens, i.renamed,"
    " i.collisions, i.lost FROM imported_trace_1 i JOIN trace_1 t ON t.id = i.trace;"
    "CREATE TABLE steered_1 AS SELECT t.puzzle, t.naming, s.condition, s.layer, s.n_edits,"
    " s.n_generated, s.ids, s.verdict, s.step, s.reason FROM steered s JOIN trace_1 t ON"
    " t.id = s.trace;"
    /* results are computed anew */
    "INSERT INTO stage SELECT name, done AND name NOT IN ('analyses', 'statistics', 'report'),"
    " seconds, NULL, coalesce((SELECT value FROM meta WHERE key = 'program_version'), '') || ' (' "
    "||"
    " coalesce((SELECT value FROM meta WHERE key = 'program_revision'), '') || ')',"
    " coalesce((SELECT value FROM meta WHERE key = 'engine'), ''),"
    " coalesce((SELECT value FROM meta WHERE key = 'machine'), ''), '' FROM stage_1"
    " ORDER BY stage_1.rowid;"
    "UPDATE meta SET key = 'configuration_1' WHERE key = 'configuration';"
    "UPDATE meta SET key = 'model_sha256_1' WHERE key = 'model_sha256';"
    "DELETE FROM meta WHERE key IN ('schema_sha256', 'program_version', 'program_revision',"
    " 'machine', 'compiler', 'seed', 'study');"
    "DROP TABLE steered; DROP TABLE imported_trace_1; DROP TABLE trace_1; DROP TABLE stage_1;"
    "DROP TABLE accuracy; DROP TABLE mention_count; DROP TABLE similarity; DROP TABLE separation;"
    "DROP TABLE pca; DROP TABLE steering_naming; DROP TABLE steering; DROP TABLE headline;";

/* The tables that a step makes as they are now: of version 1 those that it had not, or had
 * otherwise. */
static const char *const made_anew[] = {"imported_trace", "trace", "sums",         "stage",
                                        "edit",           "run",   "result_table", "condition"};

static int create(struct fr_store *store, const char *const *names, size_t n,
                  struct fr_error *err) {
    int code = FR_OK;
    for (size_t i = 0; code == FR_OK && i < n; i++) {
        struct fr_text head = {0}, sql = {0};
        fr_text_printf(&head, "CREATE TABLE %s (", names[i]);
        for (int part = 0; part < FR_N_SCHEMA_SQL; part++) {
            const char *at = strstr(fr_schema_sql[part], fr_text_get(&head));
            if (at != NULL)
                fr_text_append(&sql, at, strcspn(at, ";"));
        }
        FR_ASSERT(sql.len > 0);
        code = fr_store_script(store, fr_text_get(&sql), err);
        fr_text_release(&head);
        fr_text_release(&sql);
    }
    return code;
}

/* Digests need SHA-256, which SQL has not. */
static int add_digests(struct fr_store *store, struct fr_error *err) {
    struct fr_query *query = NULL;
    int code = fr_query_open(&query, store, err,
                             "SELECT rowid, n_prompt, n_reasoning, ids FROM trace"
                             " WHERE digest = '' ORDER BY rowid",
                             "");
    while (code == FR_OK && fr_query_next(query)) {
        size_t n = 0;
        char digest[FR_SHA256_TEXT];
        const void *ids = fr_query_blob(query, 3, &n);
        fr_trace_digest((int)fr_query_int(query, 1), (int)fr_query_int(query, 2), ids, n, digest);
        code = fr_store_run(store, err, "UPDATE trace SET digest = ? WHERE rowid = ?", "ti", digest,
                            fr_query_int(query, 0));
    }
    return fr_query_close_after(query, code, err);
}

static int step_from_1(struct fr_store *store, struct fr_error *err) {
    int code = fr_store_script(store, from_1, err);
    if (code == FR_OK)
        code = create(store, made_anew, sizeof made_anew / sizeof *made_anew, err);
    if (code == FR_OK)
        code = fr_store_script(store, from_1_rows, err);
    return code == FR_OK ? add_digests(store, err) : code;
}

/* 2 -> 3: an edit says which concepts and which mentions it is of; until then, of all. A study that
 * comes from version 1 has the columns already. What was generated of a trace is kept when the
 * program stops. */
static int step_from_2(struct fr_store *store, struct fr_error *err) {
    static const char *const columns[][2] = {{"concepts", "TEXT"},
                                             {"mentions", "TEXT"},
                                             {"first_mentions", "INTEGER"}};
    int code = FR_OK;
    for (size_t i = 0; code == FR_OK && i < sizeof columns / sizeof *columns; i++) {
        int64_t there = 0;
        char sql[96];
        code = fr_store_find_int(store, err, &there,
                                 "SELECT 1 FROM pragma_table_info('edit') WHERE name = ?", "t",
                                 columns[i][0]);
        (void)snprintf(sql, sizeof sql, "ALTER TABLE edit ADD COLUMN %s %s", columns[i][0],
                       columns[i][1]);
        if (code == FR_OK && there == 0)
            code = fr_store_script(store, sql, err);
    }
    if (code == FR_OK)
        code = fr_store_script(store,
                               "UPDATE edit SET concepts = 'all', mentions = 'all',"
                               " first_mentions = 0 WHERE operation <> 'none' AND concepts IS"
                               " NULL",
                               err);
    return code == FR_OK ? create(store, (const char *const[]){"continued"}, 1, err) : code;
}

static int (*const steps[FR_SCHEMA_VERSION])(struct fr_store *, struct fr_error *) = {
    [1] = step_from_1,
    [2] = step_from_2,
};

/* Rows that point at nothing would be ours: the step above is wrong, and nothing is written. */
static int check_references(struct fr_store *store, struct fr_error *err) {
    struct fr_query *query;
    int code =
        fr_query_open(&query, store, err, "SELECT \"table\" FROM pragma_foreign_key_check", "");
    if (code != FR_OK)
        return code;
    if (fr_query_next(query))
        code = fr_fail(err, FR_E_INPUT, "%s: rows of table %s refer to rows that are not there",
                       store->path, fr_query_text(query, 0));
    return fr_query_close_after(query, code, err);
}

int fr_store_migrate(struct fr_store *store, int from, struct fr_error *err) {
    char version[64];
    (void)snprintf(version, sizeof version, "PRAGMA user_version = %d", FR_SCHEMA_VERSION);
    /* Tables are replaced while others refer to them; both pragmas do nothing in a transaction. */
    int code =
        fr_store_script(store, "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON", err);
    if (code == FR_OK)
        code = fr_store_begin(store, err);
    if (code != FR_OK)
        return code;
    for (int v = from; code == FR_OK && v < FR_SCHEMA_VERSION; v++)
        code = steps[v](store, err);
    if (code == FR_OK) /* in the same transaction: a study is of one version or of the other */
        code = fr_store_script(store, fr_schema_indices, err);
    if (code == FR_OK)
        code = check_references(store, err);
    if (code == FR_OK)
        code = fr_store_script(store, version, err);
    fr_statements_release(store); /* of tables that are others now */
    code = fr_store_end(store, code, err);
    const int rc =
        fr_store_script(store, "PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF",
                        code == FR_OK ? err : NULL);
    code = code == FR_OK ? rc : code;
    return code == FR_OK ? FR_OK
                         : fr_fail_in(err, "%s: version %d of a study is brought to %d",
                                      store->path, from, FR_SCHEMA_VERSION);
}
