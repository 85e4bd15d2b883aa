/* The rise of A3's curve of actions, same concept, leave-one-out, at one layer: what the headline
 * and the claim both say of it. Source: the controls' table (controls.c), whose rises are of the
 * same namings at both ends. Private to analyses/. */
#ifndef FR_ANALYSES_REFINEMENT_H
#define FR_ANALYSES_REFINEMENT_H

#include "analyses/analysis.h"
#include "base/text.h"

/* A control's rise beside the curve's; is: the study has it. 95% over namings. */
struct fr_refined {
    bool is;
    double rise, low, high;
};

struct fr_refinement {
    bool is;      /* has the curve a value at any time up to the reference timestamp? */
    bool rises;   /* and a start before it, at which half of the namings have one */
    bool overlap; /* its end's window overlaps the reference's (fr_rise_end) */
    int first, last, n_namings;  /* timestamps; of the rise */
    bool from_prompt;            /* they count from the prompt's first token */
    int prompt_low, prompt_high; /* then: tokens of the shortest and longest prompt; 0: none */
    int in_prompt;               /* the last timestamp within the longest prompt; 0: none */
    double at_prompt;            /* the curve there */
    double from, to;             /* same concept, over those namings */
    double low, high;            /* of `to` alone, where nothing rises */
    double different_from, different_to; /* of other actions; may be NaN */
    struct fr_refined plain, shuffled;   /* labels shuffled */
    /* with as many mentions in every cell; against the traces of other puzzles */
    struct fr_refined matched, other_puzzles;
};

FR_CHECKED int fr_refinement_take(const struct fr_analysis_input *in, int layer,
                                  struct fr_refinement *out, struct fr_error *err);
/* "goes from 0.05 after 80 tokens to 0.91 after 400, a rise of 0.86 (95% interval 0.82 to 0.90, 6
 * namings)", with where tokens count from unless it is the first generated one; or "is ...", where
 * there is no start. Of one that is. */
void fr_refinement_say(const struct fr_refinement *r, struct fr_text *out);
/* Rises under the controls, and what else than time may tell the ends apart; each begins with "; ".
 */
void fr_refinement_say_controls(const struct fr_refinement *r, const struct fr_config *config,
                                struct fr_text *out);

#endif
