/* Verdicts -> accuracy by naming (method.md section 2, table 1). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyses/analysis.h"
#include "analyses/paper.h"
#include "statistics/statistics.h"

static const double confidence = 0.95;

static const struct fr_result_table tables[] = {
    /* split: 'all' too. low, high: Wilson 95%. preserved: accuracy / clean accuracy.
     * paper_naming: the paper's naming of the same words, or NULL. paper_accuracy: QwQ-32B's under
     * it, or NULL; of recorded traces always NULL */
    {"accuracy", FR_OWNER_STATISTICS,
     "naming TEXT NOT NULL, split TEXT NOT NULL,"
     " n INTEGER NOT NULL, solved INTEGER NOT NULL, accuracy REAL, low REAL, high REAL,"
     " preserved REAL, mean_reasoning_tokens REAL, goal_unmet INTEGER NOT NULL,"
     " illegal_step INTEGER NOT NULL, unparsed INTEGER NOT NULL, truncated INTEGER NOT NULL,"
     " paper_naming TEXT, paper_accuracy REAL, PRIMARY KEY (naming, split)"},
};

static const char accuracy_query[] =
    "SELECT n.id, s.split, count(*), count(*) FILTER (WHERE t.verdict = 'solved'),"
    " avg(t.n_reasoning), count(*) FILTER (WHERE t.verdict = 'goal_unmet'),"
    " count(*) FILTER (WHERE t.verdict = 'illegal_step'),"
    " count(*) FILTER (WHERE t.verdict = 'unparsed'),"
    " count(*) FILTER (WHERE t.verdict = 'truncated')"
    " FROM (SELECT 'all' AS split UNION ALL SELECT 'collect' UNION ALL SELECT 'evaluate') s"
    " JOIN trace t JOIN puzzle p ON p.id = t.puzzle AND s.split IN ('all', p.split)"
    " JOIN naming n ON n.id = t.naming GROUP BY n.position, s.split"
    " ORDER BY s.split, n.role = 'mystery', n.position";

static int write_rows(const struct fr_analysis_input *in, const struct fr_paper *paper,
                      struct fr_error *err) {
    struct fr_query *query;
    int code = fr_query_open(&query, in->store, err, accuracy_query, "");
    if (code != FR_OK)
        return code;
    double clean = NAN;
    char clean_split[16] = "";
    while (code == FR_OK && fr_query_next(query)) {
        const char *id = fr_query_text(query, 0), *split = fr_query_text(query, 1);
        const int n = (int)fr_query_int(query, 2), solved = (int)fr_query_int(query, 3);
        const int i = fr_namings_find(&in->world->table, id);
        const double accuracy = (double)solved / n;
        const struct fr_paper_naming *papers =
            i >= 0 ? fr_paper_find(paper, &in->world->table.concepts, &in->world->table.items[i])
                   : NULL;
        double low, high;
        fr_wilson(solved, n, confidence, &low, &high);
        if (i >= 0 &&
            fr_naming_is_clean(
                &in->world->table.items[i])) { /* the clean row comes first in its split */
            clean = accuracy;
            (void)snprintf(clean_split, sizeof clean_split, "%s", split);
        }
        const double preserved =
            strcmp(clean_split, split) == 0 && clean > 0 ? accuracy / clean : NAN;
        code = fr_store_run(
            in->store, err,
            "INSERT INTO accuracy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "ttiidddddiiiitd", id, split, (int64_t)n, (int64_t)solved, accuracy, low, high,
            preserved, fr_query_double(query, 4), fr_query_int(query, 5), fr_query_int(query, 6),
            fr_query_int(query, 7), fr_query_int(query, 8), papers != NULL ? papers->id : NULL,
            papers != NULL && in->own_traces ? papers->accuracy : NAN);
    }
    return fr_query_close_after(query, code, err);
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    struct fr_paper paper;
    int code = fr_paper_load(&paper, err);
    if (code == FR_OK)
        code = write_rows(in, &paper, err);
    fr_paper_release(&paper);
    return code;
}

const struct fr_analysis fr_analysis_accuracy = {
    .name = "accuracy",
    .need = FR_NEEDS_TRACES,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
