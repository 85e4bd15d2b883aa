/* Wordings: the files of the project, what is made from PDDL, and what a file may not say. */
#include "prompts/wording.h"

#include <string.h>

#include "base/file.h"
#include "test.h"
#include "unit/planning/planning_fixture.h"

static struct fr_domain blocksworld, delivery;
static struct fr_problem delivery_d1;
static struct fr_namings namings;

static int load(void **state) {
    (void)state;
    struct fr_error err = {0};
    load_blocksworld(&blocksworld);
    parse_delivery(&delivery, &delivery_d1);
    assert_ok(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), &blocksworld, &err), err);
    return 0;
}

static int release(void **state) {
    (void)state;
    fr_namings_release(&namings);
    fr_problem_release(&delivery_d1);
    fr_domain_release(&delivery);
    fr_domain_release(&blocksworld);
    return 0;
}

static const struct fr_naming *naming_of(const char *id) {
    return &namings.items[fr_namings_find(&namings, id)];
}

static void blocksworld_wording(struct fr_wording *wording) {
    struct fr_error err = {0};
    assert_ok(fr_wording_load(wording, &blocksworld,
                              fr_test_path("data/wordings/blocksworld-4ops.yaml"), &err),
              err);
}

/* Each concept of a domain gets a word of its own that tells which it is. */
static void naming_by_number(const struct fr_domain *domain, struct fr_naming *naming) {
    *naming = (struct fr_naming){.id = strdup("numbers")};
    for (int c = 0; c < domain->n_actions + domain->n_predicates; c++) {
        char word[16];
        (void)snprintf(word, sizeof word, "word%c", 'a' + c);
        naming->words[c] = strdup(word);
    }
}

static void assert_said(const struct fr_wording *wording, const struct fr_naming *naming,
                        int concept, const char *a, const char *b, const char *c,
                        const char *expected) {
    const char *const names[] = {a, b, c};
    char *said[3];
    int n = 0;
    struct fr_text out = {0};
    const enum fr_register reg = fr_wording_register(wording, naming);
    for (; n < 3 && names[n] != NULL; n++) {
        struct fr_text name = {0};
        fr_wording_object(wording, reg, names[n], &name);
        said[n] = fr_text_take(&name);
    }
    fr_wording_say(wording, reg, naming, concept, (const char *const *)said, n, &out);
    assert_string_equal(fr_text_get(&out), expected);
    fr_text_release(&out);
    while (n > 0)
        free(said[--n]);
}

/* ---- what is said ---------------------------------------------------------------------------- */

static void blocksworld_is_said_as_planbench_says_it(void **state) {
    (void)state;
    struct fr_wording w;
    blocksworld_wording(&w);
    const struct fr_naming *clean = naming_of("clean");
    assert_int_equal(fr_wording_register(&w, clean), FR_REGISTER_PLAIN);
    assert_said(&w, clean, 0, "a", NULL, NULL, "pick up the red block");
    assert_said(&w, clean, 2, "b", "c", NULL, "stack the blue block on top of the orange block");
    assert_said(&w, clean, 3, "d", "l", NULL,
                "unstack the yellow block from on top of the gold block");
    assert_said(&w, clean, 6, NULL, NULL, NULL, "the hand is empty");
    assert_said(&w, clean, 8, "m", "a", NULL, "the block m is on top of the red block");
    const struct fr_naming *mystery = naming_of("1");
    assert_int_equal(fr_wording_register(&w, mystery), FR_REGISTER_OBFUSCATED);
    assert_said(&w, mystery, 0, "a", NULL, NULL, "attack object a");
    assert_said(&w, mystery, 3, "a", "b", NULL, "feast object a from object b");
    assert_said(&w, mystery, 6, NULL, NULL, NULL, "harmony");
    assert_said(&w, mystery, 8, "a", "b", NULL, "object a craves object b");
    fr_wording_release(&w);
}

static void without_a_file_any_domain_is_said_in_the_mystery_prompt_s_forms(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_wording w, b;
    struct fr_naming naming;
    naming_by_number(&delivery, &naming);
    assert_ok(fr_wording_load(&w, &delivery, NULL, &err), err);
    assert_false(w.registers[FR_REGISTER_PLAIN].present);
    assert_int_equal(fr_wording_register(&w, naming_of("clean")), FR_REGISTER_OBFUSCATED);
    assert_said(&w, &naming, 0, "v", "s1", "s2", "worda object v from object s1 with object s2");
    assert_said(&w, &naming, 3, "v", NULL, NULL, "wordd object v");
    assert_said(&w, &naming, 4, NULL, NULL, NULL, "worde");
    assert_said(&w, &naming, 5, "v", "s1", NULL, "object v wordf object s1");
    assert_said(&w, &naming, 9, NULL, NULL, NULL, "wordj");
    fr_wording_release(&w);
    /* ... which are those of the Blocksworld file. */
    assert_ok(fr_wording_load(&b, &blocksworld, NULL, &err), err);
    blocksworld_wording(&w);
    for (int c = 0; c < 9; c++)
        assert_string_equal(b.registers[FR_REGISTER_OBFUSCATED].forms[c],
                            w.registers[FR_REGISTER_OBFUSCATED].forms[c]);
    fr_wording_release(&b);
    fr_wording_release(&w);
    fr_naming_release(&naming, delivery.n_actions + delivery.n_predicates);
}

static void three_and_more_arguments_can_be_told_apart(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_wording w;
    assert_ok(fr_domain_parse(&d,
                              "(define (domain wide) (:predicates (p ?a ?b ?c ?d ?e ?f ?g ?h))"
                              "(:action s :parameters (?a ?b ?c ?d ?e ?f ?g ?h)"
                              " :effect (p ?a ?b ?c ?d ?e ?f ?g ?h)))",
                              "wide", &err),
              err);
    assert_ok(fr_wording_load(&w, &d, NULL, &err), err);
    assert_string_equal(w.registers[FR_REGISTER_OBFUSCATED].forms[0],
                        "{s} {1} from {2} with {3} by {4} for {5} at {6} over {7} under {8}");
    assert_string_equal(w.registers[FR_REGISTER_OBFUSCATED].forms[1],
                        "{1} {p} {2} with {3} by {4} for {5} at {6} over {7} under {8}");
    fr_wording_release(&w);
    fr_domain_release(&d);
}

/* A digit is a name in PDDL and an argument in a form. */
static void concepts_may_be_named_by_digits(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_wording w;
    struct fr_naming naming;
    assert_ok(fr_domain_parse(&d,
                              "(define (domain digits) (:predicates (1 ?a ?b) (3))"
                              "(:action 2 :parameters (?a) :effect (3)))",
                              "digits", &err),
              err);
    assert_ok(fr_wording_load(&w, &d, NULL, &err), err);
    naming_by_number(&d, &naming);
    assert_said(&w, &naming, 0, "x", NULL, NULL, "worda object x");
    assert_said(&w, &naming, 1, "x", "y", NULL, "object x wordb object y");
    assert_said(&w, &naming, 2, NULL, NULL, NULL, "wordc");
    fr_naming_release(&naming, d.n_actions + d.n_predicates);
    fr_wording_release(&w);
    fr_domain_release(&d);
}

static void a_star_stands_for_the_rest_of_an_object_s_name(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_wording w;
    assert_ok(fr_domain_parse(&d, "(define (domain logi) (:predicates (at ?x)))", "d", &err), err);
    assert_ok(fr_wording_parse(&w, &d,
                               "domain: LOGI\nobfuscated:\n  noun: ''\n  objects:\n"
                               "    l0-0: home\n    l*: location_*.\n    '*': thing\n",
                               "w", &err) == FR_E_INPUT
                  ? FR_OK
                  : -1,
              err);
    assert_non_null(strstr(err.text, "w:7: objects: \"*: thing\": a star on one side only"));
    assert_ok(fr_wording_parse(&w, &d,
                               "domain: LOGI\nobfuscated:\n  noun: ''\n  objects:\n"
                               "    l0-0: home\n    l*: location_*.\n    t-*: truck *\n",
                               "w", &err),
              err);
    static const char *const said[][2] = {{"l0-0", "home"},
                                          {"l0-1", "location_0_1."},
                                          {"l", "l"},
                                          {"t-x", "truck x"},
                                          {"p0-1", "p0-1"}};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct fr_text out = {0};
        fr_wording_object(&w, FR_REGISTER_OBFUSCATED, said[i][0], &out);
        assert_string_equal(fr_text_get(&out), said[i][1]);
        fr_text_release(&out);
    }
    fr_wording_release(&w);
    fr_domain_release(&d);
}

static void the_word_of_a_concept_is_what_its_sentence_has(void **state) {
    (void)state;
    struct fr_wording w;
    blocksworld_wording(&w);
    static const char *const plain[] = {"pick up",       "put down",     "stack",
                                        "unstack",       "on the table", "clear",
                                        "hand is empty", "holding",      "on top of"};
    for (int c = 0; c < 9; c++) {
        struct fr_text out = {0};
        fr_wording_word(&w, FR_REGISTER_PLAIN, naming_of("clean"), c, &out);
        assert_string_equal(fr_text_get(&out), plain[c]);
        fr_text_clear(&out);
        fr_wording_word(&w, FR_REGISTER_OBFUSCATED, naming_of("5"), c, &out);
        assert_string_equal(fr_text_get(&out), naming_of("5")->words[c]);
        fr_text_release(&out);
    }
    fr_wording_release(&w);
}

static void an_introduction_takes_the_naming_s_words(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_wording w;
    struct fr_text out = {0};
    assert_ok(fr_wording_parse(&w, &blocksworld,
                               "domain: blocksworld-4ops\nobfuscated:\n  introduction: |\n"
                               "    {Pick-up} or {pick-up}.    \n\n      {On}:  \n\n\n",
                               "w", &err),
              err);
    fr_wording_introduction(&w, FR_REGISTER_OBFUSCATED, naming_of("1"), &out);
    assert_string_equal(fr_text_get(&out), "Attack or attack.    \n\n  Craves:  ");
    fr_text_release(&out);
    fr_wording_release(&w);
}

/* ---- what is made ---------------------------------------------------------------------------- */

static int count(const char *text, const char *what) {
    int n = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
        n++;
    return n;
}

static void the_description_of_a_typed_domain_tells_all(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_wording w;
    struct fr_naming naming;
    struct fr_text out = {0};
    naming_by_number(&delivery, &naming);
    assert_ok(fr_wording_load(&w, &delivery, NULL, &err), err);
    fr_wording_introduction(&w, FR_REGISTER_OBFUSCATED, &naming, &out);
    assert_string_equal(
        fr_text_get(&out),
        "I am playing with a set of objects. Here are the actions I can do\n"
        "\n"
        "   Worda object from another object with a third object\n"
        "   Wordb object from another object with a third object\n"
        "   Wordc object from another object with a third object\n"
        "   Wordd object\n"
        "   Worde\n"
        "\n"
        "I have the following restrictions on my actions:\n"
        "    Every object of kind 1 is also of kind 4.\n"
        "    Every object of kind 2 is also of kind 4.\n"
        "    Every object of kind 5 is also of kind 6.\n"
        "    To perform Worda action, object needs to be of kind 4, other object needs to be of "
        "kind 6, third object needs to be of kind 6.\n"
        "    To perform Worda action, the following facts need to be true: Object Wordf other "
        "object.\n"
        "    To perform Worda action, the following facts need to be false: Wordi object.\n"
        "    To perform Worda action, other object and third object need to be different.\n"
        "    Once Worda action is performed the following facts will be true: Object Wordf third "
        "object.\n"
        "    Once Worda action is performed the following facts will be false: Object Wordf other "
        "object.\n"
        "    To perform Wordb action, object needs to be of kind 3, other object needs to be of "
        "kind 1, third object needs to be of kind 6.\n"
        "    To perform Wordb action, the following facts need to be true: Other object Wordf "
        "third object, Object Wordh third object.\n"
        "    Once Wordb action is performed the following facts will be true: Object Wordg other "
        "object.\n"
        "    Once Wordb action is performed the following facts will be false: Object Wordh third "
        "object.\n"
        "    To perform Wordc action, object needs to be of kind 3, other object needs to be of "
        "kind 1, third object needs to be of kind 6.\n"
        "    To perform Wordc action, the following facts need to be true: Other object Wordf "
        "third object, Object Wordg other object.\n"
        "    Once Wordc action is performed the following facts will be true: Object Wordh third "
        "object.\n"
        "    Once Wordc action is performed the following facts will be false: Object Wordg other "
        "object.\n"
        "    To perform Wordd action, object needs to be of kind 4.\n"
        "    To perform Wordd action, the following facts need to be true: Object Wordf object "
        "depot.\n"
        "    Once Wordd action is performed the following facts will be false: Wordi object.\n"
        "    Worde action can always be performed.\n"
        "    Once Worde action is performed the following facts will be true: Wordj.");
    fr_text_release(&out);
    fr_wording_release(&w);
    fr_naming_release(&naming, delivery.n_actions + delivery.n_predicates);
}

/* A predicate's word is said once for each literal of it, an action's once in the list. */
static void every_literal_is_described_once(void **state) {
    (void)state;
    static const char *const files[] = {"data/domains/blocksworld.pddl",
                                        "planbench/logistics/domain.pddl",
                                        "planbench/logistics/obfuscated_deceptive_domain.pddl"};
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        const char *path = f == 0 ? fr_test_path(files[f]) : fr_test_shared(files[f]);
        if (path == NULL)
            skip();
        struct fr_error err = {0};
        struct fr_domain d;
        struct fr_wording w;
        struct fr_naming naming;
        struct fr_text out = {0};
        assert_ok(fr_domain_load(&d, path, &err), err);
        naming_by_number(&d, &naming);
        assert_ok(fr_wording_load(&w, &d, NULL, &err), err);
        fr_wording_introduction(&w, FR_REGISTER_OBFUSCATED, &naming, &out);
        int literals[FR_MAX_CONCEPTS] = {0};
        for (int a = 0; a < d.n_actions; a++) {
            for (int i = 0; i < d.actions[a].n_preconditions; i++)
                literals[d.actions[a].preconditions[i].atom.predicate]++;
            for (int i = 0; i < d.actions[a].n_effects; i++)
                literals[d.actions[a].effects[i].atom.predicate]++;
        }
        for (int c = 0; c < d.n_actions + d.n_predicates; c++) {
            char word[32];
            (void)snprintf(word, sizeof word, c < d.n_actions ? "\n   Word%c" : "Word%c", 'a' + c);
            assert_int_equal(count(fr_text_get(&out), word),
                             c < d.n_actions ? 1 : literals[c - d.n_actions]);
        }
        fr_text_release(&out);
        fr_wording_release(&w);
        fr_naming_release(&naming, d.n_actions + d.n_predicates);
        fr_domain_release(&d);
    }
}

static void a_parameter_may_be_of_either_kind(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_wording w;
    struct fr_naming naming;
    struct fr_text out = {0};
    assert_ok(fr_domain_parse(&d,
                              "(define (domain e) (:requirements :typing) (:types t u)"
                              "(:predicates (p ?a)) (:action go :parameters (?a - (either t u) ?b)"
                              " :precondition (= ?a ?b)))",
                              "e", &err),
              err);
    assert_ok(fr_wording_load(&w, &d, NULL, &err), err);
    naming_by_number(&d, &naming);
    fr_wording_introduction(&w, FR_REGISTER_OBFUSCATED, &naming, &out);
    assert_non_null(strstr(fr_text_get(&out),
                           "actions:\n    To perform Worda action, object needs to be of kind 1 or "
                           "of kind 2.\n    To perform Worda action, object and other object need "
                           "to be the same.\n    Once Worda action is performed nothing has "
                           "changed."));
    fr_text_release(&out);
    fr_naming_release(&naming, d.n_actions + d.n_predicates);
    fr_wording_release(&w);
    fr_domain_release(&d);
}

static void kinds_have_their_names_in_the_clean_naming_only(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_wording w;
    struct fr_naming naming;
    struct fr_text out = {0};
    naming_by_number(&delivery, &naming);
    assert_ok(fr_wording_load(&w, &delivery, NULL, &err), err);
    fr_wording_introduction(&w, FR_REGISTER_OBFUSCATED, &naming, &out);
    assert_null(strstr(fr_text_get(&out), "truck"));
    free(naming.id);
    naming.id = strdup("clean");
    fr_text_clear(&out);
    fr_wording_introduction(&w, FR_REGISTER_OBFUSCATED, &naming, &out);
    assert_non_null(
        strstr(fr_text_get(&out), "Every object of kind truck is also of kind vehicle."));
    fr_text_release(&out);
    fr_wording_release(&w);
    fr_naming_release(&naming, delivery.n_actions + delivery.n_predicates);
}

/* ---- where a file lies
 * --------------------------------------------------------------------------- */

static void write_file(const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

/* Is one found, and the path? */
static bool find(const struct fr_domain *domain, const char *domain_path, const char *directory,
                 struct fr_text *path) {
    struct fr_error err = {0};
    fr_text_clear(path);
    assert_ok(fr_wording_path(domain, domain_path, directory, path, &err), err);
    return path->len > 0;
}

static void a_file_beside_the_domain_is_preferred(void **state) {
    (void)state;
    struct fr_error err = {0};
    char directory[] = "/tmp/wording-XXXXXX", domain_path[64], beside[64];
    struct fr_text path = {0};
    const char *data = fr_test_path("data/wordings");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(domain_path, sizeof domain_path, "%s/mine.pddl", directory);
    (void)snprintf(beside, sizeof beside, "%s/mine.wording.yaml", directory);
    assert_true(find(&blocksworld, domain_path, data, &path));
    assert_string_equal(fr_text_get(&path), fr_test_path("data/wordings/blocksworld-4ops.yaml"));
    fr_text_clear(&path);
    write_file(beside);
    assert_true(find(&blocksworld, domain_path, data, &path));
    assert_string_equal(fr_text_get(&path), beside);
    fr_text_clear(&path);
    assert_false(find(&delivery, NULL, data, &path));
    assert_int_equal(unlink(beside), 0);
    /* one that cannot be read may be the one: without it prompts would be others */
    assert_int_equal(fr_wording_path(&delivery, NULL, "/nonexistent", &path, &err), FR_E_IO);
    assert_non_null(strstr(err.text, "/nonexistent"));
    assert_ok(fr_file_write(beside, "structure: [", 12, &err), err);
    assert_int_equal(fr_wording_path(&delivery, NULL, directory, &path, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "mine.wording.yaml:"));
    assert_int_equal(path.len, 0);
    assert_int_equal(unlink(beside), 0);
    assert_int_equal(rmdir(directory), 0);
    fr_text_release(&path);
}

/* ---- what is refused
 * ------------------------------------------------------------------------------ */

/* Names tell nothing: many blocksworlds are called alike, and one is called many ways. */
static void a_wording_is_found_by_what_the_domain_is(void **state) {
    (void)state;
    static const char own[] =
        "(define (domain blocksworld-4ops) (:predicates (clear ?x) (on-table ?x) (arm-empty)"
        " (holding ?x) (on ?x ?y)) (:action pickup :parameters (?b) :precondition (and (clear ?b)"
        " (on-table ?b) (arm-empty)) :effect (holding ?b)))";
    struct fr_error err = {0};
    struct fr_text pddl = {0}, path = {0};
    struct fr_domain d;
    struct fr_wording w;
    const char *data = fr_test_path("data/wordings");
    assert_ok(fr_domain_parse(&d, own, "own", &err), err);
    assert_false(find(&d, NULL, data, &path));
    assert_int_equal(fr_wording_load(&w, &d, fr_test_path("data/wordings/blocksworld-4ops.yaml"),
                                     &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "structure: made for other actions or predicates (773a"));
    fr_domain_release(&d);

    fr_domain_render(&blocksworld, &pddl);
    char *name = strstr(pddl.data, "blocksworld-4ops");
    memcpy(name, "blocksworld-IPC2", strlen("blocksworld-4ops"));
    assert_ok(fr_domain_parse(&d, fr_text_get(&pddl), "renamed", &err), err);
    assert_true(find(&d, NULL, data, &path));
    assert_string_equal(fr_text_get(&path), fr_test_path("data/wordings/blocksworld-4ops.yaml"));
    assert_ok(fr_wording_load(&w, &d, fr_text_get(&path), &err), err);
    fr_wording_release(&w);
    fr_domain_release(&d);

    /* The same words that do something else: the introduction would be wrong. */
    char *condition = strstr(pddl.data, "(clear ?ob)");
    memset(condition, ' ', strlen("(clear ?ob)"));
    fr_text_clear(&path);
    assert_ok(fr_domain_parse(&d, fr_text_get(&pddl), "changed", &err), err);
    assert_false(find(&d, NULL, data, &path));
    fr_domain_release(&d);
    fr_text_release(&pddl);
    fr_text_release(&path);
}

static void what_is_too_large_to_be_said_is_refused_by_name(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_wording w;
    assert_ok(fr_domain_parse(&d,
                              "(define (domain nine) (:predicates (p ?x)) (:action go :parameters"
                              " (?a ?b ?c ?d ?e ?f ?g ?h ?i) :precondition (p ?a) :effect (p ?i)))",
                              "nine", &err),
              err);
    assert_int_equal(fr_wording_load(&w, &d, NULL, &err), FR_E_LIMIT);
    assert_string_equal(err.text,
                        "domain nine: action go has 9 parameters; a prompt says at most 8");
    assert_int_equal(fr_wording_parse(&w, &d, "domain: nine\n", "w", &err), FR_E_LIMIT);
    assert_null(w.domain);
    fr_domain_release(&d);
}

static void faults_are_told_with_their_line_and_the_nearest(void **state) {
    (void)state;
#define D "domain: blocksworld-4ops\n"
#define O D "obfuscated:\n"
    static const struct {
        const char *text, *expected;
    } faults[] = {
        {"", "w:1: empty"},
        {"- a\n", "w:1: the file: expected \"key: value\""},
        {"obfuscated: {}\n", "w:1: which domain? Write \"domain: blocksworld-4ops\""},
        {D "structure: 773ae1bda50d8658\n",
         "w:2: structure: made for other actions or predicates (773ae1bda50d8658) than those of "
         "\"blocksworld-4ops\" (773ae1bda50d8657); remove it, or write the domain's own: "
         "docs/wordings.md"},
        {D "structure: \"773ae1bda50d8657\\0\"\n", "w:2: structure: expected a text without a NUL"},
        {"\"domain\\0\": x\n" D, "w:1: a key: expected a text without a NUL"},
        {D "structure: []\n", "w:2: structure: expected a text"},
        {"domain: logistics\n", "w:1: domain: the wording of \"logistics\", not of"},
        {D "domain: blocksworld-4ops\n", "w:2: \"domain\" is given twice"},
        {D "obfuscatd: {}\n", "w:2: unknown key \"obfuscatd\"; the nearest is \"obfuscated\""},
        {D "colour: {}\n",
         "w:2: unknown key \"colour\"; there is domain, structure, plain, obfuscated"},
        {O "  obj: {}\n", "w:3: unknown key \"obj\"; there is noun, introduction, "
                          "paper_introduction, objects, facts"},
        {O "  fact: {}\n", "w:3: unknown key \"fact\"; the nearest is \"facts\""},
        {O "  words: {on: above}\n", "w:3: unknown key \"words\""},
        {O "  noun: {}\n", "w:3: noun: expected a text; quote it"},
        {O "  noun: \"a\\0b\"\n", "w:3: noun: expected a text without a NUL"},
        {O "  noun: \"a\\nb\"\n", "w:3: noun: must be one line"},
        {O "  noun: a\n  noun: b\n", "w:4: \"noun\" is given twice"},
        {O "  facts: [a]\n", "w:3: facts: expected \"key: value\" lines"},
        {O "  facts: {clera: \"{1}\"}\n", "w:3: unknown fact \"clera\"; the nearest is \"clear\""},
        {O "  facts: {stack: \"{1}\"}\n", "w:3: unknown fact \"stack\"; there is ontable, clear"},
        {O "  facts: {clear: \"{1}\", CLEAR: \"{1}\"}\n", "w:3: \"CLEAR\" is given twice"},
        {O "  facts: {on: \"{1} {on}\"}\n", "w:3: on: the form has no {2}"},
        {O "  facts: {on: \"{1} {2} {3}\"}\n", "w:3: on: there is no argument {3}; it has 2"},
        {O "  facts: {on: \"{1} {0} {2}\"}\n", "w:3: on: \"{0}\" is no place"},
        {O "  facts: {on: \"{1} {onn} {2}\"}\n", "\"{onn}\" is no place; places are {1}, {2}, ..."},
        {O "  facts: {on: \"{1} {onn} {2}\"}\n", "; the nearest is on"},
        {O "  facts: {on: \"{1} {2\"}\n", "w:3: on: \"{\" is no place"},
        {O "  facts: {on: \"{1} {2}}\"}\n", "w:3: on: \"}\" is no place"},
        {O "  facts: {on: \"{1} {{2}}\"}\n", "w:3: on: \"{\" is no place"},
        {O "  introduction: \"{}\"\n", "w:3: introduction: \"{}\" is no place"},
        {O "  facts: {on: \"{1}\\n{2}\"}\n", "w:3: on: must be one line"},
        {O "  steps: {stack: \"\"}\n", "w:3: stack: the form has no {1}"},
        {O "  introduction: \"\"\n", "w:3: introduction: empty"},
        {O "  introduction: \"{1}\"\n", "w:3: introduction: there is no argument {1}; it has 0"},
        {O "  objects: {a: \"\"}\n", "w:3: objects: \"a\" needs a name"},
        {O "  objects: {a*b: \"c*\"}\n", "one star, at a pattern's end"},
        {O "  objects: {a*: \"*c*\"}\n", "one star, at a pattern's end"},
        {O "  objects: {a: b, a: c}\n", "w:3: \"a\" is given twice"},
        {D "plain:\n  facts: {clear: \"\"}\n", "w:2: plain: no form for step \"pick-up\"; add it"},
        {D "plain: &p\n  facts: *p\n", "unknown fact \"facts\""},
        {O "  facts: {\n", "w:4: "},
        {O "  noun: \"\xff\"\n", "the file must be YAML"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct fr_error err = {0};
        struct fr_wording w;
        const int code = fr_wording_parse(&w, &blocksworld, faults[i].text, "w", &err);
        if (code != FR_E_INPUT || strstr(err.text, faults[i].expected) == NULL)
            fail_msg("%s\ngives %d \"%s\", expected \"%s\"", faults[i].text, code, err.text,
                     faults[i].expected);
        assert_null(w.domain);
        assert_null(w.registers[FR_REGISTER_OBFUSCATED].noun);
    }
}

static void a_missing_file_is_no_wording(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_wording w;
    assert_int_equal(fr_wording_load(&w, &blocksworld, "/nonexistent/w.yaml", &err), FR_E_INPUT);
    assert_null(w.domain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocksworld_is_said_as_planbench_says_it),
        cmocka_unit_test(without_a_file_any_domain_is_said_in_the_mystery_prompt_s_forms),
        cmocka_unit_test(three_and_more_arguments_can_be_told_apart),
        cmocka_unit_test(concepts_may_be_named_by_digits),
        cmocka_unit_test(a_star_stands_for_the_rest_of_an_object_s_name),
        cmocka_unit_test(the_word_of_a_concept_is_what_its_sentence_has),
        cmocka_unit_test(an_introduction_takes_the_naming_s_words),
        cmocka_unit_test(the_description_of_a_typed_domain_tells_all),
        cmocka_unit_test(every_literal_is_described_once),
        cmocka_unit_test(a_parameter_may_be_of_either_kind),
        cmocka_unit_test(kinds_have_their_names_in_the_clean_naming_only),
        cmocka_unit_test(a_file_beside_the_domain_is_preferred),
        cmocka_unit_test(a_wording_is_found_by_what_the_domain_is),
        cmocka_unit_test(what_is_too_large_to_be_said_is_refused_by_name),
        cmocka_unit_test(faults_are_told_with_their_line_and_the_nearest),
        cmocka_unit_test(a_missing_file_is_no_wording),
    };
    return cmocka_run_group_tests(tests, load, release);
}
