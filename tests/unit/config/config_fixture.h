/* Configurations as texts, for the tests of config/. */
#ifndef FR_TESTS_CONFIG_FIXTURE_H
#define FR_TESTS_CONFIG_FIXTURE_H

#include <string.h>

#include "support/test.h"

#include "base/memory.h"
#include "config/config.h"

/* Lines 1 to 9; a case appends its own from line 10 on. */
static const char base[] = "study: small\n"
                           "model:\n"
                           "  path: m.gguf\n"
                           "  context_tokens: 640\n"
                           "puzzles: {domain: d.pddl}\n"
                           "namings:\n"
                           "  table: n.tsv\n"
                           "generation:\n"
                           "  max_tokens: 600\n";

static inline char *with(const char *more) {
    struct fr_text text = {0};
    fr_text_printf(&text, "%s%s", base, more);
    return fr_text_take(&text);
}

static inline void refused(const char *text, const char *want) {
    struct fr_config config;
    struct fr_error err = {0};
    static const struct fr_config zero;
    const int code = fr_config_parse(&config, text, "c.yaml", &err);
    if (code != FR_E_INPUT)
        fail_msg("code %d for:\n%s", code, text);
    if (strstr(err.text, want) == NULL)
        fail_msg("\"%s\" does not say: %s", err.text, want);
    assert_null(strchr(err.text, '\n'));
    assert_memory_equal(&config, &zero, sizeof config);
}

static inline void refused_after_base(const char *more, const char *want) {
    char *text = with(more);
    refused(text, want);
    free(text);
}

static inline struct fr_config parsed(const char *more) {
    struct fr_config c;
    struct fr_error err = {0};
    char *text = with(more);
    assert_ok(fr_config_parse(&c, text, "c.yaml", &err), err);
    free(text);
    return c;
}

/* A list of one experiment, on the text's next two lines. */
#define EXPERIMENT(fields) "experiments:\n- {name: one, " fields "}\n"

#endif
