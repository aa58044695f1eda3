"""Copies as they are recorded: what each source's entries say now, and what they said before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from feedhub.codec import dump
from feedhub.model import Copy, Entry
from feedhub.store.tables import copy, former, remark, story, word_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entry that the store has already: enough to tell whether it changed."""

    id: int
    guid: str
    identity: str
    served: str
    url_key: str | None
    digest: bytes
    first_seen: datetime
    listed: bool
    purged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCopy:
    """A cleaned entry on its way into the store."""

    copy: Copy
    identity: str
    served: str
    digest: bytes
    withdrawn: bool = False
    #: as the feed gave it
    entry: Entry | None = None


def known(
    connection: Connection,
    source: str,
    *,
    guids: Collection[str],
    identities: Collection[str],
    url_keys: Collection[str],
) -> list[Known]:
    """The entries of a source that one of these could be; those listed last time come along."""
    rows = connection.execute(
        select(
            copy.c.id,
            copy.c.guid,
            copy.c.identity,
            copy.c.served,
            copy.c.url_key,
            copy.c.digest,
            copy.c.first_seen,
            copy.c.listed,
            copy.c.body.is_(None).label("purged"),
        )
        .where(
            copy.c.source == source,
            or_(
                copy.c.listed,
                copy.c.guid.in_(list(guids)),
                copy.c.served.in_(list(guids)),
                copy.c.identity.in_(list(identities)),
                copy.c.url_key.in_(list(url_keys)),
            ),
        )
        .order_by(copy.c.id)
    )
    return [
        Known(
            id=r.id,
            guid=r.guid,
            identity=r.identity,
            served=r.served,
            url_key=r.url_key,
            digest=r.digest,
            first_seen=r.first_seen,
            listed=r.listed,
            purged=r.purged,
        )
        for r in rows
    ]


def _columns(new: NewCopy) -> dict[str, object]:
    value = new.copy
    return {
        "identity": new.identity,
        "served": new.served,
        "digest": new.digest,
        "listed": True,
        "outlet": value.outlet,
        "url_key": value.url_key,
        "withdrawn": new.withdrawn,
        "body": dump(value),
    }


def add(connection: Connection, rows: Sequence[NewCopy]) -> None:
    """Entries seen for the first time; each waits to be settled."""
    if rows:
        connection.execute(
            insert(copy),
            [
                {
                    **_columns(row),
                    "source": row.copy.key.source,
                    "guid": row.copy.key.guid,
                    "first_seen": row.copy.first_seen,
                    "pending": True,
                    "edited": False,
                }
                for row in rows
            ],
        )


def edit(connection: Connection, rows: Sequence[tuple[int, NewCopy]], now: datetime) -> None:
    """Entries whose text changed: the former version is kept, the new one waits to be settled.

    A kill has no text of its own: what it withdraws stays the copy's text, by which later copies of it are known.
    """
    for number, row in rows:
        values = _columns(row)
        before = connection.execute(select(copy.c.body).where(copy.c.id == number)).scalar()
        if before is not None and row.withdrawn:
            del values["body"]
        elif before is not None:
            connection.execute(insert(former).values(copy=number, until=now, body=before))
        connection.execute(update(copy).where(copy.c.id == number).values(**values, pending=True, edited=True))


def touch(connection: Connection, rows: Sequence[tuple[int, str, bytes]]) -> None:
    """Entries whose bytes changed but not what they say: (number, guid as served, digest)."""
    if rows:
        connection.execute(
            update(copy)
            .where(copy.c.id == bindparam("b_id"))
            .values(served=bindparam("b_served"), digest=bindparam("b_digest"), listed=True),
            [{"b_id": number, "b_served": served, "b_digest": digest} for number, served, digest in rows],
        )


def rename(connection: Connection, number: int, guid: str) -> None:
    """Set a former life of a reused guid aside under another name; its story and what was decided of it follow."""
    old = connection.execute(select(copy.c.source, copy.c.guid).where(copy.c.id == number)).one()
    same = and_(story.c.founder_source == old.source, story.c.founder_guid == old.guid)
    connection.execute(update(story).where(same).values(founder_guid=guid))
    same = and_(word_entry.c.source == old.source, word_entry.c.guid == old.guid)
    connection.execute(update(word_entry).where(same).values(guid=guid))
    values = {"guid": guid, "identity": guid, "served": guid, "listed": False, "pending": copy.c.body.is_not(None)}
    connection.execute(update(copy).where(copy.c.id == number).values(**values))


def list_only(connection: Connection, source: str, present: Collection[int]) -> None:
    """Mark which of a source's entries its last document lists."""
    rows = connection.execute(select(copy.c.id, copy.c.listed).where(copy.c.source == source, copy.c.listed))
    here = set(present)
    listed = {r.id for r in rows}
    changes = [{"b_id": n, "b_on": False} for n in listed - here] + [{"b_id": n, "b_on": True} for n in here - listed]
    if changes:
        connection.execute(update(copy).where(copy.c.id == bindparam("b_id")).values(listed=bindparam("b_on")), changes)


def note(connection: Connection, source: str, texts: Iterable[str], now: datetime) -> None:
    """Write down what of a document was repaired or left out; once per text."""
    for text in dict.fromkeys(texts):
        same = and_(remark.c.source == source, remark.c.text == text)
        if connection.execute(select(remark.c.id).where(same)).first() is None:
            connection.execute(insert(remark).values(source=source, at=now, text=text))


def whereabouts(connection: Connection) -> dict[tuple[str, str], str]:
    """In which story every entry is, by (source, guid): the guid that it has and the one that it is served with."""
    query = select(copy.c.source, copy.c.guid, copy.c.served, story.c.tag).join(story, story.c.id == copy.c.story)
    return {(r.source, guid): r.tag for r in connection.execute(query) for guid in (r.guid, r.served)}


def named(connection: Connection, name: str, page: str | None) -> list[int]:
    """The numbers of entries called `SOURCE GUID` or just GUID, or whose article's url_key is `page`."""
    source, _, guid = name.partition(" ")
    wanted = [copy.c.guid == name, copy.c.served == name]
    if guid:
        wanted.append(and_(copy.c.source == source, or_(copy.c.guid == guid, copy.c.served == guid)))
    if page is not None:
        wanted.append(copy.c.url_key == page)
    return list(connection.execute(select(copy.c.id).where(or_(*wanted)).order_by(copy.c.id)).scalars())
