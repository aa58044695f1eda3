"""What a story said before, each version within the rights that its sources have now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, delete, func, insert, select

from feedhub.model import Rights, Story, StoryVersion
from feedhub.store import article_texts, publishers, story_bodies
from feedhub.store.tables import story_version
from feedhub.structs import replace


class NewVersion(Struct, frozen=True, kw_only=True):
    """What a story said until then (None: a revision that came when a newer one spoke already), to be kept."""

    story: int
    version: StoryVersion
    #: the source that its text comes from
    text_source: str
    until: datetime | None


def add(connection: Connection, new: Sequence[NewVersion]) -> None:
    """Keep what stories said."""
    if new:
        stored = article_texts.store(connection, [each.version for each in new])
        connection.execute(
            insert(story_version),
            [
                {
                    "story": each.story,
                    "valid_from": each.version.at,
                    "valid_until": each.until,
                    "source": each.version.key.source,
                    "text_source": each.text_source,
                    "body": body,
                    "text": text,
                }
                for each, (body, text) in zip(new, stored, strict=True)
            ],
        )


def last_ended_at(connection: Connection, number: int) -> datetime | None:
    """When the last version ended that was replaced."""
    return connection.execute(
        select(func.max(story_version.c.valid_until)).where(story_version.c.story == number)
    ).scalar()


def drop(connection: Connection, numbers: Collection[int]) -> None:
    """Forget what these stories said: they were killed."""
    these = delete(story_version).where(story_version.c.story.in_(list(numbers)))
    article_texts.collect(connection, connection.execute(these.returning(story_version.c.text)).scalars().all())


def versions(connection: Connection, number: int, *, newest: int | None = None) -> list[StoryVersion]:
    """Return what a story said, the oldest first, or the `newest` of it; the last is what a live one says now."""
    rows = connection.execute(
        select(story_version, *article_texts.columns(story_version.c.text))
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
            article_texts.read(StoryVersion, r.body, r.story_version_packed, r.story_version_base),
            Rights.narrowest(*(rights[s] for s in (r.source, r.text_source) if s in rights)),
        )
        for r in rows
    ]
    now = story_bodies.of(connection, [number]).get(number)
    if now is not None:
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
