"""What a hub did on the last days, from its counts: day by day, source by source, agency by agency."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from feedhub.store import Connection, counts

#: kinds that stand in the summary, in its order
KINDS = (
    "poll",
    "entry",
    "merge",
    "near_miss",
    "veto",
    "held",
    "page",
    "page_decision",
    "revision",
    "dispute",
    "join",
    "part",
    "kill",
)


class SourceNumbers(Struct, frozen=True, kw_only=True):
    """What one source, or what credits one agency, brought."""

    name: str
    polls: int = 0
    failed: int = 0
    entries: int = 0
    merges: int = 0
    near_misses: int = 0
    pages: int = 0
    page_decisions: int = 0

    @property
    def share(self) -> float:
        """Return which part of its entries joined a story, 0 to 1."""
        return min(1.0, self.merges / self.entries) if self.entries else 0.0


class Statistics(Struct, frozen=True, kw_only=True):
    """The counts of some days."""

    days: tuple[date, ...]
    #: kind -> a number for each day
    by_day: Mapping[str, tuple[int, ...]]
    #: kind -> label -> number
    by_label: Mapping[str, Mapping[str, int]]
    #: those with the most entries first
    sources: tuple[SourceNumbers, ...]
    agencies: tuple[SourceNumbers, ...]

    def total(self, kind: str) -> int:
        """Return how often something happened."""
        return sum(self.by_day.get(kind, ()))

    def merges_by(self, part: int) -> dict[str, int]:
        """Return the merges by relation (`part` 0) or by rule (1), the most frequent first."""
        numbers: Counter[str] = Counter()
        for label, number in self.by_label.get("merge", {}).items():
            numbers[label.partition(" ")[2 * part]] += number
        return dict(numbers.most_common())


def statistics(connection: Connection, *, days: int, now: datetime) -> Statistics:
    """Read the counts of the last `days` days, today's among them."""
    first = now.astimezone(UTC) - timedelta(days=days - 1)
    shown = tuple((first + timedelta(days=number)).date() for number in range(days))
    begin = counts.day_of(first)
    by_day: dict[str, list[int]] = defaultdict(lambda: [0] * days)
    by_label: dict[str, Counter[str]] = defaultdict(Counter)
    by_source: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for one in counts.of_days(connection, first):
        if one.day - begin < days:
            by_day[one.kind][one.day - begin] += one.count
            by_label[one.kind][one.label] += one.count
            if one.source:
                by_source[one.source][one.kind, one.label] += one.count
    return Statistics(
        days=shown,
        by_day={kind: tuple(numbers) for kind, numbers in by_day.items()},
        by_label={kind: dict(numbers.most_common()) for kind, numbers in by_label.items()},
        sources=_ordered([_source(name, numbers) for name, numbers in by_source.items()]),
        agencies=_ordered(
            [
                SourceNumbers(name=name, entries=number, merges=by_label["agency_merge"][name])
                for name, number in by_label["agency"].items()
            ]
        ),
    )


def _source(name: str, numbers: Mapping[tuple[str, str], int]) -> SourceNumbers:
    kinds: Counter[str] = Counter()
    for (kind, _), number in numbers.items():
        kinds[kind] += number
    return SourceNumbers(
        name=name,
        polls=kinds["poll"],
        failed=numbers.get(("poll", "failed"), 0),
        entries=kinds["entry"],
        merges=kinds["merge"],
        near_misses=kinds["near_miss"],
        pages=numbers.get(("page", "read"), 0),
        page_decisions=kinds["page_decision"],
    )


def _ordered(rows: list[SourceNumbers]) -> tuple[SourceNumbers, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.entries, -row.polls, row.name)))
