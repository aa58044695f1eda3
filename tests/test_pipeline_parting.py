"""Stories that part: by edits, by better text, and what of their ids comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom, item

from feedhub.config import MatchSettings
from feedhub.store import decisions

pytestmark = pytest.mark.usefixtures("engine")
#: the beginning of the bridge story, under which another report goes on
OWN = (
    "Farmers on the peninsula drove forty cattle across the mud flats at low tide on Wednesday because no lorry could "
    "take them to the market at Sallow, where prices are the best of the year.",
    "The herd reached the far shore in three hours behind two tractors and a boy on a pony, and was met with hot "
    "soup by the harbour master, who said he had last seen such a crossing when he was six years old.",
    "Veterinary officers checked each animal on the quay and let all but one go on; the forty-first, a calf born on "
    "the way, will go home with its mother by boat as soon as the swell allows.",
    "Others mean to follow with sheep at the next spring tide, the farmers' union said, and asked the coast guard "
    "to mark the channel with lamps, since four of the posts that once did so were carried away last winter.",
    "The ministry called the crossing brave and advised against it, and promised to pay for fodder for as long as "
    "the road is shut if the herds that are still on the peninsula stay where they are.",
    "Nobody on the shore seemed to have heard of that promise, and the auctioneer said bids were coming in by "
    "telephone for animals that had not yet got their feet wet.",
)


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    made = Newsroom(tmp_path)
    for name in ("courier", "herald", "post"):
        made.source(name)
        made.serve(name)
    return made


def excerpt(*extra: str) -> dict[str, object]:
    return item("c1", "Bridge at Marrow Ferry is shut", BRIDGE[0], *extra)


def test_a_join_that_the_full_text_shows_to_be_wrong_is_undone_for_good(room: Newsroom) -> None:
    room.serve("herald", item("h1", "Bridge to the peninsula is shut", *BRIDGE))
    room.serve("courier", excerpt())
    room.round()
    shared = room.story_of("herald", "h1")
    assert room.story_of("courier", "c1") == shared
    updated = room.stories()[0].updated
    room.serve("courier", excerpt(*OWN))
    room.round(1)
    apart = room.story_of("courier", "c1")
    assert room.story_of("herald", "h1") == shared != apart
    assert room.row(str(shared)).updated == updated
    (word,) = room.read(decisions.all_decisions)
    assert (word.kind, len(word.left), len(word.right)) == ("parted", 1, 1)
    assert "fuller text of courier c1" in str(word.reason)
    # The feed goes back to the excerpt: the same two texts are not joined again.
    room.serve("courier", excerpt())
    room.round(2)
    assert (room.story_of("herald", "h1"), room.story_of("courier", "c1")) == (shared, apart)


def test_a_new_text_is_judged_again_after_a_parting(room: Newsroom) -> None:
    room.serve("herald", item("h1", "Bridge to the peninsula is shut", *BRIDGE))
    room.serve("courier", excerpt())
    room.round()
    room.serve("courier", excerpt(*OWN))
    room.round(1)
    room.serve("courier", excerpt(*BRIDGE[1:]))
    room.round(2)
    assert room.story_of("courier", "c1") == room.story_of("herald", "h1")


def test_an_edit_to_another_story_is_no_parting_and_its_way_back_is_open(room: Newsroom) -> None:
    room.serve("herald", item("h1", "Bridge to the peninsula is shut", *BRIDGE))
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    room.serve("courier", item("c1", "Marrow Ferry chooses its conductor", *ORCHESTRA))
    room.round(1)
    assert room.story_of("courier", "c1") != room.story_of("herald", "h1")
    assert room.read(decisions.all_decisions) == []
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round(2)
    assert room.story_of("courier", "c1") == room.story_of("herald", "h1")


def test_joined_stories_that_part_again_have_their_ids_back_and_leave_no_tombstone(room: Newsroom) -> None:
    room.serve("herald", item("h1", "Bridge to the peninsula is shut", *BRIDGE))
    room.serve("courier", item("c1", "Musicians choose one of their own", *ORCHESTRA))
    room.serve("post", item("p1", "Conductor chosen by her musicians", *ORCHESTRA[:2]))
    room.round()
    before = {name: room.story_of(*name) for name in (("herald", "h1"), ("courier", "c1"), ("post", "p1"))}
    assert len(set(before.values())) == 2
    # The papers' feeds carry a wrong text for an hour, under the headlines that stay.
    room.serve("courier", item("c1", "Musicians choose one of their own", *BRIDGE))
    room.serve("post", item("p1", "Conductor chosen by her musicians", *BRIDGE))
    room.round(1)
    assert len(room.stories()) == 1
    room.serve("courier", item("c1", "Musicians choose one of their own", *ORCHESTRA))
    room.serve("post", item("p1", "Conductor chosen by her musicians", *ORCHESTRA[:2]))
    room.round(2)
    assert {name: room.story_of(*name) for name in before} == before
    assert all(room.row(str(tag)).ended is None for tag in before.values())


def test_an_only_copy_keeps_its_id_through_every_edit(room: Newsroom) -> None:
    room.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE))
    room.round()
    tag = room.story_of("courier", "c1")
    for hour, text in enumerate((BRIDGE[:1], BRIDGE[:2] + ORCHESTRA[:1], ORCHESTRA), 1):
        room.serve("courier", item("c1", "Marrow Ferry cut off, council says", *text))
        room.round(hour)
        assert room.story_of("courier", "c1") == tag
    assert len(room.versions(str(tag))) == 4


def test_a_copy_before_and_one_after_the_window_are_two_stories_though_a_third_lies_between(room: Newsroom) -> None:
    room.settings["match"] = MatchSettings(window=timedelta(hours=10))
    for hours, (name, guid) in {0: ("courier", "c1"), 8: ("herald", "h1"), 16: ("post", "p1")}.items():
        at = (NOON + timedelta(hours=hours)).isoformat()
        room.serve(name, item(guid, f"Bridge shut, reports {name}", *BRIDGE, at=at))
        room.round(hours)
    assert room.story_of("courier", "c1") == room.story_of("herald", "h1") != room.story_of("post", "p1")


def test_two_dates_further_apart_than_the_window_are_two_stories(room: Newsroom) -> None:
    room.serve("courier", item("c1", "Bridge shut", *BRIDGE, at="2026-03-01T10:00:00Z"))
    room.serve("herald", item("h1", "Bridge is shut", *BRIDGE))
    room.round()
    assert room.story_of("courier", "c1") != room.story_of("herald", "h1")
