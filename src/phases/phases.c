/* Text -> units -> phases -> spans; and agreement. Phrases are found as concepts are
 * (mentions/), units standing for tokens: one walk over the text finds all of them. */
#include "phases/phases.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "phases/rules.h"

const char *const fr_phase_name[FR_PHASE_COUNT] = {"none",        "comparison", "search",
                                                   "exploration", "planning",   "verification"};
const char *const fr_phase_rules_name[FR_PHASE_RULES_COUNT] = {"cues", "mentions"};

enum fr_phase_text fr_phase_text_of(enum fr_prompt_style style) {
    if (!fr_style_is_terse(style))
        return FR_PHASE_PROSE;
    return style == FR_STYLE_AMBIGUOUS ? FR_PHASE_AGENDA : FR_PHASE_TERSE;
}

/* ---- units ----------------------------------------------------------------------------------- */

/* A piece of text that has one phase. */
struct units {
    int n, capacity;
    struct unit {
        bool first_of_line;
        int n_kind[FR_CONCEPT_KIND_COUNT];
        uint64_t cues; /* a bit for every row whose phrase it has */
    } * items;
    int32_t *starts, *ends; /* [n] */
};

static void add_unit(struct units *u, size_t start, bool first_of_line) {
    if (u->n == u->capacity) {
        u->capacity = u->capacity > 0 ? 2 * u->capacity : 64;
        u->items = fr_grow(u->items, (size_t)u->capacity, sizeof *u->items);
        u->starts = fr_grow(u->starts, (size_t)u->capacity, sizeof *u->starts);
        u->ends = fr_grow(u->ends, (size_t)u->capacity, sizeof *u->ends);
    }
    u->items[u->n] = (struct unit){.first_of_line = first_of_line};
    u->starts[u->n++] = (int32_t)start;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* Does a unit end before text[at]? A sentence ends at a blank behind . ? !, quotes and brackets
 * between them aside; "1." ends none. */
static bool ends_before(const struct fr_phases *phases, const char *text, size_t begin, size_t at) {
    if (phases->text != FR_PHASE_PROSE) /* an agenda's units are its lines */
        return phases->text == FR_PHASE_TERSE && is_blank(text[at - 1]) &&
               strchr(fr_phase_marks, text[at]) != NULL;
    size_t i = at;
    if (is_blank(text[at]) || !is_blank(text[at - 1]))
        return false;
    while (i > begin && is_blank(text[i - 1]))
        i--;
    while (i > begin && strchr("\"')]*", text[i - 1]) != NULL)
        i--;
    return i > begin + 1 && strchr(".?!", text[i - 1]) != NULL &&
           !isdigit((unsigned char)text[i - 2]);
}

/* The blank before a unit is its own, as it is of its first token. */
static void cut(const struct fr_phases *phases, const char *text, size_t begin, size_t end,
                struct units *u) {
    bool line = true; /* nothing but blanks in this line yet */
    add_unit(u, begin, true);
    for (size_t at = begin; at < end; at++) {
        if (text[at] == '\n') {
            line = true;
            continue;
        }
        if (at > begin && !is_blank(text[at]) && text[at] != '\0' &&
            (line || ends_before(phases, text, begin, at))) {
            const size_t start = text[at - 1] == ' ' ? at - 1 : at;
            if (start > begin) /* a blank before the first unit is its own */
                add_unit(u, start, line);
        }
        line = line && is_blank(text[at]);
    }
    for (int i = 0; i < u->n; i++)
        u->ends[i] = i + 1 < u->n ? u->starts[i + 1] : (int32_t)end;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static bool begins_as(const struct fr_phase_rule *rule, const struct unit *unit, const char *text,
                      size_t start, size_t end) {
    while (start < end && is_blank(text[start]))
        start++;
    if (rule->mark == '\0')
        return true;
    if (start == end || (rule->of_line && !unit->first_of_line))
        return false;
    return rule->mark == '#' ? isdigit((unsigned char)text[start]) != 0 : text[start] == rule->mark;
}

static bool counts(const struct fr_phase_number *number, int n) {
    return n >= number->least && n <= number->most;
}

static enum fr_phase judge(const struct fr_phases *phases, enum fr_phase_rules rules,
                           const struct unit *unit, enum fr_phase before, const char *text,
                           size_t start, size_t end) {
    for (int i = 0; i < phases->n; i++) {
        const struct fr_phase_rule *rule = &phases->rules[i];
        if (rule->rules == rules && begins_as(rule, unit, text, start, end) &&
            counts(&rule->actions, unit->n_kind[FR_CONCEPT_ACTION]) &&
            counts(&rule->facts, unit->n_kind[FR_CONCEPT_PREDICATE]) &&
            (rule->before < 0 || rule->before == (int)before) &&
            (!rule->has_cues || (unit->cues >> i & 1) != 0))
            return rule->phase;
    }
    return before;
}

void fr_phase_spans_release(struct fr_phase_spans *spans) {
    free(spans->items);
    *spans = (struct fr_phase_spans){0};
}

void fr_phases_find(const struct fr_phases *phases, enum fr_phase_rules rules,
                    const struct fr_forms *forms, const struct fr_concepts *concepts,
                    const char *text, size_t begin, size_t end, struct fr_phase_spans *out) {
    struct units u = {0};
    struct fr_mentions found = {0};
    out->n = 0;
    if (begin >= end)
        return;
    FR_ASSERT(end <= INT32_MAX);
    cut(phases, text, begin, end, &u);
    /* what lies before the first unit is found too, and falls to it: so the text begins there */
    for (int i = 0; i < u.n; i++) {
        u.starts[i] -= (int32_t)begin;
        u.ends[i] -= (int32_t)begin;
    }
    fr_mentions_find(rules == FR_PHASES_BY_CUES ? &phases->cues : forms, text + begin, end - begin,
                     u.starts, u.ends, u.n, &found);
    for (int i = 0; i < found.n; i++) {
        struct unit *unit = &u.items[found.items[i].first];
        const int a = found.items[i].concept;
        if (rules == FR_PHASES_BY_CUES)
            unit->cues |= (uint64_t)1 << a;
        else
            unit->n_kind[concepts->kinds[a]]++;
    }
    enum fr_phase phase = FR_PHASE_NONE;
    for (int i = 0; i < u.n; i++) {
        const size_t start = begin + (size_t)u.starts[i], stop = begin + (size_t)u.ends[i];
        phase = judge(phases, rules, &u.items[i], phase, text, start, stop);
        if (out->n > 0 && out->items[out->n - 1].phase == phase) {
            out->items[out->n - 1].end = stop;
            continue;
        }
        FR_RESERVE(out->items, out->n, out->capacity);
        out->items[out->n++] = (struct fr_phase_span){start, stop, phase};
    }
    fr_mentions_release(&found);
    free(u.items);
    free(u.starts);
    free(u.ends);
}

void fr_phases_of_tokens(const struct fr_phase_spans *spans, const int32_t *starts, int n_tokens,
                         uint8_t *out) {
    int s = 0;
    for (int i = 0; i < n_tokens; i++) {
        const size_t at = (size_t)starts[i];
        while (s < spans->n && spans->items[s].end <= at)
            s++;
        out[i] = s < spans->n && spans->items[s].start <= at ? (uint8_t)spans->items[s].phase
                                                             : FR_PHASE_NONE;
    }
}

/* ---- agreement ------------------------------------------------------------------------------- */

static double kappa(double agreed, double by_chance) {
    return by_chance < 1 ? (agreed - by_chance) / (1 - by_chance) : (double)NAN;
}

double fr_phase_kappa(const struct fr_phase_counts *c) {
    double first[FR_PHASE_COUNT] = {0}, second[FR_PHASE_COUNT] = {0}, total = 0, agreed = 0,
           by_chance = 0;
    for (int p = 0; p < FR_PHASE_COUNT; p++)
        for (int q = 0; q < FR_PHASE_COUNT; q++) {
            first[p] += c->n[p][q];
            second[q] += c->n[p][q];
            total += c->n[p][q];
            agreed += p == q ? c->n[p][q] : 0;
        }
    if (!(total > 0))
        return NAN;
    for (int p = 0; p < FR_PHASE_COUNT; p++)
        by_chance += first[p] / total * (second[p] / total);
    return kappa(agreed / total, by_chance);
}

double fr_phase_kappa_of(const struct fr_phase_counts *c, enum fr_phase phase) {
    struct fr_phase_counts two = {0};
    for (int p = 0; p < FR_PHASE_COUNT; p++)
        for (int q = 0; q < FR_PHASE_COUNT; q++)
            two.n[p == (int)phase][q == (int)phase] += c->n[p][q];
    return fr_phase_kappa(&two);
}
