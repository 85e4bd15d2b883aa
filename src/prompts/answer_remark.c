/* Owns what remarks of steps may say against the list as it stands: "(not possible)", "(three
 * times)", "(and put b down)". A remark is left unread where nothing says that it changes the plan;
 * a step that it names must be one of the list's. */
#include "prompts/answer_remark.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/answer_word.h"

bool fr_remark_takes_back(const struct fr_line *line, int from) {
    static const char positive[] =
        "possible, feasible, valid, applicable, permitted, allowed, legal, executable";
    static const char negative[] = "impossible, infeasible, invalid, illegal, inapplicable";
    static const char failing[] = "fails, failed, violated, unsatisfied, unmet, error";
    static const char supposed[] = "would, otherwise, if, without, else, unless";
    bool no = false, possible = false, unreal = false;
    for (int i = from; i < line->n_pieces; i++) {
        unreal = unreal || fr_line_says(line, i, supposed);
        if (fr_line_says(line, i, failing) && !unreal &&
            (fr_line_role(line, i - 1) & FR_ROLE_NOT) == 0)
            return true;
        if ((fr_line_role(line, i) & FR_ROLE_NOT) != 0 && !unreal &&
            fr_line_says(line, i + 1, "met, satisfied, fulfilled"))
            return true;
        if (fr_line_says(line, i, negative))
            return true;
        no = no || (fr_line_role(line, i) & FR_ROLE_NOT) != 0;
        possible = possible || fr_line_says(line, i, positive);
    }
    return no && possible;
}

/* The number of a step that piece i counts, "step 3"; -1 for none. */
static int counted_at(const struct fr_line *line, int i) {
    return (fr_line_role(line, i) & (FR_ROLE_COUNTED | FR_ROLE_LABEL)) != 0
               ? fr_line_number(line, i + 1)
               : -1;
}

enum fr_place fr_remark_place(const struct fr_line *line, int from, int own) {
    enum { NEAR = 4 };
    static const char comes[] = "come, comes, done, do, be, happen, goes, go, this, performed";
    for (int i = from; i < line->n_pieces; i++) {
        const bool after = fr_line_says(line, i, "after");
        const bool before = fr_line_says(line, i, "before");
        for (int k = i + 1; (after || before) && k <= i + NEAR; k++) {
            const int number = counted_at(line, k);
            if ((number >= 0 && (after ? number >= own : number <= own)) ||
                (after ? fr_line_says(line, k, "below, following, next, subsequent")
                       : fr_line_says(line, k, "above, previous, preceding")))
                return FR_PLACE_OTHER;
        }
        /* "(final step)" */
        if (fr_line_says(line, i, "final, last") &&
            (fr_line_role(line, i + 1) & FR_ROLE_COUNTED) != 0 &&
            (i + 2 >= line->n_pieces || line->pieces[i + 2].kind != FR_PIECE_WORD))
            return FR_PLACE_LAST;
        const bool ends = i + 1 >= line->n_pieces || line->pieces[i + 1].kind != FR_PIECE_WORD;
        if (!ends || !fr_line_says(line, i - 1, comes))
            continue;
        if (fr_line_says(line, i, "last"))
            return FR_PLACE_LAST;
        if (fr_line_says(line, i, "first"))
            return FR_PLACE_FIRST;
    }
    return FR_PLACE_HERE;
}

/* "(removed)", "// deleted": is the word at i, the only one, a mark that the step is none? */
static bool is_mark(const struct fr_line *line, int i) {
    static const char marks[] =
        "removed, dropped, undone, deleted, void, gone, withdrawn, reverted, rejected";
    for (int k = i + 1; k < line->n_pieces; k++)
        if (line->pieces[k].kind == FR_PIECE_WORD)
            return false;
    return fr_line_says(line, i, marks);
}

bool fr_remark_changes(const struct fr_line *line, int from) {
    /* what begins so is about more than this step */
    static const char first[] = "also, both, do, all, no, nope, or, edit, sorry, typo, actually, "
                                "rather, fixed, tried, but, however";
    bool left = false; /* "you may leave this one out" */
    for (int i = from; i < line->n_pieces; i++) {
        if (left && fr_line_says(line, i, "out, away"))
            return true;
        left = left || fr_line_says(line, i, "leave, leaving, left");
    }
    for (int i = from; i < line->n_pieces; i++) /* but "needed to continue" */
        if ((fr_line_role(line, i) & (FR_ROLE_MORE | FR_ROLE_LESS)) != 0 &&
            !(fr_line_says(line, i, "continue") && fr_line_says(line, i - 1, "to")))
            return true;
    if (fr_line_holds(
            line, from, line->n_pieces,
            "already done, can wait, is false, is unmet, not true, not met, again and, can t") ||
        fr_remark_takes_back(line, from))
        return true;
    int i = from;
    while (i < line->n_pieces && line->pieces[i].kind != FR_PIECE_WORD)
        i++;
    if (is_mark(line, i))
        return true;
    /* "x2", with the sign of multiplication */
    if (line->pieces[from].kind == FR_PIECE_SYMBOL && i == from + 1 && i + 1 == line->n_pieces &&
        isdigit((unsigned char)line->text.data[line->pieces[i].start]))
        return true;
    if (fr_line_says(line, i, first))
        return true;
    /* "which fails", "but this is not possible" */
    static const char before[] = "which, but, this, that, it, is, would, will";
    while (fr_line_says(line, i, before))
        i++;
    return (fr_line_role(line, i) &
            (FR_ROLE_NOT | FR_ROLE_WRONG | FR_ROLE_REJECT | FR_ROLE_MAYBE)) != 0;
}

void fr_remark_read(const struct fr_lexicon *lexicon, const struct fr_line *line, int from,
                    int place, struct fr_mentions *mentions) {
    struct fr_plan steps = {0};
    int places[FR_MAX_PIECES][2];
    fr_lexicon_mentions(lexicon, line, from, &steps, places);
    for (int i = 0; i < steps.n_steps; i++) {
        const int before = places[i][0] - 1;
        FR_RESERVE(mentions->items, mentions->n, mentions->capacity);
        mentions->items[mentions->n++] =
            (struct fr_mention){.line = line->number,
                                .place = place,
                                .next = fr_line_says(line, before, "and, plus") ||
                                        (before >= 0 &&
                                         (fr_line_role(line, before) & FR_ROLE_ADVERB) != 0),
                                .after = fr_line_says(line, before, "after, once"),
                                .step = steps.steps[i]};
    }
    fr_plan_release(&steps);
}

const struct fr_mention *fr_remark_against(const struct fr_mentions *mentions,
                                           const struct fr_plan *plan) {
    for (int i = 0; i < mentions->n; i++) {
        const struct fr_mention *m = &mentions->items[i];
        bool holds = false;
        /* that step again, or the one that follows; else any */
        const int from = m->next ? m->place - 1 : 0, to = m->next    ? m->place + 1
                                                          : m->after ? m->place
                                                                     : plan->n_steps;
        for (int k = from < 0 ? 0 : from; k < to; k++)
            holds = holds || (k < plan->n_steps && fr_step_same(&m->step, &plan->steps[k]));
        if (!holds)
            return m;
    }
    return NULL;
}
