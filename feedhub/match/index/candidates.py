"""Keys of many items -> the pairs worth comparing."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from types import TracebackType

import numpy as np

from feedhub.match.index.spool import Buckets
from feedhub.match.text.tokens import I64, U16, U32, U64, Flags

#: items whose keys are written at once
_BATCH = 2000
#: items with which one posting of a key is paired: the next ones in a fixed order, so that a key which everything
#: shares costs no more than a rare one
NEIGHBOURS = 8
#: ... and of a key that more items have than this fewer: what all of them share tells little, and the copies among
#: them meet by rarer keys as well (36 papers that fill in one form)
CROWD, CROWD_NEIGHBOURS = 32, 1
#: keys that a pair must share, and their share of the shorter item's keys
SHARED, SHARED_PART = 2, 0.05


#: keys and the items that have them -> which of these postings count
KeyFilter = Callable[[U64, I64], Flags]


class PostingFiles:
    """Keys of items, numbered as they come, spread over files by key."""

    def __init__(self) -> None:
        self._postings = Buckets(2)
        self._batch: list[U64] = []
        self._counts = array("H")

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, keys: U64) -> None:
        """Add the keys of the next item."""
        self._batch.append(keys)
        self._counts.append(len(keys))
        if len(self._batch) == _BATCH:
            self._write()

    def __iter__(self) -> Iterator[tuple[U64, I64]]:
        """All postings (key, item), file by file; equal keys come in one file."""
        self._write()
        for keys, numbers in self._postings:
            yield keys, numbers.view(np.int64)

    def pairs(self, ranks: U32 | None = None, is_wanted: KeyFilter | None = None) -> tuple[U32, U32]:
        """Return the pairs that share enough keys, as two arrays; `ranks` orders the items (else: as they came)."""
        counts = np.frombuffer(self._counts, dtype=np.uint16)
        result = [np.zeros((2, 0), dtype=np.uint32)]
        with Buckets(1) as codes:
            for keys, numbers in self:
                often = counted(keys) > 1
                keys, numbers = keys[often], numbers[often]
                if is_wanted is not None:
                    counting = is_wanted(keys, numbers)
                    keys, numbers = keys[counting], numbers[counting]
                codes.add(pairs_of(keys, numbers, numbers if ranks is None else ranks[numbers]))
            result += [np.stack(worth_comparing(some, counts)).astype(np.uint32) for (some,) in codes]
        left, right = np.concatenate(result, axis=1)
        return left, right

    def _write(self) -> None:
        if self._batch:
            first = len(self._counts) - len(self._batch)
            numbers = np.repeat(np.arange(first, len(self._counts)), [len(keys) for keys in self._batch])
            self._postings.add(np.concatenate(self._batch), numbers.astype(np.uint64))
            self._batch.clear()

    def close(self) -> None:
        """Give the disk back."""
        self._postings.close()

    def __enter__(self) -> PostingFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def pairs_of(keys: U64, items: I64, ranks: I64 | U32 | U64) -> U64:
    """Map postings (key, item, rank) -> a code `lesser << 32 | greater` for each key that two near postings share."""
    order = np.lexsort((ranks, keys))
    keys, items = keys[order], items[order]
    result = []
    crowded = counted(keys) > CROWD
    for step in range(1, NEIGHBOURS + 1):
        same = np.flatnonzero(keys[step:] == keys[:-step])
        if step > CROWD_NEIGHBOURS:
            same = same[~crowded[same]]
        if not len(same):
            break
        one, other = items[same], items[same + step]
        lesser, greater = np.minimum(one, other).astype(np.uint64), np.maximum(one, other).astype(np.uint64)
        result.append((lesser << np.uint64(32)) | greater)
    return np.concatenate(result) if result else np.zeros(0, dtype=np.uint64)


def counted(keys: U64) -> I64:
    """How often each of these keys occurs among them."""
    order = np.argsort(keys)
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(keys) else order
    times = np.diff(np.append(starts, len(keys)))
    result = np.empty(len(keys), dtype=np.int64)
    result[order] = np.repeat(times, times)
    return result


def worth_comparing(codes: U64, counts: I64 | U16) -> tuple[I64, I64]:
    """Codes of all shared keys and the number of keys of each item -> the pairs that share enough, as two arrays."""
    pairs, shared = np.unique(codes, return_counts=True)
    left, right = (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
    fewest = np.minimum(counts[left], counts[right])
    enough = shared >= np.maximum(SHARED, SHARED_PART * fewest)
    return left[enough], right[enough]
