/* The pieces of `fluidrep namings`: its options, and one file per piece of work. */
#ifndef FR_CLI_NAMINGS_H
#define FR_CLI_NAMINGS_H

#include <jansson.h>

#include "cli/input.h"
#include "naming/check.h"

struct fr_namings_options {
    struct fr_input_paths paths;
    const char *verb, *pool, *model;
    int seed, count, flavour; /* flavour -1: of the table's words or the pool's */
    bool json;
};

/* {"concepts": [...], "namings": [...]} and a line feed, on standard output. */
void fr_namings_print_json(const struct fr_namings *namings);

/* What a mystery naming of the input's domain must not use: its concepts and constants, the objects
 * of its problem if there is one, every word of the prompt around the naming's own. */
void fr_namings_reserve(const struct fr_input *input, struct fr_reserved *out);

/* check: prints; *n_errors is the number of errors found in namings. */
FR_CHECKED int fr_namings_check_table(const struct fr_namings_options *o,
                                      const struct fr_input *input, int *n_errors,
                                      struct fr_error *err);
/* random: prints a table, or JSON. */
FR_CHECKED int fr_namings_make(const struct fr_namings_options *o, const struct fr_input *input,
                               struct fr_error *err);

#endif
