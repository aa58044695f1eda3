"""The stories of the last hours in one statement, the newest first: for a person who wants to see what happened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from feedhub.model import Story
from feedhub.store import story_bodies
from feedhub.store.tables import copy, output_entry, story


def released(
    connection: Connection,
    *,
    now: datetime,
    since: datetime | None = None,
    output: str | None = None,
    merged: bool = False,
    limit: int = 50,
) -> list[Story]:
    """Return live stories that are out, those that came out last first.

    `since`: they came out or said something else since then; `output`: they entered it; `merged`: several copies tell
    them.
    """
    query = select(story.c.id).where(story.c.state == "live", story.c.body.is_not(None), story.c.released <= now)
    if since is not None:
        query = query.where(or_(story.c.released >= since, story.c.updated >= since))
    if output is not None:
        entered = select(output_entry.c.story).where(output_entry.c.output == output)
        query = query.where(story.c.id.in_(entered))
    if merged:
        members = select(func.count()).select_from(copy).where(copy.c.story == story.c.id, copy.c.withdrawn.is_(False))
        query = query.where(members.scalar_subquery() > 1)
    rows = connection.execute(query.order_by(story.c.released.desc(), story.c.id.desc()).limit(limit))
    numbers = list(rows.scalars())
    said = story_bodies.of(connection, numbers)
    return [said[number] for number in numbers]
