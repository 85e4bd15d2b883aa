/* A file that was never opened here is opened in a child process first. libllama checks much of
 * what it reads, and ends the process over the rest: an assertion, an exception that nobody
 * catches, an invalid address. The child dies of it, the parent says in one line what the child was
 * doing. A file that the child opened, read text with and computed with is remembered by device,
 * inode, size, time and libllama's version, so that it costs once.
 *
 * Rejected: checking everything that libllama relies on before it does, which is another list for
 * every architecture and version, and right about none; a handler that jumps out of the engine,
 * which leaves its locks and memory as they were. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/llama_engine.h"

enum {
    SAID_BYTES = 2048,       /* of what the child prints, the end */
    KNOWN_CEILING = 1 << 18, /* of the list, which is then begun anew */
    CONTEXT = 64,
    EXIT_OPENED = 0,
    EXIT_REFUSED = 3 /* for a reason that we give ourselves: the parent finds it again */
};
#define DOING '\x01' /* before what the child was doing when it died */

/* ---- files that are known -------------------------------------------------------------------- */

static bool list_path(struct fr_text *out) {
    static const char *const places[][2] = {{"FLUIDREP_CACHE", ""},
                                            {"XDG_CACHE_HOME", "/fluidrep"},
                                            {"HOME", "/.cache/fluidrep"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *directory = getenv(places[i][0]);
        if (directory == NULL || directory[0] != '/')
            continue;
        fr_text_printf(out, "%s%s/models-opened", directory, places[i][1]);
        return true;
    }
    return false;
}

/* The file as it is now, and what else libllama's ways depend on; a line of the list. false: it
 * changed a moment ago, and may again. */
static bool render_line(const struct fr_model_options *options, struct fr_text *out) {
    char stamp[FR_FILE_STAMP];
    fr_file_stamp(options->path, stamp);
    fr_text_printf(out, "%s flash_attention %d kv_type %s%s libllama %s\n", stamp,
                   options->flash_attention, fr_kv_type_name[options->kv_type],
                   options->vocabulary_only ? " vocabulary" : "", llama_version());
    return stamp[0] != '\0';
}

static bool is_known(const char *path, const char *line) {
    struct fr_text list = {0};
    struct fr_error ignored;
    const bool known = fr_file_read(path, 2 * KNOWN_CEILING, &list, &ignored) == FR_OK &&
                       strstr(fr_text_get(&list), line) != NULL;
    fr_text_release(&list);
    return known;
}

/* A list that cannot be written costs the child again, nothing else. */
static void remember(const char *path, const struct fr_text *line) {
    struct fr_text directory = {0};
    struct fr_error ignored;
    struct stat st;
    fr_text_append(&directory, path, (size_t)(strrchr(path, '/') - path));
    const int full = stat(path, &st) == 0 && st.st_size > KNOWN_CEILING ? O_TRUNC : 0;
    const int fd = fr_dir_make(fr_text_get(&directory), &ignored) == FR_OK
                       ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | full, 0666)
                       : -1;
    if (fd >= 0) {
        (void)!write(fd, line->data, line->len); /* at once, so that lines of two do not mix */
        (void)close(fd);
    }
    fr_text_release(&directory);
}

/* ---- the child ------------------------------------------------------------------------------- */

static const int deadly[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

static void on_death(int number) {
    char text[1024] = {DOING, '\0'};
    char doing[512];
    if (fr_activity_describe(doing, sizeof doing))
        fr_signal_text(text, sizeof text, doing);
    const size_t n_doing = strlen(text);
    text[n_doing] = DOING;
    fr_signal_text(text, sizeof text, fr_activity_abort_message());
    (void)!write(STDERR_FILENO, text, strlen(text));
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/* Text of every kind of byte that a tokenizer takes, and a first step. */
static void use(struct fr_model *model) {
    static const char letters[] =
        "Attack: the block b is on top of\tc,\n\n 123 456.\xc3\xa9\xe2\x80\xa6"
        "\xf0\x9f\x98\x80 </think> <|im_end|> [x] {y}\r\n~";
    struct fr_tokens tokens = {0};
    struct fr_error ignored;
    int32_t next;
    for (int special = 0; special < 2; special++)
        (void)!fr_model_tokenize(model, letters, strlen(letters), special != 0, &tokens, &ignored);
    if (tokens.n > CONTEXT / 2)
        tokens.n = CONTEXT / 2;
    if (tokens.n > 0 && !fr_model_options(model)->vocabulary_only)
        (void)!fr_model_prefill(model, 0, tokens.ids, 0, tokens.n, NULL, NULL, &next, &ignored);
    fr_tokens_release(&tokens);
}

static _Noreturn void be_the_child(const struct fr_model_options *options,
                                   fr_llama_opener *open_model, int said) {
    struct fr_model *model;
    struct fr_error ignored;
    const int null = open("/dev/null", O_RDWR);
    (void)fr_memory_unguard(); /* what it guards lives on in the parent alone */
    (void)prctl(PR_SET_PDEATHSIG,
                SIGKILL); /* it holds the parent's files, a study's lock among them */
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup2(said, STDERR_FILENO) < 0)
        _exit(EXIT_REFUSED);
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        (void)signal(deadly[i], on_death);
    struct fr_model_options own = *options;
    own.n_slots = own.threads = 1; /* one thread: a pool of OpenMP's does not survive a fork */
    own.gpu_layers = 0;            /* nor does a device's context */
    own.deterministic = true;      /* weights stay where they are: no memory for a copy of them */
    if (own.context_tokens > CONTEXT)
        own.context_tokens = CONTEXT;
    if (own.chunk_tokens > CONTEXT)
        own.chunk_tokens = CONTEXT;
    if (open_model(&model, &own, &ignored) != FR_OK)
        _exit(EXIT_REFUSED);
    use(model);
    fr_model_close(model);
    _exit(EXIT_OPENED);
}

/* ---- the parent ------------------------------------------------------------------------------ */

/* The end of what the child says, until it is silent. */
static void listen(int from, char said[SAID_BYTES]) {
    size_t n = 0;
    for (;;) {
        if (n == SAID_BYTES - 1) { /* the first half is of less use */
            n = SAID_BYTES / 2;
            memmove(said, said + SAID_BYTES - 1 - n, n);
        }
        const ssize_t k = read(from, said + n, SAID_BYTES - 1 - n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            break;
        n += (size_t)k;
    }
    said[n] = '\0';
}

/* One line: what libllama said, less the directories of its sources, and what it was doing. */
static int tell(const char *path, int number, const char *said, struct fr_error *err) {
    const char *doing = strchr(said, DOING), *abort_said = doing ? strchr(doing + 1, DOING) : NULL;
    const char *what = abort_said != NULL && abort_said[1] != '\0' ? abort_said + 1 : NULL;
    if (what == NULL && (what = strstr(said, "what():")) != NULL) /* of a C++ exception */
        what += strlen("what():") + strspn(what + strlen("what():"), " ");
    if (what == NULL)
        what = "no reason given";
    for (const char *p = what, *end = what + strcspn(what, ": \n"); p < end; p++)
        if (*p == '/')
            what = p + 1;
    int n_doing = 0;
    if (doing != NULL) {
        const char *of = strstr(++doing, " of ");
        n_doing = (int)(of != NULL && of < abort_said ? of - doing : abort_said - doing);
    }
    return fr_fail(
        err, FR_E_MODEL,
        "%s: libllama %s cannot live with this file: %s%s%.*s: %.*s; the file is damaged or "
        "was made wrongly: fetch or convert it again",
        path, llama_version(), strsignal(number), n_doing > 0 ? " while " : "", n_doing,
        n_doing > 0 ? doing : "", (int)strcspn(what, "\n\x01"), what);
}

static int try_in_child(const struct fr_model_options *options, fr_llama_opener *open_model,
                        bool *opened, struct fr_error *err) {
    int ends[2], status = 0;
    char said[SAID_BYTES];
    *opened = false;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return FR_OK; /* no trial is no reason not to open it */
    const pid_t child = fork();
    if (child == 0)
        be_the_child(options, open_model, ends[1]);
    (void)close(ends[1]);
    if (child < 0) {
        (void)close(ends[0]);
        return FR_OK;
    }
    listen(ends[0], said);
    (void)close(ends[0]);
    pid_t waited;
    while ((waited = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    if (waited < 0) /* a host that ignores SIGCHLD: how it ended is not known */
        return FR_OK;
    *opened = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OPENED;
    if (!WIFSIGNALED(status))
        return FR_OK;
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        if (WTERMSIG(status) == deadly[i])
            return tell(options->path, WTERMSIG(status), said, err);
    return fr_fail(err, FR_E_STOPPED, "%s: stopped while it was tried", options->path);
}

int fr_llama_try(const struct fr_model_options *options, fr_llama_opener *open_model,
                 struct fr_error *err) {
    struct fr_text list = {0}, line = {0};
    bool opened;
    int code = FR_OK;
    const bool remembers = render_line(options, &line) && list_path(&list);
    if (remembers && is_known(fr_text_get(&list), fr_text_get(&line)))
        goto out;
    code = try_in_child(options, open_model, &opened, err);
    if (code == FR_OK && opened && remembers)
        remember(fr_text_get(&list), &line);
out:
    fr_text_release(&list);
    fr_text_release(&line);
    return code;
}
