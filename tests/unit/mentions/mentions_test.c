/* Mentions: words in text, tokens by byte range; and the whole against a Python reference
 * (tests/golden/mentions). */
#include "test.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "mentions/mentions.h"

/* Tokens of the given lengths, one after the other. */
struct cut {
    int n;
    int32_t starts[64], ends[64];
};

static struct cut cut_text(const int *lengths, int n) {
    struct cut cut = {.n = n};
    int at = 0;
    for (int i = 0; i < n; i++) {
        cut.starts[i] = at;
        at += lengths[i];
        cut.ends[i] = at;
    }
    return cut;
}

/* A token per byte: positions are then byte offsets. */
static void find_bytes(const struct fr_forms *forms, const char *text, struct fr_mentions *out) {
    int32_t starts[256], ends[256];
    const int n = (int)strlen(text);
    for (int i = 0; i < n; i++) {
        starts[i] = i;
        ends[i] = i + 1;
    }
    fr_mentions_find(forms, text, (size_t)n, starts, ends, n, out);
}

static void assert_mention(const struct fr_mentions *m, int i, int concept, int first, int end) {
    assert_true(i < m->n);
    assert_int_equal(m->items[i].concept, concept);
    assert_int_equal(m->items[i].first, first);
    assert_int_equal(m->items[i].end, end);
}

static struct fr_forms some_forms(void) {
    struct fr_forms forms = {0};
    fr_forms_append(&forms, "on", 8);
    fr_forms_append(&forms, "stack", 2);
    fr_forms_append(&forms, "pick", 1);
    fr_forms_append(&forms, "pick-up", 0);
    fr_forms_append(&forms, "ontable", 4);
    return forms;
}

static void forms_are_longest_first_then_by_arrival(void **state) {
    (void)state;
    struct fr_forms forms = some_forms();
    const char *const want[] = {"pick-up", "ontable", "stack", "pick", "on"};
    assert_int_equal(forms.n, 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(forms.items[i].text, want[i]);
    fr_forms_release(&forms);
}

static void a_form_belongs_to_its_first_owner(void **state) {
    (void)state;
    struct fr_forms forms = some_forms();
    fr_forms_append(&forms, "STACK", 3);
    fr_forms_append(&forms, "", 3);
    assert_int_equal(forms.n, 5);
    assert_int_equal(forms.items[2].concept, 2);
    fr_forms_release(&forms);
}

static void words_inside_words_are_no_mentions(void **state) {
    (void)state;
    struct fr_forms forms = some_forms();
    struct fr_mentions m = {0};
    find_bytes(&forms, "unstack stacks stack_ on7 \xc3\xa9on ontab", &m);
    assert_int_equal(m.n, 0);
    find_bytes(&forms, "un-stack,On.(ONTABLE)on", &m);
    assert_int_equal(m.n, 4);
    assert_mention(&m, 0, 2, 3, 8);
    assert_mention(&m, 1, 8, 9, 11);
    assert_mention(&m, 2, 4, 13, 20);
    assert_mention(&m, 3, 8, 21, 23);
    fr_mentions_release(&m);
    fr_forms_release(&forms);
}

static void the_longest_form_wins_and_is_not_looked_into(void **state) {
    (void)state;
    struct fr_forms forms = some_forms();
    struct fr_mentions m = {0};
    find_bytes(&forms, "pick-up pick pick-upon pick-on", &m);
    assert_int_equal(m.n, 5);
    assert_mention(&m, 0, 0, 0, 7);
    assert_mention(&m, 1, 1, 8, 12);
    assert_mention(&m, 2, 1, 13, 17); /* "pick-upon" is no pick-up, but "pick" ends at the hyphen */
    assert_mention(&m, 3, 1, 23, 27);
    assert_mention(&m, 4, 8, 28, 30);
    fr_mentions_release(&m);
    fr_forms_release(&forms);
}

static void a_mention_is_every_token_that_overlaps_the_word(void **state) {
    (void)state;
    struct fr_forms forms = some_forms();
    struct fr_mentions m = {0};
    /* "A| st|ack B|" and an empty token at each edge of the word */
    const int lengths[] = {1, 0, 3, 0, 5, 2};
    const struct cut cut = cut_text(lengths, 6);
    fr_mentions_find(&forms, "A stack B C", 11, cut.starts, cut.ends, cut.n, &m);
    assert_int_equal(m.n, 1);
    assert_mention(&m, 0, 2, 2, 5);
    fr_mentions_release(&m);
    fr_forms_release(&forms);
}

static void two_words_inside_one_token_share_it(void **state) {
    (void)state;
    struct fr_forms forms = some_forms();
    struct fr_mentions m = {0};
    const int lengths[] = {2, 12, 3};
    const struct cut cut = cut_text(lengths, 3);
    fr_mentions_find(&forms, "A stack on on C..", 17, cut.starts, cut.ends, cut.n, &m);
    assert_int_equal(m.n, 3);
    assert_mention(&m, 0, 2, 1, 2);
    assert_mention(&m, 1, 8, 1, 2);
    assert_mention(&m, 2, 8, 1, 2);
    fr_mentions_release(&m);
    fr_forms_release(&forms);
}

static void a_word_behind_the_last_token_is_no_mention(void **state) {
    (void)state;
    struct fr_forms forms = some_forms();
    struct fr_mentions m = {0};
    const int lengths[] = {2, 3};
    const struct cut cut = cut_text(lengths, 2);
    fr_mentions_find(&forms, "on on on", 8, cut.starts, cut.ends, cut.n, &m);
    assert_int_equal(m.n, 2);
    fr_mentions_find(&forms, "on", 2, NULL, NULL, 0, &m);
    assert_int_equal(m.n, 0);
    fr_mentions_find(&forms, "", 0, cut.starts, cut.ends, cut.n, &m);
    assert_int_equal(m.n, 0);
    fr_mentions_release(&m);
    fr_forms_release(&forms);
}

/* Every word of the prompt that the terse style writes for a concept must be found, and nothing
 * else: the expected sequence is read off the domain by hand for naming 1. */
static void the_terse_prompt_of_naming_1_names_what_it_should(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain domain;
    assert_ok(fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &err), err);
    struct fr_namings namings;
    assert_ok(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), &domain, &err), err);
    const struct fr_naming *naming = &namings.items[fr_namings_find(&namings, "1")];
    struct fr_forms forms;
    fr_forms_of_naming(&namings.concepts, naming, FR_STYLE_TERSE, NULL, FR_INFLECTION_EXACT,
                       &forms);
    assert_int_equal(forms.n, 9);
    struct fr_mentions m = {0};
    find_bytes(&forms, "* feast x y : craves x y province x harmony + pain x", &m);
    const int want[] = {3, 8, 5, 6, 7};
    assert_int_equal(m.n, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(m.items[i].concept, want[i]);
    fr_forms_release(&forms);
    /* clean: the style writes pickup for pick-up */
    naming = &namings.items[fr_namings_find(&namings, "clean")];
    fr_forms_of_naming(&namings.concepts, naming, FR_STYLE_TERSE, NULL, FR_INFLECTION_EXACT,
                       &forms);
    find_bytes(&forms, "1 pickup A\n2 stack A B on A B ontable B", &m);
    const int want_clean[] = {0, 2, 8, 4};
    assert_int_equal(m.n, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(m.items[i].concept, want_clean[i]);
    fr_forms_release(&forms);
    fr_mentions_release(&m);
    fr_namings_release(&namings);
    fr_domain_release(&domain);
}

/* What counts as a mention in English: forms of mystery words, phrases of the plain register. */
static void inflections_and_phrases_are_mentions_where_they_are_asked_for(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain domain;
    struct fr_namings namings;
    struct fr_wording wording;
    struct fr_forms forms;
    struct fr_mentions m = {0};
    assert_ok(fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &err), err);
    assert_ok(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), &domain, &err), err);
    assert_ok(fr_wording_load(&wording, &domain,
                              fr_test_path("data/wordings/blocksworld-4ops.yaml"), &err),
              err);
    static const char mystery[] =
        "Attacking a planet; she craved (crave, cravings) feasts. Painful!";
    const struct fr_naming *naming = &namings.items[fr_namings_find(&namings, "1")];
    for (int rule = 0; rule < FR_INFLECTION_RULE_COUNT; rule++) {
        const int want[] = {0, 4, 8, 8, 8, 3};
        fr_forms_of_naming(&namings.concepts, naming, FR_STYLE_PLANBENCH, &wording,
                           (enum fr_inflection_rule)rule, &forms);
        find_bytes(&forms, mystery, &m);
        if (rule == FR_INFLECTION_EXACT) {
            assert_int_equal(m.n, 1);
            assert_int_equal(m.items[0].concept, 4);
        } else {
            assert_int_equal(m.n, 6);
            for (int i = 0; i < m.n; i++)
                assert_int_equal(m.items[i].concept, want[i]);
        }
        fr_forms_release(&forms);
    }
    static const char clean[] =
        "Pick up a, pick-up b; picking up c, pickup(d), picked up e; put down "
        "f, putting down, unstacked g, stacks h on top of i, is clear";
    naming = &namings.items[fr_namings_find(&namings, "clean")];
    fr_forms_of_naming(&namings.concepts, naming, FR_STYLE_PLANBENCH, &wording,
                       FR_INFLECTION_INFLECTED, &forms);
    find_bytes(&forms, clean, &m);
    const int want[] = {0, 0, 0, 0, 0, 1, 1, 3, 2, 8, 5};
    assert_int_equal(m.n, 11);
    for (int i = 0; i < m.n; i++)
        assert_int_equal(m.items[i].concept, want[i]);
    fr_forms_release(&forms);
    fr_mentions_release(&m);
    fr_wording_release(&wording);
    fr_namings_release(&namings);
    fr_domain_release(&domain);
}

static void mentions_agree_with_the_python_reference(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_text text = {0}, table = {0};
    assert_ok(fr_file_read(fr_test_path("tests/golden/mentions/text.txt"), 1 << 20, &text, &err),
              err);
    assert_ok(fr_file_read(fr_test_path("tests/golden/mentions/mentions.tsv"), 1 << 20, &table,
                           &err),
              err);
    struct fr_forms forms = {0};
    enum { MAX = 8192 };
    int32_t *starts = fr_alloc(MAX, sizeof *starts), *ends = fr_alloc(MAX, sizeof *ends);
    struct fr_mention *want = fr_alloc(MAX, sizeof *want);
    int n_tokens = 0, n_want = 0;
    for (char *line = strtok(table.data, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        int a, b, c;
        char form[64];
        if (sscanf(line, "F\t%63[^\t]\t%d", form, &a) == 2)
            fr_forms_append(&forms, form, a);
        else if (sscanf(line, "T\t%d\t%d", &a, &b) == 2 && n_tokens < MAX) {
            starts[n_tokens] = a;
            ends[n_tokens++] = b;
        } else if (sscanf(line, "M\t%d\t%d\t%d", &a, &b, &c) == 3 && n_want < MAX)
            want[n_want++] = (struct fr_mention){a, b, c};
        else
            fail_msg("bad line: %s", line);
    }
    assert_true(n_want > 200 && n_tokens > 1000);
    struct fr_mentions m = {0};
    fr_mentions_find(&forms, text.data, text.len, starts, ends, n_tokens, &m);
    assert_int_equal(m.n, n_want);
    for (int i = 0; i < n_want; i++)
        assert_mention(&m, i, want[i].concept, want[i].first, want[i].end);
    fr_mentions_release(&m);
    fr_forms_release(&forms);
    free(starts);
    free(ends);
    free(want);
    fr_text_release(&text);
    fr_text_release(&table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_longest_first_then_by_arrival),
        cmocka_unit_test(a_form_belongs_to_its_first_owner),
        cmocka_unit_test(words_inside_words_are_no_mentions),
        cmocka_unit_test(the_longest_form_wins_and_is_not_looked_into),
        cmocka_unit_test(a_mention_is_every_token_that_overlaps_the_word),
        cmocka_unit_test(two_words_inside_one_token_share_it),
        cmocka_unit_test(a_word_behind_the_last_token_is_no_mention),
        cmocka_unit_test(the_terse_prompt_of_naming_1_names_what_it_should),
        cmocka_unit_test(inflections_and_phrases_are_mentions_where_they_are_asked_for),
        cmocka_unit_test(mentions_agree_with_the_python_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
