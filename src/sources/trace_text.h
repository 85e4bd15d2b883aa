/* Tokens -> a trace with its text and verdict; for sources/ and study/. */
#ifndef FR_SOURCES_TRACE_TEXT_H
#define FR_SOURCES_TRACE_TEXT_H

#include "model/model.h"
#include "naming/naming.h"
#include "planning/planning.h"
#include "prompts/prompts.h"
#include "store/store.h"

/* Prompt and generated tokens as a trace: text, byte ranges, and the length of the reasoning: up to
 * the token that begins the end tag, or everything generated when there is none, as in a trace that
 * does not reason, whose timestamps and windows so run over its whole text. Puzzle, naming and
 * verdict are left to the caller. */
void fr_trace_build(const struct fr_model *model, const int32_t *prompt, int n_prompt,
                    const int32_t *generated, int n_generated, struct fr_trace *out);

/* What was generated, in its parts, which point into the trace's text. */
struct fr_trace_parts {
    bool reasons;          /* does it reason before it answers? else reasoning is empty */
    bool ends;             /* does its reasoning end? true where it does not reason */
    const char *reasoning; /* without the tags */
    const char *answer;    /* behind the reasoning; all, where it does not reason */
    size_t n_reasoning, n_answer;
};
void fr_trace_part(const struct fr_model *model, const struct fr_trace *trace,
                   struct fr_trace_parts *out);

/* The verdict on the generated part. Where the trace reasons, an answer counts only after the end
 * of the reasoning: without it the trace is truncated, or, when the model ended by itself,
 * unparsed. Where it does not, the answer is the whole text. */
struct fr_verdict fr_trace_judge(const struct fr_model *model, enum fr_prompt_style style,
                                 const struct fr_wording *wording, const struct fr_trace *trace,
                                 bool truncated, const struct fr_problem *problem,
                                 const struct fr_naming *naming);

#endif
