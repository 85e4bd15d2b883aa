/* exports/: a study for other programs: arrays (safetensors, npz), control vectors (GGUF), traces
 * (JSON lines), tables (CSV). All is read from a study's directory alone, also of one that is
 * running; docs/formats.md shows what comes out and how it is read. */
#ifndef FR_EXPORTS_EXPORTS_H
#define FR_EXPORTS_EXPORTS_H

#include "config/world.h"
#include "exports/arrays.h"
#include "interventions/interventions.h"
#include "model/model.h"
#include "naming/naming.h"
#include "representations/representations.h"
#include "store/store.h"

/* A study as its directory tells it. */
struct fr_export {
    struct fr_store *store;
    struct fr_config config; /* as it was made with; paths as written, experiments not read */
    struct fr_concepts concepts;
    int n_namings;
    char **namings;     /* [N] ids, in the study's order */
    bool *clean, *used; /* [N] used: in means over namings */
};
FR_CHECKED int fr_export_open(struct fr_export *out, const char *dir, struct fr_error *err);
void fr_export_close(struct fr_export *export);

/* ---- representations ------------------------------------------------------------------------- */

/* Every array has axes of these, in this order; the file names those of each. One layer and
 * timestamp lies together, so that a part of the file is easily read. A cell without its
 * mentions is NaN. */
enum fr_export_kind {
    FR_EXPORT_SUMS,    /* sums F64 [L][T][N][A][D] over mentions, counts I32 [T][N][A] */
    FR_EXPORT_MEANS,   /* means F32 [L][T][N][A][D], counts: r, missing below min_mentions */
    FR_EXPORT_CENTRED, /* centred F32 [L][T][N][A][D], counts: r~ */
    FR_EXPORT_CROSS,   /* cross_all F32 [L][T][A][D], cross_loo [L][T][N][A][D] (without the
                          naming), namings_all I32 [T][A] (how many entered), counts: r- */
    FR_EXPORT_KIND_COUNT
};
extern const char *const fr_export_kind_name[FR_EXPORT_KIND_COUNT]; /* "sums" ... */

/* What of a study's representations. */
struct fr_export_selection {
    enum fr_trace_set set;
    int site;                   /* enum fr_site */
    int n_layers, n_timestamps; /* 0: all */
    const int *layers;          /* from 1, ascending */
    const int *timestamps;      /* tokens, ascending */
};

/* Writes path. Memory does not grow with layers or timestamps. FR_E_INPUT: a layer or timestamp
 * that the study has not, a site or set that was not collected; FR_E_CONFLICT: the study's files of
 * sums are not whole: run it again. */
FR_CHECKED int fr_export_arrays(const struct fr_export *export, enum fr_export_kind kind,
                                const struct fr_export_selection *selection,
                                enum fr_array_format format, const char *path,
                                struct fr_error *err);

/* ---- control vectors ------------------------------------------------------------------------- */

/* One concept's vector at one timestamp, a direction for each layer from 2 on (n_layers 0: all):
 * llama.cpp adds it to every row, where our experiments edit mentions (model/control_vector.h). */
struct fr_export_vector {
    enum fr_vector_kind kind;
    enum fr_vector_control control;
    const char *concept;
    const char *naming; /* whose; NULL where the vector is of none (fr_vector_is_of_naming) */
    enum fr_trace_set set;
    int timestamp; /* 0: analyses.reference_timestamp */
    double strength;
    int n_layers;
    const int *layers;
};
/* FR_E_INPUT also for a concept or naming that the study has not, with those it has, and for a
 * vector that is missing for want of mentions. */
FR_CHECKED int fr_export_control_vector(const struct fr_export *export,
                                        const struct fr_export_vector *vector, const char *path,
                                        struct fr_error *err);

/* ---- traces ---------------------------------------------------------------------------------- */

enum fr_trace_form {
    FR_TRACE_LINES,    /* as recorded traces are imported (sources/recorded.h) */
    FR_TRACE_MESSAGES, /* a conversation: system, user, assistant with reasoning_content */
};

/* A line of JSON for every trace, by naming and puzzle. Prompts are the message alone, without the
 * chat template of the model they were made with, which the caller opens (its vocabulary is
 * enough). *n: how many lines; *n_repaired: how many hold bytes that were no UTF-8, now U+FFFD.
 * FR_E_INPUT when the model's template is not the one of the traces. */
FR_CHECKED int fr_export_traces(const struct fr_export *export, const struct fr_model *model,
                                enum fr_trace_form form, const char *path, long *n,
                                long *n_repaired, struct fr_error *err);

/* ---- tables and figures ---------------------------------------------------------------------- */

/* The result tables as DIR/NAME.csv, and DIR/datapackage.json, which tells the types of their
 * columns and their keys (a Data Package of tabular resources). */
FR_CHECKED int fr_export_tables(struct fr_store *store, const char *dir, struct fr_error *err);

enum fr_figure_format { FR_FIGURE_SVG, FR_FIGURE_PNG };
/* Writes the report again (report/report.h) and its figures, as the page opens them, with their
 * titles and captions, as DIR/NAME.svg or .png; *n: how many. Runs node, and for PNG rsvg-convert:
 * FR_E_IO when one is not there, with its package. FR_E_CONFLICT: the tables are of another
 * version. */
FR_CHECKED int fr_export_figures(struct fr_store *store, enum fr_figure_format format,
                                 const char *dir, int *n, struct fr_error *err);

#endif
