"""`feedhub explain --items`: the same over a file of items, without a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.markup import escape

from feedhub.cli.console import out as stdout
from feedhub.cli.console import print_json
from feedhub.cli.sides import match_json, pair_json, tell_match, tell_pair
from feedhub.errors import UsageError
from feedhub.items import BadItem, copies
from feedhub.match import Furniture, Prepared, explain_pair, judge, learn, prepare
from feedhub.model import Match

WINDOW, REVISION = timedelta(hours=72), timedelta(hours=24)
#: verdicts shown for one item
MOST = 12


def run(path: Path, first: str, second: str | None, *, as_json: bool) -> int:
    """Explain two items of a file, or one against all others."""
    items = {item.key.guid: item for item in _read(path)}
    for name in filter(None, (first, second)):
        if name not in items:
            raise UsageError(f"{path}: no item has the id {name}")
    furniture = learn(items.values())
    if second is not None:
        made = explain_pair(items[first], items[second], furniture, window=WINDOW, revision_window=REVISION)
        if as_json:
            print_json(pair_json(made))
        else:
            tell_pair(stdout(), made)
        return 0
    found = _nearest(items[first], items, furniture)
    if as_json:
        print_json([match_json(match) for match in found])
        return 0
    stdout().print(escape(f"{first}: {items[first].copy.title}"))
    for match in found[:MOST]:
        tell_match(stdout(), match)
    if not found:
        stdout().print("  shares nothing with any other item")
    return 0


def _nearest(item: Prepared, items: dict[str, Prepared], furniture: Furniture) -> list[Match]:
    """What merges with an item, then what came nearest."""
    verdicts = [
        judge(item, other, furniture, window=WINDOW, revision_window=REVISION)
        for other in items.values()
        if other is not item
    ]
    worth = [match for match in verdicts if match.merged or match.shared_words > 0]
    return sorted(worth, key=lambda match: (not match.merged, match.threshold - match.score, match.right))


def _read(path: Path) -> Iterator[Prepared]:
    def parsed() -> Iterator[dict[str, Any]]:
        try:
            with path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        yield _object(path, number, line)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror or error}") from error

    try:
        for copy in copies(parsed()):
            yield prepare(copy)
    except BadItem as error:
        raise UsageError(f"{path}: {error}") from error


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{path}:{number}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path}:{number}: expected a JSON object")
    return found
