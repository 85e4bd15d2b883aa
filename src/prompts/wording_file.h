/* What wording.c asks of the reader of wording files; private to prompts/. */
#ifndef FR_PROMPTS_WORDING_FILE_H
#define FR_PROMPTS_WORDING_FILE_H

#include <stdbool.h>

#include "planning/planning.h"

/* Does the file say that it is for domains of this structure? FR_E_INPUT, FR_E_IO: it is not YAML,
 * or cannot be read. */
FR_CHECKED int fr_wording_file_fits(const char *path, const struct fr_domain *domain, bool *fits,
                                    struct fr_error *err);

#endif
