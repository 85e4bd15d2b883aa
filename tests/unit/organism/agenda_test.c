/* Everything the agenda states is true, by a reader of the text that knows the dialect, the puzzle
 * and the simulator, and nothing of how the text was made. */
#include "organism/agenda.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/prompts.h"
#include "test.h"
#include "unit/organism/task_fixture.h"

enum { PICK_UP, PUT_DOWN, STACK, UNSTACK, HANDEMPTY = 6, ON = 8, MAX_WORDS = 48 };

/* ---- a reader, line by line ------------------------------------------------------------------ */

struct reader {
    const struct fr_puzzle *puzzle;
    struct fr_problem problem;
    const struct fr_naming *naming;
    struct fr_state state;
    struct fr_plan plan;
    char *rest; /* lines not read yet */
    int n;
    char *words[MAX_WORDS]; /* of the line */
};

static bool next_line(struct reader *r) {
    char *line = r->rest, *end = strchr(line, '\n'), *place;
    if (end == NULL)
        return false;
    *end = '\0';
    r->rest = end + 1;
    r->n = 0;
    for (char *w = strtok_r(line, " ", &place); w != NULL; w = strtok_r(NULL, " ", &place)) {
        assert_true(r->n < MAX_WORDS);
        r->words[r->n++] = w;
    }
    return true;
}

static bool is_word(const struct reader *r, int i, const char *text) {
    return i < r->n && strcmp(r->words[i], text) == 0;
}

static int concept_at(const struct reader *r, int i) {
    for (int a = 0; a < 9; a++) {
        char word[80];
        fr_prompt_word(FR_STYLE_AMBIGUOUS, NULL, r->naming, a, word, sizeof word);
        if (is_word(r, i, word))
            return a;
    }
    return -1;
}

static int block_at(const struct reader *r, int i) {
    for (int b = 0; b < r->problem.n_objects; b++) {
        const char name[] = {(char)toupper((unsigned char)r->problem.objects[b][0]), '\0'};
        if (is_word(r, i, name))
            return b;
    }
    return -1;
}

static bool holds(const struct reader *r, int predicate, int n, int first, int second) {
    struct fr_atom fact = {.predicate = predicate, .n_terms = n, .terms = {first, second}};
    return fr_state_has(&r->state, &fact);
}

/* ": D B harmony > feast D B > province B pain D" from word i on; returns the word after it. The
 * facts are those that hold after the step and did not before. */
static int read_step(struct reader *r, int i, int want) {
    struct fr_step step = {0};
    int letters[2], n = 0;
    assert_true(is_word(r, i++, ":"));
    while (n < 2 && block_at(r, i) >= 0)
        letters[n++] = block_at(r, i++);
    const bool empty = concept_at(r, i) == HANDEMPTY;
    i += empty;
    assert_int_equal(empty, holds(r, 2, 0, 0, 0));
    if (!empty) /* the first is the one in hand */
        assert_true(holds(r, 3, 1, letters[0], 0));
    assert_true(is_word(r, i++, ">"));
    step.action = concept_at(r, i++);
    assert_int_equal(step.action, want);
    for (step.n_args = n, n = 0; block_at(r, i) >= 0; n++) {
        assert_true(n < step.n_args);
        step.args[n] = block_at(r, i++);
        assert_int_equal(step.args[n], letters[n]);
    }
    assert_int_equal(n, r->problem.domain->actions[step.action].n_params);
    assert_true(fr_state_blocker(r->problem.domain, &r->state, &step) < 0);
    struct fr_state before = {0};
    int n_new = 0, n_said = 0;
    fr_state_set(&before, r->state.facts, r->state.n_facts);
    fr_state_apply(r->problem.domain, &r->state, &step);
    for (int k = 0; k < r->state.n_facts; k++)
        n_new += !fr_state_has(&before, &r->state.facts[k]);
    assert_true(is_word(r, i++, ">"));
    for (; concept_at(r, i) >= 4; n_said++) {
        struct fr_atom fact = {.predicate = concept_at(r, i++) - 4};
        while (block_at(r, i) >= 0)
            fact.terms[fact.n_terms++] = block_at(r, i++);
        assert_true(fr_state_has(&r->state, &fact) && !fr_state_has(&before, &fact));
    }
    assert_int_equal(n_said, n_new);
    fr_state_release(&before);
    fr_plan_append(&r->plan, &step);
    return i;
}

/* The line that names the actions, each after its strokes; into named, or to be as named. */
static void read_words(struct reader *r, int *named, bool known) {
    int i = 0;
    assert_true(next_line(r));
    assert_true(is_word(r, i++, "*"));
    for (int k = 0; k < 4; k++) {
        const int n = is_word(r, i, "-") ? 1 : 2;
        assert_true((n == 1 || is_word(r, i, "=")) && is_word(r, i + 1, ">"));
        const int action = concept_at(r, i + 2);
        assert_true(action >= 0 && action < 4);
        assert_int_equal(n, r->problem.domain->actions[action].n_params);
        assert_true(!known || named[k] == action);
        named[k] = action;
        i += 3;
    }
    assert_int_equal(i, r->n);
}

/* A prompt's first line, and the actions that it shows. */
static void read_prompt(struct reader *r, char *prompt, int *named, bool *shown) {
    char *const kept = r->rest;
    r->rest = prompt;
    memset(shown, 0, 4 * sizeof *shown);
    read_words(r, named, false);
    while (next_line(r) && is_word(r, 0, "*")) {
        int i = 1;
        while (!is_word(r, i, ">"))
            i++;
        const bool empty = concept_at(r, i - 1) == HANDEMPTY;
        const int action = concept_at(r, i + 1);
        assert_int_equal(empty, action == PICK_UP || action == UNSTACK);
        shown[action] = true;
    }
    r->rest = kept;
}

static void read_agenda(struct reader *r) {
    struct {
        bool build;
        int block, place;
    } items[2 * FR_MAX_BLOCKS];
    bool built[FR_MAX_BLOCKS] = {false};
    int n = 0;
    assert_true(next_line(r));
    assert_int_equal(r->n % 4, 0);
    for (int i = 0; i < r->n; i += 4, n++) {
        assert_int_equal(concept_at(r, i + 1), ON);
        items[n].build = is_word(r, i, "+");
        assert_true(items[n].build || is_word(r, i, "-"));
        assert_true(n == 0 || items[n].build >= items[n - 1].build);
        items[n].block = block_at(r, i + 2);
        items[n].place = block_at(r, i + 3);
    }
    for (int i = 0; i < n; i++) {
        assert_true(next_line(r));
        assert_int_equal(is_word(r, 0, "+"), items[i].build);
        assert_int_equal(concept_at(r, 1), ON);
        assert_int_equal(block_at(r, 2), items[i].block);
        assert_int_equal(block_at(r, 3), items[i].place);
        if (items[i].build) { /* all stand on the table, and each goal comes once */
            assert_int_equal(r->puzzle->goal[items[i].block], items[i].place);
            assert_false(built[items[i].block]);
            built[items[i].block] = true;
        } else {
            assert_true(holds(r, 4, 2, items[i].block, items[i].place));
        }
        int at = read_step(r, 4, items[i].build ? PICK_UP : UNSTACK);
        at = read_step(r, at, items[i].build ? STACK : PUT_DOWN);
        assert_int_equal(at, r->n);
    }
    for (int b = 0; b < r->puzzle->n_blocks; b++)
        assert_true(built[b] || r->puzzle->goal[b] < 0);
    assert_true(fr_goal_holds(&r->problem, &r->state));
}

static int n_open[3]; /* prompts that leave nothing open; pick-up and put-down; stack and unstack */

static void check(const struct fr_task_text *text) {
    static int32_t tokens[FR_TASK_MAX_TOKENS];
    static uint8_t kinds[FR_TASK_MAX_TOKENS];
    const struct fr_vocab *v = fr_task_vocab(task);
    struct reader r = {.puzzle = text->puzzle, .naming = text->naming};
    struct fr_error err = {0};
    struct fr_text prompt = {0}, whole = {0};
    struct fr_plan answered = {0};
    int n_prompt = 0, named[4], n_words = 0;
    bool shown[4];
    const int n = fr_task_sequence(task, text, tokens, kinds, &n_prompt, &err);
    assert_ok(n < 0 ? n : 0, err);
    for (int i = 0; i < n - 1; i++) { /* without <|im_end|> */
        fr_text_append(i < n_prompt ? &prompt : &whole, fr_vocab_text(v, tokens[i]),
                       fr_vocab_text_len(v, tokens[i]));
        n_words += kinds[i] == FR_KIND_ACTION;
    }
    char *reasoning = fr_strndup(fr_text_get(&whole), whole.len);
    fr_puzzle_problem(text->puzzle, &fr_task_world(task)->domain, "read", &r.problem);
    for (int b = 0; text->letters != NULL && b < r.problem.n_objects; b++)
        r.problem.objects[b][0] = text->letters[b];
    fr_state_set(&r.state, r.problem.init, r.problem.n_init);
    r.rest = reasoning;
    read_prompt(&r, strchr((char *)fr_text_get(&prompt), '\n') + 1, named, shown);
    read_words(&r, named, true);
    read_agenda(&r);
    read_words(&r, named, true);
    assert_true(next_line(&r) && is_word(&r, 0, "</think>"));
    assert_int_equal(n_words, r.plan.n_steps);
    const struct fr_verdict verdict =
        fr_answer_verify(FR_STYLE_AMBIGUOUS, NULL, fr_text_get(&whole), "</think>", &r.problem,
                         text->naming, &answered);
    if (verdict.kind != FR_VERDICT_SOLVED)
        fail_msg("%s\n%s", fr_text_get(&whole), verdict.reason);
    assert_int_equal(answered.n_steps, r.plan.n_steps);
    for (int i = 0; i < answered.n_steps; i++)
        assert_int_equal(answered.steps[i].action, r.plan.steps[i].action);
    assert_true(shown[PICK_UP] == shown[PUT_DOWN] && shown[STACK] == shown[UNSTACK]);
    assert_true(shown[PICK_UP] || shown[STACK]);
    n_open[!shown[PICK_UP] ? 1 : !shown[STACK] ? 2 : 0]++;
    free(reasoning);
    fr_text_release(&prompt);
    fr_text_release(&whole);
    fr_plan_release(&answered);
    fr_plan_release(&r.plan);
    fr_state_release(&r.state);
    fr_problem_release(&r.problem);
}

/* ---- the tests ------------------------------------------------------------------------------- */

static void every_statement_of_the_agenda_is_true(void **state) {
    (void)state;
    struct fr_rng rng;
    fr_rng_seed(&rng, 6, 0);
    const struct fr_namings *namings = &fr_task_world(task)->namings;
    for (int i = 0; i < 1500; i++) {
        struct fr_puzzle puzzle;
        fr_puzzle_random(&rng, 2 + (int)fr_rng_below(&rng, 3), &puzzle);
        check(&(struct fr_task_text){.puzzle = &puzzle,
                                     .naming = &namings->items[i % namings->n],
                                     .letters = i % 4 == 0 ? "bcegikl" : NULL,
                                     .ambiguous = true,
                                     .variant = i % 2 == 0 ? 0 : fr_rng_next(&rng)});
    }
    assert_true(n_open[0] > 120 && n_open[1] > 350 && n_open[2] > 350);
}

/* Of two actions of which neither is shown, either is named first as often as not. */
static void the_order_of_the_words_tells_nothing(void **state) {
    (void)state;
    enum { N = 4000 };
    struct fr_puzzle puzzle = {.n_blocks = 4, .init = {-1, -1, -1, -1}, .goal = {1, -1, -1, -1}};
    struct fr_problem problem;
    int n_first[2] = {0}, n_open_pairs[2] = {0};
    fr_puzzle_problem(&puzzle, &fr_task_world(task)->domain, "order", &problem);
    for (uint64_t variant = 0; variant < N; variant++) {
        struct fr_ambiguous_orders orders;
        int place[4];
        bool shown[4] = {false};
        fr_ambiguous_orders(&problem, variant, &orders);
        for (int i = 0; i < 4; i++)
            place[orders.named[i]] = i;
        for (int i = 0; i < orders.n_shown; i++)
            shown[orders.shown[i]] = true;
        for (int pair = 0; pair < 2; pair++) {
            if (shown[2 * pair] || shown[2 * pair + 1])
                continue;
            n_open_pairs[pair]++;
            n_first[pair] += place[2 * pair] < place[2 * pair + 1];
        }
    }
    for (int pair = 0; pair < 2; pair++) { /* 4 standard deviations */
        assert_true(n_open_pairs[pair] > N / 4);
        assert_true(abs(2 * n_first[pair] - n_open_pairs[pair]) < 4 * 39);
    }
    fr_problem_release(&problem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_of_the_agenda_is_true),
        cmocka_unit_test(the_order_of_the_words_tells_nothing),
    };
    return cmocka_run_group_tests(tests, open_task, close_task);
}
