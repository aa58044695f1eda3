"""Copies as they are settled: which wait for a story, which story they stand in, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, and_, bindparam, or_, select, update

from feedhub.codec import load
from feedhub.model import Copy, EntryKey, Relation
from feedhub.store.tables import copy, former, story

#: SQLite takes 32,766 variables in one statement; stay well below
CHUNK = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A copy with its place in the store."""

    id: int
    copy: Copy
    story: int | None
    withdrawn: bool
    digest: bytes
    #: its text changed since it was settled last
    edited: bool = False
    #: the story that it was published in before that one was joined to another
    home: int | None = None
    #: its story was killed (agency | person); it is kept so that later copies of its text are known
    sealed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the matcher put a copy, and on what ground."""

    copy: int
    story: int
    relation: Relation
    matched: int | None
    score: float | None
    ground: str
    home: int | None = None


T = TypeVar("T")


def chunks(values: Collection[T], size: int = CHUNK) -> Iterable[list[T]]:
    """The values in lists that fit into one statement."""
    everything = list(values)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


_READ = select(
    copy.c.id,
    copy.c.source,
    copy.c.guid,
    copy.c.body,
    copy.c.story,
    copy.c.home,
    copy.c.withdrawn,
    copy.c.digest,
    copy.c.edited,
    story.c.sealed,
).outerjoin(story, story.c.id == copy.c.story)


def _stored(rows: Iterable[Row[Any]]) -> list[Stored]:
    found = []
    for r in rows:
        value = load(Copy, r.body)
        if value.key.guid != r.guid:
            value = replace(value, key=EntryKey(source=r.source, guid=r.guid))
        found.append(
            Stored(
                id=r.id,
                copy=value,
                story=r.story,
                withdrawn=r.withdrawn,
                digest=r.digest,
                edited=r.edited,
                home=r.home,
                sealed=r.sealed,
            )
        )
    return found


def pending(connection: Connection, limit: int) -> list[Stored]:
    """Copies that wait for a story, in the order in which founders are chosen.

    They are held until the transaction ends: who has one of them wait again meanwhile is heard after it.
    """
    query = _READ.where(copy.c.pending, copy.c.body.is_not(None))
    query = query.order_by(copy.c.first_seen, copy.c.source, copy.c.guid).limit(limit)
    return _stored(connection.execute(query.with_for_update(of=copy)))


def by_ids(connection: Connection, ids: Collection[int]) -> list[Stored]:
    """Copies by number; purged ones are left out."""
    found: list[Stored] = []
    for part in chunks(ids):
        found += _stored(connection.execute(_READ.where(copy.c.id.in_(part), copy.c.body.is_not(None))))
    return found


def page(connection: Connection, *, after: int, limit: int) -> list[Stored]:
    """Copies in the order of their numbers, a page at a time; purged ones are left out."""
    rows = _READ.where(copy.c.id > after, copy.c.body.is_not(None)).order_by(copy.c.id).limit(limit)
    return _stored(connection.execute(rows))


def of_stories(connection: Connection, stories: Collection[int]) -> list[Stored]:
    """All copies of these stories, of killed ones the withdrawn too; purged ones are left out."""
    found: list[Stored] = []
    for part in chunks(stories):
        rows = _READ.where(copy.c.story.in_(part), copy.c.body.is_not(None))
        rows = rows.where(or_(copy.c.withdrawn.is_(False), story.c.sealed.is_not(None)))
        found += _stored(connection.execute(rows.order_by(copy.c.id)))
    return found


def recent(connection: Connection, sources: Collection[str], *, since: datetime, until: datetime) -> list[Stored]:
    """Copies of these sources that were first seen in a window and stand in a story."""
    rows = _READ.where(copy.c.source.in_(list(sources)), copy.c.first_seen.between(since, until))
    rows = rows.where(copy.c.body.is_not(None), copy.c.withdrawn.is_(False), copy.c.story.is_not(None))
    return _stored(connection.execute(rows.order_by(copy.c.id)))


def formers(connection: Connection, ids: Collection[int]) -> dict[int, list[tuple[Copy, datetime]]]:
    """What copies said before, the oldest first, with when they said so last."""
    found: dict[int, list[tuple[Copy, datetime]]] = {}
    for part in chunks(ids):
        query = select(former.c.copy, former.c.body, former.c.until).where(former.c.copy.in_(part))
        for number, body, until in connection.execute(query.order_by(former.c.id)):
            found.setdefault(number, []).append((load(Copy, body), until))
    return found


def place(connection: Connection, rows: Sequence[Placement]) -> None:
    """Write where the matcher put copies; those that waited are told so by `settled`."""
    if rows:
        values = ("story", "home", "relation", "matched", "score", "ground")
        connection.execute(
            update(copy)
            .where(copy.c.id == bindparam("b_id"))
            .values({name: bindparam(f"b_{name}") for name in values}),
            [{"b_id": r.copy} | {f"b_{name}": getattr(r, name) for name in values} for r in rows],
        )


def settled(connection: Connection, numbers: Collection[int]) -> None:
    """Copies that wait no more: only those that were taken by `pending`, for others may have changed meanwhile."""
    for part in chunks(numbers):
        connection.execute(update(copy).where(copy.c.id.in_(part)).values(pending=False, edited=False))


def settle_withdrawn(connection: Connection, number: int, story: int | None) -> None:
    """A withdrawn copy waits no more; it keeps its story for the record, without being part of it."""
    values = {"pending": False, "edited": False, "story": story}
    connection.execute(update(copy).where(copy.c.id == number).values(**values))


def withdraw(connection: Connection, numbers: Collection[int]) -> None:
    """Copies that a notice of their outlet withdraws."""
    connection.execute(update(copy).where(copy.c.id.in_(list(numbers))).values(withdrawn=True))


def wait_again(connection: Connection, source: str) -> None:
    """Have a source's copies settled anew, because what may be shown of them changed."""
    still = and_(copy.c.source == source, copy.c.body.is_not(None), copy.c.story.is_not(None))
    connection.execute(update(copy).where(still).values(pending=True))


def wait(connection: Connection, numbers: Collection[int]) -> None:
    """Have these copies settled anew, because something was decided about them."""
    for part in chunks(numbers):
        connection.execute(update(copy).where(copy.c.id.in_(part), copy.c.body.is_not(None)).values(pending=True))


def numbers_of(connection: Connection, stories: Collection[int]) -> Mapping[int, list[int]]:
    """The numbers of these stories' copies, of killed ones the withdrawn too."""
    found: dict[int, list[int]] = {number: [] for number in stories}
    for part in chunks(stories):
        query = select(copy.c.story, copy.c.id).join(story, story.c.id == copy.c.story)
        query = query.where(copy.c.story.in_(part), or_(copy.c.withdrawn.is_(False), story.c.sealed.is_not(None)))
        for number, member in connection.execute(query):
            found[number].append(member)
    return found
