"""Copies: what each source's entries say now, what they said before, and which still wait for a story."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, and_, bindparam, insert, or_, select, update

from feedhub.codec import dump, load
from feedhub.model import Copy, EntryKey, Relation
from feedhub.store.tables import copy, former, remark, story

#: SQLite takes 32,766 variables in one statement; stay well below
CHUNK = 5_000


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
class Stored:
    """A copy with its place in the store."""

    id: int
    copy: Copy
    story: int | None
    withdrawn: bool
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the matcher put a copy, and on what ground."""

    copy: int
    story: int
    relation: Relation
    matched: int | None
    score: float | None
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCopy:
    """A cleaned entry on its way into the store."""

    copy: Copy
    identity: str
    served: str
    digest: bytes
    withdrawn: bool = False


T = TypeVar("T")


def _chunks(values: Collection[T]) -> Iterable[list[T]]:
    everything = list(values)
    for start in range(0, len(everything), CHUNK):
        yield everything[start : start + CHUNK]


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
                }
                for row in rows
            ],
        )


def edit(connection: Connection, rows: Sequence[tuple[int, NewCopy]], now: datetime) -> None:
    """Entries whose text changed: the former version is kept, the new one waits to be settled."""
    for number, row in rows:
        before = connection.execute(select(copy.c.body).where(copy.c.id == number)).scalar()
        if before is not None:
            connection.execute(insert(former).values(copy=number, until=now, body=before))
        connection.execute(update(copy).where(copy.c.id == number).values(**_columns(row), pending=True))


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
    """Set a former life of a reused guid aside under another name; it stays in its story."""
    connection.execute(
        update(copy).where(copy.c.id == number).values(guid=guid, identity=guid, served=guid, listed=False)
    )


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


_STORED = (copy.c.id, copy.c.source, copy.c.guid, copy.c.body, copy.c.story, copy.c.withdrawn, copy.c.digest)


def _stored(rows: Iterable[Row[Any]]) -> list[Stored]:
    found = []
    for r in rows:
        value = load(Copy, r.body)
        if value.key.guid != r.guid:
            value = replace(value, key=EntryKey(source=r.source, guid=r.guid))
        found.append(Stored(id=r.id, copy=value, story=r.story, withdrawn=r.withdrawn, digest=r.digest))
    return found


def pending(connection: Connection, limit: int) -> list[Stored]:
    """Copies that wait for a story, in the order in which founders are chosen."""
    return _stored(
        connection.execute(
            select(*_STORED).where(copy.c.pending).order_by(copy.c.first_seen, copy.c.source, copy.c.guid).limit(limit)
        )
    )


def by_ids(connection: Connection, ids: Collection[int]) -> list[Stored]:
    """Copies by number; purged ones are left out."""
    found: list[Stored] = []
    for part in _chunks(ids):
        found += _stored(connection.execute(select(*_STORED).where(copy.c.id.in_(part), copy.c.body.is_not(None))))
    return found


def of_stories(connection: Connection, stories: Collection[int]) -> list[Stored]:
    """All copies of these stories; purged ones are left out."""
    found: list[Stored] = []
    for part in _chunks(stories):
        found += _stored(
            connection.execute(
                select(*_STORED)
                .where(copy.c.story.in_(part), copy.c.body.is_not(None), copy.c.withdrawn.is_(False))
                .order_by(copy.c.id)
            )
        )
    return found


def place(connection: Connection, rows: Sequence[Placement]) -> None:
    """Write where the matcher put copies; they wait no more."""
    if rows:
        connection.execute(
            update(copy)
            .where(copy.c.id == bindparam("b_id"))
            .values(
                story=bindparam("b_story"),
                relation=bindparam("b_relation"),
                matched=bindparam("b_matched"),
                score=bindparam("b_score"),
                ground=bindparam("b_ground"),
                pending=False,
            ),
            [
                {
                    "b_id": r.copy,
                    "b_story": r.story,
                    "b_relation": r.relation.value,
                    "b_matched": r.matched,
                    "b_score": r.score,
                    "b_ground": r.ground,
                }
                for r in rows
            ],
        )


def settle_withdrawn(connection: Connection, number: int) -> None:
    """A withdrawn copy waits no more; it keeps its story for the record, without being part of it."""
    connection.execute(update(copy).where(copy.c.id == number).values(pending=False))


def wait_again(connection: Connection, source: str) -> None:
    """Have a source's copies settled anew, because what may be shown of them changed."""
    still = and_(copy.c.source == source, copy.c.body.is_not(None), copy.c.story.is_not(None))
    connection.execute(update(copy).where(still).values(pending=True))


def numbers_of(connection: Connection, story: int) -> list[int]:
    """The numbers of a story's copies."""
    query = select(copy.c.id).where(copy.c.story == story, copy.c.withdrawn.is_(False))
    return list(connection.execute(query).scalars())


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
