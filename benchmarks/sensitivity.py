"""What each number of the judge is worth: every one moved by a tenth, down and up, and the sets counted again.

Cleaning, pairing and the overlap of each pair do not hang on these numbers and are worked out once; what is repeated
is the verdicts and the stories made of them.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from feedhub.match.cluster.stream import Stream
from feedhub.match.index import spool
from feedhub.model import Copy, MatchWindows

judge = importlib.import_module("feedhub.match.verdict.judge")

#: no choices but definitions
FIXED = {"DAY", "LEAD", "SHORT"}

#: what switches an idea off
OFF = {
    "TITLE_HELPS": 0, "LEAD_HELPS": 0, "RISE": 0, "EXCERPT_BAR_UNTITLED": 0.8, "QUOTATION": 2, "FOREIGN_RAISES": 0,
    "NUMBERS_RAISE": 0, "LONG_HEADLINE": 10_000, "LEDE": 0, "OWN_LEDE_RAISES": 0, "INSERT": 1_000_000,
    "BRIEF_REPORT": 0, "FLOOR": 0, "TEMPLATE_PLACES": 1000, "TEMPLATE_EVERY": 0, "TEMPLATE_NUMBERS": 2,
    "NUMBERS_EVERY": 0,
}  # fmt: skip

#: (id, id, label 0 or 1, judged one by one)
Judged = tuple[str, str, int, bool]
Remembered = dict[tuple[int, int], Any]


class Kept:
    """A set read, learned and paired, with all that its comparisons find kept at hand."""

    def __init__(self, name: str, copies: Iterable[Copy], pairs: list[Judged]) -> None:
        self.name = name
        self.pairs = pairs
        self._stream = Stream(MatchWindows(), lambda stage, done, total: None)
        self._stream.read(copies)
        self._stream.learn()
        self._left, self._right = self._stream.pair()
        self._overlaps: Remembered = {}
        self._doubts: Remembered = {}

    def count(self) -> Counter[str]:
        """Errors by kind: gold false and missed, rule-made false and missed."""
        with (
            _remembered("overlap", self._overlaps, lambda a, b, known: (id(a), id(b))),
            _remembered("doubts", self._doubts, lambda o: (id(o), 0)),
        ):
            found = self._stream.pair_judge().stories(self._left, self._right, lambda done: None)
            rows = {row.id: row.story for _, row in found}
        wrong: Counter[str] = Counter()
        for a, b, label, gold in self.pairs:
            merged = rows.get(a, a) == rows.get(b, b)
            if merged != bool(label):
                wrong[f"{'gold' if gold else 'rule'} {'false' if merged else 'missed'}"] += 1
        return wrong


@contextmanager
def _remembered(name: str, known: Remembered, key: Callable[..., tuple[int, int]]) -> Iterator[None]:
    """The judge's function of this name asks what is known first."""
    real = getattr(judge, name)

    def remembering(*given: Any) -> Any:
        place = key(*given)
        if place not in known:
            known[place] = real(*given)
        return known[place]

    setattr(judge, name, remembering)
    try:
        yield
    finally:
        setattr(judge, name, real)


def numbers() -> dict[str, float]:
    """The numbers of the judge by name."""
    return {
        name: value
        for name, value in vars(judge).items()
        if name.isupper() and isinstance(value, int | float) and name not in FIXED
    }


def moved(value: float) -> tuple[float, float]:
    """A tenth less and a tenth more; whole numbers by one at least."""
    if isinstance(value, int):
        step = max(1, round(value / 10))
        return value - step, value + step
    return value * 0.9, value * 1.1


def report(sets: Iterable[Kept]) -> Iterator[str]:
    """The table, line by line."""
    kept = list(sets)
    base = [each.count() for each in kept]
    for name, value in numbers().items():
        yield f"{name} = {value:.4g}"
        less, more = moved(value)
        for what, other in (("less", less), ("more", more), ("off", OFF.get(name))):
            if other is not None:
                setattr(judge, name, other)
                yield f"    {what:5}{_change(kept, base) or 'no change'}"
        setattr(judge, name, value)


def _change(kept: list[Kept], base: list[Counter[str]]) -> str:
    """What changed against the base, set by set: `odu lead40 gold missed +1`."""
    told = []
    for each, before in zip(kept, base, strict=True):
        after = each.count()
        parts = [
            f"{kind} {after[kind] - before[kind]:+}" for kind in sorted(after | before) if after[kind] != before[kind]
        ]
        if parts:
            told.append(f"{each.name}: {', '.join(parts)}")
    return "; ".join(told)


def hold_everything() -> None:
    """Keep every prepared item: comparisons are known by the identity of what they compared."""
    spool.REMEMBERED = 1 << 30
