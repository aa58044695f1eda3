"""What a person decides about stories: kept, applied by settling what it touches, taken back the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from time import sleep

from msgspec import Struct

from feedhub.admin.explain import find_copies, find_story
from feedhub.config import Config
from feedhub.errors import UsageError
from feedhub.model import EntryKey
from feedhub.settle import kills
from feedhub.settle.rules import rules_of
from feedhub.settle.settle_loop import RETRY_SECONDS
from feedhub.settle.settler import Settler, SettleResult
from feedhub.store import Connection, Database, database, decisions, locks, placements, stories
from feedhub.store.placements import StoredCopy
from feedhub.store.stories import StoryRow

#: a story or an entry as a person writes it; a number is that of an entry's copy in the store
Name = str | int
#: what a person has looked at and lets stand
WITHOUT_EFFECT = frozenset({"confirm", "dismiss", "seen"})
#: records a decision in a transaction and returns its number; raises UsageError before it writes anything
Action = Callable[[Connection], int]


class BatchResult(Struct, frozen=True, kw_only=True):
    """What became of many decisions: for each its number or why it was not made, and what came of all."""

    outcomes: tuple[int | UsageError, ...]
    settled: tuple[SettleResult, ...]


class DecisionResult(Struct, frozen=True, kw_only=True):
    """A decision's number, and what came of it."""

    number: int
    settled: tuple[SettleResult, ...]


def merge(
    connection: Connection, first: Name, second: Name, *, reason: str | None, now: datetime, by: str | None = None
) -> int:
    """Join the stories of two names; return the decision's number."""
    left, right = _members(connection, first), _members(connection, second)
    if left[0].story == right[0].story:
        raise UsageError(f"{first} and {second} are one story already")
    return _say(connection, "merge", left, right, reason, now, by)


def split(
    connection: Connection,
    name: Name,
    entries: Sequence[Name],
    *,
    reason: str | None,
    now: datetime,
    by: str | None = None,
) -> int:
    """Part these entries from the story that they are in; return the decision's number."""
    row = _story(connection, name)
    members = placements.of_stories(connection, [row.id])
    chosen = {stored.id for entry in entries for stored in _entry(connection, row, entry)}
    left, right = [m for m in members if m.id in chosen], [m for m in members if m.id not in chosen]
    if not right:
        raise UsageError(f"{name}: all its entries were named; leave at least one in the story")
    return _say(connection, "split", left, right, reason, now, by)


def split_all(connection: Connection, name: Name, *, reason: str | None, now: datetime, by: str | None = None) -> int:
    """Part all entries of a story from each other; return the decision's number."""
    members = _members(connection, name)
    if len(members) < 2:
        raise UsageError(f"{name}: a story of one entry cannot be parted")
    return _say(connection, "split", members, members, reason, now, by)


def never(
    connection: Connection, first: Name, second: Name, *, reason: str | None, now: datetime, by: str | None = None
) -> int:
    """Keep two stories, or two entries of one story, apart for good; return the decision's number."""
    left, right = _members(connection, first), _members(connection, second)
    if left[0].story == right[0].story:
        left, right = _entries(connection, first), _entries(connection, second)
        if not left or not right or {m.id for m in left} & {m.id for m in right}:
            raise UsageError(f"{first} and {second} are one story: name two of its entries, as SOURCE GUID")
    return _say(connection, "never", left, right, reason, now, by)


def pin(
    connection: Connection, name: Name, entry: Name, *, reason: str | None, now: datetime, by: str | None = None
) -> int:
    """Let this entry speak for its story; return the decision's number."""
    return _say(connection, "pin", _entry(connection, _story(connection, name), entry), [], reason, now, by)


def kill(connection: Connection, name: Name, *, reason: str | None, now: datetime, by: str | None = None) -> int:
    """End a story for good, and later copies of its text with it; return the decision's number."""
    row = _story(connection, name)
    members = placements.of_stories(connection, [row.id])
    number = _say(connection, "kill", members, [], reason, now, by)
    change = database.next_change(connection, now)
    line = f"killed by a person: {reason}" if reason else "killed by a person"
    kills.end(connection, row.id, by="person", reason=line, change=change, now=now)
    return number


def confirm(connection: Connection, name: Name, *, reason: str | None, now: datetime, by: str | None = None) -> int:
    """Record that the copies of a story are rightly one; return the decision's number."""
    return decisions.add(connection, "confirm", _keys(_members(connection, name)), now=now, by=by, reason=reason)


def dismiss(
    connection: Connection, first: Name, second: Name, *, reason: str | None, now: datetime, by: str | None = None
) -> int:
    """Record that stories that nearly merged are rightly two; return the decision's number."""
    left, right = _members(connection, first), _members(connection, second)
    if left[0].story == right[0].story:
        raise UsageError(f"{first} and {second} are one story by now")
    return decisions.add(connection, "dismiss", _keys(left), _keys(right), now=now, by=by, reason=reason)


def see(
    connection: Connection, keys: Sequence[EntryKey], *, reason: str | None, now: datetime, by: str | None = None
) -> int:
    """Record that a person has looked at something that is about these entries; return the decision's number."""
    return decisions.add(connection, "seen", keys, now=now, by=by, reason=reason)


def forget(connection: Connection, number: int, *, now: datetime, by: str | None = None) -> int:
    """Take a decision back and have what it touched judged again; return its number."""
    decision = decisions.by_id(connection, number)
    if decision is None or decision.revoked_at is not None:
        raise UsageError(f"{number}: no decision in force has this number; `feedhub decisions` lists them")
    decisions.revoke(connection, number, now, by=by)
    if decision.kind in WITHOUT_EFFECT:
        return number
    touched = placements.by_ids(connection, list(decision.copies.values()))
    killer = {"kill": "person", "notice": "agency"}.get(decision.kind)
    for story in {row.story for row in touched if row.story is not None and killer and row.killed_by == killer}:
        stories.take_back_kill(connection, story)
        touched += placements.of_stories(connection, [story])
    if decision.kind == "notice":
        # the entry that was taken for one, and what it withdrew
        placements.restore(connection, {row.id for row in touched if row.withdrawn})
    placements.mark_pending(connection, {row.id for row in touched if not row.withdrawn})
    return number


def decide(store: Database, config: Config, action: Action, now: datetime) -> DecisionResult:
    """Record one decision and settle what it touches, without polling; raise UsageError where it makes no sense."""
    done = decide_all(store, config, [action], now)
    (outcome,) = done.outcomes
    if isinstance(outcome, UsageError):
        raise outcome
    return DecisionResult(number=outcome, settled=done.settled)


def decide_all(store: Database, config: Config, actions: Sequence[Action], now: datetime) -> BatchResult:
    """Record decisions in one transaction and settle what they touch; one that makes no sense costs no other."""

    def record(connection: Connection) -> tuple[list[int | UsageError], str]:
        identity = config.identity or database.get_value(connection, "identity")
        if identity is None:
            raise UsageError("this hub has never run: there is nothing to decide about")
        locks.take(connection, locks.SETTLE)
        return [_outcome(action, connection) for action in actions], identity

    outcomes, identity = store.transact(record)
    settler = Settler(rules_of(config, identity))
    settled: list[SettleResult] = []
    while any(isinstance(outcome, int) for outcome in outcomes):
        part = store.transact(lambda connection: settler.settle(connection, now))
        if part.locked:
            sleep(RETRY_SECONDS)
            continue
        if not part.copies:
            break
        settled.append(part)
    return BatchResult(outcomes=tuple(outcomes), settled=tuple(settled))


def _outcome(action: Action, connection: Connection) -> int | UsageError:
    try:
        return action(connection)
    except UsageError as error:
        return error


def _say(
    connection: Connection,
    kind: decisions.DecisionKind,
    left: Sequence[StoredCopy],
    right: Sequence[StoredCopy],
    reason: str | None,
    now: datetime,
    by: str | None,
) -> int:
    placements.mark_pending(connection, [stored.id for stored in (*left, *right)])
    return decisions.add(connection, kind, _keys(left), _keys(right), now=now, by=by, reason=reason)


def _keys(rows: Sequence[StoredCopy]) -> list[EntryKey]:
    return [row.copy.key for row in rows]


def _story(connection: Connection, name: Name) -> StoryRow:
    """Find the live story of this name, or the one that an entry of this name is in.

    Raise UsageError where there is none.
    """
    row = find_story(connection, name) if isinstance(name, str) else None
    while row is not None and row.state == "joined" and row.successor is not None:
        (row,) = stories.by_ids(connection, [row.successor])
    if row is None:
        numbers = {copy.story for copy in _entries(connection, name)}
        if len(numbers) > 1:
            raise UsageError(f"{name}: entries of {len(numbers)} stories are called so; write SOURCE GUID")
        rows = stories.by_ids(connection, [number for number in numbers if number is not None])
        row = rows[0] if rows else None
    if row is None:
        raise UsageError(f"{name}: no story or entry of this hub")
    if row.state != "live":
        raise UsageError(f"{name}: this story is no more: {row.reason}")
    return row


def _members(connection: Connection, name: Name) -> list[StoredCopy]:
    return placements.of_stories(connection, [_story(connection, name).id])


def _entries(connection: Connection, name: Name) -> list[StoredCopy]:
    named = find_copies(connection, name) if isinstance(name, str) else placements.by_ids(connection, [name])
    return [stored for stored in named if stored.story is not None and not stored.withdrawn]


def _entry(connection: Connection, row: StoryRow, name: Name) -> list[StoredCopy]:
    entries = [stored for stored in _entries(connection, name) if stored.story == row.id]
    if not entries:
        raise UsageError(f"{name}: no entry of the story {row.tag}; write SOURCE GUID")
    return entries
