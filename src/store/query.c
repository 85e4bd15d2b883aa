/* Statements: any SQL, typed. Compiled once and kept by their text, so that a caller writes the
 * statement where it uses it and still pays for compiling it once.
 * Rejected: a function per statement (fifty of them, each used once), and values formatted into
 * the SQL text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "store/connection.h"

struct fr_query {
    struct fr_store *store;
    struct fr_statement *slot; /* NULL: not cached, finalised at close */
    sqlite3_stmt *handle;
    struct fr_error failure;
    bool done;
};

/* ---- the cache ------------------------------------------------------------------------------- */

/* Where a new statement may be kept: a free place, or the one longest unused; NULL: all busy. */
static struct fr_statement *find_place(struct fr_store *store) {
    if (store->n_cached < FR_CACHED_STATEMENTS)
        return &store->cache[store->n_cached++];
    struct fr_statement *oldest = NULL;
    for (int i = 0; i < store->n_cached; i++) {
        struct fr_statement *s = &store->cache[i];
        if (!s->busy && (oldest == NULL || s->used < oldest->used))
            oldest = s;
    }
    if (oldest != NULL) {
        (void)sqlite3_finalize(oldest->handle);
        free(oldest->sql);
        *oldest = (struct fr_statement){0};
    }
    return oldest;
}

static int acquire(struct fr_store *store, const char *sql, sqlite3_stmt **handle,
                   struct fr_statement **slot, struct fr_error *err) {
    *handle = NULL;
    *slot = NULL;
    const uint64_t hash = fr_hash_text(sql);
    bool known = false;
    for (int i = 0; i < store->n_cached; i++) {
        struct fr_statement *s = &store->cache[i];
        if (s->sql == NULL || s->hash != hash || strcmp(s->sql, sql) != 0)
            continue;
        known = true;
        if (!s->busy) {
            s->busy = true;
            s->used = ++store->clock;
            *handle = s->handle;
            *slot = s;
            return FR_OK;
        }
    }
    const char *rest = "";
    errno = 0;
    const int rc = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, handle, &rest);
    if (rc != SQLITE_OK)
        return fr_store_fail(store, err, rc, sql);
    FR_ASSERT(*handle != NULL && *rest == '\0'); /* exactly one statement */
    struct fr_statement *place = known ? NULL : find_place(store);
    if (place != NULL) {
        *place = (struct fr_statement){.handle = *handle,
                                       .sql = fr_strdup(sql),
                                       .hash = hash,
                                       .used = ++store->clock,
                                       .busy = true};
        *slot = place;
    }
    return FR_OK;
}

static void release(sqlite3_stmt *handle, struct fr_statement *slot) {
    if (slot == NULL) {
        (void)sqlite3_finalize(handle);
        return;
    }
    (void)sqlite3_reset(handle); /* its code repeats the failure already reported */
    (void)sqlite3_clear_bindings(handle);
    slot->busy = false;
}

void fr_statements_release(struct fr_store *store) {
    for (int i = 0; i < store->n_cached; i++) {
        (void)sqlite3_finalize(store->cache[i].handle);
        free(store->cache[i].sql);
    }
    store->n_cached = 0;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Other programs read the database too: a TEXT value is always UTF-8. Text that is not (a reason
 * that quotes half a letter) gets U+FFFD for each broken byte. */
static int bind_text(sqlite3_stmt *handle, int i, const char *text) {
    if (text == NULL)
        return sqlite3_bind_null(handle, i);
    uint32_t point;
    const char *good = text;
    for (int k; (k = fr_utf8_decode(good, &point)) > 0;)
        good += k;
    if (*good == '\0')
        return sqlite3_bind_text64(handle, i, text, (size_t)(good - text), SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    struct fr_text repaired = {0};
    while (*text != '\0') {
        const int k = fr_utf8_decode(text, &point);
        if (k > 0)
            fr_text_append(&repaired, text, (size_t)k);
        else
            fr_text_add(&repaired, "\xef\xbf\xbd");
        text += k > 0 ? k : 1;
    }
    const int rc = sqlite3_bind_text64(handle, i, fr_text_get(&repaired), repaired.len,
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
    fr_text_release(&repaired);
    return rc;
}

static int bind_all(struct fr_store *store, sqlite3_stmt *handle, const char *sql,
                    const char *types, va_list args, struct fr_error *err) {
    FR_ASSERT(sqlite3_bind_parameter_count(handle) == (int)strlen(types));
    int rc = SQLITE_OK;
    for (int i = 1; rc == SQLITE_OK && types[i - 1] != '\0'; i++) {
        switch (types[i - 1]) {
        case 'i':
            rc = sqlite3_bind_int64(handle, i, va_arg(args, int64_t));
            break;
        case 'd':
            rc = sqlite3_bind_double(handle, i, va_arg(args, double)); /* NaN becomes NULL */
            break;
        case 't':
            rc = bind_text(handle, i, va_arg(args, const char *));
            break;
        case 'b': {
            const void *bytes = va_arg(args, const void *);
            const size_t n = va_arg(args, size_t);
            rc = sqlite3_bind_blob64(handle, i, n > 0 ? bytes : "", n, SQLITE_TRANSIENT);
            break;
        }
        default:
            fr_bug(__FILE__, __LINE__, "unknown type letter of a statement's parameter");
        }
    }
    return rc == SQLITE_OK ? FR_OK : fr_store_fail(store, err, rc, sql);
}

/* A failure that an unchecked call met, or a transaction that SQLite itself rolled back (it does
 * on a full disk): going on would write outside the transaction. */
static int check_usable(struct fr_store *store, struct fr_error *err) {
    if (store->deferred.code != FR_OK)
        return fr_fail(err, store->deferred.code, "%s", store->deferred.text);
    if (store->in_transaction && sqlite3_get_autocommit(store->db))
        return fr_fail(err, FR_E_IO, "%s: the transaction was undone after an earlier failure",
                       store->path);
    return FR_OK;
}

/* A statement with its values; release() gives it back. */
static int prepare(struct fr_store *store, const char *sql, const char *types, va_list args,
                   sqlite3_stmt **handle, struct fr_statement **slot, struct fr_error *err) {
    int code = check_usable(store, err);
    if (code == FR_OK)
        code = acquire(store, sql, handle, slot, err);
    if (code != FR_OK)
        return code;
    code = bind_all(store, *handle, sql, types, args, err);
    if (code != FR_OK)
        release(*handle, *slot);
    return code;
}

int fr_store_run(struct fr_store *store, struct fr_error *err, const char *sql, const char *types,
                 ...) {
    sqlite3_stmt *handle;
    struct fr_statement *slot;
    va_list args;
    va_start(args, types);
    int code = prepare(store, sql, types, args, &handle, &slot, err);
    va_end(args);
    if (code != FR_OK)
        return code;
    int rc;
    errno = 0;
    while ((rc = sqlite3_step(handle)) == SQLITE_ROW)
        ;
    if (rc != SQLITE_DONE)
        code = fr_store_fail(store, err, rc, sql);
    release(handle, slot);
    return code;
}

/* ---- queries --------------------------------------------------------------------------------- */

static int open_query(struct fr_query **out, struct fr_store *store, const char *sql,
                      const char *types, va_list args, struct fr_error *err) {
    sqlite3_stmt *handle;
    struct fr_statement *slot;
    *out = NULL;
    const int code = prepare(store, sql, types, args, &handle, &slot, err);
    if (code != FR_OK)
        return code;
    struct fr_query *query = fr_alloc(1, sizeof *query);
    *query = (struct fr_query){.store = store, .slot = slot, .handle = handle};
    store->n_open++;
    *out = query;
    return FR_OK;
}

int fr_query_open(struct fr_query **out, struct fr_store *store, struct fr_error *err,
                  const char *sql, const char *types, ...) {
    va_list args;
    va_start(args, types);
    const int code = open_query(out, store, sql, types, args, err);
    va_end(args);
    return code;
}

bool fr_query_next(struct fr_query *query) {
    if (query->done)
        return false;
    errno = 0;
    const int rc = sqlite3_step(query->handle);
    if (rc == SQLITE_ROW)
        return true;
    query->done = true;
    if (rc != SQLITE_DONE)
        (void)fr_store_fail(query->store, &query->failure, rc, sqlite3_sql(query->handle));
    return false;
}

int fr_query_close(struct fr_query *query, struct fr_error *err) {
    if (query == NULL)
        return FR_OK;
    int code = query->failure.code;
    if (code != FR_OK)
        code = fr_fail(err, code, "%s", query->failure.text);
    release(query->handle, query->slot);
    query->store->n_open--;
    free(query);
    return code;
}

int fr_query_close_after(struct fr_query *query, int code, struct fr_error *err) {
    const int closed = fr_query_close(query, code == FR_OK ? err : NULL);
    return code == FR_OK ? closed : code;
}

static void check_column(const struct fr_query *query, int column) {
    FR_ASSERT(!query->done && column >= 0 && column < sqlite3_data_count(query->handle));
}

int64_t fr_query_int(struct fr_query *query, int column) {
    check_column(query, column);
    return sqlite3_column_int64(query->handle, column);
}

double fr_query_double(struct fr_query *query, int column) {
    check_column(query, column);
    if (sqlite3_column_type(query->handle, column) == SQLITE_NULL)
        return __builtin_nan("");
    return sqlite3_column_double(query->handle, column);
}

const char *fr_query_text(struct fr_query *query, int column) {
    check_column(query, column);
    const unsigned char *text = sqlite3_column_text(query->handle, column);
    return text != NULL ? (const char *)text : "";
}

const void *fr_query_blob(struct fr_query *query, int column, size_t *n) {
    check_column(query, column);
    const void *bytes = sqlite3_column_blob(query->handle, column); /* before its length */
    *n = (size_t)sqlite3_column_bytes(query->handle, column);
    return bytes != NULL ? bytes : "";
}

bool fr_query_is_null(struct fr_query *query, int column) {
    check_column(query, column);
    return sqlite3_column_type(query->handle, column) == SQLITE_NULL;
}

int fr_query_n_columns(struct fr_query *query) { return sqlite3_column_count(query->handle); }

const char *fr_query_column(struct fr_query *query, int column) {
    FR_ASSERT(column >= 0 && column < sqlite3_column_count(query->handle));
    const char *name = sqlite3_column_name(query->handle, column);
    return name != NULL ? name : "";
}

/* ---- one value ------------------------------------------------------------------------------- */

int fr_store_find_int(struct fr_store *store, struct fr_error *err, int64_t *out, const char *sql,
                      const char *types, ...) {
    struct fr_query *query;
    va_list args;
    va_start(args, types);
    const int code = open_query(&query, store, sql, types, args, err);
    va_end(args);
    if (code != FR_OK)
        return code;
    if (fr_query_next(query))
        *out = fr_query_int(query, 0);
    return fr_query_close(query, err);
}

int fr_store_find_double(struct fr_store *store, struct fr_error *err, double *out, const char *sql,
                         const char *types, ...) {
    struct fr_query *query;
    va_list args;
    va_start(args, types);
    const int code = open_query(&query, store, sql, types, args, err);
    va_end(args);
    if (code != FR_OK)
        return code;
    if (fr_query_next(query))
        *out = fr_query_double(query, 0);
    return fr_query_close(query, err);
}
