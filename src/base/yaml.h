/* YAML files as libyaml's documents, with a ceiling on how deep they are nested. */
#ifndef FR_BASE_YAML_H
#define FR_BASE_YAML_H

#include <yaml.h>

#include "base/error.h"

enum { FR_YAML_MAX_DEPTH = 32 }; /* of lists and mappings in each other */

/* The document of text; name is used in errors, "name:line: ...". FR_E_INPUT for what is no
 * YAML, and for a second document, which would be passed over unseen; FR_E_LIMIT for what is nested
 * deeper than the ceiling; *out is then not to be deleted. Otherwise the caller deletes it
 * (yaml_document_delete). */
FR_CHECKED int fr_yaml_parse(yaml_document_t *out, const char *text, const char *name,
                             struct fr_error *err);

#endif
