/* See refinement.h. Source: method.md 4 (A3; "Sanity of a rising curve"). */
#include "analyses/refinement.h"

#include <math.h>
#include <string.h>

static int take_rises(const struct fr_analysis_input *in, int layer, struct fr_refinement *out,
                      struct fr_error *err) {
    const struct {
        const char *control;
        struct fr_refined *to;
    } taken[] = {{"plain", &out->plain},
                 {"shuffled", &out->shuffled},
                 {"matched", &out->matched},
                 {"other_puzzles", &out->other_puzzles}};
    struct fr_query *query;
    const int code = fr_query_open(
        &query, in->store, err,
        "SELECT control, rise, rise_low, rise_high, first_timestamp, last_timestamp, n_namings,"
        " began, ended FROM control_rise WHERE kind = 'action' AND layer = ?",
        "i", (int64_t)layer);
    if (code != FR_OK)
        return code;
    while (fr_query_next(query))
        for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
            if (strcmp(taken[i].control, fr_query_text(query, 0)) != 0)
                continue;
            *taken[i].to =
                (struct fr_refined){true, fr_query_double(query, 1), fr_query_double(query, 2),
                                    fr_query_double(query, 3)};
            if (taken[i].to != &out->plain)
                continue;
            out->is = out->rises = true;
            out->first = (int)fr_query_int(query, 4);
            out->last = (int)fr_query_int(query, 5);
            out->n_namings = (int)fr_query_int(query, 6);
            out->from = fr_query_double(query, 7);
            out->to = fr_query_double(query, 8);
        }
    return fr_query_close(query, err);
}

/* The curve's last value up to the reference timestamp, where it has no rise. */
static int take_level(const struct fr_analysis_input *in, int layer, struct fr_refinement *out,
                      struct fr_error *err) {
    struct fr_query *query;
    const int code = fr_query_open(
        &query, in->store, err,
        "SELECT timestamp, mean, low, high, n_namings FROM similarity WHERE variant = 'loo' AND"
        " relation = 'same' AND kind = 'action' AND layer = ? AND mean IS NOT NULL AND"
        " timestamp <= reference_timestamp ORDER BY timestamp DESC LIMIT 1",
        "i", (int64_t)layer);
    if (code != FR_OK)
        return code;
    if ((out->is = fr_query_next(query))) {
        out->last = (int)fr_query_int(query, 0);
        out->to = fr_query_double(query, 1);
        out->low = fr_query_double(query, 2);
        out->high = fr_query_double(query, 3);
        out->n_namings = (int)fr_query_int(query, 4);
    }
    return fr_query_close(query, err);
}

static int take_different(const struct fr_analysis_input *in, int layer, struct fr_refinement *out,
                          struct fr_error *err) {
    struct fr_query *query;
    const int code = fr_query_open(
        &query, in->store, err,
        "SELECT timestamp, mean FROM similarity WHERE variant = 'loo' AND relation = 'different'"
        " AND kind = 'action' AND layer = ?1 AND timestamp IN (?2, ?3)",
        "iii", (int64_t)layer, (int64_t)out->first, (int64_t)out->last);
    if (code != FR_OK)
        return code;
    while (fr_query_next(query))
        *(fr_query_int(query, 0) == out->last ? &out->different_to : &out->different_from) =
            fr_query_double(query, 1);
    return fr_query_close(query, err);
}

/* Of the traces behind the curve: where the prompt ends, if timestamps begin before it. */
static int take_prompts(const struct fr_analysis_input *in, struct fr_refinement *out,
                        struct fr_error *err) {
    struct fr_query *query;
    const int code =
        fr_query_open(&query, in->store, err,
                      "SELECT min(t.n_prompt), max(t.n_prompt) FROM trace t JOIN puzzle p ON p.id ="
                      " t.puzzle JOIN naming n ON n.id = t.naming WHERE p.split = 'collect' AND"
                      " n.role = 'mystery' AND NOT n.excluded",
                      "");
    if (code != FR_OK)
        return code;
    if (fr_query_next(query)) {
        out->prompt_low = (int)fr_query_int(query, 0);
        out->prompt_high = (int)fr_query_int(query, 1);
    }
    return fr_query_close(query, err);
}

/* How far the curve has come before traces begin to reason. */
static int take_prompt_part(const struct fr_analysis_input *in, int layer,
                            struct fr_refinement *out, struct fr_error *err) {
    struct fr_query *query;
    const int code = fr_query_open(
        &query, in->store, err,
        "SELECT timestamp, mean FROM similarity WHERE variant = 'loo' AND relation = 'same' AND"
        " kind = 'action' AND layer = ?1 AND mean IS NOT NULL AND timestamp BETWEEN ?2 AND ?3"
        " ORDER BY timestamp DESC LIMIT 1",
        "iii", (int64_t)layer, (int64_t)out->first, (int64_t)out->prompt_high);
    if (code != FR_OK)
        return code;
    if (fr_query_next(query)) {
        out->in_prompt = (int)fr_query_int(query, 0);
        out->at_prompt = fr_query_double(query, 1);
    }
    return fr_query_close(query, err);
}

int fr_refinement_take(const struct fr_analysis_input *in, int layer, struct fr_refinement *out,
                       struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    *out =
        (struct fr_refinement){.low = NAN, .high = NAN, .different_from = NAN, .different_to = NAN};
    int code = take_rises(in, layer, out, err);
    if (code == FR_OK && !out->rises)
        code = take_level(in, layer, out, err);
    if (code == FR_OK && out->is)
        code = take_different(in, layer, out, err);
    out->from_prompt = c->origin == FR_ORIGIN_PROMPT;
    if (code == FR_OK && out->is && out->from_prompt)
        code = take_prompts(in, out, err);
    if (code == FR_OK && out->rises && out->prompt_low > 0)
        code = take_prompt_part(in, layer, out, err);
    out->overlap = out->is && out->last > c->reference_timestamp - c->window_tokens;
    return code;
}

static void say_interval(double low, double high, struct fr_text *out) {
    if (isfinite(low) && isfinite(high))
        fr_text_printf(out, "95%% interval %.2f to %.2f, ", fr_shown(low, 2), fr_shown(high, 2));
    else
        fr_text_add(out, "no interval: ");
}

/* Behind "tokens": where they count from, and how far of them the prompt goes. */
static void say_origin(const struct fr_refinement *r, struct fr_text *out) {
    if (!r->from_prompt)
        return;
    fr_text_add(out, ", counted from the prompt's first");
    if (r->prompt_high > 0 && r->prompt_low == r->prompt_high)
        fr_text_printf(out, " (the prompt has %d),", r->prompt_high);
    else if (r->prompt_high > 0)
        fr_text_printf(out, " (prompts have %d to %d),", r->prompt_low, r->prompt_high);
    else
        fr_text_add(out, ",");
}

void fr_refinement_say(const struct fr_refinement *r, struct fr_text *out) {
    if (r->rises) {
        fr_text_printf(out, "goes from %.2f after %d tokens", fr_shown(r->from, 2), r->first);
        say_origin(r, out);
        fr_text_printf(out, " to %.2f after %d, a rise of %.2f (", fr_shown(r->to, 2), r->last,
                       fr_shown(r->plain.rise, 2));
        say_interval(r->plain.low, r->plain.high, out);
    } else {
        fr_text_printf(out, "is %.2f after %d tokens", fr_shown(r->to, 2), r->last);
        say_origin(r, out);
        fr_text_printf(out, "%s with nothing earlier to hold it against (",
                       r->from_prompt ? "" : ",");
        say_interval(r->low, r->high, out);
    }
    fr_text_printf(out, "%d naming%s)", r->n_namings, r->n_namings == 1 ? "" : "s");
}

static void say_rise(const char *what, const struct fr_refined *r, struct fr_text *out) {
    if (!r->is)
        return;
    fr_text_printf(out, "; %s the rise is %.2f", what, fr_shown(r->rise, 2));
    if (isfinite(r->low) && isfinite(r->high))
        fr_text_printf(out, " (%.2f to %.2f)", fr_shown(r->low, 2), fr_shown(r->high, 2));
}

/* A rise that begins in the prompt is in part of reading and not of reasoning. */
static void say_prompt_part(const struct fr_refinement *r, int window_tokens, struct fr_text *out) {
    const double share = (r->at_prompt - r->from) / r->plain.rise;
    if (!r->rises || r->in_prompt == 0)
        return;
    fr_text_printf(out, "; the first value is of %s",
                   r->first <= r->prompt_low ? "the prompt alone" : "little but the prompt");
    if (r->in_prompt > r->first && r->plain.rise > 0) {
        if (share > 0.005)
            fr_text_printf(out, ", and %.0f%% of the rise comes by %d tokens, ", 100 * share,
                           r->in_prompt);
        else
            fr_text_printf(out, ", and nothing of the rise comes by %d tokens, ", r->in_prompt);
        if (r->in_prompt > r->prompt_low)
            fr_text_printf(out, "of which at most %d are of the reasoning",
                           r->in_prompt - r->prompt_low);
        else
            fr_text_add(out, "before any reasoning");
    }
    if (r->last - window_tokens < r->prompt_low)
        fr_text_printf(out,
                       "; the last window holds %d tokens of reasoning at most, the rest is prompt",
                       r->last > r->prompt_low ? r->last - r->prompt_low : 0);
}

void fr_refinement_say_controls(const struct fr_refinement *r, const struct fr_config *config,
                                struct fr_text *out) {
    say_prompt_part(r, config->window_tokens, out);
    say_rise("with as many mentions in every cell", &r->matched, out);
    say_rise("against the traces of other puzzles", &r->other_puzzles, out);
    say_rise("with shuffled labels", &r->shuffled, out);
    if (r->rises && (!r->matched.is || !r->other_puzzles.is))
        fr_text_add(out, "; not controlled for the number of mentions and for what texts on the "
                         "same puzzles share (representations.sets: matched, halves)");
    if (r->rises && r->overlap)
        fr_text_printf(out,
                       "; the window of its end overlaps the reference's, where the curve is "
                       "highest by that alone%s",
                       config->traces_path != NULL && *config->traces_path != '\0' && config->match
                           ? ", and traces are matched: all namings have the same sentences there"
                           : "");
}
