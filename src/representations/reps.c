/* From sums to representations: means, centred in-naming r~, cross-naming r- (method.md 3).
 *
 * Float storage, double arithmetic. Rejected: doubles throughout, which for a 64-layer model of
 * width 5,120 doubles gigabytes and adds nothing a float activation holds. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "representations/representations.h"

void fr_reps_init(struct fr_reps *reps, const struct fr_concepts *concepts, int n_namings,
                  int n_layers, int n_times, int width) {
    FR_ASSERT(n_namings >= 0 && n_layers >= 0 && n_times >= 0 && width >= 0);
    const size_t cells = (size_t)n_namings * (size_t)concepts->n * (size_t)n_times;
    *reps = (struct fr_reps){.n_namings = n_namings,
                             .n_concepts = concepts->n,
                             .n_layers = n_layers,
                             .n_times = n_times,
                             .width = width,
                             .concepts = concepts};
    reps->h = fr_alloc(cells * (size_t)n_layers, (size_t)width * sizeof *reps->h);
    reps->present = fr_alloc(cells, sizeof *reps->present);
}

void fr_reps_release(struct fr_reps *reps) {
    if (reps == NULL)
        return;
    free(reps->h);
    free(reps->present);
    *reps = (struct fr_reps){0};
}

float *fr_reps_at(const struct fr_reps *reps, int naming, int concept, int l, int time) {
    FR_ASSERT(naming >= 0 && naming < reps->n_namings && concept >= 0 &&
              concept < reps->n_concepts && l >= 0 && l < reps->n_layers && time >= 0 &&
              time < reps->n_times);
    const size_t row = (size_t)naming * (size_t)reps->n_concepts + (size_t) concept;
    const size_t cell =
        (row * (size_t)reps->n_layers + (size_t)l) * (size_t)reps->n_times + (size_t)time;
    return reps->h + cell * (size_t)reps->width;
}

static bool *present_at(const struct fr_reps *reps, int naming, int concept, int time) {
    FR_ASSERT(naming >= 0 && naming < reps->n_namings && concept >= 0 &&
              concept < reps->n_concepts && time >= 0 && time < reps->n_times);
    const size_t row = (size_t)naming * (size_t)reps->n_concepts + (size_t) concept;
    return reps->present + row * (size_t)reps->n_times + (size_t)time;
}

bool fr_reps_has(const struct fr_reps *reps, int naming, int concept, int time) {
    return *present_at(reps, naming, concept, time);
}

void fr_reps_set_naming(struct fr_reps *reps, int i_naming, const struct fr_sums *sums,
                        int min_mentions) {
    FR_ASSERT(sums->n_concepts == reps->n_concepts && sums->n_layers == reps->n_layers &&
              sums->n_times == reps->n_times && sums->width == reps->width);
    const size_t width = (size_t)reps->width;
    for (int a = 0; a < reps->n_concepts; a++)
        for (int t = 0; t < reps->n_times; t++) {
            const int count = sums->counts[a * reps->n_times + t];
            const bool present = count >= (min_mentions > 1 ? min_mentions : 1);
            *present_at(reps, i_naming, a, t) = present;
            for (int l = 0; l < reps->n_layers; l++) {
                float *h = fr_reps_at(reps, i_naming, a, l, t);
                const size_t cell =
                    ((size_t)a * (size_t)reps->n_layers + (size_t)l) * (size_t)reps->n_times +
                    (size_t)t;
                const double *sum = sums->sums + cell * width;
                for (size_t d = 0; d < width; d++)
                    h[d] = present ? (float)(sum[d] / count) : 0.0f;
            }
        }
}

static bool kind_is_present(const struct fr_reps *reps, int naming, enum fr_concept_kind kind,
                            int time) {
    for (int a = 0; a < reps->n_concepts; a++)
        if (reps->concepts->kinds[a] == kind && !fr_reps_has(reps, naming, a, time))
            return false;
    return true;
}

/* r~[a] = r[a] - mean of r over the kind, at one (naming, layer, time). */
static void centre_kind(const struct fr_reps *raw, struct fr_reps *out, enum fr_concept_kind kind,
                        int naming, int l, int time, double *mean) {
    int n = 0;
    memset(mean, 0, (size_t)raw->width * sizeof *mean);
    for (int a = 0; a < raw->n_concepts; a++) {
        if (raw->concepts->kinds[a] != kind)
            continue;
        const float *r = fr_reps_at(raw, naming, a, l, time);
        for (int d = 0; d < raw->width; d++)
            mean[d] += (double)r[d];
        n++;
    }
    for (int a = 0; a < raw->n_concepts; a++) {
        if (raw->concepts->kinds[a] != kind)
            continue;
        const float *r = fr_reps_at(raw, naming, a, l, time);
        float *centred = fr_reps_at(out, naming, a, l, time);
        for (int d = 0; d < raw->width; d++)
            centred[d] = (float)((double)r[d] - mean[d] / n);
    }
}

void fr_reps_centre(const struct fr_reps *raw, struct fr_reps *out) {
    fr_reps_init(out, raw->concepts, raw->n_namings, raw->n_layers, raw->n_times, raw->width);
    out->first_layer = raw->first_layer;
    double *mean = fr_alloc((size_t)raw->width, sizeof *mean);
    for (int naming = 0; naming < raw->n_namings; naming++)
        for (int t = 0; t < raw->n_times; t++)
            for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
                if (!kind_is_present(raw, naming, (enum fr_concept_kind)kind, t))
                    continue;
                for (int a = 0; a < raw->n_concepts; a++)
                    if ((int)raw->concepts->kinds[a] == kind)
                        *present_at(out, naming, a, t) = true;
                for (int l = 0; l < raw->n_layers; l++)
                    centre_kind(raw, out, (enum fr_concept_kind)kind, naming, l, t, mean);
            }
    free(mean);
}

int fr_reps_cross(const struct fr_reps *centred, const bool *use, int leave_out, int concept, int l,
                  int time, float *out) {
    const int width = centred->width;
    int n = 0;
    double *sum = fr_alloc((size_t)width, sizeof *sum);
    for (int naming = 0; naming < centred->n_namings; naming++) {
        if (naming == leave_out || (use != NULL && !use[naming]) ||
            !fr_reps_has(centred, naming, concept, time))
            continue;
        const float *r = fr_reps_at(centred, naming, concept, l, time);
        for (int d = 0; d < width; d++)
            sum[d] += (double)r[d];
        n++;
    }
    for (int d = 0; d < width; d++)
        out[d] = n > 0 ? (float)(sum[d] / n) : 0.0f;
    free(sum);
    return n;
}

int fr_reps_mean(const struct fr_reps *raw, const bool *use, int leave_out,
                 enum fr_concept_kind kind, int l, int time, float *out) {
    const int width = raw->width;
    int n_namings = 0;
    double *sum = fr_alloc(2 * (size_t)width, sizeof *sum), *own = sum + width;
    for (int naming = 0; naming < raw->n_namings; naming++) {
        int n = 0;
        if (naming == leave_out || (use != NULL && !use[naming]))
            continue;
        memset(own, 0, (size_t)width * sizeof *own);
        for (int a = 0; a < raw->n_concepts; a++) {
            if (raw->concepts->kinds[a] != kind || !fr_reps_has(raw, naming, a, time))
                continue;
            const float *r = fr_reps_at(raw, naming, a, l, time);
            for (int d = 0; d < width; d++)
                own[d] += (double)r[d];
            n++;
        }
        for (int d = 0; n > 0 && d < width; d++)
            sum[d] += own[d] / n;
        n_namings += n > 0;
    }
    for (int d = 0; d < width; d++)
        out[d] = n_namings > 0 ? (float)(sum[d] / n_namings) : 0.0f;
    free(sum);
    return n_namings;
}
