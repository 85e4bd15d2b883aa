/* The books of reps/; see books.h. */
#include "store/books.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ENTRY "SELECT identity, sha256, bytes, modified, n_traces, file FROM "

/* The query's first row. */
static int read_entry(struct fr_store *store, struct fr_query *query, struct fr_book_entry *out,
                      struct fr_text *path, struct fr_error *err) {
    if (fr_query_next(query)) {
        out->known = true;
        (void)snprintf(out->identity, sizeof out->identity, "%s", fr_query_text(query, 0));
        (void)snprintf(out->sha256, sizeof out->sha256, "%s", fr_query_text(query, 1));
        out->bytes = fr_query_int(query, 2);
        out->modified = fr_query_int(query, 3);
        out->n_traces = (int)fr_query_int(query, 4);
        if (path != NULL)
            fr_text_printf(path, "%s/reps/%s", fr_store_dir(store), fr_query_text(query, 5));
    }
    return fr_query_close(query, err);
}

int fr_book_find(struct fr_store *store, const char *file, bool begun, struct fr_book_entry *out,
                 struct fr_error *err) {
    struct fr_query *query;
    *out = (struct fr_book_entry){0};
    const int code =
        fr_query_open(&query, store, err,
                      begun ? ENTRY "sums_begun WHERE file = ?" : ENTRY "sums WHERE file = ?", "t",
                      file);
    return code == FR_OK ? read_entry(store, query, out, NULL, err) : code;
}

int fr_book_find_sums(struct fr_store *store, const char *naming, const char *traces,
                      const char *site, struct fr_book_entry *out, struct fr_text *path,
                      struct fr_error *err) {
    struct fr_query *query;
    *out = (struct fr_book_entry){0};
    const int code =
        fr_query_open(&query, store, err, ENTRY "sums WHERE naming = ? AND traces = ? AND site = ?",
                      "ttt", naming, traces, site);
    return code == FR_OK ? read_entry(store, query, out, path, err) : code;
}

int64_t fr_book_modified(const struct stat *st) {
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

int fr_book_holds(const char *path, const struct fr_book_entry *entry, bool whole,
                  char sha[FR_SHA256_TEXT], bool *good, struct fr_error *err) {
    struct stat st;
    *good = !whole && stat(path, &st) == 0 && st.st_size == entry->bytes &&
            fr_book_modified(&st) == entry->modified;
    if (*good)
        return FR_OK;
    const int code = fr_file_sha256(path, sha, err);
    *good = code == FR_OK && strcmp(sha, entry->sha256) == 0;
    return code;
}
