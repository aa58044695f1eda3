"""How long stories took from their first copy to the feeds, by the time at which they appeared."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import BigInteger, Connection, case, func, select, type_coerce

from feedhub.store.tables import story

#: upper bounds of the classes in seconds; the last class has none
BOUNDS = (1, 5, 15, 60, 300, 900, 3_600, 4 * 3_600)
#: stories that are looked at, the newest
MOST = 20_000
_MICRO = 1_000_000


class LatencyCount(Struct, frozen=True, kw_only=True):
    """How many stories of a stretch of time took so long."""

    #: stretches of `step` since 1970-01-01 UTC
    stretch: int
    #: upper bound in seconds, None for those beyond the last
    bound: int | None
    count: int


def by_stretch(connection: Connection, *, since: datetime, now: datetime, step: timedelta) -> list[LatencyCount]:
    """Count the live stories that appeared in this time by stretch and class, the newest `MOST` of them."""
    chosen = (
        select(story.c.released, story.c.founded)
        .where(story.c.state == "live", story.c.released >= since, story.c.released <= now)
        .order_by(story.c.released.desc())
        .limit(MOST)
        .subquery()
    )
    released = type_coerce(chosen.c.released, BigInteger)
    took = released - type_coerce(chosen.c.founded, BigInteger)
    stretch = (released // int(step.total_seconds() * _MICRO)).label("stretch")
    class_of = case(
        *((took <= bound * _MICRO, number) for number, bound in enumerate(BOUNDS)), else_=len(BOUNDS)
    ).label("class")
    grouped = select(stretch, class_of, func.count()).group_by(stretch, class_of).order_by(stretch, class_of)
    return [
        LatencyCount(stretch=int(place), bound=BOUNDS[number] if number < len(BOUNDS) else None, count=count)
        for place, number, count in connection.execute(grouped)
    ]
