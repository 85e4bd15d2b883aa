/*
 * See bf16.h. The usual shape of a product: blocks of both factors are packed
 * (here also rounded, in pairs along k, as vdpbf16ps reads them), b in slivers
 * of NR columns that stay in the first-level cache, a in panels of MR rows; a
 * tile of MR x NR sums stays in registers for the length of a block. Packing
 * memory is of fixed size and the thread's own, so no call allocates.
 *
 * Rejected: oneDNN, whose primitives are made for one shape and cached, while
 * ours differ with every sequence and every block of attention rows; and
 * OpenBLAS's sbgemm, which wants factors in bfloat16 already and is missing
 * from many builds of it.
 */
#include "organism/bf16.h"

#include "base/error.h"

#if defined(__x86_64__) && defined(__GNUC__) && defined(__has_include)
#if __has_include(<avx512bf16intrin.h>)
#define HAS_KERNEL 1
#endif
#endif

#ifdef HAS_KERNEL
#include <immintrin.h>

/* For these functions alone: the rest of the program may be built for any
 * processor. */
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define INLINE TARGET __attribute__((always_inline)) static inline
#define UNROLL _Pragma("GCC unroll 16")

/* Tile and block sizes. The sliver of b, [KC][NR], is half of a 32 KiB cache;
 * the blocks [MC][KC] and [KC][NC] together fill little more than half of
 * 1 MiB. KC is a multiple of 32, MC of MR, NC of NR. */
enum { MR = 12, NR = 32, LANES = 16, MC = 192, KC = 256, NC = 1024 };
enum {
    PAIRS = KC / 2,
    A_ROW = PAIRS + 16, /* no power of two, which would fill few cache sets */
};

/* Two neighbours along k: the earlier in the low half. Static, so that places
 * beyond a factor's edge hold old numbers or 0, whose products are dropped. */
static _Thread_local _Alignas(64) uint32_t pack_a[MC * A_ROW];
static _Thread_local _Alignas(64) uint32_t pack_b[PAIRS * NC];

bool fr_bf16_available(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
}

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* The first n - at lanes, where that many exist. */
static inline __mmask16 lanes(size_t at, size_t n) {
    const size_t left = n > at ? n - at : 0;
    return (__mmask16)(left >= LANES ? 0xffffu : (1u << left) - 1u);
}

/* Lanes of low, then of high, rounded. */
INLINE __m512i rounded(__m512 low, __m512 high) { return (__m512i)_mm512_cvtne2ps_pbh(high, low); }

/* 32 neighbours of a row along k, from at; 0 beyond n: 16 pairs. */
INLINE __m512i row_pairs(const float *row, size_t at, size_t n) {
    return rounded(_mm512_maskz_loadu_ps(lanes(at, n), row + at),
                   _mm512_maskz_loadu_ps(lanes(at + LANES, n), row + at + LANES));
}

/* Pairs of the rows k and k + 1 of a matrix whose rows run along k. */
INLINE __m512i column_pairs(const float *row, size_t ld, bool has_next, __mmask16 mask) {
    static const uint16_t interleave[32] = {0,  16, 1,  17, 2,  18, 3,  19, 4,  20, 5,
                                            21, 6,  22, 7,  23, 8,  24, 9,  25, 10, 26,
                                            11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    const __m512 low = _mm512_maskz_loadu_ps(mask, row);
    const __m512 high = has_next ? _mm512_maskz_loadu_ps(mask, row + ld) : _mm512_setzero_ps();
    return _mm512_permutexvar_epi16(_mm512_loadu_si512(interleave), rounded(low, high));
}

/* v[i] lane j <-> v[j] lane i. */
INLINE void transpose(__m512i v[16]) {
    __m512i u[16];
    UNROLL for (int g = 0; g < 16; g += 4) {
        u[g] = _mm512_unpacklo_epi32(v[g], v[g + 1]);
        u[g + 1] = _mm512_unpackhi_epi32(v[g], v[g + 1]);
        u[g + 2] = _mm512_unpacklo_epi32(v[g + 2], v[g + 3]);
        u[g + 3] = _mm512_unpackhi_epi32(v[g + 2], v[g + 3]);
        v[g] = _mm512_unpacklo_epi64(u[g], u[g + 2]);
        v[g + 1] = _mm512_unpackhi_epi64(u[g], u[g + 2]);
        v[g + 2] = _mm512_unpacklo_epi64(u[g + 1], u[g + 3]);
        v[g + 3] = _mm512_unpackhi_epi64(u[g + 1], u[g + 3]);
    }
    /* Quarter l of v[4 g + c] is now column 4 l + c of the rows of group g. */
    UNROLL for (int c = 0; c < 4; c++) {
        u[c] = _mm512_shuffle_i32x4(v[c], v[4 + c], 0x88);
        u[4 + c] = _mm512_shuffle_i32x4(v[c], v[4 + c], 0xdd);
        u[8 + c] = _mm512_shuffle_i32x4(v[8 + c], v[12 + c], 0x88);
        u[12 + c] = _mm512_shuffle_i32x4(v[8 + c], v[12 + c], 0xdd);
        v[c] = _mm512_shuffle_i32x4(u[c], u[8 + c], 0x88);
        v[4 + c] = _mm512_shuffle_i32x4(u[4 + c], u[12 + c], 0x88);
        v[8 + c] = _mm512_shuffle_i32x4(u[c], u[8 + c], 0xdd);
        v[12 + c] = _mm512_shuffle_i32x4(u[4 + c], u[12 + c], 0xdd);
    }
}

/* a [m][k] -> pack_a [m][A_ROW]. */
TARGET static void pack_a_rows(size_t m, size_t k, const float *a, size_t lda) {
    for (size_t i = 0; i < m; i++)
        for (size_t q = 0; q < k; q += 2 * LANES)
            _mm512_store_si512(pack_a + i * A_ROW + q / 2, row_pairs(a + i * lda, q, k));
}

/* a [k][m] -> pack_a, panels [PAIRS][MR]. A store of 16 pairs reaches beyond
 * its MR; the next store of the panel, or nothing, is there. */
TARGET static void pack_a_columns(size_t m, size_t k, const float *a, size_t lda) {
    for (size_t i = 0; i < m; i += MR) {
        const __mmask16 mask = lanes(0, smaller(MR, m - i));
        uint32_t *to = pack_a + i * PAIRS;
        for (size_t q = 0; q < k; q += 2, to += MR)
            _mm512_storeu_si512(to, column_pairs(a + q * lda + i, lda, q + 1 < k, mask));
    }
}

/* b [k][n] -> pack_b, slivers [PAIRS][NR]. */
TARGET static void pack_b_columns(size_t n, size_t k, const float *b, size_t ldb) {
    for (size_t j = 0; j < n; j += NR) {
        const __mmask16 left = lanes(j, n);
        const __mmask16 right = lanes(j + LANES, n);
        uint32_t *to = pack_b + j * PAIRS;
        for (size_t q = 0; q < k; q += 2, to += NR) {
            const float *row = b + q * ldb + j;
            _mm512_store_si512(to, column_pairs(row, ldb, q + 1 < k, left));
            _mm512_store_si512(to + LANES, column_pairs(row + LANES, ldb, q + 1 < k, right));
        }
    }
}

/* b [n][k] -> pack_b, slivers [PAIRS][NR]. */
TARGET static void pack_b_rows(size_t n, size_t k, const float *b, size_t ldb) {
    for (size_t j = 0; j < n; j += LANES) {
        const size_t rows = smaller(LANES, n - j);
        uint32_t *to = pack_b + j / NR * NR * PAIRS + j % NR;
        for (size_t q = 0; q < k; q += 2 * LANES) {
            __m512i v[LANES];
            if (rows == LANES) {
                UNROLL for (size_t r = 0; r < LANES; r++) v[r] = row_pairs(b + (j + r) * ldb, q, k);
            } else {
                for (size_t r = 0; r < LANES; r++)
                    v[r] = r < rows ? row_pairs(b + (j + r) * ldb, q, k) : _mm512_setzero_si512();
            }
            transpose(v);
            UNROLL for (size_t p = 0; p < LANES; p++)
                _mm512_store_si512(to + (q / 2 + p) * NR, v[p]);
        }
    }
}

/* Where a tile's sums go: c = alpha * sum + beta * c on rows x columns. */
struct target {
    float *c;
    size_t ld, rows, columns;
    float alpha, beta;
};

INLINE void row_store(float *c, __mmask16 mask, __m512 sum, __m512 alpha, float beta) {
    __m512 value = _mm512_mul_ps(sum, alpha);
    if (beta != 0)
        value = _mm512_fmadd_ps(_mm512_set1_ps(beta), _mm512_maskz_loadu_ps(mask, c), value);
    _mm512_mask_storeu_ps(c, mask, value);
}

/* The pair of row r and place p is a[r * row + p * step]; both constant, so
 * that addresses are displacements. */
INLINE void tile(size_t n_pairs, const uint32_t *a, size_t row, size_t step, const uint32_t *b,
                 const struct target *to) {
    __m512 left[MR];
    __m512 right[MR];
    UNROLL for (size_t r = 0; r < MR; r++) left[r] = right[r] = _mm512_setzero_ps();
    for (size_t p = 0; p < n_pairs; p++, a += step, b += NR) {
        const __m512bh b_left = (__m512bh)_mm512_load_si512(b);
        const __m512bh b_right = (__m512bh)_mm512_load_si512(b + LANES);
        UNROLL for (size_t r = 0; r < MR; r++) {
            const __m512bh pair = (__m512bh)_mm512_set1_epi32((int)a[r * row]);
            left[r] = _mm512_dpbf16_ps(left[r], pair, b_left);
            right[r] = _mm512_dpbf16_ps(right[r], pair, b_right);
        }
    }
    const __mmask16 mask_left = lanes(0, to->columns);
    const __mmask16 mask_right = lanes(LANES, to->columns);
    const __m512 alpha = _mm512_set1_ps(to->alpha);
    UNROLL for (size_t r = 0; r < MR; r++) {
        if (r < to->rows) {
            float *c = to->c + r * to->ld;
            row_store(c, mask_left, left[r], alpha, to->beta);
            row_store(c + LANES, mask_right, right[r], alpha, to->beta);
        }
    }
}

TARGET static void tile_of_rows(size_t n_pairs, const uint32_t *a, const uint32_t *b,
                                const struct target *to) {
    tile(n_pairs, a, A_ROW, 1, b, to);
}

TARGET static void tile_of_columns(size_t n_pairs, const uint32_t *a, const uint32_t *b,
                                   const struct target *to) {
    tile(n_pairs, a, 1, MR, b, to);
}

/* The packed blocks' product into c [m][n]. */
static void block(bool a_transposed, size_t m, size_t n, size_t k, float alpha, float beta,
                  float *c, size_t ldc) {
    const size_t n_pairs = (k + 1) / 2;
    for (size_t j = 0; j < n; j += NR) {
        for (size_t i = 0; i < m; i += MR) {
            const struct target to = {.c = c + i * ldc + j,
                                      .ld = ldc,
                                      .rows = smaller(MR, m - i),
                                      .columns = smaller(NR, n - j),
                                      .alpha = alpha,
                                      .beta = beta};
            if (a_transposed)
                tile_of_columns(n_pairs, pack_a + i * PAIRS, pack_b + j * PAIRS, &to);
            else
                tile_of_rows(n_pairs, pack_a + i * A_ROW, pack_b + j * PAIRS, &to);
        }
    }
}

void fr_bf16_gemm(bool a_transposed, bool b_transposed, const struct fr_gemm *g) {
    FR_ASSERT(g->m > 0 && g->n > 0 && g->k > 0);
    const size_t m = (size_t)g->m;
    const size_t n = (size_t)g->n;
    const size_t k = (size_t)g->k;
    const size_t lda = (size_t)g->lda;
    const size_t ldb = (size_t)g->ldb;
    const size_t ldc = (size_t)g->ldc;
    for (size_t j = 0; j < n; j += NC) {
        const size_t nb = smaller(NC, n - j);
        for (size_t q = 0; q < k; q += KC) {
            const size_t kb = smaller(KC, k - q);
            const float beta = q ? 1.0f : g->beta;
            if (b_transposed)
                pack_b_rows(nb, kb, g->b + j * ldb + q, ldb);
            else
                pack_b_columns(nb, kb, g->b + q * ldb + j, ldb);
            for (size_t i = 0; i < m; i += MC) {
                const size_t mb = smaller(MC, m - i);
                if (a_transposed)
                    pack_a_columns(mb, kb, g->a + q * lda + i, lda);
                else
                    pack_a_rows(mb, kb, g->a + i * lda + q, lda);
                block(a_transposed, mb, nb, kb, g->alpha, beta, g->c + i * ldc + j, ldc);
            }
        }
    }
}

#else

bool fr_bf16_available(void) { return false; }

void fr_bf16_gemm(bool a_transposed, bool b_transposed, const struct fr_gemm *g) {
    (void)a_transposed, (void)b_transposed, (void)g;
    FR_ASSERT(false); /* fr_bf16_available said so */
}

#endif
