"""What a story said before it says what it says now, kept when it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from feedhub.match import shares
from feedhub.merge import Member
from feedhub.merge.revisions import mark_of
from feedhub.merge.trust import best_of, with_standing
from feedhub.model import CopyStanding, Story, StoryVersion
from feedhub.store import Connection, story_versions
from feedhub.store.story_versions import NewVersion


def versions_to_keep(
    connection: Connection,
    number: int,
    story: Story,
    previous: Story | None,
    members: Sequence[Member],
    now: datetime,
    *,
    is_new: bool,
) -> Iterator[NewVersion]:
    """Yield the version that subscribers have seen, and older revisions that came with a newer one."""
    counting = [member for member in with_standing(members) if member.standing is not CopyStanding.UNCOUNTED]
    earlier = {member.revision for member in counting if member.standing is CopyStanding.EARLIER}
    versions = story_versions.versions(connection, number) if earlier and not is_new else []
    if previous is not None and _visible(previous) != _visible(story):
        began = story_versions.last_ended_at(connection, number) or previous.released
        version = story_versions.as_version(previous, at=began)
        source = previous.provenance.get("html", previous.canonical).source
        yield NewVersion(story=number, version=version, text_source=source, until=now)
    known = {version.key for version in versions}
    for revision in sorted(earlier):
        group = [member for member in counting if member.revision == revision]
        if known.isdisjoint(m.copy.key for m in group):
            older = _earlier(group)
            yield NewVersion(story=number, version=older, text_source=older.key.source, until=None)


def _visible(story: Story) -> tuple[object, ...]:
    return (story.title, story.html, story.summary, story.revision)


def _earlier(members: Sequence[Member]) -> StoryVersion:
    """Make the version of an older revision, as its best copy tells it; its rights are applied when it is read."""
    representative = best_of(members, shares)
    mark = mark_of(members)
    return StoryVersion(
        at=min(member.time for member in members),
        key=representative.copy.key,
        name=representative.publisher.name,
        mark=None if mark is None else str(mark),
        title=representative.copy.title,
        html=representative.copy.html or None,
        summary=representative.copy.summary,
    )
