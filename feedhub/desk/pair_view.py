"""Two copies -> what lies side by side: their texts with what they share marked, and what speaks for and against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from feedhub.admin import explain
from feedhub.desk.desk_context import Desk
from feedhub.match import Explanation
from feedhub.serve.version_diff import shared_runs
from feedhub.store import Connection
from feedhub.store.placements import StoredCopy

#: words of each text that are shown in a list of pairs, and of a pair alone; so many are aligned
LISTED_WORDS, WHOLE_WORDS = 110, 1_500
#: names and numbers of each kind that are shown
_MOST_FACTS = 12


class SideView(Struct, frozen=True, kw_only=True):
    """One of two texts, side by side."""

    copy: StoredCopy
    #: is it in both, and the words
    runs: tuple[tuple[bool, str], ...]
    words: int
    more_words: int


class FactLine(Struct, frozen=True, kw_only=True):
    """Numbers or names: those of both, and those of one alone."""

    name: str
    both: tuple[str, ...]
    left: tuple[str, ...]
    right: tuple[str, ...]


class PairView(Struct, frozen=True, kw_only=True):
    """Two copies as they lie side by side."""

    left: SideView
    right: SideView
    explanation: Explanation
    facts: tuple[FactLine, ...]
    #: places where the same sentence says something else: what it is, left, right
    differences: tuple[tuple[str, str, str], ...]

    @property
    def bar(self) -> tuple[int, int]:
        """Return score and threshold in hundredths, to draw."""
        match = self.explanation.match
        return _hundredths(match.score), _hundredths(match.threshold)

    @property
    def apart(self) -> str:
        """Return how far in time the two came from each other, for a person."""
        return _span(self.left.copy.copy.first_seen, self.right.copy.copy.first_seen)


def pair_view(
    desk: Desk, connection: Connection, left: StoredCopy, right: StoredCopy, *, most_words: int = LISTED_WORDS
) -> PairView:
    """Lay two copies side by side, judged as they are now."""
    explanation = explain.compare(connection, left, right, desk.windows)
    one, other = left.copy.text.split(), right.copy.text.split()
    runs = shared_runs(one[:WHOLE_WORDS], other[:WHOLE_WORDS])
    return PairView(
        left=_side(left, len(one), runs[0], most_words),
        right=_side(right, len(other), runs[1], most_words),
        explanation=explanation,
        facts=tuple(
            FactLine(name=name, both=both[:_MOST_FACTS], left=first[:_MOST_FACTS], right=second[:_MOST_FACTS])
            for name, (both, first, second) in (("numbers", explanation.numbers), ("names", explanation.names))
            if both or first or second
        ),
        differences=tuple((p.kind, p.left, p.right) for p in explanation.passages if p.kind != "same"),
    )


def _hundredths(part: float) -> int:
    return round(100 * min(1.0, max(0.0, part)))


def _side(stored: StoredCopy, words: int, runs: Sequence[tuple[bool, str]], most: int) -> SideView:
    return SideView(copy=stored, runs=tuple(_first(runs, most)), words=words, more_words=max(0, words - most))


def _first(runs: Sequence[tuple[bool, str]], most: int) -> Iterator[tuple[bool, str]]:
    """Yield runs as far as their first so many words."""
    for shared, text in runs:
        words = text.split(" ")[:most]
        most -= len(words)
        if words:
            yield shared, " ".join(words)


def _span(one: datetime, other: datetime) -> str:
    minutes = round(abs((one - other).total_seconds()) / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{round(minutes / 60)} h" if minutes < 72 * 60 else f"{round(minutes / 1440)} days"
