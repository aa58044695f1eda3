"""An output is filled with what its filters take: as stories come, and when it is new or takes others than before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom, item

from feedhub.model import OutputRule, Rights
from feedhub.store import output_entries, story_bodies
from feedhub.structs import replace

ALL = OutputRule(name="all")
FERRIES = OutputRule(name="ferries", words=("passenger boat",))


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path, settings={"feeds": (ALL,)})
    made.source("courier")
    made.source("herald", rights=Rights.HEADLINE)
    return made


def listed(room: Newsroom, name: str) -> list[tuple[str, float]]:
    """The titles in an output and how many hours after noon they entered it."""
    now = NOON + timedelta(days=1)
    rows = room.read(lambda connection: output_entries.listed(connection, name, now=now, limit=50))
    bodies = room.read(lambda connection: story_bodies.of(connection, [row.id for row in rows]))
    return [(bodies[row.id].title, (row.entered - NOON) / timedelta(hours=1)) for row in rows]


def test_words_are_looked_for_in_every_copy_whole_or_restricted(room: Newsroom) -> None:
    room.settings["feeds"] = (ALL, FERRIES)
    room.serve("courier", item("c1", "Bridge shut", *BRIDGE[:2]), item("c2", "A cellist leads", *ORCHESTRA))
    room.serve("herald", item("h1", "Old bridge closed", *BRIDGE))
    room.round()
    # the boat is in the text that only the restricted outlet has, whose headline speaks
    assert [title for title, _ in listed(room, "ferries")] == ["Old bridge closed"]
    (story,) = [one for one in room.stories() if one.title == "Old bridge closed"]
    assert "passenger boat" not in repr(story)


def test_an_output_that_is_new_holds_what_was_there_before_as_it_came(room: Newsroom) -> None:
    room.serve("courier", item("c1", "Bridge shut", *BRIDGE))
    room.round()
    room.serve("courier", item("c1", "Bridge shut", *BRIDGE), item("c2", "A cellist leads", *ORCHESTRA))
    room.round(2)
    room.settings["feeds"] = (ALL, FERRIES, OutputRule(name="copies", outlets=("Courier",)))
    room.round(5)
    assert listed(room, "ferries") == [("Bridge shut", 0)]
    assert listed(room, "copies") == [("A cellist leads", 2), ("Bridge shut", 0)]


def test_an_output_that_takes_others_keeps_what_it_shows_and_gets_what_it_takes_now(room: Newsroom) -> None:
    room.settings["feeds"] = (ALL, FERRIES)
    room.serve("courier", item("c1", "Bridge shut", *BRIDGE), item("c2", "A cellist leads", *ORCHESTRA))
    room.round()
    assert listed(room, "ferries") == [("Bridge shut", 0)]
    room.settings["feeds"] = (ALL, replace(FERRIES, words=("cellist",)))
    room.round(1)
    assert sorted(listed(room, "ferries")) == [("A cellist leads", 0), ("Bridge shut", 0)]


def test_an_output_that_is_only_shorter_or_ordered_otherwise_is_left_alone(room: Newsroom) -> None:
    room.serve("courier", item("c1", "Bridge shut", *BRIDGE))
    room.round()
    before = room.read(lambda connection: connection.exec_driver_sql("SELECT value FROM hub WHERE key='changed'").all())
    room.settings["feeds"] = (replace(ALL, limit=3, order="published"),)
    room.round(1)
    after = room.read(lambda connection: connection.exec_driver_sql("SELECT value FROM hub WHERE key='changed'").all())
    assert before == after
