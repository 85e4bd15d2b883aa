"""A GGUF model whose residual stream is read and written.

Layers are 1..n, layer L is what stands after block L - 1; positions count from 0; a row is `width`
float32. A model has slots that decode together, and STEM, which holds a beginning for copying.
"""

import threading
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Optional, Sequence, Union

import numpy as np

from ._native import InputError, check, decoded, encoded, ffi, floats, ints, lib, pointer, taken


STEM = -1


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


def as_ids(tokens: AnyTokens) -> np.ndarray:
    ids = ints(tokens.ids if isinstance(tokens, Tokens) else tokens, "tokens")
    if len(ids) == 0:
        raise InputError(lib.FLUIDREP_E_INPUT, "a text of 0 tokens; give at least one")
    return ids


def places(positions: "Positions", whole: bool) -> np.ndarray:
    """[P] of numbers and mentions; whole: a mention stands for all its tokens, else for its first."""
    return ints([p for place in positions
                 for p in (range(place.first, place.end if whole else place.first + 1)
                           if isinstance(place, Mention) else (place,))], "positions")


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
    """A model, for one caller at a time; siblings compute side by side.

    capture and generate use slot 0 alone; generate_all, or prefill, copy_stem and decode, use all of them.

    options: those of fluidrep_model_open (include/fluidrep/model.h), such as context_tokens=8192,
    threads=4, gpu_layers=-1, flash_attention=True; slots is 1 unless given. kv_type="f32" has the most
    exact rows; Study.model_options() those of a study, bit for bit. While the library computes the GIL is
    free, and Ctrl-C is answered after at most chunk_tokens tokens."""

    def __init__(self, path: str, **options: Any):
        words = {"slots": 1, **{key: int(value) if isinstance(value, bool) else value
                                for key, value in options.items()}}
        out = ffi.new("fluidrep_model **")
        check(lib.fluidrep_model_open(out, encoded(str(path)),
                                      encoded(",".join(f"{key}={value}" for key, value in words.items()))))
        self._take(out[0])

    def _take(self, handle: Any) -> None:
        self._handle: Any = ffi.gc(handle, lib.fluidrep_model_close)
        self._edits: List[Dict[str, Any]] = []
        self._lock = threading.Lock()

    @property
    def _model(self) -> Any:
        if self._handle is None:
            raise ValueError("the model is closed")
        return self._handle

    def sibling(self, threads: int = 0) -> "Model":
        """Another model on the same weights, for another thread of Python. threads: 0 as this one."""
        out = ffi.new("fluidrep_model **")
        with self._lock:
            check(lib.fluidrep_model_sibling(out, self._model, threads))
        other = Model.__new__(Model)
        other._take(out[0])
        return other

    def close(self) -> None:
        """Gives the memory back now; the model is of no more use. Again: nothing happens."""
        with self._lock:
            if self._handle is not None:
                ffi.release(self._handle)
            self._handle = None

    def __enter__(self) -> "Model":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def _number(self, key: str) -> int:
        return int(lib.fluidrep_model_number(self._model, key.encode()))

    def _text(self, key: str) -> str:
        return decoded(lib.fluidrep_model_text(self._model, key.encode())) or ""

    @property
    def layers(self) -> int:
        """L, how many there are."""
        return self._number("layers")

    @property
    def width(self) -> int:
        """D, floats of a row."""
        return self._number("width")

    @property
    def vocabulary(self) -> int:
        """how many tokens there are."""
        return self._number("vocabulary")

    @property
    def context_train(self) -> int:
        """the longest text that it was trained for."""
        return self._number("context_train")

    @property
    def parameters(self) -> int:
        """how many weights."""
        return self._number("parameters")

    @property
    def slots(self) -> int:
        """texts that decode together."""
        return self._number("slots")

    @property
    def context_tokens(self) -> int:
        """the longest text of a slot."""
        return self._number("context_tokens")

    @property
    def chunk_tokens(self) -> int:
        """a prefill goes in chunks of so many."""
        return self._number("chunk_tokens")

    @property
    def begin_token(self) -> int:
        """the token for a text's beginning, -1 for none; tokenize adds none."""
        return self._number("begin_token")

    @property
    def begin_token_wanted(self) -> bool:
        """was it trained with begin_token in front, as the file says?"""
        return self._number("begin_token_wanted") == 1

    @property
    def architecture(self) -> str:
        """as llama.cpp calls it."""
        return self._text("architecture")

    @property
    def name(self) -> str:
        """as the file says."""
        return self._text("name")

    @property
    def quantization(self) -> str:
        """of the weights."""
        return self._text("quantization")

    @property
    def engine(self) -> str:
        """what computes."""
        return self._text("engine")

    @property
    def reasoning_start(self) -> str:
        """The tag before a reasoning, "" for none."""
        return self._text("reasoning_start")

    @property
    def reasoning_end(self) -> str:
        """the tag behind it."""
        return self._text("reasoning_end")

    def tokenize(self, text: str, special: bool = True) -> Tokens:
        """Tokens with byte ranges; special: tags such as <|im_end|> in the text are single tokens.

        None is added: where begin_token_wanted, m.tokenize(m.text([m.begin_token]) + text) reads the text as
        the model was trained to; chat does so by itself."""
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
        for token in ints(ids if hasattr(ids, "__len__") else list(ids), "tokens"):
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
        "replace" v; "add" h + scale v; "subtract" h - scale v; "jitter" h + scale |h| v / |v|; "project"
        h - scale (h.v / v.v) v, which with scale 1 leaves nothing along v. keep_norm: brought back to the norm
        of h."""
        vector = floats(vector)
        if vector.shape != (self.width,):
            raise ValueError(f"a vector of shape {vector.shape}; the model's width is {self.width}")
        at = places(positions, True)
        given = {"layer": int(ints([layer], "layer")[0]), "positions": at, "vector": vector.copy(), "scale": float(scale),
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

    def _check_edits(self, n: int) -> None:
        for e in self._edits:
            if len(e["positions"]) and not 0 <= e["positions"].min() <= e["positions"].max() < n:
                raise ValueError(f"an edit at positions {e['positions'].min()} to {e['positions'].max()}; "
                                 f"the text has {n} tokens")

    def _prefill(self, ids: np.ndarray, layers: List[int], positions: np.ndarray, site: str,
                 rows: Optional[np.ndarray], want_next: bool, slot: int = 0, begin: int = 0) -> int:
        """In pieces of chunk_tokens, which give the bits of one call (fluidrep/model.h), so that Ctrl-C
        comes through between them. positions [P] ascend, rows is [L, P, D]."""
        chunk, n, start = self.chunk_tokens, begin + len(ids), begin
        token, of_c = ffi.new("int32_t *"), ffi.new("int[]", layers)
        if begin == 0:
            check(lib.fluidrep_clear(self._model, slot))
        while start < n:
            m = chunk if n - start > chunk + 1 else n - start
            first, end = np.searchsorted(positions, [start, start + m])
            at = ints(positions[first:end])
            whole = rows is not None and len(at) == rows.shape[1]  # else the piece is copied into place
            part = rows if whole else np.empty((len(layers), len(at), self.width), np.float32)
            check(lib.fluidrep_prefill(
                self._model, slot, pointer("int32_t *", ids[start - begin:start - begin + m]), start, m,
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
        ids = as_ids(tokens)
        at, wanted = places(positions, False), ints(layers, "layers").tolist()
        if len(at) and not (0 <= at.min() and at.max() < len(ids)):
            raise ValueError(f"positions {at.min()} to {at.max()}; the text has {len(ids)} tokens")
        unique, back = np.unique(at, return_inverse=True)
        rows = np.zeros((len(wanted), len(unique), self.width), np.float32)
        self._check_edits(len(ids))
        with self._lock:
            self._prefill(ids, wanted, unique, site, rows, False)
        return rows if np.array_equal(unique, at) else rows[:, back]

    def generate(self, tokens: AnyTokens, max_tokens: int = 256) -> np.ndarray:
        """What the model goes on with, greedily, after the given tokens and the edits to them: int32
        [n], n <= max_tokens, without the token that ends."""
        ids = as_ids(tokens)
        self._check_edits(len(ids))
        with self._lock:
            return self._continue([ids], max_tokens, 0)[0]

    def generate_all(self, texts: Sequence[AnyTokens], max_tokens: int = 256) -> List[np.ndarray]:
        """What generate gives for each text, bit for bit, `slots` of them at once; a beginning that all
        of them share is read once. The edits are to positions of every text."""
        all_ids = [as_ids(text) for text in texts]
        for ids in all_ids:
            self._check_edits(len(ids))
        shared = min((len(ids) for ids in all_ids), default=0)
        for ids in all_ids:
            differs = np.flatnonzero(ids[:shared] != all_ids[0][:shared])
            shared = int(differs[0]) if len(differs) else shared
        # Whole chunks, so that the rest goes in the chunks of the whole text; two tokens stay for it.
        shortest = min((len(ids) for ids in all_ids), default=0)
        stem = max(0, min(shared, shortest - 2)) // self.chunk_tokens * self.chunk_tokens
        out: List[np.ndarray] = []
        with self._lock:
            if len(all_ids) > 1 and stem > 0 and max_tokens > 0:
                self._prefill(all_ids[0][:stem], [], ints([]), "block", None, False, STEM)
            for i in range(0, len(all_ids), self.slots):
                out += self._continue(all_ids[i:i + self.slots], max_tokens, stem if len(all_ids) > 1 else 0)
        return out

    def _continue(self, texts: List[np.ndarray], max_tokens: int, stem: int) -> List[np.ndarray]:
        """A text to a slot, the first `stem` tokens of each copied, all decoded together."""
        made: List[List[int]] = [[] for _ in texts]
        step = np.full(self.slots, -1, np.int32)
        for slot, ids in enumerate(texts if max_tokens > 0 else []):
            if stem > 0:
                check(lib.fluidrep_copy_stem(self._model, slot, stem))
            step[slot] = self._prefill(ids[stem:], [], ints([]), "block", None, True, slot, stem)
        while True:
            for slot, tokens in enumerate(made):
                if step[slot] < 0:
                    continue
                if len(tokens) < max_tokens and not lib.fluidrep_token_ends(self._model, int(step[slot])):
                    tokens.append(int(step[slot]))
                    if len(tokens) < max_tokens:
                        continue
                step[slot] = -1
            if (step < 0).all():
                return [ints(tokens) for tokens in made]
            check(lib.fluidrep_decode(self._model, pointer("int32_t *", step), pointer("int32_t *", step)))

    def prefill(self, tokens: AnyTokens, slot: int = 0, start: int = 0) -> int:
        """Appends tokens to a slot, or to STEM, which holds `start` tokens; 0 empties it first. Edits at
        positions of these tokens are made. The greedy next token."""
        ids = as_ids(tokens)
        with self._lock:
            return self._prefill(ids, [], ints([]), "block", None, True, slot, start)

    def decode(self, tokens: Sequence[int]) -> np.ndarray:
        """One greedy step: slot i takes tokens[i], -1 for none; what follows, int32 [slots], -1 for none."""
        step = np.full(self.slots, -1, np.int32)
        given = ints(tokens, "tokens")
        if len(given) > len(step):
            raise ValueError(f"{len(given)} tokens for {len(step)} slots")
        step[:len(given)] = given
        with self._lock:
            check(lib.fluidrep_decode(self._model, pointer("int32_t *", step), pointer("int32_t *", step)))
        return step

    def copy_stem(self, slot: int, n_tokens: int) -> None:
        """The first n_tokens of STEM become the content of a slot."""
        with self._lock:
            check(lib.fluidrep_copy_stem(self._model, slot, n_tokens))

    def clear(self, slot: int = 0) -> None:
        """Empties a slot, or STEM."""
        with self._lock:
            check(lib.fluidrep_clear(self._model, slot))

    def ends(self, token: int) -> bool:
        """Does the token end a generation?"""
        return bool(lib.fluidrep_token_ends(self._model, int(ints([token], "token")[0])))

    def logits(self) -> np.ndarray:
        """After the last text that generate or prefill read: float32 [vocabulary]."""
        out = np.empty(self.vocabulary, np.float32)
        with self._lock:
            check(lib.fluidrep_logits(self._model, pointer("float *", out)))
        return out
