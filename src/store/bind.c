/* Whose study this is: the first run binds a directory to its configuration and model, later runs
 * must bring the same. Compared line by line, so that the message can name what changed.
 * Rejected: comparing a hash, which can only say "something". */
#include <string.h>

#include "store/connection.h"

struct line {
    const char *text;
    int n, n_key; /* n_key: up to ": ", or the whole line */
};

/* The line at *p, past which *p moves; false at the end. */
static bool next_line(const char **p, struct line *out) {
    if (**p == '\0')
        return false;
    const char *end = strchrnul(*p, '\n');
    *out = (struct line){.text = *p, .n = (int)(end - *p)};
    const char *colon = memmem(*p, (size_t)out->n, ": ", 2);
    out->n_key = colon != NULL ? (int)(colon - *p) : out->n;
    *p = *end == '\n' ? end + 1 : end;
    return true;
}

static bool same_key(const struct line *a, const struct line *b) {
    return a->n_key == b->n_key && memcmp(a->text, b->text, (size_t)a->n_key) == 0;
}

static bool has_key(const char *text, const struct line *wanted) {
    struct line line;
    while (next_line(&text, &line))
        if (same_key(&line, wanted))
            return true;
    return false;
}

enum { SHOWN = 90 }; /* bytes of a key or a value that a message shows */

static int shown(int n) { return n < SHOWN ? n : SHOWN; }

/* "KEY was A and is now B" for the first line that differs; false when none does. */
static bool describe_difference(const char *stored, const char *now, struct fr_text *out) {
    struct line a, b;
    for (;;) {
        const char *rest_stored = stored, *rest_now = now;
        const bool more_a = next_line(&stored, &a), more_b = next_line(&now, &b);
        if (!more_a && !more_b)
            return false;
        if (more_a && more_b && a.n == b.n && memcmp(a.text, b.text, (size_t)a.n) == 0)
            continue;
        if (more_a && more_b && same_key(&a, &b)) {
            const int skip = a.n_key + (a.n > a.n_key ? 2 : 0),
                      skip_b = b.n_key + (b.n > b.n_key ? 2 : 0);
            fr_text_printf(out, "%.*s was %.*s and is now %.*s", shown(a.n_key), a.text,
                           shown(a.n - skip), a.text + skip, shown(b.n - skip_b), b.text + skip_b);
        } else if (more_b && !(more_a && has_key(rest_stored, &b))) {
            fr_text_printf(out, "%.*s is new", shown(b.n), b.text);
        } else if (more_a && !has_key(rest_now, &a)) {
            fr_text_printf(out, "%.*s is gone", shown(a.n), a.text);
        } else {
            fr_text_printf(out, "%.*s stands elsewhere", shown(a.n_key), a.text);
        }
        return true;
    }
}

static int write_binding(struct fr_store *store, const char *configuration, const char *model,
                         struct fr_error *err) {
    const bool own = !store->in_transaction;
    int code = own ? fr_store_begin(store, err) : FR_OK;
    if (code != FR_OK)
        return code;
    /* As bytes: what is compared later must be what was given. */
    code = fr_store_run(store, err, "INSERT INTO meta VALUES ('configuration', CAST(? AS TEXT))",
                        "b", (const void *)configuration, strlen(configuration));
    if (code == FR_OK)
        code = fr_store_run(store, err, "INSERT INTO meta VALUES ('model_sha256', ?)", "t", model);
    if (own && code == FR_OK)
        code = fr_store_commit(store, err);
    else if (own)
        fr_store_rollback(store);
    return code;
}

int fr_store_bind(struct fr_store *store, const char *canonical_configuration,
                  const char *model_sha256, struct fr_error *err) {
    struct fr_text configuration = {0}, model = {0}, difference = {0};
    int code = FR_OK;
    const bool bound = fr_store_get_meta(store, "configuration", &configuration) &&
                       fr_store_get_meta(store, "model_sha256", &model);
    if (store->deferred.code != FR_OK)
        code = fr_fail(err, store->deferred.code, "%s", store->deferred.text);
    else if (!bound)
        code = write_binding(store, canonical_configuration, model_sha256, err);
    else if (describe_difference(fr_text_get(&configuration), canonical_configuration, &difference))
        code = fr_fail(err, FR_E_CONFLICT,
                       "%s: belongs to another configuration: %s; " FR_CHOOSE_OUT
                       ", or run with the old configuration",
                       store->dir, fr_text_get(&difference));
    else if (strcmp(fr_text_get(&model), model_sha256) != 0)
        code =
            fr_fail(err, FR_E_CONFLICT,
                    "%s: belongs to another model: its SHA-256 was %s and is now %s; " FR_CHOOSE_OUT
                    ", or run with the old model",
                    store->dir, fr_text_get(&model), model_sha256);
    fr_text_release(&configuration);
    fr_text_release(&model);
    fr_text_release(&difference);
    return code;
}
