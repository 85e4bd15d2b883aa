/* The seal of a study that was closed properly: DIR/study.db.sha256, in the form of sha256sum.
 * SQLite has no checksums: a bit that a disk turned in a token or in a result would be read as it
 * stands, and the study would say something else without a word. The seal is looked at before the
 * database is opened and taken away while it is written; a killed process leaves none, and then
 * only the database's structure is checked. The database itself remembers, in its fact `closed`,
 * that a seal was put beside it: where that is gone, somebody took it away, and nothing that was
 * computed from the rows is believed. Rejected: a digest in every row, which says nothing of
 * rows that are gone; SQLite's checksum VFS, which no distribution builds, and whose files other
 * programs cannot read. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/connection.h"

static void seal_path(const struct fr_store *store, struct fr_text *out) {
    fr_text_printf(out, "%s.sha256", store->path);
}

enum seal { NONE, WHOLE, BROKEN };

static enum seal read_seal(const char *path, char sha256[FR_SHA256_TEXT]) {
    struct fr_text text = {0};
    struct fr_error ignored;
    struct stat st;
    const bool is_read = fr_file_read(path, 4096, &text, &ignored) == FR_OK;
    const bool whole = is_read && text.len >= FR_SHA256_TEXT - 1 &&
                       strspn(fr_text_get(&text), "0123456789abcdef") == FR_SHA256_TEXT - 1 &&
                       strcmp(fr_text_get(&text) + FR_SHA256_TEXT - 1, "  study.db\n") == 0;
    if (whole)
        (void)snprintf(sha256, FR_SHA256_TEXT, "%.*s", FR_SHA256_TEXT - 1, text.data);
    fr_text_release(&text);
    return whole ? WHOLE : !is_read && lstat(path, &st) != 0 && errno == ENOENT ? NONE : BROKEN;
}

int fr_seal_check(struct fr_store *store, int64_t most_bytes, bool *sealed, struct fr_error *err) {
    struct fr_text path = {0};
    struct stat st;
    char wanted[FR_SHA256_TEXT], after[FR_SHA256_TEXT], found[FR_SHA256_TEXT];
    int code = FR_OK;
    seal_path(store, &path);
    const enum seal seal = stat(store->path, &st) == 0 && st.st_size <= most_bytes
                               ? read_seal(fr_text_get(&path), wanted)
                               : NONE;
    *sealed = seal == WHOLE;
    if (seal == BROKEN)
        code = fr_fail(err, FR_E_IO,
                       "%s: is no seal of study.db (SHA-256, two blanks, study.db), so that nobody "
                       "knows whether that is as it was left; put copies of both in their place, "
                       "or remove the seal and run again: what is computed from study.db is then "
                       "computed again",
                       fr_text_get(&path));
    if (*sealed)
        code = fr_file_sha256(store->path, found, err);
    /* a writer that began meanwhile has taken the seal away, or put another one there */
    if (code == FR_OK && *sealed && strcmp(found, wanted) != 0 &&
        read_seal(fr_text_get(&path), after) == WHOLE && strcmp(after, wanted) == 0)
        code = fr_fail(err, FR_E_IO,
                       "%s: holds other bytes than were left there (SHA-256 %.12s, not %.12s): its "
                       "disk, or another program; put a copy in its place, or, if the change is "
                       "yours, remove %s and run again: what is computed from it is then computed "
                       "again",
                       store->path, found, wanted, fr_text_get(&path));
    fr_text_release(&path);
    return code;
}

int fr_seal_begin(struct fr_store *store, bool sealed, struct fr_error *err) {
    struct fr_text closed = {0};
    const bool lost = fr_store_get_meta(store, "closed", &closed) &&
                      strcmp(fr_text_get(&closed), "1") == 0 && !sealed;
    fr_text_release(&closed);
    int code = FR_OK;
    if (lost)
        code = fr_store_run(store, err,
                            "UPDATE stage SET done = 0 WHERE name IN (SELECT owner FROM"
                            " result_table)",
                            "");
    return code == FR_OK ? fr_store_set_meta(store, "closed", "0", err) : code;
}

void fr_seal_expect(struct fr_store *store) {
    struct fr_error ignored;
    if (fr_store_set_meta(store, "closed", "1", &ignored) != FR_OK)
        return;
    (void)sqlite3_busy_timeout(store->db, 0); /* nobody is waited for */
    if (sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
        SQLITE_OK) /* a reader needs the log: there will be no seal */
        (void)!fr_store_set_meta(store, "closed", "0", &ignored);
}

void fr_seal_remove(const struct fr_store *store) {
    struct fr_text path = {0};
    seal_path(store, &path);
    (void)unlink(fr_text_get(&path));
    fr_text_release(&path);
}

void fr_seal_write(const struct fr_store *store) {
    struct fr_text path = {0}, log = {0}, line = {0};
    struct fr_error ignored;
    struct stat st;
    char sha256[FR_SHA256_TEXT];
    seal_path(store, &path);
    fr_text_printf(&log, "%s-wal", store->path);
    /* what is in the log is not in the file: a reader holds the database open */
    if ((stat(fr_text_get(&log), &st) != 0 || st.st_size == 0) &&
        fr_file_sha256(store->path, sha256, &ignored) == FR_OK) {
        fr_text_printf(&line, "%s  study.db\n", sha256);
        (void)!fr_file_write(fr_text_get(&path), line.data, line.len,
                             &ignored); /* none is no harm */
    }
    fr_text_release(&path);
    fr_text_release(&log);
    fr_text_release(&line);
}
