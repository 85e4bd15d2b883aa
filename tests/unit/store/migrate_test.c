/* A study of schema version 1, made by the last program of that version (tests/golden/store), is
 * brought to this version when it is opened: with all its rows, or not at all. */
#include "unit/store/store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "analyses/analysis.h"

static struct fr_error err;

/* ---- version 1, without our code ------------------------------------------------------------- */

static sqlite3 *connect(const char *path) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                     SQLITE_OK);
    return db;
}

static void execute(sqlite3 *db, const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s, in: %.100s", message, sql);
}

/* The one value of a query, as text; the caller frees it. */
static char *value_of(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        fail_msg("%s, in: %s", sqlite3_errmsg(db), sql);
    const unsigned char *text = sqlite3_column_text(statement, 0);
    char *value = fr_strdup(text != NULL ? (const char *)text : "");
    (void)sqlite3_finalize(statement);
    return value;
}

/* DIR/study.db as the fixture says, in the write-ahead mode that version 1 left; then more. */
static void write_version_1(const char *dir, const char *more) {
    struct fr_text sql = {0};
    assert_ok(fr_file_read(fr_test_path("tests/golden/store/study-v1.sql"), 1 << 20, &sql, &err),
              err);
    sqlite3 *db = connect(file_in(dir, "study.db"));
    execute(db, "PRAGMA journal_mode = WAL");
    execute(db, fr_text_get(&sql));
    execute(db, more);
    char *version = value_of(db, "PRAGMA user_version");
    assert_string_equal(version, "1");
    free(version);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    fr_text_release(&sql);
}

/* Everything that the tables of version 1 hold, in one number: count and contents. */
static char *fingerprint(sqlite3 *db) {
    return value_of(db,
                    "SELECT (SELECT group_concat(id || hex(ids) || hex(text) || verdict) FROM"
                    " trace) || (SELECT group_concat(trace || condition || layer || hex(ids))"
                    " FROM steered) || (SELECT count(*) FROM pca) || (SELECT group_concat(key ||"
                    " value) FROM meta) || (SELECT group_concat(name || done || seconds) FROM"
                    " stage) || (SELECT group_concat(pddl) FROM puzzle)");
}

/* A migrated study with the old one, untouched, attached as `old`. */
static struct fr_store *open_migrated(const char *dir, const char *old_dir) {
    struct fr_store *store = open_store(dir);
    assert_ok(fr_store_run(store, &err, "ATTACH ? AS old", "t", file_in(old_dir, "study.db")), err);
    return store;
}

static struct fr_store *migrated(const char **dir, const char **old_dir, const char *more) {
    *dir = make_directory();
    *old_dir = make_directory();
    write_version_1(*dir, more);
    write_version_1(*old_dir, more);
    return open_migrated(*dir, *old_dir);
}

static void clean_up(struct fr_store *store, const char *dir, const char *old_dir) {
    fr_store_close(store);
    remove_directory(dir);
    remove_directory(old_dir);
}

static int64_t ask(struct fr_store *store, const char *sql) {
    int64_t value = -1;
    assert_ok(fr_store_find_int(store, &err, &value, sql, ""), err);
    return value;
}

/* Both queries give the same rows, and some. */
static void assert_same_rows(struct fr_store *store, const char *one, const char *two) {
    struct fr_text sql = {0};
    fr_text_printf(&sql,
                   "WITH one AS (%s), two AS (%s) SELECT"
                   " (SELECT count(*) FROM (SELECT * FROM one EXCEPT SELECT * FROM two)) +"
                   " (SELECT count(*) FROM (SELECT * FROM two EXCEPT SELECT * FROM one)) +"
                   " abs((SELECT count(*) FROM one) - (SELECT count(*) FROM two))",
                   one, two);
    const int64_t different = ask(store, fr_text_get(&sql));
    if (different != 0)
        fail_msg("%d rows differ: %s, %s", (int)different, one, two);
    fr_text_clear(&sql);
    fr_text_printf(&sql, "SELECT count(*) FROM (%s)", one);
    assert_true(ask(store, fr_text_get(&sql)) > 0);
    fr_text_release(&sql);
}

/* ---- what is there --------------------------------------------------------------------------- */

static void every_row_of_the_model_s_work_is_there(void **state) {
    (void)state;
    const char *dir, *old_dir;
    struct fr_store *store = migrated(&dir, &old_dir, "");
    assert_int_equal(ask(store, "SELECT user_version FROM pragma_user_version"), 3);
    assert_same_rows(store, "SELECT * FROM main.naming", "SELECT * FROM old.naming");
    assert_same_rows(store, "SELECT * FROM main.naming_word", "SELECT * FROM old.naming_word");
    assert_same_rows(store, "SELECT * FROM main.imported", "SELECT * FROM old.imported");
    assert_same_rows(store,
                     "SELECT id, split, n_objects, optimal_length, optimal_plan, source, pddl FROM"
                     " main.puzzle",
                     "SELECT id, split, n_objects, optimal_length, optimal_plan, source, pddl FROM"
                     " old.puzzle");
#define COLUMNS                                                                                    \
    "puzzle, naming, n_tokens, n_prompt, n_reasoning, ids, starts, ends, text, verdict,"           \
    " step, reason"
    assert_same_rows(store, "SELECT " COLUMNS " FROM main.trace",
                     "SELECT " COLUMNS " FROM old.trace");
    assert_same_rows(store,
                     "SELECT puzzle, naming, whole_tokens, renamed, collisions, lost FROM"
                     " main.imported_trace",
                     "SELECT puzzle, naming, whole_tokens, renamed, collisions, lost FROM"
                     " old.imported_trace i JOIN old.trace t ON t.id = i.trace");
    /* which edit a run was is the study's to say: they wait beside */
    assert_same_rows(store,
                     "SELECT puzzle, naming, condition, layer, n_edits, n_generated, ids, verdict,"
                     " step, reason FROM main.steered_1",
                     "SELECT puzzle, naming, s.condition, s.layer, s.n_edits, s.n_generated, s.ids,"
                     " s.verdict, s.step, s.reason FROM old.steered s JOIN old.trace t ON t.id ="
                     " s.trace");
    assert_int_equal(count_rows(store, "trace"), 6);
    assert_int_equal(count_rows(store, "steered_1"), 10);
    assert_int_equal(count_rows(store, "run") + count_rows(store, "edit"), 0);
    clean_up(store, dir, old_dir);
}

static void puzzles_get_the_places_that_they_had(void **state) {
    (void)state;
    const char *dir, *old_dir;
    struct fr_store *store = migrated(&dir, &old_dir, "");
    static const char want[] = "SELECT 0, 'collect', 0 UNION SELECT 1, 'collect', 1 UNION SELECT 2,"
                               " 'collect', 2 UNION SELECT 3, 'evaluate', 0 UNION SELECT 4,"
                               " 'evaluate', 1";
    assert_same_rows(store, "SELECT id, split, position FROM main.puzzle", want);
    assert_int_equal(ask(store, "SELECT count(*) FROM puzzle WHERE example IS NOT NULL"), 0);
    clean_up(store, dir, old_dir);
    /* where prompts showed one: the next of those to collect from, or the one at the same place */
    store = migrated(&dir, &old_dir, "UPDATE puzzle SET optimal_plan = 'a plan' WHERE id = 0");
    assert_same_rows(store, "SELECT id, example FROM main.puzzle",
                     "SELECT 0, 1 UNION SELECT 1, 2 UNION SELECT 2, 0 UNION SELECT 3, 0 UNION"
                     " SELECT 4, 1");
    clean_up(store, dir, old_dir);
}

static void traces_are_read_and_their_digests_are_right(void **state) {
    (void)state;
    const char *dir, *old_dir;
    struct fr_store *store = migrated(&dir, &old_dir, "");
    struct fr_query *query;
    int n = 0;
    assert_ok(fr_query_open(&query, store, &err,
                            "SELECT n.puzzle, n.naming, n.digest, o.n_prompt, o.n_reasoning, o.ids"
                            " FROM main.trace n JOIN old.trace o USING (puzzle, naming)",
                            ""),
              err);
    for (; fr_query_next(query); n++) {
        struct fr_text all = {0};
        struct fr_trace trace, again;
        char sha[FR_SHA256_TEXT];
        size_t size;
        fr_text_printf(&all, "%d %d ", (int)fr_query_int(query, 3), (int)fr_query_int(query, 4));
        const char *ids = fr_query_blob(query, 5, &size);
        fr_text_append(&all, ids, size);
        fr_sha256(fr_text_get(&all), all.len, sha);
        assert_string_equal(fr_query_text(query, 2), sha);
        char *naming = fr_strdup(fr_query_text(query, 1));
        assert_ok(fr_store_get_trace(store, fr_query_int(query, 0), naming, &trace, &err), err);
        assert_int_equal(trace.n_tokens, size / sizeof(int32_t));
        assert_memory_equal(trace.ids, ids, size);
        /* and such a trace is stored as it is today */
        trace.puzzle = 2;
        assert_ok(fr_store_put_trace(store, &trace, &err), err);
        assert_ok(fr_store_get_trace(store, 2, naming, &again, &err), err);
        assert_memory_equal(again.ids, trace.ids, size);
        struct fr_text sql = {0};
        fr_text_printf(&sql, "SELECT count(*) FROM trace WHERE digest = '%s'", sha);
        assert_int_equal(ask(store, fr_text_get(&sql)), 2);
        assert_ok(fr_store_run(store, &err, "DELETE FROM trace WHERE puzzle = 2", ""), err);
        fr_text_release(&sql);
        fr_trace_release(&trace);
        fr_trace_release(&again);
        fr_text_release(&all);
        free(naming);
    }
    assert_ok(fr_query_close(query, &err), err);
    assert_int_equal(n, 6);
    clean_up(store, dir, old_dir);
}

static void stages_of_the_model_s_work_stay_done_and_results_are_due(void **state) {
    (void)state;
    const char *dir, *old_dir;
    struct fr_store *store = migrated(&dir, &old_dir, "");
    assert_same_rows(store, "SELECT name, seconds FROM main.stage",
                     "SELECT name, seconds FROM old.stage");
    assert_same_rows(store, "SELECT name FROM main.stage WHERE done",
                     "SELECT 'puzzles' UNION SELECT 'rollouts' UNION SELECT 'representations' UNION"
                     " SELECT 'steering'");
    assert_same_rows(store,
                     "SELECT DISTINCT program, engine, machine, finished, keys IS NULL FROM"
                     " main.stage",
                     "SELECT '0.1.0 (655460da3869)', 'llama.cpp 0.5.0-dev (CPU)', 'a machine', '',"
                     " 1");
    bool done;
    struct fr_text keys = {0};
    assert_true(fr_store_get_stage(store, "rollouts", &done, &keys));
    assert_true(done);
    assert_string_equal(fr_text_get(&keys), "");
    /* what they were made with is kept for the study to read */
    assert_same_rows(
        store,
        "SELECT key, value FROM main.meta WHERE key IN ('configuration_1',"
        " 'model_sha256_1', 'model_name')",
        "SELECT iif(key LIKE '%_name', key, key || '_1'), value FROM old.meta WHERE key"
        " IN ('configuration', 'model_sha256', 'model_name')");
    assert_int_equal(ask(store, "SELECT count(*) FROM main.meta WHERE key IN ('schema_sha256',"
                                " 'configuration', 'model_sha256', 'machine')"),
                     0);
    fr_text_release(&keys);
    clean_up(store, dir, old_dir);
}

/* ---- the schema ------------------------------------------------------------------------------ */

/* All that a schema says, but for how it is written. */
static void describe(struct fr_store *store, struct fr_text *out) {
    static const char *const sql[] = {
        "SELECT m.name, c.name, c.type, c.\"notnull\", coalesce(c.dflt_value, '-'), c.pk FROM"
        " main.sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name "
        "<>"
        " 'steered_1' ORDER BY m.name, c.cid",
        "SELECT m.name, f.\"table\", f.\"from\", coalesce(f.\"to\", '-'), '', '' FROM"
        " main.sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER"
        " BY m.name, f.\"from\", f.\"table\"",
        "SELECT m.name, i.\"unique\", i.origin, c.name, c.seqno, '' FROM main.sqlite_schema m JOIN"
        " pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c WHERE m.type = 'table' AND"
        " m.name <> 'steered_1' ORDER BY 1, 2, 3, 4, 5",
        "SELECT m.name, sql LIKE '%STRICT%', sql LIKE '%WITHOUT ROWID%', sql LIKE '%CHECK%', '', ''"
        " FROM main.sqlite_schema m WHERE m.type = 'table' AND m.name <> 'steered_1' ORDER BY"
        " m.name",
    };
    for (int i = 0; i < 4; i++) {
        struct fr_query *query;
        assert_ok(fr_query_open(&query, store, &err, sql[i], ""), err);
        while (fr_query_next(query))
            for (int c = 0; c < 6; c++)
                fr_text_printf(out, "%s%s", fr_query_text(query, c), c < 5 ? " " : "\n");
        assert_ok(fr_query_close(query, &err), err);
    }
}

static void a_migrated_schema_is_that_of_a_new_study(void **state) {
    (void)state;
    const char *dir, *old_dir, *new_dir = make_directory();
    struct fr_store *store = migrated(&dir, &old_dir, "");
    struct fr_text one = {0}, two = {0};
    describe(store, &one);
    clean_up(store, dir, old_dir);
    store = open_store(new_dir);
    describe(store, &two);
    fr_store_close(store);
    assert_true(two.len > 2000);
    assert_string_equal(fr_text_get(&one), fr_text_get(&two));
    fr_text_release(&one);
    fr_text_release(&two);
    remove_directory(new_dir);
}

static void foreign_keys_hold_and_are_enforced(void **state) {
    (void)state;
    const char *dir, *old_dir;
    struct fr_store *store = migrated(&dir, &old_dir, "");
    assert_int_equal(ask(store, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(ask(store, "SELECT foreign_keys FROM pragma_foreign_keys"), 1);
    assert_int_equal(ask(store, "SELECT count(*) FROM main.sqlite_schema WHERE sql LIKE '%trace_1%'"
                                " OR sql LIKE '%stage_1%'"),
                     0);
    static const char *const refused[] = {
        "DELETE FROM main.naming WHERE id = '1'",
        "DELETE FROM main.puzzle WHERE id = 0",
        "INSERT INTO main.run VALUES (0, 'nobody', 1, '', 0, 0, x'', 'solved', 0, '')",
        "INSERT INTO main.imported_trace VALUES (9, '1', 0, 0, 0, 0)",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_int_equal(fr_store_run(store, &err, refused[i], ""), FR_E_INPUT);
    struct fr_query *query;
    assert_ok(fr_query_open(&query, store, &err, "PRAGMA main.integrity_check", ""), err);
    assert_true(fr_query_next(query));
    assert_string_equal(fr_query_text(query, 0), "ok");
    assert_ok(fr_query_close(query, &err), err);
    /* a run of a trace that is there is stored */
    assert_ok(fr_store_run(store, &err,
                           "INSERT INTO main.edit (id, definition, operation, window_end)"
                           " VALUES (1, 'baseline', 'none', 180)",
                           ""),
              err);
    assert_ok(
        fr_store_run(store, &err,
                     "INSERT INTO main.run SELECT puzzle, naming, 1, '', n_edits, n_generated,"
                     " ids, verdict, step, reason FROM steered_1 WHERE condition = 'baseline'",
                     ""),
        err);
    assert_int_equal(count_rows(store, "main.run"), 2);
    clean_up(store, dir, old_dir);
}

static void old_result_tables_give_way_to_those_of_the_analyses(void **state) {
    (void)state;
    const char *dir, *old_dir;
    struct fr_store *store = migrated(&dir, &old_dir, "");
    unsigned remade = 0;
    assert_int_equal(ask(store, "SELECT count(*) FROM main.sqlite_schema WHERE name IN ('accuracy',"
                                " 'mention_count', 'similarity', 'separation', 'pca', 'headline',"
                                " 'steering', 'steering_naming', 'steered')"),
                     0);
    for (int i = 0; i < fr_n_analyses; i++) {
        assert_ok(fr_store_define_results(store, fr_analyses[i]->tables, fr_analyses[i]->n_tables,
                                          &remade, &err),
                  err);
        assert_int_not_equal(remade, 0);
    }
    clean_up(store, dir, old_dir);
}

static void a_migrated_study_is_opened_again_as_it_is(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store;
    struct fr_text one = {0}, two = {0};
    write_version_1(dir, "");
    fr_store_close(open_store(dir));
    assert_ok(fr_file_read(file_in(dir, "study.db"), 1 << 24, &one, &err), err);
    fr_store_close(open_store(dir));
    assert_ok(fr_store_open_readonly(&store, dir, &err), err);
    assert_int_equal(count_rows(store, "trace"), 6);
    fr_store_close(store);
    assert_ok(fr_file_read(file_in(dir, "study.db"), 1 << 24, &two, &err), err);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    fr_text_release(&one);
    fr_text_release(&two);
    remove_directory(dir);
}

/* ---- version 2 --------------------------------------------------------------------------------
 */

static void write_version_2(const char *dir) {
    struct fr_text sql = {0};
    assert_ok(fr_file_read(fr_test_path("tests/golden/store/study-v2.sql"), 1 << 20, &sql, &err),
              err);
    sqlite3 *db = connect(file_in(dir, "study.db"));
    execute(db, fr_text_get(&sql));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    fr_text_release(&sql);
}

/* What a version 2 edit did was done to all mentions of all concepts; now it says so. */
static void the_edits_of_version_2_were_of_everything(void **state) {
    (void)state;
    const char *dir = make_directory(), *old_dir = make_directory(), *new_dir = make_directory();
    struct fr_text one = {0}, two = {0};
    write_version_2(dir);
    write_version_2(old_dir);
    struct fr_store *store = open_migrated(dir, old_dir);
    assert_int_equal(ask(store, "SELECT user_version FROM pragma_user_version"), 3);
    assert_same_rows(store, "SELECT * FROM main.run", "SELECT * FROM old.run");
    assert_same_rows(store, "SELECT * FROM main.condition", "SELECT * FROM old.condition");
    assert_same_rows(store,
                     "SELECT id, definition, vectors, strength, layer_first, window_end, concepts,"
                     " mentions, first_mentions FROM main.edit",
                     "SELECT id, definition, vectors, strength, layer_first, window_end,"
                     " iif(vectors IS NULL, NULL, 'all'), iif(vectors IS NULL, NULL, 'all'),"
                     " iif(vectors IS NULL, NULL, 0) FROM old.edit");
    assert_int_equal(ask(store, "SELECT count(*) FROM main.edit WHERE vectors IS NULL"), 1);
    assert_int_equal(ask(store, "SELECT count(*) FROM main.run WHERE edit NOT IN (SELECT id FROM"
                                " main.edit)"),
                     0);
    describe(store, &one);
    clean_up(store, dir, old_dir);
    store = open_store(new_dir);
    describe(store, &two);
    fr_store_close(store);
    assert_string_equal(fr_text_get(&one), fr_text_get(&two));
    fr_text_release(&one);
    fr_text_release(&two);
    remove_directory(new_dir);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void a_reader_sends_an_old_study_to_a_run_and_leaves_it_as_it_is(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = NULL;
    write_version_1(dir, "");
    sqlite3 *db = connect(file_in(dir, "study.db"));
    char *before = fingerprint(db);
    assert_int_equal(fr_store_open_readonly(&store, dir, &err), FR_E_CONFLICT);
    assert_says(&err, FR_E_CONFLICT,
                "study.db: written by an older version of fluidrep; `fluidrep run CONFIG --out ");
    assert_says(&err, FR_E_CONFLICT, "brings it up to date, and loses nothing");
    assert_null(store);
    char *after = fingerprint(db);
    assert_string_equal(before, after);
    (void)sqlite3_close(db);
    free(before);
    free(after);
    remove_directory(dir);
}

static void assert_version_1_is_whole(const char *dir) {
    const char *other = make_directory();
    write_version_1(other, "");
    sqlite3 *db = connect(file_in(dir, "study.db")), *fresh = connect(file_in(other, "study.db"));
    char *found = fingerprint(db), *want = fingerprint(fresh),
         *version = value_of(db, "PRAGMA user_version"),
         *ok = value_of(db, "PRAGMA integrity_check");
    assert_string_equal(version, "1");
    assert_string_equal(found, want);
    assert_string_equal(ok, "ok");
    free(found);
    free(want);
    free(version);
    free(ok);
    (void)sqlite3_close(db);
    (void)sqlite3_close(fresh);
    remove_directory(other);
}

static void a_newer_study_is_refused_and_left_as_it_is(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = NULL;
    write_version_1(dir, "");
    sqlite3 *db = connect(file_in(dir, "study.db"));
    execute(db, "PRAGMA user_version = 4");
    assert_int_equal(fr_store_open(&store, dir, &err), FR_E_CONFLICT);
    assert_says(&err, FR_E_CONFLICT, "written by a newer version of fluidrep (schema 4, this one");
    assert_null(store);
    execute(db, "PRAGMA user_version = 1");
    (void)sqlite3_close(db);
    assert_version_1_is_whole(dir);
    remove_directory(dir);
}

static void rows_that_refer_to_nothing_stop_the_migration(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = NULL;
    write_version_1(dir, "INSERT INTO naming_word VALUES ('nobody', 'on', 8, 'predicate', 'x')");
    assert_int_equal(fr_store_open(&store, dir, &err), FR_E_INPUT);
    assert_says(&err, FR_E_INPUT, "version 1 of a study is brought to 3: ");
    assert_says(&err, FR_E_INPUT, "rows of table naming_word refer to rows that are not there");
    assert_null(store);
    sqlite3 *db = connect(file_in(dir, "study.db"));
    execute(db, "DELETE FROM naming_word WHERE naming = 'nobody'");
    (void)sqlite3_close(db);
    assert_version_1_is_whole(dir);
    fr_store_close(open_store(dir)); /* and once that is put right, it goes */
    remove_directory(dir);
}

static void a_study_of_version_2_gets_a_place_for_unfinished_traces(void **state) {
    (void)state;
    const char *dir = make_directory();
    struct fr_store *store = open_store(dir);
    add_inputs(store);
    fr_store_close(store);
    sqlite3 *db = connect(file_in(dir, "study.db"));
    execute(db, "DROP TABLE continued; PRAGMA user_version = 2");
    (void)sqlite3_close(db);
    assert_int_equal(unlink(file_in(dir, "study.db.sha256")), 0);
    store = open_store(dir);
    assert_int_equal(ask(store, "SELECT user_version FROM pragma_user_version"), 3);
    assert_ok(fr_store_run(store, &err, "INSERT INTO continued VALUES (1, 'm1', x'00', 0)", ""),
              err);
    assert_int_equal(count_rows(store, "puzzle"), 500);
    fr_store_close(store);
    remove_directory(dir);
}

/* ---- interrupted ----------------------------------------------------------------------------- */

static rlim_t set_limit(rlim_t bytes) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    return before;
}

static void write_seal(const char *dir) {
    struct fr_text line = {0};
    char sha256[FR_SHA256_TEXT];
    assert_ok(fr_file_sha256(file_in(dir, "study.db"), sha256, &err), err);
    fr_text_printf(&line, "%s  study.db\n", sha256);
    assert_ok(fr_file_write(file_in(dir, "study.db.sha256"), line.data, line.len, &err), err);
    fr_text_release(&line);
}

static void a_disk_that_fills_leaves_version_1(void **state) {
    (void)state;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    int n_failed = 0;
    for (rlim_t size = 64 << 10; size < 4 << 20; size += 96 << 10) {
        const char *dir = make_directory();
        struct fr_store *store = NULL;
        write_version_1(dir, "");
        write_seal(dir);
        const rlim_t before = set_limit(size);
        const int code = fr_store_open(&store, dir, &err);
        (void)set_limit(before);
        if (code == FR_OK) {
            assert_int_equal(count_rows(store, "steered_1"), 10);
            fr_store_close(store);
            remove_directory(dir);
            break;
        }
        assert_says(&err, FR_E_IO, "larger than a file may grow here");
        n_failed++;
        assert_true(fr_file_exists(file_in(dir, "study.db.sha256"))); /* nobody took it away */
        assert_version_1_is_whole(dir);
        (void)unlink(file_in(dir, "study.db.sha256")); /* the look at it wrote */
        store = open_store(dir);                       /* space has been made */
        assert_int_equal(count_rows(store, "trace"), 6);
        fr_store_close(store);
        remove_directory(dir);
    }
    assert_true(n_failed > 0);
    (void)signal(SIGXFSZ, handler);
}

/* A child opens the study and is killed: by the kernel at the write that passes `bytes` (0: none),
 * or after so many microseconds (0: not). Whether the study is still of version 1, and whole, or
 * already of this one. */
static bool is_version_1_after_death(rlim_t bytes, useconds_t microseconds) {
    const char *dir = make_directory();
    write_version_1(dir, "");
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct fr_store *store = NULL;
        const struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        if (bytes > 0) {
            struct rlimit limit = {bytes, bytes};
            (void)setrlimit(RLIMIT_FSIZE, &limit);
        }
        const int code = fr_store_open(&store, dir, &err);
        _exit(code == FR_OK ? 0 : 1); /* nothing is closed */
    }
    if (microseconds > 0) {
        (void)usleep(microseconds);
        assert_int_equal(kill(child, SIGKILL), 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        assert_int_equal(WTERMSIG(status), microseconds > 0 ? SIGKILL : SIGXFSZ);
    else
        assert_int_equal(WEXITSTATUS(status), 0);
    sqlite3 *db = connect(file_in(dir, "study.db"));
    char *version = value_of(db, "PRAGMA user_version");
    const bool first = strcmp(version, "1") == 0;
    assert_true(first || strcmp(version, "3") == 0);
    free(version);
    (void)sqlite3_close(db);
    assert_true(first || !WIFSIGNALED(status) || microseconds > 0);
    if (first)
        assert_version_1_is_whole(dir);
    struct fr_store *store = open_store(dir); /* and it goes on */
    assert_int_equal(count_rows(store, "trace"), 6);
    assert_int_equal(count_rows(store, "steered_1"), 10);
    assert_int_equal(ask(store, "SELECT count(*) FROM trace WHERE length(digest) <> 64"), 0);
    fr_store_close(store);
    remove_directory(dir);
    return first;
}

static void death_at_any_write_leaves_version_1(void **state) {
    (void)state;
    int n_first = 0;
    bool first = true;
    /* the log of what is written grows page by page: a little more each time */
    for (rlim_t bytes = 40 << 10; first && bytes < 8 << 20; bytes += 41 << 10) {
        first = is_version_1_after_death(bytes, 0);
        n_first += first;
    }
    assert_false(first); /* the last one came through */
    assert_true(n_first >= 3);
}

static void kill_9_at_any_moment_leaves_version_1_or_3(void **state) {
    (void)state;
    int n_first = 0, n_rounds = 0;
    for (useconds_t wait = 100; wait < 200000; wait += 1 + wait / 4, n_rounds++)
        n_first += is_version_1_after_death(0, wait);
    assert_in_range(n_first, 1, n_rounds);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_model_s_work_is_there),
        cmocka_unit_test(puzzles_get_the_places_that_they_had),
        cmocka_unit_test(traces_are_read_and_their_digests_are_right),
        cmocka_unit_test(stages_of_the_model_s_work_stay_done_and_results_are_due),
        cmocka_unit_test(a_migrated_schema_is_that_of_a_new_study),
        cmocka_unit_test(the_edits_of_version_2_were_of_everything),
        cmocka_unit_test(foreign_keys_hold_and_are_enforced),
        cmocka_unit_test(old_result_tables_give_way_to_those_of_the_analyses),
        cmocka_unit_test(a_migrated_study_is_opened_again_as_it_is),
        cmocka_unit_test(a_reader_sends_an_old_study_to_a_run_and_leaves_it_as_it_is),
        cmocka_unit_test(a_newer_study_is_refused_and_left_as_it_is),
        cmocka_unit_test(rows_that_refer_to_nothing_stop_the_migration),
        cmocka_unit_test(a_study_of_version_2_gets_a_place_for_unfinished_traces),
        cmocka_unit_test(a_disk_that_fills_leaves_version_1),
        cmocka_unit_test(death_at_any_write_leaves_version_1),
        cmocka_unit_test(kill_9_at_any_moment_leaves_version_1_or_3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
