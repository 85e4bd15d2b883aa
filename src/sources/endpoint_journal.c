/* The journal of an endpoint's answers: lines of JSON, only ever added to: a request that is begun,
 * with the tokens it may take, and what came of it. A line that a killed process left half is no
 * line; one that cannot be read is passed over, and its request asked again. Rejected: a table of
 * study.db, which is gone with the traces when a study is begun anew, while what was paid for is
 * not. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "sources/endpoint.h"

enum { LINE_CEILING = 256 << 20 };

static int by_request(const void *a, const void *b) {
    const struct fr_journal_entry *x = a, *y = b;
    const int order = strcmp(x->request, y->request);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static void add_entry(struct fr_journal *j, const char *request, int64_t at) {
    FR_RESERVE(j->entries, j->n, j->capacity);
    struct fr_journal_entry *e = &j->entries[j->n++];
    *e = (struct fr_journal_entry){.at = at};
    (void)snprintf(e->request, sizeof e->request, "%s", request);
}

/* ---- what is spent --------------------------------------------------------------------------- */

static void begun(struct fr_journal *j, const char *request, long long most) {
    FR_RESERVE(j->open, j->n_open, j->open_capacity);
    struct fr_journal_open *o = &j->open[j->n_open++];
    *o = (struct fr_journal_open){.most = most};
    (void)snprintf(o->request, sizeof o->request, "%s", request);
    j->spent += most;
}

/* The last beginning of it: an earlier one is of a run that was killed, and stays spent. */
static void settled(struct fr_journal *j, const char *request, long long tokens) {
    for (int i = j->n_open; i-- > 0;)
        if (strcmp(j->open[i].request, request) == 0) {
            j->spent -= j->open[i].most;
            j->open[i] = j->open[--j->n_open];
            break;
        }
    j->spent += tokens;
}

/* A line of an earlier run: a request begun, an answer, or tokens that were lost. false: it is none
 * of them. */
static bool read_entry(struct fr_journal *j, const char *line, size_t n, int64_t at) {
    json_t *root = json_loadb(line, n, 0, NULL);
    const char *request = json_string_value(json_object_get(root, "request"));
    const bool good = request != NULL && strlen(request) == FR_SHA256_TEXT - 1;
    if (good && json_object_get(root, "begun") != NULL)
        begun(j, request, json_integer_value(json_object_get(root, "most")));
    else if (good)
        settled(j, request, json_integer_value(json_object_get(root, "tokens")));
    if (good && json_object_get(root, "text") != NULL)
        add_entry(j, request, at);
    json_decref(root);
    return good;
}

static int read_all(struct fr_journal *j, struct fr_error *err) {
    FILE *in = fopen(j->path, "rb");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    long number = 0;
    int64_t at = 0;
    bool any = false;
    int code = FR_OK;
    if (in == NULL)
        return fr_file_fail(err, j->path, errno);
    while (code == FR_OK && (n = getline(&line, &room, in)) > 0) {
        number++;
        if (line[n - 1] != '\n') { /* of a killed run: cut off, so that the next line is whole */
            if (ftruncate(j->fd, (off_t)at) != 0)
                code = fr_file_fail(err, j->path, errno);
            break;
        }
        if (read_entry(j, line, (size_t)n, at))
            any = true;
        else
            j->first_damaged = j->n_damaged++ == 0 ? number : j->first_damaged;
        at += n;
    }
    if (code == FR_OK && j->n_damaged > 0 && !any)
        code = fr_fail(err, FR_E_INPUT, "%s: holds no line of this program's", j->path);
    if (code == FR_OK && ferror(in))
        code = fr_fail(err, FR_E_IO, "%s: cannot be read", j->path);
    free(line);
    (void)fclose(in);
    return code;
}

int fr_journal_open(struct fr_journal *j, const char *dir, struct fr_error *err) {
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/endpoint.jsonl", dir);
    *j = (struct fr_journal){.path = fr_text_take(&path)};
    j->fd = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int code = j->fd < 0 ? fr_file_fail(err, j->path, errno) : read_all(j, err);
    if (j->n > 0)
        qsort(j->entries, (size_t)j->n, sizeof *j->entries, by_request);
    j->n_sorted = j->n;
    if (code != FR_OK)
        fr_journal_close(j);
    return code;
}

void fr_journal_close(struct fr_journal *j) {
    struct stat st;
    if (j->fd >= 0 && j->path != NULL) {
        if (fstat(j->fd, &st) == 0) /* what is reserved behind its end is given back */
            (void)!ftruncate(j->fd, st.st_size);
        (void)close(j->fd);
    }
    free(j->path);
    free(j->entries);
    free(j->open);
    *j = (struct fr_journal){.fd = -1};
}

/* ---- reading --------------------------------------------------------------------------------- */

static void copy(const json_t *root, const char *name, char *out, size_t n) {
    const char *text = json_string_value(json_object_get(root, name));
    (void)snprintf(out, n, "%s", text != NULL ? text : "");
}

static int parse_answer(const struct fr_journal *j, const char *line, size_t n,
                        struct fr_answer *out, struct fr_error *err) {
    json_t *root = json_loadb(line, n, 0, NULL);
    const char *text = json_string_value(json_object_get(root, "text"));
    const char *reasoning = json_string_value(json_object_get(root, "reasoning"));
    const json_t *ids = json_object_get(root, "ids");
    if (text == NULL || reasoning == NULL) {
        json_decref(root);
        return fr_fail(err, FR_E_IO, "%s: changed while it was read", j->path);
    }
    fr_text_add(&out->text, text);
    fr_text_add(&out->reasoning, reasoning);
    for (size_t i = 0; i < json_array_size(ids); i++) {
        FR_RESERVE(out->ids, out->n_ids, out->capacity);
        out->ids[out->n_ids++] = (int32_t)json_integer_value(json_array_get(ids, i));
    }
    copy(root, "finish", out->finish, sizeof out->finish);
    copy(root, "model", out->model, sizeof out->model);
    copy(root, "fingerprint", out->fingerprint, sizeof out->fingerprint);
    copy(root, "id", out->id, sizeof out->id);
    out->prompt_tokens = json_integer_value(json_object_get(root, "prompt_tokens"));
    out->completion_tokens = json_integer_value(json_object_get(root, "completion_tokens"));
    json_decref(root);
    return FR_OK;
}

/* The line that begins there. */
static int read_line(const struct fr_journal *j, int64_t at, struct fr_text *out,
                     struct fr_error *err) {
    enum { PIECE = 1 << 16 };
    char *piece = fr_alloc(PIECE, 1);
    const char *feed = NULL;
    ssize_t n = 1;
    while (feed == NULL && n > 0 && out->len < LINE_CEILING) {
        n = pread(j->fd, piece, PIECE, (off_t)(at + (int64_t)out->len));
        if (n > 0) {
            feed = memchr(piece, '\n', (size_t)n);
            fr_text_append(out, piece, feed != NULL ? (size_t)(feed - piece) : (size_t)n);
        }
    }
    free(piece);
    return feed != NULL ? FR_OK : fr_fail(err, FR_E_IO, "%s: cannot be read", j->path);
}

/* Of those that were there when it was opened the last, since what was asked again is better;
 * NULL: none. */
static const struct fr_journal_entry *find_entry(const struct fr_journal *j, const char *request) {
    int low = 0, high = j->n_sorted;
    while (low < high) { /* the first behind it */
        const int middle = low + (high - low) / 2;
        if (strcmp(j->entries[middle].request, request) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && strcmp(j->entries[low - 1].request, request) == 0 ? &j->entries[low - 1]
                                                                        : NULL;
}

int fr_journal_find(const struct fr_journal *j, const char *request, struct fr_answer *out,
                    bool *found, struct fr_error *err) {
    *out = (struct fr_answer){0};
    *found = false;
    const struct fr_journal_entry *entry = find_entry(j, request);
    if (entry == NULL)
        return FR_OK;
    struct fr_text line = {0};
    int code = read_line(j, entry->at, &line, err);
    if (code == FR_OK)
        code = parse_answer(j, fr_text_get(&line), line.len, out, err);
    fr_text_release(&line);
    *found = code == FR_OK;
    return code;
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* All of it, or nothing: what follows half a line would be part of it. */
static int write_all(const struct fr_journal *j, const char *bytes, size_t n_bytes,
                     struct fr_error *err) {
    struct stat before;
    if (fstat(j->fd, &before) != 0)
        return fr_file_fail(err, j->path, errno);
    for (size_t done = 0; done < n_bytes;) {
        const ssize_t n = write(j->fd, bytes + done, n_bytes - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            const int why = n < 0 ? errno : ENOSPC;
            (void)!ftruncate(j->fd, before.st_size);
            return fr_file_fail(err, j->path, why);
        }
        done += (size_t)n;
    }
    return FR_OK;
}

int fr_journal_reserve(const struct fr_journal *j, long long bytes, struct fr_error *err) {
    struct stat st;
    if (fstat(j->fd, &st) != 0)
        return fr_file_fail(err, j->path, errno);
    if (fallocate(j->fd, FALLOC_FL_KEEP_SIZE, st.st_size, (off_t)bytes) != 0 &&
        (errno == ENOSPC || errno == EDQUOT))
        return fr_file_fail(err, j->path, errno);
    return FR_OK; /* a file system that cannot reserve is tried */
}

static int flush(const struct fr_journal *j, struct fr_error *err) {
    return fdatasync(j->fd) == 0 || errno == EINVAL ? FR_OK : fr_file_fail(err, j->path, errno);
}

/* The line, on the disk when this returns. */
static int add_line(struct fr_journal *j, json_t *take_root, struct fr_error *err) {
    char *text = json_dumps(take_root, JSON_COMPACT);
    json_decref(take_root);
    if (text == NULL)
        fr_out_of_memory(0);
    struct fr_text line = {0};
    fr_text_printf(&line, "%s\n", text);
    free(text);
    int code = write_all(j, line.data, line.len, err);
    if (code == FR_OK)
        code = flush(j, err);
    fr_text_release(&line);
    return code;
}

int fr_journal_add(struct fr_journal *j, const char *request, int64_t puzzle, const char *naming,
                   const struct fr_http_reply *reply, int attempts, long long tokens,
                   struct fr_error *err) {
    const struct fr_answer *a = &reply->answer;
    json_t *ids = json_array();
    for (int i = 0; i < a->n_ids && !a->ids_missing; i++)
        json_array_append_new(ids, json_integer(a->ids[i]));
    json_t *root = json_object();
    json_object_set_new(root, "request", json_string(request));
    json_object_set_new(root, "puzzle", json_integer(puzzle));
    json_object_set_new(root, "naming", json_string(naming));
    json_object_set_new(root, "tokens", json_integer(tokens));
    json_object_set_new(root, "prompt_tokens", json_integer(a->prompt_tokens));
    json_object_set_new(root, "completion_tokens", json_integer(a->completion_tokens));
    json_object_set_new(root, "finish", json_string(a->finish));
    json_object_set_new(root, "model", json_string(a->model));
    json_object_set_new(root, "fingerprint", json_string(a->fingerprint));
    json_object_set_new(root, "server", json_string(reply->server));
    json_object_set_new(root, "id", json_string(a->id));
    json_object_set_new(root, "attempts", json_integer(attempts));
    json_object_set_new(root, "seconds", json_real(reply->seconds));
    json_object_set_new(root, "reasoning", json_string(fr_text_get(&a->reasoning)));
    json_object_set_new(root, "text", json_string(fr_text_get(&a->text)));
    json_object_set_new(root, "ids", ids);
    const int code = add_line(j, root, err);
    if (code == FR_OK)
        settled(j, request, tokens);
    return code;
}

int fr_journal_begin(struct fr_journal *j, const char *request, long long most,
                     struct fr_error *err) {
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    json_t *root = json_object();
    json_object_set_new(root, "request", json_string(request));
    json_object_set_new(root, "begun", json_real((double)t.tv_sec + 1e-9 * (double)t.tv_nsec));
    json_object_set_new(root, "most", json_integer(most));
    const int code = add_line(j, root, err);
    if (code == FR_OK)
        begun(j, request, most);
    return code;
}

int fr_journal_lose(struct fr_journal *j, const char *request, const char *what, long long tokens,
                    struct fr_error *err) {
    json_t *root = json_object();
    json_object_set_new(root, "request", json_string(request));
    json_object_set_new(root, "tokens", json_integer(tokens));
    json_object_set_new(root, "lost", json_string(what));
    const int code = add_line(j, root, err);
    if (code == FR_OK)
        settled(j, request, tokens);
    if (code == FR_OK && j->n == 0 && j->spent == 0 && j->n_damaged == 0)
        (void)!ftruncate(j->fd, 0);
    return code;
}

/* ---- merging --------------------------------------------------------------------------------- */

/* Lines by their SHA-256. */
struct lines {
    int n, capacity;
    char (*shas)[FR_SHA256_TEXT];
};

static int by_sha(const void *a, const void *b) { return strcmp(a, b); }

/* Calls `each` with every whole line of the file. */
static int each_line(const char *path,
                     int (*each)(void *user, const char *line, size_t n, struct fr_error *err),
                     void *user, struct fr_error *err) {
    FILE *in;
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int code = fr_file_open(&in, path, err);
    if (code != FR_OK)
        return code;
    while (code == FR_OK && (n = getline(&line, &room, in)) > 0 && line[n - 1] == '\n')
        code = each(user, line, (size_t)n, err);
    if (code == FR_OK && ferror(in))
        code = fr_fail(err, FR_E_IO, "%s: cannot be read", path);
    free(line);
    (void)fclose(in);
    return code;
}

static int note_line(void *user, const char *line, size_t n, struct fr_error *err) {
    struct lines *l = user;
    (void)err;
    FR_RESERVE(l->shas, l->n, l->capacity);
    fr_sha256(line, n, l->shas[l->n++]);
    return FR_OK;
}

struct merging {
    struct fr_journal ours;
    struct lines lines; /* ours, sorted */
    const char *path;   /* of theirs */
    long long n_new, n_lines, n_damaged;
};

static int merge_line(void *user, const char *line, size_t n, struct fr_error *err) {
    struct merging *m = user;
    struct fr_journal one = {.fd = -1};
    char sha[FR_SHA256_TEXT];
    m->n_lines++;
    if (!read_entry(&one, line, n, 0)) {
        m->n_damaged++;
        return FR_OK;
    }
    fr_sha256(line, n, sha);
    bool known = m->lines.n > 0 &&
                 bsearch(sha, m->lines.shas, (size_t)m->lines.n, sizeof sha, by_sha) != NULL;
    if (one.n > 0) /* answered here as well? */
        known = known || find_entry(&m->ours, one.entries[0].request) != NULL;
    free(one.entries);
    free(one.open);
    if (known)
        return FR_OK;
    m->n_new++;
    return write_all(&m->ours, line, n, err);
}

int fr_journal_merge(const char *to, const char *from, long long *n_new, struct fr_error *err) {
    struct merging m = {.n_new = 0};
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/endpoint.jsonl", from);
    m.path = fr_text_get(&path);
    *n_new = 0;
    int code = FR_OK;
    if (fr_file_exists(m.path)) {
        code = fr_journal_open(&m.ours, to, err);
        if (code == FR_OK) {
            code = each_line(m.ours.path, note_line, &m.lines, err);
            if (m.lines.n > 0)
                qsort(m.lines.shas, (size_t)m.lines.n, sizeof *m.lines.shas, by_sha);
            if (code == FR_OK)
                code = each_line(m.path, merge_line, &m, err);
            if (code == FR_OK && m.n_damaged > 0 && m.n_damaged == m.n_lines)
                code = fr_fail(err, FR_E_INPUT, "%s: holds no line of this program's", m.path);
            if (code == FR_OK)
                code = flush(&m.ours, err);
            fr_journal_close(&m.ours);
        }
        *n_new = m.n_new;
    }
    free(m.lines.shas);
    fr_text_release(&path);
    return code;
}
