"""What was worked out about copies, kept between settlings: their words as numbers, made ready to compare, verdicts.

All of it follows from the copies' texts (and, for a verdict, from what their sources are known to repeat), so that
nothing here is ever out of date: it is found again under the same texts or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from feedhub.match import Coded, Prepared, Shingles, coded, prepare_coded, same_shingles
from feedhub.model import Copy, Verdict
from feedhub.sized_cache import SegmentedCache, SizedCache
from feedhub.store import placements
from feedhub.store.placements import StoredCopy
from feedhub.structs import replace

#: bytes of prepared copies, 12 kB each, that were compared in one batch, and in several: of a large round's copies one
#: in twenty is met again by a later batch
PREPARED, COMPARED_AGAIN = 4_000_000, 6_000_000
#: bytes of copies' words as numbers, 3 kB each: those of a batch, which looks them up and then prepares some of them
NUMBERED = 3_000_000
#: bytes of verdicts, 1 kB each
JUDGED = 4_000_000
#: copies whose words become numbers at once: more are no faster, and take more memory
CODED = 32


#: what was known of the sources' furniture, and the verdict under it
_Judged = tuple[Sequence[Shingles], Verdict]


class JudgementCache:
    """What was worked out about copies, by their numbers and what they say, the most recently used of it."""

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        #: called before anything that takes long; what it raises ends that
        self._check = check
        self._prepared: SegmentedCache[Hashable, Prepared] = SegmentedCache(
            once=PREPARED, again=COMPARED_AGAIN, size=_prepared_bytes
        )
        self._codes: SizedCache[Hashable, Coded] = SizedCache(NUMBERED, _coded_bytes)
        self._verdicts: SizedCache[Hashable, _Judged] = SizedCache(JUDGED, _judged_bytes)

    def clear(self) -> None:
        """Forget everything: a large round is over, and the next one brings other copies."""
        self._prepared.clear()
        self._codes.clear()
        self._verdicts.clear()

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
        known = self._prepared.get(name)
        if known is not None and known.key == row.copy.key:
            return replace(known, copy=row.copy)
        self._check()
        (code,) = self.coded([row])
        made = prepare_coded(row.copy, code)
        self._prepared[name] = replace(made, copy=_without_text(row.copy))
        return made

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


def _without_text(copy: Copy) -> Copy:
    """Return what stands for a copy whose text its caller has."""
    return Copy(key=copy.key, outlet=copy.outlet, title="", paragraphs=(), first_seen=copy.first_seen)


def _prepared_bytes(prepared: Prepared) -> int:
    """Estimate what a prepared copy takes without its text: its arrays, and some objects around them."""
    words = prepared.title, prepared.body
    each = sum(part.hashes.nbytes + part.signs.nbytes + part.quoted.nbytes for part in words)
    return 2_500 + each + prepared.shingles.nbytes + prepared.sorted_shingles.nbytes


def _coded_bytes(code: Coded) -> int:
    return 500 + sum(words.nbytes for words in code)


def _judged_bytes(judged: _Judged) -> int:
    return 800 + 4 * len(judged[1].ground)


def _name(row: StoredCopy) -> Hashable:
    return row.id, row.content
