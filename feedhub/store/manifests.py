"""What versions of documents held: any process can tell from it what a reader of an earlier version lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select, tuple_

from feedhub.store.dialect import upsert
from feedhub.store.tables import manifest

#: document (`all.atom`), version
DocumentVersion = tuple[str, str]


def save(connection: Connection, marks: Mapping[DocumentVersion, bytes], now: datetime) -> None:
    """Keep what these versions held; those that another process kept already stay as they are."""
    statement = upsert(connection, manifest, [manifest.c.document, manifest.c.version], replace=False)
    rows = [{"document": name, "version": version, "at": now, "marks": marks[name, version]} for name, version in marks]
    if rows:
        connection.execute(statement, rows)


def find(connection: Connection, document: str, versions: Sequence[str]) -> dict[str, bytes]:
    """Return the manifests of those versions of a document that are known, by version."""
    same = (manifest.c.document == document, manifest.c.version.in_(list(versions)))
    rows = connection.execute(select(manifest.c.version, manifest.c.marks).where(*same))
    return {row.version: row.marks for row in rows}


def trim(connection: Connection, *, limit: int, since: datetime) -> int:
    """Let go of what is older than `since`, and of each document's oldest beyond `limit` bytes; returns how many."""
    order = (manifest.c.at.desc(), manifest.c.version)
    total = func.sum(func.length(manifest.c.marks)).over(partition_by=manifest.c.document, order_by=order)
    place = func.row_number().over(partition_by=manifest.c.document, order_by=order)
    ranked = select(manifest.c.document, manifest.c.version, total.label("total"), place.label("place")).subquery()
    beyond = select(ranked.c.document, ranked.c.version).where(ranked.c.total > limit, ranked.c.place > 1)
    over = or_(manifest.c.at < since, tuple_(manifest.c.document, manifest.c.version).in_(beyond))
    return connection.execute(delete(manifest).where(over)).rowcount
