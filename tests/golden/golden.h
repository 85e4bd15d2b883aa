/* Golden tables: tab-separated lines "kind<TAB>number<TAB>number...", "#" comments, written by the
 * make_*.py beside them. Numbers are C's: inf and nan are numbers too. */
#ifndef FR_TESTS_GOLDEN_GOLDEN_H
#define FR_TESTS_GOLDEN_GOLDEN_H

#include <stdbool.h>
#include <string.h>

#include "test.h"

enum { GOLDEN_COLUMNS = 128 };

struct golden {
    FILE *file;
    char path[4096];
    int line, n;
    double v[GOLDEN_COLUMNS]; /* of the current row */
};

static inline void golden_open(struct golden *golden, const char *name) {
    *golden = (struct golden){0};
    (void)snprintf(golden->path, sizeof golden->path, "%s/tests/golden/%s", fr_test_source_dir(),
                   name);
    golden->file = fopen(golden->path, "r");
    if (golden->file == NULL)
        fail_msg("%s: cannot be opened", golden->path);
}

/* The next row of a kind, or false at the end of the table, which is then closed. */
static inline bool golden_next(struct golden *golden, const char *kind) {
    char line[8192];
    const size_t length = strlen(kind);
    while (fgets(line, sizeof line, golden->file) != NULL) {
        golden->line++;
        if (strncmp(line, kind, length) != 0 || line[length] != '\t')
            continue;
        golden->n = 0;
        for (char *p = line + length, *end; *p == '\t'; p = end) {
            assert_true(golden->n < GOLDEN_COLUMNS);
            golden->v[golden->n++] = strtod(p + 1, &end);
            if (end == p + 1)
                fail_msg("%s:%d: not a number", golden->path, golden->line);
        }
        return true;
    }
    (void)fclose(golden->file);
    golden->file = NULL;
    return false;
}

/* Near, or both NaN; the table's line is printed otherwise. */
static inline void golden_near(const struct golden *golden, double ours, double theirs,
                               double tolerance) {
    if (isnan(ours) && isnan(theirs))
        return;
    if (isinf(ours) && ours == theirs)
        return;
    if (!(fabs(ours - theirs) <= tolerance))
        fail_msg("%s:%d: %.17g here, %.17g there", golden->path, golden->line, ours, theirs);
}

#endif
