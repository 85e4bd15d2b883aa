/* fluidrep verify: the verdict on one plan or answer, or on every line of a file of them. Plans are
 * PDDL ("(stack a b)" lines), in the naming's words when one is given; answers are a model's texts
 * in a prompt style. What is printed is in the domain's own words. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "prompts/prompts.h"
#include "sources/recorded_form.h"

enum { TEXT_CEILING = 16 << 20 };
enum form { FORM_PLAN, FORM_RESPONSE };
/* The fields of JSON lines that can be judged, and how each is written. */
static const char *const field_names[] = {"extracted_plan", "response", "answer",
                                          "ground_truth_plan"};
static const enum form field_forms[] = {FORM_PLAN, FORM_RESPONSE, FORM_RESPONSE, FORM_PLAN};
enum { N_FIELDS = sizeof field_names / sizeof *field_names };

struct options {
    struct fr_input_paths paths;
    const char *file, *jsonl, *problems, *field;
    enum form form;
    int style;
    bool form_given;
};

static void set_form(struct options *o, enum form form, const struct argp_state *state) {
    if (o->form_given)
        argp_error(state, "one of --plan, --response and --field, once");
    o->form = form;
    o->form_given = true;
}

/* --plan or --response: which, is `low`. */
static void set_file(const struct fr_given *given) {
    struct options *o = given->options;
    set_form(o, (enum form)(int)given->option->low, given->state);
    o->file = given->value;
}

static void set_field(const struct fr_given *given) {
    struct options *o = given->options;
    const int i = fr_cli_choice(given->state, "--field", given->value, field_names, N_FIELDS);
    set_form(o, field_forms[i], given->state);
    o->field = field_names[i];
}

static const struct fr_option option_table[] = {
    {"style", 's', "STYLE",
     "how an answer is written: planbench (the default) as people write, which reads the other "
     "styles too; terse, inferred, ambiguous: strictly the organism's dialect",
     FR_CHOICE(struct options, style, fr_style_name, FR_STYLE_COUNT)},
    {FR_HEADING("One plan or answer:"), .group = 1},
    {"plan", 0, "FILE", "a plan: \"(stack a b)\" lines", FR_OWN(set_file), .low = FORM_PLAN,
     .group = 1},
    {"response", 0, "FILE", "a model's answer, with or without its reasoning before </think>",
     FR_OWN(set_file), .low = FORM_RESPONSE, .group = 1},
    {FR_HEADING("Many, one JSON object a line:"), .group = 2},
    {"jsonl", 0, "FILE", "objects with \"instance_id\" and the field to judge",
     FR_TEXT(struct options, jsonl), .group = 2},
    {"problems", 0, "PATTERN", "puzzle files: DIR/instance-%d.pddl, %d stands for the instance_id",
     FR_TEXT(struct options, problems), .group = 2},
    {"field", 0, "NAME",
     "extracted_plan or ground_truth_plan (plans), response or answer (a model's texts)",
     FR_OWN(set_field), .group = 2},
    FR_DOMAIN_OPTION(struct options),
    FR_NAMING_OPTIONS(struct options),
    FR_PROBLEM_OPTION(struct options),
    FR_WORDING_OPTION(struct options),
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (o->jsonl == NULL && (o->problems != NULL || (o->form_given && o->file == NULL)))
        argp_error(state, "--problems and --field go with --jsonl");
    else if (o->jsonl != NULL && (o->file != NULL || o->paths.problem != NULL))
        argp_error(state,
                   "--jsonl takes --problems and --field, not --problem, --plan or --response");
    else if (o->jsonl != NULL && o->problems == NULL)
        argp_error(state, "which puzzles? Give --problems 'DIR/instance-%%d.pddl'");
    else if (o->jsonl != NULL && !o->form_given)
        argp_error(state, "which field? Give --field extracted_plan or --field response");
    else if (o->jsonl == NULL && o->paths.problem == NULL)
        argp_error(state, "which puzzle? Give --problem FILE");
    else if (o->jsonl == NULL && o->file == NULL)
        argp_error(state, "what to judge? Give --plan FILE or --response FILE");
    if (o->problems == NULL)
        return;
    const char *place = strstr(o->problems, "%d");
    if (place == NULL || strchr(o->problems, '%') != place || strchr(place + 1, '%') != NULL)
        argp_error(state,
                   "--problems: \"%s\" must have one %%d, for the instance_id, and no other %%",
                   o->problems);
}

/* ---- judging --------------------------------------------------------------------------------- */

/* The actions' names become the naming's words, and back: plans are read in either. */
static void swap_words(struct fr_domain *domain, char **words) {
    for (int a = 0; a < domain->n_actions; a++) {
        char *name = domain->actions[a].name;
        domain->actions[a].name = words[a];
        words[a] = name;
    }
}

static struct fr_verdict judge_plan(struct fr_input *input, const struct fr_problem *problem,
                                    const char *text, struct fr_plan *plan) {
    char *words[FR_MAX_CONCEPTS];
    struct fr_verdict verdict;
    if (input->naming == NULL) /* the domain's own words */
        return fr_plan_parse_pddl(plan, problem, text, &verdict) == FR_VERDICT_SOLVED
                   ? fr_plan_verify(problem, plan)
                   : verdict;
    for (int a = 0; a < input->domain.n_actions; a++) {
        words[a] = fr_strdup(input->naming->words[a]);
        for (char *p = words[a]; *p; p++) /* PDDL names are kept in lower case */
            *p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
    }
    swap_words(&input->domain, words);
    const bool read = fr_plan_parse_pddl(plan, problem, text, &verdict) == FR_VERDICT_SOLVED;
    swap_words(&input->domain, words);
    for (int a = 0; a < input->domain.n_actions; a++)
        free(words[a]);
    return read ? fr_plan_verify(problem, plan) : verdict;
}

static struct fr_verdict judge_response(const struct options *o, const struct fr_input *input,
                                        const struct fr_problem *problem, const char *text,
                                        struct fr_plan *plan) {
    return fr_answer_judge((enum fr_prompt_style)o->style, &input->wording, text, problem,
                           input->naming, plan);
}

static struct fr_verdict judge_text(const struct options *o, struct fr_input *input,
                                    const struct fr_problem *problem, const char *text,
                                    struct fr_plan *plan) {
    return o->form == FORM_PLAN ? judge_plan(input, problem, text, plan)
                                : judge_response(o, input, problem, text, plan);
}

static json_t *verdict_json(const struct fr_problem *problem, const struct fr_verdict *verdict,
                            const struct fr_plan *plan) {
    json_t *steps = json_array(), *root = json_object();
    struct fr_text step = {0};
    for (int i = 0; i < plan->n_steps; i++) {
        fr_text_clear(&step);
        fr_step_render(problem, &plan->steps[i], &step);
        json_array_append_new(steps, fr_json_text(fr_text_get(&step)));
    }
    fr_text_release(&step);
    json_object_set_new(root, "verdict", json_string(fr_verdict_name[verdict->kind]));
    json_object_set_new(root, "step", json_integer(verdict->step));
    json_object_set_new(root, "reason",
                        fr_json_text(verdict->reason)); /* it quotes the answer's bytes */
    json_object_set_new(root, "plan", steps);
    return root;
}

static int verify_one(const struct options *o, struct fr_input *input, bool *solved,
                      struct fr_error *err) {
    struct fr_text text = {0};
    struct fr_plan plan = {0};
    const struct fr_problem *problem = &input->problem;
    int code = fr_file_read_text(o->file, TEXT_CEILING, &text, err);
    if (code == FR_OK) {
        const struct fr_verdict verdict = judge_text(o, input, problem, fr_text_get(&text), &plan);
        fr_print_json_line(verdict_json(problem, &verdict, &plan));
        *solved = verdict.kind == FR_VERDICT_SOLVED;
    }
    fr_plan_release(&plan);
    fr_text_release(&text);
    return code;
}

/* ---- many ------------------------------------------------------------------------------------ */

struct tally {
    long lines, bad, solved, compared, agreed;
};

static int load_problem(const struct options *o, const struct fr_domain *domain, long long id,
                        struct fr_problem *out, struct fr_error *err) {
    struct fr_text path = {0};
    const char *place = strstr(o->problems, "%d");
    fr_text_append(&path, o->problems, (size_t)(place - o->problems));
    fr_text_printf(&path, "%lld%s", id, place + 2);
    const int code = fr_problem_load(out, domain, fr_text_get(&path), err);
    fr_text_release(&path);
    return code;
}

/* A line that was cut off when the model ran out of tokens is no answer, whatever it says. */
static bool was_cut(const json_t *object) {
    const char *reason = json_string_value(json_object_get(object, "finish_reason"));
    return reason != NULL && strcmp(reason, "length") == 0;
}

static int verify_line(const struct options *o, struct fr_input *input, const char *line, size_t n,
                       const char *where, struct tally *tally, struct fr_error *err) {
    json_error_t syntax;
    struct fr_problem problem = {0};
    struct fr_plan plan = {0};
    int code = FR_OK;
    if (n > TEXT_CEILING)
        return fr_fail(err, FR_E_LIMIT, "%s: a line of more than %d bytes", where, TEXT_CEILING);
    json_t *object;
    int told = -1;
    if (fr_recorded_parse(line, n, &object, &syntax, err) != FR_OK)
        return fr_fail_in(err, "%s", where);
    json_t *id = json_object_get(object, "instance_id");
    const json_t *text = json_object_get(object, o->field);
    if (!json_is_integer(id) || json_integer_value(id) < 0)
        code = fr_fail(err, FR_E_INPUT, "%s: no \"instance_id\" that is a whole number", where);
    else if (!json_is_string(text))
        code =
            fr_fail(err, FR_E_INPUT, "%s: no text \"%s\"; --field names another", where, o->field);
    else if ((code = fr_recorded_check_text(text, o->field, err)) != FR_OK ||
             (code = fr_recorded_truth(object, "correct", &told, err)) != FR_OK)
        code = fr_fail_in(err, "%s", where);
    else if ((code = load_problem(o, &input->domain, json_integer_value(id), &problem, err)) !=
             FR_OK)
        code = fr_fail_in(err, "%s", where);
    if (code != FR_OK)
        goto out;
    struct fr_verdict verdict = {.kind = FR_VERDICT_TRUNCATED};
    if (o->form == FORM_RESPONSE && was_cut(object))
        (void)snprintf(verdict.reason, sizeof verdict.reason, "finish_reason is \"length\"");
    else
        verdict = judge_text(o, input, &problem, json_string_value(text), &plan);
    const bool solved = verdict.kind == FR_VERDICT_SOLVED;
    json_t *out = json_object();
    json_object_set(out, "instance_id", id);
    json_t *rest = verdict_json(&problem, &verdict, &plan);
    (void)json_object_update(out, rest);
    json_decref(rest);
    tally->solved += solved;
    if (told >= 0) {
        tally->compared++;
        tally->agreed += solved == (told == 1);
        json_object_set_new(out, "correct", json_boolean(told));
    }
    fr_print_json_line(out);
out:
    fr_plan_release(&plan);
    fr_problem_release(&problem);
    json_decref(object);
    return code;
}

/* Every line is judged that can be; the others are told and counted. Prints its own errors. */
static int verify_many(const struct options *o, struct fr_input *input, struct fr_error *err) {
    FILE *file;
    int code = fr_file_open(&file, o->jsonl, err);
    if (code != FR_OK) {
        (void)fr_cli_fail(err);
        return code;
    }
    struct tally tally = {0};
    struct fr_text where = {0};
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    for (int i = 1; (n = getline(&line, &room, file)) >= 0; i++) {
        const ptrdiff_t mark = i == 1 ? fr_skip_mark(line) - line : 0;
        fr_text_clear(&where);
        fr_text_printf(&where, "%s:%d", o->jsonl, i);
        if (strspn(line + mark, " \t\r\n") == (size_t)(n - mark))
            continue;
        tally.lines++;
        if (verify_line(o, input, line + mark, (size_t)(n - mark), fr_text_get(&where), &tally,
                        err) != FR_OK) {
            tally.bad++;
            (void)fr_cli_fail(err);
        }
    }
    if (ferror(file))
        code = fr_fail(err, FR_E_IO, "%s: %s", o->jsonl, strerror(errno));
    else if (tally.bad > 0)
        code = fr_fail(err, FR_E_INPUT, "%s: %ld of %ld lines could not be judged", o->jsonl,
                       tally.bad, tally.lines);
    if (code != FR_OK)
        (void)fr_cli_fail(err);
    (void)fprintf(stderr, "%ld lines, %ld solved", tally.lines - tally.bad, tally.solved);
    if (tally.compared > 0)
        (void)fprintf(stderr, "; the verdict agrees with \"correct\" on %ld of %ld", tally.agreed,
                      tally.compared);
    (void)fputc('\n', stderr);
    free(line);
    fr_text_release(&where);
    (void)fclose(file);
    return code;
}

int fr_command_verify(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .check = check_options,
         .about =
             "Judges plans or answers by simulation, one JSON object each: verdict (solved, "
             "goal_unmet, illegal_step, unparsed, truncated), the step of the fault, the reason, "
             "the plan in the domain's words.\v"
             "Exit status: 0 solved, or every line judged; 1 not solved; 2 misuse or bad input. "
             "With --jsonl the last line on standard error counts the agreement with the field "
             "\"correct\"."};
    struct options o = {.style = FR_STYLE_PLANBENCH};
    struct fr_error err = {0};
    struct fr_input input;
    bool solved = true;
    fr_cli_parse(&usage, argc, argv, &o);
    o.paths.bare = o.form == FORM_PLAN;
    if (o.paths.naming == NULL && o.form == FORM_RESPONSE)
        o.paths.naming = "clean";
    int code = fr_input_load(&input, &o.paths, &err);
    if (code == FR_OK && o.jsonl != NULL)
        code = verify_many(&o, &input, &err);
    else if (code != FR_OK || (code = verify_one(&o, &input, &solved, &err)) != FR_OK)
        (void)fr_cli_fail(&err);
    fr_input_release(&input);
    if (code != FR_OK)
        return FR_EXIT_MISUSE; /* 1 means "not solved" here, and nothing else */
    return solved ? FR_EXIT_DONE : FR_EXIT_FAILED;
}
