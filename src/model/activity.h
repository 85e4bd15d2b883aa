/* What the engine is doing now, for the last words of a program that dies in it (cli/last_words.c):
 * a record that any thread may read at any time, inside a signal handler too.
 *
 * libllama can end a process: an assertion of its own, an instruction that the processor lacks, a
 * damaged file that is mapped into memory. Nothing can be computed on after that, but what was
 * being done can be told. */
#ifndef FR_MODEL_ACTIVITY_H
#define FR_MODEL_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>

struct fr_model_options;

enum fr_activity_kind {
    FR_ACTIVITY_NONE,
    FR_ACTIVITY_LOADS,    /* weights */
    FR_ACTIVITY_OPENS,    /* a context */
    FR_ACTIVITY_TRIES,    /* first tokens, the proof of determinism */
    FR_ACTIVITY_PREFILLS, /* positions [first, first + n) */
    FR_ACTIVITY_DECODES,  /* a token of n sequences */
    FR_ACTIVITY_CLOSES
};

struct fr_activity; /* of one open model */

/* The record of a model to be opened; NULL when too many are open, which all functions take. */
struct fr_activity *fr_activity_begin(const struct fr_model_options *options);
void fr_activity_end(struct fr_activity *activity);
/* What the calling thread has the engine do from now on. */
void fr_activity_set(struct fr_activity *activity, enum fr_activity_kind kind, int first, int n);
/* During FR_ACTIVITY_PREFILLS: the layers up to this one are computed; ours: its rows are
 * being read or edited by our own code. */
void fr_activity_layer(struct fr_activity *activity, int layer, bool ours);
/* What libllama says before it aborts. */
void fr_activity_abort(const char *message);

/* The rest is async-signal-safe: no memory is allocated, no lock taken. */

/* "decoding one token of 16 sequences of models/x.gguf (f16 cache, flash attention, ...)", of the
 * calling thread's model, else of any that is busy. false: the engine is idle, out is "". */
bool fr_activity_describe(char *out, size_t n);
/* Is the engine in code of ours, called back? */
bool fr_activity_is_ours(void);
/* Does it run with kernels that `deterministic` would not choose? */
bool fr_activity_may_be_deterministic(void);
/* What libllama said before it aborted, or "". */
const char *fr_activity_abort_message(void);
/* "libggml-cpu.so.0+0x1f2e0": the loaded library that holds the instruction, as of the last model
 * opened; "" when it is in none. */
void fr_activity_where(const void *instruction, char *out, size_t n);

/* Text for a signal handler: appends at the end of out[n], cut, always ended. */
void fr_signal_text(char *out, size_t n, const char *text);

#endif
