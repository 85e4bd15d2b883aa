/* The answer of a trace as a plan: each step, whether it could be taken, and the state it led to.
 * Read and simulated as the study did it (fr_answer_parse, fr_plan_verify's rules); when the
 * verdict is another than the stored one, both are told, for one of them is then of another
 * version. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/prompts.h"
#include "sources/sources.h"
#include "view/internal.h"

static void put(json_t *object, const char *key, json_t *take_value) {
    FR_ASSERT(json_object_set_new(object, key, take_value) == 0);
}
static json_t *text_of(const struct fr_text *text) {
    return fr_view_text(fr_text_get(text), text->len);
}

/* The tag that begins in this token of the trace, or NULL. */
const char *fr_view_end_tag(const struct fr_trace *trace, int token) {
    const char *from = trace->text + trace->starts[token], *first = NULL, *tag = NULL;
    const size_t n = trace->text_len - (size_t)trace->starts[token];
    for (int i = 0; i < fr_n_reasoning_tags; i++) {
        const char *end = fr_reasoning_tags[i].end;
        const char *at = end != NULL ? memmem(from, n, end, strlen(end)) : NULL;
        if (at != NULL && at < trace->text + trace->ends[token] && (first == NULL || at < first)) {
            first = at;
            tag = end;
        }
    }
    return tag;
}

/* From where the answer is to be read, and behind which tag (NULL: from there); NULL: there is
 * none. */
static const char *find_answer(struct fr_view *v, const struct fr_trace *trace, const char **tag) {
    const int end = trace->n_prompt + trace->n_reasoning;
    *tag = NULL;
    if (end < trace->n_tokens) {
        *tag = fr_view_end_tag(trace, end);
        return trace->text + trace->starts[end];
    }
    if (trace->verdict.kind == FR_VERDICT_TRUNCATED || trace->n_prompt >= trace->n_tokens)
        return NULL;
    struct fr_text kind = {0};
    (void)fr_store_get_meta(v->store, "model_kind", &kind);
    const bool answers_at_once = strcmp(fr_text_get(&kind), "regular") == 0;
    fr_text_release(&kind);
    return answers_at_once ? trace->text + trace->starts[trace->n_prompt] : NULL;
}

/* Those that the piles do not say. */
static json_t *facts_of(const struct fr_problem *problem, const struct fr_piles *piles,
                        const struct fr_state *state) {
    json_t *out = json_array();
    for (int i = 0; i < state->n_facts; i++) {
        struct fr_text fact = {0};
        const int predicate = state->facts[i].predicate;
        if (piles != NULL && (predicate == piles->on || predicate == piles->base))
            continue;
        fr_atom_render(problem, &state->facts[i], &fact);
        FR_ASSERT(json_array_append_new(out, text_of(&fact)) == 0);
        fr_text_release(&fact);
    }
    return out;
}

static json_t *state_of(const struct fr_problem *problem, const struct fr_piles *piles,
                        const struct fr_state *state) {
    json_t *out = json_object();
    put(out, "facts", facts_of(problem, piles, state));
    put(out, "piles", piles != NULL ? fr_piles_json(problem, piles, state) : json_null());
    return out;
}

static json_t *goal_of(const struct fr_problem *problem, const struct fr_state *state) {
    json_t *out = json_array();
    for (int i = 0; i < problem->n_goal; i++) {
        const struct fr_literal *goal = &problem->goal[i];
        struct fr_text fact = {0};
        fr_text_add(&fact, goal->positive ? "" : "(not ");
        fr_atom_render(problem, &goal->atom, &fact);
        fr_text_add(&fact, goal->positive ? "" : ")");
        FR_ASSERT(json_array_append_new(out, json_pack("{s:o, s:b}", "fact", text_of(&fact), "met",
                                                       fr_state_has(state, &goal->atom) ==
                                                           goal->positive)) == 0);
        fr_text_release(&fact);
    }
    return out;
}

/* The states on the way: from the first up to that before the step that could not be taken. */
struct way {
    int n_states, n_taken;
    struct fr_state *states;
};

static void walk(const struct fr_problem *problem, const struct fr_plan *plan,
                 const struct fr_verdict *verdict, struct way *out) {
    out->n_taken = verdict->kind == FR_VERDICT_ILLEGAL_STEP ? verdict->step - 1 : plan->n_steps;
    out->n_states = out->n_taken + 1;
    out->states = fr_alloc((size_t)out->n_states, sizeof *out->states);
    fr_state_set(&out->states[0], problem->init, problem->n_init);
    for (int i = 0; i < out->n_taken; i++) {
        fr_state_set(&out->states[i + 1], out->states[i].facts, out->states[i].n_facts);
        fr_state_apply(problem->domain, &out->states[i + 1], &plan->steps[i]);
    }
}

static json_t *steps_of(const struct fr_view *v, int naming, const struct fr_problem *problem,
                        const struct fr_plan *plan, const struct fr_piles *piles,
                        const struct way *way) {
    json_t *out = json_array();
    for (int i = 0; i < plan->n_steps; i++) {
        json_t *step = json_object();
        struct fr_text text = {0};
        fr_step_render(problem, &plan->steps[i], &text);
        put(step, "step", text_of(&text));
        fr_text_clear(&text);
        fr_terse_step(problem, &v->namings[naming].naming, &plan->steps[i], &text);
        const char *said = fr_text_get(&text);
        said += strspn(said, " "); /* it stands behind a number there */
        put(step, "said", fr_view_text(said, strlen(said)));
        fr_text_release(&text);
        if (i < way->n_taken)
            put(step, "state", state_of(problem, piles, &way->states[i + 1]));
        FR_ASSERT(json_array_append_new(out, step) == 0);
    }
    return out;
}

static json_t *plan_of(struct fr_view *v, int naming, const struct fr_trace *trace,
                       const struct fr_problem *problem) {
    json_t *out = json_object();
    const char *tag, *answer = find_answer(v, trace, &tag);
    struct fr_plan plan = {0};
    struct fr_verdict verdict = {.kind = trace->verdict.kind};
    struct way way;
    struct fr_piles piles;
    if (answer != NULL)
        verdict = fr_answer_verify((enum fr_prompt_style)v->config.style, &v->wording, answer, tag,
                                   problem, &v->namings[naming].naming, &plan);
    put(out, "answer", json_boolean(answer != NULL));
    put(out, "differs",
        verdict.kind == trace->verdict.kind ? json_null()
                                            : json_string(fr_verdict_name[verdict.kind]));
    walk(problem, &plan, &verdict, &way);
    const bool drawn = fr_piles_find(problem, way.states, way.n_states, &piles);
    put(out, "start", state_of(problem, drawn ? &piles : NULL, &way.states[0]));
    put(out, "steps", steps_of(v, naming, problem, &plan, drawn ? &piles : NULL, &way));
    put(out, "goal", goal_of(problem, &way.states[way.n_states - 1]));
    for (int i = 0; i < way.n_states; i++)
        fr_state_release(&way.states[i]);
    free(way.states);
    fr_plan_release(&plan);
    return out;
}

int fr_view_plan(struct fr_view *v, int naming, const struct fr_trace *trace, json_t **out,
                 struct fr_error *err) {
    struct fr_problem problem = {0};
    *out = NULL;
    if (!v->knows_domain) {
        *out = json_null();
        return FR_OK;
    }
    const int code =
        fr_source_load_problem(v->store, &v->domain, trace->puzzle, &problem, NULL, err);
    if (code == FR_OK)
        *out = plan_of(v, naming, trace, &problem);
    fr_problem_release(&problem);
    return code;
}
