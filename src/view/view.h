/* view/: a study's traces, to be looked at in a browser on this machine, or written as one page.
 *
 * The page (view.js, view.css) asks *questions*; each is answered with JSON made from study.db and
 * reps/, which are only read, also while a run writes them. The same page gets its answers from a
 * server (fr_view_serve) or carries them inside (fr_view_export), so both show the same.
 *
 * Texts of a study are any bytes: answers are valid UTF-8, and what could not be seen, or would
 * change how other characters are seen, is spelt out ("<U+202E>", in angle brackets). The page puts
 * them into text nodes only. */
#ifndef FR_VIEW_VIEW_H
#define FR_VIEW_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "store/store.h"

struct fr_view;

/* Borrows the store. FR_E_INPUT when what the study says of itself cannot be read. */
FR_CHECKED int fr_view_open(struct fr_view **out, struct fr_store *store, struct fr_error *err);
void fr_view_close(struct fr_view *view); /* NULL is fine */

/* What a question may name; what it does not is 0 or NULL. Puzzles are numbered from 0. */
struct fr_view_ask {
    const char *what; /* "study", "list", "trace", "run", "similarity" or "search" */
    int64_t puzzle;
    const char *naming;  /* its id, as answers show it; so the concept */
    int64_t condition;   /* condition.id: "list": its runs and not the traces; "run" */
    const char *concept; /* "similarity" */
    const char *text;    /* "search": in any case of ASCII letters */
    int64_t from;        /* "search": go on behind so many traces */
};
/* Appends the answer, one JSON object, to *out. FR_E_INPUT: no such question, or nothing of that
 * name. "search" works for a quarter of a second at most and says where to go on. */
FR_CHECKED int fr_view_answer(struct fr_view *view, const struct fr_view_ask *ask,
                              struct fr_text *out, struct fr_error *err);

/* ---- as a server ----------------------------------------------------------------------------- */

struct fr_view_server {
    int port; /* 0: any that is free */
    /* The page's address, once it can be opened. */
    void (*ready)(void *user, const char *address);
    /* Asked about twice a second, and after a signal: true ends it. */
    bool (*stopped)(void *user);
    void *user;
};
/* Serves until stopped, to this machine alone (127.0.0.1), to who knows the address, which holds a
 * token of 128 random bits. Requests that name another host are refused, so that a page elsewhere
 * whose name was made to lead here learns nothing. Nothing can be changed through it. One request
 * at a time. FR_E_IO: the port is taken, or cannot be had. */
FR_CHECKED int fr_view_serve(struct fr_view *view, const struct fr_view_server *server,
                             struct fr_error *err);

/* ---- as a page ------------------------------------------------------------------------------- */

struct fr_view_choice {
    const char *naming, *verdict; /* NULL: any */
    int64_t puzzle;               /* -1: any */
    bool runs;                    /* their steered runs too */
    int most;                     /* traces */
};
/* Writes the traces that are chosen, by puzzle and naming, as one page that opens without a
 * network. *n is how many there are of; FR_E_INPUT when there is none, FR_E_LIMIT for more than
 * `most`. */
FR_CHECKED int fr_view_export(struct fr_view *view, const struct fr_view_choice *choice,
                              const char *path, int *n, struct fr_error *err);

#endif
