/* report/: a study as one page a reader can check: what was found, with which interval or test,
 * and how it was made.
 *
 * The page is built from the result tables and the provenance of study.db and from nothing else, so
 * it can be written again at any time, also for a study that is not finished: what is missing is
 * said in its place. Figures are Vega-Lite specifications with their data inside; the page embeds
 * Vega, so it opens offline and loads nothing (its content security policy forbids it to).
 *
 * What the study should know:
 * - meta keys shown: study configuration model_sha256 model_name model_architecture
 * model_parameters model_layers model_width model_quantization engine program_version
 * program_revision seed machine compiler; an absent one is a dash.
 * - headline.name says how its value is written: accuracy..., preserved..., share... as a
 * percentage; effect..., gain... as signed percentage points; p, p_... as a p-value; anything else
 * with three significant digits.
 * - A steering condition is a control when its name contains identity, random or shuffled. */
#ifndef FR_REPORT_REPORT_H
#define FR_REPORT_REPORT_H

#include "base/error.h"
#include "store/store.h"

/* Writes DIR/report.html and DIR/figures/NAME.vl.json (DIR is the store's; a figure that has no
 * data any more is removed). Reads only; each file is replaced whole or not at all. *path_out (may
 * be NULL) is the page's path, the caller frees it; NULL on failure. FR_E_IO when a file cannot be
 * written or the database cannot be read. */
FR_CHECKED int fr_report_write(struct fr_store *store, char **path_out, struct fr_error *err);

#endif
