"""What outputs show of the stories that entered them, read a page at a time, and what they never showed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from feedhub.store.dialect import among, upsert, without_index
from feedhub.store.tables import copy, output_entry, output_exclusion, story

#: SQLite takes 32,766 variables in one statement; stay well below
_CHUNK = 5_000


class ListedStory(Struct, frozen=True, kw_only=True):
    """A story in an output: enough to tell whether it changed since it was last read."""

    id: int
    change: int
    entered: datetime


def listed(connection: Connection, output: str, *, now: datetime, limit: int, offset: int = 0) -> list[ListedStory]:
    """List the released stories of an output, newest first: `limit` of them after `offset`.

    Those that entered together stand by their date, newest first and the undated last, then by id.
    """
    # by the index of what entered last, as far as the limit: by that of the released all would be read and sorted
    released = (without_index(connection, story.c.state) == "live", *_released(now)[1:])
    rows = connection.execute(
        select(story.c.id, story.c.change, output_entry.c.entered_at)
        .join(output_entry, output_entry.c.story == story.c.id)
        .where(output_entry.c.output == output, *released)
        .order_by(output_entry.c.entered_at.desc(), story.c.published.desc().nulls_last(), story.c.tag)
        .limit(limit)
        .offset(offset)
    )
    return [ListedStory(id=r.id, change=r.change, entered=r.entered_at) for r in rows]


def rows(connection: Connection, output: str, numbers: Collection[int], *, now: datetime) -> dict[int, ListedStory]:
    """Return those of these stories that an output shows, by number."""
    query = select(story.c.id, story.c.change, output_entry.c.entered_at)
    query = query.join(output_entry, output_entry.c.story == story.c.id)
    query = query.where(*_shown(output, now), among(connection, story.c.id, numbers))
    return {r.id: ListedStory(id=r.id, change=r.change, entered=r.entered_at) for r in connection.execute(query)}


def sources(connection: Connection, shown_in: Collection[str], *, now: datetime) -> set[str]:
    """Return the sources whose copies stand in a story that one of these outputs shows."""
    query = select(copy.c.source).distinct().join(story, story.c.id == copy.c.story)
    query = query.join(output_entry, output_entry.c.story == story.c.id)
    query = query.where(output_entry.c.output.in_(shown_in), *_released(now))
    return set(connection.execute(query).scalars())


def leave_out(connection: Connection, rows: Collection[tuple[str, int, str]]) -> None:
    """Note which stories outputs leave out though their filters take them: (output, story, ground)."""
    if rows:
        keys = [output_exclusion.c.output, output_exclusion.c.story]
        names = ("output", "story", "ground")
        values = [dict(zip(names, row, strict=True)) for row in rows]
        connection.execute(upsert(connection, output_exclusion, keys), values)


def left_out(connection: Connection) -> dict[str, int]:
    """Return for each output that has any: how many live stories it leaves out."""
    query = select(output_exclusion.c.output, func.count()).join(story, story.c.id == output_exclusion.c.story)
    query = query.where(story.c.state == "live").group_by(output_exclusion.c.output)
    return {name: number for name, number in connection.execute(query)}


def exclusions(connection: Connection, number: int) -> dict[str, str]:
    """Return the outputs that leave a story out, and why."""
    query = select(output_exclusion.c.output, output_exclusion.c.ground).where(output_exclusion.c.story == number)
    return {name: ground for name, ground in connection.execute(query.order_by(output_exclusion.c.output))}


def count(connection: Connection, output: str, *, now: datetime, at_most: int | None = None) -> int:
    """How many stories of an output are released; counting ends at `at_most`."""
    shown = select(story.c.id).join(output_entry, output_entry.c.story == story.c.id).where(*_shown(output, now))
    return int(connection.execute(select(func.count()).select_from(shown.limit(at_most).subquery())).scalar_one())


def summary(connection: Connection, output: str, *, now: datetime) -> tuple[int, datetime | None]:
    """How many stories of an output are released, and when the last of them changed materially."""
    query = select(func.count(), func.max(story.c.updated)).select_from(story)
    query = query.join(output_entry, output_entry.c.story == story.c.id).where(*_shown(output, now))
    number, updated = connection.execute(query).one()
    return number, updated


def carried(connection: Connection, tags: Collection[str], outputs: Collection[str]) -> set[str]:
    """Which of these stories entered one of these outputs."""
    found: set[str] = set()
    everything = list(tags)
    for start in range(0, len(everything), _CHUNK):
        query = (
            select(story.c.tag)
            .join(output_entry, output_entry.c.story == story.c.id)
            .where(output_entry.c.output.in_(outputs))
        )
        found |= set(connection.execute(query.where(story.c.tag.in_(everything[start : start + _CHUNK]))).scalars())
    return found


def entered_since(connection: Connection, tags: Collection[str], output: str, since: datetime) -> set[str]:
    """Which of these stories entered an output since then: they are new in it, or say something else in substance."""
    found: set[str] = set()
    everything = list(tags)
    for start in range(0, len(everything), _CHUNK):
        query = select(story.c.tag).join(output_entry, output_entry.c.story == story.c.id)
        query = query.where(output_entry.c.output == output, output_entry.c.entered_at >= since)
        found |= set(connection.execute(query.where(story.c.tag.in_(everything[start : start + _CHUNK]))).scalars())
    return found


def mark_shown(connection: Connection, output: str, ids: Collection[int], now: datetime) -> None:
    """Note that an output shows these stories, where it never did before."""
    for start in range(0, len(ids), _CHUNK):
        part = list(ids)[start : start + _CHUNK]
        same = and_(output_entry.c.output == output, output_entry.c.story.in_(part), output_entry.c.shown_at.is_(None))
        connection.execute(update(output_entry).where(same).values(shown_at=now))


def never_shown(connection: Connection, *, now: datetime) -> dict[str, int]:
    """For each output that has any: how many stories its limits have kept out ever since they entered it."""
    query = select(output_entry.c.output, func.count()).join(story, story.c.id == output_entry.c.story)
    query = query.where(story.c.state == "live", story.c.released <= now, output_entry.c.shown_at.is_(None))
    return {name: number for name, number in connection.execute(query.group_by(output_entry.c.output))}


def _shown(output: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (output_entry.c.output == output, *_released(now))


def _released(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (story.c.state == "live", story.c.body.is_not(None), story.c.released <= now)
