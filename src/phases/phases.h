/* phases/: what a piece of reasoning is doing (method.md 4, A6; the paper's account of behaviour).
 *
 * Five phases: comparative analysis (initial state against goal), recursive search (backwards from
 * goals), exploration, plan formulation, verification; and none, before anything is recognised. The
 * paper found them by hand. Here rules do, which others found not to reproduce well: so there are
 * two sets of rules, of which one looks at what the other does not, and no result that uses phases
 * stands without their agreement. The rules are a table, data/phases.tsv, which explains itself.
 *
 * Rejected: a language model as the judge (not reproducible, and no part of a study's files). */
#ifndef FR_PHASES_PHASES_H
#define FR_PHASES_PHASES_H

#include "base/file.h"
#include "mentions/mentions.h"
#include "prompts/prompts.h"

enum fr_phase {
    FR_PHASE_NONE,
    FR_PHASE_COMPARISON,
    FR_PHASE_SEARCH,
    FR_PHASE_EXPLORATION,
    FR_PHASE_PLANNING,
    FR_PHASE_VERIFICATION,
    FR_PHASE_COUNT
};
extern const char *const fr_phase_name[FR_PHASE_COUNT]; /* "none", "comparison" ... */

enum fr_phase_rules {
    FR_PHASES_BY_CUES,     /* phrases and marks */
    FR_PHASES_BY_MENTIONS, /* which concepts are named, and how many */
    FR_PHASE_RULES_COUNT
};
extern const char *const fr_phase_rules_name[FR_PHASE_RULES_COUNT]; /* "cues", "mentions" */

/* What a reasoning looks like, hence which rows of the table it is read by. */
enum fr_phase_text {
    FR_PHASE_PROSE,  /* sentences */
    FR_PHASE_TERSE,  /* the terse dialect's search */
    FR_PHASE_AGENDA, /* that of the style ambiguous: what is to be done, then how, line by line */
    FR_PHASE_TEXT_COUNT
};
enum fr_phase_text fr_phase_text_of(enum fr_prompt_style style);

struct fr_phases; /* both sets of rules for one kind of text; only read once it is open */

/* path NULL: the project's table. FR_E_INPUT names file, line and value. On failure *out is NULL.
 */
FR_CHECKED int fr_phases_open(struct fr_phases **out, const char *path, enum fr_phase_text text,
                              struct fr_error *err);
void fr_phases_close(struct fr_phases *phases);
/* SHA-256 of the project's table, for what was made by it; "none" where it cannot be read. */
void fr_phases_table_sha256(char out[FR_SHA256_TEXT]);

/* Bytes [start, end) of a text. */
struct fr_phase_span {
    size_t start, end;
    enum fr_phase phase;
};
struct fr_phase_spans {
    int n, capacity;
    struct fr_phase_span *items;
};
void fr_phase_spans_release(struct fr_phase_spans *spans);
/* The phases of text[begin, end), which is the reasoning: spans that follow each other without a
 * gap, neighbours of different phases. forms: of the trace's naming (fr_forms_of_naming). Replaces
 * the content of *out, which is zero-initialised or from an earlier call. */
void fr_phases_find(const struct fr_phases *phases, enum fr_phase_rules rules,
                    const struct fr_forms *forms, const struct fr_concepts *concepts,
                    const char *text, size_t begin, size_t end, struct fr_phase_spans *out);
/* Of each token the phase of its first byte; none outside the spans. starts ascend. */
void fr_phases_of_tokens(const struct fr_phase_spans *spans, const int32_t *starts, int n_tokens,
                         uint8_t *out /* [n_tokens] enum fr_phase */);

/* Tokens by two labellings of the same traces: n[p][q] have phase p by the first, q by the second.
 */
struct fr_phase_counts {
    double n[FR_PHASE_COUNT][FR_PHASE_COUNT];
};
/* Cohen's kappa: how much more often two labellings agree than their shares of phases alone would
 * make them; 1 at best, 0 by chance. NaN without tokens, or where both know one phase only. */
double fr_phase_kappa(const struct fr_phase_counts *counts);
/* The same of one phase against all others. */
double fr_phase_kappa_of(const struct fr_phase_counts *counts, enum fr_phase phase);

#endif
