/* Composed answers: a known plan in a random dress, of tags, fences, labels, sections,
 * restatements, remarks, drafts and languages, some with a line that cannot be read. Whatever is
 * read must be the plan that was meant, step for step, and its verdict that of a simulator of its
 * own; an answer with an unreadable line must be unparsed; and at most 2% of the others may be.
 *
 * Seeds are numbers: "FR_COMPOSED=1000000 test_unit_prompts_composed" tries that many from 0 on,
 * FR_COMPOSED_FROM begins elsewhere, FR_COMPOSED_SHOW=1 prints the unparsed too. */
#include "prompts/prompts.h"

#include <ctype.h>
#include <string.h>

#include "base/rng.h"
#include "test.h"
#include "unit/prompts/prompts_fixture.h"

enum { BLOCKS = 5, STEPS = 12, ANSWERS = 5000 };

/* ---- a world of its own ---------------------------------------------------------------------- */

enum { PICK_UP, PUT_DOWN, STACK, UNSTACK };
enum { TABLE = -1, HAND = -2 };

struct act {
    int kind, x, y;
};

struct towers {
    int n, below[BLOCKS];
};

static bool is_clear(const struct towers *t, int x) {
    for (int i = 0; i < t->n; i++)
        if (t->below[i] == x)
            return false;
    return t->below[x] != HAND;
}

static bool hand_is_empty(const struct towers *t) {
    for (int i = 0; i < t->n; i++)
        if (t->below[i] == HAND)
            return false;
    return true;
}

static bool act_in(struct towers *t, struct act a) {
    bool can = false;
    if (a.kind == PICK_UP)
        can = hand_is_empty(t) && is_clear(t, a.x) && t->below[a.x] == TABLE;
    else if (a.kind == UNSTACK)
        can = hand_is_empty(t) && is_clear(t, a.x) && t->below[a.x] == a.y;
    else if (a.kind == PUT_DOWN)
        can = t->below[a.x] == HAND;
    else
        can = t->below[a.x] == HAND && a.x != a.y && is_clear(t, a.y);
    if (can)
        t->below[a.x] = a.kind == PUT_DOWN ? TABLE : a.kind == STACK ? a.y : HAND;
    return can;
}

/* ---- the composer ---------------------------------------------------------------------------- */

struct composer {
    struct fr_rng rng;
    struct fr_text out;
    struct fr_problem problem;
    const struct fr_naming *naming;
    enum fr_register reg;
    struct towers start, goal;
    int n, n_decoy;
    struct act plan[STEPS], decoy[STEPS];
    int form;     /* how this answer writes its steps */
    int broken;   /* the step that is written so that nobody can read it, -1 for none */
    bool capital; /* steps begin with one */
};

static int below(struct composer *c, int n) { return (int)fr_rng_below(&c->rng, (uint32_t)n); }
static bool one_in(struct composer *c, int n) { return below(c, n) == 0; }
#define PICK(c, list) ((list)[below((c), (int)(sizeof(list) / sizeof *(list)))])

static struct act random_act(struct composer *c, bool legal, struct towers *t) {
    for (;;) {
        const struct act a = {below(c, 4), below(c, t->n), below(c, t->n)};
        if ((a.kind == STACK || a.kind == UNSTACK) && a.x == a.y)
            continue;
        if (!legal || act_in(t, a))
            return a;
    }
}

static bool same_acts(const struct act *a, int n_a, const struct act *b, int n_b) {
    bool same = n_a == n_b;
    for (int i = 0; same && i < n_a; i++)
        same = a[i].kind == b[i].kind && a[i].x == b[i].x &&
               (a[i].kind == PICK_UP || a[i].kind == PUT_DOWN || a[i].y == b[i].y);
    return same;
}

/* A walk is legal; one step of some is another. No step follows itself: said twice in a row it
 * would be a restatement to any reader. */
static int random_plan(struct composer *c, struct act *plan, struct towers *end) {
    const int n = 2 + below(c, STEPS - 2);
    for (;;) {
        *end = c->start;
        for (int i = 0; i < n; i++)
            plan[i] = random_act(c, true, end);
        if (one_in(c, 3))
            plan[below(c, n)] = random_act(c, false, end);
        bool twice = false;
        for (int i = 1; i < n; i++)
            twice = twice || same_acts(&plan[i - 1], 1, &plan[i], 1);
        if (!twice)
            return n;
    }
}

static void make_problem(struct composer *c) {
    static const char names[] = "abcde";
    struct fr_text text = {0};
    struct fr_error err = {0};
    struct towers *t = &c->start;
    t->n = 3 + below(c, BLOCKS - 2);
    for (int i = 0; i < t->n; i++) {
        t->below[i] = TABLE;
        const int on = below(c, t->n + 1);
        if (on < i && is_clear(t, on))
            t->below[i] = on;
    }
    c->n = random_plan(c, c->plan, &c->goal);
    fr_text_add(&text, "(define (problem p) (:domain blocksworld-4ops) (:objects");
    for (int i = 0; i < t->n; i++)
        fr_text_printf(&text, " %c", names[i]);
    fr_text_add(&text, ") (:init (handempty)");
    for (int i = 0; i < t->n; i++) {
        if (t->below[i] == TABLE)
            fr_text_printf(&text, " (ontable %c)", names[i]);
        else
            fr_text_printf(&text, " (on %c %c)", names[i], names[t->below[i]]);
        if (is_clear(t, i))
            fr_text_printf(&text, " (clear %c)", names[i]);
    }
    fr_text_add(&text, ") (:goal (and");
    for (int i = 0; i < t->n; i++)
        if (c->goal.below[i] >= 0)
            fr_text_printf(&text, " (on %c %c)", names[i], names[c->goal.below[i]]);
    fr_text_add(&text, ")))");
    assert_ok(fr_problem_parse(&c->problem, &blocksworld.domain, fr_text_get(&text), "composed",
                               &err),
              err);
    fr_text_release(&text);
}

static bool solves(const struct composer *c) {
    struct towers t = c->start;
    for (int i = 0; i < c->n; i++)
        if (!act_in(&t, c->plan[i]))
            return false;
    for (int i = 0; i < t.n; i++)
        if (c->goal.below[i] >= 0 && t.below[i] != c->goal.below[i])
            return false;
    return true;
}

/* ---- steps ----------------------------------------------------------------------------------- */

enum form { SENTENCE, SHORT, PDDL, CALL, BOLD, CODE, PERFORM, STOP, FORMS };

static void name_of(const struct composer *c, int x, struct fr_text *out) {
    fr_wording_object(&blocksworld.wording, c->reg, c->problem.objects[x], out);
}

static void sentence(const struct composer *c, struct act a, struct fr_text *out) {
    struct fr_text x = {0}, y = {0};
    name_of(c, a.x, &x);
    name_of(c, a.y, &y);
    const char *arguments[] = {fr_text_get(&x), fr_text_get(&y)};
    const size_t start = out->len;
    fr_wording_say(&blocksworld.wording, c->reg, c->naming, a.kind, arguments,
                   blocksworld.domain.actions[a.kind].n_params, out);
    if (c->capital)
        out->data[start] = (char)toupper((unsigned char)out->data[start]);
    fr_text_release(&x);
    fr_text_release(&y);
}

static void say(const struct composer *c, struct act a, int form, struct fr_text *out) {
    const char *word = c->naming->words[a.kind], *x = c->problem.objects[a.x];
    const char *y = a.kind == STACK || a.kind == UNSTACK ? c->problem.objects[a.y] : NULL;
    switch (form) {
    case SHORT:
        fr_text_printf(out, "%s %s%s%s", word, x, y != NULL ? " " : "", y != NULL ? y : "");
        break;
    case PDDL:
        fr_text_printf(out, "(%s %s%s%s)", word, x, y != NULL ? " " : "", y != NULL ? y : "");
        break;
    case CALL:
        fr_text_printf(out, "%s(%s%s%s)", word, x, y != NULL ? ", " : "", y != NULL ? y : "");
        break;
    case BOLD:
        fr_text_add(out, "**");
        sentence(c, a, out);
        fr_text_add(out, "**");
        break;
    case CODE:
        fr_text_add(out, "`");
        sentence(c, a, out);
        fr_text_add(out, "`");
        break;
    case PERFORM:
        fr_text_add(out, c->capital ? "Perform " : "execute ");
        say(c, a, CALL, out);
        break;
    case STOP:
        sentence(c, a, out);
        fr_text_add(out, ".");
        break;
    default:
        sentence(c, a, out);
    }
}

/* A step that a reader cannot know: it is said in other words, its action is none, or an object is
 * missing or none. */
static void say_broken(struct composer *c, struct act a, struct fr_text *out) {
    const char *word = c->naming->words[a.kind];
    struct fr_text x = {0};
    name_of(c, a.x, &x);
    if (one_in(c, 4))
        fr_text_add(out, PICK(c, ((const char *const[]){"put it down", "now place it there.",
                                                        "Lay it aside", "take it back again"})));
    else if (one_in(c, 3))
        fr_text_printf(out, "move the %s away", fr_text_get(&x));
    else if (one_in(c, 2))
        fr_text_printf(out, "%s object_77", word);
    else
        fr_text_printf(out, "%s %s beneath %s", word, fr_text_get(&x), fr_text_get(&x));
    fr_text_release(&x);
}

static const char *const remarks[] = {" (the hand is empty now)",
                                      " \xE2\x80\x93 as required",
                                      ": this frees what is needed",
                                      " (alle Bedingungen gelten)",
                                      " \xE2\x80\x94 toutes les conditions sont remplies",
                                      " (\xE6\x9D\xA1\xE4\xBB\xB6\xE6\xBB\xA1\xE8\xB6\xB3)",
                                      ""};

struct dress {
    bool remarks, restated, labels;
};

/* Step i of the plan on a line. */
static void add_step(struct composer *c, const struct act *plan, int i, const struct dress *d,
                     struct fr_text *out) {
    if (plan == c->plan && i == c->broken) {
        say_broken(c, plan[i], out);
        return;
    }
    say(c, plan[i], c->form, out);
    if (d->restated) {
        const bool bracket = c->form != PDDL && one_in(c, 2);
        fr_text_add(out, bracket ? " ("
                                 : PICK(c, ((const char *const[]){": ", " - ", " \xE2\x80\x93 "})));
        say(c, plan[i], c->form == SENTENCE || c->form == BOLD || c->form == CODE ? CALL : SENTENCE,
            out);
        fr_text_add(out, bracket ? ")" : "");
    } else if (d->remarks) {
        fr_text_add(out, PICK(c, remarks));
    }
}

/* ---- lists ----------------------------------------------------------------------------------- */

static const char *const bullets[] = {"- ", "* ", "+ ", "\xE2\x80\xA2 ", "\xE2\x86\x92 ", "- [ ] "};
static const char *const numbers[] = {"%d. ",          "%d) ",
                                      "(%d) ",         "%d: ",
                                      "Step %d: ",     "**%d.** ",
                                      "**Step %d:** ", "### Step %d: ",
                                      "Schritt %d: ",  "\xC3\x89tape %d : ",
                                      "Paso %d: ",     "\xE6\xAD\xA5\xE9\xAA\xA4%d\xEF\xBC\x9A",
                                      "> %d. ",        "Action %d: ",
                                      "%d - "};
static const char *const child_remarks[] =
    {"Result: the hand is empty.", "*Effect*: harmony holds.",    "Reason: it has to be so.",
     "Precondition: all is well.", "**Begr\xC3\xBCndung:** gut.", "Note: this is fine.",
     "This is possible.",          "Effet : rien de plus."};

static void pad(struct fr_text *out, int n) {
    for (int i = 0; i < n; i++)
        fr_text_add(out, " ");
}

static void add_line(struct composer *c, const char *before, const struct act *plan, int i,
                     const struct dress *d) {
    fr_text_add(&c->out, before);
    add_step(c, plan, i, d, &c->out);
    fr_text_add(&c->out, one_in(c, 8) ? "  \n" : "\n");
}

static void numbered(struct composer *c, const struct act *plan, int n, const struct dress *d,
                     const char *number, int indent) {
    for (int i = 0; i < n; i++) {
        struct fr_text marker = {0};
        pad(&marker, indent);
        fr_text_printf(&marker, "%.*s%d%s", (int)(strchr(number, '%') - number), number, i + 1,
                       strchr(number, '%') + 2);
        add_line(c, fr_text_get(&marker), plan, i, d);
        if (d->labels)
            fr_text_printf(&c->out, "%*s- %s\n", indent + 3, "", PICK(c, child_remarks));
        fr_text_release(&marker);
    }
}

/* Items that are titles, the steps below them. */
static void titled(struct composer *c, const struct act *plan, int n, const struct dress *d) {
    static const char *const labels[] = {"Action: ", "*Action*: ",      "**Action:** ",
                                         "Aktion: ", "Acci\xC3\xB3n: ", "Step: ",
                                         ""};
    const char *label = PICK(c, labels);
    const bool result = one_in(c, 2);
    for (int i = 0; i < n; i++) {
        fr_text_printf(&c->out, "%d. **Go on:**\n%*s- %s", i + 1, i < 9 ? 3 : 4, "", label);
        add_step(c, plan, i, d, &c->out);
        if (result)
            fr_text_printf(&c->out, "\n%*s- %s", i < 9 ? 3 : 4, "", PICK(c, child_remarks));
        fr_text_add(&c->out, one_in(c, 2) ? "\n" : "\n\n");
    }
}

static void phases(struct composer *c, const struct act *plan, int n, const struct dress *d) {
    static const char *const phase[] = {"**Phase %d: go on**\n", "### Phase %d\n", "Phase %d:\n",
                                        "## Part %d: blocks\n",  "**Teil %d:**\n", "Stage %d.\n"};
    static const char *const nested[] = {"%d. Go on\n", "%d. **Next blocks:**\n"};
    const bool inner = one_in(c, 2);
    const char *title = inner ? PICK(c, nested) : PICK(c, phase);
    const int style = below(c, 2);
    int i = 0;
    for (int k = 1; i < n; k++) {
        int size = 1 + below(c, 4);
        size = size < n - i ? size : n - i;
        fr_text_printf(&c->out, "%.*s%d%s", (int)(strchr(title, '%') - title), title, k,
                       strchr(title, '%') + 2);
        for (int m = 0; m < size; m++, i++) {
            struct fr_text marker = {0};
            pad(&marker, inner ? 3 : 0);
            if (style == 0)
                fr_text_printf(&marker, "%d. ", m + 1);
            else
                fr_text_add(&marker, "- ");
            add_line(c, fr_text_get(&marker), plan, i, d);
            fr_text_release(&marker);
        }
        fr_text_add(&c->out, "\n");
    }
}

static void table(struct composer *c, const struct act *plan, int n) {
    fr_text_add(&c->out, "| Step | Action | Why |\n|---|:---|---|\n");
    for (int i = 0; i < n; i++) {
        fr_text_printf(&c->out, "| %d | ", i + 1);
        add_step(c, plan, i, &(struct dress){0}, &c->out);
        fr_text_add(&c->out, " | it is needed |\n");
    }
}

static void json(struct composer *c, const struct act *plan, int n) {
    const bool objects = one_in(c, 2), alone = one_in(c, 2);
    fr_text_add(&c->out, alone ? "[" : "{\"plan\": [");
    for (int i = 0; i < n; i++) {
        const int form = c->form == CODE || c->form == BOLD ? SENTENCE : c->form;
        const int kept = c->form;
        c->form = form;
        if (objects)
            fr_text_printf(&c->out, "%s{\"step\": %d, \"action\": \"", i > 0 ? ", " : "", i + 1);
        else
            fr_text_add(&c->out, i > 0 ? ",\n  \"" : "\"");
        add_step(c, plan, i, &(struct dress){0}, &c->out);
        fr_text_add(&c->out, objects ? "\", \"reason\": \"so\"}" : "\"");
        c->form = kept;
    }
    fr_text_add(&c->out, alone ? "]\n" : "]}\n");
}

static void html(struct composer *c, const struct act *plan, int n) {
    const bool lines = one_in(c, 2);
    fr_text_add(&c->out, lines ? "<ol>\n" : "<ol>");
    for (int i = 0; i < n; i++) {
        fr_text_add(&c->out, "<li>");
        add_step(c, plan, i, &(struct dress){0}, &c->out);
        fr_text_add(&c->out, lines ? "</li>\n" : "</li>");
    }
    fr_text_add(&c->out, "</ol>\n");
}

static void on_one_line(struct composer *c, const struct act *plan, int n) {
    static const char *const joints[] = {" -> ", " \xE2\x86\x92 ", "; ", ", ", NULL};
    const char *joint = PICK(c, joints);
    for (int i = 0; i < n; i++) {
        if (joint == NULL)
            fr_text_printf(&c->out, "%s%d. ", i > 0 ? " " : "", i + 1);
        else if (i > 0)
            fr_text_add(&c->out, joint);
        add_step(c, plan, i, &(struct dress){0}, &c->out);
    }
    fr_text_add(&c->out, "\n");
}

static void letters(struct composer *c, const struct act *plan, int n, const struct dress *d) {
    static const char *const roman[] = {"i",   "ii",   "iii", "iv", "v",  "vi",
                                        "vii", "viii", "ix",  "x",  "xi", "xii"};
    const bool numerals = one_in(c, 2);
    for (int i = 0; i < n; i++) {
        if (numerals)
            fr_text_printf(&c->out, "%s. ", roman[i]);
        else
            fr_text_printf(&c->out, "%c) ", 'a' + i);
        add_line(c, "", plan, i, d);
    }
}

/* The list of a plan in one of its dresses; only the plain ones may begin on a tag's line. */
static void add_list(struct composer *c, const struct act *plan, int n, bool plain) {
    const struct dress d = {.remarks = one_in(c, 3),
                            .restated = one_in(c, 6),
                            .labels = one_in(c, 5)};
    const int kind = below(c, plain ? 6 : 14);
    const char *bullet = PICK(c, bullets);
    switch (kind) {
    case 0:
    case 1:
        for (int i = 0; i < n; i++)
            add_line(c, "", plan, i, &(struct dress){.remarks = d.remarks});
        break;
    case 2:
        for (int i = 0; i < n; i++)
            add_line(c, bullet, plan, i, &d);
        break;
    case 3:
    case 4:
    case 5:
        numbered(c, plan, n, &d, PICK(c, numbers), 0);
        break;
    case 6:
        titled(c, plan, n, &(struct dress){.restated = d.restated});
        break;
    case 7:
        phases(c, plan, n, &(struct dress){.remarks = d.remarks});
        break;
    case 8:
        table(c, plan, n);
        break;
    case 9:
        json(c, plan, n);
        break;
    case 10:
        html(c, plan, n);
        break;
    case 11:
        on_one_line(c, plan, n);
        break;
    case 12:
        letters(c, plan, n, &d);
        break;
    default:
        numbered(c, plan, n, &d, PICK(c, numbers), 2);
    }
}

/* ---- what stands around it
 * -----------------------------------------------------------------------
 */

static const char *const greetings[] =
    {"Sure! Let me work on this.\n\n",
     "To reach the goal, we look at the initial conditions first.\n\n",
     "Um das Ziel zu erreichen, gehen wir schrittweise vor.\n\n",
     "Voici ma proposition.\n\n",
     "Vamos a resolverlo.\n\n",
     "\xE5\xA5\xBD\xE7\x9A\x84\xE3\x80\x82\n\n",
     "### Understanding the problem\n- The hand is empty at first.\n- Some are clear.\n\n",
     ""};
static const char *const announcements[] = {"**Plan:**\n",
                                            "Plan:\n",
                                            "### Plan\n\n",
                                            "Here is the plan:\n\n",
                                            "The plan is as follows:\n",
                                            "## Final Plan\n",
                                            "**Final Answer:**\n",
                                            "Mein Plan:\n",
                                            "R\xC3\xA9ponse :\n",
                                            "Soluci\xC3\xB3n:\n",
                                            "\xE8\xAE\xA1\xE5\x88\x92\xEF\xBC\x9A\n"};
static const char *const corrections[] = {"**Corrected plan:**\n", "### Final plan\n",
                                          "The correct plan is:\n", "Korrigierter Plan:\n"};
static const char *const drafts[] = {"### Draft\n", "**First attempt:**\n", "A wrong plan:\n",
                                     "### Discarded idea\n"};
static const char *const withdrawals[] = {"\nWait, this fails at step 2.\n\n",
                                          "\nHmm, that is not possible.\n\n",
                                          "\nThis plan does not work.\n\n",
                                          "\nThat plan is wrong.\n\n"};
static const char *const tries[] = {"Let me try again:\n", "**Second attempt:**\n",
                                    "### Corrected plan\n\n", "Final plan:\n"};
static const char *const suppositions[] = {"If all of them were clear, the plan would be:\n",
                                           "Suppose the hand were empty; then we could do this:\n",
                                           "Without the restrictions, I would do the following:\n"};
static const char *const explanations[] = {"\n**Explanation:**\n\n",    "\n### Why this works\n",
                                           "\n**Summary:**\n",          "\n### Verification\n",
                                           "\n**Erkl\xC3\xA4rung:**\n", "\n**Explication :**\n"};
static const char *const rejections[] = {"\n**Rejected alternative:**\n",
                                         "\n### A wrong plan, not to be used\n",
                                         "\n**An idea that I discarded:**\n"};
static const char *const closings[] =
    {"\nThis reaches the goal.\n",
     "\nDamit ist das Ziel erreicht.\n",
     "\n\xE7\x9B\xAE\xE6\xA0\x87\xE8\xBE\xBE\xE6\x88\x90\xE3\x80\x82\n",
     "\nLet me know if you have questions!\n",
     "<|im_end|>",
     ""};

struct wrap {
    const char *open, *close;
};
static const struct wrap wraps[] = {{"[PLAN]", "[PLAN END]"},
                                    {"<answer>", "</answer>"},
                                    {"<plan>", "</plan>"},
                                    {"<final_answer>", "</final_answer>"},
                                    {"[ANSWER]", "[/ANSWER]"},
                                    {"**[PLAN]**", "**[PLAN END]**"},
                                    {"<solution>", "</solution>"},
                                    {"```", "```"},
                                    {"```text\n", "```"}};
static const struct wrap thoughts[] = {{"<think>\n", "\n</think>\n"},
                                       {"<think>", "</think>"},
                                       {"", "\n</think>\n\n"},
                                       {"<reasoning>", "</reasoning>\n"},
                                       {"[THINK]", "[/THINK]"},
                                       {"<|channel|>analysis<|message|>",
                                        "<|end|><|start|>assistant<|channel|>final<|message|>"},
                                       {"analysis", "assistantfinal"},
                                       {"<thinking>\n", "</thinking>\n"}};

/* The parts of some steps, explained. */
static void explain(struct composer *c, const struct act *plan, int n) {
    const int form = c->form;
    c->form = below(c, 2) == 0 ? BOLD : SENTENCE;
    for (int i = 0; i < n; i++) {
        if (one_in(c, 3))
            continue;
        fr_text_add(&c->out, "- ");
        say(c, plan[i], c->form, &c->out);
        fr_text_add(&c->out, one_in(c, 2) ? ": so it goes on.\n" : "\n");
    }
    c->form = form;
}

/* A sentence behind the plan after which nobody can say what is meant: a step of the plan out of
 * its place, another order, a denial, the beginning of more. */
static void spoil(struct composer *c) {
    static const char *const denials[] = {"However, this does not reach the goal.",
                                          "This plan is wrong.",
                                          "Unfortunately, no plan exists.",
                                          "Do these steps in reverse order.",
                                          "Step 1 comes last.",
                                          "Let me try a different approach.",
                                          "However, the hand must be emptied first.",
                                          "My plan above is flawed.",
                                          "Then go back to step 1.",
                                          "Dieser Plan funktioniert nicht."};
    static const char *const early[][2] = {{"You also need to ", " at the very start."},
                                           {"Before these, ", "."},
                                           {"To begin with, ", "."}};
    static const char *const late[][2] = {{"After these, ", "."}, {"At the end, ", "."}};
    static const char *const cuts[] = {"Next, we need to", "**Phase 2: build the", "Then"};
    const int k = c->n > 2 ? 1 + below(c, c->n - 2) : 0;
    c->broken = c->n; /* none of the steps */
    fr_text_add(&c->out, "\n");
    if (one_in(c, 5)) {
        fr_text_add(&c->out, PICK(c, cuts));
        return;
    }
    if (k == 0 || same_acts(&c->plan[k], 1, &c->plan[0], 1) ||
        same_acts(&c->plan[k], 1, &c->plan[c->n - 1], 1) || one_in(c, 3)) {
        fr_text_add(&c->out, PICK(c, denials));
    } else {
        const char *const *around = one_in(c, 2) ? PICK(c, early) : PICK(c, late);
        fr_text_add(&c->out, around[0]);
        say(c, c->plan[k], BOLD, &c->out);
        fr_text_add(&c->out, around[1]);
    }
    fr_text_add(&c->out, "\n");
}

static void compose(struct composer *c) {
    const bool tagged = one_in(c, 3), drafted = one_in(c, 6);
    const struct wrap *wrap = &PICK(c, wraps), *thought = &PICK(c, thoughts);
    if (one_in(c, 3)) {
        fr_text_add(&c->out, thought->open);
        fr_text_add(&c->out, "Perhaps\n");
        add_list(c, c->decoy, c->n_decoy, true);
        fr_text_add(&c->out, thought->close);
    }
    const char *greeting = PICK(c, greetings);
    fr_text_add(&c->out, greeting);
    if (drafted) {
        fr_text_add(&c->out, PICK(c, drafts));
        add_list(c, c->decoy, c->n_decoy, true);
        fr_text_add(&c->out, "\nThat does not work.\n\n");
        fr_text_add(&c->out, PICK(c, corrections));
    } else if (one_in(c, 8)) { /* meant until it is given up */
        fr_text_add(&c->out, PICK(c, announcements));
        add_list(c, c->decoy, c->n_decoy, true);
        fr_text_add(&c->out, PICK(c, withdrawals));
        fr_text_add(&c->out, PICK(c, tries));
    } else if (!tagged && c->broken < 0 && one_in(c, 16)) {
        fr_text_add(&c->out, PICK(c, suppositions));
        c->broken = c->n;
    } else if (*greeting == '#' ||
               one_in(c, 2)) { /* what goes on under a heading is its section's */
        fr_text_add(&c->out, PICK(c, announcements));
    } else if (one_in(c, 6)) {
        fr_text_add(&c->out, "Plan: 1. ");
        add_step(c, c->plan, 0, &(struct dress){0}, &c->out);
        fr_text_add(&c->out, "\n");
        for (int i = 1; i < c->n; i++) {
            fr_text_printf(&c->out, "%d. ", i + 1);
            add_line(c, "", c->plan, i, &(struct dress){0});
        }
        fr_text_add(&c->out, PICK(c, closings));
        return;
    }
    if (tagged) {
        fr_text_add(&c->out, wrap->open);
        if (wrap->open[strlen(wrap->open) - 1] != '\n')
            fr_text_add(&c->out, PICK(c, ((const char *const[]){"\n", " ", ""})));
    }
    add_list(c, c->plan, c->n, tagged);
    if (tagged) {
        if (one_in(c, 4))
            c->out.data[--c->out.len] = '\0'; /* the tag on the last step's line */
        fr_text_add(&c->out, wrap->close);
        fr_text_add(&c->out, "\n");
    }
    if (one_in(c, 3)) {
        fr_text_add(&c->out, PICK(c, explanations));
        explain(c, c->plan, c->n);
    } else if (one_in(c, 4)) {
        fr_text_add(&c->out, PICK(c, rejections));
        add_list(c, c->decoy, c->n_decoy, true);
    } else if (!tagged && c->broken < 0 && one_in(c, 3)) {
        spoil(c);
        if (c->out.data[c->out.len - 1] != '\n') /* it is cut there */
            return;
    }
    fr_text_add(&c->out, PICK(c, closings));
}

static void begin(struct composer *c, uint64_t seed) {
    *c = (struct composer){.broken = -1};
    fr_rng_seed(&c->rng, seed, 36);
    make_problem(c);
    struct towers unused;
    do
        c->n_decoy = random_plan(c, c->decoy, &unused);
    while (same_acts(c->decoy, c->n_decoy, c->plan, c->n));
    c->naming = &blocksworld.namings.items[one_in(c, 3) ? 0 : below(c, blocksworld.namings.n)];
    c->reg = fr_wording_register(&blocksworld.wording, c->naming);
    c->form = below(c, FORMS);
    c->capital = one_in(c, 2);
    if (one_in(c, 8))
        c->broken = below(c, c->n);
    compose(c);
}

static void end(struct composer *c) {
    fr_text_release(&c->out);
    fr_problem_release(&c->problem);
}

/* ---- the test -------------------------------------------------------------------------------- */

struct counts {
    long n, whole, unparsed, broken, wrong;
};

static bool is_meant(const struct composer *c, const struct fr_plan *plan) {
    bool meant = plan->n_steps == c->n;
    for (int i = 0; meant && i < c->n; i++) {
        const struct fr_step *s = &plan->steps[i];
        meant = s->action == c->plan[i].kind && s->args[0] == c->plan[i].x &&
                (s->n_args == 1 || s->args[1] == c->plan[i].y);
    }
    return meant;
}

static void check(const struct composer *c, uint64_t seed, struct counts *counts) {
    struct fr_plan plan = {0};
    struct fr_verdict verdict = {.kind = FR_VERDICT_TRUNCATED};
    const char *answer;
    if (fr_answer_find(fr_text_get(&c->out), &answer))
        verdict = fr_answer_verify(FR_STYLE_PLANBENCH, &blocksworld.wording, answer, NULL,
                                   &c->problem, c->naming, &plan);
    const bool read = verdict.kind != FR_VERDICT_UNPARSED && verdict.kind != FR_VERDICT_TRUNCATED;
    const bool wrong = read && (c->broken >= 0 || !is_meant(c, &plan) ||
                                (verdict.kind == FR_VERDICT_SOLVED) != solves(c));
    counts->n++;
    counts->whole += c->broken < 0;
    counts->broken += c->broken >= 0;
    counts->unparsed += c->broken < 0 && !read;
    counts->wrong += wrong;
    if ((wrong && counts->wrong <= 20) ||
        (c->broken < 0 && !read && getenv("FR_COMPOSED_SHOW") != NULL)) {
        struct fr_text steps = {0};
        for (int i = 0; i < plan.n_steps; i++)
            fr_step_render(&c->problem, &plan.steps[i], &steps);
        print_error("%s, seed %lu, naming %s: %s; read %s\n%s\n--------\n",
                    wrong ? "WRONG" : "unparsed", (unsigned long)seed, c->naming->id,
                    verdict.reason, fr_text_get(&steps), fr_text_get(&c->out));
        fr_text_release(&steps);
    }
    fr_plan_release(&plan);
}

static void composed_answers_are_read_as_meant_or_not_at_all(void **state) {
    (void)state;
    const char *wanted = getenv("FR_COMPOSED"), *from = getenv("FR_COMPOSED_FROM");
    const unsigned long n = wanted != NULL ? strtoul(wanted, NULL, 10) : ANSWERS;
    const unsigned long first = from != NULL ? strtoul(from, NULL, 10) : 0;
    struct counts counts = {0};
    for (unsigned long seed = first; seed < first + n; seed++) {
        struct composer c;
        begin(&c, seed);
        check(&c, seed, &counts);
        end(&c);
    }
    print_message("%ld answers: %ld whole, %ld of them unparsed (%.2f%%); %ld with a line that "
                  "cannot be read; %ld wrong\n",
                  counts.n, counts.whole, counts.unparsed,
                  100.0 * (double)counts.unparsed / (double)counts.whole, counts.broken,
                  counts.wrong);
    assert_int_equal(counts.wrong, 0);
    assert_true(counts.unparsed * 50 <= counts.whole);
    assert_true(counts.broken > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(composed_answers_are_read_as_meant_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, load, release);
}
