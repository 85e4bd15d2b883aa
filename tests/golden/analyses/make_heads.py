"""Golden numbers for tests/unit/analyses/heads_test.c: attention's part split by heads, and where heads look, written
from the text of src/analyses/analyses.h, in the space of the stream.

    python3 make_heads.py > heads.tsv

After the block is the tensor of common.py, the MLP the same signal under another noise; so is what four heads of four
give, and attention is a matrix times that.

Rows (see golden.h):
  head   layer kind head           mean low high n  shuffled_low shuffled_high p p_layer
  share  layer kind time head source  mean low high n  (heads 0 and 1 of six sources each, of the raw heads' tensor)
"""
import numpy as np
from scipy.stats import t as student

from common import (D, KINDS, L, REFERENCE, RESAMPLES, SEED, T, USED, Rng, centre, hashed, jackknife, nanmean, row,
                    tensor, with_missing)

HEADS, WIDTH, SOURCES = 4, D // 4, 6
matrix = np.array([[hashed(2000000 + d * D + i) for i in range(D)] for d in range(D)])
raw = with_missing(tensor(5000000))
after, mlp, given = (centre(x) for x in (with_missing(tensor()), with_missing(tensor(6000000)), raw))


def estimate(figure):
    """figure(k): the namings' values without naming k."""
    values = figure(None)
    n = np.sum(~np.isnan(values))
    return nanmean(values), *jackknife(nanmean(values), lambda k: nanmean(figure(k)), n), n


def of_independent(values):
    """Student's interval of a mean."""
    there = values[~np.isnan(values)]
    n = len(there)
    half = student.ppf(0.975, n - 1) * np.std(there, ddof=1) / np.sqrt(n) if n >= 2 else np.nan
    return nanmean(values), nanmean(values) - half, nanmean(values) + half, n


print("# Made by make_heads.py; columns are described there.")
for layer in range(L):
    for i_kind, kind in enumerate(KINDS):
        kind = list(kind)
        there = ~np.isnan(after[:, kind[0], layer, :, 0])
        for first in range(REFERENCE):
            both = [n for n in USED if there[n, first] and there[n, REFERENCE]]
            if len(both) >= 2 and 2 * len(both) >= len(USED):
                break
        rng = Rng(SEED, 7)
        shuffles = [[rng.permutation(len(kind)) for _ in USED] for _ in range(RESAMPLES)]

        def rise(x, n):
            return x[n, kind, layer, REFERENCE] - x[n, kind, layer, first]

        def direction(n, orders, k=None):
            return np.mean([rise(after, m)[orders[USED.index(m)]] for m in both if m not in (n, k)], axis=0)

        plain = [list(range(len(kind)))] * len(USED)
        squares = {n: np.sum(direction(n, plain) ** 2) for n in USED}
        rows, nulls = [], []
        for head in range(HEADS):
            columns = slice(head * WIDTH, (head + 1) * WIDTH)
            added = given[..., columns] @ matrix[:, columns].T  # to the stream

            def rises(k):
                d = {n: direction(n, plain, k) for n in USED}
                return np.array([np.nan if n == k else np.sum(rise(added, n) * d[n]) / np.sum(d[n] * d[n])
                                 for n in USED])

            null = np.array([np.mean([np.sum(rise(added, n)[orders[USED.index(n)]] * direction(n, orders)) /
                                      squares[n] for n in both]) for orders in shuffles])
            mean, low, high, n = estimate(rises)
            p = (1 + np.sum(null >= mean)) / (1 + RESAMPLES)
            rows.append((mean, low, high, n, *np.percentile(null, [2.5, 97.5]), p))
            nulls.append(null)
        spreads = [np.sqrt(np.sum(null**2) / (RESAMPLES - 1)) for null in nulls]
        most = np.max([null / spread for null, spread in zip(nulls, spreads)], axis=0)
        for head in range(HEADS):
            p_layer = (1 + np.sum(most >= rows[head][0] / spreads[head])) / (1 + RESAMPLES)
            row("head", layer + 1, i_kind, head, *rows[head], p_layer)
        for time in range(T):
            for head in range(2):
                for source in range(SOURCES):
                    x = raw[USED][:, kind, layer, time, head * SOURCES + source].astype(float)
                    row("share", layer + 1, i_kind, time, head, source, *of_independent(x.mean(axis=1)))
