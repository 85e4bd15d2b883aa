/* Siblings of the planted model: one table of words for all, whichever thread meets a word first,
 * and rows, choices and scripts as if each worked alone. */
#include <pthread.h>
#include <string.h>

#include "planted.h"
#include "support/siblings.h"
#include "support/test.h"

static struct fr_error err;
static const char *const words[9] = {"attack",   "succumb", "overcome", "feast", "planet",
                                     "province", "harmony", "pain",     "craves"};
static const struct fr_planted_naming namings[1] = {{"attack", words}};
static const char text[] = "attack the planet : succumb or overcome the pain of a feast";

/* Words that no prompt holds and that depend on the tokens: they enter the table while the other
 * thread is at work in it. */
static void script(void *user, const int32_t *tokens, int n, struct fr_text *good,
                   struct fr_text *bad) {
    (void)user;
    for (int i = 0; i < 6; i++) {
        fr_text_printf(good, " good%d", (int)tokens[(n - 1 - i) % n] % 1000 + i);
        fr_text_printf(bad, " bad%d", (int)tokens[(n - 1 - i) % n] % 1000 + i);
    }
}

static struct fr_model *open_first(void) {
    struct fr_planted_options options = fr_planted_options_defaults();
    options.n_slots = 3;
    options.context_tokens = 256;
    options.namings = namings;
    options.n_namings = 1;
    options.script = script;
    options.jitter = 0.5;
    struct fr_model *model = NULL;
    assert_ok(fr_model_open_planted(&model, &options, &err), err);
    return model;
}

static struct fr_model *open_sibling(struct fr_model *of) {
    struct fr_model *sibling = NULL;
    assert_ok(fr_model_open_sibling(&sibling, of, 1, &err), err);
    return sibling;
}

static void siblings_at_once_give_bit_for_bit_what_they_give_in_turn(void **state) {
    (void)state;
    struct fr_model *first = open_first(), *second = open_sibling(first);
    struct sibling_work at_once[2] = {
        {.model = first, .text = text, .seed = 1, .rounds = 20},
        {.model = second, .text = text, .seed = 2, .rounds = 20},
    };
    sibling_works_run_at_once(at_once, 2);
    fr_model_close(first);
    fr_model_close(second);
    first = open_first();
    for (int i = 0; i < 2; i++) { /* a table of its own, in another order */
        struct sibling_work alone = at_once[1 - i];
        alone.model = first;
        sibling_work_run(&alone);
        assert_ok(at_once[1 - i].status, at_once[1 - i].err);
        assert_ok(alone.status, alone.err);
        assert_true(alone.n_rows > 1000);
        assert_true(alone.digest == at_once[1 - i].digest);
    }
    assert_true(at_once[0].digest != at_once[1].digest);
    fr_model_close(first);
}

struct reading {
    struct fr_model *model;
    int seed, status;
    struct fr_tokens tokens;
    struct fr_error err;
};

/* The same 3,000 words in each thread, half of them from the other end. */
static void *read_words(void *user) {
    struct reading *r = user;
    struct fr_text all = {0};
    for (int i = 0; i < 3000; i++)
        fr_text_printf(&all, " word%d", r->seed ? 2999 - i : i);
    r->status = fr_model_tokenize(r->model, all.data, all.len, false, &r->tokens, &r->err);
    fr_text_release(&all);
    return NULL;
}

/* Among so many words some share a hash: who comes first decides, and all agree. */
static void a_words_id_is_one_in_all_siblings_whoever_met_it_first(void **state) {
    (void)state;
    struct reading readings[3] = {{.seed = 0}, {.seed = 1}, {.seed = 1}};
    pthread_t threads[3];
    readings[0].model = open_first();
    readings[1].model = open_sibling(readings[0].model);
    readings[2].model = open_sibling(readings[1].model);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_words, &readings[i]), 0);
    for (int i = 0; i < 3; i++)
        (void)pthread_join(threads[i], NULL);
    for (int i = 0; i < 3; i++) {
        assert_ok(readings[i].status, readings[i].err);
        assert_int_equal(readings[i].tokens.n, 3000);
    }
    for (int k = 0; k < 3000; k++) {
        const int32_t id = readings[0].tokens.ids[k];
        assert_int_equal(id, readings[1].tokens.ids[2999 - k]);
        assert_int_equal(id, readings[2].tokens.ids[2999 - k]);
        char expected[24];
        size_t n;
        (void)snprintf(expected, sizeof expected, " word%d", k);
        assert_string_equal(fr_model_token_text(readings[2].model, id, &n), expected);
    }
    for (int i = 0; i < 3; i++) { /* the first goes first; its words stay */
        fr_model_close(readings[i].model);
        fr_tokens_release(&readings[i].tokens);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siblings_at_once_give_bit_for_bit_what_they_give_in_turn),
        cmocka_unit_test(a_words_id_is_one_in_all_siblings_whoever_met_it_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
