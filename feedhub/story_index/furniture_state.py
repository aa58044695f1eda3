"""What each source of an index repeats, kept so that new items change no more of it than they touch.

Of a source are kept the keys that enough of its items show, each with its count and its first items; of each group of
such items which three bear witness; and what these three have in common. New items touch a few keys, a changed key
another group, and only a group that was never seen is looked at. The result is what `Stream.learn` learns of all items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Sized
from itertools import pairwise
from math import inf
from typing import Protocol

import numpy as np
from msgspec import Struct, field

from feedhub.match import U64
from feedhub.match.cluster.stream import UNSOURCED
from feedhub.match.index.learned_furniture import (
    COMMON,
    MOST_ITEMS,
    WITNESSES,
    Headed,
    UnlikeHeadlines,
    common_shingles,
    witnesses,
)
from feedhub.match.index.packed_rows import is_rising, joined, numbers_of, parted, text_of, text_part
from feedhub.match.text.tokens import I64, Flags
from feedhub.match.text.word_flags import contains
from feedhub.story_index.index_file import IndexFile, sealed
from feedhub.story_index.repeated_keys import NOBODY, NOTHING, U32, FirstItems, Touched, first_items

#: postings of sources, each with a number that is summed: source, key, item, weight
_Weighted = tuple[I64, U64, I64, I64]
_NONE = np.zeros(0, dtype=np.int64)
_NO_POSTINGS: _Weighted = (_NONE, np.zeros(0, dtype=np.uint64), _NONE, _NONE)
#: of a row: what the source's furniture is, the eight of `_Repeats`, its name
_PARTS = 10
#: bytes of the first items of one key
_ROW = MOST_ITEMS * U32.itemsize


class LearningItems(Protocol):
    """Where the items are looked up from which furniture is learned."""

    def headed(self, number: int) -> Headed:
        """Return one item as far as learning asks for it."""


class _Repeats(Struct):
    """What one source repeats: keys with their counts and first items, groups with their witnesses."""

    #: sorted
    keys: U64 = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    counts: I64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    #: of each key its first items by rank, a row of `MOST_ITEMS`
    first: FirstItems = field(default_factory=lambda: np.zeros((0, MOST_ITEMS), dtype=U32))
    #: of each three witnesses of a group what they have in common
    common: dict[tuple[int, ...], bytes] = field(default_factory=dict)
    #: two items of a group -> whether their headlines are unlike
    unlike: dict[tuple[int, int], bool] = field(default_factory=dict)

    def parts(self) -> tuple[bytes, ...]:
        """Return all of it as `_PARTS` parts of a row."""
        texts = list(self.common.values())
        return (
            *(self.keys.tobytes(), self.counts.tobytes(), self.first.tobytes()),
            np.array([len(text) for text in texts], dtype=np.uint64).tobytes(),
            b"".join(texts),
            np.array(list(self.unlike), dtype=U32).tobytes(),
            np.array(list(self.common), dtype=U32).tobytes(),
            bytes(self.unlike.values()),
        )

    @classmethod
    def of_parts(cls, parts: Sequence[memoryview], count: int) -> _Repeats:
        """Return what `parts` came from; `count`: how many items there are. Raises ValueError for anything else."""
        keys, counts = numbers_of(parts[0]), np.frombuffer(parts[1], np.int64)
        first = np.frombuffer(parts[2], U32).reshape(-1, MOST_ITEMS)
        if not len(keys) == len(counts) == len(first) or not is_rising(keys) or (first[first != NOBODY] >= count).any():
            raise ValueError("other keys than a source repeats")
        lengths, pairs = numbers_of(parts[3]).tolist(), np.frombuffer(parts[5], U32).reshape(-1, 2)
        trios = np.frombuffer(parts[6], U32).reshape(-1, WITNESSES)
        if sum(lengths) != len(parts[4]) or any(length % 8 for length in lengths):
            raise ValueError("other texts than witnesses have in common")
        ends = np.cumsum([0, *lengths]).tolist()
        texts = [bytes(parts[4][start:end]) for start, end in pairwise(ends)]
        return cls(
            keys,
            counts,
            first,
            {(a, b, c): text for (a, b, c), text in zip(trios.tolist(), texts, strict=True)},
            {(a, b): bool(flag) for (a, b), flag in zip(pairs.tolist(), parts[7], strict=True)},
        )

    def change(self, keys: U64, counts: I64, first: FirstItems, least: float) -> bool:
        """Put keys, sorted, in the place of what was known of them; those that fewer items show than `least` go.

        Return whether the groups are others than they were.
        """
        if not len(keys) and (self.counts >= least).all():
            return False
        old = ~contains(keys, self.keys) & (self.counts >= least)
        new = counts >= least
        both = np.concatenate([self.keys[old], keys[new]])
        order = np.argsort(both)
        groups = self._groups()
        self.keys = both[order]
        self.counts = np.concatenate([self.counts[old], counts[new]])[order]
        self.first = np.concatenate([self.first[old], first[new]])[order]
        return groups != self._groups()

    def count(self, number: int, keys: U64, items: I64, ranks: U64) -> list[_Weighted]:
        """Count more postings of known keys; return, weighted for `first_items`, what may change their first items.

        `number` is that of the source.
        """
        place = self.keys.searchsorted(keys)
        self.counts = self.counts + np.bincount(place, minlength=len(self.keys))
        last = self.first[place, -1]
        is_full = last != NOBODY
        early = ~is_full | (ranks[items] < ranks[np.where(is_full, last, 0)])
        if not early.any():
            return []
        new = keys[early], items[early], np.zeros(int(early.sum()), dtype=np.int64)
        changed = np.unique(place[early])
        first = self.first[changed].astype(np.int64)
        # the first of them stands for all that are known
        weights = np.zeros_like(first)
        weights[:, 0] = self.counts[changed]
        real = first != NOBODY
        old = np.repeat(self.keys[changed], MOST_ITEMS)[real.ravel()], first[real], weights[real]
        return [(np.full(len(part[0]), number), *part) for part in (new, old)]

    def _groups(self) -> set[bytes]:
        rows = self.first.tobytes()
        return {rows[start : start + _ROW] for start in range(0, len(rows), _ROW)}

    def learn(self, items: LearningItems, before: U64) -> U64:
        """Return the furniture, looking only at items and groups that were not seen before; `before`: what it was."""
        unlike = UnlikeHeadlines(items.headed, self.unlike)
        trios = {witnesses(_members(group), unlike) for group in self._groups()} - {()}
        self.unlike = unlike.asked
        if trios == self.common.keys():
            return before
        self.common = {
            trio: self.common[trio] if trio in self.common else _common(trio, items) for trio in sorted(trios)
        }
        lines = [np.frombuffer(common, np.uint64) for common in self.common.values()]
        return np.unique(np.concatenate(lines)) if lines else np.zeros(0, dtype=np.uint64)


def _common(trio: Sequence[int], items: LearningItems) -> bytes:
    return common_shingles([items.headed(number) for number in trio]).tobytes()


def _members(name: bytes) -> list[int]:
    """Return the items of a group by its name."""
    return [number for number in np.frombuffer(name, U32).tolist() if number != NOBODY]


class LearnedChange(Struct, frozen=True, kw_only=True):
    """What came to, or went from, the furniture of a source."""

    #: sorted
    shingles: U64
    #: the source had none before, or has none now
    is_whole: bool


class FurnitureState:
    """The furniture of all sources of an index, and how it was learned."""

    def __init__(self, file: IndexFile, items: Sized) -> None:
        self._file = file
        self._items = items
        self.names: list[str] = []
        self.shingles: dict[str, U64] = {}
        self._states: dict[int, tuple[U64, _Repeats]] = {}
        for number, packed in file.every("SELECT number, furniture FROM sources ORDER BY number"):
            with file.reading():
                grams, *_, name = parted(file.opened(packed, number), _PARTS)
                self._load_name(number, text_of(name), numbers_of(grams))

    def _load_name(self, number: int, name: str, furniture: U64) -> None:
        if number != len(self.names) or not is_rising(furniture):
            raise ValueError("a source that is missing, or other shingles than it has")
        self.names.append(name)
        if len(furniture):
            self.shingles[name] = furniture

    def add_sources(self, names: list[str]) -> None:
        """Give numbers to new sources, inside a transaction."""
        first = len(self.names)
        self.names += names
        self._save({first + n: (np.zeros(0, dtype=np.uint64), _Repeats()) for n in range(len(names))})

    def load(self, numbers: I64) -> None:
        """Have what these sources repeat at hand."""
        self._states.clear()
        for number, row in self._file.rows_of(
            "SELECT number, furniture FROM sources WHERE number IN", np.unique(numbers).tolist()
        ):
            with self._file.reading():
                grams, *repeats, _ = parted(self._file.opened(row, number), _PARTS)
                self._states[number] = numbers_of(grams), _Repeats.of_parts(repeats, len(self._items))

    def is_quiet(self, keys: U64, where: I64) -> Flags:
        """Return which postings (key, source) are of furniture whose count and first items are known.

        Another one of them pairs nothing, and what it changes of the source can be told without the others.
        """
        result = np.zeros(len(keys), dtype=bool)
        for number, here in _places_of(where):
            grams, state = self._states[number]
            maybe = here[contains(grams, keys[here])]
            result[maybe] = contains(state.keys, keys[maybe])
        return result

    def update(
        self, touched: Mapping[int, Touched], totals: Mapping[int, int], items: LearningItems
    ) -> dict[int, LearnedChange]:
        """Learn from new items; return of each source whose furniture is another one what came or went.

        `touched`: see `touched_keys` and `count_quiet`; `totals`: how many items each of the sources has now.
        """
        changed: dict[int, LearnedChange] = {}
        for number, (before, state) in self._states.items():
            # what has no source repeats nothing
            least = inf if self.names[number] == UNSOURCED else max(WITNESSES, COMMON * totals[number])
            has_changed = state.change(*touched.get(number, NOTHING), least)
            after = state.learn(items, before) if has_changed else before
            self._states[number] = after, state
            if after is not before and not np.array_equal(before, after):
                changed[number] = LearnedChange(
                    shingles=np.setxor1d(before, after, assume_unique=True), is_whole=not (len(before) and len(after))
                )
                self.shingles.pop(self.names[number], None)
                if len(after):
                    self.shingles[self.names[number]] = after
        self._save(self._states)
        self._states.clear()
        return changed

    def count_quiet(self, keys: U64, items: I64, where: I64, ranks: U64) -> dict[int, Touched]:
        """Count new postings that are quiet; return, by source, the keys whose first items are others by them."""
        parts = [_NO_POSTINGS]
        for number, here in _places_of(where):
            parts += self._states[number][1].count(number, keys[here], items[here], ranks)
        return first_items(*(np.concatenate(column) for column in zip(*parts, strict=True)), ranks=ranks)

    def _save(self, states: Mapping[int, tuple[U64, _Repeats]]) -> None:
        self._file.write(
            "INSERT OR REPLACE INTO sources VALUES (?, ?)",
            (
                (number, sealed(joined(grams.tobytes(), *state.parts(), text_part(self.names[number])), number))
                for number, (grams, state) in states.items()
            ),
        )


def _places_of(where: I64) -> Iterator[tuple[int, I64]]:
    """Return each source with the places at which it stands."""
    # numbers this short are sorted in two passes
    order = np.argsort(where.astype(np.uint16) if where.max(initial=0) < 1 << 16 else where, kind="stable")
    ordered = where[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    yield from zip(ordered[starts].tolist(), np.split(order, starts[1:]), strict=False)
