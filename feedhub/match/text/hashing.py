"""ASCII text -> the places and hashes of its words, all at once.

A word's hash is a polynomial in the values of its characters, so that one running sum over the text gives the hashes
of all its words; capitals have the values of small letters. `hash_of` gives the same for one word.
"""

from __future__ import annotations

import numpy as np
import xxhash
from numpy.typing import NDArray

from feedhub.match.text.spelling import BEGIN, END, JOINTS, LINE

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

#: the bits of a code that are its word's hash
HASH = ~np.uint64(255)
_BITS = (1 << 64) - 1
_FACTOR, _MIX = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
_VALUES = np.array([xxhash.xxh3_64_intdigest(bytes([c])) | 1 for c in range(128)], dtype=np.uint64)
#: what a character is: part of a word, a token by itself, a digit, what may stand inside a number
_WORD, _MARK, _DIGIT, _JOINT = 1, 2, 4, 8
_KINDS = bytes(
    _WORD * (chr(c).isalnum() or chr(c) == "_")
    | _MARK * (chr(c) in f'"\n{BEGIN}{END}{LINE}')
    | _DIGIT * chr(c).isdigit()
    | _JOINT * (chr(c) in JOINTS)
    for c in range(128)
) + bytes(128)
_FOLDED = np.array([_VALUES[ord(chr(c).lower())] if _KINDS[c] & _WORD else 0 for c in range(128)], dtype=np.uint64)


def _powers(factor: int, count: int) -> U64:
    factors = np.full(count + 1, factor, dtype=np.uint64)
    factors[0] = 1
    result: U64 = np.cumprod(factors, dtype=np.uint64)
    return result


class _Powers:
    """Powers of the factor and of its inverse, as many as the longest text so far needs."""

    up = down = _powers(_FACTOR, 0)

    def reach(self, count: int) -> None:
        if len(self.up) < count:
            self.up, self.down = _powers(_FACTOR, 2 * count), _powers(pow(_FACTOR, -1, 1 << 64), 2 * count)


_known = _Powers()


def hash64(value: str | bytes | memoryview, seed: int = 0) -> int:
    """Return the XXH3 hash of a text or of bytes, the same in every process and on every machine.

    Another `seed`, of 64 bits, gives another hash.
    """
    data = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return xxhash.xxh3_64_intdigest(data, seed)


def token_hash(folded: str) -> int:
    """Return the hash of a folded word, its low eight bits free."""
    if not folded.isascii():
        return hash64(folded) & ~255
    result, power = 0, 1
    for c in folded.encode():
        result = result + int(_VALUES[c]) * power & _BITS
        power = power * _FACTOR & _BITS
    result = (result ^ result >> 32) * _MIX & _BITS
    return (result ^ result >> 29) & ~255


def token_bounds(text: str) -> tuple[NDArray[np.uint8], I64, I64]:
    """Return the bytes of an ASCII text (a blank before and after), and where its tokens begin and end in them."""
    raw = f" {text} ".encode("ascii")
    kinds = np.frombuffer(raw.translate(_KINDS), dtype=np.uint8)
    inside = kinds & np.uint8(_WORD)
    for place in _joints(raw, kinds):
        inside[place] = _WORD
    edges = inside[1:] != inside[:-1]
    begins, ends = edges & inside[1:].view(bool), edges & inside[:-1].view(bool)
    marks = (kinds & np.uint8(_MARK)) != 0
    if marks.any():
        begins |= marks[1:]
        ends |= marks[:-1]
        ends[0] = False
    return np.frombuffer(raw, dtype=np.uint8), begins.nonzero()[0] + 1, ends.nonzero()[0] + 1


def _joints(raw: bytes, kinds: NDArray[np.uint8]) -> set[int]:
    """Where marks stand inside numbers: between digits that no letter stands before."""
    result: set[int] = set()
    between = (kinds[1:-1] >= _JOINT) & ((kinds[:-2] & kinds[2:] & np.uint8(_DIGIT)) != 0)
    for place in (between.nonzero()[0] + 1).tolist():
        before = place - 1
        while _KINDS[raw[before]] & _DIGIT:
            before -= 1
        if before in result or not _KINDS[raw[before]] & _WORD:
            result.add(place)
    return result


def token_hashes(raw: NDArray[np.uint8], begins: I64, ends: I64) -> U64:
    """Return the hashes of the words between these places of a text; 0 for marks."""
    _known.reach(len(raw))
    sums = np.cumsum(_FOLDED[raw] * _known.up[: len(raw)])
    result = (sums[ends - 1] - sums[begins - 1]) * _known.down[begins]
    result ^= result >> np.uint64(32)
    result *= np.uint64(_MIX)
    result ^= result >> np.uint64(29)
    return result & HASH
