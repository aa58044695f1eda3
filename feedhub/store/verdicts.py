"""What the matcher remembers: learned furniture, its decisions, and which copies are of one page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, delete, func, select

from feedhub.codec import dump, load
from feedhub.model import Verdict
from feedhub.store.dialect import among, select_among, upsert
from feedhub.store.executemany import executemany
from feedhub.store.placements import hash64
from feedhub.store.tables import copy, source_furniture, verdict


class StoredVerdict(Struct, frozen=True, kw_only=True):
    """A comparison with the numbers of the two copies in the store."""

    left: int
    right: int
    match: Verdict


def same_page(
    connection: Connection, url_keys: Collection[str], *, since: datetime, until: datetime
) -> dict[str, list[int]]:
    """Return copies whose article page is the same, whatever their text."""
    pages = {hash64(key): key for key in url_keys}
    found: dict[str, list[int]] = {}
    if pages:
        query = select(copy.c.page_key, copy.c.id).where(among(connection, copy.c.page_key, pages))
        query = query.where(copy.c.first_seen.between(since, until), copy.c.body.is_not(None))
        for page, number in connection.execute(query):
            found.setdefault(pages[page], []).append(number)
    return found


class SourceFurniture(Struct, frozen=True):
    """What a source is known to repeat, as bytes, and the number of the lesson that taught it."""

    source: str
    learned: int
    shingles: bytes


def furniture_since(connection: Connection, *, after: int = 0) -> list[SourceFurniture]:
    """Return the furniture of every source of which something was learned after that lesson."""
    query = select(source_furniture.c.source, source_furniture.c.learned, source_furniture.c.shingles).where(
        source_furniture.c.learned > after
    )
    return [SourceFurniture(r.source, r.learned, bytes(r.shingles)) for r in connection.execute(query)]


def furniture_of(connection: Connection, sources: Collection[str]) -> list[SourceFurniture]:
    """Return the furniture of these sources, as far as they have any."""
    query = select(source_furniture.c.source, source_furniture.c.learned, source_furniture.c.shingles)
    rows = connection.execute(query.where(source_furniture.c.source.in_(sorted(sources))))
    return [SourceFurniture(r.source, r.learned, bytes(r.shingles)) for r in rows]


def save_furniture(connection: Connection, grams: Mapping[str, bytes]) -> None:
    """Keep what is known of these sources now, all of it."""
    made = 1 + (connection.execute(select(func.max(source_furniture.c.learned))).scalar() or 0)
    rows = [{"source": source, "learned": made, "shingles": packed} for source, packed in sorted(grams.items())]
    connection.execute(upsert(connection, source_furniture, [source_furniture.c.source]), rows)


def forget_furniture(connection: Connection, name: str) -> int:
    """Have it forgotten what a source repeats; returns the bytes that were known. It may be learned again."""
    known = connection.execute(select(source_furniture.c.shingles).where(source_furniture.c.source == name)).scalar()
    if known:
        # an empty row, not none: processes that know the old one read what came after it
        save_furniture(connection, {name: b""})
    return len(known or b"")


def drop(connection: Connection, copies: Collection[int]) -> None:
    """Drop the decisions in which these copies take part, before they are judged again."""
    for side in (verdict.c.left, verdict.c.right) if copies else ():
        connection.execute(delete(verdict).where(among(connection, side, copies)))


def save(connection: Connection, rows: Iterable[StoredVerdict], now: datetime) -> None:
    """Keep comparisons with their grounds."""
    values = [
        {"left": row.left, "right": row.right, "merged": row.match.merged, "decided_at": now, "body": dump(row.match)}
        for row in rows
    ]
    executemany(connection, upsert(connection, verdict, [verdict.c.left, verdict.c.right]), values)


def of_copies(connection: Connection, copies: Collection[int], *, merged: bool | None = None) -> list[StoredVerdict]:
    """Return the decisions in which any of these copies takes part (`merged`: only those with that verdict)."""
    found: dict[tuple[int, int], StoredVerdict] = {}
    for side in (verdict.c.left, verdict.c.right) if copies else ():
        query = select(verdict.c.left, verdict.c.right, verdict.c.body).where(among(connection, side, copies))
        if merged is not None:
            query = query.where(verdict.c.merged.is_(merged))
        for left, right, body in connection.execute(query):
            if (left, right) not in found:
                found[left, right] = StoredVerdict(left=left, right=right, match=load(Verdict, body))
    return [found[pair] for pair in sorted(found)]


def stories_of(connection: Connection, copies: Collection[int]) -> dict[int, int]:
    """In which story each of these copies stands, where it stands in one."""
    if not copies:
        return {}
    return {number: story for number, story in select_among(connection, _STORY_OF, copy.c.id, copies)}


_STORY_OF = select(copy.c.id, copy.c.story).where(copy.c.story.is_not(None))
