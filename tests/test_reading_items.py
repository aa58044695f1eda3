"""`feedhub dedupe --pages`: pages are looked at where headlines and teasers do not decide, and only there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from commands import Desk

TEXT = (
    "The harbour of Tarn will close to car ferries for nine weeks from Monday, the port authority said on Thursday. "
    "Divers found cracks in four of the eleven piers that carry the loading ramp, and engineers want to replace them "
    "before the autumn storms. Foot passengers will board from the fish quay instead. The island's council asked the "
    "government to pay for two extra boats, for farmers cannot bring their sheep to market without the car deck. "
    "Harbour master Ilse Brandt said the work could not wait. It is the third closure since the ramp was built in 1988."
)
OTHER = (
    "A cattle market in Norwald sold eight hundred heifers on Thursday, the most since the hall opened. "
    "Buyers had come from three valleys, and prices rose by a tenth within the hour, the auctioneer said. "
    "Farmers who had sold early were not pleased. The next market is held in a fortnight, when rams are shown. "
    "Rain kept the smaller breeders away, and the hay that they had ordered stayed in the sheds of the cooperative."
)


def item(name: str, title: str, summary: str, source: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title": title,
        "summary": summary,
        "source": source,
        "url": f"https://{source}/{name}",
        "published": "2026-08-12T09:00:00Z",
        **more,
    }


ITEMS = [
    item("a", "Tarn harbour shuts its car ferry ramp", "Nine weeks without ferries: cracked piers.", "post.example"),
    item("b", "Cracked piers close Tarn harbour ramp to ferries", "Islanders want extra boats.", "herald.example"),
    item("c", "Heifers sell at a record", "Norwald market day.", "echo.example"),
]
OTHERS = [
    item(f"o{number}", title, "More on the page.", f"paper{number}.example")
    for number, title in enumerate(["Choir sings", "Snow melts early", "Tram line opens", "Bees return", "Lake is low"])
]
PAGES = [
    *({"id": other["id"], "text": f"{other['title']}. {OTHER}"} for other in OTHERS),
    {"url": "https://post.example/a", "text": TEXT},
    {"id": "b", "text": TEXT.replace("Thursday", "Thursday evening")},
    {"id": "c", "text": OTHER},
]


def run(desk: Desk, items: Sequence[Mapping[str, Any]], pages: Sequence[Mapping[str, Any]]) -> Any:
    (desk.folder / "items.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in items))
    (desk.folder / "pages.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in pages))
    return desk.run("dedupe", "items.jsonl", "--pages", "pages.jsonl")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_two_teasers_that_share_nothing_are_one_story_by_their_pages(desk: Desk) -> None:
    done = run(desk, [*ITEMS, *OTHERS], PAGES)
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["story"] == rows[0]["story"] for row in rows[:3]] == [True, True, False]
    assert [row["ground"] for row in rows if "on the page of" in row["ground"]]
    assert "read 2 of 8 pages" in done.err


def test_a_page_that_is_not_the_article_decides_nothing(desk: Desk) -> None:
    wall = "Please log in to read on. Subscribers have access to all articles of this site. " * 12
    done = run(desk, ITEMS, [{"id": name, "text": wall} for name in "abc"])
    assert [json.loads(line)["story"] for line in done.out.splitlines()] == ["a", "b", "c"]


def test_a_bad_line_of_pages_is_named(desk: Desk) -> None:
    done = run(desk, ITEMS, [{"text": TEXT}])
    assert done.code == 2
    assert "pages.jsonl:1: names no item" in done.err


def test_a_page_that_two_unlike_items_of_an_outlet_share_is_nobodys_text(desk: Desk) -> None:
    both = f"{TEXT} Norwald market day: heifers sell at a record. {OTHER}"
    items = [*ITEMS, item("d", "Heifers at a record: Norwald market", "Rams next.", "herald.example")]
    more = [item(f"m{n}", f"Nothing{n} of note{n}", f"Told{n} by{n} nobody{n}.", f"p{n}.example") for n in range(20)]
    pages = [{"id": name, "text": text} for name, text in (("a", TEXT), ("b", both), ("c", OTHER), ("d", both))]
    done = run(desk, [*items, *more], [*pages, *({"id": each["id"], "text": OTHER} for each in more)])
    rows = {row["id"]: row["story"] for row in map(json.loads, done.out.splitlines())}
    assert [rows[name] for name in "abcd"] == ["a", "b", "c", "d"]
    alone = [page for page in pages if page["id"] != "d"]
    done = run(desk, [*items, *more], [*alone, *({"id": each["id"], "text": OTHER} for each in more)])
    assert [json.loads(line)["story"] for line in done.out.splitlines()][:2] == ["b", "b"]
