/* The open database and what every file of store/ needs of it; private to store/. */
#ifndef FR_STORE_CONNECTION_H
#define FR_STORE_CONNECTION_H

#include <sqlite3.h>

#include "base/file.h"
#include "store/store.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "token ids and tensors are stored as they lie in memory: little-endian");

#define FR_CHOOSE_OUT "choose another --out"

enum { FR_CACHED_STATEMENTS = 64 };

struct fr_statement {
    sqlite3_stmt *handle;
    char *sql;
    uint64_t hash, used; /* used: the clock at the last use */
    bool busy;           /* between acquire and release */
};

struct fr_store {
    sqlite3 *db;
    char *dir, *path;      /* path: DIR/study.db */
    int lock;              /* file descriptor, or -1 when read-only */
    bool immutable;        /* read-only, and nobody writes it */
    bool is_new, made_dir; /* there was no database, no directory */
    bool unsealed;         /* the seal was taken away: put one there at the end */
    bool in_transaction;
    int n_open;               /* queries not yet closed */
    struct fr_error deferred; /* a failure inside a function that returns no code */
    struct fr_statement cache[FR_CACHED_STATEMENTS];
    int n_cached;
    uint64_t clock;
};

/* Turns an SQLite result code into one line with the file and a hint. sql: what was being run, or
 * NULL. Call it before the statement is reset, and set errno to 0 before what may fail: its cause
 * is read from there. Out of memory aborts, as everywhere. */
int fr_store_fail(struct fr_store *store, struct fr_error *err, int rc, const char *sql);

void fr_statements_release(struct fr_store *store);
/* Several statements, without parameters. */
FR_CHECKED int fr_store_script(struct fr_store *store, const char *sql, struct fr_error *err);
/* trace.digest. */
void fr_trace_digest(int n_prompt, int n_reasoning, const void *ids, size_t n_bytes,
                     char out[FR_SHA256_TEXT]);

/* seal.c. Does the database hold what its seal says? FR_E_IO when not. *sealed: there is one, and
 * the file has at most most_bytes. */
FR_CHECKED int fr_seal_check(struct fr_store *store, int64_t most_bytes, bool *sealed,
                             struct fr_error *err);
/* The database is open for writing, and its seal was there or not. One that should have been there
 * and was not: the stages that fill result tables are due again. */
FR_CHECKED int fr_seal_begin(struct fr_store *store, bool sealed, struct fr_error *err);
/* It is about to be closed and sealed. */
void fr_seal_expect(struct fr_store *store);
void fr_seal_remove(const struct fr_store *store);
void fr_seal_write(const struct fr_store *store); /* of the closed database */

/* Takes DIR/lock or fails with FR_E_CONFLICT; *fd is -1 on failure. */
FR_CHECKED int fr_lock_take(const char *dir, int *fd, struct fr_error *err);
void fr_lock_release(int fd);

#endif
