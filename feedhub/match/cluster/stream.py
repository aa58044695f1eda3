"""A finite stream of copies -> one row each: which story it belongs to, and on what ground.

    copies
    | spool       texts to disk, keys into buckets
    | learn       what each source repeats
    | pair        keys that two items share -> pairs worth comparing
    | judge       pairs, one connected component after the other
    | partition   component -> stories

The result does not depend on the order of the copies.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from math import inf, nan

import numpy as np
from msgspec import Struct

from feedhub.match.cluster.rows import DedupeRow, PairJudge
from feedhub.match.cluster.spooled_rows import SpooledRows
from feedhub.match.index.candidates import PostingFiles, counted
from feedhub.match.index.learned_furniture import COMMON, MOST_ITEMS, WITNESSES, Furniture, learn_postings
from feedhub.match.index.record_file import RecordFile
from feedhub.match.index.spool import SpooledItems
from feedhub.match.text.hashing import hash64
from feedhub.match.text.prepare import published
from feedhub.match.text.tokens import F64, I64, U32, U64
from feedhub.match.text.word_flags import contains
from feedhub.model import Copy, MatchWindows, Relation

#: copies that are read at once, and how long they are together at most: more would not stay in the processor's cache
_AT_ONCE, _SIGNS_AT_ONCE = 64, 100_000
#: told after each item or pair: what is being done, how many are done, how many there are (0: not known)
_DEFAULT_WINDOWS = MatchWindows()
Progress = Callable[[str, int, int], None]
#: stands for the sources of all items without one, each of which is its own: `is_unsourced`
UNSOURCED = "\0"


class StreamCounts(Struct):
    """What a run counts for whoever asks."""

    near_misses: int = 0


def match_stream(
    copies: Iterable[Copy],
    windows: MatchWindows = _DEFAULT_WINDOWS,
    *,
    progress: Progress | None = None,
    counts: StreamCounts | None = None,
) -> Iterator[DedupeRow]:
    """Return the rows of all copies in the order in which they came; guids are ids, published dates give windows."""
    work = Stream(windows, progress or (lambda stage, done, total: None), counts)
    try:
        work.read(copies)
        work.learn()
        left, right = work.pair()
        yield from work.rows(work.stories(left, right))
    finally:
        work.close()


class Stream:
    """The stages over one finite stream, in the order in which they are called."""

    def __init__(self, windows: MatchWindows, progress: Progress, counts: StreamCounts | None = None) -> None:
        self.windows = windows
        self.counts = counts or StreamCounts()
        self.progress = progress
        self.items = SpooledItems()
        self.index = PostingFiles()
        self.furniture = Furniture()
        self._sources: dict[str, int] = {}
        self._names: list[str] = []
        self._source = array("I")
        self._ranks = array("Q")
        #: see PairJudge
        self._facts = RecordFile("<QQQd")

    def read(self, copies: Iterable[Copy]) -> None:
        """Spool the copies, and their keys as postings."""
        for batch in batches(copies):
            for copy, (result, said) in zip(batch, self.items.add(batch), strict=True):
                self.index.add(result)
                address = hash64(copy.url_key) if copy.url_key else 0
                when = published(copy)
                self._facts.append(hash64(copy.outlet), said, address, nan if when is None else when)
                self._source.append(self._source_number(copy.key.source))
                self._ranks.append(hash64(f"{copy.key.source}\0{copy.key.guid}"))
                self.progress("reading", len(self.items), 0)
        self.source = np.frombuffer(self._source, dtype=np.uint32)
        self._by_rank = np.argsort(np.frombuffer(self._ranks, dtype=np.uint64)).astype(np.uint32)
        self._ranks = array("Q")
        self.ranks = np.empty_like(self._by_rank)
        self.ranks[self._by_rank] = np.arange(len(self._by_rank), dtype=np.uint32)

    def _source_number(self, name: str) -> int:
        # a source of one item is kept by no name: millions of items may have none
        return self._sources.setdefault(UNSOURCED if is_unsourced(name) else name, len(self._sources))

    def learn(self) -> None:
        """Learn the furniture of every source with enough items."""
        names = self._names = list(self._sources)
        totals = np.bincount(self.source, minlength=len(names))
        least = np.maximum(WITNESSES, COMMON * totals)
        if UNSOURCED in self._sources:
            # what has no source repeats nothing
            least[self._sources[UNSOURCED]] = inf
        result: dict[int, list[tuple[U64, I64]]] = {}
        for sampled, numbers in self.index:
            for source, some, ranks in repeated(sampled, numbers, self.source, self.ranks, least):
                result.setdefault(source, []).append((some, ranks))
        learned: dict[str, U64] = {}
        for source, parts in result.items():
            keys, of = (np.concatenate(columns) for columns in zip(*parts, strict=True))
            grams = learn_postings(keys, of, lambda rank: self.items.get(int(self._by_rank[rank])))
            if len(grams):
                learned[names[source]] = grams
        self.furniture = Furniture(shingles=learned)

    def pair(self) -> tuple[U32, U32]:
        """Return the pairs that share enough keys outside furniture."""
        hidden = furniture_digests(self.furniture)
        if not len(hidden):
            return self.index.pairs(self.ranks)
        names = np.array([hash64(name) for name in self._names], dtype=np.uint64)
        return self.index.pairs(self.ranks, lambda keys, at: ~contains(hidden, keys ^ names[self.source[at]]))

    def pair_judge(self) -> PairJudge:
        """Where the pairs are judged."""
        return PairJudge(
            items=self.items,
            furniture=self.furniture,
            windows=self.windows,
            names=self._names,
            source=self.source,
            facts=self._facts,
        )

    def stories(self, left: U32, right: U32) -> SpooledRows:
        """Return the rows of all items that something was found for, by number."""
        judge = self.pair_judge()
        rows = SpooledRows()
        for number, row in judge.stories(left, right, lambda done: self.progress("comparing", done, len(left))):
            rows.add(number, row)
        self.counts.near_misses = judge.near_misses
        return rows

    def rows(self, stories: SpooledRows) -> Iterator[DedupeRow]:
        """Return a row for each item in the order in which they came, and give the disk of `stories` back."""
        with stories:
            for number, key in enumerate(self.items.keys()):
                row = stories.get(number)
                yield row or DedupeRow(id=key.guid, story=key.guid, canonical=True, relation=Relation.FIRST)

    def close(self) -> None:
        """Give the disk back."""
        self.items.close()
        self.index.close()
        self._facts.close()


def is_unsourced(source: str) -> bool:
    """Tell whether this is the name that an item without a source goes by: a source of one item."""
    return source.startswith(UNSOURCED)


def batches(copies: Iterable[Copy]) -> Iterator[list[Copy]]:
    """Return copies that are worked on at once: a few, or fewer that are long."""
    batch: list[Copy] = []
    size = 0
    for copy in copies:
        batch.append(copy)
        size += sum(map(len, copy.paragraphs))
        if len(batch) == _AT_ONCE or size > _SIGNS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def furniture_digests(furniture: Furniture) -> U64:
    """Furniture of all sources in one sorted array, each gram marked with the digest of its source."""
    marked = [g ^ np.uint64(hash64(s)) for s, g in furniture.shingles.items()]
    return np.sort(np.concatenate(marked)) if marked else np.zeros(0, dtype=np.uint64)


def repeated(
    keys: U64, numbers: I64, source: I64 | U32, ranks: I64 | U32, least: I64 | F64
) -> Iterator[tuple[int, U64, I64]]:
    """Keys that enough items of one source have, source by source, each with the ranks of its first items."""
    often = counted(keys) >= WITNESSES
    keys, numbers = keys[often], numbers[often]
    if not len(keys):
        return
    where, rank = source[numbers].astype(np.int64), ranks[numbers].astype(np.int64)
    order = np.lexsort((rank, keys, where))
    keys, rank, where = keys[order], rank[order], where[order]
    starts = np.flatnonzero(np.concatenate([[True], (keys[1:] != keys[:-1]) | (where[1:] != where[:-1])]))
    times = np.diff(np.append(starts, len(keys)))
    place = np.arange(len(keys)) - np.repeat(starts, times)
    kept = (np.repeat(times, times) >= least[where]) & (place < MOST_ITEMS)
    keys, rank, where = keys[kept], rank[kept], where[kept]
    edges = [0, *(np.flatnonzero(np.diff(where)) + 1).tolist(), len(where)] if len(where) else []
    for start, end in pairwise(edges):
        yield int(where[start]), keys[start:end], rank[start:end]
