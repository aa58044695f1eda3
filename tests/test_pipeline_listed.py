"""What stands side by side in one document is different items; what comes in place of another is that item again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hubs import Newsroom

WARNING = "Strong winds may lead to some disruption to travel on the coast roads."
REPORT = " ".join(
    f"The keeper of lamp {number} wrote that the wind had taken his roof at {number} in the night."
    for number in range(9)
)


def entry(number: int, text: str = WARNING, day: int = 0, title: str = "Yellow warning of wind") -> dict[str, Any]:
    return {
        "id": f"met{number}",
        "url": f"https://met.example/{number}",
        "title": title,
        "content_text": text,
        "date_published": f"2026-03-1{day}T08:00:00Z",
    }


def test_equal_warnings_that_one_document_lists_are_stories_of_their_own(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.source("met")
    newsroom.serve("met", *(entry(number) for number in range(3)))
    newsroom.round()
    assert len(newsroom.stories()) == 3


def test_they_stay_apart_when_the_document_lists_them_no_more(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.source("met")
    newsroom.serve("met", entry(1))
    newsroom.round()
    newsroom.serve("met", entry(2), entry(1))
    newsroom.round(1)
    newsroom.serve("met", entry(2, WARNING + " Lorries keep off."))
    newsroom.round(2)
    assert len(newsroom.stories()) == 2


def test_a_report_that_one_outlet_prints_twice_is_one_story(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path)
    newsroom.source("met")
    newsroom.serve("met", entry(1, REPORT), entry(2, REPORT))
    newsroom.round()
    assert len(newsroom.stories()) == 1
