/* Tables: from a query to cells of plain text, which the markup then dresses. Rejected: a template
 * language, which would need its own escaping rules; and a writer for each format, which is how
 * the same number comes to look different in a page and in a document. */
#include "report/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const struct fr_table *fr_table_at(int i) {
    const int of_comparison = i - fr_n_study_tables;
    return of_comparison < 0                        ? &fr_study_tables[i]
           : of_comparison < fr_n_comparison_tables ? &fr_comparison_tables[of_comparison]
                                                    : NULL;
}

bool fr_table_compares(const struct fr_table *table) {
    for (int i = 0; i < fr_n_comparison_tables; i++)
        if (table == &fr_comparison_tables[i])
            return true;
    return false;
}

const struct fr_table *fr_table_find(const char *name) {
    const struct fr_table *table;
    for (int i = 0; (table = fr_table_at(i)) != NULL; i++)
        if (strcmp(table->name, name) == 0)
            break;
    return table;
}

const char *fr_table_missing(struct fr_page *page, const struct fr_table *table) {
    if (table->none == NULL)
        return table->missing;
    const char *why = fr_page_string(page, "SELECT text FROM none_why");
    return strcmp(why, FR_DASH) == 0 ? table->missing
                                     : fr_page_format(page, "%s%s", table->none, why);
}

/* ---- cells ----------------------------------------------------------------------------------- */

const char *fr_unit_number(struct fr_page *page, const char *unit, double x) {
    if (strcmp(unit, "share") == 0)
        return fr_page_percent(page, x);
    if (strcmp(unit, "points") == 0)
        return fr_page_points(page, x);
    if (strcmp(unit, "p") == 0)
        return fr_page_p(page, x);
    return fr_page_number(page, strcmp(unit, "cosine") == 0 ? "%.2f" : "%#.3g", x);
}

static int width_of(enum fr_cell cell) {
    switch (cell) {
    case FR_CELL_RANGE_PERCENT:
    case FR_CELL_RANGE_POINTS:
    case FR_CELL_UNIT:
        return 2;
    case FR_CELL_RANGE_UNIT:
        return 3;
    default:
        return 1;
    }
}

static const char *range(struct fr_page *page, const char *low, const char *high) {
    if (strcmp(low, FR_DASH) == 0 || strcmp(high, FR_DASH) == 0)
        return FR_DASH;
    return fr_page_format(page, "%s to %s", low, high);
}

static const char *text_cell(struct fr_page *page, struct fr_query *query, int i) {
    if (fr_query_is_null(query, i) || *fr_query_text(query, i) == '\0')
        return FR_DASH;
    return fr_page_repair(page, fr_query_text(query, i));
}

/* The cell whose first column of the query is i. */
static const char *cell_text(struct fr_page *page, struct fr_query *query, int i,
                             enum fr_cell cell) {
    switch (cell) {
    case FR_CELL_TEXT:
    case FR_CELL_GROUP:
        return text_cell(page, query, i);
    case FR_CELL_ROW_CLASS:
        return fr_page_repair(page, fr_query_text(query, i));
    case FR_CELL_COUNT:
        return fr_page_count(page, fr_query_double(query, i));
    case FR_CELL_PERCENT:
        return fr_page_number(page, "%.1f", 100 * fr_query_double(query, i));
    case FR_CELL_POINTS:
        return fr_page_points(page, fr_query_double(query, i));
    case FR_CELL_POINTS_UNSIGNED:
        return fr_page_number(page, "%.2f", 100 * fr_query_double(query, i));
    case FR_CELL_NUMBER:
        return fr_page_number(page, "%.2f", fr_query_double(query, i));
    case FR_CELL_P:
        return fr_page_p(page, fr_query_double(query, i));
    case FR_CELL_RANGE_PERCENT:
        return range(page, fr_page_number(page, "%.1f", 100 * fr_query_double(query, i)),
                     fr_page_number(page, "%.1f", 100 * fr_query_double(query, i + 1)));
    case FR_CELL_RANGE_POINTS:
        return range(page, fr_page_points(page, fr_query_double(query, i)),
                     fr_page_points(page, fr_query_double(query, i + 1)));
    case FR_CELL_UNIT:
    case FR_CELL_RANGE_UNIT: {
        const char *unit = fr_page_format(page, "%s", fr_query_text(query, i));
        const char *first = fr_unit_number(page, unit, fr_query_double(query, i + 1));
        if (cell == FR_CELL_UNIT)
            return first;
        return range(page, first, fr_unit_number(page, unit, fr_query_double(query, i + 2)));
    }
    }
    return FR_DASH;
}

/* ---- a table in one markup ------------------------------------------------------------------- */

struct rendering {
    struct fr_page *page;
    const struct fr_table *table;
    const struct fr_markup *markup;
    struct fr_text *out;
    struct fr_table_head head;
    const char *sql;
    int n_more;
};

/* "$more" of the query becomes the further columns, whose titles go into the head. */
static void add_more(struct rendering *r) {
    const struct fr_table *table = r->table;
    struct fr_query *query = NULL;
    r->sql = table->sql;
    if (table->more == NULL)
        return;
    const char *at = strstr(table->sql, "$more");
    FR_ASSERT(at != NULL);
    struct fr_text sql = {0};
    fr_text_append(&sql, table->sql, (size_t)(at - table->sql));
    if (fr_page_query(r->page, &query, table->more)) {
        while (table->n_columns + r->n_more < FR_TABLE_CELLS && fr_query_next(query)) {
            const int i = r->head.n++;
            r->head.titles[i] = fr_page_repair(r->page, fr_query_text(query, 0));
            r->head.is_text[i] = false;
            fr_text_printf(&sql, ", %s", fr_query_text(query, 1));
            r->n_more++;
        }
        fr_page_close(r->page, query);
    }
    fr_text_add(&sql, at + strlen("$more"));
    r->sql = fr_page_keep(r->page, fr_text_take(&sql));
}

static bool is_visible(const struct rendering *r, int c) {
    const enum fr_cell cell = r->table->columns[c].cell;
    return cell != FR_CELL_ROW_CLASS && (cell != FR_CELL_GROUP || !r->markup->has_groups);
}

static void make_head(struct rendering *r) {
    const struct fr_table *table = r->table;
    r->head.id = !table->per_experiment || r->page->experiment == NULL
                     ? table->name
                     : fr_page_format(r->page, "%s-%s", table->name,
                                      fr_page_slug(r->page, r->page->experiment));
    r->head.caption = table->caption;
    const char *name = fr_page_format(r->page, "/%s/", table->name);
    r->head.has_key = strstr(fr_text_get(&r->page->keyed), name) == NULL;
    if (r->head.has_key)
        fr_text_add(&r->page->keyed, name);
    if (table->per_experiment && r->page->experiment != NULL && !r->markup->has_groups)
        r->head.caption =
            fr_page_format(r->page, "Experiment %s. %s", r->page->experiment, table->caption);
    for (int c = 0; c < table->n_columns; c++) {
        if (!is_visible(r, c))
            continue;
        const int i = r->head.n++;
        r->head.titles[i] = table->columns[c].title;
        r->head.helps[i] = table->columns[c].help;
        r->head.is_text[i] =
            table->columns[c].cell == FR_CELL_TEXT || table->columns[c].cell == FR_CELL_GROUP;
    }
    add_more(r);
}

static void add_row(struct rendering *r, struct fr_query *query, const char **group) {
    struct fr_table_row row = {.class_name = ""};
    int n = 0, i = 0;
    for (int c = 0; c < r->table->n_columns; c++) {
        const enum fr_cell cell = r->table->columns[c].cell;
        const char *text = cell_text(r->page, query, i, cell);
        i += width_of(cell);
        if (cell == FR_CELL_ROW_CLASS)
            row.class_name = text;
        else if (is_visible(r, c))
            row.cells[n++] = text;
        else if (*group == NULL || strcmp(*group, text) != 0)
            r->markup->group(r->out, &r->head, *group = text);
    }
    for (int k = 0; k < r->n_more; k++)
        row.cells[n++] = text_cell(r->page, query, i + k);
    r->markup->row(r->out, &r->head, &row);
}

static int render_cells(struct rendering *r) {
    struct fr_query *query = NULL;
    const char *group = NULL;
    int n_rows = 0;
    if (!fr_page_query(r->page, &query, r->sql))
        return 0;
    while (fr_query_next(query)) {
        if (n_rows++ == 0) {
            r->head.number = ++r->page->n_tables;
            r->markup->begin(r->out, &r->head);
        }
        add_row(r, query, &group);
    }
    if (n_rows > 0)
        r->markup->end(r->out, &r->head);
    fr_page_close(r->page, query);
    return n_rows;
}

/* The values as SQLite has them, doubles with all their digits; columns under the query's names. */
static int render_values(struct rendering *r) {
    struct fr_query *query = NULL;
    int n_rows = 0;
    if (!fr_page_query_typed(r->page, &query, r->sql))
        return 0;
    r->head.n = fr_query_n_columns(query) / 2;
    FR_ASSERT(r->head.n <= FR_TABLE_CELLS);
    for (int c = 0; c < r->head.n; c++)
        r->head.titles[c] = fr_page_format(r->page, "%s", fr_query_column(query, 2 * c + 1));
    while (fr_query_next(query)) {
        struct fr_table_row row = {.class_name = ""};
        if (n_rows++ == 0)
            r->markup->begin(r->out, &r->head);
        for (int c = 0; c < r->head.n; c++)
            row.cells[c] = fr_query_is_null(query, 2 * c + 1) ? ""
                           : strcmp(fr_query_text(query, 2 * c), "real") == 0
                               ? fr_page_format(r->page, "%.17g", fr_query_double(query, 2 * c + 1))
                               : fr_page_repair(r->page, fr_query_text(query, 2 * c + 1));
        r->markup->row(r->out, &r->head, &row);
    }
    if (n_rows > 0)
        r->markup->end(r->out, &r->head);
    fr_page_close(r->page, query);
    return n_rows;
}

int fr_table_render(struct fr_page *page, const struct fr_table *table,
                    const struct fr_markup *markup, struct fr_text *out) {
    struct rendering r = {.page = page, .table = table, .markup = markup, .out = out};
    if (page->code != 0)
        return 0;
    make_head(&r);
    return markup->is_raw ? render_values(&r) : render_cells(&r);
}

void fr_table_add(struct fr_page *page, const char *name) {
    const struct fr_table *table = fr_table_find(name);
    FR_ASSERT(table != NULL);
    if (page->code != 0)
        return;
    if (fr_table_render(page, table, &fr_markup_html, &page->html) == 0)
        fr_page_missing(page, fr_page_escape(page, fr_table_missing(page, table)));
    else if (table->csv != NULL)
        fr_page_printf(page, "<p class=\"links\"><a href=\"tables/%s.csv\">%s.csv</a></p>\n",
                       table->csv, table->csv);
}
