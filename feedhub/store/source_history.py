"""What is known of one source, for its page at the desk; every query is bounded."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, func, select

from feedhub.store.conditions import ConditionRow
from feedhub.store.tables import condition, copy, daily_count, remark, source_furniture


class SourceRemark(Struct, frozen=True, kw_only=True):
    """What of a document had to be repaired or left out, and when that was noted first."""

    noted_at: datetime
    text: str


def remarks_of(connection: Connection, name: str, limit: int) -> list[SourceRemark]:
    """Return the newest remarks on a source."""
    query = select(remark.c.noted_at, remark.c.text).where(remark.c.source == name)
    rows = connection.execute(query.order_by(remark.c.id.desc()).limit(limit))
    return [SourceRemark(noted_at=row.noted_at, text=row.text) for row in rows]


def conditions_of(connection: Connection, name: str, limit: int) -> list[ConditionRow]:
    """Return what was wrong with a source, what lasts first, then the newest."""
    query = select(condition).where(condition.c.source == name)
    rows = connection.execute(query.order_by(condition.c.until.is_not(None), condition.c.id.desc()).limit(limit))
    return [ConditionRow(**row._mapping) for row in rows]


def counts_of(connection: Connection, name: str, since: int) -> list[tuple[int, str, str, int]]:
    """Return (day, kind, label, count) of a source from a day on, in days since 1970-01-01 UTC."""
    columns = (daily_count.c.day, daily_count.c.kind, daily_count.c.label, daily_count.c["count"])
    query = select(*columns).where(daily_count.c.day >= since, daily_count.c.source == name)
    return [(day, kind, label, number) for day, kind, label, number in connection.execute(query)]


def relations_of(connection: Connection, name: str) -> dict[str, int]:
    """Return how many kept entries of a source stand in which relation to their story."""
    query = select(copy.c.relation, func.count()).where(copy.c.source == name, copy.c.relation.is_not(None))
    return {relation: number for relation, number in connection.execute(query.group_by(copy.c.relation))}


def furniture_of(connection: Connection, name: str) -> bytes:
    """Return the shingles of what the matcher knows a source to repeat."""
    query = select(source_furniture.c.shingles).where(source_furniture.c.source == name)
    return bytes(connection.execute(query).scalar() or b"")
