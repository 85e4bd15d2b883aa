/* What most tests of prompts and answers stand on: the project's Blocksworld, the paper's namings
 * and PlanBench's wording. */
#ifndef FR_TESTS_SUPPORT_BLOCKSWORLD_H
#define FR_TESTS_SUPPORT_BLOCKSWORLD_H

#include "naming/naming.h"
#include "planning/planning.h"
#include "prompts/wording.h"

struct fr_blocksworld {
    struct fr_domain domain;
    struct fr_namings namings;
    struct fr_wording wording;
};
/* For a group's set-up: 0, or -1 with the reason printed. */
int fr_blocksworld_load(struct fr_blocksworld *world);
void fr_blocksworld_release(struct fr_blocksworld *world);
const struct fr_naming *fr_blocksworld_naming(const struct fr_blocksworld *world, const char *id);

#endif
