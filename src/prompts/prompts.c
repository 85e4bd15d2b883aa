/* The table of prompt styles, and what all styles share: simulate what was parsed. */
#include "prompts/prompts.h"

#include <string.h>

#include "prompts/terse.h"

struct style {
    const char *name;
    void (*render)(const struct fr_problem *, const struct fr_naming *, struct fr_text *);
    void (*word)(const char *word, char *out, size_t n);
    enum fr_verdict_kind (*parse)(const char *, const struct fr_problem *, const struct fr_naming *,
                                  struct fr_plan *, struct fr_verdict *);
};

static const struct style styles[FR_STYLE_COUNT] = {
    [FR_STYLE_TERSE] = {"terse", fr_terse_render, fr_terse_word, fr_terse_parse},
};

const char *const fr_style_name[FR_STYLE_COUNT] = {[FR_STYLE_TERSE] = "terse"};

void fr_prompt_render(enum fr_prompt_style style, const struct fr_problem *problem,
                      const struct fr_naming *naming, struct fr_text *out) {
    styles[style].render(problem, naming, out);
}

void fr_prompt_word(enum fr_prompt_style style, const struct fr_naming *naming, int concept,
                    char *out, size_t n) {
    styles[style].word(naming->words[concept], out, n);
}

static const char *find_last(const char *text, const char *tag) {
    const char *last = NULL;
    for (const char *p = text; (p = strstr(p, tag)) != NULL; p++)
        last = p;
    return last;
}

enum fr_verdict_kind fr_answer_parse(enum fr_prompt_style style, const char *text,
                                     const char *reasoning_end, const struct fr_problem *problem,
                                     const struct fr_naming *naming, struct fr_plan *plan,
                                     struct fr_verdict *verdict) {
    plan->n_steps = 0;
    *verdict = (struct fr_verdict){.kind = FR_VERDICT_SOLVED};
    if (reasoning_end != NULL && *reasoning_end != '\0') {
        const char *end = find_last(text, reasoning_end);
        if (end != NULL)
            text = end + strlen(reasoning_end);
    }
    return styles[style].parse(text, problem, naming, plan, verdict);
}

struct fr_verdict fr_answer_verify(enum fr_prompt_style style, const char *text,
                                   const char *reasoning_end, const struct fr_problem *problem,
                                   const struct fr_naming *naming, struct fr_plan *plan) {
    struct fr_verdict verdict;
    if (fr_answer_parse(style, text, reasoning_end, problem, naming, plan, &verdict) !=
        FR_VERDICT_SOLVED)
        return verdict;
    return fr_plan_verify(problem, plan);
}
