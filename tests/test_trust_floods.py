"""A source that brings too much, or ends others' stories: what it may take, and where it is told."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hubs import BRIDGE, NOON, Newsroom, item

from feedhub.directory import output_directory
from feedhub.feeds.output_query import OutputQuery
from feedhub.health import watch
from feedhub.health.diagnosis import find_conditions
from feedhub.model import OutputRule, Source, SourceState
from feedhub.store import Database, conditions, copies, stories
from feedhub.store.conditions import SourceIntake

pytestmark = pytest.mark.usefixtures("engine")
WORDS = [a + b + c for a in ("bra", "co", "de", "fi") for b in ("lan", "mer", "nos") for c in ("t", "ck", "ling")]


def invented(number: int, minutes: int, **more: Any) -> dict[str, Any]:
    """An item like no other, so many minutes before noon."""
    chance = random.Random(number)
    at = (NOON - timedelta(minutes=minutes)).isoformat() if minutes >= 0 else None
    text = " ".join(chance.choices(WORDS, k=70)).capitalize() + "."
    made = item(f"n{number:04}", " ".join(chance.choices(WORDS, k=7)).capitalize(), text, **more)
    return {**made, "date_published": at} if at else {k: v for k, v in made.items() if k != "date_published"}


def told(room: Newsroom, hours: float) -> dict[str, str]:
    """The conditions of the sources, by `SOURCE KIND`."""
    now = NOON + timedelta(hours=hours)
    store = Database.open(room.config.database)
    try:
        with store.write() as connection:
            watch(connection, now)
            rows = conditions.current_and_ended_since(connection, since=now)
    finally:
        store.close()
    return {f"{row.source} {row.kind}": row.text for row in rows if row.until is None}


def titles(room: Newsroom, hours: float = 0, output: str = "all") -> Sequence[str]:
    """What an output shows, first things first."""
    directory = output_directory(room.config, "test.example,2026")
    rule = next(rule for rule in room.config.feeds if rule.name == output)
    now = NOON + timedelta(hours=hours)
    page = room.read(lambda connection: OutputQuery(directory).select_page(connection, rule, now))
    return [one.story.canonical.guid for one in page.items]


def test_no_more_than_its_quota_of_new_entries_is_taken_in_a_round_the_newest_first(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("flood", quota=4)
    items = [invented(number, minutes=number) for number in (3, 1, 9, 5, 2, 7, 8, 6, 4, 0)]
    room.serve("flood", *items)
    report = room.round()
    assert sorted(titles(room)) == ["n0000", "n0001", "n0002", "n0003"]
    assert report.sources[0].remark == "6 new entries wait for the next round: no more than 4 are taken (`quota`)"
    assert told(room, 0)["flood backlog"] == "brings more than its quota: 6 new entries wait for the next round"
    room.round(1)
    assert len(room.stories()) == 8
    room.round(2)
    assert len(room.stories()) == 10
    assert "flood backlog" not in told(room, 2)
    room.round(3)
    assert len(room.read(copies.tags_by_entry)) == 10


def test_strangers_have_a_quota_and_files_have_one_where_the_operator_says_so() -> None:
    assert Source(id="a", url="https://a.example/rss", name="A").entries_a_round == 200
    assert Source(id="a", url="https://a.example/rss", name="A", quota=9).entries_a_round == 9
    assert Source(id="a", url="/news/archive.xml", name="A").entries_a_round is None
    assert Source(id="a", url="/news/archive.xml", name="A", quota=9).entries_a_round == 9


def written(room: Newsroom, number: int) -> str:
    """What an entry says now."""
    (text,) = (story.html or "" for story in room.stories() if story.canonical.guid == f"n{number:04}")
    return text


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """A source of which each entry takes as long to clean as a round may."""
    monkeypatch.setattr("feedhub.ingest.cleaning_limit.CLEANING_SECONDS", 1e-9)
    room = Newsroom(tmp_path)
    room.source("slow", quota=200)
    return room


def test_entries_that_take_long_to_clean_wait_the_newest_first_and_none_is_lost(slow: Newsroom) -> None:
    slow.serve("slow", *(invented(number, minutes=number) for number in (2, 0, 1)))
    report = slow.round()
    assert titles(slow) == ["n0000"]
    assert (report.sources[0].remark or "").startswith("2 entries wait for the next round: cleaning takes over ")
    assert told(slow, 0)["slow costly"] == "takes long to clean: 2 new or edited entries wait for the next round"
    slow.round(1)
    assert sorted(titles(slow, 1)) == ["n0000", "n0001"]
    slow.round(2)
    assert sorted(titles(slow, 2)) == ["n0000", "n0001", "n0002"]
    assert "slow costly" not in told(slow, 2)


def test_edits_wait_as_new_entries_do(slow: Newsroom) -> None:
    # RSS, of which only what changed is read
    slow.reconfigure("slow", url=str(slow.folder / "slow.xml"))

    def serve(edition: str) -> None:
        rows = (
            f"<item><guid isPermaLink='false'>n{number:04}</guid><title>{word} opens</title><pubDate>"
            f"{NOON - timedelta(minutes=number):%a, %d %b %Y %H:%M} GMT</pubDate>"
            f"<description>{f'{word} {edition} ' * 30}</description></item>"
            for number, word in enumerate(WORDS[:3])
        )
        document = f"<rss version='2.0'><channel><title>Slow</title>{''.join(rows)}</channel></rss>"
        (slow.folder / "slow.xml").write_text(document)

    serve("first")
    for hours in range(3):
        slow.round(hours)
    assert len(slow.stories()) == 3
    serve("second")
    for hours in range(3):
        slow.round(3 + hours)
        assert ["second" in written(slow, number) for number in range(3)] == [number <= hours for number in range(3)]
        assert len(slow.stories()) == 3
    assert "slow costly" not in told(slow, 5)


def test_an_entry_in_place_of_another_that_waits_is_that_one_still(slow: Newsroom) -> None:
    items = [invented(number, minutes=0) for number in range(4)]
    slow.serve("slow", *items)
    for hours in range(4):
        slow.round(hours)
    before = {story.id for story in slow.stories()}
    slow.serve("slow", *({**each, "id": f"x{each['id']}", "url": f"{each['url']}x"} for each in items))
    for hours in range(12):
        slow.round(4 + hours)
    assert {story.id for story in slow.stories()} == before
    assert [len(story.copies) for story in slow.stories()] == [1] * 4
    assert {guid for _, guid in slow.read(copies.tags_by_entry)} > {f"xn{number:04}" for number in range(4)}


def test_one_flooding_source_leaves_the_others_newest(tmp_path: Path) -> None:
    rules = (OutputRule(name="all", limit=6), OutputRule(name="fair", limit=6, per_outlet=3))
    room = Newsroom(tmp_path, settings={"feeds": rules})
    room.source("flood", quota=4)
    room.source("paper")
    room.serve("paper", item("p1", "Bridge at Marrow Ferry shut", *BRIDGE))
    room.serve("flood", *(invented(number, minutes=0) for number in range(40)))
    room.round()
    assert "p1" in titles(room)
    room.round(1)
    assert "p1" in titles(room, 1, "fair")


def test_what_entered_together_stands_by_its_date_and_the_undated_last(tmp_path: Path) -> None:
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(name="all", limit=4),)})
    room.source("paper")
    dated = [invented(number, minutes=number) for number in (5, 2, 9, 1, 7)]
    room.serve("paper", invented(77, minutes=-1), *dated, invented(66, minutes=-60 * 24 * 365))
    room.round()
    assert titles(room) == ["n0001", "n0002", "n0005", "n0007"]
    wide = (OutputRule(name="all", limit=9),)
    room.settings["feeds"] = wide
    assert set(titles(room)[-2:]) == {"n0066", "n0077"}
    room.serve("paper", *dated, invented(3, minutes=300))
    room.round(1)
    assert titles(room, 1)[0] == "n0003"


def test_a_source_that_brings_unusually_much_is_told(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("paper")
    for day in range(8):
        room.serve("paper", *(invented(100 * day + n, minutes=-60 * 24 * day - n) for n in range(3)))
        room.round(24 * day)
    assert "paper volume" not in told(room, 24 * 7)
    room.serve("paper", *(invented(9000 + n, minutes=-60 * 24 * 8 - n) for n in range(60)))
    room.round(24 * 8)
    assert told(room, 24 * 8)["paper volume"] == "brings unusually much: 66 entries in two days, where 6 are usual"


def test_a_source_whose_copies_end_published_stories_is_told(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    for name in ("alpha", "beta", "evil"):
        room.source(name)
        room.serve(name)
    room.serve("alpha", item("a1", "Alpha headline", *BRIDGE[:3]))
    room.serve("beta", item("b1", "Beta news of it", "A lede.", BRIDGE[0]))
    room.round()
    assert len(room.stories()) == 2
    room.serve("evil", item("e1", "All of it", *BRIDGE))
    ((ended, into),) = room.round(1).joined
    assert room.read(lambda connection: stories.joins_by_source(connection, since=NOON)) == {"evil": 1}
    assert (room.row(ended).joined_by, room.row(into).joined_by) == ("evil", None)


@pytest.mark.parametrize(("joins", "kinds"), [(1, []), (2, ["joins"])])
def test_one_join_is_no_trouble(joins: int, kinds: list[str]) -> None:
    times: dict[str, Any] = {"oldest": NOON, "newest": NOON, "listed_oldest": NOON, "listed_newest": NOON}
    counts: dict[str, Any] = dict.fromkeys(("recent", "recent_copies", "earlier", "earlier_copies"), 1)
    intake = SourceIntake(entries=3, listed=1, joins=joins, **times, **counts)
    found = find_conditions(SourceState(configured="https://a.example/"), intake, NOON)
    assert [condition.kind for condition in found] == kinds
