"""What a story said before, each version within the rights that its sources have now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from feedhub.codec import dump, load
from feedhub.model import Rights, Story, StoryVersion
from feedhub.store import publishers
from feedhub.store.tables import story, story_version


def add(
    connection: Connection, number: int, version: StoryVersion, *, text_source: str, until: datetime | None
) -> None:
    """Keep what a story said until then (None: a revision that came when a newer one spoke already)."""
    connection.execute(
        insert(story_version).values(
            story=number,
            valid_from=version.at,
            valid_until=until,
            source=version.key.source,
            text_source=text_source,
            body=dump(version),
        )
    )


def last_ended_at(connection: Connection, number: int) -> datetime | None:
    """When the last version ended that was replaced."""
    return connection.execute(
        select(func.max(story_version.c.valid_until)).where(story_version.c.story == number)
    ).scalar()


def drop(connection: Connection, numbers: Collection[int]) -> None:
    """Forget what these stories said: they were killed."""
    connection.execute(delete(story_version).where(story_version.c.story.in_(list(numbers))))


def versions(connection: Connection, number: int, *, newest: int | None = None) -> list[StoryVersion]:
    """Return what a story said, the oldest first, or the `newest` of it; the last is what a live one says now."""
    rows = connection.execute(
        select(story_version)
        .where(story_version.c.story == number)
        .order_by(story_version.c.valid_from.desc(), story_version.c.id.desc())
        .limit(newest)
    ).all()[::-1]
    rights = {
        name: publisher.rights
        for name, publisher in publishers.by_source(
            connection, {s for r in rows for s in (r.source, r.text_source)}
        ).items()
    }
    found = [
        permitted(
            load(StoryVersion, r.body),
            Rights.narrowest(*(rights[s] for s in (r.source, r.text_source) if s in rights)),
        )
        for r in rows
    ]
    body = connection.execute(select(story.c.body).where(story.c.id == number)).scalar()
    if body is not None:
        now = load(Story, body)
        began = max((r.valid_until for r in rows if r.valid_until is not None), default=now.released)
        found.append(as_version(now, at=began))
    return found


def as_version(version: Story, *, at: datetime) -> StoryVersion:
    """Make what a story says now into one of its versions."""
    return StoryVersion(
        at=at,
        key=version.canonical,
        name=version.publisher.name,
        mark=version.revision,
        title=version.title,
        html=version.html,
        summary=version.summary,
        correction=version.correction,
    )


def permitted(version: StoryVersion, rights: Rights) -> StoryVersion:
    """Return a version as its rights let it be shown."""
    if rights is Rights.FULL:
        return version
    note = version.correction and version.correction.partition(":")[0].rstrip(".") + "."
    return replace(version, html=None, summary=rights.permit(version.summary), correction=note)
