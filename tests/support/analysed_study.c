#include "support/analysed_study.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/directory.h"
#include "support/test.h"

static void put_namings(const struct fr_analysed *a) {
    const struct fr_world *w = &a->world;
    struct fr_error err = {0};
    for (int i = 0; i < w->n_namings; i++) {
        const struct fr_world_naming *n = &w->namings[i];
        assert_ok(fr_store_run(a->store, &err, "INSERT INTO naming VALUES (?, ?, ?, ?)", "titi",
                               n->naming->id, (int64_t)i, n->clean ? "clean" : "mystery",
                               (int64_t)n->excluded),
                  err);
        for (int c = 0; c < w->table.concepts.n; c++)
            assert_ok(fr_store_run(a->store, &err, "INSERT INTO naming_word VALUES (?, ?, ?, ?, ?)",
                                   "ttitt", n->naming->id, w->table.concepts.names[c], (int64_t)c,
                                   fr_concept_kind_name[w->table.concepts.kinds[c]],
                                   n->naming->words[c]),
                      err);
    }
}

void fr_analysed_open(struct fr_analysed *a, const char *name, const char *more, int n_layers) {
    struct fr_error err = {0};
    struct fr_text config = {0}, path = {0};
    struct fr_result_table *tables;
    unsigned remade;
    *a = (struct fr_analysed){0};
    fr_test_directory_make(name, a->dir, sizeof a->dir);
    fr_text_printf(&path, "%s/study.yaml", a->dir);
    fr_text_printf(&config,
                   "study: %s\nmodel: {path: none.gguf, context_tokens: 2048}\n"
                   "generation: {max_tokens: 2048}\n"
                   "puzzles: {domain: %s/data/domains/blocksworld.pddl, collect: 3, evaluate: 0}\n"
                   "%s",
                   name, fr_test_source_dir(), more);
    assert_ok(fr_file_write(fr_text_get(&path), fr_text_get(&config), config.len, &err), err);
    assert_ok(fr_world_open(&a->world, fr_text_get(&path), &err), err);
    assert_ok(fr_store_open(&a->store, a->dir, &err), err);
    const int n = fr_analyses_tables(&tables);
    assert_ok(fr_store_define_results(a->store, tables, n, &remade, &err), err);
    free(tables);
    assert_ok(fr_store_set_meta(a->store, "study", name, &err), err);
    put_namings(a);
    assert_true(a->world.n_namings <= FR_ANALYSED_NAMINGS);
    fr_world_used_namings(&a->world, a->use);
    a->input = (struct fr_analysis_input){.world = &a->world,
                                          .store = a->store,
                                          .events = &a->events,
                                          .own_traces = true,
                                          .n_layers = n_layers,
                                          .use = a->use};
    fr_text_release(&config);
    fr_text_release(&path);
}

void fr_analysed_close(struct fr_analysed *a) {
    fr_store_close(a->store);
    fr_world_release(&a->world);
    fr_test_directory_remove(a->dir);
}
