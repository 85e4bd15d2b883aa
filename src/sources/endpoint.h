/* Traces from a server that speaks the OpenAI protocol; private to sources/.
 *
 * endpoint_answer.c reads what a server says, endpoint_http.c exchanges bytes with it (libcurl; no
 * other file knows it), endpoint_journal.c keeps every answer from the moment it is whole, and
 * endpoint.c makes traces of them. */
#ifndef FR_SOURCES_ENDPOINT_H
#define FR_SOURCES_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

/* ---- endpoint_answer.c ----------------------------------------------------------------------- */

/* What a server said of one request, whether in one piece or as a stream of events. */
struct fr_answer {
    struct fr_text text, reasoning; /* reasoning: where it is told apart */
    int n_ids, capacity;
    int32_t *ids; /* tokens of text, where the server tells them all */
    bool ids_missing;
    char finish[24]; /* "stop", "length" ...; "": not told, of a text that is whole */
    char model[96], fingerprint[96], id[96];
    long long prompt_tokens, completion_tokens; /* -1: not told */
    char error[200];                            /* what the server says is wrong; "": nothing */
    long n_chunks;                              /* pieces that brought text */
};
void fr_answer_release(struct fr_answer *answer);

struct fr_answer_reader {
    struct fr_answer answer;
    struct fr_text pending; /* a line, or a whole document, that has not ended */
    bool started, is_document, done, ended, broken;
    int max_ids;
    char fault[160]; /* what of it is no such protocol */
    char said[200];  /* by a document that is no answer, in words of another protocol's errors */
};
enum {
    FR_ANSWER_LINE = 4 << 20,   /* bytes of one event */
    FR_ANSWER_TOKEN_BYTES = 64, /* of text, for each token that was asked for */
};
/* The next bytes. false: it is not such an answer (fault), or longer than max_text bytes, or of
 * more token ids than one for each FR_ANSWER_TOKEN_BYTES of them. */
bool fr_answer_add(struct fr_answer_reader *reader, const char *bytes, size_t n, size_t max_text);
/* No more come. false: as above, or cut before its end. */
bool fr_answer_end(struct fr_answer_reader *reader);
void fr_answer_reader_release(struct fr_answer_reader *reader);

/* ---- endpoint_http.c ------------------------------------------------------------------------- */

struct fr_http;
struct fr_http_options {
    const char *url;             /* without a slash at its end */
    const char *key;             /* or NULL; kept by the caller */
    bool here;                   /* the server is this machine: no proxy is asked */
    int stall_seconds;           /* without a piece of the answer: given up */
    size_t max_text;             /* bytes of an answer */
    bool (*stopped)(void *user); /* of fr_http_get: give it up? */
    void *user;
};
FR_CHECKED int fr_http_open(struct fr_http **out, const struct fr_http_options *options,
                            struct fr_error *err);
void fr_http_close(struct fr_http *http); /* NULL is fine; what is under way is dropped */

enum fr_http_outcome {
    FR_HTTP_ANSWERED, /* the answer is whole */
    FR_HTTP_AGAIN,    /* a fault that may pass: timed out, cut */
    FR_HTTP_BUSY,     /* the server wants fewer requests: status 429, 503 */
    FR_HTTP_REFUSED   /* one that will not: a wrong key, name, address */
};
struct fr_http_reply {
    void *user; /* of the request */
    enum fr_http_outcome outcome;
    bool taken;              /* the server may have worked for it */
    struct fr_answer answer; /* whole, or as far as it came; the receiver releases it */
    char what[300];          /* the fault in words */
    char server[96];         /* what it calls itself */
    int wait_seconds;        /* as the server asks for; -1: it does not */
    double seconds;
};
/* Posts body (borrowed until its reply) to url/path. */
void fr_http_post(struct fr_http *http, const char *path, const struct fr_text *body, void *user);
/* Waits at most so long; true when a reply is in *out. No word of it but its text holds a piece of
 * the key, and a text that quotes the key is refused. */
bool fr_http_wait(struct fr_http *http, int milliseconds, struct fr_http_reply *out);
/* Gets url/path, at most 4 MiB. *status is 0 when there was no reply, or stopped() said so; what
 * says why. */
void fr_http_get(struct fr_http *http, const char *path, int *status, struct fr_text *body,
                 char what[300]);

/* ---- endpoint_journal.c ---------------------------------------------------------------------- */

/* DIR/endpoint.jsonl: a line for every request that is begun and for every answer, flushed to the
 * disk before anything is made of it, so that none is paid for twice; the provenance of its trace,
 * and the count of what was spent. */
struct fr_journal {
    char *path;
    int fd;
    int n, capacity;
    struct fr_journal_entry {
        char request[FR_SHA256_TEXT]; /* SHA-256 of url-less request: its body */
        int64_t at;                   /* where its line begins */
    } * entries;                      /* sorted by request, until something is added */
    int n_sorted;
    int n_open, open_capacity;
    struct fr_journal_open {
        char request[FR_SHA256_TEXT];
        long long most;
    } * open; /* begun, and nothing is known of what came */
    long long
        spent; /* tokens, prompt and completion, of all requests so far; of open ones the most */
    long n_damaged, first_damaged; /* lines that are none; the number of the first, from 1 */
};
/* A file of which no line is this program's is FR_E_INPUT; single ones are counted. */
FR_CHECKED int fr_journal_open(struct fr_journal *out, const char *dir, struct fr_error *err);
void fr_journal_close(struct fr_journal *journal);
/* Is there an answer to the request? Into *out, which is the caller's. */
FR_CHECKED int fr_journal_find(const struct fr_journal *journal, const char *request,
                               struct fr_answer *out, bool *found, struct fr_error *err);
/* Disk for so many bytes to come, so that what is paid for can be kept. */
FR_CHECKED int fr_journal_reserve(const struct fr_journal *journal, long long bytes,
                                  struct fr_error *err);
/* It is asked for next, and may take so many tokens: they count as spent until it is known. */
FR_CHECKED int fr_journal_begin(struct fr_journal *journal, const char *request, long long most,
                                struct fr_error *err);
FR_CHECKED int fr_journal_add(struct fr_journal *journal, const char *request, int64_t puzzle,
                              const char *naming, const struct fr_http_reply *reply, int attempts,
                              long long tokens, struct fr_error *err);
/* Tokens of an answer that did not come whole, or came as none. A journal of which nothing is spent
 * then is empty. */
FR_CHECKED int fr_journal_lose(struct fr_journal *journal, const char *request, const char *what,
                               long long tokens, struct fr_error *err);
/* What the directory `from` paid for and `to` does not know: requests begun, answers and lost
 * tokens, a line each, *n_new of them. Killed, it is done again, and nothing is there twice.
 * Nothing where there is no journal in from. FR_E_INPUT for one that is none. */
FR_CHECKED int fr_journal_merge(const char *to, const char *from, long long *n_new,
                                struct fr_error *err);

#endif
