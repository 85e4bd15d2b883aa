/* Attention's part of a block split by heads: the matrix that takes what the heads give
 * (FR_SITE_HEADS) into the stream, read from the GGUF, without libllama and layer by layer.
 *
 * With o_h what head h gives and W_h its columns, attention adds sum over h of W_h o_h (and a bias,
 * the same everywhere). Along a direction x of the stream that is sum over h of <o_h, W_h' x>: so
 * it is the direction that is brought to the heads, once, instead of every mention to the stream.
 * Where a norm stands behind the matrix (gemma) its gain g is a part of it: x becomes g x; its
 * divisor is in what the site tells. */
#ifndef FR_MODEL_HEADS_H
#define FR_MODEL_HEADS_H

#include "model/model.h"

struct fr_heads;

/* FR_E_INPUT when there is no such file, FR_E_MODEL for one that is damaged or one of several. */
FR_CHECKED int fr_heads_open(struct fr_heads **out, const char *path, struct fr_error *err);
void fr_heads_close(struct fr_heads *heads); /* NULL is fine */
const struct fr_model_info *fr_heads_info(const struct fr_heads *heads);
/* Does the file have a gain for the layer that could be of a norm behind the matrix? In some
 * architectures the one of that name belongs to the MLP: which it is, the sum of the heads tells.
 */
bool fr_heads_has_gain(const struct fr_heads *heads, int layer);
/* W' x of n vectors x [n][D] into out [n][n_heads * head_width]; gain: W' (g x). FR_E_MODEL naming
 * the tensor that is not there, or of another shape. */
FR_CHECKED int fr_heads_pull(struct fr_heads *heads, int layer, bool gain, const double *x, int n,
                             double *out, struct fr_error *err);

#endif
