"""The front page over a real store, and how the versions of a story are laid side by side."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hubs import BRIDGE, ORCHESTRA, Newsroom, item
from newsstand import at, rich_story
from outlets import Stand

from feedhub.admin import decide
from feedhub.directory import describe
from feedhub.model import OutputRule, StoryVersion
from feedhub.serve.version_diff import MAX_CHANGES, MAX_VERSIONS, Run, VersionDiffs

TAKES: dict[str, tuple[dict[str, Any], str]] = {
    "everything": ({}, "Every story."),
    "categories": ({"categories": ("sport", "chess")}, "Stories in sport or chess."),
    "an agency in a language": (
        {"agencies": ("MPA",), "languages": ("en",)},
        "Stories from MPA, in the language en.",
    ),
    "words of an outlet": ({"outlets": ("Post",), "words": ("ferr*",)}, "Stories run by Post, that speak of “ferr*”."),
    "coverage": (
        {"min_copies": 3, "within": timedelta(hours=1.5)},
        "Stories that 3 outlets or more have run within 1.5 hours.",
    ),
}


@pytest.mark.parametrize(("filters", "told"), TAKES.values(), ids=TAKES)
def test_an_output_is_described_by_what_it_takes(filters: dict[str, Any], told: str) -> None:
    assert describe(OutputRule(name="x", **filters)) == told


def test_the_front_page_tells_of_each_public_output_what_it_holds(tmp_path: Path) -> None:
    secret = OutputRule(name="secret", title="Hush", token="open-sesame-open-sesame")
    outputs = (OutputRule(name="all"), OutputRule(name="boats", words=("passenger boat",)), secret)
    room = Newsroom(tmp_path, settings={"feeds": outputs})
    room.source("courier")
    room.serve("courier", item("a", "Bridge shut", *BRIDGE), item("b", "A cellist leads", *ORCHESTRA))
    stand = Stand(room)
    stand.round()
    with stand.served() as hub:
        page = " ".join(hub.get("/feeds/").text.split())
    assert "2 stories, last changed" in page
    assert "1 story, last changed" in page
    assert "Stories that speak of “passenger boat”." in page
    assert "Hush" not in page


def test_a_story_has_a_page_or_a_grave_only_where_a_public_output_carried_it(tmp_path: Path) -> None:
    secret = OutputRule(name="secret", token="open-sesame-open-sesame")
    public = OutputRule(name="all", words=("cellist",))
    room = Newsroom(tmp_path, settings={"feeds": (public, secret)})
    room.source("courier")
    room.serve("courier", item("a", "Bridge shut", *BRIDGE), item("b", "A cellist leads", *ORCHESTRA))
    stand = Stand(room)
    stand.round()
    pages = {guid: f"/story/{str(room.story_of('courier', guid)).rpartition(':')[2]}" for guid in "ab"}
    with stand.served() as hub:
        assert [hub.get(pages[guid]).status_code for guid in "ab"] == [404, 200]
        for guid in "ab":
            room.decide(decide.kill, f"courier {guid}")
        assert [hub.get(pages[guid]).status_code for guid in "ab"] == [404, 410]


def test_a_public_output_names_no_related_story_that_only_a_secret_one_carries(tmp_path: Path) -> None:
    secret = OutputRule(name="secret", token="open-sesame-open-sesame")
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(name="all", words=("musicians",)), secret)})
    room.source("courier")
    mixed = (ORCHESTRA[0], *BRIDGE[1:3], *ORCHESTRA[1:])
    room.serve("courier", item("a", "Bridge shut", *BRIDGE), item("b", "A weekend of music", *mixed))
    stand = Stand(room)
    stand.round()
    music = str(room.story_of("courier", "b")).rpartition(":")[2]
    with stand.served() as hub:
        pages = ["/feeds/all.json", f"/story/{music}", "/feeds/all.atom", "/feeds/all.html"]
        assert not [path for path in pages if "Bridge shut" in hub.get(path).text]
        told = hub.get("/feeds/open-sesame-open-sesame/secret.json").json()["items"]
        assert {len(one["_feedhub"]["related"]) for one in told} == {1}
        room.settings["feeds"] = (OutputRule(name="all"), secret)
        stand.round(1)
    with stand.served() as hub:
        assert {len(one["_feedhub"]["related"]) for one in hub.get("/feeds/all.json").json()["items"]} == {1}


def version(hours: float, *paragraphs: str) -> StoryVersion:
    html = "".join(f"<p>{text}</p>" for text in paragraphs)
    return StoryVersion(at=at(hours), key=rich_story().canonical, name="The Lantern", title="Ferry aground", html=html)


EDITED: list[Run] = [("same", "All"), ("del", "43"), ("ins", "34"), ("same", "are safe.")]
CHANGES: dict[str, tuple[list[str], list[str], list[list[Run]]]] = {
    "a word": (["All 43 are safe."], ["All 34 are safe."], [EDITED]),
    "a new lede before an edited one": (
        ["All 43 are safe."],
        ["Divers went down.", "All 34 are safe."],
        [[("ins", "Divers went down.")], EDITED],
    ),
    "another text altogether": (["One two."], ["Four five."], [[("del", "One two.")], [("ins", "Four five.")]]),
    "the end cut": (["Stays.", "Goes."], ["Stays."], [[("del", "Goes.")]]),
    "nothing": (["Stays."], ["Stays."], []),
}


@pytest.mark.parametrize(("before", "after", "changes"), CHANGES.values(), ids=CHANGES)
def test_paragraphs_are_compared_with_those_that_they_became(
    before: list[str], after: list[str], changes: list[list[Run]]
) -> None:
    newest, first = VersionDiffs().of([version(0, *before), version(1, *after)])
    assert newest.changes == changes
    assert first.changes == []


LONG = {
    "each paragraph another": ([f"Old words {n}." for n in range(750)], [f"New text {n}, here." for n in range(750)]),
    "a third of each paragraph": (
        [" ".join(f"word{n}.{w}" for w in range(20)) + f" old {n} " * 5 for n in range(750)],
        [" ".join(f"word{n}.{w}" for w in range(20)) + f" new {n} " * 5 for n in range(750)],
    ),
    "two words in turn": (["a b " * 290 + str(n) for n in range(60)], ["b a " * 290 + str(n) for n in range(60)]),
    "one paragraph, again and again": (["The same."] * 5_000, ["The same."] * 4_000 + ["Another."] * 900),
    "one paragraph of a book": (["a b " * 100_000], ["b a " * 100_000]),
    "one word of a megabyte": (["a" * 1_000_000], ["b" * 1_000_000]),
}


@pytest.mark.parametrize(("before", "after"), LONG.values(), ids=LONG)
def test_what_texts_of_any_length_changed_is_told_at_a_bounded_cost(before: list[str], after: list[str]) -> None:
    diffs = VersionDiffs()
    versions = [version(0, *before), version(1, *after)]
    started = time.process_time()
    newest, _ = diffs.of(versions)
    assert time.process_time() - started < 2
    assert 0 < len(newest.changes) <= MAX_CHANGES
    assert len(newest.changes) + newest.more_changes + newest.unchanged >= min(len(before), 5_000)
    words = [len(text.split()) for runs in newest.changes for _, text in runs]
    assert max(words) <= 601, "no paragraph is told at any length"


def test_very_many_versions_are_told_as_far_as_a_page_shows_them() -> None:
    few = VersionDiffs().of([version(n, f"Text {n}.") for n in range(MAX_VERSIONS)])
    assert (len(few), few[-1].title, few[-1].changes) == (MAX_VERSIONS, None, [])
    many = VersionDiffs().of([version(n, f"Text {n}.") for n in range(MAX_VERSIONS + 9)])
    assert len(many) == MAX_VERSIONS
    assert all(one.changes for one in many), "the first of those that are shown is not the first"


def test_a_version_is_compared_once() -> None:
    diffs = VersionDiffs()
    first = diffs.of([version(0, "All 43 are safe."), version(1, "All 34 are safe.")])
    again = diffs.of([version(0, "All 43 are safe."), version(1, "All 34 are safe.")])
    assert again[0].changes is first[0].changes
