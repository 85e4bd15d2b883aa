/* Wordings: a file that is accepted says every step and fact with all its arguments, in prompts of
 * every style that uses it. An input that begins with "(" is PDDL instead: the description of any
 * domain that the reader takes can be made. */
#include "fuzz/fuzz.h"
#include "prompts/prompts.h"

static void naming_of_names(const struct fr_domain *domain, struct fr_naming *naming, char *id) {
    *naming = (struct fr_naming){.id = id};
    for (int c = 0; c < domain->n_actions + domain->n_predicates; c++)
        naming->words[c] = c < domain->n_actions ? domain->actions[c].name
                                                 : domain->predicates[c - domain->n_actions].name;
}

/* Marks that no input has are put in and found again. */
static void check_forms(const struct fr_wording *wording, const struct fr_naming *naming) {
    static const char *const marks[FR_MAX_ARITY] = {"\x01", "\x02", "\x03", "\x04",
                                                    "\x05", "\x06", "\x07", "\x08"};
    const struct fr_domain *domain = wording->domain;
    for (int reg = 0; reg < FR_REGISTER_COUNT; reg++)
        for (int c = 0;
             wording->registers[reg].present && c < domain->n_actions + domain->n_predicates; c++) {
            struct fr_text out = {0};
            const int n = c < domain->n_actions ? domain->actions[c].n_params
                                                : domain->predicates[c - domain->n_actions].arity;
            fr_wording_say(wording, (enum fr_register)reg, naming, c, marks, n, &out);
            FR_ASSERT(c >= domain->n_actions || out.len > 0);
            for (int i = 0; i < n && out.len > 0; i++)
                FR_ASSERT(strchr(fr_text_get(&out), marks[i][0]) != NULL);
            fr_text_clear(&out);
            fr_wording_word(wording, (enum fr_register)reg, naming, c, &out);
            fr_text_release(&out);
        }
}

static void check_file(const char *text) {
    struct fr_wording wording;
    struct fr_error err = {0};
    const int code = fr_wording_parse(&wording, fuzz_domain(), text, "fuzz.yaml", &err);
    if (code != FR_OK) {
        fuzz_check_refusal(code, &err);
        return;
    }
    static char clean[] = "clean", other[] = "other";
    char *const ids[] = {clean, other};
    struct fr_step steps[] = {{.action = 3, .n_args = 2, .args = {3, 2}},
                              {.action = 1, .n_args = 1, .args = {3}}};
    struct fr_plan plan = {.n_steps = 2, .capacity = 2, .steps = steps};
    for (int i = 0; i < 2; i++) {
        struct fr_naming naming;
        naming_of_names(fuzz_domain(), &naming, ids[i]);
        check_forms(&wording, &naming);
        for (int style = FR_STYLE_PLANBENCH; style <= FR_STYLE_PAPER; style++) {
            struct fr_text out = {0};
            fr_prompt_render(&(struct fr_prompt){.style = (enum fr_prompt_style)style,
                                                 .problem = fuzz_problem(),
                                                 .naming = &naming,
                                                 .wording = &wording,
                                                 .example = i ? fuzz_problem() : NULL,
                                                 .example_plan = &plan},
                             &out);
            /* the paper's mystery prompts have fewer blank lines */
            const char *frame = "\n\n[STATEMENT]\nAs initial conditions";
            FR_ASSERT(strstr(fr_text_get(&out), frame + (style == FR_STYLE_PAPER)) != NULL);
            fr_text_release(&out);
        }
    }
    fr_wording_release(&wording);
}

static void check_domain(const char *text) {
    struct fr_domain domain;
    struct fr_wording wording;
    struct fr_error err = {0};
    if (fr_domain_parse(&domain, text, "fuzz.pddl", &err) != FR_OK)
        return;
    static char id[] = "other";
    struct fr_naming naming;
    struct fr_text out = {0};
    const int code = fr_wording_load(&wording, &domain, NULL, &err);
    if (code == FR_E_LIMIT) { /* larger than what can be said */
        fr_domain_release(&domain);
        return;
    }
    fuzz_require(code, &err);
    naming_of_names(&domain, &naming, id);
    check_forms(&wording, &naming);
    fr_wording_introduction(&wording, FR_REGISTER_OBFUSCATED, &naming, &out);
    FR_ASSERT(out.len > 0);
    fr_text_release(&out);
    fr_wording_release(&wording);
    fr_domain_release(&domain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    if (*text == '(')
        check_domain(text);
    else
        check_file(text);
    free(text);
    return 0;
}
