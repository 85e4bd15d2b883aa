/* Requests of an endpoint on their way to traces; private to endpoint.c, which asks, and
 * endpoint_trace.c, which makes traces of answers. */
#ifndef FR_SOURCES_ENDPOINT_JOBS_H
#define FR_SOURCES_ENDPOINT_JOBS_H

#include <jansson.h>

#include "sources/endpoint.h"
#include "sources/recorded.h"
#include "sources/sources.h"

/* A trace that is missing. */
struct fr_endpoint_job {
    int64_t puzzle, example; /* example -1: none */
    int naming;
    int asked_times, n_faults; /* faults: of its own; a busy server is none */
    long long asked;           /* tokens, at most */
    double not_before;         /* -1: nothing more is to be done for it now */
    bool looked;               /* the journal has no answer */
    bool running;
    /* while it is being asked for */
    struct fr_problem problem;
    struct fr_text message, body;
    struct fr_tokens prompt;
    char request[FR_SHA256_TEXT];
};

struct fr_endpoint {
    const struct fr_source_study *study;
    const struct fr_world *world;
    const struct fr_config *config;
    struct fr_model *model; /* its vocabulary */
    struct fr_http *http;
    struct fr_journal journal;
    json_t *extra;
    int n, n_running, n_left;
    struct fr_endpoint_job *jobs;
    long long done, total, resumed;
    /* a server that wants fewer requests */
    int width;         /* requests under way, at most */
    int n_busy;        /* pauses since an answer came */
    double not_before; /* nothing is asked for until then */
    bool told_prompt, told_ids, told_model;
    int more_prompt;         /* tokens that it read beyond the prompt's, at most so far */
    char maker[320];         /* of the last answer: model, fingerprint, server; as recorded */
    long long n_unkept;      /* whole answers that the disk did not take */
    long long n_unusable;    /* answers that ended as no text of a model does */
    struct fr_text unusable; /* of the last such, what it was */
    struct fr_error fault;   /* the first; what is under way is still waited for */
};

const char *fr_endpoint_naming(const struct fr_endpoint *e, const struct fr_endpoint_job *job);
void fr_endpoint_warn(const struct fr_endpoint *e, const char *what);

/* ---- endpoint_trace.c ------------------------------------------------------------------------ */

/* The tokens that were generated: as the server counts them, else as its text has them here. */
FR_CHECKED int fr_endpoint_count(const struct fr_endpoint *e, const struct fr_answer *answer,
                                 long long *out, bool *exact, struct fr_error *err);

enum fr_endpoint_ending { FR_ENDED, FR_ENDED_CUT, FR_ENDED_UNUSABLE, FR_ENDED_IMPOSSIBLE };
/* Did the model end the text, or the length that was asked for? What anything else ended is not
 * the model's: a filter, a tool, a limit of the server's own would each be counted as its failure.
 * what: says so, of what is neither ended nor cut. */
FR_CHECKED int fr_endpoint_judge_end(const struct fr_endpoint *e, const struct fr_endpoint_job *job,
                                     const struct fr_answer *answer, enum fr_endpoint_ending *out,
                                     struct fr_text *what, struct fr_error *err);

/* Stores the trace of the answer, after a look at whether the server read the prompt that we
 * mean. */
FR_CHECKED int fr_endpoint_store(struct fr_endpoint *e, const struct fr_endpoint_job *job,
                                 struct fr_answer *answer, bool truncated, struct fr_error *err);

#endif
