/* Loads what commands are given; see input.h. */
#include "cli/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

int fr_input_find_naming(const struct fr_input *input, const char *id, const char *table, int *out,
                         struct fr_error *err) {
    const struct fr_namings *all = &input->namings;
    *out = fr_namings_find(all, id);
    if (*out >= 0)
        return FR_OK;
    const char **ids = fr_alloc((size_t)all->n, sizeof *ids);
    for (int k = 0; k < all->n; k++)
        ids[k] = all->items[k].id;
    const char *near = fr_nearest(id, ids, all->n);
    const int code =
        fr_fail(err, FR_E_INPUT, "%s: no naming \"%.40s\"%s%s; fluidrep namings list shows them",
                table, id, near ? "; the nearest is " : "", near ? near : "");
    free(ids);
    return code;
}

static int load_naming(struct fr_input *input, const struct fr_input_paths *paths,
                       struct fr_error *err) {
    struct fr_text table = {0};
    if (paths->naming == NULL && paths->table == NULL)
        return FR_OK;
    if (paths->table == NULL && strcmp(paths->naming, "clean") == 0) {
        const int code = fr_concepts_check(&input->domain, err);
        if (code != FR_OK)
            return code;
        fr_namings_clean(&input->namings, &input->domain);
        input->naming = &input->namings.items[0];
        return FR_OK;
    }
    if (paths->table != NULL)
        fr_text_add(&table, paths->table);
    else
        fr_data_path("namings.tsv", &table);
    int i = 0;
    fr_file_keep(fr_text_get(&table));
    int code = fr_namings_load(&input->namings, fr_text_get(&table), &input->domain, err);
    if (code == FR_OK && paths->naming != NULL)
        code = fr_input_find_naming(input, paths->naming, fr_text_get(&table), &i, err);
    if (code == FR_OK && paths->naming != NULL)
        input->naming = &input->namings.items[i];
    fr_text_release(&table);
    return code;
}

int fr_input_load(struct fr_input *out, const struct fr_input_paths *paths, struct fr_error *err) {
    struct fr_text domain = {0};
    *out = (struct fr_input){0};
    if (paths->domain != NULL)
        fr_text_add(&domain, paths->domain);
    else
        fr_data_path("domains/blocksworld.pddl", &domain);
    fr_file_keep(fr_text_get(&domain));
    if (paths->problem != NULL)
        fr_file_keep(paths->problem);
    if (paths->wording != NULL)
        fr_file_keep(paths->wording);
    int code = fr_domain_load(&out->domain, fr_text_get(&domain), err);
    if (code == FR_OK && paths->problem != NULL)
        code = fr_problem_load(&out->problem, &out->domain, paths->problem, err);
    if (code == FR_OK)
        code = load_naming(out, paths, err);
    if (code == FR_OK && (!paths->bare || paths->wording != NULL))
        code = fr_wording_open(&out->wording, &out->domain, paths->wording, fr_text_get(&domain),
                               NULL, err);
    if (code != FR_OK)
        fr_input_release(out);
    fr_text_release(&domain);
    return code;
}

void fr_input_release(struct fr_input *input) {
    fr_wording_release(&input->wording);
    fr_namings_release(&input->namings);
    fr_problem_release(&input->problem);
    fr_domain_release(&input->domain);
    *input = (struct fr_input){0};
}
