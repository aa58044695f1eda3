"""Versions of stories that stand in archived documents and that nobody has asked for yet.

While the story says the same, its own row is enough. Before it says something else, or nothing, `preserve` keeps what
it said; once the entry is rendered, or a tombstone took its place, that is dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, Select, and_, delete, select

from feedhub.model import Story
from feedhub.store import article_texts
from feedhub.store.dialect import among, upsert
from feedhub.store.tables import archive_entry, archived_story, story

#: nobody has asked for the entry, and no tombstone took its place
UNRENDERED = and_(archive_entry.c.entry.is_(None), archive_entry.c.removed_at.is_(None))

_SAME = and_(archived_story.c.story == archive_entry.c.story, archived_story.c.change == archive_entry.c.change)


def preserve(connection: Connection, numbers: Collection[int]) -> None:
    """Keep what these stories say now, where an archived document holds just that: they are about to change.

    The caller holds the settle lock.
    """
    if not numbers:
        return
    wanted = select(archive_entry.c.story).where(
        archive_entry.c.story == story.c.id, archive_entry.c.change == story.c.change, UNRENDERED
    )
    now = select(story.c.id, story.c.change, story.c.body, story.c.text).where(
        among(connection, story.c.id, numbers), story.c.body.is_not(None), wanted.exists()
    )
    key = [archived_story.c.story, archived_story.c.change]
    connection.execute(
        upsert(connection, archived_story, key, replace=False).from_select(["story", "change", "body", "text"], now)
    )


def drop_unneeded(connection: Connection, numbers: Collection[int] | None = None) -> None:
    """Drop former versions of these stories (None: of all) that no archived document waits for any more."""
    waiting = select(archive_entry.c.story).where(_SAME, UNRENDERED)
    these = delete(archived_story).where(~waiting.exists())
    if numbers is not None:
        these = these.where(among(connection, archived_story.c.story, numbers))
    article_texts.collect(connection, connection.execute(these.returning(archived_story.c.text)).scalars().all())


def unrendered(connection: Connection, output: str, number: int) -> dict[int, tuple[int, Story]]:
    """Return what the entries of a document say that are still to be rendered: (change number, story) by position."""
    here = _VERSIONS.where(archive_entry.c.output == output, archive_entry.c.number == number)
    return {row.position: (row.change, _story_of(row)) for row in connection.execute(here)}


def every_unrendered(connection: Connection) -> Iterator[tuple[RowMapping, Story]]:
    """Yield the rows of all entries that are still to be rendered, and what each says."""
    for row in connection.execute(_VERSIONS.execution_options(yield_per=500)):
        yield row._mapping, _story_of(row)


_VERSIONS: Select[Any] = (
    select(
        archive_entry.c.output,
        archive_entry.c.number,
        archive_entry.c.position,
        archive_entry.c.story,
        archive_entry.c.change,
        story.c.body,
        *article_texts.columns(story.c.text),
        archived_story.c.body.label("former"),
        *article_texts.columns(archived_story.c.text),
    )
    .join(story, story.c.id == archive_entry.c.story)
    .outerjoin(archived_story, _SAME)
    .where(UNRENDERED)
)


def _story_of(row: Row[Any]) -> Story:
    if row.former is None:
        return article_texts.read(Story, row.body, row.story_packed, row.story_base)
    return article_texts.read(Story, row.former, row.archived_story_packed, row.archived_story_base)
