/* Stage 4: the descriptive analyses A2 and A3 (method.md section 4), as result rows. */
#include "study/internal.h"

#include <math.h>
#include <stdlib.h>

#include "analyses/analyses.h"
#include "base/memory.h"

enum { LABEL_SHUFFLES = 10 };

static int write_similarity(struct fr_study *s, const struct fr_similarity *similarity,
                            const char *const variants[2], const struct fr_grid *grid,
                            struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < similarity->n; i++) {
        const struct fr_similarity_row *r = &similarity->rows[i];
        const char *variant = variants[r->leave_one_out];
        if (variant == NULL)
            continue;
        code = fr_store_run(s->store, err,
                            "INSERT INTO similarity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "itttiidddi", (int64_t)r->layer, variant, fr_concept_kind_name[r->kind],
                            r->same ? "same" : "different", (int64_t)grid->times[r->time],
                            (int64_t)s->config.reference_timestamp, r->mean, r->low, r->high,
                            (int64_t)r->n_namings);
    }
    return code;
}

static int run_similarity(struct fr_study *s, const struct fr_reps *centred, const bool *use,
                          const struct fr_grid *grid, struct fr_error *err) {
    static const char *const plain[2] = {"all", "loo"}, *const shuffled[2] = {NULL, "loo_shuffled"};
    const int reference = fr_study_grid_index(&s->config, s->config.reference_timestamp);
    const uint64_t seed = (uint64_t)s->config.seed;
    struct fr_similarity similarity = {0};
    fr_similarity_run(centred, use, NULL, reference, s->config.resamples, seed, &similarity);
    int code = write_similarity(s, &similarity, plain, grid, err);
    fr_similarity_run_shuffled(centred, use, NULL, reference, s->config.resamples, seed,
                               LABEL_SHUFFLES, &similarity);
    if (code == FR_OK)
        code = write_similarity(s, &similarity, shuffled, grid, err);
    fr_similarity_release(&similarity);
    return code;
}

static int write_pca(struct fr_study *s, const struct fr_pca *pca, int layer,
                     enum fr_concept_kind kind, struct fr_error *err) {
    const int64_t at = s->config.pca_timestamp;
    const char *kind_name = fr_concept_kind_name[kind];
    int code = fr_store_run(s->store, err,
                            "INSERT INTO separation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "itiiddddddd", (int64_t)layer, kind_name, at, (int64_t)pca->n_points,
                            pca->silhouette, pca->silhouette_shuffled, pca->variance_ratio,
                            pca->variance_ratio_shuffled, pca->explained[0], pca->explained[1],
                            pca->explained[2]);
    for (int i = 0; code == FR_OK && i < pca->n_points; i++) {
        const struct fr_pca_point *p = &pca->points[i];
        code = fr_store_run(s->store, err, "INSERT INTO pca VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                            "itittddd", (int64_t)layer, kind_name, at,
                            s->namings[p->naming].naming->id, s->table.concepts.names[p->concept],
                            p->x[0], p->x[1], p->x[2]);
    }
    return code;
}

static int run_pca(struct fr_study *s, const struct fr_reps *centred, const bool *use,
                   struct fr_error *err) {
    const int time = fr_study_grid_index(&s->config, s->config.pca_timestamp);
    int code = FR_OK;
    for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++) {
        struct fr_pca pca;
        fr_pca_run(centred, use, 0, time, (enum fr_concept_kind)kind, (uint64_t)s->config.seed,
                   &pca);
        code = write_pca(s, &pca, centred->first_layer + 1, (enum fr_concept_kind)kind, err);
        fr_pca_release(&pca);
    }
    return code;
}

/* One layer at a time: all of a large model's do not fit into memory. */
static int run_layer(struct fr_study *s, int l, const bool *use, const struct fr_grid *grid,
                     struct fr_error *err) {
    struct fr_reps raw, centred;
    const struct fr_slice slice = {.first_layer = l, .n_layers = 1, .n_times = grid->n_times};
    int code = fr_study_load_reps(s, FR_TRACES_ALL, &slice, &raw, err);
    if (code != FR_OK)
        return code;
    fr_reps_centre(&raw, &centred);
    fr_reps_release(&raw);
    code = run_similarity(s, &centred, use, grid, err);
    if (code == FR_OK)
        code = run_pca(s, &centred, use, err);
    fr_reps_release(&centred);
    return code;
}

int fr_stage_analyses(struct fr_study *s, struct fr_error *err) {
    static const char *const tables[] = {"similarity", "pca", "separation"};
    struct fr_grid grid;
    int n_layers, code = fr_study_count_layers(s, &n_layers, err);
    if (code != FR_OK)
        return code;
    bool *use = fr_alloc((size_t)s->n_namings, sizeof *use);
    fr_study_used_namings(s, use);
    fr_study_grid(&s->config, &grid);
    code = fr_store_begin(s->store, err);
    for (int i = 0; code == FR_OK && i < 3; i++)
        code = fr_store_clear_results(s->store, tables[i], err);
    for (int l = 0; code == FR_OK && l < n_layers; l++) {
        code = run_layer(s, l, use, &grid, err);
        if (code == FR_OK && fr_study_is_stopped(s))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
        fr_study_progress(s, l + 1, n_layers, 0, "layers");
    }
    if (code == FR_OK)
        code = fr_store_commit(s->store, err);
    else
        fr_store_rollback(s->store);
    free(use);
    free(grid.times);
    return code;
}
