"""A finite stream of copies -> one row each: which story it belongs to, and on what ground.

    copies
    | spool       texts to disk, keys into buckets
    | learn       what each source repeats
    | pair        keys that two items share -> pairs worth comparing
    | judge       pairs, until each connected component is known
    | partition   component -> stories

The result does not depend on the order of the copies.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from math import nan

import numpy as np
import xxhash

from feedhub.match.candidates import pairs_of, worth_comparing
from feedhub.match.compare import contains
from feedhub.match.furniture import COMMON, WITNESSES, Furniture, learn_postings
from feedhub.match.judge import DAY, judge
from feedhub.match.partition import Place, partition
from feedhub.match.prepare import Prepared
from feedhub.match.spool import Buckets, Items
from feedhub.match.words import I64, U64
from feedhub.model import Copy, Match, Relation

#: items whose keys are written at once
_BATCH = 2000

#: told after each item or pair: what is being done, how many are done, how many there are (0: not known)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What `feedhub dedupe` says of one item."""

    id: str
    #: id of the item that the story is named after
    story: str
    canonical: bool
    relation: Relation
    matched: str | None = None
    score: float | None = None
    ground: str = ""


def match_stream(
    copies: Iterable[Copy],
    *,
    window: timedelta = timedelta(hours=72),
    revision_window: timedelta = timedelta(hours=24),
    progress: Progress | None = None,
) -> Iterator[Row]:
    """The rows of all copies in the order in which they came; guids are ids, published dates give the windows."""
    work = _Stream(window, revision_window, progress or (lambda stage, done, total: None))
    try:
        work.read(copies)
        work.learn()
        left, right = work.pair()
        yield from work.rows(work.stories(left, right))
    finally:
        work.close()


class _Stream:
    def __init__(self, window: timedelta, revision_window: timedelta, progress: Progress) -> None:
        self.window = window
        self.revision_window = revision_window
        self.progress = progress
        self.items = Items()
        self.postings = Buckets(2)
        self.furniture = Furniture()
        self._known: dict[tuple[int, int], Match] = {}
        self._sources: dict[str, int] = {}
        self._names: list[str] = []
        self._source = array("I")
        self._counts = array("I")
        self._ranks = array("Q")
        self._outlet = array("Q")
        self._said = array("Q")
        self._when = array("d")
        self._twins: dict[tuple[object, ...], Match] = {}

    def read(self, copies: Iterable[Copy]) -> None:
        """Spool the copies, and their keys as postings."""
        batch: list[U64] = []
        for copy in copies:
            found, said = self.items.add(copy)
            self._said.append(said)
            self._outlet.append(_digest(copy.outlet))
            self._when.append(copy.published.timestamp() if copy.published and not copy.date_doubtful else nan)
            batch.append(found)
            self._counts.append(len(found))
            self._source.append(self._sources.setdefault(copy.key.source, len(self._sources)))
            self._ranks.append(_digest(f"{copy.key.source}\0{copy.key.guid}"))
            if len(batch) == _BATCH:
                self._write(batch)
            self.progress("reading", len(self.items), 0)
        self._write(batch)
        self.counts = np.array(self._counts, dtype=np.int64)
        self.source = np.array(self._source, dtype=np.int64)
        self.ranks = np.argsort(np.argsort(np.array(self._ranks, dtype=np.uint64)))

    def _write(self, batch: list[U64]) -> None:
        if batch:
            first = len(self._counts) - len(batch)
            numbers = np.repeat(np.arange(first, len(self._counts)), [len(found) for found in batch])
            self.postings.add(np.concatenate(batch), numbers.astype(np.uint64))
            batch.clear()

    def learn(self) -> None:
        """Learn the furniture of every source with enough items."""
        names = self._names = list(self._sources)
        totals = np.bincount(self.source, minlength=len(names))
        least = np.maximum(WITNESSES, COMMON * totals)
        found: dict[str, list[U64]] = {}
        for sampled, numbers in self.postings:
            for source, some, of in _repeated(sampled, numbers.astype(np.int64), self.source, least):
                grams = learn_postings(some, self.ranks[of], self._ranked, total=int(totals[source]))
                if len(grams):
                    found.setdefault(names[source], []).append(grams)
        self.furniture = Furniture(grams={name: np.unique(np.concatenate(g)) for name, g in found.items()})

    def _ranked(self, rank: int) -> Prepared:
        if not hasattr(self, "_by_rank"):
            self._by_rank = np.argsort(self.ranks)
        return self.items.get(int(self._by_rank[rank]))

    def pair(self) -> tuple[I64, I64]:
        """The pairs that share enough keys outside furniture."""
        hidden = self._hidden()
        names = np.array([_digest(name) for name in self._sources], dtype=np.uint64)
        lefts, rights = [], []
        with Buckets(1) as codes:
            for sampled, numbers in self.postings:
                at = numbers.astype(np.int64)
                if len(hidden):
                    kept = ~contains(hidden, sampled ^ names[self.source[at]])
                    sampled, at = sampled[kept], at[kept]
                codes.add(pairs_of(sampled, at, self.ranks[at]))
            for (some,) in codes:
                left, right = worth_comparing(some, self.counts)
                lefts.append(left)
                rights.append(right)
        none = np.zeros(0, dtype=np.int64)
        return np.concatenate([none, *lefts]), np.concatenate([none, *rights])

    def _hidden(self) -> U64:
        """Furniture of all sources in one sorted array, each gram marked with its source."""
        marked = [g ^ np.uint64(_digest(s)) for s, g in self.furniture.grams.items()]
        return np.sort(np.concatenate(marked)) if marked else np.zeros(0, dtype=np.uint64)

    def agree(self, a: int, b: int) -> Match:
        """Two items judged; what merges is remembered."""
        pair = (a, b) if a < b else (b, a)
        found = self._known.get(pair)
        if found is None:
            twin = self._twin(*pair)
            found = self._twins.get(twin) if twin else None
        if found is None:
            one, other = self.items.get(pair[0]), self.items.get(pair[1])
            found = judge(one, other, self.furniture, window=self.window, revision_window=self.revision_window)
            if twin:
                self._twins[twin] = found
            elif found.merged:
                self._known[pair] = found
        return found

    def _twin(self, a: int, b: int) -> tuple[object, ...] | None:
        """All that a verdict on two equal texts of two outlets hangs on, so that ten thousand are judged once."""
        if self._said[a] != self._said[b] or self._outlet[a] == self._outlet[b]:
            return None
        sources = [self._names[self._source[number]] for number in (a, b)]
        furnished = tuple(sorted(source for source in sources if source in self.furniture.grams))
        gap = abs(self._when[a] - self._when[b])
        steps = (DAY / 2, DAY, 1.2 * DAY, self.revision_window.total_seconds(), self.window.total_seconds())
        return self._said[a], furnished, tuple(gap > step for step in steps)

    def stories(self, left: I64, right: I64) -> dict[int, Row]:
        """The rows of all items that something was found for, by number."""
        leader = array("I", range(len(self.items)))

        def find(number: int) -> int:
            while leader[number] != number:
                leader[number] = leader[leader[number]]
                number = leader[number]
            return number

        order = np.lexsort((right, left))
        touched = set()
        for done, (a, b) in enumerate(zip(left[order].tolist(), right[order].tolist(), strict=True)):
            if find(a) != find(b) and self.agree(a, b).merged:
                leader[find(a)] = find(b)
                touched |= {a, b}
            self.progress("comparing", done + 1, len(order))
        groups: dict[int, list[int]] = {}
        for number in sorted(touched):
            groups.setdefault(find(number), []).append(number)
        return {number: row for group in groups.values() for number, row in self._part(group)}

    def _part(self, group: list[int]) -> Iterator[tuple[int, Row]]:
        prepared = {number: self.items.get(number) for number in group}
        numbers = {item.key: number for number, item in prepared.items()}

        def agree(a: Prepared, b: Prepared) -> Match:
            return replace(self.agree(numbers[a.key], numbers[b.key]), left=a.key, right=b.key)

        for places in partition(prepared.values(), agree, window=self.window):
            yield from ((numbers[place.item.key], row) for place, row in zip(places, _rows(places), strict=True))

    def rows(self, stories: dict[int, Row]) -> Iterator[Row]:
        """One row for each item in the order in which they came."""
        for number, key in enumerate(self.items.keys()):
            alone = Row(id=key.guid, story=key.guid, canonical=True, relation=Relation.FIRST)
            yield stories.get(number, alone)

    def close(self) -> None:
        """Give the disk back."""
        self.items.close()
        self.postings.close()


def _digest(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def _rows(places: list[Place]) -> Iterator[Row]:
    """One story's rows, its founder first; the fullest copy of the newest revision is canonical."""
    newest = max(place.revision for place in places)
    speaks = min((place for place in places if place.revision == newest), key=lambda place: -place.item.size)
    for place in places:
        yield Row(
            id=place.item.key.guid,
            story=places[0].item.key.guid,
            canonical=place is speaks,
            relation=place.relation,
            matched=place.matched.guid if place.matched else None,
            score=place.score,
            ground=place.ground,
        )


def _repeated(sampled: U64, numbers: I64, source: I64, least: I64) -> Iterator[tuple[int, U64, I64]]:
    """The postings of keys that enough items of one source have, source by source."""
    where = source[numbers]
    order = np.lexsort((sampled, where))
    sampled, numbers, where = sampled[order], numbers[order], where[order]
    fresh = np.concatenate([[True], (sampled[1:] != sampled[:-1]) | (where[1:] != where[:-1])])
    group = np.cumsum(fresh) - 1
    kept = np.bincount(group)[group] >= least[where]
    sampled, numbers, where = sampled[kept], numbers[kept], where[kept]
    edges = [0, *(np.flatnonzero(np.diff(where)) + 1).tolist(), len(where)] if len(where) else []
    for start, end in pairwise(edges):
        yield int(where[start]), sampled[start:end], numbers[start:end]
