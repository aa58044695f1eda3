"""What is decided at the desk: the rows of the command line, undone here and there, on both engines."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_world import FERRY, MONDAY, NOW, SATURDAY, desk_open, desk_over, furnish
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom, item

from feedhub.admin import decide
from feedhub.store import Database, conditions, decisions, placements
from feedhub.store.decisions import Decision

#: for tests of statements of our own; the others run on SQLite alone
both_engines = pytest.mark.usefixtures("engine")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Copies 1 and 3 are one story; 2 and 4 nearly are."""
    made = Newsroom(tmp_path)
    for name, ferry, lotto in (("courier", "8", SATURDAY), ("herald", "1", MONDAY)):
        made.source(name)
        made.serve(name, item(ferry, f"Ferry aground, says {name}", FERRY), item("lotto", f"Lotto of {name}", lotto))
    made.round()
    return made


def ids(room: Newsroom, *keys: tuple[str, str]) -> list[str]:
    """The numbers of copies in the store."""
    stored = room.read(lambda connection: placements.page(connection, after=0, limit=99))
    numbers = {(each.copy.key.source, each.copy.key.guid): str(each.id) for each in stored}
    return [numbers[key] for key in keys]


def made(room: Newsroom) -> list[Decision]:
    return room.read(decisions.all_decisions)


FERRIES = ("courier", "8"), ("herald", "1")
DRAWS = ("courier", "lotto"), ("herald", "lotto")
#: what a form says, of which pair -> the same by the functions of the command line
SAME: dict[str, tuple[Any, Any]] = {
    "split": (FERRIES, lambda room: room.decide(decide.split, "herald 1", ["herald 1"], hours=1, reason="Two ships")),
    "never": (FERRIES, lambda room: room.decide(decide.never, "courier 8", "herald 1", hours=1, reason="Two ships")),
    "merge": (
        DRAWS,
        lambda room: room.decide(decide.merge, "courier lotto", "herald lotto", hours=1, reason="Two ships"),
    ),
}


@pytest.mark.parametrize("word", SAME)
def test_a_decision_is_the_row_of_the_command_line_with_who_and_why(tmp_path: Path, room: Newsroom, word: str) -> None:
    pair, by_command = SAME[word]
    left, right = ids(room, *pair)
    with desk_over(room) as browser:
        browser.read("/today")
        page = browser.post("/pair", do=word, left=left, right=right, why="  Two   ships ", back="/near-misses")
        assert "Near misses" in page
        assert "Decision 1: " in page
        (here,) = made(room)
        stories = {story.id for story in room.stories()}
        # taken back at the desk, and made again by the command line
        page = browser.post("/decisions", do="forget", number="1", back="/today")
        assert "Decision 1 was taken back." in page
    by_command(room)
    back, there = made(room)
    assert (here.decided_by, here.reason, here.decided_at) == ("anna", "Two ships", there.decided_at)
    assert (here.kind, here.left, here.right, here.texts) == (there.kind, there.left, there.right, there.texts)
    assert (back.revoked_by, back.revoked_at is not None, there.revoked_at) == ("anna", True, None)
    assert {story.id for story in room.stories()} == stories
    # and what the command line decided the desk takes back
    with desk_over(room) as browser:
        browser.read("/decisions")
        browser.post("/decisions", do="forget", number=str(there.id), back="/decisions")
    assert all(each.revoked_at for each in made(room))
    assert len(room.stories()) == 3


def test_what_is_confirmed_changes_nothing_and_is_shown_short_until_another_copy_joins(room: Newsroom) -> None:
    left, right = ids(room, *FERRIES)
    before = room.stories()
    with desk_over(room) as browser:
        assert "Rightly one" in browser.read("/today")
        page = browser.post("/pair", do="confirm", left=left, right=right, back="/today")
        assert "confirmed by <bdi>anna</bdi>" in page
        assert "Rightly one" not in page
        (decision,) = made(room)
        assert (decision.kind, len(decision.left), decision.right) == ("confirm", 2, ())
        assert room.stories() == before
        room.source("quay")
        room.serve("quay", item("q", "Ferry on the rocks", FERRY))
        room.round(1)
        assert "Rightly one" in browser.read("/today")
    assert room.problems() == []


@both_engines
def test_a_near_miss_that_is_dismissed_is_not_shown_again_and_stays_apart(room: Newsroom) -> None:
    left, right = ids(room, *DRAWS)
    with desk_over(room) as browser:
        page = browser.read("/near-misses")
        assert "Lotto of courier" in page
        assert "1 waits" in page
        page = browser.post("/pair", do="dismiss", left=left, right=right, back="/near-misses")
        assert "0 wait" in page
        (decision,) = made(room)
        assert decision.kind == "dismiss"
        assert len(room.stories()) == 3
        page = browser.post("/decisions", do="forget", number=str(decision.id), back="/near-misses")
        assert "1 waits" in page


def test_a_near_miss_that_is_joined_is_one_story(room: Newsroom) -> None:
    left, right = ids(room, *DRAWS)
    with desk_over(room) as browser:
        browser.read("/near-misses")
        page = browser.post("/pair", do="merge", left=left, right=right, back="/near-misses")
        assert "0 wait" in page
        assert "Lotto of courier" in browser.read("/today")
        assert "Two copies of one story" in browser.read(f"/pair/{left}/{right}")
    assert len(room.stories()) == 2


def test_a_decision_that_no_longer_makes_sense_is_a_sentence(room: Newsroom) -> None:
    left, right = ids(room, *FERRIES)
    with desk_over(room) as browser:
        browser.read("/today")
        for word, says in (("merge", "are one story already"), ("dismiss", "are one story by now")):
            words = {"token": browser.token, "do": word, "left": left, "right": right}
            status, page, _ = browser.ask("POST", "/pair", words)
            assert status == 409
            assert says in page
    assert made(room) == []


def test_an_entry_whose_guid_names_another_is_not_taken_for_it(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    for name, guid in (("courier", "8"), ("herald", "1"), ("evil", "herald 1")):
        room.source(name)
        text = (FERRY,) if name != "evil" else ORCHESTRA
        room.serve(name, item(guid, f"News of {name}", *text))
    room.round()
    left, right = ids(room, ("courier", "8"), ("herald", "1"))
    with desk_over(room) as browser:
        browser.read("/today")
        browser.post("/pair", do="split", left=left, right=right, back="/today")
    (decision,) = made(room)
    assert [str(key) for key in decision.left] == ["herald 1"]


def test_the_command_line_lists_and_forgets_what_the_desk_decided(tmp_path: Path) -> None:
    hub = furnish(tmp_path)
    with desk_open(hub) as browser:
        browser.read("/today")
        for word, left, right in (("confirm", "1", "3"), ("dismiss", "2", "4")):
            browser.post("/pair", do=word, left=left, right=right, why="looked at", back="/today")
    rows = hub.run("decisions", "--json").json
    assert [(row["kind"], row["by"], row["who"], row["reason"]) for row in rows] == [
        ("confirm", "person", "anna", "looked at"),
        ("dismiss", "person", "anna", "looked at"),
    ]
    assert "by anna" in hub.run("decisions").out
    assert hub.run("forget", "2", "--as", "bert", "--now", NOW).code == 0
    assert hub.ask("select revoked_by from decision order by id") == [None, "bert"]
    assert hub.run("db", "verify").code == 0


# ------------------------------------------------------------------ the queue


def waiting(page: str) -> list[str]:
    return re.findall(r'<span class="kind \w+">([^<]+)</span>', page)


def form(page: str, label: str) -> dict[str, str]:
    """The hidden fields of the first item with this label."""
    item_of = page.partition(f">{label}</span>")[2].partition("</li>")[0]
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', item_of))
    return {name: value for name, value in fields.items() if name != "token"}


def disputed(room: Newsroom) -> None:
    room.source("wire", agency="Quill Agency")
    room.source("evil")
    room.serve("wire", item("w1", "Bridge at Marrow Ferry shut", *BRIDGE))
    room.round()
    told = [text.replace("6,000", "7,500") for text in BRIDGE]
    room.serve("evil", item("e1", "UPDATE 1-Bridge at Marrow Ferry shut", *told, at="2026-03-10T12:30:00Z"))
    room.round(0.5)


def test_a_disputed_revision_waits_and_may_speak(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    disputed(room)
    with desk_over(room) as browser:
        page = browser.read("/queue")
        assert waiting(page) == ["Disputed"]
        assert "7,500" in page
        fields = {**form(page, "Disputed"), "do": "pin", "why": "The mayor says so"}
        page = browser.post("/queue", **fields)
        assert waiting(page) == []
    (decision,) = made(room)
    assert (decision.kind, decision.reason) == ("pin", "The mayor says so")
    assert [str(key) for key in decision.left] == ["evil e1"]
    assert "7,500" in (room.stories()[0].html or "")


@both_engines
def test_what_was_seen_waits_no_more_until_that_is_taken_back(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    disputed(room)
    with desk_over(room) as browser:
        page = browser.read("/queue")
        fields = {**form(page, "Disputed"), "do": "seen"}
        page = browser.post("/queue", **fields)
        assert waiting(page) == []
        assert [each.kind for each in made(room)] == ["seen"]
        page = browser.post("/decisions", do="forget", number="1", back="/queue")
        assert waiting(page) == ["Disputed"]


def test_a_kill_notice_waits_and_can_be_made_an_article(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("wire", agency="Quill Agency")
    room.serve("wire", item("w9", "KILL: Ferries of the north", "This story is withdrawn."))
    room.round()
    with desk_over(room) as browser:
        page = browser.read("/queue")
        assert waiting(page) == ["Kill notice"]
        fields = {**form(page, "Kill notice"), "do": "forget"}
        page = browser.post("/queue", **fields)
        assert waiting(page) == []
    assert [story.title for story in room.stories()] == ["KILL: Ferries of the north"]
    assert made(room)[0].revoked_by == "anna"


@both_engines
def test_a_story_that_ended_in_another_waits_and_can_be_parted_again(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    for name in ("alpha", "beta", "evil"):
        room.source(name)
        room.serve(name)
    room.serve("alpha", item("a1", "Alpha headline", *BRIDGE[:3]))
    room.serve("beta", item("b1", "Beta news of it", "A lede.", BRIDGE[0]))
    room.round()
    before = {story.id for story in room.stories()}
    room.serve("evil", item("e1", "All of it", *BRIDGE))
    room.round(1)
    assert len(room.stories()) == 1
    with desk_over(room, hours=2) as browser:
        page = browser.read("/queue")
        assert waiting(page) == ["Story ended"]
        fields = {**form(page, "Story ended"), "do": "part"}
        page = browser.post("/queue", **fields)
        assert waiting(page) == []
    assert {story.id for story in room.stories()} == before


def test_a_source_that_changed_its_site_waits_until_it_was_seen(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("herald")
    room.serve("herald", item("1", "A bridge", *BRIDGE))
    room.round()
    with desk_over(room) as browser:
        store = Database.open(room.config.database)
        with store.write() as connection:
            conditions.begin(connection, "herald", "site", "says it is of evil.test now", NOON)
        store.close()
        page = browser.read("/queue")
        assert waiting(page) == ["Another site"]
        page = browser.post("/queue", **form(page, "Another site"), do="seen")
        assert waiting(page) == []


def test_a_story_that_is_held_back_is_shown_with_when_it_comes(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.settings["hold"] = timedelta(hours=3)
    room.source("wire", agency="Quill Agency")
    room.source("herald", credit="Quill Agency")
    room.serve("wire")
    room.serve("herald", item("1", "A bridge", *BRIDGE))
    room.round()
    with desk_over(room) as browser:
        assert "Held back" in browser.read("/queue")
    with desk_over(room, hours=4) as browser:
        assert "Held back" not in browser.read("/queue")


# ------------------------------------------------------------------ pages


@both_engines
def test_many_merges_are_paged_each_once_and_a_wrong_place_is_the_first_page(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    texts = [" ".join(f"w{number}x{place}" for place in range(60)) for number in range(11)]
    for name in ("courier", "herald"):
        room.source(name)
        room.serve(name, *(item(str(n), f"Story {n} here", text) for n, text in enumerate(texts)))
    room.round()
    with desk_over(room) as browser:
        seen: list[str] = []
        path = "/today"
        while path:
            page = browser.read(path)
            seen += re.findall(r'<li class="item card" tabindex="-1" id="copy-(\d+)">', page)
            following = re.search(r'<a href="(/today\?before=[^"]+)" rel="next"', page)
            path = following[1] if following else ""
        assert len(seen) == len(set(seen)) == 11
        for wrong in ("x", "1-", "-1", "9" * 39, "99999999999999999999-1", "1-1-1"):
            assert browser.ask("GET", f"/today?before={wrong}")[0] == 200
        for wrong in ("0", "x", "99999"):
            assert browser.ask("GET", f"/near-misses?page={wrong}")[0] == 200
            assert browser.ask("GET", f"/decisions?before={wrong}")[0] == 200
        for wrong in ("1/1", "1/x", "x/1", "1/999999", "9999999999999999999/1", "%D9%A3/1"):
            assert browser.ask("GET", f"/pair/{wrong}")[0] == 404


def test_an_empty_hub_has_nothing_to_decide(tmp_path: Path) -> None:
    with desk_over(Newsroom(tmp_path)) as browser:
        for path, words in (
            ("/today", "No story has several copies"),
            ("/near-misses", "Nothing stood close"),
            ("/queue", "Nothing waits"),
            ("/decisions", "Nothing was decided yet"),
        ):
            assert words in browser.read(path)


def test_a_decision_that_an_earlier_hub_made_without_a_name_is_listed(room: Newsroom) -> None:
    room.decide(decide.never, "courier 8", "herald 1", hours=1)
    assert made(room)[0].decided_by is None
    with desk_over(room) as browser:
        assert "unknown" in browser.read("/decisions")


def test_undo_goes_back_through_what_this_browser_decided(room: Newsroom) -> None:
    left, right = ids(room, *FERRIES)
    with desk_over(room) as browser:
        browser.read("/today")
        browser.post("/pair", do="confirm", left=left, right=right, back="/today")
        browser.post("/pair", do="never", left=left, right=right, back="/today")
        page = browser.read("/queue")
        assert "Undo decision 2" in page
        assert "Undo decision 1" in browser.post("/decisions", do="forget", number="2", back="/queue")
        assert "Undo" not in browser.post("/decisions", do="forget", number="1", back="/queue")
    assert all(each.revoked_at for each in made(room))
