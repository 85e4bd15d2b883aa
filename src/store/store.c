/* The study database: opening and checking it, whose study it is, facts, stages, transactions.
 * One file per study: every row refers to the configuration and model bound in meta, so no row
 * carries its own. Write-ahead log with synchronous=NORMAL: a killed process loses only what was
 * not committed; power loss may also take the last commits, never the file's consistency.
 * Rejected: synchronous=FULL (a disk flush per stored trace to save, at worst, a few minutes of
 * work that run again gives the same bytes), and a directory of JSON files (no transaction). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/connection.h"
#include "store/schema.h"

enum {
    APPLICATION_ID = 0x464c5250, /* "FLRP", in the database's header */
    SEAL_READ_BYTES = 256 << 20, /* readers do not wait for more to be hashed */
    BUSY_MS = 10000              /* how long to wait for another reader's or shell's lock */
};

/* ---- opening --------------------------------------------------------------------------------- */

int fr_store_script(struct fr_store *store, const char *sql, struct fr_error *err) {
    errno = 0;
    const int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? FR_OK : fr_store_fail(store, err, rc, sql);
}

static int read_number(struct fr_store *store, const char *sql, int64_t *out,
                       struct fr_error *err) {
    sqlite3_stmt *handle = NULL;
    *out = 0;
    errno = 0;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &handle, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(handle);
    int code = FR_OK;
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int64(handle, 0);
    else
        code = fr_store_fail(store, err, rc, sql);
    (void)sqlite3_finalize(handle);
    return code;
}

static int connect(struct fr_store *store, const char *name, int flags, struct fr_error *err) {
    errno = 0;
    const int rc = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        return fr_store_fail(store, err, rc, NULL);
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    return fr_store_script(store, "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY", err);
}

static void disconnect(struct fr_store *store) {
    fr_statements_release(store);
    (void)sqlite3_close(store->db);
    store->db = NULL;
}

/* Is it ours, empty (*found is 0), or another's? Nothing is written before this is known. */
static int check_header(struct fr_store *store, int *found, struct fr_error *err) {
    int64_t application = 0, version = 0, n_tables = 0;
    *found = 0;
    int code = read_number(store, "PRAGMA application_id", &application, err);
    if (code == FR_OK)
        code = read_number(store, "PRAGMA user_version", &version, err);
    if (code == FR_OK)
        code = read_number(store, "SELECT count(*) FROM sqlite_schema", &n_tables, err);
    if (code != FR_OK)
        return code;
    if (application == 0 && version == 0 && n_tables == 0)
        return FR_OK;
    if (application != APPLICATION_ID)
        return fr_fail(err, FR_E_INPUT,
                       "%s: a database of another program; move the file away, or " FR_CHOOSE_OUT,
                       store->path);
    if (version > FR_SCHEMA_VERSION)
        return fr_fail(err, FR_E_CONFLICT,
                       "%s: written by a newer version of fluidrep (schema %lld, this one has %d); "
                       "use that version, or " FR_CHOOSE_OUT,
                       store->path, (long long)version, FR_SCHEMA_VERSION);
    if (version < 1)
        return fr_fail(
            err, FR_E_INPUT,
            "%s: is no study: schema version %lld; move the file away, or " FR_CHOOSE_OUT,
            store->path, (long long)version);
    *found = (int)version;
    return FR_OK;
}

static int create_schema(struct fr_store *store, struct fr_error *err) {
    struct fr_text header = {0};
    fr_text_printf(&header, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
                   FR_SCHEMA_VERSION);
    int code = fr_store_begin(store, err);
    if (code != FR_OK)
        goto out;
    for (int i = 0; code == FR_OK && i < FR_N_SCHEMA_SQL; i++)
        code = fr_store_script(store, fr_schema_sql[i], err);
    if (code == FR_OK)
        code = fr_store_script(store, fr_schema_indices, err);
    if (code == FR_OK)
        code = fr_store_script(store, fr_text_get(&header), err);
    code = fr_store_end(store, code, err);
out:
    fr_text_release(&header);
    return code;
}

static struct fr_store *new_store(const char *dir) {
    struct fr_store *store = fr_alloc(1, sizeof *store);
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/study.db", dir);
    store->dir = fr_strdup(dir);
    store->path = fr_text_take(&path);
    store->lock = -1;
    return store;
}

/* Of a database that a killed process left: are its pages what they should be? Rows are not read as
 * what they mean. */
static int check_structure(struct fr_store *store, struct fr_error *err) {
    struct fr_query *query;
    int code = fr_query_open(&query, store, err, "PRAGMA quick_check(1)", "");
    if (code != FR_OK)
        return code;
    if (fr_query_next(query) && strcmp(fr_query_text(query, 0), "ok") != 0)
        code = fr_fail(err, FR_E_IO,
                       "%s: damaged (%.160s); put a copy in its place, or " FR_CHOOSE_OUT
                       " and run again",
                       store->path, fr_query_text(query, 0));
    return fr_query_close_after(query, code, err);
}

/* A path as SQLite's own kind of address, for what only that can say. */
static void add_address(const char *path, struct fr_text *out) {
    fr_text_add(out, *path == '/' ? "file://" : "file:"); /* else "//x" would name a host */
    for (const char *p = path; *p != '\0'; p++) {
        if (fr_is_word_byte(*p) || strchr("/.-~", *p) != NULL)
            fr_text_append(out, p, 1);
        else
            fr_text_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
    }
}

static bool holds(const struct fr_store *store, const char *name) {
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/%s", store->dir, name);
    const bool there = fr_file_exists(fr_text_get(&path));
    fr_text_release(&path);
    return there;
}

/* Where there is no database: one that was closed and is gone, or what somebody else has there and
 * a study would write over. Other files bother nobody, and tensors are no one else's. */
static int check_directory(const struct fr_store *store, struct fr_error *err) {
    static const char *const names[] = {"report.html", "tables", "figures"};
    if (*store->dir == '\0')
        return fr_fail(err, FR_E_INPUT, "an empty name of a study's directory; give --out DIR");
    if (fr_file_exists(store->path))
        return FR_OK;
    if (holds(store, "study.db.sha256"))
        return fr_fail(err, FR_E_CONFLICT,
                       "%s: is gone, and its seal is there (study.db.sha256); put a copy in its "
                       "place, or remove the seal to begin anew",
                       store->path);
    for (size_t i = 0; i < sizeof names / sizeof *names && !holds(store, "reps"); i++)
        if (holds(store, names[i]))
            return fr_fail(err, FR_E_CONFLICT,
                           "%s: is not empty and holds no study, which would write over its %s; "
                           "choose an empty or new directory",
                           store->dir, names[i]);
    return FR_OK;
}

int fr_store_open(struct fr_store **out, const char *dir, struct fr_error *err) {
    *out = NULL;
    struct fr_store *store = new_store(dir);
    struct fr_text address = {0};
    int version = 0;
    bool sealed = false, taken = false;
    store->made_dir = !fr_file_exists(dir);
    int code = check_directory(store, err);
    if (code == FR_OK)
        code = fr_dir_make(dir, err);
    if (code == FR_OK)
        code = fr_lock_take(dir, &store->lock, err);
    store->is_new = code == FR_OK && !fr_file_exists(store->path);
    if (code == FR_OK)
        code = fr_seal_check(store, INT64_MAX, &sealed, err);
    add_address(store->path, &address);
    if (code == FR_OK)
        code = connect(store, fr_text_get(&address),
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, err);
    fr_text_release(&address);
    if (code == FR_OK)
        code = check_header(store, &version, err);
    if (code == FR_OK && version > 0 && !sealed)
        code = check_structure(store, err);
    if (code == FR_OK) {
        fr_seal_remove(store);
        taken = sealed;
    }
    if (code == FR_OK)
        code =
            fr_store_script(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", err);
    if (code == FR_OK && version == 0)
        code = create_schema(store, err);
    if (code == FR_OK && version > 0 && version < FR_SCHEMA_VERSION)
        code = fr_store_migrate(store, version, err);
    if (code == FR_OK) /* of a study of before there were any */
        code = fr_store_script(store, fr_schema_indices, err);
    if (code == FR_OK)
        code = fr_seal_begin(store, sealed, err);
    if (code != FR_OK) {
        disconnect(store);
        if (taken) /* nothing was changed: nobody is to think that the seal was taken away */
            fr_seal_write(store);
        fr_store_close(store);
        return code;
    }
    store->unsealed = true;
    *out = store;
    return FR_OK;
}

/* Reading a database with a write-ahead log makes a small file beside it. In a directory that
 * cannot be written, a database that was closed properly can still be read as immutable. */
static int connect_immutable(struct fr_store *store, struct fr_error *err) {
    struct fr_text name = {0};
    fr_text_printf(&name, "%s-wal", store->path);
    struct stat st;
    int code = FR_OK;
    if (stat(fr_text_get(&name), &st) == 0 && st.st_size > 0) {
        code = fr_fail(err, FR_E_IO,
                       "%s: was not closed properly, and its directory cannot be written; copy "
                       "the directory to where it can",
                       store->path);
        goto out;
    }
    fr_text_clear(&name);
    add_address(store->path, &name);
    fr_text_add(&name, "?immutable=1");
    disconnect(store);
    store->immutable = true;
    code = connect(store, fr_text_get(&name), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
out:
    fr_text_release(&name);
    return code;
}

int fr_store_open_readonly(struct fr_store **out, const char *dir, struct fr_error *err) {
    *out = NULL;
    struct fr_store *store = new_store(dir);
    int version = 0;
    bool sealed;
    int code = FR_OK;
    if (!fr_file_exists(store->path))
        code = fr_fail(err, FR_E_INPUT,
                       "%s: not found: no study there; `fluidrep run CONFIG --out %s` makes one",
                       store->path, dir);
    if (code == FR_OK)
        code = fr_seal_check(store, SEAL_READ_BYTES, &sealed, err);
    if (code == FR_OK)
        code = connect(store, store->path, SQLITE_OPEN_READONLY, err);
    if (code == FR_OK) {
        code = check_header(store, &version, err);
        const int rc = sqlite3_errcode(store->db) & 0xff;
        if (code != FR_OK && (rc == SQLITE_CANTOPEN || rc == SQLITE_READONLY)) {
            code = connect_immutable(store, err);
            if (code == FR_OK)
                code = check_header(store, &version, err);
        }
    }
    if (code == FR_OK && version == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: holds no study yet; run one into this directory first",
                       store->path);
    if (code == FR_OK && version < FR_SCHEMA_VERSION)
        code =
            fr_fail(err, FR_E_CONFLICT,
                    "%s: written by an older version of fluidrep; `fluidrep run CONFIG --out %s` "
                    "brings it up to date, and loses nothing",
                    store->path, dir);
    if (code != FR_OK) {
        fr_store_close(store);
        return code;
    }
    *out = store;
    return FR_OK;
}

int fr_store_attach(struct fr_store *store, const char *dir, struct fr_error *err) {
    struct fr_store *other;
    struct fr_text address = {0};
    struct stat ours, theirs;
    FR_ASSERT(!store->in_transaction);
    int code = fr_store_open_readonly(&other, dir, err);
    if (code != FR_OK)
        return code;
    if (stat(store->path, &ours) == 0 && stat(other->path, &theirs) == 0 &&
        ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
        code = fr_fail(err, FR_E_INPUT, "%s: is %s itself", dir, store->dir);
    add_address(other->path, &address);
    fr_text_add(&address, other->immutable ? "?immutable=1" : "?mode=ro");
    fr_store_close(other);
    if (code == FR_OK)
        code = fr_store_run(store, err, "ATTACH ? AS other", "t", fr_text_get(&address));
    fr_text_release(&address);
    return code;
}

int fr_store_detach(struct fr_store *store, struct fr_error *err) {
    FR_ASSERT(!store->in_transaction);
    fr_statements_release(store); /* of tables that are gone */
    return fr_store_script(store, "DETACH other", err);
}

void fr_store_close(struct fr_store *store) {
    if (store == NULL)
        return;
    FR_ASSERT(store->n_open == 0); /* a query outlives its store */
    if (store->db != NULL) {
        fr_store_rollback(store);
        if (store->unsealed)
            fr_seal_expect(store);
        disconnect(store);
    }
    if (store->unsealed)
        fr_seal_write(store);
    fr_lock_release(store->lock);
    free(store->dir);
    free(store->path);
    free(store);
}

bool fr_store_is_new(const struct fr_store *store) { return store->is_new; }

void fr_store_discard(struct fr_store *store) {
    static const char *const files[] = {"study.db", "study.db-wal", "study.db-shm",
                                        "study.db.sha256", "lock"};
    FR_ASSERT(store->is_new && store->n_open == 0);
    struct fr_text path = {0};
    const bool made_dir = store->made_dir;
    char *dir = fr_strdup(store->dir);
    fr_store_rollback(store);
    disconnect(store);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) { /* while the lock is held */
        fr_text_clear(&path);
        fr_text_printf(&path, "%s/%s", dir, files[i]);
        (void)unlink(fr_text_get(&path));
    }
    store->unsealed = false;
    fr_store_close(store);
    if (made_dir)
        (void)rmdir(dir); /* what somebody else put there stays */
    free(dir);
    fr_text_release(&path);
}

const char *fr_store_dir(const struct fr_store *store) { return store->dir; }

/* ---- transactions ---------------------------------------------------------------------------- */

int fr_store_begin(struct fr_store *store, struct fr_error *err) {
    FR_ASSERT(!store->in_transaction);
    const int code = fr_store_run(store, err, "BEGIN IMMEDIATE", "");
    store->in_transaction = code == FR_OK;
    return code;
}

int fr_store_commit(struct fr_store *store, struct fr_error *err) {
    FR_ASSERT(store->in_transaction);
    const int code = fr_store_run(store, err, "COMMIT", "");
    if (code == FR_OK)
        store->in_transaction = false;
    else
        fr_store_rollback(store);
    return code;
}

void fr_store_rollback(struct fr_store *store) {
    /* SQLite has already rolled back after a full disk; a failure here leaves the same state. */
    if (store->in_transaction && !sqlite3_get_autocommit(store->db))
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->in_transaction = false;
}

int fr_store_end(struct fr_store *store, int code, struct fr_error *err) {
    if (code == FR_OK)
        return fr_store_commit(store, err);
    fr_store_rollback(store);
    return code;
}

/* ---- facts ----------------------------------------------------------------------------------- */

bool fr_store_get_meta(struct fr_store *store, const char *key, struct fr_text *out) {
    struct fr_query *query = NULL;
    struct fr_error err = {0};
    bool found = false;
    int code = fr_query_open(&query, store, &err, "SELECT value FROM meta WHERE key = ?", "t", key);
    if (code == FR_OK && fr_query_next(query)) {
        size_t n = 0;
        const char *value = fr_query_blob(query, 0, &n);
        fr_text_append(out, value, n);
        found = true;
    }
    if (code == FR_OK)
        code = fr_query_close(query, &err);
    if (code != FR_OK)
        store->deferred = err;
    return found;
}

int fr_store_set_meta(struct fr_store *store, const char *key, const char *value,
                      struct fr_error *err) {
    return fr_store_run(store, err,
                        "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = "
                        "excluded.value",
                        "tt", key, value);
}

/* ---- stages ---------------------------------------------------------------------------------- */

bool fr_store_get_stage(struct fr_store *store, const char *stage, bool *done,
                        struct fr_text *keys) {
    struct fr_query *query = NULL;
    struct fr_error err = {0};
    bool found = false;
    int code = fr_query_open(&query, store, &err, "SELECT done, keys FROM stage WHERE name = ?",
                             "t", stage);
    *done = false;
    if (code == FR_OK && fr_query_next(query)) {
        found = true;
        *done = fr_query_int(query, 0) != 0;
        if (keys != NULL)
            fr_text_add(keys, fr_query_text(query, 1));
    }
    if (code == FR_OK)
        code = fr_query_close(query, &err);
    if (code != FR_OK)
        store->deferred = err;
    return found;
}

int fr_store_stage_begin(struct fr_store *store, const char *stage, const char *keys,
                         const struct fr_provenance *by, struct fr_error *err) {
    /* What was made by several versions, engines or machines says so, each once. */
#define BESIDE(x)                                                                                  \
    x " = iif(excluded." x " = '' OR instr('; ' || " x " || '; ', '; ' || excluded." x             \
      " || '; '), " x ", iif(" x " = '', '', " x " || '; ') || excluded." x ")"
    static const char sql[] =
        "INSERT INTO stage VALUES (?1, 0, 0, ?2, ?3, ?4, ?5, '') ON CONFLICT (name) DO UPDATE SET"
        " done = 0, keys = excluded.keys, " BESIDE("program") ", " BESIDE("engine") ", " BESIDE(
            "machine");
#undef BESIDE
    return fr_store_run(store, err, sql, "ttttt", stage, keys, by->program, by->engine,
                        by->machine);
}

int fr_store_stage_reopen(struct fr_store *store, const char *stage, struct fr_error *err) {
    return fr_store_run(store, err, "UPDATE stage SET done = 0 WHERE name = ?", "t", stage);
}

int fr_store_stage_add_seconds(struct fr_store *store, const char *stage, double seconds,
                               struct fr_error *err) {
    return fr_store_run(store, err, "UPDATE stage SET seconds = seconds + ?2 WHERE name = ?1", "td",
                        stage, seconds);
}

int fr_store_stage_finish(struct fr_store *store, const char *stage, struct fr_error *err) {
    return fr_store_run(store, err,
                        "UPDATE stage SET done = 1, finished = datetime('now') WHERE name = ?", "t",
                        stage);
}

/* ---- copies ---------------------------------------------------------------------------------- */

int fr_store_backup(struct fr_store *store, const char *dir, struct fr_error *err) {
    struct fr_text path = {0};
    sqlite3 *copy = NULL;
    fr_text_printf(&path, "%s/study.db", dir);
    errno = 0;
    int rc =
        sqlite3_open_v2(fr_text_get(&path), &copy,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, NULL);
    sqlite3_backup *backup =
        rc == SQLITE_OK ? sqlite3_backup_init(copy, "main", store->db, "main") : NULL;
    if (backup != NULL) {
        rc = sqlite3_backup_step(backup, -1);
        (void)sqlite3_backup_finish(backup);
    } else if (rc == SQLITE_OK) {
        rc = sqlite3_extended_errcode(copy);
    }
    const int system_error = errno;
    if (rc == SQLITE_DONE) /* it has no seal */
        rc = sqlite3_exec(copy, "DELETE FROM meta WHERE key = 'closed'", NULL, NULL, NULL) ==
                     SQLITE_OK
                 ? SQLITE_DONE
                 : sqlite3_extended_errcode(copy);
    (void)sqlite3_close(copy);
    int code = FR_OK;
    if (rc != SQLITE_DONE)
        code = system_error != 0 ? fr_file_fail(err, fr_text_get(&path), system_error)
                                 : fr_fail(err, FR_E_IO, "%s: cannot be written: %s",
                                           fr_text_get(&path), sqlite3_errstr(rc));
    fr_text_release(&path);
    return code;
}
