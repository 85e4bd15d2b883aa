"""Do the intervals of A3's curves hold what they promise? Namings are drawn again and again from a world of known noise;
each time the curve's value at the reference timestamp (same concept, leave-one-out, mean over namings), its 95% interval
three ways, and its rise from a timestamp of half the signal and noise of its own, with two. Prints the tables of bench/RESULTS.md,
"Intervals of a curve". A study of its own in NumPy, in which no line is the program's; a minute on a quiet core.

    python3 bench/curve_intervals.py [STUDIES]

fixed: percentile bootstrap of the namings' values, references as they are. refitted: references made anew in every
resample, moved to the value (without that it is lower than the value, for a naming that is drawn twice is one reference
less). jackknife: one naming after the other left out of subjects and references.
"""
import sys

import numpy as np

STUDIES, RESAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 300, 300
WORLDS = [  # namings, concepts, signal, spread of the signal over namings, dimensions of the noise (0: all 64)
    (14, 4, 0.0, 0.0, 0), (14, 4, 0.3, 0.0, 0), (14, 4, 1.0, 0.0, 0), (14, 4, 0.3, 0.5, 0), (14, 4, 1.0, 1.0, 0),
    (14, 4, 0.0, 0.0, 8), (14, 4, 1.0, 0.0, 8), (6, 4, 0.3, 0.0, 0), (6, 4, 1.0, 0.5, 8), (20, 5, 0.3, 0.5, 0)]
WIDTH = 64
T = {14: 2.160, 6: 2.571, 20: 2.093}
rng = np.random.default_rng(1)
directions, few = rng.standard_normal((9, WIDTH)), np.linalg.qr(rng.standard_normal((WIDTH, 8)))[0]


def draw(world):
    """At a timestamp of half the signal and at the reference, centred: [2][naming][concept][width]."""
    n, k, signal, spread, dimensions = world
    of_naming = np.exp(spread * rng.standard_normal((n, 1, 1)))
    noise = rng.standard_normal((2, n, k, dimensions or WIDTH))
    if dimensions:
        noise = noise @ few.T * np.sqrt(WIDTH / dimensions)
    x = np.array([0.5, 1])[:, None, None, None] * signal * of_naming * directions[:k] + noise
    return x - x.mean(2, keepdims=True)


def values(x, y, weights):
    """Of naming i at x against the weighted sum of the others' y: [resample][naming]."""
    total = 0
    for a in range(x.shape[1]):
        cross, among, length = x[:, a] @ y[:, a].T, y[:, a] @ y[:, a].T, np.linalg.norm(x[:, a], axis=1)
        own = np.diag(among)
        sums = weights @ among.T
        square = (weights * sums).sum(1)[:, None] - 2 * weights * sums + weights ** 2 * own
        with np.errstate(all="ignore"):
            total = total + (weights @ cross.T - weights * np.diag(cross)) / (length * np.sqrt(np.maximum(square, 0)))
    return total / x.shape[1]


print(f"{STUDIES} studies; width of the interval as a share of the right one, and how often it held the expected value")
print("| namings | signal | its spread | noise in | value | fixed | | refitted | | jackknife | | rise, fixed | | rise, jackknife | |")
for world in WORLDS:
    n = world[0]
    rows = []
    for _ in range(STUDIES):
        early, late = draw(world)
        ones = np.ones((1, n))
        own, first = values(late, late, ones)[0], values(early, late, ones)[0]
        drawn = rng.integers(0, n, (RESAMPLES, n))
        weights = np.zeros((RESAMPLES, n))
        np.add.at(weights, (np.arange(RESAMPLES)[:, None], drawn), 1)
        refit = values(late, late, weights)
        good = (weights > 0) & np.isfinite(refit)
        refit = np.where(good, weights * np.nan_to_num(refit), 0).sum(1)[good.any(1)] / (weights * good).sum(1)[good.any(1)]
        left = [values(x, late, 1 - np.eye(n)) for x in (early, late)]
        left = [np.array([np.delete(x[k], k).mean() for k in range(n)]) for x in left]
        se, rise_se = (np.sqrt((n - 1) / n * ((x - x.mean()) ** 2).sum()) for x in (left[1], left[1] - left[0]))
        fixed, rise = own[drawn].mean(1), (own - first)[drawn].mean(1)
        value = own.mean()
        rows.append((value, fixed.std(), *np.percentile(fixed, [2.5, 97.5]), refit.std(),
                     *(np.percentile(refit, [2.5, 97.5]) + value - refit.mean()), se, value - T[n] * se, value + T[n] * se,
                     (own - first).mean(), rise.std(), *np.percentile(rise, [2.5, 97.5]), rise_se,
                     (own - first).mean() - T[n] * rise_se, (own - first).mean() + T[n] * rise_se))
    r = np.array(rows)
    cells = []
    for at, of in ((1, 0), (4, 0), (7, 0), (11, 10), (14, 10)):
        expected = r[:, of].mean()
        cells.append(f"{r[:, at].mean() / r[:, of].std():.2f} | {100 * np.mean((r[:, at + 1] <= expected) & (expected <= r[:, at + 2])):.0f}%")
    print(f"| {n} | {world[2]} | {world[3]} | {world[4] or WIDTH} | {r[:, 0].mean():.2f} | " + " | ".join(cells) + " |", flush=True)
