/* libllama's log: kept, never printed. When something fails, the line that says why is quoted in
 * our own error. The log callback of libllama is global to the process, hence the one static
 * buffer of this library and its lock. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "model/llama_engine.h"

enum { LINE_BYTES = 512 };

static struct {
    pthread_mutex_t lock;
    char line[LINE_BYTES]; /* the line being assembled */
    size_t length;
    bool line_is_error;
    char first[LINE_BYTES];   /* the first error since the last clear */
    char loading[LINE_BYTES]; /* "error loading model: ..." names the cause best */
} captured = {.lock = PTHREAD_MUTEX_INITIALIZER};

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
    if (pthread_mutex_lock(&captured.lock) != 0)
        return;
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
    (void)pthread_mutex_unlock(&captured.lock);
}

static void install(void) {
    llama_log_set(capture, NULL);
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
    (void)pthread_mutex_lock(&captured.lock);
    captured.length = 0;
    captured.line_is_error = false;
    captured.first[0] = captured.loading[0] = '\0';
    (void)pthread_mutex_unlock(&captured.lock);
}

void fr_llama_log_cause(char *out, size_t n) {
    (void)pthread_mutex_lock(&captured.lock);
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
    (void)pthread_mutex_unlock(&captured.lock);
}
