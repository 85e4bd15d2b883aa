/* Tokens -> a trace; see trace_text.h. */
#include "sources/trace_text.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static size_t generated_at(const struct fr_trace *trace) {
    return trace->n_prompt < trace->n_tokens ? (size_t)trace->starts[trace->n_prompt]
                                             : trace->text_len;
}

/* The first byte of the generated text's end tag, or NULL. Text may hold NUL bytes. */
static const char *find_end_tag(const struct fr_model *model, const struct fr_trace *trace) {
    const char *tag = fr_model_reasoning_end(model);
    const size_t from = generated_at(trace);
    return memmem(trace->text + from, trace->text_len - from, tag, strlen(tag));
}

static bool ends_with(const char *text, size_t n, const char *end) {
    const size_t k = strlen(end);
    while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
        n--;
    return n >= k && memcmp(text + n - k, end, k) == 0;
}

/* Does the trace reason before it answers? When the model thinks (fr_model_thinks), or, of recorded
 * traces, when prompt or text opens a reasoning; not where the template closed it in the prompt.
 * Takes what fr_trace_build fills in. */
static bool reasons_first(const struct fr_model *model, const struct fr_trace *trace) {
    const size_t from = generated_at(trace);
    const char *start = fr_model_reasoning_start(model), *p = trace->text + from;
    const char *end = trace->text + trace->text_len;
    while (p < end && strchr(" \t\r\n", *p) != NULL)
        p++;
    const bool opens = (size_t)(end - p) >= strlen(start) && memcmp(p, start, strlen(start)) == 0;
    if (ends_with(trace->text, from, fr_model_reasoning_end(model)))
        return opens; /* the template closed it */
    return fr_model_thinks(model) || opens || ends_with(trace->text, from, start);
}

void fr_trace_build(const struct fr_model *model, const int32_t *prompt, int n_prompt,
                    const int32_t *generated, int n_generated, struct fr_trace *out) {
    const int n = n_prompt + n_generated;
    struct fr_text text = {0};
    *out = (struct fr_trace){.n_tokens = n, .n_prompt = n_prompt};
    out->ids = fr_alloc((size_t)n, sizeof *out->ids);
    out->starts = fr_alloc((size_t)n, sizeof *out->starts);
    out->ends = fr_alloc((size_t)n, sizeof *out->ends);
    for (int i = 0; i < n; i++) {
        size_t length;
        out->ids[i] = i < n_prompt ? prompt[i] : generated[i - n_prompt];
        const char *bytes = fr_model_token_text(model, out->ids[i], &length);
        out->starts[i] = (int32_t)text.len;
        fr_text_append(&text, bytes, length);
        out->ends[i] = (int32_t)text.len;
    }
    out->text_len = text.len;
    out->text = fr_text_take(&text);
    const char *end = reasons_first(model, out) ? find_end_tag(model, out) : NULL;
    out->n_reasoning = n_generated;
    if (end != NULL)
        for (int i = n_prompt; i < n; i++)
            if (out->ends[i] > end - out->text) {
                out->n_reasoning = i - n_prompt;
                break;
            }
}

void fr_trace_part(const struct fr_model *model, const struct fr_trace *trace,
                   struct fr_trace_parts *out) {
    const char *start = fr_model_reasoning_start(model), *stop = fr_model_reasoning_end(model);
    const char *p = trace->text + generated_at(trace), *end = trace->text + trace->text_len;
    *out = (struct fr_trace_parts){reasons_first(model, trace), true, p, p, 0, (size_t)(end - p)};
    if (!out->reasons)
        return;
    const char *blank = p;
    while (blank < end && strchr(" \t\r\n", *blank) != NULL)
        blank++;
    if ((size_t)(end - blank) >= strlen(start) && memcmp(blank, start, strlen(start)) == 0)
        out->reasoning = blank + strlen(start);
    const char *tag = find_end_tag(model, trace);
    out->ends = tag != NULL;
    out->n_reasoning = (size_t)((out->ends ? tag : end) - out->reasoning);
    out->answer = out->ends ? tag + strlen(stop) : end;
    out->n_answer = (size_t)(end - out->answer);
}

struct fr_verdict fr_trace_judge(const struct fr_model *model, enum fr_prompt_style style,
                                 const struct fr_wording *wording, const struct fr_trace *trace,
                                 bool truncated, const struct fr_problem *problem,
                                 const struct fr_naming *naming) {
    const bool reasons = reasons_first(model, trace);
    const char *end = reasons ? find_end_tag(model, trace) : trace->text + generated_at(trace);
    struct fr_verdict verdict = {.kind = truncated ? FR_VERDICT_TRUNCATED : FR_VERDICT_UNPARSED};
    if (end == NULL || truncated) {
        (void)snprintf(verdict.reason, sizeof verdict.reason,
                       truncated ? "the token limit came before the end of the answer"
                                 : "the reasoning never ends: no %s (a model that does not think: "
                                   "prompt.reasoning none)",
                       fr_model_reasoning_end(model));
        return verdict;
    }
    struct fr_plan plan = {0};
    verdict = fr_answer_verify(style, wording, end, reasons ? fr_model_reasoning_end(model) : NULL,
                               problem, naming, &plan);
    fr_plan_release(&plan);
    return verdict;
}
