/* The reasoning; see reasoning.h. Passed over: optimal plans, since which of several shortest plans
 * comes next cannot be read off the state; and choosing the next action in one go (the first
 * organism did: 98.8% of the actions right, one puzzle in five lost by them), since each word here
 * needs no more than one look at the line before it. */
#include "organism/reasoning.h"

#include <ctype.h>
#include <string.h>

#include "prompts/prompts.h"

const char *const fr_token_kind_name[FR_KIND_COUNT] = {"prompt",  "roles",    "state",  "compare",
                                                       "explore", "backward", "action", "plan",
                                                       "verify",  "answer",   "slip",   "copy"};

/* Concepts of Blocksworld in the order of data/namings.tsv. */
enum { PICK_UP, PUT_DOWN, STACK, UNSTACK, ONTABLE, CLEAR, HANDEMPTY, HOLDING, ON };

void fr_writer_flush(struct fr_writer *w, enum fr_token_kind kind) {
    w->scratch.n = 0;
    fr_vocab_encode(w->vocab, fr_text_get(&w->piece), w->piece.len, &w->scratch);
    fr_text_clear(&w->piece);
    if (w->n + w->scratch.n > w->n_max) {
        w->overflow = true;
        return;
    }
    if (w->scratch.n > 0)
        memcpy(w->tokens + w->n, w->scratch.ids, (size_t)w->scratch.n * sizeof *w->tokens);
    memset(w->kinds + w->n, kind, (size_t)w->scratch.n);
    w->n += w->scratch.n;
}

void fr_writer_release(struct fr_writer *w) {
    fr_text_release(&w->piece);
    fr_tokens_release(&w->scratch);
}

/* ---- the goal's towers ----------------------------------------------------------------------- */

int fr_reasoning_order(const int8_t *goal, int n_blocks, int *order) {
    int n = 0;
    int8_t above[FR_MAX_BLOCKS];
    memset(above, -1, sizeof above);
    for (int b = 0; b < n_blocks; b++)
        if (goal[b] >= 0)
            above[goal[b]] = (int8_t)b;
    for (int bottom = 0; bottom < n_blocks; bottom++)
        if (goal[bottom] < 0 && above[bottom] >= 0)
            for (int b = bottom; b >= 0; b = above[b])
                order[n++] = b;
    return n;
}

void fr_reasoning_final(const struct fr_towers *t, const int8_t *goal, const int *order,
                        int n_order, bool *final) {
    memset(final, 0, (size_t)t->n_blocks * sizeof *final);
    for (int i = 0; i < n_order; i++) { /* a block's place comes before it */
        const int b = order[i];
        final[b] = b != t->held && t->below[b] == goal[b] && (goal[b] < 0 || final[goal[b]]);
    }
}

/* The block on top of another one, or -1. */
static int block_on(const struct fr_towers *t, int block) {
    for (int b = 0; b < t->n_blocks; b++)
        if (b != t->held && t->below[b] == block)
            return b;
    return -1;
}

/* ---- words ----------------------------------------------------------------------------------- */

struct thought {
    struct fr_writer *w;
    const struct fr_problem *problem;
    const struct fr_naming *naming;
    const int8_t *goal;
    struct fr_towers towers;
    struct fr_state state;
    bool final[FR_MAX_BLOCKS];
    int order[FR_MAX_BLOCKS], n_order;
};

static void say_word(const struct thought *t, int concept) {
    char word[80];
    fr_prompt_word(FR_STYLE_TERSE, NULL, t->naming, concept, word, sizeof word);
    fr_text_printf(&t->w->piece, " %s", word);
}

static void say_block(const struct thought *t, int block) {
    fr_text_printf(&t->w->piece, " %c", toupper((unsigned char)t->problem->objects[block][0]));
}

/* A concept and its arguments; -1 for none. */
static void say(const struct thought *t, int concept, int first, int second) {
    say_word(t, concept);
    if (first >= 0)
        say_block(t, first);
    if (second >= 0)
        say_block(t, second);
}

static void say_sign(const struct thought *t, bool good) {
    fr_text_add(&t->w->piece, good ? " +" : " -");
}

/* ---- roles ----------------------------------------------------------------------------------- */

static void say_effects(const struct thought *t, const struct fr_action *action, bool positive) {
    static const char *const parameters[] = {" x", " y", " z"};
    for (int i = 0; i < action->n_effects; i++) {
        const struct fr_literal *effect = &action->effects[i];
        if (effect->positive != positive)
            continue;
        say_word(t, t->problem->domain->n_actions + effect->atom.predicate);
        for (int k = 0; k < effect->atom.n_terms; k++)
            fr_text_add(&t->w->piece, parameters[effect->atom.terms[k]]);
    }
}

static void write_roles(const struct thought *t) {
    static const char *const parameters[] = {"", " x", " x y"};
    for (int a = 0; a < t->problem->domain->n_actions; a++) {
        const struct fr_action *action = &t->problem->domain->actions[a];
        fr_text_add(&t->w->piece, "*");
        say_word(t, a);
        fr_text_printf(&t->w->piece, "%s :", parameters[action->n_params]);
        say_effects(t, action, false);
        fr_text_add(&t->w->piece, " >");
        say_effects(t, action, true);
        fr_text_add(&t->w->piece, "\n");
    }
    fr_writer_flush(t->w, FR_KIND_ROLES);
}

/* ---- the search ------------------------------------------------------------------------------ */

/* " ~ craves A B B -": the goal of a block is tried. True if its support is final. */
static bool try_goal(const struct thought *t, int block) {
    const int place = t->goal[block];
    const bool good = place < 0 || t->final[place];
    fr_text_add(&t->w->piece, " ~");
    if (place < 0) {
        say(t, ONTABLE, block, -1);
    } else {
        say(t, ON, block, place);
        say_block(t, place);
        say_sign(t, good);
    }
    fr_writer_flush(t->w, FR_KIND_EXPLORE);
    return good;
}

/* Something is in hand: where does it go? */
static struct fr_step place_held(const struct thought *t) {
    const int held = t->towers.held, place = t->goal[held];
    if (place < 0 || !try_goal(t, held))
        return (struct fr_step){.action = PUT_DOWN, .n_args = 1, .args = {held}};
    const bool clear = block_on(&t->towers, place) < 0;
    fr_text_add(&t->w->piece, " ?");
    say(t, STACK, held, place);
    fr_text_add(&t->w->piece, " :");
    say(t, CLEAR, place, -1);
    say_sign(t, clear);
    if (clear) {
        say(t, HOLDING, held, -1);
        say_sign(t, true);
    }
    fr_writer_flush(t->w, FR_KIND_BACKWARD);
    return clear ? (struct fr_step){.action = STACK, .n_args = 2, .args = {held, place}}
                 : (struct fr_step){.action = PUT_DOWN, .n_args = 1, .args = {held}};
}

/* Which action takes a block, and is it clear? If not, which takes the one on it ... */
static struct fr_step take(const struct thought *t, int block) {
    for (;;) {
        const int below = t->towers.below[block], above = block_on(&t->towers, block);
        const struct fr_step step = {.action = below < 0 ? PICK_UP : UNSTACK,
                                     .n_args = below < 0 ? 1 : 2,
                                     .args = {block, below < 0 ? 0 : below}};
        fr_text_add(&t->w->piece, " ?");
        say(t, step.action, block, below);
        fr_text_add(&t->w->piece, " :");
        say(t, CLEAR, block, -1);
        say_sign(t, above < 0);
        if (above < 0) {
            fr_writer_flush(t->w, FR_KIND_BACKWARD);
            return step;
        }
        block = above;
    }
}

/* The hand is empty: the goals from the last tower's top down to the one that can be reached, and
 * from there back to what can be done now. */
static struct fr_step seek(const struct thought *t) {
    int i = t->n_order - 1;
    while (t->final[t->order[i]])
        i--;
    int block = t->order[i];
    while (!try_goal(t, block))
        block = t->goal[block];
    const int place = t->goal[block];
    fr_text_add(&t->w->piece, " ?");
    say(t, place < 0 ? PUT_DOWN : STACK, block, place);
    fr_text_add(&t->w->piece, " :");
    const int on_place = place < 0 ? -1 : block_on(&t->towers, place);
    if (place >= 0) {
        say(t, CLEAR, place, -1);
        say_sign(t, on_place < 0);
    }
    if (on_place < 0) {
        say(t, HOLDING, block, -1);
        say_sign(t, false);
    }
    return take(t, on_place < 0 ? block : on_place);
}

/* Any legal step: a clear block, which goes into the empty hand or what is held goes on, or the
 * table. */
static struct fr_step slip(const struct thought *t, struct fr_rng *rng) {
    const int held = t->towers.held;
    int clear[FR_MAX_BLOCKS], n = 0;
    for (int b = 0; b < t->towers.n_blocks; b++)
        if (b != held && block_on(&t->towers, b) < 0)
            clear[n++] = b;
    const int i = (int)fr_rng_below(rng, (uint32_t)(n + (held >= 0)));
    if (held >= 0)
        return i == n ? (struct fr_step){.action = PUT_DOWN, .n_args = 1, .args = {held}}
                      : (struct fr_step){.action = STACK, .n_args = 2, .args = {held, clear[i]}};
    const int below = t->towers.below[clear[i]];
    return below < 0 ? (struct fr_step){.action = PICK_UP, .n_args = 1, .args = {clear[i]}}
                     : (struct fr_step){.action = UNSTACK, .n_args = 2, .args = {clear[i], below}};
}

/* A state, what is known of it and the next step, a slip if slips is not NULL; false when every
 * block is final. */
static bool write_line(struct thought *t, int number, struct fr_rng *slips, struct fr_step *step) {
    struct fr_writer *w = t->w;
    fr_text_printf(&w->piece, "%d", number);
    fr_terse_facts(t->problem, t->naming, &t->state, &w->piece);
    fr_text_add(&w->piece, " |");
    fr_writer_flush(w, FR_KIND_STATE);
    fr_reasoning_final(&t->towers, t->goal, t->order, t->n_order, t->final);
    bool done = true;
    for (int i = 0; i < t->n_order; i++) {
        say_block(t, t->order[i]);
        say_sign(t, t->final[t->order[i]]);
        done = done && t->final[t->order[i]];
    }
    if (done)
        fr_text_add(&w->piece, "\n");
    fr_writer_flush(w, FR_KIND_COMPARE);
    if (done)
        return false;
    *step = slips != NULL ? slip(t, slips) : t->towers.held >= 0 ? place_held(t) : seek(t);
    fr_text_add(&w->piece, " >");
    fr_terse_step(t->problem, t->naming, step, &w->piece);
    fr_text_add(&w->piece, "\n");
    fr_writer_flush(w, slips != NULL ? FR_KIND_SLIP : FR_KIND_ACTION);
    return true;
}

static void apply(struct thought *t, const struct fr_step *step) {
    const int block = step->args[0];
    FR_ASSERT(fr_state_blocker(t->problem->domain, &t->state, step) < 0);
    fr_state_apply(t->problem->domain, &t->state, step);
    t->towers.held = step->action == PICK_UP || step->action == UNSTACK ? block : -1;
    t->towers.below[block] = (int8_t)(step->action == STACK ? step->args[1] : -1);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void write_plan(const struct thought *t, const struct fr_plan *plan) {
    for (int i = 0; i < plan->n_steps; i++) {
        fr_text_add(&t->w->piece, " >");
        fr_terse_step(t->problem, t->naming, &plan->steps[i], &t->w->piece);
    }
    fr_text_add(&t->w->piece, "\n");
    fr_writer_flush(t->w, FR_KIND_PLAN);
}

static void write_verification(const struct thought *t) {
    fr_text_add(&t->w->piece, "?");
    for (int i = 0; i < t->problem->n_goal; i++) {
        const struct fr_atom *fact = &t->problem->goal[i].atom;
        say(t, ON, fact->terms[0], fact->terms[1]);
        say_sign(t, t->towers.below[fact->terms[0]] == fact->terms[1]);
    }
    fr_text_add(&t->w->piece, "\n</think>\n");
    fr_writer_flush(t->w, FR_KIND_VERIFY);
}

void fr_reasoning_write(struct fr_writer *w, const struct fr_puzzle *puzzle,
                        const struct fr_problem *problem, const struct fr_naming *naming,
                        struct fr_rng *slips, struct fr_plan *plan) {
    enum { MAX_SLIPS = 3, LINES_A_SLIP = 4 };
    struct thought t = {.w = w, .problem = problem, .naming = naming, .goal = puzzle->goal};
    t.towers = (struct fr_towers){.n_blocks = puzzle->n_blocks, .held = -1};
    memcpy(t.towers.below, puzzle->init, sizeof t.towers.below);
    fr_state_set(&t.state, problem->init, problem->n_init);
    t.n_order = fr_reasoning_order(puzzle->goal, puzzle->n_blocks, t.order);
    plan->n_steps = 0;
    write_roles(&t);
    struct fr_step step;
    int left = slips != NULL ? MAX_SLIPS : 0; /* a share of lines slips, as long as any are left */
    for (int line = 1;; line++) {
        const bool slips_here = left > 0 && fr_rng_below(slips, LINES_A_SLIP) == 0;
        if (!write_line(&t, line, slips_here ? slips : NULL, &step))
            break;
        left -= slips_here;
        apply(&t, &step);
        fr_plan_append(plan, &step);
    }
    write_plan(&t, plan);
    write_verification(&t);
    for (int i = 0; i < plan->n_steps; i++) {
        fr_text_printf(&w->piece, "%d", i + 1);
        fr_terse_step(problem, naming, &plan->steps[i], &w->piece);
        fr_text_add(&w->piece, i + 1 < plan->n_steps ? "\n" : "<|im_end|>");
    }
    fr_writer_flush(w, FR_KIND_ANSWER);
    fr_state_release(&t.state);
}
