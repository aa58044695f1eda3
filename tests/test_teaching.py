"""Which pairs teach most, and how far two people agree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from feedhub.tuning import TeachingPair, agreement, in_order_of_worth


def pair(
    name: str, margin: float = 0.4, sources: tuple[str, str] = ("a", "b"), rules: tuple[str, ...] = ()
) -> TeachingPair:
    return TeachingPair(pair=(name, f"{name}'"), sources=sources, margin=margin, rules=rules)


def order(*pairs: TeachingPair, new: set[str] | None = None) -> list[str]:
    return [each.candidate.pair[0] for each in in_order_of_worth(pairs, new or set())]


def test_what_is_nearer_the_threshold_teaches_more_on_either_side() -> None:
    assert order(pair("far", 0.4), pair("near", -0.01, ("c", "d")), pair("nearer", 0.0, ("e", "f"))) == [
        "nearer",
        "near",
        "far",
    ]


def test_a_new_source_and_a_rule_that_seldom_fires_teach_more_and_say_so() -> None:
    common = [pair(f"common{n}", 0.3, (f"s{n}", f"t{n}"), ("numbers",)) for n in range(20)]
    made = in_order_of_worth([*common, pair("seldom", 0.3, rules=("forms",)), pair("new", 0.3, ("n", "o"))], {"n"})
    assert {each.candidate.pair[0] for each in made[:2]} == {"seldom", "new"}
    assert {each.reasons for each in made[:2]} == {("seldom: forms",), ("new: n",)}


def test_pairs_of_one_form_do_not_stand_one_after_the_other() -> None:
    names = order(*(pair(f"form{n}", 0.0, rules=("x",)) for n in range(5)), pair("other", 0.2, ("c", "d")))
    assert names.index("other") == 1


@settings(max_examples=40)
@given(some.lists(some.tuples(some.integers(0, 9), some.floats(-1, 1), some.sampled_from([(), ("x",), ("x", "y")]))))
def test_the_order_is_of_the_set_of_pairs_and_loses_none(rows: list[Any]) -> None:
    pairs = [pair(f"{n}-{name}", margin, rules=rules) for n, (name, margin, rules) in enumerate(rows)]
    made = in_order_of_worth(pairs, {"a"})
    assert made == in_order_of_worth(pairs[::-1], {"a"})
    assert sorted(each.candidate.pair for each in made) == sorted(each.pair for each in pairs)


@pytest.mark.parametrize(
    ("one", "other", "pairs", "agreed", "kappa"),
    [
        ("", "", 0, 0, None),
        ("ssss", "ssss", 4, 4, None),
        ("ssoo", "ssoo", 4, 4, 1.0),
        ("ssoo", "soso", 4, 2, 0.0),
        ("ssoo", "ooss", 4, 0, -1.0),
        # Cohen's own kind of table: 45, 15, 25, 15
        ("s" * 60 + "o" * 40, "s" * 45 + "o" * 15 + "s" * 25 + "o" * 15, 100, 60, 0.1304),
    ],
)
def test_agreement_beyond_chance_is_cohen_s(one: str, other: str, pairs: int, agreed: int, kappa: float | None) -> None:
    made = agreement(("anna", dict(enumerate(one))), ("bo", {**dict(enumerate(other)), "only bo's": "s"}))
    assert (made.pairs, made.agreed) == (pairs, agreed)
    assert made.kappa == (None if kappa is None else pytest.approx(kappa, abs=1e-4))
