/* What the exports share; private to exports/. */
#ifndef FR_EXPORTS_INTERNAL_H
#define FR_EXPORTS_INTERNAL_H

#include "exports/exports.h"

/* The files of sums of one set and site, checked, and what of them is wanted. */
struct fr_export_sums {
    const struct fr_export *export;
    int site, min_mentions; /* of the set */
    struct fr_grid grid;    /* the set's */
    char **paths;           /* [N] */
    int n_layers, width;    /* of the model */
    int n_wanted, n_times;
    int *layers; /* [n_wanted] by index, layer - 1 */
    int *times;  /* [n_times] index in the grid */
};
FR_CHECKED int fr_export_sums_open(struct fr_export_sums *out, const struct fr_export *export,
                                   const struct fr_export_selection *selection,
                                   struct fr_error *err);
void fr_export_sums_close(struct fr_export_sums *sums);
/* The means of all namings at the i-th wanted layer and the j-th wanted timestamp: reps of one
 * layer and time. counts [N][A]: of mentions; may be NULL. */
FR_CHECKED int fr_export_means_at(const struct fr_export_sums *sums, int i, int j,
                                  struct fr_reps *out, int32_t *counts, struct fr_error *err);

#endif
