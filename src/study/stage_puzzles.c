/* Stage 1: the namings and puzzles of the study, into the store. */
#include "study/internal.h"

int fr_stage_puzzles(struct fr_study *s, struct fr_error *err) {
    const struct fr_source_study study = fr_study_source(s);
    int code = fr_study_put_namings(s, err);
    if (code == FR_OK)
        code = s->source->puzzles(&study, err);
    return code == FR_OK ? fr_source_put_classes(s->store, &s->world.domain, err) : code;
}
