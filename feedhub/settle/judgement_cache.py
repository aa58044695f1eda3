"""What was worked out about copies, kept between settlings: their words as numbers, made ready to compare, verdicts.

All of it follows from the copies' texts (and, for a verdict, from what their sources are known to repeat), so that
nothing here is ever out of date: it is found again under the same texts or not at all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from feedhub.match import Coded, Prepared, Shingles, coded, prepare_coded, same_shingles
from feedhub.model import Verdict
from feedhub.store import placements
from feedhub.store.placements import StoredCopy

#: prepared copies kept between rounds: 15 kB each
REMEMBERED = 4_000
#: copies' words as numbers: 3 kB each; a few batches that were looked at before their turn
NUMBERED = 2_000
#: verdicts: .5 kB each
JUDGED = 20_000
#: copies whose words become numbers at once: more are no faster, and take more memory
CODED = 32

T = TypeVar("T")


class JudgementCache:
    """What was worked out about copies, by their numbers and what they say, the most recently used of it."""

    def __init__(self) -> None:
        self._prepared: _Recent[Prepared] = _Recent(REMEMBERED)
        self._codes: _Recent[Coded] = _Recent(NUMBERED)
        self._verdicts: _Recent[tuple[Sequence[Shingles], Verdict]] = _Recent(JUDGED)

    def coded(self, rows: Sequence[StoredCopy]) -> list[Coded]:
        """The words of these copies as numbers."""
        found = [self._codes.get(_name(row)) for row in rows]
        unknown = [row for row, code in zip(rows, found, strict=True) if code is None]
        made = (code for part in placements.chunks(unknown, CODED) for code in coded([row.copy for row in part]))
        return [
            self._codes.keep(_name(row), next(made)) if code is None else code
            for row, code in zip(rows, found, strict=True)
        ]

    def prepared(self, row: StoredCopy) -> Prepared:
        """The copy made ready to compare."""
        name = _name(row)
        found = self._prepared.get(name)
        if found is None or found.key != row.copy.key:
            (code,) = self.coded([row])
            found = self._prepared.keep(name, prepare_coded(row.copy, code))
        return found

    def verdict(
        self, left: StoredCopy, right: StoredCopy, grams: Sequence[Shingles], judge: Callable[[], Verdict]
    ) -> Verdict:
        """What was judged of two copies whose sources repeat these grams; `judge` does it where nobody did."""
        name = (_name(left), _name(right))
        found = self._verdicts.get(name)
        if (
            found is not None
            and same_shingles(found[0], grams)
            and (found[1].left, found[1].right) == (left.copy.key, right.copy.key)
        ):
            return found[1]
        return self._verdicts.keep(name, (grams, judge()))[1]


def _name(row: StoredCopy) -> Hashable:
    return row.id, row.content


class _Recent(Generic[T]):
    """As many values as it may hold, the most recently used ones."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, name: Hashable) -> T | None:
        found = self._held.get(name)
        if found is not None:
            self._held.move_to_end(name)
        return found

    def keep(self, name: Hashable, value: T) -> T:
        self._held[name] = value
        if len(self._held) > self._size:
            self._held.popitem(last=False)
        return value
