/* Loads what commands are given; see input.h. */
#include "cli/input.h"

#include <stdlib.h>

#include "base/memory.h"

void fr_data_path(const char *relative, struct fr_text *out) {
    const char *directory = getenv("FLUIDREP_DATA");
    if (directory == NULL || *directory == '\0')
        directory = FR_DATA_DIR;
    fr_text_printf(out, "%s/%s", directory, relative);
}

static int find_naming(struct fr_input *input, const char *id, const char *table,
                       struct fr_error *err) {
    const struct fr_namings *all = &input->namings;
    const int i = fr_namings_find(all, id);
    if (i >= 0) {
        input->naming = &all->items[i];
        return FR_OK;
    }
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

int fr_input_load(struct fr_input *out, const struct fr_input_paths *paths, struct fr_error *err) {
    struct fr_text domain = {0}, table = {0};
    *out = (struct fr_input){0};
    if (paths->domain != NULL)
        fr_text_add(&domain, paths->domain);
    else
        fr_data_path("domains/blocksworld.pddl", &domain);
    if (paths->table != NULL)
        fr_text_add(&table, paths->table);
    else
        fr_data_path("namings.tsv", &table);
    int code = fr_domain_load(&out->domain, fr_text_get(&domain), err);
    if (code == FR_OK && paths->problem != NULL)
        code = fr_problem_load(&out->problem, &out->domain, paths->problem, err);
    if (code == FR_OK && (paths->naming != NULL || paths->table != NULL))
        code = fr_namings_load(&out->namings, fr_text_get(&table), &out->domain, err);
    if (code == FR_OK && paths->naming != NULL)
        code = find_naming(out, paths->naming, fr_text_get(&table), err);
    if (code != FR_OK)
        fr_input_release(out);
    fr_text_release(&domain);
    fr_text_release(&table);
    return code;
}

void fr_input_release(struct fr_input *input) {
    fr_namings_release(&input->namings);
    fr_problem_release(&input->problem);
    fr_domain_release(&input->domain);
    *input = (struct fr_input){0};
}
