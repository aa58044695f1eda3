"""What was worked out about copies, kept between settlings: their words as numbers, made ready to compare, verdicts.

All of it follows from the copies' texts (and, for a verdict, from what their sources are known to repeat), so that
nothing here is ever out of date: it is found again under the same texts or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from cachetools import LRUCache

from feedhub.match import Coded, Prepared, Shingles, coded, prepare_coded, same_shingles
from feedhub.model import Verdict
from feedhub.sized_cache import SizedCache
from feedhub.store import placements
from feedhub.store.placements import StoredCopy

#: bytes of prepared copies kept between rounds: 2,000 of 15 kB, or some dozen of the longest that a source can bring
REMEMBERED = 30_000_000
#: bytes of copies' words as numbers, 3 kB each: a few batches that were looked at before their turn
NUMBERED = 6_000_000
#: verdicts: .5 kB each
JUDGED = 10_000
#: copies whose words become numbers at once: more are no faster, and take more memory
CODED = 32


class JudgementCache:
    """What was worked out about copies, by their numbers and what they say, the most recently used of it."""

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        #: called before anything that takes long; what it raises ends that
        self._check = check
        self._prepared: SizedCache[Hashable, Prepared] = SizedCache(REMEMBERED, _prepared_bytes)
        self._codes: SizedCache[Hashable, Coded] = SizedCache(NUMBERED, _coded_bytes)
        self._verdicts: LRUCache[Hashable, tuple[Sequence[Shingles], Verdict]] = LRUCache(JUDGED)

    def coded(self, rows: Sequence[StoredCopy]) -> list[Coded]:
        """Return the words of these copies as numbers."""
        known = {row.id: code for row in rows if (code := self._codes.get(_name(row))) is not None}
        unknown = [row for row in rows if row.id not in known]
        for part in placements.chunks(unknown, CODED):
            self._check()
            for row, code in zip(part, coded([row.copy for row in part]), strict=True):
                self._codes[_name(row)] = known[row.id] = code
        return [known[row.id] for row in rows]

    def prepared(self, row: StoredCopy) -> Prepared:
        """Return the copy made ready to compare."""
        name = _name(row)
        copy = self._prepared.get(name)
        if copy is None or copy.key != row.copy.key:
            self._check()
            (code,) = self.coded([row])
            copy = self._prepared[name] = prepare_coded(row.copy, code)
        return copy

    def verdict(
        self, left: StoredCopy, right: StoredCopy, furniture: Sequence[Shingles], judge: Callable[[], Verdict]
    ) -> Verdict:
        """Return the verdict on two copies under their sources' furniture; `judge` makes it where it is not known."""
        name = (_name(left), _name(right))
        cached = self._verdicts.get(name)
        if cached is not None and same_shingles(cached[0], furniture):
            verdict = cached[1]
            if (verdict.left, verdict.right) == (left.copy.key, right.copy.key):
                return verdict
        self._check()
        verdict = judge()
        self._verdicts[name] = (furniture, verdict)
        return verdict


def _prepared_bytes(prepared: Prepared) -> int:
    """Estimate what a prepared copy takes: its text, its markup, and some numbers a word."""
    copy = prepared.copy
    return 2_000 + len(copy.html or "") + sum(map(len, copy.paragraphs)) + 28 * len(prepared.shingles)


def _coded_bytes(code: Coded) -> int:
    return 500 + sum(words.nbytes for words in code)


def _name(row: StoredCopy) -> Hashable:
    return row.id, row.content
