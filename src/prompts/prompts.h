/* prompts/: puzzle + naming -> prompt text; answer text -> plan; and which surface forms
 * name a concept in that text. Styles are rows of one table.
 *
 * planbench: PlanBench's prompt, byte for byte: the wording's introduction, the initial facts and
 * the goal in the wording's sentences, zero-shot or after one solved example; facts and goals in
 * the order of "WORD ARGUMENT ...", the words being the naming's. Objects are the wording's: "the
 * red block", "object a".
 *
 * paper: the paper's changes to it (planbench.c lists them): objects "Block A", "Block B" under
 * every naming (the plain register's noun, else "Object"; the object's name in capitals), facts and
 * goals in the order of the domain's own words under every naming, "Here is an example problem:",
 * ...
 *
 * terse: the organism's dialect. One line per action of the domain, in domain order, then
 * the initial facts and the goal (w = the naming's word without '-', blocks as capitals):
 *
 *     * attack x : province x planet x harmony + pain x - province x planet x harmony
 *     * succumb x : pain x + province x harmony planet x - pain x
 *     ...
 *     = craves A B planet B province A harmony
 *     ? craves B A
 *
 * inferred: the same dialect without the actions' schemas: what the words mean has to be found from
 * transitions observed in an example problem (fr_transitions_observe: one of each action, the state
 * before, the step, the state after), and from the example solved:
 *
 *     * pain A planet B province B > succumb A > planet A province A planet B province B harmony
 *     ...
 *     = craves A B province A planet B harmony
 *     ? craves B A
 *     1 feast A B
 *     ...
 *     = craves B A planet A province B harmony
 *     ? craves A B
 *
 * ambiguous: the same dialect without schemas. All actions' words, each after as many strokes as it
 * has parameters ("-", "=", "= -" ...); of all but two that are alike in their parameters, so that
 * either can have either role, what they are done to, what else they need, and what is true
 * afterwards, objects being called x, y; the puzzle:
 *
 *     * - > attack = > overcome - > succumb = > feast
 *     * x y harmony > feast x y > pain x province y
 *     * x y > overcome x y > craves x y province x harmony
 *     = craves A B planet B province A harmony
 *     ? craves B A
 *
 * What the organism was taught to write between <think> and </think> is organism/reasoning.h's; the
 * answer after it is the numbered list of steps ("1 feast A B"). */
#ifndef FR_PROMPTS_PROMPTS_H
#define FR_PROMPTS_PROMPTS_H

#include "base/error.h"
#include "base/text.h"
#include "naming/naming.h"
#include "planning/planning.h"
#include "prompts/wording.h"

enum fr_prompt_style {
    FR_STYLE_TERSE,
    FR_STYLE_PLANBENCH,
    FR_STYLE_PAPER,
    FR_STYLE_INFERRED,
    FR_STYLE_AMBIGUOUS,
    FR_STYLE_COUNT
};
extern const char *const fr_style_name[FR_STYLE_COUNT]; /* "terse", "planbench", "paper", ... */

/* Are words, steps and answers those of the terse dialect? It needs no wording, and a puzzle is not
 * read back from its prompts. */
bool fr_style_is_terse(enum fr_prompt_style style);
/* Whether a prompt shows a solved example. */
enum fr_style_examples { FR_EXAMPLES_NEVER, FR_EXAMPLES_OPTIONAL, FR_EXAMPLES_ALWAYS };
enum fr_style_examples fr_style_examples(enum fr_prompt_style style);

enum fr_fact_order {
    FR_FACTS_STYLE,  /* the style's: planbench by the naming's words, paper by the domain's */
    FR_FACTS_NAMING, /* of these two styles alone */
    FR_FACTS_CLEAN,
    FR_FACTS_COUNT
};
extern const char *const fr_fact_order_name[FR_FACTS_COUNT]; /* "style", "naming", "clean" */

/* What a prompt is made of; all borrowed. */
struct fr_prompt {
    enum fr_prompt_style style;
    const struct fr_problem *problem;
    const struct fr_naming *naming;
    const struct fr_wording *wording; /* NULL: all made from the PDDL; not of the terse dialect */
    /* One-shot: a problem of the same domain; NULL: zero-shot. terse leaves it out; inferred must
     * have it and its plan, and fr_transitions_observe must be able to ground it. */
    const struct fr_problem *example;
    const struct fr_plan *example_plan; /* with an example: its solution, as it is shown; every
                                           step has its action's number of arguments */
    uint64_t variant; /* ambiguous: which of a puzzle's many prompts; 0 in studies, of the others
                         one in four shows all actions */
    const char *instruction; /* a paragraph of its own, after all else or first; NULL or "": none */
    bool instruction_first;
    enum fr_fact_order fact_order;
};

/* What to say beside the question, by name: "none" (NULL) or "cot", which asks for reasoning before
 * the plan. */
enum fr_prompt_preset { FR_PRESET_NONE, FR_PRESET_COT, FR_PRESET_COUNT };
extern const char *const fr_preset_name[FR_PRESET_COUNT];
extern const char *const fr_preset_text[FR_PRESET_COUNT];

/* Appends the user's message (no chat template). */
void fr_prompt_render(const struct fr_prompt *prompt, struct fr_text *out);

/* The word that names a concept in texts of this style: terse, inferred and ambiguous, the naming's
 * without
 * '-'; else fr_wording_word ("on top of", "attack"; "" for none), the naming's when wording is
 * NULL. n bytes at most are written, always terminated. */
void fr_prompt_word(enum fr_prompt_style style, const struct fr_wording *wording,
                    const struct fr_naming *naming, int concept, char *out, size_t n);

/* terse pieces, shared with the organism's task generator so that prompt and training text
 * cannot drift apart. Facts are written in the style's canonical order: per object its
 * placement facts, then the facts without objects. */
void fr_terse_facts(const struct fr_problem *problem, const struct fr_naming *naming,
                    const struct fr_state *state, struct fr_text *out);
void fr_terse_step(const struct fr_problem *problem, const struct fr_naming *naming,
                   const struct fr_step *step, struct fr_text *out);

/* What an ambiguous prompt is free in: the order in which actions are named, and the actions that
 * are shown, in order. */
struct fr_ambiguous_orders {
    int named[FR_MAX_CONCEPTS];
    int n_shown, shown[FR_MAX_CONCEPTS];
};
void fr_ambiguous_orders(const struct fr_problem *problem, uint64_t variant,
                         struct fr_ambiguous_orders *out);
/* The prompt's first line: the actions' words. */
void fr_ambiguous_words(const struct fr_problem *problem, const struct fr_naming *naming,
                        uint64_t variant, struct fr_text *out);

/* The tags that open and close the reasoning in models' texts: Qwen's and DeepSeek's, Seed's,
 * Magistral's, Command A's, gpt-oss's channels, ... One table for everyone who parts a text. */
struct fr_reasoning_tag {
    const char *begin, *end; /* NULL for a row that only has an answer's tag */
    const char *answer;      /* what opens the answer itself, or NULL */
    const char *sign;        /* what names the row in a chat template, or NULL */
    bool alone;              /* a vocabulary that has the end as one token names the row too */
    bool ends_all;           /* the end closes other messages too, so that alone it says nothing */
    bool paired;             /* the end has other uses: it says nothing without its begin */
};
extern const struct fr_reasoning_tag fr_reasoning_tags[];
extern const int fr_n_reasoning_tags;
/* The row whose begin tag text begins with, or NULL; the length of the end tag it begins with, or
 * 0. */
const struct fr_reasoning_tag *fr_reasoning_begins(const char *text);
size_t fr_reasoning_ends(const char *text);
/* Behind the row's next end tag in text, or NULL. */
const char *fr_reasoning_find_end(const char *text, const struct fr_reasoning_tag *tag);
/* Behind the blocks of reasoning, if any, that text begins with; their words are appended to
 * reasoning (NULL: dropped). *ends false: the last of them does not end. */
const char *fr_reasoning_skip(const char *text, struct fr_text *reasoning, bool *ends);

/* Parts a model's text: *answer is what stands behind the reasoning, or text when there is none;
 * the reasoning, without its tags, is appended to reasoning (NULL: dropped). A line of words
 * before it is dropped; where more stand there, all is the answer. An end tag that
 * stands further on stays in the answer, whose reader looks on both sides of it. False: a reasoning
 * begins and does not end. */
bool fr_answer_split(const char *text, struct fr_text *reasoning, const char **answer);
/* The same without the reasoning. */
bool fr_answer_find(const char *text, const char **answer);

/* Reads the plan from an answer: the text after the end of the reasoning (reasoning_end, e.g.
 * "</think>", its first occurrence, and after further blocks of reasoning behind it; when it never
 * occurs the verdict is up to the caller: pass the whole text with reasoning_end NULL to read it as
 * an answer).
 *
 * terse, inferred, ambiguous: numbering and surrounding blanks are dropped; every other non-blank
 * line must be a step; wording may be NULL. Other styles: as people write (answer.c has the
 * grammar). Numbers, bullets, tables, JSON, LaTeX, bold, arrows, any case, "the orange block",
 * "object a", "Block A", "a", PDDL steps; never a step from prose. Texts in the terse dialect are
 * read too.
 *
 * Returns FR_VERDICT_SOLVED (0) when a plan was read, or FR_VERDICT_UNPARSED with the reason
 * (the offending line, or the two readings that differ) in *verdict; the plan is then empty. */
enum fr_verdict_kind fr_answer_parse(enum fr_prompt_style style, const struct fr_wording *wording,
                                     const char *text, const char *reasoning_end,
                                     const struct fr_problem *problem,
                                     const struct fr_naming *naming, struct fr_plan *plan,
                                     struct fr_verdict *verdict);
/* Parse, then simulate: the verdict on an answer. */
struct fr_verdict fr_answer_verify(enum fr_prompt_style style, const struct fr_wording *wording,
                                   const char *text, const char *reasoning_end,
                                   const struct fr_problem *problem, const struct fr_naming *naming,
                                   struct fr_plan *plan);
/* The verdict on all that a model wrote: on what stands behind its reasoning, or TRUNCATED where
 * that does not end. */
struct fr_verdict fr_answer_judge(enum fr_prompt_style style, const struct fr_wording *wording,
                                  const char *text, const struct fr_problem *problem,
                                  const struct fr_naming *naming, struct fr_plan *plan);

#endif
