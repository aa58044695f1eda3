"""Memories of what was used last, bounded by size: where strangers choose how long values are, no count will do."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K")
V = TypeVar("V")

#: seconds as which a longer pause between two uses of an IdleCache counts
_LONGEST_PAUSE = 10.0


class SizedCache(LRUCache[K, V]):
    """Forgets what was least recently used once the sizes of all values come to more than `most`."""

    def __init__(self, most: float, size: Callable[[V], float]) -> None:
        super().__init__(most, getsizeof=size)

    def __setitem__(self, key: K, value: V) -> None:
        """Remember a value; one that is larger than all may be together is not remembered."""
        if self.getsizeof(value) <= self.maxsize:
            super().__setitem__(key, value)
        else:
            self.pop(key, None)


class SegmentedCache(Generic[K, V]):
    """Remembers what was used once for a while and what was used again for longer (segmented LRU, Karedla et al. 1994).

    Of many values hardly one is asked for twice: those that are do not leave for those that are not.
    """

    def __init__(self, *, once: float, again: float, size: Callable[[V], float]) -> None:
        """Take what all values may be together that were used once, and those that were used again."""
        self._once: SizedCache[K, V] = SizedCache(once, size)
        self._again: SizedCache[K, V] = SizedCache(again, size)

    def __len__(self) -> int:
        return len(self._once) + len(self._again)

    def get(self, key: K) -> V | None:
        """Return a value, which counts as used again; None where it is not remembered."""
        value = self._again.get(key)
        if value is None and (value := self._once.pop(key, None)) is not None:
            self._again[key] = value
        return value

    def __setitem__(self, key: K, value: V) -> None:
        """Remember a value that was made just now."""
        self._again.pop(key, None)
        self._once[key] = value

    def clear(self) -> None:
        """Forget everything."""
        self._once.clear()
        self._again.clear()


class IdleCache(Generic[K, V]):
    """Forgets what was not used for `idle` seconds, and the least recently used beyond `most` in all.

    What is used again and again stays, however long; what was replaced goes soon and does not fill the memory first.
    Seconds in which nothing at all is used do not count, but for the first ten: after a quiet hour what is in use is
    still there.
    """

    def __init__(
        self, most: float, size: Callable[[V], float], idle: float, clock: Callable[[], float] = monotonic
    ) -> None:
        self._most, self._size_of, self._idle, self._clock = most, size, idle, clock
        #: value, size and the moment of its last use, the least recently used first
        self._entries: OrderedDict[K, tuple[V, float, float]] = OrderedDict()
        #: of all values together
        self.size = 0.0
        #: seconds in use so far, and when that was counted
        self._in_use, self._counted = 0.0, clock()

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return a value, which is used now; None where it is not remembered."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries[key] = (entry[0], entry[1], self._now())
        self._entries.move_to_end(key)
        return entry[0]

    def __setitem__(self, key: K, value: V) -> None:
        """Remember a value; one that is larger than all may be together is not remembered."""
        self._drop(key)
        now, size = self._now(), self._size_of(value)
        if size <= self._most:
            self._entries[key] = (value, size, now)
            self.size += size
        while self._entries:
            oldest, (_, _, used) = next(iter(self._entries.items()))
            if self.size <= self._most and used >= now - self._idle:
                break
            self._drop(oldest)

    def has_room(self, value: V) -> bool:
        """Whether a value can be remembered beside all others."""
        return self.size + self._size_of(value) <= self._most

    def _now(self) -> float:
        now = self._clock()
        self._in_use += min(now - self._counted, _LONGEST_PAUSE)
        self._counted = now
        return self._in_use

    def _drop(self, key: K) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry[1]
