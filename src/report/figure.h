/* Figures: a Vega-Lite specification with its data; private to report/.
 *
 * A figure is a row of a table (figures.c): queries, selectors, a specification without data.
 * The specification is JSON in which ' stands for " and ` for ' (so that it reads well in C), and a
 * string '$name' for a value that depends on the data, or a colour of terms.h. Data never passes
 * through that text. Every figure is as wide as its place. */
#ifndef FR_REPORT_FIGURE_H
#define FR_REPORT_FIGURE_H

#include <jansson.h>

#include "report/page.h"

enum { FR_FIGURE_DATASETS = 3, FR_FIGURE_SELECTORS = 4 };

struct fr_dataset {
    const char *name;  /* in the specification: 'data': {'name': ...} */
    const char *types; /* a letter per column: i integer, d real, t text, b truth */
    const char *sql;   /* columns become fields by their names */
};

/* A control of the figure: a Vega-Lite parameter over the values a column takes. A run of integers
 * becomes a slider, anything else a list, a single value a constant. */
struct fr_selector {
    const char *param, *label;
    int i_dataset;
    const char *column;
    const char *preferred_sql;      /* one value, the initial one; NULL: the first */
    const char *const (*labels)[2]; /* value, what the reader sees; ends with NULL; may be NULL */
};

struct fr_figure {
    const char *name;        /* figures/NAME.vl.json, id fig-NAME */
    const char *title;       /* html */
    const char *description; /* plain text, for screen readers */
    const char *csv;         /* the result tables it shows, separated by spaces */
    const char *missing;     /* html: what is said when the first dataset is empty */
    struct fr_dataset datasets[FR_FIGURE_DATASETS];
    struct fr_selector selectors[FR_FIGURE_SELECTORS];
    /* Columns of the first dataset that give every label its colour and shape, in order of
     * appearance: '$labels', '$colours', '$shapes'. NULL: none. */
    const char *label_column, *colour_column, *shape_column;
    /* Puts further values into values; may be NULL. */
    void (*fill)(struct fr_page *page, json_t *values, const json_t *datasets);
    const char *spec;
    const char *(*caption)(struct fr_page *page); /* html */
};

/* Writes the file and the figure on the page, or the note that it is missing (and removes a file of
 * an earlier report). True when it was drawn. */
bool fr_figure_add(struct fr_page *page, const struct fr_figure *figure);

/* Largest |value| of a column over a dataset's rows, at least floor. */
double fr_figure_extent(const json_t *rows, const char *column, double floor);
/* A height in pixels for a heat map with a line per value of the column: tall lines for few. (Not
 * Vega-Lite's step, which does not go with a width taken from the page.) */
json_t *fr_figure_height(const json_t *rows, const char *column);

#endif
