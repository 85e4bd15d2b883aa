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

from common import KINDS, L, N, REFERENCE, RESAMPLES, SEED, T, USE, Rng, centre, row, tensor, with_missing

USED = [n for n in range(N) if USE[n]]
after, attention, mlp = (centre(with_missing(tensor(offset))) for offset in (0, 5000000, 6000000))
parts = [after - attention - mlp, attention, mlp, after]


def estimate(values, n):
    rng, draws = Rng(SEED, 3), []
    for _ in range(RESAMPLES):
        drawn = values[[rng.below(len(values)) for _ in values]]
        if not np.isnan(drawn).all():
            draws.append(np.nanmean(drawn))
    return np.percentile(draws, [2.5, 97.5]) if n >= 2 and 10 * len(draws) >= 9 * RESAMPLES else (np.nan, np.nan)


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

        def direction(n, orders):
            return np.mean([rise(after, m)[orders[USED.index(m)]] for m in both if m != n], axis=0)

        plain = [list(range(len(kind)))] * len(USED)
        directions = [direction(n, plain) for n in USED]
        squares = [np.sum(d * d) for d in directions]

        def write(name, numbers, of, more=()):
            n = np.sum(~np.isnan(of))
            row(name, *numbers, np.nanmean(of), *estimate(of, n), n, *more)

        for part in range(4):
            values = [np.array([np.sum(parts[part][n, kind, layer, t] * directions[u]) / squares[u]
                                for u, n in enumerate(USED)]) for t in range(T)]
            for t in range(T):
                write("at", (layer + 1, i_kind, part, t), values[t])
            rises = values[REFERENCE] - values[first]
            null = [np.mean([np.sum(rise(parts[part], n)[orders[USED.index(n)]] * direction(n, orders)) /
                             squares[USED.index(n)] for n in both]) for orders in shuffles]
            p = (1 + np.sum(null >= np.nanmean(rises))) / (1 + RESAMPLES)
            write("rise", (layer + 1, i_kind, part), rises, (*np.percentile(null, [2.5, 97.5]), p))
