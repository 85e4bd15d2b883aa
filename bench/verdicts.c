/* How fast plans are read and judged, problems loaded and shortest plans found, on this machine and
 * one core:
 *
 *     bench_verdicts [PLANBENCH [MAX_STATES]]
 *
 * Blocksworld puzzles are generated; with PlanBench's directory its Blocksworld and Logistics
 * instances are measured too, from their files. Numbers of one run may be compared with each other,
 * those of two runs only when the machine did nothing else. Rejected: a timed test, which fails on
 * a busy machine and passes on a fast one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "planning/planning.h"

enum { N_PUZZLES = 200, MAX_PUZZLES = 600 };

static void require(int code, const struct fr_error *err) {
    if (code == FR_OK)
        return;
    (void)fprintf(stderr, "bench_verdicts: %s\n", err->text);
    exit(1);
}

struct set {
    const char *label;
    int n;
    struct fr_problem problems[MAX_PUZZLES];
    char *texts[MAX_PUZZLES]; /* a shortest plan */
    char *paths[MAX_PUZZLES]; /* NULL: not from a file */
    struct fr_plan plans[MAX_PUZZLES];
};

static int sink; /* what is computed must be used */

static void verify_all(const struct set *set) {
    for (int i = 0; i < set->n; i++)
        sink += (int)fr_plan_verify(&set->problems[i], &set->plans[i]).kind;
}

static void read_and_verify_all(const struct set *set) {
    for (int i = 0; i < set->n; i++) {
        struct fr_plan plan;
        struct fr_verdict verdict;
        if (fr_plan_parse_pddl(&plan, &set->problems[i], set->texts[i], &verdict) ==
            FR_VERDICT_SOLVED)
            verdict = fr_plan_verify(&set->problems[i], &plan);
        sink += (int)verdict.kind;
        fr_plan_release(&plan);
    }
}

static void load_all(const struct set *set) {
    for (int i = 0; i < set->n; i++) {
        struct fr_problem problem;
        struct fr_error err;
        require(fr_problem_load(&problem, set->problems[i].domain, set->paths[i], &err), &err);
        fr_problem_release(&problem);
    }
}

/* Calls a second, over at least half a second. */
static double rate(const struct set *set, void (*pass)(const struct set *)) {
    int n = 0;
    const double start = fr_clock_seconds();
    double elapsed;
    pass(set); /* warms caches up */
    do {
        pass(set);
        n++;
        elapsed = fr_clock_seconds() - start;
    } while (elapsed < 0.5);
    return (double)(n + 1) * set->n / elapsed;
}

static void report(const struct set *set) {
    int n_steps = 0;
    for (int i = 0; i < set->n; i++)
        n_steps += set->plans[i].n_steps;
    if (set->n == 0)
        return;
    (void)printf("%s, %d plans of %.1f steps\n", set->label, set->n, (double)n_steps / set->n);
    (void)printf("  judged                %10.0f verdicts/s\n", rate(set, verify_all));
    (void)printf("  read and judged       %10.0f verdicts/s\n", rate(set, read_and_verify_all));
    if (set->paths[0] != NULL)
        (void)printf("  problem files loaded  %10.0f files/s\n", rate(set, load_all));
}

/* Solves what was just added; keeps it when that worked. Tells the seconds it took. */
static double add(struct set *set, int max_states) {
    struct fr_problem *problem = &set->problems[set->n];
    struct fr_error err;
    int length;
    const double start = fr_clock_seconds();
    const int code = fr_problem_solve(problem, max_states, &set->plans[set->n], &length, &err);
    const double elapsed = fr_clock_seconds() - start;
    if (code != FR_OK) {
        fr_problem_release(problem);
        free(set->paths[set->n]);
        set->paths[set->n] = NULL;
        return elapsed;
    }
    struct fr_text text = {0};
    fr_plan_render(problem, &set->plans[set->n], &text);
    set->texts[set->n++] = fr_strdup(fr_text_get(&text));
    fr_text_release(&text);
    return elapsed;
}

static void release(struct set *set) {
    for (int i = 0; i < set->n; i++) {
        fr_problem_release(&set->problems[i]);
        fr_plan_release(&set->plans[i]);
        free(set->texts[i]);
        free(set->paths[i]);
    }
    free(set);
}

static void bench_puzzles(const struct fr_domain *domain, int n_blocks) {
    static const char *const labels[] = {"Blocksworld, 4 blocks", "Blocksworld, 5 blocks"};
    struct set *set = fr_alloc(1, sizeof *set);
    struct fr_puzzle puzzles[N_PUZZLES];
    struct fr_error err;
    set->label = labels[n_blocks - 4];
    require(fr_puzzles_generate(puzzles, N_PUZZLES, FR_SPLIT_COLLECT, n_blocks, 2,
                                FR_DISTINCT_PUZZLES, 1, &err),
            &err);
    for (int i = 0; i < N_PUZZLES; i++) {
        fr_puzzle_problem(&puzzles[i], domain, "p", &set->problems[set->n]);
        (void)add(set, 1000000);
    }
    report(set);
    release(set);
}

static void bench_folder(const char *label, const char *planbench, const char *domain_file,
                         const char *instances, int max_states) {
    struct set *set = fr_alloc(1, sizeof *set);
    struct fr_domain domain;
    struct fr_error err;
    struct fr_text path = {0};
    double total = 0, worst = 0;
    int n_files = 0;
    set->label = label;
    fr_text_printf(&path, "%s/%s", planbench, domain_file);
    require(fr_domain_load(&domain, fr_text_get(&path), &err), &err);
    for (int i = 1; i < MAX_PUZZLES; i++) {
        fr_text_clear(&path);
        fr_text_printf(&path, "%s/%s/instance-%d.pddl", planbench, instances, i);
        if (!fr_file_exists(fr_text_get(&path)))
            continue;
        require(fr_problem_load(&set->problems[set->n], &domain, fr_text_get(&path), &err), &err);
        set->paths[set->n] = fr_strdup(fr_text_get(&path));
        const double elapsed = add(set, max_states);
        total += elapsed;
        worst = elapsed > worst ? elapsed : worst;
        n_files++;
    }
    report(set);
    (void)printf("  solved within %d states: %d of %d, mean %.3f ms, longest %.3f ms\n", max_states,
                 set->n, n_files, 1e3 * total / n_files, 1e3 * worst);
    release(set);
    fr_domain_release(&domain);
    fr_text_release(&path);
}

int main(int argc, char **argv) {
    struct fr_domain domain;
    struct fr_error err;
    const int max_states = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1000000;
    require(fr_domain_load(&domain, FR_DATA_DIR "/domains/blocksworld.pddl", &err), &err);
    bench_puzzles(&domain, 4);
    bench_puzzles(&domain, 5);
    if (argc > 1) {
        bench_folder("PlanBench's Blocksworld", argv[1], "blocksworld/domain.pddl",
                     "blocksworld/instances", max_states);
        bench_folder("PlanBench's Logistics", argv[1], "logistics/domain.pddl",
                     "logistics/instances", max_states);
    }
    fr_domain_release(&domain);
    return sink < 0;
}
