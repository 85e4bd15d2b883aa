/* Which puzzles of a study are the same up to the names of their objects (fr_problem_class;
 * DEVIATIONS 4, 37, 87): by it halves of the puzzles share none, bootstraps draw whole puzzles, and
 * the report says of how many an evaluation is and whether they were held out. Kept in the study,
 * so that queries can ask; made where it is missing, of studies of before too.
 *
 * Rejected: a column of the table of puzzles, which would be a version of its own for what follows
 * from the puzzle's text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sources/sources.h"

int fr_source_list_classes(struct fr_store *store, const struct fr_domain *domain,
                           enum fr_puzzle_split split, uint64_t **out, int *n,
                           struct fr_error *err) {
    struct fr_query *query;
    int capacity = 0;
    *out = NULL;
    *n = 0;
    int code = fr_query_open(&query, store, err,
                             "SELECT pddl FROM puzzle WHERE split = ? ORDER BY position", "t",
                             fr_split_name[split]);
    if (code != FR_OK)
        return code;
    while (code == FR_OK && fr_query_next(query)) {
        struct fr_problem problem;
        code = fr_problem_parse(&problem, domain, fr_query_text(query, 0), "study.db", err);
        if (code != FR_OK)
            break;
        FR_RESERVE(*out, *n, capacity);
        (*out)[(*n)++] = fr_problem_class(&problem);
        fr_problem_release(&problem);
    }
    code = fr_query_close_after(query, code, err);
    if (code != FR_OK) {
        free(*out);
        *out = NULL;
        *n = 0;
    }
    return code;
}

static int put_missing(struct fr_store *store, const struct fr_domain *domain, int *n,
                       struct fr_error *err) {
    struct fr_query *query;
    int64_t *puzzles = NULL;
    int capacity = 0;
    *n = 0;
    int code = fr_query_open(&query, store, err,
                             "SELECT id FROM puzzle WHERE id NOT IN (SELECT puzzle FROM"
                             " puzzle_class) ORDER BY id",
                             "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        FR_RESERVE(puzzles, *n, capacity);
        puzzles[(*n)++] = fr_query_int(query, 0);
    }
    code = fr_query_close(query, err);
    for (int i = 0; code == FR_OK && i < *n; i++) {
        struct fr_problem problem;
        code = fr_source_load_problem(store, domain, puzzles[i], &problem, NULL, err);
        if (code == FR_OK)
            code = fr_store_run(store, err, "INSERT INTO puzzle_class VALUES (?, ?)", "ii",
                                puzzles[i], (int64_t)fr_problem_class(&problem));
        fr_problem_release(&problem);
    }
    free(puzzles);
    return code;
}

static int put_count(struct fr_store *store, const char *key, const char *sql,
                     struct fr_error *err) {
    char text[24];
    int64_t n = 0;
    const int code = fr_store_find_int(store, err, &n, sql, "");
    (void)snprintf(text, sizeof text, "%" PRId64, n);
    return code == FR_OK ? fr_store_set_meta(store, key, text, err) : code;
}

int fr_source_put_classes(struct fr_store *store, const struct fr_domain *domain,
                          struct fr_error *err) {
    static const char *const counts[][2] = {
        {"distinct_collect", "SELECT count(DISTINCT class) FROM puzzle JOIN puzzle_class ON puzzle"
                             " = id WHERE split = 'collect'"},
        {"distinct_evaluate", "SELECT count(DISTINCT class) FROM puzzle JOIN puzzle_class ON puzzle"
                              " = id WHERE split = 'evaluate'"},
        /* of the puzzles to evaluate on, those that were collected from */
        {"shared_evaluate",
         "SELECT count(*) FROM puzzle JOIN puzzle_class ON puzzle = id WHERE split = 'evaluate' AND"
         " class IN (SELECT class FROM puzzle JOIN puzzle_class ON puzzle = id WHERE split ="
         " 'collect')"},
    };
    int n;
    int code = put_missing(store, domain, &n, err);
    for (size_t i = 0; code == FR_OK && n > 0 && i < sizeof counts / sizeof *counts; i++)
        code = put_count(store, counts[i][0], counts[i][1], err);
    return code;
}
