"""What a person does about a source without its configuration: pause it, poll it now, forget what it repeats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from feedhub.errors import UsageError
from feedhub.store import Connection, claims, remarks, source_pauses, verdicts

#: does one of these and returns a sentence of what was done; raises UsageError before it writes anything
SourceAction = Callable[..., str]


def pause(connection: Connection, name: str, *, now: datetime, by: str | None = None, reason: str | None = None) -> str:
    """Have a source not be polled until somebody resumes it."""
    _row(connection, name)
    if not source_pauses.begin(connection, name, now=now, by=by, reason=reason):
        raise UsageError(f"{name}: is paused already")
    return f"{name} is paused: it is not polled until it is resumed; its entries stay."


def resume(
    connection: Connection, name: str, *, now: datetime, by: str | None = None, reason: str | None = None
) -> str:
    """Have a paused source be polled again."""
    _row(connection, name)
    if not source_pauses.end(connection, name, now=now, by=by):
        raise UsageError(f"{name}: is not paused")
    return f"{name} is polled again."


def poll_now(
    connection: Connection, name: str, *, now: datetime, by: str | None = None, reason: str | None = None
) -> str:
    """Have a source polled in the next round, where nothing forbids it."""
    row = _row(connection, name)
    if name in source_pauses.in_force(connection):
        raise UsageError(f"{name}: is paused; resume it first")
    if row.state is not None and row.state.stopped:
        raise UsageError(f"{name}: is polled no more: {row.state.stopped}")
    if row.state is not None and row.state.paused_until is not None and row.state.paused_until > now:
        raise UsageError(f"{name}: its server asks to be left alone until {row.state.paused_until:%-d %B, %H:%M} UTC")
    claims.make_due(connection, name, now)
    return f"{name} is due: the hub that runs polls it at once, else the next round does."


def forget_furniture(
    connection: Connection, name: str, *, now: datetime, by: str | None = None, reason: str | None = None
) -> str:
    """Have the matcher forget what a source repeats; who did so stands among the source's remarks."""
    if not verdicts.forget_furniture(connection, name):
        raise UsageError(f"{name}: the matcher knows of nothing that this source repeats")
    line = f"{now:%Y-%m-%d %H:%M}: what it repeats was forgotten by {by or 'somebody'}"
    remarks.add(connection, name, [f"{line}: {reason}" if reason else line], now)
    return f"What {name} repeats is forgotten; entries that come show it again, and it is learned again."


ACTIONS: dict[str, SourceAction] = {
    "pause": pause,
    "resume": resume,
    "poll": poll_now,
    "forget-furniture": forget_furniture,
}


def _row(connection: Connection, name: str) -> claims.SourceRow:
    row = next((each for each in claims.sources(connection) if each.id == name), None)
    if row is None or not row.configured:
        raise UsageError(f"{name}: no source of this hub; `feedhub sources list` shows them")
    return row
