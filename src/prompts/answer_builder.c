/* Owns what a line adds to the lists. A list is numbered, bulleted, or bare lines one below the
 * other. What stands below an item, further in or behind a bullet, belongs to that item: the step
 * of an item that is only a title ("1. Free a"), the item's step said again, or a remark. So a plan
 * in phases, or one whose items are labelled lines, is one list however deep it nests.
 *
 * A list must be read whole. It is at fault when a line of it may be a step and cannot be read,
 * when its numbers do not begin at the beginning or leave one out, when an item and what stands
 * below it name different steps, or when the line before or behind it may be a step. A list at
 * fault is never shortened to what could be read. */
#include "prompts/answer_builder.h"

#include <string.h>

#include "base/memory.h"
#include "prompts/answer_deed.h"
#include "prompts/answer_fault.h"
#include "prompts/answer_heading.h"
#include "prompts/answer_word.h"

/* ---- lists ----------------------------------------------------------------------------------- */

struct fr_list *fr_builder_list(struct fr_builder *b, int i) {
    return i < 0 ? NULL : &b->out->items[i];
}

void fr_builder_suspend(struct fr_builder *b) {
    fr_list_close_item(fr_builder_list(b, b->current));
    b->current = -1;
}

unsigned fr_builder_roles(const struct fr_builder *b) {
    if (b->introduced && (b->introduction & FR_ROLES_ABOUT) != 0)
        return b->introduction;
    /* "Explanation ... Oh, it has to be" takes back what nobody can tell. */
    const bool against = (b->heading & (FR_ROLE_EXPLAIN | FR_ROLE_REJECT | FR_ROLE_STATE)) != 0;
    return b->heading | (against && b->loose ? FR_ROLE_UNCLEAR : 0u);
}

static struct fr_list *open_list(struct fr_builder *b, enum fr_marker marker) {
    struct fr_lists *out = b->out;
    fr_builder_suspend(b);
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
                             .roles = fr_builder_roles(b),
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

static void append(struct fr_builder *b, struct fr_list *list, const struct fr_said *said) {
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

/* A line below an item that tells of doing something: its step again, or one of the list's, or one
 * that is not read; where the item has no step, its own. */
static void take_deed(struct fr_builder *b, struct fr_list *list) {
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
        fr_list_fault_line(list, line, fr_in_other_words);
    else if (list->title.len == 0)
        fr_line_describe(line, fr_in_other_words, &list->title);
}

static void below(struct fr_builder *b, struct fr_list *list) {
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
    /* "<one more action here>" */
    if (said->reading == FR_READING_OTHER && fr_line_changes(line))
        fr_list_fault_line(list, line, "it may stand for further steps");
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
static bool is_below(const struct fr_builder *b, const struct fr_list *list) {
    const struct fr_line *line = &b->line;
    const bool deeper = line->indent >= list->indent + FR_CHILD_COLUMNS;
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
static bool opens_section(struct fr_builder *b, struct fr_list *list) {
    if (b->said.reading != FR_READING_STEPS || list->item_roles == 0 || list->own > 0 ||
        list->n_below > 0)
        return false;
    b->introduction = list->item_roles;
    b->introduction_line = list->item_line;
    b->introduced = true;
    list->item_roles = 0;
    fr_text_clear(&list->title);
    fr_builder_suspend(b);
    return true;
}

static void take_item(struct fr_builder *b, struct fr_list *list) {
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
            fr_line_describe(line, fr_in_other_words, &list->title);
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

static void number_item(struct fr_builder *b) {
    const struct fr_line *line = &b->line;
    struct fr_list *list = fr_builder_list(b, b->numbered);
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
            fr_builder_suspend(b);
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

static void bullet_item(struct fr_builder *b) {
    struct fr_list *list = fr_builder_list(b, b->current);
    if (list == NULL || list->marker != FR_MARKER_BULLET)
        list = open_list(b, FR_MARKER_BULLET);
    if (b->line.indent < list->indent)
        list->indent = b->line.indent;
    take_item(b, list);
}

bool fr_builder_has_aside(const struct fr_builder *b) {
    const struct fr_lists *out = b->out;
    bool any = false;
    for (int i = out->n_asides; i-- > 0 && out->asides[i].line == b->line.number;)
        any = any || out->asides[i].kind != FR_ASIDE_UNDONE;
    return any;
}

/* "Plan:", "now place it there; (stack a d); (pick-up b)": the plan's line, not all of it read. */
static bool is_announced(const struct fr_builder *b) {
    const struct fr_lists *out = b->out;
    int n = 0;
    for (int i = out->n_asides; i-- > 0 && out->asides[i].line == b->line.number;)
        n += out->asides[i].kind == FR_ASIDE_STEP;
    return b->introduced &&
           (b->introduction & (FR_ROLE_PLAN | FR_ROLE_EXPLAIN | FR_ROLE_REJECT)) == FR_ROLE_PLAN &&
           n > 1;
}

static bool has_told(const struct fr_builder *b) {
    const struct fr_tolds *tolds = &b->out->tolds;
    return tolds->n > 0 && tolds->items[tolds->n - 1].line == b->line.number;
}

/* "So the plan is: attack a, overcome a from c" below steps that it has too: not the list's next.
 */
static bool says_all_again(const struct fr_list *list, const struct fr_line *line,
                           const struct fr_said *said) {
    return said->steps.n_steps > 1 && fr_plan_shares(&list->plan, &said->steps) &&
           (fr_line_roles(line, line->first, said->label_end) & FR_ROLE_PLAN) != 0;
}

static void bare_line(struct fr_builder *b) {
    struct fr_list *list = fr_builder_list(b, b->current);
    const struct fr_said *said = &b->said;
    const bool bare = list != NULL && list->marker == FR_MARKER_NONE;
    const bool adjacent = bare && !b->blank && list->last_text == b->last_text;
    if (said->reading == FR_READING_STEPS) {
        /* Lines that are no steps go on as a list only without a blank line. */
        if (!bare || (list->plan.n_steps == 0 && !adjacent && b->block < 0) ||
            says_all_again(list, &b->line, said))
            list = open_list(b, FR_MARKER_NONE);
        take_item(b, list);
    } else if (bare && (adjacent || b->block >= 0 || (list->headings && b->line.heading))) {
        if (said->reading == FR_READING_SUSPECT)
            fr_list_fault_line(list, &b->line, fr_text_get(&said->why));
        if (said->denied && !fr_plan_ends_with(&list->plan, &said->steps))
            fr_list_fault_line(list, &b->line, "its label may say that it is no step");
        if (said->reading != FR_READING_SUSPECT &&
            fr_holds_a_deed(b->lexicon, &b->line, b->line.first, NULL))
            fr_list_fault_line(list, &b->line, fr_in_other_words);
        fr_told_read(b->lexicon, &b->line, b->line.first, -1, &list->tolds);
        if (fr_parts_plans(&b->line))
            fr_list_fault_line(list, &b->line, "it may part two plans");
        list->last_text = b->line.number;
    } else {
        if (list != NULL && said->names_action && said->reading == FR_READING_SUSPECT &&
            (fr_line_role(&b->line, b->line.first) & FR_ROLE_ADVERB) != 0)
            fr_list_fault_line(list, &b->line, "it may name a further step");
        fr_builder_suspend(b);
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
            list->is_aside = fr_builder_has_aside(b);
            list->deed = deed && !list->is_aside; /* a step that was read is an aside's */
            list->sentence = !b->line.heading;
            const unsigned roles = fr_line_roles(&b->line, b->line.first, b->line.n_pieces);
            list->crossed_out = b->line.struck && (roles & (FR_ROLE_IDEA | FR_ROLE_REJECT)) != 0;
            fr_list_fault_line(list, &b->line, fr_text_get(&said->why));
        }
        if (said->reading != FR_READING_SUSPECT && !b->any_steps && !has_told(b) &&
            fr_tells_a_deed(b->lexicon, &b->line, b->line.first)) {
            fr_line_describe(&b->line, fr_in_other_words, &b->told);
            b->told_line = b->line.number;
        }
        b->introduced = false;
        b->loose = true;
    }
}

void fr_builder_take(struct fr_builder *b) {
    struct fr_list *list = fr_builder_list(b, b->current);
    if (list != NULL && is_below(b, list) && !opens_section(b, list))
        below(b, list);
    else if (b->line.marker == FR_MARKER_NUMBER)
        number_item(b);
    else if (b->line.marker == FR_MARKER_BULLET)
        bullet_item(b);
    else
        bare_line(b);
}
