"""Golden numbers for tests/unit/analyses/pairs_test.c: one naming against single others under four centrings (A1, A5),
and one against the mean of others (A4), written from the text of src/analyses/analyses.h.

    python3 make_pairs.py > pairs.tsv

The tensor is common.py's. Naming 0 is held against by the others in use; naming 4, which is not in use, is the clean
one.

Rows (see golden.h), relation 1: same:
  naming  centring layer_index kind time relation  mean low high n    centring 0: kind, 1: one side, 2: all, 3: raw
  clean   figure   layer_index kind time relation  mean low high n    figure 0: single, 1: their mean
"""
import numpy as np

from common import (KINDS, L, N, REFERENCE, RESAMPLES, SEED, T, USE, Rng, centre, nanmean, pair, row, tensor,
                    with_missing)

CLEAN = 4
USED = [n for n in range(N) if USE[n]]


def centre_all(h):
    return h - h.mean(axis=1, keepdims=True)  # NaN where any concept is missing


def resamples(stream, n):
    rng = Rng(SEED, stream)
    return [[rng.below(n) for _ in range(n)] for _ in range(RESAMPLES)]


def interval(draws, n):
    draws = [d for d in draws if not np.isnan(d)]
    return np.percentile(draws, [2.5, 97.5]) if n >= 2 and draws else (np.nan, np.nan)


print("# Made by make_pairs.py; columns are described there.")
raw = with_missing(tensor())
kind_centred, all_centred = centre(raw), centre_all(raw)
for layer in range(L):
    for i_kind, kind in enumerate(KINDS):
        for time in range(T):
            for same in (True, False):
                centrings = [(kind_centred, kind_centred), (kind_centred, raw), (all_centred, all_centred), (raw, raw)]
                for c, (x, y) in enumerate(centrings):
                    values = np.array([pair(x[n, :, layer, time], y[0, :, layer, REFERENCE], kind, same)
                                       for n in USED if n != 0])
                    n = np.sum(~np.isnan(values))
                    draws = [nanmean(values[r]) for r in resamples(5, len(values))]
                    row("naming", c, layer, i_kind, time, same, nanmean(values), *interval(draws, n), n)
                h = kind_centred
                values = np.array([pair(h[CLEAN, :, layer, time], h[n, :, layer, REFERENCE], kind, same)
                                   for n in USED])
                n = np.sum(~np.isnan(values))
                draws = [nanmean(values[r]) for r in resamples(5, len(values))]
                row("clean", 0, layer, i_kind, time, same, nanmean(values), *interval(draws, n), n)
                there = [n for n in USED if not np.isnan(h[n, list(kind), layer, REFERENCE]).any()]
                against = lambda namings: pair(h[CLEAN, :, layer, time],
                                                     np.mean(h[namings, :, layer, REFERENCE], axis=0), kind, same)
                value = against(there)
                n = 0 if np.isnan(value) else len(there)
                draws = [against([there[i] for i in r]) for r in resamples(6, len(there))]
                row("clean", 1, layer, i_kind, time, same, value, *interval(draws, n), n)
