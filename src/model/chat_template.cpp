/* The one C++ file: llama.cpp's Jinja interpreter behind chat_template.h.
 *
 * A template sees what `transformers` gives it and nothing else: messages, tools and documents
 * (none), the special tokens, add_generation_prompt. A template is text from a file of a stranger:
 * whatever it throws becomes one line.
 *
 * Rejected: llama.cpp's layer above the interpreter (chat.cpp), which mends what it thinks wrong in
 * messages and always says enable_thinking; libllama's llama_chat_apply_template, which knows
 * templates by fragments and drops a default system message or a nested "<think>" without a word.
 */
#include "model/chat_template.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <mutex>
#include <string>

#include "jinja/lexer.h"
#include "jinja/parser.h"
#include "jinja/runtime.h"
#include "jinja/value.h"

namespace {

const std::time_t the_date = 1721995200; /* 26 July 2024, noon in UTC: the date that Llama 3's
                                            template falls back to */
std::mutex one_at_a_time;                /* the interpreter asks localtime() */

jinja::value text_value(const std::string &text) {
    return jinja::mk_val<jinja::value_string>(text);
}

jinja::value message_value(const char *role, const char *content, bool in_parts) {
    auto message = jinja::mk_val<jinja::value_object>();
    message->insert("role", text_value(role));
    if (in_parts) {
        auto part = jinja::mk_val<jinja::value_object>();
        part->insert("type", text_value("text"));
        part->insert("text", text_value(content));
        auto parts = jinja::mk_val<jinja::value_array>();
        parts->push_back(part);
        message->insert("content", parts);
    } else {
        message->insert("content", text_value(content));
    }
    return message;
}

std::string render(const std::string &source, const struct fr_chat_turn &turn, bool in_parts) {
    jinja::lexer lexer;
    const jinja::program program = jinja::parse_from_tokens(lexer.tokenize(source));
    jinja::context context(source);
    context.current_time = the_date;
    auto messages = jinja::mk_val<jinja::value_array>();
    if (turn.system != nullptr)
        messages->push_back(message_value("system", turn.system, in_parts));
    messages->push_back(message_value("user", turn.message, in_parts));
    context.set_val("messages", messages);
    context.set_val("tools", jinja::mk_val<jinja::value_none>());
    context.set_val("documents", jinja::mk_val<jinja::value_none>());
    context.set_val("add_generation_prompt", jinja::mk_val<jinja::value_bool>(true));
    if (*turn.begin != '\0')
        context.set_val("bos_token", text_value(turn.begin));
    if (*turn.end != '\0')
        context.set_val("eos_token", text_value(turn.end));
    if (turn.thinking >= 0)
        for (const char *name : {"enable_thinking", "thinking"})
            context.set_val(name, jinja::mk_val<jinja::value_bool>(turn.thinking != 0));
    jinja::runtime runtime(context);
    return jinja::runtime::gather_string_parts(runtime.execute(program))->as_string().str();
}

/* Does the text hold what was said, blanks at its ends aside, which templates trim? */
bool holds(const std::string &text, const char *said) {
    static const char blanks[] = " \t\r\n";
    const std::string whole = said;
    const size_t first = whole.find_first_not_of(blanks);
    return first == std::string::npos ||
           text.find(whole.substr(first, whole.find_last_not_of(blanks) + 1 - first)) !=
               std::string::npos;
}

const char *left_out(const std::string &text, const struct fr_chat_turn &turn) {
    return !holds(text, turn.message)                            ? "the message"
           : turn.system != nullptr && !holds(text, turn.system) ? "the system message"
                                                                 : nullptr;
}

/* One line: the interpreter puts the place in the source before its reason. */
void say(const std::string &reason, char *error, size_t n_error) {
    static const std::string mark = "Error: ";
    const size_t found = reason.rfind(mark);
    size_t begin = found == std::string::npos ? 0 : found + mark.size();
    begin = reason.find_first_not_of("\n -", begin);
    if (begin == std::string::npos)
        begin = 0;
    const std::string line = reason.substr(begin, reason.find('\n', begin) - begin);
    (void)std::snprintf(error, n_error, "%s", line.c_str());
}

bool render_whole(const char *source, const struct fr_chat_turn &turn, std::string &out,
                  char *error, size_t n_error) {
    std::string reason;
    for (const bool in_parts : {false, true}) {
        try {
            out = render(source, turn, in_parts);
            const char *missing = left_out(out, turn);
            if (missing == nullptr)
                return true;
            if (reason.empty())
                reason = std::string("it leaves out ") + missing;
        } catch (const std::exception &e) {
            if (reason.empty())
                reason = e.what();
        }
    }
    say(reason, error, n_error);
    return false;
}

} // namespace

bool fr_chat_template_render(const char *source, const struct fr_chat_turn *turn, char **out,
                             char *error, size_t n_error) {
    *out = nullptr;
    try {
        const std::lock_guard<std::mutex> lock(one_at_a_time);
        std::string text;
        if (!render_whole(source, *turn, text, error, n_error))
            return false;
        if (text.find('\0') != std::string::npos) {
            say("it writes a NUL byte", error, n_error);
            return false;
        }
        *out = strdup(text.c_str());
        return *out != nullptr;
    } catch (const std::exception &e) {
        say(e.what(), error, n_error);
    } catch (...) { /* a "break" outside a loop */
        say("it is no Jinja", error, n_error);
    }
    return false;
}
