"""Reads and writes what language models represent while they reason: libfluidrep for Python.

    m = fluidrep.Model("model.gguf")
    t = m.tokenize("...")  # or m.text([m.begin_token]) + "..." where m.begin_token_wanted
    rows = m.capture(t, layers=[20, 40], positions=fluidrep.mentions(t, ["craves"]))  # [L, P, D]
    m.edit(layer=40, positions=range(100, 200), vector=v, scale=2 / 3, keep_norm=True)
    print(m.text(m.generate(t)))
    fluidrep.statistics.t_test(effects).p_greater

    study = fluidrep.Study("studies/demo")
    study.table("similarity"), study.representations(naming="1"), study.traces(verdict="solved")

Axis letters: N naming, A concept, L layer (1..n), T timestamp, P position, D width.
"""

__version__ = "0.1.0"  # of the library, too: _native compares them

from . import statistics
from ._native import Error, InputError
from .model import STEM, Mention, Model, Tokens, mentions
from .planning import Puzzle, Verdict
from .study import Representations, Study, Trace
from .vectors import vectors

__all__ = ["STEM", "Error", "InputError", "Mention", "Model", "Puzzle", "Representations", "Study", "Tokens",
           "Trace", "Verdict", "mentions", "statistics", "vectors"]
