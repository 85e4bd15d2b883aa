/* See activity.h. Records are static, one for each model open at a time, so that a handler never
 * meets memory that was freed; each is written by the one thread that uses the model and read by
 * whichever thread faults. A thread of a pool faults for the model it works for, which it does not
 * know: then the first busy record speaks.
 *
 * Rejected: dladdr and backtrace_symbols for the function's name, which lock; the name of the
 * tensor from the graph callback, which is asked for all nodes before any is computed. */
#include "model/activity.h"

#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "model/model.h"

enum { RECORDS = 64, LIBRARIES = 64, PATH_BYTES = 256, HOW_BYTES = 128, NAME_BYTES = 64 };

struct fr_activity {
    atomic_bool taken;
    atomic_int kind, first, n, layer;
    atomic_bool ours;
    bool deterministic;
    char path[PATH_BYTES], how[HOW_BYTES];
};

static struct fr_activity records[RECORDS];
static _Thread_local struct fr_activity *mine;
static char abort_message[256];

static struct library {
    uintptr_t base, begin, end; /* its code */
    char name[NAME_BYTES];
} libraries[LIBRARIES];
static atomic_int n_libraries;

/* ---- records --------------------------------------------------------------------------------- */

static int note_library(struct dl_phdr_info *info, size_t size, void *user) {
    int *n = user;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum && *n < LIBRARIES; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0)
            continue;
        struct library *library = &libraries[(*n)++];
        const char *slash = strrchr(info->dlpi_name, '/');
        library->base = info->dlpi_addr;
        library->begin = info->dlpi_addr + part->p_vaddr;
        library->end = library->begin + part->p_memsz;
        (void)snprintf(library->name, sizeof library->name, "%s",
                       slash != NULL           ? slash + 1
                       : *info->dlpi_name != 0 ? info->dlpi_name
                                               : "fluidrep");
    }
    return 0;
}

struct fr_activity *fr_activity_begin(const struct fr_model_options *options) {
    int n = 0;
    (void)dl_iterate_phdr(note_library, &n);
    atomic_store(&n_libraries, n);
    for (int i = 0; i < RECORDS; i++) {
        struct fr_activity *a = &records[i];
        if (atomic_exchange(&a->taken, true))
            continue;
        a->deterministic = options->deterministic || options->gpu_layers != 0;
        (void)snprintf(a->path, sizeof a->path, "%s", options->path);
        (void)snprintf(a->how, sizeof a->how, "%s cache, %s flash attention, %s kernels",
                       fr_kv_type_name[options->kv_type],
                       options->flash_attention ? "with" : "without",
                       options->gpu_layers != 0 ? "a device's"
                       : options->deterministic ? "plain"
                                                : "all");
        return a;
    }
    return NULL;
}

void fr_activity_end(struct fr_activity *a) {
    if (a == NULL)
        return;
    fr_activity_set(a, FR_ACTIVITY_NONE, 0, 0);
    if (mine == a)
        mine = NULL;
    atomic_store(&a->taken, false);
}

void fr_activity_set(struct fr_activity *a, enum fr_activity_kind kind, int first, int n) {
    if (a == NULL)
        return;
    mine = a;
    atomic_store_explicit(&a->first, first, memory_order_relaxed);
    atomic_store_explicit(&a->n, n, memory_order_relaxed);
    atomic_store_explicit(&a->layer, 0, memory_order_relaxed);
    atomic_store_explicit(&a->ours, false, memory_order_relaxed);
    atomic_store_explicit(&a->kind, (int)kind, memory_order_release);
}

void fr_activity_layer(struct fr_activity *a, int layer, bool ours) {
    if (a == NULL)
        return;
    atomic_store_explicit(&a->layer, layer, memory_order_relaxed);
    atomic_store_explicit(&a->ours, ours, memory_order_relaxed);
}

void fr_activity_abort(const char *message) {
    (void)snprintf(abort_message, sizeof abort_message, "%.*s", (int)strcspn(message, "\n"),
                   message);
}

/* ---- reading, in a signal handler ------------------------------------------------------------ */

void fr_signal_text(char *out, size_t n, const char *text) {
    size_t at = 0;
    while (at < n && out[at] != '\0')
        at++;
    for (; at + 1 < n && *text != '\0'; text++)
        out[at++] = *text;
    if (at < n)
        out[at] = '\0';
}

static void add_number(char *out, size_t n, unsigned long long number, unsigned base) {
    char digits[72];
    size_t at = sizeof digits;
    digits[--at] = '\0';
    do {
        digits[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    fr_signal_text(out, n, digits + at);
}

static struct fr_activity *busy(void) {
    if (mine != NULL && atomic_load(&mine->kind) != FR_ACTIVITY_NONE)
        return mine;
    for (int i = 0; i < RECORDS; i++)
        if (atomic_load(&records[i].taken) && atomic_load(&records[i].kind) != FR_ACTIVITY_NONE)
            return &records[i];
    return NULL;
}

bool fr_activity_describe(char *out, size_t n) {
    struct fr_activity *a = busy();
    out[0] = '\0';
    if (a == NULL)
        return false;
    const unsigned first = (unsigned)atomic_load(&a->first), count = (unsigned)atomic_load(&a->n);
    const unsigned layer = (unsigned)atomic_load(&a->layer);
    switch ((enum fr_activity_kind)atomic_load(&a->kind)) {
    case FR_ACTIVITY_LOADS:
        fr_signal_text(out, n, "loading the weights");
        break;
    case FR_ACTIVITY_OPENS:
        fr_signal_text(out, n, "opening a context");
        break;
    case FR_ACTIVITY_TRIES:
        fr_signal_text(out, n, "computing the first tokens");
        break;
    case FR_ACTIVITY_DECODES:
        fr_signal_text(out, n, "decoding a token of ");
        add_number(out, n, count, 10);
        fr_signal_text(out, n, " sequences");
        break;
    case FR_ACTIVITY_CLOSES:
        fr_signal_text(out, n, "closing the context");
        break;
    default:
        fr_signal_text(out, n, "prefilling positions ");
        add_number(out, n, first, 10);
        fr_signal_text(out, n, " to ");
        add_number(out, n, first + count - 1, 10);
        if (layer > 0) {
            fr_signal_text(out, n,
                           atomic_load(&a->ours) ? ", at the rows of layer " : ", behind layer ");
            add_number(out, n, layer, 10);
        }
    }
    fr_signal_text(out, n, " of ");
    fr_signal_text(out, n, a->path);
    fr_signal_text(out, n, " (");
    fr_signal_text(out, n, a->how);
    fr_signal_text(out, n, ")");
    return true;
}

bool fr_activity_is_ours(void) {
    struct fr_activity *a = busy();
    return a != NULL && atomic_load(&a->ours);
}

bool fr_activity_may_be_deterministic(void) {
    const struct fr_activity *a = busy();
    return a != NULL && !a->deterministic;
}

const char *fr_activity_abort_message(void) { return abort_message; }

void fr_activity_where(const void *instruction, char *out, size_t n) {
    const uintptr_t at = (uintptr_t)instruction;
    const int count = atomic_load(&n_libraries);
    out[0] = '\0';
    for (int i = 0; i < count; i++)
        if (at >= libraries[i].begin && at < libraries[i].end) {
            fr_signal_text(out, n, libraries[i].name);
            fr_signal_text(out, n, "+0x");
            add_number(out, n, at - libraries[i].base, 16);
            return;
        }
}
