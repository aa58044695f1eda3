"""Segments of the index: rows that are never changed, merged into larger ones, and dropped by time."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection, delete, func, insert, select

from feedhub.store.tables import segment

#: copies in the largest segment, which has 16 bits for a place
MOST = 65_535
#: segments of one size that are merged into one of the next: (how many, bits of a size)
MERGED, SIZE_BITS = 8, 3
#: bytes of a segment that are read at once
_PART = 1 << 20


class SegmentRow(Struct, frozen=True, kw_only=True):
    """A segment but for its postings."""

    id: int
    sequence: int
    since: datetime
    until: datetime
    copies: int


def listing(connection: Connection) -> list[SegmentRow]:
    """Every segment, the oldest first."""
    columns = (segment.c.id, segment.c.sequence, segment.c.since, segment.c.until, segment.c.copies)
    rows = connection.execute(select(*columns).order_by(segment.c.sequence))
    return [SegmentRow(id=r.id, sequence=r.sequence, since=r.since, until=r.until, copies=r.copies) for r in rows]


def body(connection: Connection, number: int) -> bytes:
    """Return a segment's postings."""
    return bytes(connection.execute(select(segment.c.body).where(segment.c.id == number)).scalar_one())


def parts(connection: Connection, number: int) -> Iterator[bytes]:
    """Yield a segment's postings in parts: one of many copies takes megabytes."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield body(connection, number)
        return
    (row,) = driver.execute("SELECT rowid FROM segment WHERE id = ?", (number,)).fetchone()
    with driver.blobopen("segment", "body", row, readonly=True) as blob:
        while part := blob.read(_PART):
            yield part


def add(
    connection: Connection, *, sequence: int | None, since: datetime, until: datetime, copies: int, body: bytes
) -> SegmentRow:
    """Keep a segment, made now or in the place of older ones; returns its row."""
    if sequence is None:
        sequence = 1 + (connection.execute(select(func.max(segment.c.sequence))).scalar() or 0)
    # by chance, so that no process takes it for another one whose transaction failed
    row = SegmentRow(id=secrets.randbits(62), sequence=sequence, since=since, until=until, copies=copies)
    values = {"id": row.id, "sequence": sequence, "since": since, "until": until, "copies": copies, "body": body}
    connection.execute(insert(segment), values)
    return row


def drop(connection: Connection, numbers: Collection[int]) -> None:
    """Let go of segments."""
    connection.execute(delete(segment).where(segment.c.id.in_(list(numbers))))


def drop_before(connection: Connection, cut: datetime) -> None:
    """Let go of all that no newcomer's window can reach."""
    connection.execute(delete(segment).where(segment.c.until < cut))


def drop_all(connection: Connection) -> None:
    """Let go of the whole index, to build it anew."""
    connection.execute(delete(segment))


def worth_merging(rows: Sequence[SegmentRow], span: timedelta) -> list[SegmentRow]:
    """Neighbours of one size that are to be one segment, which must not reach over more time than `span`."""
    sizes: dict[int, list[SegmentRow]] = {}
    for row in rows:
        sizes.setdefault(row.copies.bit_length() // SIZE_BITS, []).append(row)
    for _, some in sorted(sizes.items()):
        if len(some) >= MERGED:
            for start in range(len(some) - 1):
                chosen = _fitting(some[start:], span)
                if len(chosen) > 1:
                    return chosen
    return []


def _fitting(rows: Sequence[SegmentRow], span: timedelta) -> list[SegmentRow]:
    chosen: list[SegmentRow] = []
    for row in rows:
        every = [*chosen, row]
        near = max(r.until for r in every) - min(r.since for r in every) <= span
        if not near or sum(r.copies for r in every) > MOST:
            break
        chosen = every
    return chosen
