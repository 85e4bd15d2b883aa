"""Why the control of similarity permutes labels uniformly and does not derange them.

    python3 shuffled_control.py > shuffled_control.tsv

Perfect representations (k common directions, a little noise per naming), every naming's labels
shuffled one way or the other, then the leave-one-out cosines of method.md 4 (A3): under derangements
"same" is far above "different" although nothing true is left; under uniform permutations both are 0.
"""
import numpy as np

rng = np.random.default_rng(0)
WIDTH, NOISE, RUNS = 64, 0.2, 200


def order(k, derange):
    while True:
        p = rng.permutation(k)
        if not derange or (p != np.arange(k)).all():
            return p


def control(k, n_namings, derange):
    same, different = [], []
    for _ in range(RUNS):
        x = rng.normal(size=(k, WIDTH)) + NOISE * rng.normal(size=(n_namings, k, WIDTH))
        x -= x.mean(axis=1, keepdims=True)
        x = np.stack([one[order(k, derange)] for one in x])
        unit = x / np.linalg.norm(x, axis=-1, keepdims=True)
        for n in range(n_namings):
            cross = (x.sum(axis=0) - x[n]) / (n_namings - 1)
            cosines = unit[n] @ (cross / np.linalg.norm(cross, axis=-1, keepdims=True)).T
            same.append(np.trace(cosines) / k)
            different.append((cosines.sum() - np.trace(cosines)) / (k * (k - 1)))
    return np.mean(same), np.mean(different)


print("concepts\tnamings\tlabels\tsame\tdifferent")
for k in (4, 5):
    for n_namings in (14, 20):
        for derange in (True, False):
            print(k, n_namings, "deranged" if derange else "permuted",
                  *("%.3f" % v for v in control(k, n_namings, derange)), sep="\t")
