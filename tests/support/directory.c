#include "support/directory.h"

#include <ftw.h>

#include "support/test.h"

void fr_test_directory_make(const char *name, char *path, size_t n) {
    const char *below = getenv("TMPDIR");
    const int length = snprintf(path, n, "%s/fr-%s-XXXXXX", below != NULL ? below : P_tmpdir, name);
    assert_true(length > 0 && (size_t)length < n);
    assert_non_null(mkdtemp(path));
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

void fr_test_directory_remove(const char *path) {
    (void)nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
