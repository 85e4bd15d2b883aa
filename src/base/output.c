/* Files that are written: beside their place, under a name that nobody else has, then renamed; see
 * file.h. What is no regular file (a device, a pipe) has no place to be taken and is written into.
 *
 * Rejected: a fixed name, NAME.tmp, which may be a file, a link or a pipe of somebody else, and
 * which two writers would share; files without a name (O_TMPFILE), which not every file system has.
 * A killed process leaves its file: fr_dir_sweep knows them by their names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

#define AGAIN "run again: nothing stored is lost"
#define MARK ".fluidrep-"
#define ENDING ".tmp"
enum {
    DIGITS = 8,                                                 /* of a name that nobody has */
    LONGEST_NAME = 255 - (sizeof MARK + DIGITS + sizeof ENDING) /* what may stand before it */
};

int fr_file_fail(struct fr_error *err, const char *path, int system_error) {
    switch (system_error) {
    case ENOSPC:
        return fr_fail(err, FR_E_IO, "%s: disk full; free space and " AGAIN, path);
    case EDQUOT:
        return fr_fail(err, FR_E_IO, "%s: disk quota used up; free space and " AGAIN, path);
    case EFBIG:
        return fr_fail(
            err, FR_E_IO,
            "%s: larger than a file may grow here; raise the limit (ulimit -f) and " AGAIN, path);
    case EACCES:
    case EPERM:
    case EROFS:
        return fr_fail(err, FR_E_IO, "%s: %s; make it writable, or choose another --out", path,
                       strerror(system_error));
    case EISDIR:
        return fr_fail(err, FR_E_IO, "%s: a directory; give the name of a file", path);
    default:
        return fr_fail(err, FR_E_IO, "%s: %s", path, strerror(system_error));
    }
}

/* Where the bytes of one file go. */
struct output {
    int fd;
    char *temporary; /* renamed to target at the end; NULL: written into */
    char *target;    /* what path is when links are followed */
    FILE *stream;    /* of a file that is written bit by bit */
    struct output *next;
};

/* What a path is when the links at its end are followed, also where the last leads nowhere. */
static int follow(const char *path, char **out, struct fr_error *err) {
    enum { MOST_LINKS = 40, LONGEST = 4096 };
    char *at = fr_strdup(path), link[LONGEST];
    for (int i = 0; i < MOST_LINKS; i++) {
        const ssize_t n = readlink(at, link, sizeof link);
        if (n < 0 || n == (ssize_t)sizeof link) { /* no link, or nothing there */
            *out = at;
            return FR_OK;
        }
        struct fr_text next = {0};
        const char *slash = strrchr(at, '/');
        if (link[0] != '/' && slash != NULL)
            fr_text_append(&next, at, (size_t)(slash - at) + 1);
        fr_text_append(&next, link, (size_t)n);
        free(at);
        at = fr_text_take(&next);
    }
    free(at);
    return fr_file_fail(err, path, ELOOP);
}

/* A pipe is not waited for until somebody reads it, but for a moment: who reads it may be about to
 * begin. */
static int open_into(struct output *o, const char *path, const struct stat *st,
                     struct fr_error *err) {
    enum { TRIES = 100, PAUSE_NS = 10000000 };
    const int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    for (int i = 0; i < TRIES; i++) {
        o->fd = open(path, S_ISREG(st->st_mode) ? flags | O_TRUNC : flags);
        if (o->fd >= 0 || errno != ENXIO || !S_ISFIFO(st->st_mode))
            break;
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    if (o->fd < 0 && errno == ENXIO && S_ISFIFO(st->st_mode))
        return fr_fail(err, FR_E_IO, "%s: a pipe that nobody reads; begin to read it first", path);
    if (o->fd < 0 || fcntl(o->fd, F_SETFL, 0) != 0)
        return fr_file_fail(err, path, errno);
    return FR_OK;
}

static int open_beside(struct output *o, struct fr_error *err) {
    const char *slash = strrchr(o->target, '/'), *name = slash != NULL ? slash + 1 : o->target;
    const int n = (int)(strlen(name) < LONGEST_NAME ? strlen(name) : LONGEST_NAME);
    struct fr_text temporary = {0};
    do {
        uint32_t number = 0;
        if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
            number = (uint32_t)getpid();
        fr_text_clear(&temporary);
        fr_text_append(&temporary, o->target, (size_t)(name - o->target));
        fr_text_printf(&temporary, "%.*s" MARK "%0*x" ENDING, n, name, DIGITS, number);
        o->fd = open(fr_text_get(&temporary), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     0666);
    } while (o->fd < 0 && errno == EEXIST);
    if (o->fd < 0) {
        const int code = fr_file_fail(err, o->target, errno);
        fr_text_release(&temporary);
        return code;
    }
    o->temporary = fr_text_take(&temporary);
    return FR_OK;
}

static void release(struct output *o) {
    free(o->temporary);
    free(o->target);
}

/* Those that a command reads. By device and inode: a name has spellings and links. */
static struct kept {
    dev_t device;
    ino_t inode;
} * kept;
static int n_kept, kept_capacity;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all that is static here */

void fr_file_keep(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    (void)pthread_mutex_lock(&lock);
    FR_RESERVE(kept, n_kept, kept_capacity);
    kept[n_kept++] = (struct kept){st.st_dev, st.st_ino};
    (void)pthread_mutex_unlock(&lock);
}

int fr_file_check_kept(const char *path, struct fr_error *err) {
    struct stat st;
    if (stat(path, &st) != 0)
        return FR_OK;
    bool found = false;
    (void)pthread_mutex_lock(&lock);
    for (int i = 0; i < n_kept && !found; i++)
        found = kept[i].device == st.st_dev && kept[i].inode == st.st_ino;
    (void)pthread_mutex_unlock(&lock);
    return found
               ? fr_fail(err, FR_E_INPUT,
                         "%s: is what the command reads, or a file of it; give another place", path)
               : FR_OK;
}

static int open_output(struct output *o, const char *path, struct fr_error *err) {
    struct stat st, there;
    *o = (struct output){.fd = -1};
    if (*path == '\0')
        return fr_fail(err, FR_E_INPUT, "an empty file name");
    const bool exists = stat(path, &st) == 0;
    if (!exists && errno != ENOENT)
        return fr_file_fail(err, path, errno);
    if (exists && S_ISDIR(st.st_mode))
        return fr_file_fail(err, path, EISDIR);
    int code = fr_file_check_kept(path, err);
    if (code == FR_OK)
        code = follow(path, &o->target, err);
    if (code != FR_OK)
        return code;
    /* a regular file without a name, as /dev/stdout may be one, has no place either */
    if (exists && (!S_ISREG(st.st_mode) || stat(o->target, &there) != 0 ||
                   there.st_ino != st.st_ino || there.st_dev != st.st_dev))
        code = open_into(o, path, &st, err);
    else
        code = open_beside(o, err);
    if (code != FR_OK)
        release(o);
    return code;
}

/* All was written: into its place. Closed whatever happens. */
static int finish(struct output *o, int code, struct fr_error *err) {
    if (code == FR_OK && o->temporary != NULL && fsync(o->fd) != 0)
        code = fr_file_fail(err, o->target, errno);
    if ((o->stream != NULL ? fclose(o->stream) : close(o->fd)) != 0 && code == FR_OK)
        code = fr_file_fail(err, o->target, errno);
    if (code == FR_OK && o->temporary != NULL && rename(o->temporary, o->target) != 0)
        code = fr_file_fail(err, o->target, errno);
    if (code != FR_OK && o->temporary != NULL)
        (void)unlink(o->temporary);
    release(o);
    return code;
}

static int write_all(int fd, const char *name, const struct fr_bytes *part, struct fr_error *err) {
    for (size_t done = 0; done < part->n;) {
        const ssize_t k = write(fd, (const char *)part->data + done, part->n - done);
        if (k < 0 && errno != EINTR)
            return fr_file_fail(err, name, errno);
        if (k > 0)
            done += (size_t)k;
    }
    return FR_OK;
}

int fr_file_write_parts(const char *path, const struct fr_bytes *parts, int n_parts,
                        struct fr_error *err) {
    struct output o;
    int code = open_output(&o, path, err);
    if (code != FR_OK)
        return code;
    for (int i = 0; code == FR_OK && i < n_parts; i++)
        code = write_all(o.fd, path, &parts[i], err);
    return finish(&o, code, err);
}

int fr_file_write(const char *path, const void *bytes, size_t n, struct fr_error *err) {
    return fr_file_write_parts(path, &(const struct fr_bytes){bytes, n}, 1, err);
}

/* Where a path would be written: the directory's inode and the name, links followed. */
static bool find_place(const char *path, struct stat *dir, char **name) {
    char *target;
    if (follow(path, &target, NULL) != FR_OK)
        return false;
    char *slash = strrchr(target, '/');
    *name = fr_strdup(slash != NULL ? slash + 1 : target);
    if (slash != NULL)
        slash[1] = '\0';
    const bool there = stat(slash != NULL ? target : ".", dir) == 0;
    free(target);
    if (!there)
        free(*name);
    return there;
}

bool fr_file_is_same(const char *a, const char *b) {
    struct stat st[2];
    char *names[2];
    if (stat(a, &st[0]) == 0 && !S_ISREG(st[0].st_mode))
        return false;
    if (strcmp(a, b) == 0)
        return true;
    if (!find_place(a, &st[0], &names[0]))
        return false;
    bool same = find_place(b, &st[1], &names[1]);
    if (same) {
        same = st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino &&
               strcmp(names[0], names[1]) == 0;
        free(names[1]);
    }
    free(names[0]);
    return same;
}

/* ---- bit by bit ------------------------------------------------------------------------------ */

/* Those that are open, so that a stream is all that a caller keeps. */
static struct output *open_outputs;

static struct output *take(const FILE *stream) {
    (void)pthread_mutex_lock(&lock);
    struct output **link = &open_outputs;
    while (*link != NULL && (*link)->stream != stream)
        link = &(*link)->next;
    struct output *o = *link;
    if (o != NULL)
        *link = o->next;
    (void)pthread_mutex_unlock(&lock);
    FR_ASSERT(o != NULL);
    return o;
}

int fr_file_create(FILE **out, const char *path, struct fr_error *err) {
    struct output *o = fr_alloc(1, sizeof *o);
    *out = NULL;
    int code = open_output(o, path, err);
    if (code == FR_OK && (o->stream = fdopen(o->fd, "wb")) == NULL)
        code = finish(o, fr_file_fail(err, path, errno), err);
    if (code != FR_OK) {
        free(o);
        return code;
    }
    (void)pthread_mutex_lock(&lock);
    o->next = open_outputs;
    open_outputs = o;
    (void)pthread_mutex_unlock(&lock);
    *out = o->stream;
    return FR_OK;
}

void fr_file_discard(FILE *take_stream, const char *path) {
    struct output *o = take(take_stream);
    struct fr_error ignored;
    (void)!finish(o, fr_fail(&ignored, FR_E_STOPPED, "%s", path), &ignored);
    free(o);
}

int fr_file_commit(FILE *take_stream, const char *path, struct fr_error *err) {
    struct output *o = take(take_stream);
    errno = 0;
    int code = FR_OK;
    if (fflush(take_stream) != 0 || ferror(take_stream))
        code = fr_file_fail(err, path, errno != 0 ? errno : EIO);
    code = finish(o, code, err);
    free(o);
    return code;
}

void fr_file_abandon(void) {
    for (const struct output *o = open_outputs; o != NULL; o = o->next)
        if (o->temporary != NULL)
            (void)unlink(o->temporary);
}

/* ---- what killed processes left -------------------------------------------------------------- */

static bool is_left(const char *name) {
    const size_t n = strlen(name), tail = strlen(MARK) + DIGITS + strlen(ENDING);
    const char *mark = n > tail ? name + n - tail : "";
    return strncmp(mark, MARK, strlen(MARK)) == 0 &&
           strspn(mark + strlen(MARK), "0123456789abcdef") == DIGITS &&
           strcmp(mark + strlen(MARK) + DIGITS, ENDING) == 0;
}

void fr_dir_sweep(const char *path) {
    DIR *d = opendir(path);
    if (d == NULL)
        return;
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (is_left(e->d_name))
            (void)unlinkat(dirfd(d), e->d_name, 0);
    (void)closedir(d);
}
