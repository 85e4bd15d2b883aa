"""Golden numbers for tests/unit/analyses/mechanism_test.c: what attention and the MLP add along the direction of
refinement, written from the text of src/analyses/analyses.h.

    python3 make_mechanism.py > mechanism.tsv

After the block is the tensor of common.py, attention and MLP the same signal under other noises.

Rows (see golden.h), part 0: before the block, 1: attention, 2: the MLP, 3: after it:
  first  layer kind  time
  at     layer kind part time  mean low high n
  rise   layer kind part       mean low high n  shuffled_low shuffled_high p
"""
import numpy as np

from common import (KINDS, L, REFERENCE, RESAMPLES, SEED, T, USED, Rng, centre, jackknife, nanmean, row, tensor,
                    with_missing)

after, attention, mlp = (centre(with_missing(tensor(offset))) for offset in (0, 5000000, 6000000))
parts = [after - attention - mlp, attention, mlp, after]


print("# Made by make_mechanism.py; columns are described there.")
for layer in range(L):
    for i_kind, kind in enumerate(KINDS):
        kind = list(kind)
        there = ~np.isnan(after[:, kind[0], layer, :, 0])
        for first in range(REFERENCE):
            both = [n for n in USED if there[n, first] and there[n, REFERENCE]]
            if len(both) >= 2 and 2 * len(both) >= len(USED):
                break
        row("first", layer + 1, i_kind, first)
        rng = Rng(SEED, 7)
        shuffles = [[rng.permutation(len(kind)) for _ in USED] for _ in range(RESAMPLES)]
        def rise(tensor, n):
            return tensor[n, kind, layer, REFERENCE] - tensor[n, kind, layer, first]

        def direction(n, orders, k=None):
            return np.mean([rise(after, m)[orders[USED.index(m)]] for m in both if m not in (n, k)], axis=0)

        plain = [list(range(len(kind)))] * len(USED)
        squares = {n: np.sum(direction(n, plain) ** 2) for n in USED}

        def values_of(part, t, k=None):
            out = []
            for n in USED:
                d = direction(n, plain, k)
                out.append(np.nan if n == k else np.sum(parts[part][n, kind, layer, t] * d) / np.sum(d * d))
            return np.array(out)

        def write(name, numbers, figure, more=()):
            """figure(k): the namings' values without naming k."""
            values = figure(None)
            n = np.sum(~np.isnan(values))
            row(name, *numbers, nanmean(values), *jackknife(nanmean(values), lambda k: nanmean(figure(k)), n), n, *more)

        for part in range(4):
            for t in range(T):
                write("at", (layer + 1, i_kind, part, t), lambda k: values_of(part, t, k))
            def rises(k):
                return values_of(part, REFERENCE, k) - values_of(part, first, k)
            null = [np.mean([np.sum(rise(parts[part], n)[orders[USED.index(n)]] * direction(n, orders)) /
                             squares[n] for n in both]) for orders in shuffles]
            p = (1 + np.sum(null >= np.nanmean(rises(None)))) / (1 + RESAMPLES)
            write("rise", (layer + 1, i_kind, part), rises, (*np.percentile(null, [2.5, 97.5]), p))
