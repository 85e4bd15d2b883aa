/* Files that are read, directories, hashes (of libmd); see file.h. Those that are written are
 * output.c's. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The data's directory as the environment gives it, when that is where path is; or NULL. */
static const char *data_of(const char *path) {
    const char *directory = getenv("FLUIDREP_DATA");
    const size_t n = directory != NULL ? strlen(directory) : 0;
    return n > 0 && strncmp(path, directory, n) == 0 && path[n] == '/' ? directory : NULL;
}

/* A file that is not there is bad input; what the system refuses is not. */
static int fail_to_open(struct fr_error *err, const char *path, int system_error) {
    const bool named_wrongly = system_error == ENOENT || system_error == ENOTDIR ||
                               system_error == EISDIR || system_error == ENAMETOOLONG ||
                               system_error == ELOOP;
    const bool data = named_wrongly && data_of(path) != NULL;
    return fr_fail(err, named_wrongly ? FR_E_INPUT : FR_E_IO, "%s: %s%s%s", path,
                   system_error == EISDIR ? "cannot be read: " : "", strerror(system_error),
                   data ? "; FLUIDREP_DATA is to be the directory of the project's data" : "");
}

/* The first byte of a pipe, -1 when it has a writer that has not written yet. It is looked at
 * without waiting: only then does a pipe without a writer end. */
static int look_into_pipe(int fd, const char *path, int *first, struct fr_error *err) {
    unsigned char byte;
    const ssize_t n = read(fd, &byte, 1);
    if (n < 0 && errno != EAGAIN)
        return fr_fail(err, FR_E_IO, "%s: %s", path, strerror(errno));
    if (n == 0)
        return fr_fail(err, FR_E_INPUT, "%s: a pipe that nobody writes to; give a file", path);
    *first = n > 0 ? byte : -1;
    return FR_OK;
}

int fr_file_open(FILE **out, const char *path, struct fr_error *err) {
    struct stat st;
    int code = FR_OK, first = -1;
    *out = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail_to_open(err, path, errno);
    if (fstat(fd, &st) != 0)
        code = fr_fail(err, FR_E_IO, "%s: %s", path, strerror(errno));
    else if (S_ISDIR(st.st_mode))
        code = fail_to_open(err, path, EISDIR);
    else if (S_ISFIFO(st.st_mode))
        code = look_into_pipe(fd, path, &first, err);
    if (code == FR_OK && (fcntl(fd, F_SETFL, O_RDONLY) != 0 || (*out = fdopen(fd, "rb")) == NULL))
        code = fr_fail(err, FR_E_IO, "%s: %s", path, strerror(errno));
    if (code == FR_OK && first >= 0)
        (void)ungetc(first, *out);
    if (code != FR_OK)
        (void)close(fd);
    return code;
}

int fr_file_read(const char *path, size_t ceiling, struct fr_text *out, struct fr_error *err) {
    fr_text_clear(out);
    FILE *f;
    int code = fr_file_open(&f, path, err);
    if (code != FR_OK)
        return code;
    char block[1 << 16];
    size_t n;
    while (code == FR_OK && (n = fread(block, 1, sizeof block, f)) > 0) {
        if (out->len + n > ceiling)
            code = fr_fail(err, FR_E_LIMIT, "%s: larger than %zu bytes", path, ceiling);
        else
            fr_text_append(out, block, n);
    }
    if (code == FR_OK && ferror(f))
        code = fr_fail(err, FR_E_IO, "%s: %s", path, strerror(errno));
    (void)fclose(f);
    if (code != FR_OK)
        fr_text_clear(out);
    return code;
}

int fr_file_read_text(const char *path, size_t ceiling, struct fr_text *out, struct fr_error *err) {
    const int code = fr_file_read(path, ceiling, out, err);
    if (code != FR_OK || out->len == 0)
        return code;
    if (strlen(out->data) != out->len) {
        fr_text_clear(out);
        return fr_fail(err, FR_E_INPUT, "%s: contains a NUL byte; expected text", path);
    }
    const size_t mark = (size_t)(fr_skip_mark(out->data) - out->data);
    memmove(out->data, out->data + mark, out->len - mark + 1);
    out->len -= mark;
    return FR_OK;
}

int fr_dir_make(const char *path, struct fr_error *err) {
    struct fr_text part = {0};
    int code = FR_OK;
    for (const char *p = path; code == FR_OK; p++) {
        if ((*p == '/' || *p == '\0') && part.len > 0) {
            if (mkdir(fr_text_get(&part), 0777) != 0 && errno != EEXIST)
                code = fr_file_fail(err, fr_text_get(&part), errno);
        }
        if (*p == '\0')
            break;
        fr_text_append(&part, p, 1);
    }
    struct stat st;
    if (code == FR_OK && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))
        code = fr_fail(err, FR_E_IO, "%s: not a directory", path);
    fr_text_release(&part);
    return code;
}

bool fr_file_exists(const char *path) { return access(path, F_OK) == 0; }

void fr_file_stamp(const char *path, char out[FR_FILE_STAMP]) {
    enum { SETTLED_SECONDS = 2 };
    struct stat st;
    out[0] = '\0';
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
        time(NULL) - st.st_ctim.tv_sec < SETTLED_SECONDS)
        return;
    (void)snprintf(out, FR_FILE_STAMP, "%lld %llu %llu %lld.%09ld %lld.%09ld",
                   (long long)st.st_size, (unsigned long long)st.st_dev,
                   (unsigned long long)st.st_ino, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                   (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

int fr_file_sha256(const char *path, char out[FR_SHA256_TEXT], struct fr_error *err) {
    FILE *f;
    int code = fr_file_open(&f, path, err);
    if (code != FR_OK)
        return code;
    SHA2_CTX context;
    unsigned char block[1 << 16];
    size_t n;
    SHA256Init(&context);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        SHA256Update(&context, block, n);
    if (ferror(f))
        code = fr_fail(err, FR_E_IO, "%s: %s", path, strerror(errno));
    else
        (void)SHA256End(&context, out);
    (void)fclose(f);
    return code;
}

void fr_sha256(const void *bytes, size_t n, char out[FR_SHA256_TEXT]) {
    (void)SHA256Data((const uint8_t *)bytes, n, out);
}

void fr_data_path(const char *relative, struct fr_text *out) {
    const char *directory = getenv("FLUIDREP_DATA");
    if (directory == NULL || *directory == '\0')
        directory = FR_DATA_DIR;
    fr_text_printf(out, "%s/%s", directory, relative);
}
