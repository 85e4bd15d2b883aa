/* What a model's chat template writes around a message: to take it off what a model read. */
#ifndef FR_SOURCES_CHAT_FRAME_H
#define FR_SOURCES_CHAT_FRAME_H

#include "model/model.h"

struct fr_chat_frame {
    char *before, *behind;
};
/* system: NULL or "" for none. FR_E_MODEL for a template that says a message twice, or otherwise
 * than it is. On failure *out is empty. */
FR_CHECKED int fr_chat_frame_find(const struct fr_model *model, const char *system,
                                  struct fr_chat_frame *out, struct fr_error *err);
void fr_chat_frame_release(struct fr_chat_frame *frame);
/* The message in text[0, n), which *message points into; false: it is not in this frame. */
bool fr_chat_frame_strip(const struct fr_chat_frame *frame, const char *text, size_t n,
                         const char **message, size_t *n_message);

#endif
