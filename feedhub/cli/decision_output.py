"""A person's word on the command line: what `merge`, `split`, `pin`, `never`, `kill`, `forget`, `decisions` do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rich.markup import escape

from feedhub.admin import decide
from feedhub.admin.decision_lines import decision_json, decision_line, names, state
from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_json, set_up_log, table
from feedhub.cli.console import stdout as stdout
from feedhub.cli.item_input import read_items
from feedhub.cli.operator_name import operator_name
from feedhub.cli.steady_clock import clock_of
from feedhub.config import Config
from feedhub.errors import UsageError
from feedhub.store import Connection, Database, decisions
from feedhub.store.decisions import Decision
from feedhub.structured_log import structlog

log = structlog.get_logger("feedhub.decisions")

_ACTIONS: Mapping[str, Callable[..., int]] = {
    "merge": decide.merge,
    "split": decide.split,
    "split --all": decide.split_all,
    "pin": decide.pin,
    "never": decide.never,
    "kill": decide.kill,
    "forget": decide.forget,
}


def run(
    path: Path, word: str, names: Sequence[object], more: Mapping[str, str | None], *, as_json: bool, now: str | None
) -> int:
    """Record a decision, settle what it touches, and print what came of it."""
    more = {**more, "by": operator_name(more["by"])}
    clock = clock_of(now)
    config, store = _open(path, quiet=as_json)
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


def run_file(
    path: Path, word: str, file: str, more: Mapping[str, str | None], *, as_json: bool, now: str | None
) -> int:
    """Record a decision for every line of a file, settle what they touch, and print what came of each.

    3 where some lines make no sense, 4 where all do; the others are recorded.
    """
    lines = list(_lines(file))
    more = {**more, "by": operator_name(more["by"])}
    clock = clock_of(now)
    config, store = _open(path, quiet=as_json)
    try:
        at = clock()
        actions = [_action(word, names, more, at) for _, names in lines]
        done = decide.decide_all(store, config, actions, at)
        with store.read() as connection:
            made = [decisions.by_id(connection, each) if isinstance(each, int) else each for each in done.outcomes]
    finally:
        store.close()
    set_up_log()
    results = []
    for (line, _), each in zip(lines, made, strict=True):
        if isinstance(each, Decision):
            log.info("decision", number=each.id, kind=each.kind)
            results.append({"line": line, "decision": decision_json(each), "error": None})
        else:
            results.append({"line": line, "decision": None, "error": str(each)})
            log.error("line refused", where=f"{file}:{line}", reason=str(each))
    if as_json:
        print_json(results)
    else:
        for each in made:
            if isinstance(each, Decision):
                stdout().print(escape(decision_line(each)))
    failed = sum(1 for result in results if result["error"] is not None)
    return 0 if not failed else 4 if failed == len(results) else 3


def _action(word: str, names: Sequence[str], more: Mapping[str, str | None], now: datetime) -> decide.Action:
    def act(connection: Connection) -> int:
        if word in ("merge", "never"):
            if len(names) != 2:
                raise UsageError(f"expected two names with a tab between them, got {len(names)}")
            return _ACTIONS[word](connection, *names, now=now, **more)
        if len(names) < 2:
            raise UsageError("expected a story and its entries with tabs between them")
        return decide.split(connection, names[0], names[1:], now=now, reason=more["reason"], by=more["by"])

    return act


def _lines(file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a file that say something, `-` is stdin: their numbers, and their names between tabs."""
    try:
        text = read_items(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, [name.strip() for name in line.split("\t") if name.strip()]


def run_listing(path: Path, *, as_json: bool) -> int:
    """Print every decision ever made, those taken back too."""
    _, store = _open(path, quiet=as_json)
    try:
        with store.read() as connection:
            found = decisions.all_decisions(connection)
    finally:
        store.close()
    if as_json:
        print_json([decision_json(word) for word in found])
    else:
        rows = [
            (w.id, f"{w.decided_at:%Y-%m-%d %H:%M}", w.kind, names(w.left), names(w.right), state(w)) for w in found
        ]
        stdout().print(table("Decisions", ("number", "at", "kind", "entries", "and", "state"), rows, right=(0,)))
    return 0


def _open(path: Path, *, quiet: bool) -> tuple[Config, Database]:
    config = read_config(path, quiet=quiet)
    if Database.is_missing(config.database):
        raise UsageError(f"{config.database}: no hub has run here yet")
    return config, Database.open(config.database)
