/* A part of the representations in reps/, as a study made them. */
#include <string.h>

#include "store/books.h"
#include "view/internal.h"

static int find_file(struct fr_view *v, const char *naming, const char *traces, struct fr_text *out,
                     struct fr_error *err) {
    struct fr_book_entry entry;
    fr_text_clear(out);
    return fr_book_find_sums(v->store, naming, traces, "block", &entry, out, err);
}

int fr_view_layers(struct fr_view *v, int naming, int *n_layers, struct fr_error *err) {
    struct fr_text path = {0};
    *n_layers = 0;
    int code = find_file(v, v->namings[naming].naming.id, "all", &path, err);
    if (code == FR_OK && path.len > 0)
        code = fr_sums_layers(fr_text_get(&path), n_layers, err);
    fr_text_release(&path);
    return code;
}

int fr_view_reps(struct fr_view *v, const char *traces, const bool *which,
                 const struct fr_slice *slice, struct fr_reps *out, int32_t *counts,
                 struct fr_error *err) {
    struct fr_text path = {0};
    int code = FR_OK, set = 0;
    while (set < FR_TRACE_SET_COUNT - 1 && strcmp(fr_trace_set_name[set], traces) != 0)
        set++;
    const int least = fr_config_min_mentions(&v->config, (enum fr_trace_set)set);
    *out = (struct fr_reps){0};
    for (int i = 0; code == FR_OK && i < v->n_namings; i++) {
        struct fr_sums sums;
        if (!which[i])
            continue;
        code = find_file(v, v->namings[i].naming.id, traces, &path, err);
        if (code != FR_OK || path.len == 0)
            continue;
        code = fr_sums_load(&sums, fr_text_get(&path), FR_SITE_BLOCK, NULL, slice, err);
        if (code != FR_OK)
            break;
        if (sums.n_concepts != v->concepts.n || (out->h != NULL && sums.width != out->width))
            code = fr_fail(err, FR_E_INPUT, "%s: of another shape than this study's",
                           fr_text_get(&path));
        if (code == FR_OK && out->h == NULL)
            fr_reps_init(out, &v->concepts, v->n_namings, sums.n_layers, sums.n_times, sums.width);
        if (code == FR_OK)
            fr_reps_set_naming(out, i, &sums, least);
        if (code == FR_OK && counts != NULL)
            memcpy(counts, sums.counts,
                   (size_t)sums.n_concepts * (size_t)sums.n_times * sizeof *counts);
        fr_sums_release(&sums);
    }
    fr_text_release(&path);
    return code;
}
