"""`feedhub explain --items`: the same over a file of items, without a store."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape

from feedhub.cli.console import print_json
from feedhub.cli.console import stdout as stdout
from feedhub.cli.dedupe import ItemLines, open_items
from feedhub.cli.match_output import match_json, pair_json, print_match, print_pair
from feedhub.errors import UsageError
from feedhub.match import Furniture, Prepared, explain_pair, judge, learn, prepare
from feedhub.model import MatchWindows, Verdict

WINDOWS = MatchWindows()
#: verdicts shown for one item
MOST = 12


def run(path: Path, first: str, second: str | None, *, as_json: bool) -> int:
    """Explain two items of a file, or one against all others; 3 where some lines could not be used."""
    with open_items(str(path)) as file:
        reader = ItemLines(file, str(path))
        items = {copy.key.guid: prepare(copy) for copy in reader}
    for name in filter(None, (first, second)):
        if name not in items:
            raise UsageError(f"{path}: no item has the id {name}")
    furniture = learn(items.values())
    if second is not None:
        made = explain_pair(items[first], items[second], furniture, WINDOWS)
        if as_json:
            print_json(pair_json(made))
        else:
            print_pair(stdout(), made)
        return reader.exit_code
    found = _nearest(items[first], items, furniture)
    if as_json:
        print_json([match_json(match) for match in found])
        return reader.exit_code
    stdout().print(escape(f"{first}: {items[first].copy.title}"))
    for match in found[:MOST]:
        print_match(stdout(), match)
    if not found:
        stdout().print("  shares nothing with any other item")
    return reader.exit_code


def _nearest(item: Prepared, items: dict[str, Prepared], furniture: Furniture) -> list[Verdict]:
    """Return what merges with an item, then what came nearest."""
    verdicts = [judge(item, other, furniture, WINDOWS) for other in items.values() if other is not item]
    worth = [match for match in verdicts if match.merged or match.shared_words > 0]
    return sorted(worth, key=lambda match: (not match.merged, match.threshold - match.score, match.right))
