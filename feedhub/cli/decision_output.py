"""A person's word on the command line: what `merge`, `split`, `pin`, `never`, `kill`, `forget`, `decisions` do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from rich.markup import escape

from feedhub.admin import decide
from feedhub.cli.console import print_json, set_up_log, table
from feedhub.cli.console import stdout as stdout
from feedhub.cli.steady_clock import clock_of
from feedhub.config import Config, load
from feedhub.errors import UsageError
from feedhub.store import Database, decisions
from feedhub.store.decisions import Decision

log = structlog.get_logger("feedhub.decisions")

_ACTIONS: Mapping[str, Callable[..., int]] = {
    "merge": decide.merge,
    "split": decide.split,
    "pin": decide.pin,
    "never": decide.never,
    "kill": decide.kill,
    "forget": decide.forget,
}
#: entries of a decision that a line names
_MOST_NAMED = 3
_PHRASES = {
    "merge": "are one story with",
    "split": "are not in the story of",
    "never": "are never one story with",
    "pin": "speaks for its story",
    "kill": "killed",
    "notice": "is a kill notice",
    "parted": "were parted for good from",
}


def run(
    path: Path, word: str, names: Sequence[object], more: Mapping[str, object], *, as_json: bool, now: str | None
) -> int:
    """Record a decision, settle what it touches, and print what came of it."""
    clock = clock_of(now)
    config, store = _open(path)
    try:
        at = clock()
        done = decide.decide(store, config, lambda connection: _ACTIONS[word](connection, *names, now=at, **more), at)
        with store.read() as connection:
            kept = decisions.by_id(connection, done.number)
    finally:
        store.close()
    assert kept is not None
    set_up_log()
    log.info("decision" if kept.revoked_at is None else "decision taken back", number=kept.id, kind=kept.kind)
    changed = [now for part in done.settled for now, _ in part.changed]
    joined = [pair for part in done.settled for pair in part.joined]
    if as_json:
        stories = [{"id": story.id, "title": story.title, "copies": len(story.copies)} for story in changed]
        print_json(
            {"decision": decision_json(kept), "stories": stories, "joined": [{"id": a, "into": b} for a, b in joined]}
        )
        return 0
    stdout().print(escape(decision_line(kept)))
    for story in changed:
        stdout().print(escape(f"  {story.id} {story.title} ({len(story.copies)} copies)"))
    return 0


def run_listing(path: Path, *, as_json: bool) -> int:
    """Print every decision ever made, those taken back too."""
    _, store = _open(path)
    try:
        with store.read() as connection:
            found = decisions.all_decisions(connection)
    finally:
        store.close()
    if as_json:
        print_json([decision_json(word) for word in found])
    else:
        rows = [
            (w.id, f"{w.decided_at:%Y-%m-%d %H:%M}", w.kind, _names(w.left), _names(w.right), _state(w)) for w in found
        ]
        stdout().print(table("Decisions", ("number", "at", "kind", "entries", "and", "state"), rows, right=(0,)))
    return 0


def decision_json(word: Decision) -> dict[str, Any]:
    """Turn a decision into JSON values."""
    return {
        "number": word.id,
        "kind": word.kind,
        "by": "hub" if word.kind in ("notice", "parted") else "person",
        "at": word.decided_at.isoformat(),
        "ended": None if word.revoked_at is None else word.revoked_at.isoformat(),
        "reason": word.reason,
        "left": [{"source": key.source, "guid": key.guid} for key in word.left],
        "right": [{"source": key.source, "guid": key.guid} for key in word.right],
    }


def decision_line(word: Decision) -> str:
    """Describe a decision in one line."""
    line = f"{word.id}. {word.decided_at:%Y-%m-%d %H:%M} {_names(word.left)} {_PHRASES[word.kind]}"
    if word.right:
        line += f" {'of ' if word.kind == 'notice' else ''}{_names(word.right)}"
    return line + (f" ({_state(word)})" if _state(word) else "")


def _state(word: Decision) -> str:
    ended = "" if word.revoked_at is None else f"taken back {word.revoked_at:%Y-%m-%d %H:%M}"
    return "; ".join(filter(None, (word.reason, ended)))


def _names(keys: tuple[Any, ...]) -> str:
    more = f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
    return ", ".join(str(key) for key in keys[:_MOST_NAMED]) + more


def _open(path: Path) -> tuple[Config, Database]:
    config = load(path)
    if Database.is_missing(config.database):
        raise UsageError(f"{config.database}: no hub has run here yet")
    return config, Database.open(config.database)
