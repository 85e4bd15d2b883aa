/* Owns the choice of the plan among what an answer holds. The text is taken apart by answer_text.c,
 * its lists are built by answer_list.c; here they are candidates, each with reasons for and against
 * it, and exactly one wins or the answer is `unparsed` with both readings.
 *
 *   - A tagged block ([PLAN], <answer>, \boxed{}) is the plan, the last of them that holds steps;
 *     but not one of a single step, or within a sentence, beside other steps, nor one that another
 *     block or a list behind it may go on with or replace.
 *   - A list that is announced beats an unannounced one before it that has a step of it (without
 *     one it may be the first part); one announced as the last word ("corrected plan") beats what
 *     stands before it, unless that stands under a title of its own; but only a final plan beats
 * one that holds all its steps and more, for others may be a part of that.
 *   - A list that explains, checks or sums up is left aside where the other holds its steps; a
 *     draft or a rejected alternative always.
 *   - What a heading says counts where it speaks of a plan: "a wrong plan", not "a is not free".
 *   - Lists that say the same are one candidate. Two that differ, and that nothing above tells
 *     apart, are two readings: sections of one plan, or a plan and its correction.
 *   - Prose around it that names a step out of its place, another order, or denies that it is a
 *     plan, makes it none (answer_aside.c); so does one that tells what no step of it does, in
 *     whatever words (answer_told.c). A sentence before it that tells only what it does is none.
 *   - A candidate at fault is beaten as any other is: that it could not be read is no reason to
 *     take another.
 *
 * Rejected: the last list, whatever stands before it; and the one that solves the puzzle. */
#include "prompts/answer.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/answer_list.h"
#include "prompts/answer_word.h"

/* An answer is read in milliseconds; one of megabytes is a model that runs in circles. */
enum { ANSWER_CEILING = 1 << 20 };

enum level { LEVEL_REJECTED, LEVEL_ABOUT, LEVEL_PLAIN, LEVEL_ANNOUNCED, LEVEL_LAST_WORD };

/* An adjective alone says nothing of a plan: "the correct place", "a is not free yet". */
static bool is_of_a_plan(unsigned roles) {
    return (roles & (FR_ROLE_PLAN | FR_ROLE_IDEA | FR_ROLE_ALONE)) != 0;
}

static enum level level_of(unsigned roles) {
    const bool plan = (roles & FR_ROLE_PLAN) != 0;
    const bool last = ((roles & FR_ROLE_FINAL) != 0 && is_of_a_plan(roles)) ||
                      ((roles & FR_ROLE_LAST) != 0 && plan);
    const bool refused = (roles & FR_ROLE_REJECT) != 0;
    if ((roles & FR_ROLE_UNCLEAR) != 0 || ((refused || (roles & FR_ROLE_EXPLAIN) != 0) && last))
        return LEVEL_PLAIN;
    if (refused)
        return is_of_a_plan(roles) ? LEVEL_REJECTED : LEVEL_PLAIN;
    if ((roles & FR_ROLE_EXPLAIN) != 0)
        return LEVEL_ABOUT;
    if ((roles & (FR_ROLE_OTHER | FR_ROLE_PART | FR_ROLE_PHASE)) != 0)
        return LEVEL_PLAIN;
    return last ? LEVEL_LAST_WORD : plan ? LEVEL_ANNOUNCED : LEVEL_PLAIN;
}

/* Something is refused, perhaps the plan: "what would not work". */
static bool is_refused(unsigned roles) {
    return (roles & (FR_ROLE_REJECT | FR_ROLE_UNCLEAR)) == FR_ROLE_REJECT;
}

/* "Final plan", not "final steps" nor "the corrected part". */
static bool is_whole(unsigned roles) {
    return (roles & FR_ROLE_LAST) != 0 && (roles & FR_ROLE_PLAN) != 0 &&
           (roles & (FR_ROLE_LABEL | FR_ROLE_PHASE | FR_ROLE_PART)) == 0;
}

/* ---- plans ----------------------------------------------------------------------------------- */

/* Are all steps of part steps of whole, in this order? */
static bool is_part(const struct fr_plan *part, const struct fr_plan *whole) {
    int i = 0;
    for (int k = 0; i < part->n_steps && k < whole->n_steps; k++)
        i += fr_step_same(&part->steps[i], &whole->steps[k]);
    return i == part->n_steps;
}

static bool holds(const struct fr_plan *plan, const struct fr_step *step) {
    for (int i = 0; i < plan->n_steps; i++)
        if (fr_step_same(&plan->steps[i], step))
            return true;
    return false;
}

/* Has a more steps than b, and all of b's? */
static bool is_larger(const struct fr_plan *a, const struct fr_plan *b) {
    return a->n_steps > b->n_steps && is_part(b, a);
}

static bool holds_all(const struct fr_plan *plan, const struct fr_plan *steps) {
    for (int i = 0; i < steps->n_steps; i++)
        if (!holds(plan, &steps->steps[i]))
            return false;
    return true;
}

static bool agree(const struct fr_list *a, const struct fr_list *b) {
    return a->fault.len == 0 && b->fault.len == 0 && a->plan.n_steps == b->plan.n_steps &&
           is_part(&a->plan, &b->plan);
}

/* ---- candidates ------------------------------------------------------------------------------ */

/* Could the list be a plan? Without a step it could when it promised one and was not read. */
static bool is_candidate(const struct fr_list *list) {
    return list->plan.n_steps > 0 ||
           (list->fault.len > 0 &&
            (list->promised || level_of(list->roles) >= LEVEL_ANNOUNCED || list->block >= 0));
}

enum { FEW_LINES = 2 };

/* Does a list other than the chosen begin on lines [from, to)? */
static bool is_list_between(const struct fr_lists *lists, const struct fr_list *chosen, int from,
                            int to) {
    for (int i = 0; i < lists->n; i++) {
        const struct fr_list *other = &lists->items[i];
        if (other != chosen && other->first_line >= from && other->first_line < to)
            return true;
    }
    return false;
}

/* Does a list on lines [from, to) claim to be a plan, and is no sentence? */
static bool is_rival_between(const struct fr_lists *lists, int from, int to) {
    for (int i = 0; i < lists->n; i++) {
        const struct fr_list *other = &lists->items[i];
        if (other->first_line >= from && other->first_line < to && !other->sentence &&
            is_candidate(other) && level_of(other->roles) > LEVEL_ABOUT)
            return true;
    }
    return false;
}

/* May what explains or checks be left aside? Where it comes first it may be the plan, of which the
 * chosen is a piece; behind the plan it may go on with it. */
static bool is_about(const struct fr_list *other, const struct fr_list *chosen, bool before) {
    const struct fr_plan *steps = &other->plan, *plan = &chosen->plan;
    if (level_of(chosen->roles) <= LEVEL_ABOUT)
        return false;
    if (!before || steps->n_steps == 0)
        return holds_all(plan, steps);
    return is_part(steps, plan) || (level_of(chosen->roles) >= LEVEL_ANNOUNCED &&
                                    fr_plan_shares(steps, plan) && !is_larger(steps, plan));
}

/* May what stands before be left aside? Without a step of the chosen, it may be the first part of
 * what is announced as a plan, unless it is called one itself or another try; and what holds all of
 * the chosen and more may be the plan, unless a final plan follows. */
static bool is_replaced(const struct fr_list *other, const struct fr_list *chosen) {
    const enum level theirs = level_of(other->roles), ours = level_of(chosen->roles);
    const bool last = ours == LEVEL_LAST_WORD;
    const bool another = (other->roles & FR_ROLE_OTHER) != 0 && is_of_a_plan(other->roles) &&
                         (other->roles & FR_ROLE_LABEL) == 0;
    const bool whole = is_whole(chosen->roles), untitled = other->introduction == 0;
    const bool section = (other->roles & FR_ROLE_OTHER) != 0 && !another && !untitled;
    /* Actions without objects are the prompt's own, restated. */
    if (other->plan.n_steps == 0 && !other->names_object && other->marker != FR_MARKER_NONE &&
        theirs < LEVEL_ANNOUNCED && ours > theirs)
        return true;
    if (section || (ours <= theirs && !last))
        return false;
    return (another || (whole && untitled) || (last && theirs >= LEVEL_ANNOUNCED) ||
            fr_plan_shares(&other->plan, &chosen->plan)) &&
           (another || whole || !is_larger(&other->plan, &chosen->plan));
}

/* Is a sentence before the plan understood, and says only what the plan does? */
static bool is_restated(const struct fr_lists *lists, const struct fr_lexicon *lexicon,
                        const struct fr_list *other, const struct fr_list *chosen) {
    int n = 0;
    if (!other->sentence || other->last_text != other->first_line ||
        level_of(other->roles) >= LEVEL_ANNOUNCED || level_of(chosen->roles) <= LEVEL_ABOUT)
        return false;
    for (int i = 0; i < lists->tolds.n; i++) {
        const struct fr_told *told = &lists->tolds.items[i];
        if (told->line == other->first_line && !fr_told_is_done(lexicon, told, &chosen->plan))
            return false;
        n += told->line == other->first_line;
    }
    for (int i = 0; i < lists->n_asides; i++) {
        const struct fr_aside *aside = &lists->asides[i];
        /* "Wait, b stands on a.", with nothing before it */
        const bool idle = aside->kind == FR_ASIDE_UNDONE ||
                          (aside->kind == FR_ASIDE_TAKES_BACK && other == lists->items);
        if (aside->line == other->first_line && !idle &&
            (aside->kind != FR_ASIDE_STEP || !holds(&chosen->plan, &aside->step) ||
             (aside->early && !fr_step_same(&aside->step, &chosen->plan.steps[0]))))
            return false;
        n += aside->line == other->first_line;
    }
    return n > 0;
}

/* Does what stands between give other up, and is chosen all of another try? It is where it is
 * announced or called one, or begins with the same step; where only some steps are taken back, it
 * must be announced. */
static bool is_withdrawn(const struct fr_lists *lists, const struct fr_list *other,
                         const struct fr_list *chosen) {
    const unsigned roles = chosen->roles;
    const struct fr_plan *plan = &chosen->plan;
    const bool announced = level_of(roles) >= LEVEL_ANNOUNCED;
    const bool tried = (roles & FR_ROLE_OTHER) != 0 && is_of_a_plan(roles);
    if (other->last_line >= chosen->first_line || other->block != chosen->block ||
        chosen->fault.len > 0 || plan->n_steps < 2 || (!tried && (roles & FR_ROLE_PART) != 0) ||
        (roles & (FR_ROLE_PHASE | FR_ROLE_REJECT | FR_ROLE_EXPLAIN)) != 0)
        return false;
    const bool same = other->plan.n_steps > 0 && 2 * plan->n_steps >= other->plan.n_steps &&
                      fr_step_same(&other->plan.steps[0], &plan->steps[0]);
    for (int i = 0; i < lists->n_asides; i++) {
        const struct fr_aside *aside = &lists->asides[i];
        if (aside->withdraws && aside->line >= other->last_line + !other->sentence &&
            aside->line < chosen->first_line && aside->block == chosen->block &&
            (!aside->introduces || announced) &&
            !is_rival_between(lists, other->last_line + 1, aside->line) &&
            (announced || tried || (same && !aside->counted)))
            return true;
    }
    return false;
}

/* Is other a sentence that gives up a list before it, for the chosen? */
static bool is_withdrawal(const struct fr_lists *lists, const struct fr_list *other,
                          const struct fr_list *chosen) {
    bool withdraws = false;
    for (int i = 0; i < lists->n_asides; i++)
        withdraws =
            withdraws || (lists->asides[i].withdraws && lists->asides[i].line == other->first_line);
    for (int i = 0; i < lists->n && withdraws && other->sentence; i++)
        if (lists->items[i].last_line < other->first_line && lists->items[i].plan.n_steps > 0 &&
            is_withdrawn(lists, &lists->items[i], chosen))
            return true;
    return false;
}

/* May other be left aside for chosen? */
static bool yields(const struct fr_lists *lists, const struct fr_lexicon *lexicon,
                   const struct fr_list *other, const struct fr_list *chosen) {
    const enum level theirs = level_of(other->roles), ours = level_of(chosen->roles);
    const bool before = other->first_line < chosen->first_line;
    /* what explains a plan that is rejected explains nothing else */
    const bool explained = before && ours == LEVEL_ABOUT;
    if (theirs == LEVEL_REJECTED && explained)
        return false;
    if (agree(other, chosen) || theirs == LEVEL_REJECTED || (before && other->crossed_out))
        return true;
    if (other->side != chosen->side)
        return false;
    if (theirs == LEVEL_ABOUT)
        return is_about(other, chosen, before);
    if (before)
        return is_replaced(other, chosen) || is_restated(lists, lexicon, other, chosen) ||
               is_withdrawn(lists, other, chosen) || is_withdrawal(lists, other, chosen);
    /* Behind the plan: what repeats steps of it with remarks, or names no step at all. */
    if (other->plan.n_steps == 0)
        return !other->deed && theirs < LEVEL_ANNOUNCED &&
               (ours >= LEVEL_ANNOUNCED || other->marker != FR_MARKER_NONE || other->is_aside);
    return ours >= LEVEL_ANNOUNCED && theirs == LEVEL_PLAIN && other->commented &&
           other->fault.len == 0 && is_part(&other->plan, &chosen->plan);
}

static void add_plan(const struct fr_problem *problem, const struct fr_list *list,
                     struct fr_text *out) {
    enum { SHOWN_STEPS = 3 };
    for (int i = 0; i < list->plan.n_steps && i < SHOWN_STEPS; i++)
        fr_step_render(problem, &list->plan.steps[i], out);
    if (list->plan.n_steps > SHOWN_STEPS)
        fr_text_add(out, "...");
}

static void add_two(const struct fr_problem *problem, const struct fr_list *a,
                    const struct fr_list *b, struct fr_text *out) {
    const struct fr_list *first = a->first_line < b->first_line ? a : b;
    const struct fr_list *second = first == a ? b : a;
    fr_text_printf(out,
                   "two lists of steps that differ, from lines %d and %d on: ", first->first_line,
                   second->first_line);
    add_plan(problem, first, out);
    fr_text_add(out, " and ");
    add_plan(problem, second, out);
}

/* A step of the plan may be named in what introduces it when it is the first, restated, or the
 * last, which it is all for; behind it anywhere. But one that is said to come first of all is the
 * plan's first, or one before it; and so of the last. */
static bool is_in_place(const struct fr_aside *aside, const struct fr_list *chosen) {
    const struct fr_plan *plan = &chosen->plan;
    const bool first = fr_step_same(&aside->step, &plan->steps[0]);
    const bool last = fr_step_same(&aside->step, &plan->steps[plan->n_steps - 1]);
    if (!holds(plan, &aside->step) || (aside->early && !first) || (aside->late && !last))
        return false;
    const bool explained = level_of(chosen->roles) <= LEVEL_ABOUT; /* by what may be the plan */
    return aside->line > chosen->last_line || first || (last && !explained);
}

/* A denial is of the list that it follows, or, where it follows none, of the next; outside a block
 * too, but not far from it. */
static bool is_denied(const struct fr_lists *lists, const struct fr_aside *aside,
                      const struct fr_list *chosen) {
    const bool behind = aside->line > chosen->last_line;
    if (aside->checks)
        return behind && !is_rival_between(lists, chosen->last_line + 1, aside->line);
    if (aside->line > chosen->first_line && !behind && !aside->introduces)
        return aside->block == chosen->block; /* in the midst of it */
    const bool ahead = aside->introduces && is_list_between(lists, chosen, aside->line, INT_MAX);
    if (behind ? ahead || (aside->block != chosen->block &&
                           aside->line > chosen->last_line + 2 * FEW_LINES)
               : aside->line >= chosen->first_line || aside->line < chosen->first_line - FEW_LINES)
        return false;
    return !is_list_between(lists, chosen, behind ? chosen->last_line + 1 : 0, aside->line);
}

/* Does the aside stand where it speaks of the list? */
static bool is_near(const struct fr_lists *lists, const struct fr_aside *aside,
                    const struct fr_list *chosen) {
    if (aside->kind == FR_ASIDE_DENIES)
        return is_denied(lists, aside, chosen);
    if (aside->kind == FR_ASIDE_RENAMES)
        return true;
    if (chosen->block >= 0 && aside->block != chosen->block)
        return false;
    /* "We begin with attack a.", a blank line, and a list */
    const bool begins =
        ((aside->kind == FR_ASIDE_STEP && aside->early) || aside->kind == FR_ASIDE_REORDERS) &&
        aside->line < chosen->first_line && aside->line >= chosen->first_line - FEW_LINES &&
        !is_list_between(lists, chosen, aside->line, chosen->first_line);
    /* what stands before an explanation may be the plan that it explains */
    const bool explained = aside->kind == FR_ASIDE_STEP && aside->line < chosen->first_line &&
                           level_of(chosen->roles) <= LEVEL_ABOUT;
    return aside->line > chosen->last_line || begins || explained ||
           (aside->line == chosen->introduction &&
            (aside->kind != FR_ASIDE_TAKES_BACK || aside->introduces));
}

/* Is what is told near the list, and neither done by it nor given? Behind it, in what introduces
 * it, and right before it. */
static bool is_undone(const struct fr_lists *lists, const struct fr_lexicon *lexicon,
                      const struct fr_told *told, const struct fr_list *chosen) {
    const bool before = told->line < chosen->first_line;
    if ((chosen->block >= 0 && told->block != chosen->block) ||
        (before &&
         (told->line < chosen->introduction ||
          (told->line != chosen->introduction && told->line < chosen->first_line - FEW_LINES) ||
          is_list_between(lists, chosen, told->line + 1, chosen->first_line))))
        return false;
    return !fr_told_is_done(lexicon, told, &chosen->plan) &&
           !fr_told_is_given(lexicon, told, before);
}

/* "I need attack a first. Final plan:" speaks of the plan that it gives up. */
static bool is_of_another_try(const struct fr_lists *lists, const struct fr_aside *aside,
                              const struct fr_list *chosen) {
    for (int i = 0; i < lists->n; i++)
        if (aside->line == chosen->introduction && level_of(chosen->roles) == LEVEL_LAST_WORD &&
            holds(&chosen->plan, &aside->step) && lists->items[i].last_line < aside->line &&
            lists->items[i].plan.n_steps > 0 &&
            (is_replaced(&lists->items[i], chosen) ||
             is_withdrawn(lists, &lists->items[i], chosen)))
            return true;
    return false;
}

/* Does prose behind the plan, or what introduces it, name a step that it does not hold, take
 * something back, or deny it? */
static bool is_changed(const struct fr_lists *lists, const struct fr_list *chosen,
                       const struct fr_lexicon *lexicon, struct fr_text *fault) {
    static const char *const says[] = {
        [FR_ASIDE_TAKES_BACK] = "may change the plan of line",
        [FR_ASIDE_REORDERS] = "may change the order of the steps from line",
        [FR_ASIDE_RENAMES] = "gives an object the name of another, beside the list of line",
        [FR_ASIDE_DENIES] = "may say that there is no plan, against line",
    };
    for (int i = 0; i < lists->n_asides; i++) {
        const struct fr_aside *aside = &lists->asides[i];
        if (aside->kind == FR_ASIDE_UNDONE || !is_near(lists, aside, chosen) ||
            (aside->kind == FR_ASIDE_STEP &&
             (is_in_place(aside, chosen) || is_of_another_try(lists, aside, chosen))))
            continue;
        if (aside->kind != FR_ASIDE_STEP) {
            fr_text_printf(fault, "line %d %s %d", aside->line, says[aside->kind],
                           chosen->first_line);
        } else {
            fr_text_printf(fault, "line %d names a step that the plan of line %d does not hold%s: ",
                           aside->line, chosen->first_line,
                           holds(&chosen->plan, &aside->step) ? " there" : "");
            fr_step_render(lexicon->problem, &aside->step, fault);
        }
        return true;
    }
    for (int i = 0; i < lists->tolds.n; i++)
        if (is_undone(lists, lexicon, &lists->tolds.items[i], chosen)) {
            fr_text_printf(fault, "line %d tells in other words what the plan of line %d does not",
                           lists->tolds.items[i].line, chosen->first_line);
            return true;
        }
    return false;
}

/* Beside a block, what stands behind it counts where it announces another plan, or has steps that
 * the block has not. */
static bool is_behind_block(const struct fr_list *other, const struct fr_list *chosen) {
    const enum level level = level_of(other->roles);
    return other->block < 0 && other->first_line > chosen->last_line && level > LEVEL_ABOUT &&
           (level == LEVEL_LAST_WORD || (level == LEVEL_ANNOUNCED && other->plan.n_steps > 0) ||
            !holds_all(&chosen->plan, &other->plan));
}

/* The plan among the lists of a block, or of the text when block is -1; NULL, and why. */
static const struct fr_list *choose(const struct fr_lists *lists, int block,
                                    const struct fr_lexicon *lexicon, struct fr_text *fault) {
    const struct fr_list *chosen = NULL;
    for (int i = 0; i < lists->n; i++) {
        const struct fr_list *list = &lists->items[i];
        if (list->block != block || !is_candidate(list) || level_of(list->roles) == LEVEL_REJECTED)
            continue;
        const bool steps = list->plan.n_steps > 0;
        const bool better = chosen == NULL || is_withdrawn(lists, chosen, list) ||
                            steps > (chosen->plan.n_steps > 0) ||
                            (steps == (chosen->plan.n_steps > 0) &&
                             level_of(list->roles) >= level_of(chosen->roles));
        chosen = better ? list : chosen;
    }
    if (chosen == NULL)
        return NULL;
    if (chosen->fault.len > 0) {
        if (chosen->plan.n_steps == 0)
            fr_text_add(fault, "the answer holds no step; ");
        fr_text_add(fault, fr_text_get(&chosen->fault));
        return NULL;
    }
    for (int i = 0; i < lists->n; i++) {
        const struct fr_list *other = &lists->items[i];
        if (other == chosen || !is_candidate(other))
            continue;
        if ((other->block != block && !is_behind_block(other, chosen)) ||
            yields(lists, lexicon, other, chosen))
            continue;
        if (other->fault.len > 0) {
            fr_text_printf(fault, "beside the list of line %d, %s", chosen->first_line,
                           fr_text_get(&other->fault));
            return NULL;
        }
        add_two(lexicon->problem, other, chosen, fault);
        return NULL;
    }
    if (lists->cut > 0 &&
        (chosen->last_text >= lists->before_cut || chosen->last_line == lists->cut)) {
        fr_text_printf(fault, "the answer may be cut off in line %d", lists->cut);
        return NULL;
    }
    if (is_refused(chosen->roles)) {
        fr_text_printf(fault, "what introduces the list of line %d may refuse it",
                       chosen->first_line);
        return NULL;
    }
    return is_changed(lists, chosen, lexicon, fault) ? NULL : chosen;
}

/* The block that is the plan, the last that holds a candidate and is not rejected; -1 when there is
 * none. *empty: the last block stands there, and holds none. */
static int find_block(const struct fr_lists *lists, bool *empty) {
    bool *full = fr_alloc((size_t)lists->n_blocks, sizeof *full);
    for (int i = 0; i < lists->n; i++)
        if (lists->items[i].block >= 0 && is_candidate(&lists->items[i]))
            full[lists->items[i].block] = true;
    int found = -1;
    *empty = false;
    for (int i = 0; i < lists->n_blocks; i++) {
        const enum level level = level_of(lists->blocks[i].roles);
        if (full[i] && level != LEVEL_REJECTED)
            found = i;
        *empty = *empty || (lists->blocks[i].alone && !full[i] &&
                            (lists->blocks[i].speaks || !lists->blocks[i].has_words));
    }
    *empty = *empty && found < 0;
    free(full);
    return found;
}

/* Is a block with other steps than the one before taken for another try: "No. Better: ..."? */
static bool is_another_try(const struct fr_block *block) {
    return level_of(block->roles) == LEVEL_LAST_WORD ||
           (block->before &
            (FR_ROLE_REJECT | FR_ROLE_NOT | FR_ROLE_WRONG | FR_ROLE_FINAL | FR_ROLE_OTHER)) != 0;
}

/* Does an earlier block hold more, or what this may go on with? */
static const struct fr_list *find_larger(const struct fr_lists *lists,
                                         const struct fr_list *chosen) {
    for (int i = 0; chosen->block > 0 && i < lists->n; i++) {
        const struct fr_list *other = &lists->items[i];
        const bool before = other->block >= 0 && other->block < chosen->block;
        if (!before || !is_candidate(other) || agree(other, chosen) ||
            level_of(lists->blocks[other->block].roles) == LEVEL_REJECTED)
            continue;
        const struct fr_block *block = &lists->blocks[chosen->block];
        if (block->joins ||
            (!fr_plan_shares(&other->plan, &chosen->plan) && !is_another_try(block)) ||
            (other->plan.n_steps > chosen->plan.n_steps && is_part(&chosen->plan, &other->plan) &&
             !is_whole(block->roles)))
            return other;
    }
    return NULL;
}

/* A block of one step, or one within a sentence ("the last step is \\boxed{...}"), beside other
 * steps that are not its own: it may be a part of them. */
static const struct fr_list *find_rest(const struct fr_lists *lists, const struct fr_list *chosen) {
    const bool inside = chosen->block >= 0 && !lists->blocks[chosen->block].alone;
    const bool single = chosen->plan.n_steps == 1;
    for (int i = 0; chosen->block >= 0 && (inside || single) && i < lists->n; i++) {
        const struct fr_list *other = &lists->items[i];
        const bool unread = other->plan.n_steps == 0;
        if (other->block == chosen->block || agree(other, chosen) ||
            (unread && (!single || other->fault.len == 0)) ||
            level_of(other->roles) <= LEVEL_ABOUT ||
            (other->block >= 0 && level_of(lists->blocks[other->block].roles) == LEVEL_REJECTED))
            continue;
        if ((inside && single) || (unread && other->first_line < chosen->first_line) ||
            (other->plan.n_steps > chosen->plan.n_steps && is_part(&chosen->plan, &other->plan)))
            return other;
    }
    return NULL;
}

static const struct fr_list *find_plan(const struct fr_lists *lists,
                                       const struct fr_lexicon *lexicon, struct fr_text *fault) {
    if (lists->restated) {
        fr_text_add(fault,
                    "the answer states two puzzles; which of them its plan is for is not told");
        return NULL;
    }
    bool empty;
    const int block = find_block(lists, &empty);
    const struct fr_list *chosen = empty ? NULL : choose(lists, block, lexicon, fault);
    const struct fr_list *larger = chosen != NULL ? find_larger(lists, chosen) : NULL;
    if (chosen != NULL && larger == NULL)
        larger = find_rest(lists, chosen);
    if (larger != NULL) {
        add_two(lexicon->problem, larger, chosen, fault);
        return NULL;
    }
    if (chosen != NULL || fault->len > 0)
        return chosen;
    fr_text_printf(fault, "the %s holds no step",
                   empty ? "block that is marked as the plan" : "answer");
    for (int i = 0; i < lists->n; i++)
        if (is_candidate(&lists->items[i]) && lists->items[i].fault.len == 0) {
            fr_text_printf(fault, " that is meant; those of line %d are rejected",
                           lists->items[i].first_line);
            return NULL;
        }
    if (lists->stray.len > 0)
        fr_text_printf(fault, "; %s", fr_text_get(&lists->stray));
    return NULL;
}

enum fr_verdict_kind fr_answer_read(const char *text, const struct fr_wording *wording,
                                    const struct fr_problem *problem,
                                    const struct fr_naming *naming, struct fr_plan *plan,
                                    struct fr_verdict *verdict) {
    plan->n_steps = 0;
    *verdict = (struct fr_verdict){.kind = FR_VERDICT_SOLVED};
    if (strnlen(text, ANSWER_CEILING + 1) > ANSWER_CEILING) {
        verdict->kind = FR_VERDICT_UNPARSED;
        (void)snprintf(verdict->reason, sizeof verdict->reason,
                       "the answer is longer than %d bytes", ANSWER_CEILING);
        return verdict->kind;
    }
    struct fr_lexicon *lexicon;
    struct fr_source source;
    struct fr_lists lists;
    struct fr_text fault = {0};
    fr_lexicon_new(&lexicon, wording, naming, problem);
    fr_source_read(&source, text);
    fr_lists_read(&lists, &source, lexicon);
    const struct fr_list *chosen = find_plan(&lists, lexicon, &fault);
    if (chosen != NULL) {
        for (int i = 0; i < chosen->plan.n_steps; i++)
            fr_plan_append(plan, &chosen->plan.steps[i]);
    } else {
        verdict->kind = FR_VERDICT_UNPARSED;
        size_t n = fault.len < sizeof verdict->reason ? fault.len : sizeof verdict->reason - 1;
        while (n < fault.len && n > 0 && ((unsigned char)fault.data[n] & 0xC0) == 0x80)
            n--; /* whole characters */
        memcpy(verdict->reason, fr_text_get(&fault), n);
    }
    fr_lists_release(&lists);
    fr_source_release(&source);
    fr_lexicon_free(lexicon);
    fr_text_release(&fault);
    return verdict->kind;
}
