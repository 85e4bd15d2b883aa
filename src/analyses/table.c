/* The analyses there are. */
#include "analyses/analysis.h"
#include "base/memory.h"

const struct fr_analysis *const fr_analyses[] = {
    &fr_analysis_mentions,  &fr_analysis_similarity,     &fr_analysis_controls,
    &fr_analysis_success,   &fr_analysis_phase_mentions, &fr_analysis_mechanism,
    &fr_analysis_heads,     &fr_analysis_pairs,          &fr_analysis_pca,
    &fr_analysis_accuracy,  &fr_analysis_phases,         &fr_analysis_effects,
    &fr_analysis_kept,      &fr_analysis_contrasts,      &fr_analysis_selection,
    &fr_analysis_published, &fr_analysis_headline,       &fr_analysis_claims,
};
const int fr_n_analyses = sizeof fr_analyses / sizeof *fr_analyses;

int fr_analyses_tables(struct fr_result_table **out) {
    int n = 0, k = 0;
    for (int i = 0; i < fr_n_analyses; i++)
        n += fr_analyses[i]->n_tables;
    *out = fr_alloc((size_t)n, sizeof **out);
    for (int i = 0; i < fr_n_analyses; i++)
        for (int t = 0; t < fr_analyses[i]->n_tables; t++)
            (*out)[k++] = fr_analyses[i]->tables[t];
    return n;
}
