/* The local driver; see work.h. One lock stands before the store's side, which is quick beside what
 * the models do. Rejected: a thread of its own for the store with queues to and from it, which
 * needs bounds, wake-ups and a way to drain, for nothing that can be measured. */
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "work/internal.h"

static const double tick_seconds = 0.1;

struct driver {
    const struct fr_work *work;
    pthread_mutex_t lock;
    bool exhausted, stopped;
    int n_units; /* taken */
    double ticked;
    struct fr_error fault; /* the first, code 0 when none */
};

struct fr_feed {
    struct driver *driver;
    struct fr_model *model;
    pthread_t thread;
};

static int fail(struct driver *d, int code, const struct fr_error *fault) {
    if (code != FR_OK && d->fault.code == FR_OK) {
        d->fault = *fault;
        d->fault.code = code;
    }
    return code;
}

/* Takes the lock; a failure elsewhere ends everybody's work. */
static int enter(struct driver *d, struct fr_error *err) {
    (void)pthread_mutex_lock(&d->lock);
    if (d->fault.code == FR_OK)
        return FR_OK;
    *err = d->fault;
    (void)pthread_mutex_unlock(&d->lock);
    return err->code;
}

static int leave(struct driver *d, int code, const struct fr_error *err) {
    (void)fail(d, code, err);
    (void)pthread_mutex_unlock(&d->lock);
    return code;
}

int fr_feed_take(struct fr_feed *feed, struct fr_text *unit, bool *found, struct fr_error *err) {
    struct driver *d = feed->driver;
    *found = false;
    fr_text_clear(unit);
    int code = enter(d, err);
    if (code != FR_OK)
        return code;
    if (!d->exhausted) {
        code = d->work->next(d->work->user, unit, found, err);
        d->exhausted = !*found;
        d->n_units += *found;
    }
    return leave(d, code, err);
}

int fr_feed_fetch(struct fr_feed *feed, const struct fr_text *request, struct fr_text *reply,
                  struct fr_error *err) {
    struct driver *d = feed->driver;
    fr_text_clear(reply);
    const int code = enter(d, err);
    return code == FR_OK ? leave(d, d->work->fetch(d->work->user, request, reply, err), err) : code;
}

int fr_feed_give(struct fr_feed *feed, const struct fr_text *result, struct fr_error *err) {
    struct driver *d = feed->driver;
    int code = enter(d, err);
    if (code == FR_E_STOPPED) { /* whoever stops gives what he has */
        (void)pthread_mutex_lock(&d->lock);
        code = FR_OK;
    }
    return code == FR_OK ? leave(d, d->work->commit(d->work->user, result, err), err) : code;
}

bool fr_feed_tick(struct fr_feed *feed) {
    struct driver *d = feed->driver;
    (void)pthread_mutex_lock(&d->lock);
    const double t = fr_clock_seconds();
    if (d->fault.code == FR_OK && d->work->tick != NULL && t - d->ticked >= tick_seconds) {
        d->ticked = t;
        d->stopped |= d->work->tick(d->work->user);
    }
    const bool stop = d->stopped || d->fault.code != FR_OK;
    (void)pthread_mutex_unlock(&d->lock);
    return stop;
}

void fr_feed_lock(struct fr_feed *feed) { (void)pthread_mutex_lock(&feed->driver->lock); }
void fr_feed_unlock(struct fr_feed *feed) { (void)pthread_mutex_unlock(&feed->driver->lock); }

bool fr_feed_is_over(struct fr_feed *feed) {
    fr_feed_lock(feed);
    const bool over = feed->driver->stopped || feed->driver->fault.code != FR_OK;
    fr_feed_unlock(feed);
    return over;
}

static void *run_worker(void *user) {
    struct fr_feed *feed = user;
    struct driver *d = feed->driver;
    struct fr_error err = {0};
    const int code = d->work->execute(d->work->context, feed->model, feed, &err);
    (void)pthread_mutex_lock(&d->lock);
    (void)fail(d, code, &err);
    (void)pthread_mutex_unlock(&d->lock);
    return NULL;
}

/* The other ranks' worker here, which only relays. */
struct relay {
    struct fr_feed feed;
    struct fr_ranks *ranks;
    const struct fr_text *order;
    atomic_bool alone;
    pthread_t thread;
};

static void *run_relay(void *user) {
    struct relay *r = user;
    fr_ranks_serve(r->ranks, &r->feed, r->order, &r->alone);
    return NULL;
}

int fr_work_run(const struct fr_work *work, struct fr_model *const *models, int n_models,
                struct fr_error *err) {
    return fr_work_run_ranks(work, models, n_models, NULL, NULL, err);
}

int fr_work_run_ranks(const struct fr_work *work, struct fr_model *const *models, int n_models,
                      struct fr_ranks *ranks, const struct fr_text *order, struct fr_error *err) {
    FR_ASSERT(n_models >= 1);
    struct driver d = {.work = work};
    struct fr_feed *feeds = fr_alloc((size_t)n_models, sizeof *feeds);
    struct relay relay = {.feed = {.driver = &d}, .ranks = ranks, .order = order};
    int n_threads = 0;
    FR_ASSERT(pthread_mutex_init(&d.lock, NULL) == 0);
    /* without a thread for it this rank does all itself */
    const bool relayed =
        ranks != NULL && pthread_create(&relay.thread, NULL, run_relay, &relay) == 0;
    for (int i = 0; i < n_models; i++)
        feeds[i] = (struct fr_feed){.driver = &d, .model = models[i]};
    for (int i = 1; i < n_models; i++) {
        if (pthread_create(&feeds[i].thread, NULL, run_worker, &feeds[i]) != 0)
            break; /* fewer workers do the same work */
        n_threads = i;
    }
    (void)run_worker(&feeds[0]);
    for (int i = 1; i <= n_threads; i++)
        (void)pthread_join(feeds[i].thread, NULL);
    const double ended = fr_clock_seconds();
    atomic_store(&relay.alone, true);
    if (relayed)
        (void)pthread_join(relay.thread, NULL);
    if (ranks != NULL)
        fr_ranks_end(ranks, d.n_units, ended);
    (void)pthread_mutex_destroy(&d.lock);
    free(feeds);
    if (d.fault.code == FR_OK)
        return FR_OK;
    *err = d.fault;
    return err->code;
}
