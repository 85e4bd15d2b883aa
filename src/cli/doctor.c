/* fluidrep doctor: what this machine runs models with, whether that computes rightly, how fast, and
 * what would be faster. Nothing is changed. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "fr_version.h"
#include "model/machine.h"
#include "model/speed.h"
#include "work/mpi.h"

#ifndef FR_LLAMA_PROVED
#define FR_LLAMA_PROVED ""
#endif

enum { MAX_CHECKS = 8, CONTEXT = 300, STEPS = 48 };

static const double choice_seconds = 0.4;

enum state { STATE_GOOD, STATE_NOTE, STATE_BAD, STATE_COUNT };
static const char *const state_name[STATE_COUNT] = {"good", "note", "bad"};

struct options {
    const char *model;
    bool json, no_speed;
};

struct check {
    const char *name;
    enum state state;
    char text[256], hint[256]; /* hint: what to do, "" for nothing */
};

struct visit {
    struct fr_machine machine;
    struct fr_model_info info;
    int n_checks, n_choices;
    struct check checks[MAX_CHECKS];
    struct fr_speed_choice choices[FR_SPEED_CHOICES];
};

static const struct fr_option option_table[] = {
    {"model", 'm', "FILE", "GGUF to measure (default: the model organism)",
     FR_TEXT(struct options, model)},
    {"no-speed", 0, NULL, "measure nothing", FR_FLAG(struct options, no_speed)},
    {"json", 0, NULL, "as JSON", FR_FLAG(struct options, json)},
    {0},
};

static struct check *add(struct visit *v, const char *name, enum state state) {
    FR_ASSERT(v->n_checks < MAX_CHECKS);
    struct check *check = &v->checks[v->n_checks++];
    check->name = name;
    check->state = state;
    return check;
}

/* ---- the checks ------------------------------------------------------------------------------ */

static void check_kernels(struct visit *v) {
    char what[128];
    static const struct {
        enum state state;
        const char *text, *hint;
    } told[] = {
        [FR_PROOF_HERE] = {STATE_GOOD, " on this processor", ""},
        [FR_PROOF_ELSEWHERE] = {STATE_BAD, ", on another processor than this",
                                "run scripts/setup here: it builds the engine for this processor "
                                "and proves it"},
        [FR_PROOF_MISSING] = {STATE_NOTE,
                              "not proved: this program's engine came without its proof",
                              "in the source tree scripts/setup proves it"},
    };
    const enum fr_machine_proof proof = fr_machine_proof(FR_LLAMA_PROVED, what);
    struct check *check = add(v, "kernels", told[proof].state);
    (void)snprintf(check->text, sizeof check->text, "%s%s", what, told[proof].text);
    (void)snprintf(check->hint, sizeof check->hint, "%s", told[proof].hint);
}

static void check_memory(struct visit *v) {
    const double have = v->machine.memory_bytes, need = v->info.weight_bytes;
    struct check *check = add(v, "memory", need < 0.8 * have ? STATE_GOOD : STATE_BAD);
    (void)snprintf(check->text, sizeof check->text, "%.1f GiB; the model's weights are %.2f GiB",
                   have / 0x1p30, need / 0x1p30);
    if (check->state == STATE_BAD)
        (void)snprintf(check->hint, sizeof check->hint,
                       "fewer bits for a weight (Q4_K), or gpu_layers with a device");
}

static void check_mpi(struct visit *v) {
    char what[200];
    const bool there = fr_mpi_describe(what, sizeof what);
    struct check *check = add(v, "mpi", there ? STATE_GOOD : STATE_NOTE);
    (void)snprintf(check->text, sizeof check->text, "%s%s", there ? "" : "none: ", what);
    if (!there)
        (void)snprintf(check->hint, sizeof check->hint,
                       "only mpirun needs it: scripts/setup --mpi, and build again");
}

static void check_devices(struct visit *v) {
    char names[FR_DEVICES_MOST][96];
    double bytes[FR_DEVICES_MOST];
    struct fr_text text = {0};
    const int n = fr_model_devices(FR_DEVICES_MOST, names, bytes);
    for (int i = 0; i < n && i < FR_DEVICES_MOST; i++)
        fr_text_printf(&text, "%s%s, %.1f GiB", i > 0 ? "; " : "", names[i], bytes[i] / 0x1p30);
    struct check *check = add(v, "devices", STATE_GOOD);
    (void)snprintf(check->text, sizeof check->text, "%s",
                   n > 0 ? fr_text_get(&text) : "none that this engine knows; the processor");
    if (n > 0)
        (void)snprintf(check->hint, sizeof check->hint, "model.gpu_layers: -1 uses them");
    fr_text_release(&text);
}

/* What is measured: how long, and against what a study has by default. */
static void check_speed(struct visit *v, const struct fr_model_options *options) {
    struct fr_error refused;
    struct fr_speed_choice choices[FR_SPEED_CHOICES];
    float *logits = NULL;
    double waited = 0;
    char text[96], first[96], rate[FR_RATE_TEXT];
    const int n = fr_speed_choices(options, choices);
    for (int i = 0; i < n; i++)
        if (fr_speed_try(options, &choices[i], CONTEXT, STEPS, choice_seconds, &logits, &refused) ==
            FR_OK)
            v->choices[v->n_choices++] = choices[i];
    free(logits);
    if (v->n_choices == 0) {
        struct check *check = add(v, "speed", STATE_BAD);
        (void)snprintf(check->text, sizeof check->text, "%.250s", refused.text);
        return;
    }
    int best = 0;
    for (int i = 0; i < v->n_choices; i++) {
        if (v->choices[i].speed.decode > v->choices[best].speed.decode)
            best = i;
        if (v->choices[i].speed.waited > waited)
            waited = v->choices[i].speed.waited;
    }
    const double gain = v->choices[best].speed.decode / v->choices[0].speed.decode;
    struct check *check = add(v, "speed", gain > 1.2 ? STATE_NOTE : STATE_GOOD);
    fr_speed_choice_text(&v->choices[0], first, sizeof first);
    (void)snprintf(check->text, sizeof check->text, "%s tokens/s, %s",
                   fr_rate_text(v->choices[0].speed.decode, rate), first);
    fr_speed_choice_text(&v->choices[best], text, sizeof text);
    if (gain > 1.2)
        (void)snprintf(check->hint, sizeof check->hint,
                       "%.1f times as fast: %s (fluidrep bench --choices measures longer)", gain,
                       text);
    struct check *load = add(v, "load", waited > 0.1 ? STATE_NOTE : STATE_GOOD);
    (void)snprintf(load->text, sizeof load->text,
                   "up to %.0f %% of a measurement's time passed without a core", 100 * waited);
    if (waited > 0.1)
        (void)snprintf(load->hint, sizeof load->hint,
                       "the machine is busy, and the speeds are lower than it could");
}

static void check_model(struct visit *v, const struct options *o, const char *path) {
    struct fr_error err = {0};
    struct fr_model_options options = fr_model_options_defaults();
    options.path = path;
    options.context_tokens = 512;
    const int code = fr_model_look(path, &v->info, &err);
    struct check *check = add(v, "model", code == FR_OK ? STATE_GOOD : STATE_BAD);
    if (code != FR_OK) {
        (void)snprintf(check->text, sizeof check->text, "%.250s", err.text);
        (void)snprintf(check->hint, sizeof check->hint, "give another with --model FILE.gguf");
        return;
    }
    (void)snprintf(check->text, sizeof check->text, "%.80s: %d layers of width %d, %.30s",
                   v->info.name, v->info.n_layers, v->info.width, v->info.quantization);
    check_memory(v);
    if (!o->no_speed)
        check_speed(v, &options);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void print(const struct visit *v) {
    const struct fr_machine *m = &v->machine;
    (void)printf("%-10s fluidrep %s (%s)\n", "program", FR_VERSION, FR_REVISION);
    (void)printf("%-10s %s%s%s\n", "engine", m->engine, *m->build != '\0' ? ", built from " : "",
                 m->build);
    (void)printf("%-10s %s, %d cores, %.1f GiB\n", "processor",
                 *m->processor != '\0' ? m->processor : "unknown", m->n_cores,
                 m->memory_bytes / 0x1p30);
    (void)printf("%-10s %s\n", "features", m->features);
    (void)printf("%-10s %s\n", "system", m->system);
    for (int i = 0; i < v->n_checks; i++) {
        const struct check *c = &v->checks[i];
        (void)printf("%-10s %s%s\n", c->name, c->state == STATE_BAD ? "WRONG: " : "", c->text);
        if (c->hint[0] != '\0')
            (void)printf("%-10s -> %s\n", "", c->hint);
    }
}

static void print_json(const struct visit *v) {
    const struct fr_machine *m = &v->machine;
    json_t *checks = json_array(), *choices = json_array();
    for (int i = 0; i < v->n_checks; i++)
        json_array_append_new(checks, json_pack("{s:s, s:s, s:o, s:o}", "name", v->checks[i].name,
                                                "state", state_name[v->checks[i].state], "text",
                                                fr_json_text(v->checks[i].text), "hint",
                                                fr_json_text(v->checks[i].hint)));
    for (int i = 0; i < v->n_choices; i++) {
        const struct fr_speed_choice *c = &v->choices[i];
        json_array_append_new(choices, json_pack("{s:s, s:b, s:i, s:i, s:f, s:f}", "kv_type",
                                                 fr_kv_type_name[c->kv_type], "flash_attention",
                                                 (int)c->flash_attention, "slots", c->n_slots,
                                                 "threads", c->threads, "decode_tokens_per_second",
                                                 c->speed.decode, "logits_off", c->off));
    }
    fr_print_json(json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:i, s:f, s:o, s:o}", "version",
                            FR_VERSION, "revision", FR_REVISION, "engine", fr_json_text(m->engine),
                            "build", fr_json_text(m->build), "processor",
                            fr_json_text(m->processor), "features", fr_json_text(m->features),
                            "system", fr_json_text(m->system), "cores", m->n_cores, "memory_bytes",
                            m->memory_bytes, "checks", checks, "choices", choices));
}

int fr_command_doctor(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .about =
             "Says what this machine runs models with: engine, processor, whether its kernels are "
             "proved, how fast a model decodes and what would be faster.\vThe exit status is 1 "
             "when something is wrong, and 0 with mere notes."};
    struct options o = {0};
    struct fr_text path = {0};
    fr_cli_parse(&usage, argc, argv, &o);
    struct visit *v = fr_alloc(1, sizeof *v);
    if (o.model != NULL)
        fr_text_add(&path, o.model);
    else
        fr_cli_organism_path(&path);
    fr_machine_look(&v->machine);
    check_kernels(v);
    check_devices(v);
    check_mpi(v);
    check_model(v, &o, fr_text_get(&path));
    if (o.json)
        print_json(v);
    else
        print(v);
    int status = FR_EXIT_DONE;
    for (int i = 0; i < v->n_checks; i++)
        if (v->checks[i].state == STATE_BAD)
            status = FR_EXIT_FAILED;
    fr_text_release(&path);
    free(v);
    return status;
}
