"""What a hub did hour by hour or day by day, as rows of numbers to draw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from feedhub.store import Connection, counts, story_latency
from feedhub.store.story_latency import LatencyCount

Step = Literal["hour", "day"]
#: stretches that are shown, the one of now the last
SHOWN: Mapping[Step, int] = {"hour": 48, "day": 30}
_LENGTH: Mapping[Step, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
KINDS = ("poll", "entry", "merge", "page")


class Activity(Struct, frozen=True, kw_only=True):
    """Rows of numbers, all of one length, one for each stretch of time."""

    #: when each stretch begins
    starts: tuple[datetime, ...]
    #: kind -> how often
    counts: Mapping[str, tuple[int, ...]]
    #: seconds from first copy to feed within which half of the stories of a stretch came, and nineteen of twenty;
    #: None where none came, infinity where that is beyond the last class
    half: tuple[float | None, ...]
    most: tuple[float | None, ...]


def activity(connection: Connection, *, by: Step, now: datetime) -> Activity:
    """Read what happened in the last 48 hours or 30 days; UTC."""
    step, number = _LENGTH[by], SHOWN[by]
    place = counts.hour_of(now) if by == "hour" else counts.day_of(now)
    first = place - number + 1
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    rows: dict[str, list[int]] = {kind: [0] * number for kind in KINDS}
    for kind, at, count in _counted(connection, by, begin + first * step):
        if kind in rows and 0 <= at - first < number:
            rows[kind][at - first] += count
    grouped: dict[int, list[LatencyCount]] = defaultdict(list)
    for each in story_latency.by_stretch(connection, since=begin + first * step, now=now, step=step):
        grouped[each.stretch].append(each)
    places = range(first, first + number)
    return Activity(
        starts=tuple(begin + at * step for at in places),
        counts={kind: tuple(numbers) for kind, numbers in rows.items()},
        half=tuple(quantile(grouped.get(at, ()), 0.5) for at in places),
        most=tuple(quantile(grouped.get(at, ()), 0.95) for at in places),
    )


def _counted(connection: Connection, by: Step, since: datetime) -> list[tuple[str, int, int]]:
    """Return (kind, stretch, count); of pages those that were read."""
    if by == "hour":
        return [(each.kind, each.hour, each.count) for each in counts.of_hours(connection, since)]
    return [
        (each.kind, each.day, each.count)
        for each in counts.of_days(connection, since)
        if (each.kind, each.label) != ("page", "refused")
    ]


def quantile(classes: Sequence[LatencyCount], share: float) -> float | None:
    """Return the upper bound of the class by which that share of all is reached; infinity beyond the last bound."""
    total = sum(each.count for each in classes)
    reached = 0
    for each in sorted(classes, key=lambda each: float("inf") if each.bound is None else each.bound):
        reached += each.count
        if reached >= share * total > 0:
            return float("inf") if each.bound is None else float(each.bound)
    return None
