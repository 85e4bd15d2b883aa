/* Owns the lexicon of answers: every way in which the wording's registers, the naming and the PDDL
 * itself name actions, objects and places. */
#include "prompts/answer_lexicon.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const struct {
    unsigned group;
    const char *words; /* between blanks */
} prepositions[] = {{FR_GROUP_FROM, " from off "},
                    {FR_GROUP_ON, " on onto upon atop "},
                    {FR_GROUP_IN, " in into "},
                    {FR_GROUP_AT, " at "},
                    {FR_GROUP_TO, " to "},
                    {FR_GROUP_ANY, " with "},
                    /* of answers in other languages, whose actions are English */
                    {FR_GROUP_FROM, " de von vom da du del "},
                    {FR_GROUP_ON, " auf sur sobre su "}};
static const char *const articles[] = {"the", "an", "another", "other"};
/* What a register's noun is called there. */
static const char *const nouns[][2] = {{"object", "objekt"}, {"object", "objet"},
                                       {"object", "objeto"}, {"object", "oggetto"},
                                       {"block", "bloc"},    {"block", "bloque"},
                                       {"block", "bloco"},   {"block", "blocco"}};

/* text[0..n) in lower case, blanks, '-' and '_' as joint ('\0': left out). */
static char *normalise(const char *text, size_t n, char joint) {
    char *out = fr_alloc(n + 1, 1);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        const bool joins = text[i] == ' ' || text[i] == '-' || text[i] == '_';
        if (!joins)
            out[k++] = (char)tolower((unsigned char)text[i]);
        else if (joint != '\0')
            out[k++] = joint;
    }
    out[k] = '\0';
    return out;
}

static void add_phrase(struct fr_lexicon *x, const char *text, size_t n, int action) {
    char *letters = normalise(text, n, '\0');
    const size_t length = strlen(letters);
    int place = x->n_phrases;
    bool known = length == 0;
    for (int i = 0; i < x->n_phrases; i++) {
        known =
            known || (x->phrases[i].action == action && !strcmp(x->phrases[i].letters, letters));
        if (i < place && strlen(x->phrases[i].letters) < length)
            place = i;
    }
    if (known) {
        free(letters);
        return;
    }
    FR_RESERVE(x->phrases, x->n_phrases, x->phrase_capacity);
    memmove(&x->phrases[place + 1], &x->phrases[place],
            (size_t)(x->n_phrases - place) * sizeof *x->phrases);
    x->phrases[place] = (struct fr_phrase){letters, action};
    x->n_phrases++;
}

static void add_name(struct fr_lexicon *x, const char *text, size_t n, int object) {
    FR_RESERVE(x->names, x->n_names, x->name_capacity);
    x->names[x->n_names++] = (struct fr_name){normalise(text, n, '-'), object};
}

static void add_word(char ***words, int *n, int *capacity, const char *text, size_t length) {
    char *word = normalise(text, length, '-');
    for (int i = 0; i < *n; i++)
        if (strcmp((*words)[i], word) == 0) {
            free(word);
            return;
        }
    if (*word == '\0') {
        free(word);
        return;
    }
    FR_RESERVE(*words, *n, *capacity);
    (*words)[(*n)++] = word;
}

static void add_noun(struct fr_lexicon *x, const char *text, size_t n) {
    add_word(&x->nouns, &x->n_nouns, &x->noun_capacity, text, n);
}

/* An object's name in a register, whole ("red-block") and without the noun ("red"). */
static void add_object_name(struct fr_lexicon *x, const char *name, const char *noun, int object) {
    const size_t n = strlen(name), n_noun = strlen(noun);
    size_t from = 0, to = n;
    if (n_noun > 0 && n > n_noun + 1) {
        if (name[n - n_noun - 1] == ' ' && fr_equal_nocase(name + n - n_noun, noun, n_noun))
            to = n - n_noun - 1;
        else if (name[n_noun] == ' ' && fr_equal_nocase(name, noun, n_noun))
            from = n_noun + 1;
    }
    add_name(x, name + from, to - from, object);
    if (to - from < n)
        add_name(x, name, n, object);
}

unsigned fr_preposition_group_of(const char *word, size_t n) {
    for (int i = 0; i < FR_COUNT(prepositions); i++)
        for (const char *p = prepositions[i].words; (p = memmem(p, strlen(p), word, n)) != NULL;
             p++)
            if (p[-1] == ' ' && p[n] == ' ')
                return prepositions[i].group;
    return 0;
}

bool fr_is_article(const char *word, size_t n) {
    for (int i = 0; i < FR_COUNT(articles); i++)
        if (strlen(articles[i]) == n && memcmp(articles[i], word, n) == 0)
            return true;
    return false;
}

/* The prepositions of a sentence between two places. */
static unsigned groups_between(const char *from, const char *to) {
    unsigned groups = 0;
    for (const char *p = from; p < to;) {
        const size_t n = strcspn(p, " {}");
        if (n > 0 && p + n <= to)
            groups |= fr_preposition_group_of(p, n);
        p += n + (n == 0 || p[n] == ' ');
    }
    /* "in the city c" and "at the location l" say the same of a place. */
    if (groups & (FR_GROUP_AT | FR_GROUP_IN))
        groups |= FR_GROUP_AT | FR_GROUP_IN;
    return groups != 0 ? groups : FR_GROUP_ANY;
}

/* A step's sentence "unstack the {1} from on top of the {2}": its words before the first argument
 * are a phrase of the action; the prepositions before each further argument its gaps. */
static void learn_step(struct fr_lexicon *x, const char *sentence, int action, bool restrict_gaps) {
    const char *first = strchr(sentence, '{');
    size_t lead = first != NULL ? (size_t)(first - sentence) : strlen(sentence);
    while (lead > 0 && sentence[lead - 1] == ' ')
        lead--;
    for (int i = 0; i < FR_COUNT(articles); i++) {
        const size_t n = strlen(articles[i]);
        if (lead > n && sentence[lead - n - 1] == ' ' &&
            memcmp(sentence + lead - n, articles[i], n) == 0)
            lead -= n + 1;
    }
    add_phrase(x, sentence, lead, action);
    int place = 0;
    for (const char *p = first; restrict_gaps && p != NULL; place++) {
        const char *next = strchr(p + 1, '{');
        if (next != NULL && place + 1 < FR_MAX_ARITY)
            x->gaps[action][place + 1] = groups_between(p, next);
        p = next;
    }
}

/* The sentence with the naming's words in, the places of arguments left as they are. */
static void step_sentence(const struct fr_wording *wording, enum fr_register reg,
                          const struct fr_naming *naming, int action, struct fr_text *out) {
    static const char *const places[FR_MAX_ARITY] = {"{1}", "{2}", "{3}", "{4}",
                                                     "{5}", "{6}", "{7}", "{8}"};
    fr_text_clear(out);
    fr_wording_say(wording, reg, naming, action, places, wording->domain->actions[action].n_params,
                   out);
}

/* "the {1} is on the table": behind an article stands a place that is no argument. */
static void learn_places(struct fr_lexicon *x, const char *form) {
    for (const char *p = form; (p = strstr(p, " the ")) != NULL;) {
        p += 5;
        const size_t n = strcspn(p, " {.,");
        if (n > 0)
            add_word(&x->places, &x->n_places, &x->place_capacity, p, n);
    }
}

/* A predicate's word, without the end that people bend. */
static void learn_fact(struct fr_lexicon *x, const char *word) {
    size_t n = strcspn(word, " -_");
    n -= n > 4 && word[n - 1] == 's';
    add_word(&x->facts, &x->n_facts, &x->fact_capacity, word, n);
}

static void learn_objects(struct fr_lexicon *x, const struct fr_wording *wording) {
    struct fr_text name = {0};
    for (int r = 0; r < FR_REGISTER_COUNT; r++) {
        const struct fr_register_forms *forms = &wording->registers[r];
        if (!forms->present)
            continue;
        const char *noun = forms->noun != NULL ? forms->noun : "";
        add_noun(x, noun, strlen(noun));
        for (int i = 0; i < FR_COUNT(nouns); i++)
            if (strcmp(nouns[i][0], noun) == 0)
                add_noun(x, nouns[i][1], strlen(nouns[i][1]));
        for (int i = 0; i < forms->n_objects; i++) {
            const size_t n = strcspn(forms->objects[i].form, "*");
            if (forms->objects[i].form[n] == '*' && n > 1)
                add_noun(x, forms->objects[i].form,
                         n - (strchr("_- ", forms->objects[i].form[n - 1]) != NULL));
        }
        for (int o = 0; o < x->problem->n_objects; o++) {
            fr_text_clear(&name);
            fr_wording_object(wording, (enum fr_register)r, x->problem->objects[o], &name);
            add_object_name(x, fr_text_get(&name), noun, o);
            if (*noun != '\0') { /* "block_a" */
                fr_text_clear(&name);
                fr_text_printf(&name, "%s-%s", noun, x->problem->objects[o]);
                add_name(x, fr_text_get(&name), name.len, o);
            }
        }
    }
    for (int o = 0; o < x->problem->n_objects; o++)
        add_name(x, x->problem->objects[o], strlen(x->problem->objects[o]), o);
    for (int t = 0; t < x->problem->domain->n_types; t++)
        add_noun(x, x->problem->domain->types[t], strlen(x->problem->domain->types[t]));
    fr_text_release(&name);
}

void fr_lexicon_new(struct fr_lexicon **out, const struct fr_wording *wording,
                    const struct fr_naming *naming, const struct fr_problem *problem) {
    const struct fr_domain *domain = problem->domain;
    struct fr_lexicon *x = *out = fr_alloc(1, sizeof *x);
    struct fr_text sentence = {0};
    x->problem = problem;
    const enum fr_register reg = fr_wording_register(wording, naming);
    for (int a = 0; a < domain->n_actions; a++) {
        for (int g = 0; g < FR_MAX_ARITY; g++)
            x->gaps[a][g] = FR_GROUP_ANY;
        add_phrase(x, naming->words[a], strlen(naming->words[a]), a);
        step_sentence(wording, reg, naming, a, &sentence);
        learn_step(x, fr_text_get(&sentence), a, reg == FR_REGISTER_PLAIN);
    }
    if (reg == FR_REGISTER_PLAIN)
        for (int p = 0; p < domain->n_predicates; p++)
            if (domain->predicates[p].arity <= 1 &&
                wording->registers[reg].forms[domain->n_actions + p] != NULL)
                learn_places(x, wording->registers[reg].forms[domain->n_actions + p]);
    learn_objects(x, wording);
    for (int p = 0; p < domain->n_predicates; p++)
        x->is_static[p] = true;
    for (int a = 0; a < domain->n_actions; a++)
        for (int e = 0; e < domain->actions[a].n_effects; e++)
            x->is_static[domain->actions[a].effects[e].atom.predicate] = false;
    /* What never changes of one object is its kind: "from airport location_0_0". */
    for (int p = 0; reg == FR_REGISTER_PLAIN && p < domain->n_predicates; p++)
        if (x->is_static[p] && domain->predicates[p].arity == 1)
            add_noun(x, domain->predicates[p].name, strlen(domain->predicates[p].name));
    for (int p = 0; p < domain->n_predicates; p++) {
        fr_text_clear(&sentence);
        fr_wording_word(wording, reg, naming, domain->n_actions + p, &sentence);
        learn_fact(x, fr_text_get(&sentence));
        learn_fact(x, naming->words[domain->n_actions + p]);
    }
    fr_state_set(&x->init, problem->init, problem->n_init);
    fr_text_release(&sentence);
}

void fr_lexicon_free(struct fr_lexicon *x) {
    if (x == NULL)
        return;
    for (int i = 0; i < x->n_phrases; i++)
        free(x->phrases[i].letters);
    for (int i = 0; i < x->n_names; i++)
        free(x->names[i].word);
    for (int i = 0; i < x->n_nouns; i++)
        free(x->nouns[i]);
    for (int i = 0; i < x->n_places; i++)
        free(x->places[i]);
    for (int i = 0; i < x->n_facts; i++)
        free(x->facts[i]);
    free(x->facts);
    free(x->phrases);
    free(x->names);
    free(x->nouns);
    free(x->places);
    fr_state_release(&x->init);
    free(x);
}
