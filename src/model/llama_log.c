/* libllama's log: kept, never printed. When something fails, the line that says why is quoted in
 * our own error. The log callback of libllama is global to the process, but runs in the thread that
 * called libllama, hence a buffer for each thread: siblings at work at once neither mix their lines
 * nor quote each other's. What ggml's own workers say (they compute, and fail by ending the
 * process) is nobody's. Rejected: one buffer and a lock, under which one thread's clear would lose
 * another's cause. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/llama_engine.h"

enum { LINE_BYTES = 512 };

static _Thread_local struct {
    char line[LINE_BYTES]; /* the line being assembled */
    size_t length;
    bool line_is_error;
    char first[LINE_BYTES];   /* the first error since the last clear */
    char loading[LINE_BYTES]; /* "error loading model: ..." names the cause best */
} captured;

static void line_done(void) {
    captured.line[captured.length] = '\0';
    if (captured.line_is_error && captured.length > 0) {
        if (captured.first[0] == '\0')
            memcpy(captured.first, captured.line, sizeof captured.first);
        if (strstr(captured.line, "error loading model: ") != NULL)
            memcpy(captured.loading, captured.line, sizeof captured.loading);
    }
    captured.length = 0;
    captured.line_is_error = false;
}

static void capture(enum ggml_log_level level, const char *text, void *user) {
    (void)user;
    if (level != GGML_LOG_LEVEL_CONT) {
        if (captured.length > 0)
            line_done();
        captured.line_is_error = level == GGML_LOG_LEVEL_ERROR;
    }
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            line_done();
        else if (captured.length + 1 < sizeof captured.line)
            captured.line[captured.length++] = *text;
    }
}

static void install(void) {
    llama_log_set(capture, NULL);
    /* What libllama says before it aborts is told with the rest (activity.h); an uncaught exception
     * of its own would print a backtrace instead, by running a debugger. */
    (void)ggml_set_abort_callback(fr_activity_abort);
    (void)setenv("GGML_NO_BACKTRACE", "1", 0);
    /* Distributions build the devices as loadable modules; our own build links them. */
    if (ggml_backend_dev_count() == 0)
        ggml_backend_load_all();
    llama_backend_init();
}

void fr_llama_log_install(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, install);
}

void fr_llama_log_clear(void) {
    captured.length = 0;
    captured.line_is_error = false;
    captured.first[0] = captured.loading[0] = '\0';
}

void fr_llama_log_cause(char *out, size_t n) {
    if (captured.length > 0)
        line_done();
    const char *cause = captured.first;
    static const char loading[] = "error loading model: ";
    if (captured.loading[0] != '\0') {
        cause = strstr(captured.loading, loading) + sizeof loading - 1;
    } else {
        /* "function_name: text": drop the function. */
        const size_t prefix = strcspn(cause, ": ");
        if (cause[prefix] == ':' && cause[prefix + 1] == ' ')
            cause += prefix + 2;
    }
    (void)snprintf(out, n, "%s", cause);
}
