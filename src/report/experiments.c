/* The page's sections on experiments, one each: what was done, said from the columns of edit, then
 * what came of it. Source: method.md 5 and 6. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/figure.h"
#include "report/sections.h"
#include "report/table.h"

const char **fr_page_experiments(struct fr_page *page, int *n) {
    struct fr_query *query = NULL;
    const char **names = NULL;
    int capacity = 0;
    *n = 0;
    if (!fr_page_query(page, &query,
                       "SELECT experiment FROM condition WHERE role <> 'baseline'"
                       " GROUP BY experiment ORDER BY min(position), experiment"))
        return NULL;
    while (fr_query_next(query)) {
        FR_RESERVE(names, *n, capacity);
        names[(*n)++] = fr_page_format(page, "%s", fr_query_text(query, 0));
    }
    fr_page_close(page, query);
    return names;
}

bool fr_page_steers(struct fr_page *page) {
    return fr_page_value(page, "SELECT EXISTS (SELECT 1 FROM condition) OR EXISTS"
                               " (SELECT 1 FROM setting WHERE key GLOB 'experiments.*')") > 0;
}

/* A table of two columns of text as a list of terms. */
void fr_page_definitions(struct fr_page *page, const char *name) {
    const struct fr_table *table = fr_table_find(name);
    struct fr_query *query = NULL;
    FR_ASSERT(table != NULL && table->n_columns == 2);
    if (!fr_page_query(page, &query, table->sql))
        return;
    fr_page_add(page, "<dl class=\"made\">\n");
    while (fr_query_next(query)) {
        const char *value = fr_query_text(query, 1);
        fr_page_printf(page, "<dt>%s</dt><dd>%s</dd>\n",
                       fr_page_escape(page, fr_query_text(query, 0)),
                       *value == '\0' ? FR_DASH : fr_page_escape(page, value));
    }
    fr_page_add(page, "</dl>\n");
    fr_page_close(page, query);
}

/* An effect of zero from edits that did not happen is no result: conditions, and the namings where
 * it is so. */
static void add_unedited(struct fr_page *page) {
    const char *unedited = fr_page_string(
        page, "SELECT group_concat(label, '; ') FROM (SELECT c.label || ', ' || c.at ||"
              " iif(e.unedited = e.n_pairs, '', ' (naming ' || group_concat(n.naming, ', ') || ')')"
              " AS label FROM effect e JOIN effect_naming n USING (experiment, condition)"
              " JOIN condition_shown c ON c.experiment = e.experiment AND c.name = e.condition"
              " WHERE e.experiment = ?1 AND n.n > 0 AND n.unedited = n.n"
              " GROUP BY c.name ORDER BY c.place, c.x_rank)");
    if (strcmp(unedited, FR_DASH) != 0)
        fr_page_missing(page,
                        fr_page_format(page,
                                       "Nothing was edited in: %s. No vector could be made or "
                                       "no mention lay in the window; an effect of zero there "
                                       "says nothing about the model.",
                                       fr_page_escape(page, unedited)));
}

static void add_experiment(struct fr_page *page, const char *name) {
    page->experiment = name;
    fr_page_section(page, fr_page_format(page, "experiment-%s", fr_page_slug(page, name)),
                    fr_page_escape(page, name));
    fr_page_definitions(page, "experiment");
    const char *silent =
        fr_page_string(page, "SELECT reason FROM silent_experiment WHERE experiment = ?1");
    if (strcmp(silent, FR_DASH) != 0) { /* tables of dashes would not say why */
        fr_page_missing(page, fr_page_format(page, "This experiment says nothing: %s.",
                                             fr_page_escape(page, silent)));
        page->experiment = NULL;
        return;
    }
    add_unedited(page);
    fr_figures_add(page, "effects");
    fr_table_add(page, "effects");
    fr_table_add(page, "contrasts");
    fr_table_add(page, "kept");
    fr_table_add(page, "run-verdicts");
    fr_figures_add(page, "effects-namings");
    fr_page_add(page, "<details><summary>Effects per naming as a table</summary>\n");
    fr_table_add(page, "effects-namings");
    fr_page_add(page, "</details>\n");
    if (fr_page_value(page, "SELECT count(*) FROM best WHERE experiment = ?1") > 0)
        fr_table_add(page, "best");
    page->experiment = NULL;
}

void fr_section_experiments(struct fr_page *page) {
    fr_page_section(page, "steering", "Steering");
    fr_page_add(page,
                "<p>Representations are written into the residual stream at the mentions of their "
                "concepts in a window of the model's own unedited rollout; what it then generates "
                "is judged and compared with what it generates from the same prefix without. Each "
                "experiment says which vectors, where, and how; <em>h</em> is a row of the "
                "residual stream as it was, <em>v</em> the vector of the concept mentioned there. "
                "Strength multiplies what tells concepts apart in a vector.</p>\n");
    fr_page_definitions(page, "vectors");
    int n;
    const char **names = fr_page_experiments(page, &n);
    if (n == 0)
        fr_page_missing(page, "No experiment has run yet.");
    for (int i = 0; i < n; i++)
        add_experiment(page, names[i]);
    free(names);
}
