/* English endings by rule, both ways; see inflection.h.
 *
 * Forwards (lemma and tag -> form) the rules of spelling decide: e-dropping, doubling, y -> ie,
 * -es after a hiss. Backwards (a naming's word -> lemma and tag) they leave a choice ("plated":
 * plate or plat?), so candidates are tried in the order of their likelihood and the first whose
 * form is the word again is taken. What no rule can know is in irregular.c. Rejected: a dictionary
 * of English, for namings are nonsense half of the time; and stemming, which joins derivations
 * (harmony, harmonious) that are other words. */
#include "naming/inflection.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "naming/irregular.h"

const char *const fr_inflection_rule_name[FR_INFLECTION_RULE_COUNT] = {"exact", "inflected"};
const char *const fr_inflection_tag_name[FR_TAG_COUNT] = {"base",       "s",   "past",
                                                          "participle", "ing", "ings"};

enum { WORD = FR_INFLECTION_CEILING };

/* ---- letters --------------------------------------------------------------------------------- */

static bool is_letter(char c) { return isalpha((unsigned char)c) != 0; }

/* y counts behind a consonant, the u of qu does not. */
static bool is_vowel(const char *w, size_t i) {
    switch (w[i]) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
        return true;
    case 'u':
        return i == 0 || w[i - 1] != 'q';
    case 'y':
        return i > 0 && !is_vowel(w, i - 1);
    default:
        return false;
    }
}

static bool is_consonant(const char *w, size_t i) { return is_letter(w[i]) && !is_vowel(w, i); }

static int count_vowel_groups(const char *w, size_t n) {
    int groups = 0;
    for (size_t i = 0; i < n; i++)
        groups += is_vowel(w, i) && (i == 0 || !is_vowel(w, i - 1));
    return groups;
}

static bool ends(const char *w, const char *end) {
    const size_t n = strlen(w), k = strlen(end);
    return n >= k && strcmp(w + n - k, end) == 0;
}

static bool ends_in_one_of(const char *w, const char *const *list) {
    for (; *list != NULL; list++)
        if (ends(w, *list))
            return true;
    return false;
}

/* Consonant, one vowel, consonant at the end: chop, swim, repel. */
static bool is_closed(const char *w) {
    const size_t n = strlen(w);
    return n >= 3 && is_consonant(w, n - 1) && strchr("wxyh", w[n - 1]) == NULL &&
           is_vowel(w, n - 2) && !is_vowel(w, n - 3);
}

/* ---- lemma and tag -> form ------------------------------------------------------------------- */

static void put(char *out, const char *w, size_t keep, const char *end) {
    (void)snprintf(out, WORD, "%.*s%s", (int)keep, w, end);
}

static void add_s(const char *w, char *out) {
    static const char *const hisses[] = {"s", "x", "z", "ch", "sh", NULL};
    const size_t n = strlen(w);
    if (ends(w, "z") && is_closed(w))
        put(out, w, n, "zes");
    else if (ends_in_one_of(w, hisses))
        put(out, w, n, "es");
    else if (n >= 2 && w[n - 1] == 'y' && is_consonant(w, n - 2))
        put(out, w, n - 1, "ies");
    else if (n >= 3 && w[n - 1] == 'o' && is_consonant(w, n - 2))
        put(out, w, n, "es");
    else
        put(out, w, n, "s");
}

static bool doubles(const char *w) {
    return fr_irregular_doubles(w) || (is_closed(w) && count_vowel_groups(w, strlen(w)) == 1);
}

/* Adds -ed or -ing, of which the first letter may be there already. */
static void add_ending(const char *w, const char *ending, char *out) {
    const size_t n = strlen(w);
    const bool is_ed = ending[0] == 'e';
    const char last = n > 0 ? w[n - 1] : '\0', before = n > 1 ? w[n - 2] : '\0';
    if (last == 'e' && is_ed)
        put(out, w, n, "d");
    else if (last == 'e' && before == 'i')
        put(out, w, n - 2, "ying");
    else if (last == 'e' && n > 2 && strchr("eoy", before) == NULL)
        put(out, w, n - 1, ending);
    else if (is_ed && last == 'y' && n > 1 && is_consonant(w, n - 2))
        put(out, w, n - 1, "ied");
    else if (last == 'c' && n > 2 && is_vowel(w, n - 2)) {
        put(out, w, n, "k");
        (void)snprintf(out + n + 1, WORD - n - 1, "%s", ending);
    } else if (doubles(w)) {
        put(out, w, n, (const char[]){last, '\0'});
        (void)snprintf(out + n + 1, WORD - n - 1, "%s", ending);
    } else {
        put(out, w, n, ending);
    }
}

static void form_of(const char *lemma, enum fr_inflection_tag tag, char *out) {
    const char *irregular = fr_irregular_form(lemma, tag);
    if (irregular != NULL)
        (void)snprintf(out, WORD, "%s", irregular);
    else if (tag == FR_TAG_BASE)
        (void)snprintf(out, WORD, "%s", lemma);
    else if (tag == FR_TAG_S)
        add_s(lemma, out);
    else if (tag == FR_TAG_PAST || tag == FR_TAG_PARTICIPLE)
        add_ending(lemma, "ed", out);
    else {
        char ing[WORD];
        if ((irregular = fr_irregular_form(lemma, FR_TAG_ING)) != NULL)
            (void)snprintf(ing, WORD, "%s", irregular);
        else
            add_ending(lemma, "ing", ing);
        (void)snprintf(out, WORD, "%.*s%s", WORD - 2, ing, tag == FR_TAG_INGS ? "s" : "");
    }
}

/* ---- form -> lemma and tag ------------------------------------------------------------------- */

/* Did the stem before -ed or -ing lose an e? Asked of stems without a doubled end, so that a short
 * closed one did (plat-ed); a longer one by its last letters: captivat-, balanc-, consum-, but
 * tether-, envelop-. */
static bool lost_e(const char *stem) {
    static const char *const always[] = {"v",  "c",  "u",  "bl", "cl", "dl", "fl", "gl", "kl", "pl",
                                         "tl", "zl", "dg", "rg", "ls", "ns", "rs", "ps", NULL};
    static const char *const never[] = {"er", "en", "on", "or", "et",  "it",  "al", "el",
                                        "op", "om", "an", "ar", "eat", "oat", NULL};
    const size_t n = strlen(stem);
    bool with_e;
    if (fr_irregular_ends_in_e(stem, &with_e))
        return with_e;
    if (n < 2 || ends_in_one_of(stem, always))
        return true;
    if ((stem[n - 1] == 's' || stem[n - 1] == 'z') && is_vowel(stem, n - 2))
        return true;
    if (count_vowel_groups(stem, n) == 1)
        return is_closed(stem);
    if (ends_in_one_of(stem, never))
        return false;
    return is_closed(stem) || ends(stem, "at");
}

static bool is_form(const char *lemma, enum fr_inflection_tag tag, const char *w) {
    char form[WORD];
    form_of(lemma, tag, form);
    return strcmp(form, w) == 0;
}

/* The word less n_end letters, and what stands there instead; taken when its form is the word. */
static bool take(const char *w, size_t n_end, const char *instead, enum fr_inflection_tag tag,
                 char *lemma) {
    put(lemma, w, strlen(w) - n_end, instead);
    return is_form(lemma, tag, w);
}

static bool strip_ending(const char *w, enum fr_inflection_tag tag, char *lemma) {
    const size_t n_end = tag == FR_TAG_ING ? 3 : 2, n = strlen(w) - n_end;
    char stem[WORD];
    put(stem, w, n, "");
    if (n < 2 || count_vowel_groups(stem, n) == 0)
        return false;
    if (tag == FR_TAG_PAST && (ends(w, "eed") || fr_irregular_is_base(w)))
        return false;
    if (tag == FR_TAG_ING && n == 2 && stem[n - 1] == 'y' && take(w, 4, "ie", tag, lemma))
        return true;
    if (tag == FR_TAG_PAST && ends(w, "ied") && n > 2 && take(w, 3, "y", tag, lemma))
        return true;
    if (n > 3 && stem[n - 1] == stem[n - 2] && strchr("lszf", stem[n - 1]) == NULL &&
        take(w, n_end + 1, "", tag, lemma))
        return true;
    if (n > 3 && stem[n - 1] == stem[n - 2] && fr_irregular_doubles_stem(stem) &&
        take(w, n_end + 1, "", tag, lemma))
        return true;
    return (lost_e(stem) && take(w, n_end, "e", tag, lemma)) || take(w, n_end, "", tag, lemma) ||
           take(w, n_end, "e", tag, lemma);
}

static bool strip_s(const char *w, char *lemma) {
    static const char *const own[] = {"ss", "us", "is", "as", "os", NULL};
    const size_t n = strlen(w);
    if (n < 4 || w[n - 1] != 's' || ends_in_one_of(w, own))
        return false;
    if (ends(w, "ies") && n > 4 && take(w, 3, "y", FR_TAG_S, lemma))
        return true;
    if (ends(w, "zzes") && take(w, 3, "", FR_TAG_S, lemma))
        return true;
    return (ends(w, "es") && take(w, 2, "", FR_TAG_S, lemma)) || take(w, 1, "", FR_TAG_S, lemma);
}

/* w is in lower case, of one part. */
static enum fr_inflection_tag lemma_of(const char *w, char *lemma) {
    enum fr_inflection_tag tag;
    if (strlen(w) < 4 || fr_irregular_is_base(w)) {
        (void)snprintf(lemma, WORD, "%s", w);
        return FR_TAG_BASE;
    }
    if (fr_irregular_find(w, lemma, WORD, &tag))
        return tag;
    if (ends(w, "ings")) {
        char ing[WORD];
        put(ing, w, strlen(w) - 1, "");
        if (!fr_irregular_is_base(ing) && strip_ending(ing, FR_TAG_ING, lemma))
            return FR_TAG_INGS;
    }
    if (ends(w, "ing") && strip_ending(w, FR_TAG_ING, lemma))
        return FR_TAG_ING;
    if (ends(w, "ed") && strip_ending(w, FR_TAG_PAST, lemma))
        return FR_TAG_PAST;
    if (strip_s(w, lemma))
        return FR_TAG_S;
    (void)snprintf(lemma, WORD, "%s", w);
    return FR_TAG_BASE;
}

/* ---- words of several parts ------------------------------------------------------------------ */

/* The part that is inflected, word[start, end). */
static void find_part(const char *word, size_t *start, size_t *end) {
    static const char *const particles[] = {"up", "down", "in",   "out",  "on", "off",
                                            "to", "from", "away", "over", NULL};
    const size_t n = strlen(word);
    *start = 0;
    *end = n;
    while (*end > 0 && word[*end - 1] == '-')
        --*end;
    for (size_t i = 0; i < *end; i++)
        if (word[i] == '-')
            *start = i + 1;
    if (*start < 2 || word[0] == '-')
        return;
    for (int i = 0; particles[i] != NULL; i++)
        if (strlen(particles[i]) == *end - *start &&
            fr_equal_nocase(word + *start, particles[i], *end - *start)) {
            *end = strcspn(word, "-");
            *start = 0;
            return;
        }
}

/* How a word stands in its family: what is before and behind the part that is inflected, the
 * lemma of that part and its own tag. */
struct parts {
    size_t start, end;
    char part[WORD], lemma[WORD];
    enum fr_inflection_tag tag;
};

static void take_apart(const char *word, struct parts *out) {
    FR_ASSERT(strlen(word) + 8 < WORD);
    find_part(word, &out->start, &out->end);
    put(out->part, word + out->start, out->end - out->start, "");
    for (char *p = out->part; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    out->tag = lemma_of(out->part, out->lemma);
}

/* Letters that the form shares with the part stay as the table writes them. */
static void put_together(const char *word, const struct parts *parts, enum fr_inflection_tag tag,
                         char *out) {
    char form[WORD];
    if (tag == parts->tag)
        (void)snprintf(form, WORD, "%s", parts->part);
    else
        form_of(parts->lemma, tag, form);
    for (size_t i = 0; form[i] != '\0' && form[i] == parts->part[i]; i++)
        form[i] = word[parts->start + i];
    const size_t n = strlen(form), rest = strlen(word + parts->end);
    FR_ASSERT(parts->start + n + rest < WORD);
    memcpy(out, word, parts->start);
    memcpy(out + parts->start, form, n);
    memcpy(out + parts->start + n, word + parts->end, rest + 1);
}

enum fr_inflection_tag fr_inflection_tag_of(const char *word) {
    struct parts parts;
    take_apart(word, &parts);
    return parts.tag;
}

void fr_inflect(const char *word, enum fr_inflection_tag tag, char out[FR_INFLECTION_CEILING]) {
    struct parts parts;
    take_apart(word, &parts);
    put_together(word, &parts, tag, out);
}

static bool equal(const char *a, const char *b) {
    const size_t n = strlen(a);
    return n == strlen(b) && fr_equal_nocase(a, b, n);
}

int fr_inflections_of(const char *word, enum fr_inflection_rule rule, struct fr_inflection *out) {
    struct parts parts;
    take_apart(word, &parts);
    out[0].tag = parts.tag;
    (void)snprintf(out[0].text, WORD, "%s", word);
    if (rule == FR_INFLECTION_EXACT)
        return 1;
    int n = 1;
    for (int tag = 0; tag < FR_TAG_COUNT; tag++) {
        if (tag == (int)parts.tag)
            continue;
        out[n].tag = (enum fr_inflection_tag)tag;
        put_together(word, &parts, out[n].tag, out[n].text);
        int same = 0;
        while (same < n && !equal(out[same].text, out[n].text))
            same++;
        n += same == n;
    }
    return n;
}

/* ---- the forms of a naming ------------------------------------------------------------------- */

const struct fr_naming_form *fr_naming_forms_find(const struct fr_naming_forms *forms,
                                                  const char *text, size_t n) {
    for (int i = 0; i < forms->n; i++)
        if (strlen(forms->items[i].text) == n && fr_equal_nocase(forms->items[i].text, text, n))
            return &forms->items[i];
    return NULL;
}

void fr_naming_forms_of(const struct fr_concepts *concepts, const struct fr_naming *naming,
                        enum fr_inflection_rule rule, struct fr_naming_forms *out) {
    out->n = out->n_clashes = 0;
    for (int a = 0; a < concepts->n; a++) {
        struct fr_inflection forms[FR_MAX_INFLECTIONS];
        const int n = fr_inflections_of(naming->words[a], rule, forms);
        for (int i = 0; i < n; i++) {
            const size_t length = strlen(forms[i].text);
            int owner = -1;
            bool is_word = false;
            for (int b = 0; i > 0 && owner < 0 && b < concepts->n; b++)
                if (b != a && equal(naming->words[b], forms[i].text)) {
                    owner = b;
                    is_word = true;
                }
            const struct fr_naming_form *there =
                owner < 0 ? fr_naming_forms_find(out, forms[i].text, length) : NULL;
            if (there != NULL) {
                owner = there->concept;
                is_word = there->is_word;
            }
            if (owner >= 0) {
                struct fr_form_clash *clash = &out->clashes[out->n_clashes++];
                *clash = (struct fr_form_clash){.owner = owner, .other = a, .is_word = is_word};
                (void)snprintf(clash->text, WORD, "%s", forms[i].text);
                continue;
            }
            struct fr_naming_form *form = &out->items[out->n++];
            *form = (struct fr_naming_form){.concept = a, .tag = forms[i].tag, .is_word = i == 0};
            (void)snprintf(form->text, WORD, "%s", forms[i].text);
        }
    }
}
