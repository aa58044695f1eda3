"""Copies that settling could not read or judge: they wait aside, so that the others settle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, select

from feedhub.store.dialect import upsert
from feedhub.store.tables import copy, settle_failure


def is_set_aside(version: str) -> ColumnElement[bool]:
    """Whether this version of the program has failed at a copy as it is now: an edit or another version tries again."""
    these = and_(
        settle_failure.c.copy == copy.c.id,
        settle_failure.c.digest == copy.c.digest,
        settle_failure.c.version == version,
    )
    return exists(select(settle_failure.c.copy).where(these).correlate(copy))


def add(connection: Connection, reasons: Mapping[int, str], version: str, now: datetime) -> list[tuple[str, str]]:
    """Set copies aside, each with what was raised; return (source, guid) of each, in the order of `reasons`."""
    names = []
    for number, reason in reasons.items():
        row = connection.execute(select(copy.c.source, copy.c.guid, copy.c.digest).where(copy.c.id == number)).one()
        values = {"copy": number, "version": version, "digest": row.digest, "failed_at": now, "reason": reason}
        connection.execute(upsert(connection, settle_failure, [settle_failure.c.copy]).values(**values))
        names.append((row.source, row.guid))
    return names


def by_source(connection: Connection) -> dict[str, tuple[int, str]]:
    """Return how many copies of each source are set aside, and why one of them is."""
    # grouped here: for groups by source SQLite would go through all copies, and few if any are set aside
    rows = connection.execute(
        select(copy.c.source, settle_failure.c.reason)
        .join(copy, copy.c.id == settle_failure.c.copy)
        .where(copy.c.pending, settle_failure.c.digest == copy.c.digest)
    )
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for source, reason in rows:
        reasons[source].append(reason)
    return {source: (len(some), min(some)) for source, some in reasons.items()}
