#!/usr/bin/env python3
"""Means, centred and cross-naming representations by NumPy, from sums and counts that a test can
make itself: cell i of the flattened [N][A][L][T][D] sums is ((2654435761 i) mod 2^32) / 2^31 - 1,
count i of [N][A][T] is (7 i^2 + 3 i) mod 11. Concepts 0..2 are actions, 3..6 predicates; a cell
needs 1 mention (min_mentions 1). Usage: make_reps.py > reps.tsv
  centred  n a l t present x0 x1 x2 x3 x4
  cross    leave_out a l t n_entered x0 x1 x2 x3 x4      (use = all namings but number 1)
  mean     leave_out kind l t n_entered x0 x1 x2 x3 x4   (r_mean of a kind, uncentred)"""
import numpy as np

N, A, L, T, D = 5, 7, 2, 3, 5
KINDS = [range(0, 3), range(3, 7)]
i = np.arange(N * A * L * T * D, dtype=np.uint64)
sums = ((i * 2654435761) % 2**32).astype(np.float64) / 2**31 - 1
sums = sums.reshape(N, A, L, T, D)
j = np.arange(N * A * T)
counts = ((7 * j * j + 3 * j) % 11).reshape(N, A, T)
with np.errstate(divide="ignore", invalid="ignore"):
    raw = np.where(counts[:, :, None, :, None] > 0, sums / counts[:, :, None, :, None], np.nan)
raw = raw.astype(np.float32).astype(np.float64)
centred = np.concatenate([raw[:, k] - raw[:, k].mean(axis=1, keepdims=True) for k in
                          (list(k) for k in KINDS)], axis=1)  # NaN spreads over the kind


def numbers(x):
    return "\t".join("%.17g" % (0 if np.isnan(v) else v) for v in x)


for n in range(N):
    for a in range(A):
        for l in range(L):
            for t in range(T):
                x = centred[n, a, l, t]
                print(f"centred\t{n}\t{a}\t{l}\t{t}\t{int(not np.isnan(x).any())}\t{numbers(x)}")
for leave_out in range(-1, N):
    used = [n for n in range(N) if n not in (1, leave_out)]
    for a in range(A):
        for l in range(L):
            for t in range(T):
                rows = [centred[n, a, l, t] for n in used if not np.isnan(centred[n, a, l, t]).any()]
                mean = np.mean(rows, axis=0) if rows else np.zeros(D)
                print(f"cross\t{leave_out}\t{a}\t{l}\t{t}\t{len(rows)}\t{numbers(mean)}")
    for k, kind in enumerate(KINDS):
        for l in range(L):
            for t in range(T):
                means = [raw[n, list(kind), l, t] for n in used]
                means = [m[~np.isnan(m).any(axis=1)] for m in means]  # the concepts that are present
                means = [m.mean(axis=0) for m in means if len(m)]
                mean = np.mean(means, axis=0) if means else np.zeros(D)
                print(f"mean\t{leave_out}\t{k}\t{l}\t{t}\t{len(means)}\t{numbers(mean)}")
