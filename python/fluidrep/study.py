"""A study's directory, read: tables, representations, traces. Nothing is written."""

import json
import os
import sqlite3
from typing import Dict, Iterator, List, Optional

import numpy as np


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
    def __init__(self, directory: str):
        self.directory = str(directory)
        path = os.path.join(self.directory, "study.db")
        if not os.path.exists(path):
            raise FileNotFoundError(f"{path}: there is no study here")
        self._db = sqlite3.connect(f"file:{os.path.abspath(path)}?mode=ro", uri=True)
        self._db.row_factory = sqlite3.Row

    def _rows(self, query: str, values=()) -> List[Dict]:
        return [dict(row) for row in self._db.execute(query, values)]

    def tables(self) -> List[str]:
        """The result tables that there are."""
        return [row["name"] for row in self._rows("SELECT name FROM result_table ORDER BY position")]

    def table(self, name: str):
        """A result table: a pandas DataFrame where pandas is installed, else a list of dicts."""
        if name not in self.tables():
            raise KeyError(f"no table {name}; there is {', '.join(self.tables())}")
        rows = self._rows(f'SELECT * FROM "{name}"')
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(rows)

    def concepts(self) -> List[str]:
        """Axis A of the representations."""
        return [row["concept"] for row in self._rows(
            "SELECT DISTINCT concept, position FROM naming_word ORDER BY position")]

    def representations(self, naming: str, traces: str = "all", site: str = "block",
                        min_mentions: int = 1) -> Dict[str, np.ndarray]:
        """means float32 [A, L, T, D] (NaN: fewer mentions), counts int32 [A, T], times int32 [T]."""
        row = self._db.execute("SELECT file FROM sums WHERE naming = ? AND traces = ? AND site = ?",
                               (naming, traces, site)).fetchone()
        if row is None:
            raise KeyError(f"no representations of naming {naming}, traces {traces}, site {site}")
        tensors = _safetensors(os.path.join(self.directory, "reps", os.path.basename(row["file"])))
        counts = np.array(tensors["counts"])
        enough = counts >= max(1, min_mentions)
        divisor = np.where(enough, counts, 1)[:, None, :, None].astype(np.float64)
        means = (tensors["sums"] / divisor).astype(np.float32)
        means[np.broadcast_to(~enough[:, None, :, None], means.shape)] = np.nan
        return {"means": means, "counts": counts, "times": np.array(tensors["times"])}

    def traces(self, naming: Optional[str] = None,
               verdict: Optional[str] = None) -> Iterator[Dict]:
        """Traces one by one: puzzle, naming, text, verdict, reason, ids, starts, ends (int32 [n])."""
        query, values = "SELECT * FROM trace WHERE 1", []
        for column, value in (("naming", naming), ("verdict", verdict)):
            if value is not None:
                query += f" AND {column} = ?"
                values.append(value)
        for row in self._db.execute(query + " ORDER BY naming, puzzle", values):
            trace = dict(row)
            trace["text"] = bytes(trace["text"]).decode("utf-8", "replace")
            for column in ("ids", "starts", "ends"):
                trace[column] = np.frombuffer(trace[column], "<i4")
            yield trace
