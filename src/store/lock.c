/* One writer per study directory: an advisory lock on DIR/lock, which holds the holder's process
 * id while it is held. Who removes the file (fr_store_discard) holds it; who opened it before that
 * may get the lock of a file that has no name any more, while another holds that of a new one:
 * so the name is looked at again.
 * flock and not fcntl(F_SETLK): an fcntl lock is lost when any descriptor of the file is closed,
 * and does not exclude a second store in the same process. Rejected: a file that exists while the
 * study runs, which outlives a killed process. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "store/connection.h"

/* The holder writes its id just after taking the lock: look a few times. */
static long read_holder(int fd) {
    for (int tries = 0; tries < 20; tries++) {
        char text[32];
        const ssize_t n = pread(fd, text, sizeof text - 1, 0);
        if (n > 0) {
            text[n] = '\0';
            const long pid = strtol(text, NULL, 10);
            if (pid > 0)
                return pid;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    return 0;
}

static int write_holder(int fd) {
    char text[32];
    const int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0)
        return errno;
    const ssize_t done = pwrite(fd, text, (size_t)n, 0);
    return done == n ? 0 : done < 0 ? errno : ENOSPC;
}

static bool has_name(int fd, const char *path) {
    struct stat held, named;
    return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

int fr_lock_take(const char *dir, int *fd, struct fr_error *err) {
    int code = FR_OK, rc;
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/lock", dir);
    *fd = -1;
    do {
        if (*fd >= 0)
            (void)close(*fd);
        *fd = open(fr_text_get(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (*fd < 0) {
            code = fr_file_fail(err, fr_text_get(&path), errno);
            goto out;
        }
        do
            rc = flock(*fd, LOCK_EX | LOCK_NB);
        while (rc != 0 && errno == EINTR);
    } while (rc == 0 && !has_name(*fd, fr_text_get(&path)));
    if (rc != 0 && errno == EWOULDBLOCK) {
        const long pid = read_holder(*fd);
        if (pid > 0)
            code = fr_fail(err, FR_E_CONFLICT,
                           "%s: in use by process %ld; wait until it ends, or " FR_CHOOSE_OUT, dir,
                           pid);
        else
            code = fr_fail(err, FR_E_CONFLICT,
                           "%s: in use by another process; wait until it ends, or " FR_CHOOSE_OUT,
                           dir);
        goto out;
    }
    if (rc != 0) {
        code = fr_fail(err, FR_E_IO,
                       "%s: cannot be locked (%s); " FR_CHOOSE_OUT " on a file system with locks",
                       fr_text_get(&path), strerror(errno));
        goto out;
    }
    const int failed = write_holder(*fd);
    if (failed != 0)
        code = fr_file_fail(err, fr_text_get(&path), failed);
out:
    if (code != FR_OK && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    fr_text_release(&path);
    return code;
}

void fr_lock_release(int fd) {
    if (fd < 0)
        return;
    if (ftruncate(fd, 0) != 0) { /* a process id left behind misleads nobody: the lock decides */
    }
    (void)close(fd);
}
