/* Faults of namings, and namings made up: none of those has a fault. */
#include "naming/check.h"

#include <string.h>

#include "base/memory.h"
#include "test.h"

static struct fr_concepts concepts = {.n = 5,
                                      .names = {(char[]){"lift"}, (char[]){"drop"},
                                                (char[]){"clear"}, (char[]){"on"},
                                                (char[]){"held"}},
                                      .kinds = {FR_CONCEPT_ACTION, FR_CONCEPT_ACTION,
                                                FR_CONCEPT_PREDICATE, FR_CONCEPT_PREDICATE,
                                                FR_CONCEPT_PREDICATE}};

static struct fr_reserved reserve(void) {
    struct fr_reserved reserved = {0};
    fr_reserved_add(&reserved, FR_RESERVED_OBJECT, "Box");
    for (int a = 0; a < concepts.n; a++)
        fr_reserved_add(&reserved, FR_RESERVED_DOMAIN, concepts.names[a]);
    fr_reserved_add_text(&reserved, FR_RESERVED_PROMPT,
                         "I am playing with a box.\nThe Object is lift-ready (a \u00e9tude)?");
    return reserved;
}

static void reserved_words_are_found_in_any_case_under_their_first_kind(void **state) {
    (void)state;
    struct fr_reserved reserved = reserve();
    static const struct {
        const char *word;
        int kind; /* -1: free */
    } cases[] = {
        {"box", FR_RESERVED_OBJECT},
        {"BOX", FR_RESERVED_OBJECT},
        {"lift", FR_RESERVED_DOMAIN},
        {"playing", FR_RESERVED_PROMPT},
        {"object", FR_RESERVED_PROMPT},
        {"ready", FR_RESERVED_PROMPT},
        {"o-bject", FR_RESERVED_PROMPT},
        {"a", -1},
        {"I", -1},
        {"play", -1},
        {"tude", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct fr_reserved_word *found = fr_reserved_find(&reserved, cases[i].word);
        if ((found == NULL ? -1 : (int)found->kind) != cases[i].kind)
            fail_msg("\"%s\"", cases[i].word);
    }
    for (int i = 0; i < reserved.n; i++)
        assert_ptr_equal(fr_reserved_find(&reserved, reserved.items[i].text), &reserved.items[i]);
    fr_reserved_release(&reserved);
}

static void check(const char *const *words, const char *id, struct fr_naming_faults *faults) {
    struct fr_reserved reserved = reserve();
    struct fr_naming naming = {.id = fr_strdup(id)};
    for (int a = 0; a < concepts.n; a++)
        naming.words[a] = fr_strdup(words[a]);
    *faults = (struct fr_naming_faults){0};
    fr_naming_check(&concepts, &naming, &reserved, faults);
    fr_naming_release(&naming, concepts.n);
    fr_reserved_release(&reserved);
}

static void errors_are_words_that_would_be_misread_and_warnings_are_forms(void **state) {
    (void)state;
    static const struct {
        const char *words[5];
        int concept; /* of the only fault */
        bool is_error;
        const char *want;
    } cases[] = {
        {{"box", "bb", "cc", "dd", "ee"}, 0, true, "\"box\" is an object's name"},
        {{"aa", "bb", "on", "dd", "ee"}, 2, true, "\"on\" is the domain's own word"},
        {{"aa", "bb", "cc", "dd", "objects"},
         4,
         false,
         "\"object\", a form of \"objects\", is a word of the prompt"},
        {{"aa", "play", "cc", "dd", "ee"}, 1, false, "\"playing\", a form of \"play\", is a word"},
        {{"aa", "hold", "cc", "dd", "ee"}, 1, false, "\"held\", a form of \"hold\", is the domain"},
        {{"aa", "bb", "cc", "Dd", "ee"}, 3, false, "\"Dd\" has capitals"},
        {{"aa", "e\u0301pe\u0301e", "cc", "dd", "ee"}, 1, false, "holds U+0301, which texts also"},
        {{"aa", "bb", "\uFB01re", "dd", "ee"}, 2, false, "holds U+FB01, which texts also"},
    };
    struct fr_naming_faults faults;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(cases[i].words, "x", &faults);
        assert_int_equal(faults.n, 1);
        assert_int_equal(faults.items[0].concept, cases[i].concept);
        assert_int_equal(faults.items[0].is_error, cases[i].is_error);
        assert_int_equal(faults.n_errors, cases[i].is_error);
        if (strstr(faults.items[0].text, cases[i].want) == NULL)
            fail_msg("\"%s\" does not say: %s", faults.items[0].text, cases[i].want);
        fr_naming_faults_release(&faults);
    }
    static const char *const fine[] = {"attack", "succumb", "planet", "craves", "pain"};
    check(fine, "x", &faults);
    assert_int_equal(faults.n, 0);
    static const char *const own[] = {"lift", "drop", "clear", "on", "held"};
    check(own, "clean", &faults);
    assert_int_equal(faults.n, 0);
    check(own, "x", &faults);
    assert_int_equal(faults.n_errors, 5);
    fr_naming_faults_release(&faults);
}

static void words_that_share_forms_are_told_with_both_concepts(void **state) {
    (void)state;
    static const char *const words[] = {"craves", "craving", "mined", "mines", "ee"};
    struct fr_naming_faults faults;
    check(words, "x", &faults);
    /* of each pair: the words are forms of each other, and the forms of the second the first has */
    int errors = 0;
    for (int i = 0; i < faults.n; i++) {
        const char *text = faults.items[i].text;
        assert_non_null(strstr(text, "is a form of"));
        errors += strstr(text, "and the word of") != NULL;
    }
    assert_int_equal(errors, 4);
    assert_int_equal(faults.n_errors, 4);
    assert_true(faults.n > 8);
    assert_non_null(
        strstr(faults.items[0].text, "\"craving\" is a form of \"craves\" (lift) and the word of"));
    fr_naming_faults_release(&faults);
}

static void what_is_drawn_has_no_fault_and_follows_the_seed(void **state) {
    (void)state;
    static const char *const verbs[] = {"whisper", "whispers", "weave", "woven", "play",
                                        "Boil",    "lift",     "Box",   "carve", "mimic"};
    static const char *const nouns[] = {"whispering", "comet", "lantern", "object",
                                        "weaves",     "opera", "fable"};
    struct fr_reserved reserved = reserve();
    struct fr_word_pool pool = {0};
    struct fr_error err = {0};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        fr_word_pool_add(&pool, FR_CONCEPT_ACTION, verbs[i]);
    for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++)
        fr_word_pool_add(&pool, FR_CONCEPT_PREDICATE, nouns[i]);
    fr_word_pool_add(&pool, FR_CONCEPT_PREDICATE, "COMET");
    fr_word_pool_add(&pool, FR_CONCEPT_PREDICATE, "-lan-Tern");
    assert_int_equal(pool.n[FR_CONCEPT_PREDICATE], 7);
    for (int flavour = 0; flavour < FR_FLAVOUR_COUNT; flavour++) {
        int differ = 0;
        for (uint64_t seed = 0; seed < 100; seed++) {
            struct fr_rng rng, again;
            struct fr_naming naming, same;
            struct fr_naming_faults faults = {0};
            fr_rng_seed(&rng, seed, 1);
            fr_rng_seed(&again, seed, 1);
            assert_ok(fr_naming_draw(&rng, (enum fr_naming_flavour)flavour, &pool, &concepts,
                                     &reserved, "x", &naming, &err),
                      err);
            assert_ok(fr_naming_draw(&again, (enum fr_naming_flavour)flavour, &pool, &concepts,
                                     &reserved, "x", &same, &err),
                      err);
            fr_naming_check(&concepts, &naming, &reserved, &faults);
            if (faults.n > 0)
                fail_msg("%s", faults.items[0].text);
            for (int a = 0; a < concepts.n; a++) {
                const char *word = naming.words[a];
                assert_string_equal(word, same.words[a]);
                assert_true(fr_concept_word_is_valid(word));
                if (flavour == FR_FLAVOUR_LETTERS)
                    assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz"), 6);
                if (flavour != FR_FLAVOUR_WORDS)
                    assert_int_equal(strlen(word), strspn(word, "abcdefghijklmnopqrstuvwxyz"));
                bool of_pool = false;
                for (int i = 0; i < pool.n[concepts.kinds[a]]; i++)
                    of_pool = of_pool || strcmp(word, pool.words[concepts.kinds[a]][i]) == 0;
                assert_int_equal(of_pool, flavour == FR_FLAVOUR_WORDS);
            }
            differ += strcmp(naming.words[0], naming.words[1]) != 0;
            fr_naming_release(&naming, concepts.n);
            fr_naming_release(&same, concepts.n);
        }
        assert_int_equal(differ, 100);
    }
    fr_word_pool_release(&pool);
    fr_reserved_release(&reserved);
}

static void a_pool_that_gives_no_naming_is_refused_and_does_not_hang(void **state) {
    (void)state;
    static const char *const words[] = {"craves", "crave", "craved", "craving", "cravings",
                                        "object", "box",   "comet",  "fable"};
    struct fr_reserved reserved = reserve();
    struct fr_word_pool pool = {0};
    struct fr_rng rng;
    struct fr_naming naming;
    struct fr_error err = {0};
    fr_rng_seed(&rng, 1, 1);
    assert_int_equal(fr_naming_draw(&rng, FR_FLAVOUR_WORDS, &pool, &concepts, &reserved, "x",
                                    &naming, &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "no words for a naming's actions"));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
            fr_word_pool_add(&pool, (enum fr_concept_kind)kind, words[i]);
    assert_int_equal(fr_naming_draw(&rng, FR_FLAVOUR_WORDS, &pool, &concepts, &reserved, "x",
                                    &naming, &err),
                     FR_E_INPUT);
    assert_non_null(strstr(err.text, "give no naming of 5 concepts"));
    assert_null(naming.id);
    fr_word_pool_release(&pool);
    fr_reserved_release(&reserved);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserved_words_are_found_in_any_case_under_their_first_kind),
        cmocka_unit_test(errors_are_words_that_would_be_misread_and_warnings_are_forms),
        cmocka_unit_test(words_that_share_forms_are_told_with_both_concepts),
        cmocka_unit_test(what_is_drawn_has_no_fault_and_follows_the_seed),
        cmocka_unit_test(a_pool_that_gives_no_naming_is_refused_and_does_not_hang),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
