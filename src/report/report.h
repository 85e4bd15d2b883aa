/* report/: a study as one page a reader can check: what was found, with which interval or test,
 * and how it was made; and its tables for other documents.
 *
 * All is built from the result tables and the provenance of study.db and from nothing else, so it
 * can be written again at any time, also for a study that is not finished: what is missing is said
 * in its place. Figures are Vega-Lite specifications with their data inside (figures/, one asset
 * each: figure.h); the page embeds Vega, so it opens offline and loads nothing (its content
 * security policy forbids it to). Tables are rows of tables.c.
 *
 * Meta keys shown: study configuration model_sha256 model_name model_architecture model_parameters
 * model_layers model_width model_quantization engine program_version program_revision seed machine
 * compiler; an absent one is left out. */
#ifndef FR_REPORT_REPORT_H
#define FR_REPORT_REPORT_H

#include "base/error.h"
#include "base/text.h"
#include "store/store.h"

/* Are the tables of the store, a study's or a comparison's, those of this version? FR_E_CONFLICT.
 */
FR_CHECKED int fr_report_check(struct fr_store *store, struct fr_error *err);
/* Writes DIR/report.html and DIR/figures/NAME.vl.json (DIR is the store's; other *.vl.json there,
 * of an earlier report, are removed). Reads only; each file is replaced whole or not at all.
 * *path_out (may be NULL) is the page's path, the caller frees it; NULL on failure. FR_E_IO when a
 * file cannot be written or the database cannot be read. */
FR_CHECKED int fr_report_write(struct fr_store *store, char **path_out, struct fr_error *err);

/* The report's tables as text. */
enum fr_report_form {
    FR_REPORT_MARKDOWN, /* GitHub's */
    FR_REPORT_LATEX,    /* tabular, with booktabs */
    FR_REPORT_CSV,      /* columns and values as the database has them */
    FR_REPORT_FORM_COUNT
};
extern const char *const fr_report_form_name[FR_REPORT_FORM_COUNT]; /* "markdown" ... */

/* Appends the names of all tables to *out, one a line, with what they show. */
void fr_report_table_help(struct fr_text *out);
/* Appends these tables to *out (none named: all that have rows), with an empty line between. A
 * table of an experiment ("effects") is of every experiment, NAME:EXPERIMENT of one. What is named
 * and has no rows says so, but for CSV, which then has nothing. FR_E_INPUT: no such table or
 * experiment, with the nearest. FR_E_CONFLICT: the study's tables are of another version. */
FR_CHECKED int fr_report_tables(struct fr_store *store, enum fr_report_form form,
                                const char *const *names, int n, struct fr_text *out,
                                struct fr_error *err);

#endif
