"""The life of a story, told in rounds over a real store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom, item

from feedhub.ingest import Outcome, record
from feedhub.ingest.changed_entries import Changeset
from feedhub.model import Rights, Source
from feedhub.store import Connection

pytestmark = pytest.mark.usefixtures("engine")
Room = Callable[..., Newsroom]


@pytest.fixture
def newsroom(tmp_path: Path) -> Room:
    def make(*names: str) -> Newsroom:
        room = Newsroom(tmp_path)
        for name in names:
            room.source(name)
            room.serve(name)
        return room

    return make


def test_copies_of_one_text_under_other_headlines_are_one_story(newsroom: Room) -> None:
    room = newsroom("herald", "courier", "post")
    room.serve("herald", item("h1", "Bridge to the peninsula is shut", *BRIDGE))
    room.serve("courier", item("c1", "Marrow Ferry cut off as hangers fail", *BRIDGE[:2]))
    room.serve("post", item("p1", "Musicians choose one of their own", *ORCHESTRA))
    room.round()
    assert room.story_of("herald", "h1") == room.story_of("courier", "c1") != room.story_of("post", "p1")
    merged = next(story for story in room.stories() if len(story.copies) == 2)
    assert {copy.outlet for copy in merged.copies} == {"Herald", "Courier"}
    assert merged.title == "Bridge to the peninsula is shut"


def test_a_bug_that_one_source_meets_costs_the_others_nothing_and_is_told(
    newsroom: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room = newsroom("herald", "courier", "post")
    room.serve("herald", item("h1", "Bridge to the peninsula is shut", *BRIDGE))
    room.serve("courier", item("c1", "Musicians choose one of their own", *ORCHESTRA))
    real = record.compare

    def breaks(connection: Connection, source: Source, *rest: Any, **more: Any) -> Changeset | None:
        if source.id == "courier":
            raise KeyError(source.id)
        return real(connection, source, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(record, "compare", breaks)
        report = room.round()
    (failed,) = report.failed
    assert (failed.source, report.exit_code) == ("courier", 3)
    assert (failed.remark or "").startswith("feedhub broke over it (KeyError in ")
    assert "Traceback" in caplog.text
    assert [story.title for story in room.stories()] == ["Bridge to the peninsula is shut"]
    # it is tried again when it is due, as after any failure
    assert room.round(2, everything=False).failed == ()
    assert len(room.stories()) == 2


def test_a_story_keeps_its_id_when_a_better_copy_becomes_canonical(newsroom: Room) -> None:
    room = newsroom("courier", "herald")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE[:2]))
    room.round()
    before = room.story_of("courier", "c1")
    room.serve("herald", item("h1", "Bridge shut for eleven weeks", *BRIDGE))
    room.round(1)
    story = room.stories()[0]
    assert story.id == before
    assert story.canonical.source == "herald"


def test_one_more_outlet_never_moves_updated(newsroom: Room) -> None:
    room = newsroom("courier", "herald")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    before = room.stories()[0].updated
    room.serve("herald", item("h1", "Bridge shut", *BRIDGE))
    room.round(1)
    story = room.stories()[0]
    assert len(story.copies) == 2
    assert story.updated == before


def test_a_changed_number_moves_updated_and_a_mended_comma_does_not(newsroom: Room) -> None:
    room = newsroom("courier")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    first = room.stories()[0].updated
    room.serve(
        "courier", item("c1", "Marrow Ferry cut off", BRIDGE[0].replace("Tuesday after", "Tuesday, after"), *BRIDGE[1:])
    )
    room.round(1)
    assert room.stories()[0].updated == first
    room.serve("courier", item("c1", "Marrow Ferry cut off", BRIDGE[0].replace("6,000", "7,500"), *BRIDGE[1:]))
    room.round(2)
    assert room.stories()[0].updated == NOON + timedelta(hours=2)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("http://paper.example/bridge", "https://www.paper.example/bridge/", id="scheme, www and slash"),
        pytest.param("https://paper.example/n/7#0", "https://paper.example/n/7#3", id="counted fragment"),
        pytest.param("node/90117", "node/90454", id="another guid for one page"),
    ],
)
def test_a_churned_guid_is_one_item_again(newsroom: Room, before: str, after: str) -> None:
    room = newsroom("courier")
    page = "https://paper.example/2026/bridge"
    room.serve("courier", item(before, "Marrow Ferry cut off", *BRIDGE) | {"url": page})
    room.round()
    first = room.stories()[0]
    room.serve("courier", item(after, "Marrow Ferry is cut off", *BRIDGE) | {"url": page})
    room.round(1)
    (story,) = room.stories()
    assert story.id == first.id
    assert len(story.copies) == 1
    assert story.title == "Marrow Ferry is cut off"


def test_a_reused_guid_begins_a_new_story_and_the_old_one_stays(newsroom: Room) -> None:
    room = newsroom("courier")
    room.serve("courier", item("latest", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    old = room.stories()[0].id
    room.serve("courier", item("latest", "Musicians choose one of their own", *ORCHESTRA))
    room.round(1)
    titles = {story.id: story.title for story in room.stories()}
    assert titles[old] == "Marrow Ferry cut off"
    assert len(titles) == 2


def test_an_entry_edited_into_another_story_leaves_the_first(newsroom: Room) -> None:
    room = newsroom("courier", "herald", "post")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.serve("herald", item("h1", "Bridge is shut", *BRIDGE))
    room.serve("post", item("p1", "Musicians choose", *ORCHESTRA))
    room.round()
    shared = room.story_of("herald", "h1")
    room.serve("courier", item("c1", "Marrow Ferry orchestra chooses", *ORCHESTRA))
    room.round(1)
    assert room.story_of("herald", "h1") == shared
    assert room.story_of("courier", "c1") == room.story_of("post", "p1") != shared


def test_a_late_full_text_joins_two_halves_and_the_younger_leaves_a_redirect(newsroom: Room) -> None:
    room = newsroom("courier", "herald", "post")
    room.serve("courier", item("c1", "Alpha headline", *BRIDGE[:3]))
    room.round()
    room.serve("herald", item("h1", "Beta news of it", "A lede.", BRIDGE[0]))
    room.round(1)
    halves = {room.story_of("courier", "c1"), room.story_of("herald", "h1")}
    assert len(halves) == 2
    older = room.story_of("courier", "c1")
    room.serve("post", item("p1", "All of it", *BRIDGE))
    room.round(2)
    assert {story.id for story in room.stories()} == {older}
    (younger,) = halves - {older}
    row = room.row(str(younger))
    assert row.state == "joined"
    assert row.successor == room.row(str(older)).id


def test_a_kill_by_the_agency_ends_the_story_and_by_a_paper_only_its_copy(newsroom: Room) -> None:
    room = newsroom("courier", "herald")
    room.source("wire", agency="Quill Agency")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.serve("herald", item("h1", "Bridge shut", *BRIDGE))
    room.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *BRIDGE))
    room.round()
    (story,) = room.stories()
    room.serve("herald", item("h1", "KILL: Bridge shut", "This story has been withdrawn."))
    room.round(1)
    assert {copy.outlet for copy in room.stories()[0].copies} == {"Courier", "Wire"}
    room.serve("wire", item("w1", "KILL: Bridge at Marrow Ferry shut", "Kill. This story has been withdrawn."))
    report = room.round(2)
    assert report.killed == (story.id,)
    assert room.stories() == []
    assert room.row(story.id).state == "killed"


def test_vanishing_from_the_feed_ends_nothing(newsroom: Room) -> None:
    room = newsroom("courier")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    room.serve("courier")
    room.round(1)
    assert len(room.stories()) == 1


def test_running_again_changes_nothing(newsroom: Room) -> None:
    room = newsroom("courier", "herald")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.serve("herald", item("h1", "Bridge shut", *BRIDGE[:3]))
    room.round()
    before = room.stories()
    report = room.round(1)
    assert report.copies == 0
    assert room.stories() == before
    assert {each.outcome for each in report.sources} == {Outcome.UNCHANGED}


def test_a_held_story_waits_for_its_agency_and_is_released_by_the_agencys_copy(newsroom: Room) -> None:
    room = newsroom("courier")
    room.source("wire", agency="Quill Agency")
    room.serve("wire")
    room.settings["hold"] = timedelta(minutes=30)
    credited = (f"MARROW FERRY, March 10 (Quill Agency) - {BRIDGE[0]}", *BRIDGE[1:])
    room.serve("courier", item("c1", "Marrow Ferry cut off", *credited))
    assert room.round().held_back == 1
    assert room.stories()[0].released == NOON + timedelta(minutes=30)
    room.serve("wire", item("w1", "Bridge shut", *BRIDGE))
    assert room.round(0.1).held_back == 0
    assert room.stories()[0].released == NOON + timedelta(hours=0.1)


@pytest.mark.parametrize("first", ["wire", "courier"])
def test_restricted_text_never_shows_whoever_came_first(newsroom: Room, first: str) -> None:
    room = newsroom("courier")
    room.source("wire", agency="Quill Agency", rights=Rights.HEADLINE)
    room.serve("wire")
    feeds = {
        "wire": item("w1", "Bridge at Marrow Ferry shut", *BRIDGE),
        "courier": item("c1", "Marrow Ferry cut off", *BRIDGE[:3]),
    }
    room.serve(first, feeds.pop(first))
    room.round()
    for name, entry in feeds.items():
        room.serve(name, entry)
    room.round(1)
    (story,) = room.stories()
    assert len(story.copies) == 2
    assert (story.title, story.html, story.summary) == ("Bridge at Marrow Ferry shut", None, None)
    assert story.url == "https://paper.example/w1"


def test_lowered_rights_reach_stories_that_are_out_already(newsroom: Room) -> None:
    room = newsroom("courier")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    assert room.stories()[0].html is not None
    room.reconfigure("courier", rights=Rights.HEADLINE)
    room.round(1)
    (story,) = room.stories()
    assert (story.html, story.summary) == (None, None)


def test_a_purged_story_does_not_return_while_its_source_still_lists_it(newsroom: Room) -> None:
    room = newsroom("courier")
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    room.round(24 * 31)
    assert room.stories() == []
    room.serve("courier", item("c1", "Marrow Ferry cut off again", *BRIDGE))
    room.round(24 * 32)
    assert room.stories() == []


def test_an_aggregators_several_sources_of_one_outlet_count_as_one(newsroom: Room) -> None:
    room = newsroom()
    for name in ("front", "local"):
        room.source(name, outlet="The Courier")
        room.serve(name, item(f"{name}-1", "Marrow Ferry cut off", *BRIDGE) | {"url": "https://paper.example/bridge"})
    room.round()
    (story,) = room.stories()
    assert [copy.outlet for copy in story.copies] == ["The Courier"]


def test_a_source_that_is_polled_once_a_month_is_not_due_again_at_every_start(newsroom: Room) -> None:
    room = newsroom("herald")
    room.reconfigure("herald", interval=timedelta(days=30))
    asked = [len(room.round(hours, everything=False).sources) for hours in (0, 1, 24 * 29, 24 * 34)]
    assert asked == [1, 0, 0, 1]


def test_an_entry_that_tells_only_when_it_changed_keeps_its_first_date(newsroom: Room) -> None:
    room = newsroom("herald")
    first = item("h1", "Bridge to the peninsula is shut", *BRIDGE[:2], date_modified="2026-03-09T08:00:00Z")
    del first["date_published"]
    room.serve("herald", first)
    room.round()
    (before,) = room.stories()
    assert before.published == before.copies[0].published == NOON.replace(day=9, hour=8)
    later = item("h1", "Bridge to the peninsula is shut", *BRIDGE[:3], date_modified="2026-03-10T09:00:00Z")
    del later["date_published"]
    room.serve("herald", later)
    room.round(hours=1)
    (after,) = room.stories()
    assert after.html != before.html
    assert after.published == after.copies[0].published == before.published
