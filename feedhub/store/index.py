"""What the matcher remembers: the shingles by which a copy is found, learned furniture, and its decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select

from feedhub.codec import dump, load
from feedhub.model import Match
from feedhub.store.dialect import upsert
from feedhub.store.placing import CHUNK, chunks
from feedhub.store.tables import copy, decision, furniture, shingle


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A comparison with the numbers of the two copies in the store."""

    left: int
    right: int
    match: Match


def reindex(connection: Connection, keys: Mapping[int, Sequence[int]]) -> None:
    """Replace the shingles of copies: number -> signed 64-bit keys."""
    numbers = list(keys)
    connection.execute(delete(shingle).where(shingle.c.copy.in_(numbers)))
    rows = [{"key": key, "copy": number} for number, found in keys.items() for key in found]
    if rows:
        connection.execute(insert(shingle), rows)


@dataclass(frozen=True, slots=True)
class Posting:
    """A copy that has a key, where it comes from, when it was first seen, and the story that it is in."""

    copy: int
    source: str
    seen: datetime
    story: int | None


def postings(
    connection: Connection, keys: Collection[int], *, since: datetime, until: datetime
) -> dict[int, list[Posting]]:
    """For each key the copies first seen in the window that have it."""
    found: dict[int, list[Posting]] = {}
    met: dict[int, Posting] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(shingle.c.key, copy.c.id, copy.c.source, copy.c.first_seen, copy.c.story)
            .join(copy, copy.c.id == shingle.c.copy)
            .where(shingle.c.key.in_(wanted[start : start + CHUNK]), copy.c.first_seen.between(since, until))
            .order_by(shingle.c.key, shingle.c.copy)
        )
        for key, number, source, seen, story in connection.execute(query):
            posting = met.get(number) or met.setdefault(number, Posting(number, source, seen, story))
            found.setdefault(key, []).append(posting)
    return found


def same_page(
    connection: Connection, url_keys: Collection[str], *, since: datetime, until: datetime
) -> dict[str, list[int]]:
    """Copies whose article page is the same, whatever their text."""
    found: dict[str, list[int]] = {}
    for part in chunks(url_keys):
        query = select(copy.c.url_key, copy.c.id).where(
            copy.c.url_key.in_(part), copy.c.first_seen.between(since, until), copy.c.body.is_not(None)
        )
        for key, number in connection.execute(query):
            found.setdefault(key, []).append(number)
    return found


def learned(connection: Connection, sources: Collection[str]) -> list[tuple[str, int]]:
    """The furniture of these sources as rows (source, signed gram hash)."""
    query = select(furniture.c.source, furniture.c.gram).where(furniture.c.source.in_(list(sources)))
    return [(source, gram) for source, gram in connection.execute(query)]


def learn(connection: Connection, rows: Iterable[tuple[str, int]]) -> None:
    """Add furniture; what is known already stays."""
    values = [{"source": source, "gram": gram} for source, gram in rows]
    if values:
        keys = [furniture.c.source, furniture.c.gram]
        connection.execute(upsert(connection, furniture, keys, replace=False), values)


def forget(connection: Connection, copies: Collection[int]) -> None:
    """Drop the decisions in which these copies take part, before they are judged again."""
    numbers = list(copies)
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        connection.execute(delete(decision).where(or_(decision.c.left.in_(part), decision.c.right.in_(part))))


def decide(connection: Connection, rows: Iterable[Decided], now: datetime) -> None:
    """Keep comparisons with their grounds."""
    values = [
        {"left": row.left, "right": row.right, "merged": row.match.merged, "decided": now, "body": dump(row.match)}
        for row in rows
    ]
    if values:
        connection.execute(upsert(connection, decision, [decision.c.left, decision.c.right]), values)


def decisions(connection: Connection, copies: Collection[int], *, merged: bool | None = None) -> list[Decided]:
    """The decisions in which any of these copies takes part (`merged`: only those with that verdict)."""
    found: dict[tuple[int, int], Decided] = {}
    numbers = list(copies)
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        query = select(decision.c.left, decision.c.right, decision.c.body).where(
            or_(decision.c.left.in_(part), decision.c.right.in_(part))
        )
        if merged is not None:
            query = query.where(decision.c.merged.is_(merged))
        for left, right, body in connection.execute(query):
            found[left, right] = Decided(left=left, right=right, match=load(Match, body))
    return [found[pair] for pair in sorted(found)]


def decision_count(connection: Connection) -> int:
    """How many decisions are kept."""
    return int(connection.execute(select(func.count()).select_from(decision)).scalar_one())


def stories_of(connection: Connection, copies: Collection[int]) -> dict[int, int]:
    """In which story each of these copies stands, where it stands in one."""
    found: dict[int, int] = {}
    for part in chunks(copies):
        query = select(copy.c.id, copy.c.story).where(copy.c.id.in_(part), copy.c.story.is_not(None))
        found |= {number: story for number, story in connection.execute(query)}
    return found
