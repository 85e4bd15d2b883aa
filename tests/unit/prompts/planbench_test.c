/* PlanBench's prompts, byte for byte: all that are recorded in ../shared/data/planbench, from PDDL,
 * and what the styles do with any other domain. */
#include "prompts/prompts.h"

#include <jansson.h>
#include <string.h>

#include "test.h"
#include "unit/planning/planning_fixture.h"
#include "unit/prompts/prompts_fixture.h"

/* The domain's own words. */
static void own_naming(const struct fr_domain *domain, struct fr_naming *naming) {
    *naming = (struct fr_naming){.id = strdup("clean")};
    for (int c = 0; c < domain->n_actions + domain->n_predicates; c++)
        naming->words[c] =
            strdup(c < domain->n_actions ? domain->actions[c].name
                                         : domain->predicates[c - domain->n_actions].name);
}

/* ---- the recorded prompts
 * ------------------------------------------------------------------------ */

enum { MAX_INSTANCE = 502 };

/* How a recorded file's prompts are made again. */
struct source {
    const char *file;      /* below planbench/ */
    const char *instances; /* below planbench/, with %d */
    const struct fr_domain *domain;
    const struct fr_naming *naming;
    const struct fr_wording *wording;
    const char *plans; /* file whose ground truths are the examples' plans, in the domain's words */
    int n_prompts;
};

static json_t *read_line(FILE *file, char **line, size_t *room) {
    const ssize_t n = getline(line, room, file);
    json_t *object = n > 0 ? json_loadb(*line, (size_t)n, 0, NULL) : NULL;
    if (n > 0)
        assert_non_null(object);
    return object;
}

/* plans[id] = the recorded plan of instance id, or NULL. */
static void read_plans(const char *relative, char **plans) {
    FILE *file = fopen(fr_test_shared(relative), "r");
    char *line = NULL;
    size_t room = 0;
    assert_non_null(file);
    for (json_t *o; (o = read_line(file, &line, &room)) != NULL; json_decref(o)) {
        const int id = (int)json_integer_value(json_object_get(o, "instance_id"));
        assert_in_range(id, 0, MAX_INSTANCE - 1);
        plans[id] = strdup(json_string_value(json_object_get(o, "ground_truth_plan")));
    }
    free(line);
    (void)fclose(file);
}

static const char *load_instance(const struct source *s, int id, struct fr_problem *out) {
    struct fr_error err = {0};
    char relative[128];
    const char *place = strstr(s->instances, "%d");
    (void)snprintf(relative, sizeof relative, "planbench/%.*s%d%s", (int)(place - s->instances),
                   s->instances, id, place + 2);
    const char *path = fr_test_shared(relative);
    assert_non_null(path);
    assert_ok(fr_problem_load(out, s->domain, path, &err), err);
    return path;
}

/* The example's plan is in PlanBench's info.json, which there is for Blocksworld; else in the
 * records. */
static void example_of(const struct source *s, char **plans, int id, struct fr_problem *example,
                       struct fr_plan *plan) {
    struct fr_error err = {0};
    struct fr_verdict verdict;
    int length;
    bool known;
    const char *path = load_instance(s, id, example);
    assert_ok(fr_plan_load_known(example, path, plan, &known, &err), err);
    assert_int_equal(known, strstr(path, "/blocksworld/") != NULL);
    if (known)
        return;
    if (plans[id] != NULL)
        assert_int_equal(fr_plan_parse_pddl(plan, example, plans[id], &verdict), FR_VERDICT_SOLVED);
    else
        assert_ok(fr_problem_solve(example, 100000, plan, &length, &err), err);
}

static void recorded_prompts_are_made(const struct source *s) {
    char *plans[MAX_INSTANCE] = {NULL}, *line = NULL;
    size_t room = 0;
    int n = 0;
    char relative[128];
    (void)snprintf(relative, sizeof relative, "planbench/%s", s->file);
    const char *path = fr_test_shared(relative);
    if (path == NULL)
        skip();
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    if (s->plans != NULL)
        read_plans(s->plans, plans);
    for (json_t *o; (o = read_line(file, &line, &room)) != NULL; json_decref(o), n++) {
        const int id = (int)json_integer_value(json_object_get(o, "instance_id"));
        const json_t *examples = json_object_get(o, "example_instance_ids");
        struct fr_problem problem, example = {0};
        struct fr_plan plan = {0};
        struct fr_text text = {0};
        struct fr_prompt prompt = {.style = FR_STYLE_PLANBENCH,
                                   .problem = &problem,
                                   .naming = s->naming,
                                   .wording = s->wording};
        load_instance(s, id, &problem);
        if (examples != NULL) {
            assert_int_equal(json_array_size(examples), 1);
            example_of(s, plans, (int)json_integer_value(json_array_get(examples, 0)), &example,
                       &plan);
            prompt.example = &example;
            prompt.example_plan = &plan;
        }
        fr_prompt_render(&prompt, &text);
        if (strcmp(fr_text_get(&text), json_string_value(json_object_get(o, "prompt"))) != 0)
            fail_msg("%s, instance %d:\n%s", s->file, id, fr_text_get(&text));
        fr_text_release(&text);
        fr_plan_release(&plan);
        fr_problem_release(&example);
        fr_problem_release(&problem);
    }
    assert_int_equal(n, s->n_prompts);
    for (int i = 0; i < MAX_INSTANCE; i++)
        free(plans[i]);
    free(line);
    (void)fclose(file);
}

#define MYSTERY_PLANS "planbench/responses-gpt4o-mystery-oneshot.jsonl"

static void blocksworld_prompts_are_planbench_s(void **state) {
    (void)state;
    const struct fr_naming *clean = naming_of("clean");
    recorded_prompts_are_made(&(struct source){"responses-gpt4turbo-blocksworld-oneshot.jsonl",
                                               "blocksworld/instances/instance-%d.pddl",
                                               &blocksworld.domain, clean, &blocksworld.wording,
                                               NULL, 500});
    recorded_prompts_are_made(&(struct source){"traces-deepseek-r1-blocksworld-3blocks.jsonl",
                                               "blocksworld/instances_3/instance-%d.pddl",
                                               &blocksworld.domain, clean, &blocksworld.wording,
                                               NULL, 100});
}

static void mystery_prompts_come_from_blocksworld_under_naming_1(void **state) {
    (void)state;
    const struct fr_naming *mystery = naming_of("1");
    recorded_prompts_are_made(&(struct source){"responses-gpt4o-mystery-oneshot.jsonl",
                                               "blocksworld/instances/instance-%d.pddl",
                                               &blocksworld.domain, mystery, &blocksworld.wording,
                                               NULL, 500});
    recorded_prompts_are_made(&(struct source){"traces-deepseek-r1-mystery-3blocks.jsonl",
                                               "blocksworld/instances_3/instance-%d.pddl",
                                               &blocksworld.domain, mystery, &blocksworld.wording,
                                               NULL, 101});
}

static void mystery_prompts_come_from_the_mystery_domain(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain mystery;
    struct fr_naming own;
    struct fr_wording wording;
    const char *path = fr_test_shared("planbench/mystery/domain.pddl");
    if (path == NULL)
        skip();
    assert_ok(fr_domain_load(&mystery, path, &err), err);
    assert_ok(fr_wording_load(&wording, &mystery, fr_test_path("data/wordings/mystery-4ops.yaml"),
                              &err),
              err);
    own_naming(&mystery, &own);
    recorded_prompts_are_made(&(struct source){"responses-gpt4o-mystery-oneshot.jsonl",
                                               "mystery/instances/instance-%d.pddl", &mystery, &own,
                                               &wording, MYSTERY_PLANS, 500});
    recorded_prompts_are_made(&(struct source){"traces-deepseek-r1-mystery-3blocks.jsonl",
                                               "mystery/instances_3/instance-%d.pddl", &mystery,
                                               &own, &wording, NULL, 101});
    fr_naming_release(&own, mystery.n_actions + mystery.n_predicates);
    fr_wording_release(&wording);
    fr_domain_release(&mystery);
}

/* ---- other domains and the other style
 * ----------------------------------------------------------- */

static const char puzzle[] = "(define (problem p) (:domain blocksworld-4ops) (:objects a b c)\n"
                             "(:init (on a b) (ontable b) (ontable c) (handempty) (clear c) (clear "
                             "a)) (:goal (and (on c b) (on b a))))";

static void assert_ends(const struct fr_text *text, const char *end) {
    const char *statement = strstr(fr_text_get(text), "[STATEMENT]");
    assert_non_null(statement);
    assert_string_equal(statement, end);
}

static void the_paper_s_objects_are_block_a(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_problem p;
    struct fr_plan plan = {0};
    struct fr_text text = {0};
    struct fr_verdict verdict;
    assert_ok(fr_problem_parse(&p, &blocksworld.domain, puzzle, "p", &err), err);
    struct fr_prompt prompt = {.style = FR_STYLE_PAPER,
                               .problem = &p,
                               .naming = naming_of("clean"),
                               .wording = &blocksworld.wording};
    fr_prompt_render(&prompt, &text);
    assert_ends(&text,
                "[STATEMENT]\nAs initial conditions I have that, Block A is clear, Block C is "
                "clear, the hand is empty, Block A is on top of Block B, Block B is on the "
                "table, Block C is on the table.\nMy goal is to have that Block B is on "
                "top of Block A, Block C is on top of Block B\n\nWhat is the plan to "
                "achieve my goal? Just give the actions in the plan.");
    fr_text_clear(&text);
    assert_int_equal(fr_plan_parse_pddl(&plan, &p, "(unstack a b)\n(put-down a)\n", &verdict),
                     FR_VERDICT_SOLVED);
    prompt.naming = naming_of("1");
    prompt.example = &p;
    prompt.example_plan = &plan;
    fr_prompt_render(&prompt, &text);
    assert_non_null(strstr(fr_text_get(&text), "actions I can do:\n   Attack object\n"));
    assert_non_null(strstr(fr_text_get(&text), "\n\nHere is an example problem:\n[STATEMENT]"));
    assert_null(strstr(fr_text_get(&text), " \n"));
#define STATEMENT                                                                                  \
    "[STATEMENT]\nAs initial conditions I have that, province Block A, province Block C, "         \
    "harmony, "                                                                                    \
    "Block A craves Block B, planet Block B, planet Block C.\nMy goal is to have that Block B "    \
    "craves Block A, Block C craves Block B.\n"
    assert_ends(&text, STATEMENT "My plan is as follows:\n[PLAN]\nfeast Block A from Block B\n"
                                 "succumb Block A\n[PLAN END]\n" STATEMENT
                                 "My plan is as follows:\n[PLAN]");
    /* The order is a choice of its own, in both styles. */
    fr_text_clear(&text);
    prompt.fact_order = FR_FACTS_NAMING;
    fr_prompt_render(&prompt, &text);
    assert_non_null(strstr(fr_text_get(&text),
                           "that, Block A craves Block B, harmony, planet Block "
                           "B, planet Block C, province Block A, province"));
    fr_text_clear(&text);
    prompt.style = FR_STYLE_PLANBENCH;
    prompt.fact_order = FR_FACTS_CLEAN;
    fr_prompt_render(&prompt, &text);
    assert_non_null(strstr(fr_text_get(&text),
                           "that, province object a, province object c, harmony, object a craves "
                           "object b, planet object b and planet object c."));
    fr_text_release(&text);
    fr_plan_release(&plan);
    fr_problem_release(&p);
}

/* Kinds, constants, a goal that is not to hold, actions and predicates of one name. */
static void a_typed_domain_needs_no_file(void **state) {
    (void)state;
    struct fr_domain d;
    struct fr_problem p;
    struct fr_naming naming;
    struct fr_text text = {0};
    parse_delivery(&d, &p);
    own_naming(&d, &naming);
    free(naming.id);
    naming.id = strdup("own"); /* as a mystery naming: kinds are numbers */
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_PLANBENCH,
                                         .problem = &p,
                                         .naming = &naming},
                     &text);
    assert_ends(
        &text, "[STATEMENT]\nAs initial conditions I have that, object depot is of kind 6, object "
               "t1 is of kind 1, object v1 is of kind 2, object b1 is of kind 3, object b2 is of "
               "kind 3, object s1 is of kind 5, object s2 is of kind 5, object t1 at object depot, "
               "object v1 at object s2, broken object t1, object b1 lies object s1 and object b2 "
               "lies object depot.\nMy goal is to have that it is not true that object t1 at "
               "object s2, object b1 lies object s2 and open.\n\nWhat is the plan to achieve my "
               "goal? Just give the actions in the plan.");
    fr_text_release(&text);
    fr_naming_release(&naming, d.n_actions + d.n_predicates);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void logistics_is_said_as_planbench_says_it(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_domain d;
    struct fr_problem p;
    struct fr_wording wording;
    struct fr_naming own;
    struct fr_plan plan = {0};
    struct fr_verdict verdict;
    struct fr_text text = {0};
    const char *path = fr_test_shared("planbench/logistics/domain.pddl");
    if (path == NULL)
        skip();
    assert_ok(fr_domain_load(&d, path, &err), err);
    assert_ok(fr_problem_load(&p, &d,
                              fr_test_shared("planbench/logistics/instances/instance-1.pddl"),
                              &err),
              err);
    assert_ok(fr_wording_load(&wording, &d, fr_test_path("data/wordings/logistics-strips.yaml"),
                              &err),
              err);
    own_naming(&d, &own);
    assert_int_equal(fr_plan_parse_pddl(&plan, &p,
                                        "(load-airplane p0 a0 l1-0)\n(fly-airplane a0 l1-0 l0-0)\n"
                                        "(unload-airplane p0 a0 l0-0)\n(drive-truck t0 l0-0 l0-0 "
                                        "c0)\n",
                                        &verdict),
                     FR_VERDICT_SOLVED);
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_PLANBENCH,
                                         .problem = &p,
                                         .naming = &own,
                                         .wording = &wording,
                                         .example = &p,
                                         .example_plan = &plan},
                     &text);
    const char *statement =
        "[STATEMENT]\nAs initial conditions I have that, location_0_0 is an airport, location_1_0 "
        "is an airport, airplane_0 is at location_0_0, airplane_1 is at location_0_0, package_0 is "
        "at location_1_0, truck_0 is at location_0_0, truck_1 is at location_1_0, location_0_0 is "
        "in the city city_0 and location_1_0 is in the city city_1.\nMy goal is to have that "
        "package_0 is at location_0_0.\n\nMy plan is as follows:\n\n[PLAN]";
    char expected[2048];
    (void)snprintf(expected, sizeof expected,
                   "%s\nload package_0 into airplane_0 at location_1_0\nfly airplane_0 from "
                   "location_1_0 to location_0_0\nunload package_0 from airplane_0 at "
                   "location_0_0\ndrive truck_0 from location_0_0 to location_0_0 in city_0\n[PLAN "
                   "END]\n\n%s",
                   statement, statement);
    assert_ends(&text, expected);
    fr_text_release(&text);
    fr_plan_release(&plan);
    fr_naming_release(&own, d.n_actions + d.n_predicates);
    fr_wording_release(&wording);
    fr_problem_release(&p);
    fr_domain_release(&d);
}

static void the_order_of_the_file_does_not_show(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_problem p;
    struct fr_text text = {0}, again = {0};
    assert_ok(fr_problem_parse(&p, &blocksworld.domain, puzzle, "p", &err), err);
    struct fr_prompt prompt = {.style = FR_STYLE_PLANBENCH,
                               .problem = &p,
                               .naming = naming_of("7"),
                               .wording = &blocksworld.wording};
    fr_prompt_render(&prompt, &text);
    for (int i = 0; i < p.n_init / 2; i++) {
        const struct fr_atom fact = p.init[i];
        p.init[i] = p.init[p.n_init - 1 - i];
        p.init[p.n_init - 1 - i] = fact;
    }
    const struct fr_literal goal = p.goal[0];
    p.goal[0] = p.goal[1];
    p.goal[1] = goal;
    fr_prompt_render(&prompt, &again);
    assert_string_equal(fr_text_get(&again), fr_text_get(&text));
    fr_text_release(&again);
    fr_text_release(&text);
    fr_problem_release(&p);
}

static void nothing_to_say_is_said(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_problem p;
    struct fr_text text = {0};
    assert_ok(fr_problem_parse(&p, &blocksworld.domain,
                               "(define (problem p) (:domain blocksworld-4ops) (:objects)"
                               " (:init) (:goal (and)))",
                               "p", &err),
              err);
    fr_prompt_render(&(struct fr_prompt){.style = FR_STYLE_PLANBENCH,
                                         .problem = &p,
                                         .naming = naming_of("clean"),
                                         .wording = &blocksworld.wording},
                     &text);
    assert_non_null(strstr(fr_text_get(&text), "I have that, no fact is true.\nMy goal is to have "
                                               "that any facts are true.\n"));
    fr_text_release(&text);
    fr_problem_release(&p);
}

static void the_words_of_a_style(void **state) {
    (void)state;
    char word[16];
    fr_prompt_word(FR_STYLE_PLANBENCH, &blocksworld.wording, naming_of("clean"), 8, word,
                   sizeof word);
    assert_string_equal(word, "on top of");
    fr_prompt_word(FR_STYLE_PAPER, &blocksworld.wording, naming_of("1"), 8, word, sizeof word);
    assert_string_equal(word, "craves");
    fr_prompt_word(FR_STYLE_PAPER, NULL, naming_of("clean"), 0, word, sizeof word);
    assert_string_equal(word, "pick-up");
    fr_prompt_word(FR_STYLE_PLANBENCH, &blocksworld.wording, naming_of("clean"), 8, word, 4);
    assert_string_equal(word, "on ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocksworld_prompts_are_planbench_s),
        cmocka_unit_test(mystery_prompts_come_from_blocksworld_under_naming_1),
        cmocka_unit_test(mystery_prompts_come_from_the_mystery_domain),
        cmocka_unit_test(the_paper_s_objects_are_block_a),
        cmocka_unit_test(a_typed_domain_needs_no_file),
        cmocka_unit_test(logistics_is_said_as_planbench_says_it),
        cmocka_unit_test(the_order_of_the_file_does_not_show),
        cmocka_unit_test(nothing_to_say_is_said),
        cmocka_unit_test(the_words_of_a_style),
    };
    return cmocka_run_group_tests(tests, load, release);
}
