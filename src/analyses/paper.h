/* Figures of the paper (arXiv 2602.04843), as data: data/paper/. Printed beside ours; private to
 * analyses/ and to those who plan a study. */
#ifndef FR_ANALYSES_PAPER_H
#define FR_ANALYSES_PAPER_H

#include "base/error.h"
#include "naming/naming.h"

enum { FR_PAPER_SETS = 2 };

/* QwQ-32B under one naming; shares, NaN where it is not said. */
struct fr_paper_naming {
    const char *id; /* as in data/namings.tsv */
    double accuracy;
    double best[FR_PAPER_SETS]; /* largest gain of four layers: in_naming, cross_all */
};
extern const char *const fr_paper_best_vectors[FR_PAPER_SETS]; /* "in_naming", "cross_all" */

/* An effect as it was printed, in shares. */
struct fr_paper_effect {
    const char *source;    /* "table 5"; effects of one source are a family */
    const char *operation; /* names of edits, as in study.db */
    const char *vectors, *control, *against;
    int depth, first, last; /* layers of the model; the first and the last that are edited */
    int n_namings;
    double effect, standard_error;
};

struct fr_paper {
    int n_namings, n_effects;
    struct fr_paper_naming *namings;
    struct fr_paper_effect *effects;
    struct fr_namings words; /* data/namings.tsv */
    char *texts[2];          /* what the names point into */
};
/* FR_E_IO, FR_E_INPUT with file and line. On failure *out is released. */
FR_CHECKED int fr_paper_load(struct fr_paper *out, struct fr_error *err);
void fr_paper_release(struct fr_paper *paper);
/* The row of the paper's naming that gives every concept the same word as this one of a study, its
 * id whatever it is; or NULL. */
const struct fr_paper_naming *fr_paper_find(const struct fr_paper *paper,
                                            const struct fr_concepts *concepts,
                                            const struct fr_naming *naming);
/* Its accuracy, or NaN. */
double fr_paper_accuracy(const struct fr_paper *paper, const struct fr_concepts *concepts,
                         const struct fr_naming *naming);

/* The layer at the paper's relative depth, 40 of 64: the nearest one, of two as near the deeper, as
 * the report's figures open (report/terms.sql). */
int fr_paper_layer(int n_layers);
/* The same at 30 of 64. */
int fr_paper_other_layer(int n_layers);

#endif
