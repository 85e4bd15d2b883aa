#!/usr/bin/env python3
"""Golden numbers for similarity on a phase's own mentions (tests/unit/analyses/phase_mentions): two other tensors with
the golden one's signal stand for the mentions by phase, of cues and of mentions; phase p has what stands at time
FROM[p] there. References are the golden tensor's at the reference timestamp, of the other namings. Rows:
    phase  LAYER KIND RULES PHASE SAME  mean low high n    (RULES 0 cues, 1 mentions)
Intervals leave one naming after the other out of subjects and references.
usage: make_phase_mentions.py >phase_mentions.tsv"""
import numpy as np

from common import (D, KINDS, L, N, REFERENCE, USE, centre, cosine, jackknife, nanmean, row, tensor, with_missing,
                    without)

FROM, OFFSETS = [0, 1, 2, 3, 4, 3], [7000001, 8000002]


def values(subjects, references, layer, kind, time, same):
    """Of the namings in use, in order; NaN where a naming has none."""
    out = []
    for n in (n for n in range(N) if USE[n]):
        mean = {}
        for b in kind:
            parts = [references[m, b, layer, REFERENCE] for m in range(N) if USE[m] and m != n]
            parts = [p for p in parts if not np.isnan(p).any()]
            mean[b] = np.mean(parts, axis=0) if parts else np.full(D, np.nan)
        cosines = [nanmean([cosine(subjects[n, a, layer, time], mean[b]) for b in kind if (a == b) == same])
                   for a in kind]
        out.append(nanmean(cosines))
    return np.array(out)


def interval(subjects, references, value, n, *cell):
    if n < 3:
        return np.nan, np.nan
    low, high = jackknife(value, lambda k: nanmean(values(*without([subjects, references], k), *cell)), n)
    return max(low, -1), min(high, 1)


def main():
    print("# Made by make_phase_mentions.py; columns are described there.")
    references = centre(with_missing(tensor()))
    for rules, offset in enumerate(OFFSETS):
        subjects = centre(with_missing(tensor(offset)))
        for layer in range(L):
            for k, kind in enumerate(KINDS):
                for phase, time in enumerate(FROM):
                    for same in (True, False):
                        own = values(subjects, references, layer, kind, time, same)
                        n = int(np.sum(~np.isnan(own)))
                        row("phase", layer, k, rules, phase, same, nanmean(own),
                            *interval(subjects, references, nanmean(own), n, layer, kind, time, same), n)


main()
