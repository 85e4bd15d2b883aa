/* What a person reads at once beside or in a plan that stands whole: other languages, remarks on
 * what is not done, doubts that are answered, items that only look; and what is near it and is not
 * plain. */
#include "unit/prompts/rows_fixture.h"

static void other_languages_stand_around_english_actions(void **state) {
    (void)state;
    static const struct row rows[] = {
        /* "first we need to have object a get Province. The plan is:" */
        {"\xE9\xA6\x96\xE5\x85\x88\xEF\xBC\x8C\xE6\x88\x91\xE4\xBB\xAC\xE9\x9C\x80\xE8\xA6\x81 "
         "object a "
         "Province\xE3\x80\x82\n\n\xE8\xAE\xA1\xE5\x88\x92\xE5\xA6\x82\xE4\xB8\x8B\xEF\xBC\x9A"
         "\n" WHOLE,
         PLAN},
        {"1. Feast objet b de objet a\n2. Succumb objet b\n3. Attack objet a\n4. Overcome objet a "
         "de "
         "objet c\n",
         PLAN},
        {"1. Feast Objekt b von Objekt a\n2. Succumb Objekt b\n", HEAD},
        {"1. Feast b da a\n2. Succumb b\n", HEAD},
        {"1. Tomar el objeto de arriba (feast b a)\n2. Dejar el objeto (succumb b)\n", HEAD},
        {"1. Tomar b y dejarlo (feast b a)\n2. Succumb b\n", "!"},
        {"1. Don't take it (feast b a)\n2. Succumb b\n", "!"},
        {"1. Take c first (feast b a)\n2. Succumb b\n", "!"},
    };
    static const struct row blocks[] = {
        {"1. Unstack: der blaue Block vom roten (unstack b a)\n2. Put down: der blaue Block "
         "(put-down "
         "b)\n",
         HEAD},
        {"1. Unstack the block b (from the block a)\n2. Put down the block b (on the table)\n",
         HEAD},
        {"1. Unstack der blaue Block (put-down b)\n2. Put down b\n", "!"},
    };
    CHECK(rows);
    CHECK_CLEAN(blocks);
}

static void what_is_not_done_is_told_as_such(void **state) {
    (void)state;
    static const struct row rows[] = {
        {WHOLE "\nIf instead you tried to attack object a first, it would fail.\n", PLAN},
        {WHOLE "\nActions not used: attack object b, feast object a from object b.\n", PLAN},
        {WHOLE "\nExplanation of why other plans fail:\n1. " A "\n2. " O "\n", PLAN},
        {WHOLE "\nActions also used: attack object b.\n", "!two lists"},
        {"The words of this domain include, for example:\n- " F "\n- " A "\n", "!"},
        {WHOLE "\nIf you can, you should attack object b.\n", "!names a step"},
    };
    static const struct row blocks[] = {
        {"1. Unstack b from a (do not stack it on c!)\n2. Put down b\n", HEAD},
        {"1. Unstack b from a (do not do this)\n2. Put down b\n", "!"},
        {"1. Unstack b from a\n2. Put down b\n\nNote: an alternative would be to stack b on c.\n",
         HEAD},
        {"1. Unstack b from a\n2. Put down b\n\nNote: it would be better to stack b on c.\n", "!"},
    };
    CHECK(rows);
    CHECK_CLEAN(blocks);
}

static void what_stands_before_a_plan_may_be_prose(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"The goal state is object a craves object c.\n\n" BARE, PLAN},
        {"I was not certain at first, but the following works:\n" WHOLE, PLAN},
        {"I thought of this, but it fails:\n" WHOLE, "!"},
        {"Assistant: " F "\n" S "\n" A "\n" O "\n", PLAN},
        {"Example from before:\n1. " A "\n2. " O "\n\nFor this problem:\n" WHOLE, PLAN},
        {"1. Check that all is well.\n2. " F "\n3. " S "\n", HEAD},
        {"1. Make all ready.\n2. " F "\n3. " S "\n", "!"},
        {"~~1. " A "~~\n~~2. " O "~~\n\n" WHOLE, PLAN},
        {"1. ~~" A "~~ " F "\n2. " S "\n", "!crossed out"},
    };
    CHECK(rows);
}

static void prose_before_a_plan_may_tell_what_is_not_done(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"; object b is on object a, so it goes first\n(feast b a)\n(succumb b)\n", HEAD},
        {"; (attack a)\n(feast b a)\n(succumb b)\n", "!"},
        /* "the aim is: object a on object c", in Russian */
        {"\xD0\xA6\xD0\xB5\xD0\xBB\xD1\x8C: object a \xD0\xBD\xD0\xB0 object c.\n\n" WHOLE, PLAN},
        {"Thought: object a has no Province yet.\n" BARE, PLAN},
        {"Target: a on c\n\n" WHOLE, PLAN},
        {"**Detailed plan:**\n" WHOLE "\nTo sum up, b leaves a.\n", PLAN},
        {"1. Get to the target: " F "\n2. " S "\n", HEAD},
        {"Since object b craves object a, I'd first feast object b from object a, and then succumb "
         "object "
         "b.",
         HEAD},
        {"I'd solve it in two actions. First, feast object b from object a. Second, succumb object "
         "b.",
         HEAD},
        {"Not so. First, feast object b from object a. Second, succumb object b.", "!"},
        {"feast b a \xE2\x86\x92 {Pain b, Province a}\nsuccumb b \xE2\x86\x92 {Harmony}\n\n"
         "So the plan is: feast b a, succumb b.\n",
         HEAD},
        {"Since object b craves object a, I'd first free it, and then succumb object b.", "!"},
    };
    static const struct row blocks[] = {
        {"a isn't clear. If I tried to pick up a, I'd break a rule.\n\n1. Unstack b from a\n2. Put "
         "down b\n",
         HEAD},
        {"Is a clear? No, b is on it.\n\n1. Unstack b from a\n2. Put down b\n", HEAD},
        {"Wait, is a clear? No, so I have to remove b first.\n\n1. Unstack b from a\n2. Put down "
         "b\n",
         HEAD},
        {"Wait, is a clear? No, so I have to remove c first.\n\n1. Unstack b from a\n2. Put down "
         "b\n",
         "!"},
        {"1. Unstack b from a\n2. Put down b\n\nI considered stacking b on c, but it would not "
         "help.\n",
         HEAD},
    };
    CHECK(rows);
    CHECK_CLEAN(blocks);
}

static void a_sentence_may_tell_how_things_are(void **state) {
    (void)state;
    static const struct row blocks[] = {
        {"1. Unstack b from a\n2. Put down b\n\nAnd with that, b sits on the table.\n", HEAD},
        {"1. Unstack b from a\n2. Put down b\n\nThe key insight is that b covered a.\n", HEAD},
        {"1. Unstack b from a\n2. Put down b\n\nEverything else, such as c, stays unchanged.\n",
         HEAD},
        {"Currently b sits on a.\n\n1. Unstack b from a\n2. Put down b\n", HEAD},
        {"Looking at the conditions, b and c are clear.\n\n1. Unstack b from a\n2. Put down b\n",
         HEAD},
        {"1. Unstack b from a\n2. Put down b\n\nThe last action is to be repeated for c.\n", "!"},
        {"1. Unstack b from a\n2. Put down b\n\nOur arm has to drop c beside a first.\n", "!"},
        {"1. Unstack b from a\n2. Put down b\n\nThe above is right only if c is a.\n", "!"},
        {"1. Unstack b from a\n2. Put down b\n\nThere is one more thing: c must be on b.\n", "!"},
    };
    CHECK_CLEAN(blocks);
}

static void a_label_may_count_its_steps(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"The shortest plan consists of 2 actions: " F ", " S ".", HEAD},
        {"The plan has two steps: " F ", " S ".", HEAD},
        {FS "\nThe goal, object b planet, is met.\n", HEAD},
        {"The plan for the other puzzle is: " F ", " S ".", "!"},
        {"The first part of my plan is: " F ", " S ".", "!"},
        {"The steps of the plan in reverse order: " F ", " S ".", "!"},
    };
    CHECK(rows);
}

static void titles_and_cells_stand_around_steps(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"| # | Action | Objects | Why |\n|---|---|---|---|\n| 1 | Feast | b, a | to free a |\n"
         "| 2 | Succumb | b | restores Harmony |\n",
         HEAD},
        {"| # | Action | Objects |\n|---|---|---|\n| 1 | Feast | b, a |\n| 2 | Succumb | b | c |\n",
         "!"},
        {"| # | Action | State |\n|---|---|---|\n| 0 | - | b on a, c alone |\n| 1 | " F
         " | pain b |\n| 2 | " S " | harmony |\n",
         HEAD},
        {"**Feast:** feast b from a\n**Succumb:** succumb b\n", HEAD},
        {"- **Step 1 \xE2\x80\x93 Feast**: " F "\n- **Step 2 \xE2\x80\x93 Succumb**: " S "\n",
         HEAD},
        {"- **Step 1 \xE2\x80\x93 Attack**: " F "\n- **Step 2 \xE2\x80\x93 Succumb**: " S "\n",
         "!"},
        {"Step 1: That one can't be moved, as it's not free.\n\xE2\x86\x92 " F
         "\nStep 2: Harmony is "
         "gone.\n\xE2\x86\x92 " S "\n",
         HEAD},
        {"## Phase A \xE2\x80\x94 one\n" FS "\n## Phase B \xE2\x80\x94 two\n3. " A "\n4. " O "\n",
         PLAN},
        {"## Phase A\n" FS "\n## Phase B\n4. " A "\n5. " O "\n", "!"},
        {"**Phase 1: feast**\n" FS "\n**Phase 2: attack**\n3. " A "\n4. " O "\n", PLAN},
        {"**Phase 1: feast**\n" FS "\n**Phase 2: attack**\n", "!"},
    };
    CHECK(rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_languages_stand_around_english_actions),
        cmocka_unit_test(what_is_not_done_is_told_as_such),
        cmocka_unit_test(what_stands_before_a_plan_may_be_prose),
        cmocka_unit_test(prose_before_a_plan_may_tell_what_is_not_done),
        cmocka_unit_test(a_sentence_may_tell_how_things_are),
        cmocka_unit_test(a_label_may_count_its_steps),
        cmocka_unit_test(titles_and_cells_stand_around_steps),
    };
    return cmocka_run_group_tests(tests, load, release);
}
