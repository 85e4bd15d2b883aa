/* Owns problems of any domain that a user brings as a directory: their reading, and their division
 * by class (class.c). Rejected: a list of files in a file of its own, one more thing to keep in
 * step with the directory. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "planning/lexer.h"
#include "planning/planning.h"

enum { PROBLEM_CEILING = 16 << 20 };

enum fr_puzzle_split fr_class_split(uint64_t class) {
    return class % FR_PUZZLE_FOLDS == FR_PUZZLE_FOLD_HELD_OUT ? FR_SPLIT_EVALUATE
                                                              : FR_SPLIT_COLLECT;
}

/* instance-2 comes before instance-10: runs of digits compare as numbers. */
static int compare_names(const void *pa, const void *pb) {
    return strverscmp(*(char *const *)pa, *(char *const *)pb);
}

static int list_names(const char *path, char ***names, int *n, struct fr_error *err) {
    int capacity = 0;
    *names = NULL;
    *n = 0;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return fr_fail(err, FR_E_INPUT, "%s: %s; a directory of PDDL problems is wanted", path,
                       strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || length < 6 ||
            strcmp(entry->d_name + length - 5, ".pddl") != 0)
            continue;
        FR_RESERVE(*names, *n, capacity);
        (*names)[(*n)++] = fr_strdup(entry->d_name);
    }
    (void)closedir(dir);
    if (*n > 0)
        qsort(*names, (size_t)*n, sizeof **names, compare_names);
    return FR_OK;
}

/* "(define (domain ...": the domain lies among its problems. */
static bool is_domain_text(const char *text) {
    static const char *const words[] = {"(", "define", "(", "domain"};
    struct fr_lexer lexer;
    struct fr_names names = {0};
    struct fr_error ignored;
    int i = 0;
    fr_lexer_init(&lexer, text, "", &names, &ignored);
    while (i < 4 && fr_lexer_next(&lexer) == FR_OK && strcmp(lexer.token.text, words[i]) == 0)
        i++;
    fr_names_release(&names);
    return i == 4;
}

static int read_problem(struct fr_problem_set *out, const char *path,
                        const struct fr_domain *domain, int *capacity, struct fr_error *err) {
    struct fr_text text = {0};
    struct fr_problem problem = {0};
    int code = fr_file_read(path, PROBLEM_CEILING, &text, err);
    if (code == FR_OK && is_domain_text(fr_text_get(&text)))
        goto out;
    if (code == FR_OK)
        code = fr_problem_load(&problem, domain, path, err);
    if (code == FR_OK) {
        FR_RESERVE(out->items, out->n, *capacity);
        out->items[out->n++] = (struct fr_problem_file){.path = fr_strdup(path),
                                                        .class_hash = fr_problem_class(&problem),
                                                        .problem = problem};
    }
out:
    fr_text_release(&text);
    return code;
}

int fr_problem_set_load(struct fr_problem_set *out, const char *directory,
                        const struct fr_domain *domain, struct fr_error *err) {
    char **names;
    int n, capacity = 0;
    struct fr_text path = {0};
    *out = (struct fr_problem_set){0};
    int code = list_names(directory, &names, &n, err);
    for (int i = 0; i < n; i++) {
        fr_text_clear(&path);
        fr_text_printf(&path, "%s/%s", directory, names[i]);
        if (code == FR_OK)
            code = read_problem(out, fr_text_get(&path), domain, &capacity, err);
        free(names[i]);
    }
    free(names);
    if (code == FR_OK && out->n == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: no PDDL problem (*.pddl)", directory);
    if (code != FR_OK)
        fr_problem_set_release(out);
    fr_text_release(&path);
    return code;
}

void fr_problem_set_release(struct fr_problem_set *set) {
    if (set == NULL)
        return;
    for (int i = 0; i < set->n; i++) {
        fr_problem_release(&set->items[i].problem);
        free(set->items[i].path);
    }
    free(set->items);
    *set = (struct fr_problem_set){0};
}
