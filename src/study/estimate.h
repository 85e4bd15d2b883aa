/* What a study would take, before anything is run: counts from the configuration, prompt lengths
 * from the model's tokenizer, speed from a short probe on this machine. */
#ifndef FR_STUDY_ESTIMATE_H
#define FR_STUDY_ESTIMATE_H

#include "base/error.h"
#include "model/speed.h"

/* Work of one stage. Tokens are upper bounds: every trace is taken to run to its limit. */
struct fr_stage_estimate {
    const char *stage, *unit; /* "traces", "runs", "layers", ... */
    long long count;
    long long prefill, decode; /* tokens at most */
    double hours;              /* at most, at the probe's speed; 0 where no model runs */
};

struct fr_estimate {
    char model[96], engine[64];
    int n_layers, width, n_slots, context_tokens;
    int n_workers, n_threads; /* models side by side, and threads of each */
    int n_namings, n_used;    /* all; those in representations and steering */
    int prompt_tokens_mean, prompt_tokens_max;
    double prefill_rate, decode_rate; /* tokens a second of one worker; decode: all its slots */
    double waited;                    /* share of the probe's time without a core: a busy machine */
    /* What other ways to run the model cost here: of small models, which are opened again for it.
     */
    int n_choices;
    struct fr_speed_choice choices[FR_SPEED_CHOICES];
    int probe_prefill, probe_decode; /* tokens the rates come from */
    double resident_bytes;           /* of this process after the probe: weights and caches */
    double layer_bytes;              /* representations of one layer, held by the analyses */
    double disk_bytes;               /* representations and traces, at most */
    int n_stages;
    struct fr_stage_estimate stages[8];
    double hours;
};

/* Reads the configuration and all it names, opens the model as the study would (a context that does
 * not fit the machine fails here), and writes nothing. Errors as fr_study_open's and the model's.
 */
FR_CHECKED int fr_study_estimate(const char *config_path, struct fr_estimate *out,
                                 struct fr_error *err);

#endif
