"""Rows of a file as bytes: parts behind their lengths, values as JSON; nothing that is read from one is run.

Whoever hands a file over may have written anything into it. No length is believed beyond the bytes that are there, and
JSON ends at Python's limits of depth and digits; `marshal` and `pickle` promise neither.
"""

from __future__ import annotations

import json
from struct import Struct
from typing import Any

import numpy as np

from feedhub.match.text.tokens import U64

_LENGTH = 4
#: arrays are read where they lie, quickest where a processor looks for numbers of eight bytes
_ALIGNED = 8


def joined(*parts: bytes) -> bytes:
    """Join parts, arrays before texts, behind their lengths."""
    return b"".join((_lengths(len(parts)).pack(*map(len, parts)), *parts))


def parted(packed: bytes | memoryview, count: int) -> list[memoryview]:
    """Return the parts that `joined` joined; raises ValueError where they are not so many and so long."""
    layout, rest = _lengths(count), memoryview(packed)
    if len(rest) < layout.size:
        raise ValueError("shorter than its lengths")
    lengths, rest = layout.unpack(rest[: layout.size]), rest[layout.size :]
    if sum(lengths) != len(rest):
        raise ValueError("longer or shorter than its parts")
    parts = []
    for length in lengths:
        parts.append(rest[:length])
        rest = rest[length:]
    return parts


def packed_values(*values: Any) -> bytes:
    """Return values of JSON's kinds as bytes; raises TypeError and ValueError for others."""
    return json.dumps(values, separators=(",", ":")).encode("ascii")


def values_of(packed: bytes | memoryview, *kinds: tuple[type, ...]) -> list[Any]:
    """Return what `packed_values` packed, one value for each of `kinds`, the types that it may have.

    Raises ValueError for anything else, RecursionError where it is nested too deeply.
    """
    values = json.loads(str(packed, "ascii"))
    check_kinds(values, *kinds)
    result: list[Any] = values
    return result


def check_kinds(values: Any, *kinds: tuple[type, ...]) -> None:
    """Raise ValueError unless this is a list of one value for each of `kinds`, of one of these very types."""
    if type(values) is not list or len(values) != len(kinds):
        raise ValueError("another number of values")
    if any(type(value) not in some for value, some in zip(values, kinds, strict=True)):
        raise ValueError("a value of another kind")


def is_rising(numbers: U64) -> bool:
    """Tell whether each of these is greater than the one before it, as what is looked up in must be."""
    return bool((numbers[1:] > numbers[:-1]).all())


def text_part(text: str) -> bytes:
    """Return a text of any characters as a part."""
    return text.encode("utf-8", "surrogatepass")


def text_of(part: memoryview) -> str:
    """Return the text of a part; raises UnicodeDecodeError."""
    return str(part, "utf-8", "surrogatepass")


def numbers_of(part: memoryview) -> U64:
    """Return numbers of eight bytes; raises ValueError where they are not whole."""
    return np.frombuffer(part, dtype=np.uint64)


def _lengths(count: int) -> Struct:
    return Struct(f"<{count}I{-_LENGTH * count % _ALIGNED}x")
