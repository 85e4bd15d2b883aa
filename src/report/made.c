/* "How this was made": everything needed to repeat the study or to doubt it. Source:
 * architecture.md "every result row can be traced to configuration, program revision, model hash
 * and seed". */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figure.h"
#include "report/sections.h"
#include "report/table.h"

static void add_configuration(struct fr_page *page) {
    const char *text = fr_page_meta(page, "configuration");
    fr_page_add(page, "<h3>Configuration</h3>\n");
    if (strcmp(text, FR_DASH) == 0)
        fr_page_missing(page, "No configuration is recorded.");
    else
        fr_page_printf(page, "<pre class=\"configuration\">%s</pre>\n", text);
}

static void add_caveats(struct fr_page *page) {
    fr_page_add(
        page,
        "<h3>Caveats</h3>\n<ul>\n"
        "<li>Intervals over namings take the namings as a sample of possible namings; Wilson "
        "intervals take puzzles as independent draws of the generator.</li>\n"
        "<li>The cross-naming variant <em>all</em> contains the naming it is compared with, which "
        "raises similarity by about 1/n; conclusions should rest on leave-one-out.</li>\n"
        "<li>Concepts missing at a timestamp are left out there, so n may differ along a "
        "curve; the tables give n for every row.</li>\n");
    if (fr_page_steers(page))
        fr_page_add(
            page,
            "<li>Steering uses only rollouts that reach past the edited window; shorter ones are "
            "left out of every condition alike, which selects longer reasoning.</li>\n");
    if (!fr_page_replays(page))
        fr_page_add(page, "<li>The paper's figures are of QwQ-32B and are printed for orientation; "
                          "a difference to them mixes model, prompt and sample.</li>\n");
    const double smallest = fr_page_value(
        page,
        "SELECT min(e.detectable) FROM effect e JOIN condition c ON c.experiment = e.experiment"
        " AND c.name = e.condition WHERE c.role = 'matched'");
    if (smallest >= 1)
        fr_page_add(page,
                    "<li>Power: no condition could have found any effect four times in five, "
                    "not even 100 percentage points; no effect seen is not no effect.</li>\n");
    else if (!isnan(smallest))
        fr_page_printf(
            page,
            "<li>Power: an effect below %s percentage points would be missed in more than "
            "one study of five, in the condition that finds the smallest (controls "
            "aside); no effect seen is not no effect.</li>\n",
            fr_page_number(page, "%.2f", 100 * smallest));
    const double left_out =
        fr_page_value(page, "SELECT max(n) FROM (SELECT sum(left_out) AS n FROM effect_naming"
                            " GROUP BY experiment, condition)");
    if (left_out > 0)
        fr_page_printf(
            page,
            "<li>Up to %s held-out rollouts ended before an edited window's end and were "
            "left out of its condition and of all that it is compared with.</li>\n",
            fr_page_count(page, left_out));
    const char *excluded = fr_page_string(page, "SELECT group_concat(id, ', ') FROM (SELECT id "
                                                "FROM naming WHERE excluded ORDER BY position)");
    if (strcmp(excluded, FR_DASH) != 0)
        fr_page_printf(page,
                       "<li>Namings left out of representation analyses and steering: %s.</li>\n",
                       fr_page_escape(page, excluded));
    fr_page_add(page, "</ul>\n");
}

/* The same bytes as in tables/, so that the page has them when it is sent alone. */
static void embed_tables(struct fr_page *page) {
    struct fr_query *query = NULL;
    json_t *tables = json_object();
    if (fr_page_query(page, &query, "SELECT name FROM result_table ORDER BY position")) {
        while (page->code == 0 && fr_query_next(query)) {
            struct fr_text csv = {0};
            const char *name = fr_page_format(page, "%s", fr_query_text(query, 0));
            page->code = fr_store_render_csv(page->store, name, &csv, page->err);
            FR_ASSERT(json_object_set_new(tables, name,
                                          json_string(fr_page_repair(page, fr_text_get(&csv)))) ==
                      0);
            fr_text_release(&csv);
        }
        fr_page_close(page, query);
    }
    char *text = json_dumps(tables, JSON_COMPACT);
    fr_page_add(page, "<script type=\"application/json\" id=\"tables\">");
    fr_page_add_json(page, text);
    fr_page_add(page, "</script>\n");
    free(text);
    json_decref(tables);
}

void fr_section_tables(struct fr_page *page) {
    fr_page_add(page,
                "<h3>Tables</h3>\n<p>Every number above is a row of these files, which hold 17 "
                "significant digits and no times, so that the same study gives the same "
                "bytes:</p>\n<p class=\"links\">");
    struct fr_query *query = NULL;
    if (!fr_page_query(page, &query, "SELECT name FROM result_table ORDER BY position"))
        return;
    while (fr_query_next(query)) {
        const char *name = fr_page_escape(page, fr_query_text(query, 0));
        fr_page_printf(page, "<a href=\"tables/%s.csv\">%s.csv</a> ", name, name);
    }
    fr_page_close(page, query);
    fr_page_add(page, "</p>\n");
    embed_tables(page);
}

void fr_section_methods(struct fr_page *page) {
    const struct fr_table *table = fr_table_find("methods");
    struct fr_query *query = NULL;
    int n = 0;
    fr_page_section(page, "methods", "Methods");
    FR_ASSERT(table != NULL);
    if (!fr_page_query(page, &query, table->sql))
        return;
    fr_page_add(page, "<div class=\"methods\">\n");
    for (; fr_query_next(query); n++)
        fr_page_printf(page, "<p><b>%s.</b> %s</p>\n",
                       fr_page_escape(page, fr_query_text(query, 0)),
                       fr_page_escape(page, fr_query_text(query, 1)));
    fr_page_close(page, query);
    fr_page_add(page, "</div>\n");
    if (n == 0)
        fr_page_missing(page, table->missing);
    else
        fr_page_add(page, "<p class=\"caption\">Made from the configuration, to be pasted; "
                          "<code>fluidrep tables DIR methods</code> prints it.</p>\n");
}

void fr_section_made(struct fr_page *page) {
    fr_page_section(page, "made", "How this was made");
    fr_page_definitions(page, "facts");
    add_configuration(page);
    fr_page_add(page, "<h3>Stages and counters</h3>\n");
    fr_table_add(page, "stages");
    fr_page_add(page, "<details><summary>What each stage read of the configuration</summary>\n");
    fr_table_add(page, "keys");
    fr_page_add(page, "</details>\n");
    fr_table_add(page, "counters");
    fr_figures_add(page, "made");
    fr_page_add(page, "<details><summary>The namings and their words</summary>\n");
    fr_table_add(page, "words");
    fr_page_add(page, "</details>\n");
    add_caveats(page);
    fr_section_tables(page);
}
