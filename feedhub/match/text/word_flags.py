"""Flags over the words of a text: which are in another text, and which stand in runs.

Runs are found in whole numbers of one bit a word: a shift moves all words at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
Flags = NDArray[np.bool_]


def among(values: U64, wanted: U64) -> Flags:
    """Which of the few wanted values occur at all in an unsorted array."""
    result: Flags = (wanted[:, None] == values).any(axis=1)
    return result


def contains(ordered: U64, values: U64) -> Flags:
    """Which of the values are in a sorted array."""
    if not len(ordered):
        return np.zeros(len(values), dtype=bool)
    result: Flags = ordered.take(ordered.searchsorted(values), mode="clip") == values
    return result


def spread(starts: Flags, length: int, total: int) -> Flags:
    """Return the words that stand in any of the runs of `length` words that begin where `starts` says."""
    return _flags(_spread(_bits(starts), length), total)


def spread_runs(starts: Flags, least: int, length: int, total: int) -> Flags:
    """Return the same of those runs alone that begin where `least` starts follow each other."""
    bits = _bits(starts)
    begins = bits
    for step in range(1, least):
        begins &= bits >> step
    return _flags(_spread(begins, length), total)


def _spread(starts: int, length: int) -> int:
    covered = starts
    for step in range(1, length):
        covered |= starts << step
    return covered


def _bits(flags: Flags) -> int:
    """Return flags as a whole number, the first as its lowest bit."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def _flags(bits: int, total: int) -> Flags:
    """Return the `total` lowest bits of a whole number as flags."""
    size = (total + 7) // 8
    packed = (bits & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    return np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=total, bitorder="little").view(bool)
