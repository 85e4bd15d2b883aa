/* Owns what makes a list at fault, and the words in which an answer is told to be unreadable. The
 * first fault of a list counts; a list at fault is never shortened to what could be read. */
#include "prompts/answer_fault.h"

#include <string.h>

#include "prompts/answer_word.h"

enum { SHOWN_BYTES = 100 };

const char fr_in_other_words[] = "it may be a step in other words";

void fr_line_describe(const struct fr_line *line, const char *why, struct fr_text *out) {
    size_t n = line->n_raw;
    const char *raw = line->raw;
    while (n > 0 && strchr(" \t\r", *raw) != NULL) {
        raw++;
        n--;
    }
    while (n > 0 && strchr(" \t\r", raw[n - 1]) != NULL)
        n--;
    size_t shown = n < SHOWN_BYTES ? n : SHOWN_BYTES;
    while (shown < n && shown > 0 && ((unsigned char)raw[shown] & 0xC0) == 0x80)
        shown--; /* whole characters */
    fr_text_clear(out);
    fr_text_printf(out, "line %d: \"%.*s\"%s: %s", line->number, (int)shown, raw,
                   shown < n ? "..." : "", why);
}

void fr_list_fault_line(struct fr_list *list, const struct fr_line *line, const char *why) {
    if (list->fault.len == 0)
        fr_line_describe(line, why, &list->fault);
}

void fr_list_fault_text(struct fr_list *list, const struct fr_text *why) {
    if (list->fault.len == 0 && why->len > 0)
        fr_text_add(&list->fault, fr_text_get(why));
}

void fr_list_close_item(struct fr_list *list) {
    if (list != NULL && list->title.len > 0 && list->n_below == 0)
        fr_list_fault_text(list, &list->title);
    if (list != NULL)
        fr_text_clear(&list->title);
}

/* Where says the remark that its step is done? */
static void check_place(struct fr_list *list, const struct fr_line *line,
                        const struct fr_said *said) {
    const int own = list->marker == FR_MARKER_NUMBER && line->marker == FR_MARKER_NUMBER
                        ? line->path[0]
                        : list->plan.n_steps + 1;
    const enum fr_place where = fr_remark_place(line, said->remark, own);
    int end = said->remark;
    if (where == FR_PLACE_OTHER || (where == FR_PLACE_FIRST && list->plan.n_steps > 0))
        fr_list_fault_line(list, line, "its remark says that it is done elsewhere");
    if (where == FR_PLACE_LAST && list->pending.len == 0) {
        fr_line_describe(line, "its remark says that it comes last", &list->pending);
        list->pending_here = false;
    }
    while (end < line->n_pieces && line->pieces[end].kind != FR_PIECE_STOP)
        end++;
    if (fr_line_denies(line, end + 1, FR_ROLE_PLAN | FR_ROLE_THAT))
        fr_list_fault_line(list, line, "its remark may deny the plan");
}

void fr_list_check_step(struct fr_list *list, const struct fr_lexicon *lexicon,
                        const struct fr_line *line, const struct fr_said *said) {
    const struct fr_step *last = &said->steps.steps[said->steps.n_steps - 1];
    const int n = list->plan.n_steps + said->steps.n_steps, told = list->tolds.n;
    if (said->commented) {
        fr_remark_read(lexicon, line, said->remark, n, &list->mentions);
        fr_told_read(lexicon, line, said->remark, last->n_args > 0 ? last->args[0] : -1,
                     &list->tolds);
        for (int i = told; i < list->tolds.n; i++)
            list->tolds.items[i].behind = n;
        check_place(list, line, said);
    }
    /* "1. a, then b", "2. b": the first item may only say what the next is */
    if (list->joined && list->plan.n_steps > 0 &&
        fr_step_same(&list->plan.steps[list->plan.n_steps - 1], &said->steps.steps[0]))
        fr_list_fault_line(list, line, "the line before names its step already");
    /* "# stack(b, c)" among lines of code */
    if (list->marker == FR_MARKER_NONE && list->plan.n_steps > 0 && list->hash != line->hash)
        fr_list_fault_line(list, line, "it may be a comment");
}

/* "a, a, b, b": nobody knows whether each is meant twice. */
static bool is_doubled(const struct fr_plan *plan) {
    enum { FEW = 4 };
    for (int i = 0; i + 1 < plan->n_steps; i += 2)
        if (!fr_step_same(&plan->steps[i], &plan->steps[i + 1]))
            return false;
    return plan->n_steps >= FEW && plan->n_steps % 2 == 0;
}

void fr_list_check(struct fr_list *list, const struct fr_lexicon *lexicon) {
    const struct fr_mention *against = fr_remark_against(&list->mentions, &list->plan);
    if (list->first > 0 && list->plan.n_steps == list->first && list->fault.len == 0)
        fr_text_printf(&list->fault, "line %d: the first of several steps", list->first_line);
    if (is_doubled(&list->plan) && list->fault.len == 0)
        fr_text_printf(&list->fault, "from line %d on, every step is said twice", list->first_line);
    if (list->n_restated > 0 && list->n_restated != list->n_lines && list->fault.len == 0)
        fr_text_printf(&list->fault, "from line %d on, some steps are said twice, and not all",
                       list->first_line);
    for (int i = 0; i < list->tolds.n && list->plan.n_steps > 0 && list->fault.len == 0; i++) {
        const struct fr_told *told = &list->tolds.items[i];
        const int n = told->behind < list->plan.n_steps ? told->behind : list->plan.n_steps;
        const struct fr_plan before = {.n_steps = n, .steps = list->plan.steps};
        if (told->after && told->behind > 0 && !fr_told_is_done(lexicon, told, &before) &&
            fr_told_is_done(lexicon, told, &list->plan))
            fr_text_printf(&list->fault, "line %d: its remark says that it is done after another",
                           told->line);
    }
    for (int i = 0; i < list->tolds.n && list->plan.n_steps > 0 && list->fault.len == 0; i++)
        if (!fr_told_is_done(lexicon, &list->tolds.items[i], &list->plan) &&
            !fr_told_is_given(lexicon, &list->tolds.items[i], false))
            fr_text_printf(&list->fault,
                           "line %d: it tells in other words what no step of the list does",
                           list->tolds.items[i].line);
    if (against != NULL && list->plan.n_steps > 0 && list->fault.len == 0)
        fr_text_printf(&list->fault,
                       "line %d: its remark names a step that the list does not "
                       "hold there",
                       against->line);
}
