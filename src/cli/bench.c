/* fluidrep bench: our engine's speed as a share of plain llama.cpp's on this machine
 * (bench_measure.c; bench/RESULTS.md holds what was found). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/bench.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/output.h"

struct options {
    struct fr_bench_options bench;
    const char *model;
    bool json, choices, no_flash;
};

static void add_width(const struct fr_given *given) {
    struct fr_bench_options *b = &((struct options *)given->options)->bench;
    if (b->n_widths == FR_BENCH_WIDTHS)
        argp_error(given->state, "--slots: %d of them at most", FR_BENCH_WIDTHS);
    b->widths[b->n_widths++] = fr_cli_int(given->state, "--slots", given->value, 1, FR_SLOTS_MAX);
}

static void set_share(const struct fr_given *given) {
    struct options *o = given->options;
    char *end;
    o->bench.share = strtod(given->value, &end);
    if (*end != '\0' || !(o->bench.share >= 0.001 && o->bench.share <= 1))
        argp_error(given->state, "--share: \"%s\" is not a number from 0.001 to 1", given->value);
}

static void set_kv_type(const struct fr_given *given) {
    struct options *o = given->options;
    for (int type = 0; type < FR_KV_TYPE_COUNT; type++)
        if (strcmp(given->value, fr_kv_type_name[type]) == 0) {
            o->bench.model.kv_type = type;
            return;
        }
    argp_error(given->state, "--kv-type: \"%s\" is not f16, f32, bf16, q8_0 or q4_0", given->value);
}

static const struct fr_option option_table[] = {
    {"model", 'm', "FILE", "GGUF file (default: the embedded model organism)",
     FR_TEXT(struct options, model)},
    {"slots", 's', "N", "decode with this many slots; may be repeated (default 8 and 32)",
     FR_OWN(add_width)},
    {"tokens", 'n', "N", "tokens of a prefill (default 512)",
     FR_INT(struct options, bench.tokens, 16, 65536)},
    {"prompt", 0, "N",
     "tokens of a rollout's prompt (default 64; with --choices, before what is decoded: 300)",
     FR_INT(struct options, bench.prompt, 32, 65536)},
    {"generate", 0, "N", "tokens decoded after it (default 64)",
     FR_INT(struct options, bench.generated, 8, 65536)},
    {"share", 0, "S",
     "share of the positions that are read or edited, in pairs (default 0.3, as in recorded "
     "reasoning)",
     FR_OWN(set_share)},
    {"rounds", 'r', "N", "times each is measured; medians count (default 5)",
     FR_INT(struct options, bench.rounds, 1, FR_BENCH_ROUNDS)},
    {"chunk", 0, "N", "tokens prefilled at once (default 512)",
     FR_INT(struct options, bench.model.chunk_tokens, 16, 65536)},
    {"threads", 't', "N", "threads (default 0: all cores)",
     FR_INT(struct options, bench.model.threads, 0, 1024)},
    {"gpu-layers", 'g', "N", "layers on the GPU (default 0; -1: all)",
     FR_INT(struct options, bench.model.gpu_layers, -1, 1000)},
    {"kv-type", 0, "TYPE", "f16 (default), bf16, q8_0 or q4_0; f32 without flash attention",
     FR_OWN(set_kv_type)},
    {"no-flash-attention", 0, NULL, "without flash attention", FR_FLAG(struct options, no_flash)},
    {"deterministic", 0, NULL, "both in the kernels whose results do not depend on slots",
     FR_FLAG(struct options, bench.model.deterministic)},
    {"cpu-time", 0, NULL,
     "count the processor's time, not the wall's: for a busy machine, with --threads 1",
     FR_FLAG(struct options, bench.cpu_time)},
    {"choices", 0, NULL,
     "compare cache types, attention, slots and threads instead, with the choice given by the "
     "other options as the "
     "first",
     FR_FLAG(struct options, choices)},
    {"json", 0, NULL, "as JSON", FR_FLAG(struct options, json)},
    {0},
};

static void print_result(const struct options *o, const struct fr_bench_result *r) {
    char rate[FR_RATE_TEXT];
    if (!o->json) {
        (void)printf("%s, %d layers of width %d, %s, %s\n", r->info.name, r->info.n_layers,
                     r->info.width, r->info.quantization, r->info.engine);
        (void)printf("%.3g of the positions are read or edited\n", o->bench.share);
        (void)printf("%-40s %5s %9s  %s\n", "", "slots", "tokens/s",
                     "of plain llama.cpp's speed (quartiles)");
        for (int i = 0; i < r->n_ratios; i++) {
            const struct fr_bench_ratio *x = &r->ratios[i];
            (void)printf("%-40s %5d %9s  %.3f (%.3f to %.3f)", x->what, x->slots,
                         fr_rate_text(x->tokens_per_second, rate), x->ratio, x->low, x->high);
            if (x->bar > 0)
                (void)printf(", at least %.2f: %s", x->bar, x->ratio >= x->bar ? "yes" : "no");
            (void)printf("%s%s\n", *x->plain ? "; its prompts " : "", x->plain);
        }
        (void)printf("\n%-40s %5s %9s %17s %15s\n", "in a chunk or a step, on average", "slots",
                     "waits", "copies of rows", "copies back");
        for (int i = 0; i < r->n_ratios; i++) {
            const struct fr_bench_ratio *x = &r->ratios[i];
            (void)printf("%-40s %5d %9.2f %17.2f %15.2f\n", x->what, x->slots, x->waits,
                         x->copies_out, x->copies_in);
        }
        (void)printf("Plain llama.cpp's loop waits once a step. Rows in host memory are read where "
                     "they lie.\n");
        return;
    }
    json_t *ratios = json_array();
    for (int i = 0; i < r->n_ratios; i++) {
        const struct fr_bench_ratio *x = &r->ratios[i];
        json_array_append_new(ratios,
                              json_pack("{s:s, s:i, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:s}",
                                        "what", x->what, "slots", x->slots, "tokens_per_second",
                                        x->tokens_per_second, "ratio", x->ratio, "low", x->low,
                                        "high", x->high, "bar", x->bar, "waits", x->waits,
                                        "copies_out", x->copies_out, "copies_in", x->copies_in,
                                        "plain_prompts", x->plain));
    }
    const struct fr_bench_options *b = &o->bench;
    fr_print_json(json_pack("{s:o, s:o, s:i, s:i, s:o, s:i, s:i, s:i, s:i, s:f, s:o}", "model",
                            fr_json_text(r->info.name), "quantization",
                            fr_json_text(r->info.quantization), "layers", r->info.n_layers, "width",
                            r->info.width, "engine", fr_json_text(r->info.engine), "tokens",
                            b->tokens, "prompt", b->prompt, "generate", b->generated, "rounds",
                            b->rounds, "share", b->share, "ratios", ratios));
}

static void print_choices(const struct options *o, const struct fr_bench_choices *r) {
    json_t *choices = json_array();
    char text[96], rate[FR_RATE_TEXT];
    if (!o->json) {
        (void)printf("%s, %d layers of width %d, %s, %s; %d tokens before what is decoded\n",
                     r->info.name, r->info.n_layers, r->info.width, r->info.quantization,
                     r->info.engine, o->bench.prompt);
        (void)printf("%-52s %9s  %-24s %s\n", "", "tokens/s", "of the first (quartiles)",
                     "logits off by");
    }
    for (int i = 0; i < r->n; i++) {
        const struct fr_bench_choice *c = &r->choices[i];
        fr_speed_choice_text(&c->choice, text, sizeof text);
        if (o->json)
            json_array_append_new(choices,
                                  json_pack("{s:s, s:b, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:o}",
                                            "kv_type", fr_kv_type_name[c->choice.kv_type],
                                            "flash_attention", (int)c->choice.flash_attention,
                                            "slots", c->choice.n_slots, "threads",
                                            c->choice.threads, "tokens_per_second",
                                            c->tokens_per_second, "ratio", c->ratio, "low", c->low,
                                            "high", c->high, "off", c->choice.off, "refused",
                                            fr_json_text(c->refused)));
        else if (c->refused[0] != '\0')
            (void)printf("%-52s refused: %s\n", text, c->refused);
        else
            (void)printf("%-52s %9s  %5.2f (%.2f to %.2f)      %.1e\n", text,
                         fr_rate_text(c->tokens_per_second, rate), c->ratio, c->low, c->high,
                         c->choice.off);
    }
    if (o->json)
        fr_print_json(json_pack("{s:o, s:i, s:i, s:i, s:f, s:o}", "model",
                                fr_json_text(r->info.name), "prompt", o->bench.prompt, "generate",
                                o->bench.generated, "rounds", o->bench.rounds, "waited", r->waited,
                                "choices", choices));
    else
        json_decref(choices);
    if (!o->json && r->waited > 0.1 && !o->bench.cpu_time)
        (void)printf(
            "The machine is busy: up to %.0f %% of a measurement's time passed without a core.\n",
            100 * r->waited);
}

int fr_command_bench(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .about =
             "Measures on this machine what reading and editing the residual stream cost, and what "
             "slots and rollouts do, against the plain C API of llama.cpp on the same weights in "
             "the "
             "same run."};
    struct options o = {.bench = {.model = fr_model_options_defaults(),
                                  .tokens = 512,
                                  .generated = 64,
                                  .share = 0.3,
                                  .rounds = 5}};
    o.bench.model.deterministic = false; /* what the model can do; run checks what it may */
    struct fr_error err = {0};
    struct fr_text path = {0};
    struct fr_bench_result result = {0};
    struct fr_bench_choices choices;
    fr_cli_parse(&usage, argc, argv, &o);
    o.bench.model.flash_attention = !o.no_flash;
    if (o.bench.n_widths == 0) {
        o.bench.n_widths = o.choices ? 1 : 2;
        o.bench.widths[0] = o.choices ? 16 : 8;
        o.bench.widths[1] = 32;
    }
    if (o.bench.prompt == 0)
        o.bench.prompt = o.choices ? 300 : 64;
    if (o.model != NULL) {
        fr_text_add(&path, o.model);
    } else {
        fr_cli_organism_path(&path);
    }
    o.bench.model.path = fr_text_get(&path);
    const int code = o.choices ? fr_bench_choices(&o.bench, &choices, &err)
                               : fr_bench_run(&o.bench, &result, &err);
    if (code == FR_OK && o.choices)
        print_choices(&o, &choices);
    else if (code == FR_OK)
        print_result(&o, &result);
    fr_text_release(&path);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
