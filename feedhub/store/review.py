"""What a person looks through at the desk: merges, near misses, what waits for him. Every query is bounded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, and_, exists, or_, select

from feedhub.codec import load
from feedhub.model import EntryKey, Story, Verdict
from feedhub.store import story_bodies, verdicts
from feedhub.store.tables import copy, story, verdict
from feedhub.store.verdicts import StoredVerdict

#: live stories that are looked through for disputed revisions, the newest
_MOST_STORIES = 500


class MergedStory(Struct, frozen=True, kw_only=True):
    """A story that several entries tell, and its place in the list of them."""

    id: int
    #: first seen of its newest copy
    newest: datetime


class EndedStory(Struct, frozen=True, kw_only=True):
    """A published story that was found to be another."""

    id: int
    tag: str
    #: into which it went
    successor: int
    #: the source whose copy showed it
    joined_by: str
    founder: EntryKey
    ended: datetime


def merged_stories(
    connection: Connection, *, before: tuple[datetime, int] | None = None, limit: int
) -> list[MergedStory]:
    """Return live stories of several entries, the newest first; `before` is where the last page ended."""
    joined = exists().where(copy.c.story == story.c.id, copy.c.relation != "first", copy.c.withdrawn.is_(False))
    query = select(story.c.id, story.c.newest).where(story.c.state == "live", story.c.body.is_not(None), joined)
    if before is not None:
        newest, number = before
        query = query.where(or_(story.c.newest < newest, and_(story.c.newest == newest, story.c.id < number)))
    rows = connection.execute(query.order_by(story.c.newest.desc(), story.c.id.desc()).limit(limit))
    return [MergedStory(id=r.id, newest=r.newest) for r in rows]


def near_misses(connection: Connection, *, limit: int) -> list[StoredVerdict]:
    """Return the verdicts that nearly merged of the newest copies, as many as `limit`; those in one story too."""
    query = select(verdict.c.left, verdict.c.right, verdict.c.body).where(verdict.c.merged.is_(False))
    rows = connection.execute(query.order_by(verdict.c.right.desc(), verdict.c.left.desc()).limit(limit))
    return [StoredVerdict(left=r.left, right=r.right, match=load(Verdict, r.body)) for r in rows]


def disputed_stories(connection: Connection) -> list[Story]:
    """Return those of the newest live stories of which outlets tell something else."""
    query = select(story.c.id).where(story.c.state == "live", story.c.body.is_not(None))
    numbers = list(connection.execute(query.order_by(story.c.newest.desc()).limit(_MOST_STORIES)).scalars())
    said = story_bodies.of(connection, numbers)
    return [said[number] for number in numbers if number in said and said[number].disputes]


def ended_by_joins(connection: Connection, *, since: datetime, limit: int) -> list[EndedStory]:
    """Return published stories that a source's copy has ended since then, the last first."""
    query = select(story).where(story.c.state == "joined", story.c.ended >= since, story.c.released <= story.c.ended)
    query = query.where(story.c.joined_by.is_not(None), story.c.successor.is_not(None))
    return [
        EndedStory(
            id=r.id,
            tag=r.tag,
            successor=r.successor,
            joined_by=r.joined_by,
            founder=EntryKey(source=r.founder_source, guid=r.founder_guid),
            ended=r.ended,
        )
        for r in connection.execute(query.order_by(story.c.ended.desc(), story.c.id.desc()).limit(limit))
    ]


def published_in(connection: Connection, number: int) -> list[int]:
    """Return the copies that were published in a story before it was joined to another."""
    return list(connection.execute(select(copy.c.id).where(copy.c.published_story == number)).scalars())


def held_stories(connection: Connection, *, now: datetime, limit: int) -> list[Story]:
    """Return stories that wait to come out, those that come first before the others."""
    query = select(story.c.id).where(story.c.state == "live", story.c.released > now).order_by(story.c.released)
    numbers = list(connection.execute(query.limit(limit)).scalars())
    said = story_bodies.of(connection, numbers)
    return [said[number] for number in numbers if number in said]


def titles_of_copies(connection: Connection, copies: Collection[int]) -> dict[int, str]:
    """Return what the stories of these copies are called now, by copy; of stories that say nothing there is none."""
    homes = verdicts.stories_of(connection, copies)
    said = story_bodies.of(connection, set(homes.values()))
    return {number: said[home].title for number, home in homes.items() if home in said}
