"""The study's tests, on plain arrays. NaN entries are missing; what cannot be computed is NaN."""

from dataclasses import dataclass
from typing import Any, Sequence, Tuple, Union

import numpy as np

from ._native import check, ffi, lib, pointer

Numbers = Union[Sequence[float], np.ndarray]


@dataclass
class TTest:
    """Of n values that entered, against 0."""

    n: int
    mean: float
    standard_error: float
    t: float
    p_greater: float
    p_two_sided: float


@dataclass
class McNemar:
    p_two_sided: float
    p_greater: float


@dataclass
class Paired:
    """effect: mean over namings of the mean difference; p: of sign flips of pairs, one-sided; low, high: of
    a bootstrap over namings, then puzzles."""

    effect: float
    p: float
    low: float
    high: float


def _doubles(values: Any) -> np.ndarray:
    return np.ascontiguousarray(values, np.float64)


def t_test(values: Numbers) -> TTest:
    """One-sample t-test of the mean of values [n] against 0."""
    x, n, out = _doubles(values).ravel(), ffi.new("int *"), ffi.new("double[5]")
    lib.fluidrep_t_test(pointer("double *", x), len(x), n, *(out + i for i in range(5)))
    return TTest(int(n[0]), *map(float, out))


def wilson(k: int, n: int, confidence: float = 0.95) -> Tuple[float, float]:
    """Wilson's interval of k successes of n."""
    out = ffi.new("double[2]")
    check(lib.fluidrep_wilson(k, n, confidence, out, out + 1))
    return float(out[0]), float(out[1])


def mcnemar(gained: int, lost: int) -> McNemar:
    """McNemar's exact test of pairs that were gained and lost."""
    out = ffi.new("double[2]")
    check(lib.fluidrep_mcnemar(gained, lost, out, out + 1))
    return McNemar(float(out[0]), float(out[1]))


def holm(p: Numbers) -> np.ndarray:
    """Holm's adjusted p-values of a family [n]: float64 [n]; NaN is a test that was not made."""
    given = _doubles(p).ravel()
    adjusted = np.empty_like(given)
    check(lib.fluidrep_holm(pointer("double *", given), len(given), pointer("double *", adjusted)))
    return adjusted


def paired(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]], resamples: int = 10000,
           confidence: float = 0.95, seed: int = 1) -> Paired:
    """Paired outcomes 0 or 1, a list of puzzles for each naming."""
    sizes = [len(one) for one in before]
    if sizes != [len(one) for one in after]:
        raise ValueError(f"namings of {sizes} puzzles before, of {[len(one) for one in after]} after")
    flat = [np.array([x for one in side for x in one], np.int64) for side in (before, after)]
    for side in flat:
        if not np.isin(side, (0, 1)).all():
            raise ValueError("an outcome that is neither 0 nor 1")
    bytes_of = [side.astype(np.uint8) for side in flat]
    out = ffi.new("double[4]")
    check(lib.fluidrep_paired(pointer("uint8_t *", bytes_of[0]), pointer("uint8_t *", bytes_of[1]),
                              ffi.new("int[]", sizes), len(sizes), resamples, confidence, seed,
                              *(out + i for i in range(4))))
    return Paired(*map(float, out))


def flip_test(effects: Any, flips: int = 10000, seed: int = 1) -> Tuple[np.ndarray, np.ndarray]:
    """Sign flips of whole namings, of means above 0: p of each condition by itself, and corrected for the
    family by the largest statistic, float64 [C] each.

    effects: [C, N], NaN where a condition has none. Up to 16 namings all flips are counted; beyond, `flips`
    are drawn from seed."""
    x = np.atleast_2d(_doubles(effects))
    alone, most = np.empty(len(x)), np.empty(len(x))
    check(lib.fluidrep_flip_test(pointer("double *", x), len(x), x.shape[1], flips, seed,
                                 pointer("double *", alone), pointer("double *", most)))
    return alone, most


def detectable_effect(standard_error: float, n: int, level: float = 0.05, power: float = 0.8) -> float:
    """The smallest mean that a one-tailed t-test over n namings with this standard error finds."""
    out = ffi.new("double *")
    check(lib.fluidrep_detectable_effect(standard_error, n, level, power, out))
    return float(out[0])
