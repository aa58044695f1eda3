"""Sources as their keeper sees them: how their entries came in, and their troubles from beginning to end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, and_, case, delete, func, insert, or_, select, update

from feedhub.store import settle_failures, stories
from feedhub.store.tables import condition, copy


class SourceIntake(Struct, frozen=True, kw_only=True):
    """How the entries of one source came in."""

    entries: int
    oldest: datetime
    newest: datetime
    #: how many its last document lists, and when the first and the last of those were first seen
    listed: int
    listed_oldest: datetime | None
    listed_newest: datetime | None
    #: entries since the given moment and before it, and how many of them were copies of what was there
    recent: int
    recent_copies: int
    earlier: int
    earlier_copies: int
    #: published stories that its copies have ended since that moment: they were found to be others
    joins: int = 0
    #: entries at which settling failed, and what was raised at one of them
    unsettled: int = 0
    unsettled_reason: str = ""


class ConditionRow(Struct, frozen=True, kw_only=True):
    """A trouble of a source, from when it was noticed until it was over."""

    id: int
    source: str
    kind: str
    since: datetime
    until: datetime | None
    text: str


def intakes(connection: Connection, *, since: datetime) -> dict[str, SourceIntake]:
    """How each source's entries came in, by source."""
    late = copy.c.first_seen >= since
    again = and_(copy.c.relation.is_not(None), copy.c.relation != "first")

    def how_many(*conditions: object) -> object:
        return func.sum(case((and_(*conditions), 1), else_=0))  # type: ignore[arg-type]

    rows = connection.execute(
        select(
            copy.c.source,
            func.count().label("entries"),
            func.min(copy.c.first_seen).label("oldest"),
            func.max(copy.c.first_seen).label("newest"),
            how_many(copy.c.listed).label("listed"),  # type: ignore[attr-defined]
            func.min(case((copy.c.listed, copy.c.first_seen))).label("listed_oldest"),
            func.max(case((copy.c.listed, copy.c.first_seen))).label("listed_newest"),
            how_many(late).label("recent"),  # type: ignore[attr-defined]
            how_many(late, again).label("recent_copies"),  # type: ignore[attr-defined]
            how_many(~late).label("earlier"),  # type: ignore[attr-defined]
            how_many(~late, again).label("earlier_copies"),  # type: ignore[attr-defined]
        ).group_by(copy.c.source)
    )
    joins = stories.joins_by_source(connection, since=since)
    aside = settle_failures.by_source(connection)
    _, *names = rows.keys()
    made = {}
    for source, *counted in rows:
        unsettled, reason = aside.get(source, (0, ""))
        made[source] = SourceIntake(
            **dict(zip(names, counted, strict=True)),
            joins=joins.get(source, 0),
            unsettled=unsettled,
            unsettled_reason=reason,
        )
    return made


def current_and_ended_since(connection: Connection, *, since: datetime) -> list[ConditionRow]:
    """Return the episodes that last, and those that ended since then, newest first."""
    rows = connection.execute(
        select(condition)
        .where(or_(condition.c.until.is_(None), condition.c.until >= since))
        .order_by(func.coalesce(condition.c.until, condition.c.since).desc(), condition.c.id.desc())
    )
    return [ConditionRow(**r._mapping) for r in rows]


def begin(connection: Connection, source: str, kind: str, text: str, since: datetime) -> None:
    """Record that a condition began."""
    connection.execute(insert(condition).values(source=source, kind=kind, since=since, text=text))


def end(connection: Connection, numbers: Iterable[int], now: datetime) -> None:
    """Troubles are over."""
    connection.execute(update(condition).where(condition.c.id.in_(list(numbers))).values(until=now))


def drop_ended_before(connection: Connection, before: datetime) -> None:
    """Let go of troubles that were over before then."""
    connection.execute(delete(condition).where(condition.c.until < before))


def copy_counts(connection: Connection) -> tuple[int, int]:
    """How many entries are kept, and how many of them wait for a story."""
    row = connection.execute(select(func.count(), func.sum(case((copy.c.pending, 1), else_=0))).select_from(copy)).one()
    return int(row[0]), int(row[1] or 0)
