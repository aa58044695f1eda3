"""Kill notices: what is one, what it may do, and how a wrong one is taken back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom, item

from feedhub.admin import decide
from feedhub.config import Config
from feedhub.directory import output_directory
from feedhub.health.health_report import report
from feedhub.store import decisions

pytestmark = pytest.mark.usefixtures("engine")

HEADLINES = [
    "WITHDRAWN: Baby milk recalled after tests",
    "KILL: The festival film that divides critics",
    "KILL-JOY NEIGHBOURS WIN COURT CASE",
    "DELETED: the messages of a minister, and what they said",
    "MANDATORY KILL - the rule that hunters dread",
    "STORNO: Bahn streicht alle Reservierungen",
    "撤稿：渡轮停航",
]


@pytest.mark.parametrize("agency", [None, "Quill Agency"])
@pytest.mark.parametrize("title", HEADLINES)
def test_an_article_under_such_a_headline_is_an_article_and_keeps_it(
    tmp_path: Path, title: str, agency: str | None
) -> None:
    room = Newsroom(tmp_path)
    room.source("courier", agency=agency)
    room.serve("courier", item("c1", title, *BRIDGE))
    room.round()
    (story,) = room.stories()
    assert story.title == title
    assert story.revision is None


@pytest.mark.parametrize("title", HEADLINES)
def test_a_papers_teaser_that_names_nothing_of_its_own_is_shown(tmp_path: Path, title: str) -> None:
    room = Newsroom(tmp_path)
    room.source("courier")
    room.serve("courier", item("c1", title, "Twenty words about it, no more."))
    room.round()
    assert [story.title for story in room.stories()] == [title]


def test_an_agencys_notice_that_names_nothing_is_recorded_and_can_be_made_an_article(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("wire", agency="Quill Agency")
    room.serve("wire", item("w9", "KILL: Ferries of the north", "This story is withdrawn."))
    room.round()
    assert room.stories() == []
    (notice,) = room.read(decisions.all_decisions)
    assert (notice.kind, notice.reason) == ("notice", "names no story of the window: without effect")
    room.decide(decide.forget, notice.id, hours=1)
    assert [story.title for story in room.stories()] == ["KILL: Ferries of the north"]
    room.serve("wire", item("w9", "KILL: Ferries of the north", "This story is withdrawn, they say."))
    room.round(2)
    assert len(room.stories()) == 1


def told(room: Newsroom) -> list[tuple[str, str]]:
    """What the health report says of notices: the entry and the effect, without the story's id."""
    config: Config = room.config
    directory = output_directory(config, "test.example,2026")
    rows = room.read(lambda connection: report(connection, directory, NOON + timedelta(hours=5)))["notices"]
    return [(row["guid"], row["effect"].partition(" tag:")[0]) for row in rows]


def test_a_wrong_kill_of_an_agency_is_taken_back_with_all_copies(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("wire", agency="Quill Agency")
    room.source("courier")
    bridge = item("w1", "Bridge at Marrow Ferry shut", *BRIDGE)
    room.serve("wire", bridge)
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    (story,) = room.stories()
    room.serve("wire", bridge, item("w9", "KILL: Bridge at Marrow Ferry shut", "Withdrawn."))
    assert room.round(1).killed == (story.id,)
    assert told(room) == [("w9", "kills")]
    (notice,) = room.read(decisions.all_decisions)
    room.decide(decide.forget, notice.id, hours=2)
    again = next(each for each in room.stories() if each.id == story.id)
    assert {copy.outlet for copy in again.copies} == {"Wire", "Courier"}
    assert told(room) == []


@pytest.mark.parametrize("outlet", ["one outlet", "two outlets"])
def test_a_papers_notice_withdraws_nothing_of_another_source(tmp_path: Path, outlet: str) -> None:
    room = Newsroom(tmp_path)
    room.source("alice", outlet="platform.example")
    room.source("mallory", outlet="platform.example" if outlet == "one outlet" else "mallory.example")
    room.serve("alice", item("a1", "Marrow Ferry cut off", *BRIDGE))
    room.serve("mallory", item("m1", "Musicians choose their own", *ORCHESTRA))
    room.round()
    room.serve("mallory", item("m9", "KILL: Marrow Ferry cut off", "Withdrawn."))
    assert room.round(1).killed == ()
    assert {story.title for story in room.stories()} >= {"Marrow Ferry cut off", "Musicians choose their own"}


def test_a_papers_own_withdrawal_is_recorded_and_taken_back(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("courier")
    room.source("late")
    room.serve("late", item("l1", "Peninsula loses its bridge", *BRIDGE))
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    room.serve("courier", item("c1", "KILL: Marrow Ferry cut off", "Withdrawn."))
    room.round(1)
    assert [len(story.copies) for story in room.stories()] == [1]
    assert told(room) == [("c1", "withdraws its own copy of")]
    (notice,) = room.read(decisions.all_decisions)
    room.decide(decide.forget, notice.id, hours=2)
    assert [len(story.copies) for story in room.stories()] == [2]


def test_an_article_that_names_another_of_its_paper_withdraws_nothing(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("courier")
    milk = item("c1", "Baby milk sold out", *ORCHESTRA)
    room.serve("courier", milk)
    room.round()
    room.serve("courier", milk, item("c2", "WITHDRAWN: Baby milk sold out", *BRIDGE))
    room.round(1)
    assert {story.title for story in room.stories()} == {"Baby milk sold out", "WITHDRAWN: Baby milk sold out"}


@pytest.mark.parametrize(("text", "killed"), [(BRIDGE, 1), (ORCHESTRA, 0)], ids=["its own text", "another article"])
def test_an_agency_that_marks_the_very_text_that_it_sent_kills_it(
    tmp_path: Path, text: tuple[str, ...], killed: int
) -> None:
    room = Newsroom(tmp_path)
    room.source("wire", agency="Quill Agency")
    room.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *BRIDGE))
    room.round()
    room.serve("wire", item("w1", "KILL: Bridge at Marrow Ferry shut", *text))
    assert len(room.round(1).killed) == killed
