/* How fast a model decodes on this machine, what its choices cost there, and why a run is slower
 * than was measured.
 *
 * Which cache type, attention and number of slots are fastest differs between processors by factors
 * (half precision is slow on some), so it is measured, never assumed. */
#ifndef FR_MODEL_SPEED_H
#define FR_MODEL_SPEED_H

#include "model/model.h"

/* Time, and how the calling thread spent it. */
struct fr_speed_clock {
    double wall, cpu; /* seconds; cpu: of all threads */
    double waited; /* seconds this thread was ready and had no core; negative: the system does not
                      tell */
};
struct fr_speed_clock fr_speed_now(void);

struct fr_speed {
    double decode;     /* tokens a second of the clock, all slots together */
    double decode_cpu; /* the same of the processor's seconds on one core: what a quiet machine
                          would give at best */
    double waited; /* share of the time without a core, 0..1; 0 on a quiet machine or when it is not
                      told */
    int tokens;    /* decoded for this */
};

/* Every slot holds `context` tokens (made up), then up to `steps` steps are taken, for about
 * `seconds` at most. The model's slots and stem are empty afterwards. */
FR_CHECKED int fr_speed_measure(struct fr_model *model, int context, int steps, double seconds,
                                struct fr_speed *out, struct fr_error *err);

/* Ways to run the model, to be compared: cache type, attention, slots, threads. */
enum { FR_SPEED_CHOICES = 16 };
struct fr_speed_choice {
    int kv_type;
    bool flash_attention;
    int n_slots, threads;
    struct fr_speed speed;
    double
        off; /* root mean square of the logits' difference from choice 1's, as a share of theirs */
};
/* The options' own choice first, then the most exact (f32 without flash attention), then others
 * that differ from the options in one respect; each once. Returns how many. */
int fr_speed_choices(const struct fr_model_options *options,
                     struct fr_speed_choice out[FR_SPEED_CHOICES]);
/* Opens the model as the choice says, otherwise by the options, and measures it; `logits`
 * ([n_vocab]) are those after `context` tokens, grown as needed by realloc, when not NULL.
 * FR_E_MODEL where the choice is refused. */
FR_CHECKED int fr_speed_try(const struct fr_model_options *options, struct fr_speed_choice *choice,
                            int context, int steps, double seconds, float **logits,
                            struct fr_error *err);
/* "f32 without flash attention, 16 slots, 2 threads" */
void fr_speed_choice_text(const struct fr_speed_choice *choice, char *out, size_t n);

/* Why `rate` tokens a second between two clocks are fewer than the `expected`: the machine is busy,
 * or nothing that shows, and then what to try. "" when the rate is at least a third of it. */
void fr_speed_explain(const struct fr_model_options *options, double expected, double rate,
                      const struct fr_speed_clock *begin, const struct fr_speed_clock *end,
                      char *out, size_t n);

#endif
