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
from feedhub.match.verdict.thresholds import THRESHOLDS, Thresholds
from feedhub.model import Copy, MatchWindows
from feedhub.structs import replace

judge: Any = importlib.import_module("feedhub.match.verdict.judge")

#: what switches an idea off
OFF: dict[str, float] = {
    "title_helps": 0, "lead_helps": 0, "rise": 0, "excerpt_untitled": 0.8, "quotation": 2, "foreign_raises": 0,
    "numbers_raise": 0, "headline_words": 10_000, "headline_signs": 10_000, "lede": 0, "own_lede_raises": 0,
    "insert": 1_000_000, "brief_report": 0, "floor": 0, "template_places": 1000, "template_every": 0,
    "template_numbers": 2, "numbers_every": 0, "plain_part": 0, "own_beginning": 1000, "teaser_of": 0, "above": 0,
    "form_shared": 0, "next_day": 1000, "dated": 0, "own_words": 1000, "outlet_headline": 0,
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
        self._disagreements: Remembered = {}

    def count(self) -> Counter[str]:
        """Errors by kind: gold false and missed, rule-made false and missed."""
        with (
            _remembered("overlap", self._overlaps, lambda a, b, known: (id(a), id(b))),
            _remembered("disagreements", self._disagreements, lambda o: (id(o), 0)),
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
    """Return the thresholds by name."""
    return {name: getattr(THRESHOLDS, name) for name in THRESHOLDS.__struct_fields__}


def _with(name: str, value: float) -> Thresholds:
    changed: dict[str, Any] = {name: value}
    return replace(THRESHOLDS, **changed)


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
                judge.THRESHOLDS = _with(name, other)
                yield f"    {what:5}{_change(kept, base) or 'no change'}"
        judge.THRESHOLDS = THRESHOLDS


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
