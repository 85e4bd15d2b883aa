"""Vectors of concepts, and the controls that stand beside them."""

from typing import Optional, Sequence, Tuple

import numpy as np

from ._native import check, encoded, ffi, floats, lib, pointer


def vectors(means: np.ndarray, kinds: Sequence[int], naming: int, naming_id: str, layer: int, kind: str,
            control: str = "none", strength: float = 1.0, seed: int = 1, clean: Optional[int] = None,
            ) -> Tuple[np.ndarray, np.ndarray]:
    """The vectors of all concepts for one naming, at one layer and time: float32 [A, D], and which
    there are, bool [A].

    means: float32 [N, A, D], NaN where a cell is missing; kinds [A]: 0 an action, 1 a predicate; naming,
    clean: indices of N. kind and control are words of fluidrep/vectors.h: "in_naming", "cross_loo",
    "symbolic_loo" ..., and "none", "shuffled", "random", "single"."""
    present = np.ascontiguousarray(np.isfinite(means).all(axis=2), np.uint8)
    means = np.nan_to_num(floats(means))
    n_namings, n_concepts, width = means.shape
    if len(kinds) != n_concepts:
        raise ValueError(f"{len(kinds)} kinds of {n_concepts} concepts")
    out, have = np.zeros((n_concepts, width), np.float32), np.zeros(n_concepts, np.uint8)
    check(lib.fluidrep_vectors(
        pointer("float *", means), pointer("uint8_t *", present), ffi.new("int[]", list(kinds)), n_namings,
        n_concepts, width, naming, encoded(naming_id), -1 if clean is None else clean, layer, encoded(kind),
        encoded(control), strength, seed, pointer("float *", out), pointer("uint8_t *", have)))
    return out, have.astype(bool)
