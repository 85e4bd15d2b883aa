/* What every test includes: cmocka with the headers it wants before it, doubles compared with a
 * tolerance, and the places where test data is found. */
#ifndef FR_TESTS_SUPPORT_TEST_H
#define FR_TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* |a - b| <= tol, printing both. NaN is near nothing; two equal infinities are near. */
#define assert_near(a, b, tol) fr_test_assert_near((a), (b), (tol), __FILE__, __LINE__)

/* 0, with the error's text printed otherwise: assert_ok(fr_x_open(&x, path, &err), err). */
#define assert_ok(code, err)                                                                       \
    do {                                                                                           \
        int fr_test_code = (code);                                                                 \
        if (fr_test_code != 0)                                                                     \
            fail_msg("%s:%d: code %d: %s", __FILE__, __LINE__, fr_test_code, (err).text);          \
    } while (0)

static inline void fr_test_assert_near(double a, double b, double tol, const char *file, int line) {
    if (isinf(a) && a == b)
        return;
    if (!(fabs(a - b) <= tol)) {
        print_error("%.17g and %.17g differ by %.3g, more than %.3g\n", a, b, fabs(a - b), tol);
        _fail(file, line);
    }
}

/* The project's root: what ctest says, else where the test was compiled. */
static inline const char *fr_test_source_dir(void) {
    const char *dir = getenv("FR_SOURCE_DIR");
    return dir != NULL ? dir : FR_SOURCE_DIR;
}

/* ROOT/relative; one of four buffers in turn, so a few results can be used side by side. */
static inline const char *fr_test_path(const char *relative) {
    static char paths[4][4096];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", fr_test_source_dir(), relative);
    return path;
}

/* A file or directory below ../shared/data (FLUIDREP_SHARED overrides that place), or NULL when it
 * is not there. The caller then says so and calls skip():
 *     const char *dir = fr_test_shared("planbench");
 *     if (dir == NULL)
 *         skip(); */
static inline const char *fr_test_shared(const char *relative) {
    static char paths[4][4096];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    const char *shared = getenv("FLUIDREP_SHARED");
    if (shared != NULL)
        (void)snprintf(path, sizeof paths[0], "%s/%s", shared, relative);
    else
        (void)snprintf(path, sizeof paths[0], "%s/../shared/data/%s", fr_test_source_dir(),
                       relative);
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not there\n", path);
        return NULL;
    }
    return path;
}

#endif
