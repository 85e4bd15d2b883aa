/* fluidrep run CONFIG: the whole study, resumable. */
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyses/compare.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/last_words.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "report/report.h"
#include "study/estimate.h"
#include "study/study.h"
#include "work/mpi.h"

struct options {
    const char *config, *out;
    int last;
    struct fr_shard shard;
    bool json, quiet, dry;
    int form; /* enum fr_report_form of tables, in the place of headline numbers; or -1 */
    struct fr_estimate_options estimate;
};

static void set_last(const struct fr_given *given) {
    struct options *o = given->options;
    if ((o->last = fr_stage_find(given->value)) < 0) {
        const char *near = fr_nearest(given->value, fr_stage_names, FR_N_STAGES);
        argp_error(given->state, "--until: no stage \"%s\"%s%s", given->value,
                   near ? "; the nearest is " : "", near ? near : "");
    }
}

static void set_shard(const struct fr_given *given) {
    struct options *o = given->options;
    char *end;
    const long index = strtol(given->value, &end, 10),
               of = *end == '/' ? strtol(end + 1, &end, 10) : 0;
    if (*end != '\0' || of < 1 || of > 1000000 || index < 1 || index > of)
        argp_error(given->state, "--shard: \"%s\" is not one of 1/N to N/N", given->value);
    o->shard = (struct fr_shard){(int)index, (int)of};
}

static void set_speed(const struct fr_given *given) {
    struct fr_estimate_options *e = &((struct options *)given->options)->estimate;
    char *end;
    e->prefill = strtod(given->value, &end);
    e->decode = *end == ',' ? strtod(end + 1, &end) : 0;
    if (*end != '\0' || !(e->prefill > 0) || !(e->decode > 0) || !isfinite(e->prefill + e->decode))
        argp_error(given->state, "--speed: \"%s\" is not two rates, such as 3000,230",
                   given->value);
}

static void set_within(const struct fr_given *given) {
    struct fr_estimate_options *e = &((struct options *)given->options)->estimate;
    char *end;
    e->within_hours = strtod(given->value, &end);
    if (*end != '\0' || !(e->within_hours > 0) || !isfinite(e->within_hours))
        argp_error(given->state, "--within: \"%s\" is not a number of hours", given->value);
}

static void help_config(const struct fr_given *given) {
    struct fr_text help = {0};
    (void)given;
    fr_config_help(&help);
    (void)fputs(fr_text_get(&help), stdout);
    fr_text_release(&help);
    exit(FR_EXIT_DONE);
}

/* The first are of the command report alone. */
enum { N_OPTIONS_OF_REPORT = 2 };
static const struct fr_option option_table[] = {
    {"markdown", 0, NULL,
     "print the report's tables as GitHub's Markdown, as fluidrep tables does, for headline "
     "numbers",
     FR_VALUE(struct options, form, FR_REPORT_MARKDOWN)},
    {"latex", 0, NULL, "print them as LaTeX: tabular, with booktabs",
     FR_VALUE(struct options, form, FR_REPORT_LATEX)},
    {"out", 'o', "DIR",
     "directory of the study (default: studies/NAME, NAME the configuration's study)",
     FR_TEXT(struct options, out)},
    {"until", 0, "STAGE",
#define FR_X(NAME, name) " " #name
     "stop after this stage:" FR_STAGE_LIST(FR_X), FR_OWN(set_last)},
#undef FR_X
    {FR_WORD(struct options, config, "which configuration? For example configs/demo.yaml")},
    {"shard", 0, "I/N",
     "only part I of N (1/N to N/N) of the stages of models, into a directory of its own (default: "
     "studies/NAME-shard-I-of-N); fluidrep merge puts them together (docs/scale.md)",
     FR_OWN(set_shard)},
    {"dry-run", 0, NULL,
     "open the model, measure its speed for some seconds, and say what the study would take; "
     "without the model's file from model.like; nothing is written",
     FR_FLAG(struct options, dry)},
    {"speed", 0, "P,D",
     "with --dry-run: tokens/s of prefill and of decoding, all slots together, for hours on "
     "another machine",
     FR_OWN(set_speed)},
    {"within", 0, "HOURS",
     "with --dry-run: what fits that time: puzzles to evaluate, fewer of all, fewer experiments",
     FR_OWN(set_within)},
    {"json", 0, NULL, "headline numbers as JSON on standard output", FR_FLAG(struct options, json)},
    {"quiet", 'q', NULL, "no progress on standard error", FR_FLAG(struct options, quiet)},
    {"help-config", 0, NULL, "list every key of a configuration file, with defaults",
     FR_OWN(help_config), .group = 1},
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (!o->dry && (o->estimate.prefill > 0 || o->estimate.within_hours > 0))
        argp_error(state, "--speed and --within are for --dry-run");
    if (o->dry && o->shard.of > 0)
        argp_error(state, "--dry-run is of the whole study: divide its hours by the shards");
    if (o->form >= 0 && (o->json || o->dry || o->shard.of > 0 || o->last != FR_STAGE_REPORT))
        argp_error(state, "--markdown and --latex are for tables of a whole report alone");
}

/* ---- what the user sees while it runs -------------------------------------------------------- */

static volatile sig_atomic_t interrupted;
static bool at_terminal; /* somebody waits: a trace of a large model may take minutes */
static void on_signal(int signal_number) {
    static const char text[] =
        "\nfluidrep: stops when what is in hand is stored; once more, and it stops at once\n";
    (void)signal_number;
    interrupted = 1;
    if (at_terminal)
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
}
static int n_left_out; /* of the input, told */
static const struct fr_study *running;

static void on_warning(void *user, const char *what) {
    fr_progress_end(user);
    (void)fprintf(stderr, "fluidrep: %s\n", what);
}

static void on_left_out(void *user, const char *what) {
    fr_progress_end(user);
    (void)fprintf(stderr, "fluidrep: left out: %s\n", what);
    n_left_out++;
}

static bool stopped(void *user) {
    (void)user;
    return interrupted != 0;
}

static void print_counters(const struct fr_model_counters *c) {
    if (c->tokens_prefilled + c->tokens_decoded > 0)
        (void)fprintf(stderr, ", tokens: %lld prefilled, %lld decoded, %lld copied",
                      c->tokens_prefilled, c->tokens_decoded, c->tokens_copied);
    if (c->rows_tapped > 0)
        (void)fprintf(stderr, ", %lld rows read", c->rows_tapped);
    if (c->rows_edited > 0)
        (void)fprintf(stderr, ", %lld rows edited", c->rows_edited);
}

static void on_stage(void *user, const char *stage, enum fr_stage_event event, double seconds,
                     const struct fr_model_counters *counters) {
    struct fr_progress *progress = user;
    fr_progress_end(progress);
    if (event == FR_STAGE_BEGINS)
        fr_progress_begin(progress, stage);
    if (event == FR_STAGE_BEGINS || progress->quiet)
        return;
    if (event == FR_STAGE_SKIPPED) {
        (void)fprintf(stderr, "  %-16s done before\n", stage);
        return;
    }
    (void)fprintf(stderr, "  %-16s %.1f s", stage, seconds);
    const struct fr_study_shared shared = fr_study_shared(running);
    if (shared.n_ranks > 0)
        (void)fprintf(stderr, ", %d units by %d other rank%s, %.1f s waited at the end",
                      shared.n_units, shared.n_ranks, shared.n_ranks > 1 ? "s" : "", shared.waited);
    print_counters(counters);
    (void)fputc('\n', stderr);
}

static void on_progress(void *user, long long done, long long total, long long resumed,
                        const char *unit) {
    struct fr_study_progress now;
    if (!fr_progress_is_due(user))
        return;
    if (running != NULL)
        fr_study_progress(running, done, total, resumed, &now);
    fr_progress_update(user, done, total, resumed, unit, running != NULL ? &now : NULL);
}

/* ---- what comes out -------------------------------------------------------------------------- */

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

/* n_ran: stages that had something to do; < 0: none was to be run. */
static int print_results(struct fr_store *store, const char *report, bool json, int n_ran,
                         struct fr_error *err) {
    struct fr_query *query;
    json_t *root = json_object(), *headline = json_array();
    /* a comparison has none */
    int code = fr_query_open(&query, store, err,
                             fr_compare_is(store) ? "SELECT 1 WHERE 0"
                                                  : "SELECT name, value, low, high, text FROM"
                                                    " headline ORDER BY position",
                             "");
    if (code != FR_OK)
        goto out;
    while (fr_query_next(query)) {
        if (!json)
            (void)printf("%s\n", fr_query_text(query, 4));
        json_t *row = json_object();
        json_object_set_new(row, "name", json_string(fr_query_text(query, 0)));
        json_object_set_new(row, "value", number(fr_query_double(query, 1)));
        json_object_set_new(row, "low", number(fr_query_double(query, 2)));
        json_object_set_new(row, "high", number(fr_query_double(query, 3)));
        json_object_set_new(row, "text", json_string(fr_query_text(query, 4)));
        json_array_append_new(headline, row);
    }
    code = fr_query_close(query, err);
    if (code != FR_OK)
        goto out;
    if (json) {
        json_object_set(root, "headline", headline);
        json_object_set_new(root, "stages_run", json_integer(n_ran > 0 ? n_ran : 0));
        json_object_set_new(root, "report", json_string(report));
        (void)json_dumpf(root, stdout, JSON_INDENT(2));
        (void)printf("\n");
    } else {
        (void)printf("%sreport: %s\n", n_ran == 0 ? "nothing was left to do\n" : "", report);
    }
out:
    json_decref(headline);
    json_decref(root);
    return code;
}

static int print_tables(struct fr_store *store, int form, struct fr_error *err) {
    struct fr_text out = {0};
    const int code = fr_report_tables(store, (enum fr_report_form)form, NULL, 0, &out, err);
    if (code == FR_OK)
        (void)fputs(fr_text_get(&out), stdout);
    fr_text_release(&out);
    return code;
}

/* ---- what it would take ---------------------------------------------------------------------- */

static void print_estimate_json(const struct fr_estimate *e) {
    json_t *stages = json_array(), *choices = json_array(), *memories = json_array();
    for (int i = 0; i < e->n_choices; i++) {
        char text[96];
        fr_speed_choice_text(&e->choices[i], text, sizeof text);
        json_array_append_new(choices,
                              json_pack("{s:s, s:f}", "choice", text, "decode_tokens_per_second",
                                        e->choices[i].speed.decode));
    }
    for (int i = 0; i < e->n_stages; i++) {
        const struct fr_stage_estimate *s = &e->stages[i];
        json_array_append_new(stages,
                              json_pack("{s:s, s:s, s:I, s:I, s:I, s:i, s:f, s:b}", "stage",
                                        s->stage, "unit", s->unit, "count", (json_int_t)s->count,
                                        "prefill_tokens", (json_int_t)s->prefill, "decode_tokens",
                                        (json_int_t)s->decode, "sequences", s->sequences, "hours",
                                        s->hours, "served", (int)s->served));
    }
    for (int i = 0; i < e->n_memories; i++) {
        const struct fr_memory_estimate *m = &e->memories[i];
        json_array_append_new(memories,
                              json_pack("{s:o, s:I, s:I, s:i, s:i}", "name", fr_json_text(m->name),
                                        "bytes", (json_int_t)m->have, "needed", (json_int_t)m->need,
                                        "slots", m->slots, "slots_q8_0", m->slots_q8));
    }
    json_t *root = json_pack(
        "{s:o, s:s, s:b, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:f, s:f, s:f, s:I}", "model",
        fr_json_text(e->model), "engine", e->engine, "measured", (int)e->measured, "layers",
        e->n_layers, "width", e->width, "slots", e->n_slots, "workers", e->n_workers, "threads",
        e->n_threads, "context_tokens", e->context_tokens, "prompt_tokens_mean",
        e->prompt_tokens_mean, "prompt_tokens_max", e->prompt_tokens_max,
        "prefill_tokens_per_second", e->prefill_rate, "decode_tokens_per_second", e->decode_rate,
        "decode_tokens_per_second_half", e->decode_rate_half, "decode_tokens_per_second_full",
        e->decode_rate_full, "resident_bytes", (json_int_t)e->resident_bytes);
    json_t *rest =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:i, s:o, s:o, s:o}",
                  "weight_bytes", (json_int_t)e->weight_bytes, "sequence_bytes",
                  (json_int_t)e->sequence_bytes, "layer_bytes", (json_int_t)e->layer_bytes,
                  "sums_bytes", (json_int_t)e->sums_bytes, "representations_disk_bytes",
                  (json_int_t)e->reps_disk_bytes, "traces_disk_bytes",
                  (json_int_t)e->traces_disk_bytes, "runs_disk_bytes",
                  (json_int_t)e->runs_disk_bytes, "disk_bytes", (json_int_t)e->disk_bytes, "hours",
                  e->hours, "steered_runs", (json_int_t)e->steered_runs, "identity_runs",
                  (json_int_t)e->identity_runs, "evaluate_within", e->within.evaluate, "memories",
                  memories, "stages", stages, "choices", choices);
    json_object_set_new(rest, "served_tokens", json_integer(e->served_tokens));
    json_object_update(root, rest);
    json_decref(rest);
    const struct fr_budget *b = &e->within;
    if (b->evaluate >= 0)
        json_object_set_new(root, "within",
                            json_pack("{s:i, s:f, s:f, s:f, s:f, s:i, s:i, s:I}", "evaluate",
                                      b->evaluate, "fixed_rollout_hours", b->fixed_rollouts,
                                      "fixed_representation_hours", b->fixed_representations,
                                      "puzzle_rollout_hours", b->each_rollouts,
                                      "puzzle_steering_hours", b->each_steering, "collect_alike",
                                      b->collect_alike, "evaluate_alike", b->evaluate_alike, "runs",
                                      (json_int_t)b->runs));
    fr_print_json(root);
}

/* What other keys of the section model would do, as ratios to these. */
static void print_choices(const struct fr_estimate *e) {
    for (int i = 1; i < e->n_choices; i++) {
        char text[96];
        fr_speed_choice_text(&e->choices[i], text, sizeof text);
        (void)printf("%s %.2f times as fast: %s\n", i == 1 ? "choices   " : "          ",
                     e->choices[i].speed.decode / e->choices[0].speed.decode, text);
    }
    (void)printf("\n");
}

static void print_speed(const struct fr_estimate *e) {
    char prefill[FR_RATE_TEXT], decode[FR_RATE_TEXT], half[FR_RATE_TEXT], full[FR_RATE_TEXT];
    if (!(e->decode_rate > 0)) {
        (void)printf("speed      not known without the model; --speed P,D gives one\n\n");
        return;
    }
    (void)printf(
        "speed      prefill %s tokens/s, decode %s tokens/s in %d slots; %s and %s with half "
        "and all of\n           the tokens there%s",
        fr_rate_text(e->prefill_rate, prefill), fr_rate_text(e->decode_rate, decode), e->n_slots,
        fr_rate_text(e->decode_rate_half, half), fr_rate_text(e->decode_rate_full, full),
        e->measured ? "" : "\n\n");
    if (!e->measured)
        return;
    if (e->probe_decode > 0)
        (void)printf(", by the model's shape from %d and %d tokens measured", e->probe_prefill,
                     e->probe_decode);
    (void)printf("\n           of one worker; %d worker%s", e->n_workers,
                 e->n_workers == 1 ? "" : "s");
    if (e->n_threads > 0) /* the machine that --speed is of has its own */
        (void)printf(" of %d thread%s", e->n_threads, e->n_threads == 1 ? "" : "s");
    (void)printf("%s\n",
                 e->waited > 0.1 ? "; the machine is busy: the probe waited for a core" : "");
    print_choices(e);
}

static void print_memory(const struct fr_estimate *e) {
    (void)printf("memory     weights %.2f GiB, %.3f GiB a sequence of %d tokens\n",
                 e->weight_bytes / 0x1p30, e->sequence_bytes / 0x1p30, e->context_tokens);
    for (int i = 0; i < e->n_memories; i++) {
        const struct fr_memory_estimate *m = &e->memories[i];
        (void)printf("           %s, %.1f GiB: %.2f needed at most", m->name, m->have / 0x1p30,
                     m->need / 0x1p30);
        if (m->slots < 0)
            (void)printf("; no slot fits");
        else if (m->slots > 0)
            (void)printf("%s; %d slots fit", m->need > m->have ? ", TOO MUCH" : "", m->slots);
        if (m->slots_q8 != m->slots && m->slots_q8 > 0)
            (void)printf(", %d with kv_type q8_0", m->slots_q8);
        (void)printf("\n");
    }
    (void)printf("disk       %.2f GiB at most: representations %.2f, traces %.2f, steered runs "
                 "%.2f\n",
                 e->disk_bytes / 0x1p30, e->reps_disk_bytes / 0x1p30, e->traces_disk_bytes / 0x1p30,
                 e->runs_disk_bytes / 0x1p30);
}

/* What fits, and what of it does not depend on the puzzles to evaluate. */
static void print_within(double hours, const struct fr_estimate *e) {
    const struct fr_budget *b = &e->within;
    if (b->evaluate < 0)
        return;
    (void)printf("In %g hours fits puzzles.evaluate: %d. Whatever that is, rollouts of "
                 "puzzles.collect take %.2f and\nrepresentations %.2f; each puzzle to evaluate "
                 "takes %.2f of rollouts and %.2f of steering.\n",
                 hours, b->evaluate, b->fixed_rollouts, b->fixed_representations, b->each_rollouts,
                 b->each_steering);
    if (hours >= e->hours)
        return;
    (void)printf("Or, both cut alike, puzzles.collect: %d with puzzles.evaluate: %d%s.\n",
                 b->collect_alike, b->evaluate_alike,
                 b->collect_alike < 1 || b->evaluate_alike < 1 ? ", which is no study" : "");
    if (b->runs >= 0)
        (void)printf("Or, with all puzzles, fewer experiments: %lld of the %lld steered runs.\n",
                     b->runs, e->steered_runs);
    else
        (void)printf("Fewer experiments alone will not do: rollouts and representations of all "
                     "puzzles take longer.\n");
}

/* What a server is asked for, and what it may be. */
static void print_served(const struct fr_estimate *e) {
    if (e->served_tokens == 0)
        return;
    (void)printf("The server of the rollouts is asked for %lld tokens at most, prompts among them",
                 e->served_tokens);
    if (e->served_most > 0)
        (void)printf("; endpoint.max_total_tokens is\n%lld%s", e->served_most,
                     e->served_most < e->served_tokens ? ", which may not be enough" : "");
    (void)printf(".\n");
}

static void print_estimate(const struct options *o, const struct fr_estimate *e) {
    (void)printf("model      %s: %d layers of width %d, %s%s%s\n", e->model, e->n_layers, e->width,
                 e->quantization, e->measured ? ", " : "; not here: as model.like says",
                 e->measured ? e->engine : "");
    (void)printf("prompts    %d tokens on average over %d namings, %d at most%s\n",
                 e->prompt_tokens_mean, e->n_namings, e->prompt_tokens_max,
                 e->measured ? "" : " (of three bytes each)");
    print_speed(e);
    (void)printf("%-16s %10s %-8s %14s %14s %9s %8s\n", "stage", "", "",
                 "prefill <=", "decode <=", "sequences", "hours <=");
    for (int i = 0; i < e->n_stages; i++) {
        const struct fr_stage_estimate *s = &e->stages[i];
        (void)printf("%-16s %10lld %-8s %14lld %14lld %9d ", s->stage, s->count, s->unit,
                     s->prefill, s->decode, s->sequences);
        if (s->prefill + s->decode > 0 && (s->served || !(e->decode_rate > 0)))
            (void)printf("%8s\n", s->served ? "server" : "?");
        else
            (void)printf("%8.2f\n", s->hours);
    }
    if (e->decode_rate > 0)
        (void)printf("%-16s %10s %-8s %14s %14s %9s %8.2f\n", "all", "", "", "", "", "", e->hours);
    print_served(e);
    if (e->steered_runs > 0 && e->identity_runs > 0)
        (void)printf("%.0f %% of the steered runs are identity controls.\n",
                     100.0 * (double)e->identity_runs / (double)e->steered_runs);
    if (o->estimate.within_hours > 0)
        print_within(o->estimate.within_hours, e);
    (void)printf("\n");
    print_memory(e);
    (void)printf("\nTokens are counted as if every trace ran to its limit.\n");
}

static int dry_run(const struct options *o) {
    struct fr_error err = {0};
    struct fr_estimate estimate;
    if (fr_study_estimate(o->config, &o->estimate, &estimate, &err) != FR_OK)
        return fr_cli_fail(&err);
    if (o->estimate.within_hours > 0 && !(estimate.decode_rate > 0)) {
        (void)fr_fail(&err, FR_E_INPUT,
                      "--within: the speed of a model that is not here is not known; give it with "
                      "--speed P,D");
        return fr_cli_fail(&err);
    }
    if (o->json)
        print_estimate_json(&estimate);
    else
        print_estimate(o, &estimate);
    return FR_EXIT_DONE;
}

static int default_directory(const char *config_path, struct fr_shard shard, struct fr_text *out,
                             struct fr_error *err) {
    struct fr_config config;
    const int code = fr_config_load(&config, config_path, err);
    if (code == FR_OK) {
        fr_text_printf(out, "studies/%s", config.study);
        if (shard.of > 0)
            fr_text_printf(out, "-shard-%d-of-%d", shard.index, shard.of);
        fr_config_release(&config);
    }
    return code;
}

#define AGAIN " What is there already is not done again, and an interrupted run continues. "
#define STATUS                                                                                     \
    "\vExit status: 0 done, 1 failed, interrupted, or done but for recorded traces that were "     \
    "left "                                                                                        \
    "out (each is told), 2 misuse or bad input."
/* Commands that are a run up to one stage; the first is the whole. */
static const struct {
    const char *command, *stage, *doc;
} stage_commands[] = {
    {"run", "report",
     "Runs the study a configuration describes, or what is left of it: run again after"
     " an interruption, it continues; run again when finished, it does nothing twice. A "
     "configuration that grew (more puzzles, namings, timestamps, experiments, layers) adds what "
     "is missing; for another change of a model's work there is fluidrep fork. Started by mpirun, "
     "several processes share the models' work (docs/scale.md). The commands "
     "rollout, collect, analyze, steer, stats and report are runs up to their stage." STATUS},
    {"rollout", "rollouts",
     "Makes the puzzles and lets the model solve each under every naming, greedily; or reads the "
     "recorded traces of traces.import." AGAIN "It ends with one trace a puzzle and naming in "
     "study.db, judged by simulation." STATUS},
    {"collect", "representations",
     "Replays the traces of the puzzles to collect from and adds up the residual stream wherever "
     "they mention a concept, by layer and time (after rollout)." AGAIN "It ends with the files "
     "of reps/." STATUS},
    {"analyze", "analyses",
     "Computes similarity, principal components and separation of the representations, and the "
     "accuracy of the traces (after collect); needs no model." AGAIN "It ends with the result "
     "tables in study.db." STATUS},
    {"steer", "steering",
     "Runs the configuration's experiments: the model goes on from edited prefixes of held-out "
     "traces, and from unedited ones (after analyze)." AGAIN "It ends with one run a trace and "
     "edit, judged by simulation." STATUS},
    {"stats", "statistics",
     "Compares the steered runs with what they are measured against: effects, intervals, tests "
     "(after steer); needs no model." AGAIN "It ends with the effects in study.db." STATUS},
    {"report", "report",
     "Writes report.html, tables/ and figures/ from study.db, after whatever is missing before "
     "them; on a finished study it needs no model. Of a directory, of a study or a comparison, it "
     "writes them from what is there, and needs neither configuration nor model. With --markdown "
     "or --latex it "
     "prints the report's tables; fluidrep tables does so of chosen ones." STATUS},
};
enum { N_STAGE_COMMANDS = sizeof stage_commands / sizeof *stage_commands };

/* The row of the command that argv[0] ("fluidrep rollout") names. */
static int stage_command(const char *command) {
    const char *name = strrchr(command, ' ');
    for (int i = 0; name != NULL && i < N_STAGE_COMMANDS; i++)
        if (strcmp(name + 1, stage_commands[i].command) == 0)
            return i;
    return 0;
}

static bool is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The report of what a directory holds, a study or a comparison, as it is. */
static int report_directory(const struct options *o) {
    struct fr_store *store = NULL;
    struct fr_error err = {0};
    char *path = NULL;
    int code = o->out != NULL || o->last != FR_STAGE_REPORT || o->shard.of > 0 || o->dry
                   ? fr_fail(&err, FR_E_INPUT,
                             "%s: is a directory: its report is written there, of what is there; "
                             "for anything else give the configuration",
                             o->config)
                   : fr_store_open_readonly(&store, o->config, &err);
    if (code == FR_OK)
        code = fr_report_check(store, &err);
    if (code == FR_OK)
        code = fr_store_export_csv(store, &err);
    if (code == FR_OK)
        code = fr_report_write(store, &path, &err);
    if (code == FR_OK && o->form >= 0)
        code = print_tables(store, o->form, &err);
    else if (code == FR_OK)
        code = print_results(store, path, o->json, -1, &err);
    free(path);
    fr_store_close(store);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}

/* One that has no store and no terminal: what there is to tell, rank 0 tells. */
static void on_warning_elsewhere(void *user, const char *what) { fr_ranks_tell(user, what); }

static int assist(const struct options *o, struct fr_ranks *ranks) {
    const struct fr_study_events events = {
        .work = {.user = ranks, .warning = on_warning_elsewhere, .stopped = stopped}};
    fr_last_words_set_rank(fr_ranks_transport(ranks)->rank);
    fr_study_assist(
        &(struct fr_study_options){.config_path = o->config, .ranks = ranks, .events = &events});
    fr_ranks_close(ranks);
    return FR_EXIT_DONE;
}

int fr_command_run(int argc, char **argv) {
    const int command = stage_command(argv[0]);
    const bool reports = strcmp(stage_commands[command].command, "report") == 0;
    const struct fr_usage usage = {.options = option_table + (reports ? 0 : N_OPTIONS_OF_REPORT),
                                   .too_many = "one configuration at a time",
                                   .check = check_options,
                                   .arguments = reports ? "CONFIG|DIR" : "CONFIG",
                                   .about = stage_commands[command].doc};
    struct options o = {.form = -1, .last = fr_stage_find(stage_commands[command].stage)};
    struct fr_error err = {0};
    struct fr_text directory = {0};
    struct fr_study *study = NULL;
    struct fr_progress progress;
    int n_ran = 0;
    fr_cli_parse(&usage, argc, argv, &o);
    if (is_directory(o.config)) {
        if (reports)
            return report_directory(&o);
        (void)fr_fail(&err, FR_E_INPUT,
                      "%s: is a directory; give the study's configuration (fluidrep report DIR "
                      "makes the report of a study's directory again)",
                      o.config);
        return fr_cli_fail(&err);
    }
    if (o.dry && fr_mpi_launched() > 1) {
        (void)fr_fail(&err, FR_E_INPUT,
                      "--dry-run measures with one process: start it without mpirun");
        return fr_cli_fail(&err);
    }
    if (o.dry)
        return dry_run(&o);
    struct fr_ranks *ranks;
    if (fr_mpi_open(&ranks, &err) != FR_OK)
        return fr_cli_fail(&err);
    fr_progress_init(&progress, o.quiet);
    at_terminal = isatty(STDERR_FILENO) != 0;
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    (void)sigaction(SIGINT, &action, NULL); /* the second one ends the program at once */
    (void)sigaction(SIGTERM, &action, NULL);
    if (ranks != NULL && fr_ranks_transport(ranks)->rank > 0)
        return assist(&o, ranks);
    const struct fr_study_events events = {.work = {.user = &progress,
                                                    .progress = on_progress,
                                                    .left_out = on_left_out,
                                                    .warning = on_warning,
                                                    .stopped = stopped},
                                           .stage = on_stage};
    int code = FR_OK;
    if (o.out != NULL)
        fr_text_add(&directory, o.out);
    else
        code = default_directory(o.config, o.shard, &directory, &err);
    fr_progress_begin(&progress, "opening");
    if (code == FR_OK)
        code = fr_study_open(&study,
                             &(struct fr_study_options){.config_path = o.config,
                                                        .out_dir = fr_text_get(&directory),
                                                        .shard = o.shard,
                                                        .ranks = ranks,
                                                        .events = &events},
                             &err);
    running = study;
    if (code == FR_OK)
        code = fr_study_run(study, (enum fr_stage)o.last, &n_ran, &err);
    fr_progress_end(&progress);
    if (code == FR_OK && o.last == FR_STAGE_REPORT && o.shard.of == 0)
        code = o.form >= 0 ? print_tables(fr_study_store(study), o.form, &err)
                           : print_results(fr_study_store(study), fr_study_report_path(study),
                                           o.json, n_ran, &err);
    if (code == FR_E_STOPPED)
        (void)fr_fail(&err, code,
                      "stopped; what is done is stored: run the same command again to continue");
    running = NULL;
    fr_study_close(study);
    fr_ranks_close(ranks);
    fr_text_release(&directory);
    if (code != FR_OK)
        return fr_cli_fail(&err);
    return n_left_out == 0 ? FR_EXIT_DONE : FR_EXIT_FAILED;
}
