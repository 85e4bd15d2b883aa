#include "support/blocksworld.h"

#include "support/test.h"

int fr_blocksworld_load(struct fr_blocksworld *world) {
    struct fr_error err = {0};
    *world = (struct fr_blocksworld){0};
    int code = fr_domain_load(&world->domain, fr_test_path("data/domains/blocksworld.pddl"), &err);
    if (code == FR_OK)
        code = fr_namings_load(&world->namings, fr_test_path("data/namings.tsv"), &world->domain,
                               &err);
    if (code == FR_OK)
        code = fr_wording_load(&world->wording, &world->domain,
                               fr_test_path("data/wordings/blocksworld-4ops.yaml"), &err);
    if (code != FR_OK)
        print_error("%s\n", err.text);
    return code == FR_OK ? 0 : -1;
}

void fr_blocksworld_release(struct fr_blocksworld *world) {
    fr_wording_release(&world->wording);
    fr_namings_release(&world->namings);
    fr_domain_release(&world->domain);
}

const struct fr_naming *fr_blocksworld_naming(const struct fr_blocksworld *world, const char *id) {
    const int i = fr_namings_find(&world->namings, id);
    assert_true(i >= 0);
    return &world->namings.items[i];
}
