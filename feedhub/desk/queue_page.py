"""What waits for a person: disputed revisions, kill notices, stories that ended, sources that changed, what is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from starlette.routing import Route

from feedhub.admin import decide
from feedhub.admin.decision_lines import sentence
from feedhub.desk.desk_context import Desk, DeskRequest, NavigationEntry, NotHere, PostResult, View
from feedhub.desk.desk_routes import page, post
from feedhub.desk.pair_page import recorded
from feedhub.errors import UsageError
from feedhub.model import EntryKey
from feedhub.serve import story_key
from feedhub.store import Connection, conditions, copies, decisions, review, story_bodies

NAVIGATION = NavigationEntry(path="/queue", title="Queue")
#: how long kill notices and ended stories wait to be looked at
RECENT = timedelta(days=7)
#: items of one kind that are shown
MOST = 50
#: conditions of a source that a person has to judge; the others pass, or say that it does not answer
_CHANGES = {"site": "Another site", "moved": "Moved", "volume": "Unusual volume", "copies": "Unusual copies"} | {
    "backlog": "More than its quota",
    "stopped": "Polled no more",
    "unsettled": "Entries set aside",
    "uncleaned": "Entries left out",
    "costly": "Takes long to clean",
}


class QueueItem(Struct, frozen=True, kw_only=True):
    """Something that waits for a person."""

    #: dispute | notice | ended | source
    kind: str
    #: what it is called, for a person
    label: str
    title: str
    #: what happened, a line each
    lines: tuple[str, ...]
    since: datetime
    #: the entries that it is about, by which it is known to have been looked at
    keys: tuple[EntryKey, ...]
    #: what its forms have to name
    fields: Mapping[str, str]
    #: what a form may ask for: its word, label, key
    actions: tuple[tuple[str, str, str], ...] = ()
    #: two copies to look at, by their numbers
    pair: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Return what tells an item from the others."""
        return " ".join((self.kind, *self.fields.values()))


def routes(desk: Desk) -> list[Route]:
    """Return the queue, and the form that deals with an item of it."""
    return [page(desk, NAVIGATION.path, show), post(desk, NAVIGATION.path, act)]


def show(desk: Desk, request: DeskRequest) -> View:
    """Show what nobody has looked at since it happened, the newest first, and the stories that are held."""
    now = desk.clock()
    with desk.store.read() as connection:
        items = waiting(connection, now)
        held = review.held_stories(connection, now=now, limit=MOST)
    return View(template="queue.html", values={"items": items, "held": held})


def waiting(connection: Connection, now: datetime) -> list[QueueItem]:
    """Return all that waits for a person, the newest first, without what somebody has looked at."""
    items = [
        *_disputes(connection),
        *_notices(connection, now - RECENT),
        *_ended(connection, now - RECENT),
        *_source_changes(connection, now),
    ]
    seen = decisions.seen(connection, {key for item in items for key in item.keys})
    return sorted(
        (item for item in items if not any(item.since <= seen.get(key, item.since - RECENT) for key in item.keys)),
        key=lambda item: (item.since, item.kind, item.title),
        reverse=True,
    )


def act(desk: Desk, request: DeskRequest) -> PostResult:
    """Deal with an item: look at it, or decide about what it names."""
    action = _ACTIONS.get(request.value("do"))
    if action is None:
        raise NotHere("no such way to deal with an item")
    return recorded(desk, lambda connection: action(desk, connection, request), NAVIGATION.path)


def _disputes(connection: Connection) -> list[QueueItem]:
    items = []
    stories = review.disputed_stories(connection)
    keys = {key for each in stories for key in (each.canonical, *(dispute.key for dispute in each.disputes))}
    numbers = copies.ids_by_key(connection, keys)
    for story in stories:
        seen_first = {copy.key: copy.first_seen for copy in story.copies}
        for dispute in story.disputes:
            facts = [f"“{theirs}”, not “{ours}”" for ours, theirs in dispute.facts]
            items.append(
                QueueItem(
                    kind="dispute",
                    label="Disputed",
                    title=story.title,
                    lines=(f"{dispute.name} tells it otherwise" + (": " + "; ".join(facts) if facts else ""),),
                    since=seen_first.get(dispute.key, story.updated),
                    keys=(dispute.key,),
                    fields={"story": story_key(story.id), "source": dispute.key.source, "guid": dispute.key.guid},
                    actions=(("pin", "Let it speak", "p"),),
                    pair=_pair(numbers.get(story.canonical), numbers.get(dispute.key)),
                )
            )
    return items


def _pair(left: int | None, right: int | None) -> tuple[int, int] | None:
    return None if left is None or right is None else (left, right)


def _notices(connection: Connection, since: datetime) -> list[QueueItem]:
    made = decisions.notices(connection, since=since)[-MOST:]
    titles = review.titles_of_copies(connection, {number for each in made for number in each.copies.values()})
    return [
        QueueItem(
            kind="notice",
            label="Kill notice",
            title=next((titles[number] for number in each.copies.values() if number in titles), str(each.left[0])),
            lines=tuple(filter(None, (sentence(each), each.reason))),
            since=each.decided_at,
            keys=each.left,
            fields={"number": str(each.id)},
            actions=(("forget", "It is no notice", "x"),),
        )
        for each in made
    ]


def _ended(connection: Connection, since: datetime) -> list[QueueItem]:
    rows = review.ended_by_joins(connection, since=since, limit=MOST)
    titles = {number: story.title for number, story in story_bodies.of(connection, {r.successor for r in rows}).items()}
    return [
        QueueItem(
            kind="ended",
            label="Story ended",
            title=titles.get(row.successor, row.tag),
            lines=(f"a copy of {row.joined_by} showed that {row.founder} is this story: its own page leads here now",),
            since=row.ended,
            keys=(row.founder,),
            fields={"ended": str(row.id)},
            actions=(("part", "Part them again", "s"),),
        )
        for row in rows
    ]


def _source_changes(connection: Connection, now: datetime) -> list[QueueItem]:
    rows = [each for each in conditions.current_and_ended_since(connection, since=now) if each.until is None]
    return [
        QueueItem(
            kind="source",
            label=_CHANGES[row.kind],
            title=row.source,
            lines=(row.text,),
            since=row.since,
            keys=(EntryKey(source=row.source, guid=f"condition {row.kind}"),),
            fields={"source": row.source, "guid": f"condition {row.kind}"},
        )
        for row in rows[: MOST * 4]
        if row.kind in _CHANGES
    ][:MOST]


def _see(desk: Desk, connection: Connection, request: DeskRequest) -> int:
    """Record that a person has looked at an item, as the queue has it now."""
    name = request.value("item")
    item = next((each for each in waiting(connection, desk.clock()) if each.name == name), None)
    if item is None:
        raise UsageError("this has been dealt with, or is over")
    return decide.see(connection, item.keys, reason=request.why, now=desk.clock(), by=desk.operator)


def _pin(desk: Desk, connection: Connection, request: DeskRequest) -> int:
    key = EntryKey(source=request.value("source"), guid=request.value("guid"))
    number = copies.ids_by_key(connection, [key]).get(key)
    if number is None:
        raise UsageError("this entry is gone")
    return decide.pin(connection, number, number, reason=request.why, now=desk.clock(), by=desk.operator)


def _forget(desk: Desk, connection: Connection, request: DeskRequest) -> int:
    return decide.forget(connection, request.number("number"), now=desk.clock(), by=desk.operator)


def _part(desk: Desk, connection: Connection, request: DeskRequest) -> int:
    entries = review.published_in(connection, request.number("ended"))
    if not entries:
        raise UsageError("none of its entries is here any more")
    return decide.split(connection, entries[0], entries, reason=request.why, now=desk.clock(), by=desk.operator)


_ACTIONS: Mapping[str, Callable[[Desk, Connection, DeskRequest], int]] = {
    "seen": _see,
    "pin": _pin,
    "forget": _forget,
    "part": _part,
}
