"""`feedhub dedupe` and `feedhub explain` as processes: a file or a pipe in, rows and reasons out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from commands import NOW, Desk, ended, item, said_once, until

FERRY = (
    "A ferry ran aground off Selm on Tuesday and all 34 people aboard were brought ashore by two lifeboats before "
    "dark, the coast guard said. The vessel had left Harrow in the morning with a cargo of timber and was on its way "
    "to the islands when it struck a bank that is marked on every chart. Nobody was hurt. An inquiry will begin."
)
DUES = (
    "The harbour council voted after three hours of talks to raise the dues of every berth by four percent from May. "
    "Owners of small boats had asked for another year without a rise, and said that they would take it to court."
)
GOOD = [
    {"id": "a", "title": "Ferry runs aground", "text": FERRY, "source": "north"},
    {"id": "b", "title": "Harbour dues to rise", "text": DUES, "source": "north"},
    {"id": "c", "title": "Ferry aground, all safe", "text": FERRY, "source": "south"},
    {"id": "d", "title": "Ferry aground off Selm", "text": FERRY},
]
BAD = [
    ("not json at all", "not JSON"),
    ("[1]", "expected one JSON object a line, got a list"),
    ('{"title": "no id"}', "id: missing"),
    ('{"id": "a"}', 'id: "a" was there before'),
    ('{"id": "x", "title": 7}', "title: expected text or null, got a number"),
    ('{"id": "\\ud800"}', "id: half a surrogate pair is no character"),
    ('{"id": "z", "source": "\\udc00"}', "source: half a surrogate pair is no character"),
    (
        '{"id": "a\\nb", "published": "x\\u001b[31m"}',
        'published: expected an ISO 8601 or RFC 822 date, got "x\\u001b[31m"',
    ),
    ('{"id": "w", "published": "0001-01-01T00:00+23:59"}', 'published: "0001-01-01T00:00+23:59" is out of range'),
    ("[" * 100_000, "not JSON that can be read: nested too deeply"),
    ('{"id": "y", "published": "yesterday"}', "published: expected an ISO 8601 or RFC 822 date"),
]


def lines(*items: dict[str, Any] | str) -> bytes:
    return "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in items).encode()


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_file_becomes_a_file_with_a_row_an_item_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_bytes(lines(*GOOD))
    done = Desk(tmp_path).run("dedupe", "items.jsonl", "-o", "stories.jsonl")
    assert (done.code, done.out) == (0, "")
    assert done.err == "4 items are 2 stories; 2 copies, 0 revisions; 0 near misses\n"
    found = rows((tmp_path / "stories.jsonl").read_text(encoding="utf-8"))
    assert [row["id"] for row in found] == ["a", "b", "c", "d"]
    first = found[0]["story"]
    assert [row["story"] for row in found] == [first, "b", first, first]
    assert sorted(row["relation"] for row in found) == ["copy", "copy", "first", "first"]
    assert set(found[0]) == {"id", "story", "canonical", "relation", "matched", "score", "ground"}
    assert sum(row["canonical"] for row in found) == 2


def test_what_is_no_file_is_written_into_and_stays_what_it_is(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "items.jsonl").write_bytes(lines(*GOOD))
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit((tmp_path / "pipe").read_text)
        done = desk.run("dedupe", "items.jsonl", "-o", "pipe")
        assert done.code == 0, done.err
        assert [row["id"] for row in rows(read.result(30))] == ["a", "b", "c", "d"]
    assert (tmp_path / "pipe").is_fifo()


def test_bad_lines_of_a_pipe_are_told_by_number_and_the_rest_is_done(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("dedupe", "-", stdin=lines(*GOOD[:2], *(line for line, _ in BAD), "", *GOOD[2:]))
    assert done.code == 3
    told = done.err.splitlines()
    assert told[-1] == f"-: {len(BAD)} of {len(BAD) + len(GOOD)} lines could not be used"
    for line, (number, (_, reason)) in zip(told, enumerate(BAD, 3), strict=False):
        assert line.startswith(f"-:{number}: {reason}")
    assert [row["id"] for row in rows(done.out)] == ["a", "b", "c", "d"]


def test_nothing_but_bad_lines_is_exit_code_4(tmp_path: Path) -> None:
    done = Desk(tmp_path).run("dedupe", "-", stdin=b"x\ny\n")
    assert (done.code, done.out) == (4, "")
    assert done.err.splitlines()[-1] == "-: 2 of 2 lines could not be used"


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("dedupe", "nowhere.jsonl"), 2, "nowhere.jsonl: No such file"),
        (("dedupe", "-", "-o", "nowhere/stories.jsonl"), 5, "-o nowhere/stories.jsonl: No such file"),
        (("explain", "z", "--items", "items.jsonl"), 2, "items.jsonl: no item has the id z"),
        (("explain", "a", "--items", "nowhere.jsonl"), 2, "nowhere.jsonl: No such file"),
    ],
    ids=["input", "output", "item", "items"],
)
def test_what_is_not_there_is_named(tmp_path: Path, arguments: tuple[str, ...], code: int, named: str) -> None:
    (tmp_path / "items.jsonl").write_bytes(lines(*GOOD))
    done = Desk(tmp_path).run(*arguments, stdin=lines(*GOOD))
    assert (done.code, done.out) == (code, "")
    assert said_once(done, named)
    assert [path.name for path in tmp_path.iterdir()] == ["items.jsonl"]


def test_a_full_disk_under_the_spool_is_one_line(tmp_path: Path) -> None:
    items = [{"id": str(n), "title": f"Headline{n}", "text": f"{n} {FERRY}"} for n in range(300)]
    done = Desk(tmp_path).run("dedupe", "-", "-o", "stories.jsonl", stdin=lines(*items), limit=2000)
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("feedhub: temporary files in ")
    assert "File too large" in done.err
    assert "Traceback" not in done.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("out", ["-", "stories.jsonl"])
def test_ctrl_c_on_a_pipe_that_is_silent_writes_the_rows_so_far(tmp_path: Path, out: str) -> None:
    desk = Desk(tmp_path)
    with desk.start("dedupe", "-", "-o", out, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # The bad line is told as soon as it is read, so all before it are in.
        process.stdin.write(lines(GOOD[0], GOOD[2], "bad"))
        process.stdin.flush()
        until(lambda: "-:3:" in desk.log, "the third line")
        assert ended(process, signal.SIGINT) == 130
        printed = process.stdout.read().decode()
    text = printed if out == "-" else (tmp_path / out).read_text(encoding="utf-8")
    assert [(row["id"], row["story"]) for row in rows(text)] == [("a", "a"), ("c", "a")]
    assert "Traceback" not in desk.log


def test_explain_lays_two_items_side_by_side_and_ranks_the_others_of_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "items.jsonl").write_bytes(lines(*GOOD))
    pair = desk.run("explain", "a", "d", "--items", "items.jsonl")
    assert (pair.code, pair.err) == (0, "")
    assert "merged north a ~ d:" in pair.out
    assert "\0" not in pair.out
    one = desk.run("explain", "a", "--items", "items.jsonl", "--json")
    assert [match["right"] for match in one.json if match["merged"]] == [
        {"source": None, "guid": "d"},
        {"source": "south", "guid": "c"},
    ]


def test_explain_of_items_replays_the_run_and_joins_what_has_no_date(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    undated = {name: value for name, value in GOOD[0].items() if name != "published"} | {"id": "u", "source": "west"}
    (tmp_path / "items.jsonl").write_bytes(lines(*GOOD, undated))
    stories = {row["id"]: row["story"] for row in map(json.loads, desk.run("dedupe", "items.jsonl").out.splitlines())}
    shown = desk.run("explain", "u", "a", "--items", "items.jsonl", "--json").json
    assert shown["match"]["merged"] is True
    assert shown["stories"] == {"u": stories["u"], "a": stories["a"]}
    assert stories["u"] == stories["a"]


def test_explain_passes_over_bad_lines_as_dedupe_does(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_bytes(lines("bad", *GOOD))
    done = Desk(tmp_path).run("explain", "a", "c", "--items", "items.jsonl", "--json")
    assert done.code == 3
    assert done.err.startswith("items.jsonl:1: not JSON")
    assert done.json["match"]["merged"] is True


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A hub with one story in two outlets and another one."""
    desk = Desk(tmp_path_factory.mktemp("told"))
    rows = desk.file("north", item("n1", "Ferry runs aground", FERRY), item("n2", "Harbour dues to rise", DUES))
    rows += desk.file("south", item("s1", "Ferry aground, all safe", FERRY))
    desk.configure(rows)
    assert desk.run("once", "--now", NOW, "--out", "public").code == 0
    return desk


def test_explain_tells_an_entry_s_story_with_its_copies_and_decisions(told: Desk) -> None:
    as_text, as_json = told.run("explain", "north n1"), told.run("explain", "s1", "--json")
    assert (as_text.code, as_text.err, as_json.code) == (0, "", 0)
    assert "Decisions between its copies" in as_text.out
    story = as_json.json
    assert story["id"].startswith("tag:desk.test,2026:")
    assert {(copy["source"], copy["guid"]) for copy in story["copies"]} == {("north", "n1"), ("south", "s1")}
    assert [match["merged"] for match in story["verdicts"]] == [True]
    by_id = told.run("explain", story["id"], "--json")
    assert by_id.json == story


def test_explain_compares_two_entries_of_the_hub(told: Desk) -> None:
    merged, apart = told.run("explain", "n1", "s1", "--json"), told.run("explain", "n1", "https://paper.test/n2")
    assert (merged.code, apart.code) == (0, 0)
    assert merged.json["match"]["merged"] is True
    assert "are in two stories" in apart.out


def test_explain_of_something_unknown_says_so(told: Desk) -> None:
    done = told.run("explain", "nonsense")
    assert (done.code, done.out) == (2, "")
    assert said_once(done, "nonsense: no story, entry or article page of this hub")
