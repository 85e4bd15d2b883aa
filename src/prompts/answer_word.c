/* One table. Words of the languages that models answer in; a star stands for any end. The sets are
 * open. A word of a list or its heading that is missing makes an answer unparsed, never another
 * plan; one that denies a plan or puts a step first or last (answer_aside.c) goes unheard. */
#include "prompts/answer_word.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum {
    PLAN = FR_ROLE_PLAN,
    FINAL = FR_ROLE_FINAL,
    EXPLAIN = FR_ROLE_EXPLAIN,
    REJECT = FR_ROLE_REJECT,
    OTHER = FR_ROLE_OTHER,
    BE = FR_ROLE_BE,
    STATE = FR_ROLE_STATE,
    LABEL = FR_ROLE_LABEL,
    COUNTED = FR_ROLE_COUNTED,
    PHASE = FR_ROLE_PHASE | FR_ROLE_COUNTED,
    REMARK = FR_ROLE_REMARK,
    ADVERB = FR_ROLE_ADVERB,
    PERFORM = FR_ROLE_PERFORM,
    LAST = FR_ROLE_LAST,
    MORE = FR_ROLE_MORE,
    LESS = FR_ROLE_LESS,
    MAYBE = FR_ROLE_MAYBE,
    PART = FR_ROLE_PART,
    EARLY = FR_ROLE_EARLY,
    LATE = FR_ROLE_LATE,
    NOT = FR_ROLE_NOT,
    SUCCEED = FR_ROLE_SUCCEED,
    WRONG = FR_ROLE_WRONG,
    REVERSE = FR_ROLE_REVERSE,
    THAT = FR_ROLE_THAT,
    ORDER = FR_ROLE_ORDER,
    ATTAIN = FR_ROLE_ATTAIN,
    CHANGE = FR_ROLE_CHANGE,
    IDEA = FR_ROLE_IDEA
};

static const struct row {
    const char *words; /* between blanks */
    unsigned roles;
} rows[] = {
    /* English */
    {"plan plans solution solutions sequence answer procedure", PLAN},
    {"idea approach proposal strategy version variant guess suggestion attempt candidate", IDEA},
    {"trap", REJECT | IDEA},
    {"try retry redo", OTHER | IDEA},
    {"steps actions moves instructions", LABEL},
    {"action", LABEL | COUNTED},
    {"step move", LABEL | COUNTED},
    {"turn", COUNTED},
    {"command operation operator instruction task pddl act name assistant", LABEL},
    {"final last", LAST},
    {"correct corrected revised updated accurate precise proper "
     "adjusted fixed improved definitive definite optimized optimised simplified shorter",
     FINAL},
    {"therefore thought thoughts thinking", REMARK},
    {"expla* analy* reason* rationale breakdown why summar* recap verif* check* justif* comment* "
     "trace* tracing simulat* understand* observation* consider* because recapitulation overview "
     "confirm* proof validat* walkthrough discussion",
     EXPLAIN},
    {"note notes remark* detail details", EXPLAIN | REMARK},
    {"draft* wrong incorrect* invalid infeasible impossible fail* mistake* mistaken reject* "
     "discard* blocked crossed forbidden disallowed prohibited inapplicable cancelled canceled "
     "example* counterexample* naive flawed unsuccessful tempting abandon* avoid* not never cannot "
     "bad "
     "hypothetical* suppose",
     REJECT},
    {"longer shorter faster quicker fewer reference comparison alternativ* instead another "
     "different other option* otherwise "
     "rather attempt* first old "
     "previous* original* earlier candidate",
     OTHER},
    {"finish* complet* continu* rest remain* conclu* second* next half part from after satisf* "
     "ensur* guarantee* works respects",
     PART},
    {"if unless when whenever only maybe perhaps possibly falls si", MAYBE},
    {"is are was were becomes become remains stays has have", BE},
    {"state states goal* condition* result* effect* precondition* prerequisite* postcondition* "
     "arrangement configuration fact facts outcome* consequence* requirement* requires "
     "require situation "
     "after before given world objects status initial* start* current* target",
     STATE},
    {"phase part stage section", PHASE},
    {"segment leg portion abridged excerpt", PART},
    {"achieve reach satisfy meet fulfil fulfill accomplish attain complete finish", ATTAIN},
    {"this these that those it its now with so thus hence since as here there we i you by to in "
     "for if when once while at however but done no on all both each every remember "
     "which where let sure okay ok great",
     REMARK},
    {"after before because result results goal given initially reason reasoning explanation effect "
     "effects state",
     REMARK},
    {"first firstly second secondly third thirdly fourth fifth sixth seventh eighth then next "
     "finally lastly "
     "afterwards now subsequently please",
     ADVERB},
    {"\xE9\xA6\x96\xE5\x85\x88 \xE7\x84\xB6\xE5\x90\x8E \xE6\x8E\xA5\xE7\x9D\x80 "
     "\xE6\x9C\x80\xE5\x90\x8E \xE5\x85\xB6\xE6\xAC\xA1",
     ADVERB},
    {"\xE5\x88\x9D\xE5\xA7\x8B*", STATE},
    {"\xE8\xBF\x99\xE6\xA0\xB7* \xE5\x9B\xA0\xE6\xAD\xA4* \xE6\x89\x80\xE4\xBB\xA5*", REMARK},
    {"repeat* twice thrice times x2 x3 2x 3x etc likewise similarly wiederhol* zweimal "
     "r\xC3\xA9p\xC3\xA9t* repet* "
     "vice-versa analogous analogously ditto same continue continuing",
     MORE},
    {"scrap obsolete superseded outdated entf\xC3\xA4llt entfallen skip* omit* optional* dispens* "
     "unneeded "
     "needless unnecessary superfluous redundant ignore disregard "
     "undo swap* replace* "
     "oops correction erratum impossible infeasible invalid",
     LESS},
    {"perform execute apply do use carry out make take run invoke call effectuer ex\xC3\xA9"
     "cuter realizar ejecutar executar \xE6\x89\xA7\xE8\xA1\x8C "
     "\xD0\xB2\xD1\x8B\xD0\xBF\xD0\xBE\xD0\xBB\xD0\xBD\xD0\xB8\xD1\x82\xD1\x8C",
     PERFORM},
    {"first firstly start* begin* initially zuerst zun\xC3\xA4"
     "chst anfang* premi\xC3\xA8rement commenc* primero empez* comenz* principio "
     "primeiro come\xC3\xA7* prima inizi* eerst \xE9\xA6\x96\xE5\x85\x88* \xE5\x85\x88* "
     "\xE6\x9C\x80\xE5\x88\x9D* \xD1\x81\xD0\xBD\xD0\xB0\xD1\x87\xD0\xB0\xD0\xBB\xD0\xB0",
     EARLY},
    {"finally last lastly end ultimately schlie\xC3\x9Flich zuletzt ende enfin finalement fin "
     "finalmente \xC3\xBAltimo \xC3\xBAltima infine fine slot "
     "\xE6\x9C\x80\xE5\x90\x8E* \xE6\x9C\x80\xE5\xBE\x8C* \xE7\x84\xB6\xE5\x90\x8E* "
     "\xE3\x81\x9D\xE3\x81\xAE\xE5\xBE\x8C*",
     LATE},
    {"not no never cannot unable neither none nicht "
     "kein* nie pas aucun* jamais ningun* ning\xC3\xBAn nunca n\xC3\xA3o nessun* non niet geen "
     "\xE6\xB2\xA1* \xE4\xB8\x8D* \xE6\x97\xA0*",
     NOT},
    {"acceptable satisfactory suitable work works worked working reach* exist* solv* achiev* "
     "possible valid legal executable succe* "
     "feasible correct right allowed met ok okay permitted accomplish* fulfil* complete* satisf* "
     "v\xC3\xA1lid* valide execut* carried "
     "funktionier* erreich* existier* "
     "l\xC3\xB6s* "
     "m\xC3\xB6glich "
     "g\xC3\xBCltig* fonctionn* atte* funcion* alcanz* existe* resuelv* posible possibile",
     SUCCEED},
    {"unsolvable insoluble unreachable unattainable", WRONG | THAT},
    {"exchange* switch* interchang* flip* drop delete remove cancel scratch forget insert minus "
     "without skip* omit*",
     CHANGE},
    {"flaw nonsense incomplete unfinished unreached bad retract* withdraw* discard* reject* "
     "disagree* apolog* unacceptable "
     "\xD0\xBD\xD0\xB5\xD0\xB2\xD0\xB5\xD1\x80* \xD0\xBE\xD1\x88\xD0\xB8\xD0\xB1* violat* "
     "contradict* breaks error mistake sketch "
     "wrong incorrect* illegal invalid infeasible impossible flawed fail* broken mistaken falsch* "
     "ung\xC3\xBCltig* unm\xC3\xB6glich* faux fausse invalid* incorrect* imposible err\xC3\xB3neo "
     "\xE9\x94\x99\xE8\xAF\xAF*",
     WRONG},
    {"opposite regress* reverse reversed reversely backward backwards inverse inverted r\xC3\xBC"
     "ckw\xC3\xA4rts umgekehrt* inversa inverso \xC3\xA0-rebours \xE5\x80\x92* \xE5\x8F\x8D*",
     REVERSE},
    {"everything order steps actions moves list sequence reihenfolge schritte ordre orden ordem "
     "ordine pasos "
     "\xE9\xA1\xBA*",
     ORDER},
    {"this that these those it they them i we following above below closest attempt approach "
     "dies* das diese* ich wir ceci cela cette ces nous esto este esta estos eso isto isso "
     "questo questa \xE8\xBF\x99* \xE6\xAD\xA4*",
     THAT},
    /* German */
    {"l\xC3\xB6sung antwort schrittfolge", PLAN},
    {"schritte aktionen", LABEL},
    {"schritt aktion handlung", LABEL | COUNTED},
    {"endg\xC3\xBCltig* endplan", LAST | PLAN},
    {"korrigiert* \xC3\xBC"
     "berarbeitet* richtig*",
     FINAL},
    {"erkl\xC3\xA4r* begr\xC3\xBCnd* erl\xC3\xA4uter* zusammenfass* analyse pr\xC3\xBC"
     "fung hinweis* anmerkung* "
     "\xC3\xBC"
     "berlegung* warum",
     EXPLAIN},
    {"entwurf beispiel* falsch* verworfen* nicht", REJECT},
    {"alternative versuch* statt ander*", OTHER},
    {"zustand anfangszustand ziel ergebnis wirkung* vorbedingung* voraussetzung* bedingung*",
     STATE},
    {"teil abschnitt etappe", PHASE},
    {"das dies diese damit so nun jetzt hier der die wir ich nach ergebnis ziel danach", REMARK},
    {"zuerst dann danach schlie\xC3\x9Flich zuletzt erstens zweitens", ADVERB},
    /* French */
    {"r\xC3\xA9ponse s\xC3\xA9quence", PLAN},
    {"\xC3\xA9tapes", LABEL},
    {"\xC3\xA9tape", LABEL | COUNTED},
    {"finale", LAST},
    {"d\xC3\xA9"
     "finitif* corrig\xC3\xA9* r\xC3\xA9vis\xC3\xA9*",
     FINAL},
    {"explic* justification pourquoi v\xC3\xA9rif* remarque* r\xC3\xA9sum\xC3\xA9", EXPLAIN},
    {"exemple* faux fausse erron\xC3\xA9* pas brouillon", REJECT},
    {"autre* essai tentative", OTHER},
    {"\xC3\xA9tat but objectif r\xC3\xA9sultat* effet* pr\xC3\xA9"
     "condition*",
     STATE},
    {"partie", PHASE},
    {"cela ceci ainsi donc voici nous je maintenant ce cette", REMARK},
    {"ensuite puis enfin", ADVERB},
    /* Spanish, Portuguese, Italian */
    {"respuesta soluci\xC3\xB3n secuencia plano resposta solu\xC3\xA7\xC3\xA3o piano risposta "
     "soluzione",
     PLAN},
    {"pasos passos passi", LABEL},
    {"paso acci\xC3\xB3n passo a\xC3\xA7\xC3\xA3o azione", LABEL | COUNTED},
    {"definitivo corregido corregida corrigido corretto correcto correcta revisado", FINAL},
    {"explicaci\xC3\xB3n explica\xC3\xA7\xC3\xA3o spiega* razon* an\xC3\xA1lisis resumen verifica* "
     "nota motivo* por",
     EXPLAIN},
    {"ejemplo exemplo esempio incorrecto incorrecta errado sbagliat*", REJECT},
    {"alternativa otro otra outro intento", OTHER},
    {"estado objetivo meta resultado* efecto* condici\xC3\xB3n* stato obiettivo risultato effetto",
     STATE},
    {"fase parte etapa", PHASE},
    {"esto este esta as\xC3\xAD ahora aqu\xC3\xAD nosotros questo ora", REMARK},
    {"primero luego despu\xC3\xA9s finalmente prima poi infine primeiro depois", ADVERB},
    /* Dutch, Polish, Russian */
    {"oplossing antwoord odpowied\xC5\xBA rozwi\xC4\x85zanie", PLAN},
    {"stappen kroki", LABEL},
    {"stap krok", LABEL | COUNTED},
    {"uitleg toelichting wyja\xC5\x9Bnienie", EXPLAIN},
    {"\xD0\xBF\xD0\xBB\xD0\xB0\xD0\xBD \xD0\xBE\xD1\x82\xD0\xB2\xD0\xB5\xD1\x82 "
     "\xD1\x80\xD0\xB5\xD1\x88\xD0\xB5\xD0\xBD\xD0\xB8\xD0\xB5",
     PLAN},
    {"\xD1\x88\xD0\xB0\xD0\xB3\xD0\xB8", LABEL},
    {"\xD1\x88\xD0\xB0\xD0\xB3", LABEL | COUNTED},
    {"\xD0\xBE\xD0\xB1\xD1\x8A\xD1\x8F\xD1\x81\xD0\xBD\xD0\xB5\xD0\xBD\xD0\xB8\xD0\xB5", EXPLAIN},
    /* Chinese, Japanese: written together, so by their beginnings */
    {"\xE8\xAE\xA1\xE5\x88\x92* \xE6\x96\xB9\xE6\xA1\x88* \xE7\xAD\x94\xE6\xA1\x88* "
     "\xE5\x9B\x9E\xE7\xAD\x94* \xE8\xA8\x88\xE7\x94\xBB* \xE7\xAD\x94\xE3\x81\x88*",
     PLAN},
    {"\xE6\x9C\x80\xE7\xBB\x88* \xE6\x9C\x80\xE7\xB5\x82* \xE4\xBF\xAE\xE6\xAD\xA3* "
     "\xE6\xAD\xA3\xE7\xA1\xAE*",
     FINAL | PLAN},
    {"\xE8\xA7\xA3\xE9\x87\x8A* \xE8\xAF\xB4\xE6\x98\x8E* \xE7\x90\x86\xE7\x94\xB1* "
     "\xE5\x88\x86\xE6\x9E\x90* \xE6\xB3\xA8\xE6\x84\x8F* \xE8\xAA\xAC\xE6\x98\x8E*",
     EXPLAIN},
    {"\xE5\x8F\xA6\xE4\xB8\x80* \xE4\xBE\x8B\xE5\xAD\x90* \xE9\x94\x99\xE8\xAF\xAF*", REJECT},
    {"\xE7\x8A\xB6\xE6\x80\x81* \xE7\x9B\xAE\xE6\xA0\x87* \xE7\xBB\x93\xE6\x9E\x9C* "
     "\xE6\x95\x88\xE6\x9E\x9C*",
     STATE},
    {"passo steg trin vaihe b\xC6\xB0\xE1\xBB\x9B"
     "c langkah ad\xC4\xB1m krok \xD0\xBA\xD1\x80\xD0\xBE\xD0\xBA "
     "\xEB\x8B\xA8\xEA\xB3\x84 \xE0\xA4\x9A\xE0\xA4\xB0\xE0\xA4\xA3 "
     "\xD8\xA7\xD9\x84\xD8\xAE\xD8\xB7\xD9\x88\xD8\xA9 \xEB\x8B\xA8\xEA\xB3\x84 "
     "\xED\x96\x89\xEB\x8F\x99",
     LABEL | COUNTED},
    {"\xEA\xB3\x84\xED\x9A\x8D \xEC\xA0\x95\xEB\x8B\xB5 plan\xC4\xB1m k\xE1\xBA\xBF ho\xE1\xBA\xA1"
     "ch rencana",
     PLAN},
    {"\xEC\x84\xA4\xEB\xAA\x85 a\xC3\xA7\xC4\xB1klama penjelasan f\xC3\xB6rklaring", EXPLAIN},
    {"\xE6\xAD\xA5\xE9\xAA\xA4 \xE7\xAC\xAC \xE6\xAD\xA5 \xE3\x82\xB9\xE3\x83\x86\xE3\x83\x83\xE3"
     "\x83\x97",
     LABEL | COUNTED},
    {"\xE9\x98\xB6\xE6\xAE\xB5", PHASE},
};

/* Small letters of ASCII, Latin-1 and Cyrillic; the length. */
static size_t fold(const char *word, size_t n, char *out, size_t room) {
    size_t k = 0;
    for (; k < n && k < room; k++) {
        const unsigned char c = (unsigned char)word[k];
        const unsigned char before = k > 0 ? (unsigned char)word[k - 1] : 0;
        unsigned char small = (unsigned char)tolower(c);
        if ((before == 0xC3 && c >= 0x80 && c <= 0x9E) || (before == 0xD0 && c >= 0x90 && c < 0xA0))
            small = (unsigned char)(c + 0x20);
        if (before == 0xD0 && c >= 0xA0 && c < 0xB0) {
            small = (unsigned char)(c - 0x20);
            out[k - 1] = (char)0xD1;
        }
        out[k] = (char)small;
    }
    return k;
}

static bool fits(const char *pattern, size_t n_pattern, const char *word, size_t n) {
    if (pattern[n_pattern - 1] == '*')
        return n >= n_pattern - 1 && memcmp(pattern, word, n_pattern - 1) == 0;
    return n == n_pattern && memcmp(pattern, word, n) == 0;
}

unsigned fr_word_roles(const char *word, size_t n) {
    char folded[64];
    unsigned roles = 0;
    const size_t length = fold(word, n, folded, sizeof folded);
    for (size_t i = 0; length == n && i < sizeof rows / sizeof *rows; i++)
        for (const char *p = rows[i].words; *p != '\0';) {
            const size_t n_pattern = *p == *folded ? strcspn(p, " ") : 0;
            if (n_pattern > 0 && fits(p, n_pattern, folded, n))
                roles |= rows[i].roles;
            p = strchrnul(p + n_pattern, ' ');
            p += *p == ' ';
        }
    return roles;
}
