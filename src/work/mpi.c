/* Opens the module of MPI, and gives each rank its device. See mpi.h. */
#include "work/mpi.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

static int number(const char *name) {
    const char *text = getenv(name);
    return text != NULL ? (int)strtol(text, NULL, 10) : 0;
}

/* By Open MPI's mpirun, or by srun with its MPI (--mpi=pmix). */
static int launched_by_open_mpi(void) {
    const int n = number("OMPI_COMM_WORLD_SIZE");
    return n > 0 ? n : getenv("PMIX_RANK") != NULL ? number("SLURM_STEP_NUM_TASKS") : 0;
}

/* How many processes it was started as; 1: alone. */
static int count_launched(void) {
    const int n = launched_by_open_mpi(), other = number("PMI_SIZE");
    return n > 1 ? n : other > 1 ? other : 1;
}

/* Beside the program, or where it is installed. */
static void *open_module(char *fault, size_t n) {
    static const char *const places[] = {"", "../lib/fluidrep/"};
    char program[1024];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    const char *slash = strrchr(program, '/');
    (void)snprintf(fault, n, "this program was built without MPI");
    for (size_t i = 0; slash != NULL && i < sizeof places / sizeof *places; i++) {
        struct fr_text path = {0};
        fr_text_printf(&path, "%.*s/%sfluidrep-mpi.so", (int)(slash - program), program, places[i]);
        /* for all to see: MPI's own modules look for MPI's names */
        void *module = dlopen(fr_text_get(&path), RTLD_NOW | RTLD_GLOBAL);
        if (module == NULL && fr_file_exists(fr_text_get(&path)))
            (void)snprintf(fault, n, "%s", dlerror());
        fr_text_release(&path);
        if (module != NULL)
            return module;
    }
    return NULL;
}

bool fr_mpi_describe(char *out, size_t n) {
    void (*version)(char *, size_t) = NULL;
    void *module = open_module(out, n);
    if (module != NULL)
        *(void **)&version = dlsym(module, "fluidrep_mpi_version");
    if (version != NULL)
        version(out, n);
    return version != NULL;
}

/* ---- devices --------------------------------------------------------------------------------- */

/* "0,1,...", of those that this process may open; "" for none. */
static void list_devices(struct fr_text *out) {
    int n = 0;
    DIR *d = opendir("/dev");
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        n += strncmp(e->d_name, "nvidia", 6) == 0 && e->d_name[6] >= '0' && e->d_name[6] <= '9';
    if (d != NULL)
        (void)closedir(d);
    for (int i = 0; i < n; i++)
        fr_text_printf(out, "%s%d", i > 0 ? "," : "", i);
}

void fr_mpi_share(const char *list, int rank, int size, struct fr_text *out) {
    int n = *list != '\0';
    for (const char *p = list; *p != '\0'; p++)
        n += *p == ',';
    const int each = n / size > 0 ? n / size : 1;
    const int first = n >= size ? rank * each : n > 0 ? rank % n : 0;
    for (int i = 0; *list != '\0' && i < first + each; i++) {
        const size_t length = strcspn(list, ",");
        if (i > first)
            fr_text_add(out, ",");
        if (i >= first)
            fr_text_append(out, list, length);
        list += length + (list[length] == ',');
    }
}

/* A share of those that the machine's ranks may all use. Slurm has shared them out where it was
 * asked for some a task. */
static void choose_devices(const struct fr_transport *t) {
    static const char name[] = "CUDA_VISIBLE_DEVICES";
    struct fr_text list = {0}, own = {0};
    if (getenv("SLURM_GPUS_PER_TASK") != NULL)
        return;
    if (getenv(name) != NULL)
        fr_text_add(&list, getenv(name));
    else
        list_devices(&list);
    fr_mpi_share(fr_text_get(&list), t->local_rank, t->local_size, &own);
    if (own.len > 0)
        (void)setenv(name, fr_text_get(&own), 1);
    fr_text_release(&list);
    fr_text_release(&own);
}

/* ---- the ranks ------------------------------------------------------------------------------- */

int fr_mpi_open(struct fr_ranks **out, struct fr_error *err) {
    char fault[400];
    struct fr_transport transport;
    int (*start)(struct fr_transport *) = NULL;
    *out = NULL;
    const int n = count_launched();
    if (n == 1)
        return FR_OK;
    void *module = NULL;
    if (launched_by_open_mpi() <= 1)
        (void)snprintf(fault, sizeof fault, "they were not started by Open MPI's mpirun");
    else
        module = open_module(fault, sizeof fault);
    if (module != NULL)
        *(void **)&start = dlsym(module, "fluidrep_mpi_open");
    if (start == NULL)
        return fr_fail(err, FR_E_CONFLICT,
                       "%d processes of one study, but %s: start one, or shards (docs/scale.md), "
                       "or scripts/setup --mpi and build again",
                       n, fault);
    if (start(&transport) != 0)
        return fr_fail(err, FR_E_CONFLICT, "MPI could not be started");
    choose_devices(&transport);
    *out = fr_ranks_open(&transport);
    return FR_OK;
}
