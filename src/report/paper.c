/* The page's section on the paper's numbers: what the published effects can and cannot say, and
 * what stands beside them here. Everything is read off the tables paper_effect and paper_best. */
#include <math.h>

#include "report/sections.h"
#include "report/table.h"

#define TABLE_5 " FROM paper_effect WHERE source = 'table 5'"

static const char *points(struct fr_page *page, const char *sql) {
    return fr_page_number(page, "%.1f", 100 * fr_page_value(page, sql));
}

static void add_table_5(struct fr_page *page) {
    fr_page_printf(page,
                   "<li><b>Positive steering</b> (table 5): of %s rows %s have p &lt; 0.05 by "
                   "themselves, one-tailed; "
                   "two-tailed %s. After Holm's correction over the rows the smallest p is %s. The "
                   "significant "
                   "effects are %s to %s points; with their spreads over namings, effects of %s to "
                   "%s points are "
                   "found four times in five. An effect that passes a test at that power is "
                   "larger, on average, than "
                   "what is there.</li>\n",
                   fr_page_count(page, fr_page_value(page, "SELECT count(*)" TABLE_5)),
                   fr_page_count(page, fr_page_value(page, "SELECT sum(p < 0.05)" TABLE_5)),
                   fr_page_count(page,
                                 fr_page_value(page, "SELECT sum(p_two_sided < 0.05)" TABLE_5)),
                   fr_page_p(page, fr_page_value(page, "SELECT min(p_holm)" TABLE_5)),
                   points(page, "SELECT min(mean)" TABLE_5 " AND p < 0.05"),
                   points(page, "SELECT max(mean)" TABLE_5 " AND p < 0.05"),
                   points(page, "SELECT min(detectable)" TABLE_5 " AND p < 0.05"),
                   points(page, "SELECT max(detectable)" TABLE_5 " AND p < 0.05"));
}

/* One column of paper_best, for both kinds of vectors. */
static const char *best(struct fr_page *page, const char *vectors, const char *column) {
    return points(page, fr_page_format(page, "SELECT %s FROM paper_best WHERE vectors = '%s'",
                                       column, vectors));
}

static void add_table_4(struct fr_page *page) {
    static const char *const vectors[] = {"in_naming", "cross_all"};
    fr_page_add(page, "<li><b>Best layers</b> (table 4), means over namings: ");
    for (int i = 0; i < 2; i++)
        fr_page_printf(
            page,
            "%s%s vectors %s points, where the best of four layers with table 5's spreads "
            "is %s to %s with no effect at all and %s to %s with table 5's effects",
            i > 0 ? "; " : "", i > 0 ? "cross-naming" : "in-naming", best(page, vectors[i], "best"),
            best(page, vectors[i], "chance_alike"), best(page, vectors[i], "chance_apart"),
            best(page, vectors[i], "table_5_alike"), best(page, vectors[i], "table_5_apart"));
    fr_page_add(
        page, " (correlation between layers 0.7 to 0). A best gain is selected; it is no evidence "
              "beyond table 5.</li>\n");
}

void fr_section_paper(struct fr_page *page) {
    fr_page_section(page, "paper", "The paper's numbers");
    fr_page_add(page, "<p>QwQ-32B's effects as they were printed (arXiv 2602.04843), with what "
                      "their tables lack: "
                      "a correction, the other tail, the effect that the design could find; beside "
                      "them the condition "
                      "of this study that is nearest to each in kind and depth. Another model, "
                      "other prompts, other "
                      "puzzles: for orientation.</p>\n");
    if (fr_page_value(page, "SELECT count(*) FROM paper_effect") > 0) {
        fr_page_add(page, "<ul>\n");
        add_table_5(page);
        add_table_4(page);
        fr_page_printf(
            page,
            "<li><b>Negative steering</b> (section 4.3): matched subtraction costs more than its "
            "control, Holm "
            "p at most %s over the two ranges, if what is printed after &plusmn; is a standard "
            "error over 14 "
            "namings, which the paper does not say. It names the control shuffled in one place, "
            "random in "
            "another.</li>\n"
            "</ul>\n",
            fr_page_p(page,
                      fr_page_value(page, "SELECT max(p_holm) FROM paper_effect WHERE source = "
                                          "'section 4.3'")));
    }
    fr_table_add(page, "paper-effects");
}
