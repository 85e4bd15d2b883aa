/* A recorded trace in this study's terms: its naming, its puzzle, its texts in another naming, its
 * tokens; see recorded.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/statement.h"
#include "sources/chat_frame.h"
#include "sources/recorded.h"
#include "sources/trace_text.h"

/* Words that are tokens of their own only where they are told to be: a template's. */
static int holds_special(const struct fr_model *model, const char *text, bool *out,
                         struct fr_error *err) {
    struct fr_tokens plain = {0}, special = {0};
    int code = fr_model_tokenize(model, text, strlen(text), false, &plain, err);
    if (code == FR_OK)
        code = fr_model_tokenize(model, text, strlen(text), true, &special, err);
    *out = plain.n != special.n ||
           memcmp(plain.ids, special.ids, (size_t)plain.n * sizeof *plain.ids) != 0;
    fr_tokens_release(&plain);
    fr_tokens_release(&special);
    return code;
}

int fr_recorded_settle(const struct fr_recorded_world *world, struct fr_recorded *recorded,
                       struct fr_error *err) {
    struct fr_chat_frame frame;
    const char *message;
    size_t n;
    bool special = false;
    if (!recorded->raw_prompt)
        return FR_OK;
    int code = fr_chat_frame_find(world->model, world->system, &frame, err);
    if (code != FR_OK)
        return code;
    if (fr_chat_frame_strip(&frame, recorded->prompt, strlen(recorded->prompt), &message, &n)) {
        char *alone = fr_strndup(message, n);
        free(recorded->prompt);
        recorded->prompt = alone;
    } else {
        code = holds_special(world->model, recorded->prompt, &special, err);
    }
    fr_chat_frame_release(&frame);
    recorded->raw_prompt = false;
    if (code == FR_OK && special)
        code = fr_fail(err, FR_E_INPUT,
                       "its prompt is in a chat template, and not as this model's writes it (a "
                       "system message is told by prompt.system); give the conversation instead");
    return code;
}

int fr_recorded_naming(const struct fr_recorded_world *world, const struct fr_recorded *recorded,
                       int *out, struct fr_error *err) {
    const char *id = *recorded->naming != '\0' ? recorded->naming : world->naming;
    if (*id == '\0')
        return fr_fail(err, FR_E_INPUT,
                       "in which naming? The line has no \"naming\", and none is given for all");
    *out = fr_namings_find(world->namings, id);
    if (*out >= 0)
        return FR_OK;
    return fr_fail(err, FR_E_INPUT,
                   "no naming \"%.40s\" in the table; fluidrep namings list shows "
                   "them",
                   id);
}

/* ---- puzzle ---------------------------------------------------------------------------------- */

static int load_instance(const struct fr_recorded_world *world, const char *instance,
                         struct fr_problem *out, struct fr_error *err) {
    struct fr_text path = {0};
    const char *place = strstr(world->problems, "%d");
    FR_ASSERT(place != NULL);
    if (*instance == '\0' || instance[strspn(instance, "0123456789")] != '\0')
        return fr_fail(err, FR_E_INPUT, "no \"instance_id\" that is a whole number");
    fr_text_printf(&path, "%.*s%s%s", (int)(place - world->problems), world->problems, instance,
                   place + 2);
    const int code = fr_problem_load(out, world->domain, fr_text_get(&path), err);
    fr_text_release(&path);
    return code;
}

int fr_recorded_problem(const struct fr_recorded_world *world, const struct fr_recorded *recorded,
                        int naming, struct fr_problem *out, struct fr_error *err) {
    *out = (struct fr_problem){0};
    if (*recorded->puzzle != '\0')
        return fr_problem_parse(out, world->domain, recorded->puzzle, "\"puzzle\"", err);
    if (*world->problems != '\0')
        return load_instance(world, recorded->instance, out, err);
    if (fr_statement_read(world->style, world->wording, &world->namings->items[naming],
                          recorded->prompt, out, err) != FR_OK)
        return fr_fail_in(err, "which puzzle? The line has no \"puzzle\", no directory of problems "
                               "is given, and its prompt");
    return FR_OK;
}

/* ---- another naming -------------------------------------------------------------------------- */

static int rename_one(struct fr_rename *rename, const char *text, char **out,
                      struct fr_error *err) {
    struct fr_text renamed = {0};
    const int code = fr_rename_text(rename, text, strlen(text), &renamed, err);
    *out = fr_text_take(&renamed);
    return code;
}

int fr_recorded_rename(const struct fr_recorded_world *world, const struct fr_recorded *recorded,
                       int from, int to, struct fr_recorded *out, struct fr_recorded_counts *counts,
                       struct fr_error *err) {
    *counts = (struct fr_recorded_counts){0};
    *out = (struct fr_recorded){.line = recorded->line,
                                .naming = fr_strdup(world->namings->items[to].id),
                                .instance = fr_strdup(recorded->instance),
                                .puzzle = fr_strdup(recorded->puzzle),
                                .system = fr_strdup(recorded->system),
                                .cut_short = recorded->cut_short,
                                .ended = recorded->ended,
                                .no_reasoning = recorded->no_reasoning,
                                .reasoning_ends = recorded->reasoning_ends,
                                .correct = recorded->correct};
    if (from == to) {
        out->prompt = fr_strdup(recorded->prompt);
        out->reasoning = fr_strdup(recorded->reasoning);
        out->answer = fr_strdup(recorded->answer);
        return FR_OK;
    }
    struct fr_rename rename;
    int code = fr_rename_init(&rename, world->namings, from, to, FR_INFLECTION_INFLECTED,
                              FR_COLLISION_SWAP, err);
    if (code == FR_OK)
        code = rename_one(&rename, recorded->prompt, &out->prompt, err);
    if (code == FR_OK)
        code = rename_one(&rename, recorded->reasoning, &out->reasoning, err);
    if (code == FR_OK)
        code = rename_one(&rename, recorded->answer, &out->answer, err);
    *counts = (struct fr_recorded_counts){rename.n_renamed, rename.n_collisions, rename.n_lost};
    fr_rename_release(&rename);
    if (code != FR_OK)
        fr_recorded_release(out);
    return code;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end) {
    const size_t n = strlen(text), k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

/* text without blanks at its ends. */
static void add_trimmed(const char *text, struct fr_text *out) {
    static const char blanks[] = " \t\r\n";
    text += strspn(text, blanks);
    size_t n = strlen(text);
    while (n > 0 && strchr(blanks, text[n - 1]) != NULL)
        n--;
    fr_text_append(out, text, n);
}

/* What the model would have written after its prompt: templates open the reasoning or leave that to
 * the model. */
static int write_generated(const struct fr_recorded_world *world,
                           const struct fr_recorded *recorded, const char *chat,
                           struct fr_text *out, struct fr_error *err) {
    const char *start = fr_model_reasoning_start(world->model);
    const char *end = fr_model_reasoning_end(world->model);
    struct fr_text opened = {0};
    if (recorded->no_reasoning) {
        if (ends_with(chat, start))
            return fr_fail(err, FR_E_INPUT,
                           "it does not reason, and the chat template begins a "
                           "reasoning; a model that does not think reads it");
        add_trimmed(recorded->answer, out);
        return FR_OK;
    }
    if (strstr(recorded->reasoning, end) != NULL)
        return fr_fail(err, FR_E_INPUT, "the reasoning holds the tag that ends it, %s", end);
    fr_text_printf(&opened, "%s\n", start);
    if (!ends_with(chat, start) && !ends_with(chat, fr_text_get(&opened)))
        fr_text_add(out, fr_text_get(&opened));
    else if (ends_with(chat, start))
        fr_text_add(out, "\n");
    add_trimmed(recorded->reasoning, out);
    if (*recorded->answer != '\0' || (!recorded->cut_short && !recorded->ended)) {
        fr_text_printf(out, "\n%s\n\n", end);
        add_trimmed(recorded->answer, out);
    }
    fr_text_release(&opened);
    return FR_OK;
}

static struct fr_verdict judge(const struct fr_recorded_world *world,
                               const struct fr_recorded *recorded, int naming,
                               const struct fr_problem *problem) {
    struct fr_verdict verdict = {.kind = FR_VERDICT_TRUNCATED};
    struct fr_plan plan = {0};
    const struct fr_naming *words = &world->namings->items[naming];
    if (!recorded->cut_short && recorded->no_reasoning && *recorded->answer != '\0')
        verdict =
            fr_answer_judge(world->style, world->wording, recorded->answer, problem, words, &plan);
    else if (!recorded->cut_short && (*recorded->answer != '\0' || recorded->reasoning_ends))
        verdict = fr_answer_verify(world->style, world->wording, recorded->answer, NULL, problem,
                                   words, &plan);
    else if (recorded->ended)
        verdict = (struct fr_verdict){.kind = FR_VERDICT_UNPARSED,
                                      .reason = "the model ended without an answer"};
    else
        (void)snprintf(verdict.reason, sizeof verdict.reason, "the recording %s",
                       recorded->cut_short ? "was cut at its model's limit" : "has no answer");
    fr_plan_release(&plan);
    return verdict;
}

int fr_recorded_trace(const struct fr_recorded_world *world, const struct fr_recorded *recorded,
                      int naming, const struct fr_problem *problem, struct fr_trace *out,
                      int *n_whole, struct fr_error *err) {
    struct fr_text generated = {0};
    struct fr_tokens before = {0}, after = {0};
    char *chat = NULL;
    *out = (struct fr_trace){0};
    const char *system = *recorded->system != '\0' ? recorded->system : world->system;
    int code = fr_model_chat(world->model, system, recorded->prompt, &chat, err);
    if (code == FR_OK)
        code = write_generated(world, recorded, chat, &generated, err);
    if (code == FR_OK)
        code = fr_model_tokenize(world->model, chat, strlen(chat), true, &before, err);
    if (code == FR_OK)
        code = fr_model_tokenize(world->model, fr_text_get(&generated), generated.len, true, &after,
                                 err);
    if (code == FR_OK && before.n >= world->max_tokens)
        code = fr_fail(err, FR_E_INPUT, "the prompt alone takes %d tokens, the limit is %d",
                       before.n, world->max_tokens);
    if (code == FR_OK) {
        const int room = world->max_tokens - before.n;
        *n_whole = before.n + after.n;
        fr_trace_build(world->model, before.ids, before.n, after.ids,
                       after.n < room ? after.n : room, out);
        out->naming = fr_strdup(world->namings->items[naming].id);
        out->verdict = judge(world, recorded, naming, problem);
    }
    fr_tokens_release(&before);
    fr_tokens_release(&after);
    fr_text_release(&generated);
    free(chat);
    return code;
}
