/* Renaming of texts; see rename.h.
 *
 * A table of forms is made once, for both directions: the renaming back is made to know what comes
 * back. A text is then one pass of look-ups. Rejected: a chain of regular expressions, one per
 * word, which renames twice where namings share words; marks around words that stood already
 * (they would be tokens of their own in every trace); and thinking of a synonym for those. */
#include "naming/rename.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *const fr_collision_policy_name[FR_COLLISION_POLICY_COUNT] = {"swap", "keep", "refuse"};

enum { WORD = FR_INFLECTION_CEILING };

/* ---- the table ------------------------------------------------------------------------------- */

/* One side: a naming with its forms. */
struct side {
    const struct fr_naming *naming;
    struct fr_naming_forms forms;
};

/* The words' own tags correspond, and whatever else must move for that. A participle that stands
 * for a noun (craving, consuming) has the noun's plural. */
static enum fr_inflection_tag map_tag(enum fr_inflection_tag tag, enum fr_inflection_tag from,
                                      enum fr_inflection_tag to) {
    const bool is_noun =
        (from == FR_TAG_BASE && to == FR_TAG_ING) || (from == FR_TAG_ING && to == FR_TAG_BASE);
    if (tag == from)
        return to;
    if (tag == to)
        return from;
    if (is_noun && tag == FR_TAG_S)
        return FR_TAG_INGS;
    if (is_noun && tag == FR_TAG_INGS)
        return FR_TAG_S;
    return tag;
}

static const struct fr_naming_form *find_form(const struct side *side, const char *text) {
    return fr_naming_forms_find(&side->forms, text, strlen(text));
}

/* What a form of one side becomes on the other; the word when its form is another concept's. */
static void map_form(const struct side *from, const struct side *to,
                     const struct fr_naming_form *form, char *out /* [WORD] */) {
    const char *word = to->naming->words[form->concept];
    const enum fr_inflection_tag tag =
        map_tag(form->tag, fr_inflection_tag_of(from->naming->words[form->concept]),
                fr_inflection_tag_of(word));
    fr_inflect(word, tag, out);
    const struct fr_naming_form *made = find_form(to, out);
    if (form->is_word || made == NULL || made->concept != form->concept)
        (void)snprintf(out, WORD, "%s", word);
}

/* What a form of the target alone is exchanged for. The renaming is one to one between most forms
 * of both sides; following it backwards from a form of the target alone ends at a form of the
 * source alone, and these ends make it a permutation. A form that no form of the source becomes
 * stays. */
static void swap_form(const struct side *from, const struct side *to,
                      const struct fr_naming_form *form, char *out /* [WORD] */) {
    char there[WORD];
    const struct fr_naming_form *at = form;
    for (int i = 0; i <= to->forms.n; i++) {
        map_form(to, from, at, out);
        const struct fr_naming_form *source = find_form(from, out);
        if (source == NULL)
            break;
        map_form(from, to, source, there);
        if (find_form(to, there) != at)
            break;
        at = find_form(to, out);
        if (at == NULL)
            return;
    }
    (void)snprintf(out, WORD, "%s", form->text);
}

static int compare_words(const char *a, size_t na, const char *b, size_t nb) {
    for (size_t i = 0; i < na && i < nb; i++) {
        const int d = tolower((unsigned char)a[i]) - tolower((unsigned char)b[i]);
        if (d != 0)
            return d;
    }
    return na < nb ? -1 : na > nb;
}

static int compare_entries(const void *a, const void *b) {
    const struct fr_rename_entry *x = a, *y = b;
    return compare_words(x->from, strlen(x->from), y->from, strlen(y->from));
}

static struct fr_rename_entry *find_entry(const struct fr_rename *rename, const char *text,
                                          size_t n) {
    for (int low = 0, high = rename->n; low < high;) {
        const int middle = (low + high) / 2;
        struct fr_rename_entry *entry = &rename->items[middle];
        const int d = compare_words(text, n, entry->from, strlen(entry->from));
        if (d == 0)
            return entry;
        if (d < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static struct fr_rename_entry *add_entry(struct fr_rename *out, const struct fr_naming_form *form,
                                         bool is_collision) {
    struct fr_rename_entry *entry = &out->items[out->n++];
    *entry = (struct fr_rename_entry){.concept = form->concept,
                                      .tag = form->tag,
                                      .is_collision = is_collision};
    (void)snprintf(entry->from, WORD, "%s", form->text);
    const size_t n = strlen(form->text);
    out->longest = n > out->longest ? n : out->longest;
    return entry;
}

static void fill(struct fr_rename *out, const struct side *from, const struct side *to) {
    out->items = fr_alloc((size_t)(from->forms.n + to->forms.n), sizeof *out->items);
    for (int i = 0; i < from->forms.n; i++)
        map_form(from, to, &from->forms.items[i], add_entry(out, &from->forms.items[i], false)->to);
    for (int i = 0; i < to->forms.n; i++) {
        const struct fr_naming_form *form = &to->forms.items[i];
        if (find_form(from, form->text) != NULL)
            continue;
        struct fr_rename_entry *entry = add_entry(out, form, true);
        if (out->policy == FR_COLLISION_SWAP)
            swap_form(from, to, form, entry->to);
        else
            (void)snprintf(entry->to, WORD, "%s", form->text);
    }
    qsort(out->items, (size_t)out->n, sizeof *out->items, compare_entries);
}

int fr_rename_init(struct fr_rename *out, const struct fr_namings *namings, int from, int to,
                   enum fr_inflection_rule rule, enum fr_collision_policy policy,
                   struct fr_error *err) {
    *out = (struct fr_rename){.concepts = &namings->concepts, .policy = policy};
    const struct fr_naming *ends[2] = {&namings->items[from], &namings->items[to]};
    for (int i = 0; i < 2; i++)
        if (fr_naming_is_clean(ends[i]) && rule != FR_INFLECTION_EXACT)
            return fr_fail(err, FR_E_INPUT,
                           "naming clean: its prose says concepts in sentences, not words, and "
                           "cannot be renamed %s; make the prompt with fluidrep prompt, or rename "
                           "PDDL with the rule exact",
                           i == 0 ? "from" : "to");
    struct side *sides = fr_alloc(2, sizeof *sides);
    for (int i = 0; i < 2; i++) {
        sides[i].naming = ends[i];
        fr_naming_forms_of(&namings->concepts, ends[i], rule, &sides[i].forms);
    }
    struct fr_rename back = *out;
    fill(out, &sides[0], &sides[1]);
    fill(&back, &sides[1], &sides[0]);
    for (int i = 0; i < out->n; i++) {
        struct fr_rename_entry *entry = &out->items[i];
        const struct fr_rename_entry *again = find_entry(&back, entry->to, strlen(entry->to));
        const char *end = again != NULL ? again->to : entry->to;
        entry->comes_back = compare_words(end, strlen(end), entry->from, strlen(entry->from)) == 0;
    }
    bool hyphens = false;
    for (int i = 0; i < out->n; i++)
        hyphens = hyphens || strchr(out->items[i].from, '-') != NULL;
    if (hyphens) {
        out->back = fr_alloc(1, sizeof *out->back);
        *out->back = back;
    } else {
        fr_rename_release(&back);
    }
    free(sides);
    return FR_OK;
}

void fr_rename_release(struct fr_rename *rename) {
    if (rename == NULL)
        return;
    fr_rename_release(rename->back);
    free(rename->back);
    free(rename->items);
    *rename = (struct fr_rename){0};
}

/* ---- capitals -------------------------------------------------------------------------------- */

enum capitals { AS_WRITTEN, UPPER, CAPITAL, TITLE, LOWER, MIXED };

static void apply_capitals(enum capitals capitals, bool is_capital, const char *form,
                           char *out /* [WORD] */) {
    bool start = true;
    size_t i = 0;
    for (; form[i] != '\0'; i++) {
        const int c = (unsigned char)form[i];
        const bool raised = capitals == UPPER || (capitals == TITLE && start) ||
                            ((capitals == CAPITAL || (capitals == MIXED && is_capital)) && i == 0);
        out[i] = (char)(raised ? toupper(c) : capitals == LOWER ? tolower(c) : c);
        start = c == '-';
    }
    out[i] = '\0';
}

/* The first pattern that makes text of the form, equal to it but for capitals. */
static enum capitals capitals_of(const char *text, const char *form) {
    char made[WORD];
    int c = AS_WRITTEN;
    for (; c < MIXED; c++) {
        apply_capitals((enum capitals)c, false, form, made);
        if (memcmp(made, text, strlen(form)) == 0)
            break;
    }
    return (enum capitals)c;
}

/* Writes to as text writes from; returns whether the way back restores text. */
static bool write_word(const struct fr_rename_entry *entry, const char *text, char *out) {
    char again[WORD];
    apply_capitals(capitals_of(text, entry->from), isupper((unsigned char)text[0]) != 0, entry->to,
                   out);
    apply_capitals(capitals_of(out, entry->to), isupper((unsigned char)out[0]) != 0, entry->from,
                   again);
    return memcmp(again, text, strlen(entry->from)) == 0;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static bool is_form_byte(char c) { return !(c & 0x80) && (fr_is_word_byte(c) || c == '-'); }

/* The longest form that begins at text[at] and ends with a word, or NULL. */
static struct fr_rename_entry *entry_at(const struct fr_rename *rename, const char *text, size_t n,
                                        size_t at) {
    size_t end = at;
    while (end < n && end - at < rename->longest && is_form_byte(text[end]))
        end++;
    for (; end > at; end--) {
        if (fr_is_inside_word(text, n, end))
            continue;
        struct fr_rename_entry *entry = find_entry(rename, text + at, end - at);
        if (entry != NULL)
            return entry;
    }
    return NULL;
}

/* The first place at or behind `at` where a form stands; n when there is none. */
static size_t next_form(const struct fr_rename *rename, const char *text, size_t n, size_t at,
                        struct fr_rename_entry **entry) {
    for (; at < n; at++) {
        if (!is_form_byte(text[at]) || fr_is_inside_word(text, n, at))
            continue;
        *entry = entry_at(rename, text, n, at);
        if (*entry != NULL)
            return at;
    }
    return n;
}

static int refuse(const struct fr_rename *rename, const char *text, size_t n,
                  struct fr_error *err) {
    struct fr_rename_entry *entry = NULL;
    for (size_t at = 0; (at = next_form(rename, text, n, at, &entry)) < n;
         at += strlen(entry->from)) {
        if (!entry->is_collision)
            continue;
        return fr_fail(err, FR_E_INPUT,
                       "\"%s\" stands there already (byte %zu), and names %s in the target naming; "
                       "swap or keep such words, or choose another naming",
                       entry->from, at, rename->concepts->names[entry->concept]);
    }
    return FR_OK;
}

static void append_renamed(struct fr_rename *rename, const char *text, size_t n,
                           struct fr_text *out) {
    struct fr_rename_entry *entry = NULL;
    size_t done = 0;
    for (size_t at = 0; (at = next_form(rename, text, n, at, &entry)) < n; at = done) {
        char word[WORD];
        const bool restored = write_word(entry, text + at, word);
        fr_text_append(out, text + done, at - done);
        fr_text_add(out, word);
        done = at + strlen(entry->from);
        entry->count++;
        rename->n_renamed += !entry->is_collision;
        rename->n_collisions += entry->is_collision;
        rename->n_lost += !restored || !entry->comes_back;
    }
    if (n > done)
        fr_text_append(out, text + done, n - done);
}

int fr_rename_text(struct fr_rename *rename, const char *text, size_t n, struct fr_text *out,
                   struct fr_error *err) {
    if (rename->policy == FR_COLLISION_REFUSE) {
        const int code = refuse(rename, text, n, err);
        if (code != FR_OK)
            return code;
    }
    const size_t start = out->len;
    const long lost = rename->n_lost;
    append_renamed(rename, text, n, out);
    if (rename->back != NULL && rename->n_lost == lost) {
        struct fr_text again = {0};
        append_renamed(rename->back, fr_text_get(out) + start, out->len - start, &again);
        rename->n_lost += again.len != n || (n > 0 && memcmp(again.data, text, n) != 0);
        fr_text_release(&again);
    }
    return FR_OK;
}
