/* Each matched condition held against everything that was run beside it, whatever `against` its
 * experiment names: the unedited run, and every control of the same edit, of any experiment, since
 * conditions share their runs. The claims are answered from these (claims.c), so that what a
 * configuration calls the reference cannot change an answer. Rejected: comparing the effects of a
 * condition and of its control as points, which says nothing of how sure the difference is.
 *
 * And the verdicts behind every condition, beside the unedited run's of the same pairs: an edit
 * that makes answers unreadable loses as many puzzles as one that makes plans wrong, and is another
 * thing. Source: method.md 5 (controls) and 6. */
#include <math.h>
#include <stdlib.h>

#include "analyses/outcomes.h"
#include "base/memory.h"

static const struct fr_result_table tables[] = {
    /* other: 'unedited', or the control's kind. accuracy, other_accuracy: means over namings; mean:
     * their difference over the same pairs. t, p_two_sided: over namings. low, high: as effect's.
     * unedited: pairs whose matched run had nothing to edit; left_out: traces without a pair */
    {"contrast", FR_OWNER_STATISTICS,
     "experiment TEXT NOT NULL, condition TEXT NOT NULL, other TEXT NOT NULL,"
     " position INTEGER NOT NULL, n_namings INTEGER NOT NULL, n_pairs INTEGER NOT NULL,"
     " accuracy REAL, other_accuracy REAL, mean REAL, standard_error REAL, t REAL,"
     " p_two_sided REAL, low REAL, high REAL, detectable REAL, gained INTEGER NOT NULL,"
     " lost INTEGER NOT NULL, unedited INTEGER NOT NULL, left_out INTEGER NOT NULL,"
     " PRIMARY KEY (experiment, condition, other)"},
    /* Of the n pairs with the unedited run (before_: its verdicts). unparsed and truncated answers
     * count as not solved everywhere. */
    {"run_verdict", FR_OWNER_STATISTICS,
     "experiment TEXT NOT NULL, condition TEXT NOT NULL, naming TEXT NOT NULL, n INTEGER NOT NULL,"
     " solved INTEGER NOT NULL, goal_unmet INTEGER NOT NULL, illegal_step INTEGER NOT NULL,"
     " unparsed INTEGER NOT NULL, truncated INTEGER NOT NULL, before_solved INTEGER NOT NULL,"
     " before_goal_unmet INTEGER NOT NULL, before_illegal_step INTEGER NOT NULL,"
     " before_unparsed INTEGER NOT NULL, before_truncated INTEGER NOT NULL,"
     " PRIMARY KEY (experiment, condition, naming)"},
};

static const double level = 0.05, power = 0.8;

#define UNEDITED_BESIDE                                                                            \
    "b.operation = 'none' AND b.window_end = e.window_end AND"                                     \
    " coalesce(b.window_start, e.window_start) = e.window_start"

/* The unedited run first, then controls in the order of the configuration. Beside an edit: the same
 * but for the control. */
static const char contrasts_sql[] =
    "SELECT m.experiment, m.name, 'unedited' AS other, e.id, b.id, 0 AS place, m.position AS at"
    " FROM condition m JOIN edit e ON e.id = m.edit JOIN edit b ON " UNEDITED_BESIDE
    " WHERE m.role = 'matched'"
    " UNION ALL SELECT m.experiment, m.name, d.control, e.id, d.id, min(c.position), m.position"
    " FROM condition m JOIN edit e ON e.id = m.edit JOIN condition c ON c.role = 'control'"
    " JOIN edit d ON d.id = c.edit AND"
    " replace(d.definition, 'control=' || d.control, 'control=none') = e.definition"
    " WHERE m.role = 'matched' GROUP BY m.id, d.id ORDER BY at, place";

static int put_contrast(const struct fr_analysis_input *in, struct fr_query *row,
                        const struct fr_outcomes *o, struct fr_error *err) {
    const struct fr_t_test t = fr_t_test(o->effects, o->n_namings);
    double before = NAN, after = NAN, low, high;
    int n_pairs = 0, gained = 0, lost = 0, unedited = 0, left_out = 0;
    for (int i = 0; i < o->n_namings; i++) {
        int n_before = 0, n_after = 0;
        for (int k = 0; k < o->n_puzzles[i]; k++) {
            n_before += o->before[i][k];
            n_after += o->after[i][k];
            gained += o->after[i][k] > o->before[i][k];
            lost += o->after[i][k] < o->before[i][k];
        }
        n_pairs += o->n_puzzles[i];
        unedited += o->unedited[i];
        left_out += o->left_out[i];
        if (o->n_puzzles[i] == 0)
            continue;
        before = (isnan(before) ? 0 : before) + (double)n_before / o->n_puzzles[i] / t.n;
        after = (isnan(after) ? 0 : after) + (double)n_after / o->n_puzzles[i] / t.n;
    }
    fr_outcomes_interval(o, &low, &high);
    return fr_store_run(
        in->store, err,
        "INSERT INTO contrast VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "tttiiidddddddddiiii", fr_query_text(row, 0), fr_query_text(row, 1), fr_query_text(row, 2),
        fr_query_int(row, 5), (int64_t)t.n, (int64_t)n_pairs, after, before, t.mean,
        t.standard_error, t.t, t.p_two_sided, low, high,
        t.standard_error > 0 ? fr_minimal_detectable_effect(t.standard_error, t.n, level, power)
                             : (double)NAN,
        (int64_t)gained, (int64_t)lost, (int64_t)unedited, (int64_t)left_out);
}

static int put_contrasts(const struct fr_analysis_input *in, struct fr_error *err) {
    struct fr_query *query;
    int code = fr_query_open(&query, in->store, err, contrasts_sql, "");
    if (code != FR_OK)
        return code;
    while (code == FR_OK && fr_query_next(query)) {
        struct fr_outcomes outcomes;
        code = fr_outcomes_load(in, fr_query_int(query, 3), fr_query_int(query, 4), &outcomes, err);
        if (code == FR_OK) {
            code = put_contrast(in, query, &outcomes, err);
            fr_outcomes_release(&outcomes);
        }
    }
    return fr_query_close_after(query, code, err);
}

static int put_verdicts(const struct fr_analysis_input *in, const char *naming,
                        struct fr_error *err) {
#define COUNTED(run, verdict) ", coalesce(sum(" run ".verdict = '" verdict "'), 0)"
#define ALL_OF(run)                                                                                \
    COUNTED(run, "solved")                                                                         \
    COUNTED(run, "goal_unmet")                                                                     \
    COUNTED(run, "illegal_step") COUNTED(run, "unparsed") COUNTED(run, "truncated")
    return fr_store_run(
        in->store, err,
        "INSERT INTO run_verdict SELECT c.experiment, c.name, ?1, count(*)" ALL_OF("r")
            ALL_OF("u") " FROM condition c JOIN edit e ON e.id = c.edit JOIN"
                        " edit b ON " UNEDITED_BESIDE
                        " JOIN run r ON r.edit = e.id AND r.naming = ?1"
                        " JOIN run u ON u.edit = b.id AND u.naming = ?1 AND u.puzzle = r.puzzle"
                        " WHERE c.role <> 'baseline' GROUP BY c.id",
        "t", naming);
#undef ALL_OF
#undef COUNTED
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    int code = put_contrasts(in, err);
    for (int i = 0; code == FR_OK && i < in->world->n_namings; i++)
        if (in->use[i])
            code = put_verdicts(in, in->world->namings[i].naming->id, err);
    return code;
}

const struct fr_analysis fr_analysis_contrasts = {
    .name = "contrasts",
    .need = FR_NEEDS_RUNS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
