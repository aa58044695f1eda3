"""`feedhub tune`: items and labels in, what the matcher gets right of them out, without any hub."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from msgspec import to_builtins

from feedhub.bounded_files import bounded_lines
from feedhub.cli.console import print_json, print_line, print_message, progress_bar, table
from feedhub.cli.console import stdout as stdout
from feedhub.cli.dedupe import writing
from feedhub.cli.item_input import item_input, open_items
from feedhub.errors import UsageError
from feedhub.item_fields import id_text
from feedhub.match import Replay
from feedhub.model import MatchWindows
from feedhub.tuning import Label, LabelReport, Share, check_pack, evaluate, pack_lines, read_labels

#: pairs named behind a line, proposals and rules shown
MOST_PAIRS, MOST_PROPOSALS = 6, 12


def run(items: str, labels: str, *, asked: str | None, columns: str | None, pack: str | None, as_json: bool) -> int:
    """Report on labels; 3 where some items could not be used. Raises UsageError for labels of no item."""
    with open_items(labels) as file:
        judged = read_labels(bounded_lines(file), labels)
    if not judged:
        raise UsageError(f"{labels}: no pair is judged 1 or 0")
    with item_input(items, asked, columns) as reader, progress_bar("reading", None, quiet=as_json) as bar:
        replay = Replay(reader, MatchWindows())
        try:
            missing = [n for label in judged for n in (label.a, label.b) if n not in replay]
            if missing:
                raise UsageError(
                    f"{labels}: no item of {items} has the id {missing[0][:100]} ({len(missing):,} missing)"
                )
            report = evaluate(judged, replay, bar.report)
        finally:
            replay.close()
    if pack is not None:
        _write_pack(pack, items, judged, asked, columns)
    if as_json:
        print_json(to_builtins(report))
    else:
        _print(report)
    return reader.exit_code


def check(pack: Path, *, as_json: bool) -> int:
    """Hold this version to a regression pack: 0 where nothing that was right is wrong, else 3."""
    with open_items(str(pack)) as file:
        result = check_pack(bounded_lines(file), str(pack))
    if as_json:
        print_json(to_builtins(result))
    else:
        for label in result.lost:
            print_line(f"lost: {_pair(label)} was {'one story' if label.is_same else 'two'}, now it is not")
        for label in result.gained:
            print_line(f"gained: {_pair(label)}")
        print_line(
            f"{result.pairs:,} pairs: {len(result.lost):,} lost, {len(result.gained):,} gained "
            f"since feedhub {result.version}"
        )
    return 3 if result.lost else 0


def _write_pack(pack: str, items: str, labels: Sequence[Label], asked: str | None, columns: str | None) -> None:
    if items == "-":
        raise UsageError("--pack: expected the name of a file of items, for they are read again")
    wanted = {name for label in labels for name in (label.a, label.b)}
    with item_input(items, asked, columns) as reader:
        some = [item for item in reader.items() if _is_wanted(item.get("id"), wanted)]
    with writing(pack, "--pack") as file:
        for line in pack_lines(some, labels, version("feedhub")):
            file.write(f"{line}\n".encode())
    print_message(f"{len(labels):,} pairs of {len(some):,} items written to {pack}")


def _is_wanted(value: object, wanted: set[str]) -> bool:
    try:
        return id_text(value)[0] in wanted
    except ValueError:
        return False


def _print(report: LabelReport) -> None:
    console = stdout()
    console.print(f"one story: {_share(report.recall)} found")
    console.print(f"two stories: {_share(report.false_merges)} merged all the same")
    rows = [(kind or "(none)", share.count, share.total, _interval(share)) for kind, share in report.kinds.items()]
    console.print(table("Right by kind", ("kind", "right", "of", "95 %"), rows, right=(1, 2)))
    rules = [(rule.name, len(rule.earns), len(rule.costs), _pairs(rule.costs)) for rule in report.rules]
    title = "Rules: pairs that are right only with them, and wrong only because of them"
    if rules:
        console.print(table(title, ("rule", "earns", "costs", "which"), rules, right=(1, 2)))
    made = [
        (p.change, len(p.mended), len(p.broken), _pairs(p.mended), _pairs(p.broken))
        for p in report.proposals[:MOST_PROPOSALS]
    ]
    columns = ("change", "mends", "breaks", "which it mends", "which it breaks")
    if made:
        console.print(table("Proposals, pair by pair", columns, made, right=(1, 2)))
    for what, labels in (("missed", report.missed), ("merged wrongly", report.wrong)):
        if labels:
            console.print(f"{what}: {_pairs(labels)}", markup=False)


def _share(share: Share) -> str:
    return f"{share.count:,} of {share.total:,} ({_interval(share)})"


def _interval(share: Share) -> str:
    return f"{100 * share.low:.0f} to {100 * share.high:.0f} %"


def _pairs(labels: Sequence[Label]) -> str:
    more = f" and {len(labels) - MOST_PAIRS} more" if len(labels) > MOST_PAIRS else ""
    return ", ".join(map(_pair, labels[:MOST_PAIRS])) + more


def _pair(label: Label) -> str:
    return f"{label.a}/{label.b}"
