/* See refinement.h. Source: method.md 4 (A3). */
#include "analyses/refinement.h"

#include <math.h>

static int take_end(const struct fr_analysis_input *in, const char *at, int layer, int least,
                    bool *found, struct fr_refinement_end *out, struct fr_error *err) {
    struct fr_text sql = {0};
    struct fr_query *query;
    fr_text_printf(&sql,
                   "SELECT s.timestamp, s.n_namings, s.mean, s.low, s.high, d.mean FROM similarity"
                   " s LEFT JOIN similarity d ON d.layer = s.layer AND d.variant = s.variant AND"
                   " d.kind = s.kind AND d.timestamp = s.timestamp AND d.relation = 'different'"
                   " WHERE s.variant = 'loo' AND s.relation = 'same' AND s.kind = 'action' AND"
                   " s.layer = ?1 AND s.mean IS NOT NULL AND s.n_namings >= ?2 AND s.timestamp %s"
                   " s.reference_timestamp ORDER BY s.timestamp LIMIT 1",
                   at);
    const int code = fr_query_open(&query, in->store, err, fr_text_get(&sql), "ii", (int64_t)layer,
                                   (int64_t)least);
    fr_text_release(&sql);
    if (code != FR_OK)
        return code;
    if ((*found = fr_query_next(query)))
        *out = (struct fr_refinement_end){.timestamp = (int)fr_query_int(query, 0),
                                          .n_namings = (int)fr_query_int(query, 1),
                                          .same = fr_query_double(query, 2),
                                          .low = fr_query_double(query, 3),
                                          .high = fr_query_double(query, 4),
                                          .different = fr_query_double(query, 5)};
    return fr_query_close(query, err);
}

int fr_refinement_take(const struct fr_analysis_input *in, int layer, struct fr_refinement *out,
                       struct fr_error *err) {
    int n_used = 0;
    for (int i = 0; i < in->world->n_namings; i++)
        n_used += in->use[i];
    *out = (struct fr_refinement){.shuffled = NAN};
    const int least = n_used > 4 ? (n_used + 1) / 2 : 2;
    int code = take_end(in, "=", layer, 0, &out->is, &out->last, err);
    if (code == FR_OK)
        code = take_end(in, "<", layer, least, &out->rises, &out->first, err);
    struct fr_query *query;
    if (code == FR_OK)
        code = fr_query_open(&query, in->store, err,
                             "SELECT mean FROM similarity WHERE variant = 'loo_shuffled' AND"
                             " relation = 'same' AND kind = 'action' AND layer = ? AND timestamp ="
                             " reference_timestamp",
                             "i", (int64_t)layer);
    if (code != FR_OK)
        return code;
    if (fr_query_next(query))
        out->shuffled = fr_query_double(query, 0);
    return fr_query_close(query, err);
}

void fr_refinement_say(const struct fr_refinement *r, struct fr_text *out) {
    const struct fr_refinement_end *a = &r->first, *b = &r->last;
    if (r->rises)
        fr_text_printf(out, "goes from %.2f after %d tokens to %.2f after %d (", a->same,
                       a->timestamp, b->same, b->timestamp);
    else
        fr_text_printf(out, "is %.2f after %d tokens, half of the namings at no time before (",
                       b->same, b->timestamp);
    if (isfinite(b->low) && isfinite(b->high))
        fr_text_printf(out, "95%% interval %.2f to %.2f, ", b->low, b->high);
    else
        fr_text_add(out, "no interval: ");
    if (r->rises && a->n_namings != b->n_namings)
        fr_text_printf(out, "%d namings at the start, %d at the end)", a->n_namings, b->n_namings);
    else
        fr_text_printf(out, "%d naming%s)", b->n_namings, b->n_namings == 1 ? "" : "s");
}

void fr_refinement_warn(const struct fr_refinement *r, const struct fr_config *config,
                        struct fr_text *out) {
    if (r->rises && r->last.timestamp - r->first.timestamp < config->window_tokens)
        fr_text_add(out, "; the windows of both ends overlap");
    if (config->traces_path != NULL && *config->traces_path != '\0' && config->match)
        fr_text_add(out, "; traces are matched: at the end all namings have the same sentences");
}
