/* Owns the markup of answers: tags of blocks, HTML, LaTeX, fences, JSON, several items on one line,
 * each a row of a table or a function here. What stands behind an opener on its line is a line of
 * its own, so that no first step is lost with it.
 *
 * Rejected: parsers of Markdown, HTML and LaTeX; answers mix them in one line and close little of
 * what they open. */
#include "prompts/answer_text.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "prompts/answer_word.h"
#include "prompts/prompts.h"
#include "prompts/statement.h"

/* JSON is tried where a line begins as it does; more attempts are a text of brackets. */
enum { JSON_ATTEMPTS = 32, JSON_DEPTH = 8 };

/* ---- tags ------------------------------------------------------------------------------------ */

enum act {
    ACT_OPEN,
    ACT_CLOSE,
    ACT_BRACE, /* opens a block that ends with its brace */
    ACT_LINE,  /* a line ends */
    ACT_ITEM,  /* a line ends, and an item begins */
    ACT_PAIR,  /* nothing, where the tag that closes it follows on the line */
    ACT_GONE,  /* nothing */
    ACT_SAY    /* says something else */
};
enum { MAX_TAGS = 20 };
static const struct tag {
    enum act act;
    const char *says; /* SAY: what */
    const char *texts[MAX_TAGS];
} tags[] = {
    {ACT_OPEN,
     NULL,
     {"[PLAN]", "[REVISED PLAN]", "[CORRECTED PLAN]", "[FINAL PLAN]", "[ANSWER]", "[FINAL ANSWER]",
      "[SOLUTION]", "<plan>", "<answer>", "<final_answer>", "<final_plan>", "<final>", "<solution>",
      "<output>", "<|begin_of_solution|>"}},
    {ACT_CLOSE,
     NULL,
     {"[PLAN END]", "[PLAN_END]", "[END PLAN]", "[END OF PLAN]", "[END]", "[/PLAN]", "[/ANSWER]",
      "[/SOLUTION]", "</plan>", "</answer>", "</final_answer>", "</final_plan>", "</final>",
      "</solution>", "</output>", "<|end_of_solution|>"}},
    {ACT_BRACE, NULL, {"\\boxed{", "\\fbox{", "\\framebox{"}},
    {ACT_LINE,
     NULL,
     {"<br>", "<br/>", "<br />", "<p>", "</p>", "<ol>", "</ol>", "<ul>", "</ul>", "<tr>", "</tr>",
      "</li>"}},
    {ACT_LINE,
     NULL,
     {"\\\\", "\\newline", "\\begin{enumerate}", "\\end{enumerate}", "\\begin{itemize}",
      "\\end{itemize}", "\\begin{aligned}", "\\end{aligned}", "\\begin{align*}", "\\end{align*}",
      "\\begin{array}{l}", "\\begin{array}", "\\end{array}", "\\begin{gathered}",
      "\\end{gathered}"}},
    {ACT_ITEM, NULL, {"<li>", "\\item"}},
    {ACT_PAIR, NULL, {"<b>", "<i>", "<em>", "<strong>", "<u>", "<code>"}},
    {ACT_GONE,
     NULL,
     {"[INST]", "[/INST]", "</td>", "</th>", "</b>", "</i>", "</em>", "</strong>", "</u>",
      "</code>",
      "<\xEF\xBD\x9C"
      "Assistant\xEF\xBD\x9C>"}},
    {ACT_GONE,
     NULL,
     {"\\text{", "\\textbf{", "\\textit{", "\\texttt{", "\\textrm{", "\\emph{", "\\mathrm{",
      "\\mathbf{", "\\mathit{", "\\mathsf{", "\\mathtt{", "\\operatorname{", "\\left", "\\right"}},
    {ACT_SAY, " | ", {"<td>", "<th>"}},
    {ACT_SAY, "~~", {"<del>", "</del>", "<strike>", "</strike>"}},
    {ACT_SAY, " ", {"\\quad", "\\qquad", "\\,", "\\;", "\\:", "\\ "}},
    {ACT_SAY, "_", {"\\_"}},
    {ACT_SAY, " -> ", {"\\rightarrow", "\\Rightarrow", "\\longrightarrow", "\\to", "\\implies"}},
};

static bool begins_with(const char *text, const char *tag) {
    const size_t n = strlen(tag);
    return strnlen(text, n) == n && fr_equal_nocase(text, tag, n);
}

/* The longest tag that text begins with, its letters *found. A command of letters ends where its
 * letters do. */
static const struct tag *find_tag(const char *text, const char **found) {
    const struct tag *best = NULL;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        for (const char *const *t = tags[i].texts; *t != NULL; t++) {
            const size_t n = strlen(*t);
            if (*text != **t || !begins_with(text, *t) || (best != NULL && strlen(*found) >= n) ||
                (*text == '\\' && isalpha((unsigned char)text[n - 1]) &&
                 isalpha((unsigned char)text[n])))
                continue;
            best = &tags[i];
            *found = *t;
        }
    return best;
}

/* Does a tag "<b>" end before end? */
static bool is_closed(const char *tag, const char *text, const char *end) {
    char close[16];
    const int n = snprintf(close, sizeof close, "</%s", tag + 1);
    return memmem(text, (size_t)(end - text), close, (size_t)n) != NULL;
}

/* The length of "<name>" or "</name>" of any name of letters, or of "<|name|>"; 0 for none. */
static size_t any_tag(const char *text) {
    const bool special = text[1] == '|';
    size_t n = text[1] == '/' || special ? 2 : 1;
    const size_t from = n;
    while (isalnum((unsigned char)text[n]) || text[n] == '_' || text[n] == '-')
        n++;
    if (n - from < 3 && !(special && n > from))
        return 0;
    if (special)
        return text[n] == '|' && text[n + 1] == '>' ? n + 2 : 0;
    while (text[n] == ' ') { /* attributes */
        const size_t name = strspn(text + n + 1, "abcdefghijklmnopqrstuvwxyz");
        if (name == 0 || strncmp(text + n + 1 + name, "=\"", 2) != 0)
            break;
        const size_t value = n + name + 3, length = strcspn(text + value, "\"<>\n");
        if (text[value + length] != '"')
            break;
        n = value + length + 1;
    }
    return text[n] == '>' ? n + 1 : 0;
}

/* ---- lines ----------------------------------------------------------------------------------- */

struct splitter {
    struct fr_source *out;
    struct fr_text line; /* what is read of the line so far */
    const char *raw;
    size_t n_raw;
    int number;
    bool split; /* something of the raw line was put out already */
    int braces; /* > 0: in a block that ends with its brace, and how deep */
    int item;   /* the number of the last item, 0 for none */
    int json_attempts;
    bool endless_comment;
    bool endless[64]; /* by tag of the reasoning: it does not end any more */
};

static void put(struct splitter *s, enum fr_source_kind kind, const char *text, size_t n,
                bool alone) {
    struct fr_source *out = s->out;
    FR_RESERVE(out->lines, out->n, out->capacity);
    out->lines[out->n++] = (struct fr_source_line){.kind = kind,
                                                   .start = out->text.len,
                                                   .n = n,
                                                   .raw = s->raw,
                                                   .n_raw = s->n_raw,
                                                   .number = s->number,
                                                   .alone = alone};
    fr_text_append(&out->text, text, n);
}

static bool is_blank(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strchr(" \t\r*_#>`", text[i]) == NULL)
            return false;
    return true;
}

/* "2. ", "2) ", "(2) " or "Step 2: " at text[at..n): its number, and behind it *end; else -1. */
static int item_at(const char *text, size_t n, size_t at, size_t *end) {
    size_t i = at;
    const bool open = i < n && text[i] == '(';
    i += open;
    size_t word = i;
    while (word < n && isalpha((unsigned char)text[word]))
        word++;
    const bool named = !open && word > i && word + 1 < n && text[word] == ' ' &&
                       isdigit((unsigned char)text[word + 1]) &&
                       (fr_word_roles(text + i, word - i) & FR_ROLE_COUNTED) != 0;
    if (named)
        i = word + 1;
    const size_t digits = i;
    int value = 0;
    for (; i < n && i < digits + 3 && isdigit((unsigned char)text[i]); i++)
        value = 10 * value + (text[i] - '0');
    if (i == digits || i >= n || strchr(open ? ")" : named ? ".:)" : ".)", text[i]) == NULL)
        return -1;
    /* "... (prepares for step 2)." */
    if (named && at > 0 && !isupper((unsigned char)text[at]))
        return -1;
    i++;
    while (i < n && strchr("*_", text[i]) != NULL)
        i++;
    if (i < n && text[i] != ' ' && text[i] != '\t')
        return -1;
    *end = i;
    return value;
}

static size_t skip_dress(const char *text, size_t n, size_t at) {
    while (at < n && strchr(" \t*_#>", text[at]) != NULL)
        at++;
    return at;
}

/* Stands a small word that counts steps before at, "(prepares for step 2)"? */
static bool counts_steps(const char *text, size_t at) {
    size_t to = at, from;
    while (to > 0 && text[to - 1] == ' ')
        to--;
    for (from = to; from > 0 && isalpha((unsigned char)text[from - 1]); from--)
        ;
    return to < at && from > 0 && islower((unsigned char)text[from]) &&
           (fr_word_roles(text + from, to - from) & FR_ROLE_COUNTED) != 0;
}

/* Where the item of this number begins at or behind at, which a blank or a bold mark precedes; n
 * when nowhere. */
static size_t find_item(const char *text, size_t n, size_t at, int number) {
    size_t end;
    for (; at < n; at++)
        if (!counts_steps(text, at) && (at == 0 || strchr(" \t*", text[at - 1]) != NULL) &&
            (isdigit((unsigned char)text[at]) || text[at] == '(' ||
             isalpha((unsigned char)text[at])) &&
            item_at(text, n, at, &end) == number)
            return at;
    return n;
}

/* A bullet behind a colon: "Plan: - attack a". */
static size_t find_bullet(const char *text, size_t n) {
    for (size_t i = 0; i + 2 < n; i++)
        if (text[i] == ':') {
            const size_t at = skip_dress(text, n, i + 1);
            return at > i + 1 && at + 1 < n && text[at] == '-' && text[at + 1] == ' ' ? at : n;
        }
    return n;
}

/* Does a sign stand before at, but for blanks and markup? */
static bool is_behind(const char *text, size_t at, const char *signs) {
    while (at > 0 && strchr(" \t*_", text[at - 1]) != NULL)
        at--;
    return at > 0 && strchr(signs, text[at - 1]) != NULL;
}

/* Where the items begin that a line holds behind other words: the first of them behind a sign or
 * with the second on the same line, or the one that follows the item above; n for nowhere. */
static size_t find_first_item(const struct splitter *s, const char *text, size_t n) {
    size_t at = find_item(text, n, 0, 1);
    if (at < n && (is_behind(text, at, ":.!") || find_item(text, n, at + 1, 2) < n))
        return at;
    at = s->item > 0 ? find_item(text, n, 0, s->item + 1) : n;
    return at < n && is_behind(text, at, ":.!);,") ? at : find_bullet(text, n);
}

/* Puts a line out, each of the items that it holds as a line of its own: "Plan: 1. attack a 2.
 * succumb a". */
static void put_items(struct splitter *s, const char *text, size_t n) {
    size_t end, at = skip_dress(text, n, 0);
    int number = item_at(text, n, at, &end);
    if (number < 0) {
        at = find_first_item(s, text, n);
        put(s, FR_SOURCE_LINE, text, at, false);
        if (at == n)
            return;
        s->split = true;
        number = item_at(text, n, at, &end);
    } else {
        at = 0;
    }
    for (; at < n; number++) {
        const size_t from = at + 1 < n ? skip_dress(text, n, at) + 1 : n;
        const size_t next = number < 0 ? n : find_item(text, n, from, number + 1);
        put(s, FR_SOURCE_LINE, text + at, next - at, false);
        s->item = number;
        at = next;
    }
}

/* Puts out what is read of the line; blank lines too, unless something of the line was. */
static void flush(struct splitter *s, bool at_end) {
    const char *text = fr_text_get(&s->line);
    const size_t n = s->line.len, indent = strspn(text, " \t>");
    const char *body = text + indent;
    if (is_blank(text, n)) {
        if (strncmp(body, "```", 3) == 0)
            put(s, FR_SOURCE_FENCE, text, indent, true);
        else if (at_end && !s->split)
            put(s, FR_SOURCE_LINE, "", 0, false);
    } else if (strncmp(body, "```", 3) == 0 || strncmp(body, "~~~", 3) == 0) {
        /* Kept with its indentation: a fence may stand inside an item. */
        struct fr_text words = {0};
        fr_text_append(&words, text, indent);
        fr_text_add(&words, body + strspn(body, "`~"));
        put(s, FR_SOURCE_FENCE, fr_text_get(&words), words.len, true);
        fr_text_release(&words);
    } else if (*body == '|' && strchr(body + 1, '|') != NULL) {
        put(s, FR_SOURCE_ROW, text, n, false);
    } else {
        put_items(s, text, n);
    }
    fr_text_clear(&s->line);
    s->split = !at_end;
}

static void put_tag(struct splitter *s, enum fr_source_kind kind) {
    const bool alone = !s->split && is_blank(fr_text_get(&s->line), s->line.len);
    if (!alone)
        flush(s, false);
    fr_text_clear(&s->line);
    s->split = true;
    put(s, kind, "", 0, alone);
}

/* Is the line so far the marker of an item and nothing else: "2. ", "- "? */
static bool is_marker(const char *text, size_t n) {
    const size_t at = skip_dress(text, n, 0);
    size_t end = at;
    if (at + 1 < n && strchr("-+", text[at]) != NULL && text[at + 1] == ' ')
        return is_blank(text + at + 1, n - at - 1);
    return at < n && item_at(text, n, at, &end) >= 0 && is_blank(text + end, n - end);
}

/* Acts on the tag at p; behind it, or p when it is none. */
static const char *take_tag(struct splitter *s, const char *p, const char *end_of_line) {
    const char *text = "";
    const struct tag *tag = find_tag(p, &text);
    if (tag == NULL) {
        const size_t n = *p == '<' ? any_tag(p) : 0;
        const bool edge = n > 0 && (p[1] == '/' || is_blank(fr_text_get(&s->line), s->line.len) ||
                                    is_blank(p + n, (size_t)(end_of_line - p) - n));
        if (strncmp(p, "<!--", 4) == 0 && !s->endless_comment) {
            const char *comment = strstr(p, "-->");
            s->endless_comment = comment == NULL;
            if (comment != NULL)
                return comment + 3;
        }
        if (n > 0 && p[1] == '|')
            put_tag(s, FR_SOURCE_BREAK);
        else if (edge)
            flush(s, false);
        else
            return p;
        return p + n;
    }
    switch (tag->act) {
    case ACT_OPEN:
        put_tag(s, FR_SOURCE_OPEN);
        break;
    case ACT_CLOSE:
        put_tag(s, FR_SOURCE_CLOSE);
        break;
    case ACT_BRACE:
        if (is_marker(fr_text_get(&s->line), s->line.len))
            break; /* an item of a list, dressed; its brace says nothing either */
        put_tag(s, FR_SOURCE_OPEN);
        s->braces = 1;
        break;
    case ACT_LINE:
        flush(s, false);
        break;
    case ACT_ITEM:
        flush(s, false);
        fr_text_add(&s->line, "- ");
        break;
    case ACT_PAIR:
        if (!is_closed(text, p, end_of_line))
            return p;
        break;
    case ACT_GONE:
        s->braces += s->braces > 0 && text[strlen(text) - 1] == '{';
        break;
    case ACT_SAY:
        fr_text_add(&s->line, tag->says);
        break;
    }
    p += strlen(text);
    /* "**[PLAN]** ...", "[PLAN]: ..." */
    if ((tag->act == ACT_OPEN || tag->act == ACT_CLOSE) && strncmp(p, "**", 2) == 0)
        p += 2;
    p += tag->act == ACT_OPEN && *p == ':';
    return p;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void say_value(const json_t *value, struct fr_text *out) {
    size_t i;
    json_t *element;
    if (json_is_string(value))
        fr_text_add(out, json_string_value(value));
    else if (json_is_integer(value))
        fr_text_printf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_array(value))
        json_array_foreach(value, i, element) {
            say_value(element, out);
            fr_text_add(out, " ");
        }
    fr_text_add(out, " ");
}

static bool is_flat(const json_t *value) {
    size_t i;
    json_t *element;
    if (json_is_object(value))
        return false;
    json_array_foreach(value, i, element) if (json_is_object(element) || json_is_array(element)) {
        return false;
    }
    return true;
}

static void put_text(struct splitter *s, const char *head, const char *text) {
    for (const char *line = text; *line;) {
        const size_t n = strcspn(line, "\n");
        struct fr_text words = {0};
        fr_text_add(&words, line == text ? head : "");
        fr_text_append(&words, line, n);
        put_items(s, fr_text_get(&words), words.len);
        fr_text_release(&words);
        line += n + (line[n] == '\n');
    }
}

/* The roles of a key's words, "state_after". */
static unsigned key_roles(const char *key) {
    unsigned roles = 0;
    for (const char *p = key; *p != '\0';) {
        const size_t n = strcspn(p, "_- ");
        roles |= fr_word_roles(p, n);
        p += n + (p[n] != '\0');
    }
    return roles;
}

/* Is the key one of names, parted by commas? */
static bool is_one_of(const char *key, const char *names) {
    size_t n;
    for (const char *p = names; *p != '\0'; p += n + strspn(p + n, ", ")) {
        n = strcspn(p, ",");
        if (n == strlen(key) && strncasecmp(p, key, n) == 0)
            return true;
    }
    return false;
}

/* Names a key all arguments, in their order? */
static bool is_arguments(const char *key) {
    return is_one_of(key, "args, arguments, parameters, params, objects, object, variables, arg");
}

/* Names a key what an action is done to, where to or from, or neither: 1, 2, 0? */
static int rank_of(const char *key) {
    static const char moved[] = "block, x, item, obj, arg1, object1, block1";
    static const char places[] =
        "y, target, arg2, object2, block2, destination, source, from, on, onto, to, support";
    return is_one_of(key, moved) ? 1 : is_one_of(key, places) ? 2 : 0;
}

/* Are the arguments named, and in the order of a step's words: {"block": "b", "from": "a"}? */
static bool are_named(const json_t *object) {
    const char *key;
    json_t *value;
    int n = 0;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        const int rank = rank_of(key);
        if (!json_is_string(value) || (n == 0 ? rank != 1 : n > 1 || rank != 2))
            return false;
        n++;
    }
    return n > 0;
}

static bool is_step_object(const json_t *object) {
    const char *key;
    json_t *value;
    bool acts = false;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        if (!is_flat(value) && !(is_arguments(key) && json_is_object(value) && are_named(value)))
            return false;
        acts = acts || (fr_word_roles(key, strlen(key)) & FR_ROLE_LABEL) != 0;
    }
    return acts;
}

/* {"step": 1, "action": "feast", "args": ["b", "a"], "reason": "..."} as "1. feast b a". */
static void put_step_object(struct splitter *s, const json_t *object) {
    struct fr_text words = {0};
    const char *key;
    json_t *value;
    fr_text_add(&words, "- ");
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        const unsigned roles = fr_word_roles(key, strlen(key));
        if (json_is_integer(value) && (roles & (FR_ROLE_COUNTED | FR_ROLE_LABEL)) != 0) {
            fr_text_clear(&words);
            fr_text_printf(&words, "%lld. ", (long long)json_integer_value(value));
        } else if (json_is_object(value)) {
            const char *name;
            json_t *argument;
            json_object_foreach(value, name, argument) say_value(argument, &words);
        } else if ((key_roles(key) & (FR_ROLE_EXPLAIN | FR_ROLE_STATE | FR_ROLE_REJECT)) == 0) {
            /* "object": "b", "from": "a" are words of the step; the order of keys alone is none. */
            if (!is_arguments(key) && (roles & FR_ROLE_LABEL) == 0)
                fr_text_printf(&words, "%s ", key);
            say_value(value, &words);
        }
    }
    put(s, FR_SOURCE_LINE, fr_text_get(&words), words.len, false);
    fr_text_release(&words);
}

/* "step1", "action_2", "Step 3" */
static bool is_counted(const char *key) {
    size_t n = 0;
    while (isalpha((unsigned char)key[n]))
        n++;
    const size_t digits = n + strspn(key + n, " _-");
    return (fr_word_roles(key, n) & FR_ROLE_COUNTED) != 0 && isdigit((unsigned char)key[digits]) &&
           key[digits + strspn(key + digits, "0123456789")] == '\0';
}

static void put_json(struct splitter *s, const json_t *value, int depth) {
    size_t i;
    json_t *element;
    const char *key;
    struct fr_text words = {0};
    if (depth == JSON_DEPTH)
        return;
    if (json_is_string(value)) {
        put_text(s, "", json_string_value(value));
    } else if (json_is_object(value) && is_step_object(value)) {
        put_step_object(s, value);
    } else if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, key, element) {
            fr_text_clear(&words);
            /* {"step1": "attack a", ...} as "1. attack a" */
            const bool item = json_is_string(element) && is_counted(key);
            if (item)
                fr_text_printf(&words, "%s. %s", key + strcspn(key, "0123456789"),
                               json_string_value(element));
            else
                fr_text_printf(&words, "%s:", key);
            put(s, FR_SOURCE_LINE, fr_text_get(&words), words.len, false);
            if (!item)
                put_json(s, element, depth + 1);
        }
    } else {
        json_array_foreach(value, i, element) {
            if (json_is_string(element)) {
                put_text(s, "- ", json_string_value(element));
            } else if (json_is_array(element) && is_flat(element)) {
                fr_text_clear(&words);
                fr_text_add(&words, "- ");
                say_value(element, &words);
                put(s, FR_SOURCE_LINE, fr_text_get(&words), words.len, false);
            } else {
                put_json(s, element, depth + 1);
            }
        }
    }
    fr_text_release(&words);
}

/* The JSON value that begins at p, as lines; behind it, or p when there is none. */
static const char *take_json(struct splitter *s, const char *p) {
    json_error_t error;
    if (s->json_attempts == JSON_ATTEMPTS)
        return p;
    s->json_attempts++;
    json_t *value = json_loads(p, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
    if (value == NULL)
        return p;
    const bool empty =
        json_is_array(value) ? json_array_size(value) == 0 : json_object_size(value) == 0;
    if (!empty) {
        put_json(s, value, 0);
        s->split = true;
    }
    json_decref(value);
    return empty ? p : p + error.position;
}

/* ---- the text -------------------------------------------------------------------------------- */

/* Is the line [p, end) the tag and nothing else that is seen, but markdown? */
static bool line_is_tag(const char *p, const char *end, const char *tag) {
    while (p < end && strchr(" \t\r*#`>", *p) != NULL)
        p++;
    const size_t n = strlen(tag);
    return (size_t)(end - p) >= n && fr_equal_nocase(p, tag, n) &&
           is_blank(p + n, (size_t)(end - p) - n);
}

/* "Human: As initial conditions I have that, ..." too */
static bool is_statement(const char *p, const char *end) {
    static const char init[] = FR_STATEMENT_INIT;
    return line_is_tag(p, end, FR_STATEMENT_TAG) ||
           memmem(p, (size_t)(end - p), init, strlen(init)) != NULL;
}

/* The first bytes of reasoning's tags. */
static const char reasoning_first[] = "<[T.\xE2";

/* Behind a reasoning that begins at p, or p. */
static const char *skip_reasoning(struct splitter *s, const char *p) {
    const struct fr_reasoning_tag *tag = fr_reasoning_begins(p);
    const size_t index = tag == NULL ? 0 : (size_t)(tag - fr_reasoning_tags) % 64;
    if (tag == NULL || s->endless[index] || !is_blank(fr_text_get(&s->line), s->line.len))
        return p;
    const char *end = fr_reasoning_find_end(p + strlen(tag->begin), tag);
    s->endless[index] = end == NULL;
    return end != NULL ? end : p;
}

static void begin_line(struct splitter *s, const char *p) {
    s->raw = p;
    s->n_raw = strcspn(p, "\n");
    s->number++;
}

void fr_source_read(struct fr_source *out, const char *answer) {
    struct splitter s = {.out = out};
    const char *p = answer;
    *out = (struct fr_source){0};
    begin_line(&s, p);
    while (*p != '\0') {
        const char *next = p, *end_of_line = s.raw + s.n_raw;
        if (p == s.raw && is_statement(p, end_of_line))
            put(&s, FR_SOURCE_PUZZLE, "", 0, true);
        if (*p == '\n') {
            flush(&s, true);
            s.split = false;
            begin_line(&s, ++p);
            continue;
        }
        if ((*p == '[' || *p == '{') && is_blank(fr_text_get(&s.line), s.line.len))
            next = take_json(&s, p);
        if (next == p && strchr(reasoning_first, *p) != NULL) {
            next = skip_reasoning(&s, p);
            const size_t n = next == p ? fr_reasoning_ends(p) : 0;
            if (next > p || n > 0)
                put_tag(&s, FR_SOURCE_BREAK);
            next += n;
        }
        if (next == p && strchr("<[\\", *p) != NULL)
            next = take_tag(&s, p, end_of_line);
        /* Lines that were read at once are counted. */
        for (const char *q = p; q < next; q++)
            if (*q == '\n')
                begin_line(&s, q + 1);
        if (next == p) {
            next = p + 1;
            if (s.braces > 0 && *p == '}' && --s.braces == 0) {
                put_tag(&s, FR_SOURCE_CLOSE);
            } else {
                s.braces += s.braces > 0 && *p == '{';
                fr_text_append(&s.line, p, 1);
            }
        }
        p = next;
    }
    if (s.line.len > 0)
        flush(&s, true);
    fr_text_release(&s.line);
}

void fr_source_release(struct fr_source *source) {
    fr_text_release(&source->text);
    free(source->lines);
    *source = (struct fr_source){0};
}
