/* The schema of study.db; private to store/. */
#ifndef FR_STORE_SCHEMA_H
#define FR_STORE_SCHEMA_H

enum { FR_SCHEMA_VERSION = 1 }; /* in PRAGMA user_version */
extern const char fr_schema_sql[];

#endif
