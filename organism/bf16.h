/*
 * Matrix products in bfloat16: factors are rounded to 8 significant bits (to
 * nearest, ties to even), their products are summed in 32-bit floats. Twice as
 * many products a second as in 32-bit floats where the processor has
 * AVX512_BF16, and of use only there.
 *
 * Called through fr_gemm_precision_set of kernels.h. A result depends on the
 * numbers alone, not on the thread that computes it, what it computed before,
 * or where in memory things lie.
 */
#ifndef FR_ORGANISM_BF16_H
#define FR_ORGANISM_BF16_H

#include <stdbool.h>

#include "organism/kernels.h"

#ifndef FR_NET_DOUBLE
/* Whether the compiler could build and this processor can run fr_bf16_gemm. */
bool fr_bf16_available(void);

/* The product of struct fr_gemm; m, n, k are at least 1. a is [k][m] if
 * a_transposed and else [m][k], b is [n][k] if b_transposed and else [k][n].
 * c is not read where beta is 0. Needs fr_bf16_available. */
void fr_bf16_gemm(bool a_transposed, bool b_transposed, const struct fr_gemm *g);
#endif

#endif
