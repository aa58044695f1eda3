"""Sorted keys of 48 bits in four bytes each: what their upper 16 bits are stands once for all that have them."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from feedhub.match.text.tokens import I64, U16, U32, U64

#: bits of a key that are packed
KEY_BITS = 48
#: up to so many keys for each that is asked for they are unpacked to be searched, which costs less than steps
_FEW = 32
_LOWER = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class PackedKeys(Struct, frozen=True, kw_only=True, eq=False):
    """Keys below 2^48, sorted: the distinct upper halves, where the keys of each begin, and all lower halves."""

    upper: U16
    #: one more than there are upper halves: the last says where all end
    starts: U32
    lower: U32

    @classmethod
    def of(cls, keys: U64) -> PackedKeys:
        """Pack sorted keys."""
        return cls.joined((keys >> _LOWER).astype(np.uint16), (keys & _LOW).astype(np.uint32))

    @classmethod
    def joined(cls, high: U16, lower: U32) -> PackedKeys:
        """Pack sorted keys that come as an upper and a lower half each; raise ValueError for more of one than other."""
        if len(high) != len(lower):
            raise ValueError(f"{len(high)} upper halves of {len(lower)} keys")
        starts = np.flatnonzero(np.concatenate([np.ones(min(len(high), 1), dtype=bool), high[1:] != high[:-1]]))
        return cls(upper=high[starts], starts=np.append(starts, len(high)).astype(np.uint32), lower=lower)

    @classmethod
    def of_counts(cls, upper: U16, counts: U32, lower: U32) -> PackedKeys:
        """Pack sorted keys: their distinct upper halves, how many keys have each, and the lower halves of all.

        Raises ValueError where the counts are those of more or fewer keys.
        """
        ends = np.cumsum(counts, dtype=np.uint64)
        if len(upper) != len(counts) or int(ends[-1] if len(ends) else 0) != len(lower):
            raise ValueError(f"{len(upper)} upper halves with {len(counts)} counts of {len(lower)} keys")
        return cls(upper=upper, starts=np.concatenate([[0], ends]).astype(np.uint32), lower=lower)

    def counts(self) -> U32:
        """Return how many keys have each of the upper halves."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.lower)

    @property
    def nbytes(self) -> int:
        return self.upper.nbytes + self.starts.nbytes + self.lower.nbytes

    def high(self) -> U16:
        """Return the upper half of each key."""
        return np.repeat(self.upper, np.diff(self.starts))

    def unpacked(self) -> U64:
        """Return the keys as they were."""
        keys: U64 = (self.high().astype(np.uint64) << _LOWER) | self.lower
        return keys

    def part(self, first: int, end: int) -> tuple[slice, U64]:
        """Return which keys have upper halves from `first` to below `end`, and these keys as they were."""
        rows = slice(*np.searchsorted(self.upper, (first, end)).tolist())
        starts = self.starts[rows.start : rows.stop + 1].astype(np.int64)
        high = np.repeat(self.upper[rows], np.diff(starts)).astype(np.uint64)
        where = slice(int(starts[0]), int(starts[-1]))
        return where, (high << _LOWER) | self.lower[where]

    def ranges(self, keys: U64) -> tuple[I64, I64, I64]:
        """Return which of some distinct keys are among these, by place, and where those equal to each begin and end."""
        if len(self) <= _FEW * len(keys):
            return self._ranges_in_all(keys)
        high = (keys >> _LOWER).astype(np.uint16)
        row = np.minimum(self.upper.searchsorted(high), len(self.upper) - 1)
        asked = (self.upper[row] == high).nonzero()[0]
        row = row[asked]
        wanted = (keys[asked] & _LOW).astype(np.uint32)
        begins, ends = self.starts[row].astype(np.int64), self.starts[row + 1].astype(np.int64)
        first = self._bisected(wanted, begins, ends, np.less)
        is_there = (first < ends) & (self.lower.take(first, mode="clip") == wanted)
        first, wanted, ends = first[is_there], wanted[is_there], ends[is_there]
        return asked[is_there], first, self._bisected(wanted, first, ends, np.less_equal)

    def _ranges_in_all(self, keys: U64) -> tuple[I64, I64, I64]:
        if not len(self):
            return (np.zeros(0, dtype=np.int64),) * 3
        every = self.unpacked()
        begins = every.searchsorted(keys)
        asked = (every.take(begins, mode="clip") == keys).nonzero()[0]
        return asked, begins[asked], every.searchsorted(keys[asked], side="right")

    def _bisected(self, wanted: U32, begins: I64, ends: I64, is_before: np.ufunc) -> I64:
        """Return the first place of each range whose key is not `is_before` what is wanted: all halved at once."""
        low, high = begins.copy(), ends.copy()
        for _ in range(int((ends - begins).max(initial=0)).bit_length()):
            middle = (low + high) >> 1
            after = (low < high) & is_before(self.lower.take(middle, mode="clip"), wanted)
            low = np.where(after, middle + 1, low)
            high = np.where(after, high, middle)
        return low
