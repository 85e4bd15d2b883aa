/* The analyses there are. */
#include "analyses/analysis.h"

const struct fr_analysis *const fr_analyses[] = {
    &fr_analysis_mentions, &fr_analysis_similarity, &fr_analysis_pca,
    &fr_analysis_accuracy, &fr_analysis_effects,    &fr_analysis_headline,
};
const int fr_n_analyses = sizeof fr_analyses / sizeof *fr_analyses;
