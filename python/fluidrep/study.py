"""A study's directory, read: tables, representations, traces. Nothing is written."""

import json
import os
import sqlite3
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np

from .model import Tokens
from .vectors import vectors


@dataclass
class Representations:
    """Of one naming, at one site: means over mentions, by layer and time.

    means: float32 [A, L, T, D], NaN where there were too few; counts: int32 [A, T] mentions; layers: [L],
    from 1; times: int32 [T], tokens after the origin at which a window ends."""

    means: np.ndarray
    counts: np.ndarray
    layers: List[int]
    times: np.ndarray


@dataclass
class Trace:
    """What a model wrote about a puzzle under a naming: n_prompt tokens of prompt, n_reasoning of
    reasoning, the rest its answer; the verdict, the step of a fault from 1, and the reason."""

    puzzle: int
    naming: str
    split: str
    verdict: str
    step: int
    reason: str
    n_prompt: int
    n_reasoning: int
    tokens: Tokens


def _safetensors(path: str) -> Dict[str, np.ndarray]:
    """The tensors of a file, mapped, not copied."""
    kinds = {"F64": np.float64, "F32": np.float32, "I32": np.int32, "I64": np.int64}
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    data = np.memmap(path, np.uint8, "r", offset=8 + length)
    return {name: data[slice(*what["data_offsets"])].view(kinds[what["dtype"]]).reshape(what["shape"])
            for name, what in header.items() if name != "__metadata__"}


class Study:
    """The study in a directory; it may be running. configuration: every key with its value, as text."""

    def __init__(self, directory: str):
        self.directory = str(directory)
        path = os.path.abspath(os.path.join(self.directory, "study.db"))
        if not os.path.exists(path):
            raise FileNotFoundError(f"{path}: no study there; `fluidrep run CONFIG --out {self.directory}` makes one")
        # A closed study has no log beside it, and can be read where nothing can be written.
        how = "mode=ro" if os.path.exists(path + "-wal") else "immutable=1"
        address = "file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        self._db = sqlite3.connect(f"{address}?{how}", uri=True)
        self._db.row_factory = sqlite3.Row
        if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
            raise ValueError(f"{path}: holds no study yet; run one into this directory first")
        text = self._rows("SELECT value FROM meta WHERE key = 'configuration'")[0]["value"]
        self.configuration: Dict[str, str] = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)

    def _rows(self, query: str, values: Sequence[Any] = ()) -> List[sqlite3.Row]:
        return self._db.execute(query, values).fetchall()

    def model_options(self) -> Dict[str, Any]:
        """What rows depend on, for Model(path, **study.model_options()): as the study opened its model."""
        def of(key: str) -> str:
            return self.configuration["model." + key]

        return {"context_tokens": int(of("context_tokens")), "chunk_tokens": int(of("chunk_tokens")),
                "kv_type": of("kv_type"), "flash_attention": of("flash_attention") == "true",
                "deterministic": of("deterministic") == "true"}

    def tables(self) -> List[str]:
        """The result tables that there are; `fluidrep tables` prints them for a document."""
        return [row["name"] for row in self._rows("SELECT name FROM result_table ORDER BY position")]

    def table(self, name: str) -> Dict[str, np.ndarray]:
        """A result table as columns: numbers (float64 with NaN where a cell is empty), else objects.

        With pandas: pandas.DataFrame(study.table("similarity"))."""
        if name not in self.tables():
            raise KeyError(f"no table {name}; there is {', '.join(self.tables())}")
        cursor = self._db.execute(f'SELECT * FROM "{name}"')
        rows = cursor.fetchall()
        out = {}
        for i, column in enumerate(cursor.description):
            values = [row[i] for row in rows]
            if all(isinstance(v, int) for v in values):
                out[column[0]] = np.array(values, np.int64)
            elif all(v is None or isinstance(v, (int, float)) for v in values):
                out[column[0]] = np.array([np.nan if v is None else v for v in values], np.float64)
            else:
                out[column[0]] = np.array(values, object)
        return out

    def namings(self) -> List[str]:
        """Axis N."""
        return [row["id"] for row in self._rows("SELECT id FROM naming ORDER BY position")]

    def used(self) -> List[str]:
        """The namings that take part in means over namings: not the clean one, not what was excluded."""
        return [row["id"] for row in self._rows(
            "SELECT id FROM naming WHERE role = 'mystery' AND NOT excluded ORDER BY position")]

    def concepts(self) -> List[str]:
        """Axis A."""
        return [row["concept"] for row in self._rows(
            "SELECT DISTINCT concept, position FROM naming_word ORDER BY position")]

    def kinds(self) -> List[int]:
        """[A] 0 an action, 1 a predicate."""
        return [int(row["kind"] != "action") for row in self._rows(
            "SELECT DISTINCT concept, position, kind FROM naming_word ORDER BY position")]

    def words(self, naming: str) -> List[str]:
        """[A] what the naming calls the concepts."""
        return [row["word"] for row in self._rows(
            "SELECT word FROM naming_word WHERE naming = ? ORDER BY position", (naming,))]

    def representations(self, naming: str, traces: str = "all", site: str = "block",
                        layers: Optional[Sequence[int]] = None, min_mentions: int = 1) -> Representations:
        """Of the traces of one naming: traces "all", "solved", and of "failed", "matched", "half_a",
        "half_b", "panel", "other_span", "same_solved", "same_failed" those that the study keeps; layers: all of them unless given, read
        from disk one by one; a cell with fewer than min_mentions is missing."""
        found = self._rows("SELECT file FROM sums WHERE naming = ? AND traces = ? AND site = ?",
                           (naming, traces, site))
        if not found:
            raise KeyError(f"no representations of naming {naming}, traces {traces}, site {site}")
        tensors = _safetensors(os.path.join(self.directory, "reps", found[0]["file"]))
        sums, counts = tensors["sums"], np.array(tensors["counts"])
        wanted = list(range(1, sums.shape[1] + 1) if layers is None else layers)
        if wanted and not 1 <= min(wanted) <= max(wanted) <= sums.shape[1]:
            raise ValueError(f"layers {min(wanted)} to {max(wanted)}; there are 1 to {sums.shape[1]}")
        enough = counts >= max(1, min_mentions)
        divisor = np.where(enough, counts, 1)[:, :, None].astype(np.float64)
        means = np.empty((sums.shape[0], len(wanted)) + sums.shape[2:], np.float32)
        for i, layer in enumerate(wanted):
            means[:, i] = sums[:, layer - 1] / divisor
            means[:, i][~enough] = np.nan
        return Representations(means, counts, wanted, np.array(tensors["times"]))

    def least_mentions(self, traces: str = "all") -> int:
        """How many mentions a cell of a set must have in the study's own analyses and vectors."""
        least = int(self.configuration["representations.min_mentions"])
        if traces == "matched":
            return int(self.configuration["representations.matched_mentions"])
        return (least + 1) // 2 if traces in ("half_a", "half_b") else least

    def vectors(self, naming: str, kind: str, layer: int, timestamp: int, control: str = "none",
                strength: float = 1.0, traces: str = "all") -> Tuple[np.ndarray, np.ndarray]:
        """The vectors that the study's experiments write, of all concepts for one naming: float32 [A, D],
        and which there are, bool [A]. kind and control: as fluidrep.vectors has them."""
        clean = [row["id"] for row in self._rows("SELECT id FROM naming WHERE role = 'clean'")]
        namings = self.used() + clean
        if naming not in namings:
            raise KeyError(f"naming {naming}; there is {', '.join(namings)}")
        means = []
        for one in namings:
            found = self.representations(one, traces, layers=[layer], min_mentions=self.least_mentions(traces))
            at = np.flatnonzero(found.times == timestamp)
            if len(at) == 0:
                raise ValueError(f"timestamp {timestamp}; the study has {', '.join(map(str, found.times))}")
            means.append(found.means[:, 0, at[0]])
        return vectors(np.stack(means), self.kinds(), namings.index(naming), naming, layer, kind, control, strength,
                       int(self.configuration["seed"]), namings.index(clean[0]) if clean else None)

    def traces(self, naming: Optional[str] = None, verdict: Optional[str] = None,
               split: Optional[str] = None) -> Iterator[Trace]:
        """Traces one by one, by naming and puzzle. verdict: "solved", "goal_unmet", "illegal_step",
        "unparsed", "truncated"; split: "collect" or "evaluate"."""
        query, values = "SELECT t.*, p.split FROM trace t JOIN puzzle p ON p.id = t.puzzle WHERE 1", []
        for column, value in (("t.naming", naming), ("t.verdict", verdict), ("p.split", split)):
            if value is not None:
                query += f" AND {column} = ?"
                values.append(value)
        for row in self._db.execute(query + " ORDER BY t.naming, p.split, p.position", values):
            tokens = Tokens(bytes(row["text"]).decode("utf-8", "surrogateescape"),
                            *(np.frombuffer(row[column], "<i4") for column in ("ids", "starts", "ends")))
            yield Trace(row["puzzle"], row["naming"], row["split"], row["verdict"], row["step"], row["reason"],
                        row["n_prompt"], row["n_reasoning"], tokens)
