"""Copies as they are settled: which wait for a story, which story they stand in, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from math import inf
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import Connection, Integer, Row, and_, bindparam, func, or_, select, update

from feedhub.model import Copy, EntryKey, Relation
from feedhub.store import article_texts, settle_queue
from feedhub.store.dialect import among, select_among
from feedhub.store.executemany import executemany
from feedhub.store.tables import copy, copy_version, story
from feedhub.structs import replace

#: SQLite takes 32,766 variables in one statement; stay well below
CHUNK = 5_000


class Placement(Struct, frozen=True, kw_only=True):
    """Where the matcher put a copy, and on what ground."""

    copy: int
    story: int
    relation: Relation
    matched: int | None
    score: float | None
    ground: str
    published_story: int | None = None


class StoredCopy(Struct, frozen=True, kw_only=True):
    """A copy with its place in the store."""

    id: int
    copy: Copy
    story: int | None
    withdrawn: bool
    #: stands for all that the copy says, in this process: another number when any of it is another
    content: int
    #: the number of its text, None where it has none
    text: int | None = None
    #: seconds since 1970 until which its source listed it; infinity while it does, None where that is not known
    listed_until: float | None = None
    #: its text changed since it was settled last
    edited: bool = False
    #: the story that it was published in before that one was joined to another
    published_story: int | None = None
    #: its story was killed (agency | person); it is kept so that later copies of its text are known
    killed_by: str | None = None
    #: where the matcher put it last
    placement: Placement | None = None


class NewerCopy(Struct, frozen=True, kw_only=True):
    """A copy by its number, without what it says."""

    id: int
    source: str
    #: its text changed since it was settled last
    edited: bool


T = TypeVar("T")


def hash64(text: str) -> int:
    """Return what stands for a text where only sameness counts, as a signed 64-bit number."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def chunks(values: Collection[T], size: int = CHUNK) -> Iterable[list[T]]:
    """Split the values into lists that fit into one statement."""
    everything = list(values)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


_READ = select(
    copy.c.id,
    copy.c.source,
    copy.c.guid,
    copy.c.body,
    copy.c.text,
    *article_texts.columns(copy.c.text),
    copy.c.story,
    copy.c.published_story,
    copy.c.withdrawn,
    copy.c.edited,
    copy.c.listed,
    copy.c.unlisted,
    copy.c.relation,
    copy.c.matched,
    copy.c.score,
    copy.c.ground,
    story.c.killed_by,
).outerjoin(story, story.c.id == copy.c.story)

_READ_WHOLE = _READ.where(copy.c.body.is_not(None))
_READ_WAITING = _READ.where(settle_queue.WAITS).order_by(*settle_queue.FOUNDERS_FIRST).with_for_update(of=copy)
#: of killed stories the withdrawn too
_IS_MEMBER = or_(copy.c.withdrawn.is_(False), story.c.killed_by.is_not(None))
_READ_MEMBERS = _READ_WHOLE.where(_IS_MEMBER).order_by(copy.c.id)


def _stored(rows: Iterable[Row[Any]]) -> list[StoredCopy]:
    found = []
    for row in rows:
        number, source, guid, body, text, packed, base, where, home, withdrawn, edited, on_list, until, *put, sealed = (
            tuple(row)
        )
        value = article_texts.read(Copy, body, packed, base)
        if value.key.guid != guid:
            value = replace(value, key=EntryKey(source=source, guid=guid))
        found.append(
            StoredCopy(
                id=number,
                copy=value,
                story=where,
                withdrawn=withdrawn,
                content=hash((body, packed)),
                text=text,
                edited=edited,
                listed_until=inf if on_list else until.timestamp() if until is not None else None,
                published_story=home,
                killed_by=sealed,
                placement=None if where is None or put[0] is None else _placement(number, where, home, *put),
            )
        )
    return found


def _placement(
    number: int, where: int, home: int | None, relation: str, matched: int | None, score: float | None, ground: str
) -> Placement:
    return Placement(
        copy=number,
        story=where,
        relation=Relation(relation),
        matched=matched,
        score=score,
        ground=ground,
        published_story=home,
    )


def pending(
    connection: Connection,
    limit: int,
    *,
    first: Collection[int] = (),
    only: Collection[int] | None = None,
    version: str | None = None,
    share: int = settle_queue.SHARE,
) -> list[StoredCopy]:
    """Return a batch of copies that wait for a story, as `settle_queue` chooses it, in the order of founders.

    They are locked until the transaction ends: who has one of them wait again meanwhile is heard after it.
    """
    chosen = settle_queue.next_ids(connection, limit, first=first, only=only, version=version, share=share)
    if not chosen:
        return []
    return _stored(select_among(connection, _READ_WAITING, copy.c.id, chosen))


def waiting_of(connection: Connection, sources: Collection[str], limit: int) -> list[StoredCopy]:
    """Return copies of these sources that wait for a story, as many as a batch has; nobody is kept from them."""
    return by_ids(connection, settle_queue.next_ids(connection, limit, sources=sources))


def by_ids(connection: Connection, ids: Collection[int]) -> list[StoredCopy]:
    """Return copies by number; purged ones are left out."""
    if not ids:
        return []
    return _stored(select_among(connection, _READ_WHOLE, copy.c.id, ids))


def values(connection: Connection, ids: Collection[int]) -> dict[int, Copy]:
    """Return what copies say, by number, without where they stand; their guids may be those of a former name."""
    rows = select_among(connection, _VALUES, copy.c.id, ids) if ids else ()
    return {number: article_texts.read(Copy, *content) for number, *content in rows}


_VALUES = select(copy.c.id, copy.c.body, *article_texts.columns(copy.c.text)).where(copy.c.body.is_not(None))


def newer(connection: Connection, after: int, *, seen_since: datetime, limit: int) -> list[NewerCopy]:
    """Return copies numbered above one, in order, of those that first came since then and are not withdrawn."""
    query = select(copy.c.id, copy.c.source, copy.c.edited).where(copy.c.id > after, copy.c.body.is_not(None))
    query = query.where(copy.c.withdrawn.is_(False), copy.c.first_seen >= seen_since)
    rows = connection.execute(query.order_by(copy.c.id).limit(limit))
    return [NewerCopy(id=number, source=source, edited=edited) for number, source, edited in rows]


def page(connection: Connection, *, after: int, limit: int) -> list[StoredCopy]:
    """Return copies in the order of their numbers, a page at a time; purged ones are left out."""
    rows = _READ.where(copy.c.id > after, copy.c.body.is_not(None)).order_by(copy.c.id).limit(limit)
    return _stored(connection.execute(rows))


def of_stories(connection: Connection, stories: Collection[int]) -> list[StoredCopy]:
    """All copies of these stories, of killed ones the withdrawn too; purged ones are left out."""
    if not stories:
        return []
    return _stored(select_among(connection, _READ_MEMBERS, copy.c.story, stories))


def recent(connection: Connection, sources: Collection[str], *, since: datetime, until: datetime) -> list[StoredCopy]:
    """Return copies of these sources that were first seen in a window and stand in a story."""
    rows = _READ.where(copy.c.source.in_(list(sources)), copy.c.first_seen.between(since, until))
    rows = rows.where(copy.c.body.is_not(None), copy.c.withdrawn.is_(False), copy.c.story.is_not(None))
    return _stored(connection.execute(rows.order_by(copy.c.id)))


def latest(connection: Connection, source: str, limit: int) -> list[StoredCopy]:
    """Return the last copies of a source that came, of those that its document lists; the oldest of them first."""
    rows = _READ.where(copy.c.source == source, copy.c.listed, copy.c.body.is_not(None), copy.c.withdrawn.is_(False))
    return _stored(connection.execute(rows.order_by(copy.c.id.desc()).limit(limit)))[::-1]


def latest_ids(connection: Connection, source: str, limit: int) -> list[int]:
    """Return the numbers of the copies that `latest` returns, the newest first; none of them is read."""
    return list(connection.execute(_LATEST_IDS, {"source": source, "most": limit}).scalars())


_LATEST_IDS = (
    select(copy.c.id)
    .where(copy.c.source == bindparam("source"), copy.c.listed, copy.c.body.is_not(None), copy.c.withdrawn.is_(False))
    .order_by(copy.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def earlier_versions(connection: Connection, ids: Collection[int]) -> dict[int, list[tuple[Copy, datetime]]]:
    """Return what copies said before, the oldest first, with when they said so last."""
    found: dict[int, list[tuple[Copy, datetime]]] = {}
    for part in chunks(ids):
        query = select(
            copy_version.c.copy,
            copy_version.c.valid_until,
            copy_version.c.body,
            *article_texts.columns(copy_version.c.text),
        ).where(copy_version.c.copy.in_(part))
        for number, until, *said in connection.execute(query.order_by(copy_version.c.id)):
            found.setdefault(number, []).append((article_texts.read(Copy, *said), until))
    return found


def place(connection: Connection, rows: Sequence[Placement], waiting: Collection[int]) -> None:
    """Write where the matcher put copies; those that `pending` took wait no more.

    Only those: others may have changed meanwhile, and wait on.
    """
    for settles, statement in ((True, _SETTLE), (False, _PUT)):
        chosen = [
            {
                "b_id": r.copy,
                "b_story": r.story,
                "b_published_story": r.published_story,
                "b_relation": r.relation,
                "b_matched": r.matched,
                "b_score": r.score,
                "b_ground": r.ground,
            }
            for r in rows
            if (r.copy in waiting) is settles
        ]
        executemany(connection, statement, chosen)


_PLACE = ("story", "published_story", "relation", "matched", "score", "ground")
_PUT = update(copy).where(copy.c.id == bindparam("b_id")).values({name: bindparam(f"b_{name}") for name in _PLACE})
_SETTLE = _PUT.values(pending=False, edited=False)


def settle_withdrawn(connection: Connection, number: int, story: int | None) -> None:
    """Withdraw a copy: it waits no more; it keeps its story for the record, without being part of it."""
    values = {"pending": False, "edited": False, "story": story}
    connection.execute(update(copy).where(copy.c.id == number).values(**values))


def withdraw(connection: Connection, numbers: Collection[int]) -> None:
    """Withdraw copies of their stories, because a notice of their source says so."""
    connection.execute(update(copy).where(copy.c.id.in_(list(numbers))).values(withdrawn=True))


def restore(connection: Connection, numbers: Collection[int]) -> None:
    """Have copies again that were withdrawn or taken for notices: they wait to be settled."""
    if numbers:
        these = copy.c.id.in_(list(numbers))
        connection.execute(update(copy).where(these, copy.c.body.is_not(None)).values(withdrawn=False, pending=True))


def mark_source_pending(connection: Connection, source: str) -> None:
    """Have a source's copies settled anew, because what may be shown of them changed."""
    still = and_(copy.c.source == source, copy.c.body.is_not(None), copy.c.story.is_not(None))
    connection.execute(update(copy).where(still).values(pending=True))


def mark_pending(connection: Connection, numbers: Collection[int]) -> None:
    """Have these copies settled anew, because something was decided about them."""
    if numbers:
        these = among(connection, copy.c.id, numbers)
        connection.execute(update(copy).where(these, copy.c.body.is_not(None)).values(pending=True))


_MEMBER_IDS = select(copy.c.story, copy.c.id).join(story, story.c.id == copy.c.story).where(_IS_MEMBER)


def ids_of_stories(connection: Connection, stories: Collection[int]) -> Mapping[int, list[int]]:
    """Return the numbers of these stories' copies, of killed ones the withdrawn too."""
    found: dict[int, list[int]] = {number: [] for number in stories}
    if stories:
        for number, member in select_among(connection, _MEMBER_IDS, copy.c.story, stories):
            found[number].append(member)
    return found


def newest_id(connection: Connection) -> int:
    """Return the highest number that a copy has; 0 where there is none."""
    return connection.execute(select(func.max(copy.c.id))).scalar() or 0
