/* The table of rules, read; private to phases/. */
#ifndef FR_PHASES_RULES_H
#define FR_PHASES_RULES_H

#include "base/file.h"
#include "phases/phases.h"

enum { FR_PHASE_RULES_MAX = 64 }; /* of one kind of text */

struct fr_phase_number {
    int least, most;
};
struct fr_phase_rule {
    enum fr_phase_rules rules;
    enum fr_phase phase;
    char mark;    /* '#': a digit; '\0': anything */
    bool of_line; /* and at the beginning of a line */
    struct fr_phase_number actions, facts;
    int before; /* -1: any */
    bool has_cues;
};
struct fr_phases {
    enum fr_phase_text text;
    int n;
    struct fr_phase_rule rules[FR_PHASE_RULES_MAX];
    struct fr_forms cues; /* a form's concept is its row's index */
};

/* What a unit of a terse text begins with. */
extern const char fr_phase_marks[];

#endif
