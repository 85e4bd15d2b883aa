/* Whose study it is: the model's SHA-256, and what its file says before it is opened. */
#include <stdio.h>
#include <string.h>

#include "study/internal.h"

enum { TELL_BYTES = 1 << 30 };

int fr_study_look(const struct fr_study *s, struct fr_error *err) {
    struct fr_model_info info;
    if (s->factory->look == NULL)
        return FR_OK;
    const int code = s->factory->look(s->factory->user, s->world.model_path, &info, err);
    if (code != FR_OK)
        return fr_fail_in(err, "%s: model.path", s->world.config_path);
    return fr_study_check_model(s, &info, err);
}

bool fr_study_can_do_without(const struct fr_study *s, const char *dir) {
    struct fr_text path = {0};
    fr_text_printf(&path, "%s/study.db", dir);
    /* a factory whose models are files tells of them beforehand */
    const bool there = s->ranks == NULL && s->factory->look != NULL && s->factory->stamp != NULL &&
                       !fr_file_exists(s->world.model_path) && fr_file_exists(fr_text_get(&path));
    fr_text_release(&path);
    return there;
}

static int identify_without(struct fr_study *s, struct fr_error *err) {
    struct fr_text file = {0}, sha = {0};
    int code = FR_OK;
    if (!fr_store_get_meta(s->store, "model_file", &file) ||
        strcmp(fr_text_get(&file), s->world.model_path) != 0 ||
        !fr_store_get_meta(s->store, "model_sha256", &sha) || sha.len != FR_SHA256_TEXT - 1) {
        code = fr_study_look(s, err);
        if (code == FR_OK) /* it came meanwhile */
            code = fr_fail(err, FR_E_CONFLICT, "%s: was not there a moment ago; run it again",
                           s->world.model_path);
    } else {
        (void)snprintf(s->model_sha256, sizeof s->model_sha256, "%s", fr_text_get(&sha));
        fr_events_warn(&s->events.work,
                       "%s is not there; the study goes on with what the model did (SHA-256 "
                       "%.12s), as far as that goes",
                       s->world.model_path, s->model_sha256);
    }
    fr_text_release(&file);
    fr_text_release(&sha);
    return code;
}

/* Remembered in the study for as long as the file's stamp stays, else read. */
static int identify_file(struct fr_study *s, struct fr_error *err) {
    const struct fr_model_factory *f = s->factory;
    const long long bytes = f->bytes(f->user, s->world.model_path);
    char stamp[FR_FILE_STAMP] = "", after[FR_FILE_STAMP] = "";
    struct fr_text known = {0};
    if (f->stamp != NULL)
        f->stamp(f->user, s->world.model_path, stamp);
    const size_t n = strlen(stamp);
    if (n > 0 && fr_store_get_meta(s->store, "model_stamp", &known) &&
        known.len == n + 1 + FR_SHA256_TEXT - 1 && memcmp(known.data, stamp, n) == 0) {
        (void)snprintf(s->model_sha256, sizeof s->model_sha256, "%s", known.data + n + 1);
        fr_text_release(&known);
        return FR_OK;
    }
    if (bytes > TELL_BYTES)
        fr_events_warn(&s->events.work,
                       "%s: reading %.1f GB once, for its SHA-256; the study remembers it",
                       s->world.model_path, (double)bytes / 1e9);
    int code = f->identify(f->user, s->world.model_path, s->model_sha256, err);
    if (code != FR_OK)
        code = fr_fail_in(err, "%s: model.path", s->world.config_path);
    if (f->stamp != NULL)
        f->stamp(f->user, s->world.model_path, after);
    if (code == FR_OK && n > 0 && strcmp(stamp, after) == 0) { /* it did not change meanwhile */
        fr_text_clear(&known);
        fr_text_printf(&known, "%s %s", stamp, s->model_sha256);
        code = fr_store_set_meta(s->store, "model_stamp", fr_text_get(&known), err);
    }
    fr_text_release(&known);
    return code;
}

int fr_study_identify(struct fr_study *s, const char *dir, struct fr_error *err) {
    return fr_study_can_do_without(s, dir) ? identify_without(s, err) : identify_file(s, err);
}
