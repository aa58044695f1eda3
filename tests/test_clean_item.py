"""Plain-text items of the matcher alone: same rules, little time."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.clean import Agencies, clean_item
from feedhub.model import RevisionKind

NOW = datetime(2004, 10, 9, tzinfo=UTC)
KNOWN = Agencies.known()
# 300 words without a mark, in six paragraphs of one line each.
PLAIN = "\n".join(
    f"A {kind} ferry left the quay at dawn with its crew and nobody aboard, while along the {side} shore the lamps "
    f"were put out one after another and the keeper wrote into his book that "
    f"{count} boats had gone and none had come back, "
    f"as he had done each {day} since the war, without a word to anyone on the {side} side of the {kind} island"
    for kind, side, count, day in [
        ("white", "north", "two", "winter"),
        ("small", "south", "ten", "autumn"),
        ("rusty", "east", "six", "spring"),
        ("green", "west", "four", "Sunday"),
        ("broad", "outer", "nine", "evening"),
    ]
)


def test_entity_junk_backslashes_and_wire_marks_go() -> None:
    item = clean_item(
        "UPDATE 2: Island #39;s ferry to stop (Reuters)",
        "Reuters - The island #39;s ferry\\will stop for US\\$5 in  quot;May quot;.",
        None,
        agencies=KNOWN,
        published=NOW,
    )
    assert item.title == "Island's ferry to stop"
    assert item.summary == item.text == 'The island\'s ferry will stop for US$5 in "May".'
    assert item.wire.agency == "Reuters"
    assert item.wire.revision
    assert (item.wire.revision.kind, item.wire.revision.number) == (RevisionKind.UPDATE, 2)


def test_company_names_in_angle_brackets_are_text() -> None:
    item = clean_item(
        "<ABC LTD> SELLS MILL", None, "<ABC Ltd> said it sold its mill.\n <DEF> bought it.", agencies=KNOWN
    )
    assert item.title == "<ABC LTD> SELLS MILL"
    assert item.paragraphs == ("<ABC Ltd> said it sold its mill.", "<DEF> bought it.")


def test_tags_in_a_plain_item_go() -> None:
    item = clean_item(None, None, 'One <b>bold</b> word<br/>and <a href="x">a link</a>.', agencies=KNOWN)
    assert item.paragraphs == ("One bold word", "and a link.")


@pytest.mark.parametrize("published", [NOW, None], ids=["dated", "undated"])
def test_a_dateline_without_a_year_takes_it_from_the_date_if_there_is_one(published: datetime | None) -> None:
    item = clean_item(None, None, "SAMPLETON, Oct 7 (AFP) - The ferry stops.", agencies=KNOWN, published=published)
    assert item.text == "The ferry stops."
    assert item.wire.date == ("2004-10-07" if published else None)


def test_an_item_of_nothing_is_nothing() -> None:
    item = clean_item(None, None, None, agencies=KNOWN)
    assert (item.title, item.text, item.summary) == ("", "", None)


def test_a_text_without_marks_is_left_word_for_word() -> None:
    item = clean_item("Island loses last ferry", None, PLAIN, agencies=KNOWN)
    assert item.text == PLAIN
    assert item.dropped == {}


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=120))
def test_cleaning_an_item_twice_is_cleaning_it_once(title: str, text: str) -> None:
    once = clean_item(title, None, text.replace("\\", ""), agencies=KNOWN)
    twice = clean_item(once.title, None, once.text, agencies=KNOWN)
    assert (twice.title, twice.text) == (once.title, once.text)


def test_of_a_huge_text_the_first_part_is_cleaned_and_the_cut_is_told() -> None:
    made = clean_item("Ferry", None, "a\n" * 5_000_000, agencies=KNOWN)
    assert made.dropped["oversize"] == 1
    assert 1_000 < len(made.text) < 1_000_000
