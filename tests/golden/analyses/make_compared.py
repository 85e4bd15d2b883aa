"""Golden numbers for tests/unit/analyses/compared_test.c: what `fluidrep compare` says of two studies, written from the
text of src/analyses/compare.c and docs/compare.md.

    python3 make_compared.py > compared.tsv

The first study is the tensor of common.py, the second the same signal under other noise, which is refined no further
behind time 2. Naming 4 is the clean one. Curves are of layer index 1 (of 3, nearest to 40 of 64).

Rows (see golden.h), relation 1: same:
  curve       study figure kind time relation  mean low high n  figure 0: leave-one-out mean, 1: naming 0, 2: clean
  separation  study layer kind  depth silhouette shuffled variance_ratio shuffled       at the reference time
  rise        kind  first last n  plain low high  rise low high  explained low high     timestamps: 100 (index + 1)
"""
import numpy as np

from common import (AS_IT_IS, KINDS, L, LABEL_SHUFFLES, N, REFERENCE, RESAMPLES, SEED, T, USED, Rng, centre, jackknife,
                    nanmean, pair, row, similarity, similarity_interval, tensor, with_missing, without)

CLEAN, LAYER, OTHER = 4, 1, 5000000


def draws_of(statistic, stream, n, resamples=RESAMPLES, seed=SEED):
    rng = Rng(seed, stream)
    return [statistic([rng.below(n) for _ in range(n)]) for _ in range(resamples)]


def bounds(draws, most_missing=None):
    draws = np.array(draws, float)
    good = draws[~np.isnan(draws)]
    if len(good) == 0 or (most_missing is not None and len(good) < (1 - most_missing) * len(draws)):
        return np.nan, np.nan
    return np.percentile(good, [2.5, 97.5])


def curve(values, stream):
    """Mean over namings, interval, n."""
    n = int(np.sum(~np.isnan(values)))
    interval = bounds(draws_of(lambda r: nanmean(values[r]), stream, len(values))) if n >= 2 else (np.nan, np.nan)
    return nanmean(values), *interval, n


def separation(x, labels):
    labels = np.array(labels)
    distances = np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))
    scores = []
    for i in range(len(x)):
        own = (labels == labels[i]) & (np.arange(len(x)) != i)
        if not own.any():
            scores.append(0)
            continue
        a = distances[i][own].mean()
        b = min(distances[i][labels == k].mean() for k in set(labels) if k != labels[i])
        scores.append((b - a) / max(a, b))
    middle = x.mean(0)
    between = sum((labels == k).sum() * ((x[labels == k].mean(0) - middle) ** 2).sum() for k in set(labels))
    return np.mean(scores), between / ((x - middle) ** 2).sum()


print("# Made by make_compared.py; columns are described there.")
rises = []
for study, raw in enumerate([with_missing(tensor()), with_missing(tensor(OTHER))[:, :, :, [0, 1, 2, 2, 2]]]):
    h = centre(raw)
    of_namings = {}
    left_out = {m: without([h], m)[0] for m in USED}
    for k, kind in enumerate(KINDS):
        for t in range(T):
            for same in (True, False):
                values = similarity(h, LAYER, kind, True, t, same, AS_IT_IS)
                row("curve", study, 0, k, t, same, nanmean(values), *similarity_interval(h, LAYER, kind, True, t, same),
                    np.sum(~np.isnan(values)))
                if same:
                    of_namings[k, t] = {None: values, **{m: similarity(left_out[m], LAYER, kind, True, t, True, AS_IT_IS)
                                                         for m in USED}}
                against = np.array([pair(h[n, :, LAYER, t], h[0, :, LAYER, REFERENCE], kind, same)
                                    for n in USED if n != 0])
                row("curve", study, 1, k, t, same, *curve(against, 5))
                single = np.array([pair(h[CLEAN, :, LAYER, t], h[n, :, LAYER, REFERENCE], kind, same) for n in USED])
                row("curve", study, 2, k, t, same, *curve(single, 5))
    for layer in range(L):
        for k, kind in enumerate(KINDS):
            where = [(n, a) for n in USED for a in kind if not np.isnan(h[n, a, layer, REFERENCE]).any()]
            x = np.array([h[n, a, layer, REFERENCE] for n, a in where])
            labels = [a for _, a in where]
            rng, sums = Rng(SEED, Rng.mix(Rng.mix(layer, REFERENCE), k)), np.zeros(2)
            for _ in range(LABEL_SHUFFLES):
                permuted = list(labels)
                for n in USED:
                    own = [i for i, (m, _) in enumerate(where) if m == n]
                    for i, j in zip(own, rng.permutation(len(own)) if own else []):
                        permuted[i] = labels[own[j]]
                sums += separation(x, permuted)
            silhouette, ratio = separation(x, labels)
            shuffled = sums / LABEL_SHUFFLES
            row("separation", study, layer + 1, k, (layer + 1) / L, silhouette, shuffled[0], ratio, shuffled[1])
    rises.append(of_namings)

for k in range(len(KINDS)):
    plain, other = ([study[k, t] for t in range(T)] for study in rises)
    for first in range(REFERENCE):
        there = ~np.isnan([x[t][None] for x in (plain, other) for t in (first, REFERENCE)]).any(0)
        if there.sum() >= 2 and 2 * there.sum() >= len(USED):
            break

    def figures(m):
        a, b = (np.nanmean(x[REFERENCE][m][there]) - np.nanmean(x[first][m][there]) for x in (plain, other))
        return a, b, b / a if a > 0 else np.nan

    out = [(v, *jackknife(v, lambda m: figures(m)[i], there.sum())) for i, v in enumerate(figures(None))]
    if not out[0][1] > 0:
        out[2] = (np.nan,) * 3
    row("rise", k, 100 * (first + 1), 100 * (REFERENCE + 1), there.sum(), *[x for triple in out for x in triple])
