/* Puzzles that are made or read from a directory; see sources.h. Both are drawn in an order that
 * the seed gives, so that more of them are the same ones and then others. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "prompts/prompts.h"
#include "sources/sources.h"

static const struct fr_config *config_of(const struct fr_source_study *s) {
    return &s->world->config;
}

static int wanted(const struct fr_source_study *s, enum fr_puzzle_split split) {
    return split == FR_SPLIT_COLLECT ? config_of(s)->n_collect : config_of(s)->n_evaluate;
}

static int store_generated(const struct fr_source_study *s, enum fr_puzzle_split split,
                           struct fr_error *err) {
    const struct fr_config *c = config_of(s);
    const int count = wanted(s, split);
    int first, code = fr_source_count(s->store, split, &first, err);
    if (code != FR_OK)
        return code;
    struct fr_puzzle *puzzles = fr_alloc((size_t)count, sizeof *puzzles);
    code = fr_puzzles_generate(puzzles, count, split, c->blocks, c->min_plan_length,
                               (enum fr_puzzle_distinct)c->distinct, (uint64_t)c->seed, err);
    for (int i = first; code == FR_OK && i < count; i++) {
        struct fr_problem problem;
        char name[48];
        (void)snprintf(name, sizeof name, "%s-%d", fr_split_name[split], i);
        fr_puzzle_problem(&puzzles[i], &s->world->domain, name, &problem);
        struct fr_plan plan = {0};
        int64_t id;
        int length = fr_puzzle_plan_length(&puzzles[i]);
        if (fr_world_shows_examples(s->world))
            code = fr_problem_solve(&problem, c->max_states, &plan, &length, err);
        if (code == FR_OK)
            code = fr_source_put_problem(s, split, i, &problem, length, &plan, "", &id, err);
        fr_plan_release(&plan);
        fr_problem_release(&problem);
    }
    free(puzzles);
    return code;
}

int fr_source_generated_puzzles(const struct fr_source_study *s, struct fr_error *err) {
    const int code = store_generated(s, FR_SPLIT_COLLECT, err);
    return code == FR_OK ? store_generated(s, FR_SPLIT_EVALUATE, err) : code;
}

/* ---- a directory ----------------------------------------------------------------------------- */

/* The problem's shortest plan: its length, and the plan to show, which is PlanBench's where it is
 * known. *fits is false for a problem that has none, too short a one, or one too far to find. */
static int solve(const struct fr_source_study *s, const struct fr_problem_file *file,
                 struct fr_plan *plan, int *length, bool *fits, struct fr_error *err) {
    struct fr_plan shown;
    struct fr_error why;
    bool known;
    const int code = fr_problem_solve(&file->problem, config_of(s)->max_states, plan, length, &why);
    *fits = code == FR_OK && *length >= config_of(s)->min_plan_length;
    if (!*fits || !fr_world_shows_examples(s->world))
        return FR_OK;
    const int rc = fr_plan_load_known(&file->problem, file->path, &shown, &known, err);
    if (rc == FR_OK && known) {
        fr_plan_release(plan);
        *plan = shown;
    }
    return rc;
}

/* The first so many problems of a split, in an order that the seed gives. */
static int store_listed(const struct fr_source_study *s, const struct fr_problem_set *set,
                        enum fr_puzzle_split split, struct fr_error *err) {
    struct fr_rng rng;
    const int count = wanted(s, split);
    int *order = fr_alloc((size_t)set->n, sizeof *order);
    int n = 0, n_split = 0, first, code = fr_source_count(s->store, split, &first, err);
    fr_rng_seed(&rng, (uint64_t)config_of(s)->seed, fr_hash_text(fr_split_name[split]));
    fr_rng_permutation(&rng, set->n, order);
    for (int i = 0; code == FR_OK && i < set->n && n < count; i++) {
        const struct fr_problem_file *file = &set->items[order[i]];
        struct fr_plan plan = {0};
        int length;
        int64_t id;
        bool fits;
        if (fr_class_split(file->class_hash) != split)
            continue;
        n_split++;
        code = solve(s, file, &plan, &length, &fits, err);
        if (code == FR_OK && fits && n++ >= first)
            code = fr_source_put_problem(s, split, n - 1, &file->problem, length, &plan, file->path,
                                         &id, err);
        fr_plan_release(&plan);
        if (code == FR_OK && fr_events_stopped(s->events))
            code = fr_fail(err, FR_E_STOPPED, "stopped");
    }
    if (code == FR_OK && n < count)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: puzzles.%s %d, but of the %d problems of %s %d are of that split (by "
                       "class) and %d of those have a shortest plan of %d steps or more within %d "
                       "states; fluidrep puzzles list shows them",
                       s->world->config_path, fr_split_name[split], count, set->n,
                       config_of(s)->puzzles_path, n_split, n, config_of(s)->min_plan_length,
                       config_of(s)->max_states);
    free(order);
    return code;
}

int fr_source_directory_puzzles(const struct fr_source_study *s, struct fr_error *err) {
    struct fr_problem_set set;
    int code = fr_problem_set_load(&set, s->world->puzzles_path, &s->world->domain, err);
    if (code == FR_OK)
        code = store_listed(s, &set, FR_SPLIT_COLLECT, err);
    if (code == FR_OK)
        code = store_listed(s, &set, FR_SPLIT_EVALUATE, err);
    fr_problem_set_release(&set);
    return code;
}

/* ---- before a study -------------------------------------------------------------------------- */

/* Two puzzles: one to ask, the other with its plan as the example before it (empty when prompts
 * show none). */
struct pair {
    struct fr_problem problem, example;
    struct fr_plan plan;
};

/* The prompt of the pair under every naming. */
static int measure(const struct fr_source_study *s, struct pair *pair, struct fr_source_sample *out,
                   struct fr_error *err) {
    const struct fr_world *w = s->world;
    struct fr_model *model;
    double sum = 0;
    int code = s->model(s->user, &model, err);
    for (int i = 0; code == FR_OK && i < w->n_namings; i++) {
        struct fr_tokens tokens = {0};
        code = fr_source_prompt(w, model, &pair->problem, &pair->example, &pair->plan,
                                w->namings[i].naming, &tokens, err);
        sum += tokens.n;
        if (tokens.n > out->longest.n) {
            fr_tokens_release(&out->longest);
            out->longest = tokens;
        } else {
            fr_tokens_release(&tokens);
        }
    }
    out->mean_tokens = sum / w->n_namings;
    fr_plan_release(&pair->plan);
    fr_problem_release(&pair->example);
    fr_problem_release(&pair->problem);
    return code;
}

/* The first problems of the directory that fit are enough to know how long prompts are. */
static int sample_directory(const struct fr_source_study *s, struct pair *pair,
                            struct fr_error *err) {
    struct fr_problem_set set;
    int n = 0;
    const char *path = s->world->puzzles_path;
    int code = fr_problem_set_load(&set, path, &s->world->domain, err);
    for (int i = 0; code == FR_OK && i < set.n && n < 2; i++) {
        int length;
        bool fits;
        struct fr_plan found = {0};
        code = solve(s, &set.items[i], &found, &length, &fits, err);
        if (code == FR_OK && fits) {
            const bool keep = n == 1 && fr_world_shows_examples(s->world);
            code = fr_problem_load(n++ == 0 ? &pair->problem : &pair->example, &s->world->domain,
                                   set.items[i].path, err);
            if (keep) {
                pair->plan = found;
                found = (struct fr_plan){0};
            }
        }
        fr_plan_release(&found);
    }
    if (code == FR_OK && n == 0)
        code = fr_fail(err, FR_E_INPUT, "%s: no problem with a plan of %d steps or more", path,
                       config_of(s)->min_plan_length);
    if (code == FR_OK && n == 1 &&
        fr_style_examples((enum fr_prompt_style)config_of(s)->style) == FR_EXAMPLES_ALWAYS)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: one problem with a plan of %d steps or more, and none to show solved "
                       "before it",
                       path, config_of(s)->min_plan_length);
    fr_problem_set_release(&set);
    return code;
}

int fr_source_directory_sample(const struct fr_source_study *s, struct fr_source_sample *out,
                               struct fr_error *err) {
    struct pair pair = {0};
    const int code = sample_directory(s, &pair, err);
    if (code == FR_OK)
        return measure(s, &pair, out, err);
    fr_plan_release(&pair.plan);
    fr_problem_release(&pair.example);
    fr_problem_release(&pair.problem);
    return code;
}

int fr_source_generated_sample(const struct fr_source_study *s, struct fr_source_sample *out,
                               struct fr_error *err) {
    const struct fr_config *c = config_of(s);
    struct fr_puzzle puzzles[2];
    struct pair pair = {0};
    int length;
    int code = fr_puzzles_generate(puzzles, 2, FR_SPLIT_COLLECT, c->blocks, c->min_plan_length,
                                   FR_DISTINCT_PUZZLES, (uint64_t)c->seed, err);
    if (code != FR_OK)
        return code;
    fr_puzzle_problem(&puzzles[0], &s->world->domain, "sample", &pair.problem);
    fr_puzzle_problem(&puzzles[1], &s->world->domain, "example", &pair.example);
    if (fr_world_shows_examples(s->world))
        code = fr_problem_solve(&pair.example, c->max_states, &pair.plan, &length, err);
    if (code == FR_OK)
        return measure(s, &pair, out, err);
    fr_problem_release(&pair.example);
    fr_problem_release(&pair.problem);
    return code;
}
