/* The handful of numbers a study comes down to, each with the sentence a reader sees; private to
 * study/. */
#ifndef FR_STUDY_HEADLINE_H
#define FR_STUDY_HEADLINE_H

#include "study/internal.h"

/* From the result tables of this study; inside the caller's transaction. */
FR_CHECKED int fr_headline_write(struct fr_study *study, struct fr_error *err);

#endif
