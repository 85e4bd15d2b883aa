/* Lines -> lists. A list is numbered, bulleted, or bare lines one below the other. What stands
 * below an item, further in or behind a bullet, belongs to that item: the step of an item that is
 * only a title ("1. Free a"), the item's step said again, or a remark. So a plan in phases, or one
 * whose items are labelled lines, is one list however deep it nests.
 *
 * A list must be read whole. It is at fault when a line of it may be a step and cannot be read,
 * when its numbers do not begin at the beginning or leave one out, when an item and what stands
 * below it name different steps, or when the line before or behind it may be a step. A list at
 * fault is never shortened to what could be read.
 *
 * Rejected: to find the list that a renderer would show; models indent as they please. */
#include "prompts/answer_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/answer_cut.h"
#include "prompts/answer_deed.h"
#include "prompts/answer_fault.h"
#include "prompts/answer_heading.h"
#include "prompts/answer_table.h"
#include "prompts/answer_word.h"

enum { DOTS = 6, CHILD_COLUMNS = 2, BARE_HEADING_PIECES = 3 };

struct builder {
    struct fr_lists *out;
    const struct fr_lexicon *lexicon;
    struct fr_line line;
    struct fr_said said;
    struct fr_table table;
    int current;  /* the list that the next line may belong to, -1 for none */
    int numbered; /* the numbered list that a number may go on with, -1 for none */
    unsigned heading, introduction; /* roles: of the last heading; of the last line of words */
    bool planned;                   /* a plan was announced under the heading */
    bool introduced;                /* that line of words stands right before the next list */
    int introduction_line;
    int n_words;          /* behind the last block, */
    unsigned words_roles; /* with these roles */
    struct fr_text title; /* a heading just before that may be a step of a list of headings */
    struct fr_text told;  /* a step, perhaps, in the line that introduces what follows, */
    int told_line;        /* or right before bare steps */
    bool used;            /* steps stand under the last heading */
    bool loose;           /* words stand between the heading and what follows */
    int block, side;
    bool any_steps; /* so far */
    bool blank;     /* a blank line came just before */
    int last_text;
};

void fr_lists_release(struct fr_lists *lists) {
    for (int i = 0; i < lists->n; i++) {
        struct fr_list *list = &lists->items[i];
        fr_plan_release(&list->plan);
        fr_text_release(&list->fault);
        fr_text_release(&list->title);
        fr_text_release(&list->pending);
        free(list->mentions.items);
        free(list->tolds.items);
    }
    free(lists->items);
    free(lists->blocks);
    free(lists->asides);
    free(lists->tolds.items);
    fr_text_release(&lists->stray);
    *lists = (struct fr_lists){0};
}

/* ---- lists ----------------------------------------------------------------------------------- */

static struct fr_list *list_at(struct builder *b, int i) {
    return i < 0 ? NULL : &b->out->items[i];
}

static void suspend(struct builder *b) {
    fr_list_close_item(list_at(b, b->current));
    b->current = -1;
}

/* Nothing goes on across this place. */
static void cut(struct builder *b) {
    suspend(b);
    b->numbered = -1;
}

static unsigned roles_here(const struct builder *b) {
    if (b->introduced && (b->introduction & FR_ROLES_ABOUT) != 0)
        return b->introduction;
    /* "Explanation ... Oh, it has to be" takes back what nobody can tell. */
    const bool against = (b->heading & (FR_ROLE_EXPLAIN | FR_ROLE_REJECT | FR_ROLE_STATE)) != 0;
    return b->heading | (against && b->loose ? FR_ROLE_UNCLEAR : 0u);
}

static struct fr_list *open_list(struct builder *b, enum fr_marker marker) {
    struct fr_lists *out = b->out;
    suspend(b);
    FR_RESERVE(out->items, out->n, out->capacity);
    struct fr_list *list = &out->items[out->n];
    *list = (struct fr_list){.marker = marker,
                             .named = b->line.named,
                             .phase = b->line.phase,
                             .headings = b->line.heading,
                             .lettered = b->line.lettered,
                             .indent = b->line.indent,
                             .first_line = b->line.number,
                             .last_line = b->line.number,
                             .last_text = b->line.number,
                             .roles = roles_here(b),
                             .introduction = b->introduced ? b->introduction_line : 0,
                             .crossed_out = b->line.crossed_out,
                             .block = b->block,
                             .side = b->side};
    if (marker == FR_MARKER_NONE)
        list->roles |= fr_announcement_roles(&b->line);
    if (marker == FR_MARKER_NONE && list->headings)
        fr_list_fault_text(list, &b->title);
    if (b->introduced ||
        (marker == FR_MARKER_NONE && !b->blank && b->told_line > 0 && b->told_line == b->last_text))
        fr_list_fault_text(list, &b->told);
    b->current = out->n++;
    b->introduced = false;
    if (marker == FR_MARKER_NUMBER)
        b->numbered = b->current;
    return list;
}

/* The step before, in another dress: "Feast b from a", then "(feast b a)". */
static bool restates(const struct fr_list *list, const struct fr_said *said) {
    return list->formal != said->formal && fr_plan_ends_with(&list->plan, &said->steps);
}

static void append(struct builder *b, struct fr_list *list, const struct fr_said *said) {
    if (list->pending.len > 0)
        fr_list_fault_text(list, &list->pending);
    fr_list_check_step(list, b->lexicon, &b->line, said);
    list->joined = said->joined;
    list->formal = said->formal;
    list->hash = b->line.hash;
    b->any_steps = b->used = true;
    if (list->plan.n_steps == 0)
        list->first_line = b->line.number;
    list->first = said->first > list->first ? said->first : list->first;
    for (int i = 0; i < said->steps.n_steps; i++)
        fr_plan_append(&list->plan, &said->steps.steps[i]);
    list->last_line = b->line.number;
    list->commented = list->commented || said->commented;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* The next item of the list: the next number, or 3a after 2 or 3, 3b after 3a. */
static bool succeeds(const struct fr_list *list, const struct fr_line *line) {
    const bool next = fr_path_follows(list->path, list->n_levels, line->path, line->n_levels);
    const bool same =
        list->n_levels == line->n_levels &&
        memcmp(list->path, line->path, (size_t)line->n_levels * sizeof *line->path) == 0;
    return line->letter == 0   ? next
           : line->letter == 1 ? next || (same && list->letter == 0)
                               : same && line->letter == list->letter + 1;
}

static void take_path(int *path, int *n_levels, const struct fr_line *line) {
    memcpy(path, line->path, sizeof line->path);
    *n_levels = line->n_levels;
}

/* ---- what stands below an item --------------------------------------------------------------- */

static const char in_other_words[] = "it may be a step in other words";

/* A line below an item that tells of doing something: its step again, or one of the list's, or one
 * that is not read; where the item has no step, its own. */
static void take_deed(struct builder *b, struct fr_list *list) {
    const struct fr_line *line = &b->line;
    const bool has_step = list->own + list->n_below > 0;
    const int from = b->said.labelled ? b->said.label_end : line->first; /* "Action: put it down" */
    if (list->own > 0
            ? !fr_adds_a_deed(b->lexicon, line, from, &list->plan.steps[list->plan.n_steps - 1])
            : !fr_tells_a_deed(b->lexicon, line, from))
        return;
    const int before = list->mentions.n;
    fr_remark_read(b->lexicon, line, from, list->plan.n_steps, &list->mentions);
    if (list->mentions.n > before)
        return;
    if (has_step || (line->marker != FR_MARKER_NONE && !line->colon && !line->heading))
        fr_list_fault_line(list, line, in_other_words);
    else if (list->title.len == 0)
        fr_line_describe(line, in_other_words, &list->title);
}

static void below(struct builder *b, struct fr_list *list) {
    const struct fr_line *line = &b->line;
    const struct fr_said *said = &b->said;
    list->last_text = line->number;
    if (said->reading != FR_READING_STEPS)
        take_deed(b, list);
    if (line->marker == FR_MARKER_NUMBER) {
        if (list->n_below_levels > 0 && said->reading == FR_READING_STEPS &&
            !fr_path_follows(list->below, list->n_below_levels, line->path, line->n_levels) &&
            line->letter <= 1)
            fr_list_fault_line(list, line, "its number does not follow the one before");
        if (list->n_below_levels == 0 && said->reading == FR_READING_STEPS &&
            !fr_path_begins(line->path, line->n_levels) &&
            !fr_path_follows(list->path, list->n_levels, line->path, line->n_levels) &&
            (line->n_levels > 1 || line->path[0] != list->below[0] + 1)) /* "Phase B", "4." */
            fr_list_fault_line(list, line, "the steps below an item do not begin with the first");
        take_path(list->below, &list->n_below_levels, line);
    } else if (said->reading != FR_READING_STEPS && (line->colon || line->heading)) {
        list->n_below_levels = 0; /* a title: its steps may begin again */
    }
    if (said->reading != FR_READING_STEPS &&
        (line->struck || fr_remark_takes_back(line, line->first)) && list->plan.n_steps > 0 &&
        list->fault.len == 0)
        fr_text_printf(&list->fault, "line %d takes the step of line %d back: it is not possible",
                       line->number, list->last_line);
    if (said->reading != FR_READING_STEPS && line->marker == FR_MARKER_NONE &&
        fr_line_denies(line, line->first, FR_ROLE_PLAN | FR_ROLE_STATE))
        fr_list_fault_line(list, line, "it may deny the plan");
    /* "Action: attack a", then "Enables: ..." */
    const bool remark =
        said->label_end > line->first && !said->labelled && (list->own > 0 || list->below_labelled);
    if (said->reading == FR_READING_STEPS && list->own > 0 && said->steps.n_steps == list->own &&
        fr_plan_ends_with(&list->plan, &said->steps)) {
        return;
    } else if (said->reading == FR_READING_STEPS && remark) {
        fr_remark_read(b->lexicon, line, line->first, list->plan.n_steps, &list->mentions);
    } else if (said->reading == FR_READING_STEPS && list->own > 0) {
        fr_list_fault_line(list, line, "it names another step than the item that it stands below");
    } else if (said->reading == FR_READING_STEPS) {
        if (list->pending_here)
            fr_text_clear(&list->pending);
        /* "Action: attack a", then "PDDL: (attack a)" */
        if (list->n_below > 0 &&
            (restates(list, said) || (said->labelled && said->steps.n_steps == list->n_below &&
                                      fr_plan_ends_with(&list->plan, &said->steps))))
            return;
        append(b, list, said);
        list->n_below += said->steps.n_steps;
        list->below_labelled = said->labelled;
    } else if (said->goes_on && list->plan.n_steps > 0 && said->reading == FR_READING_SUSPECT) {
        fr_list_fault_line(list, line, "it may name a further step");
    } else if (said->reading == FR_READING_SUSPECT && list->own == 0) {
        /* "Thought: b has to leave a", and beside "Action: ..." "Purpose: to attack a later" */
        const bool labelled = said->label_end > line->first && !said->labelled;
        const bool title = !said->names_action && (line->colon || line->heading || labelled);
        if (labelled && said->names_action && list->below_labelled)
            fr_remark_read(b->lexicon, line, line->first, list->plan.n_steps, &list->mentions);
        else if (!title)
            fr_list_fault_line(list, line, fr_text_get(&said->why));
    }
}

/* Does the line belong to the current list's last item? */
static bool is_below(const struct builder *b, const struct fr_list *list) {
    const struct fr_line *line = &b->line;
    const bool deeper = line->indent >= list->indent + CHILD_COLUMNS;
    switch (line->marker) {
    case FR_MARKER_BULLET:
        return deeper || (list->marker == FR_MARKER_NUMBER && line->indent >= list->indent) ||
               (list->marker == FR_MARKER_NONE && !b->blank && list->last_text == b->last_text);
    case FR_MARKER_NUMBER:
        if (list->marker == FR_MARKER_NUMBER && (list->named || list->headings) && !line->named &&
            !line->heading)
            return true;
        if (list->phase && line->named && !line->phase)
            return true;
        /* " 9." above "10."; and a text whose first line lost its indentation. */
        if (list->marker == FR_MARKER_NUMBER && list->n_below_levels == 0 && succeeds(list, line))
            return false;
        return deeper;
    case FR_MARKER_NONE:
    default:
        /* "**Step 1**", a blank line, and the step. */
        if ((list->named || list->headings) && list->marker == FR_MARKER_NUMBER &&
            b->said.reading != FR_READING_SUSPECT &&
            (b->said.reading != FR_READING_STEPS || list->own == 0 ||
             fr_plan_ends_with(&list->plan, &b->said.steps)))
            return true;
        return list->marker != FR_MARKER_NONE &&
               (deeper || (!b->blank && list->last_text == b->last_text));
    }
}

/* ---- items ----------------------------------------------------------------------------------- */

/* Steps below such a title are a list of their own. */
static bool opens_section(struct builder *b, struct fr_list *list) {
    if (b->said.reading != FR_READING_STEPS || list->item_roles == 0 || list->own > 0 ||
        list->n_below > 0)
        return false;
    b->introduction = list->item_roles;
    b->introduction_line = list->item_line;
    b->introduced = true;
    list->item_roles = 0;
    fr_text_clear(&list->title);
    suspend(b);
    return true;
}

static void take_item(struct builder *b, struct fr_list *list) {
    const struct fr_line *line = &b->line;
    const struct fr_said *said = &b->said;
    /* "1. Take the tower apart", "1.1 attack a" */
    if (line->marker == FR_MARKER_NUMBER && line->n_levels > list->n_levels) {
        fr_text_clear(&list->title);
        if (list->pending_here)
            fr_text_clear(&list->pending);
    }
    fr_list_close_item(list);
    list->crossed_out = list->crossed_out && line->crossed_out;
    list->pending_here = false;
    list->own = list->n_below = list->n_below_levels = 0;
    list->below_labelled = false;
    list->item_roles = fr_item_roles(line, said);
    list->item_line = line->number;
    list->last_text = line->number;
    if (line->marker == FR_MARKER_NUMBER) {
        take_path(list->path, &list->n_levels, line);
        list->letter = line->letter;
    }
    switch (said->reading) {
    case FR_READING_STEPS:
        if (list->marker != FR_MARKER_NUMBER && restates(list, said)) {
            list->n_restated++;
            break;
        }
        /* "1. a, b, c", "2. a, d": two plans, an item each */
        if (said->steps.n_steps > 1 && list->n_several++ > 0 &&
            fr_plan_shares(&list->plan, &said->steps))
            fr_list_fault_line(list, line, "it may be another plan than the items before it");
        append(b, list, said);
        list->n_lines++;
        list->own = said->steps.n_steps;
        break;
    case FR_READING_OTHER:
    case FR_READING_REMARK:
        if (!said->denied && fr_holds_a_deed(b->lexicon, line, line->first, NULL)) {
            fr_line_describe(line, in_other_words, &list->title);
            break;
        }
        if (said->denied && !fr_plan_ends_with(&list->plan, &said->steps))
            fr_list_fault_line(list, line, "its label may say that it is no step");
        fr_remark_read(b->lexicon, line, line->first, list->plan.n_steps, &list->mentions);
        fr_told_read(b->lexicon, line, line->first, -1, &list->tolds);
        if (list->pending.len == 0 && !fr_only_looks(line) &&
            (line->marker == FR_MARKER_NUMBER || list->plan.n_steps > 0)) {
            fr_line_describe(line, fr_text_get(&said->why), &list->pending);
            list->pending_here = true;
        }
        break;
    case FR_READING_SUSPECT:
        list->names_object = list->names_object || said->names_object;
        list->promised = list->promised || fr_holds_a_deed(b->lexicon, line, line->first, NULL);
        /* "**Phase 2: fly**" is a title */
        if (said->names_action && !line->colon &&
            !(line->phase && line->heading && !said->names_object))
            fr_list_fault_line(list, line, fr_text_get(&said->why));
        else
            fr_line_describe(line, fr_text_get(&said->why), &list->title);
        list->promised = list->promised || said->names_action;
        break;
    }
}

static void number_item(struct builder *b) {
    const struct fr_line *line = &b->line;
    struct fr_list *list = list_at(b, b->numbered);
    /* "Phase 1", "1.", "2.", another heading, "3." */
    if (list != NULL && b->current < 0 && list->n_below_levels > 0 && !line->named &&
        b->said.reading == FR_READING_STEPS && list->own == 0 && list->named &&
        (b->heading & (FR_ROLE_EXPLAIN | FR_ROLE_REJECT)) == 0 &&
        fr_path_follows(list->below, list->n_below_levels, line->path, line->n_levels)) {
        b->current = b->numbered;
        below(b, list);
        return;
    }
    if (list != NULL && (list->named != line->named || list->phase != line->phase ||
                         list->lettered != line->lettered))
        list = NULL;
    /* A number goes on with the list that stands under the same heading; with a step, under any. */
    const bool elsewhere = list != NULL && b->current != b->numbered &&
                           (b->heading & FR_ROLES_DECIDE) != (list->roles & FR_ROLES_DECIDE) &&
                           (b->heading & FR_ROLES_DECIDE) != 0;
    const unsigned refused = FR_ROLE_REJECT | FR_ROLE_ALONE; /* "if you wanted more, you could:" */
    if ((elsewhere && (b->said.reading != FR_READING_STEPS || list->plan.n_steps == 0)) ||
        (b->introduced && (b->introduction & refused) == refused))
        list = NULL;
    const bool restarts = list != NULL && list->ones && line->path[0] != 1;
    /* Markdown numbers a list whose items are all "1." by itself. */
    const bool ones = list != NULL && b->current == b->numbered && line->n_levels == 1 &&
                      list->n_levels == 1 && line->path[0] == 1 && list->path[0] == 1 &&
                      b->last_text == list->last_text && !b->blank;
    if (list != NULL && (succeeds(list, line) || ones)) {
        if (b->current != b->numbered)
            suspend(b);
        b->current = b->numbered;
        list->ones = list->ones || (ones && !succeeds(list, line));
        if (restarts)
            fr_list_fault_line(list, line, "the numbers begin twice");
        if (elsewhere && (b->heading & (FR_ROLE_EXPLAIN | FR_ROLE_REJECT)) != 0)
            fr_list_fault_line(list, line, "its number goes on under another heading");
    } else if (list != NULL && b->current == b->numbered && line->n_levels == 1 &&
               line->path[0] > list->path[0] && b->said.reading != FR_READING_OTHER) {
        if (list->fault.len == 0)
            fr_text_printf(&list->fault, "line %d: the numbers jump from %d to %d", line->number,
                           list->path[0], line->path[0]);
    } else {
        list = open_list(b, FR_MARKER_NUMBER);
        if (!fr_path_begins(line->path, line->n_levels) || line->letter > 1)
            fr_text_printf(&list->fault, "line %d: a list that begins with number %d", line->number,
                           line->path[0]);
    }
    take_item(b, list);
}

static void bullet_item(struct builder *b) {
    struct fr_list *list = list_at(b, b->current);
    if (list == NULL || list->marker != FR_MARKER_BULLET)
        list = open_list(b, FR_MARKER_BULLET);
    if (b->line.indent < list->indent)
        list->indent = b->line.indent;
    take_item(b, list);
}

/* Did the line's words give an aside? */
static bool has_aside(const struct builder *b) {
    const struct fr_lists *out = b->out;
    bool any = false;
    for (int i = out->n_asides; i-- > 0 && out->asides[i].line == b->line.number;)
        any = any || out->asides[i].kind != FR_ASIDE_UNDONE;
    return any;
}

/* "Plan:", "now place it there; (stack a d); (pick-up b)": the plan's line, not all of it read. */
static bool is_announced(const struct builder *b) {
    const struct fr_lists *out = b->out;
    int n = 0;
    for (int i = out->n_asides; i-- > 0 && out->asides[i].line == b->line.number;)
        n += out->asides[i].kind == FR_ASIDE_STEP;
    return b->introduced &&
           (b->introduction & (FR_ROLE_PLAN | FR_ROLE_EXPLAIN | FR_ROLE_REJECT)) == FR_ROLE_PLAN &&
           n > 1;
}

static bool has_told(const struct builder *b) {
    const struct fr_tolds *tolds = &b->out->tolds;
    return tolds->n > 0 && tolds->items[tolds->n - 1].line == b->line.number;
}

static void bare_line(struct builder *b) {
    struct fr_list *list = list_at(b, b->current);
    const struct fr_said *said = &b->said;
    const bool bare = list != NULL && list->marker == FR_MARKER_NONE;
    const bool adjacent = bare && !b->blank && list->last_text == b->last_text;
    if (said->reading == FR_READING_STEPS) {
        /* Lines that are no steps go on as a list only without a blank line. */
        if (!bare || (list->plan.n_steps == 0 && !adjacent && b->block < 0))
            list = open_list(b, FR_MARKER_NONE);
        take_item(b, list);
    } else if (bare && (adjacent || b->block >= 0 || (list->headings && b->line.heading))) {
        if (said->reading == FR_READING_SUSPECT)
            fr_list_fault_line(list, &b->line, fr_text_get(&said->why));
        if (said->denied && !fr_plan_ends_with(&list->plan, &said->steps))
            fr_list_fault_line(list, &b->line, "its label may say that it is no step");
        if (said->reading != FR_READING_SUSPECT &&
            fr_holds_a_deed(b->lexicon, &b->line, b->line.first, NULL))
            fr_list_fault_line(list, &b->line, in_other_words);
        fr_told_read(b->lexicon, &b->line, b->line.first, -1, &list->tolds);
        if (fr_parts_plans(&b->line))
            fr_list_fault_line(list, &b->line, "it may part two plans");
        list->last_text = b->line.number;
    } else {
        if (list != NULL && said->names_action && said->reading == FR_READING_SUSPECT &&
            (fr_line_role(&b->line, b->line.first) & FR_ROLE_ADVERB) != 0)
            fr_list_fault_line(list, &b->line, "it may name a further step");
        suspend(b);
        /* It may be the first step of a list, or all of it. */
        const bool deed = b->any_steps && fr_tells_more(b->lexicon, &b->line);
        const bool of_it = said->reading != FR_READING_SUSPECT && deed &&
                           (said->names_object || fr_holds_pronoun(&b->line));
        if ((said->reading == FR_READING_SUSPECT || of_it || is_announced(b)) && !b->line.colon) {
            const unsigned under = b->used && !b->introduced ? b->heading : 0u;
            list = open_list(b, FR_MARKER_NONE);
            list->promised = true;
            /* A heading speaks of the steps that stand under it already. */
            list->roles &= ~(under & (FR_ROLE_PLAN | FR_ROLE_FINAL | FR_ROLE_LAST));
            list->is_aside = has_aside(b);
            list->deed = deed && !list->is_aside; /* a step that was read is an aside's */
            list->sentence = !b->line.heading;
            const unsigned roles = fr_line_roles(&b->line, b->line.first, b->line.n_pieces);
            list->crossed_out = b->line.struck && (roles & (FR_ROLE_IDEA | FR_ROLE_REJECT)) != 0;
            fr_list_fault_line(list, &b->line, fr_text_get(&said->why));
        }
        if (said->reading != FR_READING_SUSPECT && !b->any_steps && !has_told(b) &&
            fr_tells_a_deed(b->lexicon, &b->line, b->line.first)) {
            fr_line_describe(&b->line, in_other_words, &b->told);
            b->told_line = b->line.number;
        }
        b->introduced = false;
        b->loose = true;
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Is a line without steps a heading, or the introduction of what follows? A numbered one is an
 * item, unless its words say what kind of section begins. */
static bool is_heading(const struct builder *b) {
    const struct fr_line *line = &b->line;
    const struct fr_list *list = b->current < 0 ? NULL : &b->out->items[b->current];
    if (b->said.reading == FR_READING_STEPS)
        return false;
    const unsigned roles = fr_line_roles(line, line->first, line->n_pieces);
    const bool suspect = b->said.reading == FR_READING_SUSPECT;
    if (line->marker == FR_MARKER_NUMBER && line->phase)
        return (roles & (FR_ROLE_EXPLAIN | FR_ROLE_REJECT)) != 0;
    if (line->marker == FR_MARKER_NUMBER && line->named)
        return !suspect && (roles & FR_ROLES_ABOUT) != 0;
    if (line->marker == FR_MARKER_NUMBER && line->heading)
        return !suspect || (roles & (FR_ROLE_EXPLAIN | FR_ROLE_PLAN)) != 0;
    /* "Summary", without any mark */
    if (line->marker == FR_MARKER_NONE && b->said.reading == FR_READING_OTHER &&
        line->n_pieces > line->first && line->n_pieces <= BARE_HEADING_PIECES &&
        line->pieces[line->n_pieces - 1].kind != FR_PIECE_STOP &&
        (roles & (FR_ROLE_PLAN | FR_ROLE_EXPLAIN | FR_ROLE_REJECT | FR_ROLE_FINAL)) != 0)
        return true;
    /* A line among steps that are headings, or a bold one that names an action, may be a step. */
    const bool among = list != NULL && list->marker == FR_MARKER_NONE && list->headings;
    if (suspect && !line->colon && (roles & FR_ROLES_ABOUT) == 0 && (b->said.names_action || among))
        return false;
    return line->marker == FR_MARKER_NONE && (line->heading || line->colon) &&
           (list == NULL || line->hash || line->indent < list->indent + CHILD_COLUMNS);
}

/* Notes what prose says of steps, where no section explains or rejects them; and in one that does
 * whether the plan is given up, by any line of it. around: the line stands around lists. */
static void note_asides(struct builder *b, bool around) {
    struct fr_lists *out = b->out;
    const struct fr_line *line = &b->line;
    const unsigned against = FR_ROLE_EXPLAIN | FR_ROLE_REJECT;
    const struct fr_list *list = list_at(b, b->current);
    const unsigned roles = (b->planned ? 0u : b->heading) | (b->introduced ? b->introduction : 0u) |
                           (around || list == NULL ? 0u : list->roles);
    const int before = out->n_asides;
    if ((roles & against) == 0 && !around)
        return;
    if ((roles & against) == 0)
        fr_asides_read(b->lexicon, line, &out->asides, &out->n_asides, &out->aside_capacity);
    else if ((roles & (FR_ROLE_REJECT | FR_ROLE_OTHER)) == 0)
        fr_account_read(b->lexicon, line, &out->asides, &out->n_asides, &out->aside_capacity);
    for (int i = before; i < out->n_asides; i++)
        out->asides[i].block = b->block;
    if ((roles & against) != 0)
        return;
    const int told = out->tolds.n;
    fr_told_read(b->lexicon, line, line->first, -1, &out->tolds);
    for (int i = told; i < out->tolds.n; i++)
        out->tolds.items[i].block = b->block;
}

/* "If a were clear, I would:", then "Plan:" or a key of JSON: its word is of what is refused. */
static bool is_refused_label(const struct builder *b) {
    const unsigned refused = FR_ROLE_REJECT | FR_ROLE_ALONE;
    return b->introduced && (b->introduction & refused) == refused &&
           b->line.n_pieces - b->line.first <= 2;
}

/* Does a line of a block say something of steps, or that there are none? Not "4", "see above". */
static bool speaks(const struct builder *b) {
    const unsigned roles = fr_line_roles(&b->line, b->line.first, b->line.n_pieces);
    return b->said.reading != FR_READING_OTHER ||
           (roles & (FR_ROLE_NOT | FR_ROLE_WRONG | FR_ROLE_REJECT)) != 0;
}

static void take_words(struct builder *b) {
    struct fr_line *line = &b->line;
    struct fr_list *list = list_at(b, b->current);
    struct fr_said *said = &b->said;
    if (line->marker == FR_MARKER_NUMBER && line->loose && said->reading != FR_READING_STEPS)
        line->marker = FR_MARKER_NONE; /* "4 blocks are ..." */
    if (said->reading == FR_READING_SUSPECT && b->out->stray.len == 0)
        fr_line_describe(line, fr_text_get(&said->why), &b->out->stray);
    const bool heading = is_heading(b);
    if (said->reading != FR_READING_STEPS)
        note_asides(b, (heading || line->named || line->marker == FR_MARKER_NONE) &&
                           (list == NULL || line->indent < list->indent + CHILD_COLUMNS));
    if (list != NULL || !line->heading)
        fr_text_clear(&b->title);
    if (heading) {
        fr_text_clear(&b->told);
        b->told_line = 0;
        suspend(b);
        if (!is_refused_label(b))
            b->introduction = fr_heading_roles(line);
        b->introduction_line = line->number;
        b->introduced = true;
        if (line->heading && !line->colon && said->reading == FR_READING_SUSPECT)
            fr_line_describe(line, fr_text_get(&said->why), &b->title);
        b->loose = !line->heading;
        if (line->heading || !line->colon) {
            b->heading = b->introduction;
            b->used = b->planned = false;
        }
        /* "### Understanding the problem ... The plan: ...": its section ends where a plan begins
         */
        b->planned =
            b->planned ||
            (b->introduction & (FR_ROLE_PLAN | FR_ROLE_EXPLAIN | FR_ROLE_REJECT)) == FR_ROLE_PLAN;
        if (said->reading != FR_READING_OTHER && !has_aside(b) && fr_tells_before(b->lexicon, line))
            fr_line_describe(line, in_other_words, &b->told);
    } else if (list != NULL && is_below(b, list) && !opens_section(b, list)) {
        below(b, list);
    } else if (line->marker == FR_MARKER_NUMBER) {
        number_item(b);
    } else if (line->marker == FR_MARKER_BULLET) {
        bullet_item(b);
    } else {
        bare_line(b);
    }
    if (b->block >= 0)
        b->out->blocks[b->block].has_words = true;
    if (b->block >= 0 && speaks(b))
        b->out->blocks[b->block].speaks = true;
    if (b->block < 0) {
        b->words_roles |= fr_line_roles(line, line->first, line->n_pieces);
        b->n_words += line->n_pieces;
    }
    b->last_text = line->number;
    b->blank = false;
}

/* An item whose marker is a letter, "a) attack a" or "iv. attack a", is known by its step: the next
 * below the item, the next of the list, or the first of another. */
static void take_letter(struct builder *b) {
    const struct fr_list *current = list_at(b, b->current), *list = list_at(b, b->numbered);
    struct fr_line *line = &b->line;
    if (b->said.reading == FR_READING_STEPS || line->marker == FR_MARKER_NUMBER)
        return;
    const int wanted[] = {current != NULL && current->n_below_levels > 0 ? current->below[0] + 1
                                                                         : 0,
                          list != NULL && list->lettered ? list->path[0] + 1 : 0, 1};
    bool taken = false;
    for (int i = 0; i < 3 && !taken; i++)
        taken = wanted[i] > 0 && fr_line_take_letter(line, wanted[i]);
    if (taken)
        fr_lexicon_read(b->lexicon, line, &b->said);
}

static void read_line(struct builder *b, const struct fr_source_line *source, const char *text) {
    b->line.raw = source->raw;
    b->line.n_raw = source->n_raw;
    b->line.number = source->number;
    fr_line_read(&b->line, text, source->n);
}

static void take_line(struct builder *b, const struct fr_source_line *source, const char *text) {
    read_line(b, source, text);
    struct fr_list *list = list_at(b, b->current);
    if (b->line.ellipsis && list != NULL && list->plan.n_steps > 0 &&
        b->line.n_pieces - b->line.first <= DOTS && fr_line_has_no_word(&b->line))
        fr_list_fault_line(list, &b->line, "steps are left out");
    if (b->line.blank) {
        b->blank = true;
        return;
    }
    fr_lexicon_read(b->lexicon, &b->line, &b->said);
    take_letter(b);
    take_words(b);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void take_row(struct builder *b, const struct fr_source_line *source, const char *text) {
    struct fr_text whole = {0};
    bool rule = true;
    for (size_t i = 0; i < source->n; i++) {
        rule = rule && strchr("|-: \t\r", text[i]) != NULL;
        fr_text_append(&whole, text[i] == '|' ? " " : text + i, 1);
    }
    if (!rule) {
        struct fr_source_line row = *source;
        row.n = whole.len;
        read_line(b, &row, fr_text_get(&whole));
        b->line.indent = 0;
        b->line.loose = false;
        if (b->line.marker == FR_MARKER_NONE)
            b->line.marker = FR_MARKER_BULLET;
        fr_lexicon_read(b->lexicon, &b->line, &b->said);
        fr_row_read(&b->table, b->lexicon, text, source->n, &b->said);
        /* "| 0 | - | b on a, hand empty |" */
        const bool start = b->line.marker == FR_MARKER_NUMBER && b->line.path[0] == 0 &&
                           b->said.reading != FR_READING_STEPS && !b->said.names_action;
        if (!start && (b->said.reading != FR_READING_OTHER || b->line.marker == FR_MARKER_NUMBER))
            take_words(b);
        else
            fr_table_head(&b->table, text, source->n);
    }
    fr_text_release(&whole);
}

/* ---- tags ------------------------------------------------------------------------------------ */

/* Does what stands between two blocks, nothing or "and then", say that the second goes on with the
 * first? */
static bool goes_on(const struct builder *b) {
    enum { FEW = 6 };
    return b->n_words == 0 ||
           (b->n_words <= FEW && (b->words_roles & (FR_ROLE_ADVERB | FR_ROLE_PART)) != 0 &&
            (b->words_roles & (FR_ROLE_REJECT | FR_ROLE_FINAL)) == 0);
}

static void open_block(struct builder *b, bool alone) {
    struct fr_lists *out = b->out;
    FR_RESERVE(out->blocks, out->n_blocks, out->block_capacity);
    out->blocks[out->n_blocks] = (struct fr_block){.joins = out->n_blocks > 0 && goes_on(b),
                                                   .first_line = b->line.number,
                                                   .roles = roles_here(b),
                                                   .before = b->words_roles,
                                                   .alone = alone};
    b->block = out->n_blocks++;
    b->n_words = 0;
    b->words_roles = 0;
}

/* A block that the prompt opened began with the answer, or behind the last block. */
static void close_block(struct builder *b) {
    if (b->block < 0 && b->out->n_blocks == 0) {
        open_block(b, true);
        for (int i = 0; i < b->out->n; i++)
            b->out->items[i].block = b->block;
        b->out->blocks[b->block].has_words = b->last_text > 0;
        b->out->blocks[b->block].speaks = b->last_text > 0;
        b->out->blocks[b->block].first_line = 1;
    }
    b->block = -1;
}

/* A fence inside an item, or right below one that is only a title, is the item's; else it parts
 * lists. */
static void take_fence(struct builder *b, const struct fr_source_line *source, const char *text) {
    const struct fr_list *list = list_at(b, b->current);
    read_line(b, source, text);
    const bool titled =
        list != NULL && list->marker == FR_MARKER_NUMBER && list->own == 0 && list->n_below == 0;
    if (!titled && (list == NULL || list->marker == FR_MARKER_NONE ||
                    b->line.indent < list->indent + CHILD_COLUMNS))
        suspend(b);
    b->blank = false;
    if (b->line.blank)
        return;
    fr_lexicon_read(b->lexicon, &b->line, &b->said);
    if (b->said.reading == FR_READING_STEPS || b->said.reading == FR_READING_SUSPECT ||
        (b->line.n_pieces > 1 && fr_tells_a_deed(b->lexicon, &b->line, b->line.first)))
        take_words(b); /* else the name of a language */
}

void fr_lists_read(struct fr_lists *out, const struct fr_source *source,
                   const struct fr_lexicon *lexicon) {
    struct builder b = {.out = out, .lexicon = lexicon, .current = -1, .numbered = -1, .block = -1};
    *out = (struct fr_lists){0};
    bool ended = false, stated = false;
    for (int i = 0; i < source->n && !ended; i++) {
        const struct fr_source_line *line = &source->lines[i];
        const char *text = fr_text_get(&source->text) + line->start;
        b.line.number = line->number;
        switch (line->kind) {
        case FR_SOURCE_LINE:
            take_line(&b, line, text);
            break;
        case FR_SOURCE_ROW:
            take_row(&b, line, text);
            break;
        case FR_SOURCE_FENCE:
            take_fence(&b, line, text);
            break;
        case FR_SOURCE_OPEN:
            cut(&b);
            open_block(&b, line->alone);
            break;
        case FR_SOURCE_CLOSE:
            cut(&b);
            close_block(&b);
            break;
        case FR_SOURCE_PUZZLE:
            ended = b.any_steps;
            out->restated = stated && ended;
            stated = true;
            break;
        case FR_SOURCE_BREAK:
            cut(&b);
            b.side++;
            break;
        }
    }
    cut(&b);
    fr_answer_cut(source, lexicon, &out->cut, &out->before_cut);
    for (int i = 0; i < out->n; i++)
        fr_list_check(&out->items[i], lexicon);
    fr_line_release(&b.line);
    fr_text_release(&b.title);
    fr_text_release(&b.told);
    fr_said_release(&b.said);
    fr_table_release(&b.table);
}
