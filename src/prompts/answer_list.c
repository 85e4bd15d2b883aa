/* Lines -> lists: which line is a heading, prose, a row, a tag or a fence; what may be an item goes
 * to answer_builder.c.
 *
 * Rejected: to find the list that a renderer would show; models indent as they please. */
#include "prompts/answer_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/answer_builder.h"
#include "prompts/answer_cut.h"
#include "prompts/answer_deed.h"
#include "prompts/answer_fault.h"
#include "prompts/answer_heading.h"
#include "prompts/answer_word.h"

enum { DOTS = 6, BARE_HEADING_PIECES = 3, TITLE_PIECES = 8 };

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

/* Nothing goes on across this place. */
static void cut(struct fr_builder *b) {
    fr_builder_suspend(b);
    b->numbered = -1;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Is a line without steps a heading, or the introduction of what follows? A numbered one is an
 * item, unless its words say what kind of section begins. */
static bool is_heading(const struct fr_builder *b) {
    const struct fr_line *line = &b->line;
    const struct fr_list *list = b->current < 0 ? NULL : &b->out->items[b->current];
    if (b->said.reading == FR_READING_STEPS)
        return false;
    const unsigned roles = fr_line_roles(line, line->first, line->n_pieces);
    const bool suspect = b->said.reading == FR_READING_SUSPECT;
    if (line->marker == FR_MARKER_NUMBER && line->phase)
        return (roles & (FR_ROLE_EXPLAIN | FR_ROLE_REJECT)) != 0;
    if (line->marker == FR_MARKER_NUMBER && line->named)
        return !suspect && (roles & FR_ROLES_ABOUT) != 0 &&
               (line->colon || line->heading || line->sentence ||
                line->n_pieces - line->first <= TITLE_PIECES);
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
           (list == NULL || line->hash || line->indent < list->indent + FR_CHILD_COLUMNS);
}

/* Notes what prose says of steps, where no section explains or rejects them; and in one that does
 * whether the plan is given up, by any line of it. around: the line stands around lists. */
static void note_asides(struct fr_builder *b, bool around) {
    struct fr_lists *out = b->out;
    const struct fr_line *line = &b->line;
    const unsigned against = FR_ROLE_EXPLAIN | FR_ROLE_REJECT;
    const struct fr_list *list = fr_builder_list(b, b->current);
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
static bool is_refused_label(const struct fr_builder *b) {
    const unsigned refused = FR_ROLE_REJECT | FR_ROLE_ALONE;
    return b->introduced && (b->introduction & refused) == refused &&
           b->line.n_pieces - b->line.first <= 2;
}

/* Does a line of a block say something of steps, or that there are none? Not "4", "see above". */
static bool speaks(const struct fr_builder *b) {
    const unsigned roles = fr_line_roles(&b->line, b->line.first, b->line.n_pieces);
    return b->said.reading != FR_READING_OTHER ||
           (roles & (FR_ROLE_NOT | FR_ROLE_WRONG | FR_ROLE_REJECT)) != 0;
}

static void take_words(struct fr_builder *b) {
    struct fr_line *line = &b->line;
    struct fr_list *list = fr_builder_list(b, b->current);
    struct fr_said *said = &b->said;
    if (line->marker == FR_MARKER_NUMBER && line->loose && said->reading != FR_READING_STEPS)
        line->marker = FR_MARKER_NONE; /* "4 blocks are ..." */
    if (said->reading == FR_READING_SUSPECT && b->out->stray.len == 0)
        fr_line_describe(line, fr_text_get(&said->why), &b->out->stray);
    const bool heading = is_heading(b);
    if (said->reading != FR_READING_STEPS)
        note_asides(b, (heading || line->named || line->marker == FR_MARKER_NONE) &&
                           (list == NULL || line->indent < list->indent + FR_CHILD_COLUMNS));
    if (list != NULL || !line->heading)
        fr_text_clear(&b->title);
    if (heading) {
        fr_text_clear(&b->told);
        b->told_line = 0;
        fr_builder_suspend(b);
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
        if (said->reading != FR_READING_OTHER && !fr_builder_has_aside(b) &&
            fr_tells_before(b->lexicon, line))
            fr_line_describe(line, fr_in_other_words, &b->told);
    } else {
        fr_builder_take(b);
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
static void take_letter(struct fr_builder *b) {
    const struct fr_list *current = fr_builder_list(b, b->current),
                         *list = fr_builder_list(b, b->numbered);
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

static void read_line(struct fr_builder *b, const struct fr_source_line *source, const char *text) {
    b->line.raw = source->raw;
    b->line.n_raw = source->n_raw;
    b->line.number = source->number;
    fr_line_read(&b->line, text, source->n);
}

static void take_line(struct fr_builder *b, const struct fr_source_line *source, const char *text) {
    read_line(b, source, text);
    struct fr_list *list = fr_builder_list(b, b->current);
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

static void take_row(struct fr_builder *b, const struct fr_source_line *source, const char *text) {
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
static bool goes_on(const struct fr_builder *b) {
    enum { FEW = 6 };
    return b->n_words == 0 ||
           (b->n_words <= FEW && (b->words_roles & (FR_ROLE_ADVERB | FR_ROLE_PART)) != 0 &&
            (b->words_roles & (FR_ROLE_REJECT | FR_ROLE_FINAL)) == 0);
}

static void open_block(struct fr_builder *b, bool alone) {
    struct fr_lists *out = b->out;
    FR_RESERVE(out->blocks, out->n_blocks, out->block_capacity);
    out->blocks[out->n_blocks] = (struct fr_block){.joins = out->n_blocks > 0 && goes_on(b),
                                                   .first_line = b->line.number,
                                                   .roles = fr_builder_roles(b),
                                                   .before = b->words_roles,
                                                   .alone = alone};
    b->block = out->n_blocks++;
    b->n_words = 0;
    b->words_roles = 0;
}

/* A block that the prompt opened began with the answer, or behind the last block. */
static void close_block(struct fr_builder *b) {
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
static void take_fence(struct fr_builder *b, const struct fr_source_line *source,
                       const char *text) {
    const struct fr_list *list = fr_builder_list(b, b->current);
    read_line(b, source, text);
    const bool titled =
        list != NULL && list->marker == FR_MARKER_NUMBER && list->own == 0 && list->n_below == 0;
    if (!titled && (list == NULL || list->marker == FR_MARKER_NONE ||
                    b->line.indent < list->indent + FR_CHILD_COLUMNS))
        fr_builder_suspend(b);
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
    struct fr_builder b = {.out = out,
                           .lexicon = lexicon,
                           .current = -1,
                           .numbered = -1,
                           .block = -1};
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
