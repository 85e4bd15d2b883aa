/* One JSON object -> a recorded trace, whoever wrote it; and JSON of lines, for all who read them.
 */
#ifndef FR_SOURCES_RECORDED_FORM_H
#define FR_SOURCES_RECORDED_FORM_H

#include <jansson.h>

#include "sources/recorded.h"

/* Found by its fields: FR_E_INPUT with the fields that were seen when it is in no form that is
 * known, or could be in two. On failure *out may be filled in part. */
FR_CHECKED int fr_recorded_read(const json_t *object, struct fr_recorded *out,
                                struct fr_error *err);

/* JSON as lines of traces and answers have it: any value, no key twice; a text may hold a NUL, for
 * fields that nobody reads do no harm. *syntax is filled in either case; FR_E_INPUT with a reason
 * in this program's words. The caller releases *out. */
FR_CHECKED int fr_recorded_parse(const char *text, size_t n, json_t **out, json_error_t *syntax,
                                 struct fr_error *err);
/* Is a text without a NUL in it, which would end it unseen? */
FR_CHECKED int fr_recorded_check_text(const json_t *text, const char *name, struct fr_error *err);
/* *out: 1, 0, or -1 where there is none (or null). FR_E_INPUT for what is neither true nor false.
 */
FR_CHECKED int fr_recorded_truth(const json_t *object, const char *name, int *out,
                                 struct fr_error *err);

#endif
