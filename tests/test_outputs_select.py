"""Which stories an output takes, when they enter it, in what order and how many it shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsstand import at, copy, publisher, story

from feedhub.model import OutputItem, OutputRule
from feedhub.outputs import admits, coverage, entered, mentions, select
from feedhub.structs import replace

LANTERN = copy(categories=("World",), language="en-GB")
QUAY = copy("quay.test", "q", categories=("Shipping",), language="de", agency="SNB", published=at(1), first_seen=at(1))
HARROW = copy("harrow.test", "h", published=at(9), first_seen=at(9))
WIRE = copy("wire.test", "w", agency_own=True, agency="SNB", published=at(-1), first_seen=at(-1))
STORY = story(copies=(LANTERN, QUAY, HARROW, WIRE), categories=("Top",), language="en-GB")


def rule(**changed: Any) -> OutputRule:
    return OutputRule(**({"name": "all"} | changed))


ADMITTED = {
    "no filter": ({}, True),
    "the story's category": ({"categories": ("top",)}, True),
    "a copy's category, capitals aside": ({"categories": ("SHIPPING",)}, True),
    "no copy's category": ({"categories": ("Sport",)}, False),
    "one of several": ({"categories": ("Sport", "World")}, True),
    "the language of a copy": ({"languages": ("de",)}, True),
    "a language takes its regions": ({"languages": ("en",)}, True),
    "a region takes no other": ({"languages": ("en-US",)}, False),
    "a prefix is no language": ({"languages": ("e",)}, False),
    "an agency credited by one copy": ({"agencies": ("snb",)}, True),
    "another agency": ({"agencies": ("XPA",)}, False),
    "an outlet": ({"outlets": ("harrow.test",)}, True),
    "another outlet": ({"outlets": ("other.test",)}, False),
    "filters met by different copies": ({"outlets": ("harrow.test",), "languages": ("de",)}, True),
    "one filter unmet": ({"outlets": ("harrow.test",), "languages": ("fr",)}, False),
    "as many outlets, the agency's own not counted": ({"min_copies": 3}, True),
    "the agency's own would be the fourth": ({"min_copies": 4}, False),
    "close together": ({"min_copies": 2, "within": timedelta(hours=1)}, True),
    "too far apart": ({"min_copies": 3, "within": timedelta(hours=8)}, False),
    "just close enough": ({"min_copies": 3, "within": timedelta(hours=9)}, True),
}


@pytest.mark.parametrize(("filters", "expected"), ADMITTED.values(), ids=ADMITTED)
def test_any_copy_can_satisfy_a_filter(filters: dict[str, Any], expected: bool) -> None:
    assert admits(rule(**filters), STORY) is expected
    shuffled = replace(STORY, copies=STORY.copies[::-1])
    assert admits(rule(**filters), shuffled) is expected


TEXT = "The Qualm-on-Sea ferry’s crew said AT&T’s mast, of the U.S. make, fell at 9.15 on the cooperative’s quay."
#: phrase, text, whether it speaks of it
SPEAKS = {
    "a word": ("ferry", TEXT, True),
    "a word in capitals": ("FERRY", TEXT, True),
    "a part of a word": ("fer", TEXT, False),
    "the end of a word": ("operative", TEXT, False),
    "any ending": ("coop*", TEXT, True),
    "any ending, but no other beginning": ("perative*", TEXT, False),
    "a phrase, with other hyphens and apostrophes": ("Qualm on sea ferry's crew", TEXT, True),
    "a phrase in another order": ("sea ferry on", TEXT, False),
    "a phrase across words": ("crew fell", TEXT, False),
    "signs inside a name": ("AT&T", TEXT, True),
    "signs count": ("AT+T", TEXT, False),
    "an abbreviation": ("u.s.", TEXT, True),
    "a number": ("9.15", TEXT, True),
    "part of a number": ("9.1", TEXT, False),
    "letters of another width": ("ｆｅｒｒｙ", TEXT, True),
    "sharp s": ("STRASSE", "Die Straße ist gesperrt.", True),
    "an accent counts": ("cote", "La côte est belle.", False),
    "composed or not": ("co\u0302te", "La côte est belle.", True),
    "Greek's two sigmas": ("ΟΔΟΣ", "Η οδός και η οδος.", True),
    "a word with marks in Devanagari": ("हिन्द", "हिन्दी समाचार", False),
    "a word in Devanagari": ("समाचार", "हिन्दी समाचार, आज", True),
    "a word in Arabic": ("عبارة", "جنحت عبارة قبالة الساحل", True),
    "Chinese sets no spaces": ("渡轮", "一艘渡轮周二搁浅", True),
    "nor does Japanese": ("フェリー", "きょうフェリーが座礁した", True),
    "nor does Thai": ("เรือ", "วันนี้เรือเกยตื้น", True),
    "Korean does": ("여객", "여객선이 좌초했다", False),
    "Korean with any ending": ("여객선*", "여객선이 좌초했다", True),
    "a soft hyphen is not seen": ("ferry", "the fer\u00adry", True),
    "a word of Latin in Chinese": ("NATO", "关于NATO的会议", True),
}


@pytest.mark.parametrize(("phrase", "text", "expected"), SPEAKS.values(), ids=SPEAKS)
def test_a_text_speaks_of_whole_words_in_any_script(phrase: str, text: str, expected: bool) -> None:
    assert mentions((phrase,), text) is expected
    assert mentions(("nothing of it", phrase), text) is expected


def test_the_words_of_any_copy_admit_a_story() -> None:
    asked = rule(words=("tugboat",))
    assert not admits(asked, STORY)
    assert not admits(asked, STORY, {LANTERN.key: "A ferry ran aground.", QUAY.key: "The tug came."})
    assert admits(asked, STORY, {LANTERN.key: "A ferry ran aground.", QUAY.key: "A tugboat came."})
    assert admits(rule(words=("runs aground",)), STORY), "a title, where the text is not at hand"


def test_copies_in_several_sources_of_one_outlet_are_one() -> None:
    assert coverage((LANTERN, replace(LANTERN, key=QUAY.key))) == 1


def test_a_story_that_only_the_agency_ran_is_in_the_plain_output() -> None:
    assert admits(rule(), story(copies=(WIRE,)))


ENTERED: dict[str, tuple[dict[str, Any], dict[str, Any], datetime | None]] = {
    "at its release": ({}, {"released": at(0.5)}, at(0.5)),
    "when the third outlet had it": ({"min_copies": 3}, {}, at(9)),
    "when a copy met the filter": ({"categories": ("Shipping",)}, {}, at(1)),
    "again with a material change": ({}, {"updated": at(20)}, at(20)),
    "never": ({"outlets": ("other.test",)}, {}, None),
}


@pytest.mark.parametrize(("filters", "changed", "expected"), ENTERED.values(), ids=ENTERED)
def test_a_story_enters(filters: dict[str, Any], changed: dict[str, Any], expected: datetime | None) -> None:
    assert entered(rule(**filters), replace(STORY, **changed)) == expected


def test_one_more_outlet_does_not_enter_a_story_again() -> None:
    fewer = replace(STORY, copies=(LANTERN, QUAY))
    more = replace(STORY, copies=(LANTERN, QUAY, HARROW))
    assert entered(rule(), fewer) == entered(rule(), more)


def item(number: int, hours: float = 0, outlet: str = "lantern.test", **changed: Any) -> OutputItem:
    return OutputItem(story=story(number, publisher=publisher(outlet=outlet), **changed), entered=at(hours))


def shown(selected: tuple[OutputItem, ...]) -> list[int]:
    return [int(one.story.id.rpartition(":")[2], 16) for one in selected]


ITEMS = (
    item(1, 1, published=at(5), updated=at(2)),
    item(2, 3, published=at(4), updated=at(9), copies=(LANTERN, QUAY, HARROW)),
    item(3, 2, published=at(6), updated=at(1), copies=(LANTERN, QUAY)),
    item(4, 2, published=at(6), updated=at(1), copies=(LANTERN, QUAY)),
)
ORDERS = {
    "entered": [2, 3, 4, 1],
    "published": [3, 4, 1, 2],
    "updated": [2, 1, 3, 4],
    "copies": [2, 3, 4, 1],
}


@pytest.mark.parametrize(("order", "expected"), ORDERS.items(), ids=ORDERS)
def test_an_output_shows_its_order_newest_or_most_first(order: str, expected: list[int]) -> None:
    assert shown(select(rule(order=order), ITEMS)) == expected


@given(st.permutations(ITEMS), st.sampled_from(sorted(ORDERS)), st.integers(0, 5), st.none() | st.integers(1, 3))
def test_the_order_of_arrival_changes_nothing(
    items: list[OutputItem], order: str, limit: int, per_outlet: int | None
) -> None:
    asked = rule(order=order, limit=limit, per_outlet=per_outlet)
    assert select(asked, items) == select(asked, ITEMS)


def test_the_limit_keeps_the_newest() -> None:
    assert shown(select(rule(limit=2), ITEMS)) == [2, 3]


def test_no_outlet_fills_an_output() -> None:
    items = [item(n, -n, "quay.test") for n in range(1, 6)] + [item(9, -50, "harrow.test")]
    assert shown(select(rule(per_outlet=2, limit=3), items)) == [1, 2, 9]
