/* fluidrep init: a configuration for a model, with a comment at every key: what the paper measured
 * on QwQ-32B (64 layers, reasoning of some 16,000 tokens), scaled to this model's layers and to the
 * length of what it writes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "config/config.h"
#include "prompts/prompts.h"
#include "study/study.h"

enum {
    PAPER_LAYERS = 64,
    PAPER_TOKENS = 16000,
    LEAST_TOKENS = 160, /* of a trace: below, there is nothing to look at over time */
};

struct options {
    const char *model, *out;
    int style, tokens, probe;
};

static const struct fr_option option_table[] = {
    {FR_WORD(struct options, model, "for which model? Give its GGUF")},
    {"out", 'o', "FILE", "where to write (default: standard output); never over a file",
     FR_TEXT(struct options, out)},
    {"tokens", 0, "N",
     "how long the model reasons, in tokens (default: half of what its "
     "context leaves, at most the paper's 16000)",
     FR_INT(struct options, tokens, LEAST_TOKENS, FR_MAX_TOKENS)},
    {"probe", 0, "N", "measure that instead on N puzzles of the clean naming",
     FR_INT(struct options, probe, 1, 100)},
    {"style", 's', "STYLE", "prompt style (default: planbench)",
     FR_CHOICE(struct options, style, fr_style_name, FR_STYLE_COUNT)},
    {0},
};

static void check_options(const void *options, const struct argp_state *state) {
    const struct options *o = options;
    if (o->probe > 0 && o->tokens > 0)
        argp_error(state, "--probe measures what --tokens says; give one");
}

/* ---- numbers --------------------------------------------------------------------------------- */

struct plan {
    const struct fr_model_info *info;
    const struct options *o;
    char *model, *domain, *table; /* absolute paths */
    int tokens, prompt, context;  /* of reasoning, kept for a prompt, of a sequence */
    int step, reference, end, window, steer_start, steer_end, layers[2], collect, evaluate;
    bool device;
};

static int scaled(double paper, const struct plan *p) {
    return (int)lround(paper * p->tokens / PAPER_TOKENS);
}
static int at_least(int low, int x) { return x > low ? x : low; }

static void scale(struct plan *p) {
    const int context = p->info->context_train;
    p->prompt = context / 4 < 2048 ? context / 4 : 2048;
    if (p->tokens == 0) {
        p->tokens = (context - p->prompt) / 2;
        p->tokens = p->tokens < PAPER_TOKENS ? p->tokens : PAPER_TOKENS;
    }
    p->context = p->prompt + 2 * p->tokens;
    if (p->context > context)
        p->context = context;
    p->step = at_least(10, scaled(200, p));
    p->reference = at_least(1, (int)lround((double)scaled(7000, p) / p->step)) * p->step;
    p->end = at_least(p->reference / p->step + 1, scaled(10000, p) / p->step) * p->step;
    p->window = p->tokens >= PAPER_TOKENS / 2 ? 100 : at_least(40, p->tokens / 4);
    p->window = p->window < 200 ? p->window : 200;
    p->steer_start = at_least(20, scaled(1500, p));
    p->steer_end = at_least(p->steer_start + 40, scaled(2500, p));
    for (int i = 0; i < 2; i++)
        p->layers[i] =
            at_least(1 + i, (int)lround((i + 1) * 20.0 * p->info->n_layers / PAPER_LAYERS));
}

/* ---- text ------------------------------------------------------------------------------------ */

/* A value as YAML takes it, whatever it holds. */
static void add_quoted(struct fr_text *out, const char *text) {
    fr_text_add(out, "'");
    for (const char *p = text; *p != '\0'; p++)
        fr_text_printf(out, *p == '\'' ? "''" : "%c", *p);
    fr_text_add(out, "'");
}

/* "  name: value  # what the table of keys says of it", wrapped before the key. */
static void put(struct fr_text *out, const char *section, const char *name, const char *value) {
    struct fr_text key = {0}, help = {0};
    fr_text_printf(&key, "%s%s%s", section, *section != '\0' ? "." : "", name);
    const bool known = fr_config_describe(fr_text_get(&key), &help);
    FR_ASSERT(known);
    const char *indent = *section != '\0' ? "  " : "";
    fr_text_printf(out, "%s# %s\n%s%s: %s\n", indent, fr_text_get(&help), indent, name, value);
    fr_text_release(&key);
    fr_text_release(&help);
}
static void put_int(struct fr_text *out, const char *section, const char *name, int value) {
    char text[16];
    (void)snprintf(text, sizeof text, "%d", value);
    put(out, section, name, text);
}
static void put_text(struct fr_text *out, const char *section, const char *name, const char *text) {
    struct fr_text value = {0};
    add_quoted(&value, text);
    put(out, section, name, fr_text_get(&value));
    fr_text_release(&value);
}

/* A study's name is of letters, digits, '-' and '_'. */
static void put_name(struct fr_text *out, const char *name) {
    struct fr_text value = {0};
    for (const char *p = name; *p != '\0'; p++)
        fr_text_printf(&value, "%c", *p == '-' || (fr_is_word_byte(*p) && !(*p & 0x80)) ? *p : '-');
    put_text(out, "", "study", fr_text_get(&value));
    fr_text_release(&value);
}

static void add_experiments(const struct plan *p, struct fr_text *out) {
    fr_text_printf(
        out,
        "\n# What is written into the residual stream, and what it is held against; a list is a "
        "sweep.\n# fluidrep run --help-config tells every field.\nexperiments:\n"
        "  # h' = 2/3 h + 1/3 v at the mentions of the window, the norm kept (paper 4.1)\n"
        "  - {name: positive, vectors: [in_naming, cross_loo], controls: [random, shuffled, "
        "identity],\n     at: %d, operation: mix, scale: 0.667, layers: [%d, %d], window: [%d, "
        "%d]}\n"
        "  # how many verdicts change for no reason\n"
        "  - {name: jitter, vectors: [noise], operation: jitter, scale: [0.001], keep_norm: "
        "false,\n     at: %d, layers: [%d], window: [%d, %d]}\n",
        p->reference, p->layers[0], p->layers[1], p->steer_start, p->steer_end, p->reference,
        p->layers[0], p->steer_start, p->steer_end);
}

static void render(const struct plan *p, struct fr_text *out) {
    const struct fr_model_info *i = p->info;
    fr_text_printf(
        out,
        "# A study of %s (%s, %d layers of width %d), written by fluidrep init. The "
        "paper's numbers,\n# of 64 layers and %d tokens of reasoning, scaled to %d layers "
        "and %d tokens%s.\n# Next: fluidrep run THIS --dry-run; fluidrep doctor --model "
        "GGUF says what would be faster.\n",
        i->name[0] != '\0' ? i->name : "a model", i->architecture, i->n_layers, i->width,
        PAPER_TOKENS, i->n_layers, p->tokens,
        p->o->probe > 0    ? ", as measured"
        : p->o->tokens > 0 ? ""
                           : ", a guess: --probe measures it");
    put_name(out, i->name[0] != '\0' ? i->name : "study");
    put_int(out, "", "seed", 1);
    fr_text_add(out, "\nmodel:\n");
    put_text(out, "model", "path", p->model);
    put_int(out, "model", "slots", i->weight_bytes < 0x1p27 ? 4 : 16);
    put_int(out, "model", "context_tokens", p->context);
    if (p->device) {
        put_int(out, "model", "gpu_layers", -1);
        put(out, "model", "deterministic", "false");
    }
    fr_text_add(out, "\npuzzles:\n");
    put_text(out, "puzzles", "domain", p->domain);
    put_int(out, "puzzles", "collect", p->collect);
    put_int(out, "puzzles", "evaluate", p->evaluate);
    fr_text_add(out, "\nnamings:\n");
    put_text(out, "namings", "table", p->table);
    put(out, "namings", "use",
        p->evaluate > 0 ? "[clean, \"1\", \"2\", \"4\", \"8\", \"12\", \"15\"]" : "[clean]");
    put(out, "namings", "exclude", "[]");
    fr_text_add(out, "\nprompt:\n");
    put(out, "prompt", "style", fr_style_name[p->o->style]);
    fr_text_add(out, "\ngeneration:\n");
    put_int(out, "generation", "max_tokens", p->context - 16);
    fr_text_add(out, "\nrepresentations:\n");
    put_int(out, "representations", "window_tokens", p->window);
    put_int(out, "representations", "grid_step", p->step);
    put_int(out, "representations", "grid_end", p->end);
    fr_text_add(out, "  # Controls that a rise must stand; a replay keeps sums of each beside.\n"
                     "  sets: [matched, halves]\n");
    fr_text_add(out, "\nanalyses:\n");
    put_int(out, "analyses", "reference_timestamp", p->reference);
    put_int(out, "analyses", "pca_timestamp", p->reference);
    if (p->evaluate > 0)
        add_experiments(p, out);
}

/* ---- the probe ------------------------------------------------------------------------------- */

/* The median of what the model writes, by a study of a few puzzles in dir. */
static int measure(const char *dir, struct plan *p, struct fr_error *err) {
    struct fr_text text = {0}, config = {0};
    struct fr_study *study = NULL;
    int64_t tokens = -1; /* none: as assumed */
    int n_ran;
    struct plan small = *p;
    small.collect = p->o->probe;
    small.evaluate = 0;
    scale(&small);
    render(&small, &text);
    fr_text_printf(&config, "%s/probe.yaml", dir);
    const struct fr_study_options options = {.config_path = fr_text_get(&config), .out_dir = dir};
    int code = fr_file_write(fr_text_get(&config), fr_text_get(&text), text.len, err);
    if (code == FR_OK)
        code = fr_study_open(&study, &options, err);
    if (code == FR_OK)
        code = fr_study_run(study, FR_STAGE_ROLLOUTS, &n_ran, err);
    if (code == FR_OK)
        code = fr_store_find_int(fr_study_store(study), err, &tokens,
                                 "SELECT n_tokens - n_prompt FROM trace ORDER BY 1 LIMIT 1 OFFSET"
                                 " (SELECT count(*) / 2 FROM trace)",
                                 "");
    if (code == FR_OK && tokens >= 0)
        p->tokens = at_least(LEAST_TOKENS, (int)tokens);
    fr_study_close(study);
    fr_text_release(&config);
    fr_text_release(&text);
    return code;
}

static int probe(struct plan *p, struct fr_error *err) {
    static const char *const files[] = {"probe.yaml",   "study.db",        "study.db-wal",
                                        "study.db-shm", "study.db.sha256", "lock"};
    char dir[] = "/tmp/fluidrep-probe-XXXXXX";
    if (mkdtemp(dir) == NULL)
        return fr_fail(err, FR_E_IO, "%s: no directory for the probe", dir);
    (void)fprintf(stderr, "probing %d puzzles\n", p->o->probe);
    const int code = measure(dir, p, err);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct fr_text path = {0};
        fr_text_printf(&path, "%s/%s", dir, files[i]);
        (void)unlink(fr_text_get(&path));
        fr_text_release(&path);
    }
    (void)rmdir(dir);
    return code;
}

static int find_files(struct plan *p, struct fr_error *err) {
    struct fr_text domain = {0}, table = {0};
    fr_data_path("domains/blocksworld.pddl", &domain);
    fr_data_path("namings.tsv", &table);
    p->model = realpath(p->o->model, NULL);
    p->domain = realpath(fr_text_get(&domain), NULL);
    p->table = realpath(fr_text_get(&table), NULL);
    int code = FR_OK;
    if (p->model == NULL || p->domain == NULL || p->table == NULL)
        code = fr_fail(err, FR_E_INPUT, "%s: not found",
                       p->model == NULL    ? p->o->model
                       : p->domain == NULL ? fr_text_get(&domain)
                                           : fr_text_get(&table));
    fr_text_release(&domain);
    fr_text_release(&table);
    return code;
}

int fr_command_init(int argc, char **argv) {
    static const struct fr_usage usage =
        {.options = option_table,
         .too_many = "one model at a time",
         .check = check_options,
         .arguments = "MODEL.gguf",
         .about =
             "Writes a configuration for a model: layers, windows and timestamps scaled from its "
             "size and from how long it reasons, a comment at every key.\v--probe N lets the model "
             "solve N puzzles to measure that, which takes as long as it writes."};
    struct options o = {.style = FR_STYLE_PLANBENCH};
    struct fr_error err = {0};
    struct fr_model_info info = {0};
    struct fr_text text = {0};
    char names[FR_DEVICES_MOST][96];
    double bytes[FR_DEVICES_MOST];
    fr_cli_parse(&usage, argc, argv, &o);
    struct plan plan = {.info = &info, .o = &o, .tokens = o.tokens, .collect = 40, .evaluate = 20};
    int code = FR_OK;
    if (o.out != NULL && fr_file_exists(o.out))
        code = fr_fail(&err, FR_E_INPUT, "%s: is there already; give another --out", o.out);
    if (code == FR_OK)
        code = fr_model_look(o.model, &info, &err);
    if (code == FR_OK && (info.context_train - info.context_train / 4) / 2 < LEAST_TOKENS)
        code = fr_fail(&err, FR_E_INPUT, "%s: a context of %d tokens holds no trace to speak of",
                       o.model, info.context_train);
    if (code == FR_OK)
        code = find_files(&plan, &err);
    plan.device = fr_model_devices(FR_DEVICES_MOST, names, bytes) > 0;
    if (code == FR_OK && o.probe > 0)
        code = probe(&plan, &err);
    if (code == FR_OK) {
        scale(&plan);
        render(&plan, &text);
        if (o.out == NULL)
            (void)fputs(fr_text_get(&text), stdout);
        else
            code = fr_file_write(o.out, fr_text_get(&text), text.len, &err);
    }
    if (code == FR_OK && o.out != NULL)
        (void)fprintf(stderr, "%s: next, fluidrep run %s --dry-run\n", o.out, o.out);
    free(plan.model);
    free(plan.domain);
    free(plan.table);
    fr_text_release(&text);
    return code == FR_OK ? FR_EXIT_DONE : fr_cli_fail(&err);
}
