/* A small world over the planted model, shared by the scientific tests: the paper's twenty mystery
 * namings, random traces in their words, and what the pipeline makes of them. The truth is known:
 * a concept's row is its word's own vector + gain(layer, position) * direction(concept) + noise. */
#ifndef FR_TESTS_PLANTED_WORLD_H
#define FR_TESTS_PLANTED_WORLD_H

#include "mentions/mentions.h"
#include "planted.h"
#include "representations/representations.h"

enum { WORLD_NAMINGS = 20 };

struct planted_world {
    struct fr_domain domain;
    struct fr_namings table; /* items[0] is clean, not planted: its words are not single tokens */
    char markers[WORLD_NAMINGS][24];
    struct fr_planted_naming namings[WORLD_NAMINGS];
    struct fr_planted_options options;
    struct fr_model *model;
};

/* 4 layers, width 64, all planted; words half as strong as directions become. Change options
 * between init and open. */
void planted_world_init(struct planted_world *world);
void planted_world_open(struct planted_world *world, int n_slots);
void planted_world_close(struct planted_world *world); /* the model only; open again if you like */
void planted_world_release(struct planted_world *world);

const struct fr_naming *planted_world_naming(const struct planted_world *world, int i_naming);

/* A trace: the naming's marker, then words drawn at random, two in five of them concepts'. */
struct planted_trace {
    struct fr_tokens tokens;
    struct fr_mentions mentions;
};
void planted_trace_make(const struct planted_world *world, int i_naming, uint64_t seed, int n_words,
                        struct planted_trace *out);
void planted_trace_release(struct planted_trace *trace);

/* Raw representations of all namings from n_traces traces each (origin: the first token). */
void planted_world_collect(struct planted_world *world, const struct fr_grid *grid, int n_traces,
                           int n_words, struct fr_reps *raw);
/* Of all sites at once. */
void planted_world_collect_sites(struct planted_world *world, const struct fr_grid *grid,
                                 int n_traces, int n_words, struct fr_reps raw[FR_STREAM_SITES]);

/* The truth as r~ should show it: direction(a) minus the mean over a's kind. [D] */
void planted_world_truth(const struct planted_world *world, int concept, float *out);
double planted_cosine(const float *x, const float *y, int width);

#endif
