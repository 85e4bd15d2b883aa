/* Both ends of the line between rank 0 and the others; see ranks.h. Rank 0's end is a thread beside
 * its workers, with a feed as theirs; nobody waits inside the transport, whose own waiting keeps a
 * core busy, but looks again: ten times a millisecond right behind a message, since what a unit
 * ends with and the next begins with are several, then once. */
#include "work/ranks.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/pack.h"
#include "work/internal.h"

enum message {
    /* from rank 0 */
    MESSAGE_HELLO,
    MESSAGE_BEGIN,
    MESSAGE_REPLY,
    MESSAGE_STOP,
    MESSAGE_END,
    /* to rank 0 */
    MESSAGE_JOIN,
    MESSAGE_TELL,
    MESSAGE_TAKE,
    MESSAGE_FETCH,
    MESSAGE_GIVE,
    MESSAGE_DONE,
};
enum {
    HOST = 64,
    LOOK_NS = 1000000,
    SOON_LOOK_NS = 100000,
    SOON = 50 /* looks behind a message */
};
enum { GONE_LOOKS = 500 /* between two looks for the dead */ };

/* What rank 0 knows of another. */
struct peer {
    enum { PEER_SILENT, PEER_READY, PEER_WORKING, PEER_LEFT } state;
    char host[HOST];
    long pid;
    char *about;
    int n_units;  /* of the work at hand */
    double ended; /* when its part of that did; of rank 0 nothing */
    int n_models;
    struct fr_model_counters counters;
};

struct fr_ranks {
    struct fr_transport transport;
    char host[HOST];
    pthread_mutex_t lock; /* of the counters, which others ask for */
    /* rank 0 */
    struct peer *peers;
    bool lost;
    double waited; /* of the last work */
    void (*tell)(void *user, const char *what);
    void *tell_user;
    /* the others */
    char zero_host[HOST];
    long zero_pid;
    bool stopped, ended;
    bool (*local_stopped)(void *user);
    struct fr_model_counters (*count)(void *user, int *n_models);
    void *local_user;
    struct fr_text message;
};

/* looks: for nothing, since the last message. */
static void sleep_a_little(unsigned looks) {
    (void)nanosleep(&(struct timespec){.tv_nsec = looks < SOON ? SOON_LOOK_NS : LOOK_NS}, NULL);
}

/* Of a process of this machine it is known at once. */
static bool is_gone(const struct fr_ranks *r, const char *host, long pid) {
    return pid > 0 && strcmp(host, r->host) == 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static bool send(struct fr_ranks *r, int to, const struct fr_text *message) {
    return r->transport.send(r->transport.user, to, message->data, message->len);
}

/* One message, whole, and where its contents begin. */
static bool receive(struct fr_ranks *r, int *from, struct fr_text *bytes, enum message *kind,
                    struct fr_unpack *in) {
    void *data = NULL;
    size_t n = 0;
    if (!r->transport.receive(r->transport.user, from, &data, &n))
        return false;
    fr_text_clear(bytes);
    fr_text_append(bytes, data, n);
    free(data);
    *in = fr_unpack_begin(bytes);
    *kind = (enum message)fr_unpack_int(in);
    FR_ASSERT(!in->bad);
    return true;
}

static void begin_message(struct fr_text *message, enum message kind) {
    fr_text_clear(message);
    fr_pack_int(message, kind);
}

struct fr_ranks *fr_ranks_open(const struct fr_transport *transport) {
    struct fr_ranks *r = fr_alloc(1, sizeof *r);
    r->transport = *transport;
    r->peers = fr_alloc((size_t)transport->size, sizeof *r->peers);
    FR_ASSERT(pthread_mutex_init(&r->lock, NULL) == 0);
    (void)gethostname(r->host, sizeof r->host - 1);
    return r;
}

void fr_ranks_close(struct fr_ranks *r) {
    if (r == NULL)
        return;
    struct fr_text message = {0};
    begin_message(&message, MESSAGE_END);
    bool some_are_gone = false;
    for (int i = 1; r->transport.rank == 0 && i < r->transport.size; i++) {
        const bool gone = is_gone(r, r->peers[i].host, r->peers[i].pid);
        some_are_gone = some_are_gone || gone;
        if (!gone)
            (void)send(r, i, &message);
    }
    fr_text_clear(&message);
    while (r->transport.rank > 0 && !r->ended)
        (void)fr_ranks_wait(r, &message);
    r->transport.close(r->transport.user, some_are_gone);
    for (int i = 0; i < r->transport.size; i++)
        free(r->peers[i].about);
    (void)pthread_mutex_destroy(&r->lock);
    fr_text_release(&message);
    fr_text_release(&r->message);
    free(r->peers);
    free(r);
}

const struct fr_transport *fr_ranks_transport(const struct fr_ranks *r) { return &r->transport; }

/* ---- rank 0 ---------------------------------------------------------------------------------- */

void fr_ranks_set_tell(struct fr_ranks *r, void (*tell)(void *user, const char *what), void *user) {
    r->tell = tell;
    r->tell_user = user;
}

void fr_ranks_hello(struct fr_ranks *r, const struct fr_text *terms) {
    struct fr_text message = {0};
    begin_message(&message, MESSAGE_HELLO);
    fr_pack_text(&message, r->host);
    fr_pack_int(&message, (int64_t)getpid());
    fr_pack_bytes(&message, fr_text_get(terms), terms->len);
    for (int i = 1; i < r->transport.size; i++)
        (void)send(r, i, &message);
    fr_text_release(&message);
}

bool fr_ranks_lost(struct fr_ranks *r) {
    const bool lost = r->lost;
    r->lost = false;
    return lost;
}

struct fr_model_counters fr_ranks_count(struct fr_ranks *r, int *n_models) {
    struct fr_model_counters all = {0};
    *n_models = 0;
    (void)pthread_mutex_lock(&r->lock);
    for (int i = 1; i < r->transport.size; i++) {
        fr_model_counters_add(&all, &r->peers[i].counters, 1);
        *n_models += r->peers[i].n_models;
    }
    (void)pthread_mutex_unlock(&r->lock);
    return all;
}

int fr_ranks_units(const struct fr_ranks *r, int rank) { return r->peers[rank].n_units; }

double fr_ranks_waited(const struct fr_ranks *r) { return r->waited; }

void fr_ranks_end(struct fr_ranks *r, int n_units, double ended) {
    const double now = fr_clock_seconds();
    r->peers[0].n_units = n_units;
    r->waited = now - ended;
    for (int i = 1; i < r->transport.size; i++)
        if (r->peers[i].state == PEER_READY && r->peers[i].ended > 0)
            r->waited += now - r->peers[i].ended;
}

const char *fr_ranks_about(const struct fr_ranks *r, int rank) { return r->peers[rank].about; }

struct service {
    struct fr_ranks *ranks;
    struct fr_feed *feed;
    const struct fr_text *order;
    struct fr_text reply;
    bool told_stop;
};

static void tell(struct service *s, int rank, const char *what) {
    struct fr_ranks *r = s->ranks;
    const struct peer *p = &r->peers[rank];
    struct fr_text line = {0};
    fr_text_printf(&line, "rank %d%s%s%s: ", rank, *p->host != '\0' ? " (" : "", p->host,
                   *p->host != '\0' ? ")" : "");
    fr_text_add_shown(&line, what);
    fr_feed_lock(s->feed);
    if (r->tell != NULL)
        r->tell(r->tell_user, fr_text_get(&line));
    fr_feed_unlock(s->feed);
    fr_text_release(&line);
}

/* Its models rest. */
static void end_work(struct fr_ranks *r, struct peer *p) {
    (void)pthread_mutex_lock(&r->lock);
    p->n_models = 0;
    (void)pthread_mutex_unlock(&r->lock);
}

/* It takes no part any more. What it was given and has not given back is missing. */
static void leave_out(struct service *s, int rank, const char *why, const char *then) {
    struct fr_ranks *r = s->ranks;
    struct peer *p = &r->peers[rank];
    struct fr_text what = {0};
    if (p->state == PEER_WORKING && p->n_units > 0)
        r->lost = true;
    p->state = PEER_LEFT;
    end_work(r, p);
    fr_text_printf(&what, "%s%s", why, then);
    tell(s, rank, fr_text_get(&what));
    fr_text_release(&what);
}

static void send_or_lose(struct service *s, int rank, const struct fr_text *message) {
    if (!send(s->ranks, rank, message))
        leave_out(s, rank, "cannot be reached any more", "; the others do what it had in flight");
}

static void begin_work(struct service *s, int rank) {
    struct fr_text message = {0};
    if (s->told_stop)
        return;
    s->ranks->peers[rank].state = PEER_WORKING;
    begin_message(&message, MESSAGE_BEGIN);
    fr_pack_bytes(&message, fr_text_get(s->order), s->order->len);
    send_or_lose(s, rank, &message);
    fr_text_release(&message);
}

static void unpack_counters(struct fr_ranks *r, struct peer *p, struct fr_unpack *in) {
    size_t n;
    const int64_t n_models = fr_unpack_int(in);
    const void *bytes = fr_unpack_bytes(in, &n);
    FR_ASSERT(!in->bad && n == sizeof p->counters);
    (void)pthread_mutex_lock(&r->lock);
    p->n_models = (int)n_models;
    memcpy(&p->counters, bytes, n);
    (void)pthread_mutex_unlock(&r->lock);
}

static void join(struct service *s, int rank, struct fr_unpack *in) {
    struct peer *p = &s->ranks->peers[rank];
    const char *host = fr_unpack_text(in);
    p->pid = (long)fr_unpack_int(in);
    const char *fault = fr_unpack_text(in), *about = fr_unpack_text(in);
    (void)snprintf(p->host, sizeof p->host, "%s", host);
    free(p->about);
    p->about = fr_strdup(about);
    p->state = PEER_READY;
    if (*fault != '\0')
        leave_out(s, rank, fault, "; the others go on without it");
    else
        begin_work(s, rank);
}

/* What the worker asked is asked here; the answer, or the fault, goes back. */
static void answer(struct service *s, int rank, enum message kind, struct fr_unpack *in) {
    struct peer *p = &s->ranks->peers[rank];
    struct fr_text request = {0}, result = {0}, message = {0};
    struct fr_error err = {0};
    size_t n;
    bool found = false;
    unpack_counters(s->ranks, p, in);
    const void *bytes = fr_unpack_bytes(in, &n);
    fr_text_append(&request, bytes, n);
    int code;
    if (kind == MESSAGE_TAKE)
        code = fr_feed_take(s->feed, &result, &found, &err);
    else if (kind == MESSAGE_FETCH)
        code = fr_feed_fetch(s->feed, &request, &result, &err);
    else
        code = fr_feed_give(s->feed, &request, &err);
    p->n_units += found;
    begin_message(&message, MESSAGE_REPLY);
    fr_pack_int(&message, code);
    fr_pack_text(&message, code != FR_OK ? err.text : "");
    fr_pack_int(&message, found);
    fr_pack_bytes(&message, fr_text_get(&result), result.len);
    send_or_lose(s, rank, &message);
    fr_text_release(&request);
    fr_text_release(&result);
    fr_text_release(&message);
}

static void done(struct service *s, int rank, struct fr_unpack *in) {
    struct peer *p = &s->ranks->peers[rank];
    unpack_counters(s->ranks, p, in);
    const int64_t code = fr_unpack_int(in);
    const char *text = fr_unpack_text(in);
    if (code != FR_OK && !fr_feed_is_over(s->feed))
        leave_out(s, rank, text, "; the others go on without it");
    else
        p->state = PEER_READY;
    p->ended = fr_clock_seconds();
    end_work(s->ranks, p);
}

static void handle(struct service *s, int rank, enum message kind, struct fr_unpack *in) {
    if (s->ranks->peers[rank].state == PEER_LEFT) /* what it still says counts no more */
        return;
    switch (kind) {
    case MESSAGE_JOIN:
        join(s, rank, in);
        return;
    case MESSAGE_TELL:
        tell(s, rank, fr_unpack_text(in));
        return;
    case MESSAGE_TAKE:
    case MESSAGE_FETCH:
    case MESSAGE_GIVE:
        answer(s, rank, kind, in);
        return;
    case MESSAGE_DONE:
        done(s, rank, in);
        return;
    default:
        FR_ASSERT(kind >= MESSAGE_JOIN);
    }
}

static int count_working(const struct fr_ranks *r) {
    int n = 0;
    for (int i = 1; i < r->transport.size; i++)
        n += r->peers[i].state == PEER_WORKING;
    return n;
}

static void look_for_the_dead(struct service *s) {
    struct fr_ranks *r = s->ranks;
    for (int i = 1; i < r->transport.size; i++)
        if (r->peers[i].state != PEER_LEFT && is_gone(r, r->peers[i].host, r->peers[i].pid))
            leave_out(s, i, "is gone", "; the others do what it had in flight");
}

static void stop_all(struct service *s) {
    struct fr_text message = {0};
    s->told_stop = true;
    begin_message(&message, MESSAGE_STOP);
    for (int i = 1; i < s->ranks->transport.size; i++)
        if (s->ranks->peers[i].state == PEER_WORKING)
            send_or_lose(s, i, &message);
    fr_text_release(&message);
}

void fr_ranks_serve(struct fr_ranks *r, struct fr_feed *feed, const struct fr_text *order,
                    const atomic_bool *alone) {
    struct service s = {.ranks = r, .feed = feed, .order = order};
    struct fr_text bytes = {0};
    struct fr_unpack in;
    enum message kind;
    int from;
    for (int i = 1; i < r->transport.size; i++) {
        r->peers[i].n_units = 0;
        r->peers[i].ended = 0;
        if (r->peers[i].state == PEER_READY)
            begin_work(&s, i);
    }
    for (unsigned looks = 0, all = 0; !atomic_load(alone) || count_working(r) > 0; looks++) {
        while (receive(r, &from, &bytes, &kind, &in)) {
            handle(&s, from, kind, &in);
            looks = 0;
        }
        if (fr_feed_tick(feed) && !s.told_stop)
            stop_all(&s);
        if (++all % GONE_LOOKS == 0)
            look_for_the_dead(&s);
        sleep_a_little(looks);
    }
    fr_text_release(&bytes);
}

/* ---- the others ------------------------------------------------------------------------------ */

/* Whatever comes from rank 0 but a reply is taken note of. */
static bool next_order(struct fr_ranks *r, struct fr_text *bytes, enum message *kind,
                       struct fr_unpack *in) {
    int from;
    for (unsigned looks = 1; !receive(r, &from, bytes, kind, in); looks++) {
        if (looks % GONE_LOOKS == 0 && is_gone(r, r->zero_host, r->zero_pid)) {
            r->ended = r->stopped = true;
            return false;
        }
        sleep_a_little(looks);
    }
    r->stopped |= *kind == MESSAGE_STOP || *kind == MESSAGE_END;
    r->ended |= *kind == MESSAGE_END;
    return true;
}

enum fr_rank_order fr_ranks_wait(struct fr_ranks *r, struct fr_text *order) {
    struct fr_unpack in;
    enum message kind;
    size_t n;
    while (!r->ended && next_order(r, &r->message, &kind, &in)) {
        if (kind == MESSAGE_HELLO) {
            (void)snprintf(r->zero_host, sizeof r->zero_host, "%s", fr_unpack_text(&in));
            r->zero_pid = (long)fr_unpack_int(&in);
        }
        if (kind != MESSAGE_HELLO && kind != MESSAGE_BEGIN)
            continue;
        const void *bytes = fr_unpack_bytes(&in, &n);
        fr_text_clear(order);
        fr_text_append(order, bytes, n);
        r->stopped = false;
        return kind == MESSAGE_HELLO ? FR_RANK_HELLO : FR_RANK_BEGIN;
    }
    return FR_RANK_END;
}

void fr_ranks_join(struct fr_ranks *r, const char *fault, const char *about) {
    struct fr_text message = {0};
    begin_message(&message, MESSAGE_JOIN);
    fr_pack_text(&message, r->host);
    fr_pack_int(&message, (int64_t)getpid());
    fr_pack_text(&message, fault != NULL ? fault : "");
    fr_pack_text(&message, about);
    (void)send(r, 0, &message);
    fr_text_release(&message);
}

void fr_ranks_tell(struct fr_ranks *r, const char *what) {
    struct fr_text message = {0};
    begin_message(&message, MESSAGE_TELL);
    fr_pack_text(&message, what);
    (void)send(r, 0, &message);
    fr_text_release(&message);
}

void fr_ranks_set_local(struct fr_ranks *r, bool (*stopped)(void *user),
                        struct fr_model_counters (*count)(void *user, int *n_models), void *user) {
    r->local_stopped = stopped;
    r->count = count;
    r->local_user = user;
}

static void pack_counters(const struct fr_ranks *r, struct fr_text *message) {
    struct fr_model_counters counters = {0};
    int n_models = 0;
    if (r->count != NULL)
        counters = r->count(r->local_user, &n_models);
    fr_pack_int(message, n_models);
    fr_pack_bytes(message, &counters, sizeof counters);
}

static int ask(struct fr_ranks *r, enum message request, const struct fr_text *bytes,
               struct fr_text *reply, bool *found, struct fr_error *err) {
    struct fr_unpack in;
    enum message kind = MESSAGE_STOP;
    size_t n;
    begin_message(&r->message, request);
    pack_counters(r, &r->message);
    fr_pack_bytes(&r->message, bytes != NULL ? fr_text_get(bytes) : "",
                  bytes != NULL ? bytes->len : 0);
    if (!send(r, 0, &r->message))
        return fr_fail(err, FR_E_IO, "rank 0 cannot be reached");
    while (kind != MESSAGE_REPLY)
        if (!next_order(r, &r->message, &kind, &in))
            return fr_fail(err, FR_E_IO, "rank 0 is gone");
    const int code = (int)fr_unpack_int(&in);
    const char *text = fr_unpack_text(&in);
    const bool there = fr_unpack_int(&in) != 0;
    const void *answer = fr_unpack_bytes(&in, &n);
    FR_ASSERT(!in.bad);
    if (code != FR_OK)
        return fr_fail(err, code, "%s", text);
    if (reply != NULL)
        fr_text_append(reply, answer, n);
    if (found != NULL)
        *found = there;
    return FR_OK;
}

static int next(void *user, struct fr_text *unit, bool *found, struct fr_error *err) {
    return ask(user, MESSAGE_TAKE, NULL, unit, found, err);
}

static int fetch(void *user, const struct fr_text *request, struct fr_text *reply,
                 struct fr_error *err) {
    return ask(user, MESSAGE_FETCH, request, reply, NULL, err);
}

static int commit(void *user, const struct fr_text *result, struct fr_error *err) {
    return ask(user, MESSAGE_GIVE, result, NULL, NULL, err);
}

static bool tick(void *user) {
    struct fr_ranks *r = user;
    struct fr_unpack in;
    enum message kind;
    int from;
    /* between two questions nothing comes but orders */
    if (receive(r, &from, &r->message, &kind, &in)) {
        FR_ASSERT(kind == MESSAGE_STOP || kind == MESSAGE_END);
        r->stopped = true;
        r->ended |= kind == MESSAGE_END;
    }
    return r->stopped || (r->local_stopped != NULL && r->local_stopped(r->local_user));
}

void fr_ranks_borrow(struct fr_ranks *r, struct fr_work *work) {
    work->user = r;
    work->next = next;
    work->fetch = fetch;
    work->commit = commit;
    work->tick = tick;
}

int fr_ranks_fetch(struct fr_ranks *r, const struct fr_text *request, struct fr_text *reply,
                   struct fr_error *err) {
    return fetch(r, request, reply, err);
}

void fr_ranks_done(struct fr_ranks *r, int code, const struct fr_error *err) {
    struct fr_text message = {0};
    begin_message(&message, MESSAGE_DONE);
    pack_counters(r, &message);
    fr_pack_int(&message, code);
    fr_pack_text(&message, code != FR_OK ? err->text : "");
    (void)send(r, 0, &message);
    fr_text_release(&message);
}
