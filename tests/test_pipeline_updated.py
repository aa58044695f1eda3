"""What moves `updated` of a story on its way through the hub, and what only changes what is served."""

from __future__ import annotations

from pathlib import Path

import pytest
from hubs import Newsroom, item

TEXT = "Three workers died and eleven were hurt when a scaffold fell inside the spillway of the dam, officials said."
MORE = (
    "The structure, some 40 metres high, came down shortly after seven in the morning while a shift was handing over."
)


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    made.source("bay")
    return made


def moves(room: Newsroom, old: list[str], new: list[str], *, title: str = "Workers die at dam") -> bool:
    """Whether `updated` of a story moves when its only entry says something new; what is new is served in any case."""
    room.serve("bay", item("b1", "Workers die at dam", *old))
    room.round()
    (before,) = room.stories()
    room.serve("bay", item("b1", title, *new))
    room.round(3)
    (after,) = room.stories()
    return after.updated != before.updated


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("10 points by ada | 3 comments", "110 points by ada | 41 comments", id="points"),
        pytest.param("Просмотров: 12", "Просмотров: 3120", id="views in Russian"),
        pytest.param("閲覧数：12", "閲覧数：3,120", id="views in Japanese"),
        pytest.param("Posted 5 minutes ago", "Posted 3 hours ago", id="time ago"),
        pytest.param("Advertisement: boots from 10 euros", "Advertisement: hats, 40 per cent off", id="advert"),
        pytest.param(
            '<a href="https://shop.example/1">Boots from 10 euros at the Bay Store</a>',
            '<a href="https://shop.example/2">Forty hats for the winter at Hill Market</a>',
            id="linked advert",
        ),
    ],
)
def test_what_changes_by_itself_moves_nothing(room: Newsroom, old: str, new: str) -> None:
    assert not moves(room, [TEXT, MORE, old], [TEXT, MORE, new])


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(TEXT.replace("Three", "3"), id="figures for words"),
        pytest.param(TEXT.replace("eleven", "11"), id="figures for words within"),
        pytest.param(TEXT.replace("officials", "Officials"), id="case"),
        pytest.param(TEXT.replace("scaffold fell", "scaffolding fell"), id="a word"),
    ],
)
def test_another_way_to_say_the_same_moves_nothing(room: Newsroom, new: str) -> None:
    assert not moves(room, [TEXT, MORE], [new, MORE])


@pytest.mark.parametrize(
    "new",
    [
        pytest.param([TEXT.replace("Three", "Five"), MORE], id="a number in words"),
        pytest.param([TEXT, MORE.replace("40", "45")], id="a number in figures"),
        pytest.param([TEXT.replace("were hurt", "were not hurt"), MORE], id="a negation"),
        pytest.param([TEXT.replace("the dam,", "the Kelmar dam,"), MORE], id="a name"),
    ],
)
def test_a_fact_moves_it(room: Newsroom, new: list[str]) -> None:
    assert moves(room, [TEXT, MORE], new)


def test_a_headline_in_another_case_moves_nothing(room: Newsroom) -> None:
    assert not moves(room, [TEXT, MORE], [TEXT, MORE], title="WORKERS DIE AT DAM")
