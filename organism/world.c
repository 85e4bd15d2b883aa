/* Blocksworld and its namings; see world.h. */
#include "organism/world.h"

int fr_world_open(struct fr_world *out, struct fr_error *err) {
    *out = (struct fr_world){0};
    int code = fr_domain_load(&out->domain, FR_SOURCE_DIR "/data/domains/blocksworld.pddl", err);
    if (code != FR_OK)
        return code;
    code = fr_namings_load(&out->namings, FR_SOURCE_DIR "/data/namings.tsv", &out->domain, err);
    if (code != FR_OK)
        fr_domain_release(&out->domain);
    return code;
}

void fr_world_close(struct fr_world *world) {
    fr_namings_release(&world->namings);
    fr_domain_release(&world->domain);
}
