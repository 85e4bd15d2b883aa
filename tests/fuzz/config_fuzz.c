/* Configurations: what is accepted has a canonical text, which says the same when it is made again;
 * its experiments expand, each condition against another or a baseline; a stage's lines are lines
 * of the canonical text; the canonical text is read or refused like any other. */
#include "config/config.h"
#include "fuzz/fuzz.h"

static void check_conditions(const struct fr_config *config) {
    struct fr_conditions conditions;
    struct fr_error err = {0};
    /* with one baseline for each end these are no more than without, which was accepted */
    fuzz_require(fr_conditions_expand(&config->experiments, true, NULL, "fuzz.yaml", &conditions,
                                      &err),
                 &err);
    FR_ASSERT(conditions.n >= config->experiments.n);
    for (int i = 0; i < conditions.n; i++) {
        const struct fr_condition *c = &conditions.items[i];
        FR_ASSERT(c->edit >= 0 && c->edit < conditions.n_edits);
        const struct fr_edit_kind *edit = &conditions.edits[c->edit];
        FR_ASSERT(edit->baseline == (c->role == FR_ROLE_BASELINE));
        FR_ASSERT(edit->baseline ? c->against == -1 : c->against >= 0 && c->against < conditions.n);
        FR_ASSERT(edit->window.end < config->max_tokens && edit->window.first < edit->window.end);
        FR_ASSERT(edit->baseline ||
                  (edit->layers.first >= 1 && edit->layers.first < edit->layers.end));
    }
    fr_conditions_release(&conditions);
}

static void check_canonical(const struct fr_config *config) {
    struct fr_text once = {0}, twice = {0}, stage = {0};
    struct fr_config again;
    struct fr_error err = {0};
    fr_config_render(config, &once);
    fr_config_render(config, &twice);
    FR_ASSERT(strcmp(fr_text_get(&once), fr_text_get(&twice)) == 0);
    for (int i = 0; i < FR_N_STAGES; i++)
        fr_config_render_stage(config, (enum fr_stage)i, &stage);
    FR_ASSERT(stage.len < once.len);
    const int code = fr_config_parse_canonical(&again, fr_text_get(&once), "again.yaml", &err);
    if (code == FR_OK)
        fr_config_release(&again);
    else
        fuzz_check_refusal(code, &err);
    fr_text_release(&once);
    fr_text_release(&twice);
    fr_text_release(&stage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    struct fr_config config;
    struct fr_error err = {0};
    int code = fr_config_parse(&config, text, "fuzz.yaml", &err);
    if (code != FR_OK) {
        fuzz_check_refusal(code, &err);
    } else {
        check_canonical(&config);
        check_conditions(&config);
        fr_config_release(&config);
    }
    free(text);
    return 0;
}
