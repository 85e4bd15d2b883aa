/* The paper's four claims, each as a question that the study answers in one sentence, with
 * interval, n, control, and what the paper has. Which condition answers is fixed before anything is
 * seen, by what it does: of those that ask the question, the ones that edit the layer at the
 * paper's depth (40 of 64) where any do, then the one whose last edited layer is nearest to it,
 * then the first of the configuration. Rejected: the best condition, whose answer is yes too often.
 *
 * One rule for all that edits are claimed to do (docs/statistics.md, "Yes, no, not shown"): yes is
 * an effect against the unedited run, or for replacement at least half of its accuracy kept, that
 * also is larger than each control's by the difference over the same pairs, every interval clear of
 * its bound. What the configuration measures a condition against does not enter. Rejected: a
 * control that stops a yes only where its point estimate is larger, which noise passes half of the
 * time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "analyses/paper.h"
#include "analyses/refinement.h"
#include "base/memory.h"
#include "base/text.h"

static const struct fr_result_table tables[] = {
    /* answer: 'yes', 'no' or 'not shown'. experiment, condition: what answers; '' of the first
     * claim. unit of value, low and high: 'rise of the cosine', 'effect on accuracy' against the
     * unedited run, or 'share of accuracy kept' of it. why: what a yes lacks; '' of others */
    {"claim", FR_OWNER_STATISTICS,
     "position INTEGER PRIMARY KEY, name TEXT NOT NULL, question TEXT NOT NULL,"
     " answer TEXT NOT NULL CHECK (answer IN ('yes', 'no', 'not shown')), text TEXT NOT NULL,"
     " paper TEXT NOT NULL, experiment TEXT NOT NULL, condition TEXT NOT NULL,"
     " unit TEXT NOT NULL, value REAL, low REAL, high REAL, why TEXT NOT NULL"},
};

enum answer { ANSWER_YES, ANSWER_NO, ANSWER_NOT_SHOWN };
static const char *const answers[] = {"yes", "no", "not shown"};

/* Claims of experiments. which: conditions that ask it, in SQL over edit e. sign: of the effect
 * that says yes. of_kept: what is asked is the accuracy kept, not an effect. controls: those that
 * it is to be held against (method.md 5). paper: arXiv 2602.04843, QwQ-32B; table 5, section 4.2,
 * section 4.3 and its appendix. */
static const struct asked {
    const char *name, *question, *which, *did, *paper;
    int sign;
    bool of_kept;
    const char *controls[2];
} asked[] = {
    {"early",
     "Does writing them in early help?",
     "e.operation = 'mix' AND e.vectors IN ('in_naming', 'cross_all', 'cross_loo')",
     "Late vectors mixed in early",
     "Paper, layer 40 of 64: +1.43 points (s.e. 0.64, p = 0.021) for cross-naming vectors, +0.57 "
     "(0.92) for in-naming ones, against the unedited run; random, at layer 20, −0.36 (1.08); 14 "
     "namings. None of its nine tests stands after Holm's correction (smallest 0.20).",
     1,
     false,
     {"random", "shuffled"}},
    {"replace",
     "Can they replace the originals?",
     "e.operation = 'replace' AND e.vectors IN ('symbolic_all', 'symbolic_loo')",
     "Name-free vectors in the place of the originals",
     "Paper: matched above shuffled, with \"reasonable accuracy\"; its text has no number.",
     1,
     true,
     {"shuffled", "single"}},
    {"remove",
     "Does removing them hurt?",
     "e.operation = 'subtract' AND e.vectors IN ('in_naming', 'cross_all', 'cross_loo')",
     "A concept's own vector taken away",
     "Paper: 2.3 points (±0.99, layers 10-20) and 2.9 (±1.06, layers 10-30) worse than the "
     "control.",
     -1,
     false,
     {"random", "shuffled"}},
};
static const double kept_least = 0.5; /* "reasonable accuracy", method.md 5 */

struct claim {
    int position;
    const char *name, *question, *paper, *experiment, *condition, *unit;
    enum answer answer;
    double value, low, high;
    struct fr_text text, why;
};

static int put(const struct fr_analysis_input *in, const struct claim *c, struct fr_error *err) {
    return fr_store_run(in->store, err,
                        "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        "ittttttttdddt", (int64_t)c->position, c->name, c->question,
                        answers[c->answer], fr_text_get(&c->text), c->paper, c->experiment,
                        c->condition, c->unit, c->value, c->low, c->high, fr_text_get(&c->why));
}

/* ---- do representations become abstract? ----------------------------------------------------- */

/* The rise must be above 0, and above what shuffled labels give, and stay above 0 where cells have
 * as many mentions and where subject and reference share no puzzle: a rise without these controls
 * is not shown to be refinement. */
static enum answer refined(const struct fr_refinement *r) {
    const struct fr_refined *const controls[] = {&r->matched, &r->other_puzzles};
    if (!r->rises || isnan(r->plain.low) || isnan(r->plain.high) ||
        r->n_namings < FR_FEWEST_NAMINGS)
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
    struct claim claim = {
        .position = 1,
        .name = "refinement",
        .question = "Do representations become abstract?",
        .paper = "Paper (figures 2 and 4, layer 40 of 64): rises and levels off at about 7,000 "
                 "tokens, different actions ever lower; its text has no number.",
        .experiment = "",
        .condition = "",
        .unit = "rise of the cosine",
        .answer = refined(&r),
        .value = r.rises ? r.plain.rise : NAN,
        .low = r.rises ? r.plain.low : NAN,
        .high = r.rises ? r.plain.high : NAN,
    };
    struct fr_text *text = &claim.text;
    fr_text_add(text, "The cosine of an action with the same action under other names ");
    fr_refinement_say(&r, text);
    fr_text_printf(text, " at layer %d of %d", depth, n_layers);
    if (isfinite(r.different_to))
        fr_text_printf(text, "; with different actions it is then %.2f",
                       fr_shown(r.different_to, 2));
    fr_refinement_say_controls(&r, &in->world->config, text);
    fr_text_add(text, ".");
    const int put_code = put(in, &claim, err);
    fr_text_release(text);
    return put_code;
}

/* ---- what edits do --------------------------------------------------------------------------- */

struct found {
    bool is;
    char *experiment, *condition, *series, *place, *traces;
    double mean, low, high, n_namings, n_pairs, baseline, accuracy; /* against the unedited run */
    double kept, kept_low, kept_high, unedited, detectable, left_out, window_end;
};

static void release(struct found *f) {
    free(f->experiment);
    free(f->condition);
    free(f->series);
    free(f->place);
    free(f->traces);
}

/* Those with runs come first: which they are follows from how long traces are, not from what they
 * came to. */
static int find(const struct fr_analysis_input *in, const struct asked *a, int depth,
                struct found *out, struct fr_error *err) {
    struct fr_text sql = {0};
    struct fr_query *query;
    *out = (struct found){0};
    fr_text_printf(
        &sql,
        "SELECT c.experiment, c.name, e.vectors, iif(e.layer_end -"
        " e.layer_first > 1, 'layers ' || e.layer_first || '-' || (e.layer_end - 1), 'layer ' ||"
        " e.layer_first), e.traces, x.mean, x.low, x.high, x.n_namings, x.n_pairs,"
        " x.other_accuracy, x.accuracy, k.kept, k.kept_low, k.kept_high, x.unedited, x.detectable,"
        " x.left_out, e.window_end FROM condition c JOIN edit e ON e.id = c.edit"
        " JOIN contrast x ON x.experiment = c.experiment AND x.condition = c.name AND x.other ="
        " 'unedited' LEFT JOIN kept k ON k.experiment = c.experiment AND k.condition = c.name"
        " WHERE c.role = 'matched' AND e.traces <> 'failed' AND %s"
        " ORDER BY x.n_pairs = 0, NOT (e.layer_first <= ?1 AND e.layer_end > ?1),"
        " abs(e.layer_end - 1 - ?1), c.position LIMIT 1", /* of those that edit the layer at the
                                                             paper's depth, if any do */
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
        out->traces = fr_strdup(fr_query_text(query, 4));
        double *const numbers[] = {&out->mean,      &out->low,       &out->high,
                                   &out->n_namings, &out->n_pairs,   &out->baseline,
                                   &out->accuracy,  &out->kept,      &out->kept_low,
                                   &out->kept_high, &out->unedited,  &out->detectable,
                                   &out->left_out,  &out->window_end};
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            *numbers[i] = fr_query_double(query, 5 + (int)i);
    }
    return fr_query_close(query, err);
}

static void add_points(struct fr_text *text, double mean, double low, double high) {
    fr_text_printf(text, "%+.1f points (", fr_shown(100 * mean, 1));
    if (isfinite(low) && isfinite(high))
        fr_text_printf(text, "95%% interval %+.1f to %+.1f)", fr_shown(100 * low, 1),
                       fr_shown(100 * high, 1));
    else
        fr_text_add(text, "no interval)");
}

static void add_why(struct fr_text *why, const char *text) {
    fr_text_printf(why, "%s%s", why->len > 0 ? "; " : "", text);
}

/* The controls beside it, each with its accuracy, and by how much the condition is better: in text,
 * accuracies first. What a yes lacks is added to why. */
static int hold_against_controls(const struct fr_analysis_input *in, const struct asked *a,
                                 const struct found *f, struct fr_text *text,
                                 struct fr_text *differences, struct fr_text *why,
                                 struct fr_error *err) {
    struct fr_query *query;
    struct fr_text line = {0};
    bool ran[2] = {false};
    int n = 0;
    const int code =
        fr_query_open(&query, in->store, err,
                      "SELECT other, other_accuracy, mean, low, high, n_namings FROM contrast WHERE"
                      " experiment = ? AND condition = ? AND other <> 'unedited' AND n_pairs > 0"
                      " ORDER BY position",
                      "tt", f->experiment, f->condition);
    if (code != FR_OK)
        return code;
    for (; fr_query_next(query); n++) {
        const char *other = fr_query_text(query, 0);
        const double mean = fr_query_double(query, 2), low = fr_query_double(query, 3),
                     high = fr_query_double(query, 4), near = a->sign > 0 ? low : -high;
        for (int i = 0; i < 2; i++)
            ran[i] |= strcmp(other, a->controls[i]) == 0;
        fr_text_printf(text, "%s%s %.1f%%", n == 0 ? "; controls: " : ", ", other,
                       100 * fr_query_double(query, 1));
        fr_text_printf(differences, "%sgainst %s ", differences->len > 0 ? ", a" : "A", other);
        add_points(differences, mean, low, high);
        fr_text_clear(&line);
        fr_text_printf(&line, "it is not %s than the control %s by the interval of the difference",
                       a->sign > 0 ? "better" : "worse", other);
        if (!(near > 0) || fr_query_int(query, 5) < FR_FEWEST_NAMINGS)
            add_why(why, fr_text_get(&line));
    }
    fr_text_clear(&line);
    if (n == 0)
        fr_text_printf(&line, "no control was run beside it (controls: [%s, %s])", a->controls[0],
                       a->controls[1]);
    for (int i = 0; n > 0 && i < 2; i++)
        if (!ran[i])
            fr_text_printf(text, "%s%s was not run", line.len > 0 ? ", " : "; the control ",
                           a->controls[i]);
    if (line.len > 0) {
        fr_text_printf(text, "; %s", fr_text_get(&line));
        add_why(why, fr_text_get(&line));
    }
    fr_text_release(&line);
    return fr_query_close(query, err);
}

/* Why there is nothing to answer from, or "": no pairs, or none that was edited. */
static int say_nothing_done(const struct fr_analysis_input *in, const struct found *f,
                            struct fr_text *out, struct fr_error *err) {
    double n_traces = NAN;
    if (f->n_pairs == 0)
        fr_text_printf(out,
                       "none of the %.0f traces to steer goes on past the window's end at %.0f "
                       "tokens, so that no run was made",
                       f->left_out, f->window_end);
    if (f->n_pairs == 0 || f->unedited < f->n_pairs)
        return FR_OK;
    const int code =
        fr_store_find_double(in->store, err, &n_traces,
                             "SELECT max(s.n_traces) FROM sums s JOIN naming n ON n.id ="
                             " s.naming WHERE s.traces = ? AND s.site = 'block' AND n.role ="
                             " 'mystery' AND NOT n.excluded",
                             "t", f->traces);
    if (code != FR_OK)
        return code;
    fr_text_printf(out, "nothing was edited in any of the %.0f pairs: ", f->n_pairs);
    if (n_traces == 0)
        fr_text_printf(out, "there is no %s trace to make vectors of",
                       strcmp(f->traces, "all") == 0 ? "collected" : f->traces);
    else
        fr_text_add(out, "no vector could be made, or no mention lies in the window");
    return FR_OK;
}

/* Of the condition itself, its controls aside. */
static enum answer answer_alone(const struct asked *a, const struct found *f, struct fr_text *why) {
    const double near = a->of_kept ? f->kept_low - kept_least : a->sign > 0 ? f->low : -f->high;
    const double far = a->of_kept ? f->kept_high - kept_least : a->sign > 0 ? f->high : -f->low;
    if (f->n_namings < FR_FEWEST_NAMINGS) {
        struct fr_text line = {0};
        fr_text_printf(&line, "it takes %d namings, and these are %.0f", FR_FEWEST_NAMINGS,
                       f->n_namings);
        add_why(why, fr_text_get(&line));
        fr_text_release(&line);
        return ANSWER_NOT_SHOWN;
    }
    if (far < 0)
        return ANSWER_NO;
    if (near > 0)
        return ANSWER_YES;
    add_why(why, a->of_kept ? "the share kept is not above half by its interval"
                            : "the effect against the unedited run is not clear of 0 by its "
                              "interval");
    return ANSWER_NOT_SHOWN;
}

static void say_asked(const struct asked *a, const struct found *f, struct fr_text *text) {
    fr_text_printf(text, "%s (%s, %s)", a->did, f->series, f->place);
    if (f->n_pairs > 0)
        fr_text_printf(text, ": %.1f%% solved, the unedited run %.1f%%", 100 * f->accuracy,
                       100 * f->baseline);
    if (f->n_pairs > 0 && a->sign > 0 && isfinite(f->kept) && (a->of_kept || f->kept < 1)) {
        fr_text_printf(text, ", so that %.0f%% of it is kept", 100 * f->kept);
        if (a->of_kept && isfinite(f->kept_low) && isfinite(f->kept_high))
            fr_text_printf(text, " (95%% interval %.0f to %.0f%%; asked for is at least half)",
                           100 * f->kept_low, 100 * f->kept_high);
    }
}

static int put_asked(const struct fr_analysis_input *in, int position, const struct asked *a,
                     int depth, struct fr_error *err) {
    struct found f;
    struct fr_text differences = {0}, nothing = {0};
    int code = find(in, a, depth, &f, err);
    if (code != FR_OK || !f.is)
        return code;
    struct claim claim = {.position = position,
                          .name = a->name,
                          .question = a->question,
                          .paper = a->paper,
                          .experiment = f.experiment,
                          .condition = f.condition,
                          .unit = a->of_kept ? "share of accuracy kept" : "effect on accuracy",
                          .answer = ANSWER_NOT_SHOWN,
                          .value = NAN,
                          .low = NAN,
                          .high = NAN};
    struct fr_text *text = &claim.text;
    say_asked(a, &f, text);
    code = say_nothing_done(in, &f, &nothing, err);
    if (code == FR_OK && nothing.len > 0) {
        fr_text_printf(text, ": %s.", fr_text_get(&nothing));
        add_why(&claim.why, fr_text_get(&nothing));
    } else if (code == FR_OK) {
        claim.value = a->of_kept ? f.kept : f.mean;
        claim.low = a->of_kept ? f.kept_low : f.low;
        claim.high = a->of_kept ? f.kept_high : f.high;
        claim.answer = answer_alone(a, &f, &claim.why);
        if (!a->of_kept) {
            fr_text_add(&differences, "Against the unedited run ");
            add_points(&differences, f.mean, f.low, f.high);
        }
        code = hold_against_controls(in, a, &f, text, &differences, &claim.why, err);
        fr_text_printf(text, ". %s%s%.0f naming%s, %.0f pairs.", fr_text_get(&differences),
                       differences.len > 0 ? "; " : "Of ", f.n_namings, f.n_namings == 1 ? "" : "s",
                       f.n_pairs);
        if (claim.answer == ANSWER_YES && claim.why.len > 0)
            claim.answer = ANSWER_NOT_SHOWN;
        if (claim.answer == ANSWER_NO)
            fr_text_clear(&claim.why);
        if (claim.answer == ANSWER_NOT_SHOWN)
            fr_text_printf(text, " Not shown: %s.", fr_text_get(&claim.why));
        if (claim.answer != ANSWER_YES && !a->of_kept && f.detectable >= 1) /* what a null says */
            fr_text_add(text, " The design could have found no effect: not even 100 points.");
        else if (claim.answer != ANSWER_YES && !a->of_kept && isfinite(f.detectable))
            fr_text_printf(text, " The design could have found %.1f points.", 100 * f.detectable);
        if (a->sign > 0 && !a->of_kept && f.baseline >= 1 - 1e-9)
            fr_text_add(text, " Where everything is solved without it, nothing can help.");
        if (f.unedited > 0)
            fr_text_printf(text, " Nothing was edited in %.0f of the pairs.", f.unedited);
    }
    if (code == FR_OK)
        code = put(in, &claim, err);
    release(&f);
    fr_text_release(text);
    fr_text_release(&claim.why);
    fr_text_release(&differences);
    fr_text_release(&nothing);
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
