/* Observed transitions: each action once, each true by the simulator, the same for the same problem
 * and for no other; actions that never apply, dead ends, problems too large. Which walk it is,
 * unit/prompts/inferred compares with a second implementation. */
#include <string.h>

#include "planning_fixture.h"

static bool same_state(const struct fr_state *a, const struct fr_state *b) {
    bool same = a->n_facts == b->n_facts;
    for (int i = 0; same && i < a->n_facts; i++)
        same = fr_state_has(b, &a->facts[i]);
    return same;
}

static bool same_transitions(const struct fr_transitions *a, const struct fr_transitions *b) {
    bool same = a->n == b->n;
    for (int i = 0; same && i < a->n; i++) {
        const struct fr_transition *x = &a->items[i], *y = &b->items[i];
        same = x->step.action == y->step.action && x->step.n_args == y->step.n_args &&
               !memcmp(x->step.args, y->step.args, (size_t)x->step.n_args * sizeof(int)) &&
               same_state(&x->before, &y->before) && same_state(&x->after, &y->after);
    }
    return same;
}

/* No action twice; every step applies and does what the simulator says; one starts the walk. */
static void assert_true_of(const struct fr_problem *problem, const struct fr_transitions *seen) {
    bool known[FR_MAX_CONCEPTS] = {false};
    struct fr_state init = {0}, state = {0};
    int n_first = 0;
    fr_state_set(&init, problem->init, problem->n_init);
    for (int i = 0; i < seen->n; i++) {
        const struct fr_transition *t = &seen->items[i];
        assert_false(known[t->step.action]);
        known[t->step.action] = true;
        assert_int_equal(t->step.n_args, problem->domain->actions[t->step.action].n_params);
        assert_int_equal(fr_state_blocker(problem->domain, &t->before, &t->step), -1);
        fr_state_set(&state, t->before.facts, t->before.n_facts);
        fr_state_apply(problem->domain, &state, &t->step);
        assert_true(same_state(&state, &t->after));
        n_first += same_state(&t->before, &init);
    }
    assert_true(seen->n == 0 || n_first > 0);
    fr_state_release(&init);
    fr_state_release(&state);
}

static void random_problem(struct fr_rng *rng, const struct fr_domain *domain, int n_blocks,
                           struct fr_problem *out) {
    struct fr_puzzle puzzle;
    fr_puzzle_random(rng, n_blocks, &puzzle);
    fr_puzzle_problem(&puzzle, domain, "p", out);
}

/* Every puzzle of two blocks or more has its four actions within a few steps. */
static void every_action_of_blocksworld_is_seen_once_and_is_true(void **state) {
    (void)state;
    enum { ROUNDS = 400 };
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_rng rng;
    int n_first[4] = {0};
    load_blocksworld(&d);
    fr_rng_seed(&rng, 1, 0);
    for (int round = 0; round < ROUNDS; round++) {
        struct fr_problem p;
        struct fr_transitions seen;
        random_problem(&rng, &d, 2 + round % 6, &p);
        assert_ok(fr_transitions_observe(&seen, &p, &err), err);
        assert_int_equal(seen.n, 4);
        assert_true_of(&p, &seen);
        n_first[seen.items[0].step.action]++;
        fr_transitions_release(&seen);
        fr_problem_release(&p);
    }
    for (int a = 0; a < 4; a++) /* in an order that tells nothing: 100 are expected, sd 8.7 */
        assert_true(n_first[a] > 60 && n_first[a] < 140);
    fr_domain_release(&d);
}

static void neither_the_name_nor_the_order_of_facts_matters(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_rng rng;
    load_blocksworld(&d);
    fr_rng_seed(&rng, 2, 0);
    for (int round = 0; round < 50; round++) {
        struct fr_problem p;
        struct fr_transitions first, again;
        random_problem(&rng, &d, 4, &p);
        struct fr_problem turned = p;
        struct fr_atom init[32];
        struct fr_literal goal[32];
        int order[32];
        char name[] = "another";
        assert_true(p.n_init <= 31 && p.n_goal <= 31);
        fr_rng_permutation(&rng, p.n_init, order);
        for (int i = 0; i < p.n_init; i++)
            init[i] = p.init[order[i]];
        init[p.n_init] = p.init[0]; /* and one twice */
        for (int i = 0; i < p.n_goal; i++)
            goal[i] = p.goal[p.n_goal - 1 - i];
        turned.name = name;
        turned.init = init;
        turned.n_init = p.n_init + 1;
        turned.goal = goal;
        assert_ok(fr_transitions_observe(&first, &p, &err), err);
        assert_ok(fr_transitions_observe(&again, &turned, &err), err);
        assert_true(same_transitions(&first, &again));
        fr_transitions_release(&again);
        fr_transitions_release(&first);
        fr_problem_release(&p);
    }
    fr_domain_release(&d);
}

/* The goal alone makes another walk, too. */
static void another_problem_is_another_walk(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_rng rng;
    int n_same = 0;
    load_blocksworld(&d);
    fr_rng_seed(&rng, 3, 0);
    for (int round = 0; round < 100; round++) {
        struct fr_problem p;
        struct fr_transitions one, two;
        random_problem(&rng, &d, 5, &p);
        assert_ok(fr_transitions_observe(&one, &p, &err), err);
        p.goal[0].positive = false;
        assert_ok(fr_transitions_observe(&two, &p, &err), err);
        n_same += same_transitions(&one, &two);
        fr_transitions_release(&one);
        fr_transitions_release(&two);
        fr_problem_release(&p);
    }
    assert_true(n_same < 10);
    fr_domain_release(&d);
}

static void parse(struct fr_domain *d, struct fr_problem *p, const char *domain,
                  const char *problem) {
    struct fr_error err = {0};
    assert_ok(fr_domain_parse(d, domain, "d", &err), err);
    assert_ok(fr_problem_parse(p, d, problem, "p", &err), err);
}

static void observe(const char *domain, const char *problem, int want) {
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_problem p;
    struct fr_transitions seen;
    parse(&d, &p, domain, problem);
    assert_ok(fr_transitions_observe(&seen, &p, &err), err);
    assert_true_of(&p, &seen);
    assert_int_equal(seen.n, want);
    fr_transitions_release(&seen);
    fr_transitions_release(&seen); /* twice does no harm */
    fr_problem_release(&p);
    fr_domain_release(&d);
}

/* Types, constants, equality, negations, an action without parameters. */
static void a_domain_with_all_the_reader_knows_is_observed(void **state) {
    (void)state;
    observe(delivery_domain, delivery_problem, 5);
}

/* both: what it needs can hold, but never together; fly: no object has what it needs, which nothing
 * changes. near, which never changes, stands in every state all the same (assert_true_of). */
static void an_action_that_never_applies_is_left_out(void **state) {
    (void)state;
    observe("(define (domain d) (:predicates (l ?x) (r ?x) (near ?x ?y) (wing ?x))\n"
            "(:action left :parameters (?x ?y) :precondition (and (r ?x) (near ?x ?y))\n"
            "  :effect (and (l ?x) (not (r ?x))))\n"
            "(:action right :parameters (?x) :precondition (l ?x)\n"
            "  :effect (and (r ?x) (not (l ?x))))\n"
            "(:action both :parameters (?x) :precondition (and (l ?x) (r ?x))\n"
            "  :effect (not (l ?x)))\n"
            "(:action fly :parameters (?x) :precondition (and (l ?x) (wing ?x)) :effect (r ?x)))",
            "(define (problem p) (:domain d) (:objects a b)\n"
            "(:init (near a b) (l a)) (:goal (r a)))",
            2);
    observe("(define (domain d) (:predicates (l) (r))\n"
            "(:action go :parameters () :precondition (r) :effect (l)))",
            "(define (problem p) (:domain d) (:init (l)) (:goal (r)))", 0);
}

/* Of wood there is ash or a toy, and nothing becomes wood again. */
static void where_nothing_applies_the_walk_begins_again(void **state) {
    (void)state;
    observe("(define (domain d) (:predicates (wood) (ash) (toy))\n"
            "(:action burn :parameters () :precondition (wood)\n"
            "  :effect (and (ash) (not (wood))))\n"
            "(:action carve :parameters () :precondition (wood)\n"
            "  :effect (and (toy) (not (wood)))))",
            "(define (problem p) (:domain d) (:init (wood)) (:goal (toy)))", 2);
}

static void a_problem_too_large_is_refused(void **state) {
    (void)state;
    static const struct fr_transitions none;
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_problem p;
    struct fr_text text = {0};
    struct fr_transitions seen;
    fr_text_add(&text, "(define (problem p) (:domain d) (:objects");
    for (int i = 0; i < 200; i++)
        fr_text_printf(&text, " o%d", i);
    fr_text_add(&text, ") (:init (on o1)) (:goal (on o2)))");
    parse(&d, &p,
          "(define (domain d) (:predicates (on ?x))\n"
          "(:action a :parameters (?p ?q ?r ?s ?t) :precondition (on ?p) :effect (on ?q)))",
          fr_text_get(&text));
    assert_int_equal(fr_transitions_observe(&seen, &p, &err), FR_E_LIMIT);
    assert_memory_equal(&seen, &none, sizeof seen);
    assert_non_null(strstr(err.text, "p: "));
    fr_text_release(&text);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_of_blocksworld_is_seen_once_and_is_true),
        cmocka_unit_test(neither_the_name_nor_the_order_of_facts_matters),
        cmocka_unit_test(another_problem_is_another_walk),
        cmocka_unit_test(a_domain_with_all_the_reader_knows_is_observed),
        cmocka_unit_test(an_action_that_never_applies_is_left_out),
        cmocka_unit_test(where_nothing_applies_the_walk_begins_again),
        cmocka_unit_test(a_problem_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
