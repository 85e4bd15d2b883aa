/* What the tests of this room share: the project's Blocksworld for a whole group. */
#ifndef FR_TESTS_PROMPTS_FIXTURE_H
#define FR_TESTS_PROMPTS_FIXTURE_H

#include "support/blocksworld.h"

static struct fr_blocksworld blocksworld;

static inline int load(void **state) {
    (void)state;
    return fr_blocksworld_load(&blocksworld);
}

static inline int release(void **state) {
    (void)state;
    fr_blocksworld_release(&blocksworld);
    return 0;
}

static inline const struct fr_naming *naming_of(const char *id) {
    return fr_blocksworld_naming(&blocksworld, id);
}

#endif
