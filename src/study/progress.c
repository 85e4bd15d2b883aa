/* How far a run is, in tokens: units finish in waves, and the first trace of a large model after
 * hours. What is left of a stage is told by its finished units where there are some, else by tokens
 * at the rate so far; stages that follow by the mean length of the traces that there are. */
#include <math.h>

#include "base/clock.h"
#include "study/internal.h"

static int ask(struct fr_study *s, const char *sql, double *out, struct fr_error *err) {
    return fr_store_find_double(s->store, err, out, sql, "");
}

int fr_study_pace_begin(struct fr_study *s, int stage, int last, struct fr_error *err) {
    struct fr_study_pace *p = &s->pace;
    const struct fr_config *c = &s->world.config;
    const struct fr_conditions *conditions = &s->world.conditions;
    double n_there = 0, mean = 0, prompt = 0, n_runs = 0;
    int n_used = 0, first;
    *p = (struct fr_study_pace){.stage = stage, .begun = fr_clock_seconds()};
    p->before = fr_study_count(s, NULL);
    int code = ask(s, "SELECT count(*) FROM trace", &n_there, err);
    if (code == FR_OK)
        code = ask(s, "SELECT avg(n_tokens) FROM trace", &mean, err);
    if (code == FR_OK)
        code = ask(s, "SELECT avg(n_prompt) FROM trace", &prompt, err);
    if (code == FR_OK)
        code = ask(s, "SELECT count(*) FROM run", &n_runs, err);
    if (code != FR_OK)
        return code;
    p->seen = n_there > 0;
    if (!p->seen) { /* the mean of nothing is no number; the longest that there may be is a bound */
        mean = c->max_tokens;
        prompt = 0;
    }
    const double part = s->shard.of > 0 ? 1.0 / s->shard.of : 1;
    const double n_traces = part * (double)(c->n_collect + c->n_evaluate) * s->world.n_namings;
    const double origin = c->origin == FR_ORIGIN_REASONING ? prompt : 0;
    for (int i = 0; i < s->world.n_namings; i++)
        n_used += !s->world.namings[i].clean && !s->world.namings[i].excluded;
    double window = 0, tail = 0; /* of one trace's runs */
    for (int i = 0; i < conditions->n_edits; i++) {
        const struct fr_range *w = &conditions->edits[i].window;
        window += w->end - (w->first > 0 ? w->first : 0);
        tail += fmax(0, mean - origin - w->end);
    }
    const double n_subjects = (double)c->n_evaluate * n_used;
    const double n_all_runs = n_subjects * conditions->n_edits;
    const double share = n_all_runs > 0 ? fmax(0, part - n_runs / n_all_runs) : 0;
    if (s->source->traces == NULL) {
        p->prefill[FR_STAGE_ROLLOUTS] = fmax(0, n_traces - n_there) * prompt;
        p->decode[FR_STAGE_ROLLOUTS] = fmax(0, n_traces - n_there) * (mean - prompt);
    }
    p->prefill[FR_STAGE_REPRESENTATIONS] = part * (double)c->n_collect *
                                           fr_world_replayed_namings(&s->world, &first) *
                                           fmin(mean, origin + c->grid_end);
    p->prefill[FR_STAGE_STEERING] = share * n_subjects * window;
    p->decode[FR_STAGE_STEERING] = share * n_subjects * tail;
    if (stage == FR_STAGE_ROLLOUTS)
        p->decode_each = mean - prompt;
    else if (stage == FR_STAGE_STEERING && conditions->n_edits > 0)
        p->decode_each = tail / conditions->n_edits;
    for (int i = 0; i < FR_N_STAGES; i++) {
        bool done = false;
        (void)fr_store_get_stage(s->store, fr_stage_names[i], &done, NULL);
        if (done || i > last)
            p->prefill[i] = p->decode[i] = 0;
    }
    return FR_OK;
}

/* Seconds for the tokens, or negative when there are some and no rate. A rate of the other kind
 * serves as a bound for prefills, which are faster. */
static double time_for(double prefill, double decode, const struct fr_study_progress *p) {
    const double rate = p->prefill_rate > 0 ? p->prefill_rate : p->decode_rate;
    if ((decode > 0 && !(p->decode_rate > 0)) || (prefill > 0 && !(rate > 0)))
        return -1;
    return (decode > 0 ? decode / p->decode_rate : 0) + (prefill > 0 ? prefill / rate : 0);
}

void fr_study_progress(const struct fr_study *s, long long done, long long total, long long resumed,
                       struct fr_study_progress *out) {
    const struct fr_study_pace *p = &s->pace;
    int n_models;
    const struct fr_model_counters c = fr_study_count(s, &n_models);
    const double seconds = fr_clock_seconds() - p->begun;
    const double left = (double)(total - done);
    *out = (struct fr_study_progress){.prefilled = c.tokens_prefilled - p->before.tokens_prefilled,
                                      .decoded = c.tokens_decoded - p->before.tokens_decoded,
                                      .at_most = !p->seen && done == resumed};
    if (c.prefill_ns > 0)
        out->prefill_rate = 1e9 * (double)c.tokens_prefilled * n_models / (double)c.prefill_ns;
    if (c.decode_ns > 0)
        out->decode_rate = 1e9 * (double)c.tokens_decoded * n_models / (double)c.decode_ns;
    if (done > resumed)
        out->stage_left = left * seconds / (double)(done - resumed);
    else if (p->decode_each > 0)
        out->stage_left = time_for(0, fmax(0, left * p->decode_each - (double)out->decoded), out);
    else
        out->stage_left = time_for(p->prefill[p->stage] - (double)out->prefilled, 0, out);
    /* the stages that follow, with the lengths seen in this one */
    double scale = 1;
    if (p->stage == FR_STAGE_ROLLOUTS && done > resumed && p->decode_each > 0)
        scale = fmin(1, (double)out->decoded / (double)(done - resumed) / p->decode_each);
    out->study_left = out->stage_left;
    for (int i = p->stage + 1; i < FR_N_STAGES && out->study_left >= 0; i++) {
        const double more = time_for(scale * p->prefill[i], scale * p->decode[i], out);
        out->study_left = more < 0 ? -1 : out->study_left + more;
    }
}
