"""ASCII text -> the places and hashes of its words, all at once.

A word's hash is a polynomial in the values of its characters, so that one running sum over the text gives the hashes
of all its words; capitals have the values of small letters. `hash_of` gives the same for one word.
"""

from __future__ import annotations

import numpy as np
import xxhash
from numpy.typing import NDArray

from feedhub.match.spelling import BEGIN, END, JOINTS, LINE

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

#: the bits of a code that are its word's hash
HASH = ~np.uint64(255)
_BITS = (1 << 64) - 1
_FACTOR, _MIX = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
_VALUES = np.array([xxhash.xxh3_64_intdigest(bytes([c])) | 1 for c in range(128)], dtype=np.uint64)
#: characters of words, and those that are tokens by themselves
_IN_WORD = np.array([chr(c).isalnum() or chr(c) == "_" or chr(c) in JOINTS.values() for c in range(128)])
_MARK = np.array([chr(c) in f'"\n{BEGIN}{END}{LINE}' for c in range(128)])
_FOLDED = np.where(_IN_WORD, _VALUES[[ord(chr(c).lower()) for c in range(128)]], np.uint64(0))


def _powers(factor: int, count: int) -> U64:
    found: U64 = np.cumprod(np.array([1, *[factor] * count], dtype=np.uint64), dtype=np.uint64)
    return found


class _Powers:
    """Powers of the factor and of its inverse, as many as the longest text so far needs."""

    up = down = _powers(_FACTOR, 0)

    def reach(self, count: int) -> None:
        if len(self.up) < count:
            self.up, self.down = _powers(_FACTOR, 2 * count), _powers(pow(_FACTOR, -1, 1 << 64), 2 * count)


_known = _Powers()


def hash_of(folded: str) -> int:
    """The hash of a folded word, its low eight bits free."""
    if not folded.isascii():
        return xxhash.xxh3_64_intdigest(folded.encode("utf-8", "surrogatepass")) & ~255
    found, power = 0, 1
    for c in folded.encode():
        found = found + int(_VALUES[c]) * power & _BITS
        power = power * _FACTOR & _BITS
    found = (found ^ found >> 32) * _MIX & _BITS
    return (found ^ found >> 29) & ~255


def places_of(text: str) -> tuple[NDArray[np.uint8], I64, I64]:
    """The bytes of a text that is ASCII, and where its tokens begin and end."""
    raw = np.frombuffer(f" {text} ".encode("ascii"), dtype=np.uint8)
    inside, marks = _IN_WORD[raw], _MARK[raw]
    edges = inside[1:] != inside[:-1]
    begins, ends = edges & inside[1:], edges & inside[:-1]
    if marks.any():
        begins |= marks[1:]
        ends |= marks[:-1]
        ends[0] = False
    return raw, begins.nonzero()[0] + 1, ends.nonzero()[0] + 1


def hashes_of(raw: NDArray[np.uint8], begins: I64, ends: I64) -> U64:
    """The hashes of the words between these places of a text; 0 for marks."""
    _known.reach(len(raw))
    sums = np.cumsum(_FOLDED[raw] * _known.up[: len(raw)])
    found = (sums[ends - 1] - sums[begins - 1]) * _known.down[begins]
    found ^= found >> np.uint64(32)
    found *= np.uint64(_MIX)
    found ^= found >> np.uint64(29)
    return found & HASH
