/* Tables: a query, a list of columns, and one of several forms to write them in; private to
 * report/. What a table shows is data (tables.c); how a number is written is said once, by the
 * column's kind; what markup it stands in is a row of markup.c. */
#ifndef FR_REPORT_TABLE_H
#define FR_REPORT_TABLE_H

#include "report/page.h"

/* How a column of a query becomes a cell. */
enum fr_cell {
    FR_CELL_TEXT,
    FR_CELL_COUNT,
    FR_CELL_PERCENT, /* without the sign, which belongs in the title */
    FR_CELL_POINTS,  /* difference of shares, in percentage points, signed */
    FR_CELL_POINTS_UNSIGNED,
    FR_CELL_NUMBER, /* two decimals */
    FR_CELL_P,
    FR_CELL_RANGE_PERCENT, /* takes two columns: low, high */
    FR_CELL_RANGE_POINTS,
    FR_CELL_UNIT,       /* takes two: unit (as in headline.unit), value */
    FR_CELL_RANGE_UNIT, /* takes three: unit, low, high */
    FR_CELL_GROUP,      /* a heading row whenever its value changes, where the markup has them */
    FR_CELL_ROW_CLASS,  /* no cell: 'muted', 'total' or 'flag', what the row is */
};
struct fr_column {
    const char *title; /* plain text; U+00AD where it may be broken */
    enum fr_cell cell;
    const char *help; /* plain text, or NULL */
};

struct fr_table {
    const char *name;    /* its id on the page, its name on the command line */
    const char *caption; /* plain text */
    const char *missing; /* plain text: what is said when it has no rows */
    const char *none;    /* NULL, or what is said instead once the statistics have finished, with
                          * the reasons behind it (terms.sql, none_why) */
    const char *csv;     /* the result table that it shows, or NULL */
    bool per_experiment; /* of page->experiment */
    const struct fr_column *columns;
    int n_columns;
    /* Further columns of text, after columns[]: a query of (title, expression), or NULL. The
     * expressions stand in sql in place of "$more", each after a comma. */
    const char *more;
    const char *sql;
};
/* A list of columns and its length; columns and query, of names that belong together. */
#define COLUMNS(list) .columns = list, .n_columns = (int)(sizeof(list) / sizeof *(list))
#define SHOWS(what) COLUMNS(what##_columns), .sql = what##_sql
#define SHY "\xc2\xad" /* where a title may be broken */

/* In the order of the page: of a study's and of a comparison's (analyses/compare.h). */
extern const struct fr_table fr_study_tables[], fr_comparison_tables[];
extern const int fr_n_study_tables, fr_n_comparison_tables;
/* The columns of the paper's table 1, which both have. */
enum { FR_MODELS_COLUMNS = 12 };
extern const struct fr_column fr_models_columns[FR_MODELS_COLUMNS];
/* All of them, a study's first; NULL after the last. */
const struct fr_table *fr_table_at(int i);
bool fr_table_compares(const struct fr_table *table); /* is it a comparison's? */
/* A table that is there, by its name. */
const struct fr_table *fr_table_find(const char *name); /* or NULL */
/* Why a table has no rows: plain text. */
const char *fr_table_missing(struct fr_page *page, const struct fr_table *table);

enum { FR_TABLE_CELLS = 40 };

/* What a form of markup is given: plain text, to be escaped. */
struct fr_table_head {
    const char *id, *caption;
    int number, n; /* "Table 3"; visible columns */
    const char *titles[FR_TABLE_CELLS], *helps[FR_TABLE_CELLS];
    bool is_text[FR_TABLE_CELLS]; /* to be set flush left */
    bool has_key;                 /* the first of its kind on the page, which explains its titles */
};
struct fr_table_row {
    const char *class_name; /* "": an ordinary row */
    const char *cells[FR_TABLE_CELLS];
};
struct fr_markup {
    const char *name;
    bool has_groups; /* heading rows; else a group is a column */
    bool is_raw;     /* columns by their names in the query, values as they are stored */
    void (*begin)(struct fr_text *out, const struct fr_table_head *head);
    void (*group)(struct fr_text *out, const struct fr_table_head *head, const char *text);
    void (*row)(struct fr_text *out, const struct fr_table_head *head,
                const struct fr_table_row *row);
    void (*end)(struct fr_text *out, const struct fr_table_head *head);
};
extern const struct fr_markup fr_markup_html, fr_markup_markdown, fr_markup_latex, fr_markup_csv;

/* Appends the table; returns the number of its rows, 0 writes nothing. */
int fr_table_render(struct fr_page *page, const struct fr_table *table,
                    const struct fr_markup *markup, struct fr_text *out);
/* The table of that name in the page, with the link to its CSV; the note that it is missing. */
void fr_table_add(struct fr_page *page, const char *name);

/* A value as headline.unit says: 'share' 35.3%, 'points' +1.57, 'p' 0.042, 'number' 3 digits. */
const char *fr_unit_number(struct fr_page *page, const char *unit, double x);

#endif
