/* The page's section on controls: what chance and the machinery give. */
#include <math.h>
#include <string.h>

#include "report/sections.h"

/* mark: good, bad or none; text is html. */
static void add_check(struct fr_page *page, const char *mark, const char *text) {
    fr_page_printf(page, "<li class=\"%s\">%s</li>\n", mark, text);
}

/* What each identity edit did, however many conditions share it. */
#define IDENTITY                                                                                   \
    "(SELECT c.edit, max(coalesce(e.mean, 0) <> 0 OR e.gained + e.lost > 0) AS wrong,"             \
    " max(e.n_pairs) AS runs, max(e.unedited) AS unedited, max(e.changed) AS changed"              \
    " FROM effect e JOIN condition c ON c.experiment = e.experiment AND c.name = e.condition"      \
    " WHERE c.role = 'identity' GROUP BY c.edit)"

static void add_identity(struct fr_page *page) {
    const double runs = fr_page_value(page, "SELECT sum(runs) FROM " IDENTITY);
    if (!(runs > 0)) {
        const bool asked =
            fr_page_value(page, "SELECT count(*) FROM condition WHERE role = 'identity'") > 0;
        add_check(page, "none",
                  asked ? "<b>Identity</b>: no run: there is no pair of runs of its experiments."
                        : "<b>Identity</b>: not run.");
        return;
    }
    const double wrong = fr_page_value(page, "SELECT sum(wrong) FROM " IDENTITY);
    const double changed = fr_page_value(page, "SELECT sum(changed) FROM " IDENTITY);
    const double edited = runs - fr_page_value(page, "SELECT sum(unedited) FROM " IDENTITY);
    const char *tokens = fr_page_format(
        page,
        "%s of %s identity runs generated exactly the tokens of those they are measured against, "
        "%s of them with positions edited",
        fr_page_count(page, runs - changed), fr_page_count(page, runs),
        fr_page_count(page, edited));
    if (wrong > 0 || changed > 0)
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

/* A line for each experiment and control: every condition with its effect. */
static const char control_sql[] =
    "SELECT c.experiment || ': ' || d.control, coalesce(' (' || k.meaning || ')', ''),"
    " d.vectors || ', ' || s.at, e.mean, e.standard_error, e.n_namings, s.reference"
    " FROM effect e JOIN condition c ON c.experiment = e.experiment AND c.name = e.condition"
    " JOIN condition_shown s ON s.experiment = c.experiment AND s.name = c.name"
    " JOIN edit d ON d.id = c.edit LEFT JOIN control_kind k USING (control)"
    " WHERE c.role = 'control' AND e.n_pairs > 0"
    " ORDER BY min(c.position) OVER (PARTITION BY c.experiment), d.control, c.position";

static void add_controls(struct fr_page *page) {
    struct fr_query *query = NULL;
    const char *heading = "";
    if (!fr_page_query(page, &query, control_sql))
        return;
    while (fr_query_next(query)) {
        const char *now = fr_page_escape(page, fr_query_text(query, 0));
        if (strcmp(heading, now) != 0)
            fr_page_printf(page,
                           "%s<li class=\"none\"><b>%s</b>%s: ", *heading != '\0' ? ".</li>\n" : "",
                           now, fr_query_text(query, 1));
        else
            fr_page_add(page, "; ");
        heading = now;
        fr_page_printf(page, "%s: %s points against %s (s.e. %s, n = %s)",
                       fr_page_escape(page, fr_query_text(query, 2)),
                       fr_page_points(page, fr_query_double(query, 3)),
                       fr_page_escape(page, fr_query_text(query, 6)),
                       fr_page_number(page, "%.2f", 100 * fr_query_double(query, 4)),
                       fr_page_count(page, fr_query_double(query, 5)));
    }
    fr_page_add(page, *heading != '\0' ? ".</li>\n" : "");
    fr_page_close(page, query);
    if (*heading == '\0')
        add_check(page, "none", "<b>Other vectors in the same places</b>: not run.");
}

/* Means over timestamps from the reference on, at the layer at which the figure opens. */
#define SIMILARITY                                                                                 \
    "SELECT avg(mean) FROM similarity WHERE relation = 'same' AND kind = 'action' AND"             \
    " timestamp >= reference_timestamp AND layer = (SELECT layer FROM similarity_layer) AND"       \
    " variant = "

static void add_shuffled_labels(struct fr_page *page) {
    const double real = fr_page_value(page, SIMILARITY "'loo'");
    const double shuffled = fr_page_value(page, SIMILARITY "'loo_shuffled'");
    add_check(page, "none",
              isnan(shuffled)
                  ? "<b>Shuffled labels, similarity</b>: no values."
                  : fr_page_format(
                        page,
                        "<b>Shuffled labels, similarity</b> (every naming's concepts permuted "
                        "within their kind first): mean same-concept cosine of actions from the "
                        "reference timestamp on %s, against %s with true labels, layer %s.",
                        fr_page_number(page, "%.2f", shuffled), fr_page_number(page, "%.2f", real),
                        fr_page_string(page, "SELECT layer FROM similarity_layer")));
    const double chance = fr_page_value(page, "SELECT max(silhouette_highest) FROM separation");
    const double mean = fr_page_value(page, "SELECT max(silhouette_shuffled) FROM separation");
    const double best = fr_page_value(page, "SELECT max(silhouette) FROM separation");
    add_check(
        page, "none",
        isnan(chance)
            ? "<b>Shuffled labels, separation</b>: no values."
            : fr_page_format(
                  page,
                  "<b>Shuffled labels, separation</b>: largest silhouette of true labels over "
                  "layers %s; of shuffled labels, over 100 shuffles of every layer, %s "
                  "(their means by layer: at most %s).",
                  fr_page_number(page, "%.2f", best), fr_page_number(page, "%.2f", chance),
                  fr_page_number(page, "%.2f", mean)));
}

void fr_section_controls(struct fr_page *page) {
    fr_page_section(page, "controls", "Controls");
    fr_page_add(page, "<p>A result counts only beside what chance and the machinery give.</p>\n"
                      "<ul class=\"checks\">\n");
    if (fr_page_steers(page)) {
        add_identity(page);
        add_controls(page);
    }
    add_shuffled_labels(page);
    fr_page_add(page, "</ul>\n");
}
