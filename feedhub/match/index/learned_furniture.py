"""Copies -> the text that each source repeats across its unrelated items.

A gram is furniture of a source when three of its items under mutually unlike headlines show it. Items are brought
together by their look-up keys; what three such items then have in common, all of it, is learned. The result is a
function of the set of items: keys are taken one by one, each with its items in the order of their identity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import numpy as np
from msgspec import Struct, field

from feedhub.match.index.keys import keys
from feedhub.match.text.overlap import runs, title_likeness
from feedhub.match.text.prepare import Prepared
from feedhub.match.text.tokens import I64, U64, Tokens, codes, decoded
from feedhub.match.text.word_flags import among, contains

#: items under unlike headlines that must show a text before it is furniture
WITNESSES = 3
#: headlines this alike belong to one affair: a re-run is no furniture
UNLIKE = 0.3
#: words that an item says besides its furniture; with fewer of its own it is one text run again under a new headline
LEAST_OWN_WORDS = 12
#: items looked at for one key
MOST_ITEMS = 12
#: the share of a large source's items that must show a key, so that common turns of phrase are not looked at
COMMON = 0.005


#: the grams of a source, sorted
Shingles = U64


class Furniture(Struct, frozen=True, kw_only=True):
    """Per source the sorted gram hashes that it shows with anything."""

    shingles: Mapping[str, Shingles] = field(default_factory=dict)

    def of(self, *sources: str) -> tuple[Shingles, ...]:
        """Return the grams of these sources, each array sorted."""
        return tuple(self.shingles[s] for s in dict.fromkeys(sources) if s in self.shingles)

    def merged(self, other: Furniture) -> Furniture:
        """Return what both know."""
        both = dict(self.shingles)
        for source, grams in other.shingles.items():
            both[source] = np.union1d(both[source], grams) if source in both else grams
        return Furniture(shingles=both)

    def packed(self) -> dict[str, bytes]:
        """Return the same as bytes, by source."""
        return {source: grams.tobytes() for source, grams in sorted(self.shingles.items())}

    @classmethod
    def unpacked(cls, packed: Mapping[str, bytes]) -> Furniture:
        """Bytes read back."""
        return cls(shingles={source: np.frombuffer(grams, dtype=np.uint64) for source, grams in packed.items()})

    def beyond(self, other: Furniture) -> bool:
        """Whether this knows anything that the other does not."""
        return any(
            s not in other.shingles or not contains(other.shingles[s], g).all() for s, g in self.shingles.items()
        )


NO_FURNITURE = Furniture()


class Headed(Protocol):
    """What furniture is learned from: headlines tell items of a source apart, their texts tell what it repeats."""

    @property
    def title(self) -> Tokens:
        """Return the words of the headline."""

    @property
    def body(self) -> Tokens:
        """Return the words of the text."""

    @property
    def shingles(self) -> U64:
        """Return the grams of the text in their order."""

    @property
    def sorted_shingles(self) -> U64:
        """Return the same, sorted."""


def learned_lines(p: Prepared, shingles: Sequence[Shingles]) -> list[str]:
    """Return the paragraphs of a copy all of whose words stand in what its source is known to repeat."""
    known = np.zeros(len(p.shingles), dtype=bool)
    for learned in shingles:
        known |= contains(learned, p.shingles)
    covered = runs(known, len(p.body))
    lines, start = [], 0
    for paragraph in p.copy.paragraphs:
        end = start + len(decoded(codes(paragraph)))
        if start < end <= len(covered) and covered[start:end].all():
            lines.append(paragraph)
        start = end
    return lines


def same_shingles(known: Sequence[Shingles], others: Sequence[Shingles]) -> bool:
    """Whether two times the same grams were known of the same sources."""
    return len(known) == len(others) and all(a is b or np.array_equal(a, b) for a, b in zip(known, others, strict=True))


def learn(items: Iterable[Prepared]) -> Furniture:
    """Return what these items show to be furniture of their sources."""
    by_source: dict[str, list[Prepared]] = {}
    for item in items:
        by_source.setdefault(item.key.source, []).append(item)
    result: dict[str, U64] = {}
    for source, group in by_source.items():
        if len(group) >= WITNESSES:
            group.sort(key=lambda p: p.key)
            sampled = [keys(p) for p in group]
            postings = np.repeat(np.arange(len(group)), [len(k) for k in sampled])
            grams = learn_postings(np.concatenate(sampled), postings, group.__getitem__, least=COMMON * len(group))
            if len(grams):
                result[source] = grams
    return Furniture(shingles=result)


def learn_groups(groups: Mapping[str, Iterable[Sequence[Prepared]]]) -> Furniture:
    """Return the furniture that groups of items of one source show which share a text, in the order of identity."""
    result: dict[str, U64] = {}
    for source, some in groups.items():
        trios = [[group[n] for n in witnesses(range(len(group)), UnlikeHeadlines(group.__getitem__))] for group in some]
        lessons = [common_shingles(trio) for trio in trios if trio]
        if grams := [each for each in lessons if len(each)]:
            result[source] = np.unique(np.concatenate(grams))
    return Furniture(shingles=result)


def learn_postings(sampled: U64, items: I64, item: Callable[[int], Prepared], *, least: float = 0) -> U64:
    """Return the furniture of one source from its postings (key, item number); numbers in the order of identity.

    A key counts that `least` items and no fewer than three have.
    """
    order = np.lexsort((items, sampled))
    sampled, items = sampled[order], items[order]
    starts = np.flatnonzero(np.concatenate([[True], sampled[1:] != sampled[:-1]]))
    ends = np.append(starts[1:], len(sampled))
    many = ends - starts >= max(WITNESSES, least)
    groups = {
        tuple(items[start : min(end, start + MOST_ITEMS)].tolist())
        for start, end in zip(starts[many].tolist(), ends[many].tolist(), strict=True)
    }
    unlike = UnlikeHeadlines(item)
    trios = {witnesses(group, unlike) for group in groups} - {()}
    lessons = [common_shingles([item(number) for number in trio]) for trio in sorted(trios)]
    return np.unique(np.concatenate(lessons)) if lessons else np.zeros(0, dtype=np.uint64)


class UnlikeHeadlines:
    """Whether two items of one source, by their numbers, are told apart; groups that overlap ask of the same two."""

    def __init__(
        self, item: Callable[[int], Headed], known: Mapping[tuple[int, int], bool] = MappingProxyType({})
    ) -> None:
        self._item = item
        self._known = known
        #: what was asked, with the answers
        self.asked: dict[tuple[int, int], bool] = {}

    def __call__(self, number: int, other: int) -> bool:
        """Return whether their headlines (without any: their bodies) are unlike."""
        pair = number, other
        result = self.asked.get(pair, self._known.get(pair))
        if result is None:
            result = _unlike(self._item(number), self._item(other))
        self.asked[pair] = result
        return result


def _unlike(a: Headed, b: Headed) -> bool:
    if len(a.title) and len(b.title):
        return title_likeness(a.title, b.title) < UNLIKE
    fewer, more = sorted((a, b), key=lambda p: len(p.shingles))
    return bool(contains(more.sorted_shingles, fewer.shingles).mean() < 0.5) if len(fewer.shingles) else False


def witnesses(group: Sequence[int], unlike: Callable[[int, int], bool]) -> tuple[int, ...]:
    """Return the first three of these items under mutually unlike headlines; () if there are none."""
    chosen: list[int] = []
    for number in group:
        if all(unlike(number, other) for other in chosen):
            chosen.append(number)
            if len(chosen) == WITNESSES:
                return tuple(chosen)
    return ()


def common_shingles(items: Sequence[Headed]) -> U64:
    """Return the grams that all of these items show in runs long enough to count as shared."""
    first = items[0]
    shared = np.ones(len(first.shingles), dtype=bool)
    for other in items[1:]:
        shared &= contains(other.sorted_shingles, first.shingles)
    covered = runs(shared, len(first.body))
    own = min(len(each.body) for each in items) - np.count_nonzero(covered)
    if own < LEAST_OWN_WORDS and all(_is_about_its_headline(each) for each in items):
        return np.zeros(0, dtype=np.uint64)
    return first.shingles[shared & covered[: len(shared)]]


def _is_about_its_headline(p: Headed) -> bool:
    """Whether a text says most of its headline: a page of nothing but links says little of any (a section page)."""
    wanted = p.title.hashes[p.title.weighty]
    return bool(len(wanted)) and bool(among(p.body.hashes, wanted).mean() > 0.5)
