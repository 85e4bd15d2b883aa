/* What the files of view/ share; private to it. */
#ifndef FR_VIEW_INTERNAL_H
#define FR_VIEW_INTERNAL_H

#include <jansson.h>

#include "config/world.h"
#include "mentions/mentions.h"
#include "naming/naming.h"
#include "phases/phases.h"
#include "planning/planning.h"
#include "prompts/prompts.h"
#include "representations/representations.h"
#include "view/view.h"

struct fr_view {
    struct fr_store *store; /* borrowed */
    int64_t version;        /* of the database, when what follows was read of it */
    struct fr_config config;
    bool knows_domain; /* else studies did not keep it yet when this one was made */
    struct fr_domain domain;
    struct fr_wording wording;
    struct fr_concepts concepts;
    int n_namings;
    struct fr_view_naming {
        struct fr_naming naming;
        char *role;
        bool excluded, has_forms;
        struct fr_forms forms; /* made when first asked for */
    } * namings;               /* by position */
    struct fr_view_pieces *pieces;
    struct fr_phases *phases; /* NULL: the table of rules is not where the program's data are */
};

/* ---- text.c: bytes as JSON ------------------------------------------------------------------- */
/* A JSON string of any bytes; see view.h. */
json_t *fr_view_text(const char *bytes, size_t n);
/* A list with a string for each token, starts and ends being byte ranges of the text. A character
 * that lies across tokens stands in the first of them, and the others have "". */
json_t *fr_view_tokens(const char *text, size_t n, const int32_t *starts, const int32_t *ends,
                       int n_tokens);

/* ---- view.c ---------------------------------------------------------------------------------- */
/* By a name as answers show it; FR_E_INPUT: there is none. */
FR_CHECKED int fr_view_find_naming(const struct fr_view *view, const char *shown, int *naming,
                                   struct fr_error *err);
FR_CHECKED int fr_view_find_concept(const struct fr_view *view, const char *shown, int *concept,
                                    struct fr_error *err);
/* [[concept, first token, end token], ...]; NULL: cannot be known. */
json_t *fr_view_mentions(struct fr_view *view, int naming, const struct fr_trace *trace,
                         struct fr_mentions *mentions);
int fr_view_origin(const struct fr_view *view, const struct fr_trace *trace);

/* ---- reps.c ---------------------------------------------------------------------------------- */
/* How many layers a naming's sums have; 0: they are not collected yet. */
FR_CHECKED int fr_view_layers(struct fr_view *view, int naming, int *n_layers,
                              struct fr_error *err);
/* The means of a set of traces (fr_trace_set_name), of the namings marked in which[N] that have a
 * file: a slice. No file: out->h is NULL. counts (may be NULL): [A][T] mentions of the last of
 * them. Release *out, also after a failure. */
FR_CHECKED int fr_view_reps(struct fr_view *view, const char *traces, const bool *which,
                            const struct fr_slice *slice, struct fr_reps *out, int32_t *counts,
                            struct fr_error *err);

/* ---- the answers ----------------------------------------------------------------------------- */
FR_CHECKED int fr_view_study(struct fr_view *view, json_t *out, struct fr_error *err);
FR_CHECKED int fr_view_list(struct fr_view *view, const struct fr_view_ask *ask, json_t *out,
                            struct fr_error *err);
FR_CHECKED int fr_view_search(struct fr_view *view, const struct fr_view_ask *ask, json_t *out,
                              struct fr_error *err);
FR_CHECKED int fr_view_trace(struct fr_view *view, const struct fr_view_ask *ask, json_t *out,
                             struct fr_error *err);
FR_CHECKED int fr_view_run(struct fr_view *view, const struct fr_view_ask *ask, json_t *out,
                           struct fr_error *err);
FR_CHECKED int fr_view_similarity(struct fr_view *view, const struct fr_view_ask *ask, json_t *out,
                                  struct fr_error *err);

/* ---- plan.c ---------------------------------------------------------------------------------- */
/* The answer of a trace: its plan step by step, with the states. A JSON object, or null where no
 * answer begins or the domain is not known. */
FR_CHECKED int fr_view_plan(struct fr_view *view, int naming, const struct fr_trace *trace,
                            json_t **out, struct fr_error *err);

/* The end tag of a reasoning that begins in this token, or NULL. */
const char *fr_view_end_tag(const struct fr_trace *trace, int token);

/* ---- piles.c --------------------------------------------------------------------------------- */
/* A domain of things that stand on each other: which predicates say so, found by what they do in
 * the states given and in no way by name. on(upper, lower), or turned round; base(lowest). */
struct fr_piles {
    int on, base; /* predicates */
    bool turned;
};
/* False: none, and states are to be shown as facts. */
bool fr_piles_find(const struct fr_problem *problem, const struct fr_state *states, int n,
                   struct fr_piles *out);
/* [[lowest, ..., top], ...] of objects' names, piles by their lowest. */
json_t *fr_piles_json(const struct fr_problem *problem, const struct fr_piles *piles,
                      const struct fr_state *state);

/* ---- page.c ---------------------------------------------------------------------------------- */
/* The page that asks a server. */
void fr_view_page(struct fr_view *view, struct fr_text *out);
/* Its parts: up to the end of the head, with a policy of its own or none; and the body. */
void fr_view_page_head(struct fr_view *view, const char *policy, struct fr_text *out);
extern const char fr_view_page_body[];

#endif
