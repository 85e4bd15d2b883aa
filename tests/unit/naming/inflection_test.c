/* Forms of words: against a dictionary's, on real words of every naming; what a word is itself;
 * which concept has a form that two would have. */
#include "naming/inflection.h"

#include <string.h>

#include "test.h"

static const char *inflect(const char *word, enum fr_inflection_tag tag) {
    static char forms[4][FR_INFLECTION_CEILING];
    static unsigned turn;
    char *form = forms[turn++ % 4];
    fr_inflect(word, tag, form);
    return form;
}

/* "a|b": one of them, or "-" for not said. */
static bool is_allowed(const char *allowed, const char *form) {
    if (strcmp(allowed, "-") == 0)
        return true;
    const size_t n = strlen(form);
    for (const char *p = allowed; *p != '\0'; p += p[strcspn(p, "|")] == '|') {
        const size_t k = strcspn(p, "|");
        if (k == n && strncmp(p, form, n) == 0)
            return true;
        p += k;
    }
    return false;
}

/* tests/golden/naming/make_inflections.py. The namings' words themselves are some half of them. */
static void forms_are_those_of_a_dictionary(void **state) {
    (void)state;
    static const enum fr_inflection_tag tags[] = {FR_TAG_BASE, FR_TAG_S, FR_TAG_PAST,
                                                  FR_TAG_PARTICIPLE, FR_TAG_ING};
    FILE *file = fopen(fr_test_path("tests/golden/naming/inflections.tsv"), "r");
    assert_non_null(file);
    char line[512];
    int words = 0, forms = 0, faults = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#')
            continue;
        char cells[6][64];
        assert_int_equal(sscanf(line, "%63s %63s %63s %63s %63s %63s", cells[0], cells[1], cells[2],
                                cells[3], cells[4], cells[5]),
                         6);
        words++;
        for (int i = 0; i < 5; i++) {
            const char *form = inflect(cells[0], tags[i]);
            forms += strcmp(cells[i + 1], "-") != 0;
            if (is_allowed(cells[i + 1], form))
                continue;
            faults++;
            print_error("%s, %s: \"%s\" here, \"%s\" there\n", cells[0],
                        fr_inflection_tag_name[tags[i]], form, cells[i + 1]);
        }
    }
    (void)fclose(file);
    assert_int_equal(faults, 0);
    assert_true(words > 300 && forms > 1300);
}

static void a_naming_s_word_knows_which_form_it_is(void **state) {
    (void)state;
    static const struct {
        const char *word;
        enum fr_inflection_tag tag;
        const char *base;
    } cases[] = {
        {"craves", FR_TAG_S, "crave"},
        {"craving", FR_TAG_ING, "crave"},
        {"cravings", FR_TAG_INGS, "crave"},
        {"tethered", FR_TAG_PAST, "tether"},
        {"enveloping", FR_TAG_ING, "envelop"},
        {"overcome", FR_TAG_BASE, "overcome"},
        {"woven", FR_TAG_PARTICIPLE, "weave"},
        {"morkled", FR_TAG_PAST, "morkle"},
        {"quorbles", FR_TAG_S, "quorble"},
        /* they only look like it */
        {"pulse", FR_TAG_BASE, "pulse"},
        {"nexus", FR_TAG_BASE, "nexus"},
        {"compass", FR_TAG_BASE, "compass"},
        {"timeless", FR_TAG_BASE, "timeless"},
        {"spring", FR_TAG_BASE, "spring"},
        {"evening", FR_TAG_BASE, "evening"},
        {"seed", FR_TAG_BASE, "seed"},
        {"rose", FR_TAG_BASE, "rose"},
        {"bus", FR_TAG_BASE, "bus"},
        {"tltezi", FR_TAG_BASE, "tltezi"},
        {"jchntg", FR_TAG_BASE, "jchntg"},
        /* the domains' own */
        {"holding", FR_TAG_ING, "hold"},
        {"pick-up", FR_TAG_BASE, "pick-up"},
        {"picking-up", FR_TAG_ING, "pick-up"},
        {"in-city", FR_TAG_BASE, "in-city"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(inflect(cases[i].word, FR_TAG_BASE), cases[i].base);
        if (fr_inflection_tag_of(cases[i].word) != cases[i].tag)
            fail_msg("%s is no %s", cases[i].word, fr_inflection_tag_name[cases[i].tag]);
        assert_string_equal(inflect(cases[i].word, cases[i].tag), cases[i].word);
    }
}

static void the_word_comes_first_and_no_text_twice(void **state) {
    (void)state;
    struct fr_inflection forms[FR_MAX_INFLECTIONS];
    static const char *const crave[] = {"craves", "crave", "craved", "craving", "cravings"};
    assert_int_equal(fr_inflections_of("craves", FR_INFLECTION_INFLECTED, forms), 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(forms[i].text, crave[i]);
    assert_int_equal(forms[0].tag, FR_TAG_S);
    assert_int_equal(forms[2].tag, FR_TAG_PAST); /* the participle too */
    /* the participle "overcome" is the base's */
    static const char *const overcome[] = {"overcome", "overcomes", "overcame", "overcoming",
                                           "overcomings"};
    assert_int_equal(fr_inflections_of("overcome", FR_INFLECTION_INFLECTED, forms), 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(forms[i].text, overcome[i]);
    assert_int_equal(fr_inflections_of("weave", FR_INFLECTION_INFLECTED, forms), 6);
    assert_int_equal(fr_inflections_of("craves", FR_INFLECTION_EXACT, forms), 1);
    assert_string_equal(forms[0].text, "craves");
}

static void capitals_and_parts_stay_as_the_table_writes_them(void **state) {
    (void)state;
    assert_string_equal(inflect("Nexus", FR_TAG_S), "Nexuses");
    assert_string_equal(inflect("McGuffins", FR_TAG_BASE), "McGuffin");
    assert_string_equal(inflect("Pick-Up", FR_TAG_ING), "Picking-Up");
    assert_string_equal(inflect("put-down", FR_TAG_PAST), "put-down");
    assert_string_equal(inflect("in-city", FR_TAG_S), "in-cities");
    assert_string_equal(inflect("load-truck", FR_TAG_S), "load-trucks");
}

static void words_of_any_letters_and_of_the_greatest_length_have_forms(void **state) {
    (void)state;
    static const char *const odd[] = {"ab",   "--a",   "a--",  "b-",    "1y",    "_e",
                                      "y_",   "ie",    "ed1",  "eeing", "bbing", "ssss",
                                      "-ing", "q-u-y", "ings", "zzes",  "-up",   "-x-up"};
    char longest[64];
    struct fr_inflection forms[FR_MAX_INFLECTIONS];
    for (int i = 0; i < 63; i++)
        longest[i] = "abcdefghijklmnopqrstuvwxyzing"[i % 29];
    longest[63] = '\0';
    assert_int_equal(fr_inflections_of(longest, FR_INFLECTION_INFLECTED, forms), 5);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        const int n = fr_inflections_of(odd[i], FR_INFLECTION_INFLECTED, forms);
        assert_string_equal(forms[0].text, odd[i]);
        for (int a = 0; a < n; a++)
            for (int b = 0; b < a; b++)
                assert_string_not_equal(forms[a].text, forms[b].text);
    }
}

/* ---- of a naming ----------------------------------------------------------------------------- */

static struct fr_naming_forms forms;

static const struct fr_naming_form *find(const char *text) {
    return fr_naming_forms_find(&forms, text, strlen(text));
}

static void of_two_concepts_with_one_form_a_word_goes_before_an_inflection(void **state) {
    (void)state;
    struct fr_concepts concepts = {.n = 4};
    struct fr_naming naming = {
        .words = {(char[]){"craving"}, (char[]){"Craves"}, (char[]){"mined"}, (char[]){"mining"}}};
    fr_naming_forms_of(&concepts, &naming, FR_INFLECTION_INFLECTED, &forms);
    assert_int_equal(find("craving")->concept, 0);
    assert_true(find("craving")->is_word);
    assert_int_equal(find("craves")->concept, 1);
    assert_int_equal(find("CRAVE")->concept, 0); /* the first of two inflections */
    assert_int_equal(find("mining")->concept, 3);
    assert_int_equal(find("mines")->concept, 2);
    assert_null(find("mine "));
    for (int i = 0; i < forms.n; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(forms.items[i].text, forms.items[k].text);
    int with_words = 0;
    for (int i = 0; i < forms.n_clashes; i++) {
        const struct fr_form_clash *clash = &forms.clashes[i];
        assert_int_not_equal(clash->owner, clash->other);
        assert_int_equal(find(clash->text)->concept, clash->owner);
        assert_int_equal(find(clash->text)->is_word, clash->is_word);
        with_words += clash->is_word;
    }
    assert_int_equal(with_words, 4); /* craves, mining of the first; craving, mined of the second */
    fr_naming_forms_of(&concepts, &naming, FR_INFLECTION_EXACT, &forms);
    assert_int_equal(forms.n, 4);
    assert_int_equal(forms.n_clashes, 0);
}

static void none_of_the_paper_s_namings_has_a_form_of_two_concepts(void **state) {
    (void)state;
    struct fr_domain domain;
    struct fr_namings namings;
    struct fr_error err;
    assert_ok(fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &err), err);
    assert_ok(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), &domain, &err), err);
    for (int i = 0; i < namings.n; i++) {
        fr_naming_forms_of(&namings.concepts, &namings.items[i], FR_INFLECTION_INFLECTED, &forms);
        for (int k = 0; k < forms.n_clashes; k++)
            print_error("naming %s: %s\n", namings.items[i].id, forms.clashes[k].text);
        assert_int_equal(forms.n_clashes, 0);
        assert_in_range(forms.n, 9 * 4, 9 * 6);
    }
    fr_namings_release(&namings);
    fr_domain_release(&domain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_those_of_a_dictionary),
        cmocka_unit_test(a_naming_s_word_knows_which_form_it_is),
        cmocka_unit_test(the_word_comes_first_and_no_text_twice),
        cmocka_unit_test(capitals_and_parts_stay_as_the_table_writes_them),
        cmocka_unit_test(words_of_any_letters_and_of_the_greatest_length_have_forms),
        cmocka_unit_test(of_two_concepts_with_one_form_a_word_goes_before_an_inflection),
        cmocka_unit_test(none_of_the_paper_s_namings_has_a_form_of_two_concepts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
