/* The table of prompt styles, and what all styles share: simulate what was parsed. */
#include "prompts/prompts.h"

#include <stdio.h>
#include <string.h>

#include "prompts/answer.h"
#include "prompts/planbench.h"
#include "prompts/terse.h"

struct style {
    bool is_terse;
    enum fr_style_examples examples;
    void (*render)(const struct fr_prompt *, struct fr_text *);
    void (*word)(const struct fr_wording *, const struct fr_naming *, int concept,
                 struct fr_text *);
    enum fr_verdict_kind (*parse)(const char *, const struct fr_wording *,
                                  const struct fr_problem *, const struct fr_naming *,
                                  struct fr_plan *, struct fr_verdict *);
};

static const struct style styles[FR_STYLE_COUNT] = {
    [FR_STYLE_TERSE] = {true, FR_EXAMPLES_NEVER, fr_terse_render, fr_terse_name, fr_terse_parse},
    [FR_STYLE_PLANBENCH] = {false, FR_EXAMPLES_OPTIONAL, fr_planbench_render, fr_planbench_word,
                            fr_answer_read},
    [FR_STYLE_PAPER] = {false, FR_EXAMPLES_OPTIONAL, fr_paper_render, fr_planbench_word,
                        fr_answer_read},
    [FR_STYLE_INFERRED] = {true, FR_EXAMPLES_ALWAYS, fr_inferred_render, fr_terse_name,
                           fr_terse_parse},
    [FR_STYLE_AMBIGUOUS] = {true, FR_EXAMPLES_NEVER, fr_ambiguous_render, fr_terse_name,
                            fr_terse_parse},
};

const char *const fr_style_name[FR_STYLE_COUNT] = {[FR_STYLE_TERSE] = "terse",
                                                   [FR_STYLE_PLANBENCH] = "planbench",
                                                   [FR_STYLE_PAPER] = "paper",
                                                   [FR_STYLE_INFERRED] = "inferred",
                                                   [FR_STYLE_AMBIGUOUS] = "ambiguous"};

const char *const fr_fact_order_name[FR_FACTS_COUNT] = {"style", "naming", "clean"};
const char *const fr_preset_name[FR_PRESET_COUNT] =
    {[FR_PRESET_NONE] = "none", [FR_PRESET_COT] = "cot"};
const char *const fr_preset_text[FR_PRESET_COUNT] = {
    [FR_PRESET_COT] =
        "Think step by step before you answer: reason about which actions are "
        "possible and what they lead to. Then give the whole plan, one action a line, "
        "between [PLAN] and [PLAN END]."};

bool fr_style_is_terse(enum fr_prompt_style style) { return styles[style].is_terse; }

enum fr_style_examples fr_style_examples(enum fr_prompt_style style) {
    return styles[style].examples;
}

void fr_prompt_render(const struct fr_prompt *prompt, struct fr_text *out) {
    const bool instructed = prompt->instruction != NULL && *prompt->instruction != '\0';
    if (instructed && prompt->instruction_first)
        fr_text_printf(out, "%s\n\n", prompt->instruction);
    styles[prompt->style].render(prompt, out);
    if (instructed && !prompt->instruction_first)
        fr_text_printf(out, "\n\n%s", prompt->instruction);
}

void fr_prompt_word(enum fr_prompt_style style, const struct fr_wording *wording,
                    const struct fr_naming *naming, int concept, char *out, size_t n) {
    struct fr_text word = {0};
    styles[style].word(wording, naming, concept, &word);
    (void)snprintf(out, n, "%s", fr_text_get(&word));
    fr_text_release(&word);
}

/* ---- answers -------------------------------------------------------------------------------- */

enum fr_verdict_kind fr_answer_parse(enum fr_prompt_style style, const struct fr_wording *wording,
                                     const char *text, const char *reasoning_end,
                                     const struct fr_problem *problem,
                                     const struct fr_naming *naming, struct fr_plan *plan,
                                     struct fr_verdict *verdict) {
    plan->n_steps = 0;
    *verdict = (struct fr_verdict){.kind = FR_VERDICT_SOLVED};
    if (reasoning_end != NULL && *reasoning_end != '\0') {
        const char *end = strstr(text, reasoning_end);
        bool ends;
        if (end != NULL)
            text = fr_reasoning_skip(end + strlen(reasoning_end), NULL, &ends);
    }
    return styles[style].parse(text, wording, problem, naming, plan, verdict);
}

struct fr_verdict fr_answer_verify(enum fr_prompt_style style, const struct fr_wording *wording,
                                   const char *text, const char *reasoning_end,
                                   const struct fr_problem *problem, const struct fr_naming *naming,
                                   struct fr_plan *plan) {
    struct fr_verdict verdict;
    if (fr_answer_parse(style, wording, text, reasoning_end, problem, naming, plan, &verdict) !=
        FR_VERDICT_SOLVED)
        return verdict;
    return fr_plan_verify(problem, plan);
}

struct fr_verdict fr_answer_judge(enum fr_prompt_style style, const struct fr_wording *wording,
                                  const char *text, const struct fr_problem *problem,
                                  const struct fr_naming *naming, struct fr_plan *plan) {
    const char *answer;
    if (fr_answer_find(text, &answer))
        return fr_answer_verify(style, wording, answer, NULL, problem, naming, plan);
    plan->n_steps = 0;
    return fr_verdict_of(FR_VERDICT_TRUNCATED, 0, "the reasoning does not end");
}
