/* Figures of the paper (arXiv 2602.04843) printed beside ours; private to study/. */
#ifndef FR_ANALYSES_PAPER_H
#define FR_ANALYSES_PAPER_H

#include "naming/naming.h"

/* QwQ-32B's accuracy under a naming of the paper (table 4; clean: table 1), or NaN. A naming counts
 * as the paper's when its id and its word for the first concept are. */
double fr_paper_accuracy(const struct fr_naming *naming);

#endif
