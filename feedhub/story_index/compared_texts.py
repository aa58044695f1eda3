"""The texts that were compared, by their shingles: who shows a text that came to be furniture, or ceased to be.

Only items that a verdict is about are here: nothing else can change by what their sources repeat.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np

from feedhub.match import U64, hash64
from feedhub.match.text.tokens import I64
from feedhub.story_index.index_file import IndexFile, sealed
from feedhub.story_index.posting_blocks import PostingBlocks

#: texts that wait in memory to be written
_AT_ONCE = 1_000


class ComparedTexts:
    """Shingle -> the items that show it, of all items that were compared."""

    def __init__(self, file: IndexFile, items: Sized) -> None:
        self._file = file
        self._postings = PostingBlocks(file, items, "shingle_blocks")
        self._are_here: Any = np.zeros(0, dtype=bool)
        for _, data in file.every("SELECT number, data FROM compared ORDER BY number"):
            with file.reading():
                numbers = np.frombuffer(file.opened(data, 0), np.uint32)
                if numbers.max(initial=0) >= len(items):
                    raise ValueError("an item that there is not")
            self._mark(numbers)
        self._waiting: dict[int, U64] = {}

    def add(self, number: int, shingles: U64) -> None:
        """Note the shingles of an item that is compared; those of one that is here already are not looked at."""
        if number in self._waiting or (number < len(self._are_here) and self._are_here[number]):
            return
        self._waiting[number] = shingles
        if len(self._waiting) == _AT_ONCE:
            self.save()

    def save(self) -> None:
        """Write what was noted, inside a transaction."""
        if not self._waiting:
            return
        numbers = np.array(list(self._waiting), dtype=np.uint32)
        shingles = np.concatenate(list(self._waiting.values()))
        items = np.repeat(numbers, [len(each) for each in self._waiting.values()])
        order = np.argsort(shingles)
        self._postings.append(shingles[order], items[order].astype(np.int64))
        self._file.write("INSERT INTO compared (data) VALUES (?)", [(sealed(numbers.tobytes(), 0),)])
        self._mark(numbers)
        self._waiting.clear()

    def showing(self, shingles: U64) -> tuple[U64, I64]:
        """Return which items show any of these shingles, which are sorted: a shingle and an item a place."""
        return self._postings.of(shingles)

    def digest(self) -> int:
        """Return a hash of what is in memory of the texts."""
        return hash64(np.flatnonzero(self._are_here).tobytes(), self._postings.digest())

    def _mark(self, numbers: Any) -> None:
        if len(numbers) and int(numbers.max()) >= len(self._are_here):
            grown = np.zeros(2 * int(numbers.max()) + 1, dtype=bool)
            grown[: len(self._are_here)] = self._are_here
            self._are_here = grown
        self._are_here[numbers] = True
