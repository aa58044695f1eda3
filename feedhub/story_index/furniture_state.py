"""What each source of an index repeats, kept so that new items change no more of it than they touch.

Of a source are kept the keys that enough of its items show, each with its count and its first items; of each group of
such items which three bear witness; and what these three have in common. New items touch a few keys, a changed key
another group, and only a group that was never seen is looked at. The result is what `Stream.learn` learns of all items.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from feedhub.match import U64, Prepared
from feedhub.match.index.learned_furniture import COMMON, MOST_ITEMS, WITNESSES, common_shingles, witnesses
from feedhub.match.text.tokens import I64
from feedhub.story_index.index_file import IndexFile, sealed

_U32 = np.dtype("<u4")
#: fills up groups of fewer items
_NOBODY = 0xFFFFFFFF
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

    def update(
        self, keys: U64, items: I64, new: int, source: I64, ranks: U64, totals: Mapping[int, int], item: ItemOf
    ) -> dict[int, U64]:
        """Learn from new items; return of each source whose furniture is another one what came or went.

        `keys` and `items` are all postings of the new items' keys, `new` is the first new item's number, `totals`
        says of each source with new items how many it has now.
        """
        changed: dict[int, U64] = {}
        saved = {}
        touched = _touched(keys, items, new, source, ranks)
        for number, total in totals.items():
            if total < WITNESSES:
                continue
            row = self._file.rows("SELECT furniture FROM sources WHERE number = ?", number)[0][0]
            grams, repeats = marshal.loads(self._file.opened(row))
            before = np.frombuffer(grams, np.uint64)
            state = _Repeats.unpack(repeats)
            least = max(WITNESSES, COMMON * total)
            state.change(*touched.get(number, _NOTHING), least)
            after = state.learn(item)
            saved[number] = after, state
            if not np.array_equal(before, after):
                changed[number] = np.setxor1d(before, after, assume_unique=True)
                self.shingles.pop(self.names[number], None)
                if len(after):
                    self.shingles[self.names[number]] = after
        self._save(saved)
        return changed

    def _save(self, states: Mapping[int, tuple[U64, _Repeats]]) -> None:
        self._file.write(
            "INSERT OR REPLACE INTO sources VALUES (?, ?, ?)",
            (
                (number, self.names[number], sealed(marshal.dumps((grams.tobytes(), state.pack()), 4)))
                for number, (grams, state) in states.items()
            ),
        )


_Touched = tuple[U64, I64, _Table]
_NOTHING: _Touched = (
    np.zeros(0, dtype=np.uint64),
    np.zeros(0, dtype=np.int64),
    np.zeros((0, MOST_ITEMS), dtype=_U32),
)


def _touched(keys: U64, items: I64, new: int, source: I64, ranks: U64) -> dict[int, _Touched]:
    """Return, by source, the keys of new items that three of its items show: how many do, and the first of them."""
    names, at = np.unique(keys, return_inverse=True)
    combos = at.astype(np.uint64) << np.uint64(32) | source[items].astype(np.uint64)
    counts_in = np.isin(combos, combos[items >= new])
    combos, items = combos[counts_in], items[counts_in]
    order = np.lexsort((ranks[items], combos))
    combos, items = combos[order], items[order]
    starts = np.flatnonzero(np.concatenate([[True], combos[1:] != combos[:-1]])) if len(combos) else order
    counts = np.diff(np.append(starts, len(combos)))
    often = counts >= WITNESSES
    starts, counts = starts[often], counts[often]
    first = np.full((len(starts), MOST_ITEMS), _NOBODY, dtype=_U32)
    for column in range(MOST_ITEMS):
        has = counts > column
        first[has, column] = items[starts[has] + column]
    which = (combos[starts] & np.uint64(0xFFFFFFFF)).astype(np.int64)
    name = names[(combos[starts] >> np.uint64(32)).astype(np.int64)]
    return {
        number: (name[which == number], counts[which == number], first[which == number])
        for number in np.unique(which).tolist()
    }
