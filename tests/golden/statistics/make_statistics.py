"""Golden numbers for tests/unit/statistics, from SciPy and NumPy: independent of the C code.

    python3 make_statistics.py > statistics.tsv

Rows (see golden.h):
  t_test   n x... mean se t p_greater p_two_sided        scipy.stats.ttest_1samp
  summary  mean se n t p_greater p_two_sided             scipy.stats.t
  wilson   k n confidence low high                       scipy.stats.binomtest(...).proportion_ci
  mcnemar  gained lost p_two_sided p_greater             scipy.stats.binomtest
  holm     n p... adjusted...                            by the definition, max over j <= i
  permutation  namings gained... lost... n... p          exact, by enumerating the null
  flip     conditions namings x... p_alone... p_max...  exact, by enumerating all flips of namings;
                                                        nan: no effect there
  selection  conditions namings sizes... d (naming by naming, condition by condition)... then of each naming best condition
             expected p, then best, by pairs expected p, by namings expected high p; exact, by enumerating all flips
  effect   se n alpha power ours exact                   scipy.stats.t and scipy.stats.nct
"""
import itertools
import math

import numpy as np
from scipy import optimize, stats


def row(kind, *values):
    print("\t".join([kind] + [repr(float(v)) for v in values]))


print("# Made by make_statistics.py; columns are described there.")
rng = np.random.default_rng(20260204)

samples = [rng.normal(loc, scale, size) for loc, scale, size in
           [(0.5, 1, 2), (1.57, 3.1, 14), (-0.2, 0.1, 14), (0, 1, 20), (1e6, 1e-3, 5), (0.01, 2, 40)]]
samples += [np.array([0.02, 0.0, -0.01, 0.05, 0.0, 0.0, 0.03])]
for x in samples:
    greater = stats.ttest_1samp(x, 0, alternative="greater")
    both = stats.ttest_1samp(x, 0)
    row("t_test", len(x), *x, x.mean(), stats.sem(x), both.statistic, greater.pvalue, both.pvalue)

for mean, se, n in [(1.57, 0.84, 14), (1.43, 0.64, 14), (-1.57, 0.84, 14), (3, 0.5, 2), (20, 1, 14)]:
    t = mean / se
    row("summary", mean, se, n, t, stats.t.sf(t, n - 1), 2 * stats.t.sf(abs(t), n - 1))

for k, n in [(0, 1), (1, 1), (0, 40), (40, 40), (1, 40), (33, 100), (5, 100), (288, 300), (7, 13)]:
    for confidence in (0.9, 0.95, 0.99):
        ci = stats.binomtest(k, n).proportion_ci(confidence, method="wilson")
        row("wilson", k, n, confidence, ci.low, ci.high)

for b, c in [(0, 0), (1, 0), (0, 1), (3, 3), (5, 1), (1, 5), (12, 4), (40, 22), (0, 17), (150, 131), (9, 10)]:
    if b + c:
        both = stats.binomtest(b, b + c, 0.5).pvalue
        greater = stats.binomtest(b, b + c, 0.5, alternative="greater").pvalue
    else:
        both = greater = 1
    row("mcnemar", b, c, both, greater)


def holm(p):
    m = len(p)
    order = sorted(range(m), key=lambda i: p[i])
    out = [0.0] * m
    for rank, i in enumerate(order):
        out[i] = max(min(1, (m - j) * p[order[j]]) for j in range(rank + 1))
    return out


for p in [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.2], list(rng.uniform(size=12) ** 3)]:
    row("holm", len(p), *p, *holm(p))

# Exact null of the mean over namings of the mean paired difference under sign flips within namings.
for gained, lost, size in [([3], [1], [20]), ([4, 2, 1], [1, 0, 2], [10, 8, 10]),
                           ([0, 3, 2, 4], [1, 1, 0, 1], [12, 9, 10, 11])]:
    observed = np.mean([(b - c) / n for b, c, n in zip(gained, lost, size)])
    p = 0.0
    supports = [range(b + c + 1) for b, c in zip(gained, lost)]
    for heads in itertools.product(*supports):
        value = np.mean([(2 * h - b - c) / n for h, b, c, n in zip(heads, gained, lost, size)])
        if value >= observed - 1e-12:
            p += math.prod(stats.binom.pmf(h, b + c, 0.5) for h, b, c in zip(heads, gained, lost))
    row("permutation", len(gained), *gained, *lost, *size, p)

# Flips of whole namings, the same in every condition; statistic sum / sqrt(sum of squares), 0 without squares;
# step-down: the largest over the conditions that rank no higher (ties: all of them, by their place).
def flips(x):
    kept = [c for c in range(len(x)) if np.sum(~np.isnan(x[c])) >= 2]
    y = np.nan_to_num(x[kept])
    signs = np.array(list(itertools.product([1, -1], repeat=x.shape[1])))
    root = np.sqrt((y ** 2).sum(axis=1))
    root[root == 0] = 1
    seen, null = y.sum(axis=1) / root, signs @ y.T / root
    order = np.argsort(-seen, kind="stable")
    alone, most = np.full(len(x), np.nan), np.full(len(x), np.nan)
    last = 0.0
    for rank, c in enumerate(order):
        alone[kept[c]] = np.mean(null[:, c] >= seen[c] - 1e-9)
        last = max(last, np.mean(null[:, order[rank:]].max(axis=1) >= seen[c] - 1e-9))
        most[kept[c]] = last
    return alone, most


shared = rng.normal(size=10)
families = [np.array([[0.02, 0.01, 0.03, 0.05, -0.01]]), np.full((1, 6), 0.1), np.zeros((2, 4)),
            np.array([[0.1, 0.0, 0.2, -0.1], [0.0, 0.0, 0.0, 0.0], [np.nan, 0.3, np.nan, np.nan],
                      [0.2, np.nan, 0.2, 0.2]]),
            np.stack([0.6 + shared + s * rng.normal(size=10) for s in (0, 0.1, 1, 3)])]
for x in families:
    alone, most = flips(x)
    row("flip", *x.shape, *x.ravel(), *alone, *most)

# The best of several conditions per naming, by enumerating all flips: signs of puzzles, the same in every condition;
# and signs of whole namings.
def selection(data):
    n_conditions = len(data[0])
    bests, nulls, sides, out = [], [], [], []
    for d in data:
        n = d.shape[1]
        signs = np.array(list(itertools.product([1, -1], repeat=n)))
        null = (signs @ d.T / n).max(axis=1)
        best = d.mean(axis=1).max()
        out += [best, int(d.mean(axis=1).argmax()), null.mean(), np.mean(null >= best - 1e-12)]
        bests.append(best)
        nulls.append(null)
        sides.append((best, (-d).mean(axis=1).max()))
    best = np.mean(bests)
    together = sum(np.meshgrid(*nulls, indexing="ij")).ravel() / len(data)
    flipped = np.array([np.mean(s) for s in itertools.product(*sides)])
    out += [best, together.mean(), np.mean(together >= best - 1e-12), flipped.mean(), np.quantile(flipped, 0.95),
            np.mean(flipped >= best - 1e-12)]
    row("selection", n_conditions, len(data), *[d.shape[1] for d in data], *np.concatenate([d.ravel() for d in data]), *out)


for n_conditions, sizes in [(3, [5, 6]), (4, [7]), (2, [4, 5, 6])]:
    selection([rng.choice([-1, 0, 0, 1, 1], size=(n_conditions, n)) for n in sizes])

for se, n, alpha, power in [(0.84, 14, 0.05, 0.8), (0.64, 14, 0.05, 0.9), (1, 20, 0.01, 0.8), (1, 5, 0.05, 0.8)]:
    critical = stats.t.isf(alpha, n - 1)
    exact = optimize.brentq(lambda d: stats.nct.sf(critical, n - 1, d) - power, 0, 50)
    row("effect", se, n, alpha, power, se * (critical + stats.t.ppf(power, n - 1)), se * exact)

# Welch's interval, by SciPy from the values themselves: the two means' errors, numbers, difference, low, high.
for n_a, n_b, spread in [(10, 10, 1.0), (10, 4, 3.0), (2, 9, 0.2), (3, 2, 1.0)]:
    a, b = np.random.default_rng(n_a * 100 + n_b).normal(size=n_a), np.random.default_rng(n_b).normal(size=n_b) * spread
    low, high = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    row("welch", stats.sem(a), n_a, stats.sem(b), n_b, a.mean() - b.mean(), low, high)
