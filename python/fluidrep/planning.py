"""Puzzles, their prompts, and verdicts on plans."""

from dataclasses import dataclass
from typing import List, Optional

from ._native import check, decoded, encoded, ffi, lib, taken


@dataclass
class Verdict:
    """kind: "solved", "goal_unmet", "illegal_step", "unparsed" or "truncated"; step: of a fault, from 1;
    reason: what is wrong."""

    kind: str
    step: int
    reason: str


class Puzzle:
    """A problem in PDDL under a naming: of namings.tsv, or of a table of one's own."""

    def __init__(self, problem: str, naming: str = "clean", domain: Optional[str] = None,
                 table: Optional[str] = None):
        out = ffi.new("fluidrep_puzzle **")
        check(lib.fluidrep_puzzle_open(out, encoded(domain), encoded(problem), encoded(table),
                                       encoded(naming)))
        self._puzzle = ffi.gc(out[0], lib.fluidrep_puzzle_close)

    @property
    def concepts(self) -> List[str]:
        """Axis A: the domain's actions and predicates."""
        return [decoded(lib.fluidrep_puzzle_concept(self._puzzle, i)) or ""
                for i in range(lib.fluidrep_puzzle_concepts(self._puzzle))]

    @property
    def words(self) -> List[str]:
        """[A] what the naming calls them."""
        return [decoded(lib.fluidrep_puzzle_word(self._puzzle, i)) or ""
                for i in range(lib.fluidrep_puzzle_concepts(self._puzzle))]

    def prompt(self, style: str = "planbench") -> str:
        """The user's message; style "planbench", "paper" or "terse"."""
        out = ffi.new("char **")
        check(lib.fluidrep_puzzle_prompt(self._puzzle, encoded(style), out))
        return taken(out[0]) or ""

    def verdict(self, answer: str, style: str = "planbench") -> Verdict:
        """On an answer, its reasoning left out; style "pddl": a plan as VAL reads it."""
        kind, step, reason = ffi.new("char const **"), ffi.new("int *"), ffi.new("char **")
        check(lib.fluidrep_puzzle_verdict(self._puzzle, encoded(style), encoded(answer), kind, step, reason))
        return Verdict(decoded(kind[0]) or "", int(step[0]), taken(reason[0]) or "")
