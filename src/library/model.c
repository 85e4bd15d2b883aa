/* The model's handle, tokens, mentions, prefill and decoding of include/fluidrep/model.h. A handle
 * in whose computing memory ran out is left half done, and refused from then on. */
#include <errno.h>
#include <fluidrep/model.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "library/internal.h"
#include "mentions/mentions.h"
#include "model/model.h"

struct fluidrep_model {
    struct fr_model *model;
    bool broken;
    bool has_logits; /* of the last prefill with `next` */
};
struct fluidrep_tokens {
    struct fr_tokens tokens;
};
struct fluidrep_edits {
    struct fr_edit_plan plan;
    int vector_capacity;
    float *vectors;
};

static int missing(const char *what) {
    return fr_fail(fr_library_error(), FR_E_INPUT, "%s is NULL", what);
}

static int check_usable(const fluidrep_model *model) {
    if (model == NULL)
        return missing("the model");
    if (model->broken)
        return fr_fail(fr_library_error(), FR_E_MEMORY,
                       "memory ran out in an earlier call on this model; close it and open it "
                       "again");
    return FR_OK;
}

static int check_slot(const fluidrep_model *model, int slot, bool stem) {
    const int n = fr_model_options(model->model)->n_slots;
    if ((slot >= 0 && slot < n) || (stem && slot == FLUIDREP_STEM))
        return FR_OK;
    return fr_fail(fr_library_error(), FR_E_INPUT, "slot %d; the model has the slots 0 to %d", slot,
                   n - 1);
}

/* A computing call: out of memory in it breaks the handle. */
static int compute(fluidrep_model *model, int (*body)(void *), void *arg) {
    const int code = fr_library_call(body, arg);
    model->broken |= code == FR_E_MEMORY;
    return code;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int whole(const char *key, const char *value, int *out) {
    char *end;
    errno = 0;
    const long number = strtol(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0 || number < INT_MIN || number > INT_MAX)
        return fr_fail(fr_library_error(), FR_E_INPUT, "option %s: \"%.40s\" is not a whole number",
                       key, value);
    *out = (int)number;
    return FR_OK;
}

/* What an option sets: a whole number, 0 or 1, one of names, or a text. */
static const struct option {
    const char *key;
    enum { WHOLE, FLAG, CHOICE, TEXT } kind;
    size_t offset;
    const char *const *names;
    int n_names;
} model_options[] = {
#define AT(field) offsetof(struct fr_model_options, field)
    {"slots", WHOLE, AT(n_slots), NULL, 0},
    {"context_tokens", WHOLE, AT(context_tokens), NULL, 0},
    {"chunk_tokens", WHOLE, AT(chunk_tokens), NULL, 0},
    {"threads", WHOLE, AT(threads), NULL, 0},
    {"gpu_layers", WHOLE, AT(gpu_layers), NULL, 0},
    {"flash_attention", FLAG, AT(flash_attention), NULL, 0},
    {"kv_type", CHOICE, AT(kv_type), fr_kv_type_name, FR_KV_TYPE_COUNT},
    {"deterministic", FLAG, AT(deterministic), NULL, 0},
    {"vocabulary_only", FLAG, AT(vocabulary_only), NULL, 0},
    {"chat_template", TEXT, AT(chat_template), NULL, 0},
    {"reasoning", CHOICE, AT(reasoning), fr_reasoning_name, FR_REASONING_COUNT},
#undef AT
};
enum { N_OPTIONS = sizeof model_options / sizeof *model_options };

static int set_option(struct fr_model_options *o, const char *key, const char *value) {
    const char *keys[N_OPTIONS];
    for (int i = 0; i < N_OPTIONS; i++)
        keys[i] = model_options[i].key;
    const int i = fr_library_choice("option", key, keys, N_OPTIONS);
    if (i < 0)
        return FR_E_INPUT;
    const struct option *option = &model_options[i];
    void *field = (char *)o + option->offset;
    int number = 0;
    switch (option->kind) {
    case TEXT:
        *(const char **)field = value;
        return FR_OK;
    case CHOICE:
        number = fr_library_choice(key, value, option->names, option->n_names);
        if (number >= 0)
            *(int *)field = number;
        return number >= 0 ? FR_OK : FR_E_INPUT;
    case WHOLE:
        return whole(key, value, field);
    case FLAG:
        break;
    }
    if ((*value != '0' && *value != '1') || value[1] != '\0')
        return fr_fail(fr_library_error(), FR_E_INPUT, "option %s is 0 or 1, not \"%.40s\"", key,
                       value);
    *(bool *)field = *value == '1';
    return FR_OK;
}

/* text is cut into pieces, to which *o then points. */
static int set_options(struct fr_model_options *o, char *text) {
    char *part;
    while ((part = strsep(&text, ",")) != NULL) {
        part += strspn(part, " ");
        char *value = strchr(part, '=');
        if (*part == '\0')
            continue;
        if (value == NULL)
            return fr_fail(fr_library_error(), FR_E_INPUT,
                           "option \"%.40s\" has no value; write KEY=VALUE", part);
        *value++ = '\0';
        const int code = set_option(o, part, value);
        if (code != FR_OK)
            return code;
    }
    return FR_OK;
}

static void replace(char *at, const char *theirs, const char *ours) {
    const size_t n = strlen(ours), rest = strlen(theirs);
    memcpy(at, ours, n);
    memmove(at + n, at + rest, strlen(at + rest) + 1);
}

/* The rooms below speak of a configuration's keys: model.slots is the option slots here, and false
 * is 0. What an error begins with, the path, stays. */
static void tell_in_own_words(const char *path) {
    static const struct {
        const char *theirs, *ours;
    } words[] = {{" to true", " to 1"}, {" to false", " to 0"}};
    const size_t n_path = strlen(path);
    char *text = fr_library_error()->text;
    text += strncmp(text, path, n_path) == 0 ? n_path : 0;
    for (int i = 0; i < N_OPTIONS; i++) {
        char theirs[32];
        (void)snprintf(theirs, sizeof theirs, "model.%s", model_options[i].key);
        for (char *at; (at = strstr(text, theirs)) != NULL;)
            replace(at, theirs, model_options[i].key);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (char *at; (at = strstr(text, words[i].theirs)) != NULL;)
            replace(at, words[i].theirs, words[i].ours);
}

struct open_call {
    fluidrep_model *of, *made;
    const char *path, *options;
    char *cut; /* a copy of options */
    int threads;
};

enum { NOT_GIVEN = INT_MIN };

/* What is usual, or all that the model was trained for. */
static int choose_context(struct fr_model_options *options) {
    struct fr_model_info info = {0};
    options->context_tokens = fr_model_options_defaults().context_tokens;
    if (options->vocabulary_only)
        return FR_OK;
    const int code = fr_model_look(options->path, &info, fr_library_error());
    if (code == FR_OK && info.context_train > 0 && info.context_train < options->context_tokens)
        options->context_tokens = info.context_train;
    return code;
}

static int open_body(void *arg) {
    struct open_call *call = arg;
    struct fr_model_options options = fr_model_options_defaults();
    options.path = call->path;
    call->made = fr_alloc(1, sizeof *call->made);
    if (call->of != NULL)
        return fr_model_open_sibling(&call->made->model, call->of->model, call->threads,
                                     fr_library_error());
    call->cut = fr_strdup(call->options != NULL ? call->options : "");
    options.context_tokens = NOT_GIVEN;
    int code = set_options(&options, call->cut);
    if (code == FR_OK && options.context_tokens == NOT_GIVEN)
        code = choose_context(&options);
    return code == FR_OK ? fr_model_open(&call->made->model, &options, fr_library_error()) : code;
}

static int open_model(fluidrep_model **out, struct open_call *call) {
    const int code = fr_library_call(open_body, call);
    free(call->cut);
    if (code == FR_OK) {
        *out = call->made;
    } else {
        tell_in_own_words(call->path);
        fluidrep_model_close(call->made); /* as far as it had come */
    }
    return code;
}

int fluidrep_model_open(fluidrep_model **out, const char *path, const char *options) {
    if (out == NULL)
        return missing("out");
    *out = NULL;
    if (path == NULL)
        return missing("the path");
    return open_model(out, &(struct open_call){.path = path, .options = options});
}

int fluidrep_model_sibling(fluidrep_model **out, fluidrep_model *of, int threads) {
    if (out == NULL)
        return missing("out");
    *out = NULL;
    const int code = check_usable(of);
    return code != FR_OK
               ? code
               : open_model(out, &(struct open_call){.of = of,
                                                     .path = fr_model_options(of->model)->path,
                                                     .threads = threads});
}

void fluidrep_model_close(fluidrep_model *model) {
    if (model != NULL)
        fr_model_close(model->model);
    free(model);
}

long long fluidrep_model_number(const fluidrep_model *model, const char *key) {
    if (model == NULL || key == NULL)
        return -1;
    const struct fr_model_info *info = fr_model_info(model->model);
    const struct fr_model_options *options = fr_model_options(model->model);
    bool wanted;
    const int32_t begin = fr_model_begin_token(model->model, &wanted);
    const struct {
        const char *key;
        long long value;
    } numbers[] = {{"layers", info->n_layers},
                   {"width", info->width},
                   {"vocabulary", info->n_vocab},
                   {"context_train", info->context_train},
                   {"parameters", info->n_parameters},
                   {"slots", options->n_slots},
                   {"context_tokens", options->context_tokens},
                   {"chunk_tokens", options->chunk_tokens},
                   {"begin_token", begin},
                   {"begin_token_wanted", wanted}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(numbers[i].key, key) == 0)
            return numbers[i].value;
    return -1;
}

const char *fluidrep_model_text(const fluidrep_model *model, const char *key) {
    if (model == NULL || key == NULL)
        return NULL;
    const struct fr_model_info *info = fr_model_info(model->model);
    const struct {
        const char *key, *value;
    } texts[] = {{"architecture", info->architecture},
                 {"name", info->name},
                 {"quantization", info->quantization},
                 {"engine", info->engine},
                 {"reasoning_start", fr_model_reasoning_start(model->model)},
                 {"reasoning_end", fr_model_reasoning_end(model->model)}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i].key, key) == 0)
            return texts[i].value;
    return NULL;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

struct tokenize_call {
    const fluidrep_model *model;
    const char *text;
    size_t n;
    bool special;
    fluidrep_tokens *made;
};

static int tokenize_body(void *arg) {
    struct tokenize_call *call = arg;
    call->made = fr_alloc(1, sizeof *call->made);
    return fr_model_tokenize(call->model->model, call->text, call->n, call->special,
                             &call->made->tokens, fr_library_error());
}

int fluidrep_tokenize(const fluidrep_model *model, const char *text, size_t n_bytes, int special,
                      fluidrep_tokens **out) {
    if (out == NULL)
        return missing("out");
    *out = NULL;
    int code = check_usable(model);
    if (code != FR_OK)
        return code;
    if (text == NULL && n_bytes > 0)
        return missing("the text");
    if (n_bytes > INT_MAX / 2)
        return fr_fail(fr_library_error(), FR_E_LIMIT, "a text of %zu bytes; at most %d", n_bytes,
                       INT_MAX / 2);
    struct tokenize_call call = {model, text != NULL ? text : "", n_bytes, special != 0, NULL};
    code = fr_library_call(tokenize_body, &call);
    if (code == FR_OK)
        *out = call.made;
    else
        fluidrep_tokens_free(call.made);
    return code;
}

void fluidrep_tokens_free(fluidrep_tokens *tokens) {
    if (tokens != NULL)
        fr_tokens_release(&tokens->tokens);
    free(tokens);
}

int fluidrep_tokens_count(const fluidrep_tokens *tokens) {
    return tokens != NULL ? tokens->tokens.n : 0;
}
const int32_t *fluidrep_tokens_ids(const fluidrep_tokens *tokens) {
    return tokens != NULL ? tokens->tokens.ids : NULL;
}
const int32_t *fluidrep_tokens_starts(const fluidrep_tokens *tokens) {
    return tokens != NULL ? tokens->tokens.starts : NULL;
}
const int32_t *fluidrep_tokens_ends(const fluidrep_tokens *tokens) {
    return tokens != NULL ? tokens->tokens.ends : NULL;
}

static bool is_token(const fluidrep_model *model, int32_t id) {
    return model != NULL && id >= 0 && id < fr_model_info(model->model)->n_vocab;
}

const char *fluidrep_token_text(const fluidrep_model *model, int32_t id, size_t *n_bytes) {
    size_t n = 0;
    const char *text = is_token(model, id) ? fr_model_token_text(model->model, id, &n) : NULL;
    if (n_bytes != NULL)
        *n_bytes = n;
    return text;
}

int fluidrep_token_ends(const fluidrep_model *model, int32_t id) {
    return is_token(model, id) && fr_model_token_ends(model->model, id);
}

struct chat_call {
    const fluidrep_model *model;
    const char *system, *message;
    char **out;
};

static int chat_body(void *arg) {
    const struct chat_call *call = arg;
    return fr_model_chat(call->model->model, call->system, call->message, call->out,
                         fr_library_error());
}

int fluidrep_chat(const fluidrep_model *model, const char *system, const char *message,
                  char **out) {
    if (out == NULL)
        return missing("out");
    *out = NULL;
    const int code = check_usable(model);
    if (code != FR_OK)
        return code;
    return message == NULL
               ? missing("the message")
               : fr_library_call(chat_body, &(struct chat_call){model, system, message, out});
}

/* ---- mentions -------------------------------------------------------------------------------- */

struct mentions_call {
    const char *const *terms;
    const int *concepts;
    int n_terms;
    enum fr_inflection_rule rule;
    const char *text;
    size_t n_bytes;
    const int32_t *starts, *ends;
    int n_tokens;
    int32_t *concept_out, *first_out, *end_out;
    int capacity, n;
};

static int mentions_body(void *arg) {
    struct mentions_call *call = arg;
    struct fr_inflection inflections[FR_MAX_INFLECTIONS];
    struct fr_forms forms = {0};
    struct fr_mentions found = {0};
    /* A term belongs to its concept even where it is a form of another's. */
    for (int i = 0; i < call->n_terms; i++)
        fr_forms_append(&forms, call->terms[i], call->concepts != NULL ? call->concepts[i] : i);
    for (int i = 0; i < call->n_terms && call->rule == FR_INFLECTION_INFLECTED; i++) {
        if (strlen(call->terms[i]) >= FR_INFLECTION_CEILING - 16)
            continue;
        const int n = fr_inflections_of(call->terms[i], call->rule, inflections);
        for (int k = 0; k < n; k++)
            fr_forms_append(&forms, inflections[k].text,
                            call->concepts != NULL ? call->concepts[i] : i);
    }
    fr_mentions_find(&forms, call->text, call->n_bytes, call->starts, call->ends, call->n_tokens,
                     &found);
    call->n = found.n;
    for (int i = 0; i < found.n && i < call->capacity; i++) {
        call->concept_out[i] = found.items[i].concept;
        call->first_out[i] = found.items[i].first;
        call->end_out[i] = found.items[i].end;
    }
    fr_mentions_release(&found);
    fr_forms_release(&forms);
    return FR_OK;
}

static int check_terms(const struct mentions_call *call) {
    struct fr_error *err = fr_library_error();
    for (int i = 0; i < call->n_terms; i++)
        if (call->terms[i] == NULL || call->terms[i][0] == '\0')
            return fr_fail(err, FR_E_INPUT, "term %d is empty", i);
    for (int i = 0; i < call->n_terms && call->concepts != NULL; i++)
        if (call->concepts[i] < 0)
            return fr_fail(err, FR_E_INPUT, "term %d names concept %d; concepts count from 0", i,
                           call->concepts[i]);
    for (int i = 0; i < call->n_tokens; i++)
        if (call->starts[i] < 0 || call->ends[i] < call->starts[i] ||
            (size_t)call->ends[i] > call->n_bytes ||
            (i > 0 && call->starts[i] < call->starts[i - 1]))
            return fr_fail(err, FR_E_INPUT,
                           "token %d covers bytes %d to %d of a text of %zu; ranges ascend and lie "
                           "in the text",
                           i, (int)call->starts[i], (int)call->ends[i], call->n_bytes);
    return FR_OK;
}

int fluidrep_mentions(const char *const *terms, const int *concepts, int n_terms, int inflected,
                      const char *text, size_t n_bytes, const int32_t *starts, const int32_t *ends,
                      int n_tokens, int32_t *concept_out, int32_t *first_out, int32_t *end_out,
                      int capacity) {
    struct mentions_call call = {.terms = terms,
                                 .concepts = concepts,
                                 .n_terms = n_terms,
                                 .rule = inflected ? FR_INFLECTION_INFLECTED : FR_INFLECTION_EXACT,
                                 .text = text,
                                 .n_bytes = n_bytes,
                                 .starts = starts,
                                 .ends = ends,
                                 .n_tokens = n_tokens,
                                 .concept_out = concept_out,
                                 .first_out = first_out,
                                 .end_out = end_out,
                                 .capacity = capacity};
    if (n_terms < 0 || n_tokens < 0 || capacity < 0)
        return fr_fail(fr_library_error(), FR_E_INPUT, "a negative count");
    if ((terms == NULL && n_terms > 0) || (text == NULL && n_bytes > 0) ||
        (n_tokens > 0 && (starts == NULL || ends == NULL)) ||
        (capacity > 0 && (concept_out == NULL || first_out == NULL || end_out == NULL)))
        return missing("an array");
    int code = check_terms(&call);
    if (text == NULL)
        call.text = "";
    if (code == FR_OK)
        code = fr_library_call(mentions_body, &call);
    return code == FR_OK ? call.n : code;
}

/* ---- edits ----------------------------------------------------------------------------------- */

struct edits_call {
    fluidrep_edits **out, *edits;
    int operation, layer;
    const int32_t *positions;
    int n_positions, width;
    const float *vector;
    float scale;
    bool keep_norm;
};

static int edits_new_body(void *arg) {
    const struct edits_call *call = arg;
    *call->out = fr_alloc(1, sizeof **call->out);
    (*call->out)->plan.width = call->width;
    return FR_OK;
}

int fluidrep_edits_new(fluidrep_edits **out, int width) {
    if (out == NULL)
        return missing("out");
    *out = NULL;
    if (width < 1)
        return fr_fail(fr_library_error(), FR_E_INPUT, "edits of width %d", width);
    return fr_library_call(edits_new_body, &(struct edits_call){.out = out, .width = width});
}

void fluidrep_edits_free(fluidrep_edits *edits) {
    if (edits == NULL)
        return;
    fr_edit_plan_release(&edits->plan);
    free(edits->vectors);
    free(edits);
}

static int edits_add_body(void *arg) {
    const struct edits_call *call = arg;
    fluidrep_edits *edits = call->edits;
    const size_t width = (size_t)edits->plan.width;
    if (edits->plan.n_vectors == edits->vector_capacity) {
        const int room = edits->vector_capacity ? 2 * edits->vector_capacity : 4;
        edits->vectors = fr_grow(edits->vectors, (size_t)room, width * sizeof *edits->vectors);
        edits->plan.vectors = edits->vectors;
        edits->vector_capacity = room;
    }
    memcpy(edits->vectors + (size_t)edits->plan.n_vectors * width, call->vector,
           width * sizeof *edits->vectors);
    const int n_before = edits->plan.n_edits;
    for (int i = 0; i < call->n_positions; i++)
        fr_edit_plan_append(&edits->plan, &(struct fr_edit){.position = call->positions[i],
                                                            .layer = (int16_t)call->layer,
                                                            .operation = (uint8_t)call->operation,
                                                            .keep_norm = call->keep_norm,
                                                            .vector = edits->plan.n_vectors,
                                                            .scale = call->scale});
    edits->plan.n_vectors += edits->plan.n_edits > n_before;
    return FR_OK;
}

int fluidrep_edits_add(fluidrep_edits *edits, const char *operation, int layer,
                       const int32_t *positions, int n_positions, const float *vector, float scale,
                       int keep_norm) {
    struct edits_call call = {.edits = edits,
                              .layer = layer,
                              .positions = positions,
                              .n_positions = n_positions,
                              .vector = vector,
                              .scale = scale,
                              .keep_norm = keep_norm != 0};
    if (edits == NULL || vector == NULL || (positions == NULL && n_positions > 0))
        return missing("an argument");
    call.operation =
        fr_library_choice("operation", operation, fr_edit_operation_name, FR_EDIT_OPERATION_COUNT);
    if (call.operation < 0)
        return FR_E_INPUT;
    if (layer < 1 || layer > INT16_MAX)
        return fr_fail(fr_library_error(), FR_E_INPUT,
                       "edits at layer %d; a model's are 1 to their number", layer);
    if (n_positions < 0 || !isfinite(scale))
        return fr_fail(fr_library_error(), FR_E_INPUT, "%s",
                       n_positions < 0 ? "a negative number of positions"
                                       : "a scale that is not a number");
    for (int d = 0; d < edits->plan.width; d++)
        if (!isfinite(vector[d]))
            return fr_fail(fr_library_error(), FR_E_INPUT, "element %d of the vector is no number",
                           d);
    /* What was appended before memory ran out stays out of the list. */
    const int n_before = edits->plan.n_edits;
    const int code = fr_library_call(edits_add_body, &call);
    if (code != FR_OK)
        edits->plan.n_edits = n_before;
    return code;
}

static int compare_edits(const void *a, const void *b) {
    const struct fr_edit *x = a, *y = b;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return (x->layer > y->layer) - (x->layer < y->layer);
}

/* ---- computing ------------------------------------------------------------------------------- */

struct prefill_call {
    fluidrep_model *model;
    int slot;
    const int32_t *tokens;
    int start, n;
    const fluidrep_edits *edits;
    int site;
    const int *layers;
    int n_layers;
    const int32_t *positions;
    int n_positions;
    float *rows;
    int32_t *next;
    size_t width;
    int *layer_index; /* [n_layers of the model + 1]: where in layers */
    bool *marked;     /* [n_layers of the model + 1] */
    struct fr_edit *sorted;
};

static void take_row(void *user, int site, int layer, int position, const float *h) {
    struct prefill_call *call = user;
    (void)site;
    int low = 0, high = call->n_positions;
    while (low + 1 < high) {
        const int middle = (low + high) / 2;
        if (call->positions[middle] <= position)
            low = middle;
        else
            high = middle;
    }
    memcpy(call->rows +
               ((size_t)call->layer_index[layer] * (size_t)call->n_positions + (size_t)low) *
                   call->width,
           h, call->width * sizeof *h);
}

static int prefill_body(void *arg) {
    struct prefill_call *call = arg;
    const int n_layers = fr_model_info(call->model->model)->n_layers;
    struct fr_edit_plan plan = {0};
    struct fr_tap_plan taps = {.n_positions = call->n_positions,
                               .positions = call->positions,
                               .row = take_row,
                               .user = call};
    call->marked = fr_alloc((size_t)n_layers + 1, sizeof *call->marked);
    call->layer_index = fr_alloc((size_t)n_layers + 1, sizeof *call->layer_index);
    call->width = (size_t)fr_model_info(call->model->model)->width;
    for (int i = 0; i < call->n_layers; i++) {
        call->marked[call->layers[i]] = true;
        call->layer_index[call->layers[i]] = i;
    }
    taps.layers[call->site] = call->marked;
    if (call->edits != NULL && call->edits->plan.n_edits > 0) {
        plan = call->edits->plan;
        const size_t n = (size_t)plan.n_edits;
        plan.edits = call->sorted = fr_alloc(n, sizeof *plan.edits);
        memcpy(plan.edits, call->edits->plan.edits, n * sizeof *plan.edits);
        qsort(plan.edits, n, sizeof *plan.edits, compare_edits);
    }
    return fr_model_prefill(call->model->model, call->slot, call->tokens, call->start, call->n,
                            call->n_layers > 0 && call->n_positions > 0 ? &taps : NULL,
                            plan.n_edits > 0 ? &plan : NULL, call->next, fr_library_error());
}

static int check_layers(const struct prefill_call *call) {
    const int n = fr_model_info(call->model->model)->n_layers;
    for (int i = 0; i < call->n_layers; i++) {
        if (call->layers[i] < 1 || call->layers[i] > n)
            return fr_fail(fr_library_error(), FR_E_INPUT, "layer %d; the model's are 1 to %d",
                           call->layers[i], n);
        for (int k = 0; k < i; k++)
            if (call->layers[k] == call->layers[i])
                return fr_fail(fr_library_error(), FR_E_INPUT, "layer %d is asked for twice",
                               call->layers[i]);
    }
    return FR_OK;
}

int fluidrep_prefill(fluidrep_model *model, int slot, const int32_t *tokens, int start, int n,
                     const fluidrep_edits *edits, const char *site, const int *layers, int n_layers,
                     const int32_t *positions, int n_positions, float *rows, int32_t *next) {
    struct prefill_call call = {.model = model,
                                .slot = slot,
                                .tokens = tokens,
                                .start = start,
                                .n = n,
                                .edits = edits,
                                .layers = layers,
                                .n_layers = n_layers,
                                .positions = positions,
                                .n_positions = n_positions,
                                .rows = rows,
                                .next = next};
    int code = check_usable(model);
    if (code == FR_OK)
        code = check_slot(model, slot, true);
    if (code != FR_OK)
        return code;
    if (n_layers < 0 || n_positions < 0 || start < 0)
        return fr_fail(fr_library_error(), FR_E_INPUT, "a negative count");
    if (tokens == NULL || (n_layers > 0 && layers == NULL) ||
        (n_positions > 0 && n_layers > 0 && (positions == NULL || rows == NULL)))
        return missing("an array");
    call.site = site == NULL ? (int)FR_SITE_BLOCK
                             : fr_library_choice("site", site, fr_site_name, FR_STREAM_SITES);
    if (call.site < 0)
        return FR_E_INPUT;
    code = check_layers(&call);
    if (code == FR_OK)
        code = compute(model, prefill_body, &call);
    if (code != FR_E_INPUT)
        model->has_logits = code == FR_OK && (next != NULL || model->has_logits);
    free(call.sorted);
    free(call.layer_index);
    free(call.marked);
    return code;
}

int fluidrep_logits(const fluidrep_model *model, float *out) {
    const int code = check_usable(model);
    if (code != FR_OK)
        return code;
    if (out == NULL)
        return missing("out");
    if (!model->has_logits)
        return fr_fail(fr_library_error(), FR_E_INPUT,
                       "there are no logits before a prefill with next, nor after one that failed");
    memcpy(out, fr_model_logits(model->model),
           (size_t)fr_model_info(model->model)->n_vocab * sizeof *out);
    return FR_OK;
}

struct slot_call {
    fluidrep_model *model;
    const int32_t *tokens;
    int32_t *next;
    int slot, n_tokens;
};

static int decode_body(void *arg) {
    const struct slot_call *call = arg;
    return fr_model_decode(call->model->model, call->tokens, call->next, fr_library_error());
}

int fluidrep_decode(fluidrep_model *model, const int32_t *tokens, int32_t *next) {
    const int code = check_usable(model);
    if (code != FR_OK)
        return code;
    if (tokens == NULL || next == NULL)
        return missing("an array");
    return compute(model, decode_body,
                   &(struct slot_call){.model = model, .tokens = tokens, .next = next});
}

static int copy_body(void *arg) {
    const struct slot_call *call = arg;
    return fr_model_copy_stem(call->model->model, call->slot, call->n_tokens, fr_library_error());
}

int fluidrep_copy_stem(fluidrep_model *model, int slot, int n_tokens) {
    int code = check_usable(model);
    if (code == FR_OK)
        code = check_slot(model, slot, false);
    return code != FR_OK
               ? code
               : compute(model, copy_body,
                         &(struct slot_call){.model = model, .slot = slot, .n_tokens = n_tokens});
}

int fluidrep_clear(fluidrep_model *model, int slot) {
    int code = check_usable(model);
    if (code == FR_OK)
        code = check_slot(model, slot, true);
    if (code == FR_OK && !fr_model_options(model->model)->vocabulary_only)
        fr_model_clear(model->model, slot);
    return code;
}
