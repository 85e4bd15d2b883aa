/* The rise of A3's curve of actions, same concept, leave-one-out, at one layer: what the headline
 * and the claim both say of it. Private to analyses/. */
#ifndef FR_ANALYSES_REFINEMENT_H
#define FR_ANALYSES_REFINEMENT_H

#include "analyses/analysis.h"
#include "base/text.h"

struct fr_refinement {
    bool is, rises; /* has the curve a value at the reference timestamp; and a start before it? */
    /* first: the earliest timestamp at which half of the namings, and two, have a value, as
     * fr_rise_compare's; last: the reference timestamp. low, high: 95% over namings; NaN for fewer
     * than three. different: of the actions; may be NaN */
    struct fr_refinement_end {
        int timestamp, n_namings;
        double same, low, high, different;
    } first, last;
    double shuffled; /* same concept at last, with shuffled labels; may be NaN */
};

FR_CHECKED int fr_refinement_take(const struct fr_analysis_input *in, int layer,
                                  struct fr_refinement *out, struct fr_error *err);
/* "goes from 0.05 after 80 tokens to 0.99 after 480 (95% interval 0.99 to 0.99, 6 namings)"; or
 * "is ...", where there is no start. Of one that is. */
void fr_refinement_say(const struct fr_refinement *r, struct fr_text *out);
/* "; the windows of both ends overlap; ...": what else than time may tell the ends apart or make
 * them alike; nothing where that is not so. */
void fr_refinement_warn(const struct fr_refinement *r, const struct fr_config *config,
                        struct fr_text *out);

#endif
