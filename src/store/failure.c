/* What a reader is told when the database refuses: one line with the file, the fault and what to
 * do. A full disk reads as it does everywhere (base/file.h).
 * Rejected: passing sqlite3_errmsg() through, which says "disk I/O error" and names no file. */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "store/connection.h"

int fr_store_fail(struct fr_store *store, struct fr_error *err, int rc, const char *sql) {
    /* Not sqlite3_system_errno(), which knows nothing of failures inside a running statement. */
    const int system_error = errno;
    const char *path = store->path;
    const char *message = store->db != NULL ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc);
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        fr_out_of_memory(0);
    case SQLITE_FULL:
        return fr_file_fail(err, path, ENOSPC);
    case SQLITE_IOERR:
        if (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG)
            return fr_file_fail(err, path, system_error);
        return fr_fail(err, FR_E_IO,
                       "%s: %s (%s); check the disk and its space, and run again: "
                       "nothing stored is lost",
                       path, message,
                       system_error != 0 ? strerror(system_error) : "no cause given");
    case SQLITE_CANTOPEN:
        if (system_error != 0)
            return fr_file_fail(err, path, system_error);
        return fr_fail(err, FR_E_IO,
                       "%s: cannot be opened; check that it is a file and that its directory can "
                       "be written, or " FR_CHOOSE_OUT,
                       path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return fr_fail(err, FR_E_IO, "%s: cannot be written; make it writable, or " FR_CHOOSE_OUT,
                       path);
    case SQLITE_NOTADB:
        return fr_fail(err, FR_E_INPUT, "%s: not a database; move the file away, or " FR_CHOOSE_OUT,
                       path);
    case SQLITE_CORRUPT:
        return fr_fail(err, FR_E_IO,
                       "%s: damaged (%s); put a copy in its place, or " FR_CHOOSE_OUT
                       " and run again",
                       path, message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fr_fail(err, FR_E_CONFLICT,
                       "%s: held by another program; close it (a sqlite3 shell?) and run again",
                       path);
    case SQLITE_CONSTRAINT:
        return fr_fail(err, FR_E_INPUT, "%s: %s, in: %.160s", path, message, sql ? sql : "?");
    case SQLITE_TOOBIG:
        return fr_fail(err, FR_E_LIMIT, "%s: a value is too large to store, in: %.160s", path,
                       sql ? sql : "?");
    default:
        return fr_fail(err, FR_E_IO, "%s: %s, in: %.160s", path, message, sql ? sql : "?");
    }
}
