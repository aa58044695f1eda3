"""Teasers of stored copies, packed: a process that begins reads them instead of the copies."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from feedhub.store.tables import teaser_segment

_FIRST = select(teaser_segment.c.id).limit(1)


def after(connection: Connection, number: int) -> list[bytes]:
    """Return the segments that hold teasers of copies above a number, in the order in which they were made."""
    query = select(teaser_segment.c.body).where(teaser_segment.c.last > number).order_by(teaser_segment.c.id)
    return [bytes(body) for body in connection.execute(query).scalars()]


def are_stored(connection: Connection) -> bool:
    """Tell whether the store has teasers of any copy."""
    return connection.execute(_FIRST).first() is not None


def add(connection: Connection, last: int, body: bytes, *, before: int) -> None:
    """Keep a segment, `last` its highest number of a copy; let go of those whose numbers are all up to `before`."""
    connection.execute(delete(teaser_segment).where(teaser_segment.c.last <= before))
    connection.execute(insert(teaser_segment).values(last=last, body=body))


def drop_all(connection: Connection) -> None:
    """Let go of all teasers: they are made anew."""
    connection.execute(delete(teaser_segment))
