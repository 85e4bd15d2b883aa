/* A trace's text, of any bytes: a mention is a word that the text has, in order, the tokens whose
 * bytes it is made of; both sets of rules give phases that follow each other without a gap. The
 * reasoning is split off the same way by the two that need it. The first byte chooses the lengths
 * of the tokens. */
#include "fuzz/fuzz.h"
#include "mentions/mentions.h"
#include "phases/phases.h"

static const char *const words[] = {"attack",   "succumb", "overcome", "feast", "planet",
                                    "province", "harmony", "pain",     "craves"};
enum { N_WORDS = sizeof words / sizeof *words, MOST = 4096 };
static const struct fr_concepts concepts = {.n = N_WORDS,
                                            .kinds = {[4] = FR_CONCEPT_PREDICATE,
                                                      FR_CONCEPT_PREDICATE,
                                                      FR_CONCEPT_PREDICATE,
                                                      FR_CONCEPT_PREDICATE,
                                                      FR_CONCEPT_PREDICATE}};

static const struct fr_forms *forms(void) {
    static struct fr_forms out;
    for (int a = 0; out.n < N_WORDS && a < N_WORDS; a++)
        fr_forms_append(&out, words[a], a);
    return &out;
}

static const struct fr_phases *rules(enum fr_phase_text kind) {
    static struct fr_phases *open[FR_PHASE_TEXT_COUNT];
    struct fr_error err = {0};
    if (open[kind] == NULL)
        fuzz_require(fr_phases_open(&open[kind], NULL, kind, &err), &err);
    return open[kind];
}

static void check_mentions(const char *text, size_t n, unsigned seed) {
    static int32_t starts[MOST], ends[MOST];
    struct fr_mentions found = {0};
    int n_tokens = 0, last = 0;
    for (size_t at = 0; at < n; n_tokens++) {
        seed = seed * 1103515245u + 12345u;
        const size_t length = 1 + (seed >> 16) % 6;
        starts[n_tokens] = (int32_t)at;
        at = at + length < n ? at + length : n;
        ends[n_tokens] = (int32_t)at;
    }
    fr_mentions_find(forms(), text, n, starts, ends, n_tokens, &found);
    for (int i = 0; i < found.n; i++) {
        const struct fr_mention *m = &found.items[i];
        FR_ASSERT(0 <= m->first && m->first < m->end && m->end <= n_tokens && m->first >= last);
        FR_ASSERT(m->concept >= 0 && m->concept < N_WORDS);
        const char *word = words[m->concept];
        bool is_there = false;
        for (int32_t b = starts[m->first]; !is_there && b < ends[m->first]; b++)
            is_there = (size_t)b + strlen(word) <= n &&
                       strncasecmp(text + b, word, strlen(word)) == 0 &&
                       b + (int32_t)strlen(word) > starts[m->end - 1] &&
                       b + (int32_t)strlen(word) <= ends[m->end - 1];
        FR_ASSERT(is_there);
        last = m->first;
    }
    fr_mentions_release(&found);
}

static void check_phases(const char *text, size_t n) {
    for (int kind = 0; kind < FR_PHASE_TEXT_COUNT; kind++)
        for (int k = 0; k < FR_PHASE_RULES_COUNT; k++) {
            struct fr_phase_spans spans = {0};
            const size_t begin = n / 8;
            size_t at = begin;
            fr_phases_find(rules((enum fr_phase_text)kind), (enum fr_phase_rules)k, forms(),
                           &concepts, text, begin, n, &spans);
            for (int i = 0; i < spans.n; i++) {
                FR_ASSERT(spans.items[i].start == at && spans.items[i].end > at);
                FR_ASSERT(spans.items[i].phase < FR_PHASE_COUNT);
                FR_ASSERT(i == 0 || spans.items[i].phase != spans.items[i - 1].phase);
                at = spans.items[i].end;
            }
            FR_ASSERT(at == n);
            fr_phase_spans_release(&spans);
        }
}

static void check_split(const char *text) {
    const char *split, *found;
    struct fr_text reasoning = {0};
    const bool ends = fr_answer_split(text, &reasoning, &split);
    FR_ASSERT(fr_answer_find(text, &found) == ends && found == split);
    FR_ASSERT(split >= text && split <= text + strlen(text));
    FR_ASSERT(reasoning.len <= strlen(text));
    fr_text_release(&reasoning);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    char *text = fuzz_text(data + 1, size - 1 < MOST ? size - 1 : MOST);
    check_mentions(text, strlen(text), data[0] + 1u);
    check_phases(text, strlen(text));
    check_split(text);
    free(text);
    return 0;
}
