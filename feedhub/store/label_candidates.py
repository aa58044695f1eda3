"""Pairs that the matcher compared of late, as a person may label them; every query is bounded."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from feedhub.codec import load
from feedhub.model import Verdict
from feedhub.store.tables import daily_count, verdict
from feedhub.store.verdicts import StoredVerdict


def newest_verdicts(connection: Connection, limit: int) -> list[StoredVerdict]:
    """Return the verdicts on the newest entries, merged or nearly so, the newest first."""
    query = select(verdict.c.left, verdict.c.right, verdict.c.body)
    rows = connection.execute(query.order_by(verdict.c.right.desc(), verdict.c.left.desc()).limit(limit))
    return [StoredVerdict(left=r.left, right=r.right, match=load(Verdict, r.body)) for r in rows]


def first_days(connection: Connection) -> dict[str, int]:
    """Return the first day of which counts are kept with an entry of each source, in days since 1970-01-01 UTC."""
    query = select(daily_count.c.source, func.min(daily_count.c.day)).where(daily_count.c.kind == "entry")
    query = query.where(daily_count.c.day > 0, daily_count.c.source != "").group_by(daily_count.c.source)
    return {name: first for name, first in connection.execute(query)}
