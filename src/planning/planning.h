/* planning/: the STRIPS world. PDDL in, states, plans, verdicts and puzzles out.
 * Knows nothing of namings or language models.
 *
 * A domain's *concepts* are its actions, then its predicates, in one index space
 * [0, n_concepts): index a < n_actions is an action, the rest predicates. A
 * domain may fix the order (Blocksworld: pick-up put-down stack unstack, ontable
 * clear handempty holding on); otherwise it is the order of the PDDL file.
 *
 * Facts are (predicate, arguments); a state is a sorted set of facts. A grounded
 * problem numbers the facts that can occur, and a state is then a bit set.
 *
 * PDDL names are case-insensitive: they are stored in lower case, found in any. */
#ifndef FR_PLANNING_PLANNING_H
#define FR_PLANNING_PLANNING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"
#include "base/text.h"

/* Ceilings of this room: everything else is bounded by memory alone, a file's size by pddl.c. */
#define FR_MAX_ARITY 8    /* parameters of a predicate or a function */
#define FR_MAX_PARAMS 64  /* parameters of an action */
#define FR_MAX_TYPES 1024 /* of a domain, "(either ...)" included */
/* Ceilings of what can be said: namings and prompts take domains of at most so many actions and
 * predicates, whose actions have at most FR_MAX_ARITY parameters (fr_wording_load says so). */
#define FR_MAX_CONCEPTS 64

/* An atom: a predicate over terms. In a schema a term >= 0 is a parameter of the
 * action, a term < 0 is the constant -1 - term. In a fact every term is an object. */
struct fr_atom {
    int predicate; /* 0..n_predicates-1 */
    int n_terms;
    int terms[FR_MAX_ARITY];
};

struct fr_literal {
    struct fr_atom atom;
    bool positive;
};

/* A precondition (= a b) or (not (= a b)); terms as in a schema. Kept apart from the
 * atoms because "=" is no concept and no fact. */
struct fr_equality {
    int a, b;
    bool positive;
    int place; /* the preconditions that stand before it in the file */
};

struct fr_action {
    char *name;
    int n_params;
    char **params;    /* [n_params], without the question mark */
    int *param_types; /* [n_params], index into domain->types; 0 = object */
    int n_preconditions, n_equalities, n_effects;
    struct fr_literal *preconditions; /* in the file's order */
    struct fr_equality *equalities;
    struct fr_literal *effects; /* a negative literal deletes */
    char *costs; /* its numeric effects, " (increase (total-cost) 3)" each, or NULL */
};

struct fr_predicate {
    char *name;
    int arity;
    int param_types[FR_MAX_ARITY];
};

/* Numbers (action costs) are read, checked and kept as they are written, only to be rendered: no
 * state holds any, and neither a verdict nor a shortest plan, which has the fewest steps, depends
 * on them. */
struct fr_domain {
    char *name;
    int n_types, n_actions, n_predicates, n_functions, n_constants;
    char **types;       /* [0] is "object" */
    int *type_parents;  /* index of the supertype that was given first; types[0]'s is 0 */
    int **type_more;    /* further supertypes, -1 ends them; NULL for nearly every type */
    int **type_members; /* of "(either a b)", a type of parameters: its types, -1 ends them; NULL
                           for every other type */
    struct fr_action *actions;
    struct fr_predicate *predicates;
    struct fr_predicate *functions; /* numeric; no concepts */
    char **constants;
    int *constant_types;
};

struct fr_problem {
    char *name;
    const struct fr_domain *domain; /* borrowed: the domain outlives the problem */
    int n_objects;                  /* the domain's constants come first */
    char **objects;
    int *object_types;
    int n_init, n_goal;
    struct fr_atom *init;
    struct fr_literal *goal;
    char *costs;  /* its numbers at first, "(= (total-cost) 0)" a line each, or NULL */
    char *metric; /* " minimize (total-cost)", or NULL */
};

/* PDDL text -> domain or problem: STRIPS with types (several supertypes too), constants, negative
 * preconditions, equality and "(either ...)" types of parameters and supertypes; action costs are
 * kept aside. Requirements are read and not believed: what a file uses decides, and anything beyond
 * is refused by name. Sections in any order, a byte-order mark, any line ends, and what is
 * said again as it was (types, predicates, constants, objects; facts, goals and effects, which are
 * kept once) are borne. Of a fact that an action both adds and deletes the adding is kept. name is
 * used in errors, "name:line:column: ...; hint". FR_E_INPUT for wrong text, FR_E_LIMIT for one of
 * the ceilings above and in pddl.c, FR_E_IO; *out is then released and zeroed. A problem must name
 * its domain. Source: the PDDL 2.1 grammar's STRIPS part, PDDL 3.1's action costs. */
FR_CHECKED int fr_domain_parse(struct fr_domain *out, const char *text, const char *name,
                               struct fr_error *err);
FR_CHECKED int fr_domain_load(struct fr_domain *out, const char *path, struct fr_error *err);
void fr_domain_release(struct fr_domain *domain);
FR_CHECKED int fr_problem_parse(struct fr_problem *out, const struct fr_domain *domain,
                                const char *text, const char *name, struct fr_error *err);
FR_CHECKED int fr_problem_load(struct fr_problem *out, const struct fr_domain *domain,
                               const char *path, struct fr_error *err);
void fr_problem_release(struct fr_problem *problem);
/* Append the domain or the problem as PDDL; parse(render(x)) is x, the order of all lists
 * included. */
void fr_domain_render(const struct fr_domain *domain, struct fr_text *out);
void fr_problem_render(const struct fr_problem *problem, struct fr_text *out);

int fr_domain_find_action(const struct fr_domain *domain, const char *name);    /* or -1 */
int fr_domain_find_predicate(const struct fr_domain *domain, const char *name); /* or -1 */
int fr_problem_find_object(const struct fr_problem *problem, const char *name); /* or -1 */
/* Which objects do facts, goals and the actions' schemas name? told[n_objects] is set for them.
 * said[n_predicates]: only facts of these count; NULL: of all. */
void fr_problem_mark_named(const struct fr_problem *problem, const bool *said, bool *told);
/* Is type ancestor, or a subtype of it? (either a b) stands above a, b and their subtypes. */
bool fr_type_is(const struct fr_domain *domain, int type, int ancestor);
/* A number that domains share which have the same concepts, doing the same: names and parameters
 * of predicates and actions, preconditions, equalities, effects, types and constants. Neither the
 * domain's name nor any order, the names of variables, requirements and costs matter. */
uint64_t fr_domain_structure(const struct fr_domain *domain);
/* Appends "(on a b)". */
void fr_atom_render(const struct fr_problem *problem, const struct fr_atom *fact,
                    struct fr_text *out);

/* ---- states and plans ------------------------------------------------------------- */

struct fr_step {
    int action;
    int n_args;
    int args[FR_MAX_PARAMS]; /* objects */
};

struct fr_plan {
    int n_steps, capacity;
    struct fr_step *steps;
};
void fr_plan_release(struct fr_plan *plan);
void fr_plan_append(struct fr_plan *plan, const struct fr_step *step);
/* Appends "(stack a b)". */
void fr_step_render(const struct fr_problem *problem, const struct fr_step *step,
                    struct fr_text *out);
/* "(stack a b)" lines. */
void fr_plan_render(const struct fr_problem *problem, const struct fr_plan *plan,
                    struct fr_text *out);

struct fr_state {
    int n_facts, capacity;
    struct fr_atom *facts; /* sorted by (predicate, terms), without repeats */
};
void fr_state_release(struct fr_state *state);
void fr_state_set(struct fr_state *state, const struct fr_atom *facts, int n);
bool fr_state_has(const struct fr_state *state, const struct fr_atom *fact);
/* The schema's atom under the step's arguments. */
struct fr_atom fr_atom_ground(const struct fr_atom *schema, const int *args);
/* Index of the step's first precondition, in the file's order, that is false in state, or -1; the
 * index of the action's equality i is n_preconditions + i. The step must have the action's number
 * of arguments. */
int fr_state_blocker(const struct fr_domain *domain, const struct fr_state *state,
                     const struct fr_step *step);
/* Applies the effects (deletes first, then adds, as PDDL says). */
void fr_state_apply(const struct fr_domain *domain, struct fr_state *state,
                    const struct fr_step *step);
bool fr_goal_holds(const struct fr_problem *problem, const struct fr_state *state);

/* ---- verdicts --------------------------------------------------------------------- */

enum fr_verdict_kind {
    FR_VERDICT_SOLVED,
    FR_VERDICT_GOAL_UNMET,   /* every step legal, a goal fact missing at the end */
    FR_VERDICT_ILLEGAL_STEP, /* precondition false, or wrong number or type of arguments */
    FR_VERDICT_UNPARSED,     /* the answer holds no readable plan (set by prompts/) */
    FR_VERDICT_TRUNCATED,    /* generation hit its limit before an answer (set by rollouts/) */
    FR_VERDICT_COUNT
};
extern const char *const fr_verdict_name[FR_VERDICT_COUNT]; /* "solved", "goal_unmet", ... */

struct fr_verdict {
    enum fr_verdict_kind kind;
    int step;         /* 1-based step of the fault for ILLEGAL_STEP, else 0 */
    char reason[256]; /* missing goal facts, or the first false precondition; "" when solved;
                         cut with "..." when longer */
};

/* A verdict with its reason, cut to fit. */
struct fr_verdict fr_verdict_of(enum fr_verdict_kind kind, int step, const char *reason);

/* Simulates plan from problem's initial state, as VAL does: the first step with a wrong
 * number of arguments, an argument of a wrong type or a false precondition ends it; else the
 * goal decides. An empty plan solves a problem whose goal holds. */
struct fr_verdict fr_plan_verify(const struct fr_problem *problem, const struct fr_plan *plan);

/* Reads a plan as VAL does: steps "(stack a b)" in any case and layout, blank lines, ";" comments
 * and a byte-order mark skipped, a duration after a step ("[1]") dropped. Times before the steps
 * ("0:", "0.001:") order them; steps at the same time must not touch what the other needs or
 * changes, and stay in the file's order. Returns FR_VERDICT_SOLVED (0) when all was read (steps may
 * still have a wrong number of arguments), or FR_VERDICT_UNPARSED with *verdict telling the line
 * and what is wrong with it; *out is then empty. *out is overwritten, the caller releases
 * it. An empty text is the empty plan. */
enum fr_verdict_kind fr_plan_parse_pddl(struct fr_plan *out, const struct fr_problem *problem,
                                        const char *text, struct fr_verdict *verdict);

/* The plan that is known for the problem of a file: PlanBench's info.json, beside the file or one
 * directory above, has its planner's. *found is false, and *plan empty, when there is none.
 * FR_E_INPUT when info.json is no JSON or its plan does not solve the problem; the caller releases
 * *plan. */
FR_CHECKED int fr_plan_load_known(const struct fr_problem *problem, const char *problem_path,
                                  struct fr_plan *plan, bool *found, struct fr_error *err);

/* ---- puzzles (Blocksworld) ----------------------------------------------------------- */

/* A Blocksworld state as towers: below[b] = block under b, or -1 for the table.
 * Goals are states too: the puzzle's goal is the set of on-facts of its goal state,
 * so a goal without on-facts is not used. */
enum { FR_MAX_BLOCKS = 12 };
struct fr_puzzle {
    int n_blocks;
    int8_t init[FR_MAX_BLOCKS], goal[FR_MAX_BLOCKS];
};

/* Uniform over the states of n blocks (every set of towers equally likely). */
void fr_puzzle_random_state(struct fr_rng *rng, int n_blocks, int8_t *below /* [n_blocks] */);
/* A random puzzle whose goal has an on-fact and does not hold already. */
void fr_puzzle_random(struct fr_rng *rng, int n_blocks, struct fr_puzzle *out);
/* A number shared exactly by the puzzles that differ only in the blocks' names (up to
 * 64-bit hash collisions): for disjoint sets that are disjoint up to renaming. */
uint64_t fr_puzzle_class(const struct fr_puzzle *puzzle);
/* The fold 0..n_folds-1 of the puzzle's class. Fold 0 of 3 is the *held-out* fold: the
 * organism never trains on it and the study evaluates on it. */
enum { FR_PUZZLE_FOLDS = 3, FR_PUZZLE_FOLD_HELD_OUT = 0 };
int fr_puzzle_fold(const struct fr_puzzle *puzzle);
/* Is it Blocksworld: its concepts under its own words, doing the same? Puzzles become problems of
 * no other domain. */
bool fr_puzzle_is_of(const struct fr_domain *domain);
/* As a problem of the Blocksworld domain, objects a, b, c ... in PlanBench's fact order. */
void fr_puzzle_problem(const struct fr_puzzle *puzzle, const struct fr_domain *domain,
                       const char *name, struct fr_problem *out);

enum fr_puzzle_split { FR_SPLIT_COLLECT, FR_SPLIT_EVALUATE, FR_SPLIT_COUNT };
extern const char *const fr_split_name[FR_SPLIT_COUNT]; /* "collect", "evaluate" */
/* What no two generated puzzles share: themselves, or their class too. There are only 228 classes
 * of four blocks, trivial ones included. */
enum fr_puzzle_distinct { FR_DISTINCT_PUZZLES, FR_DISTINCT_CLASSES, FR_DISTINCT_COUNT };
extern const char *const fr_distinct_name[FR_DISTINCT_COUNT]; /* "puzzles", "classes" */
/* count distinct puzzles of the split (evaluate = the held-out fold, collect = the other
 * folds), each with an optimal plan of at least min_plan_length steps, in an order fixed by
 * (seed, split): a smaller count gives a prefix. FR_E_INPUT when the space holds fewer (up
 * to 5 blocks; above, when a generous number of draws found fewer); *out is then of no
 * use. */
FR_CHECKED int fr_puzzles_generate(struct fr_puzzle *out, int count, enum fr_puzzle_split split,
                                   int n_blocks, int min_plan_length,
                                   enum fr_puzzle_distinct distinct, uint64_t seed,
                                   struct fr_error *err);
/* Steps of a shortest plan, by A* over towers; every puzzle has one. */
int fr_puzzle_plan_length(const struct fr_puzzle *puzzle);

/* ---- problems of any domain, from a directory ------------------------------------------- */

/* A number that problems share which differ only in the names of their objects (constants keep
 * theirs) and in the order and repetition of facts. Problems that differ otherwise share it only
 * where colour refinement with one object singled out cannot tell them apart; in Blocksworld it
 * tells all apart (though it is not fr_puzzle_class's number). */
uint64_t fr_problem_class(const struct fr_problem *problem);
/* The split that a class belongs to: one of three folds is for evaluation. */
enum fr_puzzle_split fr_class_split(uint64_t class_hash);

struct fr_problem_file {
    char *path;
    struct fr_problem problem;
    uint64_t class_hash;
};
struct fr_problem_set {
    int n;
    struct fr_problem_file *items;
};
/* All problems *.pddl of a directory, instance-2 before instance-10; a domain's file among them is
 * passed over. FR_E_INPUT for a directory without one, and for a file that is no problem of domain;
 * *out is then empty. */
FR_CHECKED int fr_problem_set_load(struct fr_problem_set *out, const char *directory,
                                   const struct fr_domain *domain, struct fr_error *err);
void fr_problem_set_release(struct fr_problem_set *set);

/* ---- search ---------------------------------------------------------------------------- */

/* Length of a shortest plan by breadth-first search over states, and the plan when plan is
 * not NULL (overwritten; the caller releases it). Among shortest plans the choice is fixed: actions
 * that need the fewest facts are tried first, then the domain's last, then the last arguments, and
 * of several shortest ways to a state the last found counts. Of the rules tried it agrees most
 * often with PlanBench's planner: 467 of its 501 Blocksworld plans, 466 of the 500 recorded ones,
 * under its words and the mystery domain's (tests/unit/planning/planbench_test.c). FR_E_INPUT when
 * there is none, FR_E_LIMIT beyond max_states states or when the problem has too many grounded
 * facts or actions; *plan is then empty. */
FR_CHECKED int fr_problem_solve(const struct fr_problem *problem, int max_states,
                                struct fr_plan *plan, int *length, struct fr_error *err);

/* ---- observations ------------------------------------------------------------------------ */

/* A number for choices that a problem is to make for itself: fixed by its initial facts and its
 * goal as sets; neither names nor the order of facts matter. */
uint64_t fr_problem_seed(const struct fr_problem *problem);

/* What taking a step did: the states owned, without repeats. */
struct fr_transition {
    struct fr_state before;
    struct fr_step step;
    struct fr_state after;
};
struct fr_transitions {
    int n;
    struct fr_transition *items;
};
/* Watches the domain at work: a random walk over the problem, each step one of the applicable ones,
 * all equally likely, from the initial state (and from there again where no step is applicable). Of
 * every action its first transition is kept; the walk ends when all have been seen, or after 1,000
 * steps, so that an action that cannot be taken, or is not met, is missing. The kept ones are in
 * random order. All is fixed by the problem's objects, initial facts and goal as sets: neither its
 * name nor the order of its facts matters.
 *
 * *out is overwritten, the caller releases it; it borrows nothing. FR_E_LIMIT when the problem has
 * too many grounded facts or actions, which a problem that fr_problem_solve solved has not; *out is
 * then empty. Four blocks take about 0.03 ms. */
FR_CHECKED int fr_transitions_observe(struct fr_transitions *out, const struct fr_problem *problem,
                                      struct fr_error *err);
void fr_transitions_release(struct fr_transitions *transitions);

#endif
