"""The shared library by cffi's ABI mode; the declarations are those of the C headers.

While a C function runs, cffi has released the GIL.
"""

import os
import re
from typing import Any, Optional

import cffi
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
HEADERS = ("error", "model", "vectors", "planning", "statistics")


class Error(Exception):
    """What the library said, word for word; code is one of fluidrep/error.h's."""

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.code = code


class InputError(Error, ValueError):
    """FLUIDREP_E_INPUT: an argument, a text or a file that is wrong."""


def _declarations() -> str:
    parts = []
    for name in HEADERS:
        with open(os.path.join(HERE, "include", name + ".h"), encoding="utf-8") as file:
            text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        text = re.sub(r"#ifdef __cplusplus\n.*?#endif", "", text, flags=re.S)
        text = re.sub(r"^#.*$", "", text, flags=re.M)
        parts.append(text.replace("FLUIDREP_API", ""))
    return "\n".join(parts)


def _open() -> Any:
    """The system's library, or that of FLUIDREP_LIBRARY."""
    from . import __version__

    ffi = cffi.FFI()
    ffi.cdef(_declarations())
    path = os.environ.get("FLUIDREP_LIBRARY", "libfluidrep.so.0")
    try:
        lib = ffi.dlopen(path)
    except OSError as error:
        raise ImportError(f"{error}; install fluidrep's library (make install, or its package for Debian); where it "
                          "is installed, run ldconfig as root, or name the file in FLUIDREP_LIBRARY") from None
    version = ffi.string(lib.fluidrep_version()).decode()
    if version != __version__:
        raise ImportError(f"{path} is of version {version}, this package of {__version__}; install both of one")
    return ffi, lib


ffi, lib = _open()


def check(code: int) -> int:
    """code, or the library's error as an exception."""
    if code >= 0:
        return code
    text = ffi.string(lib.fluidrep_error()).decode("utf-8", "replace")
    if code == lib.FLUIDREP_E_MEMORY:
        raise MemoryError(text)
    raise (InputError if code == lib.FLUIDREP_E_INPUT else Error)(code, text)


def encoded(text: Optional[str]) -> Any:
    """For a const char *: NULL for None. Bytes that are no UTF-8 stand in a str as surrogates."""
    if text is None:
        return ffi.NULL
    raw = text.encode("utf-8", "surrogateescape")
    if b"\0" in raw:
        raise ValueError("a text with a NUL in it")
    return ffi.new("char[]", raw)


def decoded(pointer: Any) -> Optional[str]:
    return None if pointer == ffi.NULL else ffi.string(pointer).decode("utf-8", "surrogateescape")


def taken(pointer: Any) -> Optional[str]:
    """A text that the library allocated, given back."""
    try:
        return decoded(pointer)
    finally:
        lib.fluidrep_free(pointer)


def pointer(kind: str, array: Optional[np.ndarray]) -> Any:
    """The array's own memory."""
    return ffi.NULL if array is None else ffi.cast(kind, array.ctypes.data)


def ints(values: Any, what: str = "numbers") -> np.ndarray:
    """[n] whole numbers of 32 bits, or what is wrong with them."""
    given = np.asarray(values)
    if given.ndim != 1:
        raise ValueError(f"{what} of shape {given.shape}; one row of them is wanted, [n]")
    if given.size and given.dtype.kind not in "iuf":
        raise TypeError(f"{what} of type {given.dtype}; whole numbers are wanted")
    whole = np.isfinite(given) & (given == np.floor(given)) & (given >= -1 << 31) & (given < 1 << 31)
    if not whole.all():
        raise ValueError(f"{what}: {given[~whole][0]} is not a whole number of 32 bits")
    return np.ascontiguousarray(given, dtype=np.int32)


def floats(values: Any) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float32)
