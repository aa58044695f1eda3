"""Memories of what was used last, bounded by size: where strangers choose how long values are, no count will do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K")
V = TypeVar("V")


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
