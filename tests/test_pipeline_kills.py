"""Kills: by the agency, by a notice of its own, by a person; and what is no kill."""

from __future__ import annotations

from pathlib import Path

import pytest
from hubs import BRIDGE, ORCHESTRA, Newsroom, item

from feedhub.admin import decide
from feedhub.store import copies

pytestmark = pytest.mark.usefixtures("engine")
KILL = item("w1", "KILL: Bridge at Marrow Ferry shut", "Kill. This story has been withdrawn.")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """An agency's story with one paper's copy."""
    made = Newsroom(tmp_path)
    made.source("wire", agency="Quill Agency")
    made.source("courier")
    made.source("late")
    made.serve("late")
    made.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *BRIDGE))
    made.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE[:3]))
    made.round()
    return made


def gone(room: Newsroom) -> str:
    """The only story's id, after a look that nothing is shown."""
    assert room.stories() == []
    return str(room.story_of("wire", "w1"))


def test_later_copies_of_a_killed_text_join_nothing_and_are_recorded(room: Newsroom) -> None:
    room.serve("wire", KILL)
    room.round(1)
    room.serve("late", item("l1", "Peninsula loses its bridge", *BRIDGE))
    room.round(2)
    tag = gone(room)
    assert room.row(tag).state == "killed"
    assert room.story_of("late", "l1") == tag


def test_a_killed_text_is_known_though_only_the_agency_ran_it(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("wire", agency="Quill Agency")
    room.source("late")
    room.serve("late")
    room.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *BRIDGE))
    room.round()
    room.serve("wire", KILL)
    room.serve("late", item("l1", "Peninsula loses its bridge", *BRIDGE[:3]))
    room.round(1)
    assert room.story_of("late", "l1") == gone(room)


def test_a_copy_of_a_killed_text_after_the_window_founds_a_story(room: Newsroom) -> None:
    room.serve("wire", KILL)
    room.round(1)
    room.serve("late", item("l1", "Peninsula loses its bridge", *BRIDGE, at="2026-03-14T10:00:00Z"))
    room.round(96)
    assert [story.title for story in room.stories()] == ["Peninsula loses its bridge"]


def test_an_edit_does_not_bring_a_killed_story_back(room: Newsroom) -> None:
    room.serve("wire", KILL)
    room.round(1)
    room.serve("courier", item("c1", "Marrow Ferry is cut off", *BRIDGE[:3]))
    room.round(2)
    gone(room)


def test_an_agency_that_serves_its_entry_again_takes_the_kill_back(room: Newsroom) -> None:
    (story,) = room.stories()
    room.serve("wire", KILL)
    room.round(1)
    room.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *BRIDGE))
    room.round(2)
    (again,) = room.stories()
    assert again.id == story.id
    assert len(again.copies) == 2
    row = room.row(story.id)
    assert (row.state, row.ended, row.reason) == ("live", None, None)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        pytest.param("KILL: Bridge at Marrow Ferry shut", "This story is withdrawn.", id="the same headline"),
        pytest.param(
            "KILL: Advisory", "Editors: kill the story headlined Bridge at Marrow Ferry shut.", id="in its text"
        ),
    ],
)
def test_a_notice_of_its_own_kills_the_story_that_it_names(room: Newsroom, title: str, text: str) -> None:
    room.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *BRIDGE), item("w9", title, text))
    report = room.round(1)
    assert report.killed == (gone(room),)
    assert room.story_of("wire", "w9") == report.killed[0]


ITEM = "urn:newsml:quill.example:20260310:QA00412"
NOTICES = {
    "another revision of its NewsML item": (f"{ITEM}:4", "Withdrawn.", True),
    "its guid in the text": ("w9", f"Editors: kill {ITEM}:3, sent at 10:00 GMT.", True),
    "its address in the text": ("w9", f"Do not use https://paper.example/{ITEM}:3.", True),
    "another item of the day": ("urn:newsml:quill.example:20260310:QA00413:4", "Withdrawn.", False),
    "another agency's item of that number": ("urn:newsml:other.example:20260310:QA00412:4", "Withdrawn.", False),
    "the item of another day": ("urn:newsml:quill.example:20260309:QA00412:4", "Withdrawn.", False),
    "another guid that begins alike": ("w9", f"Editors: kill {ITEM}:31.", False),
    "a slug, which returns every day": ("w9", "BC-Marrow-Ferry-Bridge: kill.", False),
}


@pytest.mark.parametrize(("guid", "text", "kills"), NOTICES.values(), ids=NOTICES)
def test_a_notice_names_a_story_as_the_agency_does(tmp_path: Path, guid: str, text: str, kills: bool) -> None:
    room = Newsroom(tmp_path)
    room.source("wire", agency="Quill Agency")
    story = item(f"{ITEM}:3", "Bridge at Marrow Ferry shut", "BC-Marrow-Ferry-Bridge", *BRIDGE)
    room.serve("wire", story)
    room.round()
    room.serve("wire", story, item(guid, "KILL: Advisory", text))
    assert len(room.round(1).killed) == kills
    assert len(room.stories()) == (not kills)


def test_a_notice_that_names_no_story_is_recorded_and_ends_nothing(room: Newsroom) -> None:
    notice = item("w9", "KILL: Ferries of the north", "This story is withdrawn.")
    room.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *BRIDGE), notice)
    assert room.round(1).killed == ()
    assert len(room.stories()) == 1


def test_a_papers_notice_withdraws_its_own_copy_alone(room: Newsroom) -> None:
    notice = item("c9", "KILL: Marrow Ferry cut off", "This story is withdrawn.")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE[:3]), notice)
    room.round(1)
    (story,) = room.stories()
    assert [copy.outlet for copy in story.copies] == ["Wire"]


def test_what_its_only_outlet_withdrew_others_may_still_run(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("courier")
    room.source("late")
    room.serve("late")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    room.serve("courier", item("c1", "KILL: Marrow Ferry cut off", "Withdrawn."))
    assert len(room.round(1).killed) == 1
    room.serve("late", item("l1", "Peninsula loses its bridge", *BRIDGE))
    room.round(2)
    assert [story.title for story in room.stories()] == ["Peninsula loses its bridge"]


def test_a_person_kills_a_story_and_can_take_it_back(room: Newsroom) -> None:
    (story,) = room.stories()
    done = room.decide(decide.kill, story.id, reason="libel", hours=1)
    assert room.row(gone(room)).reason == "killed by a person: libel"
    room.serve("late", item("l1", "Peninsula loses its bridge", *BRIDGE))
    room.round(2)
    gone(room)
    room.decide(decide.forget, done.number, hours=3)
    (again,) = room.stories()
    assert again.id == story.id
    assert {copy.outlet for copy in again.copies} == {"Wire", "Courier", "Late"}


def test_a_killed_story_stays_gone_when_its_text_is_let_go(room: Newsroom) -> None:
    room.serve("wire", KILL)
    room.round(1)
    tag = gone(room)
    for name in ("wire", "courier"):
        room.serve(name)
    room.round(24 * 40)
    room.round(24 * 41)
    assert room.row(tag).state == "killed"
    assert room.read(copies.tags_by_entry) == {}


def test_neighbours_name_a_killed_story_no_more(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("wire", agency="Quill Agency")
    room.source("courier")
    room.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *BRIDGE))
    room.serve("courier", item("c1", "A weekend of music", ORCHESTRA[0], *BRIDGE[1:3], *ORCHESTRA[1:]))
    room.round()
    named = [other.title for story in room.stories() for other in story.related]
    room.serve("wire", KILL)
    room.round(1)
    assert len(named) == 2
    assert [story.related for story in room.stories()] == [()]
