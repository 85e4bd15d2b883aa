/* The wording file: YAML of three levels, read by libyaml; its form is told in
 * docs/wordings.md. What it leaves out of the obfuscated register is made here from the PDDL:
 *
 *     arguments  a fact                                     a step
 *     0          harmony                                    attack
 *     1          planet object a                            attack object a
 *     2          object a craves object b                   feast object a from object b
 *     3 ...      object a craves object b with object c     feast object a from object b with ...
 *
 * Each further argument has a preposition of its own, so that a sentence can be read back and its
 * parts are not taken for parts of the list that it stands in. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/yaml.h"
#include "prompts/form.h"
#include "prompts/wording.h"
#include "prompts/wording_file.h"

enum { FILE_CEILING = 1 << 20, MAX_OBJECT_FORMS = 1024 };

static const char *const register_names[FR_REGISTER_COUNT] =
    {[FR_REGISTER_PLAIN] = "plain", [FR_REGISTER_OBFUSCATED] = "obfuscated"};

struct reader {
    struct fr_wording *out;
    const struct fr_domain *domain;
    const char *name;
    struct fr_error *err;
    yaml_document_t *document;
};

static int n_concepts(const struct fr_domain *domain) {
    return domain->n_actions + domain->n_predicates;
}
static const char *concept_name(const struct fr_domain *domain, int c) {
    return c < domain->n_actions ? domain->actions[c].name
                                 : domain->predicates[c - domain->n_actions].name;
}
static int concept_arity(const struct fr_domain *domain, int c) {
    return c < domain->n_actions ? domain->actions[c].n_params
                                 : domain->predicates[c - domain->n_actions].arity;
}

/* ---- nodes --------------------------------------------------------------------------------- */

static int line_of(const yaml_node_t *node) { return (int)node->start_mark.line + 1; }

/* Is the node this very text? A NUL does not end it. */
static bool is_text(const yaml_node_t *node, const char *text) {
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == strlen(text) &&
           memcmp(node->data.scalar.value, text, strlen(text)) == 0;
}

/* A text, borrowed from the document; NULL with *code set when the node is none. */
static const char *read_text(const struct reader *r, const yaml_node_t *node, const char *what,
                             int *code) {
    if (node->type == YAML_SCALAR_NODE &&
        strlen((const char *)node->data.scalar.value) == node->data.scalar.length)
        return (const char *)node->data.scalar.value;
    *code = fr_fail(r->err, FR_E_INPUT, "%s:%d: %s: expected a text%s", r->name, line_of(node),
                    what, node->type == YAML_SCALAR_NODE ? " without a NUL" : "; quote it");
    return NULL;
}

static int unknown(const struct reader *r, const yaml_node_t *node, const char *what,
                   const char *name, const char *const *known, int n) {
    const char *near = fr_nearest(name, known, n);
    struct fr_text list = {0};
    if (near != NULL)
        fr_text_printf(&list, "the nearest is \"%s\"", near);
    else
        fr_text_add(&list, n > 0 ? "there is" : "there is none");
    for (int i = 0; near == NULL && i < n; i++)
        fr_text_printf(&list, "%s %.40s", i ? "," : "", known[i]);
    const int code = fr_fail(r->err, FR_E_INPUT, "%s:%d: unknown %s \"%.60s\"; %.300s", r->name,
                             line_of(node), what, name, fr_text_get(&list));
    fr_text_release(&list);
    return code;
}

static int twice(const struct reader *r, const yaml_node_t *node, const char *name) {
    return fr_fail(r->err, FR_E_INPUT, "%s:%d: \"%.60s\" is given twice; keep one", r->name,
                   line_of(node), name);
}

typedef int (*read_entry)(const struct reader *r, void *context, const yaml_node_t *key_node,
                          const char *key, const yaml_node_t *value);

static int read_mapping(const struct reader *r, const yaml_node_t *node, const char *what,
                        read_entry read, void *context) {
    if (node->type != YAML_MAPPING_NODE)
        return fr_fail(r->err, FR_E_INPUT, "%s:%d: %s: expected \"key: value\" lines below it",
                       r->name, line_of(node), what);
    int code = FR_OK;
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start;
         code == FR_OK && p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *key_node = yaml_document_get_node(r->document, p->key);
        const char *key = read_text(r, key_node, "a key", &code);
        if (key != NULL)
            code = read(r, context, key_node, key, yaml_document_get_node(r->document, p->value));
    }
    return code;
}

/* ---- forms --------------------------------------------------------------------------------- */

static int bad_place(const struct reader *r, const yaml_node_t *node, const char *what,
                     const struct fr_piece *piece) {
    const char *names[FR_MAX_CONCEPTS];
    char word[64];
    const int n = n_concepts(r->domain);
    const size_t n_word = piece->n < 2 ? 0 : piece->n - 2; /* without its braces */
    for (int c = 0; c < n; c++)
        names[c] = concept_name(r->domain, c);
    (void)snprintf(word, sizeof word, "%.*s", (int)(n_word < 63 ? n_word : 63), piece->text + 1);
    const char *near = fr_nearest(word, names, n);
    return fr_fail(r->err, FR_E_INPUT,
                   "%s:%d: %s: \"%.*s\" is no place; places are {1}, {2}, ... and {CONCEPT}%s%s",
                   r->name, line_of(node), what, (int)(piece->n < 60 ? piece->n : 60), piece->text,
                   near ? "; the nearest is " : "", near ? near : "");
}

/* Are all places right, and all n_arguments there? own: -1 for an introduction. */
static int check_form(const struct reader *r, const yaml_node_t *node, const char *what, int own,
                      const char *form, int n_arguments) {
    bool used[FR_MAX_ARITY] = {false};
    struct fr_piece piece;
    int step;
    while ((step = fr_form_next(r->domain, own, &form, &piece)) > 0) {
        if (piece.kind != FR_PIECE_ARGUMENT)
            continue;
        if (piece.argument >= n_arguments)
            return fr_fail(r->err, FR_E_INPUT, "%s:%d: %s: there is no argument {%d}; it has %d",
                           r->name, line_of(node), what, piece.argument + 1, n_arguments);
        FR_ASSERT(piece.argument >= 0);
        used[piece.argument] = true;
    }
    if (step < 0)
        return bad_place(r, node, what, &piece);
    for (int i = 0; i < n_arguments; i++)
        if (!used[i])
            return fr_fail(r->err, FR_E_INPUT,
                           "%s:%d: %s: the form has no {%d}; a sentence must tell all its %d "
                           "arguments",
                           r->name, line_of(node), what, i + 1, n_arguments);
    return FR_OK;
}

struct concepts_entry {
    char **texts; /* [n_concepts], forms or words */
    int first, end;
    const char *what; /* "step", "fact", "concept" */
    bool forms;
};

static int read_concept(const struct reader *r, void *context, const yaml_node_t *key_node,
                        const char *key, const yaml_node_t *value) {
    const struct concepts_entry *e = context;
    const char *names[FR_MAX_CONCEPTS];
    int code = FR_OK, concept = -1;
    for (int c = e->first; c < e->end; c++) {
        names[c - e->first] = concept_name(r->domain, c);
        if (strlen(key) == strlen(names[c - e->first]) &&
            fr_equal_nocase(key, names[c - e->first], strlen(key)) && concept < 0)
        concept = c;
    }
    if (concept < 0)
        return unknown(r, key_node, e->what, key, names, e->end - e->first);
    if (e->texts[concept] != NULL)
        return twice(r, key_node, key);
    const char *text = read_text(r, value, key, &code);
    if (text == NULL)
        return code;
    if (strpbrk(text, "\n\r") != NULL)
        return fr_fail(r->err, FR_E_INPUT, "%s:%d: %s: must be one line", r->name, line_of(value),
                       key);
    if (e->forms && (*text != '\0' || concept < r->domain->n_actions))
        code = check_form(r, value, key, concept, text, concept_arity(r->domain, concept));
    if (code == FR_OK && e->forms && *text == '\0' && concept < r->domain->n_actions)
        code = fr_fail(r->err, FR_E_INPUT, "%s:%d: %s: a step must be said", r->name,
                       line_of(value), key);
    if (code == FR_OK)
        e->texts[concept] = fr_strdup(text);
    return code;
}

static int read_object(const struct reader *r, void *context, const yaml_node_t *key_node,
                       const char *key, const yaml_node_t *value) {
    struct fr_register_forms *forms = context;
    int code = FR_OK;
    const char *text = read_text(r, value, key, &code);
    if (text == NULL)
        return code;
    const char *star = strchr(key, '*'), *in_form = strchr(text, '*');
    if (*text == '\0' || *key == '\0' || strpbrk(text, "\n\r") != NULL)
        return fr_fail(r->err, FR_E_INPUT, "%s:%d: objects: \"%.60s\" needs a name, in one line",
                       r->name, line_of(value), key);
    if ((star != NULL && star[1] != '\0') || (in_form != NULL && strchr(in_form + 1, '*') != NULL))
        return fr_fail(
            r->err, FR_E_INPUT,
            "%s:%d: objects: \"%.60s: %.60s\": one star, at a pattern's end; write \"l*: "
            "location_*\"",
            r->name, line_of(value), key, text);
    if ((star == NULL) != (in_form == NULL))
        return fr_fail(r->err, FR_E_INPUT,
                       "%s:%d: objects: \"%.60s: %.60s\": a star on one side only; the name's star "
                       "is what the pattern's stands for",
                       r->name, line_of(value), key, text);
    for (int i = 0; i < forms->n_objects; i++)
        if (strcmp(forms->objects[i].pattern, key) == 0)
            return twice(r, key_node, key);
    if (forms->n_objects == MAX_OBJECT_FORMS)
        return fr_fail(r->err, FR_E_LIMIT, "%s:%d: objects: more than %d; use a star", r->name,
                       line_of(key_node), MAX_OBJECT_FORMS);
    forms->objects = fr_grow(forms->objects, (size_t)forms->n_objects + 1, sizeof *forms->objects);
    forms->objects[forms->n_objects++] = (struct fr_object_form){fr_strdup(key), fr_strdup(text)};
    return FR_OK;
}

/* ---- registers ------------------------------------------------------------------------------ */

struct register_entry {
    struct fr_register_forms *forms;
    enum fr_register reg;
    bool seen[7];
};

static int read_introduction(const struct reader *r, const char *key, char **out,
                             const yaml_node_t *value) {
    int code = FR_OK;
    const char *text = read_text(r, value, key, &code);
    if (text == NULL)
        return code;
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '\n') /* the block's end; blanks before it are text */
        n--;
    if (n == 0)
        return fr_fail(r->err, FR_E_INPUT,
                       "%s:%d: %s: empty; leave the key out to have it made from the "
                       "PDDL",
                       r->name, line_of(value), key);
    *out = fr_strndup(text, n);
    return check_form(r, value, key, -1, *out, 0);
}

static int read_register_key(const struct reader *r, void *context, const yaml_node_t *key_node,
                             const char *key, const yaml_node_t *value) {
    enum { NOUN, INTRODUCTION, PAPER, OBJECTS, FACTS, STEPS, WORDS, N_KEYS };
    static const char *const names[N_KEYS] = {"noun",    "introduction", "paper_introduction",
                                              "objects", "facts",        "steps",
                                              "words"};
    struct register_entry *e = context;
    const int n_actions = r->domain->n_actions, n = n_concepts(r->domain);
    /* The words of the obfuscated register are the naming's. */
    const int n_keys = e->reg == FR_REGISTER_PLAIN ? N_KEYS : WORDS;
    int which = 0, code = FR_OK;
    while (which < n_keys && strcmp(names[which], key) != 0)
        which++;
    if (which == n_keys)
        return unknown(r, key_node, "key", key, names, n_keys);
    if (e->seen[which])
        return twice(r, key_node, key);
    e->seen[which] = true;
    switch (which) {
    case NOUN: {
        const char *noun = read_text(r, value, key, &code);
        if (noun != NULL && strpbrk(noun, "\n\r") != NULL)
            return fr_fail(r->err, FR_E_INPUT, "%s:%d: noun: must be one line", r->name,
                           line_of(value));
        if (noun != NULL)
            e->forms->noun = fr_strdup(noun);
        return code;
    }
    case INTRODUCTION:
        return read_introduction(r, key, &e->forms->introduction, value);
    case PAPER:
        return read_introduction(r, key, &e->forms->paper_introduction, value);
    case OBJECTS:
        return read_mapping(r, value, key, read_object, e->forms);
    case FACTS:
        return read_mapping(r, value, key, read_concept,
                            &(struct concepts_entry){e->forms->forms, n_actions, n, "fact", true});
    case STEPS:
        return read_mapping(r, value, key, read_concept,
                            &(struct concepts_entry){e->forms->forms, 0, n_actions, "step", true});
    default:
        return read_mapping(r, value, key, read_concept,
                            &(struct concepts_entry){e->forms->words, 0, n, "concept", false});
    }
}

struct file_entry {
    bool named, structured;
    int lines[FR_REGISTER_COUNT]; /* where a register stands, 0: nowhere */
};

static int read_top_key(const struct reader *r, void *context, const yaml_node_t *key_node,
                        const char *key, const yaml_node_t *value) {
    static const char *const names[] = {"domain", "structure", "plain", "obfuscated"};
    struct file_entry *e = context;
    for (int i = 0; i < 2; i++)
        if (strcmp(key, names[i]) == 0) { /* read by check_belonging */
            bool *seen = i == 0 ? &e->named : &e->structured;
            if (*seen)
                return twice(r, key_node, key);
            *seen = true;
            return FR_OK;
        }
    for (int reg = 0; reg < FR_REGISTER_COUNT; reg++)
        if (strcmp(key, register_names[reg]) == 0) {
            if (e->lines[reg] != 0)
                return twice(r, key_node, key);
            e->lines[reg] = line_of(key_node);
            struct register_entry entry = {.forms = &r->out->registers[reg],
                                           .reg = (enum fr_register)reg};
            entry.forms->present = true;
            return read_mapping(r, value, key, read_register_key, &entry);
        }
    return unknown(r, key_node, "key", key, names, 4);
}

/* The value of a key of the file, or NULL. */
static const yaml_node_t *find_value(yaml_document_t *document, const char *key) {
    const yaml_node_t *root = yaml_document_get_root_node(document);
    if (root == NULL || root->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
         p < root->data.mapping.pairs.top; p++) {
        const yaml_node_t *node = yaml_document_get_node(document, p->key);
        if (is_text(node, key))
            return yaml_document_get_node(document, p->value);
    }
    return NULL;
}

static bool is_structure(const yaml_node_t *value, const struct fr_domain *domain) {
    char structure[17];
    (void)snprintf(structure, sizeof structure, "%016llx",
                   (unsigned long long)fr_domain_structure(domain));
    return is_text(value, structure);
}

/* Is the file for the domain? Its structure says so, and only without one the name. */
static int check_belonging(const struct reader *r) {
    const yaml_node_t *structure = find_value(r->document, "structure");
    const yaml_node_t *named = find_value(r->document, "domain");
    int code = FR_OK;
    if (structure != NULL && !is_structure(structure, r->domain)) {
        const char *text = read_text(r, structure, "structure", &code);
        return text == NULL ? code
                            : fr_fail(r->err, FR_E_INPUT,
                                      "%s:%d: structure: made for other actions or predicates "
                                      "(%.40s) than those of \"%.60s\" (%016llx); remove it, or "
                                      "write the domain's own: docs/wordings.md",
                                      r->name, line_of(structure), text, r->domain->name,
                                      (unsigned long long)fr_domain_structure(r->domain));
    }
    const char *name = named != NULL ? read_text(r, named, "domain", &code) : NULL;
    if (name == NULL || structure != NULL)
        return code;
    if (strlen(name) == strlen(r->domain->name) &&
        fr_equal_nocase(name, r->domain->name, strlen(name)))
        return FR_OK;
    return fr_fail(r->err, FR_E_INPUT,
                   "%s:%d: domain: the wording of \"%.60s\", not of \"%.60s\"; give the "
                   "domain's own, or none",
                   r->name, line_of(named), name, r->domain->name);
}

/* The plain register cannot be made: a sentence as people would say it needs a person. */
static int check_plain(const struct reader *r, int line) {
    const struct fr_register_forms *plain = &r->out->registers[FR_REGISTER_PLAIN];
    for (int c = 0; c < n_concepts(r->domain); c++)
        if (plain->forms[c] == NULL)
            return fr_fail(r->err, FR_E_INPUT,
                           "%s:%d: plain: no form for %s \"%.60s\"; add it below \"%s\"%s", r->name,
                           line, c < r->domain->n_actions ? "step" : "fact",
                           concept_name(r->domain, c), c < r->domain->n_actions ? "steps" : "facts",
                           c < r->domain->n_actions ? "" : " (\"\" for one that is not said)");
    return FR_OK;
}

static int read_document(const struct reader *r) {
    const yaml_node_t *root = yaml_document_get_root_node(r->document);
    struct file_entry entry = {0};
    if (root == NULL)
        return fr_fail(r->err, FR_E_INPUT, "%s:1: empty; expected \"domain: %.60s\"", r->name,
                       r->domain->name);
    int code = check_belonging(r);
    if (code == FR_OK)
        code = read_mapping(r, root, "the file", read_top_key, &entry);
    if (code == FR_OK && !entry.named)
        code = fr_fail(r->err, FR_E_INPUT, "%s:1: which domain? Write \"domain: %.60s\"", r->name,
                       r->domain->name);
    if (code == FR_OK && entry.lines[FR_REGISTER_PLAIN] != 0)
        code = check_plain(r, entry.lines[FR_REGISTER_PLAIN]);
    return code;
}

/* ---- what is made ---------------------------------------------------------------------------- */

static char *made_form(const struct fr_domain *domain, int concept) {
    static const char *const prepositions[FR_MAX_ARITY] = {"",    "from", "with", "by",
                                                           "for", "at",   "over", "under"};
    const bool is_step = concept < domain->n_actions;
    const char *name = concept_name(domain, concept);
    const int n = concept_arity(domain, concept);
    struct fr_text form = {0};
    if (name[1] == '\0' && *name >= '0' && *name <= '9')
        name = ""; /* {3} is an argument */
    if (is_step || n < 2)
        fr_text_printf(&form, "{%s}%s", name, n > 0 ? " {1}" : "");
    else
        fr_text_printf(&form, "{1} {%s} {2}", name);
    for (int i = is_step ? 1 : 2; i < n; i++)
        fr_text_printf(&form, " %s {%d}", prepositions[i], i + 1);
    return fr_text_take(&form);
}

/* A sentence has places for so many arguments, a naming words for so many concepts. */
static int check_size(const struct fr_domain *domain, struct fr_error *err) {
    int code = fr_concepts_check(domain, err);
    for (int a = 0; code == FR_OK && a < domain->n_actions; a++)
        if (domain->actions[a].n_params > FR_MAX_ARITY)
            code = fr_fail(err, FR_E_LIMIT,
                           "domain %s: action %s has %d parameters; a prompt says at most %d",
                           domain->name, domain->actions[a].name, domain->actions[a].n_params,
                           FR_MAX_ARITY);
    return code;
}

static void make_the_rest(struct fr_wording *wording) {
    struct fr_register_forms *plain = &wording->registers[FR_REGISTER_PLAIN];
    struct fr_register_forms *obfuscated = &wording->registers[FR_REGISTER_OBFUSCATED];
    obfuscated->present = true;
    if (obfuscated->noun == NULL)
        obfuscated->noun = fr_strdup("object");
    if (plain->noun == NULL)
        plain->noun = fr_strdup("");
    for (int c = 0; c < n_concepts(wording->domain); c++)
        if (obfuscated->forms[c] == NULL)
            obfuscated->forms[c] = made_form(wording->domain, c);
}

int fr_wording_parse(struct fr_wording *out, const struct fr_domain *domain, const char *text,
                     const char *name, struct fr_error *err) {
    yaml_document_t document;
    *out = (struct fr_wording){.domain = domain};
    int code = check_size(domain, err);
    if (code == FR_OK)
        code = fr_yaml_parse(&document, text, name, err);
    if (code == FR_OK) {
        const struct reader r = {out, domain, name, err, &document};
        code = read_document(&r);
        yaml_document_delete(&document);
    }
    if (code == FR_OK)
        make_the_rest(out);
    else
        fr_wording_release(out);
    return code;
}

int fr_wording_load(struct fr_wording *out, const struct fr_domain *domain, const char *path,
                    struct fr_error *err) {
    struct fr_text text = {0};
    *out = (struct fr_wording){0};
    int code = check_size(domain, err);
    if (code == FR_OK && path == NULL) {
        out->domain = domain;
        make_the_rest(out);
        return FR_OK;
    }
    if (code == FR_OK)
        code = fr_file_read_text(path, FILE_CEILING, &text, err);
    if (code == FR_OK)
        code = fr_wording_parse(out, domain, fr_text_get(&text), path, err);
    fr_text_release(&text);
    return code;
}

int fr_wording_file_fits(const char *path, const struct fr_domain *domain, bool *fits,
                         struct fr_error *err) {
    struct fr_text text = {0};
    yaml_document_t document;
    *fits = false;
    int code = fr_file_read_text(path, FILE_CEILING, &text, err);
    if (code == FR_OK)
        code = fr_yaml_parse(&document, fr_text_get(&text), path, err);
    if (code == FR_OK) {
        const yaml_node_t *structure = find_value(&document, "structure");
        *fits = structure != NULL && is_structure(structure, domain);
        yaml_document_delete(&document);
    }
    fr_text_release(&text);
    return code;
}
