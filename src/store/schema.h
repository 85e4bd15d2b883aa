/* The schema of study.db; private to store/. */
#ifndef FR_STORE_SCHEMA_H
#define FR_STORE_SCHEMA_H

#include "store/store.h"

enum { FR_SCHEMA_VERSION = 3, /* in PRAGMA user_version */ FR_N_SCHEMA_SQL = 2 };
extern const char *const fr_schema_sql[FR_N_SCHEMA_SQL]; /* one script, in parts */
/* Indices, what is kept of work that is not finished, and what follows from other rows, made where
 * they are missing whenever a study is opened for writing: no version depends on them. */
extern const char fr_schema_indices[];

/* Brings a database of an earlier version to FR_SCHEMA_VERSION: all of it or nothing. */
FR_CHECKED int fr_store_migrate(struct fr_store *store, int from, struct fr_error *err);

#endif
