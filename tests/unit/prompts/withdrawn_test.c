/* What in an answer speaks against the plan that it holds: tries that are given up, accounts in
 * which a step fails, plans that are only supposed, orders told in words, ends that are none. */
#include "unit/prompts/rows_fixture.h"

#define TRIED "1. " A "\n2. " O "\n"

static void an_account_may_find_the_plan_failing(void **state) {
    (void)state;
    static const struct row rows[] = {
        {WHOLE "\n**Verification:**\n- " F " \xE2\x9C\x85\n- " S " \xE2\x9C\x85\n- " A
               " \xE2\x9D\x8C (Harmony missing)\n- " O " \xE2\x9D\x8C\n",
         "!there is no plan"},
        {WHOLE "\n**Check:**\n1. " F ": OK\n2. " S ": OK\n3. " A ": fails, Planet a was lost\n",
         "!there is no plan"},
        {WHOLE "\n**Check**:\n1. " F ": OK\n\nSo we need a different approach.\n",
         "!there is no plan"},
        {WHOLE "\n**Verification:**\n- " F " \xE2\x9C\x85\n- " S " \xE2\x9C\x85\n", PLAN},
        {"1. **" A "**\n   - Preconditions: Province a is not true, so it fails.\n2. **" O "**\n",
         "!not possible"},
        {"1. **" A
         "**\n   *Preconditions:* Province a (missing)\n\n   **Conclusion:** The goal cannot "
         "be achieved with what is given.\n",
         "!may deny"},
        {"My earlier plan was: " F ", " S ", " A ", " O ". That plan is flawed.", "!"},
        {TRIED "\nHowever, b stands on a, so we need to move it first.\n", "!may change"},
        {WHOLE "\nHowever, we need only four steps.\n", PLAN},
    };
    CHECK(rows);
}

static void what_is_only_supposed_is_no_plan(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"If object a were free, the plan would be:\n" TRIED "\nBut it isn't.\n", "!rejected"},
        {"Here is what I would do if there were no restrictions:\n- " A "\n- " O "\n", "!rejected"},
        {"Were object a free, we would do:\n" TRIED, "!rejected"},
        {"If you want to reach the goal, do this:\n" WHOLE, PLAN},
        {"If object a were free, we would do:\n" TRIED "\nThe real plan:\n" WHOLE, PLAN},
        {WHOLE "\nIf you wanted more, you could go on with:\n5. " S "\n6. " F "\n", PLAN},
        {"Without the restrictions, I would do the following:\n" TRIED
         "\n### Why this works\n- **" A "**\n",
         "!"},
        {"If all were clear, I would do:\n{\"plan\": [\"" A "\", \"" O "\"]}\n", "!"},
        {"### Understanding the problem\n- Some are clear.\n\nThe plan is:\n" WHOLE
         "\nThis plan is wrong.\n",
         "!"},
        {WHOLE "\nThen", "!cut off"},
    };
    CHECK(rows);
}

static void a_plan_of_another_world_is_no_plan(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"If object a weren't covered, you'd simply do:\n" TRIED, "!rejected"},
        {"Suppose the goal was another one. Then:\n" FS, "!rejected"},
        {"Imagine that object b is gone. Then:\n" TRIED, "!"},
        {"Here is a plan, albeit one that assumes that object b does not crave object a:\n" TRIED,
         "!rejected"},
        {"This presupposes that nothing craves object a:\n" TRIED, "!rejected"},
        {"A plan that works if object b is somewhere else:\n" TRIED, "!rejected"},
        {"A naive person would answer:\n" TRIED, "!rejected"},
        {"For the sake of argument, think of object b as gone:\n" TRIED, "!rejected"},
        {"The plan from the example:\n" WHOLE "\nI leave the rest to you.\n", "!rejected"},
        {"Here is the example's plan once more:\n" WHOLE, "!rejected"},
        {"Here is a counterexample:\n" TRIED, "!"},
        {"For a similar puzzle, the plan would be:\n" TRIED, "!"},
        {"I asked myself whether this would do:\n" TRIED, "!"},
        {"The opponent's plan is as follows:\n" TRIED, "!"},
        {"Expected output format:\n" FS, "!"},
        {"Solution to the previous puzzle:\n" TRIED, "!"},
        {"Let me list the actions that can be applied at first:\n" FS, "!"},
        {"Similar to the previous problem, the plan is:\n" WHOLE, PLAN},
        {"In the format of the example, the plan is:\n" WHOLE, PLAN},
        {"Using the same style as in your example:\n" WHOLE, PLAN},
        {"The plan assumes that all is well:\n" WHOLE, PLAN},
    };
    CHECK(rows);
}

static void what_is_denied_or_left_out_in_other_words_is_heard(void **state) {
    (void)state;
    static const struct row rows[] = {
        {WHOLE "\nSo the candidate is not a valid one.\n", "!there is no plan"},
        {WHOLE "\nThis does not meet all requirements.\n", "!there is no plan"},
        {WHOLE "\nThe proposal is not acceptable.\n", "!there is no plan"},
        {WHOLE "\nIt has to be adapted to the problem at hand.\n", "!may change"},
        {WHOLE "\nOne more entry is missing.\n", "!may change"},
        {"Follow steps 1-4, skipping step 2:\n" WHOLE, "!may change"},
        {"Below are the steps; omit the second one:\n" WHOLE, "!may change"},
        {FS "3. " A " (you may leave this one away)\n4. " O "\n", "!more is done, or less"},
        {FS "3. " A " (leave it out)\n4. " O "\n", "!more is done, or less"},
        {FS "3. " A " [may be dispensed with]\n4. " O "\n", "!more is done, or less"},
        {"Halfway through, we have done:\n" FS "3. " A "\n", "!"},
        {"A partial plan:\n" FS, "!"},
        {"I'll only list what frees the object:\n" FS, "!"},
        {"Step 1: " F "\nStep 2: " S "\n[truncated]\n", "!"},
        {F "\n" S "\n(2 of 4 steps shown)\n", "!may change"},
        {FS "3-4. analogous for object a\n", "!"},
        {WHOLE "\nThis solves it only if object b were absent.\n", "!there is no plan"},
        {"Does this work?\n" WHOLE "No.\n", "!"},
        {"Does this work?\n" WHOLE "\nNo.\n", "!there is no plan"},
        {"To get started:\n" FS, "!"},
        {FS "\nWhat should I do next?\n", "!may change"},
        {F "\n" S "\n" A "\n<one more action here>\n", "!further steps"},
        {WHOLE "\nBefore all that, however, one more thing has to be done.\n", "!may change"},
        {WHOLE "\nNote: step 2 can't be skipped.\n", PLAN},
    };
    CHECK(rows);
}

static void an_order_told_in_words_is_heard(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"Final plan (last step first):\n1. " O "\n2. " A "\n3. " S "\n4. " F "\n", "!the order"},
        {"Goal regression:\n- " O "\n- " A "\n- " S "\n- " F "\n", "!"},
        {"1. " O " \xE2\x80\x93 this must come last, after the steps below.\n2. " F "\n3. " S
         "\n4. " A "\n",
         "!comes last"},
        {"1. " O " (this comes last)\n2. " F "\n3. " S "\n4. " A "\n", "!comes last"},
        {"1. " F "\n2. " S "\n3. " A "\n4. " O " (this comes last)\n", PLAN},
        {"1. " A " (after step 3)\n2. " F "\n3. " S "\n4. " O "\n", "!done elsewhere"},
        {"1. " F " (before step 2)\n2. " S "\n3. " A " (after step 2)\n4. " O "\n", PLAN},
        {"1. " A " (after object b has been succumbed)\n2. " F "\n3. " S "\n4. " O "\n",
         "!after another"},
        {FS "3. " A " (after object b has been succumbed)\n4. " O "\n", PLAN},
        {"1. " A "\n2. " O "\n3. " F "\n4. " S "\n\nSteps 3 and 4 must be done before steps 1 and "
         "2.\n",
         "!the order"},
        {"1. " A "\n2. " O "\n3. " F "\n4. " S "\n\n(Do 3-4 first.)\n", "!the order"},
        {WHOLE "\nSteps 1 and 2 must be done before steps 3 and 4.\n", PLAN},
    };
    CHECK(rows);
}

static void an_end_that_announces_more_is_none(void **state) {
    (void)state;
    static const struct row rows[] = {
        {FS "\nNext, we need\n", "!cut off"},
        {FS "\n**Phase 2: build the new\n", "!cut off"},
        {FS "\nNow we need to make object a crave object c\n", "!cut off"},
        {WHOLE "\n**This is the plan**\n", PLAN},
    };
    CHECK(rows);
}

static void what_an_explanation_explains_may_be_the_prose_before_it(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"Now place it there. \xE2\x86\x92 " A " \xE2\x86\x92 " S " \xE2\x86\x92 " O
         "\n### Verification\n- " F "\n- " S "\n- " A "\n- " O "\n",
         "!is no action"},
        {"So we " O ".\n\n### Explanation\n" FS, "!names a step"},
        {"So we " S ".\n\n### Explanation\n" FS, "!names a step"},
        {"### Explanation\n" WHOLE, PLAN},
    };
    CHECK(rows);
}

static void another_try_replaces_what_is_given_up(void **state) {
    (void)state;
    static const struct row rows[] = {
        {"1. " F "\n2. " A "\n3. " O "\n\nWait, Harmony is gone. Let me redo this.\n\n" WHOLE,
         PLAN},
        {"Plan:\n" TRIED
         "\nHmm, that's not possible. Let me start over.\n\nCorrected plan:\n" WHOLE,
         PLAN},
        {"**Attempt 1:**\n" TRIED
         "\nThis fails since Province a is missing.\n\n**Attempt 2:**\n" WHOLE "\nThis works.\n",
         PLAN},
        {"Here is the plan:\n1. " F "\n2. " A "\n3. " O "\n\nThis fails.\n\n" WHOLE, PLAN},
        {FS "3. " F "\n4. " S "\n5. " A "\n6. " O
            "\n\nSteps 3 and 4 are redundant, so the optimized plan is:\n" WHOLE,
         PLAN},
        {"1. " F "\n2. " A "\n3. " O
         "\n\nChecking: after step 1 Harmony is gone. I need to restore it first with " S
         ". Final plan:\n" WHOLE,
         PLAN},
        {"Here is the plan:\n" TRIED "\nWait, this fails at step 1.\n\nLet me try again:\n" WHOLE,
         PLAN},
        /* a part of it, or nobody knows */
        {"1. " F "\n2. " A "\n3. " O "\n\nWait, step 2 is wrong. It should be:\n- " S "\n- " A "\n",
         "!two lists"},
        {TRIED "\nWait, object b stands on a. We first need:\n" FS, "!"},
        {FS AO "\nWait, steps 1 and 2 are wrong:\n1. " F "\n2. " O "\n", "!"},
        {WHOLE "\nLet me redo this.\n", "!may change"},
        {"First attempt:\n" TRIED "\nThis does not work.\n\nSecond attempt:\n" WHOLE, PLAN},
        {"First attempt: " A ", overcome it from c. This fails.\n\nSecond attempt:\n" WHOLE, PLAN},
        {"First attempt: " A ", overcome it from c. \xE2\x9C\x97\n\nSecond attempt:\n" WHOLE, PLAN},
        {"Attempt 1:\n" TRIED "\nFails.\n\nAttempt 2:\n1. " F "\n2. " A "\n3. " O
         "\n\nAlso fails, Harmony is missing.\n",
         "!there is no plan"},
        {WHOLE "\nChecking each step:\n- " F ": fine\n- " A ": precondition not met\n",
         "!there is no plan"},
        {"1. " A "\n2. " O "\n3. " F "\n4. " S "\n\nThe order is 3, 4, 1, 2.\n", "!the order"},
        {"1. " O " (final step)\n2. " F "\n3. " S "\n4. " A "\n", "!comes last"},
    };
    CHECK(rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_may_find_the_plan_failing),
        cmocka_unit_test(what_is_only_supposed_is_no_plan),
        cmocka_unit_test(a_plan_of_another_world_is_no_plan),
        cmocka_unit_test(what_is_denied_or_left_out_in_other_words_is_heard),
        cmocka_unit_test(an_order_told_in_words_is_heard),
        cmocka_unit_test(an_end_that_announces_more_is_none),
        cmocka_unit_test(what_an_explanation_explains_may_be_the_prose_before_it),
        cmocka_unit_test(another_try_replaces_what_is_given_up),
    };
    return cmocka_run_group_tests(tests, load, release);
}
