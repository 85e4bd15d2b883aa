/* Owns the choice of the plan in an answer: the last [PLAN] ... [PLAN END] block, else the last
 * list of steps. Lines come from answer_line.c, what a line says from answer_step.c.
 *
 * A list is numbered, bulleted, or bare lines one below the other. A line of a list that is no
 * step but names an action or an object breaks it: leaving it out would judge a plan that nobody
 * wrote. Remarks below an item (further in, or bullets below numbers) are not the list's lines.
 *
 * Which list counts: the last that has no remarks behind its steps or stands under a heading that
 * announces a plan, else the last of all; a list that explains a plan step by step repeats it. When
 * another list could as well be meant (in a block, or bullets in sections, or one list inside
 * another) and its plan differs, the answer is unparsed. Rejected: joining lists, or taking the one
 * that solves the puzzle. */
#include "prompts/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/answer_step.h"

/* An answer is read in milliseconds; one of megabytes is a model that runs in circles. */
enum { SHOWN_BYTES = 100, ANSWER_CEILING = 1 << 20 };

struct list {
    enum fr_marker marker;
    char bullet;
    int indent;
    int first_line, last_line; /* of its steps, in the answer */
    int item;                  /* the last number */
    bool open, remarks;
    bool announced; /* a heading that announces a plan stands before it */
    struct fr_plan plan;
    struct fr_text fault;   /* not empty: broken, and why */
    struct fr_text pending; /* a fault if one more step follows */
};

struct reading {
    const struct fr_lexicon *lexicon;
    bool block; /* inside [PLAN] ... [PLAN END]: nothing but a plan is expected */
    int n, capacity;
    struct list *lists;
    int n_open, open_capacity;
    int *open;          /* indices of the lists that may still grow, few however many there are */
    int last_text_line; /* the last line that is not blank */
    bool announced;     /* by a heading since the last list began */
    struct fr_text suspect; /* the bullet just before, if it may be a step that was not read */
    int suspect_line, suspect_indent;
};

static void list_release(struct list *list) {
    fr_plan_release(&list->plan);
    fr_text_release(&list->fault);
    fr_text_release(&list->pending);
}

static void describe(const struct fr_line *line, const struct fr_text *why, struct fr_text *out) {
    size_t n = line->n_raw;
    const char *raw = line->raw;
    while (n > 0 && strchr(" \t\r", *raw) != NULL) {
        raw++;
        n--;
    }
    while (n > 0 && strchr(" \t\r", raw[n - 1]) != NULL)
        n--;
    fr_text_clear(out);
    fr_text_printf(out, "line %d: \"%.*s\"%s: %s", line->number,
                   (int)(n < SHOWN_BYTES ? n : SHOWN_BYTES), raw, n < SHOWN_BYTES ? "" : "...",
                   why->len > 0 ? fr_text_get(why) : "it is no step");
}

static struct list *open_list(struct reading *r, const struct fr_line *line,
                              enum fr_marker marker) {
    FR_RESERVE(r->lists, r->n, r->capacity);
    struct list *list = &r->lists[r->n++];
    *list = (struct list){.marker = marker,
                          .bullet = line->bullet,
                          .indent = line->indent,
                          .first_line = line->number,
                          .open = true,
                          .announced = r->announced};
    r->announced = false;
    FR_RESERVE(r->open, r->n_open, r->open_capacity);
    r->open[r->n_open++] = r->n - 1;
    return list;
}

static struct list *find_open(const struct reading *r, enum fr_marker marker, int indent,
                              char bullet) {
    for (int i = r->n_open; i-- > 0;) {
        struct list *list = &r->lists[r->open[i]];
        if (list->open && list->marker == marker &&
            (marker != FR_MARKER_BULLET || (list->indent == indent && list->bullet == bullet)))
            return list;
    }
    return NULL;
}

static void close_lists(struct reading *r, enum fr_marker marker) {
    int n = 0;
    for (int i = 0; i < r->n_open; i++) {
        struct list *list = &r->lists[r->open[i]];
        list->open = list->open && list->marker != marker;
        if (list->open)
            r->open[n++] = r->open[i];
    }
    r->n_open = n;
}

/* Takes steps[0..) over into the list. */
static void extend(struct list *list, const struct fr_plan *steps, const struct fr_line *line,
                   bool remark) {
    if (list->pending.len > 0 && list->fault.len == 0)
        fr_text_add(&list->fault, fr_text_get(&list->pending));
    for (int i = 0; i < steps->n_steps; i++)
        fr_plan_append(&list->plan, &steps->steps[i]);
    list->last_line = line->number;
    list->remarks = list->remarks || remark;
}

static void break_list(struct list *list, const struct fr_line *line, const struct fr_text *why) {
    if (list->fault.len == 0)
        describe(line, why, &list->fault);
}

/* ---- lines -------------------------------------------------------------------------------------
 */

static void numbered(struct reading *r, const struct fr_line *line, enum fr_reading reading,
                     const struct fr_plan *steps, bool remark, const struct fr_text *why) {
    struct list *list = find_open(r, FR_MARKER_NUMBER, 0, 0);
    /* Markdown numbers a list whose items are all "1." by itself. */
    const bool ones =
        list != NULL && line->item == 1 && list->item == 1 && r->last_text_line == list->last_line;
    if (list != NULL && line->item <= list->item && !ones) {
        close_lists(r, FR_MARKER_NUMBER);
        list = NULL;
    }
    if (list == NULL) {
        list = open_list(r, line, FR_MARKER_NUMBER);
    } else if (line->item > list->item + 1 && list->fault.len == 0 && reading != FR_READING_OTHER) {
        fr_text_printf(&list->fault, "line %d: the numbers jump from %d to %d", line->number,
                       list->item, line->item);
    }
    list->item = line->item;
    if (reading == FR_READING_STEPS)
        extend(list, steps, line, remark);
    else if (reading == FR_READING_SUSPECT)
        break_list(list, line, why);
}

static void bulleted(struct reading *r, const struct fr_line *line, enum fr_reading reading,
                     const struct fr_plan *steps, bool remark, const struct fr_text *why) {
    struct list *list = find_open(r, FR_MARKER_BULLET, line->indent, line->bullet);
    if (reading == FR_READING_STEPS) {
        if (list == NULL) {
            list = open_list(r, line, FR_MARKER_BULLET);
            if (r->suspect.len > 0 && r->suspect_line == r->last_text_line &&
                r->suspect_indent == line->indent)
                fr_text_add(&list->fault, fr_text_get(&r->suspect));
        }
        extend(list, steps, line, remark);
    } else if (reading == FR_READING_SUSPECT && list != NULL) {
        break_list(list, line, why);
    } else if (reading == FR_READING_SUSPECT) {
        describe(line, why, &r->suspect);
        r->suspect_line = line->number;
        r->suspect_indent = line->indent;
        if (line->colon)
            fr_text_clear(&r->suspect);
    }
}

static void bare(struct reading *r, const struct fr_line *line, enum fr_reading reading,
                 const struct fr_plan *steps, bool remark, const struct fr_text *why) {
    struct list *list = find_open(r, FR_MARKER_NONE, 0, 0);
    const bool adjacent = list != NULL && r->last_text_line == line->number - 1;
    if (reading == FR_READING_STEPS) {
        if (list == NULL)
            list = open_list(r, line, FR_MARKER_NONE);
        extend(list, steps, line, remark);
    } else if (list != NULL) {
        /* Words between two steps may be a step that was not read; behind the last they are not. */
        if (reading == FR_READING_SUSPECT && list->pending.len == 0 && (adjacent || r->block))
            describe(line, why, &list->pending);
        if (!adjacent && !r->block)
            close_lists(r, FR_MARKER_NONE);
    }
}

static bool holds_any(const struct fr_line *line, const char *const *words, size_t n) {
    for (int i = line->first; i < line->n_pieces; i++) {
        const struct fr_piece *piece = &line->pieces[i];
        for (size_t k = 0; piece->kind == FR_PIECE_WORD && k < n; k++)
            if ((size_t)piece->n >= strlen(words[k]) &&
                memcmp(line->text.data + piece->start, words[k], strlen(words[k])) == 0)
                return true;
    }
    return false;
}
#define HOLDS_ANY(line, words) holds_any((line), (words), sizeof(words) / sizeof *(words))

/* Does a heading announce a plan, rather than a part of one or what explains it? By the beginnings
 * of its words. */
static bool announces(const struct fr_line *line) {
    static const char *const plan[] = {"plan",     "final", "answer",   "correct", "revised",
                                       "solution", "steps", "sequence", "action",  "updated"};
    static const char *const other[] = {"expla", "analy", "reason", "breakdown", "why", "summary"};
    return HOLDS_ANY(line, plan) && !HOLDS_ANY(line, other);
}

/* "This action is not possible because ..." below an item takes the item back. */
static void take_back(struct reading *r, const struct fr_line *line) {
    static const char *const negative[] = {"impossible", "infeasible", "invalid"};
    static const char *const positive[] = {"possible", "feasible", "valid", "applicable"};
    static const char *const negation[] = {"not", "cannot", "isn"};
    if (!HOLDS_ANY(line, negative) && !(HOLDS_ANY(line, negation) && HOLDS_ANY(line, positive)))
        return;
    struct list *list = r->n > 0 ? &r->lists[r->n - 1] : NULL;
    if (list == NULL || !list->open || list->plan.n_steps == 0 || list->fault.len > 0)
        return;
    if (line->indent > list->indent ||
        (line->marker == FR_MARKER_BULLET && list->marker == FR_MARKER_NUMBER))
        fr_text_printf(&list->fault, "line %d takes the step of line %d back: it is not possible",
                       line->number, list->last_line);
}

static void take_line(struct reading *r, struct fr_line *line) {
    struct fr_plan steps = {0};
    struct fr_text why = {0};
    bool remark = false;
    if (line->blank || line->fence)
        return;
    const enum fr_reading reading = fr_lexicon_read(r->lexicon, line, &steps, &remark, &why);
    if (line->marker == FR_MARKER_NUMBER && line->loose && reading != FR_READING_STEPS)
        line->marker = FR_MARKER_NONE; /* "4 blocks are ..." */
    if (reading != FR_READING_STEPS)
        take_back(r, line);
    const bool heading = reading != FR_READING_STEPS && line->marker == FR_MARKER_NONE &&
                         (line->heading || line->colon);
    if (heading) {
        close_lists(r, FR_MARKER_BULLET);
        close_lists(r, FR_MARKER_NONE);
        r->announced = announces(line);
    } else if (line->marker == FR_MARKER_NUMBER) {
        numbered(r, line, reading, &steps, remark, &why);
    } else if (line->marker == FR_MARKER_BULLET) {
        bulleted(r, line, reading, &steps, remark, &why);
    } else {
        bare(r, line, reading, &steps, remark, &why);
    }
    r->last_text_line = line->number;
    fr_plan_release(&steps);
    fr_text_release(&why);
}

/* ---- the choice ---------------------------------------------------------------------------------
 */

static bool same_plan(const struct fr_plan *a, const struct fr_plan *b) {
    if (a->n_steps != b->n_steps)
        return false;
    for (int i = 0; i < a->n_steps; i++) {
        const struct fr_step *s = &a->steps[i], *t = &b->steps[i];
        if (s->action != t->action || s->n_args != t->n_args ||
            memcmp(s->args, t->args, (size_t)s->n_args * sizeof *s->args) != 0)
            return false;
    }
    return true;
}

/* Could the other list be part of the same plan, or the plan itself? */
static bool competes(const struct reading *r, const struct list *chosen, const struct list *other) {
    if (r->block)
        return true;
    const bool inside =
        other->first_line < chosen->last_line && chosen->first_line < other->last_line;
    const bool sections = other->last_line < chosen->first_line &&
                          chosen->marker != FR_MARKER_NUMBER && other->marker == chosen->marker &&
                          !chosen->announced;
    const bool restated_behind = other->first_line > chosen->last_line && other->fault.len == 0;
    /* Remarks below the items of a list repeat what they please of it. */
    return (inside && !other->remarks) || sections || restated_behind;
}

static const struct list *choose(const struct reading *r, struct fr_text *fault) {
    const struct list *chosen = NULL;
    for (int i = 0; i < r->n; i++) {
        const struct list *list = &r->lists[i];
        if (list->plan.n_steps > 0 &&
            (chosen == NULL || chosen->remarks || !list->remarks || list->announced))
            chosen = list;
    }
    if (chosen == NULL) {
        fr_text_printf(fault, "the %s holds no step", r->block ? "[PLAN] block" : "answer");
        for (int i = 0; i < r->n; i++)
            if (r->lists[i].fault.len > 0) {
                fr_text_printf(fault, "; %s", fr_text_get(&r->lists[i].fault));
                break;
            }
        return NULL;
    }
    if (chosen->fault.len > 0) {
        fr_text_add(fault, fr_text_get(&chosen->fault));
        return NULL;
    }
    for (int i = 0; i < r->n; i++) {
        const struct list *other = &r->lists[i];
        if (other == chosen || (other->plan.n_steps == 0 && !(r->block && other->fault.len > 0)) ||
            same_plan(&other->plan, &chosen->plan) || !competes(r, chosen, other))
            continue;
        fr_text_printf(fault, "two lists of steps that differ, from lines %d and %d on",
                       other->first_line, chosen->first_line);
        return NULL;
    }
    return chosen;
}

/* Reads the lines of text; number counts those before it. */
static bool read_text(const struct fr_lexicon *lexicon, const char *text, int number, bool block,
                      struct fr_plan *plan, struct fr_text *fault) {
    struct reading r = {.lexicon = lexicon, .block = block};
    struct fr_line *line = fr_alloc(1, sizeof *line);
    line->number = number;
    while (fr_line_next(line, &text))
        take_line(&r, line);
    const struct list *chosen = choose(&r, fault);
    if (chosen != NULL)
        for (int i = 0; i < chosen->plan.n_steps; i++)
            fr_plan_append(plan, &chosen->plan.steps[i]);
    for (int i = 0; i < r.n; i++)
        list_release(&r.lists[i]);
    free(r.lists);
    free(r.open);
    fr_text_release(&r.suspect);
    fr_line_release(line);
    free(line);
    return chosen != NULL;
}

/* ---- blocks
 * -------------------------------------------------------------------------------------- */

struct block {
    const char *begin, *end; /* of its content */
    int line;                /* lines before it */
    bool opened;             /* by its own [PLAN]; else by the prompt's */
};

/* Does the line hold the tag and nothing else that is seen, but markdown? */
static bool line_is_tag(const char *line, size_t n, const char *tag) {
    const char *p = line, *end = line + n;
    while (p < end && strchr(" \t\r*#`>", *p) != NULL)
        p++;
    const size_t length = strlen(tag);
    if ((size_t)(end - p) < length || !fr_equal_nocase(p, tag, length))
        return false;
    for (p += length; p < end; p++)
        if (strchr(" \t\r*#`:.", *p) == NULL)
            return false;
    return true;
}

/* The last block: from [PLAN] to [PLAN END], or to the end of the text; or, where the prompt ends
 * with [PLAN] and the answer goes on from there, from the beginning. */
static bool find_block(const char *text, struct block *out) {
    bool found = false, open = false;
    int number = 0;
    for (const char *line = text; *line; number++) {
        const size_t n = strcspn(line, "\n");
        const char *next = line + n + (line[n] == '\n');
        if (line_is_tag(line, n, "[PLAN]")) {
            *out = (struct block){.begin = next, .line = number + 1, .opened = true};
            found = open = true;
        } else if (line_is_tag(line, n, "[PLAN END]")) {
            if (!found) {
                *out = (struct block){.begin = text};
                found = open = true;
            }
            if (open)
                out->end = line;
            open = false;
        } else if (found && open && line_is_tag(line, n, "[STATEMENT]")) {
            out->end = line;
            open = false;
        }
        line = next;
    }
    if (found && open)
        out->end = text + strlen(text);
    return found;
}

/* A model that goes on writing puzzles after its answer: only what stands before them counts. */
static const char *find_next_puzzle(const char *text) {
    for (const char *line = text; *line;) {
        const size_t n = strcspn(line, "\n");
        if (line > text && line_is_tag(line, n, "[STATEMENT]"))
            return line;
        line += n + (line[n] == '\n');
    }
    return NULL;
}

enum fr_verdict_kind fr_answer_read(const char *text, const struct fr_wording *wording,
                                    const struct fr_problem *problem,
                                    const struct fr_naming *naming, struct fr_plan *plan,
                                    struct fr_verdict *verdict) {
    struct fr_lexicon *lexicon;
    struct fr_text fault = {0};
    struct block block = {0};
    plan->n_steps = 0;
    *verdict = (struct fr_verdict){.kind = FR_VERDICT_SOLVED};
    if (strnlen(text, ANSWER_CEILING + 1) > ANSWER_CEILING) {
        verdict->kind = FR_VERDICT_UNPARSED;
        (void)snprintf(verdict->reason, sizeof verdict->reason,
                       "the answer is longer than %d bytes", ANSWER_CEILING);
        return verdict->kind;
    }
    const char *puzzle = find_next_puzzle(text);
    char *answer = puzzle != NULL ? fr_strndup(text, (size_t)(puzzle - text)) : fr_strdup(text);
    fr_lexicon_new(&lexicon, wording, naming, problem);
    bool read;
    if (find_block(answer, &block)) {
        char *content = fr_strndup(block.begin, (size_t)(block.end - block.begin));
        read = read_text(lexicon, content, block.line, block.opened, plan, &fault);
        free(content);
    } else {
        read = read_text(lexicon, answer, 0, false, plan, &fault);
    }
    if (!read) {
        verdict->kind = FR_VERDICT_UNPARSED;
        const size_t n =
            fault.len < sizeof verdict->reason ? fault.len : sizeof verdict->reason - 1;
        memcpy(verdict->reason, fr_text_get(&fault), n);
    }
    fr_lexicon_free(lexicon);
    fr_text_release(&fault);
    free(answer);
    return verdict->kind;
}
