"""A GGUF model whose residual stream is read and written.

Layers are 1..n, layer L is what stands after block L - 1; positions count from 0; a row is `width`
float32.
"""

import threading
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Optional, Sequence, Union

import numpy as np

from ._native import check, decoded, encoded, ffi, floats, ints, lib, pointer, taken


@dataclass
class Tokens:
    """A text as tokens: ids, and the bytes [start, end) of text each covers, int32 [n]."""

    text: str
    ids: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass
class Mention:
    """Tokens [first, end) that name a concept."""

    concept: int
    first: int
    end: int


AnyTokens = Union[Tokens, Sequence[int], np.ndarray]
Positions = Iterable[Union[int, Mention]]


def mentions(tokens: Tokens, terms: Sequence[str], concepts: Optional[Sequence[int]] = None,
             inflected: bool = True) -> List[Mention]:
    """Where terms stand, as whole words in any case; term i names concepts[i] >= 0, or i.

    inflected: forms count too (craves, craving)."""
    if concepts is not None and len(concepts) != len(terms):
        raise ValueError(f"{len(concepts)} concepts for {len(terms)} terms")
    held = [encoded(term) for term in terms]
    array = ffi.new("char *[]", held)
    which = ffi.NULL if concepts is None else ffi.new("int[]", list(concepts))
    raw = tokens.text.encode("utf-8", "surrogateescape")
    starts, ends = ints(tokens.starts), ints(tokens.ends)
    room = len(tokens) + 1
    while True:
        out = np.zeros((3, room), np.int32)
        n = check(lib.fluidrep_mentions(
            ffi.cast("char const * const *", array), which, len(held), inflected, raw, len(raw),
            pointer("int32_t *", starts), pointer("int32_t *", ends), len(tokens),
            *(pointer("int32_t *", column) for column in out), room))
        if n <= room:
            return [Mention(*map(int, out[:, i])) for i in range(n)]
        room = n


class Model:
    """One sequence of a model (slot 0), for one caller at a time; siblings compute side by side.

    options: those of fluidrep_model_open (include/fluidrep/model.h), such as context_tokens=8192,
    threads=4, gpu_layers=-1, kv_type="q8_0"; slots is 1 unless given. While the library computes the
    GIL is free, and Ctrl-C is answered after at most chunk_tokens tokens."""

    def __init__(self, path: str, **options: Any):
        words = {"slots": 1, **{key: int(value) if isinstance(value, bool) else value
                                for key, value in options.items()}}
        out = ffi.new("fluidrep_model **")
        check(lib.fluidrep_model_open(out, encoded(str(path)),
                                      encoded(",".join(f"{key}={value}" for key, value in words.items()))))
        self._take(out[0])

    def _take(self, handle: Any) -> None:
        self._model = ffi.gc(handle, lib.fluidrep_model_close)
        self._edits: List[Dict[str, Any]] = []
        self._lock = threading.Lock()

    def sibling(self, threads: int = 0) -> "Model":
        """Another model on the same weights, for another thread of Python. threads: 0 as this one."""
        out = ffi.new("fluidrep_model **")
        with self._lock:
            check(lib.fluidrep_model_sibling(out, self._model, threads))
        other = Model.__new__(Model)
        other._take(out[0])
        return other

    def close(self) -> None:
        """Gives the memory back now; the model is of no more use."""
        with self._lock:
            ffi.release(self._model)
            self._model = ffi.NULL

    def __enter__(self) -> "Model":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def _number(self, key: str) -> int:
        return int(lib.fluidrep_model_number(self._model, key.encode()))

    layers = property(lambda self: self._number("layers"), doc="L, how many there are")
    width = property(lambda self: self._number("width"), doc="D, floats of a row")
    vocabulary = property(lambda self: self._number("vocabulary"), doc="how many tokens there are")
    context_tokens = property(lambda self: self._number("context_tokens"), doc="the longest text")
    name = property(lambda self: decoded(lib.fluidrep_model_text(self._model, b"name")),
                    doc="as the file says")

    def tokenize(self, text: str, special: bool = True) -> Tokens:
        """Tokens with byte ranges; special: tags such as <|im_end|> in the text are single tokens."""
        raw = text.encode("utf-8", "surrogateescape")
        out = ffi.new("fluidrep_tokens **")
        check(lib.fluidrep_tokenize(self._model, raw, len(raw), special, out))
        held = ffi.gc(out[0], lib.fluidrep_tokens_free)
        n = lib.fluidrep_tokens_count(held)

        def copied(array: Any) -> np.ndarray:
            return np.frombuffer(ffi.buffer(array, 4 * n), np.int32).copy() if n else ints([])

        return Tokens(text, copied(lib.fluidrep_tokens_ids(held)), copied(lib.fluidrep_tokens_starts(held)),
                      copied(lib.fluidrep_tokens_ends(held)))

    def chat(self, message: str, system: Optional[str] = None) -> str:
        """The message in the model's chat template, up to where its reasoning begins."""
        out = ffi.new("char **")
        check(lib.fluidrep_chat(self._model, encoded(system), encoded(message), out))
        return taken(out[0]) or ""

    def text(self, ids: Iterable[int]) -> str:
        """What the tokens spell."""
        n = ffi.new("size_t *")
        parts = []
        for token in ids:
            piece = lib.fluidrep_token_text(self._model, int(token), n)
            if piece == ffi.NULL:
                raise ValueError(f"token {token} is not in the vocabulary")
            parts.append(ffi.buffer(piece, n[0])[:])
        return b"".join(parts).decode("utf-8", "surrogateescape")

    def edit(self, layer: int, positions: Positions, vector: np.ndarray, scale: float,
             operation: str = "mix", keep_norm: bool = False) -> None:
        """Adds an edit to what capture and generate do while they read a text, until clear_edits.

        vector: float32 [D]. With h the row at each position (a mention stands for all its tokens), as in
        fluidrep/model.h: "mix" scale h + (1 - scale) v, scale is the share of the *old* row that stays;
        "replace" v; "add" h + scale v; "subtract" h - scale v; "jitter" h + scale |h| v / |v|. keep_norm:
        brought back to the norm of h."""
        vector = floats(vector)
        if vector.shape != (self.width,):
            raise ValueError(f"a vector of shape {vector.shape}; the model's width is {self.width}")
        at = ints([p for place in positions
                   for p in (range(place.first, place.end) if isinstance(place, Mention) else (place,))])
        given = {"layer": int(layer), "positions": at, "vector": vector.copy(), "scale": float(scale),
                 "operation": operation, "keep_norm": bool(keep_norm)}
        self._plan([given], 0, 1 << 30)  # wrong ones are told now
        self._edits.append(given)

    def clear_edits(self) -> None:
        self._edits = []

    def _plan(self, edits: List[Dict[str, Any]], start: int, end: int) -> Any:
        """The edits at positions [start, end) as the library takes them."""
        out = ffi.new("fluidrep_edits **")
        check(lib.fluidrep_edits_new(out, self.width))
        plan = ffi.gc(out[0], lib.fluidrep_edits_free)
        for e in edits:
            at = ints(e["positions"][(e["positions"] >= start) & (e["positions"] < end)])
            check(lib.fluidrep_edits_add(plan, encoded(e["operation"]), e["layer"], pointer("int32_t *", at),
                                         len(at), pointer("float *", e["vector"]), e["scale"], e["keep_norm"]))
        return plan

    def _prefill(self, ids: np.ndarray, layers: List[int], positions: np.ndarray, site: str,
                 rows: Optional[np.ndarray], want_next: bool) -> int:
        """In pieces of chunk_tokens, which give the bits of one call (fluidrep/model.h), so that Ctrl-C
        comes through between them. positions [P] ascend, rows is [L, P, D]."""
        chunk, n, start = self._number("chunk_tokens"), len(ids), 0
        token, of_c = ffi.new("int32_t *"), ffi.new("int[]", layers)
        check(lib.fluidrep_clear(self._model, 0))
        for e in self._edits:
            if len(e["positions"]) and not 0 <= e["positions"].min() <= e["positions"].max() < n:
                raise ValueError(f"an edit at positions {e['positions'].min()} to {e['positions'].max()}; "
                                 f"the text has {n} tokens")
        while start < n:
            m = chunk if n - start > chunk + 1 else n - start
            first, end = np.searchsorted(positions, [start, start + m])
            at = ints(positions[first:end])
            whole = rows is not None and len(at) == rows.shape[1]  # else the piece is copied into place
            part = rows if whole else np.empty((len(layers), len(at), self.width), np.float32)
            check(lib.fluidrep_prefill(
                self._model, 0, pointer("int32_t *", ids[start:start + m]), start, m,
                self._plan(self._edits, start, start + m) if self._edits else ffi.NULL, encoded(site), of_c,
                len(layers), pointer("int32_t *", at), len(at), pointer("float *", part),
                token if want_next and start + m == n else ffi.NULL))
            if rows is not None and not whole:
                rows[:, first:end] = part
            start += m
        return int(token[0])

    def capture(self, tokens: AnyTokens, layers: Sequence[int], positions: Positions,
                site: str = "block") -> np.ndarray:
        """Rows, after their edits: float32 [L, P, D], in the order of layers and positions.

        site: "block", the residual stream after a block; "attention", "mlp", what these add to it. A
        mention stands for its first token."""
        ids = ints(tokens.ids if isinstance(tokens, Tokens) else tokens)
        at = np.array([p.first if isinstance(p, Mention) else p for p in positions], np.int64)
        if len(at) and not (0 <= at.min() and at.max() < len(ids)):
            raise ValueError(f"positions {at.min()} to {at.max()}; the text has {len(ids)} tokens")
        unique, back = np.unique(at, return_inverse=True)
        rows = np.zeros((len(layers), len(unique), self.width), np.float32)
        with self._lock:
            self._prefill(ids, [int(layer) for layer in layers], unique, site, rows, False)
        return rows if np.array_equal(unique, at) else rows[:, back]

    def generate(self, tokens: AnyTokens, max_tokens: int = 256) -> np.ndarray:
        """What the model goes on with, greedily, after the given tokens and the edits to them: int32
        [n], n <= max_tokens, without the token that ends."""
        ids = ints(tokens.ids if isinstance(tokens, Tokens) else tokens)
        made: List[int] = []
        with self._lock:
            token = self._prefill(ids, [], ints([]), "block", None, True) if max_tokens > 0 else -1
            step = np.full(self._number("slots"), -1, np.int32)
            while len(made) < max_tokens and not lib.fluidrep_token_ends(self._model, token):
                made.append(token)
                if len(made) == max_tokens:
                    break
                step[:] = -1
                step[0] = token
                check(lib.fluidrep_decode(self._model, pointer("int32_t *", step), pointer("int32_t *", step)))
                token = int(step[0])
        return ints(made)

    def logits(self) -> np.ndarray:
        """After the last text that generate read: float32 [vocabulary]."""
        out = np.empty(self.vocabulary, np.float32)
        with self._lock:
            check(lib.fluidrep_logits(self._model, pointer("float *", out)))
        return out
