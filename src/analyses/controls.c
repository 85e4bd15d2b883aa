/* What is left of the rising curve (method.md 4, "Sanity of a rising curve"): the same-concept,
 * leave-one-out curve of A3 under one control after the other, and how much of its rise goes.
 *
 * A control either takes an artefact away (count-matched cells, the text that namings share on the
 * same puzzles, noise divided out, a panel of traces, mentions of another span), and what its curve
 * lacks was the artefact's; or it has nothing but an artefact (shuffled labels), and what its curve
 * has is. References are those of all traces where the rows are the same; of the other half of the
 * puzzles, so that subject and reference share no puzzle; of another span their own. */
#include <math.h>
#include <stdlib.h>

#include "analyses/analyses.h"
#include "analyses/analysis.h"
#include "base/memory.h"

enum { N_SETS = 2 };
enum way { AS_IT_IS, SUBJECTS, SUBJECTS_AND_REFERENCES, CROSSED, SHUFFLED };

static const struct control {
    const char *name, *title;
    enum way way;
    enum fr_control_role role;
    enum fr_trace_set sets[N_SETS];
} controls[] = {
    {"plain", "as it is", AS_IT_IS, 0, {0}},
    {"matched", "count-matched cells", SUBJECTS, FR_CONTROL_REMOVES, {FR_TRACES_MATCHED}},
    {"other_puzzles",
     "against other puzzles' traces",
     CROSSED,
     FR_CONTROL_REMOVES,
     {FR_TRACES_HALF_A, FR_TRACES_HALF_B}},
    {"corrected",
     "the same, noise divided out",
     CROSSED,
     FR_CONTROL_CORRECTS,
     {FR_TRACES_HALF_A, FR_TRACES_HALF_B}},
    {"panel", "balanced panel of traces", SUBJECTS, FR_CONTROL_REMOVES, {FR_TRACES_PANEL}},
    {"other_span", "", SUBJECTS_AND_REFERENCES, FR_CONTROL_REMOVES, {FR_TRACES_OTHER_SPAN}},
    {"shuffled", "labels shuffled", SHUFFLED, FR_CONTROL_IMITATES, {0}},
};
enum { N_CONTROLS = sizeof controls / sizeof *controls };

static const struct fr_result_table tables[] = {
    /* role: 'plain'; 'removes' an artefact; 'imitates': has nothing else */
    {"curve_control", FR_OWNER_ANALYSES,
     "control TEXT PRIMARY KEY, position INTEGER NOT NULL, role TEXT NOT NULL,"
     " title TEXT NOT NULL"},
    /* Means over namings. control: also 'ceiling', what 'corrected' is divided by */
    {"control_curve", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, control TEXT NOT NULL, kind TEXT NOT NULL,"
     " timestamp INTEGER NOT NULL, mean REAL, low REAL, high REAL, n_namings INTEGER NOT NULL,"
     " PRIMARY KEY (layer, control, kind, timestamp)"},
    /* From the first timestamp at which half of the namings have both curves to fr_rise_end.
     * began, ended: the control's values there, of these namings. explained: of the plain rise;
     * NULL of 'plain' itself, and where that is not above 0 with its interval */
    {"control_rise", FR_OWNER_ANALYSES,
     "layer INTEGER NOT NULL, control TEXT NOT NULL, kind TEXT NOT NULL,"
     " first_timestamp INTEGER, last_timestamp INTEGER NOT NULL, n_namings INTEGER NOT NULL,"
     " plain REAL, plain_low REAL, plain_high REAL, rise REAL, rise_low REAL, rise_high REAL,"
     " began REAL, ended REAL, explained REAL, low REAL, high REAL, PRIMARY KEY (layer, control, "
     "kind)"},
};

static bool is_kept(const struct fr_world *w, const struct control *control) {
    for (int k = 0; k < N_SETS; k++)
        if (!fr_world_uses_traces(w, control->sets[k]))
            return false;
    return true;
}

static const char *role_name(const struct control *control) {
    if (control->way == AS_IT_IS)
        return "plain";
    return control->role == FR_CONTROL_IMITATES ? "imitates" : "removes";
}

static int run(const struct fr_analysis_input *in, struct fr_error *err) {
    const struct fr_world *w = in->world;
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < N_CONTROLS; i++) {
        const char *title = controls[i].title;
        if (controls[i].way == SUBJECTS_AND_REFERENCES)
            title = w->config.previous_token ? "without the token before" : "with the token before";
        if (is_kept(w, &controls[i]))
            code =
                fr_store_run(in->store, err, "INSERT INTO curve_control VALUES (?, ?, ?, ?)",
                             "titt", controls[i].name, (int64_t)i, role_name(&controls[i]), title);
    }
    return code;
}

/* Loaded and centred. */
static int load(const struct fr_analysis_layer *layer, enum fr_trace_set set, struct fr_reps *out,
                struct fr_error *err) {
    struct fr_reps raw;
    const int code = layer->load(layer->user, set, FR_SITE_BLOCK, &raw, err);
    *out = (struct fr_reps){0};
    if (code == FR_OK) {
        fr_reps_centre(&raw, out);
        fr_reps_release(&raw);
    }
    return code;
}

/* The curves of a control, by kind. */
static int take(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                const struct control *control, struct fr_curves *out, struct fr_error *err) {
    const struct fr_config *c = &in->world->config;
    const bool own = control->way == SUBJECTS || control->way == SUBJECTS_AND_REFERENCES;
    struct fr_reps sets[N_SETS] = {0};
    struct fr_similarity similarity = {0};
    struct fr_similarity_ask ask = {.subjects = layer->centred,
                                    .use = in->use,
                                    .reference_time =
                                        fr_config_grid_index(c, c->reference_timestamp),
                                    .seed = (uint64_t)c->seed,
                                    .n_shuffles = control->way == SHUFFLED ? FR_LABEL_SHUFFLES : 0};
    int code = FR_OK;
    for (int k = 0; code == FR_OK && k < N_SETS; k++)
        if (control->sets[k] != FR_TRACES_ALL)
            code = load(layer, control->sets[k], &sets[k], err);
    if (own)
        ask.subjects = &sets[0];
    if (control->way == SUBJECTS)
        ask.references = layer->centred;
    if (code == FR_OK && control->way != CROSSED)
        fr_similarity_run(&ask, &similarity);
    for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++)
        if (control->way == CROSSED)
            fr_curves_cross(&sets[0], &sets[1], in->use, (enum fr_concept_kind)kind,
                            ask.reference_time, &out[kind]);
        else
            fr_curves_take(&similarity, layer->layer, (enum fr_concept_kind)kind,
                           layer->grid->n_times, &out[kind]);
    for (int k = 0; k < N_SETS; k++)
        fr_reps_release(&sets[k]);
    fr_similarity_release(&similarity);
    return code;
}

/* Of the panel's traces nothing is said beyond where all of them reach. */
static int last_time(const struct fr_analysis_input *in, const struct fr_grid *grid,
                     const struct control *control, int last) {
    const int end = fr_world_panel_end(in->world);
    while (control->sets[0] == FR_TRACES_PANEL && last >= 0 && grid->times[last] > end)
        last--;
    return last;
}

static int write_curve(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                       const struct control *control, int kind, const struct fr_curves *curves,
                       bool ceiling, struct fr_error *err) {
    const int last = last_time(in, layer->grid, control, curves->n_times - 1);
    int code = FR_OK;
    for (int t = 0; code == FR_OK && t <= last; t++) {
        const struct fr_estimate e =
            ceiling ? fr_curve_ceiling(curves, t)
                    : fr_curve_at(curves, t, control->role == FR_CONTROL_CORRECTS);
        code = fr_store_run(in->store, err,
                            "INSERT INTO control_curve VALUES (?, ?, ?, ?, ?, ?, ?, ?)", "ittidddi",
                            (int64_t)layer->layer, ceiling ? "ceiling" : control->name,
                            fr_concept_kind_name[kind], (int64_t)layer->grid->times[t], e.value,
                            e.low, e.high, (int64_t)e.n_namings);
    }
    return code;
}

static int write_rise(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                      const struct control *control, int kind, const struct fr_curves *plain,
                      const struct fr_curves *curves, struct fr_error *err) {
    static const struct fr_estimate nothing = {NAN, NAN, NAN, 0, NAN};
    const struct fr_config *c = &in->world->config;
    const int last = last_time(in, layer->grid, control,
                               fr_rise_end(layer->grid->times, layer->grid->n_times,
                                           c->reference_timestamp, c->window_tokens));
    struct fr_rise r = {.first = -1};
    if (last >= 0)
        fr_rise_compare(plain, curves, control->role, last, &r);
    if (r.first < 0)
        return FR_OK;
    if (control->way == AS_IT_IS)
        r.explained = nothing;
    return fr_store_run(
        in->store, err,
        "INSERT INTO control_rise VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "ittiiiddddddddddd", (int64_t)layer->layer, control->name, fr_concept_kind_name[kind],
        (int64_t)layer->grid->times[r.first], (int64_t)layer->grid->times[last],
        (int64_t)r.plain.n_namings, r.plain.value, r.plain.low, r.plain.high, r.control.value,
        r.control.low, r.control.high, r.from, r.to, r.explained.value, r.explained.low,
        r.explained.high);
}

static bool has_kind(const struct fr_concepts *concepts, int kind) {
    for (int a = 0; a < concepts->n; a++)
        if ((int)concepts->kinds[a] == kind)
            return true;
    return false;
}

static int run_layer(const struct fr_analysis_input *in, const struct fr_analysis_layer *layer,
                     struct fr_error *err) {
    struct fr_curves plain[FR_CONCEPT_KIND_COUNT] = {0};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < N_CONTROLS; i++) {
        const struct control *control = &controls[i];
        struct fr_curves own[FR_CONCEPT_KIND_COUNT] = {0}, *curves = i == 0 ? plain : own;
        if (!is_kept(in->world, control))
            continue;
        code = take(in, layer, control, curves, err);
        for (int kind = 0; code == FR_OK && kind < FR_CONCEPT_KIND_COUNT; kind++) {
            if (!has_kind(&in->world->table.concepts, kind))
                continue;
            code = write_curve(in, layer, control, kind, &curves[kind], false, err);
            if (code == FR_OK && control->role == FR_CONTROL_CORRECTS)
                code = write_curve(in, layer, control, kind, &curves[kind], true, err);
            if (code == FR_OK)
                code = write_rise(in, layer, control, kind, &plain[kind], &curves[kind], err);
        }
        for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
            fr_curves_release(&own[kind]);
    }
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++)
        fr_curves_release(&plain[kind]);
    return code;
}

const struct fr_analysis fr_analysis_controls = {
    .name = "controls",
    .need = FR_NEEDS_SUMS,
    .tables = tables,
    .n_tables = sizeof tables / sizeof *tables,
    .run = run,
    .run_layer = run_layer,
};
