/* The server; the only file that knows libmicrohttpd. Rejected: threads of its own, which would
 * have to share one connection to the database; questions are short. */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "view/assets.h"
#include "view/internal.h"

enum { TOKEN_BYTES = 16, TOKEN_TEXT = 2 * TOKEN_BYTES, POLL_MS = 500, MOST_CONNECTIONS = 32 };

struct server {
    struct fr_view *view;
    int port;
    char token[TOKEN_TEXT + 1];
};

/* Everything the page needs is its own; nothing else is loaded, framed, sent or remembered. */
static const char *const headers[][2] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type,
                             const void *bytes, size_t n) {
    /* MHD wants a pointer it could write to; with this mode it copies. */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(n, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        (void)MHD_add_response_header(response, headers[i][0], headers[i][1]);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    const enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status,
                              const char *text) {
    return reply(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

/* A name that a page elsewhere made lead to this machine is not one of ours. */
static bool is_host_ours(const struct server *s, struct MHD_Connection *connection) {
    const char *host =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    static const char *const names[] = {"127.0.0.1", "localhost"};
    for (size_t i = 0; host != NULL && i < sizeof names / sizeof *names; i++) {
        char ours[32];
        (void)snprintf(ours, sizeof ours, "%s:%d", names[i], s->port);
        if (strcmp(host, ours) == 0)
            return true;
    }
    return false;
}

/* In a time that does not tell how much of it was right. */
static bool is_token(const struct server *s, const char *text) {
    unsigned char differs = 0;
    if (strnlen(text, TOKEN_TEXT) < TOKEN_TEXT)
        return false;
    for (int i = 0; i < TOKEN_TEXT; i++)
        differs |= (unsigned char)(text[i] ^ s->token[i]);
    return differs == 0;
}

static int64_t number(struct MHD_Connection *connection, const char *name) {
    const char *text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
    return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static enum MHD_Result answer(struct server *s, struct MHD_Connection *connection,
                              const char *what) {
    const struct fr_view_ask ask =
        {.what = what,
         .puzzle = number(connection, "puzzle"),
         .naming = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "naming"),
         .condition = number(connection, "condition"),
         .concept = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "concept"),
         .text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "text"),
         .from = number(connection, "from")};
    struct fr_text out = {0};
    struct fr_error err = {0};
    const int code = fr_view_answer(s->view, &ask, &out, &err);
    if (code != FR_OK) {
        json_t *text = json_pack("{s:o}", "error", fr_view_text(err.text, strlen(err.text)));
        char *json = json_dumps(text, JSON_COMPACT);
        fr_text_clear(&out);
        fr_text_add(&out, json);
        free(json);
        json_decref(text);
    }
    const enum MHD_Result queued = reply(connection,
                                         code == FR_OK        ? MHD_HTTP_OK
                                         : code == FR_E_INPUT ? MHD_HTTP_NOT_FOUND
                                                              : MHD_HTTP_INTERNAL_SERVER_ERROR,
                                         "application/json", fr_text_get(&out), out.len);
    fr_text_release(&out);
    return queued;
}

static enum MHD_Result send_page(struct server *s, struct MHD_Connection *connection) {
    struct fr_text page = {0};
    fr_view_page(s->view, &page);
    const enum MHD_Result queued =
        reply(connection, MHD_HTTP_OK, "text/html; charset=utf-8", fr_text_get(&page), page.len);
    fr_text_release(&page);
    return queued;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *n_upload, void **state) {
    static const char ask[] = "ask/";
    struct server *s = user;
    (void)version;
    (void)upload;
    (void)n_upload;
    (void)state;
    if (!is_host_ours(s, connection))
        return refuse(connection, MHD_HTTP_FORBIDDEN, "not the address that fluidrep view gave\n");
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "nothing can be changed here\n");
    if (url[0] != '/' || !is_token(s, url + 1) || url[1 + TOKEN_TEXT] != '/')
        return refuse(connection, MHD_HTTP_NOT_FOUND,
                      "nothing here: the address that fluidrep view gave is longer, or it was "
                      "started again and gave another\n");
    const char *path = url + 2 + TOKEN_TEXT;
    if (*path == '\0')
        return send_page(s, connection);
    if (strcmp(path, "view.css") == 0)
        return reply(connection, MHD_HTTP_OK, "text/css; charset=utf-8", fr_asset_view_css,
                     fr_asset_view_css_size);
    if (strcmp(path, "view.js") == 0)
        return reply(connection, MHD_HTTP_OK, "text/javascript; charset=utf-8", fr_asset_view_js,
                     fr_asset_view_js_size);
    if (strncmp(path, ask, strlen(ask)) == 0)
        return answer(s, connection, path + strlen(ask));
    return refuse(connection, MHD_HTTP_NOT_FOUND, "nothing here\n");
}

/* A socket of ours, so that a port that is taken is told as such and not as "failed". */
static int listen_at(struct server *s, int port, int *out, struct fr_error *err) {
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    const int one = 1;
    *out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*out < 0 || setsockopt(*out, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(*out, (const struct sockaddr *)&at, sizeof at) != 0 || listen(*out, SOMAXCONN) != 0 ||
        getsockname(*out, (struct sockaddr *)&at, &n) != 0) {
        const int why = errno;
        if (*out >= 0)
            (void)close(*out);
        *out = -1;
        return fr_fail(err, FR_E_IO, "port %d of 127.0.0.1: %s; %s", port,
                       why == EADDRINUSE ? "is taken" : strerror(why),
                       port != 0 ? "leave --port out for one that is free"
                                 : "is there a network device lo?");
    }
    s->port = ntohs(at.sin_port);
    return FR_OK;
}

static int make_token(struct server *s, struct fr_error *err) {
    unsigned char bytes[TOKEN_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return fr_fail(err, FR_E_IO, "no random numbers for the address: %s", strerror(errno));
    for (int i = 0; i < TOKEN_BYTES; i++)
        (void)snprintf(s->token + 2 * i, 3, "%02x", bytes[i]);
    return FR_OK;
}

/* libmicrohttpd speaks of broken connections on standard error unless it is told not to. */
static void say_nothing(void *user, const char *format, va_list arguments) {
    (void)user;
    (void)format;
    (void)arguments;
}

int fr_view_serve(struct fr_view *view, const struct fr_view_server *server, struct fr_error *err) {
    struct server s = {.view = view};
    struct fr_text address = {0};
    int socket_fd = -1;
    int code = make_token(&s, err);
    if (code == FR_OK)
        code = listen_at(&s, server->port, &socket_fd, err);
    if (code != FR_OK)
        return code;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_AUTO, 0, NULL, NULL, handle, &s, MHD_OPTION_EXTERNAL_LOGGER,
                         say_nothing, NULL, MHD_OPTION_LISTEN_SOCKET, socket_fd,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)MOST_CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, 60u, MHD_OPTION_END);
    if (daemon == NULL) {
        (void)close(socket_fd);
        return fr_fail(err, FR_E_IO, "the server cannot be started");
    }
    fr_text_printf(&address, "http://127.0.0.1:%d/%s/", s.port, s.token);
    server->ready(server->user, fr_text_get(&address));
    while (!server->stopped(server->user))
        (void)MHD_run_wait(daemon, POLL_MS);
    MHD_stop_daemon(daemon); /* closes the socket */
    fr_text_release(&address);
    return FR_OK;
}
