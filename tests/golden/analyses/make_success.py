#!/usr/bin/env python3
"""Golden numbers for solved against failed traces (tests/unit/analyses/success): the golden tensor and two others with
the same signal stand for all, solved and failed traces. Rows:
    success  LAYER KIND TIME OUTCOME VALUE...    (a value for each naming in use, in order; OUTCOME 0 solved, 1 failed,
                                                 2 their difference)
usage: make_success.py >success.tsv"""
import numpy as np

from common import KINDS, L, N, REFERENCE, T, USE, centre, cosine, nanmean, tensor, with_missing


def values(subjects, references, layer, kind, time):
    out = []
    for n in (n for n in range(N) if USE[n]):
        per_concept = []
        for a in kind:
            parts = [references[m, a, layer, REFERENCE] for m in range(N) if USE[m] and m != n]
            parts = [p for p in parts if not np.isnan(p).any()]
            per_concept.append(cosine(subjects[n, a, layer, time], np.mean(parts, axis=0)) if parts else np.nan)
        out.append(nanmean(per_concept))
    return np.array(out)


def main():
    references = centre(with_missing(tensor()))
    sides = [centre(with_missing(tensor(1000003))), centre(with_missing(tensor(2000000)))]
    for layer in range(L):
        for k, kind in enumerate(KINDS):
            for time in range(T):
                curves = [values(side, references, layer, kind, time) for side in sides]
                for outcome, row in enumerate(curves + [curves[0] - curves[1]]):
                    print("success", layer, k, time, outcome, *(repr(float(v)) for v in row), sep="\t")


main()
