"""What a person is shown of a comparison, and what is kept of learned furniture."""

from __future__ import annotations

import json

from comparing import BANNER, FERRY, OTHER_FERRY, WINDOWS, changed, compare, item
from msgspec import to_builtins

from feedhub.match import NO_FURNITURE, Furniture, explain_pair, learn, shares
from feedhub.model import Verdict

HEADS = ("Ferry sinks on lake", "How eggs are cooked", "Council votes on budget", "Harriers win again")
ITEMS = [item("post", head, (BANNER, text)) for head, text in zip(HEADS, OTHER_FERRY, strict=True)]


def test_an_explanation_shows_passages_numbers_and_guards_and_becomes_json() -> None:
    a, b = item("a", "Ferry sinks, 34 dead", FERRY), item("b", "Ferry toll at 36", changed(FERRY, _34="36"), hours=30)
    shown = explain_pair(a, b, NO_FURNITURE, WINDOWS)
    assert shown.match == compare(a, b)
    assert not shown.match.merged
    assert any("34" in p.left and "36" in p.right for p in shown.passages if p.kind == "number")
    assert any(p.left.startswith("A ferry carrying villagers") and p.left == p.right for p in shown.passages)
    assert shown.numbers == (("120", "80", "two"), ("34",), ("36",))
    assert "Tolvik" in shown.names[0]
    assert shown.vetoes
    plain = json.loads(json.dumps(to_builtins(shown)))
    assert plain["measures"]["out"] > 0.9
    assert plain["match"].keys() == set(Verdict.__struct_fields__)


def test_a_word_that_only_begins_a_sentence_is_told_as_no_name() -> None:
    shown = explain_pair(
        item("a", "Ferry sinks", FERRY),
        item("b", "Boat lost", FERRY),
        NO_FURNITURE,
        WINDOWS,
    )
    both = shown.names[0]
    assert {"Ormund", "Tolvik", "Lantern"} <= set(both)
    assert {"The", "A", "It", "They"}.isdisjoint(both)


def test_a_passage_that_is_the_same_reads_the_same_on_both_sides() -> None:
    a = item("a", "Ferry sinks", (FERRY[1], FERRY[0], FERRY[3]))
    b = item("b", "Ferry lost", changed((FERRY[0], FERRY[3], FERRY[1]), market="distant market", cabin="small cabin"))
    shown = explain_pair(a, b, NO_FURNITURE, WINDOWS)
    same = [(p.left, p.right) for p in shown.passages if p.kind == "same"]
    assert len(same) >= 3
    assert [left for left, _ in same] == [right for _, right in same]


def test_an_explanation_turned_round_swaps_the_sides() -> None:
    a, b = item("a", "Ferry sinks, 34 dead", FERRY), item("b", "Ferry toll at 36", changed(FERRY[:4], _34="36"))
    there = explain_pair(a, b, NO_FURNITURE, WINDOWS)
    back = explain_pair(b, a, NO_FURNITURE, WINDOWS)
    assert [(p.kind, p.left, p.right) for p in back.passages] == [(p.kind, p.right, p.left) for p in there.passages]


def test_items_that_share_nothing_have_a_short_explanation() -> None:
    a, b = item("a", "Ferry", FERRY), item("b", "Eggs", OTHER_FERRY)
    shown = explain_pair(a, b, NO_FURNITURE, WINDOWS)
    assert shown.passages == ()
    assert shown.match.method == "none"


def test_furniture_survives_being_stored_as_bytes() -> None:
    learned = learn(ITEMS)
    packed = learned.packed()
    assert packed["post"]
    assert Furniture.unpacked(packed).packed() == packed
    assert learned.merged(learned).packed() == packed


def test_furniture_that_is_known_already_teaches_nothing() -> None:
    learned = learn(ITEMS)
    assert learned.beyond(NO_FURNITURE)
    assert not learned.beyond(learned)


def test_furniture_does_not_depend_on_the_order_of_the_items() -> None:
    assert learn(reversed(ITEMS)).packed() == learn(ITEMS).packed()


def test_furniture_is_learned_for_its_own_source_only() -> None:
    assert set(learn(ITEMS).packed()) == {"post"}


def test_a_story_run_again_and_again_under_new_headlines_is_no_furniture() -> None:
    heads = (
        "Ferry carrying villagers lost in strong winds",
        "Fishermen pulled survivors from cold water",
        "Patrol vessel arrived hour later",
        "Cement bags on upper deck",
    )
    again = [item("post", head, FERRY[:3]) for head in heads]
    assert learn(again).packed() == {}
    cut = [item("post", head, FERRY[: 3 + number]) for number, head in enumerate(heads)]
    assert learn(cut).packed() == {}


def test_a_page_that_says_nothing_of_its_headlines_is_furniture() -> None:
    assert learn([item("post", head, FERRY[:3]) for head in HEADS]).packed() != {}


def test_shares_says_how_much_of_a_text_stands_in_another() -> None:
    assert shares(FERRY[1], "\n".join(FERRY)) == 1.0
    assert shares(FERRY[1], "\n".join(OTHER_FERRY)) == 0.0
    assert shares("", "anything") == 0.0
