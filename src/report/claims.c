/* The page's first screen: what the paper claims, as questions, each with this study's answer in a
 * sentence, a small figure and what the paper has. Source: analyses/claims.c. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/figure.h"
#include "report/sections.h"
#include "report/table.h"

static void add_claim(struct fr_page *page, const char *name) {
    struct fr_query *query = NULL;
    page->experiment = name; /* what its figure is of */
    if (!fr_page_query(page, &query,
                       "SELECT question, answer, text, paper, experiment FROM claim"
                       " WHERE name = ?1"))
        return;
    const bool found = fr_query_next(query);
    FR_ASSERT(found);
    const char *answer = fr_query_text(query, 1), *of = fr_query_text(query, 4);
    const bool curve = *of == '\0';
    fr_page_printf(page,
                   "<div class=\"claim\"><h3>%s</h3>\n<p class=\"answer %s\">%c%s</p>\n<p>%s</p>\n",
                   fr_page_escape(page, fr_query_text(query, 0)),
                   strcmp(answer, "not shown") == 0 ? "open" : answer, answer[0] - 'a' + 'A',
                   answer + 1, fr_page_escape(page, fr_page_signs(page, fr_query_text(query, 2))));
    const char *paper = fr_page_escape(page, fr_query_text(query, 3));
    const char *link = *of == '\0'
                           ? "<a href=\"#similarity\">all layers and timestamps</a>"
                           : fr_page_format(page, "<a href=\"#experiment-%s\">all of %s</a>",
                                            fr_page_slug(page, of), fr_page_escape(page, of));
    fr_page_close(page, query);
    if (curve) /* there is one, which goes by its own name */
        page->experiment = NULL;
    fr_figures_add(page, curve ? "claim-curve" : "claim-accuracy");
    fr_page_printf(page, "<p class=\"paper\">%s</p>\n<p class=\"links\">More: %s</p></div>\n",
                   paper, link);
    page->experiment = NULL;
}

void fr_section_claims(struct fr_page *page) {
    struct fr_query *query = NULL;
    const char **names = NULL;
    int n = 0, capacity = 0;
    fr_page_section(page, "claims", "What the study says");
    if (!fr_page_query(page, &query, "SELECT name FROM claim ORDER BY position"))
        return;
    while (fr_query_next(query)) {
        FR_RESERVE(names, n, capacity);
        names[n++] = fr_page_format(page, "%s", fr_query_text(query, 0));
    }
    fr_page_close(page, query);
    if (n == 0)
        fr_page_missing(page,
                        fr_page_escape(page, fr_table_missing(page, fr_table_find("claims"))));
    fr_page_add(page, n > 0 ? "<div class=\"claims\">\n" : "");
    for (int i = 0; i < n; i++)
        add_claim(page, names[i]);
    fr_page_add(page,
                n > 0 ? "</div>\n<p class=\"links\"><a href=\"tables/claim.csv\">claim.csv"
                        "</a> <a href=\"tables/contrast.csv\">contrast.csv</a> <a href=\"tables/"
                        "kept.csv\">kept.csv</a></p>\n"
                      : "");
    free(names);
}
