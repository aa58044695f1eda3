"""Sources that a person has not be polled for a while: who, why, since when, and who had them go on."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, Row, insert, select, update

from feedhub.store.tables import source_pause


class SourcePause(Struct, frozen=True, kw_only=True):
    """A time in which a source is not polled since a person said so."""

    source: str
    paused_at: datetime
    paused_by: str | None
    reason: str | None
    #: None while it lasts
    resumed_at: datetime | None
    resumed_by: str | None


def in_force(connection: Connection) -> dict[str, SourcePause]:
    """Return the pauses that last, by source."""
    rows = connection.execute(select(source_pause).where(source_pause.c.resumed_at.is_(None)))
    return {row.source: _pause(row) for row in rows}


def of_source(connection: Connection, name: str, *, limit: int = 20) -> list[SourcePause]:
    """Return the last pauses of a source, the newest first."""
    query = select(source_pause).where(source_pause.c.source == name).order_by(source_pause.c.id.desc()).limit(limit)
    return [_pause(row) for row in connection.execute(query)]


def begin(
    connection: Connection, name: str, *, now: datetime, by: str | None = None, reason: str | None = None
) -> bool:
    """Have a source not be polled from now on; returns whether it was polled so far."""
    if name in in_force(connection):
        return False
    connection.execute(insert(source_pause).values(source=name, paused_at=now, paused_by=by, reason=reason))
    return True


def end(connection: Connection, name: str, *, now: datetime, by: str | None = None) -> bool:
    """Have a source be polled again; returns whether it was paused."""
    lasting = source_pause.c.source == name, source_pause.c.resumed_at.is_(None)
    done = connection.execute(update(source_pause).where(*lasting).values(resumed_at=now, resumed_by=by))
    return done.rowcount > 0


def _pause(row: Row[tuple[object, ...]]) -> SourcePause:
    return SourcePause(**{name: value for name, value in row._mapping.items() if name != "id"})
