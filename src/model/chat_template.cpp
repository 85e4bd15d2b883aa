/* The C++ files are this one and chat_checks.cpp: llama.cpp's Jinja interpreter behind
 * chat_template.h.
 *
 * A template sees what `transformers` gives it and nothing else: messages, tools and documents
 * (none), the special tokens, add_generation_prompt. A template is text from a file of a stranger:
 * whatever it throws becomes one line, and one that was not rendered before is rendered in a child
 * process first, which may recurse until it dies or never end.
 *
 * Rejected: llama.cpp's layer above the interpreter (chat.cpp), which mends what it thinks wrong in
 * messages and always says enable_thinking; libllama's llama_chat_apply_template, which knows
 * templates by fragments and drops a default system message or a nested "<think>" without a word.
 */
#include "model/chat_template.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <fstream>
#include <mutex>
#include <new>
#include <string>

#include "jinja/lexer.h"
#include "jinja/parser.h"
#include "jinja/runtime.h"
#include "jinja/value.h"
#include "model/chat_checks.hpp"

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
    jinja::program program = jinja::parse_from_tokens(lexer.tokenize(source));
    fr_chat_check(program);
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

/* ---- the trial ------------------------------------------------------------------------------- */

const rlim_t trial_seconds = 3, trial_stack = 4 << 20, trial_memory = 1 << 30;
const unsigned trial_patience = 120; /* on a clock: for a lock that a fork left closed */
const int exit_memory = 3;

/* No more than this, and no more than there was. */
void limit(__rlimit_resource which, rlim_t most) {
    struct rlimit now;
    if (getrlimit(which, &now) == 0) {
        now.rlim_cur = std::min(now.rlim_cur, most);
        (void)setrlimit(which, &now);
    }
}

[[noreturn]] void be_the_child(const char *source, const struct fr_chat_turn &turn) {
    char ignored[64];
    std::string text;
    size_t pages = 0;
    sigset_t none;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it holds the parent's files, a study's lock too */
    for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM, SIGXCPU})
        (void)std::signal(number, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, nullptr);
    (void)dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* an assertion's words */
    std::ifstream("/proc/self/statm") >> pages;
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, trial_seconds);
    limit(RLIMIT_STACK, trial_stack); /* less than the parent has: it may call from deeper */
    limit(RLIMIT_AS, pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + trial_memory);
    (void)alarm(trial_patience);
    std::set_new_handler([] { _exit(exit_memory); });
    try {
        (void)render_whole(source, turn, text, ignored, sizeof ignored);
    } catch (...) { /* the parent finds it again */
    }
    _exit(0);
}

/* nullptr: the child lived; else why it did not. */
const char *died_of(int status) {
    if (WIFEXITED(status))
        return WEXITSTATUS(status) == 0 ? nullptr : "it needs more than 1 GiB of memory";
    const int number = WTERMSIG(status);
    if (number == SIGXCPU || number == SIGALRM)
        return "it does not end";
    return number == SIGSEGV || number == SIGBUS ? "it is nested too deep, or calls itself"
                                                 : "the interpreter dies of it";
}

/* Does the interpreter live through it? The last that it did is remembered. */
bool survives(const char *source, const struct fr_chat_turn &turn, char *error, size_t n_error) {
    static std::string lived;
    int status = 0;
    pid_t waited;
    if (lived == source)
        return true;
    const pid_t child = fork();
    if (child == 0)
        be_the_child(source, turn);
    while ((waited = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    const char *reason = child > 0 && waited == child ? died_of(status) : nullptr;
    if (reason != nullptr)
        say(reason, error, n_error);
    else
        lived = source;
    return reason == nullptr;
}

} // namespace

bool fr_chat_template_render(const char *source, const struct fr_chat_turn *turn, char **out,
                             char *error, size_t n_error) {
    *out = nullptr;
    try {
        const std::lock_guard<std::mutex> lock(one_at_a_time);
        std::string text;
        if (!survives(source, *turn, error, n_error) ||
            !render_whole(source, *turn, text, error, n_error))
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
