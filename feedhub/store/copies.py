"""Copies as they are recorded: what each source's entries say now, and what they said before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    CompoundSelect,
    Connection,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    insert,
    or_,
    select,
    union_all,
    update,
)

from feedhub.model import Copy, Entry, EntryKey
from feedhub.store import article_texts
from feedhub.store.dialect import many, one_of
from feedhub.store.executemany import executemany
from feedhub.store.placements import hash64
from feedhub.store.tables import copy, copy_version, decision_entry, story


class KnownEntry(Struct, frozen=True, kw_only=True):
    """An entry that the store has already: enough to tell whether it changed."""

    id: int
    guid: str
    #: by `placing.name_of`: its guid without what churns, and its page
    identity: int
    served: str
    page: int | None
    digest: bytes
    first_seen: datetime
    listed: bool
    purged: bool


class NewCopy(Struct, frozen=True, kw_only=True):
    """A cleaned entry on its way into the store."""

    copy: Copy
    identity: int
    served: str
    digest: bytes
    withdrawn: bool = False
    #: why its source leaves it out; it is known, and has no text
    excluded: str | None = None
    #: as the feed gave it
    entry: Entry | None = None


_COLUMNS = (
    copy.c.id,
    copy.c.source,
    copy.c.guid,
    copy.c.identity,
    copy.c.served_guid,
    copy.c.page_key,
    copy.c.digest,
    copy.c.first_seen,
    copy.c.listed,
    copy.c.body.is_(None).label("purged"),
)


def listed(connection: Connection, source: str, *, without: Collection[int] = ()) -> list[KnownEntry]:
    """Return the entries of a source that its last document listed, but for some."""
    dialect = connection.dialect.name
    given = {"source": source, "without": many(dialect, without)}
    return _known(connection.execute(_listed(dialect), given), source)


@lru_cache
def _listed(dialect: str) -> Select[Any]:
    ours = and_(copy.c.source == bindparam("source"), copy.c.listed)
    return select(*_COLUMNS).where(ours, ~one_of(dialect, copy.c.id, "without"))


def candidates_for(
    connection: Connection,
    source: str,
    *,
    guids: Collection[str],
    identities: Collection[int],
    pages: Collection[int],
) -> list[KnownEntry]:
    """Return the entries of a source that one of these could be."""
    dialect = connection.dialect.name
    values = {"guids": guids, "identities": identities, "pages": pages}
    given = {name: many(dialect, some) for name, some in values.items()}
    return _known(connection.execute(_could_be(dialect), {"source": source, **given}), source)


@lru_cache
def _could_be(dialect: str) -> CompoundSelect[Any]:
    # A part for each index, and only the first is told the source: given the choice, the engines read all that
    # the source ever had.
    parts = (
        and_(copy.c.source == bindparam("source"), one_of(dialect, copy.c.guid, "guids")),
        and_(copy.c.served_guid.is_not(None), one_of(dialect, copy.c.served_guid, "guids")),
        one_of(dialect, copy.c.identity, "identities"),
        one_of(dialect, copy.c.page_key, "pages"),
    )
    return union_all(*(select(*_COLUMNS).where(part) for part in parts))


def _known(rows: Iterable[Row[Any]], source: str) -> list[KnownEntry]:
    """Return the source's own among the rows, each once, by number."""
    found = {row.id: row for row in rows if row.source == source}
    return [
        KnownEntry(
            id=r.id,
            guid=r.guid,
            identity=r.identity,
            served=r.guid if r.served_guid is None else r.served_guid,
            page=r.page_key,
            digest=r.digest,
            first_seen=r.first_seen,
            listed=r.listed,
            purged=r.purged,
        )
        for _, r in sorted(found.items())
    ]


def ids_by_guid(connection: Connection, source: str, guids: Collection[str]) -> dict[str, int]:
    """Return the numbers of a source's entries by their guids."""
    if not guids:
        return {}
    dialect = connection.dialect.name
    rows = connection.execute(_of_guids(dialect), {"source": source, "guids": many(dialect, guids)})
    return {guid: number for guid, number in rows}


@lru_cache
def _of_guids(dialect: str) -> Select[Any]:
    ours = and_(copy.c.source == bindparam("source"), one_of(dialect, copy.c.guid, "guids"))
    return select(copy.c.guid, copy.c.id).where(ours)


def _columns(connection: Connection, rows: Sequence[NewCopy]) -> list[dict[str, Any]]:
    """Return the columns of copies that are new or edited; their texts are stored."""
    stored = iter(article_texts.store(connection, [new.copy for new in rows if not new.excluded]))
    return [_columns_of(new, *((None, None) if new.excluded else next(stored))) for new in rows]


def _columns_of(new: NewCopy, body: str | None, text: int | None) -> dict[str, Any]:
    value = new.copy
    return {
        "identity": new.identity,
        "served_guid": _served(new.served, value.key.guid),
        "digest": new.digest,
        "listed": True,
        "outlet": value.outlet,
        "page_key": None if value.url_key is None else hash64(value.url_key),
        "withdrawn": new.withdrawn,
        "excluded": new.excluded,
        "body": body,
        "text": text,
    }


_ADD = insert(copy)


def _served(served: str, guid: str) -> str | None:
    return None if served == guid else served


def add(connection: Connection, rows: Sequence[NewCopy], *, listed: bool = True) -> None:
    """Entries seen for the first time; each waits to be settled. `listed`: a document of its source lists it now."""
    if rows:
        executemany(
            connection,
            _ADD,
            [
                {
                    **columns,
                    "listed": listed,
                    "source": row.copy.key.source,
                    "guid": row.copy.key.guid,
                    "first_seen": row.copy.first_seen,
                    "pending": row.excluded is None,
                    "edited": False,
                }
                for row, columns in zip(rows, _columns(connection, rows), strict=True)
            ],
        )


def ids_by_key(connection: Connection, keys: Collection[EntryKey]) -> dict[EntryKey, int]:
    """Return the numbers of these entries, as far as they are known."""
    found: dict[EntryKey, int] = {}
    by_source: dict[str, list[str]] = {}
    for key in keys:
        by_source.setdefault(key.source, []).append(key.guid)
    for source, guids in by_source.items():
        found |= {EntryKey(source=source, guid=guid): n for guid, n in ids_by_guid(connection, source, guids).items()}
    return found


def edit(connection: Connection, rows: Sequence[tuple[int, NewCopy]], now: datetime) -> None:
    """Entries whose text changed: the former version is kept, the new one waits to be settled.

    A kill has no text of its own: what it withdraws stays the copy's text, by which later copies of it are known.
    """
    for (number, row), values in zip(rows, _columns(connection, [row for _, row in rows]), strict=True):
        before = connection.execute(select(copy.c.body, copy.c.text).where(copy.c.id == number)).one()
        if before.body is not None and row.withdrawn:
            unused = values.pop("text")
            del values["body"]
            article_texts.collect(connection, [unused])
        elif before.body is not None:
            version = {"copy": number, "valid_until": now, "body": before.body, "text": before.text}
            connection.execute(insert(copy_version).values(**version))
        connection.execute(update(copy).where(copy.c.id == number).values(**values, pending=True, edited=True))


def update_served(connection: Connection, rows: Sequence[tuple[int, str | None, bytes]]) -> None:
    """Entries whose bytes changed but not what they say: (number, guid as served where it is another, digest)."""
    if rows:
        connection.execute(
            update(copy)
            .where(copy.c.id == bindparam("b_id"))
            .values(served_guid=bindparam("b_served"), digest=bindparam("b_digest"), listed=True),
            [{"b_id": number, "b_served": served, "b_digest": digest} for number, served, digest in rows],
        )


def set_aside(connection: Connection, number: int, guid: str) -> None:
    """Set a former life of a reused guid aside under another name; its story and what was decided of it follow."""
    old = connection.execute(select(copy.c.source, copy.c.guid).where(copy.c.id == number)).one()
    same = and_(story.c.founder_source == old.source, story.c.founder_guid == old.guid)
    connection.execute(update(story).where(same).values(founder_guid=guid))
    same = and_(decision_entry.c.source == old.source, decision_entry.c.guid == old.guid)
    connection.execute(update(decision_entry).where(same).values(guid=guid))
    values = {"guid": guid, "identity": hash64(guid), "served_guid": None, "listed": False}
    values["pending"] = copy.c.body.is_not(None)
    connection.execute(update(copy).where(copy.c.id == number).values(**values))


def mark_listed(connection: Connection, come: Collection[int], gone: Collection[int], now: datetime) -> None:
    """Mark which entries the last document of their source lists again, and which no more from now on."""
    dialect = connection.dialect.name
    for numbers, on in ((come, True), (gone, False)):
        if numbers:
            since = None if on else now
            connection.execute(_list(dialect, on), {"numbers": many(dialect, numbers), "since": since})


@lru_cache
def _list(dialect: str, on: bool) -> Update:
    chosen = one_of(dialect, copy.c.id, "numbers")
    return update(copy).where(chosen).values(listed=on, unlisted=bindparam("since", type_=copy.c.unlisted.type))


def tags_by_entry(connection: Connection) -> dict[tuple[str, str], str]:
    """In which story every entry is, by (source, guid): the guid that it has and the one that it is served with."""
    query = select(copy.c.source, copy.c.guid, copy.c.served_guid, story.c.tag).join(story, story.c.id == copy.c.story)
    rows = connection.execute(query)
    return {(r.source, guid): r.tag for r in rows for guid in (r.guid, r.served_guid) if guid is not None}


def find_by_name(connection: Connection, name: str, page: str | None) -> list[int]:
    """Return the numbers of entries called `SOURCE GUID` or just GUID, or whose article's url_key is `page`."""
    source, _, guid = name.partition(" ")
    wanted = [copy.c.guid == name, copy.c.served_guid == name]
    if guid:
        wanted.append(and_(copy.c.source == source, or_(copy.c.guid == guid, copy.c.served_guid == guid)))
    if page is not None:
        wanted.append(copy.c.page_key == hash64(page))
    return list(connection.execute(select(copy.c.id).where(or_(*wanted)).order_by(copy.c.id)).scalars())
