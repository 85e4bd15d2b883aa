/* The schema of study.db; private to store/. */
#ifndef FR_STORE_SCHEMA_H
#define FR_STORE_SCHEMA_H

enum { FR_SCHEMA_VERSION = 1, /* in PRAGMA user_version */ FR_N_SCHEMA_SQL = 2 };
extern const char *const fr_schema_sql[FR_N_SCHEMA_SQL]; /* one script, in parts */

#endif
