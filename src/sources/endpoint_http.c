/* Exchanges with a server, many at once, by libcurl's multi interface in the caller's thread.
 *
 * The key stands in the headers of requests to this one address and nowhere else: redirects are
 * not followed, and what a server says is not told where it may quote the key. What has not said a
 * word for stall_seconds is given up, whatever bytes it sends instead. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/memory.h"
#include "sources/endpoint.h"

enum { GET_BYTES = 4 << 20, CONNECT_SECONDS = 30, GET_SECONDS = 30 };

struct exchange {
    struct exchange *next;
    CURL *easy;
    void *user;
    struct fr_answer_reader reader;
    size_t max_text;
    char server[96], location[200];
    int wait_seconds;
    double begun, heard;
    long n_chunks;
    bool stalled;
    char fault[CURL_ERROR_SIZE];
};

struct fr_http {
    struct fr_http_options options;
    CURLM *multi;
    struct curl_slist *headers;
    struct exchange *first;
};

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int fr_http_open(struct fr_http **out, const struct fr_http_options *options,
                 struct fr_error *err) {
    *out = NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return fr_fail(err, FR_E_IO, "libcurl cannot be used");
    struct fr_http *http = fr_alloc(1, sizeof *http);
    http->options = *options;
    http->multi = curl_multi_init();
    http->headers = curl_slist_append(NULL, "Content-Type: application/json");
    http->headers = curl_slist_append(http->headers, "Expect:");
    if (options->key != NULL) {
        struct fr_text line = {0};
        fr_text_printf(&line, "Authorization: Bearer %s", options->key);
        http->headers = curl_slist_append(http->headers, fr_text_get(&line));
        explicit_bzero(line.data, line.len);
        fr_text_release(&line);
    }
    if (http->multi == NULL || http->headers == NULL)
        fr_out_of_memory(0);
    *out = http;
    return FR_OK;
}

static void free_exchange(struct fr_http *http, struct exchange *x) {
    for (struct exchange **p = &http->first; *p != NULL; p = &(*p)->next)
        if (*p == x) {
            *p = x->next;
            break;
        }
    (void)curl_multi_remove_handle(http->multi, x->easy);
    curl_easy_cleanup(x->easy);
    fr_answer_reader_release(&x->reader);
    free(x);
}

void fr_http_close(struct fr_http *http) {
    if (http == NULL)
        return;
    while (http->first != NULL)
        free_exchange(http, http->first);
    (void)curl_multi_cleanup(http->multi);
    for (struct curl_slist *line = http->headers; line != NULL; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(http->headers);
    free(http);
}

/* What every request is made with. */
static CURL *make_easy(const struct fr_http *http, const char *path) {
    struct fr_text url = {0};
    CURL *easy = curl_easy_init();
    if (easy == NULL)
        fr_out_of_memory(0);
    fr_text_printf(&url, "%s/%s", http->options.url, path);
    (void)curl_easy_setopt(easy, CURLOPT_URL, fr_text_get(&url));
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "fluidrep");
    fr_text_release(&url);
    return easy;
}

/* ---- requests that are answered as a whole ------------------------------------------------- */

static size_t on_got(char *bytes, size_t size, size_t n, void *user) {
    struct fr_text *body = user;
    if (body->len + size * n > GET_BYTES)
        return 0;
    fr_text_append(body, bytes, size * n);
    return size * n;
}

void fr_http_get(struct fr_http *http, const char *path, int *status, struct fr_text *body,
                 char what[300]) {
    CURL *easy = make_easy(http, path);
    char fault[CURL_ERROR_SIZE] = "";
    long code = 0;
    *status = 0;
    *what = '\0';
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fault);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)GET_SECONDS);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_got);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    const CURLcode done = curl_easy_perform(easy);
    if (done == CURLE_OK)
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    else
        (void)snprintf(what, 300, "%s", *fault != '\0' ? fault : curl_easy_strerror(done));
    *status = (int)code;
    curl_easy_cleanup(easy);
}

/* ---- requests that are answered bit by bit ------------------------------------------------- */

static size_t on_bytes(char *bytes, size_t size, size_t n, void *user) {
    struct exchange *x = user;
    const bool good = fr_answer_add(&x->reader, bytes, size * n, x->max_text);
    if (x->reader.answer.n_chunks > x->n_chunks) {
        x->n_chunks = x->reader.answer.n_chunks;
        x->heard = now();
    }
    return good ? size * n : 0;
}

/* The value of the header line, or NULL. */
static const char *header_value(const char *line, size_t n, const char *name) {
    const size_t k = strlen(name);
    if (n <= k || strncasecmp(line, name, k) != 0 || line[k] != ':')
        return NULL;
    const char *value = line + k + 1;
    return value + strspn(value, " \t");
}

static void copy_header(const char *value, char *out, size_t n) {
    const size_t length = strcspn(value, "\r\n");
    (void)snprintf(out, n, "%.*s", (int)(length < n ? length : n), value);
}

static size_t on_header(char *bytes, size_t size, size_t n, void *user) {
    struct exchange *x = user;
    struct fr_text line = {0};
    const char *value;
    fr_text_append(&line, bytes, size * n); /* it does not end with NUL */
    if ((value = header_value(fr_text_get(&line), line.len, "Server")) != NULL)
        copy_header(value, x->server, sizeof x->server);
    if ((value = header_value(fr_text_get(&line), line.len, "Location")) != NULL)
        copy_header(value, x->location, sizeof x->location);
    if ((value = header_value(fr_text_get(&line), line.len, "Retry-After")) != NULL) {
        char *end;
        const long seconds = strtol(value, &end, 10); /* a date is passed over */
        x->wait_seconds = end != value && seconds >= 0 && seconds <= 3600 ? (int)seconds : -1;
    }
    fr_text_release(&line);
    return size * n;
}

void fr_http_post(struct fr_http *http, const char *path, const struct fr_text *body, void *user) {
    struct exchange *x = fr_alloc(1, sizeof *x);
    *x = (struct exchange){.next = http->first,
                           .easy = make_easy(http, path),
                           .user = user,
                           .max_text = http->options.max_text,
                           .wait_seconds = -1};
    x->reader.answer.prompt_tokens = x->reader.answer.completion_tokens = -1;
    http->first = x;
    x->begun = x->heard = now();
    (void)curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, fr_text_get(body));
    (void)curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
    (void)curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->fault);
    (void)curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, on_bytes);
    (void)curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
    (void)curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
    (void)curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
    (void)curl_multi_add_handle(http->multi, x->easy);
}

/* What the server said, or did not; never the key. */
static void say(const struct fr_http *http, struct fr_http_reply *out, const char *what) {
    const char *key = http->options.key;
    const bool quotes = key != NULL && *key != '\0' && strstr(what, key) != NULL;
    struct fr_text shown = {0};
    fr_text_add_shown(&shown, quotes ? "words that quote the key" : what);
    (void)snprintf(out->what, sizeof out->what, "%.280s", fr_text_get(&shown));
    for (char *p = out->what; *p != '\0'; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    fr_text_release(&shown);
}

static enum fr_http_outcome judge_status(const struct fr_http *http, struct exchange *x,
                                         long status, struct fr_http_reply *out) {
    char what[300];
    const bool told = fr_answer_end(&x->reader) && *x->reader.answer.error != '\0';
    if (status >= 300 && status < 400) {
        (void)snprintf(what, sizeof what, "it sends on to %s, which is not followed",
                       *x->location != '\0' ? x->location : "another address");
        say(http, out, what);
        return FR_HTTP_REFUSED;
    }
    if (status == 401 || status == 403) { /* such answers may quote the key in part */
        (void)snprintf(what, sizeof what, "status %ld: it does not accept the key", status);
        say(http, out, what);
        return FR_HTTP_REFUSED;
    }
    (void)snprintf(what, sizeof what, "status %ld%s%s", status, told ? ": " : "",
                   told ? x->reader.answer.error : "");
    say(http, out, what);
    return status == 408 || status == 429 || status >= 500 ? FR_HTTP_AGAIN : FR_HTTP_REFUSED;
}

static enum fr_http_outcome judge(const struct fr_http *http, struct exchange *x, CURLcode done,
                                  struct fr_http_reply *out) {
    char what[300];
    long status = 0;
    (void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    if (x->stalled) {
        (void)snprintf(what, sizeof what, "silent for %d s", http->options.stall_seconds);
        say(http, out, what);
        return FR_HTTP_AGAIN;
    }
    if (status != 0 && status != 200)
        return judge_status(http, x, status, out);
    if (done == CURLE_WRITE_ERROR && x->reader.broken) {
        (void)snprintf(what, sizeof what, "its answer: %s", x->reader.fault);
        say(http, out, what);
        return FR_HTTP_REFUSED;
    }
    if (done != CURLE_OK) {
        say(http, out, *x->fault != '\0' ? x->fault : curl_easy_strerror(done));
        return done == CURLE_URL_MALFORMAT || done == CURLE_UNSUPPORTED_PROTOCOL ||
                       done == CURLE_PEER_FAILED_VERIFICATION
                   ? FR_HTTP_REFUSED
                   : FR_HTTP_AGAIN;
    }
    const bool whole = fr_answer_end(&x->reader);
    if (*x->reader.answer.error != '\0') {
        say(http, out, x->reader.answer.error);
        return FR_HTTP_AGAIN;
    }
    if (whole)
        return FR_HTTP_ANSWERED;
    (void)snprintf(what, sizeof what, "its answer: %s", x->reader.fault);
    say(http, out, what);
    /* what was cut may come whole; what is another protocol, or says what cannot be, stays so */
    return (x->reader.answer.n_chunks > 0 && !x->reader.is_document) ||
                   strcmp(x->reader.fault, "empty") == 0 ||
                   strcmp(x->reader.fault, "cut before its end") == 0
               ? FR_HTTP_AGAIN
               : FR_HTTP_REFUSED;
}

static void finish(struct fr_http *http, struct exchange *x, CURLcode done,
                   struct fr_http_reply *out) {
    *out = (struct fr_http_reply){.user = x->user,
                                  .wait_seconds = x->wait_seconds,
                                  .seconds = now() - x->begun};
    out->outcome = judge(http, x, done, out);
    (void)snprintf(out->server, sizeof out->server, "%s", x->server);
    out->answer = x->reader.answer;
    x->reader.answer = (struct fr_answer){0};
    free_exchange(http, x);
}

static bool take_finished(struct fr_http *http, struct fr_http_reply *out) {
    const CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct exchange *x = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        const CURLcode done = message->data.result;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        finish(http, x, done, out);
        return true;
    }
    const double t = now();
    for (struct exchange *x = http->first; x != NULL; x = x->next)
        if (t - x->heard > http->options.stall_seconds) {
            x->stalled = true;
            finish(http, x, CURLE_OPERATION_TIMEDOUT, out);
            return true;
        }
    return false;
}

bool fr_http_wait(struct fr_http *http, int milliseconds, struct fr_http_reply *out) {
    int n_running;
    if (curl_multi_perform(http->multi, &n_running) == CURLM_OK && take_finished(http, out))
        return true;
    (void)curl_multi_poll(http->multi, NULL, 0, milliseconds, NULL);
    (void)curl_multi_perform(http->multi, &n_running);
    return take_finished(http, out);
}
