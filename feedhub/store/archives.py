"""Archived documents: entries of an output that were closed into one, kept as they were made (RFC 5005, 4)."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from feedhub.model import Tombstone
from feedhub.store import locks
from feedhub.store.output_entries import ListedStory
from feedhub.store.tables import archive, archive_entry, output_entry, story


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArchiveEntry:
    """An entry on its way into an archived document."""

    story: int
    entered: datetime
    sources: Collection[str]
    entry: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedDocument:
    """An archived document as it stands: its entries, and the tombstones of those that had to go."""

    number: int
    closed: datetime
    entries: tuple[bytes, ...]
    tombstones: tuple[Tombstone, ...]


def take_settle_lock(connection: Connection) -> None:
    """Wait until nobody else closes documents or changes stories; held until the transaction ends."""
    locks.take(connection, locks.SETTLE)


def newest_number(connection: Connection, output: str) -> int:
    """Return the number of the newest archived document of an output, 0 where there is none."""
    return connection.execute(select(func.max(archive.c.number)).where(archive.c.output == output)).scalar() or 0


def unarchived(connection: Connection, output: str, *, now: datetime, limit: int) -> list[ListedStory]:
    """Return the released stories of an output that no archived document holds as they entered it, oldest first."""
    same = and_(
        archive_entry.c.story == output_entry.c.story,
        archive_entry.c.output == output,
        archive_entry.c.entered_at == output_entry.c.entered_at,
    )
    rows = connection.execute(
        select(story.c.id, story.c.change, output_entry.c.entered_at)
        .join(output_entry, output_entry.c.story == story.c.id)
        .outerjoin(archive_entry, same)
        .where(output_entry.c.output == output, story.c.state == "live", story.c.body.is_not(None))
        .where(story.c.released <= now, output_entry.c.entered_at <= now, archive_entry.c.story.is_(None))
        .order_by(output_entry.c.entered_at, story.c.published.nulls_first(), story.c.tag.desc())
        .limit(limit)
    )
    return [ListedStory(id=r.id, change=r.change, entered=r.entered_at) for r in rows]


def close(connection: Connection, output: str, entries: Sequence[NewArchiveEntry], now: datetime) -> int:
    """Write a new archived document of these entries; returns its number."""
    number = newest_number(connection, output) + 1
    connection.execute(insert(archive).values(output=output, number=number, closed_at=now))
    connection.execute(
        insert(archive_entry),
        [
            {
                "output": output,
                "number": number,
                "position": position,
                "story": one.story,
                "entered_at": one.entered,
                "sources": "\n" + "\n".join(sorted(one.sources)) + "\n",
                "entry": zlib.compress(one.entry),
            }
            for position, one in enumerate(entries)
        ],
    )
    return number


def put_tombstones(connection: Connection, *, now: datetime, restricted: Collection[str]) -> int:
    """Put tombstones where stories were killed since, or whose text one of these sources no longer lets us show."""
    killed = select(story.c.id).where(story.c.state == "killed")
    held = archive_entry.c.entry.is_not(None)
    stone = {"entry": None, "removed_at": now}
    done = connection.execute(
        update(archive_entry).where(held, archive_entry.c.story.in_(killed)).values(**stone, reason="withdrawn")
    ).rowcount
    if restricted:
        theirs = or_(*(archive_entry.c.sources.contains(f"\n{name}\n", autoescape=True) for name in restricted))
        reason_text = "its source no longer permits the text"
        done += connection.execute(
            update(archive_entry).where(held, theirs).values(**stone, reason=reason_text)
        ).rowcount
    return done


def document(connection: Connection, output: str, number: int) -> ArchivedDocument | None:
    """Return an archived document; None where there is none of this number."""
    closed = connection.execute(
        select(archive.c.closed_at).where(archive.c.output == output, archive.c.number == number)
    ).scalar()
    if closed is None:
        return None
    rows = connection.execute(
        select(archive_entry.c.entry, archive_entry.c.removed_at, archive_entry.c.reason, story.c.tag)
        .join(story, story.c.id == archive_entry.c.story)
        .where(archive_entry.c.output == output, archive_entry.c.number == number)
        .order_by(archive_entry.c.position)
    ).all()
    return ArchivedDocument(
        number=number,
        closed=closed,
        # newest first, as in every other document
        entries=tuple(zlib.decompress(r.entry) for r in reversed(rows) if r.entry is not None),
        tombstones=tuple(
            Tombstone(id=r.tag, when=r.removed_at, reason=r.reason or "") for r in rows if r.entry is None
        ),
    )
