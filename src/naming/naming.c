/* Naming tables (method.md section 7): a tab-separated file, one naming a line, so that a person
 * can read and extend it. JSON was passed over: a table is what it is. */
#include "naming/naming.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/memory.h"

const char *const fr_concept_kind_name[FR_CONCEPT_KIND_COUNT] = {"action", "predicate"};

enum { TABLE_CEILING = 1 << 20, FIELD_CEILING = FR_CONCEPT_WORD_MOST + 1 };

/* One line cut at its tabs, in place. */
struct fields {
    int n;
    char *items[FR_MAX_CONCEPTS + 1];
};

static int split_line(char *line, struct fields *out) {
    out->n = 0;
    for (char *p = line;; p++) {
        if (out->n > FR_MAX_CONCEPTS)
            return -1;
        out->items[out->n++] = p;
        p += strcspn(p, "\t");
        if (*p == '\0')
            return 0;
        *p = '\0';
    }
}

/* Columns may stand in any order: two files of one domain need not list its predicates alike.
 * columns[a] is the column of concept a. */
static int read_header(struct fr_namings *out, const struct fields *f, int *columns,
                       const char *name, int line, const struct fr_domain *domain,
                       struct fr_error *err) {
    const int n = domain->n_actions + domain->n_predicates;
    if (strcmp(f->items[0], "id") != 0)
        return fr_fail(err, FR_E_INPUT,
                       "%s:%d: header begins \"%.60s\"; its first column is \"id\", then the %d "
                       "concepts of domain %s, tab-separated",
                       name, line, f->items[0], n, domain->name);
    if (f->n != n + 1)
        return fr_fail(
            err, FR_E_INPUT,
            "%s:%d: header has %d columns; expected \"id\" and the %d concepts of domain %s", name,
            line, f->n, n, domain->name);
    bool taken[FR_MAX_CONCEPTS + 1] = {false};
    for (int a = 0; a < n; a++) {
        const bool is_action = a < domain->n_actions;
        const char *want =
            is_action ? domain->actions[a].name : domain->predicates[a - domain->n_actions].name;
        columns[a] = 0;
        for (int c = 1; c <= n && columns[a] == 0; c++)
            if (!taken[c] && strcasecmp(f->items[c], want) == 0)
                columns[a] = c;
        if (columns[a] == 0)
            return fr_fail(err, FR_E_INPUT,
                           "%s:%d: no column for %s \"%s\" of domain %s; the header begins "
                           "\"%.60s\"; is it a table of another domain?",
                           name, line, fr_concept_kind_name[!is_action], want, domain->name,
                           f->items[1]);
        taken[columns[a]] = true;
        out->concepts.names[a] = fr_strdup(want);
        out->concepts.kinds[a] = is_action ? FR_CONCEPT_ACTION : FR_CONCEPT_PREDICATE;
        out->concepts.n = a + 1;
    }
    return FR_OK;
}

/* Characters beyond ASCII that are no letters: blanks, signs, what is unseen, what has no meaning
 * of its own. */
static bool is_foreign_letter(uint32_t point) {
    static const uint32_t others[][2] = {{0x80, 0xA9},       {0xAB, 0xB4},       {0xB6, 0xB9},
                                         {0xBB, 0xBF},       {0xD7, 0xD7},       {0xF7, 0xF7},
                                         {0x115F, 0x1160},   {0x1680, 0x1680},   {0x2000, 0x2BFF},
                                         {0x2E00, 0x2E7F},   {0x3000, 0x3004},   {0x3008, 0x3020},
                                         {0x3030, 0x3030},   {0x3164, 0x3164},   {0xE000, 0xF8FF},
                                         {0xFE00, 0xFE1F},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF0F},
                                         {0xFF1A, 0xFF20},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFF},
                                         {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (point >= others[i][0] && point <= others[i][1])
            return false;
    return !fr_is_unseen(point);
}

const char *fr_name_stranger(const char *name) {
    uint32_t point;
    for (int n; *name != '\0'; name += n) {
        n = fr_utf8_decode(name, &point);
        const bool ascii = fr_is_word_byte(*name) || *name == '-';
        if (n == 0 || !(n == 1 ? ascii : is_foreign_letter(point)))
            return name;
    }
    return NULL;
}

static bool is_word(const char *s) {
    return *s != '\0' && strlen(s) < FIELD_CEILING && fr_name_stranger(s) == NULL;
}

/* What is wrong with a word, in which a character may be wrong that cannot be seen. */
static int fail_word(const char *word, const char *what, const char *use, struct fr_error *err) {
    uint32_t point;
    const char *stranger = fr_name_stranger(word);
    if (stranger != NULL && fr_utf8_decode(stranger, &point) == 0)
        return fr_fail(err, FR_E_INPUT, "%s is no UTF-8 (byte 0x%02x); %s", what,
                       (unsigned char)*stranger, use);
    if (stranger != NULL && point >= 0x80)
        return fr_fail(err, FR_E_INPUT, "%s holds U+%04X, which is no letter; %s", what,
                       (unsigned)point, use);
    if (stranger == NULL && strlen(word) > FR_CONCEPT_WORD_MOST)
        return fr_fail(err, FR_E_INPUT,
                       "\"%.20s...\" is no %s: %zu bytes, of which it has at most %d", word, what,
                       strlen(word), FR_CONCEPT_WORD_MOST);
    return fr_fail(err, FR_E_INPUT, "\"%.60s\" is no %s; %s", word, what, use);
}

/* One letter names a block or a parameter, digits number a step. */
bool fr_concept_word_is_valid(const char *s) {
    int n = 0;
    bool letter = false;
    for (const char *p = s; *p; p++) {
        n += *p != '-';
        letter = letter || (*p != '-' && (*p < '0' || *p > '9'));
    }
    return is_word(s) && n >= 2 && letter;
}

/* In any case, and hyphens aside: some prompts drop them. */
bool fr_concept_word_equal(const char *a, const char *b) {
    for (;; a++, b++) {
        a += strspn(a, "-");
        b += strspn(b, "-");
        if (!fr_equal_nocase(a, b, 1))
            return false;
        if (*a == '\0')
            return true;
    }
}

/* FNV-1a of what fr_concept_word_equal compares. */
size_t fr_concept_word_hash(const char *word) {
    uint64_t h = 0xcbf29ce484222325ULL;
    for (; *word; word++)
        if (*word != '-')
            h = (h ^ (unsigned char)tolower((unsigned char)*word)) * 0x100000001b3ULL;
    return (size_t)(h ^ h >> 32);
}

static int fail_concept_word(const char *word, const char *concept, const char *id,
                             const char *name, int line, struct fr_error *err) {
    struct fr_text what = {0};
    fr_text_printf(&what, "word for %s", concept);
    (void)fail_word(word, fr_text_get(&what),
                    "use letters, digits, '-' and '_', two at least and one a letter", err);
    fr_text_release(&what);
    return fr_fail_in(err, "%s:%d: naming %s", name, line, id);
}

static int read_naming(struct fr_namings *out, const struct fields *f, const int *columns,
                       const char *name, int line, struct fr_error *err) {
    const int n = out->concepts.n;
    if (f->n != n + 1)
        return fr_fail(err, FR_E_INPUT,
                       "%s:%d: %d columns; expected an id and %d words, tab-separated", name, line,
                       f->n, n);
    if (!is_word(f->items[0])) {
        (void)fail_word(f->items[0], "naming id", "use letters and digits", err);
        return fr_fail_in(err, "%s:%d", name, line);
    }
    if (fr_namings_find(out, f->items[0]) >= 0)
        return fr_fail(err, FR_E_INPUT, "%s:%d: naming %s is defined twice; ids must be unique",
                       name, line, f->items[0]);
    for (int a = 0; a < n; a++) {
        const char *word = f->items[columns[a]];
        if (!fr_concept_word_is_valid(word))
            return fail_concept_word(word, out->concepts.names[a], f->items[0], name, line, err);
        for (int b = 0; b < a; b++)
            if (fr_concept_word_equal(word, f->items[columns[b]]))
                return fr_fail(err, FR_E_INPUT,
                               "%s:%d: naming %s uses \"%.60s\" twice (%s and %s); every concept "
                               "needs its own word",
                               name, line, f->items[0], word, out->concepts.names[b],
                               out->concepts.names[a]);
    }
    FR_RESERVE(out->items, out->n, out->capacity);
    struct fr_naming *naming = &out->items[out->n++];
    *naming = (struct fr_naming){.id = fr_strdup(f->items[0])};
    for (int a = 0; a < n; a++)
        naming->words[a] = fr_strdup(f->items[columns[a]]);
    return FR_OK;
}

int fr_namings_parse(struct fr_namings *out, const char *text, const char *name,
                     const struct fr_domain *domain, struct fr_error *err) {
    *out = (struct fr_namings){0};
    int code = fr_concepts_check(domain, err), line = 0, columns[FR_MAX_CONCEPTS];
    char *copy = fr_strdup(fr_skip_mark(text)), *at = copy;
    for (char *p; code == FR_OK && (p = fr_line_cut(&at)) != NULL;) {
        const size_t length = strlen(p);
        line++;
        if (length > 0 && p[length - 1] == '\r')
            p[length - 1] = '\0';
        if (*p == '\0' || *p == '#')
            continue;
        struct fields fields;
        if (split_line(p, &fields) != 0)
            code = fr_fail(err, FR_E_INPUT, "%s:%d: more than %d columns", name, line,
                           FR_MAX_CONCEPTS + 1);
        else if (out->concepts.n == 0)
            code = read_header(out, &fields, columns, name, line, domain, err);
        else
            code = read_naming(out, &fields, columns, name, line, err);
    }
    if (code == FR_OK && out->n == 0)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: no namings; expected a header line and a naming a line", name);
    free(copy);
    if (code != FR_OK)
        fr_namings_release(out);
    return code;
}

int fr_namings_load(struct fr_namings *out, const char *path, const struct fr_domain *domain,
                    struct fr_error *err) {
    struct fr_text text = {0};
    *out = (struct fr_namings){0};
    int code = fr_file_read_text(path, TABLE_CEILING, &text, err);
    if (code == FR_OK)
        code = fr_namings_parse(out, fr_text_get(&text), path, domain, err);
    fr_text_release(&text);
    return code;
}

void fr_namings_render(const struct fr_namings *namings, struct fr_text *out) {
    for (int i = -1; i < namings->n; i++) {
        fr_text_add(out, i < 0 ? "id" : namings->items[i].id);
        for (int a = 0; a < namings->concepts.n; a++)
            fr_text_printf(out, "\t%s",
                           i < 0 ? namings->concepts.names[a] : namings->items[i].words[a]);
        fr_text_add(out, "\n");
    }
}

void fr_naming_release(struct fr_naming *naming, int n_concepts) {
    for (int a = 0; a < n_concepts; a++)
        free(naming->words[a]);
    free(naming->id);
    *naming = (struct fr_naming){0};
}

void fr_namings_release(struct fr_namings *namings) {
    for (int i = 0; i < namings->n; i++)
        fr_naming_release(&namings->items[i], namings->concepts.n);
    free(namings->items);
    for (int a = 0; a < namings->concepts.n; a++)
        free(namings->concepts.names[a]);
    *namings = (struct fr_namings){0};
}

int fr_namings_find(const struct fr_namings *namings, const char *id) {
    for (int i = 0; i < namings->n; i++)
        if (strcmp(namings->items[i].id, id) == 0)
            return i;
    return -1;
}

bool fr_naming_is_clean(const struct fr_naming *naming) { return strcmp(naming->id, "clean") == 0; }

void fr_naming_random(struct fr_rng *rng, const char *const *pool, int n_pool, int n_concepts,
                      const char *id, struct fr_naming *out) {
    FR_ASSERT(n_pool >= n_concepts && n_concepts <= FR_MAX_CONCEPTS);
    *out = (struct fr_naming){.id = fr_strdup(id)};
    int drawn[FR_MAX_CONCEPTS];
    for (int a = 0; a < n_concepts; a++) {
        bool fresh;
        do {
            drawn[a] = (int)fr_rng_below(rng, (uint32_t)n_pool);
            fresh = true;
            for (int b = 0; b < a; b++)
                fresh = fresh && drawn[b] != drawn[a];
        } while (!fresh);
        out->words[a] = fr_strdup(pool[drawn[a]]);
    }
}

void fr_naming_derange(const struct fr_concepts *concepts, const char *naming_id, uint64_t seed,
                       int *order) {
    struct fr_rng rng;
    fr_rng_seed(&rng, seed, fr_hash_text(naming_id));
    for (int kind = 0; kind < FR_CONCEPT_KIND_COUNT; kind++) {
        int members[FR_MAX_CONCEPTS], shuffled[FR_MAX_CONCEPTS], n = 0;
        for (int a = 0; a < concepts->n; a++)
            if ((int)concepts->kinds[a] == kind)
                members[n++] = a;
        bool deranged = false;
        while (!deranged) {
            fr_rng_permutation(&rng, n, shuffled);
            deranged = true;
            for (int i = 0; i < n && n > 1; i++)
                deranged = deranged && shuffled[i] != i;
        }
        for (int i = 0; i < n; i++)
            order[members[i]] = members[shuffled[i]];
    }
}
