"""`feedhub labels export` and `import`: the labels in the database as lines of `pairs.jsonl`."""

from __future__ import annotations

import json
from pathlib import Path

from feedhub.admin.pair_labelling import export_lines, import_lines
from feedhub.cli.console import print_json, print_message
from feedhub.cli.dedupe import writing
from feedhub.cli.item_input import MOST_REPORTED, read_items
from feedhub.cli.operator_name import operator_name
from feedhub.cli.steady_clock import clock_of
from feedhub.cli.story_output import open_hub
from feedhub.store import pair_labels


def export(path: Path, file: str, *, items: str | None, by: str | None) -> int:
    """Write the labels, and with `items` what the labelled entries say."""
    _, store = open_hub(path, quiet=file == "-")
    try:
        with store.read() as connection:
            lines = list(export_lines(connection, by))
            entries = pair_labels.entries(connection) if items is not None else {}
    finally:
        store.close()
    with writing(file, "FILE") as out:
        out.writelines(f"{line}\n".encode() for line in lines)
    if items is not None:
        with writing(items, "--items") as out:
            out.writelines(f"{json.dumps(each, ensure_ascii=False)}\n".encode() for each in entries.values())
    if file != "-":
        also = f", {len(entries):,} entries to {items}" if items is not None else ""
        print_message(f"{len(lines):,} pairs written to {file}{also}")
    return 0


def bring_in(path: Path, file: str, *, who: str | None, as_json: bool, now: str | None) -> int:
    """Keep the labels of a file; 3 where some lines could not be used, 4 where none could."""
    by, at = operator_name(who), clock_of(now)()
    rows = read_items(file).split(b"\n")
    _, store = open_hub(path, quiet=as_json)
    try:
        done = store.transact(lambda connection: import_lines(connection, rows, file, by=by, now=at))
    finally:
        store.close()
    if as_json:
        print_json({"labels": done.labels, "refused": list(done.refused)})
    else:
        for line in done.refused[:MOST_REPORTED]:
            print_message(line)
        print_message(f"{done.labels:,} labels kept, {len(done.refused):,} lines refused")
    return 0 if not done.refused else 3 if done.labels else 4
