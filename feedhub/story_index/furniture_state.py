"""What each source of an index repeats, kept so that new items change no more of it than they touch.

Of a source are kept the keys that enough of its items show, each with its count and its first items; of each group of
such items which three bear witness; and what these three have in common. New items touch a few keys, a changed key
another group, and only a group that was never seen is looked at. The result is what `Stream.learn` learns of all items.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from feedhub.match import U64, Prepared
from feedhub.match.index.candidates import counted
from feedhub.match.index.learned_furniture import COMMON, MOST_ITEMS, WITNESSES, common_shingles, witnesses
from feedhub.match.text.overlap import contains
from feedhub.match.text.tokens import I64, Flags
from feedhub.story_index.index_file import IndexFile, sealed

_U32 = np.dtype("<u4")
#: fills up groups of fewer items
_NOBODY = 0xFFFFFFFF
_MIX = np.uint64(0x9E3779B97F4A7C15)
ItemOf = Callable[[int], Prepared]
_Table = np.ndarray[tuple[int, int], np.dtype[np.uint32]]


@dataclass(slots=True)
class _Repeats:
    """What one source repeats: keys with their counts and first items, groups with their witnesses."""

    keys: U64 = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    counts: I64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    #: of each key its first items by rank, a row of `MOST_ITEMS`
    first: _Table = field(default_factory=lambda: np.zeros((0, MOST_ITEMS), dtype=_U32))
    #: of each group (as bytes) its three witnesses, () for none; of each three what they have in common
    witnesses: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    common: dict[tuple[int, ...], bytes] = field(default_factory=dict)

    def pack(self) -> bytes:
        parts = self.keys.tobytes(), self.counts.tobytes(), self.first.tobytes(), self.witnesses, self.common
        return marshal.dumps(parts, 4)

    @classmethod
    def unpack(cls, packed: bytes) -> _Repeats:
        keys, counts, first, seen, common = marshal.loads(packed)
        return cls(
            np.frombuffer(keys, np.uint64),
            np.frombuffer(counts, np.int64),
            np.frombuffer(first, _U32).reshape(-1, MOST_ITEMS),
            seen,
            common,
        )

    def change(
        self, keys: U64, counts: I64, first: np.ndarray[tuple[int, int], np.dtype[np.uint32]], least: float
    ) -> None:
        """Put keys in the place of what was known of them; those that fewer items show than `least` go."""
        old = ~np.isin(self.keys, keys) & (self.counts >= least)
        new = counts >= least
        self.keys = np.concatenate([self.keys[old], keys[new]])
        self.counts = np.concatenate([self.counts[old], counts[new]])
        self.first = np.concatenate([self.first[old], first[new]])

    def learn(self, item: ItemOf) -> U64:
        """Return the furniture, looking only at groups that were not seen before."""
        unique = np.unique(self.first, axis=0) if len(self.first) else self.first
        groups = {row.tobytes(): row[row != _NOBODY].tolist() for row in unique}
        self.witnesses = {
            name: self.witnesses[name] if name in self.witnesses else witnesses(group, item)
            for name, group in groups.items()
        }
        trios = sorted({*self.witnesses.values()} - {()})
        self.common = {
            trio: self.common[trio] if trio in self.common else common_shingles([item(n) for n in trio]).tobytes()
            for trio in trios
        }
        lines = [np.frombuffer(common, np.uint64) for common in self.common.values()]
        return np.unique(np.concatenate(lines)) if lines else np.zeros(0, dtype=np.uint64)


class FurnitureState:
    """The furniture of all sources of an index, and how it was learned."""

    def __init__(self, file: IndexFile) -> None:
        self._file = file
        self.names: list[str] = []
        self.shingles: dict[str, U64] = {}
        self._states: dict[int, tuple[U64, _Repeats]] = {}
        for _, name, packed in file.rows("SELECT number, name, furniture FROM sources ORDER BY number"):
            self.names.append(name)
            furniture = np.frombuffer(marshal.loads(file.opened(packed))[0], np.uint64)
            if len(furniture):
                self.shingles[name] = furniture

    def add_sources(self, names: list[str]) -> None:
        """Give numbers to new sources, inside a transaction."""
        first = len(self.names)
        self.names += names
        self._save({first + n: (np.zeros(0, dtype=np.uint64), _Repeats()) for n in range(len(names))})

    def load(self, numbers: Iterable[int]) -> None:
        """Have what these sources repeat at hand."""
        self._states.clear()
        for number, row in self._file.rows_of(
            "SELECT number, furniture FROM sources WHERE number IN", sorted(set(numbers))
        ):
            grams, repeats = marshal.loads(self._file.opened(row))
            self._states[number] = np.frombuffer(grams, np.uint64), _Repeats.unpack(repeats)

    def is_quiet(self, keys: U64, where: I64) -> Flags:
        """Return which postings (key, source) are of furniture whose count and first items are known.

        Another one of them pairs nothing, and what it changes of the source can be told without the others.
        """
        result = np.zeros(len(keys), dtype=bool)
        for number, (grams, state) in self._states.items():
            here = (where == number).nonzero()[0]
            result[here] = contains(grams, keys[here]) & np.isin(keys[here], state.keys)
        return result

    def update(self, touched: Mapping[int, Touched], totals: Mapping[int, int], item: ItemOf) -> dict[int, U64]:
        """Learn from new items; return of each source whose furniture is another one what came or went.

        `touched`: see `touched_keys` and `quiet_keys`; `totals`: how many items each of the sources has now.
        """
        changed: dict[int, U64] = {}
        for number, (before, state) in self._states.items():
            state.change(*touched.get(number, _NOTHING), max(WITNESSES, COMMON * totals[number]))
            after = state.learn(item)
            self._states[number] = after, state
            if not np.array_equal(before, after):
                changed[number] = np.setxor1d(before, after, assume_unique=True)
                self.shingles.pop(self.names[number], None)
                if len(after):
                    self.shingles[self.names[number]] = after
        self._save(self._states)
        return changed

    def quiet_keys(self, keys: U64, items: I64, where: I64, ranks: U64) -> dict[int, Touched]:
        """Return, by source, what new postings that are quiet change: counts and first items of keys that are known."""
        result = {}
        for number in np.unique(where).tolist():
            _, state = self._states[number]
            ours = where == number
            new_keys, new_items = keys[ours], items[ours]
            known = np.isin(state.keys, new_keys)
            old_items = state.first[known].ravel()
            old_keys = np.repeat(state.keys[known], MOST_ITEMS)
            real = old_items != _NOBODY
            every = np.concatenate([old_keys[real], new_keys])
            both = np.concatenate([old_items[real].astype(np.int64), new_items])
            names, _, first = _first_items(every, both, ranks)
            # of those that are known all are counted, not only the first
            order = np.argsort(state.keys[known])
            fresh = np.unique(new_keys, return_counts=True)[1]
            assert np.array_equal(names, state.keys[known][order])
            result[number] = names, state.counts[known][order] + fresh, first
        return result

    def _save(self, states: Mapping[int, tuple[U64, _Repeats]]) -> None:
        self._file.write(
            "INSERT OR REPLACE INTO sources VALUES (?, ?, ?)",
            (
                (number, self.names[number], sealed(marshal.dumps((grams.tobytes(), state.pack()), 4)))
                for number, (grams, state) in states.items()
            ),
        )


#: keys of one source, how many of its items have each, and the first of them
Touched = tuple[U64, I64, _Table]
_NOTHING: Touched = (
    np.zeros(0, dtype=np.uint64),
    np.zeros(0, dtype=np.int64),
    np.zeros((0, MOST_ITEMS), dtype=_U32),
)


def touched_keys(keys: U64, items: I64, new: int, source: I64, ranks: U64) -> dict[int, Touched]:
    """Return, by source, keys of new items (from number `new` on) that three of its items have.

    `keys` and `items` are all postings of the keys.
    """
    often = counted(keys) >= WITNESSES
    keys, items = keys[often], items[often]
    where = source[items]
    marked = keys ^ (where.astype(np.uint64) + np.uint64(1)) * _MIX
    counts_in = contains(np.sort(marked[items >= new]), marked)
    keys, items, where = keys[counts_in], items[counts_in], where[counts_in]
    result = {}
    for number in np.unique(where).tolist():
        ours = where == number
        names, counts, first = _first_items(keys[ours], items[ours], ranks)
        enough = counts >= WITNESSES
        result[number] = names[enough], counts[enough], first[enough]
    return result


def merged_touched(one: dict[int, Touched], other: dict[int, Touched]) -> dict[int, Touched]:
    """Return both, which have no key of a source in common."""
    result = dict(one)
    for number, more in other.items():
        had = result.get(number, _NOTHING)
        result[number] = (
            np.concatenate([had[0], more[0]]),
            np.concatenate([had[1], more[1]]),
            np.concatenate([had[2], more[2]]),
        )
    return result


def _first_items(keys: U64, items: I64, ranks: U64) -> Touched:
    """Return the distinct keys, sorted, how many items have each, and the first of them by rank."""
    order = np.lexsort((ranks[items], keys))
    keys, items = keys[order], items[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else order
    counts = np.diff(np.append(starts, len(keys)))
    first = np.full((len(starts), MOST_ITEMS), _NOBODY, dtype=_U32)
    for column in range(MOST_ITEMS):
        has = counts > column
        first[has, column] = items[starts[has] + column]
    return keys[starts], counts, first
