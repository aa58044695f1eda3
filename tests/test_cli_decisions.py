"""A person's word as commands: real processes over a folder of feeds."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import NOW, Desk
from hubs import BRIDGE, ORCHESTRA, item


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    herald = item("h1", "Bridge to the peninsula is shut", *BRIDGE)
    post = item("p1", "Musicians choose one of their own", *ORCHESTRA)
    made.configure(made.file("herald", herald) + made.file("post", post))
    assert made.run("once", "--all", "--now", NOW).code == 0
    return made


def test_a_decision_is_told_logged_explained_listed_and_taken_back(desk: Desk) -> None:
    made = desk.run("merge", "herald h1", "post p1", "--reason", "one event", "--json", "--now", NOW)
    assert made.code == 0, made.err
    assert "decision" in made.err
    word = made.json["decision"]
    assert (word["kind"], word["by"], word["reason"]) == ("merge", "person", "one event")
    assert [story["copies"] for story in made.json["stories"]] == [2]
    explained = desk.run("explain", "herald h1", "--json").json
    assert [each["number"] for each in explained["decisions"]] == [word["number"]]
    assert "one event" in desk.run("explain", "herald h1").out
    assert desk.run("forget", str(word["number"]), "--now", NOW).code == 0
    assert desk.run("explain", "herald h1", "--json").json["decisions"] == []
    (kept,) = desk.run("decisions", "--json").json
    assert kept["ended"] is not None


def test_a_killed_story_says_why(desk: Desk) -> None:
    assert desk.run("kill", "post p1", "--reason", "court order", "--now", NOW).code == 0
    told = desk.run("explain", "post p1", "--json")
    assert told.json["state"] == "killed"


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("merge", "herald h1", "nobody"), id="unknown entry"),
        pytest.param(("split", "herald h1", "h1"), id="nothing would be left"),
        pytest.param(("forget", "7"), id="unknown decision"),
    ],
)
def test_a_word_that_makes_no_sense_ends_with_one_line_and_2(desk: Desk, arguments: tuple[str, ...]) -> None:
    done = desk.run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1


def test_a_bad_join_of_many_is_undone_in_one_line_and_taken_back_in_another(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    papers = [f"paper{n}" for n in range(5)]
    made.configure("".join(made.file(name, item("1", f"Bridge shut, says {name}", *BRIDGE)) for name in papers))
    assert made.run("once", "--all", "--now", NOW).code == 0
    told = made.run("split", "--all", "paper3 1", "--json", "--now", NOW)
    assert sorted(story["copies"] for story in told.json["stories"]) == [1] * 5
    again = made.run("once", "--all", "--now", NOW, "--json")
    assert again.json["stories"] == []
    back = made.run("forget", str(told.json["decision"]["number"]), "--json", "--now", NOW)
    assert max(story["copies"] for story in back.json["stories"]) == 5


def test_decisions_are_read_from_a_file_and_a_bad_line_costs_no_other(desk: Desk, tmp_path: Path) -> None:
    lines = tmp_path / "lines.tsv"
    lines.write_text("# one event\nherald h1\tpost p1\n\nherald h1\tnobody\nherald h1\n")
    told = desk.run("merge", "--file", str(lines), "--json", "--now", NOW)
    assert told.code == 3
    assert [(row["line"], row["error"]) for row in told.json] == [
        (2, None),
        (4, "nobody: no story or entry of this hub"),
        (5, "expected two names with a tab between them, got 1"),
    ]
    assert f"{lines}:4" in told.err
    assert len(desk.run("decisions", "--json").json) == 1
    lines.write_text("herald h1\tpost p1\n")
    assert desk.run("split", "--file", str(lines), "--now", NOW).code == 0
    assert desk.run("never", "--file", str(lines), "herald h1", "--now", NOW).code == 2
    lines.write_text("nobody\tnothing\n")
    assert desk.run("never", "--file", str(lines), "--now", NOW).code == 4


def test_check_tells_what_is_odd_about_a_source_and_every_kill_notice(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    bridge = item("h1", "Bridge to the peninsula is shut", *BRIDGE)
    rows = made.file("herald", bridge, item("h2", "Musicians choose", *ORCHESTRA))
    made.configure(rows.replace("outlet: herald", "quota: 1, agency: Quill Agency"))
    assert made.run("once", "--all").code == 0
    (source,) = made.run("check", "--json").json["sources"]
    assert source["conditions"] == ["brings more than its quota: 1 new entries wait for the next round"]
    assert "herald brings more than its quota" in made.run("check").out
    killed = {**bridge, "title": "KILL: " + bridge["title"]}
    made.file("herald", killed, item("h2", "Musicians choose", *ORCHESTRA))
    assert made.run("once", "--all").code == 0
    (notice,) = made.run("check", "--json").json["notices"]
    assert "herald h1 is a kill notice (kills tag:" in notice
    assert notice in made.run("check").out
