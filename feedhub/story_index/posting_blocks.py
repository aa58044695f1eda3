"""The postings of an index: which items have a key. Sorted segments in blocks on disk, as a log-structured merge tree.

An add appends a segment; segments of like size are merged into one, so that there are few and each posting is written
a few times only. In memory is the first key of each block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Any

import numpy as np

from feedhub.match import U64, hash64
from feedhub.match.index.batch_search import ranges
from feedhub.match.text.tokens import I64
from feedhub.story_index.index_file import NO_ROW, IndexFile, sealed

#: postings of a block, and bytes of one
BLOCK, _BYTES = 4_096, 12
#: segments of like size that are merged, at least: two would move each posting twice as often
_MERGED = 4
#: blocks that are merged at once
_BLOCKS_AT_ONCE = 64
#: blocks in which keys are looked up at once: their keys stay in a processor's cache
_BLOCKS_READ = 16
#: a signed number stands for a key in SQL
_HALF = np.uint64(1 << 63)

Postings = tuple[U64, Any]


class PostingBlocks:
    """All postings (key, item) of an index."""

    def __init__(self, file: IndexFile, items: Sized, table: str = "blocks") -> None:
        self._file = file
        self._items = items
        self._table = table
        rows = list(file.every(f"SELECT number, segment, first, postings FROM {table} ORDER BY number"))
        blocks = np.array(rows, dtype=np.int64).reshape(-1, 4)
        self._next = int(blocks[:, 0].max(initial=-1)) + 1
        #: of each segment, the oldest first: its blocks' numbers, first keys and sizes
        self._segments: dict[int, tuple[I64, U64, I64]] = {}
        for segment in np.unique(blocks[:, 1]).tolist():
            numbers, _, first, sizes = blocks[blocks[:, 1] == segment].T
            self._segments[segment] = numbers, self._ordered(first.astype(np.uint64) ^ _HALF), sizes

    def append(self, keys: U64, items: I64) -> None:
        """Add the postings of new items, sorted by key, as a segment, inside a transaction."""
        if len(keys):
            segment = max(self._segments, default=-1) + 1
            self._segments[segment] = self._write(segment, keys, items)
            self._merge()

    def of(self, keys: U64) -> Postings:
        """Return all postings of these keys, which are sorted; those of one segment stand in the order of the keys."""
        keys, items = _joined([self._of_segment(segment, keys) for segment in self._segments.values()])
        return keys, items.astype(np.int64)

    def _of_segment(self, segment: tuple[I64, U64, I64], keys: U64) -> Postings:
        numbers, first, _ = segment
        # of each block the keys that it may have: a key that begins a block may have postings in the one before it
        begins = keys.searchsorted(first, "left")
        ends = np.append(keys.searchsorted(first[1:], "right"), len(keys))
        wanted = (ends > begins).nonzero()[0]
        # the same memory for all blocks: that of fresh pages costs more than what is done with it
        room = _BLOCKS_READ * BLOCK
        rooms = np.empty(room, dtype=np.uint64), np.empty(room, dtype=np.uint32)
        parts = []
        for start in range(0, len(wanted), _BLOCKS_READ):
            some = wanted[start : start + _BLOCKS_READ]
            blocks = list(self._read(numbers[some], first[some]))
            total = sum(len(each) for each, _ in blocks)
            here = self._ordered(np.concatenate([block[0] for block in blocks], out=rooms[0][:total]))
            items = np.concatenate([block[1] for block in blocks], out=rooms[1][:total])
            asked = keys[begins[some[0]] : ends[some[-1]]]
            starts = here.searchsorted(asked, "left")
            # most keys of a new text are new
            known = here.take(starts, mode="clip") == asked
            starts = starts[known]
            stops = here.searchsorted(asked[known], "right")
            places = ranges(starts, stops - starts)
            parts.append((here[places], items[places]))
        return _joined(parts)

    def _ordered(self, keys: U64) -> U64:
        """Return these keys; raises EnvironmentFailed where they fall."""
        if (keys[1:] < keys[:-1]).any():
            raise self._file.damaged(NO_ROW)
        return keys

    def _read(self, numbers: I64, first: U64) -> Iterator[Postings]:
        """Read blocks of one segment, whose numbers rise, with their first keys."""
        if not len(numbers):
            return
        query = f"SELECT number, data FROM {self._table} WHERE number"
        if len(numbers) == numbers[-1] - numbers[0] + 1:
            rows = self._file.each(f"{query} BETWEEN ? AND ? ORDER BY number", int(numbers[0]), int(numbers[-1]))
        else:
            rows = self._file.rows_of(f"{query} IN", numbers.tolist(), order="number")
        wanted = zip(numbers.tolist(), first.tolist(), strict=True)
        for number, data in rows:
            name, begins = next(wanted, (None, 0))
            if number != name:
                raise self._file.damaged(NO_ROW)
            yield self._unpacked(self._file.opened(data, number), begins)
        if next(wanted, None) is not None:
            raise self._file.damaged()

    def _unpacked(self, block: memoryview, first: int) -> Postings:
        with self._file.reading():
            keys = np.frombuffer(block, np.uint64, len(block) // _BYTES)
            items = np.frombuffer(block, np.uint32, offset=keys.nbytes)
            if not 0 < len(keys) == len(items) <= BLOCK or keys[0] != first or items.max() >= len(self._items):
                raise ValueError("other postings than a block has")
        return keys, items

    def digest(self) -> int:
        """Return a hash of what is in memory of the blocks."""
        parts = [column.tobytes() for segment in self._segments.values() for column in segment]
        return hash64(b"".join(parts) + repr(list(self._segments)).encode())

    def _write(self, segment: int, keys: U64, items: I64) -> tuple[I64, U64, I64]:
        starts = np.arange(0, len(keys), BLOCK)
        numbers = np.arange(self._next, self._next + len(starts))
        self._next += len(starts)
        small = items.astype(np.uint32)
        rows = (
            (
                number,
                segment,
                int((keys[start] ^ _HALF).view(np.int64)),
                len(keys[start : start + BLOCK]),
                sealed(keys[start : start + BLOCK].tobytes() + small[start : start + BLOCK].tobytes(), number),
            )
            for number, start in zip(numbers.tolist(), starts.tolist(), strict=True)
        )
        self._file.write(f"INSERT INTO {self._table} VALUES (?, ?, ?, ?, ?)", rows)
        return numbers, keys[starts], np.diff(np.append(starts, len(keys)))

    def _merge(self) -> None:
        """Merge the newest segments, four or more, of like size: each posting moves a few times only.

        Where none are merged each but the last three is larger than half of all after it, so their number grows with
        the logarithm of the postings.
        """
        while len(self._segments) >= _MERGED:
            names = list(self._segments)
            sizes = [int(self._segments[name][2].sum()) for name in names]
            count = next((n for n in range(len(names), _MERGED - 1, -1) if 2 * sizes[-n] <= sum(sizes[-n + 1 :])), 0)
            if not count:
                return
            self._merge_into_one(names[-count:])

    def _merge_into_one(self, names: list[int]) -> None:
        old = [self._segments.pop(name) for name in names]
        parts = [self._write(names[0], *merged) for merged in self._in_order(old)]
        for numbers, _, _ in old:
            self._file.delete(self._table, "number", numbers.tolist())
        self._segments[names[0]] = tuple(  # type: ignore[assignment]
            np.concatenate(column) for column in zip(*parts, strict=True)
        )

    def _in_order(self, segments: list[tuple[I64, U64, I64]]) -> Iterator[Postings]:
        """Return the postings of several segments in the order of the keys, some at a time; a key's stay together."""
        every = np.sort(np.concatenate([first for _, first, _ in segments]))
        edges = [*np.unique(every[_BLOCKS_AT_ONCE::_BLOCKS_AT_ONCE]).tolist(), None]
        begin = 0
        for edge in edges:
            keys, items = (
                np.concatenate(c) for c in zip(*(self._between(s, begin, edge) for s in segments), strict=True)
            )
            order = np.argsort(keys, kind="stable")
            if len(order):
                yield keys[order], items[order]
            begin = edge or 0

    def _between(self, segment: tuple[I64, U64, I64], begin: int, end: int | None) -> Postings:
        numbers, first, _ = segment
        low = max(int(first.searchsorted(np.uint64(begin), "left")) - 1, 0)
        high = len(first) if end is None else int(first.searchsorted(np.uint64(end), "left"))
        keys, items = _joined(list(self._read(numbers[low:high], first[low:high])))
        start = int(self._ordered(keys).searchsorted(np.uint64(begin), "left"))
        stop = len(keys) if end is None else int(keys.searchsorted(np.uint64(end), "left"))
        return keys[start:stop], items[start:stop]


def _joined(parts: list[Postings]) -> Postings:
    if not parts:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint32)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
