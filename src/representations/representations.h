/* representations/: what a concept looks like inside the model, by layer and time (method.md 3).
 *
 * Axes: N naming, A concept, L layer (index l = layer l + 1), T timestamp, D width.
 * A timestamp T counts tokens from the origin (first generated token, or first prompt token);
 * its window is [T - w, T). A mention counts into the windows that hold its word's first token,
 * whole, even where the word runs past the window's end; its vector is the mean over its
 * positions, the token before the word included when previous_token (if that position exists).
 * Every mention weighs the same; one position may belong to several mentions, and windows may
 * overlap.
 *
 * Only sums and counts are kept: memory does not depend on the length or number of traces. Sums
 * are in double and added in order of position within a trace, whatever the model's chunks. Sums
 * too large for memory (1.4 GB a naming for 64 layers of width 5,120) are added up in their file.
 */
#ifndef FR_REPRESENTATIONS_REPRESENTATIONS_H
#define FR_REPRESENTATIONS_REPRESENTATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "mentions/mentions.h"
#include "model/model.h"
#include "naming/naming.h"

enum fr_origin { FR_ORIGIN_REASONING, FR_ORIGIN_PROMPT, FR_ORIGIN_COUNT };
extern const char *const fr_origin_name[FR_ORIGIN_COUNT]; /* "reasoning", "prompt" */

struct fr_grid {
    int n_times;
    int32_t *times;    /* [T] strictly ascending, tokens after the origin */
    int window_tokens; /* >= 1 */
    bool previous_token;
    const char *made_from; /* what a file says of whose it is, as text; NULL: nothing */
};

/* The timestamps [first, end) whose windows hold a word that begins t tokens after the origin. */
void fr_grid_windows(const struct fr_grid *grid, int t, int *first, int *end);

/* Where the weight of attention at a mention lies. A position counts into the first that fits. */
enum fr_attended {
    FR_ATTENDED_FIRST,     /* the sequence's first token, on which heads with nothing to do rest */
    FR_ATTENDED_OWN,       /* the mention's own word */
    FR_ATTENDED_SAME,      /* earlier mentions of the same concept, the prompt's too */
    FR_ATTENDED_OTHER,     /* mentions of other concepts */
    FR_ATTENDED_NEAR,      /* the FR_NEAR_TOKENS before the word, where they name none */
    FR_ATTENDED_ELSEWHERE, /* whatever else */
    FR_ATTENDED_COUNT
};
enum { FR_NEAR_TOKENS = 4 };
/* "first", "own", "same", "other", "near", "elsewhere" */
extern const char *const fr_attended_name[FR_ATTENDED_COUNT];

/* Floats of a cell at the site: D of the stream; n_heads * head_width of heads; of sources
 * [n_heads + 1][FR_ATTENDED_COUNT], shares of the heads' weight, the last one's what a head would
 * have that looks at all positions alike. */
int fr_sums_width(const struct fr_model_info *info, int site);

/* Sums over mentions for one naming, of rows at one site. */
struct fr_sums {
    int site; /* enum fr_site */
    int n_concepts, n_layers, n_times, width;
    double *sums;    /* [A][L][T][D]; NULL: in a file */
    int32_t *counts; /* [A][T] mentions */
    struct fr_sums_file *file;
    /* What is added of a trace, for the caller to set; zero: every mention, as the grid has it.
     * other_span: with the token before where the grid has mentions without it, and without it
     * where with. limits: into a cell go mentions whose draw is not above its limit
     * (fr_limits_get); then trace_key is the trace's. places: the mention goes into that cell of
     * its concept's and into no other, -1: into none, whether or not a window holds it; n_times is
     * then the sums' own. */
    bool other_span;
    const uint64_t *limits; /* [A][T] borrowed */
    uint64_t trace_key;
    const int *places; /* [mentions of the trace] < n_times, borrowed */
};
void fr_sums_init(struct fr_sums *sums, int site, int n_concepts, int n_layers, int n_times,
                  int width);
/* As fr_sums_init, but what takes more than memory_bytes is kept in
 * "PATH.part", made anew, whose place on the disk is taken now: FR_E_IO if there is none. */
FR_CHECKED int fr_sums_open(struct fr_sums *sums, int site, int n_concepts, int n_layers,
                            int n_times, int width, size_t memory_bytes, const char *path,
                            const struct fr_grid *grid, struct fr_error *err);
void fr_sums_release(struct fr_sums *sums); /* removes PATH.part */
/* The sums at one (concept, layer, time), to be added to; valid until the next call. Cells of one
 * layer are held together up to a few megabytes, those of another layer push them out. An error of
 * the file is told by fr_sums_flush, which writes what is held. */
double *fr_sums_cell(struct fr_sums *sums, int concept, int l, int time); /* [D] */
FR_CHECKED int fr_sums_flush(struct fr_sums *sums, struct fr_error *err);
/* One safetensors file: "sums" F64 [A][L][T][D], "counts" I32 [A][T], "times" I32 [T]; metadata
 * window_tokens, previous_token, site, made_from. Sums kept in a file are finished and renamed:
 * path and grid are those they were opened with, and cells are no longer to be had. */
FR_CHECKED int fr_sums_save(struct fr_sums *sums, const char *path, const struct fr_grid *grid,
                            struct fr_error *err);
/* A part of the sums: layers [first_layer, + n_layers) by index, times [first_time, + n_times) of
 * the grid. */
struct fr_slice {
    int first_layer, n_layers, first_time, n_times;
};
/* FR_E_INPUT when the file is damaged, is not one of fr_sums_save's, was collected at another site
 * (a file that names none is of FR_SITE_BLOCK),
 * (grid not NULL) was made with another grid, or lacks what slice asks for; *out is then zeroed.
 * Only the slice is read (NULL: everything), and *out has its shape. */
FR_CHECKED int fr_sums_load(struct fr_sums *out, const char *path, int site,
                            const struct fr_grid *grid, const struct fr_slice *slice,
                            struct fr_error *err);

/* What a file of sums holds; errors as fr_sums_load's. */
struct fr_sums_shape {
    int n_concepts, n_layers, n_times, width;
    int32_t *times; /* [T]; free it */
};
FR_CHECKED int fr_sums_describe(const char *path, struct fr_sums_shape *out, struct fr_error *err);
/* Its layers alone. */
FR_CHECKED int fr_sums_layers(const char *path, int *n_layers, struct fr_error *err);

/* Replays the tokens through the model (slot 0, one teacher-forced prefill, as far as the last
 * mention that counts; the slot is cleared before and after) and adds every mention at or after
 * `origin` (a token position) into each of the n_targets sums (e.g. all traces, and solved
 * traces), each at its own site. The targets have the grid's n_times, or places, the model's
 * layers, the site's width, and every concept mentioned. FR_E_MODEL when the model cannot be read
 * at a site (fr_model_check_site). On failure they hold a part of the trace and are of no more use.
 */
FR_CHECKED int fr_sums_collect(struct fr_model *model, const int32_t *tokens, int n_tokens,
                               const struct fr_mentions *mentions, int origin,
                               const struct fr_grid *grid, struct fr_sums *const *targets,
                               int n_targets, struct fr_error *err);

/* A count-matched subset: of each cell the `most` mentions with the smallest draws, so that every
 * cell that has as many holds exactly as many, whatever the order of traces. A draw is a hash of
 * the trace's key and the position of the mention's first token, and of nothing else. */
struct fr_limits {
    int n_concepts, n_times, most;
    int32_t *n;      /* [A][T] draws kept */
    uint64_t *draws; /* [A][T][most] ascending */
};
void fr_limits_init(struct fr_limits *limits, int n_concepts, int n_times, int most);
void fr_limits_release(struct fr_limits *limits);
/* The mentions of one trace that fr_sums_collect would add. */
void fr_limits_add(struct fr_limits *limits, const struct fr_mentions *mentions, int origin,
                   const struct fr_grid *grid, uint64_t trace_key);
/* What a draw may be at most; of a cell with fewer than `most` mentions anything. */
uint64_t fr_limits_get(const struct fr_limits *limits, int concept, int time);
uint64_t fr_mention_draw(uint64_t trace_key, int position);

/* Means over mentions of a set of namings; a cell with fewer than min_mentions is missing. */
struct fr_reps {
    int n_namings, n_concepts, n_layers, n_times, width;
    int first_layer; /* index of the layer at l = 0: 0 but for a slice, whose l counts from it */
    const struct fr_concepts *concepts; /* borrowed */
    float *h;                           /* [N][A][L][T][D]; missing cells are zero and marked */
    bool *present;                      /* [N][A][T] */
};
void fr_reps_init(struct fr_reps *reps, const struct fr_concepts *concepts, int n_namings,
                  int n_layers, int n_times, int width);
/* The sums have the shape of reps; a min_mentions below 1 means 1. */
void fr_reps_set_naming(struct fr_reps *reps, int i_naming, const struct fr_sums *sums,
                        int min_mentions);
void fr_reps_release(struct fr_reps *reps);
float *fr_reps_at(const struct fr_reps *reps, int naming, int concept, int l, int time); /* [D] */
bool fr_reps_has(const struct fr_reps *reps, int naming, int concept, int time);

/* r~: from each cell the mean over the concepts of its kind (same naming, layer, time); missing
 * when any concept of the kind is (method.md 3). So a kind is present or missing as a whole, and
 * a kind with one concept is zero. *out is initialised here and released by the caller. */
void fr_reps_centre(const struct fr_reps *raw, struct fr_reps *out);

/* r-: the mean over namings of r~ at (concept, l, time), over the namings marked in use[] (NULL:
 * all) and present there, without naming `leave_out` (-1: none). Returns how many entered; 0: out
 * is zeroed and the cell is missing. */
int fr_reps_cross(const struct fr_reps *centred, const bool *use, int leave_out, int concept, int l,
                  int time, float *out /* [D] */);

/* The uncentred mean of a kind: over its concepts that are present, then over namings as in
 * fr_reps_cross (method.md 5: r_mean of symbolic patching). Returns how many namings entered. */
int fr_reps_mean(const struct fr_reps *raw, const bool *use, int leave_out,
                 enum fr_concept_kind kind, int l, int time, float *out /* [D] */);

#endif
