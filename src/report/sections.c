/* The page's sections on results: title, headline numbers, behaviour, representations, steering,
 * controls. What is computed here is only what a reader could read off the tables. */
#include "report/sections.h"

#include <math.h>
#include <string.h>

#include "report/figure.h"
#include "report/terms.h"

#define N_COLUMNS(columns) ((int)(sizeof(columns) / sizeof *(columns)))

void fr_section_title(struct fr_page *page) {
    const char *model = fr_page_meta(page, "model_name");
    fr_page_printf(page,
                   "<section id=\"top\">\n<p class=\"kind\">fluidrep study</p>\n<h1>%s</h1>\n"
                   "<p class=\"subtitle\">Fluid reasoning representations in <b>%s</b>%s</p>\n",
                   fr_page_meta(page, "study"), model,
                   fr_page_replays(page) ? ", reading recorded traces" : "");
    fr_page_printf(
        page,
        "<p>How does a reasoning model's internal representation of an obfuscated concept change "
        "while it reasons, and does that change cause its success? The model solves planning "
        "puzzles whose actions and predicates carry arbitrary words (<em>mystery namings</em>); "
        "what is measured is whether the representations of the same concept under different "
        "words become alike, and whether writing such a representation into the model changes "
        "what it solves.</p>\n<p class=\"facts\">%s puzzles &middot; %s namings &middot; %s "
        "%s",
        fr_page_count(page, fr_page_value(page, "SELECT count(*) FROM puzzle")),
        fr_page_count(page, fr_page_value(page, "SELECT count(*) FROM naming")),
        fr_page_count(page, fr_page_value(page, "SELECT count(*) FROM trace")),
        fr_page_replays(page) ? "replayed traces" : "rollouts");
    if (fr_page_steers(page))
        fr_page_printf(page, " &middot; %s steered runs",
                       fr_page_count(page, fr_page_value(page, "SELECT count(*) FROM steered")));
    fr_page_add(page, "</p>\n");
    const char *open = fr_page_string(
        page, "SELECT group_concat(name, ', ') FROM (SELECT name FROM stage WHERE NOT done AND"
              " name <> 'report' ORDER BY rowid)");
    if (strcmp(open, FR_DASH) != 0)
        fr_page_missing(page, fr_page_format(page,
                                             "This study is not finished: %s. The numbers "
                                             "below are of what is there.",
                                             fr_page_escape(page, open)));
}

/* ---- headline numbers ------------------------------------------------------------------------ */

static bool starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

enum headline_unit { UNIT_SHARE, UNIT_POINTS, UNIT_P, UNIT_NUMBER };

/* report.h states these rules. */
static enum headline_unit unit_of(const char *name) {
    if (starts_with(name, "accuracy") || starts_with(name, "preserved") ||
        starts_with(name, "share"))
        return UNIT_SHARE;
    if (starts_with(name, "effect") || starts_with(name, "gain"))
        return UNIT_POINTS;
    if (strcmp(name, "p") == 0 || starts_with(name, "p_"))
        return UNIT_P;
    return UNIT_NUMBER;
}

static const char *headline_number(struct fr_page *page, enum headline_unit unit, double x) {
    switch (unit) {
    case UNIT_SHARE:
        return fr_page_percent(page, x);
    case UNIT_POINTS:
        return fr_page_points(page, x);
    case UNIT_P:
        return fr_page_p(page, x);
    case UNIT_NUMBER:
        break;
    }
    return fr_page_number(page, "%.3g", x);
}

void fr_section_headlines(struct fr_page *page) {
    fr_page_section(page, "headlines", "Headline numbers");
    struct fr_query *query = NULL;
    int n = 0;
    if (!fr_page_query(page, &query,
                       "SELECT name, value, low, high, text FROM headline ORDER BY position"))
        return;
    while (fr_query_next(query)) {
        const char *name = fr_query_text(query, 0);
        const enum headline_unit unit = unit_of(name);
        fr_page_add(page, n++ == 0 ? "<div class=\"cards\">\n" : "");
        fr_page_printf(page, "<div class=\"card\" data-name=\"%s\"><p class=\"value\">%s%s</p>",
                       fr_page_escape(page, name),
                       headline_number(page, unit, fr_query_double(query, 1)),
                       unit == UNIT_POINTS && !fr_query_is_null(query, 1) ? " <small>points</small>"
                                                                          : "");
        if (!fr_query_is_null(query, 2) && !fr_query_is_null(query, 3))
            fr_page_printf(page, "<p class=\"interval\">%s to %s</p>",
                           headline_number(page, unit, fr_query_double(query, 2)),
                           headline_number(page, unit, fr_query_double(query, 3)));
        fr_page_printf(page, "<p>%s</p></div>\n", fr_page_escape(page, fr_query_text(query, 4)));
    }
    fr_page_close(page, query);
    if (n > 0)
        fr_page_add(
            page,
            "</div>\n<p class=\"links\"><a href=\"tables/headline.csv\">headline.csv</a></p>\n");
    else
        fr_page_missing(page, "No headline numbers: no analysis of this study has finished.");
}

/* ---- behaviour ------------------------------------------------------------------------------- */

static const struct fr_column accuracy_columns[] = {
    {"", FR_CELL_ROW_CLASS, NULL},
    {"Naming", FR_CELL_TEXT, NULL},
    {"n", FR_CELL_COUNT, "puzzles"},
    {"Solved", FR_CELL_COUNT, NULL},
    {"Goal unmet", FR_CELL_COUNT, "a legal plan that ends short of the goal"},
    {"Illegal step", FR_CELL_COUNT, "a plan with an action whose precondition does not hold"},
    {"Unparsed", FR_CELL_COUNT, "no plan could be read from the answer"},
    {"Truncated", FR_CELL_COUNT, "the token limit was reached before an answer"},
    {"Accuracy %", FR_CELL_PERCENT, NULL},
    {"95% interval, %", FR_CELL_RANGE_PERCENT, "Wilson's score interval over puzzles"},
    {"Pre&shy;served %", FR_CELL_PERCENT, "accuracy divided by the clean naming's"},
    {"Mean tokens", FR_CELL_COUNT, "mean number of reasoning tokens"},
    {"QwQ-32B %", FR_CELL_PERCENT, "the paper's accuracy for QwQ-32B under the same words"},
};

/* Per naming, then the mean over mystery namings: of shares plain means, of counts sums. */
static const char accuracy_sql[] =
    "SELECT class, label, n, solved, goal_unmet, illegal_step, unparsed, truncated, accuracy, low,"
    " high, preserved, tokens, paper FROM ("
    "SELECT 0 AS part, row_number() OVER (ORDER BY " FR_SQL_ORDER_NAMINGS ") AS rank,"
    " iif(n.excluded, 'muted', '') AS class, a.naming || iif(n.excluded, ' *', '') AS label, a.n "
    "AS n,"
    " solved, goal_unmet, illegal_step, unparsed, truncated, accuracy, low, high, preserved,"
    " mean_reasoning_tokens AS tokens, paper_accuracy AS paper"
    " FROM accuracy a LEFT JOIN naming n ON n.id = a.naming"
    " WHERE a.split = (SELECT split FROM accuracy ORDER BY split <> 'all', split LIMIT 1)"
    " UNION ALL SELECT 1, 0, 'total', count(*) || ' mystery', sum(a.n), sum(solved),"
    " sum(goal_unmet), sum(illegal_step), sum(unparsed), sum(truncated), avg(accuracy), NULL, NULL,"
    " avg(preserved), avg(mean_reasoning_tokens), avg(paper_accuracy)"
    " FROM accuracy a LEFT JOIN naming n ON n.id = a.naming WHERE coalesce(n.role, '') <> 'clean' "
    "AND"
    " a.split = (SELECT split FROM accuracy ORDER BY split <> 'all', split LIMIT 1)"
    " HAVING count(*) > 0) ORDER BY part, rank";

void fr_section_behaviour(struct fr_page *page) {
    fr_page_section(page, "accuracy", "What the model solves");
    (void)fr_figure_add(page, "accuracy");
    fr_page_table(page, "verdicts",
                  "Verdicts by simulation of the answer, all puzzles. Accuracy with Wilson 95% "
                  "intervals; last row: counts summed, shares and tokens averaged over the mystery "
                  "namings. * left out of representations and steering.",
                  accuracy_columns, N_COLUMNS(accuracy_columns), accuracy_sql);
}

/* ---- representations ------------------------------------------------------------------------- */

void fr_section_representations(struct fr_page *page) {
    fr_page_section(page, "similarity", "Similarity over the reasoning");
    (void)fr_figure_add(page, "similarity");
    (void)fr_figure_add(page, "layers");
    fr_page_section(page, "concepts", "Concepts by layer");
    (void)fr_figure_add(page, "pca");
    (void)fr_figure_add(page, "separation");
}

/* ---- steering -------------------------------------------------------------------------------- */

static const struct fr_column steering_columns[] = {
    {"", FR_CELL_GROUP, NULL},
    {"", FR_CELL_ROW_CLASS, NULL},
    {"Layer", FR_CELL_COUNT, NULL},
    {"Mean", FR_CELL_POINTS, "mean effect over namings, percentage points"},
    {"s.e.", FR_CELL_POINTS_UNSIGNED, "standard error over namings, percentage points"},
    {"95% interval", FR_CELL_RANGE_POINTS, "hierarchical bootstrap: namings, then puzzles"},
    {"t", FR_CELL_NUMBER, "one-sample t over namings"},
    {"p", FR_CELL_P, "one-tailed t-test over namings, as in the paper"},
    {"Holm p", FR_CELL_P, "the same, corrected for the family of layers and conditions"},
    {"Perm. p", FR_CELL_P,
     "one-tailed sign-flip permutation test on paired puzzles within namings"},
    {"Gained", FR_CELL_COUNT, "pairs solved only when steered"},
    {"Lost", FR_CELL_COUNT, "pairs solved only unedited"},
    {"McNe&shy;mar p", FR_CELL_P, "exact, two-sided, on gained and lost"},
    {"Nam&shy;ings", FR_CELL_COUNT, NULL},
    {"Pairs", FR_CELL_COUNT, NULL},
    {"Detec&shy;table", FR_CELL_POINTS_UNSIGNED,
     "smallest mean effect this design would detect (one-tailed t-test), percentage points"},
    {"Ex&shy;cluded", FR_CELL_TEXT, "namings left out"},
};

/* The heading of a condition's rows says whether it is a control. */
static const char steering_sql[] =
    "SELECT " FR_SQL_CONDITION ","
    " CASE WHEN instr(condition, 'identity') > 0 AND (coalesce(mean, 0) <> 0 OR gained + lost > 0)"
    " THEN 'flag' WHEN " FR_SQL_IS_CONTROL " THEN 'muted' ELSE '' END, layer,"
    " mean, standard_error, low, high, t, p, p_holm, p_permutation, gained, lost, p_mcnemar,"
    " n_namings, n_pairs, detectable, excluded FROM steering"
    " ORDER BY " FR_SQL_IS_CONTROL ", " FR_SQL_CONDITION_ORDER ", layer";

static const struct fr_column naming_columns[] = {
    {"", FR_CELL_GROUP, NULL},
    {"Naming", FR_CELL_TEXT, NULL},
    {"Pairs", FR_CELL_COUNT, NULL},
    {"Left out", FR_CELL_COUNT, "rollouts that ended before the window's end"},
    {"Unedited", FR_CELL_COUNT, "pairs solved by the baseline"},
    {"Steered", FR_CELL_COUNT, NULL},
    {"Gained", FR_CELL_COUNT, NULL},
    {"Lost", FR_CELL_COUNT, NULL},
    {"Effect", FR_CELL_POINTS, "percentage points"},
    {"Paper's effect", FR_CELL_POINTS, "QwQ-32B's, percentage points, where the paper reports one"},
};

static const char naming_sql[] =
    "SELECT " FR_SQL_CONDITION " || ', layer ' || layer, a.naming, n, left_out, baseline_solved,"
    " steered_solved, gained, lost, effect, paper_effect FROM steering_naming a LEFT JOIN naming n"
    " ON n.id = a.naming ORDER BY " FR_SQL_CONDITION_ORDER ", layer, " FR_SQL_ORDER_NAMINGS;

void fr_section_steering(struct fr_page *page) {
    fr_page_section(page, "steering", "Steering");
    fr_page_printf(
        page,
        "<p>Representations are written into the residual stream at the mentions of their "
        "concepts among tokens %s to %s of the model's own unsteered rollout (steering window in "
        "the configuration); what it then generates is judged and compared with what it "
        "generates after the same prefix unedited.</p>\n",
        fr_page_setting(page, "steering.window_start"),
        fr_page_setting(page, "steering.window_end"));
    /* An effect of zero from edits that did not happen is no result. */
    const char *unedited = fr_page_string(
        page, "SELECT group_concat(label, '; ') FROM (SELECT " FR_SQL_CONDITION
              " || ', layer ' || layer AS label FROM steered WHERE layer > 0 GROUP BY condition, "
              "layer HAVING sum(n_edits) = 0 ORDER BY " FR_SQL_CONDITION_ORDER ", layer)");
    if (strcmp(unedited, FR_DASH) != 0)
        fr_page_missing(page,
                        fr_page_format(page,
                                       "Nothing was edited in: %s. No vector could be made or "
                                       "no mention lay in the window; an effect of zero there "
                                       "says nothing about the model.",
                                       fr_page_escape(page, unedited)));
    (void)fr_figure_add(page, "steering");
    const int n = fr_page_table(
        page, "effects",
        "Effect of steering in percentage points. t-test: one-sample, one-tailed, over "
        "namings; Holm's correction over all conditions and layers; permutation test and "
        "exact McNemar test on pairs. A t-test needs two namings, a standard error some "
        "variance; where they lack, a dash.",
        steering_columns, N_COLUMNS(steering_columns), steering_sql);
    if (n > 0)
        fr_page_add(page,
                    "<p class=\"links\"><a href=\"tables/steering.csv\">steering.csv</a></p>\n");
    fr_page_section(page, "per-naming", "Steering per naming");
    (void)fr_figure_add(page, "steering-namings");
    if (!(fr_page_value(page, "SELECT count(*) FROM steering_naming") > 0))
        return;
    fr_page_add(page, "<details><summary>Effects per naming as a table</summary>\n");
    fr_page_table(page, "effects-namings", "Effect per naming, with the counts behind it.",
                  naming_columns, N_COLUMNS(naming_columns), naming_sql);
    fr_page_add(page, "</details>\n");
}

/* ---- controls -------------------------------------------------------------------------------- */

/* mark: good, bad or none; text is html. */
static void add_check(struct fr_page *page, const char *mark, const char *text) {
    fr_page_printf(page, "<li class=\"%s\">%s</li>\n", mark, text);
}

static void add_identity(struct fr_page *page) {
    const double rows =
        fr_page_value(page, "SELECT count(*) FROM steering WHERE instr(condition, 'identity') > 0");
    if (!(rows > 0)) {
        add_check(page, "none", "<b>Identity</b>: not run.");
        return;
    }
    const double wrong =
        fr_page_value(page,
                      "SELECT count(*) FROM steering WHERE instr(condition, 'identity') > 0 AND"
                      " (coalesce(mean, 0) <> 0 OR gained + lost > 0)");
    const double runs = fr_page_value(
        page, "SELECT count(*) FROM steered s JOIN steered b ON b.trace = s.trace AND b.layer = 0"
              " WHERE s.layer > 0 AND instr(s.condition, 'identity') > 0");
    const double equal = fr_page_value(
        page,
        "SELECT count(*) FROM steered s JOIN steered b ON b.trace = s.trace AND b.layer = 0 AND"
        " b.ids = s.ids WHERE s.layer > 0 AND instr(s.condition, 'identity') > 0");
    const double edited =
        fr_page_value(page, "SELECT count(*) FROM steered WHERE layer > 0 AND n_edits > 0 AND"
                            " instr(condition, 'identity') > 0");
    const bool good = wrong == 0 && equal == runs;
    const char *tokens =
        fr_page_format(page,
                       "%s of %s identity runs generated exactly the baseline's tokens, %s of them "
                       "with positions edited",
                       fr_page_count(page, equal), fr_page_count(page, runs),
                       fr_page_count(page, edited));
    if (!good)
        add_check(page, "bad",
                  fr_page_format(page,
                                 "<b>Identity is not zero.</b> Edits that change nothing changed "
                                 "results: %s; the steering results of this study cannot be "
                                 "trusted until this is explained.",
                                 tokens));
    else if (edited > 0)
        add_check(page, "good",
                  fr_page_format(page,
                                 "<b>Identity</b> (edits that change nothing): effect exactly "
                                 "zero, as it must be; %s.",
                                 tokens));
    else
        add_check(page, "none",
                  "<b>Identity</b>: effect zero, but no position was edited, so that it proves "
                  "nothing.");
}

static void add_condition_control(struct fr_page *page, const char *name, const char *what,
                                  const char *sql) {
    struct fr_query *query = NULL;
    if (!fr_page_query(page, &query, sql))
        return;
    int n = 0;
    while (fr_query_next(query)) {
        if (n++ == 0)
            fr_page_printf(page, "<li class=\"none\"><b>%s</b> (%s): ", name, what);
        else
            fr_page_add(page, "; ");
        fr_page_printf(page, "%s, layer %s: %s points (s.e. %s, n = %s)",
                       fr_page_escape(page, fr_query_text(query, 0)),
                       fr_page_count(page, fr_query_double(query, 1)),
                       fr_page_points(page, fr_query_double(query, 2)),
                       fr_page_number(page, "%.2f", 100 * fr_query_double(query, 3)),
                       fr_page_count(page, fr_query_double(query, 4)));
    }
    fr_page_add(page, n > 0 ? ".</li>\n" : "");
    fr_page_close(page, query);
    if (n == 0)
        add_check(page, "none", fr_page_format(page, "<b>%s</b> (%s): not run.", name, what));
}

#define CONTROL_SQL(kind)                                                                          \
    "SELECT replace(" FR_SQL_CONDITION ", ' (control)', ''), layer, mean, standard_error,"         \
    " n_namings FROM steering WHERE instr(condition, '" kind "') > 0"                              \
    " ORDER BY " FR_SQL_CONDITION_ORDER ", layer"

/* Means over timestamps from the reference on, at the layer at which the figure opens. */
static const char similarity_control_sql[] =
    "SELECT avg(mean) FROM similarity WHERE relation = 'same' AND kind = 'action' AND"
    " timestamp >= reference_timestamp AND layer = (" FR_SQL_LAYER_OF(
        "similarity") ") AND variant = ";

void fr_section_controls(struct fr_page *page) {
    fr_page_section(page, "controls", "Controls");
    fr_page_add(page, "<p>A result counts only beside what chance and the machinery give.</p>\n"
                      "<ul class=\"checks\">\n");
    if (fr_page_steers(page)) {
        add_identity(page);
        add_condition_control(page, "Random vectors", "Gaussian directions of the same norm",
                              CONTROL_SQL("random"));
        add_condition_control(page, "Shuffled vectors",
                              "the same vectors, each written at another concept "
                              "of its kind",
                              CONTROL_SQL("shuffled"));
    }
    const double real =
        fr_page_value(page, fr_page_format(page, "%s'loo'", similarity_control_sql));
    const double shuffled =
        fr_page_value(page, fr_page_format(page, "%s'loo_shuffled'", similarity_control_sql));
    add_check(page, "none",
              isnan(shuffled)
                  ? "<b>Shuffled labels, similarity</b>: no values."
                  : fr_page_format(
                        page,
                        "<b>Shuffled labels, similarity</b> (every naming's concepts permuted "
                        "within their kind first): mean same-concept cosine of actions from the "
                        "reference "
                        "timestamp on %s, against %s with true labels, layer %s.",
                        fr_page_number(page, "%.2f", shuffled), fr_page_number(page, "%.2f", real),
                        fr_page_escape(page, fr_page_string(page, FR_SQL_LAYER_OF("similarity")))));
    const double chance = fr_page_value(page, "SELECT max(silhouette_shuffled) FROM separation");
    add_check(page, "none",
              isnan(chance)
                  ? "<b>Shuffled labels, separation</b>: no values."
                  : fr_page_format(
                        page,
                        "<b>Shuffled labels, separation</b>: largest silhouette of shuffled labels "
                        "over layers %s, of true labels %s.",
                        fr_page_number(page, "%.2f", chance),
                        fr_page_number(page, "%.2f",
                                       fr_page_value(page,
                                                     "SELECT max(silhouette) FROM separation"))));
    fr_page_add(page, "</ul>\n");
}
