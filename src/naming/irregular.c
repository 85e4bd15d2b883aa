/* Irregular English, as data; see irregular.h. The tables hold the words that namings, the domains'
 * own words and their likely replacements use; a word that is missing takes the regular endings. */
#include "naming/irregular.h"

#include <stdio.h>
#include <string.h>

/* NULL: the regular form. */
static const struct row {
    const char *base, *s, *past, *participle, *ing;
} rows[] = {
    {"arise", NULL, "arose", "arisen", NULL},
    {"awake", NULL, "awoke", "awoken", NULL},
    {"be", "is", "was", "been", NULL},
    {"bear", NULL, "bore", "borne", NULL},
    {"beat", NULL, "beat", "beaten", NULL},
    {"become", NULL, "became", "become", NULL},
    {"befall", NULL, "befell", "befallen", NULL},
    {"begin", NULL, "began", "begun", NULL},
    {"behold", NULL, "beheld", "beheld", NULL},
    {"bend", NULL, "bent", "bent", NULL},
    {"bind", NULL, "bound", "bound", NULL},
    {"bite", NULL, "bit", "bitten", NULL},
    {"bleed", NULL, "bled", "bled", NULL},
    {"blow", NULL, "blew", "blown", NULL},
    {"break", NULL, "broke", "broken", NULL},
    {"breed", NULL, "bred", "bred", NULL},
    {"bring", NULL, "brought", "brought", NULL},
    {"broadcast", NULL, "broadcasted", "broadcast", NULL},
    {"build", NULL, "built", "built", NULL},
    {"burst", NULL, "burst", "burst", NULL},
    {"buy", NULL, "bought", "bought", NULL},
    {"cast", NULL, "cast", "cast", NULL},
    {"catch", NULL, "caught", "caught", NULL},
    {"choose", NULL, "chose", "chosen", NULL},
    {"cling", NULL, "clung", "clung", NULL},
    {"come", NULL, "came", "come", NULL},
    {"creep", NULL, "crept", "crept", NULL},
    {"cut", NULL, "cut", "cut", NULL},
    {"deal", NULL, "dealt", "dealt", NULL},
    {"dig", NULL, "dug", "dug", NULL},
    {"do", NULL, "did", "done", NULL},
    {"draw", NULL, "drew", "drawn", NULL},
    {"drink", NULL, "drank", "drunk", NULL},
    {"drive", NULL, "drove", "driven", NULL},
    {"eat", NULL, "ate", "eaten", NULL},
    {"fall", NULL, "fell", "fallen", NULL},
    {"feed", NULL, "fed", "fed", NULL},
    {"feel", NULL, "felt", "felt", NULL},
    {"fight", NULL, "fought", "fought", NULL},
    {"find", NULL, "found", "found", NULL},
    {"flee", NULL, "fled", "fled", NULL},
    {"fling", NULL, "flung", "flung", NULL},
    {"fly", NULL, "flew", "flown", NULL},
    {"forbid", NULL, "forbade", "forbidden", NULL},
    {"foresee", NULL, "foresaw", "foreseen", NULL},
    {"forget", NULL, "forgot", "forgotten", NULL},
    {"forgive", NULL, "forgave", "forgiven", NULL},
    {"freeze", NULL, "froze", "frozen", NULL},
    {"get", NULL, "got", "gotten", NULL},
    {"give", NULL, "gave", "given", NULL},
    {"go", NULL, "went", "gone", NULL},
    {"grind", NULL, "ground", "ground", NULL},
    {"grow", NULL, "grew", "grown", NULL},
    {"hang", NULL, "hung", "hung", NULL},
    {"have", "has", "had", "had", NULL},
    {"hear", NULL, "heard", "heard", NULL},
    {"hide", NULL, "hid", "hidden", NULL},
    {"hit", NULL, "hit", "hit", NULL},
    {"hold", NULL, "held", "held", NULL},
    {"hurt", NULL, "hurt", "hurt", NULL},
    {"interweave", NULL, "interwove", "interwoven", NULL},
    {"keep", NULL, "kept", "kept", NULL},
    {"know", NULL, "knew", "known", NULL},
    {"lay", NULL, "laid", "laid", NULL},
    {"lead", NULL, "led", "led", NULL},
    {"leave", NULL, "left", "left", NULL},
    {"lend", NULL, "lent", "lent", NULL},
    {"let", NULL, "let", "let", NULL},
    {"lose", NULL, "lost", "lost", NULL},
    {"make", NULL, "made", "made", NULL},
    {"mean", NULL, "meant", "meant", NULL},
    {"meet", NULL, "met", "met", NULL},
    {"outshine", NULL, "outshone", "outshone", NULL},
    {"outgrow", NULL, "outgrew", "outgrown", NULL},
    {"overcome", NULL, "overcame", "overcome", NULL},
    {"overtake", NULL, "overtook", "overtaken", NULL},
    {"overthrow", NULL, "overthrew", "overthrown", NULL},
    {"pay", NULL, "paid", "paid", NULL},
    {"put", NULL, "put", "put", NULL},
    {"quit", NULL, "quit", "quit", NULL},
    {"read", NULL, "read", "read", NULL},
    {"rebuild", NULL, "rebuilt", "rebuilt", NULL},
    {"ride", NULL, "rode", "ridden", NULL},
    {"ring", NULL, "rang", "rung", NULL},
    {"rise", NULL, "rose", "risen", NULL},
    {"run", NULL, "ran", "run", NULL},
    {"say", NULL, "said", "said", NULL},
    {"see", NULL, "saw", "seen", NULL},
    {"seek", NULL, "sought", "sought", NULL},
    {"sell", NULL, "sold", "sold", NULL},
    {"send", NULL, "sent", "sent", NULL},
    {"set", NULL, "set", "set", NULL},
    {"shake", NULL, "shook", "shaken", NULL},
    {"shed", NULL, "shed", "shed", NULL},
    {"shine", NULL, "shone", "shone", NULL},
    {"shoot", NULL, "shot", "shot", NULL},
    {"show", NULL, "showed", "shown", NULL},
    {"shrink", NULL, "shrank", "shrunk", NULL},
    {"shut", NULL, "shut", "shut", NULL},
    {"sing", NULL, "sang", "sung", NULL},
    {"sink", NULL, "sank", "sunk", NULL},
    {"sit", NULL, "sat", "sat", NULL},
    {"sleep", NULL, "slept", "slept", NULL},
    {"slide", NULL, "slid", "slid", NULL},
    {"sling", NULL, "slung", "slung", NULL},
    {"sow", NULL, "sowed", "sown", NULL},
    {"speak", NULL, "spoke", "spoken", NULL},
    {"spend", NULL, "spent", "spent", NULL},
    {"spin", NULL, "spun", "spun", NULL},
    {"split", NULL, "split", "split", NULL},
    {"spread", NULL, "spread", "spread", NULL},
    {"spring", NULL, "sprang", "sprung", NULL},
    {"stand", NULL, "stood", "stood", NULL},
    {"steal", NULL, "stole", "stolen", NULL},
    {"stick", NULL, "stuck", "stuck", NULL},
    {"sting", NULL, "stung", "stung", NULL},
    {"strike", NULL, "struck", "struck", NULL},
    {"string", NULL, "strung", "strung", NULL},
    {"strive", NULL, "strove", "striven", NULL},
    {"swear", NULL, "swore", "sworn", NULL},
    {"sweep", NULL, "swept", "swept", NULL},
    {"swell", NULL, "swelled", "swollen", NULL},
    {"swim", NULL, "swam", "swum", NULL},
    {"swing", NULL, "swung", "swung", NULL},
    {"take", NULL, "took", "taken", NULL},
    {"teach", NULL, "taught", "taught", NULL},
    {"tear", NULL, "tore", "torn", NULL},
    {"tell", NULL, "told", "told", NULL},
    {"think", NULL, "thought", "thought", NULL},
    {"throw", NULL, "threw", "thrown", NULL},
    {"thrust", NULL, "thrust", "thrust", NULL},
    {"undergo", NULL, "underwent", "undergone", NULL},
    {"understand", NULL, "understood", "understood", NULL},
    {"undertake", NULL, "undertook", "undertaken", NULL},
    {"undo", NULL, "undid", "undone", NULL},
    {"unwind", NULL, "unwound", "unwound", NULL},
    {"uphold", NULL, "upheld", "upheld", NULL},
    {"upset", NULL, "upset", "upset", NULL},
    {"wake", NULL, "woke", "woken", NULL},
    {"wear", NULL, "wore", "worn", NULL},
    {"weave", NULL, "wove", "woven", NULL},
    {"weep", NULL, "wept", "wept", NULL},
    {"win", NULL, "won", "won", NULL},
    {"wind", NULL, "wound", "wound", NULL},
    {"withdraw", NULL, "withdrew", "withdrawn", NULL},
    {"withhold", NULL, "withheld", "withheld", NULL},
    {"withstand", NULL, "withstood", "withstood", NULL},
    {"write", NULL, "wrote", "written", NULL},
    /* nouns, and spellings before -s and -ing that the rules miss */
    {"calf", "calves", NULL, NULL, NULL},
    {"cello", "cellos", NULL, NULL, NULL},
    {"child", "children", NULL, NULL, NULL},
    {"dye", NULL, NULL, NULL, "dyeing"},
    {"elf", "elves", NULL, NULL, NULL},
    {"epoch", "epochs", NULL, NULL, NULL},
    {"foot", "feet", NULL, NULL, NULL},
    {"half", "halves", NULL, NULL, NULL},
    {"knife", "knives", NULL, NULL, NULL},
    {"leaf", "leaves", NULL, NULL, NULL},
    {"loaf", "loaves", NULL, NULL, NULL},
    {"man", "men", NULL, NULL, NULL},
    {"monarch", "monarchs", NULL, NULL, NULL},
    {"mouse", "mice", NULL, NULL, NULL},
    {"oasis", "oases", NULL, NULL, NULL},
    {"person", "people", NULL, NULL, NULL},
    {"photo", "photos", NULL, NULL, NULL},
    {"piano", "pianos", NULL, NULL, NULL},
    {"quantum", "quanta", NULL, NULL, NULL},
    {"shelf", "shelves", NULL, NULL, NULL},
    {"singe", NULL, NULL, NULL, "singeing"},
    {"stomach", "stomachs", NULL, NULL, NULL},
    {"thief", "thieves", NULL, NULL, NULL},
    {"tooth", "teeth", NULL, NULL, NULL},
    {"wolf", "wolves", NULL, NULL, NULL},
    {"woman", "women", NULL, NULL, NULL},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

/* Lists of words between blanks. What looks like an inflected form and is none: */
static const char bases[] =
    " evening morning ceiling wedding during nothing something anything everything sibling "
    "hundred sacred naked kindred hatred rugged ragged wicked "
    "lens news series species always perhaps mars alas gas "
    "feed need seed "
    /* nouns that are also a verb's past */
    "bound found ground left rose saw shot wound ";
/* Several syllables, stressed on the last. */
static const char doubled[] =
    " abet abhor acquit admit allot annul befit begin commit compel concur confer control defer "
    "deter dispel embed emit equip excel expel extol forbid forget impel incur infer input "
    "kidnap occur omit outwit output patrol permit prefer program propel rebel rebut recur "
    "refer regret remit repel submit transfer transmit unplug unwrap upset zigzag "
    /* one syllable, though it looks like two */
    "quiz quit ";
/* Against the rules of lost_e: with an e... */
static const char with_e[] =
    " adhere adore advocate arrange avenge bathe baste beware binge breathe challenge change "
    "clothe "
    "cohere compare compete complete create cringe declare delete deplore elope exchange excite "
    "exhale expedite explore fringe guide haste hinge ignite ignore implore incite inhale "
    "interfere "
    "invite loathe lounge paste persevere plunge prepare procreate range recite recreate restore "
    "revenge revere scavenge seethe singe soothe sponge taste tinge unite waste write writhe ";
/* ... and without. */
static const char without_e[] =
    " ballot callus canvas chorus debut exit focus fossil gossip kidnap murmur pencil pivot tailor "
    "worship ";

static bool is_listed(const char *list, const char *word, size_t n) {
    if (n == 0)
        return false;
    for (const char *p = list; (p = strchr(p, word[0])) != NULL; p++)
        if (p[-1] == ' ' && strncmp(p, word, n) == 0 && p[n] == ' ')
            return true;
    return false;
}

static const char *form_in(const struct row *row, enum fr_inflection_tag tag) {
    switch (tag) {
    case FR_TAG_S:
        return row->s;
    case FR_TAG_PAST:
        return row->past;
    case FR_TAG_PARTICIPLE:
        return row->participle;
    case FR_TAG_ING:
        return row->ing;
    default:
        return NULL;
    }
}

/* Most words differ at once: a table of forms asks this thousands of times. */
static bool is_same(const char *a, const char *b) { return a[0] == b[0] && strcmp(a, b) == 0; }

static const struct row *find_row(const char *base) {
    for (int i = 0; i < N_ROWS; i++)
        if (is_same(rows[i].base, base))
            return &rows[i];
    return NULL;
}

const char *fr_irregular_form(const char *lemma, enum fr_inflection_tag tag) {
    const struct row *row = find_row(lemma);
    return row != NULL ? form_in(row, tag) : NULL;
}

bool fr_irregular_find(const char *word, char *lemma, size_t size, enum fr_inflection_tag *tag) {
    for (int i = 0; i < N_ROWS; i++)
        for (int t = 0; t < FR_TAG_COUNT; t++) {
            const char *form = form_in(&rows[i], (enum fr_inflection_tag)t);
            if (form == NULL || !is_same(form, word))
                continue;
            *tag = (enum fr_inflection_tag)t;
            (void)snprintf(lemma, size, "%s", rows[i].base);
            return true;
        }
    return false;
}

bool fr_irregular_is_base(const char *word) {
    return is_listed(bases, word, strlen(word)) || find_row(word) != NULL;
}

bool fr_irregular_doubles(const char *word) { return is_listed(doubled, word, strlen(word)); }

bool fr_irregular_doubles_stem(const char *stem) {
    const size_t n = strlen(stem);
    return n > 1 && is_listed(doubled, stem, n - 1);
}

bool fr_irregular_ends_in_e(const char *stem, bool *ends_in_e) {
    char word[FR_INFLECTION_CEILING];
    (void)snprintf(word, sizeof word, "%.*se", (int)sizeof word - 2, stem);
    *ends_in_e = is_listed(with_e, word, strlen(word));
    return *ends_in_e || is_listed(without_e, stem, strlen(stem)) ||
           find_row(stem) != NULL; /* swell, not swelle */
}
