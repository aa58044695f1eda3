"""Who the sources are published as, by what their feeds said of themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from feedhub.codec import dump, load
from feedhub.model import Publisher
from feedhub.store.dialect import upsert
from feedhub.store.tables import source


def by_source(connection: Connection, ids: Collection[str]) -> dict[str, Publisher]:
    """Return what these sources' feeds said of themselves."""
    rows = connection.execute(select(source.c.id, source.c.publisher).where(source.c.id.in_(list(ids))))
    return {number: load(Publisher, text) for number, text in rows if text is not None}


def ensure_source(connection: Connection, name: str, now: datetime) -> None:
    """Have a row for a source that no configuration names: its copies come from an archive."""
    row = {"id": name, "configured": False, "due_at": now, "host": None, "lease_until": None, "fence": 0, "state": ""}
    statement = upsert(connection, source, [source.c.id], replace=False)
    connection.execute(statement, {**row, "publisher": None, "remark": None})


def save(connection: Connection, name: str, publisher: Publisher) -> None:
    """Replace what a source is published as."""
    connection.execute(update(source).where(source.c.id == name).values(publisher=dump(publisher)))
