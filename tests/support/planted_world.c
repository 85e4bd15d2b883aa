/* See planted_world.h. */
#include "planted_world.h"

#include <string.h>

#include "test.h"

#include "base/memory.h"
#include "base/rng.h"

enum { N_FILLERS = 8 };
static const char *const fillers[N_FILLERS] = {"so", "then", "A", "B", "with", "but", "wait", "x"};

void planted_world_init(struct planted_world *world) {
    struct fr_error err = {0};
    *world = (struct planted_world){0};
    assert_ok(fr_domain_load(&world->domain, fr_test_path("data/domains/blocksworld.pddl"), &err),
              err);
    assert_ok(fr_namings_load(&world->table, fr_test_path("data/namings.tsv"), &world->domain,
                              &err),
              err);
    assert_int_equal(world->table.n, WORLD_NAMINGS + 1);
    for (int i = 0; i < WORLD_NAMINGS; i++) {
        (void)snprintf(world->markers[i], sizeof world->markers[i], "naming%d", i);
        world->namings[i] =
            (struct fr_planted_naming){world->markers[i],
                                       (const char *const *)planted_world_naming(world, i)->words};
    }
    world->options = fr_planted_options_defaults();
    world->options.name_norm = 0.5;
    world->options.namings = world->namings;
    world->options.n_namings = WORLD_NAMINGS;
    world->options.n_concepts = world->table.concepts.n;
}

/* The model knows only words it has read: a reopened one is shown them all, in the same order. */
static void read_all_words(const struct planted_world *world) {
    struct fr_error err = {0};
    struct fr_text text = {0};
    struct fr_tokens tokens = {0};
    for (int i = 0; i < WORLD_NAMINGS; i++) {
        fr_text_printf(&text, "\n%s", world->markers[i]);
        for (int a = 0; a < world->table.concepts.n; a++)
            fr_text_printf(&text, " %s", planted_world_naming(world, i)->words[a]);
    }
    for (int i = 0; i < N_FILLERS; i++)
        fr_text_printf(&text, " %s", fillers[i]);
    assert_ok(fr_model_tokenize(world->model, text.data, text.len, false, &tokens, &err), err);
    fr_tokens_release(&tokens);
    fr_text_release(&text);
}

void planted_world_open(struct planted_world *world, int n_slots) {
    struct fr_error err = {0};
    world->options.n_slots = n_slots;
    assert_ok(fr_model_open_planted(&world->model, &world->options, &err), err);
    read_all_words(world);
}

void planted_world_close(struct planted_world *world) {
    fr_model_close(world->model);
    world->model = NULL;
}

void planted_world_release(struct planted_world *world) {
    planted_world_close(world);
    fr_namings_release(&world->table);
    fr_domain_release(&world->domain);
}

const struct fr_naming *planted_world_naming(const struct planted_world *world, int i_naming) {
    return &world->table.items[1 + i_naming];
}

void planted_trace_make(const struct planted_world *world, int i_naming, uint64_t seed, int n_words,
                        struct planted_trace *out) {
    const int n_concepts = world->table.concepts.n;
    const struct fr_naming *naming = planted_world_naming(world, i_naming);
    struct fr_error err = {0};
    struct fr_text text = {0};
    struct fr_forms forms;
    struct fr_rng rng;
    *out = (struct planted_trace){0};
    fr_rng_seed(&rng, seed, (uint64_t)i_naming);
    fr_text_add(&text, world->markers[i_naming]);
    for (int i = 1; i < n_words; i++) {
        const uint32_t kind = fr_rng_below(&rng, 5);
        fr_text_printf(&text, " %s",
                       kind < 2 ? naming->words[fr_rng_below(&rng, (uint32_t)n_concepts)]
                                : fillers[fr_rng_below(&rng, N_FILLERS)]);
    }
    assert_ok(fr_model_tokenize(world->model, text.data, text.len, false, &out->tokens, &err), err);
    assert_int_equal(out->tokens.n, n_words);
    fr_forms_of_naming(&world->table.concepts, naming, FR_STYLE_TERSE, NULL, FR_INFLECTION_EXACT,
                       &forms);
    fr_mentions_find(&forms, text.data, text.len, out->tokens.starts, out->tokens.ends,
                     out->tokens.n, &out->mentions);
    assert_true(out->mentions.n > n_words / 4);
    fr_forms_release(&forms);
    fr_text_release(&text);
}

void planted_trace_release(struct planted_trace *trace) {
    fr_tokens_release(&trace->tokens);
    fr_mentions_release(&trace->mentions);
}

/* The first n_sites of enum fr_site. */
static void collect(struct planted_world *world, const struct fr_grid *grid, int n_traces,
                    int n_words, struct fr_reps *raw, int n_sites) {
    const struct fr_model_info *info = fr_model_info(world->model);
    for (int site = 0; site < n_sites; site++)
        fr_reps_init(&raw[site], &world->table.concepts, WORLD_NAMINGS, info->n_layers,
                     grid->n_times, info->width);
    for (int i = 0; i < WORLD_NAMINGS; i++) {
        struct fr_sums sums[FR_STREAM_SITES], *targets[FR_STREAM_SITES];
        for (int site = 0; site < n_sites; site++) {
            targets[site] = &sums[site];
            fr_sums_init(&sums[site], site, raw->n_concepts, raw->n_layers, raw->n_times,
                         raw->width);
        }
        for (int k = 0; k < n_traces; k++) {
            struct fr_error err = {0};
            struct planted_trace trace;
            planted_trace_make(world, i, 1000 + (uint64_t)k, n_words, &trace);
            assert_ok(fr_sums_collect(world->model, trace.tokens.ids, trace.tokens.n,
                                      &trace.mentions, 0, grid, targets, n_sites, &err),
                      err);
            planted_trace_release(&trace);
        }
        for (int site = 0; site < n_sites; site++) {
            fr_reps_set_naming(&raw[site], i, &sums[site], 10);
            fr_sums_release(&sums[site]);
        }
    }
}

void planted_world_collect(struct planted_world *world, const struct fr_grid *grid, int n_traces,
                           int n_words, struct fr_reps *raw) {
    collect(world, grid, n_traces, n_words, raw, FR_SITE_BLOCK + 1);
}

void planted_world_collect_sites(struct planted_world *world, const struct fr_grid *grid,
                                 int n_traces, int n_words, struct fr_reps raw[FR_STREAM_SITES]) {
    collect(world, grid, n_traces, n_words, raw, FR_STREAM_SITES);
}

void planted_world_truth(const struct planted_world *world, int concept, float *out) {
    const struct fr_concepts *concepts = &world->table.concepts;
    const int width = world->options.width;
    int n = 0;
    for (int a = 0; a < concepts->n; a++)
        n += concepts->kinds[a] == concepts->kinds[concept];
    memcpy(out, fr_planted_direction(world->model, concept), (size_t)width * sizeof *out);
    for (int a = 0; a < concepts->n; a++)
        for (int d = 0; d < width && concepts->kinds[a] == concepts->kinds[concept]; d++)
            out[d] -= fr_planted_direction(world->model, a)[d] / (float)n;
}

double planted_cosine(const float *x, const float *y, int width) {
    double xx = 0, yy = 0, xy = 0;
    for (int d = 0; d < width; d++) {
        xx += (double)x[d] * (double)x[d];
        yy += (double)y[d] * (double)y[d];
        xy += (double)x[d] * (double)y[d];
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}
