/* fluidrep prompt: the exact text a model is given for a puzzle under a naming, without the model's
 * chat template. */
#include <stdio.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "prompts/prompts.h"

enum { PLAN_CEILING = 1 << 20, MAX_STATES = 1000000 };

struct options {
    struct fr_input_paths paths;
    const char *example, *example_plan;
    int style;
    bool zero_shot, json;
};

static const struct fr_option option_table[] = {
    {"style", 's', "STYLE",
     "planbench (the default): PlanBench's English; paper: the same about \"Block A\", \"Block "
     "B\"; terse: the model organism's dialect; inferred: the same, but what the actions do is "
     "shown by steps of a random walk over --example; ambiguous: the same dialect, two actions "
     "that are alike not shown",
     FR_CHOICE(struct options, style, fr_style_name, FR_STYLE_COUNT)},
    {"example", 'e', "FILE",
     "one-shot: a problem of the domain, PDDL, shown solved before the puzzle; the inferred style "
     "needs one",
     FR_TEXT(struct options, example)},
    {"example-plan", 0, "FILE",
     "its plan, \"(stack a b)\" lines (default: a shortest one; among those always the same)",
     FR_TEXT(struct options, example_plan)},
    {"zero-shot", 0, NULL, "no example (the default without --example)",
     FR_FLAG(struct options, zero_shot)},
    {"json", 0, NULL, "as JSON, with the words of the concepts in this style",
     FR_FLAG(struct options, json)},
    FR_PROBLEM_OPTION(struct options),
    FR_DOMAIN_OPTION(struct options),
    FR_NAMING_OPTIONS(struct options),
    FR_WORDING_OPTION(struct options),
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (o->paths.problem == NULL)
        argp_error(state, "which puzzle? Give --problem FILE");
    else if (o->zero_shot && o->example != NULL)
        argp_error(state, "--zero-shot has no --example");
    else if (o->example_plan != NULL && o->example == NULL)
        argp_error(state, "--example-plan goes with --example");
    const enum fr_style_examples examples = fr_style_examples((enum fr_prompt_style)o->style);
    if (examples == FR_EXAMPLES_NEVER && (o->zero_shot || o->example != NULL))
        argp_error(state, "the %s style has no example: it is always zero-shot",
                   fr_style_name[o->style]);
    else if (examples == FR_EXAMPLES_ALWAYS && o->example == NULL)
        argp_error(state, "the %s style always shows a solved example: give --example FILE",
                   fr_style_name[o->style]);
}

/* A plan that does not solve the example would teach a model a wrong thing. */
static int read_plan(const char *path, const struct fr_problem *example, struct fr_plan *plan,
                     struct fr_error *err) {
    struct fr_text text = {0};
    struct fr_verdict verdict = {0};
    int code = fr_file_read_text(path, PLAN_CEILING, &text, err);
    if (code == FR_OK)
        (void)fr_plan_parse_pddl(plan, example, fr_text_get(&text), &verdict);
    if (code == FR_OK && verdict.kind == FR_VERDICT_SOLVED)
        verdict = fr_plan_verify(example, plan);
    if (code == FR_OK && verdict.kind != FR_VERDICT_SOLVED)
        code = fr_fail(err, FR_E_INPUT, "%s: no solution of the example: %s%s%s", path,
                       fr_verdict_name[verdict.kind], *verdict.reason ? ": " : "", verdict.reason);
    fr_text_release(&text);
    return code;
}

static int load_example(const struct options *o, const struct fr_input *input,
                        struct fr_problem *example, struct fr_plan *plan, struct fr_error *err) {
    int length;
    bool known;
    int code = fr_problem_load(example, &input->domain, o->example, err);
    if (code != FR_OK)
        return code;
    if (o->example_plan != NULL)
        return read_plan(o->example_plan, example, plan, err);
    code = fr_plan_load_known(example, o->example, plan, &known, err);
    if (code != FR_OK || known)
        return code;
    code = fr_problem_solve(example, MAX_STATES, plan, &length, err);
    return code == FR_OK ? FR_OK : fr_fail_in(err, "%s: --example-plan gives a plan", o->example);
}

/* An example whose plan was given may be too large to walk over. */
static int check_walk(const struct options *o, const struct fr_problem *example,
                      struct fr_error *err) {
    struct fr_transitions seen;
    if (fr_style_examples((enum fr_prompt_style)o->style) != FR_EXAMPLES_ALWAYS)
        return FR_OK;
    const int code = fr_transitions_observe(&seen, example, err);
    fr_transitions_release(&seen);
    return code;
}

static void print_json(const struct fr_input *input, const struct fr_prompt *prompt,
                       const struct fr_text *text) {
    json_t *root = json_object(), *words = json_object();
    json_object_set_new(root, "naming", fr_json_text(input->naming->id));
    json_object_set_new(root, "style", json_string(fr_style_name[prompt->style]));
    json_object_set_new(root, "shots", json_integer(prompt->example != NULL ? 1 : 0));
    json_object_set_new(root, "prompt", fr_json_text(fr_text_get(text)));
    for (int a = 0; a < input->namings.concepts.n; a++) {
        char word[128];
        fr_prompt_word(prompt->style, prompt->wording, input->naming, a, word, sizeof word);
        json_object_set_new(words, input->namings.concepts.names[a], fr_json_text(word));
    }
    json_object_set_new(root, "words", words);
    fr_print_json(root);
}

int fr_command_prompt(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .check = check_options,
         .about =
             "Prints the exact prompt of a puzzle under a naming, without the model's chat "
             "template; not even a line feed is added.\v"
             "With PlanBench's Blocksworld and Mystery domains the text is its own, byte for "
             "byte. An "
             "example has often several shortest plans: the one shown is that of "
             "--example-plan, else "
             "of PlanBench's info.json beside or above the example, else the one found here. "
             "A domain without a wording is described in the sentences of the mystery prompt."};
    struct options o = {.style = FR_STYLE_PLANBENCH, .paths.naming = "clean"};
    struct fr_error err = {0};
    struct fr_input input;
    struct fr_problem example = {0};
    struct fr_plan plan = {0};
    struct fr_text text = {0};
    fr_cli_parse(&usage, argc, argv, &o);
    int code = fr_input_load(&input, &o.paths, &err);
    if (code == FR_OK && o.example != NULL)
        code = load_example(&o, &input, &example, &plan, &err);
    if (code == FR_OK && o.example != NULL)
        code = check_walk(&o, &example, &err);
    if (code == FR_OK) {
        const struct fr_prompt prompt = {.style = (enum fr_prompt_style)o.style,
                                         .problem = &input.problem,
                                         .naming = input.naming,
                                         .wording = &input.wording,
                                         .example = o.example != NULL ? &example : NULL,
                                         .example_plan = &plan};
        fr_prompt_render(&prompt, &text);
        if (o.json)
            print_json(&input, &prompt, &text);
        else
            (void)fwrite(fr_text_get(&text), 1, text.len, stdout);
    }
    fr_text_release(&text);
    fr_plan_release(&plan);
    fr_problem_release(&example);
    fr_input_release(&input);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
