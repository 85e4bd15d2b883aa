/* A directory of a test's own, and its end. */
#ifndef FR_TESTS_SUPPORT_DIRECTORY_H
#define FR_TESTS_SUPPORT_DIRECTORY_H

#include <stddef.h>

/* Makes an empty directory below TMPDIR (else the system's), whose name holds `name`: its path in
 * path[n]. Fails the test when it cannot. */
void fr_test_directory_make(const char *name, char *path, size_t n);
/* Removes it with all that is in it; links are not followed. */
void fr_test_directory_remove(const char *path);

/* One for a whole group: cmocka_run_group_tests(tests, fr_test_root_make, fr_test_root_remove). */
extern char fr_test_root[512];
int fr_test_root_make(void **state);
int fr_test_root_remove(void **state);
/* ROOT/name; one of eight buffers in turn. */
const char *fr_test_in_root(const char *name);

#endif
