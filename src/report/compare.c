/* The page of a comparison (analyses/compare.h): the models' curves in one figure, their separation
 * by depth, the paper's table 1, and what is not alike between them. */
#include "report/figure.h"
#include "report/sections.h"
#include "report/table.h"

void fr_section_compared(struct fr_page *page) {
    fr_page_printf(page,
                   "<section id=\"top\">\n<p class=\"kind\">fluidrep comparison</p>\n<h1>%s</h1>\n"
                   "<p class=\"subtitle\">%s studies side by side; the others are held against the "
                   "first.</p>\n",
                   fr_page_escape(page,
                                  fr_page_string(page, "SELECT group_concat(label, ', ') FROM "
                                                       "(SELECT label FROM compared_study ORDER BY"
                                                       " position)")),
                   fr_page_count(page, fr_page_value(page, "SELECT count(*) FROM compared_study")));
    if (fr_page_value(page, "SELECT count(*) FROM compared_setting WHERE matters") > 0)
        fr_page_missing(page, "Settings that say what a number is of differ between the studies: "
                              "<a href=\"#table-compared-settings\">which</a>.");
    fr_table_add(page, "compared");
    fr_page_section(page, "curves", "Similarity over the reasoning");
    fr_figures_add(page, "compared-curves");
    fr_table_add(page, "compared-rises");
    fr_figures_add(page, "compared-controls");
    fr_page_section(page, "separation-by-depth", "Separation by depth");
    fr_figures_add(page, "compared-separation");
    fr_page_section(page, "models", "What the models solve");
    if (fr_page_value(page, "SELECT count(*) FROM compared_study WHERE traces = 'own'") > 0)
        fr_table_add(page, "compared-models");
    else
        fr_page_missing(page,
                        "All of them read recorded traces, whose verdicts are the recorder's.");
    fr_page_section(page, "settings", "Settings that differ");
    fr_table_add(page, "compared-settings");
    fr_page_section(page, "made", "How this was made");
    fr_table_add(page, "compared-facts");
    fr_section_tables(page);
}
