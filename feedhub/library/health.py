"""How the hub does: the report, the numbers for a collector, and the troubles of its sources as a feed of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from feedhub.codec import load
from feedhub.library.shelf import Shelf
from feedhub.library.troubles import RECENT, troubles
from feedhub.publish import Notice, Notices, notices
from feedhub.serve import Number
from feedhub.sources import SourceState
from feedhub.store import Connection, claims, database, episodes, shown, stories
from feedhub.store.claims import SourceRow
from feedhub.store.episodes import Episode

#: how long a trouble that is over is still told
_TOLD = timedelta(days=7)
_TITLES = {
    "broken": "{name} is broken",
    "stopped": "{name} has stopped",
    "moved": "{name} has moved",
    "silent": "{name} is silent",
    "lost": "{name} has lost entries",
    "copies": "{name} has an odd share of copies",
}


def watch(connection: Connection, now: datetime) -> int:
    """Begin and end the episodes that the sources' states ask for; returns how many began or ended."""
    lasting = {(one.source, one.kind): one for one in episodes.known(connection, since=now) if one.until is None}
    intakes = episodes.intakes(connection, since=now - RECENT)
    found: set[tuple[str, str]] = set()
    begun = 0
    for row in claims.sources(connection):
        if not (row.configured and row.state):
            continue
        for trouble in troubles(load(SourceState, row.state), intakes.get(row.id), now):
            found.add((row.id, trouble.kind))
            if (row.id, trouble.kind) not in lasting:
                begun += 1
                episodes.begin(connection, row.id, trouble.kind, trouble.text, min(trouble.since, now))
    over = [one.id for key, one in lasting.items() if key not in found]
    if over:
        episodes.end(connection, over, now)
    episodes.forget(connection, now - 4 * _TOLD)
    return begun + len(over)


def health_feed(connection: Connection, shelf: Shelf, names: Mapping[str, str], now: datetime) -> bytes:
    """The troubles that last or were over lately, as Atom: an entry each, its id and dates those of the episode."""
    told = episodes.known(connection, since=now - _TOLD)
    born = database.value(connection, "born")
    latest = [one.until or one.since for one in told]
    return notices(
        Notices(
            id=f"tag:{shelf.identity}:health",
            title=f"{shelf.title}: health of the sources",
            author=shelf.title,
            home_url=f"{shelf.base_url}/health",
            feed_url=f"{shelf.base_url}/feeds/health.atom",
            updated=max(latest, default=datetime.fromisoformat(born) if born else now),
            items=tuple(_notice(shelf, names.get(one.source, one.source), one) for one in told),
        )
    )


def _notice(shelf: Shelf, name: str, one: Episode) -> Notice:
    title = _TITLES[one.kind].format(name=name)
    over = "" if one.until is None else f" Over since {one.until:%-d %B %Y, %H:%M} UTC."
    return Notice(
        id=f"tag:{shelf.identity}:health/{one.source}/{one.kind}/{one.id}",
        title=title if one.until is None else f"Over: {title}",
        text=f"{name} {one.text}.{over}",
        category=one.kind,
        published=one.since,
        updated=one.until or one.since,
    )


def report(connection: Connection, shelf: Shelf, now: datetime) -> dict[str, Any]:
    """The health report as JSON values."""
    copies, pending = episodes.copies(connection)
    lasting = [one for one in episodes.known(connection, since=now) if one.until is None]
    never = shown.never_shown(connection, now=now)
    return {
        "change": database.change_number(connection),
        "changed_at": database.changed_at(connection),
        "stories": stories.number(connection),
        "held": stories.held(connection, now),
        "copies": copies,
        "pending": pending,
        "outputs": [
            {
                "name": rule.name,
                "stories": shown.count(connection, rule.name, now=now),
                "never_shown": never.get(rule.name, 0),
            }
            for rule in shelf.rules
        ],
        "sources": [_source(row, now) for row in claims.sources(connection)],
        "troubles": [{"source": t.source, "kind": t.kind, "since": t.since, "text": t.text} for t in lasting],
    }


def _source(row: SourceRow, now: datetime) -> dict[str, Any]:
    state = load(SourceState, row.state) if row.state else None
    return {
        "source": row.id,
        "state": _standing(row, state),
        "last_ok": state and state.last_ok,
        "due_at": row.due_at,
        "late": max(0.0, (now - row.due_at).total_seconds()) if row.configured else 0.0,
        "failures": state.failures if state else 0,
        "remark": (state and (state.stopped or state.last_error)) or row.remark,
    }


def _standing(row: SourceRow, state: SourceState | None) -> str:
    if not row.configured:
        return "removed"
    if state is None:
        return "new"
    return "stopped" if state.stopped else "failing" if state.failures else "well"


def numbers(told: Mapping[str, Any]) -> Iterator[Number]:
    """A report as numbers; sources and outputs by their names, never an address."""
    for name, what in (
        ("stories", "Stories that live."),
        ("held", "Stories that wait for their agency's own copy."),
        ("copies", "Entries that are kept."),
        ("pending", "Entries that wait for a story."),
        ("change", "The number of the last change that subscribers could see."),
    ):
        yield Number(name=f"feedhub_{name}", help=what, value=float(told[name]))
    yield from _by("source", "feedhub_source_failures", "Failed polls in a row.", told["sources"], "failures")
    yield from _by("source", "feedhub_source_late_seconds", "How long a source is overdue.", told["sources"], "late")
    for row in told["sources"]:
        state = {"source": row["source"], "state": row["state"]}
        yield Number(name="feedhub_source_state", help="1 for the state that it is in.", labels=state, value=1.0)
        if row["last_ok"]:
            label = {"source": row["source"]}
            when = row["last_ok"].timestamp()
            yield Number(name="feedhub_source_last_ok_seconds", help="When it last did well.", labels=label, value=when)
    yield from _by("output", "feedhub_output_stories", "Stories in an output.", told["outputs"], "stories")
    what = "Stories that an output's limits have kept out since they entered."
    yield from _by("output", "feedhub_output_never_shown", what, told["outputs"], "never_shown")
    for trouble in told["troubles"]:
        label = {"source": trouble["source"], "kind": trouble["kind"]}
        yield Number(name="feedhub_source_trouble", help="1 while a trouble lasts.", labels=label, value=1.0)


def _by(label: str, name: str, what: str, rows: Sequence[Mapping[str, Any]], key: str) -> Iterator[Number]:
    own = "source" if label == "source" else "name"
    return (Number(name=name, help=what, labels={label: row[own]}, value=float(row[key])) for row in rows)
