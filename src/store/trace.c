/* Traces in and out of the database. Token ids and their byte ranges are blobs of int32; the text
 * is a blob too, because a model may put out any bytes: half a letter, NUL. Rejected: a row per
 * token, which is fifty times the space and never queried. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/connection.h"

void fr_trace_release(struct fr_trace *trace) {
    free(trace->naming);
    free(trace->ids);
    free(trace->starts);
    free(trace->ends);
    free(trace->text);
    *trace = (struct fr_trace){0};
}

/* What every trace fulfils, ours and one read back: NULL, or what is wrong with it. */
static const char *find_fault(const struct fr_trace *t) {
    if (t->n_prompt < 0 || t->n_prompt > t->n_tokens)
        return "the prompt is longer than the trace";
    if (t->n_reasoning < 0 || t->n_reasoning > t->n_tokens - t->n_prompt)
        return "the reasoning is longer than what was generated";
    int32_t last = 0;
    for (int i = 0; i < t->n_tokens; i++) {
        if (t->starts[i] < last || t->ends[i] < t->starts[i] || (size_t)t->ends[i] > t->text_len)
            return "a token's bytes lie outside the text or before the last token's";
        last = t->ends[i];
    }
    return NULL;
}

void fr_trace_digest(int n_prompt, int n_reasoning, const void *ids, size_t n_bytes,
                     char out[FR_SHA256_TEXT]) {
    struct fr_text all = {0};
    fr_text_printf(&all, "%d %d ", n_prompt, n_reasoning);
    fr_text_append(&all, ids, n_bytes);
    fr_sha256(fr_text_get(&all), all.len, out);
    fr_text_release(&all);
}

int fr_store_put_trace(struct fr_store *store, const struct fr_trace *trace, struct fr_error *err) {
    FR_ASSERT(trace->n_tokens >= 0 && find_fault(trace) == NULL);
    FR_ASSERT((unsigned)trace->verdict.kind < FR_VERDICT_COUNT);
    const size_t n = (size_t)trace->n_tokens * sizeof *trace->ids;
    char digest[FR_SHA256_TEXT];
    fr_trace_digest(trace->n_prompt, trace->n_reasoning, trace->ids, n, digest);
    return fr_store_run(
        store, err,
        "INSERT INTO trace (puzzle, naming, n_tokens, n_prompt, n_reasoning, ids, starts, ends, "
        "text, verdict, step, reason, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "itiiibbbbtitt", trace->puzzle, trace->naming, (int64_t)trace->n_tokens,
        (int64_t)trace->n_prompt, (int64_t)trace->n_reasoning, (const void *)trace->ids, n,
        (const void *)trace->starts, n, (const void *)trace->ends, n, (const void *)trace->text,
        trace->text_len, fr_verdict_name[trace->verdict.kind], (int64_t)trace->verdict.step,
        trace->verdict.reason, digest);
}

static int32_t *copy_tokens(struct fr_query *query, int column, int n_tokens) {
    size_t n = 0;
    const void *bytes = fr_query_blob(query, column, &n);
    if (n != (size_t)n_tokens * sizeof(int32_t))
        return NULL;
    int32_t *out = fr_alloc((size_t)n_tokens, sizeof *out);
    if (n > 0)
        memcpy(out, bytes, n);
    return out;
}

static bool find_verdict(const char *name, enum fr_verdict_kind *out) {
    for (int k = 0; k < FR_VERDICT_COUNT; k++)
        if (strcmp(fr_verdict_name[k], name) == 0) {
            *out = (enum fr_verdict_kind)k;
            return true;
        }
    return false;
}

/* A number that does not fit becomes -1, which find_fault refuses. */
static int read_count(struct fr_query *query, int column) {
    const int64_t n = fr_query_int(query, column);
    return n >= 0 && n <= INT32_MAX ? (int)n : -1;
}

/* The current row into *t: NULL, or what is wrong with it. */
static const char *read_row(struct fr_query *query, struct fr_trace *t) {
    const int64_t n_tokens = fr_query_int(query, 2);
    if (n_tokens < 0 || n_tokens > INT32_MAX / (int64_t)sizeof(int32_t))
        return "an impossible number of tokens";
    t->puzzle = fr_query_int(query, 0);
    t->naming = fr_strdup(fr_query_text(query, 1));
    t->n_tokens = (int)n_tokens;
    t->n_prompt = read_count(query, 3);
    t->n_reasoning = read_count(query, 4);
    t->ids = copy_tokens(query, 5, t->n_tokens);
    t->starts = copy_tokens(query, 6, t->n_tokens);
    t->ends = copy_tokens(query, 7, t->n_tokens);
    if (t->ids == NULL || t->starts == NULL || t->ends == NULL)
        return "token arrays of the wrong length";
    const char *text = fr_query_blob(query, 8, &t->text_len);
    t->text = fr_strndup(text, t->text_len);
    if (!find_verdict(fr_query_text(query, 9), &t->verdict.kind))
        return "an unknown verdict";
    t->verdict.step = (int)fr_query_int(query, 10);
    const char *reason = fr_query_text(query, 11);
    size_t n_reason = strlen(reason);
    if (n_reason >= sizeof t->verdict.reason)
        n_reason = sizeof t->verdict.reason - 1;
    memcpy(t->verdict.reason, reason, n_reason);
    t->verdict.reason[n_reason] = '\0';
    const char *fault = find_fault(t);
    char digest[FR_SHA256_TEXT];
    fr_trace_digest(t->n_prompt, t->n_reasoning, t->ids, (size_t)t->n_tokens * sizeof *t->ids,
                    digest);
    return fault == NULL && strcmp(digest, fr_query_text(query, 12)) != 0
               ? "its tokens are others than were stored"
               : fault;
}

int fr_store_get_trace(struct fr_store *store, int64_t puzzle, const char *naming,
                       struct fr_trace *out, struct fr_error *err) {
    *out = (struct fr_trace){0};
    struct fr_query *query = NULL;
    int code = fr_query_open(
        &query, store, err,
        "SELECT puzzle, naming, n_tokens, n_prompt, n_reasoning, ids, "
        "starts, ends, text, verdict, step, reason, digest FROM trace WHERE puzzle = ?"
        " AND naming = ?",
        "it", puzzle, naming);
    if (code != FR_OK)
        return code;
    const bool found = fr_query_next(query);
    const char *fault = found ? read_row(query, out) : NULL;
    code = fr_query_close(query, err);
    if (code == FR_OK && !found)
        code = fr_fail(err, FR_E_INPUT, "%s: no trace of puzzle %lld in naming %s", store->path,
                       (long long)puzzle, naming);
    if (code == FR_OK && fault != NULL)
        code = fr_fail(err, FR_E_IO,
                       "%s: the trace of puzzle %lld in naming %s is damaged: %s; put a copy of "
                       "the file in its place, or " FR_CHOOSE_OUT,
                       store->path, (long long)puzzle, naming, fault);
    if (code != FR_OK)
        fr_trace_release(out);
    return code;
}

int fr_store_put_verdict(struct fr_store *store, int64_t puzzle, const char *naming, int64_t edit,
                         const struct fr_verdict *verdict, enum fr_verdict_kind *before,
                         bool *changed, struct fr_error *err) {
    static const char *const find[] =
        {"SELECT verdict, step FROM trace WHERE puzzle = ? AND naming = ?",
         "SELECT verdict, step FROM run WHERE puzzle = ? AND naming = ? AND edit = ?"};
    static const char *const put[] =
        {"UPDATE trace SET verdict = ?, step = ?, reason = ? WHERE puzzle = ? AND naming = ?",
         "UPDATE run SET verdict = ?, step = ?, reason = ? WHERE puzzle = ? AND naming = ? AND edit"
         " = ?"};
    struct fr_query *query;
    const bool run = edit != 0;
    int code =
        fr_query_open(&query, store, err, find[run], run ? "iti" : "it", puzzle, naming, edit);
    if (code != FR_OK)
        return code;
    const bool found = fr_query_next(query);
    const bool known = found && find_verdict(fr_query_text(query, 0), before);
    *changed = known && (*before != verdict->kind || fr_query_int(query, 1) != verdict->step);
    code = fr_query_close(query, err);
    if (code == FR_OK && !known)
        code = fr_fail(err, FR_E_INPUT, "%s: no verdict of puzzle %lld in naming %s", store->path,
                       (long long)puzzle, naming);
    if (code != FR_OK || !*changed)
        return code;
    return fr_store_run(store, err, put[run], run ? "tititi" : "titit",
                        fr_verdict_name[verdict->kind], (int64_t)verdict->step, verdict->reason,
                        puzzle, naming, edit);
}

/* ---- as bytes -------------------------------------------------------------------------------- */

void fr_trace_pack(const struct fr_trace *t, struct fr_text *out) {
    const size_t n = (size_t)t->n_tokens * sizeof *t->ids;
    fr_pack_int(out, t->puzzle);
    fr_pack_text(out, t->naming);
    fr_pack_int(out, t->n_prompt);
    fr_pack_int(out, t->n_reasoning);
    fr_pack_bytes(out, t->ids, n);
    fr_pack_bytes(out, t->starts, n);
    fr_pack_bytes(out, t->ends, n);
    fr_pack_bytes(out, t->text, t->text_len);
    fr_pack_int(out, t->verdict.kind);
    fr_pack_int(out, t->verdict.step);
    fr_pack_text(out, t->verdict.reason);
}

static int32_t *unpack_tokens(struct fr_unpack *in, int *n_tokens) {
    size_t n;
    const void *bytes = fr_unpack_bytes(in, &n);
    const int count = (int)(n / sizeof(int32_t));
    in->bad |= n % sizeof(int32_t) != 0 || n > INT32_MAX || (*n_tokens >= 0 && *n_tokens != count);
    *n_tokens = count;
    int32_t *out = fr_alloc((size_t)count, sizeof *out);
    memcpy(out, bytes, (size_t)count * sizeof *out);
    return out;
}

bool fr_trace_unpack(struct fr_unpack *in, struct fr_trace *t) {
    *t = (struct fr_trace){.puzzle = fr_unpack_int(in), .n_tokens = -1};
    t->naming = fr_strdup(fr_unpack_text(in));
    t->n_prompt = (int)fr_unpack_int(in);
    t->n_reasoning = (int)fr_unpack_int(in);
    t->ids = unpack_tokens(in, &t->n_tokens);
    t->starts = unpack_tokens(in, &t->n_tokens);
    t->ends = unpack_tokens(in, &t->n_tokens);
    const char *text = fr_unpack_bytes(in, &t->text_len);
    t->text = fr_alloc(t->text_len + 1, 1);
    memcpy(t->text, text, t->text_len);
    const int64_t kind = fr_unpack_int(in);
    t->verdict.step = (int)fr_unpack_int(in);
    const char *reason = fr_unpack_text(in);
    in->bad |= kind < 0 || kind >= FR_VERDICT_COUNT || strlen(reason) >= sizeof t->verdict.reason;
    if (!in->bad) {
        t->verdict.kind = (enum fr_verdict_kind)kind;
        memcpy(t->verdict.reason, reason, strlen(reason) + 1);
    }
    if (!in->bad && find_fault(t) == NULL)
        return true;
    fr_trace_release(t);
    return false;
}
