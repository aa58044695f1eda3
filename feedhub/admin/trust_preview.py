"""What another trust or priority of a source would change: its stories settled so, and all of it rolled back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct

from feedhub.config import Config
from feedhub.errors import UsageError
from feedhub.model import CopyStanding, Story, Trust
from feedhub.settle.rules import rules_of
from feedhub.settle.settler import Settler
from feedhub.store import Connection, Database, database, locks, placements, publishers, story_bodies
from feedhub.structs import replace

#: copies of the source that are looked at, the newest, and stories that they share with others
_COPIES, STORIES = 400, 50


class ChangedStory(Struct, frozen=True, kw_only=True):
    """A story that would say something else, or another copy of which would speak."""

    title: str
    #: who speaks now, and who would
    speaks: str
    would_speak: str
    #: what it would be called, None where that stays
    would_be_called: str | None
    #: its text would be another, its disputes would be others
    text_changes: bool
    disputes_change: bool


class TrustPreview(Struct, frozen=True, kw_only=True):
    """What came of settling the newest stories that a source shares with others under other terms."""

    stories: int
    changed: tuple[ChangedStory, ...]
    #: those of them in which another copy would speak
    canonical: int
    #: copies of the source that would count for nothing, and that count for nothing now
    uncounted: int
    uncounted_now: int


class _RolledBack(Exception):
    """Nothing of a preview stays."""


def preview(store: Database, config: Config, name: str, *, trust: Trust, priority: int, now: datetime) -> TrustPreview:
    """Settle a source's stories as if it had this trust and priority; nothing is kept. UsageError where it is new.

    It takes the turn to settle for as long, some tenths of a second.
    """
    made: TrustPreview | None = None
    try:
        with store.write() as connection:
            made = _settled_so(connection, config, name, trust, priority, now)
            raise _RolledBack
    except _RolledBack:
        assert made is not None
    return made


def _settled_so(
    connection: Connection, config: Config, name: str, trust: Trust, priority: int, now: datetime
) -> TrustPreview:
    identity = config.identity or database.get_value(connection, "identity")
    publisher = publishers.by_source(connection, [name]).get(name)
    if identity is None or publisher is None:
        raise UsageError(f"{name}: was never read: nothing would change")
    locks.take(connection, locks.SETTLE)
    numbers = _shared_stories(connection, name)
    before = story_bodies.of(connection, numbers)
    publishers.save(connection, name, replace(publisher, trust=trust, priority=priority))
    members = placements.ids_of_stories(connection, numbers)
    placements.mark_pending(connection, {copy for some in members.values() for copy in some})
    settler = Settler(rules_of(config, identity))
    for _ in range(STORIES):
        if not settler.settle(connection, now).copies:
            break
    after = story_bodies.of(connection, numbers)
    return _compared(before, after, name)


def _shared_stories(connection: Connection, name: str) -> list[int]:
    """Return the newest stories that copies of a source share with copies of others."""
    homes = {row.story: None for row in reversed(placements.latest(connection, name, _COPIES)) if row.story is not None}
    bodies = story_bodies.of(connection, list(homes))
    return [number for number in homes if number in bodies and _is_shared(bodies[number])][:STORIES]


def _is_shared(story: Story) -> bool:
    return len({copy.key.source for copy in story.copies}) > 1


def _compared(before: dict[int, Story], after: dict[int, Story], name: str) -> TrustPreview:
    changed = [
        ChangedStory(
            title=was.title,
            speaks=was.publisher.name,
            would_speak=after[number].publisher.name,
            would_be_called=None if after[number].title == was.title else after[number].title,
            text_changes=(was.html, was.summary) != (after[number].html, after[number].summary),
            disputes_change={each.key for each in was.disputes} != {each.key for each in after[number].disputes},
        )
        for number, was in before.items()
        if number in after and _says(was) != _says(after[number])
    ]
    return TrustPreview(
        stories=len(before),
        changed=tuple(changed),
        canonical=sum(each.speaks != each.would_speak for each in changed),
        uncounted=_uncounted(after.values(), name),
        uncounted_now=_uncounted(before.values(), name),
    )


def _says(story: Story) -> tuple[object, ...]:
    return (story.canonical, story.title, story.html, story.summary, {each.key for each in story.disputes})


def _uncounted(stories: Collection[Story], name: str) -> int:
    return sum(
        copy.standing is CopyStanding.UNCOUNTED for story in stories for copy in story.copies if copy.key.source == name
    )
