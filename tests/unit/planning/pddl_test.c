/* The PDDL reader: what it keeps, where it says a fault is, and that rendering is its
 * inverse. */
#include <string.h>

#include "base/memory.h"
#include "planning_fixture.h"

static void the_blocksworld_file_has_the_concepts_in_the_paper_s_order(void **state) {
    (void)state;
    struct fr_domain d;
    load_blocksworld(&d);
    const char *const actions[] = {"pick-up", "put-down", "stack", "unstack"};
    const char *const predicates[] = {"ontable", "clear", "handempty", "holding", "on"};
    const int arities[] = {1, 1, 0, 1, 2};
    assert_string_equal(d.name, "blocksworld-4ops");
    assert_int_equal(d.n_actions, 4);
    assert_int_equal(d.n_predicates, 5);
    for (int i = 0; i < 4; i++)
        assert_string_equal(d.actions[i].name, actions[i]);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(d.predicates[i].name, predicates[i]);
        assert_int_equal(d.predicates[i].arity, arities[i]);
    }
    fr_domain_release(&d);
}

static void an_action_keeps_the_order_and_signs_of_its_literals(void **state) {
    (void)state;
    struct fr_domain d;
    load_blocksworld(&d);
    const struct fr_action *unstack = &d.actions[fr_domain_find_action(&d, "UnStack")];
    assert_int_equal(unstack->n_params, 2);
    assert_string_equal(unstack->params[1], "underob");
    const int pre[] = {4, 1, 2}; /* on, clear, handempty */
    assert_int_equal(unstack->n_preconditions, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(unstack->preconditions[i].atom.predicate, pre[i]);
        assert_true(unstack->preconditions[i].positive);
    }
    const int effects[] = {3, 1, 4, 1, 2};
    const int first[] = {0, 1, 0, 0, 0};
    assert_int_equal(unstack->n_effects, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(unstack->effects[i].atom.predicate, effects[i]);
        assert_int_equal(unstack->effects[i].atom.terms[0], first[i]);
        assert_int_equal(unstack->effects[i].positive, i < 2);
    }
    assert_int_equal(unstack->effects[2].atom.terms[1], 1);
    fr_domain_release(&d);
}

static void types_constants_equality_and_negation_are_read(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    parse_delivery(&d, &p);
    assert_string_equal(d.name, "delivery");
    assert_int_equal(d.n_types, 7); /* object truck van package vehicle shop place */
    assert_int_equal(d.n_constants, 1);
    assert_string_equal(d.constants[0], "depot");
    const struct fr_action *drive = &d.actions[0];
    assert_int_equal(drive->n_preconditions, 2);
    assert_int_equal(drive->n_equalities, 1);
    assert_false(drive->equalities[0].positive);
    assert_int_equal(drive->equalities[0].a, 1);
    assert_int_equal(drive->equalities[0].b, 2);
    assert_false(drive->preconditions[1].positive);
    assert_true(fr_type_is(&d, d.actions[1].param_types[1], drive->param_types[0]));
    assert_false(fr_type_is(&d, drive->param_types[0], d.actions[1].param_types[1]));
    const struct fr_action *repair = &d.actions[fr_domain_find_action(&d, "repair")];
    assert_int_equal(repair->preconditions[0].atom.terms[1], -1); /* the constant */

    assert_int_equal(p.n_objects, 7);
    assert_string_equal(p.objects[0], "depot"); /* constants come first */
    assert_int_equal(fr_problem_find_object(&p, "S2"), 6);
    assert_int_equal(p.n_init, 5); /* (not ...) says nothing */
    assert_int_equal(p.init[0].terms[1], 0);
    assert_int_equal(p.n_goal, 3);
    assert_false(p.goal[1].positive);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void assert_same_atom(const struct fr_atom *a, const struct fr_atom *b) {
    assert_int_equal(a->predicate, b->predicate);
    assert_int_equal(a->n_terms, b->n_terms);
    assert_memory_equal(a->terms, b->terms, (size_t)a->n_terms * sizeof *a->terms);
}

static void rendering_is_the_inverse_of_reading(void **state) {
    (void)state;
    struct fr_domain d, d2;
    struct fr_problem p, p2;
    struct fr_error err;
    struct fr_text text = {0}, again = {0};
    parse_delivery(&d, &p);
    fr_domain_render(&d, &text);
    assert_ok(fr_domain_parse(&d2, fr_text_get(&text), "again", &err), err);
    fr_domain_render(&d2, &again);
    assert_string_equal(fr_text_get(&text), fr_text_get(&again));
    assert_int_equal(d2.n_actions, d.n_actions);
    assert_int_equal(d2.n_types, d.n_types);
    for (int i = 0; i < d.n_types; i++)
        assert_int_equal(d2.type_parents[i], d.type_parents[i]);
    for (int a = 0; a < d.n_actions; a++) {
        assert_int_equal(d2.actions[a].n_preconditions, d.actions[a].n_preconditions);
        assert_int_equal(d2.actions[a].n_equalities, d.actions[a].n_equalities);
        assert_int_equal(d2.actions[a].n_effects, d.actions[a].n_effects);
        for (int i = 0; i < d.actions[a].n_effects; i++) {
            assert_same_atom(&d2.actions[a].effects[i].atom, &d.actions[a].effects[i].atom);
            assert_int_equal(d2.actions[a].effects[i].positive, d.actions[a].effects[i].positive);
        }
    }

    fr_text_clear(&text);
    fr_problem_render(&p, &text);
    assert_ok(fr_problem_parse(&p2, &d2, fr_text_get(&text), "again", &err), err);
    assert_string_equal(p2.name, p.name);
    assert_int_equal(p2.n_objects, p.n_objects);
    assert_int_equal(p2.n_init, p.n_init);
    assert_int_equal(p2.n_goal, p.n_goal);
    for (int i = 0; i < p.n_objects; i++) {
        assert_string_equal(p2.objects[i], p.objects[i]);
        assert_int_equal(p2.object_types[i], p.object_types[i]);
    }
    for (int i = 0; i < p.n_init; i++)
        assert_same_atom(&p2.init[i], &p.init[i]);
    for (int i = 0; i < p.n_goal; i++) {
        assert_same_atom(&p2.goal[i].atom, &p.goal[i].atom);
        assert_int_equal(p2.goal[i].positive, p.goal[i].positive);
    }
    fr_problem_release(&p2);
    fr_domain_release(&d2);
    fr_problem_release(&p);
    fr_domain_release(&d);
    fr_text_release(&text);
    fr_text_release(&again);
}

/* ---- faults --------------------------------------------------------------------------- */

struct fault {
    const char *text;   /* of a domain; of a problem of the delivery domain */
    const char *starts; /* how the message starts */
    const char *holds;  /* what else it must say */
};

#define DOMAIN "(define (domain d)\n"
#define PREDICATES DOMAIN "(:predicates (p ?x) (q ?x ?y))\n"
#define TYPED                                                                                      \
    DOMAIN "(:types truck depot - thing) (:constants k - thing) (:predicates (free ?x - truck))\n"

static const struct fault domain_faults[] = {
    {"", "f:1:1:", "end of the file"},
    {"; only a comment", "f:1:17:", "end of the file"},
    {"(define (problem d))", "f:1:10:", "this is a problem file"},
    {"(define (domain))", "f:1:16:", "a name"},
    {DOMAIN, "f:2:1:", "not closed"},
    {DOMAIN ") )", "f:2:3:", "after the end"},
    {DOMAIN "(:predicate (p)))", "f:2:2:", "did you mean :predicates?"},
    {DOMAIN "(:derived (p)))", "f:2:2:", ":derived is not supported"},
    {DOMAIN "(:durative-action a))", "f:2:2:", ":durative-action is not supported"},
    {DOMAIN "(:requirements :strips adl))", "f:2:24:", "a requirement such as"},
    {DOMAIN "(:functions (f) - object))", "f:2:19:", "values are objects"},
    {DOMAIN "(:functions (f) (F ?x)))", "f:2:18:", "declared twice"},
    {DOMAIN "(:functions - number))", "f:2:13:", "\"(\""},
    {DOMAIN "(:types a - (either)))", "f:2:20:", "the name of a type"},
    {DOMAIN "(:types a - (either b a)))", "f:2:9:", "its own supertype"},
    {DOMAIN "(:types a - b b - a))", "f:2:15:", "its own supertype"},
    {DOMAIN "(:types a - a))", "f:2:9:", "its own supertype"},
    {DOMAIN "(:types object - a))", "f:2:9:", "its own supertype"},
    {DOMAIN "(:types - a))", "f:2:9:", "a name"},
    {DOMAIN "(:types t) (:constants a - t a))", "f:2:30:", "declared twice, with two types"},
    {DOMAIN "(:types truck) (:constants a - truk))", "f:2:32:", "did you mean \"truck\""},
    {DOMAIN "(:predicates (p ?x) (P ?x ?y)))", "f:2:22:", "declared twice"},
    {DOMAIN "(:predicates (and)))", "f:2:15:", "cannot be a predicate"},
    {DOMAIN "(:predicates (p x)))", "f:2:17:", "a variable"},
    {DOMAIN "(:predicates (p ?a ?b ?c ?d ?e ?f ?g ?h ?i)))",
     "f:2:41:", "predicate \"p\" has 9 parameters; at most 8"},
    {DOMAIN "(:predicates (p ?)))", "f:2:17:", "without a name"},
    {DOMAIN "(:predicates (p #)))", "f:2:17:", "0x23 (#)"},
    {DOMAIN "(:predicates (p\xc3\xa9)))", "f:2:16:", "0xc3"},
    {PREDICATES "(:action a :parameters (?x ?x)))", "f:3:28:", "declared twice"},
    {PREDICATES "(:action a :parameters (?x) :effect (p ?y)))", "f:3:40:", "unknown variable"},
    {PREDICATES "(:action a :parameters (?x) :effect (p x)))", "f:3:40:", "unknown constant"},
    {PREDICATES "(:action a :parameters (?x) :effect (q ?x)))", "f:3:38:", "takes 2 terms"},
    {PREDICATES "(:action a :parameters (?x) :effect (p ?x ?x)))", "f:3:38:", "too many"},
    {PREDICATES "(:action a :effect (r)))", "f:3:21:", "unknown predicate \"r\""},
    {PREDICATES "(:action a :effect (forall (?x) (p ?x))))", "f:3:21:", "not supported"},
    {PREDICATES "(:action a :effect (when (p) (p))))", "f:3:21:", "(when ...) is not supported"},
    {PREDICATES "(:action a :precondition (or)))", "f:3:27:", "not supported"},
    {PREDICATES "(:action a :precondition (not (and))))", "f:3:32:", "before an atom only"},
    {PREDICATES "(:action a :parameters (?x) :effect (= ?x ?x)))", "f:3:38:", "preconditions"},
    {PREDICATES "(:action a :precondition (= ?x)))", "f:3:29:", "unknown variable"},
    {PREDICATES "(:action a :effect () :parameters (?x)))", "f:3:23:", "come first"},
    {PREDICATES "(:action a :effect () :effect ()))", "f:3:23:", "given twice"},
    {PREDICATES "(:action a) (:action A))", "f:3:22:", "declared twice"},
    {TYPED "(:action a :parameters (?x - depot) :effect (free ?x)))",
     "f:3:46:", "\"x\" is of type depot; term 1 of \"free\" must be of type truck"},
    {TYPED "(:action a :parameters (?x - depot) :precondition (free ?x)))",
     "f:3:52:", "of type truck"},
    {TYPED "(:action a :effect (not (free k))))", "f:3:26:", "\"k\" is of type thing"},
    {PREDICATES "(:predicates))", "f:3:2:", "given twice"},
};

#define PROBLEM "(define (problem x) (:domain delivery)\n(:objects t - truck b - package)\n"

static const struct fault problem_faults[] = {
    {"(define (domain d))", "f:1:10:", "this is a domain file"},
    {"(define (problem x) (:domain d))", "f:1:30:", "belongs to domain \"d\""},
    {PROBLEM "(:goal (and)))", "f:", "no (:init ...) section"},
    {PROBLEM "(:init))", "f:", "no (:goal ...) section"},
    {"(define (problem x) (:init) (:goal ()))", "f:", "no (:domain ...) section"},
    {PROBLEM "(:init (at t2 depot)))", "f:3:12:", "unknown object \"t2\""},
    {PROBLEM "(:init (at depot t)))", "f:3:12:", "must be of type vehicle"},
    {PROBLEM "(:init (at ?t depot)))", "f:3:12:", "variable"},
    {PROBLEM "(:init (= t t)))", "f:3:9:", "preconditions, and before a function, only"},
    {PROBLEM "(:init open))", "f:3:8:", "\"(\" of a fact"},
    {PROBLEM "(:init (opn)))", "f:3:9:", "did you mean \"open\""},
    {PROBLEM "(:init) (:goal (or (open))))", "f:3:17:", "not supported"},
    {PROBLEM "(:init) (:metric minimise x))", "f:3:18:", "minimize or maximize"},
    {PROBLEM "(:init) (:metric minimize x))", "f:3:27:", "unknown function \"x\""},
    {PROBLEM "(:init (and (open))))", "f:3:9:", "lists its facts one by one"},
    {PROBLEM "(:situation s0) (:init))", "f:3:2:", ":situation is not supported"},
    {PROBLEM "(:init) (:metric minimize (cost)))", "f:3:28:", "unknown function \"cost\""},
    {PROBLEM "(:init (= (cost) 3)))", "f:3:12:", "unknown function \"cost\""},
    {PROBLEM "(:init) (:goal (> 3 2)))", "f:3:17:", "a condition on numbers"},
    {"(define (problem x) (:domain delivery) (:objects Depot))",
     "f:1:50:", "a constant of the domain already, of another type"},
    {"(define (problem x) (:domain delivery) (:objects a A - truck a - place))",
     "f:1:62:", "declared twice, with two types"},
};

static void assert_fault(const struct fault *fault, int rc, const struct fr_error *err) {
    if (rc != FR_E_INPUT && rc != FR_E_LIMIT)
        fail_msg("accepted: %s", fault->text);
    if (strncmp(err->text, fault->starts, strlen(fault->starts)) ||
        !strstr(err->text, fault->holds))
        fail_msg("for:\n%s\nexpected \"%s ... %s\", got \"%s\"", fault->text, fault->starts,
                 fault->holds, err->text);
}

static void a_fault_in_a_domain_is_reported_at_its_line_and_column(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof domain_faults / sizeof *domain_faults; i++) {
        struct fr_domain d;
        struct fr_error err = {0};
        assert_fault(&domain_faults[i], fr_domain_parse(&d, domain_faults[i].text, "f", &err),
                     &err);
        assert_int_equal(d.n_actions, 0); /* released and zeroed */
        assert_null(d.predicates);
    }
}

/* Some of its objects may be trucks. */
static void a_parameter_may_be_of_a_wider_type_than_the_predicate_s(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_error err = {0};
    assert_ok(fr_domain_parse(&d, TYPED "(:action a :parameters (?x - thing) :effect (free ?x)))",
                              "f", &err),
              err);
    fr_domain_release(&d);
}

/* Twice is once; a typed list may be of no name; of an effect that adds and deletes the adding
 * holds, as in PDDL. */
static void what_is_said_again_is_kept_once(void **state) {
    (void)state;
    static const char domain[] =
        DOMAIN "(:types t u) (:constants k - t K - t)\n(:predicates (p ?x) (q))\n"
               "(:action a :parameters (?x) :effect (and (not (p ?x)) (q) (p ?x) (p ?x) (not (q)) "
               "(not (p k)))))";
    static const char problem[] =
        "(define (problem x) (:domain d) (:objects a b - t - u a - t c - u - t)\n"
        "(:init (p b) (p a) (p b) (q) (p a)) (:goal (and (q) (p a) (not (p b)) (p a) (not (p "
        "b)))))";
    struct fr_domain d;
    struct fr_problem p;
    struct fr_error err = {0};
    struct fr_text text = {0};
    assert_ok(fr_domain_parse(&d, domain, "f", &err), err);
    assert_int_equal(d.n_constants, 1);
    assert_int_equal(d.actions[0].n_effects, 3);
    assert_true(d.actions[0].effects[0].positive && d.actions[0].effects[0].atom.predicate == 1);
    assert_true(d.actions[0].effects[1].positive && d.actions[0].effects[1].atom.terms[0] == 0);
    assert_true(!d.actions[0].effects[2].positive && d.actions[0].effects[2].atom.terms[0] == -1);
    assert_ok(fr_problem_parse(&p, &d, problem, "f", &err), err);
    fr_problem_render(&p, &text);
    assert_string_equal(
        fr_text_get(&text),
        "(define (problem x)\n(:domain d)\n(:objects a b - t c - u)\n(:init\n(p b)\n"
        "(p a)\n(q)\n)\n(:goal\n(and\n(q)\n(p a)\n(not (p b))\n)))\n");
    bool told[4] = {false};
    fr_problem_mark_named(&p, NULL, told);
    assert_true(told[0] && told[1] && told[2] && !told[3]);
    fr_text_release(&text);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void a_fault_in_a_problem_is_reported_at_its_line_and_column(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_error err = {0};
    assert_ok(fr_domain_parse(&d, delivery_domain, "delivery", &err), err);
    for (size_t i = 0; i < sizeof problem_faults / sizeof *problem_faults; i++) {
        struct fr_problem p;
        assert_fault(&problem_faults[i],
                     fr_problem_parse(&p, &d, problem_faults[i].text, "f", &err), &err);
        assert_null(p.objects);
    }
    fr_domain_release(&d);
}

/* Every prefix of a good file is a bad file, and none may crash the reader. */
static void every_prefix_of_a_file_is_refused(void **state) {
    (void)state;
    struct fr_error err;
    const size_t n = strlen(delivery_domain) - 1; /* without the last line feed */
    for (size_t i = 0; i < n; i++) {
        char *text = fr_strndup(delivery_domain, i);
        struct fr_domain d;
        assert_int_equal(fr_domain_parse(&d, text, "f", &err), FR_E_INPUT);
        free(text);
    }
    struct fr_domain d;
    assert_ok(fr_domain_parse(&d, delivery_domain, "f", &err), err);
    for (size_t i = 0; i + 1 < strlen(delivery_problem); i++) {
        char *text = fr_strndup(delivery_problem, i);
        struct fr_problem p;
        assert_int_equal(fr_problem_parse(&p, &d, text, "f", &err), FR_E_INPUT);
        free(text);
    }
    fr_domain_release(&d);
}

static void repeat(struct fr_text *out, const char *piece, int n) {
    for (int i = 0; i < n; i++)
        fr_text_add(out, piece);
}

static void deep_and_long_input_hits_a_stated_limit(void **state) {
    (void)state;
    struct fr_error err;
    struct fr_domain d;
    struct fr_text text = {0};

    fr_text_add(&text, PREDICATES "(:action a :precondition ");
    repeat(&text, "(and ", 1000000);
    assert_int_equal(fr_domain_parse(&d, fr_text_get(&text), "f", &err), FR_E_LIMIT);
    assert_non_null(strstr(err.text, "nested deeper than 32"));

    fr_text_clear(&text);
    repeat(&text, "(", 1000000);
    assert_int_equal(fr_domain_parse(&d, fr_text_get(&text), "f", &err), FR_E_INPUT);

    fr_text_clear(&text);
    fr_text_add(&text, DOMAIN "(:types ");
    for (int i = 0; i < FR_MAX_TYPES; i++) /* and object: one too many */
        fr_text_printf(&text, "t%d ", i);
    fr_text_add(&text, "))");
    assert_int_equal(fr_domain_parse(&d, fr_text_get(&text), "f", &err), FR_E_LIMIT);
    assert_non_null(strstr(err.text, "more than 1024 types"));

    fr_text_clear(&text);
    fr_text_add(&text, PREDICATES "(:action go :parameters (");
    for (int i = 0; i <= FR_MAX_PARAMS; i++)
        fr_text_printf(&text, "?x%d ", i);
    fr_text_add(&text, ")))");
    assert_int_equal(fr_domain_parse(&d, fr_text_get(&text), "f", &err), FR_E_LIMIT);
    assert_non_null(strstr(err.text, "action \"go\" has 65 parameters; at most 64"));
    fr_text_release(&text);
}

/* What was a ceiling once and is bounded by memory alone now. */
static void long_names_and_long_lists_are_read(void **state) {
    (void)state;
    enum { N = 5000 };
    struct fr_error err;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_plan plan;
    struct fr_verdict verdict;
    struct fr_text name = {0}, text = {0}, again = {0};
    repeat(&name, "a-long-name-", 100);
    fr_text_printf(&text, "(define (domain %s) (:constants ", fr_text_get(&name));
    for (int i = 0; i < N; i++)
        fr_text_printf(&text, "c%d ", i);
    fr_text_add(&text, ") (:predicates ");
    for (int i = 0; i < N; i++)
        fr_text_printf(&text, "(p%d ?x)", i);
    fr_text_printf(&text, ") (:action %s :parameters (", fr_text_get(&name));
    for (int i = 0; i < FR_MAX_PARAMS; i++)
        fr_text_printf(&text, "?x%d ", i);
    fr_text_printf(&text, ") :effect (and (p%d ?x%d) ", N - 1, FR_MAX_PARAMS - 1);
    for (int i = 0; i < N; i++)
        fr_text_printf(&text, "(p%d ?x1)", i);
    fr_text_add(&text, "))");
    for (int i = 0; i < N; i++)
        fr_text_printf(&text, "(:action a%d)", i);
    fr_text_add(&text, ")");
    assert_ok(fr_domain_parse(&d, fr_text_get(&text), "f", &err), err);
    assert_int_equal(d.n_constants, N);
    assert_int_equal(d.n_predicates, N);
    assert_int_equal(d.n_actions, N + 1);
    assert_int_equal(d.actions[0].n_effects, N + 1);
    assert_string_equal(d.actions[0].name, fr_text_get(&name));

    fr_text_clear(&text);
    fr_text_printf(&text, "(define (problem x) (:domain %s) (:objects ", fr_text_get(&name));
    for (int i = 0; i < N; i++)
        fr_text_printf(&text, "o%d ", i);
    fr_text_add(&text, ") (:init ");
    for (int i = 0; i < 70000; i++)
        fr_text_printf(&text, "(p%d o%d)", i % N, i / N);
    repeat(&text, "(p0 o1)", 70000); /* said again */
    fr_text_printf(&text, ") (:goal (p%d o%d)))", N - 1, N - 1);
    assert_ok(fr_problem_parse(&p, &d, fr_text_get(&text), "f", &err), err);
    assert_int_equal(p.n_objects, 2 * N);
    assert_int_equal(p.n_init, 70000);

    fr_text_clear(&text);
    fr_text_printf(&text, "(%s", fr_text_get(&name));
    for (int i = 0; i < FR_MAX_PARAMS; i++)
        fr_text_printf(&text, " o%d", N - FR_MAX_PARAMS + i);
    fr_text_add(&text, ")\n");
    assert_int_equal(fr_plan_parse_pddl(&plan, &p, fr_text_get(&text), &verdict),
                     FR_VERDICT_SOLVED);
    assert_int_equal(fr_plan_verify(&p, &plan).kind, FR_VERDICT_SOLVED);
    fr_plan_render(&p, &plan, &again);
    assert_string_equal(fr_text_get(&again), fr_text_get(&text));
    fr_plan_release(&plan);
    fr_problem_release(&p);
    fr_domain_release(&d);
    fr_text_release(&name);
    fr_text_release(&text);
    fr_text_release(&again);
}

/* Sections that wait for others are passed over without recursion, and looked for once. */
static void deep_and_many_sections_out_of_order_are_borne(void **state) {
    (void)state;
    struct fr_error err;
    struct fr_domain d;
    struct fr_text text = {0};
    fr_text_add(&text, "(define (domain d) (:action a :precondition ");
    repeat(&text, "(", 1000000);
    repeat(&text, ")", 1000000);
    fr_text_add(&text, ") (:predicates (p)))");
    assert_int_equal(fr_domain_parse(&d, fr_text_get(&text), "f", &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "expected a predicate"));

    fr_text_clear(&text);
    fr_text_add(&text, "(define (domain d) ");
    for (int i = 0; i < 100000; i++)
        fr_text_printf(&text, "(:action a%d)", i);
    fr_text_add(&text, "(:predicates (p)))");
    assert_ok(fr_domain_parse(&d, fr_text_get(&text), "f", &err), err);
    assert_int_equal(d.n_actions, 100000);
    fr_domain_release(&d);
    fr_text_release(&text);
}

static void a_file_beyond_the_ceiling_is_refused_without_being_read_whole(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_error err;
    char path[] = "pddl_test_XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)100 << 20), 0); /* 100 MB of hole */
    close(fd);
    const int rc = fr_domain_load(&d, path, &err);
    unlink(path);
    assert_int_equal(rc, FR_E_LIMIT);
    assert_non_null(strstr(err.text, "larger than 16777216 bytes"));
}

static void a_missing_file_and_a_binary_file_are_named(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_error err;
    assert_int_equal(fr_domain_load(&d, "no/such.pddl", &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "no/such.pddl"));
    char path[] = "pddl_test_XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "(define\0", 8), 8);
    close(fd);
    const int rc = fr_domain_load(&d, path, &err);
    unlink(path);
    assert_int_equal(rc, FR_E_INPUT);
    assert_non_null(strstr(err.text, "zero byte"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_blocksworld_file_has_the_concepts_in_the_paper_s_order),
        cmocka_unit_test(an_action_keeps_the_order_and_signs_of_its_literals),
        cmocka_unit_test(types_constants_equality_and_negation_are_read),
        cmocka_unit_test(rendering_is_the_inverse_of_reading),
        cmocka_unit_test(a_fault_in_a_domain_is_reported_at_its_line_and_column),
        cmocka_unit_test(a_parameter_may_be_of_a_wider_type_than_the_predicate_s),
        cmocka_unit_test(what_is_said_again_is_kept_once),
        cmocka_unit_test(a_fault_in_a_problem_is_reported_at_its_line_and_column),
        cmocka_unit_test(every_prefix_of_a_file_is_refused),
        cmocka_unit_test(deep_and_long_input_hits_a_stated_limit),
        cmocka_unit_test(long_names_and_long_lists_are_read),
        cmocka_unit_test(deep_and_many_sections_out_of_order_are_borne),
        cmocka_unit_test(a_file_beyond_the_ceiling_is_refused_without_being_read_whole),
        cmocka_unit_test(a_missing_file_and_a_binary_file_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
