"""What the scripts of golden numbers for tests/unit/analyses share: the raw tensor h[N][A][L][T][D], made from a
formula as in golden_tensor.h (a hash of the cell's index as noise, plus the concept's own hashed direction with a
weight that grows with time and layer; cells are missing or degenerate as listed), centring, and the random generator
of src/base/rng.c, written out again so that shuffles agree draw by draw. Intervals leave one naming after the other
out and compute everything again."""
import numpy as np
from scipy.stats import t as student

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


def tensor(offset=0):
    """offset: of the noise's hash, for another tensor with the same signal."""
    h = np.zeros((N, A, L, T, D), np.float32)
    for flat, index in enumerate(np.ndindex(h.shape)):
        _, a, l, t, d = index
        signal = np.float32(hashed(1000000 + (a * L + l) * D + d))
        weight = np.float32(0.25 * t * (l + 1))
        h[index] = np.float32(hashed(flat + offset)) + weight * signal
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


def centre(h):
    out = np.empty_like(h)
    for kind in KINDS:  # a missing concept makes the mean NaN, hence its whole kind
        out[:, list(kind)] = h[:, list(kind)] - h[:, list(kind)].mean(axis=1, keepdims=True)
    return out


def with_missing(raw):
    h = raw.astype(float)
    for n, a, t in MISSING:
        h[n, a, :, t] = np.nan
    return h


USED = [n for n in range(N) if USE[n]]
AS_IT_IS = [list(range(A))] * N


def shuffled_labels(s):
    """labels[n][a] of the s-th shuffle."""
    labels = []
    for n in range(N):
        rng = Rng(SEED, Rng.mix(Rng.mix(2, s), n))
        order = list(range(A))
        for kind in KINDS:
            for k, a in zip(rng.permutation(len(kind)), kind):
                order[a] = kind[k]
        labels.append(order)
    return labels


def without(tensors, k):
    """The same with naming k missing."""
    out = [x.copy() for x in tensors]
    for x in out:
        x[k] = np.nan
    return out


def jackknife(value, figure, n_valued):
    """95% interval of a figure; figure(k): what it is when naming k is left out of everything."""
    if n_valued < 2 or np.isnan(value):
        return np.nan, np.nan
    x = np.array([figure(k) for k in USED])
    n = len(x)
    half = student.ppf(0.975, n_valued - 1) * np.sqrt((n - 1) / n * np.sum((x - np.mean(x)) ** 2))
    return value - half, value + half


def similarity_interval(centred, layer, kind, loo, time, same, shuffles=(AS_IT_IS,)):
    """Of the mean over namings of similarity(), averaged over shuffles."""
    def values(h):
        return np.mean([similarity(h, layer, kind, loo, time, same, labels) for labels in shuffles], axis=0)
    own = values(centred)
    n = int(np.sum(~np.isnan(own)))
    if n < 3:
        return np.nan, np.nan
    low, high = jackknife(nanmean(own), lambda k: nanmean(values(without([centred], k)[0])), n)
    return max(low, -1), min(high, 1)


def pair(x, y, kind, same):
    """x, y [A][D]: mean over concepts, with references that are there."""
    out = []
    for a in kind:
        if np.isnan(x[a]).any():
            continue
        others = [a] if same else [b for b in kind if b != a]
        out.append(nanmean([cosine(x[a], y[b]) for b in others if not np.isnan(y[b]).any()]))
    return nanmean(out)
