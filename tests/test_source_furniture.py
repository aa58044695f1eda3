"""Lines that a source repeats in every entry leave what is published, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hubs import Newsroom, item
from sqlalchemy import select

from feedhub.merge import source_furniture
from feedhub.merge.source_furniture import keys_of, line_key, repeated, without, without_blocks
from feedhub.model import Copy, EntryKey
from feedhub.store.tables import remark
from feedhub.structs import replace

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PROSE = [
    "The ferry across the bay stopped after a bolt broke, and two hundred people walked home along the shore.",
    "A library in the old town opened its doors again with new shelves, a garden and a room for the children.",
    "Farmers on the plain began to bring in the barley two weeks early after a spring that hardly saw a cloud.",
    "The choir of the harbour church sang in the rain, since the roof above them is still being mended.",
    "A bear that had come down to the orchards was led back into the hills by a ranger with a jar of honey.",
    "Divers found the anchor of a ship that had been looked for in the strait for more than a hundred years.",
]
CHROME = ["Bookmark", "Set the Bay Paper as your preferred source", "Share this with friends & family"]


def copy(number: int, *lines: str, title: str | None = None) -> Copy:
    return Copy(
        key=EntryKey(source="bay", guid=str(number)),
        outlet="bay",
        title=title or f"{PROSE[number][:30]} {number}",
        paragraphs=lines,
        html="".join(f"<p>{line.replace('&', '&amp;')}</p>\n" for line in lines),
        first_seen=NOON,
    )


def entries(*copies: Copy) -> list[tuple[str, frozenset[str]]]:
    return [(each.title, keys_of(each)) for each in copies]


ALL = [copy(n, CHROME[0], CHROME[1], prose, CHROME[2]) for n, prose in enumerate(PROSE)]


def test_what_nearly_every_entry_has_is_found_and_leaves_text_and_markup() -> None:
    lines = repeated(entries(*ALL))
    assert lines == frozenset(map(line_key, CHROME))
    bare = without(ALL[0], lines, sure=lambda: lines)
    assert (bare.paragraphs, bare.html) == ((PROSE[0],), f"<p>{PROSE[0]}</p>")
    assert bare.dropped == {"repeated by the source": 3}


def test_what_some_entries_have_stays() -> None:
    some = [copy(n, prose, CHROME[0]) if n < 3 else copy(n, prose) for n, prose in enumerate(PROSE)]
    assert repeated(entries(*some)) == frozenset()


def test_a_few_entries_and_entries_under_one_headline_show_nothing() -> None:
    assert repeated(entries(*ALL[:4])) == frozenset()
    same = [replace(each, title="Yellow warning of wind") for each in ALL]
    assert repeated(entries(*same)) == frozenset()


def test_an_entry_that_would_lose_all_of_its_text_keeps_it() -> None:
    form = copy(0, CHROME[1])
    assert without(form, frozenset([line_key(CHROME[1])])) is form


def test_more_than_a_third_needs_a_second_sign() -> None:
    short = copy(0, "The ferry stopped.", CHROME[1])
    lines = frozenset([line_key(CHROME[1])])
    assert without(short, lines) is short
    assert without(short, lines, sure=lambda: lines).paragraphs == ("The ferry stopped.",)


@pytest.mark.parametrize(
    ("html", "bare"),
    [
        ("<p>Bookmark</p>\n<p>Text</p>", "<p>Text</p>"),
        ("<p>Bookmark<br>Text</p>", "<p>Text</p>"),
        ("<ul>\n<li>Bookmark</li>\n<li>Text</li>\n</ul>", "<ul>\n<li>Text</li>\n</ul>"),
        ("<ul><li>Bookmark</li></ul><p>Text</p>", "<p>Text</p>"),
        ('<h3 id="x"><a href="https://a.example/">Bookmark</a></h3><p>Text</p>', "<p>Text</p>"),
        ("<blockquote><p>Bookmark</p></blockquote><p>Text</p>", "<p>Text</p>"),
        ('<p>Bookmark <img src="https://a.example/b.png"></p>', '<p>Bookmark <img src="https://a.example/b.png"></p>'),
        ("<p>Bookmark it today</p>", "<p>Bookmark it today</p>"),
        ("<pre>Bookmark</pre>", "<pre>Bookmark</pre>"),
    ],
)
def test_blocks_and_lines_of_blocks_go_and_pictures_stay(html: str, bare: str) -> None:
    assert without_blocks(html, frozenset(["bookmark"])) == bare


def test_scripts_without_spaces_have_lines_too() -> None:
    texts = [
        "渡し船が止まり、二百人が海岸を歩いて家に帰った。",
        "図書館が新しい棚と庭とともに再び開いた。",
        "大麦の収穫が二週間早く始まった。",
    ]
    japanese = [copy(n, "あわせて読みたい", text * 2) for n, text in enumerate([*texts, *texts[:2]])]
    lines = repeated([(str(n), keys_of(each)) for n, each in enumerate(japanese)])
    assert lines == frozenset([line_key("あわせて読みたい")])


def test_nothing_is_done_without_lines() -> None:
    assert without(ALL[0], frozenset()) is ALL[0]
    assert source_furniture.without_blocks("<p>x</p>", frozenset()) == "<p>x</p>"


CHROME_HTML = [*CHROME[:2], "Listen to the news of the bay every morning with our own letter"]


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    made.source("bay")
    return made


def served(number: int) -> dict[str, Any]:
    return item(f"b{number}", f"{PROSE[number][:34]} {number}", CHROME_HTML[0], PROSE[number], *CHROME_HTML[1:])


def remarks(room: Newsroom) -> list[str]:
    return room.read(lambda connection: [text for (text,) in connection.execute(select(remark.c.text))])


def test_a_sources_furniture_leaves_all_of_its_stories_with_a_record(room: Newsroom) -> None:
    room.serve("bay", *map(served, range(6)))
    room.round()
    shown = sorted(story.html or "" for story in room.stories())
    assert shown == sorted(f"<p>{prose}</p>" for prose in PROSE)
    assert [text for text in remarks(room) if "left out of what is published" in text and '"bookmark"' in text]


def test_that_furniture_was_learned_later_is_no_news(room: Newsroom) -> None:
    room.serve("bay", *map(served, range(2)))
    room.round()
    before = {story.id: story.updated for story in room.stories()}
    assert all(CHROME_HTML[0] in (story.html or "") for story in room.stories())
    longer = served(0)
    longer["content_html"] += "<p>It runs again.</p>"
    room.serve("bay", longer, *map(served, range(1, 6)))
    room.round(1)
    changed = next(story for story in room.stories() if "It runs again" in (story.html or ""))
    assert changed.html == f"<p>{PROSE[0]}</p><p>It runs again.</p>"
    assert changed.updated == before[changed.id]
