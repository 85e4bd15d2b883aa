/* The planted model of planted.h: known directions instead of weights.
 *
 * A sequence keeps its tokens and, per position, the projection that counts for the score, so
 * that copying a stem copies the effect of its edits too. Rows are computed when prefilled and
 * not stored: an edit's change is carried up the layers as the residual stream would.
 *
 * Rejected: a callback that decides from the prompt alone whether the model succeeds; the answer
 * must depend on the edited rows, or a test of steering would test nothing. */
#include "planted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "model/backend.h"
#include "planted_words.h"

struct sequence {
    int32_t *tokens; /* [context] */
    float *scores;   /* [context], NaN where no concept stands */
    int n;
    int n_parts;             /* of script and answer, how many were chosen */
    struct fr_tokens script; /* the part that was chosen last */
    int at;                  /* of it, the next to be written */
};

struct planted {
    struct fr_model base;
    struct fr_planted_options options;
    struct fr_planted_words *words;       /* shared with siblings */
    float *directions;                    /* [n_concepts][D] */
    struct sequence *sequences;           /* [n_slots + 1] */
    float *name, *row, *before, *carried; /* [D] */
    float *noise, *noise_below, *part;    /* [D] */
    float *logits;                        /* [n_vocab], 1 at the last next */
    int32_t last_next;
};

struct fr_planted_options fr_planted_options_defaults(void) {
    return (struct fr_planted_options){
        .n_slots = 2,
        .context_tokens = 2048,
        .n_layers = 4,
        .width = 64,
        .n_concepts = 9,
        .name_norm = 1.0,
        .strength = 1.0,
        .noise_norm = 0.1,
        .refine_tokens = 100.0,
        .threshold = 0.4,
        .jitter = 0.0,
        .seed = 1,
    };
}

static struct planted *planted_of(const struct fr_model *model) {
    return (struct planted *)(uintptr_t)model;
}

/* -- tokens --------------------------------------------------------------------------------- */

static int planted_tokenize(const struct fr_model *model, const char *text, size_t n,
                            bool parse_special, struct fr_tokens *out, struct fr_error *err) {
    return fr_planted_words_tokenize(planted_of(model)->words, text, n, parse_special, out, err);
}

static const char *planted_token_text(const struct fr_model *model, int32_t id, size_t *n) {
    const char *text = fr_planted_words_text(planted_of(model)->words, id);
    *n = text != NULL ? strlen(text) : 0;
    return text != NULL ? text : "";
}

static bool planted_token_ends(const struct fr_model *model, int32_t id) {
    return fr_planted_words_has(planted_of(model)->words, id, FR_PLANTED_END);
}

static int planted_chat(const struct fr_model *model, const char *system, const char *message,
                        char **out, struct fr_error *err) {
    (void)model;
    (void)err;
    struct fr_text text = {0};
    if (system != NULL)
        fr_text_printf(&text, "<|im_start|>system\n%s<|im_end|>\n", system);
    fr_text_printf(&text, "<|im_start|>user\n%s<|im_end|>\n<|im_start|>assistant\n<think>\n",
                   message);
    *out = fr_text_take(&text);
    return FR_OK;
}

static int concept_at(const struct planted *m, const int32_t *tokens, int n, int position) {
    const struct fr_planted_options *o = &m->options;
    if (o->concept_of != NULL)
        return o->concept_of(o->user, tokens, n, position);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < o->n_namings; k++) {
            if (!fr_planted_words_has(m->words, tokens[i], o->namings[k].marker))
                continue;
            for (int concept = 0; concept < o->n_concepts; concept ++)
                if (fr_planted_words_has(m->words, tokens[position], o->namings[k].words[concept]))
            return concept;
            return -1;
        }
    return -1;
}

/* -- rows ----------------------------------------------------------------------------------- */

/* A pseudo-random vector of expected norm `norm`, added to h. */
static void add_random(const struct planted *m, uint64_t a, uint64_t b, double norm, float *h) {
    struct fr_rng rng;
    fr_rng_seed(&rng, m->options.seed, fr_mix64(a, b));
    const double scale = norm / sqrt((double)m->options.width);
    for (int i = 0; i < m->options.width; i++)
        h[i] += (float)(scale * fr_rng_normal(&rng));
}

static bool layer_is_planted(const struct planted *m, int layer) {
    return layer >= m->options.planted_begin && layer < m->options.planted_end;
}

double fr_planted_gain(const struct fr_model *model, int layer, int position) {
    const struct planted *m = planted_of(model);
    if (!layer_is_planted(m, layer))
        return 0.0;
    return m->options.strength * layer / m->options.n_layers *
           (1.0 - exp(-position / m->options.refine_tokens));
}

const float *fr_planted_direction(const struct fr_model *model, int concept) {
    const struct planted *m = planted_of(model);
    FR_ASSERT(concept >= 0 && concept < m->options.n_concepts);
    return m->directions + (size_t) concept * (size_t)m->options.width;
}

static double dot(const float *a, const float *b, int n) {
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* Orthonormal by Gram-Schmidt over random vectors. */
static void make_directions(struct planted *m) {
    const int width = m->options.width;
    for (int k = 0; k < m->options.n_concepts; k++) {
        float *d = m->directions + (size_t)k * (size_t)width;
        add_random(m, 0xD1, (uint64_t)k, 1.0, d);
        for (int j = 0; j < k; j++) {
            const float *other = m->directions + (size_t)j * (size_t)width;
            const double along = dot(d, other, width);
            for (int i = 0; i < width; i++)
                d[i] -= (float)(along * (double)other[i]);
        }
        const double norm = sqrt(dot(d, d, width));
        for (int i = 0; i < width; i++)
            d[i] = (float)((double)d[i] / norm);
    }
}

static bool is_tapped(const struct fr_tap_plan *taps, int site, int layer) {
    return taps->layers[site] != NULL && taps->layers[site][layer];
}

static void tap_row(struct planted *m, const struct fr_tap_plan *taps, int site, int layer,
                    int position, const float *h) {
    taps->row(taps->user, site, layer, position, h);
    m->base.counters.rows_tapped++;
}

/* What attention and MLP add at the layer: they sum to the row minus the row below, edits aside. */
static void tap_parts(struct planted *m, const struct fr_tap_plan *taps, int layer, int position,
                      const float *direction) {
    const int width = m->options.width;
    if (is_tapped(taps, FR_SITE_ATTENTION, layer)) {
        for (int i = 0; i < width; i++)
            m->part[i] = m->noise[i] - m->noise_below[i];
        tap_row(m, taps, FR_SITE_ATTENTION, layer, position, m->part);
    }
    if (is_tapped(taps, FR_SITE_MLP, layer)) {
        const double gain = fr_planted_gain(&m->base, layer, position) -
                            fr_planted_gain(&m->base, layer - 1, position);
        for (int i = 0; i < width; i++)
            m->part[i] = direction != NULL ? (float)(gain * (double)direction[i]) : 0.0f;
        tap_row(m, taps, FR_SITE_MLP, layer, position, m->part);
    }
}

/* All layers of one position: computes, edits, taps, and scores. A row that is neither edited nor
 * tapped nor scored is not made. */
static void compute_position(struct planted *m, struct sequence *s, int position,
                             const struct fr_tap_plan *taps, bool tapped,
                             const struct fr_edit_plan *edits, int *edit) {
    const int width = m->options.width;
    const size_t bytes = (size_t)width * sizeof *m->row;
    const int concept = concept_at(m, s->tokens, position + 1, position);
    const float *direction = concept >= 0 ? fr_planted_direction(&m->base, concept) : NULL;
    const bool edited =
        edits != NULL && *edit < edits->n_edits && edits->edits[*edit].position == position;
    double projection = 0.0;
    s->scores[position] = NAN;
    if (direction == NULL && !tapped && !edited)
        return;
    memset(m->carried, 0, bytes);
    memset(m->noise, 0, bytes);
    memset(m->name, 0, bytes);
    add_random(m, 0x4A, (uint64_t)s->tokens[position], m->options.name_norm, m->name);
    uint64_t context = 0;
    for (int i = 1; i <= m->options.noise_context && i <= position; i++)
        context = fr_mix64(context, (uint64_t)s->tokens[position - i]);
    for (int layer = 1; layer <= m->options.n_layers; layer++) {
        const bool edit_here = edited && *edit < edits->n_edits &&
                               edits->edits[*edit].position == position &&
                               edits->edits[*edit].layer == layer;
        const bool scored = direction != NULL && layer_is_planted(m, layer);
        if (!edit_here && !tapped && !scored)
            continue;
        memcpy(m->row, m->name, bytes);
        memcpy(m->noise_below, m->noise, bytes); /* of the layer below, where rows are tapped */
        memset(m->noise, 0, bytes);
        add_random(m, 0x9015E,
                   (uint64_t)s->tokens[position] * 65537u + (uint64_t)position * 257u +
                       (uint64_t)layer + context,
                   m->options.noise_norm, m->noise);
        const double gain = fr_planted_gain(&m->base, layer, position);
        for (int i = 0; i < width; i++) {
            m->row[i] += m->noise[i];
            if (direction != NULL)
                m->row[i] += (float)(gain * (double)direction[i]);
            m->row[i] += m->carried[i];
        }
        if (tapped)
            tap_parts(m, taps, layer, position, direction);
        if (edit_here) {
            const struct fr_edit *e = &edits->edits[(*edit)++];
            memcpy(m->before, m->row, bytes);
            fr_edit_apply(e, edits->vectors + (size_t)e->vector * (size_t)width, m->row, width);
            for (int i = 0; i < width; i++)
                m->carried[i] += m->row[i] - m->before[i]; /* exactly 0 for an identity */
            m->base.counters.rows_edited++;
        }
        if (scored)
            projection += dot(m->row, direction, width);
        if (tapped && is_tapped(taps, FR_SITE_BLOCK, layer))
            tap_row(m, taps, FR_SITE_BLOCK, layer, position, m->row);
    }
    if (direction != NULL)
        s->scores[position] =
            (float)(projection / (m->options.planted_end - m->options.planted_begin));
}

/* -- generation ----------------------------------------------------------------------------- */

static double score_of(const struct planted *m, const struct sequence *s) {
    double sum = 0.0;
    int n = 0;
    for (int i = s->n; i-- > 0;) {
        if (isnan(s->scores[i]))
            continue;
        sum += (double)s->scores[i];
        if (++n == m->options.recent_mentions)
            break;
    }
    return n > 0 ? sum / n : 0.0;
}

double fr_planted_score(const struct fr_model *model, int slot) {
    const struct planted *m = planted_of(model);
    return score_of(m, &m->sequences[slot == FR_SLOT_STEM ? m->options.n_slots : slot]);
}

static void begin_generation(struct sequence *s) { s->n_parts = s->at = s->script.n = 0; }

static int n_parts(const struct planted *m) { return m->options.answer != NULL ? 2 : 1; }

static int choose_part(struct planted *m, struct sequence *s, struct fr_error *err) {
    const struct fr_planted_options *o = &m->options;
    struct fr_text good = {0}, bad = {0};
    if (s->n_parts == 0 && o->script != NULL)
        o->script(o->user, s->tokens, s->n, &good, &bad);
    if (s->n_parts == 1)
        o->answer(o->user, s->tokens, s->n, &good, &bad);
    struct fr_rng rng;
    uint64_t hash = 0;
    for (int i = 0; i < s->n; i++)
        hash = fr_mix64(hash, (uint64_t)s->tokens[i]);
    fr_rng_seed(&rng, o->seed, hash);
    const double threshold = o->threshold + o->jitter * fr_rng_normal(&rng);
    struct fr_text *chosen = score_of(m, s) > threshold ? &good : &bad;
    if (++s->n_parts == n_parts(m))
        fr_text_add(chosen, FR_PLANTED_END);
    s->at = s->script.n = 0;
    const int status =
        planted_tokenize(&m->base, fr_text_get(chosen), chosen->len, true, &s->script, err);
    fr_text_release(&good);
    fr_text_release(&bad);
    return status;
}

static int write_next(struct planted *m, struct sequence *s, int32_t *next, struct fr_error *err) {
    while (s->at == s->script.n && s->n_parts < n_parts(m)) { /* a part may be empty */
        const int status = choose_part(m, s, err);
        if (status != FR_OK)
            return status;
    }
    *next = s->script.ids[s->at < s->script.n ? s->at++ : s->script.n - 1];
    return FR_OK;
}

static int planted_check_site(const struct fr_model *model, int site, int layer,
                              struct fr_error *err) {
    (void)layer; /* every one has both parts */
    return site < FR_STREAM_SITES ? FR_OK
                                  : fr_fail(err, FR_E_MODEL,
                                            "%s: no site %s: a planted model has "
                                            "no heads",
                                            model->options.path, fr_site_name[site]);
}

static int planted_prefill(struct fr_model *model, int sequence, const int32_t *tokens, int start,
                           int n, const struct fr_tap_plan *taps, const struct fr_edit_plan *edits,
                           int32_t *next, struct fr_error *err) {
    struct planted *m = planted_of(model);
    struct sequence *s = &m->sequences[sequence];
    memcpy(s->tokens + start, tokens, (size_t)n * sizeof *tokens);
    s->n = start + n;
    begin_generation(s); /* what is prefilled after a generation starts a new one */
    int edit = 0, tap = 0;
    for (int position = start; position < start + n; position++) {
        const bool tapped =
            taps != NULL && tap < taps->n_positions && taps->positions[tap] == position;
        compute_position(m, s, position, taps, tapped, edits, &edit);
        tap += tapped;
    }
    if (next == NULL)
        return FR_OK;
    const int status = write_next(m, s, next, err);
    if (status == FR_OK) {
        m->logits[m->last_next] = 0.0f;
        m->logits[*next] = 1.0f;
        m->last_next = *next;
    }
    return status;
}

static int planted_decode(struct fr_model *model, const int32_t *tokens, int32_t *next,
                          struct fr_error *err) {
    struct planted *m = planted_of(model);
    for (int i = 0; i < m->options.n_slots; i++) {
        struct sequence *s = &m->sequences[i];
        if (tokens[i] < 0) {
            next[i] = -1;
            continue;
        }
        int edit = 0;
        s->tokens[s->n++] = tokens[i];
        compute_position(m, s, s->n - 1, NULL, false, NULL, &edit);
        const int status = write_next(m, s, &next[i], err);
        if (status != FR_OK)
            return status;
    }
    return FR_OK;
}

static int planted_copy_stem(struct fr_model *model, int slot, int n_tokens, struct fr_error *err) {
    (void)err;
    struct planted *m = planted_of(model);
    const struct sequence *from = &m->sequences[m->options.n_slots];
    struct sequence *to = &m->sequences[slot];
    memcpy(to->tokens, from->tokens, (size_t)n_tokens * sizeof *to->tokens);
    memcpy(to->scores, from->scores, (size_t)n_tokens * sizeof *to->scores);
    to->n = n_tokens;
    begin_generation(to);
    return FR_OK;
}

static void planted_clear(struct fr_model *model, int sequence) {
    struct sequence *s = &planted_of(model)->sequences[sequence];
    s->n = 0;
    begin_generation(s);
}

static const float *planted_logits(const struct fr_model *model) {
    return planted_of(model)->logits;
}

/* -- life ----------------------------------------------------------------------------------- */

static void planted_close(struct fr_model *model) {
    struct planted *m = planted_of(model);
    for (int i = 0; i <= m->options.n_slots; i++) {
        free(m->sequences[i].tokens);
        free(m->sequences[i].scores);
        fr_tokens_release(&m->sequences[i].script);
    }
    free(m->sequences);
    fr_planted_words_let_go(m->words);
    free(m->directions);
    free(m->name);
    free(m->row);
    free(m->before);
    free(m->carried);
    free(m->noise);
    free(m->noise_below);
    free(m->part);
    free(m->logits);
    fr_model_base_release(model);
    free(m);
}

static int planted_open_sibling(struct fr_model **out, struct fr_model *of,
                                const struct fr_model_options *options, struct fr_error *err);

static const struct fr_backend planted_backend = {
    .open_sibling = planted_open_sibling,
    .close = planted_close,
    .tokenize = planted_tokenize,
    .token_text = planted_token_text,
    .token_ends = planted_token_ends,
    .chat = planted_chat,
    .check_site = planted_check_site,
    .prefill = planted_prefill,
    .copy_stem = planted_copy_stem,
    .decode = planted_decode,
    .clear = planted_clear,
    .logits = planted_logits,
};

static int check_options(const struct fr_planted_options *o, struct fr_error *err) {
    if (o->n_layers < 1 || o->width < 1 || o->n_concepts < 1 || o->n_concepts > o->width)
        return fr_fail(err, FR_E_INPUT,
                       "planted model of %d layers, width %d, %d concepts; each at least 1, and no "
                       "more concepts than the width",
                       o->n_layers, o->width, o->n_concepts);
    if (o->planted_begin < 0 || o->planted_end > o->n_layers + 1 ||
        o->planted_begin > o->planted_end)
        return fr_fail(err, FR_E_INPUT, "planted layers [%d, %d) of %d", o->planted_begin,
                       o->planted_end, o->n_layers);
    if (!(o->refine_tokens > 0.0))
        return fr_fail(err, FR_E_INPUT, "refine_tokens is %g; use more than 0", o->refine_tokens);
    return FR_OK;
}

/* Of options that were checked; takes over one hold on the words. */
static struct fr_model *make_planted(const struct fr_planted_options *options,
                                     const struct fr_model_options *common,
                                     struct fr_planted_words *words) {
    struct planted *m = fr_alloc(1, sizeof *m);
    fr_model_base_init(&m->base, &planted_backend, common);
    m->options = *options;
    m->words = words;
    if (m->options.planted_begin == 0) {
        m->options.planted_begin = 1;
        m->options.planted_end =
            options->planted_end > 0 ? options->planted_end : options->n_layers + 1;
    }
    m->base.info = (struct fr_model_info){.architecture = "planted",
                                          .name = "planted",
                                          .quantization = "F32",
                                          .n_layers = options->n_layers,
                                          .width = options->width,
                                          .n_vocab = FR_PLANTED_IDS,
                                          .context_train = options->context_tokens,
                                          .engine = "planted"};
    const size_t width = (size_t)options->width, context = (size_t)options->context_tokens;
    m->logits = fr_alloc(FR_PLANTED_IDS, sizeof *m->logits);
    m->directions = fr_alloc((size_t)options->n_concepts * width, sizeof *m->directions);
    m->name = fr_alloc(width, sizeof *m->name);
    m->row = fr_alloc(width, sizeof *m->row);
    m->before = fr_alloc(width, sizeof *m->before);
    m->carried = fr_alloc(width, sizeof *m->carried);
    m->noise = fr_alloc(width, sizeof *m->noise);
    m->noise_below = fr_alloc(width, sizeof *m->noise_below);
    m->part = fr_alloc(width, sizeof *m->part);
    m->sequences = fr_alloc((size_t)options->n_slots + 1, sizeof *m->sequences);
    for (int i = 0; i <= options->n_slots; i++) {
        m->sequences[i].tokens = fr_alloc(context, sizeof *m->sequences[i].tokens);
        m->sequences[i].scores = fr_alloc(context, sizeof *m->sequences[i].scores);
    }
    make_directions(m);
    return &m->base;
}

int fr_model_open_planted(struct fr_model **out, const struct fr_planted_options *options,
                          struct fr_error *err) {
    *out = NULL;
    struct fr_model_options common = fr_model_options_defaults();
    common.path = "planted";
    common.n_slots = options->n_slots;
    common.context_tokens = options->context_tokens;
    int status = fr_model_options_check(&common, err);
    if (status == FR_OK)
        status = check_options(options, err);
    if (status != FR_OK)
        return status;
    *out = make_planted(options, &common, fr_planted_words_new());
    return FR_OK;
}

static int planted_open_sibling(struct fr_model **out, struct fr_model *of,
                                const struct fr_model_options *options, struct fr_error *err) {
    (void)err;
    const struct planted *like = planted_of(of);
    *out = make_planted(&like->options, options, fr_planted_words_hold(like->words));
    return FR_OK;
}
