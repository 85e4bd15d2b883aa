"""Golden numbers for tests/unit/analyses, from NumPy and SciPy in double precision: centring,
cross-naming, similarity (method.md 3-4, A3) and PCA (A2), written from the method's text: intervals by the
jackknife, shuffles by the same random generator.

    python3 make_analyses.py > analyses.tsv

Both sides make the same raw tensor from a formula: common.py here, golden_tensor.h there.

Rows (see golden.h):
  value       naming concept layer_index time d  h             the tensor, spot checks
  similarity  shuffles layer loo kind time same  mean low high n
  pca         layer_index time kind  n explained*3 silhouette variance_ratio, both shuffled, p of the silhouette
  point       layer_index time kind  naming concept  x y z
"""
import numpy as np
from scipy.spatial.distance import cdist

from common import (AS_IT_IS, KINDS, L, LABEL_SHUFFLES, N, REFERENCE, SEED, SHUFFLES, T, USE, Rng, centre, nanmean, row,
                    shuffled_labels, similarity, similarity_interval, tensor, with_missing)


def silhouette(x, labels):
    distances, scores = cdist(x, x), []
    for i, own in enumerate(labels):
        mean_to = {k: distances[i, [j for j, b in enumerate(labels) if b == k and j != i]]
                   for k in set(labels)}
        if len(mean_to[own]) == 0:
            scores.append(0)
            continue
        a = mean_to[own].mean()
        b = min(v.mean() for k, v in mean_to.items() if k != own)
        scores.append((b - a) / max(a, b))
    return np.mean(scores)


def variance_ratio(x, labels):
    labels = np.array(labels)
    centre = x.mean(axis=0)
    between = sum((labels == k).sum() * np.sum((x[labels == k].mean(axis=0) - centre) ** 2)
                  for k in set(labels))
    return between / np.sum((x - centre) ** 2)


print("# Made by make_analyses.py; columns are described there.")
raw = tensor()
for index in [(0, 0, 0, 0, 0), (1, 2, 1, 3, 7), (2, 3, 2, 1, 5), (5, 8, 2, 4, 15)]:
    row("value", *index, raw[index])
centred = centre(with_missing(raw))

for shuffles in (0, SHUFFLES):
    labellings = [shuffled_labels(s) for s in range(shuffles)] or [AS_IT_IS]
    for layer in range(L):
        for loo in (False, True):
            for i_kind, kind in enumerate(KINDS):
                for time in range(T):
                    for same in (True, False):
                        values = np.mean([similarity(centred, layer, kind, loo, time, same, labels)
                                          for labels in labellings], axis=0)
                        row("similarity", shuffles, layer + 1, loo, i_kind, time, same, nanmean(values),
                            *similarity_interval(centred, layer, kind, loo, time, same, labellings),
                            np.sum(~np.isnan(values)))

for layer in range(L):
    for time in (0, 1, REFERENCE, 4):
        for i_kind, kind in enumerate(KINDS):
            where = [(n, a) for n in range(N) if USE[n] for a in kind
                     if not np.isnan(centred[n, a, layer, time]).any()]
            x = np.array([centred[n, a, layer, time] for n, a in where])
            labels = [a for _, a in where]
            flat = x - x.mean(axis=0)
            u, s, vt = np.linalg.svd(flat, full_matrices=False)
            scores = []
            for c in range(3):
                sign = np.sign(vt[c][np.argmax(np.abs(vt[c]))])
                scores.append(sign * s[c] * u[:, c])
            rng = Rng(SEED, Rng.mix(Rng.mix(layer, time), i_kind))
            sums, observed, n_above = np.zeros(2), silhouette(x, labels), 0
            for _ in range(LABEL_SHUFFLES):
                permuted = list(labels)
                for n in range(N):
                    own = [i for i, (m, _) in enumerate(where) if m == n]
                    if own:
                        order = rng.permutation(len(own))
                        for k, i in enumerate(own):
                            permuted[i] = labels[own[order[k]]]
                shuffled = silhouette(x, permuted)
                n_above += shuffled >= observed - 1e-12
                sums += shuffled, variance_ratio(x, permuted)
            row("pca", layer, time, i_kind, len(where), *(s[:3] ** 2 / np.sum(s**2)),
                observed, variance_ratio(x, labels), *(sums / LABEL_SHUFFLES), (1 + n_above) / (1 + LABEL_SHUFFLES))
            for i, (n, a) in enumerate(where):
                row("point", layer, time, i_kind, n, a, *(scores[c][i] for c in range(3)))
