"""A set of texts that takes some 27 bytes each, however long they are."""

from __future__ import annotations

from array import array
from hashlib import blake2b

#: tables among which texts are spread, so that one that grows is never large beside all of them
_TABLES = 64
#: slots of a table at first, the share of them that is used at most, and what it grows by
_FIRST, _FULL, _GROWS = 16, 0.7, 1.5
_LOW = (1 << 64) - 1


class NameSet:
    """Texts that were seen: of each a hash of 128 bits, in open addressing.

    Of ten billion texts two have one hash with a probability of 10^-19.
    """

    def __init__(self) -> None:
        self._tables: dict[int, _Table] = {}
        #: few: what was taken out again
        self._gone: set[str] = set()

    def __contains__(self, name: str) -> bool:
        digest = _digest(name)
        table = self._tables.get((digest >> 8) % _TABLES)
        return table is not None and digest in table and name not in self._gone

    def add(self, name: str) -> None:
        """Put a text in."""
        self._gone.discard(name)
        digest = _digest(name)
        number = (digest >> 8) % _TABLES
        if number not in self._tables:
            self._tables[number] = _Table(_FIRST)
        table = self._tables[number]
        if table.count > _FULL * len(table.lower):
            table = self._tables[number] = table.grown()
        table.add(digest)

    def discard(self, name: str) -> None:
        """Take a text out again."""
        if name in self:
            self._gone.add(name)


class _Table:
    """Hashes in two columns; no hash is 0."""

    __slots__ = ("count", "lower", "upper")

    def __init__(self, slots: int) -> None:
        self.lower = array("Q", bytes(8 * slots))
        self.upper = array("Q", bytes(8 * slots))
        self.count = 0

    def __contains__(self, digest: int) -> bool:
        return self.lower[self._place(digest)] != 0

    def add(self, digest: int) -> None:
        place = self._place(digest)
        if not self.lower[place]:
            self.lower[place], self.upper[place] = digest & _LOW, digest >> 64
            self.count += 1

    def grown(self) -> _Table:
        larger = _Table(int(_GROWS * len(self.lower)))
        for lower, upper in zip(self.lower, self.upper, strict=True):
            if lower:
                larger.add(upper << 64 | lower)
        return larger

    def _place(self, digest: int) -> int:
        """Return the slot of a hash, or the empty one where it would stand."""
        lower, upper, slots = digest & _LOW, digest >> 64, len(self.lower)
        place = upper % slots
        while self.lower[place] and (self.lower[place] != lower or self.upper[place] != upper):
            place = place + 1 if place + 1 < slots else 0
        return place


def _digest(name: str) -> int:
    # a lower half of nothing stands for an empty slot
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "little") | 1
