"""Golden numbers for tests/unit/analyses, from NumPy and SciPy in double precision: centring,
cross-naming, similarity (method.md 3-4, A3) and PCA (A2), written from the method's text. The random
generator of src/base/rng.c is written out again, so that intervals and shuffles agree too.

    python3 make_analyses.py > analyses.tsv

Both sides make the same raw tensor h[N][A][L][T][D] from a formula (tensor() here, golden_tensor.h there):
a hash of the cell's index as noise, plus the concept's own hashed direction with a weight that grows
with time and layer. Cells are missing or degenerate as listed below.

Rows (see golden.h):
  value       naming concept layer_index time d  h             the tensor, spot checks
  similarity  shuffles layer loo kind time same  mean low high n
  pca         layer_index time kind  n explained*3 silhouette variance_ratio and both shuffled
  point       layer_index time kind  naming concept  x y z
"""
import numpy as np
from scipy.spatial.distance import cdist

N, A, L, T, D = 6, 9, 3, 5, 16
KINDS = [range(0, 4), range(4, 9)]
USE = [True, True, True, True, False, True]
REFERENCE, RESAMPLES, SEED, SHUFFLES, LABEL_SHUFFLES = 3, 300, 77, 3, 100
MISSING = [(0, 2, 0), (1, 5, 0), (5, 7, REFERENCE), (3, 0, 4), (3, 8, 4)]  # naming, concept, time
DEGENERATE = (2, 1)  # naming, time: all actions have the vector of the first
M64 = (1 << 64) - 1


def hashed(i):
    x = (i * 2654435761 + 40503) & 0xFFFFFFFF
    x ^= x >> 15
    x = x * 2246822519 & 0xFFFFFFFF
    x ^= x >> 13
    x = x * 3266489917 & 0xFFFFFFFF
    x ^= x >> 16
    return (x >> 8) / 2.0**24 - 0.5


def tensor():
    h = np.zeros((N, A, L, T, D), np.float32)
    for flat, index in enumerate(np.ndindex(h.shape)):
        _, a, l, t, d = index
        signal = np.float32(hashed(1000000 + (a * L + l) * D + d))
        weight = np.float32(0.25 * t * (l + 1))
        h[index] = np.float32(hashed(flat)) + weight * signal
    n, t = DEGENERATE
    for a in KINDS[0]:
        h[n, a, :, t] = h[n, 0, :, t]
    return h


class Rng:
    """xoshiro256** seeded by splitmix64, as src/base/rng.c."""

    @staticmethod
    def splitmix(x):
        x = (x + 0x9E3779B97F4A7C15) & M64
        z = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & M64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & M64
        return x, z ^ (z >> 31)

    @staticmethod
    def mix(a, b):
        return Rng.splitmix(Rng.splitmix(a)[1] ^ b)[1]

    def __init__(self, seed, stream):
        x, self.s = Rng.mix(seed, stream), []
        for _ in range(4):
            x, z = Rng.splitmix(x)
            self.s.append(z)

    def next(self):
        rotl = lambda v, k: (v << k | v >> (64 - k)) & M64
        s = self.s
        result = rotl(s[1] * 5 & M64, 7) * 9 & M64
        t = s[1] << 17 & M64
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
        return result

    def below(self, n):
        threshold = (1 << 32) % n
        while True:
            m = (self.next() >> 32) * n
            if (m & 0xFFFFFFFF) >= threshold:
                return m >> 32

    def permutation(self, n):
        order = [0] * n
        for i in range(n):
            j = self.below(i + 1)
            order[i] = order[j]
            order[j] = i
        return order


def row(kind, *values):
    print("\t".join([kind] + [repr(float(v)) for v in values]))


def cosine(x, y):
    lengths = np.linalg.norm(x) * np.linalg.norm(y)
    return x @ y / lengths if lengths > 0 else np.nan


def nanmean(values):
    values = [v for v in values if not np.isnan(v)]
    return np.mean(values) if values else np.nan


def similarity(centred, layer, kind, loo, time, same, labels):
    """Values of the namings; centred is NaN where missing; labels[n][a]: concept under label a."""
    out = []
    for n in range(N):
        if not USE[n]:
            continue
        others = [m for m in range(N) if USE[m] and not (loo and m == n)]
        per_concept = []
        reference = {}
        for b in kind:
            parts = [centred[m, labels[m][b], layer, REFERENCE] for m in others]
            parts = [p for p in parts if not np.isnan(p).any()]
            reference[b] = np.mean(parts, axis=0) if parts else np.full(D, np.nan)
        for a in kind:
            x = centred[n, labels[n][a], layer, time]
            against = [a] if same else [b for b in kind if b != a]
            per_concept.append(nanmean([cosine(x, reference[b]) for b in against]))
        out.append(nanmean(per_concept))
    return np.array(out)


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
h = raw.astype(float)
for n, a, t in MISSING:
    h[n, a, :, t] = np.nan
centred = np.empty_like(h)
for kind in KINDS:  # a missing concept makes the mean NaN, hence its whole kind
    centred[:, list(kind)] = h[:, list(kind)] - h[:, list(kind)].mean(axis=1, keepdims=True)

used = sum(USE)
rng = Rng(SEED, 1)
resamples = np.array([[rng.below(used) for _ in range(used)] for _ in range(RESAMPLES)])
all_labels = [[list(range(A))] * N]
shuffled = []
for s in range(SHUFFLES):
    labels = []
    for n in range(N):
        rng = Rng(SEED, Rng.mix(Rng.mix(2, s), n))
        order = list(range(A))
        for kind in KINDS:
            permuted = rng.permutation(len(kind))
            for k, a in enumerate(kind):
                order[a] = kind[permuted[k]]
        labels.append(order)
    shuffled.append(labels)
for shuffles in (0, SHUFFLES):
    for layer in range(L):
        for loo in (False, True):
            for i_kind, kind in enumerate(KINDS):
                for time in range(T):
                    for same in (True, False):
                        values = np.mean([similarity(centred, layer, kind, loo, time, same, labels)
                                          for labels in (shuffled if shuffles else all_labels)], axis=0)
                        n = np.sum(~np.isnan(values))
                        low = high = np.nan
                        if n >= 2:
                            draws = [nanmean(values[r]) for r in resamples]
                            low, high = np.percentile([d for d in draws if not np.isnan(d)], [2.5, 97.5])
                        row("similarity", shuffles, layer + 1, loo, i_kind, time, same,
                            nanmean(values), low, high, n)

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
            sums = np.zeros(2)
            for _ in range(LABEL_SHUFFLES):
                permuted = list(labels)
                for n in range(N):
                    own = [i for i, (m, _) in enumerate(where) if m == n]
                    if own:
                        order = rng.permutation(len(own))
                        for k, i in enumerate(own):
                            permuted[i] = labels[own[order[k]]]
                sums += silhouette(x, permuted), variance_ratio(x, permuted)
            row("pca", layer, time, i_kind, len(where), *(s[:3] ** 2 / np.sum(s**2)),
                silhouette(x, labels), variance_ratio(x, labels), *(sums / LABEL_SHUFFLES))
            for i, (n, a) in enumerate(where):
                row("point", layer, time, i_kind, n, a, *(scores[c][i] for c in range(3)))
