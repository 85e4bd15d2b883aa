/* The page's first sections: title, headline numbers, behaviour, representations. What is computed
 * here is only what a reader could read off the tables. */
#include "report/sections.h"

#include <math.h>
#include <string.h>

#include "report/assets.h"
#include "report/figure.h"
#include "report/table.h"

void fr_section_title(struct fr_page *page) {
    const char *model = fr_page_meta(page, "model_name"), *kind = fr_page_meta(page, "model_kind");
    fr_page_printf(page,
                   "<section id=\"top\">\n<p class=\"kind\">fluidrep study</p>\n<h1>%s</h1>\n"
                   "<p class=\"subtitle\">Fluid reasoning representations in <b>%s</b>%s%s</p>\n",
                   fr_page_meta(page, "study"), model,
                   strcmp(kind, "regular") == 0 ? ", a model that does not reason before it answers"
                   : strcmp(kind, "reasoning") == 0 ? ", a reasoning model"
                                                    : "",
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
        fr_page_printf(page, " &middot; %s baseline and edited runs",
                       fr_page_count(page, fr_page_value(page, "SELECT count(*) FROM run")));
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

static const char *number(struct fr_page *page, const char *unit, double x) {
    return fr_page_escape(page, fr_unit_number(page, unit, x));
}

/* A line of what it is, and the sentence with test and power folded; the sentence where no line is.
 */
static void add_sentence(struct fr_page *page, struct fr_query *query) {
    const char *text = fr_page_escape(page, fr_page_signs(page, fr_query_text(query, 5)));
    if (fr_query_is_null(query, 6))
        fr_page_printf(page, "<p>%s</p></div>\n", text);
    else
        fr_page_printf(page,
                       "<p>%s</p><details><summary>in full</summary><p>%s</p></details></div>\n",
                       fr_page_escape(page, fr_query_text(query, 6)), text);
}

void fr_section_headlines(struct fr_page *page) {
    fr_page_section(page, "headlines", "Headline numbers");
    struct fr_query *query = NULL;
    int n = 0;
    if (!fr_page_query(page, &query, (const char *)fr_asset_cards_sql))
        return;
    while (fr_query_next(query)) {
        const char *unit = fr_page_format(page, "%s", fr_query_text(query, 1));
        const bool points = strcmp(unit, "points") == 0 && !fr_query_is_null(query, 2);
        fr_page_add(page, n++ == 0 ? "<div class=\"cards\">\n" : "");
        fr_page_printf(page, "<div class=\"card\" data-name=\"%s\"><p class=\"value\">%s%s</p>",
                       fr_page_escape(page, fr_query_text(query, 0)),
                       number(page, unit, fr_query_double(query, 2)),
                       points ? " <small>points</small>" : "");
        if (!fr_query_is_null(query, 3) && !fr_query_is_null(query, 4))
            fr_page_printf(page, "<p class=\"interval\">%s to %s</p>",
                           number(page, unit, fr_query_double(query, 3)),
                           number(page, unit, fr_query_double(query, 4)));
        add_sentence(page, query);
    }
    fr_page_close(page, query);
    if (n > 0)
        fr_page_add(
            page,
            "</div>\n<p class=\"links\"><a href=\"tables/headline.csv\">headline.csv</a></p>\n");
    else
        fr_page_missing(page,
                        fr_page_escape(page, fr_table_missing(page, fr_table_find("headlines"))));
}

/* ---- behaviour ------------------------------------------------------------------------------- */

void fr_section_statements(struct fr_page *page) {
    fr_page_add(page, "<details><summary>What the paper says in words</summary>\n");
    fr_table_add(page, "statements");
    fr_page_add(page, "</details>\n");
}

void fr_section_behaviour(struct fr_page *page) {
    fr_page_section(page, "accuracy", "What the model solves");
    fr_figures_add(page, "accuracy");
    fr_table_add(page, "verdicts");
    if (!fr_page_replays(page)) {
        fr_table_add(page, "models");
        fr_section_statements(page);
    }
}

/* ---- representations ------------------------------------------------------------------------- */

void fr_section_representations(struct fr_page *page) {
    const bool whole = strcmp(fr_page_setting(page, "representations.origin"), "prompt") == 0;
    fr_page_section(page, "similarity",
                    whole ? "Similarity over prompt and reasoning"
                          : "Similarity over the reasoning");
    fr_figures_add(page, "similarity");
    fr_page_add(page, "<details><summary>Similarity as a table</summary>\n");
    fr_table_add(page, "similarity");
    fr_page_add(page,
                "</details>\n<details><summary>What is left of the curve, as a table</summary>\n");
    fr_table_add(page, "curve-controls");
    fr_page_add(page, "</details>\n");
    if (fr_page_value(page, "SELECT count(*) FROM success_naming") > 0) {
        fr_page_add(page, "<details><summary>Solved against failed traces, as a table</summary>\n");
        fr_table_add(page, "success");
        fr_page_add(page, "</details>\n");
    }
    fr_page_section(page, "phases", "Phases of the reasoning");
    fr_figures_add(page, "phases");
    fr_table_add(page, "phases");
    fr_table_add(page, "phase-similarity");
    fr_page_section(page, "concepts", "Concepts by layer");
    fr_figures_add(page, "concepts");
    fr_page_add(page, "<details><summary>Separation as a table</summary>\n");
    fr_table_add(page, "separation");
    fr_page_add(page, "</details>\n");
    fr_page_section(page, "mechanism", "What attention and the MLP add");
    fr_figures_add(page, "mechanism"); /* which says how to get all, where it has nothing */
    if (!(fr_page_value(page, "SELECT count(mean) FROM mechanism") > 0))
        return;
    fr_figures_add(page, "mechanism-parts");
    const bool heads = fr_page_value(page, "SELECT count(rise) FROM mechanism_heads") > 0;
    if (heads)
        fr_figures_add(page, "mechanism-sources");
    fr_page_add(page, "<details><summary>Rises by layer and part as a table</summary>\n");
    fr_table_add(page, "mechanism-rises");
    if (heads) {
        fr_page_add(page, "</details>\n<details><summary>The heads that add most, as a table"
                          "</summary>\n");
        fr_table_add(page, "mechanism-heads");
    }
    fr_page_add(page, "</details>\n");
}
