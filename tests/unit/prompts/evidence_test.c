/* What in an answer speaks for and against a list of steps: titles, labels, remarks, blocks, tags,
 * sentences, an end that breaks off. Each row is one answer, and the plan that a careful person
 * reads, or "!" and a part of the reason why none can be read. */
#include "unit/prompts/rows_fixture.h"

static void a_label_may_say_what_a_step_is_for_but_takes_none_away(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. **Free a**: " F "\n2. **Put away**: " S "\n3. **Take a**: " A
         "\n4. **Achieve the goal**: " O "\n",
         PLAN},
        {"- **Free a**: " F "\n- **Put away**: " S "\n- **Take a**: " A
         "\n- **Reach the goal state**: " O "\n",
         PLAN},
        {WHOLE "5. **Reach the goal state**: Succumb object a\n", PLAN "(put-down a)"},
        {"1. " F "\n2. " S "\n3. " A "\n4. **Goal**: " O "\n", "!line 4"},
        {"1. " F "\n2. " S "\n3. " A "\n4. **Check and finish**: " O "\n", "!line 4"},
        {WHOLE "5. **Final state**: Succumb object a\n", "!line 5"},
        {F "\n" S "\n" A "\nGoal: " O "\n", "!line 4"},
        {WHOLE "5. **Result**: object a craves object c.\n", PLAN},
        {WHOLE "5. **Goal**: " O "\n", PLAN},
    };
    CHECK(rows);
}

static void a_label_beside_a_labelled_step_remarks(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. **Part 1**\n   - Action: " F "\n   - Enables: " S "\n2. **Part 2**\n   - Action: " S
         "\n   - Enables: " A "\n3. **Part 3**\n   - Action: " A
         "\n   - Enables: more\n4. **Part 4**\n   - Action: " O "\n",
         PLAN},
        {"1. " F "\n   - Purpose: " A "\n2. " S "\n3. " A "\n4. " O "\n", PLAN},
        {"1. **Part 1**\n   - Action: " F "\n   - Also: " S "\n2. **Part 2**\n   - Action: " A
         "\n3. **Part 3**\n   - Action: " O "\n",
         "!its remark names a step"},
        {"1. **Part 1**\n   - First action: " F "\n   - Second action: " S
         "\n2. **Part 2**\n   - First action: " A "\n   - Second action: " O "\n",
         PLAN},
    };
    CHECK(rows);
}

static void an_item_that_is_a_title_begins_a_section(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. **Plan**\n   - " F "\n   - " S "\n   - " A "\n   - " O "\n2. **Verification**\n   - " F
         " \xE2\x9C\x93\n   - " S " \xE2\x9C\x93\n",
         PLAN},
        {"- Plan:\n  - " F "\n  - " S "\n  - " A "\n  - " O "\n- Check:\n  - " F "\n  - " O "\n",
         PLAN},
        {"1. Facts\n- a is there.\n\n2. Plan\n- " F "\n- " S "\n- " A "\n- " O "\n\n3. Check\n- " F
         "\n- " S "\n- " A "\n- " O "\n",
         PLAN},
        {"1. **First idea**\n   - " A "\n   - " O "\n2. **Plan**\n   - " F "\n   - " S "\n   - " A
         "\n   - " O "\n",
         PLAN},
        {"1. **Steps**\n   a. " F "\n   b. " S "\n   c. " A "\n   d. " O
         "\n2. **Final check**\n   a. " O "\n",
         PLAN},
        {"1. **Free a**\n   - " F "\n   - " S "\n2. **Verify and build**\n   - " A "\n   - " O "\n",
         "!that differ"},
        {"1. **Free a**\n   - " F "\n   - " S "\n2. **Build**\n   - " A "\n   - " O "\n", PLAN},
    };
    CHECK(rows);
}

static void a_step_in_another_dress_is_said_again(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. Free a\n   - " F "\n   - (feast b a)\n2. Put b away\n   - " S
         "\n   - `(succumb b)`\n3. Take a\n   - " A "\n   - attack(a)\n4. Place a\n   - " O
         "\n   - Formal: (overcome a c)\n",
         PLAN},
        {"**Step 1**\n" F "\n(feast b a)\n\n**Step 2**\n" S "\n(succumb b)\n\n**Step 3**\n" A
         "\n(attack a)\n\n**Step 4**\n" O "\n(overcome a c)\n",
         PLAN},
        {F "\n(feast b a)\n" S "\n(succumb b)\n" A "\n(attack a)\n" O "\n(overcome a c)\n", PLAN},
        {"* " F "\n* (feast b a)\n* " S "\n* (succumb b)\n* " A "\n* (attack a)\n* " O
         "\n* (overcome a c)\n",
         PLAN},
        {F "\n(feast b a)\n" S "\n" A "\n" O "\n", "!said twice, and not all"},
    };
    CHECK(rows);
}

static void an_adjective_makes_no_last_word(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"**Clear a**\n" FS "\n**Place a in the correct position**\n" AO, "!that differ"},
        {"- " F "\n- " S "\n\nNow a is free. Therefore:\n- " A "\n- " O "\n", "!that differ"},
        {WHOLE "\nValid actions afterwards:\n- Attack object b\n", "!that differ"},
        {WHOLE "\nCorrected step 3:\n- " A "\n", "!that differ"},
        {"Plan:\n" AO "\nA valid variation with more steps:\n" WHOLE, "!that differ"},
        {"The optimal solution:\n" AO "\nFor reference, a valid longer solution:\n" WHOLE,
         "!that differ"},
        {"Plan:\n" AO "\nCorrected:\n" WHOLE, PLAN},
        {"Plan:\n" AO "\nThe correct sequence is:\n" WHOLE, PLAN},
    };
    CHECK(rows);
}

static void what_may_be_a_part_is_a_second_reading(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"First, free object a:\n" FS "\nThen the plan is simple:\n" AO, "!that differ"},
        {"**Move the other object away**\n1. " A "\n\n**Plan**\n" WHOLE, "!that differ"},
        {"**Original tower: take apart**\n" FS "\n**Final sequence**\n" AO, "!that differ"},
        {"Plan:\n" FS "\nThe last stage of the plan:\n" AO, "!that differ"},
        {"**Plan**\n" WHOLE "\n**Final plan (abridged)**\n- " F "\n- " O "\n", "!that differ"},
        {"First attempt:\n" AO "\nPlan:\n" WHOLE, PLAN},
        {"**Plan**\n1. " A "\n2. " F "\n3. " S "\n4. " A "\n5. " O "\n\n**Final plan**\n" WHOLE,
         PLAN},
    };
    CHECK(rows);
}

static void a_negation_in_an_introduction_refuses_no_plan(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"Since object a is not free:\n" FS "\nWith object a free:\n" AO, "!that differ"},
        {"To avoid a deadlock:\n" FS "\nTo build:\n" AO, "!that differ"},
        {"Do not forget this:\n1. Overcome object c from object b\n\nThen:\n" WHOLE,
         "!that differ"},
        {"### Plan\n" WHOLE "\n### Do not stop here: put a down\n1. Succumb object a\n",
         "!that differ"},
        {"**Phase 1: clear a**\n" FS "\n**Phase 2: build, avoiding a wrong order**\n" AO,
         "!that differ"},
        {"### Step 1: Clear it\n- " F "\n- " S "\n\n### Step 2: Verify and build\n- " A "\n- " O
         "\n",
         "!that differ"},
        {"**Setup**\n" FS "\n**Now that b is not in the way**\n3. " A "\n4. " O "\n",
         "!its number goes on"},
        {"**Setup**\n" FS "\n**The plan for a**\n3. " A "\n4. " O "\n", PLAN},
        {"Do not do this:\n" WHOLE, "!may refuse it"},
        {"**Wrong plan**\n" AO "\n**Plan**\n" WHOLE, PLAN},
        {"**An idea that I discarded:**\n" AO "\nPlan:\n" WHOLE, PLAN},
    };
    CHECK(rows);
}

static void what_is_about_a_plan_yields_only_to_all_of_it(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"**Step-by-step breakdown:**\n" WHOLE "\n**Key moves:**\n- " A "\n- " O "\n",
         "!that differ"},
        {"Plan:\n" FS "\nBecause a is free now:\n" AO, "!that differ"},
        {"### Analysis\n1. Attack object c\n2. " A "\n\n### Other thoughts\n" WHOLE,
         "!that differ"},
        {"Plan:\n" WHOLE "\nExplanation:\n- " F ": frees a\n- " O ": the goal\n", PLAN},
        {"**Summary**\n- " F "\n- " O "\n\n**Plan**\n" WHOLE, PLAN},
    };
    CHECK(rows);
}

static void what_stands_beside_a_block_counts(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"[PLAN]\n" AO "[PLAN END]\n\nWait, a must be free first.\n\nBetter plan:\n" WHOLE,
         "!that differ"},
        {"[PLAN]\n" WHOLE "[PLAN END]\n\nThe actual plan:\n" AO, "!that differ"},
        {"[PLAN]\n" WHOLE "[PLAN END]\n\nUpdated answer: " A ", " O ".", "!that differ"},
        {"Phase 1, to take the tower apart so that a is free:\n[PLAN]\n" F "\n" S
         "\n[PLAN END]\n\nPhase 2, to build the tower of the goal:\n[PLAN]\n" A "\n" O
         "\n[PLAN END]\n",
         "!that differ"},
        {"[PLAN]\n" A "\n" O "\n[PLAN END]\nNo, that fails.\n[PLAN]\n" BARE "[PLAN END]\n", PLAN},
        {"1. Take b off a\n2. Lay b aside\n3. Take a\n\n<answer>" O "</answer>", "!that differ"},
        {"The plan is " F ", " S ", " A ", " O ".\n\nSo the last is\n$$\\boxed{\\text{" O "}}$$\n",
         "!that differ"},
        {"[PLAN]\n" BARE "[PLAN END]\n\nAs initial conditions I have that, harmony.\n[PLAN]\n"
         "Attack object c\n[PLAN END]\n",
         PLAN},
        {"[STATEMENT]\nAs initial conditions I have that, object b craves object a.\n[PLAN]\n" BARE
         "[PLAN END]\n",
         PLAN},
    };
    CHECK(rows);
}

static void an_end_tag_takes_no_answer_away(void **state) {
    (void)state;
    static const struct row rows[] = {
        {AO "\n<details>\n<summary>Why</summary>\na is moved.\n</details>\n\nThe long way:\n" WHOLE,
         "!that differ"},
        {AO "\n<reflection>\nok\n</reflection>\n\nThe long way:\n" WHOLE, "!that differ"},
        {WHOLE "\n<details>\n<summary>Why</summary>\nb leaves a.\n</details>\n", PLAN},
        {WHOLE "\n<reflection>\nok\n</reflection>\n", PLAN},
        {"<think>x</think>\n" WHOLE "\nI used <think> to think.", PLAN},
        {"<think>x</think>\n" WHOLE "\n<think>But", "!does not end"},
        {"Sure.\n<think>" AO "</think>\n" WHOLE, PLAN},
    };
    CHECK(rows);
}

static void columns_and_cells_are_heard(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"| # | Action | From | Object |\n|---|---|---|---|\n| 1 | Feast | a | b |\n"
         "| 2 | Overcome | c | a |\n",
         "!columns"},
        {"| # | Action | Object | From |\n|---|---|---|---|\n| 1 | Feast | b | a |\n"
         "| 2 | Overcome | a | c |\n",
         "(unstack b a)(stack a c)"},
        {"| Action | Status |\n|---|---|\n| " A " | rejected |\n| " F " | chosen |\n",
         "!it is not done"},
        {"| Action | OK? |\n|---|---|\n| " A " | \xE2\x9C\x97 |\n| " F " | \xE2\x9C\x93 |\n",
         "!it is not done"},
        {"[{\"name\": \"feast\", \"second\": [\"a\"], \"first\": [\"b\"]}]", "!is not known here"},
        {"[{\"name\": \"feast\", \"args\": [\"b\", \"a\"]}]", "(unstack b a)"},
    };
    CHECK(rows);
}

static void a_remark_may_take_back_or_add(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. " A " (not possible, b is on it)\n2. " F "\n", "!line 1"},
        {"1. " A "? No, it is covered.\n2. " F "\n", "!line 1"},
        {"1. " A " - fails\n2. " F "\n", "!line 1"},
        {"1. " A " (can't, b is on it)\n2. " F "\n", "!line 1"},
        {"1. \xE2\x9D\x8C " A "\n2. " F "\n", "!line 1"},
        {"1. " F "\n2. " S " (if necessary)\n3. " A "\n", "!line 2"},
        {"1. " F "\n2. " S " (already done)\n3. " A "\n", "!line 2"},
        {"1. " F "\n2. " S " (2 times)\n3. " A "\n", "!line 2"},
        {"1. " F "\n2. " S " \xC3\x97"
         "2\n3. " A "\n",
         "!line 2"},
        {"1. " F " (and succumb object b)\n2. " A "\n3. " O "\n", "!may tell a further step"},
        {"1. " F " \xE2\x80\x93 next succumb object b\n2. " A "\n3. " O "\n",
         "!may tell a further step"},
        {"1. " F " (so that we can attack object a later)\n2. " S "\n3. " A "\n4. " O "\n", PLAN},
        {"1. " F " (b is no longer on a)\n2. " S "\n", HEAD},
    };
    CHECK(rows);
}

static void a_plan_that_breaks_off_is_not_judged(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. " F "\n2. " S "\n3. " A "\n4.", "!cut off"},
        {"1. " F "\n2. " S "\n3. " A "\n4. Overc", "!cut off"},
        {"- " F "\n- " S "\n-", "!cut off"},
        {"Step 1: " F "\nStep 2: " S "\nStep", "!cut off"},
        {"(feast b a)\n(succumb b)\n(", "!cut off"},
        {"(feast b a)\n(succumb b)\n(attack a", "!cut off"},
        {"[\"feast b a\", \"succumb b\",", "!cut off"},
        {"Plan: feast b a -> succumb b ->", "!cut off"},
        {"| 1 | " F " |\n| 2 | " S " |\n| 3 |", "!cut off"},
        {"1. " F ",\n2. " S ",\n3. " A ",\n4. " O ",", PLAN},
        {WHOLE "\n---\n", PLAN},
        {"Plan:\n" WHOLE "\nExplanation:\n- It is", PLAN},
    };
    CHECK(rows);
}

static void a_sentence_may_change_or_deny_the_plan(void **state) {
    (void)state;
    static const struct row rows[] = {
        {WHOLE "\nActually, steps 2 and 3 should be the other way round.", "!the order"},
        {WHOLE "\nOn second thought, switch steps 3 and 4.", "!may change the plan"},
        {WHOLE "\nActually, drop step 2.", "!may change the plan"},
        {WHOLE "\nStep 2 can be left out.", "!may change the plan"},
        {WHOLE "\nStep 4 is wrong.", "!may change the plan"},
        {WHOLE "\nStep 4 has to come before step 2.", "!the order"},
        {WHOLE "\nStep 2 has to come before step 4.", PLAN},
        {WHOLE "\nRead the list from bottom to top.", "!the order"},
        {WHOLE "\nThen do it all again.", "!may change the plan"},
        {WHOLE "\nSorry, the problem is unsolvable.", "!no plan"},
        {WHOLE "\nHmm, I think I made a mistake.", "!no plan"},
        {WHOLE "\nWait, that is not right.", "!no plan"},
        {WHOLE "\nThis does not violate any rule.", PLAN},
        {"From last to first:\n" WHOLE, "!the order"},
        {"The plan, minus the first step:\n" WHOLE, "!may change the plan"},
        {"The trap is:\n" WHOLE, "!rejected"},
    };
    CHECK(rows);
}

static void steps_are_read_behind_the_words_that_people_put_before_them(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. Perform Feast on object b from object a\n2. Execute the action \"Succumb\" on object "
         "b\n"
         "3. Use `Attack` on object a\n4. Perform an Overcome action on object a from object c\n",
         PLAN},
        {"1. Call feast(b, a)\n2. The action is succumb(b)\n3. We attack object a\n"
         "4. You need to overcome object a from object c\n",
         PLAN},
        {"Plan: " F ", " S ", " A ", and " O ".", PLAN},
        {"1. " F " and then " S "\n2. " A " and " O "\n", PLAN},
        {"First, " F ". Next, " S ". After that, " A ". Finally, " O ".", PLAN},
        {"1. " F ", then " S "\n2. " S "\n3. " A "\n", "!names its step already"},
        {"1. Free it - " F "\n2. Lay it aside (" S ")\n3. Lift the lower -> " A
         "\n4. Done with `(overcome a c)`\n",
         "!line 4"},
        {"move the object b away -> " S " -> " A, "!is no step"},
        {"1. feast(b, a), i.e. " F "\n2. succumb(b) => " S "\n3. attack(a), that is, " A
         "\n4. overcome(a, c), meaning " O "\n",
         PLAN},
        {"1. " F " (prepares for step 2)\n2. " S "\n", HEAD},
    };
    CHECK(rows);
}

static void markers_phases_and_fences(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"### Phase A - free a\n" FS "\n### Phase B - build\n" AO, PLAN},
        {"**Stage one: free a**\n" FS "\n**Stage two: build**\n" AO, PLAN},
        {"### Phase 1: free a\n" FS "\n### Final moves\n3. " A "\n4. " O "\n", PLAN},
        {"### Step 1\n```\n(feast b a)\n```\n\n### Step 2\n```\n(succumb b)\n```\n", HEAD},
        {"1. Next move:\n```\n(feast b a)\n```\n2. Next move:\n```\n(succumb b)\n```\n", HEAD},
        {"1st: " F "\n2nd: " S "\n", HEAD},
        {"[1/2] " F "\n[2/2] " S "\n", HEAD},
        {"1\xE3\x80\x81" F "\n2\xE3\x80\x81" S "\n", HEAD},
        {"Step #1: " F "\nStep #2: " S "\n", HEAD},
        {"<plan>\n<step n=\"1\">" F "</step>\n<step n=\"2\">" S "</step>\n</plan>", HEAD},
        {"{\"step1\": \"" F "\", \"step2\": \"" S "\"}", HEAD},
        {"{\"step2\": \"" S "\", \"step1\": \"" F "\"}", "!begins with number 2"},
    };
    CHECK(rows);
}

static void what_says_nothing_of_the_plan_is_no_reading(void **state) {
    (void)state;
    static const struct row rows[] = {
        {WHOLE "\n\\boxed{4}", PLAN},
        {WHOLE "\n<answer>See above</answer>", PLAN},
        {WHOLE "\n<answer>There is no plan.</answer>", "!holds no step"},
        {"The actions:\n- Attack object\n- Succumb object\n\nPlan:\n" WHOLE, PLAN},
        {"Because we cannot attack object a directly, we do the following:\n" WHOLE, PLAN},
        {WHOLE "\nThere is no shorter plan that works.", PLAN},
        {WHOLE "\nNone of these steps can be skipped.", PLAN},
        {WHOLE "\nWithout step 1 this would fail.", PLAN},
        {"1. **Part 1**\n   - Thought: object b has to leave object a\n   - Action: " F "\n",
         "(unstack b a)"},
    };
    CHECK(rows);
}

/* In the clean naming people have other words for the actions. */
#define U "Unstack b from a"
#define D "Put down b"
#define P "Pick up a"
#define K "Stack a on c"
#define CLEAN "1. " U "\n2. " D "\n3. " P "\n4. " K "\n"
#define IN_OTHER_WORDS "!in other words"

static void a_step_in_other_words_is_not_passed_over(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. " U "\n2. Put it down on the table\n3. " P "\n4. " K "\n", IN_OTHER_WORDS},
        {"1. " U "\n2. " D "\n3. " P "\n4. Put it down\n5. Stack a on c\n", IN_OTHER_WORDS},
        {CLEAN "5. Pick it up again\n", IN_OTHER_WORDS},
        {"1. Remove the top block.\n2. " D "\n3. " P "\n4. " K "\n", IN_OTHER_WORDS},
        {"1. " U "\n2. " D "\n3. " P "\n4. Now place it on c.\n", IN_OTHER_WORDS},
        {"1. " U "\n2. " D "\n3. " P "\n4. With a in hand, stack it on c.\n", "!line 4"},
        {"1. " U "\n2. The table gets it\n3. " P "\n4. " K "\n", "!line 2"},
        {"[PLAN]\nunstack b from a\nput it down\npick up a\nstack a on c\n[PLAN END]",
         IN_OTHER_WORDS},
        {"[\"unstack b from a\", \"put it down\", \"pick up a\", \"stack a on c\"]",
         IN_OTHER_WORDS},
        {"| 1 | " U " |\n| 2 | Put it on the table |\n| 3 | " P " |\n| 4 | " K " |\n", "!line 2"},
        {"### Step 1\n" U ".\n\n### Step 2\nLay it down.\n\n### Step 3\n" P ".\n", "!line 5"},
        {"1. " U ".\n   - Place it on the table.\n2. " P ".\n3. " K ".\n", IN_OTHER_WORDS},
        {"1. Clear a:\n   a. unstack b from a\n   b. put it down\n2. Build:\n   a. pick up a\n",
         "!line 3"},
        {"Plan:\nTake b off; " D "; " P "; " K "\n\nExplanation:\n- " P "\n- " K ": the goal\n",
         "!line 2"},
        /* what says the step itself, or one of the list's, tells no further one */
        {"1. " U ": take b off a\n2. " D ": place b on the table\n3. " P " (lift a)\n4. " K
         ": move a onto c\n",
         PLAN},
        {"1. " U "\n   - Now we can put down b.\n2. " D "\n3. " P "\n4. " K "\n", PLAN},
        {"1. Take the tower apart\n1.1 " U "\n1.2 " D "\n2. Build the goal\n2.1 " P "\n2.2 " K,
         PLAN},
        {CLEAN "5. The goal is reached.\n", PLAN},
        {"1. Put the tower apart\n   - " U "\n   - " D "\n2. Build\n   - " P "\n   - " K, PLAN},
    };
    CHECK_CLEAN(rows);
}

static void a_second_step_behind_a_sign_is_no_remark(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. " U ". Place it on the table.\n2. " P "\n3. " K "\n", "!further step"},
        {"1. " U "; place it on the table\n2. " P "\n3. " K "\n", "!further step"},
        {"1. " U " - put it down\n2. " P "\n3. " K "\n", "!further step"},
        {"1. " U ": put down\n2. " P ": stack onto c\n", "!further step"},
        {"1. " U " \xE2\x86\x92 place on table\n2. " P "\n3. " K "\n", "!further step"},
        {"1. " P "; take it back again\n", "!further step"},
        {"1. " U " & set it down\n2. " P "\n3. " K "\n", "!further step"},
        {"1. " U "\n2. " D " / stack b on c\n3. " P "\n4. " K "\n", "!whether both"},
        {"1. " U "\n2. " D " (or place it on c)\n3. " P "\n4. " K "\n", "!its remark"},
    };
    CHECK_CLEAN(rows);
    static const struct row mystery[] = {
        {"1. " F " - succumb\n2. " A " - overcome c\n", "!further step"},
        {"1. " F " (and succumb)\n2. " A " (and overcome c)\n", "!further step"},
        /* a translation */
        {"1. " F " (take b off a)\n2. " S " (put b down)\n3. " A "\n4. " O "\n", PLAN},
    };
    CHECK(mystery);
}

static void a_line_beside_the_list_may_tell_more(void **state) {
    (void)state;
#define HERE "Here is the plan:\n"
#define THREE "1. " U "\n2. " D "\n3. " P "\n"
    static const struct row rows[] = {
        {HERE THREE "\nFinally, place a on c.", "!line 6"},
        {HERE THREE "\nThen place a on c.", "!line 6"},
        {HERE THREE "\nStack block a over block c", "!line 6"},
        {HERE THREE "\nYou can then place a on c.", "!line 6"},
        {HERE "\n" U "\n\n" D "\n\n" P "\n\nPlace a on c", "!line 9"},
        {HERE CLEAN "\nNew plan: take b off a, put it on c.", "!line 7"},
        {HERE CLEAN "\nAfterwards, move b onto a.", "!line 7"},
        {HERE CLEAN "\nActually, in step 2 I would place b on c instead.", "!line 7"},
        {HERE CLEAN "\nI made a typo in step 4: a goes onto b.", "!line 7"},
        {HERE CLEAN "\nSorry, in step 4 it should be b instead of c.", "!line 7"},
        {HERE CLEAN "\nWait, b has to go onto c.", "!line 7"},
        {HERE THREE "\nContinue in the same way for the others.", "!line 6"},
        {HERE THREE "\nThen repeat for the other blocks.", "!line 6"},
        {HERE THREE "\n(to be continued)", "!line 6"},
        {"Move b to the table. Then:\n\n1. " P "\n2. " K "\n", IN_OTHER_WORDS},
        {"After moving b to the table, do the following:\n\n1. " P "\n2. " K "\n", IN_OTHER_WORDS},
        {HERE CLEAN "\nBut the hand is not empty at step 2!", "!line 7"},
        {HERE CLEAN "\nScratch that.", "!line 7"},
        /* what closes the answer tells nothing */
        {"### Plan\n" CLEAN "\nThe goal of having a on c is now achieved.", PLAN},
        {"### Plan\n" CLEAN "\nThe final configuration has a on c.", PLAN},
        {HERE CLEAN "\nThis sequence takes b away, then stacks a.", PLAN},
    };
    CHECK_CLEAN(rows);
}

static void plans_side_by_side_are_not_joined(void **state) {
    (void)state;
#define ONE U ", " D ", " P ", " K
#define OTHER_ONE U ", stack b on c, " P ", put down a"
    static const struct row rows[] = {
        {"There are two plans:\n- " ONE "\n- " OTHER_ONE "\n", "!another plan"},
        {"Possible plans:\n1. " ONE "\n2. " OTHER_ONE "\n", "!another plan"},
        {ONE "\nor\n" U ", stack b on c\n", "!line"},
        {"- Plan 1: " OTHER_ONE "\n- Plan 2: " ONE "\n", "!another plan"},
        {"[\"" P ", " K "\", \"" ONE "\"]", "!another plan"},
        {"1. " P "\n1. " U "\n2. " D "\n3. " P "\n4. " K "\n", "!begin twice"},
        {"1. " U ", " D "\n2. " P ", " K "\n", PLAN},
        {"1. " U "\n1. " D "\n1. " P "\n1. " K "\n", PLAN},
        {"[STATEMENT]\nThe hand is empty.\n[PLAN]\n" P "\n[PLAN END]\n[STATEMENT]\nAs initial "
         "conditions b is on a.\n[PLAN]\n" ONE "\n[PLAN END]\n",
         "!two puzzles"},
    };
    CHECK_CLEAN(rows);
}

static void a_step_that_is_taken_back_counts_for_nothing(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. " P " \xE2\x86\x92 b is on it, so this is not allowed. Instead:\n2. " U "\n3. " D "\n",
         "!line 1"},
        {"1. " P ".\n   - Wait, b is on it, so that isn't allowed.\n2. " U "\n3. " D "\n",
         "!line 2"},
        {"1. " P ".\n   \xE2\x9D\x8C b is on top of it.\n2. " U "\n3. " D "\n", "!line 2"},
        {"1. " P ".\n\nThis does not work, because b is on a.\n\n2. " U "\n3. " D "\n", "!no plan"},
        {"```json\n{\"plan\": [\n  \"unstack b a\",\n  \"put-down b\"", "!cut off"},
        {"\\boxed{unstack(b,a), put-down(b), pick-up(a)", "!cut off"},
        {HERE "\n1. " U "\n2. " D "\n\nNext, we", "!cut off"},
    };
    CHECK_CLEAN(rows);
}

static void steps_are_counted_as_people_count_them(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"Step1: " U "\nStep2: " D "\n", HEAD},
        {"Step-1: " U "\nstep_2: " D "\n", HEAD},
        {"[Step 1] " U "\n[Step 2] " D "\n", HEAD},
        {"S1: " U "\nS2: " D "\n", HEAD},
        {"No. 1: " U "\nNo. 2: " D "\n", HEAD},
        {"\xE7\xAC\xAC\xE4\xB8\x80\xE6\xAD\xA5\xEF\xBC\x9A" U "\n"
         "\xE7\xAC\xAC\xE4\xBA\x8C\xE6\xAD\xA5\xEF\xBC\x9A" D "\n",
         HEAD},
        {"\xE6\xAD\xA5\xE9\xAA\xA4\xE4\xB8\x80\xEF\xBC\x9A" U "\n"
         "\xE6\xAD\xA5\xE9\xAA\xA4\xE4\xBA\x8C\xEF\xBC\x9A" D "\n",
         HEAD},
        {"\xE7\xAC\xAC\xE4\xBA\x8C\xE6\xAD\xA5\xEF\xBC\x9A" U "\n", "!begins with number 2"},
        {"unstack b a // holding b\nput-down b // on the table\n", HEAD},
        {"1. Put the block b down\n2. Pick the block a up\n", "(put-down b)(pick-up a)"},
        {"1. Let's unstack b from a.\n2. Let us put down b.\n", HEAD},
        {"1. Please unstack b from a.\n2. Please put down b.\n", HEAD},
        {"1) " U ",\n2) " D ", and\n3) " P ", and then\n4) " K ".\n", PLAN},
        {"1. " U " \xE2\x80\x94 needed to continue\n2. " D "\n", HEAD},
    };
    CHECK_CLEAN(rows);
}

static void what_no_step_does_is_heard_in_any_words(void **state) {
    (void)state;
    static const struct row rows[] = {
        {THREE "4. Now a can be stacked on c.\n", "!in other words"},
        {THREE "4. By stacking a on c, the goal is reached.\n", "!in other words"},
        {U "\n" D "\n" P "\nThe block a is stacked on c.\n", "!in other words"},
        {HERE THREE "\nTo reach the goal, place a on c.\n", "!in other words"},
        {HERE THREE "\nLastly, on c goes block a.\n", "!in other words"},
        {HERE THREE "\nOn top of c, stack the block a.\n", "!in other words"},
        {HERE CLEAN "\nIn addition, b must be placed on a.\n", "!in other words"},
        {HERE CLEAN "\nBetter: take b off a and move it onto c.\n", "!in other words"},
        {HERE THREE "\nThe block a then ends up on c.\n", "!in other words"},
        {HERE THREE "\nFinal touch: block a onto c.\n", "!in other words"},
        {"1. " U " \xE2\x86\x92 table\n2. " P "\n3. " K "\n", "!in other words"},
        {"1. " U " to put it on the table\n2. " P "\n3. " K "\n", "!in other words"},
        {"With b placed on the table, the plan is:\n1. " P "\n2. " K "\n", "!in other words"},
        {"Plan:\nStep 0: move b to the table.\n1. " P "\n2. " K "\n", "!in other words"},
        {"Start by clearing a (b to the table), then:\n1. " P "\n2. " K "\n", "!in other words"},
        /* what a step does, or what is given, or denied, tells no more */
        {HERE CLEAN "\nSo b is moved to the table, and a is placed on c.\n", PLAN},
        {"1. " U " to put it on the table\n2. " D "\n3. " P "\n4. " K "\n", PLAN},
        {"The block b is stacked on a.\n\n" CLEAN, PLAN},
    };
    CHECK_CLEAN(rows);
}

static void a_sentence_that_says_what_the_plan_does_is_no_reading(void **state) {
    (void)state;
#define FENCED "\n```\n" U "\n" D "\n" P "\n" K "\n```\n"
    static const struct row rows[] = {
        {"Looking at this, I need to move b off a first.\n\n" CLEAN, PLAN},
        {"Strategy: clear a by moving b to the table, then move a onto c.\n" FENCED, PLAN},
        {"My approach is to take b away and then move a to c.\n" FENCED, PLAN},
        {"I need to get a onto c. The block b is in the way.\n" FENCED, PLAN},
        {"Looking at this, I need to move b onto c first.\n\n" CLEAN, "!line"},
        {"Moving b to the table is done.\n\n1. " P "\n2. " K "\n", "!line"},
    };
    CHECK_CLEAN(rows);
}

static void a_step_may_be_doubted_where_it_stands(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. " P " (but b is on it!)\n"
         "2. " U "\n3. " D "\n",
         "!its remark"},
        {"1. " P " - requires that a is clear, which is false.\n"
         "2. " U "\n3. " D "\n",
         "!its remark"},
        {"The first step is: " U, "!first of several"},
        {HERE CLEAN "\nBut that would not put a on c.\n", "!no plan"},
    };
    CHECK_CLEAN(rows);
}

static void an_end_that_stops_short_is_no_end(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. Unstack the block b from the block a\n2. Put down the block b\n3. Pick up the a",
         "!cut off"},
        {"1. " U "\n   - holding b\n2. " D "\n   - b is on the tab", "!cut off"},
        {"**Step 1: " U "**\nThis frees the block.\n\n**Step 2: " D "**\nThis restores",
         "!cut off"},
        {"```\n" U "\n" D "\n" P "\n", "!cut off"},
        {"```\n" U "\n" D "\n" P "\n" K "\n```", PLAN},
        {"**Step 1: " U "**\nThis frees the block.\n\n**Step 2: " D "**\nThis restores it.", HEAD},
        {CLEAN "\nSo we need a different approach. Let me try again:\n", "!line 6"},
        {CLEAN "\n**Phase 2: build the tower**\n", "!line 6"},
        {CLEAN "\nLet's try another approach.\n", "!line 6"},
        {CLEAN "\nSo the plan fails.\n", "!line 6"},
        {CLEAN "\n**End of plan**\n", PLAN},
    };
    CHECK_CLEAN(rows);
}

static void a_head_may_say_that_a_list_is_no_plan(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"Legal moves at the start:\n- " U "\n- Pick up c\n", "!may refuse"},
        {"Possible actions now:\n- " U "\n- Pick up c\n", "!may refuse"},
        {"M\xC3\xB6gliche Aktionen:\n- " U "\n- Pick up c\n", "!may refuse"},
        {"Some ideas:\n- " U "\n- Pick up c\n", "!may refuse"},
        {"Pick one of the following:\n- " U "\n- Pick up c\n", "!may refuse"},
        {"To undo the solution you would:\n" CLEAN, "!may refuse"},
        {"Here is the beginning of the plan:\n" CLEAN, "!may refuse"},
        {"The first half of the plan:\n" CLEAN, "!may refuse"},
        {"The first three steps:\n" THREE, "!may refuse"},
        {"The first two actions are: " U ", " D ".\n", "!first of several"},
        {"Here are the steps:\n" CLEAN, PLAN},
        {"A possible sequence of actions:\n" CLEAN, PLAN},
    };
    CHECK_CLEAN(rows);
}

static void steps_that_are_left_out_are_missed(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. " U "\n2. " D "\n...\n3. " K "\n", "!left out"},
        {"1. " U "\n2. " D "\n\xE2\x80\xA6\n3. " K "\n", "!left out"},
        {U ", " D ", ..., " K "\n", "!left out"},
        {HERE "1. " U "\n2. " D "\n\nAnd so forth.", "!may change"},
        {HERE "1. " U "\n2. " D "\n\nThe rest is similar.", "!may change"},
        {HERE "1. " U "\n2. " D "\n\nI will leave the remaining moves to you.", "!may change"},
        {HERE "1. " U "\n2. " D "\n\nThe plan is incomplete.", "!no plan"},
        {U "\n" U "\n" D "\n" D "\n", "!said twice"},
    };
    CHECK_CLEAN(rows);
}

static void marks_take_steps_back(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. " U "\n2. Stack b on c (removed)\n3. " D "\n", "!line 2"},
        {"1. " U "\n2. Stack b on c // deleted\n3. " D "\n", "!line 2"},
        {"1. " U "\n2. Stack b on c (superseded by step 3)\n3. " D "\n", "!line 2"},
        {"1. " U "\n2. Stack b on c (tried, but no)\n3. " D "\n", "!line 2"},
        {"1. " U "\n2. Put down c (typo: b)\n3. " P "\n", "!line 2"},
        {"1. " U "\n2. <del>Stack b on c</del>\n3. " D "\n", "!line 2"},
        {"unstack(b, a)\n# stack(b, c)\nput_down(b)\n", "!a comment"},
    };
    CHECK_CLEAN(rows);
}

static void a_plan_is_withdrawn_in_many_words(void **state) {
    (void)state;
    static const struct row rows[] = {
        {CLEAN "\nI apologize, the above plan is incorrect, as pick up a is not possible.",
         "!no plan"},
        {CLEAN "\nI retract this plan.", "!no plan"},
        {CLEAN "\nI now see that this plan cannot be executed.", "!no plan"},
        {CLEAN "\nNo, wait.", "!may change"},
        {CLEAN "\nI take that back.", "!may change"},
        {CLEAN "\nUnfortunately, the goal is out of reach so.", "!may change"},
        {CLEAN "\nThis does not achieve the goal, so let me try something else:", "!line 6"},
        {CLEAN "\n\xE6\x8A\xB1\xE6\xAD\x89\xEF\xBC\x8C\xE4\xBB\xA5\xE4\xB8\x8A\xE8\xAE"
               "\xA1\xE5\x88\x92\xE6\x97\xA0\xE6\x95\x88\xE3\x80\x82",
         "!no plan"},
        {CLEAN "\nLo siento, este plan no es v\xC3\xA1lido.", "!no plan"},
        {CLEAN "\nSchritt 2 entf\xC3\xA4llt.", "!may change"},
        {CLEAN "\nIn the third action, use c in place of a.", "!may change"},
        {CLEAN "\nLeave out put down b.", "!may change"},
        {CLEAN "\nThen reverse everything.", "!order"},
        {"(read from bottom to top)\n" K "\n" P "\n" D "\n" U "\n", "!order"},
        {"Let a = c, c = b.\n\n" CLEAN, "!name of another"},
        {CLEAN "\nwhere a is the block c.", "!name of another"},
    };
    CHECK_CLEAN(rows);
}

static void arguments_may_be_named_and_steps_told_in_sentences(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"[{\"action\":\"unstack\",\"parameters\":{\"block\":\"b\",\"from\":\"a\"}},"
         "{\"action\":\"put-down\",\"parameters\":{\"block\":\"b\"}}]",
         HEAD},
        {"[{\"name\":\"unstack\",\"args\":{\"x\":\"b\",\"y\":\"a\"}},"
         "{\"name\":\"put-down\",\"args\":{\"x\":\"b\"}}]",
         HEAD},
        {"[{\"name\":\"unstack\",\"args\":{\"y\":\"a\",\"x\":\"b\"}}]", "!no step"},
        {"{\"plan\":[{\"action\":\"put-down\",\"args\":[\"b\"],\"state_after\":\"hand "
         "empty\"}]}",
         "(put-down b)"},
        {"I will first " U ", then put down b. Next, I will pick up a and finally stack a on c.",
         PLAN},
        {"You should " U ", put down b, pick up a, and stack a on c.", PLAN},
        {"I will " U ".", "!no step"},
        {"The first step is to " U ".\nThe second step is to put down b.\n", HEAD},
        {"1. <u>" U "</u>\n2. <u>" D "</u>\n", HEAD},
    };
    CHECK_CLEAN(rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_may_say_what_a_step_is_for_but_takes_none_away),
        cmocka_unit_test(a_label_beside_a_labelled_step_remarks),
        cmocka_unit_test(an_item_that_is_a_title_begins_a_section),
        cmocka_unit_test(a_step_in_another_dress_is_said_again),
        cmocka_unit_test(an_adjective_makes_no_last_word),
        cmocka_unit_test(what_may_be_a_part_is_a_second_reading),
        cmocka_unit_test(a_negation_in_an_introduction_refuses_no_plan),
        cmocka_unit_test(what_is_about_a_plan_yields_only_to_all_of_it),
        cmocka_unit_test(what_stands_beside_a_block_counts),
        cmocka_unit_test(an_end_tag_takes_no_answer_away),
        cmocka_unit_test(columns_and_cells_are_heard),
        cmocka_unit_test(a_remark_may_take_back_or_add),
        cmocka_unit_test(a_plan_that_breaks_off_is_not_judged),
        cmocka_unit_test(a_sentence_may_change_or_deny_the_plan),
        cmocka_unit_test(steps_are_read_behind_the_words_that_people_put_before_them),
        cmocka_unit_test(markers_phases_and_fences),
        cmocka_unit_test(what_says_nothing_of_the_plan_is_no_reading),
        cmocka_unit_test(a_step_in_other_words_is_not_passed_over),
        cmocka_unit_test(a_second_step_behind_a_sign_is_no_remark),
        cmocka_unit_test(a_line_beside_the_list_may_tell_more),
        cmocka_unit_test(plans_side_by_side_are_not_joined),
        cmocka_unit_test(a_step_that_is_taken_back_counts_for_nothing),
        cmocka_unit_test(steps_are_counted_as_people_count_them),
        cmocka_unit_test(what_no_step_does_is_heard_in_any_words),
        cmocka_unit_test(a_sentence_that_says_what_the_plan_does_is_no_reading),
        cmocka_unit_test(a_step_may_be_doubted_where_it_stands),
        cmocka_unit_test(an_end_that_stops_short_is_no_end),
        cmocka_unit_test(a_head_may_say_that_a_list_is_no_plan),
        cmocka_unit_test(steps_that_are_left_out_are_missed),
        cmocka_unit_test(marks_take_steps_back),
        cmocka_unit_test(a_plan_is_withdrawn_in_many_words),
        cmocka_unit_test(arguments_may_be_named_and_steps_told_in_sentences),
    };
    return cmocka_run_group_tests(tests, load, release);
}
