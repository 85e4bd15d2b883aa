/* Puzzles, prompts and verdicts of include/fluidrep/planning.h. */
#include <fluidrep/planning.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "library/internal.h"
#include "prompts/prompts.h"

struct fluidrep_puzzle {
    struct fr_domain domain;
    struct fr_problem problem;
    struct fr_namings namings;
    const struct fr_naming *naming;
    struct fr_wording wording;
};

void fluidrep_puzzle_close(fluidrep_puzzle *puzzle) {
    if (puzzle == NULL)
        return;
    fr_wording_release(&puzzle->wording);
    fr_namings_release(&puzzle->namings);
    fr_problem_release(&puzzle->problem);
    fr_domain_release(&puzzle->domain);
    free(puzzle);
}

struct open_call {
    fluidrep_puzzle **out;
    const char *domain, *problem, *table, *naming;
};

static int load_naming(fluidrep_puzzle *puzzle, const char *path, const char *id,
                       struct fr_error *err) {
    struct fr_text table = {0};
    int code = fr_concepts_check(&puzzle->domain, err);
    if (code != FR_OK)
        return code;
    if (path == NULL && (id == NULL || strcmp(id, "clean") == 0)) {
        fr_namings_clean(&puzzle->namings, &puzzle->domain);
        puzzle->naming = &puzzle->namings.items[0];
        return FR_OK;
    }
    if (path == NULL)
        fr_data_path("namings.tsv", &table);
    else
        fr_text_add(&table, path);
    code = fr_namings_load(&puzzle->namings, fr_text_get(&table), &puzzle->domain, err);
    const int i = code == FR_OK ? fr_namings_find(&puzzle->namings, id != NULL ? id : "clean") : -1;
    if (i >= 0)
        puzzle->naming = &puzzle->namings.items[i];
    else if (code == FR_OK)
        code = fr_fail(err, FR_E_INPUT, "%s: no naming \"%.40s\"", fr_text_get(&table),
                       id != NULL ? id : "clean");
    fr_text_release(&table);
    return code;
}

static int load(fluidrep_puzzle *puzzle, const struct open_call *call, struct fr_error *err) {
    struct fr_text domain = {0};
    if (call->domain != NULL)
        fr_text_add(&domain, call->domain);
    else
        fr_data_path("domains/blocksworld.pddl", &domain);
    int code = fr_domain_load(&puzzle->domain, fr_text_get(&domain), err);
    if (code == FR_OK)
        code = fr_problem_load(&puzzle->problem, &puzzle->domain, call->problem, err);
    if (code == FR_OK)
        code = load_naming(puzzle, call->table, call->naming, err);
    if (code == FR_OK)
        code = fr_wording_open(&puzzle->wording, &puzzle->domain, NULL, fr_text_get(&domain), NULL,
                               err);
    fr_text_release(&domain);
    return code;
}

static int open_body(void *arg) {
    const struct open_call *call = arg;
    fluidrep_puzzle *puzzle = fr_alloc(1, sizeof *puzzle);
    const int code = load(puzzle, call, fr_library_error());
    if (code == FR_OK)
        *call->out = puzzle;
    else
        fluidrep_puzzle_close(puzzle);
    return code;
}

int fluidrep_puzzle_open(fluidrep_puzzle **out, const char *domain, const char *problem,
                         const char *table, const char *naming) {
    if (out == NULL)
        return fr_fail(fr_library_error(), FR_E_INPUT, "out is NULL");
    *out = NULL;
    if (problem == NULL)
        return fr_fail(fr_library_error(), FR_E_INPUT, "the problem's path is NULL");
    struct open_call call = {out, domain, problem, table, naming};
    return fr_library_call(open_body, &call);
}

int fluidrep_puzzle_concepts(const fluidrep_puzzle *puzzle) {
    return puzzle != NULL ? puzzle->namings.concepts.n : 0;
}

const char *fluidrep_puzzle_concept(const fluidrep_puzzle *puzzle, int i) {
    return i >= 0 && i < fluidrep_puzzle_concepts(puzzle) ? puzzle->namings.concepts.names[i]
                                                          : NULL;
}

const char *fluidrep_puzzle_word(const fluidrep_puzzle *puzzle, int i) {
    return i >= 0 && i < fluidrep_puzzle_concepts(puzzle) ? puzzle->naming->words[i] : NULL;
}

struct text_call {
    const fluidrep_puzzle *puzzle;
    int style; /* FR_STYLE_COUNT: PDDL */
    const char *text, **verdict;
    int *step;
    char **out;
};

static int prompt_body(void *arg) {
    const struct text_call *call = arg;
    struct fr_text text = {0};
    fr_prompt_render(&(struct fr_prompt){.style = (enum fr_prompt_style)call->style,
                                         .problem = &call->puzzle->problem,
                                         .naming = call->puzzle->naming,
                                         .wording = &call->puzzle->wording},
                     &text);
    *call->out = fr_text_take(&text);
    return FR_OK;
}

int fluidrep_puzzle_prompt(const fluidrep_puzzle *puzzle, const char *style, char **out) {
    if (out != NULL)
        *out = NULL;
    if (puzzle == NULL || out == NULL)
        return fr_fail(fr_library_error(), FR_E_INPUT, "the puzzle or out is NULL");
    const int i = fr_library_choice("style", style, fr_style_name, FR_STYLE_COUNT);
    if (i < 0)
        return FR_E_INPUT;
    if (i != FR_STYLE_TERSE && i != FR_STYLE_PLANBENCH && i != FR_STYLE_PAPER)
        return fr_fail(fr_library_error(), FR_E_INPUT,
                       "a prompt in style %s is not made here; fluidrep prompt makes it", style);
    struct text_call call = {.puzzle = puzzle, .style = i, .out = out};
    return fr_library_call(prompt_body, &call);
}

static int verdict_body(void *arg) {
    const struct text_call *call = arg;
    const fluidrep_puzzle *puzzle = call->puzzle;
    struct fr_verdict verdict = {.kind = FR_VERDICT_TRUNCATED};
    struct fr_plan plan = {0};
    if (call->style == FR_STYLE_COUNT) {
        if (fr_plan_parse_pddl(&plan, &puzzle->problem, call->text, &verdict) == FR_VERDICT_SOLVED)
            verdict = fr_plan_verify(&puzzle->problem, &plan);
    } else {
        verdict = fr_answer_judge((enum fr_prompt_style)call->style, &puzzle->wording, call->text,
                                  &puzzle->problem, puzzle->naming, &plan);
    }
    fr_plan_release(&plan);
    *call->verdict = fr_verdict_name[verdict.kind];
    if (call->step != NULL)
        *call->step = verdict.step;
    if (call->out != NULL)
        *call->out = fr_strdup(verdict.reason);
    return FR_OK;
}

int fluidrep_puzzle_verdict(const fluidrep_puzzle *puzzle, const char *style, const char *text,
                            const char **verdict, int *step, char **reason) {
    const char *names[FR_STYLE_COUNT + 1];
    if (reason != NULL)
        *reason = NULL;
    if (puzzle == NULL || text == NULL || verdict == NULL)
        return fr_fail(fr_library_error(), FR_E_INPUT, "an argument is NULL");
    for (int i = 0; i < FR_STYLE_COUNT; i++)
        names[i] = fr_style_name[i];
    names[FR_STYLE_COUNT] = "pddl";
    const int i = fr_library_choice("style", style, names, FR_STYLE_COUNT + 1);
    if (i < 0)
        return FR_E_INPUT;
    struct text_call call = {.puzzle = puzzle,
                             .style = i,
                             .text = text,
                             .verdict = verdict,
                             .step = step,
                             .out = reason};
    return fr_library_call(verdict_body, &call);
}
