#include "support/directory.h"

#include <errno.h>
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

char fr_test_root[512];

int fr_test_root_make(void **state) {
    (void)state;
    fr_test_directory_make(program_invocation_short_name, fr_test_root, sizeof fr_test_root);
    return 0;
}

int fr_test_root_remove(void **state) {
    (void)state;
    fr_test_directory_remove(fr_test_root);
    return 0;
}

const char *fr_test_in_root(const char *name) {
    static char paths[8][1024];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", fr_test_root, name);
    return path;
}
