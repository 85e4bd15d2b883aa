"""The shared library by cffi's ABI mode: declarations are the C headers', read at import.

While a C function runs, cffi releases the GIL.
"""

import os
import re

import cffi

HERE = os.path.dirname(os.path.abspath(__file__))


class Error(Exception):
    """What the library said; `code` is one of fluidrep/error.h's."""

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.code = code


def _declarations(directory: str) -> str:
    parts = []
    for name in ("error", "model", "vectors", "planning", "statistics"):
        with open(os.path.join(directory, name + ".h"), encoding="utf-8") as file:
            text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        text = re.sub(r'#ifdef __cplusplus\n.*?#endif', "", text, flags=re.S)
        text = re.sub(r"^#.*$", "", text, flags=re.M)
        parts.append(text.replace("FLUIDREP_API", ""))
    return "\n".join(parts)


def _open():
    """The wheel's own library; FLUIDREP_LIBRARY and FLUIDREP_INCLUDE win over it."""
    ffi = cffi.FFI()
    ffi.cdef(_declarations(os.environ.get("FLUIDREP_INCLUDE", os.path.join(HERE, "include"))))
    own = os.path.join(HERE, "lib", "libfluidrep.so")
    return ffi, ffi.dlopen(os.environ.get("FLUIDREP_LIBRARY", own))


ffi, lib = _open()


def check(code: int) -> int:
    """code, or the library's error as an exception; MemoryError when memory ran out."""
    if code >= 0:
        return code
    text = ffi.string(lib.fluidrep_error()).decode("utf-8", "replace")
    if code == lib.FLUIDREP_E_MEMORY:
        raise MemoryError(text)
    raise Error(code, text)


def text_of(pointer) -> "str | None":
    return None if pointer == ffi.NULL else ffi.string(pointer).decode("utf-8", "replace")


def taken(pointer) -> str:
    """A text the library allocated, given back."""
    try:
        return text_of(pointer)
    finally:
        lib.fluidrep_free(pointer)
