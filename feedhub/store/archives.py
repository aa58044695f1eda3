"""Archived documents (RFC 5005, 4): fixed when they are closed, rendered when they are first asked for."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, func, insert, not_, or_, select, update

from feedhub.model import Story, Tombstone
from feedhub.store import archived_stories, locks
from feedhub.store.archived_stories import UNRENDERED
from feedhub.store.dialect import among, without_index
from feedhub.store.executemany import executemany
from feedhub.store.output_entries import ListedStory
from feedhub.store.tables import archive, archive_entry, output_entry, story

#: the most entries that one archived document holds
MOST_ENTRIES = 100


class RenderedEntry(Struct, frozen=True, kw_only=True):
    """An entry of an archived document as it stands for ever, and the sources whose text it holds."""

    entry: bytes
    sources: Collection[str]


class ArchivedDocument(Struct, frozen=True, kw_only=True):
    """An archived document as it stands: its entries, and the tombstones of those that had to go."""

    closed: datetime
    #: newest first, as in every other document
    entries: tuple[bytes, ...]
    tombstones: tuple[Tombstone, ...]
    #: entries for which nobody has asked so far: (change number, story) by position
    unrendered: Mapping[int, tuple[int, Story]]

    @property
    def changed(self) -> datetime:
        """Return when its bytes changed last: when it was closed, or lost an entry."""
        return max([self.closed, *(stone.when for stone in self.tombstones)])


def take_settle_lock(connection: Connection) -> None:
    """Wait until nobody else closes documents or changes stories; held until the transaction ends."""
    locks.take(connection, locks.SETTLE)


def newest_number(connection: Connection, output: str) -> int:
    """Return the number of the newest archived document of an output, 0 where there is none."""
    return connection.execute(select(func.max(archive.c.number)).where(archive.c.output == output)).scalar() or 0


def changes(connection: Connection, output: str) -> list[tuple[int, datetime]]:
    """Return the archived documents of an output, the oldest first, and when each changed last."""
    same = and_(archive_entry.c.output == archive.c.output, archive_entry.c.number == archive.c.number)
    removed = func.max(archive_entry.c.removed_at, type_=archive_entry.c.removed_at.type)
    rows = connection.execute(
        select(archive.c.number, archive.c.closed_at, removed.label("removed"))
        .join(archive_entry, same)
        .where(archive.c.output == output)
        .group_by(archive.c.number, archive.c.closed_at)
        .order_by(archive.c.number)
    )
    return [(r.number, r.closed_at if r.removed is None else max(r.closed_at, r.removed)) for r in rows]


def _open(connection: Connection, now: datetime) -> Select[Any]:
    """Select released stories that no archived document holds as they entered an output, oldest first."""
    # by the index of what is in none: by those of the released and of what entered all would be read
    state, entered = without_index(connection, story.c.state), without_index(connection, output_entry.c.entered_at)
    return (
        select(output_entry.c.output, story.c.id, story.c.change, output_entry.c.entered_at)
        .join(output_entry, output_entry.c.story == story.c.id)
        .where(not_(output_entry.c.archived))
        .where(state == "live", story.c.body.is_not(None), story.c.released <= now)
        .order_by(output_entry.c.output, entered, story.c.published.nulls_first(), story.c.tag.desc())
    )


def unarchived(connection: Connection, output: str, *, now: datetime) -> list[ListedStory]:
    """Return the released stories of an output that no archived document holds as they entered it, oldest first."""
    rows = connection.execute(_open(connection, now).where(output_entry.c.output == output))
    return [ListedStory(id=r.id, change=r.change, entered=r.entered_at) for r in rows]


_ADD_ENTRY = insert(archive_entry)


def close(connection: Connection, output: str, documents: Sequence[Sequence[ListedStory]], now: datetime) -> None:
    """Close archived documents of these stories as they stand now; nothing is rendered.

    The caller holds the settle lock.
    """
    if not documents:
        return
    numbered = list(enumerate(documents, newest_number(connection, output) + 1))
    connection.execute(insert(archive), [{"output": output, "number": n, "closed_at": now} for n, _ in numbered])
    executemany(
        connection,
        _ADD_ENTRY,
        [
            {"output": output, "number": number, "position": position, "story": row.id, "change": row.change}
            for number, rows in numbered
            for position, row in enumerate(rows)
        ],
    )
    _mark(connection, output, [row.id for rows in documents for row in rows], archived=True)


def close_leaving(connection: Connection, numbers: Collection[int], now: datetime) -> None:
    """Close documents of those of these stories that no archived document holds: they are about to be purged."""
    rows = connection.execute(_open(connection, now).where(among(connection, output_entry.c.story, numbers))).all()
    for output, some in groupby(rows, key=lambda row: str(row.output)):
        leaving = [ListedStory(id=r.id, change=r.change, entered=r.entered_at) for r in some]
        close(connection, output, split(leaving, MOST_ENTRIES), now)


def split(rows: Sequence[ListedStory], size: int) -> list[Sequence[ListedStory]]:
    """Split stories into documents of `size`; the last one may be smaller."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _mark(connection: Connection, output: str, numbers: Collection[int], *, archived: bool) -> None:
    these = and_(output_entry.c.output == output, among(connection, output_entry.c.story, numbers))
    connection.execute(update(output_entry).where(these).values(archived=archived))


def put_tombstones(connection: Connection, *, now: datetime, restricted: Collection[str]) -> int:
    """Put tombstones where stories were killed since, or whose text one of these sources no longer lets us show.

    Return how many. A story that lives on, or again, is archived anew as it then stands.
    """
    killed = select(story.c.id).where(story.c.state == "killed")
    rows = select(*_PLACE).where(archive_entry.c.removed_at.is_(None), archive_entry.c.story.in_(killed))
    done = _remove(connection, connection.execute(rows).mappings().all(), now, "withdrawn")
    if restricted:
        theirs = list(_with_text_of(connection, restricted))
        done += _remove(connection, theirs, now, "its source no longer permits the text")
    return done


_PLACE = (archive_entry.c.output, archive_entry.c.number, archive_entry.c.position, archive_entry.c.story)
_AT = and_(
    archive_entry.c.output == bindparam("b_output"),
    archive_entry.c.number == bindparam("b_number"),
    archive_entry.c.position == bindparam("b_position"),
)


def _remove(connection: Connection, rows: Sequence[RowMapping], now: datetime, reason: str) -> int:
    if not rows:
        return 0
    connection.execute(
        update(archive_entry).where(_AT).values(entry=None, sources=None, removed_at=now, reason=reason),
        [{"b_output": r["output"], "b_number": r["number"], "b_position": r["position"]} for r in rows],
    )
    for output, some in groupby(sorted(rows, key=lambda row: str(row["output"])), key=lambda row: str(row["output"])):
        _mark(connection, output, [row["story"] for row in some], archived=False)
    archived_stories.drop_unneeded(connection, {row["story"] for row in rows})
    return len(rows)


def _with_text_of(connection: Connection, sources: Collection[str]) -> Iterator[RowMapping]:
    """Yield the entries of archived documents that hold text of one of these sources, rendered or not."""
    theirs = or_(*(archive_entry.c.sources.contains(f"\n{name}\n", autoescape=True) for name in sources))
    yield from connection.execute(select(*_PLACE).where(archive_entry.c.entry.is_not(None), theirs)).mappings()
    for row, body in archived_stories.every_unrendered(connection):
        if not body.text_sources.isdisjoint(sources):
            yield row


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
    is_whole = all(r.entry is not None or r.removed_at is not None for r in rows)
    return ArchivedDocument(
        closed=closed,
        entries=tuple(zlib.decompress(r.entry) for r in reversed(rows) if r.entry is not None),
        tombstones=tuple(
            Tombstone(id=r.tag, when=r.removed_at, reason=r.reason or "") for r in rows if r.removed_at is not None
        ),
        unrendered={} if is_whole else archived_stories.unrendered(connection, output, number),
    )


def save_rendered(connection: Connection, output: str, number: int, entries: Mapping[int, RenderedEntry]) -> None:
    """Keep the bytes of entries for ever, by position; what another process kept first stays as it is."""
    connection.execute(
        update(archive_entry).where(_AT, UNRENDERED).values(entry=bindparam("b_entry"), sources=bindparam("b_sources")),
        [
            {
                **{"b_output": output, "b_number": number, "b_position": position},
                "b_entry": zlib.compress(one.entry),
                "b_sources": "\n" + "\n".join(sorted(one.sources)) + "\n",
            }
            for position, one in sorted(entries.items())
        ],
    )
    here = select(archive_entry.c.story).where(archive_entry.c.output == output, archive_entry.c.number == number)
    archived_stories.drop_unneeded(connection, list(connection.execute(here).scalars()))
