/* fluidrep power CONFIG: which effect the configuration's design can find, before an hour of a
 * model is spent. Simulates; no model and no study is opened. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyses/paper.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "config/world.h"
#include "statistics/power.h"

enum { MAX_VALUES = 8 };

struct options {
    const char *config;
    int n_churn, n_effects, n_studies;
    double accuracy, spread, power; /* accuracy NaN: the paper's */
    double churn[MAX_VALUES], effects[MAX_VALUES];
    bool json;
};

/* Numbers in [low, high] between commas. */
static int read_shares(const struct fr_given *given, double out[MAX_VALUES]) {
    const struct fr_option *option = given->option;
    int n = 0;
    for (const char *p = given->value;; p++) {
        char *end;
        if (n == MAX_VALUES)
            argp_error(given->state, "--%s: at most %d values", option->name, MAX_VALUES);
        out[n] = strtod(p, &end);
        if (end == p || (*end != ',' && *end != '\0') ||
            !(out[n] >= option->low && out[n] <= option->high))
            argp_error(given->state,
                       "--%s: \"%s\" is no share from %g to %g (points of accuracy / 100)",
                       option->name, given->value, option->low, option->high);
        n++;
        if (*end == '\0')
            return n;
        p = end;
    }
}

static void set_share(const struct fr_given *given) {
    double values[MAX_VALUES];
    if (read_shares(given, values) != 1)
        argp_error(given->state, "--%s: one value", given->option->name);
    memcpy((char *)given->options + given->option->at, values, sizeof *values);
}

static void set_churn(const struct fr_given *given) {
    struct options *o = given->options;
    o->n_churn = read_shares(given, o->churn);
}

static void set_effects(const struct fr_given *given) {
    struct options *o = given->options;
    o->n_effects = read_shares(given, o->effects);
}

#define SHARE(field, least, most)                                                                  \
    FR_OWN(set_share), FR_AT(struct options, field, double : 0), .low = (least), .high = (most)
static const struct fr_option option_table[] = {
    {FR_WORD(struct options, config, "which configuration? For example configs/demo.yaml")},
    {"accuracy", 0, "SHARE",
     "accuracy of every naming without an edit (default: the paper's for its namings, else 0.5)",
     SHARE(accuracy, 0, 1)},
    {"churn", 0, "SHARE,...",
     "share of verdicts that change for no reason when a run is edited (default: 0.05,0.1,0.2; the "
     "paper's spreads are those of 0.05 to 0.23)",
     FR_OWN(set_churn), .high = 1},
    {"spread", 0, "SHARE",
     "standard deviation of single namings' own effects, as vectors shared by a naming's puzzles "
     "make them (default: 0)",
     SHARE(spread, 0, 1)},
    {"effect", 0, "SHARE,...",
     "say how often these effects are found, in place of which effect is found",
     FR_OWN(set_effects), .high = 1},
    {"power", 0, "SHARE", "how often an effect is to be found (default: 0.8)",
     SHARE(power, 0.05, 0.999)},
    {"studies", 0, "N", "simulated studies for each effect (default: 1000)",
     FR_INT(struct options, n_studies, 100, 100000)},
    {"json", 0, NULL, "as JSON", FR_FLAG(struct options, json), .group = 1},
    {0},
};

/* A design, and the levels of its families: the first is of one test alone. */
struct plan {
    struct fr_design design;
    double *accuracy;
    int n_of_paper; /* namings whose accuracy is the paper's */
    int n_levels, sizes[FR_POWER_LEVELS];
    double levels[FR_POWER_LEVELS];
};

static int family_size(const struct fr_conditions *conditions, const char *family) {
    int n = 0;
    for (int i = 0; i < conditions->n; i++)
        n += (conditions->items[i].role == FR_ROLE_MATCHED ||
              conditions->items[i].role == FR_ROLE_CONTROL) &&
             strcmp(conditions->items[i].family, family) == 0;
    return n;
}

static int by_size(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* The sizes that there are, the smallest first; of too many the last is the largest. */
static void find_families(const struct fr_conditions *conditions, struct plan *plan) {
    int *sizes = fr_alloc((size_t)conditions->n + 1, sizeof *sizes), n = 1;
    sizes[0] = 1;
    for (int i = 0; i < conditions->n; i++)
        if (conditions->items[i].role == FR_ROLE_MATCHED)
            sizes[n++] = family_size(conditions, conditions->items[i].family);
    qsort(sizes, (size_t)n, sizeof *sizes, by_size);
    plan->n_levels = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0 && sizes[i] == sizes[i - 1])
            continue;
        plan->n_levels += plan->n_levels < FR_POWER_LEVELS;
        plan->sizes[plan->n_levels - 1] = sizes[i];
        plan->levels[plan->n_levels - 1] = 0.05 / sizes[i];
    }
    free(sizes);
}

static int make_plan(const struct fr_world *world, const struct options *o, struct plan *plan,
                     struct fr_error *err) {
    const int n = world->n_namings;
    bool *use = fr_alloc((size_t)n + 1, sizeof *use);
    struct fr_paper paper;
    *plan = (struct plan){.accuracy = fr_alloc((size_t)n + 1, sizeof *plan->accuracy)};
    int code = fr_paper_load(&paper, err);
    fr_world_used_namings(world, use);
    for (int i = 0; code == FR_OK && i < n; i++) {
        if (!use[i])
            continue;
        const double known =
            fr_paper_accuracy(&paper, &world->table.concepts, world->namings[i].naming);
        plan->n_of_paper += isnan(o->accuracy) && !isnan(known);
        plan->accuracy[plan->design.n_namings++] = !isnan(o->accuracy) ? o->accuracy
                                                   : isnan(known)      ? 0.5
                                                                       : known;
    }
    fr_paper_release(&paper);
    free(use);
    if (code != FR_OK)
        return code;
    if (plan->design.n_namings == 0)
        return fr_fail(err, FR_E_INPUT,
                       "%s: no naming is steered: namings.use has no mystery naming that "
                       "namings.exclude leaves",
                       world->config_path);
    plan->design.accuracy = plan->accuracy;
    plan->design.n_puzzles = world->config.n_evaluate;
    plan->design.spread = o->spread;
    find_families(&world->conditions, plan);
    return FR_OK;
}

/* ---- what comes out -------------------------------------------------------------------------- */

static double mean_accuracy(const struct plan *plan) {
    double sum = 0;
    for (int i = 0; i < plan->design.n_namings; i++)
        sum += plan->accuracy[i];
    return sum / plan->design.n_namings;
}

static void print_head(const struct options *o, const struct plan *plan) {
    (void)printf("%d namings of %d held-out puzzles; accuracy without an edit %.1f%%, ",
                 plan->design.n_namings, plan->design.n_puzzles, 100 * mean_accuracy(plan));
    if (plan->n_of_paper > 0)
        (void)printf("the paper's of %d namings", plan->n_of_paper);
    else
        (void)printf("%s", isnan(o->accuracy) ? "assumed (--accuracy)" : "as given");
    (void)printf("; effects of single namings spread by %.1f points\n", 100 * o->spread);
    if (o->n_effects > 0)
        (void)printf("How often an effect is found, %%; one-tailed, 5%%");
    else
        (void)printf(
            "Smallest effect found %.0f%% of the time, in points of accuracy; one-tailed, 5%%",
            100 * o->power);
    (void)printf("; %d simulated studies each\n\n%-7s", o->n_studies, "churn");
    (void)printf(o->n_effects > 0 ? "%-8s%-18s" : "%s%-18s", o->n_effects > 0 ? "effect" : "",
                 "test");
    for (int l = 0; l < plan->n_levels; l++) {
        char title[32] = "alone";
        if (l > 0)
            (void)snprintf(title, sizeof title, "family of %d", plan->sizes[l]);
        (void)printf("%14s", title);
    }
    (void)printf("\n");
}

/* values: NaN is a dash. effect NaN: the values are effects. */
static void print_rows(const struct plan *plan, double churn, double effect,
                       double values[FR_POWER_TEST_COUNT][FR_POWER_LEVELS]) {
    for (int k = 0; k < FR_POWER_TEST_COUNT; k++) {
        (void)printf("%4.0f%%  ", 100 * churn);
        if (!isnan(effect))
            (void)printf("%+6.1f  ", 100 * effect);
        (void)printf("%-18s", k == FR_POWER_MCNEMAR ? "McNemar, two-sided" /* the others: one */
                                                    : fr_power_test_name[k]);
        for (int l = 0; l < plan->n_levels; l++)
            if (isnan(values[k][l]))
                (void)printf("%14s", "never");
            else
                (void)printf("%14.1f", 100 * values[k][l]);
        (void)printf("\n");
    }
}

static void add_json(json_t *rows, const struct plan *plan, double churn, double effect,
                     double values[FR_POWER_TEST_COUNT][FR_POWER_LEVELS]) {
    for (int k = 0; k < FR_POWER_TEST_COUNT; k++)
        for (int l = 0; l < plan->n_levels; l++) {
            json_t *row = json_object();
            json_object_set_new(row, "churn", json_real(churn));
            json_object_set_new(row, "test", json_string(fr_power_test_name[k]));
            json_object_set_new(row, "family", json_integer(plan->sizes[l]));
            json_t *value = isnan(values[k][l]) ? json_null() : json_real(values[k][l]);
            if (isnan(effect)) {
                json_object_set_new(row, "detectable", value);
            } else {
                json_object_set_new(row, "effect", json_real(effect));
                json_object_set_new(row, "found", value);
            }
            json_array_append_new(rows, row);
        }
}

static void print_foot(const struct plan *plan) {
    (void)printf("\nTests over namings speak of namings in general; those on pairs only of these "
                 "namings, and are\nvalid only where the puzzles of a naming are independent "
                 "(docs/statistics.md).\n");
    if (plan->n_levels > 1)
        (void)printf("A family's columns are the hardest step of Holm's correction; by the largest "
                     "statistic a sweep of\nsimilar conditions costs less.\n");
}

static void compute(const struct options *o, struct plan *plan, json_t *rows) {
    for (int c = 0; c < o->n_churn; c++) {
        double detectable[FR_POWER_TEST_COUNT][FR_POWER_LEVELS];
        plan->design.churn = o->churn[c];
        for (int e = 0; e < o->n_effects; e++) {
            struct fr_power power;
            fr_power_simulate(&plan->design, o->effects[e], plan->levels, plan->n_levels,
                              o->n_studies, 1, &power);
            if (rows != NULL)
                add_json(rows, plan, o->churn[c], power.effect, power.found);
            else
                print_rows(plan, o->churn[c], power.effect, power.found);
        }
        if (o->n_effects > 0)
            continue;
        fr_power_detectable(&plan->design, o->power, plan->levels, plan->n_levels, o->n_studies, 1,
                            detectable);
        if (rows != NULL)
            add_json(rows, plan, o->churn[c], NAN, detectable);
        else
            print_rows(plan, o->churn[c], NAN, detectable);
    }
}

int fr_command_power(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .too_many = "one configuration at a time",
         .arguments = "CONFIG",
         .about =
             "Which effect on accuracy can the design of a configuration find: its namings, its "
             "held-out puzzles, the families of its experiments? Studies are simulated and tested "
             "with each test of the table of effects. No model is needed."
             "\vChurn is what an edit does to verdicts when it does nothing good or bad: measure "
             "it with a control, gained plus lost over pairs. docs/power.md has examples."};
    struct options o = {.accuracy = NAN,
                        .power = 0.8,
                        .n_studies = 1000,
                        .n_churn = 3,
                        .churn = {0.05, 0.1, 0.2}};
    struct fr_error err = {0};
    struct fr_world world;
    struct plan plan = {0};
    fr_cli_parse(&usage, argc, argv, &o);
    int code = fr_world_open(&world, o.config, &err);
    if (code != FR_OK)
        return fr_cli_fail(&err);
    code = make_plan(&world, &o, &plan, &err);
    if (code == FR_OK && o.json) {
        json_t *rows = json_array(), *root = json_object();
        compute(&o, &plan, rows);
        json_object_set_new(root, "namings", json_integer(plan.design.n_namings));
        json_object_set_new(root, "puzzles", json_integer(plan.design.n_puzzles));
        json_object_set_new(root, "accuracy", json_real(mean_accuracy(&plan)));
        json_object_set_new(root, "namings_of_paper", json_integer(plan.n_of_paper));
        json_object_set_new(root, "spread", json_real(o.spread));
        json_object_set_new(root, "power", o.n_effects > 0 ? json_null() : json_real(o.power));
        json_object_set_new(root, "studies", json_integer(o.n_studies));
        json_object_set_new(root, "rows", rows);
        fr_print_json(root);
    } else if (code == FR_OK) {
        print_head(&o, &plan);
        compute(&o, &plan, NULL);
        print_foot(&plan);
    }
    free(plan.accuracy);
    fr_world_release(&world);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
