"""Kill notices: the agency's own ends a story and bars its text; any other source's withdraws its own copy alone.

Every notice that did something, and every one of an agency, is a decision: it is listed, explained and can be taken
back, and what was taken back stays so. An entry of a paper that names nothing of its own is no notice but an article.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from feedhub.model import Copy, EntryKey, Publisher
from feedhub.store import Connection, claims, decisions, placements, publishers, remarks, stories, story_versions
from feedhub.store.placements import StoredCopy

#: a headline of fewer words names nothing inside a notice's text, nor does a guid of fewer characters
HEADLINE, GUID = 4, 8
#: words that a notice sets in front of the headline that it kills
MARK_WORDS = 3
#: RFC 3085: provider, day and item, then the number of its revision
_NEWSML = re.compile(r"(urn:newsml:[^:\s]+:\d{8}[^:\s]*:[^:\s]+):\d+[AN]?", re.IGNORECASE)
_WORD = re.compile(r"\w+", re.UNICODE)


class KillResult(Struct):
    """What the kills among the waiting copies did."""

    #: tags of the stories that they ended, and their numbers
    tags: list[str] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    #: stories that lost a copy
    shrunk: set[int] = field(default_factory=set)
    #: what was read of the waiting copies before no longer holds
    any: bool = False


def apply(
    connection: Connection, waiting: Sequence[StoredCopy], *, window: timedelta, change: int, now: datetime
) -> KillResult:
    """Carry out the kills among the waiting copies, and take back those that their agency took back."""
    result = KillResult()
    owners = publishers.by_source(connection, {row.copy.key.source for row in waiting})
    suspects = [row for row in waiting if row.withdrawn]
    notices = _without_articles(connection, suspects, owners, window)
    for row, named in notices:
        _carry_out(connection, result, row, named, owners[row.copy.key.source], change=change, now=now)
    returned = [
        row
        for row in waiting
        if row.killed_by == "agency" and row.edited and not row.withdrawn and owners[row.copy.key.source].agency
    ]
    for row in returned:
        _take_back(connection, row)
    result.any = bool(suspects or returned)
    return result


def end(connection: Connection, number: int, *, by: str, reason: str, change: int, now: datetime) -> None:
    """End a story for good, with all that it ever said; `by` is who kills it (agency | person)."""
    stories.end(connection, number, "killed", when=now, reason=reason, change=change, killed_by=by)
    story_versions.drop(connection, [number])


def _without_articles(
    connection: Connection, suspects: Sequence[StoredCopy], owners: Mapping[str, Publisher], window: timedelta
) -> list[tuple[StoredCopy, list[StoredCopy]]]:
    """Return the notices and the copies that each names; what is no notice is a copy like others from now on.

    That is what a person said was none, and a paper's entry that names no story of its own, or several.
    """
    notices: list[tuple[StoredCopy, list[StoredCopy]]] = []
    articles: list[int] = []
    revoked = decisions.revoked_notices(connection, [row.copy.key for row in suspects])
    for row in suspects:
        publisher = owners[row.copy.key.source]
        named = [] if row.story is not None else _named(connection, row, publisher, window)
        is_known = row.story is not None or publisher.agency is not None or len(_stories(named)) == 1
        if row.copy.key in revoked or not is_known:
            articles.append(row.id)
        else:
            notices.append((row, named))
    placements.restore(connection, articles)
    return notices


def _carry_out(
    connection: Connection,
    result: KillResult,
    row: StoredCopy,
    named: Sequence[StoredCopy],
    publisher: Publisher,
    *,
    change: int,
    now: datetime,
) -> None:
    """Do what a notice says, and record it as a decision; `row.story` is set where it is an edit of what it kills."""
    numbers = {row.story} if row.story is not None else _stories(named)
    number = next(iter(numbers)) if len(numbers) == 1 else None
    placements.settle_withdrawn(connection, row.id, number)
    own = [other.copy.key for other in named]
    if number is None:
        what = "no story of the window" if not numbers else f"{len(numbers)} stories"
        _record(connection, row, own, f"names {what}: without effect", now)
        return
    (story,) = stories.by_ids(connection, [number])
    if story.state != "live":
        return
    if publisher.agency is None:
        placements.withdraw(connection, [other.id for other in named])
        result.shrunk.add(number)
        _record(connection, row, own, f"withdraws its own copy of {story.tag}", now)
        return
    everyone = [other.copy.key for other in placements.of_stories(connection, [number])]
    end(connection, number, by="agency", reason="killed by the agency", change=change, now=now)
    result.tags.append(story.tag)
    result.ended.add(number)
    _record(connection, row, everyone, f"kills {story.tag} for {publisher.agency}", now)


def _record(connection: Connection, row: StoredCopy, named: Sequence[EntryKey], effect: str, now: datetime) -> None:
    notice = row.copy.key
    if not any(each.kind == "notice" and notice in each.left for each in decisions.in_force_for(connection, [row.id])):
        decisions.add(connection, "notice", [notice], set(named) - {notice}, now=now, reason=effect)
        remarks.add(connection, notice.source, [f"kill notice {notice.guid}: {effect}"[:1000]], now)


def _take_back(connection: Connection, row: StoredCopy) -> None:
    """Take a kill back that its agency took back: it serves its entry again, and no other of its own is withdrawn."""
    assert row.story is not None
    together = placements.of_stories(connection, [row.story])
    owners = publishers.by_source(connection, {other.copy.key.source for other in together})
    if not any(other.withdrawn and owners[other.copy.key.source].agency for other in together):
        stories.take_back_kill(connection, row.story)
        placements.mark_pending(connection, [other.id for other in together if not other.withdrawn])


def _named(connection: Connection, notice: StoredCopy, publisher: Publisher, window: timedelta) -> list[StoredCopy]:
    """Find the copies of the window that a notice names: an agency's of its text wherever it runs, else its own."""
    seen = notice.copy.first_seen
    everyone = publishers.by_source(connection, [row.id for row in claims.sources(connection)])
    sources = list(everyone) if publisher.agency is not None else [publisher.source]
    rows = placements.recent(connection, sources, since=seen - window, until=seen + window)
    return [row for row in rows if _speaks_of(publisher, row, everyone) and names(notice.copy, row.copy)]


def _speaks_of(publisher: Publisher, row: StoredCopy, everyone: Mapping[str, Publisher]) -> bool:
    if publisher.agency is None:
        return True
    return publisher.agency in (everyone[row.copy.key.source].agency, row.copy.wire.agency)


def _stories(rows: Sequence[StoredCopy]) -> set[int]:
    return {row.story for row in rows if row.story is not None}


def names(notice: Copy, copy: Copy) -> bool:
    """Tell whether a kill notice names a copy: by page, NewsML item, headline, or one of these in its text.

    Not by a slug: those are given again every day.
    """
    if notice.url_key is not None and notice.url_key == copy.url_key:
        return True
    if (item := _item(notice)) is not None and item == _item(copy):
        return True
    headline, title = _words(copy.title), _words(notice.title)
    before, _, _ = title.rpartition(headline)
    if headline and f" {title}".endswith(f" {headline}") and len(before.split()) <= MARK_WORDS:
        return True
    within = headline.count(" ") >= HEADLINE - 1 and f" {headline} " in f" {title} {_words(notice.text)} "
    return within or any(_stands_in(notice.text, name) for name in (copy.key.guid, copy.url))


def _item(copy: Copy) -> str | None:
    """Return what the agency calls an item through all its revisions; None where its guid is no NewsML name."""
    match = _NEWSML.fullmatch(copy.key.guid)
    return None if match is None else match[1].lower()


def _stands_in(text: str, name: str | None) -> bool:
    """Tell whether a guid or address stands in a text, and is no chance: long, and with a number in it."""
    if name is None or len(name) < GUID or not any(character.isdigit() for character in name):
        return False
    return re.search(rf"(?<![\w/:.-]){re.escape(name)}(?![\w/:-])", text) is not None


def _words(text: str) -> str:
    return " ".join(word.casefold() for word in _WORD.findall(text))
