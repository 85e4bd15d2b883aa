/* A world in which the planted model runs whole studies: it reads Blocksworld puzzles in the terse
 * style, writes a reasoning that names every concept again and again, and then a shortest plan or,
 * where its score fell short, that plan without its last step, which never solves. The reasoning
 * follows from the prompt alone, so that a prefix of a trace goes on as the trace did, and only the
 * answer depends on the rows; whether they were edited or not, the same tokens draw the same
 * jitter.
 *
 * What a study must find: at the planted layers r~ and r- point along the planted directions, the
 * more the later; adding them raises the score, and half of the puzzles are within its reach; other
 * concepts' vectors lower it; random ones do neither; above the planted layers nothing does. */
#ifndef FR_TESTS_PLANTED_STUDY_H
#define FR_TESTS_PLANTED_STUDY_H

#include "naming/naming.h"
#include "planted.h"
#include "study/study.h"

enum {
    PLANTED_STUDY_LAYERS = 5,
    PLANTED_STUDY_BEGIN = 2, /* planted layers [begin, end) */
    PLANTED_STUDY_END = 4,
    PLANTED_STUDY_NAMINGS = 9,  /* clean, and mystery 1, 2, 4 ... 9, whose first words differ */
    PLANTED_STUDY_TOKENS = 500, /* prompt, reasoning and answer fit */
    PLANTED_STUDY_REASONING = 243,
    PLANTED_STUDY_CONCEPTS = 9,
};
/* As a list of YAML: the namings' ids. */
extern const char planted_study_ids[];

struct planted_study {
    struct fr_domain domain;
    struct fr_namings table;
    struct {
        const struct fr_naming *naming;
        char words[PLANTED_STUDY_CONCEPTS][64]; /* as the style writes them */
        const char *places[PLANTED_STUDY_CONCEPTS];
    } namings[PLANTED_STUDY_NAMINGS];
    struct fr_planted_naming planted[PLANTED_STUDY_NAMINGS];
    struct fr_planted_options options;
    struct fr_model_factory factory;
    const struct fr_model *reader; /* the handle that tokens are read through */
};

/* strength 1 plants the effect, 0 none; seed is the model's. One study at a time may be open with
 * the factory, which *out must not move from. */
void planted_study_init(struct planted_study *out, double strength, uint64_t seed);
void planted_study_release(struct planted_study *study);
/* A study on the world's models (which options need not name) is opened, run up to a stage and
 * closed. n_ran: stages that had something to do; may be NULL. */
int planted_study_run(const struct planted_study *world, struct fr_study_options options,
                      enum fr_stage last, int *n_ran, struct fr_error *err);

#endif
