/* Owns what remarks of steps may say against the list as it stands: "(not possible)", "(three
 * times)", "(and put b down)". A remark is left unread where nothing says that it changes the plan;
 * a step that it names must be one of the list's. */
#include "prompts/answer_remark.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/answer_word.h"

static bool holds(const struct fr_line *line, int from, const char *const (*pairs)[2], int n) {
    for (int i = from; i < line->n_pieces; i++)
        for (int k = 0; k < n; k++)
            if (fr_line_is_word(line, i, pairs[k][0]) &&
                (pairs[k][1] == NULL || fr_line_is_word(line, i + 1, pairs[k][1])))
                return true;
    return false;
}

bool fr_remark_takes_back(const struct fr_line *line, int from) {
    static const char *const positive[] = {"possible",  "feasible", "valid", "applicable",
                                           "permitted", "allowed",  "legal", "executable"};
    static const char *const negative[] = {"impossible", "infeasible", "invalid", "illegal",
                                           "inapplicable"};
    static const char *const failing[] = {"fails",       "failed", "violated",
                                          "unsatisfied", "unmet",  "error"};
    static const char *const fulfilled[] = {"met", "satisfied", "fulfilled"};
    static const char *const supposed[] = {"would", "otherwise", "if", "without", "else", "unless"};
    const struct fr_reader r = {.line = line};
    bool no = false, possible = false, unreal = false;
    for (int i = from; i < line->n_pieces; i++) {
        unreal = unreal || fr_word_in(&r, i, supposed, FR_COUNT(supposed));
        if (fr_word_in(&r, i, failing, FR_COUNT(failing)) && !unreal &&
            (fr_line_role(line, i - 1) & FR_ROLE_NOT) == 0)
            return true;
        if ((fr_line_role(line, i) & FR_ROLE_NOT) != 0 && !unreal &&
            fr_word_in(&r, i + 1, fulfilled, FR_COUNT(fulfilled)))
            return true;
        for (int k = 0; k < FR_COUNT(negative); k++)
            if (fr_line_is_word(line, i, negative[k]))
                return true;
        no = no || (fr_line_role(line, i) & FR_ROLE_NOT) != 0;
        for (int k = 0; k < FR_COUNT(positive); k++)
            possible = possible || fr_line_is_word(line, i, positive[k]);
    }
    return no && possible;
}

/* The number of a step that piece i counts, "step 3"; -1 for none. */
static int counted_at(const struct fr_line *line, int i) {
    if ((fr_line_role(line, i) & (FR_ROLE_COUNTED | FR_ROLE_LABEL)) == 0 ||
        i + 1 >= line->n_pieces || line->pieces[i + 1].kind != FR_PIECE_WORD ||
        !isdigit((unsigned char)line->text.data[line->pieces[i + 1].start]))
        return -1;
    return (int)strtol(line->text.data + line->pieces[i + 1].start, NULL, 10);
}

enum fr_place fr_remark_place(const struct fr_line *line, int from, int own) {
    enum { NEAR = 4 };
    static const char *const behind[] = {"below", "following", "next", "subsequent"};
    static const char *const ahead[] = {"above", "previous", "preceding"};
    static const char *const comes[] = {"come",   "comes", "done", "do",   "be",
                                        "happen", "goes",  "go",   "this", "performed"};
    const struct fr_reader r = {.line = line};
    for (int i = from; i < line->n_pieces; i++) {
        const bool after = fr_line_is_word(line, i, "after");
        const bool before = fr_line_is_word(line, i, "before");
        for (int k = i + 1; (after || before) && k <= i + NEAR; k++) {
            const int number = counted_at(line, k);
            if ((number >= 0 && (after ? number >= own : number <= own)) ||
                (after ? fr_word_in(&r, k, behind, FR_COUNT(behind))
                       : fr_word_in(&r, k, ahead, FR_COUNT(ahead))))
                return FR_PLACE_OTHER;
        }
        /* "(final step)" */
        if ((fr_line_is_word(line, i, "final") || fr_line_is_word(line, i, "last")) &&
            (fr_line_role(line, i + 1) & FR_ROLE_COUNTED) != 0 &&
            (i + 2 >= line->n_pieces || line->pieces[i + 2].kind != FR_PIECE_WORD))
            return FR_PLACE_LAST;
        const bool ends = i + 1 >= line->n_pieces || line->pieces[i + 1].kind != FR_PIECE_WORD;
        if (!ends || !fr_word_in(&r, i - 1, comes, FR_COUNT(comes)))
            continue;
        if (fr_line_is_word(line, i, "last"))
            return FR_PLACE_LAST;
        if (fr_line_is_word(line, i, "first"))
            return FR_PLACE_FIRST;
    }
    return FR_PLACE_HERE;
}

/* "(removed)", "// deleted": is the word at i, the only one, a mark that the step is none? */
static bool is_mark(const struct fr_line *line, int i) {
    static const char *const marks[] = {"removed", "dropped",   "undone",   "deleted", "void",
                                        "gone",    "withdrawn", "reverted", "rejected"};
    for (int k = i + 1; k < line->n_pieces; k++)
        if (line->pieces[k].kind == FR_PIECE_WORD)
            return false;
    for (int k = 0; k < FR_COUNT(marks); k++)
        if (fr_line_is_word(line, i, marks[k]))
            return true;
    return false;
}

bool fr_remark_changes(const struct fr_line *line, int from) {
    static const char *const anywhere[][2] = {{"already", "done"}, {"can", "wait"}, {"is", "false"},
                                              {"is", "unmet"},     {"not", "true"}, {"not", "met"},
                                              {"again", "and"},    {"can", "t"}};
    /* what begins so is about more than this step */
    static const char *const first[][2] = {{"also", NULL},   {"both", NULL},     {"do", NULL},
                                           {"all", NULL},    {"no", NULL},       {"nope", NULL},
                                           {"or", NULL},     {"edit", NULL},     {"sorry", NULL},
                                           {"typo", NULL},   {"actually", NULL}, {"rather", NULL},
                                           {"fixed", NULL},  {"tried", NULL},    {"but", NULL},
                                           {"however", NULL}};
    static const char *const leaves[] = {"leave", "leaving", "left"}, *const out[] = {"out",
                                                                                      "away"};
    const struct fr_reader r = {.line = line};
    bool left = false; /* "you may leave this one out" */
    for (int i = from; i < line->n_pieces; i++) {
        if (left && fr_word_in(&r, i, out, FR_COUNT(out)))
            return true;
        left = left || fr_word_in(&r, i, leaves, FR_COUNT(leaves));
    }
    for (int i = from; i < line->n_pieces; i++) /* but "needed to continue" */
        if ((fr_line_role(line, i) & (FR_ROLE_MORE | FR_ROLE_LESS)) != 0 &&
            !(fr_line_is_word(line, i, "continue") && fr_line_is_word(line, i - 1, "to")))
            return true;
    if (holds(line, from, anywhere, FR_COUNT(anywhere)) || fr_remark_takes_back(line, from))
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
    for (int k = 0; k < FR_COUNT(first); k++)
        if (fr_line_is_word(line, i, first[k][0]))
            return true;
    /* "which fails", "but this is not possible" */
    static const char *const before[] = {"which", "but", "this",  "that",
                                         "it",    "is",  "would", "will"};
    for (int k = 0; k < FR_COUNT(before);)
        if (fr_line_is_word(line, i, before[k])) {
            i++;
            k = 0;
        } else {
            k++;
        }
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
                                .next = fr_line_is_word(line, before, "and") ||
                                        fr_line_is_word(line, before, "plus") ||
                                        (before >= 0 &&
                                         (fr_line_role(line, before) & FR_ROLE_ADVERB) != 0),
                                .after = fr_line_is_word(line, before, "after") ||
                                         fr_line_is_word(line, before, "once"),
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
