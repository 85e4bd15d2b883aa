"""Reads and writes what language models represent while they reason: libfluidrep for Python.

    m = fluidrep.Model("model.gguf")
    t = m.tokenize("...")
    rows = m.capture(t, layers=[20, 40], positions=fluidrep.mentions(t, ["craves"]))  # [L, P, D]
"""

from ._native import Error
from .model import Mention, Model, Tokens, mentions
from .study import Study

__all__ = ["Error", "Mention", "Model", "Study", "Tokens", "mentions"]
