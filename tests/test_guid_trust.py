"""A source whose guids name nothing is told apart by its links, from the moment that it shows and for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hubs import Newsroom
from outlets import plain_item

from feedhub.store import Connection, claims
from feedhub.store.tables import copy, remark


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    room = Newsroom(tmp_path)
    room.source("paper")
    return room


def entry(number: int, guid: str, **more: Any) -> dict[str, Any]:
    return plain_item(number, **{"id": guid, **more})


def rows(connection: Connection) -> int:
    return len(list(connection.execute(copy.select())))


def is_told(room: Newsroom) -> bool:
    texts = room.read(lambda connection: list(connection.execute(remark.select()).scalars("text")))
    return any("guids name nothing" in text for text in texts)


def trusts(room: Newsroom) -> bool:
    return not any(row.state and row.state.guids_bad for row in room.read(claims.sources))


def test_one_guid_for_all_makes_an_entry_of_each(room: Newsroom) -> None:
    room.serve("paper", entry(1, "x"), entry(2, "x"))
    report = room.round()
    assert not trusts(room)
    assert any("guids name nothing" in (each.remark or "") for each in report.sources)
    assert is_told(room)
    # alone under the shared guid: neither an edit of the others nor a reuse
    for number in (3, 4, 5):
        room.serve("paper", entry(number, "x"))
        room.round(number)
    assert len(room.stories()) == 5
    assert room.read(rows) == 5


def test_an_entry_stays_itself_when_its_source_loses_trust(room: Newsroom) -> None:
    room.serve("paper", entry(1, "a"), entry(2, "b"))
    room.round()
    before = {story.id for story in room.stories()}
    room.serve("paper", entry(1, "x"), entry(2, "x"), entry(3, "x"))
    room.round(1)
    assert before < {story.id for story in room.stories()}
    assert (len(room.stories()), room.read(rows)) == (3, 3)


def test_guids_that_change_at_every_poll_lose_trust_at_the_third(room: Newsroom) -> None:
    for hour in range(6):
        room.serve("paper", *(entry(number, f"{number}-{hour}") for number in (1, 2, 3)))
        room.round(hour)
        assert trusts(room) == (hour < 3)
        assert (len(room.stories()), room.read(rows)) == (3, 3)
    assert is_told(room)


def test_a_guid_given_to_one_story_after_the_other_loses_trust_at_the_third(room: Newsroom) -> None:
    for hour in range(6):
        room.serve("paper", entry(hour, "latest"))
        room.round(hour)
        assert trusts(room) == (hour < 3)
        assert len(room.stories()) == room.read(rows) == hour + 1


def test_a_slip_costs_no_trust(room: Newsroom) -> None:
    room.serve("paper", *(entry(number, str(number)) for number in range(40)))
    room.round()
    room.serve("paper", entry(0, "renamed"), *(entry(number, str(number)) for number in range(1, 40)))
    for hour in range(1, 5):
        room.round(hour)
    assert trusts(room)
    assert room.read(rows) == 40


@pytest.mark.parametrize("more", [{}, {"url": "https://paper.example/1?utm_source=sport"}], ids=["twice", "tracked"])
def test_an_item_listed_twice_costs_no_trust(room: Newsroom, more: dict[str, Any]) -> None:
    room.serve("paper", entry(1, "1"), entry(1, "1", **more), entry(2, "2"))
    room.round()
    assert trusts(room)


def test_without_links_title_and_date_tell_entries_apart(room: Newsroom) -> None:
    room.serve("paper", entry(1, "x", url=None), entry(2, "x", url=None), entry(3, "x", url=None))
    for hour in (0, 1):
        room.round(hour)
    assert not trusts(room)
    assert (len(room.stories()), room.read(rows)) == (3, 3)


def test_another_url_is_trusted_anew(room: Newsroom, tmp_path: Path) -> None:
    room.serve("paper", entry(1, "x"), entry(2, "x"))
    room.round()
    room.serve("moved", entry(1, "1"), entry(2, "2"))
    room.reconfigure("paper", url=str(tmp_path / "moved.json"))
    room.round(1)
    assert trusts(room)
    assert room.read(rows) == 2
