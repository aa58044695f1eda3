"""Labels held against the matcher: what is right, what each rule does, what would flip, and packs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import Desk
from comparing import FERRY, OTHER_FERRY

import feedhub
from feedhub.items import copies
from feedhub.match import Replay
from feedhub.model import MatchWindows
from feedhub.tuning import Label, check_pack, evaluate, pack_lines, read_labels, wilson


def dated(name: str, source: str, title: str, text: str, hour: int = 12) -> dict[str, Any]:
    when = f"2031-05-06T{hour:02}:00:00Z"
    return {"id": name, "source": source, "title": title, "text": text, "published": when}


MINUTES = "The gunman shot dead three people in a bank in {} on Tuesday and fled on a bicycle, the police said there."
ITEMS = [
    dated("a", "north", "Ferry sinks on lake", "\n".join(FERRY)),
    dated("b", "south", "Ferry lost in wind", "\n".join(FERRY[:4])),
    dated("c", "east", "Boat lost", "\n".join(OTHER_FERRY)),
    dated("d", "north", "Gunman kills three in Tolvik bank", MINUTES.format("Tolvik")),
    dated("e", "south", "Gunman kills three in Harsund bank", MINUTES.format("Harsund")),
]
LABELS = [
    Label(a="a", b="b", is_same=True, kind="copy"),
    Label(a="a", b="c", is_same=False, kind="same_event"),
    Label(a="d", b="e", is_same=False, kind="template"),
    Label(a="c", b="d", is_same=True, kind="wrong label"),
]


def lines(*rows: Any) -> list[bytes]:
    return [f"{json.dumps(row)}\n".encode() for row in rows]


def row(label: Label) -> dict[str, Any]:
    return {"a": label.a, "b": label.b, "label": int(label.is_same), "kind": label.kind}


def test_a_report_counts_by_story_and_by_kind_and_knows_what_each_rule_does() -> None:
    replay = Replay(copies(ITEMS), MatchWindows())
    try:
        report = evaluate(LABELS, replay)
    finally:
        replay.close()
    assert (report.recall.count, report.recall.total, report.false_merges.count) == (1, 2, 0)
    assert report.missed == (LABELS[3],)
    assert {kind: (share.count, share.total) for kind, share in report.kinds.items()} == {
        "copy": (1, 1),
        "same_event": (1, 1),
        "template": (1, 1),
        "wrong label": (0, 1),
    }
    flipped = {label for proposal in report.proposals for label in (*proposal.mended, *proposal.broken)}
    assert flipped <= {*LABELS}
    assert all(len(proposal.mended) > len(proposal.broken) for proposal in report.proposals)
    assert all(not label.is_same for rule in report.rules for label in rule.earns)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"), [(0, 17, 0.0, 0.184), (15, 18, 0.608, 0.942), (10, 10, 0.722, 1.0), (0, 0, 0, 1)]
)
def test_an_interval_is_wilson_s(count: int, total: int, low: float, high: float) -> None:
    assert [*wilson(count, total)] == pytest.approx([low, high], abs=0.001)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "labels:1: not JSON"),
        (b"[1]", "labels:1: expected an object with a, b and label"),
        (b'{"a": 1, "b": 2}', "labels:1: expected an object with a, b and label"),
        (b'{"a": 1, "b": 2, "label": "yes"}', r"labels:1: label: expected 1 .one story., 0 .two. or null, got"),
        (b'{"a": [], "b": 2, "label": 1}', "labels:1: id: expected text, a number"),
    ],
)
def test_a_line_that_is_no_label_is_named(line: bytes, message: str) -> None:
    with pytest.raises(feedhub.UsageError, match=message):
        read_labels([line], "labels")


def test_a_pair_without_a_judgement_is_passed_over() -> None:
    assert read_labels(lines({"a": 1, "b": 2, "label": None}, row(LABELS[0])), "labels") == [LABELS[0]]


def test_a_pack_holds_a_later_version_to_what_was_right() -> None:
    pack = [line.encode() for line in pack_lines([*ITEMS, dated("z", "x", "no", "label")], LABELS, "0.1.0")]
    assert sum(b'"item"' in line for line in pack) == 5
    assert check_pack(pack, "pack") == check_pack(iter(pack), "pack")
    held = check_pack(pack, "pack")
    assert (held.pairs, held.lost, held.gained, held.version) == (4, (), (), "0.1.0")
    # as if the version that wrote it had judged otherwise
    for kind, gained, lost in (("template", (LABELS[2],), ()), ("wrong label", (), (LABELS[3],))):
        was = f'"kind": "{kind}", "merged": '.encode()
        result = check_pack([line.replace(was + b"false", was + b"true") for line in pack], "pack")
        assert (result.gained, result.lost) == (gained, lost)


@pytest.mark.parametrize(
    ("pack", "message"),
    [
        (lines({"pack": 9}), "no regression pack of form 1"),
        (lines({"pack": 1, "feedhub": "0"}), "holds no pair"),
        (lines({"pack": 1}, {"pair": row(LABELS[0])}), "cut off, or edited: no item has the id"),
        ([*lines({"pack": 1}), b'{"pair": {"a"'], "pack:2: not JSON, or cut off"),
    ],
)
def test_what_is_no_pack_is_a_line(pack: list[bytes], message: str) -> None:
    with pytest.raises(feedhub.UsageError, match=message):
        check_pack(pack, "pack")


def test_tune_and_check_run_on_files_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "items.jsonl").write_bytes(b"".join(lines(*ITEMS)))
    (tmp_path / "labels.jsonl").write_bytes(b"".join(lines(*map(row, LABELS))))
    done = desk.run("tune", "items.jsonl", "labels.jsonl", "--pack", "pack.jsonl", "--json")
    assert (done.code, done.json["recall"]["count"], done.json["recall"]["total"]) == (0, 1, 2)
    held = desk.run("check", "--labels", "pack.jsonl")
    assert (held.code, held.out) == (0, "4 pairs: 0 lost, 0 gained since feedhub 0.1.0\n")
    (tmp_path / "labels.jsonl").write_bytes(b"".join(lines({"a": "a", "b": "nobody", "label": 1})))
    missing = desk.run("tune", "items.jsonl", "labels.jsonl")
    assert (missing.code, missing.out) == (2, "")
    assert "labels.jsonl: no item of items.jsonl has the id nobody (1 missing)" in missing.err
