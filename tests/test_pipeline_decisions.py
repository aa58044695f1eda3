"""A person's word: it overrules the matcher, outlives what comes later, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hubs import BRIDGE, ORCHESTRA, Newsroom, item

from feedhub.admin import decide
from feedhub.errors import UsageError
from feedhub.store import decisions

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Two copies of one story and one of another."""
    made = Newsroom(tmp_path)
    for name in ("courier", "herald", "post"):
        made.source(name)
    made.serve("courier", item("c1", "Marrow Ferry cut off", *BRIDGE[:2]))
    made.serve("herald", item("h1", "Bridge to the peninsula is shut", *BRIDGE))
    made.serve("post", item("p1", "Musicians choose one of their own", *ORCHESTRA))
    made.round()
    return made


def test_merged_stories_are_one_under_the_older_id_and_the_other_redirects(room: Newsroom) -> None:
    kept, other = room.story_of("herald", "h1"), room.story_of("post", "p1")
    room.decide(decide.merge, kept, other)
    (story,) = room.stories()
    ended = kept if story.id == other else other
    assert room.row(str(ended)).successor == room.row(story.id).id
    assert {copy.outlet for copy in story.copies} == {"Courier", "Herald", "Post"}


def test_a_merge_outlives_edits_restarts_and_re_runs(room: Newsroom) -> None:
    room.decide(decide.merge, "herald h1", "post p1")
    room.serve("post", item("p1", "Musicians choose their conductor", *ORCHESTRA[:2], "A tour will follow in March."))
    room.round(1)
    room.round(2)
    assert len(room.stories()) == 1


def test_split_entries_leave_and_never_join_again(room: Newsroom) -> None:
    shared = room.story_of("herald", "h1")
    room.decide(decide.split, shared, ["courier c1"])
    assert room.story_of("herald", "h1") == shared != room.story_of("courier", "c1")
    room.serve("courier", item("c1", "Marrow Ferry is cut off", *BRIDGE))
    room.round(1)
    assert room.story_of("herald", "h1") == shared != room.story_of("courier", "c1")


def test_a_later_copy_joins_one_side_of_a_split_and_not_both(room: Newsroom) -> None:
    room.decide(decide.split, "herald h1", ["courier c1"])
    room.source("echo")
    room.serve("echo", item("e1", "Bridge shut, says county", *BRIDGE))
    room.round(1)
    sides = {room.story_of("herald", "h1"), room.story_of("courier", "c1")}
    assert len(sides) == 2
    assert room.story_of("echo", "e1") in sides


def test_a_pinned_copy_speaks_until_the_pin_is_taken_back(room: Newsroom) -> None:
    before = room.row(str(room.story_of("herald", "h1"))).body
    assert before is not None
    assert before.canonical.source == "herald"
    done = room.decide(decide.pin, before.id, "c1")
    body = room.row(before.id).body
    assert body is not None
    assert (body.canonical.source, body.title) == ("courier", "Marrow Ferry cut off")
    room.source("echo", priority=9)
    room.serve("echo", item("e1", "Bridge shut, says county", *BRIDGE))
    room.round(1)
    body = room.row(before.id).body
    assert body is not None
    assert body.canonical.source == "courier"
    room.decide(decide.forget, done.number, hours=2)
    body = room.row(before.id).body
    assert body is not None
    assert body.canonical.source == "echo"


def test_never_keeps_two_stories_apart_whatever_joins_them_later(room: Newsroom) -> None:
    room.decide(decide.never, "herald h1", "post p1")
    room.source("echo")
    room.serve("echo", item("e1", "A week of bridges and music", *BRIDGE, *ORCHESTRA))
    room.round(1)
    assert room.story_of("herald", "h1") != room.story_of("post", "p1")


def test_never_parts_two_entries_of_one_story(room: Newsroom) -> None:
    room.decide(decide.never, "courier c1", "herald h1")
    assert room.story_of("courier", "c1") != room.story_of("herald", "h1")


def test_of_two_words_on_one_pair_the_newer_counts(room: Newsroom) -> None:
    room.decide(decide.split, "herald h1", ["courier c1"])
    room.decide(decide.merge, "herald h1", "courier c1", hours=1)
    assert room.story_of("herald", "h1") == room.story_of("courier", "c1")
    room.decide(decide.never, "herald h1", "courier c1", hours=2)
    assert room.story_of("herald", "h1") != room.story_of("courier", "c1")


def test_a_merge_taken_back_gives_the_joined_story_its_id_back(room: Newsroom) -> None:
    ids = {name: room.story_of(*name) for name in (("herald", "h1"), ("courier", "c1"), ("post", "p1"))}
    updated = {story.id: story.updated for story in room.stories()}
    done = room.decide(decide.merge, "herald h1", "post p1", hours=1)
    room.decide(decide.forget, done.number, hours=2)
    assert {name: room.story_of(*name) for name in ids} == ids
    assert {row.state for row in map(room.row, {str(tag) for tag in ids.values()})} == {"live"}
    assert all(story.updated >= updated[story.id] for story in room.stories())


def test_a_split_taken_back_lets_the_matcher_join_again(room: Newsroom) -> None:
    shared = room.story_of("herald", "h1")
    done = room.decide(decide.split, shared, ["courier c1"])
    room.decide(decide.forget, done.number, hours=1)
    assert room.story_of("courier", "c1") == room.story_of("herald", "h1") == shared


def test_a_word_follows_the_former_life_of_a_reused_guid(room: Newsroom) -> None:
    room.decide(decide.merge, "herald h1", "post p1")
    old = room.story_of("herald", "h1")
    room.serve(
        "post",
        item(
            "p1",
            "Glass works at Tolmin to reopen",
            "The glass works at Tolmin will be lit again in June after nine cold years, its new owner said.",
            "Ninety people are to be hired, most of whom blew glass there before the furnaces went out.",
        ),
    )
    room.round(1)
    assert room.story_of("post", "p1") != old
    assert room.story_of("herald", "h1") == old


def test_a_copy_of_many_stories_with_no_word_about_it_is_left_alone(room: Newsroom) -> None:
    before = room.stories()
    done = room.decide(decide.never, "herald h1", "post p1")
    assert [part.changed for part in done.settled] == [()]
    assert room.stories() == before


def test_every_word_is_kept_for_the_record(room: Newsroom) -> None:
    done = room.decide(decide.split, "herald h1", ["courier c1"], reason="two bridges")
    room.decide(decide.forget, done.number, hours=1)
    (word,) = room.read(decisions.all_decisions)
    assert (word.kind, word.reason, word.revoked_at is not None) == ("split", "two bridges", True)


@pytest.mark.parametrize(
    ("say", "names", "complaint"),
    [
        pytest.param(decide.merge, ("nobody", "herald h1"), "no story or entry", id="unknown name"),
        pytest.param(decide.merge, ("courier c1", "herald h1"), "one story already", id="one already"),
        pytest.param(decide.split, ("herald h1", ["post p1"]), "no entry of the story", id="of another story"),
        pytest.param(decide.split, ("herald h1", ["herald h1", "courier c1"]), "leave at least one", id="all of it"),
        pytest.param(decide.pin, ("herald h1", "p1"), "no entry of the story", id="pin of another story"),
        pytest.param(decide.forget, (99,), "no decision in force", id="no such decision"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused_in_one_line(
    room: Newsroom, say: object, names: tuple[object, ...], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        room.decide(say, *names)  # type: ignore[arg-type]
    assert room.read(decisions.all_decisions) == []
