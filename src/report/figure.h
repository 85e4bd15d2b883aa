/* Figures: src/report/figures/NAME.vl.json, an asset that is a Vega-Lite specification without data
 * and says in usermeta.fluidrep where its data come from; private to report/.
 *
 * - title: html, with {name} as in the caption
 * - slot: where on the page it stands, as fr_figures_add has it: claim-curve, claim-accuracy (of a
 *   claim, ?1), accuracy, similarity, phases, concepts, mechanism and its -parts and -sources,
 *   effects and effects-namings (of an experiment), made; compared-curves, compared-separation (of
 *   a comparison)
 * - position: its place in the slot
 * - description: plain text, for screen readers
 * - csv: [name], the result tables it shows
 * - missing: html, what is said when the first dataset has nothing to show
 * - caption: html with {name} for a value, which is escaped; in its list {"if": name, "text": text}
 *   stands only where the value of that name is not NULL
 * - datasets: [{name, sql, real}]; rows become objects, columns fields by their names. real: the
 *   column without which a row shows nothing (a timestamp with too few mentions, at which a line
 *   breaks and a cell stays blank); none: every row is to be seen
 * - selectors: [{param, label, dataset, column, preferred, labels}], controls, Vega-Lite parameters
 *   over the values that a column takes where there is something to show. A run of integers becomes
 *   a slider, anything else a list, a single value a constant. preferred: sql of the value it opens
 *   at (else the first) of those that go with the selectors before it; labels: value -> what the
 *   reader sees
 * - values: {name: sql}, the first column of the first row
 * - lists: [sql], each column is a list of its own name
 *
 * Where the specification has a string "$name" and nothing else, the value or list of that name
 * stands in the figure. A long text is a list of its lines. Queries see terms.sql, and types of
 * columns are those of SQLite. What all figures share is figure.json, and each is as wide as its
 * place. */
#ifndef FR_REPORT_FIGURE_H
#define FR_REPORT_FIGURE_H

#include <jansson.h>

#include "report/page.h"

/* Adds the figures of a slot. Each writes figures/NAME.vl.json (NAME-EXPERIMENT, where the page is
 * at an experiment) and stands on the page, or the note that it is missing does. */
void fr_figures_add(struct fr_page *page, const char *slot);

#endif
