/* The paper's four claims, each as a question that the study answers in one sentence, with
 * interval, n, control, and what the paper has. Which condition answers is fixed before anything is
 * seen, by what it does: of those that ask the question, the ones that edit the layer at the
 * paper's depth (40 of 64) where any do, then the one whose last edited layer is nearest to it,
 * then the first of the configuration. Rejected: the best condition, whose answer is yes too often.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analysis.h"
#include "analyses/paper.h"
#include "analyses/refinement.h"
#include "base/memory.h"
#include "base/text.h"

static const struct fr_result_table tables[] = {
    /* answer: 'yes', 'no' or 'not shown'. experiment, condition: what answers; '' of the first
     * claim. unit of value, low and high: 'rise of the cosine' or 'effect on accuracy' */
    {"claim", FR_OWNER_STATISTICS,
     "position INTEGER PRIMARY KEY, name TEXT NOT NULL, question TEXT NOT NULL,"
     " answer TEXT NOT NULL CHECK (answer IN ('yes', 'no', 'not shown')), text TEXT NOT NULL,"
     " paper TEXT NOT NULL, experiment TEXT NOT NULL, condition TEXT NOT NULL,"
     " unit TEXT NOT NULL, value REAL, low REAL, high REAL"},
};

enum answer { ANSWER_YES, ANSWER_NO, ANSWER_NOT_SHOWN };
static const char *const answers[] = {"yes", "no", "not shown"};

/* Claims of experiments. which: conditions that ask it, in SQL over edit e. sign: of the effect
 * that says yes. paper: arXiv 2602.04843, QwQ-32B; table 5, section 4.2, section 4.3 and its
 * appendix. */
static const struct asked {
    const char *name, *question, *which, *did, *paper;
    int sign;
} asked[] = {
    {"early", "Does writing them in early help?",
     "e.operation = 'mix' AND e.vectors IN ('in_naming', 'cross_all', 'cross_loo')",
     "Late vectors mixed in early",
     "Paper, layer 40 of 64: +1.43 points (s.e. 0.64, p = 0.021) for cross-naming vectors, +0.57 "
     "(0.92) for in-naming ones, against the unedited run; random, at layer 20, −0.36 (1.08); 14 "
     "namings. None of its nine tests stands after Holm's correction (smallest 0.20).",
     1},
    {"replace", "Can they replace the originals?",
     "e.operation = 'replace' AND e.vectors IN ('symbolic_all', 'symbolic_loo')",
     "Name-free vectors in the place of the originals",
     "Paper: matched above shuffled, with \"reasonable accuracy\"; its text has no number.", 1},
    {"remove", "Does removing them hurt?",
     "e.operation = 'subtract' AND e.vectors IN ('in_naming', 'cross_all', 'cross_loo')",
     "A concept's own vector taken away",
     "Paper: 2.3 points (±0.99, layers 10-20) and 2.9 (±1.06, layers 10-30) worse than the "
     "control.",
     -1},
};

static int put(const struct fr_analysis_input *in, int position, const char *name,
               const char *question, enum answer answer, const char *text, const char *paper,
               const char *experiment, const char *condition, double value, double low, double high,
               struct fr_error *err) {
    return fr_store_run(in->store, err,
                        "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        "ittttttttddd", (int64_t)position, name, question, answers[answer], text,
                        paper, experiment, condition,
                        *experiment == '\0' ? "rise of the cosine" : "effect on accuracy", value,
                        low, high);
}

/* ---- do representations become abstract? ----------------------------------------------------- */

/* The rise must be above 0, and above what shuffled labels give, and stay above 0 where cells have
 * as many mentions and where subject and reference share no puzzle: a rise without these controls
 * is not shown to be refinement. */
static enum answer refined(const struct fr_refinement *r) {
    const struct fr_refined *const controls[] = {&r->matched, &r->other_puzzles};
    if (!r->rises || isnan(r->plain.low) || isnan(r->plain.high))
        return ANSWER_NOT_SHOWN;
    if (r->plain.high < 0)
        return ANSWER_NO;
    if (r->overlap || !(r->plain.low > 0) || (r->shuffled.is && r->plain.low <= r->shuffled.rise))
        return ANSWER_NOT_SHOWN;
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        if (!controls[i]->is || !(controls[i]->low > 0))
            return ANSWER_NOT_SHOWN;
    return ANSWER_YES;
}

static int put_refinement(const struct fr_analysis_input *in, int depth, int n_layers,
                          struct fr_error *err) {
    struct fr_refinement r;
    const int code = fr_refinement_take(in, depth, &r, err);
    if (code != FR_OK || !r.is)
        return code;
    const enum answer answer = refined(&r);
    struct fr_text text = {0};
    fr_text_add(&text, "The cosine of an action with the same action under other names ");
    fr_refinement_say(&r, &text);
    fr_text_printf(&text, " at layer %d of %d", depth, n_layers);
    if (isfinite(r.different_to))
        fr_text_printf(&text, "; with different actions it is then %.2f",
                       fr_shown(r.different_to, 2));
    fr_refinement_say_controls(&r, &in->world->config, &text);
    fr_text_add(&text, ".");
    const int put_code =
        put(in, 1, "refinement", "Do representations become abstract?", answer, fr_text_get(&text),
            "Paper (figures 2 and 4, layer 40 of 64): rises and levels off at about 7,000 tokens, "
            "different actions ever lower; its text has no number.",
            "", "", r.rises ? r.plain.rise : NAN, r.rises ? r.plain.low : NAN,
            r.rises ? r.plain.high : NAN, err);
    fr_text_release(&text);
    return put_code;
}

/* ---- what edits do --------------------------------------------------------------------------- */

struct found {
    bool is;
    char *experiment, *condition, *series, *place, *against;
    bool against_baseline;
    double mean, low, high, n_namings, n_pairs, baseline, accuracy, kept, unedited, detectable;
};

static void release(struct found *f) {
    free(f->experiment);
    free(f->condition);
    free(f->series);
    free(f->place);
    free(f->against);
}

static int find(const struct fr_analysis_input *in, const struct asked *a, int depth,
                struct found *out, struct fr_error *err) {
    struct fr_text sql = {0};
    struct fr_query *query;
    *out = (struct found){0};
    fr_text_printf(
        &sql,
        "SELECT c.experiment, c.name, e.vectors, iif(e.layer_end -"
        " e.layer_first > 1, 'layers ' || e.layer_first || '-' || (e.layer_end - 1), 'layer ' ||"
        " e.layer_first), b.control, o.role = 'baseline', x.mean, x.low, x.high, x.n_namings,"
        " x.n_pairs, k.baseline, k.accuracy, k.kept, x.unedited, x.detectable FROM condition c "
        "JOIN edit e ON"
        " e.id = c.edit JOIN effect x ON x.experiment = c.experiment AND x.condition = c.name"
        " JOIN kept k ON k.experiment = c.experiment AND k.condition = c.name"
        " JOIN condition o ON o.id = c.against JOIN edit b ON b.id = o.edit WHERE c.role ="
        " 'matched' AND x.mean IS NOT NULL AND e.traces <> 'failed' AND %s"
        " ORDER BY NOT (e.layer_first <= ?1 AND e.layer_end > ?1), abs(e.layer_end - 1 - ?1),"
        " c.position LIMIT 1", /* of those that edit the layer at the paper's depth, if any do */
        a->which);
    int code = fr_query_open(&query, in->store, err, fr_text_get(&sql), "i", (int64_t)depth);
    fr_text_release(&sql);
    if (code != FR_OK)
        return code;
    if ((out->is = fr_query_next(query))) {
        out->experiment = fr_strdup(fr_query_text(query, 0));
        out->condition = fr_strdup(fr_query_text(query, 1));
        out->series = fr_strdup(fr_query_text(query, 2));
        out->place = fr_strdup(fr_query_text(query, 3));
        out->against = fr_strdup(fr_query_text(query, 4));
        out->against_baseline = fr_query_int(query, 5) != 0;
        double *const numbers[] = {&out->mean,     &out->low,       &out->high,     &out->n_namings,
                                   &out->n_pairs,  &out->baseline,  &out->accuracy, &out->kept,
                                   &out->unedited, &out->detectable};
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            *numbers[i] = fr_query_double(query, 6 + (int)i);
    }
    return fr_query_close(query, err);
}

/* The controls that stand beside it: accuracy and, where it has one of its own, effect. */
static int add_controls(const struct fr_analysis_input *in, const struct found *f,
                        struct fr_text *text, double *best, struct fr_error *err) {
    struct fr_query *query;
    int n = 0;
    const int code = fr_query_open(
        &query, in->store, err,
        "SELECT d.control, k.accuracy, x.mean FROM condition m JOIN edit e ON e.id = m.edit"
        " JOIN condition c ON c.experiment = m.experiment AND c.role = 'control'"
        " JOIN edit d ON d.id = c.edit JOIN kept k ON k.experiment = c.experiment AND k.condition ="
        " c.name JOIN effect x ON x.experiment = c.experiment AND x.condition = c.name"
        " WHERE m.experiment = ? AND m.name = ? AND k.accuracy IS NOT NULL"
        /* beside it: the same but for the control */
        " AND replace(d.definition, 'control=' || d.control, 'control=none') = e.definition"
        " ORDER BY c.position",
        "tt", f->experiment, f->condition);
    if (code != FR_OK)
        return code;
    *best = NAN;
    for (; fr_query_next(query); n++) {
        fr_text_printf(text, "%s%s %.1f%%", n == 0 ? "; controls: " : ", ", fr_query_text(query, 0),
                       100 * fr_query_double(query, 1));
        *best = isnan(*best) ? fr_query_double(query, 2) : fmax(*best, fr_query_double(query, 2));
    }
    if (n == 0)
        fr_text_add(text, "; no control was run beside it");
    return fr_query_close(query, err);
}

static int put_asked(const struct fr_analysis_input *in, int position, const struct asked *a,
                     int depth, struct fr_error *err) {
    struct found f;
    struct fr_text text = {0};
    double best = NAN;
    int code = find(in, a, depth, &f, err);
    if (code != FR_OK || !f.is)
        return code;
    fr_text_printf(&text, "%s (%s, %s): %.1f%% solved, the unedited run %.1f%%", a->did, f.series,
                   f.place, 100 * f.accuracy, 100 * f.baseline);
    if (a->sign > 0 && isfinite(f.kept) && f.kept < 1)
        fr_text_printf(&text, ", so that %.0f%% of it is kept", 100 * f.kept);
    code = add_controls(in, &f, &text, &best, err);
    fr_text_printf(&text, ". Against %s: %+.1f points (",
                   f.against_baseline ? "the unedited run" : f.against, fr_shown(100 * f.mean, 1));
    if (isfinite(f.low) && isfinite(f.high))
        fr_text_printf(&text, "95%% interval %+.1f to %+.1f, ", fr_shown(100 * f.low, 1),
                       fr_shown(100 * f.high, 1));
    else
        fr_text_add(&text, "no interval: ");
    fr_text_printf(&text, "%.0f naming%s, %.0f pairs).", f.n_namings, f.n_namings == 1 ? "" : "s",
                   f.n_pairs);
    const double near = a->sign > 0 ? f.low : -f.high, far = a->sign > 0 ? f.high : -f.low;
    enum answer answer = near > 0 ? ANSWER_YES : far < 0 ? ANSWER_NO : ANSWER_NOT_SHOWN;
    /* a control that does as well says that it is not the vectors */
    if (answer == ANSWER_YES && f.against_baseline && !isnan(best) &&
        (a->sign > 0 ? best >= f.mean : best <= f.mean))
        answer = ANSWER_NOT_SHOWN;
    if (answer != ANSWER_YES && isfinite(f.detectable)) /* how much a null says */
        fr_text_printf(&text, " The design could have found %.1f points.", 100 * f.detectable);
    if (a->sign > 0 && f.against_baseline && f.baseline >= 1 - 1e-9)
        fr_text_add(&text, " Where everything is solved without it, nothing can help.");
    if (f.unedited > 0)
        fr_text_printf(&text, " Nothing was edited in %.0f of the pairs.", f.unedited);
    if (code == FR_OK)
        code = put(in, position, a->name, a->question, answer, fr_text_get(&text), a->paper,
                   f.experiment, f.condition, f.mean, f.low, f.high, err);
    release(&f);
    fr_text_release(&text);
    return code;
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    int64_t n_layers = 0;
    int code =
        fr_store_find_int(in->store, err, &n_layers, "SELECT max(layer) FROM similarity", "");
    const int depth = fr_paper_layer((int)n_layers);
    if (code == FR_OK)
        code = put_refinement(in, depth, (int)n_layers, err);
    for (size_t i = 0; code == FR_OK && i < sizeof asked / sizeof *asked; i++)
        code = put_asked(in, (int)i + 2, &asked[i], depth, err);
    return code;
}

const struct fr_analysis fr_analysis_claims = {
    .name = "claims",
    .need = FR_NEEDS_RUNS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
};
