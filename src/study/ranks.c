/* A study by several ranks: what they must agree on, and what a rank without the store does. What
 * binds results is compared, as text, before a rank may take part; where files lie and how large a
 * machine is may differ. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "fr_version.h"
#include "phases/phases.h"
#include "study/internal.h"

bool fr_study_is_helper(const struct fr_study *s) {
    return s->ranks != NULL && fr_ranks_transport(s->ranks)->rank > 0;
}

const char *fr_study_dir(const struct fr_study *s) {
    return s->scratch != NULL ? s->scratch : fr_store_dir(s->store);
}

int fr_study_cores(const struct fr_study *s) {
    const int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (s->ranks == NULL)
        return cores;
    /* of those that it was bound to, no more than its part of the machine */
    cpu_set_t set;
    const int part = cores / fr_ranks_transport(s->ranks)->local_size;
    const int bound = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : cores;
    const int own = bound < part ? bound : part;
    return own > 0 ? own : 1;
}

/* ---- what they must agree on ----------------------------------------------------------------- */

/* Keys of the stages whose units travel, and the words and edits that these name by number. */
static int render_terms(const struct fr_study *s, struct fr_text *out, struct fr_error *err) {
    static const enum fr_stage keys[] = {FR_STAGE_PUZZLES, FR_STAGE_ROLLOUTS,
                                         FR_STAGE_REPRESENTATIONS, FR_STAGE_STEERING};
    const struct fr_world *w = &s->world;
    int code = FR_OK;
    fr_text_add(out, "fluidrep " FR_VERSION " (" FR_REVISION ")\n");
    for (size_t i = 0; code == FR_OK && i < sizeof keys / sizeof *keys; i++)
        code = fr_world_render_stage(w, keys[i], "", out, err);
    if (fr_world_uses_traces(w, FR_TRACES_PHASES_CUES)) {
        char sha[FR_SHA256_TEXT];
        fr_phases_table_sha256(sha);
        fr_text_printf(out, "phases.sha256: %s\n", sha);
    }
    for (int i = 0; i < w->n_namings; i++) {
        fr_text_printf(out, "naming %s%s:", w->namings[i].naming->id,
                       w->namings[i].excluded ? ", left out" : "");
        for (int a = 0; a < w->table.concepts.n; a++)
            fr_text_printf(out, " %s", w->namings[i].naming->words[a]);
        fr_text_add(out, "\n");
    }
    for (int i = 0; i < w->conditions.n_edits; i++) {
        fr_edit_kind_render(&w->conditions.edits[i], out);
        fr_text_add(out, "\n");
    }
    return code;
}

/* What binds a rank to fewer cores than its part of the machine, as mpirun does unasked. */
static void check_binding(const struct fr_study *s) {
    const int here = fr_ranks_transport(s->ranks)->local_size, own = fr_study_cores(s);
    const int part = (int)sysconf(_SC_NPROCESSORS_ONLN) / here;
    if (own < part)
        fr_events_warn(&s->events.work,
                       "this rank is bound to %d of the %d cores that are its part of the machine; "
                       "`mpirun --bind-to none` gives it all",
                       own, part);
}

int fr_study_hello(struct fr_study *s, struct fr_error *err) {
    struct fr_text text = {0}, terms = {0};
    check_binding(s);
    char stamp[FR_FILE_STAMP] = "";
    const int code = render_terms(s, &text, err);
    if (s->factory->stamp != NULL)
        s->factory->stamp(s->factory->user, s->world.model_path, stamp);
    fr_pack_text(&terms, fr_text_get(&text));
    fr_pack_text(&terms, s->model_sha256);
    fr_pack_text(&terms, stamp);
    if (code == FR_OK)
        fr_ranks_hello(s->ranks, &terms);
    fr_text_release(&text);
    fr_text_release(&terms);
    return code;
}

/* The same file, by all that the system tells of it, has the same hash. */
static int compare_model(struct fr_study *s, const char *sha256, const char *stamp,
                         struct fr_error *err) {
    const struct fr_model_factory *f = s->factory;
    char own[FR_FILE_STAMP] = "";
    if (f->stamp != NULL)
        f->stamp(f->user, s->world.model_path, own);
    (void)snprintf(s->model_sha256, sizeof s->model_sha256, "%s", sha256);
    if (*own != '\0' && strcmp(own, stamp) == 0)
        return FR_OK;
    const int code = f->identify(f->user, s->world.model_path, s->model_sha256, err);
    if (code == FR_OK && strcmp(s->model_sha256, sha256) != 0)
        return fr_fail(err, FR_E_CONFLICT,
                       "%s is another model than rank 0's (SHA-256 %.12s, not %.12s)",
                       s->world.model_path, s->model_sha256, sha256);
    return code;
}

static int compare_terms(struct fr_study *s, const struct fr_text *order, struct fr_error *err) {
    struct fr_unpack in = fr_unpack_begin(order);
    const char *text = fr_unpack_text(&in), *sha256 = fr_unpack_text(&in),
               *stamp = fr_unpack_text(&in);
    struct fr_text own = {0};
    char here[160] = "", there[160] = "";
    int code = render_terms(s, &own, err);
    if (code == FR_OK && strcmp(fr_text_get(&own), text) != 0) {
        fr_study_first_difference(fr_text_get(&own), text, here, sizeof here);
        fr_study_first_difference(text, fr_text_get(&own), there, sizeof there);
        code = fr_fail(err, FR_E_CONFLICT, "%s says %s, and rank 0's %s", s->world.config_path,
                       *here != '\0' ? here : "less", *there != '\0' ? there : "less");
    }
    if (code == FR_OK)
        code = compare_model(s, sha256, stamp, err);
    fr_text_release(&own);
    return code;
}

/* ---- a rank without the store ---------------------------------------------------------------- */

static int make_scratch(struct fr_study *s, struct fr_error *err) {
    const char *tmp = getenv("TMPDIR");
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/fluidrep.XXXXXX", tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
    s->scratch = fr_text_take(&path);
    if (mkdtemp(s->scratch) != NULL)
        return FR_OK;
    (void)fr_fail(err, FR_E_IO, "%s: cannot be made; TMPDIR says where", s->scratch);
    free(s->scratch);
    s->scratch = NULL;
    return err->code;
}

void fr_study_remove_scratch(struct fr_study *s) {
    struct fr_text reps = {0};
    if (s->scratch == NULL)
        return;
    fr_text_printf(&reps, "%s/reps", s->scratch); /* empty but for what a fault left */
    (void)rmdir(fr_text_get(&reps));
    (void)rmdir(s->scratch);
    fr_text_release(&reps);
    free(s->scratch);
    s->scratch = NULL;
}

static bool stopped(void *user) {
    const struct fr_study *s = user;
    return fr_events_stopped(&s->events.work);
}

static struct fr_model_counters count_models(void *user, int *n_models) {
    const struct fr_study *s = user;
    *n_models = s->n_models;
    return fr_study_count_here(s);
}

static int assist(struct fr_study *s, const struct fr_text *order, struct fr_error *err) {
    struct fr_unpack in = fr_unpack_begin(order);
    const int64_t stage = fr_unpack_int(&in);
    switch (stage) {
    case FR_STAGE_ROLLOUTS:
        return fr_stage_rollouts_assist(s, err);
    case FR_STAGE_REPRESENTATIONS:
        return fr_stage_representations_assist(s, err);
    default:
        FR_ASSERT(stage == FR_STAGE_STEERING);
        return fr_stage_steering_assist(s, err);
    }
}

/* A full disk is TMPDIR's here; what it says of running again is rank 0's to say. */
static int tell_scratch(const struct fr_study *s, int code, struct fr_error *err) {
    char *again = strstr(err->text, " and run again");
    if (code != FR_E_IO || strncmp(err->text, s->scratch, strlen(s->scratch)) != 0)
        return code;
    if (again != NULL)
        *again = '\0';
    const struct fr_error fault = *err;
    return fr_fail(err, code, "%s; TMPDIR says where its files of sums go", fault.text);
}

void fr_study_assist(const struct fr_study_options *options) {
    struct fr_study *s = NULL;
    struct fr_error err = {0};
    struct fr_text order = {0}, about = {0};
    struct fr_ranks *ranks = options->ranks;
    enum fr_rank_order what;
    int code = fr_study_open_inputs(&s, options->config_path, options->factory, &err);
    if (code == FR_OK) {
        s->ranks = ranks;
        s->keep_seconds = options->keep_seconds;
        if (options->events != NULL)
            s->events = *options->events;
        fr_ranks_set_local(ranks, stopped, count_models, s);
        code = fr_study_look(s, &err);
    }
    if (code == FR_OK)
        code = make_scratch(s, &err);
    while ((what = fr_ranks_wait(ranks, &order)) != FR_RANK_END) {
        if (what == FR_RANK_HELLO) {
            if (code == FR_OK)
                code = compare_terms(s, &order, &err);
            if (code == FR_OK)
                fr_study_describe_machine(s, &about);
            fr_ranks_join(ranks, code != FR_OK ? err.text : NULL, fr_text_get(&about));
        } else {
            code = tell_scratch(s, assist(s, &order, &err), &err);
            fr_ranks_done(ranks, code, &err);
        }
    }
    fr_ranks_set_local(ranks, NULL, NULL, NULL);
    fr_study_close(s);
    fr_text_release(&order);
    fr_text_release(&about);
}

/* ---- rank 0 ---------------------------------------------------------------------------------- */

static void count_units(struct fr_study *s) {
    const int size = fr_ranks_transport(s->ranks)->size, all = fr_ranks_units(s->ranks, 0);
    int n_helpers = 0;
    for (int i = 1; i < size; i++) {
        s->shared.n_units += fr_ranks_units(s->ranks, i);
        n_helpers += fr_ranks_units(s->ranks, i) > 0;
    }
    if (n_helpers > s->shared.n_ranks)
        s->shared.n_ranks = n_helpers;
    s->shared.waited += fr_ranks_waited(s->ranks);
    if (all < size && !s->lost && !s->relisted)
        fr_events_warn(
            &s->events.work,
            "the stage %s had %d unit%s of work for %d ranks: those beyond have nothing to "
            "do in it",
            fr_stage_names[s->pace.stage], all, all == 1 ? "" : "s", size);
}

struct fr_study_shared fr_study_shared(const struct fr_study *s) {
    return s->shared;
}

/* On which machines else the stage was made. */
static int record_machines(struct fr_study *s, struct fr_error *err) {
    struct fr_text keys = {0};
    bool done;
    int code = FR_OK;
    (void)fr_store_get_stage(s->store, fr_stage_names[s->pace.stage], &done, &keys);
    for (int i = 1; code == FR_OK && i < fr_ranks_transport(s->ranks)->size; i++)
        if (fr_ranks_units(s->ranks, i) > 0)
            code =
                fr_store_stage_begin(s->store, fr_stage_names[s->pace.stage], fr_text_get(&keys),
                                     &(struct fr_provenance){"", "", fr_ranks_about(s->ranks, i)},
                                     err);
    fr_text_release(&keys);
    return code;
}

int fr_study_work_ranks(struct fr_study *s, const struct fr_work *work, struct fr_error *err) {
    struct fr_text order = {0};
    fr_pack_int(&order, s->pace.stage);
    int code = fr_work_run_ranks(work, s->models, s->n_models, s->ranks, &order, err);
    s->lost = fr_ranks_lost(s->ranks);
    if (code == FR_OK) {
        count_units(s);
        code = record_machines(s, err);
    }
    fr_text_release(&order);
    return code;
}
