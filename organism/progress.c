/* See progress.h. */
#include "organism/progress.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/text.h"

int fr_progress_init(struct fr_progress *p, const char *dir, const struct fr_trainer *t,
                     struct fr_error *err) {
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/log.jsonl", dir);
    *p = (struct fr_progress){.log = fopen(path.data, "a")};
    int rc = 0;
    if (!p->log)
        rc = fr_fail(err, FR_E_IO, "%s: %s", path.data, strerror(errno));
    fr_text_release(&path);
    p->started = p->last_report = fr_clock_seconds();
    p->started_step = t->step;
    p->last_tokens = t->n_tokens;
    fprintf(stderr, "%zu parameters; step %ld of %ld\n", t->net->n_params, t->step,
            t->options.schedule.n_steps);
    return rc;
}

void fr_progress_release(struct fr_progress *p) {
    if (p->log)
        fclose(p->log);
    *p = (struct fr_progress){0};
}

static double share(long part, long whole) { return whole ? (double)part / (double)whole : 0; }

/* "state 0.31/90.1%" for every kind that occurred; and the same as JSON. */
static void kinds_print(FILE *text, FILE *json, const struct fr_tally *tally) {
    for (int k = 0; k < FR_KIND_COUNT; k++) {
        const struct fr_tally_kind *kind = &tally->kinds[k];
        if (!kind->n)
            continue;
        const double nll = kind->nll / (double)kind->n;
        const double right = share(kind->n_right, kind->n);
        fprintf(text, " %s %.3f/%.1f%%", fr_token_kind_name[k], nll, 100 * right);
        fprintf(json, ",\"%s\":{\"loss\":%.5f,\"accuracy\":%.5f,\"n\":%ld}", fr_token_kind_name[k],
                nll, right, kind->n);
    }
}

static void phases_print(FILE *json, const struct fr_trainer *t) {
    static const char *const names[FR_NET_PHASE_COUNT] = {"gemm", "attention", "elementwise",
                                                          "entropy"};
    fprintf(json, ",\"seconds\":{\"sampling\":%.2f,\"compute\":%.2f,\"optimizer\":%.2f",
            t->sampling_seconds, t->compute_seconds, t->optim_seconds);
    for (int p = 0; p < FR_NET_PHASE_COUNT; p++) {
        double sum = 0;
        for (int i = 0; i < t->options.n_threads; i++)
            sum += t->work[i]->seconds[p];
        fprintf(json, ",\"%s\":%.2f", names[p], sum);
    }
    fputc('}', json);
}

void fr_progress_report(struct fr_progress *p, const struct fr_trainer *t) {
    const long n_steps = t->options.schedule.n_steps;
    const double now = fr_clock_seconds();
    const double rate = (double)(t->n_tokens - p->last_tokens) / (now - p->last_report);
    const double per_step = (now - p->started) / (double)(t->step - p->started_step);
    const long left = (long)(per_step * (double)(n_steps - t->step));
    const double loss = fr_tally_loss(&p->tally);
    const double exact = share(p->tally.n_exact, p->tally.n_sequences);
    fprintf(stderr, "step %ld/%ld %.2fM loss %.3f |", t->step, n_steps, (double)t->n_tokens * 1e-6,
            loss);
    fprintf(p->log,
            "{\"step\":%ld,\"tokens\":%ld,\"loss\":%.5f,\"exact\":%.5f,\"norm\":%.4f,"
            "\"tokens_per_second\":%.0f",
            t->step, t->n_tokens, loss, exact, t->gradient_norm, rate);
    kinds_print(stderr, p->log, &p->tally);
    fprintf(stderr, " | exact %.1f%% norm %.2f | %.0f tok/s, %ld:%02ld left\n", 100 * exact,
            t->gradient_norm, rate, left / 60, left % 60);
    phases_print(p->log, t);
    fprintf(p->log, "}\n");
    fflush(p->log);
    p->tally = (struct fr_tally){0};
    p->last_report = fr_clock_seconds();
    p->last_tokens = t->n_tokens;
}

/* What is evaluated: held-out puzzles in namings drawn from all words, or the clean one. */
static const struct family {
    const char *name;
    int n_blocks;
    double clean, inferred, pieces, ambiguous;
} families[] = {
    {"described", 4, 0, 0, 0, 0},         {"clean", 4, 1, 0, 0, 0},
    {"inferred", 4, 0, 1, 0, 0},          {"described, 3 blocks", 3, 0, 0, 0, 0},
    {"described, pieces", 4, 0, 0, 1, 0}, {"ambiguous", 4, 0, 0, 0, 1},
};
enum { N_FAMILIES = (int)(sizeof families / sizeof *families) };

static int family_evaluate(struct fr_progress *p, struct fr_trainer *t, const struct family *family,
                           bool averaged, int n, struct fr_error *err) {
    struct fr_task_mix mix = {
        .n_names = t->options.curriculum.names_all,
        .clean_share = family->clean,
        .inferred_share = family->inferred,
        .pieces_share = family->pieces,
        .ambiguous_share = family->ambiguous,
        .held_out = true,
    };
    mix.block_share[family->n_blocks] = 1;
    struct fr_tally tally = {0};
    const int rc = fr_trainer_evaluate(t, averaged ? t->average : t->weights, &mix, n,
                                       fr_hash_text(family->name), &tally, err);
    if (rc)
        return rc;
    const double exact = share(tally.n_exact, tally.n_sequences);
    fprintf(stderr, "  eval%s %s: exact %.1f%% (%ld of %ld) |", averaged ? " (average)" : "",
            family->name, 100 * exact, tally.n_exact, tally.n_sequences);
    fprintf(p->log,
            "{\"eval\":\"%s\",\"step\":%ld,\"tokens\":%ld,\"family\":\"%s\",\"blocks\":%d,"
            "\"exact\":%.5f,\"sequences\":%ld",
            averaged ? "average" : "weights", t->step, t->n_tokens, family->name, family->n_blocks,
            exact, tally.n_sequences);
    kinds_print(stderr, p->log, &tally);
    fputc('\n', stderr);
    fprintf(p->log, "}\n");
    return 0;
}

int fr_progress_evaluate(struct fr_progress *p, struct fr_trainer *t, int n, struct fr_error *err) {
    const double start = fr_clock_seconds();
    for (int averaged = 0; averaged <= (t->average_steps > 0); averaged++)
        for (int i = 0; i < N_FAMILIES; i++) {
            const double ambiguous = t->options.curriculum.mix.ambiguous_share;
            if (families[i].ambiguous > 0 ? ambiguous <= 0 : ambiguous >= 1)
                continue; /* not what it is trained for */
            const int rc = family_evaluate(p, t, &families[i], averaged, n, err);
            if (rc)
                return rc;
        }
    fflush(p->log);
    /* Time spent here is not training time. */
    const double spent = fr_clock_seconds() - start;
    p->started += spent;
    p->last_report += spent;
    return 0;
}
