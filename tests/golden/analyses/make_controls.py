"""Golden numbers for tests/unit/analyses/curves_test.c: what is left of a rising curve (method.md 4, "Sanity of a
rising curve"), written from the text of src/analyses/analyses.h.

    python3 make_controls.py > controls.tsv

One half of the puzzles is the tensor of common.py, the other the same signal under other noise.

Rows (see golden.h), role 0: takes an artefact away, 1: corrects, 2: imitates:
  curve  layer kind time figure  value low high n      figure 0: across halves, 1: corrected, 2: the ceiling
  rise   layer kind role  first n  plain low high  control low high  explained low high
"""
import numpy as np

from common import (AS_IT_IS, KINDS, L, N, REFERENCE, SHUFFLES, T, USED, centre, cosine, jackknife, nanmean, row,
                    shuffled_labels, tensor, with_missing, without)

OTHER = 5000000


def one_way(subject, reference, layer, kind, time, labels=AS_IT_IS):
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


def mean_over(values, places):
    return nanmean([values[i] for i in places])


def ceiling(c):
    return np.sqrt(c) if c > 0 else np.nan


class Curves:
    """All of a layer and kind, without naming k (None: of all)."""

    def __init__(self, layer, kind, k=None):
        h, g = (a, b) if k is None else without([a, b], k)
        self.plain = [one_way(h, h, layer, kind, t) for t in range(T)]
        self.crossed = [(one_way(h, g, layer, kind, t) + one_way(g, h, layer, kind, t)) / 2 for t in range(T)]
        self.halves = [np.array([nanmean([cosine(h[n, c, layer, t], g[n, c, layer, t]) for c in kind]) for n in USED])
                       for t in range(T)]
        self.shuffled = [np.mean([one_way(h, h, layer, kind, t, shuffled_labels(s)) for s in range(SHUFFLES)], axis=0)
                         for t in range(T)]

    def figure(self, f, t, places):
        top = ceiling(mean_over(self.halves[t], places))
        mean = mean_over(self.crossed[t], places)
        return (mean, mean / top, top)[f]

    def rises(self, role, first, places):
        p = [mean_over(self.plain[t], places) for t in (first, REFERENCE)]
        if role == 1:
            c = [self.figure(1, t, places) for t in (first, REFERENCE)]
        else:
            c = [mean_over((self.shuffled if role == 2 else self.crossed)[t], places) for t in (first, REFERENCE)]
        share = np.nan
        if p[1] - p[0] > 0:
            share = (1 - (1 - c[0] / c[1] if c[1] > 0 else np.nan) / (1 - p[0] / p[1]),
                     1 - (c[1] - c[0]) / (p[1] - p[0]), (c[1] - c[0]) / (p[1] - p[0]))[role]
        return p[1] - p[0], c[1] - c[0], share


print("# Made by make_controls.py; columns are described there.")
a, b = centre(with_missing(tensor())), centre(with_missing(tensor(OTHER)))
everyone = list(range(len(USED)))
for layer in range(L):
    for i_kind, kind in enumerate(KINDS):
        of = {k: Curves(layer, kind, k) for k in [None] + USED}
        for t in range(T):
            for f in range(3):
                n = np.sum(~np.isnan((of[None].halves if f == 2 else of[None].crossed)[t]))
                value = of[None].figure(f, t, everyone)
                row("curve", layer + 1, i_kind, t, f, value,
                    *jackknife(value, lambda k: of[k].figure(f, t, everyone), n), n)
        for role in range(3):
            control = of[None].shuffled if role == 2 else of[None].crossed
            for first in range(REFERENCE):
                places = [i for i in everyone
                          if not np.isnan([x[s][i] for x in (of[None].plain, control)
                                           for s in (first, REFERENCE)]).any()]
                if len(places) >= 2 and 2 * len(places) >= len(everyone):
                    break
            values = of[None].rises(role, first, places)
            out = [(v, *jackknife(v, lambda k: of[k].rises(role, first, places)[i], len(places)))
                   for i, v in enumerate(values)]
            if not out[0][1] > 0:
                out[2] = (np.nan,) * 3
            row("rise", layer + 1, i_kind, role, first, len(places), *[x for triple in out for x in triple])
