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
