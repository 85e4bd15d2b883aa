/* What a wording says; see wording.h. The reading of its file is in wording_file.c, the
 * introduction that is made from the PDDL in description.c.
 *
 * Rejected: PlanBench's way, sentences and their reading spread over a configuration and branches
 * by domain in the code, which makes every new domain a change of the program. */
#include "prompts/wording.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "prompts/description.h"
#include "prompts/form.h"
#include "prompts/wording_file.h"

void fr_wording_release(struct fr_wording *wording) {
    if (wording == NULL)
        return;
    for (int reg = 0; reg < FR_REGISTER_COUNT; reg++) {
        struct fr_register_forms *forms = &wording->registers[reg];
        free(forms->introduction);
        free(forms->paper_introduction);
        free(forms->noun);
        for (int i = 0; i < forms->n_objects; i++) {
            free(forms->objects[i].pattern);
            free(forms->objects[i].form);
        }
        free(forms->objects);
        for (int c = 0; c < FR_MAX_CONCEPTS; c++) {
            free(forms->forms[c]);
            free(forms->words[c]);
        }
    }
    *wording = (struct fr_wording){0};
}

/* "DIR/NAME.pddl" -> "DIR/NAME.wording.yaml"; any other ending is kept before ".wording.yaml". */
static void path_beside(const char *domain_path, struct fr_text *out) {
    const size_t n = strlen(domain_path), n_ending = strlen(".pddl");
    const bool pddl = n > n_ending && strcmp(domain_path + n - n_ending, ".pddl") == 0;
    fr_text_append(out, domain_path, pddl ? n - n_ending : n);
    fr_text_add(out, ".wording.yaml");
}

static int is_yaml(const struct dirent *entry) {
    const size_t n = strlen(entry->d_name), n_ending = strlen(".yaml");
    return n > n_ending && strcmp(entry->d_name + n - n_ending, ".yaml") == 0;
}

/* The file of the directory that is for the domain's structure, into path. */
static int find_by_structure(const struct fr_domain *domain, const char *directory,
                             struct fr_text *path, bool *found, struct fr_error *err) {
    struct dirent **entries = NULL;
    const int n = scandir(directory, &entries, is_yaml, alphasort);
    int code = n < 0 ? fr_file_fail(err, directory, errno) : FR_OK;
    for (int i = 0; i < n; i++) {
        if (code == FR_OK && !*found) {
            fr_text_clear(path);
            fr_text_printf(path, "%s/%s", directory, entries[i]->d_name);
            code = fr_wording_file_fits(fr_text_get(path), domain, found, err);
        }
        free(entries[i]);
    }
    free(entries);
    return code;
}

int fr_wording_path(const struct fr_domain *domain, const char *domain_path, const char *directory,
                    struct fr_text *out, struct fr_error *err) {
    struct fr_text path = {0};
    bool found = false;
    int code = FR_OK;
    if (domain_path != NULL) {
        path_beside(domain_path, &path);
        found = fr_file_exists(fr_text_get(&path));
    }
    if (!found && directory != NULL)
        code = find_by_structure(domain, directory, &path, &found, err);
    if (found)
        fr_text_add(out, fr_text_get(&path));
    fr_text_release(&path);
    return code;
}

int fr_wording_open(struct fr_wording *out, const struct fr_domain *domain, const char *file,
                    const char *domain_path, struct fr_text *used, struct fr_error *err) {
    struct fr_text path = {0}, directory = {0};
    int code = FR_OK;
    *out = (struct fr_wording){0};
    if (file != NULL) {
        fr_text_add(&path, file);
    } else {
        fr_data_path("wordings", &directory);
        code = fr_wording_path(domain, domain_path, fr_text_get(&directory), &path, err);
    }
    if (code == FR_OK)
        code = fr_wording_load(out, domain, path.len > 0 ? fr_text_get(&path) : NULL, err);
    if (used != NULL)
        fr_text_add(used, fr_text_get(&path));
    fr_text_release(&path);
    fr_text_release(&directory);
    return code;
}

enum fr_register fr_wording_register(const struct fr_wording *wording,
                                     const struct fr_naming *naming) {
    return wording->registers[FR_REGISTER_PLAIN].present && fr_naming_is_clean(naming)
               ? FR_REGISTER_PLAIN
               : FR_REGISTER_OBFUSCATED;
}

/* What the star stands for, or NULL; "" when an exact pattern fits. */
static const char *match(const char *pattern, const char *object) {
    const size_t n = strlen(pattern);
    if (n > 0 && pattern[n - 1] == '*')
        return strlen(object) >= n && fr_equal_nocase(pattern, object, n - 1) ? object + n - 1
                                                                              : NULL;
    return strlen(object) == n && fr_equal_nocase(pattern, object, n) ? "" : NULL;
}

static void add_star(const char *form, const char *rest, struct fr_text *out) {
    for (; *form; form++) {
        if (*form != '*') {
            fr_text_append(out, form, 1);
            continue;
        }
        for (const char *p = rest; *p; p++)
            fr_text_append(out, *p == '-' ? "_" : p, 1);
    }
}

void fr_wording_object(const struct fr_wording *wording, enum fr_register reg, const char *object,
                       struct fr_text *out) {
    const struct fr_register_forms *forms = &wording->registers[reg];
    for (int i = 0; i < forms->n_objects; i++) {
        const char *rest = match(forms->objects[i].pattern, object);
        if (rest != NULL) {
            add_star(forms->objects[i].form, rest, out);
            return;
        }
    }
    fr_text_printf(out, "%s%s%s", forms->noun, *forms->noun ? " " : "", object);
}

void fr_wording_say(const struct fr_wording *wording, enum fr_register reg,
                    const struct fr_naming *naming, int concept, const char *const *arguments,
                    int n_arguments, struct fr_text *out) {
    fr_form_say(wording->domain, concept, wording->registers[reg].forms[concept], naming, arguments,
                n_arguments, (struct fr_form_manner){0}, out);
}

void fr_wording_introduction(const struct fr_wording *wording, enum fr_register reg,
                             const struct fr_naming *naming, struct fr_text *out) {
    const char *introduction = wording->registers[reg].introduction;
    if (introduction != NULL)
        fr_form_say(wording->domain, -1, introduction, naming, NULL, 0, (struct fr_form_manner){0},
                    out);
    else
        fr_description_render(wording, reg, naming, out);
}

/* "pick up the {1}" -> "pick up": the text before the first place, without its article. */
static size_t lead_length(const char *form) {
    static const char *const articles[] = {" the", " an", " a"};
    size_t n = strcspn(form, "{");
    while (n > 0 && form[n - 1] == ' ')
        n--;
    for (size_t i = 0; i < sizeof articles / sizeof *articles; i++) {
        const size_t k = strlen(articles[i]);
        if (n > k && memcmp(form + n - k, articles[i], k) == 0)
            return n - k;
    }
    return n;
}

void fr_wording_word(const struct fr_wording *wording, enum fr_register reg,
                     const struct fr_naming *naming, int concept, struct fr_text *out) {
    const struct fr_register_forms *forms = &wording->registers[reg];
    const char *form = forms->forms[concept];
    size_t n;
    if (forms->words[concept] != NULL)
        fr_text_add(out, forms->words[concept]);
    else if (reg == FR_REGISTER_PLAIN && concept < wording->domain->n_actions &&
             (n = lead_length(form)) > 0)
        fr_text_append(out, form, n);
    else
        fr_text_add(out, naming->words[concept]);
}
