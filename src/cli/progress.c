/* The progress bar; see progress.h. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "study/study.h"

static const double redraw_seconds = 0.2, line_seconds = 10;

void fr_progress_init(struct fr_progress *p, bool quiet) {
    *p = (struct fr_progress){.terminal = isatty(STDERR_FILENO) != 0, .quiet = quiet};
}

void fr_progress_begin(struct fr_progress *p, const char *label) {
    p->label = label;
    p->start = p->drawn = fr_clock_seconds();
}

static void format_time(double seconds, char *out, size_t n) {
    const long s = (long)(seconds + 0.5);
    if (s >= 3600)
        (void)snprintf(out, n, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        (void)snprintf(out, n, "%ld:%02ld", s / 60, s % 60);
}

bool fr_progress_is_due(const struct fr_progress *p) {
    return !p->quiet &&
           fr_clock_seconds() - p->drawn >= (p->terminal ? redraw_seconds : line_seconds);
}

/* "12000 tokens, 840/s, 3:20, study 1:10:30 left" */
static void describe(const struct fr_study_progress *s, double rate, double left, char *out,
                     size_t n) {
    char stage[32] = "?", study[48] = "", text[FR_RATE_TEXT];
    const bool decodes = s != NULL && s->decoded > 0;
    if (s != NULL && s->stage_left >= 0)
        left = s->stage_left;
    if (left >= 0)
        format_time(left, stage, sizeof stage);
    if (s != NULL && s->study_left > s->stage_left) {
        char time[32];
        format_time(s->study_left, time, sizeof time);
        (void)snprintf(study, sizeof study, ", study %s", time);
    }
    if (s != NULL && s->prefilled + s->decoded > 0)
        (void)snprintf(out, n, "%lld tokens, %s/s, %s%s%s left", s->prefilled + s->decoded,
                       fr_rate_text(decodes ? s->decode_rate : s->prefill_rate, text),
                       s->at_most ? "at most " : "", stage, study);
    else
        (void)snprintf(out, n, "%s/s, %s%s left", fr_rate_text(rate, text), stage, study);
}

void fr_progress_update(struct fr_progress *p, long long done, long long total, long long resumed,
                        const char *unit, const struct fr_study_progress *s) {
    const double t = fr_clock_seconds();
    if (total <= 0 || !fr_progress_is_due(p))
        return;
    p->drawn = t;
    const double rate = (double)(done - resumed) / (t - p->start);
    char text[160];
    describe(s, rate, rate > 0 ? (double)(total - done) / rate : -1, text, sizeof text);
    if (p->terminal) {
        enum { WIDTH = 16 };
        char bar[WIDTH + 1];
        const int filled = (int)(WIDTH * done / total);
        memset(bar, '.', WIDTH);
        memset(bar, '#', (size_t)filled);
        bar[WIDTH] = '\0';
        (void)fprintf(stderr, "\r  %-16s [%s] %lld/%lld %s, %s \033[K", p->label, bar, done, total,
                      unit, text);
        p->line_open = true;
    } else {
        (void)fprintf(stderr, "  %s: %lld of %lld %s, %s\n", p->label, done, total, unit, text);
    }
    (void)fflush(stderr);
}

void fr_progress_end(struct fr_progress *p) {
    if (p->line_open)
        (void)fputs("\r\033[K", stderr);
    p->line_open = false;
}
