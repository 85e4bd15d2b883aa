/* Everything the reasoning states is true, by a reader of the text that knows the dialect, the
 * puzzle and the simulator, and nothing of how the text was made. */
#include "organism/reasoning.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/prompts.h"
#include "test.h"
#include "unit/organism/task_fixture.h"

enum { ONTABLE = 4, CLEAR, HANDEMPTY, HOLDING, ON, PUT_DOWN = 1 };

/* ---- a reader -------------------------------------------------------------------------------- */

struct reader {
    const struct fr_problem *problem;
    const struct fr_naming *naming;
    const struct fr_puzzle *puzzle;
    struct fr_state state;
    const int32_t *tokens;
    const uint8_t *kinds;
    int n, at;
};

/* The next token, without its blank. */
static const char *peek(const struct reader *r) {
    static char word[80];
    assert_true(r->at < r->n);
    const struct fr_vocab *v = fr_task_vocab(task);
    const char *text = fr_vocab_text(v, r->tokens[r->at]);
    const size_t n = fr_vocab_text_len(v, r->tokens[r->at]);
    const size_t skip = n > 1 && text[0] == ' ';
    (void)snprintf(word, sizeof word, "%.*s", (int)(n - skip), text + skip);
    return word;
}

static bool next_is(const struct reader *r, const char *text) { return strcmp(peek(r), text) == 0; }

static void expect(struct reader *r, const char *text, enum fr_token_kind kind) {
    assert_string_equal(peek(r), text);
    assert_int_equal(r->kinds[r->at], kind);
    r->at++;
}

static bool read_sign(struct reader *r) {
    const bool good = next_is(r, "+");
    if (!good)
        assert_string_equal(peek(r), "-");
    r->at++;
    return good;
}

static int read_concept(struct reader *r) {
    for (int a = 0; a < 9; a++) {
        char word[80];
        fr_prompt_word(FR_STYLE_TERSE, NULL, r->naming, a, word, sizeof word);
        if (next_is(r, word)) {
            r->at++;
            return a;
        }
    }
    fail_msg("not a concept: %s", peek(r));
    return -1;
}

/* An object, or -1 when the next token is none. */
static int read_block(struct reader *r) {
    for (int b = 0; b < r->problem->n_objects; b++) {
        const char name[] = {(char)toupper((unsigned char)r->problem->objects[b][0]), '\0'};
        if (next_is(r, name)) {
            r->at++;
            return b;
        }
    }
    return -1;
}

struct phrase {
    int concept, n, args[2];
};

static struct phrase read_phrase(struct reader *r) {
    struct phrase p = {.concept = read_concept(r)};
    for (int b; p.n < 2 && r->at < r->n && (b = read_block(r)) >= 0;)
        p.args[p.n++] = b;
    return p;
}

static bool holds(const struct reader *r, const struct phrase *fact) {
    for (int i = 0; i < r->state.n_facts; i++) {
        const struct fr_atom *a = &r->state.facts[i];
        bool same = a->predicate == fact->concept - 4 && a->n_terms == fact->n;
        for (int k = 0; same && k < fact->n; k++)
            same = a->terms[k] == fact->args[k];
        if (same)
            return true;
    }
    return false;
}

/* Is a fact among an action's preconditions (effects false) or among what it makes true? */
static bool concerns(const struct reader *r, const struct phrase *action, const struct phrase *fact,
                     bool effects) {
    const struct fr_action *schema = &r->problem->domain->actions[action->concept];
    const int n = effects ? schema->n_effects : schema->n_preconditions;
    for (int i = 0; i < n; i++) {
        const struct fr_literal *l = effects ? &schema->effects[i] : &schema->preconditions[i];
        bool same =
            l->positive && l->atom.predicate == fact->concept - 4 && l->atom.n_terms == fact->n;
        for (int k = 0; same && k < fact->n; k++)
            same = action->args[l->atom.terms[k]] == fact->args[k];
        if (same)
            return true;
    }
    return false;
}

/* Final, by its definition: all the way down to the table as the goal wants it. */
static bool is_final(const struct reader *r, int block) {
    const int place = r->puzzle->goal[block];
    const struct phrase fact = {place < 0 ? ONTABLE : ON, place < 0 ? 1 : 2, {block, place}};
    return holds(r, &fact) && (place < 0 || is_final(r, place));
}

static void read_text(struct reader *r, const struct fr_text *want, enum fr_token_kind kind) {
    struct fr_text got = {0};
    const struct fr_vocab *v = fr_task_vocab(task);
    while (r->at < r->n && got.len < want->len) {
        assert_int_equal(r->kinds[r->at], kind);
        fr_text_append(&got, fr_vocab_text(v, r->tokens[r->at]),
                       fr_vocab_text_len(v, r->tokens[r->at]));
        r->at++;
    }
    assert_string_equal(fr_text_get(&got), fr_text_get(want));
    fr_text_release(&got);
}

/* ---- the parts ------------------------------------------------------------------------------- */

static void read_roles(struct reader *r) {
    for (int a = 0; a < 4; a++) {
        const struct fr_action *schema = &r->problem->domain->actions[a];
        expect(r, "*", FR_KIND_ROLES);
        assert_int_equal(read_concept(r), a);
        for (int i = 0; i < schema->n_params; i++)
            expect(r, i == 0 ? "x" : "y", FR_KIND_ROLES);
        expect(r, ":", FR_KIND_ROLES);
        int n_said = 0;
        for (bool added = false; !next_is(r, "\n");) {
            if (next_is(r, ">")) {
                added = true;
                r->at++;
                continue;
            }
            const int predicate = read_concept(r) - 4;
            bool found = false;
            for (int i = 0; i < schema->n_effects; i++)
                found = found || (schema->effects[i].atom.predicate == predicate &&
                                  schema->effects[i].positive == added);
            assert_true(found);
            n_said++;
            while (next_is(r, "x") || next_is(r, "y"))
                r->at++;
        }
        assert_int_equal(n_said, schema->n_effects);
        expect(r, "\n", FR_KIND_ROLES);
    }
}

static bool read_comparison(struct reader *r) {
    bool done = true, seen[FR_MAX_BLOCKS] = {false};
    while (r->kinds[r->at] == FR_KIND_COMPARE && !next_is(r, "\n")) {
        const int block = read_block(r);
        assert_true(block >= 0 && !seen[block]);
        seen[block] = true;
        assert_true(r->puzzle->goal[block] < 0 || seen[r->puzzle->goal[block]]);
        const bool sign = read_sign(r);
        assert_int_equal(sign, is_final(r, block));
        done = done && sign;
    }
    for (int b = 0; b < r->puzzle->n_blocks; b++) /* all that the goal speaks of */
        assert_true(r->puzzle->goal[b] < 0 || (seen[b] && seen[r->puzzle->goal[b]]));
    return done;
}

/* Goals are tried until one's support is final; then it is the last. Returns the goal, concept -1
 * when none was tried, and whether it was given up. */
static struct phrase read_exploration(struct reader *r, bool *abandoned, int *n_abandoned) {
    struct phrase goal = {.concept = -1};
    *abandoned = false;
    while (next_is(r, "~")) {
        expect(r, "~", FR_KIND_EXPLORE);
        assert_true(goal.concept < 0 || *abandoned);
        goal = read_phrase(r);
        const int block = goal.args[0], place = r->puzzle->goal[block];
        assert_int_equal(goal.concept, place < 0 ? ONTABLE : ON);
        assert_false(is_final(r, block));
        *abandoned = false;
        if (place >= 0) {
            assert_int_equal(goal.args[1], place);
            assert_int_equal(read_block(r), place);
            const bool sign = read_sign(r);
            assert_int_equal(sign, is_final(r, place));
            *abandoned = !sign;
        }
        *n_abandoned += *abandoned;
    }
    return goal;
}

/* Each action is there for the goal or for the fact just found missing. */
static void read_backward(struct reader *r, struct phrase wanted, struct phrase *last,
                          bool *possible) {
    *possible = false;
    last->concept = -1;
    while (next_is(r, "?")) {
        expect(r, "?", FR_KIND_BACKWARD);
        assert_false(*possible);
        *last = read_phrase(r);
        assert_true(last->concept < 4);
        assert_true(concerns(r, last, &wanted, true));
        expect(r, ":", FR_KIND_BACKWARD);
        *possible = true;
        while (!next_is(r, "?") && !next_is(r, ">")) {
            const struct phrase fact = read_phrase(r);
            assert_true(concerns(r, last, &fact, false));
            const bool sign = read_sign(r);
            assert_int_equal(sign, holds(r, &fact));
            assert_true(*possible); /* nothing is said after what is missing */
            *possible = sign;
            wanted = fact;
        }
    }
}

static int count_of[FR_KIND_COUNT], n_abandoned;

/* An action that was searched for, up to its sign. */
static void read_search(struct reader *r, struct phrase *last, bool *possible) {
    bool abandoned;
    const struct phrase goal = read_exploration(r, &abandoned, &n_abandoned);
    read_backward(r, goal, last, possible);
}

static void read_reasoning(struct reader *r, struct fr_plan *plan, int *n_slips) {
    read_roles(r);
    for (int line = 1;; line++) {
        struct fr_text want = {0};
        fr_text_printf(&want, "%d", line);
        fr_terse_facts(r->problem, r->naming, &r->state, &want);
        fr_text_add(&want, " |");
        read_text(r, &want, FR_KIND_STATE);
        fr_text_release(&want);
        if (read_comparison(r)) {
            expect(r, "\n", FR_KIND_COMPARE);
            break;
        }
        const bool slips = r->kinds[r->at] == FR_KIND_SLIP;
        const enum fr_token_kind kind = slips ? FR_KIND_SLIP : FR_KIND_ACTION;
        bool possible = false;
        struct phrase last;
        if (!slips)
            read_search(r, &last, &possible);
        *n_slips += slips;
        expect(r, ">", kind);
        const struct phrase action = read_phrase(r);
        expect(r, "\n", kind);
        if (slips) /* any action that can be done */
            assert_true(action.concept < 4);
        else if (possible)
            assert_memory_equal(&action, &last, sizeof last);
        else /* nowhere to go yet */
            assert_int_equal(action.concept, PUT_DOWN);
        const struct fr_step step = {.action = action.concept,
                                     .n_args = action.n,
                                     .args = {action.args[0], action.args[1]}};
        assert_true(fr_state_blocker(r->problem->domain, &r->state, &step) < 0);
        fr_state_apply(r->problem->domain, &r->state, &step);
        fr_plan_append(plan, &step);
    }
    for (int i = 0; i < plan->n_steps; i++) {
        struct fr_text want = {0};
        fr_text_add(&want, " >");
        fr_terse_step(r->problem, r->naming, &plan->steps[i], &want);
        read_text(r, &want, FR_KIND_PLAN);
        fr_text_release(&want);
    }
    expect(r, "\n", FR_KIND_PLAN);
    expect(r, "?", FR_KIND_VERIFY);
    int n_goals = 0;
    for (; !next_is(r, "\n"); n_goals++) {
        const struct phrase fact = read_phrase(r);
        assert_true(fact.concept == ON && r->puzzle->goal[fact.args[0]] == fact.args[1]);
        assert_true(read_sign(r) && holds(r, &fact));
    }
    assert_int_equal(n_goals, r->problem->n_goal);
    expect(r, "\n", FR_KIND_VERIFY);
    expect(r, "</think>", FR_KIND_VERIFY);
}

static void check(const struct fr_task_text *text) {
    static int32_t tokens[FR_TASK_MAX_TOKENS];
    static uint8_t kinds[FR_TASK_MAX_TOKENS];
    struct fr_error err = {0};
    struct fr_problem problem;
    struct fr_plan plan = {0}, answered = {0};
    struct fr_text answer = {0};
    int n_prompt = 0;
    const int n = fr_task_sequence(task, text, tokens, kinds, &n_prompt, &err);
    assert_ok(n < 0 ? n : 0, err);
    fr_puzzle_problem(text->puzzle, &fr_task_world(task)->domain, "read", &problem);
    for (int b = 0; text->letters != NULL && b < problem.n_objects; b++)
        problem.objects[b][0] = text->letters[b];
    struct reader r = {.problem = &problem,
                       .naming = text->naming,
                       .puzzle = text->puzzle,
                       .tokens = tokens,
                       .kinds = kinds,
                       .n = n,
                       .at = n_prompt};
    fr_state_set(&r.state, problem.init, problem.n_init);
    int n_slips = 0;
    read_reasoning(&r, &plan, &n_slips);
    assert_true(n_slips <= (text->slips != NULL ? 3 : 0));
    /* Two moves of two steps a block; a slip makes two blocks move once more at most, and puts what
     * it takes down first. */
    assert_true(plan.n_steps <= 4 * text->puzzle->n_blocks + 8 * n_slips);
    const struct fr_vocab *v = fr_task_vocab(task);
    for (int i = r.at; i < n - 1; i++) /* without <|im_end|> */
        fr_text_append(&answer, fr_vocab_text(v, tokens[i]), fr_vocab_text_len(v, tokens[i]));
    const struct fr_verdict verdict = fr_answer_verify(FR_STYLE_TERSE, NULL, fr_text_get(&answer),
                                                       NULL, &problem, text->naming, &answered);
    if (verdict.kind != FR_VERDICT_SOLVED)
        fail_msg("%s\n%s", fr_text_get(&answer), verdict.reason);
    assert_int_equal(answered.n_steps, plan.n_steps);
    for (int i = 0; i < n; i++)
        count_of[kinds[i]]++;
    fr_text_release(&answer);
    fr_state_release(&r.state);
    fr_plan_release(&plan);
    fr_plan_release(&answered);
    fr_problem_release(&problem);
}

/* ---- the tests ------------------------------------------------------------------------------- */

static void every_statement_of_the_reasoning_is_true(void **state) {
    (void)state;
    struct fr_rng rng;
    fr_rng_seed(&rng, 5, 0);
    const struct fr_namings *namings = &fr_task_world(task)->namings;
    memset(count_of, 0, sizeof count_of);
    n_abandoned = 0;
    for (int i = 0; i < 1500; i++) {
        struct fr_puzzle puzzle, example;
        const int n_blocks = 2 + (int)fr_rng_below(&rng, 5);
        fr_puzzle_random(&rng, n_blocks, &puzzle);
        fr_puzzle_random(&rng, n_blocks, &example);
        check(&(struct fr_task_text){.puzzle = &puzzle,
                                     .example = i % 3 == 0 ? &example : NULL,
                                     .naming = &namings->items[i % namings->n],
                                     .letters = i % 4 == 0 ? "bcegikl" : NULL,
                                     .slips = i % 5 == 0 ? &rng : NULL});
    }
    for (int k = 0; k < FR_KIND_COPY; k++)
        assert_true(count_of[k] > 1000);
    assert_true(n_abandoned > 1000);
}

static void the_order_is_the_goal_s_towers_from_the_table_up(void **state) {
    (void)state;
    const int8_t goal[] = {2, -1, 3, -1, 1, -1}; /* a on c on d; e on b; f alone */
    const int want[] = {1, 4, 3, 2, 0};
    int order[6];
    assert_int_equal(fr_reasoning_order(goal, 6, order), 5);
    assert_memory_equal(order, want, sizeof want);
}

static void what_stands_on_something_that_is_not_final_is_not_final(void **state) {
    (void)state;
    const int8_t goal[] = {1, 2, -1, -1}; /* a on b on c; d alone */
    const int order[] = {2, 1, 0};
    struct fr_towers towers = {.n_blocks = 4, .held = -1, .below = {1, 2, 3, -1}};
    bool final[4];
    fr_reasoning_final(&towers, goal, order, 3, final); /* c stands on d */
    assert_false(final[0] || final[1] || final[2] || final[3]);
    towers.below[2] = -1;
    fr_reasoning_final(&towers, goal, order, 3, final);
    assert_true(final[0] && final[1] && final[2] && !final[3]);
    towers.held = 0;
    fr_reasoning_final(&towers, goal, order, 3, final);
    assert_true(!final[0] && final[1] && final[2]);
}

static void a_writer_that_is_full_says_so_and_keeps_what_it_has(void **state) {
    (void)state;
    int32_t tokens[4];
    uint8_t kinds[4];
    struct fr_writer w = {.vocab = fr_task_vocab(task),
                          .tokens = tokens,
                          .kinds = kinds,
                          .n_max = 4};
    fr_text_add(&w.piece, " A B +");
    fr_writer_flush(&w, FR_KIND_COMPARE);
    assert_true(w.n == 3 && !w.overflow && kinds[2] == FR_KIND_COMPARE);
    fr_text_add(&w.piece, " A B");
    fr_writer_flush(&w, FR_KIND_STATE);
    assert_true(w.n == 3 && w.overflow);
    fr_writer_release(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_of_the_reasoning_is_true),
        cmocka_unit_test(the_order_is_the_goal_s_towers_from_the_table_up),
        cmocka_unit_test(what_stands_on_something_that_is_not_final_is_not_final),
        cmocka_unit_test(a_writer_that_is_full_says_so_and_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, open_task, close_task);
}
