/* store/: everything a study keeps. study.db (SQLite, WAL, foreign keys on) holds what a study is
 * made of, traces, runs and results; reps/ holds tensors as safetensors. The only room that knows
 * SQLite.
 *
 * What is written is kept once its transaction is committed (or its call returned, outside one):
 * kill -9 loses at most what was not committed, and a full disk the same. A power failure may also
 * lose the last commits, never more (WAL with synchronous=NORMAL); running again makes them anew.
 * A database that was closed is sealed (study.db.sha256): one whose bytes are others when it is
 * opened again is refused. The tables are documented in store/schema.c; result tables where they
 * are defined. A database of an earlier version is brought to this one when it is opened for
 * writing (migrate.c).
 *
 * Not to be used by two threads at once, nor carried over fork().
 *
 * Result tables hold no times and no paths, so that the same study gives the same bytes. */
#ifndef FR_STORE_STORE_H
#define FR_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pack.h"
#include "base/text.h"
#include "planning/planning.h"

struct fr_store;

/* Creates dir and the database when missing, checks the schema version, takes the directory's
 * lock (a second process gets FR_E_CONFLICT with the holder's pid). FR_E_CONFLICT, too, where there
 * is no database but what a study would write over. */
FR_CHECKED int fr_store_open(struct fr_store **out, const char *dir, struct fr_error *err);
/* For commands that only read: no lock, also while another process writes, also in a directory
 * that cannot be written. FR_E_INPUT when there is no study. */
FR_CHECKED int fr_store_open_readonly(struct fr_store **out, const char *dir, struct fr_error *err);
void fr_store_close(struct fr_store *store);
/* Was there no database when it was opened for writing? */
bool fr_store_is_new(const struct fr_store *store);
/* Closes one that is new and takes it away, with its directory where that was new and holds nothing
 * else. */
void fr_store_discard(struct fr_store *take_store);
const char *fr_store_dir(const struct fr_store *store);

/* Free-form facts (model name ...). */
FR_CHECKED int fr_store_set_meta(struct fr_store *store, const char *key, const char *value,
                                 struct fr_error *err);
/* Appends the value to *out; false when absent. A failure to read counts as absent here and is
 * returned by the next call that can fail; so for fr_store_get_stage. */
bool fr_store_get_meta(struct fr_store *store, const char *key, struct fr_text *out);

/* ---- stages ---------------------------------------------------------------------------------- */

struct fr_provenance {
    const char *program, *engine, *machine;
};
/* false: it never began. keys (may be NULL): what it was begun with, "" for a study of before
 * stages knew theirs. */
bool fr_store_get_stage(struct fr_store *store, const char *stage, bool *done,
                        struct fr_text *keys);
/* The stage begins, or goes on: not done, with these keys. What made it before is kept beside. */
FR_CHECKED int fr_store_stage_begin(struct fr_store *store, const char *stage, const char *keys,
                                    const struct fr_provenance *by, struct fr_error *err);
FR_CHECKED int fr_store_stage_reopen(struct fr_store *store, const char *stage,
                                     struct fr_error *err);
FR_CHECKED int fr_store_stage_add_seconds(struct fr_store *store, const char *stage, double seconds,
                                          struct fr_error *err);
/* In the transaction of the stage's rows, where it has one: both or none. */
FR_CHECKED int fr_store_stage_finish(struct fr_store *store, const char *stage,
                                     struct fr_error *err);

/* A copy of the database as it is, as DIR/study.db; DIR exists and has none. */
FR_CHECKED int fr_store_backup(struct fr_store *store, const char *dir, struct fr_error *err);

/* Another study, to be read beside this one in the same statements: as other.TABLE, ours is
 * main.TABLE. Outside a transaction; errors as fr_store_open_readonly's, FR_E_INPUT when it is this
 * one. */
FR_CHECKED int fr_store_attach(struct fr_store *store, const char *dir, struct fr_error *err);
FR_CHECKED int fr_store_detach(struct fr_store *store, struct fr_error *err);

/* ---- transactions ---------------------------------------------------------------------------- */

/* A transaction; they do not nest. When a call inside it fails, roll back. (On a full disk SQLite
 * undoes the transaction itself: every call then fails until the rollback, so that nothing is
 * written outside it by mistake.) A commit that fails has rolled back. */
FR_CHECKED int fr_store_begin(struct fr_store *store, struct fr_error *err);
FR_CHECKED int fr_store_commit(struct fr_store *store, struct fr_error *err);
void fr_store_rollback(struct fr_store *store); /* nothing to do outside a transaction */
/* Commits what was done with FR_OK, rolls back after any other code, which is then returned. */
FR_CHECKED int fr_store_end(struct fr_store *store, int code, struct fr_error *err);

/* ---- any SQL, typed ------------------------------------------------------------------------ */

/* Runs one statement. types has a letter per parameter: i int64_t, d double (NaN is stored as
 * NULL), t const char* (NULL is NULL; broken UTF-8 becomes U+FFFD), b const void* + size_t (kept
 * byte for byte; NULL + 0 is the empty blob). Cast integers: an int where int64_t is due is
 * undefined. FR_E_INPUT: a constraint refuses the row; FR_E_IO: disk full and the like:
 *     fr_store_run(s, err, "INSERT INTO accuracy VALUES(?,?,?)", "tid", "clean", (int64_t)3, 0.5)
 */
FR_CHECKED int fr_store_run(struct fr_store *store, struct fr_error *err, const char *sql,
                            const char *types, ...);

/* A query: open, next while true, read columns, close (which returns the first error).
 * Statements are cached by their text. Text and blobs live until the next call on the query. Rows
 * written while a query is open are committed as ever, but the write-ahead log (study.db-wal) grows
 * until it is closed. */
struct fr_query;
FR_CHECKED int fr_query_open(struct fr_query **out, struct fr_store *store, struct fr_error *err,
                             const char *sql, const char *types, ...);
bool fr_query_next(struct fr_query *query);
int64_t fr_query_int(struct fr_query *query, int column);
double fr_query_double(struct fr_query *query, int column);    /* NULL is NaN */
const char *fr_query_text(struct fr_query *query, int column); /* NULL is "" */
const void *fr_query_blob(struct fr_query *query, int column, size_t *n);
bool fr_query_is_null(struct fr_query *query, int column);
int fr_query_n_columns(struct fr_query *query);
const char *fr_query_column(struct fr_query *query, int column); /* its name */
FR_CHECKED int fr_query_close(struct fr_query *query, struct fr_error *err);
/* The same where work on the rows may have failed: its code stays, and its text in *err. */
FR_CHECKED int fr_query_close_after(struct fr_query *query, int code, struct fr_error *err);
/* The first column of the query's first row; *out stays as it is where there is none. */
FR_CHECKED int fr_store_find_int(struct fr_store *store, struct fr_error *err, int64_t *out,
                                 const char *sql, const char *types, ...);
FR_CHECKED int fr_store_find_double(struct fr_store *store, struct fr_error *err, double *out,
                                    const char *sql, const char *types, ...);

/* ---- traces ---------------------------------------------------------------------------------- */

/* Prompt + generated tokens of one (puzzle, naming). Tokens are the ground truth; text is their
 * concatenation, any bytes, and starts/ends their byte ranges in it, ascending. */
struct fr_trace {
    int64_t puzzle; /* puzzle.id */
    char *naming;
    int n_tokens, n_prompt, n_reasoning; /* reasoning: generated up to the end tag, exclusive */
    int32_t *ids;                        /* [n_tokens] */
    int32_t *starts, *ends;
    char *text;
    size_t text_len;
    struct fr_verdict verdict;
};
void fr_trace_release(struct fr_trace *trace);
/* FR_E_INPUT when this (puzzle, naming) has a trace, or there is no such puzzle or naming. */
FR_CHECKED int fr_store_put_trace(struct fr_store *store, const struct fr_trace *trace,
                                  struct fr_error *err);
/* Into *out, which is overwritten (release it after). FR_E_INPUT: no such trace; FR_E_IO: damaged.
 */
FR_CHECKED int fr_store_get_trace(struct fr_store *store, int64_t puzzle, const char *naming,
                                  struct fr_trace *out, struct fr_error *err);
/* Another verdict of a trace (edit 0), or of a run of it: *changed is false where the kind and the
 * step are as they were. FR_E_INPUT: no such row. */
FR_CHECKED int fr_store_put_verdict(struct fr_store *store, int64_t puzzle, const char *naming,
                                    int64_t edit, const struct fr_verdict *verdict,
                                    enum fr_verdict_kind *before, bool *changed,
                                    struct fr_error *err);
/* A trace as bytes (base/pack.h), and back; false: these are no trace. */
void fr_trace_pack(const struct fr_trace *trace, struct fr_text *out);
bool fr_trace_unpack(struct fr_unpack *in, struct fr_trace *out);

/* ---- results ------------------------------------------------------------------------------- */

/* A table of results, defined by who computes it. */
struct fr_result_table {
    const char *name;
    enum fr_result_owner { FR_OWNER_ANALYSES, FR_OWNER_STATISTICS } owner;
    const char *columns; /* SQL: what stands between the brackets of CREATE TABLE */
};
/* Makes the tables that are missing or were defined otherwise, empty, and drops those that are no
 * more; *remade has a bit (1 << owner) for each owner of which there is such a table. With them, in
 * the same transaction, the owner's stage is no longer done, nor statistics, which read analyses'.
 */
FR_CHECKED int fr_store_define_results(struct fr_store *store, const struct fr_result_table *tables,
                                       int n, unsigned *remade, struct fr_error *err);
/* For readers, which define nothing: FR_E_CONFLICT when one of the tables is missing or was defined
 * otherwise, so that queries over it would fail or mean something else. */
FR_CHECKED int fr_store_check_results(struct fr_store *store, const struct fr_result_table *tables,
                                      int n, struct fr_error *err);
/* Empties a result table, for a stage that computes it anew. */
FR_CHECKED int fr_store_clear_results(struct fr_store *store, const char *table,
                                      struct fr_error *err);
/* Writes every result table as DIR/tables/NAME.csv (RFC 4180, rows in primary key order, doubles
 * with 17 significant digits): the same results give the same bytes. */
FR_CHECKED int fr_store_export_csv(struct fr_store *store, struct fr_error *err);
/* The same of one result table, appended to *out. */
FR_CHECKED int fr_store_render_csv(struct fr_store *store, const char *table, struct fr_text *out,
                                   struct fr_error *err);
/* All of them as NAME.csv in another directory, which is made when missing. */
FR_CHECKED int fr_store_export_csv_to(struct fr_store *store, const char *dir,
                                      struct fr_error *err);
/* Appends what these files hold, as a Data Package's JSON: the type of every
 * column (integer, number, string) and the primary key of every table. */
FR_CHECKED int fr_store_describe_csv(struct fr_store *store, struct fr_text *out,
                                     struct fr_error *err);

/* ---- tensors (safetensors) ------------------------------------------------------------------- */

enum fr_dtype { FR_F32, FR_F64, FR_I32, FR_I64 };
struct fr_tensor {
    const char *name;
    enum fr_dtype dtype;
    int n_dims;
    int64_t dims[6];
    void *data; /* little-endian; borrowed when saving, owned by the file when loading */
};
/* Atomic. metadata: n pairs of key, value; may be NULL. */
FR_CHECKED int fr_tensors_save(const char *path, const struct fr_tensor *tensors, int n,
                               const char *const (*metadata)[2], int n_metadata,
                               struct fr_error *err);
/* For a file that is filled in place, too large to be held: what fr_tensors_save would write before
 * the data, appended to *header, and where in the file each tensor's data begins. Their data is not
 * looked at; path is for errors only. */
FR_CHECKED int fr_tensors_header(const char *path, const struct fr_tensor *tensors, int n,
                                 const char *const (*metadata)[2], int n_metadata,
                                 struct fr_text *header, int64_t *offsets /* [n] */,
                                 struct fr_error *err);
struct fr_tensor_file {
    int n;
    struct fr_tensor *tensors; /* in the order of their data */
    int n_metadata;
    const char *(*metadata)[2]; /* key, value */
    char *bytes;                /* what data, name and metadata point into */
    bool is_open;               /* by fr_tensors_open */
    int fd;                     /* then */
    int64_t *starts;            /* where each tensor's data begins in it */
};
/* Holds the file to every rule of the format before it reads the data: FR_E_INPUT says which one
 * is broken, FR_E_LIMIT that it does not fit into memory; *out is then empty. Another dtype than
 * the four, or more than 6 dimensions, is refused. */
FR_CHECKED int fr_tensors_load(struct fr_tensor_file *out, const char *path, struct fr_error *err);
/* The same without the data, which fr_tensors_read then reads in parts: for files that are larger
 * than what is wanted of them. tensors[i].data is NULL. */
FR_CHECKED int fr_tensors_open(struct fr_tensor_file *out, const char *path, struct fr_error *err);
/* n elements of the tensor from element first on, into out. FR_E_IO. */
FR_CHECKED int fr_tensors_read(const struct fr_tensor_file *file, const struct fr_tensor *tensor,
                               int64_t first, int64_t n, void *out, struct fr_error *err);
const struct fr_tensor *fr_tensors_find(const struct fr_tensor_file *file,
                                        const char *name); /* or NULL */
const char *fr_tensors_find_metadata(const struct fr_tensor_file *file,
                                     const char *key); /* or NULL */
void fr_tensors_release(struct fr_tensor_file *file);

#endif
