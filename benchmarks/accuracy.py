"""Merge quality on folders of judged pairs: `benchmarks/accuracy.py FOLDER [SET ...] [--errors | --sensitivity]`.

A set is a folder with items.jsonl ({id, title, summary, text, source, published, url, lang}) and pairs.jsonl
({a, b, label, kind, basis}). Every set is matched as one stream, by the path of `feedhub dedupe`, in each view that
suits it, and the pairs are read off the resulting stories. Gold pairs were judged one by one, the others by a rule.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sensitivity

from feedhub.items import copies
from feedhub.match import match_stream

LEAD = 40
HEADER = f"{'set':10}{'view':9}{'gold: false':>14}{'missed':>9}{'rule: merged':>15}{'found':>9}{'us/item':>9}"

Item = dict[str, Any]


def view(item: Item, name: str) -> Item:
    """An item as a feed would give it in this view."""
    body = item.get("text") or item.get("summary") or ""
    half = int(hashlib.sha1((item.get("source") or item["id"]).encode()).hexdigest(), 16) % 2 == 0
    if name == "lead40" or (name == "mixed" and half):
        return item | {"summary": " ".join(body.split()[:LEAD]), "text": None}
    return item | {"text": None} if name == "summary" else item


def views(path: Path) -> tuple[str, ...]:
    """The views that suit a set: by what most of its items have."""
    has: Counter[str] = Counter()
    total = 0
    for item in rows(path):
        total += 1
        has.update(name for name in ("text", "summary") if item.get(name))
    if not has["text"]:
        return ("lead40",)
    both = min(2 * has["text"], 2 * has["summary"]) > total
    return ("full", "lead40", "mixed", "summary") if both else ("full",)


def rows(path: Path) -> Iterator[Item]:
    """The objects of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, filter(str.strip, lines))


def measure(folder: Path, name: str, errors: bool) -> str:
    """One line of the table, with the wrong pairs below it if wanted."""
    items = [view(item, name) for item in rows(folder / "items.jsonl")]
    started = time.process_time()
    story = {row.id: row.story for row in match_stream(copies(items))}
    spent = 1e6 * (time.process_time() - started) / max(1, len(items))
    count: Counter[tuple[bool, int, bool]] = Counter()
    wrong = []
    for pair in rows(folder / "pairs.jsonl"):
        if pair["label"] not in (0, 1) or pair["a"] not in story or pair["b"] not in story:
            continue
        merged = story[pair["a"]] == story[pair["b"]]
        count[pair["basis"].startswith(("gold", "implied")), pair["label"], merged] += 1
        if merged != bool(pair["label"]):
            wrong.append(f"    {'merged' if merged else 'missed'} {pair['a']} {pair['b']} {pair['kind']}")
    line = f"{folder.name:10}{name:9}"
    columns = ((True, 0, True, 14), (True, 1, False, 9), (False, 0, True, 15), (False, 1, True, 9))
    for gold, label, together, width in columns:
        shown = f"{count[gold, label, together]}/{count[gold, label, True] + count[gold, label, False]}"
        line += f"{shown:>{width}}"
    return "\n".join([f"{line}{spent:9.0f}", *(wrong if errors else ())])


def main() -> None:
    """Print the table for all sets of a folder, or those named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--errors", action="store_true", help="list the pairs that were judged otherwise")
    parser.add_argument("--sensitivity", action="store_true", help="move every number of the judge by a tenth instead")
    given = parser.parse_args()
    chosen = [
        (path.parent, name)
        for path in sorted(given.folder.glob("*/pairs.jsonl"))
        if not given.sets or path.parent.name in given.sets
        for name in views(path.parent / "items.jsonl")
    ]
    if given.sensitivity:
        sensitivity.hold_everything()
        for line in sensitivity.report(kept(folder, name) for folder, name in chosen):
            print(line, flush=True)
        return
    print(HEADER)
    for folder, name in chosen:
        print(measure(folder, name, given.errors), flush=True)


def kept(folder: Path, name: str) -> sensitivity.Kept:
    """A set in one view, ready to be counted again and again."""
    made = copies(view(item, name) for item in rows(folder / "items.jsonl"))
    pairs = [
        (pair["a"], pair["b"], pair["label"], pair["basis"].startswith(("gold", "implied")))
        for pair in rows(folder / "pairs.jsonl")
        if pair["label"] in (0, 1)
    ]
    return sensitivity.Kept(f"{folder.name} {name}", made, pairs)


if __name__ == "__main__":
    main()
