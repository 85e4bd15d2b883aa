#!/usr/bin/env python3
"""Golden numbers for solved against failed traces (tests/unit/analyses/success): the golden tensor and two others with
the same signal stand for all, solved and failed traces. Rows:
    success  LAYER KIND TIME OUTCOME VALUE...    (a value for each naming in use, in order; OUTCOME 0 solved, 1 failed,
                                                 2 their difference)
    error    LAYER KIND ERROR...                 (of each naming in use, at the reference timestamp, over ten groups of its
                                                 traces, of which group g has 1 + (naming + concept + g) % 3 mentions
                                                 of a concept; naming 3 has four groups, naming 0 one;
                                                 a missing cell is a row of zeros)
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


GROUPS, OF_NAMING = 10, {0: 1, 3: 4}


def errors(references, groups, layer, kind):
    """Delete-a-group jackknife: everything again without one group, references as they are."""
    out = []
    for n in (n for n in range(N) if USE[n]):
        there = range(OF_NAMING.get(n, GROUPS))
        without = []
        for left_out in there:
            subjects = np.full((N, 9, L, T, groups[0].shape[-1]), np.nan)
            for a in range(9):
                rows = [groups[g][n, a, layer, REFERENCE] for g in there if g != left_out for _ in range(1 + (n + a + g) % 3)]
                if rows:
                    subjects[n, a, layer, REFERENCE] = np.mean(np.array(rows, float), axis=0)
            used = [m for m in range(N) if USE[m]]
            without.append(values(centre(subjects), references, layer, kind, REFERENCE)[used.index(n)])
        k = len(without)
        out.append(np.sqrt((k - 1) / k * np.sum((without - np.mean(without)) ** 2)) if k > 1 else np.nan)
    return out


def main():
    references = centre(with_missing(tensor()))
    sides = [centre(with_missing(tensor(1000003))), centre(with_missing(tensor(2000000)))]
    for layer in range(L):
        for k, kind in enumerate(KINDS):
            for time in range(T):
                curves = [values(side, references, layer, kind, time) for side in sides]
                for outcome, row in enumerate(curves + [curves[0] - curves[1]]):
                    print("success", layer, k, time, outcome, *(repr(float(v)) for v in row), sep="\t")
    groups = [np.nan_to_num(with_missing(tensor(3000000 + 100000 * g))) for g in range(GROUPS)]
    for layer in range(L):
        for k, kind in enumerate(KINDS):
            print("error", layer, k, *(repr(float(v)) for v in errors(references, groups, layer, kind)), sep="\t")


main()
