/* The list `experiments` of a configuration. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/fields.h"
#include "naming/naming.h"

#define AT(field) offsetof(struct fr_experiment, field)
#define SWEEP(items, n) AT(items), AT(n), FR_SWEEP, FR_LIST_SWEEP
#define ONE(field) AT(field), 0, 0, FR_LIST_SET
#define NO_CHOICES NULL, 0
static const struct fr_field fields[] = {
    {"", "name", FR_FIELD_TEXT, ONE(name), 0, 0, NULL, NO_CHOICES, FR_SCOPE_STEERING, false,
     "letters, digits, '-' and '_'; 160 bytes at most, those of letters beyond ASCII three times"},
    {"", "vectors", FR_FIELD_CHOICES, AT(vectors), AT(n_vectors), FR_VECTOR_KIND_COUNT,
     FR_LIST_SWEEP, 0, 0, "", fr_vector_kind_name, FR_VECTOR_KIND_COUNT, FR_SCOPE_STEERING, false,
     "in_naming (r~), cross_all and cross_loo (r-), symbolic_all and symbolic_loo (r_mean + "
     "strength r-), clean, mean, noise"},
    {"", "controls", FR_FIELD_CHOICES, AT(controls), AT(n_controls), FR_N_CONTROL_NAMES,
     FR_LIST_SET, 0, 0, "[]", fr_control_name, FR_N_CONTROL_NAMES, FR_SCOPE_STEERING, false,
     "beside every vectors: random, shuffled, single; identity: at the first of layers"},
    {"", "traces", FR_FIELD_CHOICES, AT(traces), AT(n_traces), FR_VECTOR_TRACES_COUNT,
     FR_LIST_SWEEP, 0, 0, "solved", fr_trace_set_name, FR_VECTOR_TRACES_COUNT, FR_SCOPE_STEERING,
     false,
     "that the vectors come from: the first representations.solved_traces solved ones, the first "
     "so "
     "many that failed, or all"},
    {"", "at", FR_FIELD_INTS, SWEEP(at, n_at), 1, FR_MAX_TOKENS, "7000", NO_CHOICES,
     FR_SCOPE_STEERING, false, "timestamp that the vectors come from (paper 4.1: 7000)"},
    {"", "operation", FR_FIELD_CHOICES, AT(operations), AT(n_operations), FR_EDIT_OPERATION_COUNT,
     FR_LIST_SWEEP, 0, 0, "mix", fr_edit_operation_name, FR_EDIT_OPERATION_COUNT, FR_SCOPE_STEERING,
     false,
     "mix (h' = s h + (1 - s) v), replace (v), add (h + v), subtract (h - v), project (h - (h.v / "
     "v.v) v: nothing is left along v); of noise: jitter (h' = h + s |h| v / |v|)"},
    {"", "scale", FR_FIELD_DOUBLES, SWEEP(scales, n_scales), 0, 1, "0.6666666666666666", NO_CHOICES,
     FR_SCOPE_STEERING, false,
     "s of mix: the share of the old row that stays (paper: 2/3); of jitter: the noise's size "
     "as a share of the row's norm"},
    {"", "strength", FR_FIELD_DOUBLES, SWEEP(strengths, n_strengths), 0, 1e6, "1", NO_CHOICES,
     FR_SCOPE_STEERING, false,
     "multiplies r~ or r-; of symbolic vectors the paper's s of r_mean + s r- (4.2: 1, 10, 20)"},
    {"", "keep_norm", FR_FIELD_BOOLS, AT(keep_norm), AT(n_keep_norm), 2, FR_LIST_SWEEP, 0, 0,
     "true", NO_CHOICES, FR_SCOPE_STEERING, false, "afterwards a row gets its old norm back"},
    {"", "layers", FR_FIELD_LAYERS, SWEEP(layers, n_layers), 1, 1000, NULL, NO_CHOICES,
     FR_SCOPE_STEERING, false, "what is edited together: 20, or 1-20; a list is a sweep"},
    {"", "window", FR_FIELD_WINDOWS, SWEEP(windows, n_windows), 0, FR_MAX_TOKENS, "[1500, 2500]",
     NO_CHOICES, FR_SCOPE_STEERING, false,
     "[start, end): mentions in it are edited, and the prefix ends with it (paper: [1500, 2500])"},
    {"", "concepts", FR_FIELD_TEXTS, SWEEP(concepts, n_concepts), 0, 0, "all", NO_CHOICES,
     FR_SCOPE_STEERING, false,
     "which are edited: all, actions, predicates, or one by its name; a list is a sweep"},
    {"", "mentions", FR_FIELD_CHOICES, AT(mentions), AT(n_mentions), FR_MENTION_CHOICE_COUNT,
     FR_LIST_SWEEP, 0, 0, "all", fr_mention_choice_name, FR_MENTION_CHOICE_COUNT, FR_SCOPE_STEERING,
     false, "which of the window's are edited: all, those in the prompt, those in the reasoning"},
    {"", "first_mentions", FR_FIELD_INTS, SWEEP(first, n_first), 0, FR_MAX_TOKENS, "0", NO_CHOICES,
     FR_SCOPE_STEERING, false, "of each concept only so many are edited; 0: all"},
    {"", "from", FR_FIELD_TEXTS, SWEEP(from, n_from), 0, 0, FR_FROM_THIS, NO_CHOICES,
     FR_SCOPE_STEERING, false,
     "this, or the directory of another study whose vectors these are, of a model as wide; a list "
     "is a sweep"},
    {"", "against", FR_FIELD_CHOICE, ONE(against), 0, 0, "none", NULL, 0, FR_SCOPE_STEERING, false,
     "what the effect is measured against: baseline, or one of the controls of the same vectors"},
    {"", "family", FR_FIELD_TEXT, ONE(family), 0, 0, "\"\"", NO_CHOICES, FR_SCOPE_STEERING, false,
     "of Holm's correction: experiments that name the same one are corrected together"},
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

/* As fr_control_name, but that nothing is called the baseline. */
static const char *const against_names[FR_N_CONTROL_NAMES] = {"baseline", "shuffled", "random",
                                                              "single", "identity"};

static struct fr_field field_at(int i) {
    struct fr_field field = fields[i];
    if (field.offset == AT(against)) {
        field.choices = against_names;
        field.n_choices = FR_N_CONTROL_NAMES;
    }
    return field;
}

static int unknown(const struct fr_field_reader *r, const char *name, int line) {
    const char *names[N_FIELDS];
    for (int i = 0; i < N_FIELDS; i++)
        names[i] = fields[i].name;
    const char *near = fr_nearest(name, names, N_FIELDS);
    return fr_fail(r->err, FR_E_INPUT, "%s:%d: an experiment has no field \"%.60s\"%s%s%s", r->path,
                   line, name,
                   near ? "; the nearest is \""
                        : "; fluidrep run --help-config lists "
                          "them",
                   near ? near : "", near ? "\"" : "");
}

/* The value of a key of the mapping, or NULL. */
static const yaml_node_t *find(const struct fr_field_reader *r, const yaml_node_t *map,
                               const char *key) {
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        const char *name = fr_yaml_scalar(yaml_document_get_node(r->document, p->key));
        if (name != NULL && strcmp(name, key) == 0)
            return yaml_document_get_node(r->document, p->value);
    }
    return NULL;
}

/* The files of figures have it in their names, in which a byte beyond ASCII takes three. */
enum { LONGEST_NAME = 160 };

static int name_bytes(const char *name) {
    int n = 0;
    for (; *name != '\0'; name++)
        n += (unsigned char)*name < 0x80 ? 1 : 3;
    return n;
}

static int read_one(const struct fr_field_reader *reader, const yaml_node_t *map,
                    struct fr_experiments *out) {
    const int line = fr_yaml_line(map);
    if (map->type != YAML_MAPPING_NODE)
        return fr_fail(reader->err, FR_E_INPUT,
                       "%s:%d: an experiment is written {name: ..., vectors: [...], layers: [...]}",
                       reader->path, line);
    const yaml_node_t *name_node = find(reader, map, "name");
    const char *name = name_node != NULL ? fr_yaml_scalar(name_node) : NULL;
    if (name == NULL || *name == '\0' || fr_name_stranger(name) != NULL)
        return fr_fail(reader->err, FR_E_INPUT,
                       "%s:%d: an experiment needs a name of letters, digits, '-' and '_'",
                       reader->path, line);
    if (name_bytes(name) > LONGEST_NAME)
        return fr_fail(reader->err, FR_E_INPUT,
                       "%s:%d: the experiment's name \"%.60s...\" takes %d bytes in the names of "
                       "files; at most %d (letters beyond ASCII take three for each of theirs)",
                       reader->path, line, name, name_bytes(name), LONGEST_NAME);
    struct fr_text prefix = {0};
    fr_text_printf(&prefix, "experiments.%s.", name);
    struct fr_field_reader r = *reader;
    r.prefix = fr_text_get(&prefix);
    struct fr_experiment *e = fr_experiments_append(out, fr_strdup(name));
    e->line = line;
    bool seen[N_FIELDS] = {false};
    int code = FR_OK;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start;
         code == FR_OK && p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(r.document, p->key);
        const char *key_name = fr_yaml_scalar(key);
        int i = 0;
        while (i < N_FIELDS && (key_name == NULL || strcmp(fields[i].name, key_name) != 0))
            i++;
        if (i == N_FIELDS) {
            code = unknown(&r, key_name != NULL ? key_name : "...", fr_yaml_line(key));
        } else if (seen[i]) {
            code = fr_fail(r.err, FR_E_INPUT, "%s:%d: %s%s is given twice; keep one", r.path,
                           fr_yaml_line(key), r.prefix, key_name);
        } else {
            const struct fr_field field = field_at(i);
            seen[i] = true;
            code = fr_field_read(&r, &field, yaml_document_get_node(r.document, p->value), e);
        }
    }
    for (int i = 0; code == FR_OK && i < N_FIELDS; i++)
        if (!seen[i] && (fields[i].fallback == NULL || *fields[i].fallback == '\0'))
            code = fr_fail(r.err, FR_E_INPUT, "%s:%d: %s%s is missing; %s", r.path, line, r.prefix,
                           fields[i].name, fields[i].help);
    for (int i = 0; code == FR_OK && i < e->n_controls; i++)
        if (e->controls[i] == FR_CONTROL_NONE)
            code = fr_fail(r.err, FR_E_INPUT, "%s:%d: %scontrols: none; write [] for no control",
                           r.path, line, r.prefix);
    fr_text_release(&prefix);
    return code;
}

int fr_experiments_read(const struct fr_field_reader *reader, const yaml_node_t *node,
                        struct fr_experiments *out) {
    if (node->type != YAML_SEQUENCE_NODE)
        return fr_fail(reader->err, FR_E_INPUT,
                       "%s:%d: experiments is a list: \"- {name: ...}\" lines", reader->path,
                       fr_yaml_line(node));
    int code = FR_OK;
    for (yaml_node_item_t *i = node->data.sequence.items.start;
         code == FR_OK && i < node->data.sequence.items.top; i++)
        code = read_one(reader, yaml_document_get_node(reader->document, *i), out);
    return code;
}

void fr_experiments_render(const struct fr_experiments *experiments, struct fr_text *out) {
    for (int k = 0; k < experiments->n; k++) {
        const struct fr_experiment *e = &experiments->items[k];
        for (int i = 1; i < N_FIELDS; i++) {
            const struct fr_field field = field_at(i);
            if (e->n_arms > 0 && (field.offset == AT(vectors) || field.offset == AT(controls)))
                continue;
            fr_text_printf(out, "experiments.%s.%s: ", e->name, field.name);
            fr_field_render(&field, e, out);
            fr_text_add(out, "\n");
        }
        if (e->n_arms == 0)
            continue;
        fr_text_printf(out, "experiments.%s.arms: [", e->name);
        for (int i = 0; i < e->n_arms; i++)
            fr_text_printf(out, "%s%s %s", i > 0 ? ", " : "",
                           fr_vector_kind_name[e->arms[i].vectors],
                           fr_control_name[e->arms[i].control]);
        fr_text_add(out, "]\n");
    }
}

void fr_experiments_help(struct fr_text *out) {
    for (int i = 0; i < N_FIELDS; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "experiments[].%s", fields[i].name);
        fr_text_printf(out, "%-37s %s", name, fields[i].help);
        if (fields[i].offset == AT(against))
            fr_text_add(out, " [default baseline]\n");
        else if (fields[i].fallback == NULL || *fields[i].fallback == '\0')
            fr_text_add(out, " [required]\n");
        else
            fr_text_printf(out, " [default %s]\n", fields[i].fallback);
    }
}
