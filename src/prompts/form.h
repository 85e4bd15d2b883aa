/* Forms, piece by piece (see wording.h); private to prompts/. */
#ifndef FR_PROMPTS_FORM_H
#define FR_PROMPTS_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "naming/naming.h"
#include "planning/planning.h"

enum fr_piece_kind { FR_PIECE_TEXT, FR_PIECE_ARGUMENT, FR_PIECE_WORD };

struct fr_piece {
    enum fr_piece_kind kind;
    const char *text; /* as written, braces included; not terminated */
    size_t n;
    int argument; /* ARGUMENT: 0-based */
    int concept;  /* WORD */
    bool capital; /* WORD: with a capital letter */
};

/* The piece that begins at *form, which moves behind it: 1, or 0 at the end, or -1 for a place that
 * is none: unclosed, not known, or "}" alone; piece->text then points at it. own: the form's
 * concept, -1 for an introduction. */
int fr_form_next(const struct fr_domain *domain, int own, const char **form,
                 struct fr_piece *piece);

/* How a form is said, beyond its pieces. */
struct fr_form_manner {
    bool capitals; /* every word of the naming with a capital */
    bool bare;     /* "the " before an argument is dropped */
};

/* Appends a form whose places are known to be right. */
void fr_form_say(const struct fr_domain *domain, int own, const char *form,
                 const struct fr_naming *naming, const char *const *arguments, int n_arguments,
                 struct fr_form_manner manner, struct fr_text *out);

#endif
