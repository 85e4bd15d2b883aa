/* What a study would take, before anything is run: counts from the configuration, prompt lengths
 * from the model's tokenizer, speed from a short probe on this machine. Without the model's file
 * the counts, memory and disk follow from its shape (model.like), and hours from speeds that are
 * given. */
#ifndef FR_STUDY_ESTIMATE_H
#define FR_STUDY_ESTIMATE_H

#include "base/error.h"
#include "model/speed.h"

/* Work of one stage. Tokens are upper bounds: every trace is taken to run to its limit. */
struct fr_stage_estimate {
    const char *stage, *unit; /* "traces", "runs", "layers", ... */
    long long count;
    long long prefill, decode; /* tokens at most */
    int sequences;             /* whose caches are reserved, by each worker; 0: no model */
    double context;            /* tokens before the one decoded, on average */
    double hours;              /* at most; 0 where no model runs, or no speed is known */
    bool served;               /* by a server: tokens that it is asked for, none of this machine */
};

/* A memory, and what of it the study takes at most. */
struct fr_memory_estimate {
    char name[96];
    double have, need;   /* bytes; have 0: not known */
    int slots, slots_q8; /* that fit, as configured and with kv_type q8_0; -1: not even one */
};

struct fr_estimate_options {
    double prefill,
        decode;          /* tokens a second of one worker, instead of measured ones; 0: measure */
    double within_hours; /* 0: no budget */
};

/* What fits a number of hours: see fr_study_estimate. */
struct fr_budget {
    int evaluate; /* puzzles.evaluate that fits with all else as it is; -1: no budget, or no speed
                   */
    /* hours of what does not depend on puzzles.evaluate, and of each puzzle to evaluate */
    double fixed_rollouts, fixed_representations, each_rollouts, each_steering;
    int collect_alike, evaluate_alike; /* both cut in one proportion */
    long long runs; /* steered runs that fit with all puzzles; -1: not even none */
};

struct fr_estimate {
    char model[96], engine[64], quantization[32];
    bool measured; /* the model is here */
    int n_layers, width, n_slots, context_tokens;
    int n_workers, n_threads; /* models side by side, and threads of each */
    int n_namings, n_used;    /* all; those in representations and steering */
    int prompt_tokens_mean, prompt_tokens_max;
    /* Tokens a second of one worker after few tokens; decode: all its slots together. */
    double prefill_rate, decode_rate;
    double decode_rate_half, decode_rate_full; /* at a half and all of generation.max_tokens */
    double waited; /* share of the probe's time without a core: a busy machine */
    /* What other ways to run the model cost here: of small models, which are opened again for it.
     */
    int n_choices;
    struct fr_speed_choice choices[FR_SPEED_CHOICES];
    int probe_prefill, probe_decode, probe_context; /* tokens the rates come from */
    double weight_bytes, sequence_bytes;            /* of the file; the cache of one sequence */
    double resident_bytes;                          /* of this process after the probe */
    double layer_bytes; /* representations of one layer, held by the analyses */
    double sums_bytes;  /* of the replay, in memory, all workers */
    double reps_disk_bytes, traces_disk_bytes, runs_disk_bytes; /* at most */
    double disk_bytes; /* their sum, with what is kept of sums that are not finished */
    int n_memories;    /* this machine's; with gpu_layers its devices', or of the usual sizes */
    struct fr_memory_estimate memories[8];
    int n_stages;
    struct fr_stage_estimate stages[8];
    double hours;
    long long served_tokens, served_most; /* of a server; endpoint.max_total_tokens, 0: none */
    long long steered_runs, identity_runs;
    struct fr_budget within;
};

/* Reads the configuration and all it names, opens the model as the study would but for the length
 * of its cache, and writes nothing. A cache that does not fit the machine is in `memories`, no
 * error. Errors as fr_study_open's and the model's. */
FR_CHECKED int fr_study_estimate(const char *config_path, const struct fr_estimate_options *options,
                                 struct fr_estimate *out, struct fr_error *err);

#endif
