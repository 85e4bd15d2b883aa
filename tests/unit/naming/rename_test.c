/* Renaming of texts: forms to forms, capitals, words of both namings, what stood there already, and
 * that the way back restores every byte, or says what it does not. */
#include "naming/rename.h"

#include <string.h>

#include "base/memory.h"
#include "test.h"

static struct fr_domain domain;
static struct fr_namings paper;

static int load(void **state) {
    (void)state;
    struct fr_error err;
    return fr_domain_load(&domain, fr_test_path("data/domains/blocksworld.pddl"), &err) |
           fr_namings_load(&paper, fr_test_path("data/namings.tsv"), &domain, &err);
}

static int release(void **state) {
    (void)state;
    fr_namings_release(&paper);
    fr_domain_release(&domain);
    return 0;
}

static struct fr_rename renaming(const struct fr_namings *namings, const char *from, const char *to,
                                 enum fr_collision_policy policy) {
    struct fr_rename rename;
    struct fr_error err = {0};
    assert_ok(fr_rename_init(&rename, namings, fr_namings_find(namings, from),
                             fr_namings_find(namings, to), FR_INFLECTION_INFLECTED, policy, &err),
              err);
    return rename;
}

/* The text renamed; the caller frees. */
static char *renamed(struct fr_rename *rename, const char *text) {
    struct fr_text out = {0};
    struct fr_error err = {0};
    assert_ok(fr_rename_text(rename, text, strlen(text), &out, &err), err);
    return fr_text_take(&out);
}

/* text in naming from is want in naming to, and text again on the way back. */
static void check(const struct fr_namings *namings, const char *from, const char *to,
                  const char *text, const char *want) {
    struct fr_rename there = renaming(namings, from, to, FR_COLLISION_SWAP);
    struct fr_rename back = renaming(namings, to, from, FR_COLLISION_SWAP);
    char *moved = renamed(&there, text), *again = renamed(&back, moved);
    assert_string_equal(moved, want);
    assert_string_equal(again, text);
    assert_int_equal(there.n_lost, 0);
    free(moved);
    free(again);
    fr_rename_release(&there);
    fr_rename_release(&back);
}

static void every_form_becomes_the_same_form_of_the_other_word(void **state) {
    (void)state;
    check(&paper, "1", "2",
          "attack attacks attacked attacking overcame overcoming succumbed feasting harmonies "
          "provinces craves crave craved craving cravings",
          "illuminate illuminates illuminated illuminating distilled distilling silenced divesting "
          "nexuses essences harmonizes harmonize harmonized harmonizing harmonizings");
    check(&paper, "1", "7", "I feasted, then wait: overcame.", "I bloomed, then wait: wove.");
    check(&paper, "1", "3", "attacked, planets", "tltezied, oxtsloes");
}

static void a_word_becomes_a_word_whatever_forms_the_two_are(void **state) {
    (void)state;
    /* tethered, simmering */
    check(&paper, "1", "13", "planet planets", "tethered tethers");
    check(&paper, "1", "17", "craves crave craving", "simmering simmer simmers");
    /* a participle that stands for a noun has its plural */
    check(&paper, "1", "13", "pain pains", "consuming consumings");
}

static void capitals_are_kept(void **state) {
    (void)state;
    check(&paper, "1", "2", "Attack ATTACK attack Overcame OVERCOMING",
          "Illuminate ILLUMINATE illuminate Distilled DISTILLING");
    struct fr_rename there = renaming(&paper, "1", "2", FR_COLLISION_SWAP);
    char *moved = renamed(&there, "aTTack and Attack and AttacK");
    assert_string_equal(moved, "illuminate and Illuminate and Illuminate");
    assert_int_equal(there.n_renamed, 3);
    assert_int_equal(there.n_lost, 2); /* told, since they come back as attack and Attack */
    free(moved);
    fr_rename_release(&there);
}

static void words_end_where_mentions_end(void **state) {
    (void)state;
    check(&paper, "1", "2",
          "(attack) \"attack\" **Attack** attack's Post-Attack attack, attack\u2014Attack "
          "\u201cpain\u201d attack",
          "(illuminate) \"illuminate\" **Illuminate** illuminate's Post-Illuminate illuminate, "
          "illuminate\u2014Illuminate \u201cpulse\u201d illuminate");
    check(&paper, "1", "2", "attacker attack_2 painful spain \u00e9attack planetary harmonious",
          "attacker attack_2 painful spain \u00e9attack planetary harmonious");
    check(&paper, "1", "2", "", "");
}

/* harvest: stack of 8, put-down of 10. decode: pick-up of 6, unstack of 12. */
static void words_of_both_namings_are_replaced_once(void **state) {
    (void)state;
    check(&paper, "8", "10", "harvest ignite carve suspend harvests nebula",
          "plant harvest nurture prune plants crystal");
    check(&paper, "10", "8", "plant harvest", "harvest ignite");
    check(&paper, "6", "12", "decode quench echoes", "broadcast decode orbits");
    check(&paper, "1", "4", "craves harmony cravings harmonies", "mines craving minings cravings");
}

static const struct fr_rename_entry *find(const struct fr_rename *rename, const char *from) {
    for (int i = 0; i < rename->n; i++)
        if (strcmp(rename->items[i].from, from) == 0)
            return &rename->items[i];
    return NULL;
}

static void words_that_stood_there_already_are_exchanged_and_counted(void **state) {
    (void)state;
    check(&paper, "1", "18", "Two separate blocks; overcome them, avoid pain.",
          "Two overcome blocks; separate them, pains avoids.");
    struct fr_rename there = renaming(&paper, "1", "18", FR_COLLISION_SWAP);
    char *moved = renamed(&there, "Two separate blocks; overcome them, avoid pain.");
    free(moved);
    assert_int_equal(there.n_renamed, 2);
    assert_int_equal(there.n_collisions, 2);
    assert_int_equal(find(&there, "separate")->count, 1);
    assert_true(find(&there, "separate")->is_collision);
    assert_int_equal(find(&there, "separate")->concept, 2);
    assert_int_equal(find(&there, "overcome")->count, 1);
    assert_string_equal(find(&there, "overcome")->to, "separate");
    fr_rename_release(&there);
}

static void or_kept_which_the_way_back_shows_or_refused(void **state) {
    (void)state;
    static const char text[] = "overcome it\ntwo separate blocks";
    struct fr_rename there = renaming(&paper, "1", "18", FR_COLLISION_KEEP);
    struct fr_rename back = renaming(&paper, "18", "1", FR_COLLISION_KEEP);
    char *moved = renamed(&there, text), *again = renamed(&back, moved);
    assert_string_equal(moved, "separate it\ntwo separate blocks");
    assert_string_equal(again, "overcome it\ntwo overcome blocks");
    assert_int_equal(there.n_lost, 1);
    assert_int_equal(there.n_collisions, 1);
    free(moved);
    free(again);
    fr_rename_release(&there);
    fr_rename_release(&back);

    there = renaming(&paper, "1", "18", FR_COLLISION_REFUSE);
    struct fr_error err = {0};
    struct fr_text out = {0};
    fr_text_add(&out, "kept");
    assert_int_equal(fr_rename_text(&there, text, strlen(text), &out, &err), FR_E_INPUT);
    assert_non_null(
        strstr(err.text, "\"separate\" stands there already (byte 16), and names stack"));
    assert_string_equal(out.data, "kept");
    assert_int_equal(there.n_renamed, 0);
    assert_ok(fr_rename_text(&there, text, 11, &out, &err), err);
    assert_string_equal(out.data, "keptseparate it");
    fr_text_release(&out);
    fr_rename_release(&there);
}

/* Past and participle are two forms of weave and one of distill. */
static void a_form_that_the_target_has_not_got_is_told(void **state) {
    (void)state;
    struct fr_rename there = renaming(&paper, "7", "2", FR_COLLISION_SWAP);
    char *moved = renamed(&there, "wove woven");
    assert_string_equal(moved, "distilled distilled");
    assert_int_equal(there.n_lost, 1);
    assert_true(find(&there, "wove")->comes_back);
    assert_false(find(&there, "woven")->comes_back);
    free(moved);
    fr_rename_release(&there);
}

/* A text that holds every form of both namings, in three ways of writing, between words of the
 * prompt: whatever pair of the twenty it is, the way back restores it but for the forms that are
 * said not to come back. */
static void between_any_two_namings_the_way_back_restores_every_byte(void **state) {
    (void)state;
    static struct fr_naming_forms forms;
    long collisions = 0;
    for (int from = 1; from <= 20; from++)
        for (int to = 1; to <= 20; to++) {
            const char *ids[2] = {paper.items[from].id, paper.items[to].id};
            struct fr_rename there = renaming(&paper, ids[0], ids[1], FR_COLLISION_SWAP);
            struct fr_rename back = renaming(&paper, ids[1], ids[0], FR_COLLISION_SWAP);
            struct fr_text text = {0};
            for (int side = 0; side < 2; side++) {
                fr_naming_forms_of(&paper.concepts, &paper.items[side == 0 ? from : to],
                                   FR_INFLECTION_INFLECTED, &forms);
                for (int i = 0; i < forms.n; i++) {
                    const char *form = forms.items[i].text;
                    if (!find(&there, form)->comes_back)
                        continue;
                    fr_text_printf(&text, "object %s-%c%s's ", form, form[0] - 'a' + 'A', form + 1);
                    const size_t at = text.len;
                    fr_text_add(&text, form);
                    for (size_t k = at; k < text.len; k++)
                        text.data[k] = (char)(text.data[k] - 'a' + 'A');
                }
            }
            char *moved = renamed(&there, text.data), *again = renamed(&back, moved);
            assert_string_equal(again, text.data);
            assert_int_equal(there.n_lost, 0);
            /* as many mentions of each naming's words before as after */
            assert_int_equal(there.n_renamed, back.n_renamed);
            assert_int_equal(there.n_collisions, back.n_collisions);
            collisions += there.n_collisions;
            free(moved);
            free(again);
            fr_text_release(&text);
            fr_rename_release(&there);
            fr_rename_release(&back);
        }
    assert_true(collisions > 10000);
}

/* ---- exact, and the clean naming ------------------------------------------------------------- */

static void clean_prose_is_refused_and_clean_plans_are_not(void **state) {
    (void)state;
    struct fr_rename rename;
    struct fr_error err = {0};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fr_rename_init(&rename, &paper, i, 1 - i, FR_INFLECTION_INFLECTED,
                                        FR_COLLISION_SWAP, &err),
                         FR_E_INPUT);
        assert_non_null(strstr(err.text, i == 0 ? "renamed from;" : "renamed to;"));
        assert_null(rename.items);
    }
    assert_ok(fr_rename_init(&rename, &paper, 1, 0, FR_INFLECTION_EXACT, FR_COLLISION_SWAP, &err),
              err);
    char *plan = renamed(&rename, "(attack a)\n(overcome a b)\n(feast a b)\n(succumb a) attacked");
    assert_string_equal(plan, "(pick-up a)\n(stack a b)\n(unstack a b)\n(put-down a) attacked");
    free(plan);
    fr_rename_release(&rename);
    assert_ok(fr_rename_init(&rename, &paper, 0, 1, FR_INFLECTION_EXACT, FR_COLLISION_SWAP, &err),
              err);
    plan = renamed(&rename, "(pick-up a)\n(PUT-DOWN a) (on a b) pick put-downs");
    assert_string_equal(plan, "(attack a)\n(SUCCUMB a) (craves a b) pick put-downs");
    free(plan);
    fr_rename_release(&rename);
}

static void words_with_hyphens_and_capitals_of_their_own_come_back(void **state) {
    (void)state;
    struct fr_namings own;
    struct fr_error err = {0};
    assert_ok(fr_namings_parse(
                  &own,
                  "id\tpick-up\tput-down\tstack\tunstack\tontable\tclear\thandempty\tholding\ton\n"
                  "x\tlift-off\tset-off\tNATO\tcc\tin\tin-city\tcity\thh\tii\n"
                  "y\tgo\tstay\tfold-up\topen\tfar\tnear\tnorth\teast\twest\n",
                  "t", &domain, &err),
              err);
    check(&own, "x", "y", "in in-city city IN-CITY lift-off lifting-off Lift-off LIFT-OFF NATO cc",
          "far near north NEAR go going Go GO fold-up open");
    check(&own, "y", "x", "fold-up folding-up", "NATO NATOing");
    fr_namings_release(&own);
}

static void bytes_that_are_no_text_pass_through(void **state) {
    (void)state;
    struct fr_rename there = renaming(&paper, "1", "2", FR_COLLISION_SWAP);
    struct fr_error err = {0};
    struct fr_text out = {0};
    static const char text[] = "\xff\0attack\0\x80pain\xe2\x80";
    static const char want[] = "\xff\0illuminate\0\x80pain\xe2\x80";
    assert_ok(fr_rename_text(&there, text, sizeof text - 1, &out, &err), err);
    assert_int_equal(out.len, sizeof want - 1);
    assert_memory_equal(out.data, want, sizeof want - 1);
    fr_text_release(&out);
    fr_rename_release(&there);
    fr_rename_release(&there);
    fr_rename_release(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_becomes_the_same_form_of_the_other_word),
        cmocka_unit_test(a_word_becomes_a_word_whatever_forms_the_two_are),
        cmocka_unit_test(capitals_are_kept),
        cmocka_unit_test(words_end_where_mentions_end),
        cmocka_unit_test(words_of_both_namings_are_replaced_once),
        cmocka_unit_test(words_that_stood_there_already_are_exchanged_and_counted),
        cmocka_unit_test(or_kept_which_the_way_back_shows_or_refused),
        cmocka_unit_test(a_form_that_the_target_has_not_got_is_told),
        cmocka_unit_test(between_any_two_namings_the_way_back_restores_every_byte),
        cmocka_unit_test(clean_prose_is_refused_and_clean_plans_are_not),
        cmocka_unit_test(words_with_hyphens_and_capitals_of_their_own_come_back),
        cmocka_unit_test(bytes_that_are_no_text_pass_through),
    };
    return cmocka_run_group_tests(tests, load, release);
}
