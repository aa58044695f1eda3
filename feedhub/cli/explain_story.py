"""`feedhub explain` over a hub's store: why these are one story, and what nearly was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from feedhub.admin import explain
from feedhub.admin.decision_lines import decision_json, decision_line
from feedhub.admin.explain import Account
from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_json
from feedhub.cli.console import stdout as stdout
from feedhub.cli.match_output import match_json, pair_json, print_match, print_pair
from feedhub.config import Config
from feedhub.errors import UsageError
from feedhub.model import MatchWindows
from feedhub.store import Connection, Database, placements, stories
from feedhub.store.entry_failures import FailedEntry
from feedhub.store.placements import StoredCopy

#: near misses shown to a person
MOST_NEAR = 12


def run(path: Path, first: str, second: str | None, *, as_json: bool) -> int:
    """Explain a story or an entry, or two of them against each other."""
    config = read_config(path, quiet=as_json)
    store = Database.open(config.database)
    try:
        with store.read() as connection:
            if second is None:
                _one(connection, first, as_json=as_json)
            else:
                _two(connection, config, first, second, as_json=as_json)
    finally:
        store.close()
    return 0


def _one(connection: Connection, name: str, *, as_json: bool) -> None:
    row = explain.find_story(connection, name)
    if row is None:
        entries = explain.find_copies(connection, name)
        placed = [entry.story for entry in entries if entry.story is not None]
        if not placed:
            return _unplaced(connection, name, entries, as_json=as_json)
        row = stories.by_ids(connection, placed[:1])[0]
    account, failed = explain.account(connection, row), explain.find_failed(connection, name)
    if as_json:
        print_json(_account_json(account) | ({"failed": [_failed_json(each) for each in failed]} if failed else {}))
    else:
        _print(stdout(), account)
        _print_failed(failed, "stays as it was")


def _unplaced(connection: Connection, name: str, entries: Sequence[StoredCopy], *, as_json: bool) -> None:
    """Explain entries that are in no story: a kill notice that killed nothing, or what waits to be settled."""
    if not entries and (left_out := explain.find_excluded(connection, name)):
        if as_json:
            rows = [{"source": e.key.source, "guid": e.key.guid, "left_out": e.ground} for e in left_out]
            print_json({"entries": rows, "story": None, "decisions": []})
        for one in [] if as_json else left_out:
            stdout().print(escape(f"{one.key} is left out by its source (`exclude`): {one.ground}"))
        return
    if not entries and (failed := explain.find_failed(connection, name)):
        if as_json:
            print_json({"entries": [_failed_json(each) for each in failed], "story": None, "decisions": []})
        else:
            _print_failed(failed, "is left out")
        return
    if not entries:
        raise UsageError(f"{name}: no story, entry or article page of this hub")
    made = explain.entry_decisions(connection, entries)
    if as_json:
        names = [{"source": entry.copy.key.source, "guid": entry.copy.key.guid} for entry in entries]
        print_json({"entries": names, "story": None, "decisions": [decision_json(each) for each in made]})
        return
    for entry in entries:
        why = "taken for a kill notice" if entry.withdrawn else "waits to be settled"
        stdout().print(escape(f"{entry.copy.key} is in no story: {why}"))
    for each in made:
        stdout().print(escape(f"  {decision_line(each)}"))


def _failed_json(entry: FailedEntry) -> dict[str, str]:
    return {"source": entry.key.source, "guid": entry.key.guid, "failed": entry.reason}


def _print_failed(entries: Sequence[FailedEntry], effect: str) -> None:
    for one in entries:
        stdout().print(escape(f"{one.key} {effect}, cleaning or recording failed at it: {one.reason}"))


def _two(connection: Connection, config: Config, first: str, second: str, *, as_json: bool) -> None:
    left, right = explain.nearest(_copies(connection, first), _copies(connection, second))
    explanation = explain.compare(
        connection, left, right, MatchWindows(window=config.match.window, revision=config.match.revision)
    )
    if as_json:
        print_json(pair_json(explanation))
        return
    together = "in one story" if left.story == right.story else "in two stories"
    stdout().print(escape(f"{left.copy.key} and {right.copy.key} are {together}"))
    print_pair(stdout(), explanation)


def _copies(connection: Connection, name: str) -> list[StoredCopy]:
    row = explain.find_story(connection, name)
    found = placements.of_stories(connection, [row.id]) if row else explain.find_copies(connection, name)
    if not found:
        raise UsageError(f"{name}: no story, entry or article page of this hub")
    return found


def _account_json(account: Account) -> dict[str, Any]:
    row, body = account.story, account.story.body
    return {
        "id": row.tag,
        "state": row.state,
        "title": body.title if body else None,
        "founder": {"source": row.founder.source, "guid": row.founder.guid},
        "copies": [
            {
                "source": c.key.source,
                "guid": c.key.guid,
                "canonical": body is not None and c.key == body.canonical,
                "relation": c.relation.value,
                "score": c.score,
                "ground": c.ground,
            }
            for c in (body.copies if body else ())
        ],
        "verdicts": [match_json(match) for match in account.inside],
        "near_misses": [match_json(match) for match in account.near],
        "decisions": [decision_json(word) for word in account.decisions],
        "left_out": dict(account.left_out),
        "removed": [
            {"source": member.copy.key.source, "guid": member.copy.key.guid, "rule": rule, "text": text}
            for member in account.members
            for rule, text in member.copy.removed
        ],
        "versions": [
            {"at": v.at, "source": v.key.source, "mark": v.mark, "title": v.title, "correction": v.correction}
            for v in account.versions
        ],
    }


def _print(console: Console, account: Account) -> None:
    row, body = account.story, account.story.body
    console.print(f"[bold]{escape(body.title if body else row.tag)}[/]")
    console.print(escape(f"{row.tag} ({row.state}), founded by {row.founder}"))
    if body is not None:
        for copy in body.copies:
            mark = "=" if copy.key == body.canonical else "+"
            score = "" if copy.score is None else f"{copy.score:.2f}"
            console.print(escape(f"  {mark} {copy.name:<28.28} {copy.relation.value:<9} {score:>4}  {copy.ground}"))
    if len(account.versions) > 1:
        console.print("\n[bold]What it said[/]")
        for version in account.versions:
            said = " ".join(filter(None, (version.mark, version.title, version.correction)))
            console.print(escape(f"  {version.at:%Y-%m-%d %H:%M} {version.name:<28.28} {said}"))
    for output, ground in account.left_out.items():
        console.print(escape(f"left out of the output {output} (`exclude`): {ground}"))
    if account.decisions:
        console.print("\n[bold]What was decided[/]")
        for word in account.decisions:
            console.print(escape(f"  {decision_line(word)}"))
    removed = [(member.copy, line) for member in account.members for line in member.copy.removed]
    if removed:
        console.print("\n[bold]What was taken for furniture[/]")
        for origin, (rule, text) in removed:
            console.print(escape(f"  {origin.outlet:<28.28} {rule}: {text}"))
    if account.inside:
        console.print("\n[bold]Decisions between its copies[/]")
        for match in account.inside:
            print_match(console, match)
    if account.near:
        console.print("\n[bold]What nearly was[/]")
        for match in account.near[:MOST_NEAR]:
            print_match(console, match)
        if len(account.near) > MOST_NEAR:
            console.print(f"  … and {len(account.near) - MOST_NEAR} more; --json prints all")
