/* Owns the loose reading of sentences for what they tell to be done: a verb of moving things, or an
 * action's word, in any form, with the objects of its clause. It finds no step: it asks whether the
 * plan does what is told. What no step does, a further step in other words, a correction or a step
 * before the first, puts the plan in doubt; what a step does is only said again.
 *
 * Rejected: to take for harmless what begins with no known word; there is always another. */
#include "prompts/answer_told.h"

#include <string.h>

#include "base/memory.h"
#include "prompts/answer_step.h"
#include "prompts/answer_word.h"

static bool ends_a_sentence(const struct fr_line *line, int i) {
    const enum fr_piece_kind kind = line->pieces[i].kind;
    return kind == FR_PIECE_STOP || kind == FR_PIECE_SEMICOLON || kind == FR_PIECE_COLON ||
           kind == FR_PIECE_ARROW;
}

/* The object at i, and behind it; -1 for none. A small "a" is one where nothing that it could be
 * the article of follows. */
static int object_at(const struct fr_reader *r, int i, int *object) {
    size_t n, m;
    const char *word = fr_word_at(r, i, &n), *next = fr_word_at(r, i + 1, &m);
    if (word == NULL)
        return -1;
    if (n == 1 && *word == 'a' && r->line->original.data[r->line->pieces[i].start] == 'a' &&
        next != NULL && fr_preposition_group_of(next, m) == 0 && fr_line_role(r->line, i + 1) == 0)
        return -1;
    return fr_match_object(r, i, object);
}

/* The place at i, "the table", and behind it; -1 for none. */
static int place_at(const struct fr_reader *r, int i) {
    for (int k = 0; k < r->x->n_places; k++) {
        if (fr_line_says(r->line, i, r->x->places[k]))
            return i + 1;
    }
    return -1;
}

/* Is the verb at i a noun: "the move", "in place", "four moves"? */
static bool is_noun(const struct fr_reader *r, int i) {
    static const char before[] = "a, the, this, each, every, one, next, in, an, of, second";
    return fr_line_says(r->line, i + 1, "of") ||
           (i > r->line->first && fr_line_says(r->line, i - 1, before));
}

/* Is what the verb at i tells denied, or only supposed, by a word of its clause before it? */
static bool is_unreal(const struct fr_line *line, int from, int i) {
    static const char words[] = "would, could, without, avoid, avoids, instead, than, before, if, "
                                "unless, considered, tried, tempted, tempting, consider";
    for (int k = i - 1; k >= from; k--) {
        if ((fr_line_role(line, k) & FR_ROLE_NOT) != 0 ||
            (fr_line_says(line, k, words) && !fr_line_says(line, k + 1, "have")))
            return true;
        if (line->pieces[k].kind == FR_PIECE_COMMA)
            return false;
    }
    return false;
}

/* "(after b was put down)", "once a is lifted": is what the verb at i tells done before? */
static bool is_before(const struct fr_line *line, int from, int i) {
    static const char no[] = "can, could, this, that, which, we, you, i";
    for (int k = i - 1; k >= from && line->pieces[k].kind != FR_PIECE_COMMA; k--) {
        if (fr_line_says(line, k, no))
            return false;
        if (fr_line_says(line, k, "after, once"))
            return true;
    }
    return false;
}

/* Reads the objects of pieces [from, to) in their order into told: what is moved, where no such is
 * known yet, and what it is moved from or to. */
static void take_objects(const struct fr_reader *r, int from, int to, int it,
                         struct fr_told *told) {
    unsigned group = 0;
    for (int i = from; i < to && !fr_piece_at(r, i, FR_PIECE_COMMA);) {
        size_t n;
        const char *word = fr_word_at(r, i, &n);
        int object = -1;
        if (word == NULL) {
            i++;
            continue;
        }
        const unsigned here = fr_preposition_group_of(word, n);
        if (here == 0 && fr_names_a_fact(r, i))
            return; /* "feast gives pain b" */
        if (here != 0 && group == 0) {
            group = here;
            told->leaves = told->leaves || here == FR_GROUP_FROM;
            told->comes = told->comes || (here & ~(unsigned)FR_GROUP_FROM) != 0;
        }
        int end = here != 0 ? -1 : object_at(r, i, &object);
        if (here == 0 && end < 0 && fr_line_says(r->line, i, "it, them, this, that") &&
            told->moved < 0 && group == 0) {
            told->moved = it;
            end = i + 1;
        }
        if (end >= 0 && object >= 0) {
            if (group == 0 && told->moved < 0 && told->other < 0)
                told->moved = object;
            else if (group != 0 && told->other < 0 && object != told->moved)
                told->other = object;
        } else if (here == 0 && end < 0 && (end = place_at(r, i)) >= 0) {
            told->place = told->place || (group & ~(unsigned)FR_GROUP_FROM) != 0;
        }
        if (end >= 0)
            group = 0;
        i = end > i ? end : i + 1;
    }
}

/* The last object of the clause that ends before piece to, -1 for none: what a passive speaks of.
 */
static int last_object(const struct fr_reader *r, int from, int to) {
    int found = -1;
    for (int i = from; i < to;) {
        int object = -1;
        const int end = object_at(r, i, &object);
        found = end >= 0 ? object : fr_piece_at(r, i, FR_PIECE_COMMA) ? -1 : found;
        i = end > i ? end : i + 1;
    }
    return found;
}

/* "On c, stack a", "on c goes a": where it goes stands first. */
static void take_inversion(const struct fr_reader *r, int from, int verb, struct fr_told *told) {
    size_t n;
    while ((fr_line_role(r->line, from) & FR_ROLE_ADVERB) != 0 ||
           (from < verb && !fr_piece_at(r, from, FR_PIECE_WORD)))
        from++;
    const char *word = fr_word_at(r, from, &n);
    if (from >= verb || word == NULL || fr_preposition_group_of(word, n) == 0)
        return;
    struct fr_told first = {.moved = -1, .other = -1};
    take_objects(r, from, verb, -1, &first);
    told->other = told->other < 0 && first.other != told->moved ? first.other : told->other;
    told->place = told->place || first.place;
    told->comes = told->comes || first.comes;
    told->leaves = told->leaves || first.leaves;
}

static bool stands(const struct fr_line *line, int i) {
    while (i > line->first && (fr_line_role(line, i - 1) & (FR_ROLE_ADVERB | FR_ROLE_STATE)) != 0)
        i--;
    return i > line->first && (fr_line_role(line, i - 1) & FR_ROLE_BE) != 0 &&
           !fr_line_says(line, i - 1, "has") && !fr_line_says(line, i - 1, "have");
}

/* The verb at i, in the sentence that begins at from; previous: behind the verb before. */
static void take_verb(const struct fr_reader *r, int from, int previous, int i, int to, int *it,
                      struct fr_told *told) {
    take_objects(r, i + 1, to, *it, told);
    if (told->moved < 0)
        told->moved = last_object(r, previous, i); /* "is stacked on c" */
    if (told->other == told->moved)
        told->other = -1;
    take_inversion(r, from, i, told);
    if (told->moved >= 0)
        *it = told->moved;
}

static void append(struct fr_tolds *tolds, const struct fr_told *told) {
    if (told->moved < 0 && told->other < 0 && !told->place)
        return;
    FR_RESERVE(tolds->items, tolds->n, tolds->capacity);
    tolds->items[tolds->n++] = *told;
}

/* "unstack b from a -> table": where it goes, and nothing else. */
static void read_arrow(const struct fr_reader *r, int from, int it, struct fr_tolds *tolds) {
    struct fr_told told = {.line = r->line->number,
                           .kind = FR_DEED_PUTS,
                           .action = -1,
                           .moved = -1,
                           .other = -1,
                           .comes = true};
    int i = from + 1, end;
    size_t n;
    const char *word;
    if (!fr_piece_at(r, from, FR_PIECE_ARROW))
        return;
    while ((word = fr_word_at(r, i, &n)) != NULL &&
           (fr_preposition_group_of(word, n) != 0 || fr_is_article(word, n)))
        i++;
    end = place_at(r, i);
    told.place = end >= 0;
    if (end < 0)
        end = fr_match_object(r, i, &told.other);
    if (end < 0 || end < r->line->n_pieces)
        return;
    told.moved = it;
    append(tolds, &told);
}

/* "a belongs on c", "a onto c", "a -> c": of two objects the one comes to the other, whatever the
 * words between. */
static void read_pairs(const struct fr_reader *r, int from, struct fr_tolds *tolds) {
    enum { FEW = 5 };
    for (int i = from, begin = from; i < r->line->n_pieces; i++) {
        int one = -1, other = -1;
        const int end = object_at(r, i, &one);
        if (ends_a_sentence(r->line, i))
            begin = i + 1;
        if (end < 0 || (i > from && fr_line_says(r->line, i - 1, "of")))
            continue;
        unsigned group = 0;
        int k = end;
        for (; k < end + FEW && group == 0; k++) {
            size_t n;
            const char *word = fr_word_at(r, k, &n);
            group = fr_piece_at(r, k, FR_PIECE_ARROW) ? FR_GROUP_TO
                    : word != NULL                    ? fr_preposition_group_of(word, n)
                                                      : FR_GROUP_FROM;
            int between = -1;
            if (group == 0 &&
                ((fr_line_role(r->line, k) & FR_ROLE_BE) != 0 || fr_names_a_fact(r, k) ||
                 fr_line_says(r->line, k, "and, being") || object_at(r, k, &between) >= 0))
                break; /* how things stand */
        }
        /* "a on c" says how things stand */
        if (k == end + 1 && fr_line_says(r->line, end, "on, atop"))
            continue;
        while (fr_line_says(r->line, k, "top, of"))
            k++;
        const int behind = object_at(r, k, &other);
        if ((group & (FR_GROUP_ON | FR_GROUP_TO)) == 0 || group == FR_GROUP_ANY || behind < 0 ||
            other == one || is_unreal(r->line, begin, behind))
            continue;
        append(tolds, &(struct fr_told){.line = r->line->number,
                                        .kind = FR_DEED_PUTS,
                                        .action = -1,
                                        .moved = one,
                                        .other = other,
                                        .comes = true,
                                        .pair = true});
        i = behind - 1;
    }
}

void fr_told_read(const struct fr_lexicon *lexicon, const struct fr_line *line, int from, int it,
                  struct fr_tolds *tolds) {
    const struct fr_reader r = {.x = lexicon, .line = line};
    struct fr_plan steps = {0};
    int places[FR_MAX_PIECES][2], step = 0, begin = from, previous = from;
    fr_lexicon_mentions(lexicon, line, from, &steps, places);
    read_arrow(&r, from, it, tolds);
    if (lexicon->n_places > 0 && steps.n_steps == 0)
        read_pairs(&r, from, tolds);
    for (int i = from; i < line->n_pieces; i++) {
        if (ends_a_sentence(line, i))
            begin = previous = i + 1;
        if (step < steps.n_steps && i == places[step][0]) {
            it = steps.steps[step].n_args > 0 ? steps.steps[step].args[0] : it;
            previous = places[step][1];
            i = places[step++][1] - 1;
            continue;
        }
        int action, unused;
        const enum fr_deed_kind kind = fr_deed_at(&r, i, &action);
        if ((kind == FR_DEED_NONE && action < 0) || is_noun(&r, i) ||
            fr_line_says(line, i, "empty") || is_unreal(line, begin, i))
            continue;
        int to = i + 1;
        while (to < line->n_pieces && !ends_a_sentence(line, to) &&
               (step >= steps.n_steps || to < places[step][0]) &&
               (is_noun(&r, to) || (fr_deed_at(&r, to, &unused) == FR_DEED_NONE && unused < 0)))
            to++;
        struct fr_told told = {.line = line->number,
                               .kind = kind,
                               .action = action,
                               .moved = -1,
                               .other = -1,
                               .stands = stands(line, i),
                               .after = is_before(line, begin, i)};
        take_verb(&r, begin, previous, i, to, &it, &told);
        previous = i + 1;
        append(tolds, &told);
    }
    fr_plan_release(&steps);
}

static bool holds(const struct fr_step *step, int object) {
    for (int i = 0; i < step->n_args; i++)
        if (step->args[i] == object)
            return true;
    return false;
}

static bool does(const struct fr_lexicon *x, const struct fr_step *step,
                 const struct fr_told *told) {
    const enum fr_deed_kind own = fr_deed_kind_of(x, step->action);
    const enum fr_deed_kind wanted = told->kind != FR_DEED_MOVES || told->leaves == told->comes
                                         ? told->kind
                                     : told->leaves ? FR_DEED_TAKES
                                                    : FR_DEED_PUTS;
    if (told->action >= 0 && told->kind == FR_DEED_NONE && told->action != step->action)
        return false;
    if (wanted != FR_DEED_NONE && wanted != FR_DEED_MOVES && own != FR_DEED_NONE && own != wanted)
        return false;
    if (told->place && own == FR_DEED_PUTS && step->n_args > 1)
        return false;
    if (told->moved >= 0 &&
        (own != FR_DEED_NONE ? step->args[0] != told->moved : !holds(step, told->moved)))
        return false;
    return told->other < 0 || holds(step, told->other);
}

bool fr_told_is_done(const struct fr_lexicon *lexicon, const struct fr_told *told,
                     const struct fr_plan *plan) {
    for (int i = 0; i < plan->n_steps; i++)
        if (does(lexicon, &plan->steps[i], told))
            return true;
    return false;
}

static bool says(const struct fr_atom *fact, const struct fr_told *told) {
    return fact->n_terms == 2 && fact->terms[0] == told->moved && fact->terms[1] == told->other;
}

bool fr_told_is_given(const struct fr_lexicon *lexicon, const struct fr_told *told, bool before) {
    const struct fr_problem *problem = lexicon->problem;
    for (int i = 0; i < problem->n_goal && before; i++)
        if (says(&problem->goal[i].atom, told))
            return true;
    for (int i = 0; i < problem->n_init && (told->pair || (told->stands && before)); i++)
        if (says(&problem->init[i], told) || (told->place && problem->init[i].n_terms == 1 &&
                                              problem->init[i].terms[0] == told->moved))
            return true;
    return false;
}
