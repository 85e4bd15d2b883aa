/* fluidrep namings check: faults of a table's namings, and how a model cuts their words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/namings.h"
#include "cli/output.h"
#include "model/model.h"
#include "prompts/reserve.h"

/* ---- words that are taken -------------------------------------------------------------------- */

/* Of every style's prompts, with an example and without, and of every puzzle's. */
void fr_namings_reserve(const struct fr_input *input, struct fr_reserved *out) {
    static const enum fr_prompt_style styles[] = {FR_STYLE_PLANBENCH, FR_STYLE_PAPER};
    const struct fr_plan plan = {0};
    struct fr_problem none = {.domain = &input->domain,
                              .n_objects = input->domain.n_constants,
                              .objects = input->domain.constants,
                              .object_types = input->domain.constant_types};
    const struct fr_problem *problem = input->problem.domain != NULL ? &input->problem : &none;
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
        for (int shots = 0; shots < 2; shots++)
            fr_prompt_reserve_domain(&(struct fr_prompt){.style = styles[i],
                                                         .problem = problem,
                                                         .wording = &input->wording,
                                                         .example = shots ? problem : NULL,
                                                         .example_plan = &plan},
                                     true, out);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

enum place { LINE_START, AFTER_BLANK, CAPITAL_START, CAPITAL_AFTER, N_PLACES };
static const char *const place_name[N_PLACES] = {"line_start", "after_blank", "capital_line_start",
                                                 "capital_after_blank"};

/* The word's pieces at one place: tokens that overlap its bytes. */
static int cut(const struct fr_model *model, const char *word, int place, struct fr_text *pieces,
               int *n_tokens, struct fr_error *err) {
    struct fr_text text = {0};
    struct fr_tokens tokens = {0};
    const bool blank = place == AFTER_BLANK || place == CAPITAL_AFTER;
    fr_text_printf(&text, "object%c", blank ? ' ' : '\n');
    const size_t at = text.len;
    fr_text_add(&text, word);
    if (place >= CAPITAL_START && word[0] >= 'a' && word[0] <= 'z')
        text.data[at] = (char)(word[0] - 'a' + 'A');
    const int code = fr_model_tokenize(model, text.data, text.len, false, &tokens, err);
    *n_tokens = 0;
    fr_text_clear(pieces);
    for (int i = 0; code == FR_OK && i < tokens.n; i++) {
        if ((size_t)tokens.ends[i] <= at || tokens.ends[i] == tokens.starts[i])
            continue;
        if (++*n_tokens > 1)
            fr_text_add(pieces, "|");
        fr_text_append(pieces, text.data + tokens.starts[i],
                       (size_t)(tokens.ends[i] - tokens.starts[i]));
    }
    fr_tokens_release(&tokens);
    fr_text_release(&text);
    return code;
}

static json_t *word_json(const struct fr_naming *naming, const char *concept, const char *word) {
    json_t *entry = json_object();
    json_object_set_new(entry, "naming", fr_json_text(naming->id));
    json_object_set_new(entry, "concept", fr_json_text(concept));
    json_object_set_new(entry, "word", fr_json_text(word));
    return entry;
}

static int report_word(const struct fr_model *model, const struct fr_naming *naming,
                       const char *concept, const char *word, json_t *list, struct fr_error *err) {
    struct fr_text pieces = {0}, row = {0};
    json_t *entry = word_json(naming, concept, word);
    int code = FR_OK;
    fr_text_printf(&row, "%s\t%s", naming->id, word);
    for (int place = 0; code == FR_OK && place < N_PLACES; place++) {
        int n_tokens;
        code = cut(model, word, place, &pieces, &n_tokens, err);
        json_object_set_new(entry, place_name[place],
                            json_pack("{s:i, s:o}", "tokens", n_tokens, "pieces",
                                      fr_json_text(fr_text_get(&pieces))));
        fr_text_printf(&row, "\t%d %s", n_tokens,
                       fr_text_get(&pieces) + (fr_text_get(&pieces)[0] == '\n'));
    }
    if (code == FR_OK && list == NULL)
        (void)printf("%s\n", fr_text_get(&row));
    if (list != NULL)
        json_array_append(list, entry);
    json_decref(entry);
    fr_text_release(&pieces);
    fr_text_release(&row);
    return code;
}

/* list NULL: as a tab-separated table on standard output. */
static int report_tokens(const char *path, const struct fr_namings *namings, json_t *list,
                         struct fr_error *err) {
    struct fr_model *model = NULL;
    struct fr_model_options options = fr_model_options_defaults();
    options.path = path;
    options.n_slots = 1;
    options.context_tokens = 512; /* nothing is computed */
    int code = fr_model_open(&model, &options, err);
    if (code == FR_OK && list == NULL)
        (void)printf("naming\tword\tat a line's start\tafter a blank\tcapital, line's start\t"
                     "capital, after a blank\n");
    for (int i = 0; code == FR_OK && i < namings->n; i++)
        for (int a = 0; code == FR_OK && a < namings->concepts.n; a++)
            code = report_word(model, &namings->items[i], namings->concepts.names[a],
                               namings->items[i].words[a], list, err);
    fr_model_close(model);
    return code;
}

/* ---- the check ------------------------------------------------------------------------------- */

static json_t *fault_json(const struct fr_namings *namings, const struct fr_naming *naming,
                          const struct fr_naming_fault *fault) {
    json_t *entry =
        word_json(naming, namings->concepts.names[fault->concept], naming->words[fault->concept]);
    json_object_set_new(entry, "level", json_string(fault->is_error ? "error" : "warning"));
    json_object_set_new(entry, "text", fr_json_text(fault->text));
    return entry;
}

int fr_namings_check_table(const struct fr_namings_options *o, const struct fr_input *input,
                           int *n_errors, struct fr_error *err) {
    const struct fr_namings *namings = &input->namings;
    struct fr_reserved reserved = {0};
    json_t *faults = json_array(), *tokens = o->json && o->model != NULL ? json_array() : NULL;
    int n_warnings = 0, code = FR_OK;
    *n_errors = 0;
    fr_namings_reserve(input, &reserved);
    for (int i = 0; i < namings->n; i++) {
        const struct fr_naming *naming = &namings->items[i];
        struct fr_naming_faults found = {0};
        fr_naming_check(&namings->concepts, naming, &reserved, &found);
        for (int k = 0; k < found.n; k++) {
            json_array_append_new(faults, fault_json(namings, naming, &found.items[k]));
            if (!o->json)
                (void)printf("naming %s, %s: %s: %s\n", naming->id,
                             namings->concepts.names[found.items[k].concept],
                             found.items[k].is_error ? "error" : "warning", found.items[k].text);
        }
        *n_errors += found.n_errors;
        n_warnings += found.n - found.n_errors;
        fr_naming_faults_release(&found);
    }
    if (o->model != NULL)
        code = report_tokens(o->model, namings, tokens, err);
    if (code == FR_OK && o->json) {
        json_t *root = json_object();
        json_object_set_new(root, "table", fr_json_text(o->paths.table));
        json_object_set_new(root, "namings", json_integer(namings->n));
        json_object_set_new(root, "concepts", json_integer(namings->concepts.n));
        json_object_set_new(root, "errors", json_integer(*n_errors));
        json_object_set_new(root, "warnings", json_integer(n_warnings));
        json_object_set(root, "faults", faults);
        if (tokens != NULL)
            json_object_set(root, "tokens", tokens);
        fr_print_json(root);
    } else if (code == FR_OK && *n_errors + n_warnings == 0) {
        (void)printf("%s: %d namings of %d concepts, each concept with its own word\n",
                     o->paths.table, namings->n, namings->concepts.n);
    } else if (code == FR_OK) {
        (void)printf("%s: %d namings of %d concepts, %d errors, %d warnings\n", o->paths.table,
                     namings->n, namings->concepts.n, *n_errors, n_warnings);
    }
    json_decref(faults);
    json_decref(tokens);
    fr_reserved_release(&reserved);
    return code;
}
