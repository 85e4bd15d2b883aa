/* The agenda; see agenda.h. Passed over: leaving alone what already stands where the goal wants it,
 * which would need a comparison of towers before the first line; and states between the actions,
 * which would tell the roles in other words. */
#include "organism/agenda.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/memory.h"
#include "prompts/prompts.h"

/* Concepts of Blocksworld in the order of data/namings.tsv. */
enum { PICK_UP, PUT_DOWN, STACK, UNSTACK, HANDEMPTY = 6, ON = 8 };

struct item {
    bool build;
    int block, place;
};

struct agenda {
    struct fr_writer *w;
    const struct fr_problem *problem;
    const struct fr_naming *naming;
    struct fr_plan *plan;
    int n;
    struct item items[2 * FR_MAX_BLOCKS];
};

/* ---- the agenda ------------------------------------------------------------------------------ */

static void add_item(struct agenda *a, bool build, int block, int place) {
    a->items[a->n++] = (struct item){build, block, place};
}

static void make(struct agenda *a, const struct fr_puzzle *puzzle) {
    bool covered[FR_MAX_BLOCKS] = {false};
    int order[FR_MAX_BLOCKS];
    for (int b = 0; b < puzzle->n_blocks; b++)
        if (puzzle->init[b] >= 0)
            covered[puzzle->init[b]] = true;
    for (int top = 0; top < puzzle->n_blocks; top++)
        for (int b = top; !covered[top] && puzzle->init[b] >= 0; b = puzzle->init[b])
            add_item(a, false, b, puzzle->init[b]);
    const int n = fr_reasoning_order(puzzle->goal, puzzle->n_blocks, order);
    for (int i = 0; i < n; i++)
        if (puzzle->goal[order[i]] >= 0)
            add_item(a, true, order[i], puzzle->goal[order[i]]);
}

/* ---- words ----------------------------------------------------------------------------------- */

static void say_word(const struct agenda *a, int concept) {
    char word[80];
    fr_prompt_word(FR_STYLE_AMBIGUOUS, NULL, a->naming, concept, word, sizeof word);
    fr_text_printf(&a->w->piece, " %s", word);
}

static void say_blocks(const struct agenda *a, int n, const int *blocks) {
    for (int i = 0; i < n; i++)
        fr_text_printf(&a->w->piece, " %c",
                       toupper((unsigned char)a->problem->objects[blocks[i]][0]));
}

static void write_words(const struct agenda *a, uint64_t variant, enum fr_token_kind kind) {
    fr_ambiguous_words(a->problem, a->naming, variant, &a->w->piece);
    fr_writer_flush(a->w, kind);
}

static void say_item(const struct agenda *a, const struct item *item) {
    fr_text_add(&a->w->piece, item->build ? " +" : " -");
    say_word(a, ON);
    say_blocks(a, 2, (const int[]){item->block, item->place});
}

/* What a step made true. */
static void say_added(const struct agenda *a, const struct fr_step *step) {
    const struct fr_action *action = &a->problem->domain->actions[step->action];
    struct fr_atom *added = fr_alloc((size_t)action->n_effects, sizeof *added);
    struct fr_state facts = {0};
    int n = 0;
    for (int i = 0; i < action->n_effects; i++)
        if (action->effects[i].positive)
            added[n++] = fr_atom_ground(&action->effects[i].atom, step->args);
    fr_state_set(&facts, added, n);
    fr_terse_facts(a->problem, a->naming, &facts, &a->w->piece);
    fr_state_release(&facts);
    free(added);
}

static void write_step(const struct agenda *a, const struct fr_step *step) {
    fr_text_add(&a->w->piece, " :");
    say_blocks(a, step->n_args, step->args);
    if (step->action == PICK_UP || step->action == UNSTACK)
        say_word(a, HANDEMPTY);
    fr_text_add(&a->w->piece, " >");
    fr_writer_flush(a->w, FR_KIND_STATE);
    say_word(a, step->action);
    fr_writer_flush(a->w, FR_KIND_ACTION);
    say_blocks(a, step->n_args, step->args);
    fr_text_add(&a->w->piece, " >");
    say_added(a, step);
    fr_writer_flush(a->w, FR_KIND_STATE);
    fr_plan_append(a->plan, step);
}

static void write_item(const struct agenda *a, const struct item *item) {
    const struct fr_step on_table = {.n_args = 1, .args = {item->block}},
                         on_block = {.n_args = 2, .args = {item->block, item->place}};
    struct fr_step take = item->build ? on_table : on_block;
    struct fr_step give = item->build ? on_block : on_table;
    take.action = item->build ? PICK_UP : UNSTACK;
    give.action = item->build ? STACK : PUT_DOWN;
    say_item(a, item);
    write_step(a, &take);
    write_step(a, &give);
    fr_text_add(&a->w->piece, "\n");
    fr_writer_flush(a->w, FR_KIND_STATE);
}

void fr_agenda_write(struct fr_writer *w, const struct fr_puzzle *puzzle,
                     const struct fr_problem *problem, const struct fr_naming *naming,
                     uint64_t variant, struct fr_plan *plan) {
    struct agenda a = {.w = w, .problem = problem, .naming = naming, .plan = plan};
    plan->n_steps = 0;
    make(&a, puzzle);
    write_words(&a, variant, FR_KIND_ROLES);
    for (int i = 0; i < a.n; i++)
        say_item(&a, &a.items[i]);
    fr_text_add(&w->piece, "\n");
    fr_writer_flush(w, FR_KIND_PLAN);
    for (int i = 0; i < a.n; i++)
        write_item(&a, &a.items[i]);
    write_words(&a, variant, FR_KIND_VERIFY);
    fr_text_add(&w->piece, "</think>\n");
    fr_writer_flush(w, FR_KIND_VERIFY);
    for (int i = 0; i < plan->n_steps; i++) {
        fr_text_printf(&w->piece, "%d", i + 1);
        fr_terse_step(problem, naming, &plan->steps[i], &w->piece);
        fr_text_add(&w->piece, i + 1 < plan->n_steps ? "\n" : "<|im_end|>");
    }
    fr_writer_flush(w, FR_KIND_ANSWER);
}
