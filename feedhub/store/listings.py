"""What a source's last document listed, by the bytes of its entries."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection, bindparam, delete, select

from feedhub.store.dialect import upsert
from feedhub.store.tables import listing

_ITEM = struct.Struct("!8sq")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class KnownListing(Struct, frozen=True, kw_only=True):
    """Entries by the hashes of their bytes, under one meaning."""

    context: bytes
    #: hash -> the copy's number
    items: Mapping[bytes, int]
    #: the newest dates among them
    dates: Sequence[datetime] = ()


_READ = select(listing.c.context, listing.c.entries, listing.c.dates).where(listing.c.source == bindparam("source"))


def read(connection: Connection, source: str) -> KnownListing | None:
    """Return what is known of a source's last document."""
    row = connection.execute(_READ, {"source": source}).first()
    if row is None:
        return None
    moments = struct.unpack(f"!{len(row.dates) // 8}q", row.dates)
    return KnownListing(
        context=row.context,
        items=dict(_ITEM.iter_unpack(row.entries)),
        dates=tuple(_EPOCH + timedelta(microseconds=moment) for moment in moments),
    )


def drop(connection: Connection, source: str) -> None:
    """Forget the bytes of what is listed now."""
    connection.execute(delete(listing).where(listing.c.source == source))


def save(connection: Connection, source: str, known: KnownListing) -> None:
    """Remember what a source's document lists, in place of what it listed before."""
    moments = [(moment - _EPOCH) // timedelta(microseconds=1) for moment in known.dates]
    connection.execute(
        upsert(connection, listing, [listing.c.source]),
        {
            "source": source,
            "context": known.context,
            "entries": b"".join(_ITEM.pack(digest, number) for digest, number in known.items.items()),
            "dates": struct.pack(f"!{len(moments)}q", *moments),
        },
    )
