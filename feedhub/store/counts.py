"""How often what happened: a day's counts by source for `feedhub stats`, an hour's in all for the desk's charts, and
all there ever were for a collector.

Kinds and their labels, all of them bounded:

poll            outcome
entry           (none): an entry that was not known before
agency          name of an agency that a new entry credits
merge           relation and method, parted by a blank
agency_merge    name of the agency that the entry credits
near_miss       method
veto            name of the rule that forbade a merge
join, part, revision, kill, dispute   (none)
held            agency | page: what a new story waits for
page            read | refused
page_decision   (none): a merge that the articles' pages decided
poll_seconds, settle_seconds          upper bound of the bucket, or `sum` (in microseconds)
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import Connection, delete, select

from feedhub.store.dialect import upsert_adding
from feedhub.store.executemany import executemany
from feedhub.store.tables import daily_count, hourly_count

#: days whose counts are kept
KEPT_DAYS = 62
#: hours whose counts are kept, and what is counted by the hour; of `page` the pages that were read
KEPT_HOURS = 96
BY_HOUR = frozenset({"poll", "entry", "merge", "page"})
#: upper bounds of the buckets of histograms, in seconds
BUCKETS: Mapping[str, tuple[float, ...]] = {
    "poll_seconds": (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
    "settle_seconds": (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
}
#: the label of the bucket without a bound, and of the sum
UNBOUNDED, SUM = "+Inf", "sum"
#: all that ever happened stands under this day
_EVER = 0
_MICRO = 1_000_000


class CountKey(NamedTuple):
    """What is counted."""

    kind: str
    label: str = ""
    source: str = ""


class Tally:
    """Counts in memory until they are written with what they count, or soon after."""

    def __init__(self) -> None:
        self._counts: Counter[CountKey] = Counter()

    def add(self, kind: str, label: str = "", source: str = "", number: int = 1) -> None:
        """Count something that happened."""
        self._counts[CountKey(kind, label, source)] += number

    def observe(self, kind: str, seconds: float) -> None:
        """Count how long something took, in the bucket of a histogram."""
        bounds = BUCKETS[kind]
        place = bisect_left(bounds, seconds)
        self.add(kind, f"{bounds[place]:g}" if place < len(bounds) else UNBOUNDED)
        self.add(kind, SUM, number=round(seconds * _MICRO))

    def take(self) -> dict[CountKey, int]:
        """Return what was counted, and begin anew."""
        taken, self._counts = self._counts, Counter()
        return dict(taken)

    def put_back(self, counts: Mapping[CountKey, int]) -> None:
        """Have counts again that could not be written."""
        self._counts.update(counts)


class HourCount(Struct, frozen=True, kw_only=True):
    """How often something happened in an hour."""

    #: hours since 1970-01-01 UTC
    hour: int
    kind: str
    count: int


class DayCount(Struct, frozen=True, kw_only=True):
    """How often something happened on a day."""

    #: days since 1970-01-01 UTC
    day: int
    kind: str
    source: str
    label: str
    count: int


def save(connection: Connection, counts: Mapping[CountKey, int], now: datetime) -> None:
    """Add counts to those of the day, of the hour and of all time."""
    ever: Counter[CountKey] = Counter()
    for key, number in counts.items():
        ever[key._replace(source="")] += number
    today = day_of(now)
    rows = [*_rows(counts.items(), today), *_rows(ever.items(), _EVER)]
    if rows:
        columns = [daily_count.c.day, daily_count.c.kind, daily_count.c.source, daily_count.c.label]
        statement = upsert_adding(connection, daily_count, columns, daily_count.c["count"])
        # in one order, whoever writes: two workers would wait for each other's rows else
        executemany(connection, statement, sorted(rows, key=lambda row: tuple(map(str, row.values()))))
    _save_hour(connection, ever, hour_of(now))


def _save_hour(connection: Connection, counts: Mapping[CountKey, int], hour: int) -> None:
    by_kind: Counter[str] = Counter()
    for key, number in counts.items():
        if key.kind in BY_HOUR and (key.kind, key.label) != ("page", "refused"):
            by_kind[key.kind] += number
    rows = [{"hour": hour, "kind": kind, "count": number} for kind, number in sorted(by_kind.items()) if number]
    if rows:
        columns = [hourly_count.c.hour, hourly_count.c.kind]
        connection.execute(upsert_adding(connection, hourly_count, columns, hourly_count.c["count"]), rows)


def _rows(counts: Iterable[tuple[CountKey, int]], day: int) -> Iterable[dict[str, object]]:
    return (
        {"day": day, "kind": key.kind, "source": key.source, "label": key.label, "count": number}
        for key, number in counts
        if number
    )


def totals(connection: Connection) -> dict[CountKey, int]:
    """Return all that ever happened, by kind and label."""
    query = select(daily_count.c.kind, daily_count.c.label, daily_count.c["count"]).where(daily_count.c.day == _EVER)
    return {CountKey(kind, label): number for kind, label, number in connection.execute(query)}


def of_days(connection: Connection, since: datetime) -> list[DayCount]:
    """Return the counts of every day from the one of `since` on, the histograms left out."""
    query = select(daily_count).where(daily_count.c.day >= max(day_of(since), 1), daily_count.c.kind.not_in(BUCKETS))
    rows = connection.execute(query.order_by(daily_count.c.day, daily_count.c.kind, daily_count.c.source))
    return [DayCount(day=r.day, kind=r.kind, source=r.source, label=r.label, count=r._mapping["count"]) for r in rows]


def of_hours(connection: Connection, since: datetime) -> list[HourCount]:
    """Return the counts of every hour from the one of `since` on."""
    query = select(hourly_count).where(hourly_count.c.hour >= hour_of(since))
    rows = connection.execute(query.order_by(hourly_count.c.hour, hourly_count.c.kind))
    return [HourCount(hour=r.hour, kind=r.kind, count=r._mapping["count"]) for r in rows]


def drop_old(connection: Connection, now: datetime) -> int:
    """Drop the counts of days and hours long ago; returns of how many days and kinds."""
    connection.execute(delete(hourly_count).where(hourly_count.c.hour <= hour_of(now) - KEPT_HOURS))
    old = daily_count.c.day.between(_EVER + 1, day_of(now) - KEPT_DAYS)
    return connection.execute(delete(daily_count).where(old)).rowcount


def day_of(instant: datetime) -> int:
    """Return the days since 1970-01-01 UTC."""
    return (instant.astimezone(UTC).date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days


def hour_of(instant: datetime) -> int:
    """Return the hours since 1970-01-01 UTC."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(hours=1)
