/* What the store's books say of a file of reps/, and whether a file is that one. The rows are
 * written by study/reps.c. */
#ifndef FR_STORE_BOOKS_H
#define FR_STORE_BOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "store/store.h"

struct fr_book_entry {
    bool known; /* false: all else is zero */
    int n_traces;
    char identity[FR_SHA256_TEXT], sha256[FR_SHA256_TEXT];
    int64_t bytes, modified; /* bytes -1: not trusted any more */
};

/* Of a file by its name; begun: of those that were kept before all traces were read. */
FR_CHECKED int fr_book_find(struct fr_store *store, const char *file, bool begun,
                            struct fr_book_entry *out, struct fr_error *err);
/* Of the sums of a naming over a set of traces at a site; path is appended to where they are known.
 */
FR_CHECKED int fr_book_find_sums(struct fr_store *store, const char *naming, const char *traces,
                                 const char *site, struct fr_book_entry *out, struct fr_text *path,
                                 struct fr_error *err);
/* Is the file the entry's? whole: its bytes decide; else size and time, and the bytes where those
 * are others, as those of a copy of a study are. sha: of a file that was read. A file that is gone
 * is an error. */
FR_CHECKED int fr_book_holds(const char *path, const struct fr_book_entry *entry, bool whole,
                             char sha[FR_SHA256_TEXT], bool *good, struct fr_error *err);
/* Its time in the books: of the last change, in nanoseconds. */
struct stat;
int64_t fr_book_modified(const struct stat *st);

#endif
