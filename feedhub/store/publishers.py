"""Who the sources are published as, by what their feeds said of themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from feedhub.codec import dump, load
from feedhub.model import Publisher
from feedhub.store.dialect import select_among, upsert
from feedhub.store.tables import source
from feedhub.text_cache import remember_short


def by_source(connection: Connection, ids: Collection[str]) -> dict[str, Publisher]:
    """Return what these sources' feeds said of themselves."""
    rows = select_among(connection, _PUBLISHERS, source.c.id, ids) if ids else ()
    return {number: _publisher(text) for number, text in rows if text is not None}


_PUBLISHERS = select(source.c.id, source.c.publisher)


@remember_short(1_024, 2_000)
def _publisher(text: str) -> Publisher:
    """Read a publisher; one batch after the other asks for the same."""
    return load(Publisher, text)


def ensure_source(connection: Connection, name: str, now: datetime) -> None:
    """Have a row for a source that no configuration names: its copies come from an archive."""
    row = {"id": name, "configured": False, "due_at": now, "host": None, "lease_until": None, "fence": 0, "state": ""}
    statement = upsert(connection, source, [source.c.id], replace=False)
    connection.execute(statement, {**row, "publisher": None, "remark": None})


def save(connection: Connection, name: str, publisher: Publisher) -> None:
    """Replace what a source is published as."""
    connection.execute(update(source).where(source.c.id == name).values(publisher=dump(publisher)))
