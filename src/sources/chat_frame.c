/* See chat_frame.h. The template is asked with a message that is known. */
#include "sources/chat_frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void fr_chat_frame_release(struct fr_chat_frame *frame) {
    free(frame->before);
    free(frame->behind);
    *frame = (struct fr_chat_frame){0};
}

int fr_chat_frame_find(const struct fr_model *model, const char *system, struct fr_chat_frame *out,
                       struct fr_error *err) {
    static const char message[] = "fluidrep: a message"; /* of no template */
    char *chat = NULL;
    *out = (struct fr_chat_frame){0};
    int code = fr_model_chat(model, system, message, &chat, err);
    if (code != FR_OK)
        return code;
    const char *at = strstr(chat, message);
    if (at == NULL || strstr(at + 1, message) != NULL)
        code = fr_fail(err, FR_E_MODEL,
                       "the chat template says a message %s; its prompts cannot be taken apart",
                       at == NULL ? "otherwise than it is" : "twice");
    else
        *out = (struct fr_chat_frame){fr_strndup(chat, (size_t)(at - chat)),
                                      fr_strdup(at + strlen(message))};
    free(chat);
    return code;
}

bool fr_chat_frame_strip(const struct fr_chat_frame *frame, const char *text, size_t n,
                         const char **message, size_t *n_message) {
    const size_t before = strlen(frame->before), behind = strlen(frame->behind);
    if (n < before + behind || memcmp(text, frame->before, before) != 0 ||
        memcmp(text + n - behind, frame->behind, behind) != 0)
        return false;
    *message = text + before;
    *n_message = n - before - behind;
    return true;
}
