/* The transport of MPI (work/ranks.h), as a module that work/mpi.c opens: the only file that knows
 * MPI. Nothing here waits: MPI's waiting keeps a core busy. What is sent is copied and under way
 * until MPI says that it arrived. Errors come back, so that one rank's death need not be all
 * ranks'. */
#include <mpi.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "work/mpi.h"
#include "work/ranks.h"

struct sending {
    struct sending *next;
    MPI_Request request;
    char bytes[];
};

static MPI_Comm ranks;
static struct sending *under_way;

static void collect(void) {
    for (struct sending **at = &under_way; *at != NULL;) {
        struct sending *s = *at;
        int arrived = 0;
        if (MPI_Test(&s->request, &arrived, MPI_STATUS_IGNORE) != MPI_SUCCESS)
            arrived = 1; /* or never will */
        if (!arrived) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        free(s);
    }
}

static bool send(void *user, int to, const void *bytes, size_t n) {
    struct sending *s = n <= 0x7fffffff ? malloc(sizeof *s + n) : NULL;
    (void)user;
    collect();
    if (s == NULL)
        return false;
    memcpy(s->bytes, bytes, n);
    if (MPI_Isend(s->bytes, (int)n, MPI_BYTE, to, 0, ranks, &s->request) != MPI_SUCCESS) {
        free(s);
        return false;
    }
    s->next = under_way;
    under_way = s;
    return true;
}

static bool receive(void *user, int *from, void **bytes, size_t *n) {
    int there = 0, count = 0;
    MPI_Status status;
    (void)user;
    collect();
    if (MPI_Iprobe(MPI_ANY_SOURCE, 0, ranks, &there, &status) != MPI_SUCCESS || !there ||
        MPI_Get_count(&status, MPI_BYTE, &count) != MPI_SUCCESS)
        return false;
    *bytes = malloc((size_t)count + 1);
    if (*bytes == NULL || MPI_Recv(*bytes, count, MPI_BYTE, status.MPI_SOURCE, 0, ranks,
                                   MPI_STATUS_IGNORE) != MPI_SUCCESS) {
        free(*bytes);
        return false;
    }
    *from = status.MPI_SOURCE;
    *n = (size_t)count;
    return true;
}

/* MPI's end is a meeting of all ranks, and one that was killed may be waited for for ever: seen
 * with Open MPI 4.1 when it dies in the midst of a message. Then the process ends without it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static bool has_ended;

static void *finalize(void *none) {
    (void)MPI_Finalize();
    (void)pthread_mutex_lock(&lock);
    has_ended = true;
    (void)pthread_cond_signal(&ended);
    (void)pthread_mutex_unlock(&lock);
    return none;
}

static void finalize_or_leave(void) {
    enum { SECONDS = 20 };
    struct timespec until;
    pthread_t thread;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += SECONDS;
    if (pthread_create(&thread, NULL, finalize, NULL) != 0)
        return;
    (void)pthread_detach(thread);
    (void)pthread_mutex_lock(&lock);
    for (int status = 0; status == 0 && !has_ended;)
        status = pthread_cond_timedwait(&ended, &lock, &until);
    (void)pthread_mutex_unlock(&lock);
}

/* What is under way to one that is dead never arrives. */
static void close_all(void *user, bool some_are_gone) {
    enum { LOOKS = 5000 };
    (void)user;
    for (int i = 0; i < LOOKS && under_way != NULL; i++) {
        collect();
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    if (under_way != NULL)
        (void)MPI_Abort(MPI_COMM_WORLD, 0);
    else if (some_are_gone)
        finalize_or_leave();
    else
        (void)MPI_Finalize();
}

__attribute__((visibility("default"))) int fluidrep_mpi_open(struct fr_transport *out) {
    int provided = 0;
    MPI_Comm here;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS)
        return -1;
    if (provided < MPI_THREAD_SERIALIZED)
        return -1;
    *out = (struct fr_transport){.send = send, .receive = receive, .close = close_all};
    (void)MPI_Comm_dup(MPI_COMM_WORLD, &ranks);
    (void)MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    (void)MPI_Comm_set_errhandler(ranks, MPI_ERRORS_RETURN);
    (void)MPI_Comm_rank(ranks, &out->rank);
    (void)MPI_Comm_size(ranks, &out->size);
    (void)MPI_Comm_split_type(ranks, MPI_COMM_TYPE_SHARED, out->rank, MPI_INFO_NULL, &here);
    (void)MPI_Comm_rank(here, &out->local_rank);
    (void)MPI_Comm_size(here, &out->local_size);
    (void)MPI_Comm_free(&here);
    return 0;
}

__attribute__((visibility("default"))) void fluidrep_mpi_version(char *out, size_t n) {
    char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    text[0] = '\0';
    (void)MPI_Get_library_version(text, &length);
    const size_t end = strcspn(text, ",\n");
    (void)snprintf(out, n, "%.*s", (int)end, text);
}
