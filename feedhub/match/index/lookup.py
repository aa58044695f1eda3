"""Segments in memory: the copies around the time of what is looked up, and which of them stand elsewhere by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

import numpy as np
from msgspec import Struct, field

from feedhub.match.index.learned_furniture import Furniture
from feedhub.match.index.segment import Segment, merged, packed_keys
from feedhub.match.text.hashing import hash64
from feedhub.match.text.tokens import I64, U64, Flags


class IndexedSegment(Struct, kw_only=True, eq=False):
    """A segment, what is known of where its copies stand (0: not asked yet), and which are held anew elsewhere."""

    segment: Segment
    #: its place in the order in which segments were made
    sequence: int
    stories: I64
    #: how many copies of each source
    sources: Counter[int]
    replaced: Flags | None = None
    #: to be called once the postings were read: they may lie on a disk
    release: Callable[[], None] = lambda: None


class Lookup(Struct, eq=False):
    """Everything indexed around the time of what is looked up."""

    window: float
    segments: dict[int, IndexedSegment] = field(default_factory=dict)
    #: how many copies of each source are indexed, by the source's name
    totals: Counter[int] = field(default_factory=Counter)

    def add(self, number: int, made: int, segment: Segment, release: Callable[[], None] = lambda: None) -> None:
        """Have one more segment; `release` is called whenever its postings were read."""
        names, counts = np.unique(segment.names, return_counts=True)
        sources = Counter(dict(zip(names.tolist(), counts.tolist(), strict=True)))
        here = IndexedSegment(
            segment=segment,
            sequence=made,
            stories=np.zeros(len(segment), dtype=np.int64),
            sources=sources,
            release=release,
        )
        for other in self.segments.values():
            older, newer = (other, here) if other.sequence < made else (here, other)
            _mark_replaced(older, newer.segment.again)
        self.totals.update(sources)
        self.segments[number] = here
        self.segments = dict(sorted(self.segments.items(), key=lambda each: each[1].sequence))

    def drop(self, numbers: Collection[int]) -> None:
        """Let go of segments."""
        for number in numbers:
            self.totals.subtract(self.segments.pop(number).sources)

    def forget_stories(self) -> None:
        """Forget where copies stand: they may stand elsewhere by now."""
        for each in self.segments.values():
            each.stories[:] = 0

    def indexed(self, copies: Collection[int]) -> set[int]:
        """Which of these copies are indexed."""
        wanted = np.array(sorted(copies), dtype=np.int64)
        result: set[int] = set()
        for each in self.segments.values() if len(wanted) else ():
            result.update(wanted[np.isin(wanted, each.segment.copies)].tolist())
        return result

    def merged(self, numbers: Sequence[int]) -> Segment:
        """Merge some of the segments into one."""
        chosen = sorted((self.segments[number] for number in numbers), key=lambda each: each.sequence)
        return merged([each.segment for each in chosen], [each.replaced for each in chosen])


def furniture_keys(furniture: Furniture) -> U64:
    """Return what brings nobody together because it is furniture of its source, for `Search`."""
    grams = [packed_keys(g ^ np.uint64(hash64(source))) for source, g in furniture.shingles.items()]
    return np.unique(np.concatenate(grams)) if grams else np.zeros(0, dtype=np.uint64)


def _mark_replaced(indexed: IndexedSegment, again: I64) -> None:
    gone = np.isin(indexed.segment.copies, again)
    if gone.any():
        indexed.replaced = gone if indexed.replaced is None else indexed.replaced | gone
