/* Owns the one table of tags that models put around their reasoning, and where the reasoning ends.
 * Everyone who parts a text, the engine, the importer and the reader of answers, asks here, so that
 * one text has one answer.
 *
 * Reasoning comes first: one block, or several with nothing between them; the first block's begin
 * tag may be missing, for many templates write it into the prompt. What follows is the answer;
 * where more than a line of words stands before the first block, that may be it, and all is the
 * answer. A later end tag is a quotation or a second end, nobody knows which: it divides the
 * answer, and the plan is looked for on both sides (answer_text.c). Rejected: the last end tag,
 * which makes a plan reasoning when the tag is quoted after it; and the first alone, which makes a
 * second block the answer. */
#include "prompts/prompts.h"

#include <string.h>

const struct fr_reasoning_tag fr_reasoning_tags[] = {
    {.begin = "<think>", .end = "</think>", .sign = "</think>", .alone = true},
    {.begin = "<seed:think>", .end = "</seed:think>", .sign = "</seed:think>", .alone = true},
    {.begin = "[THINK]", .end = "[/THINK]", .sign = "[/THINK]", .alone = true},
    {.begin = "<|START_THINKING|>",
     .end = "<|END_THINKING|>",
     .sign = "<|END_THINKING|>",
     .alone = true},
    /* no sign: a model that has these tokens need not use them */
    {.begin = "<|inner_prefix|>", .end = "<|inner_suffix|>"},
    {.begin = "<|channel|>analysis<|message|>",
     .end = "<|end|>",
     .answer = "<|channel|>final<|message|>",
     .sign = "<|channel|>analysis",
     .ends_all = true},
    {.answer = "assistantfinal"}, /* the same with its special tokens left out */
    {.begin = "<|begin_of_thought|>",
     .end = "<|end_of_thought|>",
     .answer = "<|begin_of_solution|>"},
    {.begin = "<thinking>", .end = "</thinking>"},
    {.begin = "<thought>", .end = "</thought>"},
    {.begin = "<thoughts>", .end = "</thoughts>"},
    {.begin = "<reasoning>", .end = "</reasoning>"},
    {.begin = "<reason>", .end = "</reason>"},
    {.begin = "<reflection>", .end = "</reflection>"},
    {.begin = "<analysis>", .end = "</analysis>"},
    {.begin = "<scratchpad>", .end = "</scratchpad>"},
    {.begin = "<|thinking|>", .end = "<|/thinking|>"},
    {.begin = "<|begin_of_thinking|>", .end = "<|end_of_thinking|>"},
    {.begin = "\xE2\x97\x81think\xE2\x96\xB7", .end = "\xE2\x97\x81/think\xE2\x96\xB7"},
    {.begin = "<details type=\"reasoning\"", .end = "</details>", .paired = true},
    {.begin = "Thinking...\n", .end = "...done thinking."},
};
const int fr_n_reasoning_tags = sizeof fr_reasoning_tags / sizeof *fr_reasoning_tags;

static bool begins_with(const char *text, const char *tag) {
    const size_t n = strlen(tag);
    return strnlen(text, n) == n && fr_equal_nocase(text, tag, n);
}

/* "`</think>`": spoken of, not used. */
static bool is_quoted(const char *text, const char *tag, size_t n) {
    static const char quotes[] = "`\"'";
    return tag > text && strchr(quotes, tag[-1]) != NULL && tag[n] != '\0' &&
           strchr(quotes, tag[n]) != NULL;
}

const struct fr_reasoning_tag *fr_reasoning_begins(const char *text) {
    for (int i = 0; i < fr_n_reasoning_tags; i++)
        if (fr_reasoning_tags[i].begin != NULL && begins_with(text, fr_reasoning_tags[i].begin))
            return &fr_reasoning_tags[i];
    return NULL;
}

size_t fr_reasoning_ends(const char *text) {
    for (int i = 0; i < fr_n_reasoning_tags; i++)
        if (fr_reasoning_tags[i].end != NULL && begins_with(text, fr_reasoning_tags[i].end))
            return strlen(fr_reasoning_tags[i].end);
    return 0;
}

/* The first use of tag in text, else its first quotation, else NULL. */
static const char *find_tag(const char *text, const char *tag) {
    const char *quotation = NULL;
    for (const char *p = text; (p = strcasestr(p, tag)) != NULL; p++) {
        if (!is_quoted(text, p, strlen(tag)))
            return p;
        if (quotation == NULL)
            quotation = p;
    }
    return quotation;
}

const char *fr_reasoning_find_end(const char *text, const struct fr_reasoning_tag *tag) {
    const char *end = find_tag(text, tag->end);
    return end == NULL ? NULL : end + strlen(tag->end);
}

/* Behind the block that begins at text, or NULL when it does not end; the words in it to out. */
static const char *take_block(const char *text, const struct fr_reasoning_tag *tag,
                              struct fr_text *out) {
    const char *begin = text + strlen(tag->begin), *end = find_tag(begin, tag->end);
    if (end == NULL)
        return NULL;
    if (out != NULL) {
        if (out->len > 0)
            fr_text_add(out, "\n");
        fr_text_append(out, begin, (size_t)(end - begin));
    }
    return end + strlen(tag->end);
}

/* The last place where a text says itself that its answer begins. */
static const char *find_answer_tag(const char *text, const char **before) {
    const char *last = NULL;
    for (int i = 0; i < fr_n_reasoning_tags; i++) {
        const char *tag = fr_reasoning_tags[i].answer;
        for (const char *p = text; tag != NULL && (p = strstr(p, tag)) != NULL; p++)
            if (last == NULL || p + strlen(tag) > last) {
                *before = p;
                last = p + strlen(tag);
            }
    }
    return last;
}

const char *fr_reasoning_skip(const char *text, struct fr_text *reasoning, bool *ends) {
    const struct fr_reasoning_tag *tag;
    const char *answer = text, *tagged = find_answer_tag(text, &answer);
    *ends = true;
    if (tagged != NULL)
        return tagged;
    for (;;) {
        const char *p = answer + strspn(answer, " \t\r\n");
        if ((tag = fr_reasoning_begins(p)) == NULL)
            return answer;
        p = take_block(p, tag, reasoning);
        if (p == NULL) {
            *ends = false;
            return answer;
        }
        answer = p;
    }
}

/* Does text[0, to) hold a use of the tag? */
static bool is_before(const char *text, const char *to, const char *tag) {
    const char *found = tag != NULL ? find_tag(text, tag) : NULL;
    return found != NULL && found < to;
}

/* The first end tag, behind which the answer stands, when it comes before every begin tag (whose
 * block ends of itself). "</details>" ends what begins in the text, or nothing of a reasoning. */
static const char *find_first_end(const char *text, const char **behind) {
    const char *end = NULL;
    size_t n = 0;
    for (int i = 0; i < fr_n_reasoning_tags; i++) {
        const struct fr_reasoning_tag *tag = &fr_reasoning_tags[i];
        const char *p = tag->end == NULL || tag->ends_all ? NULL : find_tag(text, tag->end);
        if (p == NULL || is_quoted(text, p, strlen(tag->end)) || (end != NULL && p >= end) ||
            (tag->paired && !is_before(text, p, tag->begin)))
            continue;
        end = p;
        n = strlen(tag->end);
    }
    if (end != NULL)
        *behind = end + n;
    return end;
}

/* The first begin tag in text[0, to) that begins a line, or NULL. */
static const char *find_begin(const char *text, const char *to) {
    for (const char *line = text; line < to; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *p = line + strspn(line, " \t");
        if (p < to && fr_reasoning_begins(p) != NULL)
            return p;
    }
    return NULL;
}

/* Is there at most one line of words in text[0, to)? */
static bool is_one_line(const char *text, const char *to) {
    int n_lines = 0;
    for (const char *line = text; line < to; line += strcspn(line, "\n"), line += *line == '\n')
        n_lines += line[strspn(line, " \t\r")] != '\n' && line + strspn(line, " \t\r") < to;
    return n_lines <= 1;
}

/* "I used <think> to think.": within a sentence. */
static bool is_spoken_of(const char *text, const char *tag) {
    const char *word = tag;
    while (word > text && (word[-1] == ' ' || word[-1] == '('))
        word--;
    return word < tag && word > text && word[-1] != '\n';
}

/* Does a block begin in the answer and never end? */
static bool is_open(const char *answer) {
    for (int i = 0; i < fr_n_reasoning_tags; i++) {
        const struct fr_reasoning_tag *tag = &fr_reasoning_tags[i];
        if (tag->begin == NULL)
            continue;
        for (const char *p = answer; (p = strcasestr(p, tag->begin)) != NULL; p++)
            if (!is_quoted(answer, p, strlen(tag->begin)) && !is_spoken_of(answer, p)) {
                const char *end = fr_reasoning_find_end(p + strlen(tag->begin), tag);
                if (end == NULL)
                    return true;
                p = end - 1;
            }
    }
    return false;
}

bool fr_answer_split(const char *text, struct fr_text *reasoning, const char **answer) {
    const char *before = text, *behind = text;
    bool ends;
    *answer = find_answer_tag(text, &before);
    if (*answer != NULL) {
        /* Its own tags are no words of the reasoning. */
        const struct fr_reasoning_tag *tag = fr_reasoning_begins(text + strspn(text, " \t\r\n"));
        const char *begin = text + (tag != NULL ? strspn(text, " \t\r\n") + strlen(tag->begin) : 0);
        const char *end = tag != NULL ? find_tag(begin, tag->end) : NULL;
        if (end == NULL || end > before)
            end = before;
        if (reasoning != NULL && end > begin)
            fr_text_append(reasoning, begin, (size_t)(end - begin));
        return true;
    }
    const char *end = find_first_end(text, &behind);
    if (end != NULL) {
        const char *begin = find_begin(text, end);
        if (begin != NULL)
            /* What stands before it is a word before the reasoning, or an answer. */
            behind = is_one_line(text, begin) ? begin : text;
        else if (reasoning != NULL)
            fr_text_append(reasoning, text, (size_t)(end - text));
    }
    *answer = fr_reasoning_skip(behind, reasoning, &ends);
    return ends && !is_open(*answer);
}

bool fr_answer_find(const char *text, const char **answer) {
    return fr_answer_split(text, NULL, answer);
}
