/* The progress bar; see progress.h. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double redraw_seconds = 0.2, line_seconds = 10;

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void fr_progress_init(struct fr_progress *p, bool quiet) {
    *p = (struct fr_progress){.terminal = isatty(STDERR_FILENO) != 0, .quiet = quiet};
}

void fr_progress_begin(struct fr_progress *p, const char *label) {
    p->label = label;
    p->start = p->drawn = now();
}

static void format_time(double seconds, char *out, size_t n) {
    const long s = (long)(seconds + 0.5);
    if (s >= 3600)
        (void)snprintf(out, n, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        (void)snprintf(out, n, "%ld:%02ld", s / 60, s % 60);
}

void fr_progress_update(struct fr_progress *p, long long done, long long total, long long resumed,
                        const char *unit) {
    const double t = now();
    if (p->quiet || total <= 0 || t - p->drawn < (p->terminal ? redraw_seconds : line_seconds))
        return;
    p->drawn = t;
    const double rate = (double)(done - resumed) / (t - p->start);
    char left[32] = "?";
    if (rate > 0)
        format_time((double)(total - done) / rate, left, sizeof left);
    if (p->terminal) {
        enum { WIDTH = 24 };
        char bar[WIDTH + 1];
        const int filled = (int)(WIDTH * done / total);
        memset(bar, '.', WIDTH);
        memset(bar, '#', (size_t)filled);
        bar[WIDTH] = '\0';
        (void)fprintf(stderr, "\r  %-16s [%s] %lld/%lld %s, %.1f/s, %s left \033[K", p->label, bar,
                      done, total, unit, rate, left);
        p->line_open = true;
    } else {
        (void)fprintf(stderr, "  %s: %lld of %lld %s, %.1f/s, %s left\n", p->label, done, total,
                      unit, rate, left);
    }
    (void)fflush(stderr);
}

void fr_progress_end(struct fr_progress *p) {
    if (p->line_open)
        (void)fputs("\r\033[K", stderr);
    p->line_open = false;
}
