"""Golden numbers for tests/unit/analyses/curves_test.c: what is left of a rising curve (method.md 4, "Sanity of a
rising curve"), written from the text of src/analyses/analyses.h.

    python3 make_controls.py > controls.tsv

One half of the puzzles is the tensor of common.py, the other the same signal under other noise.

Rows (see golden.h), role 0: takes an artefact away, 1: corrects, 2: imitates:
  curve  layer kind time figure  value low high n      figure 0: across halves, 1: corrected, 2: the ceiling
  rise   layer kind role  first n  plain low high  control low high  explained low high
"""
import numpy as np

from common import (KINDS, L, N, REFERENCE, RESAMPLES, SEED, SHUFFLES, T, USE, Rng, centre, cosine, nanmean, row,
                    tensor, with_missing)

OTHER = 5000000
USED = [n for n in range(N) if USE[n]]


def one_way(subject, reference, layer, kind, time, labels=None):
    labels = labels or [list(range(9))] * N
    out = []
    for n in USED:
        values = []
        for a in kind:
            parts = [reference[m, labels[m][a], layer, REFERENCE] for m in USED if m != n]
            parts = [p for p in parts if not np.isnan(p).any()]
            if parts:
                values.append(cosine(subject[n, labels[n][a], layer, time], np.mean(parts, axis=0)))
        out.append(nanmean(values))
    return np.array(out)


def shuffled_labels(s):
    labels = []
    for n in range(N):
        rng = Rng(SEED, Rng.mix(Rng.mix(2, s), n))
        order = list(range(9))
        for kind in KINDS:
            for k, a in zip(rng.permutation(len(kind)), kind):
                order[a] = kind[k]
        labels.append(order)
    return labels


def mean_over(values, drawn):
    return nanmean([values[i] for i in drawn])


def ceiling(c):
    return np.sqrt(c) if c > 0 else np.nan


def interval(value, draws, n):
    draws = [d for d in draws if not np.isnan(d)]
    enough = not np.isnan(value) and n >= 2 and 10 * len(draws) >= 9 * RESAMPLES
    return np.percentile(draws, [2.5, 97.5]) if enough else (np.nan, np.nan)


def resamples(stream, places):
    rng = Rng(SEED, stream)
    return [[places[rng.below(len(places))] for _ in places] for _ in range(RESAMPLES)]


print("# Made by make_controls.py; columns are described there.")
a, b = centre(with_missing(tensor())), centre(with_missing(tensor(OTHER)))
everyone = list(range(len(USED)))
for layer in range(L):
    for i_kind, kind in enumerate(KINDS):
        plain = [one_way(a, a, layer, kind, t) for t in range(T)]
        crossed = [(one_way(a, b, layer, kind, t) + one_way(b, a, layer, kind, t)) / 2 for t in range(T)]
        halves = [np.array([nanmean([cosine(a[n, c, layer, t], b[n, c, layer, t]) for c in kind]) for n in USED])
                  for t in range(T)]
        shuffled = [np.mean([one_way(a, a, layer, kind, t, shuffled_labels(s)) for s in range(SHUFFLES)], axis=0)
                    for t in range(T)]
        figures = [lambda t, drawn: mean_over(crossed[t], drawn),
                   lambda t, drawn: mean_over(crossed[t], drawn) / ceiling(mean_over(halves[t], drawn)),
                   lambda t, drawn: ceiling(mean_over(halves[t], drawn))]
        for t in range(T):
            for f, figure in enumerate(figures):
                n = np.sum(~np.isnan((halves if f == 2 else crossed)[t]))
                value = figure(t, everyone)
                row("curve", layer + 1, i_kind, t, f, value,
                    *interval(value, [figure(t, drawn) for drawn in resamples(3, everyone)], n), n)
        for role in range(3):
            control = shuffled if role == 2 else crossed
            value = figures[1] if role == 1 else lambda t, drawn: mean_over(control[t], drawn)
            first = None
            for t in range(REFERENCE):
                both = [i for i in everyone
                        if not np.isnan([x[s][i] for x in (plain, control) for s in (t, REFERENCE)]).any()]
                if first is None and len(both) >= 2 and 2 * len(both) >= len(everyone):
                    first, places = t, both

            def figures_of(drawn):
                p = [mean_over(plain[t], drawn) for t in (first, REFERENCE)]
                c = [value(t, drawn) for t in (first, REFERENCE)]
                share = np.nan
                if p[1] - p[0] > 0:
                    share = (1 - (1 - c[0] / c[1] if c[1] > 0 else np.nan) / (1 - p[0] / p[1]),
                             1 - (c[1] - c[0]) / (p[1] - p[0]), (c[1] - c[0]) / (p[1] - p[0]))[role]
                return p[1] - p[0], c[1] - c[0], share

            values = figures_of(places)
            draws = list(zip(*[figures_of(drawn) for drawn in resamples(4, places)]))
            out = [(v, *interval(v, d, len(places))) for v, d in zip(values, draws)]
            if not out[0][1] > 0:
                out[2] = (np.nan,) * 3
            row("rise", layer + 1, i_kind, role, first, len(places), *[x for triple in out for x in triple])
