"""Kills: the agency's own ends a story and seals its text; another outlet's withdraws its own copy alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feedhub.model import Copy, Publisher
from feedhub.store import Connection, claims, copies, placements, publishers, stories, story_versions
from feedhub.store.placements import StoredCopy

#: a headline of fewer words names nothing inside a notice's text, nor does a guid of fewer characters
HEADLINE, GUID = 4, 8
#: RFC 3085: provider, day and item, then the number of its revision
_NEWSML = re.compile(r"(urn:newsml:[^:\s]+:\d{8}[^:\s]*:[^:\s]+):\d+[AN]?", re.IGNORECASE)
_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(slots=True)
class KillResult:
    """What the kills among the waiting copies did."""

    #: tags of the stories that they ended, and their numbers
    tags: list[str] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    #: stories that lost a copy
    left: set[int] = field(default_factory=set)
    #: what was read of the waiting copies before no longer holds
    any: bool = False


def apply(
    connection: Connection, waiting: Sequence[StoredCopy], *, window: timedelta, change: int, now: datetime
) -> KillResult:
    """Carry out the kills among the waiting copies, and take back those that their agency took back."""
    done = KillResult()
    owners = publishers.by_source(connection, {row.copy.key.source for row in waiting})
    notices = [row for row in waiting if row.withdrawn]
    for row in notices:
        publisher = owners[row.copy.key.source]
        number = row.story
        if number is None:
            number = _named(connection, row, publisher, window=window, now=now)
        placements.settle_withdrawn(connection, row.id, number)
        if number is None:
            continue
        (story,) = stories.by_ids(connection, [number])
        if story.state != "live":
            continue
        if publisher.agency is None:
            done.left.add(number)
            continue
        end(connection, number, by="agency", reason="killed by the agency", change=change, now=now)
        done.tags.append(story.tag)
        done.ended.add(number)
    returned = [
        row
        for row in waiting
        if row.killed_by == "agency" and row.edited and not row.withdrawn and owners[row.copy.key.source].agency
    ]
    for row in returned:
        _take_back(connection, row)
    done.any = bool(notices or returned)
    return done


def end(connection: Connection, number: int, *, by: str, reason: str, change: int, now: datetime) -> None:
    """End a story for good, with all that it ever said; `by` is who kills it (agency | person)."""
    stories.end(connection, number, "killed", when=now, reason=reason, change=change, killed_by=by)
    story_versions.drop(connection, [number])


def _take_back(connection: Connection, row: StoredCopy) -> None:
    """Take a kill back that its agency took back: it serves its entry again, and no other of its own is withdrawn."""
    assert row.story is not None
    together = placements.of_stories(connection, [row.story])
    owners = publishers.by_source(connection, {other.copy.key.source for other in together})
    if not any(other.withdrawn and owners[other.copy.key.source].agency for other in together):
        stories.take_back_kill(connection, row.story)
        placements.mark_pending(connection, [other.id for other in together if not other.withdrawn])


def _named(
    connection: Connection, notice: StoredCopy, publisher: Publisher, *, window: timedelta, now: datetime
) -> int | None:
    """Find the one story that a notice names; withdraw the copies that it withdraws."""
    everyone = publishers.by_source(connection, [row.id for row in claims.sources(connection)])
    sources = [name for name, other in everyone.items() if _may_kill(publisher, other)]
    seen = notice.copy.first_seen
    rows = placements.recent(connection, sources, since=seen - window, until=seen + window)
    named = [row for row in rows if _speaks_of(publisher, row, everyone) and names(notice.copy, row.copy)]
    found = {row.story for row in named if row.story is not None}
    if len(found) != 1:
        what = "no story of the window" if not found else f"{len(found)} stories"
        note = f"kill notice {notice.copy.key.guid} names {what} and had no effect"
        copies.add_remarks(connection, notice.copy.key.source, [note], now)
        return None
    if publisher.agency is None:
        placements.withdraw(connection, [row.id for row in named])
    return found.pop()


def _may_kill(publisher: Publisher, other: Publisher) -> bool:
    """Tell whether a source's notice may speak of another's copies: an agency's of its text wherever it runs."""
    return publisher.agency is not None or other.outlet == publisher.outlet


def _speaks_of(publisher: Publisher, row: StoredCopy, everyone: Mapping[str, Publisher]) -> bool:
    if publisher.agency is None:
        return True
    return publisher.agency in (everyone[row.copy.key.source].agency, row.copy.wire.agency)


def names(notice: Copy, copy: Copy) -> bool:
    """Tell whether a kill notice names a copy: by page, NewsML item, headline, or one of these in its text.

    Not by a slug: those are given again every day.
    """
    if notice.url_key is not None and notice.url_key == copy.url_key:
        return True
    if (item := _item(notice)) is not None and item == _item(copy):
        return True
    headline, title = _words(copy.title), _words(notice.title)
    if headline and headline == title:
        return True
    within = headline.count(" ") >= HEADLINE - 1 and f" {headline} " in f" {title} {_words(notice.text)} "
    return within or any(_stands_in(notice.text, name) for name in (copy.key.guid, copy.url))


def _item(copy: Copy) -> str | None:
    """Return what the agency calls an item through all its revisions; None where its guid is no NewsML name."""
    found = _NEWSML.fullmatch(copy.key.guid)
    return None if found is None else found[1].lower()


def _stands_in(text: str, name: str | None) -> bool:
    """Tell whether a guid or address stands in a text, and is no chance: long, and with a number in it."""
    if name is None or len(name) < GUID or not any(character.isdigit() for character in name):
        return False
    return re.search(rf"(?<![\w/:.-]){re.escape(name)}(?![\w/:-])", text) is not None


def _words(text: str) -> str:
    return " ".join(word.casefold() for word in _WORD.findall(text))
