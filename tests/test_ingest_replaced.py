"""Listed together, two; in place of, one: an entry under a new guid and address for one that went."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hubs import Newsroom, item

HEAD = "Road to the coast shut for weeks, drivers told to go round"
TEXT = "The council shut the road on Monday after a slip and said that it would be weeks before it opens again."
OTHER = "A choir of forty voices sang in the harbour church, whose roof is being mended since the storms of spring."


def entry(name: str, title: str = HEAD, text: str = TEXT, **more: Any) -> dict[str, Any]:
    return item(name, title, text, url=f"https://news.example/articles/{name}", **more)


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    made.source("news")
    made.serve("news", entry("AAA"), entry("other", "Choir sings under a half-mended roof", OTHER))
    made.round()
    return made


def test_an_entry_that_comes_in_place_of_another_is_that_entry(room: Newsroom) -> None:
    tag = room.story_of("news", "AAA")
    updated = {story.id: story.updated for story in room.stories()}
    room.serve("news", entry("BBB"), entry("other", "Choir sings under a half-mended roof", OTHER))
    room.round(1)
    assert {story.id: story.updated for story in room.stories()} == updated
    assert room.story_of("news", "BBB") == room.story_of("news", "AAA") == tag
    (story,) = [story for story in room.stories() if story.id == tag]
    assert story.url == "https://news.example/articles/BBB"
    room.serve("news", entry("CCC"), entry("other", "Choir sings under a half-mended roof", OTHER))
    room.round(2)
    assert room.story_of("news", "CCC") == tag
    assert len(room.stories()) == 2


@pytest.mark.parametrize(
    ("later", "items"),
    [
        pytest.param([entry("BBB", at="2026-03-10T11:00:00Z")], 3, id="another date"),
        pytest.param([entry("BBB", "Road to the coast opens again, drivers told")], 3, id="another headline"),
        pytest.param([entry("BBB", text=OTHER.replace("choir", "band"))], 3, id="another text"),
        pytest.param([entry("BBB"), entry("CCC")], 4, id="two in place of one"),
        pytest.param([entry("AAA"), entry("BBB")], 3, id="listed together"),
    ],
)
def test_another_entry_is_new(room: Newsroom, later: list[dict[str, Any]], items: int) -> None:
    room.serve("news", *later)
    report = room.round(1)
    assert report.copies == items - 2
    assert room.story_of("news", "BBB") is not None


def test_an_entry_that_went_earlier_is_not_replaced(room: Newsroom) -> None:
    room.serve("news", entry("other", "Choir sings under a half-mended roof", OTHER))
    room.round(1)
    room.serve("news", entry("BBB"), entry("other", "Choir sings under a half-mended roof", OTHER))
    assert room.round(2).copies == 1
