"""`feedhub explain --items`: the same over a file of items, without a store."""

from __future__ import annotations

from rich.markup import escape

from feedhub.cli.console import print_json
from feedhub.cli.console import stdout as stdout
from feedhub.cli.item_input import item_input
from feedhub.cli.match_output import match_json, pair_json, print_match, print_pair
from feedhub.errors import UsageError
from feedhub.match import Replay
from feedhub.model import MatchWindows

#: verdicts shown for one item
MOST = 12


def run(
    path: str, first: str, second: str | None, *, asked: str | None = None, columns: str | None = None, as_json: bool
) -> int:
    """Explain two items of a file, or one against all others; 3 where some lines could not be used."""
    with item_input(path, asked, columns) as reader:
        replay = Replay(reader, MatchWindows())
    try:
        _explain(path, replay, first, second, as_json=as_json)
    finally:
        replay.close()
    return reader.exit_code


def _explain(path: str, replay: Replay, first: str, second: str | None, *, as_json: bool) -> None:
    for name in filter(None, (first, second)):
        if name not in replay:
            raise UsageError(f"{path}: no item has the id {name}")
    if second is not None:
        _two(replay, first, second, as_json=as_json)
        return
    nearest = replay.nearest(first)
    if as_json:
        print_json([match_json(match) for match in nearest])
        return
    stdout().print(escape(f"{first}: {replay.item(first).copy.title}"))
    _print_place(replay, first)
    for match in nearest[:MOST]:
        print_match(stdout(), match)
    if not nearest:
        stdout().print("  shares nothing with any other item")


def _two(replay: Replay, first: str, second: str, *, as_json: bool) -> None:
    made = replay.explain(first, second)
    if as_json:
        print_json({**pair_json(made), "stories": {name: replay.row(name).story for name in (first, second)}})
        return
    print_pair(stdout(), made)
    for name in (first, second):
        _print_place(replay, name)


def _print_place(replay: Replay, name: str) -> None:
    row = replay.row(name)
    why = f", {row.relation} of {row.matched}: {row.ground}" if row.matched else ""
    stdout().print(escape(f"  dedupe puts {name} into the story of {row.story}{why}"))
