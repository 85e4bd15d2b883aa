/* fluidrep import: recorded traces as a study would read them, line by line: tokens, verdict,
 * mentions. Nothing is computed and nothing stored; a study takes such a file by its configuration
 * (traces.import), so that there is one way to make one. */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"
#include "mentions/mentions.h"
#include "sources/recorded.h"

struct options {
    struct fr_input_paths paths;
    const char *file, *model, *naming, *problems;
    int style, inflections;
    bool json;
};

static const struct fr_option option_table[] = {
    {FR_WORD(struct options, file, "which file of traces?")},
    {"model", 'm', "FILE", "GGUF file whose tokens count; its vocabulary is enough",
     FR_TEXT(struct options, model)},
    {"naming", 'n', "ID", "naming of the lines that do not tell theirs",
     FR_TEXT(struct options, naming)},
    {"table", 0, "FILE", "table of namings (default: the paper's)",
     FR_TEXT(struct options, paths.table)},
    {"problems", 0, "PATTERN",
     "their puzzles by instance, DIR/instance-%d.pddl (default: the line's own, else as its prompt "
     "says)",
     FR_TEXT(struct options, problems)},
    {"style", 's', "STYLE", "prompt style of the texts (default: planbench)",
     FR_CHOICE(struct options, style, fr_style_name, FR_STYLE_COUNT)},
    {"inflections", 0, "RULE",
     "inflected (the default): craves, crave and craving are mentions; exact: the word alone",
     FR_CHOICE(struct options, inflections, fr_inflection_rule_name, FR_INFLECTION_RULE_COUNT)},
    {"json", 0, NULL, "a line of JSON a trace", FR_FLAG(struct options, json)},
    FR_DOMAIN_OPTION(struct options),
    FR_WORDING_OPTION(struct options),
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    const char *place = o->problems != NULL ? strstr(o->problems, "%d") : NULL;
    if (o->model == NULL)
        argp_error(state, "which model's tokens? Give --model FILE.gguf");
    if (o->problems != NULL && place == NULL)
        argp_error(state, "--problems: \"%s\" has no %%d", o->problems);
}

struct tally {
    long traces, left_out, solved, told, agreed;
    long long tokens, mentions;
};

struct look {
    const struct options *o;
    struct fr_input input;
    struct fr_recorded_world world;
    struct tally tally;
};

static void print_head(const struct look *look) {
    const struct fr_concepts *concepts = &look->input.namings.concepts;
    (void)printf("%6s %-10s %-8s %7s %9s %8s  %-12s %-7s", "line", "instance", "naming", "prompt",
                 "reasoning", "tokens", "verdict", "correct");
    for (int a = 0; a < concepts->n; a++)
        (void)printf(" %s", concepts->names[a]);
    (void)printf("\n");
}

static void print_trace(const struct look *look, const struct fr_recorded *line,
                        const struct fr_trace *trace, const int *counts) {
    const struct fr_concepts *concepts = &look->input.namings.concepts;
    static const char *const correct[] = {"-", "no", "yes"};
    if (!look->o->json) {
        (void)printf("%6ld %-10.10s %-8s %7d %9d %8d  %-12s %-7s", line->line, line->instance,
                     trace->naming, trace->n_prompt, trace->n_reasoning, trace->n_tokens,
                     fr_verdict_name[trace->verdict.kind], correct[line->correct + 1]);
        for (int a = 0; a < concepts->n; a++)
            (void)printf(" %*d", (int)strlen(concepts->names[a]), counts[a]);
        (void)printf("\n");
        return;
    }
    json_t *root = json_object(), *mentions = json_object();
    json_object_set_new(root, "line", json_integer(line->line));
    json_object_set_new(root, "instance", fr_json_text(line->instance));
    json_object_set_new(root, "naming", fr_json_text(trace->naming));
    json_object_set_new(root, "prompt_tokens", json_integer(trace->n_prompt));
    json_object_set_new(root, "reasoning_tokens", json_integer(trace->n_reasoning));
    json_object_set_new(root, "tokens", json_integer(trace->n_tokens));
    json_object_set_new(root, "verdict", json_string(fr_verdict_name[trace->verdict.kind]));
    json_object_set_new(root, "reason", fr_json_text(trace->verdict.reason));
    if (line->correct >= 0)
        json_object_set_new(root, "correct", json_boolean(line->correct));
    for (int a = 0; a < concepts->n; a++)
        json_object_set_new(mentions, concepts->names[a], json_integer(counts[a]));
    json_object_set_new(root, "mentions", mentions);
    fr_print_json_line(root);
}

static void count_mentions(const struct look *look, int naming, const struct fr_trace *trace,
                           int *counts) {
    struct fr_forms forms;
    struct fr_mentions mentions = {0};
    fr_forms_of_naming(&look->input.namings.concepts, &look->input.namings.items[naming],
                       (enum fr_prompt_style)look->o->style, &look->input.wording,
                       (enum fr_inflection_rule)look->o->inflections, &forms);
    fr_mentions_find(&forms, trace->text, trace->text_len, trace->starts, trace->ends,
                     trace->n_tokens, &mentions);
    for (int i = 0; i < mentions.n; i++)
        counts[mentions.items[i].concept]++;
    fr_mentions_release(&mentions);
    fr_forms_release(&forms);
}

static int look_at(struct look *look, struct fr_recorded *line, struct fr_error *err) {
    struct fr_problem problem = {0};
    struct fr_trace trace = {0};
    int counts[FR_MAX_CONCEPTS] = {0};
    int naming = -1, n_whole;
    int code = fr_recorded_settle(&look->world, line, err);
    if (code == FR_OK)
        code = fr_recorded_naming(&look->world, line, &naming, err);
    if (code == FR_OK)
        code = fr_recorded_problem(&look->world, line, naming, &problem, err);
    if (code == FR_OK)
        code = fr_recorded_trace(&look->world, line, naming, &problem, &trace, &n_whole, err);
    if (code == FR_OK) {
        struct tally *t = &look->tally;
        const bool solved = trace.verdict.kind == FR_VERDICT_SOLVED;
        count_mentions(look, naming, &trace, counts);
        print_trace(look, line, &trace, counts);
        t->traces++;
        t->solved += solved;
        t->told += line->correct >= 0;
        t->agreed += line->correct == solved;
        t->tokens += trace.n_tokens;
        for (int a = 0; a < look->input.namings.concepts.n; a++)
            t->mentions += counts[a];
    }
    fr_trace_release(&trace);
    fr_problem_release(&problem);
    return code == FR_OK ? FR_OK : fr_fail_in(err, "%s:%ld", look->o->file, line->line);
}

static int look_at_all(struct look *look, struct fr_error *err) {
    struct fr_recorded_file file;
    int code = fr_recorded_open(&file, look->o->file, err);
    if (code == FR_OK && !look->o->json)
        print_head(look);
    while (code == FR_OK) {
        struct fr_recorded line;
        bool found;
        int good = fr_recorded_next(&file, &line, &found, err);
        if (!found) {
            code = good;
            break;
        }
        if (good == FR_OK)
            good = look_at(look, &line, err);
        if (good != FR_OK) {
            (void)fr_cli_fail(err);
            look->tally.left_out++;
        }
        fr_recorded_release(&line);
    }
    fr_recorded_close(&file);
    const struct tally *t = &look->tally;
    if (code == FR_OK)
        (void)
            fprintf(stderr,
                    "%ld traces of %lld tokens, %lld mentions, %ld solved (%ld of %ld as the file "
                    "says); %ld lines left out\n",
                    t->traces, t->tokens, t->mentions, t->solved, t->agreed, t->told, t->left_out);
    return code;
}

int fr_command_import(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .too_many = "one file at a time",
         .check = check_options,
         .arguments = "FILE.json[l]",
         .about =
             "Shows what a file of recorded traces would bring into a study (traces.import): "
             "for each, "
             "its length in a model's tokens, the verdict on its answer, and how often it names "
             "each "
             "concept. Stores nothing.\v"
             "A file is lines of JSON, or one document with a list of traces: prompt, reasoning "
             "and answer, "
             "conversations, what servers answer, PlanBench's results (docs/formats.md). A line "
             "that is "
             "none is told with its number and left out, and the exit status is then 1."};
    struct look look = {0};
    struct options o = {.style = FR_STYLE_PLANBENCH, .inflections = FR_INFLECTION_INFLECTED};
    struct fr_error err = {0};
    struct fr_model *model = NULL;
    struct fr_text table = {0};
    fr_cli_parse(&usage, argc, argv, &o);
    if (o.paths.table == NULL) {
        fr_data_path("namings.tsv", &table);
        o.paths.table = fr_text_get(&table);
    }
    look.o = &o;
    struct fr_model_options options = fr_model_options_defaults();
    options.path = o.model;
    options.vocabulary_only = true;
    int code = fr_input_load(&look.input, &o.paths, &err);
    if (code == FR_OK)
        code = fr_model_open(&model, &options, &err);
    look.world = (struct fr_recorded_world){.model = model,
                                            .domain = &look.input.domain,
                                            .namings = &look.input.namings,
                                            .wording = &look.input.wording,
                                            .style = (enum fr_prompt_style)o.style,
                                            .naming = o.naming != NULL ? o.naming : "",
                                            .problems = o.problems != NULL ? o.problems : "",
                                            .max_tokens = INT_MAX};
    if (code == FR_OK)
        code = look_at_all(&look, &err);
    fr_model_close(model);
    fr_input_release(&look.input);
    fr_text_release(&table);
    if (code != FR_OK)
        return fr_cli_fail(&err);
    return look.tally.left_out == 0 ? FR_EXIT_DONE : FR_EXIT_FAILED;
}
