/* Where in a graph a block's attention and MLP are added to the residual stream.
 *
 * By structure, not by name. The residual stream of a block is what l_out of the block before
 * holds, or what the block's first norm reads (the first block has none before it; a device may
 * read a copy). A block adds to it twice:
 *
 *     middle = residual + attention(residual)
 *     l_out  = middle + MLP(middle)
 *
 * Names do not tell. In llama.cpp 0.5.0 (src/models/), each with the block's number:
 *
 *     architecture               middle    attention adds   the MLP adds
 *     qwen2, qwen3, deci         ffn_inp   -                ffn_out
 *     llama, mistral3, seed_oss  ffn_inp   attn_out         ffn_out
 *     gemma2                     sa_out    attn_post_norm   ffn_post_norm, without a number
 *     gemma3                     sa_out    attn_post_norm   ffn_post_norm
 *     phi3                       -         -                ffn_out
 *
 * and in seed_oss attn_post_norm is the norm that the MLP reads, in gemma2 ffn_out is what the
 * post-norm reads, and attn_out of the last block still has the rows of all tokens. So the sums are
 * followed, and the parts are differences: attention is middle minus residual, the MLP l_out minus
 * middle, whatever norm or scale lies between, and exact to the rounding of the sums themselves.
 * (The summands are not read: ggml writes a sum over one of them, and devices compute them inside a
 * kernel that never stores them.)
 *
 * Attention itself is softmax(weights) times values, head by head, then one matrix over all heads,
 * then a bias or (gemma) a norm: so its part is a sum over heads of their columns of the matrix
 * times what they give, that is read before the matrix. The norm only divides by a number, which is
 * known at that place: what is told is divided by it, and what is left of the norm is a gain.
 *
 * When a model is opened, the probe checks each block's form, and what has another is refused when
 * asked for: blocks that run both in parallel, norms of the stream itself; heads with a gate, or
 * scaled before they are added. A block without attention (deci) adds its MLP to the residual
 * directly. */
#include <string.h>

#include "model/llama_engine.h"

enum { DEPTH_MAX = 200 };

static bool is_residual(const struct fr_llama_walk *walk, const struct ggml_tensor *t) {
    return t != NULL && (t == walk->before || t == walk->normed);
}

/* The last block goes on with the rows whose outputs are wanted. */
static const struct ggml_tensor *unpruned(const struct fr_llama_walk *walk,
                                          const struct ggml_tensor *t) {
    return t != NULL && !is_residual(walk, t) && t->op == GGML_OP_GET_ROWS ? t->src[0] : t;
}

/* The other summand of a sum with the residual stream; NULL when it is none. */
static const struct ggml_tensor *added_to_residual(const struct fr_llama_walk *walk,
                                                   const struct ggml_tensor *sum) {
    if (sum->op != GGML_OP_ADD)
        return NULL;
    for (int i = 0; i < 2; i++)
        if (is_residual(walk, unpruned(walk, sum->src[i])))
            return sum->src[1 - i];
    return NULL;
}

/* The softmax, or flash attention, that t is the heads' output of, in whatever layout; NULL: none.
 * Matrices on the way are the values, and what turns quantised ones back. */
static const struct ggml_tensor *weights_behind(const struct ggml_tensor *t) {
    for (int depth = 0; t != NULL && depth < DEPTH_MAX; depth++)
        switch (t->op) {
        case GGML_OP_SOFT_MAX:
        case GGML_OP_FLASH_ATTN_EXT:
            return t;
        case GGML_OP_RESHAPE:
        case GGML_OP_VIEW:
        case GGML_OP_CONT:
        case GGML_OP_PERMUTE:
            t = t->src[0];
            break;
        case GGML_OP_MUL_MAT:
            t = t->src[1];
            break;
        default:
            return NULL;
        }
    return NULL;
}

static bool is_weight(const struct ggml_tensor *t) {
    return t->op == GGML_OP_NONE && (t->flags & GGML_TENSOR_FLAG_INPUT) == 0;
}

/* A node between a block's first norm and its middle. */
static enum fr_llama_node step_attention(struct fr_llama_walk *walk,
                                         const struct ggml_tensor *node) {
    if (walk->weights == NULL &&
        (node->op == GGML_OP_SOFT_MAX || node->op == GGML_OP_FLASH_ATTN_EXT)) {
        walk->weights = node;
        return FR_LLAMA_NODE_WEIGHTS;
    }
    if (walk->weights != NULL && walk->projection == NULL && node->op == GGML_OP_MUL_MAT &&
        is_weight(node->src[0]) && weights_behind(node->src[1]) == walk->weights) {
        walk->projection = node;
        return FR_LLAMA_NODE_PROJECTION;
    }
    return FR_LLAMA_NODE_OTHER;
}

enum fr_llama_node fr_llama_walk_step(struct fr_llama_walk *walk, const struct ggml_tensor *node,
                                      int block) {
    if (walk->after != NULL)
        *walk = (struct fr_llama_walk){.layer = walk->layer + 1, .before = walk->after};
    if (block > 0) {
        walk->layer = block;
        walk->after = node;
        return FR_LLAMA_NODE_BLOCK;
    }
    if (walk->normed == NULL && (node->op == GGML_OP_RMS_NORM || node->op == GGML_OP_NORM)) {
        walk->normed = node->src[0];
        return FR_LLAMA_NODE_NORM;
    }
    if (walk->middle == NULL && added_to_residual(walk, node) != NULL) {
        walk->middle = node;
        return FR_LLAMA_NODE_MIDDLE;
    }
    return walk->middle == NULL ? step_attention(walk, node) : FR_LLAMA_NODE_OTHER;
}

/* -- the form of a block ---------------------------------------------------------------------- */

static bool is_middle(const struct fr_llama_walk *walk, const struct ggml_tensor *t) {
    return t == walk->middle;
}

static bool is_attention(const struct fr_llama_walk *walk, const struct ggml_tensor *t) {
    (void)walk;
    return t->op == GGML_OP_FLASH_ATTN_EXT || t->op == GGML_OP_SOFT_MAX;
}

/* Whether t is computed from a tensor of that kind inside the block: from the residual on. */
static bool is_computed_from(const struct fr_llama_walk *walk, const struct ggml_tensor *t,
                             bool (*kind)(const struct fr_llama_walk *, const struct ggml_tensor *),
                             int depth) {
    if (t == NULL || depth == DEPTH_MAX)
        return false;
    if (kind(walk, t))
        return true;
    if (is_residual(walk, t))
        return false;
    for (int i = 0; i < GGML_MAX_SRC; i++)
        if (is_computed_from(walk, t->src[i], kind, depth + 1))
            return true;
    return false;
}

enum fr_llama_form fr_llama_walk_form(const struct fr_llama_walk *walk) {
    const struct ggml_tensor *sum = walk->after;
    if (walk->middle == NULL) {
        const struct ggml_tensor *mlp = added_to_residual(walk, sum);
        const bool alone = is_computed_from(walk, mlp, is_residual, 0) &&
                           !is_computed_from(walk, mlp, is_attention, 0);
        return alone ? FR_LLAMA_FORM_MLP : FR_LLAMA_FORM_OTHER;
    }
    const struct ggml_tensor *attention = added_to_residual(walk, walk->middle), *mlp = NULL;
    for (int i = 0; i < 2 && sum->op == GGML_OP_ADD; i++)
        if (sum->src[i] == walk->middle)
            mlp = sum->src[1 - i];
    return is_computed_from(walk, attention, is_residual, 0) &&
                   is_computed_from(walk, mlp, is_middle, 0)
               ? FR_LLAMA_FORM_BOTH
               : FR_LLAMA_FORM_OTHER;
}

void fr_llama_walk_heads(const struct fr_llama_walk *walk, struct fr_llama_heads *out) {
    *out = (struct fr_llama_heads){0};
    if (walk->weights == NULL)
        return;
    out->n = (int)walk->weights->ne[walk->weights->op == GGML_OP_SOFT_MAX ? 2 : 1];
    if (walk->projection == NULL || walk->middle == NULL)
        return;
    const struct ggml_tensor *t = unpruned(walk, added_to_residual(walk, walk->middle));
    out->width = (int)walk->projection->src[1]->ne[0];
    if (t != NULL && t->op == GGML_OP_MUL && t->src[0]->op == GGML_OP_RMS_NORM &&
        is_weight(t->src[1])) {
        out->normed = true;
        memcpy(&out->epsilon, t->src[0]->op_params, sizeof out->epsilon);
        t = unpruned(walk, t->src[0]->src[0]);
    } else if (t != NULL && t->op == GGML_OP_ADD && is_weight(t->src[1])) {
        t = t->src[0];
    }
    out->known = t == walk->projection;
}

/* Blocks without attention have nothing to tell apart. */
static int check_heads(const struct fr_llama *llama, int site, int layer, struct fr_error *err) {
    const struct fr_model_info *info = &llama->base.info;
    const struct fr_llama_heads *heads = &llama->probe.heads[layer];
    const bool sources = site == FR_SITE_SOURCES;
    if (sources && llama->base.options.flash_attention)
        return fr_fail(err, FR_E_MODEL,
                       "%s: site %s cannot be read: flash attention keeps no weights; set "
                       "model.flash_attention to false, or leave the site out",
                       llama->base.options.path, fr_site_name[site]);
    if (llama->probe.forms[layer] == FR_LLAMA_FORM_MLP ||
        (heads->n == info->n_heads &&
         (sources || (heads->known && heads->width == info->n_heads * info->head_width))))
        return FR_OK;
    return fr_fail(err, FR_E_MODEL,
                   "%s: site %s cannot be read at layer %d: the graph of architecture %s does not "
                   "show %d heads%s; leave the site out, or choose another architecture (qwen2, "
                   "llama, gemma2, phi3 ...)",
                   llama->base.options.path, fr_site_name[site], layer, info->architecture,
                   info->n_heads, sources ? "" : " and one matrix that adds them up");
}

int fr_llama_check_site(const struct fr_model *model, int site, int layer, struct fr_error *err) {
    const struct fr_llama *llama = (const struct fr_llama *)model;
    if (site == FR_SITE_BLOCK)
        return FR_OK;
    if (llama->probe.forms[layer] == FR_LLAMA_FORM_OTHER)
        return fr_fail(
            err, FR_E_MODEL,
            "%s: site %s cannot be read at layer %d: the graph of architecture %s does not "
            "add attention and MLP to the residual stream one after the other; read site %s, "
            "or choose another architecture (qwen2, llama, gemma2, phi3 ...)",
            model->options.path, fr_site_name[site], layer, model->info.architecture,
            fr_site_name[FR_SITE_BLOCK]);
    return site < FR_STREAM_SITES ? FR_OK : check_heads(llama, site, layer, err);
}
