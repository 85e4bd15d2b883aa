/* libfluidrep: errors. Every fallible call returns FLUIDREP_OK or one of the negative codes, and
 * keeps a line of text for the calling thread: what was wrong, where, and after "; " a hint. The
 * library never prints and never ends the process over bad input or for want of memory.
 *
 * Out of memory: FLUIDREP_E_MEMORY. The failed call may lose a few kilobytes that it worked in; a
 * model that computed is then refused by all calls but fluidrep_model_close. Two things still end
 * the process: libllama's and ggml's small allocations while they compute (their large ones,
 * weights and caches, are made when a model is opened and fail there, as FLUIDREP_E_MODEL), and a
 * fault of the library itself, which an assertion finds. */
#ifndef FLUIDREP_ERROR_H
#define FLUIDREP_ERROR_H

#if defined(__GNUC__)
#define FLUIDREP_API __attribute__((visibility("default")))
#else
#define FLUIDREP_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum fluidrep_code {
    FLUIDREP_OK = 0,
    FLUIDREP_E_INPUT = -1,    /* an argument, a text or a file that is wrong */
    FLUIDREP_E_IO = -2,       /* the system refused */
    FLUIDREP_E_MODEL = -3,    /* the model cannot be loaded or run */
    FLUIDREP_E_CONFLICT = -4, /* not of these calls; the program's */
    FLUIDREP_E_STOPPED = -5,  /* not of these calls; the program's */
    FLUIDREP_E_LIMIT = -6,    /* a stated ceiling was hit */
    FLUIDREP_E_MEMORY = -7    /* no memory was left */
};

/* What the last failed call of this thread said; "" before any. Valid until this thread's next
 * failure. */
FLUIDREP_API const char *fluidrep_error(void);
/* "0.1.0" */
FLUIDREP_API const char *fluidrep_version(void);
/* Gives back what a call allocated for its caller (its comment says so); NULL is fine. */
FLUIDREP_API void fluidrep_free(void *memory);

#ifdef __cplusplus
}
#endif

#endif
