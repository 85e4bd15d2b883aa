/* Several studies side by side (method.md 4, A5; the paper's table 1 and figure 5): what each holds
 * is copied out of its result tables into a store of its own, so that one report shows the models'
 * curves, accuracies and separation. No study is changed, and none is needed any more afterwards.
 *
 * The first study is the one that the others are held against: of each other one the share of the
 * first's rise that its curve has too, with an interval over the namings that both have. Where the
 * other one read the same traces with scrambled weights, that is what text and architecture give.
 *
 * Rejected: reading all studies for every query, which ties the report to directories that move. */
#ifndef FR_ANALYSES_COMPARE_H
#define FR_ANALYSES_COMPARE_H

#include "store/store.h"

/* compared_study and the others, explained in compare.c. */
extern const struct fr_result_table fr_compared_tables[];
extern const int fr_n_compared_tables;

struct fr_compared_study {
    const char *dir;
    const char *label; /* NULL: the study's name, or where two have it the directory's */
};
/* Makes the directory out, or puts this in the place of the comparison that it holds, with
 * tables/ *.csv. On an error that one stands as it was, and a directory made for it is gone.
 * warn(user, text), which may be NULL, is told of settings that differ. *store is open on success,
 * for the report; the caller closes it. FR_E_INPUT: fewer than two studies, out is a study, one has
 * no results, another domain or other words under a naming's name, two of one label. FR_E_CONFLICT:
 * the tables of one are of another version. */
FR_CHECKED int fr_compare(const char *out, const struct fr_compared_study *studies, int n,
                          void (*warn)(void *user, const char *text), void *user,
                          struct fr_store **store, struct fr_error *err);
/* Is the store a comparison? */
bool fr_compare_is(struct fr_store *store);

#endif
