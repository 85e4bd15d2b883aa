/* The report's figures, in the order of the page; private to report/. */
#ifndef FR_REPORT_FIGURES_H
#define FR_REPORT_FIGURES_H

#include "report/figure.h"

extern const struct fr_figure fr_figure_accuracy;
extern const struct fr_figure fr_figure_similarity;
extern const struct fr_figure fr_figure_heat_map;
extern const struct fr_figure fr_figure_pca;
extern const struct fr_figure fr_figure_separation;
extern const struct fr_figure fr_figure_steering;
extern const struct fr_figure fr_figure_steering_namings;
extern const struct fr_figure fr_figure_mentions;

#endif
