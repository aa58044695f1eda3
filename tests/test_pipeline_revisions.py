"""Revisions in rounds: which speaks, what was said before, what a correction names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hubs import BRIDGE, Newsroom, item

from feedhub.model import Rights

OLD = BRIDGE
NEW = (BRIDGE[0].replace("6,000", "7,500"), *BRIDGE[1:])


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    made.source("wire", agency="Quill Agency")
    for name in ("courier", "herald"):
        made.source(name)
        made.serve(name)
    made.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *OLD))
    made.round()
    return made


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        pytest.param("BULLETIN: Bridge at Marrow Ferry shut", "bulletin", id="bulletin"),
        pytest.param("URGENT: Bridge at Marrow Ferry shut", "urgent", id="urgent"),
        pytest.param("LEAD: Bridge at Marrow Ferry shut", "lead", id="lead"),
        pytest.param("UPDATE 2-Bridge at Marrow Ferry shut", "update 2", id="update"),
        pytest.param("CORRECTED-Bridge at Marrow Ferry shut", "correction", id="correction"),
    ],
)
def test_the_wires_marks_are_lifted_out_of_the_title_and_shown(room: Newsroom, title: str, mark: str) -> None:
    room.serve("wire", item("w1", title, *NEW))
    room.round(1)
    (story,) = room.stories()
    assert (story.title, story.revision) == ("Bridge at Marrow Ferry shut", mark)


def test_a_correction_names_what_changed_and_what_was_said_stays_readable(room: Newsroom) -> None:
    room.serve("wire", item("w1", "CORRECTED-Bridge at Marrow Ferry shut", *NEW))
    room.round(1)
    (story,) = room.stories()
    assert story.correction == "“6,000” is now “7,500” (Wire)."
    first, second = room.versions(story.id)
    assert "6,000" in str(first.html)
    assert "7,500" in str(second.html)
    assert (first.mark, second.mark, second.correction) == (None, "correction", story.correction)
    assert first.at < second.at


def test_a_late_copy_of_what_was_corrected_never_speaks(room: Newsroom) -> None:
    room.serve("wire", item("w1", "CORRECTED-Bridge at Marrow Ferry shut", *NEW))
    room.round(1)
    (before,) = room.stories()
    room.serve("courier", item("c1", "Marrow Ferry cut off", *OLD, at="2026-03-10T14:00:00Z"))
    room.round(3)
    (story,) = room.stories()
    assert len(story.copies) == 2
    assert "7,500" in str(story.html)
    assert story.updated == before.updated


def test_the_newest_revision_speaks_though_only_as_an_excerpt_and_the_full_text_is_an_earlier_version(
    room: Newsroom,
) -> None:
    room.reconfigure("courier", trust="high")
    excerpt = item("c1", "UPDATE 1-Bridge at Marrow Ferry shut", *NEW[:2], at="2026-03-10T13:00:00Z")
    room.serve("courier", excerpt)
    room.round(2)
    (story,) = room.stories()
    assert (story.canonical.source, story.revision) == ("courier", "update 1")
    assert str(story.html).count("<p>") == 2
    first, _ = room.versions(story.id)
    assert str(first.html).count("<p>") == 4


def test_revisions_that_came_in_one_round_are_all_in_the_history(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("wire", agency="Quill Agency")
    room.source("courier")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *OLD))
    room.serve("wire", item("w1", "UPDATE 1-Bridge at Marrow Ferry shut", *NEW, at="2026-03-10T11:00:00Z"))
    room.round()
    (story,) = room.stories()
    assert [(v.mark, v.key.source) for v in room.versions(story.id)] == [(None, "courier"), ("update 1", "wire")]
    room.serve("courier", item("c1", "Marrow Ferry cut off today", *OLD))
    room.round(1)
    assert len(room.versions(story.id)) == 2


def test_what_was_said_obeys_the_rights_of_today(room: Newsroom) -> None:
    room.serve("wire", item("w1", "UPDATE 1-Bridge at Marrow Ferry shut", *NEW))
    room.round(1)
    room.reconfigure("wire", rights=Rights.HEADLINE)
    room.round(2)
    (story,) = room.stories()
    assert {(v.html, v.summary) for v in room.versions(story.id)} == {(None, None)}


def test_a_killed_story_has_no_history(room: Newsroom) -> None:
    room.serve("wire", item("w1", "UPDATE 1-Bridge at Marrow Ferry shut", *NEW))
    room.round(1)
    (story,) = room.stories()
    room.serve("wire", item("w1", "KILL: Bridge at Marrow Ferry shut", "Withdrawn."))
    room.round(2)
    assert room.versions(story.id) == []


def test_a_mark_moves_nothing_where_the_text_is_the_same(room: Newsroom) -> None:
    (before,) = room.stories()
    room.serve("courier", item("c1", "UPDATE 1-Bridge at Marrow Ferry shut", *OLD))
    room.round(1)
    (story,) = room.stories()
    assert (len(story.copies), story.updated) == (2, before.updated)
