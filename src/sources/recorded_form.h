/* One JSON object -> a recorded trace, whoever wrote it; private to sources/. */
#ifndef FR_SOURCES_RECORDED_FORM_H
#define FR_SOURCES_RECORDED_FORM_H

#include <jansson.h>

#include "sources/recorded.h"

/* Found by its fields: FR_E_INPUT with the fields that were seen when it is in no form that is
 * known, or could be in two. On failure *out may be filled in part. */
FR_CHECKED int fr_recorded_read(const json_t *object, struct fr_recorded *out,
                                struct fr_error *err);

#endif
