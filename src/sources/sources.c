/* The table of sources, and what they share; see sources.h. */
#include "sources/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/prompts.h"
#include "prompts/reserve.h"

enum { GENERATED, DIRECTORY, RECORDED, GENERATED_ENDPOINT, DIRECTORY_ENDPOINT };
static const struct fr_source sources[] = {
    [GENERATED] = {"generated", true, fr_source_generated_puzzles, NULL, fr_source_generated_sample,
                   fr_source_judge},
    [DIRECTORY] = {"directory", true, fr_source_directory_puzzles, NULL, fr_source_directory_sample,
                   fr_source_judge},
    [RECORDED] = {"recorded", false, fr_source_recorded_puzzles, fr_source_recorded_traces,
                  fr_source_recorded_sample, fr_source_recorded_judge},
    [GENERATED_ENDPOINT] = {"generated", true, fr_source_generated_puzzles,
                            fr_source_endpoint_traces, fr_source_generated_sample, fr_source_judge},
    [DIRECTORY_ENDPOINT] = {"directory", true, fr_source_directory_puzzles,
                            fr_source_endpoint_traces, fr_source_directory_sample, fr_source_judge},
};

const struct fr_source *fr_source_of(const struct fr_config *config) {
    const bool served = *config->endpoint_url != '\0';
    return &sources[*config->traces_path != '\0'    ? RECORDED
                    : *config->puzzles_path != '\0' ? served ? DIRECTORY_ENDPOINT : DIRECTORY
                    : served                        ? GENERATED_ENDPOINT
                                                    : GENERATED];
}

int fr_source_count(struct fr_store *store, enum fr_puzzle_split split, int *n,
                    struct fr_error *err) {
    int64_t count = 0;
    const int code =
        fr_store_find_int(store, err, &count, "SELECT count(*) FROM puzzle WHERE split = ?", "t",
                          fr_split_name[split]);
    *n = (int)count;
    return code;
}

/* The example before a puzzle is another puzzle, always one that representations are collected
 * from: the one before, as PlanBench has it (the first takes the second), or for an evaluated
 * puzzle the one at its place. -1: none. */
static int example_position(const struct fr_world *w, enum fr_puzzle_split split, int position) {
    if (!fr_world_shows_examples(w) || w->example_plan.n_steps > 0 ||
        !fr_source_of(&w->config)->own_traces)
        return -1;
    if (split == FR_SPLIT_EVALUATE)
        return position % w->config.n_collect;
    return position > 0 ? position - 1 : 1;
}

/* What this problem's prompt says that not every one does: its objects' names, what is not to be
 * true. Others show it as their example, solved. */
static int check_words(const struct fr_world *w, const struct fr_problem *problem,
                       const struct fr_plan *plan, struct fr_error *err) {
    struct fr_reserved reserved = {0};
    if (*w->config.traces_path != '\0')
        return FR_OK;
    fr_prompt_reserve(&(struct fr_prompt){.style = (enum fr_prompt_style)w->config.style,
                                          .problem = problem,
                                          .wording = &w->wording,
                                          .example = plan->n_steps > 0 ? problem : NULL,
                                          .example_plan = plan},
                      &reserved);
    const int code = fr_world_check_words(w, &reserved, err);
    fr_reserved_release(&reserved);
    return code;
}

int fr_source_put_problem(const struct fr_source_study *s, enum fr_puzzle_split split, int position,
                          const struct fr_problem *problem, int plan_length,
                          const struct fr_plan *plan, const char *source, int64_t *id,
                          struct fr_error *err) {
    struct fr_text pddl = {0}, steps = {0};
    const int example = example_position(s->world, split, position);
    /* Of (split, position), so that they are the same however a study came to its size. */
    *id = 2 * (int64_t)position + (split == FR_SPLIT_EVALUATE);
    int64_t taken = 0; /* in a study of before ids were so */
    int code = check_words(s->world, problem, plan, err);
    if (code == FR_OK)
        code =
            fr_store_find_int(s->store, err, &taken, "SELECT 1 FROM puzzle WHERE id = ?", "i", *id);
    *id += taken << 32;
    if (fr_world_shows_examples(s->world))
        fr_plan_render(problem, plan, &steps);
    fr_problem_render(problem, &pddl);
    if (code == FR_OK)
        code = fr_store_run(s->store, err,
                            "INSERT INTO puzzle VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, -1))",
                            "itiitttii", *id, fr_split_name[split], (int64_t)problem->n_objects,
                            (int64_t)plan_length, fr_text_get(&steps), source, fr_text_get(&pddl),
                            (int64_t)position, (int64_t)example);
    fr_text_release(&pddl);
    fr_text_release(&steps);
    return code;
}

int fr_source_load_problem(struct fr_store *store, const struct fr_domain *domain, int64_t puzzle,
                           struct fr_problem *out, struct fr_plan *plan, struct fr_error *err) {
    struct fr_query *query;
    struct fr_verdict verdict;
    *out = (struct fr_problem){0};
    int code = fr_query_open(&query, store, err,
                             "SELECT pddl, optimal_plan FROM puzzle WHERE id = ?", "i", puzzle);
    if (code != FR_OK)
        return code;
    char name[64];
    (void)snprintf(name, sizeof name, "study.db: puzzle %lld", (long long)puzzle);
    if (fr_query_next(query))
        code = fr_problem_parse(out, domain, fr_query_text(query, 0), name, err);
    else
        code = fr_fail(err, FR_E_INPUT, "%s: missing; the study's database is damaged", name);
    if (code == FR_OK && plan != NULL &&
        fr_plan_parse_pddl(plan, out, fr_query_text(query, 1), &verdict) != FR_VERDICT_SOLVED)
        code = fr_fail(err, FR_E_INPUT, "%s: its plan: %s", name, verdict.reason);
    return fr_query_close_after(query, code, err);
}

int fr_source_list_missing(const struct fr_source_study *s, struct fr_missing_trace **out, int *n,
                           long long *total, struct fr_error *err) {
    struct fr_query *query;
    int capacity = 0;
    *out = NULL;
    *n = 0;
    *total = 0;
    int code = fr_query_open(&query, s->store, err,
                             "SELECT p.id, n.position, coalesce(e.id, -1), p.split = 'evaluate',"
                             " p.position, EXISTS (SELECT 1 FROM trace t WHERE t.puzzle = p.id AND"
                             " t.naming = n.id) FROM naming n CROSS JOIN"
                             " puzzle p LEFT JOIN puzzle e ON e.split = 'collect' AND"
                             " e.position = p.example ORDER BY n.position, p.split, p.position",
                             "");
    if (code != FR_OK)
        return code;
    while (fr_query_next(query)) {
        if (!s->takes(s->user, fr_query_int(query, 3) ? FR_SPLIT_EVALUATE : FR_SPLIT_COLLECT,
                      (int)fr_query_int(query, 1), (int)fr_query_int(query, 4)))
            continue;
        ++*total;
        if (fr_query_int(query, 5) != 0)
            continue;
        FR_RESERVE(*out, *n, capacity);
        (*out)[(*n)++] = (struct fr_missing_trace){fr_query_int(query, 0), fr_query_int(query, 2),
                                                   (int)fr_query_int(query, 1)};
    }
    return fr_query_close(query, err);
}

void fr_source_message(const struct fr_world *world, const struct fr_problem *problem,
                       const struct fr_problem *example, const struct fr_plan *plan,
                       const struct fr_naming *naming, struct fr_text *out) {
    if (world->example_plan.n_steps > 0) {
        example = &world->example;
        plan = &world->example_plan;
    }
    fr_prompt_render(&(struct fr_prompt){.style = (enum fr_prompt_style)world->config.style,
                                         .problem = problem,
                                         .naming = naming,
                                         .wording = &world->wording,
                                         .example = plan->n_steps > 0 ? example : NULL,
                                         .example_plan = plan,
                                         .instruction = fr_world_instruction(world),
                                         .instruction_first = world->config.instruction_first,
                                         .fact_order =
                                             (enum fr_fact_order)world->config.fact_order},
                     out);
}

int fr_source_prompt(const struct fr_world *world, const struct fr_model *model,
                     const struct fr_problem *problem, const struct fr_problem *example,
                     const struct fr_plan *plan, const struct fr_naming *naming,
                     struct fr_tokens *out, struct fr_error *err) {
    struct fr_text message = {0};
    char *chat = NULL;
    fr_source_message(world, problem, example, plan, naming, &message);
    int code = fr_model_chat(model, world->config.system, fr_text_get(&message), &chat, err);
    if (code == FR_OK)
        code = fr_model_tokenize(model, chat, strlen(chat), true, out, err);
    free(chat);
    fr_text_release(&message);
    return code;
}
