"""Entries that their sources leave out (`exclude`): they are known, and have no text."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import Connection, delete, func, select

from feedhub.model import EntryKey
from feedhub.store.tables import copy


class ExcludedEntry(Struct, frozen=True, kw_only=True):
    """An entry that its source leaves out."""

    key: EntryKey
    #: which filter takes it, and its headline
    ground: str


def named(connection: Connection, numbers: Collection[int]) -> list[ExcludedEntry]:
    """Return those of the entries that their sources leave out."""
    query = select(copy.c.source, copy.c.guid, copy.c.excluded)
    query = query.where(copy.c.id.in_(list(numbers)), copy.c.excluded.is_not(None)).order_by(copy.c.id)
    return [
        ExcludedEntry(key=EntryKey(source=r.source, guid=r.guid), ground=r.excluded) for r in connection.execute(query)
    ]


def counts(connection: Connection) -> dict[str, int]:
    """Return for each source that has any: how many of the entries that it lists are left out."""
    query = select(copy.c.source, func.count()).where(copy.c.excluded.is_not(None), copy.c.body.is_(None))
    return {source: number for source, number in connection.execute(query.group_by(copy.c.source))}


def forget(connection: Connection, source: str) -> int:
    """Forget the entries that a source leaves out, so that they are judged again; return how many."""
    return connection.execute(delete(copy).where(copy.c.source == source, copy.c.excluded.is_not(None))).rowcount
