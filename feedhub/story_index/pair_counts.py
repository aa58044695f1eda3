"""How many keys two items share, of the pairs that are worth comparing; brought up to date from what changed.

`dedupe` pairs each posting of a key with the next ones in a fixed order, so a new posting brings pairs and pushes
others apart. Of keys that an add touches the pairs before and after are made; the difference is all that changes.
"""

from __future__ import annotations

from collections.abc import Sized

import numpy as np

from feedhub.match import hash64
from feedhub.match.index.candidates import SHARED, SHARED_PART, counted, pairs_of
from feedhub.match.text.tokens import I64, U64, Flags
from feedhub.story_index.index_file import IndexFile

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)


def changed_counts(keys: U64, items: I64, ranks: U64, before: Flags, after: Flags) -> tuple[U64, I64]:
    """Return pairs (lower item << 32 | higher item) and by how much the keys that they share are more or fewer.

    `before` and `after`: which of the postings counted, and count.
    """
    often = counted(keys) > 1
    keys, items, before, after = keys[often], items[often], before[often], after[often]
    order = ranks[items]
    old, new = (pairs_of(keys[some], items[some], order[some]) for some in (before, after))
    codes, place = np.unique(np.concatenate([new, old]), return_inverse=True)
    net = np.bincount(place[: len(new)], minlength=len(codes)) - np.bincount(place[len(new) :], minlength=len(codes))
    changed = net != 0
    return codes[changed], net[changed]


def split(codes: U64) -> tuple[I64, I64]:
    """Return the lower and the higher items of pairs."""
    return (codes >> _SHIFT).astype(np.int64), (codes & _LOW).astype(np.int64)


def code_of(a: int, b: int) -> int:
    """Return the code of a pair."""
    return a << 32 | b if a < b else b << 32 | a


def codes_of_items(codes: list[int], count: int) -> U64:
    """Return codes as an array; raises ValueError or OverflowError unless all are of two of so many items."""
    result: U64 = np.array(codes, dtype=np.uint64)
    low, high = split(result)
    if (low >= high).any() or high.max(initial=0) >= max(count, 1):
        raise ValueError("a pair of items that there are not")
    return result


class PairCounts:
    """The pairs that share enough keys, and how many; sorted both ways, so that an item's are found at once."""

    def __init__(self, file: IndexFile, items: Sized) -> None:
        self._file = file
        rows = list(file.every("SELECT code, shared FROM pairs ORDER BY code"))
        self.codes: U64 = codes_of_items([code for code, _ in rows], len(items))
        self._shared: I64 = np.array([shared for _, shared in rows], dtype=np.int64)
        self._turn()

    def __len__(self) -> int:
        return len(self.codes)

    def digest(self) -> int:
        """Return a hash of the pairs and their counts."""
        return hash64(self.codes.tobytes() + self._shared.tobytes())

    def _turn(self) -> None:
        self._turned = np.sort(_turned(self.codes))

    def beside(self, item: int) -> list[int]:
        """Return the items that one is to be compared with."""
        bounds = np.array([item << 32, item + 1 << 32], dtype=np.uint64)
        one, other = (slice(*ordered.searchsorted(bounds).tolist()) for ordered in (self.codes, self._turned))
        return [*(self.codes[one] & _LOW).tolist(), *(self._turned[other] & _LOW).tolist()]

    def unknown(self, codes: U64) -> Flags:
        """Return which of these pairs are not among ours."""
        if not len(self.codes):
            return np.ones(len(codes), dtype=bool)
        missing: Flags = self.codes.take(self.codes.searchsorted(codes), mode="clip") != codes
        return missing

    def update(self, codes: U64, net: I64, sizes: I64) -> tuple[U64, U64]:
        """Change the counts of pairs, all told for those not among ours; return those that came and those that went.

        `sizes`: of each item how many keys it has.
        """
        new = self.unknown(codes)
        shared = net.copy()
        place = self.codes.searchsorted(codes[~new])
        shared[~new] += self._shared[place]
        low, high = split(codes)
        enough = shared >= np.maximum(SHARED, SHARED_PART * np.minimum(sizes[low], sizes[high]))
        self._shared[place] = shared[~new]
        came, went = new & enough, ~new & ~enough
        stays = ~new & enough
        self._file.delete("pairs", "code", codes[went].tolist())
        self._file.write(
            "INSERT OR REPLACE INTO pairs VALUES (?, ?)",
            zip(codes[came | stays].tolist(), shared[came | stays].tolist(), strict=True),
        )
        keep = np.ones(len(self.codes), dtype=bool)
        keep[self.codes.searchsorted(codes[went])] = False
        every = np.concatenate([self.codes[keep], codes[came]])
        order = np.argsort(every, kind="stable")
        self.codes = every[order]
        self._shared = np.concatenate([self._shared[keep], shared[came]])[order]
        self._turn()
        return codes[came], codes[went]


def _turned(codes: U64) -> U64:
    result: U64 = (codes << _SHIFT) | (codes >> _SHIFT)
    return result
