/* What tokens spell, learnt from the study's traces: a steered run is stored as ids alone, and the
 * model, which knows, is not needed to look at a study. Private to view/. */
#ifndef FR_VIEW_PIECES_H
#define FR_VIEW_PIECES_H

#include "view/view.h"

struct fr_view_pieces;
/* NULL is fine */
void fr_view_pieces_close(struct fr_view_pieces *pieces);

/* The tokens of trace up to n_prefix, and ids after them, as one trace: ids, byte ranges, text. A
 * token that no trace shows is spelt "<token 123>", and *n_unknown counts them. Naming, reasoning
 * and verdict are left to the caller. Reads traces until all are known, for a second at most. */
FR_CHECKED int fr_view_continue(struct fr_view_pieces **pieces, struct fr_store *store,
                                const struct fr_trace *trace, int n_prefix, const int32_t *ids,
                                int n, struct fr_trace *out, int *n_unknown, struct fr_error *err);

#endif
