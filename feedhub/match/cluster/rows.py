"""Pairs worth comparing -> rows of stories, one connected component after the other.

A component is compared and parted while its items are at hand; then it is forgotten.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from msgspec import Struct, field

from feedhub.match.cluster.partition import partition
from feedhub.match.index.learned_furniture import Furniture
from feedhub.match.index.record_file import RecordFile
from feedhub.match.text.prepare import Prepared
from feedhub.match.text.tokens import U32
from feedhub.match.verdict.judge import is_near_miss, judge
from feedhub.match.verdict.thresholds import DAY
from feedhub.model import EntryKey, MatchWindows, Place, Relation, Verdict
from feedhub.structs import replace

#: verdicts on equal texts that are remembered
_TWINS = 20_000
#: pairs that are made numbers of Python at once
_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupeRow:
    """What `feedhub dedupe` says of one item; ids are as the items have them, of whatever kind."""

    id: Any
    #: id of the item that the story is named after
    story: Any
    canonical: bool
    relation: Relation
    matched: Any = None
    score: float | None = None
    ground: str = ""


class NumberedItems(Protocol):
    """Items that are got by number, prepared."""

    def get(self, number: int) -> Prepared:
        """Return one item prepared."""

    def __len__(self) -> int: ...


class PairJudge(Struct, kw_only=True):
    """Where pairs of numbered items are judged."""

    items: NumberedItems
    furniture: Furniture
    windows: MatchWindows
    #: sources of the items, and of each item the number of its source
    names: list[str]
    source: U32
    #: of each item digests of its outlet, of what it says and of its address (0 where it has none), and its date
    facts: RecordFile
    #: pairs of two groups that nearly merged
    near_misses: int = 0
    _known: dict[tuple[int, int], Verdict] = field(default_factory=dict)
    _twins: dict[tuple[object, ...], Verdict] = field(default_factory=dict)

    def stories(self, left: U32, right: U32, on_progress: Callable[[int], None]) -> Iterator[tuple[int, DedupeRow]]:
        """Return the rows of all items that something was found for, each with the item's number."""
        for done, pairs in components(left, right, len(self.items)):
            for group in self._joined(pairs):
                yield from self._part(group)
            self._known.clear()
            on_progress(done)

    def _joined(self, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
        """Return the items of one component by merging verdicts; pairs that others have joined are not compared."""
        leader: dict[int, int] = {}
        near: list[tuple[int, int]] = []
        for a, b in pairs:
            one, other = _find(leader, a), _find(leader, b)
            if one != other:
                verdict = self.agree(a, b)
                if verdict.merged:
                    leader[one] = other
                elif is_near_miss(verdict):
                    near.append((a, b))
        self.near_misses += sum(_find(leader, a) != _find(leader, b) for a, b in near)
        groups: dict[int, list[int]] = {}
        for number in sorted(leader):
            groups.setdefault(_find(leader, number), []).append(number)
        return [group for group in groups.values() if len(group) > 1]

    def agree(self, a: int, b: int) -> Verdict:
        """Two items judged; remembered while their component lasts."""
        pair = (a, b) if a < b else (b, a)
        result = self._known.get(pair)
        if result is not None:
            return result
        twin = self._twin(*pair)
        result = self._twins.get(twin) if twin else None
        if result is None:
            one, other = self.items.get(pair[0]), self.items.get(pair[1])
            result = judge(one, other, self.furniture, self.windows)
        if twin:
            if len(self._twins) > _TWINS:
                self._twins.clear()
            self._twins[twin] = result
        elif result.merged:
            self._known[pair] = result
        return result

    def _twin(self, a: int, b: int) -> tuple[object, ...] | None:
        """All that a verdict on two equal texts of two outlets hangs on, so that ten thousand are judged once."""
        outlet, text, address, published = self.facts.get(a)
        other_outlet, other_text, other_address, other_published = self.facts.get(b)
        if text != other_text or outlet == other_outlet:
            return None
        sources = [self.names[self.source[number]] for number in (a, b)]
        furnished = tuple(sorted(source for source in sources if source in self.furniture.shingles))
        gap = abs(published - other_published)
        steps = (DAY / 2, DAY, 1.2 * DAY, self.windows.revision.total_seconds(), self.windows.window.total_seconds())
        one_page = address == other_address != 0
        return text, furnished, one_page, tuple(gap > step for step in steps)

    def _part(self, group: list[int]) -> Iterator[tuple[int, DedupeRow]]:
        prepared = {number: self.items.get(number) for number in group}
        sizes = {item.key: item.size for item in prepared.values()}
        numbers = {item.key: number for number, item in prepared.items()}
        for places in stories_of_group(prepared, self.agree, self.windows):
            rows = rows_of(places, sizes)
            yield from ((numbers[place.copy], row) for place, row in zip(places, rows, strict=True))


def stories_of_group(
    prepared: Mapping[int, Prepared], agree: Callable[[int, int], Verdict], windows: MatchWindows
) -> list[list[Place[EntryKey]]]:
    """Part numbered items that merging verdicts join into stories; `agree` judges two by their numbers."""
    numbers = {item.key: number for number, item in prepared.items()}

    def verdict(a: Prepared, b: Prepared) -> Verdict:
        result = agree(numbers[a.key], numbers[b.key])
        return result if result.left == a.key and result.right == b.key else replace(result, left=a.key, right=b.key)

    return partition(prepared.values(), verdict, window=windows.window)


def components(left: U32, right: U32, total: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Pairs of numbers below `total` by connected component, each with how many pairs are done when it is."""
    leader = array("I", range(total))
    for a, b in _listed(left, right):
        one, other = _find(leader, a), _find(leader, b)
        leader[max(one, other)] = min(one, other)
    roots = np.fromiter((_find(leader, a) for a, _ in _listed(left, right)), dtype=np.uint32, count=len(left))
    del leader
    order = np.lexsort((right, left, roots))
    left, right, roots = left[order], right[order], roots[order]
    del order
    ends = np.append(np.flatnonzero(roots[1:] != roots[:-1]) + 1, len(roots))[: len(roots)]
    del roots
    start = 0
    for some in np.array_split(ends, len(ends) // _AT_ONCE + 1):
        for end in some.tolist():
            yield end, list(zip(left[start:end].tolist(), right[start:end].tolist(), strict=True))
            start = end


def _listed(left: U32, right: U32) -> Iterator[tuple[int, int]]:
    """Return pairs as numbers of Python, some at a time: those of all at once are ten times as large as the arrays."""
    for start in range(0, len(left), _AT_ONCE):
        end = start + _AT_ONCE
        yield from zip(left[start:end].tolist(), right[start:end].tolist(), strict=True)


def _find(leader: array[int] | dict[int, int], number: int) -> int:
    if isinstance(leader, dict):
        leader.setdefault(number, number)
    while leader[number] != number:
        leader[number] = leader[leader[number]]
        number = leader[number]
    return number


def rows_of(places: list[Place[EntryKey]], sizes: Mapping[EntryKey, float]) -> Iterator[DedupeRow]:
    """One story's rows, its founder first; the fullest copy of the newest revision is canonical."""
    newest = max(place.revision for place in places)
    speaks = min((place for place in places if place.revision == newest), key=lambda place: -sizes[place.copy])
    for place in places:
        yield DedupeRow(
            id=place.copy.guid,
            story=places[0].copy.guid,
            canonical=place is speaks,
            relation=place.relation,
            matched=place.matched.guid if place.matched else None,
            score=place.score,
            ground=place.ground,
        )
