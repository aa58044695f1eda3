"""Clusters, not chains; the same stories in every order of arrival."""

from __future__ import annotations

import random

import pytest
from comparing import FERRY, NOON, OTHER_FERRY, WINDOWS, changed, compare, first_words, item
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.match import DedupeRow, Prepared, match_stream, partition
from feedhub.model import Copy, EntryKey, Place, Relation, RevisionKind

HEAD = "Ferry sinks on Lake Ormund, 34 dead"
CHESS = (
    "A girl of nine from the hill village of Brekke won the northern chess title on Sunday without losing a game, the"
    " youngest player ever to hold it, and gave the cup to her grandmother.",
    "Marta Ostrem learned the moves from a newspaper that had been wrapped round a cheese. Her teacher says she plays"
    " as other children read, with her lips moving and her feet off the floor.",
    "In the last round she gave up a rook for two pawns and an idea that nobody in the hall understood until it was"
    " over. The man across the board, who has taught mathematics for thirty years, laughed and shook her hand.",
    "Next month she travels to the capital, her first journey by train. She has asked whether there will be snow there,"
    " and whether the trains are really as long as a village.",
)


def parted(*items: Prepared) -> list[list[str]]:
    return sorted(sorted(place.copy.source for place in story) for story in partition(items, compare))


def places(*items: Prepared) -> dict[str, Place[EntryKey]]:
    return {p.copy.source: p for story in partition(items, compare, window=WINDOWS.window) for p in story}


FULL = item("full", HEAD, FERRY, hours=3)
TOP = item("top", "Dozens missing on lake", FERRY[:3], hours=1)
SHORT = item("short", HEAD, first_words(FERRY, 30), hours=2)


def test_the_founder_is_the_first_seen_and_speaks_for_nobody_else() -> None:
    found = places(FULL, TOP, SHORT)
    assert found["top"].relation is Relation.FIRST
    assert found["top"].matched is None
    assert found["full"].matched == TOP.key
    assert found["short"].matched == FULL.key
    assert found["short"].relation is Relation.EXCERPT


def test_two_halves_that_share_nothing_are_joined_by_the_full_copy() -> None:
    top, rest = item("top", "Dozens missing", FERRY[:3]), item("rest", HEAD, ("A lede.", FERRY[0], *FERRY[3:]))
    assert parted(top, rest, FULL) == [["full", "rest", "top"]]


def test_a_text_of_two_stories_joins_neither_of_them() -> None:
    ferry, chess = item("ferry", HEAD, FERRY[:4]), item("chess", "Girl of nine wins chess title", CHESS)
    both = item("both", "Morning briefing: ferry; chess", (*FERRY[:4], *CHESS))
    woven = item("woven", "Ferry and chess", tuple(p for pair in zip(FERRY[:4], CHESS, strict=True) for p in pair))
    for digest in (both, woven):
        assert parted(ferry, chess, digest) == sorted([["chess"], ["ferry"], [digest.key.source]])


def test_excerpts_of_one_report_that_share_nothing_stay_with_it_under_one_headline() -> None:
    top, end = item("top", HEAD, first_words(FERRY, 40)), item("end", HEAD, first_words(FERRY[2:], 40))
    assert parted(top, end, FULL) == [["end", "full", "top"]]


def test_a_report_with_a_lede_of_its_own_and_a_teaser_of_the_lede_show_no_digest() -> None:
    teaser = item("teaser", HEAD, first_words(FERRY, 36))
    edited = item("edited", "Divers look for the missing of the Sea Lantern", ("A lake in mourning.", *FERRY[1:5]))
    assert ["edited", "full", "teaser"] in parted(FULL, teaser, edited)


def test_a_bare_headline_joins_the_copy_that_it_repeats() -> None:
    long = item("long", "Dozens of villagers missing on the lake", (*FERRY, *OTHER_FERRY[:1]))
    copy = item("norwire", "Ferry sinks on Lake Ormund in a storm, many dead", FERRY)
    bare = item("links", "Ferry sinks on Lake Ormund in a storm, many dead - Norwire", "")
    assert parted(long, copy, bare) == [["links", "long", "norwire"]]
    other = item("links", "Ferry sinks on Lake Ormund in a storm, many dead - Day Paper", "")
    assert parted(long, copy, other) == [["links"], ["long", "norwire"]]


def test_a_chain_of_half_matches_is_not_followed() -> None:
    first = item("first", "The lake", FERRY)
    middle = item("middle", "The lake", (*FERRY[2:], *OTHER_FERRY[:3]))
    last = item("last", "The lake", (*OTHER_FERRY, "Nothing more was known in the evening."))
    assert not compare(first, last).merged
    assert ["first", "last", "middle"] not in parted(first, middle, last)


def test_a_copy_leaves_a_story_that_it_half_agrees_with_for_the_one_that_it_repeats() -> None:
    # the fullest opens with a borrowed caption, and what it was cut from comes before its own copy
    caption = item("caption", "Ferry sinks on Lake Ormund, divers lose hope", (FERRY[0], first_words(OTHER_FERRY, 40)))
    lead, copy = (
        item(source, head, f"{FERRY[0]} {first_words(FERRY[1:], 36)}")
        for source, head in (("above", HEAD), ("copy", "Dozens of villagers missing"))
    )
    assert compare(lead, caption).merged
    assert not compare(copy, caption).merged
    assert parted(caption, lead, copy) == [["above", "copy"], ["caption"]]


def test_a_revision_is_told_by_its_own_fullest_copy_and_the_newest_counts_highest() -> None:
    later = item("later", "Ferry sinks on Lake Ormund, 36 dead", changed(FERRY, _34="36"), hours=8)
    marked = item("marked", "Ferry toll", changed(FERRY, _34="41"), hours=20, mark=RevisionKind.UPDATE, number=3)
    found = places(FULL, later, marked, item("copy", "Toll rises", changed(FERRY[:4], _34="36"), hours=9))
    assert [found[name].revision for name in ("full", "later", "copy", "marked")] == [0, 1, 1, 2]


def test_the_window_is_anchored_at_the_first_copy_and_does_not_roll() -> None:
    days = [item(f"day{n}", HEAD, FERRY, hours=48 * n) for n in range(4)]
    assert parted(*days) != [["day0", "day1", "day2", "day3"]]
    stories = partition(days, compare, window=WINDOWS.window)
    assert [[p.copy.source for p in story] for story in stories] == [["day0", "day1"], ["day2", "day3"]]


def copies() -> list[Copy]:
    """Three stories in many forms, and loners."""
    other = tuple(reversed(OTHER_FERRY))
    forms = [FULL, TOP, SHORT, item("edit", "Boat accident", changed(FERRY, shore="bank", dark="nightfall"), hours=5)]
    forms += [item("toll", "Toll at 36", changed(FERRY, _34="36"), hours=7), item("gov", "Governor", OTHER_FERRY)]
    forms += [item("gov2", "Rescue", OTHER_FERRY[:3], hours=4), item("odd", "Odd", FERRY[4] + other[0], hours=2)]
    forms += [item("none", "No date", FERRY[:5], hours=None), item("late", HEAD, FERRY, hours=90)]
    forms += [item(f"same{n}", HEAD, FERRY[:4], hours=n) for n in range(12)]
    return [each.copy for each in forms]


def stories(rows: list[DedupeRow]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.story, set()).add(row.id)
    return {frozenset(ids) for ids in found.values()}


COPIES = [
    Copy(
        key=type(c.key)(source=c.key.source, guid=c.key.source),
        outlet=c.outlet,
        title=c.title,
        paragraphs=c.paragraphs,
        published=c.published if c.key.source != "none" else None,
        first_seen=NOON,
    )
    for c in copies()
]
EXPECTED = sorted(match_stream(COPIES), key=lambda row: row.id)


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(len(COPIES))))
def test_the_order_of_the_stream_changes_nothing(order: list[int]) -> None:
    assert sorted(match_stream([COPIES[n] for n in order]), key=lambda row: row.id) == EXPECTED


@given(st.permutations([FULL, TOP, SHORT, item("toll", "Toll at 36", changed(FERRY, _34="36"), hours=7)]))
def test_the_order_of_a_component_changes_nothing(order: list[Prepared]) -> None:
    assert partition(order, compare) == partition([*reversed(order)], compare)


def test_rows_come_in_the_order_of_the_input_and_each_story_has_one_canonical_copy() -> None:
    rows = list(match_stream(COPIES))
    assert [row.id for row in rows] == [copy.key.guid for copy in COPIES]
    for story in stories(rows):
        assert sum(row.canonical for row in rows if row.id in story) == 1
        assert sum(row.relation is Relation.FIRST for row in rows if row.id in story) == 1


def test_the_stream_finds_what_belongs_together() -> None:
    found = {row.id: row.story for row in match_stream(COPIES)}
    assert found["full"] == found["top"] == found["short"] == found["toll"] == found["same11"]
    assert found["gov"] == found["gov2"] != found["full"]
    assert found["late"] == "late"


def test_nothing_comes_of_nothing() -> None:
    assert list(match_stream([])) == []


@pytest.mark.parametrize("text", ["", "…", "word"])
def test_items_without_words_stay_alone(text: str) -> None:
    rows = list(match_stream([item(s, "", text, guid=s).copy for s in "abc"]))
    assert len({row.story for row in rows}) == 3


def test_shuffled_copies_with_equal_lengths_fall_alike() -> None:
    rng = random.Random(7)
    pool = [item(f"s{n}", HEAD, FERRY, hours=rng.random() * 60).copy for n in range(20)]
    first = stories(list(match_stream(pool)))
    rng.shuffle(pool)
    assert stories(list(match_stream(pool))) == first
