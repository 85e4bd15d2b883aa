/* The files of sums of a study, found in its books and held to them: a file that is not the one
 * that was written would be exported as if it were. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "exports/internal.h"
#include "store/books.h"

static int check_stage(const struct fr_export *x, struct fr_error *err) {
    bool done = false;
    if (fr_store_get_stage(x->store, "representations", &done, NULL) && done)
        return FR_OK;
    return fr_fail(err, FR_E_CONFLICT,
                   "%s: its representations are not complete; fluidrep collect makes them",
                   fr_store_dir(x->store));
}

/* The naming's file, as the books have it; none of one that is for accuracy only. */
static int find_file(const struct fr_export *x, const struct fr_export_selection *selection,
                     int naming, struct fr_text *path, struct fr_error *err) {
    const char *set = fr_trace_set_name[selection->set], *site = fr_site_name[selection->site];
    struct fr_book_entry entry;
    char is[FR_SHA256_TEXT];
    bool good;
    int code = fr_book_find_sums(x->store, x->namings[naming], set, site, &entry, path, err);
    if (code == FR_OK && !entry.known && (x->used[naming] || x->clean[naming]))
        return fr_fail(err, FR_E_INPUT,
                       "%s: no sums of naming %s at site %s over traces %s; see "
                       "representations.sites, and traces of experiments",
                       fr_store_dir(x->store), x->namings[naming], site, set);
    if (code != FR_OK || !entry.known)
        return code;
    if (!fr_file_exists(fr_text_get(path)))
        return fr_fail(err, FR_E_CONFLICT, "%s: is gone; run the study again", fr_text_get(path));
    code = fr_book_holds(fr_text_get(path), &entry, true, is, &good, err);
    if (code == FR_OK && !good)
        code = fr_fail(err, FR_E_CONFLICT,
                       "%s: holds other bytes than were written (SHA-256 %.12s, not %.12s); run "
                       "the study again",
                       fr_text_get(path), is, entry.sha256);
    return code;
}

static int choose_layers(struct fr_export_sums *s, const struct fr_export_selection *selection,
                         struct fr_error *err) {
    s->n_wanted = selection->n_layers > 0 ? selection->n_layers : s->n_layers;
    s->layers = fr_alloc((size_t)s->n_wanted, sizeof *s->layers);
    for (int i = 0; i < s->n_wanted; i++) {
        s->layers[i] = selection->n_layers > 0 ? selection->layers[i] - 1 : i;
        if (s->layers[i] < 0 || s->layers[i] >= s->n_layers)
            return fr_fail(err, FR_E_INPUT, "layer %d: the model has layers 1 to %d",
                           s->layers[i] + 1, s->n_layers);
    }
    return FR_OK;
}

static int choose_times(struct fr_export_sums *s, const struct fr_export_selection *selection,
                        struct fr_error *err) {
    const struct fr_grid *grid = &s->grid;
    s->n_times = selection->n_timestamps > 0 ? selection->n_timestamps : grid->n_times;
    s->times = fr_alloc((size_t)s->n_times, sizeof *s->times);
    for (int j = 0; j < s->n_times; j++) {
        int t = selection->n_timestamps > 0 ? 0 : j;
        while (selection->n_timestamps > 0 && t < grid->n_times &&
               grid->times[t] != selection->timestamps[j])
            t++;
        if (t == grid->n_times)
            return fr_fail(err, FR_E_INPUT, "timestamp %d: the study has %d, %d ... %d",
                           selection->timestamps[j], grid->times[0], grid->times[grid->n_times > 1],
                           grid->times[grid->n_times - 1]);
        s->times[j] = t;
    }
    return FR_OK;
}

int fr_export_sums_open(struct fr_export_sums *out, const struct fr_export *x,
                        const struct fr_export_selection *selection, struct fr_error *err) {
    *out =
        (struct fr_export_sums){.export = x,
                                .site = selection->site,
                                .min_mentions = fr_config_min_mentions(&x->config, selection->set)};
    out->paths = fr_alloc((size_t)x->n_namings, sizeof *out->paths);
    fr_config_grid_of(&x->config, selection->set, &out->grid);
    const char *first_path = NULL;
    int code = check_stage(x, err);
    for (int i = 0; i < x->n_namings && code == FR_OK; i++) {
        struct fr_text path = {0};
        code = find_file(x, selection, i, &path, err);
        out->paths[i] = path.len > 0 ? fr_text_take(&path) : NULL;
        if (first_path == NULL)
            first_path = out->paths[i];
    }
    if (code == FR_OK && first_path == NULL)
        code = fr_fail(err, FR_E_INPUT, "%s: no naming has sums over traces %s at site %s",
                       fr_store_dir(x->store), fr_trace_set_name[selection->set],
                       fr_site_name[selection->site]);
    if (code == FR_OK)
        code = fr_sums_layers(first_path, &out->n_layers, err);
    if (code == FR_OK)
        code = choose_layers(out, selection, err);
    if (code == FR_OK)
        code = choose_times(out, selection, err);
    if (code == FR_OK) {
        struct fr_sums first;
        const struct fr_slice slice = {0, 1, 0, 1};
        code = fr_sums_load(&first, first_path, out->site, &out->grid, &slice, err);
        out->width = first.width;
        fr_sums_release(&first);
    }
    if (code != FR_OK)
        fr_export_sums_close(out);
    return code;
}

void fr_export_sums_close(struct fr_export_sums *s) {
    for (int i = 0; s->paths != NULL && i < s->export->n_namings; i++)
        free(s->paths[i]);
    free(s->paths);
    free(s->grid.times);
    free(s->layers);
    free(s->times);
    *s = (struct fr_export_sums){0};
}

int fr_export_means_at(const struct fr_export_sums *s, int i, int j, struct fr_reps *out,
                       int32_t *counts, struct fr_error *err) {
    const struct fr_export *x = s->export;
    const struct fr_slice slice = {s->layers[i], 1, s->times[j], 1};
    int code = FR_OK;
    fr_reps_init(out, &x->concepts, x->n_namings, 1, 1, s->width);
    out->first_layer = s->layers[i];
    for (int n = 0; n < x->n_namings && code == FR_OK; n++) {
        struct fr_sums sums;
        if (s->paths[n] == NULL)
            continue;
        code = fr_sums_load(&sums, s->paths[n], s->site, &s->grid, &slice, err);
        if (code == FR_OK && (sums.n_concepts != x->concepts.n || sums.width != s->width))
            code = fr_fail(err, FR_E_CONFLICT, "%s: its shape differs from the other namings'",
                           s->paths[n]);
        if (code == FR_OK)
            fr_reps_set_naming(out, n, &sums, s->min_mentions);
        if (code == FR_OK && counts != NULL)
            memcpy(counts + (size_t)n * (size_t)x->concepts.n, sums.counts,
                   (size_t)x->concepts.n * sizeof *counts);
        fr_sums_release(&sums);
    }
    if (code != FR_OK)
        fr_reps_release(out);
    return code;
}
