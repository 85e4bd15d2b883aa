/* The section `endpoint`: what can be refused before anything is asked. */
#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "config/world.h"

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* By its whole host: a name may begin as an address does. */
bool fr_config_endpoint_is_here(const char *url) {
    static const unsigned char loopback[16] = {[15] = 1};
    unsigned char address[16];
    char host[64];
    const char *from = strstr(url, "://");
    from = from != NULL ? from + strlen("://") : url;
    const bool six = *from == '[';
    from += six;
    const size_t n = strcspn(from, six ? "]" : ":/");
    if (n >= sizeof host || (six && from[n] == ']' && strchr(":/", from[n + 1]) == NULL))
        return false;
    (void)snprintf(host, sizeof host, "%.*s", (int)n, from);
    if (six)
        return inet_pton(AF_INET6, host, address) == 1 &&
               memcmp(address, loopback, sizeof loopback) == 0;
    return strcmp(host, "localhost") == 0 ||
           (inet_pton(AF_INET, host, address) == 1 && address[0] == 127);
}

static int check_url(const struct fr_config *c, const char *path, struct fr_error *err) {
    const char *url = c->endpoint_url;
    const bool plain = begins(url, "http://");
    if ((!plain && !begins(url, "https://")) || url[strcspn(url, " \t\r\n\"")] != '\0')
        return fr_fail(err, FR_E_INPUT,
                       "%s: endpoint.url: \"%.80s\" is no address such as http://127.0.0.1:8000/v1",
                       path, url);
    if (strpbrk(url, "@?#") != NULL)
        return fr_fail(err, FR_E_INPUT,
                       "%s: endpoint.url: an address alone, without name, key or question; the key "
                       "stands in the environment: endpoint.key_env",
                       path);
    if (url[strlen(url) - 1] == '/')
        return fr_fail(err, FR_E_INPUT, "%s: endpoint.url: without the slash at its end", path);
    if (plain && *c->endpoint_key_env != '\0' && !fr_config_endpoint_is_here(url))
        return fr_fail(err, FR_E_INPUT,
                       "%s: endpoint.url: a key is not sent to another machine without https",
                       path);
    return FR_OK;
}

int fr_config_check_endpoint(const struct fr_config *c, const char *path, struct fr_error *err) {
    const char *const needs[][2] = {{"model", c->endpoint_model},
                                    {"key_env", c->endpoint_key_env},
                                    {"extra", c->endpoint_extra}};
    if (*c->endpoint_url == '\0') {
        for (int i = 0; i < 3; i++)
            if (*needs[i][1] != '\0')
                return fr_fail(err, FR_E_INPUT, "%s: endpoint.%s without endpoint.url", path,
                               needs[i][0]);
        return FR_OK;
    }
    if (*c->traces_path != '\0')
        return fr_fail(err, FR_E_INPUT,
                       "%s: traces.import and endpoint.url: traces come from one of them", path);
    if (*c->endpoint_model == '\0')
        return fr_fail(err, FR_E_INPUT,
                       "%s: endpoint.url without endpoint.model, the model's name there", path);
    const int code = check_url(c, path, err);
    if (code != FR_OK)
        return code;
    json_error_t syntax = {0};
    json_t *extra = json_loads(*c->endpoint_extra != '\0' ? c->endpoint_extra : "{}", 0, &syntax);
    const bool good = json_is_object(extra);
    const json_t *n = json_object_get(extra, "n");
    const bool one =
        n == NULL || json_is_null(n) || (json_is_integer(n) && json_integer_value(n) == 1);
    json_decref(extra);
    if (!good)
        return fr_fail(err, FR_E_INPUT,
                       "%s: endpoint.extra: no JSON object, such as '{\"seed\": 1}'%s%s", path,
                       *syntax.text != '\0' ? ": " : "", syntax.text);
    if (!one)
        return fr_fail(err, FR_E_INPUT,
                       "%s: endpoint.extra: \"n\" asks for several answers, and a trace is one; "
                       "leave it out",
                       path);
    return FR_OK;
}
