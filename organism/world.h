/* Blocksworld and its namings, opened once for the organism's programs. */
#ifndef FR_ORGANISM_WORLD_H
#define FR_ORGANISM_WORLD_H

#include "naming/naming.h"
#include "planning/planning.h"

#ifndef FR_SOURCE_DIR
#define FR_SOURCE_DIR "."
#endif

struct fr_world {
    struct fr_domain domain;
    struct fr_namings namings;
};

FR_CHECKED int fr_world_open(struct fr_world *out, struct fr_error *err);
void fr_world_close(struct fr_world *world);

#endif
