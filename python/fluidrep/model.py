"""A GGUF model whose residual stream is read and written.

Layers are 1..n; positions count from 0; a row is `width` float32.
"""

from dataclasses import dataclass
from typing import Dict, Iterable, List, Optional, Sequence, Union

import numpy as np

from ._native import check, ffi, lib, taken, text_of


@dataclass
class Tokens:
    """A text as tokens: ids, and the bytes [start, end) each covers, int32 [n]."""

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


def _ints(values) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.int32)


def _pointer(kind: str, array: Optional[np.ndarray]):
    return ffi.NULL if array is None else ffi.cast(kind, array.ctypes.data)


def mentions(tokens: Tokens, terms: Sequence[str], concepts: Optional[Sequence[int]] = None,
             inflected: bool = True) -> List[Mention]:
    """Where terms stand, as whole words in any case; term i names concepts[i], or i."""
    held = [ffi.new("char[]", term.encode()) for term in terms]
    array = ffi.new("char *[]", held)
    which = ffi.NULL if concepts is None else ffi.new("int[]", list(concepts))
    raw = tokens.text.encode()
    room = len(tokens) + 1
    while True:
        out = np.zeros((3, room), np.int32)
        n = check(lib.fluidrep_mentions(
            ffi.cast("char const * const *", array), which, len(held), inflected, raw, len(raw),
            _pointer("int32_t *", tokens.starts), _pointer("int32_t *", tokens.ends), len(tokens),
            _pointer("int32_t *", out[0]), _pointer("int32_t *", out[1]),
            _pointer("int32_t *", out[2]), room))
        if n <= room:
            return [Mention(*map(int, out[:, i])) for i in range(n)]
        room = n


class Model:
    """Opens a GGUF. Options are those of fluidrep_model_open: slots (1 here), context_tokens,
    chunk_tokens, threads, gpu_layers, flash_attention, kv_type, deterministic, vocabulary_only.

    One thread at a time. Errors are fluidrep.Error with the library's words."""

    def __init__(self, path: str, **options: Union[int, bool, str]):
        options = {"slots": 1, **options}
        text = ",".join(f"{k}={int(v) if isinstance(v, bool) else v}" for k, v in options.items())
        out = ffi.new("fluidrep_model **")
        check(lib.fluidrep_model_open(out, str(path).encode(), text.encode()))
        self._model = ffi.gc(out[0], lib.fluidrep_model_close)
        self._edits: List[Dict] = []

    def _number(self, key: str) -> int:
        return lib.fluidrep_model_number(self._model, key.encode())

    @property
    def layers(self) -> int:
        return self._number("layers")

    @property
    def width(self) -> int:
        return self._number("width")

    @property
    def name(self) -> str:
        return text_of(lib.fluidrep_model_text(self._model, b"name"))

    def tokenize(self, text: str, special: bool = True) -> Tokens:
        """Tokens with byte ranges; special: tags in the text are single tokens."""
        raw = text.encode()
        out = ffi.new("fluidrep_tokens **")
        check(lib.fluidrep_tokenize(self._model, raw, len(raw), special, out))
        tokens = ffi.gc(out[0], lib.fluidrep_tokens_free)
        n = lib.fluidrep_tokens_count(tokens)

        def copied(pointer):
            return np.frombuffer(ffi.buffer(pointer, 4 * n), np.int32).copy() if n else _ints([])

        return Tokens(text, copied(lib.fluidrep_tokens_ids(tokens)),
                      copied(lib.fluidrep_tokens_starts(tokens)),
                      copied(lib.fluidrep_tokens_ends(tokens)))

    def chat(self, message: str, system: Optional[str] = None) -> str:
        """The message in the model's chat template, up to where its reasoning begins."""
        out = ffi.new("char **")
        check(lib.fluidrep_chat(self._model, ffi.NULL if system is None else system.encode(),
                                message.encode(), out))
        return taken(out[0])

    def text(self, ids: Iterable[int]) -> str:
        n = ffi.new("size_t *")
        parts = []
        for token in ids:
            piece = lib.fluidrep_token_text(self._model, int(token), n)
            if piece == ffi.NULL:
                raise ValueError(f"token {token} is not in the vocabulary")
            parts.append(ffi.buffer(piece, n[0])[:])
        return b"".join(parts).decode("utf-8", "replace")

    def edit(self, layer: int, positions: Sequence[int], vector: np.ndarray, scale: float,
             operation: str = "mix", keep_norm: bool = False) -> None:
        """Adds an edit to what generate and capture write; mix keeps the share `scale` of the old
        row: scale h + (1 - scale) v. vector: [width]. clear_edits takes all away."""
        vector = np.ascontiguousarray(vector, dtype=np.float32)
        if vector.shape != (self.width,):
            raise ValueError(f"a vector of shape {vector.shape}; the model's width is {self.width}")
        self._edits.append({"layer": layer, "positions": _ints(positions), "vector": vector,
                            "scale": scale, "operation": operation, "keep_norm": keep_norm})

    def clear_edits(self) -> None:
        self._edits = []

    def _prefill(self, ids: np.ndarray, layers=(), positions=None, site="block", rows=None,
                 want_next=False) -> int:
        """In pieces that give the bits of one call, so that Ctrl-C comes through between them."""
        chunk, n, start, token = self._number("chunk_tokens"), len(ids), 0, ffi.new("int32_t *")
        check(lib.fluidrep_clear(self._model, 0))
        for given in self._edits:
            if len(given["positions"]) and not 0 <= given["positions"].max() < n:
                raise ValueError(f"an edit at position {given['positions'].max()} of {n} tokens")
        layer_list = ffi.new("int[]", list(layers))
        while start < n:
            m = chunk if n - start > chunk + 1 else n - start
            edits = ffi.NULL
            if self._edits:
                out = ffi.new("fluidrep_edits **")
                check(lib.fluidrep_edits_new(out, self.width))
                edits = ffi.gc(out[0], lib.fluidrep_edits_free)
                for e in self._edits:
                    at = _ints([p for p in e["positions"] if start <= p < start + m])
                    check(lib.fluidrep_edits_add(edits, e["operation"].encode(), e["layer"],
                                                 _pointer("int32_t *", at), len(at),
                                                 _pointer("float *", e["vector"]), e["scale"],
                                                 e["keep_norm"]))
            inside = None if positions is None else (positions >= start) & (positions < start + m)
            at = _ints([]) if inside is None else _ints(positions[inside])
            part = np.zeros((len(layers), len(at), self.width), np.float32)
            check(lib.fluidrep_prefill(
                self._model, 0, _pointer("int32_t *", ids[start:start + m]), start, m, edits,
                site.encode(), layer_list, len(layers), _pointer("int32_t *", at), len(at),
                _pointer("float *", part), token if want_next and start + m == n else ffi.NULL))
            if rows is not None:
                rows[:, inside] = part
            start += m
        return token[0]

    def capture(self, tokens: Union[Tokens, Sequence[int]], layers: Sequence[int],
                positions: Sequence[Union[int, Mention]], site: str = "block") -> np.ndarray:
        """Rows at a site ("block", "attention", "mlp"), edits made: float32 [L, P, D]. A mention
        stands for its first token."""
        ids = _ints(tokens.ids if isinstance(tokens, Tokens) else tokens)
        at = np.array([p.first if isinstance(p, Mention) else p for p in positions], np.int64)
        if len(at) and not (0 <= at.min() and at.max() < len(ids)):
            raise ValueError(f"positions {at.min()} to {at.max()} of {len(ids)} tokens")
        unique, back = np.unique(at, return_inverse=True)
        rows = np.zeros((len(layers), len(unique), self.width), np.float32)
        self._prefill(ids, list(layers), unique, site, rows)
        return rows[:, back]

    def generate(self, tokens: Union[Tokens, Sequence[int]], max_tokens: int = 256) -> np.ndarray:
        """Greedy tokens after the given ones, edits made; without the one that ends: int32 [n]."""
        token = self._prefill(_ints(tokens.ids if isinstance(tokens, Tokens) else tokens),
                              want_next=True)
        made: List[int] = []
        given = np.full(self._number("slots"), -1, np.int32)
        while len(made) < max_tokens and not lib.fluidrep_token_ends(self._model, token):
            made.append(token)
            if len(made) == max_tokens:
                break
            given[0] = token
            pointer = _pointer("int32_t *", given)
            check(lib.fluidrep_decode(self._model, pointer, pointer))
            token = int(given[0])
            given[1:] = -1
        return _ints(made)
