/* Exchanges with a server, many at once, by libcurl's multi interface in the caller's thread.
 *
 * The key stands in the headers of requests to this one address and nowhere else: redirects are
 * not followed, and what a server says is told and kept without pieces of the key. What has not
 * said a word for stall_seconds is given up, whatever bytes it sends instead. */
#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
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
    if (http->options.here) /* else http_proxy would carry it, with the key, in clear */
        (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    fr_text_release(&url);
    return easy;
}

/* ---- requests that are answered as a whole ------------------------------------------------- */

static size_t on_got(char *bytes, size_t size, size_t n, void *user) {
    struct fr_text *body = user;
    if (body->len + size * n > GET_BYTES)
        return 0; /* CURLE_WRITE_ERROR */
    fr_text_append(body, bytes, size * n);
    return size * n;
}

static int on_time(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const struct fr_http_options *options = user;
    (void)a, (void)b, (void)c, (void)d;
    return options->stopped != NULL && options->stopped(options->user);
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
    (void)curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_time);
    (void)curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &http->options);
    const CURLcode done = curl_easy_perform(easy);
    if (done == CURLE_OK || done == CURLE_WRITE_ERROR)
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    if (done == CURLE_WRITE_ERROR)
        (void)snprintf(what, 300, "its answer is longer than %d MiB", GET_BYTES >> 20);
    else if (done != CURLE_OK)
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
        x->heard = fr_clock_seconds();
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

/* Seconds, or a date; -1: neither. */
static int read_wait(const char *value) {
    char *end;
    long long seconds = strtoll(value, &end, 10);
    if (end == value) {
        const time_t date = curl_getdate(value, NULL);
        if (date < 0)
            return -1;
        seconds = date - time(NULL);
        seconds = seconds > 0 ? seconds : 0; /* clocks differ */
    }
    return seconds < 0 ? -1 : seconds < INT_MAX ? (int)seconds : INT_MAX;
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
    if ((value = header_value(fr_text_get(&line), line.len, "Retry-After")) != NULL)
        x->wait_seconds = read_wait(value);
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
    x->begun = x->heard = fr_clock_seconds();
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

enum { PIECE = 8 }; /* bytes of a key: fewer tell nothing */

/* The longest run of the key's bytes that text begins with. */
static size_t quoted(const char *key, const char *text) {
    size_t longest = 0;
    for (; *key != '\0'; key++) {
        size_t n = 0;
        while (key[n] != '\0' && key[n] == text[n])
            n++;
        longest = n > longest ? n : longest;
    }
    return longest;
}

/* Puts asterisks where the text has a piece of the key, which may be cut there, or masked in part.
 */
static void hide_key(const struct fr_http *http, char *text) {
    const char *key = http->options.key;
    const size_t n_key = key != NULL ? strlen(key) : 0;
    while (n_key > 0 && *text != '\0') {
        const size_t n = quoted(key, text);
        if (n >= PIECE || n == n_key) {
            memset(text, '*', n);
            text += n;
        } else {
            text++;
        }
    }
}

/* Of all that a server says but its text. A reason to end is one of few words, which a short key
 * may be part of. */
static void hide_keys(const struct fr_http *http, struct fr_http_reply *out) {
    struct fr_answer *a = &out->answer;
    hide_key(http, out->server);
    hide_key(http, a->model);
    hide_key(http, a->fingerprint);
    hide_key(http, a->id);
    hide_key(http, a->error);
    if (http->options.key != NULL && strlen(http->options.key) >= PIECE)
        hide_key(http, a->finish);
}

static bool quotes_key(const struct fr_http *http, const struct fr_text *text) {
    const char *key = http->options.key;
    return key != NULL && strlen(key) >= PIECE && strstr(fr_text_get(text), key) != NULL;
}

/* What the server said, or did not. */
static void say(const struct fr_http *http, struct fr_http_reply *out, const char *what) {
    struct fr_text shown = {0};
    fr_text_add_shown(&shown, what);
    (void)snprintf(out->what, sizeof out->what, "%.280s", fr_text_get(&shown));
    for (char *p = out->what; *p != '\0'; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    hide_key(http, out->what);
    fr_text_release(&shown);
}

static enum fr_http_outcome judge_status(const struct fr_http *http, struct exchange *x,
                                         long status, struct fr_http_reply *out) {
    char what[300];
    const char *told = fr_answer_end(&x->reader) ? x->reader.answer.error : x->reader.said;
    if (status >= 300 && status < 400) {
        (void)snprintf(what, sizeof what, "it sends on to %s, which is not followed",
                       *x->location != '\0' ? x->location : "another address");
        say(http, out, what);
        return FR_HTTP_REFUSED;
    }
    if (status == 401 || status == 403) { /* such answers may quote the key in part */
        (void)snprintf(what, sizeof what, "status %ld: it %s", status,
                       http->options.key != NULL ? "does not accept the key" : "wants a key");
        say(http, out, what);
        return FR_HTTP_REFUSED;
    }
    (void)snprintf(what, sizeof what, "status %ld%s%s", status, *told != '\0' ? ": " : "", told);
    say(http, out, what);
    if (status == 429 || status == 503)
        return FR_HTTP_BUSY;
    return status == 408 || status >= 500 ? FR_HTTP_AGAIN : FR_HTTP_REFUSED;
}

/* May the server have worked for it? A time-out, its own or one on the way, tells nothing. */
static bool is_taken(const struct exchange *x, long status) {
    long sent = 0;
    (void)curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &sent);
    return status == 0 ? sent > 0 : status == 200 || status == 408 || status == 504;
}

static enum fr_http_outcome judge(const struct fr_http *http, struct exchange *x, CURLcode done,
                                  struct fr_http_reply *out) {
    char what[300];
    long status = 0;
    (void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    out->taken = is_taken(x, status);
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
    if (whole && (quotes_key(http, &x->reader.answer.text) ||
                  quotes_key(http, &x->reader.answer.reasoning))) {
        say(http, out, "its answer quotes the key");
        return FR_HTTP_REFUSED;
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
                                  .seconds = fr_clock_seconds() - x->begun};
    out->outcome = judge(http, x, done, out);
    (void)snprintf(out->server, sizeof out->server, "%s", x->server);
    out->answer = x->reader.answer;
    x->reader.answer = (struct fr_answer){0};
    hide_keys(http, out);
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
    const double t = fr_clock_seconds();
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
