"""A memory of what was used last, bounded by size: where strangers choose how long values are, no count will do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

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
