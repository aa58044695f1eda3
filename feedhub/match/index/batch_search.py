"""Segments in memory -> which copies are worth comparing, and what a source repeats.

A batch's keys are looked up all at once. What a key's newest copies say stands for all of them, so that a key which
everything shares costs no more than a rare one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np
from msgspec import Struct

from feedhub.match.index.candidates import SHARED, SHARED_PART
from feedhub.match.index.learned_furniture import COMMON, WITNESSES
from feedhub.match.index.lookup import IndexedSegment, Lookup
from feedhub.match.index.segment import Segment, packed_keys
from feedhub.match.text.tokens import I64, U64, Flags
from feedhub.match.text.word_flags import contains

#: the newest copies of a key that are looked at
SAMPLE = 128
#: a key that copies in more stories than this share tells nothing
COMMON_STORIES = 64
#: stories compared with one copy, the best first, and copies tried in each
STORIES = 12
COPIES = 3
#: pairs of a copy and a posting that are counted at once, about: each takes seventy bytes meanwhile
PAIRS = 1 << 19
#: bits of a copy's number where it is put behind another number
_NUMBER = 44

#: numbers of copies -> in which story each stands, where it stands in one
StoriesOf = Callable[[Collection[int]], Mapping[int, int]]


class RepeatedGroup(Struct, frozen=True, kw_only=True):
    """Copies of one source that share a text, in an order that does not depend on when they came."""

    source: str
    copies: tuple[int, ...]


class _PostingRows(Struct, kw_only=True, eq=False):
    """Postings that share a key with the batch, key by key, those of each key as they came."""

    key: I64
    segment: I64
    place: I64
    copy: I64
    seen: np.ndarray[tuple[int], np.dtype[np.float64]]
    name: U64
    rank: U64
    size: I64

    def where(self, chosen: Flags | I64) -> _PostingRows:
        return _PostingRows(**{name: getattr(self, name)[chosen] for name in self.__struct_fields__})


class Search:
    """One batch against everything that is indexed, and against itself."""

    def __init__(self, lookup: Lookup, batch: Segment, hidden: U64) -> None:
        self._lookup = lookup
        self._batch = batch
        keys = batch.keys.unpacked()
        shown = ~contains(hidden, keys ^ packed_keys(batch.names)[batch.places])
        self._places = batch.places[shown].astype(np.int64)
        keys = keys[shown]
        fresh = np.ones(len(keys), dtype=bool)
        np.not_equal(keys[1:], keys[:-1], out=fresh[1:])
        first = fresh.nonzero()[0]
        self._count = np.diff(np.append(first, len(keys)))
        self._keys = keys[first]
        self._segments = [each for each in lookup.segments.values() if self._is_near(each.segment)]
        self._rows = self._matching_postings(hidden)

    def _is_near(self, other: Segment) -> bool:
        # copies without a word, as a picture's, have no keys: a segment of nothing else has nothing to be found in it
        if not len(other.keys) or not len(self._batch):
            return False
        window = self._lookup.window
        return other.since <= self._batch.until + window and other.until >= self._batch.since - window

    def _matching_postings(self, hidden: U64) -> _PostingRows:
        """Return the newest postings of every key of the batch; of a copy that is stored, too, those of the batch."""
        parts = []
        for number, each in enumerate(self._segments):
            parts.append(self._postings(number, each))
            each.release()
        own = np.repeat(np.arange(len(self._keys)), self._count)
        parts.append((own, np.full(len(own), len(self._segments)), self._places))
        key, indexed, place = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        order = np.argsort(key, kind="stable")
        key, indexed, place = key[order], indexed[order], place[order]
        ends = np.cumsum(np.bincount(key, minlength=len(self._keys)))
        newest = np.arange(len(key)) >= ends[key] - SAMPLE
        rows = self._read(key[newest], indexed[newest], place[newest])
        if len(hidden):
            rows = rows.where(~contains(hidden, self._keys[rows.key] ^ packed_keys(rows.name)))
        return rows

    def _postings(self, number: int, indexed: IndexedSegment) -> tuple[I64, I64, I64]:
        some, begins, ends = indexed.segment.keys.ranges(self._keys)
        begins = np.maximum(begins, ends - SAMPLE)
        counts = ends - begins
        at = ranges(begins, counts)
        key, place = np.repeat(some, counts), indexed.segment.places[at].astype(np.int64)
        gone = indexed.replaced
        if len(self._batch.again):
            stored = np.isin(indexed.segment.copies, self._batch.again)
            gone = stored if gone is None else gone | stored
        if gone is not None:
            key, place = key[~gone[place]], place[~gone[place]]
        return key, np.full(len(key), number), place

    def _read(self, key: I64, indexed: I64, place: I64) -> _PostingRows:
        segments = [*(each.segment for each in self._segments), self._batch]
        copy, size = np.zeros(len(key), dtype=np.int64), np.zeros(len(key), dtype=np.int64)
        name, rank = np.zeros(len(key), dtype=np.uint64), np.zeros(len(key), dtype=np.uint64)
        seen = np.zeros(len(key))
        for number, segment in enumerate(segments):
            here = (indexed == number).nonzero()[0]
            at = place[here]
            copy[here], size[here], seen[here] = segment.copies[at], segment.sizes[at], segment.seen[at]
            name[here], rank[here] = segment.names[at], segment.ranks[at]
        return _PostingRows(
            key=key, segment=indexed, place=place, copy=copy, seen=seen, name=name, rank=rank, size=size
        )

    # ------------------------------------------------------------ furniture

    def repeated(self, sources: Mapping[int, str], now: float) -> Iterator[RepeatedGroup]:
        """Return what copies of one source share with one of the batch, within the window of now; by source."""
        rows = self._rows.where(np.bincount(self._rows.key, minlength=len(self._keys))[self._rows.key] >= WITNESSES)
        rows = rows.where(np.abs(rows.seen - now) <= self._lookup.window)
        # few keys are repeated so often, and to sort all takes longer than all else here
        often = np.zeros(len(self._keys), dtype=bool)
        often[rows.key] = True
        own = np.repeat(np.arange(len(self._keys)), self._count)
        here = often[own].nonzero()[0]
        mix = np.uint64(0x9E3779B97F4A7C15)
        asked = np.unique((own[here].astype(np.uint64) * mix) ^ self._batch.names[self._places[here]])
        code = (rows.key.astype(np.uint64) * mix) ^ rows.name
        chosen = contains(asked, code)
        code, rows = code[chosen], rows.where(chosen)
        order = np.lexsort((rows.copy, rows.rank, code))
        code, copy, name = code[order], rows.copy[order], rows.name[order]
        begins = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]])[: len(code)])
        ends = np.append(begins[1:], len(code))[: len(begins)]
        enough = ends - begins >= WITNESSES
        seen: set[tuple[int, ...]] = set()
        least = {n: max(WITNESSES, COMMON * self._lookup.totals[n]) for n in sources}
        for begin, end in zip(begins[enough].tolist(), ends[enough].tolist(), strict=True):
            source = int(name[begin])
            if end - begin >= least[source]:
                group = tuple(dict.fromkeys(copy[begin:end].tolist()))
                if group not in seen and len(group) >= WITNESSES:
                    seen.add(group)
                    yield RepeatedGroup(source=sources[source], copies=group)

    # ------------------------------------------------------------ candidates

    def candidates(self, stories_of: StoriesOf) -> dict[int, list[int]]:
        """For each copy of the batch those to compare it with: of the stories that share most, the copies that do."""
        rows = self._telling(stories_of)
        chosen: dict[int, list[int]] = {}
        for one, other in self._pairs(rows):
            chosen |= self._best(rows, one, other, stories_of)
        return chosen

    def _pairs(self, rows: _PostingRows) -> Iterator[tuple[I64, I64]]:
        """Yield copies of the batch, by place, each with a posting that shares a key with it; of few copies at once."""
        counts = np.bincount(rows.key, minlength=len(self._keys))
        begins = np.cumsum(counts) - counts
        key, places = np.repeat(np.arange(len(self._keys)), self._count), self._places
        many = counts[key]
        if many.sum() <= PAIRS:
            yield np.repeat(places, many), ranges(begins[key], many)
            return
        order = np.argsort(places, kind="stable")
        key, places, many = key[order], places[order], many[order]
        # a copy's postings stay together
        group = (np.cumsum(np.bincount(places, weights=many)) // PAIRS)[places]
        for some in np.split(np.arange(len(key)), np.flatnonzero(np.diff(group)) + 1):
            yield np.repeat(places[some], many[some]), ranges(begins[key[some]], many[some])

    def _best(self, rows: _PostingRows, one: I64, other: I64, stories_of: StoriesOf) -> dict[int, list[int]]:
        """Return what `candidates` does of those copies of the batch that stand in these pairs."""
        apart = np.abs(self._batch.seen[one] - rows.seen[other]) <= self._lookup.window
        apart &= self._batch.copies[one] != rows.copy[other]
        one, other = one[apart], other[apart]
        code, at, votes = np.unique((one << _NUMBER) | rows.copy[other], return_index=True, return_counts=True)
        one, other = one[at], other[at]
        fewest = np.minimum(self._batch.sizes[one], rows.size[other])
        enough = votes >= np.maximum(SHARED, SHARED_PART * fewest)
        code, one, other, votes = code[enough], one[enough], other[enough], votes[enough]
        story = self._stories(rows.where(other), stories_of)
        story[story == 0] = -rows.copy[other][story == 0]
        order = np.lexsort((rows.copy[other], -votes, one))
        chosen: dict[int, dict[int, list[int]]] = {}
        columns = (self._batch.copies[one], story, rows.copy[other])
        for number, where, result in zip(*(column[order].tolist() for column in columns), strict=True):
            tried = chosen.setdefault(number, {})
            if len(tried) < STORIES or where in tried:
                copies = tried.setdefault(where, [])
                if len(copies) < COPIES:
                    copies.append(result)
        return {n: [result for copies in tried.values() for result in copies] for n, tried in chosen.items()}

    def _telling(self, stories_of: StoriesOf) -> _PostingRows:
        """Return the postings of keys that tell something: the copies that have them are in few stories."""
        rows = self._rows
        common = np.bincount(rows.key, minlength=len(self._keys)) > COMMON_STORIES
        if not common.any():
            return rows
        crowd = rows.where(common[rows.key])
        story = self._stories(crowd, stories_of)
        waiting = (story == 0).nonzero()[0]
        story[waiting] = self._like(crowd, waiting)
        order = np.lexsort((story, crowd.key))
        key, story = crowd.key[order], story[order]
        fresh = np.concatenate([[True], (key[1:] != key[:-1]) | (story[1:] != story[:-1])])
        is_common = np.bincount(key[fresh], minlength=len(self._keys)) > COMMON_STORIES
        return rows.where(~is_common[rows.key])

    def _stories(self, rows: _PostingRows, stories_of: StoriesOf) -> I64:
        """In which story each of these copies stands; 0 for those that wait."""
        result = np.zeros(len(rows.key), dtype=np.int64)
        for number, indexed in enumerate(self._segments):
            here = (rows.segment == number).nonzero()[0]
            at = rows.place[here]
            unknown = np.unique(at[indexed.stories[at] == 0])
            if len(unknown):
                copies = indexed.segment.copies[unknown].tolist()
                known = stories_of(copies)
                indexed.stories[unknown] = [known.get(copy, 0) for copy in copies]
            result[here] = indexed.stories[at]
        return result

    def _like(self, rows: _PostingRows, waiting: I64) -> list[int]:
        """For copies that wait a number that many of one story share: the least of their keys."""
        segments = [*(each.segment for each in self._segments), self._batch]
        pairs = zip(rows.segment[waiting].tolist(), rows.place[waiting].tolist(), strict=True)
        return [-1 - int(segments[number].least[place]) for number, place in pairs]


def ranges(begins: I64, lengths: I64) -> I64:
    """Return the numbers of several ranges, one after the other."""
    ends = np.cumsum(lengths)
    result: I64 = np.repeat(begins - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)
    return result
